//go:build !linux

package engine

import "syscall"

// childAttributes: a child notices the end of its parent by the end of its input.
func childAttributes() *syscall.SysProcAttr { return nil }

// limitProcess does nothing here: DuckDB's own memory limit is the only one.
func limitProcess(int64) error { return nil }
