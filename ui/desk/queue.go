package desk

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// pageSize is how many rows one page of a list has.
const pageSize = 50

// column is one column of a list: how it is headed, what sorts by it, what it shows.
type column struct {
	title  string
	weight float32
	sort   string // of application.Filter.Sort; "" for none
	cell   func(rowView) part.Cell
}

func plain(f func(rowView) string) func(rowView) part.Cell {
	return func(v rowView) part.Cell { return part.Cell{Text: f(v)} }
}

// columnsOf are the columns of a page for a role: an institution needs no column
// that says its own name on every line.
func columnsOf(p page, role exam.Role) []column {
	name := column{"姓名", 1, "name", plain(func(v rowView) string { return v.name })}
	identity := column{"证件号码", 1.9, "", plain(func(v rowView) string { return v.identity })}
	institution := column{"主要执业机构", 1.9, "", plain(func(v rowView) string { return v.institution })}
	department := column{"科室", 1.2, "", plain(func(v rowView) string { return v.department })}
	procedure := column{"考核程序", 1, "", plain(func(v rowView) string { return v.procedure })}
	state := column{"状态", 1.5, "state", func(v rowView) part.Cell { return part.Cell{Text: v.state.text, Tone: v.state.tone} }}
	mark := column{"备注", 1, "", func(v rowView) part.Cell { return part.Cell{Text: v.mark.text, Tone: v.mark.tone} }}
	submitted := column{"提交时间", 1.5, "submitted", plain(func(v rowView) string { return v.submitted })}
	day := column{"提交日期", 1.3, "submitted", plain(func(v rowView) string { return v.day })}
	waiting := column{"已等待", 0.8, "", func(v rowView) part.Cell {
		if v.late {
			return part.Cell{Text: v.waiting, Tone: theme.Warn}
		}
		return part.Cell{Text: v.waiting}
	}}
	number := column{"证书编码", 2.6, "", plain(func(v rowView) string { return orDash(v.notice) })}
	issued := column{"签发时间", 1.5, "", plain(func(v rowView) string { return orDash(v.issuedAt) })}
	attempt := column{"测评", 0.8, "", plain(func(v rowView) string { return orDash(v.attempt) })}
	score := column{"成绩", 0.9, "", plain(func(v rowView) string { return orDash(v.score) })}
	verdict := column{"按合格线", 1, "", func(v rowView) part.Cell { return part.Cell{Text: v.verdict.text, Tone: v.verdict.tone} }}
	concluded := column{"评定日期", 1.2, "", plain(func(v rowView) string { return orDash(v.concluded) })}
	var cs []column
	switch p.id {
	case pageInclude:
		cs = []column{name, identity, institution, state}
	case pageIssued:
		return []column{name, number, institution, issued} // all in force: no mark says more
	case pageIssue:
		cs = []column{name, identity, institution, department, submitted, waiting, mark}
	case pageCorrections:
		cs = []column{name, identity, institution, department, state, waiting, mark}
	case pageExemptions:
		cs = []column{name, identity, institution, department, waiting}
	case pageResults:
		cs = []column{name, identity, institution, attempt, score, verdict, waiting, mark}
	case pageFailed:
		cs = []column{name, identity, institution, state, score, concluded, mark}
	case pageAppeals:
		cs = []column{name, identity, institution, state, score, concluded, waiting}
	case pageAbsent:
		cs = []column{name, identity, institution, department, state, mark}
	case pageAll:
		cs = []column{name, identity, institution, department, procedure, state, day, mark}
		if role != exam.RoleInstitution { // a small screen has no room for both; the filter has the procedure
			cs = []column{name, identity, institution, department, state, day, mark}
		}
	default:
		cs = []column{name, identity, institution, department, procedure, state, submitted, waiting}
	}
	if role == exam.RoleInstitution {
		for i, c := range cs {
			if c.title == institution.title {
				cs = append(cs[:i:i], cs[i+1:]...)
				break
			}
		}
	}
	return cs
}

