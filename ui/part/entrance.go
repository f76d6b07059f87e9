package part

import (
	"bytes"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"dingkao/ui/theme"
)

// SignInWords are what differs between the sign-in screens of our programs.
type SignInWords struct {
	System           string // the system's name, large on the band
	Subtitle         string // for whom this program is
	LoginLabel       string // 身份证号, 账号
	LoginPlaceholder string
	FirstHint        string // about the first password, "" for nothing
	Support          string // the telephone line below the card
	Points           []string
}

// SignInInput is what was typed.
type SignInInput struct {
	Province, Login, Password, Text string
}

// SignIn is the sign-in screen: a band with the system's name at the left, the card at the right. It
// checks nothing but that something stands in each field.
type SignIn struct {
	box
	OnSubmit  func(SignInInput)
	OnCaptcha func() // a new picture is wanted
	OnRetry   func() // the button on the notice

	province *Select
	login    *Entry
	password *Entry
	text     *Entry
	fields   map[string]*Field
	picture  *captcha
	enter    *Button
	notice   *fyne.Container
	extra    *fyne.Container
	support  *canvas.Text
}

// NewSignIn makes the screen.
func NewSignIn(w SignInWords) *SignIn {
	s := &SignIn{}
	s.province = NewSelect("请选择执业所在省份", nil, func(Option) { s.fields["province"].SetError("") })
	s.login = NewEntry(w.LoginPlaceholder)
	s.password = NewPassword("请输入密码")
	s.text = NewEntry("请输入图中字符")
	s.text.MaxLen = 12
	s.picture = newCaptcha(func() {
		if s.OnCaptcha != nil {
			s.OnCaptcha()
		}
	})
	s.fields = map[string]*Field{
		"province": NewField("省份", s.province),
		"login":    NewField(w.LoginLabel, s.login),
		"password": NewField("密码", s.password),
		"text":     NewField("验证码", container.NewBorder(nil, nil, nil, inset(s.picture, theme.Gap, 0), s.text)),
	}
	if w.FirstHint != "" {
		s.fields["password"].WithHint(w.FirstHint)
	}
	for name, e := range map[string]*Entry{"login": s.login, "password": s.password, "text": s.text} {
		e.OnSubmitted = func(string) { s.submit() }
		e.OnChanged = func(string) { s.fields[name].SetError("") }
	}
	s.enter = NewPrimary("登录", s.submit)
	s.notice = tight(0)
	s.extra = tight(theme.Gap)
	s.support = NewMuted(w.Support)
	s.support.Alignment = fyne.TextAlignCenter
	head := tight(4, NewTitle("登录"), NewText(w.Subtitle).Styled(theme.SizeBody, theme.ColorInkMuted, false))
	form := tight(theme.Space-3, head, s.notice, s.fields["province"], s.fields["login"], s.fields["password"], s.fields["text"], Space(2),
		container.NewStack(s.enter), s.extra)
	card := container.NewStack(Surface(), inset(form, theme.Margin+8, theme.Margin))
	right := container.NewCenter(Sized(430, 0, tight(theme.Space, card, s.support)))
	s.root = container.New(entranceLayout{}, brand(w), right)
	s.ExtendBaseWidget(s)
	return s
}

// brand is the left half: what this program is.
func brand(w SignInWords) fyne.CanvasObject {
	back := canvas.NewRectangle(theme.Paint(theme.ColorBand))
	edge := canvas.NewRectangle(theme.Paint(theme.ColorAccent))
	logo := canvas.NewImageFromResource(theme.Icon())
	logo.FillMode = canvas.ImageFillContain
	logo.SetMinSize(fyne.NewSquareSize(72))
	name := NewText(w.System).Styled(theme.SizeDisplay, theme.ColorBandInk, true)
	words := tight(theme.Space, container.NewHBox(logo), name, container.NewHBox(Sized(56, 4, edge)))
	for _, p := range w.Points {
		words.Add(Lead(NewGlyph("check", theme.ColorBandInk, 18), NewText(p).Styled(theme.SizeHeading, theme.ColorBandInk, false)))
	}
	return container.NewStack(back, container.New(&middleLayout{400}, words))
}

// entranceLayout gives the band two fifths of the width.
type entranceLayout struct{}

func (entranceLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	r := o[1].MinSize()
	return fyne.NewSize(r.Width+2*theme.Margin+360, r.Height+2*theme.Space)
}

func (entranceLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	left := max(size.Width*0.42, 360)
	o[0].Move(fyne.Position{})
	o[0].Resize(fyne.NewSize(left, size.Height))
	o[1].Move(fyne.NewPos(left, 0))
	o[1].Resize(fyne.NewSize(size.Width-left, size.Height))
}

// middleLayout puts something of that width, as high as it needs, in the middle.
type middleLayout struct{ width float32 }

func (l *middleLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 300) }

func (l *middleLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	w := min(l.width, size.Width-2*theme.Margin)
	o[0].Resize(fyne.NewSize(w, o[0].MinSize().Height))
	h := o[0].MinSize().Height
	o[0].Resize(fyne.NewSize(w, h))
	o[0].Move(fyne.NewPos((size.Width-w)/2, max((size.Height-h)/2-theme.Margin, theme.Margin)))
}

func (s *SignIn) submit() {
	if s.enter.Disabled() {
		return
	}
	in := s.Input()
	missing := ""
	for _, f := range []struct{ name, value, sentence string }{
		{"text", in.Text, "请输入图中字符"}, {"password", in.Password, "请输入密码"},
		{"login", in.Login, "请输入" + s.fields["login"].Label()}, {"province", in.Province, "请选择省份"},
	} {
		fault := ""
		if f.value == "" {
			fault, missing = f.sentence, f.name
		}
		s.fields[f.name].SetError(fault)
	}
	if missing != "" {
		s.focus(missing)
		return
	}
	if s.OnSubmit != nil {
		s.OnSubmit(in)
	}
}

func (s *SignIn) focus(field string) {
	switch field {
	case "province":
		Focus(s.province)
	case "login":
		Focus(s.login)
	case "password":
		Focus(s.password)
	case "text":
		Focus(s.text)
	}
}

// Input is what was typed so far.
func (s *SignIn) Input() SignInInput {
	return SignInInput{Province: s.province.Chosen().Key, Login: s.login.Text, Password: s.password.Text, Text: s.text.Text}
}

// SetInput fills the fields.
func (s *SignIn) SetInput(in SignInInput) {
	s.province.Choose(in.Province)
	s.login.SetText(in.Login)
	s.password.SetText(in.Password)
	s.text.SetText(in.Text)
}

// SetProvinces offers the provinces. The choice made so far stays where it is offered; otherwise chosen
// is taken, or the only one there is.
func (s *SignIn) SetProvinces(options []Option, chosen string) {
	if now := s.province.Chosen().Key; now != "" {
		chosen = now
	}
	s.province.SetOptions(options)
	if chosen == "" && len(options) == 1 {
		chosen = options[0].Key
	}
	s.province.Choose(chosen)
}

// SetCaptcha shows the picture; nil says that it is being fetched.
func (s *SignIn) SetCaptcha(png []byte) { s.picture.set(png, "请稍候…") }

// SetCaptchaMissing says that the picture could not be fetched; pressing it tries again.
func (s *SignIn) SetCaptchaMissing() { s.picture.set(nil, "点此重试") }

// SetBusy keeps from signing in twice.
func (s *SignIn) SetBusy(busy bool) { s.enter.SetBusy(busy) }

// SetFault says what is wrong with a field ("province", "login", "password", "text") and goes there; with
// "" it stands above the form. An empty sentence takes it back.
func (s *SignIn) SetFault(field, sentence string) {
	if f := s.fields[field]; f != nil {
		f.SetError(sentence)
		if sentence != "" {
			s.focus(field)
		}
		return
	}
	s.SetNotice(Bad, sentence, false)
}

