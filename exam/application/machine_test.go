package application

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"dingkao/exam"
	"dingkao/exam/paper"

	"pgregory.net/rapid"
)

var update = flag.Bool("update", false, "write the golden files anew")

const today = exam.Date("2024-09-15")

func cycle() exam.Cycle {
	return exam.Cycle{ID: "c1", Name: "2024", From: "2024-07", To: "2027-07", Provinces: []string{"14"},
		Fill: exam.Window{From: "2024-09-01", To: "2024-09-30"}, Review: exam.Window{From: "2024-10-01", To: "2024-10-31"},
		Attempts: 1, PassMark: 60, Minutes: 60, Questions: 100, OtherConditions: []string{"援藏、援疆医师"}}
}

func num(n int) *int { return &n }

// whole is a form that lacks nothing.
func whole() Form {
	hash := exam.BlobHash(strings.Repeat("ab", 32))
	return Form{
		Basic: &Basic{Photo: exam.Blob{Hash: hash, Name: "photo.jpg"}, Sex: exam.Female, Birth: "1980-05-17",
			Ethnic: exam.Term{Code: "01", Name: "汉族"}, Education: exam.Term{Code: "21", Name: "大学本科毕业"},
			Email: "li@example.com", Mobile: "13222222222"},
		Practice: &Practice{Department: "儿科", Specialty: "新生儿专业", Title: exam.Term{Code: "232", Name: "副主任医师"},
			Level: exam.Term{Code: "1", Name: "执业医师"}, Trainee: No, Category: exam.Term{Code: "1", Name: "临床"},
			Scopes:          []exam.Term{{Code: "14", Name: "儿科专业"}},
			QualificationNo: "200514110110101198005170025", LicenceNo: "110140000012345", LicenceOn: "2006-08-01"},
		History: &History{Schooling: []Schooling{{Degree: exam.Term{Code: "21", Name: "大学本科毕业"}, School: "山西医科大学", Subject: "临床医学", From: "1998-09", To: "2003-07"}}},
		Merit: &Merit{GoodRecord: Yes, BadRecord: No, Amount: MarkQualified, Patients: num(3000), Quality: MarkQualified,
			Government: MarkQualified, NoSituation: true, Rating: RatingExcellent},
		Choice: &Choice{Procedure: Simple, Condition: ConditionTwelve, Proofs: []exam.Blob{{Hash: hash, Name: "证明.jpg"}},
			Report: "本人在考核周期内认真履行医师职责，遵守法律法规和诊疗规范，完成各项工作任务。"},
	}
}

func by(r exam.Role) *Actor {
	return &Actor{Account: "a-" + exam.AccountID(r), Name: string(r), Role: r}
}

// act is the entry that would follow in d, well formed.
func act(d Dossier, a Act, role exam.Role, f Form) Entry {
	e := Entry{Act: a, At: exam.Instant(d.OwnSeq + d.ReviewSeq + 1)}
	switch {
	case a.ByDoctor():
		e.Seq = d.OwnSeq + 1
	case a.byRegistry():
		e.Seq, e.On = d.ReviewSeq+1, d.OwnSeq
	default:
		e.Seq, e.On, e.By = d.ReviewSeq+1, d.OwnSeq, by(role)
	}
	switch a {
	case ActExamBegun:
		e.Sitting = exam.SittingID(fmt.Sprintf("s%d", len(d.Attempts)+1))
	case ActScored, ActVoided:
		e.Sitting = "none"
		if at := d.Attempt(); at != nil {
			e.Sitting = at.Sitting
		}
		e.Reason = "考场停电"
		if a == ActScored {
			e.Reason = ""
			e.Score = &Score{Right: right, Questions: 100, Points: paper.Points(right) * paper.Point, Most: 100 * paper.Point, PassMark: 60 * paper.Point, Digest: "d"}
		}
	case ActExemptionAsked:
		e.Reason, e.Proofs = "本周期内完成住院医师规范化培训", []exam.Blob{{Hash: exam.BlobHash(strings.Repeat("cd", 32)), Name: "证书.jpg"}}
	case ActExemptionRefused, ActAbsent, ActResitAdmitted, ActAppealAsked, ActAppealGranted, ActAppealRefused:
		e.Reason = "理由"
	case ActSaved:
		e.Form = &f
	case ActCorrectionAsked:
		f.Choice = nil
		e.Form, e.Reason = &f, "手机号码已更换"
	case ActReturned, ActCorrectionRefused:
		e.Reason = "照片不清楚"
	case ActIncluded:
		e.Cycle = "c1"
	}
	return e
}

