package pipeline

import (
	"bytes"
	"fmt"
	"strings"
)

// Reference gives the reference of the file's keys as Markdown: one section for each object, one line for each key.
func Reference() []byte {
	var b bytes.Buffer
	for _, s := range sections() {
		fmt.Fprintf(&b, "## %s\n\n| key | | default | example |\n|---|---|---|---|\n", s.title)
		for _, k := range s.keys {
			example := ""
			if k.example != "" {
				example = "`" + cell(k.example) + "`"
			}
			preset := k.preset
			if k.required {
				preset = "needed"
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.name, cell(k.doc), cell(preset), example)
		}
		b.WriteByte('\n')
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }
