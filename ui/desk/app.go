package desk

import (
	"context"
	"errors"
	"strings"
	"time"

	"fyne.io/fyne/v2"

	"dingkao/assets"
	"dingkao/exam"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// Config joins the staff's program with what lies behind its doors.
type Config struct {
	Entrance Entrance
	Desktop  Desktop
	// Memory keeps what is remembered between runs; nil remembers nothing.
	Memory Memory
	// Now is the PC's clock; nil is time.Now. Only waiting days hang on it.
	Now func() time.Time
	// Name says which machine this is, for the registry's audit.
	Name string
}

// Memory keeps small things between runs: the province and the account used last.
type Memory interface {
	String(key string) string
	SetString(key, value string)
}

// App is the staff's program: the sign-in, then the frame with its pages.
type App struct {
	c     Config
	nav   *shell.Nav
	about exam.About
	seat  *seat
	// say is shown at the next sign-in: why somebody is there again.
	say string
}

// New makes the program; Start shows it.
func New(c Config) *App {
	if c.Now == nil {
		c.Now = time.Now
	}
	return &App{c: c, nav: shell.NewNav()}
}

// Nav is what a window shows.
func (a *App) Nav() *shell.Nav { return a.nav }

// Start opens the sign-in.
func (a *App) Start() { a.nav.Show(&signInPage{a: a}) }

// Close signs out. It may take a moment and may be called twice.
func (a *App) Close(ctx context.Context) error {
	s := a.seat
	a.seat = nil
	a.nav.Close()
	if s == nil {
		return nil
	}
	s.life.End()
	return s.session.Close(ctx)
}

const (
	provinceKey = "province"
	loginKey    = "login"
)

func (a *App) remembered(key string) string {
	if a.c.Memory == nil {
		return ""
	}
	return a.c.Memory.String(key)
}

// Names of the sign-in's fields.
const (
	fieldProvince = "province"
	fieldLogin    = "login"
	fieldPassword = "password"
	fieldText     = "text"
)

// defaultSupport is shown until the registry says which telephone is its own.
const defaultSupport = "400 810 6819"

// supportText is the footer's telephone.
func supportText(a exam.About) string {
	if a.Support == "" {
		return "客服电话：" + defaultSupport
	}
	return "客服电话：" + a.Support
}

// signInPage is the first screen.
type signInPage struct {
	a     *App
	life  *shell.Life
	form  *part.SignIn
	id    string // of the captcha that is shown
	asked int    // a late picture must not replace a newer one
	busy  bool
}

// Open asks the registry who it is, and for a picture.
func (p *signInPage) Open(life *shell.Life) fyne.CanvasObject {
	p.life = life
	p.form = part.NewSignIn(part.SignInWords{
		System:           "医师定期考核\n信息登记管理系统",
		Subtitle:         "医疗卫生机构、考核机构、卫生健康行政部门",
		LoginLabel:       "账号",
		LoginPlaceholder: "请输入工作人员账号",
		FirstHint:        "首次登录使用管理员发放的初始密码，登录后须修改",
		Support:          supportText(p.a.about),
		Points:           []string{"纳入、审核、复核、发证，一处办理", "可以一次办理多人，每一位都有结果", "每个决定都有记录，可以追溯"},
	})
	p.form.OnSubmit = p.submit
	p.form.OnCaptcha = p.picture
	p.form.OnRetry = p.ask
	p.form.SetInput(part.SignInInput{Login: p.a.remembered(loginKey)})
	p.offer()
	if p.a.say != "" {
		p.form.SetNotice(theme.Warn, p.a.say, false)
	}
	p.ask()
	shell.After(50*time.Millisecond, func() {
		if !life.Over() {
			p.form.Start()
		}
	})
	return p.form
}

// offer shows the provinces that are known.
func (p *signInPage) offer() {
	var options []part.Option
	for _, c := range p.a.about.Provinces {
		name := c.Name
		if name == "" {
			name = assets.DivisionName(c.Code)
		}
		options = append(options, part.Option{Key: c.Code, Name: name})
	}
	if len(options) == 0 {
		for _, c := range assets.Provinces() {
			options = append(options, part.Option{Key: c.Code, Name: c.Name, Also: c.Extra})
		}
	}
	p.form.SetProvinces(options, p.a.remembered(provinceKey))
	p.form.SetSupport(supportText(p.a.about))
}

// ask asks the registry who it is, and then for a picture.
func (p *signInPage) ask() {
	shell.Job(p.life, p.a.c.Entrance.About, func(about exam.About, err error) {
		if err != nil {
			p.unreachable(err)
			return
		}
		p.a.about = about
		p.offer()
		p.form.SetNotice(theme.Warn, p.a.say, false)
		p.picture()
	})
}

// picture asks for a new captcha.
func (p *signInPage) picture() {
	p.asked++
	mine := p.asked
	p.id = ""
	p.form.SetCaptcha(nil)
	shell.Job(p.life, p.a.c.Entrance.Captcha, func(c exam.Captcha, err error) {
		if mine != p.asked {
			return
		}
		if err != nil {
			p.unreachable(err)
			return
		}
		p.id = c.ID
		p.form.SetCaptcha(c.PNG)
	})
}

// unreachable says that the registry did not answer.
func (p *signInPage) unreachable(err error) {
	p.form.SetCaptchaMissing()
	tone, text := theme.Bad, exam.SentenceOf(err)
	if exam.KindOf(err) == exam.Unavailable {
		tone, text = theme.Warn, "连接不上服务器，请检查网络后重试"
	}
	p.form.SetNotice(tone, text, true)
}

func (p *signInPage) submit(in part.SignInInput) {
	if p.busy {
		return
	}
	c := exam.Credentials{Province: in.Province, Login: strings.TrimSpace(in.Login), Password: in.Password,
		Captcha: p.id, Text: strings.TrimSpace(in.Text), Terminal: p.a.c.Name}
	p.busy = true
	p.form.SetBusy(true)
	life := p.life
	// A session that arrives after the page was left is closed, not lost.
	shell.Go(func() {
		s, err := p.a.c.Entrance.SignIn(life.Context(), c)
		shell.Do(func() {
			if life.Over() {
				if err == nil && s != nil {
					shell.Go(func() { _ = s.Close(context.Background()) })
				}
				return
			}
			p.busy = false
			p.form.SetBusy(false)
			if err != nil {
				p.refused(err)
				return
			}
			if m := p.a.c.Memory; m != nil {
				m.SetString(provinceKey, c.Province)
				m.SetString(loginKey, c.Login)
			}
			p.a.enter(s)
		})
	})
}

// refused shows why it did not work. What was typed stays, but for the captcha,
// which counts once, and for a password that was wrong.
func (p *signInPage) refused(err error) {
	kind := exam.KindOf(err)
	if kind == exam.Unavailable {
		p.unreachable(err)
		return
	}
	in := p.form.Input()
	p.form.ClearSecrets()
	if kind != exam.WrongPassword {
		in.Text = ""
		p.form.SetInput(in) // the password may well be right
	}
	p.picture()
	field := ""
	var e *exam.Error
	if errors.As(err, &e) {
		switch e.Field {
		case "captcha", "text":
			field = fieldText
		case "password":
			field = fieldPassword
		case "identity", "login":
			field = fieldLogin
		}
	}
	p.form.SetFault(field, exam.SentenceOf(err))
	if field == "" {
		p.form.Start()
	}
}

// enter opens the frame, or the change of the first password before it.
func (a *App) enter(session Session) {
	a.say = ""
	a.seat = newSeat(session, a.c.Desktop, a.about, func() exam.Instant { return exam.InstantOf(a.c.Now()) })
	a.seat.expired = func(why string) {
		a.say = why
		a.signOut()
	}
	if session.Account().MustChange {
		a.nav.Show(shell.PageFunc(a.firstPassword))
		return
	}
	a.openFrame()
}

// firstPassword is the page that stands before everything else.
func (a *App) firstPassword(life *shell.Life) fyne.CanvasObject {
	s := a.seat
	form := part.NewPasswordForm(true, passwordCheck(s.account))
	form.OnSubmit = func(old, fresh string) {
		s.changePassword(life, form, old, fresh, a.openFrame)
	}
	form.OnCancel = a.signOut
	shell.After(50*time.Millisecond, func() {
		if !life.Over() {
			form.Start()
		}
	})
	return part.PasswordPage("修改初始密码", form)
}

// passwordCheck says what is wrong with a change of password.
func passwordCheck(account exam.Account) func(old, fresh, again string) (string, string) {
	return func(old, fresh, again string) (string, string) {
		if err := exam.CheckPassword(fresh, account.Login); err != nil {
			return "new", exam.SentenceOf(err)
		}
		switch {
		case fresh == old:
			return "new", "新密码不能与当前密码相同"
		case again == "":
			return "again", "请再次输入新密码"
		case again != fresh:
			return "again", "两次输入的新密码不一致"
		}
		return "", ""
	}
}

func (s *seat) changePassword(life *shell.Life, form *part.PasswordForm, old, fresh string, then func()) {
	form.SetBusy(true)
	shell.Job(life, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, s.session.ChangePassword(ctx, old, fresh)
	}, func(_ struct{}, err error) {
		form.SetBusy(false)
		switch exam.KindOf(err) {
		case "":
			then()
		case exam.WrongPassword:
			form.SetFault("old", exam.SentenceOf(err))
		case exam.Invalid:
			form.SetFault("new", exam.SentenceOf(err))
		default:
			if !s.heard(err) {
				form.SetFault("", exam.SentenceOf(err))
			}
		}
	})
}

