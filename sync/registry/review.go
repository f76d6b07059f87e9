package registry

import (
	"context"
	"fmt"
	"strings"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/wire"
)

// mostTargets bounds what is decided or issued at once.
const mostTargets = 500

// Institutions searches the list of offices, sorted by province and pinyin.
func (r *Registry) Institutions(ctx context.Context, who Session, q exam.InstitutionQuery) ([]exam.Institution, error) {
	if err := r.guard(ctx, who, actInstitution, scope{}, ""); err != nil {
		return nil, err
	}
	return r.ListInstitutions(ctx, q)
}

// Queue is a part of the dossiers of the cycles in force that the account may see.
func (r *Registry) Queue(ctx context.Context, who Session, f application.Filter) (application.Page, error) {
	var page application.Page
	if err := r.guard(ctx, who, actQueue, scope{}, ""); err != nil {
		return page, err
	}
	if !clean(60, f.Text, string(f.Institution), string(f.Procedure), f.Issued, f.Sort) || len(f.States) > len(application.States) {
		return page, exam.Errorf(exam.Invalid, "查询条件不对，请修改后再查")
	}
	err := r.store.View(ctx, func(tx Reader) error {
		cycles, err := tx.Cycles()
		if err != nil {
			return err
		}
		provinces, err := tx.Provinces()
		if err != nil {
			return err
		}
		s := queueScope(who.Account)
		seen := map[exam.CycleID]bool{}
		for _, p := range provinces {
			if s.Province != "" && s.Province != p.Code {
				continue
			}
			if c, ok := cycleOf(cycles, p.Code, r.today()); ok && !seen[c.ID] {
				seen[c.ID] = true
				over := c.Assess.To != "" && r.today() > c.Assess.To
				if !f.Overdue || over {
					s.Cycles = append(s.Cycles, c.ID)
				}
			}
		}
		if f.Overdue {
			f.States = []application.State{application.AwaitingExam, application.AwaitingResit}
		}
		page, err = tx.Queue(s, f)
		for i := range page.Rows {
			if n := page.Rows[i].Notice; n != nil { // its number begins with the document's
				if document, rest, ok := strings.Cut(n.Number, "KH"); ok {
					n.Number = exam.MaskNumber(document) + "KH" + rest
				}
			}
		}
		return err
	})
	return page, err
}

// reviewable reads a dossier for a reviewer.
func (r *Registry) reviewable(ctx context.Context, who Session, what action, id exam.ApplicationID, then func(Reader, file) error) error {
	var refused error
	err := r.store.View(ctx, func(tx Reader) error {
		f, err := readScope(tx, id)
		if err != nil {
			return err
		}
		if refused = may(who.Account, what, f.scope()); refused != nil {
			return refused
		}
		if f, err = readFile(tx, id); err != nil {
			return err
		}
		return then(tx, f)
	})
	if refused != nil {
		return r.noted(ctx, who, what, string(id), refused)
	}
	return err
}

// Case opens one dossier for a reviewer. The document number in it is masked:
// CaseIdentity has it whole.
func (r *Registry) Case(ctx context.Context, who Session, id exam.ApplicationID) (application.Case, error) {
	var c application.Case
	if who.Account.Role == exam.RoleDoctor {
		return c, r.noted(ctx, who, actQueue, string(id), may(who.Account, actQueue, scope{}))
	}
	err := r.reviewable(ctx, who, actRead, id, func(tx Reader, f file) (err error) {
		if c.Enrolment, err = enrolment(tx, f); err != nil {
			return err
		}
		c.Doctor.Identity = exam.Identity(c.Doctor.Identity.Masked())
		for i := range c.Notices {
			c.Notices[i].Number = maskIn(c.Notices[i].Number, string(f.doctor.Identity))
		}
		c.Acts = nil
		for _, act := range application.Decisions {
			if f.dossier.Allows(act, who.Account.Role) && may(who.Account, actionOf(act), f.scope()) == nil &&
				f.dossier.AdmitDecision(act, f.cycle, r.today()) == nil && r.settled(tx, f, act) == nil {
				c.Acts = append(c.Acts, act)
			}
		}
		return nil
	})
	return c, err
}

// CaseIdentity is the whole document number; the audit log keeps who asked.
func (r *Registry) CaseIdentity(ctx context.Context, who Session, id exam.ApplicationID) (wire.Identity, error) {
	var n wire.Identity
	var refused error
	err := r.store.Update(ctx, func(tx Tx) error {
		f, err := readScope(tx, id)
		if err != nil {
			return err
		}
		if refused = may(who.Account, actIdentity, f.scope()); refused != nil {
			return refused
		}
		n.Identity = string(f.doctor.Identity)
		return r.audit(tx, audit{who: who.Account, address: who.Origin.Address, action: string(actIdentity), target: string(id), detail: f.doctor.Identity.Masked()})
	})
	if refused != nil {
		return wire.Identity{}, r.noted(ctx, who, actIdentity, string(id), refused)
	}
	return n, err
}

