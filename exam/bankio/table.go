package bankio

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"dingkao/exam"
)

// taker takes the rows of a table one by one.
type taker interface {
	// row is told each row that is there, with its number from 1. The cells are
	// valid during the call only. An error ends the reading.
	row(line int, cells []string) error
	// headed says whether the heading was found.
	headed() bool
	note(sentence string)
}

// lines hands the rows of a workbook or a CSV file on.
func lines(data []byte, to taker) error {
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return workbook(data, to)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		return exam.Errorf(exam.Invalid, "这是旧版 Excel（.xls）或加了密码的文件，请另存为不加密码的 .xlsx 后再导入；没有导入任何内容")
	}
	return table(data, to)
}

const unreadable = "Excel 文件打不开（可能已损坏），请另存后再试；没有导入任何内容"

// sound looks at a workbook's table of contents before anything is unpacked. The
// unpacker holds each file to the size that is stated there.
func sound(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return exam.Wrap(exam.Invalid, err, unreadable)
	}
	var sum uint64
	for _, f := range z.File {
		if sum += min(f.UncompressedSize64, MostUnpacked+1); sum > MostUnpacked {
			break
		}
	}
	if len(z.File) > mostFiles || sum > MostUnpacked || sum > 1<<20 && sum/mostRatio > uint64(len(data)) {
		return exam.Errorf(exam.TooLarge, "Excel 文件解压后太大，请另存或分成几个文件再导入；没有导入任何内容")
	}
	return nil
}

func workbook(data []byte, to taker) error {
	if err := sound(data); err != nil {
		return err
	}
	// Cells are read as they are shown: 50% stays 50%, a day stays a day. The equal
	// limits keep the library from unpacking into a temporary file.
	x, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: MostUnpacked, UnzipXMLSizeLimit: MostUnpacked, ShortDatePattern: "yyyy-mm-dd", LongDatePattern: "yyyy-mm-dd",
	})
	if err != nil {
		return exam.Wrap(exam.Invalid, err, unreadable)
	}
	defer x.Close()
	sheets := x.GetSheetList()
	for _, sheet := range sheets {
		if err := readSheet(x, sheet, to); err != nil {
			return err
		}
		if to.headed() {
			if len(sheets) > 1 {
				to.note(fmt.Sprintf("文件有%d个工作表，只读取了“%s”", len(sheets), clip(sheet)))
			}
			return nil
		}
	}
	return nil
}

// readSheet stops early where a sheet has no heading.
func readSheet(x *excelize.File, sheet string, to taker) error {
	rows, err := x.Rows(sheet)
	if err != nil {
		return exam.Wrap(exam.Invalid, err, unreadable)
	}
	defer rows.Close()
	for line := 1; rows.Next(); line++ {
		if line > mostHeading && !to.headed() {
			return nil
		}
		cells, err := rows.Columns()
		if err != nil {
			return exam.Wrap(exam.Invalid, err, unreadable)
		}
		if err := to.row(line, cells); err != nil {
			return err
		}
	}
	if err := rows.Error(); err != nil {
		return exam.Wrap(exam.Invalid, err, unreadable)
	}
	return nil
}

// decode turns a CSV file into UTF-8.
func decode(data []byte, to taker) ([]byte, error) {
	const neither = "文件不是 Excel，也不是 UTF-8 或 GBK 编码的 CSV；没有导入任何内容"
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		data = data[3:]
	case bytes.HasPrefix(data, []byte("\xff\xfe")), bytes.HasPrefix(data, []byte("\xfe\xff")):
		text, err := unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Bytes(data)
		if err != nil {
			return nil, exam.Wrap(exam.Invalid, err, neither)
		}
		data = text
	}
	if !utf8.Valid(data) {
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return nil, exam.Errorf(exam.Invalid, neither)
		}
		data = text
		to.note("文件是 GBK 编码的 CSV，已自动转换")
	}
	if bytes.IndexByte(data, 0) >= 0 {
		return nil, exam.Errorf(exam.Invalid, neither)
	}
	return data, nil
}

func table(data []byte, to taker) error {
	text, err := decode(data, to)
	if err != nil {
		return err
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = comma(text), -1, true, true
	line, next, begun := 0, 1, int64(0)
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return exam.Wrap(exam.Invalid, err, "CSV 文件的格式不对（可能引号没有配对）；没有导入任何内容")
		}
		// A spreadsheet counts a record of several lines once, and an empty line too,
		// which the reader drops.
		at, _ := r.FieldPos(0)
		line += 1 + at - next
		end := r.InputOffset()
		next += bytes.Count(text[begun:end], []byte("\n"))
		begun = end
		if line > mostHeading && !to.headed() {
			return nil
		}
		for i, c := range cells {
			cells[i] = unguard(c)
		}
		if err := to.row(line, cells); err != nil {
			return err
		}
	}
}

// comma is what stands between the cells: the sign that is most frequent in the
// line of the first lines that has most of any.
func comma(text []byte) rune {
	best, most := ',', 0
	for range mostHeading {
		first, rest, _ := bytes.Cut(text, []byte("\n"))
		for _, c := range []rune{',', '\t', ';', '\uff0c'} {
			if n := strings.Count(string(first[:min(len(first), 4096)]), string(c)); n > most && (strings.Contains(string(first), "题干") || strings.Contains(string(first), "题目")) {
				best, most = c, n
			}
		}
		text = rest
	}
	return best
}

// guard keeps a spreadsheet from taking the text of a CSV cell for a formula: an
// apostrophe goes before it. unguard takes it away again.
func guard(s string) string {
	if s != "" && strings.IndexByte("=+-@", s[0]) >= 0 || len(s) > 1 && s[0] == '\'' && strings.IndexByte("=+-@'", s[1]) >= 0 {
		return "'" + s
	}
	return s
}

func unguard(s string) string {
	if len(s) > 1 && s[0] == '\'' && strings.IndexByte("=+-@'", s[1]) >= 0 {
		return s[1:]
	}
	return s
}
