package part

import (
	"fmt"
	"image/color"
	"regexp"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"dingkao/ui/theme"
)

// Date picks a day, or a month. It can be typed (2024-03-05, 2024/3/5, 20240305, 2024年3月5日) or picked
// from a calendar whose years are two presses away. A value is "2024-03-05", or "2024-03" for a month.
type Date struct {
	box
	// OnChanged is told each new value by the user, "" when it was cleared or cannot be read.
	OnChanged func(value string)
	// Min and Max bound what can be picked, both inclusive, in the form of a value; "" is no bound.
	// What is typed is not bound: say what is wrong with it in the field's error.
	Min, Max string
	// Today tells where the calendar opens while nothing is chosen; nil is the PC's clock.
	Today func() time.Time

	month bool
	entry *Entry
	value string
	popup *widget.PopUp
	open  *Button
}

// NewDate picks a day.
func NewDate(changed func(value string)) *Date { return newDate(false, "年-月-日", changed) }

// NewMonth picks a month.
func NewMonth(changed func(value string)) *Date { return newDate(true, "年-月", changed) }

func newDate(month bool, placeholder string, changed func(string)) *Date {
	d := &Date{OnChanged: changed, month: month, entry: NewEntry(placeholder)}
	d.entry.MaxLen = 12
	d.entry.OnChanged = func(s string) {
		v, _ := ParseDate(s, d.month)
		d.take(v)
	}
	d.entry.OnLeft = func() {
		if d.value != "" && d.entry.Text != d.value {
			d.write(d.value)
		}
	}
	d.entry.keys = func(k *fyne.KeyEvent) bool {
		if k.Name == fyne.KeyDown && !d.Disabled() {
			d.calendar()
			return true
		}
		return false
	}
	d.open = NewQuiet("", d.calendar).WithGlyph("calendar").Small()
	d.entry.ActionItem = inset(d.open, 4, 4)
	d.root = d.entry
	d.ExtendBaseWidget(d)
	return d
}

func (d *Date) take(v string) {
	if v == d.value {
		return
	}
	d.value = v
	if d.OnChanged != nil {
		d.OnChanged(v)
	}
}

func (d *Date) write(s string) {
	told := d.entry.OnChanged
	d.entry.OnChanged = nil
	d.entry.SetText(s)
	d.entry.OnChanged = told
}

// Value is the day or month, "" when there is none.
func (d *Date) Value() string { return d.value }

// Text is what stands there, readable as a date or not.
func (d *Date) Text() string { return d.entry.Text }

// Unreadable tells that something was typed that is no date.
func (d *Date) Unreadable() bool { return d.value == "" && d.entry.Text != "" }

// SetValue shows a value without telling OnChanged. A day given to a month is cut, and something that is
// no date is shown as it is.
func (d *Date) SetValue(v string) {
	d.value, _ = ParseDate(v, d.month)
	if d.value != "" {
		v = d.value
	}
	d.write(v)
}

// Disable keeps it as it is.
func (d *Date) Disable() { d.entry.Disable(); d.open.Disable() }

// Enable lets it be changed.
func (d *Date) Enable() { d.entry.Enable(); d.open.Enable() }

// Disabled tells whether it is fixed.
func (d *Date) Disabled() bool { return d.entry.Disabled() }

var dateForm = regexp.MustCompile(`^\s*(\d{4})\s*(?:[-/.年]\s*(\d{1,2})|(\d{2}))\s*(?:[-/.月]\s*(\d{1,2})\s*日?|(\d{2})|月)?\s*$`)

// ParseDate reads what a person types as a day, or as a month when month is set, and answers the value
// "2006-01-02" or "2006-01". It refuses days that do not exist.
func ParseDate(s string, month bool) (string, bool) {
	m := dateForm.FindStringSubmatch(s)
	if m == nil {
		return "", false
	}
	y, _ := strconv.Atoi(m[1])
	mo, _ := strconv.Atoi(m[2] + m[3])
	day, err := strconv.Atoi(m[4] + m[5])
	if err != nil {
		if !month {
			return "", false
		}
		day = 1
	}
	t := time.Date(y, time.Month(mo), day, 0, 0, 0, 0, time.UTC)
	if y < 1900 || y > 2100 || t.Day() != day || int(t.Month()) != mo {
		return "", false
	}
	if month {
		return t.Format("2006-01"), true
	}
	return t.Format("2006-01-02"), true
}

