// Command make writes a fixture: a data folder as an earlier revision of loglake leaves it when it is killed with a batch
// that is staged and not committed, and what must be in it. TestUpgrade (server/upgrade_test.go) opens all of them.
//
//	go run ./server/testdata/upgrade/make.go -name spine -revision cdff0e5~1
//
// It builds a small server of the revision in a worktree of its own, below the temporary folder, and drives it over the AWS
// wire, which does not change: puts to a log group and to a stream, a filter, rows, rejects and events that nobody wants,
// some in objects, some in segments, some in the WAL; deletions; and a stream whose objects can't be put.
package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logs "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	hose "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	glues "github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// serve is the server of a revision: small WAL files, so that there are segments.
const serve = `package main

import (
	"context"
	"fmt"
	"os"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/server"
)

func main() {
	ctx := context.Background()
	s, err := server.Open(ctx, server.Config{Dir: os.Args[1], AWSAddr: "127.0.0.1:0", HTTPAddr: "127.0.0.1:0",
		Home: loglake.Home{Account: "000000000000", Region: "us-east-1"}, JournalBytes: 4 << 10})
	if err == nil {
		err = s.Run(ctx, func(e server.Endpoints) { fmt.Println(e.AWS, e.HTTP) })
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
`

// Expected is what a fixture must hold, each id once.
type Expected struct {
	Revision string
	Made     string
	Group    []string // messages of the log group, in order
	Rows     []string // ids in Parquet objects once all is delivered
	Rejects  []string
	Staged   []string // SHA-256 of each file that was staged and not put
}

const (
	role   = "arn:aws:iam::000000000000:role/loglake"
	bucket = "lake"
	group  = "/app"
)

type lake struct {
	dir, aws, http string
	process        *exec.Cmd
	config         aws.Config
	want           Expected
	n              int
}

func main() {
	name := flag.String("name", "", "of the fixture")
	revision := flag.String("revision", "HEAD", "of loglake that writes it")
	flag.Parse()
	if err := run(*name, *revision); err != nil {
		log.Fatal(err)
	}
}

func run(name, revision string) (err error) {
	if name == "" {
		return errors.New("-name is missing")
	}
	root, err := os.MkdirTemp("", "fixture")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	short, err := exec.Command("git", "rev-parse", "--short", revision).Output()
	if err != nil {
		return fmt.Errorf("revision %s: %w", revision, err)
	}
	binary, err := build(root, revision)
	if err != nil {
		return err
	}
	l := &lake{dir: filepath.Join(root, "lake"), want: Expected{Revision: strings.TrimSpace(string(short)), Made: time.Now().UTC().Format(time.RFC3339)}}
	if err := l.start(binary); err != nil {
		return err
	}
	err = l.live(context.Background())
	err = errors.Join(err, l.process.Process.Kill())
	_ = l.process.Wait() // it was killed
	if err != nil {
		return err
	}
	if err := l.staged(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(l.want, "", "\t")
	if err != nil {
		return err
	}
	base := filepath.Join("server", "testdata", "upgrade", name)
	return errors.Join(os.WriteFile(base+".json", append(text, '\n'), 0o644), pack(l.dir, base+".tar.gz"))
}

func command(dir, name string, args ...string) error {
	c := exec.Command(name, args...)
	c.Dir, c.Stderr = dir, os.Stderr
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	if err := c.Run(); err != nil {
		return fmt.Errorf("%s %v: %w", name, args, err)
	}
	return nil
}

func build(root, revision string) (binary string, err error) {
	tree := filepath.Join(root, "tree")
	if err := command(".", "git", "worktree", "add", "--quiet", "--detach", tree, revision); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, command(".", "git", "worktree", "remove", "--force", tree)) }()
	dir := filepath.Join(tree, "cmd", "fixture")
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "main.go"), []byte(serve), 0o644)); err != nil {
		return "", err
	}
	binary = filepath.Join(root, "fixture")
	return binary, command(tree, "go", "build", "-o", binary, "./cmd/fixture")
}

func (l *lake) start(binary string) error {
	l.process = exec.Command(binary, l.dir)
	l.process.Stderr = os.Stderr
	out, err := l.process.StdoutPipe()
	if err == nil {
		err = l.process.Start()
	}
	if err != nil {
		return err
	}
	if _, err := fmt.Fscan(bufio.NewReader(out), &l.aws, &l.http); err != nil {
		return fmt.Errorf("the server does not say where it is: %w", err)
	}
	l.config = aws.Config{Region: "us-east-1", BaseEndpoint: aws.String(l.aws), Credentials: credentials.NewStaticCredentialsProvider("any", "any", "")}
	return nil
}

