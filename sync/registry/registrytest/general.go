package registrytest

import (
	"context"
	"testing"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/sync/registry"
	"dingkao/sync/registry/demo"
	"dingkao/sync/wire"
)

// Answer decides about one doctor as a member of staff.
func (r *Registry) Answer(t testing.TB, staff string, act application.Act, reason, doctor string) {
	t.Helper()
	r.decide(t, staff, act, reason, doctor)
}

// Proof is a picture that the doctor has uploaded.
func (r *Registry) Proof(t testing.TB, doctor string) exam.Blob {
	t.Helper()
	data := demo.Proof(places[doctor] + 40)
	b := exam.Blob{Hash: wire.BlobHashOf(data), Name: "合格证书.jpg", Size: len(data), Width: 620, Height: 877}
	must(t, r.PutBlob(context.Background(), r.Who(t, doctor), b.Hash, data))
	return b
}

// Sit puts a sitting into the dossier that came to so many right answers out of
// a hundred, sixty being enough: what the registry writes by rule when a paper
// is opened and handed in, without any paper.
func (r *Registry) Sit(t testing.TB, doctor string, id exam.SittingID, right int) {
	t.Helper()
	r.ByRule(t, doctor, application.ActExamBegun, application.Body{Sitting: id})
	r.Scored(t, doctor, id, right)
}

// Scored scores a sitting, for the first time or anew.
func (r *Registry) Scored(t testing.TB, doctor string, id exam.SittingID, right int) {
	t.Helper()
	r.ByRule(t, doctor, application.ActScored, application.Body{Sitting: id, Score: &application.Score{
		Right: right, Questions: 100, Points: paper.Points(right) * paper.Point, Most: 100 * paper.Point, PassMark: 60 * paper.Point,
		Digest: string(wire.HashOf([]byte{byte(right)})),
	}})
}

// ByRule writes to the review stream what no person decides.
func (r *Registry) ByRule(t testing.TB, doctor string, act application.Act, body application.Body) {
	t.Helper()
	ctx := context.Background()
	stream := wire.ReviewStream(r.Applications[doctor])
	must(t, r.Store.Update(ctx, func(tx registry.Tx) error {
		own, err := tx.Head(wire.ApplicationStream(r.Applications[doctor]))
		if err != nil {
			return err
		}
		head, err := tx.Head(stream)
		if err != nil {
			return err
		}
		now := exam.InstantOf(r.Clock.Now())
		body.On = own.Seq
		_, raw, err := wire.Next(stream, head.Seq+1, head.Hash, now, "test", string(act), body)
		if err != nil {
			return err
		}
		return tx.AppendEntry(registry.StoredEntry{Stream: stream, Seq: head.Seq + 1, Hash: wire.HashOf(raw), Received: now, Raw: raw})
	}))
	_, err := r.RebuildProjections(ctx) // folds it too: what cannot stand is found here
	must(t, err)
}
