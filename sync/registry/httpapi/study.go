package httpapi

import (
	"context"

	"dingkao/exam/paper"
	"dingkao/sync/wire"
)

// study are the routes of the open banks and of practice.
func (a *API) study() {
	handle(a, op{id: "banks", method: "GET", path: wire.PathBanks, summary: "The open question banks"},
		func(ctx context.Context, _ *nothing) (*answer[wire.Banks], error) {
			return reply(a.reg.Banks(ctx, whoIs(ctx)))
		})
	handle(a, op{id: "bank", method: "GET", path: wire.PathBank, summary: "An open question bank, whole, in its one encoding; a sealed one is not found"},
		func(ctx context.Context, in *struct {
			Bank string `path:"bank" maxLength:"64"`
		}) (*file, error) {
			body, hash, err := a.reg.Bank(ctx, whoIs(ctx), paper.BankID(in.Bank))
			if err != nil {
				return nil, err
			}
			return &file{ContentType: "application/json", CacheControl: "private, no-cache", ETag: `"` + string(hash) + `"`, Length: len(body), Body: body}, nil
		})
	handle(a, op{id: "practice", method: "GET", path: wire.PathPractice, summary: "The streams in which the doctor's own devices keep what was practised"},
		func(ctx context.Context, _ *nothing) (*answer[wire.Devices], error) {
			return reply(a.reg.Practice(ctx, whoIs(ctx)))
		})
}
