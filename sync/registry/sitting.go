package registry

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/wire"
)

// Bounds of one sitting. A candidate who changes every answer twenty times
// comes nowhere near the first.
const (
	mostJournal = 50_000 // entries of one epoch
	mostOrders  = 2_000
	mostTries   = 5 // wrong codes of one move
	mostChecks  = 20
)

// seat is everything about one sitting, read in one transaction: whose it is
// and what its streams come to.
type seat struct {
	record SittingRecord
	file   file // whose dossier; folded only by readSeatFile
	state  state
}

// state is a sitting as its streams have it, and as much beside the fold as it
// takes to go on from there with the next entry.
type state struct {
	orders  []sitting.Entry
	base    sitting.Sitting // after the newest entry of the terminal, without the orders that it had not read
	full    sitting.Sitting // after everything
	heads   [2]Head         // of the orders, and of the stream of the epoch in force
	heard   exam.Instant    // when the newest entry of a terminal was taken in
	sealed  exam.Instant    // when the seal was
	oldSeqs int             // entries of earlier epochs
}

// seatCache keeps states by sitting. One is used only where both heads are still
// those of the store, so it may be old, or of a transaction that came to
// nothing, without any harm.
type seatCache struct {
	mu    sync.Mutex
	m     map[sitting.ID]state        // guarded by mu
	asked map[sitting.ID]exam.Instant // guarded by mu; see note
}

const mostCached = 8192

func (c *seatCache) get(id sitting.ID) (state, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s, ok := c.m[id]
	return s, ok
}

func (c *seatCache) put(id sitting.ID, s state) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil || len(c.m) >= mostCached {
		c.m = map[sitting.ID]state{}
	}
	c.m[id] = s
}

var errJournal = "这次测评的记录不完整，请联系管理员；已收到的作答都在"

// readState is the sitting as the store has it now.
func (r *Registry) readState(tx Reader, id sitting.ID) (state, error) {
	orders, err := tx.Head(wire.OrdersStream(id))
	if err != nil {
		return state{}, err
	}
	if s, ok := r.seats.get(id); ok && same(s.heads[0], orders) {
		if s.full.Epoch == 0 {
			return s, nil
		}
		own, err := tx.Head(wire.SittingStream(id, s.full.Epoch))
		if err != nil {
			return state{}, err
		}
		if same(s.heads[1], own) {
			return s, nil
		}
	}
	s, err := foldState(tx, id, orders)
	if err == nil {
		r.seats.put(id, s)
	}
	return s, err
}

func same(a, b Head) bool { return a.Seq == b.Seq && a.Hash == b.Hash }

// foldState reads all streams of a sitting and folds them.
func foldState(tx Reader, id sitting.ID, orders Head) (state, error) {
	s := state{heads: [2]Head{orders}}
	damaged := func(err error) (state, error) { return state{}, exam.Wrap(exam.Damaged, err, errJournal) }
	read := func(stream wire.Stream, most int) ([]sitting.Entry, []StoredEntry, error) {
		stored, err := tx.Entries(stream, 0, most)
		if err != nil {
			return nil, nil, err
		}
		es := make([]sitting.Entry, len(stored))
		for i, raw := range stored {
			e, err := wire.Decode(raw.Raw)
			if err == nil {
				es[i], err = e.Sitting()
			}
			if err != nil {
				return nil, nil, exam.Wrap(exam.Damaged, err, errJournal)
			}
		}
		return es, stored, nil
	}
	var err error
	if s.orders, _, err = read(wire.OrdersStream(id), mostOrders+1); err != nil {
		return state{}, err
	}
	last := sitting.Epoch(1)
	for _, o := range s.orders {
		if o.Act == sitting.ActMove {
			last++
		}
	}
	var epochs [][]sitting.Entry
	var heads []Head
	for n := sitting.Epoch(1); n <= last; n++ {
		es, stored, err := read(wire.SittingStream(id, n), mostJournal+1)
		if err != nil {
			return state{}, err
		}
		var h Head
		if k := len(stored); k > 0 {
			h = Head{Stream: wire.SittingStream(id, n), Seq: stored[k-1].Seq, Hash: stored[k-1].Hash, Received: stored[k-1].Received}
			s.heard = max(s.heard, h.Received)
		}
		for i, e := range es {
			if e.Act == sitting.ActSealed {
				s.sealed = stored[i].Received
			}
		}
		epochs, heads = append(epochs, es), append(heads, h)
	}
	for len(epochs) > 0 && len(epochs[len(epochs)-1]) == 0 {
		epochs = epochs[:len(epochs)-1]
	}
	if s.full, err = sitting.Fold(epochs, s.orders); err != nil {
		return damaged(err)
	}
	if n := int(s.full.Epoch); n > 0 && n <= len(heads) {
		s.heads[1] = heads[n-1]
	}
	for n, h := range heads {
		if n+1 < int(s.full.Epoch) {
			s.oldSeqs += int(h.Seq)
		}
	}
	// What the newest entry had read, or what opened the epoch that has none yet.
	read1 := uint64(0)
	for i, o := range s.orders {
		if (o.Act == sitting.ActMove || o.Act == sitting.ActTerminated) && !s.full.Orders[i].Void {
			read1 = o.Seq
		}
	}
	if n := int(s.full.Epoch); n > 0 && n <= len(epochs) && len(epochs[n-1]) > 0 {
		es := epochs[n-1]
		read1 = max(read1, es[len(es)-1].Orders)
	}
	if s.base, err = sitting.Fold(epochs, s.orders[:read1]); err != nil {
		return damaged(err)
	}
	return s, nil
}

