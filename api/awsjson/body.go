package awsjson

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

var errTooLarge = &Fault{
	Type: "RequestEntityTooLargeException", Status: http.StatusRequestEntityTooLarge,
	Message: fmt.Sprintf("Request body is larger than %d bytes", BodyBytesMax),
}

// readBody reads all of r's body into b.
func readBody(b *bytes.Buffer, r *http.Request) error {
	if r.ContentLength > BodyBytesMax {
		return errTooLarge
	}
	if r.ContentLength > 0 {
		b.Grow(int(r.ContentLength) + bytes.MinRead) // one allocation, not one per doubling
	}
	n, err := b.ReadFrom(io.LimitReader(r.Body, BodyBytesMax+1))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &Fault{Type: "RequestTimeoutException", Status: http.StatusRequestTimeout, Message: "The request body came too slowly and was given up"}
	}
	if err != nil {
		return &Fault{Type: "IncompleteBodyException", Message: "The request body could not be read to its end"}
	}
	if n > BodyBytesMax {
		return errTooLarge
	}
	return nil
}

// decodeBody undoes the Content-Encoding of raw; what it returns lies in raw or in spare.
func decodeBody(raw, spare *bytes.Buffer, encoding string) ([]byte, error) {
	switch encoding {
	case "", "identity":
		return raw.Bytes(), nil
	case "gzip":
	default:
		return nil, &Fault{Type: "SerializationException", Message: fmt.Sprintf("Content-Encoding %q is not supported: send gzip or none", encoding)}
	}
	zr, err := gzip.NewReader(raw)
	if err == nil {
		var n int64
		n, err = spare.ReadFrom(io.LimitReader(zr, BodyBytesMax+1))
		if err == nil && n > BodyBytesMax {
			return nil, errTooLarge
		}
	}
	if err != nil && !errors.Is(err, io.EOF) || spare.Len() == 0 {
		return nil, &Fault{Type: "SerializationException", Message: "The body is not the gzip data that Content-Encoding says it is"}
	}
	return spare.Bytes(), nil
}
