package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/loglake/loglake"
)

func init() {
	for _, v := range os.Environ() { // a developer's own settings
		if name, _, _ := strings.Cut(v, "="); strings.HasPrefix(name, "LOGLAKE_") {
			_ = os.Unsetenv(name)
		}
	}
}

// told runs the program as a shell does.
func told(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	var out, errs bytes.Buffer
	code = run(ctx, args, &out, &errs)
	return code, out.String(), errs.String()
}

// The command line is refused before anything is touched, with what to do.
func TestUsage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	broken := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(broken, []byte("[default]\naws_access_key_id = A\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args string
		code int
		want []string
	}{
		{"serv", exitUsage, []string{`unknown command "serv"`, "serve", "loglake --help"}},
		{"serve --nope", exitUsage, []string{"unknown flag: --nope", "`loglake serve --help`"}},
		{"serve lake", exitUsage, []string{"takes no arguments", `"lake"`}},
		{"serve --account 12", exitUsage, []string{"--account", "12 digits"}},
		{"serve --tls-cert x", exitUsage, []string{"--tls-cert and --tls-key"}},
		{"serve --credentials " + broken, exitUsage, []string{broken, "aws_secret_access_key"}},
		{"serve --credentials /none", exitFailed, []string{"--credentials", "/none", "no such file"}},
		{"serve --aws-addr foo", exitUsage, []string{"--aws-addr", "HOST:PORT"}},
		{"serve --aws-addr 127.0.0.1:0 --http-addr foo", exitUsage, []string{"--http-addr", "HOST:PORT"}},
		{"serve --aws-addr 0.0.0.0:0", exitUsage, []string{"--aws-addr", "reachable from other machines", "--credentials", "127.0.0.1"}},
		{"serve --http-addr :0", exitUsage, []string{"--http-addr", "reachable from other machines"}},
		{"serve --data /dev/null/lake", exitFailed, []string{"/dev/null"}},
		{"flush", exitUsage, []string{"one STREAM", "--help"}},
		{"flush s --format xml", exitUsage, []string{"--format", "text or json"}},
		{"flush s --endpoint http://127.0.0.1:1", exitFailed, []string{"no loglake answers at http://127.0.0.1:1", "loglake serve", "--endpoint"}},
		{"resume s", exitUsage, []string{"--as-is"}},
		{"check --format xml", exitUsage, []string{"--format", "text or json"}},
		{"check", exitFailed, []string{dir, "no loglake", "--data"}},
		{"check x", exitUsage, []string{"takes no arguments"}},
	} {
		args := strings.Fields(c.args)
		if args[0] == "serve" || args[0] == "check" {
			args = append(args[:1:1], append([]string{"--data", dir}, args[1:]...)...)
		}
		code, stdout, stderr := told(t, args...)
		if code != c.code || stdout != "" || !strings.HasPrefix(stderr, "loglake: ") {
			t.Errorf("loglake %s: exit %d, want %d; stdout %q, stderr %q", c.args, code, c.code, stdout, stderr)
		}
		for _, want := range c.want {
			if !strings.Contains(stderr, want) {
				t.Errorf("loglake %s says %q, want %q in it", c.args, stderr, want)
			}
		}
	}
	if code, _, _ := told(t, "check", "--data", dir+"-typo"); code != exitFailed {
		t.Errorf("check of a folder that is not there: exit %d", code)
	}
	if _, err := os.Stat(dir + "-typo"); !errors.Is(err, os.ErrNotExist) {
		t.Error("check made the folder that it was to check")
	}
}

