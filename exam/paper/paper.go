package paper

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"dingkao/exam"
)

// Bounds of a paper.
const (
	MostQuestions = 500
	MostBytes     = 8 << 20 // encoded
	MostMinutes   = 600
)

// Paper is what is laid before candidates (试卷). A terminal may hold it: by its
// type it has no answers.
type Paper struct {
	ID      ID     `json:"id"`
	Title   string `json:"title"`
	Minutes int    `json:"minutes"`
	// PassMark is how many points are needed to pass (合格线).
	PassMark  Points     `json:"passMark"`
	Questions []Question `json:"questions"` // groups stand together
}

// Listed is a drawn paper as staff see it in a list: nothing of its content.
type Listed struct {
	ID        ID           `json:"id"`
	Cycle     exam.CycleID `json:"cycle"`
	Title     string       `json:"title"`
	Questions int          `json:"questions"`
	PassMark  Points       `json:"passMark"`
	Drawn     exam.Instant `json:"drawn"`
	// Until is the last day on which the paper may be laid before candidates; its
	// statistics can be read from the next day on. Empty: no end was set.
	Until exam.Date `json:"until,omitempty"`
}

// Total is what all questions together are worth.
func (p Paper) Total() Points {
	var sum Points
	for _, q := range p.Questions {
		sum += q.Worth()
	}
	return sum
}

// Check says what is wrong with the paper. The error is Invalid.
func (p Paper) Check() error {
	if p.ID == "" || len(p.ID) > mostID {
		return exam.Errorf(exam.Invalid, "试卷编号不对")
	}
	if err := checkText("试卷编号", string(p.ID), mostID, true); err != nil {
		return err
	}
	if err := checkText("试卷名称", p.Title, MostNote, true); err != nil {
		return err
	}
	switch {
	case p.Minutes < 1 || p.Minutes > MostMinutes:
		return exam.Errorf(exam.Invalid, "试卷时长应为1至%d分钟", MostMinutes)
	case len(p.Questions) == 0:
		return exam.Errorf(exam.Invalid, "试卷里没有题目")
	case len(p.Questions) > MostQuestions:
		return exam.Errorf(exam.Invalid, "试卷最多%d题", MostQuestions)
	}
	var g groups
	seen := map[QuestionID]bool{}
	var open GroupID
	closed := map[GroupID]bool{}
	for i, q := range p.Questions {
		if err := q.Check(); err != nil {
			return at(i, err)
		}
		if seen[q.ID] {
			return at(i, exam.Errorf(exam.Invalid, "题目编号重复"))
		}
		seen[q.ID] = true
		if err := g.add(q); err != nil {
			return at(i, err)
		}
		if q.Group != open {
			closed[open] = true
			if open = q.Group; open != "" && closed[open] {
				return at(i, exam.Errorf(exam.Invalid, "同一组的题目没有排在一起"))
			}
		}
	}
	if p.PassMark < 0 || p.PassMark > p.Total() {
		return exam.Errorf(exam.Invalid, "合格线%s分超过了总分%s分", p.PassMark.Text(), p.Total().Text())
	}
	return nil
}

// Find is the place of a question in the paper, counted from 0; -1 where it is
// not in it.
func (p Paper) Find(id QuestionID) int {
	for i, q := range p.Questions {
		if q.ID == id {
			return i
		}
	}
	return -1
}

// document is a paper on the line and on disk. The format stands first, so that a
// later one is refused with a word and not misread.
type document struct {
	Format int `json:"format"`
	Paper
}

const format = 1

// Encode is the one way to write the paper down: JSON with the fields in the order
// of the types, without white space. The error is that of Check, or TooLarge.
func Encode(p Paper) ([]byte, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	b, err := encode(p)
	if err != nil {
		return nil, err
	}
	if len(b) > MostBytes {
		return nil, exam.Errorf(exam.TooLarge, "试卷超过%dMB，请减少题量", MostBytes>>20)
	}
	return b, nil
}

func encode(p Paper) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(document{format, p}); err != nil {
		return nil, exam.Wrap(exam.Internal, err, "试卷没有写成")
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// Decode reads what Encode writes and nothing else: any other spelling of the same
// paper, an unknown field (an answer, say) or trailing bytes are refused, so that
// a paper has one hash. The error is Invalid, or TooLarge.
func Decode(data []byte) (Paper, error) {
	if len(data) > MostBytes {
		return Paper{}, exam.Errorf(exam.TooLarge, "试卷超过%dMB，没有读取", MostBytes>>20)
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return Paper{}, exam.Wrap(exam.Invalid, err, "试卷的格式不对，没有读取；请重新下发")
	}
	if d.Format != format {
		return Paper{}, exam.Errorf(exam.Invalid, "试卷的格式版本是%d，本程序只认识%d；请升级程序", d.Format, format)
	}
	if err := d.Paper.Check(); err != nil {
		return Paper{}, err
	}
	again, err := encode(d.Paper)
	if err != nil {
		return Paper{}, err
	}
	if !bytes.Equal(again, data) {
		return Paper{}, exam.Errorf(exam.Invalid, "试卷不是规范的写法，没有读取；请重新下发")
	}
	return d.Paper, nil
}

// contentID names a paper by what it says.
func contentID(p Paper) (ID, error) {
	p.ID = ""
	b, err := encode(p)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return ID("p" + hex.EncodeToString(sum[:12])), nil
}
