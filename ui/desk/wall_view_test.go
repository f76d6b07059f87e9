package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dingkao/exam"
	"dingkao/exam/sitting"
	"dingkao/ui/theme"
)

func ago(now exam.Instant, s sitting.Span) exam.Instant { return now - exam.Instant(s) }

func TestTheWallShowsTheWorstFirst(t *testing.T) {
	now := at(2024, 9, 12, 9, 0)
	heard := ago(now, 3*sitting.Second)
	rows := []sitting.Row{
		{Name: "through", Room: "A", State: sitting.HandedIn, LastHeard: ago(now, 50*sitting.Minute)},
		{Name: "well B-01", Room: "B", Terminal: "01", State: sitting.Running, LastHeard: heard},
		{Name: "well A-02", Room: "A", Terminal: "02", State: sitting.Running, LastHeard: heard},
		{Name: "well A-01", Room: "A", Terminal: "01", State: sitting.Waiting, LastHeard: heard},
		{Name: "window", Room: "B", State: sitting.Running, LastHeard: heard, FocusLost: 1},
		{Name: "clock", Room: "A", State: sitting.Running, LastHeard: heard, Anomalies: 2},
		{Name: "silent for 4", Room: "A", State: sitting.Running, LastHeard: ago(now, 4*sitting.Minute)},
		{Name: "silent for 9", Room: "B", State: sitting.Running, LastHeard: ago(now, 9*sitting.Minute)},
		{Name: "waits for 20", Room: "D", State: sitting.Waiting, LastHeard: ago(now, 20*sitting.Minute)},
		{Name: "no camera", Room: "C", State: sitting.Waiting, LastHeard: heard, Checks: noCamera},
		{Name: "vouched", Room: "C", State: sitting.Waiting, LastHeard: heard, Checks: noCamera, Vouched: true},
	}
	worstFirst(rows, now)
	var names []string
	for _, r := range rows {
		names = append(names, r.Name)
	}
	want := "silent for 9, silent for 4, clock, window, no camera, well A-01, well A-02, well B-01, vouched, waits for 20, through"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("\n%s, want\n%s", got, want)
	}
}

// Whatever order the registry sent them in, the wall is the same, so that it does not
// dance from one reading to the next.
func TestTheOrderOfTheWallDoesNotHangOnTheOrderOfTheAnswer(t *testing.T) {
	x := newSample(exam.RoleProctor).hall(60)
	page, err := x.Wall(context.Background(), sitting.Filter{Limit: wallMost})
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(page.Rows)
	worstFirst(want, page.Now)
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.Permutation(page.Rows).Draw(t, "rows")
		worstFirst(rows, page.Now)
		for i := range rows {
			if rows[i].Sitting != want[i].Sitting {
				t.Fatalf("at %d %s, want %s", i, rows[i].Name, want[i].Name)
			}
		}
	})
}

func TestTheClockRunsOnBetweenReadingsAndOnlyWhileTheSittingDoes(t *testing.T) {
	for _, c := range []struct {
		state sitting.State
		since sitting.Span
		want  string
	}{
		{sitting.Running, 0, "10:00"},
		{sitting.Running, 90 * sitting.Second, "08:30"},
		{sitting.Running, 20 * sitting.Minute, "00:00"}, // never below nothing
		{sitting.Running, -sitting.Minute, "10:00"},     // the PC's clock was set back
		{sitting.Paused, 90 * sitting.Second, "10:00"},
		{sitting.Waiting, 90 * sitting.Second, dash},
		{sitting.HandedIn, 90 * sitting.Second, dash},
	} {
		v := viewSeat(sitting.Row{State: c.state, Left: 10 * sitting.Minute}, 0, c.since)
		if v.left != c.want {
			t.Errorf("%s after %v: %s, want %s", c.state, c.since.Duration(), v.left, c.want)
		}
	}
	if viewSeat(sitting.Row{State: sitting.Running, Left: 5 * sitting.Minute}, 0, 0).short || !viewSeat(sitting.Row{State: sitting.Running, Left: 5 * sitting.Minute}, 0, sitting.Second).short {
		t.Error("the last minutes are not pointed out from five on")
	}
}

