package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/registry/demo"
)

// Who plays. The doctor is on the roster and not yet in the cycle.
const (
	doctor      = "林知远"
	newPassword = "Yishi-2026"
	report      = "本人在考核周期内遵守法律法规和诊疗规范，认真完成门诊、病房和家庭医生签约工作，未发生医疗事故。"
)

// number is a doctor's identity number in the sample data.
func number(name string) string {
	for i, p := range demo.Doctors {
		if p.Name == name {
			return string(demo.Identity(i))
		}
	}
	panic("the sample data has no " + name)
}

func doctorNumber() string { return number(doctor) }

func (s *stage) play() {
	s.scene("the registry starts with its sample data")
	s.serve()
	photo, proof := filepath.Join(s.work, "photo.jpg"), filepath.Join(s.work, "proof.jpg")
	must(os.WriteFile(photo, demo.Portrait(2), 0o644))
	must(os.WriteFile(proof, demo.Proof(2), 0o644))

	institution := s.person("institution", "1360x860")
	authority := s.person("authority", "1360x860")
	s.person("assessor", "1360x860")
	if s.part != "general" {
		d := s.person("doctor", "1280x800")
		s.firstSignIn(d)
		s.include(institution)
		s.enrol(d, photo, proof)
		s.sendBack(institution, d)
		s.mend(d)
		s.approve(institution)
		s.review()
		s.issue(authority)
		s.notice(d)
		s.revoke(authority)
		d.leave()
	}
	if s.part != "simple" {
		s.general(institution, authority, photo)
	}
}

// desk sits a member of staff down at the desk, where they do not sit already,
// and opens a list.
func (s *stage) desk(p *person, login, list string) {
	if p.program == nil {
		s.open(p, "desk")
		s.signIn(p, "账号", login, demo.Password)
		p.see(list)
	}
	s.list(p, list)
}

// signIn fills in the sign-in screen.
func (s *stage) signIn(p *person, label, login, password string) {
	p.see("登录", "验证码")
	p.wait("the provinces", func() bool { return p.has("山西省") || p.has("请选择执业所在省份") })
	if !p.has("山西省") {
		p.pick("省份", "山西省")
	}
	p.write(label, login)
	p.writeTo("密码", password, false)
	p.writeTo("验证码", captcha, true)
	p.key("Return")
}

func (s *stage) firstSignIn(p *person) {
	s.scene("the doctor signs in for the first time and changes the password")
	s.open(p, "terminal")
	p.see("登录", "省份")
	p.picture("登录")
	p.see("山西省") // the only one, chosen already
	p.write("身份证号码", "14990019850101990")
	p.writeTo("密码", exam.FirstPassword, false)
	p.writeTo("验证码", captcha, true)
	p.key("Return")
	p.see("身份证号应为18位")
	p.picture("身份证号有误")
	s.signIn(p, "身份证号码", doctorNumber(), exam.FirstPassword)
	p.see("修改密码", "新密码")
	p.picture("首次登录修改密码")
	p.writeTo("当前密码", exam.FirstPassword, false)
	p.writeTo("新密码", newPassword, false)
	p.writeTo("再次输入新密码", newPassword, false)
	p.key("Return")
	p.see("考核流程", "未纳入")
	p.picture("首页-未纳入")
	s.state(application.NotIncluded)
}

func (s *stage) include(p *person) {
	s.scene("the institution includes the doctor in the cycle")
	s.open(p, "desk")
	p.see("登录", "省份")
	p.picture("登录")
	s.signIn(p, "账号", "changzhi", demo.Password)
	p.see("审核待办", "沈佩兰")
	p.picture("审核待办")
	p.menu("纳入考核")
	p.see(doctor)
	p.tick(doctor)
	p.see("已选 1 名")
	p.picture("待纳入名单")
	p.press("纳入考核")
	p.see("确定纳入")
	p.picture("纳入前询问")
	p.press("确定纳入")
	p.see("处理结果", "1 名已纳入")
	p.picture("纳入结果")
	p.press("知道了")
	s.state(application.Included)
	s.killRegistry()
	s.state(application.Included)
}

