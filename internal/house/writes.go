package house

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/constant"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"iter"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Write is where the program changes something that lasts: one kind of call in one function.
type Write struct {
	Folder   string // of the package
	Function string // as the runtime names it, without the package and without what a closure adds: "(*Log).Append"

	// Call is an operation of the disk as disk.Op names it, "WriteFile" or "MkdirAllDurable" for those functions of
	// package disk; "tx:NAME" for a transaction of the state; "store:NAME" for a method of a store.
	Call  string
	Lines []int  // where in the function
	File  string // of the function
}

func (w Write) String() string { return w.Folder + " " + w.Function + " " + w.Call }

// diskCalls are the methods of disk.FS and disk.File, and the functions of package disk, that change the disk or make a
// change durable. Lock is none: a lock file means nothing after its holder.
var diskCalls = map[string]string{
	"OpenFile": "create", "Rename": "rename", "Link": "link", "Remove": "remove", "RemoveAll": "remove", "MkdirAll": "mkdir", "SyncDir": "syncdir",
	"Write": "write", "WriteAt": "write", "Truncate": "truncate", "Sync": "sync",
	"Create": "create", "WriteFile": "WriteFile", "MkdirAllDurable": "MkdirAllDurable",
}

// fileCalls are those that nothing but a file has: of whatever interface, they may be a disk.File's.
var fileCalls = []string{"WriteAt", "Truncate", "Sync"}

// storeCalls are the methods of a store.Store that change something.
var storeCalls = []string{
	"CreateBucket", "DeleteBucket", "Put", "PutFile", "Delete", "PutDocument", "DeleteDocument",
	"CreateUpload", "PutPart", "CompleteUpload", "AbortUpload",
}

// Writes gives all of them in the module that the folder dir is in, sorted, for the platform that asks. Left out are
// package disk, on whose far side the writes go on, the stores themselves where they call each other, and programs and
// packages that only test. A disk.File that is handed on to be written by others is written there; a transaction whose
// name can't be found out is an error.
func Writes(dir string) ([]Write, error) {
	list, err := goList(dir, "-deps", "./...")
	if err != nil {
		return nil, err
	}
	files := token.NewFileSet()
	imports, err := newImports(dir, files, list)
	if err != nil {
		return nil, err
	}
	var found []Write
	for _, p := range list {
		folder, inside := folderIn(p.ImportPath)
		if !inside {
			continue
		}
		w := writes{folder: folder, files: files, seen: map[string]*Write{}, reads: map[*ast.SelectorExpr]bool{}}
		if err := w.load(p, imports); err != nil {
			return nil, err
		}
		if folder == "internal/disk" || folder == "loglaketest" || strings.HasSuffix(folder, "test") || strings.HasPrefix(folder, "test/") {
			continue
		}
		if err := w.find(); err != nil {
			return nil, err
		}
		for _, site := range w.seen {
			found = append(found, *site)
		}
	}
	slices.SortFunc(found, func(a, b Write) int { return strings.Compare(a.String(), b.String()) })
	return found, nil
}

// folderIn gives the folder of a package of the module.
func folderIn(importPath string) (folder string, inside bool) {
	folder, inside = strings.CutPrefix(importPath+"/", module+"/")
	return strings.TrimSuffix(folder, "/"), inside
}

// listed is what `go list` says of a package.
type listed struct {
	ImportPath, Dir, Export string
	GoFiles, CgoFiles       []string
}

func goList(dir string, args ...string) (list []listed, err error) {
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,Export,GoFiles,CgoFiles"}, args...)...)
	cmd.Dir = dir
	var told bytes.Buffer
	cmd.Stderr = &told
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w: %s", err, told.Bytes())
	}
	for decoder := json.NewDecoder(bytes.NewReader(out)); decoder.More(); {
		var p listed
		if err := decoder.Decode(&p); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, nil
}

// imports gives the packages that others import: the module's own as they were read from the source, before those that import
// them, so that nothing of it has to be compiled first; all others as the compiler exported them.
type imports struct {
	own    map[string]*types.Package
	others types.Importer
}

func newImports(dir string, files *token.FileSet, list []listed) (*imports, error) {
	args := []string{"-export"}
	for _, p := range list {
		if _, inside := folderIn(p.ImportPath); !inside {
			args = append(args, p.ImportPath)
		}
	}
	others, err := goList(dir, args...)
	if err != nil {
		return nil, err
	}
	exports := map[string]string{}
	for _, p := range others {
		exports[p.ImportPath] = p.Export
	}
	open := func(name string) (io.ReadCloser, error) { return os.Open(exports[name]) }
	return &imports{own: map[string]*types.Package{}, others: importer.ForCompiler(files, "gc", open)}, nil
}

// Import is that of types.Importer.
func (i *imports) Import(name string) (*types.Package, error) {
	if p := i.own[name]; p != nil {
		return p, nil
	}
	return i.others.Import(name)
}

