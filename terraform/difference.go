package terraform

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/loglake/loglake/pipeline"
	"github.com/loglake/loglake/shape"
)

// differences tells what of a pipeline AWS does otherwise, one paragraph each.
func differences(p *pipeline.Pipeline) (told []string) {
	for _, t := range p.Tables {
		if t.PartitionBy != "" {
			told = append(told, fmt.Sprintf("A row of %s lies in the partition of its arrival, not in that of its column %s: an event that is an hour late "+
				"at midnight is under the next day. Query with a day more and a condition on %s. Firehose partitions by a value only with dynamic partitioning, which is paid apart and takes the value by a jq expression or a Lambda function; "+
				"this configuration does not.", t.Name, t.PartitionBy, t.PartitionBy))
		}
	}
	for _, t := range p.Tables {
		if len(t.PartitionKeys) > 0 && projectionOf(p, t) == nil {
			told = append(told, fmt.Sprintf("The partitions of %s are not computed, since their values are no times: register each with "+
				"ALTER TABLE %s ADD PARTITION, or all that there are with MSCK REPAIR TABLE %s.", t.Name, t.Name, t.Name))
		}
	}
	routes, noise := false, false
	for _, g := range p.Groups {
		routes = routes || len(g.Routes) > 0
		noise = noise || len(g.Noise) > 0
	}
	if routes {
		told = append(told, "No subscription filter leads from a log group into another. The groups that routes lead to are made, and nothing fills them: "+
			"have the application log to both, or put a Lambda function between them. The groups have the routes in their comments.")
	}
	if noise {
		told = append(told, "Noise is dropped by nobody here: loglake does it where lines are captured, before they are sent. The application can leave it out, "+
			"or a filter pattern of the stream, after CloudWatch Logs has been paid for it. The groups have the rules in their comments.")
	}
	for _, s := range p.Streams {
		if s.Codec == pipeline.Zstd {
			told = append(told, fmt.Sprintf("Firehose does not write zstd; %s writes snappy.", s.Name))
		}
	}
	if p.Database == defaultDatabase && len(p.Tables) > 0 {
		told = append(told, "The tables are in the database "+databaseOf(p)+": the database default is the account's own, and Terraform would find it there already.")
	}
	if len(p.Streams) > 0 {
		told = append(told, "Delivery is at least once: a row may be there twice. A wrong setting sends records to the error prefix; nothing holds them back.")
	}
	return told
}

// groupNotes tells of a group what its resource does not have.
func groupNotes(g pipeline.Group) (notes []string) {
	for _, r := range g.Routes {
		which := "all events"
		if r.Filter != "" {
			which = "events that match " + r.Filter
		}
		notes = append(notes, fmt.Sprintf("Not on AWS: %s go into %s too.", which, r.To))
	}
	for _, r := range g.Noise {
		notes = append(notes, "Noise, which loglake drops: "+ruleText(r)+".")
	}
	return notes
}

// ruleText says a rule in words.
func ruleText(r shape.Rule) string {
	var terms []string
	add := func(name string, values []string) {
		if len(values) > 0 {
			terms = append(terms, name+" "+strings.Join(values, " or "))
		}
	}
	add("method", r.Method)
	add("path", r.Path)
	add("level", r.Level)
	for _, name := range slices.Sorted(maps.Keys(r.Fields)) {
		add(name, r.Fields[name])
	}
	text := strings.Join(terms, " and ")
	for _, except := range r.Except {
		text += ", but not " + ruleText(except)
	}
	return text
}
