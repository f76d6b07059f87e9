// Package client is the programs' side of the registry's API: one method for
// each call of sync/wire. A [Registry] is what anyone may ask, a [Session] is
// one who signed in.
//
// It promises: the other end is the registry whose key was pinned (or stands on
// this machine); an answer is bounded, whole and verified (receipts, chains,
// blob hashes) before it is handed on; every error is an exam.Error whose
// sentence a person can read, or wraps one. It never tries anything twice: when
// to try again is the outbox's affair, and a person's.
package client

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-resty/resty/v2"

	"dingkao/exam"
	"dingkao/sync/wire"
)

// Config says where the registry is and how it is known.
type Config struct {
	// Address is https://host[:port]; http://… only for this very machine
	// (127.0.0.0/8, ::1, localhost).
	Address string
	// Pins are the SHA-256 of the public key (SubjectPublicKeyInfo) of the
	// registry's certificate authority, as 64 hexadecimal digits: the one in
	// force and, while keys change, the next. Required with https.
	Pins []string
	// Timeout bounds one call with a small answer; calls with pictures and files
	// may take four times as long. 0: 15 seconds.
	Timeout time.Duration
	// Agent names the program in the registry's audit log; "": "dingkao".
	Agent string
}

// Registry is the registry as anyone may ask it. It is safe for use by many
// goroutines.
type Registry struct {
	http    *resty.Client
	base    *http.Transport
	timeout time.Duration

	mu   sync.Mutex
	keys []exam.PublicKey // the newest published ones
}

// ErrPin is under the error of a call whose other end showed a certificate that
// is not of the pinned authority.
var ErrPin = errors.New("certificate is not of the pinned authority")

// New prepares a client. It reaches for nothing yet. The error is Invalid.
func New(c Config) (*Registry, error) {
	u, err := url.Parse(strings.TrimRight(c.Address, "/"))
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, exam.Errorf(exam.Invalid, "登记处的地址不对，应写作 https://主机名 的样子；请联系系统管理员")
	}
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   5 * time.Second,
		ResponseHeaderTimeout: 30 * time.Second,
		IdleConnTimeout:       60 * time.Second,
		MaxIdleConnsPerHost:   4,
		ForceAttemptHTTP2:     true,
	}
	switch u.Scheme {
	case "http":
		if !loopback(u.Hostname()) {
			return nil, exam.Errorf(exam.Invalid, "不加密的地址只能用于本机演示；登记处的地址应以 https:// 开头，请联系系统管理员")
		}
	case "https":
		pins, err := parsePins(c.Pins)
		if err != nil {
			return nil, err
		}
		t.TLSClientConfig = pinned(pins)
	default:
		return nil, exam.Errorf(exam.Invalid, "登记处的地址应以 https:// 开头；请联系系统管理员")
	}
	if c.Timeout <= 0 {
		c.Timeout = 15 * time.Second
	}
	if c.Agent == "" {
		c.Agent = "dingkao"
	}
	h := resty.NewWithClient(&http.Client{
		Transport:     t,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	})
	h.SetBaseURL(u.String()).SetDisableWarn(true).SetRetryCount(0).SetLogger(quiet{})
	h.SetHeader("User-Agent", c.Agent+" protocol/"+wire.Version)
	return &Registry{http: h, base: t, timeout: c.Timeout}, nil
}

// Close lets idle connections go. It may be called more than once.
func (r *Registry) Close() { r.base.CloseIdleConnections() }

type quiet struct{}

func (quiet) Errorf(string, ...any) {}
func (quiet) Warnf(string, ...any)  {}
func (quiet) Debugf(string, ...any) {}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

func parsePins(texts []string) (map[[32]byte]bool, error) {
	pins := map[[32]byte]bool{}
	for _, p := range texts {
		if p = strings.TrimSpace(p); p == "" {
			continue
		}
		b, err := hex.DecodeString(strings.ReplaceAll(p, ":", ""))
		if err != nil || len(b) != 32 {
			return nil, exam.Errorf(exam.Invalid, "登记处证书的指纹不对，应为64位十六进制数；请联系系统管理员")
		}
		pins[[32]byte(b)] = true
	}
	if len(pins) == 0 {
		return nil, exam.Errorf(exam.Invalid, "没有设置登记处证书的指纹，无法确认对方身份；请联系系统管理员")
	}
	return pins, nil
}

// PinOf is the pin of a certificate, for those who configure terminals.
func PinOf(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return hex.EncodeToString(sum[:])
}

