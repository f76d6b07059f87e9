package terminal

import (
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

// stack puts things below each other with that gap.
func stack(gap float32, objects ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(gap), objects...)
}

// bigMark is the sign of a tone on a disc, for pages that say one thing.
func bigMark(tone theme.Tone) fyne.CanvasObject {
	disc := canvas.NewCircle(theme.Paint(tone.Soft()))
	return container.NewStack(disc, inset(part.NewGlyph(tone.Glyph(), tone.Ink(), 40), 20, 20))
}

// narrow keeps something at exactly that width, so that what wraps in it knows how
// wide it is before it is laid out.
func narrow(width float32, o fyne.CanvasObject) *fyne.Container {
	return container.New(narrowLayout(width), o)
}

type narrowLayout float32

func (w narrowLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(float32(w), o[0].MinSize().Height)
}

func (w narrowLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(float32(w), size.Height))
}
