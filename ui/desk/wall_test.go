package desk

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"dingkao/exam"
	"dingkao/exam/sitting"
	"dingkao/ui/part"
	"dingkao/ui/shell"
)

func (st *stage) wall() *wallPage { return st.a.seat.wallOf() }

// sit is the seat that is shown; nil for none.
func (st *stage) sit() *sittingPage {
	p, _ := st.a.seat.frame.Nav().Page().(*sittingPage)
	return p
}

func (st *stage) openSeat(name string) *sittingPage {
	st.t.Helper()
	p := st.a.seat.sittingOf(name)
	if p == nil {
		st.t.Fatalf("%s cannot be opened", name)
	}
	return p
}

// toRows goes to the rows of the table with Tab alone.
func (st *stage) toRows() {
	st.t.Helper()
	c := st.window.Canvas()
	for range 60 {
		c.FocusNext()
		if strings.HasSuffix(fmt.Sprintf("%T", c.Focused()), "rowList") {
			return
		}
	}
	st.t.Fatal("Tab never gets to the rows")
}

func TestAWholeRoomIsStartedAfterBeingAskedWithItsNumber(t *testing.T) {
	st := onStage(t, newSample(exam.RoleProctor), pageProctor)
	st.press("全场开始（3）")
	if len(st.s.room.commands) != 0 || !st.says("现在为已签到的 3 名考生开始测评") {
		t.Fatal("started without being asked, or the number is missing")
	}
	st.key(fyne.KeyReturn) // Enter by habit must not start a room
	if len(st.s.room.commands) != 0 {
		t.Fatal("Enter started the room")
	}
	st.press("全场开始（3）")
	st.press("确定开始")
	if !st.says("3 名已开始") {
		t.Error("the sheet does not say how it went")
	}
	for _, n := range []string{"唐蕾", "董建军", "蒋丽"} {
		if got := st.s.seatOf(n).s.State; got != sitting.Ready {
			t.Errorf("%s is %s", n, got)
		}
	}
	if got := st.s.seatOf("邓凯").s.State; got != sitting.Waiting {
		t.Errorf("who has not checked in is %s", got)
	}
	for _, target := range st.s.room.commands[0].Sittings {
		if target.Orders != 0 {
			t.Error("a start of the room names a head")
		}
	}
}

func TestSomeAreOrderedAndOneThatFailsStopsNone(t *testing.T) {
	x := newSample(exam.RoleProctor)
	st := onStage(t, x, pageProctor)
	w := st.wall()
	w.tickNames("郑雅琴", "韩冰", "吕佳宁", "谢安")
	x.room.stuck[x.seatOf("韩冰").row.Sitting] = exam.Errorf(exam.Conflict, "该考生刚刚有新的监考指令，请重新打开后再操作")
	st.press("暂停（3）")
	if !st.says("将对 3 名考生“暂停”") || !st.says("另外选中的 1 名现在不能“暂停”") {
		t.Error("the question does not say whom")
	}
	st.press("确定暂停")
	if len(x.room.commands) != 0 || !st.says("请先写明暂停理由") {
		t.Fatal("paused without a reason")
	}
	st.press("考场设备检查")
	st.press("确定暂停")
	if !st.says("2 名已暂停，1 名没有办成") || !st.says("该考生刚刚有新的监考指令") {
		t.Error("the sheet does not say how it went")
	}
	if x.seatOf("郑雅琴").s.State != sitting.Paused || x.seatOf("韩冰").s.State != sitting.Running || x.seatOf("吕佳宁").s.State != sitting.Paused {
		t.Error("one that failed stopped others")
	}
	st.press("知道了")
	if !w.ticked[x.seatOf("韩冰").row.Sitting] || w.ticked[x.seatOf("郑雅琴").row.Sitting] {
		t.Errorf("who failed does not stay ticked, or who went well does: %v", w.ticked)
	}
}

