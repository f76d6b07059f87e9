// Package registrytest is a real registry in this process for everyone's tests:
// SQLite in a temporary folder behind the HTTP API on 127.0.0.1, with one cycle,
// a few offices, staff and doctors whose passwords are known. Nothing in it is
// mocked but the clock, which a test may set, and the captcha, which is always
// [Captcha]; password hashes are made cheap.
//
//	r := registrytest.Start(t)
//	in := r.SignIn(t, registrytest.Doctor) // a token, as a terminal gets it
//	r.Submit(t, registrytest.Doctor)       // fills in the form and submits it
//	r.Approve(t, registrytest.Doctor)      // both reviews
//
//	c := r.StartExam(t, registrytest.Doctor) // up to the start order, with a paper
//	c.Open(t)                                // the sealed paper and its key
//	c.AnswerRight(t, 6)
//	c.HandIn(t)
//	c.Send(t) // the journal; the registry scores
//
// It is meant for one goroutine per test; each Start is a registry of its own,
// so tests may run side by side.
package registrytest

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/certificate"
	"dingkao/sync/registry"
	"dingkao/sync/registry/demo"
	"dingkao/sync/registry/httpapi"
	"dingkao/sync/registry/keys"
	"dingkao/sync/registry/node"
	"dingkao/sync/wire"
)

// What stands in every registry of this package.
const (
	Province = demo.Province
	CycleID  = demo.CycleID
	Captcha  = "2468"      // the answer to every captcha
	Password = "Test2026!" // of everyone but NewDoctor, who still has exam.FirstPassword

	Institution  = "changzhi" // staff of demo.Changzhi
	Elsewhere    = "taiyuan"  // staff of another institution, demo.Taiyuan
	Assessor     = "kaohe"
	Authority    = "weijian"
	Proctor      = "jiankao"
	Admin        = "admin"
	NewClerk     = "xinren" // staff of demo.Changzhi whose first password is still in force
	staffOfClerk = demo.Changzhi
)

// The doctors, by their identity numbers, which are their logins.
var (
	Doctor      = string(demo.Identity(0)) // 苏晓棠 of demo.Changzhi, in the cycle
	NewDoctor   = string(demo.Identity(1)) // 顾言川 of demo.Changzhi, in the cycle, must change the password
	Outsider    = string(demo.Identity(2)) // 林知远 of demo.Changzhi, not in the cycle
	OtherDoctor = string(demo.Identity(6)) // 陆景行 of demo.Taiyuan, in the cycle
)

var places = map[string]int{Doctor: 0, NewDoctor: 1, Outsider: 2, OtherDoctor: 6}

// Clock is the registry's clock. It runs until Set stops it.
type Clock struct {
	mu     sync.Mutex
	offset time.Duration
	fixed  time.Time
	from   time.Time // where Run began
	speed  int       // 0: as the system's
}

// Now is the time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.fixed.IsZero() {
		return c.fixed
	}
	if c.speed != 0 {
		return c.from.Add(time.Since(c.from) * time.Duration(c.speed)).Add(c.offset)
	}
	return time.Now().Add(c.offset)
}

// Run lets the clock run speed times as fast from an instant on, which every
// process that shares it is told.
func (c *Clock) Run(from time.Time, speed int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.from, c.speed = from, speed
}

// Set stops the clock at t.
func (c *Clock) Set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fixed = t
}

// Advance puts the clock forward.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset += d
	if !c.fixed.IsZero() {
		c.fixed = c.fixed.Add(d)
	}
}

// Options change what Start makes. The zero value is a plain registry.
type Options struct {
	TLS      bool             // serve TLS with the registry's own authority; see Pin
	Empty    bool             // no cycle, offices or people
	Timeouts httpapi.Timeouts // shorter ones, to test them
	Log      io.Writer        // gets the server's log
	// Fonts draws real notices with the fonts of assets/fonts, where they are;
	// otherwise, and without it, a notice is a small stand-in that is no page.
	Fonts bool
	// Notary draws and signs notices in its stead.
	Notary registry.Notary
	// Database is a postgres:// address; "" is SQLite in the folder.
	Database string
}

