package terminal

import (
	"fmt"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/theme"
)

// pair is one label with its value, as panels show it.
type pair struct {
	Label, Value string
	Note         string // a chip behind the value: 进行中
	Tone         theme.Tone
	Wide         bool // wants a row of its own
}

// homeView is what the home page shows (首页).
type homeView struct {
	Schedule []pair // 考核安排
	Offices  []pair // 机构信息
	Flow     [5]flowNode
	Status   statusView
}

// progress is where a node of the flow stands.
type progress int

const (
	ahead   progress = iota // not reached yet
	current                 // here we are
	done                    // behind us
	halted                  // sent back here
	skipped                 // not needed on this way
)

// flowNode is one of the five nodes of 考核流程.
type flowNode struct {
	Title  string
	State  string // one short word below
	At     progress
	Button string // "" for none; only the current node has one
	Page   pageID // where the button leads
}

// statusView is the panel 我的状态.
type statusView struct {
	State    string
	Tone     theme.Tone
	Headline string // one sentence: where you are
	Next     string // one sentence: what comes next, and who acts
	Facts    []pair
	// Of a dossier that was sent back.
	Reason, ReturnedBy, ReturnedAt string
}

// windowNote says how a window stands on a day.
func windowNote(w exam.Window, today exam.Date) (string, theme.Tone) {
	switch {
	case w == exam.Window{}:
		return "", theme.Neutral
	case today < w.From:
		return "未开始", theme.Neutral
	case w.To != "" && today > w.To:
		return "已结束", theme.Neutral
	}
	if left := daysBetween(today, w.To); w.To != "" && left <= 14 {
		if left == 0 {
			return "今天截止", theme.Warn
		}
		return fmt.Sprintf("还剩%d天", left), theme.Warn
	}
	return "进行中", theme.Good
}

// daysBetween counts the days from a to b; 0 where one is malformed.
func daysBetween(a, b exam.Date) int {
	from, errA := time.Parse(time.DateOnly, string(a))
	to, errB := time.Parse(time.DateOnly, string(b))
	if errA != nil || errB != nil {
		return 0
	}
	return int(to.Sub(from).Hours() / 24)
}

// homeOf is the home page of an enrolment on the day today.
func homeOf(e application.Enrolment, today exam.Date) homeView {
	v := homeView{
		Offices: []pair{
			{Label: "卫生健康行政部门", Value: e.Authority.Name},
			{Label: "主要执业机构", Value: e.Institution.Name},
			{Label: "考核机构", Value: e.Assessor.Name},
		},
	}
	if e.Cycle.ID != "" {
		v.Schedule = append(v.Schedule, pair{Label: "当前考核周期", Value: e.Cycle.Text()})
		for _, w := range []struct {
			label string
			w     exam.Window
		}{
			{"机构确认名单", e.Cycle.Confirm}, {"医师填报信息", e.Cycle.Fill},
			{"机构审核复核", e.Cycle.Review}, {"业务水平测评", e.Cycle.Assess},
		} {
			note, tone := windowNote(w.w, today)
			v.Schedule = append(v.Schedule, pair{Label: w.label, Value: w.w.Text(), Note: note, Tone: tone})
		}
	}
	v.Flow = flowOf(e)
	v.Status = statusOf(e, today)
	return v
}

