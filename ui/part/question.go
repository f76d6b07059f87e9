package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"dingkao/ui/theme"
)

// QuestionText is what a question says.
type QuestionText struct {
	// Number is where it stands, such as 第1题 / 共50题; Kind is what is asked for, such as 单选题.
	Number, Kind string
	// Shared is the case or text that several questions have in common, "" for none.
	Shared  string
	Stem    string
	Options []string
	// Several may be chosen: then the marks are square.
	Several bool
	Marked  bool // a star stands beside the number
}

// OptionTone says what became of an option once the answer is known.
type OptionTone int

// The tones of an option. Right is blue, wrong is red; each has a sign of its own too.
const (
	OptionOpen  OptionTone = iota // not known, or neither
	OptionRight                   // belongs to the answer
	OptionWrong                   // chosen, and does not
)

// Question shows one question with its options, magnified as far as asked, and reports what is chosen: by the
// mouse, by the letters A to H, and by the arrows up and down with Space. It keeps no choice: what is chosen is
// what SetChosen said last. An invisible catcher holds the keyboard while no option does, so that the letters
// work without a click and without an input method in between.
type Question struct {
	box
	// OnPick is told each option that the user picks, counted from 0.
	OnPick func(option int)
	// OnKey is told every key that the question has no use for: Left, Right, Enter, M and so on. Nil hands
	// them to the canvas.
	OnKey func(*fyne.KeyEvent)

	catcher *keyCatcher
	number  *Text
	kind    *Chip
	star    *fyne.Container
	shared  *Text
	frame   *fyne.Container
	stem    *Text
	list    *fyne.Container
	rows    []*answerRow
	zoom    int
	several bool
	locked  bool
}

// NewQuestion shows nothing yet; Put does.
func NewQuestion(picked func(option int)) *Question {
	q := &Question{OnPick: picked, zoom: 100}
	q.catcher = &keyCatcher{q: q}
	q.catcher.ExtendBaseWidget(q.catcher)
	q.number = NewText("").Styled(theme.SizeBody, theme.ColorInkMuted, true)
	q.kind = NewChip("", Info)
	q.star = Row(NewGlyph("star", Warn.Ink(), 16), NewLine("已标注", theme.SizeSmall, Warn.Ink(), false))
	q.stem = NewText("")
	q.shared = NewText("")
	back := canvas.NewRectangle(theme.Paint(theme.ColorSoft))
	back.CornerRadius = theme.Radius
	q.frame = container.NewStack(back, inset(q.shared, theme.Space-4, theme.Gap+2))
	q.list = tight(theme.Gap)
	head := Ends(q.number, q.star, q.kind)
	q.root = container.NewStack(q.catcher, tight(theme.Space-4, head, q.frame, q.stem, q.list))
	q.resize()
	q.ExtendBaseWidget(q)
	return q
}

// Put puts another question up: nothing is chosen, nothing is locked, and the catcher has the keyboard.
func (q *Question) Put(t QuestionText) {
	q.number.SetText(t.Number)
	q.kind.Set(t.Kind, Info)
	q.SetMarked(t.Marked)
	q.shared.SetText(t.Shared)
	hide(q.frame, t.Shared == "")
	q.stem.SetText(t.Stem)
	q.several, q.locked = t.Several, false
	q.rows = q.rows[:0]
	q.list.Objects = nil
	for i, o := range t.Options {
		r := newAnswerRow(q, i, o)
		q.rows = append(q.rows, r)
		q.list.Add(r)
	}
	q.Refresh()
	q.list.Refresh()
}

// SetChosen shows which options are chosen.
func (q *Question) SetChosen(chosen func(option int) bool) {
	for i, r := range q.rows {
		r.set(chosen(i), r.tone)
	}
}

// SetTones shows what became of each option.
func (q *Question) SetTones(tone func(option int) OptionTone) {
	for i, r := range q.rows {
		r.set(r.chosen, tone(i))
	}
}

// SetMarked shows or hides the star.
func (q *Question) SetMarked(on bool) { hide(q.star, !on) }

// Lock keeps the choice as it is; the keys go on to OnKey.
func (q *Question) Lock() {
	q.locked = true
	for _, r := range q.rows {
		r.off = true
		r.repaint()
	}
}

