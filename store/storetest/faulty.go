package storetest

import (
	"context"
	"io"

	"github.com/loglake/loglake/store"
)

// Faulty is a store whose calls that change something can be made to fail.
type Faulty struct {
	store.Store
	// Fault is asked at each such call, on its goroutine, by the method's name and the bucket. With apply the call is done
	// and reported failed; otherwise it is not done. Nil: none fails.
	Fault func(method, bucket string) (apply bool, err error)
}

func (f *Faulty) do(method, bucket string, call func() error) error {
	var apply bool
	var fault error
	if f.Fault != nil {
		apply, fault = f.Fault(method, bucket)
	}
	if fault != nil && !apply {
		return fault
	}
	if err := call(); err != nil {
		return err
	}
	return fault
}

// CreateBucket may fail.
func (f *Faulty) CreateBucket(ctx context.Context, bucket string) error {
	return f.do("CreateBucket", bucket, func() error { return f.Store.CreateBucket(ctx, bucket) })
}

// DeleteBucket may fail.
func (f *Faulty) DeleteBucket(ctx context.Context, bucket string) error {
	return f.do("DeleteBucket", bucket, func() error { return f.Store.DeleteBucket(ctx, bucket) })
}

// Put may fail.
func (f *Faulty) Put(ctx context.Context, bucket, key string, r io.Reader, o store.PutOptions) (object store.Object, err error) {
	err = f.do("Put", bucket, func() (err error) { object, err = f.Store.Put(ctx, bucket, key, r, o); return err })
	return object, err
}

// PutFile may fail.
func (f *Faulty) PutFile(ctx context.Context, bucket, key, path string, o store.PutFileOptions) error {
	return f.do("PutFile", bucket, func() error { return f.Store.PutFile(ctx, bucket, key, path, o) })
}

// Delete may fail.
func (f *Faulty) Delete(ctx context.Context, bucket, key string) error {
	return f.do("Delete", bucket, func() error { return f.Store.Delete(ctx, bucket, key) })
}

// PutDocument may fail.
func (f *Faulty) PutDocument(ctx context.Context, bucket, name string, text []byte) error {
	return f.do("PutDocument", bucket, func() error { return f.Store.PutDocument(ctx, bucket, name, text) })
}

// DeleteDocument may fail.
func (f *Faulty) DeleteDocument(ctx context.Context, bucket, name string) error {
	return f.do("DeleteDocument", bucket, func() error { return f.Store.DeleteDocument(ctx, bucket, name) })
}

// CreateUpload may fail.
func (f *Faulty) CreateUpload(ctx context.Context, bucket, key string, o store.PutOptions) (u store.Upload, err error) {
	err = f.do("CreateUpload", bucket, func() (err error) { u, err = f.Store.CreateUpload(ctx, bucket, key, o); return err })
	return u, err
}

// PutPart may fail.
func (f *Faulty) PutPart(ctx context.Context, ref store.UploadRef, number int, r io.Reader, o store.PutPartOptions) (p store.Part, err error) {
	err = f.do("PutPart", ref.Bucket, func() (err error) { p, err = f.Store.PutPart(ctx, ref, number, r, o); return err })
	return p, err
}

// CompleteUpload may fail.
func (f *Faulty) CompleteUpload(ctx context.Context, ref store.UploadRef, parts []store.Part, o store.CompleteOptions) (object store.Object, err error) {
	err = f.do("CompleteUpload", ref.Bucket, func() (err error) { object, err = f.Store.CompleteUpload(ctx, ref, parts, o); return err })
	return object, err
}

// AbortUpload may fail.
func (f *Faulty) AbortUpload(ctx context.Context, ref store.UploadRef) error {
	return f.do("AbortUpload", ref.Bucket, func() error { return f.Store.AbortUpload(ctx, ref) })
}
