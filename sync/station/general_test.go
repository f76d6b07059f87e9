package station

import (
	"testing"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/registry/registrytest"
)

// proof is a picture that this PC keeps and that was not sent yet.
func proof(t *testing.T, s *Session) exam.Blob {
	t.Helper()
	f := whole(t, s, 3)
	return f.Choice.Proofs[0]
}

func TestAnExemptionGoesOutWithItsProofsAndComesBackAnswered(t *testing.T) {
	noLeak(t)
	r := newRig(t)
	r.ForExam(t, registrytest.Doctor)
	p := r.pc(t, "a")
	s := p.enter(registrytest.Doctor)
	state(t, s, application.AwaitingExam)
	if err := s.AskExemption(bg, "规培合格", nil); exam.KindOf(err) != exam.Invalid {
		t.Errorf("without proof: %v", err)
	}
	b := proof(t, s)
	if err := s.AskExemption(bg, "  ", []exam.Blob{b}); exam.KindOf(err) != exam.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	if x := r.Enrolment(t, registrytest.Doctor).Dossier.Exemption; x != nil {
		t.Fatalf("what was refused went out: %+v", x)
	}
	r.mode.Store(dead)
	if err := s.AskExemption(bg, "规培合格", []exam.Blob{b}); exam.KindOf(err) != exam.Unavailable {
		t.Errorf("without a line: %v", err)
	}
	if s.Enrolment().Dossier.Exemption != nil {
		t.Error("a request that did not go out stands on this PC")
	}
	r.mode.Store(good)
	until(t, s, "the line", func() bool { return s.Line().Online })
	if err := s.AskExemption(bg, " 规培合格 ", []exam.Blob{b}); err != nil {
		t.Fatal(err)
	}
	x := r.Enrolment(t, registrytest.Doctor).Dossier.Exemption
	if !x.Asked() || x.Reason != "规培合格" || len(x.Proofs) != 1 || x.Proofs[0].Hash != b.Hash {
		t.Fatalf("the registry has %+v", x)
	}
	if data, err := r.Blob(bg, r.Who(t, registrytest.Assessor), b.Hash); err != nil || len(data) != b.Size {
		t.Errorf("the proof at the registry: %d bytes, %v", len(data), err)
	}
	if err := s.AskExemption(bg, "再次", []exam.Blob{b}); exam.KindOf(err) != exam.Refused {
		t.Errorf("a second beside the first: %v", err)
	}
	r.Answer(t, registrytest.Assessor, application.ActExemptionGranted, "", registrytest.Doctor)
	until(t, s, "granted", func() bool { return s.Enrolment().Dossier.Exempted() })
}

func TestAnAppealGoesToTheRegistryAndComesBackAnswered(t *testing.T) {
	noLeak(t)
	r := newRig(t)
	r.ForExam(t, registrytest.Doctor)
	r.Sit(t, registrytest.Doctor, "s1", 41)
	p := r.pc(t, "a")
	s := p.enter(registrytest.Doctor)
	state(t, s, application.AwaitingResult)
	if err := s.AskAppeal(bg, "有争议"); exam.KindOf(err) != exam.Refused {
		t.Errorf("before the result: %v", err)
	}
	r.Answer(t, registrytest.Assessor, application.ActConfirmed, "", registrytest.Doctor)
	until(t, s, "the result", func() bool { return s.Enrolment().Dossier.State == application.Unqualified })
	if err := s.AskAppeal(bg, ""); exam.KindOf(err) != exam.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	if err := s.AskAppeal(bg, "有争议"); err != nil {
		t.Fatal(err)
	}
	if a := r.Enrolment(t, registrytest.Doctor).Dossier.Appeal; !a.Asked() || a.Reason != "有争议" {
		t.Fatalf("the registry has %+v", a)
	}
	r.Answer(t, registrytest.Authority, application.ActAppealRefused, "核对无误", registrytest.Doctor)
	until(t, s, "the answer", func() bool {
		a := s.Enrolment().Dossier.Appeal
		return a.State == application.RequestRefused && a.Answer.Reason == "核对无误"
	})
	if err := s.AskAppeal(bg, "再次"); exam.KindOf(err) != exam.Refused {
		t.Errorf("a second against the same result: %v", err)
	}
}
