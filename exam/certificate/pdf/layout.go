package pdf

import (
	"strings"
	"unicode"

	"golang.org/x/image/font/sfnt"

	"github.com/go-text/typesetting/segmenter"

	"dingkao/exam"
	"dingkao/exam/certificate"
)

// All lengths are millimetres from the top left corner of the page, font sizes
// are points.
const (
	pageW, pageH = 210.0, 297.0
	left, right  = 27.0, 183.0 // the text's edges
	valueX       = left + 43   // where values begin
	rowsTop      = 59.0
	flowEnd      = 221.0 // the facts end here at the latest: below is the seal's room
	photoW       = 31.5  // 5 : 7
	photoH       = 44.1
	photoGap     = 6.0
	qrSide       = 28.0
	diamondY     = 51.3 // under the title
	mmPerPoint   = 25.4 / 72
)

type colour struct{ r, g, b int }

var (
	ink    = colour{0x1b, 0x1f, 0x24}
	label  = colour{0x3d, 0x48, 0x53}
	quiet  = colour{0x7b, 0x86, 0x90}
	hair   = colour{0xd9, 0xdf, 0xe4}
	accent = colour{0x23, 0x4f, 0x6b}
)

// text is one line at its place: what is drawn is decided before anything is
// drawn, so that it can be checked against the fonts and, in tests, the edges.
type text struct {
	x, y     float64 // baseline
	w        float64 // as measured
	size     float64
	tracking float64 // points between characters
	bold     bool
	colour   colour
	s        string
}

type rule struct {
	x1, y1, x2, y2, width float64
	colour                colour
}

type sheet struct {
	texts          []text
	rules          []rule
	photoX, photoY float64
	qrX, qrY       float64
}

// measure is the width of s in millimetres.
func (f *face) measure(s string, size, tracking float64) float64 {
	var buf sfnt.Buffer
	units, n := 0, 0
	for _, r := range s {
		units += f.advance(f.glyph(&buf, r))
		n++
	}
	return (float64(units)/1000*size + float64(max(n-1, 0))*tracking) * mmPerPoint
}

// setter places lines on a sheet.
type setter struct {
	d *Drawer
	sheet
}

func (s *setter) face(bold bool) *face {
	if bold {
		return s.d.bold
	}
	return s.d.regular
}

func (s *setter) put(x, y, size float64, bold bool, c colour, line string) {
	s.texts = append(s.texts, text{x: x, y: y, size: size, bold: bold, colour: c, s: line, w: s.face(bold).measure(line, size, 0)})
}

func (s *setter) centre(x, y, size, tracking float64, bold bool, c colour, line string) {
	w := s.face(bold).measure(line, size, tracking)
	s.texts = append(s.texts, text{x: x - w/2, y: y, size: size, tracking: tracking, bold: bold, colour: c, s: line, w: w})
}

// units cuts a paragraph where a line may end by the Unicode rules (UAX 14), so
// that no line begins with a comma and no word or number is torn.
func units(s string) []string {
	var seg segmenter.Segmenter
	seg.Init([]rune(s))
	var out []string
	for it := seg.LineIterator(); it.Next(); {
		out = append(out, string(it.Line().Text))
	}
	return out
}

// wrap breaks a text into lines no wider than width. With items, lines end
// after an item (keep 、 with the item before it) wherever the item fits.
func (s *setter) wrap(items []string, size, width float64, bold bool) []string {
	f := s.face(bold)
	fits := func(line string) bool {
		return f.measure(strings.TrimRightFunc(line, unicode.IsSpace), size, 0) <= width
	}
	var lines []string
	line := ""
	add := func(piece string) bool {
		if !fits(line + piece) {
			return false
		}
		line += piece
		return true
	}
	flush := func() {
		if line != "" {
			lines = append(lines, strings.TrimSpace(line))
			line = ""
		}
	}
	for _, item := range items {
		if add(item) {
			continue
		}
		if fits(item) {
			flush()
			line = item
			continue
		}
		for _, unit := range units(item) {
			if add(unit) {
				continue
			}
			flush()
			if add(unit) {
				continue
			}
			for _, r := range unit { // one unit wider than the column
				if !add(string(r)) {
					flush()
					line = string(r)
				}
			}
		}
	}
	flush()
	return lines
}

