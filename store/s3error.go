package store

import (
	"context"
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	"github.com/loglake/loglake"
)

// What the service answers is told by its code; answers to HEAD have none, and are told by the status.
const (
	s3NoBucket     = "NoSuchBucket"
	s3NoKey        = "NoSuchKey"
	s3NoUpload     = "NoSuchUpload"
	s3NotFound     = "NotFound"
	s3Precondition = "PreconditionFailed"
	s3Conflict     = "ConditionalRequestConflict" // another write of the key was under way: ask again
)

// s3Code gives the code of a failure, and its status; "" and 0 where the service did not answer.
func s3Code(err error) (code string, status int) {
	var api smithy.APIError
	if errors.As(err, &api) {
		code = api.ErrorCode()
	}
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	switch {
	case status == http.StatusPreconditionFailed:
		code = s3Precondition
	case code == "" && status == http.StatusNotFound:
		code = s3NotFound
	}
	return code, status
}

// failed words a failure of a request: *loglake.Error where callers tell it apart, with the SDK's own below. Whatever
// may pass by itself is CodeUnavailable or CodeThrottled, and the caller tries again. Nil stays nil.
func (s *S3) failed(ctx context.Context, verb, bucket, key string, err error) error {
	if err == nil {
		return nil
	}
	if ctx.Err() != nil {
		return errors.Join(context.Cause(ctx), err)
	}
	code, status := s3Code(err)
	what := verb
	switch {
	case key != "":
		what += " " + key + " in bucket " + bucket
	case bucket != "":
		what += " bucket " + bucket
	}
	switch code {
	case s3NoBucket:
		return noBucket(bucket)
	case s3NoKey, s3NotFound:
		if key == "" {
			return noBucket(bucket)
		}
		return noObject(bucket, key)
	case "InvalidBucketName":
		return fail(loglake.CodeInvalid, errors.Join(ErrBucketName, err), "%s says that %q can't be a bucket", s.name, bucket)
	case "KeyTooLongError":
		return fail(loglake.CodeInvalid, errors.Join(ErrKey, err), "%s says that the key is too long", s.name)
	case "MetadataTooLarge":
		return fail(loglake.CodeInvalid, err, "the description of %q is too long for S3, which takes 2 KB of it", key)
	case "EntityTooLarge":
		return fail(loglake.CodeLimit, errors.Join(ErrTooLarge, err), "%s says that %q is too large", s.name, key)
	case "NotImplemented":
		return fail(loglake.CodeUnsupported, err, "%s can't do this: %s", s.name, what)
	case "AccessDenied":
		return unavailable(errors.Join(ErrForbidden, err), "%s does not let loglake %s (%s)", s.name, what, code).WithHint(forbiddenHint)
	case "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken", "InvalidToken", "AllAccessDisabled", "AccountProblem":
		return unavailable(err, "%s does not let loglake %s (%s)", s.name, what, code).WithHint(forbiddenHint)
	case "PermanentRedirect", "MovedPermanently", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException":
		return unavailable(errors.Join(ErrForbidden, err), "%s says that bucket %q is in another region than %s", s.name, bucket, s.config.Region).
			WithHint("set --s3-region to the bucket's")
	case "RequestTimeTooSkewed":
		return unavailable(err, "the clock of this machine and that of %s differ by more than S3 allows", s.name).WithHint("set the clock right")
	case "SlowDown", "TooManyRequests", "ThrottlingException", "RequestLimitExceeded", "ServiceUnavailable":
		return fail(loglake.CodeThrottled, err, "%s asks for fewer requests: %s failed after %d attempts", s.name, what, s.config.Attempts)
	}
	if status == http.StatusForbidden {
		return unavailable(errors.Join(ErrForbidden, err), "%s does not let loglake %s", s.name, what).WithHint("see docs/s3.md for the permissions that loglake needs")
	}
	if status != 0 && status < 500 {
		return unavailable(err, "%s refused to %s with %s (status %d)", s.name, what, code, status)
	}
	var quota *aws.RequestCanceledError
	if errors.As(err, &quota) {
		return err
	}
	return unavailable(err, "%s did not answer as it should, and the last of %d attempts failed: %s", s.name, s.config.Attempts, what)
}

const forbiddenHint = "see docs/s3.md for the permissions that loglake needs; the credentials are those of the environment or of --s3-credentials"

func unavailable(cause error, format string, args ...any) *loglake.Error {
	e := loglake.Errorf(loglake.CodeUnavailable, format, args...)
	e.Err = cause
	return e
}
