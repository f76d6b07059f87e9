package desk

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"sort"
	"strings"
	"sync"
	"time"

	"dingkao/assets"
	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/ui/part"
)

// sample is a registry in memory, for the gallery and the tests: its dossiers are
// folded by the real rules from real entries, and it answers at once, or fails
// where it is told to. One account is signed in.
type sample struct {
	candidates int // of the statistics; 0: many, below: no paper was drawn
	account    exam.Account
	files      []*sampleFile
	offices    []exam.Institution
	pictures   map[exam.BlobHash][]byte
	now        exam.Instant
	password   string
	// fail is the error of every call of that name until it is taken away.
	fail map[string]error
	// stuck is the outcome of deciding about or issuing to one.
	stuck map[exam.ApplicationID]error
	// before is called before a decision or an issue is carried out, with the
	// number of requests before it.
	before func(n int)
	// What was asked, for tests.
	filters   []application.Filter
	decisions []application.Decision
	issues    [][]application.Target
	revoked   map[exam.Serial]string
	revealed  []exam.ApplicationID
	closed    int
	serial    int
	// room is what a proctor sees.
	room sampleRoom
}

// sampleFile is one dossier of a sample.
type sampleFile struct {
	s *sample
	e application.Enrolment
	// department is where the doctor works.
	department string
	// at is the time of the last entry.
	at exam.Instant
}

// sampleNow is the moment at which all samples stand.
func sampleNow() time.Time { return time.Date(2024, 9, 12, 9, 5, 0, 0, exam.China) }

// sampleDoctors are the doctors of a sample, each in another state.
var sampleDoctors = []struct {
	name, digits, department string
	office                   int
	day                      int // of September 2024, when it began
	way                      func(*sampleFile)
}{
	{"李鸿雁", "14040419860305502", "儿科", 0, 3, func(f *sampleFile) { f.sent() }},
	{"王建国", "14040419740822101", "骨科", 0, 9, func(f *sampleFile) { f.sent().decided(application.ActTakenUp, exam.RoleInstitution, "") }},
	{"赵敏", "14042419900116226", "急诊医学科", 0, 10, func(f *sampleFile) {
		f.doubtful().submitted().returned(exam.RoleInstitution).submitted()
	}},
	{"欧阳静怡", "14010719880930408", "妇产科", 0, 8, func(f *sampleFile) { f.sent().returned(exam.RoleInstitution) }},
	{"张伟", "14040419810711307", "心血管内科", 0, 5, func(f *sampleFile) { f.sent().approved(exam.RoleInstitution) }},
	{"陈思远", "14010719850219511", "消化内科", 1, 10, func(f *sampleFile) { f.sent().approved(exam.RoleInstitution) }},
	{"刘桂芳", "14042419690504612", "全科医学科", 2, 4, func(f *sampleFile) { f.qualified() }},
	{"孙立新", "14040419771202313", "神经外科", 0, 4, func(f *sampleFile) { f.qualified().issued() }},
	{"周晓雯", "14010719921015714", "皮肤科", 1, 4, func(f *sampleFile) {
		f.qualified().issued().withdrawn("执业类别登记有误，更正后重新签发。")
	}},
	{"吴海峰", "14040419831128815", "麻醉科", 0, 6, func(f *sampleFile) { f.qualified().wished() }},
	{"郑雅琴", "14042419790607916", "康复医学科", 0, 5, func(f *sampleFile) { f.general().approved(exam.RoleInstitution).approved(exam.RoleAssessor) }},
	{"冯志刚", "14040419870414017", "普通外科", 0, 11, func(f *sampleFile) { f.included().half() }},
	{"宋佳", "14010719951109218", "呼吸与危重症医学科", 0, 11, func(f *sampleFile) { f.included() }},
	{"何玉兰", "14042419680223419", "中医科", 0, 11, func(*sampleFile) {}},
	{"马俊", "14040419910318520", "口腔科", 1, 11, func(*sampleFile) {}},
	{"高文斌", "14010719860627621", "肾内科", 2, 6, func(f *sampleFile) { f.qualified() }},
	{"许丽娟", "14040419820912722", "超声医学科", 1, 7, func(f *sampleFile) { f.qualified() }},
}

