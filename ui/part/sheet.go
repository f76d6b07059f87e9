package part

import (
	"strconv"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"dingkao/ui/theme"
)

// CellTone says how it stands with one question on the answer sheet.
type CellTone int

// The tones of a cell. Answered is for a sitting, where nobody knows yet; right and wrong are for practice.
const (
	CellOpen     CellTone = iota // white: unanswered
	CellAnswered                 // blue
	CellRight                    // blue
	CellWrong                    // red
)

// SheetCell is one question on the answer sheet.
type SheetCell struct {
	Tone   CellTone
	Marked bool // a star stands in its corner
}

// Sheet is the answer sheet (答题卡): a numbered cell for each question. A cell is pressed to go there; the
// arrow keys go from one to the next.
type Sheet struct {
	box
	cells []*sheetMark
}

// NewSheet has n cells; open is told which one was pressed, counted from 0.
func NewSheet(n int, open func(at int)) *Sheet {
	s := &Sheet{}
	grid := container.New(&flowLayout{gap: 6})
	for i := range n {
		c := newSheetMark(i, func() { open(i) })
		c.keys = func(e *fyne.KeyEvent) bool {
			to := i
			switch e.Name {
			case fyne.KeyRight, fyne.KeyDown:
				to++
			case fyne.KeyLeft, fyne.KeyUp:
				to--
			default:
				return false
			}
			if to >= 0 && to < len(s.cells) {
				Focus(s.cells[to])
			}
			return true
		}
		s.cells = append(s.cells, c)
		grid.Add(c)
	}
	s.root = grid
	s.ExtendBaseWidget(s)
	return s
}

// Set shows how it stands, and which question is open; -1 for none.
func (s *Sheet) Set(cells []SheetCell, current int) {
	for i, c := range s.cells {
		var to SheetCell
		if i < len(cells) {
			to = cells[i]
		}
		if here := i == current; c.cell != to || c.current != here {
			c.cell, c.current = to, here
			c.repaint()
		}
	}
}

// Place is where a question's cell stands on the sheet, and how large it is.
func (s *Sheet) Place(at int) (fyne.Position, fyne.Size) {
	if at < 0 || at >= len(s.cells) {
		return fyne.Position{}, fyne.Size{}
	}
	return s.cells[at].Position(), s.cells[at].Size()
}

// SheetKey explains the colours, for below a sheet.
func SheetKey(practice bool) fyne.CanvasObject {
	item := func(c SheetCell, words string) fyne.CanvasObject {
		box := newSheetMark(-1, nil)
		box.cell, box.side = c, 18
		return Row(box, NewMuted(words))
	}
	if practice {
		return Flow(item(SheetCell{Tone: CellRight}, "答对"), item(SheetCell{Tone: CellWrong}, "答错"), item(SheetCell{}, "未答"), starKey())
	}
	return Flow(item(SheetCell{Tone: CellAnswered}, "已答"), item(SheetCell{}, "未答"), starKey())
}

func starKey() fyne.CanvasObject { return Row(NewGlyph("star", Warn.Ink(), 16), NewMuted("标注")) }

type sheetMark struct {
	press
	at      int
	side    float32
	cell    SheetCell
	current bool
	face    *canvas.Rectangle
	number  *canvas.Text
	star    fyne.CanvasObject
}

func newSheetMark(at int, act func()) *sheetMark {
	c := &sheetMark{at: at, side: 38}
	c.become(c, act)
	if act == nil {
		c.off = true
	}
	return c
}

// Label says the cell in words.
func (c *sheetMark) Label() string {
	if c.at < 0 {
		return ""
	}
	s := "第" + strconv.Itoa(c.at+1) + "题，" + map[CellTone]string{CellOpen: "未答", CellAnswered: "已答", CellRight: "答对", CellWrong: "答错"}[c.cell.Tone]
	if c.cell.Marked {
		s += "，已标注"
	}
	return s
}

func (c *sheetMark) CreateRenderer() fyne.WidgetRenderer {
	c.face = canvas.NewRectangle(theme.Clear(theme.ColorCard))
	c.face.CornerRadius = min(theme.Radius, c.side/4)
	words := ""
	if c.at >= 0 {
		words = strconv.Itoa(c.at + 1)
	}
	c.number = NewLine(words, theme.SizeBody, theme.ColorInk, false)
	c.number.Alignment = fyne.TextAlignCenter
	c.star = NewGlyph("star", Warn.Ink(), 13)
	badge := canvas.NewCircle(theme.Paint(theme.ColorCard))
	corner := container.New(cornerLayout{}, badge, c.star)
	c.paint = func() {
		face, edge, ink, width := theme.ColorCard, theme.ColorOutline, theme.ColorInk, float32(1)
		switch c.cell.Tone {
		case CellAnswered:
			face, edge, ink = Info.Ink(), Info.Ink(), theme.ColorOnPrimary
		case CellRight:
			face, edge, ink = Info.Ink(), Info.Ink(), theme.ColorOnPrimary
		case CellWrong:
			face, edge, ink = Bad.Ink(), Bad.Ink(), theme.ColorOnPrimary
		}
		if c.hovered && !c.off {
			edge = theme.ColorPrimary
		}
		if c.current {
			edge, width = theme.ColorRing, 3
		}
		c.face.FillColor, c.face.StrokeColor, c.face.StrokeWidth = theme.Paint(face), theme.Paint(edge), width
		c.number.Color, c.number.TextStyle.Bold = theme.Paint(ink), c.current
		corner.Hidden = !c.cell.Marked
		c.face.Refresh()
		c.number.Refresh()
		corner.Refresh()
	}
	c.paint()
	root := container.New(&ringed{}, c.newRing(theme.Radius+2), Sized(c.side, c.side, container.NewStack(c.face, container.NewCenter(c.number), corner)))
	return widget.NewSimpleRenderer(root)
}

// cornerLayout puts a star on a small disc at the upper right, over the edge.
type cornerLayout struct{}

func (cornerLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

func (cornerLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	const disc, star = 17, 13
	at := fyne.NewPos(size.Width-disc+5, -5)
	o[0].Move(at)
	o[0].Resize(fyne.NewSquareSize(disc))
	o[1].Move(at.AddXY((disc-star)/2, (disc-star)/2))
	o[1].Resize(fyne.NewSquareSize(star))
}
