package terminal

import (
	"bytes"
	"context"
	"image/jpeg"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/shell"
)

// stage is a window in memory with one seat; everything happens at once.
type stage struct {
	t      *testing.T
	s      *sample
	d      *sampleDesktop
	seat   *seat
	window fyne.Window
	clock  *shell.Inline
}

func onStage(t *testing.T, s *sample, at pageID) *stage {
	t.Helper()
	test.NewTempApp(t)
	clock := &shell.Inline{}
	t.Cleanup(shell.Use(clock))
	d := &sampleDesktop{}
	st := &stage{t: t, s: s, d: d, clock: clock}
	st.seat = &seat{session: s, desktop: d, about: s.about(), today: func() exam.Date { return sampleToday }, life: shell.NewLife()}
	newFrame(st.seat, func() {})
	st.window = test.NewTempWindow(t, st.seat.frame.Object())
	st.window.Resize(fyne.NewSize(1280, 800))
	st.seat.frame.Go(string(at))
	return st
}

func (st *stage) enrol() *enrolPage { return enrolling(st.seat) }

// press finds the topmost button with that text and presses it.
func (st *stage) press(text string) {
	st.t.Helper()
	c := st.window.Canvas()
	roots := []fyne.CanvasObject{c.Content()}
	if o := c.Overlays().Top(); o != nil {
		roots = []fyne.CanvasObject{o}
	}
	for _, r := range roots {
		if b := findButton(r, text); b != nil {
			b.Tapped(nil)
			return
		}
	}
	st.t.Fatalf("no button %q", text)
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

func findButton(root fyne.CanvasObject, text string) *part.Button {
	var found *part.Button
	walk(root, func(o fyne.CanvasObject) bool {
		if b, ok := o.(*part.Button); ok && b.Text() == text {
			found = b
			return true
		}
		return false
	})
	return found
}

// says tells whether the text stands anywhere in the window.
func (st *stage) says(text string) bool {
	c := st.window.Canvas()
	roots := append([]fyne.CanvasObject{c.Content()}, c.Overlays().List()...)
	for _, r := range roots {
		if walk(r, func(o fyne.CanvasObject) bool {
			t, ok := o.(*part.Text)
			return ok && strings.Contains(t.Text(), text)
		}) {
			return true
		}
	}
	return false
}

func TestWhatIsTypedIsKeptAtOnceAndSavedAsAStep(t *testing.T) {
	st := onStage(t, newSample().included(), pageEnrol)
	p := st.enrol()
	page := p.page.(*basicPage)
	email := page.fields["email"].Control.(*part.Entry)
	st.window.Canvas().Focus(email)
	test.Type(email, "a@b.cn")
	if n := len(st.s.kept); n != 6 {
		t.Fatalf("6 signs were typed, KeepDraft was called %d times", n)
	}
	last := st.s.kept[5]
	if last.Basic == nil || last.Basic.Email != "a@b.cn" || last.Practice != nil {
		t.Fatalf("kept %+v", last)
	}
	if last.Basic.Birth != "1986-03-05" || last.Basic.Sex != exam.Female {
		t.Errorf("what the roster knows is not in the draft: %+v", last.Basic)
	}
	st.press("保存")
	if len(st.s.saves) != 1 || st.s.saves[0].Basic.Email != "a@b.cn" || st.s.saves[0].Practice != nil {
		t.Fatalf("saved %+v", st.s.saves)
	}
	st.press("保存")
	if len(st.s.saves) != 1 {
		t.Error("saving what is saved already made another entry")
	}
}

func TestADraftIsShownWhenOneComesBack(t *testing.T) {
	s := newSample().included()
	s.draft = application.Form{Practice: &application.Practice{Department: "儿科"}}
	st := onStage(t, s, pageEnrol)
	st.enrol().openStep(application.StepPractice)
	if got := st.enrol().page.(*practicePage).fields["department"].Control.(*part.Entry).Text; got != "儿科" {
		t.Errorf("the department shows %q", got)
	}
}

func TestASaveThatFailsKeepsTheDraft(t *testing.T) {
	s := newSample().included()
	st := onStage(t, s, pageEnrol)
	test.Type(st.enrol().page.(*basicPage).fields["email"].Control.(*part.Entry), "a")
	s.fail["SaveStep"] = exam.Errorf(exam.Refused, "现在不能保存")
	st.press("保存")
	if !st.says("现在不能保存") || s.draft.Basic == nil || s.draft.Basic.Email != "a" {
		t.Errorf("draft %+v", s.draft.Basic)
	}
}

func TestNextMarksWhatIsMissingAndLetsOneGoOn(t *testing.T) {
	st := onStage(t, newSample().included(), pageEnrol)
	st.press("下一步")
	p := st.enrol()
	page := p.page.(*basicPage)
	if p.step != application.StepBasic || page.fields["email"].Error() == "" || page.fields["photo"].Error() == "" {
		t.Fatalf("at %s, email: %q", p.step, page.fields["email"].Error())
	}
	test.Type(page.fields["email"].Control.(*part.Entry), "a@b.cn")
	if page.fields["email"].Error() != "" {
		t.Error("the mark stays though the field is filled")
	}
	st.press("仍去下一步")
	if p.step != application.StepPractice {
		t.Errorf("at %s", p.step)
	}
	if len(st.s.saves) != 2 {
		t.Errorf("%d saves, want the step twice: as it was, and as it was mended", len(st.s.saves))
	}
}

func TestCategoryDecidesWhichScopesCanBePicked(t *testing.T) {
	s := newSample().included()
	s.saved(s.wholeForm())
	st := onStage(t, s, pageEnrol)
	p := st.enrol()
	p.openStep(application.StepPractice)
	page := p.page.(*practicePage)
	scopes := page.fields["scopes"].Control.(*part.MultiSelect)
	if len(scopes.Chosen()) != len(p.b.form.Practice.Scopes) || len(scopes.Chosen()) == 0 {
		t.Fatalf("shown %v, stored %v", scopes.Chosen(), p.b.form.Practice.Scopes)
	}
	category := page.fields["category"].Control.(*part.Choices)
	before := p.b.form.Practice.Category
	category.OnChanged(part.Option{Key: "2", Name: "口腔"})
	if got := p.b.form.Practice; got.Category.Name != "口腔" || len(got.Scopes) != 0 {
		t.Errorf("scopes of %s stay under %s: %v", before.Name, got.Category.Name, got.Scopes)
	}
}

func TestTheSimpleProcedureIsOfferedOnlyWhereAConditionCanHold(t *testing.T) {
	s := newSample()
	s.e.Cycle.OtherConditions = nil
	s.included()
	f := s.wholeForm()
	f.Practice.LicenceOn, f.Practice.QualificationOn = "2022-03-01", "2021-12-01"
	f.Choice = nil
	s.saved(f)
	st := onStage(t, s, pageEnrol)
	p := st.enrol()
	p.openStep(application.StepProcedure)
	page := p.page.(*procedurePage)
	page.ways.OnChanged(part.Option{Key: string(application.Simple)})
	if p.b.form.Choice.Procedure != "" {
		t.Error("simple was taken though no condition can hold")
	}
	if !st.says("不符合：按执业证书取得时间计算，执业未满5年") {
		t.Error("it is not said why")
	}
	page.ways.OnChanged(part.Option{Key: string(application.General)})
	if p.b.form.Choice.Procedure != application.General || len(st.s.kept) == 0 {
		t.Error("general was not taken")
	}
}

func TestAPictureIsUploadedShownAndTakenAway(t *testing.T) {
	s := newSample().included()
	st := onStage(t, s, pageEnrol)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, portrait(1), nil); err != nil {
		t.Fatal(err)
	}
	st.d.files = map[string][]byte{"/tmp/me.jpg": b.Bytes(), "/tmp/no.txt": []byte("text")}
	page := st.enrol().page.(*basicPage)
	page.Drop("/tmp/no.txt")
	if st.enrol().b.form.Basic.Photo.Hash != "" {
		t.Fatal("a text became a photograph")
	}
	page.ask()
	entry, ok := st.window.Canvas().Focused().(*part.Entry)
	if !ok {
		t.Fatal("the path has not the keyboard")
	}
	test.Type(entry, "/tmp/none.jpg")
	st.press("上传")
	if !st.says("没有找到这个文件") {
		t.Error("nothing is said of a missing file")
	}
	entry.SetText("/tmp/me.jpg")
	st.press("上传")
	if st.enrol().b.form.Basic.Photo.Hash == "" || st.s.draft.Basic.Photo.Name != "me.jpg" {
		t.Fatalf("photo %+v", st.s.draft.Basic)
	}
	if st.window.Canvas().Overlays().Top() != nil {
		t.Error("the dialog stays open")
	}
	page.remove.Tapped(nil)
	if st.s.draft.Basic.Photo.Hash != "" {
		t.Error("the photograph stays in the draft")
	}
}

