package part

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"dingkao/ui/theme"
)

// Column is one of a DataTable's.
type Column struct {
	Title string
	// Weight shares the width; 0 counts as 1.
	Weight float32
	// Sort lets the user sort by this column.
	Sort bool
}

// Cell is what stands in one column of one row. A Tone other than "" makes it a chip.
type Cell struct {
	Text string
	Tone Tone
}

// DataTable is the desk's list: thousands of rows, of which only those in view exist. Rows are opened with a
// click or Enter, and ticked with the box before them or Space.
type DataTable struct {
	box
	// OnOpen is told the row that was opened.
	OnOpen func(row int)
	// OnSort is told by which column the user wants to sort; sort and call SetRows.
	OnSort func(column int, descending bool)
	// OnTicked is told how many rows are ticked after each change by the user.
	OnTicked func(n int)

	columns []Column
	ticking bool
	length  int
	row     func(i int) []Cell
	ticked  map[int]bool
	list    *rowList
	heads   []*columnHead
	all     *Check
	sorted  int
	down    bool
	body    *fyne.Container
	lay     *tableLayout
	ring    *canvas.Rectangle
}

const tableRow float32 = 42

// NewDataTable makes an empty table; ticking puts a box before each row.
func NewDataTable(columns []Column, ticking bool) *DataTable {
	t := &DataTable{columns: columns, ticking: ticking, ticked: map[int]bool{}, sorted: -1}
	t.lay = &tableLayout{columns: len(columns)}
	head := container.New(t.lay)
	for i, c := range columns {
		t.lay.weights = append(t.lay.weights, max(c.Weight, 0.01))
		if c.Weight == 0 {
			t.lay.weights[i] = 1
		}
		h := &columnHead{table: t, index: i}
		h.become(h, func() {
			if !c.Sort {
				return
			}
			t.SetSort(i, t.sorted == i && !t.down)
			if t.OnSort != nil {
				t.OnSort(i, t.down)
			}
		})
		if !c.Sort {
			h.off = true
		}
		t.heads = append(t.heads, h)
		head.Add(h)
	}
	var lead fyne.CanvasObject
	if ticking {
		t.all = NewCheck("", func(on bool) {
			t.ticked = map[int]bool{}
			if on {
				for i := range t.length {
					t.ticked[i] = true
				}
			}
			t.tickedNow()
		})
		lead = container.NewCenter(Sized(tickRoom, 26, container.NewCenter(t.all)))
	}
	band := canvas.NewRectangle(theme.Paint(theme.ColorSoft))
	band.TopLeftCornerRadius, band.TopRightCornerRadius = theme.Round, theme.Round
	top := container.NewStack(band, Sized(0, tableRow, container.NewBorder(nil, nil, lead, nil, inset(head, theme.Gap, 0))))
	t.list = newRowList(t)
	t.body = container.NewStack(t.list)
	t.ring = canvas.NewRectangle(theme.Clear(theme.ColorRing))
	t.ring.StrokeColor, t.ring.StrokeWidth, t.ring.CornerRadius = theme.Paint(theme.ColorRing), 2, theme.Round
	t.ring.Hide()
	t.root = container.NewStack(Surface(), container.New(layout.NewBorderLayout(top, nil, nil, nil), top, inset(t.body, 1, 1)), t.ring)
	t.ExtendBaseWidget(t)
	return t
}

const tickRoom float32 = 40

// SetRows shows n rows; row answers the cells of one and is asked only for rows in view. Ticks are taken away.
func (t *DataTable) SetRows(n int, row func(i int) []Cell) {
	t.length, t.row = n, row
	t.ticked = map[int]bool{}
	if t.all != nil {
		t.all.SetChecked(false)
	}
	t.SetState(t.list)
	if n == 0 {
		t.SetState(NewEmpty("暂无数据", ""))
	}
	if t.list.made {
		t.list.ScrollToTop()
	}
	t.list.Refresh()
}

// SetState shows something instead of the rows: NewLoading, NewEmpty, NewFailed. SetRows brings them back.
func (t *DataTable) SetState(o fyne.CanvasObject) {
	if len(t.body.Objects) == 1 && t.body.Objects[0] == o {
		return
	}
	t.body.Objects = []fyne.CanvasObject{o}
	t.body.Refresh()
}

