package client

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/registry/registrytest"
	"dingkao/sync/wire"
)

var bg = context.Background()

func dial(t *testing.T, c Config) *Registry {
	t.Helper()
	r, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func credentials(t *testing.T, r *Registry, login, password string) exam.Credentials {
	t.Helper()
	c, err := r.Captcha(bg)
	if err != nil {
		t.Fatal(err)
	}
	return exam.Credentials{Province: registrytest.Province, Login: login, Password: password, Captcha: c.ID, Text: registrytest.Captcha, Terminal: "t-test"}
}

func TestOnlyThePinnedRegistryIsSpokenTo(t *testing.T) {
	r := registrytest.Start(t, registrytest.Options{TLS: true, Empty: true})
	other := strings.Repeat("ab", 32)
	for name, pins := range map[string][]string{
		"the pin":            {r.Pin()},
		"the next pin":       {other, r.Pin()},
		"upper case, spaces": {" " + strings.ToUpper(r.Pin()) + " "},
	} {
		if _, err := dial(t, Config{Address: r.URL, Pins: pins}).About(bg); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := dial(t, Config{Address: r.URL, Pins: []string{other}}).About(bg)
	if !errors.Is(err, ErrPin) || exam.KindOf(err) != exam.Unavailable || !strings.Contains(exam.SentenceOf(err), "证书") {
		t.Errorf("a foreign authority: %v", err)
	}
}

func TestOlderTLSIsRefused(t *testing.T) {
	srv := httptest.NewUnstartedServer(http.NotFoundHandler())
	srv.TLS = &tls.Config{MaxVersion: tls.VersionTLS12}
	srv.StartTLS()
	defer srv.Close()
	_, err := dial(t, Config{Address: srv.URL, Pins: []string{PinOf(srv.Certificate())}}).About(bg)
	if exam.KindOf(err) != exam.Unavailable || errors.Is(err, ErrPin) || !strings.Contains(err.Error(), "protocol version") {
		t.Errorf("got %v", err)
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	pin := strings.Repeat("00", 32)
	for _, c := range []Config{
		{}, {Address: "registry.example"}, {Address: "ftp://x"}, {Address: "https://registry.example"},
		{Address: "http://registry.example"}, {Address: "http://192.168.1.2"}, {Address: "http://127.0.0.1.example.com"},
		{Address: "https://registry.example", Pins: []string{"zz"}}, {Address: "https://registry.example", Pins: []string{pin[2:]}},
		{Address: "https://user:secret@registry.example", Pins: []string{pin}},
	} {
		if _, err := New(c); exam.KindOf(err) != exam.Invalid || exam.SentenceOf(err) == "" {
			t.Errorf("%+v: %v", c, err)
		}
	}
	for _, a := range []string{"http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:80", "https://registry.example/"} {
		if _, err := New(Config{Address: a, Pins: []string{pin}}); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
}

func TestEveryCallAgainstARealRegistry(t *testing.T) {
	r := registrytest.Start(t)
	c := dial(t, Config{Address: r.URL})
	if err := c.Health(bg); err != nil {
		t.Error(err)
	}
	if _, err := c.SignIn(bg, exam.Credentials{Province: registrytest.Province, Login: registrytest.Doctor, Password: "x"}); exam.KindOf(err) != exam.WrongPassword {
		t.Errorf("no captcha: %v", err)
	}
	if _, err := c.SignInStaff(bg, credentials(t, c, registrytest.Doctor, registrytest.Password)); exam.KindOf(err) != exam.Forbidden {
		t.Errorf("a doctor at the desk: %v", err)
	}
	if _, err := c.SignInDoctor(bg, credentials(t, c, registrytest.Institution, registrytest.Password)); exam.KindOf(err) != exam.Forbidden {
		t.Errorf("staff at the terminal: %v", err)
	}
	doctor, err := c.SignInDoctor(bg, credentials(t, c, registrytest.Doctor, registrytest.Password))
	if err != nil {
		t.Fatal(err)
	}
	if me, err := doctor.Me(bg); err != nil || me.Login != registrytest.Doctor || doctor.Account() != me {
		t.Errorf("me %+v %v", me, err)
	}
	r.Submit(t, registrytest.Doctor)
	e, err := doctor.Enrolment(bg)
	if err != nil || e.Dossier.State != application.AwaitingInstitution {
		t.Fatalf("enrolment %+v %v", e.Dossier.State, err)
	}
	own := wire.ApplicationStream(e.Application)
	tail, err := doctor.Tail(bg, own, 0)
	if err != nil || len(tail.Entries) != 2 || tail.Receipt.Head != e.OwnHead {
		t.Errorf("tail %d %v", len(tail.Entries), err)
	}
	if rest, err := doctor.Tail(bg, own, 2); err != nil || len(rest.Entries) != 0 || rest.Receipt.Seq != 2 {
		t.Errorf("tail behind the head: %+v %v", rest, err)
	}
	if less, err := doctor.Tail(bg, own, 9); err != nil || less.Receipt == nil || less.Receipt.Seq != 2 {
		t.Errorf("tail behind more than there is: %+v %v", less, err)
	}
	if none, err := doctor.Tail(bg, wire.ApplicationStream(r.Applications[registrytest.OtherDoctor]), 0); err == nil {
		t.Errorf("another's dossier: %+v", none)
	}
	// the same again is acknowledged again, something else is a conflict with the tail
	raws := [][]byte{tail.Entries[0], tail.Entries[1]}
	if rec, err := doctor.Append(bg, raws); err != nil || rec.Seq != 2 {
		t.Errorf("delivered twice: %+v %v", rec, err)
	}
	_, stale, err := wire.Next(own, 2, wire.HashOf(tail.Entries[0]), 1, "t", string(application.ActWithdrawn), application.Body{})
	if err != nil {
		t.Fatal(err)
	}
	_, err = doctor.Append(bg, [][]byte{stale})
	conflict, ok := errors.AsType[*ConflictError](err)
	if !ok || exam.KindOf(err) != exam.Conflict || len(conflict.Tail.Entries) == 0 {
		t.Errorf("a stale append: %v", err)
	}
	h := e.Dossier.Form.Basic.Photo.Hash
	if has, err := doctor.HasBlob(bg, h); !has || err != nil {
		t.Errorf("has %v %v", has, err)
	}
	if has, err := doctor.HasBlob(bg, wire.BlobHashOf([]byte("nothing"))); has || err != nil {
		t.Errorf("has what it has not: %v %v", has, err)
	}
	photo, err := doctor.Blob(bg, h)
	if err != nil {
		t.Fatal(err)
	}
	if err := doctor.PutBlob(bg, h, photo); err != nil {
		t.Errorf("put again: %v", err)
	}
	if err := doctor.PutBlob(bg, wire.BlobHashOf([]byte("x")), []byte("x")); err == nil {
		t.Error("what is no picture was taken")
	}
	if list, err := doctor.Institutions(bg, exam.InstitutionQuery{Name: "医院", Limit: 1}); err != nil || len(list) != 1 {
		t.Errorf("institutions %v %v", list, err)
	}

	staff := func(login string) *Session {
		t.Helper()
		s, err := c.SignInStaff(bg, credentials(t, c, login, registrytest.Password))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	hospital, assessor, authority := staff(registrytest.Institution), staff(registrytest.Assessor), staff(registrytest.Authority)
	page, err := hospital.Rows(bg, application.Filter{States: []application.State{application.AwaitingInstitution}})
	if err != nil || len(page.Rows) != 1 {
		t.Fatalf("rows %+v %v", page, err)
	}
	one, err := hospital.Case(bg, page.Rows[0].Application)
	if err != nil || !slices.Contains(one.Acts, application.ActApproved) {
		t.Errorf("case %v %v", one.Acts, err)
	}
	if number, err := hospital.Identity(bg, e.Application); err != nil || number != registrytest.Doctor {
		t.Errorf("identity %q %v", number, err)
	}
	if data, err := hospital.Picture(bg, h); err != nil || len(data) != len(photo) {
		t.Errorf("picture %v", err)
	}
	target := application.Target{Application: e.Application, On: page.Rows[0].On}
	for _, s := range []*Session{hospital, assessor} {
		list, err := s.Decide(bg, application.Decision{Act: application.ActApproved, Targets: []application.Target{target, {Application: "nobody"}}})
		if err != nil || list[0].Kind != "" || list[1].Kind == "" {
			t.Fatalf("decide %+v %v", list, err)
		}
	}
	list, err := authority.Issue(bg, []application.Target{target})
	if err != nil || list[0].Kind != "" || list[0].Serial == "" {
		t.Fatalf("issue %+v %v", list, err)
	}
	for _, s := range []*Session{authority, doctor} {
		if pdf, err := s.NoticePDF(bg, list[0].Serial); err != nil || !strings.HasPrefix(string(pdf), "%PDF") {
			t.Errorf("pdf %v", err)
		}
	}
	if err := hospital.Revoke(bg, list[0].Serial, "没有权限"); exam.KindOf(err) != exam.Forbidden {
		t.Errorf("revoked without the right: %v", err)
	}
	if err := authority.Revoke(bg, list[0].Serial, "信息有误"); err != nil {
		t.Error(err)
	}
	if err := doctor.ChangePassword(bg, "wrong", "Another2026"); err == nil {
		t.Error("changed with a wrong password")
	}
	if err := doctor.ChangePassword(bg, registrytest.Password, "Another2026"); err != nil {
		t.Error(err)
	}
	if err := errors.Join(doctor.Close(bg), doctor.Close(bg)); err != nil {
		t.Errorf("close twice: %v", err)
	}
	if _, err := doctor.Enrolment(bg); exam.KindOf(err) != exam.Unauthenticated {
		t.Errorf("after sign-out: %v", err)
	}
}

// fake answers every path as told.
type fake map[string]http.HandlerFunc

func (f fake) start(t *testing.T) *Registry {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h := f[r.URL.Path]; h != nil {
			h(w, r)
			return
		}
		http.NotFound(w, r)
	}))
	t.Cleanup(srv.Close)
	return dial(t, Config{Address: srv.URL, Timeout: time.Second})
}

func answer(v any) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { _ = json.NewEncoder(w).Encode(v) }
}

func TestOddAnswersAreUnavailableAndTriedOnce(t *testing.T) {
	var calls atomic.Int32
	count := func(h http.HandlerFunc) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) { calls.Add(1); h(w, r) }
	}
	for name, h := range map[string]http.HandlerFunc{
		"a proxy's page": func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = w.Write([]byte("<html>"))
		},
		"a page instead of JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"a way elsewhere": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
		},
		"no answer": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"too late":  func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"too much": func(w http.ResponseWriter, _ *http.Request) {
			b := make([]byte, 1<<20)
			for range 9 {
				_, _ = w.Write(b)
			}
		},
		"a problem without a code": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(500)
			_, _ = w.Write([]byte("{}"))
		},
	} {
		calls.Store(0)
		_, err := fake{wire.PathAbout: count(h)}.start(t).About(bg)
		if exam.KindOf(err) != exam.Unavailable || exam.SentenceOf(err) == "" || calls.Load() != 1 {
			t.Errorf("%s: %v after %d calls", name, err, calls.Load())
		}
	}
	if _, err := dial(t, Config{Address: "http://127.0.0.1:1"}).About(bg); exam.KindOf(err) != exam.Unavailable {
		t.Errorf("nobody there: %v", err)
	}
	ctx, cancel := context.WithCancel(bg)
	cancel()
	if _, err := (fake{}).start(t).About(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestProblemsKeepKindSentenceAndWait(t *testing.T) {
	problem := func(p wire.Problem) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json; charset=utf-8")
			w.WriteHeader(wire.Status(p.Code))
			_ = json.NewEncoder(w).Encode(p)
		}
	}
	_, err := fake{wire.PathAbout: problem(wire.Problem{Code: exam.Throttled, Detail: "请一分钟后再试", Field: "password", RetryAfter: 60})}.start(t).About(bg)
	e, _ := errors.AsType[*exam.Error](err)
	if exam.KindOf(err) != exam.Throttled || exam.SentenceOf(err) != "请一分钟后再试" || e.Field != "password" || RetryAfter(err) != time.Minute {
		t.Errorf("%v, wait %v", err, RetryAfter(err))
	}
	if _, err = (fake{wire.PathAbout: problem(wire.Problem{Code: exam.Refused})}).start(t).About(bg); exam.SentenceOf(err) == "" {
		t.Error("a problem without a sentence")
	}
}

