package certificate

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dingkao/exam"
)

// Payload is what the QR code on a notice carries: enough for a reader with
// the paper in hand to see that the paper is the one that was issued, and less
// than the paper itself. The code opens a web address, and addresses are kept
// in histories and logs; so the identity number is not in it, only the end of
// the certificate number, and a digest that binds everything printed.
type Payload struct {
	Serial   exam.Serial // names the notice at the registry
	Name     string      // at most 63 bytes are carried; a longer name is cut between characters
	Tail     string      // the certificate number without all but the last four signs of the document number
	From     exam.Month
	To       exam.Month
	IssuedOn exam.Date
	Outcome  Outcome
	Facts    [16]byte // Certificate.Digest
}

// PayloadOf is what the QR code of c carries.
func PayloadOf(c Certificate) Payload {
	return Payload{
		Serial: c.Serial, Name: cut(c.Name, maxQRName), Tail: tail(c), From: c.From, To: c.To,
		IssuedOn: c.IssuedOn, Outcome: c.Outcome, Facts: c.Digest(),
	}
}

// Describes says whether p was signed for exactly these facts.
func (p Payload) Describes(c Certificate) bool { return p == PayloadOf(c) }

func tail(c Certificate) string {
	if hidden := len(c.Document) - 4; hidden > 0 && hidden <= len(c.Number) {
		return c.Number[hidden:]
	}
	return c.Number
}

func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// Verdict is what [Verify] found.
type Verdict string

const (
	// Genuine: a published key signed this text. Whether the notice was
	// revoked since, only the registry can tell.
	Genuine Verdict = "genuine"
	// UnknownKey: well formed, but none of the given keys has signed it: an old
	// key, another registry, or a forgery.
	UnknownKey Verdict = "unknown-key"
	// Damaged: not a text of ours, misread, or changed after signing.
	Damaged Verdict = "damaged"
)

// Text is the verdict in Chinese, one sentence for a reader of the notice.
func (v Verdict) Text() string {
	switch v {
	case Genuine:
		return "签名有效，内容由登记系统签发；是否已被撤销请联网核验"
	case UnknownKey:
		return "二维码不是由已公布的密钥签发的，无法确认真伪，请联网核验或向发证机关查询"
	}
	return "二维码内容不完整或被改动，请重新扫描；仍然如此请向发证机关查询"
}

const (
	tokenVersion = 1
	maxTail      = 31
	maxQRName    = 63
	fixedLen     = 1 + 4 + 1 + 2 + 2 + 4 + 16 // version, key, outcome, from, to, issued on, facts
	signedAs     = "dingkao notice token 1\x00"
)

// The token is base32 rather than base64: its signs are in the QR code's
// alphanumeric set, which packs them closer, and it survives being read aloud
// or turned to lower case.
var tokenText = base32.StdEncoding.WithPadding(base32.NoPadding)

// KeyID is the four bytes by which a token names the key that signed it.
func KeyID(key ed25519.PublicKey) [4]byte {
	sum := sha256.Sum256(key)
	return [4]byte(sum[:4])
}

// Sign makes the text of the QR code: base, which ends in a slash
// (exam.About.VerifyURL), and a token of p signed with key. Ed25519 signs the
// same payload alike each time. The error is Invalid for a payload that no
// valid Certificate gives.
func Sign(base string, p Payload, key ed25519.PrivateKey) (string, error) {
	if len(key) != ed25519.PrivateKeySize {
		return "", exam.Errorf(exam.Invalid, "签名密钥不对，通知书没有签发")
	}
	body, err := p.encode(KeyID(key.Public().(ed25519.PublicKey)))
	if err != nil {
		return "", err
	}
	sig := ed25519.Sign(key, append([]byte(signedAs), body...))
	if base != "" && !strings.HasSuffix(base, "/") {
		base += "/"
	}
	return base + tokenText.EncodeToString(append(body, sig...)), nil
}

// Verify reads the text of a QR code, or the token alone, and checks it against
// published keys. The payload is filled for Genuine and UnknownKey, but means
// something only when Genuine. It needs no network.
func Verify(text string, keys []exam.PublicKey) (Payload, Verdict) {
	p, id, body, sig, ok := parse(text)
	if !ok {
		return Payload{}, Damaged
	}
	verdict := UnknownKey
	for _, k := range keys {
		if len(k.Key) != ed25519.PublicKeySize || KeyID(k.Key) != id {
			continue
		}
		if ed25519.Verify(k.Key, append([]byte(signedAs), body...), sig) {
			return p, Genuine
		}
		verdict = Damaged
	}
	if verdict == Damaged {
		return Payload{}, Damaged
	}
	return p, verdict
}

