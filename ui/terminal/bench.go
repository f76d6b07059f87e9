package terminal

import (
	"context"
	"image"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"

	"dingkao/assets"
	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
)

// bench is what the pages of the six steps work on: the form as it stands on the
// screen and the doors they need. One bench serves one form; every page writes
// into its struct of form and then calls changed.
type bench struct {
	doctor      exam.Doctor
	institution string
	cycle       exam.Cycle
	form        application.Form // every step is set
	today       func() exam.Date
	doors       benchDoors
	desktop     Desktop
	canvas      func() fyne.Canvas
	window      func() fyne.Window
	drop        func(path string) // what a file dropped on the window is for; nil: nothing
	seen        map[exam.BlobHash]image.Image
	// run does work elsewhere and then calls then on Fyne's goroutine, unless the
	// page was left meanwhile.
	run     func(work func(context.Context) error, then func(error))
	changed func(application.Step)
	toast   func(part.Tone, string)
}

// benchDoors is what the steps need beyond saving.
type benchDoors interface {
	Pictures
	Institutions(ctx context.Context, q exam.InstitutionQuery) ([]exam.Institution, error)
}

// stepPage is one of the six pages as the enrol screen handles it.
type stepPage interface {
	// Content is what stands on the page.
	Content() fyne.CanvasObject
	// Mark says on the page what is missing or wrong, and takes back what is not any more.
	Mark(gaps []application.Gap)
	// First is what gets the keyboard when the page opens; nil for nothing.
	First() fyne.Focusable
}

// fieldSet is the labelled fields of a page by the key that gaps name.
type fieldSet map[string]*part.Field

// Mark sets the first sentence of each field, and clears the others.
func (s fieldSet) Mark(gaps []application.Gap) {
	said := map[string]string{}
	for _, g := range gaps {
		if said[g.Field] == "" {
			said[g.Field] = g.Sentence
		}
	}
	for key, f := range s {
		f.SetError(said[key])
	}
}

// fieldsOf are the labelled fields of a page.
func fieldsOf(p stepPage) fieldSet {
	switch x := p.(type) {
	case *basicPage:
		return x.fields
	case *practicePage:
		return x.fields
	case *meritPage:
		return x.fields
	case *procedurePage:
		return x.fields
	}
	return nil
}

// optionsOf are the codes of a list as options; the Extra of a code is what a
// search finds it by as well.
func optionsOf(codes []assets.Code) []part.Option {
	out := make([]part.Option, len(codes))
	for i, c := range codes {
		out[i] = part.Option{Key: c.Code, Name: c.Name, Also: c.Extra}
	}
	return out
}

func termOf(o part.Option) exam.Term { return exam.Term{Code: o.Key, Name: o.Name} }

func optionOf(t exam.Term) part.Option { return part.Option{Key: t.Code, Name: t.Name} }

// pickTerm is a select over a code list, bound to a term.
func pickTerm(placeholder string, codes []assets.Code, at *exam.Term, changed func()) *part.Select {
	s := part.NewSelect(placeholder, optionsOf(codes), func(o part.Option) {
		*at = termOf(o)
		changed()
	})
	if !at.IsZero() {
		s.ChooseOption(optionOf(*at))
	}
	return s
}

// writeLine is one line of text, bound to a string.
func writeLine(placeholder string, at *string, changed func()) *part.Entry {
	e := part.NewEntry(placeholder)
	e.MaxLen = application.MostLine
	e.SetText(*at)
	e.OnChanged = func(s string) {
		*at = strings.TrimSpace(s)
		changed()
	}
	return e
}

// writeNumber is a line for a certificate number: no spaces, capital letters,
// full-width digits taken for what they mean.
func writeNumber(placeholder string, at *string, changed func()) *part.Entry {
	e := part.NewEntry(placeholder)
	e.MaxLen = application.MostLine
	e.SetText(*at)
	e.OnChanged = func(s string) {
		*at = plainNumber(s)
		changed()
	}
	return e
}

// plainNumber is how a number is stored, however it was typed.
func plainNumber(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '\t' || r == '\u3000':
			return -1
		case r >= '\uff01' && r <= '\uff5e': // full-width forms
			r -= '\uff01' - '!'
		}
		if r >= 'a' && r <= 'z' {
			r -= 'a' - 'A'
		}
		return r
	}, s)
}

// writeCount is a line for a whole number that may be left empty.
func writeCount(placeholder string, at **int, changed func()) *part.Entry {
	e := part.NewEntry(placeholder)
	e.MaxLen = 7
	if *at != nil {
		e.SetText(strconv.Itoa(**at))
	}
	e.OnChanged = func(s string) {
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, plainNumber(s))
		if digits != s {
			e.SetText(digits) // comes back here with digits alone
			return
		}
		*at = nil
		if n, err := strconv.Atoi(digits); err == nil {
			*at = &n
		}
		changed()
	}
	return e
}

// pickDay is a day, bound to a date that is not after today.
func (b *bench) pickDay(at *exam.Date, changed func()) *part.Date {
	d := part.NewDate(func(v string) {
		*at = exam.Date(v)
		changed()
	})
	d.Max = string(b.today())
	d.SetValue(string(*at))
	return d
}

// pickMonth is a month, bound.
func (b *bench) pickMonth(at *exam.Month, changed func()) *part.Date {
	d := part.NewMonth(func(v string) {
		*at = exam.Month(v)
		changed()
	})
	d.Max = string(b.today().Month())
	d.SetValue(string(*at))
	return d
}

// pictureOf is a picture that keeps its shape.
func pictureOf(img image.Image) *canvas.Image {
	p := canvas.NewImageFromImage(img)
	p.FillMode = canvas.ImageFillContain
	return p
}
