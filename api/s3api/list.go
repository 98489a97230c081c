package s3api

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/loglake/loglake/store"
)

// listing is the answer of ListObjectsV2 (KeyCount and what follows) and ListObjects (Marker).
type listing struct {
	XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
	Name                  string
	Prefix                string
	Marker                *string
	NextMarker            string `xml:",omitempty"`
	Delimiter             string `xml:",omitempty"`
	EncodingType          string `xml:",omitempty"`
	KeyCount              *int
	MaxKeys               int
	IsTruncated           bool
	ContinuationToken     *string
	NextContinuationToken string `xml:",omitempty"`
	StartAfter            string `xml:",omitempty"`
	Contents              []listedObject
	CommonPrefixes        []commonPrefix
}

type listedObject struct {
	Key               string
	LastModified      string
	ETag              string
	ChecksumAlgorithm string `xml:",omitempty"`
	ChecksumType      string `xml:",omitempty"`
	Size              int64
	StorageClass      string
	Owner             *owner
}

type commonPrefix struct{ Prefix string }

// pageQuery is what the listings have in common.
type pageQuery struct {
	store.Fold
	encode func(string) string
	typ    string // encoding-type
}

func (q *request) page() (pageQuery, error) {
	p := pageQuery{Fold: store.Fold{Prefix: q.query.Get("prefix"), Delimiter: q.query.Get("delimiter"), Max: pageMax}, encode: func(s string) string { return s }}
	switch p.typ = q.query.Get("encoding-type"); p.typ {
	case "":
	case "url":
		p.encode = func(s string) string {
			return strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(s), "+", "%20"), "%2F", "/")
		}
	default:
		return p, invalidArgument("encoding-type", p.typ, "Invalid Encoding Method specified in Request")
	}
	for _, name := range []string{"max-keys", "max-uploads"} {
		if text := q.query.Get(name); text != "" {
			n, err := strconv.ParseInt(text, 10, 32)
			if err != nil || n < 0 {
				return p, invalidArgument(name, text, "Argument "+name+" must be an integer between 0 and 2147483647")
			}
			p.Max = min(int(n), pageMax)
		}
	}
	return p, nil
}

// listObjects is ListObjectsV2, and ListObjects without list-type=2.
func (h *Handler) listObjects(q *request) error {
	p, err := q.page()
	if err != nil {
		return err
	}
	out := listing{Name: q.bucket, Prefix: p.encode(p.Prefix), Delimiter: p.encode(p.Delimiter), EncodingType: p.typ, MaxKeys: p.Max}
	v2 := q.query.Get("list-type") == "2"
	if v2 {
		p.After, err = q.startV2(&out, p.encode)
	} else {
		p.After = q.query.Get("marker")
		marker := p.encode(p.After)
		out.Marker = &marker
	}
	if err != nil {
		return err
	}
	entries, more, err := h.Store.ListFolded(q.Context(), q.bucket, p.Fold)
	if err != nil {
		return err
	}
	withOwner := !v2 || q.query.Get("fetch-owner") == "true"
	out.IsTruncated = more
	for _, entry := range entries {
		if entry.Folded {
			out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{p.encode(entry.Key)})
			continue
		}
		o := h.listed(entry.Object, withOwner)
		o.Key = p.encode(o.Key)
		out.Contents = append(out.Contents, o)
	}
	if more && len(entries) > 0 {
		last := entries[len(entries)-1].Key
		switch {
		case v2:
			out.NextContinuationToken = base64.RawURLEncoding.EncodeToString([]byte(last))
		case p.Delimiter != "":
			out.NextMarker = p.encode(last)
		}
	}
	if v2 {
		n := len(entries)
		out.KeyCount = &n
	}
	return q.xml(out)
}

// startV2 reads where a ListObjectsV2 begins; a token goes before start-after.
func (q *request) startV2(out *listing, encode func(string) string) (after string, err error) {
	after = q.query.Get("start-after")
	out.StartAfter = encode(after)
	if !q.query.Has("continuation-token") {
		return after, nil
	}
	token := q.query.Get("continuation-token")
	key, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || token == "" {
		return "", invalidArgument("continuation-token", token, "The continuation token provided is incorrect")
	}
	out.ContinuationToken = &token
	return string(key), nil
}

func (h *Handler) listed(o store.Object, withOwner bool) listedObject {
	out := listedObject{Key: o.Key, LastModified: iso(o.Modified), ETag: quoted(o.ETag), Size: o.Bytes, StorageClass: storageStandard}
	if a := algorithmOf(o.Attributes); a != nil {
		out.ChecksumAlgorithm, out.ChecksumType = a.name, o.Attributes[typeAttribute]
	}
	if withOwner {
		out.Owner = &h.owner
	}
	return out
}

