package bankio

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"dingkao/exam"
	"dingkao/exam/paper"
)

// Columns are the headings of the template, in order. 题型, 题干 and 答案 are required.
var Columns = []string{"题型", "组号", "共用题干", "题干", "选项A", "选项B", "选项C", "选项D", "选项E", "选项F", "选项G", "选项H",
	"答案", "解析", "难度", "知识点", "章节", "分值", "法律依据", "有效期"}

// headings are other ways in which people write them, squeezed.
var headings = func() map[string]string {
	m := map[string]string{}
	for name, others := range map[string]string{
		"题型": "题型 题目类型 试题类型 试题题型 类型 题类", "组号": "组号 题组 题组号 分组 组别 大题号", "共用题干": "共用题干 共用题干内容 共同题干 公共题干 病例 共用材料 材料",
		"题干": "题干 题目 试题 试题内容 题目内容 问题 试题题干 题目题干", "答案": "答案 正确答案 标准答案 参考答案 试题答案", "解析": "解析 答案解析 试题解析 题目解析 解释 说明",
		"难度": "难度 难易度 难度等级 难易程度 难度系数", "知识点": "知识点 考点 考核知识点 知识点名称", "章节": "章节 章 所属章节 章节名称 单元", "分值": "分值 分数 得分 题目分值 试题分值",
		"法律依据": "法律依据 依据 法规依据 出处 参考依据", "有效期": "有效期 有效期至 有效期限 有效日期 失效日期 截止日期",
	} {
		for _, o := range strings.Fields(others) {
			m[o] = name
		}
	}
	for i := range paper.MostOptions {
		l := string(rune('A' + i))
		for _, o := range []string{l, "选项" + l, l + "选项", "备选" + l, "备选项" + l, "备选答案" + l, "答案" + l, "选择" + l, l + "项"} {
			m[o] = "选项" + l
		}
	}
	return m
}()

// kinds are the ways in which people write a kind, squeezed, without 型题 or 题.
var kinds = func() map[string]paper.Kind {
	m := map[string]paper.Kind{}
	for k, words := range map[paper.Kind]string{
		paper.A1: "单选 单项选择 单项 A A1 A1/A2 最佳选择 单句型最佳选择 选择", paper.A2: "A2 病历摘要型最佳选择 病例摘要型最佳选择",
		paper.A3: "A3 A3/A4 A3A4 共用题干 共用题干单选 病历组型最佳选择 病例组型最佳选择", paper.A4: "A4 病历串型最佳选择 病例串型最佳选择 案例分析",
		paper.B1: "B B1 配伍 标准配伍 共用选项 共用备选答案", paper.X: "多选 多项选择 多项 不定项 不定项选择 X", paper.TF: "判断 是非 对错 正误 TF T/F",
	} {
		for _, w := range strings.Fields(words) {
			m[w] = k
		}
	}
	return m
}()

func kindOf(s string) (paper.Kind, bool) {
	s = strings.ToUpper(squeeze(s))
	if i := strings.IndexAny(s, "(（"); i > 0 {
		s = s[:i]
	}
	for _, end := range []string{"题", "型"} {
		s = strings.TrimSuffix(s, end)
	}
	k, ok := kinds[s]
	return k, ok
}

var (
	yes = strings.Fields("正确 对 √ ✓ ✔ 是 T TRUE Y YES")
	no  = strings.Fields("错误 错 × ✗ ✘ 否 F FALSE N NO")
)

// truth reads a word for true or false.
func truth(s string) (is, known bool) {
	s = strings.ToUpper(squeeze(s))
	return slices.Contains(yes, s), slices.Contains(yes, s) || slices.Contains(no, s)
}

// answerOf reads letters or numbers with or without signs between them: ABC, A、C,
// ＡＢ, 1,3. why is empty where it reads well.
func answerOf(s string) (a paper.Answer, why string) {
	for _, r := range strings.ToUpper(width.Fold.String(s)) {
		i := -1
		switch {
		case unicode.IsSpace(r) || strings.ContainsRune(",、;|/+&和及.。", r):
			continue
		case r >= 'A' && r < 'A'+paper.MostOptions:
			i = int(r - 'A')
		case r >= '1' && r < '1'+paper.MostOptions:
			i = int(r - '1')
		default:
			return 0, fmt.Sprintf("答案“%s”看不懂，应写作 A 或 ABC 的样子", clip(s))
		}
		if a.Has(i) {
			return 0, fmt.Sprintf("答案“%s”里有重复的字母，请核对", clip(s))
		}
		a |= paper.Only(i)
	}
	return a, ""
}

