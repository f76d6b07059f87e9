package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
)

// sampleRoom is the wall of a sample: sittings folded by the real rules from real
// entries. It is made when it is first looked at.
type sampleRoom struct {
	sittings []*sampleSitting
	// What was asked, for tests.
	filters  []sitting.Filter
	commands []sitting.Command
	// stuck is the outcome of ordering one about.
	stuck map[sitting.ID]error
}

// sampleSitting is one candidate at one machine, or at two one after the other.
type sampleSitting struct {
	x      *sample
	row    sitting.Row
	s      sitting.Sitting
	epochs [][]sitting.Entry
	orders []sitting.Entry
	now    exam.Instant // of the story
	boot   string
	since  exam.Instant // when the machine was started
	off    sitting.Span // of its clock
	silent sitting.Span // how long ago it was heard of; 0: never
	code   string
}

var allChecked = []sitting.Check{{Name: "disk", State: "ok"}, {Name: "network", State: "ok"}, {Name: "clock", State: "ok"}, {Name: "camera", State: "ok"},
	{Name: "face", State: "ok"}, {Name: "screens", State: "ok"}}

var noCamera = []sitting.Check{{Name: "disk", State: "ok"}, {Name: "network", State: "ok"}, {Name: "clock", State: "warn", Detail: "本机时钟与登记处相差 4 分钟，不影响测评计时。"},
	{Name: "camera", State: "none", Detail: "这台考试机没有摄像头，请监考员现场核验。"}, {Name: "screens", State: "ok"}}

var badScreens = []sitting.Check{{Name: "disk", State: "ok"}, {Name: "network", State: "ok"}, {Name: "clock", State: "ok"}, {Name: "camera", State: "ok"},
	{Name: "screens", State: "failed", Detail: "接有第二台显示器，请拔掉后重新检查。"}}

// sampleCandidates are the candidates of a sample, each in another state.
var sampleCandidates = []struct {
	name, identity, room, terminal string
	way                            func(*sampleSitting)
}{
	{"郑雅琴", "1404**********9168", "第一考场", "A-01", func(c *sampleSitting) { c.begun().work(12, 100) }},
	{"韩冰", "1404**********3021", "第一考场", "A-02", func(c *sampleSitting) { c.begun().work(31, 40).away(14).work(6, 60).heardOf(2) }},
	{"罗志远", "1401**********0517", "第一考场", "A-03", func(c *sampleSitting) { c.begun().work(18, 50).heardOf(7 * 60) }},
	{"梁雪", "1404**********1945", "第一考场", "A-04", func(c *sampleSitting) {
		c.begun().work(22, 50).order(sitting.ActPause, "网络故障处理中，请稍候，计时已停止。", 0).pass(4).own(sitting.ActObeyed, nil)
	}},
	{"谢安", "1404**********2233", "第一考场", "A-05", func(c *sampleSitting) { c.begun().work(99, 15).handIn() }},
	{"唐蕾", "1424**********0820", "第一考场", "A-06", func(c *sampleSitting) { c.checkedIn(allChecked) }},
	{"董建军", "1404**********5512", "第一考场", "A-07", func(c *sampleSitting) { c.checkedIn(noCamera) }},
	{"袁媛", "1404**********7746", "第一考场", "A-08", func(c *sampleSitting) { c.checkedIn(allChecked).start() }},
	{"邓凯", "1401**********9917", "第一考场", "", func(c *sampleSitting) {}},
	{"傅红", "1404**********6128", "第二考场", "B-01", func(c *sampleSitting) { c.begun().work(25, 48).restart(200).work(9, 50) }},
	{"沈国栋", "1404**********0353", "第二考场", "B-02", func(c *sampleSitting) { c.begun().work(30, 40).setClock(300).work(3, 40) }},
	{"曾琳", "1424**********4464", "第二考场", "B-03", func(c *sampleSitting) { c.begun().work(20, 50).moved() }},
	{"彭涛", "1404**********8871", "第二考场", "B-04", func(c *sampleSitting) {
		c.begun().work(14, 40).order(sitting.ActTerminated, "经现场核实，不是考生本人。", 0)
	}},
	{"吕佳宁", "1401**********1209", "第二考场", "B-05", func(c *sampleSitting) {
		c.begun().work(40, 30).order(sitting.ActExtra, "考试机故障，补回耽误的时间。", 10*sitting.Minute).pass(3).own(sitting.ActObeyed, nil).work(6, 45).
			order(sitting.ActMessage, "请保持安静，独立作答。", 0)
	}},
	{"苏明", "1404**********3390", "第二考场", "", func(c *sampleSitting) { c.order(sitting.ActAbsent, "到开始时间没有到场。", 0) }},
	{"蒋丽", "1404**********7502", "第二考场", "B-07", func(c *sampleSitting) {
		c.row.Resit = true
		c.checkedIn(badScreens)
	}},
}

