package demo_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dingkao/exam/bankio"
	"dingkao/exam/paper"
	"dingkao/sync/registry/demo"
)

func TestThePaperOfTheDemonstrationIsDrawnOnceFromTheSampleBanks(t *testing.T) {
	_, reg, today := making(t)
	ctx := context.Background()
	if err := demo.Make(ctx, reg, today, true); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob("../../../assets/bank/*.csv")
	if err != nil || len(files) == 0 {
		t.Fatal("there is no sample bank", err)
	}
	var banks []paper.Bank
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		rep, err := bankio.Read(f, bankio.Options{})
		f.Close()
		if err != nil {
			t.Fatal(err)
		}
		id := strings.TrimSuffix(filepath.Base(name), ".csv")
		banks = append(banks, paper.Bank{ID: paper.BankID(id), Name: id, Items: rep.Items})
	}
	for range 2 {
		if err := demo.MakeExam(ctx, reg, banks); err != nil {
			t.Fatal(err)
		}
	}
	list, err := reg.Papers(ctx, demo.CycleID)
	if err != nil || len(list) != 1 || list[0].Questions != 100 || list[0].Minutes != 60 {
		t.Errorf("%+v, %v", list, err)
	}
}
