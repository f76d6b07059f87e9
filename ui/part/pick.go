package part

import (
	"fmt"
	"image/color"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"dingkao/ui/theme"
)

// searchFrom is how long a list must be before a search box stands above it.
const searchFrom = 10

// face is what a Select and its kin look like when closed: a bordered box with an arrow.
type face struct {
	press
	placeholder string
	glyph       string
	back        *canvas.Rectangle
	shown       *fyne.Container
	popup       *widget.PopUp
}

func (f *face) render(shown *fyne.Container) fyne.WidgetRenderer {
	f.shown = shown
	f.back = canvas.NewRectangle(color.Transparent)
	f.back.CornerRadius = theme.Radius
	arrow := NewGlyph(f.glyph, theme.ColorInkMuted, 16)
	draw := f.paint
	f.paint = func() {
		fill, edge := theme.ColorInput, theme.ColorOutline
		if f.hovered || f.focused {
			edge = theme.ColorPrimary
		}
		if f.off {
			fill, edge = theme.ColorInputLock, theme.ColorLine
		}
		f.back.FillColor, f.back.StrokeColor, f.back.StrokeWidth = theme.Paint(fill), theme.Paint(edge), 1
		f.back.Refresh()
		draw()
	}
	f.paint()
	body := container.NewBorder(nil, nil, nil, inset(arrow, theme.Gap, 0), inset(shown, theme.Gap, 5))
	root := container.New(&ringed{min: fyne.NewSize(80, theme.Height)}, f.newRing(theme.Radius+2), f.back, body)
	return widget.NewSimpleRenderer(root)
}

// popRoom is the room inside the edge of what drops down.
const popRoom float32 = 6

// drop shows something below the face, or above where there is more room.
func (f *face) drop(content fyne.CanvasObject, want fyne.Size) {
	c := CanvasOf(f.self)
	if c == nil {
		return
	}
	at := fyne.CurrentApp().Driver().AbsolutePositionForObject(f.self)
	size := f.self.Size()
	room := c.Size()
	want.Width = min(max(want.Width, size.Width), room.Width-2*theme.Gap)
	below, above := room.Height-at.Y-size.Height-2*theme.Gap, at.Y-2*theme.Gap
	pos := fyne.NewPos(min(at.X, max(room.Width-want.Width-theme.Gap, 0)), at.Y+size.Height+3)
	if below < want.Height && above > below {
		want.Height = min(want.Height, above)
		pos.Y = at.Y - want.Height - 3
	} else {
		want.Height = min(want.Height, max(below, 80))
	}
	f.popup = widget.NewPopUp(inset(content, popRoom, popRoom), c)
	f.popup.Resize(want)
	f.popup.ShowAtPosition(pos)
}

func (f *face) close() {
	if f.popup == nil {
		return
	}
	f.popup.Hide()
	f.popup = nil
	if o, ok := f.self.(fyne.Focusable); ok {
		Focus(o)
	}
}

func (f *face) arrowKeys(open func()) func(*fyne.KeyEvent) bool {
	return func(k *fyne.KeyEvent) bool {
		if k.Name == fyne.KeyDown && !f.off {
			open()
			return true
		}
		return false
	}
}

// Select picks one of a list. A long list has a search box that finds by name, key, note and initials.
type Select struct {
	face
	// OnChanged is told each choice of the user.
	OnChanged func(Option)
	options   []Option
	chosen    Option
	label     *widget.Label
}

// NewSelect offers options; placeholder stands there while none is chosen.
func NewSelect(placeholder string, options []Option, changed func(Option)) *Select {
	s := &Select{OnChanged: changed, options: options}
	s.placeholder, s.glyph = placeholder, "down"
	s.become(s, s.open)
	s.keys = s.arrowKeys(s.open)
	return s
}

// CreateRenderer draws the closed box.
func (s *Select) CreateRenderer() fyne.WidgetRenderer {
	s.label = clipped("", theme.SizeBody)
	s.paint = func() {
		text, importance := s.chosen.Name, widget.MediumImportance
		if text == "" {
			text, importance = s.placeholder, widget.LowImportance
		} else if s.off {
			importance = widget.LowImportance
		}
		if s.label.Text != text || s.label.Importance != importance {
			s.label.Text, s.label.Importance = text, importance
			s.label.Refresh()
		}
	}
	return s.render(container.New(flush{}, s.label))
}