func TestTicksGoWithWhoIsNotShown(t *testing.T) {
	st := onStage(t, newSample(exam.RoleProctor), pageProctor)
	w := st.wall()
	w.tickNames()
	w.only(sitting.Running)
	if n := len(w.ticked); n != 7 {
		t.Fatalf("%d ticked of 7 shown", n)
	}
	w.search.Entry.SetText("雅琴")
	st.window.Canvas().Focus(w.search.Entry)
	st.key(fyne.KeyReturn)
	if len(w.rows) != 1 || len(w.ticked) != 1 {
		t.Fatalf("%d shown, %d ticked", len(w.rows), len(w.ticked))
	}
	w.room.OnChanged(part.Option{Key: "第二考场"})
	if len(w.rows) != 0 || len(w.ticked) != 0 || !st.says("没有符合条件的考生") {
		t.Errorf("%d shown, %d ticked", len(w.rows), len(w.ticked))
	}
	st.press("清除条件")
	if len(w.rows) != len(sampleCandidates) {
		t.Errorf("%d shown after the filters are gone", len(w.rows))
	}
}

func TestTheWallIsReadEveryTwoSecondsWhileItIsShownAndNotOtherwise(t *testing.T) {
	st := onStage(t, newSample(exam.RoleProctor), pageProctor)
	n := len(st.s.room.filters)
	st.clock.Pass(10 * time.Second)
	if got := len(st.s.room.filters) - n; got != 5 {
		t.Errorf("read %d times in ten seconds", got)
	}
	st.openSeat("郑雅琴")
	n = len(st.s.room.filters)
	st.clock.Pass(time.Minute)
	if got := len(st.s.room.filters) - n; got != 0 {
		t.Errorf("read %d times while a seat is shown", got)
	}
}

// slow is a runner whose background work waits until it is let go.
type slow struct {
	*shell.Inline
	waiting []func()
}

func (r *slow) Go(f func()) { r.waiting = append(r.waiting, f) }

func TestASlowLineGetsNoSecondQuestion(t *testing.T) {
	st := onStage(t, newSample(exam.RoleProctor), pageProctor)
	r := &slow{Inline: st.clock}
	defer shell.Use(r)()
	st.clock.Pass(20 * time.Second)
	if len(r.waiting) != 1 {
		t.Fatalf("%d questions are under way", len(r.waiting))
	}
	r.waiting[0]()
	if len(r.waiting) != 2 {
		t.Errorf("it was asked meanwhile, and %d follow", len(r.waiting)-1)
	}
}

func TestALostLineIsSaidAndWhatWasReadStays(t *testing.T) {
	st := onStage(t, newSample(exam.RoleProctor), pageProctor)
	w := st.wall()
	st.s.fail["Wall"] = lineDown()
	st.clock.Pass(4 * time.Second)
	if !st.says("连接中断，显示的是") || len(w.rows) != len(sampleCandidates) {
		t.Fatal("it is not said, or the wall is gone")
	}
	if c := viewSeat(w.rows[len(w.rows)-1], w.got.Now, 5*sitting.Minute).contact; strings.Contains(c.text, "没有消息") {
		t.Error("our own silence is told as that of the candidates")
	}
	delete(st.s.fail, "Wall")
	st.clock.Pass(2 * time.Second)
	if st.says("连接中断，显示的是") {
		t.Error("the line is back and it is still said to be gone")
	}
}

func TestASeatIsMovedAndItsCodeIsShownLarge(t *testing.T) {
	st := onStage(t, newSample(exam.RoleProctor), pageProctor)
	st.openSeat("罗志远")
	st.press("更换考试机")
	st.press("确定更换")
	if !st.says("请先写明换机理由") {
		t.Fatal("moved without a reason")
	}
	st.press("考试机故障")
	st.press("确定更换")
	if !st.says("739 206") || !st.says("请考生在新的考试机上登录") {
		t.Fatal("the code is not shown")
	}
	st.press("知道了")
	if !st.says("739 206") || !st.says("等待新的考试机") {
		t.Error("the code is gone with the dialog")
	}
}

