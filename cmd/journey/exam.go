package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"dingkao/assets"
	"dingkao/exam/application"
	"dingkao/exam/bankio"
	"dingkao/exam/paper"
	"dingkao/sync/registry/demo"
)

// candidate is the doctor who goes the general procedure. The sample data has
// her in the cycle, with nothing filled in.
const candidate = "方若溪"

// leftOut is how many questions she leaves unanswered.
const leftOut = 2

// general is the general procedure: enrolment, two reviews, practice without a
// registry, and an exam of a hundred questions in the real window, with a kill, a
// dead line and a move to another PC in the middle.
func (s *stage) general(institution, authority *person, photo string) {
	s.who = candidate
	c := s.person("candidate", "1280x800")
	s.enrolGeneral(c, photo)
	s.bothReview(institution)
	s.practise(c)
	proctor := s.person("proctor", "1360x860")
	s.checkIn(c, proctor)
	second := s.sit(c, proctor)
	s.conclude(second, authority)
}

// enter opens the terminal and signs the candidate in.
func (s *stage) enter(p *person) {
	s.open(p, "terminal")
	s.signIn(p, "身份证号码", number(candidate), demo.Password)
}

func (s *stage) enrolGeneral(p *person, photo string) {
	s.scene("another doctor enrols for the general procedure")
	s.enter(p)
	p.see("去填报")
	p.press("去填报")
	p.press("上传照片")
	p.see("上传证件照")
	p.x("type", "--delay", "5", "--", photo)
	p.key("Return")
	p.gone("上传证件照")
	p.see("更换照片")
	p.choose("性别", "女")
	p.pick("民族", "汉族")
	p.pick("学历", "大学本科毕业")
	p.write("电子邮箱", "fang@example.com")
	p.write("手机号码", "13800005678")
	p.press("下一步")
	p.see("执业机构与岗位")
	p.write("科室", "儿科")
	p.write("从事专业", "新生儿专业")
	p.pick("职称", "副主任医师")
	p.choose("医师级别", "执业医师")
	p.choose("执业类别", "临床")
	p.pick("执业范围", "儿科专业")
	p.write("资格证书编码", "200514110149900198301279909")
	p.write("执业证书编码", "110149900990004")
	p.press("下一步")
	p.see("教育经历")
	p.press("下一步")
	p.see("执业行为记录")
	p.choose("良好执业行为记录", "无")
	p.choose("不良执业行为记录", "无")
	p.choose("完成工作数量", "合格")
	p.write("接诊病人量（人次/三年）", "3600")
	p.choose("完成工作质量", "合格")
	p.choose("完成政府指令性工作情况", "合格")
	p.choose("本考核周期内，是否有被直接认定为不合格的情形", "无以下情形")
	p.choose("医德医风自评", "良好")
	p.press("下一步")
	p.see("请选择考核程序")
	p.choose("请选择考核程序", "一般程序")
	p.picture("填报-5-一般程序")
	p.press("下一步")
	p.see("六步都已填好")
	s.submit(p)
}

// bothReview is the two reviews; the pictures of them were taken before.
func (s *stage) bothReview(institution *person) {
	s.scene("institution and assessor review")
	s.desk(institution, "changzhi", "审核待办")
	institution.openRow(candidate)
	institution.see("已登记为开始审核", "快捷键")
	institution.press("审核通过")
	institution.see("确定通过")
	institution.press("确定通过")
	s.state(application.AwaitingAssessor)
	institution.leave()
	assessor := s.named("assessor")
	s.desk(assessor, "kaohe", "复核待办")
	assessor.openRow(candidate)
	assessor.see("显示完整号码", "快捷键")
	assessor.press("审核通过")
	assessor.see("确定通过")
	assessor.press("确定通过")
	s.state(application.AwaitingExam)
}

// practise is a round of practice without any registry running.
func (s *stage) practise(p *person) {
	s.scene("the doctor practises, without any registry")
	p.see("在线，全部已送达")
	p.menu("在线学习")
	p.see("练习50题")
	p.picture("在线学习-题库")
	s.kills += 2
	must(s.registry.Process.Kill())
	_ = s.registry.Wait()
	p.kill()
	s.open(p, "terminal")
	p.see("登录", "离线进入")
	p.write("身份证号码", number(candidate))
	p.writeTo("密码", demo.Password, false)
	p.picture("登录-没有网络")
	p.press("离线进入")
	p.see("考核流程")
	p.menu("在线学习")
	p.see("练习50题")
	p.press("练习50题")
	known := answers()
	right, wrong := 0, 0
	for n := 1; n <= 6; n++ {
		q := p.question(n, 50, known)
		letters := q.right
		if n%3 == 0 && !q.several { // one wrong in three
			letters = "abcdefgh"[:q.options]
			letters = strings.Trim(letters, q.right)[:1]
		}
		for _, l := range letters {
			p.key(string(l))
		}
		if q.several {
			p.key("Return")
		}
		if letters == q.right {
			right++
			p.see("答对了")
		} else {
			wrong++
			p.see("答错了")
		}
		switch n {
		case 2:
			p.picture("在线学习-答对")
		case 3:
			p.picture("在线学习-答错")
		}
		p.key("Right")
	}
	fmt.Printf("   practised without a registry: %d right, %d wrong\n", right, wrong)
	p.kill() // and the round is there after a power cut
	s.serve()
	s.enter(p)
	p.see("考核流程")
	p.menu("在线学习")
	p.see(fmt.Sprintf("继续练习（%d/50）", right+wrong))
	p.picture("在线学习-断电后继续")
}

