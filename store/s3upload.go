package store

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/loglake/loglake"
)

// An upload by others is a folder of objects below s3Reserved: upload.json, as in a Dir, and one object per part. S3's
// own uploads show nobody the bytes of a part before they are an object, as CompleteOptions.Tee does, and take the
// description before the bytes. They are what makes the object of the parts in the end, within the service.
const s3Uploads = s3Reserved + "uploads/"

func uploadKey(id, name string) string { return s3Uploads + id + "/" + name }

// CreateUpload begins an upload.
func (s *S3) CreateUpload(ctx context.Context, bucket, key string, o PutOptions) (Upload, error) {
	if err := s.checkKey(ctx, bucket, key); err != nil {
		return Upload{}, err
	}
	u := Upload{UploadRef: UploadRef{bucket, key, uuid.NewString()}, Begun: s.config.Clock().UTC(), Options: o}
	file := uploadFile{Key: key, Begun: u.Begun, ContentType: o.ContentType, ContentEncoding: o.ContentEncoding, Metadata: o.Metadata}
	var err error
	if o.Attributes != nil {
		if file.Attributes, err = o.Attributes(); err != nil {
			return Upload{}, err
		}
	}
	text, err := json.Marshal(file)
	if err != nil {
		return Upload{}, fmt.Errorf("begin an upload of %s to bucket %s: %w", key, bucket, err)
	}
	b, err := s.spool(ctx, bytes.NewReader(text))
	if err != nil {
		return Upload{}, err
	}
	defer b.discard()
	_, err = s.putSpool(ctx, bucket, Object{Key: uploadKey(u.ID, "upload.json")}, b, condition{})
	return u, err
}

// Upload gives what CreateUpload began.
func (s *S3) Upload(ctx context.Context, ref UploadRef) (Upload, error) {
	if err := CheckBucketName(ref.Bucket); err != nil {
		return Upload{}, err
	}
	if uuid.Validate(ref.ID) != nil { // it becomes part of a key
		return Upload{}, noUpload(ref)
	}
	u, err := s.readUpload(ctx, ref.Bucket, ref.ID)
	if errors.Is(err, ErrNoObject) || err == nil && u.Key != ref.Key {
		return Upload{}, noUpload(ref)
	}
	return u, err
}

func (s *S3) readUpload(ctx context.Context, bucket, id string) (Upload, error) {
	content, _, err := s.open(ctx, bucket, uploadKey(id, "upload.json"))
	if err != nil {
		return Upload{}, err
	}
	defer content.Close() //nolint:errcheck // only read
	text, err := io.ReadAll(io.LimitReader(content, DocumentBytes))
	var file uploadFile
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil {
		return Upload{}, fmt.Errorf("read upload %s: %w", id, err)
	}
	o := PutOptions{ContentType: file.ContentType, ContentEncoding: file.ContentEncoding, Metadata: file.Metadata,
		Attributes: func() (map[string]string, error) { return file.Attributes, nil }}
	return Upload{UploadRef: UploadRef{bucket, file.Key, id}, Begun: file.Begun, Options: o}, nil
}

// PutPart stores a part.
func (s *S3) PutPart(ctx context.Context, ref UploadRef, number int, r io.Reader, o PutPartOptions) (Part, error) {
	if _, err := s.Upload(ctx, ref); err != nil {
		return Part{}, err
	}
	if number < 1 || number > PartsMax {
		return Part{}, loglake.Errorf(loglake.CodeInvalid, "part numbers are 1 to %d, not %d", PartsMax, number)
	}
	b, err := s.spool(ctx, r)
	if err != nil {
		return Part{}, fmt.Errorf("put part %d: %w", number, err)
	}
	defer b.discard()
	if err := checkMD5(o.MD5, b.md5); err != nil {
		return Part{}, err
	}
	if o.Check != nil {
		if err := o.Check(); err != nil {
			return Part{}, err
		}
	}
	part := Part{Number: number, ETag: hex.EncodeToString(b.md5.Sum(nil)), Bytes: b.bytes}
	stored, err := s.putSpool(ctx, ref.Bucket, Object{Key: uploadKey(ref.ID, partName(part))}, b, condition{})
	if err != nil {
		return Part{}, err
	}
	part.Modified = stored.Modified
	parts, err := s.storedParts(ctx, ref, number)
	if err != nil {
		return Part{}, err
	}
	for _, old := range parts {
		if old.ETag != part.ETag {
			if err := s.remove(ctx, ref.Bucket, uploadKey(ref.ID, partName(old.Part))); err != nil {
				return Part{}, err
			}
		}
	}
	return part, nil
}

