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
	pageExemptions  pageID = "exemptions"  // 免考申请
	pageResults     pageID = "results"     // 待评定
	pageFailed      pageID = "failed"      // 不合格与缺考
	pageAbsent      pageID = "absent"      // 缺考登记
	pageAppeals     pageID = "appeals"     // 复核申请
	pageStatistics  pageID = "statistics"  // 试题分析
	pageProctor     pageID = "proctor"     // 监考
)

// verb is what can be done to a dossier from a list: the acts of the review, and
// what an authority does to notices.
type verb string

const (
	verbInclude   verb = verb(application.ActIncluded)
	verbApprove   verb = verb(application.ActApproved)
	verbReturn    verb = verb(application.ActReturned)
	verbGrant     verb = verb(application.ActCorrectionGranted)
	verbRefuse    verb = verb(application.ActCorrectionRefused)
	verbExempt    verb = verb(application.ActExemptionGranted)
	verbNoExempt  verb = verb(application.ActExemptionRefused)
	verbConfirm   verb = verb(application.ActConfirmed)
	verbVoid      verb = verb(application.ActVoided)
	verbAbsent    verb = verb(application.ActAbsent)
	verbResit     verb = verb(application.ActResitAdmitted)
	verbAppealYes verb = verb(application.ActAppealGranted)
	verbAppealNo  verb = verb(application.ActAppealRefused)
	verbIssue     verb = "issue"
	verbRevoke    verb = "revoke"
)

// acts are the verbs of the review, in the order of the bar.
var acts = []verb{verbInclude, verbApprove, verbReturn, verbGrant, verbRefuse, verbExempt, verbNoExempt, verbConfirm, verbVoid,
	verbResit, verbAbsent, verbAppealYes, verbAppealNo}

// words is all that is said of a verb.
type words struct {
	text    string // on a button
	confirm string // the button that carries it out, in the dialog
	done    string // what has happened, for the result sheet
	key     string // that decides it in a case: A or R; "" for none
	reason  string // what the reason is called; "" where none is needed
	noun    string // what is to be written there; "" is 理由
	ready   []string
	one     string // what must be known before it is done to one, with 〈name〉; "" for the plain sentence
	warning string // what must be known before, of one
	many    string // and of many; "" is the same
}

const sameReason = "同一个理由会发给每一位医师"

