package part

import (
	"image/color"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"dingkao/ui/theme"
)

// Dialog stands above a window until it is answered. Escape cancels, Enter answers with the main button
// unless the cursor stands in something that wants Enter itself.
type Dialog struct {
	// OnClosed is called once, however the dialog was closed.
	OnClosed func()
	popup    *widget.PopUp
	canvas   fyne.Canvas
	before   func(*fyne.KeyEvent)
	fault    *Text
	line     *fyne.Container
	main     *Button
	body     *fyne.Container
	width    float32
	shut     bool
}

// ShowDialog shows content under a title, with buttons at the lower right. main is pressed by Enter, cancel
// is called by Escape; both may be nil.
func ShowDialog(c fyne.Canvas, title string, width float32, content fyne.CanvasObject, main *Button, cancel func(), others ...fyne.CanvasObject) *Dialog {
	d := &Dialog{canvas: c, main: main, width: width}
	d.fault = NewText("").Styled(theme.SizeBody, theme.Bad.Ink(), false)
	d.line = Lead(NewGlyph("bad", theme.Bad.Ink(), 16), d.fault)
	d.line.Hide()
	buttons := others
	if main != nil {
		buttons = append(buttons, main)
	}
	head := Ends(NewHeading(title), newCross(func() {
		if cancel != nil {
			cancel()
		} else {
			d.Close()
		}
	}))
	room := c.Size()
	scroll := container.NewVScroll(Top(inset(content, 4, 4)))
	body := container.New(&dialogLayout{room: room, width: width}, inset(head, 4, 0), Rule(), scroll, d.line, inset(Ends(nothing(), buttons...), 4, 4))
	d.body = body
	shown = append(shown, d)
	d.popup = widget.NewModalPopUp(inset(body, theme.Space, theme.Space-4), c)
	d.before = c.OnTypedKey()
	c.SetOnTypedKey(func(k *fyne.KeyEvent) {
		switch k.Name {
		case fyne.KeyEscape:
			if cancel != nil {
				cancel()
			} else {
				d.Close()
			}
		case fyne.KeyReturn, fyne.KeyEnter:
			if main != nil && !main.Disabled() {
				main.Tapped(nil)
			}
		}
	})
	d.popup.Show()
	d.popup.Resize(d.popup.MinSize())
	if main != nil {
		c.Focus(main)
	}
	return d
}

// CloseDialogs takes away everything that stands above a window: dialogs, newest first, without an answer, and
// open lists. It is for leaving the pages they belong to, such as at the end of a session.
func CloseDialogs(c fyne.Canvas) {
	for i := len(shown) - 1; i >= 0; i-- {
		if d := shown[i]; d.canvas == c {
			d.Close()
			i = len(shown)
		}
	}
	for o := c.Overlays().Top(); o != nil; o = c.Overlays().Top() {
		c.Overlays().Remove(o)
	}
}

// newCross closes a dialog by mouse; the keyboard has Escape, and so Tab does not stop there.
func newCross(act func()) fyne.CanvasObject {
	x := &cross{}
	x.self, x.act = x, act
	x.ExtendBaseWidget(x)
	return x
}

type cross struct{ hot }

func (x *cross) CreateRenderer() fyne.WidgetRenderer {
	back := canvas.NewRectangle(color.Transparent)
	back.CornerRadius = theme.Radius
	x.paint = func() {
		back.FillColor = color.Transparent
		if x.hovered {
			back.FillColor = theme.Paint(theme.ColorWash)
		}
		back.Refresh()
	}
	return widget.NewSimpleRenderer(container.NewStack(back, inset(NewGlyph("close", theme.ColorInkMuted, 18), 5, 5)))
}

// FocusOn gives the keyboard to a control of the dialog.
func (d *Dialog) FocusOn(o fyne.Focusable) *Dialog {
	d.canvas.Focus(o)
	return d
}

// SetError says above the buttons why the dialog can't be answered yet; "" takes it back.
func (d *Dialog) SetError(fault string) {
	d.fault.SetText(fault)
	if fault == "" {
		d.line.Hide()
	} else {
		d.line.Show()
	}
	d.popup.Content.Refresh()
	d.popup.Resize(d.popup.MinSize())
}

// SetBusy keeps the main button from being pressed while the answer is worked on.
func (d *Dialog) SetBusy(busy bool) {
	if d.main != nil {
		d.main.SetBusy(busy)
	}
}

