package terminal

import (
	"fyne.io/fyne/v2"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/shell"
)

// Gallery is every screen of the doctor's program in every state that it has,
// without registry or disk. The dossiers are folded by the real rules.
func Gallery() []part.Exhibit {
	var list []part.Exhibit
	add := func(name, title string, build func() fyne.CanvasObject, then func(fyne.Canvas)) {
		list = append(list, part.Exhibit{Name: "terminal-" + name, Title: title, Build: build, Then: then})
	}
	for _, x := range signInExhibits() {
		add(x.name, x.title, x.build, x.then)
	}
	for _, x := range pageExhibits() {
		add(x.name, x.title, x.build, x.then)
	}
	for _, x := range examExhibits() {
		add(x.name, x.title, x.build, x.then)
	}
	return list
}

type exhibit struct {
	name, title string
	build       func() fyne.CanvasObject
	then        func(fyne.Canvas)
}

func unavailable() error { return exam.Errorf(exam.Unavailable, "连接不上服务器") }

func signInExhibits() []exhibit {
	open := func(prepare func(*sampleEntrance), then func(*signInPage)) func() fyne.CanvasObject {
		return func() fyne.CanvasObject {
			e := &sampleEntrance{sample: newSample()}
			prepare(e)
			a := New(Config{Entrance: e, Desktop: &sampleDesktop{}})
			p := &signInPage{a: a}
			o := p.Open(shell.NewLife())
			then(p)
			return o
		}
	}
	nothing := func(*sampleEntrance) {}
	good := string(newSample().e.Doctor.Identity)
	wrong := good[:17] + "0"
	if wrong == good {
		wrong = good[:17] + "1"
	}
	return []exhibit{
		{"signin-1-empty", "登录：空白", open(nothing, func(*signInPage) {}), nil},
		{"signin-2-wrong-number", "登录：身份证号校验位不对", open(nothing, func(p *signInPage) {
			p.form.SetInput(part.SignInInput{Province: "14", Login: wrong, Password: "secret88", Text: "7k2m"})
			p.submit(p.form.Input())
		}), nil},
		{"signin-3-refused", "登录：密码或验证码不对", open(func(e *sampleEntrance) {
			e.fail["SignIn"] = exam.Errorf(exam.WrongPassword, "身份证号、密码或验证码不对，请重新输入")
		}, func(p *signInPage) {
			p.form.SetInput(part.SignInInput{Province: "14", Login: good, Password: "secret88", Text: "7k2m"})
			p.submit(p.form.Input())
		}), nil},
		{"signin-4-offline", "登录：连接不上服务器", open(func(e *sampleEntrance) {
			e.fail["About"] = unavailable()
			e.before = true
		}, func(p *signInPage) {
			p.form.SetInput(part.SignInInput{Province: "14", Login: good})
		}), nil},
		{"signin-5-busy", "登录：正在登录", open(nothing, func(p *signInPage) {
			p.form.SetInput(part.SignInInput{Province: "14", Login: good, Password: "secret88", Text: "7k2m"})
			p.form.SetBusy(true)
		}), nil},
		{"password-1-first", "首次登录修改密码", func() fyne.CanvasObject {
			s := newSample()
			s.account.MustChange = true
			a := New(Config{Entrance: &sampleEntrance{sample: s}, Desktop: &sampleDesktop{}})
			a.enter(s, false)
			return a.nav.Object()
		}, nil},
		{"password-2-change", "修改密码", framed(newSample().included(), nil, "", func(s *seat) { s.frame.Show(&passwordPage{s}) }), nil},
	}
}

// framed is the frame at a page, with a session.
func framed(s *sample, d *sampleDesktop, at pageID, then func(*seat)) func() fyne.CanvasObject {
	return func() fyne.CanvasObject {
		if d == nil {
			d = &sampleDesktop{}
		}
		seat := &seat{session: s, desktop: d, about: s.about(), today: func() exam.Date { return sampleToday }, life: shell.NewLife()}
		newFrame(seat, func() {})
		if at == "" {
			at = pageHome
		}
		seat.frame.Go(string(at))
		if then != nil {
			then(seat)
		}
		return seat.frame.Object()
	}
}

// enrolling is the page 填报信息 that a seat shows.
func enrolling(s *seat) *enrolPage {
	p, _ := s.frame.Nav().Page().(*enrolPage)
	return p
}

// atStep opens one of the six steps; then may press on it.
func atStep(step application.Step, then func(*enrolPage)) func(*seat) {
	return func(s *seat) {
		p := enrolling(s)
		p.openStep(step)
		if then != nil {
			then(p)
		}
	}
}

