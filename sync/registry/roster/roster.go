// Package roster reads the lists of doctors that institutions and provinces
// send (医师名册): Excel workbooks and CSV, in UTF-8 or as Chinese Excel saves
// it, in GBK. It turns each row into what the registry takes in, and says of
// each row that it cannot take, in one sentence and by its number in the file,
// what is wrong with it. A bad row stops no other.
//
// Whether an institution exists and what a row changes is for the registry to
// say; [Report] joins both.
package roster

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"dingkao/exam"
	"dingkao/sync/registry"
)

// Bounds of a file.
const (
	MostBytes = 32 << 20
	MostRows  = 100_000
	mostCell  = 200 // characters
)

// Columns are the headings of the template, in order. Only the first two and
// the institution are required.
var Columns = []string{"姓名", "身份证号", "证件类型", "主要执业机构", "执业证书编码", "资格证书编码", "手机号码"}

// headings are other ways in which people write them.
var headings = map[string]string{
	"姓名": "姓名", "医师姓名": "姓名",
	"身份证号": "身份证号", "身份证号码": "身份证号", "证件号码": "身份证号", "证件号": "身份证号", "公民身份号码": "身份证号",
	"证件类型": "证件类型", "有效证件类型": "证件类型",
	"主要执业机构": "主要执业机构", "执业机构": "主要执业机构", "主要执业机构名称": "主要执业机构", "机构名称": "主要执业机构",
	"执业证书编码": "执业证书编码", "执业证书编号": "执业证书编码", "医师执业证书编码": "执业证书编码",
	"资格证书编码": "资格证书编码", "资格证书编号": "资格证书编码", "医师资格证书编码": "资格证书编码",
	"手机号码": "手机号码", "手机号": "手机号码", "手机": "手机号码", "联系电话": "手机号码",
}

// File is a roster as read.
type File struct {
	Rows    []registry.RosterRow    // those that read well, in order
	Refused []registry.RosterResult // the others, in order
	Notes   []string                // what was noticed about the file as a whole
}

// Read reads a workbook or a CSV file for a province. The error is Invalid
// where the file as a whole cannot be read (no such format, no heading, a
// required column missing) and TooLarge past a bound; then no row counts.
func Read(data []byte, province string) (File, error) {
	var f File
	lines, err := f.lines(data)
	if err != nil {
		return File{}, err
	}
	return f.take(lines, province)
}

// lines are the rows of cells of a workbook or a CSV file.
func (f *File) lines(data []byte) ([][]string, error) {
	if len(data) > MostBytes {
		return nil, exam.Errorf(exam.TooLarge, "文件超过%dMB，请分成几个文件导入；没有导入任何内容", MostBytes>>20)
	}
	var lines [][]string
	var err error
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		lines, err = workbook(data, f)
	case bytes.HasPrefix(data, []byte("\xd0\xcf\x11\xe0")):
		err = exam.Errorf(exam.Invalid, "这是旧版 Excel（.xls）文件，请另存为 .xlsx 后再导入；没有导入任何内容")
	default:
		lines, err = table(data, f)
	}
	if err == nil && len(lines) > MostRows+10 {
		err = exam.Errorf(exam.TooLarge, "文件超过%d行，请分成几个文件导入；没有导入任何内容", MostRows)
	}
	return lines, err
}