func TestSubmittingWholeFormShowsTheSuccessPage(t *testing.T) {
	s := newSample().included()
	s.saved(s.wholeForm())
	st := onStage(t, s, pageEnrol)
	st.enrol().openStep(application.StepConfirm)
	st.press("提交信息")
	st.press("提交信息") // of the question
	if s.e.Dossier.State != application.AwaitingInstitution {
		t.Fatalf("state %s", s.e.Dossier.State)
	}
	if !st.says("个人报名信息提交成功，请耐心等待机构审核。") {
		t.Error("no success page")
	}
	st.press("查看信息")
	if !st.says("1404************22") {
		t.Error("the identity number is not there, or not masked")
	}
	st.press("撤回提交")
	st.press("撤回")
	if s.e.Dossier.State != application.Draft || st.enrol().view.Mode != modeEdit {
		t.Errorf("state %s, mode %s", s.e.Dossier.State, st.enrol().view.Mode)
	}
}

func TestSubmittingOfflineSaysThatItWaitsHere(t *testing.T) {
	s := newSample().included()
	s.saved(s.wholeForm()).offline(0)
	st := onStage(t, s, pageEnrol)
	st.enrol().openStep(application.StepConfirm)
	st.press("提交信息")
	st.press("提交信息")
	if !st.says("已在本机保存，联网后自动送出") || st.says("提交成功") {
		t.Error("the page does not tell the truth")
	}
	s.line = exam.Line{Online: true}
	s.tell()
	if !st.says("个人报名信息提交成功") {
		t.Error("delivered, and the page does not say so")
	}
}

