package application

import (
	"strings"
	"testing"

	"dingkao/exam"
)

func TestAWholeFormLacksNothing(t *testing.T) {
	if gs := whole().Missing(cycle(), today); len(gs) != 0 {
		t.Fatalf("%+v", gs)
	}
	f := whole()
	f.Choice = &Choice{Procedure: General}
	if gs := f.Missing(cycle(), today); len(gs) != 0 {
		t.Fatalf("general: %+v", gs)
	}
}

// Every field with a star in the product's list is missed when it is empty,
// and no field without one is.
func TestEveryStarredFieldIsMissedAndNoOther(t *testing.T) {
	got := map[string]bool{}
	f := Form{Choice: &Choice{Procedure: Simple}}
	for _, g := range f.Missing(cycle(), today) {
		if g.Wrong {
			t.Errorf("%s is wrong, not missing: %s", g.Field, g.Sentence)
		}
		got[g.Field] = true
	}
	want := strings.Fields(`photo sex birth ethnic education email mobile
		department specialty title level category scopes qualificationNo licenceNo
		goodRecord badRecord amount quality government situations rating
		condition proofs report`)
	for _, w := range want {
		if !got[w] {
			t.Errorf("%s is not missed", w)
		}
		delete(got, w)
	}
	for w := range got {
		t.Errorf("%s is missed without a star", w)
	}
}

func TestWhatCannotBeRightIsNamed(t *testing.T) {
	wrong := func(name, field string, change func(f *Form)) {
		t.Helper()
		f := whole()
		b, p, h, m, c := *f.Basic, *f.Practice, *f.History, *f.Merit, *f.Choice
		f = Form{&b, &p, &h, &m, &c}
		change(&f)
		for _, g := range f.Missing(cycle(), today) {
			if g.Field == field && g.Wrong {
				return
			}
		}
		t.Errorf("%s: %s was taken", name, field)
	}
	wrong("no host", "email", func(f *Form) { f.Basic.Email = "li@" })
	wrong("two at", "email", func(f *Form) { f.Basic.Email = "a@b@example.com" })
	wrong("ten digits", "mobile", func(f *Form) { f.Basic.Mobile = "1322222222" })
	wrong("tomorrow", "birth", func(f *Form) { f.Basic.Birth = "2024-09-16" })
	wrong("no such day", "licenceOn", func(f *Form) { f.Practice.LicenceOn = "2023-02-29" })
	wrong("too long", "department", func(f *Form) { f.Practice.Department = strings.Repeat("科", MostLine+1) })
	wrong("control sign", "specialty", func(f *Form) { f.Practice.Specialty = "儿\x1b科" })
	wrong("end first", "schooling.from", func(f *Form) {
		f.History.Schooling = []Schooling{{Degree: exam.Term{Code: "1", Name: "x"}, School: "a", Subject: "b", From: "2004-01", To: "2003-12"}}
	})
	wrong("both", "situations", func(f *Form) { f.Merit.Situations = []int{1} })
	wrong("14", "situations", func(f *Form) { f.Merit.NoSituation, f.Merit.Situations = false, []int{14} })
	wrong("negative", "patients", func(f *Form) { f.Merit.Patients = num(-1) })
	wrong("does not hold", "condition", func(f *Form) { f.Practice.LicenceOn = "2013-09-16" })
	wrong("short", "report", func(f *Form) { f.Choice.Report = "工作很好。" })
}

func TestTheSimpleProcedureIsOfferedOnlyWhereAConditionCanHold(t *testing.T) {
	held := func(licence exam.Date, good, bad YesNo) string {
		f := Form{Practice: &Practice{LicenceOn: licence}, Merit: &Merit{GoodRecord: good, BadRecord: bad}}
		var s string
		for _, o := range Conditions(exam.Cycle{}, f, today) {
			if o.Holds {
				s += string(o.Condition) + " "
			} else if o.Why == "" {
				t.Errorf("%s does not hold and does not say why", o.Condition)
			}
		}
		return strings.TrimSpace(s)
	}
	for _, c := range []struct {
		licence   exam.Date
		good, bad YesNo
		want      string
	}{
		{"2019-09-15", Yes, No, "five-years-good"},
		{"2019-09-16", Yes, No, ""}, // a day short of five years
		{"2012-09-15", No, No, "twelve-years-clean"},
		{"2012-09-15", Yes, No, "five-years-good twelve-years-clean"},
		{"2012-09-15", No, Yes, ""},
		{"", "", "", "five-years-good twelve-years-clean"},
	} {
		if got := held(c.licence, c.good, c.bad); got != c.want {
			t.Errorf("%+v: %q", c, got)
		}
	}
	if os := Conditions(cycle(), Form{}, today); len(os) != 3 || os[2].Text != "援藏、援疆医师" || !os[2].Holds {
		t.Errorf("%+v", os)
	}
}

