package station

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/registry/registrytest"
)

var bg = context.Background()

func TestOneDoctorsWayFromInclusionToNotice(t *testing.T) {
	noLeak(t)
	r := newRig(t)
	p := r.pc(t, "a")
	if a, err := p.About(bg); err != nil || len(a.Provinces) == 0 || len(a.Keys) == 0 {
		t.Fatalf("about %+v %v", a, err)
	}
	s := p.enter(registrytest.Doctor)
	state(t, s, application.Included)
	if a := s.Account(); a.Login != registrytest.Doctor || a.MustChange {
		t.Errorf("account %+v", a)
	}
	if err := s.Submit(bg); exam.KindOf(err) != exam.Refused {
		t.Errorf("nothing saved: %v", err)
	}
	form := whole(t, s, 0)
	if form.Basic.Photo.Name != "本人.jpg" || form.Basic.Photo.Width == 0 {
		t.Errorf("photo %+v", form.Basic.Photo)
	}
	for _, step := range application.Steps[:4] {
		save(t, s, form.Only(step))
	}
	if err := s.Submit(bg); exam.KindOf(err) != exam.Refused {
		t.Errorf("incomplete: %v", err)
	}
	save(t, s, form.Only(application.StepProcedure))
	before := s.Enrolment().Dossier.OwnSeq
	save(t, s, form.Only(application.StepBasic)) // saved already
	if s.Enrolment().Dossier.OwnSeq != before {
		t.Error("saving what is saved made an entry")
	}
	if err := s.Submit(bg); err != nil {
		t.Fatalf("submit: %v", err)
	}
	state(t, s, application.AwaitingInstitution)
	if l := s.Line(); !l.Online || l.Pending != 0 || l.Trouble != "" || l.LastContact == 0 {
		t.Errorf("line %+v", l)
	}
	if e := r.Enrolment(t, registrytest.Doctor); e.Dossier.State != application.AwaitingInstitution {
		t.Errorf("the registry has %s", e.Dossier.State)
	}
	if err := s.SaveStep(bg, mobile("13800000000")); exam.KindOf(err) != exam.Refused {
		t.Errorf("saving while reviewed: %v", err)
	}
	if err := s.Withdraw(bg); err != nil {
		t.Fatalf("withdraw: %v", err)
	}
	state(t, s, application.Draft)
	if err := s.Withdraw(bg); exam.KindOf(err) != exam.Refused {
		t.Errorf("withdrawing nothing: %v", err)
	}
	if err := s.Submit(bg); err != nil {
		t.Fatal(err)
	}
	r.Return(t, registrytest.Doctor, "照片不清楚")
	until(t, s, "returned", func() bool { return s.Enrolment().Dossier.State == application.Returned })
	if f := s.Enrolment().Dossier.ReturnedFor; f == nil || f.Reason != "照片不清楚" {
		t.Errorf("returned for %+v", f)
	}
	mended := *form.Basic
	mended.Mobile = "13800009999"
	save(t, s, application.Form{Basic: &mended})
	if err := s.Submit(bg); err != nil {
		t.Fatal(err)
	}
	r.Approve(t, registrytest.Doctor)
	n := r.Issue(t, registrytest.Doctor)
	refresh(t, s)
	state(t, s, application.Qualified)
	if ns := s.Enrolment().Notices; len(ns) != 1 || ns[0].Serial != n.Serial {
		t.Fatalf("notices %+v", ns)
	}
	pdf, err := s.NoticePDF(bg, n)
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF")) {
		t.Fatalf("notice: %v", err)
	}
	found, err := s.Institutions(bg, exam.InstitutionQuery{Division: "14"})
	if err != nil || len(found) == 0 {
		t.Fatalf("institutions %v %v", found, err)
	}
	// a correction needs the line, goes with its picture, and is answered
	mended.Mobile = "13700001111"
	if err := s.AskCorrection(bg, application.Form{Basic: &mended}, "换了手机"); err != nil {
		t.Fatalf("correction: %v", err)
	}
	if c := s.Enrolment().Dossier.Correction; c == nil || c.State != application.CorrectionAsked {
		t.Errorf("correction %+v", c)
	}
	if err := s.Close(bg); err != nil {
		t.Errorf("close: %v", err)
	}
	_ = s.Close(bg)

	// without a line all of that is still to be seen
	r.mode.Store(dead)
	if a, err := p.About(bg); exam.KindOf(err) != exam.Unavailable || len(a.Provinces) == 0 {
		t.Errorf("about without a line: %+v %v", a, err)
	}
	if !p.CanEnterOffline(" "+strings.ToLower(registrytest.Doctor)) || p.CanEnterOffline("nobody") {
		t.Error("who can enter offline")
	}
	o := p.offline(registrytest.Doctor, doctorsPassword)
	state(t, o, application.Qualified)
	again, err := o.NoticePDF(bg, n)
	if err != nil || !bytes.Equal(again, pdf) {
		t.Errorf("the notice offline: %v", err)
	}
	if data, err := o.Picture(bg, form.Basic.Photo.Hash); err != nil || len(data) != form.Basic.Photo.Size {
		t.Errorf("the photo offline: %v", err)
	}
	if list, err := o.Institutions(bg, exam.InstitutionQuery{Name: found[0].Name}); err != nil || len(list) != 1 {
		t.Errorf("institutions offline: %v %v", list, err)
	}
	if _, err := o.Institutions(bg, exam.InstitutionQuery{Name: "不存在"}); exam.KindOf(err) != exam.Unavailable {
		t.Errorf("an unknown institution offline: %v", err)
	}
	for what, err := range map[string]error{"withdraw": o.Withdraw(bg), "refresh": o.Refresh(bg), "password": o.ChangePassword(bg, "a", "b")} {
		if exam.KindOf(err) != exam.Unavailable {
			t.Errorf("%s offline: %v", what, err)
		}
	}
}

