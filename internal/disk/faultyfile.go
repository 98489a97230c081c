package disk

import (
	"io"
	"syscall"
)

// faultyFile is an open file of a Faulty.
type faultyFile struct {
	File
	f       *Faulty
	appends bool
}

func (f *faultyFile) call(op Op) Call { return Call{Op: op, Path: f.Name()} }

func (f *faultyFile) Read(p []byte) (n int, err error) {
	_, apply, fault := f.f.begin(f.call(OpRead))
	if fault == nil || apply {
		n, err = f.File.Read(p)
	}
	if fault != nil {
		return 0, pathError("read", f.Name(), fault)
	}
	return n, err
}

func (f *faultyFile) ReadAt(p []byte, off int64) (int, error) {
	if _, _, fault := f.f.begin(f.call(OpRead)); fault != nil {
		return 0, pathError("read", f.Name(), fault)
	}
	return f.File.ReadAt(p, off)
}

func (f *faultyFile) Write(p []byte) (n int, err error) {
	fault := f.f.do(f.call(OpWrite), func() error {
		whence := io.SeekCurrent
		if f.appends {
			whence = io.SeekEnd
		}
		off, seekErr := f.Seek(0, whence)
		if seekErr != nil {
			return seekErr
		}
		n, err = f.grow(p, off, f.File.Write)
		return err
	})
	return result(n, err, fault)
}

func (f *faultyFile) WriteAt(p []byte, off int64) (n int, err error) {
	fault := f.f.do(f.call(OpWrite), func() error {
		n, err = f.grow(p, off, func(p []byte) (int, error) { return f.File.WriteAt(p, off) })
		return err
	})
	return result(n, err, fault)
}

// result is what a write answers: its own outcome, or that of the rule that failed it.
func result(n int, err, fault error) (int, error) {
	if err != nil {
		return n, err
	}
	if fault != nil {
		return 0, fault
	}
	return n, nil
}

// grow writes as much of p as the disk has room for.
func (f *faultyFile) grow(p []byte, off int64, write func([]byte) (int, error)) (int, error) {
	info, err := f.File.Stat()
	if err != nil {
		return 0, err
	}
	more := max(0, off+int64(len(p))-max(info.Size(), off))
	missing := more - f.f.reserve(more)
	n, err := write(p[:int64(len(p))-missing])
	if err == nil && missing > 0 {
		err = pathError("write", f.Name(), syscall.ENOSPC)
	}
	return n, err
}

func (f *faultyFile) Truncate(bytes int64) error {
	return f.f.do(f.call(OpTruncate), func() error {
		info, err := f.File.Stat()
		if err != nil {
			return err
		}
		more := max(0, bytes-info.Size())
		if granted := f.f.reserve(more); granted < more {
			f.f.release(granted)
			return pathError("truncate", f.Name(), syscall.ENOSPC)
		}
		if err := f.File.Truncate(bytes); err != nil {
			f.f.release(more)
			return err
		}
		f.f.release(max(0, info.Size()-bytes))
		return nil
	})
}

// Sync that fails undone is a failed Sync to the file below, too, where it can tell the difference.
func (f *faultyFile) Sync() error {
	end, apply, fault := f.f.begin(f.call(OpSync))
	defer end()
	if fault != nil && !apply {
		if below, ok := f.File.(interface{ failSync() }); ok {
			below.failSync()
		}
		return pathError("sync", f.Name(), fault)
	}
	if err := f.File.Sync(); err != nil {
		return err
	}
	return pathError("sync", f.Name(), fault)
}
