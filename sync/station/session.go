package station

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/picture"
	"dingkao/sync/client"
	"dingkao/sync/local"
	"dingkao/sync/outbox"
	"dingkao/sync/wire"
)

// Names under which a vault keeps what the registry said.
const (
	keptEnrolment = "enrolment" // wire.Enrolment
	keptAccount   = "account"   // exam.Account
	keptContact   = "contact"   // exam.Instant of the last word
	keptConflict  = "conflict/" // + application: clash
)

// Session is one doctor signed in. It is safe for use by many goroutines. Four
// goroutines belong to it, the outbox's, the draft writer's, the hall's and study's;
// Close ends them.
type Session struct {
	station *Station
	login   string
	vault   *local.Vault
	remote  *client.Session // nil: entered without a line
	box     *outbox.Outbox  // nil where remote is
	hall    *hall           // the sitting at this terminal
	study   *study          // banks and practice

	draftIO sync.Mutex    // held while drafts are written; taken before mu
	dirty   chan struct{} // holds at most one: the draft in memory is newer than the disk's
	quit    chan struct{} // closed by Close: the draft writer ends
	written chan struct{} // closed when the draft writer has ended
	beaten  chan struct{} // closed when the hall has ended
	loading sync.Mutex    // held while the newest picture is made; taken before mu

	closing  sync.Once
	closeErr error

	mu       sync.Mutex
	account  exam.Account
	seen     folded
	draft    application.Form // what was typed, the newest
	line     exam.Line
	notice   string                 // a sentence for the doctor that outlives a good round
	fate     map[wire.Hash]error    // why an entry of this session was taken out
	asked    map[exam.BlobHash]bool // blobs that the registry was asked about again
	watchers map[int]func()
	watching int
}

func newSession(ctx context.Context, s *Station, login string, v *local.Vault, remote *client.Session) (*Session, error) {
	o := &Session{
		station: s, login: login, vault: v, remote: remote,
		dirty: make(chan struct{}, 1), quit: make(chan struct{}), written: make(chan struct{}), beaten: make(chan struct{}),
		fate: map[wire.Hash]error{}, asked: map[exam.BlobHash]bool{}, watchers: map[int]func(){},
	}
	if ds := s.store.Damages(); len(ds) > 0 {
		o.notice = ds[len(ds)-1].Sentence()
	}
	o.account = exam.Account{Login: login, Role: exam.RoleDoctor}
	var contact exam.Instant
	err := v.View(func(t *local.Tx) error {
		_, errA := t.Kept(keptAccount, &o.account)
		_, errB := t.Kept(keptContact, &contact)
		return errors.Join(errA, errB)
	})
	if err != nil {
		return nil, err
	}
	s.clock.notBefore(contact)
	o.line = exam.Line{LastContact: contact}
	if remote != nil {
		o.account = remote.Account()
		o.line.Online, o.line.LastContact = true, s.clock.now()
		if err := v.Update(func(t *local.Tx) error {
			return errors.Join(t.Keep(keptAccount, o.account), t.Keep(keptContact, s.clock.now()))
		}); err != nil {
			return nil, err
		}
	} else {
		o.line.Trouble = "现在是离线使用；填写的内容都保存在本机，连上网络并重新登录后会自动送出"
	}
	if err := o.load(); err != nil {
		return nil, err
	}
	if err := v.View(func(t *local.Tx) (err error) {
		o.draft, err = t.Draft(o.seen.draftKey())
		return err
	}); err != nil {
		return nil, err
	}
	if o.hall, err = o.newHall(); err != nil {
		return nil, err
	}
	if o.study, err = o.newStudy(); err != nil {
		return nil, err
	}
	go o.writeDrafts()
	go o.study.run(o.quit)
	if remote != nil {
		o.box = outbox.New(o, remote, outbox.Options{Poll: o.poll, Every: s.every, Done: o.ended, Wait: client.RetryAfter})
		o.box.Start()
		if !o.account.MustChange {
			// The first picture; without it, what lies here is shown.
			_ = o.box.Flush(ctx)
		}
	}
	go func() {
		defer close(o.beaten)
		o.hall.run(o.quit)
	}()
	return o, nil
}

