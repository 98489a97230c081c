package awsjson

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
)

// Fault is a failure as the client sees it. It is an error, so that an operation may return one where the service's
// exception matters more than the code.
type Fault struct {
	Type    string         // the exception, such as "ResourceNotFoundException"
	Message string         // empty: the member is left out
	Status  int            // HTTP status; 0: 400
	Members map[string]any // further members, such as AthenaErrorCode; written in the order of their names
}

func (f *Fault) Error() string { return f.Type + ": " + f.Message }

// WriteFault answers f: {"__type":…, its members, messageKey: the message}. An empty messageKey is "message".
func WriteFault(w http.ResponseWriter, requestID, messageKey string, f Fault) {
	status := f.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	write(w, requestID, status, f.body(messageKey))
}

func (f *Fault) body(messageKey string) []byte {
	if messageKey == "" {
		messageKey = "message"
	}
	var b bytes.Buffer
	member := func(name string, value any) {
		text, err := marshal(value)
		if err != nil {
			return // a member that has no JSON is no reason to lose the others
		}
		if b.Len() > 0 {
			b.WriteByte(',')
		} else {
			b.WriteByte('{')
		}
		key, _ := json.Marshal(name)
		b.Write(key)
		b.WriteByte(':')
		b.Write(text)
	}
	member("__type", f.Type)
	for _, name := range slices.Sorted(maps.Keys(f.Members)) {
		member(name, f.Members[name])
	}
	if f.Message != "" {
		member(messageKey, f.Message)
	}
	b.WriteByte('}')
	return b.Bytes()
}
