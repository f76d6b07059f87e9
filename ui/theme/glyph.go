package theme

import (
	"bytes"
	"fmt"
	"image/color"
	"sync"

	"fyne.io/fyne/v2"

	"dingkao/assets"
)

type inked struct {
	name string
	ink  color.NRGBA
}

var (
	glyphLock sync.Mutex
	glyphs    = map[inked]fyne.Resource{}
)

// Glyph is one of our line drawings in a colour. Each is made once. A name that does not exist is a
// mistake of the programmer and panics.
func Glyph(name string, ink fyne.ThemeColorName) fyne.Resource {
	c := color.NRGBAModel.Convert(Paint(ink)).(color.NRGBA)
	key := inked{name, c}
	glyphLock.Lock()
	defer glyphLock.Unlock()
	if r, ok := glyphs[key]; ok {
		return r
	}
	svg := assets.Glyph(name)
	if svg == nil {
		panic("theme: no drawing is named " + name)
	}
	hex := fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B)
	r := fyne.NewStaticResource("glyph-"+name+hex[1:]+".svg", bytes.ReplaceAll(svg, []byte("#000000"), []byte(hex)))
	glyphs[key] = r
	return r
}

// Icon is the program's icon.
func Icon() fyne.Resource { return icon() }

// Avatar stands where a photograph is missing.
func Avatar() fyne.Resource { return avatar() }

var icon = sync.OnceValue(func() fyne.Resource { return fyne.NewStaticResource("dingkao.png", assets.IconPNG()) })
var avatar = sync.OnceValue(func() fyne.Resource { return fyne.NewStaticResource("avatar.svg", assets.AvatarSVG()) })
