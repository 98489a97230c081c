package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"

	"github.com/loglake/loglake"
)

// metaHelp are the commands of the prompt itself.
const metaHelp = `Commands of the prompt:
  \d              the tables of the database
  \d TABLE        the columns of a table
  \c DATABASE     go on with another database
  \format FORMAT  print rows as table, csv or json
  \timing         print the line on rows, bytes, cost and time, or stop doing so
  \?              this list
  \q              leave
`

// metaCommands are their names.
var metaCommands = []string{`\?`, `\c`, `\d`, `\format`, `\q`, `\timing`}

// meta runs a command of the prompt.
func (s *shell) meta(ctx context.Context, command string) error {
	words := strings.Fields(strings.TrimSuffix(command, ";"))
	argument := ""
	if len(words) > 1 {
		argument = words[1]
	}
	switch words[0] {
	case `\q`:
		return errLeave
	case `\?`:
		_, err := fmt.Fprint(s.out, metaHelp)
		return err
	case `\timing`:
		s.quiet = !s.quiet
		fmt.Fprintf(s.errs, "timing is %s\n", map[bool]string{true: "off", false: "on"}[s.quiet])
		return nil
	case `\format`:
		if !slices.Contains(formats, argument) || argument == "parquet" {
			return loglake.Errorf(loglake.CodeInvalid, `\format is table, csv or json, not %q`, argument)
		}
		s.format = argument
		return nil
	case `\c`:
		return s.connect(ctx, argument)
	case `\d`:
		if argument == "" {
			return s.describeAll(ctx)
		}
		return s.describe(ctx, argument)
	}
	return loglake.Errorf(loglake.CodeInvalid, "there is no command %s", words[0]).WithHint(`\? lists them; a statement of SQL ends with a semicolon`)
}

func (s *shell) connect(ctx context.Context, database string) error {
	if database == "" {
		return loglake.Errorf(loglake.CodeInvalid, `\c needs the name of a database; this one is %s`, s.database).WithHint("SHOW DATABASES; lists them")
	}
	if _, err := s.server.Glue().GetDatabase(ctx, &glue.GetDatabaseInput{Name: &database}); err != nil {
		return s.glueError(err)
	}
	s.database = database
	s.names.forget()
	return nil
}

// tables gives the tables of the database.
func (s *shell) tables(ctx context.Context) (all []gluetypes.Table, err error) {
	pages := glue.NewGetTablesPaginator(s.server.Glue(), &glue.GetTablesInput{DatabaseName: &s.database})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, s.glueError(err)
		}
		all = append(all, page.TableList...)
	}
	return all, nil
}

func (s *shell) describeAll(ctx context.Context) error {
	list, err := s.tables(ctx)
	if err != nil {
		return err
	}
	t := table{header: []string{"table", "columns", "partitioned by", "location"}, right: []bool{false, true, false, false}}
	for _, of := range list {
		var keys []string
		for _, k := range of.PartitionKeys {
			keys = append(keys, aws.ToString(k.Name))
		}
		columns, location := 0, ""
		if of.StorageDescriptor != nil {
			columns, location = len(of.StorageDescriptor.Columns), aws.ToString(of.StorageDescriptor.Location)
		}
		t.add(printable(aws.ToString(of.Name)), grouped(int64(columns+len(keys))), strings.Join(keys, ", "), printable(location))
	}
	if len(list) == 0 {
		fmt.Fprintf(s.out, "the database %s has no tables\n", s.database)
		return nil
	}
	t.print(s.out)
	return nil
}

func (s *shell) describe(ctx context.Context, name string) error {
	database, name, qualified := strings.Cut(name, ".")
	if !qualified {
		database, name = s.database, database
	}
	out, err := s.server.Glue().GetTable(ctx, &glue.GetTableInput{DatabaseName: &database, Name: &name})
	if err != nil {
		return s.glueError(err)
	}
	t := table{header: []string{"column", "type", "comment"}, right: []bool{false, false, false}}
	if d := out.Table.StorageDescriptor; d != nil {
		for _, c := range d.Columns {
			t.add(aws.ToString(c.Name), aws.ToString(c.Type), shown(aws.ToString(c.Comment)))
		}
	}
	for _, c := range out.Table.PartitionKeys {
		t.add(aws.ToString(c.Name), aws.ToString(c.Type), strings.TrimSpace("partition key "+shown(aws.ToString(c.Comment))))
	}
	t.print(s.out)
	return nil
}

// glueError words an error of the catalog for people.
func (s *shell) glueError(err error) error {
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case awsCode(err) == "EntityNotFoundException":
		return loglake.Errorf(loglake.CodeNotFound, "%s", strings.TrimSuffix(awsText(err), "."))
	}
	return serviceError(err, s.server.Endpoint(), "")
}
