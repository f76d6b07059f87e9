package registry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/score"
	"dingkao/exam/sitting"
	"dingkao/sync/registry"
	rt "dingkao/sync/registry/registrytest"
	"dingkao/sync/registry/storetest"
	"dingkao/sync/wire"
)

// examBoth runs a test of the exam against a served registry on both databases.
func examBoth(t *testing.T, f func(t *testing.T, r *rt.Registry)) {
	t.Run("SQLite", func(t *testing.T) { f(t, rt.Start(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { f(t, rt.Start(t, rt.Options{Database: storetest.Postgres(t)})) })
}

// line speaks to the registry over HTTP as one account, and keeps every answer.
type line struct {
	t     *testing.T
	r     *rt.Registry
	token string
	heard [][]byte
}

func (l *line) do(method, path string, in, out any) wire.Problem {
	l.t.Helper()
	var body io.Reader
	if in != nil {
		raw, err := json.Marshal(in)
		if err != nil {
			l.t.Fatal(err)
		}
		body = bytes.NewReader(raw)
	}
	q, err := http.NewRequest(method, l.r.URL+path, body)
	if err != nil {
		l.t.Fatal(err)
	}
	q.Header.Set("Authorization", "Bearer "+l.token)
	q.Header.Set("Content-Type", "application/json")
	res, err := l.r.Client().Do(q)
	if err != nil {
		l.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		l.t.Fatal(err)
	}
	l.heard = append(l.heard, raw)
	if res.StatusCode != http.StatusOK {
		var p wire.Problem
		if err := json.Unmarshal(raw, &p); err != nil || p.Detail == "" {
			l.t.Fatalf("%s %s: %d %s", method, path, res.StatusCode, raw)
		}
		return p
	}
	if b, ok := out.(*[]byte); ok {
		*b = raw
	} else if out != nil {
		if err := json.Unmarshal(raw, out); err != nil {
			l.t.Fatalf("%s %s: %v: %s", method, path, err, raw)
		}
	}
	return wire.Problem{}
}

func (l *line) ok(method, path string, in, out any) {
	l.t.Helper()
	if p := l.do(method, path, in, out); p.Status != 0 {
		l.t.Fatalf("%s %s: %+v", method, path, p)
	}
}

func (l *line) refused(kind exam.Kind, part, method, path string, in any) wire.Problem {
	l.t.Helper()
	p := l.do(method, path, in, nil)
	if p.Code != kind || !strings.Contains(p.Detail, part) {
		l.t.Errorf("%s %s: %q %q, want %q …%s…", method, path, p.Code, p.Detail, kind, part)
	}
	return p
}

func on(t *testing.T, r *rt.Registry, login string) *line {
	return &line{t: t, r: r, token: r.SignIn(t, login).Token}
}

func keyPath(id sitting.ID) string { return strings.ReplaceAll(wire.PathKey, "{sitting}", string(id)) }

func sealedPath(id paper.ID) string {
	return strings.ReplaceAll(wire.PathSealed, "{paper}", string(id))
}

func journalPath(id sitting.ID) string {
	return strings.ReplaceAll(wire.PathJournal, "{sitting}", string(id))
}

func attempt(t *testing.T, r *rt.Registry, doctor string) application.Attempt {
	t.Helper()
	d := r.Enrolment(t, doctor).Dossier
	if d.Attempt() == nil {
		t.Fatalf("the dossier (%s) has no attempt", d.State)
	}
	return *d.Attempt()
}

func TestADoctorsWholeExamOverTheLine(t *testing.T) {
	examBoth(t, func(t *testing.T, r *rt.Registry) {
		info := r.DrawPaper(t, 10)
		if info.Questions != 10 || info.PassMark != 600 || info.Of != 1000 || info.Minutes != 60 {
			t.Errorf("the paper: %+v", info)
		}
		doctor, proctor := on(t, r, rt.Doctor), on(t, r, rt.Proctor)
		// Who does not wait for the exam has no seat.
		doctor.refused(exam.NotFound, "签到", "GET", wire.PathSeat+"?terminal=t1", nil)
		in := wire.CheckIn{Terminal: "t1", Name: "01号机", Room: "一号考场", Checks: []sitting.Check{{Name: "camera", State: "none", Detail: "本机没有摄像头，请监考员人工核验"}}}
		doctor.refused(exam.Refused, "不能签到", "POST", wire.PathSeat, in)
		r.ForExam(t, rt.Doctor)
		doctor.refused(exam.NotFound, "签到", "GET", sealedPath(info.ID), nil)

		var seat sitting.Seat
		doctor.ok("POST", wire.PathSeat, in, &seat)
		if seat.State != sitting.Waiting || seat.Epoch != 0 || seat.Paper != info.ID || seat.Sealed != info.Sealed || seat.Minutes != 60 || seat.Questions != 10 || seat.Held != "" {
			t.Fatalf("seat: %+v", seat)
		}
		var sealed []byte
		doctor.ok("GET", sealedPath(info.ID), nil, &sealed)
		if wire.BlobHashOf(sealed) != info.Sealed {
			t.Error("other bytes than the seat names")
		}
		doctor.refused(exam.Refused, "还没有开始", "POST", keyPath(seat.Sitting), wire.KeyRequest{Terminal: "t1", Epoch: 1})

		var page sitting.Page
		proctor.ok("POST", wire.PathWall, sitting.Filter{}, &page)
		if page.Total != 1 || page.Rows[0].State != sitting.Waiting || page.Rows[0].Terminal != "01号机" || page.Rows[0].Room != "一号考场" ||
			page.Counts[sitting.Waiting] != 1 || strings.Contains(page.Rows[0].Identity, "1985") || len(page.Rows[0].Checks) != 1 {
			t.Fatalf("wall: %+v", page)
		}
		var outs wire.SittingOutcomes
		proctor.ok("POST", wire.PathCommand, sitting.Command{Act: sitting.ActStart, Sittings: []sitting.Target{{Sitting: seat.Sitting}}}, &outs)
		if outs.Outcomes[0].Kind != "" || outs.Outcomes[0].State != sitting.Ready {
			t.Fatalf("start: %+v", outs)
		}
		c := r.Candidate(t, rt.Doctor, "t1")
		if c.Seat.Epoch != 1 || len(c.Sitting.Terms.Questions) != 10 {
			t.Fatalf("after the start: %+v", c.Seat)
		}
		var key wire.Key
		doctor.ok("POST", keyPath(seat.Sitting), wire.KeyRequest{Terminal: "t1", Epoch: 1}, &key)
		p, err := wire.OpenPaper(key.Paper, key.Key, sealed)
		if err != nil {
			t.Fatal(err)
		}
		order := p.Order(key.Seed)
		for i, q := range c.Sitting.Terms.Questions {
			if order.ID(i) != q {
				t.Fatalf("the terms have another order than the seed makes")
			}
		}
		c.Open(t)
		send := func() wire.Receipt {
			t.Helper()
			var a wire.Appended
			doctor.ok("POST", wire.PathEntries, wire.Append{Entries: c.Unsent}, &a)
			c.Unsent = nil
			return a.Receipt
		}
		send()
		if a := attempt(t, r, rt.Doctor); a.Sitting != seat.Sitting || a.Score != nil || r.Enrolment(t, rt.Doctor).Dossier.State != application.Sitting {
			t.Errorf("the dossier does not know that it began: %+v", a)
		}
		c.AnswerRight(t, 7)
		receipt := send()
		about := doctor
		var keys exam.About
		about.ok("GET", wire.PathAbout, nil, &keys)
		if err := receipt.Verify(keys.Keys); err != nil || receipt.Seq != 8 {
			t.Errorf("receipt %+v: %v", receipt, err)
		}
		proctor.ok("POST", wire.PathWall, sitting.Filter{States: []sitting.State{sitting.Running}}, &page)
		if len(page.Rows) != 1 || page.Rows[0].Answered != 7 || page.Rows[0].Total != 10 || page.Rows[0].Left <= 0 || page.Rows[0].Left > 60*sitting.Minute {
			t.Fatalf("wall: %+v", page)
		}
		c.HandIn(t)
		send()
		a := attempt(t, r, rt.Doctor)
		if a.Score == nil || a.Score.Right != 7 || a.Score.Questions != 10 || a.Score.Points != 700 || !a.Score.Passed() {
			t.Fatalf("score: %+v", a)
		}
		if s := r.Enrolment(t, rt.Doctor).Dossier.State; s != application.AwaitingResult {
			t.Errorf("the dossier is %s", s)
		}
		doctor.refused(exam.Refused, "试卷不能再打开", "POST", keyPath(seat.Sitting), wire.KeyRequest{Terminal: "t1", Epoch: 1})
		proctor.ok("POST", wire.PathWall, sitting.Filter{}, &page)
		if page.Rows[0].State != sitting.HandedIn || page.Rows[0].HandedIn == 0 {
			t.Errorf("wall: %+v", page.Rows[0])
		}
		var journal wire.Journal
		proctor.ok("GET", journalPath(seat.Sitting), nil, &journal)
		if len(journal.Epochs) != 1 || len(journal.Epochs[0]) != 9 || len(journal.Orders) != 1 || journal.Row.Answered != 7 {
			t.Errorf("journal: %+v", journal.Row)
		}

		// Nothing the doctor's session ever heard tells an answer: the only answers
		// in it are those that the doctor gave, in the doctor's own journal.
		doctor.ok("GET", wire.PathSeat+"?terminal=t1", nil, &seat)
		doctor.ok("GET", wire.PathEnrolment, nil, nil)
		doctor.ok("GET", wire.PathEntries+"?stream="+string(wire.OrdersStream(seat.Sitting)), nil, nil)
		doctor.ok("GET", wire.PathEntries+"?stream="+string(wire.ReviewStream(seat.Application)), nil, nil)
		noAnswers(t, doctor.heard)
		plain, err := paper.Encode(p)
		if err != nil {
			t.Fatal(err)
		}
		noAnswers(t, [][]byte{plain})

		rep, err := r.AuditVerify(context.Background())
		if err != nil || !rep.Clean {
			t.Errorf("audit: %+v %v", rep, err)
		}
	})
}

// noAnswers looks for any field by which a right answer could come.
func noAnswers(t *testing.T, heard [][]byte) {
	t.Helper()
	tells := regexp.MustCompile(`"(answer|answers|correct|explanation|verdict|marks|rules)"\s*:`)
	for _, raw := range heard {
		if m := tells.Find(raw); m != nil {
			t.Errorf("an answer of the registry has %s: %.300s", m, raw)
		}
	}
}

func TestOnlyTheTerminalOfTheEpochInForceIsAcknowledged(t *testing.T) {
	examBoth(t, func(t *testing.T, r *rt.Registry) {
		one := r.StartExam(t, rt.Doctor)
		ctx := context.Background()
		one.Open(t)
		one.AnswerRight(t, 2)
		acknowledged := one.Send(t)

		// Another machine without a move: it is told who holds the epoch, gets no
		// key, and nothing of it is taken in.
		seat := r.CheckIn(t, rt.Doctor, "t2")
		if seat.Epoch != 0 || seat.Held != "考试机t1" {
			t.Fatalf("a second machine: %+v", seat)
		}
		_, err := r.Key(ctx, one.Who, seat.Sitting, wire.KeyRequest{Terminal: "t2", Epoch: 1})
		refused(t, err, exam.Refused, "另一台")
		stranger := *one
		stranger.Terminal = "t2"
		stranger.AnswerRight(t, 1)
		_, err = stranger.TrySend()
		refused(t, err, exam.Refused, "另一台")

		// A move: the old machine still writes, unaware.
		one.AnswerRight(t, 3)
		code := r.Order(t, seat.Sitting, sitting.ActMove, "键盘失灵").Code
		if len(code) != 6 {
			t.Fatalf("code %q", code)
		}
		page, err := r.Wall(ctx, r.Who(t, rt.Proctor), sitting.Filter{})
		if err != nil || page.Rows[0].Code != code || page.Rows[0].Epoch != 2 {
			t.Errorf("the wall shows %q, %v", page.Rows[0].Code, err)
		}
		for _, who := range []string{rt.Assessor, rt.Admin} {
			if page, err := r.Wall(ctx, r.Who(t, who), sitting.Filter{}); err != nil || page.Total != 1 || page.Rows[0].Code != "" {
				t.Errorf("%s sees %+v, %v", who, page.Rows, err)
			}
		}
		unsent := slices.Clone(one.Unsent)
		_, err = one.TrySend()
		refused(t, err, exam.Refused, "不再用于这次测评")
		// What it had delivered before is still acknowledged, with the same words.
		again, err := r.Registry().Append(ctx, one.Who, firstEntries(t, r, seat.Sitting, 1))
		if err != nil || !reflect.DeepEqual(again.Receipt, acknowledged) {
			t.Errorf("%+v, %v; before: %+v", again.Receipt, err, acknowledged)
		}

		in := wire.CheckIn{Terminal: "t2", Name: "02号机"}
		if seat, err := r.Registry().CheckIn(ctx, one.Who, in); err != nil || seat.Epoch != 0 {
			t.Errorf("without a code: %+v, %v", seat, err)
		}
		in.Code = "000000"
		if code == in.Code {
			in.Code = "000001"
		}
		for range 2 {
			_, err = r.Registry().CheckIn(ctx, one.Who, in)
			refused(t, err, exam.Refused, "验证码不对")
		}
		in.Code = code
		seat, err = r.Registry().CheckIn(ctx, one.Who, in)
		if err != nil || seat.Epoch != 2 {
			t.Fatalf("with the code: %+v, %v", seat, err)
		}
		two := r.Candidate(t, rt.Doctor, "t2")
		two.Open(t)
		two.AnswerRight(t, 5)
		two.HandIn(t)
		two.Send(t)
		one.Unsent = unsent
		_, err = one.TrySend()
		refused(t, err, exam.Refused, "不再用于这次测评")
		if a := attempt(t, r, rt.Doctor); a.Score == nil || a.Score.Right != 5 {
			t.Errorf("score: %+v", a.Score)
		}
		rebuilt(t, r)
	})
}

// firstEntries are the stored entries of an epoch as they came.
func firstEntries(t *testing.T, r *rt.Registry, id sitting.ID, epoch sitting.Epoch) []json.RawMessage {
	t.Helper()
	var raws []json.RawMessage
	if err := r.Store.View(context.Background(), func(tx registry.Reader) error {
		es, err := tx.Entries(wire.SittingStream(id, epoch), 0, 1000)
		for _, e := range es {
			raws = append(raws, e.Raw)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return raws
}

func refused(t *testing.T, err error, k exam.Kind, part string) {
	t.Helper()
	if exam.KindOf(err) != k || !strings.Contains(exam.SentenceOf(err), part) {
		t.Errorf("got %q %q, want %q …%s…", exam.KindOf(err), exam.SentenceOf(err), k, part)
	}
}

// rebuilt holds the wall to what a rebuild from the streams gives.
func rebuilt(t *testing.T, r *rt.Registry) {
	t.Helper()
	ctx := context.Background()
	rows := func() []registry.SittingRow {
		var list []registry.SittingRow
		if err := r.Store.View(ctx, func(tx registry.Reader) error {
			ss, err := tx.Sittings("", 1000)
			for _, s := range ss {
				row, err := tx.SittingRow(s.ID)
				if err != nil {
					return err
				}
				list = append(list, row)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return list
	}
	before := rows()
	if _, err := r.RebuildProjections(ctx); err != nil {
		t.Fatal(err)
	}
	if after := rows(); !reflect.DeepEqual(before, after) {
		t.Errorf("live:\n%+v\nrebuilt:\n%+v", before, after)
	}
}

func TestALateJournalCountsAsIfItHadComeInTime(t *testing.T) {
	examBoth(t, func(t *testing.T, r *rt.Registry) {
		ctx := context.Background()
		c := r.StartExam(t, rt.Doctor)
		r.Clock.Set(r.Clock.Now())
		c.Open(t)
		c.AnswerRight(t, 1)
		c.Send(t)
		// The line goes. The candidate works on, is paused and extended by orders
		// that do not arrive, and hands in; the registry collects meanwhile.
		r.Clock.Advance(10 * time.Minute)
		c.AnswerRight(t, 8)
		r.Order(t, c.Seat.Sitting, sitting.ActExtra, "设备故障")
		r.Clock.Advance(20 * time.Minute)
		c.HandIn(t)
		if n, err := r.Collect(ctx); n != 0 || err != nil {
			t.Errorf("collected too early: %d, %v", n, err)
		}
		r.Clock.Advance(24 * time.Hour)
		if seat, err := r.Registry().Seat(ctx, r.Who(t, rt.Doctor), "t1"); err != nil || seat.State != sitting.HandedIn {
			t.Errorf("whoever looks sees it collected: %+v, %v", seat, err)
		}
		if a := attempt(t, r, rt.Doctor); a.Score == nil || a.Score.Right != 1 || a.Score.Passed() {
			t.Fatalf("collected: %+v", a.Score)
		}
		rebuilt(t, r)
		c.Who = r.Who(t, rt.Doctor)
		c.Send(t)
		a := attempt(t, r, rt.Doctor)
		if a.Score == nil || a.Score.Right != 8 || !a.Score.Passed() {
			t.Fatalf("after the journal came: %+v", a.Score)
		}
		out, err := r.Rescore(ctx, c.Seat.Sitting, nil, false)
		if err != nil || !out.Same || out.Digest != a.Score.Digest {
			t.Errorf("recomputed: %+v, %v", out, err)
		}
		if n, err := r.Collect(ctx); n != 0 || err != nil {
			t.Errorf("nothing is due, and %d were dealt with, %v", n, err)
		}
		rebuilt(t, r)
	})
}

func TestDeliveredTwiceAndOutOfOrderIsHarmless(t *testing.T) {
	examBoth(t, func(t *testing.T, r *rt.Registry) {
		ctx := context.Background()
		c := r.StartExam(t, rt.Doctor)
		c.Open(t)
		c.AnswerRight(t, 9)
		all := slices.Clone(c.Unsent)
		put := func(raws []json.RawMessage) error {
			_, err := r.Registry().Append(ctx, c.Who, raws)
			return err
		}
		// Ahead of what is there.
		var conflict *registry.ConflictError
		if err := put(all[3:5]); exam.KindOf(err) != exam.Conflict || !asConflict(err, &conflict) {
			t.Errorf("ahead: %v", err)
		}
		for _, part := range [][2]int{{0, 4}, {0, 4}, {2, 6}, {1, 3}, {5, 10}, {0, 10}} {
			if err := put(all[part[0]:part[1]]); err != nil {
				t.Errorf("%v: %v", part, err)
			}
		}
		if got := firstEntries(t, r, c.Seat.Sitting, 1); len(got) != 10 || !bytes.Equal(got[9], all[9]) {
			t.Errorf("%d entries", len(got))
		}
		// The same place with other words.
		c.Unsent = nil
		other := *c
		other.Answer(t, 9, paper.Only(0))
		c.Answer(t, 9, paper.Only(1))
		if err := put(c.Unsent); err != nil {
			t.Fatal(err)
		}
		if err := put(other.Unsent); !asConflict(err, &conflict) || len(conflict.Tail.Entries) != 1 || conflict.Tail.Receipt.Seq != 11 {
			t.Errorf("another history: %v", err)
		}
		// A batch that breaks off is not taken in at all.
		c.Unsent = nil
		c.Answer(t, 9, paper.Only(2))
		bad := c.Write(t, sitting.ActAnswered, sitting.Body{Question: c.Sitting.Terms.Questions[0], Answer: ptr(paper.Only(7))})
		if err := put(c.Unsent); exam.KindOf(err) != exam.Invalid {
			t.Errorf("an option that is not there: %v, %s", err, bad)
		}
		if got := firstEntries(t, r, c.Seat.Sitting, 1); len(got) != 11 {
			t.Errorf("%d entries after a batch that failed", len(got))
		}
	})
}

func ptr[T any](v T) *T { return &v }

func asConflict(err error, to **registry.ConflictError) bool {
	c, ok := err.(*registry.ConflictError)
	*to = c
	return ok
}

func TestAPauseThatWasNotReadStandsBehindWhatWasWritten(t *testing.T) {
	examBoth(t, func(t *testing.T, r *rt.Registry) {
		c := r.StartExam(t, rt.Doctor)
		c.Open(t)
		c.Send(t)
		r.Order(t, c.Seat.Sitting, sitting.ActPause, "核对身份")
		c.AnswerRight(t, 2) // written before it was read
		c.Send(t)
		page, err := r.Wall(context.Background(), r.Who(t, rt.Proctor), sitting.Filter{})
		if err != nil || page.Rows[0].State != sitting.Paused || page.Rows[0].Answered != 2 || page.Rows[0].Pending != 1 {
			t.Errorf("wall: %+v, %v", page.Rows, err)
		}
		c.Look(t)
		c.Write(t, sitting.ActObeyed, sitting.Body{})
		c.Send(t)
		c.AnswerRight(t, 0)
		r.Order(t, c.Seat.Sitting, sitting.ActResume, "")
		c.Look(t)
		c.AnswerRight(t, 10)
		c.HandIn(t)
		c.Send(t)
		if a := attempt(t, r, rt.Doctor); a.Score == nil || a.Score.Right != 10 {
			t.Errorf("%+v", a.Score)
		}
		rebuilt(t, r)
	})
}

func TestWhoMayLookAtAndOrderASitting(t *testing.T) {
	r := rt.Start(t)
	ctx := context.Background()
	c := r.StartExam(t, rt.Doctor)
	if err := r.AddProvince(ctx, exam.Province{Code: "11", Name: "北京市", Authority: "北京市卫生健康委员会"}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.AddUser(ctx, registry.NewUser{Province: "11", Login: "jiankao", Name: "外省监考", Role: exam.RoleProctor}); err != nil {
		t.Fatal(err)
	}
	stranger := foreign(t, r, "11", "jiankao")
	command := sitting.Command{Act: sitting.ActMessage, Text: "请保持安静", Sittings: []sitting.Target{{Sitting: c.Seat.Sitting}}}
	_, err := r.Journal(ctx, stranger, c.Seat.Sitting)
	refused(t, err, exam.Forbidden, "管辖")
	_, err = r.Tail(ctx, stranger, wire.OrdersStream(c.Seat.Sitting), 0)
	refused(t, err, exam.Forbidden, "管辖")
	outs, err := r.Command(ctx, stranger, command)
	if err != nil || outs[0].Kind != exam.Forbidden {
		t.Errorf("a proctor of another province: %+v %v", outs, err)
	}
	if page, err := r.Wall(ctx, stranger, sitting.Filter{}); err != nil || page.Total != 0 {
		t.Errorf("a proctor of another province sees %+v %v", page, err)
	}
	audited := 0
	if err := r.Store.View(ctx, func(tx registry.Reader) error {
		es, err := tx.AuditEntries(0, 10000)
		for _, e := range es {
			if e.Result == string(exam.Forbidden) && e.Account == stranger.Account.ID {
				audited++
			}
		}
		return err
	}); err != nil || audited != 3 {
		t.Errorf("%d refusals are audited, %v", audited, err)
	}
	for _, c := range []struct {
		who                    string
		wall, command, journal exam.Kind
	}{
		{rt.Doctor, exam.Forbidden, exam.Forbidden, exam.Forbidden},
		{rt.OtherDoctor, exam.Forbidden, exam.Forbidden, exam.Forbidden},
		{rt.Institution, exam.Forbidden, exam.Forbidden, exam.Forbidden},
		{rt.Authority, exam.Forbidden, exam.Forbidden, exam.Forbidden},
		{rt.Admin, "", exam.Forbidden, ""},
		{rt.Assessor, "", "", ""},
		{rt.Proctor, "", "", ""},
	} {
		who := r.Who(t, c.who)
		_, e1 := r.Wall(ctx, who, sitting.Filter{})
		_, e2 := r.Command(ctx, who, command)
		_, e3 := r.Journal(ctx, who, command.Sittings[0].Sitting)
		if exam.KindOf(e1) != c.wall || exam.KindOf(e2) != c.command || exam.KindOf(e3) != c.journal {
			t.Errorf("%s: %q %q %q", c.who, exam.KindOf(e1), exam.KindOf(e2), exam.KindOf(e3))
		}
	}
	// Another doctor: neither the seat's paper nor its key nor its streams.
	other := r.Who(t, rt.OtherDoctor)
	_, err = r.Sealed(ctx, other, c.Seat.Paper)
	refused(t, err, exam.NotFound, "签到")
	_, err = r.Key(ctx, other, c.Seat.Sitting, wire.KeyRequest{Terminal: "t1", Epoch: 1})
	refused(t, err, exam.Forbidden, "管辖")
	_, err = r.Tail(ctx, other, wire.SittingStream(c.Seat.Sitting, 1), 0)
	refused(t, err, exam.Forbidden, "管辖")
	c.Open(t)
	_, err = r.Registry().Append(ctx, other, c.Unsent)
	refused(t, err, exam.Forbidden, "管辖")
	// An assessor may mark an absence, but not run a room.
	outs, err = r.Command(ctx, r.Who(t, rt.Assessor), sitting.Command{Act: sitting.ActPause, Text: "x", Sittings: command.Sittings})
	if err != nil || outs[0].Kind != exam.Refused {
		t.Errorf("%+v %v", outs, err)
	}
	_, err = r.Statistics(ctx, r.Who(t, rt.Assessor), c.Seat.Paper)
	refused(t, err, exam.Refused, "结束以后")
}

// foreign is the session of an account of another province.
func foreign(t *testing.T, r *rt.Registry, province, login string) registry.Session {
	t.Helper()
	ctx := context.Background()
	in := func(password string) registry.Session {
		k, err := r.NewCaptcha(ctx)
		if err != nil {
			t.Fatal(err)
		}
		s, err := r.Registry().SignIn(ctx, exam.Credentials{Province: province, Login: login, Password: password, Captcha: k.ID, Text: rt.Captcha}, registry.Origin{Address: "127.0.0.1"})
		if err != nil {
			t.Fatal(err)
		}
		who, err := r.Authenticate(ctx, s.Token)
		if err != nil {
			t.Fatal(err)
		}
		return who
	}
	if err := r.ChangePassword(ctx, in(exam.FirstPassword), exam.FirstPassword, rt.Password); err != nil {
		t.Fatal(err)
	}
	return in(rt.Password)
}

func TestAnAbsenceAndATerminationReachTheDossier(t *testing.T) {
	examBoth(t, func(t *testing.T, r *rt.Registry) {
		ctx := context.Background()
		c := r.StartExam(t, rt.Doctor)
		c.Open(t)
		c.AnswerRight(t, 3)
		c.Send(t)
		outs, err := r.Command(ctx, r.Who(t, rt.Proctor), sitting.Command{Act: sitting.ActAbsent, Text: "没有来", Sittings: []sitting.Target{{Sitting: c.Seat.Sitting}}})
		if err != nil || outs[0].Kind != exam.Refused {
			t.Errorf("absent while sitting: %+v %v", outs, err)
		}
		r.Order(t, c.Seat.Sitting, sitting.ActTerminated, "携带手机")
		d := r.Enrolment(t, rt.Doctor).Dossier
		if d.State != application.AwaitingResult || d.Attempt().Score.Right != 3 {
			t.Errorf("terminated: %s %+v", d.State, d.Attempt())
		}
		c.AnswerRight(t, 4)
		_, err = c.TrySend()
		refused(t, err, exam.Refused, "终止")

		r.ForExam(t, rt.OtherDoctor)
		seat := r.CheckIn(t, rt.OtherDoctor, "t9")
		r.Order(t, seat.Sitting, sitting.ActStart, "")
		other := r.Candidate(t, rt.OtherDoctor, "t9")
		r.Order(t, seat.Sitting, sitting.ActAbsent, "签到后离开")
		if _, err := r.Key(ctx, other.Who, seat.Sitting, wire.KeyRequest{Terminal: "t9", Epoch: 1}); exam.KindOf(err) != exam.Refused {
			t.Errorf("the key for one who is absent: %v", err)
		}
		if d := r.Enrolment(t, rt.OtherDoctor).Dossier; d.State != application.Absent || d.History[len(d.History)-1].By.Role != exam.RoleProctor {
			t.Errorf("absent: %s", d.State)
		}
		rebuilt(t, r)
	})
}

func TestWhoHasTheKeyIsNotAbsent(t *testing.T) {
	examBoth(t, func(t *testing.T, r *rt.Registry) {
		ctx := context.Background()
		c := r.StartExam(t, rt.Doctor)
		c.Open(t) // and the line fails before it says so
		outs, err := r.Command(ctx, r.Who(t, rt.Proctor), sitting.Command{Act: sitting.ActAbsent, Text: "没有来", Sittings: []sitting.Target{{Sitting: c.Seat.Sitting}}})
		if err != nil || outs[0].Kind != exam.Refused || !strings.Contains(outs[0].Sentence, "密钥") {
			t.Errorf("%+v %v", outs, err)
		}
		// Sent away instead, and let in again: a new sitting, and the old one is dead.
		r.Order(t, c.Seat.Sitting, sitting.ActTerminated, "考试机故障，重新签到")
		if s, err := r.Registry().Seat(ctx, c.Who, "t1"); err != nil || s.State != sitting.Terminated || s.Sitting != c.Seat.Sitting {
			t.Errorf("%+v %v", s, err)
		}
		again := r.CheckIn(t, rt.Doctor, "t1")
		if again.Sitting == c.Seat.Sitting || again.State != sitting.Waiting {
			t.Errorf("%+v", again)
		}
		_, err = c.TrySend()
		refused(t, err, exam.Refused, "终止")
		rebuilt(t, r)
	})
}

func TestAKillBetweenHandInAndScoreLeavesARecordThatGoesOn(t *testing.T) {
	examBoth(t, func(t *testing.T, r *rt.Registry) {
		ctx := context.Background()
		c := r.StartExam(t, rt.Doctor)
		c.Open(t)
		c.AnswerRight(t, 6)
		c.HandIn(t)
		// The score fails, as if the machine had died there: the hand-in is
		// acknowledged all the same.
		wreck := func(broken bool) {
			if err := r.Store.Update(ctx, func(tx registry.Tx) error {
				rules := score.Rules{}
				if broken {
					rules.Void = []paper.QuestionID{"nowhere"}
				}
				return tx.PutRules(c.Seat.Paper, rules)
			}); err != nil {
				t.Fatal(err)
			}
		}
		wreck(true)
		c.Send(t)
		if d := r.Enrolment(t, rt.Doctor).Dossier; d.State != application.Sitting || d.Attempt().Score != nil {
			t.Fatalf("scored: %s", d.State)
		}
		rebuilt(t, r)
		wreck(false)
		r.Restart(t)
		if n, err := r.Collect(ctx); n != 1 || err != nil {
			t.Errorf("%d, %v", n, err)
		}
		if a := attempt(t, r, rt.Doctor); a.Score == nil || a.Score.Right != 6 {
			t.Errorf("%+v", a)
		}
		rebuilt(t, r)
	})
}

func TestAScoreIsRecomputedByteForByteAndAFaultyQuestionTakenOut(t *testing.T) {
	examBoth(t, func(t *testing.T, r *rt.Registry) {
		ctx := context.Background()
		c := r.StartExam(t, rt.Doctor)
		c.Open(t)
		c.AnswerRight(t, 5) // of ten: one short
		c.HandIn(t)
		c.Send(t)
		r.Restart(t) // nothing in memory
		was, err := r.Rescore(ctx, c.Seat.Sitting, nil, true)
		if err != nil || !was.Same || was.Written || was.Points != 500 || was.Passed {
			t.Fatalf("%+v %v", was, err)
		}
		void := []paper.QuestionID{c.Sitting.Terms.Questions[7]}
		dry, err := r.RescorePaper(ctx, c.Seat.Paper, void, false)
		if err != nil || len(dry) != 1 || dry[0].Same || dry[0].Written || dry[0].Now != 600 || !dry[0].Passed {
			t.Fatalf("%+v %v", dry, err)
		}
		if a := attempt(t, r, rt.Doctor); a.Score.Points != 500 {
			t.Errorf("a dry run changed the dossier: %+v", a.Score)
		}
		if _, err := r.RescorePaper(ctx, c.Seat.Paper, []paper.QuestionID{"nowhere"}, true); exam.KindOf(err) != exam.Invalid {
			t.Errorf("an unknown question: %v", err)
		}
		_, err = r.Rescore(ctx, c.Seat.Sitting, void, true)
		refused(t, err, exam.Invalid, "整份试卷")
		done, err := r.RescorePaper(ctx, c.Seat.Paper, void, true)
		if err != nil || !done[0].Written {
			t.Fatalf("%+v %v", done, err)
		}
		if a := attempt(t, r, rt.Doctor); a.Score.Points != 600 || !a.Score.Passed() || a.Score.Digest != done[0].Again {
			t.Errorf("%+v", a.Score)
		}
		again, err := r.Rescore(ctx, c.Seat.Sitting, nil, false)
		if err != nil || !again.Same {
			t.Errorf("%+v %v", again, err)
		}
		if err := r.Store.View(ctx, func(tx registry.Reader) error {
			s, err := tx.Sheet(again.Digest)
			if err == nil && (s.Digest != string(wire.HashOf(s.Body)) || s.Sitting != c.Seat.Sitting) {
				t.Errorf("the sheet is not what its digest says")
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		st, err := r.Study(ctx, c.Seat.Paper)
		if err != nil || st.Results != 1 || st.Passed != 1 || len(st.Items) != 10 {
			t.Errorf("study: %+v %v", st, err)
		}
		r.Clock.Advance(200 * 24 * time.Hour) // the window has closed
		listed, err := r.ListPapers(ctx, r.Who(t, rt.Assessor))
		if err != nil || len(listed) != 1 || listed[0].ID != c.Seat.Paper || listed[0].Questions == 0 || listed[0].Until == "" {
			t.Errorf("the papers: %+v %v", listed, err)
		}
		shown, err := r.Statistics(ctx, r.Who(t, rt.Assessor), c.Seat.Paper)
		if err != nil || !reflect.DeepEqual(shown, st) {
			t.Errorf("for the assessor: %+v %v", shown, err)
		}
		_, err = r.Statistics(ctx, r.Who(t, rt.Proctor), c.Seat.Paper)
		refused(t, err, exam.Forbidden, "没有这项权限")
	})
}

func TestABackupHoldsTheWholeExam(t *testing.T) {
	r := rt.Start(t)
	ctx := context.Background()
	c := r.StartExam(t, rt.Doctor)
	c.Open(t)
	c.AnswerRight(t, 4)
	c.HandIn(t)
	c.Send(t)
	path := filepath.Join(t.TempDir(), "backup.tar")
	if _, err := r.Registry().Backup(ctx, path); err != nil {
		t.Fatal(err)
	}
	to := emptyWorld(t, storetest.Postgres(t))
	if _, err := registry.Restore(ctx, to.store, to.blobs, path); err != nil {
		t.Fatal(err)
	}
	out, err := to.Rescore(ctx, c.Seat.Sitting, nil, false)
	if err != nil || !out.Same || out.Now != 400 {
		t.Errorf("after a restore into the other database: %+v %v", out, err)
	}
}

func TestAPaperIsGivenByAStableChoice(t *testing.T) {
	r := rt.Start(t)
	ctx := context.Background()
	for n := 5; n <= 9; n++ {
		r.DrawPaper(t, n)
	}
	if _, err := r.Registry().DrawPaper(ctx, rt.CycleID, paper.Blueprint{Parts: []paper.Part{{Bank: "test-bank", Count: 5}}}, []paper.Bank{rt.Bank(5)}, paper.SeedOf("registrytest", "5")); exam.KindOf(err) != exam.Conflict {
		t.Errorf("the same paper twice: %v", err)
	}
	r.ForExam(t, rt.Doctor)
	first := r.CheckIn(t, rt.Doctor, "t1")
	r.DrawPaper(t, 10)
	for _, terminal := range []string{"t1", "t2", "t1"} { // before the start the last machine has the seat
		if s := r.CheckIn(t, rt.Doctor, terminal); s.Paper != first.Paper || s.Sitting != first.Sitting {
			t.Errorf("another paper: %+v", s)
		}
	}
	infos, err := r.Papers(ctx, rt.CycleID)
	if err != nil || len(infos) != 6 {
		t.Errorf("%d papers, %v", len(infos), err)
	}
	raw, _ := json.Marshal(infos)
	_, shown, err := r.ShowPaper(ctx, first.Paper)
	text, _ := json.Marshal(shown)
	if err != nil {
		t.Fatal(err)
	}
	noAnswers(t, [][]byte{raw, text})
}

// decideOn is a reviewer's decision about a doctor's dossier as it stands.
func decideOn(t *testing.T, r *rt.Registry, staff, doctor string, act application.Act, reason string) {
	t.Helper()
	e := r.Enrolment(t, doctor)
	target := application.Target{Application: e.Application, On: e.Dossier.OwnSeq}
	if a := e.Dossier.Attempt(); act == application.ActConfirmed && a != nil && a.Score != nil {
		target.Score = a.Score.Digest
	}
	outs, err := r.Decide(context.Background(), r.Who(t, staff), application.Decision{Act: act, Reason: reason, Targets: []application.Target{target}})
	if err != nil || outs[0].Kind != "" {
		t.Fatalf("%s: %+v %v", act, outs, err)
	}
}

func TestWhoFailsSitsAnotherPaperOnce(t *testing.T) {
	examBoth(t, func(t *testing.T, r *rt.Registry) {
		ctx := context.Background()
		r.DrawPaper(t, 10)
		r.DrawPaper(t, 8)
		first := r.StartExam(t, rt.Doctor)
		first.Open(t)
		first.AnswerRight(t, 1)
		first.HandIn(t)
		first.Send(t)
		decideOn(t, r, rt.Assessor, rt.Doctor, application.ActConfirmed, "")
		if s := r.Enrolment(t, rt.Doctor).Dossier.State; s != application.Unqualified {
			t.Fatalf("the dossier is %s", s)
		}
		_, err := r.Registry().CheckIn(ctx, r.Who(t, rt.Doctor), wire.CheckIn{Terminal: "t1", Name: "01"})
		if seat, _ := r.Registry().Seat(ctx, r.Who(t, rt.Doctor), "t1"); err == nil && seat.State != sitting.HandedIn {
			t.Errorf("a seat without a re-sit: %+v", seat)
		}
		decideOn(t, r, rt.Assessor, rt.Doctor, application.ActResitAdmitted, "培训6个月，考试合格")
		seat := r.CheckIn(t, rt.Doctor, "t2")
		if seat.Sitting == first.Seat.Sitting || !seat.Resit || seat.Paper == first.Seat.Paper || seat.State != sitting.Waiting {
			t.Fatalf("the seat of the re-sit: %+v", seat)
		}
		// The old sitting has no more to say, and its key stays shut.
		_, err = r.Key(ctx, first.Who, first.Seat.Sitting, wire.KeyRequest{Terminal: "t1", Epoch: 1})
		refused(t, err, exam.Refused, "不能再打开")
		r.Order(t, seat.Sitting, sitting.ActStart, "")
		again := r.Candidate(t, rt.Doctor, "t2")
		again.Open(t)
		again.AnswerRight(t, again.Seat.Questions)
		again.HandIn(t)
		again.Send(t)
		decideOn(t, r, rt.Assessor, rt.Doctor, application.ActConfirmed, "")
		d := r.Enrolment(t, rt.Doctor).Dossier
		if d.State != application.Qualified || len(d.Attempts) != 2 || !d.Attempts[1].Resit || d.Attempts[0].Score.Right != 1 {
			t.Errorf("%s %+v", d.State, d.Attempts)
		}
		rebuilt(t, r)
	})
}

func TestWhoIsExemptedMeanwhileGetsNoKey(t *testing.T) {
	r := rt.Start(t)
	c := r.StartExam(t, rt.Doctor)
	r.Append(t, rt.Doctor, application.ActExemptionAsked, application.Body{Reason: "符合免考条件", Proofs: r.Form(t, rt.Doctor).Choice.Proofs})
	decideOn(t, r, rt.Assessor, rt.Doctor, application.ActExemptionGranted, "")
	_, err := r.Key(context.Background(), c.Who, c.Seat.Sitting, wire.KeyRequest{Terminal: "t1", Epoch: 1})
	refused(t, err, exam.Refused, "合格")
}

func TestAVoidedSittingIsFollowedByAnother(t *testing.T) {
	r := rt.Start(t)
	c := r.StartExam(t, rt.Doctor)
	c.Open(t)
	c.AnswerRight(t, 10)
	c.Send(t)
	// While it goes on, nobody voids it: what the candidate still writes would be lost.
	e := r.Enrolment(t, rt.Doctor)
	outs, err := r.Decide(context.Background(), r.Who(t, rt.Assessor), application.Decision{Act: application.ActVoided, Reason: "试卷拿错",
		Targets: []application.Target{{Application: e.Application, On: e.Dossier.OwnSeq}}})
	if err != nil || outs[0].Kind != exam.Refused {
		t.Errorf("voided while it went on: %+v %v", outs, err)
	}
	c.HandIn(t)
	c.Send(t)
	decideOn(t, r, rt.Assessor, rt.Doctor, application.ActVoided, "试卷拿错")
	again := r.CheckIn(t, rt.Doctor, "t1")
	if again.Sitting == c.Seat.Sitting || again.State != sitting.Waiting || again.Resit {
		t.Fatalf("%+v", again)
	}
	d := r.Enrolment(t, rt.Doctor).Dossier
	if d.State != application.AwaitingExam || !d.Attempts[0].Voided || d.Attempt() != nil {
		t.Errorf("%s %+v", d.State, d.Attempts)
	}
	rebuilt(t, r)
}

func TestTheLateJournalOfAVoidedSittingIsKeptAndScoresNothing(t *testing.T) {
	r := rt.Start(t)
	c := r.StartExam(t, rt.Doctor)
	r.Clock.Set(r.Clock.Now())
	c.Open(t)
	c.AnswerRight(t, 2)
	c.Send(t)
	c.AnswerRight(t, 10) // the line fails
	r.Clock.Advance(20 * time.Minute)
	c.HandIn(t)
	r.Clock.Advance(24 * time.Hour)
	if n, err := r.Collect(context.Background()); n != 1 || err != nil {
		t.Fatalf("collected %d, %v", n, err)
	}
	decideOn(t, r, rt.Assessor, rt.Doctor, application.ActVoided, "试卷拿错")
	c.Who = r.Who(t, rt.Doctor)
	c.Send(t)
	d := r.Enrolment(t, rt.Doctor).Dossier
	if d.State != application.AwaitingExam || !d.Attempts[0].Voided || d.Attempts[0].Score.Right != 2 {
		t.Errorf("%s %+v", d.State, d.Attempts)
	}
	if got := firstEntries(t, r, c.Seat.Sitting, 1); len(got) != 14 {
		t.Errorf("%d entries are kept", len(got))
	}
	rebuilt(t, r)
}

func TestASealOverAnotherHistoryIsNotTakenIn(t *testing.T) {
	r := rt.Start(t)
	ctx := context.Background()
	c := r.StartExam(t, rt.Doctor)
	c.Open(t)
	c.AnswerRight(t, 1)
	c.Send(t)
	last := firstEntries(t, r, c.Seat.Sitting, 1)
	at := c.Reading()
	for _, seal := range []string{strings.Repeat("ab", 32), string(wire.HashOf(last[1]))} {
		body := sitting.Body{Reading: &at, Orders: 1, Seal: ptr(c.Sitting.Sealing(at, seal))}
		_, raw, err := wire.Next(wire.SittingStream(c.Seat.Sitting, 1), 3, wire.HashOf(last[1]), at.Wall, "t1", string(sitting.ActSealed), body)
		if err != nil {
			t.Fatal(err)
		}
		_, err = r.Registry().Append(ctx, c.Who, []json.RawMessage{raw})
		if genuine := seal == string(wire.HashOf(last[1])); genuine && err != nil || !genuine && exam.KindOf(err) != exam.Invalid {
			t.Errorf("a seal over %s…: %v", seal[:8], err)
		}
	}
	if a := attempt(t, r, rt.Doctor); a.Score == nil || a.Score.Right != 1 {
		t.Errorf("%+v", a)
	}
}

func TestWhoHasARightToMoreTimeBeginsWithIt(t *testing.T) {
	r := rt.Start(t)
	r.DrawPaper(t, 10)
	r.ForExam(t, rt.Doctor)
	seat := r.CheckIn(t, rt.Doctor, "t1")
	start := func(extra sitting.Span) sitting.Outcome {
		t.Helper()
		outs, err := r.Command(context.Background(), r.Who(t, rt.Proctor), sitting.Command{Act: sitting.ActStart, Extra: extra, Sittings: []sitting.Target{{Sitting: seat.Sitting}}})
		if err != nil || len(outs) != 1 {
			t.Fatalf("%+v %v", outs, err)
		}
		return outs[0]
	}
	for _, bad := range []sitting.Span{-sitting.Minute, sitting.MostExtra + 1} {
		if o := start(bad); o.Kind != exam.Invalid {
			t.Errorf("%d: %+v", bad, o)
		}
	}
	if o := start(15 * sitting.Minute); o.Kind != "" {
		t.Fatalf("%+v", o)
	}
	c := r.Candidate(t, rt.Doctor, "t1")
	c.Open(t)
	if got, want := c.Sitting.Ledger.Limit(), sitting.Span(seat.Minutes+15)*sitting.Minute; got != want {
		t.Errorf("%s are allowed, not %s", got.Text(), want.Text())
	}
}
