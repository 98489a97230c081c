package crash

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	athenatypes "github.com/aws/aws-sdk-go-v2/service/athena/types"
	logstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// numbers are put in their order, by one client that goes on only when it was answered: whoever reads sees those from 1
// to some number, each once.
type numbers struct {
	begun, acked, flushed atomic.Int64
}

const (
	numbersStep = 7
	numbersMax  = 3000
)

// count puts the numbers.
func (l *load) count(ctx context.Context) {
	for n := int64(0); !l.stopping.Load() && n < numbersMax; n += numbersStep {
		var list []logstypes.InputLogEvent
		for i := n + 1; i <= n+numbersStep; i++ {
			list = append(list, logstypes.InputLogEvent{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: aws.String(fmt.Sprintf(`{"n":%d}`, i))})
		}
		l.numbers.begun.Store(n + numbersStep)
		if err := l.putEvents(ctx, counted, "w", list, 10_000); err != nil { // as often as it takes
			l.t.Errorf("put the numbers from %d: %v", n+1, err)
			return
		}
		l.numbers.acked.Store(n + numbersStep)
	}
}

// query holds that each answer is what the lake was at one moment.
func (l *load) query(ctx context.Context, i int) error {
	if i%2 == 0 {
		return l.queryNumbers(ctx)
	}
	table := []string{"logs", "days"}[i/2%2]
	x, err := l.sql(ctx, "SELECT count(*), count(DISTINCT id) FROM "+table)
	if err != nil || x.failure != "" {
		return unanswered(err, x)
	}
	if v := x.values[0]; len(v) == 2 && v[0] != v[1] {
		l.t.Errorf("a query of %s saw %s rows and %s events", table, v[0], v[1])
	}
	return nil
}

// unanswered is the error of a query whose server or engine was killed.
func unanswered(err error, x result) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("%s", x.failure)
}

// queryNumbers wants those that were committed before it began at least: of the newest a machine that is too slow may miss
// some, which is no harm.
func (l *load) queryNumbers(ctx context.Context) error {
	least := l.numbers.flushed.Load()
	x, err := l.sql(ctx, "SELECT count(*), coalesce(sum(n), 0), coalesce(max(n), 0) FROM ordered")
	if err != nil || x.failure != "" {
		return unanswered(err, x)
	}
	most := l.numbers.begun.Load()
	var n, sum, max int64
	if _, err := fmt.Sscan(x.values[0][0]+" "+x.values[0][1]+" "+x.values[0][2], &n, &sum, &max); err != nil {
		return err
	}
	if n < least || n > most || max != n || sum != n*(n+1)/2 {
		l.t.Errorf("a query saw %d numbers up to %d, their sum %d; want those from 1 to one of %d to %d", n, max, sum, least, most)
	}
	return nil
}

// result is what a query gave.
type result struct {
	failure string     // why it failed; "" where it did not
	values  [][]string // of the first page, without the header
	output  string     // key of the CSV
}

// sql runs a query over Athena's wire to its end.
func (l *load) sql(ctx context.Context, text string) (r result, err error) {
	started, err := l.athena.StartQueryExecution(ctx, &athena.StartQueryExecutionInput{
		QueryString: &text, QueryExecutionContext: &athenatypes.QueryExecutionContext{Database: aws.String(database)},
		ResultConfiguration: &athenatypes.ResultConfiguration{OutputLocation: aws.String("s3://" + bucket + "/results/")},
	})
	if err != nil {
		return r, err
	}
	ask := time.NewTicker(10 * time.Millisecond)
	defer ask.Stop()
	for {
		out, err := l.athena.GetQueryExecution(ctx, &athena.GetQueryExecutionInput{QueryExecutionId: started.QueryExecutionId})
		if err != nil {
			return r, err
		}
		switch status := out.QueryExecution.Status; status.State {
		case athenatypes.QueryExecutionStateFailed, athenatypes.QueryExecutionStateCancelled:
			r.failure = string(status.State) + " " + aws.ToString(status.StateChangeReason)
			return r, nil
		case athenatypes.QueryExecutionStateSucceeded:
			r.output = "results/" + *started.QueryExecutionId + ".csv"
			if out.QueryExecution.StatementType == athenatypes.StatementTypeDml {
				r.values, err = l.values(ctx, *started.QueryExecutionId)
			}
			return r, err
		}
		<-ask.C
	}
}

func (l *load) values(ctx context.Context, id string) (values [][]string, err error) {
	page, err := l.athena.GetQueryResults(ctx, &athena.GetQueryResultsInput{QueryExecutionId: &id})
	if err != nil {
		return nil, err
	}
	for _, row := range page.ResultSet.Rows[1:] {
		var v []string
		for _, d := range row.Data {
			v = append(v, aws.ToString(d.VarCharValue))
		}
		values = append(values, v)
	}
	return values, nil
}
