package httpapi_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/registry"
	rt "dingkao/sync/registry/registrytest"
	"dingkao/sync/wire"
)

// general is one doctor's general procedure as it goes over the line.
type general struct {
	*rt.Registry
	t      *testing.T
	doctor string
	id     exam.ApplicationID
	tokens map[string]string
}

func newGeneral(t *testing.T) *general {
	r := rt.Start(t)
	r.ForExam(t, rt.Doctor)
	return &general{r, t, rt.Doctor, r.Applications[rt.Doctor], map[string]string{}}
}

func (g *general) token(login string) string {
	if g.tokens[login] == "" {
		g.tokens[login] = g.SignIn(g.t, login).Token
	}
	return g.tokens[login]
}

func (g *general) get(login string) application.Case {
	g.t.Helper()
	return into[application.Case](g.t, call(g.t, g.Registry, g.token(login), "GET", strings.Replace(wire.PathCase, "{application}", string(g.id), 1), nil))
}

// decide decides as login, with the page that an assessor would have before them.
func (g *general) decide(login string, act application.Act, reason string) application.Outcome {
	g.t.Helper()
	c := g.get(rt.Assessor)
	t := application.Target{Application: g.id, On: c.Dossier.OwnSeq}
	if a := c.Dossier.Attempt(); a != nil && a.Score != nil {
		t.Score = a.Score.Digest
	}
	return g.decideOn(login, act, reason, t)
}

func (g *general) decideOn(login string, act application.Act, reason string, t application.Target) application.Outcome {
	g.t.Helper()
	out := call(g.t, g.Registry, g.token(login), "POST", wire.PathDecisions, application.Decision{Act: act, Reason: reason, Targets: []application.Target{t}})
	if out.status != 200 {
		return application.Outcome{Kind: out.problem.Err().(*exam.Error).Kind, Sentence: out.problem.Detail}
	}
	return into[wire.Outcomes](g.t, out).Outcomes[0]
}

// did asserts that it was done and led to a state.
func (g *general) did(login string, act application.Act, reason string, to application.State) {
	g.t.Helper()
	if o := g.decide(login, act, reason); o.Kind != "" || o.State != to {
		g.t.Fatalf("%s: %+v, want %s", act, o, to)
	}
}

func (g *general) refused(login string, act application.Act, reason string, kind exam.Kind, part string) {
	g.t.Helper()
	if o := g.decide(login, act, reason); o.Kind != kind || !strings.Contains(o.Sentence, part) {
		g.t.Errorf("%s by %s: %+v, want %s with %q", act, login, o, kind, part)
	}
}

// says appends to the doctor's own stream over the line.
func (g *general) says(act application.Act, body application.Body) reply {
	g.t.Helper()
	e := into[wire.Enrolment](g.t, call(g.t, g.Registry, g.token(g.doctor), "GET", wire.PathEnrolment, nil))
	_, raw, err := wire.Next(wire.ApplicationStream(g.id), e.Dossier.OwnSeq+1, e.OwnHead, exam.InstantOf(g.Clock.Now()), "test", string(act), body)
	if err != nil {
		g.t.Fatal(err)
	}
	return call(g.t, g.Registry, g.token(g.doctor), "POST", wire.PathEntries, wire.Append{Entries: []json.RawMessage{raw}})
}

func (g *general) said(act application.Act, body application.Body) {
	g.t.Helper()
	if out := g.says(act, body); out.status != 200 {
		g.t.Fatalf("%s: %d %s", act, out.status, out.body)
	}
}

// queue is how many rows a filter leaves, and the first.
func (g *general) queue(login string, f application.Filter) (int, application.Row) {
	g.t.Helper()
	p := into[application.Page](g.t, call(g.t, g.Registry, g.token(login), "POST", wire.PathQueue, f))
	if len(p.Rows) == 0 {
		return p.Total, application.Row{}
	}
	return p.Total, p.Rows[0]
}