// sittings are the candidates of the sample.
func (s *sample) sittings() []*sampleSitting {
	if s.room.sittings == nil {
		s.room.stuck = map[sitting.ID]error{}
		for _, d := range sampleCandidates {
			d.way(s.candidate(d.name, d.identity, d.room, d.terminal))
		}
	}
	return s.room.sittings
}

// hall adds n candidates who work, for many at once.
func (s *sample) hall(n int) *sample {
	s.sittings()
	for i := range n {
		c := s.candidate(fmt.Sprintf("考生%04d", i+1), fmt.Sprintf("1404**********%04d", i+1), fmt.Sprintf("第%02d考场", i/40+1), fmt.Sprintf("%02d", i%40+1))
		switch {
		case i%3 == 0:
			c.checkedIn(allChecked)
		default:
			c.begun().work(i%10+1, 60)
		}
		if i%37 == 0 {
			c.heardOf(4 * 60)
		}
	}
	return s
}

func (s *sample) candidate(name, identity, room, terminal string) *sampleSitting {
	n := len(s.room.sittings) + 1
	c := &sampleSitting{x: s, s: sitting.New(), now: s.now - exam.Instant(40*sitting.Minute) + exam.Instant(sitting.Span(n*37%200)*sitting.Second), boot: fmt.Sprintf("boot-%d", n)}
	c.since = c.now - exam.Instant(20*sitting.Minute)
	c.row = sitting.Row{Sitting: sitting.ID(fmt.Sprintf("sit-%04d", n)), Application: exam.ApplicationID(fmt.Sprintf("app-%04d", n)),
		Name: name, Identity: identity, Institution: "长治市医院", Room: room, Terminal: terminal}
	s.room.sittings = append(s.room.sittings, c)
	return c
}

func (c *sampleSitting) pass(seconds int) *sampleSitting {
	c.now += exam.Instant(sitting.Span(seconds) * sitting.Second)
	return c
}

func (c *sampleSitting) reading() *sitting.Reading {
	return &sitting.Reading{Boot: c.boot, Mono: sitting.Span(c.now - c.since), Wall: c.now + exam.Instant(c.off)}
}

func (c *sampleSitting) anchor() *sitting.Anchor {
	return &sitting.Anchor{Boot: c.boot, Mono: c.reading().Mono, At: c.now}
}

// own is an entry of the terminal, by the real rules. An error is a mistake here and panics.
func (c *sampleSitting) own(act sitting.Act, change func(*sitting.Body)) *sampleSitting {
	e := sitting.Entry{Epoch: c.s.Epoch, Seq: c.s.Seq + 1, At: c.now, Act: act, Body: sitting.Body{Reading: c.reading(), Orders: c.s.OrdersSeq}}
	if change != nil {
		change(&e.Body)
	}
	c.apply(e)
	for len(c.epochs) < int(e.Epoch) {
		c.epochs = append(c.epochs, nil)
	}
	c.epochs[e.Epoch-1] = append(c.epochs[e.Epoch-1], e)
	return c
}

func (c *sampleSitting) apply(e sitting.Entry) {
	next, err := c.s.Apply(e)
	if err != nil {
		panic("desk: sample: " + err.Error())
	}
	c.s = next
}

func sampleQuestion(n int) paper.QuestionID { return paper.QuestionID(fmt.Sprintf("q%03d", n)) }

