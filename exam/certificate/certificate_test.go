package certificate_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
	"rsc.io/qr/coding"

	"dingkao/exam"
	"dingkao/exam/certificate"
)

func sample() certificate.Certificate {
	return certificate.Certificate{
		Serial: "01JZ8Q4T5V6W7X8Y", Application: "app-1", Number: "110101198007284004KH20250703",
		Name: "陈飞飞", Sex: exam.Female, DocumentKind: exam.Term{Code: "01", Name: "居民身份证"}, Document: "110101198007284004",
		QualificationNo: "200514110110101198007284004", LicenceNo: "110140100000123",
		Institution: "长治市医院", Category: "临床", Scopes: []string{"儿科专业", "妇产科专业", "外科专业"}, Speciality: "儿科",
		From: "2024-07", To: "2025-07", Assessor: "长治市医师考核中心", AssessedOn: "2025-07-01",
		Authority: "山西省卫生健康委员会", IssuedOn: "2025-07-03", Photo: exam.BlobHash(strings.Repeat("ab", 32)), Outcome: certificate.Passed,
	}
}

func key(seed byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
}

func public(keys ...ed25519.PrivateKey) (out []exam.PublicKey) {
	for _, k := range keys {
		out = append(out, exam.PublicKey{ID: "k", Key: k.Public().(ed25519.PublicKey)})
	}
	return out
}

func TestACompleteNoticeIsValid(t *testing.T) {
	if err := sample().Validate(); err != nil {
		t.Fatal(err)
	}
	c := sample()
	c.Photo, c.Number = "", c.Number+"-12"
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
}

func TestANoticeWithAMissingOrBrokenFactIsRefusedByField(t *testing.T) {
	for _, tc := range []struct {
		field string
		spoil func(*certificate.Certificate)
	}{
		{"serial", func(c *certificate.Certificate) { c.Serial = "" }},
		{"serial", func(c *certificate.Certificate) { c.Serial = "a/b" }},
		{"number", func(c *certificate.Certificate) { c.Number = "110101198007284004" }},
		{"number", func(c *certificate.Certificate) { c.Number += "-0" }},
		{"number", func(c *certificate.Certificate) { c.Number = "110101198007284005KH20250703" }},
		{"name", func(c *certificate.Certificate) { c.Name = " " }},
		{"name", func(c *certificate.Certificate) { c.Name = "陈\n飞" }},
		{"name", func(c *certificate.Certificate) { c.Name = "陈\u200b飞" }},
		{"name", func(c *certificate.Certificate) { c.Name = "陈\xff" }},
		{"name", func(c *certificate.Certificate) { c.Name = strings.Repeat("陈", 51) }},
		{"sex", func(c *certificate.Certificate) { c.Sex = "3" }},
		{"qualificationNo", func(c *certificate.Certificate) { c.QualificationNo = "" }},
		{"institution", func(c *certificate.Certificate) { c.Institution = strings.Repeat("医", 81) }},
		{"scopes", func(c *certificate.Certificate) { c.Scopes = nil }},
		{"scopes", func(c *certificate.Certificate) { c.Scopes = []string{""} }},
		{"from", func(c *certificate.Certificate) { c.From, c.To = c.To, c.From }},
		{"assessedOn", func(c *certificate.Certificate) { c.AssessedOn = "2025-02-30" }},
		{"issuedOn", func(c *certificate.Certificate) { c.IssuedOn = "2025-06-30" }},
		{"photo", func(c *certificate.Certificate) { c.Photo = "x" }},
		{"outcome", func(c *certificate.Certificate) { c.Outcome = "" }},
	} {
		c := sample()
		tc.spoil(&c)
		err := c.Validate()
		e, ok := err.(*exam.Error)
		if !ok || e.Kind != exam.Invalid || e.Field != tc.field {
			t.Errorf("%s: got %v", tc.field, err)
		}
	}
}

