package terminal

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"

	"dingkao/assets"
	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
)

// historyPage is step ③ 相关经历: three tables, each with its dialog.
type historyPage struct {
	b      *bench
	fields fieldSet
	first  fyne.Focusable
	root   fyne.CanvasObject

	filings, schooling, career *part.Records
}

func newHistoryPage(b *bench) *historyPage {
	p := &historyPage{b: b, fields: fieldSet{}}
	h := b.form.History
	changed := func() {
		p.show()
		b.changed(application.StepHistory)
	}
	full := func(n int) bool {
		if n >= application.MostRows {
			part.Tell(b.canvas(), "已经很多了", "每张表最多30行，请先删去不需要的。", nil)
			return true
		}
		return false
	}
	p.filings = part.NewRecords("多机构备案", []string{"执业机构", "科室", "职务"}, func() {
		if !full(len(h.Filings)) {
			p.editFiling(application.Filing{}, func(f application.Filing) { h.Filings = append(h.Filings, f); changed() })
		}
	})
	p.filings.OnEdit = func(i int) {
		p.editFiling(h.Filings[i], func(f application.Filing) { h.Filings[i] = f; changed() })
	}
	p.filings.OnDelete = p.deleting("这条多机构备案", func(i int) { h.Filings = without(h.Filings, i); changed() })
	p.filings.SetWeights(2.4, 1, 1)

	p.schooling = part.NewRecords("教育经历", []string{"学历", "毕业院校", "专业", "起止时间"}, func() {
		if !full(len(h.Schooling)) {
			p.editSchooling(application.Schooling{}, func(s application.Schooling) { h.Schooling = append(h.Schooling, s); changed() })
		}
	})
	p.schooling.OnEdit = func(i int) {
		p.editSchooling(h.Schooling[i], func(s application.Schooling) { h.Schooling[i] = s; changed() })
	}
	p.schooling.OnDelete = p.deleting("这条教育经历", func(i int) { h.Schooling = without(h.Schooling, i); changed() })
	p.schooling.SetWeights(1, 1.6, 1.4, 1.4)

	p.career = part.NewRecords("执业经历", []string{"机构名称", "职称", "职务", "起止时间"}, func() {
		if !full(len(h.Career)) {
			p.editCareer(application.Career{}, func(c application.Career) { h.Career = append(h.Career, c); changed() })
		}
	})
	p.career.OnEdit = func(i int) {
		p.editCareer(h.Career[i], func(c application.Career) { h.Career[i] = c; changed() })
	}
	p.career.OnDelete = p.deleting("这条执业经历", func(i int) { h.Career = without(h.Career, i); changed() })
	p.career.SetWeights(1.8, 1.2, 1, 1.4)

	p.root = part.Groups(
		part.NewHint("没有相关经历的表可以留空。"),
		part.NewCard("", p.filings), part.NewCard("", p.schooling), part.NewCard("", p.career),
	)
	p.show()
	return p
}

func (p *historyPage) Content() fyne.CanvasObject { return p.root }
func (p *historyPage) First() fyne.Focusable      { return p.first }

// Mark has nothing to point at: a row can only be saved whole.
func (p *historyPage) Mark([]application.Gap) {}

func (p *historyPage) show() {
	sections := application.Describe(p.b.doctor, p.b.institution, p.b.cycle, application.Form{History: p.b.form.History})
	for _, s := range sections {
		for _, t := range s.Tables {
			switch t.Key {
			case "filings":
				p.filings.SetRows(t.Rows)
			case "schooling":
				p.schooling.SetRows(t.Rows)
			case "career":
				p.career.SetRows(t.Rows)
			}
		}
	}
}

func (p *historyPage) deleting(what string, do func(int)) func(int) {
	return func(i int) {
		part.ConfirmDanger(p.b.canvas(), "删除"+what, "删除后不能恢复，确定删除吗？", "删除", "取消", func(yes bool) {
			if yes {
				do(i)
			}
		})
	}
}

func without[T any](rows []T, i int) []T {
	return append(rows[:i:i], rows[i+1:]...)
}

// rowForm shows a dialog for one row: save is told when nothing is missing.
func (p *historyPage) rowForm(title string, width float32, body fyne.CanvasObject, fields fieldSet, unread func() bool, missing func() []application.Gap, save func()) *part.Dialog {
	return part.ShowForm(p.b.canvas(), title, width, body, "确定", func(d *part.Dialog) {
		gaps := missing()
		fields.Mark(gaps)
		if unread() {
			d.SetError("有一个年月看不懂，请写作 2016-09 的样子，或点日历选择。")
			return
		}
		if len(gaps) > 0 {
			d.SetError(gaps[0].Sentence)
			return
		}
		d.Close()
		save()
	})
}

// childrenOf are the places inside the last one of a path.
func childrenOf(path []part.Option) []part.Option {
	parent := ""
	if len(path) > 0 {
		parent = path[len(path)-1].Key
	}
	return optionsOf(assets.Divisions(parent))
}

// placeKeys are the codes from province down to a division.
func placeKeys(division string) []string {
	var keys []string
	for _, n := range []int{2, 4, 6, 9} {
		if len(division) >= n && assets.DivisionName(division[:n]) != "" {
			keys = append(keys, division[:n])
		}
	}
	return keys
}

