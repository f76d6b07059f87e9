package shell

import (
	"fyne.io/fyne/v2"

	"dingkao/ui/theme"
)

// NewWindow makes the main window of a program: title, icon, size, and nav as its content. Closing it asks
// the present page first, then ends it, then closes.
func NewWindow(app fyne.App, title string, size fyne.Size, nav *Nav) fyne.Window {
	w := app.NewWindow(title)
	w.SetMaster()
	w.SetIcon(theme.Icon())
	w.SetPadded(false)
	w.SetContent(nav.Object())
	w.Resize(size)
	w.CenterOnScreen()
	w.SetCloseIntercept(func() {
		nav.Leave(func() {
			nav.Close()
			w.Close()
		})
	})
	return w
}