// SetZoom magnifies the question's words, in percent: one of theme.ZoomSteps.
func (q *Question) SetZoom(percent int) {
	q.zoom = percent
	q.resize()
	for _, r := range q.rows {
		r.resize()
	}
	q.Refresh()
}

// Zoom is how far the words are magnified.
func (q *Question) Zoom() int { return q.zoom }

// Take gives the keyboard to the question.
func (q *Question) Take() { Focus(q.catcher) }

// TypedKey works a key that came to the page rather than to the question, such as
// one that a button had no use for.
func (q *Question) TypedKey(e *fyne.KeyEvent) { q.key(-1, e) }

func (q *Question) resize() {
	size := theme.Zoom(q.zoom)
	q.stem.Styled(size, theme.ColorInkStrong, false)
	q.shared.Styled(size, theme.ColorInk, false)
	q.stem.Refresh()
	q.shared.Refresh()
}

func (q *Question) pick(i int) {
	if !q.locked && i >= 0 && i < len(q.rows) && q.OnPick != nil {
		q.OnPick(i)
	}
}

// key works a key that the catcher or a row got; at is the row's place, -1 for the catcher.
func (q *Question) key(at int, e *fyne.KeyEvent) {
	switch {
	case len(e.Name) == 1 && e.Name >= "A" && e.Name <= "H":
		if i := int(e.Name[0] - 'A'); i < len(q.rows) {
			q.pick(i)
			return
		}
	case e.Name == fyne.KeyDown && at+1 < len(q.rows):
		Focus(q.rows[at+1])
		return
	case e.Name == fyne.KeyUp && at > 0:
		Focus(q.rows[at-1])
		return
	case e.Name == fyne.KeyUp || e.Name == fyne.KeyDown:
		return
	case e.Name == fyne.KeySpace && at >= 0 && !q.locked:
		q.pick(at)
		return
	}
	if q.OnKey != nil {
		q.OnKey(e)
		return
	}
	bubble(q, e)
}

func hide(o fyne.CanvasObject, hidden bool) {
	if hidden {
		o.Hide()
	} else {
		o.Show()
	}
}

// keyCatcher holds the keyboard and draws nothing.
type keyCatcher struct {
	widget.BaseWidget
	q *Question
}

func (k *keyCatcher) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(nothing()) }
func (k *keyCatcher) FocusGained()                        {}
func (k *keyCatcher) FocusLost()                          {}
func (k *keyCatcher) TypedRune(rune)                      {}
func (k *keyCatcher) TypedKey(e *fyne.KeyEvent)           { k.q.key(-1, e) }

// answerRow is one option: its letter, its text, and, once known, whether it is right.
type answerRow struct {
	press
	q      *Question
	at     int
	text   *Text
	chosen bool
	tone   OptionTone
	face   *canvas.Rectangle
	disc   *canvas.Rectangle
	letter *canvas.Text
	sign   *canvas.Image
	side   *sizedLayout
}

func newAnswerRow(q *Question, at int, text string) *answerRow {
	r := &answerRow{q: q, at: at, text: NewText(text)}
	r.become(r, func() {
		q.Take() // the ring is for the keyboard
		q.pick(at)
	})
	r.keys = func(e *fyne.KeyEvent) bool { q.key(at, e); return true }
	return r
}

// Label is the letter and the text, for whoever reads the screen aloud.
func (r *answerRow) Label() string { return r.letterText() + ". " + r.text.Text() }

func (r *answerRow) letterText() string { return string(rune('A' + r.at)) }

func (r *answerRow) set(chosen bool, tone OptionTone) {
	if r.chosen != chosen || r.tone != tone {
		r.chosen, r.tone = chosen, tone
		r.repaint()
	}
}

func (r *answerRow) resize() {
	if r.letter == nil {
		return
	}
	r.fit()
	r.repaint()
	r.text.Refresh()
	r.Refresh()
}

func (r *answerRow) fit() {
	size := theme.Size(theme.Zoom(r.q.zoom))
	r.text.Styled(theme.Zoom(r.q.zoom), theme.ColorInk, false)
	r.letter.TextSize = size
	r.side.size = fyne.NewSquareSize(size * 1.75)
}

