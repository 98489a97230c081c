package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/google/uuid"
)

// wire is one connection that puts, one request after the other.
type wire struct {
	signer *v4.Signer
	keys   aws.Credentials
	region string
	url    *url.URL
	conn   net.Conn
	read   *bufio.Reader
	head   []byte
	reply  []byte
}

func dial(ctx context.Context, endpoint string, keys aws.Credentials, region string) (*wire, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return nil, err
	}
	u.Path = "/"
	var d net.Dialer
	conn, err := d.DialContext(ctx, "tcp", u.Host)
	if err != nil {
		return nil, err
	}
	return &wire{signer: v4.NewSigner(), keys: keys, region: region, url: u, conn: conn, read: bufio.NewReader(conn)}, nil
}

// put sends a PutLogEvents and waits for its answer. The answer is an error unless every event was accepted.
func (w *wire) put(ctx context.Context, body []byte) error {
	sum := sha256.Sum256(body)
	id, err := uuid.NewRandom()
	if err != nil {
		return err
	}
	r := &http.Request{
		Method: http.MethodPost, URL: w.url, Host: w.url.Host, ContentLength: int64(len(body)),
		Header: http.Header{
			"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"Logs_20140328.PutLogEvents"},
			"Amz-Sdk-Invocation-Id": {id.String()}, "Amz-Sdk-Request": {"attempt=1; max=3"},
		},
	}
	if err := w.signer.SignHTTP(ctx, w.keys, r, hex.EncodeToString(sum[:]), "logs", w.region, time.Now()); err != nil {
		return err
	}
	w.head = fmt.Appendf(w.head[:0], "POST / HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n", r.Host, len(body))
	for name, values := range r.Header {
		w.head = fmt.Appendf(w.head, "%s: %s\r\n", name, values[0])
	}
	w.head = append(w.head, "\r\n"...)
	if _, err := (&net.Buffers{w.head, body}).WriteTo(w.conn); err != nil {
		return err
	}
	answer, err := http.ReadResponse(w.read, r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.ContentLength < 0 || answer.ContentLength > 1<<20 {
		return fmt.Errorf("an answer of %d bytes", answer.ContentLength)
	}
	if cap(w.reply) < int(answer.ContentLength) {
		w.reply = make([]byte, answer.ContentLength)
	}
	reply := w.reply[:answer.ContentLength]
	if _, err := io.ReadFull(answer.Body, reply); err != nil {
		return err
	}
	const accepted = 96 // bytes of an answer that rejects nothing, at most
	if answer.StatusCode != http.StatusOK || len(reply) > accepted {
		return fmt.Errorf("put was answered %s: %s", answer.Status, reply)
	}
	return nil
}
