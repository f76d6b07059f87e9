package registry

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"

	"dingkao/exam"
	"dingkao/exam/certificate"
	"dingkao/sync/wire"
)

// audit is a line of the audit log before it stands in the chain.
type audit struct {
	who                            exam.Account // zero: the operator at the registry itself
	address                        string
	action, target, result, detail string
}

// operator is who gives commands at the registry itself.
const operator = "操作员"

// audit adds a line behind the head and signs the new head. A line changed,
// left out or cut off at the end no longer fits hash chain and checkpoint.
func (r *Registry) audit(tx Tx, l audit) error {
	head, err := tx.Checkpoint()
	if err != nil {
		return err
	}
	if l.result == "" {
		l.result = "done"
	}
	e := AuditEntry{Seq: head.Seq + 1, At: r.now(), Account: l.who.ID, Name: l.who.Name, Role: l.who.Role, Address: tidy(l.address, 64),
		Action: l.action, Target: tidy(l.target, 200), Result: l.result, Detail: tidy(l.detail, 500), Prev: head.Hash}
	if e.Account == "" && e.Name == "" {
		e.Name = operator
	}
	e.Hash = e.hash()
	if err := tx.PutAudit(e); err != nil {
		return err
	}
	c := Checkpoint{Seq: e.Seq, Hash: e.Hash, At: e.At, Key: r.opt.Signing.KeyID}
	c.Sig = hex.EncodeToString(ed25519.Sign(r.opt.Signing.Receipt, c.text()))
	return tx.PutCheckpoint(c)
}

