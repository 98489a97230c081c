package apply

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/pipeline"
)

func (l *look) lookTables(ctx context.Context) error {
	for _, t := range l.pipeline.Tables {
		database := aws.String(l.pipeline.Database)
		what := "table " + l.pipeline.Database + "." + t.Name
		got, err := l.glue.GetTable(ctx, &glue.GetTableInput{DatabaseName: database, Name: aws.String(t.Name)})
		if is(err, notFound) {
			l.step(what, false, createdTable(t), func(ctx context.Context) error {
				_, err := l.glue.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: database, TableInput: input(t, map[string]string{MarkKey: MarkValue})})
				if is(err, "AlreadyExistsException") && l.madeTable(ctx, t) {
					return nil
				}
				return err
			})
			continue
		}
		if err != nil {
			return err
		}
		if refusal := moved(got.Table, t); refusal != "" {
			l.add(Step{What: what, Do: Refuse, Warning: refusal})
			continue
		}
		details, warning := changedTable(got.Table, t)
		l.step(what, true, details, func(ctx context.Context) error {
			_, err := l.glue.UpdateTable(ctx, &glue.UpdateTableInput{DatabaseName: database, TableInput: input(t, got.Table.Parameters)})
			return err
		})
		l.plan.Steps[len(l.plan.Steps)-1].Warning = warning
	}
	return nil
}

// madeTable tells whether a table is as the file has it. The SDK repeats a call whose answer was lost, and the repeat of one
// that makes something is told that it is there.
func (l *look) madeTable(ctx context.Context, t pipeline.Table) bool {
	got, err := l.glue.GetTable(ctx, &glue.GetTableInput{DatabaseName: aws.String(l.pipeline.Database), Name: aws.String(t.Name)})
	if err != nil || moved(got.Table, t) != "" {
		return false
	}
	details, _ := changedTable(got.Table, t)
	return len(details) == 0
}

// commentKey is the parameter in which Hive keeps the comment of a table: SHOW CREATE TABLE looks there.
const commentKey = "comment"

// input gives the definition of a table, with the parameters that it has besides those of the file.
func input(t pipeline.Table, others map[string]string) *gluetypes.TableInput {
	s := t.Statement("")
	parameters := map[string]string{}
	maps.Copy(parameters, others)
	delete(parameters, commentKey)
	maps.Copy(parameters, map[string]string{"EXTERNAL": "TRUE", "classification": "parquet"})
	maps.Copy(parameters, t.Properties)
	in := &gluetypes.TableInput{
		Name: aws.String(t.Name), TableType: aws.String("EXTERNAL_TABLE"), Parameters: parameters,
		PartitionKeys: glueColumns(t.PartitionKeys),
		StorageDescriptor: &gluetypes.StorageDescriptor{
			Columns: glueColumns(t.Schema()), Location: aws.String(t.Location),
			InputFormat: aws.String(s.Format.InputFormat), OutputFormat: aws.String(s.Format.OutputFormat),
			SerdeInfo: &gluetypes.SerDeInfo{
				SerializationLibrary: aws.String(s.Format.SerDe), Parameters: map[string]string{"serialization.format": "1"},
			},
		},
	}
	if t.Comment != "" {
		in.Description = aws.String(t.Comment)
		parameters[commentKey] = t.Comment
	}
	return in
}

func glueColumns(columns []loglake.Column) []gluetypes.Column {
	out := make([]gluetypes.Column, len(columns))
	for i, c := range columns {
		out[i] = gluetypes.Column{Name: aws.String(c.Name), Type: aws.String(c.Type)}
		if c.Comment != "" {
			out[i].Comment = aws.String(c.Comment)
		}
	}
	return out
}

func plainColumns(columns []gluetypes.Column) []loglake.Column {
	out := make([]loglake.Column, len(columns))
	for i, c := range columns {
		out[i] = loglake.Column{Name: aws.ToString(c.Name), Type: canonical(aws.ToString(c.Type)), Comment: aws.ToString(c.Comment)}
	}
	return out
}

