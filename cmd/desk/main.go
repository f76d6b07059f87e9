// Desk is the staff's program: institutions, assessors and the issuing
// authority.
//
// It joins the line to the registry (sync/client) with the screens (ui/desk).
// Nothing of a dossier is kept on the PC; a decision is made when the registry
// has answered, and not before. It never links the registry's own code.
//
//	desk --registry URL --pin HEX
//
// What a flag does not say, the environment may (DINGKAO_REGISTRY, DINGKAO_PIN,
// DINGKAO_DATA), and else desk.json in the data folder.
package main

import (
	"context"
	"log/slog"

	"fyne.io/fyne/v2"

	"dingkao/cmd/internal/pc"
	"dingkao/exam"
	"dingkao/sync/client"
	"dingkao/ui/desk"
	"dingkao/ui/part"
	"dingkao/ui/shell"
)

const (
	appID = "cn.dingkao.desk"
	title = "医师定期考核 · 工作台"
)

func main() { pc.Main("desk", appID, run) }

// run opens, joins, runs, and closes in reverse.
func run(c pc.Config, a fyne.App) int {
	registry, err := client.New(client.Config{Address: c.Registry, Pins: c.Pins, Agent: "desk/" + pc.Version})
	if err != nil {
		return pc.Tell(a, title, "还不能启动", exam.SentenceOf(err)+"\n\n"+c.WhereToSay(), err)
	}
	defer registry.Close()

	desktop := pc.NewDesktop(c.Shown())
	defer desktop.Close()
	screens := desk.New(desk.Config{Entrance: entrance{registry}, Desktop: desktop, Memory: pc.NewMemory(c.Remembered()), Name: c.Name})
	window := shell.NewWindow(a, title, fyne.NewSize(1360, 860), screens.Nav())
	window.SetContent(part.Sized(1024, 700, screens.Nav().Object()))
	screens.Start()
	return pc.Run(a, window, func(ctx context.Context) {
		if err := screens.Close(ctx); err != nil {
			slog.Warn("signing out", "err", err)
		}
	})
}

// entrance is the registry as the screens declare it: its sessions are theirs.
type entrance struct{ *client.Registry }

// SignIn lets staff in; doctors have a program of their own.
func (e entrance) SignIn(ctx context.Context, c exam.Credentials) (desk.Session, error) {
	s, err := e.SignInStaff(ctx, c)
	if err != nil {
		return nil, err
	}
	return s, nil
}
