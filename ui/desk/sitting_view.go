package desk

import (
	"fmt"
	"strings"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/ui/theme"
)

// orderView is one order of a seat with how far it has come.
type orderView struct {
	title, text, who string
	steps            string // 发出 09:10:02 · 读到 09:10:05 · 执行 09:10:05
	state            chip
}

// sittingView is everything the page of one seat shows.
type sittingView struct {
	row       sitting.Row
	line      wallRowView
	first     string // 首次 or 补考
	machines  string // how many machines it was
	vouched   string
	remarks   []remark
	events    []eventView // newest first
	orders    []orderView // newest first
	records   []remark    // of clocks, gaps, windows and what does not count
	may       []order
	signature string // changes with what is drawn, but for the clocks
}

// viewSitting makes the page of a seat for a role. now is the registry time at
// which it was read.
func viewSitting(j sitting.Journal, role exam.Role, now exam.Instant) sittingView {
	s, err := j.Fold()
	r := j.Row
	v := sittingView{row: r, line: viewSeat(r, now, 0), first: "首次测评", machines: dash}
	if r.Resit {
		v.first = "补考"
	}
	if checkedIn(r) {
		v.machines = "1 台"
	}
	if r.Epoch > 1 {
		v.machines = fmt.Sprintf("第 %d 台（换机 %d 次）", r.Epoch, r.Epoch-1)
	}
	switch {
	case s.Vouched != nil:
		v.vouched = "已由" + who(s.Vouched) + "人工核验"
	case r.Vouched:
		v.vouched = "已人工核验"
	case unvouched(r):
		v.vouched = "待人工核验"
	default:
		v.vouched = "没有人工核验"
	}
	v.remarks = sittingRemarks(r, s, now)
	if err != nil {
		v.remarks = append(v.remarks, remark{theme.Warn, "有记录暂时不能核对，下面只列出送来的内容：" + exam.SentenceOf(err)})
	}
	v.events = chronicle(j, s, now)
	v.orders = viewOrders(j, s, now)
	v.records = recordsOf(j, s, now)
	for _, o := range append(append([]order(nil), orders...), singleOrders...) {
		if mayOrder(role, o, r, true) {
			v.may = append(v.may, o)
		}
	}
	still := r
	still.Left, still.LastHeard = 0, 0
	entries := 0
	for _, own := range j.Epochs {
		entries += len(own)
	}
	v.signature = fmt.Sprint(still, entries, len(j.Orders), v.line.contact.tone, v.may)
	return v
}

func who(a *sitting.Actor) string {
	if a == nil {
		return "登记处"
	}
	return strings.TrimSpace(a.Role.Text() + " " + a.Name)
}

// sittingRemarks says how the seat stands, in the order of what matters.
func sittingRemarks(r sitting.Row, s sitting.Sitting, now exam.Instant) []remark {
	var list []remark
	if q := silence(r, now); q >= silentFrom {
		list = append(list, remark{theme.Bad, fmt.Sprintf("考试机 %s，可能断网或断电。作答保存在考试机上；请到座位查看，需要时更换考试机。", contactText(q))})
	}
	switch r.State {
	case sitting.Waiting:
		if checkedIn(r) {
			list = append(list, remark{theme.Info, "考生已签到，等待开始。"})
		} else {
			list = append(list, remark{theme.Neutral, "考生还没有在考试机上签到。"})
		}
	case sitting.Ready:
		list = append(list, remark{theme.Info, "已经开始，考生还没有打开试卷；时间从打开时算起。"})
	case sitting.Paused:
		list = append(list, remark{theme.Warn, "测评已暂停，计时已停止：" + orDash(s.Reason)})
	case sitting.HandedIn:
		text := "考生已交卷，等待评定。"
		switch {
		case s.Collected:
			text = "时间已到而没有收到交卷，登记处已按规定收卷；已送达的作答都在其中。"
		case s.Seal != nil && s.Seal.Auto:
			text = "时间到，考试机已自动交卷，等待评定。"
		}
		list = append(list, remark{theme.Good, text})
	case sitting.Terminated:
		list = append(list, remark{theme.Bad, "测评已终止：" + orDash(s.Reason)})
	case sitting.Absent:
		list = append(list, remark{theme.Neutral, "已标记为缺考：" + orDash(s.Reason)})
	}
	if names := failedChecks(r); len(names) > 0 && !r.Vouched && !over(r.State) {
		list = append(list, remark{theme.Warn, "签到检查没有通过：" + strings.Join(names, "、") + "。可以换机，或现场核对后“人工核验”。"})
	} else if unvouched(r) && !over(r.State) {
		list = append(list, remark{theme.Warn, "有检查这台考试机不能做，请现场核对后“人工核验”。"})
	}
	return list
}

