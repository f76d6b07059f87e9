package roster

import (
	"bytes"
	"context"
	"encoding/csv"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"dingkao/exam"
	"dingkao/sync/registry"
)

var update = flag.Bool("update", false, "write the golden files anew")

// taker is a registry that knows one institution.
type taker struct{ rows []registry.RosterRow }

func (k *taker) ImportRoster(_ context.Context, rows []registry.RosterRow) ([]registry.RosterResult, error) {
	k.rows = append(k.rows, rows...)
	var list []registry.RosterResult
	for _, r := range rows {
		res := registry.RosterResult{Line: r.Line, Result: "added"}
		if r.Institution != "长治市医院" {
			res = registry.RosterResult{Line: r.Line, Result: "refused", Sentence: "机构名录里没有“" + r.Institution + "”"}
		}
		list = append(list, res)
	}
	return list, nil
}

func (k *taker) ListInstitutions(_ context.Context, q exam.InstitutionQuery) ([]exam.Institution, error) {
	return []exam.Institution{{Kind: exam.OfficeInstitution, Name: "长治市医院", Division: q.Division}, {Kind: exam.OfficeAssessor, Name: "没有这家医院"}}, nil
}

func id(digits string) string { return string(exam.WithCheckDigit(digits)) }

// broken is a roster with every fault that people make, and good rows between.
func broken() [][]string {
	return [][]string{
		{"2026年医师名册"},
		{"姓　名", "身份证号码", "证件类型", "主要执业机构", "执业证书编码", "资格证书编码", "手机号", "备注"},
		{"苏晓棠", id("14990019850316990"), "居民身份证", "长治市医院", "110149900990001", "200814990990000000000000001", "13900000901", "好"},
		{"张　三", " " + id("14990019880722991") + " ", "", "长治市医院", "", "", "139-0000-0902"},
		{"", "", "", "", "", "", ""},
		{"", id("14990019830127992"), "", "长治市医院"},
		{"李四", "", "", "长治市医院"},
		{"王五", "149900198301279920", "", "长治市医院"},
		{"赵六", "1.49900198301280E+17", "", "长治市医院"},
		{"钱七", id("14990019790915993"), "护照", "长治市医院"},
		{"孙八", id("14990019850316990"), "", "长治市医院"},
		{"周九", id("14990019810603992"), "01", ""},
		{"吴十", id("14990019840219993"), "", "没有这家医院"},
		{"郑一", id("14990019861130994"), "", "长治市医院", "1101-4990", "", ""},
		{"冯二", id("14990019760511995"), "", "长治市医院", "", "", "12345"},
		{"陈三", id("14990019820924996"), "", "长治市医院", "1.1014E+14", "", ""},
		{"阿卜杜拉·买买提", id("14990019900806997"), "", "长治市医院", "", "", ""},
		{"坏\x07人", id("14990019780213998"), "", "长治市医院"},
		{"卫四", "１４９９００１９８００４２８９９９" + id("14990019800428999")[17:], "", "长治市医院"},
	}
}

