// Package role keeps IAM roles and their inline policies: what a pipeline's definition names, so that tools which make
// the roles first (Terraform, CDK, a team's scripts) find the service they ask.
//
// They are stored and given back, and their documents are checked for IAM's form; they are NOT enforced. loglake has key
// pairs and no principals: whoever has a pair may do everything, and a delivery stream works whatever its role's
// policy says. A role of another account, or one that is not there, is therefore no error anywhere else.
//
// Roles are global in an account, so their table has no region. Names are one whatever their case, and are asked for as
// they were given.
package role

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// Quotas of IAM, as an account has them that never asked for more.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	RolesMax       = 1000
	TrustBytesMax  = 2048  // of a trust policy, without white space
	PolicyBytesMax = 10240 // of a role's inline policies together, without white space
	TagsMax        = 50
)

// Role is one role. The zero values of Description and Tags mean that there are none.
type Role struct {
	Name        string
	ID          string // AROA…, unlike that of any other role ever made
	Path        string // "/" or "/a/b/"
	Description string
	TrustPolicy string // JSON, as it was sent
	MaxSession  time.Duration
	Created     time.Time // UTC, whole seconds
	Tags        map[string]string
}

// ARN names a role in its account.
func (r Role) ARN(account string) string {
	return "arn:aws:iam::" + account + ":role" + r.Path + r.Name
}

// Config is what Roles need; all of it is required.
type Config struct {
	DB      *state.DB
	Account string
	Clock   loglake.Clock
}

// Roles are the roles of an account. Its methods may be called concurrently.
type Roles struct{ cfg Config }

// New gives the roles of an account.
func New(cfg Config) *Roles { return &Roles{cfg: cfg} }

// Migrations gives the tables of this package.
func Migrations() []state.Migration {
	return []state.Migration{{Package: "role", Version: 1, SQL: `
CREATE TABLE roles (
	account TEXT NOT NULL, name TEXT NOT NULL,
	folded TEXT NOT NULL,   -- the name in lower case: two names that differ by case are one
	document TEXT NOT NULL, -- the Role as JSON
	PRIMARY KEY (account, name),
	UNIQUE (account, folded)
);
CREATE TABLE role_policies (
	account TEXT NOT NULL, role TEXT NOT NULL, name TEXT NOT NULL,
	document TEXT NOT NULL, -- the policy, as it was sent
	PRIMARY KEY (account, role, name),
	FOREIGN KEY (account, role) REFERENCES roles (account, name)
);
`, Recorded: []string{"roles", "role_policies"}}}
}

// Create makes a role and gives it back with its id and time. CodeExists: there is one of that name.
func (r *Roles) Create(ctx context.Context, role Role) (Role, error) {
	if err := checkTrust(role.TrustPolicy); err != nil {
		return role, err
	}
	if err := checkTags(role.Tags); err != nil {
		return role, err
	}
	role.ID, role.Created = "AROA"+rand.Text()[:17], r.cfg.Clock().UTC().Truncate(time.Second)
	document, err := json.Marshal(role)
	if err != nil {
		return role, err
	}
	return role, r.update(ctx, "role.create", func(tx *state.Tx) error {
		var same, all int
		err := tx.QueryRow("SELECT count(*), coalesce(sum(CASE WHEN folded = ? THEN 1 ELSE 0 END), 0) FROM roles WHERE account = ?",
			strings.ToLower(role.Name), r.cfg.Account).Scan(&all, &same)
		switch {
		case err != nil:
			return err
		case same > 0:
			return loglake.Errorf(loglake.CodeExists, "Role with name %s already exists.", role.Name)
		case all >= RolesMax:
			return loglake.Errorf(loglake.CodeLimit, "Cannot exceed quota for RolesPerAccount: %d", RolesMax)
		}
		_, err = tx.Exec("INSERT INTO roles (account, name, folded, document) VALUES (?, ?, ?, ?)",
			r.cfg.Account, role.Name, strings.ToLower(role.Name), string(document))
		return err
	})
}

