package application

import "dingkao/exam"

// Enrolment is all that a doctor's terminal knows of its doctor in the cycle in
// force: what the registry sent, and the dossier with the terminal's own
// entries folded in.
type Enrolment struct {
	Application exam.ApplicationID `json:"application"`
	Doctor      exam.Doctor        `json:"doctor"`
	Cycle       exam.Cycle         `json:"cycle"`
	Institution exam.Institution   `json:"institution"` // 主要执业机构
	Assessor    exam.Institution   `json:"assessor"`
	Authority   exam.Institution   `json:"authority"`
	Dossier     Dossier            `json:"dossier"`
	Notices     []exam.Notice      `json:"notices"` // newest first
}

// Filter narrows a reviewer's queue. Zero fields do not narrow; the scope of
// the account narrows first, always.
type Filter struct {
	States      []State            `json:"states,omitempty"`
	Correction  bool               `json:"correction,omitempty"` // only those with a correction to decide
	Exemption   bool               `json:"exemption,omitempty"`  // only those with an exemption to decide
	Appeal      bool               `json:"appeal,omitempty"`     // only those with an appeal to answer
	Procedure   Procedure          `json:"procedure,omitempty"`
	Institution exam.InstitutionID `json:"institution,omitempty"`
	// Overdue: only those who have not sat the exam although its window is over, and
	// whose exemption, if they asked for one, was answered: who may be absent.
	Overdue bool   `json:"overdue,omitempty"`
	Issued  string `json:"issued,omitempty"` // "yes", "no" or "": whether a notice is in force
	Text    string `json:"text,omitempty"`   // part of the name or of the identity number
	Sort    string `json:"sort,omitempty"`   // "submitted" (default), "name", "state"; "-" before it reverses
	Offset  int    `json:"offset,omitempty"`
	Limit   int    `json:"limit,omitempty"` // at most 500; 0 means 50
}

// Row is one dossier in a queue.
type Row struct {
	Application exam.ApplicationID `json:"application"`
	Doctor      exam.DoctorID      `json:"doctor"`
	Name        string             `json:"name"`
	Identity    string             `json:"identity"` // masked
	Institution string             `json:"institution"`
	Department  string             `json:"department"`
	Procedure   Procedure          `json:"procedure"`
	State       State              `json:"state"`
	Correction  bool               `json:"correction"`        // one is waiting
	Exemption   bool               `json:"exemption"`         // one is waiting
	Appeal      bool               `json:"appeal"`            // one is waiting
	Attempt     *Attempt           `json:"attempt,omitempty"` // the sitting that counts now
	Concluded   exam.Instant       `json:"concluded,omitempty"`
	Submitted   exam.Instant       `json:"submitted"`
	Changed     exam.Instant       `json:"changed"`          // the last entry of either stream
	On          uint64             `json:"on"`               // head of the doctor's stream: what a decision must name
	Notice      *exam.Notice       `json:"notice,omitempty"` // the one in force, or the last revoked
}

// Of is the row with all that the dossier says; whose it is, when it changed and
// its notice are left as they are.
func (r Row) Of(d Dossier) Row {
	r.State, r.Submitted, r.On, r.Concluded, r.Attempt = d.State, d.Submitted, d.OwnSeq, d.Concluded, nil
	r.Correction = d.Correction != nil && d.Correction.State == CorrectionAsked
	r.Exemption, r.Appeal = d.Exemption.Asked() && d.State == AwaitingExam, d.Appeal.Asked()
	r.Department, r.Procedure = "", ""
	if a := d.Attempt(); a != nil {
		last := *a
		r.Attempt = &last
	}
	if p := d.Form.Practice; p != nil {
		r.Department = p.Department
	}
	if c := d.Form.Choice; c != nil {
		r.Procedure = c.Procedure
	}
	return r
}

// Page is a part of a queue.
type Page struct {
	Rows   []Row         `json:"rows"`
	Total  int           `json:"total"`            // of all rows that pass the filter
	Counts map[State]int `json:"counts,omitempty"` // by state, within the scope and before the filter
}

// Case is one dossier as a reviewer opens it.
type Case struct {
	Enrolment
	Acts []Act `json:"acts"` // what this account may do now
}

// Decisions are the acts that people decide at a desk, in the order of the doctor's
// way. Which of them is possible is the machine's affair, and the registry's whose.
var Decisions = []Act{ActIncluded, ActTakenUp, ActApproved, ActReturned, ActCorrectionGranted, ActCorrectionRefused,
	ActExemptionGranted, ActExemptionRefused, ActConfirmed, ActVoided, ActAbsent, ActResitAdmitted, ActAppealGranted, ActAppealRefused}

// Decision is what a reviewer decides about one or many dossiers at once.
type Decision struct {
	Act     Act      `json:"act"`
	Reason  string   `json:"reason,omitempty"`
	Targets []Target `json:"targets"` // at most 500
}

// Target names a dossier and the head of its doctor's stream as the reviewer saw it.
type Target struct {
	Application exam.ApplicationID `json:"application"`
	On          uint64             `json:"on"`
	// Score, of confirmed: the digest of the score that the assessor saw. A score
	// moves without the doctor, and nobody shall confirm one unseen.
	Score string `json:"score,omitempty"`
}

// Outcome says how it went with one target: Kind is "" where it was done.
type Outcome struct {
	Application exam.ApplicationID `json:"application"`
	Kind        exam.Kind          `json:"kind,omitempty"`
	Sentence    string             `json:"sentence,omitempty"`
	State       State              `json:"state,omitempty"` // afterwards
	Serial      exam.Serial        `json:"serial,omitempty"`
}

// Difference is one field that two terminals filled differently (see Conflict).
type Difference struct {
	Step         Step
	Field, Label string
	Mine, Theirs string // as people read them
}

// Conflict is a clash of two terminals over one dossier: both changed the same
// steps since their last common entry. Nothing of either is lost: Theirs is at
// the registry, Mine is kept on this PC until the doctor has chosen.
type Conflict struct {
	Theirs      Form // the dossier's form at the registry
	Mine        Form // only the steps in question
	At          exam.Instant
	Differences []Difference
}