// right is how many questions the next score has right.
var right = 80

var acts = []Act{ActSaved, ActSubmitted, ActWithdrawn, ActCorrectionAsked, ActIncluded, ActTakenUp, ActApproved, ActReturned, ActCorrectionGranted, ActCorrectionRefused,
	ActExemptionAsked, ActExemptionGranted, ActExemptionRefused, ActExamBegun, ActScored, ActVoided, ActConfirmed, ActAbsent, ActResitAdmitted,
	ActAppealAsked, ActAppealGranted, ActAppealRefused}

// go through acts that must all be allowed.
func through(t *testing.T, d Dossier, steps ...any) Dossier {
	t.Helper()
	for i := 0; i < len(steps); i += 2 {
		a, r := steps[i].(Act), steps[i+1].(exam.Role)
		next, err := d.Apply(act(d, a, r, whole()))
		if err != nil {
			t.Fatalf("%s by %s in %s: %v", a, r, d.State, err)
		}
		d = next
	}
	return d
}

func TestTheSimpleProcedureEndsWithTheSecondReview(t *testing.T) {
	d := through(t, New(), ActIncluded, exam.RoleInstitution, ActSaved, exam.RoleDoctor, ActSubmitted, exam.RoleDoctor,
		ActTakenUp, exam.RoleInstitution, ActReturned, exam.RoleInstitution)
	if d.State != Returned || d.ReturnedFor == nil || d.ReturnedFor.Reason == "" || d.TakenUp {
		t.Fatalf("returned: %+v", d)
	}
	d = through(t, d, ActSaved, exam.RoleDoctor, ActSubmitted, exam.RoleDoctor, ActApproved, exam.RoleInstitution,
		ActApproved, exam.RoleAssessor)
	if d.State != Qualified || d.Concluded == 0 || d.ReturnedFor != nil {
		t.Fatalf("state %s, concluded %d", d.State, d.Concluded)
	}
	if len(d.History) != 9 {
		t.Errorf("%d events", len(d.History))
	}
}

func TestTheGeneralProcedureLeadsToTheExam(t *testing.T) {
	f := whole()
	f.Choice = &Choice{Procedure: General}
	d := through(t, New(), ActIncluded, exam.RoleInstitution)
	d, err := d.Apply(act(d, ActSaved, exam.RoleDoctor, f))
	if err != nil {
		t.Fatal(err)
	}
	d = through(t, d, ActSubmitted, exam.RoleDoctor, ActApproved, exam.RoleInstitution, ActApproved, exam.RoleAssessor)
	if d.State != AwaitingExam {
		t.Fatal(d.State)
	}
}

// atExam is a dossier whose doctor may sit the exam.
func atExam(t *testing.T) Dossier {
	t.Helper()
	f := whole()
	f.Choice = &Choice{Procedure: General}
	d := through(t, New(), ActIncluded, exam.RoleInstitution)
	d, err := d.Apply(act(d, ActSaved, exam.RoleDoctor, f))
	if err != nil {
		t.Fatal(err)
	}
	return through(t, d, ActSubmitted, exam.RoleDoctor, ActApproved, exam.RoleInstitution, ActApproved, exam.RoleAssessor)
}

func scored(t *testing.T, d Dossier, n int) Dossier {
	t.Helper()
	right = n
	defer func() { right = 80 }()
	return through(t, d, ActExamBegun, registry, ActScored, registry)
}

