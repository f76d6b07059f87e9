package score

import (
	"strconv"

	"dingkao/exam/paper"
)

// Text is the number with three places, or why there is none.
func (f Figure) Text() string {
	if !f.Known {
		return f.Why
	}
	return strconv.FormatFloat(f.Value, 'f', 3, 64)
}

// Table is the study as rows of a table, with its heading: what the command
// prints and what is saved as CSV.
func (s Study) Table() [][]string {
	rows := [][]string{{"题号", "题目编号", "答对", "未答", "难度", "区分度", "点二列相关", "A", "B", "C", "D", "E", "F", "G", "H"}}
	for i, it := range s.Items {
		row := []string{strconv.Itoa(i + 1), string(it.ID), strconv.Itoa(it.Right), strconv.Itoa(it.Unanswered), it.Difficulty.Text(), it.Discrimination.Text(), it.PointBiserial.Text()}
		for o := range paper.MostOptions {
			cell := ""
			if o < len(it.Choices) {
				cell = strconv.Itoa(it.Choices[o].Count)
			}
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return rows
}

// Quality is what the two main figures of a question say, after Ebel (Measuring
// Educational Achievement, 1965): D of 0.40 and more is very good, from 0.30 good,
// from 0.20 to be looked at, below it poor; a negative one means that the better
// candidates were wrong more often, which is as a rule a wrong key.
type Quality string

const (
	VeryGood Quality = "very-good"
	Good     Quality = "good"
	Marginal Quality = "marginal"
	Poor     Quality = "poor"
	Negative Quality = "negative"
	Unknown  Quality = "" // too few results, or void
)

// Text is the quality as an examination office reads it.
func (q Quality) Text() string {
	switch q {
	case VeryGood:
		return "优良"
	case Good:
		return "良好"
	case Marginal:
		return "尚可，可改进"
	case Poor:
		return "区分不足"
	case Negative:
		return "负区分，请核对答案"
	}
	return "暂不统计"
}

// Quality judges the question.
func (it Item) Quality() Quality {
	d := it.Discrimination
	switch {
	case it.Void || !d.Known:
		return Unknown
	case d.Value < 0:
		return Negative
	case d.Value < 0.2:
		return Poor
	case d.Value < 0.3:
		return Marginal
	case d.Value < 0.4:
		return Good
	}
	return VeryGood
}
