package commit

import (
	"encoding/json"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/ledger"
)

// LabelOf gives what is kept beside an object of a batch.
func LabelOf(b ledger.Batch, o loglake.Object) map[string]string {
	text, _ := json.Marshal(b)
	return beside(map[string]string{labelLake: "9b2f3f0e-aaaa-bbbb-cccc-0123456789ab", labelBatch: string(text)}, o)
}
