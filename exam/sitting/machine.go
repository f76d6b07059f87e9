package sitting

import (
	"fmt"
	"slices"

	"dingkao/exam"
	"dingkao/exam/paper"
)

// State is where a sitting stands. Its comment says how one enters, how one
// leaves, and who acts next.
type State string

const (
	// Waiting 待开始: made, nothing ordered. Leaves by start, absent. The proctor acts.
	Waiting State = "waiting"
	// Ready 待进入: started, from a time on. Leaves by opened, absent, terminated. The candidate acts.
	Ready State = "ready"
	// Running 测评中: the paper is open and the time runs. Leaves by sealed, collected,
	// pause, terminated. The candidate acts.
	Running State = "running"
	// Paused 已暂停: by order; the paper is hidden and the time stands. Leaves by resume,
	// terminated. The proctor acts.
	Paused State = "paused"
	// HandedIn 已交卷，待评定: by the candidate, by the terminal when the time was over, or
	// collected by the registry. An end: the registry scores.
	HandedIn State = "handed-in"
	// Terminated 已终止: by the proctor, with a reason. An end: people decide what it means.
	Terminated State = "terminated"
	// Absent 缺考: marked, not opened. Leaves by start, where the mark was a mistake. The assessor acts.
	Absent State = "absent"
)

// States are all states in the order of the candidate's way.
var States = []State{Waiting, Ready, Running, Paused, HandedIn, Terminated, Absent}

// Text is the state in Chinese.
func (s State) Text() string {
	switch s {
	case Waiting:
		return "待开始"
	case Ready:
		return "待进入"
	case Running:
		return "测评中"
	case Paused:
		return "已暂停"
	case HandedIn:
		return "已交卷，待评定"
	case Terminated:
		return "已终止"
	case Absent:
		return "缺考"
	}
	return string(s)
}

// Act is what an entry says happened. The first group is written by the terminal
// that holds the epoch, the second by the registry.
type Act string

const (
	ActOpened    Act = "opened"     // 进入测评: the paper was opened, the time runs
	ActResumed   Act = "resumed"    // the terminal runs again, or another one runs now
	ActAnchored  Act = "anchored"   // a word of the registry about the time, and nothing else
	ActObeyed    Act = "obeyed"     // orders were read and are obeyed from now on
	ActWent      Act = "went"       // moved to a question
	ActAnswered  Act = "answered"   // an answer chosen, changed or taken back
	ActMarked    Act = "marked"     // 标注 set or taken away
	ActFocusLost Act = "focus-lost" // another window came to the front
	ActFocusBack Act = "focus-back"
	ActSealed    Act = "sealed" // 交卷: by the candidate, or by the terminal when the time was over

	ActStart      Act = "start"      // 开始测评, with the terms
	ActMessage    Act = "message"    // 监考提示
	ActVouched    Act = "vouched"    // 人工核验: a proctor answers for who sits there
	ActPause      Act = "pause"      // 暂停
	ActResume     Act = "resume"     // 继续
	ActExtra      Act = "extra"      // 加时
	ActMove       Act = "move"       // 更换考试机: ends the epoch, opens the next
	ActTerminated Act = "terminated" // 终止测评: ends the epoch
	ActAbsent     Act = "absent"     // 缺考
	ActCollected  Act = "collected"  // 到时收卷: the time is over and no seal has come
)

// Acts are all acts, the terminal's first.
var Acts = []Act{ActOpened, ActResumed, ActAnchored, ActObeyed, ActWent, ActAnswered, ActMarked, ActFocusLost, ActFocusBack, ActSealed,
	ActStart, ActMessage, ActVouched, ActPause, ActResume, ActExtra, ActMove, ActTerminated, ActAbsent, ActCollected}

