package sqlstore

import (
	"strings"

	"dingkao/exam"
	"dingkao/sync/registry"
)

const accountColumns = `SELECT a.id, a.province, a.login, a.name, a.role, a.office, a.doctor, a.password,
	a.must_change, a.disabled, a.created, a.last_sign_in, COALESCE(i.name, '')
	FROM accounts a LEFT JOIN institutions i ON i.id = a.office `

func scanAccount(scan func(...any) error) (registry.AccountRecord, error) {
	var a registry.AccountRecord
	var must, disabled int64
	err := scan(&a.ID, &a.Province, &a.Login, &a.Name, &a.Role, &a.Office, &a.Doctor, &a.Password,
		&must, &disabled, &a.Created, &a.LastSignIn, &a.OfficeName)
	a.MustChange, a.Disabled = must != 0, disabled != 0
	return a, err
}

func (t *txn) account(where string, a ...any) (registry.AccountRecord, error) {
	as, err := list(t, scanAccount, accountColumns+where+" LIMIT 1", a...)
	if err == nil && len(as) == 0 {
		err = exam.Errorf(exam.NotFound, "没有这个账号")
	}
	if err != nil {
		return registry.AccountRecord{}, err
	}
	return as[0], nil
}

func (t *txn) Account(id exam.AccountID) (registry.AccountRecord, error) {
	return t.account("WHERE a.id = $1", string(id))
}

func (t *txn) AccountByLogin(province, login string) (registry.AccountRecord, error) {
	return t.account("WHERE a.province = $1 AND a.login = $2", province, login)
}

func (t *txn) AccountsByLogin(login string, limit int) ([]registry.AccountRecord, error) {
	return list(t, scanAccount, accountColumns+"WHERE a.login = $1 ORDER BY a.id LIMIT $2", login, limit)
}

func (t *txn) Accounts(f registry.UserFilter) ([]registry.AccountRecord, error) {
	w := where{}
	w.and("a.id > ?", string(f.After))
	if f.Province != "" {
		w.and("a.province = ?", f.Province)
	}
	if f.Role != "" {
		w.and("a.role = ?", string(f.Role))
	}
	if f.Text != "" {
		w.and("(lower(a.name) LIKE ? ESCAPE '!' OR lower(a.login) LIKE ? ESCAPE '!')",
			like(strings.ToLower(f.Text), true), like(strings.ToLower(f.Text), true))
	}
	return list(t, scanAccount, accountColumns+w.text()+" ORDER BY a.id LIMIT "+w.put(within(f.Limit, 100, 1000)), w.args...)
}

func (t *txn) PutAccount(a registry.AccountRecord) error {
	return t.exec(`INSERT INTO accounts (id, province, login, name, role, office, doctor, password, must_change, disabled, created, last_sign_in)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
		ON CONFLICT (id) DO UPDATE SET province = excluded.province, login = excluded.login, name = excluded.name,
			role = excluded.role, office = excluded.office, doctor = excluded.doctor, password = excluded.password,
			must_change = excluded.must_change, disabled = excluded.disabled, created = excluded.created, last_sign_in = excluded.last_sign_in`,
		string(a.ID), a.Province, a.Login, a.Name, string(a.Role), string(a.Office), string(a.Doctor), a.Password,
		number(a.MustChange), number(a.Disabled), int64(a.Created), int64(a.LastSignIn))
}

func (t *txn) Session(hash string) (registry.SessionRecord, error) {
	var s registry.SessionRecord
	err := t.one("这次登录", "SELECT hash, account, created, seen, expires, address, agent FROM sessions WHERE hash = $1", args(hash),
		&s.Hash, &s.Account, &s.Created, &s.Seen, &s.Expires, &s.Origin.Address, &s.Origin.Agent)
	return s, err
}

func (t *txn) PutSession(s registry.SessionRecord) error {
	return t.exec("INSERT INTO sessions (hash, account, created, seen, expires, address, agent) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		s.Hash, string(s.Account), int64(s.Created), int64(s.Seen), int64(s.Expires), s.Origin.Address, s.Origin.Agent)
}

func (t *txn) TouchSession(hash string, seen exam.Instant) error {
	return t.exec("UPDATE sessions SET seen = $1 WHERE hash = $2 AND seen < $1", int64(seen), hash)
}

func (t *txn) DeleteSession(hash string) error {
	return t.exec("DELETE FROM sessions WHERE hash = $1", hash)
}

func (t *txn) DeleteSessions(account exam.AccountID, but string) error {
	return t.exec("DELETE FROM sessions WHERE account = $1 AND hash <> $2", string(account), but)
}

func (t *txn) PutCaptcha(c registry.CaptchaRecord) error {
	return t.exec("INSERT INTO captchas (id, answer, expires) VALUES ($1, $2, $3)", c.ID, c.Text, int64(c.Expires))
}

func (t *txn) TakeCaptcha(id string) (registry.CaptchaRecord, error) {
	c := registry.CaptchaRecord{ID: id}
	err := t.one("这张验证码", "DELETE FROM captchas WHERE id = $1 RETURNING answer, expires", args(id), &c.Text, &c.Expires)
	return c, err
}

func (t *txn) Failures(key string) (registry.Failures, error) {
	var f registry.Failures
	_, err := t.maybe("SELECT number, since FROM failures WHERE subject = $1", args(key), &f.Count, &f.Since)
	return f, err
}

func (t *txn) PutFailures(key string, f registry.Failures) error {
	if f.Count == 0 {
		return t.exec("DELETE FROM failures WHERE subject = $1", key)
	}
	return t.exec(`INSERT INTO failures (subject, number, since) VALUES ($1, $2, $3)
		ON CONFLICT (subject) DO UPDATE SET number = excluded.number, since = excluded.since`, key, f.Count, int64(f.Since))
}

func (t *txn) DeleteStale(now, countersBefore exam.Instant) error {
	if err := t.exec("DELETE FROM sessions WHERE expires <= $1", int64(now)); err != nil {
		return err
	}
	if err := t.exec("DELETE FROM captchas WHERE expires <= $1", int64(now)); err != nil {
		return err
	}
	return t.exec("DELETE FROM failures WHERE since < $1", int64(countersBefore))
}
