package sample

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/loglake/loglake/shape"
)

// Bounds of what is kept of requests.
const (
	globsMax      = 200 // different globs that a kind of noise is made of
	exceptionsMax = 50  // different requests that are no noise although their path is
)

// request is what of an event says whether it is noise.
type request struct {
	method, path, status, level []byte

	rank [4]int // of the names under which these were found, +1
}

// take keeps a value if the field is one that noise rules look at.
func (q *request) take(name string, value []byte) {
	keep := func(slot int, to *[]byte, names []string) {
		if rank := slices.Index(names, name); rank >= 0 && (q.rank[slot] == 0 || rank+1 < q.rank[slot]) {
			*to, q.rank[slot] = shape.Text(nil, value), rank+1
		}
	}
	keep(0, &q.method, shape.MethodFields())
	keep(1, &q.path, shape.PathFields())
	keep(2, &q.status, statusFields())
	keep(3, &q.level, shape.LevelFields())
}

func statusFields() []string {
	return []string{"status_code", "status", "statusCode", "http_status", "response_code", "http.status_code"}
}

// share is a part of the volume.
type share struct{ events, bytes int64 }

func (s *share) add(bytes int64) {
	s.events++
	s.bytes += bytes
}

// noiseKind is a kind of requests that nobody asks for later.
type noiseKind int

const (
	health noiseKind = iota
	static
	rootHead
	noiseKinds
)

var noiseNames = [noiseKinds]string{"health checks and metrics", "static files", "HEAD of /, as monitors ask for it"}

// requests is what was seen of the requests that may be noise.
type requests struct {
	withPath int64
	kinds    [noiseKinds]map[string]*share // by glob
	others   map[string]int64              // by glob of a folder: requests there that are no static file
	kept     map[exception]int64           // of the noisy ones, those that do something
	failed   map[exception]int64           // of the noisy ones, those that the server failed at
}

// exception is a request that is no noise although its path is.
type exception struct {
	kind         noiseKind
	method, path string
}

func (r *requests) init() {
	for i := range r.kinds {
		r.kinds[i] = map[string]*share{}
	}
	r.others, r.kept, r.failed = map[string]int64{}, map[exception]int64{}, map[exception]int64{}
}

func (r *requests) see(q *request, size int64) {
	if len(q.path) == 0 {
		return
	}
	r.withPath++
	path := string(shape.PathOf(q.path))
	method := strings.ToUpper(string(q.method))
	kind, glob := classify(method, path)
	folder := staticFolder(path)
	switch {
	case glob == "" && folder == "":
		return
	case method != "" && method != "GET" && method != "HEAD" && method != "OPTIONS":
		countFew(r.kept, exception{kind, method, path})
		return
	case glob == "":
		r.others[folder]++
		return
	case len(q.status) == 3 && q.status[0] == '5' || failing(bytes.ToUpper(q.level)):
		countFew(r.failed, exception{kind, method, path})
		return
	}
	s := r.kinds[kind][glob]
	if s == nil {
		if len(r.kinds[kind]) == globsMax {
			return
		}
		s = &share{}
		r.kinds[kind][glob] = s
	}
	s.add(size)
}

// countFew counts e, unless there are too many others.
func countFew(counts map[exception]int64, e exception) {
	if _, ok := counts[e]; ok || len(counts) < exceptionsMax {
		counts[e]++
	}
}

var (
	healthNames = map[string]bool{"health": true, "healthz": true, "healthcheck": true, "health-check": true, "health_check": true, "_health": true, "livez": true,
		"readyz": true, "liveness": true, "readiness": true, "ping": true, "metrics": true, "heartbeat": true, "nginx_status": true, "server-status": true}
	staticFolders = map[string]bool{"static": true, "assets": true, "public": true, "dist": true, "images": true, "image": true, "img": true, "css": true, "js": true,
		"fonts": true, "media": true, "_next": true, "_nuxt": true, "styles": true, "scripts": true}
	staticEndings = map[string]bool{".css": true, ".js": true, ".mjs": true, ".map": true, ".png": true, ".jpg": true, ".jpeg": true, ".gif": true, ".svg": true, ".ico": true,
		".webp": true, ".avif": true, ".woff": true, ".woff2": true, ".ttf": true, ".eot": true, ".otf": true}
)

// classify gives the kind and the glob of a path that is noise by its looks; no glob where it is none. Static files in a folder of such are
// told by folder and ending, as /static/**.css; which of the two makes the rule is decided when all are known.
func classify(method, path string) (kind noiseKind, glob string) {
	if path == "/" && method == "HEAD" {
		return rootHead, "/"
	}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	for i, segment := range segments[:min(len(segments), 4)] {
		if healthNames[strings.ToLower(segment)] {
			if i == len(segments)-1 {
				return health, path
			}
			return health, "/" + strings.Join(segments[:i+1], "/") + "/**"
		}
	}
	ending := ""
	if dot := strings.LastIndexByte(segments[len(segments)-1], '.'); dot >= 0 {
		ending = segments[len(segments)-1][dot:]
	}
	if !staticEndings[strings.ToLower(ending)] {
		return static, ""
	}
	return static, staticFolder(path) + ending
}

