package part

import "fyne.io/fyne/v2"

// Exhibit is a screen in one state, to be looked at in the gallery without server or camera.
type Exhibit struct {
	// Name is the file's name: small letters and hyphens, the room first, such as "terminal-enrol-1-empty".
	Name string
	// Title says in Chinese what is seen.
	Title string
	// Size is the size of the window; zero is 1280 by 800.
	Size fyne.Size
	// Build makes the screen.
	Build func() fyne.CanvasObject
	// Then, if not nil, is called once the screen is shown: to open a dialog or a list.
	Then func(c fyne.Canvas)
}
