package station

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/local"
	"dingkao/sync/wire"
)

// Names under which a vault keeps what belongs to a sitting.
const (
	keptSeat    = "exam/seat"     // sitting.Seat: as the registry said last
	keptTaken   = "exam/taken"    // sitting.ID: for which this machine checked in
	keptKey     = "exam/key/"     // + sitting: wire.Key
	keptAlive   = "exam/alive/"   // + stream: sitting.Reading
	keptStopped = "exam/stopped/" // + stream: why this terminal writes no more to it
	keptProbe   = "exam/probe"    // what the check-in writes to see that it can
)

// How often things are done while a sitting goes on.
const (
	beatEvery    = 500 * time.Millisecond // looks at the clock
	aliveEvery   = 5 * sitting.Second     // the terminal notes that it runs
	askEvery     = 2 * sitting.Second     // asks for orders while the line is good
	askEveryDead = 5 * sitting.Second     // and while it is not
	anchorAge    = 60 * sitting.Second
)

// examLine is what a sitting asks of the registry (sync/client has it).
type examLine interface {
	Seat(ctx context.Context, terminal string) (sitting.Seat, error)
	CheckIn(ctx context.Context, in wire.CheckIn) (sitting.Seat, error)
	SealedPaper(ctx context.Context, id paper.ID, h exam.BlobHash) ([]byte, error)
	PaperKey(ctx context.Context, id sitting.ID, in wire.KeyRequest) (wire.Key, error)
	Tail(ctx context.Context, stream wire.Stream, after uint64) (wire.Tail, error)
}

// hall is the candidate's sitting on this PC. It promises:
//
//   - Each entry of the sitting is on this PC's disk, in one synced transaction,
//     before any method that made it returns nil, and before Place shows it.
//   - What a crash leaves is gone on from: the terminal says when it ran last, and
//     the ledger judges the gap. Where the time was over meanwhile, or is over
//     without a line, the answers are sealed at once.
//   - An order is obeyed in the moment in which it is read, and the entry that
//     says so is what counts.
//   - A terminal that lost the epoch writes nothing more, and says so.
//
// It decides nothing: exam/sitting does.
type hall struct {
	vault    *local.Vault
	line     examLine // nil: entered without a line
	clocks   Clocks
	terminal string
	machine  string
	room     string
	now      func() exam.Instant // registry time as the station knows it, for the entries' estimate
	changed  func()              // tells the watchers
	wake     func()              // there is something to send

	beating sync.Mutex   // one beat at a time
	asked   sitting.Span // when the registry was asked last, in this boot's time; beating is held

	io    sync.Mutex   // held while entries are made or folded; taken before mu
	noted sitting.Span // when alive was written last; io is held

	mu      sync.Mutex
	seat    sitting.Seat
	taken   sitting.ID // for which this machine checked in
	s       sitting.Sitting
	cursor  local.Cursor // of the epoch's stream
	last    map[paper.QuestionID]uint64
	failed  map[paper.QuestionID]bool
	resume  bool // this run has not said yet that the terminal runs again
	ready   bool // the sealed paper lies here
	paper   *paper.Paper
	order   paper.Order
	anchor  *sitting.Anchor
	online  bool
	trouble string // of the disk, until a write works again
	absent  string // why the paper is not here
	was     bool   // this terminal wrote to an earlier epoch
	stopped string
}

// stream is the stream that this terminal writes. mu or io is held.
func (h *hall) stream() wire.Stream { return wire.SittingStream(h.seat.Sitting, h.s.Epoch) }

// mine says whether this terminal may write. mu or io is held.
func (h *hall) mine() bool {
	return h.seat.Sitting != "" && h.stopped == "" && h.s.Epoch > 0 && h.seat.Epoch == h.s.Epoch && h.seat.Held == ""
}

