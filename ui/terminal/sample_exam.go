package terminal

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"dingkao/exam"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
)

// sampleExam is the sitting of a sample: its journal is folded by the real rules
// from real entries, its registry answers at once or not at all.
type sampleExam struct {
	place  sitting.Place
	paper  paper.Paper
	seed   paper.Seed
	at     sitting.Reading
	orders uint64
	seq    uint64
	acked  uint64 // the registry has the journal up to here
	last   map[paper.QuestionID]uint64
	unsafe map[paper.QuestionID]bool
	full   bool // the disk refuses everything
	checks []sitting.Check
	code   string
}

var sampleHash = strings.Repeat("5a", 32)

// sampleBegin is registry time of the sample's start.
var sampleBegin = exam.InstantOf(time.Date(2024, 11, 12, 9, 0, 0, 0, exam.China))

// samplePaper has questions of every kind.
func samplePaper(n int) paper.Paper {
	r := csv.NewReader(strings.NewReader(sampleQuestions))
	r.FieldsPerRecord, r.Comma = -1, '|'
	rows, err := r.ReadAll()
	if err != nil {
		panic("terminal: sample: " + err.Error())
	}
	var qs []paper.Question
	for _, row := range rows {
		q := paper.Question{Kind: paper.Kind(row[0]), Shared: row[1], Stem: row[2], Points: paper.Point}
		for _, o := range row[3:] {
			if o != "" {
				q.Options = append(q.Options, o)
			}
		}
		qs = append(qs, q.Identified())
	}
	for i := len(qs); i < n; i++ {
		q := paper.Question{Kind: paper.A1, Stem: fmt.Sprintf("医师在执业活动中的下列行为，符合《中华人民共和国医师法》第%d条规定的是", 20+i%30), Points: paper.Point,
			Options: []string{fmt.Sprintf("如实记录第%d项诊疗经过", i+1), "未经亲自诊查出具医学证明", "隐匿医学文书", "对急危患者拒绝诊治", "泄露患者隐私"}}
		qs = append(qs, q.Identified())
	}
	return paper.Paper{ID: "p-sample", Title: "2024—2025年度业务水平测评", Minutes: 60, PassMark: 60 * paper.Point, Questions: qs[:n]}
}

// checkedIn has a seat, with the paper on this PC.
func (s *sample) checkedIn() *sample {
	x := &sampleExam{paper: samplePaper(100), seed: paper.SeedOf("sample"), last: map[paper.QuestionID]uint64{}, unsafe: map[paper.QuestionID]bool{},
		at: sitting.Reading{Boot: "boot", Mono: 900 * sitting.Second, Wall: sampleBegin}}
	x.place = sitting.Place{Mine: true, Ready: true, Online: true, Sitting: sitting.New(), Seat: sitting.Seat{Sitting: "s-1", Application: s.e.Application,
		State: sitting.Waiting, Paper: x.paper.ID, Title: x.paper.Title, Minutes: 60, Questions: len(x.paper.Questions), Sealed: exam.BlobHash(sampleHash), Now: sampleBegin}}
	s.exam = x
	return s
}

func (x *sampleExam) apply(e sitting.Entry) error {
	next, err := x.place.Sitting.Apply(e)
	if err == nil {
		x.place.Sitting = next
	}
	return err
}

// ordered is an order of the proctor, obeyed at once.
func (s *sample) ordered(act sitting.Act, text string) *sample {
	x := s.exam
	x.orders++
	b := sitting.Body{By: &sitting.Actor{Account: "s9", Name: "周建平", Role: exam.RoleProctor}, Text: text}
	switch act {
	case sitting.ActStart:
		o := x.paper.Order(x.seed)
		t := sitting.Terms{Paper: x.paper.ID, Length: 60 * sitting.Minute, Gap: sitting.UsualGap, Gaps: sitting.UsualGaps, Released: sampleBegin}
		for i := range o.Len() {
			t.Questions = append(t.Questions, o.ID(i))
		}
		b.Terms = &t
		x.place.Seat.Epoch = 1
	case sitting.ActExtra:
		b.Extra = 10 * sitting.Minute
	case sitting.ActTerminated, sitting.ActMove:
		b.Fences, b.Ack = x.place.Sitting.Epoch, x.place.Sitting.Seq
	}
	must(x.apply(sitting.Entry{Seq: x.orders, At: sampleBegin + exam.Instant(x.at.Mono-900*sitting.Second), Act: act, Body: b}))
	if st := x.place.Sitting.State; st == sitting.Running || st == sitting.Paused {
		must(s.write(sitting.ActObeyed, sitting.Body{}))
	}
	return s
}

