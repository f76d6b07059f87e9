package desk

import (
	"strings"
	"testing"

	"dingkao/exam"
	"dingkao/exam/application"
)

// names are those that a list shows.
func (q *queuePage) names() string {
	var list []string
	for _, r := range q.got.Rows {
		list = append(list, r.Name)
	}
	return strings.Join(list, " ")
}

func withGenerals(role exam.Role) *sample {
	s := newSample(role)
	s.generals()
	return s
}

func TestEachPageOfTheGeneralProcedureListsItsOwn(t *testing.T) {
	for _, c := range []struct {
		role exam.Role
		page pageID
		want string
	}{
		{exam.RoleAssessor, pageExemptions, "罗雨桐 梁志远"},
		{exam.RoleAssessor, pageResults, "谢春梅 韩立军 唐婉清"},
		{exam.RoleAssessor, pageFailed, "程凯 董建华 萧雅文"},
		{exam.RoleAssessor, pageAbsent, "曹静 袁博"},
		{exam.RoleAuthority, pageAppeals, "程凯"},
	} {
		st := onStage(t, withGenerals(c.role), c.page)
		got := strings.Fields(st.list().names())
		for _, name := range strings.Fields(c.want) {
			if !strings.Contains(st.list().names(), name) {
				t.Errorf("%s: %s is missing among %v", c.page, name, got)
			}
		}
		// 郑雅琴 and 罗雨桐 wait for the exam too: the window of the one is open, the
		// exemption of the other is not answered.
		if len(got) != len(strings.Fields(c.want)) {
			t.Errorf("%s: %v, want %s", c.page, got, c.want)
		}
	}
}

func TestManyScoresAreConfirmedAndOneThatMovedIsNot(t *testing.T) {
	s := withGenerals(exam.RoleAssessor)
	st := onStage(t, s, pageResults)
	st.list().tick()
	b := viewBulk(verbConfirm, st.list().sel.list(), 0)
	if !strings.HasPrefix(b.warning, "其中合格 2 名，不合格 1 名。") {
		t.Errorf("before: %s", b.warning)
	}
	st.press("评定结果")
	s.file("韩立军").scored(60) // the key was mended while the dialog stands
	st.press("确定评定")
	if got := s.file("谢春梅").e.Dossier.State; got != application.Qualified {
		t.Errorf("谢春梅: %s", got)
	}
	if got := s.file("韩立军").e.Dossier.State; got != application.AwaitingResult {
		t.Errorf("a score that nobody saw was confirmed: %s", got)
	}
	if !st.says("成绩刚刚有变化") {
		t.Error("the result sheet does not say why")
	}
	st.press("知道了")
	if st.list().names() != "韩立军" {
		t.Errorf("left: %s", st.list().names())
	}
}

func TestAScoreThatMovedIsNoLongerTicked(t *testing.T) {
	s := withGenerals(exam.RoleAssessor)
	st := onStage(t, s, pageResults)
	st.list().tick()
	s.file("韩立军").scored(60)
	st.list().load()
	if st.list().sel.has(s.file("韩立军").e.Application) || st.list().sel.len() != 2 {
		t.Errorf("%d ticked", st.list().sel.len())
	}
}

func TestAnExemptionIsDecidedBesideItsProofs(t *testing.T) {
	s := withGenerals(exam.RoleAssessor)
	st := onStage(t, s, pageExemptions)
	p := st.open("罗雨桐")
	if v := p.v.exemption; v == nil || !v.open || len(v.proofs) != 2 || !st.says("请核对证明材料后答复") {
		t.Fatalf("%+v", p.v.exemption)
	}
	st.press("不同意免考")
	st.press("确定不同意")
	if s.file("罗雨桐").e.Dossier.Exemption.State != application.RequestAsked || !st.says("请先写明理由") {
		t.Fatal("refused without a reason")
	}
	p.area.SetText("证明材料的取得时间不在本考核周期内。")
	st.press("确定不同意")
	if d := s.file("罗雨桐").e.Dossier; d.Exemption.State != application.RequestRefused || d.State != application.AwaitingExam {
		t.Fatalf("%s %+v", d.State, d.Exemption)
	}
	// The next that waits is open.
	st.press("同意免考")
	if !st.says("同意 梁志远 免考。同意后本周期考核为合格") {
		t.Error("the question does not say what follows")
	}
	st.press("确定同意免考")
	if d := s.file("梁志远").e.Dossier; d.State != application.Qualified {
		t.Errorf("granted: %s", d.State)
	}
}

