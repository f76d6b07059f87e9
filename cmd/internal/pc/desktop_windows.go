package pc

import (
	"context"

	"golang.org/x/sys/windows"

	"dingkao/exam"
)

const needsDisplay = false

func shell32(verb, path string) error {
	v, err := windows.UTF16PtrFromString(verb)
	if err != nil {
		return err
	}
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return err
	}
	return windows.ShellExecute(0, v, p, nil, nil, windows.SW_SHOWNORMAL)
}

// printFile asks the program that is registered for PDF files to print.
func printFile(_ context.Context, path string) (string, error) {
	if err := shell32("print", path); err != nil {
		return "", exam.Wrap(exam.NotFound, err, "没有能打印 PDF 的程序，请安装 PDF 阅读器，或先保存再打印")
	}
	return "已交给 PDF 阅读程序打印，请到打印机取纸。", nil
}

// openFile asks the program that is registered for PDF files.
func openFile(_ context.Context, path string) error {
	if err := shell32("open", path); err != nil {
		return exam.Wrap(exam.NotFound, err, "没有能打开 PDF 的程序，请安装 PDF 阅读器，或先保存")
	}
	return nil
}
