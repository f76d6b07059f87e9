package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"dingkao/ui/theme"
)

// Card is a white surface with a title, a small accent bar before it, and room for buttons at the right
// of the title.
type Card struct {
	box
	title *canvas.Text
	head  *fyne.Container
	body  *fyne.Container
}

// NewCard puts content on a card. Without a title and actions there is no head.
func NewCard(title string, content fyne.CanvasObject, actions ...fyne.CanvasObject) *Card {
	c := &Card{title: NewHeading(title), body: container.NewStack(content)}
	bar := canvas.NewRectangle(theme.Paint(theme.ColorAccent))
	bar.CornerRadius = 2
	c.head = Ends(Row(Sized(4, 18, bar), c.title), actions...)
	if title == "" {
		c.head = Ends(nothing(), actions...)
	}
	inner := tight(theme.Space-2, Sized(0, 28, c.head), c.body)
	if title == "" && len(actions) == 0 {
		inner = tight(0, c.body)
	}
	c.root = container.NewStack(Surface(), inset(inner, theme.Space+2, theme.Space))
	c.ExtendBaseWidget(c)
	return c
}

// SetTitle changes the title.
func (c *Card) SetTitle(title string) { Say(c.title, title) }

// SetContent changes what stands on the card.
func (c *Card) SetContent(o fyne.CanvasObject) {
	c.body.Objects = []fyne.CanvasObject{o}
	c.body.Refresh()
}

// Surface is the face of a card, to lay under other things.
func Surface() *canvas.Rectangle {
	r := canvas.NewRectangle(theme.Paint(theme.ColorCard))
	r.CornerRadius = theme.Round
	r.StrokeWidth, r.StrokeColor = 1, theme.Paint(theme.ColorLine)
	return r
}

// Chip is a word or two that say a state, in the colour of their tone.
type Chip struct {
	box
	label *canvas.Text
	back  *canvas.Rectangle
	tone  Tone
}

// NewChip shows a state.
func NewChip(text string, tone Tone) *Chip {
	c := &Chip{label: NewLine(text, theme.SizeSmall, tone.Ink(), false), back: canvas.NewRectangle(color.Transparent)}
	c.back.CornerRadius = 13
	c.root = container.NewStack(c.back, Sized(0, 26, container.New(layout.NewCustomPaddedLayout(0, 2, 11, 11), c.label)))
	c.Set(text, tone)
	c.ExtendBaseWidget(c)
	return c
}

// Set changes the state.
func (c *Chip) Set(text string, tone Tone) {
	c.tone = tone
	c.label.Text, c.label.Color = text, theme.Paint(tone.Ink())
	c.back.FillColor = theme.Paint(tone.Soft())
	c.label.Refresh()
	c.back.Refresh()
}

// Text is what it says.
func (c *Chip) Text() string { return c.label.Text }

// Banner is a notice within a page: offline, sent back with a reason, a conflict. It may offer actions.
type Banner struct {
	box
	title *Text
	text  *Text
}

// NewBanner says title, and text in more words ("" for none).
func NewBanner(tone Tone, title, text string, actions ...fyne.CanvasObject) *Banner {
	b := &Banner{title: NewText(title).Styled(theme.SizeBody, tone.Ink(), true), text: NewText(text)}
	if text == "" {
		b.text.Hide()
	}
	back := canvas.NewRectangle(theme.Paint(tone.Soft()))
	back.CornerRadius = theme.Radius + 2
	words := tight(2, b.title, b.text)
	var right fyne.CanvasObject
	if len(actions) > 0 {
		right = container.NewCenter(Row(actions...))
	}
	body := container.NewBorder(nil, nil, nil, right, Lead(NewGlyph(tone.Glyph(), tone.Ink(), 20), words))
	b.root = container.NewStack(back, inset(body, theme.Space-2, theme.Gap+2))
	b.ExtendBaseWidget(b)
	return b
}

// Sized sets how large the title is written, for what is magnified with a page.
func (b *Banner) Sized(size fyne.ThemeSizeName) *Banner {
	b.title.size = size
	b.title.rewrap()
	return b
}

// Set changes the words.
func (b *Banner) Set(title, text string) {
	b.title.SetText(title)
	b.text.SetText(text)
	if text == "" {
		b.text.Hide()
	} else {
		b.text.Show()
	}
	b.root.Refresh()
}

// Toast is a short word that floats above the page for a moment; the shell shows it and takes it away.
type Toast struct{ box }

// NewToast says text.
func NewToast(tone Tone, text string) *Toast {
	t := &Toast{}
	back := canvas.NewRectangle(theme.Paint(theme.ColorInkStrong))
	back.CornerRadius = theme.Radius + 2
	mark := canvas.NewRectangle(theme.Paint(tone.Soft()))
	mark.CornerRadius = 10
	glyph := container.NewStack(mark, inset(NewGlyph(tone.Glyph(), tone.Ink(), 16), 2, 2))
	t.root = container.NewStack(back, inset(Row(glyph, NewLine(text, theme.SizeBody, theme.ColorOnPrimary, false)), theme.Space, theme.Gap+2))
	t.ExtendBaseWidget(t)
	return t
}

// NewEmpty says that there is nothing here, and what one can do about it.
func NewEmpty(title, text string, actions ...fyne.CanvasObject) fyne.CanvasObject {
	return state("list", Neutral, title, text, actions...)
}

// NewFailed says that something did not work, why, and offers what to do next.
func NewFailed(title, text string, actions ...fyne.CanvasObject) fyne.CanvasObject {
	return state("warn", Warn, title, text, actions...)
}

// NewLoading says that something is under way. Nothing moves, so that it costs nothing.
func NewLoading(text string) fyne.CanvasObject {
	return state("wait", Info, "", text)
}

func state(glyph string, tone Tone, title, text string, actions ...fyne.CanvasObject) fyne.CanvasObject {
	disc := canvas.NewCircle(theme.Paint(tone.Soft()))
	objects := []fyne.CanvasObject{container.NewCenter(container.NewStack(disc, inset(NewGlyph(glyph, tone.Ink(), 30), 17, 17)))}
	if title != "" {
		head := NewHeading(title)
		head.Alignment = fyne.TextAlignCenter
		objects = append(objects, head)
	}
	if text != "" {
		objects = append(objects, NewText(text).Styled(theme.SizeBody, theme.ColorInkMuted, false).Aligned(fyne.TextAlignCenter))
	}
	if len(actions) > 0 {
		objects = append(objects, container.NewCenter(Row(actions...)))
	}
	return inset(Narrow(460, Sized(300, 0, tight(theme.Gap+2, objects...))), theme.Space, theme.Margin)
}
