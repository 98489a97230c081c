package s3api

import (
	"encoding/xml"
	"errors"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/loglake/loglake/store"
)

// configuration is a setting of a bucket that is kept as it was given, and what S3 says where it was not. Each holds
// here by itself, whatever its value is: nothing is public where every request is signed and there are no ACLs or
// policies, all objects are the account's, and the encryption that S3 has without being asked is the disk's affair.
type configuration struct {
	document string // its name in the store
	// check tells what is wrong with a document, and gives it as answers have it.
	check func(body []byte) (any, error)
	usual string // of a bucket that was just made; "": there is none
	none  Error  // where there is none
	put   int    // the status of a successful put
}

var (
	encryptionConfiguration = configuration{document: "encryption", check: checkEncryption, put: http.StatusOK,
		usual: `<ServerSideEncryptionConfiguration xmlns="` + namespace + `"><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>` +
			`</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>false</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>`}
	publicAccessConfiguration = configuration{document: "publicaccess", check: checkPublicAccess, put: http.StatusOK,
		usual: `<PublicAccessBlockConfiguration xmlns="` + namespace + `"><BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls>` +
			`<BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>`,
		none: Error{Code: "NoSuchPublicAccessBlockConfiguration", Status: http.StatusNotFound, Message: "The public access block configuration was not found"}}
	ownershipConfiguration = configuration{document: "ownership", check: checkOwnership, put: http.StatusOK,
		usual: `<OwnershipControls xmlns="` + namespace + `"><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>`,
		none:  Error{Code: "OwnershipControlsNotFoundError", Status: http.StatusNotFound, Message: "The bucket ownership controls were not found"}}
	taggingConfiguration = configuration{document: "tagging", check: checkTagging, put: http.StatusNoContent,
		none: Error{Code: "NoSuchTagSet", Status: http.StatusNotFound, Message: "The TagSet does not exist"}}
)

// set is the operation that puts it.
func (c configuration) set(h *Handler, q *request) error {
	body, err := q.checkedBody()
	if err != nil {
		return err
	}
	checked, err := c.check(body)
	if err != nil {
		return err
	}
	text, err := xml.Marshal(checked)
	if err != nil {
		return err
	}
	if err := h.Store.PutDocument(q.Context(), q.bucket, c.document, text); err != nil {
		return err
	}
	q.w.WriteHeader(c.put)
	return nil
}

// get is the operation that gives it. An empty document is one that was deleted.
func (c configuration) get(h *Handler, q *request) error {
	text, err := h.Store.Document(q.Context(), q.bucket, c.document)
	if errors.Is(err, store.ErrNoDocument) {
		text, err = []byte(c.usual), nil
	}
	if err != nil {
		return err
	}
	if len(text) == 0 {
		none := c.none
		none.Members = []Member{{"BucketName", q.bucket}}
		return &none
	}
	q.write(http.StatusOK, append([]byte(xml.Header), text...))
	return nil
}

// remove is the operation that deletes it: there is none then, or, of what every bucket has, the usual one.
func (c configuration) remove(h *Handler, q *request) error {
	var err error
	if c.none.Code == "" || c.usual == "" {
		err = h.Store.DeleteDocument(q.Context(), q.bucket, c.document)
	} else {
		err = h.Store.PutDocument(q.Context(), q.bucket, c.document, nil)
	}
	if err != nil {
		return err
	}
	return q.noContent()
}

func checkEncryption(body []byte) (any, error) {
	var c struct {
		XMLName xml.Name `xml:"ServerSideEncryptionConfiguration"`
		Rules   []struct {
			Algorithm string `xml:"ApplyServerSideEncryptionByDefault>SSEAlgorithm"`
			Key       string `xml:"ApplyServerSideEncryptionByDefault>KMSMasterKeyID,omitempty"`
			BucketKey bool   `xml:"BucketKeyEnabled"`
			Blocked   *struct {
				Types []string `xml:"EncryptionType"`
			} `xml:"BlockedEncryptionTypes"`
		} `xml:"Rule"`
	}
	if xml.Unmarshal(body, &c) != nil || len(c.Rules) != 1 {
		return nil, malformedXML()
	}
	switch rule := c.Rules[0]; {
	case rule.Algorithm != "AES256":
		return nil, notImplemented("the default encryption %q is not implemented; AES256 is", rule.Algorithm)
	case rule.Key != "":
		return nil, invalidArgument("KMSMasterKeyID", rule.Key, "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse")
	case rule.Blocked != nil:
		return nil, notImplemented("blocking types of encryption is not implemented")
	}
	c.XMLName.Space = namespace
	return c, nil
}

func checkPublicAccess(body []byte) (any, error) {
	var c struct {
		XMLName               xml.Name `xml:"PublicAccessBlockConfiguration"`
		BlockPublicAcls       bool
		IgnorePublicAcls      bool
		BlockPublicPolicy     bool
		RestrictPublicBuckets bool
	}
	if xml.Unmarshal(body, &c) != nil {
		return nil, malformedXML()
	}
	c.XMLName.Space = namespace
	return c, nil
}

func checkOwnership(body []byte) (any, error) {
	var c struct {
		XMLName xml.Name `xml:"OwnershipControls"`
		Rules   []struct {
			ObjectOwnership string
		} `xml:"Rule"`
	}
	if xml.Unmarshal(body, &c) != nil || len(c.Rules) != 1 {
		return nil, malformedXML()
	}
	switch c.Rules[0].ObjectOwnership {
	case "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter":
	default:
		return nil, malformedXML()
	}
	c.XMLName.Space = namespace
	return c, nil
}

// Limits of a bucket's tags.
const (
	bucketTagsMax = 50
	tagKeyMax     = 128 // characters
	tagValueMax   = 256
)

func checkTagging(body []byte) (any, error) {
	var c struct {
		XMLName xml.Name `xml:"Tagging"`
		TagSet  struct {
			Tags []struct{ Key, Value string } `xml:"Tag"`
		}
	}
	if xml.Unmarshal(body, &c) != nil {
		return nil, malformedXML()
	}
	if len(c.TagSet.Tags) > bucketTagsMax {
		return nil, invalid("BadRequest", "Bucket tag count cannot be greater than %d", bucketTagsMax)
	}
	known := map[string]bool{}
	for _, tag := range c.TagSet.Tags {
		switch {
		case tag.Key == "" || utf8.RuneCountInString(tag.Key) > tagKeyMax:
			return nil, invalid("InvalidTag", "The TagKey you have provided is invalid")
		case strings.HasPrefix(tag.Key, "aws:"):
			return nil, invalid("InvalidTag", "System tags cannot be added/updated by requester")
		case utf8.RuneCountInString(tag.Value) > tagValueMax:
			return nil, invalid("InvalidTag", "The TagValue you have provided is invalid")
		case known[tag.Key]:
			return nil, invalid("InvalidTag", "Cannot provide multiple Tags with the same key")
		}
		known[tag.Key] = true
	}
	c.XMLName.Space = namespace
	return c, nil
}
