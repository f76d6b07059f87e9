package part

import (
	"image/color"
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"dingkao/ui/theme"
)

// StepState is how far a step is.
type StepState int

// The states of a step. Incomplete is a step that was left with something missing.
const (
	StepTodo StepState = iota
	StepDone
	StepIncomplete
)

// Step is one of a Stepper's.
type Step struct {
	Title string
	State StepState
}

// Stepper is a row of numbered steps. The current one is filled; a done one has a tick; an incomplete one
// a warning. Pressing one asks to go there.
type Stepper struct {
	box
	// OnStep is told which step was pressed, from 0. The stepper does not move by itself.
	OnStep  func(i int)
	steps   []Step
	current int
	nodes   []*stepNode
}

// NewStepper shows the steps.
func NewStepper(steps []Step, current int, onStep func(i int)) *Stepper {
	s := &Stepper{OnStep: onStep, steps: steps, current: current}
	row := container.New(&stepLayout{})
	for i := range steps {
		if i > 0 {
			row.Add(canvas.NewLine(theme.Paint(theme.ColorLine)))
		}
		n := &stepNode{stepper: s, index: i}
		n.become(n, func() {
			if s.OnStep != nil {
				s.OnStep(i)
			}
		})
		s.nodes = append(s.nodes, n)
		row.Add(n)
	}
	s.root = row
	s.ExtendBaseWidget(s)
	return s
}

// SetCurrent moves the mark.
func (s *Stepper) SetCurrent(i int) { s.current = i; s.redraw() }

// Current is the step that is open, from 0.
func (s *Stepper) Current() int { return s.current }

// SetState changes how far a step is.
func (s *Stepper) SetState(i int, state StepState) { s.steps[i].State = state; s.redraw() }

func (s *Stepper) redraw() {
	for _, n := range s.nodes {
		n.repaint()
	}
}

// stepLayout puts the titles beside the numbers where there is room, and small below them where not.
type stepLayout struct{}

func (l stepLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	s := l.need(o, true)
	if !o[0].(*stepNode).narrow {
		s.Height = l.need(o, false).Height
	}
	return s
}

func (stepLayout) need(o []fyne.CanvasObject, narrow bool) fyne.Size {
	var s fyne.Size
	for i, c := range o {
		if i%2 == 1 {
			s.Width += 16
			if narrow {
				s.Width -= 12
			}
			continue
		}
		m := c.(*stepNode).need(narrow)
		s.Width += m.Width
		s.Height = max(s.Height, m.Height)
	}
	return s
}

func (l stepLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	narrow := l.need(o, false).Width > size.Width
	for i := 0; i < len(o); i += 2 {
		o[i].(*stepNode).setNarrow(narrow)
	}
	gaps := float32(len(o) / 2)
	gap, y := float32(0), size.Height/2
	if gaps > 0 {
		gap = (size.Width-l.need(o, narrow).Width)/gaps + 16
		if narrow {
			gap -= 12
			y = 19
		}
	}
	x := float32(0)
	for i, c := range o {
		if line, ok := c.(*canvas.Line); ok && i%2 == 1 {
			line.StrokeWidth = 2
			in := min(gap/4, theme.Gap)
			line.Position1, line.Position2 = fyne.NewPos(x+in, y), fyne.NewPos(x+gap-in, y)
			x += gap
			continue
		}
		m := c.MinSize()
		c.Move(fyne.NewPos(x, (size.Height-m.Height)/2))
		c.Resize(m)
		x += m.Width
	}
}

type stepNode struct {
	press
	stepper *Stepper
	index   int
	narrow  bool
}

func (n *stepNode) title() string {
	s := n.stepper.steps[n.index]
	if s.State == StepIncomplete && n.stepper.current != n.index {
		return s.Title + " · 未完成"
	}
	return s.Title
}

// need measures without drawing, so that the row can choose before it lays out.
func (n *stepNode) need(narrow bool) fyne.Size {
	name := theme.SizeBody
	if narrow {
		name = theme.SizeSmall
	}
	w := fyne.MeasureText(n.title(), theme.Size(name), fyne.TextStyle{Bold: n.stepper.current == n.index}).Width
	if narrow {
		return fyne.NewSize(max(w, 30)+8, 30+2+18+8)
	}
	return fyne.NewSize(30+theme.Gap+w+8, 30+8)
}

func (n *stepNode) setNarrow(on bool) {
	if n.narrow != on {
		n.narrow = on
		n.repaint()
	}
}

