package part

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"dingkao/ui/theme"
)

// Entry is Fyne's entry, mended for Chinese and for our dialogs.
//
// While an input method composes, the toolkit still reports its keys, so that BackSpace would also delete
// text that was already committed (fyne #5757), and Enter would submit. The toolkit does not tell that a
// composition is open, but it shows: a letter key that is not followed by its character went to the
// input method. Entry counts those letters and leaves the editing keys alone until a character arrives.
//
// Escape, and Enter in a single line without OnSubmitted, go on to the canvas.
type Entry struct {
	widget.Entry
	// MaxLen is the most characters that it takes; 0 is no bound.
	MaxLen int
	// OnLeft is called when the keyboard goes elsewhere, OnEntered when it comes.
	OnLeft, OnEntered func()

	// keys sees each key first and answers whether it took it.
	keys      func(*fyne.KeyEvent) bool
	composing int
	focused   bool
}

// NewEntry is one line to type in.
func NewEntry(placeholder string) *Entry {
	e := &Entry{}
	e.PlaceHolder = placeholder
	e.Wrapping = fyne.TextWrapOff
	e.Scroll = fyne.ScrollNone
	e.ExtendBaseWidget(e)
	e.Scroll = fyne.ScrollHorizontalOnly
	return e
}

// NewPassword is one line that does not show what is typed.
func NewPassword(placeholder string) *Entry {
	e := NewEntry(placeholder)
	e.Password = true
	return e
}

func newArea(placeholder string) *Entry {
	e := &Entry{}
	e.PlaceHolder = placeholder
	e.MultiLine = true
	e.Wrapping = fyne.TextWrapBreak
	e.Scroll = fyne.ScrollVerticalOnly
	e.ExtendBaseWidget(e)
	return e
}

// CreateRenderer draws Fyne's entry in an outline like that of our other controls, thicker while it has the
// keyboard.
func (e *Entry) CreateRenderer() fyne.WidgetRenderer {
	r := e.Entry.CreateRenderer()
	o := r.Objects()
	f := &entryFrame{WidgetRenderer: r, entry: e}
	if len(o) > 1 {
		f.face, _ = o[0].(*canvas.Rectangle)
		f.edge, _ = o[1].(*canvas.Rectangle)
	}
	for _, c := range o {
		if s, ok := c.(*container.Scroll); ok {
			f.wheel = newWheel(e, s)
		}
	}
	f.draw()
	return f
}

// wheel lies over an entry and takes the mouse wheel, which else ends in the entry's own scroll even when
// there is nothing to scroll: a long form would stop moving whenever the mouse rests on a field.
type wheel struct {
	widget.BaseWidget
	entry *Entry
	text  *container.Scroll
}

func newWheel(e *Entry, text *container.Scroll) *wheel {
	w := &wheel{entry: e, text: text}
	w.ExtendBaseWidget(w)
	return w
}

// CreateRenderer draws nothing.
func (w *wheel) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(nothing()) }

// Scrolled moves the text while there is more of it that way, and the page otherwise.
func (w *wheel) Scrolled(e *fyne.ScrollEvent) {
	if w.entry.MultiLine && w.text.Content != nil {
		most := w.text.Content.MinSize().Height - w.text.Size().Height
		if e.Scrolled.DY < 0 && w.text.Offset.Y < most-1 || e.Scrolled.DY > 0 && w.text.Offset.Y > 0 {
			w.text.Scrolled(e)
			return
		}
	}
	if page := pageOf(w.entry); page != nil {
		page.Scrolled(e)
	}
}

// entryFrame changes the first two objects of Fyne's renderer, its box and its border; if a later Fyne
// has others there, they stay as they are.
type entryFrame struct {
	fyne.WidgetRenderer
	entry      *Entry
	face, edge *canvas.Rectangle
	wheel      *wheel
}

func (f *entryFrame) Objects() []fyne.CanvasObject {
	o := f.WidgetRenderer.Objects()
	if f.wheel == nil {
		return o
	}
	return append(o[:len(o):len(o)], f.wheel)
}

func (f *entryFrame) MinSize() fyne.Size {
	m := f.WidgetRenderer.MinSize()
	m.Height = max(m.Height, theme.Height)
	return m
}

func (f *entryFrame) Layout(size fyne.Size) {
	f.WidgetRenderer.Layout(size)
	if f.wheel != nil {
		f.wheel.Move(fyne.Position{})
		f.wheel.Resize(size)
	}
	if f.edge != nil && f.face != nil {
		f.face.Hide() // the border below is face and outline in one
		f.edge.Move(fyne.Position{})
		f.edge.Resize(size)
		f.draw()
	}
}

func (f *entryFrame) Refresh() {
	f.WidgetRenderer.Refresh()
	f.draw()
}

func (f *entryFrame) draw() {
	if f.edge == nil || f.face == nil {
		return
	}
	fill, edge, width := theme.ColorInput, theme.ColorOutline, float32(1)
	switch {
	case f.entry.Disabled():
		fill, edge = theme.ColorInputLock, theme.ColorLine
	case f.entry.focused:
		edge, width = theme.ColorPrimary, 2
	}
	f.edge.FillColor, f.edge.StrokeColor, f.edge.StrokeWidth = theme.Paint(fill), theme.Paint(edge), width
	f.edge.CornerRadius = theme.Radius
	f.edge.Refresh()
}

