package paper

import (
	"fmt"
	"slices"

	"dingkao/exam"
)

// Blueprint says what a paper is drawn from (组卷方案).
type Blueprint struct {
	ID       ID        `json:"id,omitempty"` // of the paper; empty lets its content name it
	Title    string    `json:"title"`
	Minutes  int       `json:"minutes"`
	PassMark Points    `json:"passMark"`
	On       exam.Date `json:"on,omitempty"` // questions that have expired on this day are left out; empty asks none
	Parts    []Part    `json:"parts"`
}

// Part is a number of questions from one bank. Empty lists and zero bounds do not
// narrow.
type Part struct {
	Bank     BankID   `json:"bank"`
	Kinds    []Kind   `json:"kinds,omitempty"`
	Easiest  int      `json:"easiest,omitempty"` // least difficulty, 1 to 5
	Hardest  int      `json:"hardest,omitempty"` // greatest difficulty, 1 to 5
	Chapters []string `json:"chapters,omitempty"`
	Topics   []string `json:"topics,omitempty"`
	Count    int      `json:"count"` // questions, the members of groups counted singly
}

// takes says whether a question is what the part asks for. A part with a bound of
// difficulty takes no question that was never rated.
func (p Part) takes(q Question) bool {
	if p.Easiest > 0 || p.Hardest > 0 {
		if q.Difficulty == 0 || q.Difficulty < p.Easiest || p.Hardest > 0 && q.Difficulty > p.Hardest {
			return false
		}
	}
	return (len(p.Kinds) == 0 || slices.Contains(p.Kinds, q.Kind)) &&
		(len(p.Chapters) == 0 || slices.Contains(p.Chapters, q.Chapter)) &&
		(len(p.Topics) == 0 || slices.Contains(p.Topics, q.Topic))
}

// Check says what is wrong with the blueprint by itself. The error is Invalid.
func (b Blueprint) Check() error {
	if len(b.Parts) == 0 {
		return exam.Errorf(exam.Invalid, "组卷方案里没有抽题要求")
	}
	if !b.On.Valid() {
		return exam.Errorf(exam.Invalid, "组卷方案的日期不对")
	}
	sum := 0
	for i, p := range b.Parts {
		for _, k := range p.Kinds {
			if !k.Valid() {
				return exam.Errorf(exam.Invalid, "第%d部分的题型“%s”不认识", i+1, clip(string(k)))
			}
		}
		switch {
		case p.Count < 1 || p.Count > MostQuestions:
			return exam.Errorf(exam.Invalid, "第%d部分的题量应为1至%d", i+1, MostQuestions)
		case p.Easiest < 0 || p.Hardest < 0 || p.Easiest > MostDifficulty || p.Hardest > MostDifficulty || p.Hardest > 0 && p.Easiest > p.Hardest:
			return exam.Errorf(exam.Invalid, "第%d部分的难度范围不对", i+1)
		}
		sum += p.Count
	}
	if sum > MostQuestions {
		return exam.Errorf(exam.Invalid, "各部分共%d题，一份试卷最多%d题", sum, MostQuestions)
	}
	return nil
}

// unit is what is taken or left as a whole: a question, or all of a group.
type unit struct {
	items   []Item
	prints  []Fingerprint
	expired bool // one of its members is
}