// Close signs out and stops everything that runs; what is pending stays on
// disk, after one last attempt while the line is good. It may be called more
// than once.
func (o *Session) Close(ctx context.Context) error {
	o.closing.Do(func() {
		close(o.quit)
		<-o.beaten // it may have made an entry, which the last round still sends
		if o.box != nil {
			if l := o.Line(); l.Online && l.Pending > 0 {
				last, cancel := context.WithTimeout(ctx, 3*time.Second)
				_ = o.box.Flush(last)
				cancel()
			}
			o.box.Stop()
		}
		<-o.written
		<-o.study.done
		if o.remote != nil {
			out, cancel := context.WithTimeout(ctx, 3*time.Second)
			if err := o.remote.Close(out); exam.KindOf(err) != exam.Unavailable {
				o.closeErr = err
			}
			cancel()
		}
		o.mu.Lock()
		o.watchers = map[int]func(){}
		o.mu.Unlock()
		o.station.left(o)
	})
	return o.closeErr
}

// Account is who signed in.
func (o *Session) Account() exam.Account {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.account
}

// ChangePassword changes the password at the registry, then on this PC. It
// needs the line. Errors: WrongPassword, Invalid, Unavailable.
func (o *Session) ChangePassword(ctx context.Context, old, new string) error {
	if o.remote == nil {
		return offline()
	}
	if err := exam.CheckPassword(new, o.login); err != nil {
		return err
	}
	if err := o.remote.ChangePassword(ctx, old, new); err != nil {
		return err
	}
	o.mu.Lock()
	o.account.MustChange = false
	account := o.account
	o.mu.Unlock()
	// A crash here is mended at the next sign-in, when the terminal's key opens
	// the vault and it is wrapped under the new password.
	err := errors.Join(o.vault.Rewrap(new), o.vault.Update(func(t *local.Tx) error { return t.Keep(keptAccount, account) }))
	if err != nil {
		o.say("密码已修改，但本机没有记下；没有网络时请用原密码进入，联网登录一次后恢复正常")
	}
	_ = o.box.Flush(ctx)
	return nil
}

// Enrolment is the newest state, from memory.
func (o *Session) Enrolment() application.Enrolment {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen.enrolment
}

// Line is the state of the line, from memory.
func (o *Session) Line() exam.Line {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.line
}

// Conflict is the clash of two terminals to be settled, or nil.
func (o *Session) Conflict() *application.Conflict {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.seen.conflict
}

// Displaced are the entries that were taken back, oldest first.
func (o *Session) Displaced() ([]local.Displaced, error) {
	var list []local.Displaced
	err := o.vault.View(func(t *local.Tx) (err error) {
		list, err = t.Displaced()
		return err
	})
	return list, err
}

// Watch calls f after any change of Enrolment, Line, Conflict or Place, from any
// goroutine, until stop is called.
func (o *Session) Watch(f func()) (stop func()) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.watching++
	n := o.watching
	o.watchers[n] = f
	return func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.watchers, n)
	}
}

// changed tells the watchers. Neither mu nor any other lock may be held.
func (o *Session) changed() {
	o.mu.Lock()
	var fs []func()
	for _, f := range o.watchers {
		fs = append(fs, f)
	}
	o.mu.Unlock()
	for _, f := range fs {
		f()
	}
}

// say shows a sentence until the doctor's next step.
func (o *Session) say(sentence string) {
	o.mu.Lock()
	o.notice = sentence
	o.line.Trouble = sentence
	o.mu.Unlock()
	o.changed()
}

// Refresh asks the registry now rather than at the next turn.
func (o *Session) Refresh(ctx context.Context) error {
	if o.box == nil {
		return offline()
	}
	return o.box.Flush(ctx)
}

func offline() error {
	return exam.Errorf(exam.Unavailable, "现在是离线使用，这一步要连上登记处才能完成；请连上网络后重新登录")
}

