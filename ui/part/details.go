package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"dingkao/ui/theme"
)

// Pair is a label and its value, to be read.
type Pair struct {
	Label, Value string
	// Wide gives the pair a row of its own.
	Wide bool
	// Tone shows the value as a chip when it is not "".
	Tone Tone
	// Old, if not "", is shown struck after the value: what it was before a correction.
	Old string
}

// NewDetails shows pairs in at most columns columns. An empty value is shown as 未填写.
func NewDetails(columns int, pairs ...Pair) fyne.CanvasObject {
	cells := make([]fyne.CanvasObject, len(pairs))
	for i, p := range pairs {
		var value fyne.CanvasObject
		switch {
		case p.Tone != "":
			value = Row(NewChip(p.Value, p.Tone))
		case p.Value == "":
			value = NewText("未填写").Styled(theme.SizeBody, theme.ColorInkFaint, false)
		default:
			value = NewText(p.Value)
		}
		cell := container.New(&pairLayout{}, NewLine(p.Label, theme.SizeBody, theme.ColorInkMuted, false), value)
		if p.Old != "" {
			cell = tight(0, cell, container.New(&pairLayout{}, NewMuted("原为"), NewHint(p.Old)))
		}
		cells[i] = cell
		if p.Wide {
			cells[i] = Wide(cell)
		}
	}
	grid := Columns(columns, 230, cells...)
	grid.Layout.(*gridLayout).gapY = 6
	return grid
}

// pairLayout gives the label a fixed measure, so that the values stand below each other.
type pairLayout struct{}

func (pairLayout) label(o fyne.CanvasObject) float32 { return max(o.MinSize().Width, 92) + 12 }

func (l pairLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[1].MinSize()
	return fyne.NewSize(l.label(o[0])+m.Width, max(m.Height, o[0].MinSize().Height, theme.Size(theme.SizeBody)*1.5))
}

func (l pairLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	x := l.label(o[0])
	line := theme.Size(theme.SizeBody) * 1.5
	o[0].Move(fyne.NewPos(0, 0))
	o[0].Resize(fyne.NewSize(x-12, line))
	o[1].Move(fyne.NewPos(x, 0))
	o[1].Resize(fyne.NewSize(max(size.Width-x, 1), size.Height))
}
