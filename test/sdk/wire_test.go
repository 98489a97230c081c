package sdk_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// lossy is a network that loses the first answer: the server has done what was asked, and the client does not know.
func lossy(attempts *atomic.Int32) roundTripper {
	return func(r *http.Request) (*http.Response, error) {
		response, err := http.DefaultTransport.RoundTrip(r)
		if attempts.Add(1) > 1 || err != nil {
			return response, err
		}
		_, err = io.Copy(io.Discard, response.Body)
		return nil, errors.Join(errors.New("connection reset by peer"), err, response.Body.Close())
	}
}

func (l *lake) logStream(ctx context.Context, t *testing.T, group, stream string) {
	t.Helper()
	c := cloudwatchlogs.NewFromConfig(l.config())
	must(c.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: &group}))(t)
	must(c.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: &group, LogStreamName: &stream}))(t)
}

func (l *lake) messages(ctx context.Context, t *testing.T, group string) (messages []string) {
	t.Helper()
	out := must(cloudwatchlogs.NewFromConfig(l.config()).FilterLogEvents(ctx, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: &group}))(t)
	for _, e := range out.Events {
		messages = append(messages, *e.Message)
	}
	return messages
}

func putOne(group, stream, message string) *cloudwatchlogs.PutLogEventsInput {
	return &cloudwatchlogs.PutLogEventsInput{LogGroupName: &group, LogStreamName: &stream,
		LogEvents: []logstypes.InputLogEvent{{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: &message}}}
}

// An SDK repeats a call whose answer was lost. The repeat gets the first answer, and the events are in once; another
// call with the same content is another call. It holds over a kill between the two attempts.
func TestRepeats(t *testing.T) {
	ctx, l := t.Context(), serve(t, "--data", t.TempDir())
	l.logStream(ctx, t, "g", "s")
	f := l.story(ctx, t)
	for range 2 {
		var attempts atomic.Int32
		c := cloudwatchlogs.NewFromConfig(l.config(withTransport(lossy(&attempts))))
		must(c.PutLogEvents(ctx, putOne("g", "s", "m")))(t)
		if attempts.Load() != 2 {
			t.Fatalf("%d attempts", attempts.Load())
		}
	}
	var attempts atomic.Int32
	lost := firehose.NewFromConfig(l.config(withTransport(lossy(&attempts))))
	records := []firehosetypes.Record{{Data: []byte(`{"id":"a","n":1}`)}, {Data: []byte(`{"id":"b","n":2}`)}}
	batch := must(lost.PutRecordBatch(ctx, &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String("direct"), Records: records}))(t)
	if *batch.FailedPutCount != 0 || len(batch.RequestResponses) != 2 {
		t.Errorf("the repeat is answered with %+v", batch)
	}
	attempts.Store(0)
	must(lost.PutRecord(ctx, &firehose.PutRecordInput{DeliveryStreamName: aws.String("direct"), Record: &records[0]}))(t)
	must(f.PutRecord(ctx, &firehose.PutRecordInput{DeliveryStreamName: aws.String("direct"), Record: &records[1]}))(t)

	killed := false
	over := cloudwatchlogs.NewFromConfig(l.config(withTransport(func(r *http.Request) (*http.Response, error) {
		if killed {
			r.URL.Host = strings.TrimPrefix(l.AWS, "http://") // the new life has another port
		}
		response, err := http.DefaultTransport.RoundTrip(r)
		if killed || err != nil {
			return response, err
		}
		killed = true
		l.kill(t)
		*l = *start(t, command(t, "serve", "--ephemeral", "--data", l.Data))
		return nil, errors.Join(errors.New("connection reset by peer"), response.Body.Close())
	})))
	must(over.PutLogEvents(ctx, putOne("g", "s", "over a kill")))(t)

	if got := l.messages(ctx, t, "g"); len(got) != 3 {
		t.Errorf("three calls left %d events: %q", len(got), got)
	}
	l.flush(t, "direct")
	if rows, _ := l.sql(t, "SELECT count(*), sum(n) FROM logs"); len(rows) != 1 || rows[0][0] != "4" || rows[0][1] != "6" {
		t.Errorf("two and one and one records are %v", rows)
	}
}

