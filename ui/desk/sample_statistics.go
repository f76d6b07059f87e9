package desk

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/score"
)

// samplePaper is a paper of forty questions.
func samplePaper() (paper.Paper, paper.Key) {
	p := paper.Paper{ID: "p2024", Title: "2024—2027年度医师定期考核测评试卷", Minutes: 60, PassMark: 24 * paper.Point}
	key := paper.Key{}
	for i := range 40 {
		q := paper.Question{Kind: paper.A1, Stem: fmt.Sprintf("第%d题的题干", i+1)}
		for o := range 5 {
			q.Options = append(q.Options, fmt.Sprintf("选项%d", o+1))
		}
		q = q.Identified()
		p.Questions = append(p.Questions, q)
		key[q.ID] = paper.Only(i % 5)
	}
	return p, key
}

// sampleStudy is the real analysis of made-up answers: of n candidates each has an
// ability, each question a difficulty; the seventh has a wrong key, and every ninth
// is a guess.
func sampleStudy(n int) score.Study {
	p, key := samplePaper()
	var results []score.Result
	for c := range n {
		answers := map[paper.QuestionID]paper.Answer{}
		for i, q := range p.Questions {
			dice := (c*7919 + i*104729 + c*i*31) % 100
			right := dice < 25+c*60/max(n, 1)+(i*37)%30-10
			switch {
			case i == 6:
				right = dice > 20+c*70/max(n, 1)
			case i%9 == 8:
				right = dice < 40
			}
			at := i % 5
			if !right {
				at = (at + 1 + dice%4) % 5
			}
			if dice != 99 {
				answers[q.ID] = paper.Only(at)
			}
		}
		r, err := score.Score(p, key, answers, score.Rules{})
		if err != nil {
			panic(err)
		}
		results = append(results, r)
	}
	st, err := score.Analyse(p, results)
	if err != nil {
		panic(err)
	}
	return st
}

// Papers implements Statistics.
func (s *sample) Papers(context.Context) ([]paper.Listed, error) {
	if err := s.fail["Papers"]; err != nil {
		return nil, err
	}
	if s.candidates < 0 {
		return nil, nil
	}
	p, _ := samplePaper()
	return []paper.Listed{{ID: p.ID, Cycle: "c1", Title: p.Title, Questions: len(p.Questions), PassMark: p.PassMark, Drawn: s.now - 90*24*3600e6, Until: "2024-08-31"}}, nil
}

// Statistics implements Statistics.
func (s *sample) Statistics(context.Context, paper.ID) (score.Study, error) {
	if err := s.fail["Statistics"]; err != nil {
		return score.Study{}, err
	}
	n := s.candidates
	if n == 0 {
		n = 240
	}
	return sampleStudy(n), nil
}

// statistics are the screens of 试题分析.
func (g *gallery) statistics() {
	page := func(name, title string, before func(*sample), then func(*seat)) {
		g.page("statistics-"+name, title, exam.RoleAssessor, pageStatistics, before, then)
	}
	page("1-paper", "试题分析", nil, nil)
	page("2-few", "试题分析：答卷还少", func(x *sample) { x.candidates = 12 }, nil)
	page("3-none", "试题分析：还没有试卷", func(x *sample) { x.candidates = -1 }, nil)
	page("4-not-yet", "试题分析：测评还没有结束", func(x *sample) {
		x.fail["Statistics"] = exam.Errorf(exam.Refused, "测评时间是2024-08-01 至 2024-09-30，结束以后才能查看试题分析，以免泄露答案")
	}, nil)
	page("5-failed", "试题分析：读取失败", func(x *sample) { x.fail["Papers"] = exam.Errorf(exam.Unavailable, "连接不上服务器") }, nil)
	page("6-question", "试题分析：一道题的选项", nil, func(s *seat) {
		p := s.frame.Nav().Page().(*statisticsPage)
		p.open(viewStatistics(p.study).rows[6])
	})
	g.page("statistics-7-small", "试题分析：小窗口", exam.RoleAuthority, pageStatistics, nil, nil)
	g.list[len(g.list)-1].Size = fyne.NewSize(1024, 700)
}
