// Package sitting is one candidate's attempt at one paper (参加测评): the machine
// that leads from the start to the hand-in, the ledger of its time, and the fold
// that derives both, the same at the terminal and at the registry.
//
// A sitting is one stream of orders (orders/<id>, written by the registry) and,
// for each epoch, one stream of what happened at the candidate's place
// (sitting/<id>/<epoch>, written by the one terminal that holds the epoch).
// Neither repeats the other, and either may be late. One order of all of them
// is the same at both ends whatever arrived first:
//
//   - Each entry of a terminal names the head of the orders that it had read
//     (Orders). An order stands right before the first entry that names it, and
//     behind all entries while none does: a pause begins when the candidate's
//     screen obeys it, not when a message that could not be delivered was written.
//   - An order that ends an epoch (move, terminated) is a fence. It names how
//     far the registry had acknowledged the epoch (Ack); what stands behind that
//     never counts, whatever its own time says, because by then another terminal
//     may be writing. So exactly one epoch can be acknowledged at a time.
//   - An order that no longer fits where it stands (a pause behind a hand-in
//     that was still on its way) is void. It is kept and named, and changes nothing.
//
// Time is the [Ledger]'s: monotonic time, tied to registry time by anchors. The
// PC's clock is recorded and never used. An entry is judged by what its journal
// says up to that place, so what was in time stays in time, however late the
// journal arrives and whatever becomes known later.
//
// Who may give which order is the registry's to judge; whether hashes and
// signatures hold is the wire's. What a right answer is, nobody here knows.
package sitting

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"dingkao/exam"
	"dingkao/exam/paper"
)

// ID names a sitting, for good.
type ID = exam.SittingID

// Epoch counts the terminals that a sitting was given to, from 1. 0: none yet.
type Epoch uint64

// Span is a length of time in microseconds.
type Span int64

// The spans in which rules are written.
const (
	Second Span = 1_000_000
	Minute      = 60 * Second
)

// SpanOf converts d, cutting below the microsecond.
func SpanOf(d time.Duration) Span { return Span(d.Microseconds()) }

// Duration converts back.
func (s Span) Duration() time.Duration { return time.Duration(s) * time.Microsecond }

// Text is minutes and seconds, 59:56, rounded up: 00:00 is shown when nothing is
// left and not a second before.
func (s Span) Text() string {
	n := (max(s, 0) + Second - 1) / Second
	return fmt.Sprintf("%02d:%02d", n/60, n%60)
}

// Reading is what the clocks of a PC say at one moment.
type Reading struct {
	Boot string       `json:"boot"` // which start of the PC's system; 1 to 64 signs
	Mono Span         `json:"mono"` // since that start, suspended time included
	Wall exam.Instant `json:"wall"` // the PC's clock: for the record only
}

// Bounds of what a clock may say, so that no sum of them can overflow.
const (
	mostMono = 20 * 365 * 24 * 60 * Minute                        // twenty years without a restart
	mostAt   = exam.Instant(300*365*24*60) * exam.Instant(Minute) // the year 2270
)

func (r Reading) check() error {
	if r.Boot == "" || len(r.Boot) > 64 || !exam.Printable(r.Boot) || r.Mono < 0 || r.Mono > mostMono || r.Wall < 0 || r.Wall > mostAt {
		return exam.Errorf(exam.Invalid, "记录没有写明本机的时间")
	}
	return nil
}

// Anchor ties a boot of a PC to registry time: the registry said At when the
// monotonic clock stood at Mono. A receipt serves as well as any other answer.
type Anchor struct {
	Boot string       `json:"boot"`
	Mono Span         `json:"mono"`
	At   exam.Instant `json:"at"`
}

// Bounds of what an order may say.
const (
	MostText      = 200 // characters
	MostExtra     = 120 * Minute
	MostLength    = 600 * Minute
	MostQuestions = 1000
)

