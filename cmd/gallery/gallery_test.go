package main

import (
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

func TestPicturesAreWrittenWithoutADisplay(t *testing.T) {
	dir := t.TempDir()
	list := exhibits("widgets-home")
	if len(list) != 1 {
		t.Fatalf("%d exhibits begin with widgets-home", len(list))
	}
	if err := draw(dir, list, false); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "widgets-home.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, err := png.Decode(f)
	if err != nil || img.Bounds().Dx() != 1280 || img.Bounds().Dy() != 800 {
		t.Fatalf("%v, %v", img.Bounds(), err)
	}
}

func TestNamesAreUnique(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range exhibits("") {
		if e.Name == "" || e.Title == "" || seen[e.Name] {
			t.Errorf("bad or doubled name %q", e.Name)
		}
		seen[e.Name] = true
	}
}

func TestExhibitsAreFoundByNameAndTitle(t *testing.T) {
	list := exhibits("widgets")
	if n := len(exhibitsLike(list, "日历")); n != 1 {
		t.Errorf("日历 finds %d", n)
	}
	if n := len(exhibitsLike(list, "widgets-enrol")); n != 2 {
		t.Errorf("widgets-enrol finds %d", n)
	}
	if n := len(exhibitsLike(list, "")); n != len(list) {
		t.Errorf("nothing finds %d of %d", n, len(list))
	}
}

// A single line of text that got less room than it needs runs over its neighbour or out of the window.
func TestNoTextIsCutOff(t *testing.T) {
	app := test.NewTempApp(t)
	theme.Install(app, theme.Options{})
	defer shell.Use(&shell.Inline{})()
	for _, e := range exhibits("") {
		w := test.NewWindow(nil)
		w.SetPadded(false)
		size := e.Size
		if size.IsZero() {
			size = fyne.NewSize(1280, 800)
		}
		w.SetContent(e.Build())
		w.Resize(size)
		settle(w.Canvas())
		if e.Then != nil {
			e.Then(w.Canvas())
			settle(w.Canvas())
		}
		check := func(o fyne.CanvasObject) {
			if text, ok := o.(*canvas.Text); ok && text.Text != "" && text.Size().Width < text.MinSize().Width-1 {
				t.Errorf("%s: %q has %.0f of %.0f", e.Name, text.Text, text.Size().Width, text.MinSize().Width)
			}
		}
		each(w.Content(), check)
		for _, o := range w.Canvas().Overlays().List() {
			each(o, check)
		}
		w.Close()
	}
}

func each(o fyne.CanvasObject, f func(fyne.CanvasObject)) {
	if o == nil || !o.Visible() {
		return
	}
	f(o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			each(c, f)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			each(c, f)
		}
	}
}
