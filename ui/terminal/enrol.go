package terminal

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// enrolPage is the page 填报信息: the six steps, or what stands in their place.
//
// Every change goes to the draft on disk at once (KeepDraft); a step becomes an
// entry when the doctor presses 保存 or 下一步. What another terminal saved meanwhile
// replaces only steps that were not touched here.
type enrolPage struct {
	s    *seat
	life *shell.Life
	root *fyne.Container // holds the one face that is shown
	view enrolView

	// Of the six steps.
	b       *bench
	base    application.Form // what was saved when b.form was last brought in step with it
	step    application.Step
	page    stepPage
	stepper *part.Stepper
	body    *container.Scroll
	gapLine *part.Text
	gapBox  *fyne.Container
	back    *part.Button
	save    *part.Button
	next    *part.Button
	marked  map[application.Step]bool // steps whose gaps are shown on the page
	choice  map[application.Step]bool // of a conflict
	looking bool                      // 查看信息: the read-only form instead of the success page
}

func newEnrolPage(s *seat) *enrolPage { return &enrolPage{s: s} }

// Fills says that the page scrolls by itself: stepper and buttons stay in place.
func (p *enrolPage) Fills() bool { return true }

// Open shows the page as the enrolment stands.
func (p *enrolPage) Open(life *shell.Life) fyne.CanvasObject {
	p.life, p.root, p.view = life, container.NewStack(), enrolView{}
	p.b, p.page, p.looking = nil, nil, false
	p.marked = map[application.Step]bool{}
	p.s.watch(life, p.reconsider)
	life.OnEnd(func() { p.s.saved("", theme.Neutral) })
	life.Every(followEvery, p.follow())
	p.reconsider()
	return p.root
}

// reconsider compares what is shown with what is, and redraws no more than it must:
// nobody's typing is interrupted.
func (p *enrolPage) reconsider() {
	e := p.s.session.Enrolment()
	v := enrolOf(e, p.s.session.Conflict(), p.s.session.Line(), p.s.offline, p.s.today())
	was := p.view
	p.view = v
	if v.Mode == modeEdit && was.Mode == modeEdit {
		p.catchUp(e.Dossier.Form)
		if !reflect.DeepEqual(v.Banners, was.Banners) {
			p.layoutEdit()
		}
		return
	}
	if reflect.DeepEqual(v, was) {
		return
	}
	if v.Mode != was.Mode {
		p.looking = false
	}
	switch v.Mode {
	case modeEdit:
		p.beginEdit(e)
	case modeConflict:
		p.show(p.conflict())
	case modeNotIncluded:
		p.show(container.NewVScroll(part.Rows(part.NewCard("", part.NewEmpty(v.Headline, v.Sentence)))))
	default:
		p.showSent()
	}
}

func (p *enrolPage) show(o fyne.CanvasObject) {
	p.root.Objects = []fyne.CanvasObject{o}
	p.root.Refresh()
}

// beginEdit opens the steps with what was typed last.
func (p *enrolPage) beginEdit(e application.Enrolment) {
	p.base = e.Dossier.Form
	form := whole(p.base.With(p.s.session.Draft()), e.Doctor)
	p.b = p.s.bench(p.life, p.root, form, p.changed)
	p.step = p.s.step
	if p.step == "" {
		p.step = firstStep(p.base.With(p.s.session.Draft()), e.Cycle, p.s.today())
	}
	p.layoutEdit()
}

