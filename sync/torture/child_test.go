//go:build linux

package torture

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/client"
	"dingkao/sync/registry"
	"dingkao/sync/registry/httpapi"
	"dingkao/sync/registry/node"
	"dingkao/sync/registry/registrytest"
	"dingkao/sync/station"
)

// registryJob is what the registry's process is told.
type registryJob struct {
	Dir, Listen string
	Epoch       time.Time
}

// terminalJob is what a terminal's process is told.
type terminalJob struct {
	Path, URL, Login, Code string
	Seed                   uint64
	Run, Answers           int
	Epoch                  time.Time
	Boot                   string
	BootAt                 time.Time     // true time
	Wall                   time.Duration // how wrong the PC's clock is
	ByClock, Planted, Full bool
}

// unlimited is RLIM_INFINITY.
const unlimited = ^uint64(0)

func silent() *log.Logger { return log.New(io.Discard, "", 0) }

func child(role string) {
	var err error
	switch job := os.Getenv("TORTURE_JOB"); role {
	case "registry":
		var j registryJob
		if err = json.Unmarshal([]byte(job), &j); err == nil {
			err = serveRegistry(j)
		}
	case "memory":
		var j terminalJob
		if err = json.Unmarshal([]byte(job), &j); err == nil {
			err = lookInside(j)
		}
	case "terminal":
		var j terminalJob
		if err = json.Unmarshal([]byte(job), &j); err == nil {
			err = sit(j)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "torture:", role, err)
		os.Exit(1)
	}
}

func serveRegistry(j registryJob) error {
	clock := &registrytest.Clock{}
	clock.Run(j.Epoch, speed)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	n, err := node.Open(context.Background(), node.Options{Data: j.Dir, Version: "test", RehearsalCaptcha: registrytest.Captcha,
		Hash: registry.HashCost{MemoryKiB: 64, Passes: 1, Lanes: 1}, Clock: clock.Now, Log: quiet})
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", j.Listen)
	if err != nil {
		return err
	}
	srv := httpapi.New(httpapi.Options{Registry: n.Registry, Log: quiet}).Server()
	srv.ErrorLog = silent()
	return srv.Serve(l)
}

// clocks are a PC's: its monotonic one runs sixty times as fast as ours, its
// wall clock is anywhere.
type clocks struct{ j terminalJob }

func (c clocks) Reading() sitting.Reading {
	now := time.Now()
	return sitting.Reading{Boot: c.j.Boot, Mono: sitting.SpanOf(now.Sub(c.j.BootAt)) * speed,
		Wall: exam.InstantOf(c.j.Epoch.Add(now.Sub(c.j.Epoch) * speed).Add(c.j.Wall))}
}

func say(format string, args ...any) { fmt.Printf(format+"\n", args...) }

