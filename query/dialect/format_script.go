package dialect

import (
	"errors"
	"strings"
)

// FormatScript formats a text of any number of statements that semicolons separate, with a blank line between them.
// Comments stay with the statement that they stand before, or that they stand behind on its last line. Errors are *Error
// with places in the whole text; then nothing is formatted.
func FormatScript(text string) (string, error) {
	text = strings.TrimPrefix(text, "\ufeff") // as editors put it before UTF-8
	var parts []string
	for from := 0; from < len(text); {
		end := scriptPiece(text, from)
		part, err := formatPiece(text[from:end])
		var e *Error
		if errors.As(err, &e) && e.Line > 0 {
			line, column := source(text).position(int32(from))
			if e.Line == 1 {
				e.Column += column - 1
			}
			e.Line += line - 1
		}
		if err != nil {
			return "", err
		}
		if part != "" {
			parts = append(parts, part)
		}
		from = end
	}
	if len(parts) == 0 {
		return "", nil
	}
	return strings.Join(parts, "\n\n") + "\n", nil
}

// scriptPiece gives the end of the statement that begins at from: behind its semicolon and what comments follow on the
// same line.
func scriptPiece(text string, from int) int {
	l := lexer{text: text, pos: from}
	for {
		t := l.next()
		if t.kind == tokEOF {
			return len(text)
		}
		if t.kind == tokSymbol && t.value == ";" {
			break
		}
	}
	end := l.pos
	l.skip()
	gap := text[end:l.pos]
	line, _, _ := strings.Cut(gap, "\n")
	if rest := strings.TrimSpace(line); rest == "" || len(line) == len(gap) && l.pos < len(text) {
		return end // nothing, or the next statement begins on this line
	}
	if strings.Contains(line, "/*") && !strings.Contains(line, "*/") {
		return end
	}
	return end + len(line)
}

// formatPiece formats one statement; what holds comments alone keeps them.
func formatPiece(text string) (string, error) {
	l := lexer{text: text}
	for t := l.next(); ; t = l.next() {
		if t.kind == tokEOF {
			var lines []string
			for _, c := range commentsOf(text) {
				lines = append(lines, c.text)
			}
			return strings.Join(lines, "\n"), nil
		}
		if t.kind != tokSymbol || t.value != ";" {
			break
		}
	}
	s, err := Parse(text)
	if err != nil {
		return "", err
	}
	formatted := s.Format()
	again, err := Parse(formatted)
	if err != nil || again.String() != s.String() || len(commentsOf(formatted)) != len(commentsOf(text)) {
		return "", source(text).errorf(CodeInternal, s.root.offset(), "the statement can't be formatted without changing it")
	}
	return formatted, nil
}
