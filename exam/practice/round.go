package practice

import (
	"maps"
	"slices"

	"dingkao/exam"
	"dingkao/exam/paper"
)

// RoundSize is how many questions a round has.
const RoundSize = 50

// Reply is what was done with one question of a round.
type Reply struct {
	Answer paper.Answer `json:"answer,omitempty"`
	Right  bool         `json:"right,omitempty"`
	// Shown, without an answer: its doctor looked at the answer first. It counts
	// as neither right nor wrong.
	Shown bool `json:"shown,omitempty"`
}

// Round is a run through some questions of one bank.
type Round struct {
	Bank      paper.BankID               `json:"bank"`
	Mode      Mode                       `json:"mode"`
	Began     exam.Instant               `json:"began"`
	Questions []paper.QuestionID         `json:"questions"`
	Replies   map[paper.QuestionID]Reply `json:"replies,omitempty"`
	Marked    map[paper.QuestionID]bool  `json:"marked,omitempty"` // 标注, within this round
	At        int                        `json:"at"`               // the question that is open, from 0
}

// Draw draws a round by a seed. A random one has at most n questions and takes
// first those never answered and those among the mistakes, then the others;
// groups stay whole and together, unless one alone is larger than n. Questions
// that have expired by today are left out. The mistakes and the favourites are
// taken as they stand, up to n. The error is NotFound where there is nothing.
func Draw(b paper.Bank, p Progress, mode Mode, n int, seed paper.Seed, now exam.Instant) (Round, error) {
	r := Round{Bank: b.ID, Mode: mode, Began: now}
	switch mode {
	case ModeRandom:
		r.Questions = random(b, p, n, seed, now.Date())
	case ModeMistakes:
		r.Questions = first(p.Mistakes(b), n)
	case ModeFavourites:
		r.Questions = first(p.Favourites(b), n)
	default:
		return r, exam.Errorf(exam.Invalid, "练习的方式不对")
	}
	if len(r.Questions) > 0 {
		return r, nil
	}
	switch mode {
	case ModeMistakes:
		return r, exam.Errorf(exam.NotFound, "这个题库里没有错题")
	case ModeFavourites:
		return r, exam.Errorf(exam.NotFound, "这个题库里还没有收藏的题目")
	}
	return r, exam.Errorf(exam.NotFound, "这个题库里没有可以练习的题目")
}

func first(list []paper.QuestionID, n int) []paper.QuestionID { return list[:min(len(list), n)] }

// unit is a group, or a single question.
type unit struct {
	ids   []paper.QuestionID
	fresh bool // something in it is new or among the mistakes
	rank  int  // of its kind
}

