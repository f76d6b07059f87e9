package registry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/certificate"
	"dingkao/sync/wire"
)

// MostTail bounds the entries of one Tail. The receipt in it is always for the
// head of the stream: a reader that has not come to its seq asks again.
const MostTail = 500

// mostTailBytes bounds the bytes of one Tail, but for its first entry.
const mostTailBytes = 4 << 20

// What a doctor may save in one dossier, so that folding it stays cheap. A
// terminal that saves after every line typed comes nowhere near it; past it
// nothing more is saved, but what was saved can still be submitted.
const (
	mostSaves      = 5000
	mostSavedBytes = 16 << 20
	mostDossier    = 2 * mostSaves // entries read of each stream
)

// file is everything about one dossier, read in one transaction.
type file struct {
	record      ApplicationRecord
	doctor      exam.Doctor
	cycle       exam.Cycle
	institution exam.Institution
	own, review Head
	dossier     application.Dossier
	size        int // bytes of both streams
}

func (f file) scope() scope {
	return scope{Doctor: f.doctor.ID, Province: f.doctor.Province, Institution: f.doctor.Institution, Assessor: f.institution.Assessor}
}

// readScope reads only whose dossier it is.
func readScope(tx Reader, id exam.ApplicationID) (file, error) {
	var f file
	var err error
	if !wire.ApplicationStream(id).Valid() {
		return f, exam.Errorf(exam.NotFound, "没有找到这份填报信息")
	}
	if f.record, err = tx.Application(id); err != nil {
		return f, err
	}
	if f.doctor, err = tx.Doctor(f.record.Doctor); err != nil {
		return f, err
	}
	f.institution, err = tx.Institution(f.doctor.Institution)
	return f, err
}

// readFile reads and folds a dossier.
func readFile(tx Reader, id exam.ApplicationID) (file, error) {
	f, err := readScope(tx, id)
	if err != nil {
		return f, err
	}
	if f.cycle, err = tx.Cycle(f.record.Cycle); err != nil {
		return f, err
	}
	if f.own, err = tx.Head(wire.ApplicationStream(id)); err != nil {
		return f, err
	}
	if f.review, err = tx.Head(wire.ReviewStream(id)); err != nil {
		return f, err
	}
	f.dossier, f.size, err = readDossier(tx, id)
	return f, err
}

// readDossier folds both streams and says how many bytes they have. The error
// is Damaged where they do not fold.
func readDossier(tx Reader, id exam.ApplicationID) (application.Dossier, int, error) {
	var parts [2][]application.Entry
	size := 0
	none := application.New()
	for i, stream := range []wire.Stream{wire.ApplicationStream(id), wire.ReviewStream(id)} {
		es, err := tx.Entries(stream, 0, mostDossier)
		if err != nil {
			return none, 0, err
		}
		for _, s := range es {
			size += len(s.Raw)
			e, err := wire.Decode(s.Raw)
			if err != nil {
				return none, 0, exam.Wrap(exam.Damaged, err, "这份填报信息的记录不完整，请联系管理员")
			}
			a, err := e.Application()
			if err != nil {
				return none, 0, exam.Wrap(exam.Damaged, err, "这份填报信息的记录不完整，请联系管理员")
			}
			parts[i] = append(parts[i], a)
		}
	}
	d, err := application.Fold(parts[0], parts[1])
	if err != nil {
		return d, 0, exam.Wrap(exam.Damaged, err, "这份填报信息的记录不连贯，请联系管理员")
	}
	return d, size, nil
}