// Draw makes a paper of the banks and the key that belongs to it (抽题组卷). It is a
// pure function: the same blueprint, banks (item by item) and seed give the same
// paper. No question comes twice, not even from two banks or with its options in
// another order; a group comes whole or not at all, and not at all when one of its
// members does not fit the part or has expired.
//
// The units that fit a part are shuffled by a stream labelled with its number and
// taken from the front; a unit is passed over where, with it, the rest could no
// longer make up the count exactly. Parts with the least to spare choose first, so
// that a wide part does not use up what a narrow one needs; the paper has them in
// the order of the blueprint, each sorted by kind.
//
// The error is Invalid for a blueprint that cannot be right, NotFound for an unknown
// bank, and Refused where a bank has too few questions; nothing is drawn then.
func Draw(b Blueprint, banks []Bank, seed Seed) (Paper, Key, error) {
	if err := b.Check(); err != nil {
		return Paper{}, nil, err
	}
	type bank struct {
		name  string
		units []unit
	}
	opened := map[BankID]bank{}
	type fit struct {
		part    int
		units   []int // of the bank, in its order
		spare   int
		expired int
	}
	fits := make([]fit, len(b.Parts))
	for i, p := range b.Parts {
		from, ok := opened[p.Bank]
		if !ok {
			n := slices.IndexFunc(banks, func(k Bank) bool { return k.ID == p.Bank })
			if n < 0 {
				return Paper{}, nil, exam.Errorf(exam.NotFound, "第%d部分要用的题库“%s”不存在", i+1, clip(string(p.Bank)))
			}
			if err := banks[n].Check(); err != nil {
				return Paper{}, nil, exam.Errorf(exam.Invalid, "题库“%s”有问题，没有组卷：%s", clip(banks[n].Name), exam.SentenceOf(err))
			}
			from = bank{banks[n].Name, unitsOf(banks[n], b.On)}
			opened[p.Bank] = from
		}
		f := fit{part: i, spare: -p.Count}
		for j, u := range from.units {
			if slices.ContainsFunc(u.items, func(it Item) bool { return !p.takes(it.Question) }) {
				continue
			}
			if u.expired {
				f.expired += len(u.items)
				continue
			}
			f.units = append(f.units, j)
			f.spare += len(u.items)
		}
		fits[i] = f
	}
	slices.SortStableFunc(fits, func(a, b fit) int { return a.spare - b.spare })

	parts := make([][]Item, len(b.Parts))
	used := map[Fingerprint]bool{}
	ids := map[QuestionID]bool{}
	taken := map[GroupID]bool{}
	for _, f := range fits {
		part := b.Parts[f.part]
		from := opened[part.Bank]
		var free []unit
		n := 0
		here := map[Fingerprint]bool{}
		for _, j := range newStream(seed, fmt.Sprintf("draw/%d", f.part)).perm(len(f.units)) {
			u := from.units[f.units[j]]
			if taken[u.items[0].Group] || slices.ContainsFunc(u.prints, func(p Fingerprint) bool { return used[p] || here[p] }) ||
				slices.ContainsFunc(u.items, func(it Item) bool { return ids[it.ID] }) {
				continue
			}
			for _, p := range u.prints {
				here[p] = true
			}
			free, n = append(free, u), n+len(u.items)
		}
		if n < part.Count {
			also := ""
			if f.expired > 0 {
				also = fmt.Sprintf("（另有%d题已过有效期）", f.expired)
			}
			return Paper{}, nil, exam.Errorf(exam.Refused, "第%d部分要从题库“%s”抽%d题，符合条件又未用过的只有%d题%s；没有组卷，请补充题目或减少题量",
				f.part+1, clip(from.name), part.Count, n, also)
		}
		chosen := choose(free, part.Count)
		if chosen == nil {
			return Paper{}, nil, exam.Errorf(exam.Refused, "第%d部分要从题库“%s”抽%d题，符合条件的有%d题，但成组的题目必须整组使用，凑不成正好%d题；没有组卷，请调整题量",
				f.part+1, clip(from.name), part.Count, n, part.Count)
		}
		slices.SortStableFunc(chosen, func(a, b unit) int { return a.items[0].Kind.rank() - b.items[0].Kind.rank() })
		for _, u := range chosen {
			if g := u.items[0].Group; g != "" {
				taken[g] = true
			}
			for i, it := range u.items {
				used[u.prints[i]], ids[it.ID] = true, true
				parts[f.part] = append(parts[f.part], it)
			}
		}
	}

	p := Paper{ID: b.ID, Title: b.Title, Minutes: b.Minutes, PassMark: b.PassMark}
	key := Key{}
	for _, it := range slices.Concat(parts...) {
		p.Questions = append(p.Questions, it.Bare())
		key[it.ID] = it.Answer
	}
	if p.ID == "" {
		id, err := contentID(p)
		if err != nil {
			return Paper{}, nil, err
		}
		p.ID = id
	}
	if err := p.Check(); err != nil {
		return Paper{}, nil, err
	}
	return p, key, nil
}

// unitsOf gathers groups where their first member stands.
func unitsOf(b Bank, day exam.Date) []unit {
	var units []unit
	place := map[GroupID]int{}
	for _, it := range b.Items {
		i, known := place[it.Group]
		if it.Group == "" || !known {
			i = len(units)
			units = append(units, unit{})
			place[it.Group] = i
		}
		u := &units[i]
		u.items = append(u.items, it)
		u.prints = append(u.prints, it.Fingerprint())
		u.expired = u.expired || it.ExpiredOn(day)
	}
	return units
}

// choose takes units from the front whose sizes sum up to count; nil where none do.
// makes[i] has bit s where units i and after can sum up to s.
func choose(units []unit, count int) []unit {
	words := count/64 + 1
	makes := make([]uint64, (len(units)+1)*words)
	row := func(i int) []uint64 { return makes[i*words : (i+1)*words] }
	row(len(units))[0] = 1
	for i := len(units) - 1; i >= 0; i-- {
		below, here := row(i+1), row(i)
		copy(here, below)
		size := len(units[i].items)
		skip, shift := size/64, uint(size%64)
		for w := words - 1; w >= skip; w-- {
			here[w] |= below[w-skip] << shift
			if shift > 0 && w > skip {
				here[w] |= below[w-skip-1] >> (64 - shift)
			}
		}
	}
	can := func(i, s int) bool { return s >= 0 && row(i)[s/64]&(1<<(s%64)) != 0 }
	if !can(0, count) {
		return nil
	}
	var chosen []unit
	for i, u := range units {
		if n := len(u.items); can(i+1, count-n) {
			chosen = append(chosen, u)
			count -= n
		}
	}
	return chosen
}