// flowOf says where each of the five nodes stands.
func flowOf(e application.Enrolment) (f [5]flowNode) {
	d := e.Dossier
	f = [5]flowNode{{Title: "填报信息"}, {Title: "机构审核"}, {Title: "考核机构复核"}, {Title: "参加测评"}, {Title: "查看考核结果"}}
	at := func(here int, state string) {
		for i := range f {
			switch {
			case i < here:
				f[i].At, f[i].State = done, "已完成"
			case i == here:
				f[i].At, f[i].State = current, state
			default:
				f[i].State = "未开始"
			}
		}
	}
	if d.Form.Choice != nil && d.Form.Choice.Procedure == application.Simple {
		defer func() { f[3].At, f[3].State = skipped, "无需参加" }()
	}
	switch d.State {
	case application.Included:
		at(0, "待填报")
		f[0].Button, f[0].Page = "去填报", pageEnrol
	case application.Draft:
		at(0, "填报中")
		f[0].Button, f[0].Page = "继续填报", pageEnrol
	case application.AwaitingInstitution:
		at(1, "待审核")
		if d.TakenUp {
			f[1].State = "审核中"
		}
		f[0].State = "已提交"
		f[1].Button, f[1].Page = "查看信息", pageEnrol
	case application.Returned:
		at(0, "待修改")
		f[0].Button, f[0].Page = "去修改", pageEnrol
		by := 1
		if d.ReturnedFor != nil && d.ReturnedFor.By != nil && d.ReturnedFor.By.Role == exam.RoleAssessor {
			by = 2
			f[1].State = "待重新审核"
		}
		f[by].At, f[by].State = halted, "已退回"
	case application.AwaitingAssessor:
		at(2, "待复核")
		if last := lastTakenUp(d); last == exam.RoleAssessor {
			f[2].State = "复核中"
		}
		f[1].State = "已通过"
		f[2].Button, f[2].Page = "查看信息", pageEnrol
	case application.AwaitingExam:
		at(3, "待测评")
		f[1].State, f[2].State = "已通过", "已通过"
		f[3].Button, f[3].Page = "去测评", pageExam
	case application.Sitting, application.AwaitingResit:
		at(3, d.State.Text())
		f[1].State, f[2].State = "已通过", "已通过"
		f[3].Button, f[3].Page = "去测评", pageExam
	case application.AwaitingResult, application.Unqualified, application.Absent:
		at(4, d.State.Text())
		f[1].State, f[2].State, f[3].State = "已通过", "已通过", "已交卷"
		if d.State == application.Absent {
			f[3].At, f[3].State = halted, "未参加"
		}
		f[4].Button, f[4].Page = "查看结果", pageResult
	case application.Qualified:
		at(4, "合格")
		f[1].State, f[2].State = "已通过", "已通过"
		if d.Exempted() {
			f[3].At, f[3].State = skipped, "已免考"
		}
		f[4].Button, f[4].Page = "查看结果", pageResult
	default:
		for i := range f {
			f[i].State = "未开始"
		}
		f[0].State = "待机构纳入"
	}
	return f
}

// lastTakenUp is the role of the reviewer who opened the case last, "" for none.
func lastTakenUp(d application.Dossier) exam.Role {
	for i := len(d.History) - 1; i >= 0; i-- {
		ev := d.History[i]
		if ev.Act == application.ActTakenUp && ev.By != nil {
			return ev.By.Role
		}
		if ev.Act != application.ActTakenUp {
			break
		}
	}
	return ""
}