// Text is the act as a history shows it.
func (a Act) Text() string {
	switch a {
	case ActOpened:
		return "进入测评"
	case ActResumed:
		return "恢复测评"
	case ActAnchored:
		return "核对时间"
	case ActObeyed:
		return "执行监考指令"
	case ActWent:
		return "切换题目"
	case ActAnswered:
		return "作答"
	case ActMarked:
		return "标注"
	case ActFocusLost:
		return "离开测评窗口"
	case ActFocusBack:
		return "回到测评窗口"
	case ActSealed:
		return "交卷"
	case ActStart:
		return "开始测评"
	case ActMessage:
		return "监考提示"
	case ActVouched:
		return "人工核验身份"
	case ActPause:
		return "暂停测评"
	case ActResume:
		return "继续测评"
	case ActExtra:
		return "加时"
	case ActMove:
		return "更换考试机"
	case ActTerminated:
		return "终止测评"
	case ActAbsent:
		return "标记缺考"
	case ActCollected:
		return "到时收卷"
	}
	return string(a)
}

// ByTerminal says whether the act belongs to a terminal's stream.
func (a Act) ByTerminal() bool {
	i := slices.Index(Acts, a)
	return i >= 0 && i < slices.Index(Acts, ActStart)
}

// byCandidate says whether the act is work on the paper, which the time bounds.
func (a Act) byCandidate() bool { return a == ActWent || a == ActAnswered || a == ActMarked }

// fences says whether the order ends an epoch.
func (a Act) fences() bool { return a == ActMove || a == ActTerminated }

// registry stands in the table for what the registry does by rule, without a person.
const registry exam.Role = ""

// rule is one line of the machine's table: in state From, act Act by role Role
// leads to To.
type rule struct {
	From State
	Act  Act
	Role exam.Role // doctor: the terminal
	To   State
}

// table is the whole machine. What is not in it is refused.
var table = []rule{
	{Waiting, ActStart, exam.RoleProctor, Ready},
	{Waiting, ActVouched, exam.RoleProctor, Waiting},
	{Waiting, ActAbsent, exam.RoleProctor, Absent},
	{Waiting, ActAbsent, exam.RoleAssessor, Absent},

	{Ready, ActOpened, exam.RoleDoctor, Running},
	{Ready, ActStart, exam.RoleProctor, Ready}, // another time, before anybody opened the paper
	{Ready, ActMessage, exam.RoleProctor, Ready},
	{Ready, ActVouched, exam.RoleProctor, Ready},
	{Ready, ActExtra, exam.RoleProctor, Ready},
	{Ready, ActMove, exam.RoleProctor, Ready},
	{Ready, ActTerminated, exam.RoleProctor, Terminated},
	{Ready, ActAbsent, exam.RoleProctor, Absent},
	{Ready, ActAbsent, exam.RoleAssessor, Absent},

	{Running, ActResumed, exam.RoleDoctor, Running},
	{Running, ActAnchored, exam.RoleDoctor, Running},
	{Running, ActObeyed, exam.RoleDoctor, Running},
	{Running, ActWent, exam.RoleDoctor, Running},
	{Running, ActAnswered, exam.RoleDoctor, Running},
	{Running, ActMarked, exam.RoleDoctor, Running},
	{Running, ActFocusLost, exam.RoleDoctor, Running},
	{Running, ActFocusBack, exam.RoleDoctor, Running},
	{Running, ActSealed, exam.RoleDoctor, HandedIn},
	{Running, ActMessage, exam.RoleProctor, Running},
	{Running, ActVouched, exam.RoleProctor, Running},
	{Running, ActPause, exam.RoleProctor, Paused},
	{Running, ActExtra, exam.RoleProctor, Running},
	{Running, ActMove, exam.RoleProctor, Running},
	{Running, ActTerminated, exam.RoleProctor, Terminated},
	{Running, ActCollected, registry, HandedIn},

	{Paused, ActResumed, exam.RoleDoctor, Paused},
	{Paused, ActAnchored, exam.RoleDoctor, Paused},
	{Paused, ActObeyed, exam.RoleDoctor, Paused},
	{Paused, ActFocusLost, exam.RoleDoctor, Paused},
	{Paused, ActFocusBack, exam.RoleDoctor, Paused},
	{Paused, ActMessage, exam.RoleProctor, Paused},
	{Paused, ActVouched, exam.RoleProctor, Paused},
	{Paused, ActResume, exam.RoleProctor, Running},
	{Paused, ActExtra, exam.RoleProctor, Paused},
	{Paused, ActMove, exam.RoleProctor, Paused},
	{Paused, ActTerminated, exam.RoleProctor, Terminated},

	{HandedIn, ActAnchored, exam.RoleDoctor, HandedIn}, // for the record: how long a restart took

	{Absent, ActStart, exam.RoleProctor, Ready}, // the mark was a mistake
}