// actions are the audited actions about the dossier, oldest first.
func (g *general) actions() string {
	g.t.Helper()
	var list []string
	if err := g.Store.View(context.Background(), func(tx registry.Reader) error {
		es, err := tx.AuditEntries(0, 5000)
		for _, e := range es {
			switch {
			case e.Target == string(g.id):
				list = append(list, e.Action+" "+e.Result)
			case e.Result == string(exam.Forbidden): // of a role that has no such right at all
				list = append(list, e.Action+" "+e.Target+" "+e.Result)
			}
			if strings.Contains(e.Detail, g.doctor) {
				g.t.Errorf("a whole number in the audit log: %+v", e)
			}
		}
		return err
	}); err != nil {
		g.t.Fatal(err)
	}
	return strings.Join(list, ",")
}

func acts(c application.Case) string {
	var s []string
	for _, a := range c.Acts {
		s = append(s, string(a))
	}
	return strings.Join(s, " ")
}

func TestAnExemptionIsAskedWithProofsAndAnsweredByTheAssessorAlone(t *testing.T) {
	g := newGeneral(t)
	missing := exam.Blob{Hash: wire.BlobHashOf([]byte("nowhere")), Name: "证书.jpg"}
	for name, body := range map[string]application.Body{
		"no proof":         {Reason: "本周期内完成规范化培训"},
		"not uploaded":     {Reason: "本周期内完成规范化培训", Proofs: []exam.Blob{missing}},
		"no reason":        {Proofs: []exam.Blob{g.Proof(t, g.doctor)}},
		"a sitting in it":  {Reason: "理由", Proofs: []exam.Blob{g.Proof(t, g.doctor)}, Sitting: "s1"},
		"a malformed name": {Reason: "理由", Proofs: []exam.Blob{{Hash: g.Proof(t, g.doctor).Hash, Name: "a\x01b"}}},
	} {
		if out := g.says(application.ActExemptionAsked, body); out.status < 400 || out.status >= 500 {
			t.Errorf("%s: %d %s", name, out.status, out.body)
		}
	}
	if out := g.says(application.ActAppealAsked, application.Body{Reason: "理由", Proofs: []exam.Blob{g.Proof(t, g.doctor)}}); out.status < 400 {
		t.Errorf("an appeal before any result: %d", out.status)
	}
	if n, _ := g.queue(rt.Assessor, application.Filter{Exemption: true}); n != 0 {
		t.Errorf("%d exemptions wait before any was asked", n)
	}
	proof := g.Proof(t, g.doctor)
	g.said(application.ActExemptionAsked, application.Body{Reason: "本周期内完成规范化培训", Proofs: []exam.Blob{proof}})
	if n, row := g.queue(rt.Assessor, application.Filter{Exemption: true}); n != 1 || !row.Exemption || row.Application != g.id || !strings.Contains(row.Identity, "*") {
		t.Errorf("%d wait: %+v", n, row)
	}
	if out := g.says(application.ActExemptionAsked, application.Body{Reason: "再次", Proofs: []exam.Blob{proof}}); out.problem.Detail == "" || !strings.Contains(out.problem.Detail, "上一次免考申请还在审核") {
		t.Errorf("a second beside the first: %s", out.body)
	}
	// The proof is read by those who decide, and by nobody beside them.
	blob := strings.Replace(wire.PathBlob, "{hash}", string(proof.Hash), 1)
	for login, want := range map[string]int{rt.Assessor: 200, rt.Institution: 200, rt.Elsewhere: 404, rt.OtherDoctor: 404, g.doctor: 200} {
		if out := call(t, g.Registry, g.token(login), "GET", blob, nil); out.status != want {
			t.Errorf("the proof for %s: %d", login, out.status)
		}
	}
	c := g.get(rt.Assessor)
	if got := acts(c); got != "exemption-granted exemption-refused" || strings.Contains(string(c.Doctor.Identity), g.doctor[6:14]) {
		t.Errorf("the assessor may %q, sees %s", got, c.Doctor.Identity)
	}
	for _, login := range []string{rt.Institution, rt.Authority, rt.Admin} {
		if got := acts(g.get(login)); got != "" {
			t.Errorf("%s may %q", login, got)
		}
		g.refused(login, application.ActExemptionGranted, "", exam.Forbidden, "权限")
	}
	g.refused(rt.Assessor, application.ActExemptionRefused, "", exam.Invalid, "理由")
	g.did(rt.Assessor, application.ActExemptionRefused, "证书不在本周期内", application.AwaitingExam)
	g.refused(rt.Assessor, application.ActExemptionGranted, "", exam.Refused, "没有等待审核的免考申请")
	g.said(application.ActExemptionAsked, application.Body{Reason: "补交本周期的证书", Proofs: []exam.Blob{proof}})
	g.did(rt.Assessor, application.ActExemptionGranted, "", application.Qualified)
	if n, _ := g.queue(rt.Assessor, application.Filter{Exemption: true}); n != 0 {
		t.Errorf("%d still wait", n)
	}
	if v, err := g.Verify(context.Background(), g.Token(t, g.Issue(t, g.doctor).Serial)); err != nil || v.Certificate.AssessedOn != g.get(rt.Assessor).Dossier.Concluded.Date() {
		t.Errorf("the notice of an exemption: %+v, %v", v.Certificate, err)
	}
	if log := g.actions(); !strings.Contains(log, "exemption-refused done") || !strings.Contains(log, "exemption-granted done") {
		t.Errorf("audited: %s", log)
	}
}

