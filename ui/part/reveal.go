package part

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"dingkao/ui/theme"
)

// inner is what our composite widgets are made of, so that reveal can look inside.
type inner interface{ inside() fyne.CanvasObject }

func (b *box) inside() fyne.CanvasObject { return b.root }

// shown are the dialogs that stand above a window, the newest last. Only Fyne's goroutine touches it.
var shown []*Dialog

// reveal scrolls what has just got the keyboard into view. Fyne moves the keyboard with Tab but leaves the
// scroll where it is, so that one would type into something out of sight.
func reveal(o fyne.CanvasObject) {
	scroll := pageOf(o)
	if scroll == nil {
		return
	}
	driver := fyne.CurrentApp().Driver()
	const room = 3 * theme.Space // a label above, a hint or an error below
	top := driver.AbsolutePositionForObject(o).Y - driver.AbsolutePositionForObject(scroll).Y
	bottom := top + o.Size().Height - scroll.Size().Height
	if top >= 0 && bottom <= 0 {
		return // in sight: what was just clicked must not move away from under the mouse
	}
	top, bottom = top-room, bottom+room
	offset := scroll.Offset
	switch {
	case top < 0:
		if offset.Y += top; offset.Y < 2*room {
			offset.Y = 0 // near the top one wants to see the head too
		}
	case bottom > 0:
		offset.Y += min(bottom, top)
	default:
		return
	}
	offset.Y = min(max(offset.Y, 0), max(scroll.Content.Size().Height-scroll.Size().Height, 0))
	scroll.ScrollToOffset(offset)
}

// pageOf is the scroll that an object stands in, of the page or of the newest dialog above it; nil when there is
// none.
func pageOf(o fyne.CanvasObject) *container.Scroll {
	c := CanvasOf(o)
	if c == nil {
		return nil
	}
	root := c.Content()
	for _, d := range shown {
		if d.canvas == c {
			root = d.body
		}
	}
	return scrollAround(root, o)
}

// scrollAround is the innermost scroll that holds wanted, looking through containers, scrolls and our own
// widgets; nil when there is none.
func scrollAround(root, wanted fyne.CanvasObject) *container.Scroll {
	var found *container.Scroll
	var look func(o fyne.CanvasObject, around *container.Scroll) bool
	look = func(o fyne.CanvasObject, around *container.Scroll) bool {
		if o == wanted {
			found = around
			return true
		}
		switch o := o.(type) {
		case *fyne.Container:
			for _, c := range o.Objects {
				if c.Visible() && look(c, around) {
					return true
				}
			}
		case *container.Scroll:
			return look(o.Content, o)
		case inner:
			return look(o.inside(), around)
		}
		return false
	}
	look(root, nil)
	return found
}
