// Package s3api is the S3 face of a store: an http.Handler that speaks S3's REST protocol.
//
// It is written directly over package store, not over rclone's gofakes3: that one reads every part of an upload into
// memory (up to 5 GiB), drops the trailing checksums that today's SDKs send by default without looking at them, and
// could not hand a condition down to the rename that has to honour it. Here bodies stream both ways, checksums are
// verified before an object appears and kept with it, and conditions are the store's.
//
// What is not built is answered NotImplemented and never with a success: versioning, tags of objects, ACLs other than the
// owner's, policies, encryption by header or by a key of one's own, storage classes, object lock, website, replication.
// Reading the configuration of such a thing answers as S3 does where it was never set. What holds here whatever is
// set (configuration.go) is kept and given back. Signatures are checked in front (package sigv4, which also undoes
// aws-chunked bodies and fills Request.Trailer).
//
// Where to start: routes below lists the operations; each file has those of its name.
//
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
package s3api

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/store"
)

const (
	xmlBytesMax      = 8 << 20 // of a request's document; 1000 keys of 1024 bytes, all escaped, are 6 MB
	metadataBytesMax = 2 << 10 // of a user's metadata, names and values
	pageMax          = 1000    // entries of a listing
	deletesMax       = 1000    // keys of one DeleteObjects

	namespace       = "http://s3.amazonaws.com/doc/2006-03-01/"
	defaultType     = "binary/octet-stream"
	timeFormat      = "2006-01-02T15:04:05.000Z"
	defaultRegion   = "us-east-1" // has no location constraint, and takes CreateBucket of a bucket that is there
	storageStandard = "STANDARD"
)

// Config says what a Handler serves.
type Config struct {
	Store store.Store
	Home  loglake.Home
	// OnError is told of failures whose text is kept from the client. Nil: nobody is told.
	OnError func(r *http.Request, err error)
}

// Handler is the http.Handler of the S3 face.
type Handler struct {
	Config
	owner owner
}

// New makes a Handler.
func New(c Config) *Handler {
	sum := sha256.Sum256([]byte(c.Home.Account))
	return &Handler{Config: c, owner: owner{ID: hex.EncodeToString(sum[:]), DisplayName: c.Home.Account}}
}

type owner struct {
	ID          string
	DisplayName string
}

// objectBytes is the memory that an object takes on its way to the disk, whatever its size.
const objectBytes = 256 << 10

// BodyBytes gives the memory that the body of r may take.
func BodyBytes(r *http.Request) int64 {
	query := r.URL.Query()
	if r.Method == http.MethodPut && (len(query) == 0 || query.Has("partNumber") || query.Get("x-id") == "PutObject") {
		return objectBytes
	}
	return xmlBytesMax
}

// request is one request on its way through an operation.
type request struct {
	*http.Request
	w           http.ResponseWriter
	id          string
	bucket, key string
	query       url.Values
}

type operation func(h *Handler, q *request) error

// routes are the operations by method, whether the path names the service, a bucket or an object, and sub-resource.
var routes = map[string]operation{
	"GET service":  (*Handler).listBuckets,
	"HEAD service": (*Handler).listBuckets,

	"PUT bucket":                (*Handler).createBucket,
	"HEAD bucket":               (*Handler).headBucket,
	"DELETE bucket":             (*Handler).deleteBucket,
	"GET bucket":                (*Handler).listObjects,
	"GET bucket versions":       (*Handler).listVersions,
	"POST bucket delete":        (*Handler).deleteObjects,
	"GET bucket location":       (*Handler).getLocation,
	"GET bucket uploads":        (*Handler).listUploads,
	"PUT bucket lifecycle":      (*Handler).putLifecycle,
	"GET bucket lifecycle":      (*Handler).getLifecycle,
	"DELETE bucket lifecycle":   (*Handler).deleteLifecycle,
	"GET bucket acl":            (*Handler).getACL,
	"GET object acl":            (*Handler).getACL,
	"GET object tagging":        (*Handler).getTagging,
	"GET object":                (*Handler).getObject,
	"HEAD object":               (*Handler).getObject,
	"PUT object":                (*Handler).putObject,
	"DELETE object":             (*Handler).deleteObject,
	"POST object uploads":       (*Handler).createUpload,
	"PUT object uploadId":       (*Handler).uploadPart,
	"GET object uploadId":       (*Handler).listParts,
	"POST object uploadId":      (*Handler).completeUpload,
	"DELETE object uploadId":    (*Handler).abortUpload,
	"GET bucket versioning":     unset("<VersioningConfiguration %s/>"),
	"GET bucket notification":   unset("<NotificationConfiguration %s/>"),
	"GET bucket logging":        unset("<BucketLoggingStatus %s/>"),
	"GET bucket accelerate":     unset("<AccelerateConfiguration %s/>"),
	"GET bucket requestPayment": unset("<RequestPaymentConfiguration %s><Payer>BucketOwner</Payer></RequestPaymentConfiguration>"),
	"GET bucket policy":         absent("NoSuchBucketPolicy", "The bucket policy does not exist"),
	"GET bucket cors":           absent("NoSuchCORSConfiguration", "The CORS configuration does not exist"),
	"GET bucket website":        absent("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"),
	"GET bucket replication":    absent("ReplicationConfigurationNotFoundError", "The replication configuration was not found"),
	"GET bucket object-lock":    absent("ObjectLockConfigurationNotFoundError", "Object Lock configuration does not exist for this bucket"),

	"PUT bucket encryption":           encryptionConfiguration.set,
	"GET bucket encryption":           encryptionConfiguration.get,
	"DELETE bucket encryption":        encryptionConfiguration.remove,
	"PUT bucket publicAccessBlock":    publicAccessConfiguration.set,
	"GET bucket publicAccessBlock":    publicAccessConfiguration.get,
	"DELETE bucket publicAccessBlock": publicAccessConfiguration.remove,
	"PUT bucket ownershipControls":    ownershipConfiguration.set,
	"GET bucket ownershipControls":    ownershipConfiguration.get,
	"DELETE bucket ownershipControls": ownershipConfiguration.remove,
	"PUT bucket tagging":              taggingConfiguration.set,
	"GET bucket tagging":              taggingConfiguration.get,
	"DELETE bucket tagging":           taggingConfiguration.remove,
}