// credentialsFile makes a file as ~/.aws/credentials is.
func credentialsFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "credentials")
	text := "[default]\naws_access_key_id = AKIDONE\naws_secret_access_key = one/+secret\nregion = us-east-1\n\n# another\n[ci]\naws_access_key_id=AKIDTWO\naws_secret_access_key=two\n"
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sum is the payload hash of a body.
func sum(body []byte) string {
	digest := sha256.Sum256(body)
	return hex.EncodeToString(digest[:])
}

// calls is one harmless call to every service.
func (l *lake) calls(ctx context.Context, options ...func(*aws.Config)) map[string]error {
	c, errs := l.config(options...), map[string]error{}
	_, errs["logs"] = cloudwatchlogs.NewFromConfig(c).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	_, errs["firehose"] = firehose.NewFromConfig(c).ListDeliveryStreams(ctx, &firehose.ListDeliveryStreamsInput{})
	_, errs["glue"] = glue.NewFromConfig(c).GetDatabases(ctx, &glue.GetDatabasesInput{})
	_, errs["athena"] = athena.NewFromConfig(c).ListWorkGroups(ctx, &athena.ListWorkGroupsInput{})
	_, errs["sts"] = sts.NewFromConfig(c).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	_, errs["s3"] = l.s3(options...).PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("lake"), Key: aws.String("k"), Body: strings.NewReader("body")})
	return errs
}

// With key pairs configured, each service refuses a bad signature in its own words.
func TestSignatures(t *testing.T) {
	ctx, l := t.Context(), serve(t, "--credentials", credentialsFile(t))
	good := withPair("AKIDONE", "one/+secret")
	must(l.s3(good).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("lake")}))(t)
	tampered := withTransport(func(r *http.Request) (*http.Response, error) {
		if r.Body != nil && r.ContentLength > 0 {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			body[len(body)/2] ^= 1
			r.Body = io.NopCloser(bytes.NewReader(body))
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	// The SDK corrects a skewed clock by itself, so the stale request is one that was held up on the way.
	stale := withTransport(func(r *http.Request) (*http.Response, error) {
		old := time.Now().Add(-20 * time.Minute)
		hash := r.Header.Get("X-Amz-Content-Sha256")
		if hash == "" {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				return nil, err
			}
			r.Body, hash = io.NopCloser(bytes.NewReader(body)), sum(body)
		}
		service := strings.Split(r.Header.Get("Authorization"), "/")[3]
		r.Header.Del("Authorization")
		if err := v4.NewSigner().SignHTTP(r.Context(), aws.Credentials{AccessKeyID: "AKIDONE", SecretAccessKey: "one/+secret"}, r, hash, service, "us-east-1", old,
			func(o *v4.SignerOptions) { o.DisableURIPathEscaping = service == "s3" }); err != nil {
			return nil, err
		}
		return http.DefaultTransport.RoundTrip(r)
	})
	const sign, unknown, denied = "InvalidSignatureException", "UnrecognizedClientException", "SignatureDoesNotMatch"
	for _, c := range []struct {
		name            string
		options         []func(*aws.Config)
		json, query, s3 string // codes; "" success
	}{
		{"the first pair", []func(*aws.Config){good}, "", "", ""},
		{"the second pair", []func(*aws.Config){withPair("AKIDTWO", "two")}, "", "", ""},
		{"a wrong secret", []func(*aws.Config){withPair("AKIDONE", "guessed")}, sign, denied, denied},
		{"an unknown key", []func(*aws.Config){withPair("AKIDWHO", "two")}, unknown, "InvalidClientTokenId", "InvalidAccessKeyId"},
		{"a stale request", []func(*aws.Config){good, stale}, sign, denied, "RequestTimeTooSkewed"},
		{"a tampered body", []func(*aws.Config){good, tampered}, sign, denied, "XAmzContentSHA256Mismatch"},
		{"no signature", []func(*aws.Config){func(c *aws.Config) { c.Credentials = aws.AnonymousCredentials{} }},
			"MissingAuthenticationTokenException", "MissingAuthenticationToken", "AccessDenied"},
	} {
		t.Run(c.name, func(t *testing.T) {
			once := func(c *aws.Config) { c.Retryer = func() aws.Retryer { return aws.NopRetryer{} } }
			for service, err := range l.calls(ctx, append(c.options, once)...) {
				want := map[string]string{"sts": c.query, "s3": c.s3}[service]
				if service != "sts" && service != "s3" {
					want = c.json
				}
				if want == "" {
					if err != nil {
						t.Errorf("%s: %v", service, err)
					}
					continue
				}
				t.Run(service, func(t *testing.T) { wantCode(t, err, want) })
			}
		})
	}
}

// certificate makes a self-signed certificate for 127.0.0.1 and a client that trusts it.
func certificate(t *testing.T) (cert, key string, client *http.Client) {
	t.Helper()
	private := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))(t)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "loglake test"}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private))(t)
	dir, keyDER := t.TempDir(), must(x509.MarshalECPrivateKey(private))(t)
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for path, content := range map[string][]byte{cert: chain, key: pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: keyDER})} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(chain)
	return cert, key, &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
}