func (s *stage) enrol(p *person, photo, proof string) {
	s.scene("① the doctor fills in 基本信息; the terminal is killed while he types")
	p.see("去填报") // the home page hears of it by itself
	p.picture("首页-已纳入")
	p.press("去填报")
	p.see("个人头像")
	p.picture("填报-1-空白")
	p.press("上传照片")
	p.see("上传证件照")
	p.picture("填报-1-上传照片")
	p.x("type", "--delay", "5", "--", photo)
	p.key("Return")
	p.gone("上传证件照")
	p.see("更换照片")
	p.write("出生年月", "1991-04-08")
	p.choose("性别", "男")
	p.pick("民族", "汉族")
	p.pick("学历", "大学本科毕业")
	p.write("电子邮箱", "lin@example.com")
	p.write("手机号码", "13800001234")
	p.picture("填报-1-填好")

	s.powerCut(p) // nothing of this page was saved yet
	p.see("去填报")
	p.press("去填报")
	p.stepper("基本信息")
	p.see("个人头像", "更换照片")
	p.wait("what was typed before the power cut", func() bool {
		return p.control("手机号码", "Entry").Text == "13800001234" && p.control("电子邮箱", "Entry").Text == "lin@example.com"
	})
	p.picture("填报-1-断电后原样恢复")
	p.press("下一步")
	p.see("执业机构与岗位")
	s.effect("① saved, with the photo", func(_ application.Row, c application.Case) bool {
		b := c.Dossier.Form.Basic
		return b != nil && b.Mobile == "13800001234" && b.Photo.Hash != "" && b.Sex == exam.Male && b.Birth == "1991-04-08"
	})

	s.scene("② 执业信息; the registry is killed meanwhile")
	p.write("科室", "全科医学科")
	p.write("从事专业", "全科医学")
	p.pick("职称", "主治医师")
	p.write("职称取得时间", "2018-06-01")
	s.killRegistry()
	p.choose("医师级别", "执业医师")
	p.choose("规培生", "否")
	p.choose("执业类别", "临床")
	p.pick("执业范围", "全科医学专业", "急救医学专业")
	p.write("资格证书编码", "201314110149900199104089909")
	p.write("执业证书编码", "110149900990003")
	p.write("执业证书取得时间", "2013-08-01")
	p.picture("填报-2-填好")
	p.press("下一步")
	p.see("教育经历")
	s.powerCut(p)
	s.step(p, "相关经历")
	s.effect("② saved across the registry's power cut", func(_ application.Row, c application.Case) bool {
		f := c.Dossier.Form.Practice
		return f != nil && f.Department == "全科医学科" && len(f.Scopes) == 2 && f.LicenceOn == "2013-08-01"
	})

	s.scene("③ 相关经历")
	p.picture("填报-3-空白")
	s.history(p)
	p.picture("填报-3-填好")
	s.powerCut(p) // the tables were not saved yet either
	s.step(p, "相关经历")
	p.see("山西医科大学", "2013-08 至今")
	p.press("下一步")
	p.see("执业行为记录")
	s.effect("③ saved", func(_ application.Row, c application.Case) bool {
		h := c.Dossier.Form.History
		return h != nil && len(h.Schooling) == 1 && h.Schooling[0].School == "山西医科大学" && len(h.Career) == 1
	})

	s.scene("④ 工作业绩、职业道德, without the line")
	s.kills++
	must(s.registry.Process.Kill())
	_ = s.registry.Wait()
	p.choose("良好执业行为记录", "有")
	p.choose("不良执业行为记录", "无")
	p.choose("完成工作数量", "合格")
	p.write("接诊病人量（人次/三年）", "4200")
	p.choose("完成工作质量", "合格")
	p.choose("完成政府指令性工作情况", "合格")
	p.choose("本考核周期内，是否有被直接认定为不合格的情形", "无以下情形")
	p.choose("医德医风自评", "优秀")
	p.press("保存")
	p.see("离线")
	p.picture("填报-4-断网时填写")
	p.press("下一步")
	p.see("请选择考核程序")

	s.scene("⑤ 考核程序")
	p.choose("请选择考核程序", "简易程序")
	p.clickAt(p.find("the twelve years", func(i item) bool { return strings.Contains(i.Text, "有12年以上执业经历") }).middle())
	p.press("上传")
	p.see("上传证明材料")
	p.x("type", "--delay", "5", "--", proof)
	p.key("Return")
	p.gone("上传证明材料")
	p.write("不少于20字，最多3000字", report)
	p.picture("填报-5-填好")
	p.press("下一步")
	p.see("确认信息", "提交信息")
	s.killTerminal(p) // while the line is gone: what was saved lies on this PC alone
	s.serve()
	s.back(p)
	s.step(p, "确认信息")
	p.see("六步都已填好")
	s.effect("④ and ⑤ saved without the line, sent when it is back", func(_ application.Row, c application.Case) bool {
		f := c.Dossier.Form
		return f.Merit != nil && f.Merit.NoSituation && f.Choice != nil && f.Choice.Report == report && len(f.Choice.Proofs) == 1
	})

	s.scene("⑥ the doctor confirms and submits")
	p.picture("填报-6-确认")
	s.submit(p)
	p.picture("填报-6-提交成功")
	s.powerCut(p)
	s.state(application.AwaitingInstitution)
	p.see("待机构审核")
	p.picture("首页-待机构审核")
}