// writes finds the writes of one package.
type writes struct {
	folder  string
	files   *token.FileSet
	syntax  []*ast.File
	info    types.Info
	seen    map[string]*Write
	reads   map[*ast.SelectorExpr]bool // OpenFile without creating
	updates []update
}

// load reads a package from its source.
func (w *writes) load(p listed, imports *imports) error {
	for _, name := range slices.Concat(p.GoFiles, p.CgoFiles) {
		file, err := parser.ParseFile(w.files, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		w.syntax = append(w.syntax, file)
	}
	w.info = types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}, Defs: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{},
	}
	config := types.Config{Importer: imports, FakeImportC: true}
	checked, err := config.Check(p.ImportPath, w.files, w.syntax, &w.info)
	imports.own[p.ImportPath] = checked
	return err
}

func (w *writes) find() error {
	w.inspect(func(in *ast.FuncDecl, n ast.Node) {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			w.selector(nameOf(in), n)
		case *ast.CallExpr:
			w.call(in, nameOf(in), n)
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && w.info.Uses[key] != nil {
				w.handed(nameOf(in), n.Value, w.info.Uses[key].Type())
			}
		}
	})
	return w.transactions()
}

// nameOf is the runtime's name of a function, "init" where there is none.
func nameOf(fn *ast.FuncDecl) string {
	if fn == nil {
		return "init"
	}
	if fn.Recv == nil {
		return fn.Name.Name
	}
	receiver := fn.Recv.List[0].Type
	star, pointer := receiver.(*ast.StarExpr)
	if pointer {
		receiver = star.X
	}
	if generic, ok := receiver.(*ast.IndexExpr); ok {
		receiver = generic.X
	}
	if pointer {
		return fmt.Sprintf("(*%s).%s", receiver, fn.Name)
	}
	return fmt.Sprintf("%s.%s", receiver, fn.Name)
}

func (w *writes) add(function, call string, at token.Pos) {
	site := Write{Folder: w.folder, Function: function, Call: call}
	there := w.seen[site.String()]
	position := w.files.Position(at)
	if there == nil {
		site.File = path.Base(filepath.ToSlash(position.Filename))
		there = &site
		w.seen[site.String()] = there
	}
	if !slices.Contains(there.Lines, position.Line) {
		there.Lines = append(there.Lines, position.Line)
	}
}

// selector finds writes among what is called or taken as a value.
func (w *writes) selector(function string, n *ast.SelectorExpr) {
	name, selection := n.Sel.Name, w.info.Selections[n]
	if selection == nil {
		if f, ok := w.info.Uses[n.Sel].(*types.Func); ok && f.Pkg() != nil && f.Pkg().Path() == module+"/internal/disk" && diskCalls[name] != "" {
			w.add(function, diskCalls[name], n.Sel.Pos())
		}
		return
	}
	if selection.Kind() == types.FieldVal || w.reads[n] {
		return
	}
	switch holder := holderOf(selection); {
	case diskCalls[name] != "" && (folderOf(holder) == "internal/disk" || types.IsInterface(holder) && slices.Contains(fileCalls, name)):
		w.add(function, diskCalls[name], n.Sel.Pos())
	case w.folder != "store" && slices.Contains(storeCalls, name) && isStore(holder, selection):
		w.add(function, "store:"+name, n.Sel.Pos())
	}
}

// holderOf is the type whose method is selected: an embedded field's where the method comes from one.
func holderOf(s *types.Selection) types.Type {
	t := s.Recv()
	for _, i := range s.Index()[:len(s.Index())-1] {
		if p, ok := t.Underlying().(*types.Pointer); ok {
			t = p.Elem()
		}
		structure, ok := t.Underlying().(*types.Struct)
		if !ok {
			break // an interface that embeds others: the method is its own
		}
		t = structure.Field(i).Type()
	}
	return t
}

// folderOf gives the package, as a folder of the module, of a named type or of what it points to; "" for others.
func folderOf(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	n, ok := types.Unalias(t).(*types.Named)
	if !ok || n.Obj().Pkg() == nil {
		return ""
	}
	return strings.TrimPrefix(n.Obj().Pkg().Path(), module+"/")
}

// isStore tells whether a method belongs to package store, or to an interface of somebody's own that stores have.
func isStore(holder types.Type, s *types.Selection) bool {
	return folderOf(holder) == "store" ||
		types.IsInterface(holder) && strings.HasPrefix(types.TypeString(s.Type(), nil), "func(ctx context.Context, bucket string")
}

