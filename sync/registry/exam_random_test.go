package registry_test

import (
	"context"
	"flag"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	rt "dingkao/sync/registry/registrytest"
	"dingkao/sync/wire"
)

// Whatever a room does (work, orders, a line that fails, moves, restarts of the
// registry), the wall that the registry kept up step by step is the one that a
// rebuild from the streams gives, the dossier has the score that a recomputation
// gives, and what was acknowledged is there.
func TestTheRegistryAsItLivedIsTheRegistryAsItsStreamsTell(t *testing.T) {
	// Each room is a registry on a disk: a dozen of them is enough for every day, and
	// -rapid.checks=1000 asks for more.
	few := flag.Lookup("rapid.checks").Value.String() == flag.Lookup("rapid.checks").DefValue
	rooms := 0
	rapid.Check(t, func(rp *rapid.T) {
		if rooms++; rooms <= 12 || !few {
			room(t, rp)
		}
	})
}

// room is one room on one day.
func room(t *testing.T, rp *rapid.T) {
	ctx := context.Background()
	r := rt.Start(t)
	defer r.Stop()
	r.Clock.Set(r.Clock.Now())
	c := r.StartExam(t, rt.Doctor)
	proctor := r.Who(t, rt.Proctor)
	machine := 1
	var receipts []wire.Receipt
	send := func() {
		if len(c.Unsent) == 0 {
			return
		}
		n := rapid.IntRange(1, len(c.Unsent)).Draw(rp, "n")
		a, err := r.Registry().Append(ctx, c.Who, c.Unsent[:n])
		if err != nil {
			if k := exam.KindOf(err); k != exam.Refused && k != exam.Conflict {
				t.Fatalf("append: %v", err)
			}
			return
		}
		receipts = append(receipts, a.Receipt)
		if rapid.IntRange(0, 3).Draw(rp, "lost") > 0 { // else the answer is lost, and all of it is sent again
			c.Unsent = slices.Clone(c.Unsent[n:])
		}
	}
	order := func(act sitting.Act) sitting.Outcome {
		cmd := sitting.Command{Act: act, Text: "理由", Sittings: []sitting.Target{{Sitting: c.Seat.Sitting}}}
		if act == sitting.ActExtra {
			cmd.Extra = sitting.Minute
		}
		outs, err := r.Command(ctx, proctor, cmd)
		if err != nil {
			t.Fatal(err)
		}
		if k := outs[0].Kind; k != "" && k != exam.Refused {
			t.Fatalf("%s: %+v", act, outs[0])
		}
		return outs[0]
	}
	steps := rapid.IntRange(5, 40).Draw(rp, "steps")
	for range steps {
		r.Clock.Advance(time.Duration(rapid.IntRange(0, 120).Draw(rp, "seconds")) * time.Second)
		allows := func(a sitting.Act) bool {
			return c.Seat.Epoch == c.Sitting.Epoch && c.Sitting.State != sitting.Terminated && c.Sitting.Allows(a, exam.RoleDoctor)
		}
		switch rapid.IntRange(0, 13).Draw(rp, "step") {
		case 0, 1, 2, 3:
			switch v := c.Sitting.View(c.Reading()); {
			case c.Sitting.State == sitting.Ready && c.Seat.Epoch == c.Sitting.Epoch:
				if _, err := r.Key(ctx, c.Who, c.Seat.Sitting, wire.KeyRequest{Terminal: c.Terminal, Epoch: c.Seat.Epoch}); err != nil {
					if exam.KindOf(err) != exam.Refused { // ended or moved meanwhile
						t.Fatal(err)
					}
					break
				}
				c.Write(t, sitting.ActOpened, sitting.Body{})
			case v.Resume && allows(sitting.ActResumed):
				c.Write(t, sitting.ActResumed, sitting.Body{})
			case v.Over && allows(sitting.ActSealed), allows(sitting.ActSealed) && rapid.IntRange(0, 15).Draw(rp, "hand in") == 0:
				c.HandIn(t)
			case allows(sitting.ActAnswered):
				a := paper.Only(rapid.IntRange(0, 3).Draw(rp, "option"))
				c.Write(t, sitting.ActAnswered, sitting.Body{Question: rapid.SampledFrom(c.Sitting.Terms.Questions).Draw(rp, "q"), Answer: &a})
			}
		case 4, 5, 6:
			send()
		case 7:
			if len(c.Unsent) == 0 {
				c.Look(t)
			}
		case 8:
			order(rapid.SampledFrom([]sitting.Act{sitting.ActPause, sitting.ActResume, sitting.ActResume}).Draw(rp, "order"))
		case 9:
			order(rapid.SampledFrom([]sitting.Act{sitting.ActMessage, sitting.ActExtra, sitting.ActVouched, sitting.ActStart}).Draw(rp, "order"))
		case 10:
			if out := order(sitting.ActMove); out.Code != "" {
				machine++
				name := "t" + string(rune('0'+machine%10))
				if _, err := r.Registry().CheckIn(ctx, c.Who, wire.CheckIn{Terminal: name, Name: name, Code: out.Code}); err != nil {
					t.Fatal(err)
				}
				c = r.Candidate(t, rt.Doctor, name)
			}
		case 11:
			if rapid.IntRange(0, 5).Draw(rp, "end") == 0 {
				order(rapid.SampledFrom([]sitting.Act{sitting.ActTerminated, sitting.ActAbsent}).Draw(rp, "order"))
			}
		case 12:
			if rapid.IntRange(0, 3).Draw(rp, "long") == 0 {
				r.Clock.Advance(30 * time.Minute)
			}
			if _, err := r.Collect(ctx); err != nil {
				t.Fatal(err)
			}
		case 13:
			if rapid.IntRange(0, 3).Draw(rp, "crash") == 0 {
				r.Restart(t)
			}
		}
	}
	rebuilt(t, r)
	for _, rec := range receipts {
		if got := firstEntries(t, r, c.Seat.Sitting, rec.Stream.Epoch()); uint64(len(got)) < rec.Seq || wire.HashOf(got[rec.Seq-1]) != rec.Head {
			t.Fatalf("acknowledged and not there: %+v", rec)
		}
	}
	d := r.Enrolment(t, rt.Doctor).Dossier
	if a := d.Attempt(); a != nil && a.Score != nil {
		out, err := r.Rescore(ctx, c.Seat.Sitting, nil, false)
		if err != nil || !out.Same {
			t.Fatalf("recomputed: %+v %v", out, err)
		}
	}
	row, err := r.Wall(ctx, proctor, sitting.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if end := row.Rows[0].State == sitting.HandedIn; end != (d.State == application.AwaitingResult) && row.Rows[0].State != sitting.Terminated {
		t.Fatalf("the wall says %s, the dossier %s", row.Rows[0].State, d.State)
	}
}
