package station

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/client"
	"dingkao/sync/local"
	"dingkao/sync/registry/registrytest"
	"dingkao/sync/wire"
)

// fakeClocks stand still until a test moves them.
type fakeClocks struct {
	mu sync.Mutex
	at sitting.Reading
}

func (c *fakeClocks) Reading() sitting.Reading {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *fakeClocks) pass(d sitting.Span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at.Mono += d
	c.at.Wall += exam.Instant(d)
}

// reboot is another start of the system, with its own monotonic clock.
func (c *fakeClocks) reboot(name string, after sitting.Span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = sitting.Reading{Boot: name, Mono: 20 * sitting.Second, Wall: c.at.Wall + exam.Instant(after)}
}

// room is a registry in which the doctor waits for the exam, and a PC with
// clocks of its own.
type room struct {
	*rig
	t      *testing.T
	clocks *fakeClocks
	pc     *pc
	s      *Session
}

func newRoom(t *testing.T) *room {
	t.Helper()
	noLeak(t)
	r := &room{rig: newRig(t), t: t}
	r.Registry.DrawPaper(t, 10)
	r.Registry.ForExam(t, registrytest.Doctor)
	r.Clock.Set(time.Now()) // both sides' time moves only with pass
	r.clocks = &fakeClocks{at: sitting.Reading{Boot: "boot-a", Mono: 100 * sitting.Second, Wall: exam.InstantOf(r.Clock.Now())}}
	r.pc = r.seatPC("a", r.clocks)
	r.s = r.pc.enter(registrytest.Doctor)
	return r
}

func (r *room) seatPC(name string, clocks Clocks) *pc {
	r.t.Helper()
	p := &pc{t: r.t, rig: r.rig, path: filepath.Join(r.t.TempDir(), name+".db"), clocks: clocks}
	p.start()
	r.t.Cleanup(p.stop)
	return p
}

// pass lets time pass on both sides.
func (r *room) pass(d sitting.Span) {
	r.clocks.pass(d)
	r.Clock.Advance(d.Duration())
}

func (r *room) checkIn(s *Session, code string) {
	r.t.Helper()
	if err := s.CheckIn(bg, s.Probe(bg), code); err != nil {
		r.t.Fatalf("check-in: %v", err)
	}
}

// begun is a sitting whose paper is open.
func begun(t *testing.T) *room {
	t.Helper()
	r := newRoom(t)
	r.checkIn(r.s, "")
	r.order(sitting.ActStart, "")
	if err := r.s.OpenPaper(bg); err != nil {
		t.Fatalf("open: %v", err)
	}
	return r
}

func (r *room) order(act sitting.Act, text string) sitting.Outcome {
	r.t.Helper()
	o := r.Order(r.t, r.s.Place().Seat.Sitting, act, text)
	if err := r.s.hall.ask(bg); err != nil {
		r.t.Fatalf("asking for orders: %v", err)
	}
	r.s.hall.due()
	return o
}

func (r *room) question(n int) paper.QuestionID { return r.s.Place().Sitting.Terms.Questions[n] }

func (r *room) answer(n int, a paper.Answer) {
	r.t.Helper()
	if err := r.s.Answer(r.question(n), a); err != nil {
		r.t.Fatalf("answer %d: %v", n, err)
	}
}

// delivered waits until the registry has everything.
func (r *room) delivered() {
	r.t.Helper()
	until(r.t, r.s, "delivered", func() bool { return r.s.Place().Waiting == 0 })
}

// registrys is the sitting as the registry has it.
func (r *room) registrys() sitting.Row {
	r.t.Helper()
	j, err := r.Journal(bg, r.Who(r.t, registrytest.Proctor), r.s.Place().Seat.Sitting)
	if err != nil {
		r.t.Fatal(err)
	}
	return j.Row
}

// crash ends the program without a word: what is in memory is lost. The file's
// lock has to go, so the file is closed first and everything after it fails.
func (r *room) crash() {
	r.t.Helper()
	if err := r.pc.store.Close(); err != nil {
		r.t.Fatal(err)
	}
	r.pc.stop()
}

func (r *room) restart(online bool) {
	r.t.Helper()
	r.pc.start()
	if online {
		r.s = r.pc.enter(registrytest.Doctor)
	} else {
		r.s = r.pc.offline(registrytest.Doctor, doctorsPassword)
	}
	r.s.hall.beat(bg)
}

