package bankio

import (
	"archive/zip"
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"dingkao/exam"
	"dingkao/exam/paper"
)

var update = flag.Bool("update", false, "write the golden files anew")

// broken is a bank with every fault that people make, and good rows between.
func broken() [][]string {
	return [][]string{
		{"2026年内科题库"},
		{"序号", "题型", "题组号", "共用题干", "题目", "A", "选项B", "C选项", "备选答案Ｄ", "E", "正确答案", "解析", "难易度", "分值（分）", "有效期至"},
		{"1", "单选题", "", "", "正常成人脉搏是？", "60～100次/分", "40～60次/分", "100～120次/分", "", "", "A", "略", "易", "1.5", "2030/12/31"},
		{"2", "多选", "", "", "属于生命体征的有", "体温", "脉搏", "呼吸", "血压", "", "Ａ、Ｂ|C D", "", "3", "", "47483"},
		{"3", "判断", "", "", "医师可以出具虚假证明。", "", "", "", "", "", "×"},
		{"4", "判断题", "", "", "青霉素用前要皮试。", "错", "对", "", "", "", "B"},
		{},
		{"5", "A3/A4", "1", "患者男，60岁，胸痛2小时。", "最可能的诊断是", "心肌梗死", "肺炎", "", "", "", "1"},
		{"6", "共用题干", "", "", "首选的检查是", "心电图", "胸片", "", "", "", "A"},
		{"7", "配伍", "2", "", "休克首选", "肾上腺素", "阿托品", "胰岛素", "", "", "A"},
		{"8", "B1型题", "2", "", "高血糖首选", "", "", "", "", "", "C"},
		{"9", "X", "9", "", "双数有", "1", "2", "3", "4", "", "2,4"},
		{"10", "A1", "", "", "正常成人脉搏是（ ）？", "40～60次/分", "60~100次/分", "100～120次/分", "", "", "B"},
		{"11", "A1", "", "", "正常成人脉搏是", "60～100次/分", "40～60次/分", "100～120次/分", "", "", "B"},
		{"12", "A1", "", "", "没有答案的题", "甲", "乙"},
		{"13", "A1", "", "", "答案出界的题", "甲", "乙", "", "", "", "D"},
		{"14", "A1", "", "", "选项相同的题", "甲", "乙", "甲。", "", "", "A"},
		{"15", "A1", "", "", "选项太少的题", "甲", "", "", "", "", "A"},
		{"16", "单选", "", "", "单选多答的题", "甲", "乙", "丙", "", "", "AC"},
		{"17", "多选", "", "", "多选单答的题", "甲", "乙", "丙", "", "", "A"},
		{"18", "填空", "", "", "题型不认识", "甲", "乙", "", "", "", "A"},
		{"19", "", "", "", "没有题型", "甲", "乙", "", "", "", "A"},
		{"20", "A1", "", "", "", "甲", "乙", "", "", "", "A"},
		{"21", "A1", "", "", "选项断开", "甲", "", "丙", "", "", "A"},
		{"22", "A1", "", "", "答案看不懂", "甲", "乙", "", "", "", "略"},
		{"23", "A1", "", "", "答案重复", "甲", "乙", "", "", "", "AA"},
		{"24", "A1", "", "", "难度不对", "甲", "乙", "", "", "", "A", "", "0.65"},
		{"25", "A1", "", "", "分值不对", "甲", "乙", "", "", "", "A", "", "", "-1"},
		{"26", "A1", "", "", "有效期不对", "甲", "乙", "", "", "", "A", "", "", "", "2026-02-30"},
		{"27", "A1", "", "", "坏\x07字", "甲", "乙", "", "", "", "A"},
		{"28", "A3", "", "", "没有共用题干", "甲", "乙", "", "", "", "A"},
		{"29", "A3", "1", "患者女，20岁。", "共用题干不同", "甲", "乙", "", "", "", "A"},
		{"30", "B1", "2", "", "选项不同", "甲", "乙", "", "", "", "A"},
		{"31", "判断", "", "", "判断题看不懂", "", "", "", "", "", "C"},
		{"32", "A1", "", "病例", "不该有共用题干", "甲", "乙", "", "", "", "A"},
		{"33", "A1", "", "", "太长" + strings.Repeat("长", paper.MostStem), "甲", "乙", "", "", "", "A"},
		{"34", "A1", "", "", "已在题库里的题", "甲", "乙", "", "", "", "A"},
	}
}