// load makes the picture from disk. io is held. first: this run begins with it.
func (h *hall) load(first bool) error {
	var next hall
	err := h.vault.View(func(t *local.Tx) error {
		next = hall{last: map[paper.QuestionID]uint64{}}
		if _, err := t.Kept(keptSeat, &next.seat); err != nil {
			return err
		}
		if _, err := t.Kept(keptTaken, &next.taken); err != nil {
			return err
		}
		if next.seat.Sitting == "" {
			next.s = sitting.New()
			return nil
		}
		if _, found, err := t.Mark(next.seat.Sealed); err != nil {
			return err
		} else {
			next.ready = found
		}
		orders, err := entries(t, wire.OrdersStream(next.seat.Sitting))
		if err != nil {
			return err
		}
		most := sitting.Epoch(1)
		for _, o := range orders {
			if o.Act == sitting.ActMove {
				most++
			}
		}
		var epochs [][]sitting.Entry
		for n := sitting.Epoch(1); n <= most; n++ {
			own, err := entries(t, wire.SittingStream(next.seat.Sitting, n))
			if err != nil {
				return err
			}
			epochs = append(epochs, own)
		}
		if next.s, err = sitting.Fold(epochs, orders); err != nil {
			return err
		}
		if next.s.Epoch > 0 {
			stream := next.stream()
			if next.cursor, err = t.Cursor(stream); err != nil {
				return err
			}
			for n := sitting.Epoch(1); n < next.s.Epoch; n++ {
				if err := decoded(t, wire.SittingStream(next.seat.Sitting, n), 1, func(e wire.Entry) error {
					next.was = next.was || e.Writer == h.terminal
					return nil
				}); err != nil {
					return err
				}
			}
			for _, e := range epochs[next.s.Epoch-1] {
				if e.Act == sitting.ActAnswered {
					next.last[e.Question] = e.Seq
				}
			}
			if _, err := t.Kept(keptStopped+string(stream), &next.stopped); err != nil {
				return err
			}
		}
		var key wire.Key
		if found, err := t.Kept(keptKey+string(next.seat.Sitting), &key); err != nil || !found {
			return err
		}
		sealed, err := t.Blob(next.seat.Sealed)
		if err != nil || sealed == nil {
			return err
		}
		return next.unseal(key, sealed)
	})
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.seat.Sitting != next.seat.Sitting || h.s.Epoch != next.s.Epoch {
		h.failed = map[paper.QuestionID]bool{}
		if h.seat.Sitting != next.seat.Sitting {
			h.resume = false
		}
	}
	h.seat, h.taken, h.s, h.cursor, h.last, h.ready, h.paper, h.order, h.was, h.stopped =
		next.seat, next.taken, next.s, next.cursor, next.last, next.ready, next.paper, next.order, next.was, next.stopped
	if first {
		h.resume = h.s.Seq > 0 && (h.s.State == sitting.Running || h.s.State == sitting.Paused)
	}
	return nil
}

// entries are all entries of a stream, decoded.
func entries(t *local.Tx, stream wire.Stream) ([]sitting.Entry, error) {
	var list []sitting.Entry
	err := decoded(t, stream, 0, func(e wire.Entry) error {
		s, err := e.Sitting()
		list = append(list, s)
		return err
	})
	return list, err
}

// decoded hands out the first most entries of a stream, 0 all.
func decoded(t *local.Tx, stream wire.Stream, most int, each func(wire.Entry) error) error {
	raws, err := t.Entries(stream, 0, most)
	if err != nil {
		return err
	}
	for _, raw := range raws {
		e, err := wire.Decode(raw)
		if err != nil {
			return err
		}
		if err := each(e); err != nil {
			return err
		}
	}
	return nil
}

// unseal opens the paper and lays it out for this candidate.
func (h *hall) unseal(key wire.Key, sealed []byte) error {
	p, err := wire.OpenPaper(h.seat.Paper, key.Key, sealed)
	if err != nil {
		return err
	}
	o := p.Order(key.Seed)
	if t := h.s.Terms; t.Paper != "" {
		same := t.Paper == p.ID && len(t.Questions) == o.Len()
		for i := 0; same && i < o.Len(); i++ {
			same = o.Place(t.Questions[i]) >= 0
		}
		if !same {
			return exam.Errorf(exam.Damaged, "试卷与本次测评的规定不一致，没有打开；请举手告诉监考员")
		}
	}
	h.paper, h.order = &p, o
	return nil
}

// place is the picture for the screen.
func (h *hall) place() sitting.Place {
	at := h.clocks.Reading()
	h.mu.Lock()
	defer h.mu.Unlock()
	p := sitting.Place{Seat: h.seat, Sitting: h.s, View: h.s.View(at), Ready: h.ready, Online: h.online,
		Trouble: h.trouble, Stopped: h.stopped, Waiting: h.cursor.Pending(), Kept: map[paper.QuestionID]sitting.Kept{}}
	p.Mine = h.mine() || h.seat.Sitting != "" && h.stopped == "" && h.seat.Held == "" && h.s.Epoch == 0 && h.taken == h.seat.Sitting
	if h.stopped == "" && h.was && !h.mine() && !ended(h.s.State) {
		p.Stopped = movedAway
	}
	if p.Trouble == "" {
		p.Trouble = h.absent
	}
	if h.paper != nil && h.s.Opened != 0 {
		p.Open, p.Paper, p.Order = true, *h.paper, h.order
	}
	for q := range h.s.Answers() {
		p.Kept[q] = sitting.AtRegistry
	}
	for q, seq := range h.last {
		p.Kept[q] = sitting.AtRegistry
		if seq > h.cursor.Acked {
			p.Kept[q] = sitting.OnThisPC
		}
	}
	for q := range h.failed {
		p.Kept[q] = sitting.NotSaved
	}
	p.Delivered = h.s.State == sitting.HandedIn && h.cursor.Pending() == 0
	return p
}

