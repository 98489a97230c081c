package s3api

import (
	"bytes"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"net/http"
	"strings"
)

// algorithm is a checksum that S3 keeps with objects.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
type algorithm struct {
	name      string // in documents and headers: "CRC32C"
	attribute string // its header, and the name under which the store keeps it
	new       func() hash.Hash
}

// typeAttribute says whether a checksum is that of all bytes or of the checksums of the parts.
const (
	typeAttribute      = "x-amz-checksum-type"
	algorithmAttribute = "x-amz-checksum-algorithm" // of an upload
	fullObject         = "FULL_OBJECT"
	composite          = "COMPOSITE"
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	nvme       = crc64.MakeTable(0x9a6c9329ac4bc9b5)
)

var algorithms = []algorithm{
	{"CRC64NVME", "x-amz-checksum-crc64nvme", func() hash.Hash { return crc64.New(nvme) }},
	{"CRC32", "x-amz-checksum-crc32", func() hash.Hash { return crc32.NewIEEE() }},
	{"CRC32C", "x-amz-checksum-crc32c", func() hash.Hash { return crc32.New(castagnoli) }},
	{"SHA1", "x-amz-checksum-sha1", sha1.New},
	{"SHA256", "x-amz-checksum-sha256", sha256.New},
}

// defaultAlgorithm is what S3 keeps where the client asked for none.
var defaultAlgorithm = &algorithms[0]

func algorithmByName(name string) *algorithm {
	for i := range algorithms {
		if strings.EqualFold(algorithms[i].name, name) {
			return &algorithms[i]
		}
	}
	return nil
}

// algorithmOf gives the algorithm of the checksum among an object's attributes; nil where there is none.
func algorithmOf(attributes map[string]string) *algorithm {
	for i := range algorithms {
		if attributes[algorithms[i].attribute] != "" {
			return &algorithms[i]
		}
	}
	return nil
}

// checksum is what a request says of its body: the sum is in a header, or comes in the trailer, or is not told.
type checksum struct {
	*algorithm
	given   bool   // the request names an algorithm
	want    string // base64; "" in the trailer, or not told
	trailer bool
	sum     hash.Hash
	request *http.Request
}

// checksum reads what a request says of the checksum of its body.
func (q *request) checksum() (*checksum, error) {
	c := &checksum{request: q.Request}
	for name, values := range q.Header {
		name = strings.ToLower(name)
		if suffix, ok := strings.CutPrefix(name, "x-amz-checksum-"); !ok || suffix == "type" || suffix == "mode" || suffix == "algorithm" {
			continue
		}
		if c.algorithm != nil {
			return nil, invalid("InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		if err := c.name(name); err != nil {
			return nil, err
		}
		c.want = values[0]
	}
	for name := range strings.SplitSeq(q.Header.Get("X-Amz-Trailer"), ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name == "" {
			continue
		}
		if c.algorithm != nil {
			return nil, invalid("InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.")
		}
		if err := c.name(name); err != nil {
			return nil, err
		}
		c.trailer = true
	}
	if c.algorithm == nil {
		if name := q.Header.Get("X-Amz-Checksum-Algorithm"); name != "" {
			if err := c.name("x-amz-checksum-" + strings.ToLower(name)); err != nil {
				return nil, err
			}
		}
	}
	c.given = c.algorithm != nil
	if !c.given {
		c.algorithm = defaultAlgorithm
	}
	c.sum = c.new()
	return c, c.checkLength()
}

func (c *checksum) name(attribute string) error {
	for i := range algorithms {
		if algorithms[i].attribute == attribute {
			c.algorithm = &algorithms[i]
			return nil
		}
	}
	return notImplemented("the checksum %s is not implemented: send CRC64NVME, CRC32, CRC32C, SHA1 or SHA256", attribute)
}

func (c *checksum) checkLength() error {
	if c.want == "" {
		return nil
	}
	if raw, err := base64.StdEncoding.DecodeString(c.want); err != nil || len(raw) != c.sum.Size() {
		return invalid("InvalidRequest", "Value for %s header is invalid.", c.attribute)
	}
	return nil
}

// reader gives r, with the checksum taken of what is read.
func (c *checksum) reader(r io.Reader) io.Reader { return io.TeeReader(r, c.sum) }

func (c *checksum) value() string { return base64.StdEncoding.EncodeToString(c.sum.Sum(nil)) }

// check compares, after the body's last byte.
func (c *checksum) check() error {
	want := c.want
	if c.trailer {
		want = c.request.Trailer.Get(c.attribute)
		if want == "" {
			return invalid("MalformedTrailerError", "The request contained trailing data that was not well-formed or did not conform to our published schema.")
		}
	}
	if want != "" && want != c.value() {
		return invalid("BadDigest", "The %s you specified did not match the calculated checksum.", c.algorithm.name)
	}
	return nil
}

// contentMD5 reads Content-MD5; nil where there is none.
func (q *request) contentMD5() ([]byte, error) {
	if _, ok := q.Header["Content-Md5"]; !ok {
		return nil, nil
	}
	sum, err := base64.StdEncoding.DecodeString(q.Header.Get("Content-Md5"))
	if err != nil || len(sum) != md5.Size {
		return nil, invalid("InvalidDigest", "The Content-MD5 you specified was invalid.")
	}
	return sum, nil
}

// checkedBody reads a request's document and holds it against its checksums.
func (q *request) checkedBody() ([]byte, error) {
	want, err := q.contentMD5()
	if err != nil {
		return nil, err
	}
	sum, err := q.checksum()
	if err != nil {
		return nil, err
	}
	body, err := q.body()
	if err != nil {
		return nil, err
	}
	_, _ = sum.sum.Write(body)
	if got := md5.Sum(body); want != nil && !bytes.Equal(got[:], want) {
		return nil, invalid("BadDigest", "The Content-MD5 you specified did not match what we received.")
	}
	return body, sum.check()
}

// readAll reads a document that is bounded by its reader.
func readAll(r io.Reader) ([]byte, error) {
	body, err := io.ReadAll(r)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return nil, invalid("MaxMessageLengthExceeded", "Your request was too big.")
	}
	return body, err
}
