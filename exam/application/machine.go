package application

import (
	"fmt"
	"sort"

	"dingkao/exam"
	"dingkao/exam/paper"
)

// State is where a dossier stands. Its comment says how one enters, how one
// leaves, and who acts next.
type State string

const (
	// NotIncluded 未纳入: on the roster only. Leaves by included. The institution acts.
	NotIncluded State = "not-included"
	// Included 已纳入: in the cycle, nothing saved yet. Leaves by saved. The doctor acts.
	Included State = "included"
	// Draft 草稿: something saved, or a submission withdrawn. Leaves by submitted. The doctor acts.
	Draft State = "draft"
	// AwaitingInstitution 待机构审核: submitted. Leaves by approved, returned, withdrawn
	// (until taken up). The institution acts.
	AwaitingInstitution State = "awaiting-institution"
	// Returned 退回: sent back with a reason by either reviewer. Leaves by submitted. The doctor acts.
	Returned State = "returned"
	// AwaitingAssessor 待考核机构复核: approved by the institution. Leaves by approved,
	// returned. The assessor acts.
	AwaitingAssessor State = "awaiting-assessor"
	// AwaitingExam 待测评: both approved, general procedure. Leaves by exam-begun, absent,
	// exemption-granted. The doctor sits the exam, or asks for exemption.
	AwaitingExam State = "awaiting-exam"
	// Sitting 测评中: a sitting was opened. Leaves by scored, voided. The doctor answers;
	// the registry scores what was handed in.
	Sitting State = "sitting"
	// AwaitingResult 待评定: scored. Leaves by confirmed, voided. The assessor acts.
	AwaitingResult State = "awaiting-result"
	// Qualified 合格: by the simple procedure, a confirmed score or an exemption. The
	// authority issues; a correction may be asked.
	Qualified State = "qualified"
	// Unqualified 不合格: a score below the pass mark was confirmed. Leaves by resit-admitted,
	// appeal-granted. The assessor acts, once the training is done; the doctor may appeal.
	Unqualified State = "unqualified"
	// Absent 缺考: did not come. Leaves as Unqualified does.
	Absent State = "absent"
	// AwaitingResit 待补考: admitted once more. Leaves by exam-begun, absent. The doctor sits the exam.
	AwaitingResit State = "awaiting-resit"
)

// States are all states in the order of the doctor's way.
var States = []State{NotIncluded, Included, Draft, AwaitingInstitution, Returned, AwaitingAssessor, AwaitingExam, Sitting, AwaitingResult,
	Qualified, Unqualified, Absent, AwaitingResit}

// Text is the state in Chinese.
func (s State) Text() string {
	switch s {
	case NotIncluded:
		return "未纳入"
	case Included:
		return "已纳入"
	case Draft:
		return "草稿"
	case AwaitingInstitution:
		return "待机构审核"
	case Returned:
		return "已退回"
	case AwaitingAssessor:
		return "待考核机构复核"
	case AwaitingExam:
		return "待测评"
	case Sitting:
		return "测评中"
	case AwaitingResult:
		return "待评定"
	case Qualified:
		return "合格"
	case Unqualified:
		return "不合格"
	case Absent:
		return "缺考"
	case AwaitingResit:
		return "待补考"
	}
	return string(s)
}

// Act is what an entry says happened. The first group is written by the
// doctor's terminal to application/<id>, the second by the registry to review/<id>.
type Act string

