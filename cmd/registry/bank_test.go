package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dingkao/assets"
	"dingkao/exam/bankio"
	"dingkao/exam/paper"
)

// The programs' own banks must come in whole: each question with its explanation
// and its legal basis or other source, together enough for six different rounds.
func TestTheSampleBanksAreWholeAndLargeEnough(t *testing.T) {
	total := 0
	seen := map[paper.QuestionID]bool{}
	for _, s := range assets.SampleBanks() {
		b, err := sampleBank(s)
		if err != nil {
			t.Fatalf("%s: %v", s.ID, err)
		}
		if _, err := paper.EncodeBank(b); err != nil {
			t.Errorf("%s: %v", s.ID, err)
		}
		for i, it := range b.Items {
			if it.Explanation == "" || it.LegalBasis == "" || it.Chapter == "" {
				t.Errorf("%s: question %d has no explanation, basis or chapter: %s", s.ID, i+1, it.Stem)
			}
			if seen[it.ID] {
				t.Errorf("%s: question %d stands twice: %s", s.ID, i+1, it.Stem)
			}
			seen[it.ID] = true
		}
		total += len(b.Items)
	}
	if total < 300 {
		t.Errorf("%d questions, want 300 at least", total)
	}
}

// said runs a command and answers what it printed.
func said(t *testing.T, want int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if got := run(args, &out, &errs); got != want {
		t.Fatalf("registry %s: exit code %d, want %d\n%s%s", strings.Join(args, " "), got, want, &out, &errs)
	}
	return out.String()
}

func TestABankIsImportedWholeOrNotAtAll(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	good := filepath.Join(dir, "good.csv")
	if err := os.WriteFile(good, assets.SampleBanks()[0].CSV, 0o600); err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(assets.SampleBanks()[0].CSV), "\n")
	broken := filepath.Join(dir, "broken.csv")
	if err := os.WriteFile(broken, []byte(strings.Join(lines[:4], "")+"A1,,,没有选项,,,,,,A,,,,,,,\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	list := func() []struct {
		ID        string
		Open      bool
		Questions int
	} {
		var banks []struct {
			ID        string
			Open      bool
			Questions int
		}
		if err := json.Unmarshal([]byte(said(t, exitOK, "bank", "list", "--json", "--data", data)), &banks); err != nil {
			t.Fatal(err)
		}
		return banks
	}
	report := said(t, exitFailed, "bank", "import", broken, "--id", "law", "--name", "法规", "--data", data)
	if !strings.Contains(report, "第5行：未导入") || !strings.Contains(report, "nothing was imported") || len(list()) != 0 {
		t.Errorf("a file with a bad row was taken in: %s", report)
	}
	var in imported
	if err := json.Unmarshal([]byte(said(t, exitFailed, "bank", "import", broken, "--id", "law", "--name", "法规", "--partial", "--json", "--data", data)), &in); err != nil {
		t.Fatal(err)
	}
	if in.Bank == nil || in.Bank.Questions != 3 || in.Refused != 1 || len(in.Rows) != 4 {
		t.Errorf("with --partial: %+v", in)
	}
	said(t, exitFailed, "bank", "import", good, "--id", "law", "--name", "法规", "--data", data) // it is there
	said(t, exitFailed, "bank", "import", good, "--id", "law", "--name", "法规", "--replace", "--sealed", "--data", data)
	said(t, exitOK, "bank", "import", good, "--id", "law", "--name", "法规", "--replace", "--data", data)
	said(t, exitOK, "bank", "import", good, "--id", "exam", "--name", "正式", "--sealed", "--data", data)
	if got := list(); len(got) != 2 || got[0].ID != "exam" || got[0].Open || got[1].Questions != 249 || !got[1].Open {
		t.Errorf("banks %+v", got)
	}
	said(t, exitUsage, "bank", "import", good, "--id", "a b", "--name", "法规", "--data", data)
	said(t, exitOK, "bank", "import", good, "--id", "third", "--name", "法规", "--dry-run", "--data", data)
	if got := list(); len(got) != 2 {
		t.Errorf("a dry run made a bank: %+v", got)
	}

	// What is exported comes in again unchanged.
	for _, name := range []string{"out.xlsx", "out.csv"} {
		path := filepath.Join(dir, name)
		said(t, exitOK, "bank", "export", "law", path, "--data", data)
		said(t, exitFailed, "bank", "export", "law", path, "--data", data) // never over another file
		if got := said(t, exitOK, "bank", "import", path, "--id", "law", "--name", "法规", "--replace", "--data", data); !strings.Contains(got, "unchanged law") {
			t.Errorf("%s: %s", name, got)
		}
	}
	said(t, exitUsage, "bank", "export", "law", filepath.Join(dir, "out.pdf"), "--data", data)
	said(t, exitFailed, "bank", "export", "none", filepath.Join(dir, "none.csv"), "--data", data)

	template := filepath.Join(dir, "template.xlsx")
	said(t, exitOK, "bank", "template", template)
	f, err := os.Open(template)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := bankio.Read(f, bankio.Options{}); err != nil {
		t.Errorf("the template does not read: %v", err)
	}
	if got := said(t, exitOK, "audit", "verify", "--data", data); !strings.Contains(got, "clean") {
		t.Error(got)
	}
}
