package application

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"dingkao/exam"
)

// Gap is one thing that a step still lacks or that cannot stand as it is.
type Gap struct {
	Step     Step
	Field    string // the field's key, as in its JSON name
	Sentence string // for the doctor
	Wrong    bool   // the value is there but cannot be right; false: it is missing
}

// Hint is a doubt that never blocks: the value may well be right.
type Hint struct {
	Step     Step
	Field    string
	Sentence string
}

type gaps struct {
	step Step
	list []Gap
}

func (g *gaps) missing(field, label string) {
	g.list = append(g.list, Gap{Step: g.step, Field: field, Sentence: "请填写" + label})
}

func (g *gaps) choose(field, label string) {
	g.list = append(g.list, Gap{Step: g.step, Field: field, Sentence: "请选择" + label})
}

func (g *gaps) wrong(field, sentence string, args ...any) {
	g.list = append(g.list, Gap{Step: g.step, Field: field, Sentence: fmt.Sprintf(sentence, args...), Wrong: true})
}

// line checks a text of one line: required or not, and its bound.
func (g *gaps) line(field, label, value string, required bool) {
	switch {
	case strings.TrimSpace(value) == "":
		if required {
			g.missing(field, label)
		}
	case utf8.RuneCountInString(value) > MostLine:
		g.wrong(field, "%s最多%d个字", label, MostLine)
	case !exam.Printable(value):
		g.wrong(field, "%s里有不能显示的字符，请重新输入", label)
	}
}

func (g *gaps) term(field, label string, t exam.Term) {
	if t.Name == "" {
		g.choose(field, label)
	} else if len(t.Code) > 16 || utf8.RuneCountInString(t.Name) > MostLine || !exam.Printable(t.Name) {
		g.wrong(field, "%s不在选项中，请重新选择", label)
	}
}

func (g *gaps) day(field, label string, d, today exam.Date) {
	switch {
	case d == "":
	case !d.Valid():
		g.wrong(field, "%s不是一个日期", label)
	case d > today:
		g.wrong(field, "%s不能晚于今天", label)
	}
}

func (g *gaps) span(field, label string, from, to exam.Month) {
	switch {
	case from == "":
		g.missing(field, label+"的开始年月")
	case !from.Valid() || !to.Valid():
		g.wrong(field, "%s的起止年月不对", label)
	case to != "" && to < from:
		g.wrong(field, "%s的结束早于开始", label)
	}
}

// Missing is what step ① lacks on the day today.
func (b Basic) Missing(today exam.Date) []Gap {
	g := &gaps{step: StepBasic}
	if b.Photo.Hash == "" {
		g.list = append(g.list, Gap{Step: StepBasic, Field: "photo", Sentence: "请上传证件照"})
	} else if !b.Photo.Hash.Valid() {
		g.wrong("photo", "照片没有保存好，请重新上传")
	}
	if b.Sex != exam.Male && b.Sex != exam.Female {
		g.choose("sex", "性别")
	}
	if b.Birth == "" {
		g.missing("birth", "出生年月")
	}
	g.day("birth", "出生年月", b.Birth, today)
	g.term("ethnic", "民族", b.Ethnic)
	g.term("education", "学历", b.Education)
	g.line("email", "电子邮箱", b.Email, true)
	if b.Email != "" && !validEmail(b.Email) {
		g.wrong("email", "电子邮箱的格式不对，应如 name@example.com")
	}
	g.line("mobile", "手机号码", b.Mobile, true)
	if b.Mobile != "" && !validMobile(b.Mobile) {
		g.wrong("mobile", "手机号码应为1开头的11位数字")
	}
	return g.list
}

func validEmail(s string) bool {
	at := strings.LastIndexByte(s, '@')
	if at < 1 || strings.ContainsAny(s, " \t,;<>\"") || strings.Count(s, "@") != 1 {
		return false
	}
	host := s[at+1:]
	dot := strings.LastIndexByte(host, '.')
	return dot > 0 && dot < len(host)-1 && !strings.Contains(host, "..")
}

func validMobile(s string) bool {
	return len(s) == 11 && s[0] == '1' && s[1] >= '3' && strings.Trim(s, "0123456789") == ""
}

