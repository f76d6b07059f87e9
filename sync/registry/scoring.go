package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/score"
	"dingkao/exam/sitting"
	"dingkao/sync/wire"
)

// loaded is a drawn paper as the registry works with it, without what may change
// (the rules). A room of terminals asks for it at one moment, so it is read once.
type loaded struct {
	paper   paper.Paper
	sealed  []byte
	hash    exam.BlobHash // of sealed
	key     []byte
	options map[paper.QuestionID]int
}

// paperCache keeps drawn papers.
type paperCache struct{ m sync.Map }

func (r *Registry) paperOf(tx Reader, id paper.ID) (*loaded, error) {
	if p, ok := r.papers.m.Load(id); ok {
		return p.(*loaded), nil
	}
	rec, err := tx.Paper(id)
	if err != nil {
		return nil, err
	}
	p, err := paper.Decode(rec.Encoded)
	if err != nil {
		return nil, exam.Wrap(exam.Damaged, err, "存放的试卷已损坏，请从备份恢复")
	}
	l := &loaded{paper: p, sealed: rec.Sealed, hash: rec.Hash, key: rec.Key, options: make(map[paper.QuestionID]int, len(p.Questions))}
	for _, q := range p.Questions {
		l.options[q.ID] = len(q.Options)
	}
	r.papers.m.Store(id, l)
	return l, nil
}

// answerable refuses an answer with options that the question does not have: it
// could never be scored.
func (l *loaded) answerable(e sitting.Entry) error {
	if e.Act != sitting.ActAnswered || e.Answer == nil {
		return nil
	}
	if n, ok := l.options[e.Question]; !ok || *e.Answer>>n != 0 {
		return exam.Errorf(exam.Invalid, "作答不在题目的选项之中")
	}
	return nil
}

// sheet is a scoring sheet: everything that a result rests on and the result. Its
// encoding is canonical (the fields in this order, maps sorted), so that who
// holds journal, paper, key and rules comes to the same bytes again.
type sheet struct {
	Format      int                `json:"format"` // 1
	Sitting     sitting.ID         `json:"sitting"`
	Application exam.ApplicationID `json:"application"`
	Paper       exam.BlobHash      `json:"paper"` // of the encoded paper
	Rules       score.Rules        `json:"rules"`
	Verdict     sitting.Verdict    `json:"verdict"`
	Result      score.Result       `json:"result"`
}

// ended says whether the sitting has something to be scored.
func ended(f sitting.Sitting) bool {
	return f.State == sitting.HandedIn || f.State == sitting.Terminated && f.Opened != 0
}

// attempt is the dossier's attempt that this sitting is; nil where it is none.
func attempt(d application.Dossier, id sitting.ID) *application.Attempt {
	i := slices.IndexFunc(d.Attempts, func(a application.Attempt) bool { return a.Sitting == id })
	if i < 0 {
		return nil
	}
	return &d.Attempts[i]
}

// owed says whether something is still to be done about a sitting whose dossier
// was folded: its beginning noted, or its score.
func owed(s seat) bool {
	f, d := s.state.full, s.file.dossier
	if f.Opened == 0 {
		return false
	}
	a := attempt(d, s.record.ID)
	if a == nil {
		return d.Allows(application.ActExamBegun, "")
	}
	return ended(f) && !a.Voided && a.Score == nil && d.Allows(application.ActScored, "")
}

// begin notes in the dossier that the sitting was opened. It says false where the
// dossier does not wait for an exam any more.
func (r *Registry) begin(tx Tx, rec SittingRecord, now exam.Instant) (bool, error) {
	f, err := readFile(tx, rec.Application)
	if err != nil {
		return false, err
	}
	if attempt(f.dossier, rec.ID) != nil {
		return true, nil
	}
	if !f.dossier.Allows(application.ActExamBegun, "") {
		return false, nil
	}
	_, err = r.review(tx, f, now, application.ActExamBegun, application.Body{Sitting: rec.ID})
	return err == nil, err
}

