package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"strings"

	"dingkao/exam"
	"dingkao/sync/registry"
	"dingkao/sync/registry/demo"
	"dingkao/sync/registry/node"
	"dingkao/sync/registry/roster"
)

func cycleAdd(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	c := exam.Cycle{Attempts: 1, PassMark: 60, Minutes: 60, Questions: 100, OtherConditions: []string{}}
	text := func(v *string, name, usage string) { fs.StringVar(v, name, *v, usage) }
	text((*string)(&c.ID), "id", "the cycle's `id`, such as 14-2024 · 编号")
	text(&c.Name, "name", "its `name` · 名称")
	text((*string)(&c.From), "from", "first `month`, 2024-07 · 起始年月")
	text((*string)(&c.To), "to", "last `month`, 2027-06 · 结束年月")
	provinces := fs.String("provinces", "", "`codes` of the provinces, separated by commas, such as 14 · 省份代码")
	for name, w := range map[string]*exam.Window{"confirm": &c.Confirm, "fill": &c.Fill, "review": &c.Review, "assess": &c.Assess} {
		fs.Func(name, "the window to "+name+", `2026-01-01..2026-03-31`; either end may be empty · 时间安排", func(s string) error {
			from, to, ok := strings.Cut(s, "..")
			if !ok {
				return fmt.Errorf("want FROM..TO")
			}
			*w = exam.Window{From: exam.Date(from), To: exam.Date(to)}
			return nil
		})
	}
	fs.IntVar(&c.Attempts, "attempts", c.Attempts, "sittings before a re-sit · 测评次数")
	fs.IntVar(&c.PassMark, "pass-mark", c.PassMark, "right answers to pass · 合格线")
	fs.IntVar(&c.Minutes, "minutes", c.Minutes, "length of a sitting · 时长")
	fs.IntVar(&c.Questions, "questions", c.Questions, "questions in a paper · 题量")
	fs.BoolVar(&c.ShowScore, "show-score", false, "doctors see the score · 向医师显示分数")
	fs.Func("condition", "one more `condition` of the simple procedure (may be repeated) · 简易程序的其他情形", func(s string) error {
		c.OtherConditions = append(c.OtherConditions, s)
		return nil
	})
	return func(ctx context.Context, out *output, args []string) error {
		if len(args) > 1 {
			return usageError("want at most one operand: FILE.json")
		}
		if len(args) == 1 {
			raw, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			if err := json.Unmarshal(raw, &c); err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
		}
		if *provinces != "" {
			c.Provinces = split(*provinces)
		}
		return p.with(ctx, func(n *node.Node) error {
			if err := n.AddCycle(ctx, c); err != nil {
				return err
			}
			out.result(c, "cycle %s: %s\n", c.ID, c.Name)
			return nil
		})
	}
}

func cycleList(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			list, err := n.Cycles(ctx)
			if err != nil {
				return err
			}
			rows := [][]string{{"ID", "NAME", "PERIOD", "PROVINCES", "CONFIRM", "FILL", "REVIEW", "ASSESS"}}
			for _, c := range list {
				rows = append(rows, []string{string(c.ID), c.Name, c.Text(), strings.Join(c.Provinces, ","), c.Confirm.Text(), c.Fill.Text(), c.Review.Text(), c.Assess.Text()})
			}
			out.table(list, rows)
			return nil
		})
	}
}

func provinceAdd(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	var v exam.Province
	fs.StringVar(&v.Code, "code", "", "two `digits` of GB/T 2260, such as 14 · 省份代码")
	fs.StringVar(&v.Name, "name", "", "its `name` · 名称")
	fs.StringVar(&v.Authority, "authority", "", "its health authority's `name` · 卫生健康行政部门")
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			if err := n.AddProvince(ctx, v); err != nil {
				return err
			}
			out.result(v, "province %s: %s\n", v.Code, v.Name)
			return nil
		})
	}
}

func institutionAdd(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	v := exam.Institution{Kind: exam.OfficeInstitution}
	fs.StringVar((*string)(&v.ID), "id", "", "its `id`: letters, digits and -_. · 编号")
	fs.StringVar((*string)(&v.Kind), "kind", string(v.Kind), "institution, assessor or authority · 类别")
	fs.StringVar(&v.Name, "name", "", "its whole `name` · 名称")
	fs.StringVar(&v.Division, "division", "", "two, four or six `digits` of GB/T 2260 · 行政区划代码")
	fs.StringVar((*string)(&v.Assessor), "assessor", "", "the `id` of its assessor · 考核机构编号")
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			if err := n.AddInstitution(ctx, v); err != nil {
				return err
			}
			out.result(v, "%s %s: %s\n", v.Kind, v.ID, v.Name)
			return nil
		})
	}
}

func institutionList(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	q := exam.InstitutionQuery{Limit: 1000}
	fs.StringVar(&q.Division, "division", "", "only in this `division` · 行政区划")
	fs.StringVar(&q.Name, "name", "", "only with this part of the `name` · 名称")
	fs.IntVar(&q.Limit, "limit", q.Limit, "at most so many · 最多")
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			list, err := n.ListInstitutions(ctx, q)
			if err != nil {
				return err
			}
			rows := [][]string{{"ID", "KIND", "NAME", "DIVISION", "ASSESSOR"}}
			for _, i := range list {
				rows = append(rows, []string{string(i.ID), string(i.Kind), i.Name, i.Division, string(i.Assessor)})
			}
			out.table(list, rows)
			return nil
		})
	}
}

