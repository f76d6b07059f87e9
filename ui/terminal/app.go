package terminal

import (
	"context"
	"errors"
	"net/url"
	"time"

	"fyne.io/fyne/v2"

	"dingkao/assets"
	"dingkao/exam"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// Config joins the doctor's program with what lies behind its doors.
type Config struct {
	Entrance Entrance
	Desktop  Desktop
	// Memory keeps what is remembered between runs; nil remembers nothing.
	Memory Memory
	// Now is the PC's clock; nil is time.Now. Only dates on screens hang on it.
	Now func() time.Time
	// Name says which machine this is, for the registry's audit.
	Name string
}

// Memory keeps small things between runs: the province chosen last. The
// toolkit's preferences have it.
type Memory interface {
	String(key string) string
	SetString(key, value string)
}

// App is the doctor's program: the sign-in, then the frame with its pages.
type App struct {
	c     Config
	nav   *shell.Nav
	about exam.About
	seat  *seat
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

// Dropped takes files that were dropped on the window.
func (a *App) Dropped(_ fyne.Position, files []fyne.URI) {
	if a.seat == nil || a.seat.drop == nil || len(files) == 0 {
		return
	}
	p := files[0].Path() // one at a time
	if u, err := url.PathUnescape(p); err == nil {
		p = u
	}
	a.seat.drop(p)
}

// Close signs out, so that everything typed is on disk. It may take a moment and
// may be called twice.
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

func (a *App) today() exam.Date { return exam.DateOf(a.c.Now().In(exam.China)) }

const provinceKey = "province"

func (a *App) remembered() string {
	if a.c.Memory == nil {
		return ""
	}
	return a.c.Memory.String(provinceKey)
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
		Subtitle:         "执业（助理）医师",
		LoginLabel:       "身份证号码",
		LoginPlaceholder: "医师电子化注册的身份证号码",
		FirstHint:        "初始密码为 6666666，首次登录须修改",
		Support:          supportText(p.a.about),
		Points:           []string{"填报、审核、测评、结果，一处完成", "填写的内容随时保存，断电断网不丢失", "没有网络时也可以填写，联网后送出"},
	})
	p.form.OnSubmit = p.submit
	p.form.OnCaptcha = p.picture
	p.form.OnRetry = p.ask
	p.offer()
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
	for _, c := range provincesOf(p.a.about) {
		options = append(options, part.Option{Key: c.Code, Name: c.Name})
	}
	p.form.SetProvinces(options, p.a.remembered())
	p.form.SetSupport(supportText(p.a.about))
}

// ask asks the registry who it is, and then for a picture.
func (p *signInPage) ask() {
	shell.Job(p.life, p.a.c.Entrance.About, func(about exam.About, err error) {
		if len(about.Provinces) > 0 || about.Support != "" {
			p.a.about = about
			p.offer()
		}
		if err != nil {
			p.unreachable(err)
			return
		}
		p.form.SetNotice(theme.Info, "", false)
		p.form.SetExtra(nil)
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
			p.form.SetCaptchaMissing()
			p.unreachable(err)
			return
		}
		p.id = c.ID
		p.form.SetCaptcha(c.PNG)
	})
}

// unreachable says that the registry did not answer, and what can be done.
func (p *signInPage) unreachable(err error) {
	p.form.SetCaptchaMissing()
	if exam.KindOf(err) != exam.Unavailable {
		p.form.SetNotice(theme.Bad, exam.SentenceOf(err), true)
		return
	}
	p.form.SetNotice(theme.Warn, "连接不上服务器，请检查网络后重试。在这台电脑上登录过的医师，可以离线进入。", true)
	p.form.SetExtra(part.NewSecondary("离线进入", p.offline).WithGlyph("offline"))
}

func (p *signInPage) credentials(in part.SignInInput) exam.Credentials {
	return exam.Credentials{Province: in.Province, Login: in.Login, Password: in.Password, Captcha: p.id, Text: in.Text, Terminal: p.a.c.Name}
}

// check shows what is wrong with what was typed; the first field gets the keyboard.
func (p *signInPage) check(in part.SignInInput, offline bool) (exam.Credentials, bool) {
	c, bad := checkSignIn(p.credentials(in), offline)
	for _, f := range []string{fieldCaptcha, fieldPassword, fieldLogin, fieldProvince} {
		p.form.SetFault(f, bad[f])
	}
	return c, len(bad) == 0
}

