package wire

import (
	"crypto/ed25519"
	"fmt"

	"dingkao/exam"
)

// Receipt is the registry's signed word that it holds a stream up to Seq, whose
// entry has the hash Head. With it both sides can later prove what was
// acknowledged.
type Receipt struct {
	Stream Stream       `json:"stream"`
	Seq    uint64       `json:"seq"`
	Head   Hash         `json:"head"`
	At     exam.Instant `json:"at"`  // registry time
	Key    string       `json:"key"` // id of the signing key
	Sig    []byte       `json:"sig"` // Ed25519 over text, 64 bytes
}

func (r Receipt) text() []byte {
	return fmt.Appendf(nil, "dingkao receipt 1\n%s\n%d\n%s\n%d\n%s\n", r.Stream, r.Seq, r.Head, r.At, r.Key)
}

// Sign sets Key and Sig.
func (r Receipt) Sign(id string, key ed25519.PrivateKey) Receipt {
	r.Key = id
	r.Sig = ed25519.Sign(key, r.text())
	return r
}

// Verify checks the signature against the registry's published keys. The error
// is Damaged.
func (r Receipt) Verify(keys []exam.PublicKey) error {
	for _, k := range keys {
		if k.ID == r.Key && len(k.Key) == ed25519.PublicKeySize && ed25519.Verify(k.Key, r.text(), r.Sig) {
			return nil
		}
	}
	return exam.Errorf(exam.Damaged, "登记处的回执没有通过验证，内容仍保存在本机，稍后会再送出")
}
