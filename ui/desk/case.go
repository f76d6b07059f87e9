package desk

import (
	"context"
	"fmt"
	"image"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// sideWidth is how wide the panel with photo and history is.
const sideWidth float32 = 292

// casePage is one dossier: what the doctor wrote, what was decided, and what this
// account may decide now.
type casePage struct {
	s    *seat
	from *queuePage // where it was opened; nil in a test
	rows []application.Row
	at   int
	life *shell.Life

	c      application.Case
	v      caseView
	have   bool
	tookUp bool
	asked  int
	note   *remark // about what has just happened, above everything else
	whole  string  // the whole identity number, once it was asked for

	root   *fyne.Container
	head   *fyne.Container
	body   *fyne.Container
	scroll *container.Scroll
	side   *fyne.Container
	bar    *fyne.Container
	writes verb // the verb whose reason is being written; "" for none
	area   *part.Area
	kept   map[verb]string // reasons that were put aside: opened again, they stand there
	fault  *part.Text
}

func newCasePage(s *seat, from *queuePage, rows []application.Row, at int) *casePage {
	return &casePage{s: s, from: from, rows: rows, at: at, kept: map[verb]string{}}
}

// Fills says that it scrolls by itself.
func (p *casePage) Fills() bool { return true }

// MayLeave asks when a reason was begun.
func (p *casePage) MayLeave(leave func()) bool {
	if p.writes == "" || p.area == nil || strings.TrimSpace(p.area.Text()) == "" {
		return true
	}
	part.Confirm(p.s.canvas(), "理由还没有提交", "已写的理由不会保存。要离开吗？", "离开", "继续写", func(yes bool) {
		if yes {
			p.closeReason()
			leave()
		}
	})
	return false
}

// Open reads the case, takes it up where that is due, and keeps it fresh.
func (p *casePage) Open(life *shell.Life) fyne.CanvasObject {
	p.life = life
	p.head, p.body, p.side, p.bar = container.NewStack(), part.Groups(), part.Groups(), container.NewStack()
	p.scroll = container.NewVScroll(part.Top(container.NewBorder(nil, nil, nil, part.Space(theme.Space), p.body)))
	side := container.NewVScroll(part.Top(container.NewBorder(nil, nil, nil, part.Space(4), p.side)))
	p.root = container.NewBorder(p.head, p.bar, nil, part.Sized(sideWidth, 0, side), p.scroll)
	if p.have {
		p.draw()
	} else {
		p.heading()
		p.body.Objects = []fyne.CanvasObject{part.NewLoading("正在读取 " + p.rows[p.at].Name + " 的信息…")}
	}
	p.load(true)
	life.Every(refreshEvery, func() { p.load(false) })
	p.keys(life)
	return p.root
}

// keys listens to the keyboard while the page stands: a screen of their own for
// those who decide hundreds.
func (p *casePage) keys(life *shell.Life) {
	c := p.s.canvas()
	if c == nil {
		return
	}
	c.Unfocus() // the row that was pressed is gone and would swallow the keys
	before := c.OnTypedKey()
	c.SetOnTypedKey(p.key)
	life.OnEnd(func() { c.SetOnTypedKey(before) })
}

func (p *casePage) key(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyEscape:
		if p.writes != "" {
			p.closeReason()
			return
		}
		p.back()
	case fyne.KeyLeft, fyne.KeyPageUp:
		p.step(-1)
	case fyne.KeyRight, fyne.KeyPageDown:
		p.step(1)
	case fyne.KeyDown:
		p.roll(60)
	case fyne.KeyUp:
		p.roll(-60)
	case fyne.KeyA:
		p.press("A")
	case fyne.KeyR:
		p.press("R")
	}
}

func (p *casePage) roll(by float32) {
	p.scroll.Offset.Y = max(min(p.scroll.Offset.Y+by, p.scroll.Content.Size().Height-p.scroll.Size().Height), 0)
	p.scroll.Refresh()
}

// press does the first of the verbs allowed now that the key decides.
func (p *casePage) press(key string) {
	for _, v := range p.v.verbs {
		if p.have && wordsOf[v].key == key {
			p.decide(v)
			return
		}
	}
}

func (p *casePage) back() {
	if p.from != nil {
		p.s.frame.Show(p.from)
	}
}