// Draft is what was typed and not yet saved as a step.
func (o *Session) Draft() application.Form {
	o.mu.Lock()
	defer o.mu.Unlock()
	d := o.draft
	for _, s := range application.Steps {
		if d.Has(s) && same(s, d, o.seen.enrolment.Dossier.Form) {
			d = without(d, s)
		}
	}
	return clone(d)
}

// KeepDraft puts the typed steps on this PC's disk within moments. It returns at once.
func (o *Session) KeepDraft(part application.Form) {
	part = clone(part) // the screen goes on typing into its own
	o.mu.Lock()
	o.draft = o.draft.With(part)
	o.mu.Unlock()
	o.soil()
}

func (o *Session) soil() {
	select {
	case o.dirty <- struct{}{}:
	default:
	}
}

// writeDrafts writes the newest draft whenever there is a newer one, and once
// more at the end.
func (o *Session) writeDrafts() {
	defer close(o.written)
	write := func() error {
		return o.update(func(*local.Tx, folded, *application.Form) error { return nil })
	}
	for {
		select {
		case <-o.quit:
			select {
			case <-o.dirty:
				_ = write()
			default:
			}
			return
		case <-o.dirty:
		}
		if err := write(); err != nil {
			o.say(exam.SentenceOf(err))
			o.soil()
			select {
			case <-o.quit:
			case <-time.After(2 * time.Second):
			}
		}
	}
}

// update runs f in one transaction with the newest fold and the draft, which f
// may change; the draft is written along. Steps typed meanwhile stay.
func (o *Session) update(f func(t *local.Tx, now folded, draft *application.Form) error) error {
	o.draftIO.Lock()
	defer o.draftIO.Unlock()
	o.mu.Lock()
	before := o.draft
	o.mu.Unlock()
	var after application.Form
	err := o.vault.Update(func(t *local.Tx) error {
		now, err := o.fold(t)
		if err != nil {
			return err
		}
		after = before
		if err := f(t, now, &after); err != nil {
			return err
		}
		return t.SetDraft(now.draftKey(), after)
	})
	if err != nil {
		return err
	}
	o.mu.Lock()
	if o.draft == before {
		o.draft = after
	} else { // typed meanwhile: the newer step stands
		for _, s := range application.Steps {
			if o.draft.Only(s) == before.Only(s) {
				o.draft = without(o.draft, s).With(after.Only(s))
			}
		}
		o.soil()
	}
	o.mu.Unlock()
	return nil
}

// entry makes the next entry of the doctor's stream, judged by the rules, and
// appends it.
func (o *Session) entry(t *local.Tx, now folded, act application.Act, body application.Body) ([]byte, error) {
	raw, err := o.judged(now, act, body)
	if err != nil {
		return nil, err
	}
	return raw, t.Append(now.own, raw)
}

// judged is the next entry, if the rules allow it.
func (o *Session) judged(now folded, act application.Act, body application.Body) ([]byte, error) {
	d := now.enrolment.Dossier
	if now.enrolment.Application == "" {
		_, err := application.New().Apply(application.Entry{Seq: 1, Act: act, Body: body})
		return nil, err
	}
	at := o.station.clock.now()
	e := application.Entry{Seq: d.OwnSeq + 1, At: at, Act: act, Body: body}
	if _, err := d.Apply(e); err != nil {
		return nil, err
	}
	if err := d.Admit(e, now.enrolment.Cycle, at.Date()); err != nil {
		return nil, err
	}
	_, raw, err := wire.Next(now.own, now.cursor.Head+1, now.cursor.Hash, at, o.station.store.Terminal(), string(act), body)
	return raw, err
}

