package terminal

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// seatedAt is a stage whose outer nav shows the frame at 参加测评, as the program does.
func seatedAt(t *testing.T, s *sample) *stage {
	t.Helper()
	st := onStage(t, s, pageHome)
	st.seat.outer = shell.NewNav()
	st.window.SetContent(st.seat.outer.Object())
	st.seat.outer.Show(st.seat.frame)
	st.window.Resize(fyne.NewSize(1280, 800))
	st.seat.frame.Go(string(pageExam))
	return st
}

// atPaper is a stage at the paper.
func atPaper(t *testing.T, s *sample) (*stage, *sittingPage) {
	t.Helper()
	st := seatedAt(t, s)
	st.seat.sit()
	st.clock.Pass(100 * time.Millisecond) // the keyboard
	p, ok := st.seat.outer.Page().(*sittingPage)
	if !ok {
		t.Fatal("the paper is not shown")
	}
	return st, p
}

// keys types keys where the keyboard is, or at the window where nothing has it.
func (st *stage) keys(names ...fyne.KeyName) {
	c := st.window.Canvas()
	for _, n := range names {
		e := &fyne.KeyEvent{Name: n}
		if f := c.Focused(); f != nil {
			f.TypedKey(e)
		} else if f := c.OnTypedKey(); f != nil {
			f(e)
		}
	}
}

func (st *stage) line(text string) bool {
	for _, r := range append([]fyne.CanvasObject{st.window.Canvas().Content()}, st.window.Canvas().Overlays().List()...) {
		if walk(r, func(o fyne.CanvasObject) bool {
			t, ok := o.(*canvas.Text)
			return ok && strings.Contains(t.Text, text)
		}) {
			return true
		}
	}
	return false
}

func TestFromTheListToThePaper(t *testing.T) {
	s := awaiting()
	st := seatedAt(t, s)
	st.press("进入测评")
	if !st.line("测评须知") {
		t.Fatal("the rules do not come first")
	}
	st.press("我已阅读，开始签到")
	if !st.says("由监考员人工核验") {
		t.Error("the camera is not said to be checked by a person")
	}
	st.press("完成签到")
	if s.exam == nil || len(s.exam.checks) != 5 || s.exam.checks[4].State != "none" {
		t.Fatalf("checked in with %+v", s.exam)
	}
	if !st.says("签到完成，请等候监考员开始") || findButton(st.window.Canvas().Content(), "进入测评") != nil {
		t.Fatal("waiting does not say so, or offers to enter")
	}
	s.ordered(sitting.ActStart, "")
	s.tell()
	st.press("进入测评")
	if _, ok := st.seat.outer.Page().(*sittingPage); !ok || !st.says("第1题 / 共100题") {
		t.Fatal("the paper is not shown")
	}
}

func TestAFailedCheckKeepsFromCheckingIn(t *testing.T) {
	s := awaiting()
	s.checks = []sitting.Check{{Name: "disk", State: "failed", Detail: "本机磁盘已满"}, {Name: "network", State: "ok", Detail: "正常"}}
	st := seatedAt(t, s)
	st.press("进入测评")
	st.press("我已阅读，开始签到")
	st.press("完成签到")
	if s.exam != nil || !st.says("还不能签到") {
		t.Error("checked in with a full disk")
	}
	s.checks[0].State = "ok"
	st.press("重新检查")
	st.press("完成签到")
	if s.exam == nil {
		t.Error("not checked in once the disk is well")
	}
}

func TestACodeIsAskedForWhereTheRegistryWantsOne(t *testing.T) {
	s := awaiting()
	s.fail["CheckIn"] = &exam.Error{Kind: exam.Refused, Field: "code", Sentence: "监考员已办理更换考试机，请输入监考员告诉您的验证码"}
	st := seatedAt(t, s)
	st.press("进入测评")
	st.press("我已阅读，开始签到")
	st.press("完成签到")
	p := examining(st.seat)
	if p.entry == nil || !st.says("请输入监考员告诉您的验证码") {
		t.Fatal("no code is asked for")
	}
	p.entry.SetText("482913")
	st.press("完成签到")
	if s.exam == nil || s.exam.code != "482913" {
		t.Error("the code did not arrive")
	}
}

