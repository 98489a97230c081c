package logsapi

import (
	"context"
	"strconv"

	"github.com/loglake/loglake/pattern"
)

// TestMetricFilter
//
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_TestMetricFilter.html
//
// AWS: tells which of up to 50 messages a filter pattern matches, and the values that the pattern names in them.
// loglake: the same; eventNumber counts from 1.

const testMessagesMax = 50

type testMetricFilterInput struct {
	FilterPattern    *string  `json:"filterPattern"`
	LogEventMessages []string `json:"logEventMessages"`
}

type testMetricFilterOutput struct {
	Matches []metricFilterMatch `json:"matches"`
}

type metricFilterMatch struct {
	EventMessage    string            `json:"eventMessage"`
	EventNumber     int               `json:"eventNumber"`
	ExtractedValues map[string]string `json:"extractedValues"`
}

func (s *service) testMetricFilter(_ context.Context, in *testMetricFilterInput) (*testMetricFilterOutput, error) {
	c := newConstraints()
	c.Required("filterPattern", in.FilterPattern)
	checkPattern(c, value(in.FilterPattern))
	c.Required("logEventMessages", in.LogEventMessages)
	if in.LogEventMessages != nil {
		c.Length("logEventMessages", in.LogEventMessages, 1, testMessagesMax)
	}
	for i, message := range in.LogEventMessages {
		c.Length("logEventMessages."+strconv.Itoa(i+1)+".member", message, 1, -1)
	}
	if err := c.Err(); err != nil {
		return nil, err
	}
	p, err := pattern.Parse(*in.FilterPattern)
	if err != nil {
		return nil, err
	}
	out := &testMetricFilterOutput{Matches: []metricFilterMatch{}}
	for i, message := range in.LogEventMessages {
		if values, ok := p.Extract([]byte(message)); ok {
			out.Matches = append(out.Matches, metricFilterMatch{EventMessage: message, EventNumber: i + 1, ExtractedValues: values})
		}
	}
	return out, nil
}
