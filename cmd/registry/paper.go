package main

import (
	"context"
	"crypto/rand"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/registry"
	"dingkao/sync/registry/node"
)

func paperDraw(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	cycle := fs.String("cycle", "", "the cycle's `id` · 考核周期编号")
	file := fs.String("blueprint", "", "a blueprint as JSON (`FILE`) · 组卷方案")
	count := fs.Int("questions", 0, "how many `questions`, drawn in equal parts from each --bank · 题量")
	title := fs.String("title", "", "the paper's `title` (default: after the cycle) · 试卷名称")
	text := fs.String("seed", "", "any `text`: the same banks and seed give the same paper (default: random) · 种子")
	var banks []string
	fs.Func("bank", "a bank's `id` (may be repeated) · 题库编号", func(s string) error {
		banks = append(banks, s)
		return nil
	})
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		var b paper.Blueprint
		switch {
		case *cycle == "":
			return usageError("--cycle is required")
		case *file != "" && (*count != 0 || len(banks) > 0):
			return usageError("want either --blueprint or --questions with --bank")
		case *file != "":
			raw, err := os.ReadFile(*file)
			if err != nil {
				return err
			}
			if err := json.Unmarshal(raw, &b); err != nil {
				return fmt.Errorf("%s: %w", *file, err)
			}
		case len(banks) == 0 || *count < len(banks):
			return usageError("want --blueprint FILE, or --questions N and at least one --bank")
		default:
			for i, id := range banks {
				n := *count / len(banks)
				if i < *count%len(banks) {
					n++
				}
				b.Parts = append(b.Parts, paper.Part{Bank: paper.BankID(id), Count: n})
			}
		}
		if *title != "" {
			b.Title = *title
		}
		var seed paper.Seed
		if *text != "" {
			seed = paper.SeedOf("registry paper draw", *text)
		} else {
			rand.Read(seed[:])
		}
		return p.with(ctx, func(n *node.Node) error {
			info, err := n.DrawPaper(ctx, exam.CycleID(*cycle), b, nil, seed)
			if err != nil {
				return err
			}
			for _, id := range info.Practised {
				fmt.Fprintf(out.errw, "registry paper draw: bank %s is open: candidates may have practised its questions with their answers\n", id)
			}
			out.result(info, "paper %s: %s, %d questions, %s points, %s to pass, %d minutes; sealed\n",
				info.ID, info.Title, info.Questions, info.Of.Text(), info.PassMark.Text(), info.Minutes)
			return nil
		})
	}
}

func paperList(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	cycle := fs.String("cycle", "", "only of this `cycle` · 考核周期编号")
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			list, err := n.Papers(ctx, exam.CycleID(*cycle))
			if err != nil {
				return err
			}
			rows := [][]string{{"ID", "CYCLE", "TITLE", "QUESTIONS", "POINTS", "PASS", "MINUTES", "VOID", "DRAWN"}}
			for _, i := range list {
				rows = append(rows, []string{string(i.ID), string(i.Cycle), i.Title, strconv.Itoa(i.Questions), i.Of.Text(), i.PassMark.Text(),
					strconv.Itoa(i.Minutes), strconv.Itoa(len(i.Void)), i.Created.Text()})
			}
			out.table(list, rows)
			return nil
		})
	}
}

func paperShow(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	return func(ctx context.Context, out *output, args []string) error {
		id, err := one(args, "PAPER")
		if err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			info, pp, err := n.ShowPaper(ctx, paper.ID(id))
			if err != nil {
				return err
			}
			var b strings.Builder
			fmt.Fprintf(&b, "%s (%s): %d questions, %s points, %s to pass, %d minutes\n", info.Title, info.ID, info.Questions, info.Of.Text(), info.PassMark.Text(), info.Minutes)
			for i, q := range pp.Questions {
				fmt.Fprintf(&b, "\n%d. [%s] %s\n", i+1, q.Kind, q.ID)
				if q.Shared != "" {
					fmt.Fprintf(&b, "   %s\n", q.Shared)
				}
				fmt.Fprintf(&b, "   %s\n", q.Stem)
				for j, o := range q.Options {
					fmt.Fprintf(&b, "   %c. %s\n", 'A'+j, o)
				}
			}
			out.result(map[string]any{"info": info, "paper": pp}, "%s", b.String())
			return nil
		})
	}
}