func TestACandidateSitsTheWholeExam(t *testing.T) {
	r := newRoom(t)
	if err := r.s.Look(bg); err != nil || r.s.Place().Seat.Sitting != "" {
		t.Fatalf("before the check-in: %v %+v", err, r.s.Place().Seat)
	}
	if err := r.s.OpenPaper(bg); exam.KindOf(err) != exam.Refused {
		t.Errorf("opened without a seat: %v", err)
	}
	for _, c := range r.s.Probe(bg) {
		if c.State != "ok" || c.Detail == "" {
			t.Errorf("check %+v", c)
		}
	}
	r.checkIn(r.s, "")
	p := r.s.Place()
	if !p.Mine || !p.Ready || p.Open || p.Seat.Questions != 10 || p.Sitting.State != sitting.Waiting {
		t.Fatalf("after the check-in: %+v", p)
	}
	if err := r.s.OpenPaper(bg); exam.KindOf(err) != exam.Refused {
		t.Errorf("opened before the start: %v", err)
	}
	r.order(sitting.ActStart, "")
	if err := r.s.OpenPaper(bg); err != nil {
		t.Fatalf("open: %v", err)
	}
	p = r.s.Place()
	if !p.Open || p.Order.Len() != 10 || p.View.State != sitting.Running || p.View.Number != 1 || p.View.Left != 60*sitting.Minute {
		t.Fatalf("opened: %+v", p.View)
	}
	for i, q := range p.Sitting.Terms.Questions {
		if p.Order.Place(q) != i {
			t.Fatal("the paper's order is not that of the terms")
		}
	}
	r.answer(0, paper.Only(1))
	r.answer(3, paper.Only(2))
	r.answer(3, paper.Only(0))
	if err := r.s.Mark(r.question(3), true); err != nil {
		t.Fatal(err)
	}
	if err := r.s.GoTo(r.question(5)); err != nil {
		t.Fatal(err)
	}
	if err := r.s.Focus(true); err != nil {
		t.Fatal(err)
	}
	if err := r.s.Focus(false); err != nil {
		t.Fatal(err)
	}
	r.delivered()
	p = r.s.Place()
	if p.Kept[r.question(0)] != sitting.AtRegistry || p.Kept[r.question(3)] != sitting.AtRegistry || p.View.Number != 6 || p.View.Answered != 2 {
		t.Errorf("kept %v, view %+v", p.Kept, p.View)
	}
	if row := r.registrys(); row.Answered != 2 || row.Number != 6 || row.FocusLost != 1 {
		t.Errorf("the registry's row %+v", row)
	}
	r.pass(7 * sitting.Minute)
	if err := r.s.HandIn(bg); err != nil {
		t.Fatalf("hand in: %v", err)
	}
	p = r.s.Place()
	if p.View.State != sitting.HandedIn || !p.Delivered || p.Sitting.Seal.Auto || p.Sitting.Seal.Used != 7*sitting.Minute {
		t.Errorf("handed in: %+v, delivered %v", p.Sitting.Seal, p.Delivered)
	}
	if err := r.s.Answer(r.question(0), paper.Only(0)); exam.KindOf(err) != exam.Refused {
		t.Errorf("answered after the hand-in: %v", err)
	}
	refresh(t, r.s)
	state(t, r.s, application.AwaitingResult)
}

func TestACrashAtAnyPointGoesOnAtTheSameQuestion(t *testing.T) {
	r := begun(t)
	r.rig.mode.Store(dead)
	for n := range 4 {
		r.pass(20 * sitting.Second)
		if err := r.s.GoTo(r.question(n)); err != nil {
			t.Fatal(err)
		}
		r.answer(n, paper.Only(n%4))
		r.crash()
		r.pass(30 * sitting.Second) // the time to come back costs nothing
		r.restart(false)
		p := r.s.Place()
		if p.View.Number != n+1 || p.View.Answered != n+1 || !p.Open || p.View.State != sitting.Running {
			t.Fatalf("after crash %d: %+v, open %v, %s", n+1, p.View, p.Open, p.Stopped)
		}
		if want := sitting.Span(n+1) * 20 * sitting.Second; p.View.Used != want {
			t.Fatalf("after crash %d used %s, want %s", n+1, p.View.Used.Text(), want.Text())
		}
		if k := p.Kept[r.question(n)]; k != sitting.OnThisPC {
			t.Fatalf("the last answer is %q", k)
		}
	}
	_ = r.s.Close(bg)
	r.rig.mode.Store(good)
	r.s = r.pc.enter(registrytest.Doctor)
	r.delivered()
	if row := r.registrys(); row.Answered != 4 {
		t.Errorf("the registry has %+v", row)
	}
}

