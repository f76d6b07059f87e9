package terminal

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"dingkao/exam"
	exampaper "dingkao/exam/paper"
	"dingkao/exam/practice"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

func (st *stage) drill() *drillPage {
	st.t.Helper()
	p := drilling(st.seat)
	if p == nil {
		st.t.Fatal("no round is on the screen")
	}
	return p
}

// types sends keys to whatever has the keyboard, as the window does.
func (st *stage) types(keys ...fyne.KeyName) {
	st.t.Helper()
	c := st.window.Canvas()
	for _, k := range keys {
		if f := c.Focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: k})
		} else if on := c.OnTypedKey(); on != nil {
			on(&fyne.KeyEvent{Name: k})
		}
	}
}

func letters(a exampaper.Answer) []fyne.KeyName {
	var keys []fyne.KeyName
	for _, r := range a.String() {
		keys = append(keys, fyne.KeyName(string(r)))
	}
	return keys
}

func TestARoundIsPractisedWithTheKeyboardAlone(t *testing.T) {
	st := onStage(t, newSample().included().withBanks(), pageStudy)
	st.press("练习11题")
	st.clock.Pass(100 * time.Millisecond)
	p := st.drill()
	wrong := p.round.Questions[2]
	for i, q := range p.round.Questions {
		if p.round.At != i {
			t.Fatalf("at question %d, want %d", p.round.At+1, i+1)
		}
		it, _ := p.bank.Find(q)
		keys := letters(it.Answer)
		if q == wrong {
			keys = letters(exampaper.Only(0))
			if it.Answer.Has(0) {
				keys = letters(exampaper.Only(1))
			}
			st.types(fyne.KeyM)
		}
		st.types(keys...)
		if it.Kind == exampaper.X {
			if _, done := p.round.Replies[q]; done {
				t.Error("several answers count before they were confirmed")
			}
			st.types(fyne.KeyReturn)
		}
		rep := p.round.Replies[q]
		if rep.Right != (q != wrong) || rep.Answer == 0 {
			t.Errorf("question %d: %+v", i+1, rep)
		}
		st.types(fyne.KeyReturn)
	}
	if !st.says("这一轮练习完成了") {
		t.Fatal("the end of the round is not shown")
	}
	sum := st.s.Progress().Sum(p.bank)
	if sum.Times != 11 || sum.Right != 10 || sum.Mistakes != 1 || !p.round.Marked[wrong] {
		t.Errorf("sum %+v, marked %v", sum, p.round.Marked)
	}
	st.press("重做错题")
	if r := st.drill().round; len(r.Questions) != 1 || r.Questions[0] != wrong {
		t.Errorf("to be done again: %v", r.Questions)
	}
}

func TestArrowsAndTheSheetGoFromQuestionToQuestion(t *testing.T) {
	st := onStage(t, newSample().included().practised(2), pageStudy)
	st.press("继续练习（2/11）")
	st.clock.Pass(100 * time.Millisecond)
	p := st.drill()
	if p.round.At != 1 {
		t.Fatalf("the round goes on at %d", p.round.At)
	}
	st.types(fyne.KeyLeft, fyne.KeyLeft)
	if p.round.At != 0 {
		t.Errorf("left of the first: %d", p.round.At)
	}
	st.types(fyne.KeyRight, fyne.KeyRight, fyne.KeyRight)
	st.press("上一题")
	if p.round.At != 2 || st.s.study.rounds["law"].At != 2 {
		t.Errorf("at %d, on disk %d", p.round.At, st.s.study.rounds["law"].At)
	}
	if got := cellsOf(p.round); got[0].Tone != part.CellRight || !got[1].Marked || got[2].Tone != part.CellOpen {
		t.Errorf("cells %+v", got[:3])
	}
	// Down and Space choose too, and a button in between takes no letter away.
	it, _ := p.bank.Find(p.id())
	st.window.Canvas().Focus(p.star)
	st.types(letters(it.Answer)...)
	if it.Kind != exampaper.X && !p.round.Replies[it.ID].Right {
		t.Error("a letter typed while a button has the keyboard is lost")
	}
}

func TestTheAnswerIsShownOnDemandAndCountsNothing(t *testing.T) {
	st := onStage(t, newSample().included().withBanks(), pageStudy)
	st.press("练习11题")
	st.press("显示答案")
	p := st.drill()
	it, _ := p.bank.Find(p.id())
	if !st.says("先看答案的题不计对错") || !st.says(it.Explanation) || !st.says(it.LegalBasis) {
		t.Error("explanation and legal basis are not shown")
	}
	st.types("A")
	if len(st.s.study.entries) != 0 || p.round.Tally().Shown != 1 {
		t.Errorf("%d answers after looking first", len(st.s.study.entries))
	}
	st.press("收藏")
	st.press("取消收藏")
	st.press("收藏")
	st.seat.goTo(pageStudy)
	if findButton(st.window.Canvas().Content(), "收藏（1）") == nil {
		t.Error("the favourite is not offered")
	}
}