func TestAScoreBecomesAResultOnceItsAssessorHasSeenIt(t *testing.T) {
	g := newGeneral(t)
	g.refused(rt.Assessor, application.ActConfirmed, "", exam.Refused, "待测评")
	g.Sit(t, g.doctor, "s1", 71)
	n, row := g.queue(rt.Assessor, application.Filter{States: []application.State{application.AwaitingResult}})
	if n != 1 || row.Attempt == nil || row.Attempt.Score.Right != 71 || row.Attempt.Resit || row.Attempt.Sitting != "s1" {
		t.Fatalf("%d: %+v", n, row)
	}
	if got := acts(g.get(rt.Assessor)); got != "confirmed voided" {
		t.Errorf("the assessor may %q", got)
	}
	seen := application.Target{Application: g.id, On: row.On, Score: row.Attempt.Score.Digest}
	for _, login := range []string{rt.Institution, rt.Authority, rt.Proctor, g.doctor} {
		g.refused(login, application.ActConfirmed, "", exam.Forbidden, "")
	}
	// The key was mended meanwhile: the score that was seen is no longer the score.
	g.Scored(t, g.doctor, "s1", 58)
	for _, target := range []application.Target{seen, {Application: g.id, On: row.On}} {
		if o := g.decideOn(rt.Assessor, application.ActConfirmed, "", target); o.Kind != exam.Conflict || !strings.Contains(o.Sentence, "成绩") {
			t.Errorf("an unseen score was confirmed: %+v", o)
		}
	}
	g.refused(rt.Assessor, application.ActVoided, "", exam.Invalid, "理由")
	g.did(rt.Assessor, application.ActVoided, "考场停电", application.AwaitingExam)
	if n, row := g.queue(rt.Assessor, application.Filter{States: []application.State{application.AwaitingExam}}); n != 1 || row.Attempt != nil {
		t.Errorf("a void sitting counts: %+v", row.Attempt)
	}
	g.refused(rt.Assessor, application.ActVoided, "再作废一次", exam.Refused, "待测评")
	g.Sit(t, g.doctor, "s2", 60)
	g.Clock.Advance(72 * time.Hour)
	g.tokens = map[string]string{}
	g.did(rt.Assessor, application.ActConfirmed, "", application.Qualified)
	day := exam.DateOf(g.Clock.Now().In(exam.China))
	g.Clock.Advance(48 * time.Hour)
	g.tokens = map[string]string{}
	d := g.get(rt.Authority).Dossier
	if a := d.Attempt(); len(d.Attempts) != 2 || a.Sitting != "s2" || a.Confirmed != d.Concluded {
		t.Errorf("%+v", d.Attempts)
	}
	// The notice is of the day on which the result was decided.
	v, err := g.Verify(context.Background(), g.Token(t, g.Issue(t, g.doctor).Serial))
	if c := v.Certificate; err != nil || c.AssessedOn != day || c.IssuedOn == day {
		t.Errorf("assessed on %s, issued on %s, want %s, %v", c.AssessedOn, c.IssuedOn, day, err)
	}
	if log := g.actions(); !strings.Contains(log, "result confirmed forbidden") || !strings.Contains(log, "voided done") || !strings.Contains(log, "confirmed done") {
		t.Errorf("audited: %s", log)
	}
}

