package sqlstore

import (
	"encoding/json"
	"slices"
	"strings"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/registry"
)

const dossierColumns = `SELECT application, doctor, cycle, province, institution, assessor, institution_name, name, name_key, document,
	department, course, state, correction, submitted, changed, own_seq, notice, exemption, appeal, attempt, concluded FROM dossiers `

func scanDossier(scan func(...any) error) (registry.DossierRow, error) {
	var r registry.DossierRow
	var correction, exemption, appeal int64
	var notice, attempt string
	if err := scan(&r.Application, &r.Doctor, &r.Cycle, &r.Province, &r.InstitutionID, &r.Assessor, &r.Institution, &r.Name, &r.NameKey, &r.Document,
		&r.Department, &r.Procedure, &r.State, &correction, &r.Submitted, &r.Changed, &r.On, &notice, &exemption, &appeal, &attempt, &r.Concluded); err != nil {
		return r, err
	}
	r.Identity, r.Correction, r.Exemption, r.Appeal = exam.MaskNumber(r.Document), correction != 0, exemption != 0, appeal != 0
	if attempt != "" {
		r.Attempt = new(application.Attempt)
		if err := json.Unmarshal([]byte(attempt), r.Attempt); err != nil {
			return r, err
		}
	}
	if notice != "" {
		r.Notice = new(exam.Notice)
		return r, json.Unmarshal([]byte(notice), r.Notice)
	}
	return r, nil
}

func (t *txn) DossierRow(id exam.ApplicationID) (registry.DossierRow, error) {
	rs, err := list(t, scanDossier, dossierColumns+"WHERE application = $1 LIMIT 1", string(id))
	if err == nil && len(rs) == 0 {
		err = exam.Errorf(exam.NotFound, "没有找到这份填报信息")
	}
	if err != nil {
		return registry.DossierRow{}, err
	}
	return rs[0], nil
}

func (t *txn) PutDossierRow(r registry.DossierRow) error {
	var notice, attempt []byte
	if r.Attempt != nil {
		var err error
		if attempt, err = json.Marshal(r.Attempt); err != nil {
			return err
		}
	}
	inForce := false
	if r.Notice != nil {
		var err error
		if notice, err = json.Marshal(r.Notice); err != nil {
			return err
		}
		inForce = r.Notice.RevokedAt == 0
	}
	return t.exec(`INSERT INTO dossiers (application, doctor, cycle, province, institution, assessor, institution_name, name, name_key, document,
			department, course, state, state_order, correction, submitted, changed, own_seq, in_force, notice, exemption, appeal, attempt, concluded)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
		ON CONFLICT (application) DO UPDATE SET doctor = excluded.doctor, cycle = excluded.cycle, province = excluded.province,
			institution = excluded.institution, assessor = excluded.assessor, institution_name = excluded.institution_name,
			name = excluded.name, name_key = excluded.name_key, document = excluded.document, department = excluded.department,
			course = excluded.course, state = excluded.state, state_order = excluded.state_order, correction = excluded.correction,
			submitted = excluded.submitted, changed = excluded.changed, own_seq = excluded.own_seq, in_force = excluded.in_force,
			notice = excluded.notice, exemption = excluded.exemption, appeal = excluded.appeal, attempt = excluded.attempt,
			concluded = excluded.concluded`,
		string(r.Application), string(r.Doctor), string(r.Cycle), r.Province, string(r.InstitutionID), string(r.Assessor), r.Institution,
		r.Name, r.NameKey, r.Document, r.Department, string(r.Procedure), string(r.State), slices.Index(application.States, r.State),
		number(r.Correction), int64(r.Submitted), int64(r.Changed), int64(r.On), number(inForce), string(notice),
		number(r.Exemption), number(r.Appeal), string(attempt), int64(r.Concluded))
}

func (t *txn) DeleteDossierRows() error { return t.exec("DELETE FROM dossiers") }

// orders are the ways to sort a queue; the dossier's id decides between equals.
var orders = map[string]string{
	"":           "submitted, application",
	"submitted":  "submitted, application",
	"-submitted": "submitted DESC, application DESC",
	"name":       "name_key, application",
	"-name":      "name_key DESC, application DESC",
	"state":      "state_order, application",
	"-state":     "state_order DESC, application DESC",
}

func (t *txn) Queue(s registry.QueueScope, f application.Filter) (application.Page, error) {
	page := application.Page{Counts: map[application.State]int{}}
	w := where{}
	in(&w, "cycle", s.Cycles)
	if s.Province != "" {
		w.and("province = ?", s.Province)
	}
	if s.Institution != "" {
		w.and("institution = ?", string(s.Institution))
	}
	if s.Assessor != "" {
		w.and("assessor = ?", string(s.Assessor))
	}
	counts, err := list(t, func(scan func(...any) error) (struct{}, error) {
		var state application.State
		var n int
		err := scan(&state, &n)
		page.Counts[state] = n
		return struct{}{}, err
	}, "SELECT state, COUNT(*) FROM dossiers "+w.text()+" GROUP BY state", w.args...)
	if err != nil || len(counts) == 0 {
		return page, err
	}
	if len(f.States) > 0 {
		in(&w, "state", f.States)
	}
	if f.Correction {
		w.and("correction = 1")
	}
	if f.Exemption {
		w.and("exemption = 1")
	}
	if f.Overdue { // of which cycles and states is the registry's affair
		w.and("exemption = 0")
	}
	if f.Appeal {
		w.and("appeal = 1")
	}
	if f.Procedure != "" {
		w.and("course = ?", string(f.Procedure))
	}
	if f.Institution != "" {
		w.and("institution = ?", string(f.Institution))
	}
	switch f.Issued {
	case "yes":
		w.and("in_force = 1")
	case "no":
		w.and("in_force = 0")
	}
	if f.Text != "" {
		w.and("(lower(name) LIKE ? ESCAPE '!' OR document LIKE ? ESCAPE '!')",
			like(strings.ToLower(f.Text), true), like(strings.ToUpper(f.Text), true))
	}
	if err := t.tx.QueryRowContext(t.ctx, "SELECT COUNT(*) FROM dossiers "+w.text(), w.args...).Scan(&page.Total); err != nil {
		return page, err
	}
	order, ok := orders[f.Sort]
	if !ok {
		return page, &exam.Error{Kind: exam.Invalid, Field: "sort", Sentence: "没有这种排序方式"}
	}
	rows, err := list(t, scanDossier, dossierColumns+w.text()+" ORDER BY "+order+
		" LIMIT "+w.put(within(f.Limit, 50, 500))+" OFFSET "+w.put(max(f.Offset, 0)), w.args...)
	for _, r := range rows {
		page.Rows = append(page.Rows, r.Row)
	}
	return page, err
}
