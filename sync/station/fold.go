package station

import (
	"encoding/json"
	"fmt"
	"reflect"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/local"
	"dingkao/sync/wire"
)

// folded is one consistent picture of what lies on this PC.
type folded struct {
	enrolment  application.Enrolment // with everything that lies here folded in
	own        wire.Stream
	review     wire.Stream
	cursor     local.Cursor        // of own
	base       application.Dossier // what the registry acknowledged, alone
	submission []byte              // the submission that waits to be sent, if one does
	conflict   *application.Conflict
	waiting    int // entries and blobs without a receipt, in all streams
}

// draftKey is under which name the draft lies.
func (f folded) draftKey() exam.ApplicationID {
	if f.enrolment.Application == "" {
		return "none"
	}
	return f.enrolment.Application
}

// clash is a conflict as it lies on disk until it is settled: this terminal's
// values of the steps in question. The other side is in the stream.
type clash struct {
	Mine application.Form `json:"mine"`
	At   exam.Instant     `json:"at"` // of the other terminal's entry
}

// fold makes the picture.
func (o *Session) fold(t *local.Tx) (folded, error) {
	var w wire.Enrolment
	if _, err := t.Kept(keptEnrolment, &w); err != nil {
		return folded{}, err
	}
	f := folded{enrolment: w.Enrolment}
	f.base = application.New()
	f.enrolment.Dossier = f.base
	waiting, err := o.waiting(t)
	if err != nil {
		return f, err
	}
	f.waiting = waiting
	if w.Application == "" {
		return f, nil
	}
	f.own, f.review = wire.ApplicationStream(w.Application), wire.ReviewStream(w.Application)
	if f.cursor, err = t.Cursor(f.own); err != nil {
		return f, err
	}
	if f.base, err = foldTo(t, w.Application, f.cursor.Acked); err != nil {
		if exam.KindOf(err) == exam.Damaged || w.Dossier.OwnSeq != f.cursor.Acked {
			return f, err
		}
		f.base = w.Dossier // the registry's own fold, where this program cannot follow it
	}
	d := f.base
	pending, err := t.Entries(f.own, f.cursor.Acked, 0)
	if err != nil {
		return f, err
	}
	for _, raw := range pending {
		a, err := decode(raw)
		if err != nil {
			return f, err
		}
		next, err := d.Apply(a)
		if err != nil {
			break // the registry will say so, and it will be taken out with the reason
		}
		d = next
		f.submission = nil
		if a.Act == application.ActSubmitted {
			f.submission = raw
		}
	}
	f.enrolment.Dossier = d
	f.conflict, err = conflict(t, w.Application, w.Cycle, f.base.Form)
	return f, err
}

// foldTo folds the doctor's stream up to seq and the decisions upon that.
func foldTo(t *local.Tx, id exam.ApplicationID, seq uint64) (application.Dossier, error) {
	var own, review []application.Entry
	raws, err := t.Entries(wire.ApplicationStream(id), 0, int(seq))
	if err != nil {
		return application.New(), err
	}
	if seq == 0 {
		raws = nil
	}
	for _, raw := range raws {
		a, err := decode(raw)
		if err != nil {
			return application.New(), err
		}
		own = append(own, a)
	}
	raws, err = t.Entries(wire.ReviewStream(id), 0, 0)
	if err != nil {
		return application.New(), err
	}
	for _, raw := range raws {
		a, err := decode(raw)
		if err != nil {
			return application.New(), err
		}
		if a.On <= seq {
			review = append(review, a)
		}
	}
	return application.Fold(own, review)
}

func decode(raw []byte) (application.Entry, error) {
	e, err := wire.Decode(raw)
	if err != nil {
		return application.Entry{}, err
	}
	return e.Application()
}

