package commit_test

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog"
	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/state"
)

// harms are what may happen to a staged file.
var harms = map[string]func(r *rig, file string){
	"changed": func(r *rig, file string) { r.must(disk.WriteFile(r.fs, file, []byte("rXws of 1"))) },
	"cut":     func(r *rig, file string) { r.must(disk.WriteFile(r.fs, file, []byte("ro"))) },
	"empty":   func(r *rig, file string) { r.must(disk.WriteFile(r.fs, file, nil)) },
	"gone":    func(r *rig, file string) { r.must(r.fs.Remove(file)) },
}

// staged has batch 1 staged with so many of its objects put, and its commit not done.
func (r *rig) staged(put int) commit.Batch {
	r.t.Helper()
	r.bucket.fail = once(put+1, false)
	if put == 2 {
		r.failTx("commit.commit", false)
	}
	if _, err := r.c.Commit(r.t.Context(), r.plan(1, 2)); err == nil {
		r.t.Fatal("nothing failed")
	}
	r.bucket.fail = nil
	all, err := r.c.Staged(r.t.Context())
	r.must(err)
	if len(all) != 1 || len(r.bucket.objects) != put {
		r.t.Fatalf("%d batches are staged, %d objects put", len(all), len(r.bucket.objects))
	}
	return all[0]
}

func stagedFile(b commit.Batch, object int) string {
	return filepath.Join(staging, b.Objects[object].File)
}

// wantVoided holds what there is against a batch 1 that never was, delivers its events again, and a batch 2.
func (r *rig) wantVoided() {
	r.t.Helper()
	r.want(0)
	for n := int64(1); n <= 2; n++ {
		number, generation, err := r.c.Next(r.t.Context(), producer)
		r.must(err)
		if number != n || n == 1 && generation != 1 || n == 2 && generation != 0 {
			r.t.Errorf("the next batch is %d of generation %d", number, generation)
		}
		p := r.plan(number, 2)
		p.Generation = generation
		_, err = r.c.Commit(r.t.Context(), p)
		r.must(err)
	}
	r.want(2)
	r.must(r.db.View(r.t.Context(), func(tx *state.Tx) error {
		manifest, err := catalog.ObjectsUnder(tx, "b", "")
		for _, o := range manifest {
			if want := int(2 - o.Batch); o.Generation != want {
				r.t.Errorf("object %s of batch %d has generation %d in the manifest", o.Key, o.Batch, o.Generation)
			}
		}
		return err
	}))
}

// TestVoid damages each staged file of a batch at each stage of its put.
func TestVoid(t *testing.T) {
	for name, harm := range harms {
		for object := range 2 {
			for put := range 3 {
				for _, linked := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s, object %d, %d put, linked %t", name, object+1, put, linked), func(t *testing.T) {
						r := newRig(t)
						b := r.staged(put)
						harm(r, stagedFile(b, object))
						damagedToo := linked && name != "gone" && object < put // what was put is the same file
						if damagedToo {
							body, err := disk.ReadFile(r.fs, stagedFile(b, object))
							r.must(err)
							r.bucket.objects["b/"+b.Objects[object].Key] = string(body)
						}
						v, err := r.c.Void(t.Context(), producer)
						r.must(err)
						if finishes := object < put && !damagedToo; v.Finished != finishes {
							t.Errorf("finished %t, want %t", v.Finished, finishes)
						}
						if len(v.Left) > 0 {
							t.Errorf("left are %v", v.Left)
						}
						if v.Finished {
							r.want(1)
							return
						}
						r.wantVoided()
					})
				}
			}
		}
	}
}

// TestVoidFaults lets each step of a voiding fail, without and after being done. What follows is Void again, or the
// Resume of the next start; and the staged bytes may be whole again by then.
func TestVoidFaults(t *testing.T) {
	rec := faulttest.New(t)
	withdraw := func(n int, done bool) func(int) (bool, error) {
		fail := once(n, done)
		return func(at int) (bool, error) {
			if at == n {
				rec.Call(done)
			}
			return fail(at)
		}
	}
	for name, arm := range map[string]func(r *rig, done bool){
		"decide":          func(r *rig, done bool) { r.failTx("commit.void", done) },
		"withdraw: first": func(r *rig, done bool) { r.bucket.stay = withdraw(1, done) },
		"withdraw: last":  func(r *rig, done bool) { r.bucket.stay = withdraw(2, done) },
		"forget":          func(r *rig, done bool) { r.failTx("commit.voided", done) },
		"release: first":  func(r *rig, done bool) { r.fs.Fail(disk.Rule{Op: disk.OpRemove, Path: "*-1", Nth: 1, Apply: done}) },
		"release: second": func(r *rig, done bool) { r.fs.Fail(disk.Rule{Op: disk.OpRemove, Path: "*-2", Nth: 1, Apply: done}) },
	} {
		for _, done := range []bool{false, true} {
			for _, again := range []string{"void", "resume", "resume, bytes back"} {
				t.Run(fmt.Sprintf("%s, done %t, %s", name, done, again), func(t *testing.T) {
					r := newRig(t)
					b := r.staged(2)
					// The second object is damaged in both places, the first one is whole: it has to be withdrawn.
					whole := r.bucket.objects["b/"+b.Objects[1].Key]
					r.must(disk.WriteFile(r.fs, stagedFile(b, 1), []byte("bad")))
					r.bucket.objects["b/"+b.Objects[1].Key] = "bad"
					arm(r, done)
					if _, err := r.c.Void(t.Context(), producer); err == nil {
						t.Fatal("nothing failed")
					}
					decided := name != "decide" || done
					switch {
					case again == "void" || !decided:
						_, err := r.c.Void(t.Context(), producer)
						r.must(err)
					case again == "resume":
						r.must(r.c.Sweep(t.Context()))
						r.must(r.c.Resume(t.Context(), producer))
					default:
						if name == "decide" || name[:4] == "with" {
							r.must(disk.WriteFile(r.fs, stagedFile(b, 1), []byte(whole)))
							if _, ok := r.bucket.objects["b/"+b.Objects[1].Key]; ok {
								r.bucket.objects["b/"+b.Objects[1].Key] = whole
							}
						}
						r.must(r.c.Resume(t.Context(), producer))
					}
					r.must(r.c.Resume(t.Context(), producer)) // finds nothing to do
					r.must(r.c.Sweep(t.Context()))
					r.wantVoided()
				})
			}
		}
	}
}