// Missing is what step ② lacks on the day today.
func (p Practice) Missing(today exam.Date) []Gap {
	g := &gaps{step: StepPractice}
	g.line("department", "科室", p.Department, true)
	g.line("specialty", "从事专业", p.Specialty, true)
	g.term("title", "职称", p.Title)
	g.day("titleOn", "职称取得时间", p.TitleOn, today)
	g.line("post", "职务", p.Post, false)
	g.day("postOn", "任职时间", p.PostOn, today)
	g.term("level", "医师级别", p.Level)
	g.term("category", "执业类别", p.Category)
	switch {
	case len(p.Scopes) == 0:
		g.choose("scopes", "执业范围")
	case len(p.Scopes) > MostScopes:
		g.wrong("scopes", "执业范围最多%d项", MostScopes)
	default:
		for _, s := range p.Scopes {
			if s.Name == "" || utf8.RuneCountInString(s.Name) > MostLine || !exam.Printable(s.Name) {
				g.wrong("scopes", "执业范围中有一项不在选项中，请重新选择")
				break
			}
		}
	}
	if p.Trainee != "" && p.Trainee != Yes && p.Trainee != No {
		g.choose("trainee", "是否规培生")
	}
	g.line("qualificationNo", "资格证书编码", p.QualificationNo, true)
	g.day("qualificationOn", "资格证书取得时间", p.QualificationOn, today)
	g.line("licenceNo", "执业证书编码", p.LicenceNo, true)
	g.day("licenceOn", "执业证书取得时间", p.LicenceOn, today)
	return g.list
}

// Hints are the doubts about step ②: certificate numbers of an unusual length.
// A qualification certificate has 27 characters (24 with an old identity
// number), a practising certificate 15; older ones differ, so it never blocks.
func (p Practice) Hints() []Hint {
	var hs []Hint
	if n := len(p.QualificationNo); n != 0 && n != 27 && n != 24 {
		hs = append(hs, Hint{StepPractice, "qualificationNo", fmt.Sprintf("资格证书编码一般为27位（旧证24位），现在是%d位，请核对", n)})
	}
	if n := len(p.LicenceNo); n != 0 && n != 15 {
		hs = append(hs, Hint{StepPractice, "licenceNo", fmt.Sprintf("执业证书编码一般为15位，现在是%d位，请核对", n)})
	}
	return hs
}

// Missing is what a row of the filing table lacks.
func (f Filing) Missing() []Gap {
	g := &gaps{step: StepHistory}
	if f.Name == "" {
		g.choose("filings.name", "机构")
	} else {
		g.line("filings.name", "机构名称", f.Name, true)
	}
	g.line("filings.place", "机构所在地", f.Place, false)
	g.line("filings.department", "科室", f.Department, true)
	g.line("filings.post", "职务", f.Post, false)
	return g.list
}

// Missing is what a row of the education table lacks.
func (s Schooling) Missing() []Gap {
	g := &gaps{step: StepHistory}
	g.term("schooling.degree", "学历", s.Degree)
	g.line("schooling.school", "毕业院校", s.School, true)
	g.line("schooling.subject", "专业", s.Subject, true)
	g.span("schooling.from", "教育经历", s.From, s.To)
	return g.list
}

// Missing is what a row of the practice table lacks.
func (c Career) Missing() []Gap {
	g := &gaps{step: StepHistory}
	g.line("career.institution", "机构名称", c.Institution, true)
	g.term("career.title", "职称", c.Title)
	g.line("career.post", "职务", c.Post, false)
	g.span("career.from", "执业经历", c.From, c.To)
	return g.list
}

// Missing is what step ③ lacks: only what its rows lack, the tables may be empty.
func (h History) Missing() []Gap {
	g := &gaps{step: StepHistory}
	for name, n := range map[string]int{"filings": len(h.Filings), "schooling": len(h.Schooling), "career": len(h.Career)} {
		if n > MostRows {
			g.wrong(name, "每张表最多%d行", MostRows)
		}
	}
	list := g.list
	for _, f := range h.Filings {
		list = append(list, f.Missing()...)
	}
	for _, s := range h.Schooling {
		list = append(list, s.Missing()...)
	}
	for _, c := range h.Career {
		list = append(list, c.Missing()...)
	}
	return list
}

