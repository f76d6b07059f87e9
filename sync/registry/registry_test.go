package registry_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/certificate"
	"dingkao/sync/registry"
	"dingkao/sync/registry/storetest"
	"dingkao/sync/wire"
)

func TestADoctorsWholeSimpleProcedure(t *testing.T) { both(t, story) }

func story(t *testing.T, w *world) {
	d := w.enrolled(0)
	inst, ass, auth := w.as("14", "inst1"), w.as("14", "ass1"), w.as("14", "auth")

	page, err := w.Queue(w.ctx, inst, application.Filter{States: []application.State{application.AwaitingInstitution}})
	w.must(err)
	if page.Total != 1 || page.Rows[0].Application != d.id || page.Rows[0].On != 2 || page.Rows[0].Department != "内科" ||
		page.Rows[0].Identity != identity(0).Masked() || page.Counts[application.NotIncluded] != 2 {
		t.Fatalf("queue: %+v", page)
	}
	c, err := w.Case(w.ctx, inst, d.id)
	w.must(err)
	if want := []application.Act{application.ActTakenUp, application.ActApproved, application.ActReturned}; !reflect.DeepEqual(c.Acts, want) {
		t.Errorf("acts %v", c.Acts)
	}
	if strings.Contains(string(c.Doctor.Identity), "1980") || c.Authority.Name != "山西省卫生健康委员会" || c.Assessor.ID != "s1" {
		t.Errorf("case %+v", c.Enrolment)
	}
	n, err := w.CaseIdentity(w.ctx, inst, d.id)
	w.must(err)
	if n.Identity != string(identity(0)) {
		t.Errorf("identity %q", n.Identity)
	}
	picture, err := w.Blob(w.ctx, inst, c.Dossier.Form.Basic.Photo.Hash)
	w.must(err)
	if !bytes.Equal(picture, photo(0)) {
		t.Error("another picture came back")
	}

	w.decided("inst1", application.ActTakenUp, "", application.AwaitingInstitution, d.target())
	w.decided("inst1", application.ActTakenUp, "", application.AwaitingInstitution, d.target()) // opened twice: one entry
	if _, err := d.write(application.ActWithdrawn, application.Body{}); exam.KindOf(err) != exam.Refused {
		t.Fatalf("withdrawn after it was taken up: %v", err)
	}
	w.decided("inst1", application.ActReturned, "请补充科室", application.Returned, d.target())
	e, err := w.Enrolment(w.ctx, d.who)
	w.must(err)
	if e.Dossier.State != application.Returned || e.Dossier.ReturnedFor.Reason != "请补充科室" || e.Dossier.ReviewSeq != 3 || e.OwnHead != d.head {
		t.Fatalf("enrolment %+v", e.Dossier)
	}
	f, _ := form(0)
	f.Practice.Department = "心内科"
	d.did(application.ActSaved, application.Body{Form: &application.Form{Practice: f.Practice}})
	d.did(application.ActSubmitted, application.Body{})
	w.decided("inst1", application.ActApproved, "", application.AwaitingAssessor, d.target())
	w.decided("ass1", application.ActApproved, "", application.Qualified, d.target())

	outs, err := w.Issue(w.ctx, auth, []application.Target{d.target()})
	w.must(err)
	if outs[0].Kind != "" || outs[0].Serial == "" {
		t.Fatalf("issue: %+v", outs)
	}
	serial := outs[0].Serial
	e, err = w.Enrolment(w.ctx, d.who)
	w.must(err)
	if len(e.Notices) != 1 || e.Notices[0].Number != string(identity(0))+"KH20250815" {
		t.Fatalf("notices %+v", e.Notices)
	}
	file, err := w.NoticePDF(w.ctx, d.who, serial)
	w.must(err)
	var drawn struct {
		C  certificate.Certificate
		QR string
	}
	w.must(json.Unmarshal(bytes.TrimPrefix(file, []byte("signed ")), &drawn))
	if drawn.C.Outcome != certificate.Passed || drawn.C.Name != "医师甲" || drawn.C.Assessor != "太原市考核中心" || drawn.C.Photo != wire.BlobHashOf(photo(0)) {
		t.Errorf("drawn: %+v", drawn.C)
	}
	v, err := w.Verify(w.ctx, strings.TrimPrefix(drawn.QR, verifyURL))
	w.must(err)
	if all, _ := json.Marshal(v); v.State != registry.VerifiedValid || v.Certificate.Name != "医师甲" || strings.Contains(string(all), "19800101") {
		t.Errorf("public page: %s", all)
	}
	if again, err := w.Issue(w.ctx, auth, []application.Target{d.target()}); err != nil || again[0].Kind != exam.Refused {
		t.Errorf("issued twice: %+v %v", again, err)
	}
	w.refusedAs(w.Revoke(w.ctx, auth, serial, " "), exam.Invalid, "原因")
	w.must(w.Revoke(w.ctx, auth, serial, "材料不实"))
	if v, err := w.Verify(w.ctx, drawn.QR); err != nil || v.State != registry.VerifiedRevoked || strings.Contains(fmt.Sprint(v), "不实") {
		t.Errorf("after revoking: %+v %v", v, err)
	}
	if v, err := w.Verify(w.ctx, "AAAA"); err != nil || v.State != registry.VerifiedUnknown {
		t.Errorf("nonsense: %+v %v", v, err)
	}
	_, err = w.NoticePDF(w.ctx, d.who, serial)
	w.refusedAs(err, exam.Refused, "材料不实")
	page, err = w.Queue(w.ctx, auth, application.Filter{Issued: "no", States: []application.State{application.Qualified}})
	w.must(err)
	if page.Total != 1 || page.Rows[0].Notice == nil || page.Rows[0].Notice.RevokedReason != "材料不实" || strings.Contains(page.Rows[0].Notice.Number, "19800101") {
		t.Errorf("queue after revoking: %+v", page.Rows)
	}
	outs, err = w.Issue(w.ctx, auth, []application.Target{d.target()})
	w.must(err)
	e, err = w.Enrolment(w.ctx, d.who)
	w.must(err)
	if len(e.Notices) != 2 || e.Notices[0].Serial != outs[0].Serial || e.Notices[0].Number != string(identity(0))+"KH20250815-2" {
		t.Errorf("re-issued: %+v", e.Notices)
	}
	_ = ass

	// What the queue shows is what a rebuild from the streams gives.
	before := w.rows()
	k, err := w.RebuildProjections(w.ctx)
	w.must(err)
	if after := w.rows(); k != 4 || !reflect.DeepEqual(before, after) {
		t.Errorf("%d rebuilt:\n%s\nlive:\n%s", k, after, before)
	}
	rep, err := w.AuditVerify(w.ctx)
	w.must(err)
	if !rep.Clean || rep.Stored == 0 {
		t.Errorf("audit: %+v", rep)
	}
	w.noWholeNumberIsLogged()
}

