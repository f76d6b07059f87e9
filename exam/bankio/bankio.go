// Package bankio reads and writes question banks as examination offices keep them:
// Excel workbooks and CSV, in UTF-8, UTF-16 or GB18030. Headings are found by
// name in any order, below any title. Of each row it says, by the number that a
// spreadsheet shows beside it, whether it was added, was there already or was
// refused, and in the last case what to do about it. A bad row stops no other; the
// caller decides whether to take in what was good.
//
// A file comes from outside: its size, its rows, its cells and what it unpacks to
// are bounded, and it is read in memory alone. What [WriteXLSX] and [WriteCSV] write
// comes back unchanged. The workbook is written here and not by the library that
// reads it, because that one would put a large bank, answers and all, into a
// temporary file.
package bankio

import (
	"fmt"
	"io"
	"strings"

	"dingkao/exam"
	"dingkao/exam/paper"
)

// Bounds of a file.
const (
	MostBytes    = 64 << 20
	MostUnpacked = 256 << 20 // what a workbook unpacks to
	MostRows     = 100_000
	mostFiles    = 200      // in a workbook
	mostRatio    = 200      // unpacked to packed, past the first megabyte
	mostText     = 96 << 20 // of all questions together, in bytes
	mostHeading  = 20       // lines in which the heading is looked for
)

// Outcome is how it went with one row.
type Outcome string

const (
	Added     Outcome = "added"
	Duplicate Outcome = "duplicate"
	Refused   Outcome = "refused"
)

// Row is what became of one row.
type Row struct {
	Line       int              `json:"line"` // as a spreadsheet numbers it, from 1
	Result     Outcome          `json:"result"`
	Sentence   string           `json:"sentence,omitempty"`
	QuestionID paper.QuestionID `json:"questionId,omitempty"` // of added and duplicate rows
}

// Report is a bank as read.
type Report struct {
	Items     []paper.Item `json:"items"` // those that were added, in order
	Rows      []Row        `json:"rows"`  // every row that was not empty, in order
	Added     int          `json:"added"`
	Duplicate int          `json:"duplicate"`
	Refused   int          `json:"refused"`
	Notes     []string     `json:"notes,omitempty"` // what was noticed about the file as a whole
}

// Options are what a reader may be told. The zero value is fine.
type Options struct {
	// Have says whether a question is in the bank already; nil means that none is.
	Have func(paper.QuestionID) bool
	// Progress is called now and then, and at the end, with the rows read so far.
	Progress func(rows int)
}

// Read reads a workbook or a CSV file. The error is Invalid where the file as a whole
// cannot be read (no such format, no heading, a column missing) and TooLarge past
// a bound; then nothing of it counts.
func Read(r io.Reader, o Options) (Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	if err != nil {
		return Report{}, exam.Wrap(exam.Unavailable, err, "文件没有读完；没有导入任何内容，请重试")
	}
	if len(data) > MostBytes {
		return Report{}, exam.Errorf(exam.TooLarge, "文件超过%dMB，请分成几个文件导入；没有导入任何内容", MostBytes>>20)
	}
	in := reader{options: o, groups: map[string]*group{}, seen: map[paper.Fingerprint]seen{}}
	if err := lines(data, &in); err != nil {
		return Report{}, err
	}
	if in.columns == nil {
		return Report{}, exam.Errorf(exam.Invalid, "前%d行里没有找到表头，表头应有：%s；没有导入任何内容", mostHeading, strings.Join(Columns, "、"))
	}
	if len(in.report.Rows) == 0 {
		in.report.Notes = append(in.report.Notes, "表头下面没有内容")
	}
	if o.Progress != nil {
		o.Progress(len(in.report.Rows))
	}
	return in.report, nil
}

// Text is the report as people read it: what was not added, line by line, then the sum.
func (r Report) Text() string {
	var b strings.Builder
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "说明：%s\n", n)
	}
	for _, row := range r.Rows {
		switch {
		case row.Result == Refused:
			fmt.Fprintf(&b, "第%d行：未导入，%s\n", row.Line, row.Sentence)
		case row.Result == Duplicate:
			fmt.Fprintf(&b, "第%d行：重复，%s\n", row.Line, row.Sentence)
		case row.Sentence != "":
			fmt.Fprintf(&b, "第%d行：%s\n", row.Line, row.Sentence)
		}
	}
	fmt.Fprintf(&b, "可导入 %d 题，重复 %d 题，未导入 %d 行\n", r.Added, r.Duplicate, r.Refused)
	return b.String()
}