// Missing is what step ④ lacks.
func (m Merit) Missing() []Gap {
	g := &gaps{step: StepMerit}
	yesNo := func(field, label string, v YesNo) {
		if v != Yes && v != No {
			g.choose(field, label)
		}
	}
	mark := func(field, label string, v Mark) {
		if v != MarkQualified && v != MarkUnqualified {
			g.choose(field, label)
		}
	}
	yesNo("goodRecord", "有无良好执业行为记录", m.GoodRecord)
	yesNo("badRecord", "有无不良执业行为记录", m.BadRecord)
	mark("amount", "完成工作数量", m.Amount)
	for _, c := range []struct {
		field, label string
		n            *int
	}{
		{"patients", "接诊病人量", m.Patients}, {"operations", "手术量", m.Operations},
		{"tests", "检验/检查量", m.Tests}, {"rounds", "查房次数", m.Rounds},
	} {
		if c.n != nil && (*c.n < 0 || *c.n > MostCount) {
			g.wrong(c.field, "%s应为0到%d的整数", c.label, MostCount)
		}
	}
	mark("quality", "完成工作质量", m.Quality)
	mark("government", "完成政府指令性工作情况", m.Government)
	switch {
	case !m.NoSituation && len(m.Situations) == 0:
		g.choose("situations", "有无直接认定为不合格的情形（没有请勾选“无以下情形”）")
	case m.NoSituation && len(m.Situations) > 0:
		g.wrong("situations", "“无以下情形”与具体情形不能同时勾选")
	}
	for i, n := range m.Situations {
		if n < 1 || n > len(Situations) || i > 0 && n <= m.Situations[i-1] {
			g.wrong("situations", "情形的编号不对，请重新勾选")
			break
		}
	}
	switch m.Rating {
	case RatingExcellent, RatingGood, RatingFair:
	default:
		g.choose("rating", "医德医风自评")
	}
	return g.list
}

// Missing is what step ⑤ lacks, given the conditions that the rest of the form
// leaves open (see Conditions).
func (c Choice) Missing(open []Option) []Gap {
	g := &gaps{step: StepProcedure}
	switch c.Procedure {
	case General:
		return nil
	case Simple:
	default:
		g.choose("procedure", "考核程序")
		return g.list
	}
	if c.Condition == "" {
		g.choose("condition", "适用简易程序的条件")
	} else {
		held := false
		for _, o := range open {
			held = held || o.Condition == c.Condition && o.Holds
		}
		if !held {
			g.wrong("condition", "所选条件与前面填写的信息不符，请核对或改选一般程序")
		}
	}
	switch n := len(c.Proofs); {
	case n == 0:
		g.list = append(g.list, Gap{Step: StepProcedure, Field: "proofs", Sentence: "请上传证明材料"})
	case n > MostProofs:
		g.wrong("proofs", "证明材料最多%d张", MostProofs)
	}
	for _, p := range c.Proofs {
		if p.Hash == "" || !p.Hash.Valid() || utf8.RuneCountInString(p.Name) > 255 || !exam.Printable(p.Name) {
			g.wrong("proofs", "有一张证明材料没有保存好，请删去后重新上传")
			break
		}
	}
	switch n := utf8.RuneCountInString(strings.TrimSpace(c.Report)); {
	case n == 0:
		g.missing("report", "个人述职报告")
	case n < LeastReport:
		g.wrong("report", "个人述职报告至少%d个字，现在%d个字", LeastReport, n)
	case n > MostReport:
		g.wrong("report", "个人述职报告最多%d个字，现在%d个字", MostReport, n)
	case !exam.Printable(c.Report):
		g.wrong("report", "个人述职报告里有不能显示的字符，请重新输入")
	}
	return g.list
}

// Condition names why the simple procedure may be taken.
type Condition string

const (
	// ConditionFive: five years in practice and a good record in the cycle.
	ConditionFive Condition = "five-years-good"
	// ConditionTwelve: twelve years in practice and no bad record in the cycle.
	ConditionTwelve Condition = "twelve-years-clean"
	// ConditionOther, with a number from 1 behind it, is one of the cycle's
	// OtherConditions.
	ConditionOther Condition = "other-"
)

// Option is a condition as step ⑤ offers it.
type Option struct {
	Condition Condition
	Text      string
	Holds     bool   // it can hold, by what the form says so far
	Why       string // where it cannot, one sentence
}

// Conditions are the conditions of the cycle, each with whether it can hold by
// what the form says. Years in practice count from the practising certificate,
// or else from the qualification certificate, to today; where neither date was
// given, a condition may hold and a reviewer will see.
// Source: 《医师定期考核管理办法》第二十三条 and product.md.
func Conditions(cycle exam.Cycle, f Form, today exam.Date) []Option {
	var since exam.Date
	if p := f.Practice; p != nil {
		since = p.LicenceOn
		if since == "" {
			since = p.QualificationOn
		}
	}
	var good, bad YesNo
	if f.Merit != nil {
		good, bad = f.Merit.GoodRecord, f.Merit.BadRecord
	}
	years := func(n int) string {
		if since != "" && since.Years(today) < n {
			return fmt.Sprintf("按执业证书取得时间计算，执业未满%d年", n)
		}
		return ""
	}
	five := Option{Condition: ConditionFive, Text: "有5年以上执业经历，考核周期内有良好行为记录", Why: years(5)}
	if five.Why == "" && good == No {
		five.Why = "“良好执业行为记录”填的是“无”"
	}
	twelve := Option{Condition: ConditionTwelve, Text: "有12年以上执业经历，在考核周期内无不良行为记录", Why: years(12)}
	if twelve.Why == "" && bad == Yes {
		twelve.Why = "“不良执业行为记录”填的是“有”"
	}
	list := []Option{five, twelve}
	for i, text := range cycle.OtherConditions {
		list = append(list, Option{Condition: Condition(fmt.Sprintf("%s%d", ConditionOther, i+1)), Text: text})
	}
	for i := range list {
		list[i].Holds = list[i].Why == ""
	}
	return list
}

