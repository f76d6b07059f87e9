package desk

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/score"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// statisticsView is what the page 试题分析 shows of one paper.
type statisticsView struct {
	tallies []tallyView
	dots    []dotView
	rows    []itemView
	notes   []string // what to look at first
}

type tallyView struct{ word, number string }

// dotView is one question in the plot: difficulty to the right, discrimination upwards.
type dotView struct {
	number int
	p, d   float64
	tone   theme.Tone
}

type itemView struct {
	number, difficulty, discrimination, biserial, unanswered string
	quality                                                  chip
	choices                                                  []choiceView
}

// choiceView is one option's share among all, and among the best and the worst.
type choiceView struct {
	letter       string
	count        int
	share        float64
	upper, lower string
}

func qualityTone(q score.Quality) theme.Tone {
	switch q {
	case score.VeryGood, score.Good:
		return theme.Good
	case score.Marginal:
		return theme.Info
	case score.Poor:
		return theme.Warn
	case score.Negative:
		return theme.Bad
	}
	return theme.Neutral
}

// viewStatistics makes the page of a study.
func viewStatistics(st score.Study) statisticsView {
	rate := dash
	if st.Results > 0 {
		rate = fmt.Sprintf("%.1f%%", 100*float64(st.Passed)/float64(st.Results))
	}
	short := func(f score.Figure, places int) string {
		if !f.Known {
			return dash
		}
		return fmt.Sprintf("%.*f", places, f.Value)
	}
	v := statisticsView{tallies: []tallyView{{"参加人数", fmt.Sprint(st.Results)}, {"合格率", rate}, {"平均答对题数", short(st.Mean, 1)},
		{"标准差", short(st.Spread, 1)}, {"信度 KR-20", short(st.Reliability, 2)}}}
	var negative, poor []string
	for i, it := range st.Items {
		q := it.Quality()
		row := itemView{number: fmt.Sprint(i + 1), difficulty: short(it.Difficulty, 2), discrimination: short(it.Discrimination, 2),
			biserial: short(it.PointBiserial, 2), unanswered: fmt.Sprint(it.Unanswered), quality: chip{q.Text(), qualityTone(q)}}
		if it.Void {
			row.quality = chip{"作废", theme.Neutral}
		}
		for o, c := range it.Choices {
			cv := choiceView{letter: string(rune('A' + o)), count: c.Count, upper: fmt.Sprintf("%.1f", c.Upper), lower: fmt.Sprintf("%.1f", c.Lower)}
			if st.Results > 0 {
				cv.share = float64(c.Count) / float64(st.Results)
			}
			row.choices = append(row.choices, cv)
		}
		v.rows = append(v.rows, row)
		if !it.Void && it.Difficulty.Known && it.Discrimination.Known {
			v.dots = append(v.dots, dotView{i + 1, it.Difficulty.Value, it.Discrimination.Value, qualityTone(q)})
		}
		switch q {
		case score.Negative:
			negative = append(negative, row.number)
		case score.Poor:
			poor = append(poor, row.number)
		}
	}
	if len(negative) > 0 {
		v.notes = append(v.notes, "第 "+few(negative)+" 题是负区分：答得好的考生反而更常答错，请先核对答案。")
	}
	if len(poor) > 0 {
		v.notes = append(v.notes, "第 "+few(poor)+" 题区分不足，建议看看题干和干扰项。")
	}
	switch {
	case st.Results == 0:
		v.notes = append(v.notes, "还没有已评分的答卷。")
	case st.Results < score.LeastForRelation:
		v.notes = append(v.notes, fmt.Sprintf("现在有 %d 份答卷；难度从 %d 份起统计，区分度、相关和信度从 %d 份起统计。", st.Results, score.LeastForDifficulty, score.LeastForRelation))
	}
	return v
}

// few joins the first of many.
func few(list []string) string {
	const most = 12
	if len(list) > most {
		return strings.Join(list[:most], "、") + " 等 " + fmt.Sprint(len(list))
	}
	return strings.Join(list, "、")
}

// statisticsPage is 试题分析.
type statisticsPage struct {
	s      *seat
	life   *shell.Life
	root   *fyne.Container
	pick   *part.Select
	save   *part.Button
	papers []paper.Listed
	chosen paper.ID
	study  score.Study
	have   bool
	asked  int
}

// Fills says that it scrolls by itself.
func (p *statisticsPage) Fills() bool { return true }

