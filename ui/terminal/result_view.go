package terminal

import (
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

// resultOf is the result page of an enrolment.
func resultOf(e application.Enrolment) resultView {
	v := resultView{Current: currentNotice(e.Notices)}
	d := e.Dossier
	for _, n := range e.Notices {
		nv := noticeView{Notice: n, Number: n.Number, Issued: n.IssuedAt.Text(), By: n.IssuedBy, State: "有效", Tone: theme.Good}
		if n.RevokedAt != 0 {
			nv.State, nv.Tone = "已撤销", theme.Bad
			nv.Reason = n.RevokedAt.Text() + " 撤销：" + orElse(n.RevokedReason, "未写明理由")
		}
		v.Notices = append(v.Notices, nv)
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
	return v
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