// Terms are the rules that a sitting begins with; they are data of its first
// order, so an old sitting folds the same for ever.
type Terms struct {
	Paper paper.ID `json:"paper"`
	// Questions are those of the paper, each once, in the order in which this
	// candidate sees them.
	Questions []paper.QuestionID `json:"questions"`
	Length    Span               `json:"length"`          // of the sitting, 60 minutes as a rule
	Extra     Span               `json:"extra,omitempty"` // by rule, for this candidate
	// Gap and Gaps bound the downtime that is credited, for each gap and in sum.
	// Beyond them it counts as used: else pulling the plug would buy time to look
	// things up. A proctor who sees that the PC is at fault adds time by order.
	Gap  Span `json:"gap"`
	Gaps Span `json:"gaps"`
	// Released is the registry time from which the paper may be opened.
	Released exam.Instant `json:"released"`
}

// UsualGap and UsualGaps are the credit for downtime where a cycle says nothing
// else: long enough to restart a PC or walk to another one, twice.
const (
	UsualGap  = 10 * Minute
	UsualGaps = 20 * Minute
)

// Check says what is wrong with the terms. The error is Invalid.
func (t Terms) Check() error {
	switch {
	case t.Paper == "":
		return exam.Errorf(exam.Invalid, "没有写明试卷")
	case len(t.Questions) == 0 || len(t.Questions) > MostQuestions:
		return exam.Errorf(exam.Invalid, "试卷的题目数量不对")
	case t.Length <= 0 || t.Length > MostLength || t.Extra < 0 || t.Extra > MostExtra:
		return exam.Errorf(exam.Invalid, "测评时长不对")
	case t.Gap < 0 || t.Gaps < 0 || t.Gap > MostLength || t.Gaps > MostLength:
		return exam.Errorf(exam.Invalid, "中断时间的规定不对")
	case t.Released <= 0 || t.Released > mostAt:
		return exam.Errorf(exam.Invalid, "没有写明开始时间")
	}
	seen := make(map[paper.QuestionID]bool, len(t.Questions))
	for _, q := range t.Questions {
		if q == "" || seen[q] {
			return exam.Errorf(exam.Invalid, "试卷的题目有空缺或重复")
		}
		seen[q] = true
	}
	return nil
}

// Actor is who gave an order.
type Actor struct {
	Account exam.AccountID `json:"account"`
	Name    string         `json:"name"`
	Role    exam.Role      `json:"role"`
}

// Seal is the last word of a sitting: it closes the epoch and says what it closes.
type Seal struct {
	Head     uint64 `json:"head"`     // seq of the entry before the seal, in its epoch
	Hash     string `json:"hash"`     // of that entry, as the wire writes it
	Answered int    `json:"answered"` // questions with an answer
	Used     Span   `json:"used"`     // by the ledger, at most what was allowed
	Auto     bool   `json:"auto"`     // the time was over
}

// Entry is one entry of either kind of stream, decoded: what Fold reads. Seq
// counts from 1 within its stream. Body fields that an act does not use stay zero.
type Entry struct {
	Epoch Epoch        // of the terminal's stream; 0 for an order
	Seq   uint64       // in its own stream
	At    exam.Instant // registry time for orders; for a terminal's entries its estimate, which nothing here uses
	Act   Act
	Body
}

// Body is what an entry says beside its act; it is the wire's body too.
type Body struct {
	// Reading, of every entry of a terminal: its clocks when it was written.
	Reading *Reading `json:"reading,omitempty"`
	// Orders, of every entry of a terminal: the seq of the last order it had read.
	Orders uint64 `json:"orders,omitempty"`
	// Anchor, of any entry of a terminal: a word of the registry in this boot. The
	// first entry of an epoch has one, since no terminal gets an epoch offline.
	Anchor *Anchor `json:"anchor,omitempty"`
	// Alive, of resumed: the last moment at which the terminal knows it still ran.
	// What lies between the last entry and it was no downtime.
	Alive    *Reading         `json:"alive,omitempty"`
	Question paper.QuestionID `json:"question,omitempty"` // answered, marked, went
	Answer   *paper.Answer    `json:"answer,omitempty"`   // answered; the empty answer takes one back
	Marked   *bool            `json:"marked,omitempty"`   // marked
	Seal     *Seal            `json:"seal,omitempty"`     // sealed

	By       *Actor `json:"by,omitempty"`       // of an order: who; nil for collected, which the registry gives by rule
	Text     string `json:"text,omitempty"`     // of an order: the message, or the reason that the candidate reads
	Terms    *Terms `json:"terms,omitempty"`    // start
	Terminal string `json:"terminal,omitempty"` // start, move: who holds the epoch; empty: whoever writes first
	Extra    Span   `json:"extra,omitempty"`    // extra
	Fences   Epoch  `json:"fences,omitempty"`   // move, terminated: the epoch that it ends
	Ack      uint64 `json:"ack,omitempty"`      // move, terminated: how far that was acknowledged
}

