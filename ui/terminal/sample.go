package terminal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"image"
	"image/jpeg"
	"strings"
	"sync"
	"time"

	"dingkao/assets"
	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/ui/part"
)

// sample is a session, an entrance and a desktop in memory, for the gallery and
// the tests: its dossier is folded by the real rules from real entries, and its
// registry answers at once, or not at all while it is offline.
type sample struct {
	mu       sync.Mutex
	e        application.Enrolment
	account  exam.Account
	draft    application.Form
	line     exam.Line
	conflict *application.Conflict
	pictures map[exam.BlobHash][]byte
	offices  []exam.Institution
	watchers map[int]func()
	next     int
	now      exam.Instant
	study    studied
	// What was asked, for tests.
	kept     []application.Form
	saves    []application.Form
	settled  map[application.Step]bool
	asked    *application.Form
	reason   string
	password string
	closed   int
	exam     *sampleExam     // nil: nobody checked in
	checks   []sitting.Check // what Probe finds; nil: all is well
	// What goes wrong: the error of the next call of that name.
	fail map[string]error
}

// sampleToday is the day on which all samples stand.
const sampleToday exam.Date = "2024-09-12"

// newSample is a doctor on the roster, not included yet.
func newSample() *sample {
	at := time.Date(2024, 9, 2, 9, 12, 0, 0, exam.China)
	s := &sample{
		pictures: map[exam.BlobHash][]byte{}, watchers: map[int]func(){}, fail: map[string]error{},
		line: exam.Line{Online: true, LastContact: exam.InstantOf(at)}, now: exam.InstantOf(at), password: exam.FirstPassword,
	}
	s.offices = []exam.Institution{
		{ID: "i1", Kind: exam.OfficeInstitution, Name: "长治市医院", Division: "140403", Assessor: "a1"},
		{ID: "i2", Kind: exam.OfficeInstitution, Name: "长治市人民医院", Division: "140403", Assessor: "a1"},
		{ID: "i3", Kind: exam.OfficeInstitution, Name: "潞州区英雄南路社区卫生服务中心", Division: "140403", Assessor: "a1"},
		{ID: "i4", Kind: exam.OfficeInstitution, Name: "太原市中心医院", Division: "140107", Assessor: "a1"},
	}
	id := exam.WithCheckDigit("14040419860305502")
	s.e = application.Enrolment{
		Application: "app-1",
		Doctor: exam.Doctor{ID: "d1", Name: "李鸿雁", DocumentKind: exam.Term{Code: "01", Name: "居民身份证"}, Identity: id,
			Province: "14", Institution: "i1", LicenceNo: "110140400012345", Mobile: "13835501234"},
		Cycle:       sampleCycle(),
		Institution: s.offices[0],
		Assessor:    exam.Institution{ID: "a1", Kind: exam.OfficeAssessor, Name: "长治市医师定期考核中心", Division: "1404"},
		Authority:   exam.Institution{ID: "h1", Kind: exam.OfficeAuthority, Name: "山西省卫生健康委员会", Division: "14"},
		Dossier:     application.New(),
	}
	s.account = exam.Account{ID: "acc-1", Login: string(id), Name: "李鸿雁", Role: exam.RoleDoctor, Province: "14", Doctor: "d1"}
	return s
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

// wholeForm is everything filled in, with pictures.
func (s *sample) wholeForm() application.Form {
	patients, operations := 3620, 0
	category := term(assets.Categories(), "临床")
	scopes := assets.Scopes(category.Code)
	var chosen []exam.Term
	for _, c := range scopes {
		if strings.Contains(c.Name, "儿科") || strings.Contains(c.Name, "内科") {
			chosen = append(chosen, exam.Term{Code: c.Code, Name: c.Name})
		}
	}
	return application.Form{
		Basic: &application.Basic{Photo: s.picture("证件照.jpg", portrait(0)), Sex: exam.Female, Birth: "1986-03-05",
			Ethnic: term(assets.EthnicGroups(), "汉族"), Education: term(assets.Educations(), "硕士研究生毕业"),
			Email: "lihongyan@example.com", Mobile: "13835501234"},
		Practice: &application.Practice{Department: "儿科", Specialty: "新生儿专业", Title: term(assets.Titles(), "副主任医师"),
			TitleOn: "2019-12-01", Post: "科室副主任", PostOn: "2021-03-01", Level: term(assets.Levels(), "执业医师"), Trainee: application.No,
			Category: category, Scopes: chosen, QualificationNo: "200914110" + string(s.e.Doctor.Identity), QualificationOn: "2009-12-15",
			LicenceNo: "110140400012345", LicenceOn: "2010-06-20"},
		History: &application.History{
			Filings: []application.Filing{{Institution: "i3", Name: "潞州区英雄南路社区卫生服务中心", Division: "140403", Place: "山西省 长治市 潞州区", Department: "儿科门诊", Post: "医师"}},
			Schooling: []application.Schooling{{Degree: term(assets.Educations(), "大学本科毕业"), School: "山西医科大学", Subject: "临床医学", From: "2004-09", To: "2009-07"},
				{Degree: term(assets.Educations(), "硕士研究生毕业"), School: "山西医科大学", Subject: "儿科学", From: "2012-09", To: "2015-07"}},
			Career: []application.Career{{Institution: "长治市医院", Title: term(assets.Titles(), "副主任医师"), Post: "科室副主任", From: "2010-07"}},
		},
		Merit: &application.Merit{GoodRecord: application.Yes, BadRecord: application.No, Amount: application.MarkQualified, Patients: &patients,
			Operations: &operations, Quality: application.MarkQualified, Government: application.MarkQualified, NoSituation: true, Rating: application.RatingExcellent},
		Choice: &application.Choice{Procedure: application.Simple, Condition: application.ConditionFive,
			Proofs: []exam.Blob{s.picture("执业证书.jpg", scan(1)), s.picture("先进个人证书.jpg", scan(2))},
			Report: "本考核周期内，本人在儿科从事新生儿专业临床工作，接诊患儿三千六百余人次，参与危重新生儿抢救与转运，未发生医疗事故；" +
				"参加继续医学教育并完成规定学分；遵守医德规范，廉洁行医，受到单位表彰一次。"},
	}
}

// picture keeps an image and names it.
func (s *sample) picture(name string, img image.Image) exam.Blob {
	var b bytes.Buffer
	_ = jpeg.Encode(&b, img, nil) // into memory: it cannot fail
	sum := sha256.Sum256(b.Bytes())
	h := exam.BlobHash(hex.EncodeToString(sum[:]))
	s.pictures[h] = b.Bytes()
	size := img.Bounds().Size()
	return exam.Blob{Hash: h, Name: name, Size: b.Len(), Width: size.X, Height: size.Y}
}

// portrait is a drawn head and shoulders on white.
func portrait(seed int) image.Image { return part.SpecimenPortrait(seed) }

// scan is a drawn page with lines, for a proof.
func scan(seed int) image.Image { return part.SpecimenScan(seed, 420, 300) }

// The steps of a dossier's way, by the real rules. An error is a mistake here and panics.

func (s *sample) apply(e application.Entry) {
	if err := s.try(e); err != nil {
		panic("terminal: sample: " + err.Error())
	}
}

func (s *sample) try(e application.Entry) error {
	s.now += 37 * 60 * 1e6
	e.At = s.now
	d := s.e.Dossier
	if e.Act.ByDoctor() {
		e.Seq = d.OwnSeq + 1
	} else {
		e.Seq, e.On = d.ReviewSeq+1, d.OwnSeq
	}
	next, err := d.Apply(e)
	if err != nil {
		return err
	}
	s.e.Dossier = next
	return nil
}

func (s *sample) by(role exam.Role) *application.Actor {
	switch role {
	case exam.RoleAssessor:
		return &application.Actor{Account: "s2", Name: "赵志强", Role: role, Office: s.e.Assessor.Name}
	case exam.RoleAuthority:
		return &application.Actor{Account: "s3", Name: "孙丽", Role: role, Office: s.e.Authority.Name}
	}
	return &application.Actor{Account: "s1", Name: "王敏", Role: exam.RoleInstitution, Office: s.e.Institution.Name}
}

func (s *sample) included() *sample {
	s.apply(application.Entry{Act: application.ActIncluded, Body: application.Body{By: s.by(exam.RoleInstitution), Cycle: "c1"}})
	return s
}

func (s *sample) saved(f application.Form) *sample {
	s.apply(application.Entry{Act: application.ActSaved, Body: application.Body{Form: &f}})
	return s
}

func (s *sample) submitted() *sample {
	s.apply(application.Entry{Act: application.ActSubmitted})
	return s
}

func (s *sample) decided(act application.Act, role exam.Role, reason string) *sample {
	s.apply(application.Entry{Act: act, Body: application.Body{By: s.by(role), Reason: reason}})
	return s
}

func (s *sample) corrected(f application.Form, reason string) *sample {
	s.apply(application.Entry{Act: application.ActCorrectionAsked, Body: application.Body{Form: &f, Reason: reason}})
	return s
}

func (s *sample) issued(serial string) *sample {
	s.now += 24 * 3600 * 1e6
	n := exam.Notice{Serial: exam.Serial(serial), Application: s.e.Application,
		Number:   string(s.e.Doctor.Identity) + "KH" + strings.ReplaceAll(string(s.now.Date()), "-", ""),
		IssuedAt: s.now, IssuedBy: s.e.Authority.Name, PDF: exam.BlobHash(strings.Repeat("a", 64))}
	s.e.Notices = append([]exam.Notice{n}, s.e.Notices...)
	return s
}

func (s *sample) revoked(reason string) *sample {
	s.now += 24 * 3600 * 1e6
	s.e.Notices[0].RevokedAt, s.e.Notices[0].RevokedReason = s.now, reason
	return s
}

func (s *sample) offline(pending int) *sample {
	s.line = exam.Line{Pending: pending, LastContact: s.line.LastContact}
	return s
}

// qualified has gone the whole simple way.
func (s *sample) qualified() *sample {
	return s.included().saved(s.wholeForm()).submitted().
		decided(application.ActApproved, exam.RoleInstitution, "").decided(application.ActApproved, exam.RoleAssessor, "")
}

// general has gone to the door of the exam.
func (s *sample) general() *sample {
	s.included()
	f := s.wholeForm()
	f.Choice = &application.Choice{Procedure: application.General}
	return s.saved(f).submitted().decided(application.ActApproved, exam.RoleInstitution, "").decided(application.ActApproved, exam.RoleAssessor, "")
}

// begun has opened a sitting.
func (s *sample) begun() *sample {
	id := exam.SittingID(fmt.Sprintf("s%d", len(s.e.Dossier.Attempts)+1))
	s.apply(application.Entry{Act: application.ActExamBegun, Body: application.Body{Sitting: id}})
	return s
}

// scored has handed a paper of a hundred questions in, or has it scored anew.
func (s *sample) scored(right int) *sample {
	s.apply(application.Entry{Act: application.ActScored, Body: application.Body{Sitting: s.e.Dossier.Attempt().Sitting, Score: &application.Score{
		Right: right, Questions: 100, Points: paper.Points(right) * paper.Point, Most: 100 * paper.Point, PassMark: 60 * paper.Point, Digest: "d"}}})
	return s
}

// exempting has asked for exemption.
func (s *sample) exempting() *sample {
	s.apply(application.Entry{Act: application.ActExemptionAsked, Body: application.Body{Reason: "本考核周期内已完成住院医师规范化培训并取得合格证书。",
		Proofs: []exam.Blob{s.picture("规培合格证书.jpg", scan(3)), s.picture("成绩单.jpg", scan(4))}}})
	return s
}

// appealing has appealed.
func (s *sample) appealing() *sample {
	s.apply(application.Entry{Act: application.ActAppealAsked, Body: application.Body{Reason: "第17题的参考答案与现行诊疗规范不一致，请求复核。"}})
	return s
}

// Session.

func (s *sample) failing(name string) error {
	err := s.fail[name]
	delete(s.fail, name)
	return err
}

func (s *sample) tell() {
	s.mu.Lock()
	var fs []func()
	for _, f := range s.watchers {
		fs = append(fs, f)
	}
	s.mu.Unlock()
	for _, f := range fs {
		f()
	}
}

// Account is who signed in.
func (s *sample) Account() exam.Account { return s.account }

// ChangePassword takes any but a failing one.
func (s *sample) ChangePassword(_ context.Context, old, fresh string) error {
	if err := s.failing("ChangePassword"); err != nil {
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

// Enrolment is the state.
func (s *sample) Enrolment() application.Enrolment { s.mu.Lock(); defer s.mu.Unlock(); return s.e }

// Line is the state of the line.
func (s *sample) Line() exam.Line { s.mu.Lock(); defer s.mu.Unlock(); return s.line }

// Watch keeps f until stop.
func (s *sample) Watch(f func()) func() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next++
	n := s.next
	s.watchers[n] = f
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, n)
	}
}

