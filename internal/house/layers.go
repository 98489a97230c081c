package house

import (
	"path"
	"slices"
	"strings"
)

const module = "github.com/loglake/loglake"

// layers is the import table of DESIGN.md. A folder imports the root and earlier layers; "x/..." is all folders below x.
var layers = [][]string{
	0: {"", "internal/disk", "internal/house", "internal/jsontext", "internal/spelling", "internal/thrift", "query/dialect/internal/joni"},
	1: {"pattern", "shape", "unpack", "convert", "layout", "query/dialect", "query/dialect/native", "catalog/ddl"},
	2: {"state", "journal", "store"},
	3: {"loggroup", "catalog", "ledger", "position", "role", "record"},
	4: {"commit", "books"},
	5: {"backup", "delivery", "query", "query/engine", "query/trino", "check", "route"},
	6: {"api/...", "intake/...", "web", "client", "pipeline", "rebuild"},
	7: {"capture", "server", "apply", "sample", "terraform"},
	8: {"cmd/...", "loglaketest", "contrib/...", "test/..."},
}

// neighbours are the imports within a layer, each with its reason.
var neighbours = []struct{ from, to, reason string }{
	{"query/dialect", "query/dialect/native", "a constant argument is checked before the query by the function that reads it"},
	{"loggroup", "position", "a new subscription gets its position in the transaction that makes it"},
	{"loggroup", "ledger", "a route's counts are kept in the transaction that moves its position"},
	{"query", "query/engine", "query plans what the engine runs"},
	{"query", "query/trino", "query plans what the cluster runs"},
	{"api/...", "api/awsjson", "the protocol of all JSON services"},
	{"api/...", "api/sigv4", "the signature of all services"},
	{"api/front", "api/...", "the listener in front of all services"},
}

// pure are the packages whose output depends on their input alone.
var pure = []string{"pattern", "shape", "unpack", "convert", "layout", "query/dialect", "query/dialect/native", "query/dialect/internal/joni", "catalog/ddl"}

// impure are the standard packages that a pure one has no use for.
var impure = map[string]string{
	"os":           "it reads and writes values, not the machine; hand in what it needs",
	"net":          "it speaks to nobody",
	"net/http":     "it speaks to nobody",
	"database/sql": "it keeps nothing",
	"log":          "it reports by returning",
	"log/slog":     "it reports by returning",
	"math/rand":    "the same input must give the same output; take the random as a function",
	"math/rand/v2": "the same input must give the same output; take the random as a function",
	"crypto/rand":  "the same input must give the same output; take the random as a function",
}

// wrapped are libraries that one package wraps, by the beginning of their import paths.
var wrapped = []struct {
	path    string
	folders []string
	reason  string
}{
	{"github.com/duckdb/", []string{"query/engine"}, "its faults are C++ faults and must end a child process, not the server; and all else builds without cgo"},
	{"modernc.org/sqlite", []string{"state"}, "others own tables, not the database: another one comes beside SQLite"},
}

// osWrites are the functions of package os that change the disk.
var osWrites = []string{
	"Chmod", "Chown", "Chtimes", "CopyFS", "Create", "CreateTemp", "Lchown", "Link", "Mkdir", "MkdirAll", "MkdirTemp",
	"OpenFile", "OpenRoot", "Remove", "RemoveAll", "Rename", "Symlink", "Truncate", "WriteFile",
}

// clocks are the functions of package time that ask or follow the clock.
var clocks = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer"}

// ownerOf gives the folder by whose entry in the table a folder is judged: a package below an internal folder, and a
// test helper named x…test, belong to what they serve.
func ownerOf(folder string) string {
	if _, ok := layerOf(folder); ok {
		return folder
	}
	if parent, _, ok := strings.Cut(folder, "/internal/"); ok {
		return ownerOf(parent)
	}
	if strings.HasSuffix(folder, "test") && path.Dir(folder) != "." {
		return ownerOf(path.Dir(folder))
	}
	return folder
}

func layerOf(folder string) (layer int, ok bool) {
	for n, folders := range layers {
		if slices.ContainsFunc(folders, func(entry string) bool { return matches(entry, folder) }) {
			return n, true
		}
	}
	return 0, false
}

func matches(entry, folder string) bool {
	if above, ok := strings.CutSuffix(entry, "/..."); ok {
		return folder == above || strings.HasPrefix(folder, above+"/")
	}
	return entry == folder
}

func mayImport(from, to string) bool {
	for _, n := range neighbours {
		if matches(n.from, from) && matches(n.to, to) {
			return true
		}
	}
	return false
}
