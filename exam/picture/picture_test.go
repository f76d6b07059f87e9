package picture

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"strings"
	"testing"

	"dingkao/exam"
)

// scene is w by h, its quarters red, green / blue, yellow, so that a turn shows.
func scene(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	quarters := [4]color.RGBA{{220, 20, 20, 255}, {20, 200, 20, 255}, {20, 20, 220, 255}, {230, 220, 20, 255}}
	for y := range h {
		for x := range w {
			i := 0
			if x >= w/2 {
				i++
			}
			if y >= h/2 {
				i += 2
			}
			img.SetRGBA(x, y, quarters[i])
		}
	}
	return img
}

func asJPEG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// segment puts a segment right behind the start of a JPEG.
func segment(data []byte, marker byte, body []byte) []byte {
	s := []byte{0xff, marker}
	s = binary.BigEndian.AppendUint16(s, uint16(len(body)+2))
	s = append(s, body...)
	return append(append(append([]byte(nil), data[:2]...), s...), data[2:]...)
}

func exif(o uint16, order binary.AppendByteOrder) []byte {
	b := []byte("Exif\x00\x00")
	if order == binary.AppendByteOrder(binary.LittleEndian) {
		b = append(b, "II*\x00"...)
	} else {
		b = append(b, "MM\x00*"...)
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	b = order.AppendUint16(b, 0x010f) // another tag first
	b = order.AppendUint16(b, 2)
	b = order.AppendUint32(b, 4)
	b = append(b, "abc\x00"...)
	b = order.AppendUint16(b, 0x0112)
	b = order.AppendUint16(b, 3)
	b = order.AppendUint32(b, 1)
	b = order.AppendUint16(b, o)
	b = append(b, 0, 0)
	b = append(b, "GPSGPSGPS 39.9N 116.4E"...)
	return b
}

func TestWhatNormaliseLeavesPassesCheck(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 300, 200))
	for name, c := range map[string]struct {
		data []byte
		l    Limits
		w, h int
	}{
		"small jpeg keeps its size": {asJPEG(t, scene(300, 400)), Photo, 300, 400},
		"tall photo":                {asJPEG(t, scene(1500, 3000)), Photo, 600, 1200},
		"wide proof":                {asPNG(t, scene(3000, 1000)), Proof, 2400, 800},
		"grey":                      {asPNG(t, grey), Photo, 300, 200},
		"grey jpeg":                 {asJPEG(t, grey), Photo, 300, 200},
	} {
		t.Run(name, func(t *testing.T) {
			out, w, h, err := Normalise(c.data, c.l)
			if err != nil {
				t.Fatal(err)
			}
			if w != c.w || h != c.h {
				t.Errorf("size %dx%d, want %dx%d", w, h, c.w, c.h)
			}
			if err := Check(out); err != nil {
				t.Errorf("Check: %v", err)
			}
			got, err := jpeg.DecodeConfig(bytes.NewReader(out))
			if err != nil || got.Width != w || got.Height != h {
				t.Errorf("decoded %v %v", got, err)
			}
		})
	}
}

func TestTransparentBecomesWhite(t *testing.T) {
	out, _, _, err := Normalise(asPNG(t, image.NewNRGBA(image.Rect(0, 0, 200, 200))), Photo)
	if err != nil {
		t.Fatal(err)
	}
	img, _ := jpeg.Decode(bytes.NewReader(out))
	if r, g, b, _ := img.At(100, 100).RGBA(); r>>8 < 250 || g>>8 < 250 || b>>8 < 250 {
		t.Errorf("transparent became %d %d %d", r>>8, g>>8, b>>8)
	}
}

func TestOrientationIsAppliedAndMetadataGone(t *testing.T) {
	// where red, green, blue, yellow stand afterwards: top left, top right, bottom left, bottom right
	want := map[uint16]string{1: "rgby", 2: "gryb", 3: "ybgr", 4: "byrg", 5: "rbgy", 6: "bryg", 7: "ygbr", 8: "gyrb"}
	base := asJPEG(t, scene(300, 200))
	for o := uint16(1); o <= 8; o++ {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			out, w, h, err := Normalise(segment(base, mAPP1, exif(o, order)), Photo)
			if err != nil {
				t.Fatal(err)
			}
			if o >= 5 && (w != 200 || h != 300) || o < 5 && (w != 300 || h != 200) {
				t.Errorf("orientation %d: %dx%d", o, w, h)
			}
			if bytes.Contains(out, []byte("GPS")) || bytes.Contains(out, []byte("Exif")) {
				t.Errorf("orientation %d: metadata travels on", o)
			}
			img, err := jpeg.Decode(bytes.NewReader(out))
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			for _, p := range [4][2]int{{w / 4, h / 4}, {3 * w / 4, h / 4}, {w / 4, 3 * h / 4}, {3 * w / 4, 3 * h / 4}} {
				r, g, b, _ := img.At(p[0], p[1]).RGBA()
				switch {
				case r > 0x8000 && g > 0x8000:
					got.WriteByte('y')
				case r > 0x8000:
					got.WriteByte('r')
				case g > 0x8000:
					got.WriteByte('g')
				case b > 0x8000:
					got.WriteByte('b')
				}
			}
			if got.String() != strings.ReplaceAll(want[o], " ", "") {
				t.Errorf("orientation %d: %s, want %s", o, got.String(), want[o])
			}
		}
	}
}

