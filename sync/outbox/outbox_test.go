package outbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/wire"
)

const stream = wire.Stream("application/a1")

var noLine = exam.Errorf(exam.Unavailable, "没有网络")

// memory is a shelf in memory, one stream.
type memory struct {
	mu      sync.Mutex // a test adds while the outbox reads
	entries [][]byte   // guarded by mu
	acked   int
	blobs   map[exam.BlobHash][]byte
	sent    map[exam.BlobHash]bool
	refused []string
	resolve func(m *memory) error
}

func (m *memory) add(form application.Form) {
	m.mu.Lock()
	defer m.mu.Unlock()
	prev := wire.Hash("")
	if n := len(m.entries); n > 0 {
		prev = wire.HashOf(m.entries[n-1])
	}
	_, raw, err := wire.Next(stream, uint64(len(m.entries)+1), prev, 1, "t", string(application.ActSaved), application.Body{Form: &form})
	if err != nil {
		panic(err)
	}
	m.entries = append(m.entries, raw)
}

func (m *memory) Next() ([][]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.entries[m.acked:]), nil
}

func (m *memory) Unsent(hs []exam.BlobHash) (list []exam.BlobHash, _ error) {
	for _, h := range hs {
		if m.blobs[h] != nil && !m.sent[h] {
			list = append(list, h)
		}
	}
	return list, nil
}
func (m *memory) Blob(h exam.BlobHash) ([]byte, error) { return m.blobs[h], nil }
func (m *memory) Sent(h exam.BlobHash) error           { m.sent[h] = true; return nil }
func (m *memory) Acknowledged(r wire.Receipt) error    { m.acked = max(m.acked, int(r.Seq)); return nil }
func (m *memory) Refused(entry []byte, why error) error {
	m.refused = append(m.refused, exam.SentenceOf(why))
	m.entries = m.entries[:m.acked]
	return nil
}
func (m *memory) Conflicted(context.Context, wire.Stream) error { return m.resolve(m) }

// line is a registry at the end of a line that may fail.
type line struct {
	log   []string
	held  [][]byte
	blobs map[exam.BlobHash]bool
	fail  func(what string) error
	began time.Time
}

func (l *line) say(what string) error {
	l.log = append(l.log, fmt.Sprintf("%v %s", time.Since(l.began).Round(time.Millisecond), what))
	if l.fail != nil {
		return l.fail(what)
	}
	return nil
}

func (l *line) PutBlob(_ context.Context, h exam.BlobHash, _ []byte) error {
	if err := l.say("blob"); err != nil {
		return err
	}
	l.blobs[h] = true
	return nil
}

func (l *line) Append(_ context.Context, entries [][]byte) (wire.Receipt, error) {
	if err := l.say(fmt.Sprintf("append %d", len(entries))); err != nil {
		return wire.Receipt{}, err
	}
	for _, raw := range entries {
		e, _ := wire.Decode(raw)
		hs, _ := named(raw)
		for _, h := range hs {
			if !l.blobs[h] {
				return wire.Receipt{}, exam.Errorf(exam.Invalid, "图片还没有送到")
			}
		}
		switch {
		case int(e.Seq) <= len(l.held):
			if !bytes.Equal(l.held[e.Seq-1], raw) {
				return wire.Receipt{}, exam.Errorf(exam.Conflict, "冲突")
			}
		case int(e.Seq) == len(l.held)+1:
			l.held = append(l.held, raw)
		default:
			return wire.Receipt{}, exam.Errorf(exam.Conflict, "有间隔")
		}
	}
	n := len(l.held)
	return wire.Receipt{Stream: stream, Seq: uint64(n), Head: wire.HashOf(l.held[n-1])}, nil
}

func both() (*memory, *line) {
	return &memory{blobs: map[exam.BlobHash][]byte{}, sent: map[exam.BlobHash]bool{}},
		&line{blobs: map[exam.BlobHash]bool{}, began: time.Now()}
}

func basic(mobile string) application.Form {
	return application.Form{Basic: &application.Basic{Mobile: mobile}}
}

