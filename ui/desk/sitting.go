package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	"dingkao/exam/sitting"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// sittingEvery is how often a seat that is shown is read anew.
const sittingEvery = 3 * time.Second

// mostEvents are shown of a seat's history at first; a whole hour has many more.
const mostEvents = 40

// sittingPage is one seat: who sits where, how far, what was ordered and what became
// of it, what was noticed, and what can be ordered now.
type sittingPage struct {
	s    *seat
	wall *wallPage
	rows []sitting.Row
	at   int
	life *shell.Life

	v      sittingView
	have   bool
	asking bool
	lost   bool
	read   exam.Instant // by the PC's clock
	all    bool         // the whole history is shown

	root    *fyne.Container
	head    *fyne.Container
	body    *fyne.Container
	side    *fyne.Container
	bar     *fyne.Container
	scroll  *container.Scroll
	left    *canvas.Text
	contact *canvas.Text
}

func newSittingPage(s *seat, wall *wallPage, rows []sitting.Row, at int) *sittingPage {
	return &sittingPage{s: s, wall: wall, rows: rows, at: at}
}

// Fills says that it scrolls by itself.
func (p *sittingPage) Fills() bool { return true }

// Open reads the seat and keeps it fresh until it is left.
func (p *sittingPage) Open(life *shell.Life) fyne.CanvasObject {
	p.life = life
	p.head, p.body, p.side, p.bar = container.NewStack(), part.Groups(), part.Groups(), container.NewStack()
	p.left, p.contact = part.NewLine("", theme.SizeDisplay, theme.ColorInkStrong, true), part.NewLine("", theme.SizeHeading, theme.ColorInkStrong, true)
	p.scroll = container.NewVScroll(part.Top(container.NewBorder(nil, nil, nil, part.Space(theme.Space), p.body)))
	side := container.NewVScroll(part.Top(container.NewBorder(nil, nil, nil, part.Space(4), p.side)))
	p.root = container.NewBorder(p.head, p.bar, nil, part.Sized(sideWidth, 0, side), p.scroll)
	p.heading()
	p.body.Objects = []fyne.CanvasObject{part.NewLoading("正在读取 " + p.rows[p.at].Name + " 的测评…")}
	p.load()
	life.Every(sittingEvery, p.load)
	life.Every(clockEvery, p.tick)
	if c := p.s.canvas(); c != nil {
		c.Unfocus() // the row that was pressed is gone and would swallow the keys
		before := c.OnTypedKey()
		c.SetOnTypedKey(p.key)
		life.OnEnd(func() { c.SetOnTypedKey(before) })
	}
	return p.root
}

func (p *sittingPage) key(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape:
		p.back()
	case fyne.KeyLeft, fyne.KeyPageUp:
		p.step(-1)
	case fyne.KeyRight, fyne.KeyPageDown:
		p.step(1)
	case fyne.KeyDown:
		p.roll(60)
	case fyne.KeyUp:
		p.roll(-60)
	case fyne.KeyF5:
		p.load()
	case fyne.KeyM:
		p.press(orderMessage)
	case fyne.KeyP:
		p.press(orderPause)
		p.press(orderResume)
	}
}

func (p *sittingPage) roll(by float32) {
	p.scroll.Offset.Y = max(min(p.scroll.Offset.Y+by, p.scroll.Content.Size().Height-p.scroll.Size().Height), 0)
	p.scroll.Refresh()
}

func (p *sittingPage) press(o order) {
	if p.have && slices.Contains(p.v.may, o) {
		p.order(o)
	}
}

func (p *sittingPage) back() { p.s.frame.Show(p.wall) }

// step opens the seat before or behind this one on the wall.
func (p *sittingPage) step(by int) {
	if to := p.at + by; to >= 0 && to < len(p.rows) {
		p.s.frame.Show(newSittingPage(p.s, p.wall, p.rows, to))
	}
}