// Refresh does nothing.
func (s *sample) Refresh(context.Context) error { return s.failing("Refresh") }

// Draft is what was kept.
func (s *sample) Draft() application.Form { return s.draft }

// KeepDraft keeps.
func (s *sample) KeepDraft(part application.Form) {
	s.draft = s.draft.With(part)
	s.kept = append(s.kept, part)
}

// SaveStep is an entry.
func (s *sample) SaveStep(_ context.Context, part application.Form) error {
	if err := s.failing("SaveStep"); err != nil {
		return err
	}
	s.saves = append(s.saves, part)
	s.saved(part)
	for _, st := range application.Steps {
		if part.Has(st) {
			s.draft = withoutStep(s.draft, st)
		}
	}
	s.tell()
	return nil
}

func withoutStep(f application.Form, s application.Step) application.Form {
	switch s {
	case application.StepBasic:
		f.Basic = nil
	case application.StepPractice:
		f.Practice = nil
	case application.StepHistory:
		f.History = nil
	case application.StepMerit:
		f.Merit = nil
	case application.StepProcedure:
		f.Choice = nil
	}
	return f
}

// Submit is an entry; offline it stays here.
func (s *sample) Submit(context.Context) error {
	if err := s.failing("Submit"); err != nil {
		return err
	}
	e := application.Entry{Seq: s.e.Dossier.OwnSeq + 1, Act: application.ActSubmitted}
	if err := s.e.Dossier.Admit(e, s.e.Cycle, sampleToday); err != nil {
		return err
	}
	s.submitted()
	defer s.tell()
	if !s.line.Online {
		s.line.Pending++
		return exam.Errorf(exam.Unavailable, "现在没有网络，提交已保存在本机，联网后自动送出")
	}
	return nil
}