func pageExhibits() []exhibit {
	var list []exhibit
	add := func(name, title string, build func() fyne.CanvasObject) {
		list = append(list, exhibit{name, title, build, nil})
	}
	half := func() *sample {
		s := newSample().included()
		f := s.wholeForm()
		b := *f.Basic
		b.Photo, b.Ethnic, b.Email = exam.Blob{}, exam.Term{}, "li@"
		return s.saved(application.Form{Basic: &b})
	}
	filled := func() *sample {
		s := newSample().included()
		return s.saved(s.wholeForm())
	}
	sent := func() *sample { return filled().submitted() }
	returned := func(by exam.Role) *sample {
		s := sent()
		if by == exam.RoleAssessor {
			s.decided(application.ActApproved, exam.RoleInstitution, "")
		}
		return s.decided(application.ActReturned, by, "述职报告过于简单，请补充本周期的工作业绩；先进个人证书不清晰，请重新上传。")
	}
	general := func() *sample { return newSample().general() }
	failed := func() *sample {
		return general().begun().scored(52).decided(application.ActConfirmed, exam.RoleAssessor, "")
	}
	absent := func() *sample {
		return general().decided(application.ActAbsent, exam.RoleAssessor, "测评期间未到考场，也没有请假。")
	}
	resit := func() *sample {
		return failed().decided(application.ActResitAdmitted, exam.RoleAssessor, "已参加省级业务培训24学时并考核合格。")
	}
	const trained = "已复核第17题，答案无误，维持原结果。"
	// 首页
	add("home-1-not-included", "首页：未纳入", framed(newSample(), nil, pageHome, nil))
	add("home-2-included", "首页：已纳入", framed(newSample().included(), nil, pageHome, nil))
	add("home-3-draft-offline", "首页：草稿，离线", framed(half().offline(2), nil, pageHome, nil))
	add("home-4-in-review", "首页：待机构审核", framed(sent(), nil, pageHome, nil))
	add("home-5-returned", "首页：已退回", framed(returned(exam.RoleInstitution), nil, pageHome, nil))
	add("home-6-returned-by-assessor", "首页：考核机构退回", framed(returned(exam.RoleAssessor), nil, pageHome, nil))
	add("home-7-awaiting-assessor", "首页：待复核", framed(sent().decided(application.ActApproved, exam.RoleInstitution, ""), nil, pageHome, nil))
	add("home-8-awaiting-exam", "首页：待测评", framed(general(), nil, pageHome, nil))
	add("home-8-exemption-asked", "首页：已申请免考", framed(general().exempting(), nil, pageHome, nil))
	add("home-10-sitting", "首页：测评中", framed(general().begun(), nil, pageHome, nil))
	add("home-11-awaiting-result", "首页：待评定", framed(general().begun().scored(71), nil, pageHome, nil))
	add("home-12-unqualified", "首页：不合格", framed(failed(), nil, pageHome, nil))
	add("home-13-absent", "首页：缺考", framed(absent(), nil, pageHome, nil))
	add("home-14-awaiting-resit", "首页：待补考", framed(resit(), nil, pageHome, nil))
	add("home-15-exempted", "首页：免考合格", framed(general().exempting().decided(application.ActExemptionGranted, exam.RoleAssessor, ""), nil, pageHome, nil))
	add("home-9-qualified", "首页：合格", framed(newSample().qualified().issued("N0001"), nil, pageHome, nil))

	// 填报信息
	add("enrol-0-not-included", "填报：未纳入", framed(newSample(), nil, pageEnrol, nil))
	steps := []struct {
		step application.Step
		key  string
	}{{application.StepBasic, "1-basic"}, {application.StepPractice, "2-practice"}, {application.StepHistory, "3-history"},
		{application.StepMerit, "4-merit"}, {application.StepProcedure, "5-procedure"}, {application.StepConfirm, "6-confirm"}}
	for _, st := range steps {
		add("enrol-"+st.key+"-empty", "填报："+st.step.Text()+"，空白", framed(newSample().included(), nil, pageEnrol, atStep(st.step, nil)))
		add("enrol-"+st.key+"-filled", "填报："+st.step.Text()+"，已填", framed(filled(), nil, pageEnrol, atStep(st.step, nil)))
	}
	bottom := func(p *enrolPage) { p.body.ScrollToBottom() }
	for _, st := range []int{1, 3, 4, 5} {
		list = append(list, exhibit{"enrol-" + steps[st].key + "-filled-below", "填报：" + steps[st].step.Text() + "，下半页",
			framed(filled(), nil, pageEnrol, atStep(steps[st].step, func(p *enrolPage) { lower = p })),
			func(fyne.Canvas) { bottom(lower) }})
	}
	for _, st := range steps[:5] {
		if st.step == application.StepHistory {
			continue
		}
		add("enrol-"+st.key+"-missing", "填报："+st.step.Text()+"，缺项已标出", framed(half(), nil, pageEnrol, atStep(st.step, func(p *enrolPage) {
			if st.step == application.StepProcedure {
				p.b.form.Choice.Procedure = application.Simple
				p.b.changed(st.step)
				p.openStep(st.step)
			}
			p.goOn()
		})))
	}
	add("enrol-5-procedure-not-offered", "填报：不符合简易程序条件", framed(func() *sample {
		s := newSample()
		s.e.Cycle.OtherConditions = nil
		s.included()
		f := s.wholeForm()
		f.Practice.LicenceOn, f.Practice.QualificationOn = "2022-03-01", "2021-12-01"
		f.Choice = nil
		return s.saved(f)
	}(), nil, pageEnrol, atStep(application.StepProcedure, nil)))
	add("enrol-7-returned", "填报：已退回", framed(returned(exam.RoleInstitution), nil, pageEnrol, atStep(application.StepProcedure, nil)))
	add("enrol-8-success", "填报：提交成功", framed(sent(), nil, pageEnrol, nil))
	add("enrol-8-success-offline", "填报：提交，未送达", framed(sent().offline(3), nil, pageEnrol, nil))
	add("enrol-9-taken-up", "填报：机构正在审核", framed(sent().decided(application.ActTakenUp, exam.RoleInstitution, ""), nil, pageEnrol, nil))
	add("enrol-9-read", "填报：查看信息", framed(sent(), nil, pageEnrol, func(s *seat) {
		p := enrolling(s)
		p.looking = true
		p.showRead()
	}))
	add("enrol-10-conflict", "填报：两台电脑的冲突", framed(func() *sample {
		s := filled()
		mine := s.e.Dossier.Form.Only(application.StepBasic)
		b, p := *mine.Basic, *s.e.Dossier.Form.Practice
		b.Email, b.Mobile = "hongyan.li@example.com", "13903551234"
		p.Department, p.Post = "新生儿科", ""
		mine = application.Form{Basic: &b, Practice: &p}
		s.conflict = &application.Conflict{Theirs: s.e.Dossier.Form, Mine: mine, At: s.now,
			Differences: application.Differences(s.e.Cycle, mine, s.e.Dossier.Form)}
		return s
	}(), nil, pageEnrol, nil))
	add("enrol-11-approved", "填报：已通过", framed(newSample().qualified(), nil, pageEnrol, nil))
	list = append(list,
		exhibit{"dialog-filing", "新增多机构备案", framed(filled(), nil, pageEnrol, atStep(application.StepHistory, func(p *enrolPage) { lower = p })),
			func(fyne.Canvas) {
				lower.page.(*historyPage).editFiling(application.Filing{}, func(application.Filing) {})
			}},
		exhibit{"dialog-schooling", "编辑教育经历", framed(filled(), nil, pageEnrol, atStep(application.StepHistory, func(p *enrolPage) { lower = p })),
			func(fyne.Canvas) {
				lower.page.(*historyPage).editSchooling(lower.b.form.History.Schooling[0], func(application.Schooling) {})
			}},
		exhibit{"dialog-photo", "上传证件照", framed(half(), nil, pageEnrol, atStep(application.StepBasic, func(p *enrolPage) { lower = p })),
			func(fyne.Canvas) { lower.page.(*basicPage).ask() }},
		exhibit{"dialog-submit", "提交确认", framed(filled(), nil, pageEnrol, atStep(application.StepConfirm, func(p *enrolPage) { lower = p })),
			func(fyne.Canvas) {
				lower.submit()
			}},
	)

	// 个人信息
	add("profile-1-read", "个人信息", framed(newSample().qualified(), nil, pageProfile, nil))
	add("profile-2-edit", "个人信息：申请修改", framed(newSample().qualified(), nil, pageProfile, func(s *seat) { s.frame.Nav().Page().(*profilePage).edit() }))
	change := func(s *sample) application.Form {
		b := *s.e.Dossier.Form.Basic
		b.Mobile = "13903551234"
		return application.Form{Basic: &b}
	}
	asked := func() *sample {
		s := newSample().qualified()
		return s.corrected(change(s), "手机号码已更换，原号码不再使用。")
	}
	add("profile-3-asked", "个人信息：修改待审核", framed(asked(), nil, pageProfile, nil))
	add("profile-4-granted", "个人信息：修改已通过", framed(asked().decided(application.ActCorrectionGranted, exam.RoleInstitution, ""), nil, pageProfile, nil))
	add("profile-5-refused", "个人信息：修改未通过", framed(asked().decided(application.ActCorrectionRefused, exam.RoleInstitution, "请先在人事科登记新号码。"), nil, pageProfile, nil))
	add("profile-6-empty", "个人信息：空白", framed(newSample().included(), nil, pageProfile, nil))

	// 考核结果
	add("result-1-none", "考核结果：还没有", framed(sent(), nil, pageResult, nil))
	add("result-2-qualified", "考核结果：合格，未签发", framed(newSample().qualified(), nil, pageResult, nil))
	add("result-3-issued", "考核结果：已签发", framed(newSample().qualified().issued("N0001"), nil, pageResult, nil))
	add("result-4-revoked", "考核结果：已撤销", framed(newSample().qualified().issued("N0001").revoked("执业类别登记有误，更正后重新签发。"), nil, pageResult, nil))
	add("result-5-reissued", "考核结果：重新签发", framed(newSample().qualified().issued("N0001").revoked("执业类别登记有误，更正后重新签发。").issued("N0002"), nil, pageResult, nil))

	shown := func(s *sample) *sample { s.e.Cycle.ShowScore = true; return s }
	add("result-6-awaiting", "考核结果：待评定", framed(general().begun().scored(71), nil, pageResult, nil))
	add("result-7-passed", "考核结果：合格，一般程序", framed(shown(general().begun().scored(71).decided(application.ActConfirmed, exam.RoleAssessor, "")), nil, pageResult, nil))
	add("result-8-unqualified", "考核结果：不合格，可申请复核", framed(shown(failed()), nil, pageResult, nil))
	list = append(list, exhibit{"dialog-appeal", "申请复核", framed(shown(failed()), nil, pageResult, func(s *seat) { results = s.frame.Nav().Page().(*resultPage) }),
		func(fyne.Canvas) { results.askAppeal() }})
	add("result-9-appeal-asked", "考核结果：复核待答复", framed(shown(failed()).appealing(), nil, pageResult, nil))
	add("result-10-appeal-refused", "考核结果：复核维持原结果", framed(failed().appealing().decided(application.ActAppealRefused, exam.RoleAuthority, trained), nil, pageResult, nil))
	add("result-11-appeal-granted", "考核结果：复核后重新评定", framed(shown(failed()).appealing().decided(application.ActAppealGranted, exam.RoleAuthority, "第17题答案更正，重新评分。"), nil, pageResult, nil))
	add("result-12-absent", "考核结果：缺考", framed(absent(), nil, pageResult, nil))
	add("result-13-resit", "考核结果：待补考", framed(shown(resit()), nil, pageResult, nil))
	add("result-14-resit-passed", "考核结果：补考合格", framed(shown(resit()).begun().scored(83).decided(application.ActConfirmed, exam.RoleAssessor, ""), nil, pageResult, nil))
	add("result-15-exempted", "考核结果：免考合格", framed(general().exempting().decided(application.ActExemptionGranted, exam.RoleAssessor, ""), nil, pageResult, nil))

	// 其余
	list = append(list, studyExhibits()...)
	add("exam-1-not-yet", "参加测评：还不能", framed(sent(), nil, pageExam, nil))
	add("exam-2-awaiting", "参加测评：待测评", framed(general(), nil, pageExam, nil))
	add("exam-3-exemption-asked", "参加测评：免考待答复", framed(general().exempting(), nil, pageExam, nil))
	add("exam-4-exemption-refused", "参加测评：未同意免考", framed(general().exempting().decided(application.ActExemptionRefused, exam.RoleAssessor, "合格证书的取得时间不在本考核周期内。"), nil, pageExam, nil))
	add("exam-5-exempted", "参加测评：已免考", framed(general().exempting().decided(application.ActExemptionGranted, exam.RoleAssessor, ""), nil, pageExam, nil))
	add("exam-6-unqualified", "参加测评：不合格", framed(failed(), nil, pageExam, nil))
	add("exam-7-resit", "参加测评：待补考", framed(resit(), nil, pageExam, nil))
	list = append(list, exhibit{"dialog-exemption", "免考申请", framed(general(), nil, pageExam, func(s *seat) {
		x := s.session.(*sample)
		s.exempt = exemptionDraft{"本考核周期内已完成住院医师规范化培训并取得合格证书。", []exam.Blob{x.picture("规培合格证书.jpg", scan(3))}}
		waiting = newExemption(s, s.life, s.frame.Object())
	}), func(fyne.Canvas) { waiting.ask() }})
	add("questions", "问题解答", framed(newSample().included(), nil, pageQuestions, nil))
	return list
}

// What Then works on; exhibits are drawn one after the other.
var (
	lower   *enrolPage
	results *resultPage
	waiting *exemption
)