// step opens the case before or behind this one in the list.
func (p *casePage) step(by int) {
	to := p.at + by
	if to < 0 || to >= len(p.rows) {
		return
	}
	p.s.frame.Show(newCasePage(p.s, p.from, p.rows, to))
}

// id is the dossier that is open.
func (p *casePage) id() exam.ApplicationID { return p.rows[p.at].Application }

// load reads the case. opening takes it up where it waits for this account.
// Read again by itself, it is only drawn when something has changed.
func (p *casePage) load(opening bool) {
	if p.life.Over() {
		return
	}
	p.asked++
	mine, had := p.asked, p.c.Dossier.OwnSeq
	type answer struct {
		c      application.Case
		tookUp bool
		why    error // why it could not be taken up
	}
	shell.Job(p.life, func(ctx context.Context) (answer, error) {
		c, err := p.s.session.Case(ctx, p.id())
		if err != nil {
			return answer{}, err
		}
		due := opening || c.Dossier.OwnSeq != had // submitted anew meanwhile: nobody has taken that up
		if !due || !viewCase(c, p.s.role, p.s.now()).takeUp {
			return answer{c: c}, nil
		}
		why := p.s.takeUp(ctx, c)
		again, err := p.s.session.Case(ctx, p.id())
		if err != nil {
			again = c
		}
		return answer{again, why == nil, why}, nil
	}, func(a answer, err error) {
		if mine != p.asked || p.s.heard(err) {
			return
		}
		if err != nil {
			p.failed(err)
			return
		}
		if p.have && !opening && a.c.Dossier.OwnSeq == p.c.Dossier.OwnSeq && a.c.Dossier.ReviewSeq == p.c.Dossier.ReviewSeq && sameNotices(a.c.Notices, p.c.Notices) {
			return
		}
		if p.have {
			p.changed(a.c)
		}
		p.tookUp = a.c.Dossier.TakenUp && (p.tookUp || a.tookUp)
		if a.why != nil && exam.KindOf(a.why) != exam.Conflict {
			p.note = &remark{theme.Warn, "没有登记“开始审核”：" + say(a.why)}
		}
		p.take(a.c)
	})
}

func sameNotices(a, b []exam.Notice) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// changed notes what has changed since the case was read.
func (p *casePage) changed(c application.Case) {
	if c.Dossier.OwnSeq == p.c.Dossier.OwnSeq {
		return
	}
	p.note = &remark{theme.Warn, changedText(changesOf(c.Cycle, c.Dossier.Form, p.c.Dossier.Form))}
}

// changedText says which fields the doctor changed meanwhile.
func changedText(changes []changeView) string {
	var labels []string
	for _, c := range changes {
		labels = append(labels, c.label)
	}
	if len(labels) == 0 {
		return "医师刚刚有新的操作，已读取最新内容，请重新核对"
	}
	return "医师刚刚修改了 " + strings.Join(labels, "、") + "，已读取最新内容，请重新核对"
}

// failed says that reading did not work.
func (p *casePage) failed(err error) {
	if p.have {
		return // the footer says that the line is gone; what is shown stays
	}
	p.heading()
	p.body.Objects = []fyne.CanvasObject{part.NewFailed("没有读到这位医师的信息", say(err), part.NewPrimary("重试", func() { p.load(true) }), part.NewSecondary("返回列表", p.back))}
	p.body.Refresh()
}

// take shows a case that was read.
func (p *casePage) take(c application.Case) {
	p.c, p.have = c, true
	p.v = viewCase(c, p.s.role, p.s.now())
	if p.writes != "" && !p.may(p.writes) {
		p.putAside()
	}
	p.draw()
}

func (p *casePage) may(v verb) bool {
	for _, x := range p.v.verbs {
		if x == v {
			return true
		}
	}
	return false
}

func (p *casePage) draw() {
	p.heading()
	p.content()
	p.panel()
	p.decisions()
	p.root.Refresh()
}

// heading is the row above: whose dossier it is, where in the list, the way back.
func (p *casePage) heading() {
	back := part.NewSecondary("返回列表", p.back).WithGlyph("back").Small()
	name := p.rows[p.at].Name
	row := part.Row(back, part.Space(4), part.NewTitle(name))
	if p.have {
		row.Add(part.NewChip(p.v.state.text, p.v.state.tone))
		if p.v.mark.text != "" && p.v.mark.text != p.v.state.text {
			row.Add(part.NewChip(p.v.mark.text, p.v.mark.tone))
		}
	}
	prev, next := neighbours(p.at, len(p.rows), p.step)
	place := part.NewMuted(fmt.Sprintf("本页第 %d / %d 位", p.at+1, len(p.rows)))
	p.head.Objects = []fyne.CanvasObject{container.NewBorder(nil, part.Space(theme.Gap), nil, nil, part.Ends(row, place, prev, next))}
	p.head.Refresh()
}