// conflict reads the clash that lies on disk, as far as it still is one.
func conflict(t *local.Tx, id exam.ApplicationID, cycle exam.Cycle, theirs application.Form) (*application.Conflict, error) {
	var c clash
	found, err := t.Kept(keptConflict+string(id), &c)
	if !found || err != nil {
		return nil, err
	}
	for _, s := range application.Steps {
		if c.Mine.Has(s) && !differs(cycle, s, c.Mine, theirs) {
			c.Mine = without(c.Mine, s)
		}
	}
	if (c.Mine == application.Form{}) {
		return nil, nil
	}
	return &application.Conflict{Theirs: theirs, Mine: c.Mine, At: c.At,
		Differences: application.Differences(cycle, c.Mine, theirs)}, nil
}

// waiting counts the entries without a receipt and the blobs that they name and
// that were not sent.
func (o *Session) waiting(t *local.Tx) (int, error) {
	streams, err := t.Streams()
	if err != nil {
		return 0, err
	}
	n := 0
	blobs := map[exam.BlobHash]bool{}
	for _, s := range streams {
		if !outgoing(s) {
			continue
		}
		if stopped, err := stoppedIn(t, s); err != nil || stopped {
			if err != nil {
				return 0, err
			}
			continue
		}
		c, err := t.Cursor(s)
		if err != nil {
			return 0, err
		}
		raws, err := t.Entries(s, c.Acked, 0)
		if err != nil {
			return 0, err
		}
		n += len(raws)
		if s.Kind() != wire.KindApplication {
			continue
		}
		for _, raw := range raws {
			a, err := decode(raw)
			if err != nil {
				return 0, err
			}
			for _, h := range a.Blobs() {
				m, found, err := t.Mark(h)
				if err != nil {
					return 0, err
				}
				if found && !m.Sent {
					blobs[h] = true
				}
			}
		}
	}
	return n + len(blobs), nil
}

// load makes the newest picture, shows it to whoever asks, and tells the
// watchers if it differs. No lock may be held.
func (o *Session) load() error {
	differs, err := o.reload()
	if differs {
		o.changed()
	}
	return err
}

func (o *Session) reload() (differs bool, err error) {
	o.loading.Lock()
	defer o.loading.Unlock()
	var f folded
	err = o.vault.View(func(t *local.Tx) (err error) { f, err = o.fold(t); return err })
	if err != nil {
		return false, fmt.Errorf("fold: %w", err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	differs = !reflect.DeepEqual(o.seen, f) || o.line.Pending != f.waiting
	o.seen = f
	o.line.Pending = f.waiting
	return differs, nil
}

// without is the form without one step.
func without(f application.Form, s application.Step) application.Form {
	switch s {
	case application.StepBasic:
		f.Basic = nil
	case application.StepPractice:
		f.Practice = nil
	case application.StepHistory:
		f.History = nil
	case application.StepMerit:
		f.Merit = nil
	case application.StepProcedure:
		f.Choice = nil
	}
	return f
}

// clone is a copy that shares nothing.
func clone(f application.Form) application.Form {
	var c application.Form
	if raw, err := json.Marshal(f); err == nil {
		_ = json.Unmarshal(raw, &c)
	}
	return c
}

// same says whether a step is the same in both forms; an empty list is as good
// as none.
func same(s application.Step, a, b application.Form) bool {
	return reflect.DeepEqual(plain(a.Only(s)), plain(b.Only(s)))
}

// differs says whether a step differs in a way that people can see.
func differs(cycle exam.Cycle, s application.Step, mine, theirs application.Form) bool {
	return !same(s, mine, theirs) && len(application.Differences(cycle, mine.Only(s), theirs)) > 0
}

func plain(f application.Form) any {
	raw, err := json.Marshal(f)
	if err != nil {
		return nil
	}
	var v any
	_ = json.Unmarshal(raw, &v)
	return pruned(v)
}

func pruned(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = pruned(x)
		}
	case []any:
		if len(v) == 0 {
			return nil
		}
		for i, x := range v {
			v[i] = pruned(x)
		}
	}
	return v
}
