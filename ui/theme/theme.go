// Package theme is the one look of all our programs: colours, sizes, fonts and line drawings.
//
// It is calm and light: a deep teal for what acts, warm white cards on a very light page, dark text. Text
// reaches WCAG AA (4.5:1) on everything it may stand on and control outlines reach 3:1; a test holds
// both. There is no dark variant. High contrast is another palette, chosen once at the start.
//
// Install sets the theme exactly once per program, because setting it again leaks in Fyne 2.8.1; for
// the same reason nobody uses ThemeOverride. Zoom is done with size names instead: ask Zoom for one and
// give it to a label.
//
// Widgets take colours with Paint and sizes with Size, by name; no colour value stands anywhere else.
package theme

import (
	"image/color"
	"log/slog"
	"strconv"
	"strings"
	"sync"

	"fyne.io/fyne/v2"
	fynetheme "fyne.io/fyne/v2/theme"

	"dingkao/assets"
)

// Names of our colours, beside Fyne's own. Ink is text, the others are surfaces or outlines.
const (
	ColorInk        fyne.ThemeColorName = "ink"        // body text
	ColorInkStrong  fyne.ThemeColorName = "inkStrong"  // titles
	ColorInkMuted   fyne.ThemeColorName = "inkMuted"   // labels, hints, what matters less
	ColorInkFaint   fyne.ThemeColorName = "inkFaint"   // disabled, placeholders
	ColorOnPrimary  fyne.ThemeColorName = "onPrimary"  // text on the primary colour
	ColorPrimary    fyne.ThemeColorName = "primary"    // what acts
	ColorDeep       fyne.ThemeColorName = "deep"       // the title band, a pressed primary button
	ColorAccent     fyne.ThemeColorName = "accent"     // small bars and marks, never text
	ColorPage       fyne.ThemeColorName = "page"       // the page under the cards
	ColorCard       fyne.ThemeColorName = "card"       // cards
	ColorSoft       fyne.ThemeColorName = "soft"       // a surface set apart inside a card: table heads
	ColorWash       fyne.ThemeColorName = "wash"       // hovered or chosen row, faint primary
	ColorLine       fyne.ThemeColorName = "line"       // hairlines between rows, card edges
	ColorOutline    fyne.ThemeColorName = "outline"    // outline of a control, 3:1 on a card
	ColorInput      fyne.ThemeColorName = "input"      // inside an input
	ColorInputLock  fyne.ThemeColorName = "inputLock"  // inside a locked input
	ColorRing       fyne.ThemeColorName = "ring"       // the ring around what has the keyboard
	ColorRequired   fyne.ThemeColorName = "required"   // the star of a required field
	ColorBand       fyne.ThemeColorName = "band"       // the title band of a window
	ColorBandInk    fyne.ThemeColorName = "bandInk"    // text on it
	ColorMenu       fyne.ThemeColorName = "menu"       // the left menu
	ColorMenuInk    fyne.ThemeColorName = "menuInk"    // text on it
	ColorMenuChosen fyne.ThemeColorName = "menuChosen" // the entry that is open
)

// Tone is the mood of a chip, a banner or a toast.
type Tone string

// The tones. Neutral says nothing; Info tells; Wait is someone else's turn; Good is done; Warn wants
// care; Bad is refused or lost.
const (
	Neutral Tone = "neutral"
	Info    Tone = "info"
	Wait    Tone = "wait"
	Good    Tone = "good"
	Warn    Tone = "warn"
	Bad     Tone = "bad"
)

// Ink is the colour name of text and marks in a tone, readable on its Soft and on a card.
func (t Tone) Ink() fyne.ThemeColorName { return fyne.ThemeColorName("ink-" + t.known()) }

// Soft is the colour name of the surface in a tone.
func (t Tone) Soft() fyne.ThemeColorName { return fyne.ThemeColorName("soft-" + t.known()) }

// Glyph is the name of the drawing that says the tone without colour.
func (t Tone) Glyph() string {
	switch t {
	case Wait, Warn, Bad, Good:
		return string(t)
	}
	return "info"
}

func (t Tone) known() Tone {
	switch t {
	case Info, Wait, Good, Warn, Bad:
		return t
	}
	return Neutral
}

// Names of our text sizes; where Fyne has a name for the same thing it is Fyne's.
const (
	SizeSmall                      = fynetheme.SizeNameCaptionText    // 13: hints, footers, chips
	SizeBody                       = fynetheme.SizeNameText           // 15: nearly everything
	SizeHeading                    = fynetheme.SizeNameSubHeadingText // 17: the title of a card
	SizeTitle                      = fynetheme.SizeNameHeadingText    // 22: the title of a page
	SizeDisplay fyne.ThemeSizeName = "display"                        // 34: a result, a clock
)

// Steps of zoom, in percent.
var ZoomSteps = []int{100, 125, 150, 175, 200}

// Zoom is the size name of body text magnified by percent, bounded to 100..200. Give it to a label's
// SizeName: no second theme is needed.
func Zoom(percent int) fyne.ThemeSizeName {
	return fyne.ThemeSizeName("zoom-" + strconv.Itoa(min(max(percent, 100), 200)))
}

