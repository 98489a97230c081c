package store

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
)

// An upload is a directory named by its id with upload.json and one file per part, "00001-<MD5>". It ends by being
// moved to tmp/, in one step.

// uploadFile is upload.json.
type uploadFile struct {
	Key             string
	Begun           time.Time
	ContentType     string            `json:",omitempty"`
	ContentEncoding string            `json:",omitempty"`
	Metadata        map[string]string `json:",omitempty"`
	Attributes      map[string]string `json:",omitempty"`
}

func (d *Dir) uploadDir(ref UploadRef) string { return d.ownOf(ref.Bucket, "uploads", ref.ID) }

// CreateUpload begins an upload.
func (d *Dir) CreateUpload(ctx context.Context, bucket, key string, o PutOptions) (Upload, error) {
	if err := d.check(ctx, bucket, key); err != nil {
		return Upload{}, err
	}
	u := Upload{UploadRef: UploadRef{bucket, key, uuid.NewString()}, Begun: d.clock().UTC(), Options: o}
	file := uploadFile{Key: key, Begun: u.Begun, ContentType: o.ContentType, ContentEncoding: o.ContentEncoding, Metadata: o.Metadata}
	var err error
	if o.Attributes != nil {
		if file.Attributes, err = o.Attributes(); err != nil {
			return Upload{}, err
		}
	}
	text, err := json.Marshal(file)
	if err == nil {
		err = disk.MkdirAllDurable(d.fs, d.uploadDir(u.UploadRef))
	}
	if err == nil {
		err = disk.WriteFile(d.fs, filepath.Join(d.uploadDir(u.UploadRef), "upload.json"), text)
	}
	if err != nil {
		return Upload{}, fmt.Errorf("begin an upload of %s to bucket %s: %w", key, bucket, err)
	}
	return u, nil
}

func noUpload(ref UploadRef) error {
	return fail(loglake.CodeNotFound, ErrNoUpload, "there is no upload %q of %q: it was completed or aborted, or never begun", ref.ID, ref.Key)
}

// Upload gives what CreateUpload began.
func (d *Dir) Upload(ctx context.Context, ref UploadRef) (Upload, error) {
	if err := d.checkBucket(ctx, ref.Bucket); err != nil {
		return Upload{}, err
	}
	if uuid.Validate(ref.ID) != nil || ref.ID != filepath.Base(ref.ID) { // it becomes a path
		return Upload{}, noUpload(ref)
	}
	text, err := disk.ReadFile(d.fs, filepath.Join(d.uploadDir(ref), "upload.json"))
	if notFound(err) {
		return Upload{}, noUpload(ref)
	}
	var file uploadFile
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil {
		return Upload{}, fmt.Errorf("read upload %s: %w", ref.ID, err)
	}
	if file.Key != ref.Key {
		return Upload{}, noUpload(ref)
	}
	o := PutOptions{ContentType: file.ContentType, ContentEncoding: file.ContentEncoding, Metadata: file.Metadata,
		Attributes: func() (map[string]string, error) { return file.Attributes, nil }}
	return Upload{UploadRef: ref, Begun: file.Begun, Options: o}, nil
}

// PutPart stores a part.
func (d *Dir) PutPart(ctx context.Context, ref UploadRef, number int, r io.Reader, o PutPartOptions) (Part, error) {
	if _, err := d.Upload(ctx, ref); err != nil {
		return Part{}, err
	}
	if number < 1 || number > PartsMax {
		return Part{}, loglake.Errorf(loglake.CodeInvalid, "part numbers are 1 to %d, not %d", PartsMax, number)
	}
	s, err := d.newStaged()
	if err != nil {
		return Part{}, fmt.Errorf("put part %d: %w", number, err)
	}
	defer s.discard()
	sum := md5.New()
	if err := s.fill(ctx, r, sum); err != nil {
		return Part{}, fmt.Errorf("put part %d: %w", number, err)
	}
	if err := checkMD5(o.MD5, sum); err != nil {
		return Part{}, err
	}
	if o.Check != nil {
		if err := o.Check(); err != nil {
			return Part{}, err
		}
	}
	part := Part{Number: number, ETag: hex.EncodeToString(sum.Sum(nil)), Bytes: s.info.Size(), Modified: s.info.ModTime().UTC()}
	return part, d.placePart(ref, part, s.path)
}

