// Package conformance_test runs the suite of every Store against store.S3: over loglake's own S3 face, and over a real S3
// server.
package conformance_test

import (
	"net/http/httptest"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/front"
	"github.com/loglake/loglake/api/s3api"
	"github.com/loglake/loglake/api/sigv4"
	"github.com/loglake/loglake/api/stsapi"
	"github.com/loglake/loglake/store"
	"github.com/loglake/loglake/store/storetest"
	"github.com/loglake/loglake/test/s3/gateway"
)

func open(t *testing.T, endpoint string) *store.S3 {
	t.Helper()
	s, err := store.NewS3(store.S3Config{Endpoint: endpoint, PathStyle: true, AccessKey: gateway.AccessKey, SecretKey: gateway.SecretKey, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// face is loglake's own S3 face over an empty directory.
func face(t *testing.T) (url string) {
	t.Helper()
	dir, err := store.OpenDir(store.DirConfig{Root: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	home := loglake.Home{Account: "123456789012", Region: "us-east-1"}
	server := httptest.NewServer(front.New(front.Config{S3: s3api.New(s3api.Config{Store: dir, Home: home}), STS: &stsapi.Handler{Home: home},
		Verifier: sigv4.New(sigv4.Config{Keys: map[string]string{gateway.AccessKey: gateway.SecretKey}, Region: "us-east-1"})}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestOwnFace(t *testing.T) {
	storetest.Run(t, func(t *testing.T) store.Store { return open(t, face(t)) })
}

func TestRealServer(t *testing.T) {
	storetest.RunTree(t, func(t *testing.T) store.Store { return open(t, gateway.Start(t).URL) })
}
