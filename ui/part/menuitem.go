package part

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"dingkao/ui/theme"
)

// MenuEntry is one line of a side menu: a drawing, a name, a badge.
type MenuEntry struct {
	press
	name, glyph string
	chosen      bool
	badge       *Chip
}

// NewMenuEntry makes one that is not chosen.
func NewMenuEntry(name, glyph string, act func()) *MenuEntry {
	m := &MenuEntry{name: name, glyph: glyph, badge: NewChip("", Bad)}
	m.badge.Hide()
	m.become(m, act)
	return m
}

// SetChosen marks it as the one that is open.
func (m *MenuEntry) SetChosen(on bool) { m.chosen = on; m.repaint() }

// Chosen tells whether it is the one that is open.
func (m *MenuEntry) Chosen() bool { return m.chosen }

// SetBadge puts a short text behind the name; "" removes it.
func (m *MenuEntry) SetBadge(text string) {
	if text == "" {
		m.badge.Hide()
	} else {
		m.badge.Set(text, Warn)
		m.badge.Show()
	}
}

// CreateRenderer draws the line.
func (m *MenuEntry) CreateRenderer() fyne.WidgetRenderer {
	back, bar := canvas.NewRectangle(color.Transparent), canvas.NewRectangle(color.Transparent)
	back.CornerRadius, bar.CornerRadius = theme.Radius, 2
	icon := canvas.NewImageFromResource(theme.Glyph(orInfo(m.glyph), theme.ColorMenuInk))
	icon.FillMode = canvas.ImageFillContain
	icon.SetMinSize(fyne.NewSquareSize(20))
	label := NewLine(m.name, theme.SizeBody, theme.ColorMenuInk, false)
	m.paint = func() {
		ink := theme.ColorMenuInk
		back.FillColor, bar.FillColor = color.Transparent, color.Transparent
		if m.hovered {
			back.FillColor = theme.Paint(theme.ColorSoft)
		}
		if m.chosen {
			ink = theme.ColorPrimary
			back.FillColor, bar.FillColor = theme.Paint(theme.ColorMenuChosen), theme.Paint(theme.ColorPrimary)
		}
		label.Color, label.TextStyle.Bold = theme.Paint(ink), m.chosen
		icon.Resource = theme.Glyph(orInfo(m.glyph), ink)
		for _, o := range []fyne.CanvasObject{back, bar, icon, label} {
			o.Refresh()
		}
	}
	m.paint()
	line := container.NewBorder(nil, nil, Sized(4, 0, inset(bar, 0, 8)), nil, inset(Ends(Row(icon, label), m.badge), theme.Gap+4, 0))
	return widget.NewSimpleRenderer(container.New(&ringed{min: fyne.NewSize(120, 40)}, m.newRing(theme.Radius+2), back, line))
}

func orInfo(glyph string) string {
	if glyph == "" {
		return "info"
	}
	return glyph
}
