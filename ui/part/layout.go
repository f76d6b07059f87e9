package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"dingkao/ui/theme"
)

// Tone is the mood of a chip, a banner or a toast; see package theme.
type Tone = theme.Tone

// The tones, so that a screen needs one import.
const (
	Neutral = theme.Neutral
	Info    = theme.Info
	Wait    = theme.Wait
	Good    = theme.Good
	Warn    = theme.Warn
	Bad     = theme.Bad
)

// Rows stacks things with the usual gap between them.
func Rows(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(theme.Gap), objects...)
}

// Groups stacks things with the wider gap that separates groups.
func Groups(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(theme.Space), objects...)
}

// Row puts things side by side at their smallest width, vertically centred.
func Row(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&rowLayout{gap: theme.Gap}, objects...)
}

// Ends puts left at the left edge and the others at the right edge, vertically centred. Left is
// stretched over the room between.
func Ends(left fyne.CanvasObject, right ...fyne.CanvasObject) *fyne.Container {
	return container.New(&rowLayout{gap: theme.Gap, stretchFirst: true}, append([]fyne.CanvasObject{left}, right...)...)
}

// Flow puts things side by side and goes on in a new line when the width is used up.
func Flow(objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&flowLayout{gap: theme.Gap}, objects...)
}

// Columns shares the width between at most n equal columns, none narrower than narrowest; rows are as high
// as their highest member. With little room it uses fewer columns.
func Columns(n int, narrowest float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(&gridLayout{most: n, narrowest: narrowest, gapX: theme.Space, gapY: theme.Space}, objects...)
}

// Pad leaves the room of a group around something.
func Pad(o fyne.CanvasObject) *fyne.Container { return inset(o, theme.Space, theme.Space) }

// Page leaves the margin of a page around something.
func Page(o fyne.CanvasObject) *fyne.Container { return inset(o, theme.Margin, theme.Space) }

// Top keeps something at the top at its own height, over the whole width.
func Top(o fyne.CanvasObject) *fyne.Container { return container.New(topLayout{}, o) }

type topLayout struct{}

func (topLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize() }

func (topLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(size.Width, o[0].MinSize().Height))
}

// Centered keeps something at its smallest size in the middle.
func Centered(o fyne.CanvasObject) *fyne.Container { return container.NewCenter(o) }

// Narrow keeps something at most width wide, in the middle of what there is.
func Narrow(width float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&narrowLayout{width}, o)
}

// Sized gives something at least that size.
func Sized(w, h float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(&sizedLayout{fyne.NewSize(w, h)}, o)
}

// Space is empty room of that height and width.
func Space(length float32) fyne.CanvasObject { return Sized(length, length, nothing()) }

// Rule is a hairline across.
func Rule() fyne.CanvasObject {
	r := canvas.NewRectangle(theme.Paint(theme.ColorLine))
	r.SetMinSize(fyne.NewSize(1, 1))
	return r
}

func nothing() fyne.CanvasObject { return canvas.NewRectangle(color.Transparent) }

func inset(o fyne.CanvasObject, x, y float32) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(y, y, x, x), o)
}

func visible(objects []fyne.CanvasObject) []fyne.CanvasObject {
	out := objects[:0:0]
	for _, o := range objects {
		if o.Visible() {
			out = append(out, o)
		}
	}
	return out
}

type rowLayout struct {
	gap          float32
	stretchFirst bool
}

func (l *rowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for i, o := range visible(objects) {
		m := o.MinSize()
		if i > 0 {
			s.Width += l.gap
		}
		s.Width += m.Width
		s.Height = max(s.Height, m.Height)
	}
	return s
}

func (l *rowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	seen := visible(objects)
	extra := size.Width - l.MinSize(objects).Width
	x := float32(0)
	for i, o := range seen {
		m := o.MinSize()
		if l.stretchFirst && o == objects[0] && i == 0 {
			m.Width += max(extra, 0)
		}
		o.Move(fyne.NewPos(x, (size.Height-m.Height)/2-raise(o)))
		o.Resize(m)
		x += m.Width + l.gap
	}
}

