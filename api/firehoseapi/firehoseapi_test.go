package firehoseapi_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/server"
)

// serve runs a whole loglake and gives the address of its AWS services.
func serve(t *testing.T) string {
	t.Helper()
	s, err := server.Open(t.Context(), server.Config{
		Dir: t.TempDir(), AWSAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0", Home: loglake.Home{Account: "000000000000", Region: "us-east-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan server.Endpoints, 1), make(chan error, 1)
	go func() { ended <- s.Run(ctx, func(e server.Endpoints) { ready <- e }) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	select {
	case e := <-ready:
		return e.AWS
	case err := <-ended:
		t.Fatal(err)
		return ""
	}
}

// call sends one request as it is and gives the status and the body.
func call(t *testing.T, url, operation, body string) (status int, answer string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("X-Amz-Target", "Firehose_20150804."+operation)
	req.Header.Set("Content-Type", "application/x-amz-json-1.1")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close() //nolint:errcheck // only read
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(b)
}

const s3 = `"RoleARN":"arn:aws:iam::000000000000:role/r","BucketARN":"arn:aws:s3:::b"`

func create(t *testing.T, url, name string) {
	t.Helper()
	status, answer := call(t, url, "CreateDeliveryStream", `{"DeliveryStreamName":"`+name+`","ExtendedS3DestinationConfiguration":{`+s3+`}}`)
	if want := `{"DeliveryStreamARN":"arn:aws:firehose:us-east-1:000000000000:deliverystream/` + name + `"}`; status != 200 || answer != want {
		t.Fatalf("create: %d %s", status, answer)
	}
}

func TestDescribeShowsDefaults(t *testing.T) {
	url := serve(t)
	create(t, url, "s")
	_, answer := call(t, url, "DescribeDeliveryStream", `{"DeliveryStreamName":"s"}`)
	var got struct{ DeliveryStreamDescription map[string]any }
	if err := json.Unmarshal([]byte(answer), &got); err != nil {
		t.Fatal(err)
	}
	d := got.DeliveryStreamDescription
	if created, ok := d["CreateTimestamp"].(float64); !ok || created < 1.7e9 {
		t.Errorf("created at %v", d["CreateTimestamp"])
	}
	delete(d, "CreateTimestamp")
	basic := map[string]any{
		"RoleARN": "arn:aws:iam::000000000000:role/r", "BucketARN": "arn:aws:s3:::b", "CompressionFormat": "UNCOMPRESSED",
		"BufferingHints":           map[string]any{"SizeInMBs": 5.0, "IntervalInSeconds": 300.0},
		"EncryptionConfiguration":  map[string]any{"NoEncryptionConfig": "NoEncryption"},
		"CloudWatchLoggingOptions": map[string]any{"Enabled": false},
	}
	extended := map[string]any{"S3BackupMode": "Disabled"}
	for k, v := range basic {
		extended[k] = v
	}
	want := map[string]any{
		"DeliveryStreamName": "s", "DeliveryStreamARN": "arn:aws:firehose:us-east-1:000000000000:deliverystream/s",
		"DeliveryStreamStatus": "ACTIVE", "DeliveryStreamType": "DirectPut", "VersionId": "1", "HasMoreDestinations": false,
		"DeliveryStreamEncryptionConfiguration": map[string]any{"Status": "DISABLED"},
		"Destinations": []any{map[string]any{
			"DestinationId": "destinationId-000000000001", "S3DestinationDescription": basic, "ExtendedS3DestinationDescription": extended,
		}},
	}
	if diff := cmp.Diff(want, d); diff != "" {
		t.Error(diff)
	}
}

func TestListPages(t *testing.T) {
	url := serve(t)
	for _, name := range []string{"c", "a", "b"} {
		create(t, url, name)
	}
	for _, c := range []struct{ in, want string }{
		{`{}`, `{"DeliveryStreamNames":["a","b","c"],"HasMoreDeliveryStreams":false}`},
		{`{"Limit":2}`, `{"DeliveryStreamNames":["a","b"],"HasMoreDeliveryStreams":true}`},
		{`{"Limit":2,"ExclusiveStartDeliveryStreamName":"b"}`, `{"DeliveryStreamNames":["c"],"HasMoreDeliveryStreams":false}`},
		{`{"DeliveryStreamType":"MSKAsSource"}`, `{"DeliveryStreamNames":[],"HasMoreDeliveryStreams":false}`},
	} {
		if _, got := call(t, url, "ListDeliveryStreams", c.in); got != c.want {
			t.Errorf("%s: got %s, want %s", c.in, got, c.want)
		}
	}
}

// Fluent Bit looks for "FailedPutCount":0 without a blank.
func TestPutAnswers(t *testing.T) {
	url := serve(t)
	create(t, url, "s")
	data := base64.StdEncoding.EncodeToString([]byte("record"))
	status, answer := call(t, url, "PutRecordBatch", `{"DeliveryStreamName":"s","Records":[{"Data":"`+data+`"},{"Data":""}]}`)
	if status != 200 || !strings.Contains(answer, `"FailedPutCount":0`) || strings.Count(answer, `"RecordId":"`) != 2 {
		t.Errorf("%d %s", status, answer)
	}
	status, answer = call(t, url, "PutRecord", `{"DeliveryStreamName":"s","Record":{"Data":"`+data+`"}}`)
	if status != 200 || !strings.Contains(answer, `"RecordId":"`) || !strings.Contains(answer, `"Encrypted":false`) {
		t.Errorf("%d %s", status, answer)
	}
}

func TestTags(t *testing.T) {
	url := serve(t)
	create(t, url, "s")
	for _, c := range []struct{ operation, in, want string }{
		{"TagDeliveryStream", `{"DeliveryStreamName":"s","Tags":[{"Key":"b","Value":"2"},{"Key":"a"}]}`, `{}`},
		{"ListTagsForDeliveryStream", `{"DeliveryStreamName":"s"}`, `{"Tags":[{"Key":"a","Value":""},{"Key":"b","Value":"2"}],"HasMoreTags":false}`},
		{"ListTagsForDeliveryStream", `{"DeliveryStreamName":"s","Limit":1}`, `{"Tags":[{"Key":"a","Value":""}],"HasMoreTags":true}`},
		{"UntagDeliveryStream", `{"DeliveryStreamName":"s","TagKeys":["a","none"]}`, `{}`},
		{"ListTagsForDeliveryStream", `{"DeliveryStreamName":"s"}`, `{"Tags":[{"Key":"b","Value":"2"}],"HasMoreTags":false}`},
	} {
		if _, got := call(t, url, c.operation, c.in); got != c.want {
			t.Errorf("%s %s: got %s, want %s", c.operation, c.in, got, c.want)
		}
	}
}

func TestRefusals(t *testing.T) {
	url := serve(t)
	create(t, url, "s")
	with := func(members string) string {
		return `{"DeliveryStreamName":"n","ExtendedS3DestinationConfiguration":{` + s3 + `,` + members + `}}`
	}
	large := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 1024001))
	full := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("x"), 1_000_000))
	for _, c := range []struct{ operation, in, fault, text string }{
		{"CreateDeliveryStream", `{}`, "ValidationException", "Value null at 'deliveryStreamName' failed to satisfy constraint: Member must not be null"},
		{"TagDeliveryStream", `{"DeliveryStreamName":"s","Tags":[{"Key":"loglake:partition-by","Value":"timestamp"}]}`, "InvalidArgumentException", "The tag loglake:partition-by needs record format conversion, because without it there are no columns: enable DataFormatConversionConfiguration, or remove the tag."},
		{"CreateDeliveryStream", `{"DeliveryStreamName":"n"}`, "InvalidArgumentException", "Exactly one destination configuration is supported for a Firehose"},
		{"CreateDeliveryStream", `{"DeliveryStreamName":"s","ExtendedS3DestinationConfiguration":{` + s3 + `}}`, "ResourceInUseException", "Firehose s under accountId 000000000000 already exists"},
		{"CreateDeliveryStream", with(`"CompressionFormat":"LZ4"`), "ValidationException", "Member must satisfy enum value set: [ZIP, HADOOP_SNAPPY, Snappy, GZIP, UNCOMPRESSED]"},
		{"CreateDeliveryStream", with(`"CompressionFormat":"ZIP"`), "InvalidArgumentException", "loglake does not support CompressionFormat ZIP"},
		{"CreateDeliveryStream", with(`"Prefix":"!{timestamp:yyyy}"`), "InvalidArgumentException", "ErrorOutputPrefix cannot be null or empty when Prefix contains expressions"},
		{"CreateDeliveryStream", with(`"ProcessingConfiguration":{"Enabled":true,"Processors":[{"Type":"Lambda"}]}`), "InvalidArgumentException", "Lambda"},
		{"CreateDeliveryStream", with(`"DataFormatConversionConfiguration":{}`), "InvalidArgumentException", "InputFormatConfiguration must not be null"},
		{"CreateDeliveryStream", `{"DeliveryStreamName":"n","SplunkDestinationConfiguration":{}}`, "InvalidArgumentException", "SplunkDestinationConfiguration"},
		{"CreateDeliveryStream", `{"DeliveryStreamName":"n","DeliveryStreamType":"KinesisStreamAsSource","ExtendedS3DestinationConfiguration":{` + s3 + `}}`, "InvalidArgumentException", "KinesisStreamAsSource"},
		{"DescribeDeliveryStream", `{"DeliveryStreamName":"none"}`, "ResourceNotFoundException", "Firehose none under account 000000000000 not found."},
		{"DeleteDeliveryStream", `{"DeliveryStreamName":"none"}`, "ResourceNotFoundException", "not found"},
		{"UpdateDestination", `{"DeliveryStreamName":"s","CurrentDeliveryStreamVersionId":"9","DestinationId":"destinationId-000000000001","ExtendedS3DestinationUpdate":{}}`, "ConcurrentModificationException", "current version id: 1 and specified version id: 9"},
		{"UpdateDestination", `{"DeliveryStreamName":"s","CurrentDeliveryStreamVersionId":"1","DestinationId":"other","ExtendedS3DestinationUpdate":{}}`, "InvalidArgumentException", "Destination Id other not found"},
		{"PutRecord", `{"DeliveryStreamName":"s"}`, "ValidationException", "'record'"},
		{"PutRecord", `{"DeliveryStreamName":"s","Record":{"Data":"` + large + `"}}`, "ValidationException", "Member must have length less than or equal to 1024000"},
		{"PutRecord", `{"DeliveryStreamName":"s","Record":{"Data":"not base64!"}}`, "SerializationException", ""},
		{"PutRecordBatch", `{"DeliveryStreamName":"s","Records":[]}`, "ValidationException", "Member must have length greater than or equal to 1"},
		{"PutRecordBatch", `{"DeliveryStreamName":"s","Records":[` + strings.Repeat(`{"Data":"`+full+`"},`, 4) + `{"Data":"` + full + `"}]}`, "InvalidArgumentException", "4 MB"},
		{"PutRecordBatch", `{"DeliveryStreamName":"none","Records":[{"Data":""}]}`, "ResourceNotFoundException", "not found"},
		{"StartDeliveryStreamEncryption", `{"DeliveryStreamName":"s"}`, "UnknownOperationException", ""},
	} {
		status, answer := call(t, url, c.operation, c.in)
		var got struct {
			Type    string `json:"__type"`
			Message string `json:"message"`
		}
		if err := json.Unmarshal([]byte(answer), &got); err != nil || status != 400 {
			t.Errorf("%s: %d %s", c.operation, status, answer)
		}
		if got.Type != c.fault || !strings.Contains(got.Message, c.text) {
			t.Errorf("%s %s: got %s, want %s %s", c.operation, fmt.Sprintf("%.150s", c.in), answer, c.fault, c.text)
		}
	}
}
