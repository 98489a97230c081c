package terraform

import (
	"regexp"
	"strings"
)

// lay lays a text out as `terraform fmt` does: the equals signs and the trailing comments of attributes that follow each
// other stand below each other, and there is one empty line at most between two others.
func lay(text string) string {
	var out []string
	var run []attribute
	end := func() {
		out = append(out, align(run)...)
		run = nil
	}
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, " ")
		if a, ok := attributeOf(line); ok {
			if len(run) > 0 && run[0].indent != a.indent {
				end()
			}
			run = append(run, a)
			continue
		}
		end()
		if line == "" && len(out) > 0 && out[len(out)-1] == "" {
			continue
		}
		out = append(out, line)
	}
	end()
	return strings.Trim(strings.Join(out, "\n"), "\n") + "\n"
}

type attribute struct{ indent, name, value, comment string }

// attributePattern is an attribute in one line. In this package's text a # within a string has no blank before it.
var attributePattern = regexp.MustCompile(`^( *)([A-Za-z_0-9]+|"[^"]*") = (.*?)( # [^"]*)?$`)

func attributeOf(line string) (a attribute, ok bool) {
	m := attributePattern.FindStringSubmatch(line)
	if m == nil || strings.HasSuffix(m[3], "{") || strings.HasSuffix(m[3], "[") {
		return a, false
	}
	return attribute{m[1], m[2], m[3], m[4]}, true
}

func align(run []attribute) []string {
	name, value := 0, 0
	for _, a := range run {
		name = max(name, len(a.name))
	}
	lines := make([]string, len(run))
	for i, a := range run {
		lines[i] = a.indent + a.name + strings.Repeat(" ", name-len(a.name)) + " = " + a.value
		if a.comment != "" {
			value = max(value, len(lines[i]))
		}
	}
	for i, a := range run {
		if a.comment != "" {
			lines[i] += strings.Repeat(" ", value-len(lines[i])) + a.comment
		}
	}
	return lines
}