const movedAway = "已换到另一台考试机，本机不能再作答；已送达登记处的作答都在那里，请听从监考员安排"

// write makes the next entry of this terminal and puts it on disk. io is held.
// What has to be said before it is written before it: that the terminal runs
// again. Where the time is over, the answers are sealed instead, and the error
// is Refused.
func (h *hall) write(act sitting.Act, body sitting.Body) error {
	switch {
	case h.seat.Sitting == "":
		return exam.Errorf(exam.Refused, "请先签到")
	case h.s.State == sitting.Terminated:
		return exam.Errorf(exam.Refused, "测评已由监考员终止，已送达的作答都已保留")
	case !h.mine():
		if h.stopped != "" {
			return exam.Errorf(exam.Refused, "%s", h.stopped)
		}
		if h.s.Epoch == 0 {
			return exam.Errorf(exam.Refused, "测评还没有开始，请等候监考员")
		}
		return exam.Errorf(exam.Refused, movedAway)
	}
	at := h.clocks.Reading()
	if act != sitting.ActOpened && act != sitting.ActResumed && (h.resume || h.s.View(at).Resume) {
		if err := h.again(); err != nil {
			return err
		}
		at = h.clocks.Reading()
	}
	if act != sitting.ActSealed && act != sitting.ActResumed && h.s.View(at).Over {
		if err := h.seal(); err != nil {
			return err
		}
		return exam.Errorf(exam.Refused, "测评时间已到，之前的作答都已保存，已自动交卷")
	}
	body.Reading, body.Orders = &at, h.s.OrdersSeq
	if a := h.anchor; a != nil && a.Boot == at.Boot && a.Mono <= at.Mono &&
		(act == sitting.ActOpened || act == sitting.ActResumed || act == sitting.ActAnchored) {
		body.Anchor = a
	}
	if act == sitting.ActSealed {
		seal := h.s.Sealing(at, string(h.cursor.Hash))
		body.Seal = &seal
	}
	estimate := h.now()
	e := sitting.Entry{Epoch: h.s.Epoch, Seq: h.s.Seq + 1, At: estimate, Act: act, Body: body}
	if err := h.s.Admit(e, estimate); err != nil {
		return err
	}
	next, err := h.s.Apply(e)
	if err != nil {
		return err
	}
	stream := h.stream()
	var cursor local.Cursor
	err = h.vault.Update(func(t *local.Tx) error {
		c, err := t.Cursor(stream)
		if err != nil {
			return err
		}
		if c.Head != h.s.Seq {
			return exam.Errorf(exam.Damaged, "本机的测评记录与屏幕不一致，没有保存；请举手告诉监考员")
		}
		_, raw, err := wire.Next(stream, c.Head+1, c.Hash, estimate, h.terminal, string(act), body)
		if err != nil {
			return err
		}
		if err := t.Append(stream, raw); err != nil {
			return err
		}
		cursor, err = t.Cursor(stream)
		return err
	})
	h.mu.Lock()
	if err != nil {
		h.trouble = exam.SentenceOf(err)
		if act == sitting.ActAnswered {
			h.failed[body.Question] = true
		}
		h.mu.Unlock()
		return err
	}
	h.trouble = ""
	h.s, h.cursor = next, cursor
	if act == sitting.ActResumed {
		h.resume = false
	}
	if act == sitting.ActAnswered {
		h.last[body.Question] = e.Seq
		delete(h.failed, body.Question)
	}
	h.mu.Unlock()
	return nil
}

// again says that the terminal runs again, and when it ran last. io is held.
func (h *hall) again() error {
	var b sitting.Body
	var alive sitting.Reading
	found := false
	if err := h.vault.View(func(t *local.Tx) (err error) {
		found, err = t.Kept(keptAlive+string(h.stream()), &alive)
		return err
	}); err != nil {
		return err
	}
	last := h.s.Ledger.Last
	if at := h.clocks.Reading(); found && h.s.Seq > 0 && alive.Boot == last.Boot && alive.Mono >= last.Mono &&
		(alive.Boot != at.Boot || alive.Mono <= at.Mono) {
		b.Alive = &alive
	}
	if h.s.Seq == 0 && h.anchor == nil {
		return exam.Errorf(exam.Unavailable, "换到这台考试机后，要先连上登记处才能继续；请检查网络")
	}
	return h.write(sitting.ActResumed, b)
}

