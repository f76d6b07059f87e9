package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"dingkao/ui/theme"
)

// Field is a control with its label above, a red star when something must be given, and one line below
// that holds a hint or, instead, what is wrong.
type Field struct {
	box
	// Control is what was given to NewField.
	Control fyne.CanvasObject
	label   *canvas.Text
	star    *canvas.Text
	below   *Text
	mark    *fyne.Container // empty until the first error: a drawing costs as much as the rest of a field
	line    *fyne.Container
	hint    string
	fault   string
}

// NewField labels a control.
func NewField(label string, control fyne.CanvasObject) *Field {
	f := &Field{Control: control}
	f.label = NewLine(label, theme.SizeBody, theme.ColorInkMuted, false)
	f.star = NewLine("*", theme.SizeBody, theme.ColorRequired, true)
	f.star.Hide()
	f.below = NewHint("")
	f.mark = container.NewStack()
	f.line = Lead(f.mark, f.below)
	f.line.Hide()
	f.mark.Hide()
	f.root = tight(4, container.New(&rowLayout{gap: 3}, f.star, f.label), control, f.line)
	f.ExtendBaseWidget(f)
	return f
}

// Required shows the star.
func (f *Field) Required() *Field { f.star.Show(); return f }

// SetRequired shows or hides the star.
func (f *Field) SetRequired(on bool) {
	if on {
		f.star.Show()
	} else {
		f.star.Hide()
	}
}

// WithHint says how to fill the field, in small letters below.
func (f *Field) WithHint(hint string) *Field { f.hint = hint; f.tell(); return f }

// SetError says what is wrong; "" takes it back.
func (f *Field) SetError(fault string) {
	if fault != f.fault {
		f.fault = fault
		f.tell()
	}
}

// Error is what is wrong, as told by SetError.
func (f *Field) Error() string { return f.fault }

// SetLabel changes the words above.
func (f *Field) SetLabel(label string) { Say(f.label, label) }

// Label is the words above.
func (f *Field) Label() string { return f.label.Text }

func (f *Field) tell() {
	text, ink := f.hint, theme.ColorInkMuted
	if f.fault != "" {
		text, ink = f.fault, theme.Bad.Ink()
		if len(f.mark.Objects) == 0 {
			f.mark.Add(NewGlyph("bad", theme.Bad.Ink(), 15))
		}
		f.mark.Show()
	} else {
		f.mark.Hide()
	}
	f.below.SetInk(ink)
	f.below.SetText(text)
	if text == "" {
		f.line.Hide()
	} else {
		f.line.Show()
	}
	f.root.Refresh()
}

// WideCell takes a whole row of a Form or of Columns.
type WideCell struct{ box }

// Wide gives something a whole row of a Form or of Columns.
func Wide(o fyne.CanvasObject) *WideCell {
	w := &WideCell{}
	w.root = o
	w.ExtendBaseWidget(w)
	return w
}

// NewForm lays fields out in two columns, or in one where there is little room.
func NewForm(fields ...fyne.CanvasObject) *fyne.Container {
	return Columns(2, 260, fields...)
}

// tight stacks with that gap.
func tight(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	c := Rows(objects...)
	c.Layout = &stackLayout{gap}
	return c
}

type stackLayout struct{ gap float32 }

func (l *stackLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for i, o := range visible(objects) {
		m := o.MinSize()
		if i > 0 {
			s.Height += l.gap
		}
		s.Height += m.Height
		s.Width = max(s.Width, m.Width)
	}
	return s
}

func (l *stackLayout) Layout(objects []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, o := range visible(objects) {
		h := o.MinSize().Height
		o.Move(fyne.NewPos(0, y))
		o.Resize(fyne.NewSize(size.Width, h))
		y += h + l.gap
	}
}

// Lead puts a small thing before one that takes the remaining width, both at the top.
func Lead(lead, rest fyne.CanvasObject) *fyne.Container {
	return &fyne.Container{Layout: leadLayout{}, Objects: []fyne.CanvasObject{lead, rest}}
}

type leadLayout struct{}

func (leadLayout) lead(o fyne.CanvasObject) float32 {
	if !o.Visible() {
		return 0
	}
	return o.MinSize().Width + theme.Gap
}

func (l leadLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[1].MinSize()
	h := m.Height
	if o[0].Visible() {
		h = max(h, o[0].MinSize().Height)
	}
	return fyne.NewSize(l.lead(o[0])+m.Width, h)
}

func (l leadLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	x := l.lead(o[0])
	if x > 0 {
		m := o[0].MinSize()
		o[0].Resize(m)
		line := min(size.Height, theme.Size(theme.SizeBody)*1.5)
		o[0].Move(fyne.NewPos(0, max((line-m.Height)/2, 0)))
	}
	o[1].Move(fyne.NewPos(x, 0))
	o[1].Resize(fyne.NewSize(max(size.Width-x, 1), size.Height))
}