// flush takes away the padding that a label brings.
type flush struct{}

func (flush) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[0].MinSize()
	return fyne.NewSize(max(m.Width-16, 0), max(m.Height-16, 0))
}

func (flush) Layout(o []fyne.CanvasObject, size fyne.Size) {
	m := o[0].MinSize()
	o[0].Move(fyne.NewPos(-8, (size.Height-m.Height)/2))
	o[0].Resize(fyne.NewSize(size.Width+16, m.Height))
}

// Choose sets the choice by its key without telling OnChanged; "" or an unknown key chooses none.
func (s *Select) Choose(key string) {
	s.chosen = Option{}
	for _, o := range s.options {
		if o.Key == key {
			s.chosen = o
		}
	}
	s.repaint()
}

// ChooseOption sets a choice that need not be in the list, such as one that was stored long ago.
func (s *Select) ChooseOption(o Option) { s.chosen = o; s.repaint() }

// Chosen is the choice; its Key is "" while there is none.
func (s *Select) Chosen() Option { return s.chosen }

// SetOptions replaces the list. A choice that is not in it any more is dropped.
func (s *Select) SetOptions(options []Option) {
	s.options = options
	s.Choose(s.chosen.Key)
}

// SetPlaceholder changes what stands there while nothing is chosen.
func (s *Select) SetPlaceholder(text string) { s.placeholder = text; s.repaint() }

func (s *Select) open() {
	list := newOptionList(s.options, false)
	list.mark(s.chosen.Key)
	list.pick = func(o Option) {
		s.close()
		if o.Key == s.chosen.Key {
			return
		}
		s.chosen = o
		s.repaint()
		if s.OnChanged != nil {
			s.OnChanged(o)
		}
	}
	list.cancel = s.close
	list.showIn(&s.face, nil)
}

// MultiSelect picks several of a list and shows them as chips.
type MultiSelect struct {
	face
	// OnChanged is told what is chosen after each change by the user, in the list's order.
	OnChanged func([]Option)
	options   []Option
	chosen    map[string]bool
	chips     *fyne.Container
}

// NewMultiSelect offers options; placeholder stands there while none is chosen.
func NewMultiSelect(placeholder string, options []Option, changed func([]Option)) *MultiSelect {
	m := &MultiSelect{OnChanged: changed, options: options, chosen: map[string]bool{}}
	m.placeholder, m.glyph = placeholder, "down"
	m.become(m, m.open)
	m.keys = m.arrowKeys(m.open)
	return m
}

// CreateRenderer draws the closed box.
func (m *MultiSelect) CreateRenderer() fyne.WidgetRenderer {
	m.chips = container.New(&flowLayout{gap: 4})
	m.paint = func() {
		var objects []fyne.CanvasObject
		for _, o := range m.Chosen() {
			objects = append(objects, NewChip(o.Name, Info))
		}
		if len(objects) == 0 {
			objects = append(objects, Sized(0, 26, NewLine(m.placeholder, theme.SizeBody, theme.ColorInkFaint, false)))
		}
		if fmt.Sprint(names(m.Chosen())) != fmt.Sprint(chipNames(m.chips.Objects)) || len(m.chips.Objects) == 0 {
			m.chips.Objects = objects
			m.chips.Refresh()
		}
	}
	return m.render(m.chips)
}

func names(options []Option) (out []string) {
	for _, o := range options {
		out = append(out, o.Name)
	}
	return out
}

func chipNames(objects []fyne.CanvasObject) (out []string) {
	for _, o := range objects {
		if c, ok := o.(*Chip); ok {
			out = append(out, c.Text())
		}
	}
	return out
}

// Chosen is what is chosen, in the list's order.
func (m *MultiSelect) Chosen() []Option {
	var out []Option
	for _, o := range m.options {
		if m.chosen[o.Key] {
			out = append(out, o)
		}
	}
	return out
}

// Keys are the keys of what is chosen, in the list's order.
func (m *MultiSelect) Keys() []string {
	var out []string
	for _, o := range m.Chosen() {
		out = append(out, o.Key)
	}
	return out
}

