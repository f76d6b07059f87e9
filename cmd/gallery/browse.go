package main

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"

	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// browse opens a window with the list of exhibits at the left and the chosen one beside it.
func browse(list []part.Exhibit, contrast bool) {
	a := app.NewWithID("cn.dingkao.gallery")
	theme.Install(a, theme.Options{HighContrast: contrast})
	if err := theme.Speak("zh"); err != nil {
		fyne.LogError("words", err)
	}
	nav := shell.NewNav()
	stage := container.NewStack()
	w := shell.NewWindow(a, "界面陈列", fyne.NewSize(1500, 860), nav)
	entries := part.Rows()
	var marked *part.MenuEntry
	show := func(e part.Exhibit, m *part.MenuEntry) {
		if marked != nil {
			marked.SetChosen(false)
		}
		marked = m
		m.SetChosen(true)
		stage.Objects = []fyne.CanvasObject{e.Build()}
		stage.Refresh()
		if e.Then != nil {
			shell.Do(func() { e.Then(w.Canvas()) })
		}
	}
	for _, e := range list {
		var m *part.MenuEntry
		m = part.NewMenuEntry(e.Title, "eye", func() { show(e, m) })
		entries.Add(m)
	}
	nav.Show(shell.PageFunc(func(*shell.Life) fyne.CanvasObject {
		return container.NewBorder(nil, nil, part.Sized(240, 0, container.NewVScroll(part.Pad(entries))), nil, stage)
	}))
	w.ShowAndRun()
}
