package desk

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/theme"
)

func at(y int, m time.Month, d, h, min int) exam.Instant {
	return exam.InstantOf(time.Date(y, m, d, h, min, 0, 0, exam.China))
}

func TestDaysAreCountedByTheCalendarOfChina(t *testing.T) {
	for _, c := range []struct {
		since, now exam.Instant
		want       int
	}{
		{at(2024, 9, 11, 23, 59), at(2024, 9, 12, 0, 1), 1},  // two minutes, and another day
		{at(2024, 9, 12, 0, 1), at(2024, 9, 12, 23, 59), 0},  // nearly a day, and the same
		{at(2024, 9, 11, 7, 59), at(2024, 9, 11, 8, 1), 0},   // midnight in Greenwich is none here
		{at(2024, 2, 28, 12, 0), at(2024, 3, 1, 12, 0), 2},   // a leap year
		{at(2023, 12, 31, 20, 0), at(2024, 1, 1, 6, 0), 1},   // a new year
		{at(2024, 9, 12, 12, 0), at(2024, 9, 11, 12, 0), 0},  // a clock that was set back
		{at(2023, 9, 12, 12, 0), at(2024, 9, 12, 0, 0), 366}, // a year
	} {
		if got := days(c.since, c.now); got != c.want {
			t.Errorf("%s to %s: %d days, want %d", c.since.Text(), c.now.Text(), got, c.want)
		}
	}
}

func TestDaysAgreeWithTheCalendarFarAndWide(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		from := time.Date(2000+rapid.IntRange(0, 120).Draw(t, "year"), 1, 1, 12, 0, 0, 0, exam.China).AddDate(0, 0, rapid.IntRange(0, 365).Draw(t, "day"))
		n := rapid.IntRange(0, 4000).Draw(t, "n")
		if got := days(exam.InstantOf(from), exam.InstantOf(from.AddDate(0, 0, n))); got != n {
			t.Fatalf("%v and %d days: %d", from, n, got)
		}
	})
}

func TestARowSaysWhoWaitsForHowLong(t *testing.T) {
	now := at(2024, 9, 12, 9, 0)
	notice := &exam.Notice{Number: "N1", IssuedAt: at(2024, 9, 6, 9, 0)}
	revoked := &exam.Notice{Number: "N1", IssuedAt: at(2024, 9, 6, 9, 0), RevokedAt: at(2024, 9, 7, 9, 0)}
	for _, c := range []struct {
		name          string
		row           application.Row
		waiting, mark string
		late          bool
	}{
		{"submitted today", application.Row{State: application.AwaitingInstitution, Submitted: at(2024, 9, 12, 0, 5)}, "今天", "", false},
		{"four days", application.Row{State: application.AwaitingAssessor, Submitted: at(2024, 9, 8, 23, 0)}, "4 天", "", false},
		{"five days are late", application.Row{State: application.AwaitingInstitution, Submitted: at(2024, 9, 7, 23, 0)}, "5 天", "", true},
		{"returned waits for the doctor", application.Row{State: application.Returned, Changed: at(2024, 9, 1, 9, 0)}, dash, "", false},
		{"not issued", application.Row{State: application.Qualified, Changed: at(2024, 9, 10, 9, 0)}, "2 天", "", false},
		{"issued", application.Row{State: application.Qualified, Changed: at(2024, 9, 1, 9, 0), Notice: notice}, dash, "已发证", false},
		{"revoked waits again", application.Row{State: application.Qualified, Changed: at(2024, 9, 7, 9, 0), Notice: revoked}, "5 天", "曾撤销", true},
		{"a correction waits, issued or not", application.Row{State: application.Qualified, Correction: true, Changed: at(2024, 9, 11, 9, 0), Notice: notice}, "1 天", "修改申请", false},
	} {
		v := viewRow(c.row, now)
		if v.waiting != c.waiting || v.late != c.late || v.mark.text != c.mark {
			t.Errorf("%s: waits %s, late %v, mark %q", c.name, v.waiting, v.late, v.mark.text)
		}
	}
	v := viewRow(application.Row{State: application.NotIncluded}, now)
	if v.institution != dash || v.department != dash || v.procedure != dash || v.submitted != dash || v.day != dash {
		t.Errorf("what is not there is not a dash: %+v", v)
	}
}

