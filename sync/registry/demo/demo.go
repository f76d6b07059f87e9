// Package demo fills a registry with a small province for demonstration and
// rehearsal: a cycle whose windows contain today, offices, staff of each role
// and doctors in every state a dossier can be in.
//
// Everything is made through the registry's own use cases, signed in as the
// people who would do it, so that streams, reviews, notices and the audit log
// are as real ones. People, numbers and offices are made up: the identity
// numbers begin with 149900, which is no place, and their orders are 990 to 999;
// the photos are drawn and show nobody.
package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/registry"
	"dingkao/sync/wire"
)

// What stands in every demonstration.
const (
	Province   = "14"
	CycleID    = exam.CycleID("14-2024")
	Password   = "Demo2026!" // of everyone who has signed in before
	Captcha    = "2026"      // while the data is made; nobody sees it
	address    = "127.0.0.1"
	writerName = "demo"
)

// The offices.
const (
	Changzhi  = exam.InstitutionID("14-changzhi")
	Taiyuan   = exam.InstitutionID("14-taiyuan")
	Datong    = exam.InstitutionID("14-datong")
	Assessor  = exam.InstitutionID("14-assessor")
	Authority = exam.InstitutionID("14-authority")
)

var offices = []exam.Institution{
	{ID: Authority, Kind: exam.OfficeAuthority, Name: "山西省卫生健康委员会", Division: "14"},
	{ID: Assessor, Kind: exam.OfficeAssessor, Name: "山西省医师定期考核中心", Division: "14"},
	{ID: Changzhi, Kind: exam.OfficeInstitution, Name: "长治市医院", Division: "140403", Assessor: Assessor},
	{ID: Taiyuan, Kind: exam.OfficeInstitution, Name: "太原市汾东医院", Division: "140105", Assessor: Assessor},
	{ID: Datong, Kind: exam.OfficeInstitution, Name: "大同市云州医院", Division: "140215", Assessor: Assessor},
}

// Staff are the accounts of staff.
var Staff = []registry.NewUser{
	{Province: Province, Login: "changzhi", Name: "韩静宜", Role: exam.RoleInstitution, Office: Changzhi},
	{Province: Province, Login: "taiyuan", Name: "石文博", Role: exam.RoleInstitution, Office: Taiyuan},
	{Province: Province, Login: "datong", Name: "郝思远", Role: exam.RoleInstitution, Office: Datong},
	{Province: Province, Login: "kaohe", Name: "孟庆和", Role: exam.RoleAssessor, Office: Assessor},
	{Province: Province, Login: "weijian", Name: "卫国梁", Role: exam.RoleAuthority, Office: Authority},
	{Province: Province, Login: "jiankao", Name: "田一鸣", Role: exam.RoleProctor},
	{Province: Province, Login: "admin", Name: "管理员", Role: exam.RoleAdministrator},
}

// Goal is how far a doctor's dossier is brought.
type Goal string

// The goals, in the order of a dossier's way.
const (
	Outside      Goal = "未纳入"
	Fresh        Goal = "已纳入，初始密码"
	Included     Goal = "已纳入"
	Drafting     Goal = "草稿"
	Submitted    Goal = "待机构审核"
	SentBack     Goal = "已退回"
	Reviewed     Goal = "待考核机构复核"
	ForExam      Goal = "一般程序，待测评"
	Exempting    Goal = "一般程序，申请免考待审"
	Exempted     Goal = "免考合格，未发通知书"
	Qualified    Goal = "合格，未发通知书"
	Correcting   Goal = "合格，申请修改待审"
	Issued       Goal = "已发通知书"
	Revoked      Goal = "通知书已撤销"
	reasonBack        = "执业证书编码与证书原件不一致，请核对后重新提交"
	reasonGone        = "主要执业机构名称印刷有误，撤销后重新签发"
	reasonMend        = "手机号码已更换，申请修改联系方式"
	reasonExempt      = "本考核周期内完成住院医师规范化培训并取得合格证书，申请免考"
)

// Person is one doctor of the demonstration.
type Person struct {
	Name   string
	Born   string // 19800101
	Sex    exam.Sex
	Office exam.InstitutionID
	Goal   Goal
	Dept   string
	Scope  exam.Term
	Title  exam.Term
}

