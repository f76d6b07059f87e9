package terminal

import (
	"context"
	"fmt"
	"reflect"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	exampaper "dingkao/exam/paper"
	"dingkao/exam/practice"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// Study is what the pages of 在线学习 need. All of it works without the line but
// LookForBanks; methods may block on the disk.
type Study interface {
	// Shelf is which banks there are and how far the doctor has come.
	Shelf() (practice.Shelf, error)
	// Bank is a bank that lies here. Errors: NotFound, Damaged.
	Bank(id exampaper.BankID) (exampaper.Bank, error)
	// Progress is what was done so far, from memory.
	Progress() practice.Progress
	// LookForBanks asks the registry for new ones now.
	LookForBanks(ctx context.Context) error

	Drill
}

// Drill is what a round needs. When a method returns nil, what it did is on this
// PC's disk.
type Drill interface {
	// Round is the one under way with a bank; NotFound where there is none.
	Round(id exampaper.BankID) (practice.Round, error)
	// BeginRound draws another. The error is NotFound where there is nothing to draw.
	BeginRound(ctx context.Context, id exampaper.BankID, mode practice.Mode) (practice.Round, error)
	// ReviewRound begins one with just these questions.
	ReviewRound(ctx context.Context, id exampaper.BankID, questions []exampaper.QuestionID) (practice.Round, error)
	// AnswerQuestion answers one of its questions, once.
	AnswerQuestion(ctx context.Context, id exampaper.BankID, q exampaper.QuestionID, a exampaper.Answer) (practice.Round, error)
	// RevealAnswer looks at the answer of one that was not answered.
	RevealAnswer(ctx context.Context, id exampaper.BankID, q exampaper.QuestionID) (practice.Round, error)
	// MarkQuestion puts or takes a mark within the round.
	MarkQuestion(ctx context.Context, id exampaper.BankID, q exampaper.QuestionID, on bool) (practice.Round, error)
	// GoToQuestion remembers which one is open.
	GoToQuestion(ctx context.Context, id exampaper.BankID, place int) (practice.Round, error)
	// StarQuestion puts a question among the favourites, or takes it away.
	StarQuestion(ctx context.Context, id exampaper.BankID, q exampaper.QuestionID, on bool) error
}

// studyPage is 在线学习: the banks.
type studyPage struct {
	s    *seat
	life *shell.Life
	root *fyne.Container
	view shelfView
	seen bool
}

// Open shows what lies on this PC, and again whenever something changed.
func (p *studyPage) Open(life *shell.Life) fyne.CanvasObject {
	p.life, p.root, p.seen = life, container.NewStack(), false
	p.show(part.NewCard("", part.NewLoading("正在打开题库…")))
	p.load()
	p.s.watch(life, p.load)
	return p.root
}

func (p *studyPage) show(o fyne.CanvasObject) {
	p.root.Objects = []fyne.CanvasObject{part.Groups(part.NewTitle("在线学习"), o)}
	p.root.Refresh()
}

func (p *studyPage) load() {
	shell.Job(p.life, func(context.Context) (practice.Shelf, error) { return p.s.session.Shelf() }, func(s practice.Shelf, err error) {
		if err != nil {
			p.seen = false
			again := part.NewPrimary("重试", p.load)
			p.show(part.NewCard("", part.NewFailed("题库没有打开", exam.SentenceOf(err), again)))
			return
		}
		online := !p.s.offline && p.s.session.Line().Online
		v := shelfOf(s, p.s.session.Progress(), p.s.today(), online)
		if p.seen && reflect.DeepEqual(v, p.view) {
			return
		}
		p.view, p.seen = v, true
		p.show(p.layout())
	})
}

func (p *studyPage) layout() fyne.CanvasObject {
	v := p.view
	rows := part.Groups()
	again := func() fyne.CanvasObject {
		b := part.NewSecondary("重新下载", nil).WithGlyph("refresh")
		b.OnTapped(func() {
			p.s.job(p.life, b, p.s.session.LookForBanks, func(err error) {
				if err != nil {
					p.s.toast(theme.Warn, exam.SentenceOf(err))
				}
				p.load()
			})
		})
		return b
	}
	if v.Trouble != "" && !p.s.offline {
		rows.Add(part.NewBanner(theme.Warn, "没有取到最新的题库，已下载的可以照常练习", v.Trouble, again()))
	}
	switch v.State {
	case shelfLoading:
		rows.Add(part.NewCard("", part.NewLoading("正在下载题库，下载后没有网络也能练习…")))
		return rows
	case shelfNone:
		rows.Add(part.NewCard("", part.NewEmpty("练习题库还没有开放", "题库由考核机构发布，发布后会自动下载到这台电脑，没有网络也能练习。", again())))
		return rows
	case shelfUnheard:
		rows.Add(part.NewCard("", part.NewEmpty("这台电脑上还没有题库", "请联网登录一次，题库会自动下载；以后没有网络也能练习。")))
		return rows
	}
	rows.Add(part.Ends(part.NewHint("选择题库练习，每次随机50题，先出没做过的和做错的。没有网络也能练习，记录随时保存。"),
		part.NewLine(v.Today, theme.SizeSmall, theme.ColorPrimary, true)))
	var cards []fyne.CanvasObject
	for _, b := range v.Banks {
		cards = append(cards, p.card(b))
	}
	rows.Add(part.Columns(2, 430, cards...))
	return rows
}

func (p *studyPage) card(b bankView) fyne.CanvasObject {
	rows := part.Rows()
	if b.Note != "" {
		rows.Add(part.Lead(part.NewGlyph("cloud", theme.ColorInkMuted, 16), part.NewHint(b.Note)))
	}
	if !b.Here {
		return part.NewCard(b.Name, rows, part.NewChip(b.Size, theme.Neutral))
	}
	rows.Add(part.Ends(part.NewPlain(b.Seen), part.NewLine(b.Right, theme.SizeBody, theme.ColorPrimary, true)))
	rows.Add(part.NewBar(b.Share, theme.ColorAccent))
	rows.Add(part.Space(2))
	begin := part.Row(p.begin(part.NewPrimary(b.Begin, nil), b, practice.ModeRandom))
	if b.GoOn != "" {
		begin = part.Row(part.NewPrimary(b.GoOn, func() { p.goOn(b) }), p.begin(part.NewSecondary(b.Begin, nil), b, practice.ModeRandom))
	}
	counted := func(name string, n int, glyph string, mode practice.Mode) fyne.CanvasObject {
		button := part.NewSecondary(fmt.Sprintf("%s（%d）", name, n), nil).WithGlyph(glyph)
		if n == 0 {
			button.SetText(name)
			button.Disable()
			return button
		}
		return p.begin(button, b, mode)
	}
	rows.Add(begin)
	rows.Add(part.Row(counted("错题本", b.Wrong, "edit", practice.ModeMistakes), counted("收藏", b.Stars, "bookmark", practice.ModeFavourites)))
	head := []fyne.CanvasObject{part.NewChip(b.Size, theme.Neutral)}
	if b.Active {
		head = append(head, part.NewQuiet("各章成绩", func() { p.s.frame.Show(&scorePage{s: p.s, bank: b.ID}) }).WithGlyph("chart").Small())
	}
	return part.NewCard(b.Name, rows, head...)
}

// begin makes a button begin a round. What was under way is put aside; its answers count.
func (p *studyPage) begin(button *part.Button, b bankView, mode practice.Mode) *part.Button {
	button.OnTapped(func() {
		var r practice.Round
		p.s.job(p.life, button, func(ctx context.Context) (err error) {
			r, err = p.s.session.BeginRound(ctx, b.ID, mode)
			return err
		}, func(err error) { p.s.openRound(r, err) })
	})
	return button
}

func (p *studyPage) goOn(b bankView) {
	r, err := p.s.session.Round(b.ID)
	p.s.openRound(r, err)
}

// openRound shows a round, or why there is none.
func (s *seat) openRound(r practice.Round, err error) {
	var b exampaper.Bank
	if err == nil {
		b, err = s.session.Bank(r.Bank)
	}
	if err != nil {
		s.toast(theme.Warn, exam.SentenceOf(err))
		return
	}
	s.frame.Show(&drillPage{s: s, bank: b, round: r})
}

// scorePage is 各章成绩 of one bank, and the days.
type scorePage struct {
	s    *seat
	bank exampaper.BankID
}

// Open shows it.
func (p *scorePage) Open(*shell.Life) fyne.CanvasObject {
	back := part.NewSecondary("返回题库", func() { p.s.goTo(pageStudy) }).WithGlyph("back")
	b, err := p.s.session.Bank(p.bank)
	if err != nil {
		return part.Groups(part.NewTitle("各章成绩"), part.NewCard("", part.NewFailed("题库没有打开", exam.SentenceOf(err), back)))
	}
	progress := p.s.session.Progress()
	rows := part.Groups(part.Ends(part.NewTitle(b.Name+" · 各章成绩"), back))
	list := part.Rows()
	for i, c := range progress.Chapters(b) {
		right, ink := "未练习", theme.ColorInkMuted
		if n, ok := c.Percent(); ok {
			right, ink = fmt.Sprintf("正确率%d%%", n), theme.ColorPrimary
			if n < 60 {
				ink = theme.Bad.Ink()
			}
		}
		if i > 0 {
			list.Add(part.Rule())
		}
		percent := part.NewLine(right, theme.SizeBody, ink, true)
		percent.Alignment = fyne.TextAlignTrailing
		list.Add(part.Ends(part.NewText(c.Name), part.NewMuted(fmt.Sprintf("已练%d / %d题", c.Seen, c.Questions)), part.Sized(100, 0, percent)))
		list.Add(part.NewBar(float32(c.Seen)/float32(max(c.Questions, 1)), theme.ColorAccent))
	}
	rows.Add(part.NewCard("各章", list))
	days := progress.Days()
	days = days[max(0, len(days)-14):]
	table := part.NewRecords("最近练习的日子（所有题库）", []string{"日期", "答题", "答对"}, nil)
	var lines [][]string
	for i := len(days) - 1; i >= 0; i-- {
		lines = append(lines, []string{days[i].Date.Text(), fmt.Sprintf("%d题", days[i].Answers), fmt.Sprintf("%d题", days[i].Right)})
	}
	table.SetRows(lines)
	rows.Add(part.NewCard("", table))
	return rows
}