func TestTheLastContactIsSaidInWords(t *testing.T) {
	now := at(2024, 9, 12, 9, 0)
	for _, c := range []struct {
		state sitting.State
		since sitting.Span
		want  string
		tone  theme.Tone
	}{
		{sitting.Running, 0, "不到 1 分钟", ""},
		{sitting.Running, 59 * sitting.Second, "不到 1 分钟", ""},
		{sitting.Running, 60 * sitting.Second, "1 分钟没有消息", theme.Warn},
		{sitting.Running, 179 * sitting.Second, "2 分钟没有消息", theme.Warn},
		{sitting.Running, 180 * sitting.Second, "3 分钟没有消息", theme.Bad},
		{sitting.Running, 125 * sitting.Minute, "2 小时没有消息", theme.Bad},
		{sitting.Waiting, 59 * sitting.Second, "不到 1 分钟", ""}, // who waits for the start is no cause for alarm
		{sitting.Waiting, 179 * sitting.Second, "2 分钟前", ""},
		{sitting.Waiting, 125 * sitting.Minute, "2 小时前", ""},
		{sitting.Paused, 179 * sitting.Second, "2 分钟没有消息", theme.Warn},
		{sitting.Ready, 180 * sitting.Second, "3 分钟没有消息", theme.Bad},
		{sitting.Running, -5 * sitting.Second, "不到 1 分钟", ""},
		{sitting.HandedIn, 30 * sitting.Minute, dash, ""}, // who is through need not be heard of
		{sitting.Terminated, 30 * sitting.Minute, dash, ""},
	} {
		if got := contactChip(sitting.Row{State: c.state, LastHeard: ago(now, c.since)}, now); got != (chip{c.want, c.tone}) {
			t.Errorf("%s, %v ago: %+v", c.state, c.since.Duration(), got)
		}
	}
	if got := contactChip(sitting.Row{State: sitting.Waiting}, now); got.text != "还没有签到" || got.tone != "" {
		t.Errorf("never heard of: %+v", got)
	}
}

func TestTheNumbersAtTheTopAreThoseOfTheScopeWhateverIsFiltered(t *testing.T) {
	x := newSample(exam.RoleProctor)
	page, err := x.Wall(context.Background(), sitting.Filter{Limit: wallMost, States: []sitting.State{sitting.Paused}})
	if err != nil || len(page.Rows) != 1 {
		t.Fatal(len(page.Rows), err)
	}
	n := 0
	for _, st := range sitting.States {
		n += countOf(page.Counts, st)
	}
	if all := countOf(page.Counts, ""); all != len(sampleCandidates) || n != all || countOf(page.Counts, sitting.Running) != 7 {
		t.Errorf("%d in all, %d by state: %v", all, n, page.Counts)
	}
}

func TestARoomIsStartedWithThoseWhoCheckedIn(t *testing.T) {
	heard := at(2024, 9, 12, 9, 0)
	rows := []sitting.Row{
		{Name: "a", Room: "第一考场", State: sitting.Waiting, LastHeard: heard, Checks: allChecked},
		{Name: "b", Room: "第二考场", State: sitting.Waiting, LastHeard: heard, Checks: badScreens},
		{Name: "c", Room: "第一考场", State: sitting.Waiting},
		{Name: "d", Room: "第一考场", State: sitting.Ready, LastHeard: heard},
		{Name: "e", Room: "第一考场", State: sitting.Absent},
	}
	ready, away := startable(rows)
	if len(ready) != 2 || ready[0].Name != "a" || ready[1].Name != "b" || away != 1 {
		t.Fatalf("%+v, %d away", ready, away)
	}
	text := wholeText(ready, away)
	for _, part := range []string{"2 名考生开始测评", "第一考场 1 名", "第二考场 1 名", "1 名的签到检查没有全部通过", "1 名没有签到，不在其中"} {
		if !strings.Contains(text, part) {
			t.Errorf("the question does not say %s: %s", part, text)
		}
	}
}

// What a screen offers is what the machine's table allows a proctor, less what one
// would only do by mistake; and nobody else is offered anything.
func TestOnlyAProctorIsOfferedOrdersAndOnlyThoseOfTheTable(t *testing.T) {
	for _, st := range sitting.States {
		for _, o := range append(slices.Clone(orders), singleOrders...) {
			r := sitting.Row{State: st, LastHeard: 1, Terminal: "A-01"}
			for _, role := range []exam.Role{exam.RoleAssessor, exam.RoleAdministrator, exam.RoleAuthority, exam.RoleInstitution, exam.RoleDoctor} {
				if mayOrder(role, o, r, true) {
					t.Errorf("%s is offered %s in %s", role, o, st)
				}
			}
			if mayOrder(exam.RoleProctor, o, r, true) && !(sitting.Sitting{State: st}).Allows(sitting.Act(o), exam.RoleProctor) {
				t.Errorf("%s is offered in %s", o, st)
			}
		}
	}
	here, away := sitting.Row{State: sitting.Waiting, LastHeard: 1}, sitting.Row{State: sitting.Waiting}
	if mayOrder(exam.RoleProctor, orderAbsent, here, false) || !mayOrder(exam.RoleProctor, orderAbsent, away, false) || !mayOrder(exam.RoleProctor, orderAbsent, here, true) {
		t.Error("who sits there is marked absent among many, or cannot be alone")
	}
	if !mayOrder(exam.RoleProctor, orderAbsent, sitting.Row{State: sitting.Ready, LastHeard: 1}, false) {
		t.Error("those who never opened the paper cannot be marked together")
	}
	if mayOrder(exam.RoleProctor, orderStart, sitting.Row{State: sitting.Absent}, false) || !mayOrder(exam.RoleProctor, orderStart, sitting.Row{State: sitting.Absent}, true) {
		t.Error("who is absent is started among many, or cannot be alone")
	}
}