// canonical gives a type in one spelling.
func canonical(text string) string {
	if t, err := loglake.ParseHiveType(text); err == nil {
		return t.String()
	}
	return text
}

func createdTable(t pipeline.Table) []Detail {
	return []Detail{{Name: "columns", To: spell(t.Schema())}, {Name: "partitioned by", To: spell(t.PartitionKeys)}, {Name: "location", To: t.Location}}
}

func spell(columns []loglake.Column) string {
	var out []string
	for _, c := range columns {
		out = append(out, c.Name+" "+c.Type)
	}
	if len(out) == 0 {
		return "nothing"
	}
	return strings.Join(out, ", ")
}

// moved tells why a table can't become the one of the file without losing sight of its rows; "" where it can.
func moved(there *gluetypes.Table, t pipeline.Table) string {
	sd := there.StorageDescriptor
	if sd == nil || there.ViewOriginalText != nil && aws.ToString(there.ViewOriginalText) != "" {
		return "there is a view of that name; call the table something else"
	}
	location := strings.TrimSuffix(aws.ToString(sd.Location), "/") + "/"
	if location != t.Location {
		return fmt.Sprintf("it lies in %s, and with %s queries would no longer see what is there; "+
			"write `location: %s`, or drop the table first if that is what you want", location, t.Location, location)
	}
	if keys := plainColumns(there.PartitionKeys); spell(keys) != spell(t.PartitionKeys) {
		return fmt.Sprintf("it is partitioned by %s, and with %s its partitions would mean nothing; "+
			"take a table of another name and location, or drop this one first", spell(keys), spell(t.PartitionKeys))
	}
	if sd.SerdeInfo == nil || aws.ToString(sd.SerdeInfo.SerializationLibrary) != t.Statement("").Format.SerDe {
		return "it is a table of files that are not Parquet; call the table something else"
	}
	return ""
}

// changedTable compares a table with the one of the file; the warning says what a change does to files that are there.
func changedTable(there *gluetypes.Table, t pipeline.Table) (details []Detail, warning string) {
	before, after := plainColumns(there.StorageDescriptor.Columns), t.Schema()
	var warnings []string
	for _, c := range after {
		at := slices.IndexFunc(before, func(b loglake.Column) bool { return b.Name == c.Name })
		switch {
		case at < 0:
			details = append(details, Detail{Name: "column " + c.Name, To: c.Type})
		case before[at].Type != c.Type:
			details = append(details, Detail{Name: "column " + c.Name, From: before[at].Type, To: c.Type})
			warnings = append(warnings, fmt.Sprintf("files that are there hold %s as %s, and a query that reads it from them may fail (HIVE_BAD_DATA)", c.Name, before[at].Type))
		case before[at].Comment != c.Comment:
			details = append(details, Detail{Name: "comment of " + c.Name, From: before[at].Comment, To: c.Comment})
		}
	}
	for _, b := range before {
		if !slices.ContainsFunc(after, func(c loglake.Column) bool { return c.Name == b.Name }) {
			details = append(details, Detail{Name: "column " + b.Name, From: b.Type})
			warnings = append(warnings, fmt.Sprintf("files that are there keep %s, and queries no longer see it", b.Name))
		}
	}
	if len(details) == 0 && spell(before) != spell(after) {
		details = append(details, Detail{Name: "columns", From: spell(before), To: spell(after)})
	}
	if was := cmp.Or(there.Parameters[commentKey], aws.ToString(there.Description)); was != t.Comment {
		details = append(details, Detail{Name: "comment", From: was, To: t.Comment})
	}
	for _, name := range slices.Sorted(maps.Keys(t.Properties)) {
		if was := there.Parameters[name]; was != t.Properties[name] {
			details = append(details, Detail{Name: "property " + name, From: was, To: t.Properties[name]})
		}
	}
	return details, strings.Join(warnings, "; ")
}
