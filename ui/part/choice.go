package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"dingkao/ui/theme"
)

// Option is one thing that can be chosen: what is stored and what is shown.
type Option struct {
	Key  string
	Name string
	// Note is shown small beside the name, such as an address.
	Note string
	// Also is other text that a search finds it by, such as initials. It is not shown.
	Also string
}

// Options makes options whose key is their name.
func Options(names ...string) []Option {
	out := make([]Option, len(names))
	for i, n := range names {
		out[i] = Option{Key: n, Name: n}
	}
	return out
}

// Choices is a row of radio buttons that wraps. At most one is chosen; a choice is not undone by pressing
// it again. The arrow keys go from one to the next.
type Choices struct {
	box
	// OnChanged is told each choice of the user.
	OnChanged func(Option)
	items     []*radio
	chosen    string
	off       bool
}

// NewChoices offers options in one row.
func NewChoices(options []Option, changed func(Option)) *Choices {
	c := &Choices{OnChanged: changed}
	row := container.New(&flowLayout{gap: theme.Space})
	for i, o := range options {
		item := newRadio(o)
		item.act = func() {
			Focus(item)
			c.take(o)
		}
		item.keys = func(k *fyne.KeyEvent) bool {
			to := i
			switch k.Name {
			case fyne.KeyRight, fyne.KeyDown:
				to++
			case fyne.KeyLeft, fyne.KeyUp:
				to--
			default:
				return false
			}
			if to >= 0 && to < len(c.items) && !c.off {
				Focus(c.items[to])
				c.take(c.items[to].option)
			}
			return true
		}
		c.items = append(c.items, item)
		row.Add(item)
	}
	c.root = row
	c.ExtendBaseWidget(c)
	return c
}

func (c *Choices) take(o Option) {
	if c.off || c.chosen == o.Key {
		return
	}
	c.Choose(o.Key)
	if c.OnChanged != nil {
		c.OnChanged(o)
	}
}

// Choose sets the choice without telling OnChanged; "" or an unknown key chooses none.
func (c *Choices) Choose(key string) {
	c.chosen = key
	for _, i := range c.items {
		i.set(i.option.Key == key)
	}
}

// Chosen is the key of the choice, or "".
func (c *Choices) Chosen() string {
	for _, i := range c.items {
		if i.on {
			return c.chosen
		}
	}
	return ""
}

// Disable keeps the choice as it is.
func (c *Choices) Disable() {
	c.off = true
	for _, i := range c.items {
		i.Disable()
	}
}

// Enable lets it be changed.
func (c *Choices) Enable() {
	c.off = false
	for _, i := range c.items {
		i.Enable()
	}
}

// Disabled tells whether the choice is fixed.
func (c *Choices) Disabled() bool { return c.off }

type radio struct {
	press
	option Option
	on     bool
	rim    *canvas.Circle
	dot    *canvas.Circle
	label  *canvas.Text
}

func newRadio(o Option) *radio {
	r := &radio{option: o}
	r.become(r, nil)
	return r
}

func (r *radio) set(on bool) {
	if r.on != on {
		r.on = on
		r.repaint()
	}
}

func (r *radio) CreateRenderer() fyne.WidgetRenderer {
	r.rim, r.dot = canvas.NewCircle(color.Transparent), canvas.NewCircle(color.Transparent)
	r.label = NewPlain(r.option.Name)
	mark := container.New(&markLayout{18}, r.rim, r.dot)
	r.paint = func() {
		rim, dot, fill := theme.ColorOutline, theme.ColorPrimary, theme.ColorInput
		ink := theme.ColorInk
		if r.hovered || r.on {
			rim = theme.ColorPrimary
		}
		if r.off {
			rim, dot, fill = theme.ColorOutline, theme.ColorInkFaint, theme.ColorInputLock
			ink = theme.ColorInkMuted
		}
		r.rim.StrokeColor, r.rim.StrokeWidth, r.rim.FillColor = theme.Paint(rim), 1.5, theme.Paint(fill)
		r.dot.FillColor = color.Transparent
		if r.on {
			r.dot.FillColor = theme.Paint(dot)
		}
		r.label.Color = theme.Paint(ink)
		r.rim.Refresh()
		r.dot.Refresh()
		r.label.Refresh()
	}
	r.paint()
	root := container.New(&ringed{min: fyne.NewSize(0, 32)}, r.newRing(theme.Radius), inset(Row(mark, r.label), 4, 0))
	return widget.NewSimpleRenderer(root)
}

// markLayout draws a rim and, inside it, a smaller mark.
type markLayout struct{ side float32 }

func (l *markLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSquareSize(l.side) }

func (l *markLayout) Layout(o []fyne.CanvasObject, _ fyne.Size) {
	for i, c := range o {
		in := float32(i) * 4
		c.Move(fyne.NewPos(in, in))
		c.Resize(fyne.NewSquareSize(l.side - 2*in))
	}
}

// Check is a box to tick with a text that wraps.
type Check struct {
	press
	// OnChanged is told each change by the user.
	OnChanged func(bool)
	on        bool
	text      *Text
	mark      *tickMark
}