// Withdraw takes it back.
func (s *sample) Withdraw(context.Context) error {
	if err := s.failing("Withdraw"); err != nil {
		return err
	}
	s.apply(application.Entry{Act: application.ActWithdrawn})
	s.tell()
	return nil
}

// AskCorrection asks.
func (s *sample) AskCorrection(_ context.Context, f application.Form, reason string) error {
	if err := s.failing("AskCorrection"); err != nil {
		return err
	}
	s.asked, s.reason = &f, reason
	s.corrected(f, reason)
	s.tell()
	return nil
}

// AskExemption asks.
func (s *sample) AskExemption(_ context.Context, reason string, proofs []exam.Blob) error {
	if err := s.failing("AskExemption"); err != nil {
		return err
	}
	if err := s.try(application.Entry{Act: application.ActExemptionAsked, Body: application.Body{Reason: reason, Proofs: proofs}}); err != nil {
		return err
	}
	s.tell()
	return nil
}

// AskAppeal asks.
func (s *sample) AskAppeal(_ context.Context, reason string) error {
	if err := s.failing("AskAppeal"); err != nil {
		return err
	}
	if err := s.try(application.Entry{Act: application.ActAppealAsked, Body: application.Body{Reason: reason}}); err != nil {
		return err
	}
	s.tell()
	return nil
}

