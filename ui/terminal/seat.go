package terminal

import (
	"context"
	"image"
	"sync/atomic"

	"fyne.io/fyne/v2"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// seat is one doctor signed in, as the pages share it: the session, the frame
// around the pages, and what a page must not lose when it is left.
type seat struct {
	session Session
	desktop Desktop
	about   exam.About
	today   func() exam.Date
	frame   *shell.Frame
	// outer shows the frame, or in its place a sitting: the paper stands alone.
	outer *shell.Nav
	// life lasts as long as the session, so that a save goes on when its page is left.
	life *shell.Life
	// reason is what was typed as the reason of a correction.
	reason string
	// appeal and exempt are what was typed and uploaded for a request that is not sent yet.
	appeal string
	exempt exemptionDraft
	// drop takes a file that was dropped on the window; nil: nothing on this page does.
	drop func(path string)
	// offline says that the doctor entered without the registry.
	offline bool
	// shown is the photograph in the menu.
	shown exam.BlobHash
	// step is where the doctor was in the six steps; "" before.
	step application.Step
	// zoom is how far questions are magnified, in percent; 0 for not at all.
	zoom int
}

// watch calls f on Fyne's goroutine after changes, until the life ends. Many
// changes at once are one call.
func (s *seat) watch(life *shell.Life, f func()) {
	var waiting atomic.Bool
	stop := s.session.Watch(func() {
		if waiting.Swap(true) {
			return
		}
		shell.Do(func() {
			waiting.Store(false)
			if !life.Over() {
				f()
			}
		})
	})
	life.OnEnd(stop)
}

// job does work that goes on when the page is left; then is called only while life lasts.
func (s *seat) job(life *shell.Life, busy shell.Busy, work func(context.Context) error, then func(error)) {
	if busy != nil {
		busy.SetBusy(true)
	}
	shell.Job(s.life, func(ctx context.Context) (struct{}, error) { return struct{}{}, work(ctx) }, func(_ struct{}, err error) {
		if life.Over() {
			return
		}
		if busy != nil {
			busy.SetBusy(false)
		}
		then(err)
	})
}

// bench makes what the step pages work on. root is any object of the page.
func (s *seat) bench(life *shell.Life, root fyne.CanvasObject, form application.Form, changed func(application.Step)) *bench {
	e := s.session.Enrolment()
	b := &bench{
		doctor: e.Doctor, institution: e.Institution.Name, cycle: e.Cycle,
		form: form, today: s.today, doors: s.session, desktop: s.desktop,
		canvas: func() fyne.Canvas { return part.CanvasOf(root) },
		window: func() fyne.Window { return windowOf(root) },
		seen:   map[exam.BlobHash]image.Image{},
		run: func(work func(context.Context) error, then func(error)) {
			shell.Job(life, func(ctx context.Context) (struct{}, error) { return struct{}{}, work(ctx) },
				func(_ struct{}, err error) { then(err) })
		},
		changed: changed,
		toast:   s.toast,
	}
	s.drop = func(path string) {
		if b.drop != nil {
			b.drop(path)
		}
	}
	life.OnEnd(func() { s.drop = nil })
	return b
}

func (s *seat) toast(tone part.Tone, text string) {
	if s.frame != nil {
		s.frame.Toast(tone, text)
	}
}

// saved says at the lower right how what was typed is kept.
func (s *seat) saved(text string, tone theme.Tone) {
	if s.frame != nil {
		s.frame.SetSaved(text, tone)
	}
}

func (s *seat) goTo(p pageID) {
	if s.frame != nil {
		s.frame.Go(string(p))
	}
}
