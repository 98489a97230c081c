package store

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// List gives a page of objects.
func (s *S3) List(ctx context.Context, bucket, prefix, after string, max int) ([]Object, bool, error) {
	entries, more, err := s.ListFolded(ctx, bucket, Fold{Prefix: prefix, After: after, Max: max})
	return objectsOf(entries), more, err
}

// ListFolded gives a page of objects and folds, with one request for each thousand of them.
func (s *S3) ListFolded(ctx context.Context, bucket string, o Fold) ([]Entry, bool, error) {
	if err := CheckBucketName(bucket); err != nil {
		return nil, false, err
	}
	if o.Max <= 0 {
		return nil, false, s.needBucket(ctx, bucket)
	}
	if o.Delimiter != "" && strings.HasPrefix(o.After, o.Prefix) {
		if i := strings.Index(o.After[len(o.Prefix):], o.Delimiter); i >= 0 { // in a fold, of which S3 would give the rest
			o.After = behind(Entry{Object: Object{Key: o.After[:len(o.Prefix)+i+len(o.Delimiter)]}, Folded: true})
		}
	}
	var entries []Entry
	for {
		ask := o
		ask.Max = o.Max - len(entries)
		page, more, err := s.page(ctx, bucket, ask)
		if err != nil {
			return nil, false, err
		}
		for _, e := range page {
			o.After = behind(e)
			if !strings.HasPrefix(e.Key, s3Reserved) {
				entries = append(entries, e)
			}
		}
		if !more || len(page) == 0 {
			return entries, false, nil
		}
		if len(entries) == o.Max {
			more, err := s.anyBehind(ctx, bucket, o)
			return entries, more, err
		}
	}
}

// behind gives the greatest key that an entry stands for.
func behind(e Entry) string {
	if !e.Folded {
		return e.Key
	}
	return e.Key + "\U0010ffff" // what a key can't go on with after it, but for one of nothing else
}

// anyBehind tells whether objects follow the page, where what follows may be only what we hide.
func (s *S3) anyBehind(ctx context.Context, bucket string, o Fold) (bool, error) {
	if o.After >= s3Reserved+"\U0010ffff" || !strings.HasPrefix(o.Prefix, s3Reserved) && !strings.HasPrefix(s3Reserved, o.Prefix) {
		return true, nil
	}
	o.Max = 1
	rest, _, err := s.ListFolded(ctx, bucket, o)
	return len(rest) > 0, err
}

func (s *S3) needBucket(ctx context.Context, bucket string) error {
	there, err := s.HasBucket(ctx, bucket)
	if err == nil && !there {
		err = noBucket(bucket)
	}
	return err
}

// page is one request for a listing, with all that is hidden.
func (s *S3) page(ctx context.Context, bucket string, o Fold) ([]Entry, bool, error) {
	in := &s3.ListObjectsV2Input{Bucket: &bucket, MaxKeys: aws.Int32(int32(min(o.Max, s3PageMax))), EncodingType: types.EncodingTypeUrl}
	for to, text := range map[**string]string{&in.Prefix: o.Prefix, &in.StartAfter: o.After, &in.Delimiter: o.Delimiter} {
		if text != "" {
			*to = aws.String(text)
		}
	}
	out, err := s.client.ListObjectsV2(ctx, in)
	if err != nil {
		return nil, false, s.failed(ctx, "list", bucket, "", err)
	}
	entries, err := mergeListing(out, o.After)
	if err != nil {
		return nil, false, unavailable(err, "%s lists bucket %q in a way that loglake can't use", s.name, bucket)
	}
	return entries, aws.ToBool(out.IsTruncated), nil
}

// mergeListing puts objects and folds in one order, which is that of the keys in each of the two.
func mergeListing(out *s3.ListObjectsV2Output, after string) ([]Entry, error) {
	decode := func(text *string) (string, error) { return aws.ToString(text), nil }
	if out.EncodingType == types.EncodingTypeUrl {
		decode = func(text *string) (string, error) { return url.QueryUnescape(aws.ToString(text)) }
	}
	entries := make([]Entry, 0, len(out.Contents)+len(out.CommonPrefixes))
	folds := out.CommonPrefixes
	last := after
	add := func(e Entry) error {
		if e.Key <= last {
			return fmt.Errorf("%q comes after %q: it is not in the order of the keys' bytes", e.Key, last)
		}
		last = behind(e)
		entries = append(entries, e)
		return nil
	}
	for i, j := 0, 0; i < len(out.Contents) || j < len(folds); {
		var key, fold string
		var err error
		if i < len(out.Contents) {
			if key, err = decode(out.Contents[i].Key); err != nil {
				return nil, err
			}
		}
		if j < len(folds) {
			if fold, err = decode(folds[j].Prefix); err != nil {
				return nil, err
			}
		}
		if i == len(out.Contents) || j < len(folds) && fold < key {
			j++
			if strings.HasPrefix(after, fold) && after == behind(Entry{Object: Object{Key: fold}, Folded: true}) {
				continue // the page before ended with it
			}
			if err := add(Entry{Object: Object{Key: fold}, Folded: true}); err != nil {
				return nil, err
			}
			continue
		}
		if err := add(Entry{Object: listed(key, out.Contents[i])}); err != nil {
			return nil, err
		}
		i++
	}
	return entries, nil
}

func listed(key string, o types.Object) Object {
	return Object{Key: key, Bytes: aws.ToInt64(o.Size), ETag: bareETag(o.ETag), Modified: aws.ToTime(o.LastModified).UTC().Truncate(time.Second)}
}

func bareETag(etag *string) string { return strings.Trim(aws.ToString(etag), `"`) }
