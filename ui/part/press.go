package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"dingkao/ui/theme"
)

// CanvasOf is the canvas that shows an object, nil while it is not shown.
func CanvasOf(o fyne.CanvasObject) fyne.Canvas {
	return fyne.CurrentApp().Driver().CanvasForObject(o)
}

// Focus gives the keyboard to something that is shown.
func Focus(o fyne.Focusable) {
	w, ok := o.(fyne.CanvasObject)
	if !ok {
		return
	}
	if c := CanvasOf(w); c != nil {
		c.Focus(o)
	}
}

// bubble hands a key that a widget has no use for to the canvas, where a dialog or a page listens.
func bubble(o fyne.CanvasObject, e *fyne.KeyEvent) {
	if c := CanvasOf(o); c != nil {
		if f := c.OnTypedKey(); f != nil {
			f(e)
		}
	}
}

// box is the base of what is put together from other objects.
type box struct {
	widget.BaseWidget
	root fyne.CanvasObject
}

// CreateRenderer shows the parts.
func (b *box) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(b.root) }

// hot is the base of what can be pressed with the mouse.
type hot struct {
	widget.BaseWidget
	self         fyne.CanvasObject
	act          func()
	paint        func()
	hovered, off bool
}

func (h *hot) repaint() {
	if h.paint != nil {
		h.paint()
	}
}

// Tapped presses.
func (h *hot) Tapped(*fyne.PointEvent) {
	if !h.off && h.act != nil {
		h.act()
	}
}

// MouseIn shows that it can be pressed.
func (h *hot) MouseIn(*desktop.MouseEvent) { h.hovered = true; h.repaint() }

// MouseMoved does nothing.
func (h *hot) MouseMoved(*desktop.MouseEvent) {}

// MouseOut takes that back.
func (h *hot) MouseOut() { h.hovered = false; h.repaint() }

// Cursor is a hand over what can be pressed.
func (h *hot) Cursor() desktop.Cursor {
	if h.off {
		return desktop.DefaultCursor
	}
	return desktop.PointerCursor
}

// Enable lets it be pressed.
func (h *hot) Enable() { h.off = false; h.repaint() }

// Disable keeps it from being pressed.
func (h *hot) Disable() { h.off = true; h.repaint() }

// Disabled tells whether it can't be pressed.
func (h *hot) Disabled() bool { return h.off }

// press is a hot thing that the keyboard reaches too.
type press struct {
	hot
	focused bool
	keys    func(*fyne.KeyEvent) bool
	ring    *canvas.Rectangle
}

// become makes the widget whole: self is the outermost type.
func (p *press) become(self fyne.Widget, act func()) {
	p.self, p.act = self, act
	p.ExtendBaseWidget(self)
}

// newRing is the ring around what has the keyboard.
func (p *press) newRing(radius float32) *canvas.Rectangle {
	p.ring = canvas.NewRectangle(theme.Clear(theme.ColorRing))
	p.ring.StrokeColor = theme.Paint(theme.ColorRing)
	p.ring.StrokeWidth = 2
	p.ring.CornerRadius = radius
	p.ring.Hide()
	return p.ring
}

func (p *press) showRing() {
	if p.ring == nil || p.ring.Visible() == p.focused {
		return
	}
	if p.focused {
		p.ring.Show()
	} else {
		p.ring.Hide()
	}
}

// FocusGained draws the ring.
func (p *press) FocusGained() { p.focused = true; p.showRing(); p.repaint(); reveal(p.self) }

// FocusLost removes it.
func (p *press) FocusLost() { p.focused = false; p.showRing(); p.repaint() }

// TypedRune does nothing.
func (p *press) TypedRune(rune) {}

// TypedKey presses on Enter and Space.
func (p *press) TypedKey(e *fyne.KeyEvent) {
	if p.keys != nil && p.keys(e) {
		return
	}
	switch e.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		if !p.off && p.act != nil {
			p.act()
		}
	default:
		bubble(p.self, e)
	}
}

// ringed lays the first object (the ring) two pixels outside of the others.
type ringed struct{ min fyne.Size }

func (r *ringed) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := r.min
	for _, c := range o[1:] {
		m = m.Max(c.MinSize())
	}
	return m
}

func (r *ringed) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(-2, -2))
	o[0].Resize(size.AddWidthHeight(4, 4))
	for _, c := range o[1:] {
		c.Move(fyne.Position{})
		c.Resize(size)
	}
}
