package terraform

import (
	"regexp"
	"strings"

	"github.com/loglake/loglake/pipeline"
)

// firstYear is where projected partitions begin. A query that names no days asks for each since then, which costs a
// listing each; days without objects give no rows.
const firstYear = "2020"

// lastYear is where years end that are numbers.
const lastYear = "2049"

// expressions are what a partition key holds where no stream says.
var expressions = map[string]string{"dt": "yyyy-MM-dd", "year": "yyyy", "month": "MM", "day": "dd", "hour": "HH"}

// projectionOf gives the properties by which Athena computes a table's partitions: none where a key's value is not an
// expression of time.
// https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
func projectionOf(p *pipeline.Pipeline, t pipeline.Table) map[string]string {
	properties := map[string]string{"projection.enabled": "true"}
	for _, k := range t.PartitionKeys {
		own := keyProjection(expressionOf(p, t, k.Name), k.Type)
		if own == nil {
			return nil
		}
		for name, value := range own {
			properties["projection."+k.Name+"."+name] = value
		}
	}
	if len(t.PartitionKeys) == 0 {
		return nil
	}
	return properties
}

// expressionOf gives the pattern of the value of a key: that of the first stream which writes the table.
func expressionOf(p *pipeline.Pipeline, t pipeline.Table, key string) string {
	for _, s := range p.Streams {
		if s.Table != t.Name {
			continue
		}
		m := regexp.MustCompile(regexp.QuoteMeta(key) + `=!\{timestamp:([^}]*)\}/`).FindStringSubmatch(s.Prefix)
		if m == nil {
			return ""
		}
		return m[1]
	}
	return expressions[key]
}

// whole is a pattern of whole fields from the year on, with signs between them.
var whole = regexp.MustCompile(`^yyyy([-_/.]?MM([-_/.]?dd([-_/.]?HH)?)?)?$`)

// keyProjection gives the properties of one key, nil where its pattern is none that Athena computes.
func keyProjection(pattern, hiveType string) map[string]string {
	numbers := map[string]string{"MM": "1,12", "dd": "1,31", "HH": "0,23"}
	if r, ok := numbers[pattern]; ok {
		return map[string]string{"type": "integer", "range": r, "digits": "2"}
	}
	if pattern == "yyyy" && hiveType != "string" {
		return map[string]string{"type": "integer", "range": firstYear + "," + lastYear}
	}
	unit := map[string]string{"yyyy": "YEARS", "MM": "MONTHS", "dd": "DAYS", "HH": "HOURS"}
	if !whole.MatchString(pattern) {
		return nil
	}
	last := pattern[len(pattern)-2:]
	if last == "yy" {
		last = "yyyy"
	}
	first := strings.NewReplacer("yyyy", firstYear, "MM", "01", "dd", "01", "HH", "00").Replace(pattern)
	return map[string]string{
		"type": "date", "format": pattern, "interval": "1", "interval.unit": unit[last],
		"range": first + ",NOW+1DAY", // NOW is in UTC, and the day may have begun elsewhere
	}
}