// SetSort shows the mark at a column; -1 removes it.
func (t *DataTable) SetSort(column int, descending bool) {
	t.sorted, t.down = column, descending
	for _, h := range t.heads {
		h.repaint()
	}
}

// Ticked are the ticked rows, in order.
func (t *DataTable) Ticked() []int {
	var out []int
	for i := range t.length {
		if t.ticked[i] {
			out = append(out, i)
		}
	}
	return out
}

// Refresh draws the rows in view again, after their content changed.
func (t *DataTable) Refresh() {
	t.list.Refresh()
	t.BaseWidget.Refresh()
}

func (t *DataTable) tick(i int) {
	if !t.ticking || i >= t.length {
		return
	}
	t.ticked[i] = !t.ticked[i]
	t.tickedNow()
}

func (t *DataTable) tickedNow() {
	n := len(t.Ticked())
	t.all.SetChecked(n > 0 && n == t.length)
	t.list.Refresh()
	if t.OnTicked != nil {
		t.OnTicked(n)
	}
}

func (t *DataTable) open(i int) {
	if t.OnOpen != nil && i >= 0 && i < t.length {
		t.OnOpen(i)
	}
}

type columnHead struct {
	press
	table *DataTable
	index int
}

func (h *columnHead) CreateRenderer() fyne.WidgetRenderer {
	c := h.table.columns[h.index]
	label := NewLine(c.Title, theme.SizeBody, theme.ColorInkMuted, true)
	up := canvas.NewImageFromResource(theme.Glyph("up", theme.ColorPrimary))
	up.SetMinSize(fyne.NewSquareSize(14))
	up.FillMode = canvas.ImageFillContain
	h.paint = func() {
		on := h.table.sorted == h.index
		ink := theme.ColorInkMuted
		if on || h.hovered && !h.off {
			ink = theme.ColorPrimary
		}
		label.Color = theme.Paint(ink)
		glyph := "up"
		if h.table.down {
			glyph = "down"
		}
		up.Resource = theme.Glyph(glyph, theme.ColorPrimary)
		up.Hidden = !on
		label.Refresh()
		up.Refresh()
	}
	h.paint()
	return widget.NewSimpleRenderer(container.New(&ringed{}, h.newRing(4), Row(label, up)))
}

// rowList is Fyne's list with our keys: Enter opens, Space ticks.
type rowList struct {
	widget.List
	table  *DataTable
	cursor int
	made   bool // Fyne's list can't scroll before its renderer exists
}

// CreateRenderer makes the rows in view.
func (l *rowList) CreateRenderer() fyne.WidgetRenderer {
	l.made = true
	return l.List.CreateRenderer()
}

func newRowList(t *DataTable) *rowList {
	l := &rowList{table: t}
	l.HideSeparators = true
	l.Length = func() int { return t.length }
	l.CreateItem = func() fyne.CanvasObject { return newTableRow(t) }
	l.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) { o.(*dataRow).show(i) }
	l.OnSelected = func(i widget.ListItemID) {
		l.cursor = i
		l.UnselectAll()
		t.open(i)
	}
	l.OnHighlighted = func(i widget.ListItemID) { l.cursor = i }
	l.ExtendBaseWidget(l)
	return l
}

// FocusGained draws the ring around the table; Fyne's list shades the row that the keys act on.
func (l *rowList) FocusGained() {
	l.table.ring.Show()
	l.List.FocusGained()
}

// FocusLost removes it.
func (l *rowList) FocusLost() {
	l.table.ring.Hide()
	l.List.FocusLost()
}

func (l *rowList) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace:
		if l.table.ticking {
			l.table.tick(l.cursor)
			return
		}
		l.table.open(l.cursor)
	case fyne.KeyReturn, fyne.KeyEnter:
		l.table.open(l.cursor)
	case fyne.KeyUp, fyne.KeyDown:
		l.List.TypedKey(k)
	default:
		bubble(l, k)
	}
}

type dataRow struct {
	box
	table  *DataTable
	index  int
	check  *tickBox
	labels []*widget.Label
	chips  []*Chip
}