const (
	ActSaved           Act = "saved"            // one or more steps saved
	ActSubmitted       Act = "submitted"        // 提交信息
	ActWithdrawn       Act = "withdrawn"        // the submission taken back
	ActCorrectionAsked Act = "correction-asked" // 申请修改
	ActExemptionAsked  Act = "exemption-asked"  // 免考申请, with proofs
	ActAppealAsked     Act = "appeal-asked"     // 复核申请, within AppealDays

	ActIncluded          Act = "included"           // 纳入考核周期
	ActTakenUp           Act = "taken-up"           // a reviewer opened the case: no withdrawing any more
	ActApproved          Act = "approved"           // 审核通过
	ActReturned          Act = "returned"           // 退回, with a reason
	ActCorrectionGranted Act = "correction-granted" // 同意修改
	ActCorrectionRefused Act = "correction-refused" // 不同意修改, with a reason
	ActExemptionGranted  Act = "exemption-granted"  // 同意免考
	ActExemptionRefused  Act = "exemption-refused"  // 不同意免考, with a reason
	ActExamBegun         Act = "exam-begun"         // 进入测评: a sitting was opened
	ActScored            Act = "scored"             // 交卷评分: the registry's own
	ActVoided            Act = "voided"             // 本次测评作废, with a reason: it does not count as an attempt
	ActConfirmed         Act = "confirmed"          // 评定: the score is made the result
	ActAbsent            Act = "absent"             // 标记缺考, with a reason
	ActResitAdmitted     Act = "resit-admitted"     // 准予补考, with the training noted
	ActAppealGranted     Act = "appeal-granted"     // 复核后改正: the result is decided anew
	ActAppealRefused     Act = "appeal-refused"     // 复核后维持, with a reason
)

// AppealDays is how long after a result a doctor may appeal
// (《医师定期考核管理办法》第二十三条: 30 days).
const AppealDays = 30

// byRegistry says whether the registry writes the act by rule, without a person.
func (a Act) byRegistry() bool { return a == ActExamBegun || a == ActScored }

// Text is the act as the history shows it.
func (a Act) Text() string {
	switch a {
	case ActSaved:
		return "保存填报信息"
	case ActSubmitted:
		return "提交信息"
	case ActWithdrawn:
		return "撤回提交"
	case ActCorrectionAsked:
		return "申请修改信息"
	case ActIncluded:
		return "纳入本周期考核"
	case ActTakenUp:
		return "开始审核"
	case ActApproved:
		return "审核通过"
	case ActReturned:
		return "退回修改"
	case ActCorrectionGranted:
		return "同意修改"
	case ActCorrectionRefused:
		return "不同意修改"
	case ActExemptionAsked:
		return "申请免考"
	case ActExemptionGranted:
		return "同意免考"
	case ActExemptionRefused:
		return "不同意免考"
	case ActExamBegun:
		return "进入测评"
	case ActScored:
		return "交卷评分"
	case ActVoided:
		return "本次测评作废"
	case ActConfirmed:
		return "评定结果"
	case ActAbsent:
		return "标记缺考"
	case ActResitAdmitted:
		return "准予补考"
	case ActAppealAsked:
		return "申请复核"
	case ActAppealGranted:
		return "复核后改正"
	case ActAppealRefused:
		return "复核后维持"
	}
	return string(a)
}

// ByDoctor says whether the act belongs to the doctor's stream.
func (a Act) ByDoctor() bool {
	switch a {
	case ActSaved, ActSubmitted, ActWithdrawn, ActCorrectionAsked, ActExemptionAsked, ActAppealAsked:
		return true
	}
	return false
}

// Actor is who did something, as the history names them.
type Actor struct {
	Account exam.AccountID `json:"account"`
	Name    string         `json:"name"`
	Role    exam.Role      `json:"role"`
	Office  string         `json:"office,omitempty"` // the name of the institution, assessor or authority
}

// Entry is one entry of either stream, decoded: what Fold reads. Seq counts
// from 1 within its stream. Body fields that an act does not use stay zero.
type Entry struct {
	Seq uint64       // in its own stream
	At  exam.Instant // registry time for decisions; for the doctor's entries the terminal's estimate of it
	Act Act
	Body
}

// Body is what an entry says beside its act; it is the wire's body too.
type Body struct {
	// Form: the saved steps (saved), or the whole corrected form (correction-asked).
	Form *Form `json:"form,omitempty"`
	// Reason: of a correction or of a reviewer; at most MostReason characters.
	Reason string `json:"reason,omitempty"`
	// On, of a decision: the seq of the head of the doctor's stream that the
	// reviewer had before them. 0 for included.
	On uint64 `json:"on,omitempty"`
	// By, of a decision: who.
	By *Actor `json:"by,omitempty"`
	// Cycle, of included.
	Cycle exam.CycleID `json:"cycle,omitempty"`
	// Sitting, of exam-begun, scored and voided: which one.
	Sitting exam.SittingID `json:"sitting,omitempty"`
	// Score, of scored.
	Score *Score `json:"score,omitempty"`
	// Proofs, of exemption-asked: at most MostProofs pictures.
	Proofs []exam.Blob `json:"proofs,omitempty"`
}

