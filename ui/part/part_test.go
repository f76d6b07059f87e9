package part

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/test"

	"dingkao/ui/theme"
)

func TestMain(m *testing.M) {
	app := test.NewApp()
	theme.Install(app, theme.Options{})
	m.Run()
}

// show puts something into a window without a display and lays it out as a real one would, frame by frame.
func show(t *testing.T, o fyne.CanvasObject, size fyne.Size) fyne.Window {
	t.Helper()
	w := test.NewTempWindow(t, o)
	w.SetPadded(false)
	w.Resize(size)
	for range 4 {
		relayout(w.Content())
	}
	return w
}

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

func key(w fyne.Window, names ...fyne.KeyName) {
	for _, n := range names {
		k := &fyne.KeyEvent{Name: n}
		if f := w.Canvas().Focused(); f != nil {
			f.TypedKey(k)
		} else if f := w.Canvas().OnTypedKey(); f != nil {
			f(k)
		}
	}
}

const long = "未经所在机构或者卫生行政部门批准，擅自在注册地点以外的医疗、预防、保健机构（含 Phase III 试验）进行执业活动的，直接认定为不合格。"

func TestNoLineBeginsWithAMarkThatClosesTheOneBefore(t *testing.T) {
	for width := float32(70); width < 700; width += 7 {
		lines := Wrap(long, 15, fyne.TextStyle{}, width)
		if strings.Join(lines, "") != long && strings.ReplaceAll(strings.Join(lines, ""), " ", "") != strings.ReplaceAll(long, " ", "") {
			t.Fatalf("at %v text was lost: %q", width, lines)
		}
		for _, l := range lines {
			if first := []rune(l)[0]; strings.ContainsRune("，。、）；：！？", first) {
				t.Errorf("at %v a line begins with %c: %q", width, first, l)
			}
			if last := []rune(l)[len([]rune(l))-1]; last == '（' {
				t.Errorf("at %v a line ends with （", width)
			}
			if w := fyne.MeasureText(l, 15, fyne.TextStyle{}).Width; w > width+1 {
				t.Errorf("at %v a line is %v wide: %q", width, w, l)
			}
		}
	}
}

func TestWrappingKeepsParagraphsAndBreaksWhatHasNoBreak(t *testing.T) {
	if got := Wrap("一\n\n二", 15, fyne.TextStyle{}, 200); !slices.Equal(got, []string{"一", "", "二"}) {
		t.Errorf("paragraphs: %q", got)
	}
	got := Wrap(strings.Repeat("A", 60), 15, fyne.TextStyle{}, 100)
	if len(got) < 3 || strings.Join(got, "") != strings.Repeat("A", 60) {
		t.Errorf("an unbreakable word: %q", got)
	}
}

func TestALastCharacterIsNotLeftAlone(t *testing.T) {
	const text = "提交后由所在机构审核。审核开始前可以撤回修改。现在提交吗？"
	for width := float32(150); width < 440; width += 5 {
		lines := settled(text, 15, fyne.TextStyle{}, width)
		if plain := Wrap(text, 15, fyne.TextStyle{}, width); len(lines) != len(plain) {
			t.Errorf("at %v there are %d lines instead of %d", width, len(lines), len(plain))
		}
		if last := lines[len(lines)-1]; len(lines) > 1 && len([]rune(last)) <= 2 {
			t.Errorf("at %v the last line is %q", width, last)
		}
	}
}

func TestTextGrowsWhenItBecomesNarrow(t *testing.T) {
	text := NewText(long)
	show(t, Top(text), fyne.NewSize(900, 400))
	wide := text.MinSize().Height
	show(t, Top(text), fyne.NewSize(200, 400))
	if narrow := text.MinSize().Height; narrow <= wide {
		t.Errorf("at 200 it is %v high, at 900 %v", narrow, wide)
	}
}

