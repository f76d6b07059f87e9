package notary

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"dingkao/exam"
	"dingkao/exam/certificate"
	"dingkao/exam/certificate/pdf"
)

// ReadKeys reads published keys: what /v1/about answers, a list of keys as
// `registry keys show --json` prints it, or lines that end in a key in base64.
func ReadKeys(text []byte) ([]exam.PublicKey, error) {
	var list []exam.PublicKey
	text = bytes.TrimSpace(text)
	switch {
	case bytes.HasPrefix(text, []byte("{")):
		var about exam.About
		if err := json.Unmarshal(text, &about); err != nil {
			return nil, exam.Wrap(exam.Invalid, err, "公钥文件读不出来")
		}
		list = about.Keys
	case bytes.HasPrefix(text, []byte("[")):
		if err := json.Unmarshal(text, &list); err != nil {
			return nil, exam.Wrap(exam.Invalid, err, "公钥文件读不出来")
		}
	default:
		for line := range strings.Lines(string(text)) {
			words := strings.Fields(line)
			if len(words) == 0 {
				continue
			}
			if raw, err := base64.StdEncoding.DecodeString(words[len(words)-1]); err == nil {
				list = append(list, exam.PublicKey{Key: raw})
			}
		}
	}
	for _, k := range list {
		if len(k.Key) != ed25519.PublicKeySize {
			return nil, exam.Errorf(exam.Invalid, "公钥的长度不对，应为32字节")
		}
	}
	if len(list) == 0 {
		return nil, exam.Errorf(exam.Invalid, "文件里没有公钥")
	}
	return list, nil
}

// Finding is what Check found of a notice, without a network. Whether it was
// revoked since, only the registry can tell.
type Finding struct {
	Genuine  bool      `json:"genuine"`
	Sentence string    `json:"sentence"`
	Signer   string    `json:"signer,omitempty"` // of a file
	Serial   string    `json:"serial,omitempty"` // of a QR text, as the rest
	Name     string    `json:"name,omitempty"`
	Number   string    `json:"number,omitempty"` // the end of it
	Period   string    `json:"period,omitempty"`
	IssuedOn exam.Date `json:"issuedOn,omitempty"`
	Outcome  string    `json:"outcome,omitempty"`
	Why      string    `json:"why,omitempty"` // for the log
}

// Check checks a signed file against roots, or, where file is nil, the text of
// a QR code against published keys.
func Check(text string, file []byte, published []exam.PublicKey, roots *x509.CertPool, now time.Time) Finding {
	if file != nil {
		s, err := pdf.VerifyFile(file, roots, now)
		if err != nil {
			return Finding{Sentence: exam.SentenceOf(err), Why: err.Error()}
		}
		return Finding{Genuine: true, Signer: s.Name, Sentence: "数字签名有效，文件自签发后没有改动；是否已被撤销请联网核验"}
	}
	p, verdict := certificate.Verify(text, published)
	f := Finding{Genuine: verdict == certificate.Genuine, Sentence: verdict.Text()}
	if f.Genuine {
		f.Serial, f.Name, f.Number = string(p.Serial), p.Name, "…"+p.Tail
		f.Period, f.IssuedOn, f.Outcome = p.From.Text()+"至"+p.To.Text(), p.IssuedOn, p.Outcome.Text()
	}
	return f
}

// Text is the finding as an operator reads it.
func (f Finding) Text() string {
	var b strings.Builder
	fmt.Fprintln(&b, f.Sentence)
	for _, l := range [][2]string{{"姓名", f.Name}, {"考核结果", f.Outcome}, {"证书编码", f.Number}, {"考核周期", f.Period},
		{"发证日期", f.IssuedOn.Text()}, {"流水号", f.Serial}, {"签名者", f.Signer}, {"原因", f.Why}} {
		if l[1] != "" {
			fmt.Fprintf(&b, "  %s：%s\n", l[0], l[1])
		}
	}
	return b.String()
}
