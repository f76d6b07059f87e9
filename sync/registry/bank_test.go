package registry_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/practice"
	"dingkao/sync/registry"
	"dingkao/sync/wire"
)

func bankOf(id paper.BankID, open bool, n int) paper.Bank {
	b := paper.Bank{ID: id, Name: "医疗法规", Open: open}
	for i := range n {
		q := paper.Question{Kind: paper.A1, Stem: fmt.Sprintf("第%d问", i), Options: []string{"甲", "乙"}}
		b.Items = append(b.Items, paper.Item{Question: q.Identified(), Answer: paper.Only(i % 2)})
	}
	return b
}

func TestOnlyOpenBanksLeaveTheRegistry(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		open := bankOf("law", true, 5)
		in, err := w.PutBank(w.ctx, open, false)
		w.must(err)
		if in.Result != "added" || in.Questions != 5 || !in.Open || in.Changed == 0 {
			t.Errorf("in %+v", in)
		}
		_, err = w.PutBank(w.ctx, bankOf("exam", false, 5), false)
		w.must(err)
		for _, login := range []string{"inst1", "ass1", "auth", "proc"} {
			_, _, err := w.Bank(w.ctx, w.as("14", login), "exam")
			w.refusedAs(err, exam.NotFound, "没有找到这个题库")
		}
		d := w.doctor(0)
		for _, id := range []paper.BankID{"exam", "none", "../law", ""} {
			_, _, err := w.Bank(w.ctx, d.who, id)
			w.refusedAs(err, exam.NotFound, "没有找到这个题库")
		}
		list, err := w.Banks(w.ctx, d.who)
		w.must(err)
		if len(list.Banks) != 1 || list.Banks[0] != in.BankInfo {
			t.Errorf("listed %+v", list)
		}
		body, hash, err := w.Bank(w.ctx, d.who, "law")
		w.must(err)
		got, err := paper.DecodeBank(body)
		w.must(err)
		if len(got.Items) != 5 || hash != in.Hash || wire.BlobHashOf(body) != hash {
			t.Errorf("got %+v under %s", got, hash)
		}
		all, err := w.ListBanks(w.ctx)
		w.must(err)
		if len(all) != 2 {
			t.Errorf("the operator sees %+v", all)
		}
		sealed, err := w.ReadBank(w.ctx, "exam")
		w.must(err)
		if len(sealed.Items) != 5 || w.log()[len(w.log())-1].Action != "read-bank" {
			t.Error("reading a sealed bank is not audited")
		}
	})
}

func TestABankIsReplacedOnlyOnDemandAndNeverSealedAgain(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		one, err := w.PutBank(w.ctx, bankOf("law", true, 3), false)
		w.must(err)
		lines := len(w.log())
		same, err := w.PutBank(w.ctx, bankOf("law", true, 3), false)
		w.must(err)
		if same.Result != "unchanged" || same.BankInfo != one.BankInfo || len(w.log()) != lines {
			t.Errorf("the same again: %+v", same)
		}
		_, err = w.PutBank(w.ctx, bankOf("law", true, 4), false)
		w.refusedAs(err, exam.Conflict, "--replace")
		_, err = w.PutBank(w.ctx, bankOf("law", false, 4), true)
		w.refusedAs(err, exam.Refused, "不能再改为保密")
		two, err := w.PutBank(w.ctx, bankOf("law", true, 4), true)
		w.must(err)
		if two.Result != "replaced" || two.Hash == one.Hash || two.Questions != 4 || two.Changed <= one.Changed {
			t.Errorf("replaced: %+v", two)
		}
		// A sealed one may be opened: its papers are over.
		_, err = w.PutBank(w.ctx, bankOf("old", false, 3), false)
		w.must(err)
		_, err = w.PutBank(w.ctx, bankOf("old", true, 3), true)
		w.must(err)
		_, err = w.PutBank(w.ctx, paper.Bank{ID: "empty", Name: "空"}, false)
		w.refusedAs(err, exam.Invalid, "没有题目")
	})
}

// drill is what a doctor practised on one device.
type drill struct {
	*terminal
	device string
	seq    uint64
	head   wire.Hash
}

func (d *drill) entry(kind practice.Act, body any) json.RawMessage {
	d.t.Helper()
	_, raw, err := wire.Next(wire.PracticeStream(d.who.Account.Doctor, d.device), d.seq+1, d.head, exam.InstantOf(d.opt.Clock()), d.device, string(kind), body)
	d.must(err)
	d.seq++
	d.head = wire.HashOf(raw)
	return raw
}

func (d *drill) answer(n int) json.RawMessage {
	return d.entry(practice.ActAnswered, practice.Body{Bank: "law", Question: paper.QuestionID(fmt.Sprintf("q%d", n)), Answer: 1, Mode: practice.ModeRandom})
}

