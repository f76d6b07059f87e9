package wire

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
)

func saved(t testing.TB, mobile string) []byte {
	t.Helper()
	_, raw, err := Next(ApplicationStream("a1"), 1, "", 1_700_000_000_000_000, "pc-1", string(application.ActSaved),
		application.Body{Form: &application.Form{Basic: &application.Basic{Mobile: mobile}}})
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestAnEntryIsEncodedOnce(t *testing.T) {
	for _, text := range []string{"132", "<b>&\u2028\"\\ 李鸿雁 😀", ""} {
		raw := saved(t, text)
		e, err := Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Encode(e)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("%s\n%s\n%v", raw, again, err)
		}
		a, err := e.Application()
		if err != nil || a.Form.Basic.Mobile != text {
			t.Fatalf("%+v, %v", a, err)
		}
		// As part of a request the bytes stay the same: the hash depends on it.
		req, err := json.Marshal(Append{Entries: []json.RawMessage{raw}})
		if err != nil {
			t.Fatal(err)
		}
		var back Append
		if err := json.Unmarshal(req, &back); err != nil || !bytes.Equal(back.Entries[0], raw) {
			t.Fatalf("a request changed the entry: %s", back.Entries[0])
		}
	}
}

func TestOnlyTheCanonicalEncodingIsTaken(t *testing.T) {
	raw := string(saved(t, "132"))
	for name, bad := range map[string]string{
		"white space":     strings.Replace(raw, ",", ", ", 1),
		"field order":     `{"seq":1,` + strings.Replace(raw[1:], `"seq":1,`, "", 1),
		"unknown field":   strings.Replace(raw, `{"stream"`, `{"x":1,"stream"`, 1),
		"field twice":     strings.Replace(raw, `"seq":1,`, `"seq":1,"seq":1,`, 1),
		"other case":      strings.Replace(raw, `"seq"`, `"Seq"`, 1),
		"trailing":        raw + " ",
		"two values":      raw + raw,
		"seq 0":           strings.Replace(raw, `"seq":1`, `"seq":0`, 1),
		"prev of first":   strings.Replace(raw, `"prev":""`, `"prev":"`+strings.Repeat("0", 64)+`"`, 1),
		"no prev":         strings.Replace(raw, `"seq":1`, `"seq":2`, 1),
		"foreign stream":  strings.Replace(raw, "application/a1", "applications/a1", 1),
		"path in stream":  strings.Replace(raw, "application/a1", "application/../a1", 1),
		"body no object":  raw[:strings.Index(raw, `"body":`)] + `"body":[]}`,
		"negative time":   strings.Replace(raw, `"at":1`, `"at":-1`, 1),
		"nul in the body": strings.Replace(raw, "132", `\u0000`, 1),
		"broken utf-8":    strings.Replace(raw, "132", "\xff", 1),
		"empty":           "",
	} {
		if _, err := Decode([]byte(bad)); exam.KindOf(err) != exam.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Decode(bytes.Repeat([]byte("a"), MostEntry+1)); exam.KindOf(err) != exam.TooLarge {
		t.Errorf("too large: %v", err)
	}
}

func TestAnUnknownFieldInABodyIsRefusedRatherThanDropped(t *testing.T) {
	e, err := Decode([]byte(strings.Replace(string(saved(t, "1")), `"body":{`, `"body":{"extra":1,`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Application(); exam.KindOf(err) != exam.Invalid {
		t.Fatal(err)
	}
}

func TestADecisionCannotStandInTheDoctorsStream(t *testing.T) {
	e := Entry{Stream: ApplicationStream("a"), Kind: string(application.ActApproved), Body: json.RawMessage(`{}`)}
	if _, err := e.Application(); exam.KindOf(err) != exam.Invalid {
		t.Fatal(err)
	}
}

func TestAReceiptHoldsForWhatItSaysAndNothingElse(t *testing.T) {
	pub, key, _ := ed25519.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, 32)))
	keys := []exam.PublicKey{{ID: "k1", Key: pub}}
	r := Receipt{Stream: ApplicationStream("a"), Seq: 3, Head: HashOf([]byte("x")), At: 5}.Sign("k1", key)
	if err := r.Verify(keys); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*Receipt){
		"stream": func(r *Receipt) { r.Stream = ApplicationStream("b") }, "seq": func(r *Receipt) { r.Seq++ },
		"head": func(r *Receipt) { r.Head = HashOf([]byte("y")) }, "at": func(r *Receipt) { r.At++ },
		"key": func(r *Receipt) { r.Key = "k2" }, "sig": func(r *Receipt) { r.Sig = append([]byte{1}, r.Sig[1:]...) },
		"none": func(r *Receipt) { r.Sig = nil },
	} {
		bad := r
		change(&bad)
		if exam.KindOf(bad.Verify(keys)) != exam.Damaged {
			t.Errorf("%s changed and still verifies", name)
		}
	}
}

