package desk

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"dingkao/exam"
	"dingkao/exam/sitting"
	"dingkao/ui/theme"
)

// From how long a silence is pointed out once the exam has started.
const (
	quietFrom  = 1 * sitting.Minute
	silentFrom = 3 * sitting.Minute
)

// sittingChip shows the state of a sitting, in the few words of a list.
func sittingChip(s sitting.State) chip {
	switch s {
	case sitting.Waiting:
		return chip{s.Text(), theme.Wait}
	case sitting.Ready:
		return chip{s.Text(), theme.Info}
	case sitting.Running:
		return chip{s.Text(), theme.Good}
	case sitting.Paused:
		return chip{s.Text(), theme.Warn}
	case sitting.HandedIn:
		return chip{"已交卷", theme.Neutral}
	case sitting.Terminated:
		return chip{s.Text(), theme.Bad}
	}
	return chip{s.Text(), theme.Neutral}
}

// over says whether nothing more happens in the room.
func over(s sitting.State) bool {
	return s == sitting.HandedIn || s == sitting.Terminated || s == sitting.Absent
}

// checkedIn says whether the candidate sits at a machine.
func checkedIn(r sitting.Row) bool { return r.LastHeard != 0 || r.Terminal != "" }

// wallRowView is one seat of the wall as people read it.
type wallRowView struct {
	id       sitting.ID
	name     string
	place    string // room and machine
	state    chip
	left     string
	short    bool // the last minutes
	question string
	answered string
	contact  chip // tone "" for what needs no colour
	note     chip
}

// viewSeat makes the line of a seat. now is the registry time at which the row was
// read; since is how long ago that was, for the clock that runs on in between.
func viewSeat(r sitting.Row, now exam.Instant, since sitting.Span) wallRowView {
	v := wallRowView{id: r.Sitting, name: r.Name, place: placeText(r), state: sittingChip(r.State), left: dash, question: dash, answered: dash}
	if r.State == sitting.Running || r.State == sitting.Paused {
		left := leftOf(r, since)
		v.left, v.short = left.Text(), left < 5*sitting.Minute
	}
	if r.Number > 0 && r.Total > 0 {
		v.question = fmt.Sprintf("%d / %d", r.Number, r.Total)
	}
	if r.Total > 0 && r.State != sitting.Waiting && r.State != sitting.Ready && r.State != sitting.Absent {
		v.answered = strconv.Itoa(r.Answered)
	}
	v.contact = contactChip(r, now)
	v.note = noteOf(r)
	return v
}

// leftOf is the time that remains, counted on since the row was read.
func leftOf(r sitting.Row, since sitting.Span) sitting.Span {
	if r.State != sitting.Running {
		return r.Left
	}
	return max(r.Left-max(since, 0), 0)
}

func placeText(r sitting.Row) string {
	switch {
	case r.Room == "" && r.Terminal == "":
		return dash
	case r.Room == "" || r.Terminal == "":
		return r.Room + r.Terminal
	}
	return r.Terminal + " · " + r.Room // the machine first: a narrow column cuts the end off
}

// silence is for how long nothing was heard of a machine that should ask for orders
// every few seconds. Who waits for the start may have gone for a glass of water.
func silence(r sitting.Row, now exam.Instant) sitting.Span {
	if over(r.State) || r.State == sitting.Waiting || r.LastHeard == 0 {
		return 0
	}
	return sitting.Span(max(now-r.LastHeard, 0))
}

// contactChip says when the machine was last heard of.
func contactChip(r sitting.Row, now exam.Instant) chip {
	switch {
	case over(r.State):
		return chip{text: dash}
	case r.LastHeard == 0:
		return chip{text: "还没有签到"}
	case r.State == sitting.Waiting:
		return chip{text: sinceText(sitting.Span(max(now-r.LastHeard, 0)))}
	}
	s := silence(r, now)
	c := chip{text: contactText(s)}
	switch {
	case s >= silentFrom:
		c.tone = theme.Bad
	case s >= quietFrom:
		c.tone = theme.Warn
	}
	return c
}

// sinceText says how long ago something was.
func sinceText(s sitting.Span) string {
	switch n := int(s / sitting.Minute); {
	case n < 1:
		return "不到 1 分钟"
	case n < 60:
		return fmt.Sprintf("%d 分钟前", n)
	default:
		return fmt.Sprintf("%d 小时前", n/60)
	}
}

// contactText says how long nothing was heard.
func contactText(s sitting.Span) string {
	switch n := int(s / sitting.Minute); {
	case n < 1:
		return "不到 1 分钟"
	case n < 60:
		return fmt.Sprintf("%d 分钟没有消息", n)
	default:
		return fmt.Sprintf("%d 小时没有消息", n/60)
	}
}