// s3Part is a part, and the object that holds it.
type s3Part struct {
	Part
	object Object
}

// storedParts lists the parts of an upload, of one number where that is not 0.
func (s *S3) storedParts(ctx context.Context, ref UploadRef, number int) ([]s3Part, error) {
	prefix := uploadKey(ref.ID, "")
	if number != 0 {
		prefix = uploadKey(ref.ID, fmt.Sprintf("%05d-", number))
	}
	var parts []s3Part
	for after, more := "", true; more; {
		var page []Entry
		var err error
		if page, more, err = s.page(ctx, ref.Bucket, Fold{Prefix: prefix, After: after, Max: s3PageMax}); err != nil {
			return nil, err
		}
		for _, e := range page {
			after = e.Key
			numberText, etag, ok := strings.Cut(strings.TrimPrefix(e.Key, uploadKey(ref.ID, "")), "-")
			n, err := strconv.Atoi(numberText)
			if ok && err == nil && isMD5(etag) {
				parts = append(parts, s3Part{Part{Number: n, ETag: etag, Bytes: e.Bytes, Modified: e.Modified}, e.Object})
			}
		}
	}
	return parts, nil
}

// newestParts leaves one part for each number, by number.
func newestParts(parts []s3Part) []s3Part {
	slices.SortFunc(parts, func(a, b s3Part) int {
		if a.Number != b.Number {
			return a.Number - b.Number
		}
		return b.Modified.Compare(a.Modified)
	})
	return slices.CompactFunc(parts, func(a, b s3Part) bool { return a.Number == b.Number })
}

// ListParts gives the parts stored so far.
func (s *S3) ListParts(ctx context.Context, ref UploadRef) ([]Part, error) {
	if _, err := s.Upload(ctx, ref); err != nil {
		return nil, err
	}
	stored, err := s.storedParts(ctx, ref, 0)
	if err != nil {
		return nil, err
	}
	return plainParts(newestParts(stored)), nil
}

func plainParts(stored []s3Part) []Part {
	parts := make([]Part, len(stored))
	for i := range stored {
		parts[i] = stored[i].Part
	}
	return parts
}

// ListUploads gives the uploads that were begun and not ended, with one request for each.
func (s *S3) ListUploads(ctx context.Context, bucket string) ([]Upload, error) {
	if err := CheckBucketName(bucket); err != nil {
		return nil, err
	}
	var uploads []Upload
	for after, more := "", true; more; {
		var page []Entry
		var err error
		if page, more, err = s.page(ctx, bucket, Fold{Prefix: s3Uploads, After: after, Delimiter: "/", Max: s3PageMax}); err != nil {
			return nil, err
		}
		for _, e := range page {
			after = behind(e)
			u, err := s.readUpload(ctx, bucket, strings.Trim(strings.TrimPrefix(e.Key, s3Uploads), "/"))
			if errors.Is(err, ErrNoObject) { // ended since
				continue
			}
			if err != nil {
				return nil, err
			}
			uploads = append(uploads, u)
		}
	}
	slices.SortFunc(uploads, byKeyThenBegin)
	return uploads, nil
}