// fit sets a value as large as it stands well: on one line down to 86 % of
// size, then on two, and so on. Numbers never break: they only shrink.
func (s *setter) fit(items []string, size, width float64, bold, oneLine bool) (float64, []string) {
	for most := 1; ; most++ {
		least := 0.86 * size
		if oneLine {
			least = 0.4 * size
		}
		for at := size; at >= least; at -= 0.02 * size {
			if lines := s.wrap(items, at, width, bold); len(lines) <= most {
				return at, balance(lines, func(w float64) []string { return s.wrap(items, at, w, bold) }, width)
			}
		}
		if oneLine {
			return least, []string{strings.Join(items, "")}
		}
	}
}

// balance narrows the column while the number of lines stays, so that no line
// of two or three signs is left alone.
func balance(lines []string, wrap func(width float64) []string, width float64) []string {
	if len(lines) < 2 {
		return lines
	}
	for w := width; w > width*0.55; w -= width * 0.03 {
		try := wrap(w)
		if len(try) != len(lines) {
			break
		}
		lines = try
		if last := []rune(try[len(try)-1]); len(last)*3 >= len([]rune(try[0])) {
			break
		}
	}
	return lines
}

// field is one labelled value.
type field struct {
	cn, en  string
	items   []string
	bold    bool
	oneLine bool
}

func one(s string) []string { return []string{s} }

func scopeItems(scopes []string) []string {
	items := make([]string, len(scopes))
	for i, s := range scopes {
		items[i] = s
		if i < len(scopes)-1 {
			items[i] += "、"
		}
	}
	return items
}

// nameItems lets a name of several parts end its line after a dot.
func nameItems(s string) []string { return strings.SplitAfter(s, "·") }

// officeItems lets an office's name end its line before a bracket.
func officeItems(s string) []string {
	if i := strings.IndexAny(s, "（("); i > 0 {
		return []string{s[:i], s[i:]}
	}
	return one(s)
}

// row puts a field with its top at y and returns its height.
func (s *setter) row(f field, y, k, x, valueX, edge float64) float64 {
	const height, valueSize = 10.9, 12.4
	size, lines := s.fit(f.items, valueSize*k, edge-valueX, f.bold, f.oneLine)
	leading := size * mmPerPoint * 1.5
	h := height*k + float64(len(lines)-1)*leading
	s.put(x, y+4.9*k, 10.6*k, false, label, f.cn)
	s.put(x, y+8.4*k, 6.6*k, false, quiet, f.en)
	for i, line := range lines {
		s.put(valueX, y+6.6*k+float64(i)*leading, size, f.bold, ink, line)
	}
	return h
}

// arrange lays the notice out. Long contents shrink everything together, in
// small steps, until the facts stay above the seal's room.
func (d *Drawer) arrange(n Notice) (sheet, error) {
	for k := 1.0; k > 0.5; k -= 0.02 {
		s := &setter{d: d}
		if end := s.facts(n.Certificate, k); end <= flowEnd {
			s.headAndFoot(n.Certificate, min(end+2, flowEnd))
			return s.sheet, nil
		}
	}
	return sheet{}, exam.Errorf(exam.TooLarge, "通知书没有生成：内容太长，一页放不下。签发的内容已保留，请缩短机构名称或执业范围后重新签发")
}

