// Command registry is the central registry of the periodic assessment of
// physicians (医师定期考核登记处): the server, and the commands by which an
// operator looks after it. `registry help` lists them.
//
// The commands work on the data folder itself, beside a running server; whoever
// can read the folder is the operator, and the audit log says so.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"

	"dingkao/exam"
)

// version is set when a release is built.
var version = "0.1.0"

// Exit codes.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// command is one command. Its flags are declared by setup, which returns what
// runs them.
type command struct {
	name, args string // "roster import", "FILE"
	about, zh  string // one line each
	setup      func(*flag.FlagSet) func(ctx context.Context, out *output, args []string) error
}

var commands = []command{
	{"serve", "", "serve terminals and desks", "提供服务", serve},
	{"demo", "", "serve a small made-up province, made on the first run", "演示：建立示例数据并提供服务", demonstrate},
	{"cycle add", "[FILE.json]", "add or replace a cycle, from JSON or flags", "新增或修改考核周期", cycleAdd},
	{"cycle list", "", "list the cycles", "列出考核周期", cycleList},
	{"province add", "", "add or replace a province", "新增或修改省份", provinceAdd},
	{"institution add", "", "add or replace an office", "新增或修改机构", institutionAdd},
	{"institution list", "", "list the offices", "列出机构", institutionList},
	{"institution import", "FILE.csv|FILE.xlsx", "import offices row by row", "批量导入机构", institutionImport},
	{"roster import", "FILE.xlsx|FILE.csv", "import doctors row by row, with a report", "导入医师名册并逐行报告", rosterImport},
	{"roster template", "FILE.xlsx", "write an empty roster to fill in", "生成空白名册", rosterTemplate},
	{"bank import", "FILE.xlsx|FILE.csv", "import a question bank whole, with a report by row", "导入题库并逐行报告", bankImport},
	{"bank list", "", "list the question banks", "列出题库", bankList},
	{"bank export", "ID FILE.xlsx|FILE.csv", "write a bank with its answers into a new file", "导出题库（含答案）", bankExport},
	{"bank template", "FILE.xlsx", "write an empty bank to fill in", "生成空白题库", bankTemplate},
	{"user add", "", "add a member of staff with the first password", "新增工作人员账号", userAdd},
	{"user list", "", "list accounts", "列出账号", userList},
	{"user reset", "LOGIN", "put the first password in force again", "恢复初始密码", userReset},
	{"user disable", "LOGIN", "disable an account and end its sessions", "停用账号", userDisable},
	{"user enable", "LOGIN", "enable it again", "启用账号", userEnable},
	{"paper draw", "", "draw a paper for a cycle from banks and seal it", "抽题组卷并加密", paperDraw},
	{"paper list", "", "list the drawn papers", "列出试卷", paperList},
	{"paper show", "PAPER", "show a paper's questions, without answers", "查看试卷（不含答案）", paperShow},
	{"paper rescore", "PAPER", "compute every score of a paper anew and compare", "重新计算一份试卷的全部成绩", paperRescore},
	{"paper items", "PAPER", "say what the results say about each question", "试题分析", paperItems},
	{"rescore", "[SITTING]", "compute a score anew from journal, key and rules and compare", "重新计算一次测评的成绩", rescoreOne},
	{"backup", "FILE", "write everything into one file", "备份到一个文件", backup},
	{"restore", "FILE", "read a backup into an empty folder", "从备份恢复到空目录", restore},
	{"audit verify", "", "check the audit log and every stream", "核对审计日志和全部记录", auditVerify},
	{"rebuild", "", "derive the queues anew from the streams", "由原始记录重建待办列表", rebuild},
	{"stats", "", "count what the registry holds", "统计", stats},
	{"keys show", "", "show the pin, the certificates and the published keys", "显示证书指纹和公钥", keysShow},
	{"keys rotate", "", "put a new receipt key into use", "更换回执签名密钥", keysRotate},
	{"certificate verify", "FILE.pdf|QR-TEXT", "check a notice offline, by the published keys", "离线核验通知书", certificateVerify},
	{"openapi", "", "print the API's description (OpenAPI 3.1)", "输出接口说明", openAPI},
}

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 || args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		overview(stdout, "")
		if len(args) == 0 {
			return exitUsage
		}
		return exitOK
	}
	if args[0] == "version" || args[0] == "--version" {
		fmt.Fprintln(stdout, version)
		return exitOK
	}
	c, rest, ok := find(args)
	if !ok {
		group := args[0] + " "
		if !slices.ContainsFunc(commands, func(c command) bool { return strings.HasPrefix(c.name, group) }) {
			fmt.Fprintf(stderr, "registry: there is no command %q\n\n", args[0])
			group = ""
		}
		overview(stderr, group)
		return exitUsage
	}
	fs := flag.NewFlagSet(c.name, flag.ContinueOnError)
	fs.SetOutput(stderr)
	fs.Usage = func() {
		fmt.Fprintf(fs.Output(), "registry %s [flags] %s\n  %s\n  %s\n\nflags:\n", c.name, c.args, c.about, c.zh)
		fs.PrintDefaults()
	}
	asJSON := fs.Bool("json", false, "print the result as JSON · 以 JSON 输出结果")
	do := c.setup(fs)
	operands, err := parse(fs, rest)
	if errors.Is(err, flag.ErrHelp) {
		return exitOK
	}
	if err != nil {
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	out := &output{w: stdout, errw: stderr, json: *asJSON}
	err = do(ctx, out, operands)
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "registry %s: %s\n", c.name, usage)
		fs.Usage()
		return exitUsage
	case errors.Is(err, errReported):
		return exitFailed
	}
	if *asJSON {
		out.print(map[string]string{"error": string(exam.KindOf(err)), "sentence": exam.SentenceOf(err), "detail": err.Error()})
	}
	fmt.Fprintf(stderr, "registry %s: %v\n", c.name, err)
	return exitFailed
}