func TestNobodyIsAbsentWhileTheWindowIsOpen(t *testing.T) {
	g := newGeneral(t)
	end := g.get(rt.Assessor).Cycle.Assess.To
	if n, _ := g.queue(rt.Assessor, application.Filter{Overdue: true}); n != 0 {
		t.Errorf("%d are overdue in the window", n)
	}
	if got := acts(g.get(rt.Assessor)); got != "" {
		t.Errorf("in the window the assessor may %q", got)
	}
	g.refused(rt.Assessor, application.ActAbsent, "未到考场", exam.Refused, "结束后才能标记缺考")
	last, _ := time.ParseInLocation(time.DateOnly, string(end), exam.China)
	g.Clock.Set(last.Add(23 * time.Hour))
	g.tokens = map[string]string{}
	g.refused(rt.Assessor, application.ActAbsent, "未到考场", exam.Refused, "结束后才能标记缺考")
	g.Clock.Set(last.Add(25 * time.Hour))
	g.tokens = map[string]string{}
	if got := acts(g.get(rt.Assessor)); got != "absent" {
		t.Errorf("behind the window the assessor may %q", got)
	}
	if n, row := g.queue(rt.Assessor, application.Filter{Overdue: true}); n != 1 || row.Application != g.id {
		t.Errorf("%d are overdue behind the window: %+v", n, row)
	}
	g.said(application.ActExemptionAsked, application.Body{Reason: "本周期内完成规范化培训", Proofs: []exam.Blob{g.Proof(t, g.doctor)}})
	g.refused(rt.Assessor, application.ActAbsent, "未到考场", exam.Refused, "免考申请还没有答复")
	if n, _ := g.queue(rt.Assessor, application.Filter{Overdue: true}); n != 0 {
		t.Errorf("%d are overdue before the exemption is answered", n)
	}
	g.did(rt.Assessor, application.ActExemptionRefused, "证书不在本周期内", application.AwaitingExam)
	g.refused(rt.Assessor, application.ActAbsent, "", exam.Invalid, "理由")
	for _, login := range []string{rt.Institution, rt.Authority, rt.Proctor} {
		g.refused(login, application.ActAbsent, "未到考场", exam.Forbidden, "")
	}
	g.did(rt.Assessor, application.ActAbsent, "未到考场", application.Absent)
	g.refused(rt.Assessor, application.ActResitAdmitted, "", exam.Invalid, "理由")
	g.did(rt.Assessor, application.ActResitAdmitted, "已参加省级培训20学时", application.AwaitingResit)
	g.Sit(t, g.doctor, "s9", 80)
	if _, row := g.queue(rt.Assessor, application.Filter{States: []application.State{application.AwaitingResult}}); row.Attempt == nil || !row.Attempt.Resit {
		t.Errorf("%+v", row.Attempt)
	}
	g.did(rt.Assessor, application.ActConfirmed, "", application.Qualified)
}

