package store

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/store/internal/rangecache"
)

// Limits of S3.
const (
	S3AttemptsDefault = 4                // of one request, the first one included
	S3BackoffDefault  = 2 * time.Second  // between two attempts, at most
	S3StallDefault    = 30 * time.Second // without a byte in either direction
	CacheBytesDefault = 4 << 30          // of local copies
	s3PageMax         = 1000             // entries of one listing request
)

// s3Reserved begins the keys of what we keep in a bucket beside its objects: documents, and parts of uploads. No object
// has such a key, and no listing shows one.
const s3Reserved = ".loglake-store/"

// S3Config says which service an S3 speaks to, and how.
type S3Config struct {
	Endpoint  string // such as http://127.0.0.1:9000; "": AWS itself
	Region    string // "": us-east-1
	PathStyle bool   // http://host/bucket/key and not http://bucket.host/key: for most services other than AWS

	// Credentials: this provider, or this pair, or what the environment says (s3credentials.go).
	Credentials                        aws.CredentialsProvider
	AccessKey, SecretKey, SessionToken string

	// Dir is a folder of this S3's own for local copies. What is in it is removed by NewS3. Required.
	Dir string
	// FS is where Dir and the files of PutFile are. It has to be the operating system's where anybody opens the paths
	// that Local gives. Nil: the real one.
	FS disk.FS
	// CacheBytes bounds the local copies of what is read by path (s3local.go); 0: CacheBytesDefault.
	CacheBytes int64

	Attempts   int           // of one request; 0: S3AttemptsDefault
	BackoffMax time.Duration // between two attempts; 0: S3BackoffDefault
	Stall      time.Duration // after which a silent connection is given up; 0: S3StallDefault
	Clock      loglake.Clock // nil: time.Now
}

// S3 is a Store in Amazon S3, or in a service that speaks its protocol. A bucket is a bucket, an object an object, under
// the same key. It lacks what a Dir has: what an overwrite leaves to an open Content (see Content), and a listing's
// descriptions beyond key, size, ETag and time.
//
// What it asks of the service: strong consistency, If-None-Match: * and If-Match with PutObject, If-None-Match with
// CompleteMultipartUpload, If-Match and Range with GetObject, listings in UTF-8 byte order. docs/s3.md has it all.
type S3 struct {
	config S3Config
	client *s3.Client
	fs     disk.FS
	name   string // of the service, for messages
	cache  *rangecache.Cache
	temps  atomic.Uint64
	proven sync.Map // the buckets in which If-None-Match is known to be honoured (s3condition.go)

	uploads [64]sync.Mutex // held while an upload ends, by its id's hash
}

var _ Store = (*S3)(nil)

// NewS3 makes an S3. It asks nothing of the service yet.
func NewS3(c S3Config) (*S3, error) {
	if c.Dir == "" {
		return nil, errors.New("open S3: no folder for local copies is given")
	}
	c.Dir = filepath.Clean(c.Dir)
	if c.FS == nil {
		c.FS = disk.Real()
	}
	if c.Clock == nil {
		c.Clock = time.Now
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.Attempts == 0 {
		c.Attempts = S3AttemptsDefault
	}
	if c.BackoffMax == 0 {
		c.BackoffMax = S3BackoffDefault
	}
	if c.Stall == 0 {
		c.Stall = S3StallDefault
	}
	if c.CacheBytes == 0 {
		c.CacheBytes = CacheBytesDefault
	}
	s := &S3{config: c, fs: c.FS, name: "Amazon S3"}
	secure := true
	if c.Endpoint != "" {
		u, err := url.Parse(c.Endpoint)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
			return nil, loglake.Errorf(loglake.CodeInvalid, "%q is no S3 endpoint: it has to be a URL such as https://s3.example.net:9000", c.Endpoint)
		}
		s.name, secure = "the S3 service at "+c.Endpoint, u.Scheme == "https"
	}
	credentials, err := c.credentials()
	if err != nil {
		return nil, err
	}
	s.client = s3.New(s.options(credentials, secure))
	if err := s.clear(); err != nil {
		return nil, err
	}
	return s, s.openCache()
}

func (s *S3) options(credentials aws.CredentialsProvider, secure bool) s3.Options {
	o := s3.Options{
		Region: s.config.Region, UsePathStyle: s.config.PathStyle, Credentials: aws.NewCredentialsCache(credentials),
		AppID: "loglake", HTTPClient: newS3Transport(s.config.Stall),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.MaxBackoff = s.config.Attempts, s.config.BackoffMax
		}),
		// Checksums are given with each put by the code that knows them, and held against the bytes by content.
		RequestChecksumCalculation: aws.RequestChecksumCalculationWhenRequired, ResponseChecksumValidation: aws.ResponseChecksumValidationWhenRequired,
	}
	if s.config.Endpoint != "" {
		o.BaseEndpoint = aws.String(strings.TrimRight(s.config.Endpoint, "/"))
	}
	if secure { // TLS and the checksum protect the body; hashing it once more for the signature costs more than sending it
		o.APIOptions = append(o.APIOptions, v4.SwapComputePayloadSHA256ForUnsignedPayloadMiddleware)
	}
	return o
}

// clear makes the folder for local copies, and empties it.
func (s *S3) clear() error {
	err := s.fs.RemoveAll(s.spoolDir())
	if err == nil {
		err = s.fs.MkdirAll(s.spoolDir())
	}
	if err != nil {
		return fmt.Errorf("empty the folder for local copies of objects: %w", err)
	}
	return nil
}

func (s *S3) spoolDir() string { return filepath.Join(s.config.Dir, "spool") }

// checkKey tells whether bucket and key can be an object's.
func (s *S3) checkKey(ctx context.Context, bucket, key string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := CheckBucketName(bucket); err != nil {
		return err
	}
	if strings.HasPrefix(key, s3Reserved) {
		return fail(loglake.CodeInvalid, ErrKey, "keys that begin with %s are loglake's own in a bucket of S3", s3Reserved)
	}
	return CheckKey(key)
}
