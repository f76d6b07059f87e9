package registry

import (
	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/score"
	"dingkao/exam/sitting"
)

// PaperRecord is a drawn paper with everything that belongs to it. Sealed is all
// of it that ever leaves the registry before the start; Key opens it; Encoded
// and Answers leave by no route at all.
type PaperRecord struct {
	ID        paper.ID
	Cycle     exam.CycleID
	Title     string
	Minutes   int
	Questions int
	Sealed    []byte        // cipher text, nonce first
	Hash      exam.BlobHash // of Sealed
	Key       []byte        // wire.KeySize bytes
	Encoded   []byte        // paper.Encode
	Answers   paper.Key
	Rules     score.Rules // what was decided about it since
	Seed      paper.Seed  // of the draw
	Created   exam.Instant
}

// SittingRecord is what no stream says about a sitting: whose it is, which paper
// it was given, and where the candidate sits.
type SittingRecord struct {
	ID          sitting.ID
	Application exam.ApplicationID
	Cycle       exam.CycleID
	Paper       paper.ID
	Seed        paper.Seed // of the candidate's order
	Resit       bool
	Made        exam.Instant
	// The machine that checked in last, and the epoch that it holds; 0: none yet.
	Terminal string // its id
	Machine  string // what people call it
	Room     string
	Held     sitting.Epoch
	Tries    int // wrong codes of the pending move so far
	Checks   []sitting.Check
	Seen     exam.Instant // of the last check-in
	Released exam.Instant // when the key was first handed out; 0: never
}

// SittingRow is a sitting in the wall's projection.
type SittingRow struct {
	sitting.Row
	Cycle    exam.CycleID
	Province string
	Assessor exam.InstitutionID
	Paper    paper.ID
	Document string // the identity number in full, for searching only
	// Due: something is still to be done by the registry itself: to note the
	// beginning in the dossier, or to score.
	Due bool
	// Ends is the registry time from which the sitting is collected; 0: it does not run.
	Ends exam.Instant
}

// SittingScope narrows a wall to what an account may see. Empty fields do not narrow.
type SittingScope struct {
	Province string
	Assessor exam.InstitutionID
	Cycles   []exam.CycleID // only these; none: nothing is seen
}

// SheetRecord is a scoring sheet: what a sitting earned and all that led to it.
type SheetRecord struct {
	Digest  string // SHA-256 of Body, hexadecimal
	Sitting sitting.ID
	Paper   paper.ID
	At      exam.Instant
	Body    []byte
}

// ExamReader reads papers, sittings and scoring sheets.
type ExamReader interface {
	Paper(id paper.ID) (PaperRecord, error)
	// Papers lists the papers of a cycle, oldest first, or of all for "".
	Papers(cycle exam.CycleID) ([]PaperRecord, error)
	Sitting(id sitting.ID) (SittingRecord, error)
	// SittingsOf lists the sittings of a dossier, oldest first.
	SittingsOf(application exam.ApplicationID) ([]SittingRecord, error)
	// Sittings lists all, in the order of their ids, behind one.
	Sittings(after sitting.ID, limit int) ([]SittingRecord, error)
	// SittingsWith lists those that were given the paper, likewise.
	SittingsWith(p paper.ID, after sitting.ID, limit int) ([]SittingRecord, error)
	SittingRow(id sitting.ID) (SittingRow, error)
	// Wall is a page: those not heard of since stale and running first, then
	// those with something noticed, then by room and machine.
	Wall(s SittingScope, f sitting.Filter, stale exam.Instant) (sitting.Page, error)
	// Overdue lists the sittings that are due, or end at now or before.
	Overdue(now exam.Instant, limit int) ([]sitting.ID, error)
	Sheet(digest string) (SheetRecord, error)
}

// ExamWriter writes papers, sittings and scoring sheets.
type ExamWriter interface {
	// PutPaper adds a paper. The error is Conflict where its id is taken.
	PutPaper(p PaperRecord) error
	// PutRules changes what was decided about a paper.
	PutRules(id paper.ID, r score.Rules) error
	// PutSitting adds or replaces a sitting.
	PutSitting(s SittingRecord) error
	// PutSittingRow adds or replaces the row of a sitting.
	PutSittingRow(r SittingRow) error
	DeleteSittingRows() error // all of them, before a rebuild
	// PutSheet keeps a sheet; the same sheet again is no error.
	PutSheet(s SheetRecord) error
}
