package registry

import (
	"context"
	"fmt"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/wire"
)

// staleAfter is how long a running sitting may be silent before it stands first
// on the wall.
const staleAfter = 30 * sitting.Second

// orderable are the acts that a person may order.
var orderable = map[sitting.Act]bool{sitting.ActStart: true, sitting.ActMessage: true, sitting.ActVouched: true, sitting.ActPause: true,
	sitting.ActResume: true, sitting.ActExtra: true, sitting.ActMove: true, sitting.ActTerminated: true, sitting.ActAbsent: true}

// Command gives an order to each target in a transaction of its own; one that
// fails stops none. The error is for the command as a whole; each target's own
// is in its outcome, in the order asked.
func (r *Registry) Command(ctx context.Context, who Session, c sitting.Command) ([]sitting.Outcome, error) {
	if !orderable[c.Act] {
		return nil, exam.Errorf(exam.Invalid, "没有这种监考指令")
	}
	if err := r.guard(ctx, who, actCommand, scope{}, string(c.Act)); err != nil {
		return nil, err
	}
	if len(c.Sittings) > mostTargets {
		return nil, exam.Errorf(exam.TooLarge, "一次最多处理%d人，请分批处理", mostTargets)
	}
	outs := make([]sitting.Outcome, 0, len(c.Sittings))
	for _, t := range c.Sittings {
		out, err := r.command(ctx, who, c, t)
		if ctx.Err() != nil {
			return outs, exam.Wrap(exam.Unavailable, ctx.Err(), "操作中断了，已完成的部分有效，其余请重新操作")
		}
		out.Sitting, out.Kind, out.Sentence = t.Sitting, exam.KindOf(err), exam.SentenceOf(err)
		outs = append(outs, out)
		if k := exam.KindOf(err); k == exam.Internal || k == exam.Damaged {
			r.fault("command", err)
		}
	}
	return outs, nil
}

func (r *Registry) command(ctx context.Context, who Session, c sitting.Command, t sitting.Target) (sitting.Outcome, error) {
	var out sitting.Outcome
	var refused error
	ended := false
	err := r.store.Update(ctx, func(tx Tx) error {
		out, refused, ended = sitting.Outcome{}, nil, false
		s, err := r.readSeat(tx, t.Sitting)
		if err != nil {
			return err
		}
		if refused = may(who.Account, actCommand, s.file.scope()); refused != nil {
			return refused
		}
		if s.state, err = r.readState(tx, t.Sitting); err != nil {
			return err
		}
		f := s.state.full
		out.State = f.State
		if t.Orders != 0 && t.Orders != f.OrdersSeq {
			return exam.Errorf(exam.Conflict, "该考生刚刚有新的监考指令，请重新打开后再操作")
		}
		now := r.now()
		body := sitting.Body{Text: c.Text, By: &sitting.Actor{Account: who.Account.ID, Name: who.Account.Name, Role: who.Account.Role}}
		switch c.Act {
		case sitting.ActStart:
			if err := r.startable(tx, s); err != nil {
				return err
			}
			p, err := r.paperOf(tx, s.record.Paper)
			if err != nil {
				return err
			}
			body.Terms, body.Terminal = terms(p.paper, s.record.Seed, now, c.Extra), s.record.Terminal
		case sitting.ActExtra:
			body.Extra = c.Extra
		case sitting.ActAbsent:
			// The opening may be on its way behind a line that failed: it would make
			// the order void, but not what the dossier says.
			if s.record.Released != 0 && f.State == sitting.Ready {
				return exam.Errorf(exam.Refused, "试卷的密钥已发到考试机，考生可能已经进入测评，不能标记缺考；请到考试机查看，需要时终止测评")
			}
		case sitting.ActMove, sitting.ActTerminated:
			body.Fences, body.Ack = f.Epoch, f.Seq
		}
		if s, err = r.order(tx, s, now, c.Act, body); err != nil {
			return err
		}
		out.State = s.state.full.State
		switch c.Act {
		case sitting.ActMove:
			s.record.Tries = 0
			if err := tx.PutSitting(s.record); err != nil {
				return err
			}
			out.Code = r.code(s)
		case sitting.ActAbsent:
			if err := r.absent(tx, who, s, now, c.Text); err != nil {
				return err
			}
		case sitting.ActTerminated:
			ended = s.state.full.Opened != 0
		}
		due, err := dueNow(tx, s.record.ID)
		if err != nil {
			return err
		}
		if err := projectSeat(tx, s, due || ended); err != nil {
			return err
		}
		return r.audit(tx, audit{who: who.Account, address: who.Origin.Address, action: "order-" + string(c.Act), target: string(t.Sitting),
			detail: fmt.Sprintf("%s %s %s", s.file.doctor.Name, s.file.doctor.Identity.Masked(), c.Text)})
	})
	if refused != nil {
		return sitting.Outcome{}, r.noted(ctx, who, actCommand, string(t.Sitting), refused)
	}
	if err != nil {
		return sitting.Outcome{State: out.State}, err
	}
	if ended {
		if err := r.settle(ctx, t.Sitting); err != nil {
			r.fault("scoring "+string(t.Sitting), err)
		}
	}
	return out, nil
}

