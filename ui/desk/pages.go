package desk

import (
	"dingkao/exam"
	"dingkao/exam/application"
)

// pageID names one page of the menu.
type pageID string

const (
	pageInclude     pageID = "include"     // 纳入考核
	pageReview      pageID = "review"      // 审核
	pageSecond      pageID = "second"      // 复核
	pageCorrections pageID = "corrections" // 修改申请
	pageIssue       pageID = "issue"       // 待发证
	pageIssued      pageID = "issued"      // 已发证
	pageAll         pageID = "all"         // 全部医师
	pageProctor     pageID = "proctor"     // 监考
)

// verb is what can be done to a dossier from a list: the acts of the review, and
// what an authority does to notices.
type verb string

const (
	verbInclude verb = verb(application.ActIncluded)
	verbApprove verb = verb(application.ActApproved)
	verbReturn  verb = verb(application.ActReturned)
	verbGrant   verb = verb(application.ActCorrectionGranted)
	verbRefuse  verb = verb(application.ActCorrectionRefused)
	verbIssue   verb = "issue"
	verbRevoke  verb = "revoke"
)

// text is the verb on a button.
func (v verb) text() string {
	switch v {
	case verbInclude:
		return "纳入考核"
	case verbApprove:
		return "审核通过"
	case verbReturn:
		return "退回修改"
	case verbGrant:
		return "同意修改"
	case verbRefuse:
		return "不同意修改"
	case verbIssue:
		return "签发通知书"
	case verbRevoke:
		return "撤销"
	}
	return string(v)
}

// confirm is the button that carries it out, in the dialog.
func (v verb) confirm() string {
	switch v {
	case verbInclude:
		return "确定纳入"
	case verbApprove:
		return "确定通过"
	case verbReturn:
		return "确定退回"
	case verbGrant:
		return "确定同意"
	case verbRefuse:
		return "确定不同意"
	case verbIssue:
		return "确定签发"
	case verbRevoke:
		return "确定撤销"
	}
	return "确定"
}

// reasonLabel is what the reason is called in the dialog.
func (v verb) reasonLabel() string {
	switch v {
	case verbReturn:
		return "退回理由"
	case verbRevoke:
		return "撤销理由"
	}
	return "不同意的理由"
}

// done is what has happened, for the result sheet.
func (v verb) done() string {
	switch v {
	case verbInclude:
		return "已纳入"
	case verbApprove:
		return "已通过"
	case verbReturn:
		return "已退回"
	case verbGrant:
		return "已同意"
	case verbRefuse:
		return "已答复"
	case verbIssue:
		return "已签发"
	case verbRevoke:
		return "已撤销"
	}
	return "已完成"
}

// needsReason says whether the verb is nothing without a reason.
func (v verb) needsReason() bool { return v == verbReturn || v == verbRefuse || v == verbRevoke }

// reasons are sentences to start a reason with.
func (v verb) reasons() []string {
	switch v {
	case verbReturn:
		return []string{
			"照片不符合要求，请上传近期正面免冠证件照。",
			"资格证书编码与证书不一致，请核对。",
			"执业证书编码与证书不一致，请核对。",
			"执业信息与注册信息不一致，请核对后修改。",
			"证明材料不清晰或不完整，请重新上传。",
			"个人述职报告过于简单，请补充。",
		}
	case verbRefuse:
		return []string{
			"修改内容缺少依据，请补充证明后重新申请。",
			"修改内容与注册信息不一致，请核对。",
		}
	case verbRevoke:
		return []string{
			"通知书信息有误，更正后重新签发。",
			"经核实不符合合格条件。",
			"应医师本人申请撤销。",
		}
	}
	return nil
}

// page is one entry of the menu and, for lists, what the list holds.
type page struct {
	id     pageID
	title  string
	glyph  string
	hint   string // one sentence under the title
	empty  string // when nothing is there
	filter application.Filter
	verbs  []verb // offered for many at once, where the rules allow them
	states bool   // whether the state may be filtered
	badge  bool   // whether its number is a number of things to do
}

// issued values of application.Filter.Issued.
const (
	issuedYes = "yes"
	issuedNo  = "no"
)

