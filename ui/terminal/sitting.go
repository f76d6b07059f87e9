package terminal

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// tickEvery is how often the time left is looked at.
const tickEvery = 500 * time.Millisecond

// jumpAfter is how long a number may be typed before it is gone to.
const jumpAfter = 900 * time.Millisecond

// sittingPage is the paper, alone in the window. It shows the place and keeps no
// copy of it: what is drawn as chosen is on disk. What it keeps is where the
// candidate looks, how large, and which messages were read.
type sittingPage struct {
	s    *seat
	life *shell.Life
	root *fyne.Container

	at        int // the question that is shown, from 0
	zoom      int
	dismissed uint64 // the last order whose banner was put away
	unsheeted bool   // the answer sheet is hidden
	digits    string // typed so far
	jump      func() // stops the jump that waits
	asking    bool   // the hand-in question stands

	queue   []op // what is being done, one after the other
	working bool

	kind     string // which body is built
	put      string // which question is put up
	banners  []bannerView
	q        *part.Question
	sheet    *part.Sheet
	side     *fyne.Container
	cells    *container.Scroll
	notices  *fyne.Container
	scroll   *container.Scroll
	left     *canvas.Text
	counts   *canvas.Text
	kept     *part.Chip
	position *canvas.Text
	size     *canvas.Text
	star     *part.Button
	prev     *part.Button
	next     *part.Button
	end      endView
}

// op is one thing to be written, and what to do with what came of it.
type op struct {
	work func() error
	then func(error)
}

// Open shows the paper at the question where the sitting stands.
func (p *sittingPage) Open(life *shell.Life) fyne.CanvasObject {
	p.life, p.root, p.kind, p.put, p.zoom, p.jump = life, container.NewStack(), "", "", 100, func() {}
	p.at = max(p.s.session.Place().View.Number-1, 0)
	p.refresh()
	p.s.watch(life, p.refresh)
	life.Every(tickEvery, p.tick)
	p.foreground(life)
	shell.After(50*time.Millisecond, func() {
		if life.Over() {
			return
		}
		if c := part.CanvasOf(p.root); c != nil {
			before := c.OnTypedKey()
			c.SetOnTypedKey(p.key)
			life.OnEnd(func() { c.SetOnTypedKey(before) })
		}
		if p.kind == "paper" { // laid out only now
			p.follow(len(p.s.session.Place().Sitting.Terms.Questions))
		}
		p.takeKeys()
	})
	life.OnEnd(func() { p.jump() })
	return container.NewStack(canvas.NewRectangle(theme.Paint(theme.ColorPage)), p.root)
}

// Fills says that the page scrolls by itself.
func (p *sittingPage) Fills() bool { return true }

// MayLeave asks before a running exam is left.
func (p *sittingPage) MayLeave(leave func()) bool {
	place := p.s.session.Place()
	c := part.CanvasOf(p.root)
	if !goesOn(place) || c == nil {
		return true
	}
	part.ConfirmDanger(c, "要退出测评吗？", "退出后计时不停止。作答都已保存在本机，重新打开程序并登录后从同一题继续。需要离开时，请先举手告诉监考员。",
		"退出", "继续答题", func(yes bool) {
			if yes {
				leave()
				return
			}
			p.takeKeys()
		})
	return false
}

// foreground notes when another window is in front.
func (p *sittingPage) foreground(life *shell.Life) {
	l := fyne.CurrentApp().Lifecycle()
	note := func(lost bool) func() {
		return func() {
			if !life.Over() && goesOn(p.s.session.Place()) {
				p.do(func() error { return p.s.session.Focus(lost) }, nil)
			}
		}
	}
	l.SetOnExitedForeground(note(true))
	l.SetOnEnteredForeground(note(false))
	life.OnEnd(func() {
		l.SetOnExitedForeground(nil)
		l.SetOnEnteredForeground(nil)
	})
}

