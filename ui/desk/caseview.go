package desk

import (
	"fmt"
	"strings"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/theme"
)

// remark is a sentence above a case.
type remark struct {
	tone theme.Tone
	text string
}

// fieldView is one label with its value. A flag is what a reviewer should look at
// twice; it accuses nobody.
type fieldView struct {
	key, label, value string
	long              bool
	flag              string
	pictures          []exam.Blob
}

// sectionView is one part of the dossier.
type sectionView struct {
	title  string
	fields []fieldView
	tables []application.Table
}

// eventView is one line of the history.
type eventView struct {
	at, title, who, detail string
	tone                   theme.Tone
}

// changeView is one field of a correction: old and new.
type changeView struct {
	label, old, new string
	// Pictures are compared as pictures.
	oldPicture, newPicture exam.BlobHash
}

// correctionView is a request for correction as a reviewer compares it.
type correctionView struct {
	asked   string // when
	reason  string
	changes []changeView
	state   chip
	answer  string
	open    bool // waits for an answer
}

// requestView is a request for exemption, or an appeal.
type requestView struct {
	asked  string // when
	reason string
	proofs []exam.Blob
	state  chip
	answer string
	open   bool // waits for an answer
}

// attemptHeads stand above the sittings.
var attemptHeads = []string{"测评", "进入时间", "成绩", "结果"}

// noticeView is a result notice of the case.
type noticeView struct {
	serial  exam.Serial
	number  string
	issued  string
	state   chip
	revoked string // when and why, "" while in force
}

// caseView is everything the page of one dossier shows.
type caseView struct {
	id          exam.ApplicationID
	name        string
	identity    string // masked
	institution string
	assessor    string
	cycle       string
	state       chip
	mark        chip
	procedure   string
	submitted   string
	waiting     string
	late        bool
	photo       exam.BlobHash
	remarks     []remark
	hints       []string // doubts to look at, which block nothing
	sections    []sectionView
	history     []eventView // newest first
	correction  *correctionView
	exemption   *requestView
	appeal      *requestView
	attempts    [][]string // sittings, oldest first, under attemptHeads
	notices     []noticeView
	verbs       []verb // what this account may do now
	takeUp      bool   // opening it takes it up
	on          uint64
	row         application.Row // the case as a row, for decisions and outcomes
}

// viewCase makes the page of a case for a role at now.
func viewCase(c application.Case, role exam.Role, now exam.Instant) caseView {
	d := c.Dossier
	row := rowOf(c)
	line := viewRow(row, now)
	v := caseView{id: c.Application, name: c.Doctor.Name, identity: exam.MaskNumber(string(c.Doctor.Identity)), institution: c.Institution.Name,
		assessor: orDash(c.Assessor.Name), cycle: c.Cycle.Name, state: line.state, mark: line.mark, procedure: line.procedure,
		submitted: line.submitted, waiting: line.waiting, late: line.late, on: d.OwnSeq, row: row}
	if strings.Contains(string(c.Doctor.Identity), "*") {
		v.identity = string(c.Doctor.Identity)
	}
	if d.Form.Basic != nil {
		v.photo = d.Form.Basic.Photo.Hash
	}
	v.hints = hintsOf(c, now)
	for _, s := range application.Describe(c.Doctor, c.Institution.Name, c.Cycle, d.Form) {
		v.sections = append(v.sections, viewSection(s, d.Form, v.identity))
	}
	if d.State == application.NotIncluded || d.State == application.Included {
		v.sections = nil
	}
	v.history = viewHistory(d.History, c.Doctor.Name)
	v.correction = viewCorrection(c)
	v.exemption = viewRequest(d.Exemption, "已同意", "未同意")
	v.appeal = viewRequest(d.Appeal, "已改正", "维持原结果")
	for i, a := range d.Attempts {
		line := []string{a.Text(), inTwo(a.Begun), dash, d.Outcome(i)}
		if a.Score != nil {
			line[2] = strings.Replace(a.Score.Text(), "；", "\n", 1)
		}
		v.attempts = append(v.attempts, line)
	}
	for _, n := range c.Notices {
		v.notices = append(v.notices, viewNotice(n))
	}
	v.verbs = verbsOf(c, role)
	v.takeUp = !d.TakenUp && has(c.Acts, application.ActTakenUp)
	v.remarks = remarksOf(c, v, role)
	return v
}

// inTwo puts the time below the day: a column of a table is narrow.
func inTwo(i exam.Instant) string { return strings.Replace(i.Text(), " ", "\n", 1) }

// rowOf is the case as a list would show it.
func rowOf(c application.Case) application.Row {
	d := c.Dossier
	r := application.Row{Application: c.Application, Doctor: c.Doctor.ID, Name: c.Doctor.Name, Identity: exam.MaskNumber(string(c.Doctor.Identity)),
		Institution: c.Institution.Name}.Of(d)
	if n := len(d.History); n > 0 {
		r.Changed = d.History[n-1].At
	}
	if len(c.Notices) > 0 {
		n := c.Notices[0]
		r.Notice = &n
	}
	return r
}