// subResources are the query parameters that make a request another operation.
var subResources = []string{"accelerate", "acl", "analytics", "attributes", "cors", "delete", "encryption", "intelligent-tiering", "inventory",
	"legal-hold", "lifecycle", "location", "logging", "metadataConfiguration", "metadataTable", "metrics", "notification", "object-lock",
	"ownershipControls", "policy", "policyStatus", "publicAccessBlock", "renameObject", "replication", "requestPayment", "restore",
	"retention", "select", "session", "tagging", "torrent", "uploadId", "uploads", "versioning", "versions", "website"}

// refusedHeaders ask for what is not built; accepting one of their requests would be a promise not kept. A value that
// changes nothing passes.
var refusedHeaders = map[string]string{
	"X-Amz-Server-Side-Encryption": "", "X-Amz-Server-Side-Encryption-Customer-Algorithm": "", "X-Amz-Tagging": "", "X-Amz-Website-Redirect-Location": "",
	"X-Amz-Object-Lock-Mode": "", "X-Amz-Object-Lock-Legal-Hold": "", "X-Amz-Bucket-Object-Lock-Enabled": "false", "X-Amz-Write-Offset-Bytes": "",
	"X-Amz-Storage-Class": storageStandard, "X-Amz-Grant-Full-Control": "", "X-Amz-Grant-Read": "", "X-Amz-Grant-Read-Acp": "", "X-Amz-Grant-Write": "", "X-Amz-Grant-Write-Acp": "",
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	q := &request{Request: r, w: w, id: strings.ToUpper(strings.ReplaceAll(uuid.NewString(), "-", "")[:16]), query: r.URL.Query()}
	q.bucket, q.key = address(r.Host, r.URL.Path)
	w.Header().Set("X-Amz-Request-Id", q.id)
	w.Header().Set("X-Amz-Id-2", q.id)
	op, err := route(q)
	if err == nil {
		err = h.permit(q)
	}
	if err == nil {
		err = op(h, q)
	}
	if err != nil {
		h.fail(q, err)
	}
}

// address gives the bucket and key that a request is for. Any host is path style, but for BUCKET.localhost and
// BUCKET.s3.localhost: clients that are not told otherwise put the bucket there, many systems resolve these names to
// themselves, and an object put to "/key" must not become a bucket of that name.
func address(host, path string) (bucket, key string) {
	path = strings.TrimPrefix(path, "/")
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	if label, ok := strings.CutSuffix(host, ".localhost"); ok && label != "s3" {
		label = strings.TrimSuffix(label, ".s3")
		if store.CheckBucketName(label) == nil {
			return label, path
		}
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

func route(q *request) (operation, error) {
	name := q.Method + " object"
	switch {
	case q.bucket == "":
		name = q.Method + " service"
	case q.key == "":
		name = q.Method + " bucket"
	}
	for _, sub := range subResources {
		if q.query.Has(sub) {
			name += " " + sub
		}
	}
	if op, ok := routes[name]; ok {
		return op, nil
	}
	if q.Method == http.MethodHead && q.query.Has("uploadId") || q.Method == http.MethodPatch {
		return nil, &Error{Code: "MethodNotAllowed", Status: http.StatusMethodNotAllowed, Message: "The specified method is not allowed against this resource."}
	}
	return nil, notImplemented("%s is not implemented", name)
}

// permit refuses what no operation may do.
func (h *Handler) permit(q *request) error {
	for name, harmless := range refusedHeaders {
		if value := q.Header.Get(name); value != "" && value != harmless {
			return notImplemented("the header %s: %s is not implemented", strings.ToLower(name), value)
		}
	}
	switch acl := q.Header.Get("X-Amz-Acl"); acl {
	case "", "private", "bucket-owner-full-control", "bucket-owner-read":
	default:
		return notImplemented("the access control list %q is not implemented", acl)
	}
	for _, name := range []string{"X-Amz-Expected-Bucket-Owner", "X-Amz-Source-Expected-Bucket-Owner"} {
		if want := q.Header.Get(name); want != "" && want != h.Home.Account {
			return &Error{Code: "AccessDenied", Status: http.StatusForbidden, Message: "Access Denied"}
		}
	}
	if version := q.query.Get("versionId"); version != "" && version != "null" {
		return &Error{Code: "NoSuchVersion", Status: http.StatusNotFound, Message: "The specified version does not exist."}
	}
	return nil
}

// xml answers a document.
func (q *request) xml(v any) error {
	text, err := xml.Marshal(v)
	if err != nil {
		return fmt.Errorf("marshal the answer: %w", err)
	}
	q.write(http.StatusOK, append([]byte(xml.Header), text...))
	return nil
}

func (q *request) write(status int, body []byte) {
	q.w.Header().Set("Content-Type", "application/xml")
	q.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	q.w.WriteHeader(status)
	if q.Method != http.MethodHead {
		_, _ = q.w.Write(body) // a client that is gone needs no answer
	}
}

// noContent answers without a body.
func (q *request) noContent() error {
	q.w.WriteHeader(http.StatusNoContent)
	return nil
}

func quoted(etag string) string { return `"` + etag + `"` }

func iso(t time.Time) string { return t.UTC().Format(timeFormat) }