// SaveStep makes the steps in part an entry. When it returns nil, the entry is
// on this PC's disk and the draft of those steps is gone. Saving what is saved
// already makes no entry. Errors: Refused, Invalid.
func (o *Session) SaveStep(ctx context.Context, part application.Form) error {
	part = clone(part)
	if (part == application.Form{}) {
		return exam.Errorf(exam.Invalid, "没有要保存的内容")
	}
	err := o.update(func(t *local.Tx, now folded, draft *application.Form) error {
		changed := part
		for _, s := range application.Steps {
			if !part.Has(s) {
				continue
			}
			if now.conflict != nil && now.conflict.Mine.Has(s) {
				return exam.Errorf(exam.Refused, "“%s”在另一台电脑上也改过，请先选择保留哪一份；刚填写的内容仍在本机", s.Text())
			}
			if same(s, part, now.enrolment.Dossier.Form) {
				changed = without(changed, s)
			}
			*draft = without(*draft, s)
		}
		if (changed == application.Form{}) {
			return nil
		}
		_, err := o.entry(t, now, application.ActSaved, application.Body{Form: &changed})
		return err
	})
	if err != nil {
		return err
	}
	o.stepped()
	return nil
}

// stepped shows a step that the doctor made, and sends it.
func (o *Session) stepped() {
	o.mu.Lock()
	if o.line.Trouble == o.notice {
		o.line.Trouble = ""
	}
	o.notice = ""
	o.mu.Unlock()
	_ = o.load()
	o.changed()
	if o.box != nil {
		o.box.Wake()
	}
}

// Submit submits what is saved. It returns nil when the registry has
// acknowledged it; Refused: nothing was submitted; Unavailable: it is on this PC
// and goes out by itself.
func (o *Session) Submit(ctx context.Context) error {
	var raw []byte
	err := o.update(func(t *local.Tx, now folded, _ *application.Form) error {
		if now.conflict != nil {
			return exam.Errorf(exam.Refused, "还有内容在两台电脑上填写不同，请先选择保留哪一份，再提交")
		}
		if raw = now.submission; raw != nil {
			return nil // it waits to be sent already
		}
		var err error
		raw, err = o.entry(t, now, application.ActSubmitted, application.Body{})
		return err
	})
	if err != nil {
		return err
	}
	o.stepped()
	if o.box == nil {
		return exam.Errorf(exam.Unavailable, "提交已保存在本机，还没有送到登记处；请连上网络后重新登录，登录后会自动送出")
	}
	flushed := o.box.Flush(ctx)
	return o.became(raw, flushed)
}

// became is what has become of an entry after a round that ended with flushed.
func (o *Session) became(raw []byte, flushed error) error {
	e, err := wire.Decode(raw)
	if err != nil {
		return err
	}
	hash := wire.HashOf(raw)
	o.mu.Lock()
	why := o.fate[hash]
	o.mu.Unlock()
	if why != nil {
		return exam.Wrap(exam.Refused, why, exam.SentenceOf(why))
	}
	there := false
	err = o.vault.View(func(t *local.Tx) error {
		c, err := t.Cursor(e.Stream)
		if err != nil || c.Acked < e.Seq {
			return err
		}
		h, err := t.HashAt(e.Stream, e.Seq)
		there = h == hash
		return err
	})
	switch {
	case err != nil:
		return err
	case there:
		return nil
	case exam.KindOf(flushed) == exam.Unauthenticated:
		return exam.Wrap(exam.Unavailable, flushed, "登录已过期，提交已保存在本机；请重新登录，登录后会自动送出")
	}
	return exam.Wrap(exam.Unavailable, flushed, "提交已保存在本机，还没有送到登记处；连上网络后会自动送出")
}

// Withdraw takes the submission back; it needs the line. Errors: Refused,
// Unavailable (look at the state again: it may have arrived).
func (o *Session) Withdraw(ctx context.Context) error {
	return o.direct(ctx, application.ActWithdrawn, application.Body{})
}

// AskCorrection asks to change what was approved; it needs the line.
func (o *Session) AskCorrection(ctx context.Context, form application.Form, reason string) error {
	form = clone(form)
	if saved := o.Enrolment().Dossier.Form; form.Choice != nil && same(application.StepProcedure, form, saved) {
		form.Choice = nil // not asked for
	}
	return o.direct(ctx, application.ActCorrectionAsked, application.Body{Form: &form, Reason: strings.TrimSpace(reason)})
}