// lead finds the table's line.
func lead(from State, act Act, role exam.Role) (to State, ok bool) {
	for _, r := range table {
		if r.From == from && r.Act == act && r.Role == role {
			return r.To, true
		}
	}
	return "", false
}

// Order is one order as a screen shows it.
type Order struct {
	Seq   uint64       `json:"seq"`
	At    exam.Instant `json:"at"`
	Act   Act          `json:"act"`
	By    *Actor       `json:"by,omitempty"`
	Text  string       `json:"text,omitempty"`
	Extra Span         `json:"extra,omitempty"`
	Void  bool         `json:"void,omitempty"` // it did not fit any more where it stands, and changed nothing
}

// Why says why something does not count.
type Why string

const (
	// Late: work on the paper after the time was over.
	Late Why = "late"
	// Fenced: in an ended epoch, behind what was acknowledged when it ended.
	Fenced Why = "fenced"
)

// Text is the reason in Chinese.
func (w Why) Text() string {
	switch w {
	case Late:
		return "测评时间结束以后"
	case Fenced:
		return "更换考试机或终止以后，原考试机上没有送达的"
	}
	return string(w)
}

// Uncounted names an entry of a terminal that changes nothing, and why.
type Uncounted struct {
	Epoch Epoch  `json:"epoch"`
	Seq   uint64 `json:"seq"`
	Why   Why    `json:"why"`
}

// Sitting is one candidate's attempt as both ends derive it. It is a value:
// Apply returns a new one and changes nothing that the old one holds.
type Sitting struct {
	State     State
	Epoch     Epoch            // in force; 0 before the start
	Terminal  string           // who holds it; empty: whoever writes first
	Seq       uint64           // head of the epoch's stream, as far as it counts
	OrdersSeq uint64           // head of the orders
	Heeded    uint64           // the last order that the terminal's newest entry names
	Terms     Terms            // of the start in force
	Question  paper.QuestionID // the candidate's, after opening: where a restart goes on
	Opened    exam.Instant     // registry time of opening
	Ledger    Ledger           // its time
	Seal      *Seal            // once handed in
	Collected bool             // handed in by the registry, not by a seal of the terminal
	Reason    string           // of the pause, the termination or the absence in force
	Vouched   *Actor           // who answered last for the candidate's identity
	FocusLost int              // how often
	Away      bool             // the window is not in front now
	Orders    []Order          // all of them
	Uncounted []Uncounted      // what does not count, in the order of the fold
	answers   []paper.Answer   // by Terms.Questions
	marks     []bool           // by Terms.Questions
	index     map[paper.QuestionID]int
	fresh     bool // the epoch has no entry yet
}

// New is the sitting before anything was ordered.
func New() Sitting { return Sitting{State: Waiting} }

// Allows says whether the table has the act in this state for this role, before
// any look at the entry itself: what a screen offers.
func (s Sitting) Allows(act Act, role exam.Role) bool {
	_, ok := lead(s.State, act, role)
	return ok
}

// Acknowledges says whether entries of the epoch may still be taken in: the
// registry asks it in the transaction in which it would. At most one epoch is.
func (s Sitting) Acknowledges(e Epoch) bool {
	return e != 0 && e == s.Epoch && s.State != Terminated
}

