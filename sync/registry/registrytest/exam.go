package registrytest

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/registry"
	"dingkao/sync/wire"
)

// Bank is a sealed bank of n questions (A1, four options); the answer of the
// question at place i is option i%4.
func Bank(n int) paper.Bank {
	b := paper.Bank{ID: "test-bank", Name: "测试题库"}
	for i := range n {
		q := paper.Question{Kind: paper.A1, Stem: fmt.Sprintf("测试题目第%d题", i+1), Points: paper.Point}
		for o := range 4 {
			q.Options = append(q.Options, fmt.Sprintf("第%d题的选项%d", i+1, o+1))
		}
		q = q.Identified()
		b.Items = append(b.Items, paper.Item{Question: q, Answer: paper.Only(i % 4), Explanation: fmt.Sprintf("测试解析第%d题", i+1)})
	}
	return b
}

// DrawPaper draws a paper of n questions for the cycle.
func (r *Registry) DrawPaper(t testing.TB, n int) registry.PaperInfo {
	t.Helper()
	p, err := r.Registry().DrawPaper(context.Background(), CycleID, paper.Blueprint{Parts: []paper.Part{{Bank: "test-bank", Count: n}}},
		[]paper.Bank{Bank(n)}, paper.SeedOf("registrytest", fmt.Sprint(n)))
	must(t, err)
	return p
}

// RightAnswer is what is right for a question of a paper that DrawPaper drew.
func (r *Registry) RightAnswer(t testing.TB, p paper.ID, q paper.QuestionID) paper.Answer {
	t.Helper()
	var a paper.Answer
	must(t, r.Store.View(context.Background(), func(tx registry.Reader) error {
		rec, err := tx.Paper(p)
		a = rec.Answers[q]
		return err
	}))
	return a
}

// ForExam brings the doctor's dossier to AwaitingExam: the general procedure,
// submitted and approved twice.
func (r *Registry) ForExam(t testing.TB, doctor string) {
	t.Helper()
	form := r.Form(t, doctor)
	form.Choice = &application.Choice{Procedure: application.General, Proofs: []exam.Blob{}}
	r.Append(t, doctor, application.ActSaved, application.Body{Form: &form})
	r.Append(t, doctor, application.ActSubmitted, application.Body{})
	r.Approve(t, doctor)
	if s := r.Enrolment(t, doctor).Dossier.State; s != application.AwaitingExam {
		t.Fatalf("registrytest: the dossier is %s", s)
	}
}

// CheckIn takes a seat at a machine, as the doctor's terminal would.
func (r *Registry) CheckIn(t testing.TB, doctor, terminal string) sitting.Seat {
	t.Helper()
	s, err := r.Registry().CheckIn(context.Background(), r.Who(t, doctor), wire.CheckIn{Terminal: terminal, Name: "考试机" + terminal, Room: "一号考场",
		Checks: []sitting.Check{{Name: "disk", State: "ok"}, {Name: "network", State: "ok"}}})
	must(t, err)
	return s
}

// Order gives an order as the proctor; it must succeed. The code is that of a move.
func (r *Registry) Order(t testing.TB, id sitting.ID, act sitting.Act, text string) sitting.Outcome {
	t.Helper()
	c := sitting.Command{Act: act, Text: text, Sittings: []sitting.Target{{Sitting: id}}}
	if act == sitting.ActExtra {
		c.Extra = 5 * sitting.Minute
	}
	list, err := r.Command(context.Background(), r.Who(t, Proctor), c)
	must(t, err)
	if len(list) != 1 || list[0].Kind != "" {
		t.Fatalf("registrytest: %s: %+v", act, list)
	}
	return list[0]
}

// StartExam brings the doctor up to the start order at machine "t1": a paper of
// ten questions where there is none yet, the dossier at AwaitingExam, a seat.
func (r *Registry) StartExam(t testing.TB, doctor string) *Candidate {
	t.Helper()
	list, err := r.Papers(context.Background(), CycleID)
	must(t, err)
	if len(list) == 0 {
		r.DrawPaper(t, 10)
	}
	if r.Enrolment(t, doctor).Dossier.State != application.AwaitingExam {
		r.ForExam(t, doctor)
	}
	seat := r.CheckIn(t, doctor, "t1")
	r.Order(t, seat.Sitting, sitting.ActStart, "")
	return r.Candidate(t, doctor, "t1")
}

// Candidate is a doctor's terminal in the exam, as far as the registry sees it:
// it keeps a journal of its own and folds it by the rules of exam/sitting.
type Candidate struct {
	*Registry
	Who      registry.Session
	Terminal string
	Seat     sitting.Seat
	Paper    paper.Paper // after Open
	Sitting  sitting.Sitting
	Unsent   []json.RawMessage
	own      []sitting.Entry
	epochs   [][]sitting.Entry
	orders   []sitting.Entry
	seq      uint64
	head     wire.Hash
	boot     string
	began    time.Time
}

// Candidate sits the doctor, who has a seat, down at the machine.
func (r *Registry) Candidate(t testing.TB, doctor, terminal string) *Candidate {
	t.Helper()
	c := &Candidate{Registry: r, Who: r.Who(t, doctor), Terminal: terminal, boot: "boot-" + terminal, began: r.Clock.Now().Add(-time.Hour)}
	c.Look(t)
	return c
}

