package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"dingkao/ui/theme"
)

// NewBar is a thin bar that is filled up to share, from 0 to 1: how far one has come.
func NewBar(share float32, ink fyne.ThemeColorName) fyne.CanvasObject {
	back, front := canvas.NewRectangle(theme.Paint(theme.ColorLine)), canvas.NewRectangle(theme.Paint(ink))
	back.CornerRadius, front.CornerRadius = barHeight/2, barHeight/2
	return &fyne.Container{Layout: barLayout(min(max(share, 0), 1)), Objects: []fyne.CanvasObject{back, front}}
}

const barHeight float32 = 8

type barLayout float32

func (barLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(60, barHeight) }

func (l barLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	at := fyne.NewPos(0, (size.Height-barHeight)/2)
	o[0].Move(at)
	o[0].Resize(fyne.NewSize(size.Width, barHeight))
	wide := size.Width * float32(l)
	if l > 0 {
		wide = max(wide, barHeight) // a little is seen as a little
	}
	o[1].Move(at)
	o[1].Resize(fyne.NewSize(wide, barHeight))
}