// Blobs are the hashes of all pictures that the body names.
func (b Body) Blobs() []exam.BlobHash {
	var hs []exam.BlobHash
	if b.Form != nil {
		hs = b.Form.Blobs()
	}
	for _, p := range b.Proofs {
		hs = append(hs, p.Hash)
	}
	return hs
}

// Score is what a sitting came to, as the registry computed it from the sealed
// journal and the key. Points decide; Right is for people.
type Score struct {
	Right     int          `json:"right"`     // questions answered right
	Questions int          `json:"questions"` // in the paper
	Points    paper.Points `json:"points"`
	Most      paper.Points `json:"most"`     // what could be had
	PassMark  paper.Points `json:"passMark"` // what is needed
	Digest    string       `json:"digest"`   // SHA-256 of the scoring sheet, hexadecimal: what a recomputation must meet
}

// Passed says whether the pass mark was reached.
func (s Score) Passed() bool { return s.Points >= s.PassMark }

// Attempt is one sitting as the dossier keeps it, oldest first.
type Attempt struct {
	Sitting   exam.SittingID `json:"sitting"`
	Resit     bool           `json:"resit,omitempty"`
	Begun     exam.Instant   `json:"begun"`
	Scored    exam.Instant   `json:"scored,omitempty"`
	Score     *Score         `json:"score,omitempty"`
	Voided    bool           `json:"voided,omitempty"`
	Confirmed exam.Instant   `json:"confirmed,omitempty"`
}

// RequestState says how a request of the doctor stands.
type RequestState string

const (
	RequestAsked   RequestState = "asked"
	RequestGranted RequestState = "granted"
	RequestRefused RequestState = "refused"
	// RequestLapsed: an exemption that was not answered when the doctor sat the exam.
	RequestLapsed RequestState = "lapsed"
)

// Request is the latest request for exemption (免考申请), or the latest appeal (复核申请).
type Request struct {
	State  RequestState `json:"state"`
	At     exam.Instant `json:"at"`
	Reason string       `json:"reason"`
	Proofs []exam.Blob  `json:"proofs,omitempty"`
	Answer *Event       `json:"answer,omitempty"`
}

// Asked says whether the request waits for its answer; nil does not.
func (r *Request) Asked() bool { return r != nil && r.State == RequestAsked }

// Event is one line of the history, oldest first.
type Event struct {
	At     exam.Instant `json:"at"`
	Act    Act          `json:"act"`
	By     *Actor       `json:"by,omitempty"` // nil: the doctor
	Reason string       `json:"reason,omitempty"`
	Steps  []Step       `json:"steps,omitempty"` // of saved
}

// CorrectionState says how a request for correction stands.
type CorrectionState string

const (
	CorrectionAsked   CorrectionState = "asked"
	CorrectionGranted CorrectionState = "granted"
	CorrectionRefused CorrectionState = "refused"
)

// Correction is the latest request for correction (个人信息修改申请).
type Correction struct {
	State  CorrectionState `json:"state"`
	At     exam.Instant    `json:"at"`
	Form   Form            `json:"form"` // as the doctor wants it
	Reason string          `json:"reason"`
	Answer *Event          `json:"answer,omitempty"`
}

// Dossier is one doctor's dossier as both ends derive it. It is a value: Apply
// returns a new one and changes nothing that the old one holds.
type Dossier struct {
	State       State        `json:"state"`
	Cycle       exam.CycleID `json:"cycle"`
	Form        Form         `json:"form"`                  // as last saved or corrected
	Submitted   exam.Instant `json:"submitted,omitempty"`   // of the submission in force
	TakenUp     bool         `json:"takenUp,omitempty"`     // by the reviewer whose turn it is
	ReturnedFor *Event       `json:"returnedFor,omitempty"` // in state Returned: by whom and why
	Correction  *Correction  `json:"correction,omitempty"`
	Attempts    []Attempt    `json:"attempts,omitempty"` // sittings, oldest first
	Exemption   *Request     `json:"exemption,omitempty"`
	Appeal      *Request     `json:"appeal,omitempty"`
	Concluded   exam.Instant `json:"concluded,omitempty"` // when the second review was passed, or the result decided
	History     []Event      `json:"history"`
	OwnSeq      uint64       `json:"ownSeq"`    // head of application/<id>
	ReviewSeq   uint64       `json:"reviewSeq"` // head of review/<id>
}

