package desk

import (
	"time"

	"fyne.io/fyne/v2"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/shell"
)

// Gallery is every screen of the staff's program in every state that it has,
// without a registry. The dossiers are folded by the real rules.
func Gallery() []part.Exhibit {
	var g gallery
	g.entrance()
	g.queues()
	g.bulk()
	g.cases()
	g.general()
	g.generalSmall()
	g.notices()
	g.walls()
	g.statistics()
	return g.list
}

type gallery struct{ list []part.Exhibit }

func (g *gallery) add(name, title string, build func() fyne.CanvasObject, then func(fyne.Canvas)) {
	g.list = append(g.list, part.Exhibit{Name: "desk-" + name, Title: title, Build: build, Then: then})
}

// page adds the frame at a page of a role; before, if not nil, prepares the
// registry, and then, if not nil, acts on the page when it is shown.
func (g *gallery) page(name, title string, role exam.Role, at pageID, before func(*sample), then func(*seat)) {
	var s *seat
	var act func(fyne.Canvas)
	if then != nil {
		act = func(fyne.Canvas) { then(s) }
	}
	g.add(name, title, func() fyne.CanvasObject {
		x := newSample(role)
		if before != nil {
			before(x)
		}
		s = seated(x, &sampleDesktop{page: part.SpecimenScan(3, 600, 848)})
		if at != "" {
			s.frame.Go(string(at))
		}
		return s.frame.Object()
	}, act)
}

// seated is the frame of a sample.
func seated(x *sample, d Desktop) *seat {
	s := newSeat(x, d, x.about(), func() exam.Instant { return x.now })
	newFrame(s, func() {})
	return s
}

// file adds a case as it stands for a role.
func (g *gallery) file(name, title string, role exam.Role, doctor string, before func(*sample), then func(*casePage)) {
	g.page(name, title, role, pageAll, before, func(s *seat) {
		p := s.openCase(doctor)
		if then != nil {
			then(p)
		}
	})
}

// list is the list that a seat shows.
func (s *seat) list() *queuePage {
	q, _ := s.frame.Nav().Page().(*queuePage)
	return q
}

// openCase opens one case of the list that is shown.
func (s *seat) openCase(doctor string) *casePage {
	q := s.list()
	for i, r := range q.got.Rows {
		if r.Name == doctor {
			q.open(i)
			break
		}
	}
	p, _ := s.frame.Nav().Page().(*casePage)
	return p
}

// tick ticks doctors of the list, all of its page without names.
func (q *queuePage) tick(doctors ...string) {
	for _, r := range q.got.Rows {
		on := len(doctors) == 0
		for _, d := range doctors {
			on = on || d == r.Name
		}
		if on {
			q.sel.set(r, true)
		}
	}
	q.show(false)
}

// held is a runner whose work in the background never ends: what a screen shows
// while it waits.
type held struct{}

func (held) Do(f func())                               { f() }
func (held) Go(func())                                 {}
func (held) After(time.Duration, func()) (stop func()) { return func() {} }

// waiting does f while nothing answers.
func waiting(f func()) {
	defer shell.Use(held{})()
	f()
}

func lineDown() error { return exam.Errorf(exam.Unavailable, "连接不上服务器") }