// seal hands in. io is held.
func (h *hall) seal() error { return h.write(sitting.ActSealed, sitting.Body{}) }

// act is write for the candidate: it takes the lock, and tells.
func (h *hall) act(act sitting.Act, body sitting.Body) error {
	h.io.Lock()
	err := h.write(act, body)
	h.io.Unlock()
	h.wake()
	h.changed()
	return err
}

// beat does what is due: seals when the time is over, says that the terminal
// runs (again), obeys, asks. It is called every half second, and by whoever
// cannot wait.
func (h *hall) beat(ctx context.Context) {
	h.beating.Lock()
	defer h.beating.Unlock()
	h.due()
	at := h.clocks.Reading()
	h.mu.Lock()
	seated, ended, online := h.seat.Sitting != "", h.done(), h.online
	h.mu.Unlock()
	every := askEvery
	if !online {
		every = askEveryDead
	}
	if seated && !ended && h.line != nil && (h.asked == 0 || at.Mono < h.asked || at.Mono-h.asked >= every) {
		h.asked = at.Mono
		_ = h.ask(ctx)
		h.due()
	}
}

// done says whether nothing more can come. mu is held.
func (h *hall) done() bool {
	return h.s.State == sitting.Terminated || h.s.State == sitting.HandedIn && h.cursor.Pending() == 0
}

// due is beat without the line.
func (h *hall) due() {
	h.io.Lock()
	before := h.s.Seq
	told := h.s.State
	h.dueLocked()
	differs := h.s.Seq != before || h.s.State != told
	h.io.Unlock()
	if differs {
		h.wake()
		h.changed()
	}
}

func (h *hall) dueLocked() {
	if !h.mine() || h.s.State != sitting.Running && h.s.State != sitting.Paused {
		if h.mine() && h.s.State == sitting.HandedIn && h.s.View(h.clocks.Reading()).Anchor && h.anchored() {
			_ = h.write(sitting.ActAnchored, sitting.Body{}) // for the record: how long a restart took
		}
		return
	}
	at := h.clocks.Reading()
	v := h.s.View(at)
	if h.resume || v.Resume {
		if h.again() != nil {
			return
		}
		v = h.s.View(h.clocks.Reading())
	}
	if v.Anchor && h.anchored() {
		if h.write(sitting.ActAnchored, sitting.Body{}) != nil {
			return
		}
		v = h.s.View(h.clocks.Reading())
	}
	if v.Over {
		_ = h.seal()
		return
	}
	if len(v.Pending) > 0 {
		if h.write(sitting.ActObeyed, sitting.Body{}) != nil {
			return
		}
	}
	if h.noted == 0 || at.Mono < h.noted || at.Mono-h.noted >= aliveEvery {
		h.noted = at.Mono
		err := h.vault.Update(func(t *local.Tx) error { return t.Keep(keptAlive+string(h.stream()), at) })
		h.mu.Lock()
		if err != nil {
			h.trouble = exam.SentenceOf(err)
		} else {
			h.trouble = ""
		}
		h.mu.Unlock()
	}
}

// anchored says whether a word of the registry in this boot is at hand. io is held.
func (h *hall) anchored() bool {
	return h.anchor != nil && h.anchor.Boot == h.clocks.Reading().Boot
}

// word takes what the registry said of the time between two readings.
func (h *hall) word(said exam.Instant, sent, received sitting.Reading) {
	if said <= 0 || sent.Boot != received.Boot {
		return
	}
	h.io.Lock()
	defer h.io.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.anchor = &sitting.Anchor{Boot: received.Boot, Mono: sent.Mono + (received.Mono-sent.Mono)/2, At: said}
}

// ask asks the registry how the sitting stands, reads the orders that are new,
// and fetches the sealed paper ahead.
func (h *hall) ask(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	sent := h.clocks.Reading()
	seat, err := h.line.Seat(ctx, h.terminal)
	if err == nil {
		h.word(seat.Now, sent, h.clocks.Reading())
		err = h.take(ctx, seat)
	}
	h.heard(err)
	return err
}

// heard notes whether the registry answers.
func (h *hall) heard(err error) {
	kind := exam.KindOf(err)
	h.mu.Lock()
	was := h.online
	h.online = kind != exam.Unavailable && kind != exam.Unauthenticated
	differs := was != h.online
	online := h.online
	h.mu.Unlock()
	if differs {
		if online {
			h.wake() // do not wait for the outbox's own patience
		}
		h.changed()
	}
}