func row(id string, state application.State, on uint64) application.Row {
	return application.Row{Application: exam.ApplicationID(id), Name: "医师" + id, State: state, On: on}
}

func TestWhatHasMovedOnIsNoLongerTicked(t *testing.T) {
	var s selection
	for _, id := range []string{"a", "b", "c", "d", "e"} {
		s.set(row(id, application.AwaitingInstitution, 3), true)
	}
	asked := row("d", application.AwaitingInstitution, 3)
	asked.Correction = true
	dropped := s.meet([]application.Row{row("a", application.AwaitingInstitution, 3), row("b", application.AwaitingInstitution, 5),
		row("c", application.Returned, 3), asked, row("x", application.Draft, 1)})
	if strings.Join(dropped, ",") != "医师b,医师c,医师d" {
		t.Errorf("dropped %v", dropped)
	}
	if !s.has("a") || !s.has("e") || s.len() != 2 { // e is on another page
		t.Errorf("left %v", s.order)
	}
}

func TestASelectionKeepsTheRowAsItWasTicked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s selection
		model := map[exam.ApplicationID]uint64{}
		for i, n := 0, rapid.IntRange(0, 60).Draw(t, "n"); i < n; i++ {
			r := row(rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "id"), application.Draft, uint64(i))
			on := rapid.Bool().Draw(t, "on")
			s.set(r, on)
			if _, was := model[r.Application]; on && !was {
				model[r.Application] = r.On
			} else if !on {
				delete(model, r.Application)
			}
		}
		list := s.list()
		if len(list) != len(model) || s.len() != len(model) {
			t.Fatalf("%d of %d", len(list), len(model))
		}
		for _, r := range list {
			if on, ok := model[r.Application]; !ok || on != r.On {
				t.Fatalf("%s names %d, ticked at %d", r.Application, r.On, on)
			}
		}
	})
}

func TestOnlyThoseWhoMayHaveItAreAmong(t *testing.T) {
	var s selection
	s.set(row("a", application.AwaitingInstitution, 1), true)
	s.set(row("b", application.NotIncluded, 0), true)
	s.set(row("c", application.AwaitingInstitution, 1), true)
	fit, others := s.among(exam.RoleInstitution, verbApprove)
	if len(fit) != 2 || fit[0].Application != "a" || fit[1].Application != "c" || others != 1 {
		t.Errorf("%v, %d others", fit, others)
	}
	if fit, others := s.among(exam.RoleAuthority, verbApprove); len(fit) != 0 || others != 3 {
		t.Errorf("an authority may approve %v", fit)
	}
}

