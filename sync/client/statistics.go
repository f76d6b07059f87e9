package client

import (
	"context"

	"dingkao/exam/paper"
	"dingkao/exam/score"
	"dingkao/sync/wire"
)

// Papers lists the drawn papers. Errors: Forbidden, Unavailable.
func (s *Session) Papers(ctx context.Context) ([]paper.Listed, error) {
	a, err := read[wire.Papers](s.do(ctx, call{method: "GET", path: wire.PathPapers}))
	return a.Papers, err
}

// Statistics is what the results say about a paper's questions. Errors: Refused
// while the paper may still be sat, NotFound, Forbidden, Unavailable.
func (s *Session) Statistics(ctx context.Context, id paper.ID) (score.Study, error) {
	return read[score.Study](s.do(ctx, call{method: "GET", path: wire.PathStatistics, params: map[string]string{"paper": string(id)}, large: true}))
}
