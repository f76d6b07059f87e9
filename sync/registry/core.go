package registry

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/hex"
	"runtime"
	"strings"
	"time"
	"unicode/utf8"

	"dingkao/exam"
	"dingkao/sync/wire"
)

// defaultQuota is what one account may have uploaded: nine proofs and a photo
// of the largest size, several times over.
const defaultQuota = 64 << 20

// Open makes a registry on a store; it writes nothing. The error is Invalid:
// an option is missing or makes no sense.
func Open(ctx context.Context, o Options) (*Registry, error) {
	bad := func(sentence string) (*Registry, error) { return nil, exam.Errorf(exam.Invalid, "%s", sentence) }
	if o.Store == nil || o.Blobs == nil {
		return bad("登记处没有指定数据库或文件夹，没有启动")
	}
	if len(o.Signing.Receipt) != ed25519.PrivateKeySize || o.Signing.KeyID == "" || len(o.Signing.KeyID) > 64 || strings.ContainsAny(o.Signing.KeyID, "\n\r") {
		return bad("登记处的签名密钥不对，没有启动")
	}
	if o.RehearsalCaptcha != "" && (len(o.RehearsalCaptcha) < 4 || len(o.RehearsalCaptcha) > 8 || strings.Trim(o.RehearsalCaptcha, "0123456789") != "") {
		return bad("演练用的验证码应为4至8位数字，登记处没有启动")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.BlobQuota == 0 {
		o.BlobQuota = defaultQuota
	}
	if o.Hash.MemoryKiB == 0 {
		o.Hash.MemoryKiB = 19 << 10
	}
	if o.Hash.Passes == 0 {
		o.Hash.Passes = 2
	}
	if o.Hash.Lanes == 0 {
		o.Hash.Lanes = 1
	}
	if o.Hash.AtOnce == 0 {
		o.Hash.AtOnce = runtime.GOMAXPROCS(0)
	}
	if o.Hash.Waiting == 0 {
		o.Hash.Waiting = 64 * o.Hash.AtOnce
	}
	r := &Registry{opt: o, store: o.Store, blobs: o.Blobs, hasher: newHasher(o.Hash)}
	r.keys = append([]exam.PublicKey{{ID: o.Signing.KeyID, Key: o.Signing.Receipt.Public().(ed25519.PublicKey)}}, o.OldKeys...)
	return r, nil
}

// now is registry time.
func (r *Registry) now() exam.Instant { return exam.InstantOf(r.opt.Clock()) }

// today is the day in China.
func (r *Registry) today() exam.Date { return r.now().Date() }

// fault tells the log what no caller can be told.
func (r *Registry) fault(message string, err error) {
	if r.opt.Log != nil {
		r.opt.Log(message, err)
	}
}

// About is what the registry says of itself to anyone.
func (r *Registry) About(ctx context.Context) (exam.About, error) {
	a := exam.About{Name: r.opt.Name, Version: r.opt.Version, Now: r.now(), Support: r.opt.Support, Keys: r.keys, VerifyURL: r.opt.VerifyURL}
	err := r.store.View(ctx, func(tx Reader) (err error) {
		a.Provinces, err = tx.Provinces()
		return err
	})
	return a, err
}

// receipt is the signed word about an entry that the store holds. It hangs on
// what is stored alone, so asking twice gives the same.
func (r *Registry) receipt(stream wire.Stream, seq uint64, hash wire.Hash, received exam.Instant) wire.Receipt {
	return wire.Receipt{Stream: stream, Seq: seq, Head: hash, At: received}.Sign(r.opt.Signing.KeyID, r.opt.Signing.Receipt)
}

// newID makes an opaque id of 128 random bits behind a letter that tells ids
// apart for people.
func newID(letter string) string {
	var b [16]byte
	rand.Read(b[:])
	return letter + hex.EncodeToString(b[:])
}

// clean says whether every text is one line that any store keeps, of at most
// most signs.
func clean(most int, texts ...string) bool {
	for _, s := range texts {
		if !utf8.ValidString(s) || utf8.RuneCountInString(s) > most {
			return false
		}
		for _, c := range s {
			if c < ' ' || c == 0x7f {
				return false
			}
		}
	}
	return true
}

// tidy makes any text fit for the audit log.
func tidy(s string, most int) string {
	var b strings.Builder
	n := 0
	for _, c := range strings.ToValidUTF8(s, "?") {
		if c < ' ' || c == 0x7f {
			c = ' '
		}
		if n++; n > most {
			break
		}
		b.WriteRune(c)
	}
	return b.String()
}
