package terminal

import (
	"bytes"
	"context"
	"image"
	_ "image/jpeg" // photographs
	_ "image/png"  // photographs
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/storage"

	"dingkao/exam"
	"dingkao/ui/part"
	"dingkao/ui/theme"
)

// Desktop is what the screens need of the PC itself: its files and its printer.
// cmd/terminal has it. Every error carries a sentence for the doctor.
type Desktop interface {
	// ReadFile reads a file of at most most bytes. Errors: NotFound, TooLarge, Refused.
	ReadFile(path string, most int) ([]byte, error)
	// WriteFile writes a file whole or not at all, and answers where it lies.
	WriteFile(path string, data []byte) (string, error)
	// Documents is the folder where saving begins.
	Documents() string
	// Print hands a PDF to the system's printer and answers what the system said.
	// Errors: NotFound (no printer, or no printing system), Refused.
	Print(ctx context.Context, name string, pdf []byte) (string, error)
	// Open shows a PDF in the system's own reader.
	Open(ctx context.Context, name string, pdf []byte) error
	// Draw is the first page as a picture. Error: NotFound where this PC has
	// nothing that draws a PDF.
	Draw(ctx context.Context, pdf []byte) (image.Image, error)
}

// windowOf is the window that shows an object, nil where there is none.
func windowOf(o fyne.CanvasObject) fyne.Window {
	c := part.CanvasOf(o)
	for _, w := range fyne.CurrentApp().Driver().AllWindows() {
		if w.Canvas() == c {
			return w
		}
	}
	return nil
}

// askFile asks for a picture by its path, or through the file dialog; then is
// told its name and its bytes, read elsewhere.
func (b *bench) askFile(title, words string, most int, take func(name string, data []byte, done func(error))) {
	c := b.canvas()
	if c == nil {
		return
	}
	path := part.NewEntry("文件的位置，可直接粘贴，也可以把文件拖进窗口")
	var d *part.Dialog
	submit := func(p string) {
		p = cleanPath(p)
		if p == "" {
			d.SetError("请先选择文件，或粘贴文件的位置")
			return
		}
		d.SetError("")
		d.SetBusy(true)
		b.readFile(p, most, func(data []byte, err error) {
			if err != nil {
				d.SetBusy(false)
				d.SetError(exam.SentenceOf(err))
				return
			}
			take(filepath.Base(p), data, func(err error) {
				d.SetBusy(false)
				if err != nil {
					d.SetError(exam.SentenceOf(err))
					return
				}
				d.Close()
			})
		})
	}
	browse := part.NewSecondary("浏览…", func() {
		b.browse(func(p string) {
			path.SetText(p)
			submit(p)
		})
	})
	body := part.Rows(part.NewText(words), container.NewBorder(nil, nil, nil, browse, path))
	d = part.ShowForm(c, title, 560, body, "上传", func(*part.Dialog) { submit(path.Text) })
	path.OnSubmitted = submit
	before := b.drop
	b.drop = func(p string) { path.SetText(p); submit(p) }
	d.OnClosed = func() { b.drop = before }
	d.FocusOn(path)
}

func (b *bench) readFile(path string, most int, then func([]byte, error)) {
	var data []byte
	b.run(func(context.Context) (err error) {
		data, err = b.desktop.ReadFile(path, most)
		return err
	}, func(err error) { then(data, err) })
}

// browse opens the toolkit's file dialog for pictures.
func (b *bench) browse(then func(path string)) {
	w := b.window()
	if w == nil {
		return
	}
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil || r == nil {
			return
		}
		p := r.URI().Path()
		_ = r.Close()
		then(p)
	}, w)
	d.SetFilter(storage.NewExtensionFileFilter([]string{".jpg", ".jpeg", ".png", ".JPG", ".JPEG", ".PNG"}))
	d.SetTitleText("选择图片")
	d.SetConfirmText("打开")
	d.SetDismissText("取消")
	if u, err := storage.ListerForURI(storage.NewFileURI(b.desktop.Documents())); err == nil {
		d.SetLocation(u)
	}
	d.Resize(fyne.NewSize(860, 560))
	d.Show()
}

// cleanPath is a path as typed or pasted, without quotes and file://.
func cleanPath(s string) string {
	s = strings.TrimSpace(s)
	s = strings.Trim(s, `"'`)
	return strings.TrimPrefix(s, "file://")
}

// picture fetches and decodes a stored picture; then is called on Fyne's goroutine.
func (b *bench) picture(h exam.BlobHash, then func(image.Image, error)) {
	if img, ok := b.seen[h]; ok {
		then(img, nil)
		return
	}
	var img image.Image
	b.run(func(ctx context.Context) error {
		data, err := b.doors.Picture(ctx, h)
		if err != nil {
			return err
		}
		img, _, err = image.Decode(bytes.NewReader(data))
		if err != nil {
			return exam.Wrap(exam.Damaged, err, "这张图片打不开，请重新上传")
		}
		return nil
	}, func(err error) {
		if err == nil {
			b.seen[h] = img
		}
		then(img, err)
	})
}

// enlarge shows a picture as large as the window allows.
func (b *bench) enlarge(blob exam.Blob) {
	c := b.canvas()
	if c == nil {
		return
	}
	b.picture(blob.Hash, func(img image.Image, err error) {
		if err != nil {
			b.toast(theme.Bad, exam.SentenceOf(err))
			return
		}
		showPicture(c, blob.Name, img)
	})
}

func showPicture(c fyne.Canvas, name string, img image.Image) {
	room := c.Size()
	w, h := room.Width-200, room.Height-220
	size := img.Bounds().Size()
	scale := min(w/float32(size.X), h/float32(size.Y), 3)
	var d *part.Dialog
	ok := part.NewPrimary("关闭", func() { d.Close() })
	width := max(float32(size.X)*scale, 300)
	d = part.ShowDialog(c, orElse(name, "图片"), width+8,
		container.NewCenter(part.Sized(float32(size.X)*scale, float32(size.Y)*scale, pictureOf(img))), ok, nil)
}

func cleanBase(path string) string { return filepath.Base(cleanPath(path)) }
