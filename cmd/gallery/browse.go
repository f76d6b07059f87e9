package main

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/container"

	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// browse opens a window with the list of exhibits at the left, found by name or title, and the chosen one beside it.
func browse(list []part.Exhibit, contrast bool) {
	a := app.NewWithID("cn.dingkao.gallery")
	theme.Install(a, theme.Options{HighContrast: contrast})
	if err := theme.Speak("zh"); err != nil {
		fyne.LogError("words", err)
	}
	nav := shell.NewNav()
	stage := container.NewStack(part.NewEmpty("界面陈列", "从左边选择一个界面。"))
	w := shell.NewWindow(a, "界面陈列", fyne.NewSize(1500, 860), nav)
	table := part.NewDataTable([]part.Column{{Title: fmt.Sprintf("共 %d 个界面", len(list))}}, false)
	seen := list
	fill := func(query string) {
		seen = exhibitsLike(list, query)
		table.SetRows(len(seen), func(i int) []part.Cell { return []part.Cell{{Text: seen[i].Title}} })
	}
	table.OnOpen = func(i int) {
		part.CloseDialogs(w.Canvas())
		stage.Objects = []fyne.CanvasObject{seen[i].Build()}
		stage.Refresh()
		if then := seen[i].Then; then != nil {
			shell.Do(func() { then(w.Canvas()) })
		}
	}
	search := part.NewSearchBox("名称", nil)
	search.Entry.OnChanged = fill
	fill("")
	nav.Show(shell.PageFunc(func(*shell.Life) fyne.CanvasObject {
		left := part.Pad(container.NewBorder(part.Rows(search, part.Space(1)), nil, nil, nil, table))
		return container.NewBorder(nil, nil, part.Sized(260, 0, left), nil, stage)
	}))
	w.ShowAndRun()
}