// appended is the state after one more entry of the terminal that holds the
// epoch: the orders that it had read stand before it, the others behind it.
func (s state) appended(e sitting.Entry) (state, error) {
	next := s
	for _, o := range s.orders[min(s.base.OrdersSeq, uint64(len(s.orders))):] {
		if o.Seq > e.Orders {
			break
		}
		var err error
		if next.base, err = next.base.Apply(o); err != nil {
			return s, err
		}
	}
	var err error
	if next.base, err = next.base.Apply(e); err != nil {
		return s, err
	}
	return next.completed()
}

// completed puts the orders that no entry names behind base.
func (s state) completed() (state, error) {
	s.full = s.base
	for _, o := range s.orders[s.base.OrdersSeq:] {
		var err error
		if s.full, err = s.full.Apply(o); err != nil {
			return s, err
		}
	}
	return s, nil
}

// ordered is the state after one more order.
func (s state) ordered(o sitting.Entry) (state, error) {
	next := s
	var err error
	if next.full, err = s.full.Apply(o); err != nil {
		return s, err
	}
	next.orders = append(s.orders[:len(s.orders):len(s.orders)], o)
	if (o.Act == sitting.ActMove || o.Act == sitting.ActTerminated) && !next.full.Orders[len(next.full.Orders)-1].Void {
		next.base = next.full // a fence stands where it was given
	}
	if o.Act == sitting.ActMove && next.full.Epoch != s.full.Epoch {
		next.oldSeqs += int(s.heads[1].Seq)
		next.heads[1] = Head{}
	}
	return next, nil
}

// readSeat reads a sitting and whose it is.
func (r *Registry) readSeat(tx Reader, id sitting.ID) (seat, error) {
	var s seat
	var err error
	if !wire.OrdersStream(id).Valid() {
		return s, exam.Errorf(exam.NotFound, "没有找到这次测评")
	}
	if s.record, err = tx.Sitting(id); err != nil {
		return s, err
	}
	s.file, err = readScope(tx, s.record.Application)
	return s, err
}

// readSeated is readSeat with the sitting as it stands.
func (r *Registry) readSeated(tx Reader, id sitting.ID) (seat, error) {
	s, err := r.readSeat(tx, id)
	if err == nil {
		s.state, err = r.readState(tx, id)
	}
	return s, err
}

// code is the one-time code of a pending move, six digits. It is derived and
// nowhere stored: who reads the database learns nothing. "" where nothing waits.
func (r *Registry) code(s seat) string {
	if !s.moving() {
		return ""
	}
	mac := hmac.New(sha256.New, r.opt.Signing.Receipt.Seed())
	fmt.Fprintf(mac, "dingkao move 1\n%s\n%d\n%s\n", s.record.ID, s.state.full.Epoch, s.record.Seed)
	return fmt.Sprintf("%06d", binary.BigEndian.Uint64(mac.Sum(nil))%1_000_000)
}