func workbookOf(t *testing.T, rows [][]string) []byte {
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

func csvOf(rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.WriteAll(rows)
	return b.Bytes()
}

func gbk(t *testing.T, text []byte) []byte {
	t.Helper()
	out, err := simplifiedchinese.GBK.NewEncoder().Bytes(text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestABadRowStopsNoOther(t *testing.T) {
	files := map[string][]byte{
		"UTF-8 CSV": csvOf(broken()), "with a BOM": append([]byte("\xef\xbb\xbf"), csvOf(broken())...),
		"GBK CSV": gbk(t, csvOf(broken())), "CRLF": bytes.ReplaceAll(csvOf(broken()), []byte("\n"), []byte("\r\n")),
		"workbook": workbookOf(t, broken()[1:]),
	}
	for _, name := range []string{"UTF-8 CSV", "with a BOM", "GBK CSV", "CRLF", "workbook"} {
		to, data := &taker{}, files[name]
		r, err := Import(context.Background(), to, data, "14", false)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		text := r.Text()
		if name != "workbook" { // which keeps no control character and lacks the title line
			text = strings.ReplaceAll(text, "说明：文件是 GBK 编码的 CSV，已自动转换\n", "")
			golden := filepath.Join("testdata", "broken.golden")
			if *update && name == "UTF-8 CSV" {
				if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if text != string(want) {
				t.Errorf("%s: the report is\n%s\nwant\n%s", name, text, want)
			}
		}
		if r.Added < 4 || r.Added+r.Refused != 16 {
			t.Errorf("%s: %d added, %d refused", name, r.Added, r.Refused)
		}
		if len(to.rows) < 4 || to.rows[1].Name != "张三" || to.rows[1].Mobile != "13900000902" || to.rows[0].Province != "14" {
			t.Errorf("%s: rows %+v", name, to.rows)
		}
	}
}

func TestADryRunTakesNothingIn(t *testing.T) {
	to := &taker{}
	r, err := Import(context.Background(), to, csvOf(broken()), "14", true)
	if err != nil || len(to.rows) != 0 || r.Readable != 4 || r.Refused != 12 {
		t.Errorf("%v, %d rows taken, report %s", err, len(to.rows), r.Text())
	}
}

func TestAFileThatIsNoRosterIsRefusedWhole(t *testing.T) {
	twice := [][]string{{"姓名", "姓名", "身份证号", "主要执业机构"}}
	for name, data := range map[string][]byte{
		"empty":      {},
		"no heading": []byte("a,b,c\n1,2,3\n"),
		"no column":  csvOf([][]string{{"姓名", "手机号"}, {"张三", "13900000901"}}),
		"twice":      csvOf(twice),
		"binary":     []byte("\x00\x01\x02\xff\xfe\x00"),
		"old Excel":  []byte("\xd0\xcf\x11\xe0rest"),
		"broken zip": []byte("PK\x03\x04nothing"),
	} {
		_, err := Read(data, "14")
		if exam.KindOf(err) != exam.Invalid || !strings.Contains(exam.SentenceOf(err), "没有导入任何内容") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Read(make([]byte, MostBytes+1), "14"); exam.KindOf(err) != exam.TooLarge {
		t.Errorf("too large: %v", err)
	}
}

func TestTheTemplateIsReadBack(t *testing.T) {
	raw, err := Template()
	if err != nil {
		t.Fatal(err)
	}
	f, err := Read(raw, "14")
	if err != nil || len(f.Rows)+len(f.Refused) != 0 {
		t.Fatalf("%v %+v", err, f)
	}
	// A row typed into the template comes back as it was typed.
	x, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	row := []string{"苏晓棠", id("14990019850316990"), "居民身份证", "长治市医院", "110149900990001", "", "13900000901"}
	if err := x.SetSheetRow("医师名册", "A2", &row); err != nil {
		t.Fatal(err)
	}
	b, err := x.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	f, err = Read(b.Bytes(), "14")
	want := registry.RosterRow{Line: 2, Province: "14", Identity: row[1], Name: "苏晓棠", Institution: "长治市医院", LicenceNo: row[4], Mobile: row[6]}
	if err != nil || len(f.Rows) != 1 || f.Rows[0] != want {
		t.Errorf("%v %+v", err, f)
	}
}

func TestOfficesAreImportedRowByRow(t *testing.T) {
	var got []exam.Institution
	to := officeTaker(func(i exam.Institution) error {
		if len(i.Division) > 6 {
			return exam.Errorf(exam.Invalid, "行政区划代码不对")
		}
		got = append(got, i)
		return nil
	})
	data := csvOf([][]string{OfficeColumns, {"kh", "考核机构", "考核中心", "14", ""}, {"yy", "", "长治市医院", "140403", "kh"},
		{"bad", "诊所", "某某", "14"}, {"", "", "无名", "14"}, {"long", "", "远方医院", "14040399"}})
	r, err := ImportOffices(context.Background(), to, data, false)
	if err != nil || r.Added != 2 || r.Refused != 3 || len(got) != 2 || got[0].Kind != exam.OfficeAssessor || got[1].Assessor != "kh" {
		t.Errorf("%v\n%s%+v", err, r.Text(), got)
	}
}

type officeTaker func(exam.Institution) error

func (f officeTaker) AddInstitution(_ context.Context, i exam.Institution) error { return f(i) }

func FuzzRead(f *testing.F) {
	f.Add(csvOf(broken()))
	f.Add([]byte("姓名；身份证号；主要执业机构\n\"a;b\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if bytes.HasPrefix(data, []byte("PK")) {
			return // the workbook reader is another's
		}
		file, err := Read(data, "14")
		if err != nil {
			return
		}
		for _, r := range file.Rows {
			if _, err := exam.ParseIdentity(r.Identity); err != nil || r.Name == "" || r.Institution == "" || r.Line < 1 {
				t.Errorf("a bad row was taken: %+v", r)
			}
		}
	})
}