// Whatever a proctor orders with a ready sentence is an order that the rules accept.
func TestReadySentencesAreAcceptedByTheRules(t *testing.T) {
	for _, o := range append(slices.Clone(orders), singleOrders...) {
		for _, text := range o.ready() {
			x := newSample(exam.RoleProctor)
			var c *sampleSitting
			switch o {
			case orderAbsent:
				c = x.seatOf("邓凯")
			case orderVouch:
				c = x.seatOf("董建军")
			default:
				c = x.seatOf("郑雅琴")
			}
			outs, err := x.Command(context.Background(), sitting.Command{Act: sitting.Act(o), Text: text, Extra: map[bool]sitting.Span{true: sitting.Minute}[o == orderExtra],
				Sittings: []sitting.Target{{Sitting: c.row.Sitting, Orders: c.s.OrdersSeq}}})
			if err != nil || outs[0].Kind != "" {
				t.Errorf("%s %q: %v %+v", o, text, err, outs)
			}
		}
		if o.label() != "" && checkText(o, " \n") == "" || checkText(o, "好") != "" {
			t.Errorf("%s: an empty text passes, or a good one does not", o)
		}
		if (o.label() != "") != (len(o.ready()) > 0) {
			t.Errorf("%s wants a text and has no sentence to start with, or the other way round", o)
		}
	}
}

func TestMinutesAreBounded(t *testing.T) {
	for _, s := range []string{"", "0", "-5", "121", "5.5", "一", "99999999999999999999"} {
		if _, fault := minutesOf(s); fault == "" {
			t.Errorf("%q passes", s)
		}
	}
	for s, want := range map[string]sitting.Span{"1": sitting.Minute, " 120 ": sitting.MostExtra} {
		if got, fault := minutesOf(s); got != want || fault != "" {
			t.Errorf("%q: %v %s", s, got.Duration(), fault)
		}
	}
}

func TestOrdersAreSentSomeAtATimeAndNoneBehindABrokenLine(t *testing.T) {
	x := newSample(exam.RoleProctor).hall(330)
	page, _ := x.Wall(context.Background(), sitting.Filter{Limit: wallMost, States: []sitting.State{sitting.Running}})
	rows := page.Rows
	if len(rows) <= 2*ordersAtOnce {
		t.Fatalf("only %d work", len(rows))
	}
	x.before = func(n int) {
		if n == 1 {
			x.fail["Command"] = lineDown()
		}
	}
	var steps []int
	outs := sendOrders(context.Background(), x, instruction{order: orderMessage, text: "请保持安静。"}, rows, func(n int) { steps = append(steps, n) })
	if len(outs) != len(rows) || steps[0] != ordersAtOnce {
		t.Fatalf("%d outcomes for %d, progress %v", len(outs), len(rows), steps)
	}
	for i, o := range outs {
		switch {
		case o.Sitting != rows[i].Sitting:
			t.Fatalf("outcome %d is for another", i)
		case i < ordersAtOnce && o.Kind != "":
			t.Errorf("%d: %s", i, o.Sentence)
		case i >= ordersAtOnce && i < 2*ordersAtOnce && o.Sentence != orderUnsure:
			t.Errorf("%d, sent and not answered: %q", i, o.Sentence)
		case i >= 2*ordersAtOnce && o.Sentence != orderUnsent:
			t.Errorf("%d, never sent: %q", i, o.Sentence)
		}
	}
	if exam.KindOf(lineOf(outs)) != exam.Unavailable {
		t.Error("nothing tells that the line is gone")
	}
}

