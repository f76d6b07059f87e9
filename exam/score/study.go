package score

import (
	"math"
	"slices"

	"dingkao/exam"
	"dingkao/exam/paper"
)

// How many results a figure needs. A share of fewer than ten says nothing; for what
// compares groups or correlates, thirty is the usual least (Nunnally and
// Bernstein, Psychometric Theory, 1994, ask for far more before one decides by it).
const (
	LeastForDifficulty = 10
	LeastForRelation   = 30
)

// Figure is a number or the reason why there is none.
type Figure struct {
	Known bool    `json:"known"`
	Value float64 `json:"value"`         // finite; 0 where not known
	Why   string  `json:"why,omitempty"` // why it is not known
}

func figure(v float64) Figure {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return Figure{Why: "数据没有差异，算不出来"}
	}
	return Figure{Known: true, Value: v}
}

var (
	tooFew  = Figure{Why: "人数不够，暂不统计"}
	noRange = Figure{Why: "数据没有差异，算不出来"}
)

// Choice is how often an option was chosen. Upper and Lower count in the two groups
// of the discrimination; candidates with equal points at the border count in part.
type Choice struct {
	Count int     `json:"count"`
	Upper float64 `json:"upper"`
	Lower float64 `json:"lower"`
}

// Item is what the results say about one question. 1 is right; wrong and
// unanswered are 0.
type Item struct {
	ID         paper.QuestionID `json:"id"`
	Right      int              `json:"right"`
	Unanswered int              `json:"unanswered"`
	Void       bool             `json:"void,omitempty"` // left out of all figures
	// Difficulty p = R / N, the share who were right: a greater p is an easier
	// question (Crocker and Algina, Introduction to Classical and Modern Test
	// Theory, 1986, ch. 14).
	Difficulty Figure `json:"difficulty"`
	// Discrimination D = pU − pL, the difficulty among the best 27 % less that among
	// the worst 27 % by number right (Kelley, The selection of upper and lower
	// groups for the validation of test items, 1939). 0.40 and more is very good,
	// below 0.20 poor (Ebel, 1965).
	Discrimination Figure `json:"discrimination"`
	// PointBiserial r = (M1 − M0) / s · √(p·q), with M1 and M0 the mean number right on
	// all other questions of those who were right and those who were not, and s
	// its standard deviation over all (divided by N): the question itself is left
	// out, or it would correlate with itself (Henrysson, 1963).
	PointBiserial Figure `json:"pointBiserial"`
	// Choices has an entry for each option, A first (distractors, 干扰项).
	Choices []Choice `json:"choices"`
}

// Study is what many results of one paper say (试题分析).
type Study struct {
	Paper   paper.ID `json:"paper"`
	Results int      `json:"results"`
	Passed  int      `json:"passed"`
	Mean    Figure   `json:"mean"`   // number right
	Spread  Figure   `json:"spread"` // its standard deviation, divided by N
	// Reliability is KR-20 = k/(k−1) · (1 − Σ p·q / s²), with k questions and s² the
	// variance of the number right, divided by N (Kuder and Richardson, The theory
	// of the estimation of test reliability, 1937, formula 20).
	Reliability Figure `json:"reliability"`
	Items       []Item `json:"items"` // in the paper's own order
}