// project writes the dossier's row of the queue as the streams and the roster
// have it now.
func project(tx Tx, f file) error {
	row := DossierRow{
		Row: application.Row{
			Application: f.record.ID, Doctor: f.doctor.ID, Name: f.doctor.Name, Identity: f.doctor.Identity.Masked(),
			Institution: f.institution.Name,
		}.Of(f.dossier),
		Cycle: f.record.Cycle, Province: f.doctor.Province, InstitutionID: f.doctor.Institution, Assessor: f.institution.Assessor,
		Document: string(f.doctor.Identity), NameKey: NameKey(f.doctor.Name),
	}
	row.Changed = max(f.own.Received, f.review.Received)
	records, err := tx.NoticesOf(f.record.ID)
	if err != nil {
		return err
	}
	// The one in force, or else the last revoked.
	for _, n := range records {
		if n.State != certificate.Valid && (n.State != certificate.Revoked || row.Notice != nil) {
			continue
		}
		rec, err := readNotice(tx, n.Serial)
		if err != nil {
			return err
		}
		if rec.IssuedAt == 0 { // given up before it was issued
			continue
		}
		notice := rec.Notice()
		row.Notice = &notice
		row.Changed = max(row.Changed, notice.IssuedAt, notice.RevokedAt)
		if n.State == certificate.Valid {
			break
		}
	}
	return tx.PutDossierRow(row)
}

// reproject reads a dossier anew and writes its row.
func reproject(tx Tx, id exam.ApplicationID) error {
	f, err := readFile(tx, id)
	if err != nil {
		return err
	}
	return project(tx, f)
}

// RebuildProjections derives the rows of the queue and of the wall anew from the
// streams, in one transaction, and says how many there are.
func (r *Registry) RebuildProjections(ctx context.Context) (int, error) {
	n := 0
	err := r.store.Update(ctx, func(tx Tx) error {
		n = 0
		if err := tx.DeleteDossierRows(); err != nil {
			return err
		}
		var after exam.ApplicationID
		for {
			as, err := tx.Applications(after, chunk)
			if err != nil {
				return err
			}
			for _, a := range as {
				after = a.ID
				n++
				if err := reproject(tx, a.ID); err != nil {
					return fmt.Errorf("%s: %w", a.ID, err)
				}
			}
			if len(as) < chunk {
				k, err := r.rebuildWall(tx)
				if n += k; err != nil {
					return err
				}
				return r.audit(tx, audit{action: "rebuild-projections", detail: fmt.Sprint(n)})
			}
		}
	})
	return n, err
}

// cycleOf is the cycle in force for a province: of those that name it, the one
// that begins last among those whose windows have begun; before the first has,
// the one that begins first.
func cycleOf(cycles []exam.Cycle, province string, today exam.Date) (exam.Cycle, bool) {
	var best exam.Cycle
	found, bestBegun := false, false
	for _, c := range cycles {
		named := false
		for _, p := range c.Provinces {
			named = named || p == province
		}
		if !named {
			continue
		}
		begun := c.Confirm.From <= today || c.Fill.From <= today
		switch {
		case !found, begun && !bestBegun:
		case begun && bestBegun && (c.From > best.From || c.From == best.From && c.ID > best.ID):
		case !begun && !bestBegun && (c.From < best.From || c.From == best.From && c.ID < best.ID):
		default:
			continue
		}
		best, found, bestBegun = c, true, begun
	}
	return best, found
}

// current is the dossier's id of a doctor in the cycle in force.
func (r *Registry) current(tx Reader, doctor exam.DoctorID) (exam.ApplicationID, error) {
	d, err := tx.Doctor(doctor)
	if err != nil {
		return "", err
	}
	cycles, err := tx.Cycles()
	if err != nil {
		return "", err
	}
	c, ok := cycleOf(cycles, d.Province, r.today())
	if !ok {
		return "", exam.Errorf(exam.NotFound, "您所在的省份目前没有安排考核周期，请留意通知或联系所在机构")
	}
	a, err := tx.ApplicationOf(doctor, c.ID)
	if exam.KindOf(err) == exam.NotFound {
		return "", exam.Errorf(exam.NotFound, "您不在本周期的名册中，请联系所在机构")
	}
	return a.ID, err
}