// moment is the time of day, with the day where it is another one than now's.
func moment(i, now exam.Instant) string {
	if i.Date() == now.Date() {
		return clock(i)
	}
	return i.Time().In(exam.China).Format("01-02 15:04:05")
}

// spanText is a length of time in words: 3 分 20 秒.
func spanText(s sitting.Span) string {
	if s < 0 {
		s = -s
	}
	n := int((s + sitting.Second/2) / sitting.Second)
	switch {
	case n < 60:
		return fmt.Sprintf("%d 秒", n)
	case n < 3600 && n%60 == 0:
		return fmt.Sprintf("%d 分钟", n/60)
	case n < 3600:
		return fmt.Sprintf("%d 分 %d 秒", n/60, n%60)
	}
	return fmt.Sprintf("%d 小时 %d 分", n/3600, n%3600/60)
}

// numbers are the places of the questions on the candidate's paper, from 1.
func numbers(s sitting.Sitting) map[paper.QuestionID]int {
	m := make(map[paper.QuestionID]int, len(s.Terms.Questions))
	for i, q := range s.Terms.Questions {
		m[q] = i + 1
	}
	return m
}

// place names an entry of a terminal.
type place struct {
	epoch sitting.Epoch
	seq   uint64
}

// work gathers what a candidate did on the paper in a row: how often, and where. What
// was answered is not shown, only that it was.
type work struct {
	first, last             exam.Instant
	answered, taken, marked int
	from, to                int
	why                     sitting.Why
}

func (w *work) add(e sitting.Entry, number int) {
	if w.first == 0 {
		w.first = e.At
	}
	w.last = e.At
	switch {
	case e.Act == sitting.ActAnswered && e.Answer != nil && *e.Answer == 0:
		w.taken++
	case e.Act == sitting.ActAnswered:
		w.answered++
	case e.Act == sitting.ActMarked:
		w.marked++
	}
	if number > 0 {
		if w.from == 0 || number < w.from {
			w.from = number
		}
		w.to = max(w.to, number)
	}
}

func (w work) event(now exam.Instant) eventView {
	v := eventView{at: moment(w.first, now), title: "查看题目", who: "考生", tone: theme.Neutral}
	if w.last != w.first {
		v.at += " 至 " + clock(w.last)
	}
	var parts []string
	if w.answered > 0 {
		v.title = fmt.Sprintf("作答 %d 次", w.answered)
	} else if w.taken > 0 {
		v.title = fmt.Sprintf("取消作答 %d 次", w.taken)
	} else if w.marked > 0 {
		v.title = fmt.Sprintf("标注 %d 次", w.marked)
	}
	switch {
	case w.from > 0 && w.from == w.to:
		parts = append(parts, fmt.Sprintf("第 %d 题", w.from))
	case w.from > 0:
		parts = append(parts, fmt.Sprintf("第 %d 题至第 %d 题之间", w.from, w.to))
	}
	if w.answered > 0 && w.taken > 0 {
		parts = append(parts, fmt.Sprintf("取消 %d 次", w.taken))
	}
	if w.marked > 0 && w.answered+w.taken > 0 {
		parts = append(parts, fmt.Sprintf("标注 %d 次", w.marked))
	}
	if w.why != "" {
		v.tone = theme.Warn
		parts = append(parts, "没有计入："+w.why.Text())
	}
	v.detail = strings.Join(parts, "，")
	return v
}

