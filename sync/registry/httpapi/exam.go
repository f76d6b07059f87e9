package httpapi

import (
	"context"
	"path"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/score"
	"dingkao/exam/sitting"
	"dingkao/sync/wire"
)

type (
	paperParam struct {
		Paper string `path:"paper" maxLength:"64"`
	}
	sittingParam struct {
		Sitting string `path:"sitting" maxLength:"64"`
	}
)

// schemaName tells the exam's types from those of the dossier that have the same
// name: a Row of the wall is SittingRow, one of the queue stays Row.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	switch room := path.Base(t.PkgPath()); {
	case t.Name() == "" || strings.HasPrefix(strings.ToLower(name), room):
	case room == "sitting", room == "score", room == "paper":
		return strings.ToUpper(room[:1]) + room[1:] + name
	}
	return name
}

// exam registers the exam's routes: the seat, the sealed paper and its key for
// candidates, the wall and orders for proctors.
func (a *API) exam() {
	handle(a, op{id: "seat", method: "GET", path: wire.PathSeat, summary: "How the doctor's sitting stands for this machine; 404 before the check-in"},
		func(ctx context.Context, in *struct {
			Terminal string `query:"terminal" maxLength:"64"`
		}) (*answer[sitting.Seat], error) {
			return reply(a.reg.Seat(ctx, whoIs(ctx), in.Terminal))
		})
	handle(a, op{id: "check-in", method: "POST", path: wire.PathSeat, summary: "Take a seat: make the sitting, or take the epoch of a move with its code"},
		func(ctx context.Context, in *request[wire.CheckIn]) (*answer[sitting.Seat], error) {
			return reply(a.reg.CheckIn(ctx, whoIs(ctx), in.Body))
		})
	handle(a, op{id: "sealed-paper", method: "GET", path: wire.PathSealed, summary: "The sealed paper, for a doctor who has a seat with it"},
		func(ctx context.Context, in *paperParam) (*file, error) {
			p, err := a.reg.Sealed(ctx, whoIs(ctx), paper.ID(in.Paper))
			if err != nil {
				return nil, err
			}
			return &file{ContentType: "application/octet-stream", CacheControl: "private, max-age=86400, immutable", ETag: `"` + string(p.Hash) + `"`,
				Length: len(p.Sealed), Body: p.Sealed}, nil
		})
	handle(a, op{id: "paper-key", method: "POST", path: wire.PathKey, summary: "The key of the sealed paper, from the start on, for the machine that holds the epoch; audited"},
		func(ctx context.Context, in *struct {
			Sitting string `path:"sitting" maxLength:"64"`
			Body    wire.KeyRequest
		}) (*answer[wire.Key], error) {
			return reply(a.reg.Key(ctx, whoIs(ctx), exam.SittingID(in.Sitting), in.Body))
		})
	handle(a, op{id: "wall", method: "POST", path: wire.PathWall, summary: "A page of the sittings within the account's scope, worst first"},
		func(ctx context.Context, in *request[sitting.Filter]) (*answer[sitting.Page], error) {
			page, err := a.reg.Wall(ctx, whoIs(ctx), in.Body)
			page.Rows = some(page.Rows)
			return reply(page, err)
		})
	handle(a, op{id: "order", method: "POST", path: wire.PathCommand, summary: "Give an order to one sitting or many", body: MostDecide},
		func(ctx context.Context, in *request[sitting.Command]) (*answer[wire.SittingOutcomes], error) {
			list, err := a.reg.Command(ctx, whoIs(ctx), in.Body)
			return reply(wire.SittingOutcomes{Outcomes: some(list)}, err)
		})
	handle(a, op{id: "journal", method: "GET", path: wire.PathJournal, summary: "A sitting as its streams tell it"},
		func(ctx context.Context, in *sittingParam) (*answer[wire.Journal], error) {
			return reply(a.reg.Journal(ctx, whoIs(ctx), exam.SittingID(in.Sitting)))
		})
	handle(a, op{id: "papers", method: "GET", path: wire.PathPapers, summary: "The drawn papers of the account's province, without their content"},
		func(ctx context.Context, _ *struct{}) (*answer[wire.Papers], error) {
			list, err := a.reg.ListPapers(ctx, whoIs(ctx))
			return reply(wire.Papers{Papers: some(list)}, err)
		})
	handle(a, op{id: "paper-items", method: "GET", path: wire.PathStatistics, summary: "What the results say about a paper's questions, once its exams are over"},
		func(ctx context.Context, in *paperParam) (*answer[score.Study], error) {
			return reply(a.reg.Statistics(ctx, whoIs(ctx), paper.ID(in.Paper)))
		})
}
