package terminal

import (
	"fmt"
	"slices"

	"dingkao/exam"
	exampaper "dingkao/exam/paper"
	"dingkao/exam/practice"
	"dingkao/ui/part"
	"dingkao/ui/theme"
)

// shelfView is what the page 在线学习 shows.
type shelfView struct {
	State   shelfState
	Today   string // what was done today, "" for nothing
	Trouble string
	Banks   []bankView
}

// shelfState says what there is instead of banks.
type shelfState int

const (
	shelfBanks   shelfState = iota // there are some
	shelfLoading                   // the first is on its way
	shelfNone                      // the registry has none open
	shelfUnheard                   // nothing was ever heard, and there is no line
)

// bankView is one bank as a card.
type bankView struct {
	ID     exampaper.BankID
	Name   string
	Size   string // 249题
	Note   string // why it cannot be practised, or that a newer one comes
	Here   bool
	Share  float32 // of the questions seen
	Seen   string
	Right  string // 正确率 84%, "" before the first answer
	Wrong  int
	Stars  int
	GoOn   string // 继续练习（12/50）, "" where no round is under way
	Begin  string // 练习50题, fewer where there are no more
	Active bool   // something was answered
}

// shelfOf is the page of a shelf; online says that the registry can be reached.
func shelfOf(s practice.Shelf, p practice.Progress, today exam.Date, online bool) shelfView {
	v := shelfView{Trouble: s.Trouble}
	for _, d := range p.Days() {
		if d.Date == today {
			v.Today = fmt.Sprintf("今天已练习%d题，答对%d题", d.Answers, d.Right)
		}
	}
	for _, b := range s.Banks {
		c := bankView{ID: b.ID, Name: b.Name, Size: fmt.Sprintf("%d题", b.Questions), Here: b.Here}
		switch {
		case b.Newer && online:
			c.Note = "有新版本，正在下载，现在可以继续练习"
		case b.Newer:
			c.Note = "有新版本，联网后自动下载"
		case !b.Here && online:
			c.Note = "正在下载到这台电脑…"
		case !b.Here:
			c.Note = "还没有下载到这台电脑，联网登录后自动下载"
		}
		if b.Here {
			c.Begin = fmt.Sprintf("练习%d题", min(practice.RoundSize, b.Questions))
			c.Seen = fmt.Sprintf("已练%d / %d题", b.Sum.Seen, b.Sum.Questions)
			c.Share = float32(b.Sum.Seen) / float32(max(b.Sum.Questions, 1))
			c.Active, c.Wrong, c.Stars = b.Sum.Times > 0, b.Sum.Mistakes, b.Sum.Starred
			if n, ok := b.Sum.Percent(); ok {
				c.Right = fmt.Sprintf("正确率%d%%", n)
			}
			if r := b.Round; r != nil && r.Touched() && r.Tally().Open() > 0 {
				t := r.Tally()
				c.GoOn = fmt.Sprintf("继续%s（%d/%d）", r.Mode.Text(), t.Questions-t.Open(), t.Questions)
			}
		}
		v.Banks = append(v.Banks, c)
	}
	switch {
	case len(v.Banks) > 0:
	case s.Fetching || online && s.Heard == 0 && s.Trouble == "":
		v.State = shelfLoading
	case s.Heard == 0:
		v.State = shelfUnheard
	default:
		v.State = shelfNone
	}
	return v
}

// drillView is one question of a round as the screen shows it.
type drillView struct {
	Text    part.QuestionText
	Chosen  exampaper.Answer
	Known   bool // the answer may be shown
	Answer  exampaper.Answer
	Verdict string
	Tone    theme.Tone
	Why     string // 解析
	Basis   string // 法律依据
	Starred bool
	Last    bool
}

// kindText is a kind in the words of the screen: what is asked for, then its name.
func kindText(k exampaper.Kind) string {
	switch k {
	case exampaper.X:
		return "多选题（X型），可选多项"
	case exampaper.TF:
		return "判断题"
	case exampaper.A3, exampaper.A4:
		return "共用题干单选题（" + string(k) + "型）"
	case exampaper.B1:
		return "配伍单选题（B1型）"
	}
	return "单选题（" + string(k) + "型）"
}