func TestAnOrderNamesWhatTheProctorSawAndAStartOfTheRoomTakesItAsItIs(t *testing.T) {
	x := newSample(exam.RoleProctor)
	c := x.seatOf("吕佳宁")
	row := c.view()
	c.pass(1).order(sitting.ActMessage, "另一位监考员的消息。", 0)
	outs := sendOrders(context.Background(), x, instruction{order: orderPause, text: "请稍候。"}, []sitting.Row{row}, nil)
	if outs[0].Kind != exam.Conflict {
		t.Errorf("ordered upon what had changed: %+v", outs[0])
	}
	w := x.seatOf("唐蕾")
	row = w.view()
	w.order(sitting.ActVouched, "已核对。", 0)
	outs = sendOrders(context.Background(), x, instruction{order: orderStart, whole: true}, []sitting.Row{row}, nil)
	if outs[0].Kind != "" || outs[0].State != sitting.Ready {
		t.Errorf("a start of the room: %+v", outs[0])
	}
}

func journalOf(x *sample, name string) sitting.Journal {
	j, err := x.Journal(context.Background(), x.seatOf(name).row.Sitting)
	if err != nil {
		panic(err)
	}
	return j
}

// textOf is all that a page of a seat says.
func textOf(v sittingView) string {
	var b strings.Builder
	for _, e := range v.events {
		fmt.Fprintln(&b, e.at, e.title, e.detail, e.who)
	}
	for _, o := range v.orders {
		fmt.Fprintln(&b, o.title, o.text, o.who, o.steps, o.state.text)
	}
	for _, r := range append(v.remarks, v.records...) {
		fmt.Fprintln(&b, r.text)
	}
	return b.String()
}

func TestASeatTellsThatAnAnswerWasGivenAndNotWhich(t *testing.T) {
	x := newSample(exam.RoleProctor)
	before := textOf(viewSitting(journalOf(x, "郑雅琴"), exam.RoleProctor, x.now))
	if !strings.Contains(before, "作答 12 次") || !strings.Contains(before, "第 1 题至第 12 题之间") {
		t.Fatalf("%s", before)
	}
	j := journalOf(x, "郑雅琴")
	for _, own := range j.Epochs {
		for i := range own {
			if a := own[i].Answer; a != nil && *a != 0 {
				other := *a ^ 0b11000 // another answer to each
				own[i].Answer = &other
			}
		}
	}
	if after := textOf(viewSitting(j, exam.RoleProctor, x.now)); after != before {
		t.Errorf("what was answered changes what is shown:\n%s\n%s", before, after)
	}
}

