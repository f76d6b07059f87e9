package score

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dingkao/exam"
	"dingkao/exam/paper"
)

// sheet is a paper of n questions; A is right, and AB in the last, which asks for
// several and is worth one and a half points.
func sheet(n int) (paper.Paper, paper.Key) {
	p, k := paper.Paper{ID: "p", Title: "试卷", Minutes: 60, PassMark: 2 * paper.Point}, paper.Key{}
	for i := range n {
		q := paper.Question{Kind: paper.A1, Stem: fmt.Sprintf("第%d问", i), Options: strings.Fields("甲 乙 丙 丁")}.Identified()
		k[q.ID] = 1
		if i == n-1 {
			q.Kind, q.Points, k[q.ID] = paper.X, 150, 3
		}
		p.Questions = append(p.Questions, q)
	}
	return p, k
}

type answers = map[paper.QuestionID]paper.Answer

func TestSeveralCountOnlyWhenExactlyRight(t *testing.T) {
	p, k := sheet(3)
	last := p.Questions[2].ID
	for given, want := range map[paper.Answer]Verdict{0: Unanswered, 1: Wrong, 2: Wrong, 3: Right, 7: Wrong, 15: Wrong} {
		r, err := Score(p, k, answers{last: given}, Rules{})
		if err != nil || r.Marks[2].Verdict != want || r.Marks[2].Given != given || (r.Points == 150) != (want == Right) {
			t.Errorf("%s: %+v %v", given, r, err)
		}
	}
}

func TestThePassMarkItselfPasses(t *testing.T) {
	p, k := sheet(3)
	a := answers{p.Questions[0].ID: 1, p.Questions[1].ID: 1}
	r, err := Score(p, k, a, Rules{})
	if err != nil || !r.Passed || r.Right != 2 || r.Unanswered != 1 || r.Points != 200 || r.Of != 350 {
		t.Errorf("%+v %v", r, err)
	}
	a[p.Questions[0].ID] = 2
	if r, err = Score(p, k, a, Rules{}); err != nil || r.Passed || r.Wrong != 1 {
		t.Errorf("%+v %v", r, err)
	}
	r, err = Score(p, k, a, Rules{Void: []paper.QuestionID{p.Questions[0].ID}})
	if err != nil || !r.Passed || r.Void != 1 || r.Wrong != 0 || r.Points != 200 {
		t.Errorf("void: %+v %v", r, err)
	}
}

func TestWhatDoesNotBelongTogetherIsNotScored(t *testing.T) {
	p, k := sheet(3)
	id := p.Questions[0].ID
	short := paper.Key{id: 1}
	wrong := paper.Key{id: paper.Only(7), p.Questions[1].ID: 1, p.Questions[2].ID: 3}
	for name, err := range map[string]error{
		"no key":  second(Score(p, nil, nil, Rules{})),
		"short":   second(Score(p, short, nil, Rules{})),
		"outside": second(Score(p, wrong, nil, Rules{})),
		"stray":   second(Score(p, k, answers{"other": 1}, Rules{})),
		"letter":  second(Score(p, k, answers{id: paper.Only(5)}, Rules{})),
		"void":    second(Score(p, k, nil, Rules{Void: []paper.QuestionID{"other"}})),
		"paper":   second(Score(paper.Paper{}, k, nil, Rules{})),
	} {
		if exam.KindOf(err) != exam.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	r, _ := Score(p, k, nil, Rules{})
	r.Paper = "other"
	if _, err := Analyse(p, []Result{r}); exam.KindOf(err) != exam.Invalid {
		t.Errorf("another paper: %v", err)
	}
}

func second(_ Result, err error) error { return err }

func TestEveryQuestionHasOneVerdict(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, k := sheet(rapid.IntRange(3, 12).Draw(t, "questions"))
		a := answers{}
		for _, q := range p.Questions {
			if rapid.Bool().Draw(t, "answered") {
				a[q.ID] = paper.Answer(rapid.IntRange(0, 15).Draw(t, "answer"))
			}
		}
		r, err := Score(p, k, a, Rules{})
		if err != nil {
			t.Fatal(err)
		}
		var sum paper.Points
		for i, m := range r.Marks {
			sum += m.Points
			if (m.Verdict == Right) != (a[m.ID] == k[m.ID]) || (m.Verdict == Unanswered) != (a[m.ID] == 0) || m.ID != p.Questions[i].ID {
				t.Fatalf("%+v", m)
			}
		}
		if sum != r.Points || r.Right+r.Wrong+r.Unanswered != len(p.Questions) || r.Passed != (sum >= p.PassMark) {
			t.Fatalf("%+v", r)
		}
	})
}

