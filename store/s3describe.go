package store

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// How an object's description becomes S3's: type and encoding are the headers of these names; user metadata that an HTTP
// header can carry is S3's user metadata; all other metadata, and the attributes, are JSON in base64 in one entry of it
// that nobody sees. S3 takes 2 KB of all that.
const (
	s3Unknown  = "binary/octet-stream" // what S3 says of an object whose type nobody gave
	s3OwnMeta  = "loglake-"            // begins the entries that are ours
	s3MoreMeta = "loglake-more"        // what no header can carry
	s3PutMeta  = "loglake-put"         // an id of one call of Put, by which it knows its own work after a lost reply
)

// moreMeta is s3MoreMeta.
type moreMeta struct {
	Metadata   map[string]string `json:"m,omitempty"`
	Attributes map[string]string `json:"a,omitempty"`
}

// headerMetadata gives an object's description as user metadata of S3.
func headerMetadata(metadata, attributes map[string]string) (map[string]string, error) {
	headers := map[string]string{}
	more := moreMeta{Attributes: attributes}
	for name, value := range metadata {
		if headerName(name) && headerValue(value) {
			headers[name] = value
			continue
		}
		if more.Metadata == nil {
			more.Metadata = map[string]string{}
		}
		more.Metadata[name] = value
	}
	if len(more.Metadata) == 0 && len(more.Attributes) == 0 {
		return headers, nil
	}
	text, err := json.Marshal(more)
	if err != nil {
		return nil, fmt.Errorf("encode metadata: %w", err)
	}
	headers[s3MoreMeta] = base64.RawURLEncoding.EncodeToString(text)
	return headers, nil
}

// headerName tells whether the name of a metadata entry comes back from an HTTP header as it was.
func headerName(name string) bool {
	for _, c := range []byte(name) {
		if !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-') {
			return false
		}
	}
	return name != "" && !strings.HasPrefix(name, s3OwnMeta)
}

func headerValue(value string) bool {
	for _, c := range []byte(value) {
		if c < ' ' || c > '~' {
			return false
		}
	}
	return value != "" && value == strings.TrimSpace(value)
}

// described gives the object that an answer of the service describes.
func described(key string, out *s3.HeadObjectOutput) (Object, error) {
	o := Object{Key: key, Bytes: aws.ToInt64(out.ContentLength), ETag: bareETag(out.ETag), Modified: aws.ToTime(out.LastModified).UTC().Truncate(time.Second),
		ContentType: aws.ToString(out.ContentType), ContentEncoding: aws.ToString(out.ContentEncoding)}
	if o.ContentType == s3Unknown {
		o.ContentType = ""
	}
	var more moreMeta
	if text, ok := out.Metadata[s3MoreMeta]; ok {
		plain, err := base64.RawURLEncoding.DecodeString(text)
		if err == nil {
			err = json.Unmarshal(plain, &more)
		}
		if err != nil {
			return o, fmt.Errorf("the metadata entry %s of %s is not what loglake wrote: %w", s3MoreMeta, key, err)
		}
	}
	o.Attributes, o.Metadata = more.Attributes, more.Metadata
	for name, value := range out.Metadata {
		if strings.HasPrefix(strings.ToLower(name), s3OwnMeta) {
			continue
		}
		if o.Metadata == nil {
			o.Metadata = map[string]string{}
		}
		o.Metadata[strings.ToLower(name)] = value
	}
	return o, nil
}

// headOf gives what the answer to a GET says of the object, as that to a HEAD does.
func headOf(out *s3.GetObjectOutput) *s3.HeadObjectOutput {
	return &s3.HeadObjectOutput{ContentLength: out.ContentLength, ETag: out.ETag, LastModified: out.LastModified, ContentType: out.ContentType,
		ContentEncoding: out.ContentEncoding, Metadata: out.Metadata, ChecksumType: out.ChecksumType, ChecksumCRC32C: out.ChecksumCRC32C,
		ChecksumCRC32: out.ChecksumCRC32, ChecksumCRC64NVME: out.ChecksumCRC64NVME, ChecksumSHA1: out.ChecksumSHA1, ChecksumSHA256: out.ChecksumSHA256}
}
