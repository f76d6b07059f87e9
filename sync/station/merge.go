package station

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/local"
	"dingkao/sync/wire"
)

// This file is what the outbox calls, all of it from the outbox's goroutine.

// Next implements outbox.Shelf: a sitting's tail before anything else, then the
// dossiers'.
func (o *Session) Next() ([][]byte, error) {
	var tail [][]byte
	err := o.vault.View(func(t *local.Tx) error {
		streams, err := t.Streams()
		if err != nil {
			return err
		}
		slices.SortStableFunc(streams, func(a, b wire.Stream) int { return urgency(a) - urgency(b) })
		for _, s := range streams {
			if !outgoing(s) {
				continue
			}
			if stopped, err := stoppedIn(t, s); err != nil || stopped {
				if err != nil {
					return err
				}
				continue
			}
			c, err := t.Cursor(s)
			if err != nil {
				return err
			}
			if c.Pending() > 0 {
				tail, err = t.Entries(s, c.Acked, wire.MostAppend)
				return err
			}
		}
		return nil
	})
	return tail, err
}

// outgoing says whether this terminal writes and sends streams of that kind.
func outgoing(s wire.Stream) bool {
	return s.Kind() == wire.KindApplication || s.Kind() == wire.KindSitting || s.Kind() == wire.KindPractice
}

// urgency is the order in which streams are sent.
func urgency(s wire.Stream) int {
	switch s.Kind() {
	case wire.KindSitting:
		return 0
	case wire.KindPractice:
		return 2
	}
	return 1
}

// Unsent implements outbox.Shelf.
func (o *Session) Unsent(hashes []exam.BlobHash) ([]exam.BlobHash, error) {
	var list []exam.BlobHash
	err := o.vault.View(func(t *local.Tx) error {
		for _, h := range hashes {
			m, found, err := t.Mark(h)
			if err != nil {
				return err
			}
			if found && !m.Sent {
				list = append(list, h)
			}
		}
		return nil
	})
	return list, err
}

// Blob implements outbox.Shelf.
func (o *Session) Blob(h exam.BlobHash) ([]byte, error) {
	var data []byte
	err := o.vault.View(func(t *local.Tx) (err error) { data, err = t.Blob(h); return err })
	if err == nil && data == nil {
		err = exam.Errorf(exam.Damaged, "一张图片在本机读不出来，请重新上传")
	}
	return data, err
}

// Sent implements outbox.Shelf.
func (o *Session) Sent(h exam.BlobHash) error {
	return o.vault.Update(func(t *local.Tx) error { return t.SetSent(h, true) })
}

// Acknowledged implements outbox.Shelf.
func (o *Session) Acknowledged(r wire.Receipt) error {
	if err := o.vault.Update(func(t *local.Tx) error { return t.Acknowledge(r) }); err != nil {
		return err
	}
	if r.Stream.Kind() == wire.KindSitting {
		o.hall.acknowledged(r)
	}
	return o.load()
}

// Conflicted implements outbox.Shelf.
func (o *Session) Conflicted(ctx context.Context, stream wire.Stream) error {
	if stream.Kind() == wire.KindSitting {
		return o.hall.conflicted(ctx, stream)
	}
	if stream.Kind() == wire.KindPractice {
		return o.study.conflicted(ctx, stream)
	}
	return o.sync(ctx, exam.ApplicationID(stream.ID()), nil)
}

// Refused implements outbox.Shelf: the entry is taken out and kept with the
// reason, its text returns to the draft, and what stands behind it is chained
// anew. A submission behind a refused save is taken out too: it would submit
// something else than its doctor saw.
func (o *Session) Refused(entry []byte, why error) error {
	e, err := wire.Decode(entry)
	if err != nil {
		return err
	}
	if e.Stream.Kind() == wire.KindSitting {
		return o.hall.refused(e.Stream, why)
	}
	if e.Stream.Kind() == wire.KindPractice {
		return o.study.refused(e.Stream, why)
	}
	if again, err := o.resend(e); again || err != nil {
		return err
	}
	var out outcome
	err = o.update(func(t *local.Tx, now folded, draft *application.Form) error {
		out = outcome{} // f may run again
		c, err := t.Cursor(e.Stream)
		if err != nil {
			return err
		}
		pending, err := t.Entries(e.Stream, c.Acked, 0)
		if err != nil {
			return err
		}
		if err := t.Cut(e.Stream, c.Acked); err != nil {
			return err
		}
		gone := false
		var lost, later application.Form
		for _, raw := range pending {
			old, err := wire.Decode(raw)
			if err != nil {
				return err
			}
			a, err := old.Application()
			if err != nil {
				return err
			}
			switch {
			case bytes.Equal(raw, entry):
				gone = a.Act == application.ActSaved
				if a.Form != nil {
					lost = *a.Form
				}
				if err := o.displace(t, &out, raw, a, why); err != nil {
					return err
				}
				continue
			case gone && a.Act != application.ActSaved:
				if err := o.displace(t, &out, raw, a, exam.Errorf(exam.Refused, "之前保存的一项没有被登记处接受，所以没有提交；请核对后再提交")); err != nil {
					return err
				}
				continue
			}
			if a.Form != nil {
				later = later.With(*a.Form)
			}
			if err := chain(t, old, old.Body); err != nil {
				return err
			}
		}
		if e.Stream == now.own {
			giveBack(draft, lost, later)
		}
		return nil
	})
	if err != nil {
		return err
	}
	o.tell(out, "")
	return o.load()
}