// compute makes the scoring sheet of a sitting that has ended.
func (r *Registry) compute(tx Reader, s seat, rec PaperRecord, rules score.Rules) ([]byte, application.Score, error) {
	var sc application.Score
	f := s.state.full
	hash := ""
	if f.Seal != nil && f.Seal.Head > 0 && !f.Collected {
		es, err := tx.Entries(wire.SittingStream(s.record.ID, f.Epoch), f.Seal.Head-1, 1)
		if err != nil {
			return nil, sc, err
		}
		if len(es) == 1 {
			hash = string(es[0].Hash)
		}
	}
	v, err := f.Judge(hash)
	if err != nil {
		return nil, sc, err
	}
	p, err := r.paperOf(tx, rec.ID)
	if err != nil {
		return nil, sc, err
	}
	res, err := score.Score(p.paper, rec.Answers, v.Answers, rules)
	if err != nil {
		return nil, sc, err
	}
	body, err := json.Marshal(sheet{Format: 1, Sitting: s.record.ID, Application: s.record.Application,
		Paper: wire.BlobHashOf(rec.Encoded), Rules: rules, Verdict: v, Result: res})
	if err != nil {
		return nil, sc, err
	}
	sc = application.Score{Right: res.Right, Questions: len(res.Marks), Points: res.Points, Most: res.Of, PassMark: res.PassMark, Digest: string(wire.HashOf(body))}
	return body, sc, nil
}

// settle does what the registry owes a sitting: it notes the beginning, and
// scores what has ended. Everything is read from the streams, so it may be
// called at any time and again; a crash before it leaves a row that is due.
func (r *Registry) settle(ctx context.Context, id sitting.ID) error {
	return r.store.Update(ctx, func(tx Tx) error {
		s, err := r.readSeated(tx, id)
		if err != nil {
			return err
		}
		now := r.now()
		if s.state.full.Opened != 0 {
			if _, err := r.begin(tx, s.record, now); err != nil {
				return err
			}
		}
		if s.file, err = readFile(tx, s.record.Application); err != nil {
			return err
		}
		if ended(s.state.full) {
			if s.file, err = r.scored(tx, s, now); err != nil {
				return err
			}
		}
		return projectSeat(tx, s, owed(s))
	})
}

// scored scores the sitting where that says something new. What comes after the
// result was decided changes nothing, and is noted.
func (r *Registry) scored(tx Tx, s seat, now exam.Instant) (file, error) {
	f := s.file
	a := attempt(f.dossier, s.record.ID)
	if a != nil && a.Voided {
		return f, nil
	}
	rec, err := tx.Paper(s.record.Paper)
	if err != nil {
		return f, err
	}
	body, sc, err := r.compute(tx, s, rec, rec.Rules)
	if err != nil {
		return f, err
	}
	if a != nil && a.Score != nil && a.Score.Digest == sc.Digest {
		return f, nil
	}
	if err := tx.PutSheet(SheetRecord{Digest: sc.Digest, Sitting: s.record.ID, Paper: rec.ID, At: now, Body: body}); err != nil {
		return f, err
	}
	current := f.dossier.Attempt()
	if a == nil || current == nil || current.Sitting != s.record.ID || !f.dossier.Allows(application.ActScored, "") {
		return f, r.audit(tx, audit{action: "score-not-used", target: string(s.record.ID),
			detail: fmt.Sprintf("档案现在是“%s”，评分记录 %s 只作留存", f.dossier.State.Text(), sc.Digest)})
	}
	if f, err = r.review(tx, f, now, application.ActScored, application.Body{Sitting: s.record.ID, Score: &sc}); err != nil {
		return f, err
	}
	return f, r.audit(tx, audit{action: "score", target: string(s.record.ID), detail: sc.Digest})
}

// Collect collects the sittings whose time is over though no seal has come, and
// goes on with what a crash left between a hand-in and its score. The server
// calls it when it starts and every minute. It says how many it has dealt with;
// one that fails stops none of the others, and their errors are joined.
func (r *Registry) Collect(ctx context.Context) (int, error) { return r.collect(ctx, 1000, true) }