// nodeLayout places badge and title.
type nodeLayout struct{ n *stepNode }

func (l *nodeLayout) MinSize([]fyne.CanvasObject) fyne.Size { return l.n.need(l.n.narrow) }

func (l *nodeLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	badge, title := o[0], o[1]
	badge.Resize(fyne.NewSquareSize(30))
	if l.n.narrow {
		badge.Move(fyne.NewPos((size.Width-30)/2, 4))
		title.Move(fyne.NewPos(0, 35))
		title.Resize(fyne.NewSize(size.Width, 18))
		return
	}
	badge.Move(fyne.NewPos(4, (size.Height-30)/2))
	title.Move(fyne.NewPos(34+theme.Gap, -1))
	title.Resize(fyne.NewSize(max(size.Width-34-theme.Gap, 1), size.Height))
}

func (n *stepNode) CreateRenderer() fyne.WidgetRenderer {
	disc := canvas.NewCircle(color.Transparent)
	number := NewLine(strconv.Itoa(n.index+1), theme.SizeBody, theme.ColorInk, true)
	number.Alignment = fyne.TextAlignCenter
	tick := canvas.NewImageFromResource(theme.Glyph("check", theme.ColorOnPrimary))
	title := NewPlain("")
	badge := container.New(&badgeLayout{30}, disc, number, tick)
	n.paint = func() {
		step := n.stepper.steps[n.index]
		now := n.stepper.current == n.index
		fill, edge, ink, text := theme.ColorCard, theme.ColorOutline, theme.ColorInkMuted, theme.ColorInkMuted
		mark := ""
		switch {
		case step.State == StepDone:
			fill, edge, text, mark = theme.ColorAccent, theme.ColorAccent, theme.ColorInk, "check"
		case step.State == StepIncomplete && !now:
			fill, edge, ink, text = theme.Warn.Soft(), theme.Warn.Ink(), theme.Warn.Ink(), theme.Warn.Ink()
		}
		if now {
			fill, edge, ink, text, mark = theme.ColorPrimary, theme.ColorPrimary, theme.ColorOnPrimary, theme.ColorPrimary, ""
		}
		if n.hovered {
			edge = theme.ColorPrimary
		}
		disc.FillColor, disc.StrokeColor, disc.StrokeWidth = theme.Paint(fill), theme.Paint(edge), 1.5
		number.Color = theme.Paint(ink)
		number.Hidden, tick.Hidden = mark != "", mark == ""
		title.Text, title.Color, title.TextStyle.Bold = n.title(), theme.Paint(text), now
		title.TextSize, title.Alignment = theme.Size(theme.SizeBody), fyne.TextAlignLeading
		if n.narrow {
			title.TextSize, title.Alignment = theme.Size(theme.SizeSmall), fyne.TextAlignCenter
		}
		disc.Refresh()
		number.Refresh()
		tick.Refresh()
		title.Refresh()
	}
	n.paint()
	root := container.New(&ringed{}, n.newRing(theme.Round), container.New(&nodeLayout{n}, badge, title))
	return widget.NewSimpleRenderer(root)
}

// badgeLayout centres number and mark on a disc.
type badgeLayout struct{ side float32 }

func (l *badgeLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSquareSize(l.side) }

func (l *badgeLayout) Layout(o []fyne.CanvasObject, _ fyne.Size) {
	for i, c := range o {
		in := float32(0)
		if i == 2 {
			in = l.side / 5
		}
		c.Move(fyne.NewPos(in, in-raise(c)))
		c.Resize(fyne.NewSquareSize(l.side - 2*in))
	}
}

// Node is one stage of a Process.
type Node struct {
	Title string
	// State is a word that says how it stands: 已提交, 待审核. Tone colours it.
	State string
	Tone  Tone
	// Current is the stage whose turn it is. Action, if not "", is its button.
	Current bool
	Action  string
}

// NewProcess shows stages from left to right with arrows between. act is told whose button was pressed.
func NewProcess(nodes []Node, act func(i int)) fyne.CanvasObject {
	row := container.New(&processLayout{})
	for i, n := range nodes {
		if i > 0 {
			row.Add(NewGlyph("right", theme.ColorInkFaint, 18))
		}
		row.Add(processNode(i, n, act))
	}
	return row
}

