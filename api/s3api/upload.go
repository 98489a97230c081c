package s3api

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/loglake/loglake/store"
)

// createUpload is CreateMultipartUpload.
func (h *Handler) createUpload(q *request) error {
	o, err := q.putOptions()
	if err != nil {
		return err
	}
	a := algorithmByName(q.Header.Get("X-Amz-Checksum-Algorithm"))
	kind := q.Header.Get("X-Amz-Checksum-Type")
	switch name := q.Header.Get("X-Amz-Checksum-Algorithm"); {
	case name != "" && a == nil:
		return notImplemented("the checksum algorithm %s is not implemented", name)
	case a == nil && kind != "":
		return invalid("InvalidRequest", "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
	case a != nil && kind == "":
		kind = composite
		if a == defaultAlgorithm {
			kind = fullObject
		}
	case a != nil && kind != fullObject && kind != composite:
		return invalid("InvalidRequest", "Value for x-amz-checksum-type header is invalid.")
	case a != nil && kind == composite && a == defaultAlgorithm, a != nil && kind == fullObject && strings.HasPrefix(a.name, "SHA"):
		return invalid("InvalidRequest", "The %s checksum type cannot be used with the %s checksum algorithm.", kind, strings.ToLower(a.name))
	}
	if a != nil {
		described := o.Attributes
		o.Attributes = func() (map[string]string, error) {
			attributes, err := described()
			attributes[algorithmAttribute], attributes[typeAttribute] = a.name, kind
			return attributes, err
		}
		q.w.Header().Set(algorithmAttribute, a.name)
		q.w.Header().Set(typeAttribute, kind)
	}
	u, err := h.Store.CreateUpload(q.Context(), q.bucket, q.key, o)
	if err != nil {
		return err
	}
	return q.xml(struct {
		XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ InitiateMultipartUploadResult"`
		Bucket   string
		Key      string
		UploadID string `xml:"UploadId"`
	}{Bucket: q.bucket, Key: q.key, UploadID: u.ID})
}

func (q *request) upload() store.UploadRef {
	return store.UploadRef{Bucket: q.bucket, Key: q.key, ID: q.query.Get("uploadId")}
}

func (q *request) partNumber() (int, error) {
	text := q.query.Get("partNumber")
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > store.PartsMax {
		return 0, invalidArgument("partNumber", text, fmt.Sprintf("Part number must be an integer between 1 and %d, inclusive", store.PartsMax))
	}
	return n, nil
}

// uploadPart is UploadPart, and UploadPartCopy where x-amz-copy-source names an object.
func (h *Handler) uploadPart(q *request) error {
	number, err := q.partNumber()
	if err != nil {
		return err
	}
	if q.Header.Get("X-Amz-Copy-Source") != "" {
		return h.uploadPartCopy(q, number)
	}
	if q.ContentLength < 0 {
		return &Error{Code: "MissingContentLength", Status: http.StatusLengthRequired, Message: "You must provide the Content-Length HTTP header."}
	}
	sum, err := q.checksum()
	if err != nil {
		return err
	}
	o := store.PutPartOptions{Check: sum.check}
	if o.MD5, err = q.contentMD5(); err != nil {
		return err
	}
	part, err := h.Store.PutPart(q.Context(), q.upload(), number, sum.reader(q.Body), o)
	if err != nil {
		return err
	}
	q.w.Header().Set("ETag", quoted(part.ETag))
	if sum.given {
		q.w.Header().Set(sum.attribute, sum.value())
	}
	q.w.WriteHeader(http.StatusOK)
	return nil
}

// uploadPartCopy is UploadPartCopy, of all of the source or of x-amz-copy-source-range.
func (h *Handler) uploadPartCopy(q *request, number int) error {
	content, from, _, err := h.source(q)
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // only read
	start, n := int64(0), from.Bytes
	if text := q.Header.Get("X-Amz-Copy-Source-Range"); text != "" {
		first, last, ok := parseRange(strings.TrimPrefix(text, "bytes="), from.Bytes)
		if !ok || !strings.HasPrefix(text, "bytes=") || first >= from.Bytes || !strings.HasSuffix(text, fmt.Sprint(last)) {
			return invalidArgument("x-amz-copy-source-range", text, fmt.Sprintf("Range specified is not valid for source object of size: %d", from.Bytes))
		}
		start, n = first, last-first+1
	}
	part, err := h.Store.PutPart(q.Context(), q.upload(), number, io.NewSectionReader(content, start, n), store.PutPartOptions{})
	if err != nil {
		return err
	}
	return q.xml(copyResult{XMLName: xml.Name{Space: namespace, Local: "CopyPartResult"}, ETag: quoted(part.ETag), LastModified: iso(part.Modified)})
}

type completion struct {
	XMLName xml.Name `xml:"CompleteMultipartUpload"`
	Parts   []struct {
		PartNumber        int
		ETag              string
		ChecksumCRC32     string
		ChecksumCRC32C    string
		ChecksumCRC64NVME string
		ChecksumSHA1      string
		ChecksumSHA256    string
	} `xml:"Part"`
}

// completeUpload is CompleteMultipartUpload. Checksums are taken while the parts are put together, and held against
// those that the request names before the object appears.
func (h *Handler) completeUpload(q *request) error {
	body, err := q.body()
	if err != nil {
		return err
	}
	var in completion
	if xml.Unmarshal(body, &in) != nil || len(in.Parts) == 0 || len(in.Parts) > store.PartsMax {
		return malformedXML()
	}
	u, err := h.Store.Upload(q.Context(), q.upload())
	if err != nil {
		return err
	}
	begun, err := u.Options.Attributes()
	if err != nil {
		return err
	}
	conditions, err := q.putOptions()
	if err != nil {
		return err
	}
	sums, err := newUploadSums(q, begun)
	if err != nil {
		return err
	}
	parts := make([]store.Part, len(in.Parts))
	for i, p := range in.Parts {
		parts[i] = store.Part{Number: p.PartNumber, ETag: strings.Trim(p.ETag, `"`)}
		sums.wanted = append(sums.wanted, map[string]string{"CRC32": p.ChecksumCRC32, "CRC32C": p.ChecksumCRC32C, "CRC64NVME": p.ChecksumCRC64NVME,
			"SHA1": p.ChecksumSHA1, "SHA256": p.ChecksumSHA256}[sums.name])
	}
	o := store.CompleteOptions{IfNoneMatch: conditions.IfNoneMatch, IfMatch: conditions.IfMatch, Tee: sums.part, Attributes: sums.attributes}
	object, err := h.Store.CompleteUpload(q.Context(), q.upload(), parts, o)
	if err != nil {
		return err
	}
	return q.xml(struct {
		XMLName  xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ CompleteMultipartUploadResult"`
		Location string
		Bucket   string
		Key      string
		ETag     string
		Checksum []xmlMember
	}{Location: "http://" + q.Host + q.URL.EscapedPath(), Bucket: q.bucket, Key: q.key, ETag: quoted(object.ETag), Checksum: checksumMembers(object.Attributes)})
}

// uploadSums takes the checksums of an upload while its parts are put together: of each part, and of all bytes.
type uploadSums struct {
	*algorithm
	kind   string   // fullObject or composite
	want   string   // of the whole, from the request's header; "" not told
	size   string   // of the whole, likewise
	wanted []string // of each part, in order; "" not told

	full  hash.Hash
	parts []hash.Hash
	bytes int64
}

func newUploadSums(q *request, begun map[string]string) (*uploadSums, error) {
	sums := &uploadSums{algorithm: algorithmByName(begun[algorithmAttribute]), kind: begun[typeAttribute], size: q.Header.Get("X-Amz-Mp-Object-Size")}
	if sums.algorithm == nil {
		sums.algorithm, sums.kind = defaultAlgorithm, fullObject
	}
	if kind := q.Header.Get("X-Amz-Checksum-Type"); kind != "" && kind != sums.kind {
		return nil, invalid("InvalidRequest", "The upload was begun with the checksum type %s, not %s.", sums.kind, kind)
	}
	sums.want = q.Header.Get(sums.attribute)
	sums.full = sums.new()
	return sums, nil
}

// part gives the writer that sees the bytes of the next part.
func (s *uploadSums) part(int) io.Writer {
	sum := s.new()
	s.parts = append(s.parts, sum)
	return io.MultiWriter(sum, s.full, (*byteCount)(&s.bytes))
}

type byteCount int64

func (n *byteCount) Write(p []byte) (int, error) {
	*n += byteCount(len(p))
	return len(p), nil
}

// attributes checks the sums and gives the one that is kept.
func (s *uploadSums) attributes() (map[string]string, error) {
	sumOfSums := s.new()
	for i, part := range s.parts {
		raw := part.Sum(nil)
		if s.wanted[i] != "" && s.wanted[i] != base64.StdEncoding.EncodeToString(raw) {
			return nil, invalid("InvalidPart", "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified checksum may not match the part's checksum.")
		}
		_, _ = sumOfSums.Write(raw)
	}
	value := base64.StdEncoding.EncodeToString(s.full.Sum(nil))
	if s.kind == composite {
		value = fmt.Sprintf("%s-%d", base64.StdEncoding.EncodeToString(sumOfSums.Sum(nil)), len(s.parts))
	}
	if s.want != "" && s.want != value && !(s.kind == composite && strings.HasPrefix(value, s.want+"-")) {
		return nil, invalid("BadDigest", "The %s you specified did not match the calculated checksum.", s.name)
	}
	if s.size != "" && s.size != strconv.FormatInt(s.bytes, 10) {
		return nil, invalid("InvalidRequest", "The provided 'x-amz-mp-object-size' header value %s does not match what was computed: %d", s.size, s.bytes)
	}
	return map[string]string{s.attribute: value, typeAttribute: s.kind}, nil
}

// abortUpload is AbortMultipartUpload.
func (h *Handler) abortUpload(q *request) error {
	if err := h.Store.AbortUpload(q.Context(), q.upload()); err != nil {
		return err
	}
	return q.noContent()
}

type partListing struct {
	XMLName              xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListPartsResult"`
	Bucket               string
	Key                  string
	UploadID             string `xml:"UploadId"`
	Initiator            owner
	Owner                owner
	StorageClass         string
	PartNumberMarker     int
	NextPartNumberMarker int
	MaxParts             int
	IsTruncated          bool
	Part                 []listedPart
}

type listedPart struct {
	PartNumber   int
	LastModified string
	ETag         string
	Size         int64
}

// listParts is ListParts.
func (h *Handler) listParts(q *request) error {
	out := partListing{Bucket: q.bucket, Key: q.key, UploadID: q.query.Get("uploadId"), Initiator: h.owner, Owner: h.owner, StorageClass: storageStandard, MaxParts: pageMax}
	for name, n := range map[string]*int{"max-parts": &out.MaxParts, "part-number-marker": &out.PartNumberMarker} {
		if text := q.query.Get(name); text != "" {
			value, err := strconv.ParseInt(text, 10, 32)
			if err != nil || value < 0 {
				return invalidArgument(name, text, "Argument "+name+" must be an integer between 0 and 2147483647")
			}
			*n = int(value)
		}
	}
	out.MaxParts = min(out.MaxParts, pageMax)
	parts, err := h.Store.ListParts(q.Context(), q.upload())
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.Number <= out.PartNumberMarker {
			continue
		}
		if len(out.Part) == out.MaxParts {
			out.IsTruncated = true
			break
		}
		out.Part = append(out.Part, listedPart{p.Number, iso(p.Modified), quoted(p.ETag), p.Bytes})
		out.NextPartNumberMarker = p.Number
	}
	return q.xml(out)
}

