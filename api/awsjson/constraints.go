package awsjson

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Constraints collects what is wrong with an input and words it as the services do:
//
//	2 validation errors detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater
//	than or equal to 1; Value null at 'logGroupName' failed to satisfy constraint: Member must not be null
//
// Member names are given as the texts have them, in lowerCamelCase ("tableInput.name").
type Constraints struct {
	Fault  Fault      // the exception to raise; its Message is written by Err
	Values ValueStyle // whether the texts show the value
	found  []string
}

// ValueStyle says how a text names the offending value.
type ValueStyle int

const (
	ValuesShown  ValueStyle = iota // Value '10001' at 'limit' … (CloudWatch Logs)
	ValuesHidden                   // Value at 'maxResults' … (Firehose, Glue, Athena)
)

// Add notes that member, with this value, breaks a constraint ("Member must …"). A nil value reads "Value null at".
func (c *Constraints) Add(member string, value any, constraint string) {
	shown := "Value"
	switch {
	case value == nil:
		shown = "Value null"
	case c.Values == ValuesShown:
		shown = "Value '" + javaText(value) + "'"
	}
	c.found = append(c.found, fmt.Sprintf("%s at '%s' failed to satisfy constraint: %s", shown, member, constraint))
}

// Required notes a missing member: a nil pointer, slice or map.
func (c *Constraints) Required(member string, value any) {
	if value == nil || reflect.ValueOf(value).IsNil() {
		c.Add(member, nil, "Member must not be null")
	}
}

// Length notes a string, list or map that is shorter than lo or longer than hi (characters, elements); hi < 0: no bound.
func (c *Constraints) Length(member string, value any, lo, hi int) {
	v := reflect.ValueOf(value)
	n := 0
	if v.Kind() == reflect.String {
		n = utf8.RuneCountInString(v.String())
	} else {
		n = v.Len()
	}
	if n < lo {
		c.Add(member, value, fmt.Sprintf("Member must have length greater than or equal to %d", lo))
	}
	if hi >= 0 && n > hi {
		c.Add(member, value, fmt.Sprintf("Member must have length less than or equal to %d", hi))
	}
}

// Range notes a number outside [lo, hi].
func (c *Constraints) Range(member string, n, lo, hi int64) {
	if n < lo {
		c.Add(member, n, fmt.Sprintf("Member must have value greater than or equal to %d", lo))
	}
	if n > hi {
		c.Add(member, n, fmt.Sprintf("Member must have value less than or equal to %d", hi))
	}
}

// Pattern notes a string that re does not match; spelling is the expression as the service's model has it.
func (c *Constraints) Pattern(member, s string, re *regexp.Regexp, spelling string) {
	if !re.MatchString(s) {
		c.Add(member, s, "Member must satisfy regular expression pattern: "+spelling)
	}
}

// Enum notes a string that is none of the allowed ones.
func (c *Constraints) Enum(member, s string, allowed ...string) {
	for _, a := range allowed {
		if s == a {
			return
		}
	}
	c.Add(member, s, "Member must satisfy enum value set: ["+strings.Join(allowed, ", ")+"]")
}

// Err gives the *Fault with all that was found, nil where nothing was.
func (c *Constraints) Err() error {
	if len(c.found) == 0 {
		return nil
	}
	f, errors := c.Fault, "errors"
	if len(c.found) == 1 {
		errors = "error"
	}
	f.Message = fmt.Sprintf("%d validation %s detected: %s", len(c.found), errors, strings.Join(c.found, "; "))
	return &f
}

// javaText prints a value as the services' Java does: lists as [a, b], maps as {k=v}.
func javaText(value any) string {
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return javaText(v.Elem().Interface())
		}
		return "null"
	case reflect.Slice:
		parts := make([]string, v.Len())
		for i := range parts {
			parts[i] = javaText(v.Index(i).Interface())
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case reflect.Map:
		parts := make([]string, 0, v.Len())
		for _, key := range v.MapKeys() {
			parts = append(parts, fmt.Sprint(key)+"="+javaText(v.MapIndex(key).Interface()))
		}
		slices.Sort(parts)
		return "{" + strings.Join(parts, ", ") + "}"
	}
	return fmt.Sprint(value)
}