// call finds transactions, and files that are handed on to be written by others; and tells opens from creations.
func (w *writes) call(in *ast.FuncDecl, function string, n *ast.CallExpr) {
	if selector, ok := n.Fun.(*ast.SelectorExpr); ok {
		if s := w.info.Selections[selector]; s != nil && s.Kind() == types.MethodVal {
			switch holder := folderOf(holderOf(s)); {
			case holder == "state" && selector.Sel.Name == "Update":
				w.updates = append(w.updates, update{in, function, n})
			case holder == "internal/disk" && selector.Sel.Name == "OpenFile":
				w.reads[selector] = w.onlyOpens(n.Args[1])
			}
		}
	}
	signature, ok := w.info.TypeOf(n.Fun).(*types.Signature)
	if !ok {
		return
	}
	for i, arg := range n.Args {
		if signature.Params().Len() > 0 {
			w.handed(function, arg, signature.Params().At(min(i, signature.Params().Len()-1)).Type())
		}
	}
}

// handed finds files that others are given as something to write to.
func (w *writes) handed(function string, e ast.Expr, to types.Type) {
	t := w.info.TypeOf(e)
	if folderOf(t) == "internal/disk" && hasWrite(t) && folderOf(to) != "internal/disk" && hasWrite(to) {
		w.add(function, "write", e.Pos())
	}
}

func hasWrite(t types.Type) bool {
	i, ok := t.Underlying().(*types.Interface)
	return ok && slices.ContainsFunc(slices.Collect(i.Methods()), func(f *types.Func) bool { return f.Name() == "Write" })
}

// onlyOpens tells whether the flag of OpenFile is a constant that creates nothing.
func (w *writes) onlyOpens(flag ast.Expr) bool {
	value := w.info.Types[flag].Value
	if value == nil {
		return false
	}
	n, ok := constant.Int64Val(value)
	return ok && int(n)&os.O_CREATE == 0
}

// update is a call of state's Update.
type update struct {
	in       *ast.FuncDecl // nil: outside a function
	function string
	call     *ast.CallExpr
}

func (w *writes) transactions() error {
	for _, u := range w.updates {
		names := w.texts(u.in, u.call.Args[1])
		if len(names) == 0 {
			return fmt.Errorf("%s: the transaction's name is not made of constants that can be found", w.files.Position(u.call.Pos()))
		}
		for _, name := range names {
			w.add(u.function, "tx:"+name, u.call.Pos())
		}
	}
	return nil
}

// texts gives what an expression in a function may be: a constant; a parameter, from the calls of the function; a field,
// from the literals that set it; or two of these put together. Nil: something else.
func (w *writes) texts(in *ast.FuncDecl, e ast.Expr) (found []string) {
	if value := w.info.Types[e].Value; value != nil && value.Kind() == constant.String {
		return []string{constant.StringVal(value)}
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		for _, begin := range w.texts(in, e.X) {
			for _, end := range w.texts(in, e.Y) {
				found = append(found, begin+end)
			}
		}
	case *ast.Ident:
		if in == nil {
			return nil
		}
		for n, parameter := range parameters(in) {
			if w.info.Defs[parameter] != w.info.Uses[e] {
				continue
			}
			for _, call := range w.calls(w.info.Defs[in.Name]) {
				found = append(found, w.texts(call.in, call.call.Args[n])...)
			}
		}
	case *ast.SelectorExpr:
		for in, value := range w.values(w.info.Uses[e.Sel]) {
			found = append(found, w.texts(in, value)...)
		}
	}
	return found
}

func parameters(fn *ast.FuncDecl) (names []*ast.Ident) {
	for _, field := range fn.Type.Params.List {
		names = append(names, field.Names...)
	}
	return names
}

// calls gives those of a function or method of the package.
func (w *writes) calls(of types.Object) (list []update) {
	w.inspect(func(in *ast.FuncDecl, n ast.Node) {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return
		}
		switch name := call.Fun.(type) {
		case *ast.Ident:
			ok = w.info.Uses[name] == of
		case *ast.SelectorExpr:
			ok = w.info.Uses[name.Sel] == of
		default:
			ok = false
		}
		if ok {
			list = append(list, update{in: in, call: call})
		}
	})
	return list
}

// values gives what the literals of the package set a field to, and where.
func (w *writes) values(field types.Object) iter.Seq2[*ast.FuncDecl, ast.Expr] {
	return func(yield func(*ast.FuncDecl, ast.Expr) bool) {
		w.inspect(func(in *ast.FuncDecl, n ast.Node) {
			literal, ok := n.(*ast.CompositeLit)
			if !ok {
				return
			}
			structure, ok := w.info.TypeOf(literal).Underlying().(*types.Struct)
			for i, value := range literal.Elts {
				if pair, named := value.(*ast.KeyValueExpr); named {
					if key, isName := pair.Key.(*ast.Ident); isName && w.info.Uses[key] == field {
						yield(in, pair.Value)
					}
				} else if ok && structure.Field(i) == field {
					yield(in, value)
				}
			}
		})
	}
}

func (w *writes) inspect(visit func(in *ast.FuncDecl, n ast.Node)) {
	for _, file := range w.syntax {
		for _, declaration := range file.Decls {
			fn, _ := declaration.(*ast.FuncDecl)
			ast.Inspect(declaration, func(n ast.Node) bool { visit(fn, n); return true })
		}
	}
}