// TestEachRoleIsOfferedOnlyItsOwnWork is the table of what may be done to what.
func TestEachRoleIsOfferedOnlyItsOwnWork(t *testing.T) {
	valid, revoked := &exam.Notice{Serial: "s"}, &exam.Notice{Serial: "s", RevokedAt: 1}
	q := application.Qualified
	kinds := []struct {
		name string
		row  application.Row
	}{
		{"not included", application.Row{State: application.NotIncluded}}, {"included", application.Row{State: application.Included}},
		{"draft", application.Row{State: application.Draft}}, {"first review", application.Row{State: application.AwaitingInstitution}},
		{"returned", application.Row{State: application.Returned}}, {"second review", application.Row{State: application.AwaitingAssessor}},
		{"exam", application.Row{State: application.AwaitingExam}}, {"exam, asks", application.Row{State: application.AwaitingExam, Correction: true}},
		{"qualified", application.Row{State: q}}, {"qualified, asks", application.Row{State: q, Correction: true}},
		{"issued", application.Row{State: q, Notice: valid}}, {"issued, asks", application.Row{State: q, Notice: valid, Correction: true}},
		{"revoked", application.Row{State: q, Notice: revoked}},
		{"exam, exemption", application.Row{State: application.AwaitingExam, Exemption: true}}, {"sitting", application.Row{State: application.Sitting}},
		{"scored", application.Row{State: application.AwaitingResult}}, {"failed", application.Row{State: application.Unqualified}},
		{"absent", application.Row{State: application.Absent}}, {"failed, appeals", application.Row{State: application.Unqualified, Appeal: true}},
		{"absent, appeals", application.Row{State: application.Absent, Appeal: true}}, {"re-sit", application.Row{State: application.AwaitingResit}},
	}
	want := map[string]string{
		"institution/not included": "included", "administrator/not included": "included",
		"institution/first review": "approved returned", "assessor/second review": "approved returned",
		"institution/exam, asks": "correction-granted correction-refused", "institution/qualified, asks": "correction-granted correction-refused",
		"institution/issued, asks": "correction-granted correction-refused",
		"assessor/exam":            "absent", "assessor/exam, asks": "absent", "proctor/exam": "absent", "proctor/exam, asks": "absent",
		"assessor/exam, exemption": "exemption-granted exemption-refused", "assessor/sitting": "voided", "assessor/scored": "confirmed voided",
		"assessor/failed": "resit-admitted", "assessor/absent": "resit-admitted", "assessor/re-sit": "absent", "proctor/re-sit": "absent",
		"authority/failed, appeals": "appeal-granted appeal-refused", "authority/absent, appeals": "appeal-granted appeal-refused",
		"authority/qualified": "issue", "authority/revoked": "issue", "authority/issued": "revoke", "authority/issued, asks": "revoke",
	}
	for _, role := range exam.Roles {
		for _, k := range kinds {
			var got []string
			for _, v := range append(acts[:len(acts):len(acts)], verbIssue, verbRevoke) {
				if allowed(role, v, k.row) {
					got = append(got, string(v))
				}
			}
			key := string(role) + "/" + k.name
			if strings.Join(got, " ") != want[key] {
				t.Errorf("%s: %v, want %q", key, got, want[key])
			}
		}
	}
}

func TestAListOffersOnlyWhatItsRoleMayDo(t *testing.T) {
	for _, role := range exam.Roles {
		for _, p := range pagesFor(role) {
			for _, v := range p.verbs {
				some := false
				for _, st := range application.States {
					for _, r := range []application.Row{{}, {Correction: true}, {Exemption: true}, {Appeal: true}} {
						r.State = st
						some = some || allowed(role, v, r)
					}
				}
				if !some {
					t.Errorf("%s, %s: %s is never possible", role, p.id, v)
				}
			}
		}
	}
	if len(pagesFor(exam.RoleDoctor)) != 0 {
		t.Error("a doctor has a page here")
	}
}

func TestTheDialogNamesThoseItIsAbout(t *testing.T) {
	var rows []application.Row
	for i := range 25 {
		rows = append(rows, row(fmt.Sprint(i), application.AwaitingInstitution, 1))
	}
	b := viewBulk(verbReturn, rows, 2)
	if !strings.HasSuffix(b.names, "医师19 等 25 名") || strings.Contains(b.names, "医师20") || !b.reason || !strings.Contains(b.skipped, "2 名") {
		t.Errorf("%+v", b)
	}
	b = viewBulk(verbApprove, rows[:2], 0)
	if b.names != "医师0、医师1" || b.reason || b.skipped != "" || b.warning == "" {
		t.Errorf("%+v", b)
	}
	for _, v := range append(acts[:len(acts):len(acts)], verbIssue) {
		if b := viewBulk(v, rows[:1], 0); b.warning == "" || b.title == string(v) || b.button == "确定" || v.done() == "已完成" {
			t.Errorf("%s has no words of its own: %+v", v, b)
		}
	}
}

