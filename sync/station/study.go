package station

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"sync"
	"time"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/practice"
	"dingkao/sync/local"
	"dingkao/sync/wire"
)

// This file is study (在线学习): the open banks that lie on this PC, the round that
// is under way, and what was practised.
//
// Everything on these screens comes from the disk: once a bank is here, no registry
// is needed for anything. A goroutine of its own looks now and then for new banks
// and for what other devices wrote, so that a large bank holds up nothing that
// waits to be sent. It tries nothing again by itself: a bank that broke off is
// fetched anew at the next good round of the outbox. What was practised goes out
// by the outbox, behind everything else.

// Names under which a vault keeps what study needs.
const (
	keptShelf = "study/shelf"  // shelf
	keptRound = "study/round/" // + bank: practice.Round
)

// lookEvery is the time between two looks at the banks while all is well.
const lookEvery = 5 * time.Minute

// shelf is which banks there are, as it lies on disk.
type shelf struct {
	Heard exam.Instant    `json:"heard"`
	List  []wire.BankInfo `json:"list"` // as the registry said last
	Here  []wire.BankInfo `json:"here"` // those whose body lies here
}

func (s shelf) here(id paper.BankID) (wire.BankInfo, bool) {
	for _, b := range s.Here {
		if b.ID == id {
			return b, true
		}
	}
	return wire.BankInfo{}, false
}

// study is a session's part of it.
type study struct {
	o    *Session
	wake chan struct{} // holds at most one
	done chan struct{} // closed when the goroutine has ended

	looking sync.Mutex // held while the registry is asked

	pen sync.Mutex // held while an entry or a round is written; taken before mu

	mu       sync.Mutex
	shelf    shelf
	banks    map[exam.BlobHash]paper.Bank // those that were read
	entries  []practice.Entry             // of all devices
	progress practice.Progress
	fetching bool
	trouble  string
	looked   time.Time // the last good look
}

// newStudy reads what lies here.
func (o *Session) newStudy() (*study, error) {
	s := &study{o: o, wake: make(chan struct{}, 1), done: make(chan struct{}), banks: map[exam.BlobHash]paper.Bank{}}
	err := o.vault.View(func(t *local.Tx) error {
		if _, err := t.Kept(keptShelf, &s.shelf); err != nil {
			return err
		}
		return s.read(t)
	})
	if err != nil {
		return nil, err
	}
	s.progress = practice.Fold(s.entries)
	if o.remote != nil { // what was refused before may be taken now
		err = o.vault.Update(func(t *local.Tx) error { return t.Drop(keptStopped + string(s.stream())) })
	}
	return s, err
}

// stream is the one that this PC writes.
func (s *study) stream() wire.Stream {
	return wire.PracticeStream(s.o.Account().Doctor, s.o.station.store.Terminal())
}