// Open lists the papers and shows the newest.
func (p *statisticsPage) Open(life *shell.Life) fyne.CanvasObject {
	p.life = life
	p.root = container.NewStack()
	p.pick = part.NewSelect("请选择试卷", nil, func(o part.Option) {
		p.chosen = paper.ID(o.Key)
		p.read()
	})
	p.save = part.NewSecondary("保存为 CSV", p.saveCSV).WithGlyph("download").Small()
	p.save.Disable()
	p.show(part.NewLoading("正在读取…"))
	p.list()
	top := part.Rows(part.Ends(part.NewTitle("试题分析"), p.save),
		part.NewText("测评时间结束后，按已评分的答卷统计每道题的难度、区分度和选项分布。").Styled(theme.SizeBody, theme.ColorInkMuted, false),
		part.Flow(part.Sized(560, theme.Height, p.pick)))
	return container.NewBorder(top, nil, nil, nil, p.root)
}

func (p *statisticsPage) show(o fyne.CanvasObject) {
	p.root.Objects = []fyne.CanvasObject{o}
	p.root.Refresh()
}

// list reads the papers.
func (p *statisticsPage) list() {
	shell.Job(p.life, p.s.session.Papers, func(list []paper.Listed, err error) {
		if p.s.heard(err) {
			return
		}
		if err != nil {
			p.show(part.NewFailed("没有读到试卷", say(err), part.NewPrimary("重试", p.list)))
			return
		}
		p.papers = list
		var options []part.Option
		for _, l := range list {
			options = append(options, part.Option{Key: string(l.ID), Name: fmt.Sprintf("%s（%d题，%s 组卷）", l.Title, l.Questions, l.Drawn.Date())})
		}
		p.pick.SetOptions(options)
		if len(list) == 0 {
			p.show(part.NewEmpty("还没有试卷", "组卷后，试卷会列在这里；测评时间结束后可以查看分析。"))
			return
		}
		p.chosen = list[0].ID
		p.pick.Choose(string(p.chosen))
		p.read()
	})
}

// read reads the study of the chosen paper.
func (p *statisticsPage) read() {
	p.asked++
	mine := p.asked
	p.have = false
	p.save.Disable()
	p.show(part.NewLoading("正在统计…"))
	id := p.chosen
	shell.Job(p.life, func(ctx context.Context) (score.Study, error) { return p.s.session.Statistics(ctx, id) }, func(st score.Study, err error) {
		if mine != p.asked || p.s.heard(err) {
			return
		}
		switch {
		case exam.KindOf(err) == exam.Refused:
			p.show(part.NewEmpty("现在还不能查看", say(err)))
		case err != nil:
			p.show(part.NewFailed("没有统计出来", say(err), part.NewPrimary("重试", p.read)))
		default:
			p.study, p.have = st, true
			p.save.Enable()
			p.show(p.page(viewStatistics(st)))
		}
	})
}

// page is tallies, notes, the plot, and the table below.
func (p *statisticsPage) page(v statisticsView) fyne.CanvasObject {
	tallies := part.Flow()
	for _, t := range v.tallies {
		tallies.Add(part.Sized(136, 0, part.NewCard("", container.New(&tightLayout{}, part.NewMuted(t.word), part.NewLine(t.number, theme.SizeTitle, theme.ColorInkStrong, true)))))
	}
	left := part.Groups(part.Space(2), tallies)
	if len(v.notes) > 0 {
		left.Add(part.NewBanner(theme.Info, "先看这些", strings.Join(v.notes, "\n")))
	}
	var plot fyne.CanvasObject = part.NewHint("答卷还不够，画不出分布图。")
	if len(v.dots) > 0 {
		plot = container.NewVBox(newItemPlot(v.dots), part.Flow(part.NewChip("良好以上", theme.Good), part.NewChip("尚可", theme.Info), part.NewChip("区分不足", theme.Warn), part.NewChip("负区分", theme.Bad)))
	}
	table := part.NewDataTable([]part.Column{{Title: "题号", Weight: 0.6}, {Title: "难度", Weight: 0.7}, {Title: "区分度", Weight: 0.7}, {Title: "相关", Weight: 0.7},
		{Title: "未答", Weight: 0.6}, {Title: "评价", Weight: 1.6}}, false)
	table.SetRows(len(v.rows), func(i int) []part.Cell {
		r := v.rows[i]
		return []part.Cell{{Text: r.number}, {Text: r.difficulty}, {Text: r.discrimination}, {Text: r.biserial}, {Text: r.unanswered}, {Text: r.quality.text, Tone: r.quality.tone}}
	})
	table.OnOpen = func(i int) { p.open(v.rows[i]) }
	side := part.Sized(384, 0, container.NewVScroll(part.Top(part.NewCard("难度与区分度", plot))))
	return container.NewBorder(left, nil, nil, side, container.NewPadded(table))
}