// rescoring are the flags of both commands that compute scores anew.
func rescoring(fs *flag.FlagSet) (void *[]paper.QuestionID, write *bool) {
	void = new([]paper.QuestionID)
	fs.Func("void", "a `question` found to be faulty: its points are given to everybody (may be repeated) · 作废题目", func(s string) error {
		*void = append(*void, paper.QuestionID(s))
		return nil
	})
	write = fs.Bool("write", false, "write new scores into the dossiers that wait for their result · 写入档案")
	return void, write
}

// rescoredReport prints what came out; a difference that nobody asked for makes
// the command fail.
func rescoredReport(out *output, list []registry.Rescored, void []paper.QuestionID) error {
	differ := 0
	rows := [][]string{{"SITTING", "RESULT", "POINTS", "NOW", "PASSED", "WRITTEN", ""}}
	for _, o := range list {
		result := "same, byte for byte"
		switch {
		case o.Digest == "":
			result = "not scored before"
		case !o.Same:
			result = "different"
			differ++
		}
		rows = append(rows, []string{string(o.Sitting), result, o.Points.Text(), o.Now.Text(), fmt.Sprint(o.Passed), fmt.Sprint(o.Written), o.Sentence})
	}
	out.table(list, rows)
	if differ > 0 && len(void) == 0 {
		return errReported
	}
	return nil
}

func rescoreOne(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	of := fs.String("paper", "", "every sitting of this `paper` instead of one · 整份试卷")
	void, write := rescoring(fs)
	return func(ctx context.Context, out *output, args []string) error {
		if (*of == "") == (len(args) == 0) || len(args) > 1 {
			return usageError("want either one operand, SITTING, or --paper PAPER")
		}
		if *of == "" && *write && len(*void) > 0 {
			return usageError("a question is void for everybody who sat the paper: name it with --paper")
		}
		return p.with(ctx, func(n *node.Node) error {
			if *of != "" {
				list, err := n.RescorePaper(ctx, paper.ID(*of), *void, *write)
				if err != nil {
					return err
				}
				return rescoredReport(out, list, *void)
			}
			o, err := n.Rescore(ctx, sitting.ID(args[0]), *void, *write)
			if err != nil {
				return err
			}
			return rescoredReport(out, []registry.Rescored{o}, *void)
		})
	}
}

func paperRescore(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	void, write := rescoring(fs)
	return func(ctx context.Context, out *output, args []string) error {
		id, err := one(args, "PAPER")
		if err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			list, err := n.RescorePaper(ctx, paper.ID(id), *void, *write)
			if err != nil {
				return err
			}
			return rescoredReport(out, list, *void)
		})
	}
}

func paperItems(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	asCSV := fs.Bool("csv", false, "print CSV · 以 CSV 输出")
	return func(ctx context.Context, out *output, args []string) error {
		id, err := one(args, "PAPER")
		if err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			st, err := n.Study(ctx, paper.ID(id))
			if err != nil {
				return err
			}
			rows := st.Table()
			if *asCSV {
				w := csv.NewWriter(out.w)
				return w.WriteAll(rows)
			}
			if !out.json {
				fmt.Fprintf(out.w, "paper %s: %d results, %d passed, mean %s, spread %s, KR-20 %s\n", st.Paper, st.Results, st.Passed, st.Mean.Text(), st.Spread.Text(), st.Reliability.Text())
			}
			out.table(st, rows)
			return nil
		})
	}
}
