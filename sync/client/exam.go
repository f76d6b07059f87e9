package client

import (
	"context"
	"net/url"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/wire"
)

// mostSealed bounds a sealed paper, in bytes: an encoded one, its nonce and tag.
const mostSealed = paper.MostBytes + 64

// Seat is how the doctor's sitting stands for the machine that asks. Errors:
// NotFound before the check-in, Unavailable.
func (s *Session) Seat(ctx context.Context, terminal string) (sitting.Seat, error) {
	return seated(read[sitting.Seat](s.do(ctx, call{method: "GET", path: wire.PathSeat, query: url.Values{"terminal": {terminal}}})))
}

// CheckIn takes the seat for this machine; after a move, with the code that the
// proctor told. Errors: Refused, Invalid, Unavailable.
func (s *Session) CheckIn(ctx context.Context, in wire.CheckIn) (sitting.Seat, error) {
	return seated(read[sitting.Seat](s.do(ctx, call{method: "POST", path: wire.PathSeat, json: in})))
}

// seated refuses a seat that cannot be worked with.
func seated(seat sitting.Seat, err error) (sitting.Seat, error) {
	if err != nil {
		return sitting.Seat{}, err
	}
	if !wire.OrdersStream(seat.Sitting).Valid() || seat.Paper == "" || seat.Sealed == "" || !seat.Sealed.Valid() || seat.Now <= 0 {
		return sitting.Seat{}, exam.Errorf(exam.Unavailable, "登记处的答复不完整，没有采用；请稍后再试，或举手告诉监考员")
	}
	return seat, nil
}

// SealedPaper is the cipher text of a paper. Its content is checked against the
// hash that the seat named.
func (s *Session) SealedPaper(ctx context.Context, id paper.ID, h exam.BlobHash) ([]byte, error) {
	data, err := s.do(ctx, call{method: "GET", path: wire.PathSealed, params: map[string]string{"paper": string(id)}, most: mostSealed, large: true})
	if err != nil {
		return nil, err
	}
	if wire.BlobHashOf(data) != h {
		return nil, exam.Errorf(exam.Damaged, "收到的试卷不完整，没有采用；稍后会自动再取")
	}
	return data, nil
}

// PaperKey is the key of the sitting's paper and the candidate's seed, for the
// terminal that holds the epoch. Errors: Refused before the start or where
// another terminal holds it, Unavailable.
func (s *Session) PaperKey(ctx context.Context, id sitting.ID, in wire.KeyRequest) (wire.Key, error) {
	k, err := read[wire.Key](s.do(ctx, call{method: "POST", path: wire.PathKey, params: map[string]string{"sitting": string(id)}, json: in}))
	if err != nil {
		return wire.Key{}, err
	}
	if len(k.Key) != wire.KeySize || k.Paper == "" || k.Now <= 0 {
		return wire.Key{}, exam.Errorf(exam.Unavailable, "登记处的答复不完整，试卷没有打开；请再试一次，或举手告诉监考员")
	}
	return k, nil
}
