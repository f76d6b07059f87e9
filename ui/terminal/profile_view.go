package terminal

import (
	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/theme"
)

// profileView is what the page 个人信息 shows.
type profileView struct {
	Empty    bool // nothing was saved yet
	Sections []application.Section
	Ask      bool   // 申请修改 is offered
	WhyNot   string // where it is not, one sentence
	Banner   *bannerView
	Changes  []application.Difference // of the latest request, against what stands
}

// profileOf is the page 个人信息 of an enrolment.
func profileOf(e application.Enrolment) profileView {
	d := e.Dossier
	v := profileView{
		Sections: application.Describe(e.Doctor, e.Institution.Name, e.Cycle, d.Form),
		Ask:      d.Allows(application.ActCorrectionAsked, exam.RoleDoctor),
		Empty:    d.Form == application.Form{},
	}
	if !v.Ask {
		switch d.State {
		case application.NotIncluded, "":
			v.WhyNot = "纳入本周期考核后，可以在“填报信息”里填写。"
		case application.Included, application.Draft, application.Returned:
			v.WhyNot = "现在可以直接在“填报信息”里修改。"
		case application.AwaitingInstitution, application.AwaitingAssessor:
			v.WhyNot = "信息正在审核，审核通过后才能申请修改。"
		case application.Sitting, application.AwaitingResult, application.AwaitingResit, application.Unqualified, application.Absent:
			v.WhyNot = "现在的状态是“" + d.State.Text() + "”，结果合格后可以申请修改。"
		}
	}
	c := d.Correction
	if c == nil {
		return v
	}
	switch c.State {
	case application.CorrectionAsked:
		v.Banner = &bannerView{theme.Wait, "修改申请待审核", c.At.Text() + " 提交，由" + orElse(e.Institution.Name, "医疗卫生机构") + "审核。申请理由：" + c.Reason}
		v.Changes = application.Differences(e.Cycle, c.Form, d.Form)
		v.WhyNot = "上一次修改申请还在审核，请等待结果。"
	case application.CorrectionGranted:
		v.Banner = &bannerView{theme.Good, "修改申请已通过", answerText(c.Answer) + "，下面是修改后的信息。"}
	case application.CorrectionRefused:
		reason := ""
		if c.Answer != nil {
			reason = c.Answer.Reason
		}
		v.Banner = &bannerView{theme.Bad, "修改申请未通过", answerText(c.Answer) + "，理由：" + trimStop(orElse(reason, "未写明")) + "。信息没有改动，可以再次申请。"}
	}
	return v
}

// answerText says who answered and when.
func answerText(ev *application.Event) string {
	if ev == nil {
		return "机构已答复"
	}
	return ev.At.Text() + " 由" + actorText(ev.By) + "答复"
}