func TestTerminatingNeedsAReasonAndTheName(t *testing.T) {
	st := onStage(t, newSample(exam.RoleProctor), pageProctor)
	st.openSeat("郑雅琴")
	st.press("终止测评")
	st.press("确定终止测评")
	if !st.says("请先写明终止理由") {
		t.Error("no reason is asked for")
	}
	st.press("扰乱考场秩序")
	st.press("确定终止测评")
	if st.s.seatOf("郑雅琴").s.State != sitting.Running || !st.says("输入的姓名与考生姓名不同") {
		t.Fatal("terminated without the name")
	}
	var name *part.Entry
	walk(st.roots()[0], func(o fyne.CanvasObject) bool {
		if e, ok := o.(*part.Entry); ok && e.PlaceHolder == "郑雅琴" {
			name = e
		}
		return false
	})
	name.SetText("郑雅琴")
	st.press("确定终止测评")
	if got := st.s.seatOf("郑雅琴").s; got.State != sitting.Terminated || got.Reason != "扰乱考场秩序，经劝阻无效。" {
		t.Errorf("%s %q", got.State, got.Reason)
	}
	if !st.says("测评已终止") {
		t.Error("the page does not say so")
	}
}

func TestTimeIsAddedInMinutes(t *testing.T) {
	st := onStage(t, newSample(exam.RoleProctor), pageProctor)
	p := st.openSeat("郑雅琴")
	before := p.v.row.Left
	st.press("加时")
	st.press("15 分钟")
	st.press("考试机故障")
	st.press("确定加时")
	c := st.s.room.commands[0]
	if c.Extra != 15*sitting.Minute || c.Sittings[0].Orders != 1 || c.Text == "" {
		t.Errorf("%+v", c)
	}
	if got := p.v.row.Left - before; got != 15*sitting.Minute {
		t.Errorf("%v more", got.Duration())
	}
}

func TestAProctorWorksWithTheKeyboardAlone(t *testing.T) {
	st := onStage(t, newSample(exam.RoleProctor), pageProctor)
	st.toRows()
	st.key(fyne.KeySpace)
	if len(st.wall().ticked) != 1 {
		t.Fatal("Space does not tick")
	}
	st.key(fyne.KeyEscape)
	if len(st.wall().ticked) != 0 {
		t.Fatal("Escape does not take the ticks away")
	}
	st.key(fyne.KeyReturn)
	if st.sit() == nil || st.sit().v.row.Name != "罗志远" {
		t.Fatal("Enter does not open the row")
	}
	st.key(fyne.KeyRight)
	if st.sit().v.row.Name != "韩冰" {
		t.Fatalf("the arrow leads to %s", st.sit().v.row.Name)
	}
	st.key(fyne.KeyM)
	if !st.says("将对这名考生“发消息”") {
		t.Fatal("M opens no message")
	}
	st.key(fyne.KeyEscape)
	st.key(fyne.KeyP)
	if !st.says("将对这名考生“暂停”") {
		t.Fatal("P opens no pause")
	}
	test.Type(st.window.Canvas().Focused(), "请稍候")
	st.press("确定暂停")
	if st.s.seatOf("韩冰").s.State != sitting.Paused {
		t.Fatal("not paused")
	}
	st.key(fyne.KeyP)
	st.key(fyne.KeyReturn)
	if st.s.seatOf("韩冰").s.State != sitting.Running {
		t.Fatal("P and Enter do not resume")
	}
	st.key(fyne.KeyEscape)
	if st.wall() == nil {
		t.Error("Escape does not lead back to the wall")
	}
}

func TestAssessorsAndAdministratorsLookAndOrderNothing(t *testing.T) {
	for _, role := range []exam.Role{exam.RoleAssessor, exam.RoleAdministrator} {
		st := onStage(t, newSample(role), pageProctor)
		if len(st.wall().rows) != len(sampleCandidates) || !st.says("本账号只能查看") {
			t.Fatalf("%s does not see the wall", role)
		}
		st.openSeat("郑雅琴")
		for _, root := range st.roots() {
			walk(root, func(o fyne.CanvasObject) bool {
				if b, ok := o.(*part.Button); ok {
					for _, x := range append(append([]order(nil), orders...), singleOrders...) {
						if b.Text() == x.text() {
							t.Errorf("%s is offered %s", role, b.Text())
						}
					}
				}
				return false
			})
		}
		if !st.says("本账号只能查看") {
			t.Errorf("%s is not told why", role)
		}
	}
}

func TestASeatIsDrawnAnewOnlyWhenSomethingHappened(t *testing.T) {
	st := onStage(t, newSample(exam.RoleProctor), pageProctor)
	p := st.openSeat("郑雅琴")
	card := p.body.Objects[0]
	st.clock.Pass(9 * time.Second)
	if p.body.Objects[0] != card {
		t.Error("drawn anew although nothing happened")
	}
	st.s.seatOf("郑雅琴").work(1, 20)
	st.clock.Pass(3 * time.Second)
	if p.body.Objects[0] == card || p.v.line.answered != "13" {
		t.Error("an answer does not come to the screen")
	}
}

