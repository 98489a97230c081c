package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/query/engine"
	"github.com/loglake/loglake/server"
)

func serveCommand() *cobra.Command {
	var f serverFlags
	c := &cobra.Command{
		Use:   "serve",
		Short: "Serve all AWS services on one address and native HTTP on another",
		Long: `serve runs a loglake on a data folder until it is interrupted.

The AWS address speaks CloudWatch Logs, Firehose, Glue, Athena, S3, IAM and STS; point any AWS client
at it with AWS_ENDPOINT_URL. The HTTP address has the page, /healthz, /readyz, /metrics and /v1/.

Without key pairs any pair is accepted, and the AWS address has to be loopback. The HTTP address,
which has no login, always has to be. Key pairs come from a file in the form of ~/.aws/credentials
(--credentials), or one pair from the environment (LOGLAKE_ACCESS_KEY_ID,
LOGLAKE_SECRET_ACCESS_KEY); then every signature is verified.

If there is a file loglake.yaml (or another one named by --config), serve first makes what it
declares: groups, tables, streams, filters. It says what it changes, changes nothing that is as
declared, and deletes nothing. A file that is wrong stops it before anything is opened.

The buckets are folders of the data folder, or, with --s3-endpoint, those of Amazon S3 (aws) or of a
service that speaks its protocol (a URL). The key pair for it comes from --s3-credentials, or from
AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or is that of the machine's role. While the service is
away, puts are taken and kept in the journal, up to --journal-max; docs/s3.md says more.

Each flag has a variable and, below server: in the file, a key of the same name: --aws-addr,
LOGLAKE_AWS_ADDR, aws_addr. A flag wins over its variable, and that over the file.`,
		Example: `  loglake serve
  loglake serve --config pipelines/web.yaml
  loglake serve --data /var/lib/loglake --credentials /etc/loglake/credentials --aws-addr :4566
  loglake serve --s3-endpoint aws --s3-region eu-central-1 --results-bucket my-lake-results --journal-max 200GiB
  loglake serve --s3-endpoint http://127.0.0.1:9000 --s3-credentials /etc/loglake/s3
  loglake serve --ephemeral      free ports, a temporary folder, endpoints as one line of JSON`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return serve(c, f) },
	}
	f.register(c)
	c.Flags().BoolVar(&f.ephemeral, "ephemeral", false,
		"take free ports and a temporary folder that goes at the end, and print the endpoints as one line of JSON")
	return c
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

	programBytes = 64 << 20 // that the program itself has resident: its code, of the memory that it may use
)

// tuneCollector sets the collector, unless GOGC or GOMEMLIMIT do, and gives the floor: memory that is never touched, so
// that the collector counts it and the machine does not. It has to be kept alive. Where the memory that the server may use
// gets short, the collector runs as often as it must.
func tuneCollector(memory int64) []byte {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	debug.SetGCPercent(gcPercent)
	debug.SetMemoryLimit(memory - programBytes + gcFloor)
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
	f.withPipeline(&cfg, log)
	defer runtime.KeepAlive(tuneCollector(cfg.Memory))
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
			if cfg.Sync == journal.SyncNone {
				log.Warn("puts are answered before they are on the disk (sync: none): a power cut may lose them and spoil the folder; for tests only")
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
		return inUse(cfg.Dir, err)
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
