package catalog

import (
	"context"
	"database/sql"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// Tag sets tags on a database, a table or the catalog, each named by its ARN.
func (c *Catalog) Tag(ctx context.Context, arn string, tags map[string]string) error {
	arn = c.fullARN(arn)
	return c.update(ctx, "catalog.Tag", func(tx *state.Tx) error {
		if err := c.checkARN(tx, arn); err != nil {
			return err
		}
		for name, value := range tags {
			if _, err := tx.Exec(`INSERT INTO catalog_tags (account, region, arn, name, value) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (account, region, arn, name) DO UPDATE SET value = excluded.value`,
				c.home.Account, c.home.Region, arn, name, value); err != nil {
				return wrap("tag "+arn, err)
			}
		}
		return nil
	})
}

// Untag takes tags away; those that are not there don't matter.
func (c *Catalog) Untag(ctx context.Context, arn string, names []string) error {
	arn = c.fullARN(arn)
	return c.update(ctx, "catalog.Untag", func(tx *state.Tx) error {
		if err := c.checkARN(tx, arn); err != nil {
			return err
		}
		for _, name := range names {
			if _, err := tx.Exec(`DELETE FROM catalog_tags WHERE account = ? AND region = ? AND arn = ? AND name = ?`,
				c.home.Account, c.home.Region, arn, name); err != nil {
				return wrap("untag "+arn, err)
			}
		}
		return nil
	})
}

// Tags gives the tags of a resource, never nil.
func (c *Catalog) Tags(ctx context.Context, arn string) (tags map[string]string, err error) {
	arn = c.fullARN(arn)
	tags = make(map[string]string)
	err = c.db.View(ctx, func(tx *state.Tx) error {
		if err := c.checkARN(tx, arn); err != nil {
			return err
		}
		rows, err := tx.Query(`SELECT name, value FROM catalog_tags WHERE account = ? AND region = ? AND arn = ?`,
			c.home.Account, c.home.Region, arn)
		return scanAll(rows, err, func(rows *sql.Rows) error {
			var name, value string
			err := rows.Scan(&name, &value)
			tags[name] = value
			return err
		})
	})
	return tags, wrap("read tags of "+arn, err)
}

// fullARN puts the account in where it was left out, as Terraform does that was told not to ask for the account.
func (c *Catalog) fullARN(arn string) string {
	nobody := loglake.Home{Region: c.home.Region}
	if resource, ok := strings.CutPrefix(arn, nobody.ARN("glue", "")); ok {
		return c.home.ARN("glue", resource)
	}
	return arn
}

// checkARN tells whether the resource is there.
func (c *Catalog) checkARN(tx *state.Tx, arn string) error {
	resource, ok := strings.CutPrefix(arn, c.home.ARN("glue", ""))
	kind, rest, _ := strings.Cut(resource, "/")
	switch {
	case !ok:
	case kind == "catalog":
		return nil
	case kind == "database":
		_, err := c.getDatabase(tx, lower(rest))
		return err
	case kind == "table":
		database, table, _ := strings.Cut(rest, "/")
		_, err := getTable(tx, c.home, tableName{lower(database), lower(table)})
		return err
	}
	return loglake.Errorf(loglake.CodeNotFound, "Resource %s not found.", arn)
}

func (c *Catalog) deleteTags(tx *state.Tx, arn string) error {
	_, err := tx.Exec(`DELETE FROM catalog_tags WHERE account = ? AND region = ? AND arn = ?`, c.home.Account, c.home.Region, arn)
	return err
}
