package query

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/catalog/ddl"
	"github.com/loglake/loglake/query/dialect"
)

// StartRequest is the input of StartQueryExecution.
type StartRequest struct {
	QueryString string
	// Token makes a repeat of the request give the first one's id. Athena requires one; here a request without one is
	// always new, for people with curl.
	Token      string
	Catalog    *string
	Database   *string
	Output     *string // ResultConfiguration.OutputLocation
	WorkGroup  string
	Parameters []string
}

// program is a statement that has passed the syntax check.
type program struct {
	text  string
	class class
	hive  *ddl.Statement     // one of the two
	trino *dialect.Statement // is set
}

// Start checks a request in Athena's order, records the execution as QUEUED and gives its id. Errors are *Refusal.
// https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
func (e *Executions) Start(ctx context.Context, r StartRequest) (id string, err error) {
	if err := checkToken(r.Token); err != nil {
		return "", err
	}
	group, err := e.WorkGroup(ctx, r.WorkGroup)
	if err != nil {
		return "", err
	}
	if group.Disabled {
		return "", refuse(CodeInvalidInput, "WorkGroup %s is disabled.", group.Name)
	}
	output, err := e.outputLocation(ctx, r, group)
	if err != nil {
		return "", err
	}
	text, err := oneStatement(r.QueryString)
	if err != nil {
		return "", err
	}
	p, err := parse(text)
	if err != nil {
		return "", err
	}
	x := Execution{
		ID: uuid.NewString(), Query: text, StatementType: p.class.Type, Substatement: p.class.Substatement,
		Catalog: lowered(r.Catalog), Database: r.Database, WorkGroup: group.Name, CutoffBytes: group.CutoffBytes, Parameters: r.Parameters,
		State: Queued, Submitted: e.config.Clock().UTC(), Token: r.Token,
		Asked: asked{Query: r.QueryString, Catalog: r.Catalog, Database: r.Database, Output: r.Output},
	}
	if group.Enforce {
		x.Asked.Output = nil // it says nothing there, so a repeat may say anything
	}
	x.Output = output + x.ID + resultExtension(p.class)
	if p.hive != nil {
		x.Notices = p.hive.Notices
		if err := e.checkExists(ctx, x, p.hive.Body); err != nil {
			return "", err
		}
	}
	return e.begin(ctx, x, p)
}

// begin records the execution and sets it going, unless its token was used before.
func (e *Executions) begin(ctx context.Context, x Execution, p program) (string, error) {
	runCtx, cancel := context.WithCancelCause(e.base)
	a := &active{execution: x, cancel: cancel, done: make(chan struct{})}
	if err := e.admit(a); err != nil {
		cancel(nil)
		return "", err
	}
	first, repeat, err := e.insert(ctx, x)
	if err != nil {
		// The transaction may have been committed all the same. Then the execution is there, and nobody else would run it: a
		// repeat of the call with its token would wait for ever.
		if there, again := e.stored(context.WithoutCancel(ctx), x.ID); again == nil {
			first, err = there, nil
		}
	}
	if err == nil && repeat && !reflect.DeepEqual(first.Asked, x.Asked) {
		err = refuse(CodeTokenMismatch, "Idempotent parameters do not match")
	}
	if err != nil || repeat {
		e.forget(a)
		return first.ID, err
	}
	go func() { // ends with the execution; Run waits for it
		defer e.work.Done()
		e.run(runCtx, a, p)
	}()
	return x.ID, nil
}

// admit makes room for an execution and takes part in Run's waiting.
func (e *Executions) admit(a *active) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.stopped {
		return loglake.Errorf(loglake.CodeUnavailable, "the server is stopping")
	}
	if len(e.active) >= QueueMax {
		return refuse(CodeConcurrencyLimit, "Query rejected: %d executions are running or waiting, the limit. Please retry the query", QueueMax)
	}
	e.active[a.execution.ID] = a
	e.work.Add(1)
	return nil
}

// forget takes back an admitted execution that does not run.
func (e *Executions) forget(a *active) {
	a.cancel(nil)
	e.mu.Lock()
	delete(e.active, a.execution.ID)
	e.mu.Unlock()
	e.work.Done()
}

