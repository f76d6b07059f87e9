// Package pdf draws a result notice (考核结果通知书) as one A4 page, and signs
// the file so that PDF readers can tell whether it was changed.
//
// A [Drawer] parses the fonts once and is shared by all drawings of a process.
// What stands where is decided before anything is drawn, with the fonts' own
// measures: long names and many scopes wrap and shrink, nothing runs over an
// edge, and a character that a font does not have stops the drawing
// ([MissingGlyphs]) instead of becoming a box. The same notice gives the same
// bytes, so that a drawing broken off by a crash is simply made again.
//
// The page leaves room for the authority's seal and never shows one: the notice
// counts only when it was sealed by hand.
package pdf

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"strings"
	"sync"
	"time"
	"unicode/utf16"

	"github.com/phpdave11/gofpdf"
	"golang.org/x/image/font/sfnt"
	"rsc.io/qr/coding"

	"dingkao/exam"
	"dingkao/exam/certificate"
)

// Drawer draws notices with one pair of fonts. It may be used by many
// goroutines at once.
type Drawer struct {
	regular, bold *face
}

// NewDrawer parses the fonts (TrueType with glyf outlines, a single face), for
// instance NotoSansSC Regular and Bold. The bytes are kept and must not change.
func NewDrawer(regular, bold []byte) (*Drawer, error) {
	r, err := parseFace(regular)
	if err != nil {
		return nil, exam.Wrap(exam.Invalid, err, "打印字体（常规）无法使用，请系统管理员检查字体文件")
	}
	b, err := parseFace(bold)
	if err != nil {
		return nil, exam.Wrap(exam.Invalid, err, "打印字体（粗体）无法使用，请系统管理员检查字体文件")
	}
	return &Drawer{r, b}, nil
}

// Missing gives the characters of s that cannot be printed, each once; "" when
// all can. Ask it before a number is reserved.
func (d *Drawer) Missing(s string) string {
	var buf sfnt.Buffer
	var out strings.Builder
	for _, r := range s {
		if (d.regular.glyph(&buf, r) == 0 || d.bold.glyph(&buf, r) == 0) && !strings.ContainsRune(out.String(), r) {
			out.WriteRune(r)
		}
	}
	return out.String()
}

// Notice is what one drawing needs.
type Notice struct {
	Certificate certificate.Certificate
	QR          string    // from certificate.Sign, for this certificate
	Photo       []byte    // JPEG, the blob that Certificate.Photo names; nil where that is empty
	Created     time.Time // stands in the file as its date: the reservation's time, so that a second drawing is the same
}

// maxPhoto bounds the photo: bytes, and pixels a side.
const maxPhoto, maxPixels = 5 << 20, 6000

// Draw makes the page. The errors are Invalid for a notice that is not complete
// or whose parts do not belong together, Refused with [MissingGlyphs] within
// for characters that the fonts do not have, TooLarge for one that does not fit.
func (d *Drawer) Draw(n Notice) ([]byte, error) {
	if err := n.Certificate.Validate(); err != nil {
		return nil, err
	}
	if p, verdict := certificate.Verify(n.QR, nil); verdict == certificate.Damaged || !p.Describes(n.Certificate) {
		return nil, exam.Errorf(exam.Invalid, "通知书没有生成：二维码与通知书内容不一致。签发的内容已保留，请重新生成")
	}
	photo, err := n.checkPhoto()
	if err != nil {
		return nil, err
	}
	code, err := certificate.QRCode(n.QR)
	if err != nil {
		return nil, err
	}
	s, err := d.arrange(n)
	if err != nil {
		return nil, err
	}
	pens, err := d.pens(s.texts)
	if err != nil {
		return nil, err
	}
	return page(n, s, pens, code, photo)
}

// page writes what was arranged.
func page(n Notice, s sheet, pens [2]pen, code *coding.Code, photo image.Config) ([]byte, error) {
	doc := gofpdf.New("P", "mm", "A4", "")
	doc.SetCatalogSort(true)
	doc.SetCreationDate(n.Created.UTC())
	doc.SetModificationDate(n.Created.UTC())
	doc.SetProducer("dingkao", false)
	doc.SetTitle("医师定期考核结果通知书", true)
	doc.SetSubject(n.Certificate.Number, false)
	doc.SetAutoPageBreak(false, 0)
	doc.SetMargins(0, 0, 0)
	doc.AddUTF8FontFromBytes("notice", "", pens[0].font)
	doc.AddUTF8FontFromBytes("notice", "B", pens[1].font)
	doc.AddPage()

	doc.RawWriteStr(border())
	for _, r := range s.rules {
		doc.SetDrawColor(r.colour.r, r.colour.g, r.colour.b)
		doc.SetLineWidth(r.width)
		doc.Line(r.x1, r.y1, r.x2, r.y2)
	}
	drawPhoto(doc, s, n.Photo, photo)
	drawCode(doc, s.qrX, s.qrY, qrSide, code)
	for _, t := range s.texts {
		pens[index(t.bold)].write(doc, t)
	}
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		return nil, exam.Wrap(exam.Internal, err, "通知书没有生成，签发的内容已保留，请重试")
	}
	return out.Bytes(), nil
}

