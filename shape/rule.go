package shape

// Rule is a noise rule: which events are not worth keeping. All that a rule gives must match, and of a list any. At least
// one thing must be given.
//
// Values are globs over the whole value: * is any run of characters but a slash, ** any run at all, and /**/ may be a
// single slash. A path is compared without its query string, fragment, scheme and host; a method and a level in any case;
// a number, true, false and null by its text. A field that an event does not have matches nothing, and so does one that
// holds an object or an array.
type Rule struct {
	Method []string            // GET, HEAD, …; found in the fields of MethodFields
	Path   []string            // /health, /static/**; found in the fields of PathFields
	Level  []string            // debug, …; found in the fields of LevelFields
	Fields map[string][]string // by name; a.b is the field b of the object a, or else the field "a.b"
	Except []Rule              // an event that one of these matches is kept
}

// MethodFields, PathFields and LevelFields give the names that a rule's Method, Path and Level look for in an event, the
// first that is there. The first of each is that of loglake's own schema, and the one that parsers write.
func MethodFields() []string {
	return []string{"method", "http_method", "request_method", "verb", "http.method", "http.request.method"}
}

// PathFields: see MethodFields.
func PathFields() []string {
	return []string{"path", "uri", "url", "request_path", "request_uri", "http.path", "http.target", "url.path"}
}

// LevelFields: see MethodFields.
func LevelFields() []string {
	return []string{"level", "severity", "lvl", "loglevel", "log_level", "levelname", "log.level"}
}
