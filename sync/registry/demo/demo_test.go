package demo_test

import (
	"bytes"
	"context"
	"image/jpeg"
	"strings"
	"sync/atomic"
	"testing"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/picture"
	"dingkao/sync/registry"
	"dingkao/sync/registry/demo"
	"dingkao/sync/registry/registrytest"
)

// making is an empty registry as Make wants it.
func making(t *testing.T) (*registrytest.Registry, *registry.Registry, exam.Date) {
	t.Helper()
	r := registrytest.Start(t, registrytest.Options{Empty: true})
	reg, err := r.With(context.Background(), func(o *registry.Options) { o.RehearsalCaptcha = demo.Captcha })
	if err != nil {
		t.Fatal(err)
	}
	return r, reg, exam.DateOf(r.Clock.Now().In(exam.China))
}

var states = map[demo.Goal]application.State{
	demo.Outside: application.NotIncluded, demo.Fresh: application.Included, demo.Included: application.Included,
	demo.Drafting: application.Draft, demo.Submitted: application.AwaitingInstitution, demo.SentBack: application.Returned,
	demo.Reviewed: application.AwaitingAssessor, demo.ForExam: application.AwaitingExam,
	demo.Exempting: application.AwaitingExam, demo.Exempted: application.Qualified, demo.Qualified: application.Qualified,
	demo.Correcting: application.Qualified, demo.Issued: application.Qualified, demo.Revoked: application.Qualified,
}