func TestTheResultSheetSaysOfEachHowItWent(t *testing.T) {
	rows := []application.Row{row("a", "", 1), row("b", "", 1), row("c", "", 1), row("d", "", 1), row("e", "", 1)}
	v := viewOutcomes(verbApprove, rows, []application.Outcome{{Application: "a", State: application.AwaitingAssessor},
		{Application: "b", Kind: exam.Conflict}, {Application: "d", Kind: exam.Refused, Sentence: "现在不能审核"}, {Application: "e", State: application.AwaitingAssessor}})
	if v.done != 2 || v.bad != 3 || v.tone != theme.Warn || v.title != "2 名已通过，3 名没有办成" {
		t.Errorf("%+v", v)
	}
	var names []string
	for _, r := range v.rows {
		names = append(names, r.name)
		if r.text == "" {
			t.Errorf("nothing is said of %s", r.name)
		}
	}
	if strings.Join(names, "") != "医师b医师c医师d医师a医师e" {
		t.Errorf("order %v: those that failed come first", names)
	}
	if !strings.Contains(v.rows[1].text, "没有收到结果") {
		t.Errorf("of one without an answer it says %q", v.rows[1].text)
	}
	if g := v.groups(); len(g) != 4 || strings.Join(g[3].names, "、") != "医师a、医师e" {
		t.Errorf("groups %+v", g)
	}
	if all := viewOutcomes(verbIssue, rows[:1], []application.Outcome{{Application: "a"}}); all.tone != theme.Good || all.title != "1 名已签发" {
		t.Errorf("%+v", all)
	}
	if none := viewOutcomes(verbIssue, rows[:1], nil); none.tone != theme.Bad || none.done != 0 {
		t.Errorf("%+v", none)
	}
}

// waitingRows are n dossiers that wait for the institution.
func waitingRows(s *sample) []application.Row {
	var rows []application.Row
	for _, f := range s.files {
		if f.e.Dossier.State == application.AwaitingInstitution {
			rows = append(rows, f.row())
		}
	}
	return rows
}

func TestABrokenLineInTheMiddleTellsSentFromUnsent(t *testing.T) {
	s := newSample(exam.RoleInstitution).empty().crowd(120)
	rows := waitingRows(s)
	s.before = func(n int) {
		if n == 1 {
			s.fail["Decide"] = exam.Errorf(exam.Unavailable, "暂时连不上登记处，填写的内容都保存在本机")
		}
	}
	var seen []int
	outs := send(context.Background(), s, verbApprove, rows, "", func(n int) { seen = append(seen, n) })
	if len(outs) != 120 || len(s.decisions) != 1 {
		t.Fatalf("%d outcomes, %d requests arrived", len(outs), len(s.decisions))
	}
	for i, o := range outs {
		if o.Application != rows[i].Application {
			t.Fatalf("outcome %d is about %s", i, o.Application)
		}
		switch {
		case i < 50 && (o.Kind != "" || o.State != application.AwaitingAssessor),
			i >= 50 && i < 100 && (o.Kind != exam.Unavailable || o.Sentence != unsure),
			i >= 100 && (o.Kind != exam.Unavailable || o.Sentence != unsent):
			t.Fatalf("%d: %+v", i, o)
		}
	}
	if exam.KindOf(worst(outs)) != exam.Unavailable {
		t.Error("nobody hears that the line is gone")
	}
	if len(seen) == 0 || seen[0] != 50 {
		t.Errorf("progress %v", seen)
	}
}

func TestTheRegistrysOwnRefusalIsSaidInItsWords(t *testing.T) {
	s := newSample(exam.RoleAuthority)
	s.fail["Issue"] = exam.Errorf(exam.Unavailable, "登记处还不能打印通知书，没有签发；请系统管理员安装字体后重试")
	outs := send(context.Background(), s, verbIssue, []application.Row{s.file("刘桂芳").row()}, "", nil)
	if len(outs) != 1 || !strings.Contains(outs[0].Sentence, "安装字体") {
		t.Errorf("%+v", outs)
	}
	if worst(outs) != nil {
		t.Error("a registry that cannot print is called a broken line")
	}
}

func TestIssuingGoesInSmallPortionsAndReasonsGoWithThem(t *testing.T) {
	s := newSample(exam.RoleInstitution).crowd(60)
	rows := waitingRows(s)
	send(context.Background(), s, verbReturn, rows, "照片不清晰", nil)
	if len(s.decisions) != 2 || len(s.decisions[0].Targets) != decideAtOnce || s.decisions[1].Reason != "照片不清晰" || s.decisions[0].Targets[3].On != rows[3].On {
		t.Errorf("%d requests", len(s.decisions))
	}
	send(context.Background(), s, verbIssue, rows[:21], "", nil)
	if len(s.issues) != 3 || len(s.issues[0]) != issueAtOnce {
		t.Errorf("%d requests to issue", len(s.issues))
	}
}

