package s3api

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/loglake/loglake/store"
)

// getObject is GetObject and HeadObject: conditions, one range, the headers it was stored with.
func (h *Handler) getObject(q *request) error {
	if q.query.Has("partNumber") {
		return notImplemented("reading an object by part number is not implemented: ask for a range")
	}
	content, o, err := h.Store.Get(q.Context(), q.bucket, q.key)
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // only read
	header := q.w.Header()
	header.Set("ETag", quoted(o.ETag))
	header.Set("Last-Modified", o.Modified.UTC().Format(http.TimeFormat))
	if err := readConditions(q.Header, "", o); err != nil {
		return err
	}
	from, n, err := q.byteRange(o)
	if err != nil {
		return err
	}
	q.describe(o)
	status := http.StatusOK
	if n != o.Bytes || q.Header.Get("Range") != "" && header.Get("Content-Range") != "" {
		status = http.StatusPartialContent
	} else if q.Header.Get("X-Amz-Checksum-Mode") == "ENABLED" {
		setChecksum(header, o.Attributes)
	}
	header.Set("Content-Length", strconv.FormatInt(n, 10))
	if q.Method == http.MethodHead {
		q.w.WriteHeader(status)
		return nil
	}
	if _, err := content.Seek(from, io.SeekStart); err != nil {
		return fmt.Errorf("seek in %s: %w", q.key, err)
	}
	q.w.WriteHeader(status)
	if sent, err := io.CopyN(q.w, content, n); err != nil && sent < n && q.Context().Err() == nil && h.OnError != nil {
		h.OnError(q.Request, fmt.Errorf("send %s: %w", q.key, err)) // too late for an answer; the client sees a short body
	}
	return nil
}

// keptHeaders are stored with an object as they came and given back.
var keptHeaders = []string{"Cache-Control", "Content-Disposition", "Content-Language", "Expires"}

// describe sets the headers that an object was stored with, and those that the query wants instead.
func (q *request) describe(o store.Object) {
	header := q.w.Header()
	header.Set("Accept-Ranges", "bytes")
	header.Set("Content-Type", o.ContentType)
	if o.ContentType == "" {
		header.Set("Content-Type", defaultType)
	}
	if o.ContentEncoding != "" {
		header.Set("Content-Encoding", o.ContentEncoding)
	}
	for _, name := range keptHeaders {
		if value := o.Attributes[strings.ToLower(name)]; value != "" {
			header.Set(name, value)
		}
	}
	for name, value := range o.Metadata {
		header["X-Amz-Meta-"+name] = []string{value}
	}
	for _, name := range append([]string{"Content-Type", "Content-Encoding"}, keptHeaders...) {
		if value := q.query.Get("response-" + strings.ToLower(name)); value != "" {
			header.Set(name, value)
		}
	}
}

func setChecksum(header http.Header, attributes map[string]string) {
	if a := algorithmOf(attributes); a != nil {
		header.Set(a.attribute, attributes[a.attribute])
		header.Set(typeAttribute, attributes[typeAttribute])
	}
}

// byteRange reads Range: what to send, with Content-Range set where it is a part. As S3 does, more than one range, or
// one that can't be read, means all.
func (q *request) byteRange(o store.Object) (from, n int64, err error) {
	text, ok := strings.CutPrefix(q.Header.Get("Range"), "bytes=")
	if !ok {
		return 0, o.Bytes, nil
	}
	from, to, ok := parseRange(text, o.Bytes)
	if !ok {
		return 0, o.Bytes, nil
	}
	if from >= o.Bytes {
		q.w.Header().Set("Content-Range", fmt.Sprintf("bytes */%d", o.Bytes))
		return 0, 0, &Error{Code: "InvalidRange", Status: http.StatusRequestedRangeNotSatisfiable, Message: "The requested range is not satisfiable",
			Members: []Member{{"RangeRequested", q.Header.Get("Range")}, {"ActualObjectSize", strconv.FormatInt(o.Bytes, 10)}}}
	}
	q.w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, o.Bytes))
	return from, to - from + 1, nil
}

// parseRange reads "a-b", "a-" or "-n" for something of the given size; from is size or more where nothing is in it.
func parseRange(text string, size int64) (from, to int64, ok bool) {
	first, last, ok := strings.Cut(strings.TrimSpace(text), "-")
	if !ok {
		return 0, 0, false
	}
	to = size - 1
	if first == "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n < 0 {
			return 0, 0, false
		}
		return max(0, size-n), to, true
	}
	from, err := strconv.ParseInt(first, 10, 64)
	if err != nil || from < 0 {
		return 0, 0, false
	}
	if last != "" {
		end, err := strconv.ParseInt(last, 10, 64)
		if err != nil || end < from {
			return 0, 0, false
		}
		to = min(to, end)
	}
	return from, to, true
}

// readConditions checks the conditions of a read, or with the prefix "X-Amz-Copy-Source-" of a copy's source. As RFC
// 9110 and S3 have it, If-Match goes before If-Unmodified-Since and If-None-Match before If-Modified-Since.
func readConditions(header http.Header, prefix string, o store.Object) error {
	failed := errPrecondition
	if prefix == "" {
		failed = errNotModified
	}
	modified := o.Modified.Truncate(time.Second)
	since := func(name string) (time.Time, bool) {
		t, err := http.ParseTime(header.Get(prefix + name))
		return t, err == nil
	}
	if match := header.Get(prefix + "If-Match"); match != "" {
		if !matches(match, o.ETag) {
			return errPrecondition
		}
	} else if t, ok := since("If-Unmodified-Since"); ok && modified.After(t) {
		return errPrecondition
	}
	if match := header.Get(prefix + "If-None-Match"); match != "" {
		if matches(match, o.ETag) {
			return failed
		}
	} else if t, ok := since("If-Modified-Since"); ok && !modified.After(t) {
		return failed
	}
	return nil
}

func matches(list, etag string) bool {
	for tag := range strings.SplitSeq(list, ",") {
		tag = strings.TrimSpace(tag)
		if tag == "*" || strings.Trim(strings.TrimPrefix(tag, "W/"), `"`) == etag {
			return true
		}
	}
	return false
}