func (g *gallery) entrance() {
	open := func(before func(*sample), say string, then func(*signInPage)) func() fyne.CanvasObject {
		return func() fyne.CanvasObject {
			x := newSample(exam.RoleInstitution)
			if before != nil {
				before(x)
			}
			a := New(Config{Entrance: &sampleEntrance{s: x}, Desktop: &sampleDesktop{}})
			a.say = say
			p := &signInPage{a: a}
			o := p.Open(shell.NewLife())
			if then != nil {
				then(p)
			}
			return o
		}
	}
	filled := part.SignInInput{Province: "14", Login: "czsyy01", Password: "secret88", Text: "7k2m"}
	g.add("signin-1-empty", "登录：空白", open(nil, "", nil), nil)
	g.add("signin-2-refused", "登录：密码或验证码不对", open(func(x *sample) {
		x.fail["SignIn"] = exam.Errorf(exam.WrongPassword, "账号、密码或验证码不对，请重新输入")
	}, "", func(p *signInPage) {
		p.form.SetInput(filled)
		p.submit(filled)
	}), nil)
	g.add("signin-3-doctor", "登录：医师账号", open(func(x *sample) {
		x.fail["SignIn"] = exam.Errorf(exam.Forbidden, "这是医师账号，请使用医师的程序登录")
	}, "", func(p *signInPage) {
		p.form.SetInput(filled)
		p.submit(filled)
	}), nil)
	g.add("signin-4-unreachable", "登录：连接不上服务器", open(func(x *sample) { x.fail["About"] = lineDown() }, "", func(p *signInPage) {
		p.form.SetInput(part.SignInInput{Province: "14", Login: "czsyy01"})
	}), nil)
	g.add("signin-5-expired", "登录：上次的登录已失效", open(nil, expiredText, func(p *signInPage) {
		p.form.SetInput(part.SignInInput{Province: "14", Login: "czsyy01"})
	}), nil)
	g.add("signin-6-busy", "登录：正在登录", open(nil, "", func(p *signInPage) {
		p.form.SetInput(filled)
		waiting(func() { p.submit(filled) })
	}), nil)
	g.add("password-1-first", "首次登录修改密码", func() fyne.CanvasObject {
		x := newSample(exam.RoleInstitution)
		x.account.MustChange = true
		a := New(Config{Entrance: &sampleEntrance{s: x}, Desktop: &sampleDesktop{}})
		a.enter(x)
		return a.nav.Object()
	}, nil)
	g.page("password-2-change", "修改密码", exam.RoleAssessor, "", nil, func(s *seat) { s.frame.Show(&passwordPage{s}) })
}

func (g *gallery) queues() {
	for _, role := range []exam.Role{exam.RoleInstitution, exam.RoleAssessor, exam.RoleAuthority, exam.RoleAdministrator, exam.RoleProctor} {
		for _, p := range pagesFor(role) {
			g.page("page-"+string(role)+"-"+string(p.id), role.Text()+"："+p.title, role, p.id, nil, nil)
		}
	}
	inst := exam.RoleInstitution
	g.page("queue-1-many", "列表：很多页", inst, pageReview, func(x *sample) { x.crowd(1180) }, nil)
	g.page("queue-2-empty", "列表：没有待办", inst, pageReview, func(x *sample) { x.empty() }, nil)
	g.add("queue-3-loading", "列表：正在读取", func() fyne.CanvasObject {
		var s *seat
		waiting(func() {
			s = seated(newSample(inst), &sampleDesktop{})
			s.frame.Go(string(pageReview))
		})
		return s.frame.Object()
	}, nil)
	g.page("queue-4-failed", "列表：读取失败", inst, pageReview, func(x *sample) { x.fail["Rows"] = lineDown() }, nil)
	g.page("queue-5-stale", "列表：刷新失败", inst, pageReview, nil, func(s *seat) {
		s.session.(*sample).fail["Rows"] = lineDown()
		s.list().load()
	})
	g.page("queue-6-nothing-found", "列表：没有符合条件的", exam.RoleAssessor, pageAll, nil, func(s *seat) {
		q := s.list()
		q.search.Entry.SetText("诸葛")
		q.search.OnSearch("诸葛")
	})
	g.page("queue-7-ticked", "列表：勾选几名", inst, pageReview, nil, func(s *seat) { s.list().tick("李鸿雁", "赵敏") })
	g.page("queue-8-ticked-mixed", "列表：勾选的状态不同", inst, pageAll, nil, func(s *seat) { s.list().tick("李鸿雁", "王建国", "何玉兰", "孙立新") })
	g.page("queue-9-moved", "列表：勾选后有变化", inst, pageReview, nil, func(s *seat) {
		s.list().tick()
		s.session.(*sample).file("王建国").change()
		s.list().load()
	})
	g.list = append(g.list, part.Exhibit{Name: "desk-queue-10-small", Title: "列表：小屏", Size: fyne.NewSize(1024, 700), Build: func() fyne.CanvasObject {
		s := seated(newSample(exam.RoleAssessor), &sampleDesktop{})
		s.frame.Go(string(pageAll))
		return s.frame.Object()
	}})
}