func TestAReissueOnTheSameDayGetsTheNextSuffix(t *testing.T) {
	const id, n = "110101198007284004", "110101198007284004KH20250703"
	for _, tc := range []struct {
		taken []string
		want  string
	}{
		{nil, n}, {[]string{"other"}, n}, {[]string{n}, n + "-2"}, {[]string{n + "-2", n}, n + "-3"}, {[]string{n, n + "-3"}, n + "-2"},
	} {
		if got := certificate.NextNumber(id, "2025-07-03", tc.taken); got != tc.want {
			t.Errorf("NextNumber(%v) = %s, want %s", tc.taken, got, tc.want)
		}
	}
	if got := certificate.NextNumber(id, "2025-13-01", nil); got != "" {
		t.Errorf("a day that does not exist gave %q", got)
	}
}

func TestEveryFactOfTheNoticeChangesItsDigest(t *testing.T) {
	before := sample()
	for i, change := range []func(*certificate.Certificate){
		func(c *certificate.Certificate) { c.Serial += "x" },
		func(c *certificate.Certificate) { c.Number += "-2" },
		func(c *certificate.Certificate) { c.Name += "x" },
		func(c *certificate.Certificate) { c.Sex = exam.Male },
		func(c *certificate.Certificate) { c.DocumentKind.Name = "护照" },
		func(c *certificate.Certificate) { c.Document += "x" },
		func(c *certificate.Certificate) { c.QualificationNo += "x" },
		func(c *certificate.Certificate) { c.LicenceNo += "x" },
		func(c *certificate.Certificate) { c.Institution += "x" },
		func(c *certificate.Certificate) { c.Category += "x" },
		func(c *certificate.Certificate) { c.Scopes = c.Scopes[:2] },
		func(c *certificate.Certificate) {
			c.Scopes = []string{"儿科专业、妇产科专业", "外科专业"}
		},
		func(c *certificate.Certificate) { c.Speciality += "x" },
		func(c *certificate.Certificate) { c.From = "2024-06" },
		func(c *certificate.Certificate) { c.To = "2025-08" },
		func(c *certificate.Certificate) { c.Assessor += "x" },
		func(c *certificate.Certificate) { c.AssessedOn = "2025-07-02" },
		func(c *certificate.Certificate) { c.Authority += "x" },
		func(c *certificate.Certificate) { c.IssuedOn = "2025-07-04" },
		func(c *certificate.Certificate) { c.Photo = "" },
		func(c *certificate.Certificate) { c.Outcome = certificate.Failed },
	} {
		c := sample()
		change(&c)
		if c.Digest() == before.Digest() || certificate.PayloadOf(before).Describes(c) {
			t.Errorf("change %d leaves the digest as it was", i)
		}
	}
	if !certificate.PayloadOf(before).Describes(sample()) {
		t.Error("a payload does not describe its own notice")
	}
}

func entry(t certificate.EntryType, at exam.Instant) certificate.Entry {
	e := certificate.Entry{Type: t, At: at, By: "authority-1", ByName: "省卫健委 李"}
	switch t {
	case certificate.EntryReserved:
		c := sample()
		e.Certificate, e.QR = &c, "https://x/verify/T"
	case certificate.EntryIssued:
		e.PDF = exam.BlobHash(strings.Repeat("cd", 32))
	case certificate.EntryRevoked:
		e.Reason = "发现申报材料不实"
	}
	return e
}

// The machine as a picture: one line per state and entry.
func TestTheMachineIsTheGoldenTable(t *testing.T) {
	var b strings.Builder
	for _, s := range certificate.States {
		for _, e := range certificate.EntryTypes {
			to, ok := certificate.Next(s, e)
			name := string(s)
			if name == "" {
				name = "(none)"
			}
			if !ok {
				to = "refused"
			}
			b.WriteString(name + " --" + string(e) + "--> " + string(to) + "\n")
		}
	}
	want, err := os.ReadFile("testdata/machine.golden")
	if err != nil || string(want) != b.String() {
		t.Errorf("testdata/machine.golden (%v) differs; the machine is:\n%s", err, b.String())
	}
}

