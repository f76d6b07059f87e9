package httpapi_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/sitting"
	"dingkao/sync/registry/demo"
	"dingkao/sync/registry/httpapi"
	rt "dingkao/sync/registry/registrytest"
	"dingkao/sync/wire"
)

// reply is an answer as it came.
type reply struct {
	status  int
	header  http.Header
	body    []byte
	problem wire.Problem
}

func call(t *testing.T, r *rt.Registry, token, method, path string, body any) reply {
	t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case []byte:
		in = bytes.NewReader(b)
	case string:
		in = strings.NewReader(b)
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	q, err := http.NewRequest(method, r.URL+path, in)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		q.Header.Set("Authorization", "Bearer "+token)
	}
	if in != nil && method == "POST" {
		q.Header.Set("Content-Type", "application/json")
	}
	c := r.Client()
	c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := c.Do(q)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	out := reply{status: res.StatusCode, header: res.Header, body: raw}
	if strings.HasPrefix(res.Header.Get("Content-Type"), "application/problem+json") && method != "HEAD" {
		if err := json.Unmarshal(raw, &out.problem); err != nil {
			t.Fatalf("%s %s: a problem that does not read: %s", method, path, raw)
		}
	}
	return out
}

func into[T any](t *testing.T, r reply) T {
	t.Helper()
	var v T
	if r.status != http.StatusOK {
		t.Fatalf("status %d: %s", r.status, r.body)
	}
	if err := json.Unmarshal(r.body, &v); err != nil {
		t.Fatalf("%v: %s", err, r.body)
	}
	return v
}

func TestSignInThroughTheDoor(t *testing.T) {
	r := rt.Start(t)
	about := into[exam.About](t, call(t, r, "", "GET", wire.PathAbout, nil))
	if len(about.Provinces) != 1 || len(about.Keys) != 1 || about.Support == "" {
		t.Errorf("about: %+v", about)
	}
	c := into[exam.Captcha](t, call(t, r, "", "POST", wire.PathCaptcha, nil))
	if !bytes.HasPrefix(c.PNG, []byte("\x89PNG")) {
		t.Error("the captcha is no picture")
	}
	creds := exam.Credentials{Province: rt.Province, Login: rt.Doctor, Password: rt.Password, Captcha: c.ID, Text: rt.Captcha, Terminal: "t1"}
	in := into[wire.SignedIn](t, call(t, r, "", "POST", wire.PathSignIn, creds))
	if in.Account.Role != exam.RoleDoctor || in.Account.MustChange || len(in.Token) < 40 {
		t.Errorf("signed in: %+v", in.Account)
	}
	me := into[exam.Account](t, call(t, r, in.Token, "GET", wire.PathMe, nil))
	if me != in.Account {
		t.Errorf("me is %+v", me)
	}
	if out := call(t, r, in.Token, "POST", wire.PathSignOut, nil); out.status != 204 {
		t.Errorf("sign-out: %d %s", out.status, out.body)
	}
	if out := call(t, r, in.Token, "GET", wire.PathMe, nil); out.status != 401 || out.problem.Code != exam.Unauthenticated || out.header.Get("WWW-Authenticate") == "" {
		t.Errorf("after the sign-out: %d %s", out.status, out.body)
	}
	// The captcha counts once, and a wrong password says no more than that.
	if out := call(t, r, "", "POST", wire.PathSignIn, creds); out.status != 401 || out.problem.Code != exam.WrongPassword {
		t.Errorf("the captcha again: %d %s", out.status, out.body)
	}
}