// take takes in how the registry says that the sitting stands.
func (h *hall) take(ctx context.Context, seat sitting.Seat) error {
	h.mu.Lock()
	was, ready := h.seat, h.ready
	orders := h.s.OrdersSeq
	h.mu.Unlock()
	fresh := seat
	fresh.Now, was.Now = 0, 0
	if fresh != was {
		if err := h.vault.Update(func(t *local.Tx) error { return t.Keep(keptSeat, seat) }); err != nil {
			return err
		}
	}
	if seat.Sitting != was.Sitting {
		orders, ready = 0, false
	}
	if seat.Orders > orders || fresh != was {
		if err := h.read(ctx, seat); err != nil {
			if exam.KindOf(err) != exam.Unavailable {
				h.mu.Lock()
				h.absent = exam.SentenceOf(err)
				h.mu.Unlock()
			}
			return err
		}
	}
	if !ready || seat.Sealed != was.Sealed {
		if err := h.fetch(ctx, seat); err != nil {
			h.mu.Lock()
			h.absent = exam.SentenceOf(err)
			h.mu.Unlock()
			return err
		}
	}
	return nil
}

// read reads the orders, and of the terminals' streams what this PC does not
// have: those of other terminals, and its own where the file is younger than
// its seat. Then it folds anew.
func (h *hall) read(ctx context.Context, seat sitting.Seat) error {
	if _, err := h.bring(ctx, wire.OrdersStream(seat.Sitting)); err != nil {
		return err
	}
	epoch := sitting.Epoch(1)
	if err := h.vault.View(func(t *local.Tx) error {
		orders, err := entries(t, wire.OrdersStream(seat.Sitting))
		for _, o := range orders {
			if o.Act == sitting.ActMove {
				epoch++
			}
		}
		return err
	}); err != nil {
		return err
	}
	younger := false
	for n := sitting.Epoch(1); n <= epoch; n++ {
		stream := wire.SittingStream(seat.Sitting, n)
		var c local.Cursor
		if err := h.vault.View(func(t *local.Tx) (err error) { c, err = t.Cursor(stream); return err }); err != nil {
			return err
		}
		if n == epoch && (c.Head > 0 || seat.Epoch != epoch) {
			continue // what lies here is the newest, or it is no affair of this terminal
		}
		some, err := h.bring(ctx, stream)
		if err != nil {
			return err
		}
		younger = n == epoch && some
	}
	h.io.Lock()
	err := h.load(false)
	if err == nil && younger {
		h.mu.Lock()
		h.resume = h.s.State == sitting.Running || h.s.State == sitting.Paused
		h.mu.Unlock()
	}
	h.io.Unlock()
	h.changed()
	return err
}

// bring mirrors the registry's tail of a stream, and says whether there was any.
func (h *hall) bring(ctx context.Context, stream wire.Stream) (bool, error) {
	var c local.Cursor
	if err := h.vault.View(func(t *local.Tx) (err error) { c, err = t.Cursor(stream); return err }); err != nil {
		return false, err
	}
	tail, err := h.line.Tail(ctx, stream, c.Acked)
	if err != nil || tail.Receipt == nil {
		return false, err
	}
	h.io.Lock()
	defer h.io.Unlock()
	return len(tail.Entries) > 0, h.vault.Update(func(t *local.Tx) error { return mirror(t, stream, tail) })
}

// mirror takes a tail into a stream that another wrote. Of this terminal's own
// earlier epoch, what stood behind the fence stays on disk: it was never
// acknowledged, and no fold counts it.
func mirror(t *local.Tx, stream wire.Stream, tail wire.Tail) error {
	c, err := t.Cursor(stream)
	if err != nil {
		return err
	}
	for _, raw := range tail.Entries {
		e, err := wire.Decode(raw)
		if err != nil {
			return err
		}
		if e.Seq <= c.Head {
			had, err := t.HashAt(stream, e.Seq)
			if err != nil {
				return err
			}
			if had != wire.HashOf(raw) {
				return exam.Errorf(exam.Damaged, "登记处的测评记录与本机的不一致，本机的记录都在；请举手告诉监考员")
			}
			continue
		}
		if err := t.Append(stream, raw); err != nil {
			return err
		}
	}
	return t.Acknowledge(*tail.Receipt)
}

