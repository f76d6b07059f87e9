package exam

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The example number of GB 11643-1999 itself, and its neighbours.
func TestIdentityNumbersAreCheckedBeforeAnythingIsSent(t *testing.T) {
	for _, good := range []string{"11010519491231002X", " 11010519491231002x ", "11010519491231002X"} {
		id, err := ParseIdentity(good)
		if err != nil || id != "11010519491231002X" {
			t.Errorf("%q = %q, %v", good, id, err)
		}
	}
	for bad, want := range map[string]string{
		"":                   "18位",
		"1101051949123100":   "18位",
		"110105194912310021": "校验位",
		"11010519491331002X": "出生日期",
		"1101051949123100XX": "前17位",
		"11010519491231002Y": "只能有数字",
		"１１０１０５１９４９１２３１００２Ｚ": "只能有数字",
	} {
		_, err := ParseIdentity(bad)
		if KindOf(err) != Invalid || !strings.Contains(SentenceOf(err), want) {
			t.Errorf("%q: %v, want a sentence with %q", bad, err, want)
		}
	}
	id, err := ParseIdentity("１１０１０５１９４９１２３１００２Ｘ")
	if err != nil || id != "11010519491231002X" {
		t.Errorf("full-width: %q, %v", id, err)
	}
	if id.Birth() != "1949-12-31" || id.Sex() != Female {
		t.Errorf("birth %s, sex %s", id.Birth(), id.Sex())
	}
	if got := id.Masked(); got != "1101************2X" {
		t.Errorf("masked %s", got)
	}
}

// One wrong digit, or two neighbours swapped, is always noticed: that is what
// the check digit is for (ISO 7064 MOD 11-2).
func TestOneSlipInAnIdentityNumberIsAlwaysNoticed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		year := rapid.IntRange(1930, 2005).Draw(t, "year")
		digits := rapid.StringMatching(`[1-6][0-9]{5}`).Draw(t, "division") +
			itoa(year) + rapid.SampledFrom([]string{"0101", "0228", "1231", "0615"}).Draw(t, "day") +
			rapid.StringMatching(`[0-9]{3}`).Draw(t, "sequence")
		id := WithCheckDigit(digits)
		if got, err := ParseIdentity(string(id)); err != nil || got != id {
			t.Fatalf("%s: %v", id, err)
		}
		i := rapid.IntRange(0, 16).Draw(t, "place")
		slip := []byte(id)
		slip[i] = '0' + (slip[i]-'0'+byte(rapid.IntRange(1, 9).Draw(t, "by")))%10
		if _, err := ParseIdentity(string(slip)); err == nil {
			t.Fatalf("%s was taken for %s", slip, id)
		}
		swap := []byte(id)
		j := rapid.IntRange(0, 15).Draw(t, "swap")
		swap[j], swap[j+1] = swap[j+1], swap[j]
		if string(swap) != string(id) {
			if _, err := ParseIdentity(string(swap)); err == nil {
				t.Fatalf("%s was taken for %s", swap, id)
			}
		}
	})
}

func itoa(n int) string {
	return string([]byte{byte('0' + n/1000), byte('0' + n/100%10), byte('0' + n/10%10), byte('0' + n%10)})
}

func TestDatesAreRealDays(t *testing.T) {
	for _, bad := range []string{"2024-02-30", "2023-02-29", "2024-7-1", "24-07-01", "1899-12-31", "2101-01-01", "", "2024-07-01 "} {
		if d, err := ParseDate(bad); err == nil {
			t.Errorf("%q was taken as %s", bad, d)
		}
	}
	if !Date("").Valid() || Date("2024-02-30").Valid() || !Month("2024-02").Valid() || Month("2024-13").Valid() {
		t.Error("Valid is wrong about empty or unreal values")
	}
	if n := Date("2012-07-02").Years("2024-07-01"); n != 11 {
		t.Errorf("a day short of twelve years counts as %d", n)
	}
	if n := Date("2012-07-01").Years("2024-07-01"); n != 12 {
		t.Errorf("twelve years to the day count as %d", n)
	}
}

func TestWindowsIncludeBothTheirDays(t *testing.T) {
	w := Window{From: "2024-09-01", To: "2024-09-30"}
	for d, want := range map[Date]bool{"2024-08-31": false, "2024-09-01": true, "2024-09-30": true, "2024-10-01": false} {
		if w.Contains(d) != want {
			t.Errorf("%s: %v", d, !want)
		}
	}
	if !(Window{}).Contains("2024-01-01") || (Window{}).Text() != "长期" {
		t.Error("an open window is not open")
	}
}

func TestNewPasswordsAreNeitherTheFirstNorTrivial(t *testing.T) {
	for _, bad := range []string{FirstPassword, "12345678", "abcdefgh", "a1", "11010519491231002X"} {
		if CheckPassword(bad, "11010519491231002X") == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	for _, good := range []string{"Yishi2026", "医师考核2026年", "a-b-c-d-e"} {
		if err := CheckPassword(good, "x"); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
}

func TestPeopleNeverReadWhatLayUnderAnError(t *testing.T) {
	err := Wrap(Internal, Errorf(Invalid, "secret"), "")
	if s := SentenceOf(err); strings.Contains(s, "secret") || s == "" {
		t.Errorf("sentence %q", s)
	}
	if KindOf(nil) != "" || SentenceOf(nil) != "" {
		t.Error("nil has a kind or a sentence")
	}
}