// An input method swallows the letters, so they arrive as keys without characters.
func TestBackSpaceWhileComposingLeavesCommittedTextAlone(t *testing.T) {
	e := NewEntry("")
	w := show(t, e, fyne.NewSize(300, 40))
	w.Canvas().Focus(e)
	test.Type(e, "医师")
	key(w, fyne.KeyN, fyne.KeyI, fyne.KeyBackspace, fyne.KeyBackspace)
	if e.Text != "医师" {
		t.Errorf("after editing the composition the text is %q", e.Text)
	}
	key(w, fyne.KeyBackspace)
	if e.Text != "医" {
		t.Errorf("the composition is empty, so BackSpace is ours: %q", e.Text)
	}
	key(w, fyne.KeyN, fyne.KeyI)
	test.Type(e, "你")
	key(w, fyne.KeyBackspace)
	if e.Text != "医" {
		t.Errorf("a committed character was not deleted: %q", e.Text)
	}
}

func TestEnterWhileComposingDoesNotSubmit(t *testing.T) {
	e := NewEntry("")
	submitted := 0
	e.OnSubmitted = func(string) { submitted++ }
	w := show(t, e, fyne.NewSize(300, 40))
	w.Canvas().Focus(e)
	key(w, fyne.KeyN, fyne.KeyI, fyne.KeyReturn)
	if submitted != 0 {
		t.Error("the Enter of the input method submitted")
	}
	test.Type(e, "ni")
	key(w, fyne.KeyReturn)
	if submitted != 1 {
		t.Error("Enter did not submit")
	}
}

func TestAnAreaTakesNoMoreThanItsBoundAndCounts(t *testing.T) {
	a := NewArea("", 3, 5)
	said := ""
	a.OnChanged = func(s string) { said = s }
	show(t, a, fyne.NewSize(300, 120))
	test.Type(a.Entry, "一二三四五六七")
	if a.Text() != "一二三四五" || said != a.Text() || a.count.Text != "5 / 5" {
		t.Errorf("%q, told %q, counted %q", a.Text(), said, a.count.Text)
	}
	said = ""
	a.SetText("一")
	if said != "" || a.count.Text != "1 / 5" {
		t.Errorf("SetText told %q, counted %q", said, a.count.Text)
	}
}

func TestAFieldShowsTheFaultInsteadOfTheHint(t *testing.T) {
	f := NewField("电子邮箱", NewEntry("")).Required().WithHint("用于接收通知")
	show(t, f, fyne.NewSize(300, 120))
	before := f.below.Text()
	f.SetError("邮箱不完整")
	if before != "用于接收通知" || f.below.Text() != "邮箱不完整" || !f.mark.Visible() {
		t.Errorf("%q then %q", before, f.below.Text())
	}
	f.SetError("")
	if f.below.Text() != "用于接收通知" || f.mark.Visible() {
		t.Error("the hint did not come back")
	}
}

func TestAListIsSearchedAndPickedWithTheKeyboardAlone(t *testing.T) {
	var options []Option
	for i := range 60 {
		options = append(options, Option{Key: fmt.Sprint(100 + i), Name: fmt.Sprintf("选项%d", i)})
	}
	options = append(options, Option{Key: "hz", Name: "回族", Also: "HU"})
	var told []Option
	s := NewSelect("请选择", options, func(o Option) { told = append(told, o) })
	w := show(t, Top(s), fyne.NewSize(400, 500))
	w.Canvas().Focus(s)
	key(w, fyne.KeyDown)
	if w.Canvas().Overlays().Top() == nil {
		t.Fatal("Down did not open the list")
	}
	w.Canvas().Focused().(*Entry).SetText("hu")
	key(w, fyne.KeyReturn)
	if s.Chosen().Name != "回族" || len(told) != 1 {
		t.Errorf("chosen %v, told %v", s.Chosen(), told)
	}
	if w.Canvas().Overlays().Top() != nil || w.Canvas().Focused() != fyne.Focusable(s) {
		t.Error("the list did not close, or the keyboard did not come back")
	}
	key(w, fyne.KeySpace, fyne.KeyDown, fyne.KeyEscape)
	if w.Canvas().Overlays().Top() != nil || s.Chosen().Name != "回族" {
		t.Error("Escape changed the choice or left the list open")
	}
}

func TestAChoiceThatLeavesTheListIsDropped(t *testing.T) {
	s := NewSelect("", Options("甲", "乙"), func(Option) { t.Error("setting told OnChanged") })
	s.Choose("甲")
	s.SetOptions(Options("乙", "丙"))
	if s.Chosen().Key != "" {
		t.Errorf("chosen is %v", s.Chosen())
	}
}

