package httpapi_test

import (
	"context"
	"testing"

	"dingkao/exam"
	"dingkao/exam/paper"
	rt "dingkao/sync/registry/registrytest"
	"dingkao/sync/wire"
)

func TestASealedBankIsNotFoundByAnybodyOnTheLine(t *testing.T) {
	r := rt.Start(t)
	put := func(id paper.BankID, open bool) {
		b := paper.Bank{ID: id, Name: "法规", Open: open}
		q := paper.Question{Kind: paper.A1, Stem: "问什么", Options: []string{"甲", "乙"}}.Identified()
		b.Items = []paper.Item{{Question: q, Answer: paper.Only(1)}}
		if _, err := r.Registry().PutBank(context.Background(), b, false); err != nil {
			t.Fatal(err)
		}
	}
	put("law", true)
	put("exam", false)
	for _, login := range []string{rt.Doctor, rt.Institution, rt.Assessor, rt.Authority, rt.Admin, rt.Proctor} {
		token := r.SignIn(t, login).Token
		sealed, none := call(t, r, token, "GET", "/v1/banks/exam", nil), call(t, r, token, "GET", "/v1/banks/none", nil)
		if sealed.status != 404 || sealed.problem != none.problem || sealed.problem.Code != exam.NotFound {
			t.Errorf("%s: a sealed bank answers %d %s, none %s", login, sealed.status, sealed.body, none.body)
		}
		if list := into[wire.Banks](t, call(t, r, token, "GET", wire.PathBanks, nil)); len(list.Banks) != 1 || list.Banks[0].ID != "law" {
			t.Errorf("%s: banks %+v", login, list)
		}
	}
	if out := call(t, r, "", "GET", "/v1/banks/law", nil); out.status != 401 {
		t.Errorf("without a session: %d", out.status)
	}
	out := call(t, r, r.SignIn(t, rt.Doctor).Token, "GET", "/v1/banks/law", nil)
	b, err := paper.DecodeBank(out.body)
	if err != nil || len(b.Items) != 1 || out.header.Get("ETag") != `"`+string(wire.BlobHashOf(out.body))+`"` {
		t.Errorf("an open bank: %d, %v, %v", out.status, err, out.header)
	}
	if p := into[wire.Devices](t, call(t, r, r.SignIn(t, rt.Doctor).Token, "GET", wire.PathPractice, nil)); p.Streams == nil || len(p.Streams) != 0 {
		t.Errorf("practice %+v", p)
	}
	if out := call(t, r, r.SignIn(t, rt.Institution).Token, "GET", wire.PathPractice, nil); out.status != 403 {
		t.Errorf("an institution asks for practice: %d", out.status)
	}
}
