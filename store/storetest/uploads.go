package storetest

import (
	"bytes"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/store"
)

func (s *suite) documents() {
	_, err := s.Document(s.ctx, bucket, "lifecycle")
	s.fails(err, loglake.CodeNotFound, store.ErrNoDocument)
	s.ok(s.DeleteDocument(s.ctx, bucket, "lifecycle"))
	for _, text := range []string{"one", "two"} {
		s.ok(s.PutDocument(s.ctx, bucket, "lifecycle", []byte(text)))
		got, err := s.Document(s.ctx, bucket, "lifecycle")
		s.ok(err)
		s.equal("document", string(got), text)
	}
	s.ok(s.DeleteDocument(s.ctx, bucket, "lifecycle"))
	_, err = s.Document(s.ctx, bucket, "lifecycle")
	s.fails(err, loglake.CodeNotFound, store.ErrNoDocument)
	s.fails(s.PutDocument(s.ctx, bucket, "big", make([]byte, store.DocumentBytes+1)), loglake.CodeLimit, nil)
	s.fails(s.PutDocument(s.ctx, "no-bucket", "x", nil), loglake.CodeNotFound, store.ErrNoBucket)
}

func (s *suite) upload() {
	u, err := s.CreateUpload(s.ctx, bucket, "d/big", store.PutOptions{ContentType: "text/plain", Metadata: map[string]string{"k": "v"},
		Attributes: func() (map[string]string, error) { return map[string]string{"a": "1"}, nil }})
	s.ok(err)
	texts := map[int]string{1: strings.Repeat("1", store.PartBytesMin), 4: strings.Repeat("4", store.PartBytesMin+1), 9: "end"}
	var parts []store.Part
	for _, number := range []int{9, 1, 4} {
		if number == 1 { // sent before, and replaced
			_, err := s.PutPart(s.ctx, u.UploadRef, number, strings.NewReader("lost"), store.PutPartOptions{})
			s.ok(err)
		}
		p, err := s.PutPart(s.ctx, u.UploadRef, number, strings.NewReader(texts[number]), store.PutPartOptions{})
		s.ok(err)
		parts = append(parts, p)
	}
	slices.SortFunc(parts, func(a, b store.Part) int { return a.Number - b.Number })
	stored, err := s.ListParts(s.ctx, u.UploadRef)
	s.ok(err)
	for i := range stored { // the time that PutPart answers may be off, as that of Put
		stored[i].Modified = parts[i].Modified
	}
	s.equal("parts", stored, parts)
	uploads, err := s.ListUploads(s.ctx, bucket)
	s.ok(err)
	s.equal("uploads", len(uploads) == 1 && uploads[0].UploadRef == u.UploadRef, true)
	s.equal("no object yet", s.listed(), []string{})

	tees := map[int]*bytes.Buffer{}
	o, err := s.CompleteUpload(s.ctx, u.UploadRef, parts, store.CompleteOptions{
		Tee:        func(number int) io.Writer { tees[number] = new(bytes.Buffer); return tees[number] },
		Attributes: func() (map[string]string, error) { return map[string]string{"b": "2"}, nil },
	})
	s.ok(err)
	sums := md5.New()
	for _, number := range slices.Sorted(maps.Keys(texts)) {
		sum := md5.Sum([]byte(texts[number]))
		_, _ = sums.Write(sum[:])
		s.equal("seen of a part", tees[number].String() == texts[number], true)
	}
	want := store.Object{Key: "d/big", Bytes: int64(len(texts[1]) + len(texts[4]) + len(texts[9])), ETag: fmt.Sprintf("%x-3", sums.Sum(nil)), Modified: o.Modified,
		ContentType: "text/plain", Metadata: map[string]string{"k": "v"}, Attributes: map[string]string{"a": "1", "b": "2"}}
	s.sameObject("completed", o, want)
	got, err := s.Stat(s.ctx, bucket, "d/big")
	s.ok(err)
	s.sameObject("stat", got, want)
	s.equal("bytes", s.get("d/big") == texts[1]+texts[4]+texts[9], true)
	_, err = s.CompleteUpload(s.ctx, u.UploadRef, parts, store.CompleteOptions{})
	s.fails(err, loglake.CodeNotFound, store.ErrNoUpload)
	uploads, err = s.ListUploads(s.ctx, bucket)
	s.ok(err)
	s.equal("uploads", len(uploads), 0)
}

func (s *suite) uploadFails() {
	u, err := s.CreateUpload(s.ctx, bucket, "k", store.PutOptions{})
	s.ok(err)
	small, err := s.PutPart(s.ctx, u.UploadRef, 1, strings.NewReader("small"), store.PutPartOptions{})
	s.ok(err)
	last, err := s.PutPart(s.ctx, u.UploadRef, 2, strings.NewReader("last"), store.PutPartOptions{})
	s.ok(err)
	f := func(cause error, code loglake.Code, parts ...store.Part) {
		s.Helper()
		_, err := s.CompleteUpload(s.ctx, u.UploadRef, parts, store.CompleteOptions{})
		s.fails(err, code, cause)
	}
	f(store.ErrPart, loglake.CodeInvalid)
	f(store.ErrPart, loglake.CodeInvalid, store.Part{Number: 3, ETag: last.ETag})
	f(store.ErrPart, loglake.CodeInvalid, store.Part{Number: 2, ETag: small.ETag})
	f(store.ErrPartOrder, loglake.CodeInvalid, last, small)
	f(store.ErrPartOrder, loglake.CodeInvalid, small, small)
	f(store.ErrPartTooSmall, loglake.CodeInvalid, small, last)
	for _, number := range []int{0, -1, store.PartsMax + 1} {
		_, err := s.PutPart(s.ctx, u.UploadRef, number, strings.NewReader("x"), store.PutPartOptions{})
		s.fails(err, loglake.CodeInvalid, nil)
	}
	cause := errors.New("no")
	if _, err := s.PutPart(s.ctx, u.UploadRef, 3, strings.NewReader("x"), store.PutPartOptions{Check: func() error { return cause }}); !errors.Is(err, cause) {
		s.Errorf("a refused part gives %v", err)
	}
	_, err = s.PutPart(s.ctx, u.UploadRef, 3, strings.NewReader("x"), store.PutPartOptions{MD5: make([]byte, 16)})
	s.fails(err, loglake.CodeInvalid, store.ErrDigest)
	for _, ref := range []store.UploadRef{{Bucket: bucket, Key: "other", ID: u.ID}, {Bucket: bucket, Key: "k", ID: "../../x"}, {Bucket: bucket, Key: "k", ID: ""}} {
		_, err = s.PutPart(s.ctx, ref, 1, strings.NewReader("x"), store.PutPartOptions{})
		s.fails(err, loglake.CodeNotFound, store.ErrNoUpload)
		s.fails(s.AbortUpload(s.ctx, ref), loglake.CodeNotFound, store.ErrNoUpload)
	}
	s.put("k", "there")
	_, err = s.CompleteUpload(s.ctx, u.UploadRef, []store.Part{last}, store.CompleteOptions{IfNoneMatch: true})
	s.fails(err, loglake.CodeExists, store.ErrPrecondition)
	s.ok(s.AbortUpload(s.ctx, u.UploadRef))
	s.fails(s.AbortUpload(s.ctx, u.UploadRef), loglake.CodeNotFound, store.ErrNoUpload)
	_, err = s.ListParts(s.ctx, u.UploadRef)
	s.fails(err, loglake.CodeNotFound, store.ErrNoUpload)
	s.equal("bytes", s.get("k"), "there")
}