func TestThePaperIsWorkedWithTheKeyboardAlone(t *testing.T) {
	s := awaiting().checkedIn().sits(0, 0)
	st, p := atPaper(t, s)
	qs := s.Place().Sitting.Terms.Questions
	chosen := func(n int) string {
		pl := s.Place()
		return pl.Order.Seen(pl.Order.Place(qs[n]), pl.Sitting.Answer(qs[n])).String()
	}
	st.keys("B")
	if chosen(0) != "B" {
		t.Fatalf("B chose %q", chosen(0))
	}
	st.keys("D", "D")
	if chosen(0) != "D" {
		t.Fatalf("D D left %q", chosen(0))
	}
	st.keys("H") // there is no H
	st.keys(fyne.KeyM, fyne.KeyRight)
	if !s.Place().Sitting.Marked(qs[0]) || p.at != 1 || s.Place().View.Number != 2 {
		t.Fatalf("M and → : marked %v, at %d", s.Place().Sitting.Marked(qs[0]), p.at)
	}
	st.keys(fyne.KeyDown, fyne.KeyDown, fyne.KeySpace)
	if chosen(1) != "B" {
		t.Fatalf("↓ ↓ and space chose %q", chosen(1))
	}
	st.keys(fyne.KeyReturn)
	if p.at != 2 {
		t.Fatalf("Enter led to %d", p.at)
	}
	st.keys("4", "2")
	if p.at != 2 || !st.line("跳到第42题") {
		t.Fatal("the number is not said, or gone to at once")
	}
	st.clock.Pass(jumpAfter)
	if p.at != 41 {
		t.Fatalf("42 led to %d", p.at)
	}
	st.keys("7", fyne.KeyReturn)
	if p.at != 6 {
		t.Fatalf("7 and Enter led to %d", p.at)
	}
	st.keys("9", "9", "9", fyne.KeyReturn)
	if p.at != 6 {
		t.Fatalf("999 led to %d", p.at)
	}
	st.keys(fyne.KeyEnd, fyne.KeyPageUp, fyne.KeyLeft)
	if p.at != 97 {
		t.Fatalf("end, page up, left led to %d", p.at)
	}
	st.keys(fyne.KeyHome, fyne.KeyLeft)
	if p.at != 0 {
		t.Fatalf("before the first: %d", p.at)
	}
	st.keys(fyne.KeyF2)
	if p.side.Visible() {
		t.Error("F2 did not hide the answer sheet")
	}
	st.keys(fyne.KeyF2, fyne.KeyEqual, fyne.KeyPlus)
	if !p.side.Visible() || p.zoom != 150 {
		t.Errorf("sheet %v, zoom %d", p.side.Visible(), p.zoom)
	}
	st.keys(fyne.KeyDelete)
	if chosen(0) != "" || s.Place().View.Answered != 1 {
		t.Errorf("delete left %q", chosen(0))
	}
	st.keys("A")
	if chosen(0) != "A" {
		t.Errorf("after all that, A chose %q", chosen(0))
	}
}

func TestSeveralAreChosenWhereSeveralMayBe(t *testing.T) {
	s := awaiting().checkedIn().sits(0, 0)
	st, p := atPaper(t, s)
	pl := s.Place()
	x := slices.IndexFunc(pl.Sitting.Terms.Questions, func(q paper.QuestionID) bool {
		return pl.Order.Question(pl.Order.Place(q)).Kind == paper.X
	})
	p.goTo(x)
	if !st.line("可选多项") {
		t.Error("it is not said that several may be chosen")
	}
	st.keys("A", "C", "E", "C")
	pl = s.Place()
	if got := pl.Order.Seen(x, pl.Sitting.Answer(pl.Sitting.Terms.Questions[x])).String(); got != "AE" {
		t.Errorf("chosen %q", got)
	}
}

