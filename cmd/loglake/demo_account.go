package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// account prints what became of the events: the ledger's counts, and the objects that are in the bucket.
func (s *story) account(ctx context.Context) error {
	counts, err := s.ledger(ctx)
	if err != nil {
		return err
	}
	streams := table{header: []string{"delivery stream", "events", "left out by filter", "rows", "rejects"}, right: []bool{false, true, true, true, true}}
	objects := table{header: []string{"object", "bytes"}, right: []bool{false, true}}
	var rows, bytes int64 // of the branch that takes everything
	for i, b := range s.branches {
		c := func(name string) int64 { return counts[b.stream]["loglake_"+name+"_total"] }
		streams.add(b.stream, grouped(c("delivered_events")), grouped(c("unmatched_events")), grouped(c("delivered_rows")), grouped(c("rejected_records")))
		written, err := s.objects(ctx, &objects, b.prefix())
		if err != nil {
			return err
		}
		if _, err := s.objects(ctx, &objects, "rejects/"+b.prefix()); err != nil {
			return err
		}
		if i == 0 {
			rows, bytes = c("delivered_rows"), written
		}
	}
	fmt.Fprint(s.out, "\nThe account, from the ledger\n\n")
	streams.print(s.out)
	fmt.Fprintln(s.out)
	objects.print(s.out)
	fmt.Fprintln(s.out)
	s.compare(rows, bytes)
	if n := s.lines.notJSON; n > 0 {
		fmt.Fprintf(s.out, "%s of the lines are not JSON: each is kept as a reject, with the reason and its bytes, under s3://%s/rejects/\n", grouped(n), demoBucket)
	}
	return nil
}

// compare sets the bytes of a row beside those of a raw line.
func (s *story) compare(rows, bytes int64) {
	if rows == 0 || s.lines.events == 0 {
		fmt.Fprintln(s.out, "no line became a row")
		return
	}
	row, line := float64(bytes)/float64(rows), float64(s.lines.bytes)/float64(s.lines.events)
	fmt.Fprintf(s.out, "%.1f bytes per row, beside %.1f of a raw line", row, line)
	if row < line { // a few rows don't pay for a file's frame
		fmt.Fprintf(s.out, ": %.1f times smaller", line/row)
	}
	fmt.Fprintln(s.out)
}

// objects adds the objects under a prefix to a table and gives their bytes.
func (s *story) objects(ctx context.Context, to *table, prefix string) (bytes int64, err error) {
	pages := s3.NewListObjectsV2Paginator(s.s3, &s3.ListObjectsV2Input{Bucket: aws.String(demoBucket), Prefix: aws.String(prefix)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return bytes, err
		}
		for _, o := range page.Contents {
			to.add("s3://"+demoBucket+"/"+aws.ToString(o.Key), grouped(aws.ToInt64(o.Size)))
			bytes += aws.ToInt64(o.Size)
		}
	}
	return bytes, nil
}

// ledger reads the counts of the streams' committed batches, by stream and metric. The server reads its ledger when
// /metrics is asked for.
func (s *story) ledger(ctx context.Context) (counts map[string]map[string]int64, err error) {
	answer, err := s.get(ctx, "/metrics")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, answer.Body.Close()) }()
	return parseCounts(answer.Body)
}

// parseCounts reads the lines of Prometheus' text format that have the label stream and no other.
func parseCounts(r io.Reader) (map[string]map[string]int64, error) {
	counts := map[string]map[string]int64{}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		name, rest, ok := strings.Cut(lines.Text(), `{stream="`)
		stream, value, ok2 := strings.Cut(rest, `"} `)
		if !ok || !ok2 {
			continue
		}
		n, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, fmt.Errorf("read /metrics: %w", err)
		}
		if counts[stream] == nil {
			counts[stream] = map[string]int64{}
		}
		counts[stream][name] = int64(n)
	}
	return counts, lines.Err()
}
