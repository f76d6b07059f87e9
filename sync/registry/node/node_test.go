package node_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/registry"
	"dingkao/sync/registry/node"
	"dingkao/sync/registry/registrytest"
)

// Backed up, lost, restored: what was acknowledged is there, what was signed is
// still known, and work goes on.
func TestWorkGoesOnFromABackup(t *testing.T) {
	ctx := context.Background()
	r := registrytest.Start(t)
	r.Submit(t, registrytest.Doctor)
	r.Approve(t, registrytest.Doctor)
	notice := r.Issue(t, registrytest.Doctor)
	token := r.Token(t, notice.Serial)
	before := r.Enrolment(t, registrytest.Doctor)
	path := filepath.Join(t.TempDir(), "registry.backup")
	if _, err := r.Backup(ctx, path); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, node.KeysBeside(path)} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", name, info.Mode(), err)
		}
	}
	if _, err := r.Backup(ctx, path); err == nil {
		t.Error("a backup was written over")
	}
	r.Append(t, registrytest.OtherDoctor, application.ActSaved, application.Body{Form: &application.Form{Basic: &application.Basic{Mobile: "13900000000"}}})

	lost := r.Dir
	r.Stop()
	r.Dir = filepath.Join(t.TempDir(), "restored")
	if _, withKeys, err := node.Restore(ctx, node.Options{Data: r.Dir}, path); err != nil || !withKeys {
		t.Fatalf("%v, with keys %v", err, withKeys)
	}
	if _, _, err := node.Restore(ctx, node.Options{Data: lost}, path); exam.KindOf(err) != exam.Refused {
		t.Errorf("a restore over data: %v", err)
	}
	r.Restart(t)
	after := r.Enrolment(t, registrytest.Doctor)
	if after.OwnHead != before.OwnHead || after.ReviewHead != before.ReviewHead || len(after.Notices) != 1 || after.Notices[0] != before.Notices[0] {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	if e := r.Enrolment(t, registrytest.OtherDoctor); e.Dossier.State != application.Included {
		t.Errorf("what came after the backup is there: %s", e.Dossier.State)
	}
	if v, err := r.Verify(ctx, token); err != nil || v.State != registry.VerifiedValid {
		t.Errorf("the notice: %+v %v", v, err)
	}
	if report, err := r.AuditVerify(ctx); err != nil || !report.Clean {
		t.Errorf("audit: %+v %v", report, err)
	}
	r.Submit(t, registrytest.OtherDoctor)
	r.Approve(t, registrytest.OtherDoctor)
	r.Issue(t, registrytest.OtherDoctor)
	if report, err := r.AuditVerify(ctx); err != nil || !report.Clean {
		t.Errorf("audit, gone on: %+v %v", report, err)
	}
}

func TestWithoutFontsNothingIsIssuedAndItIsSaid(t *testing.T) {
	n, err := node.Open(context.Background(), node.Options{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer n.Close()
	if n.Trouble == "" {
		t.Error("nobody is told")
	}
}

func TestAnUnknownDatabaseIsRefused(t *testing.T) {
	if _, err := node.Open(context.Background(), node.Options{Data: t.TempDir(), Database: "mysql://x"}); err == nil {
		t.Error("mysql was opened")
	}
	if _, err := node.Open(context.Background(), node.Options{}); err == nil {
		t.Error("no folder was opened")
	}
	if _, err := os.Stat("keys"); err == nil {
		t.Error("keys were made where nobody asked for them")
	}
}