// layoutEdit builds what stands around a step, and the step.
func (p *enrolPage) layoutEdit() {
	steps := make([]part.Step, len(application.Steps))
	for i, s := range application.Steps {
		steps[i] = part.Step{Title: stepTitle(s)}
	}
	p.stepper = part.NewStepper(steps, stepNumber(p.step), func(i int) { p.leaveFor(application.Steps[i]) })
	top := part.Rows()
	for _, b := range p.view.Banners {
		top.Add(part.NewBanner(b.Tone, b.Title, b.Body))
	}
	top.Add(part.NewCard("", p.stepper))
	p.gapLine = part.NewText("").Styled(theme.SizeBody, theme.Warn.Ink(), false)
	p.gapBox = part.Lead(part.NewGlyph("warn", theme.Warn.Ink(), 18), p.gapLine)
	p.gapBox.Hide()
	p.back = part.NewSecondary("上一步", func() {
		if n := stepNumber(p.step); n > 0 {
			p.leaveFor(application.Steps[n-1])
		}
	})
	p.save = part.NewSecondary("保存", p.saveHere).WithGlyph("disk")
	p.next = part.NewPrimary("下一步", p.goOn)
	p.body = container.NewVScroll(part.Space(1))
	bottom := part.Rows(part.Rule(), part.Ends(container.NewStack(p.gapBox), p.back, p.save, p.next))
	p.show(container.NewBorder(top, bottom, nil, nil, inset(p.body, 0, theme.Gap)))
	p.openStep(p.step)
}

// stepTitle is short enough for six in a row.
func stepTitle(s application.Step) string {
	if s == application.StepMerit {
		return "业绩与道德"
	}
	return s.Text()
}

// openStep shows one of the six.
func (p *enrolPage) openStep(step application.Step) {
	p.step, p.s.step = step, step
	p.b.drop = nil
	switch step {
	case application.StepPractice:
		p.page = newPracticePage(p.b)
	case application.StepHistory:
		p.page = newHistoryPage(p.b)
	case application.StepMerit:
		p.page = newMeritPage(p.b)
	case application.StepProcedure:
		p.page = newProcedurePage(p.b)
	case application.StepConfirm:
		p.page = newConfirmPage(p.b, p.leaveFor)
	default:
		p.page = newBasicPage(p.b)
	}
	if d, ok := p.page.(interface{ Drop(string) }); ok {
		p.b.drop = d.Drop
	}
	p.stepper.SetCurrent(stepNumber(step))
	p.body.Content = inset(p.page.Content(), 2, 0)
	p.body.ScrollToTop()
	p.body.Refresh()
	if stepNumber(step) == 0 {
		p.back.Disable()
	} else {
		p.back.Enable()
	}
	if step == application.StepConfirm {
		p.save.Hide()
		p.next.SetText("提交信息")
	} else {
		p.save.Show()
		p.next.SetText("下一步")
	}
	p.refreshMarks()
	p.sayKept()
	if f := p.page.First(); f != nil {
		part.Focus(f)
	}
}

// changed keeps what was just typed, and brings the marks up to date.
func (p *enrolPage) changed(step application.Step) {
	p.s.session.KeepDraft(copied(p.b.form, step))
	p.refreshMarks()
	p.sayKept()
}

// sayKept says how what is on the page is kept.
func (p *enrolPage) sayKept() {
	switch {
	case p.step == application.StepConfirm:
		p.s.saved("", theme.Neutral)
	case p.dirty(p.step):
		p.s.saved("草稿自动保存在本机", theme.Info)
	case p.base.Has(p.step):
		p.s.saved("本步已保存", theme.Good)
	default:
		p.s.saved("", theme.Neutral)
	}
}

// dirty says whether a step differs from what is saved. What the roster filled in
// beforehand is no difference.
func (p *enrolPage) dirty(step application.Step) bool {
	return !sameStep(p.b.form, whole(p.base, p.b.doctor), step)
}

