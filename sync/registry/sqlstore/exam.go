package sqlstore

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/score"
	"dingkao/exam/sitting"
	"dingkao/sync/registry"
)

// encoded are bytes as a TEXT column holds them.
func encoded(b []byte) string { return base64.StdEncoding.EncodeToString(b) }

const paperColumns = "SELECT id, cycle, title, minutes, questions, sealed, hash, cipher, encoded, answers, rules, seed, created FROM papers "

func scanPaper(scan func(...any) error) (registry.PaperRecord, error) {
	var p registry.PaperRecord
	var sealed, cipher, body, answers, rules, seed string
	if err := scan(&p.ID, &p.Cycle, &p.Title, &p.Minutes, &p.Questions, &sealed, &p.Hash, &cipher, &body, &answers, &rules, &seed, &p.Created); err != nil {
		return p, err
	}
	p.Encoded = []byte(body)
	var err error
	if p.Sealed, err = base64.StdEncoding.DecodeString(sealed); err != nil {
		return p, err
	}
	if p.Key, err = base64.StdEncoding.DecodeString(cipher); err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(answers), &p.Answers); err != nil {
		return p, err
	}
	if err := json.Unmarshal([]byte(rules), &p.Rules); err != nil {
		return p, err
	}
	return p, p.Seed.UnmarshalText([]byte(seed))
}

// first is the only row of a lookup, or NotFound.
func first[T any](what string, rows []T, err error) (T, error) {
	var none T
	if err != nil {
		return none, err
	}
	if len(rows) == 0 {
		return none, exam.Errorf(exam.NotFound, "没有找到%s", what)
	}
	return rows[0], nil
}

func (t *txn) Paper(id paper.ID) (registry.PaperRecord, error) {
	ps, err := list(t, scanPaper, paperColumns+"WHERE id = $1 LIMIT 1", string(id))
	return first("这份试卷", ps, err)
}

func (t *txn) Papers(cycle exam.CycleID) ([]registry.PaperRecord, error) {
	w := where{}
	if cycle != "" {
		w.and("cycle = ?", string(cycle))
	}
	return list(t, scanPaper, paperColumns+w.text()+" ORDER BY created, id LIMIT 1000", w.args...)
}

func (t *txn) PutPaper(p registry.PaperRecord) error {
	answers, err := json.Marshal(p.Answers)
	if err != nil {
		return err
	}
	rules, err := json.Marshal(p.Rules)
	if err != nil {
		return err
	}
	seed, _ := p.Seed.MarshalText()
	return t.exec(`INSERT INTO papers (id, cycle, title, minutes, questions, sealed, hash, cipher, encoded, answers, rules, seed, created)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		string(p.ID), string(p.Cycle), p.Title, p.Minutes, p.Questions, encoded(p.Sealed), string(p.Hash), encoded(p.Key), string(p.Encoded),
		string(answers), string(rules), string(seed), int64(p.Created))
}

func (t *txn) PutRules(id paper.ID, r score.Rules) error {
	rules, err := json.Marshal(r)
	if err != nil {
		return err
	}
	return t.exec("UPDATE papers SET rules = $1 WHERE id = $2", string(rules), string(id))
}

const sittingColumns = "SELECT id, application, cycle, paper, seed, resit, made, terminal, machine, room, held, tries, checks, seen, released FROM sittings "

func scanSitting(scan func(...any) error) (registry.SittingRecord, error) {
	var s registry.SittingRecord
	var seed, checks string
	var resit int64
	if err := scan(&s.ID, &s.Application, &s.Cycle, &s.Paper, &seed, &resit, &s.Made, &s.Terminal, &s.Machine, &s.Room, &s.Held, &s.Tries, &checks, &s.Seen, &s.Released); err != nil {
		return s, err
	}
	s.Resit = resit != 0
	if err := json.Unmarshal([]byte(checks), &s.Checks); err != nil {
		return s, err
	}
	return s, s.Seed.UnmarshalText([]byte(seed))
}

func (t *txn) Sitting(id sitting.ID) (registry.SittingRecord, error) {
	ss, err := list(t, scanSitting, sittingColumns+"WHERE id = $1 LIMIT 1", string(id))
	return first("这次测评", ss, err)
}

func (t *txn) SittingsOf(application exam.ApplicationID) ([]registry.SittingRecord, error) {
	return list(t, scanSitting, sittingColumns+"WHERE application = $1 ORDER BY made, id LIMIT 100", string(application))
}

func (t *txn) Sittings(after sitting.ID, limit int) ([]registry.SittingRecord, error) {
	return list(t, scanSitting, sittingColumns+"WHERE id > $1 ORDER BY id LIMIT $2", string(after), limit)
}

func (t *txn) SittingsWith(p paper.ID, after sitting.ID, limit int) ([]registry.SittingRecord, error) {
	return list(t, scanSitting, sittingColumns+"WHERE paper = $1 AND id > $2 ORDER BY id LIMIT $3", string(p), string(after), limit)
}

func (t *txn) PutSitting(s registry.SittingRecord) error {
	checks, err := json.Marshal(s.Checks)
	if err != nil {
		return err
	}
	seed, _ := s.Seed.MarshalText()
	return t.exec(`INSERT INTO sittings (id, application, cycle, paper, seed, resit, made, terminal, machine, room, held, tries, checks, seen, released)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (id) DO UPDATE SET application = excluded.application, cycle = excluded.cycle, paper = excluded.paper, seed = excluded.seed,
			resit = excluded.resit, made = excluded.made, terminal = excluded.terminal, machine = excluded.machine, room = excluded.room,
			held = excluded.held, tries = excluded.tries, checks = excluded.checks, seen = excluded.seen,
			released = excluded.released`,
		string(s.ID), string(s.Application), string(s.Cycle), string(s.Paper), string(seed), number(s.Resit), int64(s.Made), s.Terminal, s.Machine, s.Room,
		int64(s.Held), s.Tries, string(checks), int64(s.Seen), int64(s.Released))
}

const wallColumns = "SELECT body, cycle, province, assessor, paper, document, due, ends FROM wall "

func scanWall(scan func(...any) error) (registry.SittingRow, error) {
	var r registry.SittingRow
	var body string
	var due int64
	if err := scan(&body, &r.Cycle, &r.Province, &r.Assessor, &r.Paper, &r.Document, &due, &r.Ends); err != nil {
		return r, err
	}
	r.Due = due != 0
	return r, json.Unmarshal([]byte(body), &r.Row)
}

func (t *txn) SittingRow(id sitting.ID) (registry.SittingRow, error) {
	rs, err := list(t, scanWall, wallColumns+"WHERE sitting = $1 LIMIT 1", string(id))
	return first("这次测评", rs, err)
}

func (t *txn) PutSittingRow(r registry.SittingRow) error {
	body, err := json.Marshal(r.Row)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO wall (sitting, cycle, province, assessor, paper, state, room, machine, name, document, heard, noticed, due, ends, body)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
		ON CONFLICT (sitting) DO UPDATE SET cycle = excluded.cycle, province = excluded.province, assessor = excluded.assessor, paper = excluded.paper,
			state = excluded.state, room = excluded.room, machine = excluded.machine, name = excluded.name, document = excluded.document,
			heard = excluded.heard, noticed = excluded.noticed, due = excluded.due, ends = excluded.ends, body = excluded.body`,
		string(r.Sitting), string(r.Cycle), r.Province, string(r.Assessor), string(r.Paper), string(r.State), r.Room, r.Terminal, r.Name, r.Document,
		int64(r.LastHeard), r.Anomalies+r.FocusLost, number(r.Due), int64(r.Ends), string(body))
}

