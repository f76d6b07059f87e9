package notary

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/certificate"
)

func TestKeysAreReadAsTheyArePublished(t *testing.T) {
	pub, _, _ := ed25519.GenerateKey(nil)
	line := base64.StdEncoding.EncodeToString(pub)
	about, _ := json.Marshal(exam.About{Keys: []exam.PublicKey{{ID: "a", Key: pub}}})
	list, _ := json.Marshal([]exam.PublicKey{{ID: "a", Key: pub}})
	for name, text := range map[string]string{"about": string(about), "list": string(list), "one key": line, "as keys show prints it": "\nreceipt key a  " + line + "\n"} {
		keys, err := ReadKeys([]byte(text))
		if err != nil || len(keys) != 1 || !pub.Equal(ed25519.PublicKey(keys[0].Key)) {
			t.Errorf("%s: %v %v", name, keys, err)
		}
	}
	for name, text := range map[string]string{"nothing": "", "no key": "hello", "short": "AAAA", "broken": "{", "empty": "[]"} {
		if _, err := ReadKeys([]byte(text)); exam.KindOf(err) != exam.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAQRTextIsCheckedOffline(t *testing.T) {
	pub, key, _ := ed25519.GenerateKey(nil)
	text, err := certificate.Sign("https://x.example/verify/", certificate.Payload{
		Serial: "S1", Name: "苏晓棠", Tail: "9903KH20261124", From: "2024-07", To: "2027-06", IssuedOn: "2026-11-24", Outcome: certificate.Passed,
	}, key)
	if err != nil {
		t.Fatal(err)
	}
	keys := []exam.PublicKey{{Key: pub}}
	f := Check(text, nil, keys, nil, time.Now())
	if !f.Genuine || f.Name != "苏晓棠" || f.Serial != "S1" || !strings.Contains(f.Text(), "合格") {
		t.Errorf("%+v", f)
	}
	other, _, _ := ed25519.GenerateKey(nil)
	for name, c := range map[string]struct {
		text string
		keys []exam.PublicKey
	}{"another key": {text, []exam.PublicKey{{Key: other}}}, "no key": {text, nil}, "changed": {text[:60] + "A" + text[61:] + "A", keys}, "garbage": {"hello", keys}} {
		if f := Check(c.text, nil, c.keys, nil, time.Now()); f.Genuine || f.Name != "" || f.Sentence == "" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	if f := Check("x.pdf", []byte("%PDF-1.4 nothing"), keys, nil, time.Now()); f.Genuine || f.Why == "" {
		t.Errorf("a file: %+v", f)
	}
}
