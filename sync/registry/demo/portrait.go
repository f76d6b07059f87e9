package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"math"
)

// Portrait draws a neutral figure in a white coat, 358 by 441 pixels, the size
// of an identity photo. It is nobody: there is no face in it. The same n gives
// the same bytes.
func Portrait(n int) []byte {
	const w, h, fine = 358, 441, 2
	backs := []color.RGBA{{0x7f, 0xa9, 0xd6, 255}, {0x8f, 0xb4, 0xc9, 255}, {0x9a, 0xae, 0xd0, 255}, {0x86, 0xb3, 0xb8, 255}}
	hairs := []color.RGBA{{0x2b, 0x2b, 0x30, 255}, {0x3a, 0x32, 0x2e, 255}, {0x55, 0x50, 0x4d, 255}}
	shirts := []color.RGBA{{0x5d, 0x83, 0xa6, 255}, {0x6b, 0x8f, 0x7c, 255}, {0x8a, 0x6f, 0x86, 255}, {0x70, 0x78, 0x86, 255}}
	back, hair, shirt := backs[n%len(backs)], hairs[n/2%len(hairs)], shirts[n/3%len(shirts)]
	skin, shade := color.RGBA{0xe9, 0xc9, 0xb0, 255}, color.RGBA{0xdc, 0xb9, 0x9e, 255}
	coat, fold := color.RGBA{0xf6, 0xf7, 0xf8, 255}, color.RGBA{0xd9, 0xdd, 0xe2, 255}
	long := n%2 == 1
	ellipse := func(x, y, cx, cy, rx, ry float64) bool {
		dx, dy := (x-cx)/rx, (y-cy)/ry
		return dx*dx+dy*dy <= 1
	}
	at := func(x, y float64) color.RGBA {
		dx := math.Abs(x - 179)
		switch {
		case ellipse(x, y, 179, 186, 74, 94) && !(ellipse(x, y, 179, 128, 82, 66) && y < 150-dx*dx/260):
			return skin // the head below the line of the hair
		case ellipse(x, y, 179, 170, 86, 92) && y < 176 && (y < 150 || dx > 68):
			return hair
		case long && ellipse(x, y, 179, 190, 89, 116) && y > 120 && y < 284 && dx > 54:
			return hair
		case dx < 34 && y > 250 && y < 330 && y < 330-dx*.6:
			if y < 290-dx*.3 {
				return shade
			}
			return skin
		case y > 318 && y > 318+math.Max(0, dx-40)*.42-6*math.Exp(-dx/30): // shoulders
			v := (y - 312) * .62 // the opening of the coat
			switch {
			case dx < 40-v*.35 && y > 322:
				return shirt
			case dx < 62-v*.35 && dx > 44-v*.35, dx < 1.5:
				return fold
			}
			return coat
		}
		f := (y/h - .5) * 26 // a calm gradient behind
		c := func(v uint8) uint8 { return uint8(math.Max(0, math.Min(255, float64(v)-f))) }
		return color.RGBA{c(back.R), c(back.G), c(back.B), 255}
	}
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			var r, g, b int
			for i := range fine * fine {
				c := at(float64(x)+(float64(i%fine)+.5)/fine, float64(y)+(float64(i/fine)+.5)/fine)
				r, g, b = r+int(c.R), g+int(c.G), b+int(c.B)
			}
			img.SetRGBA(x, y, color.RGBA{uint8(r / fine / fine), uint8(g / fine / fine), uint8(b / fine / fine), 255})
		}
	}
	return encode(img)
}

// Proof draws a page with lines of grey where a scanned proof would have text.
func Proof(n int) []byte {
	const w, h = 620, 877
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 0xfb
	}
	bar := func(x, y, width, height int, v uint8) {
		for yy := y; yy < min(y+height, h); yy++ {
			for xx := x; xx < min(x+width, w); xx++ {
				img.SetGray(xx, yy, color.Gray{v})
			}
		}
	}
	bar(190, 90, 240, 26, 0x60)
	for i := range 16 {
		bar(80, 170+i*34, 460-(i*n*53+i*29)%150, 11, 0xa8)
	}
	bar(360, 780, 160, 11, 0x90)
	bar(360, 806, 120, 11, 0x90)
	return encode(img)
}

func encode(img image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
		panic(err) // a picture in memory of a fixed size
	}
	return b.Bytes()
}