func TestACutNetworkLosesNothingAndComesBackByItself(t *testing.T) {
	noLeak(t)
	r := newRig(t)
	p := r.pc(t, "a")
	s := p.enter(registrytest.Doctor)
	form := whole(t, s, 0)
	save(t, s, form.Only(application.StepMerit))
	sent(t, s)
	r.mode.Store(dead)
	for _, step := range application.Steps[:5] {
		save(t, s, form.Only(step))
	}
	err := s.Submit(bg)
	if exam.KindOf(err) != exam.Unavailable {
		t.Fatalf("submit without a line: %v", err)
	}
	if again := s.Submit(bg); exam.KindOf(again) != exam.Unavailable {
		t.Errorf("a second press: %v", again)
	}
	state(t, s, application.AwaitingInstitution)
	if l := s.Line(); l.Online || l.Pending != 5+2 || l.Trouble == "" { // 4 steps, a submission, 2 pictures
		t.Errorf("line %+v", l)
	}
	r.mode.Store(good)
	sent(t, s)
	if e := r.Enrolment(t, registrytest.Doctor); e.Dossier.State != application.AwaitingInstitution || e.Dossier.OwnSeq != 6 {
		t.Errorf("the registry has %s, seq %d", e.Dossier.State, e.Dossier.OwnSeq)
	}
	if l := s.Line(); l.Trouble != "" {
		t.Errorf("trouble that is over: %q", l.Trouble)
	}
}

func TestALostAnswerIsDeliveredTwiceAndCountsOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.pc(t, "a")
	s := p.enter(registrytest.Doctor)
	form := whole(t, s, 0)
	r.mode.Store(losesReply)
	save(t, s, form)
	if err := s.Submit(bg); exam.KindOf(err) != exam.Unavailable {
		t.Fatalf("submit: %v", err)
	}
	r.mode.Store(good)
	if err := s.Submit(bg); err != nil {
		t.Fatalf("the second press: %v", err)
	}
	if e := r.Enrolment(t, registrytest.Doctor); e.Dossier.OwnSeq != 2 || e.Dossier.State != application.AwaitingInstitution {
		t.Errorf("the registry has seq %d, %s", e.Dossier.OwnSeq, e.Dossier.State)
	}
	// an act that is worth nothing later: the answer is lost, the next look brings it in
	r.mode.Store(losesReply)
	if err := s.Withdraw(bg); exam.KindOf(err) != exam.Unavailable {
		t.Fatalf("withdraw: %v", err)
	}
	r.mode.Store(good)
	refresh(t, s)
	state(t, s, application.Draft)
	if ds, _ := s.Displaced(); len(ds) != 0 {
		t.Errorf("displaced %v", ds)
	}
}