func TestAnIncompleteFormIsListedAndNotSubmitted(t *testing.T) {
	s := newSample().included()
	f := s.wholeForm()
	f.Practice.Department = ""
	s.saved(f)
	st := onStage(t, s, pageEnrol)
	p := st.enrol()
	p.openStep(application.StepConfirm)
	if !st.says("请填写科室") {
		t.Error("the missing field is not listed")
	}
	st.press("提交信息")
	if s.e.Dossier.State != application.Draft || !st.says("“执业信息”") {
		t.Errorf("state %s", s.e.Dossier.State)
	}
	st.press("知道了")
	st.press("去填写")
	if p.step != application.StepPractice {
		t.Errorf("the link leads to %s", p.step)
	}
}

func TestAConflictIsSettledStepByStep(t *testing.T) {
	s := newSample().included()
	s.saved(s.wholeForm())
	b, q := *s.e.Dossier.Form.Basic, *s.e.Dossier.Form.Practice
	b.Email, q.Department = "mine@x.cn", "我的科室"
	mine := application.Form{Basic: &b, Practice: &q}
	s.conflict = &application.Conflict{Theirs: s.e.Dossier.Form, Mine: mine, Differences: application.Differences(s.e.Cycle, mine, s.e.Dossier.Form)}
	st := onStage(t, s, pageEnrol)
	if !st.says("mine@x.cn") || !st.says("lihongyan@example.com") {
		t.Fatal("both values are not shown")
	}
	settle := findButton(st.window.Content(), "按所选保留")
	if !settle.Disabled() {
		t.Error("it can be settled before a choice")
	}
	var ways []*part.Choices
	walk(st.window.Content(), func(o fyne.CanvasObject) bool {
		if c, ok := o.(*part.Choices); ok {
			ways = append(ways, c)
		}
		return false
	})
	if len(ways) != 2 {
		t.Fatalf("%d choices", len(ways))
	}
	ways[0].OnChanged(part.Option{Key: "mine"})
	if !settle.Disabled() {
		t.Error("it can be settled with one of two chosen")
	}
	ways[1].OnChanged(part.Option{Key: "theirs"})
	settle.Tapped(nil)
	if !s.settled[application.StepBasic] || s.settled[application.StepPractice] || len(s.settled) != 2 {
		t.Errorf("settled %v", s.settled)
	}
	if st.enrol().view.Mode != modeEdit {
		t.Error("the steps are not back")
	}
}

func TestWhatAnotherTerminalSavedReplacesOnlyWhatWasNotTouched(t *testing.T) {
	s := newSample().included()
	s.saved(s.wholeForm())
	st := onStage(t, s, pageEnrol)
	p := st.enrol()
	p.openStep(application.StepBasic)
	test.Type(p.page.(*basicPage).fields["email"].Control.(*part.Entry), "x")
	b, q := *s.e.Dossier.Form.Basic, *s.e.Dossier.Form.Practice
	b.Mobile, q.Department = "13999999999", "新科室"
	s.saved(application.Form{Basic: &b, Practice: &q})
	s.tell()
	if p.b.form.Practice.Department != "新科室" {
		t.Error("the untouched step is old")
	}
	if got := p.b.form.Basic.Email; !strings.HasPrefix(got, "x") || p.b.form.Basic.Mobile == "13999999999" {
		t.Errorf("the touched step was overwritten: %+v", p.b.form.Basic)
	}
}

