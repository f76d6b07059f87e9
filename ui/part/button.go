package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"dingkao/ui/theme"
)

type buttonKind int

const (
	secondary buttonKind = iota
	primary
	quiet
	danger
)

// Button is a press with words, and a drawing if wanted. One primary button at most stands in one place.
type Button struct {
	press
	kind    buttonKind
	text    string
	glyph   string
	small   bool
	busy    bool
	face    *canvas.Rectangle
	label   *canvas.Text
	image   *canvas.Image
	inner   *fyne.Container
	onBand  bool
	leading bool
}

// NewPrimary is the one thing to do next.
func NewPrimary(text string, act func()) *Button { return newButton(primary, text, act) }

// NewSecondary is anything else to do.
func NewSecondary(text string, act func()) *Button { return newButton(secondary, text, act) }

// NewQuiet is a button without a face, for table rows and links.
func NewQuiet(text string, act func()) *Button { return newButton(quiet, text, act) }

// NewDanger destroys something or can't be taken back.
func NewDanger(text string, act func()) *Button { return newButton(danger, text, act) }

func newButton(kind buttonKind, text string, act func()) *Button {
	b := &Button{kind: kind, text: text}
	b.become(b, act)
	return b
}

// WithGlyph puts one of our drawings before the words.
func (b *Button) WithGlyph(name string) *Button { b.glyph = name; b.repaint(); return b }

// Small makes it fit into a table row.
func (b *Button) Small() *Button { b.small = true; b.repaint(); return b }

// OnBand colours a quiet button for the title band.
func (b *Button) OnBand() *Button { b.onBand = true; b.repaint(); return b }

// SetText changes the words.
func (b *Button) SetText(text string) { b.text = text; b.repaint() }

// Text is what the button says.
func (b *Button) Text() string { return b.text }

// OnTapped replaces what pressing does.
func (b *Button) OnTapped(act func()) { b.act = act }

// SetBusy keeps it from being pressed while its work is under way, and says 请稍候…
func (b *Button) SetBusy(busy bool) {
	b.busy, b.off = busy, busy
	b.repaint()
}

// CreateRenderer draws the face.
func (b *Button) CreateRenderer() fyne.WidgetRenderer {
	b.face = canvas.NewRectangle(color.Transparent)
	b.face.CornerRadius = theme.Radius
	b.label = canvas.NewText("", nil)
	b.image = &canvas.Image{FillMode: canvas.ImageFillContain}
	b.inner = Row(b.image, b.label)
	b.paint = b.draw
	root := container.New(&ringed{}, b.newRing(theme.Radius+2), b.face, container.New(&buttonLayout{b}, b.inner))
	b.draw()
	return widget.NewSimpleRenderer(root)
}

type buttonLayout struct{ b *Button }

func (l *buttonLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[0].MinSize()
	h, pad, least := theme.Height, theme.Space*2, float32(88)
	if l.b.small {
		h, pad, least = 28, theme.Gap*2, 0
	}
	if l.b.kind == quiet {
		pad, least = theme.Gap*2, 0
	}
	return fyne.NewSize(max(m.Width+pad, least), max(h, m.Height))
}

func (l *buttonLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	m := o[0].MinSize()
	o[0].Resize(m)
	x := (size.Width - m.Width) / 2
	if l.b.leading {
		x = theme.Space
	}
	o[0].Move(fyne.NewPos(x, (size.Height-m.Height)/2))
}

func (b *Button) draw() {
	ink, face, edge := theme.ColorPrimary, theme.ColorCard, theme.ColorPrimary
	clear := false
	switch b.kind {
	case primary:
		ink, face, edge = theme.ColorOnPrimary, theme.ColorPrimary, theme.ColorPrimary
		if b.hovered {
			face, edge = theme.ColorDeep, theme.ColorDeep
		}
	case danger:
		ink, face, edge = theme.Bad.Ink(), theme.ColorCard, theme.Bad.Ink()
		if b.hovered {
			face = theme.Bad.Soft()
		}
	case quiet:
		clear = !b.hovered
		face, edge = theme.ColorWash, theme.ColorWash
		if b.onBand {
			ink, face, edge = theme.ColorBandInk, theme.ColorPrimary, theme.ColorPrimary
		}
	default:
		if b.hovered {
			face = theme.ColorWash
		}
	}
	if b.off {
		ink, face, edge = theme.ColorInkMuted, theme.ColorInputLock, theme.ColorLine
		clear = b.kind == quiet
	}
	b.face.FillColor, b.face.StrokeColor, b.face.StrokeWidth = theme.Paint(face), theme.Paint(edge), 1
	if clear {
		b.face.FillColor, b.face.StrokeColor = color.Transparent, color.Transparent
	}
	b.label.Text, b.label.Color, b.label.TextSize = b.text, theme.Paint(ink), theme.Size(theme.SizeBody)
	if b.busy {
		b.label.Text = "请稍候…"
	}
	b.label.TextStyle.Bold = b.kind == primary
	if b.small {
		b.label.TextSize = theme.Size(theme.SizeSmall) + 1
	}
	if b.glyph == "" {
		b.image.Hide()
	} else {
		b.image.Resource = theme.Glyph(b.glyph, ink)
		b.image.SetMinSize(fyne.NewSquareSize(b.label.TextSize + 2))
		b.image.Show()
	}
	if b.text == "" {
		b.label.Hide()
	} else {
		b.label.Show()
	}
	b.face.Refresh()
	b.label.Refresh()
	if b.glyph != "" {
		b.image.Refresh()
	}
}