// parse lets flags stand before and behind the operands.
func parse(fs *flag.FlagSet, args []string) ([]string, error) {
	var operands []string
	for {
		if err := fs.Parse(args); err != nil {
			return nil, err
		}
		if fs.NArg() == 0 {
			return operands, nil
		}
		if n := len(args) - fs.NArg(); n > 0 && args[n-1] == "--" {
			return append(operands, fs.Args()...), nil
		}
		operands, args = append(operands, fs.Arg(0)), fs.Args()[1:]
	}
}

func find(args []string) (command, []string, bool) {
	for _, c := range commands {
		words := strings.Fields(c.name)
		if len(args) >= len(words) && strings.Join(args[:len(words)], " ") == c.name {
			return c, args[len(words):], true
		}
	}
	return command{}, nil, false
}

// overview lists the commands, or those of one group ("user ").
func overview(w io.Writer, group string) {
	fmt.Fprintln(w, "registry — the central registry of the periodic assessment of physicians · 医师定期考核登记处")
	fmt.Fprintln(w, "\nusage: registry COMMAND [flags]     (registry COMMAND --help shows a command's flags)")
	fmt.Fprintln(w, "exit codes: 0 done, 1 failed, 2 wrong usage")
	fmt.Fprintln(w)
	for _, c := range commands {
		if !strings.HasPrefix(c.name, group) {
			continue
		}
		fmt.Fprintf(w, "  %-42s %s · %s\n", strings.TrimSpace(c.name+" "+c.args), c.about, c.zh)
	}
}

// usageError is a wrong use of a command: exit code 2.
type usageError string

func (e usageError) Error() string { return string(e) }

// errReported says that the command failed and has said why in its result.
var errReported = errors.New("reported")

// output prints results, as text or as JSON.
type output struct {
	w, errw io.Writer
	json    bool
}

// print prints v as JSON, one indented value.
func (o *output) print(v any) {
	enc := json.NewEncoder(o.w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	_ = enc.Encode(v)
}

// result prints v as JSON, or the text where no JSON was asked for.
func (o *output) result(v any, text string, args ...any) {
	if o.json {
		o.print(v)
		return
	}
	fmt.Fprintf(o.w, text, args...)
}

func one(args []string, what string) (string, error) {
	if len(args) != 1 {
		return "", usageError("want one operand: " + what)
	}
	return args[0], nil
}

func none(args []string) error {
	if len(args) != 0 {
		return usageError("want no operands")
	}
	return nil
}

// sorted are the keys of m in order.
func sorted[K ~string, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