func (n Notice) checkPhoto() (image.Config, error) {
	bad := func(why string) (image.Config, error) {
		return image.Config{}, &exam.Error{Kind: exam.Invalid, Field: "photo", Sentence: "通知书没有生成：" + why + "。签发的内容已保留，请更换照片后重新签发"}
	}
	if n.Certificate.Photo == "" {
		if len(n.Photo) != 0 {
			return bad("照片与签发的内容不一致")
		}
		return image.Config{}, nil
	}
	if sum := sha256.Sum256(n.Photo); hex.EncodeToString(sum[:]) != string(n.Certificate.Photo) {
		return bad("照片与签发的内容不一致")
	}
	if len(n.Photo) > maxPhoto {
		return bad("照片文件太大")
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(n.Photo))
	if err != nil || c.Width < 1 || c.Height < 1 || c.Width > maxPixels || c.Height > maxPixels || c.ColorModel == color.CMYKModel {
		return bad("照片无法使用")
	}
	return c, nil
}

// pen is a cut font and how to write with it.
type pen struct {
	style string
	codes map[rune]rune // rune -> code drawn in its place
	font  []byte
}

func index(bold bool) int {
	if bold {
		return 1
	}
	return 0
}

// pens cuts the two fonts to the characters of the texts.
func (d *Drawer) pens(texts []text) ([2]pen, error) {
	pens := [2]pen{{style: "", codes: map[rune]rune{}}, {style: "B", codes: map[rune]rune{}}}
	var buf sfnt.Buffer
	absent := ""
	for _, t := range texts {
		f := d.regular
		if t.bold {
			f = d.bold
		}
		for _, r := range t.s {
			if f.glyph(&buf, r) == 0 && !strings.ContainsRune(absent, r) {
				absent += string(r)
			}
			pens[index(t.bold)].codes[r] = r
		}
	}
	if absent != "" {
		return pens, missing(absent)
	}
	for i, f := range []*face{d.regular, d.bold} {
		p := &pens[i]
		cut := map[rune]rune{}
		for r := range p.codes {
			if r <= 0xFFFF {
				cut[r] = r
			}
		}
		// Rare characters beyond the basic plane get a stand-in code.
		free := rune(0xE000)
		for _, t := range texts {
			for _, r := range t.s {
				if r <= 0xFFFF || index(t.bold) != i || p.codes[r] != r {
					continue
				}
				for cut[free] != 0 {
					free++
				}
				cut[free], p.codes[r] = r, free
			}
		}
		font, err := f.subset(cut)
		if err != nil {
			return pens, exam.Wrap(exam.Internal, err, "打印字体无法使用，通知书没有生成；签发的内容已保留，请系统管理员检查字体文件")
		}
		p.font = font
	}
	return pens, nil
}

// write draws one line. Where stand-ins are drawn, the file says what they
// stand for (ActualText), so that search and copy give the real characters.
func (p pen) write(doc *gofpdf.Fpdf, t text) {
	var b strings.Builder
	stand := false
	for _, r := range t.s {
		b.WriteRune(p.codes[r])
		stand = stand || p.codes[r] != r
	}
	doc.SetFont("notice", p.style, t.size)
	doc.SetTextColor(t.colour.r, t.colour.g, t.colour.b)
	if stand {
		var hexed strings.Builder
		for _, u := range utf16.Encode([]rune(t.s)) {
			fmt.Fprintf(&hexed, "%04X", u)
		}
		doc.RawWriteStr("/Span <</ActualText <FEFF" + hexed.String() + ">>> BDC")
	}
	if t.tracking != 0 {
		doc.RawWriteStr(fmt.Sprintf("%.3f Tc", t.tracking))
	}
	doc.Text(t.x, t.y, b.String())
	if t.tracking != 0 {
		doc.RawWriteStr("0 Tc")
	}
	if stand {
		doc.RawWriteStr("EMC")
	}
}