// Choose chooses exactly these keys without telling OnChanged.
func (m *MultiSelect) Choose(keys ...string) {
	m.chosen = map[string]bool{}
	for _, k := range keys {
		m.chosen[k] = true
	}
	m.repaint()
}

// SetOptions replaces the list; choices that are not in it are dropped.
func (m *MultiSelect) SetOptions(options []Option) {
	m.options = options
	m.repaint()
}

func (m *MultiSelect) open() {
	list := newOptionList(m.options, true)
	for k, on := range m.chosen {
		list.chosen[k] = on
	}
	list.pick = func(o Option) {
		m.chosen[o.Key] = !m.chosen[o.Key]
		list.chosen[o.Key] = m.chosen[o.Key]
		list.repaint()
		m.repaint()
		if m.OnChanged != nil {
			m.OnChanged(m.Chosen())
		}
	}
	list.cancel = m.close
	list.showIn(&m.face, NewPrimary("完成", m.close).Small())
}

// mostRows bounds how many rows an option list builds; the rest is found by searching.
const mostRows = 200

const optionHeight float32 = 34

// optionList is what drops down: rows, a cursor that the arrow keys move, and above a search box.
type optionList struct {
	widget.BaseWidget
	options []Option
	shown   []Option
	chosen  map[string]bool
	multi   bool
	cursor  int
	rows    []*optionRow
	column  *fyne.Container
	scroll  *container.Scroll
	search  *Entry
	pick    func(Option)
	cancel  func()
}

func newOptionList(options []Option, multi bool) *optionList {
	l := &optionList{options: options, multi: multi, chosen: map[string]bool{}, column: tight(0)}
	l.scroll = container.NewVScroll(l.column)
	l.ExtendBaseWidget(l)
	l.filter("")
	return l
}

func (l *optionList) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(l.scroll) }

func (l *optionList) mark(key string) {
	l.chosen[key] = true
	for i, o := range l.shown {
		if o.Key == key {
			l.cursor = i
		}
	}
	l.repaint()
}

func (l *optionList) filter(query string) {
	query = strings.ToLower(strings.TrimSpace(query))
	l.shown = l.shown[:0]
	for _, o := range l.options {
		if query == "" || strings.Contains(strings.ToLower(o.Name+"\x00"+o.Note+"\x00"+o.Also), query) || strings.HasPrefix(strings.ToLower(o.Key), query) {
			l.shown = append(l.shown, o)
		}
	}
	l.rows = l.rows[:0]
	l.column.Objects = nil
	for i, o := range l.shown {
		if i == mostRows {
			l.column.Add(inset(NewMuted(fmt.Sprintf("还有 %d 项，请输入文字查找", len(l.shown)-mostRows)), theme.Gap, theme.Gap))
			break
		}
		r := newOptionRow(l, i, o)
		l.rows = append(l.rows, r)
		l.column.Add(r)
	}
	if len(l.shown) == 0 {
		l.column.Add(inset(NewMuted("没有符合的选项"), theme.Gap, theme.Gap))
	}
	l.cursor = 0
	l.column.Refresh()
	l.scroll.ScrollToTop()
}

func (l *optionList) repaint() {
	for _, r := range l.rows {
		r.repaint()
	}
}

func (l *optionList) move(to int) {
	if len(l.rows) == 0 {
		return
	}
	l.cursor = min(max(to, 0), len(l.rows)-1)
	l.repaint()
	top := float32(l.cursor) * optionHeight
	if top < l.scroll.Offset.Y {
		l.scroll.ScrollToOffset(fyne.NewPos(0, top))
	} else if low := top + optionHeight - l.scroll.Size().Height; low > l.scroll.Offset.Y {
		l.scroll.ScrollToOffset(fyne.NewPos(0, low))
	}
}

func (l *optionList) key(k *fyne.KeyEvent) bool {
	page := int(l.scroll.Size().Height / optionHeight)
	switch k.Name {
	case fyne.KeyDown:
		l.move(l.cursor + 1)
	case fyne.KeyUp:
		l.move(l.cursor - 1)
	case fyne.KeyPageDown:
		l.move(l.cursor + page)
	case fyne.KeyPageUp:
		l.move(l.cursor - page)
	case fyne.KeyReturn, fyne.KeyEnter:
		if l.cursor < len(l.rows) {
			l.pick(l.rows[l.cursor].option)
		}
	case fyne.KeyEscape:
		l.cancel()
	default:
		return false
	}
	return true
}

