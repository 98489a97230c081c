package loggroup

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// A page token says where the next page begins and, by a hash, to which request it belongs: a token that is given back
// with other parameters is refused, as the service does. Nothing is remembered for it.

const tokenHashBytes = 9

func makeToken(place string, request ...any) string {
	return base64.RawURLEncoding.EncodeToString(append(requestHash(request), place...))
}

// readToken gives back the place; an empty token gives an empty place.
func readToken(token string, request ...any) (place string, err error) {
	if token == "" {
		return "", nil
	}
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) < tokenHashBytes || string(b[:tokenHashBytes]) != string(requestHash(request)) {
		return "", errToken()
	}
	return string(b[tokenHashBytes:]), nil
}

func requestHash(request []any) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%#v", request))
	return sum[:tokenHashBytes:tokenHashBytes]
}

func errToken() error { return invalid("The specified nextToken is invalid.") }