func TestAnAnswerThatIsNotOnDiskIsNotShownAsGiven(t *testing.T) {
	st := onStage(t, newSample().included().withBanks(), pageStudy)
	st.press("练习11题")
	st.clock.Pass(100 * time.Millisecond)
	p := st.drill()
	st.s.fail["AnswerQuestion"] = exam.Errorf(exam.Internal, "本机磁盘已满，这一步没有保存")
	st.types("A")
	if p.round.Tally().Answered != 0 || p.picked != 0 {
		t.Errorf("shown as given: %+v", p.round.Tally())
	}
	toast := false
	walk(st.window.Canvas().Content(), func(o fyne.CanvasObject) bool {
		if l, ok := o.(*canvas.Text); ok && strings.Contains(l.Text, "磁盘已满") {
			toast = true
		}
		return toast
	})
	if !toast {
		t.Error("nobody says why")
	}
	delete(st.s.fail, "AnswerQuestion")
	st.types("A")
	if it, _ := p.bank.Find(p.id()); it.Kind != exampaper.X && p.round.Tally().Answered != 1 {
		t.Error("it cannot be answered again")
	}
}

func TestWithoutTheLineTheBanksThatLieHereAreOffered(t *testing.T) {
	s := newSample().included().practised(3)
	s.offline(4)
	st := onStage(t, s, pageStudy)
	if findButton(st.window.Canvas().Content(), "继续练习（3/11）") == nil || !st.says("还没有下载到这台电脑") {
		t.Error("what lies here is not offered, or what does not is")
	}
	if findButton(st.window.Canvas().Content(), "重新下载") != nil {
		t.Error("a download is offered without a line")
	}
	st.press("练习11题")
	if r := st.drill().round; len(r.Replies) != 0 || len(r.Questions) != 11 {
		t.Errorf("a new round has %+v", r.Tally())
	}
}

func TestTheShelfSaysWhatThereIs(t *testing.T) {
	heard := exam.Instant(1)
	here := practice.Volume{ID: "law", Name: "法规", Questions: 60, Here: true, Sum: practice.Sum{Questions: 60, Seen: 30, Times: 40, Right: 30, Mistakes: 2}}
	for _, c := range []struct {
		name   string
		shelf  practice.Shelf
		online bool
		state  shelfState
		note   string
	}{
		{"first time, online", practice.Shelf{}, true, shelfLoading, ""},
		{"first time, offline", practice.Shelf{}, false, shelfUnheard, ""},
		{"none open", practice.Shelf{Heard: heard}, true, shelfNone, ""},
		{"none open, offline", practice.Shelf{Heard: heard}, false, shelfNone, ""},
		{"the first could not be fetched", practice.Shelf{Trouble: "没有答复"}, true, shelfUnheard, ""},
		{"here", practice.Shelf{Heard: heard, Banks: []practice.Volume{here}}, false, shelfBanks, ""},
		{"on its way", practice.Shelf{Heard: heard, Fetching: true, Banks: []practice.Volume{{ID: "x", Questions: 3}}}, true, shelfBanks, "正在下载"},
		{"not here", practice.Shelf{Heard: heard, Banks: []practice.Volume{{ID: "x", Questions: 3}}}, false, shelfBanks, "联网登录后自动下载"},
		{"newer", practice.Shelf{Heard: heard, Banks: []practice.Volume{{ID: "x", Questions: 3, Here: true, Newer: true}}}, false, shelfBanks, "有新版本"},
	} {
		v := shelfOf(c.shelf, practice.Progress{}, sampleToday, c.online)
		note := ""
		if len(v.Banks) > 0 {
			note = v.Banks[0].Note
		}
		if v.State != c.state || !strings.Contains(note, c.note) || c.note == "" && note != "" {
			t.Errorf("%s: state %d, note %q", c.name, v.State, note)
		}
	}
	v := shelfOf(practice.Shelf{Heard: heard, Banks: []practice.Volume{here}}, practice.Progress{}, sampleToday, true).Banks[0]
	if v.Begin != "练习50题" || v.Right != "正确率75%" || v.Seen != "已练30 / 60题" || v.Share != 0.5 || v.GoOn != "" {
		t.Errorf("%+v", v)
	}
}

