package registry

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	mrand "math/rand/v2"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/argon2"

	"dingkao/exam"
)

// hasher computes password hashes, a bounded number at a time and with a
// bounded queue before them: each takes megabytes, and a room that signs in at
// one instant must not take the server down.
type hasher struct {
	cost  HashCost
	slots chan struct{}
	mu    sync.Mutex
	queue int // guarded by mu: those that wait for a slot
	dummy string
}

const keyLen = 32

func newHasher(c HashCost) *hasher {
	h := &hasher{cost: c, slots: make(chan struct{}, c.AtOnce)}
	// What a sign-in to an account that is not there is compared with: as dear
	// as any other, and equal to nothing.
	h.dummy = h.encode(make([]byte, 16), make([]byte, keyLen))
	return h
}

func (h *hasher) encode(salt, key []byte) string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.cost.MemoryKiB, h.cost.Passes, h.cost.Lanes,
		b.EncodeToString(salt), b.EncodeToString(key))
}

// enter takes a slot; leave gives it back. The error is Unavailable (BusyError)
// where too many wait already.
func (h *hasher) enter(ctx context.Context) error {
	select {
	case h.slots <- struct{}{}:
		return nil
	default:
	}
	h.mu.Lock()
	if h.queue >= h.cost.Waiting {
		h.mu.Unlock()
		return &BusyError{RetryAfter: time.Duration(2+mrand.IntN(6)) * time.Second,
			err: exam.Errorf(exam.Unavailable, "登录的人太多，请等几秒再试；填写的内容都在")}
	}
	h.queue++
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		h.queue--
		h.mu.Unlock()
	}()
	select {
	case h.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return exam.Wrap(exam.Unavailable, ctx.Err(), "登录的人太多，请等几秒再试；填写的内容都在")
	}
}

func (h *hasher) leave() { <-h.slots }

// hash encodes a new password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer h.leave()
	salt := make([]byte, 16)
	rand.Read(salt)
	return h.encode(salt, argon2.IDKey([]byte(password), salt, h.cost.Passes, h.cost.MemoryKiB, h.cost.Lanes, keyLen)), nil
}

// matches compares a password with an account's, at the same cost whether the
// account is there (found), still has the first password (stored empty), or not.
func (h *hasher) matches(ctx context.Context, password, stored string, found bool) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer h.leave()
	against := stored
	if stored == "" || !found {
		against = h.dummy
	}
	same, err := compare(password, against)
	if err != nil {
		return false, exam.Wrap(exam.Internal, err, "")
	}
	if !found {
		return false, nil
	}
	if stored == "" {
		return subtle.ConstantTimeCompare([]byte(password), []byte(exam.FirstPassword)) == 1, nil
	}
	return same, nil
}

func compare(password, stored string) (bool, error) {
	parts := strings.Split(stored, "$")
	if len(parts) != 6 || parts[1] != "argon2id" {
		return false, fmt.Errorf("an account has a password of an unknown form")
	}
	var memory, passes uint32
	var lanes uint8
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil || passes == 0 || lanes == 0 || memory > 1<<20 {
		return false, fmt.Errorf("an account has a password of an unknown cost")
	}
	salt, err1 := base64.RawStdEncoding.DecodeString(parts[4])
	key, err2 := base64.RawStdEncoding.DecodeString(parts[5])
	if err1 != nil || err2 != nil || len(key) == 0 {
		return false, fmt.Errorf("an account has a damaged password")
	}
	return subtle.ConstantTimeCompare(argon2.IDKey([]byte(password), salt, passes, memory, lanes, uint32(len(key))), key) == 1, nil
}