// live is all that happens in a fixture. It ends with a batch staged.
func (l *lake) live(ctx context.Context) error {
	for _, step := range []func(context.Context) error{
		l.setUp,
		func(ctx context.Context) error { return l.put(ctx, "direct", 12) },
		func(ctx context.Context) error { return l.put(ctx, "", 40) },
		l.flush("direct"), l.flush("grouped"),
		func(ctx context.Context) error { return l.put(ctx, "", 5) },
		func(ctx context.Context) error { return l.put(ctx, "direct", 3) },
		l.flush("grouped"),
		func(ctx context.Context) error { return l.put(ctx, "", 2) },
		l.forget,
		l.block,
		func(ctx context.Context) error { return l.put(ctx, "stuck", 4) },
		l.stage,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l *lake) setUp(ctx context.Context) error {
	buckets := s3.NewFromConfig(l.config, func(o *s3.Options) { o.UsePathStyle = true })
	if _, err := buckets.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(bucket)}); err != nil {
		return err
	}
	if _, err := buckets.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String(bucket), Key: aws.String("theirs/readme.txt"), Body: strings.NewReader("of others"), ContentType: aws.String("text/plain"), Metadata: map[string]string{"a": "b"}}); err != nil {
		return err
	}
	tables := glue.NewFromConfig(l.config)
	if _, err := tables.CreateTable(ctx, &glue.CreateTableInput{DatabaseName: aws.String("default"), TableInput: &glues.TableInput{
		Name: aws.String("logs"), TableType: aws.String("EXTERNAL_TABLE"), PartitionKeys: []glues.Column{{Name: aws.String("dt"), Type: aws.String("string")}},
		StorageDescriptor: &glues.StorageDescriptor{Location: aws.String("s3://lake/data/"), Columns: []glues.Column{{Name: aws.String("id"), Type: aws.String("string")}, {Name: aws.String("n"), Type: aws.String("int")}},
			InputFormat: aws.String("org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat")}}}); err != nil {
		return err
	}
	for name, prefix := range map[string]string{"direct": "data/dt=!{timestamp:yyyy-MM-dd}/", "grouped": "data/dt=!{timestamp:yyyy-MM-dd}/", "stuck": "stuck/dt=!{timestamp:yyyy-MM-dd}/", "gone": "gone/dt=!{timestamp:yyyy}/"} {
		if err := l.stream(ctx, name, prefix); err != nil {
			return err
		}
	}
	events := cloudwatchlogs.NewFromConfig(l.config)
	for _, name := range []string{group, "/gone"} {
		_, err := events.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(name)})
		if err == nil {
			_, err = events.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String(name), LogStreamName: aws.String("i-1")})
		}
		if err != nil {
			return err
		}
	}
	_, err := events.PutSubscriptionFilter(ctx, &cloudwatchlogs.PutSubscriptionFilterInput{LogGroupName: aws.String(group), FilterName: aws.String("all"),
		FilterPattern: aws.String("{ $.debug NOT EXISTS }"), RoleArn: aws.String(role), DestinationArn: aws.String("arn:aws:firehose:us-east-1:000000000000:deliverystream/grouped")})
	return err
}

func (l *lake) stream(ctx context.Context, name, prefix string) error {
	d := &hose.ExtendedS3DestinationConfiguration{
		RoleARN: aws.String(role), BucketARN: aws.String("arn:aws:s3:::" + bucket), Prefix: aws.String(prefix),
		ErrorOutputPrefix: aws.String("errors/" + name + "/!{firehose:error-output-type}/"),
		BufferingHints:    &hose.BufferingHints{SizeInMBs: aws.Int32(64), IntervalInSeconds: aws.Int32(900)},
		DataFormatConversionConfiguration: &hose.DataFormatConversionConfiguration{
			SchemaConfiguration:       &hose.SchemaConfiguration{RoleARN: aws.String(role), DatabaseName: aws.String("default"), TableName: aws.String("logs")},
			InputFormatConfiguration:  &hose.InputFormatConfiguration{Deserializer: &hose.Deserializer{OpenXJsonSerDe: &hose.OpenXJsonSerDe{}}},
			OutputFormatConfiguration: &hose.OutputFormatConfiguration{Serializer: &hose.Serializer{ParquetSerDe: &hose.ParquetSerDe{}}},
		},
	}
	if name == "grouped" {
		parameter := func(n hose.ProcessorParameterName, v string) []hose.ProcessorParameter {
			return []hose.ProcessorParameter{{ParameterName: n, ParameterValue: aws.String(v)}}
		}
		d.ProcessingConfiguration = &hose.ProcessingConfiguration{Enabled: aws.Bool(true), Processors: []hose.Processor{
			{Type: hose.ProcessorTypeDecompression, Parameters: parameter(hose.ProcessorParameterNameCompressionFormat, "GZIP")},
			{Type: hose.ProcessorTypeCloudWatchLogProcessing, Parameters: parameter(hose.ProcessorParameterNameDataMessageExtraction, "true")},
		}}
	}
	_, err := firehose.NewFromConfig(l.config).CreateDeliveryStream(ctx, &firehose.CreateDeliveryStreamInput{DeliveryStreamName: aws.String(name), ExtendedS3DestinationConfiguration: d})
	return err
}

