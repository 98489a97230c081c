// Package iamapi is the wire of AWS IAM over package role: roles, their inline policies and their tags, as tools need
// them that set up a pipeline. It speaks AWS's query protocol: a form with Action and Version, an XML document as answer.
//
// What is here is stored and given back, and not enforced (package role says why). Managed policies can't be attached,
// permissions boundaries can't be set, and there are no users, groups or instance profiles; asking for what a role has
// of these gives what it has: none. Every other action is answered with InvalidAction.
//
// Where to start: operations below; role.go, policy.go and tag.go have them by what they are about.
//
// https://docs.aws.amazon.com/IAM/latest/APIReference/API_Operations.html
package iamapi

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"github.com/loglake/loglake"
	"github.com/loglake/loglake/role"
)

// Version is the API's version, by which a form is told from those of other services.
const Version = "2010-05-08"

const (
	namespace = "https://iam.amazonaws.com/doc/2010-05-08/"
	formBytes = 512 << 10 // a policy of 131,072 characters, three bytes each when escaped, and some more
	pageMax   = 1000
	pageUsual = 100
)

// Config is what a Handler needs.
type Config struct {
	Roles *role.Roles
	Home  loglake.Home
	// OnError is told of failures whose text is kept from the client. Nil: nobody is told.
	OnError func(action string, err error)
}

// Handler is the http.Handler of IAM. Signatures are checked in front.
type Handler struct{ cfg Config }

// New makes a Handler.
func New(cfg Config) *Handler { return &Handler{cfg: cfg} }

// operations are the actions. Each gives the members of its result, nil where the answer has none.
var operations = map[string]func(h *Handler, ctx context.Context, f *form) (any, error){
	"CreateRole":             (*Handler).createRole,
	"GetRole":                (*Handler).getRole,
	"ListRoles":              (*Handler).listRoles,
	"UpdateRole":             (*Handler).updateRole,
	"UpdateRoleDescription":  (*Handler).updateRoleDescription,
	"UpdateAssumeRolePolicy": (*Handler).updateAssumeRolePolicy,
	"DeleteRole":             (*Handler).deleteRole,

	"PutRolePolicy":               (*Handler).putRolePolicy,
	"GetRolePolicy":               (*Handler).getRolePolicy,
	"ListRolePolicies":            (*Handler).listRolePolicies,
	"DeleteRolePolicy":            (*Handler).deleteRolePolicy,
	"ListAttachedRolePolicies":    (*Handler).listAttachedRolePolicies,
	"ListInstanceProfilesForRole": (*Handler).listInstanceProfilesForRole,

	"TagRole":      (*Handler).tagRole,
	"UntagRole":    (*Handler).untagRole,
	"ListRoleTags": (*Handler).listRoleTags,
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, formBytes)
	if err := r.ParseForm(); err != nil {
		WriteError(w, Fault{"MalformedInput", http.StatusBadRequest, "The form could not be read"})
		return
	}
	action, version := r.Form.Get("Action"), r.Form.Get("Version")
	operation, ok := operations[action]
	switch {
	case action == "":
		WriteError(w, Fault{"MissingAction", http.StatusBadRequest, "Missing Action"})
		return
	case !ok || version != Version:
		WriteError(w, Fault{"InvalidAction", http.StatusBadRequest, fmt.Sprintf("Could not find operation %s for version %s", action, version)})
		return
	}
	f := &form{values: r.Form}
	out, err := operation(h, r.Context(), f)
	if err != nil {
		h.fail(w, action, err)
		return
	}
	writeResult(w, action, out)
}

// Fault is a failure as IAM words it.
type Fault struct {
	Code    string
	Status  int
	Message string
}

func (f *Fault) Error() string { return f.Code + ": " + f.Message }

func refuse(code, format string, args ...any) error {
	return &Fault{Code: code, Status: http.StatusBadRequest, Message: fmt.Sprintf(format, args...)}
}

// faults are IAM's names of what role refuses.
var faults = map[loglake.Code]Fault{
	loglake.CodeInvalid:  {Code: "ValidationError", Status: http.StatusBadRequest},
	loglake.CodeNotFound: {Code: "NoSuchEntity", Status: http.StatusNotFound},
	loglake.CodeExists:   {Code: "EntityAlreadyExists", Status: http.StatusConflict},
	loglake.CodeConflict: {Code: "DeleteConflict", Status: http.StatusConflict},
	loglake.CodeLimit:    {Code: "LimitExceeded", Status: http.StatusConflict},
}

func (h *Handler) fail(w http.ResponseWriter, action string, err error) {
	var told *Fault
	var known *loglake.Error
	switch {
	case errors.As(err, &told):
		WriteError(w, *told)
	case errors.Is(err, role.ErrPolicy) && errors.As(err, &known):
		WriteError(w, Fault{"MalformedPolicyDocument", http.StatusBadRequest, known.Message})
	case errors.As(err, &known) && faults[known.Code].Code != "":
		f := faults[known.Code]
		f.Message = known.Message
		WriteError(w, f)
	default:
		if h.cfg.OnError != nil && !errors.Is(err, context.Canceled) {
			h.cfg.OnError(action, err)
		}
		WriteError(w, Fault{"ServiceFailure", http.StatusInternalServerError, "The request processing has failed because of an unknown error, exception or failure."})
	}
}

type errorResponse struct {
	XMLName   xml.Name `xml:"https://iam.amazonaws.com/doc/2010-05-08/ ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

// WriteError answers a failure; also for those that show before the Handler is asked.
func WriteError(w http.ResponseWriter, f Fault) {
	id, who := uuid.NewString(), "Sender"
	if f.Status >= http.StatusInternalServerError {
		who = "Receiver"
	}
	text, _ := xml.Marshal(errorResponse{Type: who, Code: f.Code, Message: f.Message, RequestID: id}) // strings only
	write(w, f.Status, id, text)
}

// writeResult answers <ActionResponse><ActionResult>members of out…
func writeResult(w http.ResponseWriter, action string, out any) {
	id := uuid.NewString()
	var text bytes.Buffer
	fmt.Fprintf(&text, `<%sResponse xmlns="%s">`, action, namespace)
	if out != nil {
		if err := xml.NewEncoder(&text).EncodeElement(out, xml.StartElement{Name: xml.Name{Local: action + "Result"}}); err != nil {
			WriteError(w, Fault{"ServiceFailure", http.StatusInternalServerError, "the answer could not be written"}) // a defect: results are structs of strings
			return
		}
	}
	fmt.Fprintf(&text, `<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>`, id, action)
	write(w, http.StatusOK, id, text.Bytes())
}

func write(w http.ResponseWriter, status int, id string, text []byte) {
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.Header().Set("X-Amzn-Requestid", id)
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that is gone needs no answer
}