func TestAProblemSaysTheSentenceAndNothingUnderIt(t *testing.T) {
	p := ProblemOf(exam.Wrap(exam.Refused, errors.New("SELECT secret"), "现在不能提交"))
	raw, _ := json.Marshal(p)
	if p.Status != 422 || strings.Contains(string(raw), "SELECT") || exam.KindOf(p.Err()) != exam.Refused {
		t.Fatalf("%s", raw)
	}
	if p := ProblemOf(errors.New("disk on fire")); p.Status != 500 || strings.Contains(p.Detail, "fire") {
		t.Fatalf("%+v", p)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(saved(f, "132"))
	f.Add([]byte(`{"stream":"review/a","seq":1,"prev":"","at":1,"writer":"k","kind":"approved","body":{"on":3,"by":{"account":"a","name":"b","role":"institution"}}}`))
	f.Add([]byte(`{"body":{"form":{"history":{"filings":[{}]}}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		e, err := Decode(raw)
		if err != nil {
			if k := exam.KindOf(err); k != exam.Invalid && k != exam.TooLarge {
				t.Fatalf("kind %s", k)
			}
			return
		}
		again, err := Encode(e)
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("decoded what encodes otherwise: %q %q %v", raw, again, err)
		}
		if a, err := e.Application(); err == nil && a.Form != nil {
			_ = a.Form.Check("2024-09-01")
			_ = a.Form.Missing(exam.Cycle{}, "2024-09-01")
			_ = application.Describe(exam.Doctor{}, "", exam.Cycle{}, *a.Form)
		}
	})
}

func TestAStreamHasThePartsOfItsKind(t *testing.T) {
	for s, valid := range map[Stream]bool{
		SittingStream("s1", 1): true, OrdersStream("s1"): true, PracticeStream("d1", "laptop-7"): true,
		"sitting/s1": false, "sitting/s1/0": false, "sitting/s1/01": false, "sitting/s1/-1": false, "sitting/s1/1/2": false, "sitting/s1/99999999999": false,
		"orders/s1/1": false, "practice/d1": false, "practice/d1/": false, "practice/d1/../x": false, "practice//x": false, "application/a/b": false, "review/": false,
	} {
		if s.Valid() != valid {
			t.Errorf("%s: valid %v", s, !valid)
		}
	}
	if s := SittingStream("s1", 12); s.ID() != "s1" || s.Epoch() != 12 || s.Part() != "12" {
		t.Errorf("%s: %s %d", s, s.ID(), s.Epoch())
	}
	order := Entry{Stream: SittingStream("s1", 1), Kind: string(sitting.ActPause), Body: json.RawMessage(`{}`)}
	if _, err := order.Sitting(); exam.KindOf(err) != exam.Invalid {
		t.Errorf("an order in a terminal's stream: %v", err)
	}
}

func TestASealedPaperOpensWithItsKeyAndUnderItsOwnNameAlone(t *testing.T) {
	p := paper.Paper{Title: "样卷", Minutes: 60, PassMark: paper.Point, Questions: []paper.Question{
		paper.Question{Kind: paper.A1, Stem: "第一题", Options: []string{"甲", "乙", "丙"}}.Identified()}}
	p.ID = "p1"
	encoded, err := paper.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	key, other := bytes.Repeat([]byte{1}, KeySize), bytes.Repeat([]byte{2}, KeySize)
	sealed, err := SealPaper(p.ID, key, encoded)
	if err != nil || bytes.Contains(sealed, []byte("第一题")) {
		t.Fatalf("%v, or it can be read", err)
	}
	got, err := OpenPaper(p.ID, key, sealed)
	if err != nil || got.Questions[0].Stem != "第一题" {
		t.Fatalf("%+v %v", got, err)
	}
	for name, open := range map[string]func() (paper.Paper, error){
		"another key":  func() (paper.Paper, error) { return OpenPaper(p.ID, other, sealed) },
		"another name": func() (paper.Paper, error) { return OpenPaper("p2", key, sealed) },
		"cut":          func() (paper.Paper, error) { return OpenPaper(p.ID, key, sealed[:len(sealed)-1]) },
		"short":        func() (paper.Paper, error) { return OpenPaper(p.ID, key, sealed[:5]) },
		"short key":    func() (paper.Paper, error) { return OpenPaper(p.ID, key[:5], sealed) },
	} {
		if _, err := open(); exam.KindOf(err) != exam.Damaged {
			t.Errorf("%s: %v", name, err)
		}
	}
}