// Stop cancels an execution; one that has finished stays as it is.
func (e *Executions) Stop(ctx context.Context, id string) error {
	e.mu.Lock()
	a := e.active[id]
	e.mu.Unlock()
	if a == nil {
		_, err := e.Get(ctx, id)
		return err
	}
	a.cancel(errCancelled)
	select {
	case <-a.done:
	case <-ctx.Done():
	}
	return nil
}

// errCancelled ends an execution that StopQueryExecution stopped.
var errCancelled = &Failure{Reason: "Query cancelled by user"}

func checkToken(token string) error {
	const least, most = 32, 128
	n := utf8.RuneCountInString(token)
	switch {
	case token == "":
		return nil
	case n < least:
		return refuse(CodeInvalidInput, "1 validation error detected: Value at 'clientRequestToken' failed to satisfy constraint: Member must have length greater than or equal to %d", least)
	case n > most:
		return refuse(CodeInvalidInput, "1 validation error detected: Value at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to %d", most)
	case len(token) > most:
		return refuse(CodeInvalidInput, "clientRequestToken exceeds maximum allowed length %d", most)
	}
	return nil
}

// outputLocation gives where the results go, with a slash at the end.
func (e *Executions) outputLocation(ctx context.Context, r StartRequest, group WorkGroup) (string, error) {
	location := group.Output
	if r.Output != nil && !group.Enforce {
		location = *r.Output
	}
	if location == "" {
		return "", refuse(CodeInvalidInput, "No output location provided. An output location is required either through the Workgroup result configuration setting or as an API input.")
	}
	bucket, prefix, ok := loglake.SplitLocation(location)
	if !ok || !strings.HasPrefix(location, "s3://") {
		return "", refuse(CodeInvalidInput, "outputLocation is not a valid S3 path.")
	}
	there, err := e.config.Store.HasBucket(ctx, bucket)
	if err != nil && loglake.CodeOf(err) != loglake.CodeInvalid { // nothing is known of the bucket: the request may be right
		return "", err
	}
	if !there || err != nil {
		return "", refuse(CodeInvalidInput, "Unable to verify/create output bucket %s", bucket)
	}
	return "s3://" + bucket + "/" + prefix, nil
}

// parse is the synchronous syntax check.
func parse(text string) (program, error) {
	if ddl.IsDDL(text) {
		s, err := ddl.Parse(text)
		var e *ddl.Error
		if errors.As(err, &e) {
			r := refuse(CodeMalformedQuery, "%s", e.Error())
			r.Cause.Hint = e.Hint
			r.Told = Told{Code: CodeMalformedQuery, Message: e.Message, Line: e.Line, Column: e.Column, Hint: e.Hint}
			return program{}, r
		}
		if err != nil {
			return program{}, err
		}
		return program{text: text, hive: &s, class: class{Type: s.Type, Substatement: s.Substatement}}, nil
	}
	s, err := dialect.Parse(text)
	if err == nil && s.Kind() != dialect.KindSelect {
		err = explainable(s)
	}
	var e *dialect.Error
	if errors.As(err, &e) {
		r := refuse(CodeInvalidInput, "%s", e.Error())
		if e.Code == dialect.CodeSyntax {
			r = refuse(CodeMalformedQuery, "%s", strings.TrimPrefix(e.Error(), dialect.CodeSyntax+": "))
		}
		r.Told = toldOf(e)
		return program{}, r
	}
	if err != nil {
		return program{}, err
	}
	return program{text: text, trino: s, class: classify(text)}, nil
}

// showFunctions is the one statement of type UTILITY that gives a table as SELECT does.
const showFunctions = "SHOW_FUNCTIONS"

func resultExtension(c class) string {
	if c.Type == "DML" && c.Substatement == "SELECT" || c.Substatement == showFunctions {
		return ".csv"
	}
	return ".txt"
}

func lowered(s *string) *string {
	if s == nil {
		return nil
	}
	l := strings.ToLower(*s)
	return &l
}