func must(err error) {
	if err != nil {
		panic("terminal: sample: " + err.Error())
	}
}

// write is an entry of the terminal, judged as the station would.
func (s *sample) write(act sitting.Act, b sitting.Body) error {
	x := s.exam
	if x.full {
		err := exam.Errorf(exam.Internal, "本机磁盘已满，这一步没有保存；此前保存的内容都在，请清理磁盘后再保存一次")
		x.place.Trouble = err.Sentence
		if act == sitting.ActAnswered {
			x.unsafe[b.Question] = true
		}
		return err
	}
	at := x.at
	b.Reading, b.Orders = &at, x.orders
	if act == sitting.ActOpened || act == sitting.ActResumed {
		b.Anchor = &sitting.Anchor{Boot: at.Boot, Mono: at.Mono, At: sampleBegin + exam.Instant(at.Mono-900*sitting.Second)}
	}
	if act == sitting.ActSealed {
		seal := x.place.Sitting.Sealing(at, sampleHash)
		b.Seal = &seal
	}
	e := sitting.Entry{Epoch: x.place.Sitting.Epoch, Seq: x.place.Sitting.Seq + 1, At: sampleBegin, Act: act, Body: b}
	if err := x.place.Sitting.Admit(e, sampleBegin); err != nil {
		return err
	}
	must(x.apply(e))
	x.seq = e.Seq
	if x.place.Online {
		x.acked = x.seq
	}
	if act == sitting.ActAnswered {
		x.last[b.Question] = e.Seq
		delete(x.unsafe, b.Question)
	}
	return nil
}

// sits has the paper open, the first n questions answered, and used so much time.
func (s *sample) sits(n int, used sitting.Span) *sample {
	s.ordered(sitting.ActStart, "")
	must(s.OpenPaper(context.Background()))
	qs := s.exam.place.Sitting.Terms.Questions
	for i := range n {
		s.exam.at.Mono += used / sitting.Span(max(n, 1))
		must(s.GoTo(qs[i]))
		must(s.Answer(qs[i], paper.Only(i%4)))
		if i%7 == 3 {
			must(s.Mark(qs[i], true))
		}
	}
	s.exam.at.Mono = 900*sitting.Second + used
	return s
}

// exam door.

// Place is the sitting now.
func (s *sample) Place() sitting.Place {
	if s.exam == nil {
		return sitting.Place{Online: s.line.Online, Sitting: sitting.New()}
	}
	x := s.exam
	p := x.place
	p.View = p.Sitting.View(x.at)
	p.Waiting = int(x.seq - x.acked)
	p.Delivered = p.View.State == sitting.HandedIn && p.Waiting == 0
	p.Kept = map[paper.QuestionID]sitting.Kept{}
	for q, seq := range x.last {
		p.Kept[q] = sitting.AtRegistry
		if seq > x.acked {
			p.Kept[q] = sitting.OnThisPC
		}
	}
	for q := range x.unsafe {
		p.Kept[q] = sitting.NotSaved
	}
	if p.Sitting.Opened != 0 {
		p.Open, p.Paper, p.Order = true, x.paper, x.paper.Order(x.seed)
	}
	return p
}

// Look finds nothing new.
func (s *sample) Look(context.Context) error { return s.failing("Look") }

// Probe finds everything well, or what a test says.
func (s *sample) Probe(context.Context) []sitting.Check {
	if s.checks != nil {
		return s.checks
	}
	return []sitting.Check{{Name: "disk", State: "ok", Detail: "写入测试通过，每次作答都会先存到本机"},
		{Name: "network", State: "ok", Detail: "与登记处连接正常，往返12毫秒"}, {Name: "clock", State: "ok", Detail: "本机时间与登记处一致"}}
}