// Where nobody answers, every command says so in the same words, and none names the calls that failed for it.
func TestNobodyAnswers(t *testing.T) {
	nobody := "http://127.0.0.1:1"
	log := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(log, []byte("a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"status"}, {"tail", "/g"}, {"query", "SELECT 1"}, {"put", "--group", "/g", log}, {"flush", "s"}, {"explain", "s3://bucket/key"}} {
		code, stdout, stderr := told(t, append(args, "--endpoint", nobody)...)
		if code != exitFailed || stdout != "" || !strings.HasPrefix(stderr, "loglake: no loglake answers at "+nobody+": connection refused\n  start one with `loglake serve`") {
			t.Errorf("%s: exit %d, %s%s", args[0], code, stdout, stderr)
		}
	}
	_, _, err := piped(t, &running{endpoints: endpoints{AWS: nobody}}, `\d`)
	var e *loglake.Error
	if !errors.As(err, &e) || e.Message != "no loglake answers at "+nobody+": connection refused" || e.Hint == "" {
		t.Errorf("sql: %v", err)
	}
}

// What a service refuses is told as it says it, without the words of the SDK.
func TestPutRefused(t *testing.T) {
	r := serving(t)
	log := filepath.Join(t.TempDir(), "a.log")
	if err := os.WriteFile(log, []byte("a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := told(t, "put", log, "--group", "no group", "--endpoint", r.AWS)
	if code != exitFailed || !strings.HasPrefix(stderr, "loglake: InvalidParameterException: ") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

func TestHelp(t *testing.T) {
	code, help, _ := told(t)
	for _, want := range []string{"serve", "check", "flush", "resume", "completion", "Exit codes"} {
		if code != exitOK || !strings.Contains(help, want) {
			t.Errorf("exit %d, and the help lacks %q", code, want)
		}
	}
	if code, text, _ := told(t, "--version"); code != exitOK || text != "loglake version dev\n" {
		t.Errorf("exit %d, version %q", code, text)
	}
	code, script, _ := told(t, "completion", "bash")
	if code != exitOK || !strings.Contains(script, "complete -o default -F __start_loglake loglake") {
		t.Fatalf("completion: exit %d, %.100q", code, script)
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash to read the completion")
	}
	c := exec.Command(bash, "-n")
	c.Stdin = strings.NewReader(script)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("bash can't read the completion: %v %s", err, out)
	}
}

// running is a `serve` in this process.
type running struct {
	endpoints
	stdout, stderr *output
	stop           func() (code int)
}

// output is one that can be read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
	on chan struct{} // gets a value when something was written
}

func (p *output) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.on <- struct{}{}:
	default:
	}
	return p.b.Write(b)
}

func (p *output) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.b.String()
}

// serving runs `serve` with these arguments until it is ready.
func serving(t *testing.T, args ...string) *running {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r := &running{stdout: &output{on: make(chan struct{}, 1)}, stderr: &output{on: make(chan struct{}, 1)}}
	ended := make(chan int, 1)
	go func() { ended <- run(ctx, append([]string{"serve", "--ephemeral"}, args...), r.stdout, r.stderr) }()
	r.stop = sync.OnceValue(func() int {
		cancel()
		return <-ended
	})
	t.Cleanup(func() {
		if code := r.stop(); code != exitOK {
			t.Errorf("serve %v ended with %d: %s", args, code, r.stderr)
		}
	})
	select {
	case <-r.stdout.on:
	case code := <-ended:
		ended <- code
		t.Fatalf("serve %v ended with %d: %s", args, code, r.stderr)
	}
	if err := json.Unmarshal([]byte(r.stdout.String()), &r.endpoints); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *running) config() aws.Config {
	return aws.Config{Region: "us-east-1", BaseEndpoint: &r.AWS, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}
}

func TestEphemeral(t *testing.T) {
	r := serving(t)
	if !strings.HasPrefix(r.AWS, "http://127.0.0.1:") || !strings.HasPrefix(r.HTTP, "http://127.0.0.1:") || r.Account != "000000000000" || r.Region != "us-east-1" {
		t.Errorf("endpoints are %+v", r.endpoints)
	}
	if _, err := os.Stat(r.Data); err != nil {
		t.Error(err)
	}
	if !strings.Contains(r.stderr.String(), "no key pairs are configured") {
		t.Errorf("it does not say that any pair may call: %s", r.stderr)
	}
	if code := r.stop(); code != exitOK {
		t.Errorf("exit %d", code)
	}
	if out := r.stdout.String(); strings.Count(out, "\n") != 1 || !strings.HasSuffix(out, "}\n") {
		t.Errorf("stdout is %q, want one line", out)
	}
	if _, err := os.Stat(r.Data); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder stays: %v", err)
	}
}

func TestEnvironment(t *testing.T) {
	dir := t.TempDir()
	for name, value := range map[string]string{
		"LOGLAKE_ACCOUNT": "123456789012", "LOGLAKE_REGION": "eu-central-1", "LOGLAKE_DATA": dir,
		"LOGLAKE_AWS_ADDR": "127.0.0.1:0", "LOGLAKE_HTTP_ADDR": "localhost:0",
	} {
		t.Setenv(name, value)
	}
	r := serving(t, "--data", filepath.Join(dir, "flag"), "--region", "eu-west-1")
	if r.Account != "123456789012" || r.Region != "eu-west-1" || r.Data != filepath.Join(dir, "flag") {
		t.Errorf("endpoints are %+v", r.endpoints)
	}
	t.Setenv("LOGLAKE_ACCESS_KEY_ID", "A")
	if code, _, text := told(t, "serve", "--data", dir); code != exitUsage || !strings.Contains(text, "LOGLAKE_SECRET_ACCESS_KEY") {
		t.Errorf("half a pair: exit %d %q", code, text)
	}
	t.Setenv("LOGLAKE_ACCESS_KEY_ID", "")
	t.Setenv("LOGLAKE_ENDPOINT", r.AWS)
	if code, _, text := told(t, "flush", "nope"); code != exitFailed || !strings.Contains(text, "nope") || strings.Count(text, "\n") > 2 {
		t.Errorf("flush of an unknown stream: exit %d %q", code, text)
	}
	if code, _, text := told(t, "flush", "nope", "--endpoint", r.HTTP); code != exitFailed || !strings.Contains(text, r.HTTP) {
		t.Errorf("flush at the HTTP address: exit %d %q", code, text)
	}
}

