package terminal

import (
	"fmt"
	"strings"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/ui/theme"
)

// examStage is where a candidate stands on the way to the paper.
type examStage string

const (
	stageClosed    examStage = "closed"    // no exam for this doctor now: laterOf says why
	stageList      examStage = "list"      // it may be entered: check in first
	stageWaiting   examStage = "waiting"   // checked in; the proctor acts
	stageReady     examStage = "ready"     // started: 进入测评
	stageRunning   examStage = "running"   // the paper is open, or was before a crash
	stageElsewhere examStage = "elsewhere" // another terminal has it
	stageOver      examStage = "over"      // handed in, ended, absent
)

// stageOf is the stage of an enrolment at a place.
func stageOf(e application.Enrolment, p sitting.Place, today exam.Date) examStage {
	d := e.Dossier
	waits := d.State == application.AwaitingExam || d.State == application.AwaitingResit
	seated := p.Seat.Sitting != "" && p.Seat.Application == e.Application
	if ended := p.View.State == sitting.HandedIn || p.View.State == sitting.Terminated || p.View.State == sitting.Absent; seated && ended {
		known := false // the dossier has it already: what waits now is another one
		for _, a := range d.Attempts {
			known = known || a.Sitting == p.Seat.Sitting
		}
		switch {
		case d.State == application.Sitting, d.State == application.AwaitingResult, waits && !known && p.Sitting.Opened != 0:
			return stageOver
		}
		seated = false
	}
	switch {
	case seated && (p.Stopped != "" || !p.Mine && (p.Seat.Held != "" || p.View.State != sitting.Waiting)) && (waits || d.State == application.Sitting):
		return stageElsewhere
	case seated && p.Mine && waits && p.View.State == sitting.Waiting:
		return stageWaiting
	case seated && p.Mine && p.View.State == sitting.Ready:
		return stageReady
	case seated && p.Mine && (p.View.State == sitting.Running || p.View.State == sitting.Paused):
		return stageRunning
	case d.State == application.Sitting:
		return stageElsewhere
	case waits && e.Cycle.Assess.Contains(today):
		return stageList
	}
	return stageClosed
}

// goesOn says that a sitting of this terminal is under way and can be shown.
func goesOn(p sitting.Place) bool {
	return p.Mine && p.Open && p.Stopped == "" && (p.View.State == sitting.Running || p.View.State == sitting.Paused)
}

// examRow is the one line of the list.
type examRow struct {
	Name, Times, State string
	Tone               theme.Tone
}

func examRowOf(e application.Enrolment, p sitting.Place, stage examStage) examRow {
	d := e.Dossier
	begun, known := 0, false
	for _, a := range d.Attempts {
		known = known || a.Sitting == p.Seat.Sitting
		if !a.Voided {
			begun++
		}
	}
	if p.Sitting.Opened != 0 && !known && (stage == stageRunning || stage == stageOver) {
		begun++ // opened here, and the dossier does not say so yet
	}
	r := examRow{Name: "业务水平测评", Times: fmt.Sprintf("%d/%d次", min(begun, max(e.Cycle.Attempts, 1)), max(e.Cycle.Attempts, 1)), State: d.State.Text(), Tone: theme.Info}
	if d.State == application.AwaitingResit {
		r.Name, r.Times = "业务水平测评（补考）", "补考"
	}
	switch stage {
	case stageWaiting:
		r.State, r.Tone = "已签到，等候开始", theme.Wait
	case stageReady:
		r.State, r.Tone = "可以进入", theme.Good
	case stageRunning:
		r.State, r.Tone = "测评中", theme.Info
	case stageOver:
		r.State, r.Tone = "待评定", theme.Wait
	}
	return r
}