func TestSeveralAreChosenInTheListsOrder(t *testing.T) {
	var told []Option
	m := NewMultiSelect("", Options("内科", "外科", "儿科"), func(o []Option) { told = o })
	w := show(t, Top(m), fyne.NewSize(400, 500))
	w.Canvas().Focus(m)
	key(w, fyne.KeyDown, fyne.KeyDown, fyne.KeyDown, fyne.KeyReturn, fyne.KeyUp, fyne.KeyUp, fyne.KeyReturn, fyne.KeyEscape)
	if !slices.Equal(m.Keys(), []string{"内科", "儿科"}) || len(told) != 2 || !slices.Equal(chipNames(m.chips.Objects), m.Keys()) {
		t.Errorf("chosen %v, told %v, shown %v", m.Keys(), told, chipNames(m.chips.Objects))
	}
}

func TestTheArrowKeysMoveAChoice(t *testing.T) {
	var told []string
	c := NewChoices(Options("优秀", "良好", "一般"), func(o Option) { told = append(told, o.Key) })
	w := show(t, c, fyne.NewSize(400, 60))
	w.Canvas().Focus(c.items[0])
	key(w, fyne.KeySpace, fyne.KeyRight, fyne.KeyRight, fyne.KeyRight, fyne.KeyLeft)
	if c.Chosen() != "良好" || !slices.Equal(told, []string{"优秀", "良好", "一般", "良好"}) {
		t.Errorf("chosen %q, told %v", c.Chosen(), told)
	}
	c.Disable()
	key(w, fyne.KeyLeft)
	test.Tap(c.items[0])
	if c.Chosen() != "良好" {
		t.Error("a fixed choice was changed")
	}
}

func TestARowOfChoicesWraps(t *testing.T) {
	c := NewChoices(Options("从事医疗工作满五年", "从事医疗工作满十二年", "本省规定的其他情形"), nil)
	show(t, Top(c), fyne.NewSize(220, 300))
	if c.items[0].Position().Y == c.items[2].Position().Y {
		t.Error("three long choices stand in one narrow row")
	}
}

func TestNoneOfThemExcludesTheOthers(t *testing.T) {
	var told []string
	l := NewCheckList(Options("无", "一", "二"), "无", func(k []string) { told = k })
	show(t, l, fyne.NewSize(300, 200))
	for _, i := range []int{1, 2, 0} {
		test.Tap(l.checks[i])
	}
	if !slices.Equal(told, []string{"无"}) {
		t.Errorf("after none: %v", told)
	}
	test.Tap(l.checks[2])
	if !slices.Equal(told, []string{"二"}) {
		t.Errorf("after one: %v", told)
	}
}

