// Package score says what a sitting's answers earn, and what many results say
// about the questions.
//
// A result is a pure function of paper, key, rules and answers, so that anybody
// who holds them comes to the same result again. A question of several options
// counts only when exactly the right ones are chosen. The statistics are those of
// classical test theory; where there are too few results for one, it says so
// and gives no number.
package score

import (
	"slices"

	"dingkao/exam"
	"dingkao/exam/paper"
)

// Verdict is how one question was answered.
type Verdict string

const (
	Right      Verdict = "right"
	Wrong      Verdict = "wrong"
	Unanswered Verdict = "unanswered"
	Void       Verdict = "void" // 作废题: its points are given to everybody
)

// Rules are what the office decided about a paper after it was sat. The zero value
// decides nothing.
type Rules struct {
	Void []paper.QuestionID `json:"void,omitempty"` // questions found to be faulty
}

// Mark is what one question earned.
type Mark struct {
	ID      paper.QuestionID `json:"id"`
	Verdict Verdict          `json:"verdict"`
	Given   paper.Answer     `json:"given"`
	Points  paper.Points     `json:"points"`
}

// Result is what a sitting earned.
type Result struct {
	Paper      paper.ID     `json:"paper"`
	Right      int          `json:"right"`
	Wrong      int          `json:"wrong"`
	Unanswered int          `json:"unanswered"`
	Void       int          `json:"void,omitempty"`
	Points     paper.Points `json:"points"`
	Of         paper.Points `json:"of"` // all that could be earned
	PassMark   paper.Points `json:"passMark"`
	Passed     bool         `json:"passed"`
	Marks      []Mark       `json:"marks"` // in the paper's own order
}

// Score scores answers in the paper's own letters. A question without an answer,
// or with an empty one, is unanswered. The error is Invalid where paper, key, rules
// and answers do not belong together; nothing is scored then, because a result
// that rests on the wrong key is worse than none.
func Score(p paper.Paper, key paper.Key, answers map[paper.QuestionID]paper.Answer, rules Rules) (Result, error) {
	if err := p.Check(); err != nil {
		return Result{}, err
	}
	for _, id := range rules.Void {
		if p.Find(id) < 0 {
			return Result{}, exam.Errorf(exam.Invalid, "作废的题目不在这份试卷里，没有评分；请核对后重试")
		}
	}
	r := Result{Paper: p.ID, Of: p.Total(), PassMark: p.PassMark, Marks: make([]Mark, len(p.Questions))}
	known := 0
	for i, q := range p.Questions {
		right, ok := key[q.ID]
		if !ok || (paper.Item{Question: q, Answer: right}).Check() != nil {
			return Result{}, exam.Errorf(exam.Invalid, "第%d题没有合用的标准答案，没有评分；请核对答案与试卷是否配套", i+1)
		}
		given, answered := answers[q.ID]
		if answered {
			known++
		}
		if given>>len(q.Options) != 0 {
			return Result{}, exam.Errorf(exam.Invalid, "第%d题的作答不在选项之中，没有评分；请核对作答记录与试卷是否配套", i+1)
		}
		m := Mark{ID: q.ID, Given: given}
		switch {
		case slices.Contains(rules.Void, q.ID):
			m.Verdict, m.Points = Void, q.Worth()
			r.Void++
		case given == 0:
			m.Verdict = Unanswered
			r.Unanswered++
		case given == right:
			m.Verdict, m.Points = Right, q.Worth()
			r.Right++
		default:
			m.Verdict = Wrong
			r.Wrong++
		}
		r.Points += m.Points
		r.Marks[i] = m
	}
	if known != len(answers) {
		return Result{}, exam.Errorf(exam.Invalid, "作答记录里有%d题不在这份试卷里，没有评分；请核对后重试", len(answers)-known)
	}
	r.Passed = r.Points >= r.PassMark
	return r, nil
}