// do writes things one after the other, in the order in which they were asked for.
func (p *sittingPage) do(work func() error, then func(error)) {
	p.queue = append(p.queue, op{work, then})
	if !p.working {
		p.working = true
		p.work()
	}
}

func (p *sittingPage) work() {
	if len(p.queue) == 0 {
		p.working = false
		return
	}
	o := p.queue[0]
	p.queue = p.queue[1:]
	shell.Go(func() {
		err := o.work()
		shell.Do(func() {
			if o.then != nil && !p.life.Over() {
				o.then(err)
			}
			p.work()
		})
	})
}

// body says which body a place needs.
func body(p sitting.Place) string {
	switch {
	case p.View.State == sitting.HandedIn, p.View.State == sitting.Terminated, p.View.State == sitting.Absent:
		return "end"
	case p.Stopped != "" || !p.Mine:
		return "stopped"
	case p.View.State == sitting.Paused:
		return "paused"
	case p.Open && p.View.State == sitting.Running:
		return "paper"
	}
	return "closed"
}

func (p *sittingPage) tick() {
	place := p.s.session.Place()
	if p.kind == "paper" && body(place) == "paper" {
		p.clock(place.View.Left)
		return
	}
	p.refresh()
}

// refresh draws the place.
func (p *sittingPage) refresh() {
	place := p.s.session.Place()
	kind := body(place)
	if kind != p.kind {
		if c := part.CanvasOf(p.root); c != nil && p.kind != "" {
			part.CloseDialogs(c) // a question about what is over, or hidden
		}
		p.kind, p.put, p.banners, p.asking = kind, "", nil, false
		switch kind {
		case "paper":
			p.at = min(p.at, len(place.Sitting.Terms.Questions)-1)
			p.show(p.build(place))
		case "closed":
			p.show(container.NewCenter(part.NewCard("", part.NewLoading("正在打开试卷…"))))
		}
	}
	switch kind {
	case "paper":
		p.update(place)
	case "paused":
		if put := fmt.Sprint(place.Online, place.View.Reason, place.View.Left); put != p.put {
			p.put = put
			p.show(p.paused(place))
		}
	case "end", "stopped":
		if v := endOf(place, p.s.session.Enrolment().Assessor.Name); p.put == "" || !reflect.DeepEqual(v, p.end) {
			p.put, p.end = kind, v
			p.show(p.ended(v))
		}
	}
}

func (p *sittingPage) show(o fyne.CanvasObject) {
	p.root.Objects = []fyne.CanvasObject{o}
	p.root.Refresh()
}

// ended is the page behind the paper.
func (p *sittingPage) ended(v endView) fyne.CanvasObject {
	back := part.NewPrimary("返回首页", func() {
		if p.s.outer == nil {
			p.s.goTo(pageHome)
			return
		}
		p.s.outer.Show(p.s.frame)
		p.s.goTo(pageHome)
	})
	card := part.NewCard("", narrow(640, inset(drawEnd(v, back), 8, 12)))
	shell.After(20*time.Millisecond, func() {
		if !p.life.Over() {
			part.Focus(back)
		}
	})
	return container.NewBorder(p.band("业务水平测评"), nil, nil, nil, container.NewCenter(card))
}

// paused hides the paper.
func (p *sittingPage) paused(place sitting.Place) fyne.CanvasObject {
	words := part.Rows(part.Space(4),
		part.NewText("测评已暂停").Styled(theme.SizeTitle, theme.ColorInkStrong, true),
		part.NewText("原因："+trimStop(orElse(place.View.Reason, "未写明"))+"。").Styled(theme.SizeBody, theme.ColorInk, false),
		part.NewText("计时已停止，作答都已保存。监考员继续后，这里会自动回到同一题，请在座位上等候。").Styled(theme.SizeBody, theme.ColorInkMuted, false),
		part.Space(4),
		pairRows([]pair{{Label: "剩余时间", Value: place.View.Left.Text()}, {Label: "已作答", Value: fmt.Sprintf("%d / %d题", place.View.Answered, place.View.Total)}}))
	if !place.Online {
		words.Add(part.NewBanner(theme.Warn, "网络中断，正在重新连接", "监考员继续测评后，要连上网络才会收到；计时仍然停止。"))
	}
	card := part.NewCard("", narrow(620, inset(part.Beside(bigMark(theme.Wait), words, theme.Space), 8, 12)))
	return container.NewBorder(p.band(place.Seat.Title), nil, nil, nil, container.NewCenter(card))
}