func TestAnHourWithoutALineIsHandedInByItselfAndCounts(t *testing.T) {
	r := begun(t)
	r.rig.mode.Store(dead)
	for n := range 10 {
		r.pass(5 * sitting.Minute)
		r.answer(n, paper.Only(1))
	}
	r.pass(10*sitting.Minute - 1) // the last microsecond counts
	r.answer(9, paper.Only(2))
	if p := r.s.Place(); p.View.Left != 1 || p.View.Answered != 10 || p.Kept[r.question(9)] != sitting.OnThisPC {
		t.Fatalf("at the end: %+v", p.View)
	}
	r.pass(sitting.Second)
	if err := r.s.Answer(r.question(0), paper.Only(0)); exam.KindOf(err) != exam.Refused || !strings.Contains(err.Error(), "自动交卷") {
		t.Fatalf("answered after the end: %v", err)
	}
	p := r.s.Place()
	if p.View.State != sitting.HandedIn || !p.Sitting.Seal.Auto || p.Delivered {
		t.Fatalf("not sealed: %+v", p.View)
	}
	r.rig.mode.Store(good)
	if err := r.s.hall.ask(bg); err != nil {
		t.Fatal(err)
	}
	r.delivered()
	if row := r.registrys(); row.State != sitting.HandedIn || row.Answered != 10 {
		t.Errorf("the registry has %+v", row)
	}
}

func TestATerminalThatWasDownAtTheDeadlineSealsWhenItComesBack(t *testing.T) {
	r := begun(t)
	r.answer(0, paper.Only(1))
	r.delivered()
	r.rig.mode.Store(dead)
	r.pass(50 * sitting.Minute)
	r.answer(1, paper.Only(1))
	r.crash()
	r.pass(40 * sitting.Minute)
	r.restart(false)
	p := r.s.Place()
	if p.View.State != sitting.HandedIn || p.View.Answered != 2 || !p.Sitting.Seal.Auto {
		t.Fatalf("after the deadline: %+v", p.View)
	}
}

func TestARestartOfThePCWithoutALineKeepsTheAnswersAndGoesOn(t *testing.T) {
	r := begun(t)
	r.rig.mode.Store(dead)
	r.pass(10 * sitting.Minute)
	r.answer(0, paper.Only(1))
	r.crash()
	r.Clock.Advance(2 * time.Minute)
	r.clocks.reboot("boot-b", 365*24*60*sitting.Minute) // and its clock is a year off
	r.restart(false)
	p := r.s.Place()
	if p.View.State != sitting.Running || p.View.Answered != 1 || p.View.Used != 10*sitting.Minute {
		t.Fatalf("after the restart: %+v", p.View)
	}
	_ = r.s.Close(bg)
	r.rig.mode.Store(good)
	r.s = r.pc.enter(registrytest.Doctor)
	if err := r.s.hall.ask(bg); err != nil {
		t.Fatal(err)
	}
	r.s.hall.due()
	r.delivered()
	g := r.s.Place().Sitting.Ledger.Gaps
	if len(g) == 0 || !g[0].Measured || g[0].Length < sitting.Minute || g[0].Length > 3*sitting.Minute {
		t.Errorf("gaps %+v", g)
	}
	if row := r.registrys(); row.Answered != 1 || row.State != sitting.Running {
		t.Errorf("the registry has %+v", row)
	}
}