// New is the dossier before anything happened.
func New() Dossier { return Dossier{State: NotIncluded} }

// rule is one line of the machine's table: in state From, act Act by role Role
// leads to To.
type rule struct {
	From State
	Act  Act
	Role exam.Role
	To   State // "" where guard decides
}

// registry stands in the table for what the registry does by rule, without a person.
const registry exam.Role = ""

// table is the whole machine. What is not in it is refused.
var table = []rule{
	{NotIncluded, ActIncluded, exam.RoleInstitution, Included},
	{NotIncluded, ActIncluded, exam.RoleAdministrator, Included},

	{Included, ActSaved, exam.RoleDoctor, Draft},
	{Draft, ActSaved, exam.RoleDoctor, Draft},
	{Draft, ActSubmitted, exam.RoleDoctor, AwaitingInstitution},
	{Returned, ActSaved, exam.RoleDoctor, Returned},
	{Returned, ActSubmitted, exam.RoleDoctor, AwaitingInstitution},

	{AwaitingInstitution, ActWithdrawn, exam.RoleDoctor, Draft}, // until taken up
	{AwaitingInstitution, ActTakenUp, exam.RoleInstitution, AwaitingInstitution},
	{AwaitingInstitution, ActApproved, exam.RoleInstitution, AwaitingAssessor},
	{AwaitingInstitution, ActReturned, exam.RoleInstitution, Returned},

	{AwaitingAssessor, ActTakenUp, exam.RoleAssessor, AwaitingAssessor},
	{AwaitingAssessor, ActApproved, exam.RoleAssessor, ""}, // Qualified or AwaitingExam, by the procedure
	{AwaitingAssessor, ActReturned, exam.RoleAssessor, Returned},

	{AwaitingExam, ActCorrectionAsked, exam.RoleDoctor, AwaitingExam},
	{AwaitingExam, ActCorrectionGranted, exam.RoleInstitution, AwaitingExam},
	{AwaitingExam, ActCorrectionRefused, exam.RoleInstitution, AwaitingExam},
	{AwaitingExam, ActExemptionAsked, exam.RoleDoctor, AwaitingExam},
	{AwaitingExam, ActExemptionGranted, exam.RoleAssessor, Qualified},
	{AwaitingExam, ActExemptionRefused, exam.RoleAssessor, AwaitingExam},
	{AwaitingExam, ActExamBegun, registry, Sitting},
	{AwaitingExam, ActAbsent, exam.RoleAssessor, Absent},
	{AwaitingExam, ActAbsent, exam.RoleProctor, Absent},

	{Sitting, ActScored, registry, AwaitingResult},
	{Sitting, ActVoided, exam.RoleAssessor, ""}, // AwaitingExam or AwaitingResit, as before it

	{AwaitingResult, ActConfirmed, exam.RoleAssessor, ""}, // Qualified or Unqualified, by the score
	{AwaitingResult, ActVoided, exam.RoleAssessor, ""},
	{AwaitingResult, ActScored, registry, AwaitingResult}, // anew, where the key was mended

	{Unqualified, ActResitAdmitted, exam.RoleAssessor, AwaitingResit},
	{Unqualified, ActAppealAsked, exam.RoleDoctor, Unqualified},
	{Unqualified, ActAppealGranted, exam.RoleAuthority, AwaitingResult},
	{Unqualified, ActAppealRefused, exam.RoleAuthority, Unqualified},

	{Absent, ActResitAdmitted, exam.RoleAssessor, AwaitingResit},
	{Absent, ActAppealAsked, exam.RoleDoctor, Absent},
	{Absent, ActAppealGranted, exam.RoleAuthority, AwaitingResit},
	{Absent, ActAppealRefused, exam.RoleAuthority, Absent},

	{AwaitingResit, ActExamBegun, registry, Sitting},
	{AwaitingResit, ActAbsent, exam.RoleAssessor, Absent},
	{AwaitingResit, ActAbsent, exam.RoleProctor, Absent},

	{Qualified, ActCorrectionAsked, exam.RoleDoctor, Qualified},
	{Qualified, ActCorrectionGranted, exam.RoleInstitution, Qualified},
	{Qualified, ActCorrectionRefused, exam.RoleInstitution, Qualified},
}

