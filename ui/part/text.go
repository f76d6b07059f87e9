package part

import (
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/widget"
	"github.com/go-text/typesetting/segmenter"

	"dingkao/ui/theme"
)

// Text is a label that wraps Chinese as a book does: by the line-breaking rules of Unicode (UAX 14), so
// that no line begins with ，or。and no word or number is torn. Its height follows its width.
type Text struct {
	widget.BaseWidget
	text  string
	size  fyne.ThemeSizeName
	ink   fyne.ThemeColorName
	bold  bool
	align fyne.TextAlign
	width float32
	lines []*canvas.Text
	box   *fyne.Container
}

// NewText is wrapped body text.
func NewText(text string) *Text {
	t := &Text{text: text, size: theme.SizeBody, ink: theme.ColorInk}
	t.ExtendBaseWidget(t)
	return t
}

// NewHint is wrapped small text in a muted colour.
func NewHint(text string) *Text {
	return NewText(text).Styled(theme.SizeSmall, theme.ColorInkMuted, false)
}

// Styled changes how the text looks and answers the text itself.
func (t *Text) Styled(size fyne.ThemeSizeName, ink fyne.ThemeColorName, bold bool) *Text {
	t.size, t.ink, t.bold = size, ink, bold
	t.rewrap()
	return t
}

// Aligned sets the lines to the left, the middle or the right.
func (t *Text) Aligned(a fyne.TextAlign) *Text { t.align = a; t.rewrap(); return t }

// SetText changes the words.
func (t *Text) SetText(text string) {
	if text == t.text {
		return
	}
	t.text = text
	t.rewrap()
	t.Refresh()
}

// SetInk changes the colour.
func (t *Text) SetInk(ink fyne.ThemeColorName) {
	if ink == t.ink {
		return
	}
	t.ink = ink
	t.rewrap()
	t.Refresh()
}

// Text is what it says.
func (t *Text) Text() string { return t.text }

// Lines is how it is broken at its present width.
func (t *Text) Lines() []string {
	var out []string
	for _, l := range t.lines {
		out = append(out, l.Text)
	}
	return out
}

func (t *Text) style() fyne.TextStyle { return fyne.TextStyle{Bold: t.bold} }

func (t *Text) rewrap() {
	if t.box == nil {
		return
	}
	size := theme.Size(t.size)
	width := t.width
	if width == 0 {
		width = 1e6
	}
	var lines []string
	if t.text != "" {
		lines = settled(t.text, size, t.style(), width)
	}
	for len(t.lines) < len(lines) {
		t.lines = append(t.lines, canvas.NewText("", nil))
	}
	t.lines = t.lines[:len(lines)]
	t.box.Objects = t.box.Objects[:0]
	for i, s := range lines {
		l := t.lines[i]
		l.Text, l.Color, l.TextSize, l.TextStyle, l.Alignment = s, theme.Paint(t.ink), size, t.style(), t.align
		t.box.Objects = append(t.box.Objects, l)
	}
	t.place()
}

func (t *Text) lineHeight() float32 { return theme.Size(t.size) * 1.5 }

func (t *Text) place() {
	h := t.lineHeight()
	for i, l := range t.lines {
		l.Move(fyne.NewPos(0, float32(i)*h))
		l.Resize(fyne.NewSize(max(t.width, 1), h))
	}
}

// CreateRenderer makes the lines.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	t.box = &fyne.Container{}
	t.rewrap()
	return &textRenderer{t}
}

type textRenderer struct{ t *Text }

func (r *textRenderer) Destroy()                     {}
func (r *textRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.t.box} }
func (r *textRenderer) Refresh()                     { canvas.Refresh(r.t.box) }

func (r *textRenderer) Layout(size fyne.Size) {
	r.t.box.Resize(size)
	if size.Width == r.t.width {
		return
	}
	r.t.width = size.Width
	r.t.rewrap()
}

// MinSize is narrow, so that the text may be squeezed, and as high as the lines at the present width.
func (r *textRenderer) MinSize() fyne.Size {
	if r.t.text == "" {
		return fyne.Size{}
	}
	narrow := theme.Size(r.t.size) * 6
	if natural := widest(r.t.text, theme.Size(r.t.size), r.t.style(), narrow); natural < narrow {
		narrow = natural
	}
	return fyne.NewSize(narrow, max(float32(len(r.t.lines)), 1)*r.t.lineHeight())
}

