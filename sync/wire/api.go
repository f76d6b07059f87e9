package wire

import (
	"encoding/json"
	"errors"

	"dingkao/exam"
	"dingkao/exam/application"
)

// Version is the version of this protocol: terminals send it, the registry
// refuses what it cannot read.
const Version = "1"

// Paths of the registry's API. {…} is a path parameter.
const (
	PathAbout        = "/v1/about"                        // GET → exam.About; anyone
	PathCaptcha      = "/v1/captcha"                      // POST → exam.Captcha; anyone
	PathSignIn       = "/v1/sign-in"                      // POST exam.Credentials → SignedIn; anyone
	PathSignOut      = "/v1/sign-out"                     // POST
	PathPassword     = "/v1/password"                     // POST PasswordChange
	PathMe           = "/v1/me"                           // GET → exam.Account
	PathEnrolment    = "/v1/enrolment"                    // GET → Enrolment; the doctor's own
	PathEntries      = "/v1/entries"                      // GET ?stream=&after= → Tail; POST Append → Appended
	PathBlob         = "/v1/blobs/{hash}"                 // PUT, GET, HEAD
	PathInstitutions = "/v1/institutions"                 // GET ?division=&name=&limit= → Institutions
	PathQueue        = "/v1/queue"                        // POST application.Filter → application.Page
	PathCase         = "/v1/cases/{application}"          // GET → application.Case
	PathCaseNumber   = "/v1/cases/{application}/identity" // GET → Identity: the whole number, audited
	PathDecisions    = "/v1/decisions"                    // POST application.Decision → Outcomes
	PathIssue        = "/v1/notices"                      // POST Issue → Outcomes
	PathRevoke       = "/v1/notices/{serial}/revoke"      // POST Reason
	PathNoticePDF    = "/v1/notices/{serial}/pdf"         // GET → application/pdf
	PathVerify       = "/verify/{token}"                  // GET → a public page
	PathHealth       = "/healthz"                         // GET
	PathOpenAPI      = "/openapi.json"
)

// SignedIn answers a sign-in. Token is an opaque session token: it stands in
// the Authorization header ("Bearer …") and is stored hashed at the registry.
type SignedIn struct {
	Token   string       `json:"token"`
	Expires exam.Instant `json:"expires"`
	Account exam.Account `json:"account"`
}

// PasswordChange is the old password and the new.
type PasswordChange struct {
	Old string `json:"old"`
	New string `json:"new"`
}

// Enrolment is what the registry knows of the doctor's cycle. The dossier in it
// is the registry's fold; a terminal folds the tails itself.
type Enrolment struct {
	application.Enrolment
	OwnHead    Hash `json:"ownHead"`
	ReviewHead Hash `json:"reviewHead"`
}

// Append asks to add entries to one stream: canonical encodings, in order,
// without a gap, at most MostAppend.
type Append struct {
	Entries []json.RawMessage `json:"entries"`
}

// MostAppend bounds the entries of one request.
const MostAppend = 200

// Appended answers an append, also one that was delivered before.
type Appended struct {
	Receipt Receipt `json:"receipt"`
}

// Tail is the part of a stream behind a seq, and a receipt for its head.
type Tail struct {
	Entries []json.RawMessage `json:"entries"`
	Receipt *Receipt          `json:"receipt,omitempty"` // nil: the stream is empty
}

// Institutions answers a search.
type Institutions struct {
	Institutions []exam.Institution `json:"institutions"`
}

// Outcomes says how it went, target by target, in the order asked.
type Outcomes struct {
	Outcomes []application.Outcome `json:"outcomes"`
}

// Issue asks to issue notices for dossiers (at most 500).
type Issue struct {
	Targets []application.Target `json:"targets"`
}

// Reason is why, at most application.MostReason characters.
type Reason struct {
	Reason string `json:"reason"`
}

// Identity is a document number in full, for one who may see it.
type Identity struct {
	Identity string `json:"identity"`
}

// Problem is an error on the line (RFC 9457, application/problem+json). Code is
// the exam.Kind; Detail is the sentence for people.
type Problem struct {
	Type   string    `json:"type"`
	Title  string    `json:"title"`
	Status int       `json:"status"`
	Detail string    `json:"detail"`
	Code   exam.Kind `json:"code"`
	Field  string    `json:"field,omitempty"`
	// Tail, of a conflicting append: what the writer has not seen.
	Tail *Tail `json:"tail,omitempty"`
	// RetryAfter is how long to wait, in seconds, where waiting helps.
	RetryAfter int `json:"retryAfter,omitempty"`
}

// statuses is the HTTP status of each kind; what is not in it is 500.
var statuses = map[exam.Kind]int{
	exam.Invalid: 400, exam.Unauthenticated: 401, exam.WrongPassword: 401, exam.MustChange: 403,
	exam.Forbidden: 403, exam.NotFound: 404, exam.Conflict: 409, exam.TooLarge: 413, exam.Refused: 422,
	exam.Throttled: 429, exam.Unavailable: 503, exam.Damaged: 500, exam.Internal: 500,
}

// Status is the HTTP status of the kind.
func Status(k exam.Kind) int {
	if s := statuses[k]; s != 0 {
		return s
	}
	return 500
}

// ProblemOf is err as it goes on the line: kind and sentence, never what lay under it.
func ProblemOf(err error) Problem {
	k := exam.KindOf(err)
	p := Problem{Type: "about:blank", Title: string(k), Status: Status(k), Detail: exam.SentenceOf(err), Code: k}
	if e, ok := asError(err); ok {
		p.Field = e.Field
	}
	return p
}

// Err is the problem as an error again.
func (p Problem) Err() error {
	k := p.Code
	if k == "" {
		k = exam.Internal
	}
	return &exam.Error{Kind: k, Sentence: p.Detail, Field: p.Field}
}

func asError(err error) (*exam.Error, bool) {
	var e *exam.Error
	ok := errors.As(err, &e)
	return e, ok
}