func TestOneResultIsConfirmedOrMadeVoidWithAReason(t *testing.T) {
	s := withGenerals(exam.RoleAssessor)
	st := onStage(t, s, pageResults)
	p := st.open("韩立军")
	if a := p.v.attempts; len(a) != 1 || !strings.Contains(strings.Join(a[0], " "), "58分，合格线60分") {
		t.Fatalf("%v", p.v.attempts)
	}
	st.press("评定结果")
	if !st.says("评定为“不合格”") {
		t.Error("the question does not say what it will be")
	}
	st.press("再看看")
	st.press("作废本次测评")
	p.area.SetText("考场停电，测评中断。")
	st.press("确定作废")
	d := s.file("韩立军").e.Dossier
	if d.State != application.AwaitingExam || !d.Attempts[0].Voided {
		t.Errorf("%s %+v", d.State, d.Attempts)
	}
}

func TestAResitIsAdmittedWithTheTrainingNoted(t *testing.T) {
	s := withGenerals(exam.RoleAssessor)
	st := onStage(t, s, pageFailed)
	st.list().tick()
	fit, others := st.list().sel.among(exam.RoleAssessor, verbResit)
	if len(fit) != 2 || others != 1 {
		t.Fatalf("%d may, %d may not: the appeal of one is not answered", len(fit), others)
	}
	st.press("准予补考（2）")
	st.press("确定准予")
	if !st.says("请先写明培训情况") {
		t.Fatal("admitted without the training noted")
	}
	st.press("已参加省级业务培训并考核合格")
	st.press("确定准予")
	for _, name := range []string{"董建华", "萧雅文"} {
		d := s.file(name).e.Dossier
		if last := d.History[len(d.History)-1]; d.State != application.AwaitingResit || last.Reason != "已参加省级业务培训并考核合格。" {
			t.Errorf("%s: %s %+v", name, d.State, last)
		}
	}
}

func TestAnAppealIsAnsweredWithAReason(t *testing.T) {
	s := withGenerals(exam.RoleAuthority)
	st := onStage(t, s, pageAppeals)
	p := st.open("程凯")
	if p.v.appeal == nil || !p.v.appeal.open || len(p.v.verbs) != 2 {
		t.Fatalf("%+v %v", p.v.appeal, p.v.verbs)
	}
	st.press("复核后改正")
	p.area.SetText("试题答案有误，更正后重新评定。")
	st.press("确定改正")
	if d := s.file("程凯").e.Dossier; d.State != application.AwaitingResult || d.Appeal.State != application.RequestGranted {
		t.Errorf("%s %+v", d.State, d.Appeal)
	}
}

func TestAbsenceIsOfferedOnlyBehindTheWindow(t *testing.T) {
	s := withGenerals(exam.RoleAssessor)
	st := onStage(t, s, pageAll)
	if p := st.open("郑雅琴"); len(p.v.verbs) != 0 {
		t.Errorf("in the window: %v", p.v.verbs)
	}
	st = onStage(t, s, pageAbsent)
	p := st.open("袁博")
	st.press("标记缺考")
	p.area.SetText("测评期间未到考场，也没有请假。")
	st.press("确定标记")
	if got := s.file("袁博").e.Dossier.State; got != application.Absent {
		t.Errorf("袁博: %s", got)
	}
}
