package terminal

import (
	"context"
	"time"

	"dingkao/exam"
	exampaper "dingkao/exam/paper"
	"dingkao/exam/practice"
)

// sampleNoon is noon of the samples' day.
var sampleNoon = exam.InstantOf(time.Date(2024, 9, 12, 12, 0, 0, 0, exam.China))

// studied is the sample's banks and practice, by the real rules and in memory.
type studied struct {
	shelf   practice.Shelf // without the sums
	banks   map[exampaper.BankID]exampaper.Bank
	rounds  map[exampaper.BankID]practice.Round
	entries []practice.Entry
	seed    string
}

// sampleBank is a small bank with every kind of question.
func sampleBank() exampaper.Bank {
	b := exampaper.Bank{ID: "law", Name: "医疗卫生法律法规", Open: true}
	add := func(answer exampaper.Answer, why, basis string, q exampaper.Question) {
		q.LegalBasis = basis
		b.Items = append(b.Items, exampaper.Item{Question: q.Identified(), Answer: answer, Explanation: why})
	}
	const act = "《中华人民共和国医师法》"
	add(exampaper.Only(2), "医师法规定考核周期为三年，取代了此前两年一次的做法。", act+"第四十二条",
		exampaper.Question{Kind: exampaper.A1, Chapter: "医师法与执业管理", Stem: "按照《中华人民共和国医师法》，医师定期考核的周期是", Options: []string{"1年", "2年", "3年", "4年", "5年"}})
	add(exampaper.Only(1), "考核不合格的，责令暂停执业活动三个月至六个月并接受相关专业培训，期满后再次考核。", act+"第四十二条",
		exampaper.Question{Kind: exampaper.A1, Chapter: "医师法与执业管理", Stem: "对定期考核不合格的医师，卫生健康主管部门应当责令其暂停执业活动并接受相关专业培训，暂停的期限为",
			Options: []string{"1个月至3个月", "3个月至6个月", "6个月至9个月", "6个月至12个月", "12个月至24个月"}})
	add(exampaper.Only(3), "急危患者需要抢救而不能取得患者或者其近亲属意见的，经医疗机构负责人或者授权的负责人批准，可以立即实施相应的医疗措施。", "《中华人民共和国民法典》第一千二百二十条",
		exampaper.Question{Kind: exampaper.A2, Chapter: "医疗损害责任与纠纷处理", Stem: "患者，男，52岁，车祸后昏迷，血压60/40mmHg，腹腔大量积液，需立即手术。患者身份不明，无法联系家属。此时接诊医师应当",
			Options: []string{"等待公安机关查明身份后再手术", "由两名住院医师商定后手术", "转往上级医院处理", "经医疗机构负责人或者授权的负责人批准后立即手术", "仅给予输液，不得手术"}})
	shared := "患者，女，34岁，因“发热伴皮疹3天”就诊，确诊麻疹。其丈夫向接诊医师要求不要上报，以免影响女儿入托。医师记录了病情，并与科室负责人讨论了报告的时限与隔离措施。"
	add(exampaper.Only(1), "麻疹属于乙类传染病，医疗机构及其医师不得隐瞒、谎报、缓报。", "《中华人民共和国传染病防治法》",
		exampaper.Question{Kind: exampaper.A3, Chapter: "传染病防治", Shared: shared, Stem: "麻疹在我国法定传染病中属于", Options: []string{"甲类", "乙类", "丙类", "按甲类管理的乙类", "不属于法定传染病"}})
	add(exampaper.Only(0), "患者或者家属的要求不能免除医师依法报告传染病的义务，但应当保护患者的隐私。", "《中华人民共和国传染病防治法》",
		exampaper.Question{Kind: exampaper.A3, Chapter: "传染病防治", Shared: shared, Stem: "对家属的要求，医师正确的做法是", Options: []string{"依法报告，同时保护患者隐私", "同意不报告", "等患者痊愈后报告", "由家属自行报告", "只口头告知托幼机构"}})
	add(exampaper.Only(0)|exampaper.Only(1)|exampaper.Only(3), "医师应当遵循临床诊疗指南，遵守操作规范和医学伦理规范；不得利用职务之便索要、收受财物。", act+"第二十九条、第三十一条",
		exampaper.Question{Kind: exampaper.X, Chapter: "医师法与执业管理", Stem: "医师在执业活动中应当做到的有",
			Options: []string{"遵循临床诊疗指南", "遵守临床技术操作规范和医学伦理规范", "按患者的经济条件决定是否施救", "尊重患者的知情同意权，保护患者隐私", "收受患者赠送的贵重礼品以示尊重"}})
	add(exampaper.Only(1), "医师因抢救急危患者未能及时书写病历的，应当在抢救结束后六小时内据实补记，并加以注明。", "《病历书写基本规范》第二十二条",
		exampaper.Question{Kind: exampaper.TF, Chapter: "病历与处方管理", Stem: "因抢救急危患者未能及时书写病历的，应当在抢救结束后24小时内据实补记。", Options: exampaper.TrueFalse})
	for _, s := range []string{"医疗机构对门（急）诊病历的保存时间自患者最后一次就诊之日起不少于", "处方一般当日有效，需延长有效期的，最长不得超过", "麻醉药品注射剂处方一次不得超过", "医师在注册后中止执业活动满一定期限的，应当注销注册，该期限为"} {
		add(exampaper.Only(3), "见相关条文。", "《医疗机构管理条例实施细则》等",
			exampaper.Question{Kind: exampaper.A1, Chapter: "病历与处方管理", Stem: s, Options: []string{"1年（日）", "2年（日）", "3年（日）", "按条文规定的期限", "没有规定"}})
	}
	return b
}

