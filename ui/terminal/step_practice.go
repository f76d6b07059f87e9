package terminal

import (
	"fyne.io/fyne/v2"

	"dingkao/assets"
	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
)

// practicePage is step ② 执业信息.
type practicePage struct {
	fields fieldSet
	first  fyne.Focusable
	root   fyne.CanvasObject
	hint   func()
}

func newPracticePage(b *bench) *practicePage {
	p := b.form.Practice
	page := &practicePage{fields: fieldSet{}}
	changed := func() {
		page.hint()
		b.changed(application.StepPractice)
	}
	field := func(key, label string, o fyne.CanvasObject, required bool) *part.Field {
		f := part.NewField(label, o)
		f.SetRequired(required)
		page.fields[key] = f
		return f
	}

	department := writeLine("如 儿科", &p.Department, changed)
	page.first = department
	scopes := part.NewMultiSelect("请选择，可多选；先选执业类别", nil, nil)
	offer := func() {
		options := optionsOf(assets.Scopes(p.Category.Code))
		known := map[string]bool{}
		for _, o := range options {
			known[o.Key] = true
		}
		if len(options) == 0 { // what was stored stays visible when its category is not known
			for _, t := range p.Scopes {
				if !known[t.Code] {
					options = append(options, optionOf(t))
				}
			}
		}
		for i := range options {
			options[i].Also = ""
		}
		scopes.SetOptions(options)
	}
	keys := make([]string, len(p.Scopes))
	for i, t := range p.Scopes {
		keys[i] = t.Code
	}
	scopes.Choose(keys...)
	offer()
	take := func(chosen []part.Option) {
		p.Scopes = make([]exam.Term, len(chosen))
		for i, o := range chosen {
			p.Scopes[i] = termOf(o)
		}
	}
	scopes.OnChanged = func(chosen []part.Option) {
		take(chosen)
		changed()
	}
	category := part.NewChoices(optionsOf(assets.Categories()), func(o part.Option) {
		p.Category = termOf(o)
		offer()
		take(scopes.Chosen())
		changed()
	})
	category.Choose(p.Category.Code)
	level := part.NewChoices(optionsOf(assets.Levels()), func(o part.Option) {
		p.Level = termOf(o)
		changed()
	})
	level.Choose(p.Level.Code)
	trainee := part.NewChoices(yesNo("是", "否"), func(o part.Option) {
		p.Trainee = application.YesNo(o.Key)
		changed()
	})
	trainee.Choose(string(p.Trainee))

	qualification := field("qualificationNo", "资格证书编码", writeNumber("27位，旧证24位", &p.QualificationNo, changed), true)
	licence := field("licenceNo", "执业证书编码", writeNumber("15位", &p.LicenceNo, changed), true)
	page.hint = func() {
		said := map[string]string{}
		for _, h := range p.Hints() {
			said[h.Field] = h.Sentence
		}
		qualification.WithHint(said["qualificationNo"])
		licence.WithHint(said["licenceNo"])
	}
	page.hint()

	main := part.NewField("主要执业机构", part.NewLocked(b.institution)).WithHint("来自机构名册，不能在这里修改")
	page.root = part.Groups(
		part.NewCard("执业机构与岗位", part.NewForm(
			part.Wide(main),
			field("department", "科室", department, true),
			field("specialty", "从事专业", writeLine("如 新生儿专业", &p.Specialty, changed), true),
			field("title", "职称", pickTerm("请选择", assets.Titles(), &p.Title, changed), true),
			field("titleOn", "职称取得时间", b.pickDay(&p.TitleOn, changed), false),
			field("post", "职务", writeLine("没有可不填", &p.Post, changed), false),
			field("postOn", "任职时间", b.pickDay(&p.PostOn, changed), false),
		)),
		part.NewCard("执业资格", part.NewForm(
			field("level", "医师级别", level, true),
			field("trainee", "规培生", trainee, false),
			part.Wide(field("category", "执业类别", category, true)),
			part.Wide(field("scopes", "执业范围", scopes, true)),
			qualification,
			field("qualificationOn", "资格证书取得时间", b.pickDay(&p.QualificationOn, changed), false),
			licence,
			field("licenceOn", "执业证书取得时间", b.pickDay(&p.LicenceOn, changed), false),
		)),
	)
	return page
}

func (p *practicePage) Content() fyne.CanvasObject  { return p.root }
func (p *practicePage) Mark(gaps []application.Gap) { p.fields.Mark(gaps) }
func (p *practicePage) First() fyne.Focusable       { return p.first }

func yesNo(yes, no string) []part.Option {
	return []part.Option{{Key: string(application.Yes), Name: yes}, {Key: string(application.No), Name: no}}
}
