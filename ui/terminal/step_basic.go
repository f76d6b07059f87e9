package terminal

import (
	"context"
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"dingkao/assets"
	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/theme"
)

// basicPage is step ① 基本信息.
type basicPage struct {
	b       *bench
	fields  fieldSet
	first   fyne.Focusable
	root    fyne.CanvasObject
	photo   *part.Photo
	upload  *part.Button
	look    *part.Button
	remove  *part.Button
	changed func()
}

// photoWords is what is asked of the photograph.
const photoWords = "近期正面免冠证件照，建议白底；jpg 或 png 格式，5MB 以内。照片用于考核结果通知书和测评时的身份核对。"

func newBasicPage(b *bench) *basicPage {
	v := b.form.Basic
	page := &basicPage{b: b, fields: fieldSet{}, changed: func() { b.changed(application.StepBasic) }}
	field := func(key, label string, o fyne.CanvasObject, required bool) *part.Field {
		f := part.NewField(label, o)
		f.SetRequired(required)
		page.fields[key] = f
		return f
	}
	page.photo = part.NewPhoto(132)
	page.upload = part.NewSecondary("上传照片", page.ask).WithGlyph("upload")
	page.look = part.NewQuiet("放大", func() { b.enlarge(v.Photo) }).WithGlyph("eye")
	page.remove = part.NewQuiet("删除", func() {
		v.Photo = exam.Blob{}
		page.show()
		page.changed()
	}).WithGlyph("delete")
	page.first = page.upload
	photo := part.Rows(container.NewHBox(page.photo), container.NewHBox(page.upload), part.Row(page.look, page.remove), part.NewHint(photoWords))

	sex := part.NewChoices([]part.Option{{Key: string(exam.Male), Name: "男"}, {Key: string(exam.Female), Name: "女"}}, func(o part.Option) {
		v.Sex = exam.Sex(o.Key)
		page.changed()
	})
	sex.Choose(string(v.Sex))
	email := writeNumber("name@example.com", &v.Email, page.changed)
	email.OnChanged = func(s string) {
		v.Email = plainMail(s)
		page.changed()
	}
	mobile := writeNumber("11位手机号码", &v.Mobile, page.changed)
	mobile.MaxLen = 11

	page.root = part.Groups(
		part.NewCard("基本信息", part.Beside(narrow(196, field("photo", "个人头像", photo, true)), part.NewForm(
			part.NewField("姓名", part.NewLocked(b.doctor.Name)),
			field("sex", "性别", sex, true),
			part.NewField("证件类型", part.NewLocked(orElse(b.doctor.DocumentKind.Name, "居民身份证"))),
			part.NewField("证件号码", part.NewLocked(b.doctor.Identity.Masked())),
			field("birth", "出生年月", b.pickDay(&v.Birth, page.changed), true),
			field("ethnic", "民族", pickTerm("请选择", assets.EthnicGroups(), &v.Ethnic, page.changed), true),
			field("education", "学历", pickTerm("请选择", assets.Educations(), &v.Education, page.changed), true),
			field("email", "电子邮箱", email, true),
			field("mobile", "手机号码", mobile, true),
		), theme.Margin)),
		part.NewHint("姓名、证件类型和证件号码来自机构名册，不能在这里修改；有误请联系所在机构。"),
	)
	page.show()
	return page
}

func (p *basicPage) Content() fyne.CanvasObject  { return p.root }
func (p *basicPage) Mark(gaps []application.Gap) { p.fields.Mark(gaps) }
func (p *basicPage) First() fyne.Focusable       { return p.first }

// Drop takes a file that was dropped on the window: it is the photograph.
func (p *basicPage) Drop(path string) {
	p.b.readFile(path, application.MostPhotoSize, func(data []byte, err error) {
		if err == nil {
			p.take(cleanBase(path), data, func(err error) {
				if err != nil {
					p.b.toast(theme.Bad, exam.SentenceOf(err))
				}
			})
			return
		}
		p.b.toast(theme.Bad, exam.SentenceOf(err))
	})
}

func (p *basicPage) ask() {
	p.b.askFile("上传证件照", photoWords, application.MostPhotoSize, p.take)
}

func (p *basicPage) take(name string, data []byte, done func(error)) {
	var blob exam.Blob
	p.b.run(func(ctx context.Context) (err error) {
		blob, err = p.b.doors.AddPicture(ctx, name, data)
		return err
	}, func(err error) {
		done(err)
		if err != nil {
			return
		}
		p.b.form.Basic.Photo = blob
		p.show()
		p.changed()
		p.b.toast(theme.Good, "照片已保存在本机")
	})
}

// show draws the photograph that is set, and what can be done with it.
func (p *basicPage) show() {
	has := p.b.form.Basic.Photo.Hash != ""
	for _, o := range []*part.Button{p.look, p.remove} {
		if has {
			o.Show()
		} else {
			o.Hide()
		}
	}
	p.upload.SetText("上传照片")
	p.photo.SetImage(nil)
	if !has {
		return
	}
	p.upload.SetText("更换照片")
	want := p.b.form.Basic.Photo.Hash
	p.b.picture(want, func(img image.Image, err error) {
		if err == nil && p.b.form.Basic.Photo.Hash == want {
			p.photo.SetImage(img)
		}
	})
}

// plainMail is an address as it is stored, however it was typed: half-width,
// without spaces, its letters as they were.
func plainMail(s string) string {
	out := make([]rune, 0, len(s))
	for _, r := range s {
		switch {
		case r == ' ' || r == '\t' || r == '\u3000':
			continue
		case r >= '\uff01' && r <= '\uff5e':
			r -= '\uff01' - '!'
		}
		out = append(out, r)
	}
	return string(out)
}