func TestLeavingAPageEndsWhatItWatched(t *testing.T) {
	s := newSample().included()
	st := onStage(t, s, pageHome)
	base := len(s.watchers)
	for _, m := range menu {
		st.seat.frame.Go(string(m.ID))
		if n := len(s.watchers); n > base {
			t.Errorf("%s: %d watchers, want at most %d", m.ID, n, base)
		}
	}
	st.seat.frame.Nav().Close()
	st.seat.life.End()
	if n := len(s.watchers); n != 0 {
		t.Errorf("%d watchers are left", n)
	}
}

func TestStepOneCanBeFilledWithTheKeyboardAlone(t *testing.T) {
	st := onStage(t, newSample().included(), pageEnrol)
	c := st.window.Canvas()
	p := st.enrol()
	page := p.page.(*basicPage)
	key := func(name fyne.KeyName) {
		if f := c.Focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: name})
		}
	}
	tab := func() { c.FocusNext() }
	to := func(o fyne.CanvasObject) {
		t.Helper()
		for range 40 {
			if f, ok := c.Focused().(fyne.CanvasObject); ok && f == o {
				return
			}
			tab()
		}
		t.Fatal("Tab never gets there")
	}
	pick := func(field string) {
		to(page.fields[field].Control)
		key(fyne.KeyReturn) // opens the list, with its search box
		key(fyne.KeyReturn) // takes the first
		if c.Overlays().Top() != nil {
			t.Fatalf("%s: the list stays open", field)
		}
	}
	pick("ethnic")
	pick("education")
	to(page.fields["email"].Control)
	for _, r := range "a@b.cn" {
		c.Focused().TypedRune(r)
	}
	tab()
	if c.Focused() != page.fields["mobile"].Control.(fyne.Focusable) {
		t.Error("mobile does not follow e-mail")
	}
	b := p.b.form.Basic
	if b.Ethnic.Name != "汉族" || b.Education.Name == "" || b.Email != "a@b.cn" {
		t.Errorf("%+v", b)
	}
	to(p.next)
	key(fyne.KeyReturn)
	if page.fields["photo"].Error() == "" {
		t.Error("Enter on 下一步 did nothing")
	}
	key(fyne.KeyReturn)
	if p.step != application.StepPractice {
		t.Errorf("at %s", p.step)
	}
}

func TestACorrectionSendsOnlyWhatWasChanged(t *testing.T) {
	s := newSample().qualified()
	st := onStage(t, s, pageProfile)
	st.press("申请修改")
	p := st.seat.frame.Nav().Page().(*profilePage)
	st.press("提交申请")
	if s.asked != nil || !st.says("还没有改动任何内容") {
		t.Fatal("an empty correction went out")
	}
	st.press("知道了")
	var mobile *part.Entry
	walk(p.body.Content, func(o fyne.CanvasObject) bool {
		if f, ok := o.(*part.Field); ok && f.Label() == "手机号码" {
			mobile = f.Control.(*part.Entry)
			return true
		}
		return false
	})
	mobile.SetText("13900001111")
	st.press("提交申请")
	if s.asked != nil {
		t.Fatal("a correction without a reason went out")
	}
	st.seat.reason = "换号"
	st.press("提交申请")
	if s.asked == nil || s.asked.Basic == nil || s.asked.Basic.Mobile != "13900001111" || s.asked.Practice != nil || s.asked.Choice != nil {
		t.Fatalf("asked %+v", s.asked)
	}
	if !st.says("修改申请待审核") {
		t.Error("the page does not say that it waits")
	}
}

func TestTheNoticeIsSavedAndAFailedPrintSaysWhy(t *testing.T) {
	s := newSample().qualified().issued("N1")
	st := onStage(t, s, pageResult)
	if !st.says("正式版式以保存或打印的通知书为准") {
		t.Error("the drawn preview does not say that it is drawn")
	}
	st.press("保存")
	st.press("保存")
	if len(st.d.files) != 1 || !st.says("已保存到") {
		t.Fatalf("files %v", st.d.files)
	}
	st.press("知道了")
	st.d.fail = exam.Errorf(exam.NotFound, "没有找到可用的打印机")
	st.press("打印")
	if !st.says("没有找到可用的打印机") {
		t.Error("a failed print is not said")
	}
	st.press("知道了")
	st.d.fail, st.d.said = nil, "打印任务 laser-7 已提交"
	st.press("打印")
	if !st.says("laser-7") {
		t.Error("what the system said is not shown")
	}
}

