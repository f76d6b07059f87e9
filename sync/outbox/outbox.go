// Package outbox decides what a terminal sends next and when it tries again. It
// keeps no queue of its own: what is to be sent is what lies on the terminal's
// disk behind the registry's last receipt ([Shelf]), so nothing can be lost
// between two queues, and delivering twice is harmless, because stream and
// sequence number name an entry.
//
// One goroutine does everything, in rounds: send every tail (first the blobs
// that its entries name), then ask what is new, then run what somebody waits
// for. A failed round is tried again after 1 to 60 seconds, the bound doubling
// and the moment drawn by lot, so that a room full of terminals does not knock
// at once; a new entry or a person wakes it before that.
//
// This is the only place where anything is tried again.
package outbox

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"dingkao/exam"
	"dingkao/sync/wire"
)

// Shelf is what lies on this PC without a receipt. Its methods are called from
// the outbox's goroutine alone.
type Shelf interface {
	// Next is the next tail to send: entries of one stream behind its last
	// receipt, in order. Empty: there is nothing.
	Next() ([][]byte, error)
	// Unsent are those of the blobs that lie here and that the registry does not
	// have, as far as is known.
	Unsent(hashes []exam.BlobHash) ([]exam.BlobHash, error)
	// Blob is a blob's bytes.
	Blob(h exam.BlobHash) ([]byte, error)
	// Sent notes that the registry has the blob.
	Sent(h exam.BlobHash) error
	// Acknowledged notes a receipt.
	Acknowledged(r wire.Receipt) error
	// Refused takes an entry out that the registry will never accept; why says
	// so. Afterwards Next must not hand it out again.
	Refused(entry []byte, why error) error
	// Conflicted brings the stream and the registry's together, after an append
	// found another head there.
	Conflicted(ctx context.Context, stream wire.Stream) error
}

// Carrier is the line (sync/client has it).
type Carrier interface {
	PutBlob(ctx context.Context, h exam.BlobHash, data []byte) error
	Append(ctx context.Context, entries [][]byte) (wire.Receipt, error)
}

// Options are how an Outbox behaves. The zero value is useful.
type Options struct {
	// Poll asks the registry what is new, at the end of each round.
	Poll func(ctx context.Context) error
	// Every is the time between two rounds while all is well; 0: 15 seconds.
	Every time.Duration
	// Done is told how each round ended, from the outbox's goroutine, before
	// those who wait for the round are.
	Done func(err error)
	// Wait is how long the registry asked to wait with an error; nil: never.
	Wait func(err error) time.Duration
}

// Bounds of one append.
const (
	mostBytes     = 4 << 20
	mostConflicts = 8 // in one round
	leastWait     = time.Second
	mostWait      = time.Minute
)

// Outbox sends. New makes one, Start starts its goroutine, Stop ends it.
type Outbox struct {
	shelf   Shelf
	carrier Carrier
	opt     Options

	wake chan struct{} // holds at most one

	mu      sync.Mutex
	waiting []*request // for the next round
	started bool
	stopped bool
	cancel  context.CancelFunc
	done    chan struct{} // closed when the goroutine has ended
}

type request struct {
	ctx    context.Context
	errand func(ctx context.Context) error
	result chan error // holds one
}

// New makes an outbox that does not run yet.
func New(shelf Shelf, carrier Carrier, opt Options) *Outbox {
	if opt.Every <= 0 {
		opt.Every = 15 * time.Second
	}
	return &Outbox{shelf: shelf, carrier: carrier, opt: opt, wake: make(chan struct{}, 1), done: make(chan struct{})}
}

// Start starts it; a second call does nothing.
func (o *Outbox) Start() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.started || o.stopped {
		return
	}
	o.started = true
	ctx, cancel := context.WithCancel(context.Background())
	o.cancel = cancel
	go o.loop(ctx)
}

// Stop ends it and waits for that: nothing is sent afterwards. It may be called
// more than once, by anyone but the outbox's own goroutine.
func (o *Outbox) Stop() {
	o.mu.Lock()
	o.stopped = true
	if !o.started {
		o.mu.Unlock()
		return
	}
	o.mu.Unlock()
	o.cancel()
	<-o.done
}

// Wake says that there is something new to send. It never blocks.
func (o *Outbox) Wake() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// Flush asks for a round now and waits for its end. The round begins after the
// call, so everything appended before it is sent when Flush returns nil.
func (o *Outbox) Flush(ctx context.Context) error { return o.Do(ctx, nil) }

// Do is Flush, with something to be done at the end of the round, in the
// outbox's goroutine: when errand runs, everything is sent and what is new is
// known, and nobody else sends. It does not run where the round failed.
func (o *Outbox) Do(ctx context.Context, errand func(ctx context.Context) error) error {
	r := &request{ctx: ctx, errand: errand, result: make(chan error, 1)}
	o.mu.Lock()
	if o.stopped || !o.started {
		o.mu.Unlock()
		return ended(nil)
	}
	o.waiting = append(o.waiting, r)
	o.mu.Unlock()
	o.Wake()
	select {
	case err := <-r.result:
		return err
	case <-ctx.Done():
		return ended(ctx.Err())
	}
}

