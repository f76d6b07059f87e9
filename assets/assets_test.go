package assets

import (
	"bytes"
	"encoding/json"
	"image/png"
	"slices"
	"testing"
)

func TestEveryListOfTheFormsIsThere(t *testing.T) {
	for name, want := range map[string]struct {
		got  []Code
		size int
	}{
		"ethnic":    {EthnicGroups(), 58},
		"province":  {Provinces(), 34},
		"document":  {DocumentKinds(), 8},
		"category":  {Categories(), 4},
		"title":     {Titles(), 5},
		"education": {Educations(), 10},
		"level":     {Levels(), 2},
		"clinical":  {Scopes("1"), 17},
		"dental":    {Scopes("2"), 5},
		"health":    {Scopes("3"), 2},
		"chinese":   {Scopes("4"), 8},
	} {
		if len(want.got) != want.size {
			t.Errorf("%s has %d codes, want %d", name, len(want.got), want.size)
		}
		seen := map[string]bool{}
		for _, c := range want.got {
			if c.Code == "" || c.Name == "" || seen[c.Code] {
				t.Errorf("%s: bad or doubled code %+v", name, c)
			}
			seen[c.Code] = true
		}
	}
	if Scopes("9") != nil {
		t.Error("an unknown category has scopes")
	}
}

func TestNamesAndCodesFindEachOther(t *testing.T) {
	if got := Name(EthnicGroups(), "01"); got != "汉族" {
		t.Errorf("ethnic group 01 is %q", got)
	}
	if c, ok := Find(Provinces(), "山西省"); !ok || c.Code != "14" || c.Extra != "晋" {
		t.Errorf("山西省 is %+v, %v", c, ok)
	}
	if _, ok := Find(Provinces(), "山西"); ok {
		t.Error("half a name was found")
	}
}

func TestTheCascadeReachesEveryPlace(t *testing.T) {
	if n := len(Divisions("")); n != 31 {
		t.Fatalf("%d provinces have divisions, want 31", n)
	}
	total := 0
	for _, p := range Divisions("") {
		for _, city := range Divisions(p.Code) {
			below := Divisions(city.Code)
			total += len(below)
			for _, county := range below {
				if got := DivisionPath(county.Code); !slices.Equal(got, []string{p.Name, city.Name, county.Name}) {
					t.Errorf("the path of %s is %v", county.Code, got)
				}
			}
		}
	}
	if total != 2974+82 {
		t.Errorf("%d counties and towns are reached, want %d", total, 2974+82)
	}
	if DivisionPath("nowhere") != nil || Divisions("nowhere") != nil {
		t.Error("an unknown place has a path or children")
	}
}

func TestACallerCannotSpoilAList(t *testing.T) {
	EthnicGroups()[0].Name = "spoilt"
	if EthnicGroups()[0].Name != "汉族" {
		t.Error("a caller's change reached the list")
	}
}

func TestBothLanguagesSayTheSameThings(t *testing.T) {
	var zh, en map[string]any
	for name, into := range map[string]*map[string]any{"zh": &zh, "en": &en} {
		if err := json.Unmarshal(Words(name), into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for key := range zh {
		if _, ok := en[key]; !ok {
			t.Errorf("en.json lacks %q", key)
		}
	}
	for key := range en {
		if _, ok := zh[key]; !ok {
			t.Errorf("zh.json lacks %q", key)
		}
	}
	if Words("xx") != nil {
		t.Error("a language that does not exist has words")
	}
}

func TestTheIconIsAPicture(t *testing.T) {
	img, err := png.Decode(bytes.NewReader(IconPNG()))
	if err != nil || img.Bounds().Dx() != 256 || img.Bounds().Dy() != 256 {
		t.Fatalf("the icon: %v, %v", img.Bounds(), err)
	}
	if len(IconSVG()) == 0 || len(AvatarSVG()) == 0 || Glyph("home") == nil {
		t.Error("a drawing is missing")
	}
	if Glyph("no-such") != nil {
		t.Error("a drawing that does not exist was answered")
	}
}

// Fonts are optional: when they are there they must be single-face TrueType, because the toolkit
// panics on a collection.
func TestFontsAreTrueTypeOrAbsent(t *testing.T) {
	for name, font := range map[string][]byte{"regular": Regular(), "bold": Bold()} {
		if font == nil {
			t.Logf("%s: not embedded in this build", name)
			continue
		}
		if !bytes.HasPrefix(font, []byte{0, 1, 0, 0}) && !bytes.HasPrefix(font, []byte("OTTO")) {
			t.Errorf("%s begins with %x", name, font[:4])
		}
	}
}