func workbook(data []byte, f *File) ([][]string, error) {
	x, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: 8 * MostBytes, UnzipXMLSizeLimit: 8 * MostBytes,
	})
	if err != nil {
		return nil, exam.Wrap(exam.Invalid, err, "Excel 文件打不开（可能已损坏或加了密码），请另存后再试；没有导入任何内容")
	}
	defer x.Close()
	sheets := x.GetSheetList()
	if len(sheets) == 0 {
		return nil, exam.Errorf(exam.Invalid, "Excel 文件里没有工作表；没有导入任何内容")
	}
	if len(sheets) > 1 {
		f.Notes = append(f.Notes, fmt.Sprintf("文件有%d个工作表，只读取第一个“%s”", len(sheets), sheets[0]))
	}
	rows, err := x.Rows(sheets[0])
	if err != nil {
		return nil, exam.Wrap(exam.Invalid, err, "工作表读不出来，请另存后再试；没有导入任何内容")
	}
	defer rows.Close()
	var lines [][]string
	for rows.Next() && len(lines) <= MostRows+10 {
		line, err := rows.Columns()
		if err != nil {
			return nil, exam.Wrap(exam.Invalid, err, "工作表读不出来，请另存后再试；没有导入任何内容")
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func table(data []byte, f *File) ([][]string, error) {
	text := bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(text) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(text)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return nil, exam.Errorf(exam.Invalid, "文件不是 Excel，也不是 UTF-8 或 GBK 编码的 CSV；没有导入任何内容")
		}
		text = decoded
		f.Notes = append(f.Notes, "文件是 GBK 编码的 CSV，已自动转换")
	}
	if bytes.IndexByte(text, 0) >= 0 {
		return nil, exam.Errorf(exam.Invalid, "文件不是 Excel，也不是 CSV；没有导入任何内容")
	}
	first, _, _ := bytes.Cut(text, []byte("\n"))
	comma := ','
	for _, c := range []rune{'\t', ';', '，'} {
		if strings.Count(string(first), string(c)) > strings.Count(string(first), string(comma)) {
			comma = c
		}
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = comma, -1, true, false
	var lines [][]string
	for len(lines) <= MostRows+10 {
		line, err := r.Read()
		if errors.Is(err, io.EOF) {
			return lines, nil
		}
		if err != nil {
			return nil, exam.Wrap(exam.Invalid, err, "CSV 文件的格式不对（可能引号没有配对）；没有导入任何内容")
		}
		n, _ := r.FieldPos(0)
		for len(lines) < n-1 { // the reader drops empty lines: keep the count
			lines = append(lines, nil)
		}
		lines = append(lines, line)
	}
	return lines, nil
}

// take finds the heading and reads the rows below.
func (f File) take(lines [][]string, province string) (File, error) {
	at, columns := -1, map[string]int{}
	for i, line := range lines[:min(len(lines), 10)] {
		found := map[string]int{}
		var unknown []string
		for c, cell := range line {
			name := headings[squeeze(cell)]
			if name == "" {
				if s := squeeze(cell); s != "" {
					unknown = append(unknown, clip(s))
				}
				continue
			}
			if _, twice := found[name]; twice {
				return File{}, exam.Errorf(exam.Invalid, "表头里“%s”出现了两次，请删去一列；没有导入任何内容", name)
			}
			found[name] = c
		}
		if len(found) >= 2 {
			at, columns = i, found
			if len(unknown) > 0 {
				f.Notes = append(f.Notes, "没有用到的列："+strings.Join(unknown, "、"))
			}
			break
		}
	}
	if at < 0 {
		return File{}, exam.Errorf(exam.Invalid, "没有找到表头，第一行应有：%s；没有导入任何内容", strings.Join(Columns, "、"))
	}
	for _, need := range []string{"姓名", "身份证号", "主要执业机构"} {
		if _, ok := columns[need]; !ok {
			return File{}, exam.Errorf(exam.Invalid, "表头里缺少“%s”这一列；没有导入任何内容", need)
		}
	}
	seen := map[exam.Identity]int{}
	for i, line := range lines[at+1:] {
		number := at + 2 + i
		get := func(name string) string {
			if c, ok := columns[name]; ok && c < len(line) {
				return strings.TrimSpace(strings.TrimPrefix(line[c], "'"))
			}
			return ""
		}
		if empty(line) {
			continue
		}
		row, why := read(get)
		if why == "" {
			if first, twice := seen[exam.Identity(row.Identity)]; twice {
				why = fmt.Sprintf("身份证号与第%d行重复", first)
			} else {
				seen[exam.Identity(row.Identity)] = number
			}
		}
		if why != "" {
			f.Refused = append(f.Refused, registry.RosterResult{Line: number, Result: "refused", Sentence: why})
			continue
		}
		row.Line, row.Province = number, province
		f.Rows = append(f.Rows, row)
	}
	if len(f.Rows)+len(f.Refused) == 0 {
		f.Notes = append(f.Notes, "表头下面没有内容")
	}
	return f, nil
}

// read reads one row; why is empty where it reads well.
func read(get func(string) string) (row registry.RosterRow, why string) {
	for _, c := range Columns {
		if v := get(c); utf8.RuneCountInString(v) > mostCell {
			return row, c + "太长"
		} else if strings.ContainsFunc(v, func(r rune) bool { return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError }) {
			return row, c + "里有不能显示的字符，请重新输入"
		}
	}
	row.Name = name(get("姓名"))
	switch {
	case row.Name == "":
		return row, "没有填写姓名"
	case utf8.RuneCountInString(row.Name) > 50:
		return row, "姓名太长"
	}
	if k := squeeze(get("证件类型")); k != "" && k != "01" && k != "居民身份证" && k != "身份证" && k != "居民身份证号" {
		return row, fmt.Sprintf("证件类型“%s”暂不能批量导入，目前只支持居民身份证", clip(k))
	}
	id := get("身份证号")
	if id == "" {
		return row, "没有填写身份证号"
	}
	if number(id) {
		return row, "身份证号在表格里被存成了数字，后几位已经丢失；请把该列设为“文本”格式后重新填写"
	}
	parsed, err := exam.ParseIdentity(id)
	if err != nil {
		return row, exam.SentenceOf(err)
	}
	row.Identity = string(parsed)
	if row.Institution = squeeze(get("主要执业机构")); row.Institution == "" {
		return row, "没有填写主要执业机构"
	}
	row.LicenceNo, row.QualificationNo = strings.ToUpper(squeeze(get("执业证书编码"))), strings.ToUpper(squeeze(get("资格证书编码")))
	for _, code := range [][2]string{{"执业证书编码", row.LicenceNo}, {"资格证书编码", row.QualificationNo}} {
		label, v := code[0], code[1]
		switch {
		case number(v):
			return row, label + "在表格里被存成了数字，后几位已经丢失；请把该列设为“文本”格式后重新填写"
		case strings.ContainsFunc(v, func(r rune) bool { return !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z') }):
			return row, label + "只能有数字和字母"
		case len(v) > 40:
			return row, label + "太长"
		}
	}
	row.Mobile = strings.NewReplacer("-", "", " ", "").Replace(squeeze(get("手机号码")))
	if m := row.Mobile; m != "" && (len(m) != 11 || m[0] != '1' || m[1] < '3' || strings.Trim(m, "0123456789") != "") {
		return row, "手机号码应为1开头的11位数字"
	}
	return row, ""
}

// number says that a spreadsheet has made a floating point number of a long code.
func number(s string) bool {
	u := strings.ToUpper(s)
	return strings.Contains(u, "E+") && strings.Trim(u, "0123456789.E+") == ""
}

// squeeze drops all white space, the wide one too, and turns full-width
// letters, digits and brackets into what a keyboard writes.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || r == '\u3000' || r == '\ufeff':
			return -1
		case r >= '\uff10' && r <= '\uff19', r >= '\uff21' && r <= '\uff3a', r >= '\uff41' && r <= '\uff5a':
			return r - 0xfee0
		}
		return r
	}, s)
}

