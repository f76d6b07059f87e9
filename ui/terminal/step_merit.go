package terminal

import (
	"fmt"
	"strconv"

	"fyne.io/fyne/v2"

	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/theme"
)

// meritPage is step ④ 工作业绩、职业道德.
type meritPage struct {
	fields fieldSet
	first  fyne.Focusable
	root   fyne.CanvasObject
}

// noSituation is the key of 无以下情形 in the list of situations.
const noSituation = "none"

func newMeritPage(b *bench) *meritPage {
	m := b.form.Merit
	page := &meritPage{fields: fieldSet{}}
	changed := func() { b.changed(application.StepMerit) }
	field := func(key, label string, o fyne.CanvasObject, required bool) *part.Field {
		f := part.NewField(label, o)
		f.SetRequired(required)
		page.fields[key] = f
		return f
	}
	choose := func(options []part.Option, chosen string, take func(string)) *part.Choices {
		c := part.NewChoices(options, func(o part.Option) {
			take(o.Key)
			changed()
		})
		c.Choose(chosen)
		return c
	}
	mark := func(at *application.Mark) *part.Choices {
		return choose([]part.Option{
			{Key: string(application.MarkQualified), Name: "合格"},
			{Key: string(application.MarkUnqualified), Name: "不合格"},
		}, string(*at), func(k string) { *at = application.Mark(k) })
	}
	record := func(at *application.YesNo) *part.Choices {
		return choose(yesNo("有", "无"), string(*at), func(k string) { *at = application.YesNo(k) })
	}
	amount := func(key, label, unit string, at **int) *part.Field {
		e := writeCount("没有可不填", at, changed)
		return field(key, label+"（"+unit+"）", e, false)
	}

	situations := make([]part.Option, 0, len(application.Situations)+1)
	situations = append(situations, part.Option{Key: noSituation, Name: "无以下情形"})
	for i, s := range application.Situations {
		situations = append(situations, part.Option{Key: strconv.Itoa(i + 1), Name: fmt.Sprintf("%d. %s", i+1, s)})
	}
	list := part.NewCheckList(situations, noSituation, func(keys []string) {
		m.NoSituation, m.Situations = situationsOf(keys)
		changed()
	})
	list.SetKeys(situationKeys(m.NoSituation, m.Situations))

	rating := choose([]part.Option{
		{Key: string(application.RatingExcellent), Name: "优秀"},
		{Key: string(application.RatingGood), Name: "良好"},
		{Key: string(application.RatingFair), Name: "一般"},
	}, string(m.Rating), func(k string) { m.Rating = application.Rating(k) })
	standards := part.Rows(part.NewMuted("自评参考标准"))
	for i, s := range application.Standards {
		standards.Add(part.NewText(fmt.Sprintf("%d. %s", i+1, s)).Styled(theme.SizeBody, theme.ColorInk, false))
	}

	page.root = part.Groups(
		part.NewCard("执业行为记录", part.NewForm(
			field("goodRecord", "良好执业行为记录", record(&m.GoodRecord), true).
				WithHint("包括受到的表彰、奖励以及完成政府指令性工作"),
			field("badRecord", "不良执业行为记录", record(&m.BadRecord), true).
				WithHint("包括违反法规受到行政处罚、处分以及发生医疗事故"),
		)),
		part.NewCard("工作业绩", part.NewForm(
			part.Wide(field("amount", "完成工作数量", mark(&m.Amount), true)),
			amount("patients", "接诊病人量", "人次/三年", &m.Patients),
			amount("operations", "手术量，外科科室", "例/三年", &m.Operations),
			amount("tests", "检验/检查量，医技科室", "例/三年", &m.Tests),
			amount("rounds", "查房次数", "次/三年", &m.Rounds),
			field("quality", "完成工作质量", mark(&m.Quality), true),
			field("government", "完成政府指令性工作情况", mark(&m.Government), true),
		)),
		part.NewCard("职业道德", part.Groups(
			field("situations", "本考核周期内，是否有被直接认定为不合格的情形", list, true),
			part.Rule(),
			part.Columns(2, 320,
				field("rating", "医德医风自评", rating, true),
				standards),
		)),
	)
	return page
}

func (p *meritPage) Content() fyne.CanvasObject  { return p.root }
func (p *meritPage) Mark(gaps []application.Gap) { p.fields.Mark(gaps) }
func (p *meritPage) First() fyne.Focusable       { return p.first }

// situationsOf reads the keys of the list.
func situationsOf(keys []string) (none bool, numbers []int) {
	for _, k := range keys {
		if k == noSituation {
			none = true
		} else if n, err := strconv.Atoi(k); err == nil {
			numbers = append(numbers, n)
		}
	}
	return none, numbers
}

// situationKeys writes them.
func situationKeys(none bool, numbers []int) []string {
	var keys []string
	if none {
		keys = append(keys, noSituation)
	}
	for _, n := range numbers {
		keys = append(keys, strconv.Itoa(n))
	}
	return keys
}
