package local

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	bolt "go.etcd.io/bbolt"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"dingkao/exam"
)

// passwordCost is what one guess at a password costs (argon2id).
type passwordCost struct {
	Passes    uint32 `json:"passes"`
	MemoryKiB uint32 `json:"memoryKiB"`
	Lanes     uint8  `json:"lanes"`
}

// cost is for new wraps; about a tenth of a second on a small PC.
var cost = passwordCost{Passes: 2, MemoryKiB: 64 << 10, Lanes: 1}

func (c passwordCost) sane() bool {
	return c.Passes >= 1 && c.Passes <= 16 && c.MemoryKiB >= 8 && c.MemoryKiB <= 1<<20 && c.Lanes >= 1 && c.Lanes <= 16
}

func (c passwordCost) key(password string, salt []byte) []byte {
	return argon2.IDKey([]byte(password), salt, c.Passes, c.MemoryKiB, c.Lanes, chacha20poly1305.KeySize)
}

// header is what stands in clear at the head of a vault: its data key, wrapped
// twice.
type header struct {
	ID         string       `json:"id"` // random; also the bucket's name
	Cost       passwordCost `json:"cost"`
	Salt       []byte       `json:"salt"`
	ByPassword []byte       `json:"byPassword"`
	ByTerminal []byte       `json:"byTerminal"`
	Terminal   string       `json:"terminal"` // which key of the terminal
}

var keyHeader = []byte("header")

// Vault is one doctor's part of the file, open.
type Vault struct {
	store *Store
	id    string
	key   []byte
	login string
}

// nameOf is under what name a login's vault stands: nothing can be read from it
// without the terminal's key.
func (s *Store) nameOf(login string) []byte {
	m := hmac.New(sha256.New, s.derived("names"))
	m.Write([]byte(login))
	return []byte(hex.EncodeToString(m.Sum(nil)))
}

func (s *Store) derived(use string) []byte {
	k, err := hkdf.Key(sha256.New, s.key, nil, "dingkao terminal "+use, 32)
	if err != nil {
		panic(err) // only for lengths that are not ours
	}
	return k
}

// keyID says which key of the terminal wrapped a vault, without revealing it.
func (s *Store) keyID() string { return hex.EncodeToString(s.derived("id")[:8]) }

// Known says whether this doctor has a vault here.
func (s *Store) Known(login string) bool {
	found := false
	_ = s.run(false, func(tx *bolt.Tx) error {
		found = tx.Bucket(bucketNames).Get(s.nameOf(login)) != nil
		return nil
	})
	return found
}

// Unlock opens a doctor's vault with the password alone: the way in without a
// line. Errors: NotFound (never signed in here), WrongPassword, Damaged.
func (s *Store) Unlock(login, password string) (*Vault, error) {
	h, found, err := s.header(login)
	if err != nil {
		return nil, err
	}
	if !found {
		v, err := s.adopt(login, password)
		if v == nil && err == nil {
			err = exam.Errorf(exam.NotFound, "您还没有在这台电脑上登录过，没有网络时不能进入；请连上网络后登录一次")
		}
		return v, err
	}
	if v := s.byPassword(h, login, password); v != nil {
		if h.Terminal != s.keyID() {
			err = v.wrap(password)
		}
		return v, err
	}
	return nil, exam.Errorf(exam.WrongPassword, "密码不对；没有网络时请输入上一次在这台电脑上登录所用的密码")
}

// Admit opens a doctor's vault after the registry has taken the password for
// right, and makes one where there is none. A vault under an older password is
// opened with the terminal's key and wrapped anew. One that neither opens is
// left where it is and stands in Damages; the doctor gets a new one.
func (s *Store) Admit(login, password string) (*Vault, error) {
	h, found, err := s.header(login)
	if err != nil && exam.KindOf(err) != exam.Damaged {
		return nil, err
	}
	if err == nil && found {
		if v := s.byPassword(h, login, password); v != nil {
			if h.Terminal != s.keyID() {
				return v, v.wrap(password)
			}
			return v, nil
		}
		if key, ok := open(s.derived("wrap"), h.ByTerminal, "terminal", h.ID, string(s.nameOf(login))); ok {
			v := &Vault{store: s, id: h.ID, key: key, login: login}
			return v, v.wrap(password)
		}
		s.mu.Lock()
		s.damages = append(s.damages, Damage{Aside: s.path + "#" + h.ID, Err: errors.New("vault opens neither with the password nor with the terminal's key")})
		s.mu.Unlock()
	}
	if err == nil && !found {
		if v, err := s.adopt(login, password); v != nil || err != nil {
			return v, err
		}
	}
	v := &Vault{store: s, id: hex.EncodeToString(random(16)), key: random(chacha20poly1305.KeySize), login: login}
	return v, v.wrap(password)
}