// newSample is a registry with sampleDoctors, and one of role signed in.
func newSample(role exam.Role) *sample {
	s := &sample{pictures: map[exam.BlobHash][]byte{}, now: exam.InstantOf(sampleNow()), password: exam.FirstPassword,
		fail: map[string]error{}, stuck: map[exam.ApplicationID]error{}, revoked: map[exam.Serial]string{}}
	s.offices = []exam.Institution{
		{ID: "i1", Kind: exam.OfficeInstitution, Name: "长治市医院", Division: "140403", Assessor: "a1"},
		{ID: "i2", Kind: exam.OfficeInstitution, Name: "长治市人民医院", Division: "140403", Assessor: "a1"},
		{ID: "i3", Kind: exam.OfficeInstitution, Name: "潞州区英雄南路社区卫生服务中心", Division: "140403", Assessor: "a1"},
		{ID: "a1", Kind: exam.OfficeAssessor, Name: "长治市医师定期考核中心", Division: "1404"},
		{ID: "h1", Kind: exam.OfficeAuthority, Name: "山西省卫生健康委员会", Division: "14"},
	}
	for _, d := range sampleDoctors {
		d.way(s.add(d.name, d.digits, d.department, d.office, d.day))
	}
	by := s.by(role)
	s.account = exam.Account{ID: by.Account, Login: string(role), Name: by.Name, Role: role, Province: "14", OfficeName: by.Office}
	switch role {
	case exam.RoleInstitution:
		s.account.Office = "i1"
	case exam.RoleAssessor:
		s.account.Office = "a1"
	case exam.RoleAuthority:
		s.account.Office = "h1"
	}
	return s
}

// crowd adds n doctors who wait, for pages and for many at once.
func (s *sample) crowd(n int) *sample {
	for i := range n {
		s.add(fmt.Sprintf("待审医师%03d", i+1), fmt.Sprintf("140404%04d0101%03d", 1960+i%40, i%1000), "内科", 0, 2).sent()
	}
	return s
}

// empty takes every dossier away.
func (s *sample) empty() *sample {
	s.files = nil
	return s
}

// file is the dossier of one doctor.
func (s *sample) file(name string) *sampleFile {
	for _, f := range s.files {
		if f.e.Doctor.Name == name {
			return f
		}
	}
	panic("desk: sample: nobody is called " + name)
}

func (s *sample) add(name, digits, department string, office, day int) *sampleFile {
	n := len(s.files) + 1
	f := &sampleFile{s: s, department: department, at: exam.InstantOf(time.Date(2024, 9, day, 8, 12+n%40, 0, 0, exam.China))}
	f.e = application.Enrolment{
		Application: exam.ApplicationID(fmt.Sprintf("app-%03d", n)),
		Doctor: exam.Doctor{ID: exam.DoctorID(fmt.Sprintf("d%03d", n)), Name: name, DocumentKind: exam.Term{Code: "01", Name: "居民身份证"},
			Identity: exam.WithCheckDigit(digits), Province: "14", Institution: s.offices[office].ID},
		Cycle:       sampleCycle(),
		Institution: s.offices[office],
		Assessor:    s.offices[3],
		Authority:   s.offices[4],
		Dossier:     application.New(),
	}
	s.files = append(s.files, f)
	return f
}

func sampleCycle() exam.Cycle {
	return exam.Cycle{
		ID: "c1", Name: "2024—2025年度", From: "2024-07", To: "2025-07", Provinces: []string{"14"},
		Confirm: exam.Window{From: "2024-08-01", To: "2024-08-31"}, Fill: exam.Window{From: "2024-09-01", To: "2024-09-30"},
		Review: exam.Window{From: "2024-09-01", To: "2024-10-31"}, Assess: exam.Window{From: "2024-11-01", To: "2025-06-30"},
		Attempts: 1, PassMark: 60, Minutes: 60, Questions: 100,
		OtherConditions: []string{"省级以上卫生健康行政部门规定的其他情形"},
	}
}

func term(list []assets.Code, name string) exam.Term {
	c, ok := assets.Find(list, name)
	if !ok && len(list) > 0 {
		c = list[0]
	}
	return exam.Term{Code: c.Code, Name: c.Name}
}

