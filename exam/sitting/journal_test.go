package sitting

import (
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dingkao/exam"
)

// A journal's lines, taken one after the other, make the sitting that the fold makes:
// what is read from top to bottom is what counts, and nothing is left out.
func TestTheLinesOfAJournalTellTheFold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := started()
		for _, s := range draw(t, append(slices.Clone(everything), "seal", "terminated"), 5*Minute) {
			r.play(s)
		}
		r.end()
		if r.err != nil {
			t.Fatal(r.err)
		}
		// What the terminals that lost the epoch still had is on the table too.
		j := Journal{Epochs: slices.Clone(r.epochs), Orders: r.orders}
		for _, p := range r.old {
			j.Epochs[p.epoch-1] = p.epochs[p.epoch-1]
		}
		want, err := j.Fold()
		if err != nil {
			t.Fatal(err)
		}
		fenced := map[[2]uint64]bool{}
		for _, u := range want.Uncounted {
			if u.Why == Fenced {
				fenced[[2]uint64{uint64(u.Epoch), u.Seq}] = true
			}
		}
		lines := j.Lines()
		n := len(j.Orders)
		for _, own := range j.Epochs {
			n += len(own)
		}
		if len(lines) != n {
			t.Fatalf("%d lines of %d entries", len(lines), n)
		}
		s := New()
		for _, e := range lines {
			if e.Epoch != 0 && fenced[[2]uint64{uint64(e.Epoch), e.Seq}] {
				continue
			}
			if s, err = s.Apply(e); err != nil {
				t.Fatalf("%s %d/%d: %v", e.Act, e.Epoch, e.Seq, err)
			}
		}
		s.Uncounted, want.Uncounted = nil, nil
		if !reflect.DeepEqual(s, want) {
			t.Fatalf("the lines make\n%+v\nthe fold\n%+v", s, want)
		}
	})
}

func TestAReceiptTellsReadFromObeyed(t *testing.T) {
	r := newRig()
	r.order(ActStart)
	if got := (Journal{Orders: r.orders}).Receipts(); len(got) != 1 || got[0].Read != nil || got[0].Obeyed != nil {
		t.Fatalf("a start that nobody has read: %+v", got)
	}
	r.sit("pc1")
	r.pass(10 * Minute)
	r.do(ActOpened)
	r.line(false)
	r.order(ActPause)
	pending := Journal{Epochs: r.epochs, Orders: r.orders}.Receipts()
	if pending[0].Obeyed == nil || pending[0].Obeyed.Act != ActOpened || pending[1].Read != nil {
		t.Fatalf("opened, and a pause on its way: %+v", pending)
	}
	r.line(true)
	if r.err != nil {
		t.Fatal(r.err)
	}
	r.pass(Second)
	if !slices.ContainsFunc(r.epochs[0], func(e Entry) bool { return e.Act == ActObeyed }) {
		r.do(ActObeyed)
	}
	got := Journal{Epochs: r.epochs, Orders: r.orders}.Receipts()
	if got[1].Read == nil || got[1].Obeyed == nil || got[1].Obeyed.Orders != 2 || got[1].Obeyed.Act != ActObeyed {
		t.Fatalf("an obeyed pause: %+v", got[1])
	}
	// What the old terminal says is no answer to the order that took the epoch from it.
	r.order(ActMove)
	move := r.orders[2]
	old := Entry{Epoch: 1, Seq: 9, Act: ActObeyed, Body: Body{Orders: 3}}
	fresh := Entry{Epoch: 2, Seq: 1, Act: ActResumed, Body: Body{Orders: 3}}
	list := Journal{Epochs: [][]Entry{{old}, {fresh}}, Orders: []Entry{move}}.Receipts()
	if move.Act != ActMove || list[0].Read == nil || list[0].Read.Epoch != 2 || list[0].Obeyed == nil {
		t.Fatalf("a move: %+v", list[0])
	}
}

func TestAJournalWithoutAnyEntryIsASittingThatWaits(t *testing.T) {
	var j Journal
	s, err := j.Fold()
	if err != nil || s.State != Waiting || len(j.Lines()) != 0 || len(j.Receipts()) != 0 {
		t.Fatal(s.State, err)
	}
	if !s.Allows(ActStart, exam.RoleProctor) {
		t.Error("it cannot be started")
	}
}