// moving says whether the epoch in force waits for its terminal.
func (s seat) moving() bool {
	f := s.state.full
	return f.Epoch > 1 && s.record.Held != f.Epoch && (f.State == sitting.Ready || f.State == sitting.Running || f.State == sitting.Paused)
}

// row is the sitting on the wall. Code is not in it: it is derived when asked for.
func (s seat) row() SittingRow {
	f := s.state.full
	v := f.View(f.Ledger.Last)
	row := SittingRow{
		Row: sitting.Row{
			Sitting: s.record.ID, Application: s.record.Application, Name: s.file.doctor.Name, Identity: s.file.doctor.Identity.Masked(),
			Institution: s.file.institution.Name, Room: s.record.Room, Terminal: s.record.Machine, Resit: s.record.Resit,
			State: f.State, Epoch: f.Epoch, Number: v.Number, Total: v.Total, Answered: v.Answered, Pending: len(v.Pending),
			Anomalies: len(f.Ledger.Anomalies) + len(f.Uncounted), FocusLost: f.FocusLost, Checks: s.record.Checks, Vouched: f.Vouched != nil,
			LastHeard: max(s.state.heard, s.record.Seen), Orders: f.OrdersSeq,
		},
		Cycle: s.record.Cycle, Province: s.file.doctor.Province, Assessor: s.file.institution.Assessor, Paper: s.record.Paper,
		Document: string(s.file.doctor.Identity),
	}
	if f.Opened != 0 {
		row.Left = v.Left
	}
	if f.State == sitting.HandedIn {
		row.HandedIn = s.state.sealed
		if f.Collected {
			for _, o := range f.Orders {
				if o.Act == sitting.ActCollected && !o.Void {
					row.HandedIn = o.At
				}
			}
		}
	}
	if f.State == sitting.Running {
		row.Ends = f.Ends()
	}
	return row
}

// projectSeat writes the row. due says that the registry has something to do.
func projectSeat(tx Tx, s seat, due bool) error {
	row := s.row()
	row.Due = due
	return tx.PutSittingRow(row)
}

// CheckIn takes a seat for the doctor who is signed in. It makes the sitting
// where there is none: the dossier must wait for the exam and the window be
// open. Before the start the last machine that checked in has the seat; from
// then on another one gets it with the code of a move alone, and without it is
// told who holds it.
func (r *Registry) CheckIn(ctx context.Context, who Session, in wire.CheckIn) (sitting.Seat, error) {
	var out sitting.Seat
	if err := r.guard(ctx, who, actSeat, scope{Doctor: who.Account.Doctor}, in.Terminal); err != nil {
		return out, err
	}
	if err := checkIn(in); err != nil {
		return out, err
	}
	var wrong error
	err := r.store.Update(ctx, func(tx Tx) error {
		wrong = nil
		s, err := r.ownSeat(tx, who, true)
		if exam.KindOf(err) == exam.NotFound && s.file.record.ID != "" {
			s, err = r.newSeat(tx, s.file)
		}
		if err != nil {
			return err
		}
		f := s.state.full
		now := r.now()
		started := f.Epoch > 0
		mine := s.record.Terminal == in.Terminal
		switch {
		case s.moving() && in.Code != "":
			if s.record.Tries >= mostTries {
				return &exam.Error{Kind: exam.Refused, Field: "code", Sentence: "验证码输错的次数太多，请监考员重新办理更换考试机"}
			}
			if subtle.ConstantTimeCompare([]byte(in.Code), []byte(r.code(s))) != 1 {
				s.record.Tries++
				wrong = &exam.Error{Kind: exam.Refused, Field: "code", Sentence: fmt.Sprintf("验证码不对，请核对后重新输入；还可以试%d次", mostTries-s.record.Tries)}
				return tx.PutSitting(s.record)
			}
			s.record.Held, s.record.Tries = f.Epoch, 0
		case s.moving(), started && !mine:
			out = r.seatOf(s, in.Terminal)
			return r.fillSeat(tx, s, &out)
		}
		if f.State == sitting.HandedIn || f.State == sitting.Terminated {
			out = r.seatOf(s, in.Terminal)
			return r.fillSeat(tx, s, &out)
		}
		s.record.Terminal, s.record.Machine, s.record.Room, s.record.Checks, s.record.Seen = in.Terminal, in.Name, in.Room, in.Checks, now
		if err := tx.PutSitting(s.record); err != nil {
			return err
		}
		if err := projectSeat(tx, s, owed(s)); err != nil {
			return err
		}
		if err := r.audit(tx, audit{who: who.Account, address: who.Origin.Address, action: "check-in", target: string(s.record.ID),
			detail: fmt.Sprintf("%s %s，%s", s.file.doctor.Name, s.file.doctor.Identity.Masked(), in.Name)}); err != nil {
			return err
		}
		out = r.seatOf(s, in.Terminal)
		return r.fillSeat(tx, s, &out)
	})
	if err == nil {
		err = wrong
	}
	if err != nil {
		return sitting.Seat{}, err
	}
	return out, nil
}