// Conflict is what stands to be settled.
func (s *sample) Conflict() *application.Conflict { return s.conflict }

// Settle settles.
func (s *sample) Settle(_ context.Context, mine map[application.Step]bool) error {
	s.settled, s.conflict = mine, nil
	s.tell()
	return nil
}

// AddPicture keeps what can be decoded.
func (s *sample) AddPicture(_ context.Context, name string, data []byte) (exam.Blob, error) {
	if err := s.failing("AddPicture"); err != nil {
		return exam.Blob{}, err
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return exam.Blob{}, exam.Errorf(exam.Invalid, "这个文件不是 jpg 或 png 图片，请换一张")
	}
	return s.picture(name, img), nil
}

// Picture is a picture's bytes.
func (s *sample) Picture(_ context.Context, h exam.BlobHash) ([]byte, error) {
	if b, ok := s.pictures[h]; ok {
		return b, nil
	}
	return nil, exam.Errorf(exam.NotFound, "这张图片不在本机，联网后再看")
}

// Institutions searches the few that there are.
func (s *sample) Institutions(_ context.Context, q exam.InstitutionQuery) ([]exam.Institution, error) {
	if err := s.failing("Institutions"); err != nil {
		return nil, err
	}
	var out []exam.Institution
	for _, i := range s.offices {
		if strings.HasPrefix(i.Division, q.Division) && strings.Contains(i.Name, q.Name) {
			out = append(out, i)
		}
	}
	return out, nil
}