// What is on the paper must be whole at every size: no line wider than its place,
// no row over another.
func TestNothingIsCutOffAtTwiceTheSize(t *testing.T) {
	s := awaiting().checkedIn().sits(0, 0)
	st, p := atPaper(t, s)
	for _, zoom := range theme.ZoomSteps {
		p.zoom = zoom
		p.magnify(0)
		for i := range 100 {
			if i > 2 && i < 92 {
				continue
			}
			p.goTo(i)
			settleAll(st.window.Canvas())
			width, seen := p.scroll.Size().Width, 0
			walk(p.q, func(o fyne.CanvasObject) bool {
				if w, ok := o.(*part.Text); ok && w.Text() != "" {
					seen++
					size := w.MinSize().Height
					if w.Size().Height+0.5 < size {
						t.Errorf("zoom %d, question %d: %q has %v of %v", zoom, i+1, w.Text(), w.Size().Height, size)
					}
				}
				if c, ok := o.(*canvas.Text); ok && c.Visible() && c.Text != "" {
					at := fyne.CurrentApp().Driver().AbsolutePositionForObject(c)
					left := fyne.CurrentApp().Driver().AbsolutePositionForObject(p.scroll)
					if at.X+c.MinSize().Width > left.X+width+0.5 {
						t.Errorf("zoom %d, question %d: %q ends at %v of %v", zoom, i+1, c.Text, at.X+c.MinSize().Width, left.X+width)
					}
				}
				return false
			})
			if seen < 4 {
				t.Fatalf("zoom %d, question %d: only %d texts were looked at", zoom, i+1, seen)
			}
		}
	}
	p.goTo(0)
	if p.q.Zoom() != 200 || !st.line("200%") {
		t.Errorf("zoom %d", p.q.Zoom())
	}
}

// settleAll lays out until the heights of wrapped texts are what their widths need.
func settleAll(c fyne.Canvas) {
	for range 4 {
		layAll(c.Content())
	}
}

func layAll(o fyne.CanvasObject) {
	if o == nil || !o.Visible() {
		return
	}
	switch o := o.(type) {
	case *fyne.Container:
		if o.Layout != nil {
			o.Layout.Layout(o.Objects, o.Size())
		}
		for _, c := range o.Objects {
			layAll(c)
		}
	case fyne.Widget:
		r := test.WidgetRenderer(o)
		r.Layout(o.Size())
		for _, c := range r.Objects() {
			layAll(c)
		}
	}
}

func TestTheHandInNamesWhatIsMissingAndIsNotMadeByHabit(t *testing.T) {
	s := awaiting().checkedIn().sits(19, 30*sitting.Minute)
	st, p := atPaper(t, s)
	st.press("交卷")
	if !st.says("您还剩81题未做，现在是否交卷？") {
		t.Fatal("what is missing is not named")
	}
	st.keys(fyne.KeyReturn) // on 继续答题
	if s.Place().View.State != sitting.Running || st.window.Canvas().Overlays().Top() != nil {
		t.Fatal("Enter handed in, or the question stands")
	}
	st.keys("C") // the keyboard is back
	if pl := s.Place(); pl.View.Answered != 19 || pl.Order.Seen(p.at, pl.Sitting.Answer(pl.Sitting.Terms.Questions[p.at])).String() != "C" {
		t.Error("the keyboard is lost after the question")
	}
	st.press("交卷")
	st.press("现在交卷")
	if s.Place().View.State != sitting.HandedIn || !st.says("已交卷，待评定") || !st.says("登记处已收到全部作答") {
		t.Fatal("not handed in")
	}
	if findButton(st.window.Canvas().Content(), "交卷") != nil {
		t.Error("it can be handed in twice")
	}
	st.press("返回首页")
	if st.seat.outer.Page() != shell.Page(st.seat.frame) || st.seat.frame.At() != string(pageHome) {
		t.Error("the way back is shut")
	}
	st.seat.frame.Go(string(pageExam))
	if !st.says("已交卷，待评定") {
		t.Error("the list does not say how it stands")
	}
}