// read reads the entries of all devices. Those that this program does not
// understand are left out.
func (s *study) read(t *local.Tx) error {
	s.entries = nil
	streams, err := t.Streams()
	if err != nil {
		return err
	}
	for _, stream := range streams {
		if stream.Kind() != wire.KindPractice {
			continue
		}
		if err := decoded(t, stream, 0, func(e wire.Entry) error {
			if p, err := e.Practice(); err == nil {
				s.entries = append(s.entries, p)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// run looks whenever it is woken, until quit.
func (s *study) run(quit <-chan struct{}) {
	defer close(s.done)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		select {
		case <-quit:
			cancel()
		case <-ctx.Done():
		}
	}()
	for {
		select {
		case <-quit:
			return
		case <-s.wake:
		}
		_ = s.look(ctx)
	}
}

// due wakes the look after a good round, where the last one failed or is old.
func (s *study) due() {
	s.mu.Lock()
	old := time.Since(s.looked) >= lookEvery
	s.mu.Unlock()
	if old && !s.o.Account().MustChange {
		select {
		case s.wake <- struct{}{}:
		default:
		}
	}
}

// look asks the registry for banks and for what other devices wrote.
func (s *study) look(ctx context.Context) error {
	s.looking.Lock()
	defer s.looking.Unlock()
	err := errors.Join(s.fetch(ctx), s.gather(ctx))
	s.mu.Lock()
	before, fetched := s.trouble, s.fetching
	s.trouble, s.fetching = "", false
	switch {
	case err == nil:
		s.looked = time.Now()
		s.shelf.Heard = s.o.station.clock.now()
	case ctx.Err() == nil:
		s.trouble = exam.SentenceOf(err)
	}
	differs := fetched || before != s.trouble
	s.mu.Unlock()
	if differs {
		s.o.changed()
	}
	return err
}

// fetch brings the list of open banks and those of them that are new or changed.
func (s *study) fetch(ctx context.Context) error {
	list, err := s.o.remote.Banks(ctx)
	if err != nil {
		return err
	}
	s.mu.Lock()
	known := s.shelf
	s.mu.Unlock()
	if known.Heard == 0 || !reflect.DeepEqual(known.List, list) {
		if err := s.keep(func(sh *shelf, _ *local.Tx) error {
			sh.List, sh.Heard = list, s.o.station.clock.now()
			return nil
		}); err != nil {
			return err
		}
	}
	var failed error
	for _, b := range list {
		if h, ok := known.here(b.ID); ok && h.Hash == b.Hash {
			continue
		}
		s.mu.Lock()
		s.fetching = true
		s.mu.Unlock()
		s.o.changed()
		body, err := s.o.remote.Bank(ctx, b)
		if err == nil {
			err = s.keep(func(sh *shelf, t *local.Tx) error {
				here := []wire.BankInfo{b}
				for _, h := range sh.Here {
					if h.ID != b.ID {
						here = append(here, h)
					}
				}
				sh.Here = here
				return t.KeepBank(b.ID, body)
			})
		}
		failed = errors.Join(failed, err) // one that fails keeps no other away
		if exam.KindOf(err) == exam.Unavailable {
			break
		}
	}
	return failed
}

// keep changes the shelf on disk and then in memory.
func (s *study) keep(f func(*shelf, *local.Tx) error) error {
	var next shelf
	err := s.o.vault.Update(func(t *local.Tx) error {
		next = shelf{}
		if _, err := t.Kept(keptShelf, &next); err != nil {
			return err
		}
		if err := f(&next, t); err != nil {
			return err
		}
		return t.Keep(keptShelf, next)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.shelf = next
	s.mu.Unlock()
	s.o.changed()
	return nil
}

// gather reads what the doctor's other devices wrote.
func (s *study) gather(ctx context.Context) error {
	heads, err := s.o.remote.Practice(ctx)
	if err != nil {
		return err
	}
	own := s.stream()
	fresh := false
	for _, h := range heads {
		if h.Stream == own || h.Seq == 0 || h.Stream.ID() != own.ID() || h.Stream.Kind() != wire.KindPractice {
			continue
		}
		var c local.Cursor
		if err := s.o.vault.View(func(t *local.Tx) (err error) { c, err = t.Cursor(h.Stream); return err }); err != nil {
			return err
		}
		if c.Head == h.Seq && c.Hash == h.Hash {
			continue
		}
		tail, from, err := s.o.tail(ctx, h.Stream, c.Head, c.Hash)
		if err != nil {
			return err
		}
		if err := s.o.vault.Update(func(t *local.Tx) error {
			if from == 0 {
				if err := t.Forget(h.Stream); err != nil {
					return err
				}
			}
			for _, raw := range tail.Entries {
				if err := t.Append(h.Stream, raw); err != nil {
					return err
				}
			}
			if tail.Receipt == nil {
				return nil
			}
			return t.Acknowledge(*tail.Receipt)
		}); err != nil {
			return err
		}
		fresh = true
	}
	if fresh {
		return s.reread()
	}
	return nil
}

// reread makes the progress anew from the disk.
func (s *study) reread() error {
	s.pen.Lock()
	defer s.pen.Unlock()
	return s.rereadPenned()
}

func (s *study) rereadPenned() error {
	var next study
	if err := s.o.vault.View(func(t *local.Tx) error { return next.read(t) }); err != nil {
		return err
	}
	s.mu.Lock()
	s.entries, s.progress = next.entries, practice.Fold(next.entries)
	s.mu.Unlock()
	s.o.changed()
	return nil
}

// conflicted brings this PC's stream and the registry's together: what the registry
// has comes first, and what it lacks is written anew behind it. Practice is a set,
// so nothing is lost and nothing is to be asked.
func (s *study) conflicted(ctx context.Context, stream wire.Stream) error {
	var c local.Cursor
	var hash wire.Hash
	if err := s.o.vault.View(func(t *local.Tx) (err error) {
		if c, err = t.Cursor(stream); err == nil {
			hash, err = t.HashAt(stream, c.Acked)
		}
		return err
	}); err != nil {
		return err
	}
	tail, from, err := s.o.tail(ctx, stream, c.Acked, hash)
	if err != nil {
		return err
	}
	s.pen.Lock()
	defer s.pen.Unlock()
	if err := s.o.vault.Update(func(t *local.Tx) error {
		mine, _, err := adopt(t, stream, from, *tail)
		if err != nil {
			return err
		}
		for _, raw := range mine {
			old, err := wire.Decode(raw)
			if err != nil {
				return err
			}
			if err := chain(t, old, old.Body); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return s.rereadPenned()
}

// refused stops the sending of this PC's practice until the next sign-in: it stays
// here whole, and counts here.
func (s *study) refused(stream wire.Stream, why error) error {
	if err := s.o.vault.Update(func(t *local.Tx) error { return t.Keep(keptStopped+string(stream), exam.SentenceOf(why)) }); err != nil {
		return err
	}
	s.o.tell(outcome{}, exam.SentenceOf(why))
	return s.o.load()
}

// Shelf is which banks there are and how far the doctor has come with those that
// lie here, from memory and disk alone.
func (o *Session) Shelf() (practice.Shelf, error) {
	s := o.study
	s.mu.Lock()
	sh, p := s.shelf, s.progress
	out := practice.Shelf{Heard: sh.Heard, Fetching: s.fetching, Trouble: s.trouble}
	s.mu.Unlock()
	list := sh.List
	for _, h := range sh.Here { // one that the registry has taken off its list stays usable
		listed := false
		for _, b := range list {
			listed = listed || b.ID == h.ID
		}
		if !listed {
			list = append(list[:len(list):len(list)], h)
		}
	}
	for _, b := range list {
		v := practice.Volume{ID: b.ID, Name: b.Name, Questions: b.Questions, Size: b.Size, Changed: b.Changed}
		if h, ok := sh.here(b.ID); ok {
			v.Here, v.Newer = true, h.Hash != b.Hash
			v.Name, v.Questions, v.Changed = h.Name, h.Questions, h.Changed
			bank, err := o.Bank(b.ID)
			if err != nil {
				v.Here = false
				if out.Trouble == "" {
					out.Trouble = exam.SentenceOf(err)
				}
			} else {
				v.Sum = p.Sum(bank)
				if r, err := o.Round(b.ID); err == nil {
					v.Round = &r
				} else if exam.KindOf(err) != exam.NotFound {
					return out, err
				}
			}
		}
		out.Banks = append(out.Banks, v)
	}
	return out, nil
}

// Bank is a bank that lies here, with its answers. The error is NotFound where it
// does not, Damaged where it cannot be read: then it is fetched anew.
func (o *Session) Bank(id paper.BankID) (paper.Bank, error) {
	s := o.study
	s.mu.Lock()
	h, ok := s.shelf.here(id)
	b, read := s.banks[h.Hash]
	s.mu.Unlock()
	if !ok {
		return b, exam.Errorf(exam.NotFound, "这个题库还没有下载到这台电脑")
	}
	if read {
		return b, nil
	}
	var body []byte
	err := o.vault.View(func(t *local.Tx) (err error) { body, err = t.Bank(id); return err })
	if err == nil && (body == nil || wire.BlobHashOf(body) != h.Hash) {
		err = damagedBank(nil)
	}
	if err == nil {
		b, err = paper.DecodeBank(body)
	}
	if err != nil {
		_ = s.keep(func(sh *shelf, _ *local.Tx) error {
			var rest []wire.BankInfo
			for _, x := range sh.Here {
				if x.ID != id {
					rest = append(rest, x)
				}
			}
			sh.Here = rest
			return nil
		})
		s.mu.Lock()
		s.looked = time.Time{}
		s.mu.Unlock()
		return paper.Bank{}, damagedBank(err)
	}
	s.mu.Lock()
	s.banks[h.Hash] = b
	s.mu.Unlock()
	return b, nil
}

func damagedBank(err error) error {
	return exam.Wrap(exam.Damaged, err, "这个题库在本机读不出来，练习记录都在；联网后会重新下载")
}

// Progress is how far the doctor has come, on all devices as far as is known here.
func (o *Session) Progress() practice.Progress {
	o.study.mu.Lock()
	defer o.study.mu.Unlock()
	return o.study.progress
}

// LookForBanks looks for new banks now. It needs the line.
func (o *Session) LookForBanks(ctx context.Context) error {
	if o.remote == nil {
		return offline()
	}
	return o.study.look(ctx)
}

// Round is the round under way with a bank, as it lies on disk. The error is
// NotFound where there is none.
func (o *Session) Round(id paper.BankID) (practice.Round, error) {
	b, err := o.Bank(id)
	if err != nil {
		return practice.Round{}, err
	}
	var r practice.Round
	var found bool
	err = o.vault.View(func(t *local.Tx) (err error) {
		found, err = t.Kept(keptRound+string(id), &r)
		return err
	})
	if err != nil {
		return r, err
	}
	r = r.Within(b)
	if !found || len(r.Questions) == 0 {
		return r, exam.Errorf(exam.NotFound, "没有未完成的练习")
	}
	return r, nil
}

// BeginRound draws a round and puts it in the place of the one under way, whose
// answers stay in the progress. The error is NotFound where there is nothing to draw.
func (o *Session) BeginRound(_ context.Context, id paper.BankID, mode practice.Mode) (practice.Round, error) {
	b, err := o.Bank(id)
	if err != nil {
		return practice.Round{}, err
	}
	var seed paper.Seed
	_, _ = rand.Read(seed[:]) // never fails
	r, err := practice.Draw(b, o.Progress(), mode, practice.RoundSize, seed, o.station.clock.now())
	if err != nil {
		return r, err
	}
	o.study.pen.Lock()
	defer o.study.pen.Unlock()
	return r, o.vault.Update(func(t *local.Tx) error { return t.Keep(keptRound+string(id), r) })
}

// ReviewRound is BeginRound with just these questions, such as those that were wrong.
func (o *Session) ReviewRound(_ context.Context, id paper.BankID, questions []paper.QuestionID) (practice.Round, error) {
	b, err := o.Bank(id)
	if err != nil {
		return practice.Round{}, err
	}
	r := practice.Round{Bank: id, Mode: practice.ModeMistakes, Began: o.station.clock.now(), Questions: questions}.Within(b)
	if len(r.Questions) == 0 {
		return r, exam.Errorf(exam.NotFound, "没有可以重做的题目")
	}
	o.study.pen.Lock()
	defer o.study.pen.Unlock()
	return r, o.vault.Update(func(t *local.Tx) error { return t.Keep(keptRound+string(id), r) })
}

// AnswerQuestion answers a question of the round under way. When it returns nil,
// the answer and the round are on this PC's disk, in one transaction. Errors:
// Refused (answered before), Invalid (no answer chosen), NotFound.
func (o *Session) AnswerQuestion(_ context.Context, id paper.BankID, q paper.QuestionID, a paper.Answer) (practice.Round, error) {
	return o.practise(id, func(b paper.Bank, r practice.Round) (practice.Round, practice.Act, practice.Body, error) {
		r, err := r.Answer(b, q, a)
		return r, practice.ActAnswered, practice.Body{Bank: id, Question: q, Answer: a, Right: r.Replies[q].Right, Mode: r.Mode}, err
	})
}

// RevealAnswer looks at the answer of a question that was not answered.
func (o *Session) RevealAnswer(_ context.Context, id paper.BankID, q paper.QuestionID) (practice.Round, error) {
	return o.practise(id, func(b paper.Bank, r practice.Round) (practice.Round, practice.Act, practice.Body, error) {
		r, err := r.Reveal(b, q)
		return r, "", practice.Body{}, err
	})
}

// MarkQuestion puts or takes the mark of a question in the round under way.
func (o *Session) MarkQuestion(_ context.Context, id paper.BankID, q paper.QuestionID, on bool) (practice.Round, error) {
	return o.practise(id, func(_ paper.Bank, r practice.Round) (practice.Round, practice.Act, practice.Body, error) {
		return r.Mark(q, on), "", practice.Body{}, nil
	})
}

// GoToQuestion remembers which question of the round is open.
func (o *Session) GoToQuestion(_ context.Context, id paper.BankID, place int) (practice.Round, error) {
	return o.practise(id, func(_ paper.Bank, r practice.Round) (practice.Round, practice.Act, practice.Body, error) {
		return r.Go(place), "", practice.Body{}, nil
	})
}

// practise changes the round under way and, with an act, writes an entry along.
func (o *Session) practise(id paper.BankID, f func(paper.Bank, practice.Round) (practice.Round, practice.Act, practice.Body, error)) (practice.Round, error) {
	b, err := o.Bank(id)
	if err != nil {
		return practice.Round{}, err
	}
	s := o.study
	s.pen.Lock()
	defer s.pen.Unlock()
	var r practice.Round
	var written *practice.Entry
	err = o.vault.Update(func(t *local.Tx) error {
		written = nil
		found, err := t.Kept(keptRound+string(id), &r)
		if err != nil {
			return err
		}
		if !found {
			return exam.Errorf(exam.NotFound, "没有未完成的练习")
		}
		var act practice.Act
		var body practice.Body
		if r, act, body, err = f(b, r.Within(b)); err != nil {
			return err
		}
		if act != "" {
			if written, err = s.write(t, act, body); err != nil {
				return err
			}
		}
		return t.Keep(keptRound+string(id), r)
	})
	if err != nil {
		return r, err
	}
	s.wrote(written)
	return r, nil
}

// StarQuestion puts a question among the favourites, or takes it from them.
func (o *Session) StarQuestion(_ context.Context, id paper.BankID, q paper.QuestionID, on bool) error {
	s := o.study
	s.pen.Lock()
	defer s.pen.Unlock()
	if o.Progress().Of(id, q).Starred == on {
		return nil
	}
	act := practice.ActUnstarred
	if on {
		act = practice.ActStarred
	}
	var written *practice.Entry
	if err := o.vault.Update(func(t *local.Tx) (err error) {
		written, err = s.write(t, act, practice.Body{Bank: id, Question: q})
		return err
	}); err != nil {
		return err
	}
	s.wrote(written)
	return nil
}

// write appends an entry to this PC's stream.
func (s *study) write(t *local.Tx, act practice.Act, body practice.Body) (*practice.Entry, error) {
	stream := s.stream()
	if !stream.Valid() {
		return nil, exam.Errorf(exam.Refused, "请先联网登录一次，再开始练习")
	}
	c, err := t.Cursor(stream)
	if err != nil {
		return nil, err
	}
	e, raw, err := wire.Next(stream, c.Head+1, c.Hash, s.o.station.clock.now(), s.o.station.store.Terminal(), string(act), body)
	if err != nil {
		return nil, err
	}
	p, err := e.Practice()
	if err != nil {
		return nil, err
	}
	return &p, t.Append(stream, raw)
}

// wrote takes an entry that is on disk into the progress, and sends it.
func (s *study) wrote(e *practice.Entry) {
	if e == nil {
		return
	}
	s.mu.Lock()
	s.entries = append(s.entries, *e)
	s.progress = practice.Fold(s.entries)
	s.mu.Unlock()
	_ = s.o.load()
	if s.o.box != nil {
		s.o.box.Wake()
	}
}
