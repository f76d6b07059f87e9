package pdf

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"golang.org/x/image/font/sfnt"

	"dingkao/exam"
)

// face is a TrueType font that was parsed once. It is read-only afterwards, so
// that many drawings may use it at once.
//
// gofpdf parses a whole font for each document (maps of 30,000 characters,
// twice), which is most of the time of a one-page document. There is no public
// way to hand it a parsed font; but it is quick when the font is small. So a
// face cuts, for each drawing, a font of only the characters that are drawn,
// and gofpdf parses that.
type face struct {
	font *sfnt.Font // for the character map
	// Tables of the file, as slices of it.
	head, hhea, hmtx, maxp, os2, loca, glyf []byte
	hint                                    []table // cvt, fpgm, prep, gasp: what the glyphs' hints need
	long                                    bool    // loca holds 32-bit offsets
	glyphs, metrics                         int
	unitsPerEm                              int
}

type table struct {
	tag  string
	data []byte
}

var errFont = errors.New("not a usable TrueType font")

// parseFace reads a single-face TrueType font (glyf outlines).
func parseFace(ttf []byte) (*face, error) {
	if len(ttf) < 12 || (binary.BigEndian.Uint32(ttf) != 0x00010000 && string(ttf[:4]) != "true") {
		return nil, errFont
	}
	font, err := sfnt.Parse(ttf)
	if err != nil {
		return nil, err
	}
	f := &face{font: font}
	n := int(binary.BigEndian.Uint16(ttf[4:]))
	if len(ttf) < 12+16*n {
		return nil, errFont
	}
	for i := range n {
		rec := ttf[12+16*i:]
		off, size := int64(binary.BigEndian.Uint32(rec[8:])), int64(binary.BigEndian.Uint32(rec[12:]))
		if off+size > int64(len(ttf)) {
			return nil, errFont
		}
		data := ttf[off : off+size : off+size]
		switch tag := string(rec[:4]); tag {
		case "head":
			f.head = data
		case "hhea":
			f.hhea = data
		case "hmtx":
			f.hmtx = data
		case "maxp":
			f.maxp = data
		case "OS/2":
			f.os2 = data
		case "loca":
			f.loca = data
		case "glyf":
			f.glyf = data
		case "cvt ", "fpgm", "prep", "gasp":
			f.hint = append(f.hint, table{tag, data})
		}
	}
	if len(f.head) < 54 || len(f.hhea) < 36 || len(f.maxp) < 6 || len(f.os2) < 78 {
		return nil, errFont
	}
	f.long = binary.BigEndian.Uint16(f.head[50:]) == 1
	f.unitsPerEm = int(binary.BigEndian.Uint16(f.head[18:]))
	f.glyphs = int(binary.BigEndian.Uint16(f.maxp[4:]))
	f.metrics = int(binary.BigEndian.Uint16(f.hhea[34:]))
	width := 2
	if f.long {
		width = 4
	}
	if f.unitsPerEm < 16 || f.metrics < 1 || f.metrics > f.glyphs || len(f.loca) < width*(f.glyphs+1) ||
		len(f.hmtx) < 4*f.metrics+2*(f.glyphs-f.metrics) {
		return nil, errFont
	}
	return f, nil
}

// glyph is the index of r, 0 where the font has none.
func (f *face) glyph(buf *sfnt.Buffer, r rune) int {
	i, err := f.font.GlyphIndex(buf, r)
	if err != nil || int(i) >= f.glyphs {
		return 0
	}
	return int(i)
}

// advance is the width of glyph g in thousandths of the size.
func (f *face) advance(g int) int {
	m := min(g, f.metrics-1)
	return int(math.Round(float64(binary.BigEndian.Uint16(f.hmtx[4*m:])) * 1000 / float64(f.unitsPerEm)))
}

func (f *face) outline(g int) ([]byte, error) {
	var a, b int
	if f.long {
		a, b = int(binary.BigEndian.Uint32(f.loca[4*g:])), int(binary.BigEndian.Uint32(f.loca[4*g+4:]))
	} else {
		a, b = 2*int(binary.BigEndian.Uint16(f.loca[2*g:])), 2*int(binary.BigEndian.Uint16(f.loca[2*g+2:]))
	}
	if a > b || b > len(f.glyf) {
		return nil, errFont
	}
	return f.glyf[a:b], nil
}

// components calls do with the offset of each component's glyph index within
// a composite outline.
func components(outline []byte, do func(at int)) error {
	if len(outline) < 10 || int16(binary.BigEndian.Uint16(outline)) >= 0 {
		return nil
	}
	for at := 10; ; {
		if len(outline) < at+4 {
			return errFont
		}
		flags := binary.BigEndian.Uint16(outline[at:])
		do(at + 2)
		at += 6
		if flags&0x0001 != 0 {
			at += 2
		}
		switch {
		case flags&0x0008 != 0:
			at += 2
		case flags&0x0040 != 0:
			at += 4
		case flags&0x0080 != 0:
			at += 8
		}
		if flags&0x0020 == 0 {
			return nil
		}
	}
}

