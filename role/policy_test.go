package role_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk/faulttest"
	"github.com/loglake/loglake/role"
	"github.com/loglake/loglake/state"
)

const trust = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"firehose.amazonaws.com"},"Action":"sts:AssumeRole"}]}`

func newRoles(tb testing.TB, fault func(string) (bool, error)) *role.Roles {
	tb.Helper()
	db, err := state.Open(tb.Context(), state.Config{Path: filepath.Join(tb.TempDir(), "state.db"), Migrations: role.Migrations(), Fault: fault})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return role.New(role.Config{DB: db, Account: "123456789012", Clock: time.Now})
}

// A write that fails is not there, and one that was done and reported failed is.
func TestFaults(t *testing.T) {
	rec := faulttest.New(t)
	for _, apply := range []bool{false, true} {
		fails := ""
		roles := newRoles(t, rec.State(func(name string) (bool, error) {
			if name == fails {
				return apply, errors.New("no answer")
			}
			return true, nil
		}))
		f := func(write string, do func() error, there func() bool) {
			t.Helper()
			fails = write
			if err := do(); err == nil || loglake.CodeOf(err) != loglake.CodeInternal {
				t.Errorf("%s, applied %v: %v", write, apply, err)
			}
			if there() != apply {
				t.Errorf("%s, applied %v: there is %v", write, apply, there())
			}
			fails = ""
			if err := do(); err != nil && loglake.CodeOf(err) != loglake.CodeExists && loglake.CodeOf(err) != loglake.CodeNotFound {
				t.Errorf("%s again: %v", write, err)
			}
			if !there() {
				t.Errorf("%s again has not done it", write)
			}
		}
		ctx := t.Context()
		get := func() role.Role { r, _ := roles.Get(ctx, "r"); return r }
		f("role.create", func() error {
			_, err := roles.Create(ctx, role.Role{Name: "r", Path: "/", TrustPolicy: trust})
			return err
		},
			func() bool { return get().ID != "" })
		f("role.change", func() error { return roles.Change(ctx, "r", func(r *role.Role) { r.Description = "d" }) },
			func() bool { return get().Description == "d" })
		permit := `{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}`
		f("role.put-policy", func() error { return roles.PutPolicy(ctx, "r", role.Policy{Name: "p", Document: permit}) },
			func() bool { _, err := roles.Policy(ctx, "r", "p"); return err == nil })
		f("role.delete-policy", func() error { return roles.DeletePolicy(ctx, "r", "p") },
			func() bool { _, err := roles.Policy(ctx, "r", "p"); return err != nil })
		f("role.delete", func() error { return roles.Delete(ctx, "r") },
			func() bool { return get().ID == "" })
	}
}

func FuzzPolicy(f *testing.F) {
	roles := newRoles(f, nil)
	if _, err := roles.Create(f.Context(), role.Role{Name: "r", Path: "/", TrustPolicy: trust}); err != nil {
		f.Fatal(err)
	}
	f.Add(`{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
	f.Add(`{"Version":"2012-10-17","Statement":[null,{}]}`)
	f.Add(trust)
	f.Fuzz(func(t *testing.T, document string) {
		err := roles.PutPolicy(t.Context(), "r", role.Policy{Name: "p", Document: document})
		if err != nil {
			if !errors.Is(err, role.ErrPolicy) && loglake.CodeOf(err) != loglake.CodeLimit {
				t.Errorf("%q: %v", document, err)
			}
			return
		}
		p, err := roles.Policy(t.Context(), "r", "p")
		if err != nil || p.Document != document || !strings.Contains(document, "Statement") && !strings.Contains(document, `\u`) && !strings.Contains(strings.ToLower(document), "tatement") {
			t.Errorf("%q came back as %q, %v", document, p.Document, err)
		}
	})
}
