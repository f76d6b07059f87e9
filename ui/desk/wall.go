package desk

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	"dingkao/exam/sitting"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

const (
	// wallEvery is how often a wall that is shown is read anew.
	wallEvery = 2 * time.Second
	// clockEvery is how often its clocks are drawn in between.
	clockEvery = time.Second
	// wallMost is how many seats are read at once: the most that a registry gives.
	wallMost = 2000
)

// wallPage is the wall of one room or several (监考): who sits where, how far each
// is, and what can be ordered. It lives as long as the session, so that coming back
// from a seat finds it as it was.
type wallPage struct {
	s    *seat
	life *shell.Life

	filter  sitting.Filter
	worried bool // only those with something to look at
	got     sitting.Page
	rows    []sitting.Row // of got, as shown: worst first
	have    bool
	asking  bool // a question is under way: a slow line gets no second one
	again   bool // it was asked meanwhile
	asked   int
	read    exam.Instant // by the PC's clock
	lost    bool         // the last reading failed
	rooms   []string     // seen so far
	ticked  map[sitting.ID]bool

	root     fyne.CanvasObject
	tallies  map[sitting.State]*part.Tally
	table    *part.DataTable
	search   *part.SearchBox
	room     *part.Select
	worry    *part.Check
	reset    *part.Button
	stamp    *canvas.Text
	trouble  *fyne.Container
	chosen   *canvas.Text
	unchoose *part.Button
	whole    *part.Button
	buttons  map[order]*part.Button
}

func newWallPage(s *seat) *wallPage {
	if s.wall == nil {
		s.wall = &wallPage{s: s, ticked: map[sitting.ID]bool{}, buttons: map[order]*part.Button{}, tallies: map[sitting.State]*part.Tally{}}
	}
	return s.wall
}

// Fills says that the table scrolls by itself.
func (w *wallPage) Fills() bool { return true }

// mayOrder says whether this account gives orders; others look.
func (w *wallPage) mayOrder() bool { return w.s.role == exam.RoleProctor }

// Open shows the wall and keeps it fresh until it is left.
func (w *wallPage) Open(life *shell.Life) fyne.CanvasObject {
	w.life, w.asking = life, false
	if w.root == nil {
		w.build()
	}
	w.load()
	life.Every(wallEvery, w.load)
	life.Every(clockEvery, w.tick)
	if c := w.s.canvas(); c != nil {
		before := c.OnTypedKey()
		c.SetOnTypedKey(w.key)
		life.OnEnd(func() { c.SetOnTypedKey(before) })
	}
	return w.root
}

func (w *wallPage) key(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyF5:
		w.load()
	case fyne.KeyEscape:
		if len(w.ticked) > 0 {
			w.untick()
		} else if w.narrowed() {
			w.clearFilters()
		}
	}
}

// wallColumns are those of the wall.
var wallColumns = []part.Column{{Title: "姓名", Weight: 0.9}, {Title: "考位", Weight: 1.6}, {Title: "状态", Weight: 0.9}, {Title: "剩余时间", Weight: 0.9},
	{Title: "题目", Weight: 0.9}, {Title: "已答", Weight: 0.6}, {Title: "最近联系", Weight: 1.6}, {Title: "留意", Weight: 1.8}}

// wallCells is a seat in the table.
func wallCells(v wallRowView) []part.Cell {
	left := part.Cell{Text: v.left}
	if v.short {
		left.Tone = theme.Warn
	}
	return []part.Cell{{Text: v.name}, {Text: v.place}, {Text: v.state.text, Tone: v.state.tone}, left, {Text: v.question}, {Text: v.answered},
		{Text: v.contact.text, Tone: v.contact.tone}, {Text: v.note.text, Tone: v.note.tone}}
}