// TestVoidSparesOthers holds that an object with other bytes under a key of the batch stays, and is named.
func TestVoidSparesOthers(t *testing.T) {
	r := newRig(t)
	b := r.staged(1)
	r.bucket.objects["b/"+b.Objects[1].Key] = "somebody else's"
	before := maps.Clone(r.bucket.objects)
	if err := r.c.Resume(t.Context(), producer); err == nil || !strings.Contains(err.Error(), "other bytes") {
		t.Errorf("resume of a batch whose key is taken: %v", err)
	}
	if !maps.Equal(before, r.bucket.objects) {
		t.Errorf("it made %v of %v", r.bucket.objects, before)
	}
	v, err := r.c.Void(t.Context(), producer)
	r.must(err)
	if len(v.Left) != 1 || v.Left[0].Key != b.Objects[1].Key {
		t.Errorf("left are %v", v.Left)
	}
	if len(r.bucket.objects) != 1 || r.bucket.objects["b/"+b.Objects[1].Key] != "somebody else's" {
		t.Errorf("the bucket holds %v", r.bucket.objects)
	}
	r.must(r.db.View(t.Context(), func(tx *state.Tx) error {
		voids, err := commit.VoidsTx(tx)
		if len(voids) != 1 || voids[0].Number != 1 || voids[0].Generation != 0 || len(voids[0].Objects) != 2 {
			t.Errorf("voided are %+v", voids)
		}
		return err
	}))
}

// TestVoidNeedsToKnow holds that a bucket which is away is no damage.
func TestVoidNeedsToKnow(t *testing.T) {
	r := newRig(t)
	b := r.staged(1)
	r.must(r.fs.Remove(stagedFile(b, 1)))
	r.bucket.gone = true
	if v, err := r.c.Void(t.Context(), producer); err == nil || v.Finished {
		t.Errorf("voided without a bucket: %+v, %v", v, err)
	}
	r.bucket.gone = false
	if all, err := r.c.Staged(t.Context()); err != nil || len(all) != 1 || all[0].Voiding || len(r.bucket.objects) != 1 {
		t.Errorf("after it: %+v, %v; %v", all, err, r.bucket.objects)
	}
}

func TestVoidNothing(t *testing.T) {
	r := newRig(t)
	if v, err := r.c.Void(t.Context(), producer); err != nil || v.Batch.Number != 0 || v.Finished {
		t.Errorf("void of nothing: %+v, %v", v, err)
	}
	b := r.staged(0)
	if v, err := r.c.Void(t.Context(), "another"); err != nil || v.Batch.Number != 0 {
		t.Errorf("void of another's: %+v, %v", v, err)
	}
	v, err := r.c.Void(t.Context(), producer)
	r.must(err)
	if !v.Finished || v.Batch.Number != b.Number {
		t.Errorf("void of a whole batch: %+v", v)
	}
	r.want(1)
}

// TestVoidLimit voids a batch as often as its key can say, and once more.
func TestVoidLimit(t *testing.T) {
	r := newRig(t)
	for generation := range 64 {
		p := r.plan(1, 2)
		p.Generation = generation
		r.bucket.fail = func(int) (bool, error) { return false, errInjected }
		if _, err := r.c.Commit(t.Context(), p); err == nil {
			t.Fatal("nothing failed")
		}
		b, err := r.c.Staged(t.Context())
		r.must(err)
		r.must(r.fs.Remove(stagedFile(b[0], 0)))
		_, err = r.c.Void(t.Context(), producer)
		if generation < 63 {
			r.must(err)
			continue
		}
		if loglake.CodeOf(err) != loglake.CodeLimit {
			t.Errorf("void of generation %d: %v", generation, err)
		}
		if left, err := r.c.Staged(t.Context()); err != nil || len(left) != 1 || left[0].Voiding {
			t.Errorf("after it: %+v, %v", left, err)
		}
	}
}