// rows are all rows of the projection as text.
func (w *world) rows() string {
	w.t.Helper()
	var b strings.Builder
	w.must(w.store.View(w.ctx, func(tx registry.Reader) error {
		as, err := tx.Applications("", 1000)
		for _, a := range as {
			r, err := tx.DossierRow(a.ID)
			if err != nil {
				return err
			}
			line, _ := json.Marshal(r)
			b.Write(append(line, '\n'))
		}
		return err
	}))
	return b.String()
}

func (w *world) log() []registry.AuditEntry {
	w.t.Helper()
	var es []registry.AuditEntry
	w.must(w.store.View(w.ctx, func(tx registry.Reader) (err error) {
		es, err = tx.AuditEntries(0, 10000)
		return err
	}))
	return es
}

func (w *world) noWholeNumberIsLogged() {
	w.t.Helper()
	for _, e := range w.log() {
		for i := range 4 {
			if strings.Contains(fmt.Sprint(e), string(identity(i))) {
				w.t.Errorf("a whole identity number is in the audit log: %+v", e)
			}
		}
	}
}

func TestTheSameDeliveryGetsTheSameReceipt(t *testing.T) { both(t, sameReceipt) }

func sameReceipt(t *testing.T, w *world) {
	w.decided("inst1", application.ActIncluded, "", application.Included, application.Target{Application: w.doctors[0].Application})
	d := w.doctor(0)
	var raws []json.RawMessage
	var receipts []wire.Receipt
	for i := range 3 {
		raw := d.encode(application.ActSaved, application.Body{Form: &application.Form{Merit: &application.Merit{Patients: &i}}})
		a, err := d.Append(d.ctx, d.who, []json.RawMessage{raw})
		w.must(err)
		d.advance(raw)
		raws, receipts = append(raws, raw), append(receipts, a.Receipt)
		w.pass(time.Minute)
	}
	about, err := w.About(w.ctx)
	w.must(err)
	for i, r := range receipts {
		w.must(r.Verify(about.Keys))
		again, err := w.Append(w.ctx, d.who, raws[:i+1])
		w.must(err)
		if !reflect.DeepEqual(again.Receipt, r) {
			t.Errorf("entry %d: %+v, first time %+v", i+1, again.Receipt, r)
		}
	}
	// Half old, half new: only the new part is added.
	raw := d.encode(application.ActSaved, application.Body{Form: &application.Form{History: &application.History{}}})
	a, err := w.Append(w.ctx, d.who, []json.RawMessage{raws[1], raws[2], raw})
	w.must(err)
	d.advance(raw)
	tail, err := w.Tail(w.ctx, d.who, wire.ApplicationStream(d.id), 1)
	w.must(err)
	if a.Receipt.Seq != 4 || len(tail.Entries) != 3 || !reflect.DeepEqual(*tail.Receipt, a.Receipt) || !bytes.Equal(tail.Entries[0], raws[1]) {
		t.Errorf("tail %d entries, receipt %+v", len(tail.Entries), tail.Receipt)
	}
}

func TestTheSecondOfTwoTerminalsSeesWhatItHasMissed(t *testing.T) { both(t, twoTerminals) }

