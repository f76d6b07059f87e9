package terminal

import (
	"fyne.io/fyne/v2"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/ui/part"
	"dingkao/ui/shell"
)

// awaiting is a doctor who waits for the exam.
func awaiting() *sample {
	s := newSample().included()
	f := s.wholeForm()
	f.Choice = &application.Choice{Procedure: application.General}
	s.saved(f).submitted().decided(application.ActApproved, exam.RoleInstitution, "").decided(application.ActApproved, exam.RoleAssessor, "")
	s.e.Cycle.Assess = exam.Window{From: "2024-09-10", To: "2025-06-30"}
	return s
}

// alone is a page without a frame, as the outer nav shows it; then may press on it.
func alone(s *sample, then func(*sittingPage)) func() fyne.CanvasObject {
	return func() fyne.CanvasObject {
		seat := &seat{session: s, desktop: &sampleDesktop{}, about: s.about(), today: func() exam.Date { return sampleToday }, life: shell.NewLife(), outer: shell.NewNav()}
		newFrame(seat, func() {})
		p := &sittingPage{s: seat}
		seat.outer.Show(p)
		if then != nil {
			then(p)
		}
		return seat.outer.Object()
	}
}

// examining is the page 参加测评 that a seat shows.
func examining(s *seat) *examPage {
	p, _ := s.frame.Nav().Page().(*examPage)
	return p
}