func TestAnAppealGoesToTheAuthorityWithinThirtyDays(t *testing.T) {
	g := newGeneral(t)
	day := time.Date(2026, 3, 2, 10, 0, 0, 0, exam.China)
	g.Clock.Set(day)
	g.Sit(t, g.doctor, "s1", 58)
	g.did(rt.Assessor, application.ActConfirmed, "", application.Unqualified)
	if out := call(t, g.Registry, g.token(rt.Authority), "POST", wire.PathIssue, wire.Issue{Targets: []application.Target{{Application: g.id, On: g.get(rt.Assessor).Dossier.OwnSeq}}}); !strings.Contains(string(out.body), "合格后才能签发") {
		t.Errorf("a notice for 不合格: %s", out.body)
	}
	g.Clock.Set(day.AddDate(0, 0, 31))
	g.tokens = map[string]string{}
	if out := g.says(application.ActAppealAsked, application.Body{Reason: "第17题答案有争议"}); out.status != 422 || !strings.Contains(out.problem.Detail, "已于2026年04月01日截止") {
		t.Errorf("a day late: %d %s", out.status, out.body)
	}
	g.Clock.Set(day.AddDate(0, 0, 30))
	g.tokens = map[string]string{}
	g.said(application.ActAppealAsked, application.Body{Reason: "第17题答案有争议"})
	if n, row := g.queue(rt.Authority, application.Filter{Appeal: true}); n != 1 || !row.Appeal || row.State != application.Unqualified || row.Concluded == 0 {
		t.Errorf("%d: %+v", n, row)
	}
	if got := acts(g.get(rt.Authority)); got != "appeal-granted appeal-refused" {
		t.Errorf("the authority may %q", got)
	}
	g.refused(rt.Assessor, application.ActResitAdmitted, "已培训", exam.Refused, "复核申请还没有答复")
	for _, login := range []string{rt.Institution, rt.Assessor, rt.Admin} {
		g.refused(login, application.ActAppealGranted, "重新评分", exam.Forbidden, "权限")
	}
	g.refused(rt.Authority, application.ActAppealGranted, "", exam.Invalid, "理由")
	g.did(rt.Authority, application.ActAppealGranted, "第17题答案更正，重新评分", application.AwaitingResult)
	if n, _ := g.queue(rt.Authority, application.Filter{Appeal: true}); n != 0 {
		t.Errorf("%d still wait", n)
	}
	g.Scored(t, g.doctor, "s1", 59)
	g.did(rt.Assessor, application.ActConfirmed, "", application.Unqualified)
	g.said(application.ActAppealAsked, application.Body{Reason: "对重新评分的结果有异议"}) // a new result, a new appeal
	g.did(rt.Authority, application.ActAppealRefused, "核对无误，维持原结果", application.Unqualified)
	if out := g.says(application.ActAppealAsked, application.Body{Reason: "再次"}); out.status < 400 {
		t.Errorf("a second against the same result: %d", out.status)
	}
	g.did(rt.Assessor, application.ActResitAdmitted, "已完成培训", application.AwaitingResit)
}

func TestTheQueueIsTheSameAfterItsRebuilding(t *testing.T) {
	g := newGeneral(t)
	g.Sit(t, g.doctor, "s1", 58)
	g.did(rt.Assessor, application.ActConfirmed, "", application.Unqualified)
	g.said(application.ActAppealAsked, application.Body{Reason: "第17题答案有争议"})
	_, before := g.queue(rt.Authority, application.Filter{Appeal: true})
	if _, err := g.RebuildProjections(context.Background()); err != nil {
		t.Fatal(err)
	}
	_, after := g.queue(rt.Authority, application.Filter{Appeal: true})
	a, _ := json.Marshal(before)
	b, _ := json.Marshal(after)
	if string(a) != string(b) || before.Attempt == nil {
		t.Errorf("%s\n%s", a, b)
	}
}

