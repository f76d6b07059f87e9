package client

import (
	"context"

	"dingkao/exam"
	"dingkao/exam/sitting"
	"dingkao/sync/wire"
)

// Wall is a part of a proctor's wall, worst first. Errors: Forbidden, Unavailable.
func (s *Session) Wall(ctx context.Context, f sitting.Filter) (sitting.Page, error) {
	return read[sitting.Page](s.do(ctx, call{method: "POST", path: wire.PathWall, json: f, most: mostTail}))
}

// Command gives an order to one sitting or many; an outcome stands for each
// target, in their order. Errors: Forbidden, Invalid, Unavailable.
func (s *Session) Command(ctx context.Context, c sitting.Command) ([]sitting.Outcome, error) {
	a, err := read[wire.SittingOutcomes](s.do(ctx, call{method: "POST", path: wire.PathCommand, json: c, large: true}))
	if err != nil {
		return nil, err
	}
	if len(a.Outcomes) != len(c.Sittings) {
		return a.Outcomes, exam.Errorf(exam.Unavailable, "登记处的答复不完整，请以刷新后的状态为准")
	}
	for i, o := range a.Outcomes {
		if o.Sitting != c.Sittings[i].Sitting {
			return nil, exam.Errorf(exam.Unavailable, "登记处的答复与指令不符，请以刷新后的状态为准")
		}
	}
	return a.Outcomes, nil
}

// Journal is one sitting with all that its streams say. Errors: NotFound,
// Forbidden, Damaged (what was sent cannot be read), Unavailable.
func (s *Session) Journal(ctx context.Context, id sitting.ID) (sitting.Journal, error) {
	a, err := read[wire.Journal](s.do(ctx, call{method: "GET", path: wire.PathJournal, params: map[string]string{"sitting": string(id)}, most: mostTail, large: true}))
	if err != nil {
		return sitting.Journal{}, err
	}
	broken := func(err error) (sitting.Journal, error) {
		return sitting.Journal{}, exam.Wrap(exam.Damaged, err, "登记处送来的测评记录不完整，没有采用；请稍后重试或联系系统管理员")
	}
	if a.Row.Sitting != id {
		return broken(nil)
	}
	j := sitting.Journal{Row: a.Row}
	for n, own := range a.Epochs {
		list, err := sittingEntries(own, wire.SittingStream(id, sitting.Epoch(n+1)))
		if err != nil {
			return broken(err)
		}
		j.Epochs = append(j.Epochs, list)
	}
	if j.Orders, err = sittingEntries(a.Orders, wire.OrdersStream(id)); err != nil {
		return broken(err)
	}
	return j, nil
}

// sittingEntries reads the entries of one stream, which must be whole from its beginning.
func sittingEntries(list []wire.Entry, stream wire.Stream) ([]sitting.Entry, error) {
	out := make([]sitting.Entry, len(list))
	for i, e := range list {
		if e.Stream != stream || e.Seq != uint64(i+1) {
			return nil, exam.Errorf(exam.Damaged, "记录的归属或序号不对")
		}
		s, err := e.Sitting()
		if err != nil {
			return nil, err
		}
		out[i] = s
	}
	return out, nil
}