func TestADeadRegistryAndANewStart(t *testing.T) {
	noLeak(t)
	r := newRig(t)
	p := r.pc(t, "a")
	p.enter(registrytest.Doctor)
	p.stop()
	r.Registry.Stop()
	p.start()
	if _, err := p.SignIn(bg, exam.Credentials{Login: registrytest.Doctor, Password: doctorsPassword}); exam.KindOf(err) != exam.Unavailable {
		t.Errorf("sign-in with a dead registry: %v", err)
	}
	if _, err := p.EnterOffline(bg, exam.Credentials{Login: registrytest.Doctor, Password: "wrong"}); exam.KindOf(err) != exam.WrongPassword {
		t.Errorf("a wrong password offline: %v", err)
	}
	s := p.offline(registrytest.Doctor, doctorsPassword)
	state(t, s, application.Included)
	form := whole(t, s, 0)
	save(t, s, form)
	if err := s.Submit(bg); exam.KindOf(err) != exam.Unavailable {
		t.Errorf("submit: %v", err)
	}
	if l := s.Line(); l.Online || l.Trouble == "" || l.Pending != 4 {
		t.Errorf("line %+v", l)
	}
	p.stop() // the evening
	r.Restart(t)
	p.start()
	s = p.enter(registrytest.Doctor)
	sent(t, s)
	if e := r.Enrolment(t, registrytest.Doctor); e.Dossier.State != application.AwaitingInstitution {
		t.Errorf("the registry has %s", e.Dossier.State)
	}
}

func TestWhatWasSavedIsSentAfterKill(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.pc(t, "a")
	p.enter(registrytest.Doctor)
	p.stop()
	killedWhileWaiting(t, p.path, registrytest.Doctor)
	p.start()
	s := p.enter(registrytest.Doctor)
	sent(t, s)
	e := r.Enrolment(t, registrytest.Doctor)
	if e.Dossier.OwnSeq != 3 || e.Dossier.Form.Basic.Mobile != "13900000002" {
		t.Errorf("the registry has seq %d, %+v", e.Dossier.OwnSeq, e.Dossier.Form.Basic)
	}
	if d := s.Draft(); d.Practice == nil || d.Practice.Department != "写了一半" {
		t.Errorf("the draft: %+v", d.Practice)
	}
}

// two are two terminals of one doctor, both up to date upon the same base.
func two(t *testing.T) (*rig, *pc, *Session, *pc, *Session) {
	t.Helper()
	r := newRig(t)
	a, b := r.pc(t, "a"), r.pc(t, "b")
	sa := a.enter(registrytest.Doctor)
	save(t, sa, mobile("13000000000"))
	save(t, sa, department("内科"))
	sent(t, sa)
	return r, a, sa, b, b.enter(registrytest.Doctor)
}

func TestTwoTerminalsWithDifferentStepsAreMerged(t *testing.T) {
	t.Parallel()
	r, a, _, _, sb := two(t)
	a.stop() // A goes on without a line
	a.start()
	sa := a.offline(registrytest.Doctor, doctorsPassword)
	save(t, sa, mobile("13100000001"))
	save(t, sa, mobile("13100000002"))
	save(t, sb, department("外科"))
	sent(t, sb)
	sa = a.enter(registrytest.Doctor)
	sent(t, sa)
	if sa.Conflict() != nil {
		t.Fatalf("conflict %+v", sa.Conflict())
	}
	refresh(t, sb)
	for _, s := range []*Session{sa, sb} {
		f := s.Enrolment().Dossier.Form
		if f.Basic.Mobile != "13100000002" || f.Practice.Department != "外科" {
			t.Errorf("%+v %+v", f.Basic, f.Practice)
		}
	}
	if e := r.Enrolment(t, registrytest.Doctor); e.Dossier.OwnSeq != 5 {
		t.Errorf("seq %d, want 2 of the base, 1 of B, 2 of A in their order", e.Dossier.OwnSeq)
	}
}

