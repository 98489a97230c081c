package pipeline

import (
	"net"
	"regexp"
	"slices"
	"strings"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/spelling"
	"github.com/loglake/loglake/layout"
	"github.com/loglake/loglake/loggroup"
	"github.com/loglake/loglake/shape"
	"github.com/loglake/loglake/store"
)

// check looks at the whole: names that the services would refuse, and what one part of the file says of another.
func (d *decoder) check(p *Pipeline) {
	d.checkServer(p.Server)
	if !catalogName.MatchString(p.Database) {
		d.at("database", "database: %q can't be a database: names are %s", p.Database, catalogNameForm)
	}
	for _, g := range p.Groups {
		d.checkGroup(p, g)
	}
	d.checkLoops(p)
	d.checkFeeds(p)
	for _, t := range p.Tables {
		if !d.broken[t.Name] {
			d.checkTable(t)
		}
	}
	if d.checkBuckets(p) {
		d.checkLocations(p)
		for _, s := range p.Streams {
			d.checkStream(p, s)
		}
	}
}

// Names of the catalog are lower-case where Athena is to find them, and letters, digits and _ where SQL is not to quote them.
var (
	catalogName = regexp.MustCompile(`^[a-z_][a-z0-9_]{0,254}$`)
	streamName  = regexp.MustCompile(`^[a-zA-Z0-9_.-]{1,64}$`)
	account     = regexp.MustCompile(`^[0-9]{12}$`)
)

const catalogNameForm = "1-255 lower-case letters, digits and _, and do not begin with a digit"

func (d *decoder) checkServer(s Server) {
	if s.Account != "" && !account.MatchString(s.Account) {
		d.at("server.account", "server.account: %q is not 12 digits", s.Account)
	}
	for name, address := range map[string]string{"server.aws_addr": s.AWSAddr, "server.http_addr": s.HTTPAddr} {
		if _, _, err := net.SplitHostPort(address); address != "" && err != nil {
			d.at(name, "%s: %q is not HOST:PORT, such as 127.0.0.1:4566", name, address)
		}
	}
	if (s.TLSCert == "") != (s.TLSKey == "") {
		d.at("server", "server: tls_cert and tls_key go together")
	}
	if key, err := s.Check(); err != nil {
		d.at("server."+key, "server.%s: %s", key, said(err))
	}
}

func (d *decoder) checkGroup(p *Pipeline, g Group) {
	path := Path("groups", string(g.Name))
	if loggroup.CheckGroupName(g.Name) != nil {
		d.at(path, "%q can't be a group: names are 1-512 letters, digits and . - _ / #, and do not begin with aws/", g.Name)
	}
	if g.Parse != "" {
		if _, err := shape.NewParser(g.Parse, g.Regex); err != nil {
			d.at(join(path, "regex"), "%s: %s", path, said(err))
		}
	} else if g.Regex != "" {
		d.at(join(path, "regex"), "%s.regex is for parse: regex", path)
	}
	if _, err := shape.NewNoise(g.Noise); err != nil && !slices.ContainsFunc(g.Noise, func(r shape.Rule) bool {
		_, err := shape.NewNoise([]shape.Rule{r})
		return err != nil // told already, with its place
	}) {
		d.at(join(path, "noise"), "%s.noise: %s", path, said(err))
	}
	var targets []loglake.GroupName
	for i, r := range g.Routes {
		at := index(join(path, "routes"), i) + ".to"
		_, there := p.Group(r.To)
		switch {
		case r.To == "": // told already
		case r.To == g.Name:
			d.at(at, "%s: the group routes to itself", at)
		case !there:
			d.missing(at, "group", string(r.To), p.groupNames())
		case slices.Contains(targets, r.To):
			d.at(at, "%s: %s is routed to already; join the two patterns with ||", at, r.To)
		case len(r.FilterName()) > loggroup.NameBytesMax:
			d.at(at, "%s: the name is too long for a route: %d bytes at most", at, loggroup.NameBytesMax-len(Route{}.FilterName()))
		}
		targets = append(targets, r.To)
	}
}

