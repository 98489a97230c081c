// Package house holds the rules that every file of loglake keeps, as tests that say why. `go test ./internal/house`, a
// part of `make lint`, checks the whole tree:
//
//   - imports go down the layers of the table in layers.go, and third-party code stays where it is wrapped;
//   - each package has one package comment, the place where a newcomer starts;
//   - files are written through internal/disk only, tests apart, so that these can crash and fail the disk;
//   - pure packages ask no clock and no operating system;
//   - no bare panic; functions and files are short; gofmt.
//
// A function that must be longer says so in its comment: `//nolint:funlen // reason`.
package house

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Violation is a place where a rule is broken.
type Violation struct {
	File string
	Line int
	Text string // what is wrong, why it is a rule, what to do
}

func (v Violation) String() string { return fmt.Sprintf("%s:%d: %s", v.File, v.Line, v.Text) }

// Check gives the places of the module in root, sorted by file, where a rule is broken. Files that Git ignores by habit
// (names that begin with a dot or an underscore, testdata, bin) are left out.
func Check(root fs.FS) ([]Violation, error) {
	c := checker{files: token.NewFileSet(), docs: map[string][]string{}, packages: map[string]string{}}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if base := entry.Name(); name != "." && (base[0] == '.' || base[0] == '_' || base == "testdata" || base == "bin") {
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if entry.IsDir() {
			if _, err := fs.Stat(root, path.Join(name, "go.mod")); err == nil && name != "." {
				return fs.SkipDir // a module of its own, for others to import; it has a house of its own
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		source, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		return c.file(name, source)
	})
	if err != nil {
		return nil, err
	}
	c.packageDocs()
	slices.SortStableFunc(c.found, func(a, b Violation) int { return strings.Compare(a.File, b.File) })
	return c.found, nil
}

type checker struct {
	files    *token.FileSet
	found    []Violation
	docs     map[string][]string // folder: files with a package comment
	packages map[string]string   // folder: its first file
}

func (c *checker) report(at token.Pos, format string, args ...any) {
	p := c.files.Position(at)
	c.found = append(c.found, Violation{File: p.Filename, Line: p.Line, Text: fmt.Sprintf(format, args...)})
}

// source is one parsed file.
type source struct {
	*ast.File
	folder string // "" for the root
	owner  string // the folder in the table of layers, see ownerOf
	test   bool
}

func (c *checker) file(name string, text []byte) error {
	parsed, err := parser.ParseFile(c.files, name, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	folder := path.Dir(name)
	if folder == "." {
		folder = ""
	}
	f := source{File: parsed, folder: folder, owner: ownerOf(folder), test: strings.HasSuffix(name, "_test.go")}
	if formatted, err := format.Source(text); err != nil || !bytes.Equal(formatted, text) {
		c.report(f.Package, "is not as gofmt writes it: run gofmt -w %s", name)
	}
	if f.test {
		return nil
	}
	if _, ok := c.packages[folder]; !ok {
		c.packages[folder] = name
	}
	if f.Doc != nil {
		c.docs[folder] = append(c.docs[folder], name)
	}
	c.imports(f)
	c.calls(f)
	c.sizes(f)
	return nil
}

func (c *checker) packageDocs() {
	for folder, file := range c.packages {
		switch docs := c.docs[folder]; {
		case len(docs) == 0:
			c.found = append(c.found, Violation{File: file, Line: 1,
				Text: "the package has no package comment: a newcomer starts reading there; say what it is for and what it promises"})
		case len(docs) > 1:
			c.found = append(c.found, Violation{File: docs[1], Line: 1,
				Text: "the package has a second package comment, the other is in " + docs[0] + ": go doc shows them glued; keep one"})
		}
	}
}

// imports checks one file against the table of layers and the table of third parties.
func (c *checker) imports(f source) {
	from, known := layerOf(f.owner)
	if !known {
		c.report(f.Package, "folder %s has no layer: give it one in internal/house/layers.go, and in DESIGN.md", f.folder)
		return
	}
	for _, spec := range f.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // the parser has accepted it, so this does not happen
		}
		if rest, ok := strings.CutPrefix(name+"/", module+"/"); ok {
			c.layer(f, spec, from, strings.TrimSuffix(rest, "/"))
			continue
		}
		for _, w := range wrapped {
			if strings.HasPrefix(name, w.path) && !slices.Contains(w.folders, f.owner) {
				c.report(spec.Pos(), "imports %s, which only %s may: %s", name, strings.Join(w.folders, " and "), w.reason)
			}
		}
		if slices.Contains(pure, f.owner) {
			if reason, ok := impure[name]; ok {
				c.report(spec.Pos(), "a pure package imports %s: %s", name, reason)
			}
		}
	}
}