func TestTwoTerminalsWithOneStepMeetInAConflict(t *testing.T) {
	t.Parallel()
	for _, keepMine := range []bool{true, false} {
		t.Run(map[bool]string{true: "mine", false: "theirs"}[keepMine], func(t *testing.T) {
			r, a, _, _, sb := two(t)
			a.stop()
			a.start()
			sa := a.offline(registrytest.Doctor, doctorsPassword)
			save(t, sa, application.Form{Basic: mobile("13100000001").Basic, History: &application.History{Career: []application.Career{{Institution: "县医院"}}}})
			save(t, sb, mobile("13200000002"))
			sent(t, sb)
			sa = a.enter(registrytest.Doctor)
			until(t, sa, "conflict", func() bool { return sa.Conflict() != nil })
			sent(t, sa)
			// the step that only A changed is merged all the same
			if h := sa.Enrolment().Dossier.Form.History; h == nil || len(h.Career) != 1 {
				t.Errorf("history %+v", h)
			}
			check := func(s *Session) {
				t.Helper()
				c := s.Conflict()
				if c == nil || len(c.Differences) != 1 || c.Differences[0].Mine != "13100000001" || c.Differences[0].Theirs != "13200000002" || c.At == 0 {
					t.Fatalf("conflict %+v", c)
				}
				if c.Mine.Basic == nil || c.Mine.History != nil || c.Theirs.Basic.Mobile != "13200000002" {
					t.Errorf("conflict %+v", c)
				}
			}
			check(sa)
			if err := sa.Submit(bg); exam.KindOf(err) != exam.Refused {
				t.Errorf("submitting in a conflict: %v", err)
			}
			if err := sa.SaveStep(bg, mobile("13300000000")); exam.KindOf(err) != exam.Refused {
				t.Errorf("saving the step in question: %v", err)
			}
			save(t, sa, department("急诊科")) // another step is free
			// both values outlive the program
			a.stop()
			a.start()
			sa = a.enter(registrytest.Doctor)
			check(sa)
			if err := sa.Settle(bg, map[application.Step]bool{application.StepPractice: true}); exam.KindOf(err) != exam.Invalid {
				t.Errorf("a step left out: %v", err)
			}
			if err := sa.Settle(bg, map[application.Step]bool{application.StepBasic: keepMine}); err != nil {
				t.Fatal(err)
			}
			if sa.Conflict() != nil {
				t.Error("a conflict after it was settled")
			}
			sent(t, sa)
			want := map[bool]string{true: "13100000001", false: "13200000002"}[keepMine]
			if e := r.Enrolment(t, registrytest.Doctor); e.Dossier.Form.Basic.Mobile != want || e.Dossier.Form.Practice.Department != "急诊科" {
				t.Errorf("the registry has %+v", e.Dossier.Form)
			}
			ds, err := sa.Displaced()
			if err != nil || (len(ds) == 1) == keepMine {
				t.Errorf("displaced %v %v", ds, err)
			}
			if err := sa.SaveStep(bg, mobile("13300000000")); err != nil {
				t.Errorf("saving afterwards: %v", err)
			}
		})
	}
}

func TestEqualValuesAreNoConflict(t *testing.T) {
	t.Parallel()
	_, a, _, _, sb := two(t)
	a.stop()
	a.start()
	sa := a.offline(registrytest.Doctor, doctorsPassword)
	save(t, sa, mobile("13100000001"))
	save(t, sb, mobile("13100000001"))
	sent(t, sb)
	sa = a.enter(registrytest.Doctor)
	sent(t, sa)
	if sa.Conflict() != nil || sa.Enrolment().Dossier.OwnSeq != 3 {
		t.Errorf("conflict %+v, seq %d", sa.Conflict(), sa.Enrolment().Dossier.OwnSeq)
	}
}

func TestASubmissionIsNeverSentUponUnseenContent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a, b := r.pc(t, "a"), r.pc(t, "b")
	sa := a.enter(registrytest.Doctor)
	form := whole(t, sa, 0)
	save(t, sa, form)
	sent(t, sa)
	sb := b.enter(registrytest.Doctor)
	r.mode.Store(dead)
	if err := sa.Submit(bg); exam.KindOf(err) != exam.Unavailable {
		t.Fatal(err)
	}
	// A stays cut off while another writes
	other := *form.Practice
	other.Department = "另一科室"
	r.Append(t, registrytest.Doctor, application.ActSaved, application.Body{Form: &application.Form{Practice: &other}})
	r.mode.Store(good)
	until(t, sa, "taken back", func() bool { return sa.Enrolment().Dossier.State == application.Draft })
	sent(t, sa)
	if e := r.Enrolment(t, registrytest.Doctor); e.Dossier.State != application.Draft {
		t.Errorf("the registry has %s", e.Dossier.State)
	}
	if ds, _ := sa.Displaced(); len(ds) != 1 || ds[0].Act != application.ActSubmitted || ds[0].Reason == "" {
		t.Errorf("displaced %+v", ds)
	}
	if l := sa.Line(); l.Trouble == "" {
		t.Error("the doctor is not told")
	}
	if err := sa.Submit(bg); err != nil {
		t.Errorf("submitting what was seen: %v", err)
	}
	refresh(t, sb)
	state(t, sb, application.AwaitingInstitution)
}

