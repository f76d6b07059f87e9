package sqlstore

import (
	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/certificate"
	"dingkao/sync/registry"
)

const noticeColumns = "SELECT serial, application, number, document, state, reserved FROM notices "

func scanNotice(scan func(...any) error) (registry.NoticeRecord, error) {
	var n registry.NoticeRecord
	err := scan(&n.Serial, &n.Application, &n.Number, &n.Document, &n.State, &n.Reserved)
	return n, err
}

func (t *txn) Notice(serial exam.Serial) (registry.NoticeRecord, error) {
	var n registry.NoticeRecord
	err := t.one("这份通知书", noticeColumns+"WHERE serial = $1", args(string(serial)), &n.Serial, &n.Application, &n.Number, &n.Document, &n.State, &n.Reserved)
	return n, err
}

func (t *txn) NoticesOf(application exam.ApplicationID) ([]registry.NoticeRecord, error) {
	return list(t, scanNotice, noticeColumns+"WHERE application = $1 ORDER BY reserved DESC, serial DESC LIMIT 100", string(application))
}

func (t *txn) NumbersOf(document string) ([]string, error) {
	return list(t, text[string], "SELECT number FROM notices WHERE document = $1 ORDER BY number LIMIT 10000", document)
}

func (t *txn) ReservedNotices(limit int) ([]registry.NoticeRecord, error) {
	return list(t, scanNotice, noticeColumns+"WHERE state = $1 ORDER BY reserved, serial LIMIT $2", string(certificate.Reserved), limit)
}

func (t *txn) PutNotice(n registry.NoticeRecord) error {
	return t.exec(`INSERT INTO notices (serial, application, number, document, state, reserved) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (serial) DO UPDATE SET application = excluded.application, number = excluded.number,
			document = excluded.document, state = excluded.state, reserved = excluded.reserved`,
		string(n.Serial), string(n.Application), n.Number, n.Document, string(n.State), int64(n.Reserved))
}

func (t *txn) Uploaded(hash exam.BlobHash, account exam.AccountID) (bool, error) {
	var n int
	return t.maybe("SELECT 1 FROM uploads WHERE hash = $1 AND account = $2", args(string(hash), string(account)), &n)
}

func (t *txn) UploadedBytes(account exam.AccountID) (int64, error) {
	var n int64
	err := t.tx.QueryRowContext(t.ctx, "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM uploads WHERE account = $1", string(account)).Scan(&n)
	return n, err
}

func (t *txn) BlobUses(hash exam.BlobHash, limit int) ([]exam.ApplicationID, error) {
	return list(t, text[exam.ApplicationID], "SELECT application FROM blob_uses WHERE hash = $1 ORDER BY application LIMIT $2", string(hash), limit)
}

func (t *txn) BlobUsed(hash exam.BlobHash, application exam.ApplicationID) (bool, error) {
	var n int
	return t.maybe("SELECT 1 FROM blob_uses WHERE hash = $1 AND application = $2", args(string(hash), string(application)), &n)
}

func (t *txn) AllBlobs(after exam.BlobHash, limit int) ([]exam.BlobHash, error) {
	return list(t, text[exam.BlobHash], "SELECT hash FROM blobs WHERE hash > $1 ORDER BY hash LIMIT $2", string(after), limit)
}

func (t *txn) PutBlob(hash exam.BlobHash, size int, at exam.Instant) error {
	return t.exec("INSERT INTO blobs (hash, bytes, at) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING", string(hash), size, int64(at))
}

func (t *txn) PutUpload(hash exam.BlobHash, account exam.AccountID, size int, at exam.Instant) error {
	return t.exec("INSERT INTO uploads (hash, account, bytes, at) VALUES ($1, $2, $3, $4) ON CONFLICT (hash, account) DO NOTHING",
		string(hash), string(account), size, int64(at))
}

func (t *txn) PutBlobUse(hash exam.BlobHash, application exam.ApplicationID) error {
	return t.exec("INSERT INTO blob_uses (hash, application) VALUES ($1, $2) ON CONFLICT (hash, application) DO NOTHING", string(hash), string(application))
}

func (t *txn) AuditEntries(after uint64, limit int) ([]registry.AuditEntry, error) {
	return list(t, func(scan func(...any) error) (registry.AuditEntry, error) {
		var e registry.AuditEntry
		err := scan(&e.Seq, &e.At, &e.Account, &e.Name, &e.Role, &e.Address, &e.Action, &e.Target, &e.Result, &e.Detail, &e.Prev, &e.Hash)
		return e, err
	}, `SELECT seq, at, account, name, role, address, action, target, result, detail, prev, hash FROM audit
		WHERE seq > $1 ORDER BY seq LIMIT $2`, int64(after), limit)
}

func (t *txn) Checkpoint() (registry.Checkpoint, error) {
	var c registry.Checkpoint
	_, err := t.maybe("SELECT seq, hash, at, name, sig FROM checkpoints WHERE id = 1", nil, &c.Seq, &c.Hash, &c.At, &c.Key, &c.Sig)
	return c, err
}

func (t *txn) PutAudit(e registry.AuditEntry) error {
	return t.exec(`INSERT INTO audit (seq, at, account, name, role, address, action, target, result, detail, prev, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		int64(e.Seq), int64(e.At), string(e.Account), e.Name, string(e.Role), e.Address, e.Action, e.Target, e.Result, e.Detail, e.Prev, e.Hash)
}

func (t *txn) PutCheckpoint(c registry.Checkpoint) error {
	return t.exec(`INSERT INTO checkpoints (id, seq, hash, at, name, sig) VALUES (1, $1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, hash = excluded.hash, at = excluded.at, name = excluded.name, sig = excluded.sig`,
		int64(c.Seq), c.Hash, int64(c.At), c.Key, c.Sig)
}

func (t *txn) Totals(now exam.Instant) (registry.Stats, error) {
	s := registry.Stats{States: map[application.State]int{}}
	for _, q := range []struct {
		to    any
		query string
		args  []any
	}{
		{&s.Doctors, "SELECT COUNT(*) FROM doctors", nil},
		{&s.Accounts, "SELECT COUNT(*) FROM accounts", nil},
		{&s.Institutions, "SELECT COUNT(*) FROM institutions", nil},
		{&s.Sessions, "SELECT COUNT(*) FROM sessions WHERE expires > $1", args(int64(now))},
		{&s.Streams, "SELECT COUNT(*) FROM heads", nil},
		{&s.Entries, "SELECT COUNT(*) FROM entries", nil},
		{&s.Blobs, "SELECT COUNT(*) FROM blobs", nil},
		{&s.BlobBytes, "SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM blobs", nil},
		{&s.Notices, "SELECT COUNT(*) FROM notices WHERE state = $1", args(string(certificate.Valid))},
	} {
		if err := t.tx.QueryRowContext(t.ctx, q.query, q.args...).Scan(q.to); err != nil {
			return s, err
		}
	}
	_, err := list(t, func(scan func(...any) error) (struct{}, error) {
		var state application.State
		var n int
		err := scan(&state, &n)
		s.States[state] = n
		return struct{}{}, err
	}, "SELECT state, COUNT(*) FROM dossiers GROUP BY state")
	return s, err
}