// actionOf is the right that a decision takes.
func actionOf(a application.Act) action {
	switch a {
	case application.ActIncluded:
		return actInclude
	case application.ActTakenUp, application.ActApproved, application.ActReturned:
		return actReview
	case application.ActCorrectionGranted, application.ActCorrectionRefused:
		return actCorrection
	case application.ActExemptionGranted, application.ActExemptionRefused:
		return actExemption
	case application.ActConfirmed, application.ActVoided, application.ActAbsent, application.ActResitAdmitted:
		return actResult
	case application.ActAppealGranted, application.ActAppealRefused:
		return actAppeal
	}
	return ""
}

// Decide decides about each target in a transaction of its own; one that fails
// stops none. The error is for the decision as a whole; each target's own is in
// its outcome, in the order asked.
func (r *Registry) Decide(ctx context.Context, who Session, d application.Decision) ([]application.Outcome, error) {
	what := actionOf(d.Act)
	if what == "" {
		return nil, exam.Errorf(exam.Invalid, "没有这种审核操作")
	}
	if err := r.guard(ctx, who, what, scope{}, string(d.Act)); err != nil {
		return nil, err
	}
	if len(d.Targets) > mostTargets {
		return nil, exam.Errorf(exam.TooLarge, "一次最多处理%d份，请分批处理", mostTargets)
	}
	outs := make([]application.Outcome, 0, len(d.Targets))
	for _, t := range d.Targets {
		state, err := r.decide(ctx, who, what, d, t)
		if ctx.Err() != nil {
			return outs, exam.Wrap(exam.Unavailable, ctx.Err(), "操作中断了，已完成的部分有效，其余请重新操作")
		}
		outs = append(outs, outcome(t.Application, state, "", err))
		if exam.KindOf(err) == exam.Internal {
			r.fault("decide", err)
		}
	}
	return outs, nil
}

func outcome(id exam.ApplicationID, state application.State, serial exam.Serial, err error) application.Outcome {
	return application.Outcome{Application: id, Kind: exam.KindOf(err), Sentence: exam.SentenceOf(err), State: state, Serial: serial}
}

func (r *Registry) decide(ctx context.Context, who Session, what action, d application.Decision, t application.Target) (application.State, error) {
	var state application.State
	var refused error
	err := r.store.Update(ctx, func(tx Tx) error {
		refused, state = nil, ""
		f, err := readScope(tx, t.Application)
		if err != nil {
			return err
		}
		if refused = may(who.Account, what, f.scope()); refused != nil {
			return refused
		}
		if f, err = readFile(tx, t.Application); err != nil {
			return err
		}
		state = f.dossier.State
		if d.Act == application.ActTakenUp && f.dossier.TakenUp && t.On == f.dossier.OwnSeq {
			open := f.dossier
			open.TakenUp = false
			if open.Allows(d.Act, who.Account.Role) {
				return nil // somebody of the office has it open already
			}
		}
		now := r.now()
		e := application.Entry{Seq: f.dossier.ReviewSeq + 1, At: now, Act: d.Act, Body: application.Body{
			Reason: d.Reason, On: t.On,
			By: &application.Actor{Account: who.Account.ID, Name: who.Account.Name, Role: who.Account.Role, Office: who.Account.OfficeName},
		}}
		attempt := f.dossier.Attempt()
		switch {
		case d.Act == application.ActIncluded:
			e.Cycle = f.record.Cycle
		case d.Act == application.ActVoided && attempt != nil:
			e.Sitting = attempt.Sitting
		case d.Act == application.ActConfirmed && attempt != nil && attempt.Score != nil && attempt.Score.Digest != t.Score:
			return exam.Errorf(exam.Conflict, "成绩刚刚有变化，没有评定；请核对新的成绩后再评定")
		}
		if err := f.dossier.AdmitDecision(d.Act, f.cycle, r.today()); err != nil {
			return err
		}
		if err := r.settled(tx, f, d.Act); err != nil {
			return err
		}
		if f.dossier, err = f.dossier.Apply(e); err != nil {
			return err
		}
		state = f.dossier.State
		if f.review, err = r.write(tx, wire.ReviewStream(t.Application), f.review, now, string(e.Act), e.Body); err != nil {
			return err
		}
		if err := project(tx, f); err != nil {
			return err
		}
		return r.audit(tx, audit{who: who.Account, address: who.Origin.Address, action: string(d.Act), target: string(t.Application),
			detail: fmt.Sprintf("%s %s", f.doctor.Name, f.doctor.Identity.Masked())})
	})
	if refused != nil {
		return "", r.noted(ctx, who, what, string(t.Application), refused)
	}
	return state, err
}

// write appends an entry of the registry's own to a stream.
func (r *Registry) write(tx Tx, stream wire.Stream, head Head, now exam.Instant, kind string, body any) (Head, error) {
	_, raw, err := wire.Next(stream, head.Seq+1, head.Hash, now, r.opt.Signing.KeyID, kind, body)
	if err != nil {
		return head, err
	}
	next := Head{Stream: stream, Seq: head.Seq + 1, Hash: wire.HashOf(raw), Received: now}
	return next, tx.AppendEntry(StoredEntry{Stream: stream, Seq: next.Seq, Hash: next.Hash, Received: now, Raw: raw})
}