func TestSavesUponASubmissionFromElsewhereReturnToTheDraft(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a, b := r.pc(t, "a"), r.pc(t, "b")
	sa := a.enter(registrytest.Doctor)
	save(t, sa, whole(t, sa, 0))
	sent(t, sa)
	a.stop()
	a.start()
	sa = a.offline(registrytest.Doctor, doctorsPassword)
	save(t, sa, mobile("13100000001"))
	sb := b.enter(registrytest.Doctor)
	if err := sb.Submit(bg); err != nil {
		t.Fatal(err)
	}
	sa = a.enter(registrytest.Doctor)
	sent(t, sa)
	state(t, sa, application.AwaitingInstitution)
	if d := sa.Draft(); d.Basic == nil || d.Basic.Mobile != "13100000001" {
		t.Errorf("draft %+v", d.Basic)
	}
	if ds, _ := sa.Displaced(); len(ds) != 1 {
		t.Errorf("displaced %+v", ds)
	}
}

func TestWhatTheRegistryRefusesComesBackWithTheReason(t *testing.T) {
	t.Parallel()
	for _, signedIn := range []bool{true, false} {
		r := newRig(t)
		p := r.pc(t, "a")
		// the evening of the last day of the window
		last := r.Enrolment(t, registrytest.Doctor).Cycle.Fill.To
		day, err := time.ParseInLocation(time.DateOnly, string(last), exam.China)
		if err != nil {
			t.Fatal(err)
		}
		r.Clock.Advance(time.Until(day.Add(20 * time.Hour)))
		s := p.enter(registrytest.Doctor)
		save(t, s, whole(t, s, 0))
		sent(t, s)
		// The window closes at the registry; this terminal's clock was set at
		// sign-in and does not know yet.
		if signedIn {
			r.Clock.Advance(6 * time.Hour)
			err = s.Submit(bg)
			if exam.KindOf(err) != exam.Refused || !strings.Contains(exam.SentenceOf(err), "填报时间") {
				t.Errorf("submit: %v", err)
			}
		} else {
			r.Clock.Advance(24 * time.Hour)
			if err = s.Submit(bg); exam.KindOf(err) != exam.Unavailable || !strings.Contains(exam.SentenceOf(err), "请重新登录") {
				t.Errorf("submit: %v", err)
			}
			s = p.enter(registrytest.Doctor)
			sent(t, s)
			if l := s.Line(); !strings.Contains(l.Trouble, "填报时间") {
				t.Errorf("the doctor is not told: %+v", l)
			}
		}
		state(t, s, application.Draft)
		ds, _ := s.Displaced()
		if len(ds) != 1 || ds[0].Kind != exam.Refused || !strings.Contains(ds[0].Reason, "填报时间") {
			t.Errorf("displaced %+v", ds)
		}
		if e := r.Enrolment(t, registrytest.Doctor); e.Dossier.State != application.Draft {
			t.Errorf("the registry has %s", e.Dossier.State)
		}
	}
}

func TestAnEndedSessionLosesNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.pc(t, "a")
	s := p.enter(registrytest.Doctor)
	save(t, s, mobile("13100000000"))
	sent(t, s)
	r.Clock.Advance(13 * time.Hour)
	until(t, s, "ended", func() bool { return strings.Contains(s.Line().Trouble, "请重新登录") })
	save(t, s, mobile("13100000001"))
	s.KeepDraft(department("儿科"))
	if l := s.Line(); l.Online || l.Pending != 1 {
		t.Errorf("line %+v", l)
	}
	if err := s.Submit(bg); exam.KindOf(err) != exam.Refused { // incomplete
		t.Errorf("submit: %v", err)
	}
	s = p.enter(registrytest.Doctor) // ends the earlier one
	sent(t, s)
	if e := r.Enrolment(t, registrytest.Doctor); e.Dossier.Form.Basic.Mobile != "13100000001" {
		t.Errorf("the registry has %+v", e.Dossier.Form.Basic)
	}
	if d := s.Draft(); d.Practice == nil || d.Practice.Department != "儿科" {
		t.Errorf("draft %+v", d.Practice)
	}
}

func TestTheFirstPasswordAndItsChange(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.pc(t, "a")
	s, err := p.SignIn(bg, p.credentials(registrytest.NewDoctor, exam.FirstPassword))
	if err != nil {
		t.Fatal(err)
	}
	if !s.Account().MustChange {
		t.Fatal("the first password is not to be changed")
	}
	if err := s.ChangePassword(bg, exam.FirstPassword, "short"); exam.KindOf(err) != exam.Invalid {
		t.Errorf("a weak password: %v", err)
	}
	if err := s.ChangePassword(bg, exam.FirstPassword, doctorsPassword); err != nil {
		t.Fatal(err)
	}
	if s.Account().MustChange {
		t.Error("still to be changed")
	}
	state(t, s, application.Included)
	_ = s.Close(bg)
	if _, err := p.EnterOffline(bg, exam.Credentials{Login: registrytest.NewDoctor, Password: exam.FirstPassword}); exam.KindOf(err) != exam.WrongPassword {
		t.Errorf("the first password still opens: %v", err)
	}
	p.offline(registrytest.NewDoctor, doctorsPassword)
	if _, err := p.SignIn(bg, p.credentials(registrytest.Institution, registrytest.Password)); exam.KindOf(err) != exam.Forbidden {
		t.Errorf("staff at a terminal: %v", err)
	}
}

func TestAPasswordChangedElsewhereKeepsThisPCsContent(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	a, b := r.pc(t, "a"), r.pc(t, "b")
	a.enter(registrytest.Doctor)
	a.stop()
	a.start()
	save(t, a.offline(registrytest.Doctor, doctorsPassword), mobile("13100000001"))
	if err := b.enter(registrytest.Doctor).ChangePassword(bg, doctorsPassword, "Another2026"); err != nil {
		t.Fatal(err)
	}
	s, err := a.SignIn(bg, a.credentials(registrytest.Doctor, "Another2026"))
	if err != nil {
		t.Fatal(err)
	}
	sent(t, s)
	if s.Enrolment().Dossier.Form.Basic.Mobile != "13100000001" {
		t.Error("what was saved under the old password is gone")
	}
}

func TestDraftsAreKeptStepByStep(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.pc(t, "a")
	s := p.enter(registrytest.Doctor)
	part := mobile("1")
	s.KeepDraft(part)
	part.Basic.Mobile = "changed by the screen" // it goes on typing into its own
	for range 100 {
		s.KeepDraft(department("科"))
	}
	s.KeepDraft(department("外科"))
	if d := s.Draft(); d.Basic.Mobile != "1" || d.Practice.Department != "外科" || d.Merit != nil {
		t.Errorf("draft %+v %+v", d.Basic, d.Practice)
	}
	p.stop()
	p.start()
	s = p.offline(registrytest.Doctor, doctorsPassword)
	if d := s.Draft(); d.Basic == nil || d.Basic.Mobile != "1" || d.Practice == nil || d.Practice.Department != "外科" {
		t.Errorf("after a new start: %+v %+v", d.Basic, d.Practice)
	}
	save(t, s, mobile("2"))
	if d := s.Draft(); d.Basic != nil || d.Practice == nil {
		t.Errorf("after saving: %+v", d)
	}
	s.KeepDraft(mobile("2")) // as saved
	if d := s.Draft(); d.Basic != nil {
		t.Errorf("a draft that does not differ: %+v", d)
	}
	if err := s.SaveStep(bg, application.Form{}); exam.KindOf(err) != exam.Invalid {
		t.Errorf("nothing to save: %v", err)
	}
}