// SetNotice says something above the form, with 重试 if wanted; "" takes it away.
func (s *SignIn) SetNotice(tone Tone, sentence string, retry bool) {
	s.notice.Objects = nil
	if sentence != "" {
		var act []fyne.CanvasObject
		if retry {
			act = append(act, NewSecondary("重试", func() {
				if s.OnRetry != nil {
					s.OnRetry()
				}
			}).Small())
		}
		s.notice.Add(NewBanner(tone, sentence, "", act...))
	}
	s.root.Refresh()
}

// SetSupport changes the line below the card.
func (s *SignIn) SetSupport(text string) { Say(s.support, text) }

// SetExtra puts something below the button; nil takes it away.
func (s *SignIn) SetExtra(o fyne.CanvasObject) {
	s.extra.Objects = nil
	if o != nil {
		s.extra.Add(o)
	}
	s.root.Refresh()
}

// ClearSecrets empties what must be typed again after a refusal.
func (s *SignIn) ClearSecrets() {
	s.password.SetText("")
	s.text.SetText("")
}

// Start gives the keyboard to the first field that is empty.
func (s *SignIn) Start() {
	in := s.Input()
	for _, f := range []struct{ name, value string }{{"province", in.Province}, {"login", in.Login}, {"password", in.Password}} {
		if f.value == "" {
			s.focus(f.name)
			return
		}
	}
	s.focus("text")
}

// captcha is the picture; pressing it asks for another.
type captcha struct {
	press
	picture *canvas.Image
	words   *canvas.Text
	back    *canvas.Rectangle
	png     []byte
	say     string
}

func newCaptcha(act func()) *captcha {
	c := &captcha{say: "请稍候…"}
	c.become(c, act)
	return c
}

func (c *captcha) set(png []byte, words string) {
	c.png, c.say = png, words
	c.repaint()
}

// CreateRenderer draws it.
func (c *captcha) CreateRenderer() fyne.WidgetRenderer {
	c.back = canvas.NewRectangle(theme.Paint(theme.ColorSoft))
	c.back.CornerRadius = theme.Radius
	c.back.StrokeWidth = 1
	c.picture = &canvas.Image{FillMode: canvas.ImageFillContain}
	c.words = NewMuted("")
	c.words.Alignment = fyne.TextAlignCenter
	c.paint = func() {
		c.back.StrokeColor = theme.Paint(theme.ColorLine)
		if c.hovered {
			c.back.StrokeColor = theme.Paint(theme.ColorPrimary)
		}
		c.words.Text = c.say
		c.words.Hidden = c.png != nil
		c.picture.Hidden = c.png == nil
		if c.png != nil && !bytes.Equal(c.png, content(c.picture)) {
			c.picture.Resource = fyne.NewStaticResource("captcha.png", c.png)
		}
		c.back.Refresh()
		c.words.Refresh()
		if c.png != nil {
			c.picture.Refresh()
		}
	}
	c.paint()
	root := container.New(&ringed{min: fyne.NewSize(132, theme.Height)}, c.newRing(theme.Radius+2), c.back, inset(c.picture, 3, 3), c.words)
	return &captchaRenderer{root: root}
}

func content(i *canvas.Image) []byte {
	if i.Resource == nil {
		return nil
	}
	return i.Resource.Content()
}

type captchaRenderer struct{ root *fyne.Container }

func (r *captchaRenderer) Destroy()                     {}
func (r *captchaRenderer) Layout(s fyne.Size)           { r.root.Resize(s) }
func (r *captchaRenderer) MinSize() fyne.Size           { return r.root.MinSize() }
func (r *captchaRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.root} }
func (r *captchaRenderer) Refresh()                     { canvas.Refresh(r.root) }

// PasswordForm asks for a new password, twice, and for the old one.
type PasswordForm struct {
	box
	OnSubmit func(old, new string)
	OnCancel func()

	old, new, again *Entry
	fields          map[string]*Field
	notice          *fyne.Container
	save            *Button
	check           func(old, new, again string) (field, sentence string)
}

