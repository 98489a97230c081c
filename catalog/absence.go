package catalog

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// OutsideReason is the reason of an object's removal that is not loglake's own doing. Such an object may return.
const OutsideReason = "removed outside: the object was gone from the bucket when a query looked for it, twice"

// outsideReasons matches OutsideReason, and what earlier versions wrote.
const outsideReasons = `removed_reason LIKE 'removed outside:%'`

// absences keeps when an object was away that has returned, or a reader that follows the sequence could not tell what it
// had at an earlier number.
const absences = `
CREATE TABLE manifest_absences (
	bucket       TEXT NOT NULL,
	key          TEXT NOT NULL,
	removed_seq  BIGINT NOT NULL,
	returned_seq BIGINT NOT NULL,
	PRIMARY KEY (bucket, key, removed_seq)
);
CREATE INDEX manifest_absences_by_returned ON manifest_absences (returned_seq);
`

// RemovedOutside gives an object that others took out of its bucket, as queries found; ok is false where the key is not
// that of such a one.
func RemovedOutside(tx *state.Tx, bucket, key string) (o loglake.Object, ok bool, err error) {
	o, err = scanObject(tx.QueryRow(`SELECT `+objectColumns+` FROM manifest_objects
		WHERE bucket = ? AND key = ? AND removed_seq IS NOT NULL AND `+outsideReasons, bucket, key).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return loglake.Object{}, false, nil
	}
	if err != nil {
		return loglake.Object{}, false, fmt.Errorf("read removed object %s/%s: %w", bucket, key, err)
	}
	return o, true, nil
}

// ReturnObject takes an object that others had taken out of its bucket, and have put back, into the manifest again.
// CodeNotFound where it is not removed so.
func ReturnObject(tx *state.Tx, bucket, key string) error {
	seq, err := nextSequence(tx)
	if err != nil {
		return err
	}
	n, err := tx.Exec(`INSERT INTO manifest_absences (bucket, key, removed_seq, returned_seq)
		SELECT bucket, key, removed_seq, ? FROM manifest_objects
		WHERE bucket = ? AND key = ? AND removed_seq IS NOT NULL AND `+outsideReasons, seq, bucket, key)
	if err == nil && n == 0 {
		return loglake.Errorf(loglake.CodeNotFound, "object s3://%s/%s was not removed by others", bucket, key)
	}
	if err == nil {
		_, err = tx.Exec(`UPDATE manifest_objects SET removed_seq = NULL, removed_reason = NULL WHERE bucket = ? AND key = ?`, bucket, key)
	}
	if err != nil {
		return fmt.Errorf("return object %s/%s: %w", bucket, key, err)
	}
	return nil
}
