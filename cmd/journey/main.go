// Command journey goes one doctor's whole way through the real programs, as
// people would: each person sits before a virtual display of their own and has
// a keyboard and a mouse. It leaves a numbered picture of every screen and the
// notice, asks the registry after each step whether the step had its effect,
// and kills terminal and registry on the way to see that nothing is lost.
//
// The programs are built with the tag "journey", which adds only an ear: a
// socket that tells what stands where on the screen (ui/outline).
package main

import (
	"context"
	"crypto/tls"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/client"
	"dingkao/sync/registry/demo"
)

const captcha = "2468"

func main() {
	programs := flag.String("programs", "build", "the `folder` of terminal, desk and registry")
	out := flag.String("out", "build/journey", "the `folder` for pictures and the notice; emptied first")
	part := flag.String("part", "", "only one of the two procedures: simple or general")
	display := flag.Int("display", 171, "number of the first of the virtual displays")
	flag.Parse()
	os.Exit(run(*programs, *out, *part, *display))
}

func run(programs, out, part string, display int) (code int) {
	start := time.Now()
	must(os.RemoveAll(out))
	must(os.MkdirAll(out, 0o755))
	out, err := filepath.Abs(out)
	must(err)
	programs, err = filepath.Abs(programs)
	must(err)
	work, err := os.MkdirTemp("", "journey")
	must(err)
	defer os.RemoveAll(work)

	s := &stage{programs: programs, out: out, work: work, part: part, display: display, album: &album{dir: out}, who: doctor}
	defer s.strike()
	defer func() {
		if r := recover(); r != nil {
			f, ours := r.(failure)
			if !ours {
				panic(r)
			}
			fmt.Fprintf(os.Stderr, "\nFAILED at “%s”: %s\n", s.act, f.text)
			s.lastLook()
			code = 1
		}
	}()
	s.play()
	took := time.Since(start).Round(time.Second)
	fmt.Printf("\n%d pictures and notice.pdf in %s, %d checks in the registry, %d kills, %s\n", s.album.n, out, s.checks, s.kills, took)
	return 0
}

func must(err error) {
	if err != nil {
		fail("%v", err)
	}
}

// stage is everything that runs during the journey.
type stage struct {
	programs, out, work string
	part                string
	display             int
	album               *album
	people              []*person

	registry *exec.Cmd
	url, pin string
	admin    *client.Session
	anyone   *client.Registry

	who           string // whose dossier effect looks at
	act           string
	checks, kills int
}

// scene names what follows, for the reader and for a failure.
func (s *stage) scene(act string) {
	s.act = act
	fmt.Println(act)
}

func (s *stage) person(name, size string) *person {
	p := sit(name, size, s.display+len(s.people), s.album, s.work)
	s.people = append(s.people, p)
	return p
}

// named is a person who was here before.
func (s *stage) named(name string) *person {
	for _, p := range s.people {
		if p.name == name {
			return p
		}
	}
	panic("nobody is named " + name)
}

// machines are what people call the PCs that doctors sit at.
var machines = map[string]string{"doctor": "笔记本", "candidate": "A-07", "candidate2": "A-12"}

// open starts a program before a person.
func (s *stage) open(p *person, program string) {
	args := []string{"--registry", s.url, "--pin", s.pin}
	if program == "terminal" {
		args = append(args, "--data", filepath.Join(s.work, "terminal-"+p.name), "--name", machines[p.name], "--room", "第一考场")
	}
	p.start(filepath.Join(s.programs, "journey-"+program), args...)
}

func (s *stage) strike() {
	for _, p := range s.people {
		p.leave()
	}
	if s.registry != nil && s.registry.Process != nil {
		_ = s.registry.Process.Kill()
		_ = s.registry.Wait()
	}
}

// lastLook keeps what everyone saw and what the programs said when it failed.
func (s *stage) lastLook() {
	defer func() { _ = recover() }()
	for _, p := range s.people {
		cmd := exec.Command("import", "-window", "root", filepath.Join(s.out, "failed-"+p.name+".png"))
		cmd.Env = append(os.Environ(), "DISPLAY="+p.display)
		_ = cmd.Run()
	}
	logs, _ := filepath.Glob(filepath.Join(s.work, "*.log"))
	for _, l := range logs {
		if text, err := os.ReadFile(l); err == nil && len(text) > 0 {
			if len(text) > 4000 {
				text = text[len(text)-4000:]
			}
			fmt.Fprintf(os.Stderr, "--- %s\n%s\n", filepath.Base(l), text)
		}
	}
}