// wordsOf has all that can be done.
var wordsOf = map[verb]words{
	verbInclude: {text: "纳入考核", confirm: "确定纳入", done: "已纳入", key: "A", one: "把 〈name〉 纳入本周期考核。", warning: "纳入后，医师可以登录填报。"},
	verbApprove: {text: "审核通过", confirm: "确定通过", done: "已通过", key: "A", one: "〈name〉 的填报信息审核通过。", warning: "通过后不能在这里撤回。",
		many: "通过后不能在这里撤回。请确认已经核对过每个人的填报信息。"},
	verbReturn: {text: "退回修改", confirm: "确定退回", done: "已退回", key: "R", reason: "退回理由", ready: []string{
		"照片不符合要求，请上传近期正面免冠证件照。",
		"资格证书编码与证书不一致，请核对。",
		"执业证书编码与证书不一致，请核对。",
		"执业信息与注册信息不一致，请核对后修改。",
		"证明材料不清晰或不完整，请重新上传。",
		"个人述职报告过于简单，请补充。",
	}, many: sameReason + "，医师修改后可以再次提交。"},
	verbGrant: {text: "同意修改", confirm: "确定同意", done: "已同意", key: "A", one: "同意 〈name〉 的修改申请。", warning: "新的信息立即替换原信息。",
		many: "同意后，新的信息立即替换原信息。建议逐个打开对照后再决定。"},
	verbRefuse: {text: "不同意修改", confirm: "确定不同意", done: "已答复", key: "R", reason: "不同意的理由", ready: []string{
		"修改内容缺少依据，请补充证明后重新申请。",
		"修改内容与注册信息不一致，请核对。",
	}, many: sameReason + "，原信息保持不变。"},
	verbExempt: {text: "同意免考", confirm: "确定同意免考", done: "已同意免考", key: "A", one: "同意 〈name〉 免考。",
		warning: "同意后本周期考核为合格，不再参加测评，不能在这里撤回。", many: "同意后本周期考核为合格，不再参加测评，不能在这里撤回。请确认已经核对过每个人的证明材料。"},
	verbNoExempt: {text: "不同意免考", confirm: "确定不同意", done: "已答复", key: "R", reason: "不同意的理由", ready: []string{
		"证明材料的取得时间不在本考核周期内。",
		"证明材料不清晰或不完整，请补充后重新申请。",
		"所述情形不符合免考条件。",
	}, warning: "医师照常参加测评，也可以再次申请。", many: sameReason + "，医师照常参加测评，也可以再次申请。"},
	verbConfirm: {text: "评定结果", confirm: "确定评定", done: "已评定", key: "A", warning: "评定后医师可以看到结果，不能在这里撤回。",
		many: "按成绩和合格线评定。评定后医师可以看到结果，不能在这里撤回。"},
	verbVoid: {text: "作废本次测评", confirm: "确定作废", done: "已作废", reason: "作废理由", ready: []string{
		"考场停电，测评中断。",
		"考试机故障，作答无法继续。",
		"违反测评纪律，本次测评无效。",
	}, warning: "作废的测评不计次数，医师可以重新参加。", many: sameReason + "。作废的测评不计次数，医师可以重新参加。"},
	verbAbsent: {text: "标记缺考", confirm: "确定标记", done: "已标记缺考", reason: "标记缺考的理由", ready: []string{
		"测评期间未到考场，也没有请假。",
		"请假未获准，未参加测评。",
	}, warning: "医师可以在30日内申请复核。", many: sameReason + "。医师可以在30日内申请复核。"},
	verbResit: {text: "准予补考", confirm: "确定准予", done: "已准予补考", key: "A", reason: "培训情况", noun: "培训情况", ready: []string{
		"已参加省级业务培训并考核合格。",
		"已完成规定学时的专业培训。",
		"缺考原因已核实，同意补考。",
	}, many: "同一段培训情况会写入每一位医师的办理记录。"},
	verbAppealYes: {text: "复核后改正", confirm: "确定改正", done: "已改正", key: "A", reason: "改正的理由", ready: []string{
		"试题答案有误，更正后重新评定。",
		"缺考原因属实，准予补考。",
	}, warning: "不合格的退回考核机构重新评定，缺考的转为待补考。", many: sameReason + "。不合格的退回考核机构重新评定，缺考的转为待补考。"},
	verbAppealNo: {text: "维持原结果", confirm: "确定维持", done: "已维持原结果", key: "R", reason: "维持的理由", ready: []string{
		"经复核，试题和评分无误，维持原结果。",
		"所述理由没有依据，维持原结果。",
	}, warning: "原结果不变，医师不能再次申请。", many: sameReason + "，原结果不变，医师不能再次申请。"},
	verbIssue: {text: "签发通知书", confirm: "确定签发", done: "已签发", key: "A", one: "为 〈name〉 签发考核结果通知书。",
		warning: "签发后医师可立即查看。发错时只能撤销后重新签发。", many: "将逐一生成并签名考核结果通知书，医师可立即查看。发错时只能撤销后重新签发。"},
	verbRevoke: {text: "撤销", confirm: "确定撤销", done: "已撤销", reason: "撤销理由", ready: []string{
		"通知书信息有误，更正后重新签发。",
		"经核实不符合合格条件。",
		"应医师本人申请撤销。",
	}},
}

// text is the verb on a button.
func (v verb) text() string { return orElse(wordsOf[v].text, string(v)) }

// confirm is the button that carries it out, in the dialog.
func (v verb) confirm() string { return orElse(wordsOf[v].confirm, "确定") }

// reasonLabel is what the reason is called in the dialog.
func (v verb) reasonLabel() string { return wordsOf[v].reason }

// noun is what is written as the reason.
func (v verb) noun() string { return orElse(wordsOf[v].noun, "理由") }

// done is what has happened, for the result sheet.
func (v verb) done() string { return orElse(wordsOf[v].done, "已完成") }

// needsReason says whether the verb is nothing without a reason.
func (v verb) needsReason() bool { return wordsOf[v].reason != "" }

// reasons are sentences to start a reason with.
func (v verb) reasons() []string { return wordsOf[v].ready }