func random(b paper.Bank, p Progress, n int, seed paper.Seed, today exam.Date) []paper.QuestionID {
	var units []unit
	at := map[paper.GroupID]int{}
	for _, it := range b.Items {
		if it.ExpiredOn(today) {
			continue
		}
		rec := p.Of(b.ID, it.ID)
		fresh := rec.Times == 0 || rec.Mistake
		if it.Group != "" {
			if i, known := at[it.Group]; known {
				units[i].ids = append(units[i].ids, it.ID)
				units[i].fresh = units[i].fresh || fresh
				continue
			}
			at[it.Group] = len(units)
		}
		units = append(units, unit{ids: []paper.QuestionID{it.ID}, fresh: fresh, rank: slices.Index(paper.Kinds, it.Kind)})
	}
	shuffled := make([]unit, len(units))
	for i, j := range seed.Perm("practice/"+string(b.ID), len(units)) {
		shuffled[i] = units[j]
	}
	order := slices.Clone(shuffled)
	slices.SortStableFunc(order, func(a, b unit) int { return btoi(b.fresh) - btoi(a.fresh) })
	var taken []unit
	left := n
	for _, u := range order {
		if len(u.ids) <= left {
			taken = append(taken, u)
			left -= len(u.ids)
		}
	}
	if len(taken) == 0 && len(order) > 0 { // nothing but a group larger than the round
		taken = []unit{{ids: first(order[0].ids, n)}}
	}
	// What was preferred must not all stand in front: shuffled once more, then one
	// kind after the other, as on a paper.
	mixed := make([]unit, len(taken))
	for i, j := range seed.Perm("practice/order/"+string(b.ID), len(taken)) {
		mixed[i] = taken[j]
	}
	slices.SortStableFunc(mixed, func(a, b unit) int { return a.rank - b.rank })
	var ids []paper.QuestionID
	for _, u := range mixed {
		ids = append(ids, u.ids...)
	}
	return ids
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// clone is a copy whose maps may be written to.
func (r Round) clone() Round {
	r.Replies, r.Marked = maps.Clone(r.Replies), maps.Clone(r.Marked)
	if r.Replies == nil {
		r.Replies = map[paper.QuestionID]Reply{}
	}
	if r.Marked == nil {
		r.Marked = map[paper.QuestionID]bool{}
	}
	return r
}

func (r Round) reply(b paper.Bank, q paper.QuestionID) (paper.Item, Round, error) {
	it, known := b.Find(q)
	if !known || !slices.Contains(r.Questions, q) {
		return it, r, exam.Errorf(exam.NotFound, "这道题不在这次练习里")
	}
	if _, done := r.Replies[q]; done {
		return it, r, exam.Errorf(exam.Refused, "这道题已经作答，不能再改")
	}
	return it, r.clone(), nil
}

// Answer answers a question, once. The error is Refused where it was answered or
// its answer was looked at, Invalid where the answer is none.
func (r Round) Answer(b paper.Bank, q paper.QuestionID, a paper.Answer) (Round, error) {
	it, r, err := r.reply(b, q)
	if err != nil {
		return r, err
	}
	fits := a.Count() == 1 || it.Kind == paper.X && a.Count() > 1
	for i := len(it.Options); i < paper.MostOptions; i++ {
		fits = fits && !a.Has(i)
	}
	if !fits {
		return r, exam.Errorf(exam.Invalid, "请先选择答案")
	}
	r.Replies[q] = Reply{Answer: a, Right: a == it.Answer}
	return r, nil
}

// Reveal looks at the answer of a question that was not answered.
func (r Round) Reveal(b paper.Bank, q paper.QuestionID) (Round, error) {
	_, r, err := r.reply(b, q)
	if err != nil {
		return r, err
	}
	r.Replies[q] = Reply{Shown: true}
	return r, nil
}

// Mark puts or takes the mark of a question (标注).
func (r Round) Mark(q paper.QuestionID, on bool) Round {
	r = r.clone()
	if on {
		r.Marked[q] = true
	} else {
		delete(r.Marked, q)
	}
	return r
}

// Go opens the question at a place, bounded to those that there are.
func (r Round) Go(place int) Round {
	r.At = min(max(place, 0), max(len(r.Questions)-1, 0))
	return r
}

// Within is the round without the questions that the bank does not have any
// more, after it was published anew.
func (r Round) Within(b paper.Bank) Round {
	have := map[paper.QuestionID]bool{}
	for _, it := range b.Items {
		have[it.ID] = true
	}
	var kept []paper.QuestionID
	at := r.At
	for i, q := range r.Questions {
		if have[q] {
			kept = append(kept, q)
		} else if i < r.At {
			at--
		}
	}
	r.Questions = kept
	return r.Go(at)
}

// Tally is how a round stands.
type Tally struct {
	Questions, Answered, Right, Shown, Marked int
}

// Open is how many questions were neither answered nor looked up.
func (t Tally) Open() int { return t.Questions - t.Answered - t.Shown }

// Tally counts.
func (r Round) Tally() Tally {
	t := Tally{Questions: len(r.Questions)}
	for _, q := range r.Questions {
		rep, done := r.Replies[q]
		switch {
		case done && rep.Shown:
			t.Shown++
		case done:
			t.Answered++
			t.Right += btoi(rep.Right)
		}
		t.Marked += btoi(r.Marked[q])
	}
	return t
}

// Wrong are the questions that were answered wrongly, in order.
func (r Round) Wrong() []paper.QuestionID {
	var list []paper.QuestionID
	for _, q := range r.Questions {
		if rep, done := r.Replies[q]; done && !rep.Shown && !rep.Right {
			list = append(list, q)
		}
	}
	return list
}

// Touched says whether anything was done in the round.
func (r Round) Touched() bool { return len(r.Replies) > 0 || len(r.Marked) > 0 }

// Shelf is what there is to practise, as a list shows it.
type Shelf struct {
	Banks []Volume
	// Heard is when the registry last said which banks are open; 0: never.
	Heard exam.Instant
	// Fetching says that a bank is on its way.
	Fetching bool
	// Trouble is why the newest banks could not be fetched; "" where they were.
	Trouble string
}

// Volume is one bank on the shelf.
type Volume struct {
	ID        paper.BankID
	Name      string
	Questions int
	Size      int // bytes
	Changed   exam.Instant
	Here      bool // it lies on this PC
	Newer     bool // it lies here, and the registry has a newer one
	Sum       Sum  // how far its doctor has come; of a bank that is here
	Round     *Round
}
