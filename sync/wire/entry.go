// Package wire is what the two ends of the line say to each other: entries and
// their hash chain, the registry's signed receipts, requests and answers, the
// problems that refuse them, and the paths.
//
// An entry is encoded once, by the terminal or by the registry that writes it,
// and the same bytes lie on disk, cross the line and rest in the registry: the
// hash of an entry is the hash of those bytes. Decode therefore takes the one
// canonical encoding only; whatever would come out differently when encoded
// again is refused. The package holds no rules: what an entry means is in exam.
package wire

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/sitting"
)

// Hash is the SHA-256 of an entry's bytes in 64 lower-case hexadecimal digits.
// The first entry of a stream has the empty Hash before it.
type Hash string

// HashOf is the hash of raw.
func HashOf(raw []byte) Hash {
	sum := sha256.Sum256(raw)
	return Hash(hex.EncodeToString(sum[:]))
}

// BlobHashOf names a blob by its content.
func BlobHashOf(data []byte) exam.BlobHash { return exam.BlobHash(HashOf(data)) }

// Stream names a stream: kind/id, or kind/id/part. A stream has one writer.
type Stream string

// The kinds of stream, each with its one writer.
const (
	KindApplication = "application" // the doctor's terminal: application/<id>
	KindReview      = "review"      // the registry: review/<id>
	KindCertificate = "certificate" // the registry: certificate/<serial>
	KindSitting     = "sitting"     // the terminal that holds the epoch: sitting/<id>/<epoch>
	KindOrders      = "orders"      // the registry: orders/<id>
	KindPractice    = "practice"    // one device of a doctor: practice/<doctor>/<device>
)

// ApplicationStream is the doctor's stream of a dossier.
func ApplicationStream(id exam.ApplicationID) Stream {
	return Stream(KindApplication + "/" + string(id))
}

// ReviewStream is the registry's stream of a dossier.
func ReviewStream(id exam.ApplicationID) Stream { return Stream(KindReview + "/" + string(id)) }

// CertificateStream is the stream of one notice.
func CertificateStream(s exam.Serial) Stream { return Stream(KindCertificate + "/" + string(s)) }

// SittingStream is what the terminal that holds the epoch writes.
func SittingStream(id sitting.ID, epoch sitting.Epoch) Stream {
	return Stream(KindSitting + "/" + string(id) + "/" + strconv.FormatUint(uint64(epoch), 10))
}

// OrdersStream is what proctors order for a sitting.
func OrdersStream(id sitting.ID) Stream { return Stream(KindOrders + "/" + string(id)) }

// PracticeStream is what a doctor practises on one device.
func PracticeStream(d exam.DoctorID, device string) Stream {
	return Stream(KindPractice + "/" + string(d) + "/" + device)
}

// Kind is the part before the first slash.
func (s Stream) Kind() string {
	k, _, _ := strings.Cut(string(s), "/")
	return k
}

// ID is the part between the first slash and the second, or the end.
func (s Stream) ID() string {
	_, rest, _ := strings.Cut(string(s), "/")
	id, _, _ := strings.Cut(rest, "/")
	return id
}

// Part is what stands behind the second slash: a sitting's epoch, a practice's
// device; empty for the other kinds.
func (s Stream) Part() string {
	_, rest, _ := strings.Cut(string(s), "/")
	_, part, _ := strings.Cut(rest, "/")
	return part
}

// Epoch is the epoch of a sitting's stream; 0 where it is none.
func (s Stream) Epoch() sitting.Epoch {
	if s.Kind() != KindSitting {
		return 0
	}
	n, err := strconv.ParseUint(s.Part(), 10, 32)
	if err != nil || strconv.FormatUint(n, 10) != s.Part() {
		return 0
	}
	return sitting.Epoch(n)
}

// Valid says whether s is a known kind with a well-formed id, and with the part
// that its kind has: letters, digits and "-_." without a leading dot, 1 to 64 of
// them; an epoch is a number from 1.
func (s Stream) Valid() bool {
	_, rest, _ := strings.Cut(string(s), "/")
	id, part, parted := strings.Cut(rest, "/")
	switch s.Kind() {
	case KindApplication, KindReview, KindCertificate, KindOrders:
		return named(id) && !parted
	case KindSitting:
		return named(id) && s.Epoch() > 0
	case KindPractice:
		return named(id) && named(part)
	}
	return false
}

func named(id string) bool {
	if len(id) == 0 || len(id) > 64 || id[0] == '.' {
		return false
	}
	for _, r := range id {
		if !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_' || r == '.') {
			return false
		}
	}
	return true
}