// widest measures the longest line, and stops caring beyond enough.
func widest(text string, size float32, style fyne.TextStyle, enough float32) float32 {
	var w float32
	for line := range strings.Lines(text) {
		if float32(len(line)) > enough { // an em is never wider than its bytes
			return enough
		}
		w = max(w, fyne.MeasureText(strings.TrimRight(line, "\r\n"), size, style).Width)
	}
	return w
}

// settled wraps, and where the last line would hold one or two characters alone, a little narrower, so
// that it gets company without a further line.
func settled(text string, size float32, style fyne.TextStyle, width float32) []string {
	lines := Wrap(text, size, style, width)
	alone := func(l []string) bool { return len(l) > 1 && utf8.RuneCountInString(l[len(l)-1]) <= 2 }
	if !alone(lines) {
		return lines
	}
	for less := float32(2); less <= 4; less++ {
		if again := Wrap(text, size, style, width-less*size); len(again) == len(lines) && !alone(again) {
			return again
		}
	}
	return lines
}

// Wrap breaks text into lines no wider than width, by UAX 14; where one unbreakable piece is wider
// than that, between characters.
func Wrap(text string, size float32, style fyne.TextStyle, width float32) []string {
	var lines []string
	var line strings.Builder
	var used float32
	end := func() {
		lines = append(lines, strings.TrimRight(line.String(), " \r\n"))
		line.Reset()
		used = 0
	}
	measure := func(s string) float32 { return fyne.MeasureText(s, size, style).Width }
	var seg segmenter.Segmenter
	seg.Init([]rune(text))
	for it := seg.LineIterator(); it.Next(); {
		l := it.Line()
		piece := string(l.Text)
		solid := strings.TrimRight(piece, " \r\n")
		w := measure(solid)
		if used > 0 && used+w > width+0.1 {
			end()
		}
		if w > width {
			for _, r := range solid {
				rw := measure(string(r))
				if used > 0 && used+rw > width {
					end()
				}
				line.WriteRune(r)
				used += rw
			}
			line.WriteString(piece[len(solid):])
		} else {
			line.WriteString(strings.TrimRight(piece, "\r\n"))
			used += w
			if n := len(piece) - len(solid); n > 0 {
				used += measure(strings.Trim(piece[len(solid):], "\r\n"))
			}
		}
		if l.IsMandatoryBreak && strings.HasSuffix(piece, "\n") {
			end()
		}
	}
	if line.Len() > 0 || len(lines) == 0 {
		end()
	}
	return lines
}

// NewLine is a single line of text, cheap, never wrapped.
func NewLine(text string, size fyne.ThemeSizeName, ink fyne.ThemeColorName, bold bool) *canvas.Text {
	t := canvas.NewText(text, theme.Paint(ink))
	t.TextSize = theme.Size(size)
	t.TextStyle.Bold = bold
	return t
}

// NewTitle is the title of a page.
func NewTitle(text string) *canvas.Text {
	return NewLine(text, theme.SizeTitle, theme.ColorInkStrong, true)
}

// NewHeading is the title of a card or a group.
func NewHeading(text string) *canvas.Text {
	return NewLine(text, theme.SizeHeading, theme.ColorInkStrong, true)
}

// NewStrong is a bold line.
func NewStrong(text string) *canvas.Text {
	return NewLine(text, theme.SizeBody, theme.ColorInk, true)
}

// NewPlain is a line of body text.
func NewPlain(text string) *canvas.Text {
	return NewLine(text, theme.SizeBody, theme.ColorInk, false)
}

// NewMuted is a small line that matters less.
func NewMuted(text string) *canvas.Text {
	return NewLine(text, theme.SizeSmall, theme.ColorInkMuted, false)
}

// Say changes a single line.
func Say(t *canvas.Text, text string) {
	if t.Text != text {
		t.Text = text
		t.Refresh()
	}
}

// clipped is a line that ends with … when there is no room.
func clipped(text string, size fyne.ThemeSizeName) *widget.Label {
	l := widget.NewLabel(text)
	l.SizeName = size
	l.Truncation = fyne.TextTruncateEllipsis
	return l
}

// NewGlyph is one of our drawings at the size of text.
func NewGlyph(name string, ink fyne.ThemeColorName, size float32) fyne.CanvasObject {
	i := canvas.NewImageFromResource(theme.Glyph(name, ink))
	i.FillMode = canvas.ImageFillContain
	i.SetMinSize(fyne.NewSquareSize(size))
	return i
}
