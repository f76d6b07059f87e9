package terminal

import (
	"context"
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// profilePage is 个人信息: what is on file, and 申请修改.
type profilePage struct {
	s       *seat
	life    *shell.Life
	root    *fyne.Container
	view    profileView
	editing bool
	body    *container.Scroll
}

// Fills says that the page scrolls by itself.
func (p *profilePage) Fills() bool { return true }

// Open shows what is on file.
func (p *profilePage) Open(life *shell.Life) fyne.CanvasObject {
	p.life, p.root, p.view, p.editing = life, container.NewStack(), profileView{}, false
	p.draw()
	p.s.watch(life, p.draw)
	life.Every(followEvery, p.follow())
	return p.root
}

func (p *profilePage) draw() {
	v := profileOf(p.s.session.Enrolment())
	if p.editing && v.Ask {
		return // what is being typed is not disturbed
	}
	if reflect.DeepEqual(v, p.view) && !p.editing {
		return
	}
	p.view, p.editing = v, false
	p.read()
}

// read shows the page to be read.
func (p *profilePage) read() {
	v := p.view
	top := part.Rows()
	rows := part.Groups()
	if v.Banner != nil {
		top.Add(part.NewBanner(v.Banner.Tone, v.Banner.Title, v.Banner.Body))
	}
	head := part.NewTitle("个人信息")
	if v.Ask {
		top.Add(part.Ends(head, part.NewPrimary("申请修改", p.edit).WithGlyph("edit")))
	} else {
		top.Add(part.Ends(head, part.NewMuted(v.WhyNot)))
	}
	if len(v.Changes) > 0 {
		rows.Add(part.NewCard("", differenceTable("申请修改的内容", v.Changes, "修改为", "原来的内容")))
	}
	b := p.s.bench(p.life, p.root, whole(application.Form{}, exam.Doctor{}), func(application.Step) {})
	if v.Empty {
		rows.Add(part.NewCard("", part.NewEmpty("还没有填报信息", "保存后的信息显示在这里。", part.NewSecondary("去填报", func() { p.s.goTo(pageEnrol) }))))
	} else {
		for _, o := range sectionCards(v.Sections, b.picture, b.enlarge, nil) {
			rows.Add(o)
		}
	}
	p.body = nil
	p.show(container.NewBorder(top, nil, nil, nil, inset(container.NewVScroll(inset(rows, 2, 0)), 0, theme.Gap)))
}

func (p *profilePage) show(o fyne.CanvasObject) {
	p.root.Objects = []fyne.CanvasObject{o}
	p.root.Refresh()
}

// correctable are the steps that a correction may change, on one page.
var correctable = []application.Step{application.StepBasic, application.StepPractice, application.StepHistory, application.StepMerit}

// edit shows the steps ①–④ to be changed, and the reason. What is typed is kept
// as a draft, like everything else.
func (p *profilePage) edit() {
	p.editing = true
	e := p.s.session.Enrolment()
	saved := e.Dossier.Form
	form := whole(saved.With(p.s.session.Draft()), e.Doctor)
	var pages []stepPage
	var b *bench
	mark := false
	b = p.s.bench(p.life, p.root, form, func(step application.Step) {
		p.s.session.KeepDraft(copied(b.form, step))
		if mark {
			p.mark(b, pages)
		}
	})
	pages = []stepPage{newBasicPage(b), newPracticePage(b), newHistoryPage(b), newMeritPage(b)}
	b.drop = pages[0].(*basicPage).Drop
	reason := part.NewArea("请说明为什么需要修改", 4, application.MostReason)
	reason.SetText(p.s.reason)
	reason.OnChanged = func(s string) { p.s.reason = s }
	field := part.NewField("申请理由", reason).Required()
	rows := part.Groups()
	for i, page := range pages {
		rows.Add(part.NewHeading(correctable[i].Text()))
		rows.Add(page.Content())
	}
	rows.Add(part.NewCard("", field))
	p.body = container.NewVScroll(inset(rows, 2, 0))

	send := part.NewPrimary("提交申请", nil)
	send.OnTapped(func() {
		mark = true
		if gaps := p.mark(b, pages); len(gaps) > 0 {
			part.Tell(b.canvas(), "还不能提交", "“"+gaps[0].Step.Text()+"”："+gaps[0].Sentence+"。", nil)
			return
		}
		changes := correctionOf(b.form, saved, e.Doctor)
		switch {
		case changes == application.Form{}:
			part.Tell(b.canvas(), "没有修改", "还没有改动任何内容，请先修改再提交。", nil)
			return
		case isBlank(p.s.reason):
			field.SetError("请填写申请理由，审核人员会看到这段文字")
			part.Focus(reason.Entry)
			return
		}
		field.SetError("")
		p.s.job(p.life, send, func(ctx context.Context) error {
			return p.s.session.AskCorrection(ctx, changes, p.s.reason)
		}, func(err error) {
			if err != nil {
				part.Tell(b.canvas(), "没有提交", exam.SentenceOf(err), nil)
				return
			}
			p.s.reason = ""
			p.editing = false
			p.view = profileView{}
			p.s.toast(theme.Good, "修改申请已提交，请等待审核")
			p.draw()
		})
	})
	quit := part.NewSecondary("退出修改", func() {
		p.editing = false
		p.view = profileOf(p.s.session.Enrolment())
		p.read()
	})
	top := part.NewBanner(theme.Info, "正在申请修改", "改好需要修改的内容，写明理由后提交，由机构审核；审核通过前，原来的信息不变。")
	bottom := part.Rows(part.Rule(), part.Ends(part.NewMuted("填写的内容自动保存在本机"), quit, send))
	p.show(container.NewBorder(top, bottom, nil, nil, inset(p.body, 0, theme.Gap)))
}

// correctionOf is the changed steps alone.
func correctionOf(form, saved application.Form, doctor exam.Doctor) application.Form {
	var out application.Form
	before := whole(saved, doctor)
	for _, s := range correctable {
		if !sameStep(form, before, s) {
			out = out.With(copied(form, s))
		}
	}
	return out
}

// mark shows what is missing on all pages.
func (p *profilePage) mark(b *bench, pages []stepPage) []application.Gap {
	var all []application.Gap
	for i, step := range correctable {
		var here []application.Gap
		for _, g := range b.form.Missing(b.cycle, p.s.today()) {
			if g.Step == step {
				here = append(here, g)
			}
		}
		pages[i].Mark(here)
		all = append(all, here...)
	}
	return all
}

func (p *profilePage) follow() func() {
	f := follower(func() *container.Scroll { return p.body })
	return func() { f(part.CanvasOf(p.root)) }
}

func isBlank(s string) bool {
	for _, r := range s {
		if r != ' ' && r != '\n' && r != '\t' && r != '\u3000' {
			return false
		}
	}
	return true
}
