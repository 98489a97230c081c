package front_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
	"github.com/loglake/loglake/api/door"
	"github.com/loglake/loglake/api/front"
	"github.com/loglake/loglake/api/iamapi"
	"github.com/loglake/loglake/api/s3api"
	"github.com/loglake/loglake/api/sigv4"
	"github.com/loglake/loglake/api/stsapi"
	"github.com/loglake/loglake/client"
	"github.com/loglake/loglake/role"
	"github.com/loglake/loglake/state"
	"github.com/loglake/loglake/store"
)

var home = loglake.Home{Account: "123456789012", Region: "us-east-1"}

func newHandler(t *testing.T, keys map[string]string) http.Handler {
	t.Helper()
	dir, err := store.OpenDir(store.DirConfig{Root: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	logs := awsjson.Service{Target: "Logs_20140328", SigningName: "logs", Operations: map[string]awsjson.Operation{
		"CreateLogGroup": func(context.Context, *awsjson.Request) (any, error) { return nil, nil },
	}}
	return front.New(front.Config{Services: []awsjson.Service{logs}, S3: s3api.New(s3api.Config{Store: dir, Home: home}), STS: &stsapi.Handler{Home: home},
		Native: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			fmt.Fprintf(w, "%q", r.Method+" "+r.URL.Path+" "+string(body))
		}),
		Verifier: sigv4.New(sigv4.Config{Keys: keys})})
}

// A form is IAM's by its version, signed for IAM or not at all; any other is STS's.
func TestIAM(t *testing.T) {
	db, err := state.Open(t.Context(), state.Config{Path: filepath.Join(t.TempDir(), "state.db"), Migrations: role.Migrations()})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // a test's
	iam := iamapi.New(iamapi.Config{Home: home, Roles: role.New(role.Config{DB: db, Account: home.Account, Clock: time.Now})})
	f := func(verifier *sigv4.Verifier, form, want string) {
		t.Helper()
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		w := httptest.NewRecorder()
		front.New(front.Config{STS: &stsapi.Handler{Home: home}, IAM: iam, Verifier: verifier}).ServeHTTP(w, r)
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s is answered %s, want %s", form, w.Body, want)
		}
	}
	f(nil, "Action=ListRoles&Version=2010-05-08", `<ListRolesResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">`)
	f(nil, "Action=GetCallerIdentity&Version=2011-06-15", "<GetCallerIdentityResponse")
	f(nil, "Action=ListRoles&Version=2011-06-15", "https://sts.amazonaws.com/")
	locked := sigv4.New(sigv4.Config{Keys: map[string]string{"AKID": "SECRET"}})
	f(locked, "Action=ListRoles&Version=2010-05-08", `<ErrorResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><Error><Type>Sender</Type><Code>MissingAuthenticationToken`)
	f(locked, "Action=GetCallerIdentity&Version=2011-06-15", `<ErrorResponse xmlns="https://sts.amazonaws.com/`)
}

// The SDK's clients of all services on one address, with good and bad keys, and the words of each for the bad.
func TestServices(t *testing.T) {
	server := httptest.NewServer(newHandler(t, map[string]string{"AKID": "SECRET"}))
	defer server.Close()
	for secret, want := range map[string]map[string]string{
		"SECRET": {"logs": "", "firehose": "UnknownOperationException", "s3": "", "sts": ""},
		"WRONG":  {"logs": "InvalidSignatureException", "firehose": "InvalidSignatureException", "s3": "SignatureDoesNotMatch", "sts": "SignatureDoesNotMatch"},
	} {
		c := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("AKID", secret, "")}
		got := map[string]error{}
		_, got["logs"] = cloudwatchlogs.NewFromConfig(c).CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("g")})
		_, got["firehose"] = firehose.NewFromConfig(c).ListDeliveryStreams(t.Context(), &firehose.ListDeliveryStreamsInput{})
		_, got["s3"] = s3.NewFromConfig(c).ListBuckets(t.Context(), &s3.ListBucketsInput{})
		var who *sts.GetCallerIdentityOutput
		who, got["sts"] = sts.NewFromConfig(c).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
		for service, err := range got {
			switch {
			case want[service] == "" && err != nil, want[service] != "" && (err == nil || !strings.Contains(err.Error(), want[service])):
				t.Errorf("%s with secret %s: %v, want %q", service, secret, err, want[service])
			}
		}
		if got["sts"] == nil && (*who.Account != home.Account || *who.Arn != "arn:aws:iam::123456789012:root" || *who.UserId != home.Account) {
			t.Errorf("identity is %+v", who)
		}
	}
	c := aws.Config{Region: "us-east-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("AKID", "SECRET", "")}
	_, err := sts.NewFromConfig(c).GetSessionToken(t.Context(), &sts.GetSessionTokenInput{})
	if err == nil || !strings.Contains(err.Error(), "InvalidAction: Could not find operation GetSessionToken for version 2011-06-15") {
		t.Errorf("another action gives %v", err)
	}
	link, err := sts.NewPresignClient(sts.NewFromConfig(c)).PresignGetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Get(link.URL)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Errorf("presigned: %v %+v", err, response)
	}
}

