package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"golang.org/x/sync/errgroup"
)

// pollEvery is the time between two looks at a query.
const pollEvery = time.Millisecond

// freshness measures how long after its acknowledgement a row is in the answer of a SELECT, that answer included.
func freshness(ctx context.Context, l *lake, out io.Writer) error {
	w, err := dial(ctx, l.o.endpoint, l.keys, region)
	if err != nil {
		return err
	}
	defer w.conn.Close()
	b := newBodies(pieces(l.o.bytes), 1, l.group(0), streamName(0))
	// The background: a load of one put of -batch events every 100 ms, so that the rows lie among others.
	load, stop := context.WithCancel(ctx)
	background, load := errgroup.WithContext(load)
	if l.o.rate > 0 {
		quiet := *l
		quiet.o.events = 1 << 30
		background.Go(func() error { return newFleet(&quiet).put(load) })
	}
	var seen []time.Duration
	repeats := 0
	for i := range l.o.fresh {
		body, _ := b.next(1, time.Now())
		id := string(body[len(b.head):])
		if id, err = requestID(id); err != nil {
			break
		}
		if err = w.put(ctx, body); err != nil {
			break
		}
		began := time.Now()
		for {
			var n string
			if n, err = l.selectOne(ctx, id); err != nil || n == "1" {
				break
			}
			repeats++
		}
		if err != nil {
			break
		}
		if i > 0 { // the first one starts the engine
			seen = append(seen, time.Since(began))
		}
	}
	stop()
	if failed := background.Wait(); err == nil && load.Err() == nil {
		err = failed
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "freshness: %d rows, each in the answer of a SELECT that began after its acknowledgement; %d SELECTs did not see theirs\n", len(seen), repeats)
	fmt.Fprintf(out, "from acknowledgement to answer: %s\n", spread(seen))
	return nil
}

// requestID finds the id in a body.
func requestID(body string) (string, error) {
	const name = `\"request_id\":\"`
	for i := 0; i+len(name)+len(emptyID) <= len(body); i++ {
		if body[i:i+len(name)] == name {
			return body[i+len(name) : i+len(name)+len(emptyID)], nil
		}
	}
	return "", fmt.Errorf("no request_id in %s", body)
}

// selectOne counts the rows of an id.
func (l *lake) selectOne(ctx context.Context, id string) (string, error) {
	set, err := l.ask(ctx, "SELECT count(*) FROM "+table+" WHERE request_id = '"+id+"'")
	if err != nil {
		return "", err
	}
	return *set.Rows[1].Data[0].VarCharValue, nil
}

// ask runs a query and gives the first page of its result.
func (l *lake) ask(ctx context.Context, text string) (*types.ResultSet, error) {
	started, err := l.sql.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
		QueryString:           &text,
		QueryExecutionContext: &types.QueryExecutionContext{Database: &l.o.name},
		ResultConfiguration:   &types.ResultConfiguration{OutputLocation: aws.String("s3://" + l.o.name + "/results/")},
	})
	if err != nil {
		return nil, err
	}
	for {
		got, err := l.sql.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
		if err != nil {
			return nil, err
		}
		switch status := got.QueryExecution.Status; status.State {
		case types.QueryExecutionStateSucceeded:
			rows, err := l.sql.GetQueryResults(ctx, &athena.GetQueryResultsInput{QueryExecutionId: started.QueryExecutionId})
			if err != nil {
				return nil, err
			}
			return rows.ResultSet, nil
		case types.QueryExecutionStateFailed, types.QueryExecutionStateCancelled:
			return nil, fmt.Errorf("the query is %s: %s", status.State, aws.ToString(status.StateChangeReason))
		}
		time.Sleep(pollEvery)
	}
}