// endpoints are all that need a session, with a request that is well formed.
func endpoints(app, other exam.ApplicationID, serial exam.Serial, photo exam.BlobHash) []struct {
	method, path, name string
	body               any
} {
	fill := func(p string) string {
		p = strings.ReplaceAll(p, "{application}", string(app))
		p = strings.ReplaceAll(p, "{serial}", string(serial))
		return strings.ReplaceAll(p, "{hash}", string(photo))
	}
	target := []application.Target{{Application: app, On: 0}}
	return []struct {
		method, path, name string
		body               any
	}{
		{"GET", wire.PathMe, "me", nil},
		{"GET", wire.PathEnrolment, "enrolment", nil},
		{"GET", wire.PathEntries + "?stream=application/" + string(app), "tail", nil},
		{"GET", wire.PathEntries + "?stream=review/" + string(other), "foreign tail", nil},
		{"POST", wire.PathEntries, "append", wire.Append{Entries: []json.RawMessage{}}},
		{"GET", wire.PathInstitutions + "?division=14", "institutions", nil},
		{"POST", wire.PathQueue, "queue", application.Filter{}},
		{"GET", fill(wire.PathCase), "case", nil},
		{"GET", fill(wire.PathCaseNumber), "identity", nil},
		{"POST", wire.PathDecisions, "decide", application.Decision{Act: application.ActTakenUp, Targets: target}},
		{"POST", wire.PathIssue, "issue", wire.Issue{Targets: target}},
		{"GET", fill(wire.PathNoticePDF), "pdf", nil},
		{"POST", fill(wire.PathRevoke), "revoke", wire.Reason{Reason: "理由"}},
		{"GET", fill(wire.PathBlob), "blob", nil},
		{"PUT", fill(wire.PathBlob), "put blob", "not it"},
		{"GET", wire.PathSeat + "?terminal=t1", "seat", nil},
		{"POST", wire.PathSeat, "check-in", wire.CheckIn{Terminal: "t1", Name: "01"}},
		{"GET", strings.ReplaceAll(wire.PathSealed, "{paper}", "p1"), "sealed paper", nil},
		{"POST", strings.ReplaceAll(wire.PathKey, "{sitting}", "s1"), "key", wire.KeyRequest{Terminal: "t1", Epoch: 1}},
		{"POST", wire.PathWall, "wall", sitting.Filter{}},
		{"POST", wire.PathCommand, "order", sitting.Command{Act: sitting.ActMessage, Text: "请安静", Sittings: []sitting.Target{{Sitting: "s1"}}}},
		{"GET", strings.ReplaceAll(wire.PathJournal, "{sitting}", "s1"), "journal", nil},
		{"GET", strings.ReplaceAll(wire.PathStatistics, "{paper}", "p1"), "items", nil},
		{"GET", wire.PathPapers, "papers", nil},
	}
}