// Without keys all may come, whatever the host, and the form of a request decides.
func TestOpen(t *testing.T) {
	h := newHandler(t, nil)
	f := func(method, target, body, header string, status int, want string) {
		t.Helper()
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		if name, value, ok := strings.Cut(header, ": "); ok {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code != status || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s %s: %d %s, want %d %s", method, target, w.Code, w.Body, status, want)
		}
	}
	f("POST", "http://logs.us-east-1.amazonaws.com/", `{}`, "X-Amz-Target: Logs_20140328.CreateLogGroup", 200, "")
	f("POST", "http://anything/", `{}`, "X-Amz-Target: Logs_20140328.Nothing", 400, "UnknownOperationException")
	f("GET", "http://s3.localhost:4566/", "", "", 200, "ListAllMyBucketsResult")
	f("GET", "http://localhost/missing", "", "", 404, "NoSuchBucket")
	f("POST", "http://sts.amazonaws.com/", "Action=GetCallerIdentity&Version=2011-06-15", "Content-Type: application/x-www-form-urlencoded; charset=utf-8", 200, "<Account>123456789012</Account>")
	f("GET", "http://localhost/?Action=GetCallerIdentity&Version=2011-06-15", "", "", 200, "<Account>123456789012</Account>")
	f("POST", "http://localhost/", "Action=ListUsers&Version=2010-05-08", "Content-Type: application/x-www-form-urlencoded", 400, "<Code>InvalidAction</Code>")
	f("POST", "http://localhost/", "Version=2011-06-15", "Content-Type: application/x-www-form-urlencoded", 400, "<Code>MissingAction</Code>")
	f("POST", "http://localhost/", strings.Repeat("a", 70000), "Content-Type: application/x-www-form-urlencoded", 400, "<Code>MalformedInput</Code>")
	f("POST", "http://localhost/", "", "", 501, "NotImplemented")
}

// Native HTTP on the AWS address is for whoever signs, even where every pair is taken: a page in a browser can't.
func TestNative(t *testing.T) {
	for _, keys := range []map[string]string{nil, {"AKID": "SECRET"}} {
		server := httptest.NewServer(newHandler(t, keys))
		defer server.Close()
		for secret, want := range map[string]loglake.Code{"SECRET": "", "WRONG": loglake.CodeDenied} {
			if keys == nil {
				want = ""
			}
			c, err := client.New(client.Config{Endpoint: server.URL, AccessKey: "AKID", SecretKey: secret})
			if err != nil {
				t.Fatal(err)
			}
			var said string
			err = c.Call(t.Context(), http.MethodPost, "/v1/x", "in", &said)
			if loglake.CodeOf(err) != want || want == "" && said != `POST /v1/x "in"` {
				t.Errorf("with keys %v and secret %s: %v, %q", keys, secret, err, said)
			}
		}
		answer, err := http.Post(server.URL+"/_loglake/v1/x", "text/plain", nil)
		if err != nil {
			t.Fatal(err)
		}
		if answer.Body.Close(); answer.StatusCode != http.StatusForbidden {
			t.Errorf("unsigned, with keys %v: %s", keys, answer.Status)
		}
	}
}

// TestNativeBodyOfSomeSize sends what a backup of a large lake says that it has, and looks at the room that it takes.
func TestNativeBodyOfSomeSize(t *testing.T) {
	bodies := door.NewBodies(64 << 20)
	server := httptest.NewServer(front.New(front.Config{Bodies: bodies, Native: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		before, _ := bodies.Counts()
		err = errors.Join(err, r.Body.Close())
		after, _ := bodies.Counts()
		fmt.Fprintf(w, `"%d %v %d %d"`, n, err, before, after)
	})}))
	defer server.Close()
	c, err := client.New(client.Config{Endpoint: server.URL, AccessKey: "AKID", SecretKey: "SECRET"})
	if err != nil {
		t.Fatal(err)
	}
	var said string
	const size = 12 << 20
	if err := c.Call(t.Context(), http.MethodPost, "/v1/x", strings.Repeat("x", size-2), &said); err != nil || said != fmt.Sprintf("%d <nil> %d 0", size, size) {
		t.Errorf("%v, %q", err, said)
	}
}