// name keeps the spaces of a name in Latin letters and drops those that are put
// between two Chinese characters to fill a column (张　三).
func name(s string) string {
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Latin, r) }) {
		return strings.Join(strings.Fields(s), " ")
	}
	return squeeze(s)
}

func empty(line []string) bool {
	for _, c := range line {
		if squeeze(c) != "" {
			return false
		}
	}
	return true
}

func clip(s string) string {
	if r := []rune(s); len(r) > 20 {
		return string(r[:20]) + "…"
	}
	return s
}

// Template is an empty workbook with the headings, all columns as text so that
// no long number is spoilt.
func Template() ([]byte, error) {
	x := excelize.NewFile()
	defer x.Close()
	const sheet = "医师名册"
	if err := x.SetSheetName("Sheet1", sheet); err != nil {
		return nil, err
	}
	text, err := x.NewStyle(&excelize.Style{NumFmt: 49})
	if err != nil {
		return nil, err
	}
	head, err := x.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"DCE9F5"}}})
	if err != nil {
		return nil, err
	}
	last, _ := excelize.ColumnNumberToName(len(Columns))
	if err := errors.Join(
		x.SetColStyle(sheet, "A:"+last, text),
		x.SetColWidth(sheet, "A", last, 24),
		x.SetSheetRow(sheet, "A1", &Columns),
		x.SetCellStyle(sheet, "A1", last+"1", head),
		x.SetPanes(sheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
	); err != nil {
		return nil, err
	}
	b, err := x.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
