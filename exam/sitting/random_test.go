package sitting

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"dingkao/exam"
	"dingkao/exam/paper"
	"pgregory.net/rapid"
)

// step is one thing that happens in a drawn hour.
type step struct {
	What string
	For  Span // that passes first
	N    int
	A    paper.Answer
	Down Span
}

func (s step) String() string { return fmt.Sprintf("%s %v %d", s.What, s.For.Duration(), s.N) }

func draw(t *rapid.T, what []string, longest Span) []step {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) step {
		return step{
			What: rapid.SampledFrom(what).Draw(t, "what"),
			For:  Span(rapid.Int64Range(0, int64(longest)).Draw(t, "for")),
			N:    rapid.IntRange(1, 5).Draw(t, "n"),
			A:    paper.Answer(rapid.IntRange(0, 31).Draw(t, "answer")),
			Down: Span(rapid.Int64Range(0, int64(14*Minute)).Draw(t, "down")),
		}
	}), 1, 40).Draw(t, "steps")
}

// play lets a step happen, as far as the people and programs in the room would
// let it: a candidate cannot work on a hidden paper, a terminal seals when the
// time is over.
func (r *rig) play(s step) {
	if r.err != nil {
		return
	}
	r.pass(s.For)
	p := r.at
	if p.s.Epoch != p.epoch {
		return
	}
	v := p.s.View(p.reading())
	if v.Over && !v.Resume {
		r.do(ActSealed)
	}
	open := p.s.State == Running && !v.Over && !v.Resume
	switch s.What {
	case "answer":
		if open {
			r.answer(s.N, s.A)
		}
	case "went":
		if open {
			r.doWith(ActWent, func(b *Body) { b.Question = question(s.N) })
		}
	case "marked":
		if open {
			m := s.A%2 == 0
			r.doWith(ActMarked, func(b *Body) { b.Question, b.Marked = question(s.N), &m })
		}
	case "focus":
		if p.s.Allows(ActFocusLost, exam.RoleDoctor) && !v.Resume {
			r.do(ActFocusLost)
			r.do(ActFocusBack)
		}
	case "seal":
		if open {
			r.do(ActSealed)
		}
	case "crash":
		r.crash(s.Down, false)
	case "reboot":
		r.crash(s.Down, true)
	case "reboot online":
		r.line(true)
		r.crash(s.Down, true)
	case "line off":
		r.line(false)
	case "line on":
		r.line(true)
	case "clock":
		if !r.honest {
			p.wallOff += (s.Down - 7*Minute) * 1000
			p.wallOff = max(p.wallOff, -Span(day)/2)
		}
	case "move":
		if r.give(ActMove, nil) == nil {
			r.log = append(r.log, "move")
			r.sit(fmt.Sprintf("pc%d", r.reg.Epoch))
			if r.reg.State == Ready {
				r.do(ActOpened)
			} else {
				r.do(ActResumed)
			}
		}
	default:
		if r.give(Act(s.What), nil) == nil {
			r.log = append(r.log, s.What)
		}
	}
}

var everything = []string{"answer", "answer", "answer", "went", "marked", "focus", "crash", "reboot", "line off", "line on", "clock",
	"message", "vouched", "pause", "resume", "resume", "extra", "move", "answer", "answer"}

// Whatever happens in whatever order: what the registry lived through entry by
// entry and order by order, what the terminal lived through on its side, and
// what each folds from its streams, is one and the same sitting.
func TestBothEndsFoldTheSameSitting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := started()
		for _, s := range draw(t, append(slices.Clone(everything), "seal", "terminated", "collected"), 6*Minute) {
			r.play(s)
		}
		r.end()
		if r.err != nil {
			t.Fatal(r.err)
		}
	})
}

