package s3api

import (
	"encoding/base64"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/store"
)

type bucketList struct {
	XMLName           xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListAllMyBucketsResult"`
	Owner             owner
	Buckets           []bucketEntry `xml:"Buckets>Bucket"`
	ContinuationToken string        `xml:",omitempty"`
	Prefix            string        `xml:",omitempty"`
}

type bucketEntry struct {
	Name         string
	CreationDate string
	BucketRegion string
}

// listBuckets is ListBuckets, in pages where max-buckets asks for it.
func (h *Handler) listBuckets(q *request) error {
	buckets, err := h.Store.ListBuckets(q.Context())
	if err != nil {
		return err
	}
	limit := len(buckets)
	if text := q.query.Get("max-buckets"); text != "" {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > 10000 {
			return invalidArgument("max-buckets", text, "Argument maxBuckets must be an integer between 1 and 10000")
		}
	}
	after, err := base64.RawURLEncoding.DecodeString(q.query.Get("continuation-token"))
	if err != nil {
		return invalidArgument("continuation-token", q.query.Get("continuation-token"), "The continuation token provided is incorrect")
	}
	page := bucketList{Owner: h.owner, Prefix: q.query.Get("prefix")}
	for _, b := range buckets {
		if b.Name <= string(after) || !strings.HasPrefix(b.Name, page.Prefix) {
			continue
		}
		if len(page.Buckets) == limit {
			page.ContinuationToken = base64.RawURLEncoding.EncodeToString([]byte(page.Buckets[limit-1].Name))
			break
		}
		page.Buckets = append(page.Buckets, bucketEntry{b.Name, iso(b.Created), h.Home.Region})
	}
	return q.xml(page)
}

// createBucket is CreateBucket. As in S3, making a bucket that one has succeeds in us-east-1 and nowhere else.
func (h *Handler) createBucket(q *request) error {
	var c struct {
		XMLName            xml.Name `xml:"CreateBucketConfiguration"`
		LocationConstraint string
	}
	body, err := q.body()
	if err != nil {
		return err
	}
	if len(body) > 0 && xml.Unmarshal(body, &c) != nil {
		return malformedXML()
	}
	if c.LocationConstraint != "" && c.LocationConstraint != h.Home.Region {
		return invalid("IllegalLocationConstraintException", "The %s location constraint is incompatible for the region specific endpoint this request was sent to.", c.LocationConstraint)
	}
	err = h.Store.CreateBucket(q.Context(), q.bucket)
	if loglake.CodeOf(err) == loglake.CodeExists {
		if h.Home.Region != defaultRegion {
			return &Error{Code: "BucketAlreadyOwnedByYou", Status: http.StatusConflict, Message: "Your previous request to create the named bucket succeeded and you already own it."}
		}
		err = nil
	}
	if err != nil {
		return err
	}
	q.w.Header().Set("Location", "/"+q.bucket)
	q.w.WriteHeader(http.StatusOK)
	return nil
}

// hasBucket fails where the request's bucket does not exist.
func (h *Handler) hasBucket(q *request) error {
	if err := store.CheckBucketName(q.bucket); err != nil {
		return err
	}
	ok, err := h.Store.HasBucket(q.Context(), q.bucket)
	if err == nil && !ok {
		err = store.ErrNoBucket
	}
	return err
}

// headBucket is HeadBucket.
func (h *Handler) headBucket(q *request) error {
	if err := h.hasBucket(q); err != nil {
		return err
	}
	q.w.Header().Set("X-Amz-Bucket-Region", h.Home.Region)
	q.w.Header().Set("X-Amz-Access-Point-Alias", "false")
	q.w.WriteHeader(http.StatusOK)
	return nil
}

// deleteBucket is DeleteBucket.
func (h *Handler) deleteBucket(q *request) error {
	if err := h.Store.DeleteBucket(q.Context(), q.bucket); err != nil {
		return err
	}
	return q.noContent()
}

// getLocation is GetBucketLocation; us-east-1 has the empty name.
func (h *Handler) getLocation(q *request) error {
	if err := h.hasBucket(q); err != nil {
		return err
	}
	region := h.Home.Region
	if region == defaultRegion {
		region = ""
	}
	return q.xml(struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ LocationConstraint"`
		Region  string   `xml:",chardata"`
	}{Region: region})
}