// content is the body: remarks, hints, the comparison of a correction, the notices, the sections.
func (p *casePage) content() {
	var objects []fyne.CanvasObject
	if p.note != nil {
		objects = append(objects, part.NewBanner(p.note.tone, p.note.text, ""))
	}
	if p.tookUp && p.v.state.text == application.AwaitingInstitution.Text() {
		objects = append(objects, part.NewBanner(theme.Info, "已登记为开始审核", "医师现在不能撤回；需要修改时由您退回。"))
	} else {
		for _, r := range p.v.remarks {
			objects = append(objects, part.NewBanner(r.tone, r.text, ""))
		}
	}
	if len(p.v.hints) > 0 {
		objects = append(objects, part.NewBanner(theme.Warn, "核对提示（不影响办理）", strings.Join(p.v.hints, "\n")))
	}
	if p.v.correction != nil {
		objects = append(objects, p.correction(*p.v.correction))
	}
	if p.v.appeal != nil {
		objects = append(objects, p.request("复核申请", *p.v.appeal))
	}
	if p.v.exemption != nil {
		objects = append(objects, p.request("免考申请", *p.v.exemption))
	}
	if len(p.v.attempts) > 0 {
		objects = append(objects, p.attempts(p.v.attempts))
	}
	for _, n := range p.v.notices {
		objects = append(objects, p.notice(n))
	}
	for _, s := range p.v.sections {
		objects = append(objects, p.section(s))
	}
	if len(p.v.sections) == 0 {
		objects = append(objects, part.NewCard("", part.NewEmpty("还没有填报内容", "医师填报后会显示在这里。")))
	}
	p.body.Objects = objects
	p.body.Refresh()
}

// section is one card of the dossier.
func (p *casePage) section(s sectionView) fyne.CanvasObject {
	rows := part.Rows()
	var pairs []part.Pair
	var flags []string
	var below []fyne.CanvasObject
	for _, f := range s.fields {
		switch {
		case f.key == "report":
			below = append(below, part.Rows(part.NewLine(f.label, theme.SizeBody, theme.ColorInkMuted, false), part.NewText(orDash(f.value))))
		case len(f.pictures) > 0:
			below = append(below, part.Rows(part.NewLine(f.label+"（"+strconv.Itoa(len(f.pictures))+" 张，点“查看”放大）", theme.SizeBody, theme.ColorInkMuted, false), p.thumbs(f.pictures)))
		case f.flag != "" && !f.long:
			flags = append(flags, f.label+"："+f.value+"（"+f.flag+"）")
			pairs = append(pairs, part.Pair{Label: f.label, Value: f.value, Tone: theme.Warn})
		case f.flag != "":
			flags = append(flags, f.label+"（"+f.flag+"）")
			below = append(below, part.Rows(part.NewLine(f.label, theme.SizeBody, theme.ColorInkMuted, false), part.NewText(f.value).Styled(theme.SizeBody, theme.Warn.Ink(), false)))
		default:
			pairs = append(pairs, part.Pair{Label: f.label, Value: f.value, Wide: f.long})
		}
	}
	if len(flags) > 0 {
		rows.Add(part.NewBanner(theme.Warn, "请留意", strings.Join(flags, "\n")))
	}
	if len(pairs) > 0 {
		rows.Add(part.NewDetails(2, pairs...))
	}
	for i, b := range below {
		if i > 0 || len(pairs) > 0 {
			rows.Add(part.Rule())
		}
		rows.Add(b)
	}
	for i, t := range s.tables {
		if i > 0 {
			rows.Add(part.Space(4))
		}
		list := part.NewRecords(t.Title, t.Header, nil)
		list.SetRows(t.Rows)
		rows.Add(list)
	}
	return part.NewCard(s.title, rows)
}