// At the smallest window and the largest letters, every word of every kind of
// question stands within the window, and nothing makes the window wider.
func TestAMagnifiedRoundCutsNoText(t *testing.T) {
	st := onStage(t, newSample().included().practised(11), pageStudy)
	st.window.Resize(fyne.NewSize(1024, 700))
	st.seat.openRound(st.s.study.rounds["law"], nil)
	p := st.drill()
	for range len(theme.ZoomSteps) - 1 {
		st.press(p.zoom.Text())
	}
	if p.q.Zoom() != 200 {
		t.Fatalf("magnified to %d%%", p.q.Zoom())
	}
	for i := range p.round.Questions {
		p.goTo(i)
		for range 6 {
			relayout(st.window.Canvas().Content())
		}
		if m := st.seat.frame.Object().MinSize(); m.Width > 1024 || m.Height > 700 {
			t.Errorf("question %d makes the window %v", i+1, m)
		}
		edge := p.scroll.Size().Width
		walk(p.scroll.Content, func(o fyne.CanvasObject) bool {
			x, ok := o.(*part.Text)
			if !ok {
				return false
			}
			said := strings.Join(x.Lines(), "")
			if strings.ReplaceAll(said, " ", "") != strings.ReplaceAll(x.Text(), " ", "") {
				t.Errorf("question %d: %q is shown as %q", i+1, x.Text(), said)
			}
			if x.Size().Width > edge || x.Size().Height+1 < x.MinSize().Height {
				t.Errorf("question %d: %q has %v of %v", i+1, x.Text(), x.Size(), x.MinSize())
			}
			return false
		})
	}
	st.press("放大200%")
	if p.q.Zoom() != 100 || st.seat.zoom != 100 {
		t.Errorf("magnified to %d%%", p.q.Zoom())
	}
}

// relayout lays everything out once more, as a window does frame by frame.
func relayout(o fyne.CanvasObject) {
	switch o := o.(type) {
	case *fyne.Container:
		if o.Layout != nil {
			o.Layout.Layout(o.Objects, o.Size())
		}
		for _, c := range o.Objects {
			relayout(c)
		}
	case fyne.Widget:
		r := test.WidgetRenderer(o)
		r.Layout(o.Size())
		for _, c := range r.Objects() {
			relayout(c)
		}
	}
}

// slow is a runner whose background work ends only when it is told to.
type slow struct {
	shell.Inline
	held []func()
}

func (s *slow) Go(f func()) { s.held = append(s.held, f) }

func (s *slow) release() {
	for len(s.held) > 0 {
		f := s.held[0]
		s.held = s.held[1:]
		f()
	}
}

func TestAQuickHandLosesNoKeyWhileAnAnswerIsWritten(t *testing.T) {
	st := onStage(t, newSample().included().withBanks(), pageStudy)
	st.press("练习11题")
	st.clock.Pass(100 * time.Millisecond)
	p := st.drill()
	disk := &slow{}
	t.Cleanup(shell.Use(disk))
	var want []exampaper.QuestionID
	for _, q := range p.round.Questions[:3] {
		it, _ := p.bank.Find(q)
		st.types(letters(it.Answer)...)
		if it.Kind == exampaper.X {
			st.types(fyne.KeyReturn)
		}
		st.types(fyne.KeyM, fyne.KeyRight)
		want = append(want, q)
	}
	if p.round.Tally().Answered != 0 {
		t.Error("an answer is shown as given before it is on disk")
	}
	disk.release()
	if got := p.round.Tally(); got.Answered != 3 || got.Right != 3 || got.Marked != 3 || p.round.At != 3 {
		t.Errorf("%+v at %d", got, p.round.At)
	}
	for _, q := range want {
		if !p.round.Marked[q] {
			t.Errorf("%s is not marked", q)
		}
	}
}

func TestTheOpenQuestionsCellStaysInSight(t *testing.T) {
	s := newSample().included().withBanks()
	b := s.study.banks["law"]
	for i := range 60 {
		q := exampaper.Question{Kind: exampaper.A1, Stem: fmt.Sprintf("第%d问", i), Options: []string{"甲", "乙"}}
		b.Items = append(b.Items, exampaper.Item{Question: q.Identified(), Answer: exampaper.Only(0)})
	}
	s.study.banks["law"], s.study.shelf.Banks[0].Questions = b, len(b.Items)
	st := onStage(t, s, pageStudy)
	st.window.Resize(fyne.NewSize(1024, 640))
	st.press("练习50题")
	p := st.drill()
	relayout(st.window.Canvas().Content())
	st.clock.Pass(100 * time.Millisecond)
	for _, at := range []int{49, 0, 30} {
		p.goTo(at)
		pos, size := p.sheet.Place(at)
		if top := p.cells.Offset.Y; size.Height == 0 || pos.Y < top || pos.Y+size.Height > top+p.cells.Size().Height {
			t.Errorf("cell %d stands at %v, in sight is %v to %v", at+1, pos.Y, top, top+p.cells.Size().Height)
		}
	}
}
