// Package station is the terminal's end of the line: what the doctor's screens
// ask for, kept on this PC (sync/local) and brought to the registry by itself
// (sync/outbox, sync/client).
//
// It promises:
//   - What SaveStep and KeepDraft took is on this PC's disk and stays there
//     until the registry has it. A crash, a dead line, an ended session or a
//     second terminal loses nothing of it.
//   - What is shown is the fold of what the registry acknowledged and, upon it,
//     what this PC still has to send, by the rules of exam/application alone.
//   - Two terminals that changed different steps are brought together silently;
//     where both changed the same step, both values are kept on disk until the
//     doctor has chosen ([Session.Settle]). A submission is never sent upon
//     content that its doctor has not seen.
//   - Whatever had to be taken back is kept with the reason (local.Displaced),
//     and its text returns to the draft.
//
// A [Station] is one terminal, a [Session] one doctor signed in there.
package station

import (
	"context"
	"strings"
	"sync"
	"time"

	"dingkao/exam"
	"dingkao/sync/client"
	"dingkao/sync/local"
)

// Config says what a station is made of. Path and Registry are required.
type Config struct {
	// Path is the terminal's file; its key stands beside it.
	Path string
	// Registry is the other end; the station does not close it.
	Registry *client.Registry
	// Every is the time between two looks at the registry while all is well;
	// 0: 15 seconds.
	Every time.Duration
	// Machine is what people call this PC, and Room where it stands: a proctor
	// reads them. Empty: the terminal's own id, and no room.
	Machine, Room string
	// Clocks are this PC's; nil: the system's.
	Clocks Clocks
}

// Station is one terminal. It is safe for use by many goroutines.
type Station struct {
	store    *local.Store
	registry *client.Registry
	every    time.Duration
	clock    clock
	clocks   Clocks
	machine  string
	room     string

	mu       sync.Mutex
	sessions map[string]*Session // open ones, by login
}

// Open opens the terminal's file. The errors are those of local.Open.
func Open(c Config) (*Station, error) {
	store, err := local.Open(c.Path)
	if err != nil {
		return nil, err
	}
	s := &Station{store: store, registry: c.Registry, every: c.Every, sessions: map[string]*Session{},
		clocks: c.Clocks, machine: c.Machine, room: c.Room}
	if s.clocks == nil {
		s.clocks = &system{}
	}
	if s.machine == "" {
		s.machine = store.Terminal()
	}
	s.clock.notBefore(store.About().Now)
	return s, nil
}

// Close ends every session and closes the file. It may be called more than once.
func (s *Station) Close(ctx context.Context) error {
	s.mu.Lock()
	var open []*Session
	for _, o := range s.sessions {
		open = append(open, o)
	}
	s.mu.Unlock()
	for _, o := range open {
		_ = o.Close(ctx)
	}
	return s.store.Close()
}

// Damages are what was found damaged on this PC and put aside.
func (s *Station) Damages() []local.Damage { return s.store.Damages() }

// About is what the registry says of itself; without a line, what it said last,
// together with the error.
func (s *Station) About(ctx context.Context) (exam.About, error) {
	sent := time.Now()
	a, err := s.registry.About(ctx)
	if err != nil {
		return s.store.About(), err
	}
	s.clock.set(a.Now, sent)
	_ = s.store.SetAbout(a) // a full disk does not keep anyone out
	return a, nil
}

// Captcha asks for a new picture.
func (s *Station) Captcha(ctx context.Context) (exam.Captcha, error) { return s.registry.Captcha(ctx) }

// normal is a login as accounts have it, however it was typed.
func normal(login string) string {
	if id, err := exam.ParseIdentity(login); err == nil {
		return string(id)
	}
	return strings.TrimSpace(login)
}

// CanEnterOffline says whether this doctor signed in on this PC before.
func (s *Station) CanEnterOffline(login string) bool { return s.store.Known(normal(login)) }

// SignIn enters with the registry. An earlier session of the same doctor on
// this terminal ends. Errors: WrongPassword, Throttled, Forbidden (not a
// doctor), Unavailable.
func (s *Station) SignIn(ctx context.Context, c exam.Credentials) (*Session, error) {
	c.Login = normal(c.Login)
	if c.Terminal == "" {
		c.Terminal = s.store.Terminal()
	}
	remote, err := s.registry.SignInDoctor(ctx, c)
	if err != nil {
		return nil, err
	}
	s.leave(ctx, c.Login)
	v, err := s.store.Admit(c.Login, c.Password)
	if err != nil {
		_ = remote.Close(ctx)
		return nil, err
	}
	if _, ok := s.clock.age(); !ok {
		_, _ = s.About(ctx)
	}
	return s.enter(ctx, c.Login, v, remote)
}

// EnterOffline opens what lies on this PC with the password alone. Nothing is
// sent before the next SignIn. Errors: NotFound, WrongPassword.
func (s *Station) EnterOffline(ctx context.Context, c exam.Credentials) (*Session, error) {
	c.Login = normal(c.Login)
	v, err := s.store.Unlock(c.Login, c.Password)
	if err != nil {
		return nil, err
	}
	s.leave(ctx, c.Login)
	return s.enter(ctx, c.Login, v, nil)
}

func (s *Station) leave(ctx context.Context, login string) {
	s.mu.Lock()
	o := s.sessions[login]
	s.mu.Unlock()
	if o != nil {
		_ = o.Close(ctx)
	}
}

func (s *Station) enter(ctx context.Context, login string, v *local.Vault, remote *client.Session) (*Session, error) {
	o, err := newSession(ctx, s, login, v, remote)
	if err != nil {
		if remote != nil {
			_ = remote.Close(ctx)
		}
		return nil, err
	}
	s.mu.Lock()
	s.sessions[login] = o
	s.mu.Unlock()
	return o, nil
}

func (s *Station) left(o *Session) {
	s.mu.Lock()
	if s.sessions[o.login] == o {
		delete(s.sessions, o.login)
	}
	s.mu.Unlock()
}
