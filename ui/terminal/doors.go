package terminal

import (
	"context"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
)

// Entrance is what the sign-in screen needs (sync/station has it). All methods
// may be called from any goroutine and may block; screens call them in a job.
type Entrance interface {
	// About is what the registry says of itself; when it cannot be reached, what
	// it said last, together with an Unavailable error. With no word ever heard
	// it is the zero About.
	About(ctx context.Context) (exam.About, error)
	// Captcha asks for a new picture.
	Captcha(ctx context.Context) (exam.Captcha, error)
	// SignIn enters with the registry. Errors: WrongPassword, Throttled,
	// Unavailable (then CanEnterOffline tells whether EnterOffline may help).
	SignIn(ctx context.Context, c exam.Credentials) (Session, error)
	// CanEnterOffline says whether this doctor signed in on this PC before.
	CanEnterOffline(login string) bool
	// EnterOffline opens the local file with the password alone.
	EnterOffline(ctx context.Context, c exam.Credentials) (Session, error)
}

// Session is one doctor signed in. It is what the screens declare their own
// smaller parts of.
type Session interface {
	// Account is who signed in; MustChange means that the password comes first.
	Account() exam.Account
	// ChangePassword needs the line.
	ChangePassword(ctx context.Context, old, new string) error
	// Close signs out and stops everything that runs; what is pending stays on disk.
	Close(ctx context.Context) error

	// Enrolment is the newest state, from memory: cheap, never blocks.
	Enrolment() application.Enrolment
	// Line is the state of the line, from memory.
	Line() exam.Line
	// Watch calls f after any change of Enrolment, Line, Conflict or Place, from any
	// goroutine, until stop is called.
	Watch(f func()) (stop func())
	// Refresh asks the registry now rather than at the next turn.
	Refresh(ctx context.Context) error

	Editor
	Pictures
	Lookup
	Study
	Exam
}

// Editor is what the six steps need.
type Editor interface {
	// Draft is what was typed and not yet saved as a step: only the steps that
	// differ from what is saved are set. It survives a crash.
	Draft() application.Form
	// KeepDraft puts the typed steps on this PC's disk (the others stay as they
	// were). It returns at once; the newest value is on disk within moments.
	// Close waits for it.
	KeepDraft(part application.Form)
	// SaveStep makes the steps in part an entry. When it returns nil the entry is
	// on this PC's disk and the draft of those steps is gone; it goes to the
	// registry by itself. Errors: Refused, Invalid.
	SaveStep(ctx context.Context, part application.Form) error
	// Submit submits what is saved. It returns when the registry has
	// acknowledged it (nil), when the rules refuse it (Refused: nothing was
	// submitted), or with Unavailable: it is on this PC and goes out by itself.
	Submit(ctx context.Context) error
	// Withdraw takes the submission back; it needs the line.
	Withdraw(ctx context.Context) error
	// AskCorrection asks to change what was approved; it needs the line.
	AskCorrection(ctx context.Context, form application.Form, reason string) error
	Requests
	// Conflict is the clash of two terminals to be settled, or nil.
	Conflict() *application.Conflict
	// Settle ends the conflict: for each step in question, true keeps mine. The
	// error is Invalid where a step was left out.
	Settle(ctx context.Context, mine map[application.Step]bool) error
}

// Requests is what the general procedure lets a doctor ask for; both need the line.
// Errors: Refused, Invalid, Unavailable.
type Requests interface {
	// AskExemption asks to be let off the exam; the proofs are pictures that
	// AddPicture has made.
	AskExemption(ctx context.Context, reason string, proofs []exam.Blob) error
	// AskAppeal asks the authority to look at the result again.
	AskAppeal(ctx context.Context, reason string) error
}

// Pictures is what photo and proofs need.
type Pictures interface {
	// AddPicture decodes data (JPEG or PNG), bounds and re-encodes it, and keeps
	// it on this PC; it goes out before the entry that names it. Errors: Invalid
	// (not a picture, too small), TooLarge.
	AddPicture(ctx context.Context, name string, data []byte) (exam.Blob, error)
	// Picture is a picture's bytes (JPEG), from this PC or from the registry.
	Picture(ctx context.Context, h exam.BlobHash) ([]byte, error)
}

// Lookup is what the pickers and the result page need.
type Lookup interface {
	// Institutions searches the registry's list; what was found before can be
	// found again without the line. Errors: Unavailable.
	Institutions(ctx context.Context, q exam.InstitutionQuery) ([]exam.Institution, error)
	// NoticePDF is the signed notice. Kept on this PC once fetched.
	NoticePDF(ctx context.Context, n exam.Notice) ([]byte, error)
}

// Exam is what leads to the paper.
type Exam interface {
	// Place is the sitting at this terminal now, from memory.
	Place() sitting.Place
	// Look asks the registry how it stands, for a page that was just opened.
	Look(ctx context.Context) error
	// Probe looks at disk, network and clock.
	Probe(ctx context.Context) []sitting.Check
	// CheckIn takes the seat for this machine. Errors: Refused, with Field "code"
	// where a proctor's code is needed or wrong; Unavailable.
	CheckIn(ctx context.Context, checks []sitting.Check, code string) error
	// OpenPaper opens the paper: when it returns nil the time runs. Errors:
	// Refused before the start, Unavailable, Damaged.
	OpenPaper(ctx context.Context) error

	Answering
}

// Answering is what the paper needs. When a method returns nil, what it did is on
// this PC's disk. Errors: Refused (the rules, in a sentence), Internal (the disk,
// in a sentence; what stood before still stands).
type Answering interface {
	Answer(q paper.QuestionID, a paper.Answer) error
	Mark(q paper.QuestionID, on bool) error
	GoTo(q paper.QuestionID) error
	// Focus notes that another window came to the front, or that ours is back.
	Focus(lost bool) error
	// HandIn seals the answers for good.
	HandIn(ctx context.Context) error
}
