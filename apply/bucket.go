package apply

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// bucketLookMax is how long a plan waits for the store of the buckets, which may be a service that is away.
const bucketLookMax = 15 * time.Second

func (l *look) lookBuckets(ctx context.Context) error {
	patience, cancel := context.WithTimeout(ctx, bucketLookMax)
	defer cancel()
	for _, name := range l.pipeline.Buckets() {
		_, err := l.s3.HeadBucket(patience, &s3.HeadBucketInput{Bucket: aws.String(name)}, func(o *s3.Options) { o.RetryMaxAttempts = 1 })
		missing := (*s3types.NotFound)(nil)
		if away(err) && ctx.Err() == nil {
			l.add(Step{What: "bucket " + name, Do: Keep, Warning: "it could not be looked for, because the S3 service that holds the buckets can't be used now: " +
				"where it is not there, make it, or apply the file again once the service answers"})
			continue
		}
		if err != nil && !errors.As(err, &missing) {
			return err
		}
		l.step("bucket "+name, presence(err == nil), nil, func(ctx context.Context) error {
			_, err := l.s3.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(name)})
			return unless(err, "BucketAlreadyOwnedByYou")
		})
	}
	return nil
}

// away tells whether a call failed because what holds the buckets does not answer.
func away(err error) bool {
	var answer *awshttp.ResponseError
	return errors.Is(err, context.DeadlineExceeded) || errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusServiceUnavailable
}

func (l *look) lookDatabase(ctx context.Context) error {
	if len(l.pipeline.Tables) == 0 {
		return nil
	}
	name := l.pipeline.Database
	_, err := l.glue.GetDatabase(ctx, &glue.GetDatabaseInput{Name: aws.String(name)})
	if unless(err, notFound) != nil {
		return err
	}
	l.step("database "+name, presence(err == nil), nil, func(ctx context.Context) error {
		_, err := l.glue.CreateDatabase(ctx, &glue.CreateDatabaseInput{DatabaseInput: &gluetypes.DatabaseInput{Name: aws.String(name)}})
		return unless(err, "AlreadyExistsException")
	})
	return nil
}

// notFound is how Glue says that something is not there.
const notFound = "EntityNotFoundException"

// unless gives err, or nil where it is the exception of that name.
func unless(err error, name string) error {
	if is(err, name) {
		return nil
	}
	return err
}
