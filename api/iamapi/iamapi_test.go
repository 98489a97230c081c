package iamapi_test

import (
	"encoding/xml"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/iamapi"
	"github.com/loglake/loglake/role"
	"github.com/loglake/loglake/state"
)

const (
	trust  = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"firehose.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	permit = `{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::a b/*"}}`
)

type client struct {
	t       testing.TB
	handler http.Handler
}

func newClient(t testing.TB) client {
	t.Helper()
	db, err := state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "state.db"), Migrations: role.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	home := loglake.Home{Account: "123456789012", Region: "eu-west-1"}
	clock := func() time.Time { return time.Date(2026, 11, 23, 4, 5, 6, 789, time.UTC) }
	return client{t, iamapi.New(iamapi.Config{Home: home, Roles: role.New(role.Config{DB: db, Account: home.Account, Clock: clock}),
		OnError: func(action string, err error) { t.Errorf("%s: %v", action, err) }})}
}

// call posts a form of "Name", "value", … and gives the status and the document without what differs from call to call.
func (c client) call(action string, members ...string) string {
	c.t.Helper()
	form := url.Values{"Action": {action}, "Version": {iamapi.Version}}
	for i := 0; i < len(members); i += 2 {
		form.Set(members[i], members[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	text := w.Body.String()
	for _, v := range []struct{ from, to string }{
		{`<(ResponseMetadata>)?<?RequestId>[0-9a-f-]{36}</RequestId>(</ResponseMetadata>)?`, ""}, {`<RequestId>[0-9a-f-]{36}</RequestId>`, ""},
		{`<ResponseMetadata></ResponseMetadata>`, ""}, {`AROA[A-Z2-7]{17}`, "ID"}, {` xmlns="https://iam.amazonaws.com/doc/2010-05-08/"`, ""},
	} {
		text = regexp.MustCompile(v.from).ReplaceAllString(text, v.to)
	}
	if w.Code != http.StatusOK {
		code, _, _ := strings.Cut(text[strings.Index(text, "<Code>")+6:], "</Code>")
		message, _, _ := strings.Cut(text[strings.Index(text, "<Message>")+9:], "</Message>")
		return http.StatusText(w.Code) + ": " + code + ": " + html.UnescapeString(message)
	}
	return text
}

func (c client) want(got, want string) {
	c.t.Helper()
	if got != want {
		c.t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestLifeOfARole(t *testing.T) {
	c := newClient(t)
	escaped := strings.ReplaceAll(url.QueryEscape(trust), "+", "%20")
	shape := `<Path>/logs/</Path><RoleName>firehose</RoleName><RoleId>ID</RoleId><Arn>arn:aws:iam::123456789012:role/logs/firehose</Arn>` +
		`<CreateDate>2026-11-23T04:05:06Z</CreateDate><AssumeRolePolicyDocument>` + escaped + `</AssumeRolePolicyDocument>`
	tags := `<Tags><member><Key>a</Key><Value>1</Value></member><member><Key>b</Key><Value></Value></member></Tags>`
	c.want(c.call("CreateRole", "RoleName", "firehose", "Path", "/logs/", "AssumeRolePolicyDocument", trust,
		"Tags.member.1.Key", "b", "Tags.member.1.Value", "", "Tags.member.2.Key", "a", "Tags.member.2.Value", "1"),
		`<CreateRoleResponse><CreateRoleResult><Role>`+shape+`<MaxSessionDuration>3600</MaxSessionDuration>`+tags+`</Role></CreateRoleResult></CreateRoleResponse>`)
	c.want(c.call("CreateRole", "RoleName", "FireHose", "AssumeRolePolicyDocument", trust), "Conflict: EntityAlreadyExists: Role with name FireHose already exists.")

	c.want(c.call("UpdateRole", "RoleName", "firehose", "MaxSessionDuration", "7200"), `<UpdateRoleResponse><UpdateRoleResult></UpdateRoleResult></UpdateRoleResponse>`)
	c.want(c.call("UpdateRole", "RoleName", "firehose", "Description", "delivers"), `<UpdateRoleResponse><UpdateRoleResult></UpdateRoleResult></UpdateRoleResponse>`)
	c.want(c.call("UntagRole", "RoleName", "firehose", "TagKeys.member.1", "b", "TagKeys.member.2", "none"), `<UntagRoleResponse></UntagRoleResponse>`)
	c.want(c.call("TagRole", "RoleName", "firehose", "Tags.member.1.Key", "c", "Tags.member.1.Value", "3"), `<TagRoleResponse></TagRoleResponse>`)
	c.want(c.call("GetRole", "RoleName", "firehose"), `<GetRoleResponse><GetRoleResult><Role>`+shape+
		`<Description>delivers</Description><MaxSessionDuration>7200</MaxSessionDuration>`+
		`<Tags><member><Key>a</Key><Value>1</Value></member><member><Key>c</Key><Value>3</Value></member></Tags><RoleLastUsed></RoleLastUsed></Role></GetRoleResult></GetRoleResponse>`)
	c.want(c.call("ListRoleTags", "RoleName", "firehose", "MaxItems", "1"), `<ListRoleTagsResponse><ListRoleTagsResult><Tags><member><Key>a</Key><Value>1</Value></member></Tags>`+
		`<IsTruncated>true</IsTruncated><Marker>YQ==</Marker></ListRoleTagsResult></ListRoleTagsResponse>`)

	c.call("PutRolePolicy", "RoleName", "firehose", "PolicyName", "write", "PolicyDocument", permit)
	c.want(c.call("GetRolePolicy", "RoleName", "firehose", "PolicyName", "write"), `<GetRolePolicyResponse><GetRolePolicyResult><RoleName>firehose</RoleName><PolicyName>write</PolicyName>`+
		`<PolicyDocument>`+strings.ReplaceAll(url.QueryEscape(permit), "+", "%20")+`</PolicyDocument></GetRolePolicyResult></GetRolePolicyResponse>`)
	c.want(c.call("ListRolePolicies", "RoleName", "firehose"), `<ListRolePoliciesResponse><ListRolePoliciesResult><PolicyNames><member>write</member></PolicyNames>`+
		`<IsTruncated>false</IsTruncated></ListRolePoliciesResult></ListRolePoliciesResponse>`)
	c.want(c.call("DeleteRole", "RoleName", "firehose"), "Conflict: DeleteConflict: Cannot delete entity, must delete policies first.")
	c.want(c.call("DeleteRolePolicy", "RoleName", "firehose", "PolicyName", "write"), `<DeleteRolePolicyResponse></DeleteRolePolicyResponse>`)
	c.want(c.call("DeleteRolePolicy", "RoleName", "firehose", "PolicyName", "write"), "Not Found: NoSuchEntity: The role policy with name write cannot be found.")
	c.want(c.call("ListAttachedRolePolicies", "RoleName", "firehose"),
		`<ListAttachedRolePoliciesResponse><ListAttachedRolePoliciesResult><AttachedPolicies></AttachedPolicies><IsTruncated>false</IsTruncated></ListAttachedRolePoliciesResult></ListAttachedRolePoliciesResponse>`)
	c.want(c.call("DeleteRole", "RoleName", "firehose"), `<DeleteRoleResponse></DeleteRoleResponse>`)
	c.want(c.call("GetRole", "RoleName", "firehose"), "Not Found: NoSuchEntity: The role with name firehose cannot be found.")
	c.want(c.call("ListInstanceProfilesForRole", "RoleName", "firehose"), "Not Found: NoSuchEntity: The role with name firehose cannot be found.")
}

func TestListRolesByPage(t *testing.T) {
	c := newClient(t)
	for _, name := range []string{"c", "a", "b"} {
		c.call("CreateRole", "RoleName", name, "Path", "/x/", "AssumeRolePolicyDocument", trust)
	}
	c.call("CreateRole", "RoleName", "aa", "AssumeRolePolicyDocument", trust)
	var names []string
	for marker := ""; ; {
		members := []string{"PathPrefix", "/x/", "MaxItems", "2"}
		if marker != "" {
			members = append(members, "Marker", marker)
		}
		text := c.call("ListRoles", members...)
		for _, m := range regexp.MustCompile(`<RoleName>(.*?)</RoleName>`).FindAllStringSubmatch(text, -1) {
			names = append(names, m[1])
		}
		next := regexp.MustCompile(`<Marker>(.*)</Marker>`).FindStringSubmatch(text)
		if next == nil {
			break
		}
		marker = next[1]
	}
	c.want(strings.Join(names, " "), "a b c")
}

func TestRefusals(t *testing.T) {
	c := newClient(t)
	c.call("CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust)
	f := func(want, action string, members ...string) {
		t.Helper()
		if got := c.call(action, members...); !strings.Contains(got, want) {
			t.Errorf("%s %q: got %s\nwant %s", action, members, got, want)
		}
	}
	f("Bad Request: InvalidAction: Could not find operation CreateUser for version 2010-05-08", "CreateUser", "UserName", "u")
	f("InvalidAction: Could not find operation AttachRolePolicy", "AttachRolePolicy", "RoleName", "r")
	f("InvalidAction: Could not find operation GetRole for version 2011-06-15", "GetRole", "Version", "2011-06-15")
	f("MissingAction", "")
	f("ValidationError: 1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must not be null", "GetRole")
	f("Value at 'roleName' failed to satisfy constraint: Member must satisfy regular expression", "GetRole", "RoleName", "a b")
	f("Member must have length less than or equal to 64", "GetRole", "RoleName", strings.Repeat("a", 65))
	f("Value at 'maxItems'", "ListRoles", "MaxItems", "0")
	f("Invalid Marker", "ListRoles", "Marker", "!")
	f("Value at 'maxSessionDuration'", "UpdateRole", "RoleName", "r", "MaxSessionDuration", "60")
	f("InvalidInput: loglake has no permissions boundaries", "CreateRole", "RoleName", "s", "AssumeRolePolicyDocument", trust, "PermissionsBoundary", "arn:aws:iam::aws:policy/ReadOnlyAccess")
	f("InvalidInput: Duplicate tag keys", "TagRole", "RoleName", "r", "Tags.member.1.Key", "a", "Tags.member.1.Value", "", "Tags.member.2.Key", "a", "Tags.member.2.Value", "")

	malformed := func(want, document string) {
		t.Helper()
		f("Bad Request: MalformedPolicyDocument: "+want, "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument", document)
	}
	malformed("This policy contains invalid Json", `{`)
	malformed("JSON strings must not have leading spaces", " "+permit)
	malformed("Syntax errors in policy.", `{"Version":"2012-10-17"}`)
	malformed("Syntax errors in policy.", `{"Statement":[]}`)
	malformed("Syntax errors in policy.", `{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Colour":"red"}}`)
	malformed("The policy must contain a valid version string", `{"Version":"2024-01-01","Statement":[]}`)
	malformed("Missing required field Effect", `{"Statement":[{"Action":"*","Resource":"*"}]}`)
	malformed("Missing required field Resource", `{"Statement":[{"Effect":"Allow","Action":"*"}]}`)
	malformed("Has prohibited field Principal", trust)
	f("MalformedPolicyDocument: Has prohibited field Resource", "UpdateAssumeRolePolicy", "RoleName", "r", "PolicyDocument", permit)

	long := strings.Replace(permit, "a b", strings.Repeat("x", role.PolicyBytesMax), 1)
	f("Conflict: LimitExceeded: Maximum policy size of 10240 bytes exceeded for role r", "PutRolePolicy", "RoleName", "r", "PolicyName", "p", "PolicyDocument", long)
	f("LimitExceeded: Cannot exceed quota for ACLSizePerRole: 2048", "UpdateAssumeRolePolicy", "RoleName", "r", "PolicyDocument", strings.Replace(trust, "firehose", strings.Repeat("f", 2048), 1))
}

// No form makes the service fail, and each answer is one document.
func FuzzForm(f *testing.F) {
	f.Add("Action=CreateRole&Version=2010-05-08&RoleName=r&AssumeRolePolicyDocument=%7B%7D&Tags.member.1.Key=a")
	f.Add("Action=ListRoles&Version=2010-05-08&MaxItems=1&Marker=cg%3D%3D&PathPrefix=/")
	f.Add("Action=UpdateRole&Version=2010-05-08&RoleName=r&MaxSessionDuration=3600&Description=%ff")
	c := newClient(f)
	c.call("CreateRole", "RoleName", "r", "AssumeRolePolicyDocument", trust)
	f.Fuzz(func(t *testing.T, form string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		c.handler.ServeHTTP(w, r)
		var document struct{ XMLName xml.Name }
		if err := xml.Unmarshal(w.Body.Bytes(), &document); err != nil || w.Code >= http.StatusInternalServerError {
			t.Errorf("%q is answered %d %s (%v)", form, w.Code, w.Body, err)
		}
	})
}
