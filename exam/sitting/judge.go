package sitting

import (
	"dingkao/exam"
	"dingkao/exam/paper"
)

// Answer is what the candidate chose for q; the zero answer where nothing counts.
func (s Sitting) Answer(q paper.QuestionID) paper.Answer {
	if i, ok := s.index[q]; ok {
		return s.answers[i]
	}
	return 0
}

// Marked says whether q is marked (标注).
func (s Sitting) Marked(q paper.QuestionID) bool {
	i, ok := s.index[q]
	return ok && s.marks[i]
}

// Answers are all that were given and not taken back, by question.
func (s Sitting) Answers() map[paper.QuestionID]paper.Answer {
	m := make(map[paper.QuestionID]paper.Answer, len(s.answers))
	for i, a := range s.answers {
		if a != 0 {
			m[s.Terms.Questions[i]] = a
		}
	}
	return m
}

// Answered is how many questions have an answer.
func (s Sitting) Answered() int {
	n := 0
	for _, a := range s.answers {
		if a != 0 {
			n++
		}
	}
	return n
}

// Sealing is the seal that the terminal writes when its clocks say at, upon the
// head whose hash is given. It is the same whether the candidate hands in, the
// terminal does at the last moment, or a terminal that slept does hours later.
func (s Sitting) Sealing(at Reading, hash string) Seal {
	return Seal{Head: s.Seq, Hash: hash, Answered: s.Answered(), Used: s.Ledger.Used(at), Auto: s.Ledger.Over(at)}
}

// Verdict is what a hand-in is judged to be: all that scoring needs, and all
// that does not count, by name.
type Verdict struct {
	Paper     paper.ID `json:"paper"`
	Epoch     Epoch    `json:"epoch"`
	Seal      Seal     `json:"seal"`
	Collected bool     `json:"collected"` // by the registry: no seal has come
	// Terminated, by a proctor's order: what had been acknowledged is judged, with
	// a Seal that nobody wrote. What it means is for people to decide.
	Terminated bool                              `json:"terminated,omitempty"`
	Answers    map[paper.QuestionID]paper.Answer `json:"answers"`
	Limit      Span                              `json:"limit"` // the time allowed
	Uncounted  []Uncounted                       `json:"uncounted,omitempty"`
	Gaps       []Gap                             `json:"gaps,omitempty"`
	Anomalies  []Anomaly                         `json:"anomalies,omitempty"`
}

// Judge reads the seal: each answer was judged by its own time when it was
// folded, so nothing here depends on when the journal arrived. hash is the hash
// that the reader's own store has for the entry before the seal. A sitting that
// was terminated after its opening is judged by what had been acknowledged. The
// error is Refused where nothing was handed in, Damaged where the seal closes
// another history than the reader holds.
func (s Sitting) Judge(hash string) (Verdict, error) {
	if s.State == Terminated && s.Opened != 0 {
		return Verdict{Paper: s.Terms.Paper, Epoch: s.Epoch, Seal: Seal{Head: s.Seq, Answered: s.Answered(), Used: s.Ledger.Used(s.Ledger.Last)},
			Terminated: true, Answers: s.Answers(), Limit: s.Ledger.Limit(), Uncounted: s.Uncounted, Gaps: s.Ledger.Gaps, Anomalies: s.Ledger.Anomalies}, nil
	}
	if s.State != HandedIn {
		return Verdict{}, exam.Errorf(exam.Refused, "现在是“%s”，还没有可以评定的答卷", s.State.Text())
	}
	if !s.Collected && s.Seal.Hash != hash {
		return Verdict{}, exam.Errorf(exam.Damaged, "答卷的封存校验没有通过，记录都已保留，请由管理员核查")
	}
	return Verdict{Paper: s.Terms.Paper, Epoch: s.Epoch, Seal: *s.Seal, Collected: s.Collected, Answers: s.Answers(),
		Limit: s.Ledger.Limit(), Uncounted: s.Uncounted, Gaps: s.Ledger.Gaps, Anomalies: s.Ledger.Anomalies}, nil
}

// View is what a screen shows at one moment, beside the answers and marks.
type View struct {
	State      State
	Epoch      Epoch
	Question   paper.QuestionID // current; empty before opening
	Number     int              // of it, from 1
	Total      int              // questions
	Answered   int
	Unanswered int
	Used       Span
	Left       Span
	Over       bool         // running and nothing left: the terminal seals now
	Resume     bool         // the terminal has to write resumed before anything else
	Anchor     bool         // the ledger waits for a word of the registry in this boot: write anchored when there is one
	Deadline   exam.Instant // registry time; 0: the time stands, or registry time is not known
	Reason     string       // of the pause, the termination or the absence
	// Pending are the orders that no entry of the terminal names yet. The terminal
	// shows and obeys them, and writes obeyed (or any other entry) at once: a
	// pause counts from there.
	Pending []Order
}

// View is the sitting as a screen shows it when the PC's clocks say at.
func (s Sitting) View(at Reading) View {
	v := View{State: s.State, Epoch: s.Epoch, Question: s.Question, Total: len(s.Terms.Questions), Answered: s.Answered(),
		Used: s.Ledger.Used(at), Left: s.Ledger.Left(at), Reason: s.Reason, Deadline: s.Ledger.Deadline(at)}
	v.Unanswered = v.Total - v.Answered
	if i, ok := s.index[s.Question]; ok {
		v.Number = i + 1
	}
	v.Over = s.State == Running && s.Ledger.Over(at)
	v.Resume = (s.State == Running || s.State == Paused) && (s.fresh || at.Boot != s.Ledger.Last.Boot)
	if _, ok := s.Ledger.Registry(at); !ok && at.Boot == s.Ledger.Last.Boot {
		v.Anchor = s.Allows(ActAnchored, exam.RoleDoctor)
	}
	for _, o := range s.Orders {
		if o.Seq > s.Heeded && !o.Void {
			v.Pending = append(v.Pending, o)
		}
	}
	return v
}

// Ends is, of a running sitting, the registry time from which it may be
// collected; 0: it does not run.
func (s Sitting) Ends() exam.Instant {
	if s.State != Running {
		return 0
	}
	return s.Ledger.latestEnd()
}