// checkIn is the check-in and the proctor's start.
func (s *stage) checkIn(p, proctor *person) {
	s.scene("the candidate checks in, the proctor starts")
	p.menu("参加测评")
	p.see("进入测评")
	p.picture("参加测评")
	p.press("进入测评")
	p.see("请仔细阅读")
	p.picture("测评须知")
	p.press("我已阅读，开始签到")
	p.see("检查这台电脑", "摄像头与人脸核验")
	p.wait("the checks", func() bool { return p.has("网络") && p.has("通过") })
	p.picture("签到")
	p.press("完成签到")
	p.see("签到完成，请等候监考员开始")
	p.picture("等候开始")
	s.open(proctor, "desk")
	s.signIn(proctor, "账号", "jiankao", demo.Password)
	proctor.see("监考", candidate)
	proctor.picture("监考-考场")
	proctor.openRow(candidate)
	proctor.see("考生与考位")
	proctor.press("人工核验")
	proctor.see("核验说明")
	proctor.press("已核对身份证件与本人一致")
	proctor.picture("监考-人工核验")
	proctor.press("确定人工核验")
	proctor.see("已核验")
	proctor.press("开始测评")
	proctor.see("确定开始")
	proctor.press("确定开始")
	proctor.see("已开始")
	p.see("可以进入")
	p.press("进入测评")
	p.see("第1题 / 共100题")
	p.picture("试卷-第1题")
	s.state(application.Sitting)
}

// sit answers a hundred questions, through a kill, a dead line and a move, and
// answers who the candidate is at the end: at another PC.
func (s *stage) sit(p, proctor *person) *person {
	s.scene("a hundred questions: the first thirty, then a power cut")
	known := answers()
	s.answer(p, 1, 30, known)
	p.key("m")
	p.see("已标注")
	p.picture("试卷-标注")
	p.kill()
	s.kills++
	s.enter(p)
	p.see("第31题 / 共100题") // straight back, at the same question
	p.picture("试卷-断电后回到同一题")

	s.scene("the registry dies in the middle of the exam")
	s.kills++
	must(s.registry.Process.Kill())
	_ = s.registry.Wait()
	s.answer(p, 31, 50, known)
	p.key("Left")
	p.see("已存本机")
	p.picture("试卷-断网作答")
	s.serve()
	p.see("登记处已收到")
	p.key("Right")

	s.scene("the proctor sends a message, adds time, and moves the candidate to another PC")
	s.answer(p, 51, 60, known)
	p.key("Left")
	p.see("登记处已收到")
	proctor.press("发消息")
	proctor.see("消息内容")
	proctor.press("请保持安静")
	proctor.press("发送")
	p.see("监考提示")
	proctor.press("加时")
	proctor.see("加时理由")
	proctor.press("考试机故障")
	proctor.press("确定加时")
	p.see("已加时10分钟")
	p.picture("试卷-监考提示与加时")
	proctor.picture("监考-一名考生")
	proctor.press("更换考试机")
	proctor.see("换机理由")
	proctor.press("考试机故障")
	proctor.press("确定更换")
	proctor.see("请考生在新的考试机上登录")
	proctor.picture("监考-换机验证码")
	code := proctor.code()
	proctor.press("知道了")
	second := s.person("candidate2", "1280x800")
	s.enter(second)
	second.see("考核流程")
	second.menu("参加测评")
	second.see("测评不在这台考试机上")
	second.press("在这台考试机上签到")
	second.see("更换考试机的验证码")
	second.wait("the checks", func() bool { return second.has("通过") })
	second.write("更换考试机的验证码", code)
	second.picture("签到-换机验证码")
	second.press("完成签到")
	second.see("继续测评")
	second.press("继续测评")
	second.see("第60题 / 共100题")
	second.picture("试卷-换机后回到同一题")
	p.see("本机已停止作答")
	p.picture("原考试机")
	p.leave()

	s.scene("the rest on the second PC, and the hand-in")
	second.key("Right")
	s.answer(second, 61, 100-leftOut, known)
	second.press("交卷")
	second.see(fmt.Sprintf("您还剩%d题未做", leftOut))
	second.picture("交卷前询问")
	second.press("现在交卷")
	second.see("已交卷，待评定", "登记处已收到全部作答")
	second.picture("已交卷")
	s.effect("scored: every answer that was given counts", func(r application.Row, c application.Case) bool {
		a := c.Dossier.Attempt()
		return r.State == application.AwaitingResult && a != nil && a.Score != nil && a.Score.Right == 100-leftOut
	})
	s.killRegistry()
	proctor.press("返回考场")
	proctor.see("已交卷")
	proctor.picture("监考-已交卷")
	proctor.leave()
	return second
}