func TestDatesAreReadAsPeopleTypeThem(t *testing.T) {
	for in, want := range map[string]string{
		"2024-03-05": "2024-03-05", "2024-3-5": "2024-03-05", "2024/3/5": "2024-03-05", "2024.03.05": "2024-03-05",
		"20240305": "2024-03-05", "2024年3月5日": "2024-03-05", " 2024-03-05 ": "2024-03-05", "2024-02-29": "2024-02-29",
		"2023-02-29": "", "2024-13-01": "", "2024-00-10": "", "2024-03": "", "hello": "", "": "", "0024-03-05": "", "2024-03-05x": "",
	} {
		got, ok := ParseDate(in, false)
		if got != want || ok != (want != "") {
			t.Errorf("%q is read as %q, %v; want %q", in, got, ok, want)
		}
	}
	for in, want := range map[string]string{"2024-03": "2024-03", "202403": "2024-03", "2024年3月": "2024-03", "2024-03-05": "2024-03", "2024-13": ""} {
		if got, _ := ParseDate(in, true); got != want {
			t.Errorf("as a month %q is read as %q, want %q", in, got, want)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	f.Add("2024-03-05", false)
	f.Add("2024年3月", true)
	f.Fuzz(func(t *testing.T, s string, month bool) {
		v, ok := ParseDate(s, month)
		if ok {
			if again, ok := ParseDate(v, month); !ok || again != v {
				t.Errorf("%q was read as %q, which is read as %q", s, v, again)
			}
		} else if v != "" {
			t.Errorf("refused, yet %q", v)
		}
	})
}

func TestADayIsPickedWithTheKeyboard(t *testing.T) {
	var told []string
	d := NewDate(func(v string) { told = append(told, v) })
	d.SetValue("2024-02-28")
	w := show(t, Top(d), fyne.NewSize(500, 500))
	w.Canvas().Focus(d.entry)
	key(w, fyne.KeyDown, fyne.KeyRight, fyne.KeyRight, fyne.KeyReturn)
	if d.Value() != "2024-03-01" || d.Text() != "2024-03-01" || !slices.Equal(told, []string{"2024-03-01"}) {
		t.Errorf("value %q, text %q, told %v", d.Value(), d.Text(), told)
	}
	key(w, fyne.KeyDown, fyne.KeyPageDown, fyne.KeyEscape)
	if d.Value() != "2024-03-01" || w.Canvas().Overlays().Top() != nil {
		t.Error("Escape changed the day or left the calendar open")
	}
}

func TestACalendarOffersNothingOutsideOfItsBounds(t *testing.T) {
	d := NewDate(nil)
	d.Max = "2024-02-10"
	d.Today = func() time.Time { return time.Date(2024, 2, 9, 0, 0, 0, 0, time.UTC) }
	w := show(t, Top(d), fyne.NewSize(500, 500))
	w.Canvas().Focus(d.entry)
	key(w, fyne.KeyDown, fyne.KeyRight, fyne.KeyRight, fyne.KeyReturn)
	if d.Value() != "" {
		t.Errorf("a day after the last was taken: %s", d.Value())
	}
	key(w, fyne.KeyLeft, fyne.KeyReturn)
	if d.Value() != "2024-02-10" {
		t.Errorf("the last day was refused: %q", d.Value())
	}
}

func TestWhatIsTypedIsTidiedWhenLeft(t *testing.T) {
	d := NewDate(nil)
	w := show(t, Top(d), fyne.NewSize(500, 100))
	w.Canvas().Focus(d.entry)
	test.Type(d.entry, "20240305")
	w.Canvas().Unfocus()
	if d.Text() != "2024-03-05" || d.Unreadable() {
		t.Errorf("%q", d.Text())
	}
	d.SetValue("三月")
	if !d.Unreadable() || d.Text() != "三月" {
		t.Error("what can't be read was not kept")
	}
}

func TestEachLevelDecidesTheNext(t *testing.T) {
	tree := map[string][]string{"": {"山西", "河北"}, "山西": {"长治", "太原"}, "长治": {"潞州"}}
	var told [][]Option
	c := NewCascade([]string{"省", "市", "县"}, func(path []Option) []Option {
		key := ""
		if len(path) > 0 {
			key = path[len(path)-1].Key
		}
		return Options(tree[key]...)
	}, func(p []Option) { told = append(told, p) })
	show(t, c, fyne.NewSize(600, 60))
	c.Choose("山西", "长治", "潞州")
	if len(c.Path()) != 3 || len(told) != 0 {
		t.Fatalf("path %v, told %v", c.Path(), told)
	}
	c.levels[0].Choose("河北")
	c.levels[0].OnChanged(c.levels[0].Chosen())
	if len(c.Path()) != 1 || !c.levels[1].Disabled() || len(told) != 1 {
		t.Errorf("a new province kept the old city: %v", c.Path())
	}
}

func TestALateAnswerToAnOldQueryIsIgnored(t *testing.T) {
	answers := map[string]func([]Option, error){}
	var chosen Option
	f := NewFinder("", func(q string, a func([]Option, error)) { answers[q] = a }, func(o Option) { chosen = o })
	w := show(t, f, fyne.NewSize(400, 300))
	f.SetQuery("甲")
	f.Find()
	f.SetQuery("乙")
	f.Find()
	answers["乙"](Options("乙医院"), nil)
	answers["甲"](Options("甲医院"), nil)
	w.Canvas().Focus(f.entry)
	f.list.key(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if chosen.Name != "乙医院" || f.Chosen().Name != "乙医院" {
		t.Errorf("chosen %v", chosen)
	}
	f.Find()
	answers["乙"](nil, errors.New("连不上"))
	if f.list != nil {
		t.Error("old answers stand beside an error")
	}
}

func TestEscapeRefusesAndEnterAgrees(t *testing.T) {
	w := show(t, NewText("页"), fyne.NewSize(800, 600))
	pages := 0
	w.Canvas().SetOnTypedKey(func(*fyne.KeyEvent) { pages++ })
	var got []bool
	ask := func() {
		Confirm(w.Canvas(), "提交", "现在提交吗？", "提交", "再看看", func(v bool) { got = append(got, v) })
	}
	ask()
	key(w, fyne.KeyEscape)
	ask()
	key(w, fyne.KeyReturn)
	ConfirmDanger(w.Canvas(), "撤销", "不能恢复。", "撤销", "保留", func(v bool) { got = append(got, v) })
	key(w, fyne.KeyReturn)
	if !slices.Equal(got, []bool{false, true, false}) {
		t.Errorf("answers %v; Enter on a danger must keep", got)
	}
	if w.Canvas().Overlays().Top() != nil {
		t.Error("a dialog is still open")
	}
	w.Canvas().Unfocus()
	key(w, fyne.KeyEscape)
	if pages != 1 {
		t.Errorf("the page's own keys came back %d times, want 1", pages)
	}
}

func TestAReasonMustBeWritten(t *testing.T) {
	w := show(t, NewText("页"), fyne.NewSize(800, 600))
	reason := ""
	d := AskReason(w.Canvas(), "退回", "请写明原因", "退回", 200, func(r string) { reason = r })
	d.main.Tapped(nil)
	if reason != "" || d.fault.Text() == "" || w.Canvas().Overlays().Top() == nil {
		t.Fatal("an empty reason was taken, or nothing was said")
	}
	test.Type(w.Canvas().Focused(), "照片不清")
	d.main.Tapped(nil)
	if reason != "照片不清" {
		t.Errorf("reason %q", reason)
	}
}

func TestAFormDialogBeginsAtItsFirstField(t *testing.T) {
	w := show(t, NewText("页"), fyne.NewSize(800, 600))
	first := NewEntry("")
	ShowForm(w.Canvas(), "新增", 400, NewForm(NewField("科室", first)), "保存", func(d *Dialog) { d.Close() })
	if w.Canvas().Focused() != fyne.Focusable(first) {
		t.Errorf("the keyboard is at %T", w.Canvas().Focused())
	}
	key(w, fyne.KeyReturn)
	if w.Canvas().Overlays().Top() != nil {
		t.Error("Enter in a line did not save")
	}
}

func TestTabReachesWhatCanBePressedAndTheRingShowsIt(t *testing.T) {
	a, b, c := NewPrimary("一", nil), NewSecondary("二", nil), NewQuiet("三", nil)
	b.Disable()
	w := show(t, Row(a, b, c), fyne.NewSize(400, 60))
	w.Canvas().FocusNext()
	if !a.ring.Visible() {
		t.Error("no ring around the first")
	}
	w.Canvas().FocusNext()
	if a.ring.Visible() || !c.ring.Visible() {
		t.Error("Tab did not pass over the one that can't be pressed")
	}
}

func TestWhatGetsTheKeyboardComesIntoView(t *testing.T) {
	var fields []fyne.CanvasObject
	var entries []*Entry
	for range 40 {
		e := NewEntry("")
		entries = append(entries, e)
		fields = append(fields, NewField("项目", e))
	}
	scroll := container.NewVScroll(Top(NewCard("填报", NewForm(fields...))))
	w := show(t, scroll, fyne.NewSize(700, 300))
	for range entries {
		w.Canvas().FocusNext()
		o := w.Canvas().Focused().(fyne.CanvasObject)
		y := fyne.CurrentApp().Driver().AbsolutePositionForObject(o).Y
		if y < 0 || y+o.Size().Height > 300 {
			t.Fatalf("the one with the keyboard stands at %v of 300", y)
		}
	}
	if scroll.Offset.Y == 0 {
		t.Error("nothing was scrolled")
	}
	w.Canvas().Focus(entries[0])
	if scroll.Offset.Y != 0 {
		t.Errorf("back at the first, the offset is %v", scroll.Offset.Y)
	}
}

func TestTheWheelOverAFieldMovesThePage(t *testing.T) {
	line, area := NewEntry(""), NewArea("", 3, 0)
	scroll := container.NewVScroll(Top(Rows(line, area, Space(900))))
	show(t, scroll, fyne.NewSize(400, 300))
	over := func(o fyne.CanvasObject, by float32) {
		var last fyne.Scrollable
		walk(o, func(o fyne.CanvasObject) {
			if s, ok := o.(fyne.Scrollable); ok {
				last = s // the driver takes the topmost, which is the one drawn last
			}
		})
		last.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, by)})
	}
	over(line, -40)
	if scroll.Offset.Y != 40 {
		t.Errorf("over a line the page moved to %v", scroll.Offset.Y)
	}
	over(area, -40)
	if scroll.Offset.Y != 80 {
		t.Errorf("over a short text the page moved to %v", scroll.Offset.Y)
	}
	area.SetText(strings.Repeat("一行\n", 30))
	relayout(scroll)
	over(area, -40)
	if scroll.Offset.Y != 80 {
		t.Error("over a long text the page moved instead of the text")
	}
	over(area, -9999)
	over(area, -40)
	if scroll.Offset.Y != 120 {
		t.Errorf("at the end of a long text the page stands at %v", scroll.Offset.Y)
	}
}

