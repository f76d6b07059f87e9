package registry

import (
	"context"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/certificate"
	"dingkao/exam/paper"
	"dingkao/sync/wire"
)

// Store keeps everything but the blobs' bytes. Texts handed to it are valid
// UTF-8 without NUL: the registry has checked them, because SQLite would take
// what PostgreSQL refuses. Lists are bounded by the limit asked for.
//
// A lookup of what is not there gives an error of kind NotFound.
type Store interface {
	// View runs f on one consistent snapshot. f may not keep the Reader.
	View(ctx context.Context, f func(Reader) error) error
	// Update runs f in one transaction, as if no other ran at the same time.
	// When it returns nil, everything f wrote is on disk; when it returns an
	// error, nothing is. f may be run again from the start, so it must set what
	// it hands out anew each time.
	Update(ctx context.Context, f func(Tx) error) error
	// Export hands out every row that a backup holds, table by table, from one
	// snapshot. Sessions, captchas and counters of failures stay behind. begin
	// is called with the snapshot before the first row.
	Export(ctx context.Context, begin func(Reader) error, row func(table string, row []byte) error) error
	// Import writes rows that an Export handed out, in one transaction. The
	// error is Refused where the store is not empty. next ends with io.EOF.
	Import(ctx context.Context, next func() (table string, row []byte, err error)) error
	Close() error
}

// Reader reads within one transaction.
type Reader interface {
	StreamReader
	AccountReader
	RosterReader
	DossierReader
	NoticeReader
	BlobReader
	AuditReader
	ExamReader
	BankReader
	Totals(now exam.Instant) (Stats, error)
}

// Tx reads and writes within one transaction.
type Tx interface {
	Reader
	StreamWriter
	AccountWriter
	RosterWriter
	DossierWriter
	NoticeWriter
	BlobWriter
	AuditWriter
	ExamWriter
	BankWriter
}

// StoredEntry is one entry of a stream as it rests in the store.
type StoredEntry struct {
	Stream   wire.Stream
	Seq      uint64
	Hash     wire.Hash
	Received exam.Instant // registry time of the transaction that took it in
	Raw      []byte
}

// Head is the last entry of a stream without its text. The zero value is an
// empty stream.
type Head struct {
	Stream   wire.Stream
	Seq      uint64
	Hash     wire.Hash
	Received exam.Instant
}

// StreamReader reads streams.
type StreamReader interface {
	Head(stream wire.Stream) (Head, error) // no error for an empty stream
	Entries(stream wire.Stream, after uint64, limit int) ([]StoredEntry, error)
	// Streams lists the heads of all streams in a fixed order, behind one name.
	Streams(after wire.Stream, limit int) ([]Head, error)
}

// StreamWriter writes streams.
type StreamWriter interface {
	// AppendEntry stores e and makes it the head. The error is Conflict where
	// e.Seq is not the next.
	AppendEntry(e StoredEntry) error
}

// AccountRecord is an account with its secret.
type AccountRecord struct {
	exam.Account
	Password   string // encoded hash; empty: the first password, never changed
	Disabled   bool
	Created    exam.Instant
	LastSignIn exam.Instant
}

// SessionRecord is a session in the store.
type SessionRecord struct {
	Hash    string
	Account exam.AccountID
	Created exam.Instant
	Seen    exam.Instant
	Expires exam.Instant
	Origin  Origin
}

// CaptchaRecord is a captcha that waits for its answer.
type CaptchaRecord struct {
	ID      string
	Text    string
	Expires exam.Instant
}

// Failures counts failed sign-ins under one key since an instant.
type Failures struct {
	Count int
	Since exam.Instant
}

// AccountReader reads accounts, sessions and what guards the sign-in.
type AccountReader interface {
	Account(id exam.AccountID) (AccountRecord, error)
	// AccountByLogin finds the account with this login in the province.
	AccountByLogin(province, login string) (AccountRecord, error)
	// AccountsByLogin lists the accounts with this login in any province.
	AccountsByLogin(login string, limit int) ([]AccountRecord, error)
	Accounts(f UserFilter) ([]AccountRecord, error)
	Session(hash string) (SessionRecord, error)
	Failures(key string) (Failures, error) // zero where there are none
}