func twoTerminals(t *testing.T, w *world) {
	w.decided("inst1", application.ActIncluded, "", application.Included, application.Target{Application: w.doctors[0].Application})
	one := w.doctor(0)
	one.did(application.ActSaved, application.Body{Form: &application.Form{History: &application.History{}}})
	two := *one
	raw := one.encode(application.ActSaved, application.Body{Form: &application.Form{Merit: &application.Merit{Rating: application.RatingGood}}})
	_, err := w.Append(w.ctx, one.who, []json.RawMessage{raw})
	w.must(err)
	_, err = two.write(application.ActSaved, application.Body{Form: &application.Form{Merit: &application.Merit{Rating: application.RatingFair}}})
	var clash *registry.ConflictError
	if !errors.As(err, &clash) || exam.KindOf(err) != exam.Conflict {
		t.Fatalf("the second writer: %v", err)
	}
	if len(clash.Tail.Entries) != 1 || !bytes.Equal(clash.Tail.Entries[0], raw) || clash.Tail.Receipt.Seq != 2 {
		t.Errorf("tail %+v", clash.Tail)
	}
	// Ahead of the registry: it shows its head, and takes the rest when it comes.
	one.advance(raw)
	skipped := one.encode(application.ActSaved, application.Body{Form: &application.Form{History: &application.History{}}})
	one.advance(skipped)
	_, err = one.write(application.ActSaved, application.Body{Form: &application.Form{History: &application.History{}}})
	if !errors.As(err, &clash) || len(clash.Tail.Entries) != 0 || clash.Tail.Receipt.Seq != 2 {
		t.Errorf("a gap: %v %+v", err, clash)
	}
	// Many at one instant: one stream, no entry lost or doubled.
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	three := *one
	three.seq, three.head = 2, wire.HashOf(raw)
	for i := range 8 {
		wg.Go(func() {
			raw := three.encode(application.ActSaved, application.Body{Form: &application.Form{Merit: &application.Merit{Patients: &i}}})
			_, err := w.Append(w.ctx, one.who, []json.RawMessage{raw})
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.As(err, &clash) {
				t.Errorf("a loser was told: %v", err)
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d of 8 won", won)
	}
}

func TestOnlyOneOfManyDecisionsStands(t *testing.T) { both(t, oneDecision) }

func oneDecision(t *testing.T, w *world) {
	d := w.enrolled(0)
	who := w.as("14", "inst1")
	var wg sync.WaitGroup
	outs := make([]application.Outcome, 10)
	for i := range outs {
		wg.Go(func() {
			act, reason := application.ActApproved, ""
			if i%2 == 1 {
				act, reason = application.ActReturned, "不齐"
			}
			o, err := w.Decide(w.ctx, who, application.Decision{Act: act, Reason: reason, Targets: []application.Target{d.target()}})
			if err != nil {
				t.Error(err)
				return
			}
			outs[i] = o[0]
		})
	}
	wg.Wait()
	won := 0
	for _, o := range outs {
		switch o.Kind {
		case "":
			won++
		case exam.Refused, exam.Conflict:
		default:
			t.Errorf("%+v", o)
		}
	}
	if won != 1 {
		t.Errorf("%d of 10 decisions stand: %+v", won, outs)
	}
	rep, err := w.AuditVerify(w.ctx)
	w.must(err)
	if !rep.Clean {
		t.Errorf("%+v", rep)
	}
}

func TestConcurrentIssuingGivesOneNotice(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		d := w.qualified(0)
		auth := w.as("14", "auth")
		var wg sync.WaitGroup
		for range 6 {
			wg.Go(func() {
				if _, err := w.Issue(w.ctx, auth, []application.Target{d.target()}); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		e, err := w.Enrolment(w.ctx, d.who)
		w.must(err)
		if len(e.Notices) != 1 {
			t.Errorf("%d notices", len(e.Notices))
		}
	})
}

func sqlite(t *testing.T) *world { return newWorld(t, filepath.Join(t.TempDir(), "registry.db")) }

func TestADecisionAboutAnOldPageIsRefused(t *testing.T) {
	w := sqlite(t)
	d := w.enrolled(0)
	old := d.target()
	d.did(application.ActWithdrawn, application.Body{})
	d.did(application.ActSubmitted, application.Body{})
	outs := w.decide("inst1", application.ActApproved, "", old, application.Target{Application: "nobody"}, d.target())
	if outs[0].Kind != exam.Conflict || outs[1].Kind != exam.NotFound || outs[2].Kind != "" || outs[2].State != application.AwaitingAssessor {
		t.Errorf("%+v", outs)
	}
	for _, o := range outs[:2] {
		if o.Sentence == "" {
			t.Errorf("no sentence: %+v", o)
		}
	}
}

func TestEveryRoleStaysInItsScope(t *testing.T) {
	w := sqlite(t)
	d := w.enrolled(0)
	far := w.enrolled(3) // of another institution and assessor
	logged := len(w.log())
	refusals := 0
	check := func(name string, err error, want exam.Kind) {
		t.Helper()
		if exam.KindOf(err) != want {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
		if want != "" && strings.Contains(exam.SentenceOf(err), "系统出了") {
			t.Errorf("%s: no sentence of its own", name)
		}
		if want == exam.Forbidden {
			refusals++
		}
	}
	f, _ := form(0)
	for _, c := range []struct {
		province, login                                      string
		own, other, queue, identity, review, include, notice exam.Kind // own: doctor 0; other: doctor 3
		rows                                                 int
	}{
		{"14", "inst1", "", exam.Forbidden, "", "", "", exam.Refused, exam.Forbidden, 3},
		{"14", "inst2", exam.Forbidden, "", "", exam.Forbidden, exam.Forbidden, exam.Forbidden, exam.Forbidden, 1},
		{"14", "ass1", "", exam.Forbidden, "", "", exam.Refused, exam.Forbidden, exam.Forbidden, 3},
		{"14", "ass2", exam.Forbidden, "", "", exam.Forbidden, exam.Forbidden, exam.Forbidden, exam.Forbidden, 1},
		{"14", "auth", "", "", "", "", exam.Forbidden, exam.Forbidden, exam.Refused, 4},
		{"11", "auth", exam.Forbidden, exam.Forbidden, "", exam.Forbidden, exam.Forbidden, exam.Forbidden, exam.Forbidden, 0},
		{"14", "proc", exam.Forbidden, exam.Forbidden, exam.Forbidden, exam.Forbidden, exam.Forbidden, exam.Forbidden, exam.Forbidden, 0},
		{"11", "admin", "", "", "", "", exam.Forbidden, exam.Refused, exam.Forbidden, 4},
		{"14", string(identity(1)), exam.Forbidden, exam.Forbidden, exam.Forbidden, exam.Forbidden, exam.Forbidden, exam.Forbidden, exam.Forbidden, 0},
	} {
		who := w.as(c.province, c.login)
		name := c.province + " " + string(who.Account.Role)
		_, err := w.Case(w.ctx, who, d.id)
		check(name+" case", err, c.own)
		_, err = w.Tail(w.ctx, who, wire.ApplicationStream(d.id), 0)
		check(name+" tail", err, c.own)
		_, err = w.Case(w.ctx, who, far.id)
		check(name+" other case", err, c.other)
		page, err := w.Queue(w.ctx, who, application.Filter{})
		check(name+" queue", err, c.queue)
		if page.Total != c.rows {
			t.Errorf("%s sees %d rows, want %d", name, page.Total, c.rows)
		}
		_, err = w.CaseIdentity(w.ctx, who, d.id)
		check(name+" identity", err, c.identity)
		decide := func(act application.Act) error {
			outs, err := w.Decide(w.ctx, who, application.Decision{Act: act, Targets: []application.Target{d.target()}})
			if err == nil && outs[0].Kind != "" {
				err = exam.Errorf(outs[0].Kind, "%s", outs[0].Sentence)
			}
			return err
		}
		check(name+" takes up", decide(application.ActTakenUp), c.review)
		check(name+" includes", decide(application.ActIncluded), c.include)
		outs, err := w.Issue(w.ctx, who, []application.Target{d.target()})
		if err == nil {
			err = exam.Errorf(outs[0].Kind, "%s", outs[0].Sentence)
		}
		check(name+" issues", err, c.notice)
		_, err = w.Append(w.ctx, who, []json.RawMessage{d.encode(application.ActWithdrawn, application.Body{})})
		check(name+" appends", err, exam.Forbidden)
		if who.Account.Role != exam.RoleDoctor {
			_, err = w.Enrolment(w.ctx, who)
			check(name+" enrolment", err, exam.Forbidden)
		}
		_, err = w.Blob(w.ctx, who, f.Basic.Photo.Hash)
		if want := map[exam.Kind]exam.Kind{"": "", exam.Forbidden: exam.NotFound}[c.own]; who.Account.Role != exam.RoleProctor && exam.KindOf(err) != want {
			t.Errorf("%s photo: %v", name, err)
		}
	}
	n := 0
	for _, e := range w.log()[logged:] {
		if e.Result == string(exam.Forbidden) {
			n++
		}
	}
	if n < refusals {
		t.Errorf("%d of %d refusals are in the audit log", n, refusals)
	}
	if _, err := w.Queue(w.ctx, registry.Session{}, application.Filter{}); exam.KindOf(err) != exam.Unauthenticated {
		t.Errorf("nobody's queue: %v", err)
	}
	w.noWholeNumberIsLogged()
}

func TestTheFirstPasswordOpensNothingButItsOwnChange(t *testing.T) {
	w := sqlite(t)
	in, err := w.enter("14", "inst1", exam.FirstPassword)
	w.must(err)
	if !in.Account.MustChange || in.Account.OfficeName != "太原市第一医院" {
		t.Errorf("%+v", in.Account)
	}
	s, err := w.Authenticate(w.ctx, in.Token)
	w.must(err)
	_, err = w.Queue(w.ctx, s, application.Filter{})
	w.refusedAs(err, exam.MustChange, "修改密码")
	_, err = w.Institutions(w.ctx, s, exam.InstitutionQuery{})
	w.refusedAs(err, exam.MustChange, "修改密码")
	w.refusedAs(w.ChangePassword(w.ctx, s, exam.FirstPassword, "1234567"), exam.Invalid, "8位")
	w.refusedAs(w.ChangePassword(w.ctx, s, "wrong", password), exam.WrongPassword, "没有改动")
	other, err := w.enter("14", "inst1", exam.FirstPassword)
	w.must(err)
	w.must(w.ChangePassword(w.ctx, s, exam.FirstPassword, password))
	if s, err = w.Authenticate(w.ctx, in.Token); err != nil || s.Account.MustChange {
		t.Errorf("%+v %v", s, err)
	}
	_, err = w.Queue(w.ctx, s, application.Filter{})
	w.must(err)
	_, err = w.Authenticate(w.ctx, other.Token)
	w.refusedAs(err, exam.Unauthenticated, "重新登录")
	_, err = w.enter("14", "inst1", exam.FirstPassword)
	w.refusedAs(err, exam.WrongPassword, "核对")
	w.must(w.SignOut(w.ctx, s))
	_, err = w.Authenticate(w.ctx, in.Token)
	w.refusedAs(err, exam.Unauthenticated, "重新登录")
}

func TestGuessingIsThrottledAndForgotten(t *testing.T) {
	w := sqlite(t)
	for _, login := range []string{"inst1", "nobody"} { // alike whether the account is there or not
		for i := range 5 {
			_, err := w.enter("14", login, fmt.Sprintf("guess%d", i))
			w.refusedAs(err, exam.WrongPassword, "账号或密码不对")
		}
		_, err := w.enter("14", login, exam.FirstPassword)
		w.refusedAs(err, exam.Throttled, "分钟再试")
		var busy *registry.BusyError
		if !errors.As(err, &busy) || busy.RetryAfter <= 0 || busy.RetryAfter > 15*time.Minute {
			t.Errorf("%s: %v", login, err)
		}
	}
	if _, err := w.enter("14", "inst2", exam.FirstPassword); err != nil {
		t.Errorf("another account of the same room: %v", err)
	}
	w.pass(15 * time.Minute)
	_, err := w.enter("14", "inst1", exam.FirstPassword)
	w.must(err)
}

func TestACaptchaCountsOnceAndThreeMinutes(t *testing.T) {
	w := sqlite(t)
	try := func(id, text string) error {
		_, err := w.SignIn(w.ctx, exam.Credentials{Province: "14", Login: "inst1", Password: exam.FirstPassword, Captcha: id, Text: text}, registry.Origin{Address: "::1"})
		return err
	}
	k, err := w.NewCaptcha(w.ctx)
	w.must(err)
	w.refusedAs(try(k.ID, "0000"), exam.WrongPassword, "验证码")
	w.refusedAs(try(k.ID, captcha), exam.WrongPassword, "验证码")
	k, err = w.NewCaptcha(w.ctx)
	w.must(err)
	w.pass(3 * time.Minute)
	w.refusedAs(try(k.ID, captcha), exam.WrongPassword, "验证码")
	k, err = w.NewCaptcha(w.ctx)
	w.must(err)
	w.must(try(k.ID, captcha))
	w.refusedAs(try(k.ID, captcha), exam.WrongPassword, "验证码")
}

func TestASessionEnds(t *testing.T) {
	w := sqlite(t)
	staff, err := w.enter("14", "inst1", exam.FirstPassword)
	w.must(err)
	doctor, err := w.enter("14", strings.ToLower(" "+string(identity(0))+" "), exam.FirstPassword)
	w.must(err)
	for range 3 { // used every 50 minutes, it stays open
		w.pass(50 * time.Minute)
		_, err = w.Authenticate(w.ctx, staff.Token)
		w.must(err)
	}
	w.pass(61 * time.Minute)
	_, err = w.Authenticate(w.ctx, staff.Token)
	w.refusedAs(err, exam.Unauthenticated, "重新登录")
	_, err = w.Authenticate(w.ctx, doctor.Token)
	w.must(err)
	w.pass(9 * time.Hour)
	_, err = w.Authenticate(w.ctx, doctor.Token)
	w.refusedAs(err, exam.Unauthenticated, "重新登录")
	in, err := w.enter("14", "inst2", exam.FirstPassword)
	w.must(err)
	w.must(w.DisableUser(w.ctx, in.Account.ID, true))
	_, err = w.Authenticate(w.ctx, in.Token)
	w.refusedAs(err, exam.Unauthenticated, "重新登录")
	_, err = w.enter("14", "inst2", exam.FirstPassword)
	w.refusedAs(err, exam.Forbidden, "停用")
	w.must(w.DisableUser(w.ctx, in.Account.ID, false))
	_, err = w.enter("14", "inst2", exam.FirstPassword)
	w.must(err)
}

func TestACrashBetweenIntentAndNoticeIsResumed(t *testing.T) {
	w := sqlite(t)
	d, e := w.qualified(0), w.qualified(1)
	auth := w.as("14", "auth")
	w.notary.fail = errors.New("the power went")
	outs, err := w.Issue(w.ctx, auth, []application.Target{d.target(), e.target()})
	w.must(err)
	for _, o := range outs {
		if o.Kind != exam.Internal || !strings.Contains(o.Sentence, "还没有签发") || o.Serial == "" {
			t.Fatalf("%+v", o)
		}
	}
	if n, err := w.ResumeIssues(w.ctx); n != 0 || err == nil {
		t.Errorf("resumed %d, %v", n, err)
	}
	w.notary.fail = nil
	w.pass(24 * time.Hour)
	// Asking again finishes the first; the next start finishes the other.
	again, err := w.Issue(w.ctx, auth, []application.Target{d.target()})
	w.must(err)
	if again[0].Kind != "" || again[0].Serial != outs[0].Serial {
		t.Errorf("asked again: %+v, first %+v", again, outs)
	}
	if w.Registry, err = registry.Open(w.ctx, w.opt); err != nil {
		t.Fatal(err)
	}
	if n, err := w.ResumeIssues(w.ctx); n != 1 || err != nil {
		t.Errorf("resumed %d, %v", n, err)
	}
	for i, x := range []*terminal{d, e} {
		en, err := w.Enrolment(w.ctx, x.who)
		w.must(err)
		if len(en.Notices) != 1 || en.Notices[0].Serial != outs[i].Serial || !strings.HasSuffix(en.Notices[0].Number, "KH20250815") {
			t.Errorf("notices %+v", en.Notices)
		}
	}
}

func TestNothingIsIssuedTooEarly(t *testing.T) {
	w := sqlite(t)
	auth := w.as("14", "auth")
	d := w.enrolled(0)
	outs, err := w.Issue(w.ctx, auth, []application.Target{d.target()})
	w.must(err)
	if outs[0].Kind != exam.Refused || !strings.Contains(outs[0].Sentence, "待机构审核") {
		t.Errorf("%+v", outs)
	}
	q := w.qualified(1)
	f, _ := form(1)
	f.Choice, f.Basic.Mobile = nil, "13900000000"
	q.did(application.ActCorrectionAsked, application.Body{Form: &f, Reason: "换了手机"})
	outs, err = w.Issue(w.ctx, auth, []application.Target{q.target(), {Application: q.id, On: 1}})
	w.must(err)
	if outs[0].Kind != exam.Refused || !strings.Contains(outs[0].Sentence, "修改") || outs[1].Kind != exam.Conflict {
		t.Errorf("%+v", outs)
	}
	page, err := w.Queue(w.ctx, auth, application.Filter{Correction: true})
	w.must(err)
	if page.Total != 1 {
		t.Errorf("%+v", page)
	}
	w.decided("inst1", application.ActCorrectionGranted, "", application.Qualified, q.target())
	outs, err = w.Issue(w.ctx, auth, []application.Target{q.target()})
	w.must(err)
	if outs[0].Kind != "" {
		t.Errorf("%+v", outs)
	}
}

func TestAPictureComesBeforeTheEntryThatNamesIt(t *testing.T) {
	w := sqlite(t)
	for i := range 2 {
		w.decided("inst1", application.ActIncluded, "", application.Included, application.Target{Application: w.doctors[i].Application})
	}
	d, other := w.doctor(0), w.doctor(1)
	f, pictures := form(0)
	save := application.Body{Form: &application.Form{Basic: f.Basic}}
	_, err := d.write(application.ActSaved, save)
	w.refusedAs(err, exam.Refused, string(f.Basic.Photo.Hash))
	// Another's upload does not count: naming it would open it.
	w.must(w.PutBlob(w.ctx, other.who, f.Basic.Photo.Hash, pictures[0]))
	_, err = d.write(application.ActSaved, save)
	w.refusedAs(err, exam.Refused, "还没有上传")
	if _, err := w.Blob(w.ctx, d.who, f.Basic.Photo.Hash); exam.KindOf(err) != exam.NotFound {
		t.Errorf("another's picture: %v", err)
	}
	for range 2 {
		w.must(w.PutBlob(w.ctx, d.who, f.Basic.Photo.Hash, pictures[0]))
	}
	d.did(application.ActSaved, save)
	w.refusedAs(w.PutBlob(w.ctx, d.who, f.Basic.Photo.Hash, pictures[1]), exam.Invalid, "没有保存")
	junk := []byte("<svg onload=alert(1)>")
	if err := w.PutBlob(w.ctx, d.who, wire.BlobHashOf(junk), junk); exam.KindOf(err) != exam.Invalid {
		t.Errorf("junk: %v", err)
	}
	if err := w.PutBlob(w.ctx, w.as("14", "inst1"), f.Basic.Photo.Hash, pictures[0]); exam.KindOf(err) != exam.Forbidden {
		t.Errorf("staff uploads: %v", err)
	}
	w.opt.BlobQuota = int64(len(pictures[0]) + 1)
	small, err := registry.Open(w.ctx, w.opt)
	w.must(err)
	w.refusedAs(small.PutBlob(w.ctx, d.who, wire.BlobHashOf(pictures[1]), pictures[1]), exam.TooLarge, "已满")
}

func TestWhatATerminalMayNotSayIsRefused(t *testing.T) {
	w := sqlite(t)
	id := w.doctors[0].Application
	w.decided("inst1", application.ActIncluded, "", application.Included, application.Target{Application: id})
	d := w.doctor(0)
	ok := application.Body{Form: &application.Form{History: &application.History{}}}
	forged := ok
	forged.By = &application.Actor{Account: "x", Name: "机构", Role: exam.RoleInstitution}
	_, err := d.write(application.ActSaved, forged)
	w.refusedAs(err, exam.Invalid, "内容不对")
	_, raw, err := wire.Next(wire.ReviewStream(id), 2, wire.HashOf(nil), 1, "t", string(application.ActApproved), application.Body{By: forged.By})
	w.must(err)
	_, err = w.Append(w.ctx, d.who, []json.RawMessage{raw})
	w.refusedAs(err, exam.Forbidden, "登记处")
	_, err = d.write(application.ActSubmitted, application.Body{})
	w.refusedAs(err, exam.Refused, "还没有保存过")
	d.did(application.ActSaved, ok)
	_, err = d.write(application.ActSubmitted, application.Body{})
	w.refusedAs(err, exam.Refused, "还不能提交")
	for name, raws := range map[string][]json.RawMessage{
		"nothing":  nil,
		"no JSON":  {json.RawMessage("{")},
		"NUL":      {json.RawMessage("{\"a\":\"\x00\"}")},
		"too many": make([]json.RawMessage, wire.MostAppend+1),
	} {
		if _, err := w.Append(w.ctx, d.who, raws); exam.KindOf(err) != exam.Invalid && exam.KindOf(err) != exam.TooLarge {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A batch with one bad entry leaves nothing.
	good := d.encode(application.ActSaved, ok)
	next := *d
	next.advance(good)
	_, err = w.Append(w.ctx, d.who, []json.RawMessage{good, next.encode(application.ActSubmitted, application.Body{})})
	w.refusedAs(err, exam.Refused, "还不能提交")
	if tail, err := w.Tail(w.ctx, d.who, wire.ApplicationStream(d.id), 0); err != nil || tail.Receipt.Seq != 1 {
		t.Errorf("%+v %v", tail.Receipt, err)
	}
	// After the window nothing is submitted, and what was saved stays.
	e := w.doctor(0)
	e.seq, e.head = d.seq, d.head
	f, pictures := form(0)
	for _, p := range pictures {
		w.must(w.PutBlob(w.ctx, e.who, wire.BlobHashOf(p), p))
	}
	e.did(application.ActSaved, application.Body{Form: &f})
	w.pass(20 * 24 * time.Hour)
	e.who = w.as("14", string(identity(0)))
	_, err = e.write(application.ActSubmitted, application.Body{})
	w.refusedAs(err, exam.Refused, "填报时间")
}

func TestTheRosterIsReadRowByRow(t *testing.T) {
	w := sqlite(t)
	row := func(line int, id, name, office string) registry.RosterRow {
		return registry.RosterRow{Line: line, Province: "山西省", Identity: id, Name: name, Institution: office}
	}
	fresh := string(identity(20))
	rows := []registry.RosterRow{
		row(2, fresh, "新医师", "太原市第一医院"),
		row(3, fresh[:17]+"0", "错号", "i1"),
		row(4, string(identity(21)), "", "i1"),
		row(5, string(identity(22)), "无机构", "没有的医院"),
		row(6, string(identity(23)), "外省", "北京医院"),
		row(7, fresh, "重复", "i1"),
		row(8, string(identity(0)), "医师甲改名", "i2"),
		row(9, string(identity(1)), "医师"+string('甲'+1), "i1"),
		row(10, string(identity(24)), "坏\x00字", "i1"),
		row(11, string(identity(25)), "末行", "i1"),
	}
	want := []string{"added", "refused", "refused", "refused", "refused", "refused", "updated", "unchanged", "refused", "added"}
	if fresh[17] == '0' {
		t.Fatal("the sample needs another number")
	}
	before, err := w.Stats(w.ctx)
	w.must(err)
	report, err := w.ImportRoster(w.ctx, rows)
	w.must(err)
	for i, r := range report {
		if r.Result != want[i] || r.Line != i+2 || (r.Result == "refused") != (r.Sentence != "") {
			t.Errorf("row %d: %+v, want %s", i+2, r, want[i])
		}
	}
	s, err := w.Stats(w.ctx)
	w.must(err)
	if s.Doctors != before.Doctors+2 || s.Accounts != before.Accounts+2 {
		t.Errorf("%+v, before %+v", s, before)
	}
	page, err := w.Queue(w.ctx, w.as("14", "inst2"), application.Filter{Text: "医师甲改名"})
	w.must(err)
	if page.Total != 1 {
		t.Errorf("a doctor who moved is not in the new institution's queue")
	}
	report, err = w.ImportRoster(w.ctx, rows)
	w.must(err)
	for i, r := range report {
		if r.Result != "refused" && r.Result != "unchanged" {
			t.Errorf("again, row %d: %+v", i+2, r)
		}
	}
	if in, err := w.enter("14", fresh, exam.FirstPassword); err != nil || in.Account.Name != "新医师" {
		t.Errorf("%+v %v", in, err)
	}
}

func TestTheAuditLogTellsAChangedRow(t *testing.T) {
	for name, change := range map[string]string{
		"a line changed":       "UPDATE audit SET detail = 'x' WHERE seq = 3",
		"a line left out":      "DELETE FROM audit WHERE seq = 3",
		"the end cut off":      "DELETE FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)",
		"the signature":        "UPDATE checkpoints SET seq = seq - 1",
		"all of it":            "DELETE FROM checkpoints",
		"a decision changed":   "UPDATE entries SET raw = replace\x28raw\x2c '赵审'\x2c '钱审'\x29 WHERE stream LIKE 'review/%'",
		"a decision cut off":   "DELETE FROM entries WHERE stream LIKE 'review/%' AND seq = 2",
		"an entry with a hash": "UPDATE entries SET hash = 'x' WHERE stream LIKE 'application/%' AND seq = 1",
	} {
		t.Run(name, func(t *testing.T) {
			w := sqlite(t)
			d := w.enrolled(0)
			w.decided("inst1", application.ActTakenUp, "", application.AwaitingInstitution, d.target())
			rep, err := w.AuditVerify(w.ctx)
			w.must(err)
			if !rep.Clean {
				t.Fatalf("before: %+v", rep)
			}
			db, err := sql.Open("sqlite", w.database)
			w.must(err)
			res, err := db.Exec(change)
			w.must(err)
			w.must(db.Close())
			if n, _ := res.RowsAffected(); n == 0 {
				t.Fatal("nothing was changed")
			}
			rep, err = w.AuditVerify(w.ctx)
			w.must(err)
			if rep.Clean || len(rep.Problems) == 0 {
				t.Errorf("it was not noticed: %+v", rep)
			}
		})
	}
}

func TestABackupIsReadBackWhole(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		d := w.qualified(0)
		auth := w.as("14", "auth")
		outs, err := w.Issue(w.ctx, auth, []application.Target{d.target()})
		w.must(err)
		path := filepath.Join(t.TempDir(), "backup.tar")
		rep, err := w.Backup(w.ctx, path)
		w.must(err)
		if rep.Blobs != 3 || rep.Rows["entries"] == 0 || rep.Bytes == 0 {
			t.Errorf("%+v", rep)
		}
		_, err = w.Backup(w.ctx, path)
		w.refusedAs(err, exam.Refused, "已经存在")

		// Into the other database than it came from, where there is one.
		targets := map[string]string{"SQLite": filepath.Join(t.TempDir(), "restored.db")}
		if strings.HasPrefix(w.database, "postgres") {
			targets["PostgreSQL"] = storetest.Postgres(t)
		}
		for name, database := range targets {
			r := emptyWorld(t, database)
			got, err := registry.Restore(r.ctx, r.store, r.blobs, path)
			r.must(err)
			if !reflect.DeepEqual(got, rep) {
				t.Errorf("%s: restored %+v, backed up %+v", name, got, rep)
			}
			check, err := r.AuditVerify(r.ctx)
			r.must(err)
			if !check.Clean {
				t.Errorf("%s: %+v", name, check)
			}
			if a, b := w.rows(), r.rows(); a != b {
				t.Errorf("%s: rows\n%s\nwere\n%s", name, b, a)
			}
			// And it goes on.
			r.doctors = w.doctors
			who := r.as("14", string(identity(0)))
			if _, err := r.NoticePDF(r.ctx, who, outs[0].Serial); err != nil {
				t.Error(err)
			}
			if e, err := r.Enrolment(r.ctx, who); err != nil || e.OwnHead != d.head {
				t.Errorf("%v %v", e.OwnHead, err)
			}
			_, err = registry.Restore(r.ctx, r.store, r.blobs, path)
			r.refusedAs(err, exam.Refused, "已经有内容")
		}
		whole, err := os.ReadFile(path)
		w.must(err)
		for _, cut := range []int{0, 600, len(whole) / 2, len(whole) - 4096} {
			r := emptyWorld(t, filepath.Join(t.TempDir(), "cut.db"))
			broken := filepath.Join(t.TempDir(), "cut.tar")
			w.must(os.WriteFile(broken, whole[:cut], 0o600))
			if _, err := registry.Restore(r.ctx, r.store, r.blobs, broken); exam.KindOf(err) != exam.Damaged {
				t.Errorf("cut at %d of %d: %v", cut, len(whole), err)
			}
			if s, err := r.Stats(r.ctx); err != nil || s.Entries != 0 {
				t.Errorf("cut at %d: %+v %v", cut, s, err)
			}
		}
	})
}

func TestUsersAreAddedFoundAndReset(t *testing.T) {
	w := sqlite(t)
	for name, u := range map[string]registry.NewUser{
		"a doctor":            {Province: "14", Login: "doc", Name: "某", Role: exam.RoleDoctor},
		"another province":    {Province: "11", Login: "x1", Name: "某", Role: exam.RoleInstitution, Office: "i1"},
		"another kind":        {Province: "14", Login: "x2", Name: "某", Role: exam.RoleAssessor, Office: "i1"},
		"no office":           {Province: "14", Login: "x3", Name: "某", Role: exam.RoleAuthority},
		"no province":         {Login: "x4", Name: "某", Role: exam.RoleProctor},
		"a login that is odd": {Province: "14", Login: "王", Name: "某", Role: exam.RoleProctor},
	} {
		if _, err := w.AddUser(w.ctx, u); exam.KindOf(err) != exam.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, u := range []registry.NewUser{{Province: "14", Login: "Inst1", Name: "某", Role: exam.RoleProctor}, {Province: "14", Login: "admin", Name: "某", Role: exam.RoleProctor}, {Login: "inst1", Name: "某", Role: exam.RoleAdministrator}} {
		if _, err := w.AddUser(w.ctx, u); exam.KindOf(err) != exam.Conflict {
			t.Errorf("%+v: %v", u, err)
		}
	}
	s := w.as("14", "inst1")
	u, err := w.FindUser(w.ctx, "14", "INST1")
	w.must(err)
	if u.ID != s.Account.ID || u.LastSignIn == 0 {
		t.Errorf("%+v", u)
	}
	w.must(w.ResetPassword(w.ctx, u.ID))
	in, err := w.enter("14", "inst1", exam.FirstPassword)
	w.must(err)
	if !in.Account.MustChange {
		t.Error("a password that was reset need not be changed")
	}
	list, err := w.ListUsers(w.ctx, registry.UserFilter{Role: exam.RoleAuthority})
	w.must(err)
	if len(list) != 2 {
		t.Errorf("%+v", list)
	}
	list, err = w.ListUsers(w.ctx, registry.UserFilter{Province: "14", Text: "审"})
	w.must(err)
	if len(list) != 2 {
		t.Errorf("%+v", list)
	}
}

func TestABusyRegistrySaysWhenToComeBack(t *testing.T) {
	w := sqlite(t)
	w.opt.Hash = registry.HashCost{MemoryKiB: 32 << 10, Passes: 4, AtOnce: 1, Waiting: 1}
	slow, err := registry.Open(w.ctx, w.opt)
	w.must(err)
	w.Registry = slow
	var wg sync.WaitGroup
	var mu sync.Mutex
	in, busy := 0, 0
	for i := range 8 {
		k, err := w.NewCaptcha(w.ctx)
		w.must(err)
		wg.Go(func() {
			_, err := slow.SignIn(context.Background(), exam.Credentials{Province: "14", Login: []string{"inst1", "inst2"}[i%2], Password: exam.FirstPassword, Captcha: k.ID, Text: captcha}, registry.Origin{Address: "10.0.0.9"})
			var b *registry.BusyError
			mu.Lock()
			defer mu.Unlock()
			switch {
			case err == nil:
				in++
			case errors.As(err, &b) && exam.KindOf(err) == exam.Unavailable && b.RetryAfter > 0:
				busy++
			default:
				t.Errorf("%v", err)
			}
		})
	}
	wg.Wait()
	if in == 0 || in+busy != 8 {
		t.Errorf("%d in, %d told to come back", in, busy)
	}
	// Nobody guessed: nothing is held against them.
	_, err = w.enter("14", "inst1", exam.FirstPassword)
	w.must(err)
}

func TestAnOfficeThatIsRenamedShowsInTheQueue(t *testing.T) {
	w := sqlite(t)
	w.must(w.AddInstitution(w.ctx, exam.Institution{ID: "i1", Kind: exam.OfficeInstitution, Name: "太原市人民医院", Division: "140105", Assessor: "s2"}))
	page, err := w.Queue(w.ctx, w.as("14", "ass2"), application.Filter{})
	w.must(err)
	if page.Total != 4 || page.Rows[0].Institution == "太原市第一医院" {
		t.Errorf("%+v", page)
	}
	before := w.rows()
	_, err = w.RebuildProjections(w.ctx)
	w.must(err)
	if w.rows() != before {
		t.Error("a rebuild gives other rows")
	}
}

func TestTheCycleInForceIsTheLastWhoseWindowsHaveBegun(t *testing.T) {
	w := sqlite(t)
	next := exam.Cycle{ID: "2025", Name: "2025年度", From: "2025-08", To: "2026-08", Provinces: []string{"14"}, Confirm: exam.Window{From: "2026-08-01"}, Fill: exam.Window{From: "2026-09-01"},
		Attempts: 1, PassMark: 60, Minutes: 60, Questions: 100}
	w.must(w.AddCycle(w.ctx, next))
	d := w.doctor(0)
	e, err := w.Enrolment(w.ctx, d.who)
	w.must(err)
	if e.Cycle.ID != "2024" || e.Application != w.doctors[0].Application {
		t.Errorf("in force before its windows: %s", e.Cycle.ID)
	}
	w.pass(365 * 24 * time.Hour)
	e, err = w.Enrolment(w.ctx, w.as("14", string(identity(0))))
	w.must(err)
	if e.Cycle.ID != "2025" || e.Application == w.doctors[0].Application || e.Dossier.State != application.NotIncluded {
		t.Errorf("in force a year later: %s", e.Cycle.ID)
	}
}

// A whole room signs in at one instant: everyone gets in, and the audit log,
// which they all write to, stays one chain.
func TestARoomSignsInAtOneInstant(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		const room = 60
		var rows []registry.RosterRow
		for i := range room {
			rows = append(rows, registry.RosterRow{Line: i + 2, Province: "14", Identity: string(identity(100 + i)), Name: "医师", Institution: "i1"})
		}
		_, err := w.ImportRoster(w.ctx, rows)
		w.must(err)
		w.opt.Hash.Waiting = room
		w.Registry, err = registry.Open(w.ctx, w.opt)
		w.must(err)
		var wg sync.WaitGroup
		for i := range room {
			wg.Go(func() {
				k, err := w.NewCaptcha(w.ctx)
				if err == nil {
					_, err = w.SignIn(w.ctx, exam.Credentials{Province: "14", Login: string(identity(100 + i)), Password: exam.FirstPassword, Captcha: k.ID, Text: captcha}, registry.Origin{Address: "10.0.0.1"})
				}
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		rep, err := w.AuditVerify(w.ctx)
		w.must(err)
		if !rep.Clean {
			t.Errorf("%+v", rep)
		}
	})
}
