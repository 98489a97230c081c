package awsjson_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/loglake/loglake"
	"github.com/loglake/loglake/api/awsjson"
)

type echoInput struct {
	Name  string
	Count *int32
}

type echoOutput struct {
	Name  string
	Count *int32 `json:",omitempty"`
}

// newRouter serves one service whose operations answer in each of the ways an operation can.
func newRouter(onError func(*awsjson.Request, error)) *awsjson.Router {
	operations := map[string]awsjson.Operation{
		"Echo": awsjson.Handle(func(_ context.Context, in *echoInput) (*echoOutput, error) {
			return &echoOutput{Name: in.Name, Count: in.Count}, nil
		}),
		"Nothing": awsjson.Handle(func(context.Context, *struct{}) (*struct{}, error) { return nil, nil }),
		"Raw":     func(context.Context, *awsjson.Request) (any, error) { return awsjson.Raw(`{"raw": true}`), nil },
		"Missing": func(context.Context, *awsjson.Request) (any, error) {
			return nil, loglake.Errorf(loglake.CodeNotFound, "no such <thing>")
		},
		"Broken": func(context.Context, *awsjson.Request) (any, error) { return nil, errors.New("secret path /x") },
		"Panics": func(context.Context, *awsjson.Request) (any, error) { panic("secret") },
		"Bug": func(context.Context, *awsjson.Request) (any, error) {
			return nil, loglake.Errorf(loglake.CodeInternal, "secret")
		},
		"Fault": func(context.Context, *awsjson.Request) (any, error) {
			return nil, &awsjson.Fault{Type: "TooBusy", Status: 503, Message: "m", Members: map[string]any{"B": 1, "A": "x"}}
		},
	}
	return &awsjson.Router{OnError: onError, Services: []awsjson.Service{{
		Target: "Test_1", SigningName: "test", MessageKey: "Message", Operations: operations,
		Errors: func(err *loglake.Error) awsjson.Fault {
			return awsjson.Fault{Type: "ResourceNotFoundException", Message: err.Message}
		},
	}}}
}