// drawn are the pictures of all samples: drawn once, since each has the same.
var drawn = sync.OnceValue(func() map[string]drawing {
	all := map[string]drawing{}
	for name, img := range map[string]image.Image{"证件照.jpg": part.SpecimenPortrait(0), "新证件照.jpg": part.SpecimenPortrait(4),
		"执业证书.jpg": part.SpecimenScan(1, 420, 300), "先进个人证书.jpg": part.SpecimenScan(2, 420, 300)} {
		var b bytes.Buffer
		_ = jpeg.Encode(&b, img, nil) // into memory: it cannot fail
		sum := sha256.Sum256(b.Bytes())
		size := img.Bounds().Size()
		all[name] = drawing{exam.Blob{Hash: exam.BlobHash(hex.EncodeToString(sum[:])), Name: name, Size: b.Len(), Width: size.X, Height: size.Y}, b.Bytes()}
	}
	return all
})

type drawing struct {
	blob exam.Blob
	data []byte
}

// picture is stored in s by its name.
func (s *sample) picture(name string) exam.Blob {
	d := drawn()[name]
	s.pictures[d.blob.Hash] = d.data
	return d.blob
}

// form is everything filled in, with pictures.
func (f *sampleFile) form() application.Form {
	patients, operations := 3620, 146
	id := f.e.Doctor.Identity
	category := term(assets.Categories(), "临床")
	var scopes []exam.Term
	for _, c := range assets.Scopes(category.Code) {
		if strings.Contains(c.Name, "儿科") || strings.Contains(c.Name, "内科") {
			scopes = append(scopes, exam.Term{Code: c.Code, Name: c.Name})
		}
	}
	title := term(assets.Titles(), "副主任医师")
	return application.Form{
		Basic: &application.Basic{Photo: f.s.picture("证件照.jpg"), Sex: id.Sex(), Birth: id.Birth(),
			Ethnic: term(assets.EthnicGroups(), "汉族"), Education: term(assets.Educations(), "硕士研究生毕业"),
			Email: string(f.e.Doctor.ID) + "@example.com", Mobile: "13835501234"},
		Practice: &application.Practice{Department: f.department, Specialty: "新生儿专业", Title: title,
			TitleOn: "2019-12-01", Post: "科室副主任", PostOn: "2021-03-01", Level: term(assets.Levels(), "执业医师"), Trainee: application.No,
			Category: category, Scopes: scopes, QualificationNo: "200914110" + string(id), QualificationOn: "2009-12-15",
			LicenceNo: "110140400012345", LicenceOn: "2010-06-20"},
		History: &application.History{
			Filings: []application.Filing{{Institution: "i3", Name: "潞州区英雄南路社区卫生服务中心", Division: "140403", Place: "山西省 长治市 潞州区", Department: "儿科门诊", Post: "医师"}},
			Schooling: []application.Schooling{{Degree: term(assets.Educations(), "大学本科毕业"), School: "山西医科大学", Subject: "临床医学", From: "2004-09", To: "2009-07"},
				{Degree: term(assets.Educations(), "硕士研究生毕业"), School: "山西医科大学", Subject: "儿科学", From: "2012-09", To: "2015-07"}},
			Career: []application.Career{{Institution: f.e.Institution.Name, Title: title, Post: "科室副主任", From: "2010-07"}},
		},
		Merit: &application.Merit{GoodRecord: application.Yes, BadRecord: application.No, Amount: application.MarkQualified, Patients: &patients,
			Operations: &operations, Quality: application.MarkQualified, Government: application.MarkQualified, NoSituation: true, Rating: application.RatingExcellent},
		Choice: &application.Choice{Procedure: application.Simple, Condition: application.ConditionFive,
			Proofs: []exam.Blob{f.s.picture("执业证书.jpg"), f.s.picture("先进个人证书.jpg")},
			Report: "本考核周期内，本人从事临床工作，接诊患者三千六百余人次，参与危重患者抢救与转运，未发生医疗事故；" +
				"参加继续医学教育并完成规定学分；遵守医德规范，廉洁行医，受到单位表彰一次。"},
	}
}

// The steps of a dossier's way, by the real rules. An error is a mistake here and panics.

func (f *sampleFile) apply(e application.Entry) *sampleFile {
	f.at += 37 * 60 * 1e6
	e.At = f.at
	if err := f.try(e); err != nil {
		panic("desk: sample: " + err.Error())
	}
	return f
}