// CompleteUpload shows the parts to o.Tee, and has the service put them together.
func (s *S3) CompleteUpload(ctx context.Context, ref UploadRef, parts []Part, o CompleteOptions) (Object, error) {
	defer lockOne(s.uploads[:], ref.ID)()
	u, err := s.Upload(ctx, ref)
	if err != nil {
		return Object{}, err
	}
	stored, err := s.storedParts(ctx, ref, 0)
	if err != nil {
		return Object{}, err
	}
	stored = newestParts(stored)
	checked, err := matchParts(ref, parts, plainParts(stored))
	if err != nil {
		return Object{}, err
	}
	object := Object{Key: ref.Key, ContentType: u.Options.ContentType, ContentEncoding: u.Options.ContentEncoding, Metadata: u.Options.Metadata}
	var chosen []s3Part
	for _, part := range checked {
		i := slices.IndexFunc(stored, func(p s3Part) bool { return p.Number == part.Number })
		chosen = append(chosen, stored[i])
		object.Bytes += part.Bytes
		if err := s.show(ctx, ref.Bucket, stored[i], o); err != nil {
			return Object{}, fmt.Errorf("complete upload %s: part %d: %w", ref.ID, part.Number, err)
		}
	}
	if object.Attributes, err = u.attributes(o); err != nil {
		return Object{}, err
	}
	if object, err = s.assemble(ctx, ref.Bucket, object, chosen, condition{o.IfNoneMatch, o.IfMatch}); err != nil {
		return Object{}, err
	}
	return object, s.endUpload(ctx, ref)
}

// show lets the caller of CompleteUpload see the bytes of a part.
func (s *S3) show(ctx context.Context, bucket string, part s3Part, o CompleteOptions) error {
	if o.Tee == nil {
		return nil
	}
	content, _, err := s.open(ctx, bucket, part.object.Key)
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // only read
	sum := md5.New()
	if _, err := io.CopyBuffer(io.MultiWriter(sum, o.Tee(part.Number)), content, make([]byte, copyBytes)); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != part.ETag {
		return errors.New("it is damaged: it has another MD5 than when it was stored")
	}
	return nil
}

// assemble has the service make one object of the objects that are parts.
func (s *S3) assemble(ctx context.Context, bucket string, object Object, parts []s3Part, c condition) (Object, error) {
	m, err := s.beginMultipart(ctx, bucket, object)
	if err != nil {
		return Object{}, s.failed(ctx, "put", bucket, object.Key, err)
	}
	m.grow(len(parts))
	for i, part := range parts {
		if part.Bytes == 0 { // there is nothing to copy, and S3 says so
			sum := md5.Sum(nil)
			err = m.put(ctx, i+1, io.NewSectionReader(strings.NewReader(""), 0, 0), sum[:])
		} else {
			err = m.copy(ctx, i+1, part.object)
		}
		if err != nil {
			return Object{}, s.failed(ctx, "put", bucket, object.Key, m.abandon(ctx, err))
		}
	}
	if c.ifMatch == "*" {
		there, err := s.Stat(ctx, bucket, object.Key)
		if err != nil {
			return Object{}, m.abandon(ctx, err)
		}
		c.ifMatch = there.ETag
	}
	done, err := m.complete(ctx, c)
	if err == nil {
		return done, nil
	}
	err = m.abandon(ctx, err)
	if code, _ := s3Code(err); code == s3Precondition {
		there, statErr := s.Stat(ctx, bucket, object.Key)
		if statErr != nil && !errors.Is(statErr, ErrNoObject) {
			return Object{}, statErr
		}
		if refused := c.check(bucket, object.Key, there, statErr == nil); refused != nil {
			return Object{}, refused
		}
	}
	return Object{}, s.failed(ctx, "put", bucket, object.Key, err)
}

// AbortUpload ends an upload without an object.
func (s *S3) AbortUpload(ctx context.Context, ref UploadRef) error {
	defer lockOne(s.uploads[:], ref.ID)()
	if _, err := s.Upload(ctx, ref); err != nil {
		return err
	}
	return s.endUpload(ctx, ref)
}

// endUpload removes what an upload is in the bucket: first what makes it one.
func (s *S3) endUpload(ctx context.Context, ref UploadRef) error {
	if err := s.remove(ctx, ref.Bucket, uploadKey(ref.ID, "upload.json")); err != nil {
		return err
	}
	parts, err := s.storedParts(ctx, ref, 0)
	for _, part := range parts {
		err = errors.Join(err, s.remove(ctx, ref.Bucket, part.object.Key))
	}
	return err
}