// thumbs shows proofs small; each can be enlarged.
func (p *casePage) thumbs(blobs []exam.Blob) fyne.CanvasObject {
	t := part.NewThumbs(len(blobs))
	files := make([]part.Thumb, len(blobs))
	for i, b := range blobs {
		files[i] = part.Thumb{Name: b.Name}
	}
	t.OnOpen = func(i int) { p.enlarge(blobs, i) }
	t.Set(files)
	for i, b := range blobs {
		p.s.picture(p.life, b.Hash, func(img image.Image, err error) {
			if err == nil {
				files[i].Image = img
				t.Set(files)
			}
		})
	}
	return t
}

// enlarge shows one of several pictures as large as the window allows.
func (p *casePage) enlarge(blobs []exam.Blob, i int) {
	b := blobs[i]
	p.s.picture(p.life, b.Hash, func(img image.Image, err error) {
		if p.s.heard(err) {
			return
		}
		if err != nil {
			part.Tell(p.s.canvas(), "图片没有打开", say(err), nil)
			return
		}
		c := p.s.canvas()
		room := c.Size().SubtractWidthHeight(10*theme.Margin, 10*theme.Margin)
		size := img.Bounds().Size()
		scale := min(room.Width/float32(max(size.X, 1)), room.Height/float32(max(size.Y, 1)), 2)
		pic := canvas.NewImageFromImage(img)
		pic.FillMode = canvas.ImageFillContain
		pic.SetMinSize(fyne.NewSize(float32(size.X)*scale, float32(size.Y)*scale))
		var d *part.Dialog
		var others []fyne.CanvasObject
		if len(blobs) > 1 {
			turn := func(text string, to int) {
				button := part.NewSecondary(text, func() {
					d.Close()
					p.enlarge(blobs, to)
				})
				if to < 0 || to >= len(blobs) {
					button.Disable()
				}
				others = append(others, button)
			}
			turn("上一张", i-1)
			turn("下一张", i+1)
		}
		title := b.Name
		if len(blobs) > 1 {
			title = fmt.Sprintf("%s（%d / %d）", b.Name, i+1, len(blobs))
		}
		d = part.ShowDialog(c, title, max(float32(size.X)*scale+8, 420), container.NewCenter(pic), part.NewPrimary("关闭", func() { d.Close() }), nil, others...)
	})
}

// correction compares what the doctor wants with what stands, field by field.
func (p *casePage) correction(v correctionView) fyne.CanvasObject {
	rows := part.Rows()
	rows.Add(part.NewDetails(2, part.Pair{Label: "申请时间", Value: v.asked}, part.Pair{Label: "结果", Value: v.state.text, Tone: v.state.tone},
		part.Pair{Label: "申请理由", Value: v.reason, Wide: true}))
	if v.answer != "" {
		rows.Add(part.NewDetails(1, part.Pair{Label: "答复", Value: v.answer, Wide: true}))
	}
	if v.open {
		if len(v.changes) == 0 {
			rows.Add(part.NewHint("新信息与原信息相同。"))
		} else {
			rows.Add(compareRow(part.NewMuted("项目"), part.NewMuted("原信息"), part.NewMuted("申请改为")))
			for _, c := range v.changes {
				rows.Add(part.Rule())
				label := part.NewText(c.label).Styled(theme.SizeBody, theme.ColorInkMuted, false)
				if c.newPicture != "" {
					rows.Add(compareRow(label, p.portrait(c.oldPicture, 96), p.portrait(c.newPicture, 96)))
					continue
				}
				rows.Add(compareRow(label, part.NewText(c.old).Styled(theme.SizeBody, theme.ColorInkMuted, false), part.NewText(c.new).Styled(theme.SizeBody, theme.ColorInkStrong, true)))
			}
		}
	}
	return part.NewCard("修改申请", rows)
}

// request is a request for exemption, or an appeal, with its proofs and its answer.
func (p *casePage) request(title string, v requestView) fyne.CanvasObject {
	pairs := []part.Pair{{Label: "申请时间", Value: v.asked}, {Label: "结果", Value: v.state.text, Tone: v.state.tone}, {Label: "申请理由", Value: v.reason, Wide: true}}
	if v.answer != "" {
		pairs = append(pairs, part.Pair{Label: "答复", Value: v.answer, Wide: true})
	}
	rows := part.Rows(part.NewDetails(2, pairs...))
	if len(v.proofs) > 0 {
		rows.Add(part.Rule())
		rows.Add(part.Rows(part.NewLine("证明材料（"+strconv.Itoa(len(v.proofs))+" 张，点“查看”放大）", theme.SizeBody, theme.ColorInkMuted, false), p.thumbs(v.proofs)))
	}
	return part.NewCard(title, rows)
}