// resend says whether an entry was perhaps refused only because the registry
// lacks a picture that was thought to be there (it was set up again from a
// backup): the picture is then sent again, once.
func (o *Session) resend(e wire.Entry) (bool, error) {
	a, err := e.Application()
	if err != nil {
		return false, err
	}
	again := false
	for _, h := range a.Blobs() {
		o.mu.Lock()
		asked := o.asked[h]
		o.asked[h] = true
		o.mu.Unlock()
		var m local.Mark
		var here bool
		if err := o.vault.View(func(t *local.Tx) (err error) { m, here, err = t.Mark(h); return err }); err != nil {
			return false, err
		}
		if asked || !here || !m.Sent {
			continue
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		has, err := o.remote.HasBlob(ctx, h)
		cancel()
		if err != nil || has {
			continue
		}
		if err := o.vault.Update(func(t *local.Tx) error { return t.SetSent(h, false) }); err != nil {
			return false, err
		}
		again = true
	}
	return again, nil
}

// outcome is what a transaction has to tell once it is on disk.
type outcome struct {
	fates map[wire.Hash]error
	last  string
}

func (o *Session) displace(t *local.Tx, out *outcome, raw []byte, a application.Entry, why error) error {
	e, err := wire.Decode(raw)
	if err != nil {
		return err
	}
	if out.fates == nil {
		out.fates = map[wire.Hash]error{}
	}
	out.fates[wire.HashOf(raw)] = why
	out.last = exam.SentenceOf(why)
	return t.Displace(local.Displaced{Stream: e.Stream, Entry: raw, Act: a.Act, Kind: exam.KindOf(why),
		Reason: exam.SentenceOf(why), At: o.station.clock.now()})
}

// tell makes an outcome known to those who wait for an entry, and to the doctor.
func (o *Session) tell(out outcome, sentence string) {
	if out.last != "" {
		sentence = out.last
	}
	o.mu.Lock()
	for h, err := range out.fates {
		o.fate[h] = err
	}
	if sentence != "" {
		o.notice = sentence
	}
	o.mu.Unlock()
}

// chain appends an entry anew at the head of its stream, with its own time.
func chain(t *local.Tx, old wire.Entry, body any) error {
	c, err := t.Cursor(old.Stream)
	if err != nil {
		return err
	}
	_, raw, err := wire.Next(old.Stream, c.Head+1, c.Hash, old.At, old.Writer, old.Kind, body)
	if err != nil {
		return err
	}
	return t.Append(old.Stream, raw)
}

// giveBack returns the steps of lost to the draft, where neither the draft nor
// later has a newer one.
func giveBack(draft *application.Form, lost, later application.Form) {
	for _, s := range application.Steps {
		if lost.Has(s) && !draft.Has(s) && !later.Has(s) {
			*draft = draft.With(lost.Only(s))
		}
	}
}

// poll asks the registry what is new: the end of every round.
func (o *Session) poll(ctx context.Context) error {
	if age, ok := o.station.clock.age(); !ok || age > 10*time.Minute || !o.Line().Online {
		if _, err := o.station.About(ctx); err != nil {
			return err
		}
	}
	e, err := o.remote.Enrolment(ctx)
	if err != nil {
		return err
	}
	return o.sync(ctx, e.Application, &e)
}

// sync brings both streams of a dossier up to the registry's: its entries are
// taken in, and what this PC had not sent is set upon them. With e, what the
// registry says of the heads saves the questions that would find nothing.
func (o *Session) sync(ctx context.Context, id exam.ApplicationID, e *wire.Enrolment) error {
	own, review := wire.ApplicationStream(id), wire.ReviewStream(id)
	var ownFrom, reviewFrom uint64
	var ownHash, reviewHash wire.Hash
	fresh := false
	err := o.vault.View(func(t *local.Tx) error {
		c, err := t.Cursor(own)
		if err != nil {
			return err
		}
		r, err := t.Cursor(review)
		if err != nil {
			return err
		}
		ownFrom, reviewFrom, reviewHash = c.Acked, r.Head, r.Hash
		if ownHash, err = t.HashAt(own, c.Acked); err != nil || e == nil {
			return err
		}
		var kept wire.Enrolment
		_, err = t.Kept(keptEnrolment, &kept)
		fresh = !reflect.DeepEqual(asJSON(kept), asJSON(*e))
		return err
	})
	if err != nil {
		return err
	}
	var ownTail, reviewTail *wire.Tail
	if id != "" && (e == nil || e.OwnHead != ownHash) {
		if ownTail, ownFrom, err = o.tail(ctx, own, ownFrom, ownHash); err != nil {
			return err
		}
	}
	if id != "" && (e == nil || e.ReviewHead != reviewHash) {
		if reviewTail, reviewFrom, err = o.tail(ctx, review, reviewFrom, reviewHash); err != nil {
			return err
		}
	}
	if ownTail == nil && reviewTail == nil && !fresh {
		return nil
	}
	var out outcome
	sentence := ""
	err = o.update(func(t *local.Tx, now folded, draft *application.Form) error {
		out, sentence = outcome{}, ""
		if e != nil {
			if err := errors.Join(t.Keep(keptEnrolment, e), t.Keep(keptContact, o.station.clock.now())); err != nil {
				return err
			}
			now.enrolment = e.Enrolment
		}
		if id == "" {
			return nil
		}
		var mine [][]byte
		var upon uint64
		if ownTail != nil {
			var err error
			if mine, upon, err = adopt(t, own, ownFrom, *ownTail); err != nil {
				return err
			}
		}
		if reviewTail != nil {
			if err := decisions(t, own, review, reviewFrom, *reviewTail); err != nil {
				return err
			}
		}
		if len(mine) == 0 {
			return nil
		}
		var err error
		sentence, err = o.rebase(t, &out, id, now.enrolment.Cycle, mine, upon, draft)
		return err
	})
	if err != nil {
		return err
	}
	o.tell(out, sentence)
	return o.load()
}

func asJSON(e wire.Enrolment) any {
	raw, _ := json.Marshal(e)
	var v any
	_ = json.Unmarshal(raw, &v)
	return v
}

// tail is the registry's stream behind from, whose entry here has the hash.
// Where that is not the registry's past (it was set up again from a backup), it
// is the whole stream, from 0.
func (o *Session) tail(ctx context.Context, stream wire.Stream, from uint64, hash wire.Hash) (*wire.Tail, uint64, error) {
	t, err := o.remote.Tail(ctx, stream, from)
	if err != nil {
		return nil, 0, err
	}
	follows := false
	switch {
	case t.Receipt == nil:
		follows = from == 0
	case len(t.Entries) > 0:
		e, err := wire.Decode(t.Entries[0])
		if err != nil {
			return nil, 0, err
		}
		follows = e.Prev == hash
	default:
		follows = t.Receipt.Seq == from && t.Receipt.Head == hash
	}
	if !follows && from > 0 {
		from = 0
		if t, err = o.remote.Tail(ctx, stream, 0); err != nil {
			return nil, 0, err
		}
	}
	return &t, from, nil
}

// adopt makes the doctor's stream here the registry's. It returns the entries
// that lay here and are not in it, and upon which seq they were written; none
// where they simply follow it and stay.
func adopt(t *local.Tx, own wire.Stream, from uint64, tail wire.Tail) (mine [][]byte, upon uint64, err error) {
	here, err := t.Entries(own, from, 0)
	if err != nil {
		return nil, 0, err
	}
	n := 0
	for n < len(here) && n < len(tail.Entries) && bytes.Equal(here[n], tail.Entries[n]) {
		n++
	}
	upon = from + uint64(n)
	if err := t.Lower(own, upon); err != nil {
		return nil, 0, err
	}
	if n < len(tail.Entries) {
		mine = here[n:]
		if err := t.Cut(own, upon); err != nil {
			return nil, 0, err
		}
		for _, raw := range tail.Entries[n:] {
			if err := t.Append(own, raw); err != nil {
				return nil, 0, err
			}
		}
	}
	if tail.Receipt != nil {
		err = t.Acknowledge(*tail.Receipt)
	}
	return mine, upon, err
}

// decisions takes the reviewers' decisions in, as far as the entries that they
// name are here: a decision upon a later one waits for the next look.
func decisions(t *local.Tx, own, review wire.Stream, from uint64, tail wire.Tail) error {
	c, err := t.Cursor(own)
	if err != nil {
		return err
	}
	if from == 0 {
		if err := t.Forget(review); err != nil {
			return err
		}
	}
	for _, raw := range tail.Entries {
		a, err := decode(raw)
		if err != nil {
			return err
		}
		if a.On > c.Acked {
			return nil
		}
		if err := t.Append(review, raw); err != nil {
			return err
		}
	}
	if tail.Receipt != nil {
		return t.Acknowledge(*tail.Receipt)
	}
	return nil
}

// rebase sets what this terminal wrote upon seq behind what another wrote
// meanwhile, in its order. Steps that only this one changed are written anew;
// steps that both changed become the conflict; a submission goes back to the
// doctor, who has not seen the other's content.
func (o *Session) rebase(t *local.Tx, out *outcome, id exam.ApplicationID, cycle exam.Cycle, mine [][]byte, upon uint64, draft *application.Form) (string, error) {
	before, err := foldTo(t, id, upon)
	if err != nil {
		return "", err
	}
	c, err := t.Cursor(wire.ApplicationStream(id))
	if err != nil {
		return "", err
	}
	d, err := foldTo(t, id, c.Acked)
	if err != nil {
		return "", err
	}
	old, theirs := before.Form, d.Form
	var last application.Form // of this terminal
	for _, raw := range mine {
		a, err := decode(raw)
		if err != nil {
			return "", err
		}
		if a.Act == application.ActSaved {
			last = last.With(*a.Form)
		}
	}
	var clashed, back application.Form
	for _, raw := range mine {
		e, err := wire.Decode(raw)
		if err != nil {
			return "", err
		}
		a, err := e.Application()
		if err != nil {
			return "", err
		}
		if a.Act != application.ActSaved {
			if err := o.displace(t, out, raw, a, exam.Errorf(exam.Refused, "填报信息刚刚在另一台电脑上有更新，这次没有提交；请核对后再提交")); err != nil {
				return "", err
			}
			continue
		}
		keep := *a.Form
		for _, s := range application.Steps {
			if !keep.Has(s) {
				continue
			}
			switch {
			case same(s, last, old), !differs(cycle, s, last, theirs):
				keep = without(keep, s) // nothing of ours in it, or the same
			case !same(s, old, theirs):
				clashed = clashed.With(last.Only(s))
				keep = without(keep, s)
			}
		}
		if (keep == application.Form{}) {
			continue
		}
		body := application.Body{Form: &keep}
		next, err := d.Apply(application.Entry{Seq: d.OwnSeq + 1, At: a.At, Act: a.Act, Body: body})
		if err != nil {
			if err := o.displace(t, out, raw, a, err); err != nil {
				return "", err
			}
			back = back.With(keep)
			continue
		}
		if err := chain(t, e, body); err != nil {
			return "", err
		}
		d = next
	}
	giveBack(draft, back, application.Form{})
	if (clashed == application.Form{}) {
		return "", nil
	}
	name := keptConflict + string(id)
	var was clash
	if _, err := t.Kept(name, &was); err != nil {
		return "", err
	}
	at := d.History[len(d.History)-1].At
	for _, ev := range d.History {
		if ev.Act == application.ActSaved {
			at = ev.At
		}
	}
	if err := t.Keep(name, clash{Mine: was.Mine.With(clashed), At: at}); err != nil {
		return "", err
	}
	return "同一项内容在两台电脑上填写不同，两份都已保留；请选择保留哪一份", nil
}

// ended shows how a round ended.
func (o *Session) ended(err error) {
	loaded := o.load()
	kind := exam.KindOf(err)
	o.mu.Lock()
	before := o.line
	o.line.Trouble = o.notice
	o.line.Online = kind != exam.Unavailable && kind != exam.Unauthenticated
	switch {
	case kind == exam.Unauthenticated:
		o.line.Trouble = "登录已过期，请重新登录；填写的内容都保存在本机，登录后会自动送出"
	case err != nil:
		o.line.Trouble = exam.SentenceOf(err)
	case loaded != nil:
		o.line.Trouble = exam.SentenceOf(loaded)
	}
	if o.line.Online || kind == exam.Unauthenticated {
		o.line.LastContact = o.station.clock.now()
	}
	after := o.line
	after.LastContact = before.LastContact
	o.mu.Unlock()
	if after != before {
		o.changed()
	}
	if after.Online {
		o.study.due()
	}
}
