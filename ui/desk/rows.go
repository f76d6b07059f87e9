package desk

import (
	"fmt"
	"strconv"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/theme"
)

// late is from how many days on a waiting dossier is pointed out.
const late = 5

// chip is a word in a tone.
type chip struct {
	text string
	tone theme.Tone
}

// stateChip shows a state.
func stateChip(s application.State) chip {
	tone := theme.Neutral
	switch s {
	case application.AwaitingInstitution, application.AwaitingAssessor, application.AwaitingResult:
		tone = theme.Wait
	case application.Unqualified, application.Absent:
		tone = theme.Bad
	case application.Returned:
		tone = theme.Warn
	case application.AwaitingExam, application.Included, application.Sitting, application.AwaitingResit:
		tone = theme.Info
	case application.Qualified:
		tone = theme.Good
	}
	return chip{s.Text(), tone}
}

// rowView is one line of a list as people read it.
type rowView struct {
	id          exam.ApplicationID
	name        string
	identity    string
	institution string
	department  string
	procedure   string
	state       chip
	mark        chip // a second word beside the state; empty for none
	submitted   string
	day         string // of the submission
	waiting     string
	late        bool
	notice      string // the notice's number
	issuedAt    string
	attempt     string // 首次, 补考
	score       string
	verdict     chip   // what the score will be, or was, decided as
	concluded   string // the day
}

// dash stands where there is nothing to show.
const dash = "—"

func orDash(s string) string {
	if s == "" {
		return dash
	}
	return s
}

// viewRow makes the line of a row at now.
func viewRow(r application.Row, now exam.Instant) rowView {
	v := rowView{id: r.Application, name: r.Name, identity: r.Identity, institution: orDash(r.Institution),
		department: orDash(r.Department), procedure: r.Procedure.Text(), state: stateChip(r.State), submitted: dash, day: dash, waiting: dash}
	if r.Procedure == "" {
		v.procedure = dash
	}
	if r.Submitted != 0 {
		v.submitted, v.day = r.Submitted.Text(), string(r.Submitted.Date())
	}
	switch {
	case r.Correction:
		v.mark = chip{"修改申请", theme.Warn}
	case r.Exemption:
		v.mark = chip{"免考申请", theme.Warn}
	case r.Appeal:
		v.mark = chip{"复核申请", theme.Warn}
	case r.Notice != nil && r.Notice.RevokedAt != 0:
		v.mark = chip{"曾撤销", theme.Neutral}
	case r.Notice != nil:
		v.mark = chip{"已发证", theme.Good}
	}
	if r.Notice != nil {
		v.notice, v.issuedAt = r.Notice.Number, r.Notice.IssuedAt.Text()
	}
	if a := r.Attempt; a != nil {
		v.attempt = a.Text()
		if a.Score != nil {
			v.score, v.verdict = a.Score.Mark(), verdict(*a.Score)
		}
	}
	if r.Concluded != 0 {
		v.concluded = string(r.Concluded.Date())
	}
	if since := waitingSince(r); since != 0 {
		n := days(since, now)
		v.late = n >= late
		v.waiting = waitingText(n)
	}
	return v
}

func waitingText(n int) string {
	if n == 0 {
		return "今天"
	}
	return strconv.Itoa(n) + " 天"
}

// waitingSince is from when on somebody of staff is awaited; 0 where nobody is.
func waitingSince(r application.Row) exam.Instant {
	switch {
	case r.Correction, r.Exemption, r.Appeal, r.State == application.AwaitingResult:
		return r.Changed
	case r.State == application.AwaitingInstitution, r.State == application.AwaitingAssessor:
		return r.Submitted
	case r.State == application.Qualified && (r.Notice == nil || r.Notice.RevokedAt != 0):
		return r.Changed
	}
	return 0
}

// days are the calendar days in China between the two.
func days(since, now exam.Instant) int {
	if now <= since {
		return 0
	}
	a, b := since.Time().In(exam.China), now.Time().In(exam.China)
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return int(dayNumber(by, int(bm), bd) - dayNumber(ay, int(am), ad))
}

func dayNumber(y, m, d int) int64 {
	if m <= 2 {
		y--
		m += 12
	}
	return int64(365*y+y/4-y/100+y/400) + int64((153*(m-3)+2)/5+d)
}

// selection is what was ticked in a list, with each row as it looked when it was
// ticked: a decision names the head of the doctor's stream that the reviewer saw.
type selection struct {
	rows  map[exam.ApplicationID]application.Row
	order []exam.ApplicationID
}

func (s *selection) has(id exam.ApplicationID) bool { _, ok := s.rows[id]; return ok }

func (s *selection) len() int { return len(s.rows) }

func (s *selection) set(r application.Row, on bool) {
	if on == s.has(r.Application) {
		return
	}
	if !on {
		s.drop(r.Application)
		return
	}
	if s.rows == nil {
		s.rows = map[exam.ApplicationID]application.Row{}
	}
	s.rows[r.Application] = r
	s.order = append(s.order, r.Application)
}

func (s *selection) drop(id exam.ApplicationID) {
	delete(s.rows, id)
	for i, o := range s.order {
		if o == id {
			s.order = append(s.order[:i:i], s.order[i+1:]...)
			return
		}
	}
}

func (s *selection) clear() { s.rows, s.order = nil, nil }

// list is what is ticked, in the order of ticking.
func (s *selection) list() []application.Row {
	rows := make([]application.Row, 0, len(s.order))
	for _, id := range s.order {
		rows = append(rows, s.rows[id])
	}
	return rows
}

