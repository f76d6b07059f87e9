package registry

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"dingkao/exam"
	"dingkao/exam/application"
)

// What follows is for the operator at the registry itself: whoever may run a
// command there has the database too, so no right is asked, but every change
// is audited.

// AddCycle adds or replaces a cycle and makes the dossiers' ids of the doctors
// on its provinces' rosters. The error is Invalid.
func (r *Registry) AddCycle(ctx context.Context, c exam.Cycle) error {
	if err := c.Check(); err != nil {
		return err
	}
	if !clean(64, string(c.ID)) || !clean(100, c.Name) || !clean(200, c.OtherConditions...) || !clean(2, c.Provinces...) {
		return exam.Errorf(exam.Invalid, "考核周期里有太长或不能保存的文字")
	}
	if err := r.store.Update(ctx, func(tx Tx) error {
		if err := tx.PutCycle(c); err != nil {
			return err
		}
		return r.audit(tx, audit{action: "cycle", target: string(c.ID), detail: c.Name})
	}); err != nil {
		return err
	}
	for _, p := range c.Provinces {
		var after exam.DoctorID
		for {
			n, next := 0, after
			if err := r.store.Update(ctx, func(tx Tx) error {
				ds, err := tx.Doctors(p, after, chunk)
				if err != nil {
					return err
				}
				n = len(ds)
				for _, d := range ds {
					if _, err := dossierFor(tx, d.ID, c.ID); err != nil {
						return err
					}
					next = d.ID
				}
				return nil
			}); err != nil {
				return err
			}
			after = next
			if n < chunk {
				break
			}
		}
	}
	return nil
}

// dossierFor makes the dossier's id of a doctor in a cycle where it is not
// there, and brings its row in the queue up to date.
func dossierFor(tx Tx, doctor exam.DoctorID, cycle exam.CycleID) (exam.ApplicationID, error) {
	a, err := tx.ApplicationOf(doctor, cycle)
	if exam.KindOf(err) == exam.NotFound {
		a = ApplicationRecord{ID: exam.ApplicationID(newID("a")), Doctor: doctor, Cycle: cycle}
		err = tx.PutApplication(a)
	}
	if err != nil {
		return "", err
	}
	return a.ID, reproject(tx, a.ID)
}

// Cycles lists all cycles.
func (r *Registry) Cycles(ctx context.Context) ([]exam.Cycle, error) {
	var cs []exam.Cycle
	err := r.store.View(ctx, func(tx Reader) (err error) {
		cs, err = tx.Cycles()
		return err
	})
	return cs, err
}

func digits(s string, lengths ...int) bool {
	ok := strings.Trim(s, "0123456789") == ""
	for _, n := range lengths {
		if ok && len(s) == n {
			return true
		}
	}
	return false
}

// AddProvince adds or replaces a province. The error is Invalid.
func (r *Registry) AddProvince(ctx context.Context, p exam.Province) error {
	if !digits(p.Code, 2) || p.Name == "" || p.Authority == "" || !clean(60, p.Name, p.Authority) {
		return exam.Errorf(exam.Invalid, "省份要有两位代码、名称和卫生健康行政部门的名称")
	}
	return r.store.Update(ctx, func(tx Tx) error {
		if err := tx.PutProvince(p); err != nil {
			return err
		}
		return r.audit(tx, audit{action: "province", target: p.Code, detail: p.Name})
	})
}

// AddInstitution adds or replaces an office. The error is Invalid.
func (r *Registry) AddInstitution(ctx context.Context, i exam.Institution) error {
	switch i.Kind {
	case exam.OfficeInstitution, exam.OfficeAssessor, exam.OfficeAuthority:
	default:
		return exam.Errorf(exam.Invalid, "机构的类别不对")
	}
	if i.ID == "" || i.Name == "" || !clean(64, string(i.ID), string(i.Assessor)) || !clean(60, i.Name) || !digits(i.Division, 2, 4, 6) {
		return exam.Errorf(exam.Invalid, "机构要有编号、名称（最多60个字）和行政区划代码")
	}
	return r.store.Update(ctx, func(tx Tx) error {
		if i.Assessor != "" {
			if a, err := tx.Institution(i.Assessor); err != nil || a.Kind != exam.OfficeAssessor {
				return exam.Wrap(exam.Invalid, err, "机构“"+i.Name+"”的考核机构不存在，请先添加考核机构")
			}
		}
		old, err := tx.Institution(i.ID)
		if err != nil && exam.KindOf(err) != exam.NotFound {
			return err
		}
		if err := tx.PutInstitution(i); err != nil {
			return err
		}
		// The rows of its doctors show its name and its assessor.
		var after exam.DoctorID
		for old.ID != "" && (old.Name != i.Name || old.Assessor != i.Assessor) {
			ds, err := tx.Doctors("", after, chunk)
			if err != nil {
				return err
			}
			for _, d := range ds {
				after = d.ID
				if d.Institution != i.ID {
					continue
				}
				if err := reprojectAll(tx, d.ID); err != nil {
					return err
				}
			}
			if len(ds) < chunk {
				break
			}
		}
		return r.audit(tx, audit{action: "institution", target: string(i.ID), detail: i.Name})
	})
}

