package application

import (
	"fmt"

	"dingkao/exam/paper"
)

// Text is 71分，合格线60分，满分100分；答对71/100题.
func (s Score) Text() string {
	return fmt.Sprintf("%s，合格线%s，满分%s；答对%d/%d题", points(s.Points), points(s.PassMark), points(s.Most), s.Right, s.Questions)
}

// Mark is 71分.
func (s Score) Mark() string { return points(s.Points) }

func points(p paper.Points) string { return p.Text() + "分" }

// Text is 首次 or 补考.
func (a Attempt) Text() string {
	if a.Resit {
		return "补考"
	}
	return "首次"
}

// Outcome is what a sitting has come to: 测评中, 待评定, 合格, 不合格 or 已作废. A sitting
// that an appeal has opened again is 待评定 although it was confirmed before.
func (d Dossier) Outcome(i int) string {
	a := d.Attempts[i]
	last := d.Attempt()
	now := last != nil && last.Sitting == a.Sitting && !a.Voided
	switch {
	case a.Voided:
		return "已作废"
	case a.Score == nil:
		return Sitting.Text()
	case a.Confirmed == 0, now && d.State == AwaitingResult:
		return AwaitingResult.Text()
	case a.Score.Passed():
		return Qualified.Text()
	}
	return Unqualified.Text()
}

// Results are the result of the first assessment and that of the re-sit (首次考核结果,
// 补考结果), "" for none yet. Of several re-sits the last counts.
func (d Dossier) Results() (first, resit string) {
	var r [2]string
	at := 0
	for _, e := range d.History {
		switch e.Act {
		case ActConfirmed:
			for _, a := range d.Attempts {
				if !a.Voided && a.Resit == (at == 1) && a.Score != nil {
					r[at] = Unqualified.Text()
					if a.Score.Passed() {
						r[at] = Qualified.Text()
					}
				}
			}
		case ActAbsent:
			r[at] = Absent.Text()
		case ActResitAdmitted:
			at, r[1] = 1, ""
		case ActAppealGranted:
			if r[at] == Absent.Text() { // it is sat after all, as a re-sit
				at, r[1] = 1, ""
			} else {
				r[at] = ""
			}
		}
	}
	switch d.State {
	case Sitting, AwaitingResult, AwaitingResit:
		r[at] = d.State.Text()
	case Qualified:
		switch {
		case d.Exempted():
			r[0] = "合格（免考）"
		case len(d.Attempts) == 0:
			r[0] = Qualified.Text()
		}
	}
	return r[0], r[1]
}

// Exempted says that the exam is not sat because an exemption was granted.
func (d Dossier) Exempted() bool {
	return d.State == Qualified && d.Exemption != nil && d.Exemption.State == RequestGranted
}

// After says whether the act is one of the exam and what follows it: what a history
// of the result shows.
func (a Act) After() bool {
	switch a {
	case ActExemptionAsked, ActExemptionGranted, ActExemptionRefused, ActExamBegun, ActScored, ActVoided, ActConfirmed, ActAbsent,
		ActResitAdmitted, ActAppealAsked, ActAppealGranted, ActAppealRefused:
		return true
	}
	return false
}