// What is taken is named, with the flag to change.
func TestTaken(t *testing.T) {
	r := serving(t)
	for flag, url := range map[string]string{"--aws-addr": r.AWS, "--http-addr": r.HTTP} {
		addr := strings.TrimPrefix(url, "http://")
		code, stdout, text := told(t, "serve", "--ephemeral", flag, addr)
		if code != exitFailed || stdout != "" || !strings.Contains(text, flag+" "+addr) || !strings.Contains(text, "another address with "+flag) {
			t.Errorf("a port in use: exit %d %q", code, text)
		}
	}
	for _, command := range []string{"serve", "check"} {
		code, _, text := told(t, command, "--data", r.Data)
		if code != exitFailed || !strings.Contains(text, r.Data) || !strings.Contains(text, fmt.Sprint(os.Getpid())) || !strings.Contains(text, "--data") {
			t.Errorf("%s on a folder in use: exit %d %q", command, code, text)
		}
	}
}

// A stream that can't deliver makes a waiting flush end with why, or with where to look, and is no failure of the server.
func TestFlushThatCantEnd(t *testing.T) {
	r := serving(t)
	ctx, c := t.Context(), firehose.NewFromConfig(r.config())
	if _, err := c.CreateDeliveryStream(ctx, &firehose.CreateDeliveryStreamInput{DeliveryStreamName: aws.String("early"),
		ExtendedS3DestinationConfiguration: &firehosetypes.ExtendedS3DestinationConfiguration{
			RoleARN: aws.String("arn:aws:iam::000000000000:role/r"), BucketARN: aws.String("arn:aws:s3:::later")}}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.PutRecord(ctx, &firehose.PutRecordInput{DeliveryStreamName: aws.String("early"), Record: &firehosetypes.Record{Data: []byte("x")}}); err != nil {
		t.Fatal(err)
	}
	code, _, text := told(t, "flush", "early", "--endpoint", r.AWS, "--timeout", "1ns")
	if code != exitFailed || !strings.Contains(text, "has not answered in time") || !strings.Contains(text, "loglake status") {
		t.Errorf("exit %d %q", code, text)
	}
	code, _, text = told(t, "flush", "early", "--endpoint", r.AWS)
	if code != exitFailed || !strings.Contains(text, "bucket later does not exist") || !strings.Contains(text, "create it") {
		t.Errorf("exit %d %q", code, text)
	}
	if _, err := s3.NewFromConfig(r.config(), func(o *s3.Options) { o.UsePathStyle = true }).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("later")}); err != nil {
		t.Fatal(err)
	}
	if code, out, text := told(t, "flush", "early", "--endpoint", r.AWS); code != exitOK || out != "" && !strings.HasPrefix(out, "s3://later/") {
		t.Errorf("with the bucket: exit %d %q %q", code, out, text)
	}
	if strings.Contains(r.stderr.String(), "level=ERROR") {
		t.Errorf("a client that is gone is told as a failure: %s", r.stderr)
	}
}

