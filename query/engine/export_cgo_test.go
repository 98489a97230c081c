//go:build cgo

package engine

import (
	"encoding/json"

	"github.com/loglake/loglake/query/dialect/native"
)

// RunNative runs a query, in this process, in a database that has the given functions.
func RunNative(functions []native.Function, request Request, each func(*Batch)) error {
	b, err := openDatabase(hello{MemoryMax: 1 << 30, Threads: 2})
	if err != nil {
		return err
	}
	defer b.close()
	if b.natives, err = nativeFunctions(functions); err != nil {
		return err
	}
	var columns []Field
	fault, err := b.run(&job{Request: request, cancelled: make(chan struct{})}, func(kind frameKind, payload []byte) error {
		if kind == frameSchema {
			return json.Unmarshal(payload, &columns)
		}
		batch, err := decodeBatch(payload, columns)
		if err == nil {
			each(&batch)
		}
		return err
	})
	if fault != nil {
		return fault
	}
	return err
}

// OpenAndClose opens a database and closes it.
func OpenAndClose(threads int) error {
	b, err := openDatabase(hello{MemoryMax: 1 << 30, Threads: threads})
	if err == nil {
		b.close()
	}
	return err
}