func TestASessionThatEndedStopsWhatIsSent(t *testing.T) {
	s := newSample(exam.RoleInstitution).crowd(120)
	s.fail["Decide"] = exam.Errorf(exam.Unauthenticated, "登录已过期")
	n := 0
	s.before = func(int) { n++ }
	outs := send(context.Background(), s, verbApprove, waitingRows(s), "", nil)
	if n != 1 || exam.KindOf(worst(outs)) != exam.Unauthenticated {
		t.Errorf("%d requests, worst %v", n, worst(outs))
	}
}

func TestAReasonIsThereAndShortEnough(t *testing.T) {
	long := strings.Repeat("字", application.MostReason)
	for _, c := range []struct {
		v      verb
		reason string
		ok     bool
	}{
		{verbReturn, "", false}, {verbReturn, " \n　", false}, {verbRefuse, "", false}, {verbRevoke, "", false},
		{verbReturn, "照片不清晰", true}, {verbReturn, long, true}, {verbReturn, long + "字", false}, {verbApprove, "", true},
	} {
		if got := checkReason(c.v, c.reason); (got == "") != c.ok {
			t.Errorf("%s, %d signs: %q", c.v, len([]rune(c.reason)), got)
		}
	}
	if got := addReason("照片模糊。", "请核对。"); got != "照片模糊。请核对。" {
		t.Error(got)
	}
	if got := addReason("请核对。", "请核对。"); got != "请核对。" {
		t.Errorf("twice: %s", got)
	}
	if got := addReason(long, "请核对。"); got != long {
		t.Error("a ready sentence made the reason too long")
	}
	for _, v := range []verb{verbReturn, verbRefuse, verbRevoke} {
		for _, s := range v.reasons() {
			if checkReason(v, s) != "" || shorten(s) == "" {
				t.Errorf("%s: %s", v, s)
			}
		}
	}
}

func TestRevokingWantsAReasonAndTheWord(t *testing.T) {
	for _, c := range []struct {
		reason, word string
		ok           bool
	}{{"", "撤销", false}, {"有误", "", false}, {"有误", "撤消", false}, {"有误", "撤销", true}, {"有误", " 撤销 ", true}} {
		if got := checkRevoke(c.reason, c.word); (got == "") != c.ok {
			t.Errorf("%q %q: %q", c.reason, c.word, got)
		}
	}
}

func TestACaseShowsWhatItsAccountNeeds(t *testing.T) {
	now := exam.InstantOf(sampleNow())
	view := func(role exam.Role, doctor string) caseView {
		return viewCase(newSample(role).file(doctor).of(role), role, now)
	}
	v := view(exam.RoleInstitution, "李鸿雁")
	if !v.takeUp || len(v.verbs) != 2 || v.verbs[0] != verbApprove || len(v.sections) == 0 || v.photo == "" || !v.late {
		t.Errorf("awaiting: take up %v, verbs %v, %d sections", v.takeUp, v.verbs, len(v.sections))
	}
	for _, s := range v.sections {
		for _, f := range s.fields {
			if f.key == "identity" && f.value != "1404************22" {
				t.Errorf("the number is shown as %s", f.value)
			}
		}
	}
	if v := view(exam.RoleInstitution, "王建国"); v.takeUp || len(v.remarks) != 1 {
		t.Errorf("taken up: %v %v", v.takeUp, v.remarks)
	}
	if v := view(exam.RoleAuthority, "李鸿雁"); v.takeUp || len(v.verbs) != 0 {
		t.Errorf("an authority: %v", v.verbs)
	}
	if v := view(exam.RoleInstitution, "欧阳静怡"); len(v.remarks) != 1 || !strings.Contains(v.remarks[0].text, "王敏") || !strings.Contains(v.remarks[0].text, "述职报告") {
		t.Errorf("returned: %v", v.remarks)
	}
	flags := 0
	v = view(exam.RoleInstitution, "赵敏")
	for _, s := range v.sections {
		for _, f := range s.fields {
			if f.flag != "" {
				flags++
			}
		}
	}
	if flags != 3 || len(v.hints) != 2 {
		t.Errorf("doubts: %d flags, hints %v", flags, v.hints)
	}
	if v := view(exam.RoleAuthority, "孙立新"); len(v.verbs) != 1 || v.verbs[0] != verbRevoke || v.notices[0].revoked != "" {
		t.Errorf("in force: %v", v.verbs)
	}
	if v := view(exam.RoleAuthority, "周晓雯"); len(v.verbs) != 1 || v.verbs[0] != verbIssue || !strings.Contains(v.notices[0].revoked, "登记有误") {
		t.Errorf("revoked: %v %+v", v.verbs, v.notices)
	}
}

