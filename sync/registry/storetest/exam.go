package storetest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/score"
	"dingkao/exam/sitting"
	"dingkao/sync/registry"
	"dingkao/sync/wire"
)

func drawn(id paper.ID, cycle exam.CycleID, created exam.Instant) registry.PaperRecord {
	sealed := []byte{0, 1, 2, 0xff, 0xfe, byte(created)}
	return registry.PaperRecord{ID: id, Cycle: cycle, Title: "测评试卷 <甲>", Minutes: 60, Questions: 2, Sealed: sealed, Hash: wire.BlobHashOf(sealed),
		Key: []byte{0, 9, 0xff}, Encoded: []byte(`{"format":1,"title":"卷 <甲> & 乙"}`), Answers: paper.Key{"q1": paper.Only(0), "q2": paper.Only(1) | paper.Only(3)},
		Seed: paper.SeedOf(string(id)), Created: created}
}

func papers(t *testing.T, s registry.Store) {
	one, two, other := drawn("p1", "c1", 1), drawn("p2", "c1", 2), drawn("p0", "c2", 3)
	update(t, s, func(tx registry.Tx) error {
		return all(func() error { return tx.PutPaper(two) }, func() error { return tx.PutPaper(one) }, func() error { return tx.PutPaper(other) })
	})
	if err := s.Update(context.Background(), func(tx registry.Tx) error { return tx.PutPaper(one) }); exam.KindOf(err) != exam.Conflict {
		t.Errorf("a paper's id twice: %v", err)
	}
	one.Rules = score.Rules{Void: []paper.QuestionID{"q2"}}
	update(t, s, func(tx registry.Tx) error { return tx.PutRules("p1", one.Rules) })
	view(t, s, func(tx registry.Reader) error {
		got, err := tx.Paper("p1")
		if !reflect.DeepEqual(got, one) {
			t.Errorf("got %+v\nwant %+v", got, one)
		}
		ofCycle, err2 := tx.Papers("c1")
		if want := []registry.PaperRecord{one, two}; !reflect.DeepEqual(ofCycle, want) {
			t.Errorf("papers of a cycle: %+v", ofCycle)
		}
		every, err3 := tx.Papers("")
		if len(every) != 3 || every[2].ID != "p0" {
			t.Errorf("%d papers", len(every))
		}
		return errors.Join(err, err2, err3)
	})
}

func seated(id sitting.ID, app exam.ApplicationID, p paper.ID, made exam.Instant) registry.SittingRecord {
	return registry.SittingRecord{ID: id, Application: app, Cycle: "c1", Paper: p, Seed: paper.SeedOf(string(id)), Made: made, Held: 1}
}

func sittings(t *testing.T, s registry.Store) {
	a, b, c := seated("s1", "a1", "p1", 10), seated("s2", "a1", "p2", 20), seated("s0", "a2", "p1", 30)
	update(t, s, func(tx registry.Tx) error {
		return all(func() error { return tx.PutSitting(a) }, func() error { return tx.PutSitting(b) }, func() error { return tx.PutSitting(c) })
	})
	b.Resit, b.Terminal, b.Machine, b.Room, b.Held, b.Tries, b.Seen, b.Released = true, "t1", "01号机", "一号考场", 2, 3, 77, 78
	b.Checks = []sitting.Check{{Name: "disk", State: "warn", Detail: "剩余空间少"}}
	update(t, s, func(tx registry.Tx) error { return tx.PutSitting(b) })
	view(t, s, func(tx registry.Reader) error {
		got, err := tx.Sitting("s2")
		if !reflect.DeepEqual(got, b) {
			t.Errorf("got %+v\nwant %+v", got, b)
		}
		of, err2 := tx.SittingsOf("a1")
		if want := []registry.SittingRecord{a, b}; !reflect.DeepEqual(of, want) {
			t.Errorf("of a dossier: %+v", of)
		}
		page, err3 := tx.Sittings("s0", 1)
		if want := []registry.SittingRecord{a}; !reflect.DeepEqual(page, want) {
			t.Errorf("behind s0: %+v", page)
		}
		with, err4 := tx.SittingsWith("p1", "", 5)
		if want := []registry.SittingRecord{c, a}; !reflect.DeepEqual(with, want) {
			t.Errorf("with p1: %+v", with)
		}
		return errors.Join(err, err2, err3, err4)
	})
}

func seatRow(id sitting.ID, name string, state sitting.State) registry.SittingRow {
	return registry.SittingRow{Row: sitting.Row{Sitting: id, Application: "a" + exam.ApplicationID(id), Name: name, Identity: "1101************11", Room: "一号考场",
		Terminal: "机" + string(id), State: state, Total: 100, LastHeard: 1000}, Cycle: "c1", Province: "14", Assessor: "s1", Paper: "p1", Document: "110101199001010011"}
}

