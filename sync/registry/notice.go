package registry

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/certificate"
	"dingkao/sync/wire"
)

// readNotice folds the stream of a notice.
func readNotice(tx Reader, serial exam.Serial) (certificate.Record, error) {
	damaged := func(err error) (certificate.Record, error) {
		return certificate.Record{}, exam.Wrap(exam.Damaged, err, "这份通知书的记录不完整，请联系管理员")
	}
	stored, err := tx.Entries(wire.CertificateStream(serial), 0, chunk)
	if err != nil {
		return certificate.Record{}, err
	}
	var es []certificate.Entry
	for _, s := range stored {
		w, err := wire.Decode(s.Raw)
		if err != nil {
			return damaged(err)
		}
		var e certificate.Entry
		dec := json.NewDecoder(bytes.NewReader(w.Body))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&e); err != nil {
			return damaged(err)
		}
		if string(e.Type) != w.Kind || e.At != w.At {
			return damaged(errors.New("an entry contradicts itself"))
		}
		es = append(es, e)
	}
	rec, err := certificate.Fold(es)
	if err != nil {
		return damaged(err)
	}
	return rec, nil
}

// appendNotice adds one entry to the stream of a notice, moves the index row and the
// dossier's row in the queue, and notes it in the audit log.
func (r *Registry) appendNotice(tx Tx, serial exam.Serial, e certificate.Entry, l audit) (certificate.Record, error) {
	rec, err := readNotice(tx, serial)
	if err != nil {
		return rec, err
	}
	if rec, err = certificate.Apply(rec, e); err != nil {
		return rec, err
	}
	stream := wire.CertificateStream(serial)
	head, err := tx.Head(stream)
	if err != nil {
		return rec, err
	}
	if _, err := r.write(tx, stream, head, e.At, string(e.Type), e); err != nil {
		return rec, err
	}
	c := rec.Certificate
	if err := tx.PutNotice(NoticeRecord{Serial: serial, Application: c.Application, Number: c.Number, Document: c.Document, State: rec.State, Reserved: rec.ReservedAt}); err != nil {
		return rec, err
	}
	if err := reproject(tx, c.Application); err != nil {
		return rec, err
	}
	l.target = string(serial)
	l.detail = strings.TrimSpace(c.Name + " " + exam.MaskNumber(c.Document) + " " + l.detail)
	return rec, r.audit(tx, l)
}

// Issue issues a notice for each target: the dossier must be qualified, by
// whichever procedure, with no correction waiting and no notice in force. First
// the intent with every fact is appended, then the file is drawn, signed and
// stored, then it is announced. A crash between leaves an intent that asking
// again, or ResumeIssues, goes on from.
func (r *Registry) Issue(ctx context.Context, who Session, targets []application.Target) ([]application.Outcome, error) {
	if err := r.guard(ctx, who, actIssue, scope{}, ""); err != nil {
		return nil, err
	}
	if len(targets) > mostTargets {
		return nil, exam.Errorf(exam.TooLarge, "一次最多签发%d份，请分批签发", mostTargets)
	}
	if r.opt.Notary == nil {
		return nil, exam.Errorf(exam.Unavailable, "登记处还不能打印通知书，没有签发；请系统管理员安装字体后重试")
	}
	outs := make([]application.Outcome, 0, len(targets))
	for _, t := range targets {
		serial, err := r.reserve(ctx, who, t)
		var state application.State
		if err == nil {
			state = application.Qualified
			err = r.finish(ctx, serial)
		}
		if ctx.Err() != nil {
			return outs, exam.Wrap(exam.Unavailable, ctx.Err(), "签发中断了，已签发的有效，其余请重新签发")
		}
		if err != nil && exam.KindOf(err) == exam.Internal {
			r.fault("issue", err)
		}
		outs = append(outs, outcome(t.Application, state, serial, err))
	}
	return outs, nil
}