// drawPhoto fills the frame with the middle of the photo; without one it shows
// an empty frame.
func drawPhoto(doc *gofpdf.Fpdf, s sheet, jpg []byte, c image.Config) {
	if len(jpg) > 0 {
		opt := gofpdf.ImageOptions{ImageType: "JPG"}
		doc.RegisterImageOptionsReader("photo", opt, bytes.NewReader(jpg))
		w, h := photoW, photoW*float64(c.Height)/float64(c.Width)
		if h < photoH {
			w, h = photoH*float64(c.Width)/float64(c.Height), photoH
		}
		doc.ClipRect(s.photoX, s.photoY, photoW, photoH, false)
		// A portrait that is too tall loses more below than above the head.
		doc.ImageOptions("photo", s.photoX-(w-photoW)/2, s.photoY-(h-photoH)/4, w, h, false, opt, 0, "")
		doc.ClipEnd()
	}
	doc.SetDrawColor(0xb4, 0xbe, 0xc7)
	doc.SetLineWidth(0.2)
	doc.Rect(s.photoX, s.photoY, photoW, photoH, "D")
}

// drawCode draws the modules as one path: separate squares would show seams.
func drawCode(doc *gofpdf.Fpdf, x, y, side float64, code *coding.Code) {
	const k = 1 / mmPerPoint
	m := side / float64(code.Size)
	var b strings.Builder
	b.WriteString("q 0 g")
	for row := range code.Size {
		for col := 0; col < code.Size; col++ {
			run := 0
			for col+run < code.Size && code.Black(col+run, row) {
				run++
			}
			if run > 0 {
				fmt.Fprintf(&b, " %.3f %.3f %.3f %.3f re", (x+float64(col)*m)*k, (pageH-y-float64(row+1)*m)*k, float64(run)*m*k, m*k)
				col += run
			}
		}
	}
	b.WriteString(" f Q")
	doc.RawWriteStr(b.String())
}

// border is a band of two interlaced waves between fine lines, and the small
// diamond under the title. It is the same on every page, so it is written once.
var border = sync.OnceValue(func() string {
	const outer, inner = 10.0, 15.0
	var b strings.Builder
	op := func(name string, points ...float64) {
		for i, v := range points {
			if i%2 == 1 {
				v = pageH - v
			}
			fmt.Fprintf(&b, "%.2f ", v/mmPerPoint)
		}
		b.WriteString(name + "\n")
	}
	pen := func(c colour, width float64) {
		fmt.Fprintf(&b, "%.3f %.3f %.3f RG %.3f w\n", float64(c.r)/255, float64(c.g)/255, float64(c.b)/255, width/mmPerPoint)
	}
	box := func(x1, y1, x2, y2 float64) {
		op("m", x1, y1)
		op("l", x2, y1)
		op("l", x2, y2)
		op("l", x1, y2)
		op("s")
	}
	diamond := func(x, y, r float64) {
		op("m", x, y-r)
		op("l", x+r, y)
		op("l", x, y+r)
		op("l", x-r, y)
		op("f")
	}
	b.WriteString("q\n")
	for _, line := range [][2]float64{{outer, 0.6}, {outer + 1, 0.15}, {inner, 0.3}} {
		pen(accent, line[1])
		box(line[0], line[0], pageW-line[0], pageH-line[0])
	}

	const from, to = outer + 1, inner // the band
	const mid, height = (from + to) / 2, (to - from) / 2 * 0.78
	wave := func(end float64, place func(u, v float64) (x, y float64), phase float64) {
		n := int((end - to) / 2.6)
		n -= n % 2
		step := (end - to) / float64(n)
		for _, scale := range []float64{1, 0.55} {
			swing := phase * scale * height * 4 / 3
			x, y := place(to, 0)
			op("m", x, y)
			for i := range n {
				u := to + float64(i)*step
				x1, y1 := place(u+0.36*step, swing)
				x2, y2 := place(u+0.64*step, swing)
				x3, y3 := place(u+step, 0)
				op("c", x1, y1, x2, y2, x3, y3)
				swing = -swing
			}
			op("S")
		}
	}
	pen(colour{0x8f, 0xa9, 0xb9}, 0.14)
	for _, phase := range []float64{1, -1} {
		wave(pageW-to, func(u, v float64) (float64, float64) { return u, mid + v }, phase)
		wave(pageW-to, func(u, v float64) (float64, float64) { return u, pageH - mid - v }, phase)
		wave(pageH-to, func(u, v float64) (float64, float64) { return mid + v, u }, phase)
		wave(pageH-to, func(u, v float64) (float64, float64) { return pageW - mid - v, u }, phase)
	}

	pen(accent, 0.2)
	fmt.Fprintf(&b, "%.3f %.3f %.3f rg\n", float64(accent.r)/255, float64(accent.g)/255, float64(accent.b)/255)
	for _, x := range []float64{from, pageW - to} {
		for _, y := range []float64{from, pageH - to} {
			box(x, y, x+to-from, y+to-from)
			diamond(x+(to-from)/2, y+(to-from)/2, 1.2)
		}
	}
	diamond(pageW/2, diamondY, 1.1)
	b.WriteString("Q")
	return b.String()
})