func TestReceiptsAndChainsAreVerified(t *testing.T) {
	public, private, _ := ed25519.GenerateKey(nil)
	_, foreign, _ := ed25519.GenerateKey(nil)
	const stream = wire.Stream("application/a1")
	var raws []json.RawMessage
	prev := wire.Hash("")
	for n := range 3 {
		_, raw, err := wire.Next(stream, uint64(n+1), prev, 1, "t", string(application.ActSubmitted), application.Body{})
		if err != nil {
			t.Fatal(err)
		}
		raws, prev = append(raws, raw), wire.HashOf(raw)
	}
	good := wire.Receipt{Stream: stream, Seq: 3, Head: prev, At: 1}.Sign("k1", private)
	about := answer(exam.About{Keys: []exam.PublicKey{{ID: "k1", Key: public}}})
	try := func(tail any, appended any) (error, error) {
		r := fake{wire.PathAbout: about, wire.PathEntries: func(w http.ResponseWriter, q *http.Request) {
			if q.Method == "GET" {
				answer(tail)(w, q)
			} else {
				answer(appended)(w, q)
			}
		}}.start(t)
		s := &Session{registry: r, token: "x"}
		_, errTail := s.Tail(bg, stream, 0)
		_, errAppend := s.Append(bg, [][]byte{raws[0], raws[1], raws[2]})
		return errTail, errAppend
	}
	if a, b := try(wire.Tail{Entries: raws, Receipt: &good}, wire.Appended{Receipt: good}); a != nil || b != nil {
		t.Fatalf("%v, %v", a, b)
	}
	forged := good
	forged.Seq = 2
	elsewhere := wire.Receipt{Stream: "application/a2", Seq: 3, Head: prev, At: 1}.Sign("k1", private)
	other := wire.Receipt{Stream: stream, Seq: 3, Head: wire.HashOf([]byte("x")), At: 1}.Sign("k1", private)
	strange := wire.Receipt{Stream: stream, Seq: 3, Head: prev, At: 1}.Sign("k1", foreign)
	unknown := wire.Receipt{Stream: stream, Seq: 3, Head: prev, At: 1}.Sign("k9", private)
	for name, r := range map[string]wire.Receipt{"forged": forged, "of another stream": elsewhere, "of another head": other, "of a foreign key": strange, "of an unknown key": unknown} {
		if a, b := try(wire.Tail{Entries: raws, Receipt: &r}, wire.Appended{Receipt: r}); exam.KindOf(a) != exam.Damaged || exam.KindOf(b) != exam.Damaged {
			t.Errorf("a receipt %s: %v, %v", name, a, b)
		}
	}
	for name, entries := range map[string][]json.RawMessage{
		"with a gap":     {raws[0], raws[2]},
		"in disorder":    {raws[1], raws[0], raws[2]},
		"cut at the end": {raws[0], raws[1]},
		"rewritten":      {raws[0], json.RawMessage(`{"stream":"application/a1"}`), raws[2]},
	} {
		if a, _ := try(wire.Tail{Entries: entries, Receipt: &good}, wire.Appended{Receipt: good}); exam.KindOf(a) != exam.Damaged {
			t.Errorf("a tail %s: %v", name, a)
		}
	}
	// a blob that is not what its name says
	h := wire.BlobHashOf([]byte("picture"))
	r := fake{"/v1/blobs/" + string(h): func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("pictures")) }}.start(t)
	if _, err := (&Session{registry: r}).Blob(bg, h); exam.KindOf(err) != exam.Damaged {
		t.Errorf("a blob: %v", err)
	}
}