// enrolment is everything about a dossier as its doctor or a reviewer sees it.
func enrolment(tx Reader, f file) (application.Enrolment, error) {
	e := application.Enrolment{Application: f.record.ID, Doctor: f.doctor, Cycle: f.cycle, Institution: f.institution, Dossier: f.dossier}
	var err error
	if f.institution.Assessor != "" {
		if e.Assessor, err = tx.Institution(f.institution.Assessor); err != nil && exam.KindOf(err) != exam.NotFound {
			return e, err
		}
	}
	if e.Authority, err = authority(tx, f.doctor.Province); err != nil {
		return e, err
	}
	records, err := tx.NoticesOf(f.record.ID)
	if err != nil {
		return e, err
	}
	for _, n := range records {
		rec, err := readNotice(tx, n.Serial)
		if err != nil {
			return e, err
		}
		if rec.IssuedAt != 0 {
			e.Notices = append(e.Notices, rec.Notice())
		}
	}
	return e, nil
}

// authority is the office that issues in the province, under the name that the
// province gives it.
func authority(tx Reader, code string) (exam.Institution, error) {
	a, err := tx.Authority(code)
	if exam.KindOf(err) != exam.NotFound {
		return a, err
	}
	ps, err := tx.Provinces()
	if err != nil {
		return a, err
	}
	for _, p := range ps {
		if p.Code == code {
			return exam.Institution{Kind: exam.OfficeAuthority, Name: p.Authority, Division: code}, nil
		}
	}
	return exam.Institution{}, nil
}

// Enrolment is the doctor's own dossier in the cycle in force.
func (r *Registry) Enrolment(ctx context.Context, who Session) (wire.Enrolment, error) {
	var e wire.Enrolment
	if err := r.guard(ctx, who, actEnrolment, scope{Doctor: who.Account.Doctor}, ""); err != nil {
		return e, err
	}
	err := r.store.View(ctx, func(tx Reader) error {
		id, err := r.current(tx, who.Account.Doctor)
		if err != nil {
			return err
		}
		f, err := readFile(tx, id)
		if err != nil {
			return err
		}
		e.OwnHead, e.ReviewHead = f.own.Hash, f.review.Hash
		e.Enrolment, err = enrolment(tx, f)
		return err
	})
	return e, err
}

// dossierOf is the dossier that a stream belongs to.
func dossierOf(tx Reader, stream wire.Stream) (exam.ApplicationID, error) {
	switch stream.Kind() {
	case wire.KindApplication, wire.KindReview:
		return exam.ApplicationID(stream.ID()), nil
	case wire.KindSitting, wire.KindOrders:
		s, err := tx.Sitting(exam.SittingID(stream.ID()))
		return s.Application, err
	}
	n, err := tx.Notice(exam.Serial(stream.ID()))
	return n.Application, err
}

// Tail is the part of a stream behind a seq: at most MostTail entries and about
// 4 MiB, and the receipt for the stream's head.
func (r *Registry) Tail(ctx context.Context, who Session, stream wire.Stream, after uint64) (wire.Tail, error) {
	var t wire.Tail
	if !stream.Valid() || after > 1<<62 {
		return t, exam.Errorf(exam.Invalid, "要读取的记录不存在")
	}
	if stream.Kind() == wire.KindPractice {
		return r.practiceTail(ctx, who, stream, after)
	}
	var refused error
	what := actRead
	if k := stream.Kind(); k == wire.KindSitting || k == wire.KindOrders {
		what = actSitting
	}
	err := r.store.View(ctx, func(tx Reader) error {
		id, err := dossierOf(tx, stream)
		if err != nil {
			return err
		}
		f, err := readScope(tx, id)
		if err != nil {
			return err
		}
		if refused = may(who.Account, what, f.scope()); refused != nil {
			return refused
		}
		if stream.Kind() == wire.KindCertificate && who.Account.Role != exam.RoleDoctor {
			// The document number in it is whole: CaseIdentity shows that, audited.
			refused = exam.Errorf(exam.Forbidden, "通知书的原始记录不在这里查看，请打开通知书")
			return refused
		}
		t, err = r.tail(tx, stream, after)
		return err
	})
	if refused != nil {
		return wire.Tail{}, r.noted(ctx, who, what, string(stream), refused)
	}
	return t, err
}

