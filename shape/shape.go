// Package shape gives log lines their shape before they leave the machine that wrote them: it joins the lines of a stack
// trace into one event (Joiner), makes a JSON object of a line in one of five formats (Parser), tells which objects are
// noise (Noise), and reads the times that logs write (ParseTime). Capture, `loglake put` and `loglake init` share it.
//
// It is pure, and made for one goroutine per source: a Parser and a Noise may be shared by many, a Joiner is one
// source's. Nothing allocates per line in the usual case; JSON objects pass through byte for byte.
//
// A line is never lost: what does not parse becomes {"message": "…"}, and the caller counts it.
package shape

// LineBytesMax is how long a line may be for those that read lines for this package: what one event may hold on the wire
// of CloudWatch Logs.
const LineBytesMax = 1 << 20