func (r *answerRow) CreateRenderer() fyne.WidgetRenderer {
	r.face, r.disc = canvas.NewRectangle(theme.Clear(theme.ColorCard)), canvas.NewRectangle(theme.Clear(theme.ColorCard))
	r.face.CornerRadius = theme.Radius + 2
	r.letter = NewLine(r.letterText(), theme.SizeBody, theme.ColorInk, true)
	r.letter.Alignment = fyne.TextAlignCenter
	r.sign = canvas.NewImageFromResource(theme.Glyph("check", Info.Ink()))
	r.sign.FillMode = canvas.ImageFillContain
	r.side = &sizedLayout{}
	letter := container.New(r.side, container.NewStack(r.disc, container.NewCenter(r.letter)))
	r.paint = r.draw
	body := container.New(&optionLayout{}, letter, r.text, r.sign)
	r.fit()
	r.paint()
	root := container.New(&ringed{}, r.newRing(theme.Radius+4), container.NewStack(r.face, inset(body, theme.Space-4, theme.Gap)))
	return widget.NewSimpleRenderer(root)
}

func (r *answerRow) draw() {
	face, edge, disc, letter, ink := theme.ColorCard, theme.ColorLine, theme.ColorCard, theme.ColorInkMuted, theme.ColorInk
	sign, width := "", float32(1)
	rim := theme.ColorOutline
	switch {
	case r.tone == OptionRight:
		face, edge, disc, rim, letter, ink, sign, width = Info.Soft(), Info.Ink(), Info.Ink(), Info.Ink(), theme.ColorOnPrimary, Info.Ink(), "check", 1.5
		if !r.chosen { // what should have been chosen: its letter stays hollow
			disc, letter = theme.ColorCard, Info.Ink()
		}
	case r.tone == OptionWrong:
		face, edge, disc, rim, letter, ink, sign, width = Bad.Soft(), Bad.Ink(), Bad.Ink(), Bad.Ink(), theme.ColorOnPrimary, Bad.Ink(), "close", 1.5
	case r.chosen:
		face, edge, disc, rim, letter, width = theme.ColorWash, theme.ColorPrimary, theme.ColorPrimary, theme.ColorPrimary, theme.ColorOnPrimary, 1.5
	case r.hovered && !r.off:
		face, edge, rim, letter = theme.ColorSoft, theme.ColorPrimary, theme.ColorPrimary, theme.ColorPrimary
	}
	r.face.FillColor, r.face.StrokeColor, r.face.StrokeWidth = theme.Paint(face), theme.Paint(edge), width
	r.disc.FillColor, r.disc.StrokeColor, r.disc.StrokeWidth = theme.Paint(disc), theme.Paint(rim), 1.5
	r.disc.CornerRadius = r.side.size.Height / 2
	if r.q.several {
		r.disc.CornerRadius = theme.Radius - 2
	}
	r.letter.Color = theme.Paint(letter)
	r.text.SetInk(ink)
	r.sign.Hidden = sign == ""
	if sign != "" {
		r.sign.Resource = theme.Glyph(sign, ink)
	}
	r.face.Refresh()
	r.disc.Refresh()
	r.letter.Refresh()
	r.sign.Refresh()
}

// optionLayout is letter, text and sign; the letter and the sign stand beside the first line of the text.
type optionLayout struct{}

const signSide float32 = 20

func (optionLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	l, t := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(l.Width+theme.Space-4+t.Width+theme.Gap+signSide, max(l.Height, t.Height))
}

func (optionLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	l := o[0].MinSize()
	x := l.Width + theme.Space - 4
	wide := max(size.Width-x-theme.Gap-signSide, 1)
	high := o[1].MinSize().Height
	o[0].Resize(l)
	o[0].Move(fyne.Position{})
	o[1].Resize(fyne.NewSize(wide, high))
	o[1].Move(fyne.NewPos(x, max((l.Height-high)/2, 0)))
	o[2].Resize(fyne.NewSquareSize(signSide))
	o[2].Move(fyne.NewPos(x+wide+theme.Gap, (l.Height-signSide)/2))
}