func checkIn(in wire.CheckIn) error {
	switch {
	case in.Terminal == "" || !clean(64, in.Terminal):
		return &exam.Error{Kind: exam.Invalid, Field: "terminal", Sentence: "没有写明是哪台考试机"}
	case !clean(64, in.Name, in.Room) || !clean(16, in.Code):
		return exam.Errorf(exam.Invalid, "考试机或考场的名称不对")
	case len(in.Checks) > mostChecks:
		return exam.Errorf(exam.Invalid, "设备检查的项目太多")
	}
	for _, c := range in.Checks {
		if !clean(32, c.Name, c.State) || !clean(200, c.Detail) {
			return exam.Errorf(exam.Invalid, "设备检查的内容不对")
		}
	}
	return nil
}

// ownSeat is the doctor's sitting that counts now. again leaves out one that ended
// before it began: whoever checks in again gets a new one. Where there is none
// the error is NotFound, and the seat has the dossier.
func (r *Registry) ownSeat(tx Reader, who Session, again bool) (seat, error) {
	var s seat
	id, err := r.current(tx, who.Account.Doctor)
	if err != nil {
		return s, err
	}
	if s.file, err = readFile(tx, id); err != nil {
		return s, err
	}
	all, err := tx.SittingsOf(id)
	if err != nil {
		return s, err
	}
	d := s.file.dossier
	for _, rec := range slices.Backward(all) {
		begun, voided := false, false
		for _, a := range d.Attempts {
			if a.Sitting == rec.ID {
				begun, voided = true, a.Voided
			}
		}
		state, err := r.readState(tx, rec.ID)
		if err != nil {
			return s, err
		}
		waits := d.State == application.AwaitingExam || d.State == application.AwaitingResit
		switch {
		case voided:
			continue
		case waits && (begun || rec.Resit != (d.State == application.AwaitingResit)):
			continue // an earlier attempt
		case again && waits && state.full.Opened == 0 && (state.full.State == sitting.Absent || state.full.State == sitting.Terminated):
			continue
		}
		s.record, s.state = rec, state
		return s, nil
	}
	return s, exam.Errorf(exam.NotFound, "您还没有签到，请先完成签到")
}

// newSeat makes the sitting of a dossier that waits for one.
func (r *Registry) newSeat(tx Tx, f file) (seat, error) {
	s := seat{file: f, state: state{full: sitting.New(), base: sitting.New()}}
	switch f.dossier.State {
	case application.AwaitingExam, application.AwaitingResit:
	default:
		return s, exam.Errorf(exam.Refused, "现在是“%s”，不能签到；“待测评”或“待补考”时才能参加测评", f.dossier.State.Text())
	}
	if !f.cycle.Assess.Contains(r.today()) {
		return s, exam.Errorf(exam.Refused, "测评时间是%s，现在不能签到", f.cycle.Assess.Text())
	}
	papers, err := tx.Papers(f.cycle.ID)
	if err != nil {
		return s, err
	}
	sat, err := tx.SittingsOf(f.record.ID)
	if err != nil {
		return s, err
	}
	p, ok := choosePaper(papers, f.record.ID, sat)
	if !ok {
		return s, exam.Errorf(exam.Refused, "登记处还没有准备好本周期的试卷，请监考员联系管理员")
	}
	s.record = SittingRecord{ID: sitting.ID(newID("s")), Application: f.record.ID, Cycle: f.cycle.ID, Paper: p.ID,
		Resit: f.dossier.State == application.AwaitingResit, Made: r.now(), Held: 1}
	rand.Read(s.record.Seed[:])
	return s, nil
}