// layer checks that an import goes down.
func (c *checker) layer(f source, spec *ast.ImportSpec, from int, folder string) {
	owner := ownerOf(folder)
	to, known := layerOf(owner)
	if !known || owner == f.owner || owner == "" {
		return // without a layer: reported at its own files
	}
	switch {
	case to > from:
		c.report(spec.Pos(), "%s (layer %d) imports %s (layer %d): a layer imports earlier ones only, so that each can be read and "+
			"tested without those that stand on it; hand in a function, or move the code", f.folder, from, folder, to)
	case to == from && !mayImport(f.owner, owner):
		c.report(spec.Pos(), "%s imports %s of its own layer %d: neighbours don't know each other, so that one can be replaced alone; "+
			"hand in a function, or list the pair with its reason in internal/house/layers.go", f.folder, folder, from)
	case f.owner == "capture" && to >= 2 && owner != "client":
		c.report(spec.Pos(), "capture imports %s, a part of the server: it runs beside applications, speaks the wire and must stay small", folder)
	}
}

// calls checks for what is not to be called, or taken as a value.
func (c *checker) calls(f source) {
	for _, declaration := range f.Decls {
		inside := ""
		if fn, ok := declaration.(*ast.FuncDecl); ok {
			inside = fn.Name.Name
		}
		ast.Inspect(declaration, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				if name, ok := n.Fun.(*ast.Ident); ok && name.Name == "panic" && inside != "invariant" {
					c.report(n.Pos(), "a bare panic: return an error, or assert with the function invariant, which can be searched for")
				}
			case *ast.SelectorExpr:
				c.selector(f, n)
			}
			return true
		})
	}
}

func (c *checker) selector(f source, n *ast.SelectorExpr) {
	from, ok := n.X.(*ast.Ident)
	if !ok {
		return
	}
	switch name := n.Sel.Name; {
	case from.Name == "os" && slices.Contains(osWrites, name) && f.owner != "internal/disk" && !strings.HasSuffix(f.folder, "test"):
		c.report(n.Pos(), "os.%s outside internal/disk: what changes the disk goes through a disk.FS, so that tests can cut the power and "+
			"fail the call", name)
	case from.Name == "time" && slices.Contains(clocks, name) && slices.Contains(pure, f.owner):
		c.report(n.Pos(), "time.%s in a pure package: the same input must give the same output; take the time as a value", name)
	}
}

// Limits of size.
const (
	functionLinesMax   = 70
	fileLinesMax       = 500
	longFunctionExcuse = "nolint:funlen // "
)

func (c *checker) sizes(f source) {
	if n := c.files.Position(f.FileEnd).Line; n > fileLinesMax {
		c.report(f.Package, "has %d lines, more than %d: give its nouns files of their own", n, fileLinesMax)
	}
	for _, declaration := range f.Decls {
		fn, ok := declaration.(*ast.FuncDecl)
		if !ok {
			continue
		}
		lines := c.files.Position(fn.End()).Line - c.files.Position(fn.Pos()).Line + 1
		if lines > functionLinesMax && !c.excused(f, fn) {
			c.report(fn.Pos(), "%s has %d lines, more than %d: split it by its phases and keep the decisions here, or say why not "+
				"with //nolint:funlen // reason", fn.Name.Name, lines, functionLinesMax)
		}
	}
}

// excused tells whether the function's comment, or a comment on its first line, gives a reason for its length.
func (c *checker) excused(f source, fn *ast.FuncDecl) bool {
	line := c.files.Position(fn.Pos()).Line
	for _, group := range f.Comments {
		for _, comment := range group.List {
			at := c.files.Position(comment.Pos()).Line
			_, reason, ok := strings.Cut(comment.Text, longFunctionExcuse)
			if ok && strings.TrimSpace(reason) != "" && (at == line || group == fn.Doc) {
				return true
			}
		}
	}
	return false
}