func has(acts []application.Act, a application.Act) bool {
	for _, x := range acts {
		if x == a {
			return true
		}
	}
	return false
}

// verbsOf is what the registry lets this account do, in the order of the bar.
// Issuing and revoking are no acts of the review; they follow from role and state.
func verbsOf(c application.Case, role exam.Role) []verb {
	var vs []verb
	for _, v := range acts {
		if has(c.Acts, application.Act(v)) {
			vs = append(vs, v)
		}
	}
	row := rowOf(c)
	for _, v := range []verb{verbIssue, verbRevoke} {
		if allowed(role, v, row) {
			vs = append(vs, v)
		}
	}
	return vs
}

func viewSection(s application.Section, form application.Form, identity string) sectionView {
	v := sectionView{title: s.Title, tables: s.Tables}
	for _, f := range s.Fields {
		if f.Key == "photo" {
			continue // shown large beside the page
		}
		fv := fieldView{key: f.Key, label: f.Label, value: f.Value, long: f.Long, pictures: f.Pictures}
		if f.Key == "identity" {
			fv.value = identity
		}
		fv.flag = flagOf(f.Key, form)
		v.fields = append(v.fields, fv)
	}
	return v
}

// flagOf is what stands beside a field that wants a second look.
func flagOf(key string, form application.Form) string {
	m := form.Merit
	if m == nil {
		return ""
	}
	switch key {
	case "situations":
		if n := len(m.Situations); n > 0 {
			return fmt.Sprintf("医师本人填报了 %d 项，请结合材料核实", n)
		}
	case "badRecord":
		if m.BadRecord == application.Yes {
			return "请结合记录核实"
		}
	case "amount":
		if m.Amount == application.MarkUnqualified {
			return "请结合材料核实"
		}
	case "quality":
		if m.Quality == application.MarkUnqualified {
			return "请结合材料核实"
		}
	case "government":
		if m.Government == application.MarkUnqualified {
			return "请结合材料核实"
		}
	}
	return ""
}

// hintsOf are the doubts about a submitted dossier: they may well be right.
func hintsOf(c application.Case, now exam.Instant) []string {
	f := c.Dossier.Form
	var hs []string
	if f.Practice != nil {
		for _, h := range f.Practice.Hints() {
			hs = append(hs, h.Sentence)
		}
	}
	if id := c.Doctor.Identity; f.Basic != nil && len(id) == 18 && !strings.Contains(string(id), "*") {
		if f.Basic.Birth != "" && f.Basic.Birth != id.Birth() {
			hs = append(hs, "出生年月与身份证号码中的不同，请核对")
		}
		if f.Basic.Sex != "" && f.Basic.Sex != id.Sex() {
			hs = append(hs, "性别与身份证号码中的不同，请核对")
		}
	}
	if f.Choice != nil && f.Choice.Procedure == application.Simple && f.Choice.Condition != "" {
		for _, o := range application.Conditions(c.Cycle, f, now.Date()) {
			if o.Condition == f.Choice.Condition && !o.Holds {
				hs = append(hs, "所选简易程序条件需要核对："+o.Why)
			}
		}
	}
	return hs
}

// viewHistory is the history, newest first; saves in a row are one line.
func viewHistory(events []application.Event, doctor string) []eventView {
	var list []eventView
	saves := 0
	for i, e := range events {
		if e.Act == application.ActSaved {
			saves++
			if i+1 < len(events) && events[i+1].Act == application.ActSaved {
				continue
			}
		}
		v := eventView{at: e.At.Text(), title: e.Act.Text(), who: "医师本人", detail: e.Reason, tone: eventTone(e.Act)}
		if doctor != "" {
			v.who = "医师 " + doctor
		}
		if e.By != nil {
			v.who = actorText(*e.By)
		} else if e.Act == application.ActScored {
			v.who = "登记处"
		}
		if e.Act == application.ActSaved {
			if saves > 1 {
				v.title += fmt.Sprintf("（%d 次）", saves)
			}
			saves = 0
		}
		list = append(list, v)
	}
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list
}

func actorText(a application.Actor) string {
	where := a.Office
	if where == "" {
		where = a.Role.Text()
	}
	return strings.TrimSpace(where + " " + a.Name)
}

func eventTone(a application.Act) theme.Tone {
	switch a {
	case application.ActApproved, application.ActCorrectionGranted, application.ActExemptionGranted, application.ActResitAdmitted,
		application.ActAppealGranted:
		return theme.Good
	case application.ActReturned, application.ActCorrectionRefused, application.ActExemptionRefused, application.ActVoided,
		application.ActAbsent, application.ActAppealRefused:
		return theme.Warn
	case application.ActSubmitted, application.ActCorrectionAsked, application.ActExemptionAsked, application.ActAppealAsked:
		return theme.Wait
	case application.ActIncluded, application.ActTakenUp, application.ActExamBegun, application.ActScored, application.ActConfirmed:
		return theme.Info
	}
	return theme.Neutral
}

