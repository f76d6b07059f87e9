package desk

import (
	"fyne.io/fyne/v2"

	"dingkao/exam"
	"dingkao/exam/sitting"
	"dingkao/ui/part"
)

// wallOf is the wall that a seat shows.
func (s *seat) wallOf() *wallPage {
	w, _ := s.frame.Nav().Page().(*wallPage)
	return w
}

// sittingOf opens one candidate of the wall that is shown.
func (s *seat) sittingOf(name string) *sittingPage {
	w := s.wallOf()
	for i, r := range w.rows {
		if r.Name == name {
			w.open(i)
			break
		}
	}
	p, _ := s.frame.Nav().Page().(*sittingPage)
	return p
}

// tickNames ticks candidates, all that are shown without names.
func (w *wallPage) tickNames(names ...string) {
	for _, r := range w.rows {
		on := len(names) == 0
		for _, n := range names {
			on = on || n == r.Name
		}
		if on {
			w.ticked[r.Sitting] = true
		}
	}
	w.show(false)
}

// walls are the screens of the proctor.
func (g *gallery) walls() {
	proctor := exam.RoleProctor
	wall := func(name, title string, before func(*sample), then func(*seat)) {
		g.page("wall-"+name, title, proctor, pageProctor, before, then)
	}
	wall("1-room", "监考：考场", nil, nil)
	wall("2-hall", "监考：二千名考生", func(x *sample) { x.hall(1984) }, nil)
	wall("3-empty", "监考：还没有考生", func(x *sample) { x.room.sittings = []*sampleSitting{} }, nil)
	g.add("wall-4-loading", "监考：正在读取", func() fyne.CanvasObject {
		var s *seat
		waiting(func() {
			s = seated(newSample(proctor), &sampleDesktop{})
			s.frame.Go(string(pageProctor))
		})
		return s.frame.Object()
	}, nil)
	wall("5-failed", "监考：读取失败", func(x *sample) { x.fail["Wall"] = lineDown() }, nil)
	wall("6-line-lost", "监考：连接中断", nil, func(s *seat) {
		x := s.session.(*sample)
		x.fail["Wall"] = lineDown()
		x.now += exam.Instant(75 * sitting.Second)
		s.wallOf().load()
		s.wallOf().tick()
	})
	wall("7-nothing-found", "监考：没有符合条件的", nil, func(s *seat) {
		w := s.wallOf()
		w.search.Entry.SetText("诸葛")
		w.search.OnSearch("诸葛")
	})
	wall("8-one-state", "监考：只看测评中", nil, func(s *seat) { s.wallOf().only(sitting.Running) })
	wall("9-ticked", "监考：勾选几名", nil, func(s *seat) { s.wallOf().tickNames("唐蕾", "董建军", "郑雅琴") })
	wall("10-start-room", "监考：全场开始", nil, func(s *seat) { s.wallOf().startAll() })
	wall("11-start-some", "监考：开始几名", nil, func(s *seat) {
		s.wallOf().tickNames("唐蕾", "董建军", "郑雅琴")
		s.wallOf().order(orderStart)
	})
	wall("12-message", "监考：发消息", nil, func(s *seat) {
		s.wallOf().tickNames("郑雅琴", "韩冰", "罗志远")
		s.wallOf().order(orderMessage)
	})
	wall("13-extra", "监考：加时", nil, func(s *seat) {
		s.wallOf().tickNames("郑雅琴", "梁雪")
		s.wallOf().order(orderExtra)
	})
	wall("14-absent", "监考：标记缺考", nil, func(s *seat) {
		s.wallOf().tickNames("邓凯")
		s.wallOf().order(orderAbsent)
	})
	wall("15-progress", "监考：正在下达", nil, func(s *seat) {
		rows := s.wallOf().rows
		waiting(func() {
			s.give(instruction{order: orderMessage, text: "请保持安静。"}, rows, func([]sitting.Outcome) {})
		})
	})
	wall("16-result", "监考：有人没有办成", nil, func(s *seat) {
		x := s.session.(*sample)
		x.room.stuck[x.seatOf("董建军").row.Sitting] = exam.Errorf(exam.Conflict, "该考生刚刚有新的监考指令，请重新打开后再操作")
		rows, _ := startable(s.wallOf().rows)
		s.give(instruction{order: orderStart, whole: true}, rows, func([]sitting.Outcome) {})
	})
	g.page("wall-17-assessor", "监考：考核机构查看", exam.RoleAssessor, pageProctor, nil, nil)
	g.list = append(g.list, part.Exhibit{Name: "desk-wall-18-small", Title: "监考：小屏", Size: fyne.NewSize(1024, 700), Build: func() fyne.CanvasObject {
		x := newSample(proctor)
		x.seatOf("罗志远").heardOf(23 * 60)
		x.seatOf("沈国栋").away(20)
		s := seated(x, &sampleDesktop{})
		s.frame.Go(string(pageProctor))
		s.wallOf().tickNames("郑雅琴", "韩冰")
		return s.frame.Object()
	}})

	one := func(name, title, candidate string, before func(*sample), then func(*sittingPage)) {
		wall("seat-"+name, title, before, func(s *seat) {
			p := s.sittingOf(candidate)
			if then != nil {
				then(p)
			}
		})
	}
	one("1-running", "考生：测评中", "吕佳宁", nil, nil)
	one("2-checked-in", "考生：已签到", "董建军", nil, nil)
	one("3-not-checked-in", "考生：没有签到", "邓凯", nil, nil)
	one("4-ready", "考生：待进入", "袁媛", nil, nil)
	one("5-silent", "考生：没有消息", "罗志远", nil, nil)
	one("6-paused", "考生：已暂停", "梁雪", nil, nil)
	one("7-restarted", "考生：重新启动过", "傅红", nil, nil)
	one("8-clock-set", "考生：时钟被调整", "沈国栋", nil, nil)
	one("9-moving", "考生：等待换机", "曾琳", nil, nil)
	one("10-handed-in", "考生：已交卷", "谢安", nil, nil)
	one("11-terminated", "考生：已终止", "彭涛", nil, nil)
	one("12-absent", "考生：缺考", "苏明", nil, nil)
	one("13-window-left", "考生：离开过窗口", "韩冰", nil, func(p *sittingPage) { p.scroll.ScrollToBottom() })
	one("14-ask-move", "考生：更换考试机", "罗志远", nil, func(p *sittingPage) { p.order(orderMove) })
	one("15-code", "考生：换机验证码", "罗志远", nil, func(p *sittingPage) {
		p.s.give(instruction{order: orderMove, text: "考试机故障，更换考试机继续测评。"}, []sitting.Row{p.v.row}, func([]sitting.Outcome) {})
	})
	one("16-ask-terminate", "考生：终止测评", "郑雅琴", nil, func(p *sittingPage) { p.order(orderTerminate) })
	one("17-ask-vouch", "考生：人工核验", "董建军", nil, func(p *sittingPage) { p.order(orderVouch) })
	one("18-failed", "考生：读取失败", "郑雅琴", func(x *sample) { x.fail["Journal"] = lineDown() }, nil)
	g.add("wall-seat-19-loading", "考生：正在读取", func() fyne.CanvasObject {
		s := seated(newSample(proctor), &sampleDesktop{})
		s.frame.Go(string(pageProctor))
		waiting(func() { s.sittingOf("郑雅琴") })
		return s.frame.Object()
	}, nil)
	one("20-line-lost", "考生：连接中断", "郑雅琴", nil, func(p *sittingPage) {
		x := p.s.session.(*sample)
		x.fail["Journal"] = lineDown()
		x.now += exam.Instant(40 * sitting.Second)
		p.load()
		p.tick()
	})
	g.page("wall-seat-21-assessor", "考生：考核机构查看", exam.RoleAssessor, pageProctor, nil, func(s *seat) { s.sittingOf("梁雪") })
}