// AccountWriter writes accounts, sessions and what guards the sign-in.
type AccountWriter interface {
	// PutAccount adds or replaces an account. The error is Conflict where
	// another account has this login in the province.
	PutAccount(a AccountRecord) error
	PutSession(s SessionRecord) error
	TouchSession(hash string, seen exam.Instant) error
	DeleteSession(hash string) error
	// DeleteSessions ends an account's sessions but one.
	DeleteSessions(account exam.AccountID, but string) error
	PutCaptcha(c CaptchaRecord) error
	// TakeCaptcha removes and returns a captcha.
	TakeCaptcha(id string) (CaptchaRecord, error)
	PutFailures(key string, f Failures) error
	// DeleteStale removes sessions and captchas that have expired and counters
	// that began before the instant given.
	DeleteStale(now, countersBefore exam.Instant) error
}

// ApplicationRecord ties a dossier's opaque id to a doctor and a cycle.
type ApplicationRecord struct {
	ID     exam.ApplicationID
	Doctor exam.DoctorID
	Cycle  exam.CycleID
}

// RosterReader reads provinces, offices, cycles, doctors and their dossiers' ids.
type RosterReader interface {
	Provinces() ([]exam.Province, error)
	Institution(id exam.InstitutionID) (exam.Institution, error)
	Institutions(q exam.InstitutionQuery) ([]exam.Institution, error)
	// InstitutionsNamed lists the offices of this kind with exactly this name
	// in the province.
	InstitutionsNamed(province string, kind exam.OfficeKind, name string) ([]exam.Institution, error)
	// Authority is the first authority of the province.
	Authority(province string) (exam.Institution, error)
	Cycle(id exam.CycleID) (exam.Cycle, error)
	Cycles() ([]exam.Cycle, error)
	Doctor(id exam.DoctorID) (exam.Doctor, error)
	DoctorByIdentity(province string, identity exam.Identity) (exam.Doctor, error)
	Doctors(province string, after exam.DoctorID, limit int) ([]exam.Doctor, error)
	Application(id exam.ApplicationID) (ApplicationRecord, error)
	ApplicationOf(doctor exam.DoctorID, cycle exam.CycleID) (ApplicationRecord, error)
	ApplicationsOf(doctor exam.DoctorID) ([]ApplicationRecord, error)
	Applications(after exam.ApplicationID, limit int) ([]ApplicationRecord, error)
}

// RosterWriter writes them.
type RosterWriter interface {
	PutProvince(p exam.Province) error
	PutInstitution(i exam.Institution) error
	PutCycle(c exam.Cycle) error
	PutDoctor(d exam.Doctor) error
	PutApplication(a ApplicationRecord) error
}

// DossierRow is one row of the projection that the queue reads.
type DossierRow struct {
	application.Row
	Cycle         exam.CycleID
	Province      string
	InstitutionID exam.InstitutionID
	Assessor      exam.InstitutionID
	Document      string // the identity number in full, for searching only
	NameKey       string // hexadecimal; sorts names by pinyin
}

// QueueScope narrows a queue to what an account may see. Empty fields do not narrow.
type QueueScope struct {
	Province    string
	Institution exam.InstitutionID
	Assessor    exam.InstitutionID
	Cycles      []exam.CycleID // only these; none: nothing is seen
}

// DossierReader reads the projection.
type DossierReader interface {
	Queue(s QueueScope, f application.Filter) (application.Page, error)
	DossierRow(id exam.ApplicationID) (DossierRow, error)
}

// DossierWriter writes the projection.
type DossierWriter interface {
	PutDossierRow(r DossierRow) error
	DeleteDossierRows() error // all of them, before a rebuild
}

// NoticeRecord is the index row of one notice; its facts are in its stream.
type NoticeRecord struct {
	Serial      exam.Serial
	Application exam.ApplicationID
	Number      string
	Document    string
	State       certificate.State
	Reserved    exam.Instant
}