// attempts are the sittings with their scores.
func (p *casePage) attempts(list [][]string) fyne.CanvasObject {
	records := part.NewRecords("测评记录", attemptHeads, nil).SetWeights(0.7, 1.4, 2.6, 0.9)
	records.SetRows(list)
	return part.NewCard("", records)
}

// compareRow puts a label, the old and the new side by side.
func compareRow(label, old, new fyne.CanvasObject) fyne.CanvasObject {
	return container.New(compareLayout{}, label, old, new)
}

type compareLayout struct{}

const compareLabel float32 = 150

func (compareLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	var h float32
	for _, c := range o {
		h = max(h, c.MinSize().Height)
	}
	return fyne.NewSize(compareLabel+240, h)
}

func (compareLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	w := (size.Width - compareLabel - theme.Space) / 2
	o[0].Resize(fyne.NewSize(compareLabel-theme.Gap, size.Height))
	o[0].Move(fyne.Position{})
	o[1].Resize(fyne.NewSize(w, size.Height))
	o[1].Move(fyne.NewPos(compareLabel, 0))
	o[2].Resize(fyne.NewSize(w, size.Height))
	o[2].Move(fyne.NewPos(compareLabel+w+theme.Space, 0))
}

// portrait is a photograph that comes when it is fetched.
func (p *casePage) portrait(h exam.BlobHash, width float32) fyne.CanvasObject {
	photo := part.NewPhoto(width)
	if h != "" {
		p.s.picture(p.life, h, func(img image.Image, err error) {
			if err == nil {
				photo.SetImage(img)
			}
		})
	}
	return container.NewHBox(photo)
}

// notice is one result notice, with what can be done to it.
func (p *casePage) notice(n noticeView) fyne.CanvasObject {
	show := part.NewPrimary("查看", nil).WithGlyph("eye")
	show.OnTapped(func() { p.showNotice(n, show) })
	save := part.NewSecondary("另存为", func() { p.saveNotice(n) }).WithGlyph("download")
	open := part.NewSecondary("用系统程序打开", nil)
	open.OnTapped(func() { p.openNotice(n, open) })
	buttons := part.Flow(show, save, open)
	if n.revoked == "" && p.may(verbRevoke) {
		buttons.Add(part.NewDanger(verbRevoke.text(), func() { p.revoke(n) }))
	}
	pairs := []part.Pair{{Label: "证书编码", Value: n.number}, {Label: "状态", Value: n.state.text, Tone: n.state.tone}, {Label: "签发时间", Value: n.issued}, {Label: "编号", Value: string(n.serial)}}
	if n.revoked != "" {
		pairs = append(pairs, part.Pair{Label: "撤销时间", Value: n.revoked, Wide: true})
	}
	return part.NewCard("考核结果通知书", part.Rows(part.NewDetails(2, pairs...), part.Space(2), buttons))
}

// panel is the right side: the photograph, who it is, and the history.
func (p *casePage) panel() {
	v := p.v
	number := v.identity
	if p.whole != "" {
		number = p.whole
	}
	facts := []part.Pair{{Label: "证件号码", Value: number}, {Label: "执业机构", Value: v.institution}, {Label: "考核机构", Value: v.assessor},
		{Label: "考核周期", Value: v.cycle}, {Label: "考核程序", Value: v.procedure}, {Label: "提交时间", Value: v.submitted}}
	if v.waiting != dash {
		tone := theme.Tone("")
		if v.late {
			tone = theme.Warn
		}
		facts = append(facts, part.Pair{Label: "已等待", Value: v.waiting, Tone: tone})
	}
	rows := part.Rows()
	photo := part.NewPhoto(120)
	rows.Add(container.NewCenter(photo))
	if v.photo != "" {
		below := part.NewQuiet("放大照片", func() { p.enlarge([]exam.Blob{{Hash: v.photo, Name: v.name}}, 0) }).Small()
		p.s.picture(p.life, v.photo, func(img image.Image, err error) {
			if err != nil {
				below.SetText("照片没有读到，点此重试")
				below.OnTapped(p.panel)
				return
			}
			photo.SetImage(img)
		})
		rows.Add(container.NewCenter(below))
	} else {
		rows.Add(part.NewHint("没有照片").Aligned(fyne.TextAlignCenter))
	}
	for _, f := range facts {
		rows.Add(stacked(f))
		if f.Label == "证件号码" {
			rows.Add(p.reveal())
		}
	}
	history := make([]part.Event, len(v.history))
	for i, e := range v.history {
		history[i] = part.Event{When: e.at, Who: e.who, What: e.title, Text: e.detail, Tone: e.tone}
	}
	p.side.Objects = []fyne.CanvasObject{part.NewCard("", rows), part.NewCard("办理记录", part.NewTimeline(history))}
	p.side.Refresh()
}

