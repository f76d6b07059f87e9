package local

import (
	"encoding/binary"
	"encoding/json"

	bolt "go.etcd.io/bbolt"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/wire"
)

// Buckets of a vault. Each value in them is sealed.
const (
	inEntries      = "entries"      // stream NUL seq -> an entry's bytes
	inCursors      = "cursors"      // stream -> Cursor
	inDrafts       = "drafts"       // application -> application.Form
	inBlobs        = "blobs"        // hash -> bytes
	inBlobMarks    = "blob-marks"   // hash -> Mark
	inCache        = "cache"        // name -> what the registry said
	inInstitutions = "institutions" // id -> exam.Institution
	inDisplaced    = "displaced"    // number -> Displaced
)

var vaultBuckets = []string{inEntries, inCursors, inDrafts, inBlobs, inBlobMarks, inCache, inInstitutions, inDisplaced}

// MostBlob bounds a blob, in bytes.
const MostBlob = 8 << 20

// Tx is one transaction on a vault. It is valid only inside the function that
// it was handed to.
type Tx struct {
	v     *Vault
	b     *bolt.Bucket
	write bool
}

// View runs f on one consistent picture of the vault.
func (v *Vault) View(f func(*Tx) error) error { return v.run(false, f) }

// Update runs f in one transaction. When it returns nil, all that f wrote is on
// disk; otherwise nothing is.
func (v *Vault) Update(f func(*Tx) error) error { return v.run(true, f) }

func (v *Vault) run(write bool, f func(*Tx) error) error {
	return v.store.run(write, func(tx *bolt.Tx) error {
		b := tx.Bucket(bucketVaults).Bucket([]byte(v.id))
		if b == nil {
			return damaged(nil)
		}
		return f(&Tx{v: v, b: b, write: write})
	})
}

func damaged(err error) error {
	return exam.Wrap(exam.Damaged, err, "本机保存的一处内容没有通过核对，没有采用；已送到登记处的内容都在，请联系系统管理员")
}

func (t *Tx) bucket(name string) (*bolt.Bucket, error) {
	b := t.b.Bucket([]byte(name))
	if b == nil {
		return nil, damaged(nil)
	}
	return b, nil
}

func (t *Tx) put(bucket, key string, plain []byte) error {
	b, err := t.bucket(bucket)
	if err != nil {
		return err
	}
	return b.Put([]byte(key), seal(t.v.key, plain, t.v.id, bucket, key))
}

// get is a value in clear, nil where there is none.
func (t *Tx) get(bucket, key string) ([]byte, error) {
	b, err := t.bucket(bucket)
	if err != nil {
		return nil, err
	}
	sealed := b.Get([]byte(key))
	if sealed == nil {
		return nil, nil
	}
	plain, ok := open(t.v.key, sealed, t.v.id, bucket, key)
	if !ok {
		return nil, damaged(nil)
	}
	if plain == nil {
		plain = []byte{}
	}
	return plain, nil
}

func (t *Tx) drop(bucket, key string) error {
	b, err := t.bucket(bucket)
	if err != nil {
		return err
	}
	return b.Delete([]byte(key))
}

func (t *Tx) putJSON(bucket, key string, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return exam.Wrap(exam.Internal, err, "内容无法保存")
	}
	return t.put(bucket, key, raw)
}

func (t *Tx) getJSON(bucket, key string, v any) (bool, error) {
	raw, err := t.get(bucket, key)
	if raw == nil || err != nil {
		return false, err
	}
	if err := json.Unmarshal(raw, v); err != nil {
		return false, damaged(err)
	}
	return true, nil
}

// Cursor says how far a stream is.
type Cursor struct {
	Head    uint64        `json:"head"`    // seq of the last entry here; 0: none
	Hash    wire.Hash     `json:"hash"`    // its hash
	Acked   uint64        `json:"acked"`   // the registry holds the stream up to here
	Receipt *wire.Receipt `json:"receipt"` // the newest that says so
}

// Pending is how many entries have no receipt yet.
func (c Cursor) Pending() int { return int(c.Head - c.Acked) }

// Cursor says how far the stream is; the zero value for one never written.
func (t *Tx) Cursor(stream wire.Stream) (Cursor, error) {
	var c Cursor
	_, err := t.getJSON(inCursors, string(stream), &c)
	if err == nil && c.Acked > c.Head {
		err = damaged(nil)
	}
	return c, err
}