var (
	includePage = page{id: pageInclude, title: "纳入考核", glyph: "users", badge: true,
		hint: "这些医师在名册上，还没有纳入本周期。纳入后，医师才能填报。", empty: "名册上的医师都已纳入本周期考核",
		filter: application.Filter{States: []application.State{application.NotIncluded}, Sort: "name"}, verbs: []verb{verbInclude}}
	reviewPage = page{id: pageReview, title: "审核待办", glyph: "form", badge: true,
		hint: "医师已提交、等待本机构审核的填报信息，等得最久的排在最前。", empty: "没有等待审核的填报信息",
		filter: application.Filter{States: []application.State{application.AwaitingInstitution}}, verbs: []verb{verbApprove, verbReturn}}
	secondPage = page{id: pageSecond, title: "复核待办", glyph: "form", badge: true,
		hint: "机构已审核通过、等待考核机构复核的填报信息，等得最久的排在最前。", empty: "没有等待复核的填报信息",
		filter: application.Filter{States: []application.State{application.AwaitingAssessor}}, verbs: []verb{verbApprove, verbReturn}}
	correctionPage = page{id: pageCorrections, title: "修改申请", glyph: "edit", badge: true,
		hint: "医师在审核通过后申请修改信息。打开后可以逐项对照原信息与新信息。", empty: "没有等待答复的修改申请",
		filter: application.Filter{Correction: true}, verbs: []verb{verbGrant, verbRefuse}}
	issuePage = page{id: pageIssue, title: "待发证", glyph: "seal", badge: true,
		hint: "考核合格、还没有有效通知书的医师。可以一次选多人签发。", empty: "没有等待发证的医师",
		filter: application.Filter{States: []application.State{application.Qualified}, Issued: issuedNo}, verbs: []verb{verbIssue}}
	issuedPage = page{id: pageIssued, title: "已发证", glyph: "result",
		hint: "考核结果通知书有效的医师。可以查看、另存或撤销通知书。", empty: "还没有发出通知书",
		filter: application.Filter{Issued: issuedYes}}
	allPage = page{id: pageAll, title: "全部医师", glyph: "list", states: true,
		hint: "本账号范围内的全部医师，任何状态，最近提交的排在最前。", empty: "范围内还没有医师",
		filter: application.Filter{Sort: "-submitted"}}
	proctorPage = page{id: pageProctor, title: "监考", glyph: "eye"}
)

// pagesFor is the menu of a role; the first is where it begins.
func pagesFor(role exam.Role) []page {
	all := allPage
	switch role {
	case exam.RoleInstitution:
		all.verbs = []verb{verbInclude, verbApprove, verbReturn}
		return []page{reviewPage, includePage, correctionPage, all}
	case exam.RoleAssessor:
		all.verbs = []verb{verbApprove, verbReturn}
		return []page{secondPage, all}
	case exam.RoleAuthority:
		all.verbs = []verb{verbIssue}
		return []page{issuePage, issuedPage, all}
	case exam.RoleAdministrator:
		all.verbs = []verb{verbInclude}
		review, second := reviewPage, secondPage
		review.title, review.hint, review.verbs = "待机构审核", "等待机构审核的填报信息；由各机构审核，管理员只能查看。", nil
		second.title, second.hint, second.verbs = "待复核", "等待考核机构复核的填报信息；由考核机构复核，管理员只能查看。", nil
		corrections, issue, issued := correctionPage, issuePage, issuedPage
		corrections.verbs, corrections.hint = nil, "等待机构答复的修改申请；管理员只能查看。"
		issue.verbs, issue.hint = nil, "考核合格、还没有有效通知书的医师；由卫生健康行政部门发证，管理员只能查看。"
		issued.hint = "考核结果通知书有效的医师。可以查看或另存通知书。"
		return []page{all, includePage, review, second, corrections, issue, issued}
	case exam.RoleProctor:
		return []page{proctorPage}
	}
	return nil
}

// allowed says whether a role may do v to the dossier of a row, by the machine's
// own table. What it allows is offered; the registry decides.
func allowed(role exam.Role, v verb, r application.Row) bool {
	inForce := r.Notice != nil && r.Notice.RevokedAt == 0
	switch v {
	case verbIssue:
		return role == exam.RoleAuthority && r.State == application.Qualified && !inForce && !r.Correction
	case verbRevoke:
		return role == exam.RoleAuthority && inForce
	}
	d := application.Dossier{State: r.State}
	if r.Correction {
		d.Correction = &application.Correction{State: application.CorrectionAsked}
	}
	return d.Allows(application.Act(v), role)
}