func TestTheScoreDecidesWhenTheAssessorConfirmsIt(t *testing.T) {
	d := scored(t, atExam(t), 60)
	if d.State != AwaitingResult {
		t.Fatal(d.State)
	}
	if pass := through(t, d, ActConfirmed, exam.RoleAssessor); pass.State != Qualified || pass.Concluded != pass.Attempts[0].Confirmed {
		t.Errorf("60 of 100: %+v", pass)
	}
	if fail := through(t, scored(t, atExam(t), 59), ActConfirmed, exam.RoleAssessor); fail.State != Unqualified {
		t.Errorf("59 of 100: %s", fail.State)
	}
	for _, role := range exam.Roles {
		if role != exam.RoleAssessor && d.Allows(ActConfirmed, role) {
			t.Errorf("%s may confirm", role)
		}
	}
	if _, err := d.Apply(act(d, ActScored, registry, Form{}).as(by(exam.RoleAssessor))); exam.KindOf(err) != exam.Invalid {
		t.Errorf("a person wrote the score: %v", err)
	}
}

func (e Entry) as(a *Actor) Entry { e.By = a; return e }

func TestAVoidedSittingIsNoAttemptAndAFailedOneLeadsToAResit(t *testing.T) {
	d := through(t, scored(t, atExam(t), 30), ActVoided, exam.RoleAssessor)
	if d.State != AwaitingExam || d.Attempt() != nil {
		t.Fatalf("voided: %s, %+v", d.State, d.Attempt())
	}
	d = through(t, scored(t, d, 30), ActConfirmed, exam.RoleAssessor, ActResitAdmitted, exam.RoleAssessor)
	if d.State != AwaitingResit {
		t.Fatal(d.State)
	}
	if v := through(t, d, ActExamBegun, registry, ActVoided, exam.RoleAssessor); v.State != AwaitingResit {
		t.Errorf("a voided re-sit leads to %s", v.State)
	}
	d = through(t, scored(t, d, 90), ActConfirmed, exam.RoleAssessor)
	if a := d.Attempt(); d.State != Qualified || !a.Resit || a.Score.Right != 90 || len(d.Attempts) != 3 {
		t.Errorf("%s %+v", d.State, d.Attempts)
	}
}

func TestAnExemptionEndsTheGeneralProcedureOrLapsesWithTheExam(t *testing.T) {
	d := through(t, atExam(t), ActExemptionAsked, exam.RoleDoctor)
	if yes := through(t, d, ActExemptionGranted, exam.RoleAssessor); yes.State != Qualified || yes.Exemption.State != RequestGranted || yes.Concluded == d.Concluded {
		t.Errorf("granted: %+v", yes)
	}
	no := through(t, d, ActExemptionRefused, exam.RoleAssessor)
	if no.State != AwaitingExam || no.Exemption.Answer.Reason == "" || !no.Allows(ActExemptionAsked, exam.RoleDoctor) {
		t.Errorf("refused: %+v", no)
	}
	if sat := through(t, d, ActExamBegun, registry); sat.Exemption.State != RequestLapsed || d.Exemption.State != RequestAsked {
		t.Errorf("sat: %+v, before: %+v", sat.Exemption, d.Exemption)
	}
	if d.Allows(ActAbsent, exam.RoleAssessor) || d.Allows(ActAbsent, exam.RoleProctor) {
		t.Error("absent before the exemption was answered")
	}
	open, closed := cycle(), cycle()
	open.Assess, closed.Assess = exam.Window{From: "2024-10-01", To: "2024-10-31"}, exam.Window{From: "2024-10-01"}
	for day, kind := range map[exam.Date]exam.Kind{"2024-09-30": exam.Refused, "2024-10-31": exam.Refused, "2024-11-01": ""} {
		if err := no.AdmitDecision(ActAbsent, open, day); exam.KindOf(err) != kind {
			t.Errorf("absent on %s: %v", day, err)
		}
	}
	if err := no.AdmitDecision(ActAbsent, closed, "2024-10-02"); err != nil {
		t.Errorf("absent in a window without an end: %v", err)
	}
	bad := act(atExam(t), ActExemptionAsked, exam.RoleDoctor, Form{})
	bad.Proofs = []exam.Blob{{Hash: "short", Name: "证书.jpg"}}
	if err := atExam(t).Admit(bad, open, "2024-10-02"); exam.KindOf(err) != exam.Invalid {
		t.Errorf("a proof that is none: %v", err)
	}
	bare := act(atExam(t), ActExemptionAsked, exam.RoleDoctor, Form{})
	bare.Proofs = nil
	if _, err := atExam(t).Apply(bare); exam.KindOf(err) != exam.Invalid {
		t.Errorf("without proof: %v", err)
	}
}