// Missing is all that the form lacks before it can be submitted, step by step.
func (f Form) Missing(cycle exam.Cycle, today exam.Date) []Gap {
	var b Basic
	var p Practice
	var h History
	var m Merit
	var c Choice
	if f.Basic != nil {
		b = *f.Basic
	}
	if f.Practice != nil {
		p = *f.Practice
	}
	if f.History != nil {
		h = *f.History
	}
	if f.Merit != nil {
		m = *f.Merit
	}
	if f.Choice != nil {
		c = *f.Choice
	}
	list := b.Missing(today)
	list = append(list, p.Missing(today)...)
	list = append(list, h.Missing()...)
	list = append(list, m.Missing()...)
	return append(list, c.Missing(Conditions(cycle, f, today))...)
}

// Check says whether the form may be stored at all: a draft may be half-filled,
// but nothing in it may break a bound, name a malformed blob or hold what no
// database keeps. The error is Invalid.
func (f Form) Check(today exam.Date) error {
	for _, g := range f.Missing(exam.Cycle{}, today) {
		if g.Wrong && hard[g.Field] {
			return &exam.Error{Kind: exam.Invalid, Field: g.Field, Sentence: g.Sentence}
		}
	}
	if !f.storable() {
		return exam.Errorf(exam.Invalid, "填写的内容太长或含有不能保存的字符")
	}
	return nil
}

// hard are the fields whose wrong values are not a matter of taste: a terminal
// that sends them is broken or hostile.
var hard = map[string]bool{"photo": true, "filings": true, "schooling": true, "career": true}

// storable bounds every text: four times what the form allows, so that a draft
// with too long a report is kept for its writer to shorten.
func (f Form) storable() bool {
	ok := true
	text := func(most int, ss ...string) {
		for _, s := range ss {
			if utf8.RuneCountInString(s) > 4*most || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				ok = false
			}
		}
	}
	term := func(ts ...exam.Term) {
		for _, t := range ts {
			text(MostLine, t.Code, t.Name)
		}
	}
	blob := func(b exam.Blob) {
		text(255, b.Name)
		if !b.Hash.Valid() || b.Size < 0 || b.Width < 0 || b.Height < 0 {
			ok = false
		}
	}
	day := func(ds ...exam.Date) {
		for _, d := range ds {
			ok = ok && d.Valid()
		}
	}
	if b := f.Basic; b != nil {
		blob(b.Photo)
		text(MostLine, string(b.Sex), b.Email, b.Mobile)
		term(b.Ethnic, b.Education)
		day(b.Birth)
	}
	if p := f.Practice; p != nil {
		text(MostLine, p.Department, p.Specialty, p.Post, p.QualificationNo, p.LicenceNo, string(p.Trainee))
		term(p.Title, p.Level, p.Category)
		term(p.Scopes...)
		day(p.TitleOn, p.PostOn, p.QualificationOn, p.LicenceOn)
		ok = ok && len(p.Scopes) <= 4*MostScopes
	}
	if h := f.History; h != nil {
		for _, r := range h.Filings {
			text(MostLine, string(r.Institution), r.Name, r.Division, r.Place, r.Department, r.Post)
		}
		for _, r := range h.Schooling {
			text(MostLine, r.School, r.Subject, string(r.From), string(r.To))
			term(r.Degree)
		}
		for _, r := range h.Career {
			text(MostLine, r.Institution, r.Post, string(r.From), string(r.To))
			term(r.Title)
		}
	}
	if m := f.Merit; m != nil {
		text(MostLine, string(m.GoodRecord), string(m.BadRecord), string(m.Amount), string(m.Quality), string(m.Government), string(m.Rating))
		ok = ok && len(m.Situations) <= len(Situations)
	}
	if c := f.Choice; c != nil {
		text(MostLine, string(c.Procedure), string(c.Condition))
		text(MostReport, c.Report)
		ok = ok && len(c.Proofs) <= 4*MostProofs
		for _, p := range c.Proofs {
			blob(p)
		}
	}
	return ok
}