// Allows says whether the table has the act in this state for this role, before
// any look at the entry itself: what a screen offers.
func (d Dossier) Allows(act Act, role exam.Role) bool {
	if (act == ActWithdrawn || act == ActTakenUp) && d.TakenUp {
		return false
	}
	asked := d.Correction != nil && d.Correction.State == CorrectionAsked
	switch act {
	case ActCorrectionAsked:
		if asked {
			return false
		}
	case ActCorrectionGranted, ActCorrectionRefused:
		if !asked {
			return false
		}
	case ActExemptionAsked:
		if d.Exemption.Asked() {
			return false
		}
	case ActExemptionGranted, ActExemptionRefused:
		if !d.Exemption.Asked() {
			return false
		}
	case ActAppealAsked:
		if d.appealed() {
			return false
		}
	case ActAppealGranted, ActAppealRefused:
		if !d.Appeal.Asked() {
			return false
		}
	case ActResitAdmitted:
		if d.Appeal.Asked() {
			return false // the appeal is answered first
		}
	case ActAbsent:
		if d.Exemption.Asked() {
			return false // and so is the exemption
		}
	}
	for _, r := range table {
		if r.From == d.State && r.Act == act && r.Role == role {
			return true
		}
	}
	return false
}

// appealed says whether this result was appealed against before: one appeal stands
// against one result. The order of the entries tells, not their times: those of
// the doctor's are a terminal's estimate.
func (d Dossier) appealed() bool {
	for i := len(d.History) - 1; i >= 0; i-- {
		switch d.History[i].Act {
		case ActAppealAsked:
			return true
		case ActConfirmed, ActAbsent:
			return false
		}
	}
	return false
}