func reprojectAll(tx Tx, doctor exam.DoctorID) error {
	as, err := tx.ApplicationsOf(doctor)
	for _, a := range as {
		if err := reproject(tx, a.ID); err != nil {
			return err
		}
	}
	return err
}

// ListInstitutions is Institutions for the operator.
func (r *Registry) ListInstitutions(ctx context.Context, q exam.InstitutionQuery) ([]exam.Institution, error) {
	if !clean(60, q.Name) || q.Division != "" && !digits(q.Division, 2, 4, 6) {
		return nil, exam.Errorf(exam.Invalid, "查询条件不对，请修改后再查")
	}
	var list []exam.Institution
	err := r.store.View(ctx, func(tx Reader) (err error) {
		list, err = tx.Institutions(q)
		return err
	})
	return list, err
}

// rosterBatch is how many rows of a roster share a transaction. A row is judged
// whole before anything of it is written, so sharing one half-applies none.
const rosterBatch = 100

// ImportRoster adds or updates doctors with their accounts and the dossiers' ids
// of the cycle in force, and reports row by row. A row that cannot stand is
// refused and stops none of the others. The same file again changes nothing.
// The error is for what is no row's fault; the report then ends before the rows
// that were not done.
func (r *Registry) ImportRoster(ctx context.Context, rows []RosterRow) ([]RosterResult, error) {
	var report []RosterResult
	seen := map[string]int{} // province and identity: the line that was done
	for len(rows) > 0 {
		batch := rows[:min(rosterBatch, len(rows))]
		rows = rows[len(batch):]
		var results []RosterResult
		var done map[string]int
		err := r.store.Update(ctx, func(tx Tx) error {
			results, done = nil, map[string]int{}
			counts := map[string]int{}
			for _, row := range batch {
				d, err := judge(tx, row)
				key := d.Province + " " + string(d.Identity)
				if err == nil {
					line, twice := seen[key]
					if l, here := done[key]; here {
						line, twice = l, true
					}
					if twice {
						err = exam.Errorf(exam.Invalid, "与第%d行是同一人，没有重复导入", line)
					}
				}
				var res RosterResult
				if err == nil {
					done[key] = row.Line
					res, err = r.enlist(tx, d)
				}
				if err != nil {
					if k := exam.KindOf(err); k != exam.Invalid && k != exam.NotFound {
						return err
					}
					res = RosterResult{Result: "refused", Sentence: exam.SentenceOf(err)}
				}
				res.Line = row.Line
				counts[res.Result]++
				results = append(results, res)
			}
			return r.audit(tx, audit{action: "roster", target: fmt.Sprintf("%d-%d", batch[0].Line, batch[len(batch)-1].Line),
				detail: fmt.Sprintf("added %d, updated %d, unchanged %d, refused %d", counts["added"], counts["updated"], counts["unchanged"], counts["refused"])})
		})
		if err != nil {
			return report, err
		}
		for k, line := range done {
			seen[k] = line
		}
		report = append(report, results...)
	}
	return report, nil
}