// CheckIn takes the seat.
func (s *sample) CheckIn(_ context.Context, checks []sitting.Check, code string) error {
	if err := s.failing("CheckIn"); err != nil {
		return err
	}
	s.checkedIn()
	s.exam.checks, s.exam.code = checks, code
	s.tell()
	return nil
}

// OpenPaper opens the paper.
func (s *sample) OpenPaper(context.Context) error {
	if err := s.failing("OpenPaper"); err != nil {
		return err
	}
	if s.exam.place.Sitting.State != sitting.Ready {
		return nil
	}
	return s.acted(s.write(sitting.ActOpened, sitting.Body{}))
}

func (s *sample) acted(err error) error {
	s.tell()
	return err
}

// Answer answers.
func (s *sample) Answer(q paper.QuestionID, a paper.Answer) error {
	return s.acted(s.write(sitting.ActAnswered, sitting.Body{Question: q, Answer: &a}))
}

// Mark marks.
func (s *sample) Mark(q paper.QuestionID, on bool) error {
	return s.acted(s.write(sitting.ActMarked, sitting.Body{Question: q, Marked: &on}))
}

// GoTo moves.
func (s *sample) GoTo(q paper.QuestionID) error {
	return s.acted(s.write(sitting.ActWent, sitting.Body{Question: q}))
}

// Focus notes.
func (s *sample) Focus(lost bool) error {
	act := sitting.ActFocusBack
	if lost {
		act = sitting.ActFocusLost
	}
	return s.acted(s.write(act, sitting.Body{}))
}

// HandIn seals.
func (s *sample) HandIn(context.Context) error {
	return s.acted(s.write(sitting.ActSealed, sitting.Body{}))
}

// sampleQuestions are kind, shared text, stem and options, parted by strokes.
const sampleQuestions = `A1||《中华人民共和国医师法》规定，医师在执业活动中应当履行的义务是|树立敬业精神，恪守职业道德，履行医师职责|在注册的执业范围内选择合理的治疗方案|获取劳动报酬，享受国家规定的福利待遇|从事医学研究、学术交流，参加专业学术团体|对所在机构的医疗管理工作提出意见和建议
A1||医师未经亲自诊查、调查，不得签署的医学文书是|诊断、治疗、流行病学等医学证明文件|患者的知情同意书|会诊邀请单|转诊介绍信|健康教育处方
A2||男，56岁。突发胸骨后压榨样疼痛2小时，伴大汗。既往高血压病史10年。查体：血压160/95mmHg，心率98次/分，律齐，双肺呼吸音清。心电图示Ⅱ、Ⅲ、aVF导联ST段抬高0.3mV。接诊医师首先应当采取的措施是|立即启动急诊再灌注治疗流程，同时告知患者及家属病情与风险|等待肌钙蛋白结果回报后再决定下一步处理|让患者自行前往心内科门诊挂号就诊|给予止痛药物后嘱其回家观察|要求患者先办理住院手续并预交费用
A3|女，32岁，妊娠34周。头痛、视物模糊3天，血压170/110mmHg，尿蛋白（+++），双下肢水肿。既往体健，无高血压病史。|该患者最可能的诊断是|重度子痫前期|妊娠期高血压|慢性高血压合并妊娠|妊娠合并慢性肾炎|妊娠合并偏头痛
A3|女，32岁，妊娠34周。头痛、视物模糊3天，血压170/110mmHg，尿蛋白（+++），双下肢水肿。既往体健，无高血压病史。|首选的解痉药物是|硫酸镁|地西泮|苯妥英钠|氯丙嗪|哌替啶
X||下列情形中，医师定期考核应当认定为不合格的有|在发生的医疗事故中负有完全或者主要责任的|出具虚假医学证明文件的|按规定参加继续医学教育的|索要或者收受医疗器械、药品生产企业给予的回扣的|代他人参加医师资格考试的
TF||医师对急危患者，应当采取紧急措施进行诊治，不得拒绝急救处置。|正确|错误
`
