// Package storetest is what every registry.Store must do, as tests, and a
// private PostgreSQL cluster for those that want one. A store's own package
// calls [Run]; the registry's tests call [Postgres] to hold their promises on
// both databases. Nothing here is skipped in silence.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/certificate"
	"dingkao/exam/sitting"
	"dingkao/sync/registry"
	"dingkao/sync/wire"
)

// Run holds a store to its promises. open gives a fresh, empty one each time.
func Run(t *testing.T, open func(t *testing.T) registry.Store) {
	for _, c := range []struct {
		name string
		f    func(*testing.T, registry.Store)
	}{
		{"AFailedUpdateLeavesNothing", failedUpdate},
		{"AStreamGrowsOnlyAtItsEnd", streamGrows},
		{"EntriesComeBackByteForByte", entriesBack},
		{"ConcurrentUpdatesLoseNothing", concurrent},
		{"AViewSeesOneMoment", oneMoment},
		{"AccountsAreFoundByLoginAndAreUnique", accounts},
		{"SessionsAndCaptchasEnd", sessions},
		{"TheRosterIsKept", roster},
		{"TheQueueNarrowsSortsAndCounts", queue},
		{"APatternIsNoWildcard", wildcard},
		{"ADossierHasOneNoticeThatIsNotRevoked", notices},
		{"BlobsAreCountedPerAccount", blobs},
		{"TheAuditLogIsInOrder", auditLog},
		{"ABankIsKeptWithItsHash", banks},
		{"APaperIsKeptWholeAndOnce", papers},
		{"ASittingIsFoundByDossierAndPaper", sittings},
		{"TheWallShowsTheWorstFirst", wall},
		{"ASheetIsKeptByItsDigest", sheets},
		{"ExportAndImportGiveTheSame", func(t *testing.T, s registry.Store) { exportImport(t, s, open(t)) }},
		{"AMissingThingIsNotFound", missingThings},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t)
			t.Cleanup(func() { s.Close() })
			c.f(t, s)
		})
	}
}

