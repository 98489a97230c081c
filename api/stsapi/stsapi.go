// Package stsapi answers STS GetCallerIdentity, which clients call to learn the account they work in. It speaks AWS's
// query protocol: a form (or query) with Action and Version, an XML document as answer. Every caller is the account's
// root: loglake has key pairs but no users.
//
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
package stsapi

import (
	"encoding/xml"
	"fmt"
	"net/http"
	"strconv"

	"github.com/google/uuid"
	"github.com/loglake/loglake"
)

const (
	version   = "2011-06-15"
	formBytes = 64 << 10 // of a form
)

// Handler is the http.Handler of STS. Signatures are checked in front.
type Handler struct {
	Home loglake.Home
}

type identity struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ GetCallerIdentityResponse"`
	Arn       string   `xml:"GetCallerIdentityResult>Arn"`
	UserID    string   `xml:"GetCallerIdentityResult>UserId"`
	Account   string   `xml:"GetCallerIdentityResult>Account"`
	RequestID string   `xml:"ResponseMetadata>RequestId"`
}

// ServeHTTP answers one request.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, formBytes)
	if err := r.ParseForm(); err != nil {
		WriteError(w, http.StatusBadRequest, "MalformedInput", "The form could not be read")
		return
	}
	action := r.Form.Get("Action")
	switch {
	case action == "":
		WriteError(w, http.StatusBadRequest, "MissingAction", "Missing Action")
	case action != "GetCallerIdentity" || r.Form.Get("Version") != version:
		WriteError(w, http.StatusBadRequest, "InvalidAction", fmt.Sprintf("Could not find operation %s for version %s", action, r.Form.Get("Version")))
	default:
		id := uuid.NewString()
		write(w, http.StatusOK, id, identity{Arn: "arn:aws:iam::" + h.Home.Account + ":root", UserID: h.Home.Account, Account: h.Home.Account, RequestID: id})
	}
}

type errorResponse struct {
	XMLName   xml.Name `xml:"https://sts.amazonaws.com/doc/2011-06-15/ ErrorResponse"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

// WriteError answers a client's failure; also for those that show before the Handler is asked.
func WriteError(w http.ResponseWriter, status int, code, message string) {
	id := uuid.NewString()
	write(w, status, id, errorResponse{Type: "Sender", Code: code, Message: message, RequestID: id})
}

func write(w http.ResponseWriter, status int, id string, document any) {
	text, _ := xml.Marshal(document) // strings only
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.Header().Set("X-Amzn-Requestid", id)
	w.WriteHeader(status)
	_, _ = w.Write(text) // a client that is gone needs no answer
}