func TestASittingIsMadeVoidOnceItHasEndedAndAnotherCanBeSat(t *testing.T) {
	r := rt.Start(t)
	c := r.StartExam(t, rt.Doctor)
	c.Open(t)
	c.AnswerRight(t, 3)
	c.Send(t)
	g := &general{r, t, rt.Doctor, r.Applications[rt.Doctor], map[string]string{}}
	if got := acts(g.get(rt.Assessor)); got != "" {
		t.Errorf("while it is sat the assessor may %q", got)
	}
	g.refused(rt.Assessor, application.ActVoided, "考场停电", exam.Refused, "请先由监考员终止测评")
	r.Order(t, c.Seat.Sitting, sitting.ActTerminated, "考场停电")
	g.did(rt.Assessor, application.ActVoided, "考场停电", application.AwaitingExam)
	c.AnswerRight(t, 4)
	if _, err := c.TrySend(); exam.KindOf(err) != exam.Refused {
		t.Errorf("the void sitting goes on: %v", err)
	}
	again := r.CheckIn(t, rt.Doctor, "t1")
	if again.Sitting == c.Seat.Sitting {
		t.Fatal("the void sitting is sat again")
	}
	r.Order(t, again.Sitting, sitting.ActStart, "")
	c = r.Candidate(t, rt.Doctor, "t1")
	c.Open(t)
	c.AnswerRight(t, 4)
	c.HandIn(t)
	c.Send(t)
	n, row := g.queue(rt.Assessor, application.Filter{States: []application.State{application.AwaitingResult}})
	if n != 1 || row.Attempt.Sitting != again.Sitting || row.Attempt.Score.Right != 4 || row.Attempt.Score.Digest == "" {
		t.Fatalf("%d: %+v", n, row.Attempt)
	}
	g.did(rt.Assessor, application.ActConfirmed, "", application.Unqualified)
	// An appeal opens it again, the paper is scored anew, and the result changes.
	g.said(application.ActAppealAsked, application.Body{Reason: "有几题超出范围"})
	g.did(rt.Authority, application.ActAppealGranted, "有几题作废，重新评分", application.AwaitingResult)
	ctx := context.Background()
	var void []paper.QuestionID
	for _, q := range c.Paper.Questions[:6] {
		void = append(void, q.ID)
	}
	list, err := r.RescorePaper(ctx, c.Paper.ID, void, true)
	if err != nil {
		t.Fatal(err)
	}
	written := 0
	for _, l := range list {
		if l.Written {
			written++
		}
	}
	before := row.Attempt.Score.Digest
	_, row = g.queue(rt.Assessor, application.Filter{States: []application.State{application.AwaitingResult}})
	if written != 1 || row.Attempt.Score.Digest == before {
		t.Fatalf("%d written: %+v", written, row.Attempt.Score)
	}
	want := application.Unqualified
	if row.Attempt.Score.Passed() {
		want = application.Qualified
	}
	g.did(rt.Assessor, application.ActConfirmed, "", want)
	if d := g.get(rt.Assessor).Dossier; len(d.Attempts) != 2 || !d.Attempts[0].Voided || d.Attempts[1].Score.Digest != row.Attempt.Score.Digest {
		t.Errorf("%+v", d.Attempts)
	}
}

func TestWhoHasTheKeyIsNotMarkedAbsentAtTheDesk(t *testing.T) {
	r := rt.Start(t)
	c := r.StartExam(t, rt.Doctor)
	c.Open(t) // and the line fails before it says so
	g := &general{r, t, rt.Doctor, r.Applications[rt.Doctor], map[string]string{}}
	last, _ := time.ParseInLocation(time.DateOnly, string(g.get(rt.Assessor).Cycle.Assess.To), exam.China)
	r.Clock.Set(last.Add(30 * time.Hour))
	g.tokens = map[string]string{}
	g.refused(rt.Assessor, application.ActAbsent, "未到考场", exam.Refused, "密钥已发到考试机")
	r.Order(t, c.Seat.Sitting, sitting.ActTerminated, "没有进入")
	g.did(rt.Assessor, application.ActAbsent, "未到考场", application.Absent)
}