func (g *gallery) bulk() {
	inst := exam.RoleInstitution
	g.page("bulk-1-approve", "批量：通过", inst, pageReview, func(x *sample) { x.crowd(30) }, func(s *seat) {
		s.list().tick()
		s.list().bulk(verbApprove)
	})
	g.page("bulk-2-return", "批量：退回，写理由", inst, pageReview, nil, func(s *seat) {
		s.list().tick("李鸿雁", "赵敏")
		s.list().bulk(verbReturn)
	})
	g.page("bulk-3-left-out", "批量：有人不能办理", inst, pageAll, nil, func(s *seat) {
		s.list().tick("李鸿雁", "王建国", "何玉兰", "孙立新")
		s.list().bulk(verbApprove)
	})
	g.page("bulk-4-issue", "批量：签发", exam.RoleAuthority, pageIssue, nil, func(s *seat) {
		s.list().tick()
		s.list().bulk(verbIssue)
	})
	g.page("bulk-5-progress", "批量：正在办理", exam.RoleAuthority, pageIssue, nil, func(s *seat) {
		rows := s.list().got.Rows
		waiting(func() { s.perform(verbIssue, rows, "", func([]application.Outcome) {}) })
	})
	g.page("bulk-6-result", "批量：全部办成", exam.RoleAuthority, pageIssue, nil, func(s *seat) {
		rows := s.list().got.Rows
		s.showOutcomes(viewOutcomes(verbIssue, rows, send(s.life.Context(), s.session, verbIssue, rows, "", nil)))
	})
	g.page("bulk-7-result-failures", "批量：有人没有办成", inst, pageReview, func(x *sample) { x.crowd(12) }, func(s *seat) {
		x := s.session.(*sample)
		rows := s.list().got.Rows
		x.file("李鸿雁").change()
		x.stuck[x.file("王建国").e.Application] = exam.Errorf(exam.Refused, "该信息现在是“草稿”，不能“审核通过”")
		s.showOutcomes(viewOutcomes(verbApprove, rows, send(s.life.Context(), s.session, verbApprove, rows, "", nil)))
	})
	g.page("bulk-8-result-line", "批量：中途断线", inst, pageReview, func(x *sample) { x.crowd(120) }, func(s *seat) {
		x := s.session.(*sample)
		rows := make([]application.Row, 0, len(x.files))
		for _, f := range x.files {
			if f.e.Dossier.State == application.AwaitingInstitution {
				rows = append(rows, f.row())
			}
		}
		x.before = func(n int) {
			if n == 1 {
				x.fail["Decide"] = exam.Errorf(exam.Unavailable, "暂时连不上登记处，填写的内容都保存在本机")
			}
		}
		s.showOutcomes(viewOutcomes(verbApprove, rows, send(s.life.Context(), s.session, verbApprove, rows, "", nil)))
	})
}

