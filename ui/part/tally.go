package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"dingkao/ui/theme"
)

// Tally is a number with a word below, such as 30 测评中. Pressing it asks for that part only; the chosen one
// is marked.
type Tally struct {
	press
	word   string
	number string
	tone   Tone
	chosen bool
	digits *canvas.Text
	label  *canvas.Text
}

// NewTally makes one that says 0.
func NewTally(word string, tone Tone, act func()) *Tally {
	t := &Tally{word: word, tone: tone, number: "0"}
	t.become(t, act)
	return t
}

// Set changes the number.
func (t *Tally) Set(number string) {
	if t.number != number {
		t.number = number
		t.repaint()
	}
}

// SetChosen marks it, or takes the mark away.
func (t *Tally) SetChosen(on bool) {
	if t.chosen != on {
		t.chosen = on
		t.repaint()
	}
}

// Text is what it says: the word and the number.
func (t *Tally) Text() string { return t.word + " " + t.number }

// Chosen tells whether it is marked.
func (t *Tally) Chosen() bool { return t.chosen }

// CreateRenderer draws it.
func (t *Tally) CreateRenderer() fyne.WidgetRenderer {
	face := Surface()
	t.digits, t.label = NewLine("", theme.SizeTitle, theme.ColorInkStrong, true), NewLine(t.word, theme.SizeSmall, theme.ColorInkMuted, false)
	t.digits.Alignment, t.label.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	t.paint = func() {
		fill, edge, width := theme.ColorCard, theme.ColorLine, float32(1)
		if t.hovered {
			fill = theme.ColorWash
		}
		if t.chosen {
			fill, edge, width = theme.ColorWash, theme.ColorPrimary, 2
		}
		ink := t.tone.Ink()
		if t.number == "0" {
			ink = theme.ColorInkFaint
		}
		face.FillColor, face.StrokeColor, face.StrokeWidth = theme.Paint(fill), theme.Paint(edge), width
		t.digits.Text, t.digits.Color = t.number, theme.Paint(ink)
		face.Refresh()
		t.digits.Refresh()
	}
	t.paint()
	root := container.New(&ringed{min: fyne.NewSize(84, 58)}, t.newRing(theme.Round), face, inset(tight(0, t.digits, t.label), theme.Gap, 4))
	return widget.NewSimpleRenderer(root)
}