// chronicle is what happened, newest first: the orders and the candidate's journal in
// the one order that holds at both ends.
func chronicle(j sitting.Journal, s sitting.Sitting, now exam.Instant) []eventView {
	number := numbers(s)
	uncounted := map[place]sitting.Why{}
	for _, u := range s.Uncounted {
		uncounted[place{u.Epoch, u.Seq}] = u.Why
	}
	void := map[uint64]bool{}
	for _, o := range s.Orders {
		void[o.Seq] = o.Void
	}
	gaps := map[place]sitting.Gap{}
	for _, g := range s.Ledger.Gaps {
		gaps[place{g.Epoch, g.Seq}] = g
	}
	var list []eventView
	var run *work
	end := func() {
		if run != nil {
			list = append(list, run.event(now))
			run = nil
		}
	}
	var away *sitting.Reading
	heeded := uint64(0) // the newest order that an entry has named
	for _, e := range j.Lines() {
		news := ordersBetween(j.Orders, heeded, e.Orders)
		heeded = max(heeded, e.Orders)
		why := uncounted[place{e.Epoch, e.Seq}]
		if e.Epoch == 0 {
			why = ""
		}
		switch e.Act {
		case sitting.ActWent, sitting.ActAnswered, sitting.ActMarked:
			if run != nil && run.why != why {
				end()
			}
			if run == nil {
				run = &work{why: why}
			}
			run.add(e, number[e.Question])
			continue
		case sitting.ActAnchored:
			continue
		}
		end()
		v := eventView{at: moment(e.At, now), title: e.Act.Text(), who: "考试机", tone: theme.Neutral}
		switch e.Act {
		case sitting.ActOpened:
			v.who, v.tone = "考生", theme.Good
		case sitting.ActObeyed:
			v.detail = news
		case sitting.ActResumed:
			v.tone, v.detail = theme.Info, gapText(gaps[place{e.Epoch, e.Seq}])
		case sitting.ActFocusLost:
			v.tone, v.detail = theme.Warn, "另一个窗口到了最前面"
			away = e.Reading
		case sitting.ActFocusBack:
			if away != nil && e.Reading != nil && away.Boot == e.Reading.Boot {
				v.detail = "离开 " + spanText(e.Reading.Mono-away.Mono)
			}
			away = nil
		case sitting.ActSealed:
			v.who, v.tone = "考生", theme.Good
			if e.Seal != nil {
				v.detail = fmt.Sprintf("已答 %d 题，用时 %s", e.Seal.Answered, spanText(e.Seal.Used))
				if e.Seal.Auto {
					v.who, v.detail = "考试机", "时间到，自动交卷；"+v.detail
				}
			}
		}
		if e.Epoch == 0 {
			v.who, v.detail, v.tone = who(e.By), e.Text, orderTone(e.Act)
			if e.Act == sitting.ActExtra {
				v.title += " " + spanText(e.Extra)
			}
			if void[e.Seq] {
				v.tone, v.detail = theme.Neutral, strings.TrimSpace(v.detail+"（没有生效）")
			}
		} else if why != "" {
			v.tone, v.detail = theme.Warn, "没有计入："+why.Text()
		}
		list = append(list, v)
	}
	end()
	for i, k := 0, len(list)-1; i < k; i, k = i+1, k-1 {
		list[i], list[k] = list[k], list[i]
	}
	return list
}

// ordersBetween names the orders behind after, up to upTo.
func ordersBetween(list []sitting.Entry, after, upTo uint64) string {
	var names []string
	for _, o := range list {
		if o.Seq > after && o.Seq <= upTo {
			names = append(names, o.Act.Text())
		}
	}
	return strings.Join(names, "、")
}

func orderTone(a sitting.Act) theme.Tone {
	switch a {
	case sitting.ActPause:
		return theme.Warn
	case sitting.ActTerminated:
		return theme.Bad
	case sitting.ActVouched, sitting.ActStart, sitting.ActResume:
		return theme.Good
	}
	return theme.Info
}

// gapText says how long a machine did not run, and what of it was given back.
func gapText(g sitting.Gap) string {
	switch {
	case g.Seq == 0:
		return ""
	case !g.Measured:
		return "中断时长尚未核对"
	case g.Credited == g.Length:
		return fmt.Sprintf("中断 %s，已全部补回", spanText(g.Length))
	case g.Credited == 0:
		return fmt.Sprintf("中断 %s，计入用时", spanText(g.Length))
	}
	return fmt.Sprintf("中断 %s，补回 %s，其余计入用时", spanText(g.Length), spanText(g.Credited))
}