func TestBlobsGoBeforeTheEntriesThatNameThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := both()
		photo, loose := []byte("photo"), []byte("picked, never saved")
		m.blobs[wire.BlobHashOf(photo)], m.blobs[wire.BlobHashOf(loose)] = photo, loose
		m.add(application.Form{Basic: &application.Basic{Photo: exam.Blob{Hash: wire.BlobHashOf(photo)}}})
		m.add(basic("1"))
		var polls atomic.Int32
		o := New(m, l, Options{Poll: func(context.Context) error { polls.Add(1); return nil }})
		o.Start()
		defer o.Stop()
		synctest.Wait()
		if got := strings.Join(l.log, ", "); got != "0s blob, 0s append 2" || m.acked != 2 || polls.Load() != 1 {
			t.Errorf("%s; acknowledged %d, polls %d", got, m.acked, polls.Load())
		}
		if l.blobs[wire.BlobHashOf(loose)] {
			t.Error("a blob that no entry names was sent")
		}
		// nothing to send: it asks every 15 seconds
		time.Sleep(61 * time.Second)
		if n := polls.Load(); n != 5 {
			t.Errorf("polls %d, want 5", n)
		}
		if len(l.log) != 2 {
			t.Errorf("sent again: %v", l.log)
		}
	})
}

func TestALongSilenceIsTriedAgainWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := both()
		m.add(basic("1"))
		var at []time.Duration
		l.fail = func(string) error { at = append(at, time.Since(l.began)); return noLine }
		o := New(m, l, Options{})
		o.Start()
		defer o.Stop()
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(at) < 60 || len(at) > 600 {
			t.Fatalf("%d attempts in an hour", len(at))
		}
		for i := 1; i < len(at); i++ {
			if d := at[i] - at[i-1]; d < time.Second || d > time.Minute {
				t.Errorf("attempt %d came after %v", i, d)
			}
		}
		var sum time.Duration
		for i := len(at) - 30; i < len(at); i++ {
			sum += at[i] - at[i-1]
		}
		if mean := sum / 30; mean < 15*time.Second || mean > 50*time.Second {
			t.Errorf("after long it waits %v on average", mean)
		}

		// a new entry wakes it at once
		before := len(at)
		l.fail = nil
		m.add(basic("2"))
		o.Wake()
		synctest.Wait()
		if m.acked != 2 || len(at) != before {
			t.Errorf("woken: acknowledged %d", m.acked)
		}
	})
}

func TestFlushBeginsAfterTheCallAndTellsTheTruth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := both()
		l.fail = func(string) error { time.Sleep(3 * time.Second); return nil } // a slow line
		m.add(basic("1"))
		o := New(m, l, Options{})
		o.Start()
		time.Sleep(time.Second) // in the middle of the first round
		m.add(basic("2"))
		if err := o.Flush(t.Context()); err != nil || m.acked != 2 {
			t.Errorf("%v, acknowledged %d", err, m.acked)
		}
		l.fail = func(string) error { return noLine }
		m.add(basic("3"))
		if err := o.Flush(t.Context()); exam.KindOf(err) != exam.Unavailable {
			t.Errorf("without a line: %v", err)
		}
		ran := false
		if err := o.Do(t.Context(), func(context.Context) error { ran = true; return nil }); err == nil || ran {
			t.Error("an errand ran after a failed round")
		}
		l.fail = nil
		if err := o.Do(t.Context(), func(context.Context) error { ran = true; return errors.New("of its own") }); err == nil || !ran {
			t.Errorf("an errand: %v", err)
		}
		// one who gives up waiting is told so; the entry goes all the same
		l.fail = func(string) error { time.Sleep(5 * time.Second); return nil }
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		m.add(basic("4"))
		if err := o.Flush(ctx); exam.KindOf(err) != exam.Unavailable {
			t.Errorf("gave up: %v", err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if m.acked != 4 {
			t.Errorf("acknowledged %d", m.acked)
		}
		o.Stop()
		o.Stop()
		if err := o.Flush(t.Context()); exam.KindOf(err) != exam.Unavailable {
			t.Errorf("after Stop: %v", err)
		}
	})
}

