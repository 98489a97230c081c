package catalog

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// The manifest lists the objects that loglake has committed, whatever table their keys lie under. A row is written once
// and stamped once, when its object is removed. The stamps are numbers of one sequence, so that the state after any
// change can be told from the rows.

// AddObjects adds objects to the manifest under one number of the sequence. A key that is there, removed or not, is an
// error (CodeExists): keys are never used twice.
func AddObjects(tx *state.Tx, objects []loglake.Object) error {
	if len(objects) == 0 {
		return nil
	}
	seq, err := nextSequence(tx)
	if err != nil {
		return err
	}
	for _, o := range objects {
		bounds := encodeBounds(o.Columns)
		n, err := tx.Exec(`INSERT INTO manifest_objects
			(bucket, key, added_seq, kind, bytes, crc32c, row_count, producer, batch, generation, part, parts, bounds)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (bucket, key) DO NOTHING`,
			o.Bucket, o.Key, seq, string(o.Kind), o.Bytes, int64(o.CRC32C), o.Rows, string(o.Producer), o.Batch, o.Generation, o.Part, o.Parts, bounds)
		if err != nil {
			return fmt.Errorf("add object %s/%s to the manifest: %w", o.Bucket, o.Key, err)
		}
		if n == 0 {
			return loglake.Errorf(loglake.CodeExists, "object s3://%s/%s is in the manifest already", o.Bucket, o.Key)
		}
	}
	return nil
}

func nextSequence(tx *state.Tx) (seq int64, err error) {
	if _, err = tx.Exec(`UPDATE manifest_sequence SET value = value + 1 WHERE id = 1`); err == nil {
		err = tx.QueryRow(`SELECT value FROM manifest_sequence WHERE id = 1`).Scan(&seq)
	}
	if err != nil {
		return 0, fmt.Errorf("advance the manifest's sequence: %w", err)
	}
	return seq, nil
}

const objectColumns = `bucket, key, kind, bytes, crc32c, row_count, producer, batch, generation, part, parts, bounds`

func scanObject(scan func(...any) error) (o loglake.Object, err error) {
	var bounds []byte
	var crc int64
	if err := scan(&o.Bucket, &o.Key, &o.Kind, &o.Bytes, &crc, &o.Rows, &o.Producer, &o.Batch, &o.Generation, &o.Part, &o.Parts, &bounds); err != nil {
		return o, err
	}
	o.CRC32C = uint32(crc)
	o.Columns, err = decodeBounds(bounds)
	return o, err
}

// ObjectsUnder gives the objects whose keys begin with prefix and that are not removed, in the byte order of their keys.
func ObjectsUnder(tx *state.Tx, bucket, prefix string) ([]loglake.Object, error) {
	return objectsUnder(tx, bucket, prefix, ` AND removed_seq IS NULL`)
}

// ManifestBuckets gives the buckets that the manifest has ever had objects in, by name.
func ManifestBuckets(tx *state.Tx) (buckets []string, err error) {
	rows, err := tx.Query(`SELECT DISTINCT bucket FROM manifest_objects ORDER BY bucket`)
	err = scanAll(rows, err, func(rows *sql.Rows) error {
		var bucket string
		err := rows.Scan(&bucket)
		buckets = append(buckets, bucket)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list the manifest's buckets: %w", err)
	}
	return buckets, nil
}

// RemovedUnder gives the objects whose keys begin with prefix and that are removed, in the byte order of their keys.
func RemovedUnder(tx *state.Tx, bucket, prefix string) ([]loglake.Object, error) {
	return objectsUnder(tx, bucket, prefix, ` AND removed_seq IS NOT NULL`)
}

func objectsUnder(tx *state.Tx, bucket, prefix, condition string) (objects []loglake.Object, err error) {
	query := `SELECT ` + objectColumns + ` FROM manifest_objects WHERE bucket = ? AND key >= ?` + condition
	args := []any{bucket, prefix}
	if end, ok := successor(prefix); ok {
		query += ` AND key < ?`
		args = append(args, end)
	}
	rows, err := tx.Query(query+` ORDER BY key`, args...)
	err = scanAll(rows, err, func(rows *sql.Rows) error {
		o, err := scanObject(rows.Scan)
		objects = append(objects, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list objects under %s/%s: %w", bucket, prefix, err)
	}
	return objects, nil
}

// successor gives the first text in byte order that is behind every text that begins with prefix; there is none behind
// the empty prefix. It counts up in code points, whose order is that of their UTF-8, so that it is valid UTF-8 itself.
func successor(prefix string) (string, bool) {
	for prefix != "" {
		r, size := utf8.DecodeLastRuneInString(prefix)
		prefix = prefix[:len(prefix)-size]
		switch {
		case r == utf8.MaxRune:
			continue
		case r == 0xD7FF:
			r = 0xE000 // over the surrogates
		default:
			r++
		}
		return prefix + string(r), true
	}
	return "", false
}

// ObjectByKey gives an object that is not removed; ok is false where there is none.
func ObjectByKey(tx *state.Tx, bucket, key string) (o loglake.Object, ok bool, err error) {
	o, err = scanObject(tx.QueryRow(`SELECT `+objectColumns+` FROM manifest_objects
		WHERE bucket = ? AND key = ? AND removed_seq IS NULL`, bucket, key).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return loglake.Object{}, false, nil
	}
	if err != nil {
		return loglake.Object{}, false, fmt.Errorf("read object %s/%s: %w", bucket, key, err)
	}
	return o, true, nil
}

// RemoveObject stamps an object as removed, with a reason for people. CodeNotFound where it is not there or removed.
func RemoveObject(tx *state.Tx, bucket, key, reason string) error {
	seq, err := nextSequence(tx)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE manifest_objects SET removed_seq = ?, removed_reason = ? WHERE bucket = ? AND key = ? AND removed_seq IS NULL`,
		seq, strings.ToValidUTF8(reason, "?"), bucket, key)
	if err == nil && n == 0 {
		return loglake.Errorf(loglake.CodeNotFound, "object s3://%s/%s is not in the manifest", bucket, key)
	}
	if err != nil {
		return fmt.Errorf("remove object %s/%s: %w", bucket, key, err)
	}
	return nil
}
