package sqlstore

import (
	"encoding/json"
	"strings"

	"dingkao/exam"
	"dingkao/sync/registry"
)

const mostProvinces, mostCycles = 100, 1000

func (t *txn) Provinces() ([]exam.Province, error) {
	return list(t, func(scan func(...any) error) (exam.Province, error) {
		var p exam.Province
		err := scan(&p.Code, &p.Name, &p.Authority)
		return p, err
	}, "SELECT code, name, authority FROM provinces ORDER BY code LIMIT $1", mostProvinces)
}

func (t *txn) PutProvince(p exam.Province) error {
	return t.exec(`INSERT INTO provinces (code, name, authority) VALUES ($1, $2, $3)
		ON CONFLICT (code) DO UPDATE SET name = excluded.name, authority = excluded.authority`, p.Code, p.Name, p.Authority)
}

const institutionColumns = "SELECT id, kind, name, division, assessor FROM institutions "

func scanInstitution(scan func(...any) error) (exam.Institution, error) {
	var i exam.Institution
	err := scan(&i.ID, &i.Kind, &i.Name, &i.Division, &i.Assessor)
	return i, err
}

func (t *txn) Institution(id exam.InstitutionID) (exam.Institution, error) {
	var i exam.Institution
	err := t.one("这个机构", institutionColumns+"WHERE id = $1", args(string(id)), &i.ID, &i.Kind, &i.Name, &i.Division, &i.Assessor)
	return i, err
}

func (t *txn) Institutions(q exam.InstitutionQuery) ([]exam.Institution, error) {
	w := where{}
	if q.Division != "" {
		w.and("division LIKE ? ESCAPE '!'", like(q.Division, false))
	}
	if q.Name != "" {
		w.and("lower(name) LIKE ? ESCAPE '!'", like(strings.ToLower(q.Name), true))
	}
	return list(t, scanInstitution, institutionColumns+w.text()+" ORDER BY province, name_key, id LIMIT "+w.put(within(q.Limit, 50, 1000)), w.args...)
}

func (t *txn) InstitutionsNamed(province string, kind exam.OfficeKind, name string) ([]exam.Institution, error) {
	return list(t, scanInstitution, institutionColumns+"WHERE province = $1 AND kind = $2 AND name = $3 ORDER BY id LIMIT 10", province, string(kind), name)
}

func (t *txn) Authority(province string) (exam.Institution, error) {
	var i exam.Institution
	err := t.one("该省的卫生健康行政部门", institutionColumns+"WHERE province = $1 AND kind = $2 ORDER BY division, id LIMIT 1",
		args(province, string(exam.OfficeAuthority)), &i.ID, &i.Kind, &i.Name, &i.Division, &i.Assessor)
	return i, err
}

func (t *txn) PutInstitution(i exam.Institution) error {
	return t.exec(`INSERT INTO institutions (id, kind, name, name_key, division, province, assessor) VALUES ($1, $2, $3, $4, $5, $6, $7)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, name_key = excluded.name_key,
			division = excluded.division, province = excluded.province, assessor = excluded.assessor`,
		string(i.ID), string(i.Kind), i.Name, registry.NameKey(i.Name), i.Division, i.Division[:min(2, len(i.Division))], string(i.Assessor))
}

func decodeCycle(body string) (exam.Cycle, error) {
	var c exam.Cycle
	err := json.Unmarshal([]byte(body), &c)
	return c, err
}

func (t *txn) Cycle(id exam.CycleID) (exam.Cycle, error) {
	var body string
	if err := t.one("这个考核周期", "SELECT body FROM cycles WHERE id = $1", args(string(id)), &body); err != nil {
		return exam.Cycle{}, err
	}
	return decodeCycle(body)
}

func (t *txn) Cycles() ([]exam.Cycle, error) {
	return list(t, func(scan func(...any) error) (exam.Cycle, error) {
		var body string
		if err := scan(&body); err != nil {
			return exam.Cycle{}, err
		}
		return decodeCycle(body)
	}, "SELECT body FROM cycles ORDER BY id LIMIT $1", mostCycles)
}

func (t *txn) PutCycle(c exam.Cycle) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return t.exec("INSERT INTO cycles (id, body) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body", string(c.ID), string(body))
}