func (r *Registry) tail(tx Reader, stream wire.Stream, after uint64) (wire.Tail, error) {
	var t wire.Tail
	h, err := tx.Head(stream)
	if err != nil || h.Seq == 0 {
		return t, err
	}
	rec := r.receipt(stream, h.Seq, h.Hash, h.Received)
	t.Receipt = &rec
	es, err := tx.Entries(stream, after, MostTail)
	size := 0
	for _, e := range es {
		if size += len(e.Raw); size > mostTailBytes && len(t.Entries) > 0 {
			break
		}
		t.Entries = append(t.Entries, json.RawMessage(e.Raw))
	}
	return t, err
}

// Append takes in entries of the doctor's own stream: canonical encodings, in
// order, without a gap. All are taken in or none. What was delivered before is
// answered with the same receipt as then. The error is a ConflictError where
// the stream has gone on or differs, Refused where the rules do not allow an
// entry now or a picture that it names was not uploaded.
func (r *Registry) Append(ctx context.Context, who Session, raws []json.RawMessage) (wire.Appended, error) {
	if streamKind(raws) == wire.KindSitting {
		return r.appendSitting(ctx, who, raws)
	}
	if practised(raws) {
		return r.appendPractice(ctx, who, raws)
	}
	if err := may(who.Account, actAppend, scope{}); err != nil {
		return wire.Appended{}, r.noted(ctx, who, actAppend, "", err)
	}
	es, stored, err := r.decode(raws)
	if err != nil {
		return wire.Appended{}, err
	}
	stream := stored[0].Stream
	var receipt wire.Receipt
	var conflict *ConflictError
	var refused error
	err = r.store.Update(ctx, func(tx Tx) error {
		conflict, refused = nil, nil
		f, err := readFile(tx, exam.ApplicationID(stream.ID()))
		if err != nil {
			return err
		}
		if refused = may(who.Account, actAppend, f.scope()); refused != nil {
			return refused
		}
		fresh, clash, err := r.compare(tx, f.own, stored)
		if err != nil {
			return err
		}
		if clash != nil {
			conflict = clash
			return nil
		}
		if fresh == len(stored) { // all of it was delivered before
			last := stored[len(stored)-1]
			was, err := tx.Entries(stream, last.Seq-1, 1)
			if err != nil || len(was) != 1 {
				return errors.Join(err, exam.Errorf(exam.Internal, ""))
			}
			receipt = r.receipt(stream, last.Seq, last.Hash, was[0].Received)
			return nil
		}
		now, today := r.now(), r.today()
		for i := fresh; i < len(stored); i++ {
			next, err := f.dossier.Apply(es[i])
			if err != nil {
				return err
			}
			if err := f.dossier.Admit(es[i], f.cycle, today); err != nil {
				return err
			}
			if f.size += len(stored[i].Raw); es[i].Act == application.ActSaved && (f.size > mostSavedBytes || stored[i].Seq > mostSaves) {
				return exam.Errorf(exam.TooLarge, "这份填报信息保存的次数太多，最后的改动留在本机；之前保存的可以提交，也可联系所在机构")
			}
			f.dossier = next
			if err := r.use(tx, who, f.record.ID, es[i].Blobs()); err != nil {
				return err
			}
			e := stored[i]
			e.Received = now
			if err := tx.AppendEntry(e); err != nil {
				return err
			}
			f.own = Head{Stream: stream, Seq: e.Seq, Hash: e.Hash, Received: now}
		}
		receipt = r.receipt(stream, f.own.Seq, f.own.Hash, now)
		return project(tx, f)
	})
	if refused != nil {
		return wire.Appended{}, r.noted(ctx, who, actAppend, string(stream), refused)
	}
	if err != nil {
		return wire.Appended{}, err
	}
	if conflict != nil {
		return wire.Appended{}, conflict
	}
	return wire.Appended{Receipt: receipt}, nil
}