// missing tells that a name is not one of the file's.
func (d *decoder) missing(at, what, name string, known []string) {
	if near, ok := spelling.Nearest(name, known); ok {
		d.at(at, "%s: there is no %s %s in the file; did you mean %s?", at, what, name, near)
		return
	}
	d.at(at, "%s: there is no %s %s in the file; declare it below %ss", at, what, name, what)
}

func (p *Pipeline) groupNames() []string {
	var out []string
	for _, g := range p.Groups {
		out = append(out, string(g.Name))
	}
	return out
}

func (p *Pipeline) tableNames() []string {
	var out []string
	for _, t := range p.Tables {
		out = append(out, t.Name)
	}
	return out
}

// checkLoops tells of routes by which an event would come back to where it was.
func (d *decoder) checkLoops(p *Pipeline) {
	const open, done = 1, 2
	state := map[loglake.GroupName]int{}
	var walk func(g Group, way []string)
	walk = func(g Group, way []string) {
		state[g.Name] = open
		way = append(slices.Clone(way), string(g.Name))
		for i, r := range g.Routes {
			target, ok := p.Group(r.To)
			switch {
			case !ok || r.To == g.Name: // told already
			case state[r.To] == open:
				from := slices.Index(way, string(r.To))
				at := index(Path("groups", string(g.Name), "routes"), i) + ".to"
				d.at(at, "%s: events would go round: %s → %s", at, strings.Join(way[from:], " → "), r.To)
			case state[r.To] != done:
				walk(target, way)
			}
		}
		state[g.Name] = done
	}
	for _, g := range p.Groups {
		if state[g.Name] == 0 {
			walk(g, nil)
		}
	}
}

// checkFeeds holds the streams that a group feeds against the service's limit.
func (d *decoder) checkFeeds(p *Pipeline) {
	feeds := map[loglake.GroupName]int{}
	for _, s := range p.Streams {
		path := Path("streams", string(s.Name))
		for i, name := range s.From {
			at := index(join(path, "from"), i)
			if slices.Contains(s.From[:i], name) {
				d.at(at, "%s.from has %s twice", path, name)
				continue
			}
			if _, ok := p.Group(name); !ok {
				d.missing(at, "group", string(name), p.groupNames())
				continue
			}
			if feeds[name]++; feeds[name] == loggroup.SubscriptionsMax+1 {
				d.at(at, "%s.from: %s feeds %d streams already, and the service has no more for a group; route a copy into another group, and feed the stream from there",
					path, name, loggroup.SubscriptionsMax)
			}
		}
	}
}

func (d *decoder) checkTable(t Table) {
	path := Path("tables", t.Name)
	if !catalogName.MatchString(t.Name) {
		hint := ""
		if name := strings.ToLower(strings.ReplaceAll(t.Name, "-", "_")); name != t.Name && catalogName.MatchString(name) {
			hint = "; " + name + " would be one"
		}
		d.at(path, "%q can't be a table: names are %s%s", t.Name, catalogNameForm, hint)
	}
	if len(t.Columns) == 0 {
		d.at(path, "%s has no columns: give columns or ddl", path)
	}
	keys := map[string]bool{}
	for _, k := range t.PartitionKeys {
		keys[k.Name] = true
	}
	for _, c := range t.Columns {
		at := join(join(path, "columns"), c.Name)
		switch {
		case keys[c.Name]:
			d.at(at, "%s: %s is the name of the partition key, whose value comes from the folder; call the column something else, with key: %s", at, c.Name, c.Name)
		case c.Name != strings.ToLower(c.Name):
			d.at(at, "%s: columns are lower-case in the catalog; write %s, which the JSON key %s fills all the same", at, strings.ToLower(c.Name), c.Name)
		case !catalogName.MatchString(c.Name):
			d.at(at, "%s: %q can't be a column: names are %s; key: %s fills a column of another name", at, c.Name, catalogNameForm, c.Name)
		}
	}
	if t.PartitionBy != "" {
		d.checkPartitionBy(join(path, "partition_by"), t)
	}
}

