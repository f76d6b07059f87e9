package terminal

import (
	"fmt"

	"fyne.io/fyne/v2"

	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/theme"
)

// confirmPage is step ⑥ 确认信息: everything to be read once more, and what is missing.
type confirmPage struct {
	root fyne.CanvasObject
}

// newConfirmPage shows the form as it stands; jump leads to a step.
func newConfirmPage(b *bench, jump func(application.Step)) *confirmPage {
	rows := part.Groups()
	groups := gapsOf(b.form, b.cycle, b.today())
	if len(groups) == 0 {
		rows.Add(part.NewBanner(theme.Good, "六步都已填好", "请逐项核对，无误后提交。提交后由机构审核，开始审核前可以撤回。"))
	} else {
		lines := part.Rows()
		n := 0
		for _, g := range groups {
			n += len(g.Gaps)
			step := g.Step
			lines.Add(part.Ends(part.NewText(fmt.Sprintf("%s：%s", step.Text(), g.Text())),
				part.NewSecondary("去填写", func() { jump(step) }).Small()))
		}
		rows.Add(part.NewBanner(theme.Warn, fmt.Sprintf("还有%d项需要填写，填好后才能提交", n), "已填的内容都已保存。"))
		rows.Add(part.NewCard("需要填写", lines))
	}
	sections := application.Describe(b.doctor, b.institution, b.cycle, b.form)
	for _, o := range sectionCards(sections, b.picture, b.enlarge, func(s application.Step) []fyne.CanvasObject {
		return []fyne.CanvasObject{part.NewQuiet("修改", func() { jump(s) }).WithGlyph("edit").Small()}
	}) {
		rows.Add(o)
	}
	return &confirmPage{root: rows}
}

func (p *confirmPage) Content() fyne.CanvasObject { return p.root }
func (p *confirmPage) First() fyne.Focusable      { return nil }

// Mark has nothing to mark: the page lists what is missing.
func (p *confirmPage) Mark([]application.Gap) {}
