package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dingkao/exam/paper"
	"dingkao/sync/registry"
	rt "dingkao/sync/registry/registrytest"
	"dingkao/sync/wire"
)

// onFolder runs one command of the program on a data folder.
func onFolder(t *testing.T, data string, want int, args ...string) string {
	t.Helper()
	var out, errs bytes.Buffer
	if code := run(append(args, "--data", data), &out, &errs); code != want {
		t.Fatalf("registry %s: exit %d, want %d\n%s%s", strings.Join(args, " "), code, want, &out, &errs)
	}
	return out.String() + errs.String()
}

func TestPapersAreDrawnShownAndRescoredFromTheCommandLine(t *testing.T) {
	r := rt.Start(t)
	ctx := context.Background()
	bank := rt.Bank(12)
	body, err := paper.EncodeBank(bank)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Store.Update(ctx, func(tx registry.Tx) error {
		return tx.PutBank(registry.BankRecord{ID: bank.ID, Name: bank.Name, Questions: len(bank.Items), Size: len(body), Hash: wire.BlobHashOf(body), Body: body, Changed: 1})
	}); err != nil {
		t.Fatal(err)
	}
	open := bank
	open.ID, open.Open = "open-bank", true
	if body, err = paper.EncodeBank(open); err != nil {
		t.Fatal(err)
	}
	if err := r.Store.Update(ctx, func(tx registry.Tx) error {
		return tx.PutBank(registry.BankRecord{ID: open.ID, Name: open.Name, Open: true, Questions: len(open.Items), Size: len(body), Hash: wire.BlobHashOf(body), Body: body, Changed: 1})
	}); err != nil {
		t.Fatal(err)
	}
	cycle := []string{"--cycle", string(rt.CycleID)}
	draw := append([]string{"paper", "draw", "--questions", "10", "--bank", "test-bank", "--seed", "一", "--json"}, cycle...)
	var info registry.PaperInfo
	if err := json.Unmarshal([]byte(onFolder(t, r.Dir, exitOK, draw...)), &info); err != nil || info.Questions != 10 || info.PassMark != 600 {
		t.Fatalf("%+v %v", info, err)
	}
	onFolder(t, r.Dir, exitFailed, draw...) // the same seed: the same paper
	onFolder(t, r.Dir, exitUsage, append([]string{"paper", "draw", "--questions", "10"}, cycle...)...)
	onFolder(t, r.Dir, exitFailed, append([]string{"paper", "draw", "--questions", "13", "--bank", "test-bank"}, cycle...)...)
	if list := onFolder(t, r.Dir, exitOK, "paper", "list"); !strings.Contains(list, string(info.ID)) {
		t.Errorf("the list:\n%s", list)
	}
	id := string(info.ID)
	shown := onFolder(t, r.Dir, exitOK, "paper", "show", id) + onFolder(t, r.Dir, exitOK, "paper", "show", id, "--json")
	if !strings.Contains(shown, "选项4") || regexp.MustCompile(`(?i)"?answers?"?\s*:|答案`).MatchString(shown) {
		t.Errorf("the paper:\n%.600s", shown)
	}

	c := r.StartExam(t, rt.Doctor)
	if c.Seat.Paper != info.ID {
		t.Fatalf("the seat has paper %s", c.Seat.Paper)
	}
	c.Open(t)
	c.AnswerRight(t, 5)
	c.HandIn(t)
	c.Send(t)
	one := string(c.Seat.Sitting)
	if out := onFolder(t, r.Dir, exitOK, "rescore", one); !strings.Contains(out, "same, byte for byte") {
		t.Errorf("rescore:\n%s", out)
	}
	onFolder(t, r.Dir, exitUsage, "rescore")
	onFolder(t, r.Dir, exitUsage, "rescore", one, "--paper", id)
	void := string(c.Sitting.Terms.Questions[9])
	onFolder(t, r.Dir, exitUsage, "rescore", one, "--void", void, "--write")
	if out := onFolder(t, r.Dir, exitOK, "rescore", "--paper", id, "--void", void); !strings.Contains(out, "different") {
		t.Errorf("a dry run:\n%s", out)
	}
	var list []registry.Rescored
	if err := json.Unmarshal([]byte(onFolder(t, r.Dir, exitOK, "paper", "rescore", id, "--void", void, "--write", "--json")), &list); err != nil || len(list) != 1 || !list[0].Written || list[0].Now != 600 {
		t.Errorf("%+v %v", list, err)
	}
	if out := onFolder(t, r.Dir, exitOK, "paper", "rescore", id); !strings.Contains(out, "same, byte for byte") {
		t.Errorf("after it was written:\n%s", out)
	}
	items := onFolder(t, r.Dir, exitOK, "paper", "items", id, "--csv")
	if lines := strings.Split(strings.TrimSpace(items), "\n"); len(lines) != 11 || !strings.HasPrefix(lines[0], "题号,题目编号,答对") {
		t.Errorf("items:\n%s", items)
	}
	onFolder(t, r.Dir, exitOK, "audit", "verify")

	if out := onFolder(t, r.Dir, exitOK, append([]string{"paper", "draw", "--questions", "5", "--bank", "open-bank"}, cycle...)...); !strings.Contains(out, "open-bank is open") {
		t.Errorf("a live paper from an open bank, without a word:\n%s", out)
	}
	// Somebody gives the candidate a point in the scoring sheet.
	r.Stop()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(r.Dir, "registry.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	res, err := db.Exec("UPDATE sheets SET body = replace(body, $1, $2) WHERE digest = $3", `"points":600`, `"points":700`, list[0].Again)
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := res.RowsAffected(); n != 1 {
		t.Fatal("there is no such sheet")
	}
	for _, args := range [][]string{{"rescore", one}, {"audit", "verify"}} {
		if out := onFolder(t, r.Dir, exitFailed, args...); !strings.Contains(out, "different") && !strings.Contains(out, "评分记录") {
			t.Errorf("%s:\n%s", fmt.Sprint(args), out)
		}
	}
}