func TestTheClockCountsAndChangesCalmly(t *testing.T) {
	s := awaiting().checkedIn().sits(2, 0)
	st, p := atPaper(t, s)
	at := func(used sitting.Span, text string, tone theme.Tone) {
		t.Helper()
		s.exam.at.Mono = 900*sitting.Second + used
		st.clock.Pass(tickEvery)
		ink := theme.ColorInkStrong
		if tone != theme.Info {
			ink = tone.Ink()
		}
		if p.left.Text != text || p.left.Color != theme.Paint(ink) {
			t.Errorf("after %s: %s in %v", used.Text(), p.left.Text, p.left.Color)
		}
	}
	at(4*sitting.Second, "59:56", theme.Info)
	at(50*sitting.Minute-1, "10:01", theme.Info)
	at(50*sitting.Minute, "10:00", theme.Warn)
	at(59*sitting.Minute, "01:00", theme.Bad)
	at(60*sitting.Minute-1, "00:01", theme.Bad) // not a second before
	st.press("交卷")
	s.exam.at.Mono = 960*sitting.Second + 60*sitting.Minute
	must(s.write(sitting.ActSealed, sitting.Body{})) // as the station does
	s.tell()
	if !st.says("测评时间已到，已自动交卷") || st.window.Canvas().Overlays().Top() != nil {
		t.Error("the end is not said, or a question stands above it")
	}
}

func TestWhereAnAnswerIsStandsBesideIt(t *testing.T) {
	s := awaiting().checkedIn().sits(0, 0)
	st, p := atPaper(t, s)
	says := func(text string) {
		t.Helper()
		if !strings.Contains(p.kept.Text(), text) {
			t.Errorf("it says %q, want %q", p.kept.Text(), text)
		}
	}
	says("未作答")
	st.keys("A")
	says("登记处已收到")
	s.exam.place.Online = false
	st.keys(fyne.KeyRight, "B")
	says("已存本机")
	if !st.says("网络中断，请继续作答") {
		t.Error("the line is not spoken of")
	}
	s.exam.full = true
	pl := s.Place()
	was := pl.Sitting.Answer(pl.Sitting.Terms.Questions[1])
	st.keys("C")
	says("没有保存")
	if !st.says("磁盘已满") || s.Place().Sitting.Answer(pl.Sitting.Terms.Questions[1]) != was {
		t.Error("a full disk is not said, or took the answer away")
	}
	st.keys(fyne.KeyRight)
	if p.at != 2 {
		t.Error("the paper cannot be read with a full disk")
	}
}

func TestTheProctorsWordsAreShownAndAPauseHidesThePaper(t *testing.T) {
	s := awaiting().checkedIn().sits(5, sitting.Minute)
	st, p := atPaper(t, s)
	s.ordered(sitting.ActMessage, "请保持安静")
	s.tell()
	if !st.says("监考提示：请保持安静") {
		t.Fatal("the message is not shown")
	}
	st.press("知道了")
	if st.says("请保持安静") {
		t.Error("it stays after it was read")
	}
	stem := s.Place().Order.Question(p.at).Stem
	s.ordered(sitting.ActPause, "考场停电")
	s.tell()
	if !st.says("测评已暂停") || !st.says("考场停电") || st.says(stem) {
		t.Error("a pause does not hide the paper, or its cause")
	}
	st.keys("A", fyne.KeyRight)
	if p.at != 4 {
		t.Error("keys work while it is paused")
	}
	s.ordered(sitting.ActResume, "")
	s.tell()
	if !st.says(stem) || p.at != 4 {
		t.Error("not back at the same question")
	}
	st.keys("B")
	if pl := s.Place(); pl.Order.Seen(4, pl.Sitting.Answer(pl.Sitting.Terms.Questions[4])).String() != "B" {
		t.Error("the keyboard is lost after a pause")
	}
	s.ordered(sitting.ActTerminated, "携带手机")
	s.tell()
	if !st.says("测评已由监考员终止") || !st.says("携带手机") {
		t.Error("the end names no cause")
	}
}