// refreshMarks sets the stepper's states, and the field errors where they were asked for.
func (p *enrolPage) refreshMarks() {
	e := p.s.session.Enrolment()
	for s, m := range marksOf(p.seenForm(), e.Cycle, p.s.today()) {
		state := part.StepTodo
		switch m {
		case markWhole:
			state = part.StepDone
		case markPartial:
			state = part.StepIncomplete
		}
		p.stepper.SetState(stepNumber(s), state)
	}
	gaps := p.gapsHere()
	if !p.marked[p.step] || p.step == application.StepConfirm || len(gaps) == 0 {
		p.gapBox.Hide()
		p.page.Mark(nil)
		if p.step != application.StepConfirm {
			p.next.SetText("下一步")
		}
		return
	}
	p.page.Mark(gaps)
	p.gapLine.SetText(fmt.Sprintf("本步还有%d项需要填写，已标出；也可以先去下一步", len(gaps)))
	p.gapBox.Show()
	p.next.SetText("仍去下一步")
}

// seenForm is the form without the steps that were neither saved nor touched, so
// that an unopened step is not called incomplete.
func (p *enrolPage) seenForm() application.Form {
	var f application.Form
	for _, s := range application.Steps {
		if p.base.Has(s) || p.dirty(s) {
			f = f.With(p.b.form.Only(s))
		}
	}
	return f
}

// gapsHere is what the open step lacks.
func (p *enrolPage) gapsHere() []application.Gap {
	var out []application.Gap
	for _, g := range p.b.form.Missing(p.b.cycle, p.s.today()) {
		if g.Step == p.step {
			out = append(out, g)
		}
	}
	return out
}

// saveHere is the button 保存.
func (p *enrolPage) saveHere() {
	p.keep([]application.Step{p.step}, p.save, func() {
		p.s.toast(theme.Good, "“"+p.step.Text()+"”已保存在本机，联网时自动送出")
	})
}

// keep makes the steps entries, and then goes on. When it fails the draft remains.
func (p *enrolPage) keep(steps []application.Step, busy shell.Busy, then func()) {
	var form application.Form
	for _, s := range steps {
		if s != application.StepConfirm && (p.dirty(s) || !p.base.Has(s)) {
			form = form.With(copied(p.b.form, s))
		}
	}
	if form == (application.Form{}) {
		then()
		return
	}
	p.s.job(p.life, busy, func(ctx context.Context) error { return p.s.session.SaveStep(ctx, form) }, func(err error) {
		if err != nil {
			p.tell("没有保存", exam.SentenceOf(err))
			return
		}
		p.base = p.base.With(form)
		p.refreshMarks()
		p.sayKept()
		then()
	})
}

func (p *enrolPage) tell(title, text string) {
	if c := part.CanvasOf(p.root); c != nil {
		part.Tell(c, title, text, nil)
	}
}

// leaveFor saves what was changed on this step and opens another.
func (p *enrolPage) leaveFor(step application.Step) {
	if p.page == nil || step == p.step {
		return
	}
	open := func() { p.openStep(step) }
	if p.step == application.StepConfirm || !p.dirty(p.step) {
		open()
		return
	}
	p.keep([]application.Step{p.step}, p.next, open)
}

// goOn is the button 下一步. With something missing it shows what, and goes on when
// pressed again.
func (p *enrolPage) goOn() {
	if p.step == application.StepConfirm {
		p.submit()
		return
	}
	here := p.step
	if gaps := p.gapsHere(); len(gaps) > 0 && !p.marked[here] {
		p.keep([]application.Step{here}, p.next, func() {
			p.marked[here] = true
			p.refreshMarks()
			p.showFirstGap()
		})
		return
	}
	p.marked[here] = true
	p.keep([]application.Step{here}, p.next, func() {
		p.openStep(application.Steps[stepNumber(here)+1])
	})
}

// showFirstGap scrolls to the first field that is marked.
func (p *enrolPage) showFirstGap() {
	d := fyne.CurrentApp().Driver()
	var first fyne.CanvasObject
	for _, f := range fieldsOf(p.page) {
		if f.Error() != "" && (first == nil || d.AbsolutePositionForObject(f).Y < d.AbsolutePositionForObject(first).Y) {
			first = f
		}
	}
	if first != nil { // near the top, for the marks below it are still to be laid out
		at := d.AbsolutePositionForObject(first).Y - d.AbsolutePositionForObject(p.body).Y
		p.body.ScrollToOffset(fyne.NewPos(0, max(p.body.Offset.Y+at-theme.Margin, 0)))
	}
}