func (d *Dir) placePart(ref UploadRef, part Part, temp string) error {
	dir := d.uploadDir(ref)
	defer d.lockKey(ref.ID, fmt.Sprint(part.Number))()
	err := d.fs.Rename(temp, filepath.Join(dir, partName(part)))
	if err == nil {
		err = d.fs.SyncDir(dir)
	}
	if notFound(err) {
		return noUpload(ref)
	}
	if err != nil {
		return fmt.Errorf("put part %d: %w", part.Number, err)
	}
	parts, err := d.partFiles(ref)
	if err != nil {
		return err
	}
	for _, old := range parts {
		if old.Number == part.Number && old.ETag != part.ETag {
			_ = d.fs.Remove(filepath.Join(dir, partName(old))) // one that stays goes with the upload
		}
	}
	return nil
}

func partName(p Part) string { return fmt.Sprintf("%05d-%s", p.Number, p.ETag) }

// partFiles gives the parts there are, without their sizes; a number may be there twice after a crash.
func (d *Dir) partFiles(ref UploadRef) ([]Part, error) {
	entries, err := d.fs.ReadDir(d.uploadDir(ref))
	if notFound(err) {
		return nil, noUpload(ref)
	}
	if err != nil {
		return nil, fmt.Errorf("list the parts of upload %s: %w", ref.ID, err)
	}
	var parts []Part
	for _, entry := range entries {
		var p Part
		if n, err := fmt.Sscanf(entry.Name(), "%05d-%s", &p.Number, &p.ETag); err == nil && n == 2 {
			parts = append(parts, p)
		}
	}
	return parts, nil
}

// ListParts gives the parts stored so far.
func (d *Dir) ListParts(ctx context.Context, ref UploadRef) ([]Part, error) {
	if _, err := d.Upload(ctx, ref); err != nil {
		return nil, err
	}
	files, err := d.partFiles(ref)
	if err != nil {
		return nil, err
	}
	newest := map[int]Part{}
	for _, p := range files {
		info, err := d.fs.Stat(filepath.Join(d.uploadDir(ref), partName(p)))
		if notFound(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("stat part %d: %w", p.Number, err)
		}
		p.Bytes, p.Modified = info.Size(), info.ModTime().UTC()
		if old, ok := newest[p.Number]; !ok || p.Modified.After(old.Modified) {
			newest[p.Number] = p
		}
	}
	return slices.SortedFunc(maps.Values(newest), func(a, b Part) int { return a.Number - b.Number }), nil
}

// ListUploads gives the uploads that were begun and not ended.
func (d *Dir) ListUploads(ctx context.Context, bucket string) ([]Upload, error) {
	if err := d.checkBucket(ctx, bucket); err != nil {
		return nil, err
	}
	entries, err := d.fs.ReadDir(d.ownOf(bucket, "uploads"))
	if err != nil && !notFound(err) {
		return nil, fmt.Errorf("list the uploads of bucket %s: %w", bucket, err)
	}
	var uploads []Upload
	for _, entry := range entries {
		text, err := disk.ReadFile(d.fs, d.ownOf(bucket, "uploads", entry.Name(), "upload.json"))
		var file uploadFile
		if err != nil || json.Unmarshal(text, &file) != nil {
			continue // ended since, or a crash came before it was begun
		}
		uploads = append(uploads, Upload{UploadRef: UploadRef{bucket, file.Key, entry.Name()}, Begun: file.Begun})
	}
	slices.SortFunc(uploads, byKeyThenBegin)
	return uploads, nil
}

func byKeyThenBegin(a, b Upload) int {
	if c := strings.Compare(a.Key, b.Key); c != 0 {
		return c
	}
	return a.Begun.Compare(b.Begun)
}

// CompleteUpload puts the parts together to a staged file, and publishes that as Put does.
func (d *Dir) CompleteUpload(ctx context.Context, ref UploadRef, parts []Part, o CompleteOptions) (Object, error) {
	defer lockOne(d.uploads[:], ref.ID)()
	u, err := d.Upload(ctx, ref)
	if err != nil {
		return Object{}, err
	}
	if parts, err = d.checkParts(ctx, ref, parts); err != nil {
		return Object{}, err
	}
	s, err := d.newStaged()
	if err != nil {
		return Object{}, fmt.Errorf("complete upload %s: %w", ref.ID, err)
	}
	defer s.discard()
	sums := md5.New()
	for _, part := range parts {
		if err := d.appendPart(ctx, ref, part, s, tee(o, part.Number, sums)); err != nil {
			return Object{}, fmt.Errorf("complete upload %s: part %d: %w", ref.ID, part.Number, err)
		}
	}
	if err := s.finish(); err != nil {
		return Object{}, fmt.Errorf("complete upload %s: %w", ref.ID, err)
	}
	object := Object{Key: ref.Key, ETag: fmt.Sprintf("%x-%d", sums.Sum(nil), len(parts)),
		ContentType: u.Options.ContentType, ContentEncoding: u.Options.ContentEncoding, Metadata: u.Options.Metadata}
	if object.Attributes, err = u.attributes(o); err != nil {
		return Object{}, err
	}
	if object, err = d.publish(ref.Bucket, object, s, condition{o.IfNoneMatch, o.IfMatch}); err != nil {
		return Object{}, err
	}
	return object, d.endUpload(ref)
}