func newTableRow(t *DataTable) *dataRow {
	r := &dataRow{table: t, index: -1}
	line := container.New(t.lay)
	for range t.columns {
		label := clipped("", theme.SizeBody)
		chip := NewChip("", Neutral)
		r.labels, r.chips = append(r.labels, label), append(r.chips, chip)
		line.Add(container.New(cellLayout{}, container.New(flush{}, label), chip))
	}
	var lead fyne.CanvasObject
	if t.ticking {
		r.check = newTickBox(func() { t.tick(r.index) })
		lead = container.NewCenter(Sized(tickRoom, 26, container.NewCenter(r.check)))
	}
	rule := canvas.NewRectangle(theme.Paint(theme.ColorLine))
	rule.SetMinSize(fyne.NewSize(1, 1))
	r.root = Sized(0, tableRow-theme.Gap/2, container.NewBorder(nil, rule, lead, nil, inset(line, theme.Gap, 0)))
	r.ExtendBaseWidget(r)
	return r
}

func (r *dataRow) show(i int) {
	r.index = i
	var cells []Cell
	if r.table.row != nil && i < r.table.length {
		cells = r.table.row(i)
	}
	for j := range r.labels {
		var c Cell
		if j < len(cells) {
			c = cells[j]
		}
		if c.Tone != "" && c.Text != "" {
			r.labels[j].Hide()
			r.chips[j].Set(c.Text, c.Tone)
			r.chips[j].Show()
			continue
		}
		r.chips[j].Hide()
		r.labels[j].Show()
		if r.labels[j].Text != c.Text {
			r.labels[j].SetText(c.Text)
		}
	}
	if r.check != nil {
		r.check.SetChecked(r.table.ticked[i])
	}
}

// cellLayout stretches the label and keeps the chip small, both in the middle of the height.
type cellLayout struct{}

func (cellLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(20, 26) }

func (cellLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.Position{})
	o[0].Resize(size)
	m := o[1].MinSize()
	o[1].Move(fyne.NewPos(0, (size.Height-m.Height)/2))
	o[1].Resize(fyne.NewSize(min(m.Width, size.Width), m.Height))
}

// SearchBox is an entry with a glass; OnSearch is told the text on Enter and when it is emptied.
type SearchBox struct {
	box
	Entry    *Entry
	OnSearch func(string)
}

// NewSearchBox makes one at least 240 wide.
func NewSearchBox(placeholder string, onSearch func(string)) *SearchBox {
	s := &SearchBox{Entry: NewEntry(placeholder), OnSearch: onSearch}
	s.Entry.Icon = theme.Glyph("search", theme.ColorInkMuted)
	tell := func(q string) {
		if s.OnSearch != nil {
			s.OnSearch(q)
		}
	}
	s.Entry.OnSubmitted = tell
	s.Entry.OnChanged = func(q string) {
		if q == "" {
			tell(q)
		}
	}
	s.root = Sized(240, theme.Height, s.Entry)
	s.ExtendBaseWidget(s)
	return s
}

// Text is what stands there.
func (s *SearchBox) Text() string { return s.Entry.Text }

// Pager says which part of a list is shown and turns the pages.
type Pager struct {
	box
	// OnPage is told the page that is wanted, from 0.
	OnPage     func(page int)
	label      *canvas.Text
	back, next *Button
	page       int
}

// NewPager makes one; call Set.
func NewPager(onPage func(page int)) *Pager {
	p := &Pager{OnPage: onPage, label: NewMuted("")}
	turn := func(by int) func() {
		return func() {
			if p.OnPage != nil {
				p.OnPage(p.page + by)
			}
		}
	}
	p.back = NewSecondary("上一页", turn(-1)).Small()
	p.next = NewSecondary("下一页", turn(1)).Small()
	p.root = Ends(nothing(), p.label, p.back, p.next)
	p.ExtendBaseWidget(p)
	p.Set(0, 20, 0)
	return p
}

// Set says which page of how many things is shown.
func (p *Pager) Set(page, size, total int) {
	p.page = page
	size = max(size, 1)
	pages := max((total+size-1)/size, 1)
	Say(p.label, fmt.Sprintf("共 %d 条，第 %d / %d 页", total, page+1, pages))
	p.back.off, p.next.off = page <= 0, page >= pages-1
	p.back.repaint()
	p.next.repaint()
}