// NoticeReader reads the index of notices.
type NoticeReader interface {
	Notice(serial exam.Serial) (NoticeRecord, error)
	NoticesOf(application exam.ApplicationID) ([]NoticeRecord, error) // newest first
	// NumbersOf lists the certificate numbers given out for a document.
	NumbersOf(document string) ([]string, error)
	// ReservedNotices lists those whose issuing has not ended, oldest first.
	ReservedNotices(limit int) ([]NoticeRecord, error)
}

// NoticeWriter writes the index of notices.
type NoticeWriter interface {
	// PutNotice adds or replaces a row. The error is Conflict where the number
	// is taken, or where the dossier has another notice that is not revoked.
	PutNotice(n NoticeRecord) error
}

// BlobReader reads the index of blobs.
type BlobReader interface {
	// Uploaded says whether the account has uploaded the blob.
	Uploaded(hash exam.BlobHash, account exam.AccountID) (bool, error)
	UploadedBytes(account exam.AccountID) (int64, error)
	// BlobUses lists the dossiers that name the blob.
	BlobUses(hash exam.BlobHash, limit int) ([]exam.ApplicationID, error)
	BlobUsed(hash exam.BlobHash, application exam.ApplicationID) (bool, error)
	// AllBlobs lists every blob known, in order, behind one.
	AllBlobs(after exam.BlobHash, limit int) ([]exam.BlobHash, error)
}

// BlobWriter writes the index of blobs.
type BlobWriter interface {
	PutBlob(hash exam.BlobHash, size int, at exam.Instant) error
	PutUpload(hash exam.BlobHash, account exam.AccountID, size int, at exam.Instant) error
	PutBlobUse(hash exam.BlobHash, application exam.ApplicationID) error
}

// AuditEntry is one line of the audit log. Hash covers all other fields.
type AuditEntry struct {
	Seq     uint64
	At      exam.Instant
	Account exam.AccountID // empty: the operator at the registry itself
	Name    string
	Role    exam.Role
	Address string
	Action  string
	Target  string
	Result  string // "done", or the kind of the refusal
	Detail  string // never a whole identity number, never a secret
	Prev    string
	Hash    string
}

// Checkpoint is the registry's signed word about the audit log's head.
type Checkpoint struct {
	Seq  uint64
	Hash string
	At   exam.Instant
	Key  string
	Sig  string // Ed25519, hexadecimal
}

// AuditReader reads the audit log.
type AuditReader interface {
	AuditEntries(after uint64, limit int) ([]AuditEntry, error)
	Checkpoint() (Checkpoint, error) // zero where there is none
}

// AuditWriter writes it.
type AuditWriter interface {
	PutAudit(e AuditEntry) error
	PutCheckpoint(c Checkpoint) error
}

// MostBanks bounds how many question banks there are.
const MostBanks = 500

// MostDevices bounds on how many devices one doctor may practise.
const MostDevices = 32

// BankRecord is a question bank as it rests in the store.
type BankRecord struct {
	ID        paper.BankID
	Name      string
	Open      bool // for practice: terminals may have it, answers and all
	Questions int
	Size      int           // of Body, in bytes
	Hash      exam.BlobHash // of Body
	Body      []byte        // paper.EncodeBank; nil in lists
	Changed   exam.Instant
}

// BankReader reads question banks, and where doctors practise.
type BankReader interface {
	// Banks lists all banks in the order of their ids, without their bodies.
	Banks() ([]BankRecord, error)
	Bank(id paper.BankID) (BankRecord, error)
	// Devices lists the devices on which the doctor has practised, in order.
	Devices(doctor exam.DoctorID) ([]string, error)
}

// BankWriter writes them.
type BankWriter interface {
	// PutBank adds or replaces a bank.
	PutBank(b BankRecord) error
	// PutDevice notes a device; again is no error.
	PutDevice(doctor exam.DoctorID, device string) error
}
