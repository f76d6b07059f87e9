// Package cmd_test holds the rules of the house: which room may open which
// door, what a terminal's program may not contain, and that Chinese text is
// punctuated as Chinese.
package cmd_test

import (
	"bytes"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "dingkao"

// doors says which of our rooms each room may import, beside itself.
var doors = map[string][]string{
	"cmd":     {"ui", "sync", "proctor", "exam", "assets"},
	"ui":      {"exam", "proctor", "assets"},
	"sync":    {"exam", "proctor"},
	"proctor": {"exam"},
	"exam":    {},
	"assets":  {},
}

type pkg struct {
	ImportPath                         string
	Imports, TestImports, XTestImports []string
	Deps                               []string
	GoFiles                            []string
}

func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-tags", "x11,migrated_fynedo", "-json=ImportPath,Imports,TestImports,XTestImports,Deps,GoFiles"}, args...)...)
	cmd.Dir = ".."
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var ps []pkg
	for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		ps = append(ps, p)
	}
	return ps
}

func room(path string) string {
	rest, ours := strings.CutPrefix(path, module+"/")
	if !ours {
		return ""
	}
	r, _, _ := strings.Cut(rest, "/")
	return r
}

func TestImportsGoOnlyThroughTheDoors(t *testing.T) {
	ps := list(t, "./...")
	if len(ps) < 10 {
		t.Fatalf("only %d packages were looked at", len(ps))
	}
	for _, p := range ps {
		from := room(p.ImportPath)
		open, known := doors[from]
		if !known {
			t.Errorf("%s is in no room of the house", p.ImportPath)
			continue
		}
		for _, to := range p.Imports {
			if r := room(to); r != "" && r != from && !slices.Contains(open, r) {
				t.Errorf("%s imports %s: no door leads from %s to %s", p.ImportPath, to, from, r)
			}
		}
		if p.ImportPath == module+"/sync" {
			t.Error("sync has Go files of its own: goimports would bind sync.Mutex to it")
		}
	}
}

// pure are the rooms without I/O, clock or randomness but a given seed.
func TestTheRulesReadNoClockAndOpenNoFile(t *testing.T) {
	forbidden := regexp.MustCompile(`^(os|net|net/http|math/rand|math/rand/v2|database/sql|crypto/rand|log|log/slog|os/exec|syscall)$`)
	for _, p := range list(t, "./exam/...") {
		for _, i := range p.Imports {
			if forbidden.MatchString(i) {
				t.Errorf("%s imports %s", p.ImportPath, i)
			}
		}
	}
	eachFile(t, "../exam", func(path string, f *ast.File, set *token.FileSet) {
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since" || s.Sel.Name == "Until") {
					t.Errorf("%s reads the clock", set.Position(n.Pos()))
				}
			}
			return true
		})
	})
}

func TestOnlyProgramsOpenTheWindowSystem(t *testing.T) {
	for _, p := range list(t, "./...") {
		if room(p.ImportPath) != "cmd" && slices.Contains(p.Imports, "fyne.io/fyne/v2/app") {
			t.Errorf("%s imports fyne's app: its tests would need a display", p.ImportPath)
		}
		if room(p.ImportPath) == "ui" {
			for _, i := range p.Imports {
				if i == "net/http" || i == "database/sql" || strings.Contains(i, "bbolt") || strings.Contains(i, "resty") {
					t.Errorf("%s imports %s: screens have no line and no database", p.ImportPath, i)
				}
			}
		}
	}
}

func TestTheTerminalHoldsNothingOfTheRegistry(t *testing.T) {
	for _, p := range list(t, "./cmd/terminal", "./cmd/desk") {
		for _, d := range p.Deps {
			if strings.HasPrefix(d, module+"/sync/registry") || strings.HasPrefix(d, "modernc.org/sqlite") ||
				strings.HasPrefix(d, "github.com/jackc/pgx") || d == "database/sql" {
				t.Errorf("%s links %s", p.ImportPath, d)
			}
		}
	}
}

// A comma, colon and the like between Chinese characters is the wide one: the
// narrow one looks like a slip on a screen and on the notice.
func TestChineseTextUsesChinesePunctuation(t *testing.T) {
	narrow := regexp.MustCompile(`\p{Han}[,;:?!]\p{Han}|\p{Han}[,;]$`)
	seen := 0
	for _, dir := range []string{"../exam", "../sync", "../ui", "../cmd", "../assets", "../proctor"} {
		eachFile(t, dir, func(path string, f *ast.File, set *token.FileSet) {
			ast.Inspect(f, func(n ast.Node) bool {
				if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
					seen++
					if m := narrow.FindString(l.Value); m != "" {
						t.Errorf("%s: %q has narrow punctuation: %s", set.Position(l.Pos()), m, l.Value)
					}
				}
				return true
			})
		})
	}
	if seen < 1000 {
		t.Errorf("only %d texts were looked at", seen)
	}
}

func eachFile(t *testing.T, dir string, f func(path string, file *ast.File, set *token.FileSet)) {
	t.Helper()
	set := token.NewFileSet()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if os.IsNotExist(err) {
			return nil
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		f(path, file, set)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
