//go:build journey

package outline

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"reflect"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
)

// Item is one thing on the screen. Places and sizes are in pixels of the window.
type Item struct {
	Kind       string  `json:"kind"` // the type, without its package
	Text       string  `json:"text,omitempty"`
	Hint       string  `json:"hint,omitempty"` // an entry's placeholder
	X, Y, W, H float32 `json:",omitempty"`
	Shown      bool    `json:"shown"` // its middle is within what scrolls and the window
	Focused    bool    `json:"focused,omitempty"`
	Disabled   bool    `json:"disabled,omitempty"`
	Checked    bool    `json:"checked,omitempty"`
	Layer      int     `json:"layer,omitempty"` // 0: the page; 1 and more: dialogs and lists above it
}

// Listen answers every connection to the socket in DINGKAO_OUTLINE with one
// line of JSON: the items of every window's canvas, in drawing order. Without
// the variable it does nothing.
func Listen() {
	path := os.Getenv("DINGKAO_OUTLINE")
	if path == "" {
		return
	}
	_ = os.Remove(path)
	l, err := net.Listen("unix", path)
	if err != nil {
		fmt.Fprintln(os.Stderr, "outline:", err)
		return
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			var items []Item
			fyne.DoAndWait(func() { items = collect() })
			_ = json.NewEncoder(c).Encode(items)
			_ = c.Close()
		}
	}()
}

func collect() []Item {
	var items []Item
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		c := w.Canvas()
		size := c.Size()
		view := rect{0, 0, size.Width, size.Height}
		k := walker{scale: c.Scale(), focused: c.Focused(), items: &items}
		k.walk(c.Content(), fyne.Position{}, view)
		for _, o := range c.Overlays().List() {
			k.layer++
			k.walk(o, fyne.Position{}, view)
		}
	}
	return items
}

type rect struct{ x1, y1, x2, y2 float32 }

func (r rect) cut(s rect) rect {
	return rect{max(r.x1, s.x1), max(r.y1, s.y1), min(r.x2, s.x2), min(r.y2, s.y2)}
}

func (r rect) holds(x, y float32) bool { return x > r.x1 && x < r.x2 && y > r.y1+4 && y < r.y2-4 }

type walker struct {
	scale   float32
	focused fyne.Focusable
	layer   int
	items   *[]Item
}

func (k walker) walk(o fyne.CanvasObject, at fyne.Position, view rect) {
	if o == nil || !o.Visible() {
		return
	}
	pos := at.Add(o.Position())
	size := o.Size()
	box := rect{pos.X, pos.Y, pos.X + size.Width, pos.Y + size.Height}
	seen := view.cut(box)
	it := Item{Kind: kind(o), X: pos.X * k.scale, Y: pos.Y * k.scale, W: size.Width * k.scale, H: size.Height * k.scale,
		Shown: view.holds((box.x1+box.x2)/2, (box.y1+box.y2)/2), Layer: k.layer}
	v := reflect.ValueOf(o)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() == reflect.Struct {
		it.Text = text(v, "Text")
		it.Hint = text(v, "PlaceHolder")
		if f := v.FieldByName("Checked"); f.IsValid() && f.Kind() == reflect.Bool {
			it.Checked = f.Bool()
		}
	}
	if t, ok := o.(*canvas.Text); ok {
		it.Text = t.Text
	}
	if l, ok := o.(interface{ Text() string }); ok && it.Text == "" {
		it.Text = l.Text()
	}
	if l, ok := o.(interface{ Label() string }); ok && it.Text == "" {
		it.Text = l.Label()
	}
	if a, ok := o.(fyne.Accessible); ok && it.Text == "" && a.AccessibilityRole() != fyne.AccessibleRoleContainer {
		it.Text = a.AccessibilityLabel()
	}
	if d, ok := o.(fyne.Disableable); ok {
		it.Disabled = d.Disabled()
	}
	if f, ok := o.(fyne.Focusable); ok {
		it.Focused = k.focused != nil && f == k.focused
	}
	_, isWidget := o.(fyne.Widget)
	if it.Text != "" || it.Hint != "" || isWidget {
		*k.items = append(*k.items, it)
	}
	inner := view
	if strings.Contains(it.Kind, "Scroll") || it.Kind == "Clip" || it.Kind == "Entry" || it.Kind == "List" || it.Kind == "Table" {
		inner = seen
	}
	switch c := o.(type) {
	case *fyne.Container:
		for _, child := range c.Objects {
			k.walk(child, pos, inner)
		}
	case fyne.Widget:
		for _, child := range test.WidgetRenderer(c).Objects() {
			k.walk(child, pos, inner)
		}
	}
}

func kind(o fyne.CanvasObject) string {
	s := fmt.Sprintf("%T", o)
	return s[strings.LastIndexByte(s, '.')+1:]
}

func text(v reflect.Value, name string) string {
	if f := v.FieldByName(name); f.IsValid() && f.Kind() == reflect.String {
		return f.String()
	}
	return ""
}