// The order in which orders and entries reach a reader changes nothing: any
// reader that has all of them has the same sitting, whichever way it came there.
func TestTheOrderOfArrivalDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := started()
		for _, s := range draw(t, append(slices.Clone(everything), "seal"), 5*Minute) {
			r.play(s)
		}
		r.end()
		if r.err != nil {
			t.Fatal(r.err)
		}
		// A second reader gets the same streams, each in its own order and mixed at will.
		reader := New()
		waits := false
		var orders []Entry
		epochs := make([][]Entry, len(r.epochs))
		for {
			var open []int // streams with something to bring: 0 the orders, n epoch n
			if len(orders) < len(r.orders) {
				open = append(open, 0)
			}
			for n := range r.epochs {
				if len(epochs[n]) < len(r.epochs[n]) {
					open = append(open, n+1)
				}
			}
			if len(open) == 0 {
				break
			}
			n := rapid.SampledFrom(open).Draw(t, "stream")
			var e Entry
			if n == 0 {
				e = r.orders[len(orders)]
				orders = append(orders, e)
			} else {
				e = r.epochs[n-1][len(epochs[n-1])]
				epochs[n-1] = append(epochs[n-1], e)
			}
			// Apply where it can, fold where it cannot; a fold may have to wait for more,
			// and what waits is not passed over.
			if after, err := reader.Apply(e); err == nil && !waits {
				reader = after
			} else if after, err := Fold(epochs, orders); err == nil {
				reader, waits = after, false
			} else {
				waits = true
			}
		}
		if !reflect.DeepEqual(reader, r.reg) {
			t.Fatalf("the reader has %s\n%+v\n%+v\nthe registry %s\n%+v\n%+v\n%v",
				reader.State, reader.Orders, reader.Ledger, r.reg.State, r.reg.Orders, r.reg.Ledger, r.log)
		}
	})
}

// The clock of the PC set back, forward, again and again: time used, time left
// and the deadline are what they are with an honest clock.
func TestSettingTheClockChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := draw(t, append([]string{"clock", "clock", "clock"}, everything...), 4*Minute)
		honest, set := started(), started()
		honest.honest = true
		moved := false
		for _, s := range steps {
			honest.play(s)
			set.play(s)
			if honest.err != nil || set.err != nil {
				t.Fatal(honest.err, set.err)
			}
			moved = moved || s.What == "clock"
			h, w := honest.at.s.View(honest.at.reading()), set.at.s.View(set.at.reading())
			if !reflect.DeepEqual(h, w) {
				t.Fatalf("after %v: honest %+v\nset %+v\n%v", s, h, w, set.log)
			}
			if !reflect.DeepEqual(honest.at.s.Answers(), set.at.s.Answers()) {
				t.Fatal("other answers")
			}
		}
	})
}

// That a clock was set is recorded, in one boot and across a restart with a line.
func TestASetClockIsRecorded(t *testing.T) {
	for _, reboot := range []bool{false, true} {
		for _, by := range []Span{-90 * Minute, -3 * Second, 3 * Second, 24 * 60 * Minute} {
			r := started()
			r.pass(Minute)
			if reboot {
				r.do(ActFocusLost)
			}
			r.at.wallOff = by
			if reboot {
				r.crash(Minute, true)
			}
			r.answer(1, a)
			r.pass(Minute)
			r.answer(2, a)
			if r.err != nil {
				t.Fatal(r.err)
			}
			n := r.at.s.Ledger.Anomalies
			if len(n) != 1 || n[0].Kind != WallSet || n[0].By != by {
				// The crash writes the moment before it, at which the clock was set already.
				t.Errorf("reboot %v, by %v: %+v", reboot, by.Duration(), n)
			}
		}
	}
	r := started()
	r.pass(30 * Minute)
	r.at.wallOff = Second // what a time service corrects
	r.answer(1, a)
	if r.err != nil || len(r.at.s.Ledger.Anomalies) != 0 {
		t.Errorf("%v: %+v", r.err, r.at.s.Ledger.Anomalies)
	}
}

// Time used against a count kept apart: seconds in which the terminal ran and
// the paper was open, and of the downtime what the credit does not cover.
func TestTimeUsedIsTimeAtTheOpenPaperAndNothingElse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := started()
		var used, credited Span
		what := []string{"answer", "answer", "went", "crash", "reboot", "line off", "line on", "pause", "resume", "extra", "message", "clock"}
		for _, s := range draw(t, what, 5*Minute) {
			if s.What == "reboot" {
				s.What = "reboot online" // else the length of a gap is known later only: a story tells that
			}
			running := r.at.s.State == Running
			r.play(s)
			if running {
				used += s.For
			}
			down := s.Down
			if s.What != "crash" && s.What != "reboot online" || r.at.s.State == HandedIn {
				down = 0
			}
			if s.What == "reboot online" && r.at.s.State == Paused && running {
				down = 0 // bringing the line back brought the pause
			}
			if r.at.s.State == Running || running {
				if r.at.s.State == Running {
					c := min(down, UsualGap, UsualGaps-credited)
					credited += c
					used += down - c
				}
			}
			if r.err != nil {
				t.Fatal(r.err)
			}
			if got := r.used(); got != min(used, r.at.s.Ledger.Limit()) {
				t.Fatalf("used %v, counted %v\n%v", got.Duration(), used.Duration(), r.log)
			}
			if r.at.s.State == HandedIn {
				return
			}
		}
	})
}