// try appends an entry, where the rules allow it.
func (f *sampleFile) try(e application.Entry) error {
	d := f.e.Dossier
	if e.Act.ByDoctor() {
		e.Seq = d.OwnSeq + 1
	} else {
		e.Seq = d.ReviewSeq + 1
		if e.On == 0 {
			e.On = d.OwnSeq
		}
	}
	next, err := d.Apply(e)
	if err == nil {
		f.e.Dossier = next
		f.at = max(f.at, e.At)
	}
	return err
}

func (s *sample) by(role exam.Role) *application.Actor {
	switch role {
	case exam.RoleAssessor:
		return &application.Actor{Account: "s2", Name: "赵志强", Role: role, Office: "长治市医师定期考核中心"}
	case exam.RoleAuthority:
		return &application.Actor{Account: "s3", Name: "孙丽", Role: role, Office: "山西省卫生健康委员会"}
	case exam.RoleProctor:
		return &application.Actor{Account: "s4", Name: "田野", Role: role, Office: "长治市第一考点"}
	case exam.RoleAdministrator:
		return &application.Actor{Account: "s5", Name: "管理员", Role: role}
	}
	return &application.Actor{Account: "s1", Name: "王敏", Role: exam.RoleInstitution, Office: "长治市医院"}
}

func (f *sampleFile) included() *sampleFile {
	return f.apply(application.Entry{Act: application.ActIncluded, Body: application.Body{By: f.s.by(exam.RoleInstitution), Cycle: "c1"}})
}

func (f *sampleFile) saved(form application.Form) *sampleFile {
	return f.apply(application.Entry{Act: application.ActSaved, Body: application.Body{Form: &form}})
}

func (f *sampleFile) submitted() *sampleFile {
	return f.apply(application.Entry{Act: application.ActSubmitted})
}

func (f *sampleFile) decided(act application.Act, role exam.Role, reason string) *sampleFile {
	return f.apply(application.Entry{Act: act, Body: application.Body{By: f.s.by(role), Reason: reason}})
}

func (f *sampleFile) approved(role exam.Role) *sampleFile {
	return f.decided(application.ActApproved, role, "")
}

func (f *sampleFile) returned(role exam.Role) *sampleFile {
	return f.decided(application.ActReturned, role, "述职报告过于简单，请补充本周期的工作业绩；先进个人证书不清晰，请重新上传。")
}

func (f *sampleFile) sent() *sampleFile { return f.included().saved(f.form()).submitted() }

// half is a draft with two steps.
func (f *sampleFile) half() *sampleFile {
	form := f.form()
	return f.saved(application.Form{Basic: form.Basic}).saved(application.Form{Practice: form.Practice})
}

// doubtful is filled in with what wants a second look.
func (f *sampleFile) doubtful() *sampleFile {
	form := f.form()
	form.Merit.NoSituation, form.Merit.Situations = false, []int{2, 9}
	form.Merit.BadRecord, form.Merit.Quality = application.Yes, application.MarkUnqualified
	form.Practice.QualificationNo, form.Practice.LicenceNo = "2009141101404", "1101404"
	form.Choice = &application.Choice{Procedure: application.General}
	return f.included().saved(form)
}

func (f *sampleFile) general() *sampleFile {
	form := f.form()
	form.Choice = &application.Choice{Procedure: application.General}
	return f.included().saved(form).submitted()
}

// waitsForExam has gone to the door of the exam.
func (f *sampleFile) waitsForExam() *sampleFile {
	return f.general().approved(exam.RoleInstitution).approved(exam.RoleAssessor)
}

// sitting is the one that counts now.
func (f *sampleFile) sitting() exam.SittingID {
	if a := f.e.Dossier.Attempt(); a != nil {
		return a.Sitting
	}
	return ""
}