// Apply is the dossier after e. The error is Refused where the machine does not
// allow it, Conflict where e was written upon another state of affairs, and
// Invalid where e itself is malformed; the dossier is then as it was.
//
// Completeness and windows are not looked at here: they hang on the day and the
// cycle, are judged once, by Admit, when the registry takes the entry in, and
// are never judged again, so an old dossier folds the same for ever.
func (d Dossier) Apply(e Entry) (Dossier, error) {
	role := exam.RoleDoctor
	if e.Act.ByDoctor() {
		if e.Seq != d.OwnSeq+1 {
			return d, exam.Errorf(exam.Conflict, "填报信息已在别处更新，请先读取最新内容")
		}
	} else {
		if e.Seq != d.ReviewSeq+1 || e.On != d.OwnSeq {
			return d, exam.Errorf(exam.Conflict, "医师的信息刚刚有变化，请重新打开后再审核")
		}
		if e.Act.byRegistry() {
			role = registry
			if e.By != nil {
				return d, exam.Errorf(exam.Invalid, "登记处按规则所作的记录不能由个人作出")
			}
		} else {
			if e.By == nil || e.By.Account == "" {
				return d, exam.Errorf(exam.Invalid, "决定没有写明由谁作出")
			}
			role = e.By.Role
		}
	}
	if !d.Allows(e.Act, role) {
		return d, d.refusal(e.Act)
	}
	if err := e.check(); err != nil {
		return d, err
	}
	if e.Act == ActScored || e.Act == ActVoided {
		if a := d.Attempt(); a == nil || a.Sitting != e.Sitting {
			return d, exam.Errorf(exam.Invalid, "这不是该医师现在的那次测评")
		}
	}
	next := d
	next.History = append(d.History[:len(d.History):len(d.History)], Event{At: e.At, Act: e.Act, By: e.By, Reason: e.Reason})
	event := &next.History[len(next.History)-1]
	if e.Act.ByDoctor() {
		next.OwnSeq = e.Seq
	} else {
		next.ReviewSeq = e.Seq
	}
	for _, r := range table {
		if r.From == d.State && r.Act == e.Act && r.Role == role {
			next.State = r.To
		}
	}
	switch e.Act {
	case ActIncluded:
		next.Cycle = e.Cycle
	case ActSaved:
		next.Form = d.Form.With(*e.Form)
		for _, s := range Steps {
			if e.Form.Has(s) {
				event.Steps = append(event.Steps, s)
			}
		}
	case ActSubmitted:
		next.Submitted, next.TakenUp, next.ReturnedFor = e.At, false, nil
	case ActWithdrawn:
		next.Submitted = 0
	case ActTakenUp:
		next.TakenUp = true
	case ActApproved:
		next.TakenUp = false  // the next reviewer has not opened it yet
		if next.State == "" { // the second review
			next.Concluded = e.At
			next.State = AwaitingExam
			if d.Form.Choice != nil && d.Form.Choice.Procedure == Simple {
				next.State = Qualified
			}
		}
	case ActReturned:
		next.TakenUp, next.Submitted = false, 0
		ev := *event
		next.ReturnedFor = &ev
	case ActCorrectionAsked:
		next.Correction = &Correction{State: CorrectionAsked, At: e.At, Form: *e.Form, Reason: e.Reason}
	case ActCorrectionGranted, ActCorrectionRefused:
		c := *d.Correction
		ev := *event
		c.Answer, c.State = &ev, CorrectionRefused
		if e.Act == ActCorrectionGranted {
			c.State = CorrectionGranted
			next.Form = d.Form.With(c.Form)
		}
		next.Correction = &c
	case ActExemptionAsked:
		next.Exemption = &Request{State: RequestAsked, At: e.At, Reason: e.Reason, Proofs: e.Proofs}
	case ActExemptionGranted, ActExemptionRefused:
		next.Exemption = d.Exemption.answered(e.Act == ActExemptionGranted, *event)
		if e.Act == ActExemptionGranted {
			next.Concluded = e.At
		}
	case ActAppealAsked:
		next.Appeal = &Request{State: RequestAsked, At: e.At, Reason: e.Reason}
	case ActAppealGranted, ActAppealRefused:
		next.Appeal = d.Appeal.answered(e.Act == ActAppealGranted, *event)
	case ActExamBegun:
		next.Attempts = append(d.Attempts[:len(d.Attempts):len(d.Attempts)], Attempt{Sitting: e.Sitting, Resit: d.State == AwaitingResit, Begun: e.At})
		if d.Exemption.Asked() {
			lapsed := *d.Exemption
			lapsed.State = RequestLapsed
			next.Exemption = &lapsed
		}
	case ActScored, ActVoided, ActConfirmed:
		next.Attempts = append([]Attempt(nil), d.Attempts...)
		a := &next.Attempts[len(next.Attempts)-1]
		switch e.Act {
		case ActScored:
			score := *e.Score
			a.Scored, a.Score = e.At, &score
		case ActVoided:
			a.Voided = true
			next.State = AwaitingExam
			if a.Resit {
				next.State = AwaitingResit
			}
		case ActConfirmed:
			a.Confirmed, next.Concluded = e.At, e.At
			next.State = Unqualified
			if a.Score.Passed() {
				next.State = Qualified
			}
		}
	case ActAbsent:
		next.Concluded = e.At
	}
	return next, nil
}

// answered is the request with its answer.
func (r *Request) answered(granted bool, by Event) *Request {
	next := *r
	next.State, next.Answer = RequestRefused, &by
	if granted {
		next.State = RequestGranted
	}
	return &next
}

// Attempt is the sitting that counts now: the last that was not voided; nil where
// there is none.
func (d Dossier) Attempt() *Attempt {
	for i := len(d.Attempts) - 1; i >= 0; i-- {
		if !d.Attempts[i].Voided {
			return &d.Attempts[i]
		}
	}
	return nil
}

