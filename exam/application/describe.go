package application

import (
	"strconv"
	"strings"

	"dingkao/exam"
)

// Section is one part of a dossier as people read it: the confirm page, 个人信息,
// the reviewer's case and the comparison of two versions all show this.
type Section struct {
	Step   Step
	Title  string
	Fields []Field
	Tables []Table
}

// Field is one label with its value as text; an empty value was not given.
type Field struct {
	Key, Label, Value string
	Long              bool // wants the whole width
	Pictures          []exam.Blob
}

// Table is one of the tables of step ③.
type Table struct {
	Key, Title string
	Header     []string
	Rows       [][]string
}

// Text is 是/否; HasText is 有/无.
func (v YesNo) Text() string {
	switch v {
	case Yes:
		return "是"
	case No:
		return "否"
	}
	return ""
}

// HasText is 有/无 for the records.
func (v YesNo) HasText() string {
	switch v {
	case Yes:
		return "有"
	case No:
		return "无"
	}
	return ""
}

// Text is 合格 or 不合格.
func (m Mark) Text() string {
	switch m {
	case MarkQualified:
		return "合格"
	case MarkUnqualified:
		return "不合格"
	}
	return ""
}

// Text is 优秀, 良好 or 一般.
func (r Rating) Text() string {
	switch r {
	case RatingExcellent:
		return "优秀"
	case RatingGood:
		return "良好"
	case RatingFair:
		return "一般"
	}
	return ""
}

func count(n *int, unit string) string {
	if n == nil {
		return ""
	}
	return strconv.Itoa(*n) + " " + unit
}

func span(from, to exam.Month) string {
	if from == "" && to == "" {
		return ""
	}
	if to == "" {
		return string(from) + " 至今"
	}
	return string(from) + " 至 " + string(to)
}

// Names joins the terms' names with 、.
func Names(ts []exam.Term) string {
	ns := make([]string, len(ts))
	for i, t := range ts {
		ns[i] = t.Name
	}
	return strings.Join(ns, "、")
}

// ConditionText is the condition's text in the cycle; empty for none.
func ConditionText(cycle exam.Cycle, c Condition) string {
	for _, o := range Conditions(cycle, Form{}, "") {
		if o.Condition == c {
			return o.Text
		}
	}
	return ""
}

