package demo

import (
	"context"

	"dingkao/exam"
	"dingkao/exam/sitting"
	"dingkao/sync/registry"
	"dingkao/sync/wire"
)

// seatOne checks the first of those who wait for the exam in, at a machine that is
// not there, so that a proctor finds somebody on the wall. Whoever signs in as that
// doctor and checks in takes the seat over.
func seatOne(ctx context.Context, reg *registry.Registry) error {
	for i, p := range Doctors {
		if p.Goal != ForExam {
			continue
		}
		u, err := reg.FindUser(ctx, Province, string(Identity(i)))
		if err != nil || u.MustChange {
			return err
		}
		who, err := enter(ctx, reg, string(Identity(i)), Password)
		if exam.KindOf(err) == exam.WrongPassword {
			return nil // a visitor changed it
		}
		if err != nil {
			return err
		}
		_, err = reg.CheckIn(ctx, who, wire.CheckIn{Terminal: "demo-a-01", Name: "A-01", Room: "第一考场", Checks: []sitting.Check{
			{Name: "disk", State: "ok"}, {Name: "network", State: "ok"}, {Name: "clock", State: "ok"},
			{Name: "camera", State: "none", Detail: "这台考试机没有摄像头，请监考员现场核验。"}}})
		if out := reg.SignOut(ctx, who); err == nil {
			err = out
		}
		return err
	}
	return nil
}