func wall(t *testing.T, s registry.Store) {
	quiet, lost, odd, waits := seatRow("4", "张三", sitting.Running), seatRow("3", "李四", sitting.Running), seatRow("2", "王%五", sitting.Paused), seatRow("1", "赵六", sitting.Waiting)
	lost.LastHeard, lost.Ends = 10, 500
	odd.FocusLost, odd.Due = 2, true
	odd.Checks, odd.Left, odd.HandedIn = []sitting.Check{{Name: "camera", State: "none"}}, 5*sitting.Minute, 9
	waits.Room = "二号考场"
	foreign, past := seatRow("5", "外省", sitting.Running), seatRow("6", "往年", sitting.Running)
	foreign.Province, foreign.Assessor = "11", "s2"
	past.Cycle, past.Ends = "c0", 700
	update(t, s, func(tx registry.Tx) error {
		for _, r := range []registry.SittingRow{quiet, lost, odd, waits, foreign, past} {
			if err := all(func() error { return tx.PutSittingRow(seatRow(r.Sitting, "旧", sitting.Absent)) }, func() error { return tx.PutSittingRow(r) }); err != nil {
				return err
			}
		}
		return nil
	})
	scope := registry.SittingScope{Province: "14", Cycles: []exam.CycleID{"c1"}}
	for _, c := range []struct {
		name  string
		scope registry.SittingScope
		f     sitting.Filter
		want  string
	}{
		{"worst first", scope, sitting.Filter{}, "3241"},
		{"an assessor's", registry.SittingScope{Assessor: "s2", Cycles: scope.Cycles}, sitting.Filter{}, "5"},
		{"every province", registry.SittingScope{Cycles: scope.Cycles}, sitting.Filter{}, "32451"},
		{"no cycle", registry.SittingScope{Province: "14"}, sitting.Filter{}, ""},
		{"states", scope, sitting.Filter{States: []sitting.State{sitting.Waiting, sitting.Paused}}, "21"},
		{"room", scope, sitting.Filter{Room: "二号考场"}, "1"},
		{"name", scope, sitting.Filter{Text: "三"}, "4"},
		{"no wildcard", scope, sitting.Filter{Text: "%"}, "2"},
		{"number", scope, sitting.Filter{Text: "19900101"}, "3241"},
		{"page", scope, sitting.Filter{Offset: 1, Limit: 2}, "24"},
	} {
		view(t, s, func(tx registry.Reader) error {
			p, err := tx.Wall(c.scope, c.f, 900)
			got := ""
			for _, r := range p.Rows {
				got += string(r.Sitting)
			}
			if got != c.want {
				t.Errorf("%s: %q, want %q", c.name, got, c.want)
			}
			if c.name == "page" && (p.Total != 4 || !reflect.DeepEqual(p.Counts, map[sitting.State]int{sitting.Running: 2, sitting.Paused: 1, sitting.Waiting: 1})) {
				t.Errorf("total %d, counts %v", p.Total, p.Counts)
			}
			return err
		})
	}
	view(t, s, func(tx registry.Reader) error {
		got, err := tx.SittingRow("2")
		if !reflect.DeepEqual(got, odd) {
			t.Errorf("got %+v\nwant %+v", got, odd)
		}
		var e error
		for now, want := range map[exam.Instant][]sitting.ID{499: {"2"}, 500: {"2", "3"}, 700: {"2", "3", "6"}} {
			ids, err := tx.Overdue(now, 10)
			if e = errors.Join(e, err); !slices.Equal(ids, want) {
				t.Errorf("due at %d: %v", now, ids)
			}
		}
		few, err2 := tx.Overdue(700, 1)
		if len(few) != 1 {
			t.Errorf("a list without its bound: %v", few)
		}
		return errors.Join(err, err2, e)
	})
	update(t, s, func(tx registry.Tx) error { return tx.DeleteSittingRows() })
	view(t, s, func(tx registry.Reader) error {
		p, err := tx.Wall(scope, sitting.Filter{}, 0)
		if p.Total != 0 {
			t.Errorf("%d rows stay", p.Total)
		}
		return err
	})
}

func sheets(t *testing.T, s registry.Store) {
	sh := registry.SheetRecord{Digest: strings.Repeat("a", 64), Sitting: "s1", Paper: "p1", At: 5, Body: []byte(`{"text":"中文 <b>"}`)}
	for range 2 {
		update(t, s, func(tx registry.Tx) error { return tx.PutSheet(sh) })
	}
	view(t, s, func(tx registry.Reader) error {
		got, err := tx.Sheet(sh.Digest)
		if !reflect.DeepEqual(got, sh) {
			t.Errorf("got %+v", got)
		}
		return err
	})
}