// band is the title over everything.
func (p *sittingPage) band(title string, right ...fyne.CanvasObject) fyne.CanvasObject {
	e := p.s.session.Enrolment()
	who := part.NewLine(orElse(e.Doctor.Name, p.s.session.Account().Name)+"  "+e.Doctor.Identity.Masked(), theme.SizeSmall, theme.ColorBandInk, false)
	words := stack(0, part.NewLine(orElse(title, "业务水平测评"), theme.SizeHeading, theme.ColorBandInk, true), who)
	return container.NewStack(canvas.NewRectangle(theme.Paint(theme.ColorBand)), inset(part.Sized(0, 56, part.Ends(words, right...)), theme.Space, 2))
}

// build is the paper without what changes.
func (p *sittingPage) build(place sitting.Place) fyne.CanvasObject {
	p.left = part.NewLine("", theme.SizeTitle, theme.ColorInkStrong, true)
	p.left.Alignment = fyne.TextAlignCenter
	clock := canvas.NewRectangle(theme.Paint(theme.ColorCard))
	clock.CornerRadius = theme.Radius
	timer := container.NewStack(clock, inset(part.Row(part.NewMuted("剩余时间"), part.Sized(78, 40, p.left)), 14, 0))
	hand := part.NewSecondary("交卷", p.askHandIn).WithGlyph("send")
	top := p.band(place.Seat.Title, timer, hand)

	p.q = part.NewQuestion(p.pick)
	p.q.OnKey = p.key
	p.q.SetZoom(p.zoom)
	p.notices = part.Rows()
	p.kept = part.NewChip("", theme.Neutral)
	p.scroll = container.NewVScroll(part.Top(part.Pad(part.Rows(p.q, container.NewHBox(p.kept)))))
	card := container.NewStack(part.Surface(), inset(p.scroll, 2, 2))

	p.prev = part.NewSecondary("上一题", func() { p.step(-1) }).WithGlyph("left")
	p.next = part.NewPrimary("下一题", func() { p.step(+1) }).WithGlyph("right")
	p.star = part.NewSecondary("标注", p.mark).WithGlyph("star")
	smaller := part.NewQuiet("缩小", func() { p.magnify(-1) })
	larger := part.NewQuiet("放大", func() { p.magnify(+1) })
	p.size = part.NewMuted("100%")
	p.size.Alignment = fyne.TextAlignCenter
	cards := part.NewSecondary("答题卡", p.toggleSheet).WithGlyph("list")
	p.position = part.NewMuted("")
	bottom := part.Ends(part.Row(p.prev, p.next, p.position), smaller, part.Sized(44, 0, p.size), larger, p.star, cards)

	p.sheet = part.NewSheet(len(place.Sitting.Terms.Questions), func(i int) { p.goTo(i) })
	p.counts = part.NewMuted("")
	hint := part.NewHint("键盘：A–H选择，←→换题，↑↓加空格选择，数字跳题，M标注，＋－缩放，F2答题卡")
	p.cells = container.NewVScroll(part.Top(inset(p.sheet, 4, 8)))
	sheet := container.NewBorder(part.Rows(part.NewHeading("答题卡"), p.counts), part.Rows(part.Space(2), part.SheetKey(false), hint), nil, nil, p.cells)
	p.side = part.Sized(306, 0, container.NewStack(part.Surface(), inset(sheet, theme.Space-2, theme.Space-2)))
	p.side.Hidden = p.unsheeted
	middle := container.NewBorder(p.notices, inset(bottom, 0, theme.Gap), nil, nil, card)
	return container.NewBorder(top, nil, nil, nil, inset(container.NewBorder(nil, nil, nil, p.side, middle), theme.Space, theme.Gap+4))
}