// sit is one run of a candidate's terminal: from the sign-in to the hand-in, or
// to the kill.
func sit(j terminalJob) error {
	ctx := context.Background()
	r := rand.New(rand.NewPCG(j.Seed, uint64(j.Run)+100))
	line, err := client.New(client.Config{Address: j.URL, Timeout: 2 * time.Second})
	if err != nil {
		return err
	}
	st, err := station.Open(station.Config{Path: j.Path, Registry: line, Every: 150 * time.Millisecond, Clocks: clocks{j}})
	if err != nil {
		return err
	}
	s, err := enter(ctx, st, j)
	if err != nil {
		return err
	}
	if err := takeSeat(ctx, s, j); err != nil {
		return err
	}
	say("I %s", s.Place().Seat.Sitting)
	was := s.Place().Sitting.Opened != 0
	for !s.Place().Open && !ended(s.Place().Sitting.State) {
		if s.Place().Stopped != "" {
			say("X")
			return nil
		}
		_ = s.Look(ctx)
		err := s.OpenPaper(ctx)
		if err != nil && !again(err) {
			return fmt.Errorf("opening: %w", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	p := s.Place()
	if was {
		say("B %s", p.View.Question)
	} else {
		say("O")
		say("C %s", p.View.Question)
	}
	if j.Full {
		signal.Ignore(syscall.SIGXFSZ)
		if info, err := os.Stat(j.Path); err == nil {
			limit := syscall.Rlimit{Cur: uint64(info.Size()), Max: unlimited}
			_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
			time.AfterFunc(time.Duration(100+r.IntN(500))*time.Millisecond, func() { // somebody made room
				limit.Cur = unlimited
				_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit)
			})
		}
	}
	told := map[paper.QuestionID]paper.Answer{}
	for n := 0; j.ByClock || n < j.Answers; n++ {
		p = s.Place()
		if ended(p.Sitting.State) || p.Stopped != "" {
			break
		}
		if p.Sitting.State == sitting.Paused {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		for q, k := range p.Kept {
			if a := p.Sitting.Answer(q); k == sitting.AtRegistry && told[q] != a {
				told[q] = a
				say("R %s %s", q, a)
			}
		}
		q := p.Order.ID(r.IntN(p.Order.Len()))
		a := paper.Only(r.IntN(4))
		say("T %s %s", q, a)
		if j.Planted {
			say("A %s %s", q, a)
			time.Sleep(25 * time.Millisecond) // long enough for a kill to fall into
		}
		switch err := s.Answer(q, a); {
		case err == nil:
			if !j.Planted {
				say("A %s %s", q, a)
			}
			say("C %s", s.Place().View.Question)
		default:
			if j.Planted {
				say("U %s %s", q, a)
			} else {
				say("N %s %s", q, a)
			}
		}
		if r.IntN(10) == 0 {
			to := p.Order.ID(r.IntN(p.Order.Len()))
			say("T %s", to)
			if s.GoTo(to) == nil {
				say("C %s", to)
			}
		}
		time.Sleep(time.Duration(r.IntN(25)) * time.Millisecond)
	}
	for !ended(s.Place().Sitting.State) && s.Place().Stopped == "" {
		if err := s.HandIn(ctx); err != nil && !again(err) {
			return fmt.Errorf("hand-in: %w", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	if s.Place().Stopped != "" {
		say("X %s", s.Place().Stopped)
		return nil
	}
	say("S")
	for !s.Place().Delivered {
		if s.Place().Stopped != "" {
			say("X")
			return nil
		}
		_ = s.Refresh(ctx)
		time.Sleep(20 * time.Millisecond)
	}
	say("D")
	return nil
}

// again says whether it may work another time: the line, an order on its way, a
// disk that is full for a while.
func again(err error) bool {
	switch exam.KindOf(err) {
	case exam.Unavailable, exam.Refused, exam.Conflict, exam.NotFound, exam.Throttled, exam.TooLarge, exam.Internal:
		return true
	}
	return false
}

func ended(s sitting.State) bool {
	return s == sitting.HandedIn || s == sitting.Terminated || s == sitting.Absent
}

// enter signs in, however often the line fails.
func enter(ctx context.Context, st *station.Station, j terminalJob) (*station.Session, error) {
	for {
		c, err := st.Captcha(ctx)
		if err == nil {
			var s *station.Session
			s, err = st.SignIn(ctx, exam.Credentials{Province: registrytest.Province, Login: j.Login, Password: registrytest.Password, Captcha: c.ID, Text: registrytest.Captcha})
			if err == nil {
				return s, nil
			}
		}
		if k := exam.KindOf(err); k != exam.Unavailable && k != exam.WrongPassword && k != exam.Throttled {
			return nil, err
		}
		time.Sleep(30 * time.Millisecond)
	}
}

// takeSeat checks in, however often the line fails.
func takeSeat(ctx context.Context, s *station.Session, j terminalJob) error {
	for s.Place().Seat.Sitting == "" || j.Code != "" && !s.Place().Mine {
		err := s.CheckIn(ctx, nil, j.Code)
		if err != nil && exam.KindOf(err) != exam.Unavailable {
			if s.Place().Mine { // it was taken the first time, and the answer was lost
				return nil
			}
			if !again(err) {
				return fmt.Errorf("check-in: %w", err)
			}
		}
		time.Sleep(10 * time.Millisecond)
	}
	return nil
}