// check looks at the entry alone: what its act needs and its bounds.
func (e Entry) check() error {
	if e.Act.ByTerminal() {
		return e.checkOwn()
	}
	return e.checkOrder()
}

func (e Entry) checkOwn() error {
	if e.Reading == nil {
		return exam.Errorf(exam.Invalid, "记录没有写明本机的时间")
	}
	if err := e.Reading.check(); err != nil {
		return err
	}
	if a := e.Anchor; a != nil && (a.Boot != e.Reading.Boot || a.Mono < 0 || a.Mono > e.Reading.Mono || a.At <= 0 || a.At > mostAt) {
		return exam.Errorf(exam.Invalid, "记录里登记处的时间不对")
	}
	first := e.Seq == 1 && (e.Act == ActOpened || e.Act == ActResumed)
	if e.Anchor == nil && (first || e.Act == ActOpened || e.Act == ActAnchored) {
		return exam.Errorf(exam.Invalid, "记录里没有登记处的时间")
	}
	if a := e.Alive; a != nil {
		if err := a.check(); err != nil {
			return err
		}
		if e.Act != ActResumed || a.Boot == e.Reading.Boot && a.Mono > e.Reading.Mono {
			return exam.Errorf(exam.Invalid, "记录里中断前的时间不对")
		}
	}
	switch {
	case e.Act == ActAnswered && e.Answer == nil, e.Act == ActMarked && e.Marked == nil:
		return exam.Errorf(exam.Invalid, "记录没有写明作答内容")
	case e.Act == ActSealed && (e.Seal == nil || !exam.BlobHash(e.Seal.Hash).Valid() || e.Seal.Hash == ""):
		return exam.Errorf(exam.Invalid, "交卷记录不完整")
	}
	return nil
}

func (e Entry) checkOrder() error {
	switch {
	case e.At <= 0 || e.At > mostAt:
		return exam.Errorf(exam.Invalid, "指令没有写明时间")
	case e.Act == ActCollected && e.By != nil:
		return exam.Errorf(exam.Invalid, "到时收卷由登记处按规定进行，不由个人作出")
	case e.Act != ActCollected && (e.By == nil || e.By.Account == ""):
		return exam.Errorf(exam.Invalid, "指令没有写明由谁作出")
	case utf8.RuneCountInString(e.Text) > MostText || !exam.Printable(e.Text):
		return &exam.Error{Kind: exam.Invalid, Field: "text", Sentence: fmt.Sprintf("说明最多%d个字", MostText)}
	}
	switch e.Act {
	case ActMessage, ActPause, ActExtra, ActTerminated, ActMove, ActAbsent, ActVouched:
		// Whatever stops or changes a sitting names its cause to the candidate.
		if strings.TrimSpace(e.Text) == "" {
			return &exam.Error{Kind: exam.Invalid, Field: "text", Sentence: "请写明内容或理由，考生会看到"}
		}
	case ActStart:
		if e.Terms == nil {
			return exam.Errorf(exam.Invalid, "没有写明测评的规定")
		}
		if err := e.Terms.Check(); err != nil {
			return err
		}
	}
	if e.Act == ActExtra && (e.Extra <= 0 || e.Extra > MostExtra) {
		return &exam.Error{Kind: exam.Invalid, Field: "extra", Sentence: fmt.Sprintf("一次加时最多%d分钟", MostExtra/Minute)}
	}
	return nil
}

// Plausible is the registry's look at an entry of a terminal when it takes it
// in at registry time now: an anchor that lies in the future was never said by
// the registry. The error is Invalid.
func (e Entry) Plausible(now exam.Instant) error {
	if e.Anchor != nil && e.Anchor.At > now+exam.Instant(AnchorSlack) {
		return exam.Errorf(exam.Invalid, "记录里登记处的时间不对")
	}
	return nil
}