// update draws what may have changed.
func (p *sittingPage) update(place sitting.Place) {
	v := paperOf(place, p.at, p.dismissed)
	if id := fmt.Sprint(p.at, " ", v.Question.ID); id != p.put {
		p.put = id
		p.q.Put(part.QuestionText{Number: fmt.Sprintf("第%d题 / 共%d题", v.Number, v.Total), Kind: kindText(v.Question.Kind), Shared: v.Question.Shared,
			Stem: v.Question.Stem, Options: v.Question.Options, Several: v.Question.Kind == paper.X, Marked: v.Marked})
		p.scroll.ScrollToTop()
		p.follow(v.Total)
		p.takeKeys()
	}
	p.q.SetChosen(v.Chosen.Has)
	p.q.SetMarked(v.Marked)
	switch v.Kept {
	case sitting.AtRegistry:
		p.kept.Set("作答"+v.Kept.Text(), theme.Good)
	case sitting.OnThisPC:
		p.kept.Set("作答"+v.Kept.Text()+"，正在送出", theme.Info)
	case sitting.NotSaved:
		p.kept.Set("刚才的选择没有保存，仍以原来的作答为准", theme.Bad)
	default:
		p.kept.Set("未作答", theme.Neutral)
	}
	if v.Marked {
		p.star.SetText("取消标注")
	} else {
		p.star.SetText("标注")
	}
	enable(p.prev, p.at > 0)
	enable(p.next, p.at+1 < v.Total)
	cells := make([]part.SheetCell, v.Total)
	for i, q := range place.Sitting.Terms.Questions {
		cells[i].Marked = place.Sitting.Marked(q)
		if place.Sitting.Answer(q) != 0 {
			cells[i].Tone = part.CellAnswered
		}
	}
	p.sheet.Set(cells, p.at)
	part.Say(p.counts, fmt.Sprintf("已答%d题，未答%d题", place.View.Answered, place.View.Unanswered))
	if p.digits == "" {
		part.Say(p.position, fmt.Sprintf("%d/%d", v.Number, v.Total))
	}
	p.clock(place.View.Left)
	if !reflect.DeepEqual(v.Banners, p.banners) || len(p.notices.Objects) != len(v.Banners) {
		p.banners = v.Banners
		p.notices.Objects = nil
		newest := place.Sitting.OrdersSeq
		for _, b := range v.Banners {
			var actions []fyne.CanvasObject
			if b.Tone == theme.Info {
				actions = []fyne.CanvasObject{part.NewSecondary("知道了", func() {
					p.dismissed = newest
					p.refresh()
					p.takeKeys()
				}).Small()}
			}
			p.notices.Add(part.NewBanner(b.Tone, b.Title, b.Body, actions...))
		}
		if len(v.Banners) > 0 {
			p.notices.Add(part.Space(0))
		}
		p.root.Refresh()
	}
}

// follow scrolls the answer sheet so that the cell of this question is seen.
func (p *sittingPage) follow(total int) {
	high, whole := p.cells.Size().Height, p.cells.Content.MinSize().Height
	if total == 0 || high <= 0 || whole <= high {
		return
	}
	y := whole * float32(p.at) / float32(total)
	if y < p.cells.Offset.Y+60 || y > p.cells.Offset.Y+high-60 {
		p.cells.ScrollToOffset(fyne.NewPos(0, min(max(y-high/2, 0), whole-high)))
	}
}

func enable(b *part.Button, on bool) {
	if on == b.Disabled() {
		if on {
			b.Enable()
		} else {
			b.Disable()
		}
	}
}

