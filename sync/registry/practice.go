package registry

import (
	"context"
	"encoding/json"
	"errors"

	"dingkao/exam"
	"dingkao/sync/wire"
)

// mostPractised bounds the entries of one device's stream: some sixty a day for
// ten years.
const mostPractised = 200_000

// practised says whether what was sent belongs to a practice stream. What cannot
// be read is no one's, and refused where entries are read.
func practised(raws []json.RawMessage) bool {
	if len(raws) == 0 {
		return false
	}
	e, err := wire.Decode(raws[0])
	return err == nil && e.Stream.Kind() == wire.KindPractice
}

// appendPractice takes in what a doctor practised on one device. Nothing is judged:
// the entries must only be whole, and their writer's own.
func (r *Registry) appendPractice(ctx context.Context, who Session, raws []json.RawMessage) (wire.Appended, error) {
	none := wire.Appended{}
	if len(raws) > wire.MostAppend {
		return none, exam.Errorf(exam.TooLarge, "一次最多送出%d条记录", wire.MostAppend)
	}
	stored := make([]StoredEntry, len(raws))
	for i, raw := range raws {
		e, err := wire.Decode(raw)
		if err != nil {
			return none, err
		}
		s := StoredEntry{Stream: e.Stream, Seq: e.Seq, Hash: wire.HashOf(raw), Raw: raw}
		if i > 0 && (s.Stream != stored[0].Stream || s.Seq != stored[i-1].Seq+1 || e.Prev != stored[i-1].Hash) {
			return none, exam.Errorf(exam.Invalid, "送来的记录前后不连贯，没有保存")
		}
		if _, err := e.Practice(); err != nil {
			return none, err
		}
		if e.Seq > mostPractised {
			return none, exam.Errorf(exam.TooLarge, "这台电脑上的练习记录太多，没有保存；本机仍可继续练习")
		}
		stored[i] = s
	}
	stream := stored[0].Stream
	if err := r.guard(ctx, who, actPractice, scope{Doctor: exam.DoctorID(stream.ID())}, string(stream)); err != nil {
		return none, err
	}
	var receipt wire.Receipt
	var conflict *ConflictError
	err := r.store.Update(ctx, func(tx Tx) error {
		conflict = nil
		head, err := tx.Head(stream)
		if err != nil {
			return err
		}
		fresh, clash, err := r.compare(tx, head, stored)
		if err != nil {
			return err
		}
		if clash != nil {
			conflict = clash
			return nil
		}
		last := stored[len(stored)-1]
		if fresh == len(stored) { // all of it was delivered before
			was, err := tx.Entries(stream, last.Seq-1, 1)
			if err != nil || len(was) != 1 {
				return errors.Join(err, exam.Errorf(exam.Internal, ""))
			}
			receipt = r.receipt(stream, last.Seq, last.Hash, was[0].Received)
			return nil
		}
		if stored[fresh].Seq == 1 {
			if err := newDevice(tx, exam.DoctorID(stream.ID()), stream.Part()); err != nil {
				return err
			}
		}
		now := r.now()
		for _, e := range stored[fresh:] {
			e.Received = now
			if err := tx.AppendEntry(e); err != nil {
				return err
			}
		}
		receipt = r.receipt(stream, last.Seq, last.Hash, now)
		return nil
	})
	if err != nil {
		return none, err
	}
	if conflict != nil {
		return none, conflict
	}
	return wire.Appended{Receipt: receipt}, nil
}

func newDevice(tx Tx, doctor exam.DoctorID, device string) error {
	devices, err := tx.Devices(doctor)
	if err != nil {
		return err
	}
	if len(devices) >= MostDevices {
		return exam.Errorf(exam.Refused, "您已在%d台电脑上练习过，这台电脑上的练习记录只保存在本机", MostDevices)
	}
	return tx.PutDevice(doctor, device)
}

// Practice lists the streams of the doctor's own devices.
func (r *Registry) Practice(ctx context.Context, who Session) (wire.Devices, error) {
	var out wire.Devices
	doctor := who.Account.Doctor
	if err := r.guard(ctx, who, actPractice, scope{Doctor: doctor}, ""); err != nil {
		return out, err
	}
	err := r.store.View(ctx, func(tx Reader) error {
		out.Streams = []wire.StreamHead{}
		devices, err := tx.Devices(doctor)
		if err != nil {
			return err
		}
		for _, d := range devices {
			h, err := tx.Head(wire.PracticeStream(doctor, d))
			if err != nil {
				return err
			}
			out.Streams = append(out.Streams, wire.StreamHead{Stream: wire.PracticeStream(doctor, d), Seq: h.Seq, Hash: h.Hash})
		}
		return nil
	})
	return out, err
}

// practiceTail is Tail for a practice stream: its doctor's alone.
func (r *Registry) practiceTail(ctx context.Context, who Session, stream wire.Stream, after uint64) (wire.Tail, error) {
	var t wire.Tail
	if err := r.guard(ctx, who, actPractice, scope{Doctor: exam.DoctorID(stream.ID())}, string(stream)); err != nil {
		return t, err
	}
	err := r.store.View(ctx, func(tx Reader) (err error) {
		t, err = r.tail(tx, stream, after)
		return err
	})
	return t, err
}