// submit is the button 提交信息.
func (p *enrolPage) submit() {
	if groups := gapsOf(p.b.form, p.b.cycle, p.s.today()); len(groups) > 0 {
		p.tell("还不能提交", "“"+groups[0].Step.Text()+"”："+groups[0].Text()+"。已填的内容都已保存。")
		return
	}
	p.keep(application.Steps, p.next, func() {
		c := part.CanvasOf(p.root)
		if c == nil {
			return
		}
		part.Confirm(c, "提交信息", "提交后由"+orElse(p.b.institution, "机构")+"审核。开始审核前可以撤回修改。确定现在提交吗？", "提交信息", "再看看", func(yes bool) {
			if !yes {
				return
			}
			p.s.job(p.life, p.next, p.s.session.Submit, func(err error) {
				switch exam.KindOf(err) {
				case "", exam.Unavailable: // on this PC at least; the page says which
				default:
					p.tell("没有提交", exam.SentenceOf(err))
				}
				p.reconsider()
			})
		})
	})
}

// catchUp takes over what was saved elsewhere, in steps that were not touched here.
func (p *enrolPage) catchUp(saved application.Form) {
	reopen := false
	for _, s := range application.Steps {
		if s == application.StepConfirm || sameStep(saved, p.base, s) {
			continue
		}
		fresh := whole(saved, p.b.doctor)
		if !p.dirty(s) && !sameStep(p.b.form, fresh, s) {
			p.b.form = p.b.form.With(copied(fresh, s))
			reopen = reopen || s == p.step || p.step == application.StepConfirm
		}
	}
	p.base = saved
	if reopen {
		p.openStep(p.step)
		return
	}
	p.refreshMarks()
	p.sayKept()
}

// showSent is what stands in the place of the steps once they were submitted.
func (p *enrolPage) showSent() {
	v := p.view
	if p.looking {
		p.showRead()
		return
	}
	var buttons []fyne.CanvasObject
	if len(v.Sections) > 0 {
		buttons = append(buttons, part.NewPrimary("查看信息", func() {
			p.looking = true
			p.showRead()
		}))
	}
	if v.Withdraw {
		buttons = append(buttons, p.withdrawButton())
	}
	switch {
	case v.Mode == modeUnsent:
		retry := part.NewSecondary("现在重试", nil).WithGlyph("refresh")
		retry.OnTapped(func() {
			p.s.job(p.life, retry, p.s.session.Refresh, func(err error) {
				if err != nil {
					p.s.toast(theme.Warn, exam.SentenceOf(err))
				}
				p.reconsider()
			})
		})
		buttons = append(buttons, retry)
	case v.Mode == modePassed:
		buttons = append(buttons, part.NewSecondary("个人信息", func() { p.s.goTo(pageProfile) }))
	}
	words := []fyne.CanvasObject{
		part.Centered(bigMark(v.Tone)),
		part.NewText(v.Headline).Styled(theme.SizeTitle, theme.ColorInkStrong, true).Aligned(fyne.TextAlignCenter),
	}
	if v.Time != "" {
		words = append(words, part.NewText("提交时间："+v.Time).Styled(theme.SizeBody, theme.ColorInkMuted, false).Aligned(fyne.TextAlignCenter))
	}
	words = append(words, part.Narrow(620, part.NewText(v.Sentence).Aligned(fyne.TextAlignCenter)))
	words = append(words, part.Centered(part.Row(buttons...)))
	p.show(container.NewVScroll(part.Rows(part.NewCard("", inset(part.Groups(words...), theme.Margin, theme.Margin*2)))))
}