// examFacts are the cycle's rules for the sitting; the seat's own count where
// there is one.
func examFacts(e application.Enrolment, seat sitting.Seat) []pair {
	minutes, questions := e.Cycle.Minutes, e.Cycle.Questions
	if seat.Sitting != "" && seat.Minutes > 0 {
		minutes, questions = seat.Minutes, seat.Questions
	}
	return []pair{
		{Label: "测评时间", Value: e.Cycle.Assess.Text()},
		{Label: "测评时长", Value: fmt.Sprintf("%d分钟，从进入测评时开始计时", minutes)},
		{Label: "题目数量", Value: fmt.Sprintf("%d道", questions)},
		{Label: "合格标准", Value: fmt.Sprintf("答对%d道", e.Cycle.PassMark)},
	}
}

// examRules is 测评须知.
func examRules(minutes int) []string {
	return []string{
		fmt.Sprintf("测评共%d分钟，从进入测评时开始计时；到时自动交卷，最后一秒的作答也有效。", minutes),
		"每次作答都会先存到本机，再送到登记处；断网、断电、死机都不丢失，恢复后从同一题继续。",
		"中断期间的计时按规定处理：每次中断10分钟以内、累计20分钟以内不计入用时。",
		"请保持本人正面面对屏幕，不要佩戴口罩、墨镜等遮挡物；中途不要离开座位，不要切换到其他程序。离开测评窗口会被记录。",
		"有问题请举手。监考员可以发送提示、暂停、加时或更换考试机，屏幕上会写明原因。",
		"交卷后不能再修改，由考核机构评定后公布结果。",
	}
}

// checkView is one line of the check-in.
type checkView struct {
	Name, State, Detail string
	Tone                theme.Tone
}

func checkOf(c sitting.Check) checkView {
	v := checkView{Name: sitting.CheckText(c.Name), Detail: c.Detail}
	switch c.State {
	case "ok":
		v.State, v.Tone = "通过", theme.Good
	case "warn":
		v.State, v.Tone = "请注意", theme.Warn
	case "failed":
		v.State, v.Tone = "未通过", theme.Bad
	default:
		v.State, v.Tone = "人工核验", theme.Wait
	}
	return v
}

// barred says whether a check stands in the way of the check-in.
func barred(checks []sitting.Check) bool {
	for _, c := range checks {
		if c.State == "failed" {
			return true
		}
	}
	return false
}

// paperView is what stands on the paper at one moment.
type paperView struct {
	Number, Total int
	Question      paper.Question // with its options as this candidate sees them
	Chosen        paper.Answer   // as seen
	Marked        bool
	Kept          sitting.Kept
	Answered      int
	Left          string
	LeftTone      theme.Tone
	Banners       []bannerView
}

// bannerView of the paper are in order: what went wrong, the line, the proctor.
func paperOf(p sitting.Place, at int, dismissed uint64) paperView {
	qs := p.Sitting.Terms.Questions
	v := paperView{Number: at + 1, Total: len(qs), Answered: p.View.Answered, Left: p.View.Left.Text(), LeftTone: leftTone(p.View.Left)}
	if at >= 0 && at < len(qs) {
		if place := p.Order.Place(qs[at]); place >= 0 {
			v.Question = p.Order.Question(place)
			v.Chosen = p.Order.Seen(place, p.Sitting.Answer(qs[at]))
		}
		v.Marked, v.Kept = p.Sitting.Marked(qs[at]), p.Kept[qs[at]]
	}
	if p.Trouble != "" {
		v.Banners = append(v.Banners, bannerView{theme.Bad, "刚才的操作没有保存，请举手告诉监考员", p.Trouble})
	}
	if !p.Online {
		v.Banners = append(v.Banners, bannerView{theme.Warn, "网络中断，请继续作答", "作答都保存在本机，网络恢复后自动送出；不影响计时和成绩。"})
	}
	for _, o := range messagesOf(p.Sitting, dismissed) {
		v.Banners = append(v.Banners, orderBanner(o))
	}
	return v
}

