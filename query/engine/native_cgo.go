//go:build cgo

package engine

/*
#include <stdlib.h>

void loglake_native_call(void *info, void *input, void *output);
void loglake_native_forget(void *extra);
*/
import "C"

import (
	"errors"
	"fmt"
	"regexp"
	"runtime/cgo"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"unsafe"

	duckdb "github.com/duckdb/duckdb-go-bindings"

	"github.com/loglake/loglake/query/dialect/native"
)

// natives are the functions in Go by name, with their types read.
var natives = sync.OnceValues(func() (map[string]nativeFunction, error) { return nativeFunctions(native.Functions()) })

type nativeFunction struct {
	native.Function
	params []Type
	result Type
}

func nativeFunctions(list []native.Function) (map[string]nativeFunction, error) {
	functions := map[string]nativeFunction{}
	for _, f := range list {
		n := nativeFunction{Function: f}
		for _, text := range append([]string{f.Result}, f.Params...) {
			t, rest, ok := parseNativeType(text)
			if !ok || rest != "" {
				return nil, fmt.Errorf("native function %s: there is no type %q", f.Name, text)
			}
			n.params = append(n.params, t)
		}
		n.result, n.params = n.params[0], n.params[1:]
		functions[f.Name] = n
	}
	return functions, nil
}

// registeredNative is a function as one database calls it.
type registeredNative struct {
	nativeFunction
	fatal *atomic.Pointer[native.Error] // the database's
}

var nativeName = regexp.MustCompile(`loglake_[a-z0-9_]+`)

// registerNatives makes the functions known that the SQL names. All of them would cost each database milliseconds.
func (b *database) registerNatives(sql string) error {
	for _, name := range nativeName.FindAllString(sql, -1) {
		f, ok := b.natives[name]
		if !ok || b.registered[name] {
			continue
		}
		if err := b.registerNative(f); err != nil {
			return err
		}
		b.registered[name] = true
	}
	return nil
}

// registerNative makes one function. DuckDB takes C functions for ones that can't fail, and so calls them with all values of
// a file's dictionary, those of rows that the query does not have too. It does not where the result is a struct; a macro
// takes the value out.
func (b *database) registerNative(f nativeFunction) error {
	s := duckdb.CreateScalarFunction()
	defer duckdb.DestroyScalarFunction(&s)
	duckdb.ScalarFunctionSetName(s, f.Name+"_boxed")
	var params []string
	for i, t := range f.params {
		logical := logicalOf(t)
		duckdb.ScalarFunctionAddParameter(s, logical)
		duckdb.DestroyLogicalType(&logical)
		params = append(params, "loglake_"+strconv.Itoa(i))
	}
	logical := logicalOf(Type{Kind: Struct, Fields: []Field{{Name: "v", Type: f.result}}})
	duckdb.ScalarFunctionSetReturnType(s, logical)
	duckdb.DestroyLogicalType(&logical)
	duckdb.ScalarFunctionSetSpecialHandling(s)
	if f.Volatile {
		duckdb.ScalarFunctionSetVolatile(s)
	}
	extra := C.malloc(C.size_t(unsafe.Sizeof(cgo.Handle(0)))) // DuckDB keeps no pointers into Go's memory
	if f.Make != nil {
		f.Call = f.Make()
	}
	*(*cgo.Handle)(extra) = cgo.NewHandle(&registeredNative{f, &b.fatal})
	duckdb.ScalarFunctionSetExtraInfo(s, extra, C.loglake_native_forget)
	duckdb.ScalarFunctionSetFunction(s, C.loglake_native_call)
	if duckdb.RegisterScalarFunction(b.conn, s) == duckdb.StateError {
		return fmt.Errorf("register native function %s: DuckDB does not take it", f.Name)
	}
	list := strings.Join(params, ", ")
	return b.exec("CREATE MACRO " + f.Name + "(" + list + ") AS struct_extract(" + f.Name + "_boxed(" + list + "), 'v')")
}

//export loglake_native_forget
func loglake_native_forget(extra unsafe.Pointer) { //nolint:revive // C's name
	(*(*cgo.Handle)(extra)).Delete()
	C.free(extra)
}

//export loglake_native_call
func loglake_native_call(info, input, output unsafe.Pointer) { //nolint:revive // C's name
	i := duckdb.FunctionInfo{Ptr: info}
	f := (*(*cgo.Handle)(duckdb.ScalarFunctionGetExtraInfo(i))).Value().(*registeredNative)
	if err := f.chunk(duckdb.DataChunk{Ptr: input}, duckdb.Vector{Ptr: output}); err != nil {
		known, ok := err.(*native.Error)
		if !ok {
			known = &native.Error{Code: "GENERIC_INTERNAL_ERROR", Message: f.Name + ": " + err.Error()}
		}
		if !known.Caught() {
			f.fatal.Store(known)
		}
		duckdb.ScalarFunctionSetError(i, strings.ToValidUTF8(known.Error(), "\uFFFD"))
	}
}

// chunk calls the function for each row. A panic is an error: nothing may unwind into C.
func (f *registeredNative) chunk(input duckdb.DataChunk, output duckdb.Vector) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	columns := make([]nativeColumn, len(f.params))
	for i, t := range f.params {
		columns[i] = readNative(duckdb.DataChunkGetVector(input, duckdb.IdxT(i)), t)
	}
	args := make([]any, len(columns))
	result := writeNative(duckdb.StructVectorGetChild(output, 0), f.result)
	for row := range int(duckdb.DataChunkGetSize(input)) {
		null := false
		for i := range columns {
			args[i] = columns[i].value(row)
			null = null || args[i] == nil
		}
		if null && !f.Nulls {
			result.set(row, nil)
			continue
		}
		value, err := f.Call(args)
		if err != nil {
			return err
		}
		if !result.set(row, value) {
			return errors.New("the result is too large for DuckDB")
		}
	}
	return nil
}
