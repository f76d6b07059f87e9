package pc

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"fyne.io/fyne/v2/driver"

	"dingkao/exam"
	"dingkao/ui/outline"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// Version is the version of the programs.
const Version = "0.1.0"

// closingTime bounds an orderly end. Behind it a hanging input method or a dead
// disk must not keep the program in memory: what was typed is on disk long before.
const closingTime = 15 * time.Second

// Main reads what the program is told, makes the toolkit's application and runs
// the program with it; it ends the process with what run answers.
func Main(program, appID string, run func(Config, fyne.App) int) {
	c, err := ReadConfig(program, os.Args[1:], os.Getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, exam.SentenceOf(err))
		os.Exit(2)
	}
	if why := NoDisplay(os.Getenv); why != "" {
		fmt.Fprintln(os.Stderr, why)
		os.Exit(1)
	}
	outline.Listen() // nothing, but for the journey
	a := app.NewWithID(appID)
	theme.Install(a, theme.Options{HighContrast: c.HighContrast})
	if err := theme.Speak("zh"); err != nil {
		slog.Warn("words are missing", "err", err)
	}
	os.Exit(run(c, a))
}

// Run shows the window until it is closed, by its user or by a signal, and then
// closes what lies behind it, in bounded time. It answers the program's exit code.
func Run(a fyne.App, w fyne.Window, closing func(ctx context.Context)) int {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		shell.Do(w.Close)
	}()
	shown := watch(a, w)
	w.ShowAndRun()
	signal.Stop(signals)

	late := time.AfterFunc(closingTime, func() {
		slog.Warn("closing took too long; everything acknowledged is on disk")
		os.Exit(1)
	})
	defer late.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), closingTime-2*time.Second)
	defer cancel()
	closing(ctx)
	if !*shown {
		fmt.Fprintln(os.Stderr, noOpenGL)
		return 1
	}
	return 0
}

// Tell says in a window, and on the error output, why the program cannot start.
func Tell(a fyne.App, title, head, text string, err error) int {
	slog.Error("cannot start", "err", err)
	fmt.Fprintln(os.Stderr, text)
	w := a.NewWindow(title)
	w.SetIcon(theme.Icon())
	w.SetContent(part.Page(part.NewFailed(head, text, part.NewPrimary("关闭", w.Close))))
	w.Resize(fyne.NewSize(560, 340))
	w.CenterOnScreen()
	watch(a, w)
	w.ShowAndRun()
	return 1
}

// noOpenGL is what to do where the window system has no OpenGL.
const noOpenGL = "没有打开窗口：这台电脑的显示系统没有提供 OpenGL。\n" +
	"请安装显卡驱动；Linux 上可安装 libgl1-mesa-dri，Windows 上可把 Mesa 的 opengl32.dll 放在程序旁边。已保存的内容都在，没有改动。"

// NoDisplay says what to do where there is nothing to show a window on; "" where there is.
func NoDisplay(env func(string) string) string {
	if !needsDisplay || env("DISPLAY") != "" {
		return ""
	}
	return "没有打开窗口：这里没有图形桌面（环境变量 DISPLAY 是空的）。\n请在桌面环境里启动；没有桌面时，可以运行 make journey 看整个流程的图片。"
}

// watch ends the program when the toolkit runs on without a window, which it
// does where OpenGL is missing. The answer is whether a window was there.
func watch(a fyne.App, w fyne.Window) *bool {
	there := new(bool)
	a.Lifecycle().SetOnStarted(func() {
		n, ok := w.(driver.NativeWindow)
		if !ok {
			*there = true
			return
		}
		n.RunNative(func(context any) { *there = handle(context) != 0 })
		if !*there {
			a.Quit()
		}
	})
	return there
}

func handle(context any) uintptr {
	switch c := context.(type) {
	case driver.X11WindowContext:
		return c.WindowHandle
	case driver.WindowsWindowContext:
		return c.HWND
	}
	return 1 // a window system that tells no handle
}