// decode reads what was sent, as far as it can be judged without the store.
func (r *Registry) decode(raws []json.RawMessage) ([]application.Entry, []StoredEntry, error) {
	if len(raws) == 0 {
		return nil, nil, exam.Errorf(exam.Invalid, "没有要保存的内容")
	}
	if len(raws) > wire.MostAppend {
		return nil, nil, exam.Errorf(exam.TooLarge, "一次最多送出%d条记录", wire.MostAppend)
	}
	es := make([]application.Entry, len(raws))
	stored := make([]StoredEntry, len(raws))
	for i, raw := range raws {
		e, err := wire.Decode(raw)
		if err != nil {
			return nil, nil, err
		}
		s := StoredEntry{Stream: e.Stream, Seq: e.Seq, Hash: wire.HashOf(raw), Raw: raw}
		if e.Stream.Kind() != wire.KindApplication {
			return nil, nil, exam.Errorf(exam.Forbidden, "这类记录只能由登记处写入")
		}
		if i > 0 && (s.Stream != stored[0].Stream || s.Seq != stored[i-1].Seq+1 || e.Prev != stored[i-1].Hash) {
			return nil, nil, exam.Errorf(exam.Invalid, "送来的记录前后不连贯，没有保存")
		}
		if es[i], err = e.Application(); err != nil {
			return nil, nil, err
		}
		// What only a decision may say would show up in the history as if a
		// reviewer had said it.
		if b := es[i].Body; b.By != nil || b.On != 0 || b.Cycle != "" || b.Sitting != "" || b.Score != nil {
			return nil, nil, exam.Errorf(exam.Invalid, "记录的内容不对")
		}
		stored[i] = s
	}
	return es, stored, nil
}

// compare finds how many of the entries sent are in the stream already, or
// where they clash with it.
func (r *Registry) compare(tx Reader, head Head, sent []StoredEntry) (fresh int, clash *ConflictError, err error) {
	stream, first := sent[0].Stream, sent[0].Seq
	against := func(after uint64) (int, *ConflictError, error) {
		t, err := r.tail(tx, stream, after)
		return 0, &ConflictError{Tail: t, err: exam.Errorf(exam.Conflict, "填报信息已在另一台电脑上更新，本机的内容仍保存着，请对照后选择")}, err
	}
	if first > head.Seq+1 {
		return against(head.Seq) // the writer is ahead: nothing to show but the head
	}
	if first > 1 {
		before, err := tx.Entries(stream, first-2, 1)
		if err != nil {
			return 0, nil, err
		}
		d, err := wire.Decode(sent[0].Raw)
		if err != nil {
			return 0, nil, err
		}
		if len(before) != 1 || before[0].Hash != d.Prev {
			return against(0) // where they part is not known here
		}
	}
	if first == head.Seq+1 {
		return 0, nil, nil
	}
	have, err := tx.Entries(stream, first-1, len(sent))
	if err != nil {
		return 0, nil, err
	}
	for i, h := range have {
		if h.Hash != sent[i].Hash {
			return against(h.Seq - 1)
		}
	}
	return len(have), nil, nil
}

// use notes that the dossier names the pictures. Each must have been uploaded
// by this account, or be named by this dossier already: naming a picture of
// somebody else's would open it.
func (r *Registry) use(tx Tx, who Session, id exam.ApplicationID, hashes []exam.BlobHash) error {
	for _, h := range hashes {
		used, err := tx.BlobUsed(h, id)
		if err != nil {
			return err
		}
		if used {
			continue
		}
		there, err := tx.Uploaded(h, who.Account.ID)
		if err != nil {
			return err
		}
		if !there {
			return &exam.Error{Kind: exam.Refused, Field: string(h), Sentence: fmt.Sprintf("图片（%s）还没有上传，内容仍保存在本机，图片传完后会再送出", h)}
		}
		if err := tx.PutBlobUse(h, id); err != nil {
			return err
		}
	}
	return nil
}
