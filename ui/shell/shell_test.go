package shell

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"dingkao/ui/part"
)

type held struct{ leave func() }

func (h *held) Open(*Life) fyne.CanvasObject { return part.NewText("未保存") }
func (h *held) MayLeave(leave func()) bool   { h.leave = leave; return false }

func plain(said *[]string, name string) Page {
	return PageFunc(func(life *Life) fyne.CanvasObject {
		*said = append(*said, "open "+name)
		life.OnEnd(func() { *said = append(*said, "end "+name) })
		return part.NewText(name)
	})
}

func TestWhatAPageOpenedEndsBeforeTheNextOpens(t *testing.T) {
	var said []string
	n := NewNav()
	n.Show(plain(&said, "甲"))
	n.Show(plain(&said, "乙"))
	n.Reopen()
	n.Close()
	want := []string{"open 甲", "end 甲", "open 乙", "end 乙", "open 乙", "end 乙"}
	if !slices.Equal(said, want) {
		t.Errorf("%v", said)
	}
}

func TestALifeEndsBackwardsAndOnce(t *testing.T) {
	var said []int
	l := NewLife()
	l.OnEnd(func() { said = append(said, 1) })
	l.OnEnd(func() { said = append(said, 2) })
	l.End()
	l.End()
	l.OnEnd(func() { said = append(said, 3) })
	if !slices.Equal(said, []int{2, 1, 3}) || l.Context().Err() == nil {
		t.Errorf("%v", said)
	}
}

func TestAPageMayVetoAndLetGoLater(t *testing.T) {
	var said []string
	n := NewNav()
	h := &held{}
	n.Show(h)
	n.Show(plain(&said, "乙"))
	if n.Page() != Page(h) || len(said) != 0 {
		t.Fatal("the page was left against its veto")
	}
	h.leave()
	if !slices.Equal(said, []string{"open 乙"}) {
		t.Errorf("%v", said)
	}
}

// queue is a runner whose background work is done when the test says so.
type queue struct {
	Inline
	work []func()
}

func (q *queue) Go(f func()) { q.work = append(q.work, f) }

func TestAnAnswerAfterThePageWasLeftIsDropped(t *testing.T) {
	q := &queue{}
	defer Use(q)()
	l := NewLife()
	var got []int
	job := func() {
		Job(l, func(ctx context.Context) (int, error) { return 7, ctx.Err() }, func(v int, err error) { got = append(got, v) })
	}
	job()
	q.work[0]()
	job()
	l.End()
	q.work[1]()
	if !slices.Equal(got, []int{7}) {
		t.Errorf("%v", got)
	}
}

func TestAButtonIsBusyUntilItsWorkIsDone(t *testing.T) {
	q := &queue{}
	defer Use(q)()
	b := part.NewPrimary("提交", nil)
	var failed error
	JobOn(NewLife(), b, func(context.Context) (int, error) { return 0, errors.New("连不上") }, func(_ int, err error) { failed = err })
	if !b.Disabled() {
		t.Error("the button can be pressed twice")
	}
	q.work[0]()
	if b.Disabled() || failed == nil {
		t.Error("the button stayed busy, or the error was lost")
	}
}

func TestTimePassesOnlyWhenToldAndEndsWithTheLife(t *testing.T) {
	r := &Inline{}
	defer Use(r)()
	l := NewLife()
	n := 0
	l.Every(time.Second, func() { n++ })
	r.Pass(3500 * time.Millisecond)
	if n != 3 {
		t.Errorf("ticked %d times, want 3", n)
	}
	l.End()
	r.Pass(time.Minute)
	if n != 3 {
		t.Error("it ticked after the end")
	}
}

func newFrame(said *[]string) *Frame {
	return NewFrame(FrameConfig{Province: "山西省", Name: "李鸿雁", Menu: []Item{
		{Key: "home", Name: "首页", Glyph: "home", Page: func() Page { return plain(said, "首页") }},
		{Key: "enrol", Name: "填报信息", Glyph: "form", Page: func() Page { return plain(said, "填报") }},
	}, OnSignOut: func() { *said = append(*said, "out") }})
}

func TestTheFrameOpensItsFirstPageAndEndsItWhenLeft(t *testing.T) {
	var said []string
	outer := NewNav()
	f := newFrame(&said)
	outer.Show(f)
	f.Go("enrol")
	f.Go("nowhere")
	if f.At() != "enrol" || !f.items["enrol"].Chosen() || f.items["home"].Chosen() {
		t.Errorf("at %q", f.At())
	}
	outer.Show(PageFunc(func(*Life) fyne.CanvasObject { return part.NewText("登录") }))
	want := []string{"open 首页", "end 首页", "open 填报", "end 填报"}
	if !slices.Equal(said, want) {
		t.Errorf("%v", said)
	}
}

func TestADialogDoesNotOutliveItsSession(t *testing.T) {
	var said []string
	outer := NewNav()
	w := test.NewTempWindow(t, outer.Object())
	w.Resize(fyne.NewSize(1000, 700))
	outer.Show(newFrame(&said))
	answered := false
	part.Confirm(w.Canvas(), "提交", "现在提交吗？", "提交", "再看看", func(bool) { answered = true })
	part.Tell(w.Canvas(), "提示", "请先保存。", nil)
	outer.Show(PageFunc(func(*Life) fyne.CanvasObject { return part.NewText("登录") }))
	if w.Canvas().Overlays().Top() != nil || answered {
		t.Error("a dialog stands above the sign-in, or was answered by nobody")
	}
	part.Tell(w.Canvas(), "登录已过期", "请重新登录。", nil)
	if w.Canvas().Overlays().Top() == nil {
		t.Error("a dialog of the next page was closed too")
	}
}

func TestSigningOutAsksThePageInside(t *testing.T) {
	var said []string
	f := newFrame(&said)
	h := &held{}
	f.Show(h)
	outer := NewNav()
	outer.Show(f)
	outer.Leave(f.config.OnSignOut)
	if len(said) != 0 {
		t.Fatal("signed out against the veto")
	}
	h.leave()
	if !slices.Equal(said, []string{"out"}) {
		t.Errorf("%v", said)
	}
}

func TestAToastGoesAwayAndANewerOneStays(t *testing.T) {
	r := &Inline{}
	defer Use(r)()
	var said []string
	f := newFrame(&said)
	w := test.NewTempWindow(t, f.Object())
	w.Resize(fyne.NewSize(1000, 700))
	f.Toast(part.Good, "已保存")
	r.Pass(2 * time.Second)
	f.Toast(part.Warn, "网络已断开")
	r.Pass(2 * time.Second)
	if len(f.toasts.Objects) != 1 {
		t.Fatal("the older toast's end took the newer one away")
	}
	r.Pass(2 * time.Second)
	if len(f.toasts.Objects) != 0 {
		t.Error("the toast stayed")
	}
}

func TestClosingTheWindowAsksFirst(t *testing.T) {
	nav := NewNav()
	h := &held{}
	nav.Show(h)
	w := NewWindow(test.NewTempApp(t), ProductName, fyne.NewSize(800, 600), nav)
	closed := false
	w.SetOnClosed(func() { closed = true })
	nav.Leave(func() { nav.Close(); w.Close() })
	if closed {
		t.Fatal("the window closed against the veto")
	}
	h.leave()
	if !closed || nav.Page() != nil {
		t.Error("the window stayed, or the page was not ended")
	}
}
