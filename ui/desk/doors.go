package desk

import (
	"context"
	"image"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/score"
	"dingkao/exam/sitting"
)

// Entrance is what the sign-in screen needs (sync/client has it, joined in
// cmd/desk). Methods may block; screens call them in a job.
type Entrance interface {
	About(ctx context.Context) (exam.About, error)
	Captcha(ctx context.Context) (exam.Captcha, error)
	// SignIn errors: WrongPassword, Throttled, Unavailable, Forbidden (a doctor).
	SignIn(ctx context.Context, c exam.Credentials) (Session, error)
}

// Session is one member of staff signed in.
type Session interface {
	Account() exam.Account
	ChangePassword(ctx context.Context, old, new string) error
	Close(ctx context.Context) error
	Queue
	CaseFile
	Notices
	Proctoring
	Statistics
}

// Queue is what the list of dossiers needs.
type Queue interface {
	// Rows is a page of the dossiers within this account's scope.
	Rows(ctx context.Context, f application.Filter) (application.Page, error)
	// Decide decides one or many at once. An outcome stands for each target: one
	// that fails stops none of the others. Acts: application.Decisions.
	Decide(ctx context.Context, d application.Decision) ([]application.Outcome, error)
	// Institutions, for the filter.
	Institutions(ctx context.Context, q exam.InstitutionQuery) ([]exam.Institution, error)
}

// CaseFile is what one open dossier needs.
type CaseFile interface {
	Case(ctx context.Context, id exam.ApplicationID) (application.Case, error)
	// Identity is the whole document number; asking for it is audited.
	Identity(ctx context.Context, id exam.ApplicationID) (string, error)
	Picture(ctx context.Context, h exam.BlobHash) ([]byte, error)
	Decide(ctx context.Context, d application.Decision) ([]application.Outcome, error)
}

// Notices is what the issuing authority needs.
type Notices interface {
	Issue(ctx context.Context, targets []application.Target) ([]application.Outcome, error)
	Revoke(ctx context.Context, s exam.Serial, reason string) error
	NoticePDF(ctx context.Context, s exam.Serial) ([]byte, error)
}

// Proctoring is what the wall of a room and its seats need (监考).
type Proctoring interface {
	// Wall is a part of the wall within this account's scope, worst first.
	Wall(ctx context.Context, f sitting.Filter) (sitting.Page, error)
	// Command gives an order to one sitting or many. An outcome stands for each
	// target: one that fails stops none of the others.
	Command(ctx context.Context, c sitting.Command) ([]sitting.Outcome, error)
	// Journal is one sitting with all that its streams say. Errors: NotFound, Damaged.
	Journal(ctx context.Context, id sitting.ID) (sitting.Journal, error)
}

// Statistics is what 试题分析 needs.
type Statistics interface {
	// Papers are the drawn papers that this account may see, newest first.
	Papers(ctx context.Context) ([]paper.Listed, error)
	// Statistics is what the results say about a paper's questions. Errors: Refused
	// while it may still be sat.
	Statistics(ctx context.Context, id paper.ID) (score.Study, error)
}

// Desktop is what the screens need of the PC itself. cmd/desk has it. Every
// error carries a sentence for people.
type Desktop interface {
	// WriteFile writes a file whole or not at all, and answers where it lies.
	WriteFile(path string, data []byte) (string, error)
	// Documents is the folder where saving begins.
	Documents() string
	// Open shows a PDF in the system's own reader.
	Open(ctx context.Context, name string, pdf []byte) error
	// Draw is the first page as a picture. Error: NotFound where this PC has
	// nothing that draws a PDF.
	Draw(ctx context.Context, pdf []byte) (image.Image, error)
}
