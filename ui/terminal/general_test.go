package terminal

import (
	"bytes"
	"image/jpeg"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/theme"
)

// TestTheGeneralWayIsToldAtEachState goes the whole way and looks at home and result.
func TestTheGeneralWayIsToldAtEachState(t *testing.T) {
	look := func(name string, s *sample, at int, tone theme.Tone, first, resit string, known bool, headline string) {
		t.Helper()
		v := homeOf(s.e, sampleToday)
		if at >= 0 && (v.Flow[at].At != current || v.Flow[at].Button == "") {
			t.Errorf("%s: node %d is %+v", name, at, v.Flow[at])
		}
		if v.Status.Tone != tone || v.Status.Headline == "" || v.Status.Next == "" || v.Status.Facts[1].Value != first || v.Status.Facts[2].Value != resit {
			t.Errorf("%s: status %+v", name, v.Status)
		}
		r := resultOf(s.e, sampleToday)
		if r.Known != known || r.Headline != headline || r.Sentence == "" {
			t.Errorf("%s: result %v %q", name, r.Known, r.Headline)
		}
		if e := enrolOf(s.e, nil, exam.Line{Online: true}, false, sampleToday); e.Mode != modePassed || s.e.Dossier.State != application.Qualified && strings.Contains(e.Headline, "合格") &&
			s.e.Dossier.State != application.Unqualified {
			t.Errorf("%s: the form says %q", name, e.Headline)
		}
		if l := laterOf(s.e, sampleToday); l.Headline == "" || l.Headline == "还不能参加测评" {
			t.Errorf("%s: the exam says %q", name, l.Headline)
		}
	}
	s := newSample().general()
	look("waiting", s, 3, theme.Info, "无", "无", false, "还没有考核结果")
	s.exempting()
	look("exemption asked", s, 3, theme.Wait, "无", "无", false, "还没有考核结果")
	s.begun()
	if s.e.Dossier.Exemption.State != application.RequestLapsed {
		t.Fatal("the exemption has not lapsed")
	}
	look("sitting", s, 3, theme.Info, "测评中", "无", true, "测评中")
	s.scored(52)
	look("scored", s, 4, theme.Wait, "待评定", "无", true, "待评定")
	s.decided(application.ActConfirmed, exam.RoleAssessor, "")
	look("unqualified", s, 4, theme.Bad, "不合格", "无", true, "不合格")
	s.appealing()
	look("appealing", s, 4, theme.Bad, "不合格", "无", true, "不合格")
	s.decided(application.ActAppealGranted, exam.RoleAuthority, "重新评分")
	look("opened again", s, 4, theme.Wait, "待评定", "无", true, "待评定")
	s.decided(application.ActConfirmed, exam.RoleAssessor, "").decided(application.ActResitAdmitted, exam.RoleAssessor, "已培训")
	look("admitted", s, 3, theme.Info, "不合格", "待补考", true, "待补考")
	s.begun().scored(88).decided(application.ActConfirmed, exam.RoleAssessor, "")
	look("passed", s, 4, theme.Good, "不合格", "合格", true, "合格")
	look("absent", newSample().general().decided(application.ActAbsent, exam.RoleAssessor, "未到"), 4, theme.Bad, "缺考", "无", true, "缺考")
	free := newSample().general().exempting().decided(application.ActExemptionGranted, exam.RoleAssessor, "")
	look("let off", free, 4, theme.Good, "合格（免考）", "无", true, "合格")
	if f := homeOf(free.e, sampleToday).Flow[3]; f.At != skipped || f.State != "已免考" {
		t.Errorf("let off: %+v", f)
	}
	late := newSample().general()
	late.e.Cycle.Assess.To = "2024-09-11"
	look("the window is over", late, 3, theme.Warn, "无", "无", false, "还没有考核结果")
}

func TestTheScoreIsShownWhereTheCycleSaysSoAndOnlyAsAResult(t *testing.T) {
	texts := func(s *sample) string {
		v := resultOf(s.e, sampleToday)
		var b strings.Builder
		for _, f := range v.Facts {
			b.WriteString(f.Label + f.Value + "\n")
		}
		for _, a := range v.Attempts {
			b.WriteString(strings.Join(a, " ") + "\n")
		}
		return b.String()
	}
	s := newSample().general().begun().scored(52)
	s.e.Cycle.ShowScore = true
	if strings.Contains(texts(s), "52") {
		t.Errorf("a score before it was confirmed: %s", texts(s))
	}
	s.decided(application.ActConfirmed, exam.RoleAssessor, "")
	if !strings.Contains(texts(s), "答对52/100题") {
		t.Errorf("shown: %s", texts(s))
	}
	s.e.Cycle.ShowScore = false
	if strings.Contains(texts(s), "52") {
		t.Errorf("a score that is not to be shown: %s", texts(s))
	}
	s.e.Cycle.ShowScore = true
	s.appealing().decided(application.ActAppealGranted, exam.RoleAuthority, "重新评分")
	if strings.Contains(texts(s), "52") {
		t.Errorf("a score that is decided anew: %s", texts(s))
	}
}

