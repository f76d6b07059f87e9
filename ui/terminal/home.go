package terminal

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// homePage is 首页 with its four panels.
type homePage struct {
	s    *seat
	view homeView
	root *fyne.Container
}

// Open shows the panels, and again whenever something changed.
func (p *homePage) Open(life *shell.Life) fyne.CanvasObject {
	p.root, p.view = container.NewStack(), homeView{}
	p.draw()
	p.s.watch(life, p.draw)
	return p.root
}

func (p *homePage) draw() {
	v := homeOf(p.s.session.Enrolment(), p.s.today())
	if reflect.DeepEqual(v, p.view) {
		return
	}
	p.view = v
	p.root.Objects = []fyne.CanvasObject{drawHome(v, p.s.goTo)}
	p.root.Refresh()
}

// drawHome draws the panels; open is told where a button leads.
func drawHome(v homeView, open func(pageID)) fyne.CanvasObject {
	schedule := pairRows(v.Schedule)
	if len(v.Schedule) == 0 {
		schedule = part.NewHint("还没有考核周期的安排，纳入后显示在这里。")
	}
	nodes := make([]part.Node, len(v.Flow))
	for i, n := range v.Flow {
		nodes[i] = part.Node{Title: n.Title, State: n.State, Current: n.At == current, Action: n.Button}
		switch n.At {
		case done:
			nodes[i].Tone = theme.Good
		case current:
			nodes[i].Tone = theme.Info
		case halted:
			nodes[i].Tone = theme.Warn
		default:
			nodes[i].Tone = theme.Neutral
		}
	}
	flow := part.NewProcess(nodes, func(i int) { open(v.Flow[i].Page) })
	rows := stack(theme.Gap + 4)
	if v.Status.Reason != "" {
		rows.Add(part.NewBanner(theme.Warn, "退回理由："+v.Status.Reason, fmt.Sprintf("%s，%s", v.Status.ReturnedBy, v.Status.ReturnedAt),
			part.NewSecondary("去修改", func() { open(pageEnrol) }).Small()))
	}
	for _, o := range []fyne.CanvasObject{
		part.Columns(2, 420,
			part.NewCard("考核安排", schedule),
			part.NewCard("机构信息", pairRows(v.Offices))),
		part.NewCard("考核流程", flow),
		part.NewCard("我的状态", drawStatus(v.Status), part.NewChip(v.Status.State, v.Status.Tone)),
	} {
		rows.Add(o)
	}
	return rows
}

func drawStatus(s statusView) fyne.CanvasObject {
	words := stack(2,
		part.NewText(s.Headline).Styled(theme.SizeHeading, theme.ColorInkStrong, true),
		part.NewText(s.Next).Styled(theme.SizeBody, theme.ColorInkMuted, false),
	)
	var facts []part.Pair
	for _, f := range s.Facts {
		facts = append(facts, part.Pair{Label: f.Label, Value: f.Value})
	}
	return part.Rows(words, part.Rule(), part.NewDetails(3, facts...))
}

// pairRows are labels with their values below each other, the values in one line
// from top to bottom, and a chip at the right.
func pairRows(pairs []pair) fyne.CanvasObject {
	var wide float32
	for _, f := range pairs {
		wide = max(wide, part.NewPlain(f.Label).MinSize().Width)
	}
	rows := stack(3)
	for _, f := range pairs {
		label := part.NewLine(f.Label, theme.SizeBody, theme.ColorInkMuted, false)
		row := part.Ends(part.Beside(narrow(wide, label), part.NewText(orElse(f.Value, "—")), theme.Space))
		if f.Note != "" {
			row.Add(part.NewChip(f.Note, f.Tone))
		}
		rows.Add(part.Sized(0, 26, row))
	}
	return rows
}

// portrait shows the doctor's photograph in the menu once it is at hand.
func (s *seat) portrait() {
	form := s.session.Enrolment().Dossier.Form
	if s.frame == nil || form.Basic == nil || form.Basic.Photo.Hash == s.shown {
		return
	}
	hash := form.Basic.Photo.Hash
	s.shown = hash
	if hash == "" {
		s.frame.SetPhoto(nil)
		return
	}
	shell.Job(s.life, func(ctx context.Context) (image.Image, error) {
		data, err := s.session.Picture(ctx, hash)
		if err != nil {
			return nil, err
		}
		img, _, err := image.Decode(bytes.NewReader(data))
		return img, err
	}, func(img image.Image, err error) {
		if err == nil && s.shown == hash {
			s.frame.SetPhoto(img)
		} else if exam.KindOf(err) == exam.Unavailable {
			s.shown = "" // asked again at the next change
		}
	})
}