// NewCheck offers text to be ticked. An empty text leaves the box alone.
func NewCheck(text string, changed func(bool)) *Check {
	c := &Check{OnChanged: changed}
	if text != "" {
		c.text = NewText(text)
	}
	c.become(c, func() {
		Focus(c)
		c.SetChecked(!c.on)
		if c.OnChanged != nil {
			c.OnChanged(c.on)
		}
	})
	return c
}

// Checked tells whether it is ticked.
func (c *Check) Checked() bool { return c.on }

// SetChecked ticks or clears it without telling OnChanged.
func (c *Check) SetChecked(on bool) {
	if c.on != on {
		c.on = on
		c.repaint()
	}
}

// CreateRenderer draws the box.
func (c *Check) CreateRenderer() fyne.WidgetRenderer {
	c.mark = newTickMark()
	c.paint = func() { c.mark.draw(c.on, c.off, c.hovered) }
	c.paint()
	var body fyne.CanvasObject = c.mark.box
	if c.text != nil {
		body = Lead(c.mark.box, c.text)
	}
	root := container.New(&ringed{}, c.newRing(theme.Radius), inset(body, 4, 4))
	return widget.NewSimpleRenderer(root)
}

// tickMark draws a box with or without its tick.
type tickMark struct {
	box  *fyne.Container
	face *canvas.Rectangle
	tick *canvas.Image
}

func newTickMark() *tickMark {
	m := &tickMark{face: canvas.NewRectangle(color.Transparent)}
	m.face.CornerRadius = 4
	m.tick = canvas.NewImageFromResource(theme.Glyph("check", theme.ColorOnPrimary))
	m.box = container.New(&checkLayout{}, m.face, m.tick)
	return m
}

func (m *tickMark) draw(on, off, hovered bool) {
	face, edge := theme.ColorInput, theme.ColorOutline
	if hovered {
		edge = theme.ColorPrimary
	}
	if on {
		face, edge = theme.ColorPrimary, theme.ColorPrimary
	}
	if off {
		face, edge = theme.ColorInputLock, theme.ColorOutline
		if on {
			face = theme.ColorInkFaint
		}
	}
	m.face.FillColor, m.face.StrokeColor, m.face.StrokeWidth = theme.Paint(face), theme.Paint(edge), 1.5
	m.tick.Hidden = !on
	m.face.Refresh()
	m.tick.Refresh()
}

// tickBox is a box in a table row: Tab does not stop at it, because the table ticks its rows with Space.
type tickBox struct {
	hot
	on bool
}

func newTickBox(act func()) *tickBox {
	b := &tickBox{}
	b.self, b.act = b, act
	b.ExtendBaseWidget(b)
	return b
}

// SetChecked ticks or clears it.
func (b *tickBox) SetChecked(on bool) {
	if b.on != on {
		b.on = on
		b.repaint()
	}
}

// CreateRenderer draws the box with some room around that can be pressed too.
func (b *tickBox) CreateRenderer() fyne.WidgetRenderer {
	m := newTickMark()
	b.paint = func() { m.draw(b.on, b.off, b.hovered) }
	b.paint()
	return widget.NewSimpleRenderer(inset(m.box, 4, 4))
}

type checkLayout struct{}

func (checkLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSquareSize(18) }

func (checkLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	at := fyne.NewPos((size.Width-18)/2, (size.Height-18)/2)
	for i, c := range o {
		in := float32(i) * 1.5
		c.Move(at.AddXY(in, in))
		c.Resize(fyne.NewSquareSize(18 - 2*in))
	}
}

// CheckList is a list of boxes with long texts. One option may exclude the others, such as 无以下情形.
type CheckList struct {
	box
	// OnChanged is told the keys that are ticked after each change by the user, in the list's order.
	OnChanged func(keys []string)
	options   []Option
	checks    []*Check
	alone     string
}

// NewCheckList offers options; alone is the key of the one that excludes the others, "" for none.
func NewCheckList(options []Option, alone string, changed func(keys []string)) *CheckList {
	l := &CheckList{OnChanged: changed, options: options, alone: alone}
	rows := tight(2)
	for i, o := range options {
		check := NewCheck(o.Name, nil)
		check.OnChanged = func(on bool) {
			if on {
				for j, other := range l.checks {
					if j != i && (o.Key == alone || l.options[j].Key == alone) {
						other.SetChecked(false)
					}
				}
			}
			if l.OnChanged != nil {
				l.OnChanged(l.Keys())
			}
		}
		l.checks = append(l.checks, check)
		rows.Add(check)
	}
	l.root = rows
	l.ExtendBaseWidget(l)
	return l
}

// Keys are those that are ticked, in the list's order.
func (l *CheckList) Keys() []string {
	var out []string
	for i, c := range l.checks {
		if c.on {
			out = append(out, l.options[i].Key)
		}
	}
	return out
}

// SetKeys ticks exactly these without telling OnChanged.
func (l *CheckList) SetKeys(keys []string) {
	want := map[string]bool{}
	for _, k := range keys {
		want[k] = true
	}
	for i, c := range l.checks {
		c.SetChecked(want[l.options[i].Key])
	}
}

// Disable keeps all as they are.
func (l *CheckList) Disable() {
	for _, c := range l.checks {
		c.Disable()
	}
}

// Enable lets them be changed.
func (l *CheckList) Enable() {
	for _, c := range l.checks {
		c.Enable()
	}
}