// TypedKey hides from the entry the keys that belong to the input method.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	if isLetter(k.Name) {
		e.composing++
		e.Entry.TypedKey(k)
		return
	}
	if e.composing > 0 {
		switch k.Name {
		case fyne.KeyBackspace:
			e.composing--
			return
		case fyne.KeyEscape:
			e.composing = 0
			return
		case fyne.KeyReturn, fyne.KeyEnter, fyne.KeyDelete, fyne.KeyLeft, fyne.KeyRight, fyne.KeyUp, fyne.KeyDown,
			fyne.KeyHome, fyne.KeyEnd, fyne.KeyPageUp, fyne.KeyPageDown:
			return
		}
	}
	if e.keys != nil && e.keys(k) {
		return
	}
	switch k.Name {
	case fyne.KeyEscape:
		bubble(e, k)
		return
	case fyne.KeyReturn, fyne.KeyEnter:
		if !e.MultiLine && e.OnSubmitted == nil {
			bubble(e, k)
			return
		}
	}
	e.Entry.TypedKey(k)
}

// TypedRune takes a character: whatever was being composed is committed.
func (e *Entry) TypedRune(r rune) {
	e.composing = 0
	if e.MaxLen > 0 && utf8.RuneCountInString(e.Text) >= e.MaxLen && e.SelectedText() == "" {
		return
	}
	e.Entry.TypedRune(r)
}

// TypedShortcut pastes no more than there is room for.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	e.composing = 0
	e.Entry.TypedShortcut(s)
	if over := []rune(e.Text); e.MaxLen > 0 && len(over) > e.MaxLen {
		e.SetText(string(over[:e.MaxLen]))
	}
}

// FocusGained begins without a composition.
func (e *Entry) FocusGained() {
	e.composing, e.focused = 0, true
	e.Entry.FocusGained()
	reveal(e)
	if e.OnEntered != nil {
		e.OnEntered()
	}
}

// FocusLost ends any composition.
func (e *Entry) FocusLost() {
	e.composing, e.focused = 0, false
	e.Entry.FocusLost()
	if e.OnLeft != nil {
		e.OnLeft()
	}
}

func isLetter(n fyne.KeyName) bool { return len(n) == 1 && n[0] >= 'A' && n[0] <= 'Z' }

// Area is room for several lines, with a count of characters below: 12 / 200.
type Area struct {
	box
	// Entry is where one types; use SetText and Text of the Area.
	Entry *Entry
	// OnChanged is told the text after each change by the user.
	OnChanged func(string)
	count     *canvas.Text
}

// NewArea shows that many rows and takes at most most characters; 0 is no bound.
func NewArea(placeholder string, rows, most int) *Area {
	a := &Area{Entry: newArea(placeholder), count: NewMuted("")}
	a.Entry.MaxLen = most
	a.Entry.SetMinRowsVisible(rows)
	a.count.Alignment = fyne.TextAlignTrailing
	a.Entry.Entry.OnChanged = func(s string) {
		a.tally()
		if a.OnChanged != nil {
			a.OnChanged(s)
		}
	}
	a.tally()
	a.root = container.NewBorder(nil, a.count, nil, nil, a.Entry)
	a.ExtendBaseWidget(a)
	return a
}

func (a *Area) tally() {
	n := utf8.RuneCountInString(a.Entry.Text)
	if a.Entry.MaxLen == 0 {
		Say(a.count, fmt.Sprintf("%d 字", n))
		return
	}
	Say(a.count, fmt.Sprintf("%d / %d", n, a.Entry.MaxLen))
}

// Text is what stands there.
func (a *Area) Text() string { return a.Entry.Text }

// SetText replaces it without telling OnChanged.
func (a *Area) SetText(s string) {
	told := a.OnChanged
	a.OnChanged = nil
	a.Entry.SetText(s)
	a.OnChanged = told
	a.tally()
}

// Disable keeps it from being changed.
func (a *Area) Disable() { a.Entry.Disable() }

// Enable lets it be changed.
func (a *Area) Enable() { a.Entry.Enable() }

// Disabled tells whether it can't be changed.
func (a *Area) Disabled() bool { return a.Entry.Disabled() }

// Locked shows what cannot be changed here, in the shape of an input with a lock.
type Locked struct {
	box
	text *widget.Label
}

// NewLocked shows text.
func NewLocked(text string) *Locked {
	l := &Locked{text: clipped(text, theme.SizeBody)}
	back := canvas.NewRectangle(theme.Paint(theme.ColorInputLock))
	back.CornerRadius = theme.Radius
	back.StrokeWidth, back.StrokeColor = 1, theme.Paint(theme.ColorLine)
	lock := NewGlyph("lock", theme.ColorInkMuted, 15)
	l.root = Sized(60, theme.Height, container.NewStack(back, container.NewBorder(nil, nil, nil, inset(lock, theme.Gap, 0), l.text)))
	l.ExtendBaseWidget(l)
	return l
}

// SetText changes what it shows.
func (l *Locked) SetText(s string) { l.text.SetText(strings.TrimSpace(s)) }

// Text is what it shows.
func (l *Locked) Text() string { return l.text.Text }
