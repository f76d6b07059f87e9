package terminal

import (
	"fmt"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/theme"
)

// resultView is what the page 考核结果 shows.
type resultView struct {
	Known    bool // there is a result
	Headline string
	Sentence string
	Tone     theme.Tone
	Facts    []pair
	Notices  []noticeView // newest first
	Current  *exam.Notice // in force
	Attempts [][]string   // sittings, oldest first, under attemptHeads
	Scores   bool         // whether the cycle shows them
	Appeal   *requestView // nil where there is nothing to appeal against
	Events   []eventView  // of the exam and what followed, newest first
}

// eventView is one line of the history.
type eventView struct {
	When, Who, What, Text string
	Tone                  theme.Tone
}

// attemptHeads stand above the sittings.
func attemptHeads(scores bool) []string {
	if scores {
		return []string{"测评", "进入时间", "成绩", "结果"}
	}
	return []string{"测评", "进入时间", "结果"}
}

// noticeView is one result notice in the list.
type noticeView struct {
	Notice exam.Notice
	Number string
	Issued string
	By     string
	State  string
	Tone   theme.Tone
	Reason string // of the revocation, with its time
}

// resultOf is the result page of an enrolment on the day today.
func resultOf(e application.Enrolment, today exam.Date) resultView {
	d := e.Dossier
	v := resultView{Current: currentNotice(e.Notices), Scores: e.Cycle.ShowScore}
	for i, a := range d.Attempts {
		line := []string{a.Text(), a.Begun.Text()}
		if v.Scores {
			line = append(line, scoreText(d, i))
		}
		v.Attempts = append(v.Attempts, append(line, d.Outcome(i)))
	}
	v.Appeal = appealOf(e, today)
	v.Events = eventsOf(d)
	for _, n := range e.Notices {
		nv := noticeView{Notice: n, Number: n.Number, Issued: n.IssuedAt.Text(), By: n.IssuedBy, State: "有效", Tone: theme.Good}
		if n.RevokedAt != 0 {
			nv.State, nv.Tone = "已撤销", theme.Bad
			nv.Reason = n.RevokedAt.Text() + " 撤销：" + orElse(n.RevokedReason, "未写明理由")
		}
		v.Notices = append(v.Notices, nv)
	}
	if known := underWay(&v, e); known {
		return v
	}
	if d.State != application.Qualified {
		v.Headline = "还没有考核结果"
		v.Tone = theme.Neutral
		switch d.State {
		case application.AwaitingExam:
			v.Sentence = "您适用一般程序，参加业务水平测评并由考核机构评定后，结果会显示在这里。"
		case application.NotIncluded, "":
			v.Sentence = "您还没有被纳入本周期考核。考核结束后，结果会显示在这里。"
		default:
			v.Sentence = "现在的状态是“" + d.State.Text() + "”。审核和复核通过后，结果会显示在这里。"
		}
		return v
	}
	v.Known = true
	v.Tone, v.Headline = theme.Good, "合格"
	switch {
	case v.Current != nil:
		v.Sentence = "考核结果通知书已签发。加盖发证机关公章后生效。"
	case len(e.Notices) > 0:
		v.Tone = theme.Warn
		v.Sentence = "考核结果通知书已被撤销，不再有效。如有疑问，请联系" + orElse(e.Authority.Name, "卫生健康行政部门") + "。"
	default:
		v.Sentence = "考核结果通知书由" + orElse(e.Authority.Name, "卫生健康行政部门") + "签发，签发后在这里查看、保存和打印。"
	}
	procedure := application.Simple
	if d.Form.Choice != nil {
		procedure = d.Form.Choice.Procedure
	}
	v.Facts = []pair{
		{Label: "考核周期", Value: e.Cycle.Text()},
		{Label: "考核程序", Value: procedure.Text()},
		{Label: "考核机构", Value: e.Assessor.Name},
		{Label: "评定时间", Value: d.Concluded.Text()},
	}
	if d.Exempted() {
		v.Facts[1].Value += "（免考）"
	}
	v.score(d)
	return v
}

// score adds what the deciding sitting came to, where the cycle shows it.
func (v *resultView) score(d application.Dossier) {
	if a := d.Attempt(); v.Scores && a != nil && a.Confirmed != 0 && a.Score != nil && !d.Exempted() {
		v.Facts = append(v.Facts, pair{Label: a.Text() + "成绩", Value: a.Score.Text(), Wide: true})
	}
}

// scoreText is the score of a sitting once it is a result.
func scoreText(d application.Dossier, i int) string {
	if a := d.Attempts[i]; a.Score != nil && a.Confirmed != 0 && !a.Voided && d.Outcome(i) != application.AwaitingResult.Text() {
		return a.Score.Mark()
	}
	return "—"
}

