package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/query/dialect"
)

// fmtBytesMax bounds what fmt reads of a file or of its standard input.
const fmtBytesMax = 16 << 20

func fmtCommand() *cobra.Command {
	var write, check bool
	c := &cobra.Command{
		Use:   "fmt [FILE...|-]",
		Short: "Format SQL: a clause a line, keywords in upper case",
		Long: `fmt prints the statements of SQL files in one canonical layout: a clause a line, keywords in upper case,
lists that are longer than 100 columns one item a line. Names, values and comments stay as they are;
comments in the middle of a line move to its end. It reads Athena's queries and what surrounds them
(EXPLAIN, PREPARE, CREATE TABLE AS, INSERT, UNLOAD), separated by semicolons; a file with anything else,
such as DDL, is refused with the place, and left alone.

Without a file, or with "-", it formats standard input. --write puts the result into the file, in one
step; --check writes nothing, lists the files that are not formatted, and then exits with 1.`,
		Example: `  loglake fmt report.sql
  loglake fmt -w queries/*.sql
  loglake fmt --check queries/*.sql
  echo "select a,b from t where x=1" | loglake fmt`,
		Args: cobra.ArbitraryArgs,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"sql"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(c *cobra.Command, args []string) error {
			if write && check {
				return usageError{errors.New("--write and --check exclude each other: --check writes nothing")}
			}
			if len(args) == 0 && isInteractive(c.InOrStdin()) {
				return usageError{errors.New("there is nothing to format: name files, or - for standard input")}
			}
			if len(args) == 0 {
				args = []string{"-"}
			}
			f := sqlFormatting{in: c.InOrStdin(), out: c.OutOrStdout(), errs: c.ErrOrStderr(), write: write, check: check}
			for _, name := range args {
				f.file(name)
			}
			if f.failed {
				return exitError{exitFailed}
			}
			return nil
		},
	}
	c.Flags().BoolVarP(&write, "write", "w", false, "write the result into the file")
	c.Flags().BoolVar(&check, "check", false, "list the files that are not formatted, exit with 1 if there are any")
	return c
}

// sqlFormatting formats files one after the other; failed says that one can't be read or formatted, or isn't for --check.
type sqlFormatting struct {
	in           io.Reader
	out, errs    io.Writer
	write, check bool
	failed       bool
}

func (f *sqlFormatting) file(name string) {
	shown := name
	if name == "-" {
		shown = "<standard input>"
	}
	if err := f.format(name, shown); err != nil {
		f.failed = true
		var e *dialect.Error
		if errors.As(err, &e) && e.Line > 0 {
			text := *e
			text.Line = 0 // the place goes before the file's name
			err = fmt.Errorf("%s:%d:%d: %w", shown, e.Line, e.Column, &text)
		} else {
			err = fmt.Errorf("%s: %w", shown, err)
		}
		tell(f.errs, err)
	}
}

func (f *sqlFormatting) format(name, shown string) error {
	text, err := f.read(name)
	if err != nil {
		return err
	}
	formatted, err := dialect.FormatScript(text)
	if err != nil {
		return err
	}
	switch {
	case f.check:
		if formatted != text {
			f.failed = true
			fmt.Fprintln(f.out, shown)
		}
		return nil
	case f.write && name != "-":
		if formatted == text {
			return nil
		}
		return disk.WriteFile(disk.Real(), name, []byte(formatted))
	}
	_, err = io.WriteString(f.out, formatted)
	return err
}

// read gives the text of a file or of standard input.
func (f *sqlFormatting) read(name string) (string, error) {
	in := f.in
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return "", errors.Unwrap(err)
		}
		defer file.Close() //nolint:errcheck // only read
		in = file
	}
	b, err := io.ReadAll(io.LimitReader(in, fmtBytesMax+1))
	if err == nil && len(b) > fmtBytesMax {
		err = fmt.Errorf("longer than %d bytes", fmtBytesMax)
	}
	return string(b), err
}
