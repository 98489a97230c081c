package check

import (
	"errors"
	"io/fs"

	"github.com/loglake/loglake/commit"
	"github.com/loglake/loglake/convert"
)

// stray tells of an object with a key of ours that nothing names, unless it is of another lake.
func (c *checker) stray(bucket, key string) error {
	theirs, err := c.foreign(bucket, key)
	switch {
	case err != nil:
		return err
	case theirs:
		c.r.Foreign++
	default:
		c.about(Problem{Kind: "stray", Bucket: bucket, Key: key}, "%s/%s has a key of ours and no batch: who lists the bucket may see its rows twice", bucket, key)
	}
	return nil
}

// foreign tells whether an object says that it is of another lake: lakes may share a bucket.
func (c *checker) foreign(bucket, key string) (yes bool, err error) {
	content, o, err := c.cfg.Store.Get(c.ctx, bucket, key)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, content.Close()) }()
	entries := o.Metadata
	if facts, err := convert.ReadFacts(content, o.Bytes); err == nil {
		entries = facts.Metadata
	}
	label, err := commit.ReadLabel(entries)
	if err != nil {
		return false, nil // nor is it ours; whoever looks at it sees why
	}
	return label.Lake != "" && label.Lake != c.cfg.Lake, nil
}
