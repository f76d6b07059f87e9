// Package shell is what the screens stand in: the window, the frame around a signed-in person's pages, the
// way from page to page, and the one door back to Fyne's goroutine.
//
// It promises three things. Nobody else calls fyne.Do: work in the background ends in Do, Job or After
// here, and a test puts in a runner that does everything at once. What a page opened or subscribed while
// it was shown is closed when it is left, because it hangs on the page's Life. A page that has something
// unsaved can veto that it is left. The shell decides nothing and knows no page.
package shell

import (
	"context"
	"sync"
	"time"

	"fyne.io/fyne/v2"
)

// Runner is where work is done. The zero program uses Live.
type Runner interface {
	// Do runs f on Fyne's goroutine, soon; it does not wait.
	Do(f func())
	// Go runs f elsewhere.
	Go(f func())
	// After runs f on Fyne's goroutine once d has passed, unless stop is called before.
	After(d time.Duration, f func()) (stop func())
}

// Live is the runner of a real program.
type Live struct{}

// Do hands f to Fyne.
func (Live) Do(f func()) { fyne.Do(f) }

// Go starts a goroutine.
func (Live) Go(f func()) { go f() }

// After uses the PC's clock. A stop on Fyne's goroutine is final, even when the time has just passed.
func (Live) After(d time.Duration, f func()) func() {
	stopped := false
	t := time.AfterFunc(d, func() {
		fyne.Do(func() {
			if !stopped {
				f()
			}
		})
	})
	return func() {
		stopped = true
		t.Stop()
	}
}

// Inline is the runner of a test: everything happens at once on the calling goroutine, and time passes
// only with Pass. It must be used from one goroutine.
type Inline struct {
	now   time.Duration
	later []*alarm
}

type alarm struct {
	at   time.Duration
	f    func()
	dead bool
}

// Do runs f now.
func (*Inline) Do(f func()) { f() }

// Go runs f now.
func (*Inline) Go(f func()) { f() }

// After keeps f for Pass.
func (r *Inline) After(d time.Duration, f func()) func() {
	a := &alarm{at: r.now + d, f: f}
	r.later = append(r.later, a)
	return func() { a.dead = true }
}

// Pass lets that much time pass, and runs what falls due in the order in which it does.
func (r *Inline) Pass(d time.Duration) {
	end := r.now + d
	for {
		var next *alarm
		for _, a := range r.later {
			if !a.dead && a.at <= end && (next == nil || a.at < next.at) {
				next = a
			}
		}
		if next == nil {
			break
		}
		next.dead = true
		r.now = next.at
		next.f()
	}
	r.now = end
	kept := r.later[:0]
	for _, a := range r.later {
		if !a.dead {
			kept = append(kept, a)
		}
	}
	r.later = kept
}

var (
	runnerLock sync.RWMutex
	runner     Runner = Live{}
)

// Use replaces the runner and answers how to put the old one back. For tests.
func Use(r Runner) (restore func()) {
	runnerLock.Lock()
	defer runnerLock.Unlock()
	old := runner
	runner = r
	return func() { Use(old) }
}

func current() Runner {
	runnerLock.RLock()
	defer runnerLock.RUnlock()
	return runner
}

// Do runs f on Fyne's goroutine. It is the only way there.
func Do(f func()) { current().Do(f) }

// Go runs f in the background. What it has to say to a screen it says through Do.
func Go(f func()) { current().Go(f) }

// After runs f on Fyne's goroutine once d has passed. Call stop on Fyne's goroutine.
func After(d time.Duration, f func()) (stop func()) { return current().After(d, f) }

// Job does work in the background and hands what came of it to done on Fyne's goroutine, unless the page
// was left meanwhile: then work's context is cancelled and done is never called.
func Job[T any](life *Life, work func(ctx context.Context) (T, error), done func(T, error)) {
	Go(func() {
		v, err := work(life.Context())
		Do(func() {
			if !life.Over() {
				done(v, err)
			}
		})
	})
}

// Busy is what shows that it is at work: a part.Button, a part.Dialog.
type Busy interface{ SetBusy(bool) }

// JobOn is Job with something that shows it is at work until done is called.
func JobOn[T any](life *Life, b Busy, work func(ctx context.Context) (T, error), done func(T, error)) {
	b.SetBusy(true)
	Job(life, work, func(v T, err error) {
		b.SetBusy(false)
		done(v, err)
	})
}

// Life is the time from a page's opening to its leaving. What must end with the page hangs on it.
type Life struct {
	ctx    context.Context
	cancel context.CancelFunc
	// closers are called in reverse order. Only Fyne's goroutine touches them.
	closers []func()
	over    bool
}

// NewLife begins a life. Pages are given theirs; only tests and main need this.
func NewLife() *Life {
	ctx, cancel := context.WithCancel(context.Background())
	return &Life{ctx: ctx, cancel: cancel}
}

// Context ends with the life.
func (l *Life) Context() context.Context { return l.ctx }

// OnEnd calls f when the life ends, the last one first; at once when it is over already.
func (l *Life) OnEnd(f func()) {
	if l.over {
		f()
		return
	}
	l.closers = append(l.closers, f)
}

// Over tells whether it has ended.
func (l *Life) Over() bool { return l.over }

// End ends it. Ending twice is harmless.
func (l *Life) End() {
	if l.over {
		return
	}
	l.over = true
	l.cancel()
	for i := len(l.closers) - 1; i >= 0; i-- {
		l.closers[i]()
	}
	l.closers = nil
}

// Every calls f on Fyne's goroutine each time d has passed, until the life ends.
func (l *Life) Every(d time.Duration, f func()) {
	stop := func() {}
	var again func()
	again = func() {
		stop = After(d, func() {
			if l.over {
				return
			}
			f()
			again()
		})
	}
	again()
	l.OnEnd(func() { stop() })
}
