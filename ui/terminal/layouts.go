package terminal

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"dingkao/ui/part"
	"dingkao/ui/theme"
)

// inset leaves room left and right, and above and below.
func inset(o fyne.CanvasObject, x, y float32) *fyne.Container {
	return container.New(layout.NewCustomPaddedLayout(y, y, x, x), o)
}

// bigMark is the sign of a tone on a disc, for pages that say one thing.
func bigMark(tone theme.Tone) fyne.CanvasObject {
	disc := canvas.NewCircle(theme.Paint(tone.Soft()))
	return container.NewStack(disc, inset(part.NewGlyph(tone.Glyph(), tone.Ink(), 40), 20, 20))
}

// painted is a surface of one colour with round corners.
func painted(name fyne.ThemeColorName) *canvas.Rectangle {
	r := canvas.NewRectangle(theme.Paint(name))
	r.CornerRadius = theme.Radius
	return r
}

// clear is nothing, where a layout wants something.
func clear() fyne.CanvasObject { return canvas.NewRectangle(color.Transparent) }
