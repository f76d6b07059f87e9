package terminal

import (
	"fmt"
	"reflect"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/theme"
)

// enrolMode is which of its faces the page 填报信息 shows.
type enrolMode string

const (
	modeNotIncluded enrolMode = "not-included" // nothing to fill in yet
	modeEdit        enrolMode = "edit"         // the six steps
	modeUnsent      enrolMode = "unsent"       // submitted here, no receipt yet
	modeSent        enrolMode = "sent"         // waiting for the institution, or in review
	modePassed      enrolMode = "passed"       // approved: read-only, corrections elsewhere
	modeConflict    enrolMode = "conflict"     // two terminals wrote
)

// enrolView is what the page 填报信息 shows around the steps.
type enrolView struct {
	Mode     enrolMode
	Headline string
	Sentence string
	Tone     theme.Tone
	Time     string // of the submission
	Withdraw bool   // 撤回 is offered
	Banners  []bannerView
	Sections []application.Section // read-only faces
}

// bannerView is one strip above a page.
type bannerView struct {
	Tone        theme.Tone
	Title, Body string
}

// enrolOf is the page for an enrolment. Entered says that the doctor came in
// without the registry.
func enrolOf(e application.Enrolment, conflict *application.Conflict, line exam.Line, entered bool, today exam.Date) enrolView {
	d := e.Dossier
	v := enrolView{Time: d.Submitted.Text()}
	if d.Form != (application.Form{}) {
		v.Sections = application.Describe(e.Doctor, e.Institution.Name, e.Cycle, d.Form)
	}
	if conflict != nil {
		v.Mode, v.Tone = modeConflict, theme.Warn
		v.Headline = "这些内容在另一台电脑上也改过"
		v.Sentence = "两边的内容都还在，什么也没有丢。请逐步选择要保留哪一份，选完后继续填报。"
		return v
	}
	switch d.State {
	case application.NotIncluded, "":
		v.Mode, v.Tone = modeNotIncluded, theme.Neutral
		v.Headline = "您还没有被纳入本周期考核"
		v.Sentence = "纳入后就可以在这里填报信息。如需报名，请联系" + orElse(e.Institution.Name, "所在医疗卫生机构") + "为您确认。"
	case application.Included, application.Draft, application.Returned:
		v.Mode = modeEdit
		if d.State == application.Returned {
			reason, by, at := returnedWords(d)
			v.Banners = append(v.Banners, bannerView{theme.Warn, "已退回，请修改后重新提交", fmt.Sprintf("退回理由：%s（%s，%s）", reason, by, at)})
		}
		open := e.Cycle.Fill.Contains(today) || d.State == application.Returned && e.Cycle.Review.Contains(today)
		if e.Cycle.ID != "" && !open {
			v.Banners = append(v.Banners, bannerView{theme.Info, "现在不在填报时间内", "填报时间是" + e.Cycle.Fill.Text() + "。可以继续填写和保存，提交请联系所在机构。"})
		}
	case application.AwaitingInstitution, application.AwaitingAssessor:
		v.Mode, v.Tone = modeSent, theme.Good
		v.Headline = "个人报名信息提交成功，请耐心等待机构审核。"
		v.Withdraw = d.Allows(application.ActWithdrawn, exam.RoleDoctor)
		switch {
		case d.State == application.AwaitingAssessor:
			v.Headline = "机构审核已通过，请耐心等待考核机构复核。"
			v.Sentence = "由" + orElse(e.Assessor.Name, "考核机构") + "复核。复核期间信息不能修改。"
		case d.TakenUp:
			v.Sentence = orElse(e.Institution.Name, "机构") + "正在审核，信息不能修改；需要修改时请联系机构退回。"
		default:
			v.Sentence = "由" + orElse(e.Institution.Name, "机构") + "审核。开始审核前可以撤回修改。"
		}
		if d.State == application.AwaitingInstitution && line.Pending > 0 && !d.TakenUp {
			v.Mode, v.Tone, v.Withdraw = modeUnsent, theme.Warn, false
			v.Headline = "已在本机保存，联网后自动送出"
			when := "联网后会自动送出"
			switch {
			case entered:
				v.Headline = "已在本机保存，联网并重新登录后送出"
				when = "联网后请重新登录，登录后会自动送出"
			case line.Online:
				v.Headline, v.Tone = "已在本机保存，正在送出", theme.Info
				when = "正在自动送出"
			}
			v.Sentence = fmt.Sprintf("您的提交和填写的内容都已保存在这台电脑上，还有%d项没有送达。%s，无需再次提交；送达前请勿在别的电脑上重复填报。", line.Pending, when)
		}
	case application.AwaitingExam:
		v.Mode, v.Tone = modePassed, theme.Info
		v.Headline = "审核已通过，请参加业务水平测评"
		v.Sentence = "填报信息已经审核通过。如发现有误，请到“个人信息”里申请修改。"
	case application.Sitting, application.AwaitingResult, application.AwaitingResit, application.Unqualified, application.Absent:
		v.Mode, v.Tone = modePassed, theme.Info
		v.Headline = "审核已通过，现在的状态是“" + d.State.Text() + "”"
		v.Sentence = "填报信息已经审核通过，测评和评定期间不能修改。结果请看“考核结果”。"
	default:
		v.Mode, v.Tone = modePassed, theme.Good
		v.Headline = "审核已通过，本周期考核合格"
		v.Sentence = "填报信息已经审核通过。如发现有误，请到“个人信息”里申请修改。"
	}
	return v
}

