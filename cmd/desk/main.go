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
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"dingkao/cmd/internal/pc"
	"dingkao/exam"
	"dingkao/sync/client"
	"dingkao/ui/desk"
	"dingkao/ui/outline"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

const (
	appID = "cn.dingkao.desk"
	title = "医师定期考核 · 工作台"
)

func main() {
	c, err := pc.ReadConfig("desk", os.Args[1:], os.Getenv)
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
