// Package assets holds what the programs carry inside themselves: fonts, the icon, pictures that
// stand in for a missing one, the words of each language, and the code lists of the forms (ethnic
// groups, places, practising categories and so on).
//
// It promises that a build never fails for want of a font: the TTF files are fetched by `make fonts`
// and never committed, and Regular and Bold answer nil while they are absent. It knows no toolkit and
// no rule; a code list is data, and whether a code may be chosen is for others to say.
package assets

import (
	"embed"
	"io/fs"
)

// files holds everything; "fonts/*" matches fonts/README.md at least, so the pattern always matches.
//
//go:embed fonts/* icons/* words/*.json codes/*.tsv bank/*.csv
var files embed.FS

// Regular is NotoSansSC Regular as a TTF, or nil when it was not there at build time.
func Regular() []byte { return optional("fonts/NotoSansSC_400Regular.ttf") }

// Bold is NotoSansSC Bold as a TTF, or nil when it was not there at build time.
func Bold() []byte { return optional("fonts/NotoSansSC_700Bold.ttf") }

// IconPNG is the program's icon, 256 by 256.
func IconPNG() []byte { return must("icons/icon.png") }

// IconSVG is the program's icon as a drawing.
func IconSVG() []byte { return must("icons/icon.svg") }

// AvatarSVG stands where a person's photograph is missing.
func AvatarSVG() []byte { return must("icons/avatar.svg") }

// Glyph is one of our small line drawings for menus and buttons, such as "home" or "search". They are
// drawn black on nothing, 24 by 24, so that a theme can colour them. It answers nil for a name that
// does not exist.
func Glyph(name string) []byte { return optional("icons/glyph-" + name + ".svg") }

// Words is the translation file of a language, "zh" or "en"; nil for another.
func Words(language string) []byte { return optional("words/" + language + ".json") }

func optional(name string) []byte {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return nil
	}
	return b
}

func must(name string) []byte {
	b := optional(name)
	if b == nil {
		panic("assets: " + name + " is not embedded")
	}
	return b
}
