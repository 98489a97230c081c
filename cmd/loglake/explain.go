package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/spelling"
)

// explainBytesMax bounds what explain reads of a file, of an object or of its standard input.
const explainBytesMax = 16 << 20

func explainCommand() *cobra.Command {
	var r remote
	c := &cobra.Command{
		Use:   "explain ERROR | FILE | s3://BUCKET/KEY | -",
		Short: "Say what an error code or a rejected record means, and what mends it",
		Long: `explain takes an error as it was printed, or its code, and says what it means, what usually causes it and
what mends it. Given a reject object (a file, a key, or its lines on standard input), it also unpacks the
records and points at the place that conversion stumbled over.`,
		Example: `  loglake explain TYPE_MISMATCH
  loglake explain "An error occurred (ResourceNotFoundException) when calling PutLogEvents"
  loglake explain s3://my-bucket/rejects/format-conversion-failed/api-1-2026-11-23-02-19-11-…
  aws s3 cp s3://my-bucket/rejects/… - | loglake explain -`,
		Args: cobra.ArbitraryArgs,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var codes []string
			for _, x := range explanations() {
				codes = append(codes, x.Code)
			}
			return codes, cobra.ShellCompDirectiveDefault
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := checkFormat(r.format); err != nil {
				return err
			}
			text, err := r.toExplain(c, args)
			if err != nil {
				return err
			}
			return explainText(c.OutOrStdout(), r.format, text)
		},
	}
	r.register(c)
	c.Flags().StringVar(&r.format, "format", "text", "text or json")
	complete(c, "format", "text", "json")
	return c
}

// toExplain gives the text that is to be explained.
func (r *remote) toExplain(c *cobra.Command, args []string) (string, error) {
	text := strings.TrimSpace(strings.Join(args, " "))
	switch {
	case text == "-" || text == "" && !isInteractive(c.InOrStdin()):
		return readSome(c.InOrStdin())
	case text == "":
		return "", usageError{errors.New("explain takes an error, a file or key of a reject object, or - for standard input\n  `loglake explain --help` shows examples")}
	case strings.HasPrefix(text, "s3://"):
		server, err := r.client()
		if err != nil {
			return "", err
		}
		return readObject(c.Context(), server.S3(), server.Endpoint(), text)
	case len(args) == 1:
		if info, err := os.Stat(args[0]); err == nil && info.Mode().IsRegular() {
			f, err := os.Open(args[0])
			if err != nil {
				return "", err
			}
			defer f.Close() //nolint:errcheck // only read
			return readSome(f)
		}
	}
	return text, nil
}

// isInteractive tells whether r is a terminal, where nobody has written anything yet.
func isInteractive(r io.Reader) bool {
	f, ok := r.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&fs.ModeCharDevice != 0
}

func readSome(r io.Reader) (string, error) {
	b, err := io.ReadAll(io.LimitReader(r, explainBytesMax))
	return string(b), err
}

func readObject(ctx context.Context, store *s3.Client, endpoint, location string) (string, error) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(location, "s3://"), "/")
	out, err := store.GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if err != nil {
		return "", serviceError(err, endpoint, "`loglake status --format json` names the newest reject object of each stream")
	}
	defer out.Body.Close() //nolint:errcheck // only read
	return readSome(out.Body)
}

// explained is all that explain has to say, as --format json prints it.
type explained struct {
	Rejects      []explainedReject `json:"rejects,omitempty"`
	Explanations []explanation     `json:"explanations"`
	Nearest      []string          `json:"nearest,omitempty"` // codes, where nothing is known
}

func explainText(w io.Writer, format, text string) error {
	var e explained
	if rejects := parseRejects(text); len(rejects) > 0 {
		e = explainRejects(rejects)
	} else if e.Explanations = findExplanations(text); len(e.Explanations) == 0 {
		e.Nearest = nearest(text)
	}
	if format == "json" {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(e); err != nil {
			return err
		}
	} else {
		e.print(w)
	}
	if len(e.Explanations) == 0 {
		err := loglake.Errorf(loglake.CodeNotFound, "nothing is known of %q", shown(text))
		if len(e.Nearest) > 0 {
			return err.WithHint("the nearest codes are %s", strings.Join(e.Nearest, ", "))
		}
		return err.WithHint("give the whole error, or its code")
	}
	return nil
}

func (e explained) print(w io.Writer) {
	p := painter(w)
	for _, r := range e.Rejects {
		r.print(w, p)
		fmt.Fprintln(w)
	}
	for i, x := range e.Explanations {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s, %s\n", p.in(bold, x.Code), x.Of)
		for _, part := range []struct{ name, text string }{{"means", x.Means}, {"usually", x.Cause}, {"mend it", x.Mend}} {
			if part.text != "" {
				fmt.Fprintf(w, "  %s %s\n", p.in(dim, fmt.Sprintf("%-8s", part.name)), strings.ReplaceAll(wrapped(part.text, 100), "\n", "\n           "))
			}
		}
	}
}

// wrapped breaks a text into lines of at most so many characters, at its blanks.
func wrapped(text string, width int) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		if line != "" && textWidth(line)+1+textWidth(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return strings.Join(append(lines, line), "\n")
}

// lookUp gives the explanation of a code, nil where there is none.
func lookUp(code string) *explanation {
	for _, x := range explanations() {
		if strings.EqualFold(x.Code, code) {
			return &x
		}
	}
	return nil
}

// findExplanations gives the explanations of the codes and the known texts in a text: what a text tells first, for it
// says more than its code.
func findExplanations(text string) []explanation {
	found := knownTexts(text)
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '_' && r != '.' })
	said := make(map[string]bool, len(words))
	for _, word := range words {
		said[strings.ToLower(strings.Trim(word, "."))] = true
	}
	lower := strings.ToLower(text)
	for _, x := range explanations() {
		code := strings.ToLower(x.Code)
		known := said[code] || strings.Contains(code, " ") && strings.Contains(lower, code)
		if known {
			found = append(found, x)
		}
	}
	return found
}

// nearest gives the codes that a text may have meant, the likeliest first.
func nearest(text string) []string {
	type candidate struct {
		code     string
		distance int
	}
	var all []candidate
	wanted := strings.ToLower(strings.TrimSpace(text))
	if len(wanted) > 80 {
		return nil
	}
	for _, x := range explanations() {
		d := spelling.Distance(wanted, strings.ToLower(x.Code))
		if strings.Contains(strings.ToLower(x.Code), wanted) && len(wanted) > 3 {
			d = 1
		}
		if d <= len(x.Code)/3 {
			all = append(all, candidate{x.Code, d})
		}
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return a.distance - b.distance })
	var codes []string
	for _, c := range all[:min(len(all), 3)] {
		codes = append(codes, c.code)
	}
	return codes
}
