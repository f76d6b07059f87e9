package registry

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"slices"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/sync/wire"
)

// PaperInfo is a paper as an operator sees it: nothing in it helps a candidate.
type PaperInfo struct {
	ID        paper.ID       `json:"id"`
	Cycle     exam.CycleID   `json:"cycle"`
	Title     string         `json:"title"`
	Minutes   int            `json:"minutes"`
	Questions int            `json:"questions"`
	Of        paper.Points   `json:"of"`       // all that can be earned
	PassMark  paper.Points   `json:"passMark"` // what is needed
	Kinds     map[string]int `json:"kinds"`    // questions by kind
	Bytes     int            `json:"bytes"`    // of the cipher text
	Sealed    exam.BlobHash  `json:"sealed"`   // its hash
	// Void are the questions that were found to be faulty since.
	Void []paper.QuestionID `json:"void,omitempty"`
	// Practised are the open banks that it was drawn from, told when it is drawn:
	// candidates may know their questions, and the answers.
	Practised []paper.BankID `json:"practised,omitempty"`
	Created   exam.Instant   `json:"created"`
}

func paperInfo(r PaperRecord) (PaperInfo, error) {
	p, err := paper.Decode(r.Encoded)
	if err != nil {
		return PaperInfo{}, exam.Wrap(exam.Damaged, err, "存放的试卷已损坏，请从备份恢复")
	}
	i := PaperInfo{ID: r.ID, Cycle: r.Cycle, Title: r.Title, Minutes: r.Minutes, Questions: r.Questions, Of: p.Total(), PassMark: p.PassMark,
		Kinds: map[string]int{}, Bytes: len(r.Sealed), Sealed: r.Hash, Void: r.Rules.Void, Created: r.Created}
	for _, q := range p.Questions {
		i.Kinds[string(q.Kind)]++
	}
	return i, nil
}

// banksOf reads the banks that a blueprint draws from.
func banksOf(tx Reader, b paper.Blueprint) ([]paper.Bank, error) {
	var banks []paper.Bank
	for i, part := range b.Parts {
		if slices.ContainsFunc(banks, func(k paper.Bank) bool { return k.ID == part.Bank }) {
			continue
		}
		rec, err := tx.Bank(part.Bank)
		if exam.KindOf(err) == exam.NotFound {
			return nil, exam.Errorf(exam.NotFound, "第%d部分要用的题库“%s”不存在，没有组卷", i+1, part.Bank)
		}
		if err != nil {
			return nil, err
		}
		bank, err := paper.DecodeBank(rec.Body)
		if err != nil {
			return nil, exam.Wrap(exam.Damaged, err, "存放的题库已损坏，没有组卷；请从备份恢复")
		}
		banks = append(banks, bank)
	}
	return banks, nil
}