// clock shows the time left.
func (p *sittingPage) clock(left sitting.Span) {
	ink := theme.ColorInkStrong
	if t := leftTone(left); t != theme.Info {
		ink = t.Ink()
	}
	if c := theme.Paint(ink); p.left.Color != c || p.left.Text != left.Text() {
		p.left.Color, p.left.Text = c, left.Text()
		p.left.Refresh()
	}
}

// takeKeys gives the keyboard to the question, unless a dialog has it.
func (p *sittingPage) takeKeys() {
	if c := part.CanvasOf(p.root); c != nil && p.kind == "paper" && c.Overlays().Top() == nil {
		p.q.Take()
	}
}

// question is the one that is shown.
func (p *sittingPage) question() (paper.QuestionID, sitting.Place, bool) {
	place := p.s.session.Place()
	qs := place.Sitting.Terms.Questions
	if body(place) != "paper" || p.at >= len(qs) {
		return "", place, false
	}
	return qs[p.at], place, true
}

// pick chooses an option, counted as it is shown.
func (p *sittingPage) pick(option int) {
	id, place, ok := p.question()
	if !ok {
		return
	}
	at := place.Order.Place(id)
	several := at >= 0 && place.Order.Question(at).Kind == paper.X
	p.do(func() error {
		now := p.s.session.Place().Sitting.Answer(id) // not what the screen had when it was pressed: several presses may wait
		next := place.Order.Own(at, paper.Only(option))
		if several {
			next ^= now
		}
		if next == now {
			return nil
		}
		return p.s.session.Answer(id, next)
	}, p.done)
}

// clear takes the answer back.
func (p *sittingPage) clear() {
	if id, place, ok := p.question(); ok && place.Sitting.Answer(id) != 0 {
		p.do(func() error { return p.s.session.Answer(id, 0) }, p.done)
	}
}

func (p *sittingPage) mark() {
	id, _, ok := p.question()
	if !ok {
		return
	}
	p.do(func() error { return p.s.session.Mark(id, !p.s.session.Place().Sitting.Marked(id)) }, p.done)
	p.takeKeys()
}

// done draws what came of something. What the disk refused stands in the place;
// what the rules refuse is said.
func (p *sittingPage) done(err error) {
	p.refresh()
	if exam.KindOf(err) == exam.Refused && p.kind == "paper" {
		p.tell("没有完成", exam.SentenceOf(err))
	}
}

func (p *sittingPage) tell(title, text string) {
	if c := part.CanvasOf(p.root); c != nil {
		part.Tell(c, title, text, p.takeKeys)
	}
}

func (p *sittingPage) step(by int) { p.goTo(p.at + by) }

// goTo shows another question. It is shown also where the disk is full: reading is
// always possible.
func (p *sittingPage) goTo(to int) {
	place := p.s.session.Place()
	qs := place.Sitting.Terms.Questions
	if body(place) != "paper" || to < 0 || to >= len(qs) {
		p.takeKeys()
		return
	}
	if to != p.at {
		p.at = to
		id := qs[to]
		p.do(func() error { return p.s.session.GoTo(id) }, p.done)
	}
	p.refresh()
	p.takeKeys()
}

func (p *sittingPage) magnify(by int) {
	for i, z := range theme.ZoomSteps {
		if z == p.zoom && i+by >= 0 && i+by < len(theme.ZoomSteps) {
			p.zoom = theme.ZoomSteps[i+by]
			break
		}
	}
	if p.q != nil {
		p.q.SetZoom(p.zoom)
		part.Say(p.size, fmt.Sprintf("%d%%", p.zoom))
		p.scroll.Refresh()
	}
	p.takeKeys()
}

func (p *sittingPage) toggleSheet() {
	p.unsheeted = !p.unsheeted
	p.side.Hidden = p.unsheeted
	p.root.Refresh()
	p.takeKeys()
}

