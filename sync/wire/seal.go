package wire

import (
	"crypto/rand"

	"golang.org/x/crypto/chacha20poly1305"

	"dingkao/exam"
	"dingkao/exam/paper"
)

// KeySize is the size of the key that opens a sealed paper, in bytes.
const KeySize = chacha20poly1305.KeySize

// SealPaper encrypts an encoded paper (XChaCha20-Poly1305). The paper's id is
// bound in: the cipher text of one paper cannot be passed off as another. The
// nonce stands first.
func SealPaper(id paper.ID, key, encoded []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, exam.Wrap(exam.Internal, err, "试卷没有加密成功")
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(encoded)+aead.Overhead())
	rand.Read(nonce)
	return aead.Seal(nonce, nonce, encoded, paperContext(id)), nil
}

// OpenPaper decrypts and reads a sealed paper. The error is Damaged: the key, the
// id or the bytes are others.
func OpenPaper(id paper.ID, key, sealed []byte) (paper.Paper, error) {
	damaged := func(err error) (paper.Paper, error) {
		return paper.Paper{}, exam.Wrap(exam.Damaged, err, "试卷没有打开，请举手告诉监考员")
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return damaged(err)
	}
	if len(sealed) < aead.NonceSize() {
		return damaged(nil)
	}
	encoded, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], paperContext(id))
	if err != nil {
		return damaged(err)
	}
	p, err := paper.Decode(encoded)
	if err != nil {
		return damaged(err)
	}
	if p.ID != id {
		return damaged(nil)
	}
	return p, nil
}

func paperContext(id paper.ID) []byte { return []byte("dingkao sealed paper 1\n" + string(id)) }