// statusOf is the panel 我的状态.
func statusOf(e application.Enrolment, today exam.Date) statusView {
	d := e.Dossier
	s := statusView{State: d.State.Text(), Tone: theme.Neutral}
	procedure := application.Procedure("")
	if d.Form.Choice != nil {
		procedure = d.Form.Choice.Procedure
	}
	first, resit := d.Results()
	switch d.State {
	case application.Included:
		s.Tone, s.Headline = theme.Info, "您已被主要执业机构纳入本周期考核"
		s.Next = "请在" + e.Cycle.Fill.Text() + "内填报信息并提交，由机构审核。"
		if e.Cycle.Fill.To != "" && today > e.Cycle.Fill.To {
			s.Tone, s.Next = theme.Warn, "填报时间已于"+e.Cycle.Fill.To.Text()+"截止，可以继续填写和保存；提交请联系所在机构。"
		}
	case application.Draft:
		s.Tone, s.Headline = theme.Info, "填报信息已保存，还没有提交"
		s.Next = "填完六步后，在“确认信息”里提交。"
		if e.Cycle.Fill.To != "" && today > e.Cycle.Fill.To {
			s.Tone, s.Next = theme.Warn, "填报时间已于"+e.Cycle.Fill.To.Text()+"截止，可以继续填写和保存；提交请联系所在机构。"
		}
	case application.AwaitingInstitution:
		s.Tone, s.Headline = theme.Wait, "信息已提交，等待机构审核"
		s.Next = "由" + orElse(e.Institution.Name, "主要执业机构") + "审核；开始审核前可以撤回修改。"
		if d.TakenUp {
			s.Headline, s.Next = "机构正在审核", "审核期间不能修改；需要修改时请联系机构退回。"
		}
	case application.Returned:
		s.Tone, s.Headline = theme.Warn, "信息被退回，请修改后重新提交"
		s.Next = "按退回理由修改后，在“确认信息”里重新提交。"
		s.Reason, s.ReturnedBy, s.ReturnedAt = returnedWords(d)
	case application.AwaitingAssessor:
		s.Tone, s.Headline = theme.Wait, "机构审核已通过，等待考核机构复核"
		s.Next = "由" + orElse(e.Assessor.Name, "考核机构") + "复核，请耐心等待。"
	case application.AwaitingExam:
		s.Tone, s.Headline = theme.Info, "审核已通过，请参加业务水平测评"
		s.Next = "测评时间：" + e.Cycle.Assess.Text() + "。可以先在“在线学习”里练习。"
		if e.Cycle.Assess.To != "" && today > e.Cycle.Assess.To {
			s.Tone, s.Headline = theme.Warn, "测评时间已经结束，您还没有参加测评"
			s.Next = "测评时间是" + e.Cycle.Assess.Text() + "。请尽快联系" + orElse(e.Assessor.Name, "考核机构") + "。"
		}
		switch x := d.Exemption; {
		case x.Asked():
			s.Tone, s.Headline = theme.Wait, "免考申请已提交，等待考核机构答复"
			s.Next = "答复前仍可以参加测评。测评时间：" + e.Cycle.Assess.Text() + "。"
		case x != nil && x.State == application.RequestRefused:
			s.Next = "免考申请没有通过，答复在“参加测评”里。" + s.Next
		}
	case application.Sitting:
		s.Tone, s.Headline = theme.Info, "正在参加业务水平测评"
		s.Next = "请在考场完成答题并交卷；交卷后由" + orElse(e.Assessor.Name, "考核机构") + "评定结果。"
	case application.AwaitingResult:
		s.Tone, s.Headline = theme.Wait, "已交卷，等待评定结果"
		s.Next = "由" + orElse(e.Assessor.Name, "考核机构") + "评定，评定后可在“考核结果”里查看。"
		if d.Concluded != 0 && d.Appeal != nil && d.Appeal.State == application.RequestGranted {
			s.Headline = "复核申请已通过，正在重新评定结果"
		}
	case application.Unqualified, application.Absent:
		s.Tone, s.Headline = theme.Bad, "本次测评不合格"
		if d.State == application.Absent {
			s.Headline = "没有参加测评，结果为缺考"
		}
		s.Next = "请按考核机构的安排参加培训，培训后由考核机构准予补考。"
		switch {
		case d.Appeal.Asked():
			s.Next = "复核申请已提交，等待" + orElse(e.Authority.Name, "卫生健康行政部门") + "答复。"
		case d.Allows(application.ActAppealAsked, exam.RoleDoctor) && today <= d.AppealUntil():
			s.Next += "对结果有异议的，可在" + d.AppealUntil().Text() + "前在“考核结果”里申请复核。"
		}
	case application.AwaitingResit:
		s.Tone, s.Headline = theme.Info, "考核机构已准予补考"
		s.Next = "补考的时间和地点由" + orElse(e.Assessor.Name, "考核机构") + "通知。可以先在“在线学习”里练习。"
		if n := len(d.History); n > 0 && d.History[n-1].Act == application.ActAppealGranted {
			s.Headline = "复核申请已通过，可以补考"
		}
	case application.Qualified:
		s.Tone, s.Headline = theme.Good, "本周期考核合格"
		if d.Exempted() {
			s.Headline = "免考申请已通过，本周期考核合格"
		}
		switch n := currentNotice(e.Notices); {
		case n == nil && len(e.Notices) > 0:
			s.Tone, s.Next = theme.Warn, "考核结果通知书已被撤销，详情请看“考核结果”。"
		case n == nil:
			s.Next = "考核结果通知书由" + orElse(e.Authority.Name, "卫生健康行政部门") + "签发，签发后可在“考核结果”里查看。"
		default:
			s.Next = "考核结果通知书已签发，可在“考核结果”里查看、保存和打印。"
		}
	default:
		s.Headline = "您未被主要执业机构纳入本周期考核"
		s.Next = "未纳入的医师不能参加考核；如需报名，请联系" + orElse(e.Institution.Name, "所在医疗卫生机构") + "为您确认。"
	}
	s.Facts = []pair{
		{Label: "考核程序", Value: procedure.Text()},
		{Label: "首次考核结果", Value: orElse(first, "无")},
		{Label: "补考结果", Value: orElse(resit, "无")},
	}
	return s
}

// returnedWords are the reason, who sent it back, and when.
func returnedWords(d application.Dossier) (reason, by, at string) {
	r := d.ReturnedFor
	if r == nil {
		return "", "", ""
	}
	return r.Reason, actorText(r.By), r.At.Text()
}

// actorText names who decided: 长治市医院 王敏.
func actorText(a *application.Actor) string {
	switch {
	case a == nil:
		return "本人"
	case a.Office != "" && a.Name != "":
		return a.Office + " " + a.Name
	case a.Office != "":
		return a.Office
	}
	return orElse(a.Name, a.Role.Text())
}

// currentNotice is the notice in force, or nil.
func currentNotice(ns []exam.Notice) *exam.Notice {
	for i := range ns {
		if ns[i].RevokedAt == 0 {
			return &ns[i]
		}
	}
	return nil
}

// orElse is s, or what to say instead of nothing.
func orElse(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
}