// checkName is what was looked at on the candidate's PC.
func checkName(name string) string {
	switch name {
	case "disk":
		return "磁盘"
	case "clock":
		return "时钟"
	case "network":
		return "网络"
	case "camera":
		return "摄像头"
	case "light":
		return "光线"
	case "face":
		return "人脸核对"
	case "screen", "screens", "display", "displays":
		return "显示器"
	case "desktop", "lockdown":
		return "桌面环境"
	case "machine", "virtual":
		return "虚拟机"
	case "paper":
		return "试卷"
	case "power":
		return "电源"
	}
	return name
}

// checkChip says how one check of the check-in went.
func checkChip(c sitting.Check) chip {
	switch c.State {
	case "ok":
		return chip{"通过", theme.Good}
	case "warn":
		return chip{"有提示", theme.Warn}
	case "failed":
		return chip{"未通过", theme.Bad}
	case "none":
		return chip{"本机不能检查", theme.Wait}
	}
	return chip{c.State, theme.Neutral}
}

// unvouched is whether a check waits for a proctor who answers for the candidate.
func unvouched(r sitting.Row) bool {
	if r.Vouched {
		return false
	}
	for _, c := range r.Checks {
		if c.State == "none" {
			return true
		}
	}
	return false
}

func failedChecks(r sitting.Row) (names []string) {
	for _, c := range r.Checks {
		if c.State == "failed" {
			names = append(names, checkName(c.Name))
		}
	}
	return names
}

// notesOf is what one should know of a seat, worst first. It accuses nobody.
func notesOf(r sitting.Row) []chip {
	var list []chip
	if over(r.State) {
		if r.Anomalies > 0 {
			list = append(list, chip{fmt.Sprintf("%d 条记录待查看", r.Anomalies), theme.Neutral})
		}
		return list
	}
	if names := failedChecks(r); len(names) > 0 && !r.Vouched {
		list = append(list, chip{names[0] + "未通过", theme.Bad})
	}
	if r.Code != "" {
		list = append(list, chip{"等待换到新机", theme.Wait})
	}
	if unvouched(r) {
		list = append(list, chip{"待人工核验", theme.Warn})
	}
	if r.FocusLost > 0 {
		list = append(list, chip{fmt.Sprintf("离开窗口 %d 次", r.FocusLost), theme.Warn})
	}
	if r.Anomalies > 0 {
		list = append(list, chip{fmt.Sprintf("%d 条记录待查看", r.Anomalies), theme.Warn})
	}
	if r.Pending > 0 && r.Code == "" && (r.State == sitting.Running || r.State == sitting.Paused) {
		list = append(list, chip{fmt.Sprintf("%d 条指令未读", r.Pending), theme.Wait})
	}
	if len(list) > 0 {
		return list
	}
	switch {
	case !checkedIn(r):
	case r.Vouched:
		list = append(list, chip{"已人工核验", theme.Good})
	case len(r.Checks) > 0 && (r.State == sitting.Waiting || r.State == sitting.Ready):
		list = append(list, chip{"签到检查通过", theme.Good})
	}
	if r.Resit {
		list = append(list, chip{"补考", theme.Info})
	}
	return list
}

// noteOf is the worst of them in one chip, with how many more there are.
func noteOf(r sitting.Row) chip {
	list := notesOf(r)
	if len(list) == 0 {
		return chip{}
	}
	c := list[0]
	if len(list) > 1 {
		c.text += fmt.Sprintf(" +%d", len(list)-1)
	}
	return c
}

// rank orders the wall: not heard of for long, then with something noticed, then
// the others, then those that are through.
func rank(r sitting.Row, now exam.Instant) int {
	switch {
	case over(r.State):
		return 3
	case silence(r, now) >= silentFrom:
		return 0
	case len(failedChecks(r)) > 0 && !r.Vouched, unvouched(r), r.FocusLost > 0, r.Anomalies > 0, silence(r, now) >= quietFrom:
		return 1
	}
	return 2
}

// worstFirst sorts rows as they stand at now. Rows of the same rank keep to their
// places in the room, so that the wall does not dance while one points at it.
func worstFirst(rows []sitting.Row, now exam.Instant) {
	sort.SliceStable(rows, func(i, j int) bool {
		a, b := rows[i], rows[j]
		ra, rb := rank(a, now), rank(b, now)
		switch {
		case ra != rb:
			return ra < rb
		case ra == 0 && a.LastHeard != b.LastHeard:
			return a.LastHeard < b.LastHeard
		case a.Room != b.Room:
			return a.Room < b.Room
		case a.Terminal != b.Terminal:
			return a.Terminal < b.Terminal
		case a.Name != b.Name:
			return a.Name < b.Name
		}
		return a.Sitting < b.Sitting
	})
}

