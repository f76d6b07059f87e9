package client

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/registry/registrytest"
	"dingkao/sync/wire"
)

// staff signs a member of staff in at a real registry.
func staff(t *testing.T, r *registrytest.Registry, login string) *Session {
	t.Helper()
	c := dial(t, Config{Address: r.URL})
	s, err := c.SignInStaff(bg, credentials(t, c, login, registrytest.Password))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAProctorReadsTheWallAndASeatAndGivesOrders(t *testing.T) {
	r := registrytest.Start(t)
	c := r.StartExam(t, registrytest.Doctor)
	s := staff(t, r, registrytest.Proctor)

	page, err := s.Wall(bg, sitting.Filter{})
	if err != nil || len(page.Rows) != 1 || page.Rows[0].State != sitting.Ready || page.Counts[sitting.Ready] != 1 || page.Now == 0 {
		t.Fatalf("%+v, %v", page, err)
	}
	row := page.Rows[0]
	if row.Sitting != c.Seat.Sitting || len(row.Checks) != 2 || row.Terminal == "" || row.Room == "" {
		t.Errorf("%+v", row)
	}
	if page, err := s.Wall(bg, sitting.Filter{States: []sitting.State{sitting.Paused}}); err != nil || len(page.Rows) != 0 || page.Counts[sitting.Ready] != 1 {
		t.Errorf("filtered: %+v, %v", page, err)
	}

	c.Open(t)
	c.AnswerRight(t, 3)
	c.Send(t)
	outs, err := s.Command(bg, sitting.Command{Act: sitting.ActPause, Text: "设备检查，请稍候。", Sittings: []sitting.Target{
		{Sitting: row.Sitting, Orders: row.Orders}, {Sitting: "nobody"}, {Sitting: row.Sitting, Orders: row.Orders}}})
	if err != nil || len(outs) != 3 {
		t.Fatalf("%+v, %v", outs, err)
	}
	if outs[0].Kind != "" || outs[0].State != sitting.Paused || outs[1].Kind != exam.NotFound || outs[2].Kind != exam.Conflict || outs[2].Sentence == "" {
		t.Errorf("done, unknown, overtaken: %+v", outs)
	}
	c.Look(t)
	c.Write(t, sitting.ActObeyed, sitting.Body{})
	c.Send(t)

	j, err := s.Journal(bg, row.Sitting)
	if err != nil {
		t.Fatal(err)
	}
	f, err := j.Fold()
	if err != nil || f.State != sitting.Paused || f.Answered() != 3 || j.Row.Answered != 3 || len(j.Orders) != 2 || len(j.Epochs) != 1 {
		t.Fatalf("%+v, %v", j.Row, err)
	}
	if got := j.Receipts(); got[1].Read == nil || got[1].Obeyed == nil {
		t.Errorf("an obeyed pause: %+v", got[1])
	}

	outs, err = s.Command(bg, sitting.Command{Act: sitting.ActMove, Text: "考试机故障。", Sittings: []sitting.Target{{Sitting: row.Sitting}}})
	if err != nil || len(outs[0].Code) != 6 {
		t.Fatalf("%+v, %v", outs, err)
	}
	if j, err = s.Journal(bg, row.Sitting); err != nil || j.Row.Code != outs[0].Code {
		t.Errorf("the code of a move that waits is %q, was %q, %v", j.Row.Code, outs[0].Code, err)
	}
}

// A candidate who thinks writes nothing; the machine asks all the same, and is heard of.
// What another machine asks is no word of this one.
func TestAMachineThatAsksIsHeardOfAlthoughItsCandidateThinks(t *testing.T) {
	r := registrytest.Start(t)
	c := r.StartExam(t, registrytest.Doctor)
	s := staff(t, r, registrytest.Proctor)
	c.Open(t)
	c.Send(t)
	row := func() (sitting.Row, exam.Instant) {
		t.Helper()
		page, err := s.Wall(bg, sitting.Filter{})
		if err != nil || len(page.Rows) != 1 {
			t.Fatal(len(page.Rows), err)
		}
		return page.Rows[0], page.Now
	}
	before, _ := row()
	r.Clock.Advance(4 * time.Minute)
	if got, now := row(); got.LastHeard != before.LastHeard || now-got.LastHeard < exam.Instant(4*sitting.Minute) {
		t.Fatalf("nothing was said, and it was heard of: %+v", got)
	}
	if _, err := r.Registry().Seat(bg, c.Who, "another"); err != nil {
		t.Fatal(err)
	}
	if got, _ := row(); got.LastHeard != before.LastHeard {
		t.Error("another machine asked")
	}
	c.Look(t)
	got, now := row()
	if now-got.LastHeard > exam.Instant(sitting.Second) {
		t.Errorf("it asked, and was not heard of for %v", sitting.Span(now-got.LastHeard).Duration())
	}
	if used := before.Left - got.Left; used < 4*sitting.Minute || used > 4*sitting.Minute+10*sitting.Second {
		t.Errorf("%v of the time are gone in four minutes", used.Duration())
	}
	j, err := s.Journal(bg, got.Sitting)
	if err != nil || j.Row.LastHeard != got.LastHeard {
		t.Errorf("the seat says another time than the wall: %v", err)
	}
}

func TestOnlyStaffWithTheRightReadTheWall(t *testing.T) {
	r := registrytest.Start(t)
	c := r.StartExam(t, registrytest.Doctor)
	assessor := staff(t, r, registrytest.Assessor)
	if page, err := assessor.Wall(bg, sitting.Filter{}); err != nil || len(page.Rows) != 1 {
		t.Errorf("an assessor: %d, %v", len(page.Rows), err)
	}
	if j, err := assessor.Journal(bg, c.Seat.Sitting); err != nil || j.Row.Sitting != c.Seat.Sitting {
		t.Errorf("an assessor's journal: %v", err)
	}
	order := sitting.Command{Act: sitting.ActMessage, Text: "请安静。", Sittings: []sitting.Target{{Sitting: c.Seat.Sitting}}}
	if outs, err := assessor.Command(bg, order); err == nil && outs[0].Kind == "" {
		t.Error("an assessor gave a message")
	}
	inst := staff(t, r, registrytest.Institution)
	if _, err := inst.Wall(bg, sitting.Filter{}); exam.KindOf(err) != exam.Forbidden {
		t.Errorf("an institution reads the wall: %v", err)
	}
	if _, err := inst.Journal(bg, c.Seat.Sitting); err == nil {
		t.Error("an institution reads a journal")
	}
}

// An answer that is not what was asked for is not taken: a row of another sitting, a
// stream with a hole, an outcome for somebody else.
func TestAWrongAnswerAboutASittingIsNotTaken(t *testing.T) {
	entry := func(stream wire.Stream, seq uint64) wire.Entry {
		a := paper.Only(1)
		prev := wire.Hash("")
		if seq > 1 {
			prev = wire.HashOf([]byte("x"))
		}
		e, _, err := wire.Next(stream, seq, prev, 1, "t1", string(sitting.ActAnswered), sitting.Body{Reading: &sitting.Reading{Boot: "b"}, Question: "q1", Answer: &a})
		if err != nil {
			t.Fatal(err)
		}
		return e
	}
	var answer any
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(answer) }))
	defer srv.Close()
	s := &Session{registry: dial(t, Config{Address: srv.URL})}
	own := wire.SittingStream("s1", 1)
	good := wire.Journal{Row: sitting.Row{Sitting: "s1"}, Epochs: [][]wire.Entry{{entry(own, 1), entry(own, 2)}}}
	answer = good
	if j, err := s.Journal(bg, "s1"); err != nil || len(j.Epochs[0]) != 2 {
		t.Fatalf("a good one: %v", err)
	}
	for name, j := range map[string]wire.Journal{
		"another sitting": {Row: sitting.Row{Sitting: "s2"}},
		"a hole":          {Row: good.Row, Epochs: [][]wire.Entry{{entry(own, 2)}}},
		"another epoch":   {Row: good.Row, Epochs: [][]wire.Entry{{}, {entry(own, 1)}}},
		"no order":        {Row: good.Row, Orders: []wire.Entry{entry(own, 1)}},
	} {
		answer = j
		if _, err := s.Journal(bg, "s1"); exam.KindOf(err) != exam.Damaged {
			t.Errorf("%s: %v", name, err)
		}
	}
	c := sitting.Command{Act: sitting.ActResume, Sittings: []sitting.Target{{Sitting: "s1"}, {Sitting: "s2"}}}
	for name, outs := range map[string][]sitting.Outcome{"too few": {{Sitting: "s1"}}, "swapped": {{Sitting: "s2"}, {Sitting: "s1"}}} {
		answer = wire.SittingOutcomes{Outcomes: outs}
		if _, err := s.Command(bg, c); exam.KindOf(err) != exam.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPapersAreListedAndTheirStatisticsWaitForTheEnd(t *testing.T) {
	r := registrytest.Start(t)
	info := r.DrawPaper(t, 10)
	s := staff(t, r, registrytest.Assessor)
	list, err := s.Papers(bg)
	if err != nil || len(list) != 1 || list[0].ID != info.ID || list[0].Questions != 10 {
		t.Fatalf("%+v %v", list, err)
	}
	if _, err := s.Statistics(bg, info.ID); exam.KindOf(err) != exam.Refused || exam.SentenceOf(err) == "" {
		t.Errorf("while it may be sat: %v", err)
	}
	r.Clock.Advance(400 * 24 * time.Hour)
	s = staff(t, r, registrytest.Assessor)
	if st, err := s.Statistics(bg, info.ID); err != nil || st.Paper != info.ID || len(st.Items) != 10 || st.Results != 0 {
		t.Errorf("afterwards: %+v %v", st, err)
	}
}
