package registry

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"dingkao/exam"
	"dingkao/exam/sitting"
	"dingkao/sync/wire"
)

// mostGroup bounds the deliveries that are committed together.
const mostGroup = 256

// groupTime bounds the transaction of a group. It is nobody's own: one candidate
// who hangs up must not take the answers of the others along.
const groupTime = time.Minute

// delivery is what one terminal sent at one time, and what became of it.
type delivery struct {
	who    Session
	es     []sitting.Entry
	stored []StoredEntry
	writer string
	turn   chan bool // true: lead the next group; false: done

	receipt  wire.Receipt
	conflict *ConflictError
	refused  error // of rights
	err      error
	state    state // after it; its orders are nil where nothing was added
	due      bool
}

func (d *delivery) stream() wire.Stream { return d.stored[0].Stream }
func (d *delivery) sitting() sitting.ID { return sitting.ID(d.stored[0].Stream.ID()) }

// journals commits the deliveries of many terminals together, without any timer:
// whoever comes while nobody commits does so at once, for itself; whoever comes
// meanwhile waits, and the first of those leads the next group. A disk that is
// slow therefore makes larger groups, and a quick one costs nobody a wait.
type journals struct {
	mu      sync.Mutex
	waiting []*delivery
	busy    bool // somebody leads
}

func (j *journals) do(d *delivery, run func([]*delivery)) {
	j.mu.Lock()
	j.waiting = append(j.waiting, d)
	if j.busy {
		j.mu.Unlock()
		if lead := <-d.turn; !lead {
			return
		}
		j.mu.Lock()
	}
	j.busy = true
	n := min(len(j.waiting), mostGroup)
	group := j.waiting[:n:n]
	j.waiting = append([]*delivery(nil), j.waiting[n:]...)
	j.mu.Unlock()
	defer func() { // also when run panics: the others must not wait for ever
		j.mu.Lock()
		if len(j.waiting) > 0 {
			j.waiting[0].turn <- true
		} else {
			j.busy = false
		}
		j.mu.Unlock()
		for _, o := range group {
			if o != d {
				o.turn <- false
			}
		}
	}()
	run(group)
}

// appendSitting takes in entries of the terminal that holds the epoch: all in
// one transaction or none. What was delivered before gets its receipt again,
// also from a terminal that has lost the epoch since.
func (r *Registry) appendSitting(ctx context.Context, who Session, raws []json.RawMessage) (wire.Appended, error) {
	if err := may(who.Account, actSeat, scope{}); err != nil {
		return wire.Appended{}, r.noted(ctx, who, actSeat, "", err)
	}
	d := &delivery{who: who, turn: make(chan bool, 1), err: exam.Errorf(exam.Internal, "")}
	var err error
	if d.es, d.stored, d.writer, err = r.decodeSitting(raws); err != nil {
		return wire.Appended{}, err
	}
	r.journals.do(d, func(group []*delivery) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), groupTime)
		defer cancel()
		r.take(ctx, group)
	})
	switch {
	case d.refused != nil:
		return wire.Appended{}, r.noted(ctx, who, actSeat, string(d.stream()), d.refused)
	case d.conflict != nil:
		return wire.Appended{}, d.conflict
	case d.err != nil:
		return wire.Appended{}, d.err
	}
	if d.state.orders != nil {
		r.seats.put(d.sitting(), d.state)
	}
	if d.due {
		// The hand-in is on disk and acknowledged whatever comes of this; what
		// fails now is done by Collect.
		if err := r.settle(ctx, d.sitting()); err != nil {
			r.fault("scoring "+string(d.sitting()), err)
		}
	}
	return wire.Appended{Receipt: d.receipt}, nil
}