// attributes gives those of the object that an upload makes.
func (u Upload) attributes(o CompleteOptions) (map[string]string, error) {
	begun, err := u.Options.Attributes()
	if err != nil || o.Attributes == nil {
		return begun, err
	}
	more, err := o.Attributes()
	all := map[string]string{}
	maps.Copy(all, begun)
	maps.Copy(all, more)
	return all, err
}

// partSum hands a part's bytes on, and its MD5 to the sum of sums that is a multi-part ETag.
type partSum struct {
	hash.Hash
	next io.Writer
	sums hash.Hash
}

func tee(o CompleteOptions, number int, sums hash.Hash) *partSum {
	p := &partSum{Hash: md5.New(), sums: sums, next: io.Discard}
	if o.Tee != nil {
		p.next = o.Tee(number)
	}
	return p
}

func (p *partSum) Write(b []byte) (int, error) {
	_, _ = p.Hash.Write(b)
	return p.next.Write(b)
}

func (d *Dir) appendPart(ctx context.Context, ref UploadRef, part Part, s *staged, sum *partSum) error {
	f, err := disk.Open(d.fs, filepath.Join(d.uploadDir(ref), partName(part)))
	if err != nil {
		return err
	}
	defer f.Close() //nolint:errcheck // only read
	if err := s.write(ctx, f, sum); err != nil {
		return err
	}
	md5 := sum.Sum(nil)
	if hex.EncodeToString(md5) != part.ETag {
		return errors.New("its file is damaged: it has another MD5 than when it was stored")
	}
	_, _ = sum.sums.Write(md5)
	return nil
}

// checkParts holds the wanted parts against the stored ones.
func (d *Dir) checkParts(ctx context.Context, ref UploadRef, parts []Part) ([]Part, error) {
	stored, err := d.ListParts(ctx, ref)
	if err != nil {
		return nil, err
	}
	return matchParts(ref, parts, stored)
}

// matchParts gives the stored parts that are wanted, or tells what is wrong with the wish.
func matchParts(ref UploadRef, parts, stored []Part) ([]Part, error) {
	if len(parts) == 0 {
		return nil, fail(loglake.CodeInvalid, ErrPart, "no parts named to make %q of", ref.Key)
	}
	for i := range parts[1:] {
		if parts[i+1].Number <= parts[i].Number {
			return nil, fail(loglake.CodeInvalid, ErrPartOrder, "part %d is named after part %d", parts[i+1].Number, parts[i].Number)
		}
	}
	byNumber := map[int]Part{}
	for _, p := range stored {
		byNumber[p.Number] = p
	}
	checked := make([]Part, len(parts))
	for i, want := range parts {
		got, ok := byNumber[want.Number]
		if !ok || got.ETag != want.ETag {
			return nil, fail(loglake.CodeInvalid, ErrPart, "part %d with ETag %q is not stored", want.Number, want.ETag)
		}
		if i < len(parts)-1 && got.Bytes < PartBytesMin {
			return nil, fail(loglake.CodeInvalid, ErrPartTooSmall, "part %d has %d bytes; all but the last have to have at least %d", got.Number, got.Bytes, PartBytesMin)
		}
		checked[i] = got
	}
	return checked, nil
}

// AbortUpload ends an upload without an object.
func (d *Dir) AbortUpload(ctx context.Context, ref UploadRef) error {
	defer lockOne(d.uploads[:], ref.ID)()
	if _, err := d.Upload(ctx, ref); err != nil {
		return err
	}
	return d.endUpload(ref)
}

func (d *Dir) endUpload(ref UploadRef) error {
	temp := d.tempPath()
	err := d.fs.Rename(d.uploadDir(ref), temp)
	if err == nil {
		err = d.fs.SyncDir(d.ownOf(ref.Bucket, "uploads"))
	}
	if err != nil {
		return fmt.Errorf("end upload %s: %w", ref.ID, err)
	}
	_ = d.fs.RemoveAll(temp) // else the next OpenDir does
	return nil
}