func TestANoticeIsReservedIssuedAndRevoked(t *testing.T) {
	r, err := certificate.Fold([]certificate.Entry{
		entry(certificate.EntryReserved, 10), entry(certificate.EntryIssued, 20), entry(certificate.EntryRevoked, 30),
	})
	if err != nil {
		t.Fatal(err)
	}
	n := r.Notice()
	if r.State != certificate.Revoked || r.ReservedAt != 10 || n.IssuedAt != 20 || n.RevokedAt != 30 ||
		n.PDF == "" || n.RevokedReason != "发现申报材料不实" || n.Number != sample().Number || r.RevokedBy != "authority-1" || r.QR == "" {
		t.Errorf("folded to %+v", r)
	}
}

func TestAnIllegalEntryLeavesTheRecordAsItWas(t *testing.T) {
	R, I, V := certificate.EntryReserved, certificate.EntryIssued, certificate.EntryRevoked
	for _, path := range [][]certificate.EntryType{{I}, {V}, {R, R}, {R, I, I}, {R, I, R}, {R, V, I}, {R, V, V}, {R, I, V, R}, {R, I, V, I}, {R, I, V, V}, {"nonsense"}} {
		var r certificate.Record
		for i, ty := range path {
			n, err := certificate.Apply(r, entry(ty, exam.Instant(i+1)))
			if last := i == len(path)-1; last != (err != nil) {
				t.Errorf("%v: step %d: %v", path, i, err)
			} else if last && (exam.KindOf(err) != exam.Refused || mustJSON(t, n) != mustJSON(t, r)) {
				t.Errorf("%v: %v, record %+v", path, err, n)
			}
			r = n
		}
	}
}

func TestAnEntryThatLacksWhatItsTypeNeedsIsInvalid(t *testing.T) {
	reserved, _ := certificate.Apply(certificate.Record{}, entry(certificate.EntryReserved, 1))
	valid, _ := certificate.Apply(reserved, entry(certificate.EntryIssued, 2))
	for i, tc := range []struct {
		from  certificate.Record
		ty    certificate.EntryType
		spoil func(*certificate.Entry)
	}{
		{certificate.Record{}, certificate.EntryReserved, func(e *certificate.Entry) { e.Certificate = nil }},
		{certificate.Record{}, certificate.EntryReserved, func(e *certificate.Entry) { e.Certificate.Name = "" }},
		{certificate.Record{}, certificate.EntryReserved, func(e *certificate.Entry) { e.At = 0 }},
		{certificate.Record{}, certificate.EntryReserved, func(e *certificate.Entry) { e.By = "" }},
		{reserved, certificate.EntryIssued, func(e *certificate.Entry) { e.PDF = "" }},
		{reserved, certificate.EntryIssued, func(e *certificate.Entry) { e.PDF = "zz" }},
		{valid, certificate.EntryRevoked, func(e *certificate.Entry) { e.Reason = "  " }},
		{valid, certificate.EntryRevoked, func(e *certificate.Entry) { e.Reason = strings.Repeat("错", 201) }},
	} {
		e := entry(tc.ty, 9)
		tc.spoil(&e)
		if _, err := certificate.Apply(tc.from, e); exam.KindOf(err) != exam.Invalid {
			t.Errorf("case %d: %v", i, err)
		}
	}
}

// Whatever comes in, and in whatever order: the number, the facts and the file
// never change once they stand, a revoked notice stays revoked, and folding
// what was accepted gives the same record again, through JSON too.
func TestNoOrderOfEntriesChangesWhatStands(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r certificate.Record
		var accepted []certificate.Entry
		for i := range rapid.IntRange(0, 12).Draw(t, "entries") {
			e := entry(rapid.SampledFrom(certificate.EntryTypes).Draw(t, "type"), exam.Instant(i+1))
			if e.Certificate != nil {
				e.Certificate.Name = rapid.SampledFrom([]string{"甲", "乙", ""}).Draw(t, "name")
			}
			if rapid.Bool().Draw(t, "spoil") {
				e.PDF, e.Reason = "", ""
			}
			n, err := certificate.Apply(r, e)
			if err != nil {
				if mustJSON(t, n) != mustJSON(t, r) {
					t.Fatalf("a refused entry changed the record: %v", err)
				}
				continue
			}
			if r.State != certificate.None && n.Certificate.Digest() != r.Certificate.Digest() {
				t.Fatal("facts changed after they were reserved")
			}
			if r.PDF != "" && n.PDF != r.PDF || r.State == certificate.Revoked {
				t.Fatal("something changed that stood")
			}
			if n.State == certificate.Valid && n.PDF == "" {
				t.Fatal("valid without a file")
			}
			r, accepted = n, append(accepted, e)
		}
		var again []certificate.Entry
		if err := json.Unmarshal([]byte(mustJSON(t, accepted)), &again); err != nil {
			t.Fatal(err)
		}
		got, err := certificate.Fold(again)
		if err != nil || mustJSON(t, got) != mustJSON(t, r) {
			t.Fatalf("folding again: %v", err)
		}
	})
}

