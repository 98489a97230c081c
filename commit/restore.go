package commit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"strings"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/state"
)

// The intent of a batch is in the state, and only there does it count. A copy lies in the staging folder beside the bytes,
// so that what was staged can still be finished when the state is lost. The first line is the checksum of the rest.

// writeIntent writes the copy. Its name is made durable with those of the objects.
func (c *Committer) writeIntent(b Batch) (err error) {
	body, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encode intent: %w", err)
	}
	f, err := c.cfg.FS.OpenFile(c.path(StagedObject{File: fileName(b, 0)}), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(append(fmt.Appendf(nil, "%08x\n", crc32.Checksum(body, castagnoli)), body...)); err != nil {
		return err
	}
	return f.Sync()
}

// readIntent takes a copy apart; ok is false for one that was not written to its end.
func readIntent(text []byte) (b Batch, ok bool) {
	sum, body, line := bytes.Cut(text, []byte("\n"))
	if !line || string(sum) != fmt.Sprintf("%08x", crc32.Checksum(body, castagnoli)) || json.Unmarshal(body, &b) != nil {
		return Batch{}, false
	}
	return b, true
}

// Left gives the batches of which the staging folder has an intent, whether or not they were staged in the end, and
// whatever became of them. It is for making a lost state again.
func (c *Committer) Left() (left []Batch, err error) {
	entries, err := c.cfg.FS.ReadDir(c.cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("list staging folder: %w", err)
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), "-0") {
			continue
		}
		text, err := disk.ReadFile(c.cfg.FS, c.path(StagedObject{File: e.Name()}))
		if err != nil {
			return nil, fmt.Errorf("read intent %s: %w", e.Name(), err)
		}
		if b, ok := readIntent(text); ok && fileName(b, 0) == e.Name() {
			left = append(left, b)
		}
	}
	return left, nil
}

// Restore makes a batch a staged one, in a state that is made again: Resume finishes it, or undoes it where Voiding is set.
func Restore(tx *state.Tx, b Batch) error {
	body, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("encode intent: %w", err)
	}
	if _, err := tx.Exec(`INSERT INTO commit_intents (producer, batch, body) VALUES (?, ?, ?)`, b.Producer, b.Number, string(body)); err != nil {
		return fmt.Errorf("restore intent of batch %s/%d: %w", b.Producer, b.Number, err)
	}
	return nil
}