// NoticePDF is not a real one.
func (s *sample) NoticePDF(context.Context, exam.Notice) ([]byte, error) {
	if err := s.failing("NoticePDF"); err != nil {
		return nil, err
	}
	return []byte("%PDF-1.7"), nil
}

// Entrance.

// About is the registry's word.
func (s *sample) About(context.Context) (exam.About, error) {
	return s.about(), s.failing("About")
}

func (s *sample) about() exam.About {
	return exam.About{Name: "山西省医师定期考核", Support: "400 810 6819（工作日 9:00—12:00，13:00—18:00）",
		Provinces: []exam.Province{{Code: "14", Name: "山西省", Authority: "山西省卫生健康委员会"}, {Code: "11", Name: "北京市"}, {Code: "13", Name: "河北省"}}}
}

// Captcha is a drawn one.
func (s *sample) Captcha(context.Context) (exam.Captcha, error) {
	if err := s.failing("Captcha"); err != nil {
		return exam.Captcha{}, err
	}
	s.next++
	return exam.Captcha{ID: "captcha", PNG: part.SpecimenCaptcha()}, nil
}

// sampleEntrance is the sample as an entrance: its sessions are itself.
type sampleEntrance struct {
	*sample
	sent   []exam.Credentials
	before bool // signed in on this PC before
}

// SignIn answers the sample.
func (s *sampleEntrance) SignIn(_ context.Context, c exam.Credentials) (Session, error) {
	s.sent = append(s.sent, c)
	if err := s.failing("SignIn"); err != nil {
		return nil, err
	}
	return s.sample, nil
}

// CanEnterOffline says before.
func (s *sampleEntrance) CanEnterOffline(string) bool { return s.before }

// EnterOffline answers the sample.
func (s *sampleEntrance) EnterOffline(_ context.Context, c exam.Credentials) (Session, error) {
	s.sent = append(s.sent, c)
	return s.sample, s.failing("EnterOffline")
}

// sampleDesktop is a PC in memory.
type sampleDesktop struct {
	files map[string][]byte
	said  string // what Print answers
	fail  error
}

// ReadFile reads what is there.
func (d *sampleDesktop) ReadFile(path string, most int) ([]byte, error) {
	b, ok := d.files[path]
	if !ok {
		return nil, exam.Errorf(exam.NotFound, "没有找到这个文件，请核对位置")
	}
	if len(b) > most {
		return nil, exam.Errorf(exam.TooLarge, "文件超过 5MB，请压缩后再上传")
	}
	return b, nil
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
func (d *sampleDesktop) Documents() string { return "/home/doctor/文档" }

// Print answers what is set.
func (d *sampleDesktop) Print(context.Context, string, []byte) (string, error) { return d.said, d.fail }

// Open does nothing.
func (d *sampleDesktop) Open(context.Context, string, []byte) error { return d.fail }

// Draw draws nothing: the page shows its facts instead.
func (d *sampleDesktop) Draw(context.Context, []byte) (image.Image, error) {
	return nil, exam.Errorf(exam.NotFound, "这台电脑上没有能画出 PDF 的程序")
}
