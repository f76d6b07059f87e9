package registry

import (
	"context"
	"encoding/json"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/wire"
)

type hasher struct{}
type turns struct{}

var errUnbuilt = exam.Errorf(exam.Internal, "这一步还没有做好")

// Open makes a registry on a store; it writes nothing.
func Open(ctx context.Context, o Options) (*Registry, error) { return nil, errUnbuilt }

// About is what the registry says of itself to anyone.
func (r *Registry) About(ctx context.Context) (exam.About, error) { return exam.About{}, errUnbuilt }

// NewCaptcha draws a picture to be read by a person: it counts once, for three minutes.
func (r *Registry) NewCaptcha(ctx context.Context) (exam.Captcha, error) {
	return exam.Captcha{}, errUnbuilt
}

// SignIn opens a session.
func (r *Registry) SignIn(ctx context.Context, c exam.Credentials, from Origin) (wire.SignedIn, error) {
	return wire.SignedIn{}, errUnbuilt
}

// Authenticate finds the session of a token; a MustChange account gets one too,
// and every method but ChangePassword and SignOut then refuses it.
func (r *Registry) Authenticate(ctx context.Context, token string) (Session, error) {
	return Session{}, errUnbuilt
}

// SignOut ends the session.
func (r *Registry) SignOut(ctx context.Context, who Session) error { return errUnbuilt }

// ChangePassword sets a new password and ends the account's other sessions.
func (r *Registry) ChangePassword(ctx context.Context, who Session, old, new string) error {
	return errUnbuilt
}

// Enrolment is the doctor's own dossier in the cycle in force.
func (r *Registry) Enrolment(ctx context.Context, who Session) (wire.Enrolment, error) {
	return wire.Enrolment{}, errUnbuilt
}

// Tail is the part of a stream behind a seq.
func (r *Registry) Tail(ctx context.Context, who Session, stream wire.Stream, after uint64) (wire.Tail, error) {
	return wire.Tail{}, errUnbuilt
}

// Append takes in entries of one stream.
func (r *Registry) Append(ctx context.Context, who Session, raws []json.RawMessage) (wire.Appended, error) {
	return wire.Appended{}, errUnbuilt
}

// PutBlob stores a picture.
func (r *Registry) PutBlob(ctx context.Context, who Session, hash exam.BlobHash, data []byte) error {
	return errUnbuilt
}

// Blob reads a picture that the account uploaded or a dossier it may see names.
func (r *Registry) Blob(ctx context.Context, who Session, hash exam.BlobHash) ([]byte, error) {
	return nil, errUnbuilt
}

// Institutions searches the list of institutions.
func (r *Registry) Institutions(ctx context.Context, who Session, q exam.InstitutionQuery) ([]exam.Institution, error) {
	return nil, errUnbuilt
}

// Queue is a part of the dossiers that the account may see.
func (r *Registry) Queue(ctx context.Context, who Session, f application.Filter) (application.Page, error) {
	return application.Page{}, errUnbuilt
}

// Case opens one dossier for a reviewer.
func (r *Registry) Case(ctx context.Context, who Session, id exam.ApplicationID) (application.Case, error) {
	return application.Case{}, errUnbuilt
}

// CaseIdentity is the whole document number; the audit log keeps who asked.
func (r *Registry) CaseIdentity(ctx context.Context, who Session, id exam.ApplicationID) (wire.Identity, error) {
	return wire.Identity{}, errUnbuilt
}

// Decide decides about each target in a transaction of its own.
func (r *Registry) Decide(ctx context.Context, who Session, d application.Decision) ([]application.Outcome, error) {
	return nil, errUnbuilt
}

// Issue issues a notice for each target.
func (r *Registry) Issue(ctx context.Context, who Session, targets []application.Target) ([]application.Outcome, error) {
	return nil, errUnbuilt
}

// ResumeIssues finishes what a crash left between reserve and issue; it says how many.
func (r *Registry) ResumeIssues(ctx context.Context) (int, error) { return 0, errUnbuilt }

// Revoke ends a notice.
func (r *Registry) Revoke(ctx context.Context, who Session, serial exam.Serial, reason string) error {
	return errUnbuilt
}

// NoticePDF is the signed file of a notice.
func (r *Registry) NoticePDF(ctx context.Context, who Session, serial exam.Serial) ([]byte, error) {
	return nil, errUnbuilt
}

// Verify says what the public page shows for a QR code's token.
func (r *Registry) Verify(ctx context.Context, token string) (Verification, error) {
	return Verification{}, errUnbuilt
}

// AddCycle adds or replaces a cycle and makes the dossiers' ids of its doctors.
func (r *Registry) AddCycle(ctx context.Context, c exam.Cycle) error { return errUnbuilt }

// Cycles lists all cycles.
func (r *Registry) Cycles(ctx context.Context) ([]exam.Cycle, error) { return nil, errUnbuilt }

// AddProvince adds or replaces a province.
func (r *Registry) AddProvince(ctx context.Context, p exam.Province) error { return errUnbuilt }

// AddInstitution adds or replaces an office.
func (r *Registry) AddInstitution(ctx context.Context, i exam.Institution) error { return errUnbuilt }

// ListInstitutions is Institutions for the operator.
func (r *Registry) ListInstitutions(ctx context.Context, q exam.InstitutionQuery) ([]exam.Institution, error) {
	return nil, errUnbuilt
}

// ImportRoster adds or updates doctors, row by row.
func (r *Registry) ImportRoster(ctx context.Context, rows []RosterRow) ([]RosterResult, error) {
	return nil, errUnbuilt
}

// AddUser adds a member of staff with the first password.
func (r *Registry) AddUser(ctx context.Context, u NewUser) (exam.Account, error) {
	return exam.Account{}, errUnbuilt
}

// ListUsers lists accounts in the order of their ids.
func (r *Registry) ListUsers(ctx context.Context, f UserFilter) ([]User, error) {
	return nil, errUnbuilt
}

// FindUser finds an account by what it signs in with.
func (r *Registry) FindUser(ctx context.Context, province, login string) (User, error) {
	return User{}, errUnbuilt
}

// ResetPassword puts the first password in force again and ends all sessions.
func (r *Registry) ResetPassword(ctx context.Context, id exam.AccountID) error { return errUnbuilt }

// DisableUser disables an account and ends its sessions, or enables it again.
func (r *Registry) DisableUser(ctx context.Context, id exam.AccountID, disabled bool) error {
	return errUnbuilt
}

// AuditVerify checks the audit log's chain and signature and every stream.
func (r *Registry) AuditVerify(ctx context.Context) (AuditReport, error) {
	return AuditReport{}, errUnbuilt
}

// RebuildProjections derives the queue's rows anew and says how many.
func (r *Registry) RebuildProjections(ctx context.Context) (int, error) { return 0, errUnbuilt }

// Stats counts what the registry holds.
func (r *Registry) Stats(ctx context.Context) (Stats, error) { return Stats{}, errUnbuilt }

// Backup writes everything into one new file.
func (r *Registry) Backup(ctx context.Context, path string) (BackupReport, error) {
	return BackupReport{}, errUnbuilt
}

// Restore reads a backup into an empty store. The error is Refused where it is not empty.
func Restore(ctx context.Context, store Store, blobs Blobs, path string) (BackupReport, error) {
	return BackupReport{}, errUnbuilt
}

// FolderBlobs keeps blobs as files below a folder, which it makes.
func FolderBlobs(folder string) (Blobs, error) { return nil, errUnbuilt }