// subset cuts a font whose character map is codes: drawn code -> rune. A code
// is the rune itself, or a stand-in of the private area for a rune beyond the
// basic plane, which gofpdf cannot write.
func (f *face) subset(codes map[rune]rune) ([]byte, error) {
	var buf sfnt.Buffer
	order := make([]rune, 0, len(codes))
	for c := range codes {
		order = append(order, c)
	}
	slices.Sort(order)
	old := []int{0} // new index -> old index
	renumbered := map[int]int{0: 0}
	add := func(g int) int {
		n, ok := renumbered[g]
		if !ok {
			n = len(old)
			renumbered[g] = n
			old = append(old, g)
		}
		return n
	}
	mapped := make([]int, len(order))
	for i, c := range order {
		mapped[i] = add(f.glyph(&buf, codes[c]))
	}
	var glyf, loca, hmtx []byte
	for n := 0; n < len(old); n++ { // grows while components turn up
		if len(old) > 0xFFFF {
			return nil, errFont
		}
		g := old[n]
		src, err := f.outline(g)
		if err != nil {
			return nil, err
		}
		outline := slices.Clone(src)
		var bad error
		err = components(outline, func(at int) {
			part := int(binary.BigEndian.Uint16(outline[at:]))
			if part >= f.glyphs {
				bad = errFont
				return
			}
			binary.BigEndian.PutUint16(outline[at:], uint16(add(part)))
		})
		if err = errors.Join(err, bad); err != nil {
			return nil, err
		}
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, outline...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
		m := min(g, f.metrics-1)
		hmtx = append(hmtx, f.hmtx[4*m:4*m+2]...)
		if g < f.metrics {
			hmtx = append(hmtx, f.hmtx[4*g+2:4*g+4]...)
		} else {
			side := 4*f.metrics + 2*(g-f.metrics)
			hmtx = append(hmtx, f.hmtx[side:side+2]...)
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))

	head, hhea, maxp := slices.Clone(f.head), slices.Clone(f.hhea), slices.Clone(f.maxp)
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(old)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(old)))
	post := make([]byte, 32)
	binary.BigEndian.PutUint32(post, 0x00030000)
	tables := append([]table{
		{"OS/2", f.os2}, {"cmap", charMap(order, mapped)}, {"glyf", glyf}, {"head", head}, {"hhea", hhea},
		{"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}, {"name", []byte{0, 0, 0, 0, 0, 6}}, {"post", post},
	}, f.hint...)
	slices.SortFunc(tables, func(a, b table) int { return strings.Compare(a.tag, b.tag) })
	return assemble(tables), nil
}

// charMap is a format 4 table with one segment for each code.
func charMap(codes []rune, glyphs []int) []byte {
	n := len(codes) + 1
	u16 := binary.BigEndian.AppendUint16
	b := []byte{0, 0, 0, 1, 0, 3, 0, 1, 0, 0, 0, 12}
	b = u16(b, 4)
	b = u16(b, uint16(16+8*n))
	b = u16(b, 0)
	b = u16(b, uint16(2*n))
	b = append(b, 0, 0, 0, 0, 0, 0) // search hints, which nobody needs
	for _, c := range codes {
		b = u16(b, uint16(c))
	}
	b = u16(b, 0xFFFF)
	b = u16(b, 0)
	for _, c := range codes {
		b = u16(b, uint16(c))
	}
	b = u16(b, 0xFFFF)
	for i, c := range codes {
		b = u16(b, uint16(glyphs[i]-int(c)))
	}
	b = u16(b, 1)
	for range n {
		b = u16(b, 0)
	}
	return b
}

// assemble writes the tables as a file. Checksums are left at zero: gofpdf
// writes the final ones when it embeds the font.
func assemble(tables []table) []byte {
	out := []byte{0, 1, 0, 0}
	out = binary.BigEndian.AppendUint16(out, uint16(len(tables)))
	out = append(out, 0, 0, 0, 0, 0, 0)
	at := 12 + 16*len(tables)
	for _, t := range tables {
		out = append(out, t.tag...)
		out = append(out, 0, 0, 0, 0)
		out = binary.BigEndian.AppendUint32(out, uint32(at))
		out = binary.BigEndian.AppendUint32(out, uint32(len(t.data)))
		at += (len(t.data) + 3) &^ 3
	}
	for _, t := range tables {
		out = append(out, t.data...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	return out
}

// MissingGlyphs says that a font lacks characters: drawn, they would be boxes,
// so nothing was drawn. It is wrapped in an exam.Error of kind Refused.
type MissingGlyphs struct {
	Characters string // each once, in the order of the notice
}

func (e *MissingGlyphs) Error() string {
	var codes []string
	for _, r := range e.Characters {
		codes = append(codes, fmt.Sprintf("U+%04X", r))
	}
	return "font has no glyph for " + strings.Join(codes, " ")
}

func missing(characters string) error {
	return exam.Wrap(exam.Refused, &MissingGlyphs{characters},
		"通知书没有生成：打印字体里没有“"+characters+"”这些字。签发的内容已保留，请系统管理员更换字体后重新生成")
}