// viewOrders are the orders with how far each has come, newest first.
func viewOrders(j sitting.Journal, s sitting.Sitting, now exam.Instant) []orderView {
	void := map[uint64]bool{}
	for _, o := range s.Orders {
		void[o.Seq] = o.Void
	}
	var list []orderView
	for _, r := range j.Receipts() {
		o := r.Order
		v := orderView{title: o.Act.Text(), text: o.Text, who: who(o.By), steps: "发出 " + moment(o.At, now)}
		if o.Act == sitting.ActExtra {
			v.title += " " + spanText(o.Extra)
		}
		if r.Read != nil {
			v.steps += " · 读到 " + clock(r.Read.At)
		}
		if r.Obeyed != nil && o.Act != sitting.ActMessage {
			v.steps += " · 执行 " + clock(r.Obeyed.At)
		}
		v.state = orderState(r, void[o.Seq], j.Row.State)
		list = append([]orderView{v}, list...)
	}
	return list
}

// orderState says how far an order has come: sent, read, obeyed.
func orderState(r sitting.Receipt, void bool, now sitting.State) chip {
	switch act := r.Order.Act; {
	case void:
		return chip{"没有生效", theme.Neutral}
	case act == sitting.ActVouched, act == sitting.ActAbsent, act == sitting.ActTerminated, act == sitting.ActCollected:
		return chip{"已生效", theme.Good} // nothing for the terminal to do
	case act == sitting.ActMessage && r.Read != nil:
		return chip{"已读到", theme.Good}
	case r.Obeyed != nil:
		return chip{"已执行", theme.Good}
	case r.Read != nil:
		return chip{"已读到", theme.Info}
	case act == sitting.ActMove && over(now):
		return chip{"没有换成", theme.Neutral}
	case over(now):
		return chip{"没有读到", theme.Neutral}
	case act == sitting.ActStart:
		return chip{"等待考生进入", theme.Wait}
	case act == sitting.ActMove:
		return chip{"等待新的考试机", theme.Wait}
	case now == sitting.Ready:
		return chip{"进入测评后读取", theme.Wait}
	}
	return chip{"已发出，未读到", theme.Wait}
}

// recordsOf are what was noticed of clocks, gaps, windows, and what does not count. It
// says what is known and accuses nobody.
func recordsOf(j sitting.Journal, s sitting.Sitting, now exam.Instant) []remark {
	at := func(p place) string {
		if n := int(p.epoch); n > 0 && n <= len(j.Epochs) && p.seq > 0 && int(p.seq) <= len(j.Epochs[n-1]) {
			return moment(j.Epochs[n-1][p.seq-1].At, now) + " "
		}
		return ""
	}
	var list []remark
	for _, g := range s.Ledger.Gaps {
		text := at(place{g.Epoch, g.Seq}) + "恢复："
		if g.Outages > 1 {
			text += fmt.Sprintf("重新启动 %d 次，", g.Outages)
		}
		list = append(list, remark{theme.Info, text + gapText(g)})
	}
	for _, a := range s.Ledger.Anomalies {
		text := at(place{a.Epoch, a.Seq}) + a.Kind.Text()
		switch a.Kind {
		case sitting.Unmeasured:
		case sitting.OverCredit, sitting.LateMeasured:
			text += "（超出 " + spanText(a.By) + "）"
		default:
			text += "（相差 " + spanText(a.By) + "）"
		}
		list = append(list, remark{theme.Warn, text})
	}
	if s.FocusLost > 0 {
		list = append(list, remark{theme.Warn, fmt.Sprintf("测评窗口有 %d 次不在最前面", s.FocusLost)})
	}
	count := map[sitting.Why]int{}
	for _, u := range s.Uncounted {
		count[u.Why]++
	}
	for _, w := range []sitting.Why{sitting.Late, sitting.Fenced} {
		switch n := count[w]; {
		case n == 0:
		case w == sitting.Late:
			list = append(list, remark{theme.Warn, fmt.Sprintf("测评时间结束以后的 %d 条记录没有计入", n)})
		default:
			list = append(list, remark{theme.Warn, fmt.Sprintf("更换考试机或终止时还没有送达的 %d 条记录没有计入", n)})
		}
	}
	return list
}

// recordsNote stands below the records.
const recordsNote = "这些记录可能由机器、网络或误触造成，本身不说明考生有不当行为；是否处理、怎样处理，由人决定。"
