package registry

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	mrand "math/rand/v2"
	"sync"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/f64"
	"golang.org/x/image/math/fixed"
)

// The picture of a captcha, in pixels: twice the size at which it is shown.
const captchaWidth, captchaHeight = 240, 80

var digitFace = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(gobold.TTF) })

// drawCaptcha draws digits, each turned and moved a little, over fine lines and
// dots. It is drawn here because it has to be read by tired people first: what
// libraries draw is hard for them and no harder for a program, and what keeps
// guessing down is the throttling.
func drawCaptcha(digits string) ([]byte, error) {
	parsed, err := digitFace()
	if err != nil {
		return nil, err
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 52, DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return nil, err
	}
	defer face.Close()
	img := image.NewRGBA(image.Rect(0, 0, captchaWidth, captchaHeight))
	draw.Draw(img, img.Bounds(), image.NewUniform(color.RGBA{0xf4, 0xf7, 0xfa, 0xff}), image.Point{}, draw.Src)
	for range 5 { // behind the digits, and pale
		curve(img, color.RGBA{uint8(150 + mrand.IntN(50)), uint8(170 + mrand.IntN(40)), uint8(190 + mrand.IntN(40)), 0xff})
	}
	step := float64(captchaWidth-20) / float64(len(digits))
	scale := math.Min(1, step/44)
	for i, d := range digits {
		const box = 72
		glyph := image.NewRGBA(image.Rect(0, 0, box, box))
		ink := color.RGBA{uint8(mrand.IntN(60)), uint8(30 + mrand.IntN(60)), uint8(70 + mrand.IntN(90)), 0xff}
		dr := font.Drawer{Dst: glyph, Src: image.NewUniform(ink), Face: face}
		width := dr.MeasureString(string(d)).Round()
		dr.Dot = fixed.P((box-width)/2, 54)
		dr.DrawString(string(d))
		turn := (mrand.Float64() - 0.5) * 0.7
		sin, cos := math.Sincos(turn)
		sin, cos = sin*scale, cos*scale
		cx := 10 + step*(float64(i)+0.5) + (mrand.Float64()-0.5)*6
		cy := captchaHeight/2 + (mrand.Float64()-0.5)*14
		// The middle of the box comes to (cx, cy), turned about itself.
		m := f64.Aff3{cos, -sin, cx - cos*box/2 + sin*box/2, sin, cos, cy - sin*box/2 - cos*box/2}
		draw.BiLinear.Transform(img, m, glyph, glyph.Bounds(), draw.Over, nil)
	}
	for range 120 {
		img.Set(mrand.IntN(captchaWidth), mrand.IntN(captchaHeight), color.RGBA{0x60, 0x78, 0x90, 0xff})
	}
	curve(img, color.RGBA{0x50, 0x70, 0x98, 0xff}) // one fine line across, so that digits do not stand apart
	var b bytes.Buffer
	err = png.Encode(&b, img)
	return b.Bytes(), err
}

// curve draws a thin wave from side to side.
func curve(img *image.RGBA, c color.Color) {
	middle, high := 15+mrand.Float64()*(captchaHeight-30), 4+mrand.Float64()*14
	slow, at := 20+mrand.Float64()*30, mrand.Float64()*6
	for x := range captchaWidth {
		y := middle + high*math.Sin(float64(x)/slow+at)
		img.Set(x, int(y), c)
		img.Set(x, int(y)+1, c)
	}
}
