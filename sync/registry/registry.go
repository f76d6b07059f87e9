// Package registry is the central registry's use cases: it receives what
// terminals append, lets reviewers decide, issues notices, and keeps the
// accounts and the audit log. It knows nothing of HTTP (httpapi) and nothing of
// SQL (sqlstore): whoever serves it hands it a Session, whoever stores for it
// implements [Store].
//
// What it promises:
//   - When a method returns without error, what it says is on disk.
//   - A stream has one order. An entry is judged by the rules in exam against
//     both streams of its dossier in the transaction that stores it; a second
//     writer gets a [ConflictError] with what it has not seen.
//   - Every right is checked in one function, may, by role and scope, and each
//     refusal stands in the audit log.
//   - The registry keeps decisions, not flags. The queue's rows are a projection
//     that RebuildProjections derives anew from the streams.
//   - Of a sitting, exactly one epoch is acknowledged, and of that one machine.
//     What is acknowledged counts, however late it came and whatever dies next.
//   - A drawn paper leaves sealed. Its key goes to the machine that holds the epoch,
//     from the start to the hand-in, and its answers go nowhere.
//   - A node holds no state of its own but the queues in front of the password hash
//     and of the journals, and what it has read and checks against the store:
//     many of them may stand on one store.
package registry

import (
	"context"
	"crypto/ed25519"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/certificate"
	"dingkao/sync/wire"
)

// Blobs keeps large things by their hash. A blob never changes.
type Blobs interface {
	// Put stores data under hash. When it returns, the blob is on disk; storing
	// the same blob again is no error.
	Put(ctx context.Context, hash exam.BlobHash, data []byte) error
	// Get reads a blob; the error is NotFound where there is none and Damaged
	// where it is not what its hash says.
	Get(ctx context.Context, hash exam.BlobHash) ([]byte, error)
	Has(ctx context.Context, hash exam.BlobHash) (bool, error)
	// Delete removes a blob; removing none is no error.
	Delete(ctx context.Context, hash exam.BlobHash) error
}

// Notary draws a notice and signs the file.
type Notary interface {
	// Draw draws the page. photoJPEG may be nil: no photo is printed.
	Draw(c certificate.Certificate, photoJPEG []byte, qrText string) ([]byte, error)
	// Sign puts the registry's signature on the file.
	Sign(pdf []byte) ([]byte, error)
}

// SigningKey signs receipts, QR texts and the audit checkpoint.
type SigningKey struct {
	KeyID   string // 1 to 64 signs
	Receipt ed25519.PrivateKey
}

// HashCost is what one password hash costs (argon2id). The zero value means
// 19 MiB, two passes, one lane.
type HashCost struct {
	MemoryKiB uint32
	Passes    uint32
	Lanes     uint8
	// AtOnce bounds the hashes computed at one time (0: one per core), Waiting
	// those that queue for it (0: 64 per core); past it a sign-in is answered
	// Unavailable at once.
	AtOnce, Waiting int
}

// Options are what a Registry is made of. Store, Blobs and Signing are required.
type Options struct {
	Store   Store
	Blobs   Blobs
	Signing SigningKey
	OldKeys []exam.PublicKey // keys in use before; what they signed still verifies
	// Notary draws and signs notices; nil: Issue answers Unavailable.
	Notary    Notary
	Clock     func() time.Time // nil: time.Now
	Name      string           // of the system, as About says it
	Version   string
	Support   string // telephone of the support, for the footer
	VerifyURL string // where QR codes lead; ends in a slash
	// RehearsalCaptcha, where set, is what every captcha asks for: four to
	// eight digits. For a rehearsal on loopback only; the server refuses it elsewhere.
	RehearsalCaptcha string
	Hash             HashCost
	// BlobQuota bounds the bytes that one account may have uploaded; 0: 64 MiB.
	BlobQuota int64
	// Log receives faults that no caller can be told; nil: dropped.
	Log func(message string, err error)
}

// Registry is the use cases. It is safe for use by many goroutines.
type Registry struct {
	opt      Options
	store    Store
	blobs    Blobs
	keys     []exam.PublicKey
	hasher   *hasher
	journals journals
	seats    seatCache  // what sittings come to; checked against the store's heads
	papers   paperCache // drawn papers, which never change
}

// Origin is where a sign-in comes from, for throttling and the audit.
type Origin struct {
	Address string // of the peer, without a port
	Agent   string // the program, as it calls itself
}