// Get gives a role. CodeNotFound: there is none of that name.
func (r *Roles) Get(ctx context.Context, name string) (role Role, err error) {
	err = r.cfg.DB.View(ctx, func(tx *state.Tx) error {
		role, err = r.get(tx, name)
		return err
	})
	return role, err
}

func (r *Roles) get(tx *state.Tx, name string) (Role, error) {
	var text string
	err := tx.QueryRow("SELECT document FROM roles WHERE account = ? AND name = ?", r.cfg.Account, name).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return Role{}, loglake.Errorf(loglake.CodeNotFound, "The role with name %s cannot be found.", name)
	}
	if err != nil {
		return Role{}, fmt.Errorf("read role: %w", err)
	}
	var role Role
	if err := json.Unmarshal([]byte(text), &role); err != nil {
		return Role{}, fmt.Errorf("read role %s: %w", name, err)
	}
	return role, nil
}

// List gives roles whose path begins with prefix, by name, at most max from behind the name after; more tells whether
// others follow.
func (r *Roles) List(ctx context.Context, prefix, after string, max int) (list []Role, more bool, err error) {
	err = r.cfg.DB.View(ctx, func(tx *state.Tx) error {
		rows, err := tx.Query("SELECT document FROM roles WHERE account = ? AND name > ? ORDER BY name", r.cfg.Account, after)
		if err != nil {
			return err
		}
		defer rows.Close() //nolint:errcheck // rows.Err has told
		for rows.Next() {
			var text string
			var role Role
			if err := rows.Scan(&text); err != nil {
				return err
			}
			if err := json.Unmarshal([]byte(text), &role); err != nil {
				return err
			}
			if !strings.HasPrefix(role.Path, prefix) {
				continue
			}
			if more = len(list) == max; more {
				return nil
			}
			list = append(list, role)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, false, fmt.Errorf("list roles: %w", err)
	}
	return list, more, nil
}

// Change has edit alter a role's description, trust policy, longest session or tags; the rest stays. An error of edit
// leaves the role as it was.
func (r *Roles) Change(ctx context.Context, name string, edit func(*Role)) error {
	return r.update(ctx, "role.change", func(tx *state.Tx) error {
		old, err := r.get(tx, name)
		if err != nil {
			return err
		}
		changed := old
		edit(&changed)
		if changed.TrustPolicy != old.TrustPolicy {
			if err := checkTrust(changed.TrustPolicy); err != nil {
				return err
			}
		}
		if err := checkTags(changed.Tags); err != nil {
			return err
		}
		changed.Name, changed.ID, changed.Path, changed.Created = old.Name, old.ID, old.Path, old.Created
		document, err := json.Marshal(changed)
		if err != nil {
			return err
		}
		_, err = tx.Exec("UPDATE roles SET document = ? WHERE account = ? AND name = ?", string(document), r.cfg.Account, name)
		return err
	})
}

// Delete removes a role. CodeConflict: it still has inline policies.
func (r *Roles) Delete(ctx context.Context, name string) error {
	return r.update(ctx, "role.delete", func(tx *state.Tx) error {
		if _, err := r.get(tx, name); err != nil {
			return err
		}
		var policies int
		if err := tx.QueryRow("SELECT count(*) FROM role_policies WHERE account = ? AND role = ?", r.cfg.Account, name).Scan(&policies); err != nil {
			return err
		}
		if policies > 0 {
			return loglake.Errorf(loglake.CodeConflict, "Cannot delete entity, must delete policies first.")
		}
		_, err := tx.Exec("DELETE FROM roles WHERE account = ? AND name = ?", r.cfg.Account, name)
		return err
	})
}

// update keeps *loglake.Error as they are and says of others what was being done.
func (r *Roles) update(ctx context.Context, name string, fn func(*state.Tx) error) error {
	err := r.cfg.DB.Update(ctx, name, fn)
	var told *loglake.Error
	if err == nil || errors.As(err, &told) {
		return err
	}
	return fmt.Errorf("%s: %w", name, err)
}

func checkTags(tags map[string]string) error {
	if len(tags) > TagsMax {
		return loglake.Errorf(loglake.CodeLimit, "Cannot exceed quota for TagsPerRole: %d", TagsMax)
	}
	return nil
}
