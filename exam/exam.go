// Package exam is the assessment itself: who takes part, in which cycle, with
// which identifiers, and the few kinds of error that every room of the house
// speaks. Its folders hold the rules (application, paper, sitting, score,
// certificate …).
//
// Nothing here reads a clock, opens a file or draws a random number: a decision
// is handed its "now" and its seed, so the terminal and the registry come to
// the same answer from the same entries, and a test needs no set-up. The
// package imports no other package of ours.
package exam

import (
	"encoding/hex"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Ids have types of their own, so that one cannot be handed in for another.
// All of them are opaque outside the registry that made them.
type (
	// AccountID names one who can sign in: a doctor or a member of staff.
	AccountID string
	// DoctorID names a doctor on the roster (医师).
	DoctorID string
	// InstitutionID names a medical institution (医疗卫生机构), an assessor
	// (考核机构) or an authority (卫生健康行政部门).
	InstitutionID string
	// ApplicationID names one doctor's dossier in one cycle (填报信息).
	ApplicationID string
	// CycleID names an assessment cycle (考核周期).
	CycleID string
	// SittingID names one candidate's attempt at one paper (参加测评).
	SittingID string
	// Serial names one result notice, for good: a re-issue has another.
	Serial string
)

// Term is a word from a code list. The name is stored beside the code, so that
// a wrong or withdrawn code changes nothing of what a person wrote. The zero
// value means "not chosen".
type Term struct {
	Code string `json:"code"`
	Name string `json:"name"`
}

// IsZero says that nothing was chosen.
func (t Term) IsZero() bool { return t == Term{} }

// Instant is registry time in microseconds since 1970-01-01 UTC: an integer on
// disk, on the line and in SQL, so that no notation or zone can change it.
// Zero means "never".
type Instant int64

// InstantOf converts t, cutting below the microsecond.
func InstantOf(t time.Time) Instant { return Instant(t.UnixMicro()) }

// Time converts back, in UTC.
func (i Instant) Time() time.Time { return time.UnixMicro(int64(i)).UTC() }

// China is the zone in which every date of the assessment is meant. China has
// one zone and no daylight saving, so it is fixed and needs no zone database.
var China = time.FixedZone("CST", 8*60*60)

// Date says which day it is in China at i.
func (i Instant) Date() Date { return DateOf(i.Time().In(China)) }

// Text is the instant as people in China read it: 2024-08-15 11:34. Empty for zero.
func (i Instant) Text() string {
	if i == 0 {
		return ""
	}
	return i.Time().In(China).Format("2006-01-02 15:04")
}

// Date is a day, written 2006-01-02, so that dates sort and compare as text.
// The zero value means "not given". A Date that did not come from ParseDate may
// be malformed; Valid tells.
type Date string

// DateOf is the calendar day of t in t's own zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// ParseDate reads 2006-01-02 in the years 1900 to 2100. The error is Invalid.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1900 || t.Year() > 2100 {
		return "", Errorf(Invalid, "日期“%s”不对，应写作 2024-07-01 的样子", clip(s))
	}
	return Date(s), nil
}

// Valid says whether d is empty or a real day.
func (d Date) Valid() bool {
	if d == "" {
		return true
	}
	_, err := ParseDate(string(d))
	return err == nil
}

// Text is the date in Chinese: 2024年07月01日. Empty for the zero value.
func (d Date) Text() string {
	if len(d) != 10 {
		return string(d)
	}
	return string(d[:4]) + "年" + string(d[5:7]) + "月" + string(d[8:]) + "日"
}

// Month is the month of the day.
func (d Date) Month() Month {
	if len(d) < 7 {
		return ""
	}
	return Month(d[:7])
}

// AddYears is the same day n years later (29 February becomes 1 March).
func (d Date) AddYears(n int) Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return DateOf(t.AddDate(n, 0, 0))
}

// AddDays is the day n days later; "" where d is malformed.
func (d Date) AddDays(n int) Date {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return ""
	}
	return DateOf(t.AddDate(0, 0, n))
}

// Month is a month, written 2006-01. The zero value means "not given".
type Month string

// ParseMonth reads 2006-01 in the years 1900 to 2100. The error is Invalid.
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil || t.Year() < 1900 || t.Year() > 2100 {
		return "", Errorf(Invalid, "年月“%s”不对，应写作 2024-07 的样子", clip(s))
	}
	return Month(s), nil
}

// Valid says whether m is empty or a real month.
func (m Month) Valid() bool {
	if m == "" {
		return true
	}
	_, err := ParseMonth(string(m))
	return err == nil
}

// Text is the month in Chinese: 2024年07月. Empty for the zero value.
func (m Month) Text() string {
	if len(m) != 7 {
		return string(m)
	}
	return string(m[:4]) + "年" + string(m[5:]) + "月"
}

// BlobHash names a large thing by its content: the SHA-256 in 64 lower-case
// hexadecimal digits. The zero value names nothing.
type BlobHash string

// Valid says whether h is empty or well formed.
func (h BlobHash) Valid() bool {
	if h == "" {
		return true
	}
	if len(h) != 64 || strings.ToLower(string(h)) != string(h) {
		return false
	}
	_, err := hex.DecodeString(string(h))
	return err == nil
}

// Blob says what a stored blob is, without its bytes.
type Blob struct {
	Hash   BlobHash `json:"hash"`
	Name   string   `json:"name"`   // as the person called the file
	Size   int      `json:"size"`   // bytes, as stored
	Width  int      `json:"width"`  // pixels
	Height int      `json:"height"` // pixels
}

// clip keeps a quoted input short enough for one sentence.
func clip(s string) string {
	const most = 24
	n := 0
	for i := range s {
		if n++; n > most {
			return s[:i] + "…"
		}
	}
	return s
}

// Years is the number of whole years from d to the day until; 0 when either is
// missing or malformed, or until is before d.
func (d Date) Years(until Date) int {
	if len(d) != 10 || len(until) != 10 || until < d {
		return 0
	}
	a, errA := strconv.Atoi(string(d[:4]))
	b, errB := strconv.Atoi(string(until[:4]))
	if errA != nil || errB != nil {
		return 0
	}
	if until[5:] < d[5:] {
		b--
	}
	return b - a
}

// Printable refuses control characters (line breaks and tabs aside) and broken
// UTF-8: some stores refuse them, and no screen shows them.
func Printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
			return false
		}
	}
	return true
}