func ended(err error) error {
	return exam.Wrap(exam.Unavailable, err, "还没有送到登记处；内容已保存在本机，连上后会自动送出")
}

func (o *Outbox) loop(ctx context.Context) {
	defer close(o.done)
	failures := 0
	timer := time.NewTimer(0)
	defer timer.Stop()
	var notBefore time.Time // the registry asked for quiet until then
	for {
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-o.wake:
			if rest := time.Until(notBefore); rest > 0 && !o.asked() {
				timer.Reset(rest)
				continue
			}
		}
		if ctx.Err() != nil {
			break
		}
		rs := o.take()
		err := o.round(ctx)
		results := make([]error, len(rs))
		for i, r := range rs {
			results[i] = o.answer(ctx, r, err)
		}
		if o.opt.Done != nil {
			o.opt.Done(err)
		}
		for i, r := range rs { // last, so that whoever waited sees what Done made of it
			r.result <- results[i]
		}
		notBefore = time.Time{}
		switch {
		case err == nil:
			failures = 0
			timer.Reset(o.opt.Every)
		case exam.KindOf(err) == exam.Unauthenticated:
			// Trying again cannot help; somebody has to sign in.
			timer.Stop()
		default:
			failures++
			wait := backoff(failures)
			if o.opt.Wait != nil {
				if asked := o.opt.Wait(err); asked > 0 {
					wait = max(wait, asked)
					notBefore = time.Now().Add(asked)
				}
			}
			timer.Reset(wait)
		}
	}
	for _, r := range o.take() {
		r.result <- ended(ctx.Err())
	}
}

// backoff is how long to wait after so many failures in a row.
func backoff(failures int) time.Duration {
	bound := mostWait
	if failures < 7 {
		bound = min(mostWait, leastWait<<failures)
	}
	return leastWait + rand.N(bound-leastWait+1)
}

func (o *Outbox) asked() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.waiting) > 0
}

func (o *Outbox) take() []*request {
	o.mu.Lock()
	defer o.mu.Unlock()
	rs := o.waiting
	o.waiting = nil
	return rs
}

func (o *Outbox) answer(ctx context.Context, r *request, err error) error {
	switch {
	case err != nil || r.errand == nil:
		return err
	case r.ctx.Err() != nil: // nobody waits for it any more
		return ended(r.ctx.Err())
	}
	return r.errand(ctx)
}

// round sends everything and asks what is new.
func (o *Outbox) round(ctx context.Context) error {
	most, conflicts := wire.MostAppend, 0
	for ctx.Err() == nil {
		tail, err := o.shelf.Next()
		if err != nil {
			return err
		}
		if len(tail) == 0 {
			break
		}
		tail = bounded(tail, most)
		err = o.send(ctx, tail)
		switch exam.KindOf(err) {
		case "":
		case exam.Conflict:
			if conflicts++; conflicts > mostConflicts {
				return err
			}
			e, derr := wire.Decode(tail[0])
			if derr != nil {
				return derr
			}
			if err := o.shelf.Conflicted(ctx, e.Stream); err != nil {
				return err
			}
		case exam.Invalid, exam.Refused, exam.TooLarge, exam.Forbidden, exam.NotFound:
			if len(tail) > 1 { // which one is it?
				most = 1
				continue
			}
			if err := o.shelf.Refused(tail[0], err); err != nil {
				return err
			}
		default:
			return err
		}
	}
	if ctx.Err() != nil {
		return ended(ctx.Err())
	}
	if o.opt.Poll != nil {
		return o.opt.Poll(ctx)
	}
	return nil
}

// bounded is the beginning of the tail that fits one append: always at least
// one entry.
func bounded(tail [][]byte, most int) [][]byte {
	size := 0
	for i, raw := range tail {
		if size += len(raw); i > 0 && (i >= most || size > mostBytes) {
			return tail[:i]
		}
	}
	return tail
}

// send sends the blobs that the entries name, then the entries.
func (o *Outbox) send(ctx context.Context, tail [][]byte) error {
	for _, raw := range tail {
		hashes, err := named(raw)
		if err != nil {
			return err
		}
		unsent, err := o.shelf.Unsent(hashes)
		if err != nil {
			return err
		}
		for _, h := range unsent {
			data, err := o.shelf.Blob(h)
			if err != nil {
				return err
			}
			if err := o.carrier.PutBlob(ctx, h, data); err != nil {
				return err
			}
			if err := o.shelf.Sent(h); err != nil {
				return err
			}
		}
	}
	r, err := o.carrier.Append(ctx, tail)
	if err != nil {
		return err
	}
	return o.shelf.Acknowledged(r)
}

// named are the blobs that an entry names.
func named(raw []byte) ([]exam.BlobHash, error) {
	e, err := wire.Decode(raw)
	if err != nil {
		return nil, err
	}
	if e.Stream.Kind() != wire.KindApplication {
		return nil, nil
	}
	a, err := e.Application()
	if err != nil {
		return nil, err
	}
	return a.Blobs(), nil
}