// meet compares what is ticked with rows read anew: a dossier whose doctor or
// whose state has moved on is no longer what was ticked, so it is dropped and
// named. Rows that are not in the new page are kept as they are; for them the
// registry notices.
func (s *selection) meet(rows []application.Row) (dropped []string) {
	for _, r := range rows {
		old, ok := s.rows[r.Application]
		if ok && (old.On != r.On || old.State != r.State || old.Correction != r.Correction ||
			old.Exemption != r.Exemption || old.Appeal != r.Appeal || digestOf(old) != digestOf(r)) {
			s.drop(r.Application)
			dropped = append(dropped, r.Name)
		}
	}
	return dropped
}

// among splits what is ticked into what a role may do v to, and how many others.
func (s *selection) among(role exam.Role, v verb) (fit []application.Row, others int) {
	for _, r := range s.list() {
		if allowed(role, v, r) {
			fit = append(fit, r)
		} else {
			others++
		}
	}
	return fit, others
}

// targets names rows for a decision.
func targets(rows []application.Row) []application.Target {
	ts := make([]application.Target, len(rows))
	for i, r := range rows {
		ts[i] = application.Target{Application: r.Application, On: r.On, Score: digestOf(r)}
	}
	return ts
}

// digestOf names the score that a row shows; "" where there is none.
func digestOf(r application.Row) string {
	if r.Attempt == nil || r.Attempt.Score == nil {
		return ""
	}
	return r.Attempt.Score.Digest
}

// verdict is what a score will be decided as.
func verdict(s application.Score) chip {
	if s.Passed() {
		return chip{application.Qualified.Text(), theme.Good}
	}
	return chip{application.Unqualified.Text(), theme.Bad}
}

// bulkView is what the dialog before a decision about many says.
type bulkView struct {
	title   string
	lead    string
	names   string
	skipped string // who is left out, "" for nobody
	warning string // what must be known before
	button  string
	reason  bool
}

// mostNames are named in a dialog; the others are counted.
const mostNames = 20

// viewBulk asks whether v shall be done to rows, with others left out.
func viewBulk(v verb, rows []application.Row, others int) bulkView {
	b := bulkView{title: v.text(), lead: fmt.Sprintf("将对 %d 名医师“%s”：", len(rows), v.text()), reason: v.needsReason(),
		button: v.confirm()}
	for i, r := range rows {
		if i == mostNames {
			b.names += fmt.Sprintf(" 等 %d 名", len(rows))
			break
		}
		if i > 0 {
			b.names += "、"
		}
		b.names += r.Name
	}
	if others > 0 {
		b.skipped = fmt.Sprintf("另外选中的 %d 名现在不能“%s”，不会处理。", others, v.text())
	}
	b.warning = orElse(wordsOf[v].many, wordsOf[v].warning)
	if v == verbConfirm {
		passed := 0
		for _, r := range rows {
			if r.Attempt != nil && r.Attempt.Score != nil && r.Attempt.Score.Passed() {
				passed++
			}
		}
		b.warning = fmt.Sprintf("其中合格 %d 名，不合格 %d 名。", passed, len(rows)-passed) + b.warning
	}
	return b
}

// outcomeRow is how it went with one.
type outcomeRow struct {
	name string
	text string
	tone theme.Tone
}

// outcomeView is the result sheet.
type outcomeView struct {
	title string
	tone  theme.Tone
	rows  []outcomeRow // those that failed come first
	done  int
	bad   int
}

// viewOutcomes says of each row how it went. A row without an outcome was not
// answered: that is said, not guessed.
func viewOutcomes(v verb, rows []application.Row, outs []application.Outcome) outcomeView {
	byID := map[exam.ApplicationID]application.Outcome{}
	for _, o := range outs {
		byID[o.Application] = o
	}
	var good, bad []outcomeRow
	for _, r := range rows {
		o, ok := byID[r.Application]
		switch {
		case !ok:
			bad = append(bad, outcomeRow{r.Name, "没有收到结果，请刷新后查看状态", theme.Warn})
		case o.Kind == "":
			text := v.done()
			if o.State != "" && v != verbIssue {
				text += "，现在是“" + o.State.Text() + "”"
			}
			good = append(good, outcomeRow{r.Name, text, theme.Good})
		default:
			bad = append(bad, outcomeRow{r.Name, outcomeSentence(o), theme.Bad})
		}
	}
	return outcomesOf(v.done(), good, bad)
}

// outcomeGroup is those with whom it went the same way.
type outcomeGroup struct {
	names []string
	text  string
	tone  theme.Tone
}

// groups puts together those with whom it went the same way: a sentence that is
// read fifty times is read never. The order of the first of each is kept.
func (v outcomeView) groups() []outcomeGroup {
	var list []outcomeGroup
	at := map[string]int{}
	for _, r := range v.rows {
		key := string(r.tone) + r.text
		i, ok := at[key]
		if !ok {
			i, at[key] = len(list), len(list)
			list = append(list, outcomeGroup{text: r.text, tone: r.tone})
		}
		list[i].names = append(list[i].names, r.name)
	}
	return list
}

func outcomeSentence(o application.Outcome) string {
	if o.Sentence != "" {
		return o.Sentence
	}
	if o.Kind == exam.Conflict {
		return "医师的信息刚刚有变化，请重新打开后再审核"
	}
	return exam.SentenceOf(exam.Errorf(o.Kind, ""))
}
