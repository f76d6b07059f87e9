package registry_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/registry"
	rt "dingkao/sync/registry/registrytest"
	"dingkao/sync/wire"
)

// breaking is a store that loses every transaction which writes to one stream.
type breaking struct {
	registry.Store
	stream wire.Stream
}

type breakingTx struct {
	registry.Tx
	stream wire.Stream
}

func (b *breaking) Update(ctx context.Context, f func(registry.Tx) error) error {
	return b.Store.Update(ctx, func(tx registry.Tx) error { return f(breakingTx{tx, b.stream}) })
}

func (b breakingTx) AppendEntry(e registry.StoredEntry) error {
	if e.Stream == b.stream {
		return errors.New("the disk is full, for this one")
	}
	return b.Tx.AppendEntry(e)
}

// One delivery at a time, from several terminals at once, beside others that are
// refused and one whose transaction fails: whoever is acknowledged is stored,
// and nobody pays for another.
func TestWhatIsCommittedTogetherDoesNotHarmEachOther(t *testing.T) {
	examBoth(t, func(t *testing.T, r *rt.Registry) {
		ctx := context.Background()
		const answers = 30
		one, two := r.StartExam(t, rt.Doctor), r.StartExam(t, rt.OtherDoctor)
		third := r.StartExam(t, rt.NewDoctor)
		for _, c := range []*rt.Candidate{one, two, third} {
			c.Open(t)
			c.Send(t)
			for i := range answers {
				c.Answer(t, i%10, paper.Only(i%4))
			}
		}
		reg, err := r.With(ctx, func(o *registry.Options) {
			o.Store = &breaking{o.Store, wire.SittingStream(third.Seat.Sitting, 1)}
		})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		done := make(chan struct{})
		for _, c := range []*rt.Candidate{one, two} {
			wg.Go(func() {
				for i, raw := range c.Unsent {
					a, err := reg.Append(ctx, c.Who, []json.RawMessage{raw})
					if err != nil || a.Receipt.Seq != uint64(i+2) {
						t.Errorf("answer %d: %+v, %v", i, a.Receipt, err)
						return
					}
				}
			})
		}
		var noise sync.WaitGroup
		for n := range 4 {
			noise.Go(func() {
				for i := 0; ; i++ {
					select {
					case <-done:
						return
					default:
					}
					who, want := third.Who, exam.Kind(exam.Internal)
					raws := third.Unsent[:1]
					switch (i + n) % 3 {
					case 1: // not this doctor's
						who, want = one.Who, exam.Forbidden
					case 2: // a gap
						raws, want = third.Unsent[2:3], exam.Conflict
					}
					if _, err := reg.Append(ctx, who, raws); exam.KindOf(err) != want {
						t.Errorf("got %v, want %s", err, want)
						return
					}
				}
			})
		}
		wg.Wait()
		close(done)
		noise.Wait()
		for _, c := range []*rt.Candidate{one, two} {
			if got := firstEntries(t, r, c.Seat.Sitting, 1); len(got) != answers+1 {
				t.Errorf("%d entries are stored", len(got))
			}
		}
		if got := firstEntries(t, r, third.Seat.Sitting, 1); len(got) != 1 {
			t.Errorf("%d entries of a transaction that failed are stored", len(got))
		}
		third.Send(t)
		rebuilt(t, r)
	})
}

// A candidate who hangs up while the answers of others are committed with it
// takes none of them along.
func TestWhoHangsUpTakesNobodyAlong(t *testing.T) {
	r := rt.Start(t)
	c := r.StartExam(t, rt.Doctor)
	c.Open(t)
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := r.Registry().Append(gone, c.Who, c.Unsent); err != nil {
		t.Errorf("what had arrived was not stored: %v", err)
	}
	c.Unsent = nil
	c.Write(t, sitting.ActMarked, sitting.Body{Question: c.Sitting.Terms.Questions[0], Marked: ptr(true)})
	c.Send(t)
}