// askHandIn is 交卷. It asks once everything that was asked for before is written:
// the number that it says must be true.
func (p *sittingPage) askHandIn() {
	if body(p.s.session.Place()) != "paper" || p.asking {
		return
	}
	p.asking = true
	p.do(func() error { return nil }, func(error) { p.showHandIn() })
}

func (p *sittingPage) showHandIn() {
	place := p.s.session.Place()
	c := part.CanvasOf(p.root)
	if c == nil || body(place) != "paper" {
		p.asking = false
		return
	}
	yes := part.NewPrimary("现在交卷", nil)
	var d *part.Dialog
	more := part.NewSecondary("继续答题", func() { d.Close() })
	yes.OnTapped(func() {
		yes.SetBusy(true)
		p.do(func() error { return p.s.session.HandIn(context.Background()) }, func(err error) {
			yes.SetBusy(false)
			d.Close()
			p.refresh()
			if err != nil && p.kind == "paper" {
				p.tell("没有交卷", exam.SentenceOf(err))
			}
		})
	})
	d = part.ShowDialog(c, "交卷", 460, part.NewText(handInQuestion(place.View)), yes, nil, more)
	d.OnClosed = func() {
		p.asking = false
		p.takeKeys()
	}
	c.Focus(more) // Enter must not hand in by habit
}

// key works the keys that no option has a use for.
func (p *sittingPage) key(e *fyne.KeyEvent) {
	if p.kind != "paper" {
		return
	}
	if d := digit(e.Name); d != "" {
		p.typed(d)
		return
	}
	switch e.Name {
	case fyne.KeyLeft:
		p.step(-1)
	case fyne.KeyRight:
		p.step(+1)
	case fyne.KeyReturn, fyne.KeyEnter:
		if p.digits != "" {
			p.leap()
			return
		}
		p.step(+1)
	case fyne.KeyHome:
		p.goTo(0)
	case fyne.KeyEnd:
		p.goTo(len(p.s.session.Place().Sitting.Terms.Questions) - 1)
	case fyne.KeyPageUp, fyne.KeyPageDown:
		p.page(e.Name == fyne.KeyPageDown)
	case fyne.KeyM:
		p.mark()
	case fyne.KeyF2:
		p.toggleSheet()
	case fyne.KeyPlus, fyne.KeyEqual:
		p.magnify(+1)
	case fyne.KeyMinus:
		p.magnify(-1)
	case fyne.KeyDelete, fyne.KeyBackspace:
		p.clear()
	case fyne.KeyEscape:
		p.digits = ""
		p.refresh()
	}
}

// page scrolls a long question; a short one is left for the next.
func (p *sittingPage) page(down bool) {
	high, whole := p.scroll.Size().Height, p.scroll.Content.MinSize().Height
	step := high - 60
	switch at := p.scroll.Offset.Y; {
	case down && at+high < whole-1:
		p.scroll.ScrollToOffset(fyne.NewPos(0, min(at+step, whole-high)))
	case !down && at > 0:
		p.scroll.ScrollToOffset(fyne.NewPos(0, max(at-step, 0)))
	case down:
		p.step(+1)
	default:
		p.step(-1)
	}
}

func digit(n fyne.KeyName) string {
	if len(n) == 1 && n[0] >= '0' && n[0] <= '9' {
		return string(n)
	}
	return ""
}

// typed collects the number of a question.
func (p *sittingPage) typed(d string) {
	if p.digits == "" && d == "0" {
		return
	}
	if p.digits += d; len(p.digits) > 3 {
		p.digits = d
	}
	part.Say(p.position, "跳到第"+p.digits+"题…")
	p.jump()
	p.jump = shell.After(jumpAfter, func() {
		if !p.life.Over() {
			p.leap()
		}
	})
}

func (p *sittingPage) leap() {
	p.jump()
	n := 0
	for _, d := range p.digits {
		n = n*10 + int(d-'0')
	}
	p.digits = ""
	p.goTo(n - 1)
	p.refresh()
}