// hash is over all fields but Hash, each with its length before it.
func (e AuditEntry) hash() string {
	h := sha256.New()
	put := func(s string) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(s)))
		h.Write(n[:])
		io.WriteString(h, s)
	}
	put("dingkao audit 1")
	put(strconv.FormatUint(e.Seq, 10))
	put(strconv.FormatInt(int64(e.At), 10))
	for _, s := range []string{string(e.Account), e.Name, string(e.Role), e.Address, e.Action, e.Target, e.Result, e.Detail, e.Prev} {
		put(s)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (c Checkpoint) text() []byte {
	return fmt.Appendf(nil, "dingkao audit checkpoint 1\n%d\n%s\n%d\n%s\n", c.Seq, c.Hash, c.At, c.Key)
}

func (c Checkpoint) genuine(keys []exam.PublicKey) bool {
	sig, err := hex.DecodeString(c.Sig)
	if err != nil {
		return false
	}
	for _, k := range keys {
		if k.ID == c.Key && len(k.Key) == ed25519.PublicKeySize && ed25519.Verify(k.Key, c.text(), sig) {
			return true
		}
	}
	return false
}

const chunk = 500 // rows read at a time where everything is read

// AuditVerify checks the audit log's chain against its signed head; every
// stream: its hash chain, its head, and that its entries still fold; every scoring
// sheet against its digest; and that every blob is there.
func (r *Registry) AuditVerify(ctx context.Context) (AuditReport, error) {
	var rep AuditReport
	err := r.store.View(ctx, func(tx Reader) error {
		rep = AuditReport{}
		problem := func(format string, a ...any) {
			if len(rep.Problems) < 100 {
				rep.Problems = append(rep.Problems, fmt.Sprintf(format, a...))
			}
		}
		if err := r.verifyLog(tx, &rep, problem); err != nil {
			return err
		}
		if err := verifyStreams(tx, &rep, problem); err != nil {
			return err
		}
		if err := verifySheets(tx, problem); err != nil {
			return err
		}
		return r.verifyBlobs(ctx, tx, problem)
	})
	rep.Clean = err == nil && len(rep.Problems) == 0
	return rep, err
}

func (r *Registry) verifyLog(tx Reader, rep *AuditReport, problem func(string, ...any)) error {
	check, err := tx.Checkpoint()
	if err != nil {
		return err
	}
	broken := false
	for {
		es, err := tx.AuditEntries(rep.Entries, chunk)
		if err != nil {
			return err
		}
		for _, e := range es {
			if !broken && (e.Seq != rep.Entries+1 || e.Prev != rep.Head || e.Hash != e.hash()) {
				problem("审计记录第%d条与前后不符，可能被改动或删除", e.Seq)
				broken = true // what follows is counted, but only the first break tells something
			}
			rep.Entries, rep.Head = e.Seq, e.Hash
		}
		if len(es) < chunk {
			break
		}
	}
	switch {
	case check.Seq == 0 && rep.Entries == 0:
	case !check.genuine(r.keys):
		problem("审计记录的签名没有通过验证")
	case check.Seq != rep.Entries || check.Hash != rep.Head:
		problem("审计记录到第%d条为止，而签名确认到第%d条", rep.Entries, check.Seq)
	}
	return nil
}

func verifyStreams(tx Reader, rep *AuditReport, problem func(string, ...any)) error {
	var after wire.Stream
	for {
		heads, err := tx.Streams(after, chunk)
		if err != nil {
			return err
		}
		for _, h := range heads {
			after = h.Stream
			rep.Streams++
			var seq uint64
			var prev wire.Hash
			for {
				es, err := tx.Entries(h.Stream, seq, chunk)
				if err != nil {
					return err
				}
				for _, e := range es {
					d, err := wire.Decode(e.Raw)
					if err != nil || d.Stream != h.Stream || d.Seq != seq+1 || d.Prev != prev || wire.HashOf(e.Raw) != e.Hash {
						problem("记录 %s 第%d条与前后不符，可能被改动", h.Stream, e.Seq)
					}
					seq, prev = e.Seq, e.Hash
					rep.Stored++
				}
				if len(es) < chunk {
					break
				}
			}
			if seq != h.Seq || prev != h.Hash {
				problem("记录 %s 缺少末尾：现有%d条，应有%d条", h.Stream, seq, h.Seq)
				continue
			}
			switch h.Stream.Kind() {
			case wire.KindReview:
				if _, _, err := readDossier(tx, exam.ApplicationID(h.Stream.ID())); err != nil {
					problem("填报信息 %s 的记录不能连贯读出：%s", h.Stream.ID(), exam.SentenceOf(err))
				}
			case wire.KindCertificate:
				rec, err := readNotice(tx, exam.Serial(h.Stream.ID()))
				row, err2 := tx.Notice(exam.Serial(h.Stream.ID()))
				if err != nil || err2 != nil || rec.State == certificate.None || rec.State != row.State {
					problem("通知书 %s 的记录不能连贯读出", h.Stream.ID())
				}
			case wire.KindOrders:
				if _, err := foldState(tx, exam.SittingID(h.Stream.ID()), h); err != nil {
					problem("测评 %s 的记录不能连贯读出：%s", h.Stream.ID(), exam.SentenceOf(err))
				}
			}
		}
		if len(heads) < chunk {
			return nil
		}
	}
}

// verifySheets checks that the scoring sheet of every score is there and is what
// its digest says.
func verifySheets(tx Reader, problem func(string, ...any)) error {
	var after exam.SittingID
	for {
		list, err := tx.Sittings(after, chunk)
		if err != nil {
			return err
		}
		for _, s := range list {
			after = s.ID
			d, _, err := readDossier(tx, s.Application)
			if err != nil {
				continue // said already
			}
			a := attempt(d, s.ID)
			if a == nil || a.Score == nil {
				continue
			}
			sheet, err := tx.Sheet(a.Score.Digest)
			if err != nil && exam.KindOf(err) != exam.NotFound {
				return err
			}
			if err != nil || string(wire.HashOf(sheet.Body)) != a.Score.Digest {
				problem("测评 %s 的评分记录不见了或被改动", s.ID)
			}
		}
		if len(list) < chunk {
			return nil
		}
	}
}

func (r *Registry) verifyBlobs(ctx context.Context, tx Reader, problem func(string, ...any)) error {
	var after exam.BlobHash
	for {
		hashes, err := tx.AllBlobs(after, chunk)
		if err != nil {
			return err
		}
		for _, h := range hashes {
			after = h
			has, err := r.blobs.Has(ctx, h)
			if err != nil {
				return err
			}
			if !has {
				problem("存放的文件 %s 不见了", h)
			}
		}
		if len(hashes) < chunk {
			return nil
		}
	}
}
