package pc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"dingkao/exam"
)

// Desktop is the PC as the screens need it: files, the printer, the PDF reader.
// What differs between systems stands in desktop_unix.go and desktop_windows.go.
// Every error carries a sentence for people.
type Desktop struct {
	shown string // folder for files that another program was asked to show
}

// NewDesktop is the PC to a program that has the folder for files to be shown.
func NewDesktop(shown string) *Desktop {
	d := &Desktop{shown: shown}
	d.Close() // what a crash left
	return d
}

// Close removes the files that another program was asked to show.
func (d *Desktop) Close() { _ = os.RemoveAll(d.shown) }

// ReadFile reads a file of at most most bytes.
func (*Desktop) ReadFile(path string, most int) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, exam.Wrap(exam.NotFound, err, "没有找到这个文件，请核对位置后再试")
	case err != nil:
		return nil, exam.Wrap(exam.Refused, err, "这个文件读不了，请检查权限，或复制到别处再试")
	case info.IsDir():
		return nil, exam.Errorf(exam.Refused, "这是一个文件夹，请选择里面的图片文件")
	case !info.Mode().IsRegular():
		return nil, exam.Errorf(exam.Refused, "这不是一个普通文件，请另选一个")
	case info.Size() > int64(most):
		return nil, exam.Errorf(exam.TooLarge, "文件有%.1fMB，超过%dMB的上限，请压缩后再上传", float64(info.Size())/(1<<20), most>>20)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, exam.Wrap(exam.Refused, err, "这个文件读不了，请检查权限，或复制到别处再试")
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err != nil {
		return nil, exam.Wrap(exam.Refused, err, "读文件时出错，请复制到别处再试")
	}
	if len(data) > most {
		return nil, exam.Errorf(exam.TooLarge, "文件超过%dMB的上限，请压缩后再上传", most>>20)
	}
	return data, nil
}

// WriteFile writes a file whole or not at all, and answers where it lies.
func (*Desktop) WriteFile(path string, data []byte) (string, error) {
	if strings.HasPrefix(path, "~/") {
		if home, err := os.UserHomeDir(); err == nil {
			path = filepath.Join(home, path[2:])
		}
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return "", exam.Errorf(exam.Refused, "这是一个文件夹，请在后面加上文件名")
	}
	return write(path, data)
}

// write puts data in the place of the file at path; a crash leaves the old or the new.
func write(path string, data []byte) (string, error) {
	fail := func(err error) (string, error) {
		return "", exam.Wrap(exam.Refused, err, "没有保存成功，请检查这个位置的权限和磁盘空间，或换一个位置")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return fail(err)
	}
	if err := os.MkdirAll(filepath.Dir(abs), 0o755); err != nil {
		return fail(err)
	}
	f, err := os.CreateTemp(filepath.Dir(abs), ".saving-*")
	if err != nil {
		return fail(err)
	}
	_, err = f.Write(data)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), abs)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fail(err)
	}
	return abs, nil
}

// Documents is where saving begins: the user's documents, or else the home folder.
func (*Desktop) Documents() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return os.TempDir()
	}
	for _, name := range []string{"Documents", "文档"} {
		if info, err := os.Stat(filepath.Join(home, name)); err == nil && info.IsDir() {
			return filepath.Join(home, name)
		}
	}
	return home
}

// put writes a file for another program to read.
func (d *Desktop) put(name string, data []byte) (string, error) {
	if err := os.MkdirAll(d.shown, 0o700); err != nil {
		return "", exam.Wrap(exam.Refused, err, "磁盘上写不了临时文件，请检查磁盘空间")
	}
	return write(filepath.Join(d.shown, filepath.Base(name)), data)
}

// Print hands a PDF to the system's printer.
func (d *Desktop) Print(ctx context.Context, name string, pdf []byte) (string, error) {
	path, err := d.put(name, pdf)
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	return printFile(ctx, path)
}

// Open shows a PDF in the system's own reader.
func (d *Desktop) Open(ctx context.Context, name string, pdf []byte) error {
	path, err := d.put(name, pdf)
	if err != nil {
		return err
	}
	return openFile(ctx, path)
}

// Draw is the first page as a picture, by poppler's pdftoppm where it is installed.
func (*Desktop) Draw(ctx context.Context, pdf []byte) (image.Image, error) {
	program, err := exec.LookPath("pdftoppm")
	if err != nil {
		return nil, exam.Wrap(exam.NotFound, err, "这台电脑上没有能画出 PDF 的程序")
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "-png", "-r", "110", "-f", "1", "-l", "1", "-singlefile", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		return nil, exam.Wrap(exam.NotFound, fmt.Errorf("%w: %s", err, said.String()), "这份 PDF 没有画出来")
	}
	img, err := png.Decode(&out)
	if err != nil {
		return nil, exam.Wrap(exam.NotFound, err, "这份 PDF 没有画出来")
	}
	return img, nil
}