func update(t *testing.T, s registry.Store, f func(registry.Tx) error) {
	t.Helper()
	if err := s.Update(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

func view(t *testing.T, s registry.Store, f func(registry.Reader) error) {
	t.Helper()
	if err := s.View(context.Background(), f); err != nil {
		t.Fatal(err)
	}
}

// all does several things in order and stops at the first that fails.
func all(fs ...func() error) error {
	for _, f := range fs {
		if err := f(); err != nil {
			return err
		}
	}
	return nil
}

func entry(stream wire.Stream, seq uint64) registry.StoredEntry {
	raw := []byte(fmt.Sprintf(`{"n":%d,"text":"中文 <b>&amp;</b> \"引号\""}`, seq))
	return registry.StoredEntry{Stream: stream, Seq: seq, Hash: wire.HashOf(raw), Received: exam.Instant(1000 + seq), Raw: raw}
}

func failedUpdate(t *testing.T, s registry.Store) {
	stop := exam.Errorf(exam.Refused, "不行")
	err := s.Update(context.Background(), func(tx registry.Tx) error {
		if err := tx.AppendEntry(entry("application/a", 1)); err != nil {
			return err
		}
		return stop
	})
	if !errors.Is(err, stop) {
		t.Fatalf("the error of f came back as %v", err)
	}
	view(t, s, func(tx registry.Reader) error {
		h, err := tx.Head("application/a")
		if h != (registry.Head{}) {
			t.Errorf("a head stands after a failed update: %+v", h)
		}
		return err
	})
}

func streamGrows(t *testing.T, s registry.Store) {
	update(t, s, func(tx registry.Tx) error {
		return all(func() error { return tx.AppendEntry(entry("application/a", 1)) }, func() error { return tx.AppendEntry(entry("application/a", 2)) })
	})
	for _, seq := range []uint64{1, 2, 4} {
		err := s.Update(context.Background(), func(tx registry.Tx) error { return tx.AppendEntry(entry("application/a", seq)) })
		if exam.KindOf(err) != exam.Conflict {
			t.Errorf("entry %d behind 2: %v", seq, err)
		}
	}
	view(t, s, func(tx registry.Reader) error {
		h, err := tx.Head("application/a")
		if h.Seq != 2 || h.Hash != entry("", 2).Hash || h.Received != 1002 || h.Stream != "application/a" {
			t.Errorf("head %+v", h)
		}
		return err
	})
}

func entriesBack(t *testing.T, s registry.Store) {
	update(t, s, func(tx registry.Tx) error {
		for i := uint64(1); i <= 12; i++ {
			if err := tx.AppendEntry(entry("review/x", i)); err != nil {
				return err
			}
		}
		return tx.AppendEntry(entry("application/y", 1))
	})
	view(t, s, func(tx registry.Reader) error {
		es, err := tx.Entries("review/x", 9, 2)
		if err != nil {
			return err
		}
		if want := []registry.StoredEntry{entry("review/x", 10), entry("review/x", 11)}; !reflect.DeepEqual(es, want) {
			t.Errorf("got %+v", es)
		}
		var names []wire.Stream
		var after wire.Stream
		for {
			hs, err := tx.Streams(after, 1)
			if err != nil {
				return err
			}
			if len(hs) == 0 {
				break
			}
			after = hs[0].Stream
			names = append(names, after)
		}
		slices.Sort(names)
		if !slices.Equal(names, []wire.Stream{"application/y", "review/x"}) {
			t.Errorf("streams %v", names)
		}
		return nil
	})
}

func concurrent(t *testing.T, s registry.Store) {
	const writers, each = 8, 10
	var wg sync.WaitGroup
	errs := make(chan error, writers)
	for range writers {
		wg.Go(func() {
			for range each {
				if err := s.Update(context.Background(), func(tx registry.Tx) error {
					f, err := tx.Failures("counter")
					if err != nil {
						return err
					}
					h, err := tx.Head("application/a")
					if err != nil {
						return err
					}
					return all(
						func() error { return tx.PutFailures("counter", registry.Failures{Count: f.Count + 1, Since: 1}) },
						func() error { return tx.AppendEntry(entry("application/a", h.Seq+1)) })
				}); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		t.Error(err)
	}
	view(t, s, func(tx registry.Reader) error {
		f, err := tx.Failures("counter")
		if f.Count != writers*each {
			t.Errorf("%d updates counted %d", writers*each, f.Count)
		}
		h, err2 := tx.Head("application/a")
		if h.Seq != writers*each {
			t.Errorf("the stream ends at %d", h.Seq)
		}
		return errors.Join(err, err2)
	})
}

func oneMoment(t *testing.T, s registry.Store) {
	view(t, s, func(tx registry.Reader) error {
		if h, err := tx.Head("application/a"); err != nil || h.Seq != 0 {
			t.Fatalf("%v %v", h, err)
		}
		update(t, s, func(tx registry.Tx) error { return tx.AppendEntry(entry("application/a", 1)) })
		h, err := tx.Head("application/a")
		if h.Seq != 0 {
			t.Errorf("a view sees what came after it began")
		}
		return err
	})
}

func person(id, province, login string) registry.AccountRecord {
	return registry.AccountRecord{Account: exam.Account{ID: exam.AccountID(id), Province: province, Login: login, Name: "王一", Role: exam.RoleInstitution,
		Office: "i1", MustChange: true}, Password: "p", Created: 5}
}

func accounts(t *testing.T, s registry.Store) {
	update(t, s, func(tx registry.Tx) error {
		return all(
			func() error {
				return tx.PutInstitution(exam.Institution{ID: "i1", Kind: exam.OfficeInstitution, Name: "第一医院", Division: "140100"})
			},
			func() error { return tx.PutAccount(person("u1", "14", "wang")) },
			func() error { return tx.PutAccount(person("u2", "11", "wang")) },
			func() error { return tx.PutAccount(person("u3", "14", "li")) })
	})
	if err := s.Update(context.Background(), func(tx registry.Tx) error { return tx.PutAccount(person("u9", "14", "wang")) }); exam.KindOf(err) != exam.Conflict {
		t.Errorf("the same login twice in a province: %v", err)
	}
	changed := person("u1", "14", "wang")
	changed.Disabled, changed.MustChange, changed.Password, changed.LastSignIn = true, false, "q", 9
	update(t, s, func(tx registry.Tx) error { return tx.PutAccount(changed) })
	changed.OfficeName = "第一医院"
	view(t, s, func(tx registry.Reader) error {
		a, err := tx.AccountByLogin("14", "wang")
		if err != nil || a != changed {
			t.Errorf("got %+v, %v", a, err)
		}
		if b, err := tx.Account("u1"); err != nil || b != changed {
			t.Errorf("got %+v, %v", b, err)
		}
		as, err := tx.AccountsByLogin("wang", 10)
		if len(as) != 2 {
			t.Errorf("%d accounts called wang", len(as))
		}
		page, err2 := tx.Accounts(registry.UserFilter{Province: "14", Limit: 1, After: "u1"})
		if len(page) != 1 || page[0].ID != "u3" {
			t.Errorf("page %+v", page)
		}
		found, err3 := tx.Accounts(registry.UserFilter{Text: "LI", Role: exam.RoleInstitution})
		if len(found) != 1 || found[0].ID != "u3" {
			t.Errorf("found %+v", found)
		}
		return errors.Join(err, err2, err3)
	})
}

func sessions(t *testing.T, s registry.Store) {
	update(t, s, func(tx registry.Tx) error {
		for i, hash := range []string{"h1", "h2", "h3"} {
			if err := tx.PutSession(registry.SessionRecord{Hash: hash, Account: "u1", Created: 1, Seen: 1, Expires: exam.Instant(100 * (i + 1)),
				Origin: registry.Origin{Address: "::1", Agent: "试"}}); err != nil {
				return err
			}
		}
		return all(
			func() error { return tx.TouchSession("h2", 50) },
			func() error { return tx.TouchSession("h2", 40) },
			func() error { return tx.PutCaptcha(registry.CaptchaRecord{ID: "k1", Text: "1234", Expires: 100}) },
			func() error { return tx.PutCaptcha(registry.CaptchaRecord{ID: "k2", Text: "5678", Expires: 300}) },
			func() error { return tx.PutFailures("f", registry.Failures{Count: 2, Since: 10}) },
			func() error { return tx.DeleteStale(100, 10) })
	})
	has := func(hash string) bool {
		found := false
		view(t, s, func(tx registry.Reader) error {
			r, err := tx.Session(hash)
			if exam.KindOf(err) == exam.NotFound {
				return nil
			}
			found = r.Hash == hash && r.Origin == (registry.Origin{Address: "::1", Agent: "试"}) && (hash != "h2" || r.Seen == 50)
			return err
		})
		return found
	}
	if has("h1") || !has("h2") || !has("h3") {
		t.Error("a session that has expired stays, or another has gone")
	}
	update(t, s, func(tx registry.Tx) error {
		if _, err := tx.TakeCaptcha("k1"); exam.KindOf(err) != exam.NotFound {
			t.Errorf("an expired captcha: %v", err)
		}
		c, err := tx.TakeCaptcha("k2")
		if c != (registry.CaptchaRecord{ID: "k2", Text: "5678", Expires: 300}) {
			t.Errorf("captcha %+v", c)
		}
		if _, err := tx.TakeCaptcha("k2"); exam.KindOf(err) != exam.NotFound {
			t.Errorf("a captcha was taken twice: %v", err)
		}
		if f, err := tx.Failures("f"); err != nil || f != (registry.Failures{Count: 2, Since: 10}) {
			t.Errorf("failures %+v %v", f, err)
		}
		return all(func() error { return err }, func() error { return tx.PutFailures("f", registry.Failures{}) }, func() error { return tx.DeleteSessions("u1", "h3") })
	})
	if has("h2") || !has("h3") {
		t.Error("not all other sessions were ended, or too many")
	}
	update(t, s, func(tx registry.Tx) error { return tx.DeleteSession("h3") })
	if has("h3") {
		t.Error("a session that was ended stays")
	}
}

func doctor(id, identity string) exam.Doctor {
	return exam.Doctor{ID: exam.DoctorID(id), Name: "张三", DocumentKind: exam.Term{Code: "01", Name: "居民身份证"}, Identity: exam.Identity(identity),
		Province: "14", Institution: "i1", LicenceNo: "L", QualificationNo: "Q", Mobile: "13800000000"}
}

func roster(t *testing.T, s registry.Store) {
	cycle := exam.Cycle{ID: "c1", Name: "周期", From: "2024-07", To: "2025-07", Provinces: []string{"14"}, OtherConditions: []string{"其他“<&>”"}, Attempts: 1, Minutes: 60, Questions: 100, PassMark: 60}
	offices := []exam.Institution{
		{ID: "i3", Kind: exam.OfficeInstitution, Name: "中心医院", Division: "140200"},
		{ID: "i1", Kind: exam.OfficeInstitution, Name: "爱民医院", Division: "140100", Assessor: "s1"},
		{ID: "h1", Kind: exam.OfficeAuthority, Name: "卫健委", Division: "14"},
		{ID: "i2", Kind: exam.OfficeInstitution, Name: "博爱医院", Division: "110101"},
	}
	update(t, s, func(tx registry.Tx) error {
		for _, o := range offices {
			if err := tx.PutInstitution(o); err != nil {
				return err
			}
		}
		return all(
			func() error { return tx.PutProvince(exam.Province{Code: "14", Name: "旧", Authority: "旧"}) },
			func() error {
				return tx.PutProvince(exam.Province{Code: "14", Name: "山西", Authority: "山西省卫生健康委员会"})
			},
			func() error {
				return tx.PutProvince(exam.Province{Code: "11", Name: "北京", Authority: "北京市卫生健康委员会"})
			},
			func() error { return tx.PutCycle(cycle) },
			func() error { return tx.PutDoctor(doctor("d1", "1")) },
			func() error { return tx.PutDoctor(doctor("d2", "2")) },
			func() error {
				return tx.PutApplication(registry.ApplicationRecord{ID: "a1", Doctor: "d1", Cycle: "c1"})
			})
	})
	for name, f := range map[string]func(registry.Tx) error{
		"a second dossier of one doctor in one cycle": func(tx registry.Tx) error {
			return tx.PutApplication(registry.ApplicationRecord{ID: "a2", Doctor: "d1", Cycle: "c1"})
		},
		"one identity number for two doctors": func(tx registry.Tx) error { return tx.PutDoctor(doctor("d3", "1")) },
	} {
		if err := s.Update(context.Background(), f); exam.KindOf(err) != exam.Conflict {
			t.Errorf("%s: %v", name, err)
		}
	}
	view(t, s, func(tx registry.Reader) error {
		ps, err := tx.Provinces()
		if len(ps) != 2 || ps[0].Code != "11" || ps[1].Name != "山西" {
			t.Errorf("provinces %+v", ps)
		}
		if c, err := tx.Cycle("c1"); err != nil || !reflect.DeepEqual(c, cycle) {
			t.Errorf("cycle %+v %v", c, err)
		}
		if cs, err := tx.Cycles(); err != nil || len(cs) != 1 {
			t.Errorf("cycles %+v %v", cs, err)
		}
		list, err2 := tx.Institutions(exam.InstitutionQuery{Division: "14", Name: "医院"})
		if len(list) != 2 || list[0].Name != "爱民医院" || list[1].Name != "中心医院" {
			t.Errorf("by pinyin: %+v", list)
		}
		if list, err := tx.Institutions(exam.InstitutionQuery{Limit: 2}); err != nil || len(list) != 2 || list[0].Name != "博爱医院" {
			t.Errorf("%+v %v", list, err)
		}
		if o, err := tx.Institution("i1"); err != nil || o != offices[1] {
			t.Errorf("%+v %v", o, err)
		}
		if a, err := tx.Authority("14"); err != nil || a.ID != "h1" {
			t.Errorf("%+v %v", a, err)
		}
		if n, err := tx.InstitutionsNamed("14", exam.OfficeInstitution, "中心医院"); err != nil || len(n) != 1 || n[0].ID != "i3" {
			t.Errorf("%+v %v", n, err)
		}
		if d, err := tx.DoctorByIdentity("14", "2"); err != nil || d != doctor("d2", "2") {
			t.Errorf("%+v %v", d, err)
		}
		if ds, err := tx.Doctors("14", "d1", 5); err != nil || len(ds) != 1 || ds[0].ID != "d2" {
			t.Errorf("%+v %v", ds, err)
		}
		want := registry.ApplicationRecord{ID: "a1", Doctor: "d1", Cycle: "c1"}
		a, e1 := tx.Application("a1")
		b, e2 := tx.ApplicationOf("d1", "c1")
		c, e3 := tx.ApplicationsOf("d1")
		d, e4 := tx.Applications("", 5)
		if a != want || b != want || len(c) != 1 || c[0] != want || len(d) != 1 || d[0] != want {
			t.Errorf("%v %v %v %v", a, b, c, d)
		}
		return errors.Join(err, err2, e1, e2, e3, e4)
	})
}

func row(id, name string, state application.State, submitted exam.Instant) registry.DossierRow {
	return registry.DossierRow{
		Row: application.Row{Application: exam.ApplicationID(id), Doctor: "d" + exam.DoctorID(id), Name: name, Identity: "1101************11", Institution: "爱民医院",
			Department: "内科", Procedure: application.Simple, State: state, Submitted: submitted, Changed: 77, On: 3},
		Cycle: "c1", Province: "14", InstitutionID: "i1", Assessor: "s1", Document: "110101199001010011", NameKey: registry.NameKey(name),
	}
}

func queue(t *testing.T, s registry.Store) {
	z, w, c := row("1", "张三", application.AwaitingInstitution, 30), row("2", "王五", application.Qualified, 10), row("3", "陈七", application.AwaitingInstitution, 20)
	w.Notice = &exam.Notice{Serial: "N1", Application: "2", Number: "x", IssuedAt: 5}
	c.Correction, c.Procedure = true, application.General
	other, foreign := row("4", "赵六", application.Draft, 1), row("5", "孙八", application.Draft, 1)
	other.InstitutionID, other.Assessor = "i2", "s2"
	z.Exemption = true
	w.Concluded, w.Attempt = 40, &application.Attempt{Sitting: "s1", Resit: true, Begun: 20, Scored: 30, Confirmed: 40,
		Score: &application.Score{Right: 80, Questions: 100, Points: 8000, Most: 10000, PassMark: 6000, Digest: "d"}}
	other.Appeal, foreign.Appeal = true, true
	foreign.Province, foreign.Cycle = "11", "c2"
	update(t, s, func(tx registry.Tx) error {
		for _, r := range []registry.DossierRow{z, w, c, other, foreign} {
			if err := all(func() error { return tx.PutDossierRow(row(string(r.Application), "旧", application.NotIncluded, 0)) }, func() error { return tx.PutDossierRow(r) }); err != nil {
				return err
			}
		}
		return nil
	})
	scope := registry.QueueScope{Province: "14", Cycles: []exam.CycleID{"c1"}}
	ids := func(sc registry.QueueScope, f application.Filter) (string, application.Page) {
		var p application.Page
		view(t, s, func(tx registry.Reader) (err error) {
			p, err = tx.Queue(sc, f)
			return err
		})
		got := ""
		for _, r := range p.Rows {
			got += string(r.Application)
		}
		return got, p
	}
	for _, c := range []struct {
		name  string
		scope registry.QueueScope
		f     application.Filter
		want  string
	}{
		{"by submission", scope, application.Filter{}, "4231"},
		{"reversed", scope, application.Filter{Sort: "-submitted"}, "1324"},
		{"by pinyin", scope, application.Filter{Sort: "name"}, "3214"},
		{"by state", scope, application.Filter{Sort: "state"}, "4132"},
		{"one institution", registry.QueueScope{Institution: "i2", Cycles: scope.Cycles}, application.Filter{}, "4"},
		{"one assessor", registry.QueueScope{Assessor: "s1", Cycles: scope.Cycles}, application.Filter{}, "231"},
		{"no cycle", registry.QueueScope{}, application.Filter{}, ""},
		{"two cycles", registry.QueueScope{Cycles: []exam.CycleID{"c1", "c2"}}, application.Filter{States: []application.State{application.Draft}}, "45"},
		{"states", scope, application.Filter{States: []application.State{application.Qualified, application.Draft}}, "42"},
		{"correction", scope, application.Filter{Correction: true}, "3"},
		{"exemption", scope, application.Filter{Exemption: true}, "1"},
		{"overdue", scope, application.Filter{Overdue: true}, "423"},
		{"appeal", scope, application.Filter{Appeal: true}, "4"},
		{"appeal of another assessor", registry.QueueScope{Assessor: "s1", Cycles: scope.Cycles}, application.Filter{Appeal: true}, ""},
		{"exemption and appeal", scope, application.Filter{Exemption: true, Appeal: true}, ""},
		{"procedure", scope, application.Filter{Procedure: application.General}, "3"},
		{"issued", scope, application.Filter{Issued: "yes"}, "2"},
		{"not issued", scope, application.Filter{Issued: "no"}, "431"},
		{"institution", scope, application.Filter{Institution: "i2"}, "4"},
		{"name", scope, application.Filter{Text: "三"}, "1"},
		{"number", scope, application.Filter{Text: "19900101"}, "4231"},
		{"page", scope, application.Filter{Offset: 1, Limit: 2}, "23"},
	} {
		got, page := ids(c.scope, c.f)
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if c.name == "page" && page.Total != 4 {
			t.Errorf("total %d", page.Total)
		}
		if c.name == "states" && !reflect.DeepEqual(page.Counts, map[application.State]int{application.AwaitingInstitution: 2, application.Qualified: 1, application.Draft: 1}) {
			t.Errorf("counts %v", page.Counts)
		}
	}
	view(t, s, func(tx registry.Reader) error {
		got, err := tx.DossierRow("2")
		if !reflect.DeepEqual(got, w) {
			t.Errorf("got %+v\nwant %+v", got, w)
		}
		_, err2 := tx.Queue(scope, application.Filter{Sort: "name; DROP TABLE"})
		if exam.KindOf(err2) != exam.Invalid {
			t.Errorf("an unknown order: %v", err2)
		}
		return err
	})
	update(t, s, func(tx registry.Tx) error { return tx.DeleteDossierRows() })
	if got, _ := ids(scope, application.Filter{}); got != "" {
		t.Errorf("rows stay: %q", got)
	}
}

func wildcard(t *testing.T, s registry.Store) {
	update(t, s, func(tx registry.Tx) error {
		return all(func() error { return tx.PutDossierRow(row("1", "甲%乙", application.Draft, 1)) }, func() error { return tx.PutDossierRow(row("2", "甲丙\x21乙_", application.Draft, 1)) })
	})
	for text, want := range map[string]int{"%": 1, "_": 1, "!": 1, "甲%": 1, "甲": 2, "甲_乙": 0, "'": 0, "\\": 0} {
		view(t, s, func(tx registry.Reader) error {
			p, err := tx.Queue(registry.QueueScope{Cycles: []exam.CycleID{"c1"}}, application.Filter{Text: text})
			if p.Total != want {
				t.Errorf("%q finds %d, want %d", text, p.Total, want)
			}
			return err
		})
	}
}

func notices(t *testing.T, s registry.Store) {
	n := registry.NoticeRecord{Serial: "N1", Application: "a1", Number: "x1", Document: "110", State: certificate.Reserved, Reserved: 10}
	update(t, s, func(tx registry.Tx) error { return tx.PutNotice(n) })
	second := registry.NoticeRecord{Serial: "N2", Application: "a1", Number: "x2", Document: "110", State: certificate.Reserved, Reserved: 20}
	number := registry.NoticeRecord{Serial: "N3", Application: "a2", Number: "x1", Document: "110", State: certificate.Reserved, Reserved: 20}
	for _, bad := range []registry.NoticeRecord{second, number} {
		if err := s.Update(context.Background(), func(tx registry.Tx) error { return tx.PutNotice(bad) }); exam.KindOf(err) != exam.Conflict {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	update(t, s, func(tx registry.Tx) error {
		rs, err := tx.ReservedNotices(5)
		if len(rs) != 1 || rs[0] != n {
			t.Errorf("reserved %+v", rs)
		}
		n.State = certificate.Revoked
		return all(func() error { return err }, func() error { return tx.PutNotice(n) }, func() error { return tx.PutNotice(second) })
	})
	view(t, s, func(tx registry.Reader) error {
		of, err := tx.NoticesOf("a1")
		if len(of) != 2 || of[0] != second || of[1] != n {
			t.Errorf("notices %+v", of)
		}
		numbers, err2 := tx.NumbersOf("110")
		if !slices.Equal(numbers, []string{"x1", "x2"}) {
			t.Errorf("numbers %v", numbers)
		}
		one, err3 := tx.Notice("N2")
		if one != second {
			t.Errorf("%+v", one)
		}
		return errors.Join(err, err2, err3)
	})
}

func blobs(t *testing.T, s registry.Store) {
	a, b := exam.BlobHash(strings.Repeat("a", 64)), exam.BlobHash(strings.Repeat("b", 64))
	update(t, s, func(tx registry.Tx) error {
		for range 2 { // the second time changes nothing
			if err := all(
				func() error { return tx.PutBlob(a, 10, 1) }, func() error { return tx.PutBlob(b, 20, 1) },
				func() error { return tx.PutUpload(a, "u1", 10, 1) }, func() error { return tx.PutUpload(b, "u1", 20, 1) }, func() error { return tx.PutUpload(a, "u2", 10, 1) },
				func() error { return tx.PutBlobUse(a, "x") }, func() error { return tx.PutBlobUse(a, "y") }); err != nil {
				return err
			}
		}
		return nil
	})
	view(t, s, func(tx registry.Reader) error {
		n, err := tx.UploadedBytes("u1")
		none, err2 := tx.UploadedBytes("u3")
		if n != 30 || none != 0 {
			t.Errorf("bytes %d %d", n, none)
		}
		up, e1 := tx.Uploaded(a, "u2")
		not, e2 := tx.Uploaded(b, "u2")
		used, e3 := tx.BlobUsed(a, "y")
		unused, e4 := tx.BlobUsed(b, "y")
		if !up || not || !used || unused {
			t.Error(up, not, used, unused)
		}
		uses, e5 := tx.BlobUses(a, 1)
		hashes, e6 := tx.AllBlobs(a, 5)
		if !slices.Equal(uses, []exam.ApplicationID{"x"}) || !slices.Equal(hashes, []exam.BlobHash{b}) {
			t.Error(uses, hashes)
		}
		total, e7 := tx.Totals(0)
		if total.Blobs != 2 || total.BlobBytes != 30 {
			t.Errorf("%+v", total)
		}
		return errors.Join(err, err2, e1, e2, e3, e4, e5, e6, e7)
	})
}

func auditLog(t *testing.T, s registry.Store) {
	one := registry.AuditEntry{Seq: 1, At: 2, Account: "u", Name: "名", Role: exam.RoleAuthority, Address: "::1", Action: "x", Target: "t", Result: "done", Detail: "细", Prev: "", Hash: "h1"}
	two := one
	two.Seq, two.Prev, two.Hash = 2, "h1", "h2"
	update(t, s, func(tx registry.Tx) error {
		if c, err := tx.Checkpoint(); err != nil || c != (registry.Checkpoint{}) {
			t.Errorf("%+v %v", c, err)
		}
		return all(func() error { return tx.PutAudit(one) }, func() error { return tx.PutAudit(two) },
			func() error { return tx.PutCheckpoint(registry.Checkpoint{Seq: 1}) },
			func() error {
				return tx.PutCheckpoint(registry.Checkpoint{Seq: 2, Hash: "h2", At: 3, Key: "k", Sig: "s"})
			})
	})
	if err := s.Update(context.Background(), func(tx registry.Tx) error { return tx.PutAudit(one) }); exam.KindOf(err) != exam.Conflict {
		t.Errorf("a line twice: %v", err)
	}
	view(t, s, func(tx registry.Reader) error {
		es, err := tx.AuditEntries(1, 10)
		if len(es) != 1 || es[0] != two {
			t.Errorf("%+v", es)
		}
		c, err2 := tx.Checkpoint()
		if c != (registry.Checkpoint{Seq: 2, Hash: "h2", At: 3, Key: "k", Sig: "s"}) {
			t.Errorf("%+v", c)
		}
		return errors.Join(err, err2)
	})
}

type exported struct {
	table string
	row   []byte
}

func export(t *testing.T, s registry.Store) []exported {
	t.Helper()
	var rows []exported
	began := false
	if err := s.Export(context.Background(), func(registry.Reader) error { began = true; return nil }, func(table string, row []byte) error {
		rows = append(rows, exported{table, slices.Clone(row)})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if !began {
		t.Error("begin was not called")
	}
	return rows
}

func exportImport(t *testing.T, s, empty registry.Store) {
	t.Cleanup(func() { empty.Close() })
	roster(t, s)
	update(t, s, func(tx registry.Tx) error {
		return all(
			func() error { return tx.AppendEntry(entry("application/a1", 1)) },
			func() error { return tx.PutAccount(person("u1", "14", "wang")) },
			func() error { return tx.PutDossierRow(row("a1", "张三", application.Draft, 1)) },
			func() error { return tx.PutSession(registry.SessionRecord{Hash: "h", Account: "u1", Expires: 1 << 60}) },
			func() error { return tx.PutBank(bank("law", true, 1)) },
			func() error { return tx.PutPaper(drawn("p1", "c1", 1)) },
			func() error { return tx.PutSitting(seated("s1", "a1", "p1", 1)) },
			func() error { return tx.PutSittingRow(seatRow("s1", "张三", sitting.Running)) },
			func() error { return tx.PutSheet(registry.SheetRecord{Digest: "d", Sitting: "s1", Body: []byte("{}")}) },
			func() error { return tx.PutAudit(registry.AuditEntry{Seq: 1, Hash: "h1"}) })
	})
	rows := export(t, s)
	i := 0
	next := func() (string, []byte, error) {
		if i == len(rows) {
			return "", nil, io.EOF
		}
		i++
		return rows[i-1].table, rows[i-1].row, nil
	}
	// What breaks off leaves nothing.
	broken := errors.New("broken")
	if err := empty.Import(context.Background(), func() (string, []byte, error) {
		if i > 3 {
			return "", nil, broken
		}
		return next()
	}); !errors.Is(err, broken) {
		t.Fatal(err)
	}
	if got := export(t, empty); len(got) != 0 {
		t.Fatalf("%d rows stand after an import that broke off", len(got))
	}
	i = 0
	if err := empty.Import(context.Background(), next); err != nil {
		t.Fatal(err)
	}
	if got := export(t, empty); !reflect.DeepEqual(got, rows) {
		t.Errorf("imported %d rows, exported %d, or other ones", len(got), len(rows))
	}
	for _, r := range rows {
		if r.table == "sessions" {
			t.Error("a session is in the export")
		}
	}
	i = 0
	if err := empty.Import(context.Background(), next); exam.KindOf(err) != exam.Refused {
		t.Errorf("into a store that is not empty: %v", err)
	}
}

func missingThings(t *testing.T, s registry.Store) {
	view(t, s, func(tx registry.Reader) error {
		for name, f := range map[string]func() error{
			"account":     func() error { _, err := tx.Account("x"); return err },
			"login":       func() error { _, err := tx.AccountByLogin("14", "x"); return err },
			"session":     func() error { _, err := tx.Session("x"); return err },
			"institution": func() error { _, err := tx.Institution("x"); return err },
			"authority":   func() error { _, err := tx.Authority("x"); return err },
			"cycle":       func() error { _, err := tx.Cycle("x"); return err },
			"doctor":      func() error { _, err := tx.Doctor("x"); return err },
			"identity":    func() error { _, err := tx.DoctorByIdentity("14", "x"); return err },
			"application": func() error { _, err := tx.Application("x"); return err },
			"of":          func() error { _, err := tx.ApplicationOf("x", "y"); return err },
			"row":         func() error { _, err := tx.DossierRow("x"); return err },
			"bank":        func() error { _, err := tx.Bank("x"); return err },
			"notice":      func() error { _, err := tx.Notice("x"); return err },
			"paper":       func() error { _, err := tx.Paper("x"); return err },
			"sitting":     func() error { _, err := tx.Sitting("x"); return err },
			"seat row":    func() error { _, err := tx.SittingRow("x"); return err },
			"sheet":       func() error { _, err := tx.Sheet("x"); return err },
		} {
			if err := f(); exam.KindOf(err) != exam.NotFound || exam.SentenceOf(err) == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
		return nil
	})
}