func (p *signInPage) submit(in part.SignInInput) {
	c, ok := p.check(in, false)
	if !ok || p.busy {
		return
	}
	p.enter(func(ctx context.Context) (Session, error) { return p.a.c.Entrance.SignIn(ctx, c) }, c, false)
}

// offline is the button 离线进入.
func (p *signInPage) offline() {
	c, ok := p.check(p.form.Input(), true)
	if !ok || p.busy {
		return
	}
	if !p.a.c.Entrance.CanEnterOffline(c.Login) {
		p.form.SetFault(fieldLogin, "您没有在这台电脑上登录过，联网登录一次后才能离线进入")
		return
	}
	p.enter(func(ctx context.Context) (Session, error) { return p.a.c.Entrance.EnterOffline(ctx, c) }, c, true)
}

// enter signs in one way or the other. A session that arrives after the page was
// left is closed, not lost.
func (p *signInPage) enter(work func(context.Context) (Session, error), c exam.Credentials, offline bool) {
	p.busy = true
	p.form.SetBusy(true)
	life := p.life
	shell.Go(func() {
		s, err := work(life.Context())
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
				p.refused(err, c, offline)
				return
			}
			if p.a.c.Memory != nil {
				p.a.c.Memory.SetString(provinceKey, c.Province)
			}
			p.a.enter(s, offline)
		})
	})
}

// refused shows why it did not work. What was typed stays, but for the captcha,
// which counts once.
func (p *signInPage) refused(err error, c exam.Credentials, offline bool) {
	sentence := exam.SentenceOf(err)
	switch exam.KindOf(err) {
	case exam.Unavailable:
		p.unreachable(err)
		if p.a.c.Entrance.CanEnterOffline(c.Login) {
			p.form.SetNotice(theme.Warn, "连接不上服务器。您在这台电脑上登录过，可以先离线进入；联网后重新登录，填写的内容会自动送出。", true)
		}
		return
	case exam.WrongPassword, exam.Throttled, exam.Unauthenticated:
		in := p.form.Input()
		p.form.ClearSecrets()
		if exam.KindOf(err) == exam.Throttled {
			in.Text = ""
			p.form.SetInput(in) // too many attempts: the password may well be right
		}
	}
	if !offline {
		p.picture()
	}
	field := ""
	var e *exam.Error
	if errors.As(err, &e) {
		switch e.Field {
		case "captcha", "text":
			field = fieldCaptcha
		case "password":
			field = fieldPassword
		case "identity", "login":
			field = fieldLogin
		}
	}
	p.form.SetFault(field, sentence)
	if field == "" {
		p.form.Start()
	}
}

// enter opens the frame, or the change of the first password before it.
func (a *App) enter(session Session, offline bool) {
	life := shell.NewLife()
	a.seat = &seat{session: session, desktop: a.c.Desktop, about: a.about, today: a.today, life: life, offline: offline, outer: a.nav}
	if session.Account().MustChange && !offline {
		a.nav.Show(shell.PageFunc(a.firstPassword))
		return
	}
	a.openFrame()
}

// firstPassword is the page that stands before everything else.
func (a *App) firstPassword(life *shell.Life) fyne.CanvasObject {
	s := a.seat
	form := part.NewPasswordForm(true, passwordCheck(s.session.Account()))
	form.OnSubmit = func(old, fresh string) {
		s.job(life, form, func(ctx context.Context) error { return s.session.ChangePassword(ctx, old, fresh) }, func(err error) {
			if err != nil {
				form.SetFault(passwordField(err), exam.SentenceOf(err))
				return
			}
			a.openFrame()
		})
	}
	form.OnCancel = a.signOut
	shell.After(50*time.Millisecond, func() {
		if !life.Over() {
			form.Start()
		}
	})
	return part.PasswordPage("修改初始密码", form)
}

func passwordCheck(account exam.Account) func(old, fresh, again string) (string, string) {
	return func(old, fresh, again string) (string, string) {
		bad := checkNewPassword(old, fresh, again, account.Login)
		for _, f := range []string{"old", "new", "again"} {
			if bad[f] != "" {
				return f, bad[f]
			}
		}
		return "", ""
	}
}