func call(h http.Handler, target, body string, header ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	r.Header.Set("X-Amz-Target", target)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func gzipped(s string) string {
	var b bytes.Buffer
	zw := gzip.NewWriter(&b)
	_, _ = zw.Write([]byte(s))
	_ = zw.Close()
	return b.String()
}

func TestRouterAnswers(t *testing.T) {
	var reported []string
	rt := newRouter(func(r *awsjson.Request, err error) { reported = append(reported, r.Operation) })
	f := func(operation, body string, status int, want string, header ...string) {
		t.Helper()
		w := call(rt, operation, body, header...)
		got := w.Body.String()
		if id := w.Header()["X-Amzn-Requestid"]; len(id) != 1 || uuid.Validate(id[0]) != nil {
			t.Errorf("%s: x-amzn-RequestId is %v", operation, id)
		} else {
			got = strings.ReplaceAll(got, id[0], "ID")
		}
		if w.Code != status || got != want {
			t.Errorf("%s %s\n got %d %s\nwant %d %s", operation, body, w.Code, got, status, want)
		}
		if ct := w.Header().Get("Content-Type"); ct != awsjson.ContentType {
			t.Errorf("%s: Content-Type %q", operation, ct)
		}
	}
	f("Test_1.Echo", `{"Name":"<a&b>","Count":7}`, 200, `{"Name":"<a&b>","Count":7}`)
	f("Test_1.Echo", gzipped(`{"Name":"z"}`), 200, `{"Name":"z"}`, "Content-Encoding", "gzip")
	f("Test_1.Nothing", `{}`, 200, ``)
	f("Test_1.Raw", ``, 200, `{"raw": true}`)
	f("Test_1.Missing", `{}`, 400, `{"__type":"ResourceNotFoundException","Message":"no such <thing>"}`)
	f("Test_1.Fault", `{}`, 503, `{"__type":"TooBusy","A":"x","B":1,"Message":"m"}`)
	f("Test_1.Echo", `{"Name":"z",}`, 400, `{"__type":"SerializationException","Message":"The body has to be one JSON object"}`)
	f("Test_1.Echo", `{"Name":"z"} {}`, 400, `{"__type":"SerializationException","Message":"The body has to be one JSON object"}`)
	f("Test_1.Echo", ``, 400, `{"__type":"SerializationException","Message":"The body has to be one JSON object"}`)
	f("Test_1.Echo", `no gzip`, 400, `{"__type":"SerializationException","Message":"The body is not the gzip data that Content-Encoding says it is"}`, "Content-Encoding", "gzip")
	f("Test_1.Echo", gzipped(`{"Name":"z"}`)[:20], 400, `{"__type":"SerializationException","Message":"The body is not the gzip data that Content-Encoding says it is"}`, "Content-Encoding", "gzip")
	f("Test_1.Echo", `x`, 400, `{"__type":"SerializationException","Message":"Content-Encoding \"br\" is not supported: send gzip or none"}`, "Content-Encoding", "br")
	for target, operation := range map[string]string{"Test_1.echo": "echo", "Test_1": "", "Test_1.": ""} {
		f(target, `{}`, 400, `{"__type":"UnknownOperationException","Message":"loglake does not have the operation \"`+operation+`\" of Test_1"}`)
	}
	for _, target := range []string{"test_1.Echo", "Echo", ""} {
		f(target, `{}`, 400, `{"__type":"UnknownOperationException","message":"X-Amz-Target \"`+target+`\" names no service that loglake has; it has Test_1"}`)
	}
	for _, hidden := range []string{"Broken", "Panics", "Bug"} {
		f("Test_1."+hidden, `{}`, 500, `{"__type":"InternalFailure","Message":"The request failed for a reason inside the server; its log names it by the request id ID."}`)
	}
	if want := []string{"Broken", "Panics", "Bug"}; !cmp.Equal(reported, want) {
		t.Errorf("OnError was told of %v, want %v", reported, want)
	}
}

func TestBodyLimit(t *testing.T) {
	rt := newRouter(nil)
	big := `{"Name":"` + strings.Repeat("a", awsjson.BodyBytesMax) + `"}`
	for name, w := range map[string]*httptest.ResponseRecorder{
		"plain": call(rt, "Test_1.Echo", big),
		"gzip":  call(rt, "Test_1.Echo", gzipped(big), "Content-Encoding", "gzip"),
	} {
		if w.Code != http.StatusRequestEntityTooLarge || !strings.Contains(w.Body.String(), "RequestEntityTooLargeException") {
			t.Errorf("%s: %d %.200s", name, w.Code, w.Body)
		}
	}
}

// Authenticate sees the bytes as they were sent, and what it refuses never reaches the operation.
func TestAuthenticate(t *testing.T) {
	rt := newRouter(nil)
	var saw []byte
	rt.Authenticate = func(_ *http.Request, signingName string, body []byte) error {
		saw = append([]byte(signingName+" "), body...)
		if bytes.Contains(body, []byte("bad")) {
			return &awsjson.Fault{Type: "InvalidSignatureException", Message: "no"}
		}
		return nil
	}
	zipped := gzipped(`{"Name":"z"}`)
	if w := call(rt, "Test_1.Echo", zipped, "Content-Encoding", "gzip"); w.Code != 200 || string(saw) != "test "+zipped {
		t.Errorf("%d, authenticated %q", w.Code, saw)
	}
	if w := call(rt, "Test_1.Echo", `bad`); w.Body.String() != `{"__type":"InvalidSignatureException","Message":"no"}` {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

type inner struct {
	A string `json:"a"`
}

type decoded struct {
	inner
	S     string
	P     *string
	I     int32
	L     int64
	F     float64
	B     bool
	Blob  []byte
	List  []string
	Maps  map[string]string
	Sub   *inner
	Subs  []inner
	Any   any
	Raw   json.RawMessage
	At    awsjson.EpochSeconds
	Lower string `json:"lower"`
	Skip  string `json:"-"`
}

func TestDecode(t *testing.T) {
	text := "x"
	f := func(body string, want decoded) {
		t.Helper()
		var got decoded
		if err := awsjson.Decode([]byte(body), &got); err != nil {
			t.Errorf("%s: %v", body, err)
		}
		if d := cmp.Diff(want, got, cmp.AllowUnexported(decoded{})); d != "" {
			t.Errorf("%s: %s", body, d)
		}
	}
	f(`{}`, decoded{})
	f(`{"s":"case differs","LOWER":"x","Unknown":{"deep":[1]},"Skip":"y"}`, decoded{})
	f(`{"S":null,"P":null,"List":[null,"a",null],"Maps":{"k":null,"l":"v"},"Sub":null}`, decoded{List: []string{"a"}, Maps: map[string]string{"l": "v"}})
	f(`{"S":"x","P":"x","I":1,"L":9007199254740993,"F":1.5,"B":true,"lower":"é","a":"promoted"}`,
		decoded{S: "x", P: &text, I: 1, L: 9007199254740993, F: 1.5, B: true, Lower: "é", inner: inner{"promoted"}})
	f(`{"I":1.9,"L":-1.9,"F":2}`, decoded{I: 1, L: -1, F: 2})
	f(`{"Blob":"aGk=","Sub":{"a":"b"},"Subs":[{"a":"1"},{}],"List":[]}`,
		decoded{Blob: []byte("hi"), Sub: &inner{"b"}, Subs: []inner{{"1"}, {}}, List: []string{}})
	f(`{"At":1446075815.822}`, decoded{At: awsjson.EpochSeconds{Time: time.UnixMilli(1446075815822).UTC()}})
	f(`{"Raw":{"b":1.10,"a":null}}`, decoded{Raw: json.RawMessage(`{"a":null,"b":1.10}`)})
	f(`{"Any":[1,"a"]}`, decoded{Any: []any{json.Number("1"), "a"}})
}

func TestDecodeMismatch(t *testing.T) {
	f := func(body, want string) {
		t.Helper()
		err := awsjson.Decode([]byte(body), new(decoded))
		var fault *awsjson.Fault
		if !errors.As(err, &fault) || fault.Type != "SerializationException" || fault.Message != want {
			t.Errorf("%s: %v, want %q", body, err, want)
		}
	}
	for _, bad := range []string{``, `null`, `"x"`, `1`, `{`, `{"S":"a",}`, `{'S':1}`, `{}x`} {
		f(bad, "The body has to be one JSON object")
	}
	f(`{"I":99999999999}`, "A number is out of range")
	f(`{"F":1e999}`, "A number is out of range")
	f(`[]`, "Start of list found where not expected")
	f(`{"S":[]}`, "Start of list found where not expected")
	f(`{"Sub":[]}`, "Start of list found where not expected")
	f(`{"S":{}}`, "Start of structure or map found where not expected.")
	f(`{"List":{}}`, "Start of structure or map found where not expected.")
	f(`{"I":"1"}`, "STRING_VALUE can not be converted to an Integer")
	f(`{"L":true}`, "TRUE_VALUE can not be converted to a Long")
	f(`{"S":1}`, "NUMBER_VALUE can not be converted to a String")
	f(`{"S":false}`, "FALSE_VALUE can not be converted to a String")
	f(`{"List":"a"}`, "Expected list or null")
	f(`{"Sub":"a"}`, "Expected null")
	f(`{"Maps":1}`, "Expected null")
	f(`{"Blob":"?"}`, "A blob is not valid base64")
	f(`{"Blob":1}`, "NUMBER_VALUE can not be converted to a Blob")
	f(`{"At":"2020-01-01"}`, "A timestamp has to be a number of seconds")
}

func TestConstraints(t *testing.T) {
	c := awsjson.Constraints{Fault: awsjson.Fault{Type: "InvalidParameterException"}}
	if err := c.Err(); err != nil {
		t.Fatal(err)
	}
	var absent *string
	name := "ok"
	c.Required("present", &name)
	c.Range("limit", 10001, 1, 10000)
	c.Range("limit", 5, 1, 10000)
	if got, want := c.Err().Error(), "InvalidParameterException: 1 validation error detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	c.Required("logGroupName", absent)
	c.Length("names", []string{"b", "a"}, 0, 1)
	c.Length("tags", map[string]string{"b": "x y", "a": ":"}, 3, -1)
	c.Length("name", "éé", 3, 9)
	c.Pattern("name", "é", regexp.MustCompile(`^\w+$`), `\w+`)
	c.Enum("format", "zip", "GZIP", "NONE")
	want := strings.Join([]string{"7 validation errors detected: Value '10001' at 'limit' failed to satisfy constraint: Member must have value less than or equal to 10000",
		"Value null at 'logGroupName' failed to satisfy constraint: Member must not be null",
		"Value '[b, a]' at 'names' failed to satisfy constraint: Member must have length less than or equal to 1",
		"Value '{a=:, b=x y}' at 'tags' failed to satisfy constraint: Member must have length greater than or equal to 3",
		"Value 'éé' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 3",
		`Value 'é' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: \w+`,
		"Value 'zip' at 'format' failed to satisfy constraint: Member must satisfy enum value set: [GZIP, NONE]"}, "; ")
	var fault *awsjson.Fault
	if !errors.As(c.Err(), &fault) || fault.Message != want {
		t.Errorf("got  %s\nwant %s", fault.Message, want)
	}
	hidden := awsjson.Constraints{Values: awsjson.ValuesHidden, Fault: awsjson.Fault{Type: "V", Members: map[string]any{"AthenaErrorCode": "INVALID_INPUT"}}}
	hidden.Range("maxResults", 0, 1, 50)
	hidden.Required("queryExecutionId", absent)
	if got, want := hidden.Err().Error(), "V: 2 validation errors detected: Value at 'maxResults' failed to satisfy constraint: Member must have value greater than or equal to 1; Value null at 'queryExecutionId' failed to satisfy constraint: Member must not be null"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestEpochSeconds(t *testing.T) {
	for ms, want := range map[int64]string{0: "0", 1446075815822: "1446075815.822", 1446075815000: "1446075815", 5: "0.005", -1500: "-1.500"} {
		e := awsjson.EpochSeconds{Time: time.UnixMilli(ms).UTC()}
		text, err := json.Marshal(e)
		if err != nil || string(text) != want {
			t.Errorf("%d: %s, %v, want %s", ms, text, err, want)
		}
		var back awsjson.EpochSeconds
		if err := json.Unmarshal(text, &back); err != nil || !back.Equal(e.Time) {
			t.Errorf("%s read back as %v, %v", text, back, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"S":"x","P":"x","I":1,"L":2,"F":1.5,"B":true,"lower":"é","a":"p","Blob":"aGk=","Subs":[{"a":"1"},{}],"Maps":{"k":"v"},"Raw":[1],"At":1.5}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, body []byte) {
		err := awsjson.Decode(body, new(decoded))
		var fault *awsjson.Fault
		if err != nil && (!errors.As(err, &fault) || fault.Type != "SerializationException") {
			t.Errorf("%q: %v", body, err)
		}
	})
}
