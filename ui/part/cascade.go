package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"dingkao/ui/theme"
)

// Cascade picks step by step, such as province › city › county: each choice decides what the next offers.
type Cascade struct {
	box
	// OnChanged is told the path after each choice of the user; a level that is not chosen yet is left out.
	OnChanged func(path []Option)
	children  func(path []Option) []Option
	levels    []*Select
}

// NewCascade makes one select for each placeholder. children answers what may follow a path; the empty
// path asks for the first level.
func NewCascade(placeholders []string, children func(path []Option) []Option, changed func(path []Option)) *Cascade {
	c := &Cascade{OnChanged: changed, children: children}
	var objects []fyne.CanvasObject
	for i, p := range placeholders {
		s := NewSelect(p, nil, nil)
		s.OnChanged = func(Option) {
			c.below(i + 1)
			if c.OnChanged != nil {
				c.OnChanged(c.Path())
			}
		}
		c.levels = append(c.levels, s)
		objects = append(objects, s)
	}
	c.levels[0].SetOptions(children(nil))
	c.below(1)
	grid := Columns(len(placeholders), 130, objects...)
	grid.Layout.(*gridLayout).gapX, grid.Layout.(*gridLayout).gapY = theme.Gap, theme.Gap
	c.root = grid
	c.ExtendBaseWidget(c)
	return c
}

// below empties the levels from that one on, and fills it when the one before is chosen.
func (c *Cascade) below(from int) {
	for i := from; i < len(c.levels); i++ {
		c.levels[i].Choose("")
		c.levels[i].SetOptions(nil)
		c.levels[i].Disable()
	}
	if from < len(c.levels) && c.levels[from-1].Chosen().Key != "" {
		if options := c.children(c.Path()); len(options) > 0 {
			c.levels[from].SetOptions(options)
			c.levels[from].Enable()
		}
	}
}

// Path is what is chosen so far.
func (c *Cascade) Path() []Option {
	var path []Option
	for _, s := range c.levels {
		if s.Chosen().Key == "" {
			break
		}
		path = append(path, s.Chosen())
	}
	return path
}

// Choose sets the path by its keys without telling OnChanged.
func (c *Cascade) Choose(keys ...string) {
	c.levels[0].Choose("")
	c.below(1)
	for i, k := range keys {
		if i >= len(c.levels) {
			return
		}
		c.levels[i].Choose(k)
		c.below(i + 1)
	}
}

// Finder is a search box with the answers below: for institutions and people. The search may take its
// time: the finder shows that it is under way, that nothing was found, or why it failed.
type Finder struct {
	box
	// OnChosen is told the answer that the user takes.
	OnChosen func(Option)
	search   func(query string, answer func([]Option, error))
	entry    *Entry
	list     *optionList
	area     *fyne.Container
	asked    int
	chosen   Option
}

// NewFinder asks search for each query. search calls answer once, now or later, on Fyne's goroutine; an
// answer to an older query is ignored.
func NewFinder(placeholder string, search func(query string, answer func([]Option, error)), chosen func(Option)) *Finder {
	f := &Finder{OnChosen: chosen, search: search, entry: NewEntry(placeholder)}
	f.entry.OnSubmitted = func(string) { f.Find() }
	f.entry.keys = func(k *fyne.KeyEvent) bool {
		if f.list != nil && (k.Name == fyne.KeyDown || k.Name == fyne.KeyUp) {
			return f.list.key(k)
		}
		return false
	}
	f.area = container.NewStack()
	button := NewSecondary("查找", f.Find).WithGlyph("search")
	frame := canvas.NewRectangle(theme.Paint(theme.ColorCard))
	frame.CornerRadius, frame.StrokeWidth, frame.StrokeColor = theme.Radius, 1, theme.Paint(theme.ColorLine)
	f.root = tight(theme.Gap, Ends(f.entry, button),
		Sized(200, 150, container.NewStack(frame, inset(f.area, 3, 3))))
	f.say("输入名称后按“查找”", "search")
	f.ExtendBaseWidget(f)
	return f
}

func (f *Finder) say(text, glyph string) {
	f.list = nil
	f.area.Objects = []fyne.CanvasObject{container.NewCenter(Row(NewGlyph(glyph, theme.ColorInkMuted, 16), NewMuted(text)))}
	f.area.Refresh()
}

// SetQuery fills the search box.
func (f *Finder) SetQuery(q string) { f.entry.SetText(q) }

// Query is what stands in the search box.
func (f *Finder) Query() string { return f.entry.Text }

// Chosen is what was taken; its Key is "" before.
func (f *Finder) Chosen() Option { return f.chosen }

// Choose shows something as taken without telling OnChosen.
func (f *Finder) Choose(o Option) {
	f.chosen = o
	f.entry.SetText(o.Name)
}

// Find searches for what stands in the box.
func (f *Finder) Find() {
	f.asked++
	mine := f.asked
	f.say("正在查找…", "wait")
	f.search(f.entry.Text, func(found []Option, err error) {
		if mine != f.asked {
			return
		}
		switch {
		case err != nil:
			f.say(err.Error(), "warn")
		case len(found) == 0:
			f.say("没有找到，请换一个名称再试", "info")
		default:
			f.offer(found)
		}
	})
}

func (f *Finder) offer(found []Option) {
	f.list = newOptionList(found, false)
	f.list.mark(f.chosen.Key)
	f.list.pick = func(o Option) {
		f.chosen = o
		f.list.chosen = map[string]bool{o.Key: true}
		f.list.repaint()
		if f.OnChosen != nil {
			f.OnChosen(o)
		}
	}
	f.list.cancel = func() { bubble(f, &fyne.KeyEvent{Name: fyne.KeyEscape}) }
	f.area.Objects = []fyne.CanvasObject{f.list}
	f.area.Refresh()
}