func institutionImport(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	dry := fs.Bool("dry-run", false, "only say what would happen · 只检查，不导入")
	return func(ctx context.Context, out *output, args []string) error {
		path, err := one(args, "FILE.csv or FILE.xlsx with the columns "+strings.Join(roster.OfficeColumns, ", "))
		if err != nil {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			r, err := roster.ImportOffices(ctx, n.Registry, raw, *dry)
			return report(out, r, err)
		})
	}
}

func rosterImport(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	province := fs.String("province", "", "two `digits` of the province · 省份代码")
	dry := fs.Bool("dry-run", false, "only say what would happen · 只检查，不导入")
	return func(ctx context.Context, out *output, args []string) error {
		path, err := one(args, "FILE.xlsx or FILE.csv")
		if err != nil {
			return err
		}
		if len(*province) != 2 {
			return usageError("--province is required: two digits, such as 14")
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			r, err := roster.Import(ctx, n.Registry, raw, *province, *dry)
			return report(out, r, err)
		})
	}
}

// report prints how an import went; refused rows make the command fail.
func report(out *output, r roster.Report, err error) error {
	if err != nil {
		return err
	}
	out.result(r, "%s", r.Text())
	if r.Refused > 0 {
		return errReported
	}
	return nil
}

func rosterTemplate(*flag.FlagSet) func(context.Context, *output, []string) error {
	return func(_ context.Context, out *output, args []string) error {
		path, err := one(args, "FILE.xlsx")
		if err != nil {
			return err
		}
		raw, err := roster.Template()
		if err == nil {
			err = os.WriteFile(path, raw, 0o644)
		}
		if err != nil {
			return err
		}
		out.result(map[string]any{"file": path, "columns": roster.Columns}, "%s: %s\n", path, strings.Join(roster.Columns, "、"))
		return nil
	}
}

func userAdd(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	var u registry.NewUser
	fs.StringVar(&u.Province, "province", "", "two `digits` of the province · 省份代码")
	fs.StringVar(&u.Login, "login", "", "short `name` to sign in with: a-z, 0-9 and -_. · 账号")
	fs.StringVar(&u.Name, "name", "", "the person's `name` · 姓名")
	fs.StringVar((*string)(&u.Role), "role", "", "institution, assessor, proctor, authority or administrator · 角色")
	fs.StringVar((*string)(&u.Office), "office", "", "the `id` of the office · 所属机构编号")
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			a, err := n.AddUser(ctx, u)
			if err != nil {
				return err
			}
			out.result(a, "%s (%s): first password %s, to be changed at the first sign-in\n", a.Login, a.Role.Text(), exam.FirstPassword)
			return nil
		})
	}
}

func userList(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	f := registry.UserFilter{Limit: 1000}
	fs.StringVar(&f.Province, "province", "", "only this province · 省份代码")
	fs.StringVar((*string)(&f.Role), "role", "", "only this role · 角色")
	fs.StringVar(&f.Text, "text", "", "only with this part of the name or login · 姓名或账号")
	fs.IntVar(&f.Limit, "limit", f.Limit, "at most so many · 最多")
	return func(ctx context.Context, out *output, args []string) error {
		if err := none(args); err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			list, err := n.ListUsers(ctx, f)
			if err != nil {
				return err
			}
			rows := [][]string{{"LOGIN", "NAME", "ROLE", "OFFICE", "STATE", "LAST SIGN-IN"}}
			for i, u := range list {
				state := "in use"
				if u.MustChange {
					state = "first password"
				}
				if u.Disabled {
					state = "disabled"
				}
				if u.Role == exam.RoleDoctor { // an operator's screen is a screen
					list[i].Login = exam.MaskNumber(u.Login)
				}
				rows = append(rows, []string{list[i].Login, u.Name, string(u.Role), u.OfficeName, state, u.LastSignIn.Text()})
			}
			out.table(list, rows)
			return nil
		})
	}
}

// userAct is a command about one account.
func userAct(fs *flag.FlagSet, said string, f func(context.Context, *node.Node, exam.AccountID) error) func(context.Context, *output, []string) error {
	p := placeFlags(fs)
	province := fs.String("province", "", "two `digits` of the account's province · 省份代码")
	return func(ctx context.Context, out *output, args []string) error {
		login, err := one(args, "LOGIN")
		if err != nil {
			return err
		}
		return p.with(ctx, func(n *node.Node) error {
			u, err := n.FindUser(ctx, *province, login)
			if err != nil {
				return err
			}
			if err := f(ctx, n, u.ID); err != nil {
				return err
			}
			out.result(map[string]string{"account": string(u.ID), "done": said}, "%s: %s\n", u.Name, said)
			return nil
		})
	}
}

func userReset(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	return userAct(fs, "first password in force again", func(ctx context.Context, n *node.Node, id exam.AccountID) error { return n.ResetPassword(ctx, id) })
}

func userDisable(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	return userAct(fs, "disabled", func(ctx context.Context, n *node.Node, id exam.AccountID) error { return n.DisableUser(ctx, id, true) })
}

func userEnable(fs *flag.FlagSet) func(context.Context, *output, []string) error {
	return userAct(fs, "enabled", func(ctx context.Context, n *node.Node, id exam.AccountID) error { return n.DisableUser(ctx, id, false) })
}

// table prints v as JSON or rows as aligned columns.
func (o *output) table(v any, rows [][]string) {
	if o.json {
		o.print(v)
		return
	}
	fmt.Fprint(o.w, demo.Layout(rows))
}
