package shape

type joinKind int

const (
	joinText  joinKind = iota // an ordinary line
	joinNever                 // a JSON object
)

func (j *Joiner) classify(line []byte) (kind joinKind, joins bool) {
	if objectOf(line) != nil {
		return joinNever, false
	}
	if j.lines == 0 || j.kind == joinNever {
		return joinText, false
	}
	return joinText, len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
}