// terms are the rules with which a candidate begins: the paper's, in the
// candidate's own order, and the extra time that a rule gives this candidate.
func terms(p paper.Paper, seed paper.Seed, released exam.Instant, extra sitting.Span) *sitting.Terms {
	o := p.Order(seed)
	t := &sitting.Terms{Paper: p.ID, Length: sitting.Span(p.Minutes) * sitting.Minute, Extra: extra, Gap: sitting.UsualGap, Gaps: sitting.UsualGaps, Released: released}
	for i := range o.Len() {
		t.Questions = append(t.Questions, o.ID(i))
	}
	return t
}

// awaited says whether the dossier still waits for this sitting: it may have been
// exempted, or marked absent, meanwhile.
func awaited(tx Reader, s seat) (file, error) {
	f, err := readFile(tx, s.record.Application)
	if err != nil {
		return f, err
	}
	want := application.AwaitingExam
	if s.record.Resit {
		want = application.AwaitingResit
	}
	if f.dossier.State != want {
		return f, exam.Errorf(exam.Refused, "该医师的档案现在是“%s”，不能开始测评", f.dossier.State.Text())
	}
	return f, nil
}

// startable says whether the dossier still waits for the exam, within its window.
func (r *Registry) startable(tx Reader, s seat) error {
	f, err := awaited(tx, s)
	if err != nil {
		return err
	}
	if !f.cycle.Assess.Contains(r.today()) {
		return exam.Errorf(exam.Refused, "测评时间是%s，现在不能开始", f.cycle.Assess.Text())
	}
	return nil
}

// order judges an order, appends it and gives the seat after it.
func (r *Registry) order(tx Tx, s seat, now exam.Instant, act sitting.Act, body sitting.Body) (seat, error) {
	e := sitting.Entry{Seq: s.state.full.OrdersSeq + 1, At: now, Act: act, Body: body}
	if e.Seq > mostOrders {
		return s, exam.Errorf(exam.TooLarge, "对这次测评的监考指令太多，不能再增加")
	}
	if err := s.state.full.Admit(e, now); err != nil {
		return s, err
	}
	next, err := s.state.ordered(e)
	if err != nil {
		return s, err
	}
	if next.heads[0], err = r.write(tx, wire.OrdersStream(s.record.ID), s.state.heads[0], now, string(act), body); err != nil {
		return s, err
	}
	s.state = next
	r.seats.put(s.record.ID, next)
	return s, nil
}

// absent notes in the dossier what was ordered for its sitting.
func (r *Registry) absent(tx Tx, who Session, s seat, now exam.Instant, reason string) error {
	f, err := readFile(tx, s.record.Application)
	if err != nil {
		return err
	}
	_, err = r.review(tx, f, now, application.ActAbsent, application.Body{Reason: reason,
		By: &application.Actor{Account: who.Account.ID, Name: who.Account.Name, Role: who.Account.Role, Office: who.Account.OfficeName}})
	return err
}

// review appends a decision to a dossier, on its present head.
func (r *Registry) review(tx Tx, f file, now exam.Instant, act application.Act, body application.Body) (file, error) {
	body.On = f.dossier.OwnSeq
	next, err := f.dossier.Apply(application.Entry{Seq: f.dossier.ReviewSeq + 1, At: now, Act: act, Body: body})
	if err != nil {
		return f, err
	}
	f.dossier = next
	if f.review, err = r.write(tx, wire.ReviewStream(f.record.ID), f.review, now, string(act), body); err != nil {
		return f, err
	}
	return f, project(tx, f)
}

// dueNow is what the row says is still to be done.
func dueNow(tx Reader, id sitting.ID) (bool, error) {
	row, err := tx.SittingRow(id)
	if exam.KindOf(err) == exam.NotFound {
		return false, nil
	}
	return row.Due, err
}

// Wall is a part of the sittings of the cycles in force that the account may see.
func (r *Registry) Wall(ctx context.Context, who Session, f sitting.Filter) (sitting.Page, error) {
	var page sitting.Page
	if err := r.guard(ctx, who, actWall, scope{}, ""); err != nil {
		return page, err
	}
	if !clean(64, f.Text, f.Room) || len(f.States) > len(sitting.States) {
		return page, exam.Errorf(exam.Invalid, "查询条件不对，请修改后再查")
	}
	if _, err := r.collect(ctx, 20, false); err != nil {
		r.fault("collecting", err)
	}
	err := r.store.View(ctx, func(tx Reader) error {
		s := SittingScope{Province: who.Account.Province}
		if rights[actWall][who.Account.Role] == assessor {
			s.Assessor = who.Account.Office
		}
		var err error
		if s.Cycles, err = r.cyclesInForce(tx, s.Province); err != nil {
			return err
		}
		now := r.now()
		if page, err = tx.Wall(s, f, now-exam.Instant(staleAfter)); err != nil {
			return err
		}
		page.Now = now
		for i := range page.Rows {
			if page.Rows[i], err = r.liveRow(tx, who, page.Rows[i], now); err != nil {
				return err
			}
		}
		return nil
	})
	return page, err
}