// scored sits the exam, or has what was sat scored anew.
func (f *sampleFile) scored(right int) *sampleFile {
	if st := f.e.Dossier.State; st == application.AwaitingExam || st == application.AwaitingResit {
		f.apply(application.Entry{Act: application.ActExamBegun, Body: application.Body{Sitting: exam.SittingID(fmt.Sprintf("s%d", len(f.e.Dossier.Attempts)+1))}})
	}
	return f.apply(application.Entry{Act: application.ActScored, Body: application.Body{Sitting: f.sitting(), Score: &application.Score{
		Right: right, Questions: 100, Points: paper.Points(right) * paper.Point, Most: 100 * paper.Point, PassMark: 60 * paper.Point, Digest: fmt.Sprintf("d%d", right)}}})
}

func (f *sampleFile) confirmed() *sampleFile {
	return f.decided(application.ActConfirmed, exam.RoleAssessor, "")
}

func (f *sampleFile) absent() *sampleFile {
	return f.decided(application.ActAbsent, exam.RoleAssessor, "测评期间未到考场，也没有请假。")
}

// exempting asks to be let off the exam.
func (f *sampleFile) exempting() *sampleFile {
	return f.apply(application.Entry{Act: application.ActExemptionAsked, Body: application.Body{Reason: "本考核周期内已完成住院医师规范化培训并取得合格证书。",
		Proofs: []exam.Blob{f.s.picture("执业证书.jpg"), f.s.picture("先进个人证书.jpg")}}})
}

// appealing appeals against the result.
func (f *sampleFile) appealing() *sampleFile {
	return f.apply(application.Entry{Act: application.ActAppealAsked, Body: application.Body{Reason: "第17题的参考答案与现行诊疗规范不一致，请求复核。"}})
}

// generals adds doctors of the general procedure, each in another state, in a cycle
// whose exam is over.
func (s *sample) generals() {
	for _, d := range []struct {
		name, digits, department string
		office, day              int
		way                      func(*sampleFile)
	}{
		{"罗雨桐", "14040419890404624", "急诊医学科", 0, 4, func(f *sampleFile) { f.waitsForExam().exempting() }},
		{"梁志远", "14040419851212725", "骨科", 1, 5, func(f *sampleFile) { f.waitsForExam().exempting() }},
		{"谢春梅", "14010719830517826", "儿科", 0, 4, func(f *sampleFile) { f.waitsForExam().scored(71) }},
		{"韩立军", "14042419760930927", "普通外科", 1, 4, func(f *sampleFile) { f.waitsForExam().scored(58) }},
		{"唐婉清", "14040419930208128", "妇产科", 2, 5, func(f *sampleFile) {
			f.waitsForExam().scored(41).confirmed().decided(application.ActResitAdmitted, exam.RoleAssessor, "已参加省级业务培训并考核合格。").scored(66)
		}},
		{"董建华", "14040419800725229", "神经内科", 0, 4, func(f *sampleFile) { f.waitsForExam().scored(47).confirmed() }},
		{"萧雅文", "14010719870603330", "皮肤科", 1, 5, func(f *sampleFile) { f.waitsForExam().absent() }},
		{"程凯", "14042419910914431", "麻醉科", 0, 3, func(f *sampleFile) { f.waitsForExam().scored(59).confirmed().appealing() }},
		{"曹静", "14040419840321532", "眼科", 2, 3, func(f *sampleFile) {
			f.waitsForExam().scored(52).confirmed().decided(application.ActResitAdmitted, exam.RoleAssessor, "已完成规定学时的专业培训。")
		}},
		{"袁博", "14010719900111633", "口腔科", 1, 6, func(f *sampleFile) { f.waitsForExam() }},
	} {
		f := s.add(d.name, d.digits, d.department, d.office, d.day)
		f.e.Cycle.Assess.To = s.now.Date().AddDays(-1)
		d.way(f)
	}
}

func (f *sampleFile) qualified() *sampleFile {
	return f.sent().approved(exam.RoleInstitution).approved(exam.RoleAssessor)
}

// wished asks for a correction of a few fields and of the photograph.
func (f *sampleFile) wished() *sampleFile {
	b, p := *f.e.Dossier.Form.Basic, *f.e.Dossier.Form.Practice
	b.Photo, b.Mobile = f.s.picture("新证件照.jpg"), "13903551234"
	p.Department, p.Post = "疼痛科", ""
	p.Title = term(assets.Titles(), "主任医师")
	form := application.Form{Basic: &b, Practice: &p}
	return f.apply(application.Entry{Act: application.ActCorrectionAsked, Body: application.Body{Form: &form, Reason: "已调至疼痛科工作，职称晋升为主任医师，手机号码同时更换。"}})
}

