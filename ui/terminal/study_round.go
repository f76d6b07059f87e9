package terminal

import (
	"context"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	exampaper "dingkao/exam/paper"
	"dingkao/exam/practice"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// drillPage is a round of practice: one question, the answer sheet beside it. The
// round it shows is the one that the disk has; only what is chosen and not yet
// answered is the page's own.
type drillPage struct {
	s      *seat
	bank   exampaper.Bank
	round  practice.Round
	picked exampaper.Answer
	busy   bool
	queue  []func() // what was asked for meanwhile, by a quick hand

	life   *shell.Life
	root   *fyne.Container
	q      *part.Question
	scroll *container.Scroll
	cells  *container.Scroll // around the sheet
	after  *fyne.Container   // verdict, explanation, legal basis
	sheet  *part.Sheet
	tally  *part.Text
	put    exampaper.QuestionID // the question that is up

	mark, star, zoom            *part.Button
	back, reveal, confirm, next *part.Button
	onward                      *part.Button // next, once the question is answered
}

// Fills keeps the buttons in sight while a long question scrolls.
func (p *drillPage) Fills() bool { return true }

// Open shows the question at which the round stands.
func (p *drillPage) Open(life *shell.Life) fyne.CanvasObject {
	p.life, p.put = life, ""
	p.q = part.NewQuestion(p.pick)
	p.q.OnKey = p.key
	p.q.SetZoom(max(p.s.zoom, 100))
	p.after = part.Rows()
	p.tally = part.NewHint("")
	p.sheet = part.NewSheet(len(p.round.Questions), p.goTo)
	p.mark = part.NewSecondary("标注", p.toggleMark).WithGlyph("star")
	p.star = part.NewSecondary("收藏", p.toggleStar).WithGlyph("bookmark")
	p.zoom = part.NewSecondary("放大", p.magnify).WithGlyph("zoom")
	p.back = part.NewSecondary("上一题", func() { p.calmly(func() { p.open(p.round.At - 1) }) }).WithGlyph("left")
	p.reveal = part.NewSecondary("显示答案", p.show).WithGlyph("eye")
	p.confirm = part.NewPrimary("确定", p.answer)
	p.next, p.onward = part.NewSecondary("下一题", p.goOn), part.NewPrimary("下一题", p.goOn)

	title := part.Ends(part.NewText(p.bank.Name+" · "+p.round.Mode.Text()).Styled(theme.SizeHeading, theme.ColorInkStrong, true),
		p.zoom, p.mark, p.star)
	p.scroll = container.NewVScroll(part.Top(inset(part.Groups(p.q, p.after), theme.Space, theme.Space)))
	card := container.NewStack(part.Surface(), p.scroll)
	foot := part.Ends(part.Row(p.back, p.reveal), p.confirm, p.next, p.onward)
	end := part.NewSecondary("结束练习", p.finish)
	p.cells = container.NewVScroll(part.Top(inset(p.sheet, 4, 8)))
	side := container.NewBorder(part.Rows(part.NewHeading("答题卡"), p.tally), part.Rows(part.SheetKey(true), part.NewHint("按键：A–E作答，←→换题，M标注"), end), nil, nil,
		p.cells)
	right := part.Sized(256, 0, container.NewStack(part.Surface(), inset(side, theme.Space, theme.Space-4)))
	main := container.NewBorder(inset(title, 0, 4), inset(foot, 0, 6), nil, nil, card)
	p.root = container.NewBorder(nil, nil, nil, inset(right, theme.Gap/2, 0), main)
	p.draw()
	shell.After(50*time.Millisecond, func() {
		c := part.CanvasOf(p.root)
		if life.Over() || c == nil {
			return
		}
		before := c.OnTypedKey()
		c.SetOnTypedKey(p.q.TypedKey) // what a button had no use for
		life.OnEnd(func() { c.SetOnTypedKey(before) })
		p.follow() // laid out only now
		p.q.Take()
	})
	return p.root
}

func (p *drillPage) id() exampaper.QuestionID { return p.round.Questions[p.round.At] }

// draw shows the round as it is now.
func (p *drillPage) draw() {
	starred := p.s.session.Progress().Of(p.bank.ID, p.id()).Starred
	v := drillOf(p.bank, p.round, starred, p.picked)
	if p.put != p.id() {
		p.put = p.id()
		p.q.Put(v.Text)
		p.scroll.ScrollToTop()
	}
	p.q.SetMarked(v.Text.Marked)
	p.q.SetChosen(v.Chosen.Has)
	p.q.SetTones(v.tone)
	p.after.Objects = nil
	if v.Known {
		p.q.Lock()
		size := theme.Zoom(p.q.Zoom())
		p.after.Add(part.NewBanner(v.Tone, v.Verdict, "").Sized(size))
		if v.Why != "" {
			p.after.Add(part.NewField("解析", part.NewText(v.Why).Styled(size, theme.ColorInk, false)))
		}
		if v.Basis != "" {
			p.after.Add(part.NewField("法律依据", part.NewText(v.Basis).Styled(size, theme.ColorInk, false)))
		}
	}
	p.after.Refresh()
	p.sheet.Set(cellsOf(p.round), p.round.At)
	p.follow()
	p.tally.SetText(tallyText(p.round))

	set := func(b *part.Button, on bool, yes, no string) {
		b.SetText(no)
		if on {
			b.SetText(yes)
		}
	}
	set(p.mark, v.Text.Marked, "取消标注", "标注")
	set(p.star, v.Starred, "取消收藏", "收藏")
	set(p.next, v.Last, "完成", "下一题")
	set(p.onward, v.Last, "完成", "下一题")
	p.zoom.SetText("放大")
	if p.q.Zoom() > 100 {
		p.zoom.SetText(fmt.Sprintf("放大%d%%", p.q.Zoom()))
	}
	able(p.back, p.round.At > 0)
	able(p.reveal, !v.Known)
	able(p.confirm, v.Chosen != 0)
	visible(p.confirm, v.Text.Several && !v.Known)
	visible(p.next, !v.Known)
	visible(p.onward, v.Known)
	p.root.Refresh()
}

// follow keeps the open question's cell in sight.
func (p *drillPage) follow() {
	at, size := p.sheet.Place(p.round.At)
	to := p.cells.Offset
	if over := at.Y + size.Height + theme.Space - p.cells.Size().Height; to.Y < over {
		to.Y = over
	}
	if to.Y = min(to.Y, at.Y); to.Y != p.cells.Offset.Y && size.Height > 0 {
		p.cells.ScrollToOffset(to)
	}
}

func visible(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

func able(b *part.Button, on bool) {
	if on {
		b.Enable()
	} else {
		b.Disable()
	}
}

// run does what the disk must know, and shows the round that came of it. Where it
// failed, what stood before still stands.
func (p *drillPage) run(work func(context.Context) (practice.Round, error), then func()) {
	p.busy = true
	at := p.round.At
	shell.Job(p.life, work, func(r practice.Round, err error) {
		p.busy = false
		if err != nil {
			p.picked, p.queue = 0, nil
			p.draw()
			p.s.toast(theme.Bad, exam.SentenceOf(err))
			return
		}
		if len(r.Questions) != len(p.round.Questions) { // the bank was published anew
			p.s.openRound(r, nil)
			return
		}
		p.round = r.Go(at)
		p.picked = 0
		p.draw()
		p.q.Take()
		if then != nil {
			then()
		}
		for len(p.queue) > 0 && !p.busy {
			f := p.queue[0]
			p.queue = p.queue[1:]
			f()
		}
	})
}

// mostQueued bounds what waits for the disk.
const mostQueued = 16

// calmly does f once the disk has what was asked for before: a key that comes while
// an answer is written is neither lost nor does it overtake the answer.
func (p *drillPage) calmly(f func()) {
	switch {
	case !p.busy:
		f()
	case len(p.queue) < mostQueued:
		p.queue = append(p.queue, f)
	}
}

// pick answers a question with one answer at once; of one with several it changes
// what is chosen.
func (p *drillPage) pick(option int) { p.calmly(func() { p.choose(option) }) }

func (p *drillPage) choose(option int) {
	it, _ := p.bank.Find(p.id())
	if _, done := p.round.Replies[it.ID]; done || option >= len(it.Options) {
		return
	}
	if it.Kind == exampaper.X {
		p.picked ^= exampaper.Only(option)
		p.draw()
		return
	}
	p.picked = exampaper.Only(option)
	p.q.SetChosen(p.picked.Has)
	p.give()
}

func (p *drillPage) answer() { p.calmly(p.give) }

func (p *drillPage) give() {
	q, a := p.id(), p.picked
	if a == 0 {
		return
	}
	p.run(func(ctx context.Context) (practice.Round, error) {
		return p.s.session.AnswerQuestion(ctx, p.bank.ID, q, a)
	}, p.lookBelow)
}

// lookBelow brings the explanation into sight where it stands below the edge.
func (p *drillPage) lookBelow() {
	put := p.put
	shell.After(50*time.Millisecond, func() { // the words have found their lines then
		if p.life.Over() || p.put != put {
			return
		}
		driver := fyne.CurrentApp().Driver()
		top := driver.AbsolutePositionForObject(p.after).Y - driver.AbsolutePositionForObject(p.scroll).Y + p.scroll.Offset.Y
		below := top + p.after.Size().Height + theme.Space - p.scroll.Size().Height
		if below > p.scroll.Offset.Y { // as far as needed, but never past the verdict
			p.scroll.ScrollToOffset(fyne.NewPos(0, min(below, top-theme.Margin)))
		}
	})
}

func (p *drillPage) show() { p.calmly(p.look) }

func (p *drillPage) look() {
	q := p.id()
	if _, done := p.round.Replies[q]; done {
		return
	}
	p.run(func(ctx context.Context) (practice.Round, error) {
		return p.s.session.RevealAnswer(ctx, p.bank.ID, q)
	}, p.lookBelow)
}

func (p *drillPage) toggleMark() { p.calmly(p.flag) }

func (p *drillPage) flag() {
	q, on := p.id(), !p.round.Marked[p.id()]
	picked := p.picked
	p.run(func(ctx context.Context) (practice.Round, error) {
		return p.s.session.MarkQuestion(ctx, p.bank.ID, q, on)
	}, func() {
		p.picked = picked
		p.draw()
	})
}

func (p *drillPage) toggleStar() { p.calmly(p.favour) }

func (p *drillPage) favour() {
	q := p.id()
	on := !p.s.session.Progress().Of(p.bank.ID, q).Starred
	round, picked := p.round, p.picked
	p.run(func(ctx context.Context) (practice.Round, error) {
		return round, p.s.session.StarQuestion(ctx, p.bank.ID, q, on)
	}, func() {
		p.picked = picked
		p.draw()
	})
}

// magnify goes one step further, and from the last back to the first.
func (p *drillPage) magnify() {
	to := theme.ZoomSteps[0]
	for i, z := range theme.ZoomSteps[:len(theme.ZoomSteps)-1] {
		if z == p.q.Zoom() {
			to = theme.ZoomSteps[i+1]
		}
	}
	p.s.zoom = to
	p.q.SetZoom(to)
	p.draw()
	p.q.Take()
}

// goTo opens another question; the disk is told, and nobody waits for it.
func (p *drillPage) goTo(at int) { p.calmly(func() { p.open(at) }) }

func (p *drillPage) open(at int) {
	if at < 0 || at >= len(p.round.Questions) {
		return
	}
	p.round, p.picked = p.round.Go(at), 0
	p.draw()
	p.q.Take()
	bank, life := p.bank.ID, p.s.life
	shell.Go(func() { _, _ = p.s.session.GoToQuestion(life.Context(), bank, at) })
}

func (p *drillPage) goOn() {
	p.calmly(func() {
		if p.round.At == len(p.round.Questions)-1 {
			p.finish()
			return
		}
		p.open(p.round.At + 1)
	})
}

func (p *drillPage) finish() {
	p.calmly(func() { p.s.frame.Show(&roundEndPage{s: p.s, bank: p.bank, round: p.round}) })
}

// key works the keys of the page: arrows, Enter and M.
func (p *drillPage) key(e *fyne.KeyEvent) {
	p.calmly(func() {
		switch e.Name {
		case fyne.KeyLeft:
			p.open(p.round.At - 1)
		case fyne.KeyRight:
			p.open(p.round.At + 1)
		case fyne.KeyReturn, fyne.KeyEnter:
			if p.picked != 0 {
				p.give()
				return
			}
			p.goOn()
		case fyne.KeyM:
			p.flag()
		}
	})
}

// roundEndPage is the end of a round.
type roundEndPage struct {
	s     *seat
	bank  exampaper.Bank
	round practice.Round
}

// Open shows how it went, and the wrong ones to look at again.
func (p *roundEndPage) Open(life *shell.Life) fyne.CanvasObject {
	v := summaryOf(p.bank, p.round)
	look := func(at int) {
		p.s.frame.Show(&drillPage{s: p.s, bank: p.bank, round: p.round.Go(at)})
	}
	begin := func(b *part.Button, work func(context.Context) (practice.Round, error)) *part.Button {
		b.OnTapped(func() {
			var r practice.Round
			p.s.job(life, b, func(ctx context.Context) (err error) { r, err = work(ctx); return err }, func(err error) { p.s.openRound(r, err) })
		})
		return b
	}
	var buttons []fyne.CanvasObject
	button := part.NewPrimary // the first one is the thing to do next
	if v.Open > 0 {
		buttons = append(buttons, button("继续练习", func() { look(firstOpen(p.round)) }))
		button = part.NewSecondary
	}
	if len(v.Wrong) > 0 {
		buttons = append(buttons, begin(button("重做错题", nil), func(ctx context.Context) (practice.Round, error) {
			return p.s.session.ReviewRound(ctx, p.bank.ID, p.round.Wrong())
		}))
		button = part.NewSecondary
	}
	buttons = append(buttons, begin(button("再练50题", nil), func(ctx context.Context) (practice.Round, error) {
		return p.s.session.BeginRound(ctx, p.bank.ID, practice.ModeRandom)
	}), part.NewSecondary("返回题库", func() { p.s.goTo(pageStudy) }))

	var facts []part.Pair
	for _, f := range v.Facts {
		facts = append(facts, part.Pair{Label: f.Label, Value: f.Value})
	}
	words := part.Rows(part.Space(2), part.NewText(v.Headline).Styled(theme.SizeTitle, theme.ColorInkStrong, true))
	if v.Sentence != "" {
		words.Add(part.NewText(v.Sentence).Styled(theme.SizeBody, theme.ColorInkMuted, false))
	}
	head := part.Beside(bigMark(v.Tone), words, theme.Space)
	rows := part.Groups(part.NewTitle(p.bank.Name+" · "+p.round.Mode.Text()),
		part.NewCard("", part.Groups(head, part.Rule(), part.NewDetails(2, facts...), part.Flow(buttons...))))
	if len(v.Wrong) > 0 {
		list := part.Rows()
		for i, w := range v.Wrong {
			if i > 0 {
				list.Add(part.Rule())
			}
			words := stack(2, part.NewText(w.Stem), part.NewHint("正确答案："+w.Answer))
			open := part.NewQuiet("查看", func() { look(w.At) }).WithGlyph("eye").Small()
			list.Add(container.NewBorder(nil, nil, part.Sized(64, 0, part.Top(part.NewStrong(fmt.Sprintf("第%d题", w.At+1)))), part.Centered(open), words))
		}
		rows.Add(part.NewCard("答错的题", list))
	}
	return rows
}

// firstOpen is the first question that was neither answered nor looked up.
func firstOpen(r practice.Round) int {
	for i, q := range r.Questions {
		if _, done := r.Replies[q]; !done {
			return i
		}
	}
	return 0
}