// judge reads a row against the lists, and writes nothing.
func judge(tx Reader, row RosterRow) (exam.Doctor, error) {
	id, err := exam.ParseIdentity(row.Identity)
	if err != nil {
		return exam.Doctor{}, err
	}
	d := exam.Doctor{Identity: id, Name: strings.TrimSpace(row.Name), Province: strings.TrimSpace(row.Province),
		DocumentKind: exam.Term{Code: "01", Name: "居民身份证"}, LicenceNo: strings.TrimSpace(row.LicenceNo),
		QualificationNo: strings.TrimSpace(row.QualificationNo), Mobile: strings.TrimSpace(row.Mobile)}
	if d.Name == "" || !clean(50, d.Name) {
		return d, exam.Errorf(exam.Invalid, "姓名没有填写，或太长，或含有不能保存的字符")
	}
	if !clean(60, row.Institution, d.LicenceNo, d.QualificationNo, d.Mobile) {
		return d, exam.Errorf(exam.Invalid, "有一项太长，或含有不能保存的字符")
	}
	provinces, err := tx.Provinces()
	if err != nil {
		return d, err
	}
	known := false
	for _, p := range provinces {
		if p.Code == d.Province || p.Name == d.Province {
			d.Province, known = p.Code, true
		}
	}
	if !known {
		return d, exam.Errorf(exam.Invalid, "省份“%s”没有登记", tidy(row.Province, 20))
	}
	name := strings.TrimSpace(row.Institution)
	office, err := tx.Institution(exam.InstitutionID(name))
	if exam.KindOf(err) == exam.NotFound {
		named, err := tx.InstitutionsNamed(d.Province, exam.OfficeInstitution, name)
		if err != nil {
			return d, err
		}
		if len(named) > 1 {
			return d, exam.Errorf(exam.Invalid, "机构“%s”在本省有%d个，请改填机构编号", name, len(named))
		}
		if len(named) == 1 {
			office = named[0]
		}
	} else if err != nil {
		return d, err
	}
	if office.Kind != exam.OfficeInstitution || office.Division[:2] != d.Province {
		return d, exam.Errorf(exam.Invalid, "机构“%s”没有在本省登记", tidy(name, 30))
	}
	d.Institution = office.ID
	return d, nil
}

// enlist writes a judged row.
func (r *Registry) enlist(tx Tx, d exam.Doctor) (RosterResult, error) {
	res := RosterResult{Result: "unchanged"}
	old, err := tx.DoctorByIdentity(d.Province, d.Identity)
	switch {
	case exam.KindOf(err) == exam.NotFound:
		res.Result = "added"
		d.ID = exam.DoctorID(newID("d"))
	case err != nil:
		return res, err
	default:
		d.ID = old.ID
		if d != old {
			res.Result = "updated"
		}
	}
	account, err := tx.AccountByLogin(d.Province, string(d.Identity))
	switch {
	case exam.KindOf(err) == exam.NotFound:
		account = AccountRecord{Created: r.now(), Account: exam.Account{ID: exam.AccountID(newID("u")), Login: string(d.Identity),
			Role: exam.RoleDoctor, Province: d.Province, Doctor: d.ID, MustChange: true}}
	case err != nil:
		return res, err
	}
	if res.Result != "unchanged" {
		if err := tx.PutDoctor(d); err != nil {
			return res, err
		}
		account.Name = d.Name
		if err := tx.PutAccount(account); err != nil {
			return res, err
		}
		if err := reprojectAll(tx, d.ID); err != nil {
			return res, err
		}
	}
	res.Doctor = d.ID
	cycles, err := tx.Cycles()
	if err != nil {
		return res, err
	}
	if c, ok := cycleOf(cycles, d.Province, r.today()); ok {
		if res.Application, err = dossierFor(tx, d.ID, c.ID); err != nil {
			return res, err
		}
	}
	// Cycles added beforehand have the doctor too.
	for _, c := range cycles {
		for _, p := range c.Provinces {
			if p == d.Province && res.Result == "added" {
				if _, err := dossierFor(tx, d.ID, c.ID); err != nil {
					return res, err
				}
			}
		}
	}
	return res, nil
}