// messagesOf are the proctor's orders that a candidate reads, behind what was
// dismissed, the newest two.
func messagesOf(s sitting.Sitting, dismissed uint64) []sitting.Order {
	var list []sitting.Order
	for _, o := range s.Orders {
		if o.Seq > dismissed && !o.Void && (o.Act == sitting.ActMessage || o.Act == sitting.ActExtra) {
			list = append(list, o)
		}
	}
	if len(list) > 2 {
		list = list[len(list)-2:]
	}
	return list
}

func orderBanner(o sitting.Order) bannerView {
	by := "监考员"
	if o.By != nil && o.By.Name != "" {
		by += o.By.Name
	}
	when := exam.China
	title := "监考提示"
	if o.Act == sitting.ActExtra {
		title = fmt.Sprintf("已加时%d分钟", o.Extra/sitting.Minute)
	}
	return bannerView{theme.Info, title + "：" + o.Text, by + "，" + o.At.Time().In(when).Format("15:04")}
}

// leftTone changes calmly at ten minutes and at one.
func leftTone(left sitting.Span) theme.Tone {
	switch {
	case left <= sitting.Minute:
		return theme.Bad
	case left <= 10*sitting.Minute:
		return theme.Warn
	}
	return theme.Info
}

// handInQuestion is asked before the hand-in.
func handInQuestion(v sitting.View) string {
	if v.Unanswered == 0 {
		return fmt.Sprintf("%d道题都已作答，现在是否交卷？交卷后不能再修改。", v.Total)
	}
	return fmt.Sprintf("您还剩%d题未做，现在是否交卷？交卷后不能再修改。", v.Unanswered)
}

// endView is what a sitting that ended says.
type endView struct {
	Tone               theme.Tone
	Headline, Sentence string
	Facts              []pair
	Sent               string // where the answers are
	SentTone           theme.Tone
}

// endOf is the page at the end of a sitting: handed in, terminated, stopped.
func endOf(p sitting.Place, assessor string) endView {
	s := p.Sitting
	v := endView{Tone: theme.Wait}
	switch {
	case p.View.State == sitting.HandedIn:
		v.Headline = "已交卷，待评定"
		v.Sentence = "由" + orElse(assessor, "考核机构") + "评定，评定后在“考核结果”里查看。"
		if s.Seal != nil && s.Seal.Auto {
			v.Headline = "测评时间已到，已自动交卷"
			v.Sentence = "到时前的作答都已计入，不需要再做什么。" + v.Sentence
		}
		v.SentTone, v.Sent = theme.Good, "登记处已收到全部作答"
		if !p.Delivered {
			v.SentTone, v.Sent = theme.Warn, fmt.Sprintf("答卷已封存在本机，还有%d条记录待送出；联网后自动送达，请不要关机，并告诉监考员", p.Waiting)
		}
	case p.View.State == sitting.Terminated:
		v.Tone, v.Headline = theme.Bad, "测评已由监考员终止"
		v.Sentence = "原因：" + trimStop(orElse(p.View.Reason, "未写明")) + "。已送达登记处的作答都已保留，请听从监考员安排。"
	case p.View.State == sitting.Absent:
		v.Tone, v.Headline = theme.Warn, "已标记为缺考"
		v.Sentence = "原因：" + trimStop(orElse(p.View.Reason, "未写明")) + "。如标记有误，请告诉监考员。"
	default:
		v.Tone, v.Headline = theme.Warn, "本机已停止作答"
		v.Sentence = trimStop(orElse(p.Stopped, "这次测评在另一台考试机上")) + "。"
	}
	if len(s.Terms.Questions) > 0 {
		v.Facts = append(v.Facts, pair{Label: "已作答", Value: fmt.Sprintf("%d / %d题", p.View.Answered, p.View.Total)})
		if s.Seal != nil {
			v.Facts = append(v.Facts, pair{Label: "用时", Value: spanText(s.Seal.Used)})
		}
	}
	return v
}

// spanText is a span in words: 52分08秒.
func spanText(s sitting.Span) string {
	t := s.Text()
	return strings.Replace(t, ":", "分", 1) + "秒"
}