// fetch gets the sealed paper.
func (h *hall) fetch(ctx context.Context, seat sitting.Seat) error {
	here := false
	if err := h.vault.View(func(t *local.Tx) (err error) { _, here, err = t.Mark(seat.Sealed); return err }); err != nil {
		return err
	}
	if !here {
		data, err := h.line.SealedPaper(ctx, seat.Paper, seat.Sealed)
		if err != nil {
			return err
		}
		if err := h.vault.Update(func(t *local.Tx) error { _, err := t.PutBlob(data, true); return err }); err != nil {
			return err
		}
	}
	h.mu.Lock()
	h.ready, h.absent = true, ""
	h.mu.Unlock()
	h.changed()
	return nil
}

// checkIn takes the seat.
func (h *hall) checkIn(ctx context.Context, checks []sitting.Check, code string) error {
	if h.line == nil {
		return offline()
	}
	sent := h.clocks.Reading()
	seat, err := h.line.CheckIn(ctx, wire.CheckIn{Terminal: h.terminal, Name: h.machine, Room: h.room, Checks: checks, Code: strings.TrimSpace(code)})
	if err != nil {
		h.heard(err)
		return err
	}
	h.word(seat.Now, sent, h.clocks.Reading())
	if err = h.vault.Update(func(t *local.Tx) error { return t.Keep(keptTaken, seat.Sitting) }); err == nil {
		h.mu.Lock()
		h.taken = seat.Sitting
		h.mu.Unlock()
		err = h.take(ctx, seat)
	}
	h.heard(err)
	h.changed()
	if err == nil && seat.Held != "" {
		err = &exam.Error{Kind: exam.Refused, Field: "code", Sentence: fmt.Sprintf("这次测评在“%s”上；要换到这台考试机，请举手，监考员办理后会告诉您一个验证码", seat.Held)}
	} else if err == nil && seat.Epoch == 0 && seat.State != sitting.Waiting && !ended(seat.State) {
		err = &exam.Error{Kind: exam.Refused, Field: "code", Sentence: "监考员已办理更换考试机，请输入监考员告诉您的验证码"}
	}
	if err == nil {
		h.due()
	}
	return err
}

func ended(s sitting.State) bool {
	return s == sitting.HandedIn || s == sitting.Terminated || s == sitting.Absent
}

// open opens the paper: 进入测评. After a crash or a move, when the sitting goes
// on already, it only gets the key that is missing here.
func (h *hall) open(ctx context.Context) error {
	h.mu.Lock()
	seat, epoch, state, have := h.seat, h.s.Epoch, h.s.State, h.paper != nil
	released := h.s.Terms.Released
	h.mu.Unlock()
	switch {
	case seat.Sitting == "":
		return exam.Errorf(exam.Refused, "请先签到")
	case state == sitting.Waiting:
		return exam.Errorf(exam.Refused, "测评还没有开始，请等候监考员")
	}
	if !have {
		if h.line == nil {
			return offline()
		}
		if err := h.fetch(ctx, seat); err != nil {
			h.heard(err)
			return err
		}
		sent := h.clocks.Reading()
		key, err := h.line.PaperKey(ctx, seat.Sitting, wire.KeyRequest{Terminal: h.terminal, Epoch: epoch})
		h.heard(err)
		if err != nil {
			return err
		}
		h.word(key.Now, sent, h.clocks.Reading())
		h.io.Lock()
		// Opened before it is kept: a key that does not fit is asked for again.
		err = h.vault.Update(func(t *local.Tx) error {
			sealed, err := t.Blob(seat.Sealed)
			if err != nil {
				return err
			}
			if err := (&hall{seat: seat, s: h.s}).unseal(key, sealed); err != nil {
				return err
			}
			return t.Keep(keptKey+string(seat.Sitting), key)
		})
		if err == nil {
			err = h.load(false)
		}
		h.io.Unlock()
		if err != nil {
			return err
		}
	}
	if state != sitting.Ready {
		h.due()
		h.changed()
		return nil
	}
	if h.line != nil && !h.tied(released) {
		if err := h.ask(ctx); err != nil {
			return err
		}
	}
	if !h.tied(0) {
		return exam.Errorf(exam.Unavailable, "开始时要连上登记处核对时间；请检查网络后再进入")
	}
	return h.act(sitting.ActOpened, sitting.Body{})
}

// tied says whether this boot is tied to registry time, and that has reached i.
func (h *hall) tied(i exam.Instant) bool {
	at := h.clocks.Reading()
	h.io.Lock()
	defer h.io.Unlock()
	return h.anchored() && h.anchor.At+exam.Instant(at.Mono-h.anchor.Mono) >= i
}