// group is what the rows of one group have in common, from its first row.
type group struct {
	line    int
	shared  string
	options []string
}

type seen struct {
	line   int
	answer string // the texts that are right, so that the order of options does not count
}

// reader folds the rows of a table into a report.
type reader struct {
	options Options
	report  Report
	columns map[string]int // nil until the heading is found
	width   int            // of the heading
	groups  map[string]*group
	last    map[paper.Kind]string // the group of the row before, where it was of that kind
	seen    map[paper.Fingerprint]seen
	text    int
}

func (r *reader) headed() bool         { return r.columns != nil }
func (r *reader) note(sentence string) { r.report.Notes = append(r.report.Notes, sentence) }

func (r *reader) row(line int, cells []string) error {
	if r.columns == nil {
		return r.heading(cells)
	}
	if empty(cells) {
		return nil
	}
	if len(r.report.Rows) >= MostRows {
		return exam.Errorf(exam.TooLarge, "文件超过%d行，请分成几个文件导入；没有导入任何内容", MostRows)
	}
	it, hint, why := r.read(line, cells)
	row := Row{Line: line, Result: Added, Sentence: hint, QuestionID: it.ID}
	if why == "" {
		print := it.Fingerprint()
		first, twice := r.seen[print]
		switch right := rightTexts(it); {
		case twice && first.answer != right:
			why = fmt.Sprintf("与第%d行是同一道题，答案却不同；请核对后只保留一行", first.line)
		case twice:
			row.Result, row.Sentence = Duplicate, fmt.Sprintf("与第%d行是同一道题，只取了前一行", first.line)
		default:
			r.seen[print] = seen{line, right}
			if r.options.Have != nil && r.options.Have(it.ID) {
				row.Result, row.Sentence = Duplicate, "题库里已有这道题，没有改动；如要修改答案，请在题库里改"
			}
		}
	}
	switch {
	case why != "":
		row = Row{Line: line, Result: Refused, Sentence: why}
		r.report.Refused++
	case row.Result == Duplicate:
		r.report.Duplicate++
	default:
		r.report.Items = append(r.report.Items, it)
		r.report.Added++
		r.text += len(it.Stem) + len(it.Shared) + len(strings.Join(it.Options, "")) + len(it.Explanation) + len(it.Topic) + len(it.Chapter) + len(it.LegalBasis)
		if r.text > mostText {
			return exam.Errorf(exam.TooLarge, "题目的文字合计超过%dMB，请分成几个文件导入；没有导入任何内容", mostText>>20)
		}
	}
	r.report.Rows = append(r.report.Rows, row)
	if n := len(r.report.Rows); n%1000 == 0 && r.options.Progress != nil {
		r.options.Progress(n)
	}
	return nil
}

// rightTexts are the texts of the right options.
func rightTexts(it paper.Item) string {
	var list []string
	for i, o := range it.Options {
		if it.Answer.Has(i) {
			list = append(list, squeeze(o))
		}
	}
	slices.Sort(list)
	return strings.Join(list, "\x00")
}

// heading takes a row as the heading where it has at least two known names, 题干
// among them.
func (r *reader) heading(cells []string) error {
	found := map[string]int{}
	var unknown []string
	twice := ""
	last := 0
	for c, cell := range cells[:min(len(cells), 200)] {
		s := strings.ToUpper(squeeze(cell))
		if s == "" {
			continue
		}
		last = c + 1
		if i := strings.IndexAny(s, "(（"); i > 0 {
			s = s[:i]
		}
		name := headings[strings.TrimRight(s, "*:：")]
		if name == "" {
			unknown = append(unknown, clip(cell))
			continue
		}
		if _, again := found[name]; again {
			twice = name
		}
		found[name] = c
	}
	if _, ok := found["题干"]; !ok || len(found) < 2 {
		return nil
	}
	if twice != "" {
		return exam.Errorf(exam.Invalid, "表头里“%s”出现了两次，请删去一列；没有导入任何内容", twice)
	}
	for _, need := range []string{"题型", "答案"} {
		if _, ok := found[need]; !ok {
			return exam.Errorf(exam.Invalid, "表头里缺少“%s”这一列；没有导入任何内容", need)
		}
	}
	if len(unknown) > 0 {
		r.note("没有用到的列：" + strings.Join(unknown[:min(len(unknown), 10)], "、"))
	}
	r.columns, r.width = found, last
	return nil
}

