package terminal

import (
	"context"
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// requestView is how a request for exemption or an appeal stands.
type requestView struct {
	Sentence string // what may be asked, by when and of whom; "" once it is asked
	Offer    bool   // it may be asked now
	State    string // of the latest, "" for none
	Tone     theme.Tone
	Asked    string
	Reason   string
	Proofs   []exam.Blob
	Answer   string // who answered when, and why
}

// latest fills in what is known of the latest request.
func (v *requestView) latest(r *application.Request, granted, refused string) {
	v.Asked, v.Reason, v.Proofs = r.At.Text(), r.Reason, r.Proofs
	switch r.State {
	case application.RequestAsked:
		v.State, v.Tone = "等待答复", theme.Wait
	case application.RequestGranted:
		v.State, v.Tone = granted, theme.Good
	case application.RequestRefused:
		v.State, v.Tone = refused, theme.Warn
	case application.RequestLapsed:
		v.State, v.Tone = "未答复，已参加测评", theme.Neutral
	}
	if r.Answer != nil {
		v.Answer = r.Answer.At.Text() + " 由" + actorText(r.Answer.By) + "答复"
		if r.Answer.Reason != "" {
			v.Answer += "：" + r.Answer.Reason
		}
	}
}

// exemptionOf is what can be said of 免考申请; false where it is of no concern to the doctor.
func exemptionOf(e application.Enrolment) (requestView, bool) {
	d := e.Dossier
	v := requestView{Offer: d.Allows(application.ActExemptionAsked, exam.RoleDoctor)}
	if d.Exemption == nil && !v.Offer {
		return v, false
	}
	if v.Offer {
		v.Sentence = "考核周期内完成规范化培训，或通过晋升职称考试的，可以凭证明材料申请免考，由" + orElse(e.Assessor.Name, "考核机构") + "审核；同意后本周期考核合格，不同意时照常参加测评。"
	}
	if d.Exemption != nil {
		v.latest(d.Exemption, "已同意免考", "未同意免考")
	}
	return v, true
}

// exemptionDraft is a request that was begun and not sent.
type exemptionDraft struct {
	reason string
	proofs []exam.Blob
}

// exemption shows 免考申请 on the page of the exam and asks for it.
type exemption struct {
	s    *seat
	life *shell.Life
	b    *bench
}

// newExemption is made once for each time that a page opens; root is any object of it.
func newExemption(s *seat, life *shell.Life, root fyne.CanvasObject) *exemption {
	return &exemption{s, life, s.bench(life, root, whole(application.Form{}, exam.Doctor{}), func(application.Step) {})}
}

// Card is the card as things stand now; nil where the doctor has nothing to do with it.
func (x *exemption) Card() fyne.CanvasObject {
	v, ok := exemptionOf(x.s.session.Enrolment())
	if !ok {
		return nil
	}
	rows := part.Rows()
	if v.Sentence != "" {
		rows.Add(part.NewText(v.Sentence))
	}
	var acts []fyne.CanvasObject
	if v.Offer {
		ask := part.NewSecondary("免考申请", x.ask).WithGlyph("edit")
		rows.Add(container.NewHBox(ask))
	}
	if v.State != "" {
		if v.Offer {
			rows.Add(part.Rule())
		}
		rows.Add(requestRows(v, x.b))
		acts = append(acts, part.NewChip(v.State, v.Tone))
	}
	return part.NewCard("免考", rows, acts...)
}

// requestRows are the latest request and its answer.
func requestRows(v requestView, b *bench) fyne.CanvasObject {
	pairs := []part.Pair{{Label: "申请时间", Value: v.Asked, Wide: true}, {Label: "申请理由", Value: v.Reason, Wide: true}}
	if v.Answer != "" {
		pairs = append(pairs, part.Pair{Label: "答复", Value: v.Answer, Wide: true})
	}
	rows := part.Rows(part.NewDetails(1, pairs...))
	if len(v.Proofs) > 0 {
		rows.Add(part.NewField("证明材料", thumbsOf(v.Proofs, b.picture, b.enlarge)))
	}
	return rows
}

// exemptionProofs is what is asked of the proofs.
const exemptionProofs = "如规范化培训合格证书、晋升考试成绩单；jpg 或 png 格式，每张 5MB 以内，最多9张。"

// ask opens the dialog. What is typed and uploaded stays until it is sent.
func (x *exemption) ask() {
	c := x.b.canvas()
	if c == nil {
		return
	}
	draft := &x.s.exempt
	reason := part.NewArea("请写明符合免考的情形，例如培训或考试的名称和通过时间", 4, application.MostReason)
	reason.SetText(draft.reason)
	reason.OnChanged = func(s string) { draft.reason = s }
	var d *part.Dialog
	images := map[exam.BlobHash]image.Image{}
	thumbs := part.NewThumbs(application.MostProofs)
	var show func()
	draw := func() {
		files := make([]part.Thumb, len(draft.proofs))
		for i, f := range draft.proofs {
			files[i] = part.Thumb{Name: f.Name, Image: images[f.Hash]}
		}
		thumbs.Set(files)
		if d != nil {
			d.SetError("") // and as high as it now has to be
		}
	}
	show = func() {
		draw()
		for _, f := range draft.proofs {
			if images[f.Hash] == nil {
				x.b.picture(f.Hash, func(img image.Image, err error) {
					if err == nil {
						images[f.Hash] = img
						draw()
					}
				})
			}
		}
	}
	thumbs.OnOpen = func(i int) { x.b.enlarge(draft.proofs[i]) }
	thumbs.OnDelete = func(i int) {
		draft.proofs = without(draft.proofs, i)
		show()
	}
	take := func(name string, data []byte, done func(error)) {
		var blob exam.Blob
		x.b.run(func(ctx context.Context) (err error) {
			blob, err = x.s.session.AddPicture(ctx, name, data)
			return err
		}, func(err error) {
			done(err)
			if err != nil {
				return
			}
			for _, p := range draft.proofs {
				if p.Hash == blob.Hash {
					x.s.toast(theme.Info, "这张图片已经上传过了")
					return
				}
			}
			draft.proofs = append(draft.proofs, blob)
			show()
		})
	}
	thumbs.OnAdd = func() { x.b.askFile("上传证明材料", exemptionProofs, application.MostPhotoSize, take) }
	body := part.Rows(
		part.NewField("申请理由", reason).Required(),
		part.NewField("证明材料", part.Rows(part.NewHint(exemptionProofs), thumbs)).Required(),
	)
	d = part.ShowForm(c, "免考申请", 640, body, "提交申请", func(d *part.Dialog) {
		switch {
		case isBlank(draft.reason):
			d.SetError("请写明申请理由")
			return
		case len(draft.proofs) == 0:
			d.SetError("请上传证明材料")
			return
		}
		d.SetError("")
		proofs := append([]exam.Blob(nil), draft.proofs...)
		x.s.job(x.life, d, func(ctx context.Context) error {
			return x.s.session.AskExemption(ctx, draft.reason, proofs)
		}, func(err error) {
			if err != nil {
				d.SetError(exam.SentenceOf(err))
				return
			}
			*draft = exemptionDraft{}
			d.Close()
			x.s.toast(theme.Good, "免考申请已提交，请等待答复")
		})
	})
	d.FocusOn(reason.Entry)
	show()
}
