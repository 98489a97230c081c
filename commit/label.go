package commit

import (
	"bytes"
	"compress/flate"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/ledger"
)

// Label is what an object says of itself, so that a state that is lost can be made again from the bucket
// (docs/format/keys.md). A Parquet file has it in its key-value metadata; of any other object the store keeps it as
// metadata beside the bytes.
type Label struct {
	Lake  string             // the lake that made it; "": of an earlier build
	Kind  loglake.ObjectKind // "": the file says it
	Rows  int64              // with Kind
	Batch *ledger.Batch      // as every object of it says it; Committed is when it was staged. nil: it did not fit, or is of an earlier build
}

// The names of a label's entries. In a store's metadata they have '-' for '.'.
const (
	labelLake  = "loglake.lake"
	labelBatch = "loglake.batch"
	labelKind  = "loglake.kind"
	labelRows  = "loglake.rows"
)

// The metadata that S3 keeps beside an object has 2 KiB, names included. A batch that takes more, compressed, is left
// out there: the other objects of the batch say it, or the ones that follow.
const (
	labelBytesMax = 1_800
	labelTextMax  = 16 << 20 // of a batch, uncompressed: what Label reads
)

// label gives the entries that are in the file of an object, or beside it, for all objects of a batch.
func (c *Committer) label(b Batch) (map[string]string, error) {
	text, err := json.Marshal(b.ledger(b.Staged))
	if err != nil {
		return nil, fmt.Errorf("encode provenance: %w", err)
	}
	return map[string]string{labelLake: c.cfg.Lake, labelBatch: string(text)}, nil
}

// beside gives the metadata of an object that has no room for its label inside; nil for a Parquet file.
func beside(label map[string]string, o loglake.Object) map[string]string {
	if o.Kind == loglake.ObjectParquet {
		return nil
	}
	m := map[string]string{besideName(labelKind): string(o.Kind), besideName(labelRows): strconv.FormatInt(o.Rows, 10)}
	if lake := label[labelLake]; lake != "" {
		m[besideName(labelLake)] = lake
	}
	if text := squeeze(label[labelBatch]); len(text) <= labelBytesMax {
		m[besideName(labelBatch)] = text
	}
	return m
}

func besideName(name string) string { return strings.ReplaceAll(name, ".", "-") }

// squeeze compresses text, unless it is short.
func squeeze(text string) string {
	const short = 400
	if len(text) <= short {
		return text
	}
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression) // fails for levels that are none
	_, _ = io.WriteString(w, text)                     // into memory
	_ = w.Close()
	return base64.RawStdEncoding.EncodeToString(b.Bytes())
}

func unsqueeze(text string) ([]byte, error) {
	if strings.HasPrefix(text, "{") {
		return []byte(text), nil
	}
	packed, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil {
		return nil, err
	}
	plain, err := io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), labelTextMax+1))
	if err == nil && len(plain) > labelTextMax {
		err = fmt.Errorf("it has more than %d bytes", labelTextMax)
	}
	return plain, err
}

// ReadLabel takes the label from the key-value metadata of a Parquet file, or from a store's metadata. What is missing
// stays empty; the error is about entries that are there and can't be, as whoever may write to the bucket can write them.
func ReadLabel(entries map[string]string) (l Label, err error) {
	get := func(name string) string {
		if v, ok := entries[name]; ok {
			return v
		}
		return entries[besideName(name)]
	}
	l.Lake, l.Kind = get(labelLake), loglake.ObjectKind(get(labelKind))
	switch l.Kind {
	case "":
	case loglake.ObjectPlain, loglake.ObjectRejects, loglake.ObjectParquet:
		if l.Rows, err = strconv.ParseInt(get(labelRows), 10, 64); err != nil || l.Rows < 0 {
			return l, fmt.Errorf("%q is no number of rows", get(labelRows))
		}
	default:
		return l, fmt.Errorf("%q is no kind of object", l.Kind)
	}
	text := get(labelBatch)
	if text == "" {
		return l, nil
	}
	plain, err := unsqueeze(text)
	if err != nil {
		return l, fmt.Errorf("its batch can't be read: %w", err)
	}
	var b ledger.Batch
	if err := json.Unmarshal(plain, &b); err != nil {
		return l, fmt.Errorf("its batch can't be read: %w", err)
	}
	if err := possible(b); err != nil {
		return l, fmt.Errorf("its batch can't be: %w", err)
	}
	l.Batch = &b
	return l, nil
}

// possible tells what a batch that was really committed can't have.
func possible(b ledger.Batch) error {
	if b.Producer == "" || b.Number < 1 || b.Generation < 0 || b.Committed < 0 {
		return fmt.Errorf("producer %q, number %d, generation %d, time %d", b.Producer, b.Number, b.Generation, b.Committed)
	}
	for _, r := range b.Ranges {
		if r.Source == "" || r.Journal == "" || r.From < 0 || r.To < r.From {
			return fmt.Errorf("range %s", r)
		}
	}
	return b.Check()
}
