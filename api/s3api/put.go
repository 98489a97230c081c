package s3api

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/loglake/loglake/store"
)

// putObject is PutObject, and CopyObject where x-amz-copy-source names an object.
func (h *Handler) putObject(q *request) error {
	if q.query.Has("partNumber") {
		return invalidArgument("partNumber", q.query.Get("partNumber"), "This operation needs an uploadId")
	}
	if q.Header.Get("X-Amz-Copy-Source") != "" {
		return h.copyObject(q)
	}
	if q.ContentLength < 0 {
		return &Error{Code: "MissingContentLength", Status: http.StatusLengthRequired, Message: "You must provide the Content-Length HTTP header."}
	}
	if q.ContentLength > store.PutBytesMax {
		return store.ErrTooLarge
	}
	o, err := q.putOptions()
	if err != nil {
		return err
	}
	if o.MD5, err = q.contentMD5(); err != nil {
		return err
	}
	sum, err := q.checksum()
	if err != nil {
		return err
	}
	described := o.Attributes
	o.Attributes = func() (map[string]string, error) {
		if err := sum.check(); err != nil {
			return nil, err
		}
		return withChecksum(described, sum.algorithm, sum.value(), fullObject)
	}
	object, err := h.Store.Put(q.Context(), q.bucket, q.key, sum.reader(q.Body), o)
	if err != nil {
		return err
	}
	q.w.Header().Set("ETag", quoted(object.ETag))
	setChecksum(q.w.Header(), object.Attributes)
	q.w.WriteHeader(http.StatusOK)
	return nil
}

func withChecksum(described func() (map[string]string, error), a *algorithm, value, kind string) (map[string]string, error) {
	attributes, err := described()
	if err == nil {
		attributes[a.attribute], attributes[typeAttribute] = value, kind
	}
	return attributes, err
}

// putOptions reads how an object is to be stored: conditions, headers, metadata.
func (q *request) putOptions() (store.PutOptions, error) {
	o := store.PutOptions{ContentType: q.Header.Get("Content-Type"), ContentEncoding: q.Header.Get("Content-Encoding")}
	o.IfMatch = strings.Trim(q.Header.Get("If-Match"), `"`)
	switch none := q.Header.Get("If-None-Match"); none {
	case "":
	case "*":
		o.IfNoneMatch = true
	default:
		return o, notImplemented("A header you provided implies functionality that is not implemented: If-None-Match %s; only * is", none)
	}
	size := 0
	for name, values := range q.Header {
		if name, ok := strings.CutPrefix(strings.ToLower(name), "x-amz-meta-"); ok {
			if o.Metadata == nil {
				o.Metadata = map[string]string{}
			}
			o.Metadata[name] = strings.Join(values, ",")
			size += len(name) + len(o.Metadata[name])
		}
	}
	if size > metadataBytesMax {
		return o, invalid("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size of %d bytes.", metadataBytesMax)
	}
	kept := map[string]string{}
	for _, name := range keptHeaders {
		if value := q.Header.Get(name); value != "" {
			kept[strings.ToLower(name)] = value
		}
	}
	o.Attributes = func() (map[string]string, error) { return kept, nil }
	return o, nil
}

// source opens what x-amz-copy-source names, its conditions checked. The caller closes the content.
func (h *Handler) source(q *request) (store.Content, store.Object, string, error) {
	text, version, _ := strings.Cut(q.Header.Get("X-Amz-Copy-Source"), "?versionId=")
	path, err := url.PathUnescape(text)
	bucket, key, ok := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if err != nil || !ok || key == "" {
		return nil, store.Object{}, "", invalidArgument("x-amz-copy-source", text, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	if version != "" && version != "null" {
		return nil, store.Object{}, "", &Error{Code: "NoSuchVersion", Status: http.StatusNotFound, Message: "The specified version does not exist."}
	}
	content, o, err := h.Store.Get(q.Context(), bucket, key)
	if err != nil {
		return nil, o, "", err
	}
	if err := readConditions(q.Header, "X-Amz-Copy-Source-", o); err != nil {
		_ = content.Close()
		return nil, o, "", err
	}
	return content, o, bucket, nil
}

// copyResult is the answer of CopyObject and UploadPartCopy. Checksums are members named "ChecksumCRC32" and so on.
type copyResult struct {
	XMLName      xml.Name
	ETag         string
	LastModified string
	Checksum     []xmlMember
}

func checksumMembers(attributes map[string]string) []xmlMember {
	a := algorithmOf(attributes)
	if a == nil {
		return nil
	}
	return []xmlMember{{xml.Name{Local: "Checksum" + a.name}, attributes[a.attribute]}, {xml.Name{Local: "ChecksumType"}, attributes[typeAttribute]}}
}

// copyObject is CopyObject of at most 5 GiB: bytes and, as the metadata directive says, the source's description or
// the request's.
func (h *Handler) copyObject(q *request) error {
	o, err := q.putOptions()
	if err != nil {
		return err
	}
	directive := q.Header.Get("X-Amz-Metadata-Directive")
	if directive != "" && directive != "COPY" && directive != "REPLACE" {
		return invalidArgument("x-amz-metadata-directive", directive, "Unknown metadata directive.")
	}
	content, from, bucket, err := h.source(q)
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // only read
	if from.Bytes > store.PutBytesMax {
		return invalid("InvalidRequest", "The specified copy source is larger than the maximum allowable size for a copy source: %d", int64(store.PutBytesMax))
	}
	if directive != "REPLACE" {
		if bucket == q.bucket && from.Key == q.key {
			return invalid("InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
		}
		o = describedAs(o, from)
	}
	sum, err := q.copySum(from)
	if err != nil {
		return err
	}
	described := o.Attributes
	o.Attributes = func() (map[string]string, error) {
		return withChecksum(described, sum.algorithm, sum.value(), fullObject)
	}
	object, err := h.Store.Put(q.Context(), q.bucket, q.key, sum.reader(io.LimitReader(content, from.Bytes)), o)
	if err != nil {
		return err
	}
	return q.xml(copyResult{XMLName: xml.Name{Space: namespace, Local: "CopyObjectResult"}, ETag: quoted(object.ETag), LastModified: iso(object.Modified),
		Checksum: checksumMembers(object.Attributes)})
}

// copySum takes the checksum that the request asks for, or else one of the kind that the source has.
func (q *request) copySum(from store.Object) (*checksum, error) {
	sum, err := q.checksum()
	if err != nil {
		return nil, err
	}
	if a := algorithmOf(from.Attributes); a != nil && !sum.given {
		sum.algorithm, sum.sum = a, a.new()
	}
	return sum, nil
}

// describedAs gives o with the description of another object.
func describedAs(o store.PutOptions, from store.Object) store.PutOptions {
	o.ContentType, o.ContentEncoding, o.Metadata = from.ContentType, from.ContentEncoding, from.Metadata
	kept := map[string]string{}
	for _, name := range keptHeaders {
		if value := from.Attributes[strings.ToLower(name)]; value != "" {
			kept[strings.ToLower(name)] = value
		}
	}
	o.Attributes = func() (map[string]string, error) { return kept, nil }
	return o
}
