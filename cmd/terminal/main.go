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
	"log/slog"
	"time"

	"fyne.io/fyne/v2"

	"dingkao/cmd/internal/pc"
	"dingkao/exam"
	"dingkao/sync/client"
	"dingkao/sync/station"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/terminal"
)

const (
	appID = "cn.dingkao.terminal"
	title = "医师定期考核"
)

func main() { pc.Main("terminal", appID, run) }

// run opens, joins, runs, and closes in reverse.
func run(c pc.Config, a fyne.App) int {
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
