package client_test

import (
	"testing"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/client"
)

func TestFromEnv(t *testing.T) {
	f := func(env map[string]string, want client.Config) {
		t.Helper()
		if got := client.FromEnv(func(name string) string { return env[name] }); got != want {
			t.Errorf("FromEnv(%v) is %+v, want %+v", env, got, want)
		}
	}
	f(nil, client.Config{})
	f(map[string]string{"LOGLAKE_ENDPOINT": "http://lake:1", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B", "AWS_DEFAULT_REGION": "eu-west-1"},
		client.Config{Endpoint: "http://lake:1", AccessKey: "A", SecretKey: "B", Region: "eu-west-1"})
	f(map[string]string{"LOGLAKE_ACCESS_KEY_ID": "L", "LOGLAKE_SECRET_ACCESS_KEY": "M", "AWS_ACCESS_KEY_ID": "A", "AWS_SECRET_ACCESS_KEY": "B",
		"AWS_REGION": "eu-west-2", "LOGLAKE_REGION": "eu-west-3"}, client.Config{AccessKey: "L", SecretKey: "M", Region: "eu-west-3"})
}

func TestEndpoint(t *testing.T) {
	f := func(endpoint, want string) {
		t.Helper()
		c, err := client.New(client.Config{Endpoint: endpoint})
		if want == "" {
			if loglake.CodeOf(err) != loglake.CodeInvalid {
				t.Errorf("New with %q: %v", endpoint, err)
			}
			return
		}
		if err != nil || c.Endpoint() != want || c.Region() != "us-east-1" {
			t.Errorf("New with %q: %v, %v", endpoint, c, err)
		}
	}
	f("", "http://127.0.0.1:4566")
	f("https://lake.example/", "https://lake.example")
	f("lake:4566", "")
	f("ftp://lake", "")
	f("http://", "")
}