// The whole hour without a line, handed in afterwards, equals the same hour with
// one: the same answers, the same time, the same end.
func TestAnHourWithoutALineEqualsTheSameHourWithOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		steps := draw(t, []string{"answer", "answer", "answer", "went", "marked", "focus", "crash", "reboot", "clock"}, 5*Minute)
		ends := rapid.Bool().Draw(t, "early")
		hour := func(line bool) (Verdict, Sitting) {
			r := started()
			r.line(line)
			for _, s := range steps {
				s.Down /= 40 // restarts of seconds: a long one without a line is measured later, and a story of its own
				r.play(s)
			}
			if !ends && r.err == nil && r.at.s.State == Running {
				r.pass(r.left())
			}
			if r.err == nil && r.at.s.State == Running {
				r.do(ActSealed)
			}
			v := r.end()
			if r.err != nil {
				t.Fatal(r.err)
			}
			return v, r.reg
		}
		with, a := hour(true)
		without, b := hour(false)
		if !reflect.DeepEqual(with.Answers, without.Answers) || with.Limit != without.Limit || a.Question != b.Question ||
			!reflect.DeepEqual(a.marks, b.marks) || with.Seal.Used != without.Seal.Used || with.Seal.Auto != without.Seal.Auto || len(with.Uncounted)+len(without.Uncounted) > 0 {
			t.Fatalf("with a line\n%+v\nwithout\n%+v", with, without)
		}
	})
}

// Exactly one epoch can be acknowledged: terminals that lost the sitting, and do
// not know it, write and send as they like, and nothing of it is ever taken in.
func TestExactlyOneEpochCanBeAcknowledged(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := started()
		for _, s := range draw(t, []string{"answer", "answer", "move", "move", "old", "old", "line off", "line on", "pause", "resume", "seal", "terminated"}, 3*Minute) {
			if s.What != "old" {
				r.play(s)
			} else if len(r.old) > 0 {
				p := r.old[s.N%len(r.old)]
				at := p.reading()
				e := Entry{Epoch: p.epoch, Seq: p.s.Seq + 1, Act: ActAnswered,
					Body: Body{Reading: &at, Orders: p.s.OrdersSeq, Question: question(s.N), Answer: some(s.A)}}
				if after, err := p.s.Apply(e); err == nil {
					p.s = after
					p.epochs[p.epoch-1] = append(p.epochs[p.epoch-1], e)
				}
				before := r.reg
				if r.receive(e) || !reflect.DeepEqual(before, r.reg) {
					t.Fatalf("epoch %d was acknowledged while %d is in force", p.epoch, r.reg.Epoch)
				}
			}
			if r.err != nil {
				t.Fatal(r.err)
			}
			n := 0
			for e := range r.reg.Epoch + 2 {
				if r.reg.Acknowledges(e) {
					n++
				}
			}
			if want := 1; n != want && r.reg.State != Terminated {
				t.Fatalf("%d epochs in state %s", n, r.reg.State)
			}
		}
		r.end()
		// Were all that the old terminals wrote on the table, nothing would count of it.
		epochs := slices.Clone(r.epochs)
		for _, p := range r.old {
			epochs[p.epoch-1] = p.epochs[p.epoch-1]
		}
		s, err := Fold(epochs, r.orders)
		if err != nil || r.err != nil {
			t.Fatal(err, r.err)
		}
		if !reflect.DeepEqual(s.answers, r.reg.answers) || s.Question != r.reg.Question || s.State != r.reg.State || !reflect.DeepEqual(s.Ledger, r.reg.Ledger) {
			t.Fatalf("with the fenced entries\n%+v\nwithout\n%+v", s, r.reg)
		}
	})
}