// unset answers for a configuration that nobody can set, as S3 does where nobody did.
func unset(format string) operation {
	return func(h *Handler, q *request) error {
		if err := h.hasBucket(q); err != nil {
			return err
		}
		q.write(http.StatusOK, fmt.Appendf([]byte(xml.Header), format, `xmlns="`+namespace+`"`))
		return nil
	}
}

// absent is unset where S3 answers with an error.
func absent(code, message string) operation {
	return func(h *Handler, q *request) error {
		if err := h.hasBucket(q); err != nil {
			return err
		}
		return &Error{Code: code, Status: http.StatusNotFound, Message: message}
	}
}

type grant struct {
	Grantee struct {
		Namespace string `xml:"xmlns:xsi,attr"`
		Type      string `xml:"xsi:type,attr"`
		owner
	}
	Permission string
}

// getACL is GetBucketAcl and GetObjectAcl: the owner may do everything, and nobody else is known.
func (h *Handler) getACL(q *request) error {
	if err := h.exists(q); err != nil {
		return err
	}
	all := grant{Permission: "FULL_CONTROL"}
	all.Grantee.Namespace, all.Grantee.Type, all.Grantee.owner = "http://www.w3.org/2001/XMLSchema-instance", "CanonicalUser", h.owner
	return q.xml(struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ AccessControlPolicy"`
		Owner   owner
		Grants  []grant `xml:"AccessControlList>Grant"`
	}{Owner: h.owner, Grants: []grant{all}})
}

// getTagging is GetObjectTagging: no object has tags, since none can be given.
func (h *Handler) getTagging(q *request) error {
	if err := h.exists(q); err != nil {
		return err
	}
	return q.xml(struct {
		XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ Tagging"`
		TagSet  struct{}
	}{})
}

// exists fails where what the path names does not exist.
func (h *Handler) exists(q *request) error {
	if q.key == "" {
		return h.hasBucket(q)
	}
	_, err := h.Store.Stat(q.Context(), q.bucket, q.key)
	return err
}

// The names of bucket documents.
const (
	lifecycleDocument  = "lifecycle"
	transitionDocument = "transition" // the header that belongs to it
	transitionHeader   = "X-Amz-Transition-Default-Minimum-Object-Size"
	transitionDefault  = "all_storage_classes_128K"
)

// putLifecycle is PutBucketLifecycleConfiguration: kept as it came, and given back; this package acts on nothing in it.
func (h *Handler) putLifecycle(q *request) error {
	body, err := q.checkedBody()
	if err != nil {
		return err
	}
	var c struct {
		XMLName xml.Name `xml:"LifecycleConfiguration"`
		Rules   []struct {
			ID     string
			Status string
		} `xml:"Rule"`
	}
	if xml.Unmarshal(body, &c) != nil || len(c.Rules) == 0 || len(c.Rules) > 1000 {
		return malformedXML()
	}
	for _, rule := range c.Rules {
		if rule.Status != "Enabled" && rule.Status != "Disabled" {
			return malformedXML()
		}
		if len(rule.ID) > 255 {
			return invalidArgument("ID", rule.ID, "ID length should not exceed allowed limit of 255")
		}
	}
	size := q.Header.Get(transitionHeader)
	if size == "" {
		size = transitionDefault
	}
	if err := h.Store.PutDocument(q.Context(), q.bucket, transitionDocument, []byte(size)); err != nil {
		return err
	}
	if err := h.Store.PutDocument(q.Context(), q.bucket, lifecycleDocument, body); err != nil {
		return err
	}
	q.w.Header().Set(transitionHeader, size)
	q.w.WriteHeader(http.StatusOK)
	return nil
}

// getLifecycle is GetBucketLifecycleConfiguration.
func (h *Handler) getLifecycle(q *request) error {
	text, err := h.Store.Document(q.Context(), q.bucket, lifecycleDocument)
	if errors.Is(err, store.ErrNoDocument) {
		return &Error{Code: "NoSuchLifecycleConfiguration", Status: http.StatusNotFound, Message: "The lifecycle configuration does not exist", Members: []Member{{"BucketName", q.bucket}}}
	}
	if err != nil {
		return err
	}
	if size, err := h.Store.Document(q.Context(), q.bucket, transitionDocument); err == nil {
		q.w.Header().Set(transitionHeader, string(size))
	}
	q.write(http.StatusOK, text)
	return nil
}

// deleteLifecycle is DeleteBucketLifecycle.
func (h *Handler) deleteLifecycle(q *request) error {
	if err := h.Store.DeleteDocument(q.Context(), q.bucket, lifecycleDocument); err != nil {
		return err
	}
	return q.noContent()
}
