package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"dingkao/ui/theme"
)

// Records is a short table with 新增, 编辑 and 删除, for what a form has several of. Cells wrap. Without
// callbacks it can only be read.
type Records struct {
	box
	// OnEdit and OnDelete are told the row; nil leaves the button out.
	OnEdit, OnDelete func(row int)
	title            string
	headers          []string
	rows             [][]string
	weights          []float32
	table            *fyne.Container
	add              *Button
}

// NewRecords makes an empty table. onAdd nil leaves 新增 out. Set OnEdit and OnDelete before SetRows.
func NewRecords(title string, headers []string, onAdd func()) *Records {
	r := &Records{title: title, headers: headers, table: container.NewStack()}
	head := NewHeading(title)
	if onAdd != nil {
		r.add = NewSecondary("新增", onAdd).WithGlyph("plus").Small()
		r.root = tight(theme.Gap, Ends(head, r.add), r.table)
	} else {
		r.root = tight(theme.Gap, head, r.table)
	}
	r.ExtendBaseWidget(r)
	r.SetRows(nil)
	return r
}

// SetWeights shares the width between the columns; the default is equal shares.
func (r *Records) SetWeights(weights ...float32) *Records {
	r.weights = weights
	r.SetRows(r.rows)
	return r
}

// Len is the number of rows.
func (r *Records) Len() int { return len(r.rows) }

// SetRows shows these rows.
func (r *Records) SetRows(rows [][]string) {
	r.rows = rows
	lay := &tableLayout{weights: r.weights, columns: len(r.headers)}
	if r.OnEdit != nil {
		lay.tail += 62
	}
	if r.OnDelete != nil {
		lay.tail += 62
	}
	head := container.New(lay)
	for _, h := range r.headers {
		head.Add(NewLine(h, theme.SizeBody, theme.ColorInkMuted, true))
	}
	if lay.tail > 0 {
		head.Add(NewLine("操作", theme.SizeBody, theme.ColorInkMuted, true))
	}
	band := canvas.NewRectangle(theme.Paint(theme.ColorSoft))
	band.TopLeftCornerRadius, band.TopRightCornerRadius = theme.Radius, theme.Radius
	column := tight(0, container.NewStack(band, inset(head, theme.Space, theme.Gap)))
	for i, row := range rows {
		line := container.New(lay)
		for j := range r.headers {
			text := ""
			if j < len(row) {
				text = row[j]
			}
			line.Add(NewText(text))
		}
		if lay.tail > 0 {
			buttons := container.New(&rowLayout{gap: 0})
			if r.OnEdit != nil {
				buttons.Add(NewQuiet("编辑", func() { r.OnEdit(i) }).Small())
			}
			if r.OnDelete != nil {
				buttons.Add(NewQuiet("删除", func() { r.OnDelete(i) }).Small())
			}
			line.Add(buttons)
		}
		column.Add(inset(line, theme.Space, 5))
		if i < len(rows)-1 {
			column.Add(Rule())
		}
	}
	if len(rows) == 0 {
		column.Add(inset(container.NewCenter(NewMuted("暂无数据")), theme.Space, theme.Space))
	}
	frame := canvas.NewRectangle(theme.Paint(theme.ColorCard))
	frame.CornerRadius, frame.StrokeWidth, frame.StrokeColor = theme.Radius, 1, theme.Paint(theme.ColorLine)
	r.table.Objects = []fyne.CanvasObject{frame, column}
	r.table.Refresh()
}

// Disable hides what changes rows.
func (r *Records) Disable() {
	r.OnEdit, r.OnDelete = nil, nil
	if r.add != nil {
		r.add.Hide()
	}
	r.SetRows(r.rows)
}

// tableLayout shares the width by weights and keeps tail for the buttons.
type tableLayout struct {
	weights []float32
	columns int
	tail    float32
}

func (l *tableLayout) widths(width float32) []float32 {
	out := make([]float32, l.columns)
	var total float32
	for i := range out {
		out[i] = 1
		if i < len(l.weights) {
			out[i] = l.weights[i]
		}
		total += out[i]
	}
	room := width - l.tail - float32(l.columns-1)*theme.Gap
	if l.tail > 0 {
		room -= theme.Gap
	}
	for i := range out {
		out[i] = max(room*out[i]/total, 1)
	}
	return out
}

func (l *tableLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	var h float32
	for _, c := range o {
		h = max(h, c.MinSize().Height)
	}
	return fyne.NewSize(float32(l.columns)*60+l.tail, max(h, theme.Size(theme.SizeBody)*1.5))
}

func (l *tableLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	x := float32(0)
	for i, w := range l.widths(size.Width) {
		if i >= len(o) {
			return
		}
		h := o[i].MinSize().Height
		o[i].Move(fyne.NewPos(x, (size.Height-h)/2))
		o[i].Resize(fyne.NewSize(w, h))
		x += w + theme.Gap
	}
	if len(o) > l.columns {
		b := o[l.columns]
		h := b.MinSize().Height
		b.Move(fyne.NewPos(x, (size.Height-h)/2))
		b.Resize(fyne.NewSize(l.tail, h))
	}
}