func orElse(s, instead string) string {
	if s == "" {
		return instead
	}
	return s
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
	exemptionPage = page{id: pageExemptions, title: "免考申请", glyph: "study", badge: true,
		hint: "医师凭证明材料申请免考。打开后可以对照证明材料；同意后本周期考核合格。", empty: "没有等待答复的免考申请",
		filter: application.Filter{Exemption: true}, verbs: []verb{verbExempt, verbNoExempt}}
	resultPage = page{id: pageResults, title: "待评定", glyph: "exam", badge: true,
		hint: "已交卷、等待评定的医师。核对成绩后评定，可以一次选多人；有问题的打开后可以作废。", empty: "没有等待评定的医师",
		filter: application.Filter{States: []application.State{application.AwaitingResult}}, verbs: []verb{verbConfirm}}
	failedPage = page{id: pageFailed, title: "不合格与缺考", glyph: "warn",
		hint: "结果为不合格或缺考的医师。完成培训后，写明培训情况，准予补考；申请了复核的先等答复。", empty: "没有不合格或缺考的医师",
		filter: application.Filter{States: []application.State{application.Unqualified, application.Absent}}, verbs: []verb{verbResit}}
	absentPage = page{id: pageAbsent, title: "缺考登记", glyph: "calendar", badge: true,
		hint: "测评时间已经结束、还没有参加测评的医师。写明理由后标记为缺考。", empty: "没有可以标记缺考的医师；测评时间结束后，没有参加的医师列在这里",
		filter: application.Filter{Overdue: true}, verbs: []verb{verbAbsent}}
	appealPage = page{id: pageAppeals, title: "复核申请", glyph: "flag", badge: true,
		hint: "医师对不合格或缺考的结果申请复核。改正的，不合格退回考核机构重新评定，缺考转为待补考。", empty: "没有等待答复的复核申请",
		filter: application.Filter{Appeal: true}, verbs: []verb{verbAppealYes, verbAppealNo}}
	issuePage = page{id: pageIssue, title: "待发证", glyph: "seal", badge: true,
		hint: "考核合格、还没有有效通知书的医师。可以一次选多人签发。", empty: "没有等待发证的医师",
		filter: application.Filter{States: []application.State{application.Qualified}, Issued: issuedNo}, verbs: []verb{verbIssue}}
	issuedPage = page{id: pageIssued, title: "已发证", glyph: "result",
		hint: "考核结果通知书有效的医师。可以查看、另存或撤销通知书。", empty: "还没有发出通知书",
		filter: application.Filter{Issued: issuedYes}}
	allPage = page{id: pageAll, title: "全部医师", glyph: "list", states: true,
		hint: "本账号范围内的全部医师，任何状态，最近提交的排在最前。", empty: "范围内还没有医师",
		filter: application.Filter{Sort: "-submitted"}}
	proctorPage  = page{id: pageProctor, title: "监考", glyph: "eye"}
	statisticsPg = page{id: pageStatistics, title: "试题分析", glyph: "list"}
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
		return []page{secondPage, exemptionPage, resultPage, failedPage, absentPage, all, proctorPage, statisticsPg}
	case exam.RoleAuthority:
		all.verbs = []verb{verbIssue}
		return []page{issuePage, appealPage, issuedPage, all, statisticsPg}
	case exam.RoleAdministrator:
		all.verbs = []verb{verbInclude}
		review, second := reviewPage, secondPage
		review.title, review.hint, review.verbs = "待机构审核", "等待机构审核的填报信息；由各机构审核，管理员只能查看。", nil
		second.title, second.hint, second.verbs = "待复核", "等待考核机构复核的填报信息；由考核机构复核，管理员只能查看。", nil
		corrections, issue, issued := correctionPage, issuePage, issuedPage
		corrections.verbs, corrections.hint = nil, "等待机构答复的修改申请；管理员只能查看。"
		issue.verbs, issue.hint = nil, "考核合格、还没有有效通知书的医师；由卫生健康行政部门发证，管理员只能查看。"
		issued.hint = "考核结果通知书有效的医师。可以查看或另存通知书。"
		return []page{all, includePage, review, second, corrections, issue, issued, proctorPage, statisticsPg}
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
	if r.Exemption {
		d.Exemption = &application.Request{State: application.RequestAsked}
	}
	if r.Appeal {
		d.Appeal = &application.Request{State: application.RequestAsked}
	}
	return d.Allows(application.Act(v), role)
}
