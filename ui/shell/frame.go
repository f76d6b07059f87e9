package shell

import (
	"image"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"dingkao/ui/part"
	"dingkao/ui/theme"
)

// ProductName is the title of the original system, which every window bears.
const ProductName = "医师定期考核信息登记管理系统"

// Item is one entry of the left menu.
type Item struct {
	// Key names it to Go.
	Key, Name string
	// Glyph is one of assets' drawings.
	Glyph string
	// Page makes the page each time the entry is opened.
	Page func() Page
}

// FrameConfig says what stands around the pages. Every field may be left empty.
type FrameConfig struct {
	// Title is ProductName when empty; Province is shown after it between dashes.
	Title, Province string
	// Name and Role stand under the photo.
	Name, Role string
	Photo      image.Image
	// Support is the line at the lower left, such as 客服电话：400 810 6819.
	Support string
	Menu    []Item
	// OnPassword and OnSignOut are the actions at the top right; nil leaves one out. The present page is
	// asked before OnSignOut.
	OnPassword, OnSignOut func()
}

// Frame is a signed-in person's surroundings: title band, menu, content, footer. It is a Page itself, so that
// it can follow the sign-in page in an outer Nav; leaving it asks the page inside.
type Frame struct {
	config  FrameConfig
	nav     *Nav
	root    *fyne.Container
	photo   *part.Photo
	name    *part.Text
	items   map[string]*part.MenuEntry
	at      string
	saved   *part.Chip
	net     *part.Chip
	notices *fyne.Container
	toasts  *fyne.Container
	hush    func()
}

// NewFrame builds it; Go opens the first page, or Open does.
func NewFrame(c FrameConfig) *Frame {
	if c.Title == "" {
		c.Title = ProductName
	}
	f := &Frame{config: c, nav: NewNav(), items: map[string]*part.MenuEntry{}, hush: func() {}}
	f.nav.Wrap = func(p Page, content fyne.CanvasObject) fyne.CanvasObject {
		if fill, ok := p.(Filler); ok && fill.Fills() {
			return part.Page(content)
		}
		return container.NewVScroll(part.Top(part.Page(content)))
	}
	f.saved, f.net = part.NewChip("", part.Neutral), part.NewChip("", part.Neutral)
	f.saved.Hide()
	f.net.Hide()
	f.notices = part.Rows()
	f.toasts = container.NewStack()
	middle := edges(f.notices, nil, nil, nil, f.nav.Object())
	f.root = container.NewStack(
		fill(theme.ColorPage),
		edges(f.band(), f.footer(), f.menu(), nil, middle),
		f.toasts,
	)
	return f
}

func fill(name fyne.ThemeColorName) *canvas.Rectangle { return canvas.NewRectangle(theme.Paint(name)) }

func (f *Frame) band() fyne.CanvasObject {
	icon := canvas.NewImageFromResource(theme.Icon())
	icon.SetMinSize(fyne.NewSquareSize(32))
	icon.FillMode = canvas.ImageFillContain
	line := part.Row(icon, part.NewLine(f.config.Title, theme.SizeHeading, theme.ColorBandInk, true))
	if f.config.Province != "" {
		line.Add(part.NewLine("— "+f.config.Province+" —", theme.SizeHeading, theme.ColorBandInk, false))
	}
	var actions []fyne.CanvasObject
	if f.config.OnPassword != nil {
		actions = append(actions, part.NewQuiet("修改密码", f.config.OnPassword).WithGlyph("lock").OnBand())
	}
	if f.config.OnSignOut != nil {
		actions = append(actions, part.NewQuiet("退出", func() { f.nav.Leave(f.config.OnSignOut) }).WithGlyph("exit").OnBand())
	}
	bar := fill(theme.ColorAccent)
	bar.SetMinSize(fyne.NewSize(1, 3))
	content := container.New(&padded{theme.Space, theme.Gap}, part.Ends(line, actions...))
	return container.NewStack(fill(theme.ColorBand), edges(nil, bar, nil, nil, part.Sized(0, 54, content)))
}

