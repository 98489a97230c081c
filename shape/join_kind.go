package shape

import (
	"bytes"
	"regexp"
)

// joinKind is what the last line of an event was, as far as it says what may follow.
type joinKind int

const (
	joinText        joinKind = iota // an ordinary line
	joinNever                       // a JSON object
	joinPython                      // Traceback (most recent call last):, and its frames; then comes the exception
	joinPythonEnd                   // the exception; a chain may follow
	joinPythonChain                 // During handling of …; the next traceback follows
	joinGo                          // a panic or a dump of goroutines
	joinNodeCaret                   // the ^ under the source of an uncaught error; then comes the error
	joinNodeEnd                     // that error; Node.js v… may follow
)

// classify tells what a line is behind what is held, and whether it belongs to that.
func (j *Joiner) classify(line []byte) (kind joinKind, joins bool) {
	if len(line) > 1 && line[0] == '{' && line[len(line)-1] == '}' {
		return joinNever, false
	}
	held := j.kind
	switch {
	case j.lines == 0 || held == joinNever:
		return beginning(line), false
	case j.Start != nil:
		return joinText, !j.Start.Match(line)
	}
	if len(line) == 0 {
		return held, held >= joinPythonEnd
	}
	if line[0] == ' ' || line[0] == '\t' {
		return indented(held, line), true
	}
	switch {
	case isTraceback(line):
		return joinPython, held == joinText || held == joinPythonChain
	case held == joinPython:
		return joinPythonEnd, true
	case held == joinPythonEnd && isChain(line):
		return joinPythonChain, true
	case isGoroutine(line):
		return joinGo, held == joinText || held == joinGo
	case held == joinGo && isGoLine(line):
		return joinGo, true
	case held == joinNodeCaret && nodeError.Match(line), held == joinNodeEnd && bytes.HasPrefix(line, []byte("Node.js v")):
		return joinNodeEnd, true
	case held == joinText && isJavaLine(line, j.lines), j.lines > 1 && isClosing(line):
		return held, true
	}
	return beginning(line), false
}

// beginning tells what a line is that begins an event.
func beginning(line []byte) joinKind {
	switch {
	case bytes.HasSuffix(line, []byte(traceback)):
		return joinPython
	case bytes.HasPrefix(line, []byte("panic: ")), bytes.HasPrefix(line, []byte("fatal error: ")), isGoroutine(line),
		bytes.HasPrefix(line, []byte("SIG")) && goSignal.Match(line):
		return joinGo
	}
	return joinText
}

// indented tells what an event is after an indented line, which is always a part of it.
func indented(held joinKind, line []byte) joinKind {
	switch line = bytes.TrimSpace(line); {
	case string(line) == traceback:
		return joinPython
	case held == joinText && len(line) > 0 && len(bytes.Trim(line, "^~")) == 0:
		return joinNodeCaret
	}
	return held
}

const traceback = "Traceback (most recent call last):"

func isTraceback(line []byte) bool { return string(bytes.TrimRight(line, " \r")) == traceback }

func isChain(line []byte) bool {
	return bytes.HasPrefix(line, []byte("During handling of the above exception")) ||
		bytes.HasPrefix(line, []byte("The above exception was the direct cause"))
}

var (
	goSignal  = regexp.MustCompile(`^SIG[A-Z]+: `)
	goHeader  = regexp.MustCompile(`^goroutine .*[:;]`)
	goCall    = regexp.MustCompile(`^\S+\.\S+\(.*\)$`)                // net/http.(*conn).serve(0xc0, {0x1, 0x2})
	javaError = regexp.MustCompile(`^(\w+\.)+[\w$]+(: .*)?$`)         // java.lang.IllegalStateException: boom
	javaFrame = regexp.MustCompile(`^(at \S+\(.*\)|\.\.\. \d+ more)`) // at a.B.c(D.java:1)
	nodeError = regexp.MustCompile(`^(Uncaught )?\w*(Error|Exception)\b`)
)

func isGoroutine(line []byte) bool {
	return bytes.HasPrefix(line, []byte("goroutine ")) && goHeader.Match(line)
}

// isGoLine tells whether a line without indentation is one of a dump of goroutines.
func isGoLine(line []byte) bool {
	for _, prefix := range []string{"created by ", "[signal ", "PC=", "exit status ", "runtime stack:", "panic: ", "panic("} {
		if bytes.HasPrefix(line, []byte(prefix)) {
			return true
		}
	}
	return goCall.Match(line)
}

// isJavaLine tells whether a line without indentation goes on with a Java stack trace behind some lines. The exception
// itself does directly behind the line that tells of it.
func isJavaLine(line []byte, behind int) bool {
	switch line[0] {
	case 'C':
		return bytes.HasPrefix(line, []byte("Caused by: "))
	case 'S':
		return bytes.HasPrefix(line, []byte("Suppressed: "))
	case 'a', '.':
		if javaFrame.Match(line) {
			return true
		}
	}
	if behind > 1 {
		return false
	}
	name, _, _ := bytes.Cut(line, []byte(": "))
	for _, suffix := range []string{"Exception", "Error", "Throwable"} {
		if bytes.HasSuffix(name, []byte(suffix)) {
			return javaError.Match(line)
		}
	}
	return false
}

// isClosing tells whether a line closes what indented lines before it were the content of.
func isClosing(line []byte) bool {
	switch string(line) {
	case "}", "]", ")", "})", "},", "];", "};":
		return true
	}
	return false
}