// passwordPage is 修改密码 at the top right.
type passwordPage struct{ s *seat }

// Open shows the form in the frame.
func (p *passwordPage) Open(life *shell.Life) fyne.CanvasObject {
	s := p.s
	form := part.NewPasswordForm(false, passwordCheck(s.account))
	back := func() { s.frame.Go(s.frame.At()) }
	form.OnCancel = back
	form.OnSubmit = func(old, fresh string) {
		s.changePassword(life, form, old, fresh, func() {
			s.frame.Toast(theme.Good, "密码已修改，下次请用新密码登录")
			back()
		})
	}
	rules := part.Rows()
	for _, r := range []string{"8 至 64 位", "同时有字母和数字（或符号）", "不能与账号相同，也不能与当前密码相同"} {
		rules.Add(part.Lead(part.NewGlyph("check", theme.ColorAccent, 16), part.NewText(r)))
	}
	shell.After(50*time.Millisecond, func() {
		if !life.Over() {
			form.Start()
		}
	})
	return part.Groups(part.NewTitle("修改密码"), part.NewCard("", part.Columns(2, 360, form, part.Rows(part.NewStrong("新密码的要求"), rules))))
}

// openFrame shows the frame with its menu, at what waits for this role.
func (a *App) openFrame() {
	newFrame(a.seat, a.signOut)
	a.nav.Show(a.seat.frame)
}

// signOut closes the session and shows the sign-in.
func (a *App) signOut() {
	s := a.seat
	a.seat = nil
	a.nav.Show(&signInPage{a: a})
	if s == nil {
		return
	}
	s.life.End()
	shell.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = s.session.Close(ctx) // the registry ends it by itself otherwise
	})
}
