// Package picture is what the assessment takes for a picture: a photo of the
// doctor and the scanned proofs.
//
// The terminal brings whatever a person picked into one form (Normalise): JPEG,
// upright, within bounds, redrawn pixel by pixel, so that neither the place
// where a telephone took it nor anything hidden in the file travels on. The
// registry trusts no terminal and checks that form again (Check). Both look at
// the size that a file claims before they decode it, so that a small file cannot
// unfold into gigabytes.
//
// Nothing here reads a file or a clock.
package picture

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"

	"golang.org/x/image/draw"

	"dingkao/exam"
)

// Limits bound a picture by what it is for.
type Limits struct {
	Long    int // most pixels along the longer edge, after scaling down
	Least   int // least pixels along the shorter edge, as picked
	Quality int // JPEG quality, 1 to 100
}

// The two uses.
var (
	Photo = Limits{Long: 1200, Least: 120, Quality: 90} // 证件照
	Proof = Limits{Long: 2400, Least: 64, Quality: 85}  // 证明材料
)

const (
	// MostInput bounds a picked file in bytes (the manual: 5M以下).
	MostInput = 5 << 20
	// MostPixels bounds what is decoded at all.
	MostPixels = 40_000_000
	// MostStored bounds a picture as it travels, in bytes.
	MostStored = 8 << 20
	// mostRatio bounds the longer edge against the shorter.
	mostRatio = 8
	// leastStored is the shortest edge that Normalise can leave.
	leastStored = 64
	// longestStored is the longest edge that Normalise can leave.
	longestStored = 2400
)

func bad(k exam.Kind, sentence string, err error) error {
	return &exam.Error{Kind: k, Field: "picture", Sentence: sentence, Err: err}
}

// Normalise reads a JPEG or PNG (by its content, whatever its name says) and
// returns it as a JPEG that Check accepts, with its size in pixels. EXIF
// orientation is applied, transparent parts become white, metadata is gone. The
// error is TooLarge or Invalid.
func Normalise(data []byte, l Limits) (out []byte, width, height int, err error) {
	if len(data) > MostInput {
		return nil, 0, 0, bad(exam.TooLarge, "图片超过5MB\uff0c没有添加\uff1b请压缩后重新选择", nil)
	}
	var decodeConfig func([]byte) (image.Config, error)
	var decode func([]byte) (image.Image, error)
	turn := 1
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xd8\xff")):
		decodeConfig = func(b []byte) (image.Config, error) { return jpeg.DecodeConfig(bytes.NewReader(b)) }
		decode = func(b []byte) (image.Image, error) { return jpeg.Decode(bytes.NewReader(b)) }
		turn = orientation(data)
	case bytes.HasPrefix(data, []byte("\x89PNG\r\n\x1a\n")):
		decodeConfig = func(b []byte) (image.Config, error) { return png.DecodeConfig(bytes.NewReader(b)) }
		decode = func(b []byte) (image.Image, error) { return png.Decode(bytes.NewReader(b)) }
	default:
		return nil, 0, 0, bad(exam.Invalid, "这个文件不是 JPG 或 PNG 图片\uff0c没有添加\uff1b请另选一张", nil)
	}
	broken := "图片打不开\uff0c可能没有下载完整\uff0c没有添加\uff1b请另选一张或重新拍摄"
	c, err := decodeConfig(data)
	if err != nil {
		return nil, 0, 0, bad(exam.Invalid, broken, err)
	}
	long, short := max(c.Width, c.Height), min(c.Width, c.Height)
	switch {
	case short < 1:
		return nil, 0, 0, bad(exam.Invalid, broken, nil)
	case long > MostPixels/short:
		return nil, 0, 0, bad(exam.TooLarge, "图片的像素太多\uff08超过4000万\uff09\uff0c没有添加\uff1b请缩小后重新选择", nil)
	case short < max(l.Least, leastStored):
		return nil, 0, 0, bad(exam.Invalid, "图片太小\uff0c看不清\uff0c没有添加\uff1b请换一张更清晰的", nil)
	case long > mostRatio*short:
		return nil, 0, 0, bad(exam.Invalid, "图片太长太窄\uff0c没有添加\uff1b请裁剪后重新选择", nil)
	}
	img, err := decode(data)
	if err != nil {
		return nil, 0, 0, bad(exam.Invalid, broken, err)
	}
	upright := turned(fit(img, min(l.Long, longestStored)), turn)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, upright, &jpeg.Options{Quality: l.Quality}); err != nil {
		return nil, 0, 0, bad(exam.Internal, "图片没有处理好\uff0c没有添加\uff1b请重试", err)
	}
	size := upright.Bounds().Size()
	return b.Bytes(), size.X, size.Y, nil
}