// Look reads the seat, the orders and what earlier epochs wrote, and folds.
func (c *Candidate) Look(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	var err error
	c.Seat, err = c.Registry.Registry().Seat(ctx, c.Who, c.Terminal)
	must(t, err)
	read := func(stream wire.Stream) (es []sitting.Entry, h wire.Hash) {
		var after uint64
		for {
			tail, err := c.Tail(ctx, c.Who, stream, after)
			must(t, err)
			for _, raw := range tail.Entries {
				w, err := wire.Decode(raw)
				must(t, err)
				e, err := w.Sitting()
				must(t, err)
				es, h, after = append(es, e), wire.HashOf(raw), e.Seq
			}
			if tail.Receipt == nil || after >= tail.Receipt.Seq {
				return es, h
			}
		}
	}
	c.orders, _ = read(wire.OrdersStream(c.Seat.Sitting))
	if c.Seat.Epoch > 0 && len(c.own) == 0 {
		c.epochs = nil
		for n := sitting.Epoch(1); n < c.Seat.Epoch; n++ {
			es, _ := read(wire.SittingStream(c.Seat.Sitting, n))
			c.epochs = append(c.epochs, es)
		}
		c.own, c.head = read(wire.SittingStream(c.Seat.Sitting, c.Seat.Epoch))
		c.seq = uint64(len(c.own))
	}
	c.fold(t)
}

func (c *Candidate) fold(t testing.TB) {
	t.Helper()
	epochs := c.epochs
	if len(c.own) > 0 {
		epochs = append(epochs[:len(epochs):len(epochs)], c.own)
	}
	var err error
	c.Sitting, err = sitting.Fold(epochs, c.orders)
	must(t, err)
}

// Reading is what the machine's clocks say.
func (c *Candidate) Reading() sitting.Reading {
	now := c.Clock.Now()
	return sitting.Reading{Boot: c.boot, Mono: sitting.SpanOf(now.Sub(c.began)), Wall: exam.InstantOf(now)}
}

// Write journals an act and keeps it for Send. A seal is filled in.
func (c *Candidate) Write(t testing.TB, act sitting.Act, body sitting.Body) json.RawMessage {
	t.Helper()
	at := c.Reading()
	if body.Seal != nil {
		seal := c.Sitting.Sealing(at, string(c.head))
		body.Seal = &seal
	}
	body.Reading, body.Orders = &at, c.Sitting.OrdersSeq
	if act == sitting.ActOpened || act == sitting.ActResumed {
		body.Anchor = &sitting.Anchor{Boot: at.Boot, Mono: at.Mono, At: at.Wall}
	}
	w, raw, err := wire.Next(wire.SittingStream(c.Seat.Sitting, c.Seat.Epoch), c.seq+1, c.head, at.Wall, c.Terminal, string(act), body)
	must(t, err)
	e, err := w.Sitting()
	must(t, err)
	c.seq, c.head = c.seq+1, wire.HashOf(raw)
	c.own = append(c.own, e)
	c.Unsent = append(c.Unsent, raw)
	c.fold(t)
	return raw
}

// Send delivers what was not sent yet; it must be taken in.
func (c *Candidate) Send(t testing.TB) wire.Receipt {
	t.Helper()
	a, err := c.TrySend()
	must(t, err)
	return a.Receipt
}

// TrySend delivers what was not sent yet, and keeps it where it is refused.
func (c *Candidate) TrySend() (wire.Appended, error) {
	a, err := c.Registry.Registry().Append(context.Background(), c.Who, c.Unsent)
	if err == nil {
		c.Unsent = nil
	}
	return a, err
}

// Open fetches the sealed paper and its key, opens it and journals that.
func (c *Candidate) Open(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	sealed, err := c.Sealed(ctx, c.Who, c.Seat.Paper)
	must(t, err)
	if wire.BlobHashOf(sealed.Sealed) != c.Seat.Sealed {
		t.Fatal("registrytest: another cipher text than the seat names")
	}
	key, err := c.Key(ctx, c.Who, c.Seat.Sitting, wire.KeyRequest{Terminal: c.Terminal, Epoch: c.Seat.Epoch})
	must(t, err)
	c.Paper, err = wire.OpenPaper(key.Paper, key.Key, sealed.Sealed)
	must(t, err)
	act := sitting.ActOpened
	if c.Sitting.Opened != 0 {
		act = sitting.ActResumed
	}
	c.Write(t, act, sitting.Body{})
}

// Answer journals an answer to the question at a place of the candidate's own
// order, from 0, in the paper's own letters.
func (c *Candidate) Answer(t testing.TB, place int, a paper.Answer) {
	t.Helper()
	c.Write(t, sitting.ActAnswered, sitting.Body{Question: c.Sitting.Terms.Questions[place], Answer: &a})
}

// AnswerRight answers the first n questions right.
func (c *Candidate) AnswerRight(t testing.TB, n int) {
	t.Helper()
	for i := range n {
		c.Answer(t, i, c.RightAnswer(t, c.Seat.Paper, c.Sitting.Terms.Questions[i]))
	}
}

// HandIn journals the seal.
func (c *Candidate) HandIn(t testing.TB) {
	t.Helper()
	c.Write(t, sitting.ActSealed, sitting.Body{Seal: &sitting.Seal{}})
}
