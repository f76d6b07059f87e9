package exam

import "strings"

// Identity is a resident identity number (居民身份证号码, GB 11643-1999): 17
// digits and a check character. A value of this type that came from
// ParseIdentity is well formed.
type Identity string

// Sex as GB/T 2261.1 codes it.
type Sex string

const (
	Male   Sex = "1"
	Female Sex = "2"
)

// Text is 男 or 女, empty for anything else.
func (s Sex) Text() string {
	switch s {
	case Male:
		return "男"
	case Female:
		return "女"
	}
	return ""
}

// ParseIdentity reads a number as typed: spaces are dropped, full-width digits
// and a lower-case x are taken for what they mean. The error is Invalid and
// says what is wrong: length, a sign, the date of birth or the check digit
// (GB 11643: the sum of digit·weight modulo 11 indexes 10X98765432).
func ParseIdentity(s string) (Identity, error) {
	bad := func(sentence string) (Identity, error) {
		return "", &Error{Kind: Invalid, Field: "identity", Sentence: sentence}
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == ' ' || r == '\u3000' || r == '\t':
			continue
		case r >= '0' && r <= '9', r == 'X':
			b.WriteRune(r)
		case r >= '\uff10' && r <= '\uff19': // full-width digits
			b.WriteRune(r - '\uff10' + '0')
		case r == 'x' || r == '\uff38' || r == '\uff58': // full-width X, x
			b.WriteByte('X')
		default:
			return bad("身份证号只能有数字，末位可以是 X")
		}
	}
	id := b.String()
	if len(id) != 18 {
		return bad("身份证号应为18位，请核对后再输入")
	}
	if strings.Contains(id[:17], "X") {
		return bad("身份证号前17位只能是数字")
	}
	birth := id[6:10] + "-" + id[10:12] + "-" + id[12:14]
	if _, err := ParseDate(birth); err != nil {
		return bad("身份证号中的出生日期不对，请核对第7至14位")
	}
	if checkDigit(id) != id[17] {
		return bad("身份证号的校验位不对，请逐位核对")
	}
	return Identity(id), nil
}

func checkDigit(id string) byte {
	weights := [17]int{7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2}
	sum := 0
	for i, w := range weights {
		sum += int(id[i]-'0') * w
	}
	return "10X98765432"[sum%11]
}

// WithCheckDigit completes 17 digits, for sample data. It panics on anything else.
func WithCheckDigit(digits string) Identity {
	if len(digits) != 17 || strings.Trim(digits, "0123456789") != "" {
		panic("exam.WithCheckDigit: want 17 digits")
	}
	return Identity(digits + string(checkDigit(digits)))
}

// Birth is the date of birth in digits 7 to 14.
func (id Identity) Birth() Date {
	if len(id) != 18 {
		return ""
	}
	return Date(id[6:10] + "-" + id[10:12] + "-" + id[12:14])
}

// Sex is male where the 17th digit is odd.
func (id Identity) Sex() Sex {
	if len(id) != 18 {
		return ""
	}
	if id[16]%2 == 1 {
		return Male
	}
	return Female
}

// Masked is how screens and logs show it: 1101************16 keeps the first
// four and the last two signs of 18.
func (id Identity) Masked() string { return MaskNumber(string(id)) }

// MaskNumber hides the middle of any document number.
func MaskNumber(s string) string {
	if len(s) <= 6 {
		return strings.Repeat("*", len(s))
	}
	return s[:4] + strings.Repeat("*", len(s)-6) + s[len(s)-2:]
}
