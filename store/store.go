// Package store keeps buckets of objects. Store is what the rest of loglake asks for; Dir is the bucket that is a
// directory, where object k of bucket b is the file Root/b/k, so that people and other programs read and write the
// same files. store/storetest is the suite that every Store passes.
//
// The promises of every Store: an object is there whole or not at all, an overwrite replaces bytes and description in
// one step, what was answered is durable, and a listing is in UTF-8 byte order of the keys. Objects are described by
// an ETag, headers and user metadata; what was never described (a file another program dropped in) is an object too.
//
// Where to start: Store below, then Dir (dir.go), how keys become file names (key.go), how descriptions are kept
// beside files (description.go), and the publishing of a file under its key (publish.go).
package store

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"time"

	"github.com/loglake/loglake"
)

// Limits of objects, those of S3.
const (
	KeyBytesMax   = 1024      // of UTF-8
	PutBytesMax   = 5 << 30   // of one Put or part
	PartsMax      = 10_000    // of one upload
	PartBytesMin  = 5 << 20   // of every part but the last
	DocumentBytes = 1 << 20   // of one bucket document
	syncBytes     = 4 << 20   // written between two syncs, so that a big object does not stall everybody's fsync
	copyBytes     = 128 << 10 // of a copy buffer
)

// Object describes one object.
type Object struct {
	Key             string
	Bytes           int64
	ETag            string // without quotes; the MD5 of the bytes, but for multi-part and foreign objects, whose ETag has a "-"
	Modified        time.Time
	ContentType     string // "" unknown
	ContentEncoding string
	Metadata        map[string]string // the user's
	Attributes      map[string]string // whatever else the writer wanted kept; opaque to the store
}

// Bucket describes one bucket.
type Bucket struct {
	Name    string
	Created time.Time
}

// PutOptions describe an object to put. The zero value overwrites and describes nothing.
type PutOptions struct {
	IfNoneMatch     bool   // fail with ErrPrecondition where the key is taken
	IfMatch         string // an ETag: fail with ErrPrecondition where the object has another, ErrNoObject where there is none
	ContentType     string
	ContentEncoding string
	Metadata        map[string]string
	MD5             []byte // of the bytes; fail with ErrDigest where they have another; nil: not checked
	// Attributes gives Object.Attributes. It is called once, after the last byte was read. An error fails the put.
	Attributes func() (map[string]string, error)
}

// PutFileOptions describe a finished local file to publish.
type PutFileOptions struct {
	Bytes           int64
	CRC32C          uint32
	ContentType     string // "" unknown
	ContentEncoding string
	Metadata        map[string]string // as in Object; S3 takes 2 KiB of names and values together
}

// Content is the bytes of an object as they were when it was opened, never some of another's. Where a store can't keep
// what an overwrite or delete took away, it is an error to go on reading: ErrChanged, ErrNoObject.
type Content interface {
	io.ReadSeekCloser
	io.ReaderAt
}

// Store is a set of buckets. All methods may be called concurrently. A failure is a *loglake.Error where the caller
// is to blame: CodeNotFound (with ErrNoBucket or ErrNoObject in its chain, both of which are fs.ErrNotExist),
// CodeExists, CodeConflict, CodeInvalid.
type Store interface {
	Buckets
	Getter
	Putter
	Lister
	Deleter
	Uploader
	Documents
}

// Buckets makes and lists buckets. Names are S3's: 3-63 of [a-z0-9.-], beginning and ending with a letter or digit.
type Buckets interface {
	CreateBucket(ctx context.Context, bucket string) error // CodeExists where it is there
	DeleteBucket(ctx context.Context, bucket string) error // ErrNotEmpty while it holds an object
	ListBuckets(ctx context.Context) ([]Bucket, error)     // by name
	HasBucket(ctx context.Context, bucket string) (bool, error)
}

// Getter reads objects.
type Getter interface {
	// Get opens an object; the caller closes the content, and keeps ctx until then.
	Get(ctx context.Context, bucket, key string) (Content, Object, error)
	Stat(ctx context.Context, bucket, key string) (Object, error)
	// Local gives an object, as Stat or a listing has described it, as a file for readers that take paths. The caller
	// releases it. Only key, length and ETag of o are looked at.
	Local(ctx context.Context, bucket string, o Object) (Local, error)
}

// Putter writes objects.
type Putter interface {
	// Put stores all that r gives until io.EOF. Any other error of r fails the put, and nothing is stored.
	Put(ctx context.Context, bucket, key string, r io.Reader, o PutOptions) (Object, error)
	// PutFile publishes the file at path, which is finished and synced and will not change, without overwriting:
	// there already with the same bytes is success, with others CodeExists. The file at path stays.
	PutFile(ctx context.Context, bucket, key, path string, o PutFileOptions) error
}

// Lister lists objects.
type Lister interface {
	// List describes objects by key, length, ETag and time, and by what else the store has at hand there. It gives at most
	// max of those whose keys begin with prefix and are greater than after, and whether there are more.
	List(ctx context.Context, bucket, prefix, after string, max int) (objects []Object, more bool, err error)
	// ListFolded is List, but keys that have delimiter after the prefix are folded into one entry each: what they have
	// in common, up to and with the delimiter. An empty delimiter folds nothing.
	ListFolded(ctx context.Context, bucket string, o Fold) (entries []Entry, more bool, err error)
}

