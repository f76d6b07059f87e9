package pdf_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/certificate"
	"dingkao/exam/certificate/pdf"
)

var fonts = sync.OnceValues(func() ([2][]byte, error) {
	var out [2][]byte
	for i, name := range []string{"NotoSansSC_400Regular.ttf", "NotoSansSC_700Bold.ttf"} {
		b, err := os.ReadFile(filepath.Join("../../../assets/fonts", name))
		if err != nil {
			return out, err
		}
		out[i] = b
	}
	return out, nil
})

func fontBytes(t testing.TB) [2][]byte {
	t.Helper()
	f, err := fonts()
	if err != nil {
		t.Skipf("SKIPPED, NOTHING IS SHOWN HERE: the fonts are missing, run `make fonts` (%v)", err)
	}
	return f
}

func drawer(t testing.TB) *pdf.Drawer {
	t.Helper()
	f := fontBytes(t)
	d, err := pdf.NewDrawer(f[0], f[1])
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func tool(t testing.TB, name, pkg string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		t.Skipf("SKIPPED, NOTHING IS SHOWN HERE: %s is not installed (apt-get install %s)", name, pkg)
	}
	return path
}

func run(t testing.TB, name string, args ...string) string {
	t.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(name, args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s%s", name, args, err, out, stderr.String())
	}
	return string(out)
}

var (
	qrKey   = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	keys    = []exam.PublicKey{{ID: "1", Key: qrKey.Public().(ed25519.PublicKey)}}
	created = time.Date(2025, 7, 3, 2, 0, 0, 0, time.UTC)
)

const base = "https://dingkao.wjw.shanxi.gov.cn/verify/"

