package demo

import (
	"context"

	"dingkao/exam/paper"
	"dingkao/sync/registry"
)

// MakeExam draws the paper of the demonstration's exam from the banks, so that
// whoever waits for the exam can sit it. Where the cycle has a paper already, or
// there are no banks, it does nothing. The paper has as many questions as the
// cycle says, or as the banks can give, in equal parts from each.
func MakeExam(ctx context.Context, reg *registry.Registry, banks []paper.Bank) error {
	had, err := reg.Papers(ctx, CycleID)
	if err != nil || len(had) > 0 || len(banks) == 0 {
		return err
	}
	cycles, err := reg.Cycles(ctx)
	if err != nil {
		return err
	}
	want := 0
	for _, c := range cycles {
		if c.ID == CycleID {
			want = c.Questions
		}
	}
	var b paper.Blueprint
	for i, k := range banks {
		n := want / len(banks)
		if i < want%len(banks) {
			n++
		}
		if n = min(n, len(k.Items)); n > 0 {
			b.Parts = append(b.Parts, paper.Part{Bank: k.ID, Count: n})
		}
	}
	if _, err = reg.DrawPaper(ctx, CycleID, b, banks, paper.SeedOf("dingkao demo")); err != nil {
		return err
	}
	return seatOne(ctx, reg)
}