// conclude is confirmation, notice and what the doctor sees of it.
func (s *stage) conclude(p, authority *person) {
	s.scene("the assessor confirms, the authority issues, the doctor sees it")
	assessor := s.named("assessor")
	s.desk(assessor, "kaohe", "待评定")
	assessor.openRow(candidate)
	assessor.see("测评记录", "成绩")
	assessor.picture("待评定-一份材料")
	assessor.press("评定结果")
	assessor.see("确定评定")
	assessor.press("确定评定")
	assessor.see("已评定")
	s.state(application.Qualified)
	assessor.leave()
	s.desk(authority, "weijian", "待发证")
	authority.tick(candidate)
	authority.press("签发通知书")
	authority.press("确定签发")
	authority.see("1 名已签发")
	authority.press("知道了")
	s.effect("a notice is in force", func(r application.Row, _ application.Case) bool { return r.Notice != nil && r.Notice.RevokedAt == 0 })
	p.press("返回首页")
	p.see("本周期考核合格")
	p.menu("考核结果")
	p.see("本周期结果", "证书编码")
	p.gone("Certificate No.")
	p.picture("考核结果-一般程序")
	c := s.dossier()
	said := tool(filepath.Join(s.programs, "registry"), "rescore", "--data", filepath.Join(s.work, "registry"), string(c.Dossier.Attempt().Sitting))
	if !strings.Contains(said, "same") {
		fail("registry rescore comes to another result:\n%s", said)
	}
	_, row, _ := strings.Cut(strings.TrimSpace(said), "\n")
	fmt.Printf("   registry rescore: %s\n", row)
	said = tool(filepath.Join(s.programs, "registry"), "audit", "verify", "--data", filepath.Join(s.work, "registry"))
	fmt.Printf("   registry audit verify: %s\n", firstLine(said))
}

// known are the questions that somebody who knows the law has the answers of.
type known []paper.Item

// answers are the sample banks' questions.
func answers() known {
	var k known
	for _, b := range assets.SampleBanks() {
		rep, err := bankio.Read(bytes.NewReader(b.CSV), bankio.Options{})
		must(err)
		k = append(k, rep.Items...)
	}
	return k
}

// asked is a question as it stands on the screen.
type asked struct {
	options int
	right   string // the letters of the right ones, small
	several bool
}

// question reads the question with that number from the screen.
func (p *person) question(n, of int, known known) asked {
	head := fmt.Sprintf("第%d题 / 共%d题", n, of)
	var found asked
	p.wait("“"+head+"” with its options", func() bool {
		there := false
		words := map[string]bool{}
		letters := map[string]string{}
		for _, i := range p.outline() {
			there = there || i.Text == head
			if i.Kind != "answerRow" {
				words[i.Text] = true
			} else if letter, text, ok := strings.Cut(i.Text, ". "); ok {
				letters[text] = strings.ToLower(letter)
			}
		}
		if !there {
			return false
		}
		for _, it := range known {
			if !words[it.Stem] || len(it.Options) != len(letters) {
				continue
			}
			found = asked{several: it.Kind == paper.X, options: len(it.Options)}
			for i, o := range it.Options {
				if letters[o] == "" {
					break
				}
				if it.Answer.Has(i) {
					found.right += letters[o]
				}
				if i == len(it.Options)-1 {
					return true
				}
			}
		}
		return false
	})
	return found
}

// answer answers the questions from a number to another, by keyboard, and goes on
// to the next.
func (s *stage) answer(p *person, from, to int, known known) {
	for n := from; n <= to; n++ {
		q := p.question(n, 100, known)
		keys := []string{"key", "--clearmodifiers", "--delay", "30"}
		for _, l := range q.right {
			keys = append(keys, string(l))
		}
		p.x(append(keys, "Right")...)
	}
	if to < 100 {
		p.see(fmt.Sprintf("第%d题 / 共100题", to+1))
	}
	time.Sleep(100 * time.Millisecond)
	fmt.Printf("   answered %d to %d\n", from, to)
}

// code is the code of a move, as the proctor reads it.
func (p *person) code() string {
	for _, i := range p.front() {
		digits := strings.ReplaceAll(i.Text, " ", "")
		if len(digits) == 6 && strings.Trim(digits, "0123456789") == "" {
			return digits
		}
	}
	fail("%s sees no code", p.name)
	return ""
}