func (w *wallPage) build() {
	w.table = part.NewDataTable(wallColumns, w.mayOrder())
	w.table.OnOpen = w.open
	w.table.OnTicked = w.tickedNow
	w.stamp = part.NewMuted("")
	hint := "每 2 秒自动刷新，需要留意的排在最前面。点一行查看考生。"
	if !w.mayOrder() {
		hint = "每 2 秒自动刷新，需要留意的排在最前面。由监考员下达指令，本账号只能查看。"
	}
	w.trouble = part.Rows()
	tallies := part.Flow()
	for _, st := range append([]sitting.State{""}, sitting.States...) {
		tone := theme.Neutral
		if st != "" {
			tone = sittingChip(st).tone
		}
		t := part.NewTally(stateWord(st), tone, func() { w.only(st) })
		t.Set(dash)
		w.tallies[st] = t
		tallies.Add(t)
	}
	top := part.Rows(part.Ends(part.NewTitle("监考"), w.stamp, part.NewSecondary("刷新", w.load).WithGlyph("refresh").Small()),
		part.NewText(hint).Styled(theme.SizeBody, theme.ColorInkMuted, false), tallies, w.filters(), w.trouble)
	w.root = container.NewBorder(top, w.foot(), nil, nil, container.NewPadded(w.table))
	w.table.SetState(part.NewLoading("正在读取考场…"))
	w.marks()
}

func (w *wallPage) filters() fyne.CanvasObject {
	w.search = part.NewSearchBox("姓名或证件号码", func(text string) {
		if text = strings.TrimSpace(text); text != w.filter.Text {
			w.filter.Text = text
			w.anew()
		}
	})
	w.room = part.NewSelect("全部考场", []part.Option{{Key: "", Name: "全部考场"}}, func(o part.Option) {
		w.filter.Room = o.Key
		w.anew()
	})
	w.worry = part.NewCheck("只看需要留意的", func(on bool) {
		w.worried = on
		w.show(true)
	})
	w.reset = part.NewQuiet("清除条件", w.clearFilters)
	w.reset.Hide()
	return part.Flow(part.Sized(240, theme.Height, w.search), part.Sized(200, theme.Height, w.room), part.Sized(150, 0, w.worry), w.reset)
}

// foot is the row below the table: what can be ordered.
func (w *wallPage) foot() fyne.CanvasObject {
	w.chosen = part.NewStrong("")
	if !w.mayOrder() {
		return w.chosen
	}
	row := part.Flow(w.chosen)
	w.whole = part.NewPrimary("全场开始", w.startAll)
	row.Add(w.whole)
	for _, o := range orders {
		b := part.NewSecondary(o.text(), func() { w.order(o) })
		if o == orderStart {
			b = part.NewPrimary(o.text(), func() { w.order(o) })
		}
		w.buttons[o] = b
		row.Add(b)
	}
	w.unchoose = part.NewQuiet("取消选择", w.untick)
	row.Add(w.unchoose)
	return row
}

// only narrows to one state, or takes that back.
func (w *wallPage) only(st sitting.State) {
	if st == "" || len(w.filter.States) == 1 && w.filter.States[0] == st {
		w.filter.States = nil
	} else {
		w.filter.States = []sitting.State{st}
	}
	w.anew()
}

func (w *wallPage) narrowed() bool {
	return w.filter.Text != "" || w.filter.Room != "" || len(w.filter.States) > 0 || w.worried
}

func (w *wallPage) clearFilters() {
	w.filter, w.worried = sitting.Filter{}, false
	w.search.Entry.SetText("")
	w.room.Choose("")
	w.worry.SetChecked(false)
	w.anew()
}

// anew begins another list.
func (w *wallPage) anew() {
	w.asking, w.have = false, false
	w.load()
}