// countOf is the number of a state, or of all for "".
func countOf(counts map[sitting.State]int, s sitting.State) int {
	if s != "" {
		return counts[s]
	}
	n := 0
	for _, c := range counts {
		n += c
	}
	return n
}

// stateWord is a state at the top of the wall.
func stateWord(s sitting.State) string {
	if s == "" {
		return "全部"
	}
	return sittingChip(s).text
}

// startable are those of rows that can be started together: who waits and sits at
// a machine. away is how many wait and have not checked in.
func startable(rows []sitting.Row) (ready []sitting.Row, away int) {
	for _, r := range rows {
		switch {
		case r.State != sitting.Waiting:
		case checkedIn(r):
			ready = append(ready, r)
		default:
			away++
		}
	}
	return ready, away
}

// roomsText says how many of each room rows are: 第一考场 6 名、第二考场 3 名.
func roomsText(rows []sitting.Row) string {
	n := map[string]int{}
	var names []string
	for _, r := range rows {
		room := r.Room
		if room == "" {
			room = "未写明考场"
		}
		if n[room] == 0 {
			names = append(names, room)
		}
		n[room]++
	}
	sort.Strings(names)
	for i, name := range names {
		names[i] = fmt.Sprintf("%s %d 名", name, n[name])
	}
	return strings.Join(names, "、")
}

// order is what a proctor can do, as a screen offers it.
type order sitting.Act

const (
	orderStart     = order(sitting.ActStart)
	orderMessage   = order(sitting.ActMessage)
	orderPause     = order(sitting.ActPause)
	orderResume    = order(sitting.ActResume)
	orderExtra     = order(sitting.ActExtra)
	orderVouch     = order(sitting.ActVouched)
	orderAbsent    = order(sitting.ActAbsent)
	orderMove      = order(sitting.ActMove)
	orderTerminate = order(sitting.ActTerminated)
)

// orders are those for one, some or many, in the order of the bar; single are those
// that can only be for one.
var (
	orders       = []order{orderStart, orderMessage, orderPause, orderResume, orderExtra, orderVouch, orderAbsent}
	singleOrders = []order{orderMove, orderTerminate}
)

func (o order) text() string {
	switch o {
	case orderStart:
		return "开始测评"
	case orderMessage:
		return "发消息"
	case orderPause:
		return "暂停"
	case orderResume:
		return "继续"
	case orderExtra:
		return "加时"
	case orderVouch:
		return "人工核验"
	case orderAbsent:
		return "标记缺考"
	case orderMove:
		return "更换考试机"
	case orderTerminate:
		return "终止测评"
	}
	return string(o)
}

// confirm is the button that carries it out.
func (o order) confirm() string {
	switch o {
	case orderMessage:
		return "发送"
	case orderAbsent:
		return "确定标记缺考"
	case orderStart:
		return "确定开始"
	case orderMove:
		return "确定更换"
	}
	return "确定" + o.text()
}

// done is what has happened.
func (o order) done() string {
	switch o {
	case orderStart:
		return "已开始"
	case orderMessage:
		return "已发送"
	case orderPause:
		return "已暂停"
	case orderResume:
		return "已继续"
	case orderExtra:
		return "已加时"
	case orderVouch:
		return "已核验"
	case orderAbsent:
		return "已标记缺考"
	case orderMove:
		return "可以换机"
	case orderTerminate:
		return "已终止"
	}
	return "已完成"
}

// label is what the text is called; "" where none is wanted.
func (o order) label() string {
	switch o {
	case orderStart, orderResume:
		return ""
	case orderMessage:
		return "消息内容"
	case orderVouch:
		return "核验说明"
	case orderExtra:
		return "加时理由"
	case orderAbsent:
		return "缺考说明"
	case orderMove:
		return "换机理由"
	case orderTerminate:
		return "终止理由"
	}
	return "暂停理由"
}

// ready are sentences to start with.
func (o order) ready() []string {
	switch o {
	case orderMessage:
		return []string{"距离测评结束还有 10 分钟，请注意时间。", "请保持安静，独立作答。", "请面向屏幕，不要遮挡面部。", "请不要切换到其他窗口。", "监考员马上到您的座位，请稍候。"}
	case orderPause:
		return []string{"考场设备检查，请稍候，计时已停止。", "网络故障处理中，请稍候，计时已停止。", "监考员需要与您核对信息，请在座位上等候。"}
	case orderExtra:
		return []string{"考试机故障，补回耽误的时间。", "考场停电或断网，补回耽误的时间。", "按规定给予的合理便利。"}
	case orderVouch:
		return []string{"已核对身份证件与本人一致。", "本机没有摄像头，已由监考员现场核验。", "光线不足，已由监考员现场核验。"}
	case orderAbsent:
		return []string{"到开始时间没有到场。", "本人声明放弃参加本次测评。"}
	case orderMove:
		return []string{"考试机故障，更换考试机继续测评。", "考试机网络不通，更换考试机继续测评。", "考试机断电，更换考试机继续测评。"}
	case orderTerminate:
		return []string{"扰乱考场秩序，经劝阻无效。", "经现场核实，不是考生本人。", "考生身体不适，不能继续测评。"}
	}
	return nil
}