func (d *Date) calendar() {
	c := CanvasOf(d)
	if c == nil {
		return
	}
	today := time.Now
	if d.Today != nil {
		today = d.Today
	}
	cal := &calendar{month: d.month, value: d.value, min: d.Min, max: d.Max, today: today()}
	at := cal.today
	if len(d.value) >= 7 {
		at, _ = time.Parse("2006-01", d.value[:7])
	} else if d.Max != "" && at.Format("2006-01-02") > d.Max {
		at, _ = time.Parse("2006-01", d.Max[:7])
	}
	cal.year, cal.moon = at.Year(), at.Month()
	close := func() {
		if d.popup != nil {
			d.popup.Hide()
			d.popup = nil
			Focus(d.entry)
		}
	}
	cal.pick = func(v string) {
		close()
		d.write(v)
		d.take(v)
	}
	cal.cancel = close
	cal.build()
	room := inset(cal, theme.Gap, theme.Gap)
	d.popup = widget.NewPopUp(room, c)
	size := d.popup.MinSize()
	pos := fyne.CurrentApp().Driver().AbsolutePositionForObject(d)
	y := pos.Y + d.Size().Height + 3
	if y+size.Height > c.Size().Height {
		if y = pos.Y - size.Height - 3; y < 0 {
			y = max(c.Size().Height-size.Height, 0)
		}
	}
	d.popup.ShowAtPosition(fyne.NewPos(max(min(pos.X, c.Size().Width-size.Width), 0), y))
	c.Focus(cal)
}

type calendarView int

const (
	daysView calendarView = iota
	monthsView
	yearsView
)

// calendar is what drops down below a Date. The arrow keys move by day and week, PageUp and PageDown by month,
// Enter takes.
type calendar struct {
	box
	month    bool
	value    string
	min, max string
	today    time.Time
	year     int
	moon     time.Month
	view     calendarView
	cursor   time.Time
	pick     func(string)
	cancel   func()
	head     *Button
	grid     *fyne.Container
}

func (c *calendar) build() {
	if c.month {
		c.view = monthsView
	}
	c.cursor = time.Date(c.year, c.moon, 1, 0, 0, 0, 0, time.UTC)
	if t, err := time.Parse("2006-01-02", c.value); err == nil {
		c.cursor = t
	} else if c.value == "" && c.today.Year() == c.year && c.today.Month() == c.moon {
		c.cursor = time.Date(c.year, c.moon, c.today.Day(), 0, 0, 0, 0, time.UTC)
	}
	c.head = NewQuiet("", func() {
		if c.view == yearsView {
			c.view = monthsView
		} else {
			c.view = yearsView
		}
		c.fill()
	})
	step := func(glyph string, years, months int) *Button {
		return NewQuiet("", func() { c.turn(years, months) }).WithGlyph(glyph)
	}
	bar := container.NewBorder(nil, nil, Row(step("left2", -1, 0), step("left", 0, -1)), Row(step("right", 0, 1), step("right2", 1, 0)), container.NewCenter(c.head))
	c.grid = container.NewStack()
	foot := Ends(NewMuted("也可直接输入，如 1986-03-05"), NewQuiet("今天", func() {
		c.year, c.moon = c.today.Year(), c.today.Month()
		c.view = daysView
		if c.month {
			c.view = monthsView
		}
		c.cursor = time.Date(c.year, c.moon, c.today.Day(), 0, 0, 0, 0, time.UTC)
		c.fill()
	}).Small())
	c.root = tight(4, bar, Sized(320, 260, c.grid), foot)
	c.ExtendBaseWidget(c)
	c.fill()
}

