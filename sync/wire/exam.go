package wire

import (
	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
)

// Paths of the exam and of study. {…} is a path parameter.
const (
	PathBanks      = "/v1/banks"                  // GET → Banks: the open ones
	PathBank       = "/v1/banks/{bank}"           // GET → application/json: a paper.Bank in its one encoding; only open ones
	PathSeat       = "/v1/seat"                   // GET ?terminal= → sitting.Seat; NotFound before the check-in. POST CheckIn → sitting.Seat
	PathPapers     = "/v1/papers"                 // GET → Papers: for assessors and above
	PathSealed     = "/v1/papers/{paper}"         // GET → application/octet-stream: the sealed paper, for who has a seat with it
	PathKey        = "/v1/sittings/{sitting}/key" // POST KeyRequest → Key; Refused before the start, or where another terminal holds the epoch
	PathWall       = "/v1/sittings"               // POST sitting.Filter → sitting.Page
	PathCommand    = "/v1/orders"                 // POST sitting.Command → SittingOutcomes
	PathJournal    = "/v1/sittings/{sitting}"     // GET → Journal: for proctors and assessors
	PathStatistics = "/v1/papers/{paper}/items"   // GET → score.Study, for assessors and above; Refused while the paper may still be sat
	PathPractice   = "/v1/practice"               // GET → Devices: the doctor's own devices
)

// BankInfo is an open bank as a list shows it.
type BankInfo struct {
	ID        paper.BankID  `json:"id"`
	Name      string        `json:"name"`
	Questions int           `json:"questions"`
	Size      int           `json:"size"` // bytes
	Hash      exam.BlobHash `json:"hash"` // of its encoding: changes with every import
	Changed   exam.Instant  `json:"changed"`
}

// Banks answers the list of open banks.
type Banks struct {
	Banks []BankInfo `json:"banks"`
}

// StreamHead says how far a stream is at the registry.
type StreamHead struct {
	Stream Stream `json:"stream"`
	Seq    uint64 `json:"seq"`
	Hash   Hash   `json:"hash"`
}

// Devices lists the streams that a doctor's devices have written.
type Devices struct {
	Streams []StreamHead `json:"streams"`
}

// Papers lists the drawn papers of the cycles that staff may see.
type Papers struct {
	Papers []paper.Listed `json:"papers"`
}

// CheckIn takes a seat for the doctor who is signed in: it makes the sitting
// where there is none, and says that this terminal is where the candidate sits.
type CheckIn struct {
	Terminal string          `json:"terminal"` // the machine's id: the writer of its entries
	Name     string          `json:"name"`     // what people call the machine
	Room     string          `json:"room,omitempty"`
	Checks   []sitting.Check `json:"checks,omitempty"`
	// Code, after a move: what the proctor told the candidate. With it this
	// terminal gets the new epoch.
	Code string `json:"code,omitempty"`
}

// KeyRequest asks for the key of a sealed paper.
type KeyRequest struct {
	Terminal string        `json:"terminal"`
	Epoch    sitting.Epoch `json:"epoch"`
}

// Key opens a sealed paper.
type Key struct {
	Paper paper.ID `json:"paper"`
	Key   []byte   `json:"key"` // 32 bytes
	// Seed is the candidate's own: paper.Paper.Order makes the order of questions
	// and options from it.
	Seed paper.Seed   `json:"seed"`
	Now  exam.Instant `json:"now"`
}

// Journal is a sitting as its streams tell it, for people.
type Journal struct {
	Row    sitting.Row `json:"row"`
	Epochs [][]Entry   `json:"epochs"` // by epoch, from 1
	Orders []Entry     `json:"orders"`
}

// SittingOutcomes says how it went, target by target, in the order asked.
type SittingOutcomes struct {
	Outcomes []sitting.Outcome `json:"outcomes"`
}