// Token is the part of a QR text after its last slash.
func Token(text string) string {
	text = strings.TrimSpace(text)
	if i := strings.IndexAny(text, "?#"); i >= 0 {
		text = text[:i]
	}
	text = strings.TrimRight(text, "/")
	return text[strings.LastIndexByte(text, '/')+1:]
}

func (p Payload) encode(key [4]byte) ([]byte, error) {
	bad := func() ([]byte, error) {
		return nil, exam.Errorf(exam.Invalid, "通知书的核验信息不完整，没有签发")
	}
	from, ok1 := monthNumber(p.From)
	to, ok2 := monthNumber(p.To)
	day, ok3 := dayNumber(p.IssuedOn)
	outcome := outcomeNumber(p.Outcome)
	if !ok1 || !ok2 || !ok3 || outcome == 0 || !p.wellFormed() {
		return bad()
	}
	b := append([]byte{tokenVersion}, key[:]...)
	b = append(b, outcome)
	b = binary.BigEndian.AppendUint16(b, from)
	b = binary.BigEndian.AppendUint16(b, to)
	b = binary.BigEndian.AppendUint32(b, day)
	b = append(b, p.Facts[:]...)
	for _, s := range []string{string(p.Serial), p.Tail, p.Name} {
		b = append(b, byte(len(s)))
		b = append(b, s...)
	}
	return b, nil
}

func (p Payload) wellFormed() bool {
	if !serialForm.MatchString(string(p.Serial)) || p.Tail == "" || len(p.Tail) > maxTail || p.Name == "" || len(p.Name) > maxQRName {
		return false
	}
	for _, s := range []string{p.Tail, p.Name} {
		if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
			return false
		}
	}
	return true
}

// parse takes a token apart. It accepts only what encode writes, so that one
// payload and signature have one text.
func parse(text string) (p Payload, key [4]byte, body, sig []byte, ok bool) {
	token := strings.ToUpper(Token(text))
	if len(token) > 512 {
		return
	}
	raw, err := tokenText.DecodeString(token)
	if err != nil || tokenText.EncodeToString(raw) != token || len(raw) < fixedLen+ed25519.SignatureSize {
		return
	}
	body, sig = raw[:len(raw)-ed25519.SignatureSize], raw[len(raw)-ed25519.SignatureSize:]
	if body[0] != tokenVersion {
		return
	}
	copy(key[:], body[1:5])
	var fine [4]bool
	p.Outcome, fine[0] = outcomeOf(body[5])
	p.From, fine[1] = monthOf(binary.BigEndian.Uint16(body[6:]))
	p.To, fine[2] = monthOf(binary.BigEndian.Uint16(body[8:]))
	p.IssuedOn, fine[3] = dayOf(binary.BigEndian.Uint32(body[10:]))
	copy(p.Facts[:], body[14:fixedLen])
	rest := body[fixedLen:]
	var texts [3]string
	for i := range texts {
		if len(rest) == 0 || len(rest) < 1+int(rest[0]) {
			return
		}
		n := int(rest[0])
		texts[i], rest = string(rest[1:1+n]), rest[1+n:]
	}
	p.Serial, p.Tail, p.Name = exam.Serial(texts[0]), texts[1], texts[2]
	ok = fine == [4]bool{true, true, true, true} && len(rest) == 0 && p.wellFormed()
	return
}

func outcomeNumber(o Outcome) byte {
	switch o {
	case Passed:
		return 1
	case Failed:
		return 2
	}
	return 0
}

func outcomeOf(b byte) (Outcome, bool) {
	switch b {
	case 1:
		return Passed, true
	case 2:
		return Failed, true
	}
	return "", false
}

// Months are counted from January 1900, days from 1 January 1900.
var epoch = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC)

func monthNumber(m exam.Month) (uint16, bool) {
	t, err := time.Parse("2006-01", string(m))
	if err != nil || !m.Valid() {
		return 0, false
	}
	return uint16((t.Year()-1900)*12 + int(t.Month()) - 1), true
}

func monthOf(n uint16) (exam.Month, bool) {
	if n >= 201*12 {
		return "", false
	}
	return exam.Month(epoch.AddDate(0, int(n), 0).Format("2006-01")), true
}

func dayNumber(d exam.Date) (uint32, bool) {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil || !d.Valid() {
		return 0, false
	}
	return uint32(t.Sub(epoch) / (24 * time.Hour)), true
}

func dayOf(n uint32) (exam.Date, bool) {
	d := exam.DateOf(epoch.AddDate(0, 0, int(n%(1<<20))))
	return d, n < 1<<20 && d.Valid()
}
