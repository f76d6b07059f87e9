//go:build !windows

package pc

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"

	"dingkao/exam"
)

const needsDisplay = runtime.GOOS != "darwin"

// printFile asks CUPS. The file is CUPS's own once lp has answered.
func printFile(ctx context.Context, path string) (string, error) {
	program, err := exec.LookPath("lp")
	if err != nil {
		return "", exam.Wrap(exam.NotFound, err, "这台电脑没有安装打印服务（CUPS），请联系管理员安装")
	}
	out, err := exec.CommandContext(ctx, program, "-t", "考核结果通知书", "--", path).CombinedOutput()
	said := strings.TrimSpace(string(out))
	if err != nil {
		return "", exam.Wrap(exam.NotFound, fmt.Errorf("%w: %s", err, said), "没有找到可用的打印机，请检查打印机是否已连接并设为默认")
	}
	if _, job, ok := strings.Cut(said, "request id is "); ok {
		job, _, _ = strings.Cut(job, " ")
		return "打印任务 " + job + " 已提交，请到打印机取纸。", nil
	}
	return "打印任务已提交，请到打印机取纸。", nil
}

// openFile asks the desktop.
func openFile(_ context.Context, path string) error {
	program, err := exec.LookPath("xdg-open")
	if err != nil {
		return exam.Wrap(exam.NotFound, err, "这台电脑没有能打开 PDF 的程序，请先保存，再到别的电脑上打开")
	}
	cmd := exec.Command(program, path)
	if err := cmd.Start(); err != nil {
		return exam.Wrap(exam.NotFound, err, "没有打开 PDF 阅读程序，请先保存，再自行打开")
	}
	go func() { _ = cmd.Wait() }() // the reader lives as long as it likes
	return nil
}