func TestSubmittingIsJudgedByCompletenessAndWindow(t *testing.T) {
	d := New()
	d.State, d.Form = Draft, whole()
	e := Entry{Act: ActSubmitted}
	if err := d.Admit(e, cycle(), today); err != nil {
		t.Fatal(err)
	}
	if err := d.Admit(e, cycle(), "2024-10-01"); exam.KindOf(err) != exam.Refused {
		t.Errorf("after the window: %v", err)
	}
	d.State = Returned
	if err := d.Admit(e, cycle(), "2024-10-01"); err != nil {
		t.Errorf("returned, while reviews go on: %v", err)
	}
	d.Form.Choice = nil
	if err := d.Admit(e, cycle(), today); exam.KindOf(err) != exam.Refused || !strings.Contains(exam.SentenceOf(err), "考核程序") {
		t.Errorf("incomplete: %v", err)
	}
}

func TestADraftMayBeHalfFilledButNotHostile(t *testing.T) {
	if err := (Form{Basic: &Basic{Mobile: "132"}}).Check(today); err != nil {
		t.Errorf("half-filled: %v", err)
	}
	for name, f := range map[string]Form{
		"endless": {Choice: &Choice{Report: strings.Repeat("长", 4*MostReport+1)}},
		"hash":    {Basic: &Basic{Photo: exam.Blob{Hash: "../../etc/passwd"}}},
		"utf8":    {Practice: &Practice{Department: "\xff"}},
		"rows":    {History: &History{Career: make([]Career, MostRows+1)}},
		"nul":     {Practice: &Practice{Post: "a\x00"}},
	} {
		if f.Check(today) == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestTheNumberIsMaskedWhereverAFormIsDescribed(t *testing.T) {
	doc := exam.Doctor{Name: "李鸿雁", Identity: "11010519491231002X", DocumentKind: exam.Term{Name: "居民身份证"}}
	for _, s := range Describe(doc, "长治市医院", cycle(), whole()) {
		for _, f := range s.Fields {
			if strings.Contains(f.Value, "19491231002") {
				t.Errorf("%s shows the number", f.Key)
			}
			if f.Value == "" && f.Key != "titleOn" && f.Key != "post" && f.Key != "postOn" && f.Key != "qualificationOn" && f.Key != "operations" && f.Key != "tests" && f.Key != "rounds" {
				t.Errorf("%s has no text", f.Key)
			}
		}
	}
}

func TestDifferencesShowBothValues(t *testing.T) {
	mine, theirs := whole(), whole()
	b := *mine.Basic
	b.Mobile = "13900000000"
	b.Photo.Hash = exam.BlobHash(strings.Repeat("cd", 32))
	h := History{}
	m := Form{Basic: &b, History: &h}
	got := map[string]Difference{}
	for _, d := range Differences(cycle(), m, theirs) {
		got[d.Field] = d
	}
	if len(got) != 3 || got["mobile"].Mine != "13900000000" || got["mobile"].Theirs != "13222222222" {
		t.Errorf("%+v", got)
	}
	if got["photo"].Mine == got["photo"].Theirs {
		t.Error("two photographs look alike")
	}
	if d := got["schooling"]; d.Mine != "" || !strings.Contains(d.Theirs, "山西医科大学") {
		t.Errorf("%+v", d)
	}
	if ds := Differences(cycle(), whole().Only(StepMerit), theirs); len(ds) != 0 {
		t.Errorf("equal steps differ: %+v", ds)
	}
}