// queuePage is one list of dossiers with its search, its filters and what can be
// done to many at once. It lives as long as the session, so that coming back from
// a case finds everything as it was.
type queuePage struct {
	s    *seat
	p    page
	life *shell.Life
	cols []column

	filter application.Filter // the page's own, narrowed by the user
	number int                // which page of the list, from 0
	got    application.Page
	have   bool // got was read
	sel    selection
	asked  int // an answer to an older question is dropped
	read   exam.Instant

	root     fyne.CanvasObject
	table    *part.DataTable
	pager    *part.Pager
	search   *part.SearchBox
	state    *part.Select
	proc     *part.Select
	office   *part.Select
	corr     *part.Check
	reset    *part.Button
	refresh  *part.Button
	stamp    *canvas.Text
	trouble  *fyne.Container
	chosen   *canvas.Text
	unchoose *part.Button
	verbs    map[verb]*part.Button
}

func newQueuePage(s *seat, p page) *queuePage {
	if q := s.lists[p.id]; q != nil {
		return q
	}
	q := &queuePage{s: s, p: p, cols: columnsOf(p, s.role), filter: p.filter, verbs: map[verb]*part.Button{}}
	s.lists[p.id] = q
	return q
}

// Fills says that the table scrolls by itself.
func (q *queuePage) Fills() bool { return true }

// Open shows the list and keeps it fresh until it is left.
func (q *queuePage) Open(life *shell.Life) fyne.CanvasObject {
	q.life = life
	if q.root == nil {
		q.build()
	}
	q.readOffices()
	q.load()
	life.Every(refreshEvery, q.load)
	return q.root
}

func (q *queuePage) build() {
	var heads []part.Column
	for _, c := range q.cols {
		heads = append(heads, part.Column{Title: c.title, Weight: c.weight, Sort: c.sort != ""})
	}
	q.table = part.NewDataTable(heads, len(q.p.verbs) > 0)
	q.table.OnOpen = q.open
	q.table.OnTicked = q.ticked
	q.table.OnSort = func(i int, down bool) {
		q.filter.Sort = q.cols[i].sort
		if down {
			q.filter.Sort = "-" + q.filter.Sort
		}
		q.anew()
	}
	for i, c := range q.cols {
		if c.sort == orSubmitted(q.filter.Sort) {
			q.table.SetSort(i, strings.HasPrefix(q.filter.Sort, "-"))
		}
	}
	q.pager = part.NewPager(func(n int) {
		q.number = n
		q.have = false
		q.load()
	})
	q.stamp = part.NewMuted("")
	q.refresh = part.NewSecondary("刷新", q.load).WithGlyph("refresh").Small()
	title := part.Ends(part.NewTitle(q.p.title), q.stamp, q.refresh)
	q.trouble = part.Rows()
	top := part.Rows(title)
	if q.p.hint != "" {
		top.Add(part.NewText(q.p.hint).Styled(theme.SizeBody, theme.ColorInkMuted, false))
	}
	top.Add(q.filters())
	top.Add(q.trouble)
	q.root = container.NewBorder(top, q.foot(), nil, nil, container.NewPadded(q.table))
	q.table.SetState(part.NewLoading("正在读取…"))
	q.marks()
}

func orSubmitted(sort string) string {
	if sort == "" {
		return "submitted"
	}
	return strings.TrimPrefix(sort, "-")
}

// filters is the row above the table.
func (q *queuePage) filters() fyne.CanvasObject {
	q.search = part.NewSearchBox("姓名或证件号码，回车查找", func(text string) {
		if text = strings.TrimSpace(text); text != q.filter.Text {
			q.filter.Text = text
			q.anew()
		}
	})
	row := part.Flow(part.Sized(240, theme.Height, q.search))
	if q.p.states {
		options := []part.Option{{Key: "", Name: "全部状态"}}
		for _, st := range application.States {
			options = append(options, part.Option{Key: string(st), Name: st.Text()})
		}
		q.state = part.NewSelect("全部状态", options, func(o part.Option) {
			q.filter.States = q.p.filter.States
			if o.Key != "" {
				q.filter.States = []application.State{application.State(o.Key)}
			}
			q.anew()
		})
		row.Add(part.Sized(150, theme.Height, q.state))
	}
	switch q.p.id {
	case pageInclude, pageIssue, pageIssued: // the procedure tells nothing there
	case pageExemptions, pageResults, pageFailed, pageAppeals, pageAbsent: // all of the general one
	default:
		q.proc = part.NewSelect("全部程序", []part.Option{{Key: "", Name: "全部程序"}, {Key: string(application.Simple), Name: application.Simple.Text()},
			{Key: string(application.General), Name: application.General.Text()}}, func(o part.Option) {
			q.filter.Procedure = application.Procedure(o.Key)
			q.anew()
		})
		row.Add(part.Sized(125, theme.Height, q.proc))
	}
	if q.s.role != exam.RoleInstitution {
		q.office = part.NewSelect("全部机构", nil, func(o part.Option) {
			q.filter.Institution = exam.InstitutionID(o.Key)
			q.anew()
		})
		row.Add(part.Sized(215, theme.Height, q.office))
		q.offices()
	}
	if q.p.id == pageAll {
		q.corr = part.NewCheck("只看修改申请", func(on bool) {
			q.filter.Correction = on
			q.anew()
		})
		row.Add(part.Sized(140, 0, q.corr))
	}
	for _, s := range []*part.Select{q.state, q.proc} {
		if s != nil {
			s.Choose("")
		}
	}
	q.reset = part.NewQuiet("清除条件", q.clearFilters)
	q.reset.Hide()
	row.Add(q.reset)
	return row
}