// collect deals with at most so many; without again it leaves those alone that
// failed before, so that whoever looks at the wall does not try them each time.
func (r *Registry) collect(ctx context.Context, most int, again bool) (int, error) {
	var ids []sitting.ID
	if err := r.store.View(ctx, func(tx Reader) error {
		ids = nil
		list, err := tx.Overdue(r.now(), most)
		if err != nil {
			return err
		}
		for _, id := range list {
			due, err := dueNow(tx, id)
			if err != nil {
				return err
			}
			if again || !due {
				ids = append(ids, id)
			}
		}
		return nil
	}); err != nil {
		return 0, err
	}
	n := 0
	var all error
	for _, id := range ids {
		err := r.collectOne(ctx, id)
		if err == nil {
			err = r.settle(ctx, id)
		}
		if err != nil {
			all = errors.Join(all, fmt.Errorf("%s: %w", id, err))
			continue
		}
		n++
	}
	return n, all
}

// collectOne gives the order, where the time is over.
func (r *Registry) collectOne(ctx context.Context, id sitting.ID) error {
	return r.store.Update(ctx, func(tx Tx) error {
		s, err := r.readSeated(tx, id)
		if err != nil {
			return err
		}
		now := r.now()
		if s.state.full.State != sitting.Running || now < s.state.full.Ends() {
			return nil
		}
		if s, err = r.order(tx, s, now, sitting.ActCollected, sitting.Body{}); err != nil {
			return err
		}
		if err := projectSeat(tx, s, true); err != nil {
			return err
		}
		return r.audit(tx, audit{action: "order-collected", target: string(id),
			detail: fmt.Sprintf("%s %s", s.file.doctor.Name, s.file.doctor.Identity.Masked())})
	})
}

// Rescored says how a recomputation went.
type Rescored struct {
	Sitting  sitting.ID   `json:"sitting"`
	Digest   string       `json:"digest"`   // of the sheet that the dossier names; "" where it was not scored
	Again    string       `json:"again"`    // of the sheet computed now
	Same     bool         `json:"same"`     // byte for byte
	Points   paper.Points `json:"points"`   // by the dossier
	Now      paper.Points `json:"now"`      // by the recomputation
	Passed   bool         `json:"passed"`   // by the recomputation
	Written  bool         `json:"written"`  // a new score stands in the dossier
	Sentence string       `json:"sentence"` // what it means
}

// Rescore computes the score of a sitting anew from journal, paper, key and
// rules, and compares the scoring sheet with the one kept, byte for byte. With
// void the questions named count as faulty in addition, which only RescorePaper
// makes a rule. write appends the new score where the dossier still waits for its
// result.
func (r *Registry) Rescore(ctx context.Context, id sitting.ID, void []paper.QuestionID, write bool) (Rescored, error) {
	if write && len(void) > 0 {
		return Rescored{}, exam.Errorf(exam.Invalid, "作废题目对整份试卷的考生都有效，请对整份试卷重新评分")
	}
	var p paper.ID
	if err := r.store.View(ctx, func(tx Reader) error {
		s, err := tx.Sitting(id)
		p = s.Paper
		return err
	}); err != nil {
		return Rescored{}, err
	}
	list, err := r.rescore(ctx, p, []sitting.ID{id}, void, write)
	if err != nil || len(list) == 0 {
		return Rescored{Sitting: id}, err
	}
	return list[0], nil
}

// RescorePaper does so for every sitting of a paper that has ended. With void
// and write, the questions are void for the paper from now on.
func (r *Registry) RescorePaper(ctx context.Context, id paper.ID, void []paper.QuestionID, write bool) ([]Rescored, error) {
	var ids []sitting.ID
	if err := r.store.View(ctx, func(tx Reader) error {
		ids = nil
		if _, err := tx.Paper(id); err != nil {
			return err
		}
		return r.sittingsWith(tx, id, func(s seat) error {
			if ended(s.state.full) {
				ids = append(ids, s.record.ID)
			}
			return nil
		})
	}); err != nil {
		return nil, err
	}
	return r.rescore(ctx, id, ids, void, write)
}