func (p *historyPage) editFiling(f application.Filing, save func(application.Filing)) {
	title := "新增多机构备案"
	if f.Name != "" {
		title = "编辑多机构备案"
	}
	fields := fieldSet{}
	nothing := func() {}
	chosen := part.NewText("尚未选择机构")
	say := func() {
		if f.Name != "" {
			chosen.SetText("已选择：" + strings.TrimSpace(f.Name+"　"+f.Place))
		}
	}
	say()
	var cascade *part.Cascade
	finder := part.NewFinder("机构名称的一部分，如 人民医院", func(query string, answer func([]part.Option, error)) {
		path := cascade.Path()
		q := exam.InstitutionQuery{Name: strings.TrimSpace(query), Limit: 50}
		if len(path) > 0 {
			q.Division = path[len(path)-1].Key
		}
		var found []exam.Institution
		p.b.run(func(ctx context.Context) (err error) {
			found, err = p.b.doors.Institutions(ctx, q)
			return err
		}, func(err error) {
			if err != nil {
				answer(nil, sentence(exam.SentenceOf(err)))
				return
			}
			answer(institutionOptions(found), nil)
		})
	}, nil)
	finder.OnChosen = func(o part.Option) {
		f.Institution, f.Name, f.Division = exam.InstitutionID(o.Key), o.Name, o.Also
		f.Place = strings.Join(assets.DivisionPath(f.Division), " ")
		say()
	}
	cascade = part.NewCascade([]string{"省", "市", "县（区）"}, childrenOf, func([]part.Option) { finder.Find() })
	keys := placeKeys(f.Division)
	if len(keys) == 0 && p.b.doctor.Province != "" {
		keys = []string{p.b.doctor.Province}
	}
	cascade.Choose(keys...)
	fields["filings.name"] = part.NewField("机构", part.Rows(cascade, finder, chosen)).Required()
	fields["filings.department"] = part.NewField("科室", writeLine("如 儿科", &f.Department, nothing)).Required()
	fields["filings.post"] = part.NewField("职务", writeLine("没有可不填", &f.Post, nothing))
	body := part.Groups(fields["filings.name"], part.NewForm(fields["filings.department"], fields["filings.post"]))
	p.rowForm(title, 640, body, fields, func() bool { return false }, func() []application.Gap { return f.Missing() }, func() { save(f) })
	finder.Find()
}

// institutionOptions are institutions as the finder shows them: the place small
// beside the name. Assessors and authorities are on the same list and left out. Also
// carries the division, it is not shown.
func institutionOptions(found []exam.Institution) []part.Option {
	var out []part.Option
	for _, n := range found {
		if n.Kind == exam.OfficeInstitution {
			out = append(out, part.Option{Key: string(n.ID), Name: n.Name, Note: strings.Join(assets.DivisionPath(n.Division), " "), Also: n.Division})
		}
	}
	return out
}

func (p *historyPage) editSchooling(s application.Schooling, save func(application.Schooling)) {
	title := "新增教育经历"
	if s.School != "" {
		title = "编辑教育经历"
	}
	nothing := func() {}
	from, to := p.b.pickMonth(&s.From, nothing), p.b.pickMonth(&s.To, nothing)
	degree := pickTerm("请选择", assets.Educations(), &s.Degree, nothing)
	fields := fieldSet{
		"schooling.degree":  part.NewField("学历", degree).Required(),
		"schooling.school":  part.NewField("毕业院校", writeLine("学校全称", &s.School, nothing)).Required(),
		"schooling.subject": part.NewField("专业", writeLine("如 临床医学", &s.Subject, nothing)).Required(),
		"schooling.from":    part.NewField("开始年月", from).Required(),
	}
	body := part.NewForm(fields["schooling.degree"], fields["schooling.school"], part.Wide(fields["schooling.subject"]),
		fields["schooling.from"], part.NewField("结束年月", to).WithHint("留空表示至今"))
	d := p.rowForm(title, 600, body, fields, unreadable(from, to), func() []application.Gap { return s.Missing() }, func() { save(s) })
	d.FocusOn(degree)
}

func (p *historyPage) editCareer(c application.Career, save func(application.Career)) {
	title := "新增执业经历"
	if c.Institution != "" {
		title = "编辑执业经历"
	}
	nothing := func() {}
	from, to := p.b.pickMonth(&c.From, nothing), p.b.pickMonth(&c.To, nothing)
	institution := writeLine("机构全称", &c.Institution, nothing)
	fields := fieldSet{
		"career.institution": part.NewField("机构名称", institution).Required(),
		"career.title":       part.NewField("职称", pickTerm("请选择", assets.Titles(), &c.Title, nothing)).Required(),
		"career.post":        part.NewField("职务", writeLine("没有可不填", &c.Post, nothing)),
		"career.from":        part.NewField("开始年月", from).Required(),
	}
	body := part.NewForm(part.Wide(fields["career.institution"]), fields["career.title"], fields["career.post"],
		fields["career.from"], part.NewField("结束年月", to).WithHint("留空表示至今"))
	d := p.rowForm(title, 600, body, fields, unreadable(from, to), func() []application.Gap { return c.Missing() }, func() { save(c) })
	d.FocusOn(institution)
}

func unreadable(dates ...*part.Date) func() bool {
	return func() bool {
		for _, d := range dates {
			if d.Unreadable() {
				return true
			}
		}
		return false
	}
}

// sentence is an error whose text is for people, as part.Finder shows it.
type sentence string

func (s sentence) Error() string { return string(s) }
