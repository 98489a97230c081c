package loglake_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/loglake/loglake"
)

func TestParseHiveType(t *testing.T) {
	for text, want := range map[string]string{
		"int": "int", "INTEGER": "int", " bigint ": "bigint", "decimal": "decimal(10,0)", "decimal(12)": "decimal(12,0)",
		"decimal( 38 , 10 )": "decimal(38,10)", "varchar(10)": "varchar(10)", "char(255)": "char(255)",
		"array<string>": "array<string>", "map<string,array<int>>": "map<string,array<int>>",
		"struct<a:int,B:struct<c:decimal(3,1)>>": "struct<a:int,B:struct<c:decimal(3,1)>>", "timestamp": "timestamp",
	} {
		got, err := loglake.ParseHiveType(text)
		if err != nil || got.String() != want {
			t.Errorf("%q: got %s, %v, want %s", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "text", "int(3)", "decimal(39)", "decimal(3,4)", "decimal(a)", "varchar", "varchar(0)", "varchar(65536)", "char(256)",
		"array", "array<>", "array<int", "map<int>", "struct<>", "struct<a>", "struct<a:int", "int x", "array<int>>",
		strings.Repeat("array<", 100) + "int" + strings.Repeat(">", 100),
	} {
		if got, err := loglake.ParseHiveType(text); loglake.CodeOf(err) != loglake.CodeInvalid {
			t.Errorf("%q: got %s, %v", text, got, err)
		}
	}
}

func FuzzParseHiveType(f *testing.F) {
	f.Add("struct<a:int,b:map<string,decimal(10,2)>>")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := loglake.ParseHiveType(text)
		if err != nil {
			return
		}
		again, err := loglake.ParseHiveType(parsed.String())
		if err != nil || again.String() != parsed.String() {
			t.Errorf("%q printed as %s came back as %s, %v", text, parsed, again, err)
		}
	})
}

func TestSplitLocation(t *testing.T) {
	for location, want := range map[string][2]string{
		"s3://b": {"b", ""}, "s3://b/": {"b", ""}, "s3://b/p": {"b", "p/"}, "s3a://b/p/q/": {"b", "p/q/"}, "s3n://b/p": {"b", "p/"},
	} {
		bucket, prefix, ok := loglake.SplitLocation(location)
		if [2]string{bucket, prefix} != want || !ok {
			t.Errorf("%s: got %q, %q, %v", location, bucket, prefix, ok)
		}
	}
	for _, location := range []string{"", "b/p", "s3://", "s3:///p", "http://b/p"} {
		if _, _, ok := loglake.SplitLocation(location); ok {
			t.Errorf("%q was taken", location)
		}
	}
}

func TestErrors(t *testing.T) {
	cause := errors.New("cause")
	e := loglake.Errorf(loglake.CodeLimit, "%d is too many", 3).WithHint("take %d", 2)
	e.Err = cause
	wrapped := errors.Join(errors.New("outer"), e)
	if loglake.CodeOf(wrapped) != loglake.CodeLimit || !errors.Is(wrapped, cause) || e.Error() != "3 is too many (take 2): cause" {
		t.Errorf("got %v with code %s", e, loglake.CodeOf(wrapped))
	}
	if loglake.CodeOf(nil) != "" || loglake.CodeOf(cause) != loglake.CodeInternal {
		t.Error("nil has no code, and a foreign error is internal")
	}
}