// Apply is the sitting after e. For a terminal's entry the error is Refused where
// the machine does not allow it, Conflict where it was written upon another
// state of affairs (another epoch, another head, other orders), and Invalid
// where it is malformed; the sitting is then as it was. On Conflict a reader
// that has more entries folds anew: the entry may stand before orders that were
// applied already.
//
// An order is a fact once the registry has written it: where the table has no
// line for it, it is void, and that is no error. Admit tells beforehand.
func (s Sitting) Apply(e Entry) (Sitting, error) {
	if e.Act.ByTerminal() {
		return s.applyOwn(e)
	}
	return s.applyOrder(e)
}

func (s Sitting) applyOwn(e Entry) (Sitting, error) {
	if !s.Acknowledges(e.Epoch) {
		return s, exam.Errorf(exam.Conflict, "这台考试机已不再用于这次测评，已送达的作答都已保留，请联系监考员")
	}
	if e.Seq != s.Seq+1 || e.Orders != s.OrdersSeq {
		return s, exam.Errorf(exam.Conflict, "测评记录与登记处的不一致，作答都已保存在本机，请稍候")
	}
	to, ok := lead(s.State, e.Act, exam.RoleDoctor)
	if !ok {
		return s, s.refusal(e.Act)
	}
	if err := e.check(); err != nil {
		return s, err
	}
	q, known := s.index[e.Question]
	if e.Act.byCandidate() && !known {
		return s, exam.Errorf(exam.Invalid, "试卷里没有这道题")
	}
	next := s
	switch e.Act {
	case ActOpened:
		at := e.Anchor.At + exam.Instant(e.Reading.Mono-e.Anchor.Mono)
		if at < s.Terms.Released {
			return s, exam.Errorf(exam.Refused, "还没有到开始时间，请在%s以后进入", s.Terms.Released.Text())
		}
		next.Opened, next.Question = at, s.Terms.Questions[0]
		next.Ledger.opened(e)
	case ActResumed:
		if e.Alive != nil && (s.fresh || e.Alive.Boot != s.Ledger.Last.Boot || e.Alive.Mono < s.Ledger.Last.Mono) {
			return s, exam.Errorf(exam.Invalid, "记录里中断前的时间不对")
		}
		next.Ledger.resumed(e, s.fresh)
	default:
		// Another boot, or another terminal, says so first: else a gap would pass unseen.
		if s.fresh || e.Reading.Boot != s.Ledger.Last.Boot {
			return s, exam.Errorf(exam.Refused, "请先恢复测评，再继续作答")
		}
		next.Ledger.passed(e)
	}
	late := e.Act.byCandidate() && next.Ledger.used > next.Ledger.Limit()
	if e.Act == ActSealed {
		if *e.Seal != next.Sealing(*e.Reading, e.Seal.Hash) {
			return s, exam.Errorf(exam.Invalid, "交卷记录与作答记录不一致")
		}
		seal := *e.Seal
		next.Seal, next.Collected = &seal, false
	}
	next.State, next.Seq, next.fresh = to, e.Seq, false
	next.Ledger.anchored(e, to == HandedIn)
	next.heed(e)
	next.Ledger.running = to == Running
	if late {
		next.Uncounted = append(s.Uncounted[:len(s.Uncounted):len(s.Uncounted)], Uncounted{Epoch: e.Epoch, Seq: e.Seq, Why: Late})
		return next, nil
	}
	switch e.Act {
	case ActWent:
		next.Question = e.Question
	case ActAnswered:
		next.Question = e.Question
		next.answers = slices.Clone(s.answers)
		next.answers[q] = *e.Answer
	case ActMarked:
		next.marks = slices.Clone(s.marks)
		next.marks[q] = *e.Marked
	case ActFocusLost:
		if !s.Away {
			next.FocusLost++
		}
		next.Away = true
	case ActFocusBack, ActResumed:
		next.Away = false
	}
	return next, nil
}

