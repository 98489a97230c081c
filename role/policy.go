package role

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/state"
)

// ErrPolicy is the cause of errors that tell of a document that is no policy.
var ErrPolicy = errors.New("malformed policy document")

// Policy is a policy that belongs to one role.
type Policy struct {
	Name     string
	Document string // JSON, as it was sent
}

// PutPolicy gives a role an inline policy, or another document to one that it has.
func (r *Roles) PutPolicy(ctx context.Context, role string, p Policy) error {
	if err := checkPermissions(p.Document); err != nil {
		return err
	}
	return r.update(ctx, "role.put-policy", func(tx *state.Tx) error {
		if _, err := r.get(tx, role); err != nil {
			return err
		}
		others, err := r.policies(tx, role)
		if err != nil {
			return err
		}
		size := lengthOf(p.Document)
		for _, other := range others {
			if other.Name != p.Name {
				size += lengthOf(other.Document)
			}
		}
		if size > PolicyBytesMax {
			return loglake.Errorf(loglake.CodeLimit, "Maximum policy size of %d bytes exceeded for role %s", PolicyBytesMax, role)
		}
		_, err = tx.Exec(`INSERT INTO role_policies (account, role, name, document) VALUES (?, ?, ?, ?)
			ON CONFLICT (account, role, name) DO UPDATE SET document = excluded.document`, r.cfg.Account, role, p.Name, p.Document)
		return err
	})
}

// Policy gives one inline policy of a role.
func (r *Roles) Policy(ctx context.Context, role, name string) (p Policy, err error) {
	err = r.cfg.DB.View(ctx, func(tx *state.Tx) error {
		if _, err := r.get(tx, role); err != nil {
			return err
		}
		err := tx.QueryRow("SELECT name, document FROM role_policies WHERE account = ? AND role = ? AND name = ?", r.cfg.Account, role, name).
			Scan(&p.Name, &p.Document)
		if errors.Is(err, sql.ErrNoRows) {
			return errNoPolicy(name)
		}
		return err
	})
	return p, err
}

// Policies gives the inline policies of a role by name.
func (r *Roles) Policies(ctx context.Context, role string) (list []Policy, err error) {
	err = r.cfg.DB.View(ctx, func(tx *state.Tx) error {
		if _, err := r.get(tx, role); err != nil {
			return err
		}
		list, err = r.policies(tx, role)
		return err
	})
	return list, err
}

// DeletePolicy takes an inline policy from a role.
func (r *Roles) DeletePolicy(ctx context.Context, role, name string) error {
	return r.update(ctx, "role.delete-policy", func(tx *state.Tx) error {
		if _, err := r.get(tx, role); err != nil {
			return err
		}
		n, err := tx.Exec("DELETE FROM role_policies WHERE account = ? AND role = ? AND name = ?", r.cfg.Account, role, name)
		if err == nil && n == 0 {
			err = errNoPolicy(name)
		}
		return err
	})
}

func errNoPolicy(name string) error {
	return loglake.Errorf(loglake.CodeNotFound, "The role policy with name %s cannot be found.", name)
}

func (r *Roles) policies(tx *state.Tx, role string) (list []Policy, err error) {
	rows, err := tx.Query("SELECT name, document FROM role_policies WHERE account = ? AND role = ? ORDER BY name", r.cfg.Account, role)
	if err != nil {
		return nil, fmt.Errorf("list policies of role %s: %w", role, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err has told
	for rows.Next() {
		var p Policy
		if err := rows.Scan(&p.Name, &p.Document); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// lengthOf is the length that IAM counts: white space does not.
func lengthOf(document string) (n int) {
	for _, c := range document {
		if !unicode.IsSpace(c) {
			n++
		}
	}
	return n
}

func checkTrust(document string) error {
	if err := checkPolicy(document, trustFields); err != nil {
		return err
	}
	if lengthOf(document) > TrustBytesMax {
		return loglake.Errorf(loglake.CodeLimit, "Cannot exceed quota for ACLSizePerRole: %d", TrustBytesMax)
	}
	return nil
}

func checkPermissions(document string) error { return checkPolicy(document, permissionFields) }

// fields are what a statement needs (each one of a pair) and may not have.
type fields struct {
	needed    [][2]string
	forbidden []string
}

var (
	trustFields      = fields{needed: [][2]string{{"Principal", "NotPrincipal"}, {"Action", "NotAction"}}, forbidden: []string{"Resource", "NotResource"}}
	permissionFields = fields{needed: [][2]string{{"Action", "NotAction"}, {"Resource", "NotResource"}}, forbidden: []string{"Principal", "NotPrincipal"}}
)

// statementFields are all that a statement may have.
const statementFields = " Sid Effect Principal NotPrincipal Action NotAction Resource NotResource Condition "

// checkPolicy tells what is wrong with the form of a policy; what it allows is not looked at.
func checkPolicy(document string, want fields) error {
	var top struct {
		Version   *string
		ID        *string `json:"Id"`
		Statement json.RawMessage
	}
	if strings.HasPrefix(document, " ") {
		return malformed("JSON strings must not have leading spaces")
	}
	if err := json.Unmarshal([]byte(document), &top); err != nil {
		return malformed("This policy contains invalid Json")
	}
	if v := top.Version; v != nil && *v != "2012-10-17" && *v != "2008-10-17" {
		return malformed("The policy must contain a valid version string")
	}
	var list []map[string]json.RawMessage
	if json.Unmarshal(top.Statement, &list) != nil {
		var one map[string]json.RawMessage
		if json.Unmarshal(top.Statement, &one) != nil || one == nil {
			return malformed("Syntax errors in policy.")
		}
		list = append(list, one)
	}
	if len(list) == 0 {
		return malformed("Syntax errors in policy.")
	}
	for _, statement := range list {
		if err := checkStatement(statement, want); err != nil {
			return err
		}
	}
	return nil
}

func checkStatement(statement map[string]json.RawMessage, want fields) error {
	for name := range statement {
		if !strings.Contains(statementFields, " "+name+" ") {
			return malformed("Syntax errors in policy.")
		}
	}
	for _, name := range want.forbidden {
		if _, ok := statement[name]; ok {
			return malformed("Has prohibited field " + name)
		}
	}
	var effect string
	if json.Unmarshal(statement["Effect"], &effect) != nil || effect != "Allow" && effect != "Deny" {
		return malformed("Missing required field Effect")
	}
	for _, pair := range want.needed {
		_, one := statement[pair[0]]
		_, other := statement[pair[1]]
		if one == other {
			return malformed("Missing required field " + pair[0])
		}
	}
	return nil
}

func malformed(text string) error {
	e := loglake.Errorf(loglake.CodeInvalid, "%s", text)
	e.Err = ErrPolicy
	return e
}