func (s *setter) facts(c certificate.Certificate, k float64) float64 {
	y := rowsTop
	s.photoX, s.photoY = right-photoW, rowsTop+0.6
	beside := s.photoX - photoGap // the edge of what stands beside the photo
	underline := func(edge float64) {
		s.rules = append(s.rules, rule{left, y, edge, y, 0.18, hair})
	}
	document, documentEnglish := one(c.Document), "Identity Card No."
	if c.DocumentKind.Name != "" && c.DocumentKind.Name != "居民身份证" {
		document, documentEnglish = one(c.DocumentKind.Name+" "+c.Document), "Identity Document No."
	}

	// Name and sex share a row; the four rows share the photo's height.
	const sexX = 117.0
	four := []field{
		{"证书编码", "Certificate No.", one(c.Number), true, true},
		{"姓名", "Name", nameItems(c.Name), true, false},
		{"有效证件", documentEnglish, document, false, true},
		{"资格证书编码", "Qualification Certificate No.", one(c.QualificationNo), false, true},
	}
	edges := []float64{beside, sexX - 4, beside, beside}
	total := 0.0
	for i, f := range four {
		total += (&setter{d: s.d}).row(f, 0, k, left, valueX, edges[i])
	}
	spare := max(0, s.photoY+photoH+1.8-y-total) / float64(len(four))
	for i, f := range four {
		if i == 1 {
			s.row(field{"性别", "Gender", one(c.Sex.Text()), true, false}, y+spare/2, k, sexX, sexX+15*k, beside)
		}
		y += s.row(f, y+spare/2, k, left, valueX, edges[i]) + spare
		if i < len(four)-1 {
			underline(beside)
		}
	}
	underline(right)
	for _, f := range []field{
		{"执业证书编码", "Practicing Certificate No.", one(c.LicenceNo), false, true},
		{"主要执业机构", "Main Practicing Institution", officeItems(c.Institution), false, false},
		{"执业类别", "Practicing Category", one(c.Category), false, false},
		{"执业范围", "Registered Specialty", scopeItems(c.Scopes), false, false},
		{"从事专业", "Practicing Specialty", one(c.Speciality), false, false},
		{"考核周期", "Period of Assessment", one(c.PeriodText()), false, true},
	} {
		y += s.row(f, y, k, left, valueX, right)
		underline(right)
	}

	// The legal sentence, on one line.
	y += 3.6 * k
	body := "按照《中华人民共和国医师法》《医师定期考核管理办法》规定，本周期医师定期考核"
	english := "According to the Law on Doctors of the People's Republic of China and the Regulations of Administrative Measures on Periodical Evaluation for Doctors, this certificate is hereby issued upon the successful completion of this period."
	if c.Outcome == certificate.Failed {
		english = "According to the Law on Doctors of the People's Republic of China and the Regulations of Administrative Measures on Periodical Evaluation for Doctors, the evaluation of this period has not been passed."
	}
	verdict := c.Outcome.Text()
	measure := func(size float64) (a, b, whole float64) {
		a, b = s.d.regular.measure(body, size, 0), s.d.bold.measure(verdict, size, 0)
		return a, b, a + b + s.d.regular.measure("。", size, 0)
	}
	size := 11.4 * k
	_, _, whole := measure(1)
	size = min(size, (right-left)/(whole+2*mmPerPoint)) // two signs of indent
	x := left + 2*size*mmPerPoint
	bodyW, verdictW, _ := measure(size)
	y += 11 * k * mmPerPoint
	s.put(x, y, size, false, ink, body)
	s.put(x+bodyW, y, size, true, ink, verdict)
	s.put(x+bodyW+verdictW, y, size, false, ink, "。")
	y += 5.2 * k
	for _, line := range s.wrap(one(english), 7.4*k, right-left, false) {
		s.put(left, y, 7.4*k, false, quiet, line)
		y += 3.7 * k
	}
	y += 0.4 * k
	s.rules = append(s.rules, rule{left, y, right, y, 0.18, hair})

	for _, f := range []field{
		{"考核机构", "Evaluated by", officeItems(c.Assessor), false, false},
		{"考核日期", "Evaluated on", one(c.AssessedOn.Text()), false, true},
		{"发证机关", "Issued by", officeItems(c.Authority), true, false},
	} {
		y += s.row(f, y, k, left, valueX, right)
		underline(right)
	}
	return y
}

// headAndFoot puts what does not depend on the facts; the seal's room begins at top.
func (s *setter) headAndFoot(c certificate.Certificate, top float64) {
	const middle = pageW / 2
	s.centre(middle, 37.5, 25, 2.2, true, accent, "医师定期考核结果通知书")
	s.centre(middle, 45.2, 9.6, 0.35, false, label, "Notice of Result of Periodical Evaluation for Doctors")
	for _, side := range []float64{-1, 1} {
		s.rules = append(s.rules, rule{middle + side*4, diamondY, middle + side*34, diamondY, 0.25, accent})
	}

	// QR code at the left, room for the seal (42 mm across) at the right.
	s.qrX, s.qrY = left+1, max(top+4, 226)
	s.centre(s.qrX+qrSide/2, s.qrY+qrSide+4.6, 8, 0, false, label, "扫码核验")
	s.centre(s.qrX+qrSide/2, s.qrY+qrSide+8, 6.2, 0, false, quiet, "Scan to verify")
	const sealX = 148.0
	s.centre(sealX, 245.5, 10.6, 0, false, quiet, "（盖印）")
	s.centre(sealX, 256.5, 12.4, 0, false, ink, c.IssuedOn.Text())
	s.centre(sealX, 261.2, 6.6, 0, false, quiet, "本通知书经发证机关盖印后有效")

	s.centre(middle, 270.4, 9, 0.4, false, label, "中华人民共和国国家卫生健康委员会统一监制")
	s.centre(middle, 274.6, 6.6, 0, false, quiet, "Printed and made by National Health Commission of the People's Republic of China")
}