func TestASeatTellsHowFarEachOrderHasCome(t *testing.T) {
	x := newSample(exam.RoleProctor)
	states := func(name string) string {
		var list []string
		for _, o := range viewSitting(journalOf(x, name), exam.RoleProctor, x.now).orders {
			list = append(list, o.title+" "+o.state.text)
		}
		return strings.Join(list, "；")
	}
	for name, want := range map[string]string{
		"吕佳宁": "监考提示 已发出，未读到；加时 10 分钟 已执行；开始测评 已执行",
		"袁媛":  "开始测评 等待考生进入",
		"曾琳":  "更换考试机 等待新的考试机；开始测评 已执行",
		"彭涛":  "终止测评 已生效；开始测评 已执行",
		"梁雪":  "暂停测评 已执行；开始测评 已执行",
	} {
		if got := states(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	c := x.seatOf("郑雅琴")
	c.order(sitting.ActMessage, "请保持安静。", 0).pass(2).own(sitting.ActAnchored, func(b *sitting.Body) { b.Anchor = c.anchor() })
	if got := states("郑雅琴"); !strings.HasPrefix(got, "监考提示 已读到") {
		t.Errorf("a message that was read: %s", got)
	}
	// A pause that reaches a sitting that was handed in meanwhile changes nothing, and that is said.
	h := x.seatOf("谢安")
	e := h.orderEntry(sitting.ActPause, "请稍候。", 0, sitting.Actor{Account: "s4", Name: "田野", Role: exam.RoleProctor})
	h.apply(e)
	h.orders = append(h.orders, e)
	if got := states("谢安"); !strings.HasPrefix(got, "暂停测评 没有生效") {
		t.Errorf("a void order: %s", got)
	}
}

func TestTheHistoryNamesWhichOrdersWereObeyed(t *testing.T) {
	x := newSample(exam.RoleProctor)
	c := x.seatOf("郑雅琴")
	c.order(sitting.ActMessage, "请保持安静。", 0).order(sitting.ActPause, "请稍候。", 0).pass(2).own(sitting.ActObeyed, nil)
	v := viewSitting(journalOf(x, "郑雅琴"), exam.RoleProctor, x.now)
	if e := v.events[0]; e.title != "执行监考指令" || e.detail != "监考提示、暂停测评" {
		t.Errorf("%+v", e)
	}
	c.order(sitting.ActMove, "考试机故障。", 0).order(sitting.ActTerminated, "考生身体不适，不能继续测评。", 0)
	v = viewSitting(journalOf(x, "郑雅琴"), exam.RoleProctor, x.now)
	if o := v.orders[1]; o.state.text != "没有换成" {
		t.Errorf("a move that came to nothing: %+v", o)
	}
}

func TestASeatSaysWhatWasNoticedAndAccusesNobody(t *testing.T) {
	x := newSample(exam.RoleProctor)
	for name, want := range map[string][]string{
		"沈国栋": {"本机时钟被调整，不影响测评用时（相差 5 分钟）"},
		"傅红":  {"中断 3 分 20 秒，已全部补回"},
		"韩冰":  {"测评窗口有 1 次不在最前面", "离开 14 秒"},
		"罗志远": {"考试机 7 分钟没有消息"},
		"蒋丽":  {"签到检查没有通过：显示器"},
	} {
		v := viewSitting(journalOf(x, name), exam.RoleProctor, x.now)
		text := textOf(v) + recordsNote
		for _, w := range want {
			if !strings.Contains(text, w) {
				t.Errorf("%s: %q is not said in\n%s", name, w, text)
			}
		}
		for _, bad := range []string{"作弊", "违规", "舞弊", "嫌疑", "篡改"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s is accused: %s", name, bad)
			}
		}
	}
}

func TestASeatThatIsReadOnAnotherDaySaysWhichDayItWas(t *testing.T) {
	x := newSample(exam.RoleProctor)
	j := journalOf(x, "谢安")
	if v := viewSitting(j, exam.RoleAssessor, x.now); strings.Contains(textOf(v), "09-12") {
		t.Errorf("the day itself names the day: %s", textOf(v))
	}
	if v := viewSitting(j, exam.RoleAssessor, x.now+exam.Instant(24*60*sitting.Minute)); !strings.HasPrefix(v.events[0].at, "09-12 ") || !strings.Contains(v.orders[0].steps, "发出 09-12 ") {
		t.Errorf("the day after does not: %s", textOf(v))
	}
}

func TestWhatDoesNotCountIsNamed(t *testing.T) {
	x := newSample(exam.RoleProctor)
	j := journalOf(x, "曾琳")
	own := slices.Clone(j.Epochs[0])
	last := own[len(own)-1]
	for n := range 3 { // what the old machine still sent behind the move
		e := last
		e.Seq += uint64(n) + 1
		own = append(own, e)
	}
	j.Epochs = [][]sitting.Entry{own}
	v := viewSitting(j, exam.RoleProctor, x.now)
	text := textOf(v)
	if !strings.Contains(text, "3 条记录没有计入") || !strings.Contains(text, "没有计入：") {
		t.Errorf("%s", text)
	}
	if v.events[0].tone != theme.Warn || !strings.HasPrefix(v.events[0].title, "作答 3 次") {
		t.Errorf("%+v", v.events[0])
	}
}

func TestAJournalThatCannotBeFoldedIsStillShown(t *testing.T) {
	x := newSample(exam.RoleProctor)
	j := journalOf(x, "曾琳")
	j.Epochs = [][]sitting.Entry{j.Epochs[0][:5]} // the fence names more
	v := viewSitting(j, exam.RoleProctor, x.now)
	if len(v.orders) != 2 || !strings.Contains(textOf(v), "有记录暂时不能核对") {
		t.Errorf("%s", textOf(v))
	}
}

func TestOutcomesNameWhoFailedFirst(t *testing.T) {
	rows := []sitting.Row{{Sitting: "1", Name: "甲"}, {Sitting: "2", Name: "乙"}, {Sitting: "3", Name: "丙"}}
	v := viewSittingOutcomes(orderPause, rows, []sitting.Outcome{{Sitting: "1", State: sitting.Paused}, {Sitting: "2", Kind: exam.Conflict}})
	if v.done != 1 || v.bad != 2 || v.rows[0].name != "乙" || v.rows[1].name != "丙" || v.rows[2].text != "已暂停，现在是“已暂停”" {
		t.Errorf("%+v", v)
	}
	if !strings.Contains(v.rows[0].text, "新的监考指令") || !strings.Contains(v.rows[1].text, "没有收到结果") {
		t.Errorf("%+v", v.rows)
	}
}