// Session is one who has signed in. Only Authenticate makes one.
type Session struct {
	Account exam.Account
	Hash    string       // of the token: hexadecimal SHA-256
	Expires exam.Instant // whatever happens
	Origin  Origin       // of the sign-in
}

// ConflictError refuses an append to a stream that has another head: its kind is
// Conflict. Tail is what the writer has not seen, from the first entry that
// differs from what it sent.
type ConflictError struct {
	Tail wire.Tail
	err  *exam.Error
}

func (e *ConflictError) Error() string { return e.err.Error() }
func (e *ConflictError) Unwrap() error { return e.err }

// BusyError refuses for now: its kind is Throttled or Unavailable.
type BusyError struct {
	RetryAfter time.Duration // how long to wait, at least
	err        *exam.Error
}

func (e *BusyError) Error() string { return e.err.Error() }
func (e *BusyError) Unwrap() error { return e.err }

// Verification is what the public page says of a notice.
type Verification struct {
	State VerificationState
	// Sentence is what it means, for the reader of the page.
	Sentence string
	// Certificate holds what the notice says, without the photo and with the
	// document number masked, wherever it stands (in the certificate number and
	// the qualification number too); zero where State is unknown.
	Certificate   certificate.Certificate
	RevokedAt     exam.Instant
	RevokedReason string // for anyone: where to ask. Why is told to the doctor alone
}

// VerificationState is valid, revoked or unknown.
type VerificationState string

const (
	VerifiedValid   VerificationState = "valid"   // 有效
	VerifiedRevoked VerificationState = "revoked" // 已撤销
	VerifiedUnknown VerificationState = "unknown" // 查无此通知书
)

// RosterRow is one row of a roster file.
type RosterRow struct {
	Line            int // in the file, for the report
	Province        string
	Identity        string
	Name            string
	Institution     string // its id, or its whole name within the province
	LicenceNo       string
	QualificationNo string
	Mobile          string
}

// RosterResult says how it went with one row.
type RosterResult struct {
	Line     int           `json:"line"`
	Result   string        `json:"result"` // "added", "updated", "unchanged", "refused"
	Sentence string        `json:"sentence,omitempty"`
	Doctor   exam.DoctorID `json:"doctor,omitempty"`
	// Application of the cycle in force; empty where the province has none.
	Application exam.ApplicationID `json:"application,omitempty"`
}

// NewUser is a member of staff to be added.
type NewUser struct {
	Province string // two digits; empty for an administrator of all provinces
	Login    string // 2 to 32 of a-z, 0-9 and "-_."
	Name     string
	Role     exam.Role          // not doctor: doctors come from the roster
	Office   exam.InstitutionID // required for institution, assessor and authority
}

// User is an account as administrators see it.
type User struct {
	exam.Account
	Disabled   bool         `json:"disabled"`
	Created    exam.Instant `json:"created"`
	LastSignIn exam.Instant `json:"lastSignIn,omitempty"`
}

// UserFilter narrows a list of users. Zero fields do not narrow.
type UserFilter struct {
	Province string
	Role     exam.Role
	Text     string // part of the name or the login
	After    exam.AccountID
	Limit    int // at most 1000; 0 means 100
}

// AuditReport is what AuditVerify found.
type AuditReport struct {
	Clean    bool     `json:"clean"`
	Entries  uint64   `json:"entries"`            // of the audit log
	Head     string   `json:"head"`               // hash of the last one
	Streams  int      `json:"streams"`            // checked
	Stored   int      `json:"stored"`             // entries of all streams
	Problems []string `json:"problems,omitempty"` // at most 100, one sentence each
}

// BackupReport says what a backup holds.
type BackupReport struct {
	Rows  map[string]int `json:"rows"` // by table
	Blobs int            `json:"blobs"`
	Bytes int64          `json:"bytes"` // of the file
	At    exam.Instant   `json:"at"`
}

// Stats are figures of the whole registry.
type Stats struct {
	Doctors      int                       `json:"doctors"`
	Accounts     int                       `json:"accounts"`
	Institutions int                       `json:"institutions"`
	Sessions     int                       `json:"sessions"` // not expired
	Streams      int                       `json:"streams"`
	Entries      int                       `json:"entries"`
	Blobs        int                       `json:"blobs"`
	BlobBytes    int64                     `json:"blobBytes"`
	Notices      int                       `json:"notices"` // in force
	States       map[application.State]int `json:"states"`  // dossiers of all cycles
}
