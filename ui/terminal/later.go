package terminal

import (
	"fmt"

	"fyne.io/fyne/v2"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/theme"
)

// laterView is what a page says that is not open to this doctor now (参加测评).
type laterView struct {
	Title    string
	Headline string
	Sentence string
	Tone     theme.Tone
	Facts    []pair
	Rules    []string
}

// laterOf says where the doctor stands with the exam, and what comes next.
func laterOf(e application.Enrolment, today exam.Date) laterView {
	d := e.Dossier
	simple := d.Form.Choice != nil && d.Form.Choice.Procedure == application.Simple
	v := laterView{Title: "参加测评", Tone: theme.Neutral}
	note, tone := windowNote(e.Cycle.Assess, today)
	if e.Cycle.ID != "" {
		v.Facts = []pair{
			{Label: "测评时间", Value: e.Cycle.Assess.Text(), Note: note, Tone: tone},
			{Label: "测评时长", Value: fmt.Sprintf("%d分钟，从进入测评时开始计时", e.Cycle.Minutes)},
			{Label: "题目数量", Value: fmt.Sprintf("%d道", e.Cycle.Questions)},
			{Label: "合格标准", Value: fmt.Sprintf("答对%d道", e.Cycle.PassMark)},
		}
	}
	v.Rules = []string{
		"流程：进入测评，答题，提交试卷",
		"请准备摄像头，测评时保持本人正面面对屏幕，不要佩戴口罩、墨镜等遮挡物",
		"测评期间不可中途退出，到时自动交卷",
	}
	switch {
	case d.State == application.AwaitingExam && e.Cycle.Assess.Contains(today):
		v.Tone = theme.Info
		v.Headline, v.Sentence = "您已具备参加测评的资格", "请按考核机构通知的时间和考场，在考试机上签到；监考员开始后进入测评。"
	case d.State == application.AwaitingExam:
		v.Tone = theme.Info
		v.Headline, v.Sentence = "您已具备参加测评的资格", "测评时间是"+e.Cycle.Assess.Text()+"，届时在这里进入测评。"
	case d.State == application.Sitting:
		v.Tone = theme.Info
		v.Headline, v.Sentence = "测评正在进行", "请在办理签到的考试机上继续答题；有问题请举手告诉监考员。"
	case d.State == application.AwaitingResult:
		v.Tone = theme.Wait
		v.Headline, v.Sentence = "已交卷，等待评定", "由"+orElse(e.Assessor.Name, "考核机构")+"评定，评定后可在“考核结果”里查看。"
	case d.State == application.AwaitingResit:
		v.Tone = theme.Info
		v.Headline, v.Sentence = "您可以参加补考", "补考的时间和地点由"+orElse(e.Assessor.Name, "考核机构")+"通知。"
	case d.State == application.Unqualified, d.State == application.Absent:
		v.Tone = theme.Warn
		v.Headline, v.Sentence = "本次测评的结果是“"+d.State.Text()+"”", "请按考核机构的安排参加培训，准予补考后在这里参加补考。"
	case d.Exempted():
		v.Tone = theme.Good
		v.Headline, v.Sentence = "您已获准免考，不需要参加测评", "本周期考核合格，请到“考核结果”里查看结果。"
	case d.State == application.Qualified && !simple:
		v.Tone = theme.Good
		v.Headline, v.Sentence = "您已完成测评，本周期考核合格", "请到“考核结果”里查看结果。"
	case d.State == application.Qualified && simple:
		v.Tone = theme.Good
		v.Headline, v.Sentence = "您适用简易程序，不需要参加测评", "审核和复核都已通过，请到“考核结果”里查看结果。"
	case simple:
		v.Headline, v.Sentence = "您选择了简易程序", "审核和复核通过后考核结束，不需要参加测评。"
	case d.State == application.NotIncluded || d.State == "":
		v.Headline, v.Sentence = "您还没有被纳入本周期考核", "纳入、填报并通过审核后，适用一般程序的医师在这里参加测评。"
	default:
		v.Headline, v.Sentence = "还不能参加测评", "现在的状态是“"+d.State.Text()+"”。审核和复核通过后，适用一般程序的医师在这里参加测评。"
	}
	return v
}

func drawLater(v laterView) *fyne.Container {
	head := part.Beside(bigMark(v.Tone), part.Rows(
		part.Space(4),
		part.NewText(v.Headline).Styled(theme.SizeHeading, theme.ColorInkStrong, true),
		part.NewText(v.Sentence).Styled(theme.SizeBody, theme.ColorInkMuted, false),
	), theme.Space)
	rows := part.Groups(part.NewTitle(v.Title), part.NewCard("", head))
	rules := part.Rows()
	for _, r := range v.Rules {
		rules.Add(part.Lead(part.NewGlyph("check", theme.ColorAccent, 16), part.NewText(r)))
	}
	title := "须知"
	if len(v.Facts) == 0 {
		rows.Add(part.NewCard("测评"+title, rules))
		return rows
	}
	rows.Add(part.Columns(2, 420, part.NewCard("本周期安排", pairRows(v.Facts)), part.NewCard("测评"+title, rules)))
	return rows
}
