package s3api_test

import (
	"bytes"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/front"
	"github.com/loglake/loglake/api/s3api"
	"github.com/loglake/loglake/api/sigv4"
	"github.com/loglake/loglake/api/stsapi"
	"github.com/loglake/loglake/store"
)

// serve starts all that the AWS listener has without the JSON services.
func serve(t *testing.T) (url string) {
	t.Helper()
	dir, err := store.OpenDir(store.DirConfig{Root: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	home := loglake.Home{Account: "123456789012", Region: "us-east-1"}
	server := httptest.NewServer(front.New(front.Config{S3: s3api.New(s3api.Config{Store: dir, Home: home}), STS: &stsapi.Handler{Home: home},
		Verifier: sigv4.New(sigv4.Config{Keys: map[string]string{"AKID": "SECRET"}, Region: "us-east-1"})}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestBoto3(t *testing.T) {
	if testing.Short() {
		t.Skip("short: boto3 is not run")
	}
	if err := exec.Command("python3", "-c", "import boto3").Run(); err != nil {
		t.Skip("boto3 is not there: pip install boto3")
	}
	if out, err := exec.Command("python3", "testdata/boto.py", serve(t)).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// The AWS CLI's s3 commands, with a file of 20 MiB that it sends and fetches in parts.
func TestCLI(t *testing.T) {
	if os.Getenv("LOGLAKE_CLIENTS") == "" {
		t.Skip("the AWS CLI takes seconds per command: set LOGLAKE_CLIENTS=1 to run it")
	}
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("the AWS CLI is not there: pip install awscli")
	}
	url, dir := serve(t), t.TempDir()
	cli := func(want string, args ...string) {
		t.Helper()
		c := exec.Command("aws", append([]string{"--endpoint-url", url, "--region", "us-east-1"}, args...)...)
		c.Dir = dir
		c.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=AKID", "AWS_SECRET_ACCESS_KEY=SECRET", "AWS_EC2_METADATA_DISABLED=true", "AWS_MAX_ATTEMPTS=1", "AWS_CONFIG_FILE=/dev/null")
		out, err := c.CombinedOutput()
		if err != nil || !strings.Contains(string(out), want) {
			t.Errorf("aws %s: %v, want %q\n%s", strings.Join(args, " "), err, want, out)
		}
	}
	big := noise(7, 20<<20)
	for name, text := range map[string][]byte{"big": big, "tree/a.txt": []byte("a"), "tree/sub/b é.txt": []byte("b")} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cli("make_bucket: lake", "s3", "mb", "s3://lake")
	cli("upload: ./big", "s3", "cp", "big", "s3://lake/big")
	cli("copy: s3://lake/big", "s3", "cp", "s3://lake/big", "s3://lake/other/big")
	cli("download: s3://lake/other/big", "s3", "cp", "s3://lake/other/big", "back")
	if back, err := os.ReadFile(filepath.Join(dir, "back")); err != nil || !bytes.Equal(back, big) {
		t.Errorf("20 MiB came back as %d bytes, %v", len(back), err)
	}
	cli("upload: tree/sub/b é.txt", "s3", "sync", "tree", "s3://lake/tree")
	cli("", "s3", "sync", "tree", "s3://lake/tree")
	cli("PRE other/", "s3", "ls", "s3://lake")
	cli("tree/sub/b é.txt", "s3", "ls", "--recursive", "s3://lake/tree/")
	cli("download: s3://lake/tree/sub/b é.txt", "s3", "sync", "s3://lake/tree", "copied")
	cli("move: s3://lake/tree/a.txt", "s3", "mv", "s3://lake/tree/a.txt", "s3://lake/moved.txt")
	cli("delete: s3://lake/big", "s3", "rm", "s3://lake/big")
	cli("remove_bucket: lake", "s3", "rb", "--force", "s3://lake")
	cli(`"Account": "123456789012"`, "sts", "get-caller-identity")
}