func (f *sampleFile) issued() *sampleFile {
	f.at += 26 * 3600 * 1e6
	f.issue(f.at)
	return f
}

func (f *sampleFile) issue(at exam.Instant) exam.Serial {
	f.s.serial++
	serial := exam.Serial(fmt.Sprintf("14202409%06d", 211+f.s.serial))
	n := exam.Notice{Serial: serial, Application: f.e.Application,
		Number:   f.e.Doctor.Identity.Masked() + "KH" + strings.ReplaceAll(string(at.Date()), "-", ""),
		IssuedAt: at, IssuedBy: f.e.Authority.Name, PDF: exam.BlobHash(strings.Repeat("a", 64))}
	f.e.Notices = append([]exam.Notice{n}, f.e.Notices...)
	return serial
}

func (f *sampleFile) withdrawn(reason string) *sampleFile {
	f.at += 5 * 3600 * 1e6
	f.e.Notices[0].RevokedAt, f.e.Notices[0].RevokedReason = f.at, reason
	return f
}

// change is the doctor at work while a reviewer looks: withdrawn is not possible
// any more once taken up, so it is a return, a change and a new submission.
func (f *sampleFile) change() *sampleFile {
	f.decided(application.ActReturned, exam.RoleInstitution, "请补充手机号码。")
	b, p := *f.e.Dossier.Form.Basic, *f.e.Dossier.Form.Practice
	b.Mobile, p.Department = "13903559999", "新生儿科"
	return f.saved(application.Form{Basic: &b, Practice: &p}).submitted()
}

// of is the dossier as the registry opens it for the account: masked, with what may be done.
func (f *sampleFile) of(role exam.Role) application.Case {
	c := application.Case{Enrolment: f.e}
	c.Notices = append([]exam.Notice(nil), f.e.Notices...)
	c.Doctor.Identity = exam.Identity(f.e.Doctor.Identity.Masked())
	for _, a := range application.Decisions {
		if f.e.Dossier.Allows(a, role) && f.e.Dossier.AdmitDecision(a, f.e.Cycle, f.s.now.Date()) == nil {
			c.Acts = append(c.Acts, a)
		}
	}
	return c
}

// row is the dossier as the registry lists it.
func (f *sampleFile) row() application.Row {
	r := rowOf(f.of(f.s.account.Role))
	r.Changed = f.at
	return r
}

func (s *sample) find(id exam.ApplicationID) (*sampleFile, error) {
	for _, f := range s.files {
		if f.e.Application == id {
			return f, nil
		}
	}
	return nil, exam.Errorf(exam.NotFound, "没有找到这位医师的信息，可能已不在本账号的范围内")
}

// Account is who signed in.
func (s *sample) Account() exam.Account { return s.account }

// ChangePassword takes any, where the old one is right.
func (s *sample) ChangePassword(_ context.Context, old, fresh string) error {
	if err := s.fail["ChangePassword"]; err != nil {
		return err
	}
	if old != s.password {
		return exam.Errorf(exam.WrongPassword, "当前密码不对，请重新输入")
	}
	s.password, s.account.MustChange = fresh, false
	return nil
}

// Close counts.
func (s *sample) Close(context.Context) error { s.closed++; return nil }

// Rows filters, sorts and cuts as the registry does.
func (s *sample) Rows(_ context.Context, f application.Filter) (application.Page, error) {
	if err := s.fail["Rows"]; err != nil {
		return application.Page{}, err
	}
	s.filters = append(s.filters, f)
	var rows []application.Row
	for _, x := range s.files {
		if s.account.Role == exam.RoleInstitution && x.e.Institution.ID != s.account.Office {
			continue
		}
		if r := x.row(); passes(f, r, x) {
			rows = append(rows, r)
		}
	}
	key := strings.TrimPrefix(f.Sort, "-")
	sort.SliceStable(rows, func(i, j int) bool {
		a, b := rows[i], rows[j]
		if strings.HasPrefix(f.Sort, "-") {
			a, b = b, a
		}
		switch key {
		case "name":
			return a.Name < b.Name
		case "state":
			return a.State < b.State
		}
		return a.Submitted < b.Submitted
	})
	page := application.Page{Total: len(rows)}
	from := min(f.Offset, len(rows))
	limit := f.Limit
	if limit == 0 {
		limit = 50
	}
	page.Rows = rows[from:min(from+limit, len(rows))]
	return page, nil
}

