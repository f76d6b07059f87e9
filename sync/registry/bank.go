package registry

import (
	"context"
	"fmt"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/sync/wire"
)

// BankIn is what PutBank made of a bank.
type BankIn struct {
	wire.BankInfo
	Open bool `json:"open"`
	// Result is "added", "replaced" or "unchanged".
	Result string `json:"result"`
}

// PutBank takes a whole bank in; it is for the operator and audited. A bank that
// is there is replaced only where replace says so, and else the error is Conflict.
// One with the same content stays as it is. A bank that is open now cannot become
// sealed, because laptops have its answers: the error is Refused.
func (r *Registry) PutBank(ctx context.Context, b paper.Bank, replace bool) (BankIn, error) {
	body, err := paper.EncodeBank(b)
	if err != nil {
		return BankIn{}, err
	}
	rec := BankRecord{ID: b.ID, Name: b.Name, Open: b.Open, Questions: len(b.Items), Size: len(body), Hash: wire.BlobHashOf(body), Body: body}
	in := BankIn{Open: b.Open}
	err = r.store.Update(ctx, func(tx Tx) error {
		rec.Changed = r.now()
		in.Result = "added"
		old, err := tx.Bank(b.ID)
		switch {
		case exam.KindOf(err) == exam.NotFound:
			list, err := tx.Banks()
			if err != nil {
				return err
			}
			if len(list) >= MostBanks {
				return exam.Errorf(exam.Refused, "题库已有%d个，不能再增加", MostBanks)
			}
		case err != nil:
			return err
		case old.Hash == rec.Hash:
			in.Result, in.BankInfo = "unchanged", info(old)
			return nil
		case !replace:
			return exam.Errorf(exam.Conflict, "题库“%s”已经存在（%s，%d题），没有改动；要替换它，请加 --replace", b.ID, old.Name, old.Questions)
		case old.Open && !rec.Open:
			return exam.Errorf(exam.Refused, "题库“%s”已经公开练习，答案在各台电脑上，不能再改为保密；请另建一个题库", b.ID)
		default:
			in.Result = "replaced"
		}
		if err := tx.PutBank(rec); err != nil {
			return err
		}
		in.BankInfo = info(rec)
		return r.audit(tx, audit{action: "bank", target: string(b.ID), detail: fmt.Sprintf("%s %s %d %s", in.Result, openness(b.Open), len(b.Items), rec.Hash)})
	})
	if err != nil {
		return BankIn{}, err
	}
	return in, nil
}

func openness(open bool) string {
	if open {
		return "open"
	}
	return "sealed"
}

func info(b BankRecord) wire.BankInfo {
	return wire.BankInfo{ID: b.ID, Name: b.Name, Questions: b.Questions, Size: b.Size, Hash: b.Hash, Changed: b.Changed}
}

// ListBanks lists all banks, sealed ones too, without their questions: for the
// operator.
func (r *Registry) ListBanks(ctx context.Context) ([]BankIn, error) {
	var out []BankIn
	err := r.store.View(ctx, func(tx Reader) error {
		out = nil
		list, err := tx.Banks()
		for _, b := range list {
			out = append(out, BankIn{BankInfo: info(b), Open: b.Open})
		}
		return err
	})
	return out, err
}

// ReadBank is a whole bank with its answers, sealed or not: for the operator. That
// it was read is audited.
func (r *Registry) ReadBank(ctx context.Context, id paper.BankID) (paper.Bank, error) {
	var rec BankRecord
	err := r.store.Update(ctx, func(tx Tx) (err error) {
		if rec, err = bankRecord(tx, id); err != nil {
			return err
		}
		return r.audit(tx, audit{action: "read-bank", target: string(id), detail: openness(rec.Open)})
	})
	if err != nil {
		return paper.Bank{}, err
	}
	b, err := paper.DecodeBank(rec.Body)
	if err != nil {
		return b, exam.Wrap(exam.Damaged, err, "存放的题库读不出来，请重新导入")
	}
	return b, nil
}

func bankRecord(tx Reader, id paper.BankID) (BankRecord, error) {
	if !id.Valid() {
		return BankRecord{}, noBank()
	}
	rec, err := tx.Bank(id)
	if err == nil && wire.BlobHashOf(rec.Body) != rec.Hash {
		return rec, exam.Errorf(exam.Damaged, "存放的题库与它的校验值不符，请重新导入")
	}
	return rec, err
}

func noBank() error { return exam.Errorf(exam.NotFound, "没有找到这个题库") }

// Banks lists the open banks. Whether sealed ones exist is not said.
func (r *Registry) Banks(ctx context.Context, who Session) (wire.Banks, error) {
	var out wire.Banks
	if err := r.guard(ctx, who, actBank, scope{}, ""); err != nil {
		return out, err
	}
	err := r.store.View(ctx, func(tx Reader) error {
		out.Banks = []wire.BankInfo{}
		list, err := tx.Banks()
		for _, b := range list {
			if b.Open {
				out.Banks = append(out.Banks, info(b))
			}
		}
		return err
	})
	return out, err
}

// Bank is the encoding of an open bank, and its hash. A sealed one is NotFound,
// for everybody, in the same words as one that is not there.
func (r *Registry) Bank(ctx context.Context, who Session, id paper.BankID) ([]byte, exam.BlobHash, error) {
	if err := r.guard(ctx, who, actBank, scope{}, string(id)); err != nil {
		return nil, "", err
	}
	var rec BankRecord
	err := r.store.View(ctx, func(tx Reader) (err error) {
		rec, err = bankRecord(tx, id)
		return err
	})
	if exam.KindOf(err) == exam.NotFound || err == nil && !rec.Open {
		return nil, "", noBank()
	}
	if err != nil {
		return nil, "", err
	}
	return rec.Body, rec.Hash, nil
}
