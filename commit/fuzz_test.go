package commit_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/commit"
)

// FuzzIntent reads hostile bytes as the copy of an intent, as they are and with the checksum made right: what is read is
// written the same.
func FuzzIntent(f *testing.F) {
	whole := commit.IntentText(commit.Batch{Producer: "p", Number: 7, Ranges: []loglake.Range{{Source: "s", Journal: "j", From: 1, To: 5}},
		Objects: []commit.StagedObject{{Object: loglake.Object{Bucket: "b", Key: "k", Rows: 4}, File: "p-7-1"}}})
	f.Add(whole)
	f.Add(whole[:len(whole)-3])
	f.Add([]byte("00000000\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		commit.ReadIntent(text)
		once, ok := commit.ReadIntent(commit.SealedIntent(text))
		if !ok {
			return
		}
		if twice, ok := commit.ReadIntent(commit.IntentText(once)); !ok || cmp.Diff(once, twice) != "" {
			t.Errorf("%+v became %+v", once, twice)
		}
	})
}