// load reads the seat. It is drawn anew only when something has changed but its clocks.
func (p *sittingPage) load() {
	if p.life.Over() || p.asking {
		return
	}
	p.asking = true
	id := p.rows[p.at].Sitting
	shell.Job(p.life, func(ctx context.Context) (sitting.Journal, error) { return p.s.session.Journal(ctx, id) }, func(j sitting.Journal, err error) {
		p.asking = false
		if p.s.heard(err) {
			return
		}
		if err != nil {
			p.failed(err)
			return
		}
		was, lost := p.v.signature, p.lost
		p.read, p.lost = p.s.now(), false
		p.v = viewSitting(j, p.s.role, p.registryNow())
		if !p.have || lost || was != p.v.signature {
			p.have = true
			p.draw()
		}
		p.tick()
	})
}

// registryNow is the registry's time at the last reading, by the wall's word for it.
func (p *sittingPage) registryNow() exam.Instant {
	if p.wall == nil || p.wall.read == 0 {
		return p.read
	}
	return p.read + p.wall.got.Now - p.wall.read
}

// failed says that reading did not work; what is shown stays.
func (p *sittingPage) failed(err error) {
	if p.have {
		if !p.lost {
			p.lost = true
			p.draw()
		}
		return
	}
	p.body.Objects = []fyne.CanvasObject{part.NewFailed("没有读到这名考生的测评", say(err), part.NewPrimary("重试", p.load), part.NewSecondary("返回考场", p.back))}
	p.body.Refresh()
}

// tick draws the clock.
func (p *sittingPage) tick() {
	if !p.have {
		return
	}
	line := viewSeat(p.v.row, p.registryNow(), sitting.Span(max(p.s.now()-p.read, 0)))
	part.Say(p.left, line.left)
	part.Say(p.contact, line.contact.text)
}

func (p *sittingPage) draw() {
	p.heading()
	p.content()
	p.history()
	p.decisions()
	p.root.Refresh()
}

func (p *sittingPage) heading() {
	row := part.Row(part.NewSecondary("返回考场", p.back).WithGlyph("back").Small(), part.Space(4), part.NewTitle(p.rows[p.at].Name))
	if p.have {
		row.Add(part.NewChip(p.v.line.state.text, p.v.line.state.tone))
		if n := p.v.line.note; n.text != "" {
			row.Add(part.NewChip(n.text, n.tone))
		}
	}
	prev, next := neighbours(p.at, len(p.rows), p.step)
	place := part.NewMuted(fmt.Sprintf("第 %d / %d 位", p.at+1, len(p.rows)))
	p.head.Objects = []fyne.CanvasObject{container.NewBorder(nil, part.Space(theme.Gap), nil, nil, part.Ends(row, place, prev, next))}
	p.head.Refresh()
}

// figure is a large value under a small label.
func figure(label string, value fyne.CanvasObject) fyne.CanvasObject {
	return part.Rows(part.NewMuted(label), part.Sized(0, 46, part.Row(value)))
}

func (p *sittingPage) content() {
	v := p.v
	var objects []fyne.CanvasObject
	if p.lost {
		objects = append(objects, part.NewBanner(theme.Warn, "连接中断，显示的是 "+clock(p.read)+" 的内容", "考生的测评不受影响。正在自动重试。"))
	}
	for _, r := range v.remarks {
		objects = append(objects, part.NewBanner(r.tone, r.text, ""))
	}
	if v.row.Code != "" {
		objects = append(objects, part.NewCard("换机验证码", codeCard(v.row.Code)))
	}
	objects = append(objects, part.NewCard("", part.Columns(4, 140, figure("剩余时间", p.left),
		figure("当前题目", part.NewLine(v.line.question, theme.SizeTitle, theme.ColorInkStrong, true)),
		figure("已答", part.NewLine(v.line.answered, theme.SizeTitle, theme.ColorInkStrong, true)),
		figure("最近联系", p.contact))))
	objects = append(objects, part.NewCard("考生与考位", part.NewDetails(2,
		part.Pair{Label: "证件号码", Value: v.row.Identity}, part.Pair{Label: "所在机构", Value: v.row.Institution},
		part.Pair{Label: "考场", Value: orDash(v.row.Room)}, part.Pair{Label: "考试机", Value: orDash(v.row.Terminal)},
		part.Pair{Label: "测评次序", Value: v.first}, part.Pair{Label: "用过的机器", Value: v.machines},
		part.Pair{Label: "身份核验", Value: v.vouched})))
	objects = append(objects, p.orders(), p.checks())
	if len(v.records) > 0 {
		list := part.Rows()
		for _, r := range v.records {
			list.Add(part.Lead(part.NewGlyph(r.tone.Glyph(), r.tone.Ink(), 16), part.NewText(r.text)))
		}
		list.Add(part.Rule())
		list.Add(part.NewHint(recordsNote))
		objects = append(objects, part.NewCard("时钟、中断和窗口", list))
	}
	p.body.Objects = objects
	p.body.Refresh()
}