func (l *optionList) FocusGained()   {}
func (l *optionList) FocusLost()     {}
func (l *optionList) TypedRune(rune) {}
func (l *optionList) TypedKey(k *fyne.KeyEvent) {
	if k.Name == fyne.KeySpace {
		k = &fyne.KeyEvent{Name: fyne.KeyReturn}
	}
	l.key(k)
}

func (l *optionList) showIn(f *face, foot fyne.CanvasObject) {
	var head fyne.CanvasObject
	want := fyne.NewSize(160, optionHeight*float32(min(max(len(l.options), 1), 9))+2*popRoom)
	for _, o := range l.options {
		w := fyne.MeasureText(o.Name, theme.Size(theme.SizeBody), fyne.TextStyle{}).Width + 72
		if o.Note != "" {
			w += fyne.MeasureText(o.Note, theme.Size(theme.SizeSmall), fyne.TextStyle{}).Width
		}
		want.Width = max(want.Width, min(w, 520))
	}
	if len(l.options) >= searchFrom {
		l.search = NewEntry("输入文字查找")
		l.search.OnChanged = l.filter
		l.search.keys = l.key
		head = container.New(&stackLayout{theme.Gap}, l.search, Rule())
		want.Height += 54
	}
	if foot != nil {
		want.Height += theme.Height + 14
		foot = tight(6, Rule(), Ends(NewMuted("可选择多项"), foot))
	}
	f.drop(container.NewBorder(head, foot, nil, nil, l), want)
	if f.popup == nil {
		return
	}
	if l.search != nil {
		f.popup.Canvas.Focus(l.search)
	} else {
		f.popup.Canvas.Focus(l)
	}
	l.move(l.cursor)
}

type optionRow struct {
	hot
	list   *optionList
	index  int
	option Option
}

func newOptionRow(l *optionList, index int, o Option) *optionRow {
	r := &optionRow{list: l, index: index, option: o}
	r.self = r
	r.act = func() {
		l.cursor = index
		l.pick(o)
	}
	r.ExtendBaseWidget(r)
	return r
}

func (r *optionRow) CreateRenderer() fyne.WidgetRenderer {
	back := canvas.NewRectangle(color.Transparent)
	back.CornerRadius = 4
	name := clipped(r.option.Name, theme.SizeBody)
	var note fyne.CanvasObject
	if r.option.Note != "" {
		note = NewMuted(r.option.Note)
	}
	tick := canvas.NewImageFromResource(theme.Glyph("check", theme.ColorPrimary))
	tick.SetMinSize(fyne.NewSquareSize(16))
	tick.FillMode = canvas.ImageFillContain
	var lead fyne.CanvasObject
	var box *tickMark
	if r.list.multi {
		box = newTickMark()
		lead = inset(box.box, theme.Gap, 0)
	}
	r.paint = func() {
		on := r.list.chosen[r.option.Key]
		switch {
		case r.list.cursor == r.index:
			back.FillColor = theme.Paint(theme.ColorWash)
		case r.hovered:
			back.FillColor = theme.Paint(theme.ColorSoft)
		default:
			back.FillColor = color.Transparent
		}
		tick.Hidden = !on
		if box != nil {
			box.draw(on, false, r.hovered)
		}
		back.Refresh()
		tick.Refresh()
	}
	r.paint()
	var tail fyne.CanvasObject = inset(Row(tick), theme.Gap, 0)
	if r.list.multi {
		tail = nil
	}
	if note != nil && tail != nil {
		tail = Row(note, tail)
	} else if note != nil {
		tail = note
	}
	var leadBox fyne.CanvasObject
	if lead != nil {
		leadBox = Row(lead)
	}
	body := container.NewBorder(nil, nil, leadBox, tail, inset(container.New(flush{}, name), theme.Gap, 0))
	return widget.NewSimpleRenderer(container.New(&ringed{min: fyne.NewSize(60, optionHeight)}, nothing(), back, body))
}
