package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"dingkao/assets"
	"dingkao/exam"
	"dingkao/exam/bankio"
	"dingkao/exam/paper"
	"dingkao/sync/registry"
	"dingkao/sync/registry/node"
)

// imported is how an import of a bank went. Questions and answers are not in it:
// what is printed may be read by anyone who looks on.
type imported struct {
	Bank      *registry.BankIn `json:"bank"` // null: nothing was imported
	Added     int              `json:"added"`
	Duplicate int              `json:"duplicate"`
	Refused   int              `json:"refused"`
	Notes     []string         `json:"notes,omitempty"`
	Rows      []bankio.Row     `json:"rows"`
}

func bankImport(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	var b paper.Bank
	fs.StringVar((*string)(&b.ID), "id", "", "the bank's `id`, such as law: letters, digits and -_. · 题库编号")
	fs.StringVar(&b.Name, "name", "", "its `name` as doctors see it · 题库名称")
	sealed := fs.Bool("sealed", false, "for live papers only: no terminal ever gets it · 保密题库，不供练习")
	replace := fs.Bool("replace", false, "replace the bank that has this id · 替换同编号的题库")
	partial := fs.Bool("partial", false, "import the good rows although others are refused · 有问题的行跳过，其余导入")
	dry := fs.Bool("dry-run", false, "only say what would happen · 只检查，不导入")
	return func(ctx context.Context, out *output, args []string) error {
		path, err := one(args, "FILE.xlsx or FILE.csv")
		if err != nil {
			return err
		}
		if !b.ID.Valid() || b.Name == "" {
			return usageError("--id and --name are required; an id is of letters, digits and -_.")
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		o := bankio.Options{}
		if !out.json {
			o.Progress = func(rows int) { fmt.Fprintf(out.errw, "%d rows read · 已读取%d行\n", rows, rows) }
		}
		rep, err := bankio.Read(f, o)
		if err != nil {
			return err
		}
		in := imported{Added: rep.Added, Duplicate: rep.Duplicate, Refused: rep.Refused, Notes: rep.Notes, Rows: rep.Rows}
		b.Open, b.Items = !*sealed, rep.Items
		if *dry || rep.Refused > 0 && !*partial {
			said := "nothing was imported: only checked · 仅检查，没有导入"
			if !*dry {
				said = "nothing was imported: correct the rows above, or import the others with --partial · 没有导入，请改正以上各行，或加 --partial 只导入其余各行"
			}
			out.result(in, "%s%s\n", rep.Text(), said)
			if rep.Refused > 0 {
				return errReported
			}
			return nil
		}
		return p.with(ctx, func(n *node.Node) error {
			made, err := n.PutBank(ctx, b, *replace)
			if err != nil {
				return err
			}
			in.Bank = &made
			out.result(in, "%s%s %s: %s, %d questions, %s, %d bytes\n", rep.Text(), made.Result, made.ID, made.Name, made.Questions, access(made.Open), made.Size)
			if rep.Refused > 0 {
				return errReported
			}
			return nil
		})
	}
}

func access(open bool) string {
	if open {
		return "open"
	}
	return "sealed"
}

func bankList(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			list, err := n.ListBanks(ctx)
			if err != nil {
				return err
			}
			rows := [][]string{{"ID", "NAME", "ACCESS", "QUESTIONS", "BYTES", "CHANGED"}}
			for _, b := range list {
				rows = append(rows, []string{string(b.ID), b.Name, access(b.Open), fmt.Sprint(b.Questions), fmt.Sprint(b.Size), b.Changed.Text()})
			}
			if list == nil {
				list = []registry.BankIn{}
			}
			out.table(list, rows)
			return nil
		})
	}
}

func bankExport(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	return func(ctx context.Context, out *output, args []string) error {
		if len(args) != 2 {
			return usageError("want two operands: ID and FILE.xlsx or FILE.csv, which must not exist")
		}
		id, path := paper.BankID(args[0]), args[1]
		write := map[string]func(io.Writer, []paper.Item) error{".xlsx": bankio.WriteXLSX, ".csv": bankio.WriteCSV}[strings.ToLower(filepath.Ext(path))]
		if write == nil {
			return usageError("FILE must end in .xlsx or .csv")
		}
		return p.with(ctx, func(n *node.Node) error {
			b, err := n.ReadBank(ctx, id)
			if err != nil {
				return err
			}
			var file bytes.Buffer
			if err := write(&file, b.Items); err != nil {
				return err
			}
			if err := writeNew(path, file.Bytes()); err != nil {
				return err
			}
			out.result(map[string]any{"file": path, "bank": b.ID, "questions": len(b.Items), "bytes": file.Len()},
				"%s: %d questions with their answers; keep the file as safe as the bank\n", path, len(b.Items))
			return nil
		})
	}
}

// writeNew writes a file that must not exist, for its owner alone; a write that
// fails leaves none.
func writeNew(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		_ = os.Remove(path)
	}
	return err
}

func bankTemplate(*flag.FlagSet) func(context.Context, *output, []string) error {
	return func(_ context.Context, out *output, args []string) error {
		path, err := one(args, "FILE.xlsx")
		if err != nil {
			return err
		}
		var file bytes.Buffer
		if err := bankio.WriteTemplate(&file); err != nil {
			return err
		}
		if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
			return err
		}
		out.result(map[string]any{"file": path, "columns": bankio.Columns}, "%s: %s\n", path, strings.Join(bankio.Columns, "、"))
		return nil
	}
}

// sampleBanks are the banks that the programs carry inside themselves. They are
// open: whoever practises may see them, and the demonstration's exam is drawn from
// them. A real exam is drawn from sealed ones.
func sampleBanks() ([]paper.Bank, error) {
	var banks []paper.Bank
	for _, s := range assets.SampleBanks() {
		b, err := sampleBank(s)
		if err != nil {
			return nil, err
		}
		banks = append(banks, b)
	}
	return banks, nil
}

func sampleBank(s assets.SampleBank) (paper.Bank, error) {
	rep, err := bankio.Read(bytes.NewReader(s.CSV), bankio.Options{})
	if err == nil && rep.Refused > 0 {
		err = exam.Errorf(exam.Internal, "%s", rep.Text())
	}
	return paper.Bank{ID: paper.BankID(s.ID), Name: s.Name, Open: true, Items: rep.Items}, err
}