// drillOf is the question that is open in a round. Picked is what is chosen and not
// answered yet.
func drillOf(b exampaper.Bank, r practice.Round, starred bool, picked exampaper.Answer) drillView {
	it, _ := b.Find(r.Questions[r.At])
	rep, done := r.Replies[it.ID]
	v := drillView{
		Text: part.QuestionText{Number: fmt.Sprintf("第%d题 / 共%d题", r.At+1, len(r.Questions)), Kind: kindText(it.Kind),
			Shared: it.Shared, Stem: it.Stem, Options: it.Options, Several: it.Kind == exampaper.X, Marked: r.Marked[it.ID]},
		Chosen: picked, Starred: starred, Last: r.At == len(r.Questions)-1,
	}
	if !done {
		return v
	}
	v.Known, v.Chosen, v.Answer, v.Why, v.Basis = true, rep.Answer, it.Answer, it.Explanation, it.LegalBasis
	right := rightText(it)
	switch {
	case rep.Shown:
		v.Tone, v.Verdict = theme.Info, "正确答案："+right+"。先看答案的题不计对错"
	case rep.Right:
		v.Tone, v.Verdict = theme.Info, "答对了。正确答案："+right
	default:
		v.Tone, v.Verdict = theme.Bad, "答错了。正确答案："+right+"，您的答案："+rep.Answer.String()
		if it.Kind == exampaper.TF {
			v.Verdict = "答错了。正确答案：" + right
		}
	}
	return v
}

// rightText is the answer in letters; of a true-or-false question, in words.
func rightText(it exampaper.Item) string {
	if it.Kind == exampaper.TF {
		for i, o := range it.Options {
			if it.Answer.Has(i) {
				return o
			}
		}
	}
	return it.Answer.String()
}

// tone is what became of an option of the question.
func (v drillView) tone(option int) part.OptionTone {
	switch {
	case !v.Known:
		return part.OptionOpen
	case v.Answer.Has(option):
		return part.OptionRight
	case v.Chosen.Has(option):
		return part.OptionWrong
	}
	return part.OptionOpen
}

// cellsOf are the cells of the answer sheet.
func cellsOf(r practice.Round) []part.SheetCell {
	cells := make([]part.SheetCell, len(r.Questions))
	for i, q := range r.Questions {
		rep, done := r.Replies[q]
		cells[i].Marked = r.Marked[q]
		switch {
		case !done || rep.Shown:
		case rep.Right:
			cells[i].Tone = part.CellRight
		default:
			cells[i].Tone = part.CellWrong
		}
	}
	return cells
}

// tallyText is how the round stands, in one line.
func tallyText(r practice.Round) string {
	t := r.Tally()
	s := fmt.Sprintf("答对%d · 答错%d · 未答%d", t.Right, t.Answered-t.Right, t.Open())
	if t.Shown > 0 {
		s += fmt.Sprintf(" · 看答案%d", t.Shown)
	}
	return s
}

// summaryView is the end of a round.
type summaryView struct {
	Headline string
	Sentence string
	Tone     theme.Tone
	Facts    []pair
	Wrong    []wrongView
	Open     int
}

// wrongView is one question to look at again.
type wrongView struct {
	At     int // its place in the round
	Stem   string
	Answer string
}

func summaryOf(b exampaper.Bank, r practice.Round) summaryView {
	t := r.Tally()
	v := summaryView{Open: t.Open(), Tone: theme.Good, Headline: "这一轮练习完成了"}
	switch {
	case t.Open() > 0:
		v.Tone, v.Headline = theme.Info, fmt.Sprintf("还有%d题没有做", t.Open())
		v.Sentence = "可以现在继续，也可以以后再来：做到哪里已经记下。"
	case t.Answered == t.Right && t.Answered > 0:
		v.Sentence = "全部答对。"
	case t.Answered > 0:
		v.Sentence = fmt.Sprintf("答错的题已放进错题本，连续答对%d次后自动移出。", practice.Leaves)
	}
	percent := "—"
	if t.Answered > 0 {
		percent = fmt.Sprintf("%d%%", (200*t.Right+t.Answered)/(2*t.Answered))
	}
	v.Facts = []pair{{Label: "答对", Value: fmt.Sprintf("%d题", t.Right)}, {Label: "答错", Value: fmt.Sprintf("%d题", t.Answered-t.Right)},
		{Label: "看过答案", Value: fmt.Sprintf("%d题", t.Shown)}, {Label: "正确率", Value: percent}}
	for _, q := range r.Wrong() {
		it, _ := b.Find(q)
		v.Wrong = append(v.Wrong, wrongView{At: slices.Index(r.Questions, q), Stem: it.Stem, Answer: rightText(it)})
	}
	return v
}