func TestPracticeIsTakenFromItsDoctorAlone(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		mine, other := w.doctor(0), w.doctor(1)
		d := &drill{terminal: mine, device: "t-1"}
		raws := []json.RawMessage{d.answer(1), d.answer(2)}
		stream := wire.PracticeStream(mine.who.Account.Doctor, "t-1")
		for _, who := range []registry.Session{other.who, w.as("14", "inst1"), w.as("14", "auth"), w.as("14", "proc")} {
			_, err := w.Append(w.ctx, who, raws)
			w.refusedAs(err, exam.Forbidden, "")
		}
		a, err := w.Append(w.ctx, mine.who, raws)
		w.must(err)
		if a.Receipt.Seq != 2 || a.Receipt.Head != d.head || a.Receipt.Stream != stream {
			t.Errorf("receipt %+v", a.Receipt)
		}
		again, err := w.Append(w.ctx, mine.who, raws)
		w.must(err)
		if again.Receipt.Seq != 2 || again.Receipt.At != a.Receipt.At {
			t.Errorf("delivered twice: %+v and %+v", a.Receipt, again.Receipt)
		}
		list, err := w.Practice(w.ctx, mine.who)
		w.must(err)
		if len(list.Streams) != 1 || list.Streams[0] != (wire.StreamHead{Stream: stream, Seq: 2, Hash: d.head}) {
			t.Errorf("streams %+v", list)
		}
		tail, err := w.Tail(w.ctx, mine.who, stream, 1)
		w.must(err)
		if len(tail.Entries) != 1 || tail.Receipt.Seq != 2 {
			t.Errorf("tail %+v", tail)
		}
		for _, who := range []registry.Session{other.who, w.as("14", "inst1"), w.as("14", "auth")} {
			_, err := w.Tail(w.ctx, who, stream, 0)
			w.refusedAs(err, exam.Forbidden, "")
		}
		if list, err := w.Practice(w.ctx, other.who); err != nil || len(list.Streams) != 0 {
			t.Errorf("another doctor sees %+v, %v", list, err)
		}
		_, err = w.Practice(w.ctx, w.as("14", "inst1"))
		w.refusedAs(err, exam.Forbidden, "")
		rep, err := w.AuditVerify(w.ctx)
		w.must(err)
		if !rep.Clean {
			t.Errorf("audit: %v", rep.Problems)
		}
	})
}

func TestPracticeThatIsNotWholeIsRefused(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		d := &drill{terminal: w.doctor(0), device: "t-1"}
		first := d.answer(1)
		_, err := w.Append(w.ctx, d.who, []json.RawMessage{first})
		w.must(err)
		for name, raw := range map[string]func(d drill) json.RawMessage{
			"no answer": func(d drill) json.RawMessage {
				return d.entry(practice.ActAnswered, practice.Body{Bank: "law", Question: "q"})
			},
			"another act": func(d drill) json.RawMessage { return d.entry("erased", practice.Body{Bank: "law", Question: "q"}) },
			"unknown field": func(d drill) json.RawMessage {
				return d.entry(practice.ActStarred, map[string]any{"bank": "law", "question": "q", "x": 1})
			},
		} {
			_, err := w.Append(w.ctx, d.who, []json.RawMessage{raw(*d)})
			if exam.KindOf(err) != exam.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		gap := *d
		gap.answer(2)
		_, err = w.Append(w.ctx, d.who, []json.RawMessage{gap.answer(3)})
		var conflict *registry.ConflictError
		if exam.KindOf(err) != exam.Conflict || !errors.As(err, &conflict) {
			t.Errorf("a gap: %v", err)
		}
		fork := drill{terminal: d.terminal, device: "t-1"}
		_, err = w.Append(w.ctx, d.who, []json.RawMessage{fork.answer(9)})
		if exam.KindOf(err) != exam.Conflict || !errors.As(err, &conflict) || len(conflict.Tail.Entries) != 1 {
			t.Errorf("another history: %v", err)
		}
		// One device more than there may be.
		for i := range registry.MostDevices - 1 {
			e := drill{terminal: d.terminal, device: fmt.Sprintf("d-%d", i)}
			_, err := w.Append(w.ctx, d.who, []json.RawMessage{e.answer(1)})
			w.must(err)
		}
		last := drill{terminal: d.terminal, device: "last"}
		_, err = w.Append(w.ctx, d.who, []json.RawMessage{last.answer(1)})
		w.refusedAs(err, exam.Refused, "只保存在本机")
		_, err = w.Append(w.ctx, d.who, []json.RawMessage{d.answer(2)}) // those that are known go on
		w.must(err)
	})
}

func TestBanksAndPracticeSurviveABackup(t *testing.T) {
	both(t, func(t *testing.T, w *world) {
		_, err := w.PutBank(w.ctx, bankOf("law", true, 5), false)
		w.must(err)
		d := &drill{terminal: w.doctor(0), device: "t-1"}
		_, err = w.Append(w.ctx, d.who, []json.RawMessage{d.answer(1)})
		w.must(err)
		tables := map[string]int{}
		w.must(w.store.Export(w.ctx, func(registry.Reader) error { return nil }, func(table string, row []byte) error {
			tables[table]++
			if table == "banks" && !strings.Contains(string(row), "第4问") {
				t.Errorf("a bank without its questions: %s", row)
			}
			return nil
		}))
		if tables["banks"] != 1 || tables["devices"] != 1 {
			t.Errorf("tables %v", tables)
		}
	})
}
