package pc

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dingkao/exam"
)

func TestFlagsComeBeforeTheEnvironmentAndTheFile(t *testing.T) {
	dir := t.TempDir()
	file := `{"registry":"https://file","pins":["aa","bb"],"name":"3号考场07"}`
	if err := os.WriteFile(filepath.Join(dir, "terminal.json"), []byte(file), 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{}
	read := func(args ...string) Config {
		t.Helper()
		c, err := ReadConfig("terminal", args, func(k string) string { return env[k] })
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	if c := read("--data", dir); c.Registry != "https://file" || len(c.Pins) != 2 || c.Name != "3号考场07" {
		t.Errorf("file: %+v", c)
	}
	env["DINGKAO_DATA"], env["DINGKAO_REGISTRY"], env["DINGKAO_PIN"] = dir, "https://env", "cc"
	if c := read(); c.Registry != "https://env" || len(c.Pins) != 1 || c.Name == "" {
		t.Errorf("environment: %+v", c)
	}
	if c := read("--registry", "https://flag", "--pin", "dd,ee"); c.Registry != "https://flag" || len(c.Pins) != 2 || c.Data != dir {
		t.Errorf("flags: %+v", c)
	}
	if _, err := ReadConfig("terminal", []string{"--nonsense"}, os.Getenv); exam.KindOf(err) != exam.Invalid {
		t.Errorf("an unknown flag: %v", err)
	}
	if _, err := ReadConfig("terminal", []string{"--help"}, os.Getenv); !errors.Is(err, flag.ErrHelp) {
		t.Errorf("--help: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "terminal.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadConfig("terminal", []string{"--data", dir}, os.Getenv); exam.KindOf(err) != exam.Invalid {
		t.Errorf("a broken file: %v", err)
	}
}

func TestFilesAreReadWithinBoundsAndWrittenWhole(t *testing.T) {
	dir := t.TempDir()
	d := NewDesktop(filepath.Join(dir, "shown"))
	where, err := d.WriteFile(filepath.Join(dir, "new", "notice.pdf"), []byte("one"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.WriteFile(where, []byte("second")); err != nil {
		t.Fatal(err)
	}
	if b, err := d.ReadFile(where, 100); err != nil || string(b) != "second" {
		t.Errorf("%q %v", b, err)
	}
	left, _ := os.ReadDir(filepath.Dir(where))
	if len(left) != 1 {
		t.Errorf("%d files, want the notice alone", len(left))
	}
	for _, c := range []struct {
		path string
		most int
		kind exam.Kind
	}{{where, 3, exam.TooLarge}, {dir, 100, exam.Refused}, {filepath.Join(dir, "none"), 100, exam.NotFound}} {
		if _, err := d.ReadFile(c.path, c.most); exam.KindOf(err) != c.kind {
			t.Errorf("%s: %v, want %s", c.path, err, c.kind)
		}
	}
	if _, err := d.WriteFile(dir, nil); exam.KindOf(err) != exam.Refused {
		t.Errorf("a folder was overwritten: %v", err)
	}
}

func TestWithoutADisplayItSaysWhatToDo(t *testing.T) {
	if needsDisplay && !strings.Contains(NoDisplay(func(string) string { return "" }), "DISPLAY") {
		t.Error("nothing is said")
	}
	if why := NoDisplay(func(string) string { return ":0" }); why != "" {
		t.Error(why)
	}
}

func TestAPrinterThatIsNotThereIsSaid(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	d := NewDesktop(t.TempDir())
	if _, err := d.Print(t.Context(), "x.pdf", []byte("%PDF")); exam.KindOf(err) != exam.NotFound {
		t.Errorf("printed without a printer: %v", err)
	}
	if _, err := d.Draw(t.Context(), []byte("%PDF")); exam.KindOf(err) != exam.NotFound {
		t.Errorf("drawn without a program that draws: %v", err)
	}
}

func TestWhatIsRememberedOutlivesTheProgram(t *testing.T) {
	path := filepath.Join(t.TempDir(), "remembered.json")
	NewMemory(path).SetString("province", "14")
	if got := NewMemory(path).String("province"); got != "14" {
		t.Errorf("%q", got)
	}
}
