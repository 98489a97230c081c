package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/server"
)

// serverFlags are what `serve` is told, by flags or by the environment.
type serverFlags struct {
	data, awsAddr, httpAddr string
	account, region         string
	tlsCert, tlsKey         string
	credentials             string
	ephemeral               bool
}

func serveCommand() *cobra.Command {
	var f serverFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve all AWS services on one address and native HTTP on another",
		Long: `serve runs a loglake on a data folder until it is interrupted.

The AWS address speaks CloudWatch Logs, Firehose, Glue, Athena, S3 and STS; point any AWS client
at it with AWS_ENDPOINT_URL. The HTTP address has /healthz, /readyz, /metrics and /v1/.

Without key pairs any pair is accepted, and the AWS address has to be loopback. The HTTP address,
which has no login, always has to be. Key pairs come from a file in the form of ~/.aws/credentials
(--credentials), or one pair from the environment (LOGLAKE_ACCESS_KEY_ID,
LOGLAKE_SECRET_ACCESS_KEY); then every signature is verified.

Each flag has a variable: LOGLAKE_DATA, LOGLAKE_AWS_ADDR, LOGLAKE_HTTP_ADDR, LOGLAKE_ACCOUNT,
LOGLAKE_REGION, LOGLAKE_TLS_CERT, LOGLAKE_TLS_KEY, LOGLAKE_CREDENTIALS. A flag wins.`,
		Example: `  loglake serve
  loglake serve --data /var/lib/loglake --credentials /etc/loglake/credentials --aws-addr :4566
  loglake serve --ephemeral      free ports, a temporary folder, endpoints as one line of JSON`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return serve(c, f) },
	}
	f.register(c)
	c.Flags().BoolVar(&f.ephemeral, "ephemeral", false,
		"take free ports and a temporary folder that goes at the end, and print the endpoints as one line of JSON")
	return c
}

// register declares the flags, with the environment as their defaults.
func (f *serverFlags) register(c *cobra.Command) {
	text := func(p *string, name, variable, fallback, usage string) {
		if v := os.Getenv(variable); v != "" {
			fallback = v
		}
		c.Flags().StringVar(p, name, fallback, usage)
	}
	text(&f.data, "data", "LOGLAKE_DATA", "./lake", "data folder; made where it is not there")
	text(&f.awsAddr, "aws-addr", "LOGLAKE_AWS_ADDR", "127.0.0.1:4566", "address of the AWS services")
	text(&f.httpAddr, "http-addr", "LOGLAKE_HTTP_ADDR", "127.0.0.1:4580", "address of native HTTP")
	text(&f.account, "account", "LOGLAKE_ACCOUNT", "000000000000", "account in ARNs, 12 digits")
	text(&f.region, "region", "LOGLAKE_REGION", "us-east-1", "region in ARNs")
	text(&f.tlsCert, "tls-cert", "LOGLAKE_TLS_CERT", "", "certificate (PEM) of both addresses")
	text(&f.tlsKey, "tls-key", "LOGLAKE_TLS_KEY", "", "its key (PEM)")
	text(&f.credentials, "credentials", "LOGLAKE_CREDENTIALS", "", "file with key pairs, as ~/.aws/credentials has them")
}

// config makes a lake's configuration of the flags; temporary is a folder that the caller removes at the end.
func (f *serverFlags) config(c *cobra.Command) (cfg server.Config, temporary string, err error) {
	if len(f.account) != 12 || strings.Trim(f.account, "0123456789") != "" {
		return cfg, "", usageError{fmt.Errorf("--account %q is not 12 digits", f.account)}
	}
	if (f.tlsCert == "") != (f.tlsKey == "") {
		return cfg, "", usageError{errors.New("--tls-cert and --tls-key go together")}
	}
	if f.ephemeral {
		for name, p := range map[string]*string{"aws-addr": &f.awsAddr, "http-addr": &f.httpAddr} {
			if !c.Flags().Changed(name) {
				*p = "127.0.0.1:0"
			}
		}
		if !c.Flags().Changed("data") {
			temporary = filepath.Join(os.TempDir(), "loglake-"+uuid.NewString())
			f.data = temporary // made by Open
		}
	}
	cfg = server.Config{
		Dir: f.data, AWSAddr: f.awsAddr, HTTPAddr: f.httpAddr, Home: loglake.Home{Account: f.account, Region: f.region},
		TLS: server.TLS{CertFile: f.tlsCert, KeyFile: f.tlsKey}, Version: version,
	}
	cfg.Credentials, err = keyPairs(f.credentials)
	return cfg, temporary, err
}

// endpoints is the line that --ephemeral prints.
type endpoints struct {
	AWS     string `json:"aws"`
	HTTP    string `json:"http"`
	Data    string `json:"data"`
	Account string `json:"account"`
	Region  string `json:"region"`
}