// open shows how often each option of a question was chosen.
func (p *statisticsPage) open(r itemView) {
	rows := part.Rows(part.NewDetails(2, part.Pair{Label: "难度", Value: r.difficulty}, part.Pair{Label: "区分度", Value: r.discrimination},
		part.Pair{Label: "点二列相关", Value: r.biserial}, part.Pair{Label: "未答", Value: r.unanswered + " 人"},
		part.Pair{Label: "评价", Value: r.quality.text, Tone: r.quality.tone}), part.Rule())
	for _, c := range r.choices {
		bar := canvas.NewRectangle(theme.Paint(theme.ColorPrimary))
		bar.CornerRadius = 3
		track := canvas.NewRectangle(theme.Paint(theme.ColorSoft))
		track.CornerRadius = 3
		rows.Add(container.NewBorder(nil, nil, part.Sized(28, 0, part.NewStrong(c.letter)), part.Sized(250, 0, part.NewMuted(fmt.Sprintf("%d 人，%.0f%%；高分组 %s，低分组 %s", c.count, 100*c.share, c.upper, c.lower))),
			part.Sized(0, 20, container.NewStack(track, container.New(shareLayout(c.share), bar)))))
	}
	var d *part.Dialog
	d = part.ShowDialog(p.s.canvas(), "第 "+r.number+" 题的选项分布", 620, rows, part.NewPrimary("关闭", func() { d.Close() }), nil)
}

// shareLayout gives its object that share of the width.
type shareLayout float64

func (shareLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(60, 12) }

func (s shareLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	for _, c := range o {
		c.Resize(fyne.NewSize(size.Width*float32(s), size.Height))
	}
}

// saveCSV asks where, and writes the table for a spreadsheet.
func (p *statisticsPage) saveCSV() {
	if !p.have {
		return
	}
	var b bytes.Buffer
	b.WriteString("\ufeff") // spreadsheets take it for UTF-8 then
	if err := csv.NewWriter(&b).WriteAll(p.study.Table()); err != nil {
		part.Tell(p.s.canvas(), "没有保存", say(err), nil)
		return
	}
	p.s.askFile(p.life, "保存试题分析", filepath.Join(p.s.desktop.Documents(), "试题分析-"+string(p.study.Paper)+".csv"), "", "已保存到 ",
		func(context.Context) ([]byte, error) { return b.Bytes(), nil })
}

// plotSize is the plot with its axes.
var plotSize = fyne.NewSize(350, 262)

// newItemPlot draws the questions: difficulty p to the right from 0 to 1,
// discrimination D upwards from -1 to 1. Below the line at 0.2 is what to look at.
func newItemPlot(dots []dotView) fyne.CanvasObject {
	const left, bottom, top, right = 44, 40, 8, 8
	w, h := plotSize.Width-left-right, plotSize.Height-top-bottom
	x := func(p float64) float32 { return left + w*float32(p) }
	y := func(d float64) float32 { return top + h*float32(1-(d+1)/2) }
	box := container.NewWithoutLayout()
	line := func(x1, y1, x2, y2 float32, name fyne.ThemeColorName) {
		l := canvas.NewLine(theme.Paint(name))
		l.StrokeWidth = 1
		l.Position1, l.Position2 = fyne.NewPos(x1, y1), fyne.NewPos(x2, y2)
		box.Add(l)
	}
	text := func(s string, at fyne.Position, align fyne.TextAlign) {
		t := part.NewLine(s, theme.SizeSmall, theme.ColorInkMuted, false)
		m := t.MinSize()
		switch align {
		case fyne.TextAlignTrailing:
			at.X -= m.Width
		case fyne.TextAlignCenter:
			at.X -= m.Width / 2
		}
		t.Move(at)
		t.Resize(m)
		box.Add(t)
	}
	for _, d := range []float64{-1, -0.5, 0, 0.2, 0.4, 1} {
		name := theme.ColorLine
		if d == 0.2 {
			name = theme.ColorOutline
		}
		line(left, y(d), left+w, y(d), name)
		text(fmt.Sprintf("%.1f", d), fyne.NewPos(left-6, y(d)-9), fyne.TextAlignTrailing)
	}
	for _, p := range []float64{0, 0.25, 0.5, 0.75, 1} {
		line(x(p), top, x(p), top+h, theme.ColorLine)
		text(fmt.Sprintf("%.2f", p), fyne.NewPos(x(p), top+h+2), fyne.TextAlignCenter)
	}
	text("难度（答对的比例，越大越容易）", fyne.NewPos(left+w/2, top+h+20), fyne.TextAlignCenter)
	for _, q := range dots {
		c := canvas.NewCircle(theme.Paint(q.tone.Ink()))
		c.Resize(fyne.NewSquareSize(8))
		c.Move(fyne.NewPos(x(q.p)-4, y(q.d)-4))
		box.Add(c)
	}
	return part.Sized(plotSize.Width, plotSize.Height, box)
}