// submit presses 提交信息 on the last page and says yes.
func (s *stage) submit(p *person) {
	p.press("提交信息")
	p.see("再看看")
	p.picture("填报-6-提交前询问")
	p.press("提交信息")
	p.see("个人报名信息提交成功")
	s.state(application.AwaitingInstitution)
}

// step opens the form at one of the six steps.
func (s *stage) step(p *person, title string) {
	p.menu("填报信息")
	p.stepper(title)
}

// powerCut ends the doctor's terminal and the registry at one moment, starts both
// again and lets the doctor in.
func (s *stage) powerCut(p *person) {
	s.killTerminal(p)
	s.killRegistry()
	s.back(p)
}

// back starts the doctor's terminal again.
func (s *stage) back(p *person) {
	s.open(p, "terminal")
	s.signIn(p, "身份证号码", doctorNumber(), newPassword)
	p.see("考核流程")
}

// history fills the three tables of step ③, each with its dialog.
func (s *stage) history(p *person) {
	p.addTo("多机构备案")
	p.see("机构")
	p.picture("填报-3-多机构备案")
	p.key("Escape")
	p.addTo("教育经历")
	p.see("新增教育经历")
	p.pick("学历", "大学本科毕业")
	p.write("毕业院校", "山西医科大学")
	p.write("专业", "临床医学")
	p.write("开始年月", "2008-09")
	p.write("结束年月", "2013-07")
	p.picture("填报-3-教育经历")
	p.press("确定")
	p.gone("新增教育经历")
	p.see("山西医科大学")
	p.addTo("执业经历")
	p.see("新增执业经历")
	p.write("机构名称", "长治市医院")
	p.pick("职称", "主治医师")
	p.write("开始年月", "2013-08")
	p.press("确定")
	p.gone("新增执业经历")
	p.see("2013-08 至今")
}

const sentBackFor = "执业证书编码与证书不一致，请核对。"

func (s *stage) sendBack(p, doc *person) {
	s.scene("the institution opens the case and sends it back with a reason")
	s.list(p, "审核待办")
	p.openRow(doctor)
	p.see("已登记为开始审核", "显示完整号码")
	p.picture("审核")
	s.effect("taken up: no withdrawing any more", func(_ application.Row, c application.Case) bool { return c.Dossier.TakenUp })
	p.press("退回修改")
	p.see("退回理由")
	p.press("确定退回")
	p.see("请先写明理由") // not without one
	p.press("执业证书编码与证书不一致")
	p.picture("写明退回理由")
	p.press("确定退回")
	p.see("已退回")
	s.killRegistry()
	s.effect("returned, with the reason", func(r application.Row, c application.Case) bool {
		f := c.Dossier.ReturnedFor
		return r.State == application.Returned && f != nil && f.Reason == sentBackFor
	})
}

func (s *stage) mend(p *person) {
	s.scene("the doctor reads why, mends it and submits again")
	s.killTerminal(p)
	s.back(p)
	p.see("去修改", sentBackFor)
	p.picture("首页-已退回")
	p.press("去修改")
	p.see(sentBackFor)
	p.picture("填报-退回理由")
	p.stepper("执业信息")
	p.write("执业证书编码", "110149900990036")
	p.press("下一步")
	p.stepper("确认信息")
	p.see("六步都已填好")
	s.submit(p)
	s.effect("mended", func(_ application.Row, c application.Case) bool {
		return c.Dossier.Form.Practice.LicenceNo == "110149900990036"
	})
}