// Streams lists all streams of the vault.
func (t *Tx) Streams() ([]wire.Stream, error) {
	b, err := t.bucket(inCursors)
	if err != nil {
		return nil, err
	}
	var list []wire.Stream
	err = b.ForEach(func(k, _ []byte) error {
		list = append(list, wire.Stream(k))
		return nil
	})
	return list, err
}

func entryKey(stream wire.Stream, seq uint64) string {
	return string(binary.BigEndian.AppendUint64(append([]byte(stream), 0), seq))
}

// Entries are the entries behind after, in order, at most most of them (0: all).
// A gap is Damaged.
func (t *Tx) Entries(stream wire.Stream, after uint64, most int) ([][]byte, error) {
	c, err := t.Cursor(stream)
	if err != nil {
		return nil, err
	}
	var list [][]byte
	for seq := after + 1; seq <= c.Head && (most == 0 || len(list) < most); seq++ {
		raw, err := t.get(inEntries, entryKey(stream, seq))
		if err != nil {
			return nil, err
		}
		if raw == nil {
			return nil, damaged(nil)
		}
		list = append(list, raw)
	}
	return list, nil
}

// Append adds entries to the stream, each upon the one before it. The error is
// Conflict where one does not follow, Invalid where one is malformed.
func (t *Tx) Append(stream wire.Stream, entries ...[]byte) error {
	c, err := t.Cursor(stream)
	if err != nil {
		return err
	}
	for _, raw := range entries {
		e, err := wire.Decode(raw)
		if err != nil {
			return err
		}
		if e.Stream != stream || e.Seq != c.Head+1 || e.Prev != c.Hash {
			return exam.Errorf(exam.Conflict, "本机的内容刚刚有更新，请再试一次")
		}
		if err := t.put(inEntries, entryKey(stream, e.Seq), raw); err != nil {
			return err
		}
		c.Head, c.Hash = e.Seq, wire.HashOf(raw)
	}
	return t.putJSON(inCursors, string(stream), c)
}

// Acknowledge takes a receipt in: the stream is acknowledged up to its seq. It
// must be for an entry that lies here with the same hash; otherwise the error
// is Conflict. An older receipt changes nothing.
func (t *Tx) Acknowledge(r wire.Receipt) error {
	c, err := t.Cursor(r.Stream)
	if err != nil {
		return err
	}
	hash, err := t.HashAt(r.Stream, r.Seq)
	if err != nil {
		return err
	}
	if hash == "" || hash != r.Head {
		return exam.Errorf(exam.Conflict, "登记处的内容与本机不同，正在核对")
	}
	if r.Seq < c.Acked {
		return nil
	}
	c.Acked, c.Receipt = r.Seq, &r
	return t.putJSON(inCursors, string(r.Stream), c)
}

// Lower says that the registry holds the stream only up to seq, after it was set
// up again from a backup: what lies behind it here is pending again.
func (t *Tx) Lower(stream wire.Stream, seq uint64) error {
	c, err := t.Cursor(stream)
	if err != nil || c.Acked <= seq {
		return err
	}
	c.Acked, c.Receipt = seq, nil
	return t.putJSON(inCursors, string(stream), c)
}

// HashAt is the hash of the entry at seq, empty where there is none.
func (t *Tx) HashAt(stream wire.Stream, seq uint64) (wire.Hash, error) {
	if seq == 0 {
		return "", nil
	}
	raw, err := t.get(inEntries, entryKey(stream, seq))
	if raw == nil || err != nil {
		return "", err
	}
	return wire.HashOf(raw), nil
}

// Cut removes the entries behind after. Acknowledged ones are never removed:
// the error is then Internal.
func (t *Tx) Cut(stream wire.Stream, after uint64) error {
	c, err := t.Cursor(stream)
	if err != nil {
		return err
	}
	if after < c.Acked {
		return exam.Errorf(exam.Internal, "已送达的内容不能改动")
	}
	return t.cut(stream, c, after)
}

// Forget empties a stream of which this terminal is only a reader.
func (t *Tx) Forget(stream wire.Stream) error {
	c, err := t.Cursor(stream)
	if err != nil {
		return err
	}
	c.Acked, c.Receipt = 0, nil
	return t.cut(stream, c, 0)
}

func (t *Tx) cut(stream wire.Stream, c Cursor, after uint64) error {
	for ; c.Head > after; c.Head-- {
		if err := t.drop(inEntries, entryKey(stream, c.Head)); err != nil {
			return err
		}
	}
	hash, err := t.HashAt(stream, c.Head)
	if err != nil {
		return err
	}
	c.Hash = hash
	return t.putJSON(inCursors, string(stream), c)
}