// portrait is a drawn head and shoulders on white.
func portrait(t testing.TB, w, h int) []byte {
	t.Helper()
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			u, v := (float64(x)/float64(w)-0.5)*2, float64(y)/float64(h)
			c := color.RGBA{0xf4, 0xf6, 0xf8, 255}
			switch {
			case u*u/0.16+(v-0.36)*(v-0.36)/0.05 < 1:
				c = color.RGBA{0xd9, 0xb3, 0x95, 255}
			case u*u/0.22+(v-0.30)*(v-0.30)/0.055 < 1:
				c = color.RGBA{0x2a, 0x26, 0x24, 255}
			case u*u/0.85+(v-1.08)*(v-1.08)/0.18 < 1:
				c = color.RGBA{0xe9, 0xed, 0xf1, 255}
				if u*u < 0.02*(1.3-v) {
					c = color.RGBA{0x4a, 0x6f, 0x8f, 255}
				}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func hash(b []byte) exam.BlobHash {
	sum := sha256.Sum256(b)
	return exam.BlobHash(hex.EncodeToString(sum[:]))
}

// notice is the manual's sample; change may spoil it before it is signed.
func notice(t testing.TB, photo []byte, change func(*certificate.Certificate)) pdf.Notice {
	t.Helper()
	c := certificate.Certificate{
		Serial: "01JZ8Q4T5V6W7X8Y", Application: "app-1", Number: "110101198007284004KH20250703",
		Name: "陈飞飞", Sex: exam.Female, DocumentKind: exam.Term{Code: "01", Name: "居民身份证"}, Document: "110101198007284004",
		QualificationNo: "200514110110101198007284004", LicenceNo: "110140100000123",
		Institution: "长治市医院", Category: "临床", Scopes: []string{"儿科专业", "妇产科专业", "外科专业"}, Speciality: "儿科",
		From: "2024-07", To: "2025-07", Assessor: "长治市医师考核中心", AssessedOn: "2025-07-01",
		Authority: "山西省卫生健康委员会", IssuedOn: "2025-07-03", Outcome: certificate.Passed,
	}
	if photo != nil {
		c.Photo = hash(photo)
	}
	if change != nil {
		change(&c)
	}
	text, err := certificate.Sign(base, certificate.PayloadOf(c), qrKey)
	if err != nil {
		t.Fatal(err)
	}
	return pdf.Notice{Certificate: c, QR: text, Photo: photo, Created: created}
}

type sample struct {
	name   string
	photo  [2]int // zero: none
	change func(*certificate.Certificate)
}

var samples = []sample{
	{"short", [2]int{358, 441}, nil},
	{"minority", [2]int{400, 700}, func(c *certificate.Certificate) {
		c.Name, c.Sex = "阿卜杜热合曼·阿卜杜热西提·麦麦提", exam.Male
		c.Institution = "新疆维吾尔自治区喀什地区第一人民医院"
		c.Authority = "新疆维吾尔自治区卫生健康委员会"
		c.Number += "-2"
	}},
	{"long", [2]int{600, 500}, func(c *certificate.Certificate) {
		c.Institution = "中国人民解放军总医院第七医学中心附属长治市潞州区城北街道紫坊社区卫生服务中心（长治医学院附属和平医院托管）"
		c.Scopes = []string{"内科专业", "眼耳鼻咽喉科专业", "医学影像和放射治疗专业", "特种医学与军事医学专业", "省级以上卫生行政部门规定的其他专业", "计划生育技术服务专业"}
		c.Speciality = "新生儿重症监护与早产儿随访专业"
		c.Assessor = "山西省长治市潞州区医师定期考核管理办公室（设在长治市潞州区卫生健康综合服务中心）"
		c.Outcome = certificate.Failed
	}},
	{"rare", [2]int{}, func(c *certificate.Certificate) {
		c.Name = "𫖯𬭚喆㛃龑"
		c.DocumentKind = exam.Term{Code: "06", Name: "港澳居民来往内地通行证"}
		c.Document, c.Number = "H0123456789", "H0123456789KH20250703"
	}},
	{"extreme", [2]int{300, 300}, func(c *certificate.Certificate) {
		c.Name = strings.Repeat("欧阳", 25)
		c.Institution, c.Assessor, c.Authority = strings.Repeat("医院", 40), strings.Repeat("考核", 40), strings.Repeat("机关", 40)
		c.Category, c.Speciality = strings.Repeat("临床", 40), strings.Repeat("专业", 40)
		c.Scopes = nil
		for i := range 12 {
			c.Scopes = append(c.Scopes, strings.Repeat("某", 38)+fmt.Sprint(10+i))
		}
		c.QualificationNo, c.LicenceNo = strings.Repeat("8", 40), strings.Repeat("8", 40)
	}},
}

func (s sample) notice(t testing.TB) pdf.Notice {
	var photo []byte
	if s.photo[0] > 0 {
		photo = portrait(t, s.photo[0], s.photo[1])
	}
	return notice(t, photo, s.change)
}

// labels are on every notice.
var labels = []string{
	"医师定期考核结果通知书", "证书编码", "CertificateNo.", "姓名", "性别", "Gender", "有效证件",
	"资格证书编码", "QualificationCertificateNo.", "执业证书编码", "PracticingCertificateNo.", "主要执业机构", "MainPracticingInstitution",
	"执业类别", "PracticingCategory", "执业范围", "RegisteredSpecialty", "从事专业", "PracticingSpecialty", "考核周期", "PeriodofAssessment",
	"按照《中华人民共和国医师法》《医师定期考核管理办法》规定", "考核机构", "Evaluatedby", "考核日期", "Evaluatedon", "发证机关", "Issuedby",
	"（盖印）", "扫码核验", "中华人民共和国国家卫生健康委员会统一监制", "NationalHealthCommission",
}

func squeeze(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\f", "")), "")
}

func TestEveryFieldIsInTheTextOfTheNoticeAndTheCodeVerifies(t *testing.T) {
	d := drawer(t)
	tool(t, "pdftotext", "poppler-utils")
	keep := os.Getenv("NOTICE_DIR") // set it to keep the pages and look at them
	for _, s := range samples {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			n := s.notice(t)
			file, err := d.Draw(n)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			if keep != "" {
				dir = keep
			}
			path := filepath.Join(dir, s.name+".pdf")
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			read := squeeze(run(t, "pdftotext", "-raw", path, "-"))
			c := n.Certificate
			want := append([]string{
				c.Number, c.Name, c.Sex.Text(), c.Document, c.QualificationNo, c.LicenceNo, c.Institution, c.Category, c.ScopesText(),
				c.Speciality, c.PeriodText(), c.Assessor, c.AssessedOn.Text(), c.Authority, c.IssuedOn.Text(), "考核" + c.Outcome.Text() + "。",
			}, labels...)
			for _, w := range want {
				if !strings.Contains(read, squeeze(w)) {
					t.Errorf("not in the text: %s\n%s", w, read)
				}
			}
			if out := run(t, "pdfinfo", path); !strings.Contains(out, "Pages:           1\n") || !strings.Contains(out, "A4") {
				t.Errorf("not one A4 page:\n%s", out)
			}
			png := strings.TrimSuffix(path, ".pdf")
			run(t, "pdftoppm", "-r", "150", "-png", "-singlefile", path, png)
			if s.name == "short" || s.name == "extreme" {
				tool(t, "zbarimg", "zbar-tools")
				text := run(t, "zbarimg", "--quiet", "--raw", png+".png")
				p, verdict := certificate.Verify(text, keys)
				if verdict != certificate.Genuine || !p.Describes(c) {
					t.Errorf("the code reads %q: %s", text, verdict)
				}
			}
		})
	}
}