// Roles by endpoints: what each gets. A list of outcomes may refuse within: then
// the kind of the first stands behind a slash.
func TestWhoMayDoWhat(t *testing.T) {
	r := rt.Start(t)
	r.Submit(t, rt.Doctor) // app: awaits its institution
	r.Submit(t, rt.OtherDoctor)
	r.Approve(t, rt.OtherDoctor)
	notice := r.Issue(t, rt.OtherDoctor) // of other
	app, other := r.Applications[rt.Doctor], r.Applications[rt.OtherDoctor]
	want := map[string]string{
		//               doctor other inst elsewhere assessor authority proctor admin nobody
		"me":           "200 200 200 200 200 200 200 200 401",
		"enrolment":    "200 200 403 403 403 403 403 403 401",
		"tail":         "200 403 200 403 200 200 403 200 401",
		"foreign tail": "403 200 403 200 200 200 403 200 401",
		"append":       "400 400 403 403 403 403 403 403 401", // there is nothing in it
		"institutions": "200 200 200 200 200 200 200 200 401",
		"queue":        "403 403 200 200 200 200 403 200 401",
		"case":         "403 403 200 403 200 200 403 200 401",
		"identity":     "403 403 200 403 200 200 403 200 401",
		"decide":       "403 403 200/conflict 200/forbidden 200/conflict 403 403 403 401",
		"issue":        "403 403 403 403 403 200/conflict 403 403 401",
		"pdf":          "403 200 403 200 200 200 403 200 401",
		"revoke":       "403 403 403 403 403 204 403 403 401",
		"blob":         "200 404 200 404 200 200 403 200 401",
		"put blob":     "400 400 403 403 403 403 403 403 401", // it is not what its name says
		// There is no sitting yet: who may ask is told so, the others are not.
		"seat":         "404 404 403 403 403 403 403 403 401",
		"check-in":     "422 422 403 403 403 403 403 403 401",
		"sealed paper": "404 404 403 403 403 403 403 403 401",
		"key":          "404 404 403 403 403 403 403 403 401",
		"wall":         "403 403 403 403 200 403 200 200 401",
		"order":        "403 403 403 403 200/not-found 403 200/not-found 403 401",
		"journal":      "403 403 403 403 404 403 404 404 401",
		"items":        "403 403 403 403 404 404 403 404 401",
		"papers":       "403 403 403 403 200 200 403 200 401",
	}
	who := []string{rt.Doctor, rt.OtherDoctor, rt.Institution, rt.Elsewhere, rt.Assessor, rt.Authority, rt.Proctor, rt.Admin, ""}
	tokens := map[string]string{"": ""}
	for _, w := range who[:len(who)-1] {
		tokens[w] = r.SignIn(t, w).Token
	}
	for _, e := range endpoints(app, other, notice.Serial, wire.BlobHashOf(demo.Portrait(0))) {
		var got []string
		for _, w := range who {
			out := call(t, r, tokens[w], e.method, e.path, e.body)
			s := fmt.Sprint(out.status)
			var list wire.Outcomes
			if out.status == 200 && json.Unmarshal(out.body, &list) == nil && len(list.Outcomes) > 0 && list.Outcomes[0].Kind != "" {
				s += "/" + string(list.Outcomes[0].Kind)
			}
			if out.status >= 400 && (out.problem.Detail == "" || out.problem.Status != out.status) {
				t.Errorf("%s as %q: %d is no problem of ours: %s", e.name, w, out.status, out.body)
			}
			if out.status >= 500 {
				t.Errorf("%s as %q: %d %s", e.name, w, out.status, out.body)
			}
			got = append(got, s)
		}
		line := strings.Join(got, " ")
		if want[e.name] != line {
			t.Errorf("%s: got %s, want %s", e.name, line, want[e.name])
		}
	}
}

func TestTheFirstPasswordBlocksEverythingElse(t *testing.T) {
	r := rt.Start(t)
	for _, login := range []string{rt.NewDoctor, rt.NewClerk} {
		in := r.SignInWith(t, login, exam.FirstPassword)
		if !in.Account.MustChange {
			t.Fatalf("%s need not change the password", login)
		}
		for _, e := range endpoints(r.Applications[rt.NewDoctor], r.Applications[rt.Doctor], "none", exam.BlobHash(strings.Repeat("0", 64))) {
			out := call(t, r, in.Token, e.method, e.path, e.body)
			if out.status != 403 || out.problem.Code != exam.MustChange {
				t.Errorf("%s %s: %d %s", e.method, e.path, out.status, out.body)
			}
		}
		if out := call(t, r, in.Token, "POST", wire.PathPassword, wire.PasswordChange{Old: exam.FirstPassword, New: "66666666"}); out.status != 400 || out.problem.Field != "password" {
			t.Errorf("a weak password: %d %s", out.status, out.body)
		}
		if out := call(t, r, in.Token, "POST", wire.PathPassword, wire.PasswordChange{Old: exam.FirstPassword, New: "Neu-2026!x"}); out.status != 204 {
			t.Errorf("the change: %d %s", out.status, out.body)
		}
		fresh := r.SignInWith(t, login, "Neu-2026!x")
		if out := call(t, r, fresh.Token, "GET", wire.PathMe, nil); out.status != 200 {
			t.Errorf("after the change: %d %s", out.status, out.body)
		}
	}
}