// heed notes which orders e had read, and whether its clock could have known them.
func (s *Sitting) heed(e Entry) {
	if e.Orders == s.Heeded {
		return
	}
	s.Heeded = e.Orders
	at, ok := s.Ledger.Registry(s.Ledger.Last)
	if newest := s.Orders[e.Orders-1].At; ok && at+exam.Instant(AnchorSlack) < newest {
		s.Ledger.note(BeforeOrder, e, Span(newest-at))
	}
}

func (s Sitting) applyOrder(e Entry) (Sitting, error) {
	if e.Epoch != 0 || e.Seq != s.OrdersSeq+1 {
		return s, exam.Errorf(exam.Conflict, "该考生刚刚有新的监考指令，请重新打开后再操作")
	}
	if !slices.Contains(Acts, e.Act) {
		return s, exam.Errorf(exam.Invalid, "没有这种监考指令")
	}
	if err := e.check(); err != nil {
		return s, err
	}
	if e.Act.fences() && (e.Fences != s.Epoch || e.Ack != s.Seq) {
		return s, exam.Errorf(exam.Conflict, "该考生刚刚又有作答送达，请重新操作")
	}
	next := s
	next.OrdersSeq = e.Seq
	o := Order{Seq: e.Seq, At: e.At, Act: e.Act, By: e.By, Text: e.Text, Extra: e.Extra}
	to, ok := lead(s.State, e.Act, e.role())
	o.Void = !ok
	next.Orders = append(s.Orders[:len(s.Orders):len(s.Orders)], o)
	if !ok {
		return next, nil
	}
	next.State = to
	switch e.Act {
	case ActStart:
		next.Terms, next.Terminal, next.Reason = *e.Terms, e.Terminal, ""
		next.Epoch, next.fresh = max(s.Epoch, 1), true
		extra := s.Ledger.extra
		next.Ledger = newLedger(*e.Terms)
		next.Ledger.extra = extra
		n := len(e.Terms.Questions)
		next.answers, next.marks, next.index = make([]paper.Answer, n), make([]bool, n), make(map[paper.QuestionID]int, n)
		for i, q := range e.Terms.Questions {
			next.index[q] = i
		}
	case ActVouched:
		next.Vouched = e.By
	case ActPause:
		next.Reason = e.Text
		next.Ledger.pausedBy(e.At)
	case ActResume:
		next.Reason = ""
		next.Ledger.resumedBy(e.At)
	case ActExtra:
		next.Ledger.extra += e.Extra
	case ActMove:
		next.Epoch, next.Seq, next.Terminal, next.fresh = s.Epoch+1, 0, e.Terminal, true
	case ActTerminated, ActAbsent:
		next.Reason = e.Text
		next.Ledger.running = false
	case ActCollected:
		// As the terminal would have written it when the time was over.
		next.Seal, next.Collected = &Seal{Head: s.Seq, Answered: s.Answered(), Used: s.Ledger.Limit(), Auto: true}, true
		next.Ledger.running = false
	}
	return next, nil
}

// role is who the table takes the order's author for.
func (e Entry) role() exam.Role {
	if e.By == nil {
		return registry
	}
	return e.By.Role
}

// Admit judges an entry once, when it is made: by the terminal before it writes,
// by the registry before it gives an order. now is registry time, or the
// terminal's estimate of it. The error is Refused, Conflict or Invalid. What
// was written in spite of it is judged by Fold: a late answer is named and does
// not count, an order out of place is void.
func (s Sitting) Admit(e Entry, now exam.Instant) error {
	if !e.Act.ByTerminal() && !s.Allows(e.Act, e.role()) {
		return s.refusal(e.Act)
	}
	if e.Act == ActCollected {
		if now < s.Ledger.latestEnd() {
			return exam.Errorf(exam.Refused, "该考生的测评时间还没有结束，暂不能收卷")
		}
	}
	next, err := s.Apply(e)
	if err != nil {
		return err
	}
	if len(next.Uncounted) > len(s.Uncounted) {
		return exam.Errorf(exam.Refused, "测评时间已到，之前的作答都已保存，正在交卷")
	}
	return nil
}

