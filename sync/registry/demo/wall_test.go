package demo_test

import (
	"context"
	"testing"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/registry"
	"dingkao/sync/registry/demo"
	"dingkao/sync/registry/registrytest"
)

func TestAProctorOfTheDemonstrationFindsSomebodyWhoCanBeStarted(t *testing.T) {
	_, reg, today := making(t)
	ctx := context.Background()
	if err := demo.Make(ctx, reg, today, true); err != nil {
		t.Fatal(err)
	}
	for range 2 { // twice: what stands is left as it is
		if err := demo.MakeExam(ctx, reg, []paper.Bank{registrytest.Bank(100)}); err != nil {
			t.Fatal(err)
		}
	}
	c, err := reg.NewCaptcha(ctx)
	if err != nil {
		t.Fatal(err)
	}
	in, err := reg.SignIn(ctx, exam.Credentials{Province: demo.Province, Login: "jiankao", Password: demo.Password, Captcha: c.ID, Text: demo.Captcha}, registry.Origin{Address: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	who, err := reg.Authenticate(ctx, in.Token)
	if err != nil {
		t.Fatal(err)
	}
	page, err := reg.Wall(ctx, who, sitting.Filter{})
	if err != nil || len(page.Rows) != 1 || page.Rows[0].State != sitting.Waiting || len(page.Rows[0].Checks) == 0 || page.Rows[0].Room == "" {
		t.Fatalf("%+v, %v", page.Rows, err)
	}
	outs, err := reg.Command(ctx, who, sitting.Command{Act: sitting.ActStart, Sittings: []sitting.Target{{Sitting: page.Rows[0].Sitting}}})
	if err != nil || outs[0].Kind != "" || outs[0].State != sitting.Ready {
		t.Errorf("%+v, %v", outs, err)
	}
}