func passes(f application.Filter, r application.Row, x *sampleFile) bool {
	in := len(f.States) == 0
	for _, st := range f.States {
		in = in || st == r.State
	}
	valid := r.Notice != nil && r.Notice.RevokedAt == 0
	switch {
	case !in, f.Correction && !r.Correction, f.Exemption && !r.Exemption, f.Appeal && !r.Appeal,
		f.Overdue && (x.e.Dossier.AdmitDecision(application.ActAbsent, x.e.Cycle, x.s.now.Date()) != nil ||
			r.Exemption || r.State != application.AwaitingExam && r.State != application.AwaitingResit), f.Procedure != "" && f.Procedure != r.Procedure,
		f.Institution != "" && f.Institution != x.e.Institution.ID,
		f.Issued == issuedYes && !valid, f.Issued == issuedNo && valid:
		return false
	}
	return f.Text == "" || strings.Contains(r.Name, f.Text) || strings.Contains(string(x.e.Doctor.Identity), f.Text)
}

// Decide decides about each target by the real rules.
func (s *sample) Decide(_ context.Context, d application.Decision) ([]application.Outcome, error) {
	if s.before != nil && d.Act != application.ActTakenUp {
		s.before(len(s.decisions))
	}
	if err := s.fail["Decide"]; err != nil {
		return nil, err
	}
	s.decisions = append(s.decisions, d)
	var outs []application.Outcome
	for _, t := range d.Targets {
		f, err := s.find(t.Application)
		if err == nil {
			err = s.stuck[t.Application]
		}
		if err == nil {
			on := t.On
			switch err = f.e.Dossier.AdmitDecision(d.Act, f.e.Cycle, s.now.Date()); {
			case err != nil:
			case on != f.e.Dossier.OwnSeq:
				err = exam.Errorf(exam.Conflict, "医师的信息刚刚有变化，请重新打开后再审核")
			case d.Act == application.ActConfirmed && t.Score != digestOf(f.row()):
				err = exam.Errorf(exam.Conflict, "成绩刚刚有变化，没有评定；请核对新的成绩后再评定")
			default:
				err = f.try(application.Entry{Act: d.Act, At: s.now, Body: application.Body{By: s.by(s.account.Role), Reason: d.Reason, Cycle: "c1", Sitting: f.sitting()}})
			}
		}
		if err != nil {
			outs = append(outs, application.Outcome{Application: t.Application, Kind: exam.KindOf(err), Sentence: exam.SentenceOf(err)})
			continue
		}
		outs = append(outs, application.Outcome{Application: t.Application, State: f.e.Dossier.State})
	}
	return outs, nil
}

// Institutions are the few that there are.
func (s *sample) Institutions(context.Context, exam.InstitutionQuery) ([]exam.Institution, error) {
	return s.offices, s.fail["Institutions"]
}

// Case opens one.
func (s *sample) Case(_ context.Context, id exam.ApplicationID) (application.Case, error) {
	if err := s.fail["Case"]; err != nil {
		return application.Case{}, err
	}
	f, err := s.find(id)
	if err != nil {
		return application.Case{}, err
	}
	return f.of(s.account.Role), nil
}

// Identity is the whole number, and is noted.
func (s *sample) Identity(_ context.Context, id exam.ApplicationID) (string, error) {
	if err := s.fail["Identity"]; err != nil {
		return "", err
	}
	f, err := s.find(id)
	if err != nil {
		return "", err
	}
	s.revealed = append(s.revealed, id)
	return string(f.e.Doctor.Identity), nil
}

// Picture is a picture's bytes.
func (s *sample) Picture(_ context.Context, h exam.BlobHash) ([]byte, error) {
	if err := s.fail["Picture"]; err != nil {
		return nil, err
	}
	if b, ok := s.pictures[h]; ok {
		return b, nil
	}
	return nil, exam.Errorf(exam.NotFound, "没有找到这张图片")
}

