package picture

import (
	"bytes"
	"encoding/binary"
)

// Markers of JPEG (ITU T.81, annex B).
const (
	mSOF0 = 0xc0 // baseline
	mSOF1 = 0xc1 // extended sequential
	mSOF2 = 0xc2 // progressive
	mDHT  = 0xc4
	mRST0 = 0xd0
	mRST7 = 0xd7
	mSOI  = 0xd8
	mEOI  = 0xd9
	mSOS  = 0xda
	mDQT  = 0xdb
	mDRI  = 0xdd
	mAPP0 = 0xe0
	mAPP1 = 0xe1
)

// walk goes through the segments of a JPEG and says what is wrong with them;
// "" for nothing. It bounds itself by data alone.
func walk(data []byte) string {
	if len(data) < 4 || data[0] != 0xff || data[1] != mSOI {
		return "no start of image"
	}
	frames, scans := 0, 0
	for at := 2; ; {
		if at+2 > len(data) || data[at] != 0xff {
			return "no marker where one belongs"
		}
		marker := data[at+1]
		if marker == 0xff { // a fill byte
			at++
			continue
		}
		at += 2
		if marker == mEOI {
			switch {
			case at != len(data):
				return "bytes behind the end"
			case frames != 1 || scans == 0:
				return "no picture in it"
			}
			return ""
		}
		if at+2 > len(data) {
			return "cut off in a segment"
		}
		n := int(binary.BigEndian.Uint16(data[at:]))
		if n < 2 || at+n > len(data) {
			return "cut off in a segment"
		}
		body := data[at+2 : at+n]
		at += n
		switch marker {
		case mDQT, mDHT, mDRI:
		case mSOF0, mSOF1, mSOF2:
			frames++
			if len(body) < 6 || body[0] != 8 || body[5] != 1 && body[5] != 3 {
				return "neither grey nor colour of 8 bits"
			}
		case mAPP0:
			if !bytes.HasPrefix(body, []byte("JFIF\x00")) || len(body) < 14 || len(body) != 14+3*int(body[12])*int(body[13]) || body[12] != 0 {
				return "an application segment that is not plain JFIF"
			}
		case mSOS:
			scans++
			for { // entropy-coded data, up to the next marker
				i := bytes.IndexByte(data[at:], 0xff)
				if i < 0 || at+i+1 >= len(data) {
					return "cut off in the picture"
				}
				at += i
				if next := data[at+1]; next == 0 || next >= mRST0 && next <= mRST7 {
					at += 2
					continue
				}
				break
			}
		default:
			return "a segment that does not belong"
		}
	}
}

// orientation is the EXIF orientation of a JPEG, 1 to 8; 1 where it has none
// that can be read.
func orientation(data []byte) int {
	for at := 2; at+4 <= len(data) && data[at] == 0xff; {
		marker := data[at+1]
		if marker == 0xff {
			at++
			continue
		}
		if marker == mSOS || marker == mEOI {
			break
		}
		n := int(binary.BigEndian.Uint16(data[at+2:]))
		if n < 2 || at+2+n > len(data) {
			break
		}
		body := data[at+4 : at+2+n]
		if tiff, ok := bytes.CutPrefix(body, []byte("Exif\x00\x00")); ok && marker == mAPP1 {
			return tiffOrientation(tiff)
		}
		at += 2 + n
	}
	return 1
}

func tiffOrientation(t []byte) int {
	if len(t) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(t[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := uint64(order.Uint32(t[4:]))
	if at+2 > uint64(len(t)) {
		return 1
	}
	n := uint64(order.Uint16(t[at:]))
	at += 2
	for ; n > 0 && at+12 <= uint64(len(t)); n, at = n-1, at+12 {
		const tag, short = 0x0112, 3
		if order.Uint16(t[at:]) == tag && order.Uint16(t[at+2:]) == short {
			if o := int(order.Uint16(t[at+8:])); o >= 1 && o <= 8 {
				return o
			}
			return 1
		}
	}
	return 1
}
