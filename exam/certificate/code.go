package certificate

import (
	"strings"

	"rsc.io/qr/coding"

	"dingkao/exam"
)

// QRCode lays a signed text out as a QR code of error correction level M. The
// address is put in as bytes and the token in the closer alphanumeric set, which
// saves one or two versions over one set for all. The error is TooLarge past
// version 12: such a code cannot be scanned at 25 mm.
func QRCode(text string) (*coding.Code, error) {
	at := strings.LastIndexByte(text, '/') + 1
	var parts []coding.Encoding
	if at > 0 {
		parts = append(parts, coding.String(text[:at]))
	}
	if token := coding.Alpha(text[at:]); at < len(text) && token.Check() == nil {
		parts = append(parts, token)
	} else {
		parts = []coding.Encoding{coding.String(text)}
	}
	for v := coding.Version(1); v <= 12; v++ {
		bits := 0
		for _, p := range parts {
			bits += p.Bits(v)
		}
		if bits > v.DataBytes(coding.M)*8 {
			continue
		}
		plan, err := coding.NewPlan(v, coding.M, 0)
		if err != nil {
			return nil, exam.Wrap(exam.Internal, err, "二维码没有生成，通知书没有签发")
		}
		code, err := plan.Encode(parts...)
		if err != nil {
			return nil, exam.Wrap(exam.Internal, err, "二维码没有生成，通知书没有签发")
		}
		return code, nil
	}
	return nil, exam.Errorf(exam.TooLarge, "核验网址太长，二维码印不清楚，通知书没有签发；请系统管理员缩短网址")
}
