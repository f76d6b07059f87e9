package terminal

import (
	"context"
	"errors"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	"dingkao/exam/sitting"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// examStep is how far a doctor went on the way to the check-in.
type examStep int

const (
	stepList examStep = iota
	stepRules
	stepCheckIn
)

// examPage is 参加测评: the list, the rules, the check-in, and waiting for the start.
type examPage struct {
	s      *seat
	life   *shell.Life
	root   *fyne.Container
	step   examStep
	exempt *exemption

	checks []sitting.Check
	coded  bool // the code of a move is asked for
	code   *part.Field
	entry  *part.Entry
	shown  string // what is drawn, so that typing is not disturbed
}

// Open shows the stage, and again whenever something changed.
func (p *examPage) Open(life *shell.Life) fyne.CanvasObject {
	p.life, p.root, p.step, p.shown, p.checks, p.coded = life, container.NewStack(), stepList, "", nil, false
	p.exempt = newExemption(p.s, life, p.root)
	p.draw()
	p.s.watch(life, p.draw)
	shell.Job(life, func(ctx context.Context) (struct{}, error) { return struct{}{}, p.s.session.Look(ctx) },
		func(struct{}, error) { p.draw() })
	return p.root
}

func (p *examPage) draw() {
	e, place := p.s.session.Enrolment(), p.s.session.Place()
	stage := stageOf(e, place, p.s.today())
	if stage != stageList && stage != stageElsewhere {
		p.step = stepList
	}
	shown := fmt.Sprint(stage, p.step, p.coded, len(p.checks), place.Ready, place.Online, place.Trouble, place.Stopped, place.View.State, place.Seat.Held,
		place.Delivered, place.Waiting > 0, e.Application, e.Dossier.State, e.Dossier.OwnSeq, e.Dossier.ReviewSeq, e.Cycle.ID)
	if shown == p.shown {
		return
	}
	p.shown = shown
	var o *fyne.Container
	switch {
	case p.step == stepRules:
		o = p.rules(place)
	case p.step == stepCheckIn:
		o = p.checkIn()
	default:
		switch stage {
		case stageList:
			o = p.list(stage)
		case stageWaiting, stageReady:
			o = p.waiting(stage, place)
		case stageRunning:
			o = p.list(stage)
		case stageElsewhere:
			o = p.elsewhere(place)
		case stageOver:
			o = part.Groups(part.NewTitle("参加测评"), part.NewCard("测评列表", p.row(stage)), part.NewCard("", drawEnd(endOf(place, e.Assessor.Name))))
		default:
			o = drawLater(laterOf(e, p.s.today()))
		}
		if card := p.exempt.Card(); card != nil && (stage == stageList || stage == stageClosed) {
			o.Add(card)
		}
	}
	p.root.Objects = []fyne.CanvasObject{o}
	p.root.Refresh()
}

func (p *examPage) turn(step examStep) {
	p.step, p.shown = step, ""
	p.draw()
}

// row is the one line of the list, with what can be done at its end.
func (p *examPage) row(stage examStage, actions ...fyne.CanvasObject) fyne.CanvasObject {
	r := examRowOf(p.s.session.Enrolment(), p.s.session.Place(), stage)
	name := part.Rows(part.NewStrong(r.Name), part.NewMuted("次数 "+r.Times))
	return part.Ends(name, append([]fyne.CanvasObject{part.NewChip(r.State, r.Tone)}, actions...)...)
}

func (p *examPage) list(stage examStage) *fyne.Container {
	e := p.s.session.Enrolment()
	place := p.s.session.Place()
	var act *part.Button
	note := "进入前请先阅读测评须知并签到；签到后由监考员开始测评。"
	if stage == stageRunning {
		note = "测评正在进行，计时没有停止。作答都已保存，可以从同一题继续。"
		act = part.NewPrimary("继续测评", nil)
		act.OnTapped(func() { p.enter(act) })
	} else {
		act = part.NewPrimary("进入测评", func() { p.turn(stepRules) })
	}
	rows := part.Groups(part.NewTitle("参加测评"), part.NewCard("测评列表", part.Rows(p.row(stage, act.WithGlyph("exam")), part.Rule(), part.NewHint(note))))
	if p.s.offline && stage == stageList {
		rows.Add(part.NewBanner(theme.Warn, "现在是离线进入，不能签到", "签到和开始测评要连上登记处。请联网后退出并重新登录。"))
	}
	rows.Add(part.Columns(2, 420, part.NewCard("本周期安排", pairRows(examFacts(e, place.Seat))), part.NewCard("测评须知", bullets(examRules(e.Cycle.Minutes)[:3]))))
	return rows
}

func bullets(lines []string) fyne.CanvasObject {
	rows := part.Rows()
	for _, l := range lines {
		rows.Add(part.Lead(part.NewGlyph("check", theme.ColorAccent, 16), part.NewText(l)))
	}
	return rows
}

// rules is 测评须知 in full.
func (p *examPage) rules(place sitting.Place) *fyne.Container {
	e := p.s.session.Enrolment()
	next := part.NewPrimary("我已阅读，开始签到", func() {
		p.turn(stepCheckIn)
		p.probe()
	})
	back := part.NewSecondary("返回", func() { p.turn(stepList) })
	return part.Groups(part.NewTitle("测评须知"),
		part.NewCard("本次测评", pairRows(examFacts(e, place.Seat))),
		part.NewCard("请仔细阅读", bullets(examRules(e.Cycle.Minutes))),
		part.Ends(part.NewMuted("签到不计时；计时从进入测评时开始"), back, next))
}

// probe looks at this machine anew.
func (p *examPage) probe() {
	p.checks, p.shown = nil, ""
	p.draw()
	shell.Job(p.life, func(ctx context.Context) ([]sitting.Check, error) { return p.s.session.Probe(ctx), nil },
		func(list []sitting.Check, _ error) {
			p.checks, p.shown = append(list, p.screens()...), ""
			p.draw()
		})
}

// screens are the checks that only a screen can make, and those that nobody here can.
func (p *examPage) screens() []sitting.Check {
	screen := sitting.Check{Name: "screen", State: "ok", Detail: "可以完整显示试题"}
	if c := part.CanvasOf(p.root); c != nil && c.Size().Width > 200 { // smaller: not shown yet
		size := c.Size()
		screen.Detail = fmt.Sprintf("窗口%d×%d，可以完整显示试题", int(size.Width), int(size.Height))
		if size.Width < 1000 || size.Height < 680 {
			screen.State, screen.Detail = "warn", "窗口太小，请把窗口最大化"
		}
	}
	return []sitting.Check{screen, {Name: "camera", State: "none", Detail: "这台电脑还不能核验摄像头和人脸，由监考员人工核验"}}
}

// checkIn is the check-in with its lines.
func (p *examPage) checkIn() *fyne.Container {
	rows := part.Rows()
	if len(p.checks) == 0 {
		rows.Add(part.NewLoading("正在检查这台电脑…"))
	}
	for i, c := range p.checks {
		v := checkOf(c)
		if i > 0 {
			rows.Add(part.Rule())
		}
		rows.Add(part.Beside(narrow(150, part.NewStrong(v.Name)), part.Ends(part.NewText(v.Detail), part.NewChip(v.State, v.Tone)), theme.Space))
	}
	groups := part.Groups(part.NewTitle("签到"), part.NewCard("检查这台电脑", rows))
	typed := ""
	if p.entry != nil {
		typed = p.entry.Text
	}
	p.code, p.entry = nil, nil
	var extra fyne.CanvasObject = part.NewMuted("")
	if p.coded {
		p.entry = part.NewEntry("6位数字")
		p.entry.SetText(typed)
		p.code = part.NewField("更换考试机的验证码", p.entry)
		groups.Add(part.NewCard("更换考试机", part.Rows(part.NewText("监考员办理更换后会告诉您一个6位验证码，输入后在这台考试机上从同一题继续。"), narrow(280, p.code))))
	} else {
		extra = part.NewQuiet("监考员让我换到这台考试机", func() { p.coded, p.shown = true, ""; p.draw() })
	}
	done := part.NewPrimary("完成签到", nil)
	done.OnTapped(func() { p.take(done) })
	if len(p.checks) == 0 || barred(p.checks) {
		done.Disable()
	}
	again := part.NewSecondary("重新检查", p.probe)
	back := part.NewSecondary("返回", func() { p.turn(stepList) })
	if barred(p.checks) {
		groups.Add(part.NewBanner(theme.Bad, "还不能签到", "有一项检查没有通过。请按提示处理后重新检查；处理不了请举手告诉监考员。"))
	}
	groups.Add(part.Ends(container.NewHBox(extra), back, again, done))
	return groups
}

// take checks in.
func (p *examPage) take(busy *part.Button) {
	code := ""
	if p.entry != nil {
		code = p.entry.Text
	}
	checks := p.checks
	p.s.job(p.life, busy, func(ctx context.Context) error { return p.s.session.CheckIn(ctx, checks, code) }, func(err error) {
		if err == nil {
			p.s.toast(theme.Good, "签到完成")
			p.coded = false
			p.turn(stepList)
			return
		}
		var e *exam.Error
		if errors.As(err, &e) && e.Field == "code" {
			p.coded, p.shown = true, ""
			p.draw()
			if p.code != nil {
				p.code.SetError(exam.SentenceOf(err))
				part.Focus(p.entry)
			}
			return
		}
		part.Tell(part.CanvasOf(p.root), "没有签到", exam.SentenceOf(err), nil)
	})
}

// waiting is the page between check-in and paper.
func (p *examPage) waiting(stage examStage, place sitting.Place) *fyne.Container {
	e := p.s.session.Enrolment()
	headline, sentence, tone := "签到完成，请等候监考员开始", "监考员开始后，这里会出现“进入测评”。计时从您进入时开始，请在座位上等候。", theme.Wait
	enter := part.NewPrimary("进入测评", nil).WithGlyph("exam")
	enter.OnTapped(func() { p.enter(enter) })
	if stage == stageReady {
		headline, sentence, tone = "测评已开始，可以进入", fmt.Sprintf("点击“进入测评”后开始计时，共%d分钟。", place.Seat.Minutes), theme.Good
	} else {
		enter.Hide()
	}
	head := part.Beside(bigMark(tone), part.Rows(part.Space(4),
		part.NewText(headline).Styled(theme.SizeHeading, theme.ColorInkStrong, true),
		part.NewText(sentence).Styled(theme.SizeBody, theme.ColorInkMuted, false),
		container.NewHBox(enter)), theme.Space)
	paper := "试卷已加密下载到本机，开始后即可打开"
	if !place.Ready {
		paper = "正在下载加密试卷，请稍候"
	}
	facts := append(examFacts(e, place.Seat), pair{Label: "试卷", Value: orElse(place.Seat.Title, "—")}, pair{Label: "下载", Value: paper})
	rows := part.Groups(part.NewTitle("参加测评"), part.NewCard("", head))
	if place.Trouble != "" {
		rows.Add(part.NewBanner(theme.Bad, "请举手告诉监考员", place.Trouble))
	} else if !place.Online {
		rows.Add(part.NewBanner(theme.Warn, "网络中断，正在重新连接", "开始测评要连上登记处。签到仍然有效；一直连不上时请举手告诉监考员。"))
	}
	for _, o := range messagesOf(place.Sitting, 0) {
		b := orderBanner(o)
		rows.Add(part.NewBanner(b.Tone, b.Title, b.Body))
	}
	rows.Add(part.Columns(2, 420, part.NewCard("本次测评", pairRows(facts)), part.NewCard("测评须知", bullets(examRules(place.Seat.Minutes)[1:5]))))
	return rows
}

// enter opens the paper.
func (p *examPage) enter(busy *part.Button) {
	p.s.job(p.life, busy, p.s.session.OpenPaper, func(err error) {
		if err != nil {
			part.Tell(part.CanvasOf(p.root), "没有进入测评", exam.SentenceOf(err), nil)
			return
		}
		p.s.sit()
	})
}

// sit shows the paper, alone.
func (s *seat) sit() {
	page := &sittingPage{s: s}
	if s.outer != nil {
		s.outer.Show(page)
		return
	}
	s.frame.Show(page)
}

// elsewhere is a sitting that another terminal has.
func (p *examPage) elsewhere(place sitting.Place) *fyne.Container {
	where := "另一台考试机"
	if place.Seat.Held != "" {
		where = "“" + place.Seat.Held + "”"
	}
	sentence := "您的测评正在" + where + "上进行。需要换到这台考试机时请举手，由监考员办理更换并告诉您验证码。"
	if place.Stopped != "" {
		sentence = trimStop(place.Stopped) + "。"
	}
	move := part.NewSecondary("在这台考试机上签到", func() {
		p.coded = true
		p.turn(stepCheckIn)
		p.probe()
	})
	head := part.Beside(bigMark(theme.Warn), part.Rows(part.Space(4),
		part.NewText("测评不在这台考试机上").Styled(theme.SizeHeading, theme.ColorInkStrong, true),
		part.NewText(sentence).Styled(theme.SizeBody, theme.ColorInkMuted, false),
		container.NewHBox(move)), theme.Space)
	return part.Groups(part.NewTitle("参加测评"), part.NewCard("测评列表", p.row(stageElsewhere)), part.NewCard("", head))
}

// drawEnd draws the end of a sitting.
func drawEnd(v endView, actions ...fyne.CanvasObject) fyne.CanvasObject {
	words := part.Rows(part.Space(4),
		part.NewText(v.Headline).Styled(theme.SizeTitle, theme.ColorInkStrong, true),
		part.NewText(v.Sentence).Styled(theme.SizeBody, theme.ColorInkMuted, false))
	if len(v.Facts) > 0 {
		words.Add(part.Space(4))
		words.Add(pairRows(v.Facts))
	}
	if v.Sent != "" {
		words.Add(part.NewBanner(v.SentTone, v.Sent, ""))
	}
	if len(actions) > 0 {
		words.Add(part.Space(4))
		words.Add(container.NewHBox(actions...))
	}
	return part.Beside(bigMark(v.Tone), words, theme.Space)
}
