// Package client is how loglake's own commands speak to a server, near or far: the AWS services by the AWS SDK, and what
// AWS has no call for by native HTTP, which the AWS address serves below NativePath to whoever signs. One address and one
// key pair are enough for everything.
//
// It imports no package of the server, so that capture stays small.
package client

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/loglake/loglake"
)

// DefaultEndpoint is where `loglake serve` listens when it is told nothing.
const DefaultEndpoint = "http://127.0.0.1:4566"

// NativePath is where the AWS address serves native HTTP. No bucket may have such a name.
const NativePath = "/_loglake"

// SigningName is the service in the signature of a native call.
const SigningName = "loglake"

// answerBytesMax bounds the answer of a native call that is decoded as a whole.
const answerBytesMax = 64 << 20

// refusalBytesMax bounds an answer that is an error.
const refusalBytesMax = 1 << 20

// Config says which server, and as whom.
type Config struct {
	Endpoint  string // the AWS address, with its scheme; "": DefaultEndpoint
	Region    string // "": us-east-1
	AccessKey string // "": "loglake", which a server without key pairs takes as well as any
	SecretKey string
	HTTP      *http.Client // nil: http.DefaultClient
}

// FromEnv gives the configuration that the environment says: LOGLAKE_ENDPOINT, and the key pair of LOGLAKE_ACCESS_KEY_ID
// and LOGLAKE_SECRET_ACCESS_KEY, or else of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; the region of LOGLAKE_REGION,
// AWS_REGION or AWS_DEFAULT_REGION.
func FromEnv(getenv func(string) string) Config {
	c := Config{Endpoint: getenv("LOGLAKE_ENDPOINT")}
	for _, prefix := range []string{"LOGLAKE", "AWS"} {
		if id := getenv(prefix + "_ACCESS_KEY_ID"); id != "" && c.AccessKey == "" {
			c.AccessKey, c.SecretKey = id, getenv(prefix+"_SECRET_ACCESS_KEY")
		}
	}
	for _, name := range []string{"LOGLAKE_REGION", "AWS_REGION", "AWS_DEFAULT_REGION"} {
		if c.Region == "" {
			c.Region = getenv(name)
		}
	}
	return c
}

// Client speaks to one server. It is safe for use by many goroutines.
type Client struct {
	config Config
	signer *v4.Signer
}

// New makes a Client. It calls nobody.
func New(c Config) (*Client, error) {
	if c.Endpoint == "" {
		c.Endpoint = DefaultEndpoint
	}
	c.Endpoint = strings.TrimSuffix(c.Endpoint, "/")
	u, err := url.Parse(c.Endpoint)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, loglake.Errorf(loglake.CodeInvalid, "%q is not the address of a server", c.Endpoint).
			WithHint("write it as %s", DefaultEndpoint)
	}
	if c.Region == "" {
		c.Region = "us-east-1"
	}
	if c.AccessKey == "" {
		c.AccessKey, c.SecretKey = "loglake", "loglake"
	}
	if c.SecretKey == "" {
		return nil, loglake.Errorf(loglake.CodeInvalid, "the access key %s has no secret key beside it", c.AccessKey).
			WithHint("LOGLAKE_ACCESS_KEY_ID and LOGLAKE_SECRET_ACCESS_KEY (or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) go together")
	}
	if c.HTTP == nil {
		c.HTTP = http.DefaultClient
	}
	return &Client{config: c, signer: v4.NewSigner()}, nil
}

// Endpoint is the address of the server, without a slash at its end.
func (c *Client) Endpoint() string { return c.config.Endpoint }

// Region is the region that calls are signed for.
func (c *Client) Region() string { return c.config.Region }

// AWS gives the configuration for the SDK's clients.
func (c *Client) AWS() aws.Config {
	return aws.Config{
		Region: c.config.Region, BaseEndpoint: aws.String(c.config.Endpoint), HTTPClient: c.config.HTTP,
		Credentials: c.credentials(),
	}
}

func (c *Client) credentials() aws.CredentialsProvider {
	return credentials.NewStaticCredentialsProvider(c.config.AccessKey, c.config.SecretKey, "")
}

// Logs gives a client of CloudWatch Logs; the others are those of the other services.
func (c *Client) Logs() *cloudwatchlogs.Client { return cloudwatchlogs.NewFromConfig(c.AWS()) }

// Firehose gives a client of Firehose.
func (c *Client) Firehose() *firehose.Client { return firehose.NewFromConfig(c.AWS()) }

// Glue gives a client of the Glue Data Catalog.
func (c *Client) Glue() *glue.Client { return glue.NewFromConfig(c.AWS()) }