type versionListing struct {
	XMLName         xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListVersionsResult"`
	Name            string
	Prefix          string
	KeyMarker       string
	VersionIDMarker string `xml:"VersionIdMarker"`
	NextKeyMarker   string `xml:",omitempty"`
	NextVersionID   string `xml:"NextVersionIdMarker,omitempty"`
	MaxKeys         int
	Delimiter       string `xml:",omitempty"`
	EncodingType    string `xml:",omitempty"`
	IsTruncated     bool
	Version         []listedVersion
	CommonPrefixes  []commonPrefix
}

type listedVersion struct {
	listedObject
	VersionID string `xml:"VersionId"`
	IsLatest  bool
}

// listVersions is ListObjectVersions of a bucket without versioning: each object is the only version of itself.
func (h *Handler) listVersions(q *request) error {
	p, err := q.page()
	if err != nil {
		return err
	}
	p.After = q.query.Get("key-marker")
	entries, more, err := h.Store.ListFolded(q.Context(), q.bucket, p.Fold)
	if err != nil {
		return err
	}
	out := versionListing{Name: q.bucket, Prefix: p.encode(p.Prefix), KeyMarker: p.encode(p.After), VersionIDMarker: q.query.Get("version-id-marker"),
		MaxKeys: p.Max, Delimiter: p.encode(p.Delimiter), EncodingType: p.typ, IsTruncated: more}
	for _, entry := range entries {
		if entry.Folded {
			out.CommonPrefixes = append(out.CommonPrefixes, commonPrefix{p.encode(entry.Key)})
			continue
		}
		v := listedVersion{listedObject: h.listed(entry.Object, true), VersionID: "null", IsLatest: true}
		v.Key = p.encode(v.Key)
		out.Version = append(out.Version, v)
	}
	if more && len(entries) > 0 {
		out.NextKeyMarker, out.NextVersionID = p.encode(entries[len(entries)-1].Key), "null"
	}
	return q.xml(out)
}

type deletion struct {
	XMLName xml.Name `xml:"Delete"`
	Quiet   bool
	Objects []struct {
		Key       string
		VersionID string `xml:"VersionId"`
		ETag      string
	} `xml:"Object"`
}

type deletionResult struct {
	XMLName xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ DeleteResult"`
	Deleted []deletedObject
	Error   []deletionError
}

type deletedObject struct {
	Key       string
	VersionID string `xml:"VersionId,omitempty"`
}

type deletionError struct {
	Key     string
	Code    string
	Message string
}

// deleteObjects is DeleteObjects.
func (h *Handler) deleteObjects(q *request) error {
	body, err := q.checkedBody()
	if err != nil {
		return err
	}
	var in deletion
	if xml.Unmarshal(body, &in) != nil || len(in.Objects) == 0 || len(in.Objects) > deletesMax {
		return malformedXML()
	}
	if err := h.hasBucket(q); err != nil {
		return err
	}
	var out deletionResult
	for _, o := range in.Objects {
		var err error
		switch {
		case o.VersionID != "" && o.VersionID != "null":
			err = &Error{Code: "NoSuchVersion", Message: "The specified version does not exist."}
		case o.ETag != "":
			err = notImplemented("deleting only a given ETag is not implemented")
		default:
			err = h.Store.Delete(q.Context(), q.bucket, o.Key)
		}
		if err != nil {
			fault := FaultOf(err)
			if fault.Code == "InternalError" && h.OnError != nil {
				h.OnError(q.Request, err)
			}
			out.Error = append(out.Error, deletionError{o.Key, fault.Code, fault.Message})
		} else if !in.Quiet {
			out.Deleted = append(out.Deleted, deletedObject{o.Key, o.VersionID})
		}
	}
	return q.xml(out)
}

// deleteObject is DeleteObject; an object that is not there is no error.
func (h *Handler) deleteObject(q *request) error {
	if q.Header.Get("If-Match") != "" {
		return notImplemented("conditional deletes are not implemented")
	}
	if err := h.Store.Delete(q.Context(), q.bucket, q.key); err != nil {
		return err
	}
	return q.noContent()
}

// body reads a request's document.
func (q *request) body() ([]byte, error) {
	return readAll(http.MaxBytesReader(q.w, q.Body, xmlBytesMax))
}