// underWay is the page from the exam on until the doctor is qualified; false elsewhere.
func underWay(v *resultView, e application.Enrolment) bool {
	d := e.Dossier
	assessor := orElse(e.Assessor.Name, "考核机构")
	switch d.State {
	case application.Sitting:
		v.Tone, v.Sentence = theme.Info, "测评正在进行。交卷后由"+assessor+"评定结果。"
	case application.AwaitingResult:
		v.Tone, v.Sentence = theme.Wait, "已交卷。由"+assessor+"评定，评定后在这里查看结果。"
		if d.Appeal != nil && d.Appeal.State == application.RequestGranted {
			v.Sentence = "复核申请已通过，正在重新评定。由" + assessor + "评定，评定后在这里查看结果。"
		}
	case application.Unqualified:
		v.Tone, v.Sentence = theme.Bad, "请按"+assessor+"的安排参加培训，培训后准予补考。"
	case application.Absent:
		v.Tone, v.Sentence = theme.Bad, "没有参加测评。请按"+assessor+"的安排参加培训，培训后准予补考。"
	case application.AwaitingResit:
		v.Tone, v.Sentence = theme.Info, "可以参加补考，时间和地点由"+assessor+"通知。"
	default:
		return false
	}
	v.Known, v.Headline = true, d.State.Text()
	first, resit := d.Results()
	v.Facts = []pair{
		{Label: "考核周期", Value: e.Cycle.Text()},
		{Label: "考核机构", Value: e.Assessor.Name},
		{Label: "首次考核结果", Value: orElse(first, "无")},
		{Label: "补考结果", Value: orElse(resit, "无")},
	}
	if d.Concluded != 0 && (d.State == application.Unqualified || d.State == application.Absent) {
		v.Facts = append(v.Facts, pair{Label: "评定时间", Value: d.Concluded.Text()})
		if d.State == application.Unqualified {
			v.score(d)
		}
	}
	return true
}

// appealOf is what can be said of 复核申请; nil where there is nothing to appeal against
// and nothing was.
func appealOf(e application.Enrolment, today exam.Date) *requestView {
	d := e.Dossier
	until := d.AppealUntil()
	if until == "" && d.Appeal == nil {
		return nil
	}
	v := &requestView{}
	switch {
	case until == "" || !d.Allows(application.ActAppealAsked, exam.RoleDoctor):
	case today > until:
		v.Sentence = fmt.Sprintf("对结果有异议的，可以在评定后%d日内申请复核；期限已于%s截止。", application.AppealDays, until.Text())
	default:
		v.Offer = true
		v.Sentence = fmt.Sprintf("对结果有异议的，可以在评定后%d日内（%s前，含当日）向%s申请复核。同一结果只能申请一次。", application.AppealDays, until.Text(),
			orElse(e.Authority.Name, "卫生健康行政部门"))
	}
	if d.Appeal != nil {
		v.latest(d.Appeal, "已改正", "维持原结果")
	}
	return v
}

// eventsOf are the exam and what followed, newest first.
func eventsOf(d application.Dossier) []eventView {
	var list []eventView
	for i := len(d.History) - 1; i >= 0; i-- {
		ev := d.History[i]
		if !ev.Act.After() {
			continue
		}
		v := eventView{When: ev.At.Text(), Who: actorText(ev.By), What: ev.Act.Text(), Text: ev.Reason, Tone: theme.Info}
		switch ev.Act {
		case application.ActExemptionGranted, application.ActConfirmed, application.ActAppealGranted, application.ActResitAdmitted:
			v.Tone = theme.Good
		case application.ActExemptionRefused, application.ActVoided, application.ActAbsent, application.ActAppealRefused:
			v.Tone = theme.Warn
		case application.ActExemptionAsked, application.ActAppealAsked:
			v.Tone = theme.Wait
		case application.ActExamBegun, application.ActScored:
			if v.Who = "本人"; ev.Act == application.ActScored {
				v.Who = "登记处"
			}
		}
		if ev.Act == application.ActConfirmed {
			v.Tone = theme.Info // what it came to stands above
		}
		list = append(list, v)
	}
	return list
}

// pageFacts are the lines of the notice as the preview card shows them, with the
// English below each label as on the paper.
func pageFacts(e application.Enrolment, n exam.Notice) []pair {
	f := whole(e.Dossier.Form, e.Doctor)
	return []pair{
		{Label: "证书编码", Note: "Certificate No.", Value: n.Number},
		{Label: "姓名", Note: "Name", Value: e.Doctor.Name},
		{Label: "性别", Note: "Gender", Value: f.Basic.Sex.Text()},
		{Label: "有效证件", Note: "Identity Card No.", Value: e.Doctor.Identity.Masked()},
		{Label: "资格证书编码", Note: "Qualification Certificate No.", Value: f.Practice.QualificationNo},
		{Label: "执业证书编码", Note: "Practicing Certificate No.", Value: f.Practice.LicenceNo},
		{Label: "主要执业机构", Note: "Main Practicing Institution", Value: e.Institution.Name},
		{Label: "执业类别", Note: "Practicing Category", Value: f.Practice.Category.Name},
		{Label: "执业范围", Note: "Registered Specialty", Value: application.Names(f.Practice.Scopes)},
		{Label: "从事专业", Note: "Practicing Specialty", Value: f.Practice.Specialty},
		{Label: "考核周期", Note: "Period of Assessment", Value: e.Cycle.From.Text() + "至" + e.Cycle.To.Text()},
		{Label: "考核机构", Note: "Evaluated by", Value: e.Assessor.Name},
		{Label: "发证机关", Note: "Issued by", Value: n.IssuedBy},
		{Label: "发证日期", Note: "Issued on", Value: n.IssuedAt.Date().Text()},
	}
}

// noticeFile is the name under which a notice is saved.
func noticeFile(e application.Enrolment, n exam.Notice) string {
	return "考核结果通知书-" + orElse(e.Doctor.Name, "医师") + "-" + string(n.Serial) + ".pdf"
}
