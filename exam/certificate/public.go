package certificate

import "dingkao/exam"

// Public is what the verification page shows to anyone who holds the token of
// a notice: less than the notice itself. The document number is masked, and why
// a notice was revoked is between the authority and the doctor.
type Public struct {
	State       State     `json:"state"`
	Number      string    `json:"number"` // 1101************04KH20250703
	Name        string    `json:"name"`
	Institution string    `json:"institution"`
	Category    string    `json:"category"`
	Period      string    `json:"period"`
	Outcome     Outcome   `json:"outcome"`
	Authority   string    `json:"authority"`
	IssuedOn    exam.Date `json:"issuedOn"`
	RevokedOn   exam.Date `json:"revokedOn,omitempty"`
}

// Public is false for a notice that was never issued: it is unknown to the public.
func (r Record) Public() (Public, bool) {
	if r.IssuedAt == 0 {
		return Public{}, false
	}
	c := r.Certificate
	p := Public{
		State: r.State, Name: c.Name, Institution: c.Institution, Category: c.Category, Period: c.PeriodText(),
		Number:  exam.MaskNumber(c.Document) + c.Number[len(c.Document):],
		Outcome: c.Outcome, Authority: c.Authority, IssuedOn: c.IssuedOn,
	}
	if r.RevokedAt != 0 {
		p.RevokedOn = r.RevokedAt.Date()
	}
	return p, true
}