// checks is what was looked at on the candidate's PC.
func (p *sittingPage) checks() fyne.CanvasObject {
	if len(p.v.row.Checks) == 0 {
		return part.NewCard("签到检查", part.NewMuted("还没有检查结果"))
	}
	grid, list := part.Flow(), part.Rows()
	for _, c := range p.v.row.Checks {
		state := checkChip(c)
		grid.Add(part.Sized(218, 30, part.Row(part.Sized(88, 0, part.NewPlain(checkName(c.Name))), part.NewChip(state.text, state.tone))))
		if c.Detail != "" && c.State != "ok" {
			list.Add(part.Lead(part.NewGlyph(state.tone.Glyph(), state.tone.Ink(), 16), part.NewText(checkName(c.Name)+"："+c.Detail)))
		}
	}
	if len(list.Objects) > 0 {
		list.Objects = append([]fyne.CanvasObject{grid, part.Rule()}, list.Objects...)
	} else {
		list.Add(grid)
	}
	return part.NewCard("签到检查", list)
}

// orders are those that were given, with how far each has come.
func (p *sittingPage) orders() fyne.CanvasObject {
	if len(p.v.orders) == 0 {
		return part.NewCard("监考指令", part.NewMuted("还没有指令"))
	}
	list := part.Rows()
	for i, o := range p.v.orders {
		if i > 0 {
			list.Add(part.Rule())
		}
		list.Add(part.Ends(part.NewStrong(o.title), part.NewChip(o.state.text, o.state.tone)))
		if o.text != "" {
			list.Add(part.NewText(o.text))
		}
		list.Add(part.NewHint(o.who + "，" + o.steps))
	}
	return part.NewCard("监考指令", list)
}

// history is the panel at the right.
func (p *sittingPage) history() {
	shown := p.v.events
	if !p.all && len(shown) > mostEvents {
		shown = shown[:mostEvents]
	}
	events := make([]part.Event, len(shown))
	for i, e := range shown {
		events[i] = part.Event{When: e.at, Who: e.who, What: e.title, Text: e.detail, Tone: e.tone}
	}
	content := part.Rows(part.NewTimeline(events))
	if n := len(p.v.events) - len(shown); n > 0 {
		content.Add(part.NewSecondary(fmt.Sprintf("显示更早的 %d 条", n), func() {
			p.all = true
			p.history()
		}).Small())
	}
	p.side.Objects = []fyne.CanvasObject{part.NewCard("经过", content)}
	p.side.Refresh()
}

// decisions is the bar with what can be ordered now.
func (p *sittingPage) decisions() {
	var buttons []fyne.CanvasObject
	for _, o := range p.v.may {
		b := part.NewSecondary(o.text(), func() { p.order(o) })
		switch o {
		case orderStart, orderResume:
			b = part.NewPrimary(o.text(), func() { p.order(o) })
		case orderTerminate, orderAbsent:
			b = part.NewDanger(o.text(), func() { p.order(o) })
		}
		buttons = append(buttons, b)
	}
	text := "Esc 返回，← → 前后一位，M 发消息，P 暂停或继续"
	switch {
	case p.s.role != exam.RoleProctor:
		text = "由监考员下达指令，本账号只能查看。"
	case len(buttons) == 0:
		text = "现在没有可以下达的指令。"
	}
	p.bar.Objects = []fyne.CanvasObject{barSurface(part.Ends(part.NewHint(text), buttons...))}
	p.bar.Refresh()
}

// order gives o to this one, and reads it again.
func (p *sittingPage) order(o order) {
	p.s.ask(o, []sitting.Row{p.v.row}, 0, "", func([]sitting.Outcome) {
		if !p.life.Over() {
			p.load()
		}
	})
}
