package station

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/practice"
	"dingkao/sync/client"
	"dingkao/sync/local"
	"dingkao/sync/registry/registrytest"
	"dingkao/sync/wire"
)

func openBank(id paper.BankID, n int) paper.Bank {
	b := paper.Bank{ID: id, Name: "医疗法规", Open: true}
	for i := range n {
		q := paper.Question{Kind: paper.A1, Stem: fmt.Sprintf("第%d问", i), Options: []string{"甲", "乙", "丙"}}
		b.Items = append(b.Items, paper.Item{Question: q.Identified(), Answer: paper.Only(1), Explanation: "解析"})
	}
	return b
}

func (r *rig) publish(t *testing.T, b paper.Bank) {
	t.Helper()
	if _, err := r.Registry.Registry().PutBank(context.Background(), b, true); err != nil {
		t.Fatal(err)
	}
}

// fetched waits until a bank lies on this PC whole.
func fetched(t *testing.T, s *Session, id paper.BankID, questions int) {
	t.Helper()
	until(t, s, "bank", func() bool {
		b, err := s.Bank(id)
		return err == nil && len(b.Items) == questions
	})
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func begin(t *testing.T, s *Session, mode practice.Mode) practice.Round {
	t.Helper()
	return must[practice.Round](t)(s.BeginRound(context.Background(), "law", mode))
}

func answer(t *testing.T, s *Session, q paper.QuestionID, a paper.Answer) practice.Round {
	t.Helper()
	return must[practice.Round](t)(s.AnswerQuestion(context.Background(), "law", q, a))
}

func TestARoundIsPractisedWithoutAnyRegistry(t *testing.T) {
	noLeak(t)
	r := newRig(t)
	r.publish(t, openBank("law", 60))
	p := r.pc(t, "laptop")
	s := p.enter(registrytest.Doctor)
	fetched(t, s, "law", 60)
	p.stop()
	r.Stop()
	r.mode.Store(dead)

	p.start()
	s = p.offline(registrytest.Doctor, doctorsPassword)
	shelf := must[practice.Shelf](t)(s.Shelf())
	if len(shelf.Banks) != 1 || !shelf.Banks[0].Here || shelf.Banks[0].Questions != 60 || shelf.Banks[0].Round != nil {
		t.Fatalf("shelf %+v", shelf)
	}
	round := begin(t, s, practice.ModeRandom)
	if len(round.Questions) != practice.RoundSize {
		t.Fatalf("%d questions", len(round.Questions))
	}
	for i, q := range round.Questions {
		round = answer(t, s, q, paper.Only(i%2)) // every other one is right
	}
	if got := round.Tally(); got.Answered != 50 || got.Right != 25 {
		t.Errorf("tally %+v", got)
	}
	if err := s.StarQuestion(context.Background(), "law", round.Questions[0], true); err != nil {
		t.Fatal(err)
	}
	if l := s.Line(); l.Pending != 51 || l.Online {
		t.Errorf("line %+v", l)
	}
	if _, err := s.AnswerQuestion(context.Background(), "law", round.Questions[0], 1); exam.KindOf(err) != exam.Refused {
		t.Errorf("answered twice: %v", err)
	}
	p.stop()

	p.start()
	s = p.offline(registrytest.Doctor, doctorsPassword)
	sum := s.Progress().Sum(must[paper.Bank](t)(s.Bank("law")))
	if sum.Seen != 50 || sum.Right != 25 || sum.Mistakes != 25 || sum.Starred != 1 {
		t.Errorf("after the program was started anew: %+v", sum)
	}
	if m := begin(t, s, practice.ModeMistakes); len(m.Questions) != 25 {
		t.Errorf("%d mistakes to practise", len(m.Questions))
	}
	if err := s.LookForBanks(context.Background()); exam.KindOf(err) != exam.Unavailable {
		t.Errorf("looked without a line: %v", err)
	}
}

func TestAnAnswerOutlivesAKilledTerminal(t *testing.T) {
	r := newRig(t)
	r.publish(t, openBank("law", 60))
	p := r.pc(t, "laptop")
	s := p.enter(registrytest.Doctor)
	fetched(t, s, "law", 60)
	p.stop()
	r.mode.Store(dead)

	c := exec.Command(os.Args[0], "-test.run=^$")
	c.Env = append(os.Environ(), "STATION_PRACTISES="+p.path, "STATION_LOGIN="+registrytest.Doctor)
	c.Stderr = os.Stderr
	out := must[interface {
		Read([]byte) (int, error)
	}](t)(c.StdoutPipe())
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	// It practises as fast as it can; it is killed in the middle.
	lines := bufio.NewScanner(out)
	told := 0
	for told < 7 && lines.Scan() {
		if strings.HasPrefix(lines.Text(), "failed") {
			t.Fatal(lines.Text())
		}
		told++
	}
	_ = c.Process.Kill()
	_ = c.Wait()
	if told < 7 {
		t.Fatalf("the child told of %d answers", told)
	}

	p.start()
	s = p.offline(registrytest.Doctor, doctorsPassword)
	round := must[practice.Round](t)(s.Round("law"))
	n := round.Tally().Answered
	if n < told || s.Progress().Sum(must[paper.Bank](t)(s.Bank("law"))).Times != n || s.Line().Pending != n {
		t.Errorf("%d answers were told, the round has %d, the progress %+v, %d wait", told, n, s.Progress().Days(), s.Line().Pending)
	}
	if round.At != n-1 && round.At != n { // killed between the answer and the next question
		t.Errorf("the round goes on at question %d after %d answers", round.At, n)
	}
	// And it goes out at the next sign-in.
	r.mode.Store(good)
	s = p.enter(registrytest.Doctor)
	sent(t, s)
	tail, err := r.Registry.Registry().Tail(context.Background(), r.Who(t, registrytest.Doctor), s.study.stream(), 0)
	if err != nil || len(tail.Entries) != n {
		t.Errorf("the registry has %d of %d entries, %v", len(tail.Entries), n, err)
	}
}

// practiseUntilKilled is a terminal as a process of its own.
func practiseUntilKilled() {
	fail := func(err error) {
		fmt.Println("failed:", err)
		os.Exit(3)
	}
	line, err := client.New(client.Config{Address: "http://127.0.0.1:1"})
	if err != nil {
		fail(err)
	}
	st, err := Open(Config{Path: os.Getenv("STATION_PRACTISES"), Registry: line})
	if err != nil {
		fail(err)
	}
	ctx := context.Background()
	s, err := st.EnterOffline(ctx, exam.Credentials{Login: os.Getenv("STATION_LOGIN"), Password: doctorsPassword})
	if err != nil {
		fail(err)
	}
	r, err := s.BeginRound(ctx, "law", practice.ModeRandom)
	if err != nil {
		fail(err)
	}
	for i, q := range r.Questions {
		if _, err := s.AnswerQuestion(ctx, "law", q, 1); err != nil {
			fail(err)
		}
		fmt.Println("answered", i)
		if _, err := s.GoToQuestion(ctx, "law", i+1); err != nil {
			fail(err)
		}
	}
	select {}
}

func TestTwoDevicesOfADoctorComeTogether(t *testing.T) {
	r := newRig(t)
	r.publish(t, openBank("law", 10))
	one, two := r.pc(t, "one"), r.pc(t, "two")
	s1, s2 := one.enter(registrytest.Doctor), two.enter(registrytest.Doctor)
	fetched(t, s1, "law", 10)
	fetched(t, s2, "law", 10)
	r1, r2 := begin(t, s1, practice.ModeRandom), begin(t, s2, practice.ModeRandom)
	r.mode.Store(dead)
	answer(t, s1, r1.Questions[0], 1)
	answer(t, s1, r1.Questions[1], 2)
	answer(t, s2, r2.Questions[5], 1)
	r.mode.Store(good)
	refresh(t, s1)
	refresh(t, s2)
	for _, s := range []*Session{s1, s2} {
		if err := s.LookForBanks(context.Background()); err != nil {
			t.Fatal(err)
		}
		if got := s.Progress().Days(); len(got) != 1 || got[0].Answers != 3 || got[0].Right != 1 {
			t.Errorf("days %+v", got)
		}
	}
}

func TestTheNextDoctorAtThePCSeesNothingOfTheFirstsPractice(t *testing.T) {
	r := newRig(t)
	r.publish(t, openBank("law", 10))
	p := r.pc(t, "shared")
	s := p.enter(registrytest.Doctor)
	fetched(t, s, "law", 10)
	round := begin(t, s, practice.ModeRandom)
	answer(t, s, round.Questions[0], 2)
	if err := s.StarQuestion(context.Background(), "law", round.Questions[0], true); err != nil {
		t.Fatal(err)
	}
	sent(t, s)
	if err := s.Close(context.Background()); err != nil {
		t.Fatal(err)
	}

	other := p.enter(registrytest.OtherDoctor)
	fetched(t, other, "law", 10)
	if err := other.LookForBanks(context.Background()); err != nil {
		t.Fatal(err)
	}
	b := must[paper.Bank](t)(other.Bank("law"))
	if sum := other.Progress().Sum(b); sum != (practice.Sum{Questions: 10}) || len(other.Progress().Days()) != 0 {
		t.Errorf("the next doctor sees %+v", sum)
	}
	if _, err := other.Round("law"); exam.KindOf(err) != exam.NotFound {
		t.Errorf("the next doctor finds a round: %v", err)
	}
	if err := other.vault.View(func(tx *local.Tx) error {
		streams, err := tx.Streams()
		for _, st := range streams {
			if st.Kind() == wire.KindPractice {
				t.Errorf("the stream %s lies in the next doctor's vault", st)
			}
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(p.path)
	if err != nil || bytes.Contains(raw, []byte(round.Questions[0])) {
		t.Errorf("a question that was practised can be read in the file: %v", err)
	}
}

func TestANewEditionOfABankReplacesTheOldOne(t *testing.T) {
	r := newRig(t)
	r.publish(t, openBank("law", 10))
	p := r.pc(t, "laptop")
	s := p.enter(registrytest.Doctor)
	fetched(t, s, "law", 10)
	round := begin(t, s, practice.ModeRandom)
	answer(t, s, round.Questions[0], 1)
	r.publish(t, openBank("law", 12))
	r.publish(t, openBank("second", 3))
	if err := s.LookForBanks(context.Background()); err != nil {
		t.Fatal(err)
	}
	fetched(t, s, "law", 12)
	fetched(t, s, "second", 3)
	if got := must[practice.Round](t)(s.Round("law")); len(got.Questions) != 10 || got.Tally().Answered != 1 {
		t.Errorf("the round under way is %+v", got.Tally())
	}
}

func TestABankThatBreaksOffIsFetchedAnew(t *testing.T) {
	r := newRig(t)
	p := r.pc(t, "laptop")
	s := p.enter(registrytest.Doctor)
	if err := s.LookForBanks(context.Background()); err != nil {
		t.Fatal(err)
	}
	r.publish(t, openBank("law", 10))
	r.mode.Store(dead)
	if err := s.LookForBanks(context.Background()); exam.KindOf(err) != exam.Unavailable {
		t.Fatalf("without a line: %v", err)
	}
	if shelf := must[practice.Shelf](t)(s.Shelf()); shelf.Trouble == "" || shelf.Fetching {
		t.Errorf("shelf %+v", shelf)
	}
	s.study.mu.Lock()
	s.study.looked = s.study.looked.Add(-lookEvery) // as if minutes had passed
	s.study.mu.Unlock()
	r.mode.Store(good)
	refresh(t, s)
	fetched(t, s, "law", 10)
	until(t, s, "no trouble", func() bool { sh, err := s.Shelf(); return err == nil && sh.Trouble == "" && !sh.Fetching })
}

// A PC's file was copied to another PC: both write one stream. Whoever comes second
// sets what it wrote behind the other's, and nothing is lost.
func TestTwoCopiesOfOneFileLoseNoPractice(t *testing.T) {
	r := newRig(t)
	r.publish(t, openBank("law", 10))
	one := r.pc(t, "one")
	s := one.enter(registrytest.Doctor)
	fetched(t, s, "law", 10)
	answer(t, s, begin(t, s, practice.ModeRandom).Questions[0], 1)
	sent(t, s)
	one.stop()
	two := r.pc(t, "two")
	two.stop()
	for _, end := range []string{"", ".key"} {
		if err := os.WriteFile(two.path+end, must[[]byte](t)(os.ReadFile(one.path+end)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	one.start()
	two.start()
	for i, p := range []*pc{one, two} {
		s := p.offline(registrytest.Doctor, doctorsPassword)
		for range i + 2 {
			round := must[practice.Round](t)(s.Round("law"))
			answer(t, s, round.Questions[round.Tally().Answered], 1)
		}
	}
	s1 := one.enter(registrytest.Doctor)
	sent(t, s1)
	s2 := two.enter(registrytest.Doctor)
	sent(t, s2)
	if got := s2.Progress().Days(); got[0].Answers != 6 {
		t.Errorf("the second PC knows of %+v", got)
	}
	tail, err := r.Registry.Registry().Tail(context.Background(), r.Who(t, registrytest.Doctor), s2.study.stream(), 0)
	if err != nil || len(tail.Entries) != 6 {
		t.Errorf("the registry has %d entries, %v", len(tail.Entries), err)
	}
}
