package registry_test

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/registry"
	"dingkao/sync/wire"
)

// Whatever doctors and reviewers do in whatever order, allowed or not: both
// ends fold the same dossier, the queue shows what a rebuild would, no kind of
// error is ours, and the audit is clean.
func TestAnyOrderOfActsLeavesOneTruth(t *testing.T) {
	all := map[string]int{}
	for seed := range uint64(4) {
		w := sqlite(t)
		r := rand.New(rand.NewPCG(seed, 1))
		inst, ass, auth := w.as("14", "inst1"), w.as("14", "ass1"), w.as("14", "auth")
		var ds []*terminal
		for i := range 2 {
			d := w.doctor(i)
			_, pictures := form(byte(i))
			for _, p := range pictures {
				w.must(w.PutBlob(w.ctx, d.who, wire.BlobHashOf(p), p))
			}
			ds = append(ds, d)
		}
		fine := func(err error) {
			t.Helper()
			switch exam.KindOf(err) {
			case "", exam.Refused, exam.Conflict, exam.Forbidden, exam.Invalid:
			default:
				t.Fatalf("seed %d: %v", seed, err)
			}
		}
		done := map[string]int{}
		for range 300 {
			i := r.IntN(2)
			d := ds[i]
			f, _ := form(byte(i))
			target := d.target()
			if r.IntN(10) == 0 {
				target.On = uint64(r.IntN(3))
			}
			switch n := r.IntN(14); n {
			case 0, 1, 2, 3, 4, 5:
				act := []application.Act{application.ActSaved, application.ActSubmitted, application.ActSubmitted, application.ActWithdrawn, application.ActCorrectionAsked, application.ActSaved}[n]
				var body application.Body
				if act == application.ActSaved {
					body.Form = &f
				}
				if act == application.ActCorrectionAsked {
					f.Choice, f.Basic.Mobile = nil, "13900000000"
					body.Form, body.Reason = &f, "换了手机"
				}
				_, err := d.write(act, body)
				fine(err)
				if err == nil {
					done[string(act)]++
				}
			case 13:
				outs, err := w.Issue(w.ctx, auth, []application.Target{target})
				w.must(err)
				fine(outcomeErr(outs[0]))
				if outs[0].Kind == "" {
					done["issued"]++
					if r.IntN(2) == 0 {
						w.must(w.Revoke(w.ctx, auth, outs[0].Serial, "试"))
						done["revoked"]++
					}
				}
			default:
				acts := []application.Act{application.ActIncluded, application.ActTakenUp, application.ActApproved, application.ActReturned,
					application.ActCorrectionGranted, application.ActCorrectionRefused, application.ActApproved}
				act := acts[n-6]
				who := []registry.Session{inst, ass}[r.IntN(2)]
				outs, err := w.Decide(w.ctx, who, application.Decision{Act: act, Reason: "理由", Targets: []application.Target{target}})
				if exam.KindOf(err) == exam.Forbidden {
					continue
				}
				w.must(err)
				fine(outcomeErr(outs[0]))
				if outs[0].Kind == "" {
					done[string(act)]++
				}
			}
		}
		for _, d := range ds {
			e, err := w.Enrolment(w.ctx, d.who)
			w.must(err)
			own, review := d.fold(wire.ApplicationStream(d.id)), d.fold(wire.ReviewStream(d.id))
			folded, err := application.Fold(own, review)
			w.must(err)
			a, _ := json.Marshal(folded)
			b, _ := json.Marshal(e.Dossier)
			if string(a) != string(b) || folded.OwnSeq != d.seq {
				t.Errorf("seed %d: the terminal folds\n%s\nthe registry\n%s", seed, a, b)
			}
		}
		before := w.rows()
		_, err := w.RebuildProjections(w.ctx)
		w.must(err)
		if after := w.rows(); before != after {
			t.Errorf("seed %d: live\n%s\nrebuilt\n%s", seed, before, after)
		}
		rep, err := w.AuditVerify(w.ctx)
		w.must(err)
		if !rep.Clean {
			t.Errorf("seed %d: %+v", seed, rep)
		}
		for act, n := range done {
			all[act] += n
		}
	}
	// A walk that goes nowhere shows nothing.
	for _, act := range []application.Act{application.ActSaved, application.ActSubmitted, application.ActWithdrawn, application.ActCorrectionAsked, application.ActIncluded,
		application.ActTakenUp, application.ActApproved, application.ActReturned, application.ActCorrectionGranted, "issued", "revoked"} {
		if all[string(act)] == 0 {
			t.Errorf("no %s among %v", act, all)
		}
	}
}

func outcomeErr(o application.Outcome) error {
	if o.Kind == "" {
		return nil
	}
	return exam.Errorf(o.Kind, "%s", o.Sentence)
}

// fold reads a stream as its doctor's terminal does.
func (d *terminal) fold(stream wire.Stream) []application.Entry {
	d.t.Helper()
	tail, err := d.Tail(d.ctx, d.who, stream, 0)
	d.must(err)
	var es []application.Entry
	var prev wire.Hash
	for _, raw := range tail.Entries {
		e, err := wire.Decode(raw)
		d.must(err)
		if e.Prev != prev {
			d.t.Fatalf("%s %d does not follow", stream, e.Seq)
		}
		prev = wire.HashOf(raw)
		a, err := e.Application()
		d.must(err)
		es = append(es, a)
	}
	return es
}

func TestAFolderOfBlobsKeepsWholeFilesOrNone(t *testing.T) {
	root := t.TempDir()
	b, err := registry.FolderBlobs(root)
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	data := []byte("一张图片")
	hash := wire.BlobHashOf(data)
	if err := b.Put(ctx, wire.BlobHashOf([]byte("x")), data); exam.KindOf(err) != exam.Invalid {
		t.Errorf("under another's name: %v", err)
	}
	if err := b.Put(ctx, exam.BlobHash("../../etc/passwd"), data); exam.KindOf(err) != exam.Invalid {
		t.Errorf("outside the folder: %v", err)
	}
	if _, err := b.Get(ctx, hash); exam.KindOf(err) != exam.NotFound {
		t.Errorf("before: %v", err)
	}
	for range 2 {
		if err := b.Put(ctx, hash, data); err != nil {
			t.Fatal(err)
		}
	}
	got, err := b.Get(ctx, hash)
	if err != nil || !reflect.DeepEqual(got, data) {
		t.Errorf("%q %v", got, err)
	}
	path := filepath.Join(root, string(hash[:2]), string(hash))
	if err := os.WriteFile(path, []byte(strings.Repeat("z", len(data))), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Get(ctx, hash); exam.KindOf(err) != exam.Damaged {
		t.Errorf("damaged: %v", err)
	}
	if err := b.Put(ctx, hash, data); err != nil { // storing it again mends it
		t.Fatal(err)
	}
	if _, err := b.Get(ctx, hash); err != nil {
		t.Errorf("mended: %v", err)
	}
	names, err := filepath.Glob(filepath.Join(root, "*", ".*"))
	if err != nil || len(names) != 0 {
		t.Errorf("left behind: %v %v", names, err)
	}
	for range 2 {
		if err := b.Delete(ctx, hash); err != nil {
			t.Fatal(err)
		}
	}
	if has, err := b.Has(ctx, hash); has || err != nil {
		t.Error(has, err)
	}
}