// Lengths of our layouts, in Fyne's device-independent pixels.
const (
	Gap    float32 = 8  // between things that belong together
	Space  float32 = 16 // between groups, and inside a card
	Margin float32 = 24 // around a page
	Radius float32 = 6  // of controls
	Round  float32 = 10 // of cards
	Height float32 = 38 // of a one-line control
)

type palette map[fyne.ThemeColorName]color.NRGBA

func hex(s string) color.NRGBA {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, "#"), 16, 32)
	if err != nil {
		panic("theme: bad colour " + s)
	}
	return color.NRGBA{R: uint8(n >> 16), G: uint8(n >> 8), B: uint8(n), A: 0xff}
}

func build(in map[fyne.ThemeColorName]string) palette {
	p := palette{}
	for k, v := range in {
		p[k] = hex(v)
	}
	return p
}

var calm = build(map[fyne.ThemeColorName]string{
	ColorInk: "#22323A", ColorInkStrong: "#12262F", ColorInkMuted: "#566770", ColorInkFaint: "#64737B",
	ColorOnPrimary: "#FFFFFF", ColorPrimary: "#0F6478", ColorDeep: "#0A4858", ColorAccent: "#1D9A96",
	ColorPage: "#F2F5F5", ColorCard: "#FFFEFB", ColorSoft: "#EFF4F4", ColorWash: "#E2F0F1", ColorLine: "#DAE2E3",
	ColorOutline: "#7D8F96", ColorInput: "#FBFCFC", ColorInputLock: "#EDF1F1", ColorRing: "#D98324", ColorRequired: "#C0392B",
	ColorBand: "#0C5265", ColorBandInk: "#FFFFFF", ColorMenu: "#FFFEFB", ColorMenuInk: "#2C3E46", ColorMenuChosen: "#DDEEEF",
	"ink-neutral": "#4A5A63", "soft-neutral": "#E9EEEF",
	"ink-info": "#0F5F8C", "soft-info": "#E1EFF7",
	"ink-wait": "#5B4A9C", "soft-wait": "#ECE9F7",
	"ink-good": "#1C6B3C", "soft-good": "#E0F2E6",
	"ink-warn": "#8A5200", "soft-warn": "#FCF0D9",
	"ink-bad": "#B02A1E", "soft-bad": "#FBE7E4",
})

var contrast = build(map[fyne.ThemeColorName]string{
	ColorInk: "#000000", ColorInkStrong: "#000000", ColorInkMuted: "#1F2A30", ColorInkFaint: "#46535A",
	ColorOnPrimary: "#FFFFFF", ColorPrimary: "#003D4D", ColorDeep: "#00222B", ColorAccent: "#003D4D",
	ColorPage: "#FFFFFF", ColorCard: "#FFFFFF", ColorSoft: "#F0F0F0", ColorWash: "#D6ECEF", ColorLine: "#6B6B6B",
	ColorOutline: "#222222", ColorInput: "#FFFFFF", ColorInputLock: "#E8E8E8", ColorRing: "#B85C00", ColorRequired: "#990000",
	ColorBand: "#00222B", ColorBandInk: "#FFFFFF", ColorMenu: "#FFFFFF", ColorMenuInk: "#000000", ColorMenuChosen: "#C9E6EA",
	"ink-neutral": "#1F2A30", "soft-neutral": "#E8E8E8",
	"ink-info": "#003A5C", "soft-info": "#DCEBF5",
	"ink-wait": "#33206F", "soft-wait": "#E8E3F7",
	"ink-good": "#00401B", "soft-good": "#D9F0E0",
	"ink-warn": "#5C3300", "soft-warn": "#FBEBCB",
	"ink-bad": "#800D00", "soft-bad": "#FADDD8",
})

// active is set by Install before any widget exists and never after, so it needs no lock.
var active = calm

// Paint is the colour of that name. Fyne's own names work too.
func Paint(name fyne.ThemeColorName) color.Color {
	if c, ok := active[name]; ok {
		return c
	}
	return house{}.Color(name, fynetheme.VariantLight)
}

// Clear is that colour fully transparent. Use it to fill what has only an outline: OpenGL blends an outline
// with the fill at its edges, and a transparent black darkens it.
func Clear(name fyne.ThemeColorName) color.Color {
	c := color.NRGBAModel.Convert(Paint(name)).(color.NRGBA)
	return alpha(c, 0)
}

// Size is the length of that name.
func Size(name fyne.ThemeSizeName) float32 { return house{}.Size(name) }

// Options choose a look at the start of a program. The zero value is the everyday one.
type Options struct {
	// HighContrast asks for black on white and strong outlines.
	HighContrast bool
}

var once sync.Once

// Install gives the program its look. Only the first call in a process does anything; call it before
// the first window.
func Install(app fyne.App, o Options) {
	once.Do(func() {
		if o.HighContrast {
			active = contrast
		}
		if regular() == nil {
			slog.Warn("no font of our own in this build; the system's font is used", "remedy", "make fonts, then build again")
		}
		app.Settings().SetTheme(New())
	})
}