func TestTLS(t *testing.T) {
	ctx := t.Context()
	cert, key, client := certificate(t)
	l := serve(t, "--tls-cert", cert, "--tls-key", key)
	if !strings.HasPrefix(l.AWS, "https://127.0.0.1:") || !strings.HasPrefix(l.HTTP, "https://") {
		t.Fatalf("endpoints %s, %s", l.AWS, l.HTTP)
	}
	trusting := func(c *aws.Config) { c.HTTPClient = client }
	must(l.s3(trusting).CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("lake")}))(t)
	for service, err := range l.calls(ctx, trusting) {
		if err != nil {
			t.Errorf("%s: %v", service, err)
		}
	}
	response := must(client.Get(l.HTTP + "/readyz"))(t)
	if response.Body.Close(); response.StatusCode != http.StatusOK {
		t.Errorf("/readyz: %s", response.Status)
	}
	var unknown *tls.CertificateVerificationError
	if _, err := http.Get(l.HTTP + "/readyz"); !errors.As(err, &unknown) {
		t.Errorf("a client that does not trust the certificate gets %v", err)
	}
}

// post sends a body as it is to a JSON operation, and gives status, error type and message.
func (l *lake) post(t *testing.T, target string, body []byte, header ...string) (status int, kind, message string) {
	t.Helper()
	r := must(http.NewRequest(http.MethodPost, l.AWS, bytes.NewReader(body)))(t)
	r.Header.Set("X-Amz-Target", target)
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	response := must(http.DefaultClient.Do(r))(t)
	defer response.Body.Close()
	text := must(io.ReadAll(response.Body))(t)
	var fault map[string]any
	if err := json.Unmarshal(text, &fault); len(text) > 0 && err != nil {
		t.Errorf("%s answers %q: %v", target, text, err)
	}
	if response.Header.Get("X-Amzn-Requestid") == "" {
		t.Errorf("%s answers without a request id", target)
	}
	kind, _ = fault["__type"].(string)
	for _, name := range []string{"message", "Message"} {
		if s, ok := fault[name].(string); ok {
			message = s
		}
	}
	return response.StatusCode, kind, message
}

// The CloudWatch agent and Fluent Bit send gzip bodies.
func TestGzipBody(t *testing.T) {
	ctx, l := t.Context(), serve(t)
	l.logStream(ctx, t, "g", "s")
	var zipped bytes.Buffer
	z := gzip.NewWriter(&zipped)
	fmt.Fprintf(z, `{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":%d,"message":"%s"}]}`, time.Now().UnixMilli(), strings.Repeat("long ", 1000))
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if status, kind, message := l.post(t, "Logs_20140328.PutLogEvents", zipped.Bytes(), "Content-Encoding", "gzip"); status != http.StatusOK {
		t.Errorf("%d %s %s", status, kind, message)
	}
	if got := l.messages(ctx, t, "g"); len(got) != 1 || got[0] != strings.Repeat("long ", 1000) {
		t.Errorf("got %.60q", got)
	}
	cut := zipped.Bytes()[:zipped.Len()-4]
	if status, kind, _ := l.post(t, "Logs_20140328.PutLogEvents", cut, "Content-Encoding", "gzip"); status != http.StatusBadRequest || kind == "" {
		t.Errorf("a torn gzip body is answered with %d %s", status, kind)
	}
	if status, kind, _ := l.post(t, "Logs_20140328.PutLogEvents", zipped.Bytes(), "Content-Encoding", "br"); status < 400 || kind == "" {
		t.Errorf("another coding is answered with %d %s", status, kind)
	}
	if n := len(l.messages(ctx, t, "g")); n != 1 {
		t.Errorf("%d events, want 1", n)
	}
}