// Registry is a running registry. Its Node is the use cases.
type Registry struct {
	URL   string // http://127.0.0.1:…, or https
	Clock *Clock
	Dir   string // the data folder
	// Applications are the dossiers' ids, by the doctor's login.
	Applications map[string]exam.ApplicationID
	*node.Node
	o    Options
	addr string
	srv  *http.Server
	done chan struct{}
}

// Start starts a registry and stops it with the test.
func Start(t testing.TB, options ...Options) *Registry {
	t.Helper()
	r := &Registry{Clock: &Clock{}, Dir: t.TempDir(), Applications: map[string]exam.ApplicationID{}, addr: "127.0.0.1:0"}
	if len(options) > 0 {
		r.o = options[0]
	}
	r.Restart(t)
	t.Cleanup(r.Stop)
	if !r.o.Empty {
		r.people(t)
	}
	return r
}

// Restart stops the registry, if it runs, and starts it again on its data and
// its address, as after a crash.
func (r *Registry) Restart(t testing.TB) {
	t.Helper()
	r.Stop()
	ctx := context.Background()
	if r.o.Log == nil {
		r.o.Log = io.Discard
	}
	log := slog.New(slog.NewJSONHandler(r.o.Log, nil))
	o := node.Options{
		Data: r.Dir, Database: r.o.Database, Version: "test", Support: "0351-0000000", VerifyURL: "https://registry.example/verify/",
		RehearsalCaptcha: Captcha, Hash: registry.HashCost{MemoryKiB: 64, Passes: 1, Lanes: 1}, Clock: r.Clock.Now, Log: log,
		Notary: r.o.Notary,
	}
	if r.o.Fonts {
		o.Regular, o.Bold = fonts()
	}
	if o.Notary == nil && len(o.Regular) == 0 {
		o.Notary = standIn{}
	}
	n, err := node.Open(ctx, o)
	if err != nil {
		t.Fatalf("registrytest: %v", err)
	}
	r.Node = n
	l, err := net.Listen("tcp", r.addr)
	if err != nil {
		t.Fatalf("registrytest: %v", err)
	}
	r.addr, r.URL = l.Addr().String(), "http://"+l.Addr().String()
	if r.o.TLS {
		r.URL = "https://" + r.addr
		l = tls.NewListener(l, n.Ring.TLS())
	}
	r.srv = httpapi.New(httpapi.Options{Registry: n.Registry, Log: log, Timeouts: r.o.Timeouts}).Server()
	r.done = make(chan struct{})
	go func() {
		defer close(r.done)
		_ = r.srv.Serve(l) // ends with Stop
	}()
}

// Stop stops the registry: whoever calls finds nobody. It may be called twice.
func (r *Registry) Stop() {
	if r.srv == nil {
		return
	}
	_ = r.srv.Close()
	<-r.done
	_ = r.Node.Close()
	r.srv = nil
}

// Pin is what a terminal pins.
func (r *Registry) Pin() string { return r.Ring.Pin() }

// Client is an HTTP client that trusts this registry.
func (r *Registry) Client() *http.Client {
	return &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{
		TLSClientConfig: keys.PinnedTLS(time.Now, r.Pin()), DisableKeepAlives: true, ForceAttemptHTTP2: false,
	}}
}

