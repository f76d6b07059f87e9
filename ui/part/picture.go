package part

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"

	"dingkao/ui/theme"
)

// Photo shows a portrait, or a placeholder where there is none, three by four.
type Photo struct {
	box
	img *canvas.Image
}

// NewPhoto is that wide, and a third higher.
func NewPhoto(width float32) *Photo {
	p := &Photo{img: canvas.NewImageFromResource(theme.Avatar())}
	p.img.FillMode = canvas.ImageFillContain
	p.img.SetMinSize(fyne.NewSize(width-2, width*4/3-2))
	p.img.CornerRadius = theme.Radius
	edge := canvas.NewRectangle(theme.Paint(theme.ColorSoft))
	edge.CornerRadius, edge.StrokeWidth, edge.StrokeColor = theme.Radius, 1, theme.Paint(theme.ColorLine)
	p.root = container.NewStack(edge, inset(p.img, 1, 1))
	p.ExtendBaseWidget(p)
	return p
}

// SetImage shows a picture; nil brings the placeholder back.
func (p *Photo) SetImage(img image.Image) {
	p.img.Resource, p.img.Image = theme.Avatar(), nil
	if img != nil {
		p.img.Resource, p.img.Image = nil, img
	}
	p.img.Refresh()
}

// NewPhotoField puts words and buttons beside a photo: what is asked of it, 选择照片, and what is wrong.
func NewPhotoField(p *Photo, words fyne.CanvasObject, buttons ...fyne.CanvasObject) fyne.CanvasObject {
	return Beside(p, tight(theme.Gap+2, words, Flow(buttons...)), theme.Space)
}

// Beside puts a small thing before one that takes the remaining width, both at the top, with that gap.
func Beside(lead, rest fyne.CanvasObject, gap float32) *fyne.Container {
	return container.New(&besideLayout{gap}, lead, rest)
}

type besideLayout struct{ gap float32 }

func (l *besideLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	a, b := o[0].MinSize(), o[1].MinSize()
	return fyne.NewSize(a.Width+l.gap+b.Width, max(a.Height, b.Height))
}

func (l *besideLayout) Layout(o []fyne.CanvasObject, size fyne.Size) {
	a := o[0].MinSize()
	o[0].Move(fyne.Position{})
	o[0].Resize(a)
	x := a.Width + l.gap
	o[1].Move(fyne.NewPos(x, 0))
	o[1].Resize(fyne.NewSize(max(size.Width-x, 1), max(o[1].MinSize().Height, 1)))
}

// Thumb is one file of a Thumbs.
type Thumb struct {
	Name string
	// Image may be nil: then a drawing stands for it.
	Image image.Image
}

// Thumbs shows proofs as small pictures with their names, and a tile to add one.
type Thumbs struct {
	box
	// OnOpen and OnDelete are told the file; OnAdd is the tile. Nil leaves each out.
	OnOpen, OnDelete func(i int)
	OnAdd            func()
	most             int
	flow             *fyne.Container
}

// NewThumbs takes at most most files; set the callbacks, then call Set.
func NewThumbs(most int) *Thumbs {
	t := &Thumbs{most: most, flow: container.New(&flowLayout{gap: theme.Gap, top: true})}
	t.root = t.flow
	t.ExtendBaseWidget(t)
	return t
}

// Set shows these files.
func (t *Thumbs) Set(files []Thumb) {
	t.flow.Objects = nil
	for i, f := range files {
		var face fyne.CanvasObject = container.NewCenter(NewGlyph("photo", theme.ColorInkMuted, 32))
		if f.Image != nil {
			img := canvas.NewImageFromImage(f.Image)
			img.FillMode = canvas.ImageFillContain
			face = img
		}
		edge := canvas.NewRectangle(theme.Paint(theme.ColorSoft))
		edge.CornerRadius, edge.StrokeWidth, edge.StrokeColor = theme.Radius, 1, theme.Paint(theme.ColorLine)
		buttons := Row()
		if t.OnOpen != nil {
			buttons.Add(NewQuiet("查看", func() { t.OnOpen(i) }).Small())
		}
		if t.OnDelete != nil {
			buttons.Add(NewQuiet("删除", func() { t.OnDelete(i) }).Small())
		}
		name := clipped(f.Name, theme.SizeSmall)
		name.Alignment = fyne.TextAlignCenter
		t.flow.Add(Sized(132, 0, tight(2, container.NewStack(edge, Sized(132, 96, inset(face, 4, 4))),
			container.New(flush{}, name), container.NewCenter(buttons))))
	}
	if t.OnAdd != nil && len(files) < t.most {
		add := NewSecondary("上传", func() { t.OnAdd() }).WithGlyph("upload")
		t.flow.Add(Sized(132, 96, add))
	}
	if len(t.flow.Objects) == 0 {
		t.flow.Add(NewMuted("暂无材料"))
	}
	t.flow.Refresh()
}
