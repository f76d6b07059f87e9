package sitting

import (
	"dingkao/exam"
	"dingkao/exam/paper"
)

// Row is one sitting on a proctor's wall, or in an assessor's list.
type Row struct {
	Sitting     ID                 `json:"sitting"`
	Application exam.ApplicationID `json:"application"`
	Name        string             `json:"name"`
	Identity    string             `json:"identity"` // masked
	Institution string             `json:"institution"`
	Room        string             `json:"room"`     // as the candidate's terminal is configured; empty where it is not
	Terminal    string             `json:"terminal"` // which machine checked in, or holds the epoch
	Resit       bool               `json:"resit,omitempty"`
	State       State              `json:"state"`
	Epoch       Epoch              `json:"epoch"`
	Number      int                `json:"number"` // of the current question, from 1; 0 before opening
	Total       int                `json:"total"`
	Answered    int                `json:"answered"`
	Left        Span               `json:"left"`               // as the last entry received had it, less registry time since; 0 before opening
	Pending     int                `json:"pending"`            // orders that no entry of the terminal names yet
	Anomalies   int                `json:"anomalies"`          // of the clocks, and entries that do not count
	FocusLost   int                `json:"focusLost"`          // how often another window came to the front
	Checks      []Check            `json:"checks,omitempty"`   // of the check-in
	Vouched     bool               `json:"vouched,omitempty"`  // a proctor answers for who sits there
	Code        string             `json:"code,omitempty"`     // of a move that waits for its terminal: the candidate types it
	LastHeard   exam.Instant       `json:"lastHeard"`          // registry time of the last word of the terminal
	Orders      uint64             `json:"orders"`             // head of the orders: what an order must name
	HandedIn    exam.Instant       `json:"handedIn,omitempty"` // registry time at which the seal arrived
}

// Check is one line of the check-in: what was looked at on the candidate's PC.
type Check struct {
	Name   string `json:"name"`             // "disk", "clock", "network", "camera" …
	State  string `json:"state"`            // "ok", "warn", "failed", "none" (this PC cannot check it; a proctor vouches)
	Detail string `json:"detail,omitempty"` // one sentence: cause and remedy
}

// Filter narrows a proctor's wall. Zero fields do not narrow; the scope of the
// account narrows first, always.
type Filter struct {
	States []State `json:"states,omitempty"`
	Room   string  `json:"room,omitempty"`
	Text   string  `json:"text,omitempty"` // part of the name or of the identity number
	Offset int     `json:"offset,omitempty"`
	Limit  int     `json:"limit,omitempty"` // at most 2000; 0 means 200
}

// Page is a part of the wall, worst first: not heard of for long, then with
// something noticed, then the others by room and terminal.
type Page struct {
	Rows   []Row         `json:"rows"`
	Total  int           `json:"total"`
	Counts map[State]int `json:"counts,omitempty"` // within the scope and before the filter
	Now    exam.Instant  `json:"now"`              // registry time of the answer
}

// Command is an order as a proctor gives it, to one sitting, some or a room.
type Command struct {
	Act      Act      `json:"act"` // start, message, vouched, pause, resume, extra, move, terminated, absent
	Text     string   `json:"text,omitempty"`
	Extra    Span     `json:"extra,omitempty"` // extra: by order; start: by rule, for who has a right to more time
	Sittings []Target `json:"sittings"`        // at most 500
}

// Target names a sitting and the head of its orders as the proctor saw it; 0 in
// Orders takes it as it is (a start of the whole room).
type Target struct {
	Sitting ID     `json:"sitting"`
	Orders  uint64 `json:"orders,omitempty"`
}

// Outcome says how it went with one target: Kind is "" where it was done.
type Outcome struct {
	Sitting  ID        `json:"sitting"`
	Kind     exam.Kind `json:"kind,omitempty"`
	Sentence string    `json:"sentence,omitempty"`
	State    State     `json:"state,omitempty"` // afterwards
	Code     string    `json:"code,omitempty"`  // of a move
}

// Seat is what a candidate's terminal is told at the check-in, and whenever it asks.
type Seat struct {
	Sitting     ID                 `json:"sitting"`
	Application exam.ApplicationID `json:"application"`
	Resit       bool               `json:"resit,omitempty"`
	State       State              `json:"state"`
	Paper       paper.ID           `json:"paper"`
	Title       string             `json:"title"`
	Minutes     int                `json:"minutes"`
	Questions   int                `json:"questions"`
	// Epoch is the one that this terminal holds; 0: none, another one does or it
	// was not started yet.
	Epoch Epoch `json:"epoch"`
	// Sealed is the hash of the paper's cipher text, to be fetched ahead.
	Sealed exam.BlobHash `json:"sealed"`
	// Orders is the head of the orders.
	Orders uint64       `json:"orders"`
	Now    exam.Instant `json:"now"` // registry time of the answer
	// Held names the machine that holds the epoch where it is not this one.
	Held string `json:"held,omitempty"`
}