func mustJSON(t interface{ Fatal(...any) }, v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const base = "https://dingkao.wjw.shanxi.gov.cn/verify/"

func TestASignedTextVerifiesOfflineAndShowsWhatItSays(t *testing.T) {
	text, err := certificate.Sign(base, certificate.PayloadOf(sample()), key(1))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text, base) {
		t.Fatalf("text %q", text)
	}
	for _, read := range []string{text, certificate.Token(text), strings.ToLower(text), " " + text + "\n", text + "/", text + "?from=scan"} {
		p, v := certificate.Verify(read, public(key(2), key(1)))
		if v != certificate.Genuine || !p.Describes(sample()) {
			t.Errorf("%q: %s %+v", read, v, p)
		}
		if p.Tail != "4004KH20250703" {
			t.Errorf("tail %q", p.Tail)
		}
	}
	if strings.Contains(text, "110101") {
		t.Error("the text holds the identity number")
	}
	again, _ := certificate.Sign(base, certificate.PayloadOf(sample()), key(1))
	if again != text {
		t.Error("signing twice gives two texts")
	}
}

func TestAnUnknownKeyIsToldFromADamagedText(t *testing.T) {
	text, _ := certificate.Sign(base, certificate.PayloadOf(sample()), key(1))
	if p, v := certificate.Verify(text, public(key(2))); v != certificate.UnknownKey || p.Name != "陈飞飞" {
		t.Errorf("other key: %s", v)
	}
	if _, v := certificate.Verify(text, nil); v != certificate.UnknownKey {
		t.Errorf("no key: %s", v)
	}
	if _, v := certificate.Verify(text, []exam.PublicKey{{Key: []byte("short")}}); v != certificate.UnknownKey {
		t.Errorf("short key: %s", v)
	}
	for _, s := range []string{"", base, "https://example.com/", "AAAA", text[:len(text)-1], text + "A", base + "!"} {
		if _, v := certificate.Verify(s, public(key(1))); v != certificate.Damaged {
			t.Errorf("%q: %s", s, v)
		}
	}
	token := certificate.Token(text)
	for i := range token {
		b := []byte(token)
		if b[i] == 'A' {
			b[i] = 'B'
		} else {
			b[i] = 'A'
		}
		if _, v := certificate.Verify(string(b), public(key(1))); v == certificate.Genuine {
			t.Fatalf("sign %d changed, still genuine", i)
		}
	}
}

func TestEveryWellFormedPayloadComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := certificate.Payload{
			Serial:   exam.Serial(rapid.StringMatching(`[0-9A-Za-z][0-9A-Za-z_-]{0,39}`).Draw(t, "serial")),
			Name:     rapid.StringMatching(`[一-龥·]{1,21}`).Draw(t, "name"),
			Tail:     rapid.StringMatching(`[0-9X]{4}KH[0-9]{8}(-[1-9])?`).Draw(t, "tail"),
			From:     exam.Month(rapid.StringMatching(`(19|20)[0-9]{2}-(0[1-9]|1[0-2])`).Draw(t, "from")),
			To:       exam.Month(rapid.StringMatching(`(19|20)[0-9]{2}-(0[1-9]|1[0-2])`).Draw(t, "to")),
			IssuedOn: exam.Date(rapid.StringMatching(`(19|20)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-8])`).Draw(t, "issued")),
			Outcome:  rapid.SampledFrom([]certificate.Outcome{certificate.Passed, certificate.Failed}).Draw(t, "outcome"),
			Facts:    [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "facts")),
		}
		text, err := certificate.Sign(base, p, key(3))
		if err != nil {
			t.Fatal(err)
		}
		if got, v := certificate.Verify(text, public(key(3))); v != certificate.Genuine || got != p {
			t.Fatalf("%s: %+v, want %+v", v, got, p)
		}
	})
}