func csvOf(rows [][]string) []byte {
	var b bytes.Buffer
	for _, r := range rows {
		w := csv.NewWriter(&b)
		if len(r) == 0 {
			b.WriteString("\n")
			continue
		}
		_ = w.Write(r)
		w.Flush()
	}
	return b.Bytes()
}

func bookOf(t testing.TB, rows [][]string) []byte {
	t.Helper()
	x := excelize.NewFile()
	defer x.Close()
	for i, r := range rows {
		for j, v := range r {
			cell, _ := excelize.CoordinatesToCellName(j+1, i+1)
			if err := x.SetCellStr("Sheet1", cell, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	b, err := x.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func have(id paper.QuestionID) bool {
	return id == paper.Question{Kind: paper.A1, Stem: "已在题库里的题", Options: []string{"甲", "乙"}}.Identified().ID
}

func read(t testing.TB, data []byte) Report {
	t.Helper()
	r, err := Read(bytes.NewReader(data), Options{Have: have})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestABadRowStopsNoOther(t *testing.T) {
	plain := csvOf(broken())
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes(plain)
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(plain)
	if err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "broken.golden")
	for _, f := range []struct {
		name string
		data []byte
	}{
		{"UTF-8", plain}, {"BOM", append([]byte("\xef\xbb\xbf"), plain...)}, {"GB18030", gb}, {"UTF-16", utf16},
		{"CRLF", bytes.ReplaceAll(plain, []byte("\n"), []byte("\r\n"))}, {"workbook", bookOf(t, broken())},
	} {
		r := read(t, f.data)
		text := strings.ReplaceAll(r.Text(), "说明：文件是 GBK 编码的 CSV，已自动转换\n", "")
		if *update && f.name == "UTF-8" {
			_ = os.MkdirAll("testdata", 0o755)
			if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if f.name != "workbook" && text != string(want) { // a workbook keeps no control character
			t.Errorf("%s: the report is\n%s\nwant\n%s", f.name, text, want)
		}
		if len(r.Items) < 9 || r.Added != len(r.Items) || r.Added+r.Duplicate+r.Refused != len(r.Rows) || len(r.Rows) != len(broken())-3 {
			t.Errorf("%s: %d items, %d rows", f.name, len(r.Items), len(r.Rows))
			continue
		}
		var got string
		for _, it := range r.Items[:9] {
			got += fmt.Sprintf("%s %s %s %d %s %s|", it.Kind, it.Answer, it.Points.Text(), it.Difficulty, it.ValidUntil, it.Shared)
		}
		if want := "A1 A 1.5 1 2030-12-31 |X ABCD 0 3 2029-12-31 |TF B 0 0  |TF A 0 0  |A3 A 0 0  患者男，60岁，胸痛2小时。|A3 A 0 0  患者男，60岁，胸痛2小时。|B1 A 0 0  |B1 C 0 0  |X BD 0 0  |"; got != want {
			t.Errorf("%s:\n%s\n%s", f.name, got, want)
		}
		if r.Items[4].Group != r.Items[5].Group || r.Items[6].Group != r.Items[7].Group || r.Items[7].Options[2] != "胰岛素" {
			t.Errorf("%s: groups are torn", f.name)
		}
		if err := (paper.Bank{ID: "b", Name: "题库", Items: r.Items}).Check(); err != nil {
			t.Errorf("%s: %v", f.name, err)
		}
	}
}

func TestImportingTwiceAddsNothing(t *testing.T) {
	known := map[paper.QuestionID]bool{}
	for _, it := range read(t, csvOf(broken())).Items {
		known[it.ID] = true
	}
	r, err := Read(bytes.NewReader(csvOf(broken())), Options{Have: func(id paper.QuestionID) bool { return known[id] }})
	if err != nil || r.Duplicate < len(known) || len(known) < 9 {
		t.Errorf("%v: %d duplicates of %d", err, r.Duplicate, len(known))
	}
	for _, it := range r.Items {
		if known[it.ID] {
			t.Errorf("%s was added again", it.ID)
		}
	}
}

func TestAFileThatIsNoBankIsRefusedWhole(t *testing.T) {
	for name, data := range map[string][]byte{
		"empty": {}, "no heading": []byte("a,b,c\n1,2,3\n"), "no column": []byte("题干,题型\n甲,A1\n"), "twice": []byte("题型,题干,题目,答案\n"),
		"binary": []byte("\x00\x01\x02"), "neither": []byte("\xff\x80\x80"), "old Excel": []byte("\xd0\xcf\x11\xe0rest"), "broken zip": []byte("PK\x03\x04nothing"),
	} {
		if r, err := Read(bytes.NewReader(data), Options{}); exam.KindOf(err) != exam.Invalid || !strings.Contains(exam.SentenceOf(err), "没有导入任何内容") || r.Items != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestBombsAndOversizeAreRefused(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	f, _ := z.Create("xl/worksheets/sheet1.xml")
	_, _ = f.Write(make([]byte, 64<<20))
	_ = z.Close()
	if _, err := Read(&b, Options{}); exam.KindOf(err) != exam.TooLarge {
		t.Errorf("bomb: %v", err)
	}
	if _, err := Read(bytes.NewReader(make([]byte, MostBytes+1)), Options{}); exam.KindOf(err) != exam.TooLarge {
		t.Errorf("size: %v", err)
	}
}

func many(n int) []paper.Item {
	var list []paper.Item
	for i := range n {
		it := paper.Item{Question: paper.Question{Kind: paper.A1, Stem: fmt.Sprintf("关于第%d种情况，下列说法正确的是", i), Options: []string{"甲说法", "乙说法", "丙说法", "丁说法", "戊说法"}, Chapter: "第一章"}, Answer: paper.Only(i % 5), Explanation: "见教材"}
		it.Question = it.Identified()
		list = append(list, it)
	}
	return list
}

func TestSixtyThousandRowsAreRead(t *testing.T) {
	n := 60_000
	if testing.Short() {
		n = 3000
	}
	items := many(n)
	for name, write := range writers {
		var b bytes.Buffer
		if err := write(&b, items); err != nil {
			t.Fatal(err)
		}
		calls, last := 0, 0
		r, err := Read(&b, Options{Progress: func(rows int) {
			if rows < last {
				t.Error("progress goes back")
			}
			calls, last = calls+1, rows
		}})
		if err != nil || r.Added != n || last != n || calls < n/1000 || r.Rows[n-1].Line != n+1 {
			t.Errorf("%s: %v, %d added, progress %d times to %d", name, err, r.Added, calls, last)
		}
	}
}

var writers = map[string]func(*bytes.Buffer, []paper.Item) error{
	"csv":  func(b *bytes.Buffer, l []paper.Item) error { return WriteCSV(b, l) },
	"xlsx": func(b *bytes.Buffer, l []paper.Item) error { return WriteXLSX(b, l) },
}

func TestWhatIsExportedIsImportedUnchanged(t *testing.T) {
	text := rapid.Custom(func(t *rapid.T) string {
		return paper.Clean(rapid.SampledFrom([]string{"", "=1+1", "'=x", "''", "-1", "_x0041_", "_x005F_x0041_", "a,b;\"c\"", "甲\n乙", "&lt;<b>", "50%", "007", "1E5", "长期"}).Draw(t, "head") + rapid.StringMatching(`[a-zA-Z0-9甲乙丙_'"=, 𠮷é]{0,8}`).Draw(t, "tail"))
	})
	rapid.Check(t, func(t *rapid.T) {
		var items []paper.Item
		seen := map[paper.Fingerprint]bool{}
		for range rapid.IntRange(0, 6).Draw(t, "items") {
			k := rapid.SampledFrom(paper.Kinds).Draw(t, "kind")
			it := paper.Item{Question: paper.Question{Kind: k, Stem: text.Draw(t, "stem"), Difficulty: rapid.IntRange(0, 5).Draw(t, "difficulty"),
				Topic: text.Draw(t, "topic"), Chapter: text.Draw(t, "chapter"), LegalBasis: text.Draw(t, "law"), Points: paper.Points(rapid.IntRange(0, 1000).Draw(t, "points")),
				ValidUntil: rapid.SampledFrom([]exam.Date{"", "2026-12-31"}).Draw(t, "until")}, Explanation: text.Draw(t, "why")}
			if k.Grouped() {
				it.Shared = text.Draw(t, "shared")
			}
			it.Options = rapid.SliceOfN(text, 2, 8).Draw(t, "options")
			if k == paper.TF {
				it.Options = []string{"正确", "错误"}
			}
			it.Answer = paper.Only(rapid.IntRange(0, len(it.Options)-1).Draw(t, "answer"))
			if k == paper.X {
				it.Answer = paper.Answer(1<<len(it.Options) - 1)
			}
			it.Question = it.Identified()
			if it.Check() == nil && !seen[it.Fingerprint()] {
				seen[it.Fingerprint()] = true
				items = append(items, it)
			}
		}
		// Members of a group must agree to the letter.
		if (paper.Bank{ID: "b", Name: "b", Items: items}).Check() != nil {
			return
		}
		for name, write := range writers {
			var b bytes.Buffer
			if err := write(&b, items); err != nil {
				t.Fatal(err)
			}
			r, err := Read(&b, Options{})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if len(r.Items) != len(items) || len(items) > 0 && !reflect.DeepEqual(r.Items, items) {
				t.Fatalf("%s:\n%+v\n%+v\n%s", name, items, r.Items, r.Text())
			}
		}
	})
}

func TestWhatCouldNotBeReadAgainIsNotWritten(t *testing.T) {
	items := many(1)
	items[0].Answer = 0
	for name, write := range writers {
		var b bytes.Buffer
		if err := write(&b, items); exam.KindOf(err) != exam.Invalid || b.Len() != 0 {
			t.Errorf("%s: %v, %d bytes", name, err, b.Len())
		}
	}
}

func TestTheTemplateIsReadAsAnEmptyBank(t *testing.T) {
	var b bytes.Buffer
	if err := WriteTemplate(&b); err != nil {
		t.Fatal(err)
	}
	if r := read(t, b.Bytes()); len(r.Rows) != 0 || !strings.Contains(r.Text(), "表头下面没有内容") {
		t.Error(r.Text())
	}
}

func TestCellsAreReadAsTheyAreShown(t *testing.T) {
	x := excelize.NewFile()
	defer x.Close()
	percent, _ := x.NewStyle(&excelize.Style{NumFmt: 9})
	day, _ := x.NewStyle(&excelize.Style{NumFmt: 14})
	_ = x.SetSheetRow("Sheet1", "A1", &[]any{"题型", "题干", "A", "B", "答案", "有效期"})
	_ = x.SetSheetRow("Sheet1", "A2", &[]any{"单选", "占多少", 0.5, 1.1, "A", 46387})
	_ = x.SetCellStyle("Sheet1", "C2", "C2", percent)
	_ = x.SetCellStyle("Sheet1", "F2", "F2", day)
	b, err := x.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, b.Bytes())
	if len(r.Items) != 1 || r.Items[0].Options[0] != "50%" || r.Items[0].Options[1] != "1.1" || r.Items[0].ValidUntil != "2026-12-31" {
		t.Errorf("%s %+v", r.Text(), r.Items)
	}
}

func fuzz(t *testing.T, data []byte) {
	r, err := Read(bytes.NewReader(data), Options{})
	if err != nil {
		return
	}
	if len(r.Items) != r.Added || r.Added+r.Duplicate+r.Refused != len(r.Rows) {
		t.Error("the sums are wrong")
	}
	for _, it := range r.Items {
		if err := it.Check(); err != nil {
			t.Errorf("a bad row was taken: %v", err)
		}
	}
	last := 0
	for _, row := range r.Rows {
		if row.Line <= last || (row.Result == Added) == (row.QuestionID == "") && row.Result != Duplicate || row.Result == Refused && row.Sentence == "" {
			t.Errorf("%+v", row)
		}
		last = row.Line
	}
}

func FuzzCSV(f *testing.F) {
	f.Add(csvOf(broken()))
	f.Add([]byte("题型;题干;A;B;答案\n\n单选;\"甲\n乙\";1;2;A\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !bytes.HasPrefix(data, []byte("PK")) {
			fuzz(t, data)
		}
	})
}

// The sheet is fuzzed within its workbook: behind a checksum nothing would get through.
func FuzzXLSX(f *testing.F) {
	f.Add([]byte(`<row r="1"><c r="A1" t="inlineStr"><is><t>题型</t></is></c><c r="B1" t="inlineStr"><is><t>题干</t></is></c><c r="C1" t="inlineStr"><is><t>答案</t></is></c></row><row r="9"><c r="XFD9"><v>1</v></c></row>`))
	var b bytes.Buffer
	if err := WriteTemplate(&b); err != nil {
		f.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b.Bytes()), int64(b.Len()))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var out bytes.Buffer
		w := zip.NewWriter(&out)
		for _, part := range z.File {
			if part.Name != "xl/worksheets/sheet1.xml" {
				_ = w.Copy(part)
				continue
			}
			s, _ := w.Create(part.Name)
			_, _ = s.Write([]byte(xmlHead + `<worksheet ` + mainNS + `><sheetData>`))
			_, _ = s.Write(data)
			_, _ = s.Write([]byte(`</sheetData></worksheet>`))
		}
		_ = w.Close()
		fuzz(t, out.Bytes())
		fuzz(t, append([]byte("PK\x03\x04"), data...))
	})
}
