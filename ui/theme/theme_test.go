package theme

import (
	"image/color"
	"math"
	"os"
	"os/exec"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/lang"
	_ "fyne.io/fyne/v2/test" // an app without a display, which Fyne's own theme needs
	fynetheme "fyne.io/fyne/v2/theme"
)

func luminance(c color.NRGBA) float64 {
	part := func(v uint8) float64 {
		x := float64(v) / 255
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*part(c.R) + 0.7152*part(c.G) + 0.0722*part(c.B)
}

func ratio(a, b color.NRGBA) float64 {
	x, y := luminance(a), luminance(b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

// Text must reach 4.5:1 on each surface that it stands on, outlines and the focus ring 3:1... the
// numbers of WCAG 2.1 AA.
func TestEveryTextIsReadable(t *testing.T) {
	texts := map[fyne.ThemeColorName][]fyne.ThemeColorName{
		ColorInk:         {ColorPage, ColorCard, ColorSoft, ColorWash, ColorInput, ColorInputLock},
		ColorInkStrong:   {ColorPage, ColorCard},
		ColorInkMuted:    {ColorPage, ColorCard, ColorSoft, ColorInputLock},
		ColorInkFaint:    {ColorCard},
		ColorPrimary:     {ColorPage, ColorCard, ColorWash, ColorSoft, ColorMenuChosen},
		ColorOnPrimary:   {ColorPrimary, ColorDeep},
		ColorBandInk:     {ColorBand},
		ColorMenuInk:     {ColorMenu, ColorMenuChosen},
		ColorRequired:    {ColorCard},
		Neutral.Ink():    {Neutral.Soft(), ColorCard},
		Info.Ink():       {Info.Soft(), ColorCard},
		Wait.Ink():       {Wait.Soft(), ColorCard},
		Good.Ink():       {Good.Soft(), ColorCard},
		Warn.Ink():       {Warn.Soft(), ColorCard},
		Bad.Ink():        {Bad.Soft(), ColorCard},
		Tone("?").Ink():  {ColorCard},
		Tone("?").Soft(): nil,
	}
	outlines := map[fyne.ThemeColorName][]fyne.ThemeColorName{
		ColorOutline: {ColorCard, ColorInput},
		ColorAccent:  {ColorCard},
	}
	for name, p := range map[string]palette{"calm": calm, "contrast": contrast} {
		for ink, surfaces := range texts {
			for _, s := range surfaces {
				if r := ratio(p[ink], p[s]); r < 4.5 {
					t.Errorf("%s: %s on %s is %.2f:1, want 4.5", name, ink, s, r)
				}
			}
		}
		for ink, surfaces := range outlines {
			for _, s := range surfaces {
				if r := ratio(p[ink], p[s]); r < 3 {
					t.Errorf("%s: %s on %s is %.2f:1, want 3", name, ink, s, r)
				}
			}
		}
	}
	for ink := range calm {
		if _, ok := contrast[ink]; !ok {
			t.Errorf("the high contrast palette lacks %s", ink)
		}
	}
}

func TestZoomReachesTwiceTheSize(t *testing.T) {
	if a, b := Size(Zoom(100)), Size(Zoom(200)); b != 2*a {
		t.Errorf("200 %% is %v, 100 %% is %v", b, a)
	}
	if Zoom(900) != Zoom(200) || Zoom(0) != Zoom(100) {
		t.Error("zoom is not bounded")
	}
}

func TestFynesOwnNamesHaveAColourOfOurs(t *testing.T) {
	def := fynetheme.DefaultTheme()
	for _, n := range []fyne.ThemeColorName{fynetheme.ColorNameBackground, fynetheme.ColorNameButton, fynetheme.ColorNameInputBackground,
		fynetheme.ColorNameInputBorder, fynetheme.ColorNameOverlayBackground, fynetheme.ColorNamePrimary, fynetheme.ColorNameSeparator} {
		if New().Color(n, fynetheme.VariantLight) == def.Color(n, fynetheme.VariantLight) {
			t.Errorf("%s is Fyne's default", n)
		}
	}
}

func TestADrawingIsMadeOncePerColour(t *testing.T) {
	if Glyph("home", ColorInk) != Glyph("home", ColorInk) {
		t.Error("the same drawing was made twice")
	}
	if Glyph("home", ColorInk) == Glyph("home", ColorPrimary) {
		t.Error("two colours share a drawing")
	}
}

// The system's language is read once per process, so each is tried in a process of its own.
func TestForcedChineseReachesEverySystem(t *testing.T) {
	if os.Getenv("SPEAK_TEST") != "" {
		if err := Speak("zh"); err != nil {
			t.Fatal(err)
		}
		if got := lang.L("No"); got != "否" {
			t.Fatalf("No is %q", got)
		}
		return
	}
	for _, system := range []string{"en_US.UTF-8", "zh_CN.UTF-8", "zh_TW.UTF-8", "ja_JP.UTF-8", "fr_FR.UTF-8", "C.UTF-8"} {
		c := exec.Command(os.Args[0], "-test.run=^TestForcedChineseReachesEverySystem$")
		c.Env = append(os.Environ(), "SPEAK_TEST=1", "LANG="+system, "LC_ALL="+system, "LANGUAGE=")
		if out, err := c.CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", system, err, out)
		}
	}
}

func TestALanguageThatWeDoNotHaveIsRefused(t *testing.T) {
	if err := Speak("xx"); err == nil {
		t.Error("an unknown language was taken")
	}
}