// pinned trusts only a chain that ends in a pinned authority. The registry must
// send its authority's certificate along, behind its own. Host names are not
// looked at: that authority issues to its registry alone, and rooms reach it by
// whatever address their network gives it.
func pinned(pins map[[32]byte]bool) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		// The chain is verified below, against the pin instead of the system's list.
		InsecureSkipVerify: true,
		VerifyConnection: func(s tls.ConnectionState) error {
			roots, rest := x509.NewCertPool(), x509.NewCertPool()
			found := false
			for _, c := range s.PeerCertificates {
				if pins[sha256.Sum256(c.RawSubjectPublicKeyInfo)] {
					roots.AddCert(c)
					found = true
				} else {
					rest.AddCert(c)
				}
			}
			if !found {
				return ErrPin
			}
			_, err := s.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: rest})
			if err != nil {
				return fmt.Errorf("%w: %w", ErrPin, err)
			}
			return nil
		},
	}
}

// Bounds of answers, in bytes.
const (
	mostJSON = 8 << 20
	mostTail = 64 << 20
	mostBlob = 8 << 20
	mostPDF  = 16 << 20
)

// call is one call: what goes out and how large an answer may be.
type call struct {
	method, path string
	params       map[string]string
	query        url.Values
	token        string
	json         any    // the body, if not nil
	raw          []byte // or this, with kind
	kind         string
	most         int // 0: mostJSON
	large        bool
}

