package station

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/client"
	"dingkao/sync/local"
	"dingkao/sync/registry/demo"
	"dingkao/sync/registry/registrytest"
)

const doctorsPassword = registrytest.Password

func TestMain(m *testing.M) {
	if os.Getenv("STATION_CHILD") != "" {
		if os.Getenv("STATION_FULL") != "" {
			answerUntilFull()
			return
		}
		saveAndWait()
		return
	}
	if os.Getenv("STATION_PRACTISES") != "" {
		practiseUntilKilled()
		return
	}
	os.Exit(m.Run())
}

// What the line does to a request.
const (
	good       = iota
	dead       // nobody answers
	losesReply // an append arrives, its answer does not
)

// rig is a real registry behind a line that can be cut.
type rig struct {
	*registrytest.Registry
	URL  string // through the line
	mode atomic.Int32
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{Registry: registrytest.Start(t)}
	target, err := url.Parse(r.Registry.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	forward := &httputil.ReverseProxy{
		Rewrite:   func(p *httputil.ProxyRequest) { p.SetURL(target) },
		Transport: transport,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			panic(http.ErrAbortHandler) // as if nobody were there
		},
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		switch mode := r.mode.Load(); {
		case mode == dead:
			panic(http.ErrAbortHandler)
		case mode == losesReply && q.Method == "POST" && q.URL.Path == "/v1/entries":
			forward.ServeHTTP(httptest.NewRecorder(), q)
			panic(http.ErrAbortHandler)
		}
		forward.ServeHTTP(w, q)
	}))
	srv.Config.ErrorLog = nil
	t.Cleanup(srv.Close)
	r.URL = srv.URL
	return r
}

// pc is one terminal: a file of its own, opened and closed like a program.
type pc struct {
	t    *testing.T
	rig  *rig
	path string
	*Station
	line   *client.Registry
	clocks Clocks
}

func (r *rig) pc(t *testing.T, name string) *pc {
	t.Helper()
	p := &pc{t: t, rig: r, path: filepath.Join(t.TempDir(), name+".db")}
	p.start()
	t.Cleanup(p.stop)
	return p
}

func (p *pc) start() {
	p.t.Helper()
	line, err := client.New(client.Config{Address: p.rig.URL, Timeout: 5 * time.Second})
	if err != nil {
		p.t.Fatal(err)
	}
	s, err := Open(Config{Path: p.path, Registry: line, Every: 200 * time.Millisecond, Clocks: p.clocks})
	if err != nil {
		p.t.Fatal(err)
	}
	p.Station, p.line = s, line
}

func (p *pc) stop() {
	if p.Station != nil {
		_ = p.Station.Close(context.Background())
		p.line.Close()
		p.Station = nil
	}
}

func (p *pc) credentials(login, password string) exam.Credentials {
	p.t.Helper()
	c, err := p.Captcha(context.Background())
	if err != nil {
		p.t.Fatal(err)
	}
	return exam.Credentials{Province: registrytest.Province, Login: login, Password: password, Captcha: c.ID, Text: registrytest.Captcha}
}

func (p *pc) enter(login string) *Session {
	p.t.Helper()
	s, err := p.SignIn(context.Background(), p.credentials(login, doctorsPassword))
	if err != nil {
		p.t.Fatalf("sign-in: %v", err)
	}
	return s
}

func (p *pc) offline(login, password string) *Session {
	p.t.Helper()
	s, err := p.EnterOffline(context.Background(), exam.Credentials{Login: login, Password: password})
	if err != nil {
		p.t.Fatalf("offline: %v", err)
	}
	return s
}

// until waits for a change that makes ok true; it fails the test after long.
func until(t *testing.T, s *Session, what string, ok func() bool) {
	t.Helper()
	changed := make(chan struct{}, 1)
	stop := s.Watch(func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	})
	defer stop()
	deadline := time.After(75 * time.Second)
	for !ok() {
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("%s: waited in vain; line %+v, state %s", what, s.Line(), s.Enrolment().Dossier.State)
		}
	}
}

func sent(t *testing.T, s *Session) {
	t.Helper()
	until(t, s, "sent", func() bool { l := s.Line(); return l.Online && l.Pending == 0 })
}

func refresh(t *testing.T, s *Session) {
	t.Helper()
	if err := s.Refresh(context.Background()); err != nil {
		t.Fatalf("refresh: %v", err)
	}
}

func save(t *testing.T, s *Session, f application.Form) {
	t.Helper()
	if err := s.SaveStep(context.Background(), f); err != nil {
		t.Fatalf("save: %v", err)
	}
}

func state(t *testing.T, s *Session, want application.State) {
	t.Helper()
	if got := s.Enrolment().Dossier.State; got != want {
		t.Fatalf("state %s, want %s", got, want)
	}
}

// whole is a form that can be submitted; its pictures are added to s.
func whole(t *testing.T, s *Session, i int) application.Form {
	t.Helper()
	photo, err := s.AddPicture(context.Background(), `C:\照片\本人.jpg`, demo.Portrait(i))
	if err != nil {
		t.Fatal(err)
	}
	proof, err := s.AddPicture(context.Background(), "证明.jpg", demo.Proof(i))
	if err != nil {
		t.Fatal(err)
	}
	return demo.Form(i, photo, proof)
}

func mobile(n string) application.Form {
	return application.Form{Basic: &application.Basic{Mobile: n}}
}

func department(n string) application.Form {
	return application.Form{Practice: &application.Practice{Department: n}}
}

// noLeak fails the test if goroutines of ours are left at its end.
func noLeak(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		var stacks string
		for range 100 {
			buf := make([]byte, 1<<20)
			stacks = string(buf[:runtime.Stack(buf, true)])
			if !strings.Contains(stacks, "sync/outbox.(*Outbox)") && !strings.Contains(stacks, "station.(*Session)") {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("goroutines are left:\n%s", stacks)
	})
}

// saveAndWait is a terminal as a process of its own: it enters without a line,
// saves, says so and waits to be killed.
func saveAndWait() {
	fail := func(err error) {
		fmt.Println("failed:", err)
		os.Exit(3)
	}
	line, err := client.New(client.Config{Address: "http://127.0.0.1:1"})
	if err != nil {
		fail(err)
	}
	st, err := Open(Config{Path: os.Getenv("STATION_CHILD"), Registry: line})
	if err != nil {
		fail(err)
	}
	s, err := st.EnterOffline(context.Background(), exam.Credentials{Login: os.Getenv("STATION_LOGIN"), Password: doctorsPassword})
	if err != nil {
		fail(err)
	}
	for n := range 3 {
		if err := s.SaveStep(context.Background(), mobile(fmt.Sprintf("1390000000%d", n))); err != nil {
			fail(err)
		}
	}
	s.KeepDraft(department("写了一半"))
	for { // until the draft is on disk
		var d application.Form
		if err := s.vault.View(func(t *local.Tx) (err error) { d, err = t.Draft(s.seen.draftKey()); return err }); err != nil {
			fail(err)
		}
		if d.Practice != nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	fmt.Println("saved")
	select {}
}

func killedWhileWaiting(t *testing.T, path, login string) {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run=^$")
	c.Env = append(os.Environ(), "STATION_CHILD="+path, "STATION_LOGIN="+login)
	c.Stderr = os.Stderr
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	_ = c.Process.Kill()
	_ = c.Wait()
	if line != "saved\n" {
		t.Fatalf("the child said %q", line)
	}
}
