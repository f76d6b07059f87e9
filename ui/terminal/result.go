package terminal

import (
	"context"
	"fmt"
	"image"
	"path/filepath"
	"reflect"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// resultPage is 考核结果.
type resultPage struct {
	s    *seat
	life *shell.Life
	root *fyne.Container
	view resultView
	// page is the first page of the notice that is shown, as a picture.
	page  image.Image
	drawn exam.BlobHash
	note  string // why there is no picture
}

// Open shows the result, and again whenever something changed.
func (p *resultPage) Open(life *shell.Life) fyne.CanvasObject {
	p.life, p.root, p.view = life, container.NewStack(), resultView{}
	p.page, p.drawn, p.note = nil, "", ""
	p.draw()
	p.s.watch(life, p.draw)
	return p.root
}

func (p *resultPage) draw() {
	e := p.s.session.Enrolment()
	v := resultOf(e, p.s.today())
	if reflect.DeepEqual(v, p.view) {
		return
	}
	p.view = v
	p.redraw()
	if v.Current != nil && v.Current.PDF != p.drawn {
		p.render(*v.Current)
	}
}

// render fetches the notice and has its first page drawn by the system, where it can.
func (p *resultPage) render(n exam.Notice) {
	p.drawn = n.PDF
	shell.Job(p.life, func(ctx context.Context) (image.Image, error) {
		pdf, err := p.s.session.NoticePDF(ctx, n)
		if err != nil {
			return nil, err
		}
		return p.s.desktop.Draw(ctx, pdf)
	}, func(img image.Image, err error) {
		p.page, p.note = img, ""
		switch exam.KindOf(err) {
		case "":
		case exam.NotFound:
			p.note = "以下按证书内容绘制，正式版式以保存或打印的通知书为准。"
		default:
			p.note = exam.SentenceOf(err)
			p.drawn = "" // asked again at the next change
		}
		p.redraw()
	})
}

func (p *resultPage) redraw() {
	p.root.Objects = []fyne.CanvasObject{p.layout()}
	p.root.Refresh()
}

func (p *resultPage) layout() fyne.CanvasObject {
	v := p.view
	rows := part.Groups(part.NewTitle("考核结果"))
	if !v.Known {
		rows.Add(part.NewCard("", part.NewEmpty(v.Headline, v.Sentence, part.NewSecondary("回到首页", func() { p.s.goTo(pageHome) }))))
		return rows
	}
	var facts []part.Pair
	for _, f := range v.Facts {
		facts = append(facts, part.Pair{Label: f.Label, Value: f.Value, Wide: f.Wide})
	}
	mark := v.Tone
	if v.Headline == application.Qualified.Text() {
		mark = theme.Good // also where its notice was revoked
	}
	result := part.Beside(bigMark(mark), part.Rows(
		part.NewLine(v.Headline, theme.SizeDisplay, mark.Ink(), true),
		part.NewText(v.Sentence).Styled(theme.SizeBody, theme.ColorInkMuted, false),
	), theme.Space)
	rows.Add(part.NewCard("本周期结果", part.Rows(result, part.Rule(), part.NewDetails(2, facts...))))
	for _, n := range v.Notices {
		if n.Reason != "" {
			rows.Add(part.NewBanner(theme.Bad, "通知书 "+n.Number+" 已撤销，不再有效", n.Reason))
		}
	}
	if v.Current != nil {
		rows.Add(p.notice(*v.Current))
	}
	if len(v.Attempts) > 0 {
		list := part.NewRecords("测评记录", attemptHeads(v.Scores), nil)
		list.SetRows(v.Attempts)
		rows.Add(part.NewCard("", list))
	}
	if v.Appeal != nil {
		rows.Add(p.appeal(*v.Appeal))
	}
	if len(v.Notices) > 0 {
		list := part.NewRecords("通知书记录", []string{"证书编码", "签发时间", "发证机关", "状态"}, nil).SetWeights(2, 1.2, 1.6, 0.7)
		var lines [][]string
		for _, n := range v.Notices {
			lines = append(lines, []string{n.Number, n.Issued, n.By, n.State})
		}
		list.SetRows(lines)
		rows.Add(part.NewCard("", list))
	}
	if len(v.Events) > 0 {
		events := make([]part.Event, len(v.Events))
		for i, ev := range v.Events {
			events[i] = part.Event{When: ev.When, Who: ev.Who, What: ev.What, Text: ev.Text, Tone: ev.Tone}
		}
		rows.Add(part.NewCard("办理记录", part.NewTimeline(events)))
	}
	return rows
}

// appeal is the card 复核申请.
func (p *resultPage) appeal(v requestView) fyne.CanvasObject {
	rows := part.Rows()
	if v.Sentence != "" {
		rows.Add(part.NewText(v.Sentence))
	}
	if v.Offer {
		rows.Add(container.NewHBox(part.NewSecondary("申请复核", p.askAppeal).WithGlyph("edit")))
	}
	var acts []fyne.CanvasObject
	if v.State != "" {
		if v.Sentence != "" {
			rows.Add(part.Rule())
		}
		rows.Add(requestRows(v, nil))
		acts = append(acts, part.NewChip(v.State, v.Tone))
	}
	return part.NewCard("复核", rows, acts...)
}

// askAppeal asks for the reason. What is typed stays until it is sent.
func (p *resultPage) askAppeal() {
	c := part.CanvasOf(p.root)
	if c == nil {
		return
	}
	reason := part.NewArea("请写明对结果有异议的地方和依据", 5, application.MostReason)
	reason.SetText(p.s.appeal)
	reason.OnChanged = func(s string) { p.s.appeal = s }
	body := part.Rows(part.NewText("同一结果只能申请一次，提交后不能修改。"), part.NewField("申请理由", reason).Required())
	d := part.ShowForm(c, "申请复核", 560, body, "提交申请", func(d *part.Dialog) {
		if isBlank(p.s.appeal) {
			d.SetError("请写明申请理由")
			return
		}
		d.SetError("")
		p.s.job(p.life, d, func(ctx context.Context) error { return p.s.session.AskAppeal(ctx, p.s.appeal) }, func(err error) {
			if err != nil {
				d.SetError(exam.SentenceOf(err))
				return
			}
			p.s.appeal = ""
			d.Close()
			p.s.toast(theme.Good, "复核申请已提交，请等待答复")
		})
	})
	d.FocusOn(reason.Entry)
}

// notice is the card with the preview, 保存 and 打印.
func (p *resultPage) notice(n exam.Notice) fyne.CanvasObject {
	save := part.NewPrimary("保存", nil).WithGlyph("download")
	save.OnTapped(func() { p.save(n) })
	print := part.NewSecondary("打印", nil).WithGlyph("print")
	print.OnTapped(func() { p.print(n, print) })
	open := part.NewSecondary("用系统程序打开", nil).WithGlyph("eye")
	open.OnTapped(func() {
		p.s.job(p.life, open, func(ctx context.Context) error {
			pdf, err := p.s.session.NoticePDF(ctx, n)
			if err != nil {
				return err
			}
			return p.s.desktop.Open(ctx, noticeFile(p.s.session.Enrolment(), n), pdf)
		}, func(err error) {
			if err != nil {
				p.tell("没有打开", exam.SentenceOf(err))
			}
		})
	})
	side := part.Rows(
		part.NewStrong("证书编码"), part.NewText(strings.Replace(n.Number, "KH", "\nKH", 1)), // breaks where people would
		part.Space(2),
		part.NewStrong("发证机关"), part.NewText(n.IssuedBy),
		part.Space(2),
		part.NewStrong("签发时间"), part.NewText(n.IssuedAt.Text()),
		part.Space(8), part.Rule(), part.Space(4),
		save, print, open,
		part.Space(4),
		part.NewHint("通知书加盖发证机关公章后生效。扫描左下角的二维码可以核验真伪。"),
	)
	return part.NewCard("考核结果通知书", part.Beside(narrow(sheetWidth, p.preview(n)), container.NewHBox(narrow(184, side)), theme.Margin))
}

// sheetWidth is how wide the notice is shown; the smallest window has room for it.
const sheetWidth float32 = 530

// preview is the page: the real one where the system can draw it, or its facts on paper.
func (p *resultPage) preview(n exam.Notice) fyne.CanvasObject {
	rows := part.Rows()
	if p.note != "" {
		rows.Add(part.NewHint(p.note))
	}
	if p.page != nil {
		img := canvas.NewImageFromImage(p.page)
		img.FillMode = canvas.ImageFillContain
		size := p.page.Bounds().Size()
		edge := canvas.NewRectangle(theme.Paint(theme.ColorCard))
		edge.StrokeWidth, edge.StrokeColor = 1, theme.Paint(theme.ColorLine)
		rows.Add(container.NewStack(edge, part.Sized(sheetWidth, sheetWidth*float32(size.Y)/float32(max(size.X, 1)), img)))
		return rows
	}
	rows.Add(noticeSheet(p.s.session.Enrolment(), n))
	return rows
}

// noticeSheet draws what the notice says, on a sheet.
func noticeSheet(e application.Enrolment, n exam.Notice) fyne.CanvasObject {
	lines := part.Rows(
		part.NewText("医师定期考核结果通知书").Styled(theme.SizeTitle, theme.ColorInkStrong, true).Aligned(fyne.TextAlignCenter),
		part.Space(6),
	)
	for _, f := range pageFacts(e, n) {
		label := part.NewText(f.Label).Styled(theme.SizeBody, theme.ColorInkMuted, false)
		lines.Add(part.Beside(part.Sized(188, 0, stack(0, label, part.NewHint(f.Note))), part.NewText(f.Value), theme.Gap))
	}
	edge := canvas.NewRectangle(theme.Paint(theme.ColorCard))
	edge.StrokeWidth, edge.StrokeColor = 1, theme.Paint(theme.ColorOutline)
	return container.NewStack(edge, inset(lines, theme.Margin*1.5, theme.Margin))
}

// save asks where, and writes the file.
func (p *resultPage) save(n exam.Notice) {
	c := part.CanvasOf(p.root)
	if c == nil {
		return
	}
	path := part.NewEntry("")
	path.SetText(filepath.Join(p.s.desktop.Documents(), noticeFile(p.s.session.Enrolment(), n)))
	browse := part.NewSecondary("选择文件夹…", func() {
		w := windowOf(p.root)
		if w == nil {
			return
		}
		f := dialog.NewFolderOpen(func(u fyne.ListableURI, err error) {
			if err == nil && u != nil {
				path.SetText(filepath.Join(u.Path(), filepath.Base(path.Text)))
			}
		}, w)
		f.SetTitleText("选择文件夹")
		f.SetConfirmText("选择")
		f.SetDismissText("取消")
		f.Resize(fyne.NewSize(860, 560))
		f.Show()
	})
	body := part.Rows(part.NewText("保存到（可以修改位置和文件名）："), container.NewBorder(nil, nil, nil, inset(browse, theme.Gap/2, 0), path))
	d := part.ShowForm(c, "保存通知书", 720, body, "保存", func(d *part.Dialog) {
		to := cleanPath(path.Text)
		if to == "" {
			d.SetError("请写明保存的位置")
			return
		}
		where := ""
		p.s.job(p.life, d, func(ctx context.Context) error {
			pdf, err := p.s.session.NoticePDF(ctx, n)
			if err != nil {
				return err
			}
			where, err = p.s.desktop.WriteFile(to, pdf)
			return err
		}, func(err error) {
			if err != nil {
				d.SetError(exam.SentenceOf(err))
				return
			}
			d.Close()
			p.tell("已保存", "通知书已保存到："+where)
		})
	})
	d.FocusOn(path)
}

// print hands the notice to the system, and says honestly what came of it.
func (p *resultPage) print(n exam.Notice, busy *part.Button) {
	said := ""
	p.s.job(p.life, busy, func(ctx context.Context) error {
		pdf, err := p.s.session.NoticePDF(ctx, n)
		if err != nil {
			return err
		}
		said, err = p.s.desktop.Print(ctx, noticeFile(p.s.session.Enrolment(), n), pdf)
		return err
	}, func(err error) {
		if err != nil {
			p.tell("没有打印", fmt.Sprintf("%s。也可以先保存，再用别的程序打印。", trimStop(exam.SentenceOf(err))))
			return
		}
		p.tell("已交给打印机", orElse(said, "系统已接受打印任务，请到打印机取纸。"))
	})
}

func (p *resultPage) tell(title, text string) {
	if c := part.CanvasOf(p.root); c != nil {
		part.Tell(c, title, text, nil)
	}
}

// trimStop takes away a full stop at the end.
func trimStop(s string) string {
	for _, end := range []string{"。", "."} {
		if n := len(s) - len(end); n > 0 && s[n:] == end {
			return s[:n]
		}
	}
	return s
}