var (
	internal  = exam.Term{Code: "11", Name: "内科专业"}
	surgery   = exam.Term{Code: "12", Name: "外科专业"}
	women     = exam.Term{Code: "13", Name: "妇产科专业"}
	children  = exam.Term{Code: "14", Name: "儿科专业"}
	practice  = exam.Term{Code: "21", Name: "全科医学专业"}
	chief     = exam.Term{Code: "231", Name: "主任医师"}
	deputy    = exam.Term{Code: "232", Name: "副主任医师"}
	attending = exam.Term{Code: "233", Name: "主治医师"}
)

// Doctors are the doctors, in the order of the printed table.
var Doctors = []Person{
	{"苏晓棠", "19850316", exam.Female, Changzhi, Fresh, "心血管内科", internal, attending},
	{"顾言川", "19880722", exam.Male, Changzhi, Fresh, "普通外科", surgery, attending},
	{"林知远", "19910408", exam.Male, Changzhi, Outside, "全科医学科", practice, attending},
	{"方若溪", "19830127", exam.Female, Changzhi, Included, "儿科", children, deputy},
	{"贺云舟", "19790915", exam.Male, Changzhi, Drafting, "骨科", surgery, deputy},
	{"沈佩兰", "19810603", exam.Female, Changzhi, Submitted, "妇产科", women, deputy},
	{"陆景行", "19840219", exam.Male, Taiyuan, Submitted, "呼吸内科", internal, attending},
	{"白以宁", "19861130", exam.Female, Changzhi, SentBack, "消化内科", internal, attending},
	{"乔守正", "19760511", exam.Male, Taiyuan, Reviewed, "神经外科", surgery, chief},
	{"叶知秋", "19820924", exam.Female, Datong, Reviewed, "儿科", children, deputy},
	{"江一帆", "19900806", exam.Male, Taiyuan, ForExam, "急诊内科", internal, attending},
	{"温如玉", "19780213", exam.Female, Changzhi, Qualified, "妇产科", women, chief},
	{"程望舒", "19800428", exam.Male, Datong, Correcting, "内分泌科", internal, deputy},
	{"秦念慈", "19771209", exam.Female, Changzhi, Issued, "肾内科", internal, chief},
	{"戴修远", "19750707", exam.Male, Taiyuan, Revoked, "泌尿外科", surgery, chief},
	{"宁书意", "19890613", exam.Female, Changzhi, ForExam, "内分泌科", internal, attending},
	{"曲梦瑶", "19900115", exam.Female, Taiyuan, Exempting, "康复医学科", practice, attending},
	{"鲁子谦", "19890620", exam.Male, Changzhi, Exempted, "全科医学科", practice, attending},
}

// Identity is the made-up number of the doctor at place i in Doctors.
func Identity(i int) exam.Identity {
	p := Doctors[i]
	order := 990 + 2*(i%5)
	if p.Sex == exam.Male {
		order++
	}
	return exam.WithCheckDigit(fmt.Sprintf("149900%s%03d", p.Born, order))
}

// Cycle is the cycle, with windows that contain the day.
func Cycle(today exam.Date) exam.Cycle {
	t, _ := time.Parse(time.DateOnly, string(today))
	day := func(months int) exam.Date { return exam.DateOf(t.AddDate(0, months, 0)) }
	return exam.Cycle{
		ID: CycleID, Name: "2024—2027年度医师定期考核", From: "2024-07", To: "2027-06", Provinces: []string{Province},
		Confirm: exam.Window{From: day(-2), To: day(3)}, Fill: exam.Window{From: day(-2), To: day(3)},
		Review: exam.Window{From: day(-2), To: day(4)}, Assess: exam.Window{From: day(-1), To: day(5)},
		Attempts: 1, PassMark: 60, Minutes: 60, Questions: 100, ShowScore: true,
		OtherConditions: []string{"考核周期内参加对口支援、援外或公共卫生应急任务满6个月"},
	}
}

// ProvinceOf is the province that takes part.
func ProvinceOf() exam.Province {
	return exam.Province{Code: Province, Name: "山西省", Authority: "山西省卫生健康委员会"}
}