// With key pairs, every address is fine.
func TestBeyondLoopback(t *testing.T) {
	path := filepath.Join(t.TempDir(), "credentials")
	if err := os.WriteFile(path, []byte("[default]\naws_access_key_id = AKID\naws_secret_access_key = secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := serving(t, "--credentials", path, "--aws-addr", "0.0.0.0:0")
	_, port, err := net.SplitHostPort(strings.TrimPrefix(r.AWS, "http://"))
	if err != nil {
		t.Fatalf("%s: %v", r.AWS, err)
	}
	for secret, want := range map[string]string{"secret": "", "wrong": "SignatureDoesNotMatch"} {
		c := r.config()
		c.BaseEndpoint, c.Credentials = aws.String("http://127.0.0.1:"+port), credentials.NewStaticCredentialsProvider("AKID", secret, "")
		_, err := s3.NewFromConfig(c).ListBuckets(t.Context(), &s3.ListBucketsInput{})
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("secret %q: %v, want %q", secret, err, want)
		}
	}
	if strings.Contains(r.stderr.String(), "no key pairs") {
		t.Error("it says that no pairs are configured")
	}
}

// deliver makes a lake with one committed object of a stream, and gives the object's file.
func deliver(t *testing.T, dir string) string {
	t.Helper()
	r := serving(t, "--data", dir)
	ctx, c := t.Context(), firehose.NewFromConfig(r.config())
	if _, err := s3.NewFromConfig(r.config(), func(o *s3.Options) { o.UsePathStyle = true }).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("lake")}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.CreateDeliveryStream(ctx, &firehose.CreateDeliveryStreamInput{DeliveryStreamName: aws.String("plain"),
		ExtendedS3DestinationConfiguration: &firehosetypes.ExtendedS3DestinationConfiguration{
			RoleARN: aws.String("arn:aws:iam::000000000000:role/r"), BucketARN: aws.String("arn:aws:s3:::lake"), Prefix: aws.String("plain/")}}); err != nil {
		t.Fatal(err)
	}
	put := func(text string) {
		if _, err := c.PutRecord(ctx, &firehose.PutRecordInput{DeliveryStreamName: aws.String("plain"), Record: &firehosetypes.Record{Data: []byte(text)}}); err != nil {
			t.Fatal(err)
		}
	}
	put("delivered\n")
	code, out, text := told(t, "flush", "plain", "--endpoint", r.AWS)
	key, ok := strings.CutPrefix(strings.TrimSpace(out), "s3://lake/")
	if code != exitOK || !ok || strings.Count(out, "\n") != 1 {
		t.Fatalf("flush: exit %d %q %q", code, out, text)
	}
	put("buffered\n")
	code, out, _ = told(t, "flush", "plain", "--endpoint", r.AWS, "--format", "json")
	var objects struct {
		Objects []struct{ Bucket, Key, Kind string }
	}
	if err := json.Unmarshal([]byte(out), &objects); err != nil || code != exitOK || len(objects.Objects) != 1 || objects.Objects[0].Bucket != "lake" || objects.Objects[0].Kind != "plain" {
		t.Errorf("flush as JSON: exit %d %q %v", code, out, err)
	}
	put("buffered\n")
	if code := r.stop(); code != exitOK {
		t.Fatalf("exit %d: %s", code, r.stderr)
	}
	return filepath.Join(dir, "buckets", "lake", filepath.FromSlash(key))
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(file string) error
		code   int
		want   []string
	}{
		{"healthy", func(string) error { return nil }, exitOK, []string{"2 objects read", "1 events buffered", "0 problems"}},
		{"a missing object", os.Remove, exitProblem, []string{"1 problems", "missing: ", "lake/plain/", "removed"}},
		{"a damaged object", func(file string) error { return os.WriteFile(file, []byte("deliverED\n"), 0o600) }, exitProblem, []string{"1 problems", "checksum"}},
		{"a torn object", func(file string) error { return os.Truncate(file, 3) }, exitProblem, []string{"1 problems", "3 bytes"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			file := deliver(t, dir)
			if _, err := os.Stat(file); err != nil {
				t.Fatal(err)
			}
			if err := c.damage(file); err != nil {
				t.Fatal(err)
			}
			code, out, text := told(t, "check", "--data", dir)
			if code != c.code || text != "" {
				t.Errorf("exit %d, want %d; %q", code, c.code, text)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("it says\n%swant %q in it", out, want)
				}
			}
			code, out, _ = told(t, "check", "--data", dir, "--format", "json")
			var report struct {
				Objects  int
				Problems []struct{ Kind, Text string }
			}
			if err := json.Unmarshal([]byte(out), &report); err != nil || code != c.code || len(report.Problems) > 0 != (c.code == exitProblem) {
				t.Errorf("as JSON: exit %d %q %v", code, out, err)
			}
		})
	}
}

func TestHealth(t *testing.T) {
	r := serving(t)
	for path, want := range map[string]string{"/healthz": `{"status":"ok"}`, "/readyz": `{"status":"ready"}`, "/v1/streams": `{"streams":[]}`} {
		response, err := http.Get(r.HTTP + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		if err = errors.Join(err, response.Body.Close()); err != nil || response.StatusCode != http.StatusOK || strings.TrimSpace(string(body)) != want {
			t.Errorf("%s: %s %s %v", path, response.Status, body, err)
		}
	}
}