func TestABusyButtonIsNotPressed(t *testing.T) {
	n := 0
	b := NewPrimary("提交", func() { n++ })
	w := show(t, b, fyne.NewSize(200, 40))
	w.Canvas().Focus(b)
	b.SetBusy(true)
	test.Tap(b)
	key(w, fyne.KeyReturn)
	if n != 0 || b.label.Text != "请稍候…" {
		t.Errorf("pressed %d times, says %q", n, b.label.Text)
	}
	b.SetBusy(false)
	w.Canvas().Focus(b)
	key(w, fyne.KeyReturn)
	if n != 1 || b.label.Text != "提交" {
		t.Errorf("pressed %d times, says %q", n, b.label.Text)
	}
}

func TestAStepIsAskedForAndTitlesMoveBelowWhenNarrow(t *testing.T) {
	asked := -1
	s := NewStepper([]Step{{Title: "基本信息", State: StepDone}, {Title: "执业信息", State: StepIncomplete}, {Title: "工作业绩、职业道德"}}, 0, func(i int) { asked = i })
	w := show(t, Top(s), fyne.NewSize(900, 100))
	if s.nodes[0].narrow {
		t.Error("narrow with much room")
	}
	test.Tap(s.nodes[2])
	if asked != 2 || s.Current() != 0 {
		t.Errorf("asked %d, current %d", asked, s.Current())
	}
	w.Resize(fyne.NewSize(380, 100))
	relayout(w.Content())
	if !s.nodes[0].narrow || s.nodes[1].title() != "执业信息 · 未完成" {
		t.Error("not narrow with little room")
	}
}