// showRead is the read-only form.
func (p *enrolPage) showRead() {
	v := p.view
	b := p.s.bench(p.life, p.root, whole(application.Form{}, exam.Doctor{}), func(application.Step) {})
	rows := part.Groups()
	for _, o := range sectionCards(v.Sections, b.picture, b.enlarge, nil) {
		rows.Add(o)
	}
	buttons := []fyne.CanvasObject{part.NewSecondary("返回", func() {
		p.looking = false
		p.showSent()
	}).WithGlyph("back")}
	if v.Withdraw {
		buttons = append(buttons, p.withdrawButton())
	}
	top := part.NewBanner(v.Tone, v.Headline, strings.TrimSpace(v.Sentence), buttons...)
	p.show(container.NewBorder(top, nil, nil, nil, inset(container.NewVScroll(inset(rows, 2, 0)), 0, theme.Gap)))
}

func (p *enrolPage) withdrawButton() fyne.CanvasObject {
	b := part.NewSecondary("撤回提交", nil)
	b.OnTapped(func() {
		part.Confirm(part.CanvasOf(p.root), "撤回提交", "撤回后可以继续修改，改好再重新提交。确定撤回吗？", "撤回", "不撤回", func(yes bool) {
			if !yes {
				return
			}
			p.s.job(p.life, b, p.s.session.Withdraw, func(err error) {
				if err != nil {
					p.tell("没有撤回", exam.SentenceOf(err))
				} else {
					p.s.toast(theme.Good, "已撤回，可以继续修改")
				}
				p.reconsider()
			})
		})
	})
	return b
}

// conflict is the page on which the doctor chooses between two terminals' values.
func (p *enrolPage) conflict() fyne.CanvasObject {
	c := p.s.session.Conflict()
	p.choice = map[application.Step]bool{}
	rows := part.Groups()
	byStep := map[application.Step][]application.Difference{}
	for _, d := range c.Differences {
		byStep[d.Step] = append(byStep[d.Step], d)
	}
	asked := 0
	settle := part.NewPrimary("按所选保留", nil)
	settle.Disable()
	for _, s := range application.Steps {
		if !c.Mine.Has(s) {
			continue
		}
		asked++
		ways := part.NewChoices([]part.Option{{Key: "mine", Name: "保留本机填写的"}, {Key: "theirs", Name: "采用另一台电脑的"}}, func(o part.Option) {
			p.choice[s] = o.Key == "mine"
			if len(p.choice) == asked {
				settle.Enable()
			}
		})
		var table fyne.CanvasObject = part.NewMuted("两边内容相同，任选其一")
		if len(byStep[s]) > 0 {
			table = differenceTable("两边不同的内容", byStep[s], "本机填写的", "另一台电脑的")
		}
		rows.Add(part.NewCard(s.Text(), part.Rows(table, ways)))
	}
	settle.OnTapped(func() {
		chosen := map[application.Step]bool{}
		for s, mine := range p.choice {
			chosen[s] = mine
		}
		p.s.job(p.life, settle, func(ctx context.Context) error { return p.s.session.Settle(ctx, chosen) }, func(err error) {
			if err != nil {
				p.tell("没有完成", exam.SentenceOf(err))
			}
			p.reconsider()
		})
	})
	text := p.view.Sentence
	if c.At != 0 {
		text = "另一台电脑保存于 " + c.At.Text() + "。" + text
	}
	top := part.NewBanner(theme.Warn, p.view.Headline, text)
	bottom := part.Rows(part.Rule(), part.Ends(part.NewMuted("每一步都选好后，才能继续填报"), settle))
	return container.NewBorder(top, bottom, nil, nil, inset(container.NewVScroll(inset(rows, 2, 0)), 0, theme.Gap))
}

// follow keeps what has the keyboard in view: the toolkit does not scroll by itself.
func (p *enrolPage) follow() func() {
	f := follower(func() *container.Scroll {
		if p.view.Mode != modeEdit {
			return nil
		}
		return p.body
	})
	return func() { f(part.CanvasOf(p.root)) }
}
