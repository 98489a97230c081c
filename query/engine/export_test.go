package engine

import "syscall"

// KillChild ends the query's child as a fault would.
func (r *Rows) KillChild() { _ = r.child.cmd.Process.Kill() }

// FreezeChild makes the query's child deaf.
func (r *Rows) FreezeChild() { _ = r.child.cmd.Process.Signal(syscall.SIGSTOP) }

// DecodeBatch is what the fuzz test feeds.
func DecodeBatch(payload []byte, columns []Field) (Batch, error) {
	return decodeBatch(payload, columns)
}