func TestOnlyRowsInViewAreAskedFor(t *testing.T) {
	table := NewDataTable([]Column{{Title: "姓名"}, {Title: "状态"}}, true)
	asked := map[int]bool{}
	table.SetRows(100_000, func(i int) []Cell {
		asked[i] = true
		return []Cell{{Text: fmt.Sprint(i)}, {Text: "合格", Tone: Good}}
	})
	show(t, table, fyne.NewSize(600, 400))
	if len(asked) == 0 || len(asked) > 40 {
		t.Errorf("%d rows were asked for", len(asked))
	}
}

func TestRowsAreOpenedAndTickedWithTheKeyboard(t *testing.T) {
	table := NewDataTable([]Column{{Title: "姓名", Sort: true}}, true)
	table.SetRows(5, func(i int) []Cell { return []Cell{{Text: fmt.Sprint(i)}} })
	opened, ticked := -1, 0
	table.OnOpen = func(i int) { opened = i }
	table.OnTicked = func(n int) { ticked = n }
	w := show(t, table, fyne.NewSize(400, 400))
	w.Canvas().Focus(table.list)
	stops := map[fyne.Focusable]bool{}
	for range 9 {
		w.Canvas().FocusNext()
		stops[w.Canvas().Focused()] = true
	}
	if len(stops) != 3 || !stops[table.all] || !stops[table.heads[0]] || !stops[table.list] {
		t.Errorf("Tab stops at %d places, want the head's box, its column and the rows", len(stops))
	}
	w.Canvas().Focus(table.list)
	if !table.ring.Visible() {
		t.Error("nothing shows where the keyboard is")
	}
	key(w, fyne.KeyDown, fyne.KeyDown, fyne.KeySpace, fyne.KeyUp, fyne.KeySpace, fyne.KeyReturn)
	if !slices.Equal(table.Ticked(), []int{1, 2}) || ticked != 2 || opened != 1 {
		t.Errorf("ticked %v (%d), opened %d", table.Ticked(), ticked, opened)
	}
	test.Tap(table.all)
	if len(table.Ticked()) != 5 {
		t.Error("the head's box did not tick all")
	}
	sorted := []bool{}
	table.OnSort = func(_ int, down bool) { sorted = append(sorted, down) }
	test.Tap(table.heads[0])
	test.Tap(table.heads[0])
	if !slices.Equal(sorted, []bool{false, true}) {
		t.Errorf("sorted %v", sorted)
	}
	table.SetRows(0, nil)
	if len(table.Ticked()) != 0 || table.body.Objects[0] == fyne.CanvasObject(table.list) {
		t.Error("an empty table shows rows or ticks")
	}
}

