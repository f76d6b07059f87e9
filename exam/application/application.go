// Package application is one doctor's dossier in one cycle (填报信息): the six
// steps of the form, what each still lacks, and the machine that leads from
// inclusion through two reviews to the end of the simple procedure, or through
// exemption or exam, confirmation, re-sit and appeal to that of the general one.
//
// A dossier is two streams: what the doctor's terminal says (application/<id>)
// and what reviewers decide (review/<id>). Neither repeats the other. Each
// decision names the head of the doctor's stream that its reviewer had before
// him (On), which puts both streams into one order at both ends of the line,
// whatever the order in which they arrived; and a decision about a page that
// has changed since is refused rather than misapplied. The state is derived by
// Fold, never stored.
package application

import (
	"dingkao/exam"
)

// Step is one of the six pages of the form.
type Step string

const (
	StepBasic     Step = "basic"     // ① 基本信息
	StepPractice  Step = "practice"  // ② 执业信息
	StepHistory   Step = "history"   // ③ 相关经历
	StepMerit     Step = "merit"     // ④ 工作业绩、职业道德
	StepProcedure Step = "procedure" // ⑤ 考核程序
	StepConfirm   Step = "confirm"   // ⑥ 确认信息: nothing of its own is saved
)

// Steps are the six in their order.
var Steps = []Step{StepBasic, StepPractice, StepHistory, StepMerit, StepProcedure, StepConfirm}

// Text is the step's name on the screen.
func (s Step) Text() string {
	switch s {
	case StepBasic:
		return "基本信息"
	case StepPractice:
		return "执业信息"
	case StepHistory:
		return "相关经历"
	case StepMerit:
		return "工作业绩、职业道德"
	case StepProcedure:
		return "考核程序"
	case StepConfirm:
		return "确认信息"
	}
	return string(s)
}

// Basic is step ①. Name and document come from the roster and are not here.
type Basic struct {
	Photo     exam.Blob `json:"photo"`
	Sex       exam.Sex  `json:"sex"`
	Birth     exam.Date `json:"birth"`
	Ethnic    exam.Term `json:"ethnic"`    // GB/T 3304
	Education exam.Term `json:"education"` // GB/T 4658
	Email     string    `json:"email"`
	Mobile    string    `json:"mobile"`
}

// YesNo is an answer that may not have been given yet.
type YesNo string

const (
	Yes YesNo = "yes" // 是, 有
	No  YesNo = "no"  // 否, 无
)

// Practice is step ②. The main institution comes from the roster.
type Practice struct {
	Department      string      `json:"department"`
	Specialty       string      `json:"specialty"` // 从事专业
	Title           exam.Term   `json:"title"`     // GB/T 8561
	TitleOn         exam.Date   `json:"titleOn"`
	Post            string      `json:"post"`
	PostOn          exam.Date   `json:"postOn"`
	Level           exam.Term   `json:"level"`    // 执业医师, 执业助理医师
	Trainee         YesNo       `json:"trainee"`  // 规培生
	Category        exam.Term   `json:"category"` // 临床, 口腔, 公共卫生, 中医
	Scopes          []exam.Term `json:"scopes"`
	QualificationNo string      `json:"qualificationNo"`
	QualificationOn exam.Date   `json:"qualificationOn"`
	LicenceNo       string      `json:"licenceNo"`
	LicenceOn       exam.Date   `json:"licenceOn"`
}

// History is step ③: three tables, each of which may be empty.
type History struct {
	Filings   []Filing    `json:"filings"`   // 多机构备案
	Schooling []Schooling `json:"schooling"` // 教育经历
	Career    []Career    `json:"career"`    // 执业经历
}

// Filing is one further institution where the doctor is filed to practise.
type Filing struct {
	Institution exam.InstitutionID `json:"institution"`
	Name        string             `json:"name"`
	Division    string             `json:"division"`
	Place       string             `json:"place"` // 山西省 长治市 潞州区, as picked
	Department  string             `json:"department"`
	Post        string             `json:"post"`
}

// Schooling is one row of the education table. An empty To means 至今.
type Schooling struct {
	Degree  exam.Term  `json:"degree"`
	School  string     `json:"school"`
	Subject string     `json:"subject"`
	From    exam.Month `json:"from"`
	To      exam.Month `json:"to"`
}

// Career is one row of the practice table. An empty To means 至今.
type Career struct {
	Institution string     `json:"institution"`
	Title       exam.Term  `json:"title"`
	Post        string     `json:"post"`
	From        exam.Month `json:"from"`
	To          exam.Month `json:"to"`
}

// Mark is 合格 or 不合格.
type Mark string

const (
	MarkQualified   Mark = "qualified"
	MarkUnqualified Mark = "unqualified"
)

// Rating is the doctor's own rating of professional ethics.
type Rating string

const (
	RatingExcellent Rating = "excellent" // 优秀
	RatingGood      Rating = "good"      // 良好
	RatingFair      Rating = "fair"      // 一般
)

// Merit is step ④. Counts are over the cycle; nil means "not filled in".
type Merit struct {
	GoodRecord  YesNo  `json:"goodRecord"` // 良好执业行为记录
	BadRecord   YesNo  `json:"badRecord"`  // 不良执业行为记录
	Amount      Mark   `json:"amount"`     // 完成工作数量
	Patients    *int   `json:"patients"`   // 人次/三年
	Operations  *int   `json:"operations"` // 例/三年
	Tests       *int   `json:"tests"`      // 例/三年
	Rounds      *int   `json:"rounds"`     // 次/三年
	Quality     Mark   `json:"quality"`    // 完成工作质量
	Government  Mark   `json:"government"` // 完成政府指令性工作
	NoSituation bool   `json:"noSituation"`
	Situations  []int  `json:"situations"` // numbers 1 to 13 of Situations
	Rating      Rating `json:"rating"`
}