// liveRow is a row at this moment: the time left, and for a proctor the code that
// a candidate who moves has to type.
func (r *Registry) liveRow(tx Reader, who Session, row sitting.Row, now exam.Instant) (sitting.Row, error) {
	if row.State == sitting.Running {
		row.Left = max(row.Left-sitting.Span(now-row.LastHeard), 0)
	}
	row.LastHeard = max(row.LastHeard, r.seats.lastAsked(row.Sitting))
	if row.Epoch > 1 && who.Account.Role == exam.RoleProctor {
		rec, err := tx.Sitting(row.Sitting)
		if err != nil {
			return row, err
		}
		row.Code = r.code(seat{record: rec, state: state{full: sitting.Sitting{Epoch: row.Epoch, State: row.State}}})
	}
	return row, nil
}

// cyclesInForce are those of the province, or of all for "".
func (r *Registry) cyclesInForce(tx Reader, province string) ([]exam.CycleID, error) {
	cycles, err := tx.Cycles()
	if err != nil {
		return nil, err
	}
	provinces, err := tx.Provinces()
	if err != nil {
		return nil, err
	}
	var ids []exam.CycleID
	seen := map[exam.CycleID]bool{}
	for _, p := range provinces {
		if province != "" && province != p.Code {
			continue
		}
		if c, ok := cycleOf(cycles, p.Code, r.today()); ok && !seen[c.ID] {
			seen[c.ID] = true
			ids = append(ids, c.ID)
		}
	}
	return ids, nil
}

// Journal is a sitting as its streams tell it.
func (r *Registry) Journal(ctx context.Context, who Session, id sitting.ID) (wire.Journal, error) {
	j := wire.Journal{Epochs: [][]wire.Entry{}, Orders: []wire.Entry{}}
	if err := may(who.Account, actJournal, scope{}); err != nil {
		return j, r.noted(ctx, who, actJournal, string(id), err)
	}
	var refused error
	err := r.store.View(ctx, func(tx Reader) error {
		s, err := r.readSeat(tx, id)
		if err != nil {
			return err
		}
		if refused = may(who.Account, actJournal, s.file.scope()); refused != nil {
			return refused
		}
		if s.state, err = r.readState(tx, id); err != nil {
			return err
		}
		if j.Row, err = r.liveRow(tx, who, s.row().Row, r.now()); err != nil {
			return err
		}
		read := func(stream wire.Stream, most int) ([]wire.Entry, error) {
			stored, err := tx.Entries(stream, 0, most+1)
			es := make([]wire.Entry, 0, len(stored))
			for _, raw := range stored {
				e, err := wire.Decode(raw.Raw)
				if err != nil {
					return nil, exam.Wrap(exam.Damaged, err, errJournal)
				}
				es = append(es, e)
			}
			return es, err
		}
		if j.Orders, err = read(wire.OrdersStream(id), mostOrders); err != nil {
			return err
		}
		for n := sitting.Epoch(1); n <= s.state.full.Epoch; n++ {
			es, err := read(wire.SittingStream(id, n), mostJournal)
			if err != nil {
				return err
			}
			j.Epochs = append(j.Epochs, es)
		}
		return nil
	})
	if refused != nil {
		return wire.Journal{}, r.noted(ctx, who, actJournal, string(id), refused)
	}
	return j, err
}

// rebuildWall derives the wall's rows anew and says how many there are.
func (r *Registry) rebuildWall(tx Tx) (int, error) {
	if err := tx.DeleteSittingRows(); err != nil {
		return 0, err
	}
	n := 0
	var after sitting.ID
	for {
		list, err := tx.Sittings(after, chunk)
		if err != nil {
			return n, err
		}
		for _, rec := range list {
			after = rec.ID
			n++
			s := seat{record: rec}
			if s.file, err = readFile(tx, rec.Application); err != nil {
				return n, fmt.Errorf("%s: %w", rec.ID, err)
			}
			orders, err := tx.Head(wire.OrdersStream(rec.ID))
			if err != nil {
				return n, err
			}
			if s.state, err = foldState(tx, rec.ID, orders); err != nil {
				return n, fmt.Errorf("%s: %w", rec.ID, err)
			}
			if err := projectSeat(tx, s, owed(s)); err != nil {
				return n, err
			}
		}
		if len(list) < chunk {
			return n, nil
		}
	}
}