// stacked is a label with its value below: the panel is narrow.
func stacked(f part.Pair) fyne.CanvasObject {
	var value fyne.CanvasObject = part.NewText(orDash(f.Value))
	if f.Tone != "" {
		value = part.Row(part.NewChip(f.Value, f.Tone))
	}
	return container.New(&tightLayout{}, part.NewMuted(f.Label), value)
}

// tightLayout stacks without a gap.
type tightLayout struct{}

func (tightLayout) MinSize(o []fyne.CanvasObject) (s fyne.Size) {
	for _, c := range o {
		m := c.MinSize()
		s.Width, s.Height = max(s.Width, m.Width), s.Height+m.Height
	}
	return s
}

func (tightLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	y := float32(0)
	for _, c := range o {
		h := c.MinSize().Height
		c.Move(fyne.NewPos(0, y))
		c.Resize(fyne.NewSize(size.Width, h))
		y += h
	}
}

// reveal offers the whole number, or says that looking was noted.
func (p *casePage) reveal() fyne.CanvasObject {
	if p.whole != "" {
		return part.NewHint("本次查看已记入审计日志。")
	}
	b := part.NewQuiet("显示完整号码", nil).Small()
	b.OnTapped(func() { p.askIdentity(b) })
	return container.NewHBox(b)
}

// askIdentity asks before the whole number is read, since that is noted.
func (p *casePage) askIdentity(busy shell.Busy) {
	part.Confirm(p.s.canvas(), "显示完整证件号码", "查看会记入审计日志，写明账号和时间。请只在办理需要时查看。", "显示", "取消", func(yes bool) {
		if !yes {
			return
		}
		shell.JobOn(p.life, busy, func(ctx context.Context) (string, error) { return p.s.session.Identity(ctx, p.id()) }, func(number string, err error) {
			if p.s.heard(err) {
				return
			}
			if err != nil {
				part.Tell(p.s.canvas(), "没有显示", say(err), nil)
				return
			}
			p.whole = number
			p.panel()
		})
	})
}

// decisions is the bar below: what this account may do now.
func (p *casePage) decisions() {
	if p.writes != "" {
		return // the reason that is being written stays
	}
	var buttons []fyne.CanvasObject
	for i := len(p.v.verbs) - 1; i >= 0; i-- { // the main one stands at the right
		v := p.v.verbs[i]
		switch {
		case v == verbRevoke:
			continue // stands at the notice
		case wordsOf[v].key != "A":
			buttons = append(buttons, part.NewSecondary(v.text(), func() { p.decide(v) }))
		default:
			buttons = append(buttons, part.NewPrimary(v.text(), func() { p.decide(v) }))
		}
	}
	text := "现在没有需要本账号办理的事项"
	if len(buttons) > 0 {
		text = "快捷键：" + shortcuts(p.v.verbs) + "← → 上一位、下一位，Esc 返回"
	}
	p.bar.Objects = []fyne.CanvasObject{barSurface(part.Ends(part.NewMuted(text), buttons...))}
	p.bar.Refresh()
}

// shortcuts says which keys decide.
func shortcuts(vs []verb) string {
	text := ""
	for _, v := range vs {
		if key := wordsOf[v].key; key != "" {
			text += key + " " + v.text() + "，"
		}
	}
	return text
}

func barSurface(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewBorder(part.Space(theme.Gap), nil, nil, nil, container.NewStack(part.Surface(), container.NewPadded(container.NewPadded(o))))
}

// decide asks for what v needs: a reason below, or a yes.
func (p *casePage) decide(v verb) {
	if v.needsReason() {
		p.openReason(v)
		return
	}
	part.Confirm(p.s.canvas(), v.text(), confirmText(v, p.v.row), v.confirm(), "再看看", func(yes bool) {
		if yes {
			p.perform(v, "")
		}
	})
}

