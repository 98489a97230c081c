package house_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// limitFolders are the folders of the packages that docs/limits.md names by their last element.
var limitFolders = map[string]string{
	"dialect": "query/dialect", "native": "query/dialect/native", "joni": "query/dialect/internal/joni",
	"door": "api/door", "awsjson": "api/awsjson", "front": "api/front", "s3api": "api/s3api", "nativeapi": "api/nativeapi", "sigv4": "api/sigv4",
}

var limitRow = regexp.MustCompile("(?m)^\\|[^|]*\\| *([^|]*?) *\\|[^|]*\\| *`([a-z0-9]+)\\.(\\w+)` *\\|$")

// TestLimits holds the numbers of docs/limits.md against the constants that it names.
func TestLimits(t *testing.T) {
	page, err := os.ReadFile("../../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := limitRow.FindAllStringSubmatch(string(page), -1)
	if len(rows) < 40 {
		t.Fatalf("only %d rows of docs/limits.md name a constant", len(rows))
	}
	for _, row := range rows {
		said, pkg, name := row[1], row[2], row[3]
		folder := pkg
		if of, ok := limitFolders[pkg]; ok {
			folder = of
		}
		value, err := constant("../../"+folder, name)
		if err != nil {
			t.Errorf("%s.%s: %v", pkg, name, err)
			continue
		}
		if folder == "journal" && name == "sparesMax" {
			value = (value + 1) * 64 << 20 // what has to be free, in files
			said = row[0][strings.LastIndex(row[0], "192"):]
		}
		if !says(said, value) {
			t.Errorf("docs/limits.md says %q of %s.%s, which is %d", said, pkg, name, value)
		}
	}
}

// goesOn is what follows a number that is only the beginning of another, or of another unit's.
var goesOn = regexp.MustCompile(`^(,?\d| [KMG]iB)`)

// says tells whether a text begins with a value, in one of the ways to write it.
func says(text string, value int64) bool {
	ways := []string{commas(value), time.Duration(value).String()}
	for unit, bytes := range map[string]int64{"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30} {
		if value%bytes == 0 {
			ways = append(ways, commas(value/bytes)+" "+unit)
		}
	}
	for _, way := range ways {
		if rest, ok := strings.CutPrefix(text, way); ok && !goesOn.MatchString(rest) {
			return true
		}
	}
	return false
}

func commas(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// constant gives the value of a constant of the package in a folder.
func constant(folder, name string) (int64, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil {
		return 0, err
	}
	values := map[string]ast.Expr{}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return 0, err
		}
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.CONST {
				continue
			}
			for _, s := range g.Specs {
				v, ok := s.(*ast.ValueSpec)
				for i := 0; ok && i < len(v.Values); i++ {
					values[v.Names[i].Name] = v.Values[i]
				}
			}
		}
	}
	expr, ok := values[name]
	if !ok {
		return 0, fmt.Errorf("there is no such constant in %s", filepath.Base(folder))
	}
	return evaluate(expr, values)
}

// evaluate computes an expression of whole numbers and times.
func evaluate(e ast.Expr, values map[string]ast.Expr) (int64, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return strconv.ParseInt(strings.ReplaceAll(e.Value, "_", ""), 0, 64)
	case *ast.ParenExpr:
		return evaluate(e.X, values)
	case *ast.Ident:
		if of, ok := values[e.Name]; ok {
			return evaluate(of, values)
		}
	case *ast.SelectorExpr:
		units := map[string]time.Duration{"Millisecond": time.Millisecond, "Second": time.Second, "Minute": time.Minute, "Hour": time.Hour}
		if unit, ok := units[e.Sel.Name]; ok {
			return int64(unit), nil
		}
	case *ast.BinaryExpr:
		x, err := evaluate(e.X, values)
		if err != nil {
			return 0, err
		}
		y, err := evaluate(e.Y, values)
		switch e.Op {
		case token.SHL:
			return x << y, err
		case token.MUL:
			return x * y, err
		case token.ADD:
			return x + y, err
		case token.SUB:
			return x - y, err
		}
	}
	return 0, fmt.Errorf("%T can't be evaluated", e)
}