func TestAnAppealIsAskedOnceWithinThirtyDaysAndAnsweredBeforeAResit(t *testing.T) {
	d := through(t, scored(t, atExam(t), 10), ActConfirmed, exam.RoleAssessor)
	ask := act(d, ActAppealAsked, exam.RoleDoctor, Form{})
	day := d.Concluded.Date()
	if err := d.Admit(ask, cycle(), day.AddDays(30)); err != nil {
		t.Errorf("on the last day: %v", err)
	}
	if err := d.Admit(ask, cycle(), day.AddDays(31)); exam.KindOf(err) != exam.Refused {
		t.Errorf("a day late: %v", err)
	}
	asked := through(t, d, ActAppealAsked, exam.RoleDoctor)
	if asked.Allows(ActResitAdmitted, exam.RoleAssessor) || asked.Allows(ActAppealAsked, exam.RoleDoctor) {
		t.Error("a re-sit or a second appeal beside the first")
	}
	no := through(t, asked, ActAppealRefused, exam.RoleAuthority)
	if no.State != Unqualified || no.Allows(ActAppealAsked, exam.RoleDoctor) || !no.Allows(ActResitAdmitted, exam.RoleAssessor) {
		t.Errorf("refused: %+v", no)
	}
	right = 70
	defer func() { right = 80 }()
	yes := through(t, asked, ActAppealGranted, exam.RoleAuthority, ActScored, registry, ActConfirmed, exam.RoleAssessor)
	if yes.State != Qualified || len(yes.Attempts) != 1 {
		t.Errorf("granted and scored anew: %+v", yes)
	}
	right = 10 // the appeal changed nothing: the result is a new one, and may be appealed against anew
	again := through(t, asked, ActAppealGranted, exam.RoleAuthority, ActScored, registry, ActConfirmed, exam.RoleAssessor)
	if again.State != Unqualified || !again.Allows(ActAppealAsked, exam.RoleDoctor) {
		t.Errorf("decided anew: %s, %+v", again.State, again.Appeal)
	}
	slow := act(d, ActAppealAsked, exam.RoleDoctor, Form{}) // by a terminal whose clock is behind
	slow.At = 1
	if two, err := d.Apply(slow); err != nil || two.Allows(ActAppealAsked, exam.RoleDoctor) {
		t.Errorf("a slow clock makes a second appeal: %v", err)
	}
	late := through(t, atExam(t), ActAbsent, exam.RoleProctor, ActAppealAsked, exam.RoleDoctor, ActAppealGranted, exam.RoleAuthority)
	if late.State != AwaitingResit {
		t.Errorf("an absence that was excused: %s", late.State)
	}
}

func TestASubmissionCanBeWithdrawnUntilAReviewerTookItUp(t *testing.T) {
	d := through(t, New(), ActIncluded, exam.RoleInstitution, ActSaved, exam.RoleDoctor, ActSubmitted, exam.RoleDoctor)
	if w := through(t, d, ActWithdrawn, exam.RoleDoctor); w.State != Draft || w.Submitted != 0 {
		t.Fatalf("%+v", w)
	}
	d = through(t, d, ActTakenUp, exam.RoleInstitution)
	_, err := d.Apply(act(d, ActWithdrawn, exam.RoleDoctor, Form{}))
	if exam.KindOf(err) != exam.Refused {
		t.Fatal(err)
	}
}

func TestADecisionOnAPageThatHasChangedIsRefused(t *testing.T) {
	d := through(t, New(), ActIncluded, exam.RoleInstitution, ActSaved, exam.RoleDoctor, ActSubmitted, exam.RoleDoctor)
	stale := act(d, ActApproved, exam.RoleInstitution, Form{})
	d = through(t, d, ActWithdrawn, exam.RoleDoctor, ActSaved, exam.RoleDoctor, ActSubmitted, exam.RoleDoctor)
	if _, err := d.Apply(stale); exam.KindOf(err) != exam.Conflict {
		t.Fatal(err)
	}
}

