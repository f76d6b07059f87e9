package main

import (
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// draw writes a picture of each exhibit. Background work of a screen happens at once, and time stands still.
func draw(dir string, list []part.Exhibit, contrast bool) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	app := test.NewApp()
	defer app.Quit()
	theme.Install(app, theme.Options{HighContrast: contrast})
	if err := theme.Speak("zh"); err != nil {
		return err
	}
	defer shell.Use(&shell.Inline{})()
	seen := map[string]bool{}
	for _, e := range list {
		if seen[e.Name] {
			return fmt.Errorf("two exhibits are named %s", e.Name)
		}
		seen[e.Name] = true
		f, err := os.Create(filepath.Join(dir, e.Name+".png"))
		if err != nil {
			return err
		}
		if err := png.Encode(f, picture(e)); err != nil {
			f.Close()
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	fmt.Printf("%d pictures in %s\n", len(list), dir)
	return nil
}

func picture(e part.Exhibit) image.Image {
	w := test.NewWindow(nil)
	defer w.Close()
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
	return w.Canvas().Capture()
}

// settle does what a real canvas does frame by frame: lays out again until nothing changes any more. The
// height of wrapped text follows its width, so one pass is not enough.
func settle(c fyne.Canvas) {
	var before float32
	for range 8 {
		sum := relayout(c.Content())
		for _, o := range c.Overlays().List() {
			sum += relayout(o)
		}
		if sum == before {
			return
		}
		before = sum
	}
}

// relayout lays out everything below o once, and answers a sum over all places and sizes.
func relayout(o fyne.CanvasObject) float32 {
	if o == nil || !o.Visible() {
		return 0
	}
	sum := o.Position().X + 3*o.Position().Y + 5*o.Size().Width + 7*o.Size().Height
	switch o := o.(type) {
	case *fyne.Container:
		if o.Layout != nil {
			o.Layout.Layout(o.Objects, o.Size())
		}
		for _, c := range o.Objects {
			sum += relayout(c)
		}
	case fyne.Widget:
		r := test.WidgetRenderer(o)
		r.Layout(o.Size())
		for _, c := range r.Objects() {
			sum += relayout(c)
		}
	}
	return sum
}