// AddUser adds a member of staff, who signs in with the first password and must
// change it. The error is Invalid, or Conflict where the login is taken.
func (r *Registry) AddUser(ctx context.Context, u NewUser) (exam.Account, error) {
	login := strings.ToLower(strings.TrimSpace(u.Login))
	bad := func(sentence string) (exam.Account, error) {
		return exam.Account{}, exam.Errorf(exam.Invalid, "%s", sentence)
	}
	if len(login) < 2 || len(login) > 32 || strings.Trim(login, "abcdefghijklmnopqrstuvwxyz0123456789-_.") != "" || digits(login, 18) {
		return bad("账号应为2至32位小写字母、数字或-_.")
	}
	if strings.TrimSpace(u.Name) == "" || !clean(50, u.Name) || !clean(64, string(u.Office)) {
		return bad("姓名没有填写，或太长，或含有不能保存的字符")
	}
	want := map[exam.Role]exam.OfficeKind{exam.RoleInstitution: exam.OfficeInstitution, exam.RoleAssessor: exam.OfficeAssessor, exam.RoleAuthority: exam.OfficeAuthority}
	switch u.Role {
	case exam.RoleInstitution, exam.RoleAssessor, exam.RoleAuthority, exam.RoleProctor, exam.RoleAdministrator:
	default:
		return bad("没有这种工作人员角色；医师的账号由名册导入")
	}
	if u.Province != "" && !digits(u.Province, 2) || u.Province == "" && u.Role != exam.RoleAdministrator {
		return bad("请写明账号所属的省份（两位代码）")
	}
	a := AccountRecord{Account: exam.Account{ID: exam.AccountID(newID("u")), Login: login, Name: strings.TrimSpace(u.Name),
		Role: u.Role, Province: u.Province, Office: u.Office, MustChange: true}}
	err := r.store.Update(ctx, func(tx Tx) error {
		a.OfficeName = ""
		if u.Office != "" || want[u.Role] != "" {
			o, err := tx.Institution(u.Office)
			if err != nil && exam.KindOf(err) != exam.NotFound {
				return err
			}
			if err != nil || want[u.Role] != "" && o.Kind != want[u.Role] || u.Province != "" && o.Division[:2] != u.Province {
				return exam.Errorf(exam.Invalid, "账号所属的机构不存在，或类别、省份不符")
			}
			a.OfficeName = o.Name
		}
		same, err := tx.AccountsByLogin(login, 1000)
		if err != nil {
			return err
		}
		for _, s := range same {
			// An account of all provinces signs in under each of them.
			if s.Province == u.Province || s.Province == "" || u.Province == "" {
				return exam.Errorf(exam.Conflict, "账号“%s”已被使用，请换一个", login)
			}
		}
		a.Created = r.now()
		if err := tx.PutAccount(a); err != nil {
			return err
		}
		return r.audit(tx, audit{action: "user", target: string(a.ID), detail: fmt.Sprintf("%s %s %s", u.Role, login, a.Name)})
	})
	if err != nil {
		return exam.Account{}, err
	}
	return a.Account, nil
}

func user(a AccountRecord) User {
	return User{Account: a.Account, Disabled: a.Disabled, Created: a.Created, LastSignIn: a.LastSignIn}
}

// ListUsers lists accounts in the order of their ids.
func (r *Registry) ListUsers(ctx context.Context, f UserFilter) ([]User, error) {
	if !clean(64, f.Province, string(f.Role), f.Text, string(f.After)) {
		return nil, exam.Errorf(exam.Invalid, "查询条件不对，请修改后再查")
	}
	var list []User
	err := r.store.View(ctx, func(tx Reader) error {
		list = nil
		as, err := tx.Accounts(f)
		for _, a := range as {
			list = append(list, user(a))
		}
		return err
	})
	return list, err
}

// FindUser finds an account by what it signs in with. The error is NotFound.
func (r *Registry) FindUser(ctx context.Context, province, login string) (User, error) {
	if !clean(64, province, login) {
		return User{}, exam.Errorf(exam.NotFound, "没有这个账号")
	}
	var a AccountRecord
	err := r.store.View(ctx, func(tx Reader) (err error) {
		for _, p := range []string{province, ""} {
			if a, err = tx.AccountByLogin(p, loginOf(login)); exam.KindOf(err) != exam.NotFound {
				return err
			}
		}
		return err
	})
	return user(a), err
}

// ResetPassword puts the first password in force again and ends all sessions.
func (r *Registry) ResetPassword(ctx context.Context, id exam.AccountID) error {
	return r.change(ctx, id, "reset-password", func(a *AccountRecord) { a.Password, a.MustChange = "", true })
}

// DisableUser disables an account and ends its sessions, or enables it again.
func (r *Registry) DisableUser(ctx context.Context, id exam.AccountID, disabled bool) error {
	name := "enable-user"
	if disabled {
		name = "disable-user"
	}
	return r.change(ctx, id, name, func(a *AccountRecord) { a.Disabled = disabled })
}

func (r *Registry) change(ctx context.Context, id exam.AccountID, name string, f func(*AccountRecord)) error {
	if !clean(64, string(id)) {
		return exam.Errorf(exam.NotFound, "没有这个账号")
	}
	return r.store.Update(ctx, func(tx Tx) error {
		a, err := tx.Account(id)
		if err != nil {
			return err
		}
		f(&a)
		return errors.Join(tx.PutAccount(a), tx.DeleteSessions(id, ""), r.audit(tx, audit{action: name, target: string(id), detail: a.Name}))
	})
}

// Stats counts what the registry holds.
func (r *Registry) Stats(ctx context.Context) (Stats, error) {
	var s Stats
	err := r.store.View(ctx, func(tx Reader) (err error) {
		s, err = tx.Totals(r.now())
		return err
	})
	if s.States == nil {
		s.States = map[application.State]int{}
	}
	return s, err
}
