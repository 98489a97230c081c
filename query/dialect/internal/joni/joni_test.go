package joni

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// found gives the first match and its groups as "whole|group|…", "-" for a group that took no part, "none" without a match.
func found(t *testing.T, pattern, text string) string {
	t.Helper()
	re, err := Compile(pattern)
	if err != nil {
		return "error: " + err.Error()
	}
	m, err := re.Match(text, 0)
	if err != nil {
		return "failed: " + err.Error()
	}
	if m == nil {
		return "none"
	}
	var parts []string
	for i := 0; i < len(m); i += 2 {
		if m[i] < 0 {
			parts = append(parts, "-")
		} else {
			parts = append(parts, text[m[i]:m[i+1]])
		}
	}
	return strings.Join(parts, "|")
}

func TestMatch(t *testing.T) {
	for _, c := range []struct{ pattern, text, want string }{
		{``, "a", ""},
		{`b|`, "ab", ""},
		{`(\d+)-(\d+)`, "x 12-34", "12-34|12|34"},
		{`(a)|(b)`, "b", "b|-|b"},
		{`(?:(a)|b)*`, "ab", "ab|a"},
		{`a.c`, "a\nc", "none"},
		{`(?s)a.c`, "a\nc", "a\nc"},
		{`^b`, "a\nb", "none"},
		{`(?m)^b$`, "a\nb\nc", "b"},
		{`a$`, "a\n", "a"},
		{`a\z`, "a\n", "none"},
		{`a\Z`, "a\n", "a"},
		{`(?m)^`, "", ""},
		{`\bé\b`, "a é", "é"},
		{`a\b`, "aé", "none"},
		{`\w+`, "é_1", "_1"},
		{`\s`, "\u00a0", "none"},
		{`[[:space:]]`, "\u00a0", "\u00a0"},
		{`\p{Lu}\P{Lu}`, "xÉx", "Éx"},
		{`[a-z&&[^b]]+`, "bcad", "cad"},
		{`[^a&&b]`, "a", "a"},
		{`[a-c-e]+`, "-ead", "-ea"},
		{`[[:^alpha:]]`, "a1", "1"},
		{`[]a]+`, "[a]", "a]"},
		{`a++a`, "aaa", "none"},
		{`a{1,3}+a`, "aaaa", "aaaa"},
		{`(?>a|ab)c`, "abc", "none"},
		{`foo(?=bar)`, "foobar", "foo"},
		{`foo(?!bar)`, "foobar", "none"},
		{`(?=(a))ab`, "ab", "ab|a"},
		{`(?!(b))ab`, "ab", "ab|-"},
		{`(?<=a|bc)d`, "bcd", "d"},
		{`(?<!a)b`, "ab b", "b"},
		{`(?<=é)b`, "éb", "b"},
		{`(a)\1`, "aba", "none"},
		{`(?<x>ab)\k<x>`, "abab", "abab|ab"},
		{`(a)\k<-1>`, "aa", "aa|a"},
		{`(a)?\1b`, "b", "none"},
		{`(?i)(a)\1`, "aA", "aA|a"},
		{`(a)\10`, "a\b", "a\b|a"},
		{`(?i)strasse`, "STRAßE", "STRAßE"},
		{`(?i)ß`, "xSS", "SS"},
		{`(?i)s+`, "ß", "none"},
		{`(?i)ffi`, "ﬃ", "ﬃ"},
		{`(?i)ss`, "ẞ", "none"},
		{`(?i)[^a]`, "A", "none"},
		{`(?i)k`, "\u212a", "\u212a"},
		{`(?i)ⱥ`, "Ⱥ", "none"},
		{`(?i)[A-Z&&[^B]]`, "b", "none"},
		{`a(?i)b|c`, "aC", "aC"},
		{`a(?i)b|c`, "c", "none"},
		{`(?x) a b # c`, "ab", "ab"},
		{`(?#x)a(?#y)*`, "aa", "aa"},
		{`\Qa.b\E{2}`, "a.bb", "a.bb"},
		{`\x41\x{42}\u0043\104\t`, "ABCD\t", "ABCD\t"},
		{`\h\R`, "hR", "hR"},
		{`a{,3}`, "a{,3}", "a{,3}"},
		{`a{2}?`, "aaaa", "aa"},
		{`(?:a+?)+`, "aaa", "a"},
		{`(?:a+?)*`, "aaa", "a"},
		{`(?:a*?)+`, "aaa", ""},
		{`(?:a+)??`, "aaa", ""},
		{`(?:a|)*b`, "aab", "aab"},
		{`(?:|a)+`, "aaa", ""},
		{`(?:a?){3}b`, "aab", "aab"},
		{`\G\d`, "1", "1"},
		{`\p{X}`, "", "error: invalid character property name <X>"},
		{`(`, "", "error: end pattern with unmatched parenthesis"},
		{`a)`, "", "error: unmatched close parenthesis"},
		{`*`, "", "error: target of repeat operator is not specified"},
		{`{1}`, "", "error: target of repeat operator is not specified"},
		{`a{2,1}`, "", "error: upper is smaller than lower in repeat range"},
		{`a{100001}`, "", "error: too big number for repeat range"},
		{`[`, "", "error: premature end of char-class"},
		{`[]`, "", "error: empty char-class"},
		{`[b-a]`, "", "error: empty range in char class"},
		{`[[:x:]]`, "", "error: invalid POSIX bracket type"},
		{`(?z)`, "", "error: undefined group option"},
		{`(?<a>)(?<a>)`, "", "error: multiplex defined name <a>"},
		{`(?<1>)`, "", "error: invalid group name <1>"},
		{`\1`, "", "error: invalid backref number/name"},
		{`\k<x>`, "", "error: undefined name <x> reference"},
		{`(?<=a*)b`, "", "error: invalid pattern in look-behind"},
		{`(?<!(a))b`, "", "error: invalid pattern in look-behind"},
		{`\`, "", "error: end pattern at escape"},
		{`(a\1)`, "", "error: a reference to the group around it is not supported"},
		{`\xe9`, "", `error: \x with two digits beyond ASCII is not supported`},
		{`(?i)[ß]`, "", "error: a class in any case with letters such as ß, which are equal to several is not supported"},
		{`((a*)*)*\1`, "", "error: a reference beside a group in a repetition of what may match nothing is not supported"},
		{`(?:(?:a{9}b){999}){999}`, "", "error: a regular expression with so large repetitions is not supported"},
		{`(a*)*b`, strings.Repeat("a", 5000), "failed: " + ErrSteps.Message},
	} {
		if got := found(t, c.pattern, c.text); got != c.want {
			t.Errorf("%q in %q: %q, want %q", c.pattern, c.text, got, c.want)
		}
	}
}

func TestDeepPatternsAreRefused(t *testing.T) {
	for _, pattern := range []string{strings.Repeat("(", 100_000), strings.Repeat("(?i)", 8000), strings.Repeat("[", 30_000), "a" + strings.Repeat("{2}", 10_000),
		"(?x)" + strings.Repeat("#", 32<<10)} {
		if _, err := Compile(pattern); err == nil || !err.(*Error).Unsupported {
			t.Errorf("%.10q…: %v", pattern, err)
		}
	}
}

// randomPattern writes a pattern of what RE2 has too, and of a little more.
func randomPattern(r *rand.Rand, depth int) string {
	atoms := []string{"a", "b", "é", ".", "[ab]", "[^a]", `\w`, `\W`, `\s`, `\d`, `\A`, `\z`, "$", `\b`, `\B`, `\p{L}`, "K"}
	quantifiers := []string{"", "", "", "*", "+", "?", "{2}", "{1,2}", "{0,2}?", "*?", "+?", "??"}
	var b strings.Builder
	for range r.IntN(4) {
		if depth > 0 && r.IntN(3) == 0 {
			b.WriteString([]string{"(", "(?:", "(?i:"}[r.IntN(3)] + randomPattern(r, depth-1) + ")")
		} else {
			b.WriteString(atoms[r.IntN(len(atoms))])
		}
		b.WriteString(quantifiers[r.IntN(len(quantifiers))])
	}
	if r.IntN(3) == 0 {
		return b.String() + "|" + randomPattern(r, depth-1)
	}
	return b.String()
}

// TestPlain holds matches against Go's, which reads the patterns of RE2.
func TestPlain(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	texts := []string{"", "a", "ab", "ba", "aab\n", "abab", "a b", "é", "aéb", "k", "K1", "\u212a", "\n", "a\nb", "bbaa_"}
	plain := 0
	for range 3000 {
		pattern := randomPattern(r, 3)
		re, err := Compile(pattern)
		if err != nil {
			continue
		}
		for _, only := range []bool{false, true} {
			p, ok := re.Plain(only)
			if !ok {
				continue
			}
			plain++
			g := regexp.MustCompile(p.Pattern)
			for _, text := range texts {
				if p.ASCII && strings.ContainsFunc(text, func(r rune) bool { return r > 0x7F }) {
					continue
				}
				m, err := re.Match(text, 0)
				want := g.FindStringSubmatchIndex(text)
				if err != nil || only && (m == nil) != (want == nil) || !only && !slices.Equal(m, want) {
					t.Fatalf("%q as %q in %q: %v %v, want %v", pattern, p.Pattern, text, m, err, want)
				}
			}
		}
	}
	if plain < 500 {
		t.Errorf("only %d patterns were plain", plain)
	}
}

func FuzzCompile(f *testing.F) {
	for _, pattern := range []string{`(a|b)*?c`, `(?<n>a)\k<n>`, `[a-z&&[^b]]`, `(?i)ß`, `\p{L}{2,}+`, `(?<!a|bc)d`, `(?x) a #`, `\Qa\E`} {
		f.Add(pattern, "abcd")
	}
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if len(pattern) > 200 || len(text) > 50 {
			return
		}
		re, err := Compile(pattern)
		if err != nil {
			return
		}
		m, err := re.Match(text, 0)
		if err == nil && m != nil && (m[0] < 0 || m[1] < m[0] || m[1] > len(text)) {
			t.Fatal(fmt.Sprint(m))
		}
		if p, ok := re.Plain(false); ok {
			if _, err := regexp.Compile(p.Pattern); err != nil {
				t.Fatal(err)
			}
		}
	})
}
