package query

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/layout"
)

// A table with partition projection has its partitions computed from its properties; what the catalog has registered is
// not looked at.
// https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
//
// The types enum, integer and date are here. A date's format is made of yyyy MM dd HH mm ss and what stands between
// them. Type injected, and weeks and milliseconds as units, are refused by name.

// projectedMax bounds the partitions that a table's properties may stand for.
const projectedMax = 1_000_000

// projection is what the properties of a table say.
type projection struct {
	table    loglake.Table
	template string // s3://…${key}…/; "": folders key=value below the table's location
}

// projectionOf gives a table's projection, nil where it has none.
func projectionOf(t loglake.Table) (*projection, error) {
	if !strings.EqualFold(strings.TrimSpace(t.Parameters["projection.enabled"]), "true") || len(t.PartitionKeys) == 0 {
		return nil, nil
	}
	p := &projection{table: t, template: t.Parameters["storage.location.template"]}
	if p.template == "" {
		return p, nil
	}
	if !strings.HasSuffix(p.template, "/") {
		p.template += "/"
	}
	for _, key := range t.PartitionKeys {
		if !strings.Contains(p.template, "${"+key.Name+"}") {
			return nil, failTrino("HIVE_METASTORE_ERROR", "Partition projection location template: %s is missing partition column: '%s' placeholder (table %s.%s)",
				p.template, key.Name, t.Database, t.Name)
		}
	}
	return p, nil
}

// root gives the bucket and prefix that all partitions are below.
func (p *projection) root() (bucket, prefix string, err error) {
	location := p.table.Location
	if p.template != "" {
		location, _, _ = strings.Cut(p.template, "${")
		location = location[:strings.LastIndexByte(location, '/')+1]
	}
	bucket, prefix, ok := loglake.SplitLocation(location)
	if !ok {
		return "", "", failTrino("HIVE_METASTORE_ERROR", "storage.location.template has to begin with the name of a bucket: %s", p.template)
	}
	return bucket, prefix, nil
}

// partitions computes the partitions as of now.
func (p *projection) partitions(now time.Time) ([]*partition, error) {
	list := [][]string{nil}
	for _, key := range p.table.PartitionKeys {
		values, err := p.values(key.Name, now)
		if err != nil {
			return nil, err
		}
		values = once(values)
		if len(list)*len(values) > projectedMax {
			return nil, failTrino("GENERIC_USER_ERROR", "table %s.%s projects more than %d partitions, the limit of this server", p.table.Database, p.table.Name, projectedMax)
		}
		next := make([][]string, 0, len(list)*len(values))
		for _, head := range list {
			for _, value := range values {
				next = append(next, append(head[:len(head):len(head)], value))
			}
		}
		list = next
	}
	bucket, root, err := p.root()
	if err != nil {
		return nil, err
	}
	keys := make([]string, len(p.table.PartitionKeys))
	for i, key := range p.table.PartitionKeys {
		keys[i] = key.Name
	}
	all := make([]*partition, len(list))
	for i, values := range list {
		all[i] = &partition{values: values, bucket: bucket, prefix: p.prefix(root, keys, values)}
	}
	return all, nil
}

// once leaves out what came before: an enum may name a value twice, and steps finer than a date's format give one many
// times, but each is one partition, whose rows are there once.
func once(values []string) []string {
	seen := make(map[string]struct{}, len(values))
	return slices.DeleteFunc(values, func(v string) bool {
		n := len(seen)
		seen[v] = struct{}{}
		return len(seen) == n
	})
}

// prefix gives where the partition of these values is.
func (p *projection) prefix(root string, keys, values []string) string {
	if p.template == "" {
		return root + strings.Trim(layout.PartitionPath(keys, values), "/") + "/"
	}
	location := p.template
	for i, key := range keys {
		location = strings.ReplaceAll(location, "${"+key+"}", values[i])
	}
	_, prefix, _ := loglake.SplitLocation(location)
	return prefix
}

// column are the properties of one key.
type column struct {
	p   *projection
	key string
}

func (p *projection) values(key string, now time.Time) ([]string, error) {
	c := column{p, key}
	switch kind := strings.ToLower(strings.TrimSpace(c.property("type"))); kind {
	case "":
		return nil, failTrino("HIVE_METASTORE_ERROR", "Table %s.%s is configured for partition projection, but the following partition columns are missing projection configuration: [%s] (table %s.%s)",
			p.table.Database, p.table.Name, key, p.table.Database, p.table.Name)
	case "enum":
		if text := c.property("values"); text != "" {
			return strings.Split(text, ","), nil
		}
		return nil, c.fail("values", "has to list the values")
	case "integer":
		return c.integers()
	case "date":
		return c.dates(now.UTC())
	default:
		return nil, failTrino("NOT_SUPPORTED", "column projection for column '%s': the type %s is not supported by this server", key, kind)
	}
}

func (c column) property(name string) string {
	return c.p.table.Parameters["projection."+c.key+"."+name]
}

func (c column) fail(property, format string, args ...any) error {
	return failTrino("HIVE_METASTORE_ERROR", "Column projection for column '%s' failed. Property: 'projection.%s.%s' %s", c.key, c.key, property, fmt.Sprintf(format, args...))
}

// bounds gives the two ends of the range.
func (c column) bounds() (from, to string, err error) {
	from, to, ok := strings.Cut(c.property("range"), ",")
	if !ok {
		return "", "", c.fail("range", "has to be two values with a comma between them")
	}
	return strings.TrimSpace(from), strings.TrimSpace(to), nil
}

