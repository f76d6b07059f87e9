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
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"dingkao/cmd/internal/pc"
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
	appID = "cn.dingkao.terminal"
	title = "医师定期考核"
)

func main() {
	c, err := pc.ReadConfig("terminal", os.Args[1:], os.Getenv)
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
func run(c pc.Config) int {
	if why := pc.NoDisplay(os.Getenv); why != "" {
		fmt.Fprintln(os.Stderr, why)
		return 1
	}
	outline.Listen() // nothing, but for the journey
	a := app.NewWithID(appID)
	theme.Install(a, theme.Options{HighContrast: c.HighContrast})
	if err := theme.Speak("zh"); err != nil {
		slog.Warn("words are missing", "err", err)
	}

	registry, err := client.New(client.Config{Address: c.Registry, Pins: c.Pins, Agent: "terminal/" + pc.Version})
	if err != nil {
		return pc.Tell(a, title, "还不能启动", exam.SentenceOf(err)+"\n\n"+c.WhereToSay(), err)
	}
	defer registry.Close()
	st, err := station.Open(station.Config{Path: c.Store(), Registry: registry, Machine: c.Name, Room: c.Room})
	if err != nil {
		return pc.Tell(a, title, "没有打开", exam.SentenceOf(err), err)
	}

	desktop := pc.NewDesktop(c.Shown())
	defer desktop.Close()
	screens := terminal.New(terminal.Config{Entrance: entrance{st}, Desktop: desktop, Memory: pc.NewMemory(c.Remembered()), Name: c.Name})
	window := shell.NewWindow(a, title, fyne.NewSize(1280, 800), screens.Nav())
	window.SetContent(part.Sized(1024, 700, screens.Nav().Object()))
	window.SetOnDropped(screens.Dropped)
	screens.Start()
	if ds := st.Damages(); len(ds) > 0 {
		shell.After(time.Second, func() { part.Tell(window.Canvas(), "数据文件损坏", ds[0].Sentence(), nil) })
	}

	return pc.Run(a, window, func(ctx context.Context) {
		if err := screens.Close(ctx); err != nil {
			slog.Warn("signing out", "err", err)
		}
		if err := st.Close(ctx); err != nil {
			slog.Error("closing the data file", "err", err)
		}
	})
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