// sittingsWith goes through the sittings of a paper.
func (r *Registry) sittingsWith(tx Reader, id paper.ID, f func(seat) error) error {
	var after sitting.ID
	for {
		list, err := tx.SittingsWith(id, after, chunk)
		if err != nil {
			return err
		}
		for _, rec := range list {
			after = rec.ID
			s := seat{record: rec}
			if s.state, err = r.readState(tx, rec.ID); err != nil {
				return err
			}
			if err := f(s); err != nil {
				return err
			}
		}
		if len(list) < chunk {
			return nil
		}
	}
}

func (r *Registry) rescore(ctx context.Context, id paper.ID, ids []sitting.ID, void []paper.QuestionID, write bool) ([]Rescored, error) {
	list := []Rescored{}
	err := r.store.View(ctx, func(tx Reader) error {
		list = list[:0]
		rec, err := tx.Paper(id)
		if err != nil {
			return err
		}
		rules := voiding(rec.Rules, void)
		for _, id := range ids {
			one, err := r.recompute(tx, rec, rules, id, len(void) > 0)
			if err != nil {
				return fmt.Errorf("%s: %w", id, err)
			}
			list = append(list, one)
		}
		return nil
	})
	if err != nil || !write {
		return list, err
	}
	if len(void) > 0 {
		if err := r.store.Update(ctx, func(tx Tx) error {
			rec, err := tx.Paper(id)
			if err != nil {
				return err
			}
			rules := voiding(rec.Rules, void)
			if _, err := score.Score(mustPaper(rec), rec.Answers, nil, rules); err != nil {
				return err
			}
			if err := tx.PutRules(id, rules); err != nil {
				return err
			}
			return r.audit(tx, audit{action: "void-questions", target: string(id), detail: fmt.Sprint(void)})
		}); err != nil {
			return list, err
		}
	}
	for i := range list {
		if list[i].Digest == list[i].Again {
			continue
		}
		if err := r.settle(ctx, list[i].Sitting); err != nil {
			return list, err
		}
		if err := r.store.View(ctx, func(tx Reader) error {
			s, err := tx.Sitting(list[i].Sitting)
			if err != nil {
				return err
			}
			d, _, err := readDossier(tx, s.Application)
			if a := attempt(d, s.ID); a != nil && a.Score != nil && a.Score.Digest == list[i].Again {
				list[i].Written = true
				list[i].Sentence = "已按新的评分记入档案，等待考核机构评定"
			} else {
				list[i].Sentence = "结果已经评定，没有改动档案；需要改正请走复核"
			}
			return err
		}); err != nil {
			return list, err
		}
	}
	return list, nil
}

func mustPaper(rec PaperRecord) paper.Paper {
	p, _ := paper.Decode(rec.Encoded) // a damaged one is refused by Score
	return p
}

// voiding are the rules with more questions void, each once.
func voiding(r score.Rules, more []paper.QuestionID) score.Rules {
	next := score.Rules{Void: slices.Clone(r.Void)}
	for _, q := range more {
		if !slices.Contains(next.Void, q) {
			next.Void = append(next.Void, q)
		}
	}
	return next
}

func (r *Registry) recompute(tx Reader, rec PaperRecord, rules score.Rules, id sitting.ID, changed bool) (Rescored, error) {
	out := Rescored{Sitting: id}
	s := seat{}
	var err error
	if s.record, err = tx.Sitting(id); err != nil {
		return out, err
	}
	orders, err := tx.Head(wire.OrdersStream(id))
	if err != nil {
		return out, err
	}
	// From the streams themselves, not from what was kept in memory.
	if s.state, err = foldState(tx, id, orders); err != nil {
		return out, err
	}
	if !ended(s.state.full) {
		return out, exam.Errorf(exam.Refused, "这次测评现在是“%s”，还没有可以评定的答卷", s.state.full.State.Text())
	}
	d, _, err := readDossier(tx, s.record.Application)
	if err != nil {
		return out, err
	}
	var kept []byte
	if a := attempt(d, id); a != nil && a.Score != nil {
		out.Digest, out.Points = a.Score.Digest, a.Score.Points
		was, err := tx.Sheet(a.Score.Digest)
		if err != nil {
			return out, err
		}
		kept = was.Body
		if !changed { // by the rules of its day
			var old sheet
			if err := json.Unmarshal(kept, &old); err != nil {
				return out, exam.Wrap(exam.Damaged, err, "评分记录已损坏，请从备份恢复")
			}
			rules = old.Rules
		}
	}
	body, sc, err := r.compute(tx, s, rec, rules)
	if err != nil {
		return out, err
	}
	out.Again, out.Now, out.Passed = sc.Digest, sc.Points, sc.Passed()
	out.Same = kept != nil && bytes.Equal(kept, body) && out.Digest == out.Again
	switch {
	case out.Same:
		out.Sentence = "重新计算与存档逐字节相同"
	case kept == nil:
		out.Sentence = "还没有评分，以下为重新计算的结果"
	case changed:
		out.Sentence = "按作废题目重新计算，与存档不同"
	default:
		out.Sentence = "重新计算与存档不同，请核查"
	}
	return out, nil
}