func TestACorrectionIsComparedFieldByField(t *testing.T) {
	s := newSample(exam.RoleInstitution)
	v := viewCase(s.file("吴海峰").of(exam.RoleInstitution), exam.RoleInstitution, s.now)
	got := map[string]changeView{}
	for _, c := range v.correction.changes {
		got[c.label] = c
	}
	if c := got["手机号码"]; c.old != "13835501234" || c.new != "13903551234" {
		t.Errorf("mobile: %+v", c)
	}
	if c := got["职务"]; c.new != dash {
		t.Errorf("what is taken away is not a dash: %+v", c)
	}
	if c := got["照片"]; c.newPicture == "" || c.oldPicture == "" || c.newPicture == c.oldPicture {
		t.Errorf("photograph: %+v", c)
	}
	if len(got) != 5 || !v.correction.open || len(v.verbs) != 2 || !strings.Contains(v.remarks[0].text, "请对照后答复") {
		t.Errorf("%d changes, verbs %v, %v", len(got), v.verbs, v.remarks)
	}
	other := viewCase(s.file("吴海峰").of(exam.RoleAuthority), exam.RoleAuthority, s.now)
	if len(other.verbs) != 0 || strings.Contains(other.remarks[0].text, "请对照后答复") {
		t.Errorf("one who cannot answer is asked to: %v %v", other.verbs, other.remarks)
	}
	s.file("吴海峰").decided(application.ActCorrectionRefused, exam.RoleInstitution, "请先登记。")
	v = viewCase(s.file("吴海峰").of(exam.RoleInstitution), exam.RoleInstitution, s.now)
	if v.correction.open || len(v.correction.changes) != 0 || !strings.Contains(v.correction.answer, "王敏：请先登记。") {
		t.Errorf("answered: %+v", v.correction)
	}
}

func TestTheHistoryIsNewestFirstAndSavesAreOneLine(t *testing.T) {
	f := newSample(exam.RoleInstitution).file("冯志刚")
	h := viewHistory(f.e.Dossier.History, "冯志刚")
	if len(h) != 2 || h[0].title != "保存填报信息（2 次）" || h[0].who != "医师 冯志刚" || h[1].who != "长治市医院 王敏" {
		t.Errorf("%+v", h)
	}
}

func TestSentencesForDoctorsAreNotSaidToStaff(t *testing.T) {
	if got := say(exam.Errorf(exam.Unavailable, "连不上登记处，填写的内容都保存在本机")); strings.Contains(got, "本机") {
		t.Error(got)
	}
	if got := say(exam.Errorf(exam.Refused, "现在不能审核")); got != "现在不能审核" {
		t.Error(got)
	}
	if got := say(nil); got != "" {
		t.Error(got)
	}
}

func TestTheFileOfANoticeHasNoNumberAndNoPathInItsName(t *testing.T) {
	if got := noticeFile(`../张/"伟`, "142"); got != "考核结果通知书-..张伟-142.pdf" {
		t.Error(got)
	}
}

func TestBadgesStaySmall(t *testing.T) {
	for n, want := range map[int]string{0: "", 7: "7", 999: "999", 1000: "999+"} {
		if got := badgeText(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