func TestNormaliseRefuses(t *testing.T) {
	good := asJPEG(t, scene(300, 400))
	huge := asPNG(t, scene(200, 200))
	binary.BigEndian.PutUint32(huge[16:], 100_000) // claims 100000 x 100000
	binary.BigEndian.PutUint32(huge[20:], 100_000)
	for name, c := range map[string]struct {
		data []byte
		kind exam.Kind
	}{
		"nothing":         {nil, exam.Invalid},
		"text":            {[]byte("hello"), exam.Invalid},
		"gif":             {[]byte("GIF89a........"), exam.Invalid},
		"cut off":         {good[:len(good)/2], exam.Invalid},
		"tiny":            {asJPEG(t, scene(60, 60)), exam.Invalid},
		"narrow":          {asJPEG(t, scene(2000, 130)), exam.Invalid},
		"too many bytes":  {append(append([]byte(nil), good...), make([]byte, MostInput)...), exam.TooLarge},
		"too many pixels": {fixPNG(huge), exam.TooLarge},
	} {
		if _, _, _, err := Normalise(c.data, Photo); exam.KindOf(err) != c.kind || exam.SentenceOf(err) == "" {
			t.Errorf("%s: %v, want %s", name, err, c.kind)
		}
	}
}

// fixPNG makes the checksum of the header fit again.
func fixPNG(b []byte) []byte {
	binary.BigEndian.PutUint32(b[29:], crc(b[12:29]))
	return b
}

func crc(b []byte) uint32 {
	c := ^uint32(0)
	for _, x := range b {
		c ^= uint32(x)
		for range 8 {
			if c&1 == 1 {
				c = c>>1 ^ 0xedb88320
			} else {
				c >>= 1
			}
		}
	}
	return ^c
}

func TestCheckRefuses(t *testing.T) {
	good := asJPEG(t, scene(300, 400))
	if err := Check(good); err != nil {
		t.Fatal(err)
	}
	jfif := segment(good, mAPP0, append([]byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01"), 0, 0))
	if err := Check(jfif); err != nil {
		t.Errorf("JFIF refused: %v", err)
	}
	for name, data := range map[string][]byte{
		"nothing":            nil,
		"png":                asPNG(t, scene(300, 400)),
		"trailing bytes":     append(append([]byte(nil), good...), "PK\x03\x04"...),
		"cut off":            good[:len(good)-2],
		"half":               good[:len(good)/2],
		"exif":               segment(good, mAPP1, exif(1, binary.LittleEndian)),
		"comment":            segment(good, 0xfe, []byte("hello")),
		"jfif thumbnail":     segment(good, mAPP0, append([]byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01"), 1, 1, 1, 2, 3)),
		"too small":          asJPEG(t, scene(40, 40)),
		"too wide":           asJPEG(t, scene(2500, 300)),
		"two pictures":       append(append([]byte(nil), good[:len(good)-2]...), good[2:]...),
		"scan without frame": {0xff, mSOI, 0xff, mSOS, 0, 2, 1, 2, 0xff, mEOI},
	} {
		if err := Check(data); exam.KindOf(err) != exam.Invalid {
			t.Errorf("%s: %v, want invalid", name, err)
		}
	}
}

func FuzzNormalise(f *testing.F) {
	f.Add(asJPEG(f, scene(130, 130)))
	f.Add(asPNG(f, scene(130, 130)))
	f.Add(segment(asJPEG(f, scene(130, 140)), mAPP1, exif(6, binary.BigEndian)))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, w, h, err := Normalise(data, Photo)
		if err != nil {
			if k := exam.KindOf(err); k != exam.Invalid && k != exam.TooLarge {
				t.Fatalf("kind %s", k)
			}
			return
		}
		if max(w, h) > Photo.Long {
			t.Fatalf("%dx%d", w, h)
		}
		if err := Check(out); err != nil {
			t.Fatal(err)
		}
	})
}

func FuzzCheck(f *testing.F) {
	f.Add(asJPEG(f, scene(70, 70)))
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := Check(data); err == nil {
			if _, err := jpeg.Decode(bytes.NewReader(data)); err != nil {
				t.Fatal("passed and cannot be decoded")
			}
		}
	})
}

func BenchmarkNormaliseTelephonePhoto(b *testing.B) {
	img := image.NewRGBA(image.Rect(0, 0, 4000, 3000))
	r := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(img.Pix); i += 64 {
		img.Pix[i] = byte(r.Uint32())
	}
	var buf bytes.Buffer
	_ = jpeg.Encode(&buf, img, &jpeg.Options{Quality: 40})
	b.ReportMetric(float64(buf.Len()), "bytes")
	for b.Loop() {
		if _, _, _, err := Normalise(buf.Bytes(), Photo); err != nil {
			b.Fatal(err)
		}
	}
}
