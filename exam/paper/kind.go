package paper

import "slices"

// Kind is the type of a question (题型), named as the physicians' examinations
// name it.
type Kind string

const (
	A1 Kind = "A1" // 单句型最佳选择题: one stem, one best option
	A2 Kind = "A2" // 病历摘要型最佳选择题: a short case, one best option
	A3 Kind = "A3" // 病历组型最佳选择题: two or three questions on one case (共用题干)
	A4 Kind = "A4" // 病历串型最佳选择题: more questions on a case that unfolds (共用题干)
	B1 Kind = "B1" // 标准配伍题: several stems, one common set of options (共用选项)
	X  Kind = "X"  // 多项选择题: two or more options, all of them and no other
	TF Kind = "TF" // 判断题: true or false
)

// Kinds are all kinds, in the order in which a paper shows them.
var Kinds = []Kind{A1, A2, A3, A4, B1, X, TF}

// TrueFalse are the options of every question of kind TF: A is 正确, B is 错误.
var TrueFalse = []string{"正确", "错误"}

// Valid says whether it is one of Kinds.
func (k Kind) Valid() bool { return slices.Contains(Kinds, k) }

// Grouped says whether questions of the kind stand in groups that are used whole.
func (k Kind) Grouped() bool { return k == A3 || k == A4 || k == B1 }

// Text is the kind in Chinese.
func (k Kind) Text() string {
	switch k {
	case A1:
		return "A1型题（单句型最佳选择题）"
	case A2:
		return "A2型题（病历摘要型最佳选择题）"
	case A3:
		return "A3型题（病历组型最佳选择题）"
	case A4:
		return "A4型题（病历串型最佳选择题）"
	case B1:
		return "B1型题（标准配伍题）"
	case X:
		return "X型题（多项选择题）"
	case TF:
		return "判断题"
	}
	return string(k)
}

// rank is the place of the kind in Kinds; unknown kinds come last.
func (k Kind) rank() int {
	if i := slices.Index(Kinds, k); i >= 0 {
		return i
	}
	return len(Kinds)
}
