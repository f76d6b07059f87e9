// Package certificate holds what a result notice (考核结果通知书) says, how it
// comes into being and how anyone can check it.
//
// A notice lives in a stream of its own, certificate/<serial>, which the
// registry writes: the intent with every fact (reserved), the drawn and signed
// file (issued), perhaps its end (revoked). [Apply] folds those entries; a
// crash between two of them leaves a record to go on from, because drawing
// needs nothing but the reserved facts.
//
// The QR code on the paper carries a [Payload] signed with the registry's
// Ed25519 key, so that the paper can be held against it without a network
// ([Verify]); whether the notice was revoked since, only the registry knows.
//
// Like all of exam, nothing here reads a clock, a file or a random number.
// Drawing and the signature that PDF readers check are in package pdf below.
package certificate

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"dingkao/exam"
)

// Outcome is the result that the notice states.
type Outcome string

const (
	Passed Outcome = "passed" // 合格
	Failed Outcome = "failed" // 不合格
)

// Text is 合格 or 不合格, empty for anything else.
func (o Outcome) Text() string {
	switch o {
	case Passed:
		return "合格"
	case Failed:
		return "不合格"
	}
	return ""
}

// Certificate is what a notice says, and no more (考核结果通知书). Names are
// stored as they are to be printed: a later change of a code list or of an
// institution's name changes no notice.
type Certificate struct {
	Serial          exam.Serial        `json:"serial"` // names the notice and its stream, for good
	Application     exam.ApplicationID `json:"application"`
	Number          string             `json:"number"` // 证书编码, see NextNumber
	Name            string             `json:"name"`
	Sex             exam.Sex           `json:"sex"`
	DocumentKind    exam.Term          `json:"documentKind"`    // 有效证件; zero means 居民身份证
	Document        string             `json:"document"`        // its number
	QualificationNo string             `json:"qualificationNo"` // 资格证书编码
	LicenceNo       string             `json:"licenceNo"`       // 执业证书编码
	Institution     string             `json:"institution"`     // 主要执业机构
	Category        string             `json:"category"`        // 执业类别
	Scopes          []string           `json:"scopes"`          // 执业范围, at least one
	Speciality      string             `json:"speciality"`      // 从事专业
	From            exam.Month         `json:"from"`            // 考核周期, first month
	To              exam.Month         `json:"to"`              // 考核周期, last month
	Assessor        string             `json:"assessor"`        // 考核机构
	AssessedOn      exam.Date          `json:"assessedOn"`      // 考核日期
	Authority       string             `json:"authority"`       // 发证机关
	IssuedOn        exam.Date          `json:"issuedOn"`        // 发证日期
	Photo           exam.BlobHash      `json:"photo,omitempty"` // the JPEG; empty: no photo is printed
	Outcome         Outcome            `json:"outcome"`
}

// Bounds of what a notice can hold, in characters. They are wider than any
// real value, and narrow enough that the page always has room.
const (
	maxName   = 50
	maxText   = 80
	maxNumber = 40
	maxScopes = 12
)