// reserve appends the intent, or finds the one that a crash left.
func (r *Registry) reserve(ctx context.Context, who Session, t application.Target) (exam.Serial, error) {
	var serial exam.Serial
	var refused error
	err := r.store.Update(ctx, func(tx Tx) error {
		serial, refused = "", nil
		f, err := readScope(tx, t.Application)
		if err != nil {
			return err
		}
		if refused = may(who.Account, actIssue, f.scope()); refused != nil {
			return refused
		}
		if f, err = readFile(tx, t.Application); err != nil {
			return err
		}
		d := f.dossier
		switch {
		case t.On != d.OwnSeq:
			return exam.Errorf(exam.Conflict, "医师的信息刚刚有变化，没有签发；请重新打开后再签发")
		case d.State != application.Qualified:
			return exam.Errorf(exam.Refused, "该信息现在是“%s”，合格后才能签发通知书", d.State.Text())
		case d.Correction != nil && d.Correction.State == application.CorrectionAsked:
			return exam.Errorf(exam.Refused, "医师申请了修改信息，请等机构审核后再签发")
		}
		records, err := tx.NoticesOf(t.Application)
		if err != nil {
			return err
		}
		for _, n := range records {
			switch n.State {
			case certificate.Valid:
				return exam.Errorf(exam.Refused, "已经签发过通知书，没有重复签发；需要重新签发时请先撤销")
			case certificate.Reserved:
				serial = n.Serial
				return nil
			}
		}
		c, err := r.facts(tx, f)
		if err != nil {
			return err
		}
		if err := c.Validate(); err != nil {
			return err
		}
		text, err := certificate.Sign(r.opt.VerifyURL, certificate.PayloadOf(c), r.opt.Signing.Receipt)
		if err != nil {
			return err
		}
		serial = c.Serial
		_, err = r.appendNotice(tx, serial, certificate.Entry{Type: certificate.EntryReserved, At: r.now(), By: who.Account.ID, ByName: who.Account.Name, Certificate: &c, QR: text},
			audit{who: who.Account, address: who.Origin.Address, action: "reserve-notice", detail: string(t.Application)})
		return err
	})
	if refused != nil {
		return "", r.noted(ctx, who, actIssue, string(t.Application), refused)
	}
	return serial, err
}

// facts is what the notice of a dossier says, with a serial and a number that
// were never given out.
func (r *Registry) facts(tx Reader, f file) (certificate.Certificate, error) {
	e, err := enrolment(tx, f)
	if err != nil {
		return certificate.Certificate{}, err
	}
	taken, err := tx.NumbersOf(string(f.doctor.Identity))
	if err != nil {
		return certificate.Certificate{}, err
	}
	var random [10]byte
	rand.Read(random[:])
	today := r.today()
	c := certificate.Certificate{
		Serial: exam.Serial("N" + strings.ToUpper(hex.EncodeToString(random[:]))), Application: f.record.ID,
		Number: certificate.NextNumber(string(f.doctor.Identity), today, taken),
		Name:   strings.TrimSpace(f.doctor.Name), DocumentKind: f.doctor.DocumentKind, Document: string(f.doctor.Identity),
		Institution: strings.TrimSpace(f.institution.Name), From: f.cycle.From, To: f.cycle.To,
		Assessor: strings.TrimSpace(e.Assessor.Name), AssessedOn: f.dossier.Concluded.Date(),
		Authority: strings.TrimSpace(e.Authority.Name), IssuedOn: today, Outcome: certificate.Passed,
	}
	if b := f.dossier.Form.Basic; b != nil {
		c.Sex, c.Photo = b.Sex, b.Photo.Hash
	}
	if p := f.dossier.Form.Practice; p != nil {
		c.QualificationNo, c.LicenceNo = strings.TrimSpace(p.QualificationNo), strings.TrimSpace(p.LicenceNo)
		c.Category, c.Speciality = strings.TrimSpace(p.Category.Name), strings.TrimSpace(p.Specialty)
		for _, s := range p.Scopes {
			c.Scopes = append(c.Scopes, strings.TrimSpace(s.Name))
		}
	}
	return c, nil
}