func (d *decoder) checkPartitionBy(at string, t Table) {
	column, ok := find(t.Columns, func(c Column) bool { return c.Name == t.PartitionBy })
	if !ok {
		if near, ok := spelling.Nearest(t.PartitionBy, columnNames(t)); ok {
			d.at(at, "%s: the table has no column %s; did you mean %s?", at, t.PartitionBy, near)
			return
		}
		var candidates []string
		for _, c := range t.Columns {
			if timely(c.Type) {
				candidates = append(candidates, c.Name)
			}
		}
		hint := "; columns of type timestamp or date are " + strings.Join(candidates, ", ")
		if len(candidates) == 0 {
			hint = ", and none of type timestamp or date"
		}
		d.at(at, "%s: the table has no column %s%s", at, t.PartitionBy, hint)
		return
	}
	if _, err := loglake.ParseHiveType(column.Type); err == nil && !timely(column.Type) {
		d.at(at, "%s: %s is a %s; a day comes from a timestamp or a date", at, column.Name, column.Type)
	}
}

func columnNames(t Table) []string {
	var out []string
	for _, c := range t.Columns {
		out = append(out, c.Name)
	}
	return out
}

func timely(text string) bool {
	t, err := loglake.ParseHiveType(text)
	return err == nil && (t.Kind == loglake.KindTimestamp || t.Kind == loglake.KindDate)
}

// checkBuckets tells whether everything has a bucket, and that it can be one.
func (d *decoder) checkBuckets(p *Pipeline) bool {
	before := len(d.problems)
	if p.Bucket != "" {
		if err := store.CheckBucketName(p.Bucket); err != nil {
			d.at("bucket", "bucket: %s", said(err))
		}
	} else if slices.ContainsFunc(p.Tables, func(t Table) bool { return strings.HasPrefix(t.Location, "s3:///") && !d.broken[t.Name] }) ||
		slices.ContainsFunc(p.Streams, func(s Stream) bool { return s.Bucket == "" }) {
		d.at("", "bucket is missing: where tables and streams lie, such as bucket: my-logs")
		return false
	}
	for _, t := range p.Tables {
		if d.broken[t.Name] {
			continue
		}
		at := d.locationAt(t)
		bucket, _, ok := loglake.SplitLocation(t.Location)
		if !ok {
			d.at(at, "%s: %q is not a place; write a prefix such as orders/, or s3://BUCKET/PREFIX/", at, t.Location)
		} else if err := store.CheckBucketName(bucket); err != nil && bucket != p.Bucket {
			d.at(at, "%s: %s", at, said(err))
		}
	}
	return len(d.problems) == before
}

// locationAt is the path of the key that says where a table lies.
func (d *decoder) locationAt(t Table) string {
	path := Path("tables", t.Name)
	if _, ok := d.marks[join(path, "ddl")]; ok {
		return join(path, "ddl")
	}
	return join(path, "location")
}

// checkLocations tells of tables that lie within each other: a query of one would read the files of the other.
func (d *decoder) checkLocations(p *Pipeline) {
	for i, t := range p.Tables {
		at := d.locationAt(t)
		if _, prefix, _ := loglake.SplitLocation(t.Location); layout.Validate(&prefix, nil) != nil || strings.Contains(prefix, "!{") {
			d.at(at, "%s: %q has expressions; they belong into the prefix of a stream", at, t.Location)
		}
		for _, other := range p.Tables[:i] {
			if d.broken[t.Name] || d.broken[other.Name] {
				continue
			}
			if within(t.Location, other.Location) || within(other.Location, t.Location) {
				d.at(at, "%s: %s lies where the table %s does (%s); give one of them a location of its own", at, t.Location, other.Name, other.Location)
			}
		}
	}
}

// within tells whether a is below b, or is b.
func within(a, b string) bool {
	bucketA, prefixA, _ := loglake.SplitLocation(a)
	bucketB, prefixB, _ := loglake.SplitLocation(b)
	return bucketA == bucketB && strings.HasPrefix(prefixA, prefixB)
}