// load reads the wall again, unless a question is under way: then once more behind it.
func (w *wallPage) load() {
	if w.life == nil || w.life.Over() {
		return
	}
	if w.asking {
		w.again = true
		return
	}
	w.asking, w.again = true, false
	w.asked++
	mine := w.asked
	f := w.filter
	f.Limit = wallMost
	if w.narrowed() {
		w.reset.Show()
	} else {
		w.reset.Hide()
	}
	moved := !w.have
	shell.Job(w.life, func(ctx context.Context) (sitting.Page, error) { return w.s.session.Wall(ctx, f) }, func(got sitting.Page, err error) {
		if mine != w.asked {
			return
		}
		w.asking = false
		if w.s.heard(err) {
			return
		}
		if err != nil {
			w.failed(err)
			return
		}
		w.trouble.Objects = nil
		if got.Total > len(got.Rows) && len(got.Rows) > 0 {
			w.trouble.Add(part.NewBanner(theme.Info, fmt.Sprintf("共 %d 名，显示最需要留意的 %d 名", got.Total, len(got.Rows)), "选择一个考场后可以看到全部。"))
		}
		w.trouble.Refresh()
		w.got, w.have, w.lost, w.read = got, true, false, w.s.now()
		w.learnRooms()
		w.show(moved)
		if w.again {
			w.load()
		}
	})
}

// learnRooms offers the rooms that were seen.
func (w *wallPage) learnRooms() {
	fresh := false
	for _, r := range w.got.Rows {
		if r.Room != "" && !slices.Contains(w.rooms, r.Room) {
			w.rooms = append(w.rooms, r.Room)
			fresh = true
		}
	}
	if !fresh {
		return
	}
	sort.Strings(w.rooms)
	options := []part.Option{{Key: "", Name: "全部考场"}}
	for _, r := range w.rooms {
		options = append(options, part.Option{Key: r, Name: r})
	}
	w.room.SetOptions(options)
}

// failed says that reading did not work: instead of the table when nothing was
// read yet, above it otherwise.
func (w *wallPage) failed(err error) {
	again := part.NewSecondary("重试", w.load)
	w.trouble.Objects = nil
	w.lost = true
	if !w.have {
		w.table.SetState(part.NewFailed("读取没有成功", say(err), again))
	} else {
		w.trouble.Add(part.NewBanner(theme.Warn, "连接中断，显示的是 "+clock(w.read)+" 的内容", "剩余时间按那时推算，最近联系不再更新；考生的测评不受影响。正在自动重试。", again.Small()))
	}
	w.trouble.Refresh()
}

// since is how long ago the wall was read.
func (w *wallPage) since() sitting.Span { return sitting.Span(max(w.s.now()-w.read, 0)) }

// arrange puts the rows that were read in the order of the wall.
func (w *wallPage) arrange() {
	w.rows = w.rows[:0]
	for _, r := range w.got.Rows {
		if !w.worried || rank(r, w.got.Now) < 2 {
			w.rows = append(w.rows, r)
		}
	}
	worstFirst(w.rows, w.got.Now)
	shown := map[sitting.ID]bool{}
	for _, r := range w.rows {
		shown[r.Sitting] = true
	}
	for id := range w.ticked { // nobody is ordered about out of sight
		if !shown[id] {
			delete(w.ticked, id)
		}
	}
}

// cells is one seat in the table, as it stands now.
func (w *wallPage) cells(i int) []part.Cell {
	if i >= len(w.rows) {
		return nil
	}
	return wallCells(viewSeat(w.rows[i], w.got.Now, w.since()))
}

// show draws what was read. moved says that it is another list, which begins at its top.
func (w *wallPage) show(moved bool) {
	if !w.have {
		return
	}
	w.arrange()
	if moved {
		w.table.SetRows(len(w.rows), w.cells)
	}
	w.table.Update(len(w.rows), w.cells, func(i int) bool { return w.ticked[w.rows[i].Sitting] })
	switch {
	case len(w.rows) > 0:
	case w.narrowed():
		w.table.SetState(part.NewEmpty("没有符合条件的考生", "换一个条件，或清除条件后再看。", part.NewSecondary("清除条件", w.clearFilters)))
	default:
		w.table.SetState(part.NewEmpty("还没有考生签到", "考生在考试机上登录并签到后，会显示在这里。"))
	}
	for st, t := range w.tallies {
		t.Set(fmt.Sprint(countOf(w.got.Counts, st)))
		t.SetChosen(st == "" && len(w.filter.States) == 0 || slices.Contains(w.filter.States, st))
	}
	part.Say(w.stamp, "更新于 "+clock(w.read))
	w.marks()
}