// Whatever is wrong with a request, the answer never repeats what was sent.
func TestNoAnswerRepeatsWhatWasSent(t *testing.T) {
	r := rt.Start(t)
	token := r.SignIn(t, rt.Institution).Token
	const secret = "Geheim-7391"
	for name, c := range map[string]struct{ path, body string }{
		"wrong type":       {wire.PathSignIn, `{"province":"14","login":"x","password":["` + secret + `"],"captcha":"a","text":"b","terminal":"t"}`},
		"unknown property": {wire.PathSignIn, `{"province":"14","login":"x","password":"y","captcha":"a","text":"b","terminal":"t","` + secret + `":"` + secret + `"}`},
		"missing":          {wire.PathSignIn, `{"password":"` + secret + `"}`},
		"broken JSON":      {wire.PathSignIn, `{"password":"` + secret},
		"text for object":  {wire.PathSignIn, `"` + secret + `"`},
		"wrong password":   {wire.PathSignIn, `{"province":"14","login":"` + secret + `","password":"` + secret + `","captcha":"` + secret + `","text":"b","terminal":"t"}`},
		"old password":     {wire.PathPassword, `{"old":"` + secret + `","new":"` + secret + `1"}`},
		"number for text":  {wire.PathPassword, `{"old":12345678901234,"new":"` + secret + `"}`},
		"entries":          {wire.PathEntries, `{"entries":["` + secret + `"]}`},
		"entries broken":   {wire.PathEntries, `{"entries":[{"stream":"` + secret + `"}]}`},
		"entries number":   {wire.PathEntries, `{"entries":"` + secret + `"}`},
		"decision":         {wire.PathDecisions, `{"act":"` + secret + `","targets":[{"application":"` + secret + `","on":1}]}`},
		"filter":           {wire.PathQueue, `{"limit":"` + secret + `"}`},
	} {
		out := call(t, r, token, "POST", c.path, c.body)
		if out.status < 400 && name != "decision" || out.status >= 500 {
			t.Errorf("%s: status %d %s", name, out.status, out.body)
		}
		if bytes.Contains(out.body, []byte(secret)) && name != "decision" || bytes.Contains(out.body, []byte("12345678901234")) {
			t.Errorf("%s: the answer repeats the secret: %s", name, out.body)
		}
		if name != "decision" && (out.problem.Code == "" || out.problem.Type != "about:blank" || out.problem.Status != out.status || out.problem.Detail == "") {
			t.Errorf("%s: not a problem: %s", name, out.body)
		}
	}
	for _, path := range []string{"/nothing", "/v1/nothing", "/v1/entries/x", "/verify"} {
		if out := call(t, r, token, "GET", path, nil); path != "/verify" && (out.status != 404 || out.problem.Code != exam.NotFound) {
			t.Errorf("%s: %d %s", path, out.status, out.body)
		}
	}
	if out := call(t, r, "", "PUT", wire.PathAbout, nil); out.status != 405 || !strings.Contains(out.header.Get("Allow"), "GET") {
		t.Errorf("wrong method: %d %v", out.status, out.header)
	}
}