func TestOrdersAreObeyedAtOnceAndSaySo(t *testing.T) {
	r := begun(t)
	r.pass(sitting.Minute)
	r.order(sitting.ActMessage, "请保持安静")
	r.order(sitting.ActPause, "考场停电")
	r.delivered()
	p := r.s.Place()
	if p.View.State != sitting.Paused || p.View.Reason != "考场停电" || len(p.View.Pending) != 0 {
		t.Fatalf("paused: %+v", p.View)
	}
	r.pass(20 * sitting.Minute)
	if err := r.s.Answer(r.question(0), paper.Only(0)); exam.KindOf(err) != exam.Refused {
		t.Errorf("answered while paused: %v", err)
	}
	if err := r.s.HandIn(bg); exam.KindOf(err) != exam.Refused {
		t.Errorf("handed in while paused: %v", err)
	}
	r.order(sitting.ActResume, "")
	r.order(sitting.ActExtra, "补偿停电")
	p = r.s.Place()
	if p.View.State != sitting.Running || p.View.Used != sitting.Minute || p.View.Left != 64*sitting.Minute {
		t.Errorf("resumed: used %s, left %s", p.View.Used.Text(), p.View.Left.Text())
	}
	r.delivered()
	if row := r.registrys(); row.Pending != 0 {
		t.Errorf("orders that nobody obeyed: %+v", row)
	}
	r.order(sitting.ActTerminated, "携带手机")
	if p := r.s.Place(); p.View.State != sitting.Terminated || p.View.Reason != "携带手机" {
		t.Errorf("terminated: %+v", p.View)
	}
	if err := r.s.Answer(r.question(0), paper.Only(0)); exam.KindOf(err) != exam.Refused {
		t.Errorf("answered after the end: %v", err)
	}
}

func TestAMovedCandidateGoesOnElsewhereAndTheOldTerminalStops(t *testing.T) {
	r := begun(t)
	r.answer(0, paper.Only(1))
	r.pass(5 * sitting.Minute)
	r.answer(1, paper.Only(2))
	if err := r.s.GoTo(r.question(4)); err != nil {
		t.Fatal(err)
	}
	r.delivered()
	old := r.s
	other := r.seatPC("b", &fakeClocks{at: sitting.Reading{Boot: "boot-other", Mono: 7 * sitting.Second, Wall: r.clocks.at.Wall}})
	// Before anybody moved the candidate, a second machine gets nothing.
	s2 := other.enter(registrytest.Doctor)
	if err := s2.CheckIn(bg, nil, ""); exam.KindOf(err) != exam.Refused || !strings.Contains(err.Error(), "验证码") {
		t.Fatalf("two machines: %v", err)
	}
	r.rig.mode.Store(dead)
	r.answer(2, paper.Only(0)) // never arrives
	out := r.Order(t, old.Place().Seat.Sitting, sitting.ActMove, "考试机故障")
	r.rig.mode.Store(good)
	if err := s2.CheckIn(bg, nil, "000000"); exam.KindOf(err) != exam.Refused && out.Code != "000000" {
		t.Fatalf("a wrong code: %v", err)
	}
	if err := s2.CheckIn(bg, s2.Probe(bg), out.Code); err != nil {
		t.Fatalf("with the code: %v", err)
	}
	if err := s2.OpenPaper(bg); err != nil {
		t.Fatalf("open elsewhere: %v", err)
	}
	p := s2.Place()
	if p.View.Epoch != 2 || p.View.Number != 5 || p.View.Answered < 2 || !p.Open || p.View.State != sitting.Running {
		t.Fatalf("elsewhere: %+v open %v", p.View, p.Open)
	}
	if p.Kept[p.Sitting.Terms.Questions[0]] != sitting.AtRegistry {
		t.Errorf("kept %v", p.Kept)
	}
	if err := s2.Answer(p.Sitting.Terms.Questions[7], paper.Only(1)); err != nil {
		t.Fatal(err)
	}
	_ = old.hall.ask(bg)
	until(t, old, "stopped", func() bool { return old.Place().Stopped != "" })
	if err := old.Answer(r.question(3), paper.Only(0)); exam.KindOf(err) != exam.Refused || !strings.Contains(err.Error(), "另一台考试机") {
		t.Errorf("the old terminal wrote: %v", err)
	}
	until(t, s2, "delivered", func() bool { return s2.Place().Waiting == 0 })
	until(t, old, "the old outbox is quiet", func() bool { return old.Line().Online && old.Line().Pending == 0 })
	// Nothing that it wrote was thrown away.
	var there []sitting.Entry
	if err := old.vault.View(func(tx *local.Tx) (err error) {
		there, err = entries(tx, wire.SittingStream(old.Place().Seat.Sitting, 1))
		return err
	}); err != nil || len(there) < 5 {
		t.Errorf("%d entries are left: %v", len(there), err)
	}
	// Moved once more: the first machine is still one that lost the sitting, and says so.
	r.Order(t, old.Place().Seat.Sitting, sitting.ActMove, "考试机又故障")
	if err := old.hall.ask(bg); err != nil {
		t.Fatal(err)
	}
	if p := old.Place(); p.View.Epoch != 3 || p.Stopped == "" {
		t.Errorf("epoch %d, the first machine says %q", p.View.Epoch, p.Stopped)
	}
}