// Issue issues to each target.
func (s *sample) Issue(_ context.Context, targets []application.Target) ([]application.Outcome, error) {
	if s.before != nil {
		s.before(len(s.issues))
	}
	if err := s.fail["Issue"]; err != nil {
		return nil, err
	}
	s.issues = append(s.issues, targets)
	var outs []application.Outcome
	for _, t := range targets {
		f, err := s.find(t.Application)
		if err == nil {
			err = s.stuck[t.Application]
		}
		if err == nil && f.row().Correction {
			err = exam.Errorf(exam.Refused, "医师申请了修改信息，请等机构审核后再签发")
		}
		if err == nil && len(f.e.Notices) > 0 && f.e.Notices[0].RevokedAt == 0 {
			err = exam.Errorf(exam.Refused, "已经签发过通知书，没有重复签发；需要重新签发时请先撤销")
		}
		if err != nil {
			outs = append(outs, application.Outcome{Application: t.Application, Kind: exam.KindOf(err), Sentence: exam.SentenceOf(err)})
			continue
		}
		outs = append(outs, application.Outcome{Application: t.Application, State: f.e.Dossier.State, Serial: f.issue(s.now)})
	}
	return outs, nil
}

// Revoke revokes the notice in force.
func (s *sample) Revoke(_ context.Context, serial exam.Serial, reason string) error {
	if err := s.fail["Revoke"]; err != nil {
		return err
	}
	for _, f := range s.files {
		for i, n := range f.e.Notices {
			if n.Serial == serial && n.RevokedAt == 0 {
				f.e.Notices[i].RevokedAt, f.e.Notices[i].RevokedReason = s.now, reason
				s.revoked[serial] = reason
				return nil
			}
		}
	}
	return exam.Errorf(exam.Refused, "这份通知书已经撤销")
}

// NoticePDF is not a real one.
func (s *sample) NoticePDF(context.Context, exam.Serial) ([]byte, error) {
	return []byte("%PDF-1.7"), s.fail["NoticePDF"]
}

func (s *sample) about() exam.About {
	return exam.About{Name: "山西省医师定期考核", Support: "400 810 6819（工作日 9:00—12:00，13:00—18:00）",
		Provinces: []exam.Province{{Code: "14", Name: "山西省", Authority: "山西省卫生健康委员会"}, {Code: "11", Name: "北京市"}, {Code: "13", Name: "河北省"}}}
}

// sampleEntrance is the way into a sample.
type sampleEntrance struct {
	s    *sample
	sent []exam.Credentials
}

// About is the registry's word.
func (e *sampleEntrance) About(context.Context) (exam.About, error) {
	return e.s.about(), e.s.fail["About"]
}

// Captcha is a drawn one.
func (e *sampleEntrance) Captcha(context.Context) (exam.Captcha, error) {
	return exam.Captcha{ID: "captcha", PNG: part.SpecimenCaptcha()}, e.s.fail["Captcha"]
}

// SignIn answers the sample.
func (e *sampleEntrance) SignIn(_ context.Context, c exam.Credentials) (Session, error) {
	e.sent = append(e.sent, c)
	if err := e.s.fail["SignIn"]; err != nil {
		return nil, err
	}
	return e.s, nil
}

// sampleDesktop is a PC in memory.
type sampleDesktop struct {
	files  map[string][]byte
	page   image.Image // what Draw answers; nil: nothing draws here
	opened []string
	fail   error
}

// WriteFile writes.
func (d *sampleDesktop) WriteFile(path string, data []byte) (string, error) {
	if d.fail != nil {
		return "", d.fail
	}
	if d.files == nil {
		d.files = map[string][]byte{}
	}
	d.files[path] = data
	return path, nil
}

// Documents is where saving begins.
func (d *sampleDesktop) Documents() string { return "/home/staff/文档" }

// Open notes the name.
func (d *sampleDesktop) Open(_ context.Context, name string, _ []byte) error {
	d.opened = append(d.opened, name)
	return d.fail
}

// Draw answers the page that is set.
func (d *sampleDesktop) Draw(context.Context, []byte) (image.Image, error) {
	if d.page == nil {
		return nil, exam.Errorf(exam.NotFound, "这台电脑上没有能画出 PDF 的程序")
	}
	return d.page, nil
}
