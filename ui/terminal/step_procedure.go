package terminal

import (
	"context"
	"fmt"
	"image"

	"fyne.io/fyne/v2"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/theme"
)

// procedurePage is step ⑤ 考核程序.
type procedurePage struct {
	b      *bench
	fields fieldSet
	root   fyne.CanvasObject
	first  fyne.Focusable
	simple *fyne.Container // what the simple procedure asks beyond
	plain  *fyne.Container // what is said of the general one
	ways   *part.Choices
	thumbs *part.Thumbs
	images map[exam.BlobHash]image.Image
}

// proofWords is what is asked of the proofs.
const proofWords = "如执业证书、良好行为记录的证明材料；jpg 或 png 格式，每张 5MB 以内，最多9张。"

func newProcedurePage(b *bench) *procedurePage {
	v := b.form.Choice
	p := &procedurePage{b: b, fields: fieldSet{}, images: map[exam.BlobHash]image.Image{}}
	changed := func() { b.changed(application.StepProcedure) }
	field := func(key, label string, o fyne.CanvasObject) *part.Field {
		f := part.NewField(label, o).Required()
		p.fields[key] = f
		return f
	}
	options := application.Conditions(b.cycle, b.form, b.today())
	offered := anyHolds(options)
	p.ways = part.NewChoices([]part.Option{
		{Key: string(application.Simple), Name: application.Simple.Text()},
		{Key: string(application.General), Name: application.General.Text()},
	}, func(o part.Option) {
		if application.Procedure(o.Key) == application.Simple && !offered {
			p.ways.Choose(string(v.Procedure))
			b.toast(theme.Warn, "按前面填写的信息，不符合简易程序的条件")
			return
		}
		v.Procedure = application.Procedure(o.Key)
		p.show()
		changed()
	})
	p.ways.Choose(string(v.Procedure))
	way := field("procedure", "请选择考核程序", p.ways)
	if offered {
		way.WithHint("简易程序：符合下列条件之一的医师，提交述职报告和证明材料，审核通过后考核结束。一般程序：审核通过后参加业务水平测评。")
	} else {
		way.WithHint("按前面填写的信息，现在不符合简易程序的任何一个条件，请选择一般程序；如填写有误，请回到前面的步骤修改。")
	}

	// The conditions, each with why it cannot be chosen.
	conditions := part.Rows()
	var radios []*part.Choices
	for i, o := range options {
		radio := part.NewChoices([]part.Option{{Key: string(o.Condition), Name: fmt.Sprintf("%d. %s", i+1, o.Text)}}, nil)
		radio.OnChanged = func(part.Option) {
			v.Condition = o.Condition
			for _, r := range radios {
				r.Choose(string(v.Condition))
			}
			changed()
		}
		radio.Choose(string(v.Condition))
		radios = append(radios, radio)
		row := part.Rows(radio)
		if !o.Holds {
			radio.Disable()
			row = part.Rows(radio, part.Beside(part.Sized(20, 0, part.Space(1)), part.NewHint("不能选择："+o.Why), theme.Gap))
		}
		conditions.Add(row)
	}

	p.thumbs = part.NewThumbs(application.MostProofs)
	p.thumbs.OnOpen = func(i int) { b.enlarge(v.Proofs[i]) }
	p.thumbs.OnDelete = func(i int) {
		part.ConfirmDanger(b.canvas(), "删除证明材料", "确定删除“"+v.Proofs[i].Name+"”吗？", "删除", "取消", func(yes bool) {
			if yes {
				v.Proofs = without(v.Proofs, i)
				p.showProofs()
				changed()
			}
		})
	}
	p.thumbs.OnAdd = func() { b.askFile("上传证明材料", proofWords, application.MostPhotoSize, p.take) }

	report := part.NewArea("请介绍本考核周期内的工作业绩、职业道德和业务水平等情况", 9, application.MostReport)
	report.SetText(v.Report)
	report.OnChanged = func(s string) {
		v.Report = s
		changed()
	}

	p.simple = part.Groups(
		part.NewCard("简易程序申请", part.Groups(
			field("condition", "符合的条件", conditions),
			field("proofs", "证明材料", part.Rows(part.NewHint(proofWords), p.thumbs)),
		)),
		part.NewCard("个人述职报告", field("report", fmt.Sprintf("不少于%d字，最多%d字", application.LeastReport, application.MostReport), report)),
	)
	p.plain = part.Groups(part.NewBanner(theme.Info, "一般程序", "审核和复核通过后，在“参加测评”里参加业务水平测评；测评前可以在“在线学习”里练习。"))
	p.root = part.Groups(part.NewCard("考核程序", way), p.simple, p.plain)
	if !offered {
		whys := part.Groups()
		for i, o := range options {
			whys.Add(stack(0, part.NewText(fmt.Sprintf("%d. %s", i+1, o.Text)), part.NewHint("不符合："+o.Why)))
		}
		p.root = part.Groups(part.NewCard("考核程序", way), p.simple, p.plain, part.NewCard("简易程序的条件", whys))
	}
	p.show()
	p.showProofs()
	return p
}

func anyHolds(options []application.Option) bool {
	for _, o := range options {
		if o.Holds {
			return true
		}
	}
	return false
}

func (p *procedurePage) Content() fyne.CanvasObject  { return p.root }
func (p *procedurePage) Mark(gaps []application.Gap) { p.fields.Mark(gaps) }
func (p *procedurePage) First() fyne.Focusable       { return p.first }

// Drop takes a file that was dropped on the window: it is a proof.
func (p *procedurePage) Drop(path string) {
	v := p.b.form.Choice
	if v.Procedure != application.Simple || len(v.Proofs) >= application.MostProofs {
		return
	}
	p.b.readFile(path, application.MostPhotoSize, func(data []byte, err error) {
		if err != nil {
			p.b.toast(theme.Bad, exam.SentenceOf(err))
			return
		}
		p.take(cleanBase(path), data, func(err error) {
			if err != nil {
				p.b.toast(theme.Bad, exam.SentenceOf(err))
			}
		})
	})
}

func (p *procedurePage) take(name string, data []byte, done func(error)) {
	var blob exam.Blob
	p.b.run(func(ctx context.Context) (err error) {
		blob, err = p.b.doors.AddPicture(ctx, name, data)
		return err
	}, func(err error) {
		done(err)
		if err != nil {
			return
		}
		v := p.b.form.Choice
		for _, b := range v.Proofs {
			if b.Hash == blob.Hash {
				p.b.toast(theme.Info, "这张图片已经上传过了")
				return
			}
		}
		v.Proofs = append(v.Proofs, blob)
		p.showProofs()
		p.b.changed(application.StepProcedure)
		p.b.toast(theme.Good, "证明材料已保存在本机")
	})
}

func (p *procedurePage) show() {
	p.simple.Hide()
	p.plain.Hide()
	switch p.b.form.Choice.Procedure {
	case application.Simple:
		p.simple.Show()
	case application.General:
		p.plain.Show()
	}
	p.root.Refresh()
}

func (p *procedurePage) showProofs() {
	v := p.b.form.Choice
	draw := func() {
		files := make([]part.Thumb, len(v.Proofs))
		for i, f := range v.Proofs {
			files[i] = part.Thumb{Name: f.Name, Image: p.images[f.Hash]}
		}
		p.thumbs.Set(files)
	}
	draw()
	for _, f := range v.Proofs {
		if p.images[f.Hash] != nil {
			continue
		}
		p.b.picture(f.Hash, func(img image.Image, err error) {
			if err == nil {
				p.images[f.Hash] = img
				draw()
			}
		})
	}
}
