package pipeline

import (
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/store"
)

// Setting is a setting of `loglake serve`: a key below server in the file, a flag and a variable of the environment, which
// have the same name. The flag wins, then the variable, then the file, then the default.
type Setting struct {
	Key     string // aws_addr
	Default string
	Usage   string // one line

	path bool // in the file it is relative to the file
	of   func(*Server) *string
}

// Flag is the setting as a flag, without the dashes in front.
func (s Setting) Flag() string { return strings.ReplaceAll(s.Key, "_", "-") }

// Variable is the setting in the environment.
func (s Setting) Variable() string { return "LOGLAKE_" + strings.ToUpper(s.Key) }

// Of gives the setting's place in a Server.
func (s Setting) Of(server *Server) *string { return s.of(server) }

// Settings are all settings of the server.
func Settings() []Setting {
	return []Setting{
		{Key: "data", Default: "./lake", path: true, of: func(s *Server) *string { return &s.Data },
			Usage: "data folder; made where it is not there"},
		{Key: "aws_addr", Default: "127.0.0.1:4566", of: func(s *Server) *string { return &s.AWSAddr },
			Usage: "address of the AWS services"},
		{Key: "http_addr", Default: "127.0.0.1:4580", of: func(s *Server) *string { return &s.HTTPAddr },
			Usage: "address of native HTTP"},
		{Key: "account", Default: "000000000000", of: func(s *Server) *string { return &s.Account },
			Usage: "account in ARNs, 12 digits"},
		{Key: "region", Default: "us-east-1", of: func(s *Server) *string { return &s.Region },
			Usage: "region in ARNs"},
		{Key: "credentials", path: true, of: func(s *Server) *string { return &s.Credentials },
			Usage: "file with key pairs, as ~/.aws/credentials has them"},
		{Key: "tls_cert", path: true, of: func(s *Server) *string { return &s.TLSCert },
			Usage: "certificate (PEM) of both addresses"},
		{Key: "tls_key", path: true, of: func(s *Server) *string { return &s.TLSKey },
			Usage: "its key (PEM)"},
		{Key: "s3_endpoint", of: func(s *Server) *string { return &s.S3Endpoint },
			Usage: "where the buckets are: the URL of an S3 service, or aws; without it they are folders of the data folder"},
		{Key: "s3_region", of: func(s *Server) *string { return &s.S3Region },
			Usage: "region of the buckets in S3; without it that of ARNs"},
		{Key: "s3_path_style", of: func(s *Server) *string { return &s.S3PathStyle },
			Usage: "true asks S3 for host/bucket/key, false for bucket.host/key; without it true for a URL and false for aws"},
		{Key: "s3_credentials", path: true, of: func(s *Server) *string { return &s.S3Credentials },
			Usage: "file with the key pair for S3, as ~/.aws/credentials has it; without it what AWS_ACCESS_KEY_ID and its like say"},
		{Key: "s3_cache", Default: "4GiB", of: func(s *Server) *string { return &s.S3Cache },
			Usage: "bytes of local copies of what queries read from S3"},
		{Key: "results_bucket", Default: "loglake-results", of: func(s *Server) *string { return &s.ResultsBucket },
			Usage: "bucket for results of queries by native HTTP; names in S3 are everybody's, so take one of your own there"},
		{Key: "journal_max", of: func(s *Server) *string { return &s.JournalMax },
			Usage: "bytes of the journal at which puts are refused until there is room, 64MiB at least; without it the disk is the limit"},
		{Key: "journal_file", Default: "64MiB", of: func(s *Server) *string { return &s.JournalFile },
			Usage: "size of a file of the journal's write-ahead log, 64KiB at least; small ones take less of a small disk, and what was put moves on sooner"},
		{Key: "sync", Default: SyncAlways, of: func(s *Server) *string { return &s.Sync },
			Usage: "when a put is answered: always, after it is on the disk; none, before: for tests, as a power cut may spoil the folder"},
		{Key: "memory_max", of: func(s *Server) *string { return &s.MemoryMax },
			Usage: "memory of the server, the query engine apart, 256MiB at least; without it a quarter of the machine's or container's, 1GiB at most"},
		{Key: "query_memory_max", Default: "1GiB", of: func(s *Server) *string { return &s.QueryMemoryMax },
			Usage: "memory of one query, of which two run at a time, 64MiB at least"},
		{Key: "connections_max", Default: "2048", of: func(s *Server) *string { return &s.ConnectionsMax },
			Usage: "connections of clients at the same time; one that is idle makes room for a new one"},
	}
}

// The least that sizes may be.
const (
	JournalBytesMin     = 64 << 20  // journal_max
	JournalFileMin      = 64 << 10  // journal_file
	MemoryBytesMin      = 256 << 20 // memory_max
	QueryMemoryBytesMin = 64 << 20  // query_memory_max
)

