package gateway

import (
	"net/http"
	"strings"
)

// Class gives the operation of a path-style S3 request, by its name in S3's reference.
func Class(r *http.Request) string {
	_, key, below := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	query := r.URL.Query()
	switch {
	case r.URL.Path == "/":
		return "ListBuckets"
	case !below || key == "":
		return bucketClass(r.Method, query.Has)
	case query.Has("uploads"):
		return "CreateMultipartUpload"
	case query.Has("uploadId"):
		return uploadClass(r.Method)
	}
	switch r.Method {
	case http.MethodHead:
		return "HeadObject"
	case http.MethodPut:
		return "PutObject"
	case http.MethodDelete:
		return "DeleteObject"
	}
	return "GetObject"
}

func bucketClass(method string, has func(string) bool) string {
	switch {
	case has("uploads"):
		return "ListMultipartUploads"
	case has("list-type"):
		return "ListObjectsV2"
	case has("delete"):
		return "DeleteObjects"
	}
	switch method {
	case http.MethodHead:
		return "HeadBucket"
	case http.MethodPut:
		return "CreateBucket"
	case http.MethodDelete:
		return "DeleteBucket"
	}
	return "GetBucket"
}

func uploadClass(method string) string {
	switch method {
	case http.MethodPut:
		return "UploadPart"
	case http.MethodPost:
		return "CompleteMultipartUpload"
	case http.MethodDelete:
		return "AbortMultipartUpload"
	}
	return "ListParts"
}
