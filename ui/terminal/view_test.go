package terminal

import (
	"reflect"
	"strings"
	"testing"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/theme"
)

func TestSignInCatchesWrongInputBeforeAnythingIsSent(t *testing.T) {
	good := string(newSample().e.Doctor.Identity)
	bad := good[:17] + string('0'+(good[17]-'0'+1)%10)
	for _, c := range []struct {
		name    string
		in      exam.Credentials
		offline bool
		fields  string
	}{
		{"everything there", exam.Credentials{Province: "14", Login: good, Password: "x", Text: "7k2m"}, false, ""},
		{"nothing there", exam.Credentials{}, false, "identity,password,province,text"},
		{"wrong check digit", exam.Credentials{Province: "14", Login: bad, Password: "x", Text: "7k2m"}, false, "identity"},
		{"too short", exam.Credentials{Province: "14", Login: good[:17], Password: "x", Text: "7k2m"}, false, "identity"},
		{"offline needs no captcha", exam.Credentials{Province: "14", Login: good, Password: "x"}, true, ""},
		{"spaces are forgiven", exam.Credentials{Province: "14", Login: " " + good[:6] + " " + good[6:], Password: "x", Text: " 7k2m "}, false, ""},
	} {
		out, problems := checkSignIn(c.in, c.offline)
		want := strings.ReplaceAll(c.fields, "identity", fieldLogin)
		var got []string
		for _, f := range []string{fieldLogin, fieldPassword, fieldProvince, fieldCaptcha} {
			if problems[f] != "" {
				got = append(got, f)
			}
		}
		if strings.Join(got, ",") != want {
			t.Errorf("%s: problems at %v, want %q", c.name, got, want)
		}
		if want == "" && (out.Login != good || strings.Contains(out.Text, " ")) {
			t.Errorf("%s: sent %q %q", c.name, out.Login, out.Text)
		}
	}
}

func TestNewPasswordIsJudgedByTheRules(t *testing.T) {
	for _, c := range []struct{ old, fresh, again, field string }{
		{"6666666", "spring2024", "spring2024", ""},
		{"", "spring2024", "spring2024", "old"},
		{"6666666", "", "", "new"},
		{"6666666", "12345678", "12345678", "new"},
		{"spring2024", "spring2024", "spring2024", "new"},
		{"6666666", "spring2024", "spring2025", "again"},
	} {
		if f, _ := passwordCheck(exam.Account{Login: "x"})(c.old, c.fresh, c.again); f != c.field {
			t.Errorf("%+v: field %q, want %q", c, f, c.field)
		}
	}
}

// TestHomeSaysWhereOneStands goes the whole way of a dossier and looks at the
// five nodes and the status at each state.
func TestHomeSaysWhereOneStands(t *testing.T) {
	s := newSample()
	look := func(name string, at int, button string, page pageID, state string, tone theme.Tone) {
		t.Helper()
		v := homeOf(s.e, sampleToday)
		got := -1
		for i, n := range v.Flow {
			if n.At == current {
				if got >= 0 {
					t.Errorf("%s: two nodes are current", name)
				}
				got = i
			} else if n.Button != "" {
				t.Errorf("%s: node %d has a button without being current", name, i+1)
			}
		}
		if got != at {
			t.Fatalf("%s: current node %d, want %d", name, got, at)
		}
		if at >= 0 && (v.Flow[at].Button != button || v.Flow[at].Page != page) {
			t.Errorf("%s: button %q to %q, want %q to %q", name, v.Flow[at].Button, v.Flow[at].Page, button, page)
		}
		if v.Status.State != state || v.Status.Tone != tone || v.Status.Headline == "" || v.Status.Next == "" {
			t.Errorf("%s: status %+v", name, v.Status)
		}
	}
	look("not included", -1, "", "", "未纳入", theme.Neutral)
	s.included()
	look("included", 0, "去填报", pageEnrol, "已纳入", theme.Info)
	s.saved(s.wholeForm())
	look("draft", 0, "继续填报", pageEnrol, "草稿", theme.Info)
	s.submitted()
	look("submitted", 1, "查看信息", pageEnrol, "待机构审核", theme.Wait)
	s.decided(application.ActReturned, exam.RoleInstitution, "照片不清晰")
	look("returned", 0, "去修改", pageEnrol, "已退回", theme.Warn)
	v := homeOf(s.e, sampleToday)
	if v.Status.Reason != "照片不清晰" || v.Status.ReturnedBy != "长治市医院 王敏" || v.Status.ReturnedAt == "" || v.Flow[1].At != halted {
		t.Errorf("returned: %+v, node %+v", v.Status, v.Flow[1])
	}
	s.submitted().decided(application.ActApproved, exam.RoleInstitution, "")
	look("first review passed", 2, "查看信息", pageEnrol, "待考核机构复核", theme.Wait)
	if f := homeOf(s.e, sampleToday).Flow; f[3].At != skipped {
		t.Errorf("the exam is not skipped on the simple way: %+v", f[3])
	}
	s.decided(application.ActApproved, exam.RoleAssessor, "")
	look("qualified", 4, "查看结果", pageResult, "合格", theme.Good)
	s.issued("N1").revoked("更正")
	look("revoked", 4, "查看结果", pageResult, "合格", theme.Warn)
}