// orderEntry is an order as the registry would write it.
func (c *sampleSitting) orderEntry(act sitting.Act, text string, extra sitting.Span, by sitting.Actor) sitting.Entry {
	e := sitting.Entry{Seq: c.s.OrdersSeq + 1, At: c.now, Act: act, Body: sitting.Body{By: &by, Text: text, Extra: extra}}
	switch act {
	case sitting.ActStart:
		t := sitting.Terms{Paper: "p1", Length: 60 * sitting.Minute, Gap: sitting.UsualGap, Gaps: sitting.UsualGaps, Released: c.now}
		for n := range 100 {
			t.Questions = append(t.Questions, sampleQuestion(n+1))
		}
		e.Terms = &t
	case sitting.ActMove, sitting.ActTerminated:
		e.Fences, e.Ack = c.s.Epoch, c.s.Seq
	}
	return e
}

func (c *sampleSitting) order(act sitting.Act, text string, extra sitting.Span) *sampleSitting {
	e := c.orderEntry(act, text, extra, sitting.Actor{Account: "s4", Name: "田野", Role: exam.RoleProctor})
	c.apply(e)
	c.orders = append(c.orders, e)
	if act == sitting.ActMove {
		c.code = "482913"
	}
	return c
}

func (c *sampleSitting) checkedIn(checks []sitting.Check) *sampleSitting {
	c.row.Checks, c.silent = checks, 3*sitting.Second
	return c
}

func (c *sampleSitting) start() *sampleSitting { return c.order(sitting.ActStart, "", 0) }

// begun is started and opened.
func (c *sampleSitting) begun() *sampleSitting {
	return c.checkedIn(allChecked).start().pass(25).own(sitting.ActOpened, func(b *sitting.Body) { b.Anchor = c.anchor() })
}

// work answers n questions, seconds apart.
func (c *sampleSitting) work(n, seconds int) *sampleSitting {
	from := c.s.Answered()
	for i := range n {
		a := paper.Only(i % 4)
		c.pass(seconds/2).own(sitting.ActWent, func(b *sitting.Body) { b.Question = sampleQuestion(from + i + 1) })
		c.pass(seconds-seconds/2).own(sitting.ActAnswered, func(b *sitting.Body) { b.Question, b.Answer = sampleQuestion(from+i+1), &a })
	}
	return c
}

func (c *sampleSitting) away(seconds int) *sampleSitting {
	return c.pass(8).own(sitting.ActFocusLost, nil).pass(seconds).own(sitting.ActFocusBack, nil)
}

// restart is a machine that was off for so long.
func (c *sampleSitting) restart(seconds int) *sampleSitting {
	c.pass(seconds)
	c.boot, c.since = c.boot+"-2", c.now-exam.Instant(30*sitting.Second)
	return c.own(sitting.ActResumed, func(b *sitting.Body) { b.Anchor = c.anchor() })
}

func (c *sampleSitting) setClock(seconds int) *sampleSitting {
	c.off += sitting.Span(seconds) * sitting.Second
	return c
}

// moved waits for another machine.
func (c *sampleSitting) moved() *sampleSitting {
	c.silent = 50 * sitting.Second
	return c.pass(40).order(sitting.ActMove, "考试机断电，更换考试机继续测评。", 0)
}

func (c *sampleSitting) handIn() *sampleSitting {
	return c.pass(30).own(sitting.ActSealed, func(b *sitting.Body) {
		seal := c.s.Sealing(*b.Reading, strings.Repeat("ab", 32))
		b.Seal = &seal
	})
}

// heardOf says how many seconds ago the machine was heard of last.
func (c *sampleSitting) heardOf(seconds int) *sampleSitting {
	c.silent = sitting.Span(seconds) * sitting.Second
	return c
}