// serve starts the registry with its sample data, over TLS, and waits for it.
// Started again it goes on with what it has.
func (s *stage) serve() {
	ready := filepath.Join(s.work, "ready")
	_ = os.Remove(ready)
	log, err := os.OpenFile(filepath.Join(s.work, "registry.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	must(err)
	s.registry = exec.Command(filepath.Join(s.programs, "registry"), "demo", "--data", filepath.Join(s.work, "registry"),
		"--listen", s.listen(), "--tls", "--rehearsal-captcha", captcha, "--verbose", "--ready-file", ready)
	s.registry.Stdout, s.registry.Stderr = log, log
	must(s.registry.Start())
	until("the registry", func() bool {
		text, err := os.ReadFile(ready)
		s.url = strings.TrimSpace(string(text))
		return err == nil && s.url != ""
	})
	if s.pin == "" {
		text, _ := os.ReadFile(log.Name())
		for _, line := range strings.Split(string(text), "\n") {
			if _, pin, ok := strings.Cut(line, "CA pin: "); ok {
				s.pin = strings.TrimSpace(pin)
			}
		}
		s.anyone, err = client.New(client.Config{Address: s.url, Pins: []string{s.pin}})
		must(err)
	}
}

// listen is the same address at every start: terminals know it.
func (s *stage) listen() string {
	if s.url == "" {
		return "127.0.0.1:0"
	}
	return strings.TrimPrefix(s.url, "https://")
}

// killRegistry ends the registry as a power cut would, and starts it again.
func (s *stage) killRegistry() {
	s.kills++
	must(s.registry.Process.Kill())
	_ = s.registry.Wait()
	s.serve()
}

// killTerminal ends a person's program as a power cut would; the caller starts
// it again and signs in.
func (s *stage) killTerminal(p *person) {
	s.kills++
	p.kill()
}

// row is the doctor's dossier as the registry has it.
func (s *stage) row(name string) application.Row {
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	if s.admin == nil {
		c, err := s.anyone.Captcha(ctx)
		must(err)
		s.admin, err = s.anyone.SignInStaff(ctx, exam.Credentials{Province: demo.Province, Login: "admin", Password: demo.Password, Captcha: c.ID, Text: captcha, Terminal: "journey"})
		must(err)
	}
	page, err := s.admin.Rows(ctx, application.Filter{Text: name})
	must(err)
	if len(page.Rows) != 1 {
		fail("%d dossiers of %s", len(page.Rows), name)
	}
	return page.Rows[0]
}

// effect checks that the registry holds what a step should have done.
func (s *stage) effect(what string, ok func(application.Row, application.Case) bool) {
	s.checks++
	var last application.Row
	end := time.Now().Add(patience)
	for {
		last = s.row(s.who)
		ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
		c, err := s.admin.Case(ctx, last.Application)
		stop()
		must(err)
		if ok(last, c) {
			fmt.Printf("   registry: %s\n", what)
			return
		}
		if time.Now().After(end) {
			fail("the registry does not hold: %s; it says %s, own %d, review %d", what, last.State, c.Dossier.OwnSeq, c.Dossier.ReviewSeq)
		}
		time.Sleep(200 * time.Millisecond)
	}
}

// dossier is everything the registry has of the doctor.
func (s *stage) dossier() application.Case {
	r := s.row(s.who)
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	c, err := s.admin.Case(ctx, r.Application)
	must(err)
	return c
}

func (s *stage) state(want application.State) {
	s.effect("state "+string(want), func(r application.Row, _ application.Case) bool { return r.State == want })
}

// page fetches a public page.
func (s *stage) page(url string, want int) string {
	c := http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} // the pin was checked by the programs
	resp, err := c.Get(url)
	must(err)
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	must(err)
	if resp.StatusCode != want {
		fail("%s: %s", url, resp.Status)
	}
	return string(text)
}

// tool runs a checker and returns what it printed.
func tool(name string, args ...string) string {
	var said strings.Builder
	cmd := exec.Command(name, args...)
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		fail("%s: %v: %s%s", name, err, out, said.String())
	}
	return string(out)
}