func TestAnAppealIsOfferedForThirtyDaysAndOnce(t *testing.T) {
	s := newSample().general().begun().scored(52).decided(application.ActConfirmed, exam.RoleAssessor, "")
	if v := appealOf(s.e, "2024-10-02"); v == nil || !v.Offer || !strings.Contains(v.Sentence, "2024年10月02日") {
		t.Errorf("on the last day: %+v", v)
	}
	if v := appealOf(s.e, "2024-10-03"); v == nil || v.Offer || !strings.Contains(v.Sentence, "截止") {
		t.Errorf("a day late: %+v", v)
	}
	if v := appealOf(newSample().qualified().e, sampleToday); v != nil {
		t.Errorf("against 合格: %+v", v)
	}
	st := onStage(t, s, pageResult)
	st.press("申请复核")
	st.press("提交申请")
	if s.e.Dossier.Appeal != nil || !st.says("请写明申请理由") {
		t.Fatal("an appeal without a reason went out")
	}
	area, ok := st.window.Canvas().Focused().(*part.Entry)
	if !ok {
		t.Fatal("the reason has not the keyboard")
	}
	test.Type(area, "答案有争议")
	s.fail["AskAppeal"] = unavailable()
	st.press("提交申请")
	if s.e.Dossier.Appeal != nil || !st.says("连接不上") || area.Text != "答案有争议" {
		t.Fatal("nothing is said of an appeal that did not go out, or what was typed is gone")
	}
	st.press("取消")
	st.press("申请复核")
	if area = st.window.Canvas().Focused().(*part.Entry); area.Text != "答案有争议" {
		t.Errorf("what was typed is gone: %q", area.Text)
	}
	st.press("提交申请")
	if a := s.e.Dossier.Appeal; a == nil || a.Reason != "答案有争议" || !st.says("答案有争议") {
		t.Fatalf("appeal %+v", a)
	}
	if findButton(st.window.Canvas().Content(), "申请复核") != nil {
		t.Error("a second appeal is offered")
	}
	s.decided(application.ActAppealRefused, exam.RoleAuthority, "核对无误")
	v := appealOf(s.e, sampleToday)
	if v.State != "维持原结果" || !strings.Contains(v.Answer, "山西省卫生健康委员会 孙丽答复：核对无误") || v.Offer {
		t.Errorf("answered: %+v", v)
	}
}

func TestAnExemptionIsAskedWithProofsAndItsAnswerShown(t *testing.T) {
	s := newSample().general()
	st := onStage(t, s, pageExam)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, scan(7), nil); err != nil {
		t.Fatal(err)
	}
	st.d.files = map[string][]byte{"/tmp/cert.jpg": b.Bytes()}
	st.press("免考申请")
	st.press("提交申请")
	if s.e.Dossier.Exemption != nil || !st.says("请写明申请理由") {
		t.Fatal("an exemption without a reason went out")
	}
	test.Type(st.window.Canvas().Focused().(*part.Entry), "规培合格")
	st.press("提交申请")
	if s.e.Dossier.Exemption != nil || !st.says("请上传证明材料") {
		t.Fatal("an exemption without proof went out")
	}
	st.press("上传")
	st.window.Canvas().Focused().(*part.Entry).SetText("/tmp/cert.jpg")
	st.press("上传") // of the dialog above
	if len(st.seat.exempt.proofs) != 1 || st.window.Canvas().Overlays().Top() == nil {
		t.Fatalf("proofs %+v", st.seat.exempt.proofs)
	}
	st.press("提交申请")
	x := s.e.Dossier.Exemption
	if x == nil || x.Reason != "规培合格" || len(x.Proofs) != 1 || x.Proofs[0].Name != "cert.jpg" {
		t.Fatalf("asked %+v", x)
	}
	if st.window.Canvas().Overlays().Top() != nil || findButton(st.window.Canvas().Content(), "免考申请") != nil || !st.says("规培合格") {
		t.Error("the page does not show that it waits")
	}
	if st.seat.exempt.reason != "" || st.seat.exempt.proofs != nil {
		t.Error("what was sent stays as a draft")
	}
	s.decided(application.ActExemptionRefused, exam.RoleAssessor, "不在本周期内")
	s.tell()
	if !st.says("不在本周期内") || findButton(st.window.Canvas().Content(), "免考申请") == nil {
		t.Error("the refusal is not shown, or it cannot be asked again")
	}
	if _, ok := exemptionOf(newSample().qualified().e); ok {
		t.Error("the simple procedure has an exemption")
	}
}
