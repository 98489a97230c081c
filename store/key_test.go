package store

import (
	"strings"
	"testing"
)

func TestEncodeName(t *testing.T) {
	long := strings.Repeat("l", 255)
	f := func(component, want string) {
		t.Helper()
		got := encodeName(component, kindWhole)
		if got != want {
			t.Errorf("%q is written %q, want %q", component, got, want)
		}
		if back, kind, ok := decodeName(got); !ok || kind != kindWhole || back != component {
			t.Errorf("%q is read back as %q, %c, %v", got, back, kind, ok)
		}
	}
	f("a.parquet", "a.parquet")
	f("dt=2020-01-01", "dt=2020-01-01")
	f("100%25 é", "100%25 é")
	f(long, long)
	f("", ".loglake=")
	f(".", ".loglake=.")
	f("..", ".loglake=..")
	f(".loglake", ".loglake=.loglake")
	f(".loglake%", ".loglake=.loglake%25")
	f("a\x00", ".loglake=a%00")
	f(long+"m", ".loglake+"+long[:240]+"/.loglake="+long[240:]+"m")
	f(long[:239]+"é"+long, ".loglake+"+long[:239]+"/.loglake+é"+long[:238]+"/.loglake="+long[:17])
	f(long[:239]+"%"+long[:16], ".loglake+"+long[:239]+"/.loglake=%25"+long[:16])
}

// Names that encodeName never gives are nobody's.
func TestDecodeNameRefuses(t *testing.T) {
	for _, path := range []string{"", ".", "a/b", ".loglake", ".loglakefoo", ".loglake=a", ".loglake+a", ".loglake=.loglake%", "a\xff", ".loglake+a/.loglake=b", ".loglake=/.loglake=", "a/.loglake=b"} {
		if component, _, ok := decodeName(path); ok {
			t.Errorf("%q is read as %q", path, component)
		}
	}
}

func FuzzKeyPath(f *testing.F) {
	for _, key := range []string{"a/b", "/", "//", "a/", "..", ".loglake=/x", "\x00", strings.Repeat("é%", 200)} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if CheckKey(key) != nil {
			return
		}
		plain, shadow := keyPath(key)
		if plain == shadow {
			t.Fatalf("%q: both at %q", key, plain)
		}
		for _, path := range []string{plain, shadow} {
			if back, ok := pathKey(path); !ok || back != key {
				t.Fatalf("%q is at %q, which is read back as %q, %v", key, path, back, ok)
			}
			for name := range strings.SplitSeq(path, "/") {
				if len(name) > nameBytesMax || name == "" || name == "." || name == ".." || strings.IndexByte(name, 0) >= 0 {
					t.Fatalf("%q: %q is no file name", key, name)
				}
			}
		}
	})
}

func FuzzPathKey(f *testing.F) {
	f.Add("a/.loglake=")
	f.Add(".loglake+abc/.loglake=d/x")
	f.Fuzz(func(t *testing.T, path string) {
		key, ok := pathKey(path)
		if !ok || CheckKey(key) != nil {
			return
		}
		if plain, shadow := keyPath(key); path != plain && path != shadow {
			t.Fatalf("%q is read as %q, which is at %q or %q", path, key, plain, shadow)
		}
	})
}

// pathKey reads a whole path back, as the walk of a listing does name by name.
func pathKey(path string) (string, bool) {
	var components []string
	pending := ""
	names := strings.Split(path, "/")
	for i, name := range names {
		if isPieceName(name) {
			pending += name + "/"
			continue
		}
		component, kind, ok := decodeName(pending + name)
		if !ok || kind == kindShadow && i < len(names)-1 {
			return "", false
		}
		components, pending = append(components, component), ""
	}
	return strings.Join(components, "/"), pending == "" && len(components) > 0
}
