package registry

import (
	"context"
	"errors"

	"dingkao/exam"
)

// action is something that takes a right.
type action string

const (
	actOwnSession  action = "session"          // sign out, change the password, see oneself
	actEnrolment   action = "enrolment"        // the doctor's own dossier
	actAppend      action = "append"           // to the doctor's own stream
	actUpload      action = "upload"           // a picture
	actRead        action = "read"             // a dossier: its streams, pictures, notices
	actQueue       action = "queue"            // the list of dossiers
	actIdentity    action = "identity"         // a whole document number
	actInclude     action = "include"          // a doctor in the cycle
	actReview      action = "review"           // take up, approve, return
	actCorrection  action = "correction"       // grant or refuse one
	actExemption   action = "exemption"        // grant or refuse one
	actResult      action = "result"           // confirm or void a sitting, mark an absence, admit to a re-sit
	actAppeal      action = "appeal"           // answer one
	actIssue       action = "issue"            // a notice
	actRevoke      action = "revoke"           // a notice
	actInstitution action = "institution-list" // search the list of offices
	actSeat        action = "seat"             // check in, fetch and open the paper, write the sitting's journal
	actSitting     action = "sitting"          // read a sitting's streams
	actWall        action = "wall"             // the list of sittings
	actCommand     action = "command"          // give orders to sittings
	actJournal     action = "journal"          // a sitting as its streams tell it
	actStudy       action = "study"            // what the results say about a paper's questions
	actBank        action = "bank"             // an open bank
	actPractice    action = "practice"         // the doctor's own practice
)

// reach is how far a role's right goes.
type reach int

const (
	nowhere     reach = iota
	itself            // the doctor's own
	institution       // the doctors of the account's institution
	assessor          // the doctors of the institutions it assesses
	province          // the doctors of its province
	everywhere
)

// rights are all rights: who may do what, and how far. What is not here is
// refused. Which act is possible in which state is the machine's affair
// (exam/application), not this table's.
var rights = map[action]map[exam.Role]reach{
	actOwnSession: {exam.RoleDoctor: everywhere, exam.RoleInstitution: everywhere, exam.RoleAssessor: everywhere,
		exam.RoleProctor: everywhere, exam.RoleAuthority: everywhere, exam.RoleAdministrator: everywhere},
	actInstitution: {exam.RoleDoctor: everywhere, exam.RoleInstitution: everywhere, exam.RoleAssessor: everywhere,
		exam.RoleProctor: everywhere, exam.RoleAuthority: everywhere, exam.RoleAdministrator: everywhere},
	actBank: {exam.RoleDoctor: everywhere, exam.RoleInstitution: everywhere, exam.RoleAssessor: everywhere,
		exam.RoleProctor: everywhere, exam.RoleAuthority: everywhere, exam.RoleAdministrator: everywhere},
	actPractice:  {exam.RoleDoctor: itself},
	actEnrolment: {exam.RoleDoctor: itself},
	actAppend:    {exam.RoleDoctor: itself},
	actUpload:    {exam.RoleDoctor: itself},
	actRead: {exam.RoleDoctor: itself, exam.RoleInstitution: institution, exam.RoleAssessor: assessor,
		exam.RoleAuthority: province, exam.RoleAdministrator: everywhere},
	actQueue: {exam.RoleInstitution: institution, exam.RoleAssessor: assessor,
		exam.RoleAuthority: province, exam.RoleAdministrator: everywhere},
	actIdentity: {exam.RoleInstitution: institution, exam.RoleAssessor: assessor,
		exam.RoleAuthority: province, exam.RoleAdministrator: everywhere},
	actInclude:    {exam.RoleInstitution: institution, exam.RoleAdministrator: everywhere},
	actReview:     {exam.RoleInstitution: institution, exam.RoleAssessor: assessor},
	actCorrection: {exam.RoleInstitution: institution},
	actExemption:  {exam.RoleAssessor: assessor},
	actResult:     {exam.RoleAssessor: assessor},
	actAppeal:     {exam.RoleAuthority: province},
	actIssue:      {exam.RoleAuthority: province},
	actRevoke:     {exam.RoleAuthority: province},
	actSeat:       {exam.RoleDoctor: itself},
	actSitting: {exam.RoleDoctor: itself, exam.RoleProctor: province, exam.RoleAssessor: assessor,
		exam.RoleAuthority: province, exam.RoleAdministrator: everywhere},
	actWall:    {exam.RoleProctor: province, exam.RoleAssessor: assessor, exam.RoleAdministrator: everywhere},
	actCommand: {exam.RoleProctor: province, exam.RoleAssessor: assessor},
	actJournal: {exam.RoleProctor: province, exam.RoleAssessor: assessor, exam.RoleAdministrator: everywhere},
	actStudy:   {exam.RoleAssessor: everywhere, exam.RoleAuthority: everywhere, exam.RoleAdministrator: everywhere},
}

// scope is whose affair something is. The zero value is nobody's in
// particular: then only the role counts, and what is listed is narrowed by
// queueScope.
type scope struct {
	Doctor      exam.DoctorID
	Province    string
	Institution exam.InstitutionID
	Assessor    exam.InstitutionID
}

// may is the one place where rights are decided. The error is MustChange while
// the first password is in force, and else Forbidden.
func may(who exam.Account, what action, whose scope) error {
	if who.ID == "" {
		return exam.Errorf(exam.Unauthenticated, "请先登录")
	}
	if who.MustChange && what != actOwnSession {
		return exam.Errorf(exam.MustChange, "您使用的还是初始密码，请先修改密码")
	}
	far := rights[what][who.Role]
	if far == nowhere {
		return exam.Errorf(exam.Forbidden, "您的账号（%s）没有这项权限，没有作任何改动", who.Role.Text())
	}
	if whose == (scope{}) {
		return nil
	}
	inside := false
	switch far {
	case itself:
		inside = who.Doctor != "" && who.Doctor == whose.Doctor
	case institution:
		inside = who.Office != "" && who.Office == whose.Institution && who.Province == whose.Province
	case assessor:
		inside = who.Office != "" && who.Office == whose.Assessor && who.Province == whose.Province
	case province:
		inside = who.Province != "" && who.Province == whose.Province
	case everywhere:
		// An administrator of one province stays in it.
		inside = who.Province == "" || whose.Province == "" || who.Province == whose.Province
	}
	if !inside {
		return exam.Errorf(exam.Forbidden, "这份信息不在您的管辖范围内，没有作任何改动")
	}
	return nil
}

// queueScope is what a list is narrowed to for the account; may has been asked.
func queueScope(who exam.Account) QueueScope {
	s := QueueScope{Province: who.Province}
	switch rights[actQueue][who.Role] {
	case institution:
		s.Institution = who.Office
	case assessor:
		s.Assessor = who.Office
	}
	return s
}

// guard asks may and writes a refusal into the audit log. It is called outside
// of any transaction.
func (r *Registry) guard(ctx context.Context, who Session, what action, whose scope, target string) error {
	return r.noted(ctx, who, what, target, may(who.Account, what, whose))
}

// noted writes err into the audit log where it is a refusal of rights, and
// returns it.
func (r *Registry) noted(ctx context.Context, who Session, what action, target string, err error) error {
	if exam.KindOf(err) != exam.Forbidden {
		return err
	}
	line := audit{who: who.Account, address: who.Origin.Address, action: string(what), target: target, result: string(exam.Forbidden)}
	if e := r.store.Update(ctx, func(tx Tx) error { return r.audit(tx, line) }); e != nil {
		r.fault("a refusal could not be audited", errors.Join(err, e))
	}
	return err
}
