package application

import (
	"strings"
	"testing"

	"dingkao/exam"
)

// TestTheResultsAreOfTheFirstAssessmentAndOfTheResit goes each way that a general
// procedure can take.
func TestTheResultsAreOfTheFirstAssessmentAndOfTheResit(t *testing.T) {
	look := func(name string, d Dossier, first, resit string, outcomes ...string) {
		t.Helper()
		if a, b := d.Results(); a != first || b != resit {
			t.Errorf("%s: %q and %q, want %q and %q", name, a, b, first, resit)
		}
		var got []string
		for i := range d.Attempts {
			got = append(got, d.Outcome(i))
		}
		if strings.Join(got, " ") != strings.Join(outcomes, " ") {
			t.Errorf("%s: outcomes %v, want %v", name, got, outcomes)
		}
	}
	d := atExam(t)
	look("waiting", d, "", "")
	look("let off", through(t, d, ActExemptionAsked, exam.RoleDoctor, ActExemptionGranted, exam.RoleAssessor), "合格（免考）", "")
	look("sitting", through(t, d, ActExamBegun, registry), "测评中", "", "测评中")
	fail := scored(t, d, 10)
	look("scored", fail, "待评定", "", "待评定")
	look("void", through(t, fail, ActVoided, exam.RoleAssessor), "", "", "已作废")
	failed := through(t, fail, ActConfirmed, exam.RoleAssessor)
	look("failed", failed, "不合格", "", "不合格")
	right = 70
	defer func() { right = 80 }()
	appeal := through(t, failed, ActAppealAsked, exam.RoleDoctor, ActAppealGranted, exam.RoleAuthority)
	look("opened again", appeal, "待评定", "", "待评定")
	look("decided anew", through(t, appeal, ActScored, registry, ActConfirmed, exam.RoleAssessor), "合格", "", "合格")
	again := through(t, failed, ActResitAdmitted, exam.RoleAssessor)
	look("admitted", again, "不合格", "待补考", "不合格")
	look("re-sat", through(t, scored(t, again, 75), ActConfirmed, exam.RoleAssessor), "不合格", "合格", "不合格", "合格")
	look("failed twice", through(t, scored(t, again, 5), ActConfirmed, exam.RoleAssessor), "不合格", "不合格", "不合格", "不合格")
	look("absent from the re-sit", through(t, again, ActAbsent, exam.RoleAssessor), "不合格", "缺考", "不合格")
	gone := through(t, d, ActAbsent, exam.RoleAssessor)
	look("absent", gone, "缺考", "")
	look("excused", through(t, gone, ActAppealAsked, exam.RoleDoctor, ActAppealGranted, exam.RoleAuthority), "缺考", "待补考")
	if s := failed.Attempt().Score.Text(); s != "10分，合格线60分，满分100分；答对10/100题" {
		t.Error(s)
	}
}
