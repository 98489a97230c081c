package main

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/journal"
	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/server"
	"github.com/loglake/loglake/store"
)

// storeOf gives the settings that say where the buckets are, and how much of the disk and the machine may be used.
func storeOf(cfg *server.Config, s *pipeline.Server) error {
	if key, err := s.Check(); err != nil {
		return usageError{fmt.Errorf("--%s: %w", strings.ReplaceAll(key, "_", "-"), err)}
	}
	cfg.ResultsBucket = s.ResultsBucket
	cfg.JournalMax, _ = pipeline.ParseSize(s.JournalMax) // Check has read these
	cfg.JournalBytes, _ = pipeline.ParseSize(s.JournalFile)
	if s.Sync == pipeline.SyncNone {
		cfg.Sync = journal.SyncNone
	}
	cfg.Memory, _ = pipeline.ParseSize(s.MemoryMax)
	cfg.QueryMemory, _ = pipeline.ParseSize(s.QueryMemoryMax)
	cfg.Connections, _ = strconv.Atoi(s.ConnectionsMax)
	if cfg.Memory == 0 {
		cfg.Memory = server.MemoryDefault(disk.Real())
	}
	if s.S3Endpoint == "" {
		for name, value := range map[string]string{"region": s.S3Region, "path-style": s.S3PathStyle, "credentials": s.S3Credentials} {
			if value != "" {
				return usageError{fmt.Errorf("--s3-%s is given and --s3-endpoint is not: name the service's URL, or aws", name)}
			}
		}
		return nil
	}
	cfg.S3 = &store.S3Config{Region: s.S3Region, PathStyle: s.S3PathStyle != "false"}
	cfg.S3.CacheBytes, _ = pipeline.ParseSize(s.S3Cache)
	if s.S3Region == "" {
		cfg.S3.Region = s.Region
	}
	if s.S3Endpoint == pipeline.S3AWS {
		cfg.S3.PathStyle = s.S3PathStyle == "true"
	} else {
		cfg.S3.Endpoint = s.S3Endpoint
	}
	if s.S3Credentials == "" {
		return nil
	}
	b, err := os.ReadFile(s.S3Credentials)
	if err != nil {
		return fmt.Errorf("read --s3-credentials: %w", err)
	}
	pairs := map[string]string{}
	if err := parseKeyPairs(strings.NewReader(string(b)), pairs); err != nil {
		return usageError{fmt.Errorf("--s3-credentials %s: %w", s.S3Credentials, err)}
	}
	if len(pairs) != 1 {
		return usageError{errors.New("--s3-credentials " + s.S3Credentials + ": it has several key pairs, and S3 is asked with one")}
	}
	for cfg.S3.AccessKey, cfg.S3.SecretKey = range pairs { //nolint:revive // the one that is there
	}
	return nil
}
