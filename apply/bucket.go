package apply

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	gluetypes "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

func (l *look) lookBuckets(ctx context.Context) error {
	for _, name := range l.pipeline.Buckets() {
		_, err := l.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String(name)})
		missing := (*s3types.NotFound)(nil)
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