// offices offers the institutions that are known.
func (q *queuePage) offices() {
	if q.office == nil {
		return
	}
	options := []part.Option{{Key: "", Name: "全部机构"}}
	for _, o := range q.s.offices {
		options = append(options, part.Option{Key: string(o.ID), Name: o.Name})
	}
	at := q.office.Chosen().Key
	q.office.SetOptions(options)
	q.office.Choose(at)
}

// readOffices reads the institutions of the filter, once in a session.
func (q *queuePage) readOffices() {
	if q.office == nil {
		return
	}
	if q.s.offices != nil {
		q.offices()
		return
	}
	shell.Job(q.life, func(ctx context.Context) ([]exam.Institution, error) {
		return q.s.session.Institutions(ctx, exam.InstitutionQuery{Division: q.s.account.Province, Limit: 500})
	}, func(list []exam.Institution, err error) {
		if err != nil {
			return // the list itself says what is wrong with the line; the filter comes with the next visit
		}
		for _, o := range list {
			if o.Kind == exam.OfficeInstitution {
				q.s.offices = append(q.s.offices, o)
			}
		}
		q.offices()
	})
}

// foot is the row below the table: what can be done to those that are ticked,
// and the pages.
func (q *queuePage) foot() fyne.CanvasObject {
	q.chosen = part.NewStrong("")
	left := part.Row()
	if len(q.p.verbs) > 0 {
		left.Add(q.chosen)
		for i, v := range q.p.verbs {
			b := part.NewSecondary(v.text(), func() { q.bulk(v) })
			if i == 0 {
				b = part.NewPrimary(v.text(), func() { q.bulk(v) })
			}
			q.verbs[v] = b
			left.Add(b)
		}
		q.unchoose = part.NewQuiet("取消选择", func() {
			q.sel.clear()
			q.show(false)
		})
		left.Add(q.unchoose)
	}
	return part.Ends(left, q.pager)
}

// narrowed says whether the user narrowed the list.
func (q *queuePage) narrowed() bool {
	f := q.filter
	return f.Text != "" || f.Procedure != "" || f.Institution != "" || f.Correction != q.p.filter.Correction || len(f.States) != len(q.p.filter.States)
}

func (q *queuePage) clearFilters() {
	sort := q.filter.Sort
	q.filter = q.p.filter
	q.filter.Sort = sort
	q.search.Entry.SetText("")
	for _, s := range []*part.Select{q.state, q.proc, q.office} {
		if s != nil {
			s.Choose("")
		}
	}
	if q.corr != nil {
		q.corr.SetChecked(false)
	}
	q.anew()
}

// anew begins another list at its first page.
func (q *queuePage) anew() {
	q.number = 0
	q.have = false
	q.load()
}

// load reads the page again. While rows are shown they stay until the new ones
// are there.
func (q *queuePage) load() {
	if q.life == nil || q.life.Over() {
		return
	}
	q.asked++
	mine := q.asked
	f := q.filter
	f.Offset, f.Limit = q.number*pageSize, pageSize
	if q.narrowed() {
		q.reset.Show()
	} else {
		q.reset.Hide()
	}
	moved := !q.have
	if moved && q.read == 0 {
		q.table.SetState(part.NewLoading("正在读取…"))
	}
	shell.Job(q.life, func(ctx context.Context) (application.Page, error) { return q.s.session.Rows(ctx, f) }, func(got application.Page, err error) {
		if mine != q.asked || q.s.heard(err) {
			return
		}
		if err != nil {
			q.failed(err)
			return
		}
		q.trouble.Objects = nil
		q.trouble.Refresh()
		if len(got.Rows) == 0 && q.number > 0 { // the list has become shorter
			q.number = min(max(got.Total-1, 0)/pageSize, q.number-1)
			q.load()
			return
		}
		q.got, q.have, q.read = got, true, q.s.now()
		if dropped := q.sel.meet(got.Rows); len(dropped) > 0 {
			q.s.toast(theme.Warn, strings.Join(dropped, "、")+" 的信息有变化，已取消选择")
		}
		q.show(moved)
	})
}