// finish draws, signs and stores the file of an intent and announces it. Where
// somebody else has finished it meanwhile, theirs stands.
func (r *Registry) finish(ctx context.Context, serial exam.Serial) error {
	var rec certificate.Record
	if err := r.store.View(ctx, func(tx Reader) (err error) {
		rec, err = readNotice(tx, serial)
		return err
	}); err != nil || rec.State != certificate.Reserved {
		return err
	}
	var photo []byte
	var err error
	if rec.Certificate.Photo != "" {
		if photo, err = r.blobs.Get(ctx, rec.Certificate.Photo); err != nil {
			return exam.Wrap(exam.KindOf(err), err, "证件照读不出来，通知书还没有签发，请稍后再试")
		}
	}
	page, err := r.opt.Notary.Draw(rec.Certificate, photo, rec.QR)
	if err != nil {
		return sentenced(err, "通知书没有画好，还没有签发，请稍后再试")
	}
	file, err := r.opt.Notary.Sign(page)
	if err != nil {
		return sentenced(err, "通知书没有签好，还没有签发，请稍后再试")
	}
	hash := wire.BlobHashOf(file)
	if err := r.blobs.Put(ctx, hash, file); err != nil {
		return sentenced(err, "通知书没有存好，还没有签发，请稍后再试")
	}
	return r.store.Update(ctx, func(tx Tx) error {
		rec, err := readNotice(tx, serial)
		if err != nil || rec.State != certificate.Reserved {
			return err
		}
		now := r.now()
		if err := tx.PutBlob(hash, len(file), now); err != nil {
			return err
		}
		by, err := tx.Account(rec.ReservedBy)
		if err != nil {
			return err
		}
		_, err = r.appendNotice(tx, serial, certificate.Entry{Type: certificate.EntryIssued, At: now, By: rec.ReservedBy, PDF: hash},
			audit{who: by.Account, action: "issue-notice"})
		return err
	})
}

// sentenced keeps a sentence that err has and gives it one where it has none.
func sentenced(err error, sentence string) error {
	var e *exam.Error
	if errors.As(err, &e) && e.Sentence != "" {
		return err
	}
	return exam.Wrap(exam.Internal, err, sentence)
}

// ResumeIssues finishes what a crash left between intent and notice, and says
// how many it has finished. A notice that cannot be finished now stops none of
// the others; their errors are joined.
func (r *Registry) ResumeIssues(ctx context.Context) (int, error) {
	if r.opt.Notary == nil {
		return 0, nil
	}
	var records []NoticeRecord
	if err := r.store.View(ctx, func(tx Reader) (err error) {
		records, err = tx.ReservedNotices(10000)
		return err
	}); err != nil {
		return 0, err
	}
	n := 0
	var all error
	for _, rec := range records {
		if err := r.finish(ctx, rec.Serial); err != nil {
			all = errors.Join(all, err)
			continue
		}
		n++
	}
	return n, all
}

// noticeScope reads whose notice it is.
func noticeScope(tx Reader, serial exam.Serial) (file, error) {
	if !wire.CertificateStream(serial).Valid() {
		return file{}, exam.Errorf(exam.NotFound, "没有这份通知书")
	}
	n, err := tx.Notice(serial)
	if err != nil {
		return file{}, err
	}
	return readScope(tx, n.Application)
}