// A server's memory is rows and blocks, large and without pointers: a collection costs little where there is much of it,
// and the usual growth of 100 percent would only double it. While there is little, collecting at a few MiB of garbage
// would cost small puts a fifth of their time. So the heap may grow by gcPercent of itself and of gcFloor together.
const (
	gcPercent = 8
	gcFloor   = 256 << 20
)

// tuneCollector sets the collector, unless GOGC or GOMEMLIMIT do, and gives the floor: memory that is never touched, so
// that the collector counts it and the machine does not. It has to be kept alive.
func tuneCollector() []byte {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	debug.SetGCPercent(gcPercent)
	return make([]byte, gcFloor)
}

func serve(c *cobra.Command, f serverFlags) (err error) {
	cfg, temporary, err := f.config(c)
	if err != nil {
		return err
	}
	if err := cfg.CheckAddresses(); err != nil {
		return usageError{err}
	}
	if temporary != "" {
		defer func() { err = errors.Join(err, disk.Real().RemoveAll(temporary)) }()
	}
	log := slog.New(slog.NewTextHandler(c.ErrOrStderr(), nil))
	cfg.OnEvent = logEvents(log)
	defer runtime.KeepAlive(tuneCollector())
	return withServer(c.Context(), cfg, func(ctx context.Context, l *server.Server) error {
		return l.Run(ctx, func(e server.Endpoints) {
			if f.ephemeral {
				line := endpoints{AWS: e.AWS, HTTP: e.HTTP, Data: cfg.Dir, Account: cfg.Home.Account, Region: cfg.Home.Region}
				_ = json.NewEncoder(c.OutOrStdout()).Encode(line) // whoever started us and is gone needs no endpoints
			}
			log.Info("ready", "aws", e.AWS, "http", e.HTTP, "data", cfg.Dir, "account", cfg.Home.Account, "region", cfg.Home.Region)
			if len(cfg.Credentials) == 0 {
				log.Info("no key pairs are configured: any is accepted, from this machine only; --credentials configures them")
			}
			if !engine.Built {
				log.Warn("this build has no SQL engine: SELECT is refused; build with a C++ toolchain (CGO_ENABLED=1) to have it")
			}
		})
	})
}

// withServer opens a lake, has f use it, and closes it.
func withServer(ctx context.Context, cfg server.Config, f func(context.Context, *server.Server) error) (err error) {
	l, err := server.Open(ctx, cfg)
	if errors.Is(err, disk.ErrLocked) {
		return &loglake.Error{
			Code: loglake.CodeConflict, Err: err, Message: fmt.Sprintf("the data folder %s is in use: %v", cfg.Dir, err),
			Hint: "stop the other loglake, or choose another folder with --data",
		}
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	return f(ctx, l)
}

// logEvents writes a lake's events to a log.
func logEvents(log *slog.Logger) func(server.Event) {
	levels := map[server.Level]slog.Level{server.LevelInfo: slog.LevelDebug, server.LevelWarn: slog.LevelWarn, server.LevelError: slog.LevelError}
	return func(e server.Event) {
		args := []any{"part", e.Part}
		if e.Err != nil {
			args = append(args, "error", e.Err)
		}
		log.Log(context.Background(), levels[e.Level], e.Text, args...)
	}
}

// keyPairs reads the key pairs of a file in the form of ~/.aws/credentials, and the pair of the environment.
func keyPairs(path string) (map[string]string, error) {
	pairs := map[string]string{}
	if path != "" {
		b, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read --credentials: %w", err)
		}
		if err := parseKeyPairs(strings.NewReader(string(b)), pairs); err != nil {
			return nil, usageError{fmt.Errorf("--credentials %s: %w", path, err)}
		}
	}
	id, secret := os.Getenv("LOGLAKE_ACCESS_KEY_ID"), os.Getenv("LOGLAKE_SECRET_ACCESS_KEY")
	if (id == "") != (secret == "") {
		return nil, usageError{errors.New("LOGLAKE_ACCESS_KEY_ID and LOGLAKE_SECRET_ACCESS_KEY go together")}
	}
	if id != "" {
		pairs[id] = secret
	}
	return pairs, nil
}

func parseKeyPairs(r io.Reader, pairs map[string]string) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	id := ""
	for i, line := range strings.Split(string(b), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' || line[0] == '[' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(name) {
		case "aws_access_key_id":
			id = value
		case "aws_secret_access_key":
			if id == "" {
				return fmt.Errorf("line %d: a secret without aws_access_key_id before it", i+1)
			}
			pairs[id] = value
			id = ""
		default:
			if !ok {
				return fmt.Errorf("line %d is not NAME = VALUE", i+1)
			}
		}
	}
	if len(pairs) == 0 || id != "" {
		return errors.New("a key pair is incomplete: each needs aws_access_key_id and aws_secret_access_key")
	}
	return nil
}

func noArgs(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s takes no arguments, got %q", c.CommandPath(), args)}
	}
	return nil
}
