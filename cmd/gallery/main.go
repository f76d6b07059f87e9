// Gallery shows every screen in every state, without server or camera.
//
// `gallery --out DIR` draws each exhibit into DIR/<name>.png and needs no display; `gallery` alone opens a
// window to browse them. `--only PREFIX` keeps to the exhibits whose name begins so, `--list` names them.
package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"dingkao/ui/part"
)

// rooms are the packages that have screens to show; each registers itself in a file of its own here.
var rooms []room

type room struct {
	name string
	list func() []part.Exhibit
}

// register adds a room. Call it from init.
func register(name string, list func() []part.Exhibit) { rooms = append(rooms, room{name, list}) }

// exhibits are those of every room whose name begins with prefix.
func exhibits(prefix string) []part.Exhibit {
	var out []part.Exhibit
	for _, r := range rooms {
		for _, e := range r.list() {
			if strings.HasPrefix(e.Name, prefix) {
				out = append(out, e)
			}
		}
	}
	return out
}

// exhibitsLike are those whose name or title holds query.
func exhibitsLike(list []part.Exhibit, query string) []part.Exhibit {
	var out []part.Exhibit
	for _, e := range list {
		if strings.Contains(e.Name, query) || strings.Contains(e.Title, query) {
			out = append(out, e)
		}
	}
	return out
}

func main() {
	out := flag.String("out", "", "write a PNG of each screen into this folder, without a display")
	only := flag.String("only", "", "only exhibits whose name begins with this")
	list := flag.Bool("list", false, "only name the exhibits")
	contrast := flag.Bool("contrast", false, "high contrast")
	flag.Parse()
	switch {
	case *list:
		for _, e := range exhibits(*only) {
			fmt.Printf("%-40s %s\n", e.Name, e.Title)
		}
	case *out != "":
		if err := draw(*out, exhibits(*only), *contrast); err != nil {
			fmt.Fprintln(os.Stderr, "gallery:", err)
			os.Exit(1)
		}
	default:
		browse(exhibits(*only), *contrast)
	}
}