// ladder are n results on k questions: candidate j is right on the first j mod (k+1).
func ladder(t *testing.T, n, k int) (paper.Paper, []Result) {
	p, key := sheet(k)
	var rs []Result
	for j := range n {
		a := answers{}
		for i, q := range p.Questions {
			a[q.ID] = key[q.ID]
			if i >= j%(k+1) {
				a[q.ID] = 4
			}
		}
		r, err := Score(p, key, a, Rules{})
		if err != nil {
			t.Fatal(err)
		}
		rs = append(rs, r)
	}
	return p, rs
}

// Worked by hand: 40 candidates, ten each with 0, 1, 2 and 3 right of three. p is
// .75, .5, .25; Σpq = .625, s² = 1.25, KR-20 = 3/2·(1−.5) = .75. Each group has 11
// places: the ten at the end and one shared by the ten next to them.
func TestTheFiguresAreThoseOfTheFormulas(t *testing.T) {
	p, rs := ladder(t, 40, 3)
	s, err := Analyse(p, rs)
	if err != nil {
		t.Fatal(err)
	}
	near := func(name string, f Figure, want float64) {
		t.Helper()
		if !f.Known || math.Abs(f.Value-want) > 1e-9 {
			t.Errorf("%s is %+v, want %v", name, f, want)
		}
	}
	near("mean", s.Mean, 1.5)
	near("spread", s.Spread, math.Sqrt(1.25))
	near("KR-20", s.Reliability, .75)
	near("p1", s.Items[0].Difficulty, .75)
	near("p3", s.Items[2].Difficulty, .25)
	near("D1", s.Items[0].Discrimination, 1-1./11)
	near("D2", s.Items[1].Discrimination, 1)
	// Rest of question 2: right 1, 2 (ten each), not right 0, 1: M1 = 1.5, M0 = .5,
	// s² = (0+1+1+4)/4 − 1 = .5.
	near("r2", s.Items[1].PointBiserial, 1/math.Sqrt(.5)*.5)
	if c := s.Items[0].Choices; c[0].Count != 30 || c[2].Count != 10 || math.Abs(c[2].Lower-10) > 1e-9 || c[2].Upper != 0 {
		t.Errorf("%+v", c)
	}
}

func TestSmallOrUniformGroupsGetNoNumberAndNoNaN(t *testing.T) {
	for _, n := range []int{0, 1, 2, 9, 10, 29, 30} {
		for _, same := range []bool{false, true} {
			p, rs := ladder(t, n, 3)
			if same {
				for i := range rs {
					rs[i] = rs[0]
				}
			}
			s, err := Analyse(p, rs)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := json.Marshal(s); err != nil {
				t.Errorf("%d: %v", n, err)
			}
			for _, it := range s.Items {
				for _, f := range []Figure{it.Difficulty, it.Discrimination, it.PointBiserial, s.Reliability, s.Mean} {
					if f.Known == (f.Why != "") || math.IsNaN(f.Value) || !f.Known && f.Value != 0 {
						t.Errorf("%d: %+v", n, f)
					}
				}
				if it.Difficulty.Known != (n >= LeastForDifficulty) || it.Discrimination.Known != (n >= LeastForRelation) {
					t.Errorf("%d results: %+v", n, it)
				}
			}
			if s.Reliability.Known != (n >= LeastForRelation && !same) {
				t.Errorf("%d, same %v: %+v", n, same, s.Reliability)
			}
		}
	}
}

func TestTheOrderOfResultsDecidesNothing(t *testing.T) {
	p, rs := ladder(t, 37, 4)
	rs[3].Marks = slices.Clone(rs[3].Marks)
	want, err := Analyse(p, rs)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		got, err := Analyse(p, rapid.Permutation(rs).Draw(t, "results"))
		if err != nil {
			t.Fatal(err)
		}
		for i := range got.Items {
			g, w := got.Items[i], want.Items[i]
			if math.Abs(g.Discrimination.Value-w.Discrimination.Value) > 1e-9 || math.Abs(g.PointBiserial.Value-w.PointBiserial.Value) > 1e-9 || g.Difficulty != w.Difficulty {
				t.Fatalf("%+v\n%+v", g, w)
			}
		}
		if !reflect.DeepEqual(got.Reliability, want.Reliability) {
			t.Fatal("reliability differs")
		}
	})
}

func TestAVoidQuestionCountsInNoFigure(t *testing.T) {
	p, rs := ladder(t, 40, 3)
	key := paper.Key{p.Questions[0].ID: 1, p.Questions[1].ID: 1, p.Questions[2].ID: 3}
	for i, r := range rs {
		a := answers{}
		for _, m := range r.Marks {
			a[m.ID] = m.Given
		}
		var err error
		if rs[i], err = Score(p, key, a, Rules{Void: []paper.QuestionID{p.Questions[1].ID}}); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Analyse(p, rs)
	if err != nil || s.Items[1].Difficulty.Known || !s.Items[1].Void || math.Abs(s.Mean.Value-1) > 1e-9 {
		t.Errorf("%v %+v", err, s)
	}
}
