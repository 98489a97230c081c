package pipeline_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/loglake/loglake/loglaketest"
)

func TestMain(m *testing.M) { loglaketest.Main(m) }

func TestARequestBecomesARow(t *testing.T) {
	lake := loglaketest.Start(t, loglaketest.Options{Pipeline: "../loglake.yaml"})
	logs := cloudwatchlogs.NewFromConfig(lake.Config())
	group, stream := aws.String("/app/api"), aws.String("test")
	if _, err := logs.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream}); err != nil {
		t.Fatal(err)
	}

	// The SDK repeats a call whose answer is lost, and the event is there once.
	lake.Fail(loglaketest.Fault{Operation: "PutLogEvents", Lost: true})
	line := `{"timestamp": "2025-12-03T10:15:30Z", "level": "ERROR", "path": "/api/orders", "status_code": 500}`
	_, err := logs.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{
		LogGroupName: group, LogStreamName: stream,
		LogEvents: []types.InputLogEvent{{Timestamp: aws.Int64(time.Now().UnixMilli()), Message: aws.String(line)}},
	})
	if err != nil {
		t.Fatal(err)
	}
	rows := lake.Query(t, "SELECT dt, path, status_code FROM server_logs WHERE level = 'ERROR'")
	if got := fmt.Sprint(rows); got != "[[2025-12-03 /api/orders 500]]" {
		t.Errorf("rows are %s", got)
	}
}