const doctorColumns = `SELECT id, province, identity, name, kind_code, kind_name, institution, licence_no, qualification_no, mobile FROM doctors `

func scanDoctor(scan func(...any) error) (exam.Doctor, error) {
	var d exam.Doctor
	err := scan(&d.ID, &d.Province, &d.Identity, &d.Name, &d.DocumentKind.Code, &d.DocumentKind.Name, &d.Institution, &d.LicenceNo, &d.QualificationNo, &d.Mobile)
	return d, err
}

func (t *txn) doctor(where string, a ...any) (exam.Doctor, error) {
	ds, err := list(t, scanDoctor, doctorColumns+where+" LIMIT 1", a...)
	if err == nil && len(ds) == 0 {
		err = exam.Errorf(exam.NotFound, "名册中没有这位医师")
	}
	if err != nil {
		return exam.Doctor{}, err
	}
	return ds[0], nil
}

func (t *txn) Doctor(id exam.DoctorID) (exam.Doctor, error) {
	return t.doctor("WHERE id = $1", string(id))
}

func (t *txn) DoctorByIdentity(province string, identity exam.Identity) (exam.Doctor, error) {
	return t.doctor("WHERE province = $1 AND identity = $2", province, string(identity))
}

func (t *txn) Doctors(province string, after exam.DoctorID, limit int) ([]exam.Doctor, error) {
	w := where{}
	w.and("id > ?", string(after))
	if province != "" {
		w.and("province = ?", province)
	}
	return list(t, scanDoctor, doctorColumns+w.text()+" ORDER BY id LIMIT "+w.put(limit), w.args...)
}

func (t *txn) PutDoctor(d exam.Doctor) error {
	return t.exec(`INSERT INTO doctors (id, province, identity, name, kind_code, kind_name, institution, licence_no, qualification_no, mobile)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET province = excluded.province, identity = excluded.identity, name = excluded.name,
			kind_code = excluded.kind_code, kind_name = excluded.kind_name, institution = excluded.institution,
			licence_no = excluded.licence_no, qualification_no = excluded.qualification_no, mobile = excluded.mobile`,
		string(d.ID), d.Province, string(d.Identity), d.Name, d.DocumentKind.Code, d.DocumentKind.Name, string(d.Institution),
		d.LicenceNo, d.QualificationNo, d.Mobile)
}

const applicationColumns = "SELECT id, doctor, cycle FROM applications "

func scanApplication(scan func(...any) error) (registry.ApplicationRecord, error) {
	var a registry.ApplicationRecord
	err := scan(&a.ID, &a.Doctor, &a.Cycle)
	return a, err
}

func (t *txn) Application(id exam.ApplicationID) (registry.ApplicationRecord, error) {
	var a registry.ApplicationRecord
	err := t.one("这份填报信息", applicationColumns+"WHERE id = $1", args(string(id)), &a.ID, &a.Doctor, &a.Cycle)
	return a, err
}

func (t *txn) ApplicationOf(doctor exam.DoctorID, cycle exam.CycleID) (registry.ApplicationRecord, error) {
	var a registry.ApplicationRecord
	err := t.one("这位医师本周期的填报信息", applicationColumns+"WHERE doctor = $1 AND cycle = $2", args(string(doctor), string(cycle)), &a.ID, &a.Doctor, &a.Cycle)
	return a, err
}

func (t *txn) ApplicationsOf(doctor exam.DoctorID) ([]registry.ApplicationRecord, error) {
	return list(t, scanApplication, applicationColumns+"WHERE doctor = $1 ORDER BY cycle LIMIT $2", string(doctor), mostCycles)
}

func (t *txn) Applications(after exam.ApplicationID, limit int) ([]registry.ApplicationRecord, error) {
	return list(t, scanApplication, applicationColumns+"WHERE id > $1 ORDER BY id LIMIT $2", string(after), limit)
}

func (t *txn) PutApplication(a registry.ApplicationRecord) error {
	return t.exec("INSERT INTO applications (id, doctor, cycle) VALUES ($1, $2, $3)", string(a.ID), string(a.Doctor), string(a.Cycle))
}
