package bankio

import (
	"archive/zip"
	"bufio"
	"encoding/csv"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"dingkao/exam"
	"dingkao/exam/paper"
)

// cellsOf is an item as a row of Columns.
func cellsOf(it paper.Item) []string {
	kind, answer := string(it.Kind), it.Answer.String()
	options := make([]string, paper.MostOptions)
	if it.Kind == paper.TF {
		kind, answer = "判断", paper.TrueFalse[0]
		if it.Answer != paper.Only(0) {
			answer = paper.TrueFalse[1]
		}
	} else {
		copy(options, it.Options)
	}
	difficulty, points := "", ""
	if it.Difficulty != 0 {
		difficulty = strconv.Itoa(it.Difficulty)
	}
	if it.Points != 0 {
		points = it.Points.Text()
	}
	return slices.Concat([]string{kind, string(it.Group), it.Shared, it.Stem}, options,
		[]string{answer, it.Explanation, difficulty, it.Topic, it.Chapter, points, it.LegalBasis, string(it.ValidUntil)})
}

// WriteCSV writes items as Excel in China opens them: UTF-8 with a byte order mark,
// text that looks like a formula behind an apostrophe. The error is Invalid for an
// item that could not be read again, before anything is written, or the writer's own.
func WriteCSV(w io.Writer, items []paper.Item) error {
	if err := check(items); err != nil {
		return err
	}
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	c := csv.NewWriter(w)
	c.UseCRLF = true
	if err := c.Write(Columns); err != nil {
		return err
	}
	for _, it := range items {
		cells := cellsOf(it)
		for i := range cells {
			cells[i] = guard(cells[i])
		}
		if err := c.Write(cells); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

func check(items []paper.Item) error {
	if len(items) > MostRows {
		return exam.Errorf(exam.TooLarge, "一个文件最多%d题，没有导出", MostRows)
	}
	for i, it := range items {
		if err := it.Check(); err != nil {
			return exam.Errorf(exam.Invalid, "第%d题有问题，没有导出：%s", i+1, exam.SentenceOf(err))
		}
	}
	return nil
}

// guide is the second sheet of a template.
var guide = [][]string{
	{"列", "怎样填写"},
	{"题型", "A1、A2、A3、A4、B1、X（多选）或判断；也可以写单选、多选、配伍、共用题干"},
	{"组号", "A3、A4、B1型题同组的几行填同一个号；其他题型不填"},
	{"共用题干", "A3、A4型题必填，填在该组第一行即可"},
	{"题干", "必填，不超过4000字"},
	{"选项A至选项H", "2至8个，从A起连续填写；配伍题填在该组第一行即可；判断题不填"},
	{"答案", "必填，如 C、ACD；判断题填正确或错误"},
	{"难度", "1（易）至5（难），或不填"},
	{"分值", "不填为1分，最多两位小数"},
	{"有效期", "如 2026-12-31，过了这一天不再抽用；不填为长期"},
	{"解析、知识点、章节、法律依据", "可以不填"},
}

// WriteTemplate writes an empty workbook with the headings and, on a second sheet, how
// to fill it in.
func WriteTemplate(w io.Writer) error { return writeBook(w, nil, true) }

// WriteXLSX writes items as a workbook that Read reads back unchanged. Its errors are
// those of WriteCSV.
func WriteXLSX(w io.Writer, items []paper.Item) error {
	if err := check(items); err != nil {
		return err
	}
	return writeBook(w, items, false)
}

const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainNS  = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`
	relNS   = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
)

// writeBook writes the least that ECMA-376 asks of a workbook. All cells are text, so
// that nothing in them is taken for a number, a day or a formula.
func writeBook(w io.Writer, items []paper.Item, guided bool) error {
	z := zip.NewWriter(w)
	var failed error
	part := func(name string, write func(b *bufio.Writer)) {
		if failed != nil {
			return
		}
		f, err := z.Create(name)
		if err != nil {
			failed = err
			return
		}
		b := bufio.NewWriter(f)
		b.WriteString(xmlHead)
		write(b)
		failed = b.Flush()
	}
	sheets := []string{"题库"}
	if guided {
		sheets = append(sheets, "填写说明")
	}
	part("[Content_Types].xml", func(b *bufio.Writer) {
		const kind = `application/vnd.openxmlformats-officedocument.spreadsheetml.`
		b.WriteString(`<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="` + kind + `sheet.main+xml"/><Override PartName="/xl/styles.xml" ContentType="` + kind + `styles+xml"/>`)
		for i := range sheets {
			fmt.Fprintf(b, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="%sworksheet+xml"/>`, i+1, kind)
		}
		b.WriteString(`</Types>`)
	})
	part("_rels/.rels", func(b *bufio.Writer) {
		b.WriteString(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + relNS + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`)
	})
	part("xl/workbook.xml", func(b *bufio.Writer) {
		b.WriteString(`<workbook ` + mainNS + ` xmlns:r="` + relNS + `"><sheets>`)
		for i, s := range sheets {
			fmt.Fprintf(b, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, s, i+1, i+1)
		}
		b.WriteString(`</sheets></workbook>`)
	})
	part("xl/_rels/workbook.xml.rels", func(b *bufio.Writer) {
		b.WriteString(`<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">`)
		for i := range sheets {
			fmt.Fprintf(b, `<Relationship Id="rId%d" Type="%s/worksheet" Target="worksheets/sheet%d.xml"/>`, i+1, relNS, i+1)
		}
		fmt.Fprintf(b, `<Relationship Id="rId%d" Type="%s/styles" Target="styles.xml"/></Relationships>`, len(sheets)+1, relNS)
	})
	part("xl/styles.xml", func(b *bufio.Writer) { // 0 as it comes, 1 text, 2 heading
		b.WriteString(`<styleSheet ` + mainNS + `><fonts count="2"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font></fonts>` +
			`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill><fill><patternFill patternType="solid"><fgColor rgb="FFDCE9F5"/></patternFill></fill></fills>` +
			`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders><cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
			`<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/><xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
			`<xf numFmtId="49" fontId="1" fillId="2" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1"/></cellXfs></styleSheet>`)
	})
	part("xl/worksheets/sheet1.xml", func(b *bufio.Writer) {
		head(b, len(Columns), 18)
		writeRow(b, 1, 2, Columns)
		for i, it := range items {
			writeRow(b, i+2, 1, cellsOf(it))
		}
		b.WriteString(`</sheetData></worksheet>`)
	})
	if guided {
		part("xl/worksheets/sheet2.xml", func(b *bufio.Writer) {
			head(b, 2, 60)
			for i, cells := range guide {
				writeRow(b, i+1, 1+btoi(i == 0), cells)
			}
			b.WriteString(`</sheetData></worksheet>`)
		})
	}
	if failed != nil {
		return failed
	}
	return z.Close()
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func head(b *bufio.Writer, columns, wide int) {
	b.WriteString(`<worksheet ` + mainNS + `><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>`)
	fmt.Fprintf(b, `<cols><col min="1" max="%d" width="%d" style="1" customWidth="1"/></cols><sheetData>`, columns, wide)
}

// escape keeps a spreadsheet from taking text for an escaped character (_x000A_): each
// underscore that could begin one is escaped itself, those that also end one too.
func escape(s string) string {
	if !escaped.MatchString(s) {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		if r == '_' && escaped.FindStringIndex(s[i:min(len(s), i+7)]) != nil {
			b.WriteString("_x005F_")
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

var escaped = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

func writeRow(b *bufio.Writer, row, style int, cells []string) {
	fmt.Fprintf(b, `<row r="%d">`, row)
	for i, c := range cells {
		if c == "" {
			continue
		}
		fmt.Fprintf(b, `<c r="%c%d" s="%d" t="inlineStr"><is><t xml:space="preserve">`, 'A'+i, row, style)
		var x strings.Builder
		_ = xml.EscapeText(&x, []byte(escape(c)))
		b.WriteString(x.String())
		b.WriteString(`</t></is></c>`)
	}
	b.WriteString(`</row>`)
}
