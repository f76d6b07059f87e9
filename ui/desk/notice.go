package desk

import (
	"context"
	"image"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// noticeFile is the name under which a notice is saved: with the doctor's name,
// without the document's number.
func noticeFile(doctor string, s exam.Serial) string {
	clean := strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return -1
		}
		return r
	}, doctor)
	return "考核结果通知书-" + clean + "-" + string(s) + ".pdf"
}

// showNotice shows the notice in a dialog, or in the system's reader where
// this PC cannot draw it.
func (p *casePage) showNotice(n noticeView, busy shell.Busy) {
	type drawn struct {
		img    image.Image
		opened bool
	}
	name := noticeFile(p.v.name, n.serial)
	shell.JobOn(p.life, busy, func(ctx context.Context) (drawn, error) {
		pdf, err := p.s.session.NoticePDF(ctx, n.serial)
		if err != nil {
			return drawn{}, err
		}
		img, err := p.s.desktop.Draw(ctx, pdf)
		if exam.KindOf(err) == exam.NotFound {
			return drawn{opened: true}, p.s.desktop.Open(ctx, name, pdf)
		}
		return drawn{img: img}, err
	}, func(d drawn, err error) {
		switch {
		case p.s.heard(err):
		case err != nil:
			part.Tell(p.s.canvas(), "没有打开通知书", say(err), nil)
		case d.opened:
			p.s.toast(theme.Info, "已用系统的 PDF 阅读程序打开")
		default:
			showSheet(p.s.canvas(), "考核结果通知书 "+n.number, d.img)
		}
	})
}

// showSheet shows a picture as large as the window allows, to be scrolled.
func showSheet(c fyne.Canvas, title string, img image.Image) {
	size := img.Bounds().Size()
	w := min(c.Size().Width-8*theme.Margin, 900)
	if float32(size.X) < w {
		w = max(float32(size.X), 420)
	}
	pic := canvas.NewImageFromImage(img)
	pic.FillMode = canvas.ImageFillContain
	pic.SetMinSize(fyne.NewSize(w, w*float32(size.Y)/float32(max(size.X, 1))))
	edge := canvas.NewRectangle(theme.Paint(theme.ColorCard))
	edge.StrokeWidth, edge.StrokeColor = 1, theme.Paint(theme.ColorLine)
	var d *part.Dialog
	d = part.ShowDialog(c, title, w+8, container.NewStack(edge, pic), part.NewPrimary("关闭", func() { d.Close() }), nil)
}

// saveNotice asks where, and writes the file.
func (p *casePage) saveNotice(n noticeView) {
	p.s.askFile(p.life, "保存通知书", filepath.Join(p.s.desktop.Documents(), noticeFile(p.v.name, n.serial)), ".pdf", "通知书已保存到 ",
		func(ctx context.Context) ([]byte, error) { return p.s.session.NoticePDF(ctx, n.serial) })
}

// openNotice hands the notice to the system's reader.
func (p *casePage) openNotice(n noticeView, busy shell.Busy) {
	shell.JobOn(p.life, busy, func(ctx context.Context) (struct{}, error) {
		pdf, err := p.s.session.NoticePDF(ctx, n.serial)
		if err != nil {
			return struct{}{}, err
		}
		return struct{}{}, p.s.desktop.Open(ctx, noticeFile(p.v.name, n.serial), pdf)
	}, func(_ struct{}, err error) {
		if !p.s.heard(err) && err != nil {
			part.Tell(p.s.canvas(), "没有打开通知书", say(err), nil)
		}
	})
}

// revokeWord must be typed before a notice is revoked.
const revokeWord = "撤销"

// checkRevoke says what is still wrong before a notice can be revoked; "" for nothing.
func checkRevoke(reason, word string) string {
	if fault := checkReason(verbRevoke, reason); fault != "" {
		return fault
	}
	if strings.TrimSpace(word) != revokeWord {
		return "请在最后一格输入“" + revokeWord + "”两个字，确认撤销"
	}
	return ""
}

// revoke asks for a reason and for the word, and revokes.
func (p *casePage) revoke(n noticeView) *part.Dialog {
	area, box := reasonBox(verbRevoke, 3)
	word := part.NewEntry("请输入“" + revokeWord + "”")
	content := part.Rows(
		part.NewBanner(theme.Bad, "撤销后不能恢复", "通知书 "+n.number+" 立即失效，扫码核验会显示“已撤销”。需要时可以重新签发，编号不同。"),
		part.NewField(verbRevoke.reasonLabel(), box).Required(),
		part.NewField("确认", word).Required().WithHint("请输入“"+revokeWord+"”两个字"))
	yes := part.NewDanger(verbRevoke.confirm(), nil)
	var d *part.Dialog
	d = part.ShowDialog(p.s.canvas(), "撤销 "+p.v.name+" 的通知书", 620, content, yes, nil, part.NewSecondary("取消", func() { d.Close() }))
	yes.OnTapped(func() {
		if fault := checkRevoke(area.Text(), word.Text); fault != "" {
			d.SetError(fault)
			return
		}
		d.SetError("")
		shell.JobOn(p.s.life, d, func(ctx context.Context) (struct{}, error) {
			return struct{}{}, p.s.session.Revoke(ctx, n.serial, area.Text())
		}, func(_ struct{}, err error) {
			if p.s.heard(err) {
				return
			}
			if err != nil {
				d.SetError(say(err))
				return
			}
			d.Close()
			p.s.toast(theme.Good, "已撤销 "+p.v.name+" 的通知书")
			p.s.count()
			if !p.life.Over() {
				p.load(true)
			}
		})
	})
	return d.FocusOn(area.Entry)
}