// The values of sync.
const (
	SyncAlways = "always"
	SyncNone   = "none"
)

// S3AWS is the s3_endpoint of Amazon S3 itself.
const S3AWS = "aws"

// sizeUnits are those of a size.
var sizeUnits = []struct {
	suffix string
	bytes  int64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"", 1}}

// ParseSize reads a size such as 64MiB: a whole number of bytes, KiB, MiB, GiB or TiB. "" is 0.
func ParseSize(text string) (bytes int64, err error) {
	if text == "" {
		return 0, nil
	}
	for _, u := range sizeUnits {
		number, ok := strings.CutSuffix(text, u.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(number), 10, 64)
		if err == nil && n > 0 && n <= math.MaxInt64/u.bytes {
			return n * u.bytes, nil
		}
		break
	}
	return 0, loglake.Errorf(loglake.CodeInvalid, "%q is not a size such as 64MiB or 10GiB", text)
}

// sizeText words a limit on sizes.
func sizeText(bytes int64) string {
	if bytes < 1<<20 {
		return fmt.Sprintf("%d KiB", bytes>>10)
	}
	return fmt.Sprintf("%d MiB", bytes>>20)
}

// Check tells what is wrong with the settings of S3 and the disk, and with sizes and numbers, by key; the rest is checked where it is used.
func (s Server) Check() (key string, err error) {
	bad := func(format string, args ...any) error { return loglake.Errorf(loglake.CodeInvalid, format, args...) }
	if u, err := url.Parse(s.S3Endpoint); s.S3Endpoint != "" && s.S3Endpoint != S3AWS && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return "s3_endpoint", bad("%q is neither a URL such as https://s3.example.net:9000 nor %s", s.S3Endpoint, S3AWS)
	}
	if v := s.S3PathStyle; v != "" && v != "true" && v != "false" {
		return "s3_path_style", bad("%q is neither true nor false", v)
	}
	if v := s.Sync; v != "" && v != SyncAlways && v != SyncNone {
		return "sync", bad("%q is neither %s nor %s", v, SyncAlways, SyncNone)
	}
	if _, err := ParseSize(s.S3Cache); err != nil {
		return "s3_cache", err
	}
	if err := store.CheckBucketName(s.ResultsBucket); s.ResultsBucket != "" && err != nil {
		return "results_bucket", bad("%s", said(err))
	}
	for _, of := range []struct {
		key, value string
		least      int64
		why        string
	}{
		{"journal_max", s.JournalMax, JournalBytesMin, "of which puts alone may wait in memory for the disk"},
		{"journal_file", s.JournalFile, JournalFileMin, "with which most of the time goes into new files"},
		{"memory_max", s.MemoryMax, MemoryBytesMin, "of which a sixteenth has to hold the longest put"},
		{"query_memory_max", s.QueryMemoryMax, QueryMemoryBytesMin, "with which few queries run"},
	} {
		n, err := ParseSize(of.value)
		if err == nil && n > 0 && n < of.least {
			err = bad("%s is less than %s, %s", of.value, sizeText(of.least), of.why)
		}
		if err != nil {
			return of.key, err
		}
	}
	if n, err := strconv.Atoi(s.ConnectionsMax); s.ConnectionsMax != "" && (err != nil || n < 1) {
		return "connections_max", bad("%q is not a number of connections", s.ConnectionsMax)
	}
	return "", nil
}

// serverKeys are the settings as keys of the file.
func serverKeys() []key {
	examples := map[string]string{
		"data": "/var/lib/loglake", "aws_addr": "':4566'", "http_addr": "127.0.0.1:8080", "account": "'123456789012'",
		"region": "ap-northeast-2", "credentials": "credentials", "tls_cert": "server.pem", "tls_key": "server-key.pem",
		"s3_endpoint": "https://s3.example.net:9000", "s3_region": "ap-northeast-2", "s3_path_style": "true", "s3_credentials": "s3-credentials",
		"s3_cache": "20GiB", "results_bucket": "my-lake-results", "journal_max": "50GiB", "journal_file": "16MiB", "sync": "none",
		"memory_max": "512MiB", "query_memory_max": "2GiB", "connections_max": "500",
	}
	var keys []key
	for _, s := range Settings() {
		doc := strings.ToUpper(s.Usage[:1]) + s.Usage[1:] + "."
		if s.path {
			doc += " Relative to the folder of the file."
		}
		doc += " `--" + s.Flag() + "`, `" + s.Variable() + "`."
		preset := ""
		if s.Default != "" {
			preset = "`" + s.Default + "`"
		}
		keys = append(keys, key{name: s.Key, doc: doc, preset: preset, example: examples[s.Key]})
	}
	return keys
}