func TestARegistrySetUpAgainFromABackupGetsTheRest(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.pc(t, "a")
	s := p.enter(registrytest.Doctor)
	save(t, s, mobile("13100000001"))
	sent(t, s)
	_ = s.Close(bg)
	backup := t.TempDir()
	r.Registry.Stop()
	if err := os.CopyFS(backup, os.DirFS(r.Dir)); err != nil {
		t.Fatal(err)
	}
	r.Restart(t)
	s = p.enter(registrytest.Doctor)
	form := whole(t, s, 0)
	save(t, s, form)
	if err := s.Submit(bg); err != nil {
		t.Fatal(err)
	}
	_ = s.Close(bg)
	r.Registry.Stop()
	for _, name := range []string{"registry.db", "registry.db-wal", "registry.db-shm", "blobs"} {
		if err := os.RemoveAll(filepath.Join(r.Dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"registry.db", "registry.db-wal"} {
		if raw, err := os.ReadFile(filepath.Join(backup, name)); err == nil {
			if err := os.WriteFile(filepath.Join(r.Dir, name), raw, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	if e, err := os.Stat(filepath.Join(backup, "blobs")); err == nil && e.IsDir() {
		if err := os.CopyFS(filepath.Join(r.Dir, "blobs"), os.DirFS(filepath.Join(backup, "blobs"))); err != nil {
			t.Fatal(err)
		}
	}
	r.Restart(t)
	s = p.enter(registrytest.Doctor)
	sent(t, s)
	state(t, s, application.AwaitingInstitution)
	if e := r.Enrolment(t, registrytest.Doctor); e.Dossier.State != application.AwaitingInstitution || e.Dossier.Form.Choice == nil {
		t.Errorf("the registry has %s", e.Dossier.State)
	}
}

func TestManyAtOnce(t *testing.T) {
	noLeak(t)
	r := newRig(t)
	p := r.pc(t, "a")
	s := p.enter(registrytest.Doctor)
	stop := s.Watch(func() { _, _, _ = s.Enrolment(), s.Line(), s.Conflict() })
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 5 {
				v := strings.Repeat("1", i+1) + strings.Repeat("2", n+1)
				s.KeepDraft(department(v))
				if err := s.SaveStep(bg, mobile(v)); err != nil {
					t.Errorf("save: %v", err)
				}
				_ = s.Draft()
			}
		})
	}
	wg.Wait()
	stop()
	sent(t, s)
	if e := r.Enrolment(t, registrytest.Doctor); e.Dossier.OwnSeq != s.Enrolment().Dossier.OwnSeq {
		t.Errorf("the registry has %d, this PC %d", e.Dossier.OwnSeq, s.Enrolment().Dossier.OwnSeq)
	}
}

func TestASecondProgramIsRefused(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.pc(t, "a")
	if _, err := Open(Config{Path: p.path, Registry: p.line}); exam.KindOf(err) != exam.Refused {
		t.Errorf("got %v", err)
	}
}

func TestADamagedFileIsSaid(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	p := r.pc(t, "a")
	p.enter(registrytest.Doctor)
	p.stop()
	if err := os.WriteFile(p.path, bytes.Repeat([]byte("x"), 40000), 0o600); err != nil {
		t.Fatal(err)
	}
	p.start()
	s := p.enter(registrytest.Doctor)
	if ds := p.Damages(); len(ds) != 1 {
		t.Fatalf("damages %v", ds)
	}
	if l := s.Line(); !strings.Contains(l.Trouble, "损坏") {
		t.Errorf("trouble %q", l.Trouble)
	}
	state(t, s, application.Included)
}

func TestRegistryTimeComesFromTheRegistryAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		wall := exam.InstantOf(time.Now())
		if got := c.now(); got != wall {
			t.Errorf("before any word: %d, want the PC's clock %d", got, wall)
		}
		c.notBefore(wall + 5e6)
		if got := c.now(); got != wall+5e6 {
			t.Error("earlier than the registry's last word")
		}
		sentAt := time.Now()
		time.Sleep(2 * time.Second)
		word := exam.Instant(1e15) // far from the PC's clock
		c.set(word, sentAt)
		if got := c.now(); got != word+1e6 {
			t.Errorf("%d, want the word and half the way", got)
		}
		time.Sleep(time.Hour)
		if got := c.now(); got != word+1e6+3600e6 {
			t.Errorf("%d after an hour", got)
		}
	})
}