// Revoke ends a notice, with a reason that its doctor reads.
func (r *Registry) Revoke(ctx context.Context, who Session, serial exam.Serial, reason string) error {
	var refused error
	err := r.store.Update(ctx, func(tx Tx) error {
		refused = nil
		f, err := noticeScope(tx, serial)
		if err != nil {
			return err
		}
		if refused = may(who.Account, actRevoke, f.scope()); refused != nil {
			return refused
		}
		reason := strings.TrimSpace(reason)
		if !clean(application.MostReason, reason) {
			return &exam.Error{Kind: exam.Invalid, Field: "reason", Sentence: "撤销原因最多200个字，写成一段；通知书没有改动"}
		}
		_, err = r.appendNotice(tx, serial, certificate.Entry{Type: certificate.EntryRevoked, At: r.now(), By: who.Account.ID, ByName: who.Account.Name, Reason: reason},
			audit{who: who.Account, address: who.Origin.Address, action: "revoke-notice", detail: reason})
		return err
	})
	if refused != nil {
		return r.noted(ctx, who, actRevoke, string(serial), refused)
	}
	return err
}

// NoticePDF is the signed file of a notice. A revoked one is shown to staff
// only: the doctor is refused and told why.
func (r *Registry) NoticePDF(ctx context.Context, who Session, serial exam.Serial) ([]byte, error) {
	var refused error
	var rec certificate.Record
	err := r.store.View(ctx, func(tx Reader) error {
		f, err := noticeScope(tx, serial)
		if err != nil {
			return err
		}
		if refused = may(who.Account, actRead, f.scope()); refused != nil {
			return refused
		}
		rec, err = readNotice(tx, serial)
		return err
	})
	if refused != nil {
		return nil, r.noted(ctx, who, actRead, string(serial), refused)
	}
	switch {
	case err != nil:
		return nil, err
	case rec.PDF == "":
		return nil, exam.Errorf(exam.NotFound, "通知书还在签发，请稍后再看")
	case rec.State == certificate.Revoked && who.Account.Role == exam.RoleDoctor:
		return nil, exam.Errorf(exam.Refused, "这份通知书已于%s撤销，不能再打印；原因：%s", rec.RevokedAt.Date().Text(), rec.RevokedReason)
	}
	return r.blobs.Get(ctx, rec.PDF)
}

// Verify says what the public page shows for a QR code's token, or for its
// whole text.
func (r *Registry) Verify(ctx context.Context, token string) (Verification, error) {
	unknown := Verification{State: VerifiedUnknown, Sentence: "登记处没有这份通知书的记录，请确认二维码完整清晰后再扫描一次；仍然如此请向发证机关查询"}
	if len(token) > 2000 {
		return unknown, nil
	}
	p, verdict := certificate.Verify(token, r.keys)
	if verdict != certificate.Genuine {
		return unknown, nil
	}
	var rec certificate.Record
	if err := r.store.View(ctx, func(tx Reader) (err error) {
		rec, err = readNotice(tx, p.Serial)
		return err
	}); err != nil {
		return unknown, err
	}
	if rec.IssuedAt == 0 || !p.Describes(rec.Certificate) {
		return unknown, nil
	}
	c := rec.Certificate
	document := c.Document
	c.Document, c.Photo, c.Application = exam.MaskNumber(document), "", ""
	// A qualification number holds the identity number too, of today's form or
	// of the old one.
	c.Number, c.QualificationNo, c.LicenceNo = maskIn(c.Number, document), exam.MaskNumber(c.QualificationNo), maskIn(c.LicenceNo, document)
	v := Verification{State: VerifiedValid, Sentence: "这份通知书由发证机关签发，现在有效。请核对纸面内容与本页是否一致。", Certificate: c}
	if rec.State == certificate.Revoked {
		v.State, v.RevokedAt = VerifiedRevoked, rec.RevokedAt
		v.Sentence = "这份通知书已被发证机关撤销，不再有效。"
		// Why is between the authority and the doctor.
		v.RevokedReason = "请向发证机关查询"
	}
	return v, nil
}

// maskIn masks a document number wherever it stands in s.
func maskIn(s, document string) string {
	if document == "" {
		return s
	}
	return strings.ReplaceAll(s, document, exam.MaskNumber(document))
}