// staticFolder gives the glob of a folder of static files; "" where path is in none.
func staticFolder(path string) string {
	top, _, below := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	if !below || !staticFolders[top] {
		return ""
	}
	return "/" + top + "/**"
}

// noiseRule is a rule that was found, with its reason.
type noiseRule struct {
	rule shape.Rule
	note string
}

// noise makes rules of what was seen.
func (s *Sample) noise() []noiseRule {
	r := &s.requests
	var out []noiseRule
	for kind := noiseKind(0); kind < noiseKinds; kind++ {
		globs, total := r.globs(kind, s.events/rare)
		if len(globs) == 0 {
			continue
		}
		rule := shape.Rule{Path: globs}
		if kind == rootHead {
			rule.Method = []string{"HEAD"}
		}
		note := fmt.Sprintf("%s: %s of the events, %s of the bytes", noiseNames[kind], percent(total.events, s.events), percent(total.bytes, s.eventBytes))
		if more := r.exceptions(kind, &rule); more != "" {
			note += "\n" + more
		}
		if n := r.failures(kind, rule); n > 0 {
			field := s.firstField(statusFields())
			if field != nil && field.numbers()+field.digits > 0 {
				rule.Except = append(rule.Except, shape.Rule{Fields: map[string][]string{field.name: {"5*"}}})
				note += fmt.Sprintf("\n%s of these failed, which is worth knowing: kept", grouped(n))
			}
		}
		out = append(out, noiseRule{rule, note})
	}
	return out
}

// rare is what part of the events is not worth a rule: one in so many.
const rare = 1000

// globs gives the globs of a kind that match more than few events, those of the most first, and how much they match.
func (r *requests) globs(kind noiseKind, few int64) (globs []string, total share) {
	byGlob := map[string]share{}
	for glob, s := range r.kinds[kind] {
		if kind == static {
			folder, ending, _ := strings.Cut(glob, ".")
			// A folder makes the rule where nearly all in it is static.
			if glob = "**." + ending; folder != "" && r.others[folder]*20 <= r.inFolder(folder) {
				glob = folder
			}
		}
		sum := byGlob[glob]
		byGlob[glob] = share{sum.events + s.events, sum.bytes + s.bytes}
	}
	for glob, s := range byGlob {
		if s.events > few {
			globs = append(globs, glob)
			total = share{total.events + s.events, total.bytes + s.bytes}
		}
	}
	slices.SortFunc(globs, func(a, b string) int {
		if byGlob[a].events != byGlob[b].events {
			return int(byGlob[b].events - byGlob[a].events)
		}
		return strings.Compare(a, b)
	})
	return globs, total
}

func (r *requests) inFolder(folder string) (n int64) {
	for glob, s := range r.kinds[static] {
		if strings.HasPrefix(glob, folder+".") {
			n += s.events
		}
	}
	return n
}

// exceptions adds the requests that do something to a rule, and says so.
func (r *requests) exceptions(kind noiseKind, rule *shape.Rule) string {
	var found []exception
	for e := range r.kept {
		if e.kind == kind && matches(*rule, e) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b exception) int { return strings.Compare(a.path+" "+a.method, b.path+" "+b.method) })
	const few = 5
	if len(found) > few {
		methods := shape.Rule{}
		for _, e := range found {
			methods.Method = append(methods.Method, e.method)
		}
		slices.Sort(methods.Method)
		methods.Method = slices.Compact(methods.Method)
		rule.Except = append(rule.Except, methods)
		return fmt.Sprintf("%s there does something: kept", strings.Join(methods.Method, ", "))
	}
	var notes []string
	for _, e := range found {
		rule.Except = append(rule.Except, shape.Rule{Method: []string{e.method}, Path: []string{e.path}})
		notes = append(notes, fmt.Sprintf("%s %s (%s) does something: kept", e.method, e.path, grouped(r.kept[e])))
	}
	return strings.Join(notes, "\n")
}

// failures counts the failed requests that a rule would drop.
func (r *requests) failures(kind noiseKind, rule shape.Rule) (n int64) {
	for e, count := range r.failed {
		if e.kind == kind && matches(rule, e) {
			n += count
		}
	}
	return n
}

// matches tells whether a rule would drop a request.
func matches(rule shape.Rule, e exception) bool {
	object, err := json.Marshal(map[string]string{"method": e.method, "path": e.path})
	if err != nil {
		return false
	}
	noise, err := shape.NewNoise([]shape.Rule{rule})
	if err != nil {
		return false
	}
	_, drop := noise.Drop(object)
	return drop
}

// firstField gives the first of the named fields that was seen.
func (s *Sample) firstField(names []string) *field {
	for _, name := range names {
		if f := s.fields[name]; f != nil && f.filled() > 0 {
			return f
		}
	}
	return nil
}
