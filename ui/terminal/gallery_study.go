package terminal

import (
	"context"

	"dingkao/exam"
	exampaper "dingkao/exam/paper"
	"dingkao/exam/practice"
)

// drilling is the round that a seat shows.
func drilling(s *seat) *drillPage {
	p, _ := s.frame.Nav().Page().(*drillPage)
	return p
}

// studyExhibits are the pages of 在线学习.
func studyExhibits() []exhibit {
	var list []exhibit
	add := func(name, title string, s *sample, then func(*seat)) {
		list = append(list, exhibit{"study-" + name, title, framed(s, nil, pageStudy, then), nil})
	}
	at := func(place int, then func(*drillPage)) func(*seat) {
		return func(s *seat) {
			r, err := s.session.Round("law")
			s.openRound(r, err)
			p := drilling(s)
			p.goTo(place)
			if then != nil {
				then(p)
			}
		}
	}
	kind := func(k exampaper.Kind) func(*drillPage) int {
		return func(p *drillPage) int {
			for i, q := range p.round.Questions {
				if it, _ := p.bank.Find(q); it.Kind == k {
					return i
				}
			}
			return 0
		}
	}
	atKind := func(k exampaper.Kind, then func(*drillPage)) func(*seat) {
		return at(0, func(p *drillPage) {
			p.goTo(kind(k)(p))
			if then != nil {
				then(p)
			}
		})
	}
	loading := newSample().included()
	loading.study.shelf.Fetching = true
	none := newSample().included()
	none.study.shelf.Heard = none.now
	stale := newSample().included().practised(5)
	stale.study.shelf.Trouble = "登记处没有及时答复；填写的内容都保存在本机，稍后会自动再送"
	broken := newSample().included()
	broken.fail["Shelf"] = exam.Errorf(exam.Damaged, "本机保存的一处内容没有通过核对，没有采用；已送到登记处的内容都在，请联系系统管理员")

	add("1-banks", "在线学习：题库", newSample().included().practised(5), nil)
	add("1-banks-first", "在线学习：第一次", newSample().included().withBanks(), nil)
	add("2-loading", "在线学习：正在下载", loading, nil)
	add("3-none", "在线学习：没有开放的题库", none, nil)
	add("3-unheard", "在线学习：离线，没有题库", newSample().included().offline(0), nil)
	add("4-trouble", "在线学习：没有取到最新的题库", stale, nil)
	add("5-failed", "在线学习：打不开", broken, nil)
	add("6-offline", "在线学习：离线练习", newSample().included().practised(4).offline(6), nil)
	fresh := func() *sample {
		s := newSample().included().withBanks()
		_, _ = s.BeginRound(context.Background(), "law", practice.ModeRandom)
		return s
	}
	add("7-question", "练习：一道题", fresh(), at(0, nil))
	add("7-right", "练习：答对", newSample().included().practised(2), at(1, nil))
	add("7-wrong", "练习：答错", newSample().included().practised(3), at(2, nil))
	add("7-shared", "练习：共用题干", newSample().included().practised(4), atKind(exampaper.A3, nil))
	add("7-several", "练习：多选，还没有确定", fresh(), atKind(exampaper.X, func(p *drillPage) { p.pick(0); p.pick(1); p.pick(4) }))
	add("7-several-wrong", "练习：多选，答错", fresh(), atKind(exampaper.X, func(p *drillPage) { p.pick(0); p.pick(4); p.answer() }))
	add("7-true-false", "练习：判断题", fresh(), atKind(exampaper.TF, func(p *drillPage) { p.pick(0) }))
	add("7-shown", "练习：显示答案", fresh(), atKind(exampaper.A2, func(p *drillPage) { p.show() }))
	add("8-zoomed", "练习：放大到200%", newSample().included().practised(4), atKind(exampaper.A3, func(p *drillPage) {
		for range 4 {
			p.magnify()
		}
	}))
	add("9-end", "练习：完成", newSample().included().practised(11), at(10, func(p *drillPage) { p.finish() }))
	add("9-end-early", "练习：提前结束", newSample().included().practised(5), at(4, func(p *drillPage) { p.finish() }))
	add("10-chapters", "练习：各章成绩", newSample().included().practised(8), func(s *seat) { s.frame.Show(&scorePage{s: s, bank: "law"}) })
	return list
}
