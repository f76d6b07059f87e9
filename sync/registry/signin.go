package registry

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"dingkao/exam"
	"dingkao/sync/wire"
)

// How long things live, and how many sign-ins may fail.
const (
	captchaLife  = 3 * time.Minute
	sessionLife  = 12 * time.Hour
	staffIdle    = 60 * time.Minute
	touchEvery   = time.Minute
	failWindow   = 15 * time.Minute
	mostFailures = 5    // of one account within the window
	mostFromOne  = 1000 // failures from one address within it: a whole room shares one
)

func after(at exam.Instant, d time.Duration) exam.Instant {
	return at + exam.Instant(d.Microseconds())
}

// NewCaptcha draws a picture to be read by a person: it counts once, for three
// minutes.
func (r *Registry) NewCaptcha(ctx context.Context) (exam.Captcha, error) {
	digits := r.opt.RehearsalCaptcha
	if digits == "" {
		n, err := rand.Int(rand.Reader, big.NewInt(10000))
		if err != nil {
			return exam.Captcha{}, exam.Wrap(exam.Internal, err, "")
		}
		digits = fmt.Sprintf("%04d", n)
	}
	now := r.now()
	c := CaptchaRecord{ID: newID("k"), Text: digits, Expires: after(now, captchaLife)}
	err := r.store.Update(ctx, func(tx Tx) error {
		if err := tx.DeleteStale(now, after(now, -failWindow)); err != nil {
			return err
		}
		return tx.PutCaptcha(c)
	})
	if err != nil {
		return exam.Captcha{}, err
	}
	picture, err := drawCaptcha(digits)
	if err != nil {
		return exam.Captcha{}, exam.Wrap(exam.Internal, err, "")
	}
	return exam.Captcha{ID: c.ID, PNG: picture}, nil
}

// loginOf is what an account is found by: an identity number as it is written
// on the card, or a short name in lower case.
func loginOf(s string) string {
	if id, err := exam.ParseIdentity(s); err == nil {
		return string(id)
	}
	return strings.ToLower(strings.TrimSpace(s))
}

func wrongPassword() error {
	return &exam.Error{Kind: exam.WrongPassword, Field: "password", Sentence: "账号或密码不对，请核对省份、账号和密码后再试"}
}

