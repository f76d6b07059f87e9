package paper

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"dingkao/exam"
)

// Bounds of a question, in characters.
const (
	LeastOptions    = 2
	MostStem        = 4000
	MostShared      = 8000
	MostOption      = 1000
	MostExplanation = 8000
	MostNote        = 1000 // topic, chapter, legal basis
	MostDifficulty  = 5
	MostPoints      = 100 * Point
	mostID          = 64 // bytes
)

// BankID names a bank, for good.
type BankID string

// GroupID ties the questions of one group (A3, A4, B1) together. Empty for the
// other kinds.
type GroupID string

// Points is what a question is worth (分值), in hundredths of a point, so that
// sums of halves and quarters are exact.
type Points int

// Point is one whole point.
const Point Points = 100

// Text is the number as people write it: 1, 1.5, 0.25.
func (p Points) Text() string {
	return strconv.FormatFloat(float64(p)/float64(Point), 'f', -1, 64)
}

// Question is a question without its answer: what a terminal may hold.
type Question struct {
	ID      QuestionID `json:"id"`
	Kind    Kind       `json:"kind"`
	Group   GroupID    `json:"group,omitempty"`
	Shared  string     `json:"shared,omitempty"` // the case or text common to the group
	Stem    string     `json:"stem"`             // 题干
	Options []string   `json:"options"`          // 2 to 8; those of a B1 group are all alike
	// Difficulty is 1 (easy) to 5 (hard); 0 means not rated.
	Difficulty int    `json:"difficulty,omitempty"`
	Topic      string `json:"topic,omitempty"`   // 知识点
	Chapter    string `json:"chapter,omitempty"` // 章节
	// Points is what it is worth; 0 means one point (see Worth).
	Points     Points    `json:"points,omitempty"`
	LegalBasis string    `json:"legalBasis,omitempty"` // 法律依据
	ValidUntil exam.Date `json:"validUntil,omitempty"` // last day on which it may be used; empty means no end
}

// Worth is what the question is worth: one point unless it says otherwise.
func (q Question) Worth() Points {
	if q.Points == 0 {
		return Point
	}
	return q.Points
}

// ExpiredOn says whether the question may no longer be used on a day. No day
// means "do not ask".
func (q Question) ExpiredOn(day exam.Date) bool {
	return day != "" && q.ValidUntil != "" && q.ValidUntil < day
}

// Bare is the question as a paper carries it. What only the office needs is left
// out, because some of it helps to guess: a legal basis often is the answer.
func (q Question) Bare() Question {
	return Question{ID: q.ID, Kind: q.Kind, Group: q.Group, Shared: q.Shared, Stem: q.Stem, Options: slices.Clone(q.Options), Points: q.Points}
}

// Item is a question with its answer and why it is right: an entry of a bank.
type Item struct {
	Question
	Answer      Answer `json:"answer"`
	Explanation string `json:"explanation,omitempty"` // 解析
}

// Key says what is right for each question of a paper (标准答案). It is never part
// of a paper.
type Key map[QuestionID]Answer

// Bank is a collection of items (题库). An open bank is for practice and may lie on
// terminals with its answers; any other is for live papers and stays at the
// registry.
type Bank struct {
	ID    BankID `json:"id"`
	Name  string `json:"name"`
	Open  bool   `json:"open"`
	Items []Item `json:"items"` // the members of a group in their inner order
}

// Check says what is wrong with the bank: an item, an id that stands twice, or a
// group whose members do not agree. The error is Invalid.
func (b Bank) Check() error {
	if b.ID == "" || b.Name == "" {
		return exam.Errorf(exam.Invalid, "题库要有编号和名称")
	}
	var g groups
	seen := map[QuestionID]bool{}
	for i, it := range b.Items {
		if err := it.Check(); err != nil {
			return at(i, err)
		}
		if seen[it.ID] {
			return at(i, exam.Errorf(exam.Invalid, "题目编号重复"))
		}
		seen[it.ID] = true
		if err := g.add(it.Question); err != nil {
			return at(i, err)
		}
	}
	return nil
}

func at(i int, err error) error {
	return exam.Errorf(exam.KindOf(err), "第%d题：%s", i+1, exam.SentenceOf(err))
}

// groups remembers the first member of each group, to compare the others with.
type groups map[GroupID]Question

