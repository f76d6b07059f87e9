package desk

import (
	"bytes"
	"context"
	"image"
	_ "image/jpeg" // photographs
	_ "image/png"  // photographs
	"strconv"
	"time"

	"fyne.io/fyne/v2"

	"dingkao/assets"
	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// refreshEvery is how often lists, badges and open cases are read anew.
const refreshEvery = 15 * time.Second

// seat is one member of staff signed in, as the pages share it.
type seat struct {
	session Session
	desktop Desktop
	about   exam.About
	account exam.Account
	role    exam.Role
	now     func() exam.Instant
	frame   *shell.Frame
	// life lasts as long as the session: what was sent is waited for although its
	// page is left.
	life *shell.Life
	// expired is told when the registry knows the session no more.
	expired func(why string)
	gone    bool
	// offices are the institutions of the filter; nil before they were read.
	offices []exam.Institution
	// lists are the lists that were opened, with their filters, ticks and places.
	lists map[pageID]*queuePage
	// wall is the proctor's, once it was opened.
	wall *wallPage
	// pictures that were fetched; the last few hundred at most.
	pictures map[exam.BlobHash]image.Image
}

// mostPictures bounds what is kept in memory of fetched pictures.
const mostPictures = 60

func newSeat(session Session, desktop Desktop, about exam.About, now func() exam.Instant) *seat {
	account := session.Account()
	return &seat{session: session, desktop: desktop, about: about, account: account, role: account.Role, now: now,
		life: shell.NewLife(), lists: map[pageID]*queuePage{}, pictures: map[exam.BlobHash]image.Image{}}
}

// newFrame is the frame around a seat's pages; out signs out.
func newFrame(s *seat, out func()) *shell.Frame {
	var items []shell.Item
	for _, p := range pagesFor(s.role) {
		items = append(items, shell.Item{Key: string(p.id), Name: p.title, Glyph: p.glyph, Page: func() shell.Page { return s.page(p) }})
	}
	office := s.account.OfficeName
	if office == "" {
		office = s.role.Text()
	}
	f := shell.NewFrame(shell.FrameConfig{
		Province: assets.DivisionName(s.account.Province), Name: s.account.Name, Role: office,
		Support: supportText(s.about), Menu: items,
		OnPassword: func() { s.frame.Show(&passwordPage{s}) },
		OnSignOut:  out,
	})
	s.frame = f
	f.SetNet("在线", theme.Good)
	s.count()
	s.life.Every(refreshEvery, s.count)
	return f
}

// page makes a page of the menu.
func (s *seat) page(p page) shell.Page {
	switch p.id {
	case pageProctor:
		return newWallPage(s)
	case pageStatistics:
		return &statisticsPage{s: s}
	}
	return newQueuePage(s, p)
}

// expiredText says at the sign-in why somebody is there again.
const expiredText = "登录已失效，请重新登录；已作出的决定都已保存"

// heard takes note of what an error tells of the line. It answers whether the
// session is over, so that nothing more needs to be said.
func (s *seat) heard(err error) bool {
	switch exam.KindOf(err) {
	case exam.Unavailable:
		s.net("连接中断，正在重试", theme.Warn)
	case exam.Unauthenticated:
		if !s.gone && s.expired != nil {
			s.gone = true
			s.expired(expiredText)
		}
		return true
	default:
		s.net("在线", theme.Good)
	}
	return false
}

func (s *seat) net(text string, tone theme.Tone) {
	if s.frame != nil {
		s.frame.SetNet(text, tone)
	}
}

func (s *seat) toast(tone theme.Tone, text string) {
	if s.frame != nil {
		s.frame.Toast(tone, text)
	}
}

func (s *seat) canvas() fyne.Canvas {
	if s.frame == nil {
		return nil
	}
	return part.CanvasOf(s.frame.Object())
}

// count asks how much waits on each page of the menu, and says so beside it.
func (s *seat) count() {
	var pages []page
	for _, p := range pagesFor(s.role) {
		if p.badge {
			pages = append(pages, p)
		}
	}
	if len(pages) == 0 {
		return
	}
	shell.Job(s.life, func(ctx context.Context) (map[pageID]int, error) {
		ns := map[pageID]int{}
		for _, p := range pages {
			f := p.filter
			f.Limit = 1
			got, err := s.session.Rows(ctx, f)
			if err != nil {
				return nil, err
			}
			ns[p.id] = got.Total
		}
		return ns, nil
	}, func(ns map[pageID]int, err error) {
		if s.heard(err) || err != nil {
			return
		}
		for id, n := range ns {
			s.frame.SetBadge(string(id), badgeText(n))
		}
	})
}

func badgeText(n int) string {
	switch {
	case n == 0:
		return ""
	case n > 999:
		return "999+"
	}
	return strconv.Itoa(n)
}

// picture fetches and decodes a stored picture; then is called on Fyne's goroutine.
func (s *seat) picture(life *shell.Life, h exam.BlobHash, then func(image.Image, error)) {
	if img, ok := s.pictures[h]; ok {
		then(img, nil)
		return
	}
	shell.Job(life, func(ctx context.Context) (image.Image, error) {
		data, err := s.session.Picture(ctx, h)
		if err != nil {
			return nil, err
		}
		img, _, err := image.Decode(bytes.NewReader(data))
		if err != nil {
			return nil, exam.Wrap(exam.Damaged, err, "这张图片打不开，请联系系统管理员")
		}
		return img, nil
	}, func(img image.Image, err error) {
		if err == nil {
			if len(s.pictures) >= mostPictures {
				clear(s.pictures)
			}
			s.pictures[h] = img
		}
		then(img, err)
	})
}

// takeUp tells the registry that a reviewer has opened a case.
func (s *seat) takeUp(ctx context.Context, c application.Case) error {
	outs, err := s.session.Decide(ctx, application.Decision{Act: application.ActTakenUp,
		Targets: []application.Target{{Application: c.Application, On: c.Dossier.OwnSeq}}})
	if err != nil {
		return err
	}
	for _, o := range outs {
		if o.Kind != "" {
			return exam.Errorf(o.Kind, "%s", outcomeSentence(o))
		}
	}
	return nil
}