func (c *calendar) turn(years, months int) {
	if c.view == yearsView {
		years, months = (years+months)*20, 0
		if years > 20 || years < -20 {
			years = years / 2
		}
	} else if c.view == monthsView {
		years, months = years+months, 0
	}
	t := time.Date(c.year+years, c.moon+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	c.year, c.moon = min(max(t.Year(), 1900), 2100), t.Month()
	c.cursor = time.Date(c.year, c.moon, 1, 0, 0, 0, 0, time.UTC)
	c.fill()
}

func (c *calendar) fill() {
	var cells []fyne.CanvasObject
	var columns int
	switch c.view {
	case yearsView:
		first := c.year - c.year%20
		c.head.SetText(fmt.Sprintf("%d — %d 年", first, first+19))
		columns = 5
		for y := first; y < first+20; y++ {
			cell := newDayCell(fmt.Sprint(y), func() { c.year, c.view = y, monthsView; c.fill() })
			cell.chosen = y == c.year
			cell.off = c.outside(fmt.Sprintf("%04d", y))
			cells = append(cells, cell)
		}
	case monthsView:
		c.head.SetText(fmt.Sprintf("%d 年", c.year))
		columns = 4
		for m := time.January; m <= time.December; m++ {
			v := fmt.Sprintf("%04d-%02d", c.year, m)
			cell := newDayCell(fmt.Sprintf("%d月", m), func() {
				if c.month {
					c.pick(v)
					return
				}
				c.moon, c.view = m, daysView
				c.cursor = time.Date(c.year, c.moon, 1, 0, 0, 0, 0, time.UTC)
				c.fill()
			})
			cell.chosen = c.month && v == c.value
			cell.cursor = c.month && m == c.moon
			cell.off = c.outside(v)
			cells = append(cells, cell)
		}
	default:
		c.head.SetText(fmt.Sprintf("%d 年 %d 月", c.year, c.moon))
		columns = 7
		for _, w := range []string{"一", "二", "三", "四", "五", "六", "日"} {
			cells = append(cells, container.NewCenter(NewMuted(w)))
		}
		first := time.Date(c.year, c.moon, 1, 0, 0, 0, 0, time.UTC)
		start := first.AddDate(0, 0, -(int(first.Weekday())+6)%7)
		for i := range 42 {
			t := start.AddDate(0, 0, i)
			v := t.Format("2006-01-02")
			cell := newDayCell(strconv.Itoa(t.Day()), func() { c.pick(v) })
			cell.chosen = v == c.value
			cell.faint = t.Month() != c.moon
			cell.today = v == c.today.Format("2006-01-02")
			cell.cursor = t.Equal(c.cursor)
			cell.off = c.outside(v)
			cells = append(cells, cell)
		}
	}
	c.grid.Objects = []fyne.CanvasObject{container.New(&evenLayout{columns}, cells...)}
	c.grid.Refresh()
}

// outside compares as text, which works because a value is written from year to day.
func (c *calendar) outside(v string) bool {
	n := len(v)
	return len(c.min) >= n && v < c.min[:n] || len(c.max) >= n && v > c.max[:n]
}

func (c *calendar) FocusGained()   {}
func (c *calendar) FocusLost()     {}
func (c *calendar) TypedRune(rune) {}

func (c *calendar) TypedKey(k *fyne.KeyEvent) {
	move := func(y, m, d int) {
		if c.view != daysView {
			if c.month {
				c.cursor = time.Date(c.year+y, c.moon+time.Month(d), 1, 0, 0, 0, 0, time.UTC)
			}
		} else {
			c.cursor = c.cursor.AddDate(y, m, d)
		}
		c.year, c.moon = c.cursor.Year(), c.cursor.Month()
		c.fill()
	}
	down := 7
	if c.month {
		down = 4
	}
	switch k.Name {
	case fyne.KeyEscape:
		c.cancel()
	case fyne.KeyLeft:
		move(0, 0, -1)
	case fyne.KeyRight:
		move(0, 0, 1)
	case fyne.KeyUp:
		move(0, 0, -down)
	case fyne.KeyDown:
		move(0, 0, down)
	case fyne.KeyPageUp:
		c.turn(0, -1)
	case fyne.KeyPageDown:
		c.turn(0, 1)
	case fyne.KeyReturn, fyne.KeyEnter, fyne.KeySpace:
		v := c.cursor.Format("2006-01-02")
		if c.month {
			v = v[:7]
		}
		if (c.view == daysView || c.month) && !c.outside(v) {
			c.pick(v)
		}
	}
}

type evenLayout struct{ columns int }

func (l *evenLayout) rows(o []fyne.CanvasObject) int { return (len(o) + l.columns - 1) / l.columns }

func (l *evenLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(float32(l.columns)*36, float32(l.rows(o))*28)
}

func (l *evenLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	w, h := size.Width/float32(l.columns), size.Height/float32(l.rows(o))
	for i, c := range o {
		c.Move(fyne.NewPos(float32(i%l.columns)*w+1, float32(i/l.columns)*h+1))
		c.Resize(fyne.NewSize(w-2, h-2))
	}
}

type dayCell struct {
	hot
	text                         string
	chosen, faint, today, cursor bool
}

func newDayCell(text string, act func()) *dayCell {
	d := &dayCell{text: text}
	d.self, d.act = d, act
	d.ExtendBaseWidget(d)
	return d
}

func (d *dayCell) CreateRenderer() fyne.WidgetRenderer {
	back := canvas.NewRectangle(color.Transparent)
	back.CornerRadius = theme.Radius
	label := NewPlain(d.text)
	label.Alignment = fyne.TextAlignCenter
	d.paint = func() {
		ink := theme.ColorInk
		back.FillColor, back.StrokeColor, back.StrokeWidth = color.Transparent, color.Transparent, 0
		switch {
		case d.off:
			ink = theme.ColorLine
		case d.chosen:
			ink = theme.ColorOnPrimary
			back.FillColor = theme.Paint(theme.ColorPrimary)
		case d.hovered:
			back.FillColor = theme.Paint(theme.ColorWash)
		case d.faint:
			ink = theme.ColorInkFaint
		}
		if d.today && !d.chosen && !d.off {
			ink = theme.ColorPrimary
			label.TextStyle.Bold = true
		}
		if d.cursor {
			back.StrokeColor, back.StrokeWidth = theme.Paint(theme.ColorRing), 2
			if back.FillColor == color.Transparent {
				back.FillColor = theme.Clear(theme.ColorRing)
			}
		}
		label.Color = theme.Paint(ink)
		back.Refresh()
		label.Refresh()
	}
	d.paint()
	return widget.NewSimpleRenderer(container.NewStack(back, label))
}

// ShowCalendar opens the calendar, as the button beside the entry does.
func (d *Date) ShowCalendar() { d.calendar() }