// tick draws the clocks of the seats in view.
func (w *wallPage) tick() {
	if w.have && len(w.rows) > 0 {
		w.table.Refresh()
	}
}

// tickedNow takes over what the table says is ticked.
func (w *wallPage) tickedNow(int) {
	clear(w.ticked)
	for _, i := range w.table.Ticked() {
		w.ticked[w.rows[i].Sitting] = true
	}
	w.marks()
}

func (w *wallPage) untick() {
	clear(w.ticked)
	w.show(false)
}

// picked are the rows that are ticked, as last read.
func (w *wallPage) picked() []sitting.Row {
	var rows []sitting.Row
	for _, r := range w.rows {
		if w.ticked[r.Sitting] {
			rows = append(rows, r)
		}
	}
	return rows
}

// marks says how many are ticked, and what can be ordered.
func (w *wallPage) marks() {
	if !w.mayOrder() {
		part.Say(w.chosen, fmt.Sprintf("显示 %d 名", len(w.rows)))
		return
	}
	rows := w.picked()
	text := "勾选考生后下达指令："
	if len(rows) > 0 {
		text = fmt.Sprintf("已选 %d 名", len(rows))
	}
	part.Say(w.chosen, text)
	for o, b := range w.buttons {
		fit, others := orderable(w.s.role, o, rows)
		text := o.text()
		if others > 0 && len(fit) > 0 {
			text = fmt.Sprintf("%s（%d）", text, len(fit))
		}
		set(b, text, len(fit) > 0)
	}
	ready, _ := startable(w.rows)
	if len(rows) == 0 {
		w.whole.Show()
		w.buttons[orderStart].Hide()
		w.unchoose.Hide()
		text := "全场开始"
		if len(ready) > 0 {
			text = fmt.Sprintf("全场开始（%d）", len(ready))
		}
		set(w.whole, text, len(ready) > 0)
	} else {
		w.whole.Hide()
		w.buttons[orderStart].Show()
		w.unchoose.Show()
	}
	w.root.Refresh()
}

// set changes a button only where something about it changes, so that a refresh
// every two seconds draws nothing for nothing.
func set(b *part.Button, text string, on bool) {
	if b.Text() != text {
		b.SetText(text)
	}
	switch {
	case on && b.Disabled():
		b.Enable()
	case !on && !b.Disabled():
		b.Disable()
	}
}

// startAll starts everybody who is shown, waits and has checked in.
func (w *wallPage) startAll() {
	rows, away := startable(w.rows)
	if len(rows) == 0 {
		return
	}
	w.s.ask(orderStart, rows, 0, wholeText(rows, away), w.through)
}

// wholeText is the question before a room is started.
func wholeText(rows []sitting.Row, away int) string {
	t := fmt.Sprintf("现在为已签到的 %d 名考生开始测评？（%s）", len(rows), roomsText(rows))
	doubtful := 0
	for _, r := range rows {
		if unvouched(r) || len(failedChecks(r)) > 0 && !r.Vouched {
			doubtful++
		}
	}
	if doubtful > 0 {
		t += fmt.Sprintf("其中 %d 名的签到检查没有全部通过，还没有人工核验。", doubtful)
	}
	if away > 0 {
		t += fmt.Sprintf("另有 %d 名没有签到，不在其中。", away)
	}
	return t
}

// order gives o to those that are ticked and may have it.
func (w *wallPage) order(o order) {
	fit, others := orderable(w.s.role, o, w.picked())
	if len(fit) > 0 {
		w.s.ask(o, fit, others, "", w.through)
	}
}

// through takes the ticks away from those with whom it went well, and reads again.
func (w *wallPage) through(outs []sitting.Outcome) {
	for _, o := range outs {
		if o.Kind == "" {
			delete(w.ticked, o.Sitting)
		}
	}
	if !w.life.Over() {
		w.show(false)
		w.load()
	}
}

// open shows one seat.
func (w *wallPage) open(i int) {
	if i < 0 || i >= len(w.rows) {
		return
	}
	w.s.frame.Show(newSittingPage(w.s, w, append([]sitting.Row(nil), w.rows...), i))
}