func TestAPayloadThatIsNotWellFormedIsNotSigned(t *testing.T) {
	for i, spoil := range []func(*certificate.Payload){
		func(p *certificate.Payload) { p.Serial = "" },
		func(p *certificate.Payload) { p.Name = "" },
		func(p *certificate.Payload) { p.Name = strings.Repeat("长", 22) },
		func(p *certificate.Payload) { p.From = "" },
		func(p *certificate.Payload) { p.IssuedOn = "2025-02-30" },
		func(p *certificate.Payload) { p.Outcome = "maybe" },
	} {
		p := certificate.PayloadOf(sample())
		spoil(&p)
		if text, err := certificate.Sign(base, p, key(1)); exam.KindOf(err) != exam.Invalid {
			t.Errorf("case %d: signed %q", i, text)
		}
	}
	if _, err := certificate.Sign(base, certificate.PayloadOf(sample()), nil); err == nil {
		t.Error("signed without a key")
	}
}

// 25 mm hold a code of version 12 (65 modules) well; the usual one is smaller.
func TestTheTextFitsASmallQRCode(t *testing.T) {
	long := sample()
	long.Name = strings.Repeat("买", 21)
	for _, tc := range []struct {
		c   certificate.Certificate
		max coding.Version
	}{{sample(), 10}, {long, 12}} {
		text, err := certificate.Sign(base, certificate.PayloadOf(tc.c), key(1))
		if err != nil {
			t.Fatal(err)
		}
		c, err := certificate.QRCode(text)
		if err != nil {
			t.Fatal(err)
		}
		if v := coding.Version((c.Size - 17) / 4); v > tc.max {
			t.Errorf("%s needs version %d", tc.c.Name, v)
		}
	}
}

func FuzzVerify(f *testing.F) {
	text, _ := certificate.Sign(base, certificate.PayloadOf(sample()), key(1))
	f.Add(text)
	f.Add("")
	f.Add(base + "AEAAAAAA")
	f.Fuzz(func(t *testing.T, s string) {
		p, v := certificate.Verify(s, public(key(1)))
		switch v {
		case certificate.Genuine:
			again, err := certificate.Sign(base, p, key(1))
			if err != nil || certificate.Token(again) != strings.ToUpper(certificate.Token(s)) {
				t.Fatalf("a second text is genuine: %q (%v)", s, err)
			}
		case certificate.Damaged:
			if p != (certificate.Payload{}) {
				t.Fatal("a damaged text gave a payload")
			}
		case certificate.UnknownKey:
			if p.Name == "" || p.Serial == "" {
				t.Fatal("a payload without a name")
			}
		}
	})
}

func TestThePublicSeesNoDocumentNumberAndNoReason(t *testing.T) {
	var r certificate.Record
	for i, ty := range certificate.EntryTypes {
		r, _ = certificate.Apply(r, entry(ty, exam.Instant(1_751_500_800_000_000+i)))
		p, known := r.Public()
		if known != (ty != certificate.EntryReserved) {
			t.Fatalf("after %s: known %v", ty, known)
		}
		if text := mustJSON(t, p); strings.Contains(text, sample().Document) || strings.Contains(text, "不实") {
			t.Errorf("shown: %s", text)
		}
		if known && (p.State != r.State || p.Number != "1101************04KH20250703" || (p.RevokedOn != "") != (r.State == certificate.Revoked)) {
			t.Errorf("after %s: %+v", ty, p)
		}
	}
	gone, _ := certificate.Fold([]certificate.Entry{entry(certificate.EntryReserved, 1), entry(certificate.EntryRevoked, 2)})
	if _, known := gone.Public(); known {
		t.Error("an intent that was given up is shown")
	}
}