func TestWindowsSayHowLongTheyAreOpen(t *testing.T) {
	w := exam.Window{From: "2024-09-01", To: "2024-09-30"}
	for day, want := range map[exam.Date]string{"2024-08-31": "未开始", "2024-09-01": "进行中", "2024-09-20": "还剩10天", "2024-09-30": "今天截止", "2024-10-01": "已结束"} {
		if got, _ := windowNote(w, day); got != want {
			t.Errorf("%s: %s, want %s", day, got, want)
		}
	}
}

func TestEnrolShowsTheFaceOfEachState(t *testing.T) {
	s := newSample()
	look := func(name string, mode enrolMode, withdraw bool) enrolView {
		t.Helper()
		v := enrolOf(s.e, s.conflict, s.line, false, sampleToday)
		if v.Mode != mode || v.Withdraw != withdraw {
			t.Errorf("%s: mode %s, withdraw %v; want %s, %v", name, v.Mode, v.Withdraw, mode, withdraw)
		}
		return v
	}
	look("not included", modeNotIncluded, false)
	s.included()
	look("included", modeEdit, false)
	s.saved(s.wholeForm()).submitted()
	if v := look("submitted", modeSent, true); v.Headline != "个人报名信息提交成功，请耐心等待机构审核。" || v.Time == "" {
		t.Errorf("success page: %+v", v)
	}
	s.offline(2)
	if v := look("not delivered", modeUnsent, false); !strings.Contains(v.Headline, "已在本机保存，联网后自动送出") {
		t.Errorf("not delivered, yet it says %q", v.Headline)
	}
	s.line = exam.Line{Online: true}
	s.decided(application.ActTakenUp, exam.RoleInstitution, "")
	look("taken up", modeSent, false)
	s.decided(application.ActReturned, exam.RoleInstitution, "照片不清晰")
	v := look("returned", modeEdit, false)
	if len(v.Banners) != 1 || !strings.Contains(v.Banners[0].Body, "照片不清晰") || !strings.Contains(v.Banners[0].Body, "王敏") {
		t.Errorf("returned without reason and name: %+v", v.Banners)
	}
	s.conflict = &application.Conflict{}
	look("conflict", modeConflict, false)
}

func TestFillingOutsideTheWindowIsSaidAndNotForbidden(t *testing.T) {
	s := newSample().included()
	v := enrolOf(s.e, nil, s.line, false, "2024-12-01")
	if v.Mode != modeEdit || len(v.Banners) != 1 || !strings.Contains(v.Banners[0].Body, "可以继续填写") {
		t.Errorf("%+v", v)
	}
}

func TestProfileOffersCorrectionOnlyAfterApproval(t *testing.T) {
	s := newSample().included()
	if v := profileOf(s.e); v.Ask || v.WhyNot == "" || !v.Empty {
		t.Errorf("included: %+v", v)
	}
	s.saved(s.wholeForm()).submitted()
	if v := profileOf(s.e); v.Ask || v.WhyNot == "" {
		t.Errorf("in review: ask %v", v.Ask)
	}
	s.decided(application.ActApproved, exam.RoleInstitution, "").decided(application.ActApproved, exam.RoleAssessor, "")
	if !profileOf(s.e).Ask {
		t.Error("qualified: no correction offered")
	}
	b := *s.e.Dossier.Form.Basic
	b.Mobile = "13900000000"
	s.corrected(application.Form{Basic: &b}, "换号")
	v := profileOf(s.e)
	if v.Ask || v.Banner == nil || len(v.Changes) != 1 || v.Changes[0].Mine != "13900000000" {
		t.Errorf("asked: %+v", v)
	}
	s.decided(application.ActCorrectionRefused, exam.RoleInstitution, "请先登记。")
	v = profileOf(s.e)
	if !v.Ask || !strings.Contains(v.Banner.Body, "理由：请先登记。信息") {
		t.Errorf("refused: %+v", v.Banner)
	}
}

func TestResultNamesTheNoticeInForce(t *testing.T) {
	s := newSample().qualified()
	if v := resultOf(s.e, sampleToday); !v.Known || v.Current != nil || len(v.Notices) != 0 {
		t.Errorf("not issued: %+v", v)
	}
	s.issued("N1").revoked("有误").issued("N2")
	v := resultOf(s.e, sampleToday)
	if v.Current == nil || v.Current.Serial != "N2" || len(v.Notices) != 2 || !strings.Contains(v.Notices[1].Reason, "有误") {
		t.Errorf("reissued: %+v", v)
	}
	s.revoked("又有误")
	if v := resultOf(s.e, sampleToday); v.Current != nil || v.Tone != theme.Warn {
		t.Errorf("all revoked: %+v", v)
	}
	if v := resultOf(newSample().e, sampleToday); v.Known {
		t.Error("a result before any review")
	}
}