// refusal says, in the candidate's or the proctor's words, why act is not possible now.
func (s Sitting) refusal(act Act) error {
	say := func(t string) error { return &exam.Error{Kind: exam.Refused, Sentence: t} }
	switch {
	case s.State == Terminated:
		return say("测评已由监考员终止，已送达的作答都已保留")
	case s.State == HandedIn && act == ActExtra:
		return say("该考生已经交卷，不能再加时")
	case s.State == HandedIn:
		return say("已经交卷，不能再作答或改变")
	case s.State == Absent:
		return say("该考生已标记为缺考；如标记有误，请监考员重新开始")
	case s.State == Waiting && act.ByTerminal():
		return say("测评还没有开始，请等候监考员")
	case s.State == Ready && act.ByTerminal():
		return say("请先进入测评")
	case s.State == Paused && act == ActSealed:
		return say("测评已暂停，不能交卷；计时已停止，请等候监考员")
	case s.State == Paused && act.ByTerminal():
		return say("测评已暂停，计时已停止，作答都已保存，请等候监考员")
	case act == ActOpened, act == ActStart && s.State != Waiting:
		return say("测评已经开始")
	case act == ActAbsent:
		return say("该考生已经进入测评，不能标记为缺考")
	case act == ActPause && s.State == Paused:
		return say("测评已经暂停")
	case act == ActResume:
		return say("测评没有暂停，不需要继续")
	}
	return say(fmt.Sprintf("现在是“%s”，不能“%s”", s.State.Text(), act.Text()))
}

// Fold is the sitting after all entries that the reader has: epochs[n-1] is the
// stream of epoch n, each stream from its beginning. An order stands before the
// first entry that names it, a fence behind what it names as acknowledged. The
// error names the entry that cannot stand, or is Damaged where acknowledged
// entries are missing; what was folded before it is returned.
func Fold(epochs [][]Entry, orders []Entry) (Sitting, error) {
	s := New()
	k := 0 // orders applied
	apply := func(e Entry) error {
		next, err := s.Apply(e)
		if err != nil {
			return fmt.Errorf("%s %d/%d: %w", e.Act, e.Epoch, e.Seq, err)
		}
		s = next
		return nil
	}
	for {
		var own []Entry
		if n := int(s.Epoch); n > 0 && n <= len(epochs) && s.State != Terminated {
			own = epochs[n-1]
		}
		fence := slices.IndexFunc(orders[k:], func(o Entry) bool { return o.Act.fences() })
		end := uint64(len(own))
		if fence >= 0 && orders[k+fence].Fences == s.Epoch && s.State != Terminated {
			if end = orders[k+fence].Ack; end > uint64(len(own)) {
				return s, exam.Errorf(exam.Damaged, "登记处已收到的作答记录在这里不完整，请重新读取")
			}
		}
		if s.Seq < end {
			e := own[s.Seq]
			if k < len(orders) && orders[k].Seq <= e.Orders {
				e, k = orders[k], k+1
			}
			if err := apply(e); err != nil {
				return s, err
			}
			continue
		}
		if k == len(orders) {
			break
		}
		o, was := orders[k], s.Epoch
		if err := apply(o); err != nil {
			return s, err
		}
		k++
		if o.Act.fences() && !s.Orders[len(s.Orders)-1].Void && int(was) <= len(epochs) && was > 0 {
			for _, e := range epochs[was-1][o.Ack:] {
				s.Uncounted = append(s.Uncounted[:len(s.Uncounted):len(s.Uncounted)], Uncounted{Epoch: was, Seq: e.Seq, Why: Fenced})
			}
		}
	}
	for n := int(s.Epoch); n < len(epochs); n++ {
		if len(epochs[n]) > 0 {
			return s, exam.Errorf(exam.Conflict, "测评记录属于还没有指定的考试机")
		}
	}
	return s, nil
}