// Entries behind the deadline never change the answers, and each is named.
func TestNothingBehindTheDeadlineCounts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := started()
		for _, s := range draw(t, []string{"answer", "went", "marked", "clock"}, Minute) {
			r.play(s)
		}
		r.line(false)
		r.pass(r.left())
		before := r.at.s
		late := 0
		for range rapid.IntRange(1, 8).Draw(t, "late") {
			r.pass(1 + Span(rapid.Int64Range(0, int64(10*Minute)).Draw(t, "by")))
			at := r.at.reading()
			act := rapid.SampledFrom([]Act{ActAnswered, ActWent, ActMarked}).Draw(t, "act")
			r.at.store(Entry{Epoch: 1, Seq: r.at.s.Seq + 1, Act: act,
				Body: Body{Reading: &at, Orders: 1, Question: "q100", Answer: some(a), Marked: yes()}})
			late++
		}
		r.do(ActSealed)
		v := r.end()
		if r.err != nil {
			t.Fatal(r.err)
		}
		if !reflect.DeepEqual(v.Answers, before.Answers()) || r.reg.Question != before.Question || r.reg.Marked("q100") != before.Marked("q100") {
			t.Fatalf("late entries have changed something: %+v", v.Answers)
		}
		if len(v.Uncounted) != late || v.Uncounted[0].Why != Late || v.Seal.Used != 60*Minute || !v.Seal.Auto {
			t.Fatalf("%+v, of %d late", v.Uncounted, late)
		}
	})
}

// Whatever is tried, well formed or not: nothing breaks, what is refused changes
// nothing, and what is accepted leaves the old value as it was.
func TestApplyChangesNothingOfTheOldValue(t *testing.T) {
	picture := func(s Sitting) string {
		raw, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprintf("%s %v %v %+v", raw, s.answers, s.marks, s.Ledger)
	}
	rapid.Check(t, func(t *rapid.T) {
		s := New()
		for range rapid.IntRange(1, 40).Draw(t, "n") {
			act := rapid.SampledFrom(Acts).Draw(t, "act")
			role := exam.RoleDoctor
			if !act.ByTerminal() {
				role = rapid.SampledFrom([]exam.Role{exam.RoleProctor, exam.RoleProctor, exam.RoleAssessor, registry}).Draw(t, "role")
			}
			e := next(s, act, role)
			switch rapid.IntRange(0, 12).Draw(t, "spoil") {
			case 0:
				e.Body = Body{Reading: e.Reading, Orders: e.Orders, By: e.By}
			case 1:
				e.Seq += rapid.Uint64Range(0, 3).Draw(t, "seq")
			case 2:
				e.Orders = rapid.Uint64().Draw(t, "orders")
			case 3:
				if e.Reading != nil {
					e.Reading = &Reading{Boot: rapid.SampledFrom([]string{"", "x", "boot1"}).Draw(t, "boot"), Mono: Span(rapid.Int64().Draw(t, "mono"))}
					e.Anchor = nil
				}
			case 4:
				e.Ack, e.Fences = rapid.Uint64().Draw(t, "ack"), Epoch(rapid.Uint64Range(0, 3).Draw(t, "fences"))
			case 5:
				if e.Reading != nil && act == ActResumed {
					e.Reading.Boot = "y" + rapid.StringN(1, 1, 4).Draw(t, "boot")
					if e.Anchor != nil {
						e.Anchor.Boot = e.Reading.Boot
					}
				}
			}
			before := picture(s)
			after, err := s.Apply(e)
			if picture(s) != before {
				t.Fatalf("%s changed the value that it was applied to", act)
			}
			if err != nil && !reflect.DeepEqual(after, s) {
				t.Fatalf("refused %s changed the sitting", act)
			}
			if err == nil && act.ByTerminal() && !s.Allows(act, role) {
				t.Fatalf("%s in %s, but Allows says otherwise", act, s.State)
			}
			if err == nil && !act.ByTerminal() && after.Orders[len(after.Orders)-1].Void == s.Allows(act, role) {
				t.Fatalf("%s in %s: void, but Allows says otherwise", act, s.State)
			}
			if l := after.Ledger; l.Used(l.Last) > l.Limit() || l.Left(l.Last) < 0 || l.used < s.Ledger.used && act != ActStart {
				t.Fatalf("%s: used %v of %v", act, l.used, l.Limit())
			}
			s = after
		}
	})
}

// A registry folds anew whenever an entry had not read its last order, so a fold
// of a full hour has to cost next to nothing.
func BenchmarkFoldOfAnHour(b *testing.B) {
	r := started()
	for n := range 600 {
		r.pass(5 * Second)
		r.answer(n%count+1, a)
	}
	if r.err != nil {
		b.Fatal(r.err)
	}
	for b.Loop() {
		if _, err := Fold(r.epochs, r.orders); err != nil {
			b.Fatal(err)
		}
	}
}
