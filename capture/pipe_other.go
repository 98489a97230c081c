//go:build !linux

package capture

import "os"

// EnlargePipe has reads of a pipe block a thread. Only Linux has larger pipes.
func EnlargePipe(f *os.File) { f.Fd() }