// check looks at the entry alone: what its act needs and its bounds.
func (e Entry) check() error {
	switch e.Act {
	case ActSaved:
		if e.Form == nil || (*e.Form == Form{}) {
			return exam.Errorf(exam.Invalid, "没有要保存的内容")
		}
	case ActCorrectionAsked:
		if e.Form == nil || (*e.Form == Form{}) {
			return exam.Errorf(exam.Invalid, "没有要修改的内容")
		}
		if e.Form.Choice != nil {
			return exam.Errorf(exam.Invalid, "考核程序在审核通过后不能再修改")
		}
		fallthrough
	case ActReturned, ActCorrectionRefused, ActExemptionAsked, ActExemptionRefused, ActVoided, ActAbsent, ActResitAdmitted,
		ActAppealAsked, ActAppealGranted, ActAppealRefused:
		if len([]rune(e.Reason)) == 0 {
			return &exam.Error{Kind: exam.Invalid, Field: "reason", Sentence: "请写明理由"}
		}
	case ActIncluded:
		if e.Cycle == "" {
			return exam.Errorf(exam.Invalid, "没有写明考核周期")
		}
	case ActScored:
		if s := e.Score; s == nil || s.Questions < 1 || s.Right < 0 || s.Right > s.Questions || s.Points < 0 || s.Points > s.Most || s.PassMark < 0 {
			return exam.Errorf(exam.Invalid, "评分的内容不完整")
		}
	}
	switch e.Act {
	case ActExamBegun, ActScored, ActVoided:
		if e.Sitting == "" {
			return exam.Errorf(exam.Invalid, "没有写明是哪一次测评")
		}
	case ActExemptionAsked:
		if len(e.Proofs) == 0 || len(e.Proofs) > MostProofs {
			return &exam.Error{Kind: exam.Invalid, Field: "proofs", Sentence: fmt.Sprintf("请上传1至%d张证明材料", MostProofs)}
		}
	}
	if len([]rune(e.Reason)) > MostReason || !exam.Printable(e.Reason) {
		return &exam.Error{Kind: exam.Invalid, Field: "reason", Sentence: fmt.Sprintf("理由最多%d个字", MostReason)}
	}
	return nil
}

// refusal says, in the doctor's or the reviewer's words, why act is not possible now.
func (d Dossier) refusal(act Act) error {
	say := func(s string) error { return &exam.Error{Kind: exam.Refused, Sentence: s} }
	switch act {
	case ActWithdrawn:
		if d.State == AwaitingInstitution && d.TakenUp {
			return say("机构已经开始审核，不能再撤回；需要修改时请联系机构退回")
		}
		return say("现在没有可以撤回的提交")
	case ActSaved, ActSubmitted:
		switch d.State {
		case NotIncluded:
			return say("您还没有被主要执业机构纳入本周期考核，请联系所在机构")
		case AwaitingInstitution, AwaitingAssessor:
			return say("信息正在审核，暂时不能修改；需要修改时请先撤回或联系机构退回")
		case Included:
			return say("还没有保存过填报信息，不能提交")
		}
		return say("审核已经通过，修改信息请到“个人信息”里申请")
	case ActIncluded:
		return say("该医师已纳入本周期考核")
	case ActCorrectionAsked:
		if d.Correction != nil && d.Correction.State == CorrectionAsked {
			return say("上一次修改申请还在审核，请等待结果")
		}
		return say("报名完成后才能申请修改；现在可以直接在“填报信息”里修改")
	case ActCorrectionGranted, ActCorrectionRefused:
		return say("没有等待审核的修改申请")
	case ActExemptionAsked:
		if d.Exemption.Asked() {
			return say("上一次免考申请还在审核，请等待结果")
		}
		return say("审核通过、等待测评时才能申请免考")
	case ActExemptionGranted, ActExemptionRefused:
		return say("没有等待审核的免考申请")
	case ActAppealAsked:
		if d.Appeal != nil && (d.State == Unqualified || d.State == Absent) {
			return say("对这次结果已经申请过复核，请看“考核结果”里的答复")
		}
		return say("结果为不合格或缺考时才能申请复核")
	case ActAppealGranted, ActAppealRefused:
		return say("没有等待答复的复核申请")
	case ActResitAdmitted:
		if d.Appeal.Asked() {
			return say("医师的复核申请还没有答复，答复后再安排补考")
		}
	case ActAbsent:
		if d.Exemption.Asked() {
			return say("医师的免考申请还没有答复，答复后再标记缺考")
		}
	}
	return say(fmt.Sprintf("该信息现在是“%s”，不能“%s”", d.State.Text(), act.Text()))
}

