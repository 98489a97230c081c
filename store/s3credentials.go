package store

import (
	"context"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/ec2rolecreds"
	"github.com/aws/aws-sdk-go-v2/credentials/endpointcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/loglake/loglake"
)

// containerHost is where Amazon ECS gives credentials to a task.
const containerHost = "http://169.254.170.2"

// credentials chooses what requests are signed with: what the config has, or by the environment, in this order, a key
// pair, a role taken with a web identity (EKS), a container's role (ECS, EKS), and on AWS itself the role of the
// machine (EC2). The files of the AWS CLI are not read: what asks for them is refused by name.
func (c S3Config) credentials() (aws.CredentialsProvider, error) {
	if c.Credentials != nil {
		return c.Credentials, nil
	}
	if c.AccessKey != "" || c.SecretKey != "" {
		return keyPair(c.AccessKey, c.SecretKey, c.SessionToken)
	}
	if id, secret := os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"); id != "" || secret != "" {
		return keyPair(id, secret, os.Getenv("AWS_SESSION_TOKEN"))
	}
	if token, role := os.Getenv("AWS_WEB_IDENTITY_TOKEN_FILE"), os.Getenv("AWS_ROLE_ARN"); token != "" && role != "" {
		client := sts.New(sts.Options{Region: c.Region})
		return stscreds.NewWebIdentityRoleProvider(client, role, stscreds.IdentityTokenFile(token), func(o *stscreds.WebIdentityRoleOptions) {
			o.RoleSessionName = os.Getenv("AWS_ROLE_SESSION_NAME")
		}), nil
	}
	if uri := os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); uri != "" {
		return endpointcreds.New(containerHost + uri), nil
	}
	if uri := os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI"); uri != "" {
		return endpointcreds.New(uri, withContainerToken), nil
	}
	if os.Getenv("AWS_PROFILE") != "" {
		return nil, loglake.Errorf(loglake.CodeUnsupported, "AWS_PROFILE is set, and the AWS CLI's profiles are not read").
			WithHint("give the key pair in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, for example by `eval $(aws configure export-credentials --format env)`")
	}
	if c.Endpoint != "" {
		return nil, loglake.Errorf(loglake.CodeInvalid, "no credentials are given for the S3 service at %s", c.Endpoint).
			WithHint("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a file with a key pair by --s3-credentials")
	}
	return ec2rolecreds.New(), nil
}

func keyPair(id, secret, token string) (aws.CredentialsProvider, error) {
	if id == "" || secret == "" {
		return nil, loglake.Errorf(loglake.CodeInvalid, "half of a key pair is given for S3: an access key and a secret key belong together")
	}
	return credentials.NewStaticCredentialsProvider(id, secret, token), nil
}

// withContainerToken has the endpoint asked with the token that the environment names.
func withContainerToken(o *endpointcreds.Options) {
	if file := os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"); file != "" {
		o.AuthorizationTokenProvider = endpointcreds.TokenProviderFunc(func() (string, error) {
			text, err := os.ReadFile(file) // it is replaced now and then
			return string(text), err
		})
		return
	}
	o.AuthorizationToken = os.Getenv("AWS_CONTAINER_AUTHORIZATION_TOKEN")
}

// CheckCredentials tells whether there are credentials to sign with, and what to do where there are none. The service
// is not asked whether it takes them.
func (s *S3) CheckCredentials(ctx context.Context) error {
	_, err := s.client.Options().Credentials.Retrieve(ctx)
	return s.failed(ctx, "find credentials", "", "", err)
}