func (g *groups) add(q Question) error {
	if q.Group == "" {
		return nil
	}
	if *g == nil {
		*g = groups{}
	}
	first, known := (*g)[q.Group]
	switch {
	case !known:
		(*g)[q.Group] = q
	case first.Kind != q.Kind:
		return exam.Errorf(exam.Invalid, "同一组里的题型不一致")
	case first.Shared != q.Shared:
		return exam.Errorf(exam.Invalid, "同一组里的共用题干不一致")
	case q.Kind == B1 && !slices.Equal(first.Options, q.Options):
		return exam.Errorf(exam.Invalid, "同一组里的共用选项不一致")
	}
	return nil
}

// Check says what is wrong with the question, in a sentence that tells the office
// what to do. The error is Invalid.
func (q Question) Check() error {
	bad := func(sentence string, args ...any) error { return exam.Errorf(exam.Invalid, sentence, args...) }
	if q.ID == "" || len(q.ID) > mostID || strings.ContainsFunc(string(q.ID), func(r rune) bool { return r <= ' ' || r > '~' }) {
		return bad("题目编号不对")
	}
	if !q.Kind.Valid() {
		return bad("题型“%s”不认识", clip(string(q.Kind)))
	}
	if q.Kind.Grouped() != (q.Group != "") || len(q.Group) > mostID || !utf8.ValidString(string(q.Group)) {
		return bad("A3、A4、B1型题要有组号，其他题型不能有")
	}
	for _, t := range []struct {
		name, text string
		most       int
		must       bool
	}{
		{"题干", q.Stem, MostStem, true},
		{"共用题干", q.Shared, MostShared, q.Kind == A3 || q.Kind == A4},
		{"知识点", q.Topic, MostNote, false}, {"章节", q.Chapter, MostNote, false}, {"法律依据", q.LegalBasis, MostNote, false},
	} {
		if err := checkText(t.name, t.text, t.most, t.must); err != nil {
			return err
		}
	}
	if q.Shared != "" && !q.Kind.Grouped() {
		return bad("只有A3、A4、B1型题可以有共用题干，请改题型，或把它并入题干")
	}
	if err := q.checkOptions(); err != nil {
		return err
	}
	switch {
	case q.Difficulty < 0 || q.Difficulty > MostDifficulty:
		return bad("难度应为1至%d，或不填", MostDifficulty)
	case q.Points < 0 || q.Points > MostPoints:
		return bad("分值应大于0，不超过%s分", MostPoints.Text())
	case !q.ValidUntil.Valid():
		return bad("有效期“%s”不是真实的日期", clip(string(q.ValidUntil)))
	}
	return nil
}

func (q Question) checkOptions() error {
	if q.Kind == TF {
		if !slices.Equal(q.Options, TrueFalse) {
			return exam.Errorf(exam.Invalid, "判断题的选项只能是“正确”和“错误”")
		}
		return nil
	}
	if len(q.Options) < LeastOptions {
		return exam.Errorf(exam.Invalid, "选项太少，至少要有%d个", LeastOptions)
	}
	if len(q.Options) > MostOptions {
		return exam.Errorf(exam.Invalid, "选项太多，最多%d个（A至H）", MostOptions)
	}
	seen := map[string]int{}
	for i, o := range q.Options {
		if err := checkText("选项"+letter(i), o, MostOption, true); err != nil {
			return err
		}
		f := fold(o)
		if j, twice := seen[f]; twice {
			return exam.Errorf(exam.Invalid, "选项%s与选项%s相同，请改正其中一个", letter(j), letter(i))
		}
		seen[f] = i
	}
	return nil
}

// Check says what is wrong with the item: its question, or an answer that is
// missing, outside the options or not one where one is asked for. The error is
// Invalid.
func (it Item) Check() error {
	if err := it.Question.Check(); err != nil {
		return err
	}
	if err := it.checkAnswer(); err != nil {
		return err
	}
	return checkText("解析", it.Explanation, MostExplanation, false)
}

func (it Item) checkAnswer() error {
	for i := len(it.Options); i < MostOptions; i++ {
		if it.Answer.Has(i) {
			return exam.Errorf(exam.Invalid, "答案%s不在选项之中，选项只到%s；请核对答案和选项", letter(i), letter(len(it.Options)-1))
		}
	}
	switch n := it.Answer.Count(); {
	case n == 0:
		return exam.Errorf(exam.Invalid, "没有答案，请补上")
	case it.Kind == X && n < 2:
		return exam.Errorf(exam.Invalid, "多选题要有两个以上的答案；如果只有一个，请把题型改为单选")
	case it.Kind != X && n > 1:
		return exam.Errorf(exam.Invalid, "这种题型只能有一个答案，现在有%d个（%s）；请核对，或把题型改为多选", n, it.Answer)
	}
	return nil
}

