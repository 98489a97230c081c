package main

import (
	"os"
	"strings"

	"github.com/loglake/loglake/client"
)

// aimed makes the lines of a command reach the server at endpoint where the environment leads elsewhere. Without it a line
// for AWS' CLI would change the account at AWS that the shell has credentials for.
func aimed(command, endpoint string) string {
	lines := strings.Split(command, "\n")
	for i, line := range lines {
		rest, aws := strings.CutPrefix(line, "aws ")
		switch {
		case aws && strings.TrimSuffix(os.Getenv("AWS_ENDPOINT_URL"), "/") != endpoint:
			lines[i] = "aws --endpoint-url " + shellWord(endpoint) + " " + rest
		case strings.HasPrefix(line, "loglake ") && !strings.HasPrefix(line, "loglake serve") && endpoint != usualEndpoint():
			lines[i] += " --endpoint " + shellWord(endpoint)
		}
	}
	return strings.Join(lines, "\n")
}

// usualEndpoint is the server that a command goes to when no flag says otherwise.
func usualEndpoint() string {
	if e := os.Getenv("LOGLAKE_ENDPOINT"); e != "" {
		return strings.TrimSuffix(e, "/")
	}
	return client.DefaultEndpoint
}