// failed says that reading did not work: instead of the table when nothing was
// read yet, above it otherwise.
func (q *queuePage) failed(err error) {
	again := part.NewSecondary("重试", q.load)
	if !q.have {
		q.trouble.Objects = nil
		q.table.SetState(part.NewFailed("读取没有成功", say(err), again))
		q.trouble.Refresh()
		return
	}
	q.trouble.Objects = []fyne.CanvasObject{part.NewBanner(theme.Warn, "刷新没有成功，显示的是 "+clock(q.read)+" 的内容", say(err), again.Small())}
	q.trouble.Refresh()
}

func clock(i exam.Instant) string { return i.Time().In(exam.China).Format("15:04:05") }

// show draws what was read. moved says that it is another list, which begins at its top.
func (q *queuePage) show(moved bool) {
	rows, now := q.got.Rows, q.s.now()
	cells := func(i int) []part.Cell {
		v := viewRow(rows[i], now)
		list := make([]part.Cell, len(q.cols))
		for j, c := range q.cols {
			list[j] = c.cell(v)
		}
		return list
	}
	if moved {
		q.table.SetRows(len(rows), cells)
	}
	q.table.Update(len(rows), cells, func(i int) bool { return q.sel.has(rows[i].Application) })
	if len(rows) == 0 {
		if q.narrowed() {
			q.table.SetState(part.NewEmpty("没有符合条件的医师", "换一个条件，或清除条件后再看。", part.NewSecondary("清除条件", q.clearFilters)))
		} else {
			q.table.SetState(part.NewEmpty(q.p.empty, "列表每 15 秒自动刷新。"))
		}
	}
	q.pager.Set(q.number, pageSize, q.got.Total)
	if q.read != 0 {
		part.Say(q.stamp, "更新于 "+clock(q.read))
	}
	q.marks()
}

// ticked takes over what the table says is ticked.
func (q *queuePage) ticked(int) {
	on := map[int]bool{}
	for _, i := range q.table.Ticked() {
		on[i] = true
	}
	for i, r := range q.got.Rows {
		q.sel.set(r, on[i])
	}
	q.marks()
}

// marks says how many are ticked, and what can be done to them.
func (q *queuePage) marks() {
	if len(q.p.verbs) == 0 {
		return
	}
	n := q.sel.len()
	part.Say(q.chosen, chosenText(n))
	for v, b := range q.verbs {
		fit, others := q.sel.among(q.s.role, v)
		text := v.text()
		if others > 0 && len(fit) > 0 {
			text = fmt.Sprintf("%s（%d）", text, len(fit))
		}
		b.SetText(text)
		if len(fit) == 0 {
			b.Disable()
		} else {
			b.Enable()
		}
	}
	if n == 0 {
		q.unchoose.Hide()
	} else {
		q.unchoose.Show()
	}
	q.root.Refresh()
}

func chosenText(n int) string {
	if n == 0 {
		return "勾选后可批量办理："
	}
	return fmt.Sprintf("已选 %d 名", n)
}

// bulk does v to those that are ticked and may have it.
func (q *queuePage) bulk(v verb) {
	fit, others := q.sel.among(q.s.role, v)
	if len(fit) == 0 {
		return
	}
	q.s.bulk(v, fit, others, func(outs []application.Outcome) {
		for _, o := range outs {
			if o.Kind == "" {
				q.sel.drop(o.Application)
			}
		}
		if !q.life.Over() {
			q.show(false)
			q.load()
		}
	})
}

// open shows the case of a row.
func (q *queuePage) open(i int) {
	if i < 0 || i >= len(q.got.Rows) {
		return
	}
	rows := append([]application.Row(nil), q.got.Rows...)
	q.s.frame.Show(newCasePage(q.s, q, rows, i))
}