// passwordField is the field that a refusal is about.
func passwordField(err error) string {
	switch exam.KindOf(err) {
	case exam.WrongPassword:
		return "old"
	case exam.Invalid:
		return "new"
	}
	return ""
}

// openFrame shows the frame with its menu, at the home page.
func (a *App) openFrame() {
	s := a.seat
	s.frame = newFrame(s, a.signOut)
	if p := s.session.Place(); goesOn(p) { // after a crash, straight back to the question
		a.nav.Show(&sittingPage{s: s})
		return
	}
	a.nav.Show(s.frame)
}

// newFrame is the frame around a seat's pages; out signs out.
func newFrame(s *seat, out func()) *shell.Frame {
	account := s.session.Account()
	e := s.session.Enrolment()
	items := make([]shell.Item, len(menu))
	for i, m := range menu {
		items[i] = shell.Item{Key: string(m.ID), Name: m.Text, Glyph: m.Glyph, Page: func() shell.Page { return s.page(m.ID) }}
	}
	province := account.Province
	if province == "" {
		province = e.Doctor.Province
	}
	f := shell.NewFrame(shell.FrameConfig{
		Title: systemName, Province: assets.DivisionName(province),
		Name: orElse(e.Doctor.Name, account.Name), Role: "医师",
		Support: supportText(s.about), Menu: items,
		OnPassword: func() { s.frame.Show(&passwordPage{s}) },
		OnSignOut:  out,
	})
	s.frame = f
	said := lineView{}
	line := func() {
		l := lineOf(s.session.Line(), s.offline)
		if l == said {
			return
		}
		said = l
		f.SetNet(l.Text, l.Tone)
		if l.Notice == "" {
			f.SetNotices()
			return
		}
		f.SetNotices(part.NewBanner(l.Tone, l.Notice, ""))
	}
	line()
	s.watch(s.life, func() {
		line()
		s.portrait()
	})
	s.portrait()
	return f
}

// page makes a page of the menu.
func (s *seat) page(id pageID) shell.Page {
	switch id {
	case pageEnrol:
		return newEnrolPage(s)
	case pageProfile:
		return &profilePage{s: s}
	case pageStudy:
		return &studyPage{s: s}
	case pageExam:
		return &examPage{s: s}
	case pageResult:
		return &resultPage{s: s}
	case pageQuestions:
		return &helpPage{s: s}
	}
	return &homePage{s: s}
}

// signOut closes the session and shows the sign-in. What is pending stays on disk.
func (a *App) signOut() {
	s := a.seat
	a.seat = nil
	a.nav.Show(&signInPage{a: a})
	if s == nil {
		return
	}
	s.life.End()
	shell.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = s.session.Close(ctx) // it says what went wrong in the log itself
	})
}

// passwordPage is 修改密码 at the top right.
type passwordPage struct{ s *seat }

// Open shows the form in the frame.
func (p *passwordPage) Open(life *shell.Life) fyne.CanvasObject {
	s := p.s
	form := part.NewPasswordForm(false, passwordCheck(s.session.Account()))
	back := func() { s.goTo(pageID(orElse(s.frame.At(), string(pageHome)))) }
	form.OnCancel = back
	form.OnSubmit = func(old, fresh string) {
		s.job(life, form, func(ctx context.Context) error { return s.session.ChangePassword(ctx, old, fresh) }, func(err error) {
			if err != nil {
				form.SetFault(passwordField(err), exam.SentenceOf(err))
				return
			}
			s.toast(theme.Good, "密码已修改，下次请用新密码登录")
			back()
		})
	}
	rules := part.Rows()
	for _, r := range passwordRules {
		rules.Add(part.Lead(part.NewGlyph("check", theme.ColorAccent, 16), part.NewText(r)))
	}
	shell.After(50*time.Millisecond, func() {
		if !life.Over() {
			form.Start()
		}
	})
	return part.Groups(part.NewTitle("修改密码"), part.NewCard("", part.Columns(2, 360, form, part.Rows(part.NewStrong("新密码的要求"), rules))))
}