func check(t *testing.T, reg *registry.Registry, today exam.Date) {
	t.Helper()
	ctx := context.Background()
	seen := map[demo.Goal]bool{}
	for i, p := range demo.Doctors {
		seen[p.Goal] = true
		u, err := reg.FindUser(ctx, demo.Province, string(demo.Identity(i)))
		if err != nil {
			t.Fatal(err)
		}
		if fresh := p.Goal == demo.Fresh || p.Goal == demo.Outside; u.MustChange != fresh {
			t.Errorf("%s: must change is %v", p.Name, u.MustChange)
		}
	}
	if len(seen) != len(states) {
		t.Errorf("%d of %d goals are shown", len(seen), len(states))
	}
	// As the authority sees them all.
	c, err := reg.NewCaptcha(ctx)
	if err != nil {
		t.Fatal(err)
	}
	in, err := reg.SignIn(ctx, exam.Credentials{Province: demo.Province, Login: "weijian", Password: demo.Password, Captcha: c.ID, Text: demo.Captcha}, registry.Origin{Address: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	who, err := reg.Authenticate(ctx, in.Token)
	if err != nil {
		t.Fatal(err)
	}
	page, err := reg.Queue(ctx, who, application.Filter{Limit: 500})
	if err != nil || page.Total != len(demo.Doctors) {
		t.Fatalf("%d dossiers, %v", page.Total, err)
	}
	goals := map[string]demo.Goal{}
	for _, p := range demo.Doctors {
		goals[p.Name] = p.Goal
	}
	for _, row := range page.Rows {
		g := goals[row.Name]
		if row.State != states[g] {
			t.Errorf("%s (%s): %s", row.Name, g, row.State)
		}
		if row.Correction != (g == demo.Correcting) {
			t.Errorf("%s: correction is %v", row.Name, row.Correction)
		}
		if row.Exemption != (g == demo.Exempting) {
			t.Errorf("%s: exemption is %v", row.Name, row.Exemption)
		}
		switch {
		case g == demo.Issued && (row.Notice == nil || row.Notice.RevokedAt != 0),
			g == demo.Revoked && (row.Notice == nil || row.Notice.RevokedAt == 0),
			g == demo.Qualified && row.Notice != nil:
			t.Errorf("%s (%s): notice %+v", row.Name, g, row.Notice)
		}
	}
	cycles, err := reg.Cycles(ctx)
	if err != nil || len(cycles) != 1 || cycles[0].Check() != nil || !cycles[0].Fill.Contains(today) {
		t.Errorf("cycles %+v, %v", cycles, err)
	}
	report, err := reg.AuditVerify(ctx)
	if err != nil || !report.Clean {
		t.Errorf("audit: %+v, %v", report, err)
	}
}

func TestTheProvinceStandsAndIsMadeOnce(t *testing.T) {
	r, reg, today := making(t)
	ctx := context.Background()
	if err := demo.Make(ctx, reg, today, true); err != nil {
		t.Fatal(err)
	}
	before, err := reg.Stats(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if before.Sessions != 0 {
		t.Errorf("%d sessions were left open", before.Sessions)
	}
	check(t, reg, today)
	// Next month the same data stands in a cycle that is still open.
	r.Clock.Advance(200 * 24 * 3600e9)
	later := exam.DateOf(r.Clock.Now().In(exam.China))
	if err := demo.Make(ctx, reg, later, true); err != nil {
		t.Fatal(err)
	}
	check(t, reg, later)
	after, err := reg.Stats(ctx)
	if err != nil || after.Entries != before.Entries {
		t.Errorf("%d entries became %d, %v", before.Entries, after.Entries, err)
	}
}

func TestAMakeThatWasBrokenOffIsFinished(t *testing.T) {
	_, reg, today := making(t)
	for steps := 50; ; steps = steps * 5 / 2 { // broken off later each time
		ctx, cancel := context.WithCancel(context.Background())
		broken := &countdown{Context: ctx, cancel: cancel}
		broken.left.Store(int64(steps))
		err := demo.Make(broken, reg, today, true)
		cancel()
		if err == nil {
			break
		}
		if steps > 1_000_000 {
			t.Fatal(err)
		}
	}
	check(t, reg, today)
}

// countdown is cancelled after it was asked so many times.
type countdown struct {
	context.Context
	cancel context.CancelFunc
	left   atomic.Int64
}

func (c *countdown) Err() error {
	if c.left.Add(-1) < 0 {
		c.cancel()
	}
	return c.Context.Err()
}

func (c *countdown) Done() <-chan struct{} {
	if c.left.Add(-1) < 0 {
		c.cancel()
	}
	return c.Context.Done()
}

func TestRealDataIsNotMixedWithIt(t *testing.T) {
	r, reg, today := making(t)
	ctx := context.Background()
	if err := r.AddProvince(ctx, demo.ProvinceOf()); err != nil {
		t.Fatal(err)
	}
	real := demo.Cycle(today)
	real.ID, real.Name = "real", "真的周期"
	if err := r.AddCycle(ctx, real); err != nil {
		t.Fatal(err)
	}
	if err := demo.Make(ctx, reg, today, true); exam.KindOf(err) != exam.Refused {
		t.Errorf("%v", err)
	}
}

func TestFormsAreWholeAndPicturesAreNobodys(t *testing.T) {
	today := exam.Date("2026-11-24")
	for i, p := range demo.Doctors {
		if _, err := exam.ParseIdentity(string(demo.Identity(i))); err != nil || demo.Identity(i).Sex() != p.Sex || !strings.HasPrefix(string(demo.Identity(i)), "1499") {
			t.Errorf("%s: %s %v", p.Name, demo.Identity(i), err)
		}
		b := exam.Blob{Hash: exam.BlobHash(strings.Repeat("a", 64)), Name: "x.jpg"}
		for _, proof := range []exam.Blob{{}, b} {
			if gaps := demo.Form(i, b, proof).Missing(demo.Cycle(today), today); len(gaps) > 0 {
				t.Errorf("%s: %+v", p.Name, gaps)
			}
		}
		for _, data := range [][]byte{demo.Portrait(i), demo.Proof(i)} {
			if err := picture.Check(data); err != nil {
				t.Error(err)
			}
		}
		if !bytes.Equal(demo.Portrait(i), demo.Portrait(i)) {
			t.Error("two drawings differ")
		}
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(demo.Portrait(0)))
	if err != nil || c.Width != 358 || c.Height != 441 {
		t.Errorf("%+v %v", c, err)
	}
	table := demo.Print(demo.Table())
	if strings.Count(table, "\n") != len(demo.Doctors)+len(demo.Staff)+2 {
		t.Errorf("the table:\n%s", table)
	}
}