// people makes offices, staff and doctors.
func (r *Registry) people(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	must(t, r.AddProvince(ctx, demo.ProvinceOf()))
	for _, o := range demo.Offices() {
		must(t, r.AddInstitution(ctx, o))
	}
	must(t, r.AddCycle(ctx, demo.Cycle(exam.DateOf(r.Clock.Now().In(exam.China)))))
	for _, u := range append(demo.Staff[:len(demo.Staff):len(demo.Staff)],
		registry.NewUser{Province: Province, Login: NewClerk, Name: "新人", Role: exam.RoleInstitution, Office: staffOfClerk}) {
		_, err := r.AddUser(ctx, u)
		must(t, err)
	}
	var rows []registry.RosterRow
	doctors := []string{Doctor, NewDoctor, Outsider, OtherDoctor}
	for _, login := range doctors {
		rows = append(rows, demo.RosterRow(places[login]))
	}
	results, err := r.ImportRoster(ctx, rows)
	must(t, err)
	for i, res := range results {
		r.Applications[doctors[i]] = res.Application
		if res.Result != "added" {
			t.Fatalf("registrytest: roster: %+v", res)
		}
	}
	for _, login := range []string{Institution, Elsewhere, Assessor, Authority, Proctor, Admin, Doctor, Outsider, OtherDoctor} {
		r.SignIn(t, login)
	}
	r.decide(t, Institution, application.ActIncluded, "", Doctor)
	r.decide(t, Institution, application.ActIncluded, "", NewDoctor)
	r.decide(t, Elsewhere, application.ActIncluded, "", OtherDoctor)
}

// SignIn signs in with Password, and where the first password is still in force
// changes it first (NewDoctor and NewClerk are new no more then).
func (r *Registry) SignIn(t testing.TB, login string) wire.SignedIn {
	t.Helper()
	ctx := context.Background()
	u, err := r.FindUser(ctx, Province, login)
	must(t, err)
	if u.MustChange {
		in := r.SignInWith(t, login, exam.FirstPassword)
		who, err := r.Authenticate(ctx, in.Token)
		must(t, err)
		must(t, r.ChangePassword(ctx, who, exam.FirstPassword, Password))
	}
	return r.SignInWith(t, login, Password)
}

// SignInWith signs in with a password and nothing else.
func (r *Registry) SignInWith(t testing.TB, login, password string) wire.SignedIn {
	t.Helper()
	c, err := r.NewCaptcha(context.Background())
	must(t, err)
	in, err := r.Registry().SignIn(context.Background(), exam.Credentials{
		Province: Province, Login: login, Password: password, Captcha: c.ID, Text: Captcha, Terminal: "test",
	}, registry.Origin{Address: "127.0.0.1", Agent: "test"})
	must(t, err)
	return in
}

// Registry is the use cases.
func (r *Registry) Registry() *registry.Registry { return r.Node.Registry }

// Who is the session of an account, for calls of the use cases.
func (r *Registry) Who(t testing.TB, login string) registry.Session {
	t.Helper()
	who, err := r.Authenticate(context.Background(), r.SignIn(t, login).Token)
	must(t, err)
	return who
}

// Enrolment is what the registry knows of the doctor.
func (r *Registry) Enrolment(t testing.TB, doctor string) wire.Enrolment {
	t.Helper()
	e, err := r.Registry().Enrolment(context.Background(), r.Who(t, doctor))
	must(t, err)
	return e
}

// Append appends one act to the doctor's stream, as a terminal would.
func (r *Registry) Append(t testing.TB, doctor string, act application.Act, body application.Body) {
	t.Helper()
	who := r.Who(t, doctor)
	e, err := r.Registry().Enrolment(context.Background(), who)
	must(t, err)
	_, raw, err := wire.Next(wire.ApplicationStream(e.Application), e.Dossier.OwnSeq+1, e.OwnHead, exam.InstantOf(r.Clock.Now()), "test", string(act), body)
	must(t, err)
	_, err = r.Registry().Append(context.Background(), who, []json.RawMessage{raw})
	must(t, err)
}

// Submit saves a whole form with its pictures (simple procedure) and submits it.
func (r *Registry) Submit(t testing.TB, doctor string) {
	t.Helper()
	form := r.Form(t, doctor)
	r.Append(t, doctor, application.ActSaved, application.Body{Form: &form})
	r.Append(t, doctor, application.ActSubmitted, application.Body{})
}

// Form is a whole form whose pictures are at the registry.
func (r *Registry) Form(t testing.TB, doctor string) application.Form {
	t.Helper()
	i := places[doctor]
	put := func(name string, data []byte, w, h int) exam.Blob {
		b := exam.Blob{Hash: wire.BlobHashOf(data), Name: name, Size: len(data), Width: w, Height: h}
		must(t, r.PutBlob(context.Background(), r.Who(t, doctor), b.Hash, data))
		return b
	}
	return demo.Form(i, put("照片.jpg", demo.Portrait(i), 358, 441), put("证明.jpg", demo.Proof(i), 620, 877))
}