// withBanks gives the sample banks: one that lies here, one that is on its way.
func (s *sample) withBanks() *sample {
	b := sampleBank()
	s.study.banks = map[exampaper.BankID]exampaper.Bank{b.ID: b}
	s.study.shelf = practice.Shelf{Heard: s.now, Banks: []practice.Volume{
		{ID: b.ID, Name: b.Name, Questions: len(b.Items), Here: true, Changed: s.now},
		{ID: "ethics", Name: "医德医风与患者安全", Questions: 224, Changed: s.now},
	}}
	return s
}

// practised answers the first n questions of a round, every third one wrongly.
func (s *sample) practised(n int) *sample {
	s.withBanks()
	ctx := context.Background()
	r, _ := s.BeginRound(ctx, "law", practice.ModeRandom)
	for i, q := range r.Questions[:n] {
		it, _ := s.study.banks["law"].Find(q)
		a := it.Answer
		if i%3 == 2 {
			a = exampaper.Only(4 % len(it.Options))
			if a == it.Answer {
				a = exampaper.Only(0)
			}
		}
		_, _ = s.AnswerQuestion(ctx, "law", q, a)
	}
	_, _ = s.MarkQuestion(ctx, "law", r.Questions[1], true)
	_ = s.StarQuestion(ctx, "law", r.Questions[0], true)
	_, _ = s.GoToQuestion(ctx, "law", max(n-1, 0))
	return s
}

// Shelf implements Study.
func (s *sample) Shelf() (practice.Shelf, error) {
	if err := s.failing("Shelf"); err != nil {
		return practice.Shelf{}, err
	}
	out := s.study.shelf
	out.Banks = nil
	for _, v := range s.study.shelf.Banks {
		if b, ok := s.study.banks[v.ID]; ok && v.Here {
			v.Sum = s.Progress().Sum(b)
			if r, ok := s.study.rounds[v.ID]; ok {
				v.Round = &r
			}
		}
		out.Banks = append(out.Banks, v)
	}
	return out, nil
}