// Rewrap puts a new password in the place of the old one.
func (v *Vault) Rewrap(password string) error { return v.wrap(password) }

// wrap wraps the vault's key under password and the terminal's key, and enters
// it under its doctor's name. The login is bound to the wraps: two doctors who
// chose the same password still cannot open each other's vault.
func (v *Vault) wrap(password string) error {
	s := v.store
	h := header{ID: v.id, Cost: cost, Salt: random(16), Terminal: s.keyID()}
	h.ByPassword = seal(h.Cost.key(password, h.Salt), v.key, "password", h.ID, v.login)
	h.ByTerminal = seal(s.derived("wrap"), v.key, "terminal", h.ID, string(s.nameOf(v.login)))
	raw, err := json.Marshal(h)
	if err != nil {
		return err
	}
	return s.run(true, func(tx *bolt.Tx) error {
		b, err := tx.Bucket(bucketVaults).CreateBucketIfNotExists([]byte(v.id))
		if err != nil {
			return err
		}
		for _, name := range vaultBuckets {
			if _, err := b.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		if err := b.Put(keyHeader, raw); err != nil {
			return err
		}
		return tx.Bucket(bucketNames).Put(s.nameOf(v.login), []byte(v.id))
	})
}

func (s *Store) header(login string) (header, bool, error) {
	var h header
	found := false
	err := s.run(false, func(tx *bolt.Tx) error {
		id := tx.Bucket(bucketNames).Get(s.nameOf(login))
		if id == nil {
			return nil
		}
		found = true
		b := tx.Bucket(bucketVaults).Bucket(id)
		if b == nil || json.Unmarshal(b.Get(keyHeader), &h) != nil || h.ID != string(id) || !h.Cost.sane() {
			return exam.Errorf(exam.Damaged, "本机为您保存的内容读不出来，没有改动；请连上网络后登录，并联系系统管理员")
		}
		return nil
	})
	return h, found, err
}

func (s *Store) byPassword(h header, login, password string) *Vault {
	key, ok := open(h.Cost.key(password, h.Salt), h.ByPassword, "password", h.ID, login)
	if !ok {
		return nil
	}
	return &Vault{store: s, id: h.ID, key: key, login: login}
}

// mostAdopted bounds how many vaults of another key are tried.
const mostAdopted = 64

// adopt looks for the doctor's vault among those that an earlier key of this
// terminal named: after that key was lost only the password can tell. It
// returns nil, nil where there is none.
func (s *Store) adopt(login, password string) (*Vault, error) {
	var old []header
	err := s.run(false, func(tx *bolt.Tx) error {
		vaults := tx.Bucket(bucketVaults)
		return vaults.ForEachBucket(func(id []byte) error {
			var h header
			if json.Unmarshal(vaults.Bucket(id).Get(keyHeader), &h) == nil && h.ID == string(id) &&
				h.Cost.sane() && h.Terminal != s.keyID() && len(old) < mostAdopted {
				old = append(old, h)
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	for _, h := range old {
		if v := s.byPassword(h, login, password); v != nil {
			return v, v.wrap(password)
		}
	}
	return nil, nil
}

// seal encrypts plain; where it belongs is bound to it.
func seal(key, plain []byte, place ...string) []byte {
	a, err := chacha20poly1305.NewX(key)
	if err != nil {
		panic(err) // only for keys of a wrong length
	}
	nonce := random(a.NonceSize())
	return a.Seal(nonce, nonce, plain, bound(place))
}

func open(key, sealed []byte, place ...string) ([]byte, bool) {
	a, err := chacha20poly1305.NewX(key)
	if err != nil || len(sealed) < a.NonceSize() {
		return nil, false
	}
	plain, err := a.Open(nil, sealed[:a.NonceSize()], sealed[a.NonceSize():], bound(place))
	return plain, err == nil
}

func bound(place []string) []byte {
	b := []byte("dingkao local 1")
	for _, p := range place {
		b = append(b, byte(len(p)>>8), byte(len(p)))
		b = append(b, p...)
	}
	return b
}
