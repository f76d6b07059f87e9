// Package practice is study between assessments (在线学习): rounds of fifty questions
// from an open bank, the questions one got wrong (错题本), those one wants to keep
// (收藏), and how far one has come.
//
// What a doctor did is a set of entries, written by each device into a stream of
// its own; [Fold] makes the progress from the union of all of them. It puts them
// in one order itself (time, device, number), so two devices that were merged in
// any order, twice or in parts, show the same. Nothing here is judged by anybody:
// practice counts for nothing but for its doctor.
//
// A [Round] is what stands on the screen now. It lives on one device, and what
// was answered in it is among the entries too, so losing it loses no progress.
package practice

import (
	"cmp"
	"slices"

	"dingkao/exam"
	"dingkao/exam/paper"
)

// Act is what an entry says.
type Act string

const (
	ActAnswered  Act = "answered"  // a question was answered
	ActStarred   Act = "starred"   // put among the favourites (收藏)
	ActUnstarred Act = "unstarred" // taken from them
)

// Mode is where the questions of a round come from.
type Mode string

const (
	ModeRandom     Mode = "random"     // 练习50题
	ModeMistakes   Mode = "mistakes"   // 错题本
	ModeFavourites Mode = "favourites" // 收藏
)

// Valid says whether it is one of the modes.
func (m Mode) Valid() bool { return m == ModeRandom || m == ModeMistakes || m == ModeFavourites }

// Text is the mode in Chinese.
func (m Mode) Text() string {
	switch m {
	case ModeMistakes:
		return "错题本"
	case ModeFavourites:
		return "收藏"
	}
	return "练习"
}

// Body is what an entry holds: which question and, of an answer, what it was.
type Body struct {
	Bank     paper.BankID     `json:"bank"`
	Question paper.QuestionID `json:"question"`
	Answer   paper.Answer     `json:"answer,omitempty"`
	// Right is whether it was, by the bank as it lay on the device then: a later
	// correction of the bank does not change what its doctor saw.
	Right bool `json:"right,omitempty"`
	Mode  Mode `json:"mode,omitempty"`
}

// Entry is one thing that was done. Device and Seq name it.
type Entry struct {
	At     exam.Instant
	Device string
	Seq    uint64
	Act    Act
	Body
}

// Check says what is wrong with the entry. The error is Invalid.
func (e Entry) Check() error {
	bad := exam.Errorf(exam.Invalid, "练习记录的内容不对")
	if !e.Bank.Valid() || len(e.Question) == 0 || len(e.Question) > 64 {
		return bad
	}
	for _, r := range e.Question {
		if r <= ' ' || r > '~' {
			return bad
		}
	}
	switch e.Act {
	case ActAnswered:
		if e.Answer == 0 || !e.Mode.Valid() {
			return bad
		}
	case ActStarred, ActUnstarred:
		if e.Answer != 0 || e.Right || e.Mode != "" {
			return bad
		}
	default:
		return bad
	}
	return nil
}

// Leaves is how many right answers in a row take a question off the mistakes.
const Leaves = 3

// Record is how it stands with one question.
type Record struct {
	Times   int          // answered
	Right   int          // of them
	Streak  int          // right answers in a row, up to now
	Mistake bool         // it stands among the mistakes
	Starred bool         // it stands among the favourites
	Last    paper.Answer // given last
	At      exam.Instant // of that answer, or of the star where there is none
	missed  exam.Instant // when it came among the mistakes
	star    exam.Instant
}

// Day is what was done on one day.
type Day struct {
	Date    exam.Date `json:"date"`
	Answers int       `json:"answers"`
	Right   int       `json:"right"`
}

// Progress is how far a doctor has come. The zero value is nothing done.
type Progress struct {
	records map[paper.BankID]map[paper.QuestionID]Record
	days    []Day
}