func (g *gallery) cases() {
	inst, second, auth := exam.RoleInstitution, exam.RoleAssessor, exam.RoleAuthority
	below := func(part float32) func(*casePage) {
		return func(p *casePage) {
			p.root.Refresh()
			p.roll(part * p.scroll.Content.MinSize().Height)
		}
	}
	g.file("case-01-awaiting", "个案：打开待审核", inst, "李鸿雁", nil, nil)
	g.file("case-02-awaiting-middle", "个案：待审核，中段", inst, "李鸿雁", nil, below(0.4))
	g.file("case-03-awaiting-below", "个案：待审核，末段", inst, "李鸿雁", nil, below(1))
	g.file("case-04-taken-up", "个案：已开始审核", inst, "王建国", nil, nil)
	g.file("case-05-doubts", "个案：需要留意", inst, "赵敏", nil, nil)
	g.file("case-06-doubts-below", "个案：需要留意，末段", inst, "赵敏", nil, below(1))
	g.file("case-07-confirm", "个案：确认通过", inst, "李鸿雁", nil, func(p *casePage) { p.decide(verbApprove) })
	g.file("case-08-reason", "个案：退回，写理由", inst, "李鸿雁", nil, func(p *casePage) { p.decide(verbReturn) })
	g.file("case-09-reason-missing", "个案：退回，没有写理由", inst, "李鸿雁", nil, func(p *casePage) {
		p.decide(verbReturn)
		p.carryOut()
	})
	g.file("case-10-reason-leaving", "个案：理由还没有提交", inst, "李鸿雁", nil, func(p *casePage) {
		p.decide(verbReturn)
		p.area.SetText("照片不符合要求，请上传近期正面免冠证件照。")
		p.step(1)
	})
	g.file("case-11-returned", "个案：已退回", inst, "欧阳静怡", nil, nil)
	g.file("case-12-changed", "个案：看的时候有变化", inst, "李鸿雁", nil, func(p *casePage) {
		p.s.session.(*sample).file("李鸿雁").change()
		p.load(false)
	})
	g.file("case-13-changed-decided", "个案：决定时有变化", inst, "李鸿雁", nil, func(p *casePage) {
		p.decide(verbReturn)
		p.area.SetText("照片不符合要求，请上传近期正面免冠证件照。")
		p.s.session.(*sample).file("李鸿雁").change()
		p.perform(verbReturn, p.area.Text())
	})
	g.file("case-14-refused", "个案：没有办成", inst, "李鸿雁", nil, func(p *casePage) {
		p.s.session.(*sample).stuck[p.id()] = exam.Errorf(exam.Refused, "本周期的审核时间已过，不能再审核；请联系卫生健康行政部门")
		p.perform(verbApprove, "")
	})
	g.file("case-15-correction", "个案：申请修改，对照", inst, "吴海峰", nil, nil)
	g.file("case-16-correction-other", "个案：申请修改，别的账号看", auth, "吴海峰", nil, nil)
	g.file("case-17-second", "个案：待复核", second, "张伟", nil, nil)
	g.file("case-18-exam", "个案：待测评", second, "郑雅琴", nil, nil)
	g.file("case-19-draft", "个案：草稿", inst, "冯志刚", nil, nil)
	g.file("case-20-included", "个案：已纳入", inst, "宋佳", nil, nil)
	g.file("case-21-not-included", "个案：未纳入", inst, "何玉兰", nil, nil)
	g.file("case-22-qualified", "个案：合格，待发证", auth, "刘桂芳", nil, nil)
	g.file("case-23-issued", "个案：通知书有效", auth, "孙立新", nil, nil)
	g.file("case-24-revoked", "个案：通知书已撤销", auth, "周晓雯", nil, nil)
	g.file("case-25-reissued", "个案：撤销后重新签发", auth, "周晓雯", func(x *sample) { x.file("周晓雯").issued() }, nil)
	g.page("case-26-loading", "个案：正在读取", inst, pageReview, nil, func(s *seat) { waiting(func() { s.openCase("李鸿雁") }) })
	g.page("case-27-failed", "个案：读取失败", inst, pageReview, nil, func(s *seat) {
		s.session.(*sample).fail["Case"] = lineDown()
		s.openCase("李鸿雁")
	})
	g.file("case-28-reveal", "个案：显示完整号码前", inst, "李鸿雁", nil, func(p *casePage) { p.askIdentity(part.NewQuiet("", nil)) })
	g.file("case-29-revealed", "个案：完整号码", inst, "李鸿雁", nil, func(p *casePage) {
		p.whole = string(p.s.session.(*sample).file("李鸿雁").e.Doctor.Identity)
		p.panel()
	})
	g.file("case-30-photo", "个案：放大照片", inst, "李鸿雁", nil, func(p *casePage) {
		p.enlarge([]exam.Blob{{Hash: p.v.photo, Name: p.v.name}}, 0)
	})
	g.file("case-31-proof", "个案：放大证明材料", inst, "李鸿雁", nil, func(p *casePage) {
		p.enlarge(p.c.Dossier.Form.Choice.Proofs, 0)
	})
	g.page("case-32-no-pictures", "个案：图片读不到", inst, pageReview, func(x *sample) { x.fail["Picture"] = lineDown() }, func(s *seat) { s.openCase("李鸿雁") })
	var s *seat
	g.list = append(g.list, part.Exhibit{Name: "desk-case-33-small", Title: "个案：小屏", Size: fyne.NewSize(1024, 700), Build: func() fyne.CanvasObject {
		s = seated(newSample(inst), &sampleDesktop{})
		s.frame.Go(string(pageReview))
		return s.frame.Object()
	}, Then: func(fyne.Canvas) { s.openCase("李鸿雁").decide(verbReturn) }})
}

