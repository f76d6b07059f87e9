package paper

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"

	"dingkao/exam"
)

func small(n int) Bank {
	b := Bank{ID: "law", Name: "医疗法规 <样例>", Open: true}
	for i := range n {
		q := Question{Kind: A1, Stem: fmt.Sprintf("第%d题问什么", i), Options: []string{"甲", "乙", "丙"}, Chapter: "第一章", LegalBasis: "《医师法》第一条"}
		b.Items = append(b.Items, Item{Question: q.Identified(), Answer: Only(i % 3), Explanation: "因为 a < b & c"})
	}
	return b
}

func TestABankComesBackAsItWasWritten(t *testing.T) {
	b := small(7)
	raw, err := EncodeBank(b)
	if err != nil {
		t.Fatal(err)
	}
	got, err := DecodeBank(raw)
	if err != nil || !reflect.DeepEqual(got, b) {
		t.Errorf("%v: %+v", err, got)
	}
	if it, ok := got.Find(b.Items[3].ID); !ok || it.Stem != b.Items[3].Stem {
		t.Error("an item is not found")
	}
	if _, ok := got.Find("none"); ok {
		t.Error("an item that is not there is found")
	}
}

func TestAnotherSpellingOfABankIsRefused(t *testing.T) {
	raw, err := EncodeBank(small(2))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"space":         append([]byte(" "), raw...),
		"trailing":      append(bytes.Clone(raw), '\n'),
		"escaped":       bytes.Replace(raw, []byte("<"), []byte(`\u003c`), 1),
		"unknown field": bytes.Replace(raw, []byte(`"format":1`), []byte(`"format":1,"x":1`), 1),
		"later format":  bytes.Replace(raw, []byte(`"format":1`), []byte(`"format":2`), 1),
		"no answer":     bytes.Replace(raw, []byte(`"answer":"A"`), []byte(`"answer":""`), 1),
		"path for id":   bytes.Replace(raw, []byte(`"id":"law"`), []byte(`"id":"../law"`), 1),
		"nothing":       nil,
	} {
		if _, err := DecodeBank(data); exam.KindOf(err) != exam.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, b := range map[string]Bank{"empty": {ID: "x", Name: "空"}, "no name": {ID: "x", Items: small(1).Items}, "dot": {ID: ".x", Name: "名", Items: small(1).Items}} {
		if _, err := EncodeBank(b); exam.KindOf(err) != exam.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzDecodeBank(f *testing.F) {
	raw, err := EncodeBank(small(3))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"format":1,"id":"b","name":"库","open":true,"items":[{"id":"q","kind":"TF","stem":"对","options":["正确","错误"],"answer":"A"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := DecodeBank(data)
		if err != nil {
			return
		}
		again, err := EncodeBank(b)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("%v: %s", err, again)
		}
	})
}
