package terminal

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// followEvery is how often a page looks where the keyboard stands.
const followEvery = 120 * time.Millisecond

// follower answers what to call now and then: when the keyboard went elsewhere, it
// scrolls there. The toolkit does not, so that Tab would lead out of sight.
func follower(scroll func() *container.Scroll) func(fyne.Canvas) {
	var last fyne.Focusable
	return func(c fyne.Canvas) {
		s := scroll()
		if c == nil || s == nil || c.Focused() == last {
			return
		}
		last = c.Focused()
		if o, ok := last.(fyne.CanvasObject); ok {
			scrollTo(s, o)
		}
	}
}

// scrollTo moves the scroll so that o, which lies in it, is seen.
func scrollTo(s *container.Scroll, o fyne.CanvasObject) {
	d := fyne.CurrentApp().Driver()
	at, zero := d.AbsolutePositionForObject(o), d.AbsolutePositionForObject(s)
	if at.X < zero.X || at.X > zero.X+s.Size().Width || !within(s.Content, o) {
		return
	}
	top, height := at.Y-zero.Y, o.Size().Height
	const air = 30
	switch {
	case top < air:
		s.ScrollToOffset(fyne.NewPos(0, max(s.Offset.Y+top-air, 0)))
	case top+height > s.Size().Height-air:
		s.ScrollToOffset(fyne.NewPos(0, s.Offset.Y+top+height-s.Size().Height+air))
	}
}

// within says whether o is drawn somewhere inside tree: by its place, because the
// toolkit does not know its parents.
func within(tree, o fyne.CanvasObject) bool {
	d := fyne.CurrentApp().Driver()
	at, zero := d.AbsolutePositionForObject(o), d.AbsolutePositionForObject(tree)
	return at.Y >= zero.Y-1 && at.Y <= zero.Y+tree.Size().Height+1
}