// warning is what must be known before.
func (o order) warning() string {
	switch o {
	case orderStart:
		return "开始后考生就可以打开试卷；每人的时间从进入测评时算起。"
	case orderPause:
		return "考生端收到后隐藏试卷并停止计时；已作的答案都保留。"
	case orderResume:
		return "考生端收到后恢复试卷并继续计时。"
	case orderExtra:
		return "增加的时间立即计入剩余时间，不能收回。"
	case orderVouch:
		return "您以本人名义证明坐在这里的是考生本人，记录在案。"
	case orderAbsent:
		return "只用于没有到场的考生；标记有误时可以重新开始。"
	case orderMove:
		return "原考试机不能再作答；已送达的答案都保留，没有送达的不计入。新的考试机凭验证码继续，剩余时间不变。"
	case orderTerminate:
		return "终止后不能恢复，考生不能再作答；已送达的答案都保留。这意味着什么，由考核机构决定。"
	}
	return ""
}

// mayOrder says whether a role may give o to a sitting, by the machine's table. The
// registry decides. Starting again after an absence, and an absence of who has
// checked in and waits, are for one seat at a time.
func mayOrder(role exam.Role, o order, r sitting.Row, alone bool) bool {
	if role != exam.RoleProctor {
		return false
	}
	switch {
	case o == orderStart && (r.State == sitting.Ready || r.State == sitting.Absent && !alone):
		return false
	case o == orderAbsent && r.State == sitting.Waiting && checkedIn(r) && !alone:
		return false // who sits there and waits is not absent; who has left again is looked at first
	}
	return sitting.Sitting{State: r.State}.Allows(sitting.Act(o), role)
}

// orderable splits rows into those that o can be given to, and how many others.
func orderable(role exam.Role, o order, rows []sitting.Row) (fit []sitting.Row, others int) {
	for _, r := range rows {
		if mayOrder(role, o, r, len(rows) == 1) {
			fit = append(fit, r)
		} else {
			others++
		}
	}
	return fit, others
}

// askView is what the dialog before an order says.
type askView struct {
	title, lead, names, skipped, warning string
}

// viewAsk asks whether o shall be given to rows, with others left out.
func viewAsk(o order, rows []sitting.Row, others int) askView {
	v := askView{title: o.text(), lead: fmt.Sprintf("将对 %d 名考生“%s”：", len(rows), o.text()), warning: o.warning()}
	for i, r := range rows {
		if i == mostNames {
			v.names += fmt.Sprintf(" 等 %d 名", len(rows))
			break
		}
		if i > 0 {
			v.names += "、"
		}
		v.names += r.Name
	}
	if len(rows) == 1 {
		v.lead = fmt.Sprintf("将对这名考生“%s”：", o.text())
		if p := placeText(rows[0]); p != dash {
			v.names += "（" + p + "）"
		}
	}
	if others > 0 {
		v.skipped = fmt.Sprintf("另外选中的 %d 名现在不能“%s”，不会处理。", others, o.text())
	}
	return v
}

// viewSittingOutcomes says of each row how it went, failures first.
func viewSittingOutcomes(o order, rows []sitting.Row, outs []sitting.Outcome) outcomeView {
	byID := map[sitting.ID]sitting.Outcome{}
	for _, x := range outs {
		byID[x.Sitting] = x
	}
	var good, bad []outcomeRow
	for _, r := range rows {
		x, ok := byID[r.Sitting]
		switch {
		case !ok:
			bad = append(bad, outcomeRow{r.Name, "没有收到结果，请以刷新后的状态为准", theme.Warn})
		case x.Kind == "":
			text := o.done()
			if x.State != "" {
				text += "，现在是“" + sittingChip(x.State).text + "”"
			}
			good = append(good, outcomeRow{r.Name, text, theme.Good})
		default:
			bad = append(bad, outcomeRow{r.Name, sittingSentence(x), theme.Bad})
		}
	}
	return outcomesOf(o.done(), good, bad)
}

func sittingSentence(o sitting.Outcome) string {
	switch {
	case o.Sentence != "":
		return o.Sentence
	case o.Kind == exam.Conflict:
		return "该考生刚刚有新的监考指令，请重新打开后再操作"
	}
	return exam.SentenceOf(exam.Errorf(o.Kind, ""))
}