// AskExemption asks to be let off the exam, with proofs that AddPicture made; it
// needs the line.
func (o *Session) AskExemption(ctx context.Context, reason string, proofs []exam.Blob) error {
	return o.direct(ctx, application.ActExemptionAsked, application.Body{Reason: strings.TrimSpace(reason), Proofs: slices.Clone(proofs)})
}

// AskAppeal asks the authority to look at the result again; it needs the line.
func (o *Session) AskAppeal(ctx context.Context, reason string) error {
	return o.direct(ctx, application.ActAppealAsked, application.Body{Reason: strings.TrimSpace(reason)})
}

// direct delivers an act that is worth nothing later: it is written here only
// once the registry has it. If the answer is lost, the next look at the
// registry brings the entry in.
func (o *Session) direct(ctx context.Context, act application.Act, body application.Body) error {
	if o.box == nil {
		return offline()
	}
	return o.box.Do(ctx, func(run context.Context) error {
		var now folded
		if err := o.vault.View(func(t *local.Tx) (err error) { now, err = o.fold(t); return err }); err != nil {
			return err
		}
		if now.cursor.Pending() > 0 {
			return exam.Errorf(exam.Unavailable, "还有内容正在送出，请稍后再试一次")
		}
		raw, err := o.judged(now, act, body)
		if err != nil {
			return err
		}
		hashes, err := o.Unsent(body.Blobs())
		if err != nil {
			return err
		}
		for _, h := range hashes {
			data, err := o.Blob(h)
			if err != nil {
				return err
			}
			if err := o.remote.PutBlob(run, h, data); err != nil {
				return err
			}
			if err := o.Sent(h); err != nil {
				return err
			}
		}
		r, err := o.remote.Append(run, [][]byte{raw})
		if exam.KindOf(err) == exam.Conflict {
			_ = o.poll(run)
			return exam.Wrap(exam.Refused, err, "信息刚刚在别处有更新，这一步没有办理；请核对后再试")
		}
		if err != nil {
			return err
		}
		err = o.vault.Update(func(t *local.Tx) error {
			return errors.Join(t.Append(r.Stream, raw), t.Acknowledge(r))
		})
		if err != nil { // the registry has it: the next look brings it in
			o.box.Wake()
		}
		_ = o.load()
		return nil
	})
}

// Settle ends the conflict: for each step in question, true keeps mine. What is
// not kept stands among the displaced. Errors: Invalid where a step was left
// out, Refused where the dossier cannot be changed any more.
func (o *Session) Settle(ctx context.Context, mine map[application.Step]bool) error {
	err := o.update(func(t *local.Tx, now folded, draft *application.Form) error {
		if now.conflict == nil {
			return t.Drop(keptConflict + string(now.enrolment.Application))
		}
		var keep, leave application.Form
		for _, s := range application.Steps {
			if !now.conflict.Mine.Has(s) {
				continue
			}
			choice, ok := mine[s]
			switch {
			case !ok:
				return exam.Errorf(exam.Invalid, "请为“%s”选择保留哪一份", s.Text())
			case choice:
				keep = keep.With(now.conflict.Mine.Only(s))
			default:
				leave = leave.With(now.conflict.Mine.Only(s))
			}
		}
		if (keep != application.Form{}) {
			if _, err := o.entry(t, now, application.ActSaved, application.Body{Form: &keep}); err != nil {
				return err
			}
		}
		if (leave != application.Form{}) {
			_, raw, err := wire.Next(now.own, 1, "", o.station.clock.now(), o.station.store.Terminal(), string(application.ActSaved), application.Body{Form: &leave})
			if err != nil {
				return err
			}
			if err := t.Displace(local.Displaced{Stream: now.own, Entry: raw, Act: application.ActSaved, Kind: exam.Conflict,
				Reason: "已按您的选择保留另一台电脑的内容", At: o.station.clock.now()}); err != nil {
				return err
			}
		}
		return t.Drop(keptConflict + string(now.enrolment.Application))
	})
	if err != nil {
		return err
	}
	o.stepped()
	return nil
}

