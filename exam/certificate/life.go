package certificate

import (
	"strings"

	"dingkao/exam"
)

// State is where a notice stands.
type State string

const (
	// None is a stream without entries. The authority acts next: reserve.
	None State = ""
	// Reserved: number and facts are fixed, the file does not stand yet. The
	// registry acts next: draw, sign, store, issue; after a crash too.
	Reserved State = "reserved"
	// Valid: the file stands and the doctor can print it (有效). Only the
	// authority can end it.
	Valid State = "valid"
	// Revoked: the end (已撤销). Nobody acts; a new notice has another serial.
	Revoked State = "revoked"
)

// States are all states, in the order of life.
var States = []State{None, Reserved, Valid, Revoked}

// Text is the state in Chinese.
func (s State) Text() string {
	switch s {
	case Reserved:
		return "签发中"
	case Valid:
		return "有效"
	case Revoked:
		return "已撤销"
	}
	return "未签发"
}

// EntryType says what an entry of certificate/<serial> reports.
type EntryType string

const (
	EntryReserved EntryType = "reserved" // the intent, with all facts
	EntryIssued   EntryType = "issued"   // the signed file stands
	EntryRevoked  EntryType = "revoked"  // the notice, or the intent, was given up
)

// EntryTypes are all entry types.
var EntryTypes = []EntryType{EntryReserved, EntryIssued, EntryRevoked}

// Entry is one entry of the stream certificate/<serial>. By and At are set on
// each; the rest by type, as the fields say.
type Entry struct {
	Type        EntryType      `json:"type"`
	At          exam.Instant   `json:"at"`
	By          exam.AccountID `json:"by"`                    // who decided; issued: who reserved
	ByName      string         `json:"byName,omitempty"`      // as shown to people
	Certificate *Certificate   `json:"certificate,omitempty"` // reserved
	QR          string         `json:"qr,omitempty"`          // reserved: the signed text, so that a redrawn file is the same
	PDF         exam.BlobHash  `json:"pdf,omitempty"`         // issued: the signed file, stored before this entry
	Reason      string         `json:"reason,omitempty"`      // revoked: at most 200 characters
}

// Record is the fold of one stream: the notice as it stands. The zero value is
// the empty stream.
type Record struct {
	State         State          `json:"state"`
	Certificate   Certificate    `json:"certificate"`
	QR            string         `json:"qr,omitempty"`
	ReservedAt    exam.Instant   `json:"reservedAt,omitempty"`
	ReservedBy    exam.AccountID `json:"reservedBy,omitempty"`
	PDF           exam.BlobHash  `json:"pdf,omitempty"` // kept after revocation
	IssuedAt      exam.Instant   `json:"issuedAt,omitempty"`
	RevokedAt     exam.Instant   `json:"revokedAt,omitempty"`
	RevokedBy     exam.AccountID `json:"revokedBy,omitempty"`
	RevokedByName string         `json:"revokedByName,omitempty"`
	RevokedReason string         `json:"revokedReason,omitempty"`
}

// moves is the whole machine. What it does not list is refused.
var moves = map[State]map[EntryType]State{
	None:     {EntryReserved: Reserved},
	Reserved: {EntryIssued: Valid, EntryRevoked: Revoked},
	Valid:    {EntryRevoked: Revoked},
	Revoked:  {},
}

// Next is the state after an entry of type t in s; false where the machine has
// no such move.
func Next(s State, t EntryType) (State, bool) {
	to, ok := moves[s][t]
	return to, ok
}

// Apply folds one entry into r and returns the new record; r is never changed.
// The error is Refused where the state does not allow the entry, Invalid where
// the entry lacks what its type needs; the record is then returned as it was.
func Apply(r Record, e Entry) (Record, error) {
	to, ok := Next(r.State, e.Type)
	if !ok {
		return r, refuse(r.State, e.Type)
	}
	if e.At <= 0 || e.By == "" {
		return r, exam.Errorf(exam.Invalid, "通知书的记录缺少时间或经办人，没有保存")
	}
	n := r
	switch e.Type {
	case EntryReserved:
		if e.Certificate == nil {
			return r, exam.Errorf(exam.Invalid, "通知书的记录缺少内容，没有保存")
		}
		if err := e.Certificate.Validate(); err != nil {
			return r, err
		}
		n.Certificate = *e.Certificate
		n.Certificate.Scopes = append([]string(nil), e.Certificate.Scopes...)
		n.QR, n.ReservedAt, n.ReservedBy = e.QR, e.At, e.By
	case EntryIssued:
		if e.PDF == "" || !e.PDF.Valid() {
			return r, exam.Errorf(exam.Invalid, "通知书的文件没有保存好，还不能签发，请重试")
		}
		n.PDF, n.IssuedAt = e.PDF, e.At
	case EntryRevoked:
		reason := strings.TrimSpace(e.Reason)
		if reason == "" || len([]rune(reason)) > 200 {
			return r, &exam.Error{Kind: exam.Invalid, Field: "reason", Sentence: "请填写撤销原因（不超过200字）;通知书没有改动"}
		}
		n.RevokedAt, n.RevokedBy, n.RevokedByName, n.RevokedReason = e.At, e.By, e.ByName, reason
	}
	n.State = to
	return n, nil
}

func refuse(s State, t EntryType) error {
	switch {
	case t == EntryRevoked && s == Revoked:
		return exam.Errorf(exam.Refused, "该通知书此前已经撤销，没有重复撤销")
	case t == EntryRevoked:
		return exam.Errorf(exam.Refused, "该通知书还没有签发，不需要撤销")
	case s == Revoked:
		return exam.Errorf(exam.Refused, "该通知书已经撤销，不能再改动；如需通知书，请重新签发")
	case s == Valid:
		return exam.Errorf(exam.Refused, "该通知书已经签发，没有重复签发")
	case t == EntryReserved:
		return exam.Errorf(exam.Refused, "该通知书正在签发，请稍候再查看")
	}
	return exam.Errorf(exam.Refused, "该通知书现在不能进行这一步，没有改动")
}

// Fold applies entries in order, from the empty record. It stops at the first
// that is refused and returns what stood before it.
func Fold(entries []Entry) (Record, error) {
	var r Record
	for _, e := range entries {
		n, err := Apply(r, e)
		if err != nil {
			return r, err
		}
		r = n
	}
	return r, nil
}

// Notice is the record as lists show it.
func (r Record) Notice() exam.Notice {
	return exam.Notice{
		Serial: r.Certificate.Serial, Application: r.Certificate.Application, Number: r.Certificate.Number,
		IssuedAt: r.IssuedAt, IssuedBy: r.Certificate.Authority, PDF: r.PDF,
		RevokedAt: r.RevokedAt, RevokedReason: r.RevokedReason,
	}
}