// raise is how far a line of text is lifted beside a drawing: the middle of a Chinese character lies a
// little below the middle of its line box.
func raise(o fyne.CanvasObject) float32 {
	if _, ok := o.(*canvas.Text); ok {
		return 1
	}
	return 0
}

// flowLayout remembers the width of its last layout, because its height depends on it: the canvas asks
// again for the smallest size after each layout, so the second frame is right.
type flowLayout struct {
	gap   float32
	top   bool // members of a line hang from its top instead of being centred
	width float32
}

func (l *flowLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var widest float32
	for _, o := range visible(objects) {
		widest = max(widest, o.MinSize().Width)
	}
	width := l.width
	if width == 0 {
		width = 1e6
	}
	return fyne.NewSize(widest, l.place(objects, width, false))
}

func (l *flowLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	l.place(objects, size.Width, true)
}

func (l *flowLayout) place(objects []fyne.CanvasObject, width float32, move bool) float32 {
	var x, y, high float32
	var line []fyne.CanvasObject
	flush := func() {
		if move {
			for _, o := range line {
				down := (high - o.MinSize().Height) / 2
				if l.top {
					down = 0
				}
				o.Move(fyne.NewPos(o.Position().X, y+down))
			}
		}
		line = line[:0]
	}
	for _, o := range visible(objects) {
		m := o.MinSize()
		if x > 0 && x+m.Width > width+0.5 {
			flush()
			x, y, high = 0, y+high+l.gap, 0
		}
		if move {
			o.Resize(fyne.NewSize(min(m.Width, max(width, 1)), m.Height))
			o.Move(fyne.NewPos(x, y))
		}
		line = append(line, o)
		x += m.Width + l.gap
		high = max(high, m.Height)
	}
	flush()
	return y + high
}

// gridLayout shares the width between equal columns; a wide cell takes a row of its own.
type gridLayout struct {
	most       int
	narrowest  float32
	gapX, gapY float32
	width      float32
}

func (l *gridLayout) columns(width float32) int {
	if width == 0 {
		return l.most
	}
	n := int((width + l.gapX) / (l.narrowest + l.gapX))
	return min(max(n, 1), l.most)
}

func (l *gridLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	narrow := float32(0)
	for _, o := range visible(objects) {
		narrow = max(narrow, min(o.MinSize().Width, l.narrowest))
	}
	return fyne.NewSize(narrow, l.place(objects, l.width, false))
}

func (l *gridLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	l.width = size.Width
	l.place(objects, size.Width, true)
}

func (l *gridLayout) place(objects []fyne.CanvasObject, width float32, move bool) float32 {
	n := l.columns(width)
	cell := (width - l.gapX*float32(n-1)) / float32(n)
	var y, high float32
	var row []fyne.CanvasObject
	end := func() {
		if len(row) == 0 {
			return
		}
		if move {
			for i, o := range row {
				o.Move(fyne.NewPos(float32(i)*(cell+l.gapX), y))
				o.Resize(fyne.NewSize(cell, high))
			}
		}
		y += high + l.gapY
		row, high = row[:0], 0
	}
	for _, o := range visible(objects) {
		if _, ok := o.(*WideCell); ok {
			end()
			h := o.MinSize().Height
			if move {
				o.Move(fyne.NewPos(0, y))
				o.Resize(fyne.NewSize(width, h))
			}
			y += h + l.gapY
			continue
		}
		row = append(row, o)
		high = max(high, o.MinSize().Height)
		if len(row) == n {
			end()
		}
	}
	end()
	return max(y-l.gapY, 0)
}

type narrowLayout struct{ width float32 }

func (l *narrowLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[0].MinSize()
	return fyne.NewSize(min(m.Width, l.width), m.Height)
}

func (l *narrowLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	w := max(min(l.width, size.Width), o[0].MinSize().Width)
	o[0].Move(fyne.NewPos((size.Width-w)/2, 0))
	o[0].Resize(fyne.NewSize(w, size.Height))
}

type sizedLayout struct{ size fyne.Size }

func (l *sizedLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return o[0].MinSize().Max(l.size) }

func (l *sizedLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.Position{})
	o[0].Resize(size)
}