// fit draws img on white, scaled down until its longer edge is at most long.
func fit(img image.Image, long int) *image.RGBA {
	from := img.Bounds()
	w, h := from.Dx(), from.Dy()
	if most := max(w, h); most > long {
		w, h = max(1, w*long/most), max(1, h*long/most)
	}
	to := image.NewRGBA(image.Rect(0, 0, w, h))
	opaque := false
	if o, ok := img.(interface{ Opaque() bool }); ok {
		opaque = o.Opaque()
	}
	op := draw.Src
	if !opaque {
		draw.Draw(to, to.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
		op = draw.Over
	}
	if w == from.Dx() && h == from.Dy() {
		draw.Draw(to, to.Bounds(), img, from.Min, op)
	} else {
		draw.CatmullRom.Scale(to, to.Bounds(), img, from, op, nil)
	}
	return to
}

// turned applies an EXIF orientation, 1 to 8.
func turned(img *image.RGBA, o int) *image.RGBA {
	if o <= 1 || o > 8 {
		return img
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	r := image.Rect(0, 0, w, h)
	if o >= 5 {
		r = image.Rect(0, 0, h, w)
	}
	to := image.NewRGBA(r)
	for y := range r.Dy() {
		for x := range r.Dx() {
			var sx, sy int
			switch o {
			case 2: // mirrored
				sx, sy = w-1-x, y
			case 3: // upside down
				sx, sy = w-1-x, h-1-y
			case 4: // mirrored, upside down
				sx, sy = x, h-1-y
			case 5: // mirrored along the diagonal
				sx, sy = y, x
			case 6: // to be turned clockwise
				sx, sy = y, h-1-x
			case 7: // mirrored along the other diagonal
				sx, sy = w-1-y, h-1-x
			case 8: // to be turned anticlockwise
				sx, sy = w-1-y, x
			}
			copy(to.Pix[to.PixOffset(x, y):][:4], img.Pix[img.PixOffset(sx, sy):][:4])
		}
	}
	return to
}

// Check says whether data is a picture as Normalise leaves it, or as good: one
// whole baseline or progressive JPEG in grey or colour, within bounds, with no
// application segment but JFIF's own, no comment, and nothing behind its end.
// The error is TooLarge or Invalid.
func Check(data []byte) error {
	if len(data) > MostStored {
		return bad(exam.TooLarge, "图片太大\uff0c没有收下\uff1b请重新添加这张图片", nil)
	}
	if why := walk(data); why != "" {
		return bad(exam.Invalid, "图片不完整或格式不对\uff0c没有收下\uff1b请重新添加这张图片", errText(why))
	}
	c, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return bad(exam.Invalid, "图片不完整或格式不对\uff0c没有收下\uff1b请重新添加这张图片", err)
	}
	if max(c.Width, c.Height) > longestStored || min(c.Width, c.Height) < leastStored {
		return bad(exam.Invalid, "图片的尺寸不合要求\uff0c没有收下\uff1b请重新添加这张图片", nil)
	}
	if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
		return bad(exam.Invalid, "图片不完整或格式不对\uff0c没有收下\uff1b请重新添加这张图片", err)
	}
	return nil
}

type errText string

func (e errText) Error() string { return string(e) }