func TestFooterTellsTheTruthAboutTheLine(t *testing.T) {
	for _, c := range []struct {
		line    exam.Line
		entered bool
		want    string
	}{
		{exam.Line{Online: true}, false, "在线，全部已送达"},
		{exam.Line{Online: true, Pending: 2}, false, "在线，正在送出2项"},
		{exam.Line{Pending: 3}, false, "离线，3项待送出，都已保存在本机"},
		{exam.Line{Pending: 3}, true, "离线，3项待送出，都已保存在本机"},
		{exam.Line{}, true, "离线进入，内容都保存在本机"},
	} {
		if got := lineOf(c.line, c.entered).Text; got != c.want {
			t.Errorf("%+v: %q, want %q", c.line, got, c.want)
		}
	}
	if lineOf(exam.Line{}, true).Notice == "" || lineOf(exam.Line{Trouble: "登录已过期"}, false).Notice != "登录已过期" {
		t.Error("trouble is not said")
	}
}

func TestMarksTellEmptyFromHalfFromWhole(t *testing.T) {
	s := newSample().included()
	f := s.wholeForm()
	if m := marksOf(f, s.e.Cycle, sampleToday); m[application.StepConfirm] != markWhole {
		t.Fatalf("a whole form is not whole: %v %v", m, gapsOf(f, s.e.Cycle, sampleToday))
	}
	f.Practice.Department = ""
	f.Choice = nil
	m := marksOf(f, s.e.Cycle, sampleToday)
	if m[application.StepPractice] != markPartial || m[application.StepProcedure] != markEmpty || m[application.StepConfirm] != markEmpty {
		t.Errorf("%v", m)
	}
	if got := firstStep(f, s.e.Cycle, sampleToday); got != application.StepPractice {
		t.Errorf("editing begins at %s", got)
	}
}

func TestWhatGoesToDiskDoesNotChangeUnderTheWritersHands(t *testing.T) {
	s := newSample()
	f := whole(s.wholeForm(), s.e.Doctor)
	kept := copied(f, application.StepMerit)
	f.Merit.Situations = append(f.Merit.Situations, 3)
	f.Merit.GoodRecord = application.No
	if kept.Merit.GoodRecord != application.Yes || len(kept.Merit.Situations) != 0 {
		t.Errorf("the copy changed: %+v", kept.Merit)
	}
	if sameStep(f, kept, application.StepMerit) {
		t.Error("different steps are called the same")
	}
	if !sameStep(kept, copied(kept, application.StepMerit), application.StepMerit) {
		t.Error("a copy is called different")
	}
}

func TestNumbersAreStoredPlain(t *testing.T) {
	for in, want := range map[string]string{" 1101 4040 ": "11014040", "１１０x": "110X", "abc\u3000": "ABC"} {
		if got := plainNumber(in); got != want {
			t.Errorf("plainNumber(%q) = %q, want %q", in, got, want)
		}
	}
	if got := plainMail(" Li＠Example.com "); got != "Li@Example.com" {
		t.Errorf("plainMail: %q", got)
	}
	if got := cleanPath(` "/tmp/证件 照.jpg" `); got != "/tmp/证件 照.jpg" {
		t.Errorf("cleanPath: %q", got)
	}
}

func TestSituationsKeepTheirNumbers(t *testing.T) {
	none, numbers := situationsOf([]string{"2", "13"})
	if none || !reflect.DeepEqual(numbers, []int{2, 13}) {
		t.Errorf("%v %v", none, numbers)
	}
	if none, numbers := situationsOf(situationKeys(true, nil)); !none || numbers != nil {
		t.Errorf("%v %v", none, numbers)
	}
}

func TestHelpIsFoundByAnyPartOfIt(t *testing.T) {
	all := articlesOf(helpText)
	if len(all) < 10 {
		t.Fatalf("%d articles", len(all))
	}
	for _, a := range all {
		if a.Group == "" || a.Question == "" || a.Answer == "" {
			t.Errorf("half an article: %+v", a)
		}
	}
	if got := findArticles(all, "校验位"); len(got) != 1 {
		t.Errorf("校验位：%d", len(got))
	}
	if got := findArticles(all, "照片　白底"); len(got) == 0 {
		t.Error("two words find nothing")
	}
	if got := findArticles(all, "没有的词儿"); len(got) != 0 {
		t.Errorf("found %d", len(got))
	}
	if got := findArticles(all, "  "); len(got) != len(all) {
		t.Error("an empty query hides articles")
	}
}

func TestLaterPagesSayWhatComesNext(t *testing.T) {
	s := newSample()
	if v := laterOf(s.e, sampleToday); v.Headline == "" || v.Sentence == "" {
		t.Errorf("%+v", v)
	}
	s.qualified()
	if v := laterOf(s.e, sampleToday); !strings.Contains(v.Headline, "不需要") {
		t.Errorf("simple procedure: %s", v.Headline)
	}
}