// Bank implements Study.
func (s *sample) Bank(id exampaper.BankID) (exampaper.Bank, error) {
	b, ok := s.study.banks[id]
	if !ok {
		return b, exam.Errorf(exam.NotFound, "这个题库还没有下载到这台电脑")
	}
	return b, s.failing("Bank")
}

// Progress implements Study.
func (s *sample) Progress() practice.Progress { return practice.Fold(s.study.entries) }

// LookForBanks implements Study.
func (s *sample) LookForBanks(context.Context) error { return s.failing("LookForBanks") }

// Round implements Drill.
func (s *sample) Round(id exampaper.BankID) (practice.Round, error) {
	r, ok := s.study.rounds[id]
	if !ok {
		return r, exam.Errorf(exam.NotFound, "没有未完成的练习")
	}
	return r, nil
}

func (s *sample) keep(r practice.Round) practice.Round {
	if s.study.rounds == nil {
		s.study.rounds = map[exampaper.BankID]practice.Round{}
	}
	s.study.rounds[r.Bank] = r
	return r
}

// BeginRound implements Drill.
func (s *sample) BeginRound(_ context.Context, id exampaper.BankID, mode practice.Mode) (practice.Round, error) {
	if err := s.failing("BeginRound"); err != nil {
		return practice.Round{}, err
	}
	r, err := practice.Draw(s.study.banks[id], s.Progress(), mode, practice.RoundSize, exampaper.SeedOf("sample", s.study.seed), s.now)
	if err != nil {
		return r, err
	}
	return s.keep(r), nil
}

// ReviewRound implements Drill.
func (s *sample) ReviewRound(_ context.Context, id exampaper.BankID, questions []exampaper.QuestionID) (practice.Round, error) {
	return s.keep(practice.Round{Bank: id, Mode: practice.ModeMistakes, Began: s.now, Questions: questions}), nil
}

// AnswerQuestion implements Drill.
func (s *sample) AnswerQuestion(_ context.Context, id exampaper.BankID, q exampaper.QuestionID, a exampaper.Answer) (practice.Round, error) {
	if err := s.failing("AnswerQuestion"); err != nil {
		return practice.Round{}, err
	}
	r, err := s.study.rounds[id].Answer(s.study.banks[id], q, a)
	if err != nil {
		return r, err
	}
	s.practise(practice.ActAnswered, practice.Body{Bank: id, Question: q, Answer: a, Right: r.Replies[q].Right, Mode: r.Mode})
	return s.keep(r), nil
}

func (s *sample) practise(act practice.Act, body practice.Body) {
	s.study.entries = append(s.study.entries, practice.Entry{At: sampleNoon, Device: "t1", Seq: uint64(len(s.study.entries) + 1), Act: act, Body: body})
}

// RevealAnswer implements Drill.
func (s *sample) RevealAnswer(_ context.Context, id exampaper.BankID, q exampaper.QuestionID) (practice.Round, error) {
	r, err := s.study.rounds[id].Reveal(s.study.banks[id], q)
	if err != nil {
		return r, err
	}
	return s.keep(r), nil
}

// MarkQuestion implements Drill.
func (s *sample) MarkQuestion(_ context.Context, id exampaper.BankID, q exampaper.QuestionID, on bool) (practice.Round, error) {
	return s.keep(s.study.rounds[id].Mark(q, on)), nil
}

// GoToQuestion implements Drill.
func (s *sample) GoToQuestion(_ context.Context, id exampaper.BankID, place int) (practice.Round, error) {
	return s.keep(s.study.rounds[id].Go(place)), nil
}

// StarQuestion implements Drill.
func (s *sample) StarQuestion(_ context.Context, id exampaper.BankID, q exampaper.QuestionID, on bool) error {
	act := practice.ActUnstarred
	if on {
		act = practice.ActStarred
	}
	s.practise(act, practice.Body{Bank: id, Question: q})
	return nil
}