// Approve passes both reviews of a submitted dossier.
func (r *Registry) Approve(t testing.TB, doctor string) {
	t.Helper()
	r.decide(t, r.institution(doctor), application.ActApproved, "", doctor)
	r.decide(t, Assessor, application.ActApproved, "", doctor)
}

// Return sends a submitted dossier back.
func (r *Registry) Return(t testing.TB, doctor, reason string) {
	t.Helper()
	r.decide(t, r.institution(doctor), application.ActReturned, reason, doctor)
}

func (r *Registry) institution(doctor string) string {
	if doctor == OtherDoctor {
		return Elsewhere
	}
	return Institution
}

// Issue issues a notice for an approved dossier and returns it.
func (r *Registry) Issue(t testing.TB, doctor string) exam.Notice {
	t.Helper()
	e := r.Enrolment(t, doctor)
	list, err := r.Registry().Issue(context.Background(), r.Who(t, Authority), []application.Target{{Application: e.Application, On: e.Dossier.OwnSeq}})
	must(t, err)
	if len(list) != 1 || list[0].Kind != "" {
		t.Fatalf("registrytest: issue: %+v", list)
	}
	return r.Enrolment(t, doctor).Notices[0]
}

// Token is the token of a notice's QR code.
func (r *Registry) Token(t testing.TB, s exam.Serial) string {
	t.Helper()
	var entries []registry.StoredEntry
	must(t, r.Store.View(context.Background(), func(in registry.Reader) (err error) {
		entries, err = in.Entries(wire.CertificateStream(s), 0, 10)
		return err
	}))
	for _, stored := range entries {
		e, err := wire.Decode(stored.Raw)
		must(t, err)
		var body certificate.Entry
		must(t, json.Unmarshal(e.Body, &body))
		if body.QR != "" {
			return certificate.Token(body.QR)
		}
	}
	t.Fatalf("registrytest: notice %s has no QR text", s)
	return ""
}

func (r *Registry) decide(t testing.TB, staff string, act application.Act, reason, doctor string) {
	t.Helper()
	ctx := context.Background()
	who := r.Who(t, staff)
	c, err := r.Case(ctx, who, r.Applications[doctor])
	must(t, err)
	target := application.Target{Application: c.Application, On: c.Dossier.OwnSeq}
	if a := c.Dossier.Attempt(); a != nil && a.Score != nil {
		target.Score = a.Score.Digest
	}
	list, err := r.Decide(ctx, who, application.Decision{Act: act, Reason: reason, Targets: []application.Target{target}})
	must(t, err)
	for _, o := range list {
		if o.Kind != "" {
			t.Fatalf("registrytest: %s: %s: %s", act, o.Kind, o.Sentence)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("registrytest: %v", err)
	}
}

// standIn makes a file that is no page, so that tests need no fonts.
type standIn struct{}

func (standIn) Draw(c certificate.Certificate, _ []byte, qr string) ([]byte, error) {
	return fmt.Appendf(nil, "%%PDF-1.4\n%% stand-in of notice %s\n%% %s\n%%%%EOF\n", c.Number, qr), nil
}

func (standIn) Sign(pdf []byte) ([]byte, error) {
	if !bytes.HasPrefix(pdf, []byte("%PDF")) {
		return nil, errors.New("registrytest: not a stand-in")
	}
	return append(pdf, "% signed\n"...), nil
}

// fonts are those of assets/fonts beside this source, or nil.
var fonts = sync.OnceValues(func() (regular, bold []byte) {
	_, here, _, _ := runtime.Caller(0)
	dir := filepath.Join(filepath.Dir(here), "..", "..", "..", "assets", "fonts")
	regular, _ = os.ReadFile(filepath.Join(dir, "NotoSansSC_400Regular.ttf"))
	bold, _ = os.ReadFile(filepath.Join(dir, "NotoSansSC_700Bold.ttf"))
	return regular, bold
})
