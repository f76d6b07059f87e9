package part

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// What stands in for real pictures in galleries and tests: drawn by a few lines,
// so that nobody's face and no one's papers lie in the repository.

// SpecimenPortrait is a drawn head and shoulders on white; seed changes the coat.
func SpecimenPortrait(seed int) image.Image {
	const w, h = 300, 400
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	inside := func(x, y, cx, cy, rx, ry float64) bool {
		dx, dy := (x-cx)/rx, (y-cy)/ry
		return dx*dx+dy*dy <= 1
	}
	for y := range h {
		for x := range w {
			c := color.RGBA{0xF4, 0xF7, 0xF9, 0xFF}
			fx, fy := float64(x), float64(y)
			switch {
			case inside(fx, fy, 150, 165, 62, 82) && fy > 130:
				c = color.RGBA{0xEF, 0xCF, 0xB5, 0xFF}
			case inside(fx, fy, 150, 150, 78, 92):
				c = color.RGBA{0x2B, 0x26, 0x2A, 0xFF}
			case fx > 128 && fx < 172 && fy > 220 && fy < 285:
				c = color.RGBA{0xE3, 0xBE, 0xA2, 0xFF}
			case inside(fx, fy, 150, 420, 135, 150):
				c = color.RGBA{0x3C + uint8(seed*20), 0x5E, 0x78, 0xFF}
			}
			img.Set(x, y, c)
		}
	}
	return img
}

// SpecimenScan is a drawn page of w by h with a frame, a heading and lines.
func SpecimenScan(seed, w, h int) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{0xFB, 0xF8, 0xF0, 0xFF}
			switch {
			case x < 6 || y < 6 || x >= w-6 || y >= h-6:
				c = color.RGBA{0xB9, 0x8B, 0x52, 0xFF}
			case y > 40 && y < 62 && x > w/4 && x < w*3/4:
				c = color.RGBA{0xA6, 0x3A, 0x2E, 0xFF}
			case y > 90 && y < h-40 && y%26 < 4 && x > 40 && x < w-40-(seed*37+y*3)%120:
				c = color.RGBA{0x8C, 0x95, 0x9A, 0xFF}
			}
			img.Set(x, y, c)
		}
	}
	return img
}

// SpecimenCaptcha is a drawn picture of signs to read, as PNG.
func SpecimenCaptcha() []byte {
	img := image.NewRGBA(image.Rect(0, 0, 120, 40))
	for y := range 40 {
		for x := range 120 {
			c := color.RGBA{0xE6, 0xF0, 0xF2, 0xFF}
			if (x/6+y/5*3)%7 == 0 {
				c = color.RGBA{0x2A, 0x6F, 0x80, 0xFF}
			}
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	_ = png.Encode(&b, img) // into memory: it cannot fail
	return b.Bytes()
}