// Fold says what ListFolded lists. A fold ending at After or before it is left out.
type Fold struct {
	Prefix, After, Delimiter string
	Max                      int
}

// Entry is an object, or a fold of several: then only Object.Key is set, to what their keys have in common.
type Entry struct {
	Object
	Folded bool
}

// Deleter deletes objects.
type Deleter interface {
	// Delete makes an object be gone, durably. One that is not there is no error.
	Delete(ctx context.Context, bucket, key string) error
}

// Documents are small named texts that belong to a bucket, such as its lifecycle configuration.
type Documents interface {
	PutDocument(ctx context.Context, bucket, name string, text []byte) error
	Document(ctx context.Context, bucket, name string) ([]byte, error) // ErrNoDocument
	DeleteDocument(ctx context.Context, bucket, name string) error     // gone already is no error
}

// Uploader makes objects of parts that come one by one.
type Uploader interface {
	// CreateUpload begins one; the conditions and Attributes of o are not looked at.
	CreateUpload(ctx context.Context, bucket, key string, o PutOptions) (Upload, error)
	// PutPart stores part number (1-PartsMax), durably; the same number again replaces it.
	PutPart(ctx context.Context, ref UploadRef, number int, r io.Reader, o PutPartOptions) (Part, error)
	// CompleteUpload makes the object of the named parts, in ascending order, and ends the upload.
	CompleteUpload(ctx context.Context, ref UploadRef, parts []Part, o CompleteOptions) (Object, error)
	AbortUpload(ctx context.Context, ref UploadRef) error
	Upload(ctx context.Context, ref UploadRef) (Upload, error)
	ListParts(ctx context.Context, ref UploadRef) ([]Part, error)     // by number
	ListUploads(ctx context.Context, bucket string) ([]Upload, error) // by key, then by begin
}

// UploadRef names an upload. Key has to be the key it was begun with.
type UploadRef struct{ Bucket, Key, ID string }

// Upload is an object in the making.
type Upload struct {
	UploadRef
	Begun   time.Time
	Options PutOptions // what CreateUpload was given; Attributes gives the ones given there
}

// Part is a stored part.
type Part struct {
	Number   int
	ETag     string // the MD5 of its bytes, without quotes
	Bytes    int64
	Modified time.Time
}

// PutPartOptions describe a part; the zero value checks nothing.
type PutPartOptions struct {
	MD5 []byte // as in PutOptions
	// Check is called after the last byte was read; an error fails the part.
	Check func() error
}

// CompleteOptions describe the end of an upload.
type CompleteOptions struct {
	IfNoneMatch bool
	IfMatch     string
	// Tee gives a writer that sees the bytes of a part while they are put together; nil: nobody looks.
	Tee func(number int) io.Writer
	// Attributes are added to those of CreateUpload; called after the last byte.
	Attributes func() (map[string]string, error)
}

// What a failure may be about; each is in the chain of a *loglake.Error.
var (
	ErrForbidden    = errors.New("not allowed") // to this lake, which says nothing of what is there
	ErrNoBucket     = fmt.Errorf("no such bucket: %w", fs.ErrNotExist)
	ErrNoObject     = fmt.Errorf("no such object: %w", fs.ErrNotExist)
	ErrNoUpload     = fmt.Errorf("no such upload: %w", fs.ErrNotExist)
	ErrNoDocument   = fmt.Errorf("no such bucket document: %w", fs.ErrNotExist)
	ErrNotEmpty     = fmt.Errorf("bucket not empty")
	ErrChanged      = fmt.Errorf("object replaced")
	ErrPrecondition = fmt.Errorf("precondition failed")
	ErrDigest       = fmt.Errorf("bytes do not have the given MD5")
	ErrTooLarge     = fmt.Errorf("too large")
	ErrBucketName   = fmt.Errorf("not a bucket name")
	ErrKey          = fmt.Errorf("not a key")
	ErrPart         = fmt.Errorf("no such part")
	ErrPartOrder    = fmt.Errorf("parts out of order")
	ErrPartTooSmall = fmt.Errorf("part too small")
)

func fail(code loglake.Code, cause error, format string, args ...any) *loglake.Error {
	e := loglake.Errorf(code, format, args...)
	e.Err = cause
	return e
}

func noBucket(bucket string) error {
	return fail(loglake.CodeNotFound, ErrNoBucket, "bucket %q does not exist", bucket)
}

func noObject(bucket, key string) error {
	return fail(loglake.CodeNotFound, ErrNoObject, "bucket %q has no object %q", bucket, key)
}

// CheckBucketName tells why name can't be a bucket: CodeInvalid with ErrBucketName, or nil.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
func CheckBucketName(name string) error {
	edge := func(c byte) bool { return 'a' <= c && c <= 'z' || '0' <= c && c <= '9' }
	ok := len(name) >= 3 && len(name) <= 63 && edge(name[0]) && edge(name[len(name)-1])
	for i := 0; ok && i < len(name); i++ {
		ok = edge(name[i]) || name[i] == '-' || name[i] == '.' && name[i-1] != '.'
	}
	if !ok {
		return fail(loglake.CodeInvalid, ErrBucketName, "%q can't be a bucket: names are 3 to 63 of a-z, 0-9, '.' and '-', begin and end with a letter or digit, and have no '..'", name)
	}
	return nil
}