// Describe is the form as people read it, section by section, with what the
// roster says. The identity number is masked. Steps that were never saved are
// described with empty values.
func Describe(doctor exam.Doctor, institution string, cycle exam.Cycle, f Form) []Section {
	f = f.filled()
	b, p, h, m, c := f.Basic, f.Practice, f.History, f.Merit, f.Choice
	basic := Section{Step: StepBasic, Title: StepBasic.Text(), Fields: []Field{
		{Key: "name", Label: "姓名", Value: doctor.Name},
		{Key: "sex", Label: "性别", Value: b.Sex.Text()},
		{Key: "documentKind", Label: "证件类型", Value: doctor.DocumentKind.Name},
		{Key: "identity", Label: "证件号码", Value: doctor.Identity.Masked()},
		{Key: "birth", Label: "出生年月", Value: string(b.Birth)},
		{Key: "ethnic", Label: "民族", Value: b.Ethnic.Name},
		{Key: "education", Label: "学历", Value: b.Education.Name},
		{Key: "email", Label: "电子邮箱", Value: b.Email},
		{Key: "mobile", Label: "手机号码", Value: b.Mobile},
	}}
	if b.Photo.Hash != "" {
		basic.Fields = append(basic.Fields, Field{Key: "photo", Label: "照片", Value: "已上传", Pictures: []exam.Blob{b.Photo}})
	} else {
		basic.Fields = append(basic.Fields, Field{Key: "photo", Label: "照片"})
	}
	practice := Section{Step: StepPractice, Title: StepPractice.Text(), Fields: []Field{
		{Key: "institution", Label: "主要执业机构", Value: institution, Long: true},
		{Key: "department", Label: "科室", Value: p.Department},
		{Key: "specialty", Label: "从事专业", Value: p.Specialty},
		{Key: "title", Label: "职称", Value: p.Title.Name},
		{Key: "titleOn", Label: "职称取得时间", Value: string(p.TitleOn)},
		{Key: "post", Label: "职务", Value: p.Post},
		{Key: "postOn", Label: "任职时间", Value: string(p.PostOn)},
		{Key: "level", Label: "医师级别", Value: p.Level.Name},
		{Key: "trainee", Label: "规培生", Value: p.Trainee.Text()},
		{Key: "category", Label: "执业类别", Value: p.Category.Name},
		{Key: "scopes", Label: "执业范围", Value: Names(p.Scopes), Long: true},
		{Key: "qualificationNo", Label: "资格证书编码", Value: p.QualificationNo},
		{Key: "qualificationOn", Label: "资格证书取得时间", Value: string(p.QualificationOn)},
		{Key: "licenceNo", Label: "执业证书编码", Value: p.LicenceNo},
		{Key: "licenceOn", Label: "执业证书取得时间", Value: string(p.LicenceOn)},
	}}
	history := Section{Step: StepHistory, Title: StepHistory.Text(), Tables: []Table{
		{Key: "filings", Title: "多机构备案", Header: []string{"执业机构", "科室", "职务"}},
		{Key: "schooling", Title: "教育经历", Header: []string{"学历", "毕业院校", "专业", "起止时间"}},
		{Key: "career", Title: "执业经历", Header: []string{"机构名称", "职称", "职务", "起止时间"}},
	}}
	for _, r := range h.Filings {
		history.Tables[0].Rows = append(history.Tables[0].Rows, []string{r.Name, r.Department, r.Post})
	}
	for _, r := range h.Schooling {
		history.Tables[1].Rows = append(history.Tables[1].Rows, []string{r.Degree.Name, r.School, r.Subject, span(r.From, r.To)})
	}
	for _, r := range h.Career {
		history.Tables[2].Rows = append(history.Tables[2].Rows, []string{r.Institution, r.Title.Name, r.Post, span(r.From, r.To)})
	}
	situations := ""
	if m.NoSituation {
		situations = "无以下情形"
	}
	for _, n := range m.Situations {
		if n >= 1 && n <= len(Situations) {
			if situations != "" {
				situations += "\n"
			}
			situations += strconv.Itoa(n) + ". " + Situations[n-1]
		}
	}
	merit := Section{Step: StepMerit, Title: StepMerit.Text(), Fields: []Field{
		{Key: "goodRecord", Label: "良好执业行为记录", Value: m.GoodRecord.HasText()},
		{Key: "badRecord", Label: "不良执业行为记录", Value: m.BadRecord.HasText()},
		{Key: "amount", Label: "完成工作数量", Value: m.Amount.Text()},
		{Key: "patients", Label: "接诊病人量", Value: count(m.Patients, "人次/三年")},
		{Key: "operations", Label: "手术量（外科科室）", Value: count(m.Operations, "例/三年")},
		{Key: "tests", Label: "检验/检查量（医技科室）", Value: count(m.Tests, "例/三年")},
		{Key: "rounds", Label: "查房次数", Value: count(m.Rounds, "次/三年")},
		{Key: "quality", Label: "完成工作质量", Value: m.Quality.Text()},
		{Key: "government", Label: "完成政府指令性工作情况", Value: m.Government.Text()},
		{Key: "rating", Label: "医德医风自评", Value: m.Rating.Text()},
		{Key: "situations", Label: "直接认定为不合格的情形", Value: situations, Long: true},
	}}
	choice := Section{Step: StepProcedure, Title: StepProcedure.Text()}
	if f.Choice.Procedure == "" {
		choice.Fields = []Field{{Key: "procedure", Label: "考核程序"}}
	} else {
		choice.Fields = []Field{{Key: "procedure", Label: "考核程序", Value: c.Procedure.Text()}}
	}
	if c.Procedure == Simple {
		proofs := Field{Key: "proofs", Label: "证明材料", Pictures: c.Proofs, Long: true}
		if n := len(c.Proofs); n > 0 {
			proofs.Value = "已上传" + strconv.Itoa(n) + "张"
		}
		choice.Fields = append(choice.Fields,
			Field{Key: "condition", Label: "适用条件", Value: ConditionText(cycle, c.Condition), Long: true},
			proofs,
			Field{Key: "report", Label: "个人述职报告", Value: c.Report, Long: true})
	}
	return []Section{basic, practice, history, merit, choice}
}

// filled has an empty step in the place of every one that was never saved.
func (f Form) filled() Form {
	return Form{Basic: &Basic{}, Practice: &Practice{}, History: &History{}, Merit: &Merit{}, Choice: &Choice{}}.With(f)
}

// Differences are the fields in which mine differs from theirs, in the steps
// that mine has, as people read them.
func Differences(cycle exam.Cycle, mine, theirs Form) []Difference {
	whole := theirs.With(mine)
	a := Describe(exam.Doctor{}, "", cycle, whole)
	b := Describe(exam.Doctor{}, "", cycle, theirs)
	var list []Difference
	for i := range a {
		if !mine.Has(a[i].Step) {
			continue
		}
		theirsByKey := map[string]string{}
		for _, f := range b[i].Fields {
			theirsByKey[f.Key] = f.text()
		}
		seen := map[string]bool{}
		for _, f := range a[i].Fields {
			seen[f.Key] = true
			if t := theirsByKey[f.Key]; t != f.text() {
				list = append(list, Difference{a[i].Step, f.Key, f.Label, f.text(), t})
			}
		}
		for _, f := range b[i].Fields {
			if !seen[f.Key] && f.text() != "" {
				list = append(list, Difference{a[i].Step, f.Key, f.Label, "", f.text()})
			}
		}
		for j := range a[i].Tables {
			if m, t := a[i].Tables[j].text(), b[i].Tables[j].text(); m != t {
				list = append(list, Difference{a[i].Step, a[i].Tables[j].Key, a[i].Tables[j].Title, m, t})
			}
		}
	}
	return list
}

// text is the value as a comparison sees it: with the pictures' hashes, so that
// two different photographs differ.
func (f Field) text() string {
	s := f.Value
	for _, p := range f.Pictures {
		if len(p.Hash) >= 8 {
			s += " " + p.Name + "（" + string(p.Hash[:8]) + "）"
		}
	}
	return s
}

func (t Table) text() string {
	rows := make([]string, len(t.Rows))
	for i, r := range t.Rows {
		rows[i] = strings.Join(r, " ")
	}
	return strings.Join(rows, "\n")
}