func TestACorrectionIsGrantedOrRefusedAndNeverHalf(t *testing.T) {
	d := through(t, New(), ActIncluded, exam.RoleInstitution, ActSaved, exam.RoleDoctor, ActSubmitted, exam.RoleDoctor,
		ActApproved, exam.RoleInstitution, ActApproved, exam.RoleAssessor)
	f := whole()
	b := *f.Basic
	b.Mobile = "13900000000"
	f.Basic = &b
	asked, err := d.Apply(act(d, ActCorrectionAsked, exam.RoleDoctor, f))
	if err != nil {
		t.Fatal(err)
	}
	if asked.Form.Basic.Mobile != "13222222222" {
		t.Error("asking alone has changed the form")
	}
	if _, err := asked.Apply(act(asked, ActCorrectionAsked, exam.RoleDoctor, f)); exam.KindOf(err) != exam.Refused {
		t.Errorf("a second request beside the first: %v", err)
	}
	yes := through(t, asked, ActCorrectionGranted, exam.RoleInstitution)
	no := through(t, asked, ActCorrectionRefused, exam.RoleInstitution)
	if yes.Form.Basic.Mobile != "13900000000" || yes.Form.Choice.Procedure != Simple || yes.State != Qualified {
		t.Errorf("granted: %+v", yes.Form)
	}
	if no.Form.Basic.Mobile != "13222222222" || no.Correction.State != CorrectionRefused || no.Correction.Answer.Reason == "" {
		t.Errorf("refused: %+v", no.Correction)
	}
}

// Whatever is tried: what is refused changes nothing, what is accepted leaves
// the old value as it was, and folding what was accepted, each stream by
// itself, gives the same dossier again.
func TestBothEndsFoldTheSameDossier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := New()
		var own, review []Entry
		n := rapid.IntRange(1, 60).Draw(t, "n")
		for range n {
			a := rapid.SampledFrom(acts).Draw(t, "act")
			role := rapid.SampledFrom(exam.Roles).Draw(t, "role")
			f := whole()
			if rapid.Bool().Draw(t, "general") {
				f.Choice = &Choice{Procedure: General}
			}
			e := act(d, a, role, f)
			before, _ := json.Marshal(d)
			next, err := d.Apply(e)
			after, _ := json.Marshal(d)
			if string(before) != string(after) {
				t.Fatalf("%s changed the value that it was applied to", a)
			}
			known := a != ActScored && a != ActVoided || d.Attempt() != nil
			if (err == nil) != (known && d.Allows(a, roleOf(a, role))) {
				t.Fatalf("%s by %s in %s: %v, but Allows says otherwise", a, role, d.State, err)
			}
			if err != nil {
				if !reflect.DeepEqual(next, d) {
					t.Fatalf("refused %s changed the dossier", a)
				}
				continue
			}
			if a.ByDoctor() {
				own = append(own, e)
			} else {
				review = append(review, e)
			}
			d = next
		}
		again, err := Fold(own, review)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(again, d) {
			t.Fatalf("folded %+v\nlived %+v", again, d)
		}
		if d.State == Qualified || d.State == AwaitingExam {
			var institution, assessor bool
			for _, e := range review {
				institution = institution || e.Act == ActApproved && e.By.Role == exam.RoleInstitution
				assessor = assessor || e.Act == ActApproved && e.By.Role == exam.RoleAssessor
			}
			if !institution || !assessor {
				t.Fatalf("%s without both reviews", d.State)
			}
		}
	})
}

func roleOf(a Act, r exam.Role) exam.Role {
	switch {
	case a.ByDoctor():
		return exam.RoleDoctor
	case a.byRegistry():
		return registry
	}
	return r
}

// drawing is the whole machine as a picture: every state, every act, every role.
func drawing() string {
	var b strings.Builder
	for _, s := range States {
		fmt.Fprintf(&b, "%s %s\n", s, s.Text())
		for _, r := range table {
			if r.From == s {
				to, role := string(r.To), string(r.Role)
				switch {
				case to != "":
				case r.Act == ActApproved:
					to = "qualified | awaiting-exam, by the procedure"
				case r.Act == ActConfirmed:
					to = "qualified | unqualified, by the score"
				case r.Act == ActVoided:
					to = "awaiting-exam | awaiting-resit, as before"
				}
				if role == "" {
					role = "registry"
				}
				fmt.Fprintf(&b, "  %-19s by %-13s -> %s\n", r.Act, role, to)
			}
		}
	}
	return b.String()
}