// viewCorrection compares a request that waits, field by field; nil without any request.
func viewCorrection(c application.Case) *correctionView {
	k := c.Dossier.Correction
	if k == nil {
		return nil
	}
	v := &correctionView{asked: k.At.Text(), reason: k.Reason, open: k.State == application.CorrectionAsked}
	switch k.State {
	case application.CorrectionGranted:
		v.state = chip{"已同意", theme.Good}
	case application.CorrectionRefused:
		v.state = chip{"未同意", theme.Warn}
	default:
		v.state = chip{"等待答复", theme.Wait}
	}
	v.answer = answerOf(k.Answer)
	if !v.open {
		return v
	}
	v.changes = changesOf(c.Cycle, k.Form, c.Dossier.Form)
	return v
}

// answerOf says who answered when, and why; "" before.
func answerOf(e *application.Event) string {
	if e == nil {
		return ""
	}
	text := e.At.Text()
	if e.By != nil {
		text += "，" + actorText(*e.By)
	}
	if e.Reason != "" {
		text += "：" + e.Reason
	}
	return text
}

// viewRequest is a request as a desk sees it; nil without any.
func viewRequest(r *application.Request, granted, refused string) *requestView {
	if r == nil {
		return nil
	}
	v := &requestView{asked: r.At.Text(), reason: r.Reason, proofs: r.Proofs, open: r.Asked(), answer: answerOf(r.Answer)}
	switch r.State {
	case application.RequestGranted:
		v.state = chip{granted, theme.Good}
	case application.RequestRefused:
		v.state = chip{refused, theme.Warn}
	case application.RequestLapsed:
		v.state = chip{"未答复，医师已参加测评", theme.Neutral}
	default:
		v.state = chip{"等待答复", theme.Wait}
	}
	return v
}

// changesOf are the fields that differ between new and old.
func changesOf(cycle exam.Cycle, new, old application.Form) []changeView {
	var list []changeView
	for _, d := range application.Differences(cycle, new, old) {
		ch := changeView{label: d.Label, old: orDash(d.Theirs), new: orDash(d.Mine)}
		if d.Field == "photo" && new.Basic != nil {
			ch.newPicture = new.Basic.Photo.Hash
			if old.Basic != nil {
				ch.oldPicture = old.Basic.Photo.Hash
			}
		}
		list = append(list, ch)
	}
	return list
}

func viewNotice(n exam.Notice) noticeView {
	v := noticeView{serial: n.Serial, number: n.Number, issued: n.IssuedAt.Text(), state: chip{"有效", theme.Good}}
	if n.RevokedAt != 0 {
		v.state = chip{"已撤销", theme.Neutral}
		v.revoked = n.RevokedAt.Text()
		if n.RevokedReason != "" {
			v.revoked += "，理由：" + n.RevokedReason
		}
	}
	return v
}

// remarksOf says how the case stands, in the order of what matters.
func remarksOf(c application.Case, v caseView, role exam.Role) []remark {
	d := c.Dossier
	var list []remark
	if v.correction != nil && v.correction.open {
		text := "医师申请修改信息，正在等待所在机构答复"
		if has(c.Acts, application.ActCorrectionGranted) {
			text = "医师申请修改信息，请对照后答复"
		}
		list = append(list, remark{theme.Wait, text})
	}
	if v.exemption != nil && v.exemption.open {
		list = append(list, remark{theme.Wait, "医师申请免考，请核对证明材料后答复"})
	}
	if v.appeal != nil && v.appeal.open {
		list = append(list, remark{theme.Wait, "医师对结果申请复核，由" + orElse(c.Authority.Name, "卫生健康行政部门") + "答复"})
	}
	if d.State == application.AwaitingResult && role == exam.RoleAssessor {
		list = append(list, remark{theme.Wait, "已交卷，请核对成绩后评定"})
	}
	if d.State == application.Returned && d.ReturnedFor != nil {
		who := ""
		if d.ReturnedFor.By != nil {
			who = actorText(*d.ReturnedFor.By) + " "
		}
		list = append(list, remark{theme.Warn, "已由 " + who + "退回：" + d.ReturnedFor.Reason})
	}
	mine := role == exam.RoleInstitution && d.State == application.AwaitingInstitution || role == exam.RoleAssessor && d.State == application.AwaitingAssessor
	switch {
	case mine && d.TakenUp && !v.takeUp && role == exam.RoleInstitution:
		list = append(list, remark{theme.Info, "已开始审核，医师现在不能撤回"})
	case d.State == application.NotIncluded:
		list = append(list, remark{theme.Neutral, "该医师在名册上，还没有纳入本周期考核"})
	case d.State == application.Included:
		list = append(list, remark{theme.Neutral, "已纳入本周期考核，医师还没有开始填报"})
	case d.State == application.Draft:
		list = append(list, remark{theme.Neutral, "医师正在填报，还没有提交；下面是目前已保存的内容"})
	}
	return list
}