type uploadListing struct {
	XMLName            xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListMultipartUploadsResult"`
	Bucket             string
	KeyMarker          string
	UploadIDMarker     string `xml:"UploadIdMarker"`
	NextKeyMarker      string `xml:",omitempty"`
	NextUploadIDMarker string `xml:"NextUploadIdMarker,omitempty"`
	Prefix             string
	EncodingType       string `xml:",omitempty"`
	MaxUploads         int
	IsTruncated        bool
	Upload             []listedUpload
}

type listedUpload struct {
	Key          string
	UploadID     string `xml:"UploadId"`
	Initiator    owner
	Owner        owner
	StorageClass string
	Initiated    string
}

// listUploads is ListMultipartUploads, without delimiters.
func (h *Handler) listUploads(q *request) error {
	p, err := q.page()
	if err != nil {
		return err
	}
	if p.Delimiter != "" {
		return notImplemented("a delimiter in ListMultipartUploads is not implemented")
	}
	uploads, err := h.Store.ListUploads(q.Context(), q.bucket)
	if err != nil {
		return err
	}
	keyMarker, idMarker := q.query.Get("key-marker"), q.query.Get("upload-id-marker")
	out := uploadListing{Bucket: q.bucket, KeyMarker: p.encode(keyMarker), UploadIDMarker: idMarker, Prefix: p.encode(p.Prefix), EncodingType: p.typ, MaxUploads: p.Max}
	var last store.Upload
	passed := idMarker == "" // whether the marker was seen among the uploads of its key
	for _, u := range uploads {
		if u.Key < keyMarker || u.Key == keyMarker && (idMarker == "" || !passed) || !strings.HasPrefix(u.Key, p.Prefix) {
			passed = passed || u.Key == keyMarker && u.ID == idMarker
			continue
		}
		if len(out.Upload) == p.Max {
			out.IsTruncated = true
			out.NextKeyMarker, out.NextUploadIDMarker = p.encode(last.Key), last.ID
			break
		}
		last = u
		out.Upload = append(out.Upload, listedUpload{p.encode(u.Key), u.ID, h.owner, h.owner, storageStandard, iso(u.Begun)})
	}
	return q.xml(out)
}