// do makes the call and returns the body of a 2xx answer.
func (r *Registry) do(ctx context.Context, c call) ([]byte, error) {
	timeout := r.timeout
	if c.large {
		timeout *= 4
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	if c.most == 0 {
		c.most = mostJSON
	}
	q := r.http.R().SetContext(ctx).SetPathParams(c.params).SetResponseBodyLimit(c.most)
	q.SetHeader("Accept", "application/json, application/problem+json, */*;q=0.5")
	if c.query != nil {
		q.SetQueryParamsFromValues(c.query)
	}
	if c.token != "" {
		q.SetHeader("Authorization", "Bearer "+c.token)
	}
	switch {
	case c.json != nil:
		b, err := json.Marshal(c.json)
		if err != nil {
			return nil, exam.Wrap(exam.Internal, err, "内容无法送出；已保存的内容都在，请联系系统管理员")
		}
		q.SetHeader("Content-Type", "application/json").SetBody(b)
	case c.raw != nil:
		q.SetHeader("Content-Type", c.kind).SetBody(c.raw)
	}
	resp, err := q.Execute(c.method, c.path)
	if err != nil {
		return nil, trouble(ctx, err)
	}
	if resp.StatusCode() >= 200 && resp.StatusCode() < 300 {
		return resp.Body(), nil
	}
	return nil, problem(resp)
}

// trouble is the error of a call that got no answer.
func trouble(ctx context.Context, err error) error {
	sentence := "连不上登记处，请检查网络；填写的内容都保存在本机，连上后会自动送出"
	invalid, _ := errors.AsType[x509.CertificateInvalidError](err)
	switch {
	case errors.Is(err, ErrPin) && invalid.Reason == x509.Expired:
		sentence = "登记处的证书不在有效期内，没有连接；请先核对本机的日期和时间，仍不行请联系系统管理员"
	case errors.Is(err, ErrPin):
		sentence = "对方出示的证书不是登记处的，为安全起见没有连接；请联系系统管理员核对地址和证书指纹"
	case errors.Is(err, resty.ErrResponseBodyTooLarge):
		sentence = "登记处的答复超出了约定的大小，没有接收；请稍后再试或联系系统管理员"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(ctx.Err(), context.DeadlineExceeded):
		sentence = "登记处没有及时答复；填写的内容都保存在本机，稍后会自动再送"
	}
	return exam.Wrap(exam.Unavailable, err, sentence)
}

// ConflictError is an append that the registry refused because the stream has
// another head. Its kind is Conflict.
type ConflictError struct {
	Tail wire.Tail // what the writer has not seen
	err  error
}

func (e *ConflictError) Error() string { return e.err.Error() }
func (e *ConflictError) Unwrap() error { return e.err }

type waitError struct {
	after time.Duration
	err   error
}

func (e *waitError) Error() string { return e.err.Error() }
func (e *waitError) Unwrap() error { return e.err }

// RetryAfter is how long the registry asked to wait; 0 where it did not say.
func RetryAfter(err error) time.Duration {
	if w, ok := errors.AsType[*waitError](err); ok {
		return w.after
	}
	return 0
}

// statusError is an answer that states no problem.
type statusError struct {
	status int
	kind   string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("status %d, %q, without a problem", e.status, e.kind)
}

// statusOf is the status of an answer that states no problem.
func statusOf(err error) (int, bool) {
	if e, ok := errors.AsType[*statusError](err); ok {
		return e.status, true
	}
	return 0, false
}

// problem is the error that an answer states.
func problem(resp *resty.Response) error {
	kind, _, _ := mime.ParseMediaType(resp.Header().Get("Content-Type"))
	var p wire.Problem
	if kind != "application/problem+json" || json.Unmarshal(resp.Body(), &p) != nil || p.Code == "" {
		// Something that stands in between, or no registry at all.
		return exam.Wrap(exam.Unavailable, &statusError{resp.StatusCode(), kind},
			"登记处现在不能答复，请稍后再试；填写的内容都保存在本机")
	}
	err := p.Err()
	if p.Detail == "" {
		err = exam.Wrap(p.Code, fmt.Errorf("status %d", resp.StatusCode()), "登记处没有完成这一步；填写的内容都保存在本机，请稍后再试")
	}
	if p.Code == exam.Conflict && p.Tail != nil {
		return &ConflictError{Tail: *p.Tail, err: err}
	}
	after := p.RetryAfter
	if after == 0 {
		after, _ = strconv.Atoi(resp.Header().Get("Retry-After"))
	}
	if after > 0 {
		return &waitError{after: min(time.Duration(after)*time.Second, time.Hour), err: err}
	}
	return err
}

// read decodes an answer.
func read[T any](body []byte, err error) (T, error) {
	var v T
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(body, &v); err != nil {
		return v, exam.Wrap(exam.Unavailable, err, "登记处的答复看不懂，可能版本不同；请稍后再试或联系系统管理员")
	}
	return v, nil
}

// About is what the registry says of itself. It also renews the keys against
// which receipts are verified.
func (r *Registry) About(ctx context.Context) (exam.About, error) {
	a, err := read[exam.About](r.do(ctx, call{method: "GET", path: wire.PathAbout}))
	if err != nil {
		return a, err
	}
	r.mu.Lock()
	r.keys = a.Keys
	r.mu.Unlock()
	return a, nil
}

// Captcha asks for a new picture.
func (r *Registry) Captcha(ctx context.Context) (exam.Captcha, error) {
	return read[exam.Captcha](r.do(ctx, call{method: "POST", path: wire.PathCaptcha}))
}

// Health says whether the registry answers at all.
func (r *Registry) Health(ctx context.Context) error {
	_, err := r.do(ctx, call{method: "GET", path: wire.PathHealth})
	return err
}

// SignIn enters. Errors: WrongPassword, Throttled, Unavailable.
func (r *Registry) SignIn(ctx context.Context, c exam.Credentials) (*Session, error) {
	in, err := read[wire.SignedIn](r.do(ctx, call{method: "POST", path: wire.PathSignIn, json: c}))
	if err != nil {
		return nil, err
	}
	return &Session{registry: r, token: in.Token, expires: in.Expires, account: in.Account}, nil
}

// SignInStaff enters as a member of staff. A doctor is signed out again at
// once; the error is then Forbidden.
func (r *Registry) SignInStaff(ctx context.Context, c exam.Credentials) (*Session, error) {
	return r.signInAs(ctx, c, func(role exam.Role) bool { return role != exam.RoleDoctor },
		"这是医师的账号，请使用医师端登录")
}

// SignInDoctor enters as a doctor; for anyone else the error is Forbidden.
func (r *Registry) SignInDoctor(ctx context.Context, c exam.Credentials) (*Session, error) {
	return r.signInAs(ctx, c, func(role exam.Role) bool { return role == exam.RoleDoctor },
		"这是工作人员的账号，请使用管理端登录")
}

func (r *Registry) signInAs(ctx context.Context, c exam.Credentials, fits func(exam.Role) bool, sentence string) (*Session, error) {
	s, err := r.SignIn(ctx, c)
	if err != nil {
		return nil, err
	}
	if !fits(s.Account().Role) {
		_ = s.Close(ctx)
		return nil, exam.Errorf(exam.Forbidden, "%s", sentence)
	}
	return s, nil
}

// verify checks a receipt; a key that is not known yet is asked for once.
func (r *Registry) verify(ctx context.Context, rec wire.Receipt) error {
	known := func() ([]exam.PublicKey, bool) {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, k := range r.keys {
			if k.ID == rec.Key {
				return r.keys, true
			}
		}
		return r.keys, false
	}
	keys, ok := known()
	if !ok {
		if _, err := r.About(ctx); err != nil {
			return err
		}
		keys, _ = known()
	}
	return rec.Verify(keys)
}