// acknowledged notes a receipt of the sitting's stream; it lies on disk already.
func (h *hall) acknowledged(r wire.Receipt) {
	h.io.Lock()
	h.mu.Lock()
	if h.seat.Sitting != "" && h.s.Epoch > 0 && r.Stream == h.stream() && r.Seq >= h.cursor.Acked {
		h.cursor.Acked, h.cursor.Receipt = r.Seq, &r
	}
	h.mu.Unlock()
	h.io.Unlock()
	h.changed()
}

// refused is what happens when the registry takes an entry of a sitting not in:
// the journal stays as it is on this disk, whole; nothing more of it is sent.
func (h *hall) refused(stream wire.Stream, why error) error {
	sentence := exam.SentenceOf(why)
	if err := h.vault.Update(func(t *local.Tx) error { return t.Keep(keptStopped+string(stream), sentence) }); err != nil {
		return err
	}
	h.io.Lock()
	h.mu.Lock()
	if h.seat.Sitting != "" && h.s.Epoch > 0 && stream == h.stream() {
		h.stopped = sentence
	}
	h.mu.Unlock()
	h.io.Unlock()
	h.changed()
	return nil
}

// conflicted is what happens when the registry has another head, other orders
// or another epoch: it is asked. Where the registry's stream is the beginning of
// ours, that is sent which it has not; where this terminal lost the epoch, or
// another writes in its name, this one stops.
func (h *hall) conflicted(ctx context.Context, stream wire.Stream) error {
	if err := h.ask(ctx); err != nil {
		return err
	}
	h.mu.Lock()
	current := h.seat.Sitting != "" && h.s.Epoch > 0 && stream == h.stream()
	moved := h.seat.Held != "" || h.s.Epoch > stream.Epoch() || h.s.State == sitting.Terminated || h.seat.Epoch != stream.Epoch()
	h.mu.Unlock()
	if !current || moved {
		return h.refused(stream, exam.Errorf(exam.Conflict, movedAway))
	}
	tail, err := h.line.Tail(ctx, stream, 0)
	if err != nil {
		return err
	}
	other := false
	err = h.vault.Update(func(t *local.Tx) error {
		seq := uint64(0)
		if tail.Receipt != nil {
			seq = tail.Receipt.Seq
			had, err := t.HashAt(stream, seq)
			if err != nil {
				return err
			}
			if other = had != tail.Receipt.Head; other {
				return nil
			}
		}
		if err := t.Lower(stream, seq); err != nil || tail.Receipt == nil {
			return err
		}
		return t.Acknowledge(*tail.Receipt)
	})
	switch {
	case err != nil:
		return err
	case other:
		return h.refused(stream, exam.Errorf(exam.Conflict, "另有一台考试机在用同一个座位作答，本机已停止；作答都在本机，请举手告诉监考员"))
	}
	h.io.Lock()
	defer h.io.Unlock()
	return h.load(false)
}

// stoppedIn says whether nothing of a stream is to be sent any more.
func stoppedIn(t *local.Tx, stream wire.Stream) (bool, error) {
	if stream.Kind() != wire.KindSitting && stream.Kind() != wire.KindPractice {
		return false, nil
	}
	var why string
	return t.Kept(keptStopped+string(stream), &why)
}

// probe looks at what a check-in looks at and this side can see: that a synced
// write works, that the registry answers, and how the PC's clock stands to it.
func (h *hall) probe(ctx context.Context) []sitting.Check {
	var list []sitting.Check
	disk := sitting.Check{Name: "disk", State: "ok", Detail: "写入测试通过，每次作答都会先存到本机"}
	if err := h.vault.Update(func(t *local.Tx) error { return t.Keep(keptProbe, h.clocks.Reading()) }); err != nil {
		disk.State, disk.Detail = "failed", exam.SentenceOf(err)
	}
	list = append(list, disk)
	network := sitting.Check{Name: "network", State: "ok"}
	clock := sitting.Check{Name: "clock", State: "ok", Detail: "本机时间与登记处一致"}
	if h.line == nil {
		network.State, network.Detail = "failed", "现在是离线进入，签到要连上登记处；请联网后重新登录"
		clock.State, clock.Detail = "warn", "没有联网，暂不能核对时间"
		return append(list, network, clock)
	}
	sent := h.clocks.Reading()
	seat, err := h.line.Seat(ctx, h.terminal)
	got := h.clocks.Reading()
	kind := exam.KindOf(err)
	switch {
	case err == nil, kind == exam.NotFound, kind == exam.Refused:
		network.Detail = fmt.Sprintf("与登记处连接正常，往返%d毫秒", (got.Mono-sent.Mono)/1000)
	default:
		network.State, network.Detail = "failed", exam.SentenceOf(err)
	}
	h.heard(err)
	said := seat.Now
	if said == 0 {
		said = h.now()
	}
	switch off := time.Duration(got.Wall-said) * time.Microsecond; {
	case network.State != "ok":
		clock.State, clock.Detail = "warn", "没有联网，暂不能核对时间"
	case off > 90*time.Second || off < -90*time.Second:
		clock.State, clock.Detail = "warn", fmt.Sprintf("本机时间与登记处相差约%d分钟；测评按登记处时间计时，不受影响，已记录", int(off.Abs().Minutes()+0.5))
	}
	return append(list, network, clock)
}