// SignIn opens a session. The error is WrongPassword (field "text": the captcha;
// "password": account or password), Throttled or Unavailable (BusyError, with
// how long to wait), or Forbidden for a disabled account.
func (r *Registry) SignIn(ctx context.Context, c exam.Credentials, from Origin) (wire.SignedIn, error) {
	if !clean(64, c.Login, c.Captcha, c.Text) || !clean(256, c.Password, c.Terminal) || !clean(2, c.Province) {
		return wire.SignedIn{}, wrongPassword()
	}
	login := loginOf(c.Login)
	from = Origin{Address: tidy(from.Address, 64), Agent: tidy(strings.TrimSpace(from.Agent+" "+c.Terminal), 200)}

	var refusal error
	var account AccountRecord
	found := false
	subject := func(kind, s string) string {
		sum := sha256.Sum256([]byte(s))
		return kind + hex.EncodeToString(sum[:])
	}
	accountKey, addressKey := subject("account ", c.Province+"\x00"+login), subject("address ", from.Address)
	masked := login
	if len(login) == 18 {
		masked = exam.MaskNumber(login)
	}
	line := audit{who: exam.Account{Name: "未登录"}, address: from.Address, action: "sign-in", target: c.Province + " " + masked}
	// First transaction: the captcha is used up, and this attempt is counted as
	// failed until it has succeeded, so that many at one instant count too.
	err := r.store.Update(ctx, func(tx Tx) error {
		refusal, found, account = nil, false, AccountRecord{}
		now := r.now()
		k, err := tx.TakeCaptcha(c.Captcha)
		if err != nil && exam.KindOf(err) != exam.NotFound {
			return err
		}
		if err != nil || k.Expires <= now || subtle.ConstantTimeCompare([]byte(k.Text), []byte(strings.TrimSpace(c.Text))) != 1 {
			refusal = &exam.Error{Kind: exam.WrongPassword, Field: "text", Sentence: "验证码不对或已经过期，请看新的图片重新输入"}
			return nil
		}
		for _, k := range []struct {
			key  string
			most int
		}{{accountKey, mostFailures}, {addressKey, mostFromOne}} {
			f, err := tx.Failures(k.key)
			if err != nil {
				return err
			}
			if f.Since <= after(now, -failWindow) {
				f = Failures{Since: now}
			}
			if f.Count >= k.most {
				wait := time.Duration(after(f.Since, failWindow)-now) * time.Microsecond
				refusal = &BusyError{RetryAfter: wait, err: exam.Errorf(exam.Throttled, "登录失败的次数太多，请过%d分钟再试；忘记密码请联系所在机构或管理员重置", int(wait.Minutes())+1)}
				l := line
				l.result = string(exam.Throttled)
				return r.audit(tx, l)
			}
			f.Count++
			if err := tx.PutFailures(k.key, f); err != nil {
				return err
			}
		}
		for _, province := range []string{c.Province, ""} { // "" holds the administrators of all
			account, err = tx.AccountByLogin(province, login)
			if err == nil {
				found = true
				break
			}
			if exam.KindOf(err) != exam.NotFound {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return wire.SignedIn{}, err
	}
	if refusal != nil {
		return wire.SignedIn{}, refusal
	}
	ok, err := r.hasher.matches(ctx, c.Password, account.Password, found)
	busy := err != nil
	if busy {
		// Nothing was guessed: the attempt does not count.
		ok, refusal = false, err
	} else if !ok {
		refusal = wrongPassword()
	} else if account.Disabled {
		ok, refusal = false, exam.Errorf(exam.Forbidden, "这个账号已经停用，请联系所在机构或管理员")
	}
	var secret [32]byte
	rand.Read(secret[:])
	token := base64.RawURLEncoding.EncodeToString(secret[:])
	var signed wire.SignedIn
	err = r.store.Update(ctx, func(tx Tx) error {
		now := r.now()
		if ok || busy {
			if err := uncount(tx, accountKey, ok); err != nil {
				return err
			}
			if err := uncount(tx, addressKey, false); err != nil {
				return err
			}
		}
		if busy {
			return nil
		}
		l := line
		if found {
			l.who = account.Account
		}
		if !ok {
			l.result = string(exam.KindOf(refusal))
			return r.audit(tx, l)
		}
		// The account as it is now: it may have been disabled or reset meanwhile.
		current, err := tx.Account(account.ID)
		if err != nil {
			return err
		}
		if current.Disabled || current.Password != account.Password {
			return wrongPassword()
		}
		current.LastSignIn = now
		if err := tx.PutAccount(current); err != nil {
			return err
		}
		s := SessionRecord{Hash: tokenHash(token), Account: account.ID, Created: now, Seen: now, Expires: after(now, sessionLife), Origin: from}
		if err := tx.PutSession(s); err != nil {
			return err
		}
		signed = wire.SignedIn{Token: token, Expires: s.Expires, Account: current.Account}
		return r.audit(tx, l)
	})
	if err == nil {
		err = refusal
	}
	if err != nil {
		return wire.SignedIn{}, err
	}
	return signed, nil
}

// uncount takes back one failure, or all.
func uncount(tx Tx, key string, all bool) error {
	f, err := tx.Failures(key)
	if err != nil || f.Count == 0 {
		return err
	}
	if f.Count--; all {
		f.Count = 0
	}
	return tx.PutFailures(key, f)
}

func tokenHash(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// Authenticate finds the session of a token. The error is Unauthenticated: the
// token is unknown, the session has ended, or the account is disabled. An
// account with the first password gets a session too; every method but
// ChangePassword and SignOut then answers MustChange.
func (r *Registry) Authenticate(ctx context.Context, token string) (Session, error) {
	ended := exam.Errorf(exam.Unauthenticated, "登录已经失效，请重新登录；已保存的内容都在")
	if len(token) != 43 || !clean(43, token) {
		return Session{}, ended
	}
	now := r.now()
	hash := tokenHash(token)
	var s SessionRecord
	var a AccountRecord
	err := r.store.View(ctx, func(tx Reader) (err error) {
		if s, err = tx.Session(hash); err == nil {
			a, err = tx.Account(s.Account)
		}
		return err
	})
	if exam.KindOf(err) == exam.NotFound {
		return Session{}, ended
	}
	if err != nil {
		return Session{}, err
	}
	idle := a.Role != exam.RoleDoctor && s.Seen <= after(now, -staffIdle)
	if s.Expires <= now || idle || a.Disabled {
		return Session{}, ended
	}
	if s.Seen <= after(now, -touchEvery) {
		if err := r.store.Update(ctx, func(tx Tx) error { return tx.TouchSession(hash, now) }); err != nil {
			return Session{}, err
		}
	}
	return Session{Account: a.Account, Hash: hash, Expires: s.Expires, Origin: s.Origin}, nil
}

// SignOut ends the session.
func (r *Registry) SignOut(ctx context.Context, who Session) error {
	if err := r.guard(ctx, who, actOwnSession, scope{}, ""); err != nil {
		return err
	}
	return r.store.Update(ctx, func(tx Tx) error {
		if err := tx.DeleteSession(who.Hash); err != nil {
			return err
		}
		return r.audit(tx, audit{who: who.Account, address: who.Origin.Address, action: "sign-out"})
	})
}

// ChangePassword sets a new password and ends the account's other sessions. The
// error is WrongPassword where old is not the present one, Invalid where new
// will not do, Throttled after too many wrong ones.
func (r *Registry) ChangePassword(ctx context.Context, who Session, old, new string) error {
	if err := r.guard(ctx, who, actOwnSession, scope{}, ""); err != nil {
		return err
	}
	if !clean(256, old, new) {
		return &exam.Error{Kind: exam.Invalid, Field: "password", Sentence: "密码里有不能使用的字符"}
	}
	if err := exam.CheckPassword(new, who.Account.Login); err != nil {
		return err
	}
	if new == old {
		return &exam.Error{Kind: exam.Invalid, Field: "password", Sentence: "新密码不能与原密码相同"}
	}
	var account AccountRecord
	key := "password " + string(who.Account.ID)
	err := r.store.Update(ctx, func(tx Tx) (err error) {
		if account, err = tx.Account(who.Account.ID); err != nil {
			return err
		}
		now := r.now()
		f, err := tx.Failures(key)
		if err != nil {
			return err
		}
		if f.Since <= after(now, -failWindow) {
			f = Failures{Since: now}
		}
		if f.Count >= mostFailures {
			wait := time.Duration(after(f.Since, failWindow)-now) * time.Microsecond
			return &BusyError{RetryAfter: wait, err: exam.Errorf(exam.Throttled, "原密码错误的次数太多，请过%d分钟再试；密码没有改动", int(wait.Minutes())+1)}
		}
		f.Count++
		return tx.PutFailures(key, f)
	})
	if err != nil {
		return err
	}
	ok, err := r.hasher.matches(ctx, old, account.Password, true)
	if err != nil {
		return err
	}
	line := audit{who: who.Account, address: who.Origin.Address, action: "password"}
	if !ok {
		line.result = string(exam.WrongPassword)
		err := &exam.Error{Kind: exam.WrongPassword, Field: "old", Sentence: "原密码不对，密码没有改动"}
		return errors.Join(r.store.Update(ctx, func(tx Tx) error { return r.audit(tx, line) }), err)
	}
	encoded, err := r.hasher.hash(ctx, new)
	if err != nil {
		return err
	}
	return r.store.Update(ctx, func(tx Tx) error {
		a, err := tx.Account(account.ID)
		if err != nil {
			return err
		}
		if a.Password != account.Password {
			return exam.Errorf(exam.Conflict, "密码刚刚在别处改过，请用新密码重新登录")
		}
		a.Password, a.MustChange = encoded, false
		if err := tx.PutAccount(a); err != nil {
			return err
		}
		if err := tx.PutFailures(key, Failures{}); err != nil {
			return err
		}
		if err := tx.DeleteSessions(a.ID, who.Hash); err != nil {
			return err
		}
		return r.audit(tx, line)
	})
}