// Close takes the dialog away. Closing twice is harmless.
func (d *Dialog) Close() {
	if d.shut {
		return
	}
	d.shut = true
	shown = slices.DeleteFunc(shown, func(o *Dialog) bool { return o == d })
	d.popup.Hide()
	d.canvas.SetOnTypedKey(d.before)
	if d.OnClosed != nil {
		d.OnClosed()
	}
}

// dialogLayout stacks head, rule, scrolled content, error line and buttons, as high as the content and at
// most as high as the window.
type dialogLayout struct {
	room  fyne.Size
	width float32
}

func (l *dialogLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	w := min(l.width, l.room.Width-2*theme.Margin)
	inner := o[2].(*container.Scroll).Content
	if inner.Size().Width != w {
		inner.Resize(fyne.NewSize(w, inner.MinSize().Height))
	}
	var rest float32
	for i, c := range o {
		if i != 2 && c.Visible() {
			rest += c.MinSize().Height + theme.Gap
		}
	}
	h := min(inner.MinSize().Height, max(l.room.Height-rest-4*theme.Margin, 120))
	return fyne.NewSize(w, rest+h)
}

func (l *dialogLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	var rest float32
	for i, c := range o {
		if i != 2 && c.Visible() {
			rest += c.MinSize().Height + theme.Gap
		}
	}
	y := float32(0)
	for i, c := range o {
		if !c.Visible() {
			continue
		}
		h := c.MinSize().Height
		if i == 2 {
			h = size.Height - rest
		}
		c.Move(fyne.NewPos(0, y))
		c.Resize(fyne.NewSize(size.Width, h))
		y += h + theme.Gap
	}
}

// Confirm asks a question. done is told the answer; Escape and the cross mean no.
func Confirm(c fyne.Canvas, title, text, yes, no string, done func(bool)) *Dialog {
	return confirm(c, title, text, NewPrimary(yes, nil), no, done)
}

// ConfirmDanger asks before something that can't be taken back.
func ConfirmDanger(c fyne.Canvas, title, text, yes, no string, done func(bool)) *Dialog {
	return confirm(c, title, text, NewDanger(yes, nil), no, done)
}

func confirm(c fyne.Canvas, title, text string, yes *Button, no string, done func(bool)) *Dialog {
	var d *Dialog
	answer := func(v bool) {
		d.Close()
		if done != nil {
			done(v)
		}
	}
	yes.OnTapped(func() { answer(true) })
	refuse := func() { answer(false) }
	cancel := NewSecondary(no, refuse)
	d = ShowDialog(c, title, 440, NewText(text), yes, refuse, cancel)
	if yes.kind == danger {
		c.Focus(cancel) // Enter must not destroy by habit
	}
	return d
}

// Tell says something that must be read. done may be nil.
func Tell(c fyne.Canvas, title, text string, done func()) *Dialog {
	var d *Dialog
	ok := NewPrimary("知道了", func() { d.Close() })
	d = ShowDialog(c, title, 440, NewText(text), ok, nil)
	d.OnClosed = done
	return d
}

// ShowForm shows something to fill in. save is called by the main button; it may answer at once, with
// Close or SetError, or later.
func ShowForm(c fyne.Canvas, title string, width float32, content fyne.CanvasObject, yes string, save func(d *Dialog)) *Dialog {
	var d *Dialog
	main := NewPrimary(yes, func() { save(d) })
	d = ShowDialog(c, title, width, content, main, nil, NewSecondary("取消", func() { d.Close() }))
	c.Unfocus()
	c.FocusNext() // the first thing to fill in
	return d
}

// AskReason asks for a reason of at most most characters; done is told it when it is not empty.
func AskReason(c fyne.Canvas, title, prompt, yes string, most int, done func(reason string)) *Dialog {
	area := NewArea("请写明原因", 5, most)
	d := ShowForm(c, title, 520, tight(theme.Gap, NewText(prompt), area), yes, func(d *Dialog) {
		if isBlank(area.Text()) {
			d.SetError("请先写明原因，对方会看到这段文字。")
			return
		}
		d.Close()
		done(area.Text())
	})
	return d.FocusOn(area.Entry)
}

func isBlank(s string) bool {
	for _, r := range s {
		if r != ' ' && r != '\n' && r != '\t' && r != '\u3000' {
			return false
		}
	}
	return true
}
