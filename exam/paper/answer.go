package paper

import (
	"strings"

	"dingkao/exam"
)

// MostOptions is how many options a question may have: A to H.
const MostOptions = 8

// ID names a paper, for good.
type ID string

// QuestionID names a question within everything a registry holds.
type QuestionID string

// Answer is a set of options: bit 0 is A, bit 7 is H, in the paper's own order
// and not in the order in which a candidate saw them. The zero value is "nothing
// chosen". As text it is its letters in order: "A", "ACD", "".
type Answer uint8

// Only is the answer that holds the one option i, counted from 0.
func Only(i int) Answer {
	if i < 0 || i >= MostOptions {
		return 0
	}
	return 1 << i
}

// Has says whether option i, counted from 0, is in it.
func (a Answer) Has(i int) bool { return i >= 0 && i < MostOptions && a&(1<<i) != 0 }

// Count is how many options are in it.
func (a Answer) Count() int {
	n := 0
	for i := range MostOptions {
		if a.Has(i) {
			n++
		}
	}
	return n
}

// String is its letters in order.
func (a Answer) String() string {
	var b strings.Builder
	for i := range MostOptions {
		if a.Has(i) {
			b.WriteByte('A' + byte(i))
		}
	}
	return b.String()
}

// MarshalText is String.
func (a Answer) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads what MarshalText writes and nothing else: letters A to H in
// order, each once. The error is Invalid.
func (a *Answer) UnmarshalText(text []byte) error {
	var got Answer
	last := -1
	for _, c := range text {
		i := int(c) - 'A'
		if i < 0 || i >= MostOptions || i <= last {
			return exam.Errorf(exam.Invalid, "答案的写法不对，应为按顺序的选项字母")
		}
		got |= 1 << i
		last = i
	}
	*a = got
	return nil
}