// general is what is decided in the general procedure.
func (g *gallery) general() {
	second, auth := exam.RoleAssessor, exam.RoleAuthority
	all := (*sample).generals
	g.page("general-01-exemptions", "免考申请", second, pageExemptions, all, nil)
	g.page("general-02-results", "待评定", second, pageResults, all, nil)
	g.page("general-03-failed", "不合格与缺考", second, pageFailed, all, nil)
	g.page("general-04-absent", "缺考登记", second, pageAbsent, all, nil)
	g.page("general-05-appeals", "复核申请", auth, pageAppeals, all, nil)
	g.page("general-06-all", "全部医师，各种状态", second, pageAll, all, nil)
	many := func(name, title string, role exam.Role, at pageID, v verb) {
		g.page(name, title, role, at, all, func(s *seat) {
			s.list().tick()
			s.list().bulk(v)
		})
	}
	many("general-07-confirm-many", "批量：评定", second, pageResults, verbConfirm)
	many("general-08-resit-many", "批量：准予补考", second, pageFailed, verbResit)
	many("general-09-absent-many", "批量：标记缺考", second, pageAbsent, verbAbsent)
	g.page("general-10-confirmed", "批量：评定之后", second, pageResults, all, func(s *seat) {
		x := s.session.(*sample)
		rows := s.list().got.Rows
		x.file("韩立军").scored(60)
		s.showOutcomes(viewOutcomes(verbConfirm, rows, send(s.life.Context(), s.session, verbConfirm, rows, "", nil)))
	})
	g.file("general-11-case-exemption", "个案：免考申请", second, "罗雨桐", all, nil)
	g.file("general-12-case-exemption-refuse", "个案：不同意免考", second, "罗雨桐", all, func(p *casePage) { p.decide(verbNoExempt) })
	g.file("general-13-case-result", "个案：待评定", second, "谢春梅", all, nil)
	g.file("general-14-case-confirm", "个案：确认评定", second, "韩立军", all, func(p *casePage) { p.decide(verbConfirm) })
	g.file("general-15-case-void", "个案：作废", second, "谢春梅", all, func(p *casePage) { p.decide(verbVoid) })
	g.file("general-16-case-resit", "个案：准予补考", second, "董建华", all, func(p *casePage) { p.decide(verbResit) })
	g.file("general-17-case-appeal", "个案：复核申请", auth, "程凯", all, nil)
	g.file("general-18-case-appeal-yes", "个案：复核后改正", auth, "程凯", all, func(p *casePage) { p.decide(verbAppealYes) })
	g.file("general-19-case-resat", "个案：补考待评定", second, "唐婉清", all, nil)
	g.file("general-20-case-absent", "个案：标记缺考", second, "袁博", all, func(p *casePage) { p.decide(verbAbsent) })
	g.file("general-21-case-exempted", "个案：已同意免考", auth, "罗雨桐", func(x *sample) {
		x.generals()
		x.file("罗雨桐").decided(application.ActExemptionGranted, exam.RoleAssessor, "")
	}, nil)
	g.file("general-22-case-appeal-waits", "个案：复核待答复，考核机构看", second, "程凯", all, nil)
}

// generalSmall shows the widest of these lists and the fullest case on a small screen.
func (g *gallery) generalSmall() {
	var s *seat
	for _, x := range []struct {
		name, title string
		at          pageID
		then        func(*seat)
	}{
		{"general-23-small-results", "待评定：小屏", pageResults, nil},
		{"general-24-small-failed", "不合格与缺考：小屏", pageFailed, nil},
		{"general-25-small-case", "个案：免考申请，小屏", pageExemptions, func(s *seat) { s.openCase("罗雨桐").decide(verbNoExempt) }},
		{"general-26-small-resat", "个案：补考待评定，小屏", pageResults, func(s *seat) { s.openCase("唐婉清") }},
	} {
		e := part.Exhibit{Name: "desk-" + x.name, Title: x.title, Size: fyne.NewSize(1024, 700), Build: func() fyne.CanvasObject {
			y := newSample(exam.RoleAssessor)
			y.generals()
			s = seated(y, &sampleDesktop{})
			s.frame.Go(string(x.at))
			return s.frame.Object()
		}}
		if x.then != nil {
			e.Then = func(fyne.Canvas) { x.then(s) }
		}
		g.list = append(g.list, e)
	}
}

func (g *gallery) notices() {
	auth := exam.RoleAuthority
	at := func(then func(*casePage, noticeView)) func(*casePage) {
		return func(p *casePage) { then(p, p.v.notices[0]) }
	}
	g.file("notice-1-sheet", "通知书：查看", auth, "孙立新", nil, at(func(p *casePage, n noticeView) { p.showNotice(n, part.NewQuiet("", nil)) }))
	g.file("notice-2-save", "通知书：另存为", auth, "孙立新", nil, at(func(p *casePage, n noticeView) { p.saveNotice(n) }))
	g.file("notice-3-failed", "通知书：没有打开", auth, "孙立新", func(x *sample) { x.fail["NoticePDF"] = lineDown() }, at(func(p *casePage, n noticeView) { p.showNotice(n, part.NewQuiet("", nil)) }))
	g.file("notice-4-revoke", "通知书：撤销", auth, "孙立新", nil, at(func(p *casePage, n noticeView) { p.revoke(n) }))
	g.file("notice-5-revoke-missing", "通知书：撤销，没有写理由", auth, "孙立新", nil, at(func(p *casePage, n noticeView) {
		p.revoke(n).SetError(checkRevoke("", ""))
	}))
}