// Athena gives a client of Athena.
func (c *Client) Athena() *athena.Client { return athena.NewFromConfig(c.AWS()) }

// S3 gives a client of S3 that names buckets in the path.
func (c *Client) S3() *s3.Client {
	return s3.NewFromConfig(c.AWS(), func(o *s3.Options) { o.UsePathStyle = true })
}

// Call makes a native call and decodes its answer into out, unless it is nil. in, unless it is nil, is sent as JSON.
// path begins with /v1/ and may have a query. An answer that is an error comes back as *loglake.Error with the server's
// text and hint; no answer at all as CodeUnavailable.
func (c *Client) Call(ctx context.Context, method, path string, in, out any) (err error) {
	answer, err := c.Open(ctx, method, path, in)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, answer.Close()) }()
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(answer, answerBytesMax)).Decode(out); err != nil {
		return fmt.Errorf("read the answer of %s: %w", c.config.Endpoint, err)
	}
	return nil
}

// Open is Call for an answer that is read piece by piece. The caller closes it.
func (c *Client) Open(ctx context.Context, method, path string, in any) (io.ReadCloser, error) {
	answer, err := c.send(ctx, method, path, in)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode < 300 {
		return answer.Body, nil
	}
	defer answer.Body.Close() //nolint:errcheck // the error that matters is the one that it holds
	return nil, c.refusal(answer)
}

// send makes a native call. The caller closes the body of the answer, whatever its status.
func (c *Client) send(ctx context.Context, method, path string, in any) (*http.Response, error) {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return nil, err
		}
	}
	req, err := http.NewRequestWithContext(ctx, method, c.config.Endpoint+NativePath+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if err := c.sign(ctx, req, body); err != nil {
		return nil, err
	}
	answer, err := c.config.HTTP.Do(req)
	if err != nil {
		return nil, c.unreachable(err)
	}
	return answer, nil
}

func (c *Client) sign(ctx context.Context, req *http.Request, body []byte) error {
	keys, err := c.credentials().Retrieve(ctx)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	req.Header.Set("X-Amz-Content-Sha256", hash)
	return c.signer.SignHTTP(ctx, keys, req, hash, SigningName, c.config.Region, time.Now())
}

func (c *Client) unreachable(err error) error {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return &loglake.Error{Code: loglake.CodeUnavailable, Err: err,
			Message: c.config.Endpoint + " has not answered in time; what was asked goes on there",
			Hint:    "`loglake status` tells what holds a stream up"}
	case errors.Is(err, context.Canceled):
		return &loglake.Error{Code: loglake.CodeUnavailable, Err: err, Message: "interrupted; what was asked goes on at " + c.config.Endpoint}
	}
	return &loglake.Error{
		Code: loglake.CodeUnavailable, Err: err, Message: fmt.Sprintf("no loglake answers at %s: %v", c.config.Endpoint, innermost(err)),
		Hint: "start one with `loglake serve`, or give the address of its AWS services with --endpoint or LOGLAKE_ENDPOINT",
	}
}

// innermost is the last error of a chain: "connection refused", without the calls that failed for it.
func innermost(err error) error {
	for next := errors.Unwrap(err); next != nil; next = errors.Unwrap(next) {
		err = next
	}
	return err
}

// codes are the codes that the statuses of native HTTP stand for.
var codes = map[int]loglake.Code{
	http.StatusBadRequest: loglake.CodeInvalid, http.StatusNotFound: loglake.CodeNotFound, http.StatusConflict: loglake.CodeConflict,
	http.StatusTooManyRequests: loglake.CodeThrottled, http.StatusNotImplemented: loglake.CodeUnsupported,
	http.StatusForbidden: loglake.CodeDenied, http.StatusServiceUnavailable: loglake.CodeUnavailable,
	http.StatusGatewayTimeout: loglake.CodeUnavailable,
}

func (c *Client) refusal(answer *http.Response) error {
	body, err := io.ReadAll(io.LimitReader(answer.Body, refusalBytesMax))
	if err != nil {
		return fmt.Errorf("read the answer of %s: %w", c.config.Endpoint, err)
	}
	var said struct{ Error, Hint string }
	if json.Unmarshal(body, &said) != nil || said.Error == "" {
		return loglake.Errorf(loglake.CodeUnavailable, "%s answered %s, and not as a loglake does", c.config.Endpoint, answer.Status).
			WithHint("--endpoint and LOGLAKE_ENDPOINT are the address that `loglake serve` calls aws")
	}
	code, ok := codes[answer.StatusCode]
	if !ok {
		code = loglake.CodeInternal
	}
	return loglake.Errorf(code, "%s", said.Error).WithHint("%s", said.Hint)
}