func (s *stage) approve(p *person) {
	s.scene("the institution approves")
	s.list(p, "审核待办")
	p.openRow(doctor)
	p.see("已登记为开始审核", "110149900990036")
	p.picture("审核-修改后")
	p.press("审核通过")
	p.see("确定通过")
	p.picture("审核通过前询问")
	p.press("确定通过")
	p.see("已通过")
	s.killRegistry()
	s.state(application.AwaitingAssessor)
}

func (s *stage) review() {
	s.scene("the assessor reviews with the keyboard")
	p := s.named("assessor")
	s.open(p, "desk")
	s.signIn(p, "账号", "kaohe", demo.Password)
	p.see("复核待办", doctor)
	p.picture("复核待办")
	p.openRow(doctor)
	p.see("显示完整号码", "快捷键")
	s.effect("taken up by the assessor", func(_ application.Row, c application.Case) bool { return c.Dossier.TakenUp })
	p.picture("复核")
	p.key("a")
	p.see("确定通过")
	p.key("Return")
	p.see("已通过")
	s.killRegistry()
	s.state(application.Qualified)
	p.quit()
}

func (s *stage) issue(p *person) {
	s.scene("the authority issues two notices at once")
	s.open(p, "desk")
	s.signIn(p, "账号", "weijian", demo.Password)
	p.see("待发证", doctor)
	p.tick(doctor)
	p.tick(other)
	p.see("已选 2 名")
	p.picture("待发证")
	p.press("签发通知书")
	p.see("确定签发")
	p.picture("签发前询问")
	p.press("确定签发")
	p.see("处理结果", "2 名已签发")
	p.picture("签发结果")
	p.press("知道了")
	s.killRegistry()
	s.effect("a notice is in force", func(r application.Row, _ application.Case) bool { return r.Notice != nil && r.Notice.RevokedAt == 0 })
	s.list(p, "已发证")
	p.openRow(doctor)
	p.see("考核结果通知书", "另存为")
	p.picture("已发证-一份材料")
	p.press("查看")
	p.see("关闭")
	p.picture("查看通知书")
	p.press("关闭")
}

// other is a second doctor, who gets a notice and loses it.
const other = "温如玉"

// notice is the doctor's last step: the notice, saved and checked by others' tools.
func (s *stage) notice(p *person) {
	s.scene("the doctor sees the result, saves the notice, and others' tools check it")
	p.menu("首页")
	p.see("本周期考核合格", "查看结果")
	p.picture("首页-合格")
	p.press("查看结果")
	p.see("本周期结果", "证书编码", "打印")
	p.gone("Certificate No.") // the facts on paper make room for the page itself
	p.picture("考核结果")
	p.press("保存")
	p.see("保存通知书")
	file := filepath.Join(s.out, "notice.pdf")
	p.fill(file)
	p.picture("保存通知书")
	p.press("保存")
	p.see("已保存")
	p.picture("已保存")
	p.press("知道了")
	s.check(file)
}