func letter(i int) string { return string(rune('A' + i)) }

// Identified is the question with the id that its content gives it: "q" and 96
// bits of the SHA-256 of shared text, stem and options, as fold reads them. So
// the same question has the same id wherever and however often it is imported,
// and a corrected answer, explanation or kind keeps it. The options count in
// their order, because answers are letters. A group's id is made likewise of what
// its members have in common.
func (q Question) Identified() Question {
	q.Group = GroupOf(q.Kind, q.Shared, q.Options)
	sum := digest("question", append([]string{q.Shared, q.Stem}, q.Options...))
	q.ID = QuestionID("q" + hex.EncodeToString(sum[:12]))
	return q
}

// GroupOf is the id of the group to which a question of a kind belongs by its
// shared text and, for B1, its options; empty for kinds without groups.
func GroupOf(k Kind, shared string, options []string) GroupID {
	if !k.Grouped() {
		return ""
	}
	parts := []string{string(k), shared}
	if k == B1 {
		parts = append(parts, options...)
	}
	sum := digest("group", parts)
	return GroupID("g" + hex.EncodeToString(sum[:12]))
}

// Fingerprint is alike for two questions that ask the same with the same options,
// in whatever order these stand, and however they are spaced and punctuated.
type Fingerprint [16]byte

// Fingerprint is that of the question.
func (q Question) Fingerprint() Fingerprint {
	options := make([]string, len(q.Options))
	for i, o := range q.Options {
		options[i] = fold(o)
	}
	slices.Sort(options)
	sum := digest("same", append([]string{q.Shared, q.Stem}, options...))
	return Fingerprint(sum[:16])
}

// Same says whether two questions are one and the same to a reader.
func (q Question) Same(other Question) bool { return q.Fingerprint() == other.Fingerprint() }

// digest hashes the folded parts, each behind its length, so that no text can
// move from one part into the next unnoticed.
func digest(label string, parts []string) [sha256.Size]byte {
	b := append([]byte("dingkao/paper/"+label), 0)
	for _, p := range parts {
		p = fold(p)
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}

// fold is a text as far as it distinguishes questions: full-width signs become
// narrow ones, white space, empty brackets and the sign at the end go away. Case,
// exponents and signs within stay: AA and Aa are two genotypes, 10² is not 102.
func fold(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return -1
		case r == '、':
			return ','
		}
		return r
	}, width.Fold.String(s))
	s = strings.ReplaceAll(s, "()", "")
	if short := strings.TrimRight(s, "。.?!:;,"); short != "" {
		return short
	}
	return s
}

// Clean is a text as a question may hold it: line ends are \n, invisible format
// characters are gone, other white space around it too. What Check still finds
// in it cannot be mended without asking.
func Clean(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ", "\u00a0", " ").Replace(s)
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}

func checkText(name, s string, most int, must bool) error {
	switch {
	case s == "" && must:
		return exam.Errorf(exam.Invalid, "没有%s，请补上", name)
	case len(s) > most && utf8.RuneCountInString(s) > most:
		return exam.Errorf(exam.Invalid, "%s太长，最多%d字", name, most)
	case !utf8.ValidString(s) || strings.ContainsFunc(s, unfit):
		return exam.Errorf(exam.Invalid, "%s里有不能显示的字符，请删去后重新输入", name)
	case strings.TrimSpace(s) != s:
		return exam.Errorf(exam.Invalid, "%s的前后有多余的空格", name)
	}
	return nil
}

// unfit are characters that a screen cannot show or a workbook cannot keep:
// controls but the line end, format characters, the replacement character and
// Unicode's noncharacters.
func unfit(r rune) bool {
	return unicode.IsControl(r) && r != '\n' || unicode.Is(unicode.Cf, r) || r == utf8.RuneError ||
		r&0xfffe == 0xfffe || r >= 0xfdd0 && r <= 0xfdef
}

// clip keeps a quoted input short enough for one sentence.
func clip(s string) string {
	if r := []rune(strings.ToValidUTF8(s, "\ufffd")); len(r) > 20 {
		return string(r[:20]) + "…"
	}
	return s
}