// entering is the sign-in on a window in memory.
func entering(t *testing.T) (*App, *sampleEntrance, *signInPage) {
	t.Helper()
	test.NewTempApp(t)
	t.Cleanup(shell.Use(&shell.Inline{}))
	e := &sampleEntrance{sample: newSample().included()}
	a := New(Config{Entrance: e, Desktop: &sampleDesktop{}, Now: func() time.Time { return time.Date(2024, 9, 12, 9, 0, 0, 0, exam.China) }})
	w := test.NewTempWindow(t, a.Nav().Object())
	w.Resize(fyne.NewSize(1280, 800))
	a.Start()
	return a, e, a.nav.Page().(*signInPage)
}

func TestAWrongIdentityNumberIsNotSent(t *testing.T) {
	_, e, p := entering(t)
	p.submit(part.SignInInput{Province: "14", Login: "140404198603055020", Password: "x", Text: "y"})
	if len(e.sent) != 0 {
		t.Fatal("it was sent")
	}
}

func TestTheFirstPasswordMustBeChangedBeforeAnythingElse(t *testing.T) {
	a, e, p := entering(t)
	e.account.MustChange = true
	p.submit(part.SignInInput{Province: "14", Login: string(e.e.Doctor.Identity), Password: exam.FirstPassword, Text: "y"})
	if len(e.sent) != 1 || a.seat == nil || a.seat.frame != nil {
		t.Fatal("the frame opened with the first password")
	}
	var form *part.PasswordForm
	walk(a.nav.Object(), func(o fyne.CanvasObject) bool {
		f, ok := o.(*part.PasswordForm)
		if ok {
			form = f
		}
		return ok
	})
	form.Fill(exam.FirstPassword, "spring2024", "spring2024")
	form.Submit()
	if a.seat.frame == nil || e.password != "spring2024" {
		t.Error("the frame did not open after the change")
	}
}

func TestARefusedSignInAsksForANewPicture(t *testing.T) {
	a, e, p := entering(t)
	e.fail["SignIn"] = exam.Errorf(exam.WrongPassword, "身份证号、密码或验证码不对")
	before := p.asked
	p.form.SetInput(part.SignInInput{Province: "14", Login: string(e.e.Doctor.Identity), Password: "wrong", Text: "y"})
	p.submit(p.form.Input())
	if a.seat != nil || p.asked != before+1 || p.form.Input().Text != "" || p.form.Input().Login == "" {
		t.Errorf("asked %d, input %+v", p.asked-before, p.form.Input())
	}
}

func TestWithoutTheRegistryOneWhoWasHereCanEnter(t *testing.T) {
	a, e, p := entering(t)
	e.fail["About"] = unavailable()
	p.ask()
	p.form.SetInput(part.SignInInput{Province: "14", Login: string(e.e.Doctor.Identity), Password: "spring2024"})
	p.offline()
	if a.seat != nil {
		t.Fatal("a stranger entered")
	}
	e.before = true
	p.offline()
	if a.seat == nil || !a.seat.offline || a.seat.frame == nil {
		t.Fatal("one who was here could not enter")
	}
}

func TestSigningOutClosesTheSession(t *testing.T) {
	a, e, p := entering(t)
	p.submit(part.SignInInput{Province: "14", Login: string(e.e.Doctor.Identity), Password: "spring2024", Text: "y"})
	if a.seat == nil {
		t.Fatal("not signed in")
	}
	a.signOut()
	if e.closed != 1 || len(e.watchers) != 0 {
		t.Errorf("closed %d times, %d watchers left", e.closed, len(e.watchers))
	}
	if err := a.Close(context.Background()); err != nil || e.closed != 1 {
		t.Errorf("%v, closed %d", err, e.closed)
	}
}

func TestEveryExhibitCanBeShown(t *testing.T) {
	test.NewTempApp(t)
	t.Cleanup(shell.Use(&shell.Inline{}))
	seen := map[string]bool{}
	for _, x := range Gallery() {
		if seen[x.Name] {
			t.Errorf("two exhibits are named %s", x.Name)
		}
		seen[x.Name] = true
		w := test.NewWindow(x.Build())
		w.Resize(fyne.NewSize(1024, 700))
		if x.Then != nil {
			x.Then(w.Canvas())
		}
		if m := w.Canvas().Content().MinSize(); m.Width > 1024 {
			t.Errorf("%s needs a window %v wide", x.Name, m.Width)
		}
		w.Close()
	}
}