func (f *Frame) menu() fyne.CanvasObject {
	f.photo = part.NewPhoto(84)
	if f.config.Photo != nil {
		f.photo.SetImage(f.config.Photo)
	}
	f.name = part.NewText(f.config.Name).Styled(theme.SizeHeading, theme.ColorInkStrong, true).Aligned(fyne.TextAlignCenter)
	head := []fyne.CanvasObject{container.NewCenter(f.photo), f.name}
	if f.config.Role != "" {
		head = append(head, part.NewHint(f.config.Role).Aligned(fyne.TextAlignCenter))
	}
	column := container.New(&padded{theme.Gap, theme.Space}, part.Rows(head...))
	list := container.New(layout.NewCustomPaddedVBoxLayout(2))
	for _, item := range f.config.Menu {
		m := part.NewMenuEntry(item.Name, item.Glyph, func() { f.Go(item.Key) })
		f.items[item.Key] = m
		list.Add(m)
	}
	edge := fill(theme.ColorLine)
	edge.SetMinSize(fyne.NewSize(1, 1))
	inside := container.NewBorder(column, nil, nil, nil, container.NewVScroll(container.New(&padded{theme.Gap, 2}, list)))
	return part.Sized(184, 0, container.NewStack(fill(theme.ColorMenu), edges(nil, nil, nil, edge, inside)))
}

func (f *Frame) footer() fyne.CanvasObject {
	edge := fill(theme.ColorLine)
	edge.SetMinSize(fyne.NewSize(1, 1))
	line := part.Ends(part.NewMuted(f.config.Support), f.saved, f.net)
	return container.NewStack(fill(theme.ColorMenu), edges(edge, nil, nil, nil, part.Sized(0, 36, container.New(&padded{theme.Space, 4}, line))))
}

// edges is Fyne's border layout without gaps. Each may be nil but the middle.
func edges(top, bottom, left, right, middle fyne.CanvasObject) *fyne.Container {
	l := &edgeLayout{top: top, bottom: bottom, left: left, right: right, middle: middle}
	c := container.New(l)
	for _, o := range []fyne.CanvasObject{middle, top, bottom, left, right} {
		if o != nil {
			c.Add(o)
		}
	}
	return c
}

type edgeLayout struct{ top, bottom, left, right, middle fyne.CanvasObject }

func least(o fyne.CanvasObject) fyne.Size {
	if o == nil || !o.Visible() {
		return fyne.Size{}
	}
	return o.MinSize()
}

func (l *edgeLayout) MinSize([]fyne.CanvasObject) fyne.Size {
	t, b, le, r, m := least(l.top), least(l.bottom), least(l.left), least(l.right), least(l.middle)
	return fyne.NewSize(max(t.Width, b.Width, le.Width+m.Width+r.Width), t.Height+b.Height+max(le.Height, m.Height, r.Height))
}

func (l *edgeLayout) Layout(_ []fyne.CanvasObject, size fyne.Size) {
	t, b, le, r := least(l.top).Height, least(l.bottom).Height, least(l.left).Width, least(l.right).Width
	place := func(o fyne.CanvasObject, x, y, w, h float32) {
		if o != nil {
			o.Move(fyne.NewPos(x, y))
			o.Resize(fyne.NewSize(max(w, 0), max(h, 0)))
		}
	}
	place(l.top, 0, 0, size.Width, t)
	place(l.bottom, 0, size.Height-b, size.Width, b)
	place(l.left, 0, t, le, size.Height-t-b)
	place(l.right, size.Width-r, t, r, size.Height-t-b)
	place(l.middle, le, t, size.Width-le-r, size.Height-t-b)
}

// padded leaves room left and right, and above and below.
type padded struct{ x, y float32 }

func (p *padded) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().AddWidthHeight(2*p.x, 2*p.y)
}

func (p *padded) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(p.x, p.y))
	o[0].Resize(fyne.NewSize(max(size.Width-2*p.x, 0), max(size.Height-2*p.y, 0)))
}

// Object is the whole frame.
func (f *Frame) Object() fyne.CanvasObject { return f.root }