var (
	serialForm = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z_-]{0,39}$`)
	numberForm = regexp.MustCompile(`^[0-9A-Za-z]{1,24}KH[0-9]{8}(-[1-9][0-9]{0,3})?$`)
)

// Validate says what keeps c from being issued: a missing fact, a malformed
// date, a control sign, a text too long for the page. The error is Invalid and
// names the field as in JSON.
func (c Certificate) Validate() error {
	bad := func(field, sentence string) error {
		return &exam.Error{Kind: exam.Invalid, Field: field, Sentence: "通知书未生成：" + sentence + "。申报信息没有改动，请更正后再签发"}
	}
	if !serialForm.MatchString(string(c.Serial)) {
		return bad("serial", "流水号不对")
	}
	if !numberForm.MatchString(c.Number) {
		return bad("number", "证书编码不对")
	}
	if !strings.HasPrefix(c.Number, c.Document+"KH") {
		return bad("number", "证书编码与证件号码不一致")
	}
	for _, f := range []struct {
		field, label, text string
		max                int
	}{
		{"name", "姓名", c.Name, maxName},
		{"document", "证件号码", c.Document, maxNumber},
		{"qualificationNo", "资格证书编码", c.QualificationNo, maxNumber},
		{"licenceNo", "执业证书编码", c.LicenceNo, maxNumber},
		{"institution", "主要执业机构", c.Institution, maxText},
		{"category", "执业类别", c.Category, maxText},
		{"speciality", "从事专业", c.Speciality, maxText},
		{"assessor", "考核机构", c.Assessor, maxText},
		{"authority", "发证机关", c.Authority, maxText},
	} {
		if why := printable(f.text, f.max); why != "" {
			return bad(f.field, f.label+why)
		}
	}
	if n := len(c.DocumentKind.Name); n > 0 {
		if why := printable(c.DocumentKind.Name, maxNumber); why != "" {
			return bad("documentKind", "证件类型"+why)
		}
	}
	if len(c.Scopes) == 0 || len(c.Scopes) > maxScopes {
		return bad("scopes", fmt.Sprintf("执业范围应有1至%d项", maxScopes))
	}
	for _, s := range c.Scopes {
		if why := printable(s, maxNumber); why != "" {
			return bad("scopes", "执业范围"+why)
		}
	}
	switch {
	case c.Sex.Text() == "":
		return bad("sex", "性别没有填写")
	case c.From == "" || !c.From.Valid() || c.To == "" || !c.To.Valid() || c.To < c.From:
		return bad("from", "考核周期不对")
	case c.AssessedOn == "" || !c.AssessedOn.Valid():
		return bad("assessedOn", "考核日期不对")
	case c.IssuedOn == "" || !c.IssuedOn.Valid():
		return bad("issuedOn", "发证日期不对")
	case c.IssuedOn < c.AssessedOn:
		return bad("issuedOn", "发证日期早于考核日期")
	case !c.Photo.Valid():
		return bad("photo", "照片的编号不对")
	case c.Outcome.Text() == "":
		return bad("outcome", "考核结果没有评定")
	}
	return nil
}

// printable says in Chinese what is wrong with a text, "" for nothing.
func printable(s string, most int) string {
	switch {
	case strings.TrimSpace(s) == "":
		return "没有填写"
	case strings.TrimSpace(s) != s:
		return "首尾有空格"
	case !utf8.ValidString(s):
		return "含有无法识别的字符"
	case utf8.RuneCountInString(s) > most:
		return "超过" + strconv.Itoa(most) + "个字"
	}
	for _, r := range s {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			return "含有不可见的字符"
		}
	}
	return ""
}

// NextNumber is the first free certificate number (证书编码) of a document on a
// day: <document number>KH<YYYYMMDD>, then the same with -2, -3 … for a
// re-issue. Taken holds the numbers given out before, revoked and abandoned
// ones too: a number is never given twice. An unset date gives "".
func NextNumber(document string, date exam.Date, taken []string) string {
	if date == "" || !date.Valid() {
		return ""
	}
	gone := make(map[string]bool, len(taken))
	for _, t := range taken {
		gone[t] = true
	}
	base := document + "KH" + strings.ReplaceAll(string(date), "-", "")
	number := base
	for n := 2; gone[number]; n++ {
		number = base + "-" + strconv.Itoa(n)
	}
	return number
}

// ScopesText joins the scopes as the notice prints them.
func (c Certificate) ScopesText() string { return strings.Join(c.Scopes, "、") }

// PeriodText is the period as the notice prints it: 2024年07月至2025年07月.
func (c Certificate) PeriodText() string { return c.From.Text() + "至" + c.To.Text() }

// Digest is the first 16 bytes of a SHA-256 over everything the notice says.
// The photo counts, by its hash; the application does not, for it is not
// printed. The form is fixed for good: QR codes on paper hold it.
func (c Certificate) Digest() [16]byte {
	h := sha256.New()
	put := func(s string) {
		var n [4]byte
		binary.BigEndian.PutUint32(n[:], uint32(len(s)))
		h.Write(n[:])
		h.Write([]byte(s))
	}
	for _, s := range []string{
		"dingkao notice facts 1", string(c.Serial), c.Number, c.Name, string(c.Sex),
		c.DocumentKind.Name, c.Document, c.QualificationNo, c.LicenceNo, c.Institution, c.Category,
		strconv.Itoa(len(c.Scopes)),
	} {
		put(s)
	}
	for _, s := range c.Scopes {
		put(s)
	}
	for _, s := range []string{
		c.Speciality, string(c.From), string(c.To), c.Assessor, string(c.AssessedOn),
		c.Authority, string(c.IssuedOn), string(c.Photo), string(c.Outcome),
	} {
		put(s)
	}
	return [16]byte(h.Sum(nil)[:16])
}