// Analyse makes a study of results. Their order does not matter. A question that is
// void in one of them counts in none. The error is Invalid for a result of
// another paper.
func Analyse(p paper.Paper, results []Result) (Study, error) {
	n, k := len(results), len(p.Questions)
	s := Study{Paper: p.ID, Results: n, Items: make([]Item, k)}
	for i, q := range p.Questions {
		s.Items[i] = Item{ID: q.ID, Choices: make([]Choice, len(q.Options))}
	}
	for _, r := range results {
		if r.Paper != p.ID || len(r.Marks) != k {
			return Study{}, exam.Errorf(exam.Invalid, "有成绩不属于这份试卷，没有统计")
		}
		for i, m := range r.Marks {
			if m.ID != s.Items[i].ID || m.Given>>len(s.Items[i].Choices) != 0 {
				return Study{}, exam.Errorf(exam.Invalid, "有成绩不属于这份试卷，没有统计")
			}
			s.Items[i].Void = s.Items[i].Void || m.Verdict == Void
		}
	}
	totals := make([]int, n)
	for j, r := range results {
		if r.Passed {
			s.Passed++
		}
		for i, m := range r.Marks {
			if m.Verdict == Right && !s.Items[i].Void {
				totals[j]++
			}
		}
	}
	upper, lower := ends(totals)
	mean, variance := spread(totals, nil)
	s.Mean, s.Spread = tooFew, tooFew
	if n >= LeastForDifficulty {
		s.Mean, s.Spread = figure(mean), figure(math.Sqrt(variance))
	}
	counted, pq := 0, 0.0
	for i := range s.Items {
		it := &s.Items[i]
		right := make([]bool, n)
		var pU, pL, wU, wL float64
		for j, r := range results {
			m := r.Marks[i]
			right[j] = m.Verdict == Right
			if m.Given == 0 {
				it.Unanswered++
			}
			for o := range it.Choices {
				if m.Given.Has(o) {
					it.Choices[o].Count++
					it.Choices[o].Upper += upper[j]
					it.Choices[o].Lower += lower[j]
				}
			}
			wU, wL = wU+upper[j], wL+lower[j]
			if right[j] {
				it.Right++
				pU, pL = pU+upper[j], pL+lower[j]
			}
		}
		it.Difficulty, it.Discrimination, it.PointBiserial = tooFew, tooFew, tooFew
		if it.Void {
			void := Figure{Why: "题目已作废，不作统计"}
			it.Difficulty, it.Discrimination, it.PointBiserial = void, void, void
			continue
		}
		counted++
		if n < LeastForDifficulty {
			continue
		}
		p := float64(it.Right) / float64(n)
		pq += p * (1 - p)
		it.Difficulty = figure(p)
		if n >= LeastForRelation {
			it.Discrimination = figure(pU/wU - pL/wL)
			it.PointBiserial = biserial(totals, right)
		}
	}
	switch {
	case n < LeastForRelation:
		s.Reliability = tooFew
	case counted < 2 || variance == 0:
		s.Reliability = noRange
	default:
		c := float64(counted)
		s.Reliability = figure(c / (c - 1) * (1 - pq/variance))
	}
	return s, nil
}

// ends gives each candidate's weight in the best and the worst 27 %, rounded to
// whole places. Those whose total lies at the border share the places that are
// left in equal parts, so that the order of the results decides nothing.
func ends(totals []int) (upper, lower []float64) {
	n := len(totals)
	upper, lower = make([]float64, n), make([]float64, n)
	places := int(math.Round(0.27 * float64(n)))
	if places == 0 {
		return upper, lower
	}
	sorted := slices.Sorted(slices.Values(totals))
	share := func(weights []float64, border int, beyond func(total int) bool) {
		sure, tied := 0, 0
		for _, t := range totals {
			if beyond(t) {
				sure++
			} else if t == border {
				tied++
			}
		}
		for j, t := range totals {
			if beyond(t) {
				weights[j] = 1
			} else if t == border {
				weights[j] = float64(places-sure) / float64(tied)
			}
		}
	}
	low, high := sorted[places-1], sorted[n-places]
	share(lower, low, func(t int) bool { return t < low })
	share(upper, high, func(t int) bool { return t > high })
	return upper, lower
}

// spread is the mean and the variance (divided by N) of the totals, less one where
// the question that is left out was right.
func spread(totals []int, right []bool) (mean, variance float64) {
	if len(totals) == 0 {
		return 0, 0
	}
	n, sum, squares := len(totals), 0, 0
	for j, t := range totals {
		if right != nil && right[j] {
			t--
		}
		sum, squares = sum+t, squares+t*t
	}
	// In whole numbers as long as it can be, so that equal totals have a variance of 0.
	return float64(sum) / float64(n), float64(n*squares-sum*sum) / float64(n*n)
}

func biserial(totals []int, right []bool) Figure {
	var sum [2]float64
	var count [2]float64
	for j, t := range totals {
		side := 0
		if right[j] {
			side, t = 1, t-1
		}
		sum[side] += float64(t)
		count[side]++
	}
	_, variance := spread(totals, right)
	if count[0] == 0 || count[1] == 0 || variance == 0 {
		return noRange
	}
	p := count[1] / float64(len(totals))
	return figure((sum[1]/count[1] - sum[0]/count[0]) / math.Sqrt(variance) * math.Sqrt(p*(1-p)))
}
