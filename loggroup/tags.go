package loggroup

import (
	"context"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

func checkTags(tags map[string]string) error {
	if len(tags) > TagsMax {
		return errTooManyTags()
	}
	for key, value := range tags {
		switch {
		case key == "" || utf8.RuneCountInString(key) > TagKeyMax || strings.IndexFunc(key, notInTag) >= 0 || strings.HasPrefix(key, "aws:"):
			return invalid("The tag key %q is invalid: it needs 1 to %d letters, digits, blanks and _.:/=+-@ and must not begin with aws:", key, TagKeyMax)
		case utf8.RuneCountInString(value) > TagValueMax || strings.IndexFunc(value, notInTag) >= 0:
			return invalid("The value of tag %q is invalid: it needs at most %d letters, digits, blanks and _.:/=+-@", key, TagValueMax)
		}
	}
	return nil
}

func notInTag(r rune) bool {
	return !(unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.In(r, unicode.Z) || strings.ContainsRune("_.:/=+-@", r))
}

func errTooManyTags() error {
	return loglake.Errorf(loglake.CodeLimit, "The resource would have more than %d tags.", TagsMax)
}

// PutTags adds tags to a group or changes them.
func (g *Groups) PutTags(ctx context.Context, name loglake.GroupName, tags map[string]string) error {
	if err := checkTags(tags); err != nil {
		return err
	}
	return g.changeTags(ctx, name, func(tx *state.Tx) error {
		if err := g.putTags(tx, name, tags); err != nil {
			return err
		}
		var n int
		err := tx.QueryRow(`SELECT COUNT(*) FROM log_group_tags WHERE account = ? AND region = ? AND log_group = ?`,
			g.cfg.Home.Account, g.cfg.Home.Region, name).Scan(&n)
		if err == nil && n > TagsMax {
			err = errTooManyTags()
		}
		return err
	})
}

// DeleteTags takes tags from a group; such as it hasn't are passed over.
func (g *Groups) DeleteTags(ctx context.Context, name loglake.GroupName, keys []string) error {
	return g.changeTags(ctx, name, func(tx *state.Tx) error {
		for _, key := range keys {
			if _, err := tx.Exec(`DELETE FROM log_group_tags WHERE account = ? AND region = ? AND log_group = ? AND tag_key = ?`,
				g.cfg.Home.Account, g.cfg.Home.Region, name, key); err != nil {
				return fmt.Errorf("delete tag: %w", err)
			}
		}
		return nil
	})
}

func (g *Groups) changeTags(ctx context.Context, name loglake.GroupName, fn func(*state.Tx) error) error {
	defer g.change.Unlock()
	if err := g.begin(ctx); err != nil {
		return err
	}
	if _, _, err := g.find(name, ""); err != nil {
		return err
	}
	return g.update(ctx, "tags", fn, func() {})
}

func (g *Groups) putTags(tx *state.Tx, name loglake.GroupName, tags map[string]string) error {
	for key, value := range tags {
		_, err := tx.Exec(`INSERT INTO log_group_tags (account, region, log_group, tag_key, tag_value) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (account, region, log_group, tag_key) DO UPDATE SET tag_value = excluded.tag_value`,
			g.cfg.Home.Account, g.cfg.Home.Region, name, key, value)
		if err != nil {
			return fmt.Errorf("put tag: %w", err)
		}
	}
	return nil
}

// Tags gives the tags of a group.
func (g *Groups) Tags(ctx context.Context, name loglake.GroupName) (map[string]string, error) {
	if _, _, err := g.find(name, ""); err != nil {
		return nil, err
	}
	tags := map[string]string{}
	err := g.cfg.DB.View(ctx, func(tx *state.Tx) error {
		rows, err := tx.Query(`SELECT tag_key, tag_value FROM log_group_tags WHERE account = ? AND region = ? AND log_group = ?`,
			g.cfg.Home.Account, g.cfg.Home.Region, name)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key, value string
			if err := rows.Scan(&key, &value); err != nil {
				return err
			}
			tags[key] = value
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read tags: %w", err)
	}
	return tags, nil
}