// Draft is what was typed and not saved.
func (t *Tx) Draft(id exam.ApplicationID) (application.Form, error) {
	var f application.Form
	_, err := t.getJSON(inDrafts, string(id), &f)
	return f, err
}

// SetDraft replaces what was typed and not saved.
func (t *Tx) SetDraft(id exam.ApplicationID, f application.Form) error {
	if (f == application.Form{}) {
		return t.drop(inDrafts, string(id))
	}
	return t.putJSON(inDrafts, string(id), f)
}

// Mark says what is known of a blob.
type Mark struct {
	Size int  `json:"size"`
	Sent bool `json:"sent"` // the registry has it
}

// PutBlob keeps a blob and returns its hash; sent says that it came from the
// registry. The error is TooLarge over MostBlob.
func (t *Tx) PutBlob(data []byte, sent bool) (exam.BlobHash, error) {
	if len(data) > MostBlob {
		return "", exam.Errorf(exam.TooLarge, "文件太大，没有保存")
	}
	h := wire.BlobHashOf(data)
	m, found, err := t.Mark(h)
	if err != nil {
		return "", err
	}
	if found && (m.Sent || !sent) {
		return h, nil
	}
	if !found {
		if err := t.put(inBlobs, string(h), data); err != nil {
			return "", err
		}
	}
	return h, t.putJSON(inBlobMarks, string(h), Mark{Size: len(data), Sent: sent})
}

// Blob is a blob's bytes, nil where it is not here.
func (t *Tx) Blob(h exam.BlobHash) ([]byte, error) {
	data, err := t.get(inBlobs, string(h))
	if err == nil && data != nil && wire.BlobHashOf(data) != h {
		err = damaged(nil)
	}
	return data, err
}

// Mark is what is known of a blob, and whether it is here.
func (t *Tx) Mark(h exam.BlobHash) (Mark, bool, error) {
	var m Mark
	found, err := t.getJSON(inBlobMarks, string(h), &m)
	return m, found, err
}

// SetSent marks a blob as held by the registry, or not.
func (t *Tx) SetSent(h exam.BlobHash, sent bool) error {
	m, found, err := t.Mark(h)
	if err != nil || !found || m.Sent == sent {
		return err
	}
	m.Sent = sent
	return t.putJSON(inBlobMarks, string(h), m)
}

// Keep keeps what the registry said, under a name.
func (t *Tx) Keep(name string, v any) error { return t.putJSON(inCache, name, v) }

// Kept reads it back; false where nothing was kept.
func (t *Tx) Kept(name string, v any) (bool, error) { return t.getJSON(inCache, name, v) }

// Drop removes what was kept.
func (t *Tx) Drop(name string) error { return t.drop(inCache, name) }

// KeepInstitutions remembers institutions, so that they can be found again
// without the line.
func (t *Tx) KeepInstitutions(list []exam.Institution) error {
	for _, i := range list {
		if err := t.putJSON(inInstitutions, string(i.ID), i); err != nil {
			return err
		}
	}
	return nil
}

// Institutions are all that are remembered, in the order of their ids.
func (t *Tx) Institutions() ([]exam.Institution, error) {
	return all[exam.Institution](t, inInstitutions)
}

// Displaced is an entry that was taken out of its stream, and why. Nothing that
// a doctor wrote is thrown away without standing here.
type Displaced struct {
	Stream wire.Stream     `json:"stream"`
	Entry  []byte          `json:"entry"` // its bytes, as they were
	Act    application.Act `json:"act"`
	Kind   exam.Kind       `json:"kind"`
	Reason string          `json:"reason"` // a sentence for the doctor
	At     exam.Instant    `json:"at"`
}

// Displace keeps an entry that was taken out.
func (t *Tx) Displace(d Displaced) error {
	b, err := t.bucket(inDisplaced)
	if err != nil {
		return err
	}
	n, err := b.NextSequence()
	if err != nil {
		return err
	}
	return t.putJSON(inDisplaced, string(binary.BigEndian.AppendUint64(nil, n)), d)
}

// Displaced are all entries that were taken out, oldest first.
func (t *Tx) Displaced() ([]Displaced, error) { return all[Displaced](t, inDisplaced) }

func all[T any](t *Tx, bucket string) ([]T, error) {
	b, err := t.bucket(bucket)
	if err != nil {
		return nil, err
	}
	var list []T
	err = b.ForEach(func(k, _ []byte) error {
		var v T
		if _, err := t.getJSON(bucket, string(k), &v); err != nil {
			return err
		}
		list = append(list, v)
		return nil
	})
	return list, err
}