func examExhibits() []exhibit {
	var list []exhibit
	add := func(name, title string, build func() fyne.CanvasObject) {
		list = append(list, exhibit{"exam-" + name, "测评：" + title, build, nil})
	}
	var page *sittingPage // that Then works on
	then := func(name, title string, s *sample, prepare func(*sittingPage), f func(fyne.Canvas)) {
		list = append(list, exhibit{"exam-" + name, "测评：" + title, alone(s, func(p *sittingPage) {
			page = p
			if prepare != nil {
				prepare(p)
			}
		}), f})
	}
	at := func(n int, zoom int) func(*sittingPage) {
		return func(p *sittingPage) {
			p.goTo(n - 1)
			p.zoom = zoom
			p.magnify(0)
		}
	}
	of := func(s *sample, k paper.Kind) int {
		p := s.Place()
		for i := range p.Order.Len() {
			if p.Order.Question(i).Kind == k {
				return i + 1
			}
		}
		panic("terminal: sample: no question of kind " + string(k))
	}
	sat := func() *sample { return awaiting().checkedIn().sits(18, 12*sitting.Minute+4*sitting.Second) }
	rules := func(s *seat) { examining(s).turn(stepRules) }
	check := func(s *seat) { examining(s).turn(stepCheckIn); examining(s).probe() }

	add("3-list", "列表，待测评", framed(awaiting(), nil, pageExam, nil))
	add("3-list-offline", "列表，离线进入", framed(awaiting().offline(0), nil, pageExam, func(s *seat) {
		s.offline = true
		examining(s).turn(stepList)
	}))
	add("4-rules", "测评须知", framed(awaiting(), nil, pageExam, rules))
	add("5-check-in", "签到，检查通过", framed(awaiting(), nil, pageExam, check))
	failed := awaiting()
	failed.checks = []sitting.Check{{Name: "disk", State: "failed", Detail: "本机磁盘已满，这一步没有保存；此前保存的内容都在，请清理磁盘后再保存一次"},
		{Name: "network", State: "ok", Detail: "与登记处连接正常，往返12毫秒"}, {Name: "clock", State: "warn", Detail: "本机时间与登记处相差约7分钟；测评按登记处时间计时，不受影响，已记录"}}
	add("5-check-in-failed", "签到，检查未通过", framed(failed, nil, pageExam, check))
	moved := awaiting()
	add("5-check-in-code", "签到，更换考试机的验证码", framed(moved, nil, pageExam, func(s *seat) {
		check(s)
		moved.fail["CheckIn"] = &exam.Error{Kind: exam.Refused, Field: "code", Sentence: "验证码不对，请核对后重新输入；还可以试4次"}
		examining(s).take(part.NewPrimary("完成签到", nil))
	}))
	add("6-waiting", "等候开始", framed(awaiting().checkedIn(), nil, pageExam, nil))
	off := awaiting().checkedIn()
	off.exam.place.Online, off.exam.place.Ready = false, false
	add("6-waiting-offline", "等候开始，断网", framed(off, nil, pageExam, nil))
	add("6-ready", "可以进入", framed(awaiting().checkedIn().ordered(sitting.ActStart, ""), nil, pageExam, nil))
	held := awaiting().checkedIn()
	held.exam.place.Mine, held.exam.place.Seat.Held = false, "考试机07"
	add("6-elsewhere", "在另一台考试机上", framed(held, nil, pageExam, nil))
	add("6-goes-on", "继续测评", framed(sat(), nil, pageExam, nil))

	add("7-first", "第1题", alone(awaiting().checkedIn().sits(0, 4*sitting.Second), nil))
	add("7-answered", "已作答、已标注", alone(sat(), at(4, 100)))
	s := sat()
	add("7-shared", "共用题干", alone(s, at(of(s, paper.A3), 100)))
	s2 := sat()
	x := of(s2, paper.X)
	many := s2.Place().Sitting.Terms.Questions[x-1]
	must(s2.Answer(many, paper.Only(0)|paper.Only(3)))
	add("7-several", "多选题", alone(s2, at(x, 100)))
	s3 := sat()
	add("7-true-false", "判断题", alone(s3, at(of(s3, paper.TF), 100)))
	s4 := sat()
	add("7-zoom-150", "放大150%", alone(s4, at(of(s4, paper.A2), 150)))
	s5 := sat()
	add("7-zoom-200", "放大200%", alone(s5, at(of(s5, paper.A2), 200)))
	s6 := sat()
	add("7-no-sheet", "收起答题卡", alone(s6, func(p *sittingPage) { at(of(s6, paper.A3), 200)(p); p.toggleSheet() }))
	s7 := sat()
	s7.exam.place.Online = false
	must(s7.GoTo(s7.Place().Sitting.Terms.Questions[18]))
	must(s7.Answer(s7.Place().Sitting.Terms.Questions[18], paper.Only(1)))
	add("8-offline", "断网", alone(s7, nil))
	s8 := sat()
	s8.exam.full = true
	add("8-disk-full", "磁盘已满", alone(s8, func(p *sittingPage) { p.pick(0) }))
	add("8-message", "监考提示与加时", alone(sat().ordered(sitting.ActMessage, "请把手机放到讲台上，全场保持安静。").ordered(sitting.ActExtra, "考场停电，补偿时间"), nil))
	add("8-paused", "暂停", alone(sat().ordered(sitting.ActPause, "考场空调检修，约5分钟后继续"), nil))
	s9 := awaiting().checkedIn().sits(80, 51*sitting.Minute)
	add("8-ten-minutes", "剩余十分钟内", alone(s9, nil))
	s10 := awaiting().checkedIn().sits(97, 59*sitting.Minute+13*sitting.Second)
	add("8-one-minute", "剩余一分钟内", alone(s10, nil))
	then("9-hand-in", "交卷", awaiting().checkedIn().sits(19, 30*sitting.Minute), nil, func(fyne.Canvas) { page.askHandIn() })
	all := awaiting().checkedIn().sits(100, 40*sitting.Minute)
	then("9-hand-in-all", "交卷，全部作答", all, nil, func(fyne.Canvas) { page.askHandIn() })
	then("9-leave", "要退出吗", sat(), nil, func(fyne.Canvas) { page.MayLeave(func() {}) })
	handed := func(used sitting.Span, online bool) *sample {
		s := awaiting().checkedIn().sits(98, used)
		s.exam.place.Online = online
		must(s.write(sitting.ActSealed, sitting.Body{}))
		return s
	}
	add("10-handed-in", "已交卷，待评定", alone(handed(52*sitting.Minute, true), nil))
	add("10-handed-in-offline", "已交卷，未送达", alone(handed(52*sitting.Minute, false), nil))
	over := handed(60*sitting.Minute, true)
	add("10-auto", "到时自动交卷", alone(over, nil))
	add("10-terminated", "已终止", alone(sat().ordered(sitting.ActTerminated, "携带手机进入考场并使用"), nil))
	gone := sat()
	gone.exam.place.Mine, gone.exam.place.Stopped = false, "已换到另一台考试机，本机不能再作答；已送达登记处的作答都在那里，请听从监考员安排"
	add("10-moved", "已换到另一台考试机", alone(gone, nil))
	add("11-awaiting-result", "列表，待评定", framed(handed(52*sitting.Minute, true), nil, pageExam, nil))
	return list
}