// put makes so many puts, each with a row, a reject, and, to the group, an event that its filter leaves out.
func (l *lake) put(ctx context.Context, stream string, puts int) error {
	for range puts {
		l.n++
		row, reject, debug := fmt.Sprintf("%d-row", l.n), fmt.Sprintf("%d-reject", l.n), fmt.Sprintf("%d-debug", l.n)
		messages := []string{fmt.Sprintf(`{"id":%q,"n":%d}`, row, l.n), fmt.Sprintf(`{"id":%q,"n":"x"}`, reject), fmt.Sprintf(`{"id":%q,"n":1,"debug":%q}`, debug, strings.Repeat("text ", 40))}
		l.want.Rows, l.want.Rejects = append(l.want.Rows, row), append(l.want.Rejects, reject)
		if stream != "" {
			l.want.Rows = append(l.want.Rows, debug)
			var records []hose.Record
			for _, m := range messages {
				records = append(records, hose.Record{Data: []byte(m)})
			}
			if _, err := firehose.NewFromConfig(l.config).PutRecordBatch(ctx, &firehose.PutRecordBatchInput{DeliveryStreamName: aws.String(stream), Records: records}); err != nil {
				return err
			}
			continue
		}
		l.want.Group = append(l.want.Group, messages...)
		var events []logs.InputLogEvent
		for _, m := range messages {
			events = append(events, logs.InputLogEvent{Message: aws.String(m), Timestamp: aws.Int64(time.Now().UnixMilli())})
		}
		if _, err := cloudwatchlogs.NewFromConfig(l.config).PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String("i-1"), LogEvents: events}); err != nil {
			return err
		}
	}
	return nil
}

func (l *lake) flush(stream string) func(context.Context) error {
	return func(context.Context) error {
		answer, err := http.Post(l.http+"/v1/streams/"+stream+"/flush", "application/json", nil)
		if err != nil {
			return err
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err == nil && answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("flush %s: %s %s", stream, answer.Status, text)
		}
		return err
	}
}

// forget deletes a group and a stream, so that there are deleted journals.
func (l *lake) forget(ctx context.Context) error {
	_, err := cloudwatchlogs.NewFromConfig(l.config).DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("/gone")})
	_, again := firehose.NewFromConfig(l.config).DeleteDeliveryStream(ctx, &firehose.DeleteDeliveryStreamInput{DeliveryStreamName: aws.String("gone")})
	return errors.Join(err, again)
}

// blocked is where the folder of stream stuck can't be made.
func (l *lake) blocked() string { return filepath.Join(l.dir, "buckets", bucket, "stuck") }

func (l *lake) block(context.Context) error { return os.Symlink("/nowhere/at/all", l.blocked()) }

// stage has the batch of stream stuck staged, which can't be put.
func (l *lake) stage(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	go func() { _ = l.flush("stuck")(ctx) }() // it has no end
	for ctx.Err() == nil {
		var status struct {
			Streams []struct{ Name, Failure string }
		}
		answer, err := http.Get(l.http + "/v1/streams")
		if err != nil {
			return err
		}
		err = errors.Join(json.NewDecoder(answer.Body).Decode(&status), answer.Body.Close())
		if err != nil {
			return err
		}
		for _, s := range status.Streams {
			if s.Name == "stuck" && s.Failure != "" {
				return os.Remove(l.blocked())
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	return errors.New("the batch of stream stuck is not staged")
}

// staged notes what is staged.
func (l *lake) staged() error {
	entries, err := os.ReadDir(filepath.Join(l.dir, "staging"))
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), "-0") { // the intent, as a copy
			continue
		}
		b, readErr := os.ReadFile(filepath.Join(l.dir, "staging", e.Name()))
		err = errors.Join(err, readErr)
		sum := sha256.Sum256(b)
		l.want.Staged = append(l.want.Staged, hex.EncodeToString(sum[:]))
	}
	if err == nil && len(l.want.Staged) != 2 {
		err = fmt.Errorf("staged are %d files", len(l.want.Staged))
	}
	return err
}

// pack writes a folder as an archive, without what every start makes again.
func pack(dir, to string) (err error) {
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	z, err := gzip.NewWriterLevel(out, gzip.BestCompression)
	if err != nil {
		return err
	}
	w := tar.NewWriter(z)
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if first, _, _ := strings.Cut(rel, string(filepath.Separator)); first == "scratch" || first == "spill" || first == "lock" || strings.HasSuffix(rel, ".spare") {
			if e.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		h, err := tar.FileInfoHeader(info, "")
		if err != nil {
			return err
		}
		h.Name, h.Format, h.Uname, h.Gname, h.Uid, h.Gid = filepath.ToSlash(rel), tar.FormatPAX, "", "", 0, 0
		h.AccessTime, h.ChangeTime = time.Time{}, time.Time{}
		if err := w.WriteHeader(h); err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil {
			_, err = w.Write(b)
		}
		return err
	})
	return errors.Join(err, w.Close(), z.Close(), out.Close())
}
