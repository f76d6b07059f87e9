package paper

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math"

	"dingkao/exam"
)

// Seed decides all that is drawn or shuffled. One who knows the seed of a draw and
// the banks knows the paper: it is as secret as the paper itself.
type Seed [32]byte

// SeedOf makes a seed of texts: the SHA-256 of each text behind its length.
func SeedOf(parts ...string) Seed {
	b := append([]byte("dingkao/paper/seed"), 0)
	for _, p := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(p)))
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}

// MarshalText is the seed in 64 hexadecimal digits.
func (s Seed) MarshalText() ([]byte, error) { return hex.AppendEncode(nil, s[:]), nil }

// UnmarshalText reads 64 hexadecimal digits. The error is Invalid.
func (s *Seed) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil || len(raw) != len(s) {
		return exam.Errorf(exam.Invalid, "种子应为64位十六进制数")
	}
	copy(s[:], raw)
	return nil
}

// stream is a sequence of pseudo-random numbers. It must give the same numbers
// in every release and on every machine, so it is made here and of nothing but
// HMAC-SHA-256 in counter mode (as in NIST SP 800-108, section 4.1): block i is
// HMAC(seed, label ‖ 0 ‖ i) with i in eight bytes, counted from 0; each block
// gives four numbers of 64 bits, all big-endian.
type stream struct {
	seed  Seed
	label string
	block uint64
	left  []byte
}

// newStream begins a sequence. Two labels give two sequences that have nothing to
// do with each other.
func newStream(seed Seed, label string) *stream { return &stream{seed: seed, label: label} }

func (s *stream) next() uint64 {
	if len(s.left) < 8 {
		h := hmac.New(sha256.New, s.seed[:])
		h.Write([]byte(s.label))
		h.Write(binary.BigEndian.AppendUint64([]byte{0}, s.block))
		s.left = h.Sum(nil)
		s.block++
	}
	v := binary.BigEndian.Uint64(s.left)
	s.left = s.left[8:]
	return v
}

// below is an even number from 0 to n-1, for n > 0: numbers from the last,
// incomplete run of n are thrown away, so that none comes up more often.
func (s *stream) below(n int) int {
	m := uint64(n)
	whole := math.MaxUint64 - (math.MaxUint64%m+1)%m // the last number of the last whole run
	for {
		if v := s.next(); v <= whole {
			return int(v % m)
		}
	}
}

// perm is an even permutation of 0 to n-1 (Fisher and Yates, from the end).
func (s *stream) perm(n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := s.below(i + 1)
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// Perm is an even permutation of 0 to n-1, for those outside of this package who
// shuffle by a seed. Two labels give two that have nothing to do with each other.
func (s Seed) Perm(label string, n int) []int { return newStream(s, "perm/"+label).perm(n) }
