package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/internal/disk"
	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/sample"
	"github.com/loglake/loglake/shape"
)

// initFlags are the flags of init.
type initFlags struct {
	from   string
	parse  string
	regex  string
	group  string
	output string
	force  bool
}

func initCommand() *cobra.Command {
	var f initFlags
	c := &cobra.Command{
		Use:   "init --from FILE",
		Short: "Write the " + pipeline.FileName + " that fits a log, each choice explained",
		Long: `init looks at lines of a log (JSON, access logs, logfmt or plain text; gzip and zstd too; - is stdin) and
writes the pipeline that fits them: the columns of a table and their types, the timestamp by which rows lie in
days, the time zone, what looks like noise and how much of it there is, which errors get a group of their own.
Each choice has its reason beside it as a comment, and so have fields that look personal.

The file is a proposal: look through it. What is there already is not overwritten.`,
		Example: `  loglake init --from app.log                      write ` + pipeline.FileName + `
  loglake init --from access.log.gz -o -           only show it
  kubectl logs deploy/api | loglake init --from - --group /k8s/api
  loglake serve                                    then: serve what the file says`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	flags := c.Flags()
	flags.StringVar(&f.from, "from", "", "file with lines of the log; - is stdin")
	flags.StringVar(&f.parse, "parse", "", "how lines are written: "+formatNames(", ")+" (default: found out)")
	flags.StringVar(&f.regex, "regex", "", "the expression of --parse regex; its named groups are the fields")
	flags.StringVar(&f.group, "group", "", "the log group (default: /app/ and the name of the file)")
	flags.StringVarP(&f.output, "output", "o", pipeline.FileName, "file to write; - is stdout")
	flags.BoolVar(&f.force, "force", false, "overwrite the file that is there")
	_ = c.RegisterFlagCompletionFunc("parse", completeFormats) // the flag is there
	return c
}

func (f *initFlags) run(c *cobra.Command) error {
	if f.from == "" {
		return usageError{errors.New("--from names the file with lines of the log; it is missing\n  `loglake init --from app.log`, or --from - for stdin")}
	}
	if f.regex != "" && f.parse == "" {
		f.parse = string(shape.Regex)
	}
	if _, err := shape.NewParser(shape.Format(f.parse), f.regex); f.parse != "" && err != nil {
		return usageError{err}
	}
	if err := f.checkOutput(); err != nil {
		return err
	}
	file, err := openLog(f.from, c.InOrStdin())
	if err != nil {
		return err
	}
	name := f.from
	if name == "-" {
		name = ""
	}
	seen, err := sample.Look(file, sample.Config{Name: name, Group: loglake.GroupName(f.group), Parse: shape.Format(f.parse), Regex: f.regex})
	if closing := file.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("look at %s: %w", f.from, err)
	}
	text, err := seen.File()
	if err != nil {
		return err
	}
	if f.output == "-" {
		_, err := c.OutOrStdout().Write(text)
		return err
	}
	if err := disk.WriteFile(disk.Real(), f.output, text); err != nil {
		return err
	}
	fmt.Fprintf(c.ErrOrStderr(), "%s is written. Look through it; then `loglake serve` serves what it says\n", f.output)
	return nil
}

// checkOutput refuses to overwrite a file, before there is any work to lose.
func (f *initFlags) checkOutput() error {
	if f.output == "-" || f.force {
		return nil
	}
	switch _, err := os.Stat(f.output); {
	case err == nil:
		return loglake.Errorf(loglake.CodeExists, "%s is there already, and is left as it is", f.output).
			WithHint("--force overwrites it, -o FILE writes another one, -o - only shows what would be in it")
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	return nil
}