func TestTheSameNoticeGivesTheSameBytesFromManyGoroutines(t *testing.T) {
	d := drawer(t)
	n := samples[0].notice(t)
	var wg sync.WaitGroup
	out := make([][]byte, 6)
	for i := range out {
		wg.Go(func() { out[i], _ = d.Draw(n) })
	}
	wg.Wait()
	for _, o := range out {
		if len(o) == 0 || !bytes.Equal(o, out[0]) {
			t.Fatal("two drawings differ")
		}
	}
	if len(out[0]) > 400<<10 {
		t.Errorf("a notice of %d bytes", len(out[0]))
	}
}

func TestACharacterThatTheFontLacksStopsTheDrawing(t *testing.T) {
	d := drawer(t)
	_, err := d.Draw(notice(t, nil, func(c *certificate.Certificate) {
		c.Name, c.Institution = "陈\U00012345飞", "卢\U0001F3E5院\U00012345"
	}))
	var m *pdf.MissingGlyphs
	if !errors.As(err, &m) || exam.KindOf(err) != exam.Refused {
		t.Fatalf("got %v", err)
	}
	if m.Characters != "\U00012345\U0001F3E5" {
		t.Errorf("missing %q", m.Characters)
	}
	if got := d.Missing("陈\U00012345飞\U00012345"); got != "\U00012345" {
		t.Errorf("Missing gives %q", got)
	}
	if got := d.Missing("龘靐齉㛃𬭚·（）〇"); got != "" {
		t.Errorf("lacks %q", got)
	}
}

func TestPartsThatDoNotBelongTogetherAreNotDrawn(t *testing.T) {
	d := drawer(t)
	photo := portrait(t, 100, 140)
	for name, spoil := range map[string]func(*pdf.Notice){
		"no name": func(n *pdf.Notice) { n.Certificate.Name = "" },
		"another's code": func(n *pdf.Notice) {
			n.QR = notice(t, photo, func(c *certificate.Certificate) { c.Name = "别人" }).QR
		},
		"no code":         func(n *pdf.Notice) { n.QR = "" },
		"another's photo": func(n *pdf.Notice) { n.Photo = portrait(t, 120, 140) },
		"no photo":        func(n *pdf.Notice) { n.Photo = nil },
	} {
		n := notice(t, photo, nil)
		spoil(&n)
		if _, err := d.Draw(n); exam.KindOf(err) != exam.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := []byte("not a photo")
	if _, err := d.Draw(notice(t, broken, nil)); exam.KindOf(err) != exam.Invalid {
		t.Errorf("broken photo: %v", err)
	}
}

func TestABrokenFontIsRefused(t *testing.T) {
	f := fontBytes(t)
	for _, b := range [][]byte{nil, []byte("OTTO"), f[0][:1000], append([]byte("ttcf"), f[0][4:]...)} {
		if _, err := pdf.NewDrawer(b, f[1]); exam.KindOf(err) != exam.Invalid {
			t.Errorf("a font of %d bytes: %v", len(b), err)
		}
	}
}