// Open shows the frame as a page of an outer Nav, at the entry that was open last or at the first. The page
// inside ends with it, and so do dialogs that still stand above it.
func (f *Frame) Open(life *Life) fyne.CanvasObject {
	life.OnEnd(func() {
		f.hush()
		if c := part.CanvasOf(f.root); c != nil {
			part.CloseDialogs(c)
		}
		f.nav.Close()
	})
	if f.nav.Page() == nil {
		if f.at == "" && len(f.config.Menu) > 0 {
			f.at = f.config.Menu[0].Key
		}
		if at := f.at; at != "" {
			f.at = ""
			f.Go(at)
		}
	}
	return f.root
}

// MayLeave asks the page inside.
func (f *Frame) MayLeave(leave func()) bool {
	if l, ok := f.nav.Page().(Leaver); ok {
		return l.MayLeave(leave)
	}
	return true
}

// Go opens an entry of the menu, unless the present page vetoes. An unknown key does nothing.
func (f *Frame) Go(key string) {
	for _, item := range f.config.Menu {
		if item.Key == key && item.Page != nil {
			f.nav.Leave(func() {
				f.mark(key)
				f.nav.open(item.Page())
			})
			return
		}
	}
}

// Show opens a page that has no entry of its own, such as one case of a queue. The mark in the menu stays.
func (f *Frame) Show(p Page) { f.nav.Show(p) }

// At is the key of the entry that is marked.
func (f *Frame) At() string { return f.at }

// Nav is what shows the pages inside the frame.
func (f *Frame) Nav() *Nav { return f.nav }

func (f *Frame) mark(key string) {
	f.at = key
	for k, m := range f.items {
		m.SetChosen(k == key)
	}
}

// SetPhoto shows another photo; nil brings the placeholder back.
func (f *Frame) SetPhoto(img image.Image) { f.photo.SetImage(img) }

// SetName shows another name under the photo.
func (f *Frame) SetName(name string) { f.name.SetText(name) }

// SetBadge puts a short text behind a menu entry, such as how many cases wait; "" removes it.
func (f *Frame) SetBadge(key, text string) {
	if m := f.items[key]; m != nil {
		m.SetBadge(text)
	}
}

// SetSaved says at the lower right how what was typed is kept: 已保存在本机. "" hides it.
func (f *Frame) SetSaved(text string, tone part.Tone) { setChip(f.saved, text, tone) }

// SetNet says at the lower right how the network is. "" hides it.
func (f *Frame) SetNet(text string, tone part.Tone) { setChip(f.net, text, tone) }

func setChip(c *part.Chip, text string, tone part.Tone) {
	if text == "" {
		c.Hide()
		return
	}
	c.Set(text, tone)
	c.Show()
}

// SetNotices shows banners above every page; none removes them.
func (f *Frame) SetNotices(banners ...fyne.CanvasObject) {
	f.notices.Objects = nil
	for _, b := range banners {
		f.notices.Add(container.New(&topPadded{theme.Margin, theme.Space - 4}, b))
	}
	f.notices.Refresh()
}

// topPadded leaves room left, right and above.
type topPadded struct{ x, top float32 }

func (p *topPadded) MinSize(o []fyne.CanvasObject) fyne.Size {
	return o[0].MinSize().AddWidthHeight(2*p.x, p.top)
}

func (p *topPadded) Layout(o []fyne.CanvasObject, size fyne.Size) {
	o[0].Move(fyne.NewPos(p.x, p.top))
	o[0].Resize(fyne.NewSize(max(size.Width-2*p.x, 0), max(size.Height-p.top, 0)))
}

// ToastTime is how long a toast stays.
const ToastTime = 3 * time.Second

// Toast says something for a moment. A newer one replaces it.
func (f *Frame) Toast(tone part.Tone, text string) {
	f.hush()
	f.toasts.Objects = []fyne.CanvasObject{container.New(&toastLayout{}, part.NewToast(tone, text))}
	f.toasts.Refresh()
	stop := After(ToastTime, f.clearToast)
	f.hush = func() {
		stop()
		f.clearToast()
	}
}

func (f *Frame) clearToast() {
	f.toasts.Objects = nil
	f.toasts.Refresh()
	f.hush = func() {}
}

// toastLayout floats its object above the footer, in the middle.
type toastLayout struct{}

func (toastLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.Size{} }

func (toastLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	m := o[0].MinSize()
	o[0].Resize(m)
	o[0].Move(fyne.NewPos((size.Width-m.Width)/2, size.Height-m.Height-64))
}
