package client

import (
	"context"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/sync/wire"
)

// mostBank bounds a bank on the line, in bytes.
const mostBank = paper.MostBankBytes

// Banks lists the open question banks.
func (s *Session) Banks(ctx context.Context) ([]wire.BankInfo, error) {
	a, err := read[wire.Banks](s.do(ctx, call{method: "GET", path: wire.PathBanks}))
	return a.Banks, err
}

// Bank is an open bank in its one encoding: whole, of the hash that the list
// named, and readable. Errors: NotFound, Damaged (it changed meanwhile, or broke on
// the way), Unavailable.
func (s *Session) Bank(ctx context.Context, b wire.BankInfo) ([]byte, error) {
	data, err := s.do(ctx, call{method: "GET", path: wire.PathBank, params: map[string]string{"bank": string(b.ID)}, most: mostBank, large: true})
	if err != nil {
		return nil, err
	}
	if wire.BlobHashOf(data) != b.Hash {
		return nil, exam.Errorf(exam.Damaged, "收到的题库不完整，没有采用；稍后会重新下载")
	}
	if got, err := paper.DecodeBank(data); err != nil || got.ID != b.ID || !got.Open {
		return nil, exam.Wrap(exam.Damaged, err, "收到的题库读不出来，没有采用；请联系系统管理员")
	}
	return data, nil
}

// Practice lists the streams of the doctor's own devices.
func (s *Session) Practice(ctx context.Context) ([]wire.StreamHead, error) {
	a, err := read[wire.Devices](s.do(ctx, call{method: "GET", path: wire.PathPractice}))
	return a.Streams, err
}
