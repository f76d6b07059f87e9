package pdf

import (
	"bytes"
	"crypto/ed25519"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dingkao/exam"
	"dingkao/exam/certificate"
)

func testFonts(t testing.TB) (regular, bold []byte) {
	t.Helper()
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join("../../../assets/fonts", name))
		if err != nil {
			t.Skipf("SKIPPED, NOTHING IS SHOWN HERE: the fonts are missing, run `make fonts` (%v)", err)
		}
		return b
	}
	return read("NotoSansSC_400Regular.ttf"), read("NotoSansSC_700Bold.ttf")
}

func testDrawer(t testing.TB) *Drawer {
	t.Helper()
	regular, bold := testFonts(t)
	d, err := NewDrawer(regular, bold)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func testNotice(t testing.TB) Notice {
	t.Helper()
	c := certificate.Certificate{
		Serial: "01JZ8Q4T5V6W7X8Y", Number: "110101198007284004KH20250703", Name: "陈飞飞", Sex: exam.Female, Document: "110101198007284004",
		QualificationNo: "200514110110101198007284004", LicenceNo: "110140100000123", Institution: "长治市医院", Category: "临床",
		Scopes: []string{"儿科专业", "妇产科专业", "外科专业"}, Speciality: "儿科", From: "2024-07", To: "2025-07",
		Assessor: "长治市医师考核中心", AssessedOn: "2025-07-01", Authority: "山西省卫生健康委员会", IssuedOn: "2025-07-03", Outcome: certificate.Passed,
	}
	text, err := certificate.Sign("https://dingkao.wjw.shanxi.gov.cn/verify/", certificate.PayloadOf(c), ed25519.NewKeyFromSeed(make([]byte, 32)))
	if err != nil {
		t.Fatal(err)
	}
	return Notice{Certificate: c, QR: text, Created: time.Unix(0, 0)}
}

// Whatever a valid notice says: every line stays between the margins, beside
// the photo, above the seal's room, and no two lines touch.
func TestNothingEverRunsOverAnEdge(t *testing.T) {
	d := testDrawer(t)
	base := testNotice(t)
	some := func(t *rapid.T, label string, most int) string {
		return strings.TrimSpace(rapid.OneOf(
			rapid.StringMatching(`[一-龥]{1,12}`),
			rapid.StringMatching(`[一-龥·（），、A-Za-z0-9 ]{1,80}`),
			rapid.StringMatching(`[A-Z0-9]{1,80}`),
		).Filter(func(s string) bool { return strings.TrimSpace(s) != "" && len([]rune(strings.TrimSpace(s))) <= most }).Draw(t, label))
	}
	rapid.Check(t, func(t *rapid.T) {
		n := base
		c := &n.Certificate
		c.Name, c.Institution, c.Category = some(t, "name", 50), some(t, "institution", 80), some(t, "category", 80)
		c.Speciality, c.Assessor, c.Authority = some(t, "speciality", 80), some(t, "assessor", 80), some(t, "authority", 80)
		c.QualificationNo, c.LicenceNo = some(t, "qualification", 40), some(t, "licence", 40)
		c.Scopes = nil
		for range rapid.IntRange(1, 12).Draw(t, "scopes") {
			c.Scopes = append(c.Scopes, some(t, "scope", 40))
		}
		c.Outcome = rapid.SampledFrom([]certificate.Outcome{certificate.Passed, certificate.Failed}).Draw(t, "outcome")
		if err := c.Validate(); err != nil {
			t.Fatalf("not a valid notice: %v", err)
		}
		s, err := d.arrange(n)
		if err != nil {
			t.Fatal(err)
		}
		type box struct{ x1, y1, x2, y2 float64 }
		clash := func(a, b box) bool {
			const e = 0.05
			return a.x1 < b.x2-e && b.x1 < a.x2-e && a.y1 < b.y2-e && b.y1 < a.y2-e
		}
		boxes := []box{
			{s.photoX, s.photoY, s.photoX + photoW, s.photoY + photoH},
			{s.qrX - 3, s.qrY - 2, s.qrX + qrSide + 3, s.qrY + qrSide + 1.5}, // with its quiet zone
		}
		names := []string{"photo", "code"}
		for _, line := range s.texts {
			b := box{line.x, line.y - 0.8*line.size*mmPerPoint, line.x + line.w, line.y + 0.12*line.size*mmPerPoint}
			if b.x1 < left-0.01 || b.x2 > right+0.01 || b.y1 < 28 || b.y2 > 280 {
				t.Fatalf("over an edge: %q at %+v", line.s, b)
			}
			if line.size < 3.4 {
				t.Fatalf("too small to read: %q, %.1f pt", line.s, line.size)
			}
			for i, other := range boxes {
				if clash(b, other) {
					t.Fatalf("%q %+v touches %s %+v", line.s, b, names[i], other)
				}
			}
			boxes, names = append(boxes, b), append(names, line.s)
		}
	})
}

func TestNoLineBeginsWithPunctuation(t *testing.T) {
	s := &setter{d: testDrawer(t)}
	text := "山西省长治市潞州区、城北街道，紫坊社区；卫生服务中心（长治医学院附属和平医院托管）。"
	for width := 20.0; width < 120; width++ {
		lines := s.wrap([]string{text}, 12, width, false)
		if strings.Join(lines, "") != text {
			t.Fatalf("wrapping lost something: %q", lines)
		}
		for _, line := range lines {
			if strings.ContainsAny(string([]rune(line)[:1]), "、，；）。") {
				t.Fatalf("width %.0f: %q", width, lines)
			}
		}
	}
}

// What a drawer saves against handing the whole fonts to gofpdf for each
// document: the same page, both ways, in one run.
func BenchmarkFontParsedOnce(b *testing.B) {
	d, n := testDrawer(b), testNotice(b)
	for b.Loop() {
		if _, err := d.Draw(n); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkFontParsedEachTime(b *testing.B) {
	d, n := testDrawer(b), testNotice(b)
	regular, bold := testFonts(b)
	code, err := certificate.QRCode(n.QR)
	if err != nil {
		b.Fatal(err)
	}
	s, err := d.arrange(n)
	if err != nil {
		b.Fatal(err)
	}
	pens, err := d.pens(s.texts)
	if err != nil {
		b.Fatal(err)
	}
	pens[0].font, pens[1].font = regular, bold
	photo, _ := n.checkPhoto()
	for b.Loop() {
		if _, err := page(n, s, pens, code, photo); err != nil {
			b.Fatal(err)
		}
	}
}

// A font from outside may be anything: it is refused or it can be cut, and
// neither takes the program down.
func FuzzFont(f *testing.F) {
	regular, _ := testFonts(f)
	whole, err := parseFace(regular)
	if err != nil {
		f.Fatal(err)
	}
	small, err := whole.subset(map[rune]rune{'A': 'A', 'é': 'é', '医': '医', '\ue000': '𬭚'})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		face, err := parseFace(b)
		if err != nil {
			return
		}
		_, _ = face.subset(map[rune]rune{'A': 'A', 'é': 'é', '医': '医', '\ue000': '\ue000'})
		face.measure("A医é", 12, 1)
	})
}

func TestASubsetIsAFontOfItsOwn(t *testing.T) {
	regular, _ := testFonts(t)
	whole, err := parseFace(regular)
	if err != nil {
		t.Fatal(err)
	}
	small, err := whole.subset(map[rune]rune{'A': 'A', 'é': 'é', '医': '医', '\ue000': '𬭚'})
	if err != nil {
		t.Fatal(err)
	}
	cut, err := parseFace(small)
	if err != nil {
		t.Fatal(err)
	}
	if len(small) > 20<<10 {
		t.Errorf("%d bytes for four characters", len(small))
	}
	for code, r := range map[rune]rune{'A': 'A', 'é': 'é', '医': '医', '\ue000': '𬭚'} {
		a, b := cut.glyph(nil, code), whole.glyph(nil, r)
		if a == 0 || cut.advance(a) != whole.advance(b) {
			t.Errorf("%c: glyph %d", r, a)
			continue
		}
		x, err1 := cut.outline(a)
		y, err2 := whole.outline(b)
		if err1 != nil || err2 != nil || len(x) < len(y) || r != 'é' && !bytes.Equal(x[:len(y)], y) {
			t.Errorf("%c: another outline", r)
		}
	}
	if cut.glyph(nil, '师') != 0 {
		t.Error("a character that was not asked for")
	}
}