func processNode(i int, n Node, act func(int)) fyne.CanvasObject {
	back := canvas.NewRectangle(theme.Paint(theme.ColorSoft))
	back.CornerRadius = theme.Radius + 2
	fill, ink := theme.ColorCard, theme.ColorInkMuted
	if n.Current {
		back.FillColor = theme.Paint(theme.ColorWash)
		back.StrokeWidth, back.StrokeColor = 1.5, theme.Paint(theme.ColorPrimary)
		fill, ink = theme.ColorPrimary, theme.ColorOnPrimary
	} else if n.Tone == Good {
		fill, ink = theme.ColorAccent, theme.ColorOnPrimary
	}
	disc := canvas.NewCircle(theme.Paint(fill))
	if fill == theme.ColorCard {
		disc.StrokeColor, disc.StrokeWidth = theme.Paint(theme.ColorOutline), 1.5
	}
	number := NewLine(strconv.Itoa(i+1), theme.SizeBody, ink, true)
	number.Alignment = fyne.TextAlignCenter
	var tick fyne.CanvasObject = nothing()
	if n.Tone == Good && !n.Current {
		number.Text = ""
		tick = NewGlyph("check", theme.ColorOnPrimary, 10)
	}
	title := NewText(n.Title).Styled(theme.SizeBody, theme.ColorInk, n.Current).Aligned(fyne.TextAlignCenter)
	objects := []fyne.CanvasObject{container.NewCenter(container.New(&badgeLayout{30}, disc, number, tick)), title}
	if n.State != "" {
		objects = append(objects, container.NewCenter(NewChip(n.State, n.Tone)))
	}
	if n.Action != "" {
		objects = append(objects, container.NewCenter(NewPrimary(n.Action, func() {
			if act != nil {
				act(i)
			}
		})))
	}
	return container.NewStack(back, inset(tight(6, objects...), theme.Gap, theme.Gap+4))
}

type processLayout struct{}

const arrowRoom float32 = 26

func (processLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	var s fyne.Size
	for i, c := range o {
		if i%2 == 1 {
			s.Width += arrowRoom
			continue
		}
		m := c.MinSize()
		s.Width += m.Width
		s.Height = max(s.Height, m.Height)
	}
	return s
}

func (processLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	n := float32((len(o) + 1) / 2)
	w := (size.Width - (n-1)*arrowRoom) / n
	x := float32(0)
	for i, c := range o {
		if i%2 == 1 {
			c.Resize(fyne.NewSquareSize(18))
			c.Move(fyne.NewPos(x+(arrowRoom-18)/2, (size.Height-18)/2))
			x += arrowRoom
			continue
		}
		c.Move(fyne.NewPos(x, 0))
		c.Resize(fyne.NewSize(w, size.Height))
		x += w
	}
}

// Event is one line of a Timeline.
type Event struct {
	// When and Who are shown small; What is the decision, Text the reason or remark ("" for none).
	When, Who, What, Text string
	Tone                  Tone
}

// NewTimeline shows what was decided, in the order given.
func NewTimeline(events []Event) fyne.CanvasObject {
	if len(events) == 0 {
		return NewMuted("暂无记录")
	}
	column := tight(0)
	for i, e := range events {
		dot := canvas.NewCircle(theme.Paint(e.Tone.Ink()))
		line := canvas.NewRectangle(theme.Paint(theme.ColorLine))
		if i == len(events)-1 {
			line.Hide()
		}
		what := NewText(e.What).Styled(theme.SizeBody, e.Tone.Ink(), true)
		words := tight(1, what)
		if e.Text != "" {
			words.Add(NewText(e.Text))
		}
		words.Add(NewHint(join(" · ", e.When, e.Who)))
		column.Add(container.New(&eventLayout{}, dot, line, words))
	}
	return column
}

func join(sep string, parts ...string) string {
	out := ""
	for _, p := range parts {
		if p == "" {
			continue
		}
		if out != "" {
			out += sep
		}
		out += p
	}
	return out
}

type eventLayout struct{}

func (eventLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	m := o[2].MinSize()
	return fyne.NewSize(m.Width+26, m.Height+theme.Space)
}

func (eventLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(3, 6))
	o[0].Resize(fyne.NewSquareSize(11))
	o[1].Move(fyne.NewPos(7.5, 21))
	o[1].Resize(fyne.NewSize(2, max(size.Height-19, 0)))
	o[2].Move(fyne.NewPos(26, 0))
	o[2].Resize(fyne.NewSize(max(size.Width-26, 1), size.Height-theme.Space))
}