func TestTheMachineIsAsDrawn(t *testing.T) {
	const file = "testdata/machine.golden"
	if *update {
		if err := os.WriteFile(file, []byte(drawing()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if drawing() != string(want) {
		t.Errorf("the machine differs from %s (go test -update writes it):\n%s", file, drawing())
	}
}

// step is one act on a tour, and the state that it must lead to.
type step struct {
	act   Act
	role  exam.Role
	form  Form // saved
	right int  // of the score
	to    State
}

// tours are ways through the machine that use every line of its table, found by
// walking it as it is now.
func tours(t *testing.T) [][]step {
	t.Helper()
	f := whole()
	f.Choice = &Choice{Procedure: General}
	g := whole()
	type stop struct {
		d   Dossier
		way []step
	}
	var list [][]step
	used := map[rule]bool{}
	seen := map[string]bool{}
	queue := []stop{{d: New()}}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, r := range table {
			if r.From != at.d.State || len(at.way) > 14 {
				continue
			}
			for _, form := range []Form{g, f} {
				for _, n := range []int{80, 20} {
					right = n
					next, err := at.d.Apply(act(at.d, r.Act, r.Role, form))
					if err != nil {
						continue
					}
					way := append(at.way[:len(at.way):len(at.way)], step{r.Act, r.Role, form, n, next.State})
					if !used[r] {
						used[r] = true
						list = append(list, way)
					}
					general := next.Form.Choice != nil && next.Form.Choice.Procedure == General
					key := fmt.Sprint(next.State, next.TakenUp, general, next.Correction != nil && next.Correction.State == CorrectionAsked, next.Exemption.Asked(), next.Appeal.Asked(), next.Attempt() != nil && next.Attempt().Resit,
						next.Attempt() != nil && next.Attempt().Score != nil && next.Attempt().Score.Passed())
					if !seen[key] {
						seen[key] = true
						queue = append(queue, stop{next, way})
					}
				}
			}
		}
	}
	right = 80
	for _, r := range table {
		if !used[r] {
			t.Fatalf("no way leads through %s by %q in %s", r.Act, r.Role, r.From)
		}
	}
	return list
}

// holds says whether every tour comes out as it did.
func holds(list [][]step) bool {
	defer func() { right = 80 }()
	for _, way := range list {
		d := New()
		for _, s := range way {
			right = s.right
			next, err := d.Apply(act(d, s.act, s.role, s.form))
			if err != nil || next.State != s.to {
				return false
			}
			d = next
		}
	}
	return true
}

// Whatever line of the table is lost, or leads elsewhere, or is given to somebody
// else, a tour comes out otherwise; and whatever is added, the picture shows it.
func TestAnyChangeOfTheTableIsCaught(t *testing.T) {
	was := table
	defer func() { table = was }()
	list, picture := tours(t), drawing()
	if !holds(list) {
		t.Fatal("the tours do not hold on the table that they were found on")
	}
	caught := func(what string, changed []rule) {
		table = changed
		if drawing() == picture {
			t.Errorf("%s: the picture does not show it", what)
		}
	}
	n := 0
	for i, r := range was {
		without := append(append([]rule(nil), was[:i]...), was[i+1:]...)
		table = without
		if holds(list) {
			t.Errorf("%s by %q in %s is gone, and no tour misses it", r.Act, r.Role, r.From)
		}
		caught("a line is gone", without)
		for _, to := range States {
			if to == r.To {
				continue
			}
			changed := append([]rule(nil), was...)
			changed[i].To = to
			table = changed
			if r.To != "" && holds(list) {
				t.Errorf("%s in %s leads to %s, and no tour notices", r.Act, r.From, to)
			}
			caught("a line leads elsewhere", changed)
			n++
		}
		for _, a := range acts {
			caught("a line is added", append(append([]rule(nil), was...), rule{r.From, a, exam.RoleProctor, Qualified}))
		}
		n += 1 + len(acts)
	}
	t.Logf("%d changes of %d lines, %d tours", n, len(was), len(list))
}