// Study is what the results of a paper say about its questions, for the
// operator at the registry itself.
func (r *Registry) Study(ctx context.Context, id paper.ID) (score.Study, error) {
	var st score.Study
	err := r.store.View(ctx, func(tx Reader) error {
		p, err := r.paperOf(tx, id)
		if err != nil {
			return err
		}
		var results []score.Result
		if err := r.sittingsWith(tx, id, func(s seat) error {
			if !ended(s.state.full) {
				return nil
			}
			d, _, err := readDossier(tx, s.record.Application)
			if err != nil {
				return err
			}
			a := attempt(d, s.record.ID)
			if a == nil || a.Voided || a.Score == nil {
				return nil
			}
			was, err := tx.Sheet(a.Score.Digest)
			if err != nil {
				return err
			}
			var sh sheet
			if err := json.Unmarshal(was.Body, &sh); err != nil {
				return exam.Wrap(exam.Damaged, err, "评分记录已损坏，请从备份恢复")
			}
			results = append(results, sh.Result)
			return nil
		}); err != nil {
			return err
		}
		st, err = score.Analyse(p.paper, results)
		return err
	})
	return st, err
}

// ListPapers lists the drawn papers of the cycles in the account's province,
// newest first, without anything of their content.
func (r *Registry) ListPapers(ctx context.Context, who Session) ([]paper.Listed, error) {
	list := []paper.Listed{}
	if err := r.guard(ctx, who, actStudy, scope{}, ""); err != nil {
		return list, err
	}
	err := r.store.View(ctx, func(tx Reader) error {
		list = list[:0]
		ps, err := tx.Papers("")
		if err != nil {
			return err
		}
		for _, p := range slices.Backward(ps) {
			c, err := tx.Cycle(p.Cycle)
			if err != nil {
				return err
			}
			if who.Account.Province != "" && !slices.Contains(c.Provinces, who.Account.Province) {
				continue
			}
			i, err := paperInfo(p)
			if err != nil {
				return err
			}
			list = append(list, paper.Listed{ID: p.ID, Cycle: p.Cycle, Title: p.Title, Questions: p.Questions, PassMark: i.PassMark, Drawn: p.Created, Until: c.Assess.To})
		}
		return nil
	})
	return list, err
}

// Statistics is Study for staff. How often each option was chosen beside how many
// were right tells the answers, so nobody sees it while the paper may still be
// laid before candidates.
func (r *Registry) Statistics(ctx context.Context, who Session, id paper.ID) (score.Study, error) {
	if err := r.guard(ctx, who, actStudy, scope{}, string(id)); err != nil {
		return score.Study{}, err
	}
	if err := r.store.View(ctx, func(tx Reader) error {
		p, err := tx.Paper(id)
		if err != nil {
			return err
		}
		c, err := tx.Cycle(p.Cycle)
		if err != nil {
			return err
		}
		if who.Account.Province != "" && !slices.Contains(c.Provinces, who.Account.Province) {
			return exam.Errorf(exam.NotFound, "没有找到这份试卷")
		}
		if c.Assess.To == "" || r.today() <= c.Assess.To {
			return exam.Errorf(exam.Refused, "测评时间是%s，结束以后才能查看试题分析，以免泄露答案", c.Assess.Text())
		}
		return nil
	}); err != nil {
		return score.Study{}, err
	}
	return r.Study(ctx, id)
}
