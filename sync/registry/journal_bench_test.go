package registry_test

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"

	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/registry"
	rt "dingkao/sync/registry/registrytest"
	"dingkao/sync/registry/storetest"
	"dingkao/sync/wire"
)

// BenchmarkAnswers says how many answers a second are acknowledged when so many
// terminals send one after the other, each waiting for its receipt: the one
// terminal alone is what a transaction for each answer would come to.
//
//	go test -run - -bench Answers -benchtime 1x ./sync/registry
func BenchmarkAnswers(b *testing.B) {
	for _, terminals := range []int{1, 16, 256} {
		b.Run(fmt.Sprintf("SQLite/%d", terminals), func(b *testing.B) { answers(b, rt.Options{}, terminals) })
	}
	for _, terminals := range []int{1, 16} {
		b.Run(fmt.Sprintf("PostgreSQL/%d", terminals), func(b *testing.B) { answers(b, rt.Options{Database: storetest.Postgres(b)}, terminals) })
	}
}

func answers(b *testing.B, o rt.Options, terminals int) {
	const each = 50
	r := rt.Start(b, o)
	ctx := context.Background()
	c := r.StartExam(b, rt.Doctor)
	journals := make([][]json.RawMessage, terminals)
	for k := range journals {
		// Sittings of one doctor are as good as those of many here.
		id := sitting.ID(fmt.Sprintf("bench%d", k))
		if err := r.Store.Update(ctx, func(tx registry.Tx) error {
			s, err := tx.Sitting(c.Seat.Sitting)
			if err != nil {
				return err
			}
			s.ID, s.Seed = id, paper.SeedOf(string(id))
			return tx.PutSitting(s)
		}); err != nil {
			b.Fatal(err)
		}
	}
	var all []sitting.Target
	for k := range journals {
		all = append(all, sitting.Target{Sitting: sitting.ID(fmt.Sprintf("bench%d", k))})
	}
	outs, err := r.Command(ctx, r.Who(b, rt.Proctor), sitting.Command{Act: sitting.ActStart, Sittings: all})
	if err != nil || outs[0].Kind != "" {
		b.Fatal(outs, err)
	}
	for k, t := range all {
		at := c.Reading()
		var head wire.Hash
		for i := range each + 1 {
			act, body := sitting.ActAnswered, sitting.Body{Reading: &at, Orders: 1}
			if i == 0 {
				act, body.Anchor = sitting.ActOpened, &sitting.Anchor{Boot: at.Boot, Mono: at.Mono, At: at.Wall}
			} else {
				a := paper.Only(i % 4)
				body.Question, body.Answer = c.Sitting.Terms.Questions[i%10], &a
			}
			_, raw, err := wire.Next(wire.SittingStream(t.Sitting, 1), uint64(i+1), head, at.Wall, c.Terminal, string(act), body)
			if err != nil {
				b.Fatal(err)
			}
			head = wire.HashOf(raw)
			journals[k] = append(journals[k], raw)
		}
		if _, err := r.Registry().Append(ctx, c.Who, journals[k][:1]); err != nil {
			b.Fatal(err)
		}
	}
	b.ResetTimer()
	for range b.N {
		var wg sync.WaitGroup
		for _, raws := range journals {
			wg.Go(func() {
				for _, raw := range raws[1:] {
					if _, err := r.Registry().Append(ctx, c.Who, []json.RawMessage{raw}); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
	b.ReportMetric(float64(b.N*terminals*each)/b.Elapsed().Seconds(), "answers/s")
}