// read reads one row; why is empty where it reads well, hint is worth knowing then.
func (r *reader) read(line int, cells []string) (it paper.Item, hint, why string) {
	before := r.last
	r.last = nil
	get := func(name string) string {
		if c, ok := r.columns[name]; ok && c < len(cells) {
			return paper.Clean(cells[c])
		}
		return ""
	}
	if len(cells) > r.width && !empty(cells[r.width:]) {
		return it, "", "比表头多出了几格；如果题目里有逗号，请把整格放在引号里"
	}
	for name, c := range r.columns {
		if c < len(cells) && len(cells[c]) > 8*paper.MostStem {
			return it, "", name + "太长，请拆开或删减（也可能是引号没有配对）"
		}
	}
	kind, ok := kindOf(get("题型"))
	if !ok {
		if s := get("题型"); s != "" {
			return it, "", fmt.Sprintf("题型“%s”不认识，应为A1、A2、A3、A4、B1、X（多选）或判断", clip(s))
		}
		return it, "", "没有填写题型"
	}
	it.Kind, it.Stem, it.Shared, it.Explanation = kind, get("题干"), get("共用题干"), get("解析")
	it.Topic, it.Chapter, it.LegalBasis = get("知识点"), get("章节"), get("法律依据")
	options, why := optionsOf(get)
	if why != "" {
		return it, "", why
	}
	if kind.Grouped() {
		if options, why = r.join(&it, line, get("组号"), options, before[kind]); why != "" {
			return it, "", why
		}
	} else if get("组号") != "" {
		hint = "已导入；这种题型不分组，组号没有用到"
	}
	if it.Options, it.Answer, why = answered(kind, options, get("答案")); why != "" {
		return it, "", why
	}
	if it.Difficulty, why = difficultyOf(get("难度")); why != "" {
		return it, "", why
	}
	if it.Points, why = pointsOf(get("分值")); why != "" {
		return it, "", why
	}
	if it.ValidUntil, why = dayOf(get("有效期")); why != "" {
		return it, "", why
	}
	it.Question = it.Identified()
	if err := it.Check(); err != nil {
		return it, "", exam.SentenceOf(err)
	}
	return it, hint, ""
}

// optionsOf are the options of a row, without the empty ones at the end.
func optionsOf(get func(string) string) (options []string, why string) {
	for i := range paper.MostOptions {
		options = append(options, get("选项"+string(rune('A'+i))))
	}
	for len(options) > 0 && options[len(options)-1] == "" {
		options = options[:len(options)-1]
	}
	if i := slices.Index(options, ""); i >= 0 {
		return nil, fmt.Sprintf("选项%c是空的，后面却还有选项；请补上，或把后面的往前移", 'A'+i)
	}
	return options, ""
}

// join completes a row with what its group has in common: cells that were merged, or
// filled in once, are empty in the rows below. A row without a number belongs to
// the group with its text, and without either to that of the row before it.
func (r *reader) join(it *paper.Item, line int, label string, options []string, before string) ([]string, string) {
	key := string(it.Kind) + "\x00#" + squeeze(label)
	switch {
	case label != "":
	case it.Kind == paper.B1 && len(options) == 0 && before != "", it.Kind != paper.B1 && it.Shared == "" && before != "":
		key = before
	case it.Kind == paper.B1 && len(options) == 0:
		return nil, "配伍题没有选项，也没有组号；请填写选项，或填写组号并与同组题目放在一起"
	case it.Kind != paper.B1 && it.Shared == "":
		return nil, "没有共用题干，也没有组号；请填写共用题干"
	default:
		key = string(it.Kind) + "\x00=" + string(paper.GroupOf(it.Kind, it.Shared, options))
	}
	r.last = map[paper.Kind]string{it.Kind: key}
	g := r.groups[key]
	if g == nil {
		g = &group{line: line, shared: it.Shared}
		if it.Kind == paper.B1 {
			g.options = slices.Clone(options)
		}
		r.groups[key] = g
	}
	if it.Shared == "" {
		it.Shared = g.shared
	} else if g.shared == "" {
		return nil, fmt.Sprintf("同组的第%d行没有共用题干；请填写在该组的第一行", g.line)
	}
	if it.Shared != g.shared {
		return nil, fmt.Sprintf("共用题干与同组的第%d行不同；请改成一致，或换一个组号", g.line)
	}
	if it.Kind != paper.B1 {
		return options, ""
	}
	if len(options) == 0 {
		options = slices.Clone(g.options)
	}
	if !slices.Equal(options, g.options) {
		return nil, fmt.Sprintf("选项与同组的第%d行不同；配伍题同组的选项应一致，请改正，或换一个组号", g.line)
	}
	return options, ""
}

