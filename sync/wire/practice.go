package wire

import (
	"dingkao/exam"
	"dingkao/exam/practice"
)

// Practice reads the entry of a device's stream as the rules of practice read it.
// Unknown fields are Invalid, as in Application.
func (e Entry) Practice() (practice.Entry, error) {
	p := practice.Entry{At: e.At, Device: e.Stream.Part(), Seq: e.Seq, Act: practice.Act(e.Kind)}
	if e.Stream.Kind() != KindPractice {
		return p, exam.Errorf(exam.Invalid, "记录写错了地方")
	}
	if err := e.body(&p.Body); err != nil {
		return p, err
	}
	return p, p.Check()
}