// Whatever arrives, the answer is the client's mistake with a sentence, the server lives and nothing is stored.
func TestGarbage(t *testing.T) {
	ctx, l := t.Context(), serve(t)
	l.logStream(ctx, t, "g", "s")
	targets := []string{
		"Logs_20140328.PutLogEvents", "Logs_20140328.CreateLogGroup", "Logs_20140328.FilterLogEvents",
		"Firehose_20150804.PutRecord", "Firehose_20150804.PutRecordBatch", "Firehose_20150804.CreateDeliveryStream",
		"AWSGlue.CreateTable", "AWSGlue.GetPartitions", "AmazonAthena.StartQueryExecution", "AmazonAthena.GetQueryResults",
		"Logs_20140328.NoSuchThing", "NoService.Thing", "nothing",
	}
	bodies := map[string][]byte{
		"nothing": nil, "not JSON": []byte("hello"), "binary": {0, 0xff, 0xfe, 0x1f, 0x8b}, "an array": []byte("[]"), "a number": []byte("1"), "an empty object": []byte("{}"),
		"torn": []byte(`{"logGroupName":"g","logStreamName":"s","logEvents":[{"timestamp":1`), "deep": []byte(strings.Repeat(`{"a":`, 100_000)),
		"wrong types":   []byte(`{"logGroupName":1,"logEvents":"x","DeliveryStreamName":[],"Record":1,"Records":{},"DatabaseName":{},"TableInput":3,"QueryString":false,"QueryExecutionId":[]}`),
		"invalid UTF-8": []byte("{\"logGroupName\":\"\xff\xfe\",\"DeliveryStreamName\":\"\xff\",\"DatabaseName\":\"\xff\",\"QueryString\":\"\xff\"}"),
		"a null byte":   []byte(`{"logGroupName":"a\u0000b","DeliveryStreamName":"a\u0000b","DatabaseName":"a\u0000b","QueryString":"a\u0000b","QueryExecutionId":"a\u0000b"}`),
		"long":          []byte(`{"logGroupName":"` + strings.Repeat("x", 1<<20) + `","DeliveryStreamName":"` + strings.Repeat("x", 1<<20) + `","DatabaseName":"` + strings.Repeat("x", 1<<20) + `","QueryString":"` + strings.Repeat("x", 1<<20) + `"}`),
	}
	for name, body := range bodies {
		for _, target := range targets {
			status, kind, message := l.post(t, target, body)
			if status != http.StatusBadRequest && status != http.StatusNotFound && status != http.StatusRequestEntityTooLarge || kind == "" {
				t.Errorf("%s with %s is answered with %d %s %.100s", target, name, status, kind, message)
			}
			if kind != "UnknownOperationException" && message == "" {
				t.Errorf("%s with %s: %s without a sentence", target, name, kind)
			}
		}
	}
	for _, r := range []struct{ method, path, body string }{
		{"PUT", "/Bad_Bucket", ""}, {"GET", "/none/key", ""}, {"POST", "/none?delete", "<Delete"}, {"PUT", "/none?lifecycle", "<a></b>"},
		{"POST", "/none/k?uploadId=1", "\x00"}, {"GET", "/none?list-type=2&max-keys=x", ""}, {"PATCH", "/none", ""}, {"GET", "/%2e%2e/%2e%2e/etc/passwd", ""},
		{"PUT", "/none/" + strings.Repeat("k", 1100), "x"}, {"GET", "/none/%00", ""}, {"POST", "/", "Action=Nothing"},
	} {
		request := must(http.NewRequest(r.method, l.AWS+r.path, strings.NewReader(r.body)))(t)
		if r.path == "/" {
			request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
		response := must(http.DefaultClient.Do(request))(t)
		text := must(io.ReadAll(response.Body))(t)
		response.Body.Close()
		if response.StatusCode < 400 || response.StatusCode == 500 || !strings.Contains(string(text), "<Code>") {
			t.Errorf("%s %.40s is answered with %d %s", r.method, r.path, response.StatusCode, text)
		}
	}
	if got := l.messages(ctx, t, "g"); len(got) != 0 {
		t.Errorf("garbage was stored: %q", got)
	}
	must(l.s3().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("lake")}))(t)
	for service, err := range l.calls(ctx) {
		if err != nil {
			t.Errorf("afterwards %s: %v", service, err)
		}
	}
	if strings.Contains(l.stderr.String(), "panic") {
		t.Errorf("the log tells of a panic: %s", l.stderr)
	}
}