// look asks how the sitting stands, for a page that was just opened.
func (h *hall) look(ctx context.Context) error {
	if h.line == nil {
		return nil
	}
	err := h.ask(ctx)
	if exam.KindOf(err) == exam.NotFound {
		return nil // nobody checked in: the list says what to do
	}
	h.due()
	return err
}

// run beats until quit.
func (h *hall) run(quit <-chan struct{}) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-quit:
			cancel()
		case <-ctx.Done():
		}
	}()
	t := time.NewTicker(beatEvery)
	defer t.Stop()
	for {
		h.beat(ctx)
		select {
		case <-quit:
			return
		case <-t.C:
		}
	}
}

// The methods that screens call.

// Place is the sitting at this terminal, from memory: cheap, never blocks for long.
func (o *Session) Place() sitting.Place { return o.hall.place() }

// Probe looks at disk, network and clock for the check-in.
func (o *Session) Probe(ctx context.Context) []sitting.Check { return o.hall.probe(ctx) }

// Look asks the registry how the sitting stands. Without a line it does nothing.
func (o *Session) Look(ctx context.Context) error { return o.hall.look(ctx) }

// CheckIn takes the seat for this machine: code is what a proctor told after a
// move, else empty. Errors: Refused (with Field "code" where one is needed or
// wrong), Unavailable.
func (o *Session) CheckIn(ctx context.Context, checks []sitting.Check, code string) error {
	return o.hall.checkIn(ctx, checks, code)
}

// OpenPaper is 进入测评: when it returns nil, the paper is open, the time runs, and
// both are on disk. Errors: Refused before the start, Unavailable, Damaged.
func (o *Session) OpenPaper(ctx context.Context) error { return o.hall.open(ctx) }

// Answer chooses, changes or (with the empty answer) takes back. When it returns
// nil, it is on this PC's disk. Errors: Refused, Internal (the disk).
func (o *Session) Answer(q paper.QuestionID, a paper.Answer) error {
	return o.hall.act(sitting.ActAnswered, sitting.Body{Question: q, Answer: &a})
}

// Mark sets or takes away a mark (标注).
func (o *Session) Mark(q paper.QuestionID, on bool) error {
	return o.hall.act(sitting.ActMarked, sitting.Body{Question: q, Marked: &on})
}

// GoTo moves to a question.
func (o *Session) GoTo(q paper.QuestionID) error {
	return o.hall.act(sitting.ActWent, sitting.Body{Question: q})
}

// Focus notes that another window came to the front, or that ours is back.
func (o *Session) Focus(lost bool) error {
	act := sitting.ActFocusBack
	if lost {
		act = sitting.ActFocusLost
	}
	return o.hall.act(act, sitting.Body{})
}

// HandIn is 交卷. When it returns nil, the seal is on this PC's disk and nothing can
// be changed any more; Place says when the registry has it.
func (o *Session) HandIn(ctx context.Context) error {
	if err := o.hall.act(sitting.ActSealed, sitting.Body{}); err != nil {
		return err
	}
	if o.box != nil {
		_ = o.box.Flush(ctx) // delivered or not, it is sealed
	}
	return nil
}

// newHall is the hall of a session.
func (o *Session) newHall() (*hall, error) {
	h := &hall{vault: o.vault, clocks: o.station.clocks, terminal: o.station.store.Terminal(), machine: o.station.machine, room: o.station.room,
		now: o.station.clock.now, changed: o.changed, failed: map[paper.QuestionID]bool{},
		wake: func() {
			if o.box != nil {
				o.box.Wake()
			}
		}}
	if o.remote != nil {
		h.line, h.online = o.remote, true
	}
	h.io.Lock()
	defer h.io.Unlock()
	if err := h.load(true); err != nil {
		// A sitting that cannot be read must not keep the dossier from its doctor.
		if exam.KindOf(err) != exam.Damaged && exam.KindOf(err) != exam.Conflict {
			return nil, err
		}
		h.s, h.stopped = sitting.New(), exam.SentenceOf(err)
	}
	return h, nil
}
