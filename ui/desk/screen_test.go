package desk

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/shell"
)

// stage is a window in memory with the whole program; everything happens at once.
type stage struct {
	t      *testing.T
	a      *App
	s      *sample
	e      *sampleEntrance
	d      *sampleDesktop
	window fyne.Window
	clock  *shell.Inline
}

// entering is the program at its sign-in.
func entering(t *testing.T, s *sample) *stage {
	t.Helper()
	test.NewTempApp(t)
	st := &stage{t: t, s: s, e: &sampleEntrance{s: s}, d: &sampleDesktop{}, clock: &shell.Inline{}}
	t.Cleanup(shell.Use(st.clock))
	st.a = New(Config{Entrance: st.e, Desktop: st.d, Now: sampleNow})
	st.window = test.NewTempWindow(t, st.a.Nav().Object())
	st.window.Resize(fyne.NewSize(1280, 800))
	st.a.Start()
	return st
}

// onStage is the program with its session, at a page.
func onStage(t *testing.T, s *sample, at pageID) *stage {
	t.Helper()
	st := entering(t, s)
	st.a.enter(s)
	st.a.seat.frame.Go(string(at))
	return st
}

func (st *stage) list() *queuePage { return st.a.seat.list() }

func (st *stage) open(doctor string) *casePage {
	st.t.Helper()
	p := st.a.seat.openCase(doctor)
	if p == nil {
		st.t.Fatalf("%s cannot be opened", doctor)
	}
	return p
}

// at is the case that is shown; nil for none.
func (st *stage) at() *casePage {
	p, _ := st.a.seat.frame.Nav().Page().(*casePage)
	return p
}

func (st *stage) roots() []fyne.CanvasObject {
	c := st.window.Canvas()
	if o := c.Overlays().Top(); o != nil {
		return []fyne.CanvasObject{o}
	}
	return []fyne.CanvasObject{c.Content()}
}

// press finds the topmost button with that text and presses it.
func (st *stage) press(text string) {
	st.t.Helper()
	for _, r := range st.roots() {
		var found *part.Button
		walk(r, func(o fyne.CanvasObject) bool {
			b, ok := o.(*part.Button)
			if ok && b.Text() == text && !b.Disabled() {
				found = b
			}
			return found != nil
		})
		if found != nil {
			found.Tapped(nil)
			return
		}
	}
	st.t.Fatalf("no button %q", text)
}

// key goes where the window's keys go: to what has the keyboard, or to the page.
func (st *stage) key(name fyne.KeyName) {
	c := st.window.Canvas()
	k := &fyne.KeyEvent{Name: name}
	if f := c.Focused(); f != nil {
		f.TypedKey(k)
		return
	}
	if f := c.OnTypedKey(); f != nil {
		f(k)
	}
}