// New is the theme itself, for tests and for drawing without a program.
func New() fyne.Theme { return house{} }

// house is our fyne.Theme. It keeps no state: the palette and the fonts are the process's.
type house struct{}

var regular = sync.OnceValue(func() fyne.Resource { return font("dingkao-regular.ttf", assets.Regular()) })
var bold = sync.OnceValue(func() fyne.Resource { return font("dingkao-bold.ttf", assets.Bold()) })

func font(name string, b []byte) fyne.Resource {
	if b == nil {
		return nil
	}
	return fyne.NewStaticResource(name, b)
}

// Font answers one regular and one bold face. There is no italic and no monospace face, because each
// costs some 75 MB resident.
func (house) Font(style fyne.TextStyle) fyne.Resource {
	if style.Symbol {
		return fynetheme.DefaultTheme().Font(style)
	}
	if style.Bold {
		if f := bold(); f != nil {
			return f
		}
	}
	if f := regular(); f != nil {
		return f
	}
	return fynetheme.DefaultTheme().Font(fyne.TextStyle{Bold: style.Bold})
}

func (house) Icon(name fyne.ThemeIconName) fyne.Resource { return fynetheme.DefaultTheme().Icon(name) }

func (house) Color(name fyne.ThemeColorName, _ fyne.ThemeVariant) color.Color {
	if c, ok := active[name]; ok {
		return c
	}
	switch name {
	case fynetheme.ColorNameBackground:
		return active[ColorPage]
	case fynetheme.ColorNameForeground, fynetheme.ColorNameInnerWindowBorder:
		return active[ColorInk]
	case fynetheme.ColorNameButton, fynetheme.ColorNameHeaderBackground:
		return active[ColorSoft]
	case fynetheme.ColorNameDisabledButton:
		return active[ColorInputLock]
	case fynetheme.ColorNameDisabled, fynetheme.ColorNamePlaceHolder:
		return active[ColorInkFaint]
	case fynetheme.ColorNameError:
		return active[Bad.Ink()]
	case fynetheme.ColorNameSuccess:
		return active[Good.Ink()]
	case fynetheme.ColorNameWarning:
		return active[Warn.Ink()]
	case fynetheme.ColorNameForegroundOnPrimary, fynetheme.ColorNameForegroundOnError,
		fynetheme.ColorNameForegroundOnSuccess, fynetheme.ColorNameForegroundOnWarning:
		return active[ColorOnPrimary]
	case fynetheme.ColorNameFocus:
		return active[ColorWash]
	case fynetheme.ColorNameHover:
		return alpha(active[ColorPrimary], 0x16)
	case fynetheme.ColorNamePressed:
		return alpha(active[ColorPrimary], 0x30)
	case fynetheme.ColorNameSelection:
		return alpha(active[ColorAccent], 0x48)
	case fynetheme.ColorNameHyperlink:
		return active[ColorPrimary]
	case fynetheme.ColorNameInputBackground:
		return active[ColorInput]
	case fynetheme.ColorNameInputBorder:
		return active[ColorOutline]
	case fynetheme.ColorNameMenuBackground, fynetheme.ColorNameOverlayBackground:
		return active[ColorCard]
	case fynetheme.ColorNameScrollBar:
		return alpha(active[ColorInkMuted], 0x90)
	case fynetheme.ColorNameScrollBarBackground:
		return alpha(active[ColorInkMuted], 0x18)
	case fynetheme.ColorNameSeparator, fynetheme.ColorNameInnerWindowBorderInactive:
		return active[ColorLine]
	case fynetheme.ColorNameShadow:
		return color.NRGBA{R: 0x0A, G: 0x2A, B: 0x33, A: 0x20}
	}
	return active[ColorInk]
}

func alpha(c color.NRGBA, a uint8) color.NRGBA { c.A = a; return c }

func (house) Size(name fyne.ThemeSizeName) float32 {
	if z, ok := strings.CutPrefix(string(name), "zoom-"); ok {
		if n, err := strconv.Atoi(z); err == nil {
			return 16 * float32(n) / 100
		}
	}
	switch name {
	case SizeBody:
		return 15
	case SizeSmall:
		return 13
	case SizeHeading:
		return 17
	case SizeTitle:
		return 22
	case SizeDisplay:
		return 34
	case fynetheme.SizeNameInputRadius, fynetheme.SizeNameButtonRadius, fynetheme.SizeNameSelectionRadius:
		return Radius
	case fynetheme.SizeNameCardRadius, fynetheme.SizeNameDialogRadius, fynetheme.SizeNamePopupRadius, fynetheme.SizeNameMenuRadius:
		return Round
	case fynetheme.SizeNameInputBorder:
		return 1
	case fynetheme.SizeNameModalBlurRadius:
		return 0
	case fynetheme.SizeNameScrollBar:
		return 12
	case fynetheme.SizeNameScrollBarSmall:
		return 5
	}
	return fynetheme.DefaultTheme().Size(name)
}