// take takes a group in, in one transaction. Where that fails as a whole, each is
// tried alone, so that one cannot spoil the others.
func (r *Registry) take(ctx context.Context, group []*delivery) {
	err := r.store.Update(ctx, func(tx Tx) error {
		for _, d := range group {
			d.receipt, d.conflict, d.refused, d.err, d.state, d.due = wire.Receipt{}, nil, nil, nil, state{}, false
			if err := r.takeOne(tx, d); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case err == nil:
	case len(group) == 1:
		group[0].err = err
	default:
		for _, d := range group {
			r.take(ctx, []*delivery{d})
		}
	}
}

// takeOne judges a delivery and then writes it. What speaks against it is put
// into the delivery, and nothing is written then; the error is of the
// transaction, which cannot be committed any more.
func (r *Registry) takeOne(tx Tx, d *delivery) error {
	s, states, err := r.judge(tx, d)
	var own *exam.Error
	if errors.As(err, &own) && own.Kind != exam.Internal && own.Kind != exam.Unavailable {
		d.err = err
		return nil
	}
	if err != nil || d.conflict != nil || d.refused != nil || len(states) == 0 {
		return err
	}
	now := r.now()
	stream, began := d.stream(), false
	for i, st := range states {
		k := len(d.stored) - len(states) + i
		e := d.stored[k]
		e.Received = now
		if err := tx.AppendEntry(e); err != nil {
			return err
		}
		began = began || d.es[k].Act == sitting.ActOpened
		st.heads[1] = Head{Stream: stream, Seq: e.Seq, Hash: e.Hash, Received: now}
		st.heard = now
		if d.es[k].Act == sitting.ActSealed {
			st.sealed = now
		} else if i > 0 {
			st.sealed = states[i-1].sealed
		}
		states[i] = st
	}
	s.state = states[len(states)-1]
	d.state = s.state
	d.receipt = r.receipt(stream, s.state.heads[1].Seq, s.state.heads[1].Hash, now)
	if began {
		begun, err := r.begin(tx, s.record, now)
		if err != nil {
			return err
		}
		d.due = !begun
	}
	was, err := dueNow(tx, s.record.ID)
	if err != nil {
		return err
	}
	d.due = d.due || was || s.state.full.State == sitting.HandedIn
	return projectSeat(tx, s, d.due)
}

// judge reads the sitting and gives the state after each entry that is new; none
// where all of it was delivered before, which has its receipt then.
func (r *Registry) judge(tx Reader, d *delivery) (seat, []state, error) {
	stream, epoch, id := d.stream(), d.stream().Epoch(), d.sitting()
	s, err := r.readSeat(tx, id)
	if err != nil {
		return s, nil, err
	}
	if d.refused = may(d.who.Account, actSeat, s.file.scope()); d.refused != nil {
		return s, nil, nil
	}
	if s.state, err = r.readState(tx, id); err != nil {
		return s, nil, err
	}
	f := s.state.full
	head := s.state.heads[1]
	if epoch != f.Epoch {
		if head, err = tx.Head(stream); err != nil {
			return s, nil, err
		}
	}
	fresh, clash, err := r.compare(tx, head, d.stored)
	if err != nil {
		return s, nil, err
	}
	if clash != nil {
		clash.err = exam.Errorf(exam.Conflict, "测评记录与登记处的不一致，作答都已保存在本机，请稍候")
		d.conflict = clash
		return s, nil, nil
	}
	if fresh == len(d.stored) {
		last := d.stored[fresh-1]
		was, err := tx.Entries(stream, last.Seq-1, 1)
		if err != nil || len(was) != 1 {
			return s, nil, errors.Join(err, exam.Errorf(exam.Internal, ""))
		}
		d.receipt = r.receipt(stream, last.Seq, last.Hash, was[0].Received)
		return s, nil, nil
	}
	switch {
	case f.State == sitting.Waiting && epoch == 1:
		return s, nil, exam.Errorf(exam.Refused, "测评还没有开始，请等候监考员")
	case f.State == sitting.Terminated && epoch == f.Epoch:
		return s, nil, exam.Errorf(exam.Refused, "测评已由监考员终止，已送达的作答都已保留")
	case !f.Acknowledges(epoch):
		return s, nil, exam.Errorf(exam.Refused, "这台考试机已不再用于这次测评，已送达的作答都已保留，请联系监考员")
	case !s.holds(d.writer):
		return s, nil, exam.Errorf(exam.Refused, "这次测评在另一台考试机上进行，本机的记录没有收下，请联系监考员")
	case len(d.stored)+int(head.Seq) > mostJournal:
		return s, nil, exam.Errorf(exam.TooLarge, "这次测评的记录太多，已收到的作答都在，请举手告诉监考员")
	}
	p, err := r.paperOf(tx, s.record.Paper)
	if err != nil {
		return s, nil, err
	}
	now := r.now()
	states := make([]state, 0, len(d.stored)-fresh)
	at := s.state
	for i := fresh; i < len(d.stored); i++ {
		if err := d.es[i].Plausible(now); err != nil {
			return s, nil, err
		}
		if err := p.answerable(d.es[i]); err != nil {
			return s, nil, err
		}
		next, err := at.appended(d.es[i])
		if exam.KindOf(err) == exam.Conflict {
			t, tailErr := r.tail(tx, stream, head.Seq)
			d.conflict = &ConflictError{Tail: t, err: exam.Errorf(exam.Conflict, "%s", exam.SentenceOf(err))}
			return s, nil, tailErr
		}
		if err != nil {
			return s, nil, err
		}
		states, at = append(states, next), next
	}
	return s, states, nil
}