// Admit judges an entry of the doctor against the day and the cycle, when it
// is made and when the registry takes it in: whether what is submitted is
// complete, and whether the window for filling in is open (a returned dossier
// may be mended while reviews go on). The error is Refused or Invalid.
func (d Dossier) Admit(e Entry, cycle exam.Cycle, today exam.Date) error {
	if e.Form != nil {
		if err := e.Form.Check(today); err != nil {
			return err
		}
	}
	if e.Act == ActAppealAsked {
		if last := d.AppealUntil(); last != "" && today > last {
			return exam.Errorf(exam.Refused, "申请复核的期限是结果评定后%d日内，已于%s截止", AppealDays, last.Text())
		}
		return nil
	}
	for _, p := range e.Proofs {
		if e.Act != ActExemptionAsked || p.Hash == "" || !p.Hash.Valid() || p.Size < 0 || p.Width < 0 || p.Height < 0 || len([]rune(p.Name)) > 255 || !exam.Printable(p.Name) {
			return &exam.Error{Kind: exam.Invalid, Field: "proofs", Sentence: "有一张证明材料没有保存好，请删去后重新上传"}
		}
	}
	if e.Act != ActSubmitted && e.Act != ActCorrectionAsked {
		return nil
	}
	form := d.Form
	if e.Act == ActCorrectionAsked {
		form = form.With(*e.Form)
	}
	if gs := form.Missing(cycle, today); len(gs) > 0 {
		return &exam.Error{Kind: exam.Refused, Field: gs[0].Field,
			Sentence: fmt.Sprintf("“%s”还不能提交：%s", gs[0].Step.Text(), gs[0].Sentence)}
	}
	open := cycle.Fill.Contains(today) || d.State == Returned && cycle.Review.Contains(today)
	if e.Act == ActSubmitted && !open {
		return exam.Errorf(exam.Refused, "填报时间是%s，现在不能提交；填写的内容都已保存，请联系所在机构", cycle.Fill.Text())
	}
	return nil
}

// AdmitDecision judges a decision against the day and the cycle, when it is made:
// nobody is absent from an exam whose window is still open. The error is Refused.
func (d Dossier) AdmitDecision(act Act, cycle exam.Cycle, today exam.Date) error {
	if act == ActAbsent && d.State == AwaitingExam && cycle.Assess.To != "" && today <= cycle.Assess.To {
		return exam.Errorf(exam.Refused, "测评时间是%s，结束后才能标记缺考", cycle.Assess.Text())
	}
	return nil
}

// AppealUntil is the last day on which this result may be appealed against; ""
// where there is nothing to appeal against.
func (d Dossier) AppealUntil() exam.Date {
	if d.Concluded == 0 || d.State != Unqualified && d.State != Absent {
		return ""
	}
	return d.Concluded.Date().AddDays(AppealDays)
}

// Fold is the dossier after all entries of both streams, each in its own order.
// A decision stands right behind the entry of the doctor that it names. The
// error names the entry that cannot stand; what was folded before it is returned.
func Fold(own, review []Entry) (Dossier, error) {
	all := append(append([]Entry(nil), own...), review...)
	place := func(e Entry) (uint64, int) {
		if e.Act.ByDoctor() {
			return e.Seq, 0
		}
		return e.On, 1
	}
	sort.SliceStable(all, func(i, j int) bool {
		a, as := place(all[i])
		b, bs := place(all[j])
		if a != b {
			return a < b
		}
		if as != bs {
			return as < bs
		}
		return all[i].Seq < all[j].Seq
	})
	d := New()
	for _, e := range all {
		next, err := d.Apply(e)
		if err != nil {
			return d, fmt.Errorf("%s %d: %w", e.Act, e.Seq, err)
		}
		d = next
	}
	return d, nil
}
