package commit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash/crc32"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/ledger"
)

// LabelOf gives what is kept beside an object of a batch.
func LabelOf(b ledger.Batch, o loglake.Object) map[string]string {
	text, _ := json.Marshal(b)
	return beside(map[string]string{labelLake: "9b2f3f0e-aaaa-bbbb-cccc-0123456789ab", labelBatch: string(text)}, o)
}

// ReadIntent takes the copy of an intent apart.
func ReadIntent(text []byte) (Batch, bool) { return readIntent(text) }

// IntentText gives the copy of a batch's intent.
func IntentText(b Batch) []byte {
	body, _ := json.Marshal(b)
	return append([]byte(fmt.Sprintf("%08x\n", crc32.Checksum(body, castagnoli))), body...)
}

// SealedIntent makes the checksum of a copy right.
func SealedIntent(text []byte) []byte {
	_, body, _ := bytes.Cut(text, []byte("\n"))
	return append([]byte(fmt.Sprintf("%08x\n", crc32.Checksum(body, castagnoli))), body...)
}
