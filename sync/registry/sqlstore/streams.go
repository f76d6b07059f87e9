package sqlstore

import (
	"dingkao/exam"
	"dingkao/sync/registry"
	"dingkao/sync/wire"
)

func (t *txn) Head(stream wire.Stream) (registry.Head, error) {
	h := registry.Head{Stream: stream}
	found, err := t.maybe("SELECT seq, hash, received FROM heads WHERE stream = $1", args(string(stream)), &h.Seq, &h.Hash, &h.Received)
	if !found {
		return registry.Head{}, err
	}
	return h, nil
}

func (t *txn) Entries(stream wire.Stream, after uint64, limit int) ([]registry.StoredEntry, error) {
	return list(t, func(scan func(...any) error) (registry.StoredEntry, error) {
		e := registry.StoredEntry{Stream: stream}
		var raw string
		err := scan(&e.Seq, &e.Hash, &e.Received, &raw)
		e.Raw = []byte(raw)
		return e, err
	}, "SELECT seq, hash, received, raw FROM entries WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT $3",
		string(stream), int64(after), limit)
}

func (t *txn) Streams(after wire.Stream, limit int) ([]registry.Head, error) {
	return list(t, func(scan func(...any) error) (registry.Head, error) {
		var h registry.Head
		err := scan(&h.Stream, &h.Seq, &h.Hash, &h.Received)
		return h, err
	}, "SELECT stream, seq, hash, received FROM heads WHERE stream > $1 ORDER BY stream LIMIT $2", string(after), limit)
}

func (t *txn) AppendEntry(e registry.StoredEntry) error {
	if err := t.exec("INSERT INTO entries (stream, seq, hash, received, raw) VALUES ($1, $2, $3, $4, $5)",
		string(e.Stream), int64(e.Seq), string(e.Hash), int64(e.Received), string(e.Raw)); err != nil {
		return err
	}
	if e.Seq == 1 {
		return t.exec("INSERT INTO heads (stream, seq, hash, received) VALUES ($1, $2, $3, $4)",
			string(e.Stream), int64(e.Seq), string(e.Hash), int64(e.Received))
	}
	res, err := t.run("UPDATE heads SET seq = $1, hash = $2, received = $3 WHERE stream = $4 AND seq = $5",
		int64(e.Seq), string(e.Hash), int64(e.Received), string(e.Stream), int64(e.Seq)-1)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return exam.Wrap(exam.Conflict, err, "内容刚刚在别处更新，请重新读取后再试")
	}
	return nil
}
