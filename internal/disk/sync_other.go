//go:build !linux

package disk

import "os"

// syncData is what package os does, which on macOS is F_FULLFSYNC: fsync there does not reach the medium.
func syncData(f *os.File) error { return f.Sync() }