// confirmText says what happens to whom.
func confirmText(v verb, r application.Row) string {
	w := wordsOf[v]
	if v == verbConfirm && r.Attempt != nil && r.Attempt.Score != nil {
		return fmt.Sprintf("%s %s成绩%s。评定为“%s”。", r.Name, r.Attempt.Text(), r.Attempt.Score.Text(), verdict(*r.Attempt.Score).text) + w.warning
	}
	text := strings.ReplaceAll(w.one, "〈name〉", r.Name)
	return orElse(text, "对 "+r.Name+" “"+v.text()+"”。") + w.warning
}

// openReason opens the room for a reason in the bar, so that the dossier stays in sight.
func (p *casePage) openReason(v verb) {
	if p.writes == v {
		return
	}
	p.putAside()
	p.writes = v
	area, box := reasonBox(v, 2)
	area.SetText(p.kept[v])
	p.area = area
	p.fault = part.NewText("").Styled(theme.SizeBody, theme.Bad.Ink(), false)
	area.OnChanged = func(string) { p.fault.SetText("") } // what was wrong is being mended
	yes := part.NewPrimary(v.confirm(), p.carryOut)
	no := part.NewSecondary("取消", p.closeReason)
	field := part.NewField(v.reasonLabel(), box).Required()
	if w := wordsOf[v].warning; w != "" {
		field.WithHint(w)
	}
	p.bar.Objects = []fyne.CanvasObject{barSurface(part.Rows(field, part.Ends(p.fault, no, yes)))}
	p.bar.Refresh()
	p.root.Refresh()
	part.Focus(area.Entry)
}

// carryOut does the verb whose reason is being written, or says what the reason lacks.
func (p *casePage) carryOut() {
	if fault := checkReason(p.writes, p.area.Text()); fault != "" {
		p.fault.SetText(fault)
		p.bar.Refresh()
		part.Focus(p.area.Entry)
		return
	}
	p.perform(p.writes, p.area.Text())
}

// putAside closes the room for a reason and keeps what was written there.
func (p *casePage) putAside() {
	if p.area != nil {
		p.kept[p.writes] = p.area.Text()
	}
	p.writes, p.area = "", nil
}

func (p *casePage) closeReason() {
	p.putAside()
	p.decisions()
	p.root.Refresh()
	if c := p.s.canvas(); c != nil {
		c.Unfocus()
	}
}

// perform decides about this one. Done, it goes on to the next that waits; when
// the doctor changed something meanwhile, it shows what, and nothing was decided.
func (p *casePage) perform(v verb, reason string) {
	row := p.v.row
	p.s.perform(v, []application.Row{row}, reason, func(outs []application.Outcome) {
		if p.life.Over() {
			return
		}
		o := application.Outcome{Application: row.Application, Kind: exam.Unavailable, Sentence: unsure}
		for _, x := range outs {
			if x.Application == row.Application {
				o = x
			}
		}
		switch o.Kind {
		case "":
			p.writes, p.area, p.note = "", nil, nil
			p.s.toast(theme.Good, p.v.name+"："+v.done())
			p.onward()
		case exam.Conflict:
			p.note = &remark{theme.Warn, outcomeSentence(o)}
			p.conflict()
		default:
			part.Tell(p.s.canvas(), "没有办成", outcomeSentence(o), nil)
			p.load(true)
		}
	})
}

// conflict reads the case again after a decision was refused because of a change.
func (p *casePage) conflict() {
	p.load(true)
	text := "刚才的决定没有提交。已读取最新内容，请核对后重新决定"
	if p.writes != "" {
		text += "；写好的理由还在"
	}
	part.Tell(p.s.canvas(), "医师的信息有变化", text+"。", nil)
}

// onward goes to the next in a list of work, or reads this one again.
func (p *casePage) onward() {
	if p.from != nil && p.from.p.badge {
		p.from.sel.drop(p.id())
		rest := append(append([]application.Row(nil), p.rows[:p.at]...), p.rows[p.at+1:]...)
		if len(rest) == 0 {
			p.s.frame.Show(p.from)
			return
		}
		p.s.frame.Show(newCasePage(p.s, p.from, rest, min(p.at, len(rest)-1)))
		return
	}
	p.draw()
	p.load(true)
}