// Line is one line of the printed table.
type Line struct {
	Role     string `json:"role"`
	Name     string `json:"name"`
	Login    string `json:"login"`
	Password string `json:"password"`
	Office   string `json:"office"`
	State    string `json:"state,omitempty"`
}

// Table is what a visitor needs to enter: the accounts as Make left them.
func Table() []Line {
	names := map[exam.InstitutionID]string{}
	for _, o := range offices {
		names[o.ID] = o.Name
	}
	var list []Line
	for _, u := range Staff {
		office := names[u.Office]
		if office == "" {
			office = "山西省"
		}
		list = append(list, Line{Role: u.Role.Text(), Name: u.Name, Login: u.Login, Password: Password, Office: office})
	}
	for i, p := range Doctors {
		l := Line{Role: exam.RoleDoctor.Text(), Name: p.Name, Login: string(Identity(i)), Password: Password, Office: names[p.Office], State: string(p.Goal)}
		if p.Goal == Fresh || p.Goal == Outside {
			l.Password = exam.FirstPassword + "（首次登录须修改）"
		}
		list = append(list, l)
	}
	return list
}

// Print lays the table out in columns, a Chinese character two columns wide, as
// terminals show it.
func Print(list []Line) string {
	rows := [][]string{{"角色", "姓名", "账号", "密码", "所属", "考核状态"}}
	for _, l := range list {
		rows = append(rows, []string{l.Role, l.Name, l.Login, l.Password, l.Office, l.State})
	}
	text := Layout(rows)
	head, rest, _ := strings.Cut(text, "\n")
	most := 0
	for line := range strings.Lines(text) {
		most = max(most, columns(strings.TrimRight(line, "\n")))
	}
	return "  " + head + "\n  " + strings.Repeat("-", most) + "\n  " + strings.ReplaceAll(strings.TrimRight(rest, "\n"), "\n", "\n  ") + "\n"
}