func TestAnEmptyAndAFailedWallSaySo(t *testing.T) {
	x := newSample(exam.RoleProctor)
	x.room.sittings = []*sampleSitting{}
	if st := onStage(t, x, pageProctor); !st.says("还没有考生签到") {
		t.Error("an empty wall is silent")
	}
	x = newSample(exam.RoleProctor)
	x.fail["Wall"] = lineDown()
	st := onStage(t, x, pageProctor)
	if !st.says("读取没有成功") {
		t.Error("a failed wall is silent")
	}
	delete(x.fail, "Wall")
	st.press("重试")
	if len(st.wall().rows) != len(sampleCandidates) {
		t.Error("trying again shows nothing")
	}
	x.fail["Journal"] = exam.Errorf(exam.NotFound, "没有找到这名考生的测评，可能已不在本账号的范围内")
	st.openSeat("郑雅琴")
	if !st.says("没有读到这名考生的测评") || !st.says("没有找到这名考生的测评") {
		t.Error("a failed seat is silent")
	}
	st.press("返回考场")
	if st.wall() == nil {
		t.Error("it leads nowhere")
	}
}

// objects counts what a window would have to draw and lay out.
func objects(o fyne.CanvasObject) int {
	n := 0
	walk(o, func(fyne.CanvasObject) bool { n++; return false })
	return n
}

// A wall of two thousand builds the rows in view and no others, and a refresh builds none.
func TestTwoThousandSeatsBuildNoMoreThanAScreenful(t *testing.T) {
	few := onStage(t, newSample(exam.RoleProctor).hall(40), pageProctor)
	want := objects(few.window.Canvas().Content())
	st := onStage(t, newSample(exam.RoleProctor).hall(1984), pageProctor)
	if n := len(st.wall().rows); n != wallMost {
		t.Fatalf("%d rows", n)
	}
	got := objects(st.window.Canvas().Content())
	if got > want+want/10 {
		t.Fatalf("%d objects for 2000 rows, %d for 56", got, want)
	}
	st.clock.Pass(6 * time.Second)
	if again := objects(st.window.Canvas().Content()); again != got {
		t.Errorf("%d objects after three refreshes, %d before", again, got)
	}
}

func BenchmarkRefreshOfTwoThousandSeats(b *testing.B) {
	test.NewTempApp(b)
	defer shell.Use(&shell.Inline{})()
	s := seated(newSample(exam.RoleProctor).hall(1984), &sampleDesktop{})
	w := test.NewTempWindow(b, s.frame.Object())
	w.Resize(fyne.NewSize(1280, 800))
	s.frame.Go(string(pageProctor))
	wall := s.wallOf()
	page, err := s.session.Wall(context.Background(), sitting.Filter{Limit: wallMost})
	if err != nil {
		b.Fatal(err)
	}
	b.ResetTimer()
	for b.Loop() {
		wall.got = page
		wall.show(false)
	}
}

func TestWhoHasARightToMoreTimeIsStartedWithIt(t *testing.T) {
	st := onStage(t, newSample(exam.RoleProctor), pageProctor)
	st.openSeat("唐蕾")
	st.press("开始测评")
	entry := func() (found *part.Entry) {
		for _, o := range st.window.Canvas().Overlays().List() {
			walk(o, func(o fyne.CanvasObject) bool {
				e, ok := o.(*part.Entry)
				if ok {
					found = e
				}
				return ok
			})
		}
		return found
	}()
	if entry == nil {
		t.Fatal("there is no place for the minutes")
	}
	entry.SetText("200")
	st.press("确定开始")
	if len(st.s.room.commands) != 0 || !st.says("加时应是 1 至 120 分钟的整数") {
		t.Fatal("two hundred minutes were taken")
	}
	entry.SetText("15")
	st.press("确定开始")
	if c := st.s.room.commands; len(c) != 1 || c[0].Act != sitting.ActStart || c[0].Extra != 15*sitting.Minute {
		t.Errorf("%+v", c)
	}
}