// view is the sitting as the wall lists it.
func (c *sampleSitting) view() sitting.Row {
	r := c.row
	at := sitting.Reading{Boot: c.boot, Mono: sitting.Span(c.x.now - c.since)}
	v := c.s.View(at)
	r.State, r.Epoch, r.Orders, r.Vouched, r.Code = c.s.State, c.s.Epoch, c.s.OrdersSeq, c.s.Vouched != nil, c.code
	r.Number, r.Total, r.Answered = v.Number, v.Total, v.Answered
	r.Anomalies, r.FocusLost = len(c.s.Ledger.Anomalies)+len(c.s.Uncounted), c.s.FocusLost
	if c.s.Opened != 0 {
		r.Left = v.Left
	}
	if c.s.State == sitting.Running || c.s.State == sitting.Paused || c.s.State == sitting.Ready {
		r.Pending = len(v.Pending)
	}
	if c.silent != 0 {
		r.LastHeard = c.x.now - exam.Instant(c.silent)
	}
	return r
}

// Wall filters and cuts as the registry does.
func (s *sample) Wall(_ context.Context, f sitting.Filter) (sitting.Page, error) {
	if err := s.fail["Wall"]; err != nil {
		return sitting.Page{}, err
	}
	list := s.sittings()
	s.room.filters = append(s.room.filters, f)
	page := sitting.Page{Counts: map[sitting.State]int{}, Now: s.now}
	for _, c := range list {
		r := c.view()
		page.Counts[r.State]++
		if len(f.States) > 0 && !slices.Contains(f.States, r.State) || f.Room != "" && f.Room != r.Room ||
			f.Text != "" && !strings.Contains(r.Name, f.Text) && !strings.Contains(r.Identity, f.Text) {
			continue
		}
		page.Rows = append(page.Rows, r)
	}
	page.Total = len(page.Rows)
	page.Rows = page.Rows[:min(len(page.Rows), max(f.Limit, 1))]
	return page, nil
}

// Command orders each target by the real rules.
func (s *sample) Command(_ context.Context, cmd sitting.Command) ([]sitting.Outcome, error) {
	if s.before != nil {
		s.before(len(s.room.commands))
	}
	if err := s.fail["Command"]; err != nil {
		return nil, err
	}
	s.room.commands = append(s.room.commands, cmd)
	var outs []sitting.Outcome
	for _, t := range cmd.Sittings {
		c, err := s.findSitting(t.Sitting)
		if err == nil {
			err = s.room.stuck[t.Sitting]
		}
		if err == nil && t.Orders != 0 && t.Orders != c.s.OrdersSeq {
			err = exam.Errorf(exam.Conflict, "该考生刚刚有新的监考指令，请重新打开后再操作")
		}
		var e sitting.Entry
		if err == nil {
			c.now = max(c.now, s.now)
			e = c.orderEntry(cmd.Act, cmd.Text, cmd.Extra, sitting.Actor{Account: s.account.ID, Name: s.account.Name, Role: s.account.Role})
			err = c.s.Admit(e, s.now)
		}
		if err != nil {
			outs = append(outs, sitting.Outcome{Sitting: t.Sitting, Kind: exam.KindOf(err), Sentence: exam.SentenceOf(err)})
			continue
		}
		c.apply(e)
		c.orders = append(c.orders, e)
		o := sitting.Outcome{Sitting: t.Sitting, State: c.s.State}
		if cmd.Act == sitting.ActMove {
			c.code, o.Code = "739206", "739206"
		}
		outs = append(outs, o)
	}
	return outs, nil
}

// Journal opens one.
func (s *sample) Journal(_ context.Context, id sitting.ID) (sitting.Journal, error) {
	if err := s.fail["Journal"]; err != nil {
		return sitting.Journal{}, err
	}
	c, err := s.findSitting(id)
	if err != nil {
		return sitting.Journal{}, err
	}
	return sitting.Journal{Row: c.view(), Epochs: c.epochs, Orders: c.orders}, nil
}

func (s *sample) findSitting(id sitting.ID) (*sampleSitting, error) {
	for _, c := range s.sittings() {
		if c.row.Sitting == id {
			return c, nil
		}
	}
	return nil, exam.Errorf(exam.NotFound, "没有找到这名考生的测评，可能已不在本账号的范围内")
}

// seatOf is the sitting of a candidate of the sample.
func (s *sample) seatOf(name string) *sampleSitting {
	for _, c := range s.sittings() {
		if c.row.Name == name {
			return c
		}
	}
	panic("desk: sample: no candidate is called " + name)
}
