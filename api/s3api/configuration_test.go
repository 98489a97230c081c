package s3api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// A new bucket has what S3 gives it; what is put comes back; what is deleted is gone, or is what S3 gives again.
func TestConfigurations(t *testing.T) {
	f, b := newFixture(t), aws.String(bucket)

	encryption := func() types.ServerSideEncryptionRule {
		t.Helper()
		out, err := f.GetBucketEncryption(f.ctx, &s3.GetBucketEncryptionInput{Bucket: b})
		f.ok(err)
		return out.ServerSideEncryptionConfiguration.Rules[0]
	}
	f.equal("algorithm", encryption().ApplyServerSideEncryptionByDefault.SSEAlgorithm, types.ServerSideEncryptionAes256)
	_, err := f.PutBucketEncryption(f.ctx, &s3.PutBucketEncryptionInput{Bucket: b, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
		Rules: []types.ServerSideEncryptionRule{{BucketKeyEnabled: aws.Bool(true), ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAes256}}}}})
	f.ok(err)
	f.equal("bucket key", *encryption().BucketKeyEnabled, true)
	_, err = f.DeleteBucketEncryption(f.ctx, &s3.DeleteBucketEncryptionInput{Bucket: b})
	f.ok(err)
	f.equal("bucket key again", *encryption().BucketKeyEnabled, false)
	_, err = f.PutBucketEncryption(f.ctx, &s3.PutBucketEncryptionInput{Bucket: b, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
		Rules: []types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms}}}}})
	f.fails(err, "NotImplemented", 501)

	block, err := f.GetPublicAccessBlock(f.ctx, &s3.GetPublicAccessBlockInput{Bucket: b})
	f.ok(err)
	f.equal("blocked", *block.PublicAccessBlockConfiguration.RestrictPublicBuckets, true)
	_, err = f.PutPublicAccessBlock(f.ctx, &s3.PutPublicAccessBlockInput{Bucket: b, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{BlockPublicAcls: aws.Bool(true)}})
	f.ok(err)
	block, err = f.GetPublicAccessBlock(f.ctx, &s3.GetPublicAccessBlockInput{Bucket: b})
	f.ok(err)
	f.equal("blocks", []bool{*block.PublicAccessBlockConfiguration.BlockPublicAcls, *block.PublicAccessBlockConfiguration.RestrictPublicBuckets}, []bool{true, false})
	_, err = f.DeletePublicAccessBlock(f.ctx, &s3.DeletePublicAccessBlockInput{Bucket: b})
	f.ok(err)
	_, err = f.GetPublicAccessBlock(f.ctx, &s3.GetPublicAccessBlockInput{Bucket: b})
	f.fails(err, "NoSuchPublicAccessBlockConfiguration", 404)

	owner, err := f.GetBucketOwnershipControls(f.ctx, &s3.GetBucketOwnershipControlsInput{Bucket: b})
	f.ok(err)
	f.equal("ownership", owner.OwnershipControls.Rules[0].ObjectOwnership, types.ObjectOwnershipBucketOwnerEnforced)
	_, err = f.PutBucketOwnershipControls(f.ctx, &s3.PutBucketOwnershipControlsInput{Bucket: b, OwnershipControls: &types.OwnershipControls{
		Rules: []types.OwnershipControlsRule{{ObjectOwnership: types.ObjectOwnershipObjectWriter}}}})
	f.ok(err)
	owner, err = f.GetBucketOwnershipControls(f.ctx, &s3.GetBucketOwnershipControlsInput{Bucket: b})
	f.ok(err)
	f.equal("ownership put", owner.OwnershipControls.Rules[0].ObjectOwnership, types.ObjectOwnershipObjectWriter)
	_, err = f.DeleteBucketOwnershipControls(f.ctx, &s3.DeleteBucketOwnershipControlsInput{Bucket: b})
	f.ok(err)
	_, err = f.GetBucketOwnershipControls(f.ctx, &s3.GetBucketOwnershipControlsInput{Bucket: b})
	f.fails(err, "OwnershipControlsNotFoundError", 404)

	_, err = f.GetBucketTagging(f.ctx, &s3.GetBucketTaggingInput{Bucket: b})
	f.fails(err, "NoSuchTagSet", 404)
	_, err = f.PutBucketTagging(f.ctx, &s3.PutBucketTaggingInput{Bucket: b, Tagging: &types.Tagging{TagSet: []types.Tag{{Key: aws.String("a"), Value: aws.String("<&>")}}}})
	f.ok(err)
	tags, err := f.GetBucketTagging(f.ctx, &s3.GetBucketTaggingInput{Bucket: b})
	f.ok(err)
	f.equal("tags", []string{*tags.TagSet[0].Key, *tags.TagSet[0].Value}, []string{"a", "<&>"})
	_, err = f.DeleteBucketTagging(f.ctx, &s3.DeleteBucketTaggingInput{Bucket: b})
	f.ok(err)
	_, err = f.GetBucketTagging(f.ctx, &s3.GetBucketTaggingInput{Bucket: b})
	f.fails(err, "NoSuchTagSet", 404)
}

func TestRefusedConfigurations(t *testing.T) {
	f := newFixture(t)
	put := func(sub, body string, status int, code string) {
		t.Helper()
		f.raw(http.MethodPut, "/the-bucket?"+sub, body, status, code)
	}
	for _, sub := range []string{"encryption", "publicAccessBlock", "ownershipControls", "tagging"} {
		put(sub, "<Other/>", 400, "MalformedXML")
		f.raw(http.MethodGet, "/no-such-bucket?"+sub, "", 404, "NoSuchBucket")
		f.raw(http.MethodDelete, "/no-such-bucket?"+sub, "", 404, "NoSuchBucket")
	}
	put("ownershipControls", "<OwnershipControls><Rule><ObjectOwnership>Everybody</ObjectOwnership></Rule></OwnershipControls>", 400, "MalformedXML")
	put("tagging", "<Tagging><TagSet>"+strings.Repeat("<Tag><Key>a</Key><Value/></Tag>", 2)+"</TagSet></Tagging>", 400, "InvalidTag")
	put("tagging", "<Tagging><TagSet><Tag><Key>aws:a</Key><Value/></Tag></TagSet></Tagging>", 400, "InvalidTag")
	put("tagging", "<Tagging><TagSet>"+strings.Repeat("<Tag><Key>a</Key><Value/></Tag>", 51)+"</TagSet></Tagging>", 400, "BadRequest")
	put("encryption", "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm><KMSMasterKeyID>k</KMSMasterKeyID></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>", 400, "InvalidArgument")
}