// stepMark is how a step stands in the stepper.
type stepMark int

const (
	markEmpty   stepMark = iota // nothing in it
	markPartial                 // something, with gaps
	markWhole                   // nothing missing
)

// marksOf says of each of the six steps how it stands.
func marksOf(f application.Form, cycle exam.Cycle, today exam.Date) map[application.Step]stepMark {
	gaps := map[application.Step]int{}
	for _, g := range f.Missing(cycle, today) {
		gaps[g.Step]++
	}
	out := map[application.Step]stepMark{}
	all := true
	for _, s := range application.Steps {
		if s == application.StepConfirm {
			continue
		}
		switch {
		case !f.Has(s):
			out[s] = markEmpty
		case gaps[s] > 0:
			out[s] = markPartial
		default:
			out[s] = markWhole
		}
		all = all && out[s] == markWhole
	}
	if all {
		out[application.StepConfirm] = markWhole
	}
	return out
}

// gapsOf groups what is missing by step, in the steps' order.
func gapsOf(f application.Form, cycle exam.Cycle, today exam.Date) []gapGroup {
	var out []gapGroup
	for _, g := range f.Missing(cycle, today) {
		if n := len(out); n == 0 || out[n-1].Step != g.Step {
			out = append(out, gapGroup{Step: g.Step})
		}
		last := &out[len(out)-1]
		last.Gaps = append(last.Gaps, g)
	}
	return out
}

// gapGroup is what one step still lacks.
type gapGroup struct {
	Step application.Step
	Gaps []application.Gap
}

// Text joins the sentences: 请选择性别；请填写电子邮箱.
func (g gapGroup) Text() string {
	s := ""
	for i, gap := range g.Gaps {
		if i > 0 {
			s += "；"
		}
		s += gap.Sentence
	}
	return s
}

// firstStep is where editing begins: the first step that was never saved or lacks
// something, or ⑥.
func firstStep(f application.Form, cycle exam.Cycle, today exam.Date) application.Step {
	marks := marksOf(f, cycle, today)
	for _, s := range application.Steps {
		if s != application.StepConfirm && marks[s] != markWhole {
			return s
		}
	}
	return application.StepConfirm
}

// stepNumber is the position of a step, from 0.
func stepNumber(s application.Step) int {
	for i, t := range application.Steps {
		if s == t {
			return i
		}
	}
	return 0
}

// whole is the form with a struct for every step, so that pages can write into it.
// What the roster knows beforehand stands in the steps that were never saved.
func whole(f application.Form, doctor exam.Doctor) application.Form {
	b, p, h, m, c := application.Basic{}, application.Practice{}, application.History{}, application.Merit{}, application.Choice{}
	b.Sex, b.Birth, b.Mobile = doctor.Identity.Sex(), doctor.Identity.Birth(), doctor.Mobile
	p.LicenceNo, p.QualificationNo = doctor.LicenceNo, doctor.QualificationNo
	if f.Basic != nil {
		b = *f.Basic
	}
	if f.Practice != nil {
		p = *f.Practice
		p.Scopes = append([]exam.Term(nil), p.Scopes...)
	}
	if f.History != nil {
		h = *f.History
		h.Filings = append([]application.Filing(nil), h.Filings...)
		h.Schooling = append([]application.Schooling(nil), h.Schooling...)
		h.Career = append([]application.Career(nil), h.Career...)
	}
	if f.Merit != nil {
		m = *f.Merit
		m.Situations = append([]int(nil), m.Situations...)
	}
	if f.Choice != nil {
		c = *f.Choice
		c.Proofs = append([]exam.Blob(nil), c.Proofs...)
	}
	return application.Form{Basic: &b, Practice: &p, History: &h, Merit: &m, Choice: &c}
}

// copied is a deep copy of one step, so that what goes to the disk never changes
// under the writer's hands.
func copied(f application.Form, s application.Step) application.Form {
	return whole(f, exam.Doctor{}).Only(s)
}

// sameStep says whether two forms hold the same in a step. A step that was never
// saved equals nothing but another such one.
func sameStep(a, b application.Form, s application.Step) bool {
	return reflect.DeepEqual(copiedOrNil(a, s), copiedOrNil(b, s))
}

func copiedOrNil(f application.Form, s application.Step) application.Form {
	if !f.Has(s) {
		return application.Form{}
	}
	return copied(f, s)
}