// Entry is one entry of a stream. Seq counts from 1.
type Entry struct {
	Stream Stream          `json:"stream"`
	Seq    uint64          `json:"seq"`
	Prev   Hash            `json:"prev"`   // of the entry before; empty for the first
	At     exam.Instant    `json:"at"`     // when it was written: registry time, or the terminal's estimate of it
	Writer string          `json:"writer"` // the terminal's id, or the registry's key id
	Kind   string          `json:"kind"`   // what happened; for dossiers an application.Act
	Body   json.RawMessage `json:"body"`   // by Kind; an object
}

// MostEntry bounds an encoded entry, in bytes.
const MostEntry = 256 << 10

// Encode is the canonical encoding of e: JSON without white space, the fields in
// their order above. The error is Invalid: e breaks a bound or its body is no
// JSON object.
func Encode(e Entry) ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	raw, err := json.Marshal(e)
	if err != nil {
		return nil, exam.Wrap(exam.Invalid, err, "记录的内容不完整")
	}
	if len(raw) > MostEntry {
		return nil, exam.Errorf(exam.TooLarge, "一次保存的内容太大，最多%dKB", MostEntry>>10)
	}
	return raw, nil
}

// Decode reads the canonical encoding and nothing else. The error is Invalid or TooLarge.
func Decode(raw []byte) (Entry, error) {
	var e Entry
	if len(raw) > MostEntry {
		return e, exam.Errorf(exam.TooLarge, "一次保存的内容太大，最多%dKB", MostEntry>>10)
	}
	if !utf8.Valid(raw) || bytes.IndexByte(raw, 0) >= 0 {
		return e, exam.Errorf(exam.Invalid, "记录不是有效的文字")
	}
	if err := json.Unmarshal(raw, &e); err != nil {
		return Entry{}, exam.Wrap(exam.Invalid, err, "记录的格式不对")
	}
	again, err := Encode(e)
	if err != nil {
		return Entry{}, err
	}
	if !bytes.Equal(again, raw) {
		return Entry{}, exam.Errorf(exam.Invalid, "记录的格式不是约定的写法")
	}
	return e, nil
}

func (e Entry) check() error {
	switch {
	case !e.Stream.Valid():
		return exam.Errorf(exam.Invalid, "记录的归属不对")
	case e.Seq == 0:
		return exam.Errorf(exam.Invalid, "记录没有序号")
	case e.Seq == 1 && e.Prev != "", e.Seq > 1 && (!exam.BlobHash(e.Prev).Valid() || e.Prev == ""):
		return exam.Errorf(exam.Invalid, "记录没有接在上一条之后")
	case e.At < 0, len(e.Writer) == 0, len(e.Writer) > 64, len(e.Kind) == 0, len(e.Kind) > 32:
		return exam.Errorf(exam.Invalid, "记录缺少时间、来源或类别")
	case len(e.Body) < 2 || e.Body[0] != '{':
		return exam.Errorf(exam.Invalid, "记录没有内容")
	case bytes.Contains(e.Body, []byte(`\u0000`)):
		return exam.Errorf(exam.Invalid, "记录里有不能保存的字符")
	}
	return nil
}

// Next makes the entry that follows head in its stream; head is the zero Entry
// and hash "" for a new one. body is encoded to JSON.
func Next(stream Stream, seq uint64, prev Hash, at exam.Instant, writer, kind string, body any) (Entry, []byte, error) {
	b, err := json.Marshal(body)
	if err != nil {
		return Entry{}, nil, exam.Wrap(exam.Internal, err, "内容无法保存")
	}
	e := Entry{Stream: stream, Seq: seq, Prev: prev, At: at, Writer: writer, Kind: kind, Body: b}
	raw, err := Encode(e)
	return e, raw, err
}

// Application reads the entry as the dossier's rules read it. Unknown fields in
// the body are Invalid: two ends of different versions must not fold differently.
func (e Entry) Application() (application.Entry, error) {
	a := application.Entry{Seq: e.Seq, At: e.At, Act: application.Act(e.Kind)}
	if err := e.body(&a.Body); err != nil {
		return a, err
	}
	if want := e.Stream.Kind() == KindApplication; a.Act.ByDoctor() != want {
		return a, exam.Errorf(exam.Invalid, "记录写错了地方")
	}
	return a, nil
}

// Sitting reads the entry as the sitting's rules read it. Unknown fields are
// Invalid, as in Application.
func (e Entry) Sitting() (sitting.Entry, error) {
	s := sitting.Entry{Epoch: e.Stream.Epoch(), Seq: e.Seq, At: e.At, Act: sitting.Act(e.Kind)}
	if err := e.body(&s.Body); err != nil {
		return s, err
	}
	if want := e.Stream.Kind() == KindSitting; s.Act.ByTerminal() != want || !want && e.Stream.Kind() != KindOrders {
		return s, exam.Errorf(exam.Invalid, "记录写错了地方")
	}
	return s, nil
}

func (e Entry) body(v any) error {
	dec := json.NewDecoder(bytes.NewReader(e.Body))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return exam.Wrap(exam.Invalid, err, "记录的内容不对")
	}
	return nil
}