func TestASecondTerminalGetsTheTailThatItHasNotSeen(t *testing.T) {
	r := rt.Start(t)
	token := r.SignIn(t, rt.Doctor).Token
	e := into[wire.Enrolment](t, call(t, r, token, "GET", wire.PathEnrolment, nil))
	entry := func(mobile string) json.RawMessage {
		_, raw, err := wire.Next(wire.ApplicationStream(e.Application), 1, "", exam.InstantOf(time.Now()), "terminal-"+mobile, string(application.ActSaved),
			application.Body{Form: &application.Form{Basic: &application.Basic{Mobile: mobile, Email: "<&>\u2028@例.cn"}}})
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	first, second := entry("13900000001"), entry("13900000002")
	send := func(raw json.RawMessage) reply {
		// By hand, so that the very bytes travel.
		return call(t, r, token, "POST", wire.PathEntries, []byte(`{"entries":[`+string(raw)+`]}`))
	}
	got := into[wire.Appended](t, send(first))
	about := into[exam.About](t, call(t, r, "", "GET", wire.PathAbout, nil))
	if err := got.Receipt.Verify(about.Keys); err != nil || got.Receipt.Head != wire.HashOf(first) {
		t.Errorf("receipt %+v: %v", got.Receipt, err)
	}
	again := into[wire.Appended](t, send(first))
	if again.Receipt.Head != got.Receipt.Head {
		t.Error("delivering twice is not harmless")
	}
	out := send(second)
	if out.status != 409 || out.problem.Code != exam.Conflict || out.problem.Tail == nil || len(out.problem.Tail.Entries) != 1 {
		t.Fatalf("conflict: %d %s", out.status, out.body)
	}
	if !bytes.Equal(out.problem.Tail.Entries[0], first) {
		t.Errorf("the tail's bytes differ:\n%s\n%s", out.problem.Tail.Entries[0], first)
	}
	tail := into[wire.Tail](t, call(t, r, token, "GET", wire.PathEntries+"?after=0&stream="+url.QueryEscape(string(wire.ApplicationStream(e.Application))), nil))
	if len(tail.Entries) != 1 || !bytes.Equal(tail.Entries[0], first) || tail.Receipt == nil {
		t.Errorf("tail: %+v", tail)
	}
}

func TestPicturesAreBoundedAndTheirOwners(t *testing.T) {
	r := rt.Start(t)
	doctor, other, staff := r.SignIn(t, rt.Doctor).Token, r.SignIn(t, rt.OtherDoctor).Token, r.SignIn(t, rt.Institution).Token
	photo := demo.Portrait(3)
	path := func(data []byte) string {
		return strings.Replace(wire.PathBlob, "{hash}", string(wire.BlobHashOf(data)), 1)
	}
	if out := call(t, r, doctor, "HEAD", path(photo), nil); out.status != 404 {
		t.Errorf("before: %d", out.status)
	}
	for range 2 {
		if out := call(t, r, doctor, "PUT", path(photo), photo); out.status != 204 {
			t.Fatalf("put: %d %s", out.status, out.body)
		}
	}
	out := call(t, r, doctor, "GET", path(photo), nil)
	if out.status != 200 || !bytes.Equal(out.body, photo) || out.header.Get("Content-Type") != "image/jpeg" || !strings.Contains(out.header.Get("Cache-Control"), "immutable") {
		t.Errorf("get: %d %v", out.status, out.header)
	}
	if out := call(t, r, doctor, "HEAD", path(photo), nil); out.status != 200 || out.header.Get("Content-Length") != fmt.Sprint(len(photo)) {
		t.Errorf("head: %d %v", out.status, out.header)
	}
	for name, token := range map[string]string{"another doctor": other, "staff before it is named": staff} {
		if out := call(t, r, token, "GET", path(photo), nil); out.status != 404 && out.status != 403 {
			t.Errorf("%s: %d", name, out.status)
		}
	}
	big := make([]byte, httpapi.MostBlob+1)
	for name, c := range map[string]struct {
		path string
		data []byte
		want exam.Kind
	}{
		"wrong hash":   {path([]byte("other")), photo, exam.Invalid},
		"too large":    {path(big), big, exam.TooLarge},
		"no picture":   {path([]byte("<html>")), []byte("<html>"), exam.Invalid},
		"no hash":      {"/v1/blobs/xyz", photo, exam.Invalid},
		"half of one":  {path(photo[:len(photo)/2]), photo[:len(photo)/2], exam.Invalid},
		"empty":        {path(nil), []byte{}, exam.Invalid},
		"one appended": {path(append(photo[:len(photo):len(photo)], "<script>"...)), append(photo[:len(photo):len(photo)], "<script>"...), exam.Invalid},
	} {
		if out := call(t, r, doctor, "PUT", c.path, c.data); out.problem.Code != c.want {
			t.Errorf("%s: %d %s, want %s", name, out.status, out.body, c.want)
		}
	}
	// Without a Content-Length the bound still holds.
	q, _ := http.NewRequest("PUT", r.URL+path(big), io.MultiReader(bytes.NewReader(big)))
	q.Header.Set("Authorization", "Bearer "+doctor)
	if res, err := r.Client().Do(q); err == nil {
		res.Body.Close()
		if res.StatusCode != 413 {
			t.Errorf("a chunked body too large: %d", res.StatusCode)
		}
	}
	// What a dossier names, its reviewers may see.
	r.Submit(t, rt.Doctor)
	own := demo.Portrait(0)
	if out := call(t, r, staff, "GET", path(own), nil); out.status != 200 {
		t.Errorf("the reviewer: %d %s", out.status, out.body)
	}
	if out := call(t, r, r.SignIn(t, rt.Elsewhere).Token, "GET", path(own), nil); out.status == 200 {
		t.Error("a reviewer of another institution sees the photo")
	}
}

func TestThePublicPage(t *testing.T) {
	r := rt.Start(t)
	r.Submit(t, rt.Doctor)
	r.Approve(t, rt.Doctor)
	notice := r.Issue(t, rt.Doctor)
	token := r.Token(t, notice.Serial)
	page := func(token string) (reply, string) {
		out := call(t, r, "", "GET", "/verify/"+url.PathEscape(token), nil)
		text := string(out.body)
		if !strings.HasPrefix(out.header.Get("Content-Type"), "text/html") || !strings.Contains(out.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%v", out.header)
		}
		for _, foreign := range []string{"http://", "https://", "<script", "src=", "@import", "url("} {
			if strings.Contains(text, foreign) {
				t.Errorf("the page loads something: %s", foreign)
			}
		}
		if strings.Contains(text, rt.Doctor) {
			t.Error("the page shows the whole identity number")
		}
		return out, text
	}
	out, text := page(token)
	if out.status != 200 || !strings.Contains(text, `class="valid"`) || !strings.Contains(text, "苏晓棠") || !strings.Contains(text, "山西省卫生健康委员会") {
		t.Errorf("valid: %d\n%s", out.status, text)
	}
	if out, _ := page(strings.ToLower(token)); out.status != 200 {
		t.Errorf("in lower case: %d", out.status)
	}
	staff := r.SignIn(t, rt.Authority).Token
	if out := call(t, r, staff, "POST", "/v1/notices/"+string(notice.Serial)+"/revoke", wire.Reason{Reason: "打印有误<b>重发</b>"}); out.status != 204 {
		t.Fatalf("revoke: %d %s", out.status, out.body)
	}
	out, text = page(token)
	if out.status != 200 || !strings.Contains(text, `class="revoked"`) || !strings.Contains(text, "撤销时间") || strings.Contains(text, "<b>") {
		t.Errorf("revoked: %d\n%s", out.status, text)
	}
	swapped := "A"
	if token[40] == 'A' {
		swapped = "B"
	}
	for name, bad := range map[string]string{"unknown": "MZXW6YTBOI", "garbage": "<script>alert(1)</script>", "changed": token[:40] + swapped + token[41:], "long": strings.Repeat("A", 5000), "dots": "..."} {
		out, text = page(bad)
		if out.status != 404 || !strings.Contains(text, `class="unknown"`) || strings.Contains(text, "苏晓棠") || strings.Contains(text, "alert(1)") {
			t.Errorf("%s: %d\n%s", name, out.status, text)
		}
	}
	if out := call(t, r, "", "GET", "/verify?text="+url.QueryEscape("https://registry.example/verify/"+token), nil); out.status != 303 || out.header.Get("Location") != "/verify/"+token {
		t.Errorf("the form: %d %v", out.status, out.header)
	}
	if out := call(t, r, "", "GET", "/", nil); out.status != 200 || !bytes.Contains(out.body, []byte("核验")) {
		t.Errorf("index: %d", out.status)
	}
	if out := call(t, r, "", "GET", "/healthz", nil); out.status != 200 {
		t.Errorf("health: %d", out.status)
	}
	if out := call(t, r, staff, "GET", "/v1/notices/"+string(notice.Serial)+"/pdf", nil); out.status != 200 || out.header.Get("Content-Type") != "application/pdf" || !bytes.HasPrefix(out.body, []byte("%PDF")) {
		t.Errorf("pdf: %d %s", out.status, out.body)
	}
}

func TestAPeerIsBoundedInTimeAndSize(t *testing.T) {
	r := rt.Start(t, rt.Options{Timeouts: httpapi.Timeouts{Header: 300 * time.Millisecond, Body: 300 * time.Millisecond, Blob: 300 * time.Millisecond}})
	token := r.SignIn(t, rt.Doctor).Token
	address := strings.TrimPrefix(r.URL, "http://")
	// talk sends text and says how long the server kept the line open, and what it said.
	talk := func(text string) (time.Duration, string) {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		start := time.Now()
		if _, err := io.WriteString(c, text); err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(c)
		if ne, ok := err.(net.Error); ok && ne.Timeout() {
			t.Errorf("the line was kept open: %q", text[:20])
		}
		return time.Since(start), string(raw)
	}
	talk("GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
	_, said := talk("POST /v1/sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{\"pro")
	if said != "" && !strings.Contains(said, "problem+json") {
		t.Errorf("a slow body: %s", said)
	}
	_, said = talk("PUT /v1/blobs/" + strings.Repeat("a", 64) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer " + token + "\r\nContent-Length: 1000\r\n\r\n\xff\xd8")
	if !strings.Contains(said, "problem+json") {
		t.Errorf("a slow picture: %s", said)
	}
	if out := call(t, r, token, "POST", wire.PathQueue, `{"text":"`+strings.Repeat("a", httpapi.MostBody)+`"}`); out.status != 413 || out.problem.Code != exam.TooLarge {
		t.Errorf("a large body: %d", out.status)
	}
	// Who is not signed in is refused before the body is read.
	_, said = talk("POST /v1/entries HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 8000000\r\n\r\n")
	if !strings.Contains(said, "401") {
		t.Errorf("without a session: %s", said)
	}
	if out := call(t, r, strings.Repeat("x", 5000), "GET", wire.PathMe, nil); out.status != 401 {
		t.Errorf("a long token: %d", out.status)
	}
	_, said = talk("GET / HTTP/1.1\r\nHost: x\r\nX-Large: " + strings.Repeat("a", 64<<10) + "\r\n\r\n")
	if !strings.Contains(said, "431") {
		t.Errorf("a large header: %.80s", said)
	}
}

func TestTLSWithThePinAndNoOther(t *testing.T) {
	r := rt.Start(t, rt.Options{TLS: true, Empty: true})
	foreign := rt.Start(t, rt.Options{TLS: true, Empty: true})
	if out := call(t, r, "", "GET", wire.PathAbout, nil); out.status != 200 {
		t.Errorf("pinned: %d", out.status)
	}
	if _, err := foreign.Client().Get(r.URL + wire.PathAbout); err == nil {
		t.Error("a client that pins another authority was served")
	}
	if _, err := http.Get(r.URL + wire.PathAbout); err == nil {
		t.Error("a client without the authority was served")
	}
	if res, err := http.Get(strings.Replace(r.URL, "https", "http", 1) + wire.PathAbout); err == nil {
		res.Body.Close()
		if res.StatusCode == 200 {
			t.Error("plain HTTP was served on the TLS port")
		}
	}
}

func TestTheLogNamesNobody(t *testing.T) {
	var log lockedBuffer
	r := rt.Start(t, rt.Options{Log: &log})
	token := r.SignIn(t, rt.Institution).Token
	app := string(r.Applications[rt.Doctor])
	call(t, r, token, "GET", "/v1/cases/"+app, nil)
	call(t, r, token, "POST", wire.PathQueue, application.Filter{Text: "苏晓棠"})
	call(t, r, token, "GET", wire.PathInstitutions+"?name="+url.QueryEscape("长治市"), nil)
	call(t, r, "", "GET", "/verify/SECRETTOKEN", nil)
	text := log.String()
	for _, secret := range []string{token, app, "苏晓棠", "长治市", "SECRETTOKEN", "127.0.0.1"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
	if !strings.Contains(text, `"route":"GET /v1/cases/{application}"`) || !strings.Contains(text, `"status":200`) || !strings.Contains(text, `"request":"`) {
		t.Errorf("the log lacks the request: %s", text)
	}
}