func TestRecordsReportTheirRow(t *testing.T) {
	edited := -1
	r := NewRecords("教育经历", []string{"学校"}, func() {})
	r.OnEdit = func(i int) { edited = i }
	r.SetRows([][]string{{"甲"}, {"乙"}})
	show(t, r, fyne.NewSize(500, 300))
	var buttons []*Button
	walk(r, func(o fyne.CanvasObject) {
		if b, ok := o.(*Button); ok && b.Text() == "编辑" {
			buttons = append(buttons, b)
		}
	})
	if len(buttons) != 2 {
		t.Fatalf("%d edit buttons", len(buttons))
	}
	test.Tap(buttons[1])
	if edited != 1 {
		t.Errorf("edited %d", edited)
	}
}

func walk(o fyne.CanvasObject, f func(fyne.CanvasObject)) {
	f(o)
	switch o := o.(type) {
	case *fyne.Container:
		for _, c := range o.Objects {
			walk(c, f)
		}
	case fyne.Widget:
		for _, c := range test.WidgetRenderer(o).Objects() {
			walk(c, f)
		}
	}
}

func TestThePagerStopsAtBothEnds(t *testing.T) {
	asked := -1
	p := NewPager(func(n int) { asked = n })
	show(t, p, fyne.NewSize(400, 40))
	p.Set(0, 20, 45)
	test.Tap(p.back)
	if asked != -1 || p.label.Text != "共 45 条，第 1 / 3 页" {
		t.Errorf("asked %d, says %q", asked, p.label.Text)
	}
	test.Tap(p.next)
	p.Set(2, 20, 45)
	if asked != 1 || !p.next.Disabled() {
		t.Errorf("asked %d", asked)
	}
}

func TestAFormFallsBackToOneColumn(t *testing.T) {
	a, b, c := NewField("甲", NewEntry("")), NewField("乙", NewEntry("")), Wide(NewField("丙", NewEntry("")))
	form := NewForm(a, b, c)
	w := show(t, Top(form), fyne.NewSize(800, 400))
	if a.Position().Y != b.Position().Y || c.Size().Width < 790 {
		t.Error("two columns expected, and a wide third")
	}
	w.Resize(fyne.NewSize(400, 400))
	relayout(w.Content())
	if a.Position().Y == b.Position().Y {
		t.Error("one column expected")
	}
}

func TestAPhotoComesAndGoes(t *testing.T) {
	p := NewPhoto(90)
	show(t, p, fyne.NewSize(100, 140))
	if p.img.Resource != theme.Avatar() {
		t.Error("no placeholder")
	}
}

// A screen of sixty widgets must build in well under 50 ms; go test -bench Screen ./ui/part
func BenchmarkScreenOfSixtyFields(b *testing.B) {
	for b.Loop() {
		var fields []fyne.CanvasObject
		for i := range 20 {
			fields = append(fields, NewField(fmt.Sprintf("项目%d", i), NewEntry("")).Required(),
				NewField("选择", NewSelect("请选择", Options("甲", "乙"), nil)), NewField("日期", NewDate(nil)).WithHint("年-月-日"))
		}
		w := test.NewWindow(Top(NewForm(fields...)))
		w.Resize(fyne.NewSize(1000, 3000))
		w.Close()
	}
}