// Fold makes the progress of entries from any number of devices, in any order,
// also where some come twice. Entries that Check refuses are left out.
func Fold(entries ...[]Entry) Progress {
	all := slices.Concat(entries...)
	slices.SortStableFunc(all, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Device, b.Device), cmp.Compare(a.Seq, b.Seq))
	})
	all = slices.CompactFunc(all, func(a, b Entry) bool { return a.Device == b.Device && a.Seq == b.Seq })
	p := Progress{records: map[paper.BankID]map[paper.QuestionID]Record{}}
	days := map[exam.Date]*Day{}
	for _, e := range all {
		if e.Check() != nil {
			continue
		}
		bank := p.records[e.Bank]
		if bank == nil {
			bank = map[paper.QuestionID]Record{}
			p.records[e.Bank] = bank
		}
		bank[e.Question] = bank[e.Question].after(e)
		if e.Act != ActAnswered {
			continue
		}
		d := days[e.At.Date()]
		if d == nil {
			d = &Day{Date: e.At.Date()}
			days[d.Date] = d
		}
		d.Answers++
		if e.Right {
			d.Right++
		}
	}
	for _, d := range days {
		p.days = append(p.days, *d)
	}
	slices.SortFunc(p.days, func(a, b Day) int { return cmp.Compare(a.Date, b.Date) })
	return p
}

// after is the record with one more entry.
func (r Record) after(e Entry) Record {
	switch e.Act {
	case ActStarred, ActUnstarred:
		r.Starred = e.Act == ActStarred
		r.star = e.At
		if r.Times == 0 {
			r.At = e.At
		}
		return r
	}
	r.Times++
	r.Last, r.At = e.Answer, e.At
	if !e.Right {
		if !r.Mistake {
			r.missed = e.At
		}
		r.Streak, r.Mistake = 0, true
		return r
	}
	r.Right++
	r.Streak++
	if r.Streak >= Leaves {
		r.Mistake = false
	}
	return r
}

// Of is the record of one question; the zero value where nothing was done.
func (p Progress) Of(bank paper.BankID, q paper.QuestionID) Record { return p.records[bank][q] }

// Days are the days on which something was answered, in order.
func (p Progress) Days() []Day { return slices.Clone(p.days) }

// Mistakes are the questions of the bank that stand among the mistakes, the
// newest first.
func (p Progress) Mistakes(b paper.Bank) []paper.QuestionID {
	return p.listed(b, func(r Record) (exam.Instant, bool) { return r.missed, r.Mistake })
}

// Favourites are the questions of the bank that were starred, the newest first.
func (p Progress) Favourites(b paper.Bank) []paper.QuestionID {
	return p.listed(b, func(r Record) (exam.Instant, bool) { return r.star, r.Starred })
}

func (p Progress) listed(b paper.Bank, in func(Record) (exam.Instant, bool)) []paper.QuestionID {
	var list []paper.QuestionID
	when := map[paper.QuestionID]exam.Instant{}
	for _, it := range b.Items {
		if at, ok := in(p.records[b.ID][it.ID]); ok {
			list = append(list, it.ID)
			when[it.ID] = at
		}
	}
	slices.SortStableFunc(list, func(a, b paper.QuestionID) int { return cmp.Compare(when[b], when[a]) })
	return list
}

// Sum is how far one has come with some questions.
type Sum struct {
	Questions int // there are
	Seen      int // of them answered at least once
	Times     int // answers given
	Right     int // of them
	Mistakes  int
	Starred   int
}

// Percent is how many of a hundred answers were right; false before the first.
func (s Sum) Percent() (int, bool) {
	if s.Times == 0 {
		return 0, false
	}
	return (200*s.Right + s.Times) / (2 * s.Times), true
}

func (s *Sum) add(r Record) {
	s.Questions++
	s.Times += r.Times
	s.Right += r.Right
	if r.Times > 0 {
		s.Seen++
	}
	if r.Mistake {
		s.Mistakes++
	}
	if r.Starred {
		s.Starred++
	}
}

// Sum is how far one has come with the bank.
func (p Progress) Sum(b paper.Bank) Sum {
	var s Sum
	for _, it := range b.Items {
		s.add(p.records[b.ID][it.ID])
	}
	return s
}

// Chapter is how far one has come with one chapter of a bank.
type Chapter struct {
	Name string // 未分章 for questions without one
	Sum
}

// Chapters is the sum by chapter, in the order in which the bank has them.
func (p Progress) Chapters(b paper.Bank) []Chapter {
	var list []Chapter
	at := map[string]int{}
	for _, it := range b.Items {
		name := it.Chapter
		if name == "" {
			name = "未分章"
		}
		i, known := at[name]
		if !known {
			i = len(list)
			at[name] = i
			list = append(list, Chapter{Name: name})
		}
		list[i].add(p.records[b.ID][it.ID])
	}
	return list
}
