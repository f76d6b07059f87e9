// Terminal is the doctor's program, for PCs of testing centres and laptops.
//
// It opens the file in which everything typed is kept (sync/local, through
// sync/station), the line to the registry (sync/client) and one window with the
// screens (ui/terminal), joins them, and closes them in reverse. It never links
// the registry's own code.
//
//	terminal --registry URL --pin HEX --data DIR
//
// What a flag does not say, the environment may (DINGKAO_REGISTRY, DINGKAO_PIN,
// DINGKAO_DATA), and else terminal.json in the data folder.
package main

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
	"dingkao/sync/client"
	"dingkao/sync/station"
	"dingkao/ui/outline"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/terminal"
	"dingkao/ui/theme"
)

const (
	appID   = "cn.dingkao.terminal"
	title   = "医师定期考核"
	version = "0.1.0"
)

// closingTime bounds an orderly end. Behind it a hanging input method or a dead
// disk must not keep the program in memory: what was typed is on disk long before.
const closingTime = 15 * time.Second

func main() {
	c, err := readConfig(os.Args[1:], os.Getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		fmt.Fprintln(os.Stderr, exam.SentenceOf(err))
		os.Exit(2)
	}
	os.Exit(run(c))
}

// run opens, joins, runs, and closes in reverse.
func run(c config) int {
	if why := noDisplay(os.Getenv); why != "" {
		fmt.Fprintln(os.Stderr, why)
		return 1
	}
	outline.Listen() // nothing, but for the journey
	a := app.NewWithID(appID)
	theme.Install(a, theme.Options{HighContrast: c.HighContrast})
	if err := theme.Speak("zh"); err != nil {
		slog.Warn("words are missing", "err", err)
	}

	registry, err := client.New(client.Config{Address: c.Registry, Pins: c.Pins, Agent: "terminal/" + version})
	if err != nil {
		return tell(a, "还不能启动", exam.SentenceOf(err)+"\n\n登记处的地址和公钥指纹由管理员提供，可写在 "+c.file()+" 里，或用 --registry 和 --pin 指定。", err)
	}
	defer registry.Close()
	st, err := station.Open(station.Config{Path: c.store(), Registry: registry})
	if err != nil {
		return tell(a, "没有打开", exam.SentenceOf(err), err)
	}

	desktop := newDesktop(c.Data)
	defer desktop.close()
	screens := terminal.New(terminal.Config{Entrance: entrance{st}, Desktop: desktop, Memory: newMemory(c.remembered()), Name: c.Name})
	window := shell.NewWindow(a, title, fyne.NewSize(1280, 800), screens.Nav())
	window.SetContent(part.Sized(1024, 700, screens.Nav().Object()))
	window.SetOnDropped(screens.Dropped)
	screens.Start()
	if ds := st.Damages(); len(ds) > 0 {
		shell.After(time.Second, func() { part.Tell(window.Canvas(), "数据文件损坏", ds[0].Sentence(), nil) })
	}

	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		shell.Do(window.Close)
	}()
	shown := watchWindow(a, window)
	window.ShowAndRun()
	signal.Stop(signals)

	late := time.AfterFunc(closingTime, func() {
		slog.Warn("closing took too long; everything typed is on disk")
		os.Exit(1)
	})
	defer late.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), closingTime-2*time.Second)
	defer cancel()
	if err := screens.Close(ctx); err != nil {
		slog.Warn("signing out", "err", err)
	}
	if err := st.Close(ctx); err != nil {
		slog.Error("closing the data file", "err", err)
	}
	if !*shown {
		fmt.Fprintln(os.Stderr, noOpenGL)
		return 1
	}
	return 0
}

// entrance is the station as the screens declare it: its sessions are theirs.
type entrance struct{ *station.Station }

// SignIn enters with the registry.
func (e entrance) SignIn(ctx context.Context, c exam.Credentials) (terminal.Session, error) {
	return session(e.Station.SignIn(ctx, c))
}

// EnterOffline opens what lies on this PC.
func (e entrance) EnterOffline(ctx context.Context, c exam.Credentials) (terminal.Session, error) {
	return session(e.Station.EnterOffline(ctx, c))
}

// session keeps a nil pointer from becoming a session that is not nil.
func session(s *station.Session, err error) (terminal.Session, error) {
	if err != nil {
		return nil, err
	}
	return s, nil
}

// tell says in a window, and on the error output, why the program cannot start.
func tell(a fyne.App, head, text string, err error) int {
	slog.Error("cannot start", "err", err)
	fmt.Fprintln(os.Stderr, text)
	w := a.NewWindow(title)
	w.SetIcon(theme.Icon())
	w.SetContent(part.Page(part.NewFailed(head, text, part.NewPrimary("关闭", w.Close))))
	w.Resize(fyne.NewSize(560, 340))
	w.CenterOnScreen()
	watchWindow(a, w)
	w.ShowAndRun()
	return 1
}

// noOpenGL is what to do where the window system has no OpenGL.
const noOpenGL = "没有打开窗口：这台电脑的显示系统没有提供 OpenGL。\n" +
	"请安装显卡驱动；Linux 上可安装 libgl1-mesa-dri，Windows 上可把 Mesa 的 opengl32.dll 放在程序旁边。已填写的内容都在，没有改动。"

// noDisplay says what to do where there is nothing to show a window on; "" where there is.
func noDisplay(env func(string) string) string {
	if !needsDisplay || env("DISPLAY") != "" {
		return ""
	}
	return "没有打开窗口：这里没有图形桌面（环境变量 DISPLAY 是空的）。\n请在桌面环境里启动；没有桌面时，可以运行 make journey 看整个流程的图片。"
}

// watchWindow ends the program when the toolkit runs on without a window, which it
// does where OpenGL is missing. The answer is whether a window was there.
func watchWindow(a fyne.App, w fyne.Window) *bool {
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