// NewPasswordForm makes the form. forced says that nothing else is possible before it. check judges what
// was typed: field is "old", "new", "again", or "" where nothing is wrong.
func NewPasswordForm(forced bool, check func(old, new, again string) (field, sentence string)) *PasswordForm {
	p := &PasswordForm{check: check, notice: tight(0)}
	p.old, p.new, p.again = NewPassword("请输入现在的密码"), NewPassword("至少8位，同时有字母和数字（或符号）"), NewPassword("请再次输入新密码")
	p.fields = map[string]*Field{"old": NewField("当前密码", p.old).Required(), "new": NewField("新密码", p.new).Required(), "again": NewField("再次输入新密码", p.again).Required()}
	for name, e := range map[string]*Entry{"old": p.old, "new": p.new, "again": p.again} {
		e.OnSubmitted = func(string) { p.submit() }
		e.OnChanged = func(string) { p.fields[name].SetError("") }
	}
	p.save = NewPrimary("保存新密码", p.submit)
	cancel := NewSecondary("取消", func() {
		if p.OnCancel != nil {
			p.OnCancel()
		}
	})
	rows := tight(theme.Space-3, p.notice, p.fields["old"], p.fields["new"], p.fields["again"])
	if forced {
		cancel.SetText("退出登录")
		p.fields["old"].WithHint("首次登录时，当前密码就是初始密码")
		p.notice.Add(NewBanner(Info, "首次登录，请先修改密码", "修改后就可以开始使用，原密码随即失效。"))
	}
	rows.Add(Space(2))
	rows.Add(Ends(nothing(), cancel, p.save))
	p.root = Sized(420, 0, rows)
	p.ExtendBaseWidget(p)
	return p
}

func (p *PasswordForm) submit() {
	if p.save.Disabled() {
		return
	}
	field, sentence := "", ""
	switch {
	case p.old.Text == "":
		field, sentence = "old", "请输入现在的密码"
	case p.new.Text == "":
		field, sentence = "new", "请输入新密码"
	case p.check != nil:
		field, sentence = p.check(p.old.Text, p.new.Text, p.again.Text)
	}
	for name, f := range p.fields {
		if name != field {
			f.SetError("")
		}
	}
	if field != "" {
		p.SetFault(field, sentence)
		return
	}
	if p.OnSubmit != nil {
		p.OnSubmit(p.old.Text, p.new.Text)
	}
}

// SetBusy keeps from sending twice.
func (p *PasswordForm) SetBusy(busy bool) { p.save.SetBusy(busy) }

// SetFault says what is wrong with a field ("old", "new", "again") and goes there; with "" it stands above.
func (p *PasswordForm) SetFault(field, sentence string) {
	if f := p.fields[field]; f != nil {
		f.SetError(sentence)
		Focus(f.Control.(*Entry))
		return
	}
	p.notice.Objects = nil
	if sentence != "" {
		p.notice.Add(NewBanner(Bad, sentence, ""))
	}
	p.root.Refresh()
}

// Fill types for a test or a picture.
func (p *PasswordForm) Fill(old, new, again string) {
	p.old.SetText(old)
	p.new.SetText(new)
	p.again.SetText(again)
}

// Submit presses the button.
func (p *PasswordForm) Submit() { p.submit() }

// Start gives the keyboard to the first field.
func (p *PasswordForm) Start() { Focus(p.old) }

// PasswordPage shows the form alone on a page, for the forced change after the first sign-in.
func PasswordPage(title string, p *PasswordForm) fyne.CanvasObject {
	back := canvas.NewRectangle(theme.Paint(theme.ColorPage))
	card := container.NewStack(Surface(), inset(tight(theme.Space, NewTitle(title), p), theme.Margin+8, theme.Margin))
	return container.NewStack(back, container.NewCenter(card))
}