func TestASeatThatAnotherMachineTookIsNotThisOnes(t *testing.T) {
	r := newRoom(t)
	r.Registry.CheckIn(t, registrytest.Doctor, "another")
	if err := r.s.Look(bg); err != nil {
		t.Fatal(err)
	}
	if p := r.s.Place(); p.Mine || p.Seat.Sitting == "" {
		t.Fatalf("before the check-in here: %+v", p.Seat)
	}
	r.checkIn(r.s, "") // before the start the last one has it
	if !r.s.Place().Mine {
		t.Error("checked in, and not said")
	}
}

func TestDeliveringTwiceCountsOnce(t *testing.T) {
	r := begun(t)
	r.rig.mode.Store(losesReply)
	r.answer(0, paper.Only(1))
	r.answer(1, paper.Only(1))
	_ = r.s.Refresh(bg) // arrives, without an answer
	r.rig.mode.Store(good)
	r.answer(2, paper.Only(1))
	r.delivered()
	if row := r.registrys(); row.Answered != 3 || row.Anomalies != 0 {
		t.Errorf("the registry has %+v", row)
	}
}

func TestOfTheAnswersNothingLiesOnThisPC(t *testing.T) {
	r := begun(t)
	r.answer(0, paper.Only(1))
	r.delivered()
	p := r.s.Place()
	encoded, err := paper.Encode(p.Paper)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"answer", "explanation", "Answer"} {
		if bytes.Contains(encoded, []byte(word)) {
			t.Errorf("the paper says %q", word)
		}
	}
	stem := p.Paper.Questions[0].Stem
	r.crash()
	raw, err := os.ReadFile(r.pc.path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(raw, []byte(stem)) {
		t.Error("the paper lies on disk in clear")
	}
	r.pc.start()
	s := r.pc.offline(registrytest.Doctor, doctorsPassword)
	s.hall.beat(bg)
	if q := s.Place(); !q.Open || q.Paper.Questions[0].Stem != stem {
		t.Error("the paper is not here after a restart without a line")
	}
}

// answerUntilFull is a terminal as a process whose disk has no more room.
func answerUntilFull() {
	fail := func(a ...any) {
		fmt.Println(a...)
		os.Exit(3)
	}
	line, err := client.New(client.Config{Address: "http://127.0.0.1:1"})
	if err != nil {
		fail(err)
	}
	path := os.Getenv("STATION_CHILD")
	st, err := Open(Config{Path: path, Registry: line, Clocks: &fakeClocks{at: sitting.Reading{Boot: "boot-a", Mono: 200 * sitting.Second, Wall: 1}}})
	if err != nil {
		fail(err)
	}
	s, err := st.EnterOffline(context.Background(), exam.Credentials{Login: os.Getenv("STATION_LOGIN"), Password: doctorsPassword})
	if err != nil {
		fail(err)
	}
	if err := noMoreRoom(path); err != nil {
		fail(err)
	}
	q := s.Place().Sitting.Terms.Questions[0]
	for n := range 20000 {
		before := s.Place().Sitting.Answer(q)
		err := s.Answer(q, paper.Only(n%4))
		if err == nil {
			continue
		}
		p := s.Place()
		switch {
		case !strings.Contains(exam.SentenceOf(err), "磁盘已满"):
			fail("another error:", err)
		case p.Sitting.Answer(q) != before:
			fail("the old answer is gone")
		case p.Kept[q] != sitting.NotSaved, !strings.Contains(p.Trouble, "磁盘已满"):
			fail("it is not said:", p.Kept[q], p.Trouble)
		}
		fmt.Println("full", n, before)
		return
	}
	fail("the disk never was full")
}