// Procedure says which of the two ways the doctor takes.
type Procedure string

const (
	Simple  Procedure = "simple"  // 简易程序
	General Procedure = "general" // 一般程序
)

// Text is the procedure in Chinese, 尚未选择 for none.
func (p Procedure) Text() string {
	switch p {
	case Simple:
		return "简易程序"
	case General:
		return "一般程序"
	}
	return "尚未选择"
}

// Choice is step ⑤.
type Choice struct {
	Procedure Procedure   `json:"procedure"`
	Condition Condition   `json:"condition"` // why the simple one may be taken
	Proofs    []exam.Blob `json:"proofs"`    // at most MostProofs pictures
	Report    string      `json:"report"`    // 个人述职报告, at most MostReport characters
}

// Bounds of what may be written, in characters (not bytes) or pieces.
const (
	MostLine      = 60
	MostReport    = 3000
	MostReason    = 200 // the reason of a correction, and a reviewer's
	MostProofs    = 9
	MostRows      = 30 // of each table of step ③
	MostScopes    = 20
	MostCount     = 9_999_999
	LeastReport   = 20
	MostPhotoSize = 5 << 20 // bytes as uploaded; the manual: 5M以下
)

// Form is all that was saved. A nil step was never saved.
type Form struct {
	Basic    *Basic    `json:"basic,omitempty"`
	Practice *Practice `json:"practice,omitempty"`
	History  *History  `json:"history,omitempty"`
	Merit    *Merit    `json:"merit,omitempty"`
	Choice   *Choice   `json:"choice,omitempty"`
}

// With is the form with every step that part has put in the place of its own.
func (f Form) With(part Form) Form {
	if part.Basic != nil {
		f.Basic = part.Basic
	}
	if part.Practice != nil {
		f.Practice = part.Practice
	}
	if part.History != nil {
		f.History = part.History
	}
	if part.Merit != nil {
		f.Merit = part.Merit
	}
	if part.Choice != nil {
		f.Choice = part.Choice
	}
	return f
}

// Only is the form with one step alone.
func (f Form) Only(s Step) Form {
	switch s {
	case StepBasic:
		return Form{Basic: f.Basic}
	case StepPractice:
		return Form{Practice: f.Practice}
	case StepHistory:
		return Form{History: f.History}
	case StepMerit:
		return Form{Merit: f.Merit}
	case StepProcedure:
		return Form{Choice: f.Choice}
	}
	return Form{}
}

// Has says whether the step was saved.
func (f Form) Has(s Step) bool { return f.Only(s) != Form{} }

// Blobs are the hashes of all pictures that the form names, each once.
func (f Form) Blobs() []exam.BlobHash {
	var hs []exam.BlobHash
	seen := map[exam.BlobHash]bool{"": true}
	add := func(h exam.BlobHash) {
		if !seen[h] {
			seen[h] = true
			hs = append(hs, h)
		}
	}
	if f.Basic != nil {
		add(f.Basic.Photo.Hash)
	}
	if f.Choice != nil {
		for _, p := range f.Choice.Proofs {
			add(p.Hash)
		}
	}
	return hs
}

// Situations are the thirteen in which the ethics part is failed outright. The
// 14th of the rules (无正当理由不参加考核或者扰乱考核秩序) is set by an
// institution or a proctor, never by the doctor, and is not in this list.
// Source: 《医师定期考核管理办法》第二十七条, as the forms word it.
var Situations = [13]string{
	"在发生的医疗事故中负有完全或者主要责任的",
	"未经所在机构或者卫生行政部门批准，擅自在注册地点以外的医疗、预防、保健机构进行执业活动的",
	"跨执业类别进行执业活动的",
	"代他人参加医师资格考试的",
	"在医疗卫生服务活动中索要患者及其亲友财物或者牟取其他不正当利益的",
	"索要或者收受医疗器械、药品、试剂等生产、销售企业或其工作人员给予的回扣、提成或者谋取其他不正当利益的",
	"通过介绍病人到其他单位检查、治疗或者购买药品、医疗器械等收取回扣或者提成的",
	"出具虚假医学证明文件，参与虚假医疗广告宣传和药品医疗器械促销的",
	"未按照规定执行医院感染控制任务，未有效实施消毒或者无害化处置，造成疾病传播、流行的",
	"故意泄露传染病人、病原携带者、疑似传染病病人、密切接触者涉及个人隐私的有关信息、资料的",
	"疾病预防控制机构的医师未依法履行传染病监测、报告、调查、处理职责，造成严重后果的",
	"考核期内，有一次以上医德考评为医德较差的",
	"违反《医师法》有关规定，被行政处罚的",
}

// Standards are the seven that stand beside the self-rating.
var Standards = [7]string{
	"救死扶伤，全心全意为人民服务",
	"尊重患者的权利，为患者保守医疗秘密",
	"文明礼貌，优质服务，构建和谐医患关系",
	"遵纪守法，廉洁行医",
	"因病施治，规范医疗服务行为",
	"顾全大局，团结协作，和谐共事",
	"严谨求实，努力提高专业技术水平",
}