func TestARunningExamIsNotLeftByAccident(t *testing.T) {
	s := awaiting().checkedIn().sits(5, sitting.Minute)
	st, _ := atPaper(t, s)
	left := false
	st.seat.outer.Leave(func() { left = true })
	if left || !st.says("退出后计时不停止") {
		t.Fatal("left without a question")
	}
	st.press("继续答题")
	if left {
		t.Fatal("staying left")
	}
	st.seat.outer.Leave(func() { left = true })
	st.press("退出")
	if !left {
		t.Error("leaving is impossible")
	}
}

func TestAfterACrashTheProgramOpensAtTheQuestion(t *testing.T) {
	test.NewTempApp(t)
	clock := &shell.Inline{}
	t.Cleanup(shell.Use(clock))
	s := awaiting().checkedIn().sits(12, 5*sitting.Minute)
	a := New(Config{Entrance: &sampleEntrance{sample: s}, Desktop: &sampleDesktop{}, Now: func() time.Time { return time.Date(2024, 9, 12, 9, 0, 0, 0, exam.China) }})
	w := test.NewTempWindow(t, a.Nav().Object())
	w.Resize(fyne.NewSize(1280, 800))
	a.enter(s, true)
	p, ok := a.nav.Page().(*sittingPage)
	if !ok || p.at != 11 {
		t.Fatalf("it opens at %T", a.nav.Page())
	}
}

func TestTheStageFollowsDossierAndPlace(t *testing.T) {
	day := sampleToday
	for _, c := range []struct {
		what string
		s    *sample
		want examStage
	}{
		{"not approved", newSample().included(), stageClosed},
		{"waits", awaiting(), stageList},
		{"outside of the window", func() *sample { s := awaiting(); s.e.Cycle.Assess.From = "2024-11-01"; return s }(), stageClosed},
		{"checked in", awaiting().checkedIn(), stageWaiting},
		{"started", awaiting().checkedIn().ordered(sitting.ActStart, ""), stageReady},
		{"opened", awaiting().checkedIn().sits(3, sitting.Minute), stageRunning},
		{"paused", awaiting().checkedIn().sits(3, sitting.Minute).ordered(sitting.ActPause, "停电"), stageRunning},
		{"held elsewhere", func() *sample {
			s := awaiting().checkedIn()
			s.exam.place.Mine, s.exam.place.Seat.Held = false, "考试机07"
			return s
		}(), stageElsewhere},
		{"checked in at another machine, not started", func() *sample { s := awaiting().checkedIn(); s.exam.place.Mine = false; return s }(), stageList},
		{"terminated", awaiting().checkedIn().sits(3, sitting.Minute).ordered(sitting.ActTerminated, "违纪"), stageOver},
		{"the seat of another cycle", func() *sample { s := awaiting().checkedIn(); s.exam.place.Seat.Application = "old"; return s }(), stageList},
		{"an earlier sitting, waiting for the next", func() *sample {
			s := awaiting().checkedIn().sits(3, sitting.Minute)
			must(s.write(sitting.ActSealed, sitting.Body{}))
			s.e.Dossier.State = application.AwaitingResit
			s.e.Dossier.Attempts = []application.Attempt{{Sitting: "s-1"}}
			return s
		}(), stageList},
	} {
		if got := stageOf(c.s.Enrolment(), c.s.Place(), day); got != c.want {
			t.Errorf("%s: %s, want %s", c.what, got, c.want)
		}
	}
}

func TestTheHandInCountsWhatIsStillBeingWritten(t *testing.T) {
	st, p := atPaper(t, awaiting().checkedIn().sits(19, 30*sitting.Minute))
	p.working = true // an earlier answer is on its way to the disk
	st.keys(fyne.KeyRight, "C")
	st.press("交卷")
	if st.window.Canvas().Overlays().Top() != nil {
		t.Fatal("it is asked while an answer is being written")
	}
	p.work()
	if !st.says("您还剩80题未做，现在是否交卷？") {
		t.Error("the number is not that of what was asked for")
	}
}
