package store

import (
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/loglake/loglake"
)

// How a key becomes a path below the bucket's directory. A key is split at each '/', and each component is the name
// of a directory, the last one that of the file. So that this holds for every key, and never maps two keys to one path:
//
//   - Names that begin with ".loglake" are ours; every other name stands for itself.
//   - A component that is no file name ("", ".", "..", more than 255 bytes, one with a NUL byte) or that begins with
//     ".loglake" is written ".loglake=" and its text, with '%' and NUL as %25 and %00. Text of more than 240 bytes is
//     cut into directories ".loglake+…", the last piece as before. So the key "a/" is the file "a/.loglake=".
//   - A file "a" can't be where a directory "a" has to be. When "a/b" is put, the object "a" becomes the file
//     ".loglake@a", and as long as there is a directory "a" it is put there. Both at once happen only after a crash
//     in the middle, are then the same file, and the plain one counts.
//
// Files whose name is not the one that their key would get, and names that are not UTF-8, are not objects.
//
// Case: on a filesystem that does not tell "A" from "a" (macOS and Windows by default), keys that differ only in case
// are one object. Objects that have to differ so need a case-sensitive volume.
const (
	ownPrefix    = ".loglake"
	nameBytesMax = 255
	pieceBytes   = 240
)

// nameKind says what stands between ownPrefix and the text of a component.
type nameKind byte

const (
	kindWhole  nameKind = '=' // the component, or its last piece
	kindPiece  nameKind = '+' // a piece of it, more follows inside
	kindShadow nameKind = '@' // the object whose name a directory has
)

// CheckKey tells why key can't be a key: CodeInvalid with ErrKey, or nil.
func CheckKey(key string) error {
	if key == "" || len(key) > KeyBytesMax {
		return fail(loglake.CodeInvalid, ErrKey, "a key has 1 to %d bytes; this one has %d", KeyBytesMax, len(key))
	}
	if !utf8.ValidString(key) {
		return fail(loglake.CodeInvalid, ErrKey, "a key is UTF-8; %q is not", key)
	}
	return nil
}

// keyPath gives the path of a key relative to its bucket, and the one where it is when a directory has that name.
func keyPath(key string) (plain, shadow string) {
	dir, last := "", key
	if i := strings.LastIndexByte(key, '/'); i >= 0 {
		dir, last = dirPath(key[:i+1]), key[i+1:]
	}
	return filepath.Join(dir, encodeName(last, kindWhole)), filepath.Join(dir, encodeName(last, kindShadow))
}

// dirPath gives the path of the directory that holds the keys beginning with prefix, which ends with '/' or is empty.
func dirPath(prefix string) string {
	var path []string
	for rest := prefix; rest != ""; {
		component, after, _ := strings.Cut(rest, "/")
		path, rest = append(path, encodeName(component, kindWhole)), after
	}
	return filepath.Join(path...)
}

// encodeName gives the path of one component: mostly the component itself.
func encodeName(component string, kind nameKind) string {
	if kind == kindWhole && isPlainName(component) {
		return component
	}
	text := strings.NewReplacer("%", "%25", "\x00", "%00").Replace(component)
	var path strings.Builder
	for len(text) > pieceBytes {
		n := pieceBytes
		for !utf8.RuneStart(text[n]) {
			n--
		}
		if i := strings.LastIndexByte(text[:n], '%'); i > n-3 {
			n = i
		}
		path.WriteString(ownPrefix + string(rune(kindPiece)) + text[:n] + "/")
		text = text[n:]
	}
	path.WriteString(ownPrefix + string(rune(kind)) + text)
	return path.String()
}

func isPlainName(component string) bool {
	return component != "" && component != "." && component != ".." && len(component) <= nameBytesMax &&
		!strings.HasPrefix(component, ownPrefix) && strings.IndexByte(component, 0) < 0
}

// decodeName is the inverse of encodeName: path is one name, or several pieces.
func decodeName(path string) (component string, kind nameKind, ok bool) {
	if !utf8.ValidString(path) {
		return "", 0, false
	}
	if isPlainName(path) && !strings.Contains(path, "/") {
		return path, kindWhole, true
	}
	var text strings.Builder
	names := strings.Split(path, "/")
	for i, name := range names {
		rest, own := strings.CutPrefix(name, ownPrefix)
		if !own || rest == "" {
			return "", 0, false
		}
		kind = nameKind(rest[0])
		if last := i == len(names)-1; last != (kind == kindWhole || kind == kindShadow) || !last && kind != kindPiece {
			return "", 0, false
		}
		text.WriteString(rest[1:])
	}
	component = strings.NewReplacer("%25", "%", "%00", "\x00").Replace(text.String())
	return component, kind, encodeName(component, kind) == path
}

// isPieceName tells whether name is a directory that holds the rest of a long component.
func isPieceName(name string) bool { return strings.HasPrefix(name, ownPrefix+string(rune(kindPiece))) }