// seatOf is what the terminal is told, but for the paper.
func (r *Registry) seatOf(s seat, terminal string) sitting.Seat {
	f := s.state.full
	out := sitting.Seat{Sitting: s.record.ID, Application: s.record.Application, Resit: s.record.Resit, State: f.State, Paper: s.record.Paper,
		Orders: f.OrdersSeq, Now: r.now()}
	switch {
	case f.Epoch == 0 || s.moving():
	case s.record.Terminal == terminal:
		out.Epoch = f.Epoch
	default:
		if out.Held = s.record.Machine; out.Held == "" {
			out.Held = s.record.Terminal
		}
	}
	return out
}

func (r *Registry) fillSeat(tx Reader, s seat, out *sitting.Seat) error {
	p, err := r.paperOf(tx, s.record.Paper)
	if err != nil {
		return err
	}
	out.Title, out.Minutes, out.Questions, out.Sealed = p.paper.Title, p.paper.Minutes, len(p.paper.Questions), p.hash
	return nil
}

// Seat is how the doctor's sitting stands for the machine that asks; NotFound
// before the check-in.
func (r *Registry) Seat(ctx context.Context, who Session, terminal string) (sitting.Seat, error) {
	var out sitting.Seat
	if err := r.guard(ctx, who, actSeat, scope{Doctor: who.Account.Doctor}, terminal); err != nil {
		return out, err
	}
	if !clean(64, terminal) {
		return out, exam.Errorf(exam.Invalid, "没有写明是哪台考试机")
	}
	var over sitting.ID
	mine := false
	look := func(tx Reader) error {
		over = ""
		s, err := r.ownSeat(tx, who, false)
		if err != nil {
			return err
		}
		if f := s.state.full; f.State == sitting.Running && f.Ends() <= r.now() {
			over = s.record.ID
		}
		mine = s.record.Terminal == terminal
		out = r.seatOf(s, terminal)
		return r.fillSeat(tx, s, &out)
	}
	err := r.store.View(ctx, look)
	if err == nil && over != "" {
		if err = errors.Join(r.collectOne(ctx, over), r.settle(ctx, over)); err != nil {
			r.fault("collecting "+string(over), err)
		}
		err = r.store.View(ctx, look)
	}
	if err != nil {
		return sitting.Seat{}, err
	}
	if mine {
		r.seats.note(out.Sitting, r.now())
	}
	return out, nil
}

// SealedPaper is the cipher text of a paper and its hash. Nobody may change it.
type SealedPaper struct {
	Sealed []byte
	Hash   exam.BlobHash
}

// Sealed is the cipher text of a paper, for a doctor who has a seat with it.
func (r *Registry) Sealed(ctx context.Context, who Session, id paper.ID) (SealedPaper, error) {
	var p SealedPaper
	if err := r.guard(ctx, who, actSeat, scope{Doctor: who.Account.Doctor}, string(id)); err != nil {
		return p, err
	}
	err := r.store.View(ctx, func(tx Reader) error {
		s, err := r.ownSeat(tx, who, false)
		if err != nil {
			return err
		}
		if s.record.Paper != id {
			return exam.Errorf(exam.NotFound, "没有找到这份试卷")
		}
		l, err := r.paperOf(tx, id)
		if err == nil {
			p = SealedPaper{Sealed: l.sealed, Hash: l.hash}
		}
		return err
	})
	return p, err
}