func TestDeliveringTwiceIsHarmless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := both()
		for i := range 10 {
			m.add(basic(fmt.Sprint(i)))
		}
		n := 0
		l.fail = func(string) error { n++; return nil }
		o := New(m, l, Options{})
		o.Start()
		synctest.Wait()
		m.acked = 3 // as after a crash before the receipt was on disk
		o.Wake()
		synctest.Wait()
		o.Stop()
		if m.acked != 10 || len(l.held) != 10 || n != 2 {
			t.Errorf("acknowledged %d, held %d, appends %d", m.acked, len(l.held), n)
		}
	})
}

func TestOneBadEntryIsFoundAmongMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := both()
		for i := range 5 {
			m.add(basic(fmt.Sprint(i)))
		}
		bad := m.entries[3]
		l.fail = func(what string) error {
			if what == "append 5" || len(l.held) == 3 && m.acked == 3 && slices.ContainsFunc(m.entries, func(e []byte) bool { return bytes.Equal(e, bad) }) {
				return exam.Errorf(exam.Refused, "不行")
			}
			return nil
		}
		o := New(m, l, Options{})
		o.Start()
		synctest.Wait()
		o.Stop()
		if len(m.refused) != 1 || m.acked != 3 {
			t.Errorf("refused %v, acknowledged %d; %v", m.refused, m.acked, l.log)
		}
	})
}

func TestAConflictIsHandedOnAndThenSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := both()
		theirs, _ := both()
		theirs.add(basic("theirs"))
		l.held = theirs.entries
		m.add(basic("mine"))
		m.resolve = func(m *memory) error {
			m.entries, m.acked = slices.Clone(l.held), 1
			m.add(basic("mine"))
			return nil
		}
		o := New(m, l, Options{})
		o.Start()
		synctest.Wait()
		if m.acked != 2 || len(l.held) != 2 {
			t.Errorf("acknowledged %d, held %d", m.acked, len(l.held))
		}
		// a conflict that never ends does not spin
		m.add(basic("x"))
		l.log = nil
		l.fail = func(string) error { return exam.Errorf(exam.Conflict, "又变了") }
		m.resolve = func(*memory) error { return nil }
		o.Wake()
		synctest.Wait()
		if len(l.log) != mostConflicts+1 {
			t.Errorf("%d appends in one round", len(l.log))
		}
		o.Stop()
	})
}

func TestAnEndedSessionIsNotTriedAgainUntilWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := both()
		m.add(basic("1"))
		l.fail = func(string) error { return exam.Errorf(exam.Unauthenticated, "请重新登录") }
		var last error
		o := New(m, l, Options{Done: func(err error) { last = err }})
		o.Start()
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if len(l.log) != 1 || exam.KindOf(last) != exam.Unauthenticated {
			t.Errorf("%v, %v", l.log, last)
		}
		o.Wake()
		synctest.Wait()
		if len(l.log) != 2 {
			t.Errorf("%v", l.log)
		}
		o.Stop()
	})
}

func TestTheRegistrysWishToWaitIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := both()
		m.add(basic("1"))
		l.fail = func(string) error { return exam.Errorf(exam.Throttled, "请稍候") }
		o := New(m, l, Options{Wait: func(error) time.Duration { return 40 * time.Second }})
		o.Start()
		synctest.Wait()
		for range 10 {
			time.Sleep(time.Second)
			o.Wake() // new entries do not break the quiet
		}
		synctest.Wait()
		if len(l.log) != 1 {
			t.Errorf("%v", l.log)
		}
		l.fail = nil
		if err := o.Flush(t.Context()); err != nil || m.acked != 1 { // a person does
			t.Errorf("%v", err)
		}
		o.Stop()
	})
}

func TestManyEntriesGoInBoundedPieces(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := both()
		for i := range 450 {
			m.add(basic(fmt.Sprint(i)))
		}
		o := New(m, l, Options{})
		o.Start()
		synctest.Wait()
		o.Stop()
		if got := strings.Join(l.log, ", "); got != "0s append 200, 0s append 200, 0s append 50" {
			t.Errorf("%s", got)
		}
	})
}