// AddPicture brings data into the form in which pictures travel and keeps it on
// this PC; it goes out before the entry that names it. Errors: Invalid, TooLarge.
func (o *Session) AddPicture(ctx context.Context, name string, data []byte) (exam.Blob, error) {
	jpeg, w, h, err := picture.Normalise(data, picture.Proof)
	if err != nil {
		return exam.Blob{}, err
	}
	b := exam.Blob{Name: shown(name), Size: len(jpeg), Width: w, Height: h}
	err = o.vault.Update(func(t *local.Tx) error {
		b.Hash, err = t.PutBlob(jpeg, false)
		return err
	})
	if err != nil {
		return exam.Blob{}, err
	}
	return b, nil
}

// shown is a file's name as a dossier may keep it: the last part of a path,
// without control characters, at most 100 characters.
func shown(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	rs := []rune(strings.ToValidUTF8(strings.TrimSpace(name), ""))
	rs = slices.DeleteFunc(rs, func(r rune) bool { return r < ' ' || r == 0x7f })
	if len(rs) > 100 {
		rs = rs[:100]
	}
	return string(rs)
}

// Picture is a picture's bytes, from this PC or from the registry.
func (o *Session) Picture(ctx context.Context, h exam.BlobHash) ([]byte, error) {
	return o.blob(h, func() ([]byte, error) { return o.remote.Blob(ctx, h) })
}

// NoticePDF is the signed notice. It is kept on this PC once fetched.
func (o *Session) NoticePDF(ctx context.Context, n exam.Notice) ([]byte, error) {
	return o.blob(n.PDF, func() ([]byte, error) {
		data, err := o.remote.NoticePDF(ctx, n.Serial)
		if err == nil && n.PDF != "" && wire.BlobHashOf(data) != n.PDF {
			err = exam.Errorf(exam.Damaged, "收到的通知书不完整，没有采用；请重试")
		}
		return data, err
	})
}

// blob is a blob from this PC, or else fetched and kept.
func (o *Session) blob(h exam.BlobHash, fetch func() ([]byte, error)) ([]byte, error) {
	var data []byte
	if h != "" {
		if err := o.vault.View(func(t *local.Tx) (err error) { data, err = t.Blob(h); return err }); data != nil && err == nil {
			return data, nil
		}
	}
	if o.remote == nil {
		return nil, offline()
	}
	data, err := fetch()
	if err != nil {
		return nil, err
	}
	if len(data) <= local.MostBlob {
		_ = o.vault.Update(func(t *local.Tx) error { _, err := t.PutBlob(data, true); return err })
	}
	return data, nil
}

// Institutions searches the registry's list; what was found before is found
// again without the line. Errors: Unavailable.
func (o *Session) Institutions(ctx context.Context, q exam.InstitutionQuery) ([]exam.Institution, error) {
	why := offline()
	if o.remote != nil {
		list, err := o.remote.Institutions(ctx, q)
		if err == nil {
			_ = o.remember(list)
			return list, nil
		}
		why = err
	}
	var kept []exam.Institution
	if err := o.vault.View(func(t *local.Tx) (err error) { kept, err = t.Institutions(); return err }); err != nil {
		return nil, err
	}
	most := q.Limit
	if most <= 0 {
		most = 50
	}
	kept = slices.DeleteFunc(kept, func(i exam.Institution) bool {
		return !strings.HasPrefix(i.Division, q.Division) || !strings.Contains(i.Name, q.Name)
	})
	if len(kept) == 0 {
		return nil, why
	}
	return kept[:min(most, len(kept))], nil
}

// remember writes only those that are new or changed.
func (o *Session) remember(list []exam.Institution) error {
	var kept []exam.Institution
	if err := o.vault.View(func(t *local.Tx) (err error) { kept, err = t.Institutions(); return err }); err != nil {
		return err
	}
	known := map[exam.Institution]bool{}
	for _, i := range kept {
		known[i] = true
	}
	fresh := slices.DeleteFunc(slices.Clone(list), func(i exam.Institution) bool { return known[i] })
	if len(fresh) == 0 {
		return nil
	}
	return o.vault.Update(func(t *local.Tx) error { return t.KeepInstitutions(fresh) })
}