// Key opens the paper for the terminal that holds the epoch in force, from the
// start on and until the hand-in. Each time stands in the audit log.
func (r *Registry) Key(ctx context.Context, who Session, id sitting.ID, in wire.KeyRequest) (wire.Key, error) {
	var out wire.Key
	if err := may(who.Account, actSeat, scope{}); err != nil {
		return out, r.noted(ctx, who, actSeat, string(id), err)
	}
	var refused error
	err := r.store.Update(ctx, func(tx Tx) error {
		refused = nil
		s, err := r.readSeat(tx, id)
		if err != nil {
			return err
		}
		if refused = may(who.Account, actSeat, s.file.scope()); refused != nil {
			return refused
		}
		if s.state, err = r.readState(tx, id); err != nil {
			return err
		}
		f, now := s.state.full, r.now()
		switch f.State {
		case sitting.Ready, sitting.Running, sitting.Paused:
		case sitting.Waiting:
			return exam.Errorf(exam.Refused, "测评还没有开始，请等候监考员")
		default:
			return exam.Errorf(exam.Refused, "现在是“%s”，试卷不能再打开", f.State.Text())
		}
		if now < f.Terms.Released {
			return exam.Errorf(exam.Refused, "还没有到开始时间，请在%s以后进入", f.Terms.Released.Text())
		}
		if in.Epoch != f.Epoch || !s.holds(in.Terminal) {
			return exam.Errorf(exam.Refused, "这次测评在另一台考试机上，本机不能打开试卷；需要更换时请举手告诉监考员")
		}
		if f.Opened == 0 {
			if _, err := awaited(tx, s); err != nil {
				return err
			}
		}
		p, err := r.paperOf(tx, s.record.Paper)
		if err != nil {
			return err
		}
		if s.record.Released == 0 {
			s.record.Released = now
			if err := tx.PutSitting(s.record); err != nil {
				return err
			}
		}
		out = wire.Key{Paper: p.paper.ID, Key: p.key, Seed: s.record.Seed, Now: now}
		return r.audit(tx, audit{who: who.Account, address: who.Origin.Address, action: "release-key", target: string(id),
			detail: fmt.Sprintf("%s %s，%s，第%d台", s.file.doctor.Name, s.file.doctor.Identity.Masked(), s.record.Machine, f.Epoch)})
	})
	if refused != nil {
		return wire.Key{}, r.noted(ctx, who, actSeat, string(id), refused)
	}
	if err != nil {
		return wire.Key{}, err
	}
	return out, nil
}

// holds says whether the machine holds the epoch in force.
func (s seat) holds(terminal string) bool {
	return terminal != "" && terminal == s.record.Terminal && s.record.Held == s.state.full.Epoch
}

// decodeSitting reads what was sent, as far as it can be judged without the store.
func (r *Registry) decodeSitting(raws []json.RawMessage) ([]sitting.Entry, []StoredEntry, string, error) {
	if len(raws) > wire.MostAppend {
		return nil, nil, "", exam.Errorf(exam.TooLarge, "一次最多送出%d条记录", wire.MostAppend)
	}
	es := make([]sitting.Entry, len(raws))
	stored := make([]StoredEntry, len(raws))
	writer := ""
	for i, raw := range raws {
		e, err := wire.Decode(raw)
		if err != nil {
			return nil, nil, "", err
		}
		s := StoredEntry{Stream: e.Stream, Seq: e.Seq, Hash: wire.HashOf(raw), Raw: raw}
		if e.Stream.Kind() != wire.KindSitting {
			return nil, nil, "", exam.Errorf(exam.Forbidden, "这类记录只能由登记处写入")
		}
		if i > 0 && (s.Stream != stored[0].Stream || s.Seq != stored[i-1].Seq+1 || e.Prev != stored[i-1].Hash || e.Writer != writer) {
			return nil, nil, "", exam.Errorf(exam.Invalid, "送来的记录前后不连贯，没有保存")
		}
		writer = e.Writer
		if es[i], err = e.Sitting(); err != nil {
			return nil, nil, "", err
		}
		// What only an order may say would look in a journal as if a proctor had said it.
		if b := es[i].Body; b.By != nil || b.Text != "" || b.Terms != nil || b.Terminal != "" || b.Extra != 0 || b.Fences != 0 || b.Ack != 0 {
			return nil, nil, "", exam.Errorf(exam.Invalid, "记录的内容不对")
		}
		// A seal over another history could never be judged.
		if es[i].Act == sitting.ActSealed && es[i].Seal != nil && es[i].Seal.Hash != string(e.Prev) {
			return nil, nil, "", exam.Errorf(exam.Invalid, "交卷记录与作答记录不一致")
		}
		stored[i] = s
	}
	return es, stored, writer, nil
}

// streamKind is the kind of the stream that raw says it belongs to; "" where it
// says nothing that can be read.
func streamKind(raws []json.RawMessage) string {
	if len(raws) == 0 || len(raws[0]) > wire.MostEntry {
		return ""
	}
	var e struct {
		Stream wire.Stream `json:"stream"`
	}
	if json.Unmarshal(raws[0], &e) != nil {
		return ""
	}
	return e.Stream.Kind()
}