// interval gives the step, otherwise where it is not given.
func (c column) interval() (step int64, err error) {
	text := strings.TrimSpace(c.property("interval"))
	if text == "" {
		return 1, nil
	}
	if step, err = strconv.ParseInt(text, 10, 64); err != nil || step < 1 {
		return 0, c.fail("interval", "has to be a positive number, and is %q", text)
	}
	return step, nil
}

func (c column) integers() ([]string, error) {
	lower, upper, err := c.bounds()
	if err != nil {
		return nil, err
	}
	from, err1 := strconv.ParseInt(lower, 10, 64)
	to, err2 := strconv.ParseInt(upper, 10, 64)
	if err1 != nil || err2 != nil || from > to {
		return nil, c.fail("range", "has to be two whole numbers, the lower before the higher")
	}
	step, err := c.interval()
	if err != nil {
		return nil, err
	}
	digits := 0
	if text := strings.TrimSpace(c.property("digits")); text != "" {
		if digits, err = strconv.Atoi(text); err != nil || digits < 1 || digits > 19 {
			return nil, c.fail("digits", "has to be 1 to 19, and is %q", text)
		}
	}
	if uint64(to-from)/uint64(step) >= projectedMax {
		return nil, c.fail("range", "stands for more than %d values, the limit of this server", projectedMax)
	}
	values := make([]string, 0, uint64(to-from)/uint64(step)+1)
	for n := uint64(0); n <= uint64(to-from)/uint64(step); n++ { // counted, so that the end of int64 is one too
		values = append(values, fmt.Sprintf("%0*d", digits, from+int64(n)*step))
	}
	return values, nil
}

func (c column) dates(now time.Time) ([]string, error) {
	format, err := c.format()
	if err != nil {
		return nil, err
	}
	lower, upper, err := c.bounds()
	if err != nil {
		return nil, err
	}
	from, err := c.bound(lower, format, now)
	if err != nil {
		return nil, err
	}
	to, err := c.bound(upper, format, now)
	if err != nil {
		return nil, err
	}
	step, err := c.interval()
	if err != nil {
		return nil, err
	}
	unit, err := c.unit(format)
	if err != nil {
		return nil, err
	}
	var values []string
	for n := int64(0); ; n++ {
		at := addUnits(from, n*step, unit)
		if at.After(to) || at.Before(from) { // before: beyond what time.Time can say
			return values, nil
		}
		if n == projectedMax {
			return nil, c.fail("range", "stands for more than %d values, the limit of this server", projectedMax)
		}
		values = append(values, at.Format(format))
	}
}

var dateFields = strings.NewReplacer("yyyy", "2006", "MM", "01", "dd", "02", "HH", "15", "mm", "04", "ss", "05")

// literals are what may stand between the fields of a format.
var literals = regexp.MustCompile(`^(yyyy|MM|dd|HH|mm|ss|[-_/.: ]|'T')+$`)

// format gives the format in Go's manner.
func (c column) format() (string, error) {
	text := strings.TrimSpace(c.property("format"))
	if !literals.MatchString(text) {
		return "", c.fail("format", "has to be made of yyyy, MM, dd, HH, mm and ss for this server, and is %q", text)
	}
	return strings.ReplaceAll(dateFields.Replace(text), "'", ""), nil
}

var relative = regexp.MustCompile(`(?i)^NOW\s*(?:([+-])\s*(\d{1,9})\s*(YEAR|MONTH|WEEK|DAY|HOUR|MINUTE|SECOND)S?)?$`)

// bound gives an end of the range, in the precision of the format.
func (c column) bound(text, format string, now time.Time) (time.Time, error) {
	at := now
	if m := relative.FindStringSubmatch(text); m != nil {
		if m[1] != "" {
			n, _ := strconv.ParseInt(m[1]+m[2], 10, 64) // nine digits
			at = addUnits(now, n, strings.ToUpper(m[3]))
		}
		text = at.Format(format)
	}
	at, err := time.Parse(format, text)
	if err != nil {
		return at, c.fail("range", "has to be in the format, or NOW with an offset; %q is not", text)
	}
	return at, nil
}

// unit gives the unit of the interval, without an S at its end.
func (c column) unit(format string) (string, error) {
	text := strings.TrimSuffix(strings.ToUpper(strings.TrimSpace(c.property("interval.unit"))), "S")
	switch text {
	case "YEAR", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND":
		return text, nil
	case "":
		if strings.Contains(format, "15") || !strings.Contains(format, "01") {
			return "", c.fail("interval.unit", "has to be given with this format")
		}
		if strings.Contains(format, "02") {
			return "DAY", nil
		}
		return "MONTH", nil
	}
	return "", c.fail("interval.unit", "has to be one of YEARS, MONTHS, WEEKS, DAYS, HOURS, MINUTES, SECONDS for this server, and is %q", text)
}

// addUnits steps by the calendar.
func addUnits(at time.Time, n int64, unit string) time.Time {
	switch unit {
	case "YEAR":
		return at.AddDate(int(n), 0, 0)
	case "MONTH":
		return at.AddDate(0, int(n), 0)
	case "WEEK":
		return at.AddDate(0, 0, 7*int(n))
	case "DAY":
		return at.AddDate(0, 0, int(n))
	case "HOUR":
		return at.Add(time.Duration(n) * time.Hour)
	case "MINUTE":
		return at.Add(time.Duration(n) * time.Minute)
	}
	return at.Add(time.Duration(n) * time.Second)
}