func (t *txn) DeleteSittingRows() error { return t.exec("DELETE FROM wall") }

func (t *txn) Wall(s registry.SittingScope, f sitting.Filter, stale exam.Instant) (sitting.Page, error) {
	page := sitting.Page{Counts: map[sitting.State]int{}}
	w := where{}
	in(&w, "cycle", s.Cycles)
	if s.Province != "" {
		w.and("province = ?", s.Province)
	}
	if s.Assessor != "" {
		w.and("assessor = ?", string(s.Assessor))
	}
	if _, err := list(t, func(scan func(...any) error) (struct{}, error) {
		var state sitting.State
		var n int
		err := scan(&state, &n)
		page.Counts[state] = n
		return struct{}{}, err
	}, "SELECT state, COUNT(*) FROM wall "+w.text()+" GROUP BY state", w.args...); err != nil {
		return page, err
	}
	if len(f.States) > 0 {
		in(&w, "state", f.States)
	}
	if f.Room != "" {
		w.and("room = ?", f.Room)
	}
	if f.Text != "" {
		w.and("(lower(name) LIKE ? ESCAPE '!' OR document LIKE ? ESCAPE '!')",
			like(strings.ToLower(f.Text), true), like(strings.ToUpper(f.Text), true))
	}
	if err := t.tx.QueryRowContext(t.ctx, "SELECT COUNT(*) FROM wall "+w.text(), w.args...).Scan(&page.Total); err != nil {
		return page, err
	}
	rows, err := list(t, scanWall, wallColumns+w.text()+
		" ORDER BY CASE WHEN state = '"+string(sitting.Running)+"' AND heard < "+w.put(int64(stale))+" THEN 0 WHEN noticed > 0 THEN 1 ELSE 2 END, room, machine, sitting"+
		" LIMIT "+w.put(within(f.Limit, 200, 2000))+" OFFSET "+w.put(max(f.Offset, 0)), w.args...)
	for _, r := range rows {
		page.Rows = append(page.Rows, r.Row)
	}
	return page, err
}

func (t *txn) Overdue(now exam.Instant, limit int) ([]sitting.ID, error) {
	return list(t, text[sitting.ID], "SELECT sitting FROM wall WHERE due = 1 OR (ends > 0 AND ends <= $1) ORDER BY sitting LIMIT $2", int64(now), limit)
}

func (t *txn) Sheet(digest string) (registry.SheetRecord, error) {
	s := registry.SheetRecord{}
	var body string
	err := t.one("这份评分记录", "SELECT digest, sitting, paper, at, body FROM sheets WHERE digest = $1", args(digest), &s.Digest, &s.Sitting, &s.Paper, &s.At, &body)
	s.Body = []byte(body)
	return s, err
}

func (t *txn) PutSheet(s registry.SheetRecord) error {
	return t.exec("INSERT INTO sheets (digest, sitting, paper, at, body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (digest) DO NOTHING",
		s.Digest, string(s.Sitting), string(s.Paper), int64(s.At), string(s.Body))
}