// DrawPaper draws a paper for a cycle and seals it at once. What the blueprint
// leaves open (title, minutes, pass mark, day) is the cycle's; banks are those
// of the store where none are handed in. A cycle may have several papers: each
// candidate is given one of them. The error is Conflict where the same paper
// was drawn before.
func (r *Registry) DrawPaper(ctx context.Context, cycle exam.CycleID, b paper.Blueprint, banks []paper.Bank, seed paper.Seed) (PaperInfo, error) {
	var info PaperInfo
	err := r.store.Update(ctx, func(tx Tx) error {
		c, err := tx.Cycle(cycle)
		if err != nil {
			return err
		}
		had, err := tx.Papers(cycle)
		if err != nil {
			return err
		}
		plan := b
		if plan.Title == "" {
			plan.Title = c.Name + "测评试卷"
		}
		if plan.Minutes == 0 {
			plan.Minutes = c.Minutes
		}
		if plan.On == "" {
			if plan.On = c.Assess.To; plan.On == "" {
				plan.On = r.today()
			}
		}
		from := banks
		if from == nil {
			if from, err = banksOf(tx, plan); err != nil {
				return err
			}
		}
		open := plan.PassMark == 0
		p, key, err := paper.Draw(plan, from, seed)
		if err != nil {
			return err
		}
		if open { // the cycle's share of the points, rounded up
			plan.PassMark = (p.Total()*paper.Points(c.PassMark) + paper.Points(c.Questions) - 1) / paper.Points(c.Questions)
			if p, key, err = paper.Draw(plan, from, seed); err != nil {
				return err
			}
		}
		if slices.ContainsFunc(had, func(o PaperRecord) bool { return o.ID == p.ID }) {
			return exam.Errorf(exam.Conflict, "这份试卷已经有了，没有再存；要另一份试卷请换一个种子")
		}
		rec := PaperRecord{ID: p.ID, Cycle: cycle, Title: p.Title, Minutes: p.Minutes, Questions: len(p.Questions), Answers: key, Seed: seed, Created: r.now()}
		if rec.Encoded, err = paper.Encode(p); err != nil {
			return err
		}
		rec.Key = make([]byte, wire.KeySize)
		rand.Read(rec.Key)
		if rec.Sealed, err = wire.SealPaper(p.ID, rec.Key, rec.Encoded); err != nil {
			return err
		}
		rec.Hash = wire.BlobHashOf(rec.Sealed)
		if err := tx.PutPaper(rec); err != nil {
			return err
		}
		if info, err = paperInfo(rec); err != nil {
			return err
		}
		for _, k := range from {
			if k.Open {
				info.Practised = append(info.Practised, k.ID)
			}
		}
		return r.audit(tx, audit{action: "draw-paper", target: string(p.ID), detail: fmt.Sprintf("%s，%d题", p.Title, len(p.Questions))})
	})
	return info, err
}

// Papers lists the papers of a cycle, or of all for "", oldest first.
func (r *Registry) Papers(ctx context.Context, cycle exam.CycleID) ([]PaperInfo, error) {
	list := []PaperInfo{}
	err := r.store.View(ctx, func(tx Reader) error {
		list = list[:0]
		ps, err := tx.Papers(cycle)
		if err != nil {
			return err
		}
		for _, p := range ps {
			i, err := paperInfo(p)
			if err != nil {
				return err
			}
			list = append(list, i)
		}
		return nil
	})
	return list, err
}

// ShowPaper is one paper with its questions, without a single answer: for the
// operator at the registry itself, who is noted in the audit log.
func (r *Registry) ShowPaper(ctx context.Context, id paper.ID) (PaperInfo, paper.Paper, error) {
	var info PaperInfo
	var p paper.Paper
	err := r.store.Update(ctx, func(tx Tx) error {
		rec, err := tx.Paper(id)
		if err != nil {
			return err
		}
		if info, err = paperInfo(rec); err != nil {
			return err
		}
		if p, err = paper.Decode(rec.Encoded); err != nil {
			return exam.Wrap(exam.Damaged, err, "存放的试卷已损坏，请从备份恢复")
		}
		return r.audit(tx, audit{action: "show-paper", target: string(id)})
	})
	return info, p, err
}

// choosePaper gives a dossier one of the cycle's papers: by a hash of both, so
// that it is the same whenever asked, spread evenly, and hardly changed by a
// paper that is added later. A paper that the candidate has sat before comes only
// where there is no other.
func choosePaper(papers []PaperRecord, id exam.ApplicationID, sat []SittingRecord) (PaperRecord, bool) {
	var best PaperRecord
	var weight [sha256.Size]byte
	found, fresh := false, false
	for _, p := range papers {
		w := sha256.Sum256([]byte("dingkao paper of\n" + string(id) + "\n" + string(p.ID)))
		isFresh := !slices.ContainsFunc(sat, func(s SittingRecord) bool { return s.Paper == p.ID })
		if found && (fresh && !isFresh || fresh == isFresh && string(w[:]) <= string(weight[:])) {
			continue
		}
		best, weight, found, fresh = p, w, true, isFresh
	}
	return best, found
}