// Layout lays rows out in columns.
func Layout(rows [][]string) string {
	wide := map[int]int{}
	for _, r := range rows {
		for i, c := range r {
			wide[i] = max(wide[i], columns(c))
		}
	}
	var b strings.Builder
	for _, r := range rows {
		var line strings.Builder
		for i, c := range r {
			line.WriteString(c + strings.Repeat(" ", wide[i]-columns(c)+2))
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	return b.String()
}

func columns(s string) int {
	n := utf8.RuneCountInString(s)
	for _, r := range s {
		if r >= 0x1100 {
			n++
		}
	}
	return n
}

// Make fills the registry, or goes on where an earlier Make was broken off:
// what stands is left as it is, so nothing that a visitor did is undone. The
// cycle's windows are moved to contain today each time. reg must have been
// opened with RehearsalCaptcha set to Captcha. issue says that notices can be
// drawn; without it, nobody gets one.
func Make(ctx context.Context, reg *registry.Registry, today exam.Date, issue bool) error {
	cycles, err := reg.Cycles(ctx)
	if err != nil {
		return err
	}
	for _, c := range cycles {
		if c.ID != CycleID {
			return exam.Errorf(exam.Refused, "数据目录里有别的考核周期“%s”，演示数据不会写进去；请换一个空目录", c.Name)
		}
	}
	if err := reg.AddProvince(ctx, ProvinceOf()); err != nil {
		return err
	}
	for _, o := range offices {
		if err := reg.AddInstitution(ctx, o); err != nil {
			return err
		}
	}
	if err := reg.AddCycle(ctx, Cycle(today)); err != nil {
		return err
	}
	if len(cycles) > 0 { // made before; was it made whole?
		if u, err := reg.FindUser(ctx, Province, "admin"); err == nil && !u.MustChange {
			return nil
		}
	}
	var rows []registry.RosterRow
	for i := range Doctors {
		rows = append(rows, RosterRow(i))
	}
	results, err := reg.ImportRoster(ctx, rows)
	if err != nil {
		return err
	}
	for _, r := range results {
		if r.Result == "refused" {
			return fmt.Errorf("demo: row %d: %s", r.Line, r.Sentence)
		}
	}
	m := &maker{reg: reg, today: today, staff: map[exam.InstitutionID]registry.Session{}, issue: issue}
	for _, u := range Staff {
		if _, err := reg.AddUser(ctx, u); err != nil && exam.KindOf(err) != exam.Conflict {
			return err
		}
		if u.Role == exam.RoleAdministrator {
			continue // last: it marks that all is made
		}
		who, err := m.signIn(ctx, u.Login)
		if err != nil {
			return err
		}
		if u.Office != "" {
			m.staff[u.Office] = who
		}
	}
	for i := range Doctors {
		if err := m.doctor(ctx, i, results[i].Application); err != nil {
			return fmt.Errorf("demo: doctor %d: %w", i+1, err)
		}
	}
	if err := m.leave(ctx); err != nil {
		return err
	}
	m.open = nil
	if _, err = m.signIn(ctx, "admin"); err != nil {
		return err
	}
	return m.leave(ctx)
}

// maker does what the people of the demonstration would do.
type maker struct {
	reg   *registry.Registry
	today exam.Date
	staff map[exam.InstitutionID]registry.Session
	issue bool
	open  []registry.Session // to be ended
}

// signIn signs in, and changes the first password where it is still in force.
func (m *maker) signIn(ctx context.Context, login string) (registry.Session, error) {
	u, err := m.reg.FindUser(ctx, Province, login)
	if err != nil {
		return registry.Session{}, err
	}
	password := Password
	if u.MustChange {
		password = exam.FirstPassword
	}
	who, err := enter(ctx, m.reg, login, password)
	m.open = append(m.open, who)
	if err != nil || !u.MustChange {
		return who, err
	}
	if err := m.reg.ChangePassword(ctx, who, exam.FirstPassword, Password); err != nil {
		return registry.Session{}, err
	}
	who, err = enter(ctx, m.reg, login, Password)
	m.open = append(m.open, who)
	return who, err
}

// leave ends all sessions.
func (m *maker) leave(ctx context.Context) error {
	for _, who := range m.open {
		if who.Hash == "" {
			continue // its sign-in failed
		}
		if err := m.reg.SignOut(ctx, who); err != nil {
			return err
		}
	}
	return nil
}

func enter(ctx context.Context, reg *registry.Registry, login, password string) (registry.Session, error) {
	c, err := reg.NewCaptcha(ctx)
	if err != nil {
		return registry.Session{}, err
	}
	in, err := reg.SignIn(ctx, exam.Credentials{
		Province: Province, Login: login, Password: password, Captcha: c.ID, Text: Captcha, Terminal: writerName,
	}, registry.Origin{Address: address, Agent: writerName})
	if err != nil {
		return registry.Session{}, err
	}
	return reg.Authenticate(ctx, in.Token)
}

// doctor brings one dossier as far as its goal. Each step looks whether it is
// still to be done.
func (m *maker) doctor(ctx context.Context, i int, id exam.ApplicationID) error {
	p := Doctors[i]
	if p.Goal == Outside {
		return nil
	}
	office := m.staff[p.Office]
	state := func() (application.Dossier, []exam.Notice, error) {
		c, err := m.reg.Case(ctx, office, id)
		return c.Dossier, c.Notices, err
	}
	decide := func(who registry.Session, from application.State, act application.Act, reason string) error {
		d, _, err := state()
		if err != nil || d.State != from {
			return err
		}
		on := d.OwnSeq
		if act == application.ActIncluded {
			on = 0
		}
		return done(m.reg.Decide(ctx, who, application.Decision{Act: act, Reason: reason, Targets: []application.Target{{Application: id, On: on}}}))
	}
	if err := decide(office, application.NotIncluded, application.ActIncluded, ""); err != nil || p.Goal == Fresh {
		return err
	}
	who, err := m.signIn(ctx, string(Identity(i)))
	if err != nil || p.Goal == Included {
		return err
	}
	e, err := m.reg.Enrolment(ctx, who)
	if err != nil {
		return err
	}
	w := &writer{m, who, wire.ApplicationStream(e.Application), e}
	if e.Dossier.State == application.Included || e.Dossier.State == application.Draft {
		if err := w.fill(ctx, i); err != nil {
			return err
		}
	}
	if p.Goal == Drafting {
		return nil
	}
	if w.e.Dossier.State == application.Draft {
		if err := w.append(ctx, application.ActSubmitted, application.Body{}); err != nil || p.Goal == Submitted {
			return err
		}
	}
	switch p.Goal {
	case Submitted:
		return nil
	case SentBack:
		return decide(office, application.AwaitingInstitution, application.ActReturned, reasonBack)
	}
	if err := decide(office, application.AwaitingInstitution, application.ActApproved, ""); err != nil || p.Goal == Reviewed {
		return err
	}
	if err := decide(m.staff[Assessor], application.AwaitingAssessor, application.ActApproved, ""); err != nil {
		return err
	}
	d, notices, err := state()
	if err != nil {
		return err
	}
	if (p.Goal == Exempting || p.Goal == Exempted) && d.Exemption == nil {
		if w.e, err = m.reg.Enrolment(ctx, who); err != nil {
			return err
		}
		proof, err := w.put(ctx, "规范化培训合格证书.jpg", Proof(i), 620, 877)
		if err != nil {
			return err
		}
		if err := w.append(ctx, application.ActExemptionAsked, application.Body{Reason: reasonExempt, Proofs: []exam.Blob{proof}}); err != nil {
			return err
		}
	}
	switch {
	case p.Goal == Exempted:
		return decide(m.staff[Assessor], application.AwaitingExam, application.ActExemptionGranted, "")
	case p.Goal == Correcting && d.Correction == nil:
		if w.e, err = m.reg.Enrolment(ctx, who); err != nil {
			return err
		}
		basic := *d.Form.Basic
		basic.Mobile = "13900000990"
		return w.append(ctx, application.ActCorrectionAsked, application.Body{Form: &application.Form{Basic: &basic}, Reason: reasonMend})
	case (p.Goal == Issued || p.Goal == Revoked) && m.issue:
		if len(notices) == 0 {
			if err := done(m.reg.Issue(ctx, m.staff[Authority], []application.Target{{Application: id, On: d.OwnSeq}})); err != nil {
				return err
			}
			if _, notices, err = state(); err != nil {
				return err
			}
		}
		if p.Goal == Revoked && len(notices) > 0 && notices[0].RevokedAt == 0 {
			return m.reg.Revoke(ctx, m.staff[Authority], notices[0].Serial, reasonGone)
		}
	}
	return nil
}

func done(list []application.Outcome, err error) error {
	if err != nil {
		return err
	}
	for _, o := range list {
		if o.Kind != "" {
			return exam.Errorf(o.Kind, "%s", o.Sentence)
		}
	}
	return nil
}

// writer writes a doctor's stream as a terminal would.
type writer struct {
	m      *maker
	who    registry.Session
	stream wire.Stream
	e      wire.Enrolment
}

func (w *writer) append(ctx context.Context, act application.Act, body application.Body) error {
	about, err := w.m.reg.About(ctx)
	if err != nil {
		return err
	}
	_, raw, err := wire.Next(w.stream, w.e.Dossier.OwnSeq+1, w.e.OwnHead, about.Now, writerName, string(act), body)
	if err != nil {
		return err
	}
	if _, err := w.m.reg.Append(ctx, w.who, []json.RawMessage{raw}); err != nil {
		return err
	}
	w.e, err = w.m.reg.Enrolment(ctx, w.who)
	return err
}

// fill saves the form, step by step, with its pictures first.
func (w *writer) fill(ctx context.Context, i int) error {
	photo, err := w.put(ctx, "证件照.jpg", Portrait(i), 358, 441)
	if err != nil {
		return err
	}
	form := Form(i, photo, exam.Blob{})
	steps := []application.Step{application.StepBasic, application.StepPractice, application.StepHistory, application.StepMerit, application.StepProcedure}
	if Doctors[i].Goal == Drafting {
		steps = steps[:2]
	} else if g := Doctors[i].Goal; g != ForExam && g != Exempting && g != Exempted {
		proof, err := w.put(ctx, "良好行为记录证明.jpg", Proof(i), 620, 877)
		if err != nil {
			return err
		}
		form = Form(i, photo, proof)
	}
	for _, s := range steps {
		if w.e.Dossier.Form.Has(s) {
			continue
		}
		part := form.Only(s)
		if err := w.append(ctx, application.ActSaved, application.Body{Form: &part}); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) put(ctx context.Context, name string, data []byte, width, height int) (exam.Blob, error) {
	h := wire.BlobHashOf(data)
	return exam.Blob{Hash: h, Name: name, Size: len(data), Width: width, Height: height}, w.m.reg.PutBlob(ctx, w.who, h, data)
}

// Form is a whole form of the doctor at place i, that can be submitted: by the
// simple procedure with the proof, by the general one where it is zero.
func Form(i int, photo, proof exam.Blob) application.Form {
	p := Doctors[i]
	id := Identity(i)
	number := func(n int) *int { return &n }
	year := func(age int) string { return fmt.Sprint(born(i) + age) }
	f := application.Form{
		Basic: &application.Basic{
			Photo: photo, Sex: p.Sex, Birth: id.Birth(), Ethnic: exam.Term{Code: "01", Name: "汉族"},
			Education: exam.Term{Code: "21", Name: "大学本科毕业"}, Email: fmt.Sprintf("doctor%02d@example.com", i+1), Mobile: mobile(i),
		},
		Practice: &application.Practice{
			Department: p.Dept, Specialty: p.Dept, Title: p.Title, TitleOn: exam.Date(year(33) + "-12-20"),
			Level: exam.Term{Code: "1", Name: "执业医师"}, Trainee: application.No, Category: exam.Term{Code: "1", Name: "临床"},
			Scopes: []exam.Term{p.Scope}, QualificationNo: qualification(i), QualificationOn: exam.Date(year(24) + "-12-10"),
			LicenceNo: licence(i), LicenceOn: exam.Date(year(25) + "-07-01"),
		},
		History: &application.History{
			Filings: []application.Filing{},
			Schooling: []application.Schooling{{Degree: exam.Term{Code: "21", Name: "大学本科毕业"}, School: "山西医科大学", Subject: "临床医学",
				From: exam.Month(year(18) + "-09"), To: exam.Month(year(23) + "-07")}},
			Career: []application.Career{{Institution: officeName(p.Office), Title: p.Title, From: exam.Month(year(23) + "-08")}},
		},
		Merit: &application.Merit{
			GoodRecord: application.Yes, BadRecord: application.No, Amount: application.MarkQualified,
			Patients: number(5200 + 137*i), Operations: number(0), Tests: number(0), Rounds: number(1460 + 11*i),
			Quality: application.MarkQualified, Government: application.MarkQualified,
			NoSituation: true, Situations: []int{}, Rating: application.RatingGood,
		},
		Choice: &application.Choice{Procedure: application.General, Proofs: []exam.Blob{}},
	}
	if p.Scope == surgery {
		f.Merit.Operations = number(320 + 9*i)
	}
	if proof.Hash != "" {
		f.Choice = &application.Choice{
			Procedure: application.Simple, Condition: application.ConditionFive, Proofs: []exam.Blob{proof},
			Report: "本考核周期内，本人在" + p.Dept + "从事临床医疗工作，遵守法律法规和诊疗规范，认真履行岗位职责，按时完成门诊、查房和值班任务，无医疗事故和投诉。" +
				"坚持参加继续医学教育，承担带教工作，积极完成上级安排的下乡义诊和健康宣教任务，医德医风良好。",
		}
	}
	return f
}

func officeName(id exam.InstitutionID) string {
	for _, o := range offices {
		if o.ID == id {
			return o.Name
		}
	}
	return ""
}

// Offices are all offices.
func Offices() []exam.Institution { return append([]exam.Institution(nil), offices...) }

// RosterRow is the doctor at place i as a roster has it.
func RosterRow(i int) registry.RosterRow {
	p := Doctors[i]
	return registry.RosterRow{
		Line: i + 1, Province: Province, Identity: string(Identity(i)), Name: p.Name, Institution: string(p.Office),
		LicenceNo: licence(i), QualificationNo: qualification(i), Mobile: mobile(i),
	}
}

// The numbers are of the right length and of nobody.
func licence(i int) string { return fmt.Sprintf("110149900%06d", 990001+i) }

func qualification(i int) string {
	return fmt.Sprintf("%d%05d%018d", born(i)+24, 14990, 990000000001+i)
}

// born is the doctor's year of birth: schooling and certificates follow from it.
func born(i int) int {
	n, _ := strconv.Atoi(Doctors[i].Born[:4])
	return n
}

func mobile(i int) string { return fmt.Sprintf("139000009%02d", i) }
