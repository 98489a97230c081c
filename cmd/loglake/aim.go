package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"unicode"

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

// queryOf is the command that runs a statement of SQL.
func queryOf(format string, names ...any) string {
	return "loglake query " + shellWord(fmt.Sprintf(format, names...))
}

// column writes the name of a column as DDL does: it may be a reserved word, and a key of a stranger's record, which has to
// stay on its line.
func column(name string) string {
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return unicode.ReplacementChar
		}
		return r
	}, name)
	return "`" + strings.ReplaceAll(name, "`", "``") + "`"
}

// inJSON writes a text as JSON does.
func inJSON(text string) string {
	b, _ := json.Marshal(text) // a text always encodes
	return string(b)
}

// shellWord writes a word as a shell reads it.
func shellWord(word string) string {
	if word != "" && strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