func walk(o fyne.CanvasObject, f func(fyne.CanvasObject) bool) bool {
	if o == nil || !o.Visible() {
		return false
	}
	if f(o) {
		return true
	}
	switch x := o.(type) {
	case *fyne.Container:
		for _, c := range x.Objects {
			if walk(c, f) {
				return true
			}
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(x).Objects() {
			if walk(c, f) {
				return true
			}
		}
	}
	return false
}

// says tells whether the text stands anywhere in the window.
func (st *stage) says(text string) bool {
	c := st.window.Canvas()
	for _, r := range append([]fyne.CanvasObject{c.Content()}, c.Overlays().List()...) {
		if walk(r, func(o fyne.CanvasObject) bool {
			switch t := o.(type) {
			case *part.Text:
				return strings.Contains(t.Text(), text)
			case *canvas.Text:
				return strings.Contains(t.Text, text)
			}
			return false
		}) {
			return true
		}
	}
	return false
}

func (st *stage) state(doctor string) application.State { return st.s.file(doctor).e.Dossier.State }

func TestOneIsApprovedFromTheCaseAndTheNextOpens(t *testing.T) {
	st := onStage(t, newSample(exam.RoleInstitution), pageReview)
	st.open("李鸿雁")
	if !st.s.file("李鸿雁").e.Dossier.TakenUp || !st.says("已登记为开始审核") {
		t.Error("opening it did not take it up, or does not say so")
	}
	st.press("审核通过")
	if st.state("李鸿雁") != application.AwaitingInstitution {
		t.Fatal("it was approved without being asked")
	}
	st.press("确定通过")
	if st.state("李鸿雁") != application.AwaitingAssessor {
		t.Fatalf("state %s", st.state("李鸿雁"))
	}
	if p := st.at(); p == nil || p.v.name != "王建国" {
		t.Error("the next that waits is not open")
	}
	st.press("审核通过")
	st.press("确定通过")
	st.press("审核通过")
	st.press("确定通过")
	if st.list() == nil {
		t.Fatal("after the last, the list is not back")
	}
	if n := len(st.list().got.Rows); n != 0 {
		t.Errorf("%d rows are left", n)
	}
}

func TestNothingIsDecidedWhenOneLooksAgain(t *testing.T) {
	st := onStage(t, newSample(exam.RoleInstitution), pageReview)
	st.open("王建国")
	st.press("审核通过")
	st.press("再看看")
	if len(st.s.decisions) != 0 {
		t.Errorf("%+v", st.s.decisions)
	}
}

func TestReturningNeedsAReason(t *testing.T) {
	st := onStage(t, newSample(exam.RoleInstitution), pageReview)
	st.open("李鸿雁")
	st.press("退回修改")
	st.press("确定退回")
	if st.state("李鸿雁") != application.AwaitingInstitution || !st.says("请先写明理由") {
		t.Fatal("returned without a reason, or nothing is said")
	}
	st.press("照片不符合要求")
	st.press("确定退回")
	d := st.s.file("李鸿雁").e.Dossier
	if d.State != application.Returned || !strings.HasPrefix(d.ReturnedFor.Reason, "照片不符合要求") {
		t.Errorf("%s, %+v", d.State, d.ReturnedFor)
	}
}

func TestAWrittenReasonIsNotLostByLeaving(t *testing.T) {
	st := onStage(t, newSample(exam.RoleInstitution), pageReview)
	p := st.open("李鸿雁")
	st.press("退回修改")
	p.area.SetText("照片不清晰")
	st.press("下一位")
	if st.at() != p || !st.says("理由还没有提交") {
		t.Fatal("it was left without being asked")
	}
	st.press("继续写")
	if st.at() != p || p.area.Text() != "照片不清晰" {
		t.Fatal("going on writing, the reason is gone")
	}
	st.key(fyne.KeyEscape)
	if p.writes != "" {
		t.Fatal("Escape does not close the reason")
	}
	st.press("退回修改")
	if p.area.Text() != "照片不清晰" {
		t.Errorf("opened again, the reason is %q", p.area.Text())
	}
	st.press("下一位")
	st.press("离开")
	if st.at() == p {
		t.Error("it cannot be left")
	}
}

func TestManyAreApprovedAtOnceAndOneThatFailsStopsNone(t *testing.T) {
	s := newSample(exam.RoleInstitution).crowd(8)
	st := onStage(t, s, pageReview)
	q := st.list()
	q.tick()
	s.stuck[s.file("王建国").e.Application] = exam.Errorf(exam.Refused, "该信息现在不能审核")
	st.press("审核通过")
	if len(s.decisions) != 0 {
		t.Fatal("many were decided without being asked")
	}
	st.press("确定通过")
	if !st.says("10 名已通过，1 名没有办成") || !st.says("该信息现在不能审核") {
		t.Error("the sheet does not say how it went")
	}
	if st.state("待审医师008") != application.AwaitingAssessor || st.state("赵敏") != application.AwaitingAssessor || st.state("王建国") != application.AwaitingInstitution {
		t.Error("one that failed stopped others")
	}
	st.press("知道了")
	if len(q.got.Rows) != 1 || q.sel.len() != 1 || !q.sel.has(s.file("王建国").e.Application) {
		t.Errorf("%d rows, %d ticked: the one that failed stays ticked", len(q.got.Rows), q.sel.len())
	}
}

func TestManyAreReturnedOnlyWithAReason(t *testing.T) {
	st := onStage(t, newSample(exam.RoleInstitution), pageReview)
	st.list().tick("李鸿雁", "赵敏")
	st.press("退回修改")
	st.press("确定退回")
	if len(st.s.decisions) != 0 || !st.says("请先写明理由") {
		t.Fatal("returned without a reason")
	}
	st.press("照片不符合要求")
	st.press("确定退回")
	if st.state("李鸿雁") != application.Returned || st.state("赵敏") != application.Returned || st.state("王建国") != application.AwaitingInstitution {
		t.Error("not those that were ticked")
	}
}

func TestWhatMovedWhileTickedIsNamedAndLetGo(t *testing.T) {
	st := onStage(t, newSample(exam.RoleInstitution), pageReview)
	st.list().tick()
	st.s.file("王建国").change()
	st.clock.Pass(refreshEvery)
	if st.list().sel.len() != 2 || !st.says("王建国 的信息有变化") {
		t.Errorf("%d are ticked", st.list().sel.len())
	}
}

func TestACaseThatChangedMeanwhileSaysWhichFields(t *testing.T) {
	st := onStage(t, newSample(exam.RoleInstitution), pageReview)
	p := st.open("李鸿雁")
	st.press("退回修改")
	p.area.SetText("照片不清晰")
	st.s.file("李鸿雁").change()
	st.press("确定退回")
	if d := st.s.file("李鸿雁").e.Dossier; d.State != application.AwaitingInstitution {
		t.Fatalf("decided on what nobody saw: %s", d.State)
	}
	if !st.says("手机号码") || !st.says("科室") || !st.says("医师的信息有变化") {
		t.Error("it is not said what changed")
	}
	st.press("知道了")
	if p.area == nil || p.area.Text() != "照片不清晰" {
		t.Fatal("the written reason is gone")
	}
	st.press("确定退回")
	if st.state("李鸿雁") != application.Returned {
		t.Error("looked at again, it cannot be decided")
	}
}

func TestACaseSubmittedAnewIsTakenUpAnew(t *testing.T) {
	st := onStage(t, newSample(exam.RoleInstitution), pageReview)
	st.open("李鸿雁")
	st.s.file("李鸿雁").change()
	if st.s.file("李鸿雁").e.Dossier.TakenUp {
		t.Fatal("the sample is wrong")
	}
	st.clock.Pass(refreshEvery)
	if !st.s.file("李鸿雁").e.Dossier.TakenUp || !st.says("医师刚刚修改了 手机号码、科室") {
		t.Error("the page says it is taken up, and it is not; or not what changed")
	}
}

func TestASessionThatEndedReturnsToTheSignInAndSaysWhy(t *testing.T) {
	st := onStage(t, newSample(exam.RoleInstitution), pageReview)
	st.open("李鸿雁")
	st.press("审核通过")
	st.s.fail["Decide"] = exam.Errorf(exam.Unauthenticated, "登录已过期")
	st.press("确定通过")
	if _, ok := st.a.nav.Page().(*signInPage); !ok || st.a.seat != nil {
		t.Fatal("the sign-in is not shown")
	}
	if st.window.Canvas().Overlays().Top() != nil {
		t.Error("a dialog stands above the sign-in")
	}
	if !st.says(expiredText) {
		t.Error("it is not said why")
	}
	if st.s.closed != 1 {
		t.Errorf("closed %d times", st.s.closed)
	}
}

func TestAReadThatFailedCanBeTriedAgain(t *testing.T) {
	s := newSample(exam.RoleInstitution)
	s.fail["Rows"] = lineDown()
	st := onStage(t, s, pageReview)
	if !st.says("读取没有成功") {
		t.Fatal("a list that was not read does not say so")
	}
	delete(s.fail, "Rows")
	st.press("重试")
	if len(st.list().got.Rows) != 3 || st.says("读取没有成功") {
		t.Error("trying again does not help")
	}
	s.fail["Rows"] = lineDown()
	st.clock.Pass(refreshEvery)
	if len(st.list().got.Rows) != 3 || !st.says("刷新没有成功") {
		t.Error("what was read is gone, or its age is not said")
	}
	delete(s.fail, "Rows")
	s.fail["Case"] = lineDown()
	p := st.open("李鸿雁")
	if p.have || !st.says("没有读到这位医师的信息") {
		t.Fatal("a case that was not read does not say so")
	}
	delete(s.fail, "Case")
	st.press("重试")
	if !p.have || p.v.name != "李鸿雁" {
		t.Error("trying again does not help")
	}
}

func TestThePhotographCanBeReadAgain(t *testing.T) {
	s := newSample(exam.RoleInstitution)
	s.fail["Picture"] = lineDown()
	st := onStage(t, s, pageReview)
	st.open("李鸿雁")
	delete(s.fail, "Picture")
	st.press("照片没有读到，点此重试")
	st.press("放大照片")
	if st.window.Canvas().Overlays().Top() == nil {
		t.Error("the photograph is not shown")
	}
}

func TestACaseIsDecidedWithTheKeyboardAlone(t *testing.T) {
	st := onStage(t, newSample(exam.RoleInstitution), pageReview)
	for n := 0; !strings.HasSuffix(fmt.Sprintf("%T", st.window.Canvas().Focused()), "rowList"); n++ { // as after Tab to the rows
		if n == 40 {
			t.Fatal("Tab never gets to the rows")
		}
		st.window.Canvas().FocusNext()
	}
	p := st.open("李鸿雁")
	st.key(fyne.KeyRight)
	if st.at() == p || st.at().v.name != "王建国" {
		t.Fatal("the arrow does not lead on")
	}
	st.key(fyne.KeyLeft)
	st.key(fyne.KeyLeft) // there is none before
	if st.at().v.name != "李鸿雁" {
		t.Fatal("the arrow does not lead back")
	}
	st.key(fyne.KeyDown)
	if st.at().scroll.Offset.Y <= 0 {
		t.Error("the arrow does not scroll")
	}
	st.key(fyne.KeyA)
	if st.state("李鸿雁") != application.AwaitingInstitution {
		t.Fatal("A decided without being asked")
	}
	st.key(fyne.KeyReturn)
	if st.state("李鸿雁") != application.AwaitingAssessor {
		t.Fatal("Enter does not say yes")
	}
	st.key(fyne.KeyR)
	p = st.at()
	if p.writes != verbReturn || st.window.Canvas().Focused() != fyne.Focusable(p.area.Entry) {
		t.Fatal("R does not open the reason")
	}
	st.key(fyne.KeyA) // typed into the reason: decides nothing
	if st.window.Canvas().Overlays().Top() != nil {
		t.Error("a letter of the reason decides")
	}
}

func TestKeysOfThePageDoNothingWhereItIsLeft(t *testing.T) {
	st := onStage(t, newSample(exam.RoleInstitution), pageReview)
	st.open("李鸿雁")
	st.key(fyne.KeyEscape)
	if st.list() == nil {
		t.Fatal("Escape does not lead back")
	}
	st.key(fyne.KeyA)
	if st.window.Canvas().Overlays().Top() != nil {
		t.Error("the list hears a key of the case")
	}
}

func TestANoticeIsRevokedOnlyWithReasonAndWord(t *testing.T) {
	st := onStage(t, newSample(exam.RoleAuthority), pageIssued)
	p := st.open("孙立新")
	st.press("撤销")
	st.press("确定撤销")
	if len(st.s.revoked) != 0 || !st.says("请先写明理由") {
		t.Fatal("revoked without a reason")
	}
	st.press("通知书信息有误")
	st.press("确定撤销")
	if len(st.s.revoked) != 0 || !st.says("输入“撤销”两个字") {
		t.Fatal("revoked without the word")
	}
	walk(st.window.Canvas().Overlays().Top(), func(o fyne.CanvasObject) bool {
		f, ok := o.(*part.Field)
		if ok && f.Label() == "确认" {
			f.Control.(*part.Entry).SetText("撤销")
			return true
		}
		return false
	})
	st.press("确定撤销")
	if len(st.s.revoked) != 1 || p.v.notices[0].revoked == "" || len(p.v.verbs) != 1 || p.v.verbs[0] != verbIssue {
		t.Errorf("revoked %v, the page: %+v %v", st.s.revoked, p.v.notices, p.v.verbs)
	}
}

func TestANoticeIsIssuedSavedAndShown(t *testing.T) {
	st := onStage(t, newSample(exam.RoleAuthority), pageAll)
	p := st.open("刘桂芳")
	st.key(fyne.KeyA)
	st.press("确定签发")
	if len(p.v.notices) != 1 || len(st.s.issues) != 1 {
		t.Fatalf("%d notices", len(p.v.notices))
	}
	st.press("另存为")
	st.d.fail = exam.Errorf(exam.Refused, "这个位置不能写入，请换一个文件夹")
	st.press("保存")
	if !st.says("这个位置不能写入") || len(st.d.files) != 0 {
		t.Fatal("a save that failed is not said")
	}
	st.d.fail = nil
	st.press("保存")
	if len(st.d.files) != 1 || st.window.Canvas().Overlays().Top() != nil {
		t.Errorf("files %v", st.d.files)
	}
	st.press("查看")
	if len(st.d.opened) != 1 {
		t.Error("where nothing draws a PDF, the system's reader is not asked")
	}
	st.d.page = part.SpecimenScan(1, 600, 848)
	st.press("查看")
	if st.window.Canvas().Overlays().Top() == nil {
		t.Error("the sheet is not shown")
	}
}

func TestTheWholeNumberIsReadOnlyAfterAYes(t *testing.T) {
	st := onStage(t, newSample(exam.RoleInstitution), pageReview)
	st.open("李鸿雁")
	st.press("显示完整号码")
	st.press("取消")
	if len(st.s.revealed) != 0 {
		t.Fatal("read without a yes")
	}
	st.press("显示完整号码")
	st.press("显示")
	if len(st.s.revealed) != 1 || !st.says(string(st.s.file("李鸿雁").e.Doctor.Identity)) || !st.says("已记入审计日志") {
		t.Error("the number or the note is missing")
	}
}

func TestACorrectionIsAnswered(t *testing.T) {
	st := onStage(t, newSample(exam.RoleInstitution), pageCorrections)
	st.open("吴海峰")
	st.press("同意修改")
	st.press("确定同意")
	if f := st.s.file("吴海峰").e.Dossier.Form; f.Basic.Mobile != "13903551234" {
		t.Error("the new number does not stand")
	}
}

func TestFiltersNarrowAndAreTakenBack(t *testing.T) {
	st := onStage(t, newSample(exam.RoleAssessor), pageAll)
	q := st.list()
	if n := len(q.got.Rows); n != len(sampleDoctors) {
		t.Fatalf("%d rows", n)
	}
	q.search.Entry.SetText("诸葛")
	q.search.OnSearch("诸葛")
	if len(q.got.Rows) != 0 || !st.says("没有符合条件的医师") || !q.reset.Visible() {
		t.Fatal("nothing found is not said")
	}
	st.press("清除条件")
	if len(q.got.Rows) != len(sampleDoctors) || q.search.Text() != "" || q.reset.Visible() {
		t.Error("the conditions are not taken back")
	}
	q.table.OnSort(0, true)
	if last := st.s.filters[len(st.s.filters)-1]; last.Sort != "-name" {
		t.Errorf("sorted by %q", last.Sort)
	}
	st.open("张伟")
	st.press("返回列表")
	if st.list() != q || q.filter.Sort != "-name" {
		t.Error("coming back, the list is another")
	}
}

func TestTicksStayAcrossPages(t *testing.T) {
	s := newSample(exam.RoleInstitution).empty().crowd(70)
	st := onStage(t, s, pageReview)
	q := st.list()
	q.tick()
	st.press("下一页")
	if len(q.got.Rows) != 20 || q.sel.len() != pageSize {
		t.Fatalf("%d rows, %d ticked", len(q.got.Rows), q.sel.len())
	}
	q.tick()
	st.press("审核通过")
	st.press("确定通过")
	if len(s.decisions) != 2 || len(waitingRows(s)) != 0 {
		t.Fatalf("%d requests, %d wait", len(s.decisions), len(waitingRows(s)))
	}
	st.press("知道了")
	if q.number != 0 || q.sel.len() != 0 {
		t.Errorf("page %d of a list that became shorter, %d ticked", q.number, q.sel.len())
	}
}

func TestEachRoleBeginsAtItsOwnWork(t *testing.T) {
	for role, want := range map[exam.Role]string{exam.RoleInstitution: "review", exam.RoleAssessor: "second", exam.RoleAuthority: "issue",
		exam.RoleAdministrator: "all", exam.RoleProctor: "proctor"} {
		st := entering(t, newSample(role))
		st.a.enter(st.s)
		if got := st.a.seat.frame.At(); got != want {
			t.Errorf("%s begins at %s", role, got)
		}
		if err := st.a.Close(context.Background()); err != nil || st.s.closed != 1 {
			t.Errorf("%v, closed %d", err, st.s.closed)
		}
		if err := st.a.Close(context.Background()); err != nil || st.s.closed != 1 {
			t.Errorf("closed twice: %v, %d", err, st.s.closed)
		}
	}
}

func TestARefusedSignInAsksForANewPictureAndKeepsTheAccount(t *testing.T) {
	st := entering(t, newSample(exam.RoleInstitution))
	p := st.a.nav.Page().(*signInPage)
	in := part.SignInInput{Province: "14", Login: " czsyy01 ", Password: "wrong", Text: "7k2m"}
	st.s.fail["SignIn"] = exam.Errorf(exam.WrongPassword, "账号、密码或验证码不对")
	before := p.asked
	p.form.SetInput(in)
	p.submit(in)
	if st.a.seat != nil || p.asked != before+1 || p.form.Input().Password != "" || p.form.Input().Login != in.Login || !st.says("账号、密码或验证码不对") {
		t.Errorf("asked %d, input %+v", p.asked-before, p.form.Input())
	}
	delete(st.s.fail, "SignIn")
	p.submit(in)
	if st.a.seat == nil || st.e.sent[1].Login != "czsyy01" {
		t.Error("signing in again does not work")
	}
}

func TestTheFirstPasswordIsChangedBeforeAnythingElse(t *testing.T) {
	s := newSample(exam.RoleInstitution)
	s.account.MustChange = true
	st := entering(t, s)
	st.a.enter(s)
	if st.a.seat.frame != nil || len(s.filters) != 0 {
		t.Fatal("the frame opened with the first password")
	}
	var form *part.PasswordForm
	walk(st.a.nav.Object(), func(o fyne.CanvasObject) bool {
		f, ok := o.(*part.PasswordForm)
		if ok {
			form = f
		}
		return ok
	})
	form.Fill(exam.FirstPassword, "spring2024", "spring2024")
	form.Submit()
	if st.a.seat.frame == nil || s.password != "spring2024" {
		t.Error("the frame did not open after the change")
	}
}

func TestEveryExhibitCanBeShown(t *testing.T) {
	test.NewTempApp(t)
	t.Cleanup(shell.Use(&shell.Inline{}))
	seen := map[string]bool{}
	for _, x := range Gallery() {
		if seen[x.Name] || !strings.HasPrefix(x.Name, "desk-") {
			t.Errorf("bad or doubled name %s", x.Name)
		}
		seen[x.Name] = true
		w := test.NewWindow(x.Build())
		w.Resize(fyne.NewSize(1024, 700))
		if x.Then != nil {
			x.Then(w.Canvas())
		}
		if m := w.Canvas().Content().MinSize(); m.Width > 1024 || m.Height > 700 {
			t.Errorf("%s needs a window of %v", x.Name, m)
		}
		w.Close()
	}
}