// check reads the notice with tools that are not ours.
func (s *stage) check(file string) {
	c := s.dossier()
	f := c.Dossier.Form
	n := c.Notices[0]
	number := doctorNumber() + "KH" + strings.ReplaceAll(string(n.IssuedAt.Date()), "-", "")
	if !strings.Contains(n.Number, "*") || !strings.HasSuffix(n.Number, number[len(doctorNumber()):]) {
		fail("the desk shows the number %s, not %s masked", n.Number, number)
	}
	var scopes []string
	for _, t := range f.Practice.Scopes {
		scopes = append(scopes, t.Name)
	}
	fields := map[string]string{
		"证书编码": number, "姓名": doctor, "性别": "男", "有效证件": doctorNumber(), "资格证书编码": f.Practice.QualificationNo,
		"执业证书编码": f.Practice.LicenceNo, "主要执业机构": c.Institution.Name, "执业类别": f.Practice.Category.Name,
		"执业范围": strings.Join(scopes, "、"), "从事专业": f.Practice.Specialty, "考核周期": c.Cycle.From.Text(), "考核机构": c.Assessor.Name,
		"考核日期": c.Dossier.Concluded.Date().Text(), "发证机关": c.Authority.Name, "签发日期": n.IssuedAt.Date().Text(),
		"Certificate No.": "CertificateNo", "Period of Assessment": "PeriodofAssessment", "盖印": "盖印", "考核合格": "考核合格",
	}
	text := squeeze(tool("pdftotext", "-raw", file, "-"))
	for name, want := range fields {
		if !strings.Contains(text, squeeze(want)) {
			fail("pdftotext finds no %s “%s” on the notice:\n%s", name, want, text)
		}
	}
	fmt.Printf("   pdftotext: all %d fields are on the notice\n", len(fields))

	tool("pdftoppm", "-r", "150", "-png", "-singlefile", file, filepath.Join(s.out, "notice"))
	qr := strings.TrimSpace(tool("zbarimg", "--quiet", "--raw", filepath.Join(s.out, "notice.png")))
	_, token, ok := strings.Cut(qr, "/verify/")
	if !ok {
		fail("the QR code does not lead to the public page: %q", qr)
	}
	fmt.Printf("   zbarimg: the QR code reads %.60s…\n", qr)
	if page := s.page(s.url+"/verify/"+token, http.StatusOK); !strings.Contains(page, "有效") || !strings.Contains(page, doctor) || strings.Contains(page, doctorNumber()) {
		fail("the public page does not say that the notice is valid, or says too much:\n%s", page)
	}
	fmt.Println("   /verify: valid, and the number is masked")
	if page := s.page(s.url+"/verify/"+token[:len(token)-6]+"AAAAAA", http.StatusNotFound); strings.Contains(page, doctor) {
		fail("a changed QR text is believed:\n%s", page)
	}

	data := filepath.Join(s.work, "registry")
	ca := filepath.Join(data, "keys", "ca.crt")
	fmt.Printf("   registry certificate verify (QR, offline): %s\n", firstLine(tool(filepath.Join(s.programs, "registry"), "certificate", "verify", "--data", data, qr)))
	fmt.Printf("   registry certificate verify (PDF, offline): %s\n", firstLine(tool(filepath.Join(s.programs, "registry"), "certificate", "verify", "--ca", ca, "--data", data, file)))
	nss := filepath.Join(s.work, "nss")
	must(os.Mkdir(nss, 0o700))
	tool("certutil", "-d", "sql:"+nss, "-N", "--empty-password")
	tool("certutil", "-d", "sql:"+nss, "-A", "-n", "registry", "-t", "CT,C,C", "-a", "-i", ca)
	said := tool("pdfsig", "-nssdir", nss, file)
	for _, want := range []string{"Signature is Valid.", "Certificate is Trusted.", "Total document signed"} {
		if !strings.Contains(said, want) {
			fail("pdfsig does not say %q:\n%s", want, said)
		}
	}
	fmt.Println("   pdfsig: Signature is Valid. Certificate is Trusted. Total document signed")
}

func firstLine(s string) string { l, _, _ := strings.Cut(strings.TrimSpace(s), "\n"); return l }

// squeeze takes white space away: a PDF breaks lines where it likes.
func squeeze(s string) string { return strings.Join(strings.Fields(s), "") }

// revoke is what must also be possible: a notice that was wrong is taken back.
func (s *stage) revoke(p *person) {
	s.scene("the authority revokes another doctor's notice")
	s.list(p, "已发证")
	p.openRow(other)
	p.see("另存为")
	p.press("撤销")
	p.see("撤销后不能恢复")
	p.press("应医师本人申请撤销")
	p.fill("撤销")
	p.picture("撤销通知书")
	p.press("确定撤销")
	p.see("已撤销 " + other)
	p.picture("已撤销")
	s.checks++
	if n := s.row(other).Notice; n == nil || n.RevokedAt == 0 || n.RevokedReason != "应医师本人申请撤销。" {
		fail("the registry does not hold the revocation: %+v", n)
	}
	fmt.Println("   registry: revoked, with the reason")
	said := tool(filepath.Join(s.programs, "registry"), "audit", "verify", "--data", filepath.Join(s.work, "registry"))
	fmt.Printf("   registry audit verify: %s\n", firstLine(said))
}

// list opens a list of the desk and reads it anew.
func (s *stage) list(p *person, title string) {
	p.menu(title)
	p.see("更新于")
	p.press("刷新")
}
