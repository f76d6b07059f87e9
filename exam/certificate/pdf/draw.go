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
	"time"
	"unicode/utf16"

	"github.com/phpdave11/gofpdf"
	"golang.org/x/image/font/sfnt"

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
		return nil, exam.Wrap(exam.Invalid, err, "打印字体(常规)无法使用,请系统管理员检查字体文件")
	}
	b, err := parseFace(bold)
	if err != nil {
		return nil, exam.Wrap(exam.Invalid, err, "打印字体(粗体)无法使用,请系统管理员检查字体文件")
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
		return nil, exam.Errorf(exam.Invalid, "通知书没有生成:二维码与通知书内容不一致。签发的内容已保留,请重新生成")
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

	border(doc)
	for _, r := range s.rules {
		doc.SetDrawColor(r.colour.r, r.colour.g, r.colour.b)
		doc.SetLineWidth(r.width)
		doc.Line(r.x1, r.y1, r.x2, r.y2)
	}
	drawPhoto(doc, s, n.Photo, photo)
	modules := func(x, y int) bool { return code.Black(x, y) }
	drawCode(doc, s.qrX, s.qrY, qrSide, code.Size, modules)
	for _, t := range s.texts {
		pens[index(t.bold)].write(doc, t)
	}
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		return nil, exam.Wrap(exam.Internal, err, "通知书没有生成,签发的内容已保留,请重试")
	}
	return out.Bytes(), nil
}

func (n Notice) checkPhoto() (image.Config, error) {
	bad := func(why string) (image.Config, error) {
		return image.Config{}, &exam.Error{Kind: exam.Invalid, Field: "photo", Sentence: "通知书没有生成:" + why + "。签发的内容已保留,请更换照片后重新签发"}
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
	name  string
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
			return pens, exam.Wrap(exam.Internal, err, "打印字体无法使用,通知书没有生成;签发的内容已保留,请系统管理员检查字体文件")
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
func drawCode(doc *gofpdf.Fpdf, x, y, side float64, size int, black func(x, y int) bool) {
	const k = 72 / 25.4
	m := side / float64(size)
	var b strings.Builder
	b.WriteString("q 0 g")
	for row := range size {
		for col := 0; col < size; col++ {
			run := 0
			for col+run < size && black(col+run, row) {
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

// border draws a band of two interlaced waves between fine lines.
func border(doc *gofpdf.Fpdf) {
	const outer, inner = 10.0, 15.0
	line := func(at, width float64, c colour) {
		doc.SetDrawColor(c.r, c.g, c.b)
		doc.SetLineWidth(width)
		doc.Rect(at, at, pageW-2*at, pageH-2*at, "D")
	}
	line(outer, 0.6, accent)
	line(outer+1, 0.15, accent)
	line(inner, 0.3, accent)

	doc.SetDrawColor(0x8f, 0xa9, 0xb9)
	doc.SetLineWidth(0.14)
	const a, b = outer + 1, inner // the band
	const mid, height = (a + b) / 2, (b - a) / 2 * 0.78
	wave := func(from, to float64, place func(u, v float64) (x, y float64), phase float64) {
		n := int((to - from) / 2.6)
		n -= n % 2
		step := (to - from) / float64(n)
		for _, scale := range []float64{1, 0.55} {
			sign := phase * scale
			x, y := place(from, 0)
			doc.MoveTo(x, y)
			for i := range n {
				u := from + float64(i)*step
				x1, y1 := place(u+0.36*step, sign*height*1.333)
				x2, y2 := place(u+0.64*step, sign*height*1.333)
				x3, y3 := place(u+step, 0)
				doc.CurveBezierCubicTo(x1, y1, x2, y2, x3, y3)
				sign = -sign
			}
			doc.DrawPath("D")
		}
	}
	for _, phase := range []float64{1, -1} {
		wave(b, pageW-b, func(u, v float64) (float64, float64) { return u, mid + v }, phase)
		wave(b, pageW-b, func(u, v float64) (float64, float64) { return u, pageH - mid - v }, phase)
		wave(b, pageH-b, func(u, v float64) (float64, float64) { return mid + v, u }, phase)
		wave(b, pageH-b, func(u, v float64) (float64, float64) { return pageW - mid - v, u }, phase)
	}
	doc.SetDrawColor(accent.r, accent.g, accent.b)
	doc.SetLineWidth(0.2)
	for _, x := range []float64{a, pageW - b} {
		for _, y := range []float64{a, pageH - b} {
			doc.Rect(x, y, b-a, b-a, "D")
			cx, cy, r := x+(b-a)/2, y+(b-a)/2, 1.2
			doc.SetFillColor(accent.r, accent.g, accent.b)
			doc.Polygon([]gofpdf.PointType{{X: cx, Y: cy - r}, {X: cx + r, Y: cy}, {X: cx, Y: cy + r}, {X: cx - r, Y: cy}}, "F")
		}
	}
	// The small diamond under the title.
	cx, cy, r := pageW/2, 51.3, 1.1
	doc.Polygon([]gofpdf.PointType{{X: cx, Y: cy - r}, {X: cx + r, Y: cy}, {X: cx, Y: cy + r}, {X: cx - r, Y: cy}}, "F")
}