// answered reads the answer and, for true and false, brings the options into
// their one order.
func answered(k paper.Kind, options []string, s string) ([]string, paper.Answer, string) {
	if squeeze(s) == "" {
		return nil, 0, "没有答案，请补上"
	}
	if k != paper.TF {
		a, why := answerOf(s)
		return options, a, why
	}
	turned := false
	if len(options) > 0 {
		first, ok1 := truth(options[0])
		if len(options) != 2 || !ok1 {
			return nil, 0, "判断题的选项应为“正确”和“错误”，或不填"
		}
		second, ok2 := truth(options[1])
		if !ok2 || first == second {
			return nil, 0, "判断题的选项应为“正确”和“错误”，或不填"
		}
		turned = second
	}
	is, known := truth(s)
	if !known {
		switch strings.ToUpper(squeeze(s)) {
		case "A", "1":
			is = !turned
		case "B", "2":
			is = turned
		default:
			return nil, 0, fmt.Sprintf("判断题的答案“%s”看不懂，应为正确或错误", clip(s))
		}
	}
	if is {
		return slices.Clone(paper.TrueFalse), paper.Only(0), ""
	}
	return slices.Clone(paper.TrueFalse), paper.Only(1), ""
}

func difficultyOf(s string) (int, string) {
	s = squeeze(s)
	switch s {
	case "":
		return 0, ""
	case "易", "容易", "简单":
		return 1, ""
	case "较易":
		return 2, ""
	case "中", "中等", "一般", "适中":
		return 3, ""
	case "较难":
		return 4, ""
	case "难", "困难":
		return 5, ""
	}
	if n, err := strconv.Atoi(s); err == nil && n >= 1 && n <= paper.MostDifficulty {
		return n, ""
	}
	return 0, fmt.Sprintf("难度“%s”不对，应为1至%d的整数，或易、较易、中、较难、难", clip(s), paper.MostDifficulty)
}

func pointsOf(s string) (paper.Points, string) {
	s = strings.TrimSuffix(squeeze(s), "分")
	if s == "" {
		return 0, ""
	}
	v, err := strconv.ParseFloat(s, 64)
	p := math.Round(v * float64(paper.Point))
	if err != nil || !(v > 0 && p >= 1 && p <= float64(paper.MostPoints)) || math.Abs(v*float64(paper.Point)-p) > 1e-6 {
		return 0, fmt.Sprintf("分值“%s”不对，应为大于0、不超过%s的数，最多两位小数", clip(s), paper.MostPoints.Text())
	}
	return paper.Points(p), ""
}

// dayOf reads a day in the ways in which people and spreadsheets write it.
func dayOf(s string) (exam.Date, string) {
	s = squeeze(s)
	if s == "" || s == "长期" || s == "长期有效" {
		return "", ""
	}
	if n, err := strconv.Atoi(s); err == nil && len(s) == 5 { // days since 1899-12-30
		return exam.DateOf(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, n)), ""
	}
	for _, layout := range []string{"2006-1-2", "2006/1/2", "2006.1.2", "2006年1月2日", "20060102"} {
		if t, err := time.Parse(layout, strings.TrimSuffix(strings.TrimSuffix(s, "00:00:00"), "止")); err == nil {
			if d := exam.DateOf(t); d != "" && d.Valid() {
				return d, ""
			}
		}
	}
	return "", fmt.Sprintf("有效期“%s”不对，应写作 2026-12-31 的样子，或不填", clip(s))
}

// squeeze drops all white space and turns full-width letters, digits and signs into
// what a keyboard writes.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, width.Fold.String(s))
}

func empty(cells []string) bool {
	return !slices.ContainsFunc(cells, func(c string) bool { return squeeze(c) != "" })
}

func clip(s string) string {
	if utf8.RuneCountInString(s) > 20 {
		return string([]rune(s)[:20]) + "…"
	}
	return s
}
