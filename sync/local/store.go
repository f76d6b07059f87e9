// Package local is the terminal's memory: one bbolt file for each terminal, in
// which everything that a doctor wrote rests until the registry has it, and
// after.
//
// It promises:
//   - When Update returns nil, all that it wrote is on disk (one synced
//     transaction); when it returns an error, nothing of it is. A full disk is an
//     error of its own ([ErrDiskFull]) and leaves the file as it was.
//   - Every value of a doctor is sealed (XChaCha20-Poly1305; where it lies is
//     part of what is sealed) with that doctor's own key. The doctor's password
//     opens that key without a network; the terminal's key, in a file beside,
//     opens it once the registry has said yes, so a password that was changed
//     elsewhere locks nobody out. No identity number stands in the file in clear.
//   - A file that does not verify is put aside whole, and said so ([Damage]),
//     never dropped and never half read.
//   - One process at a time: a second one gets [ErrInUse] at once.
//
// It holds no rules: what an entry means is in exam, what is sent when is in
// sync/outbox.
package local

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"dingkao/exam"
)

var (
	// ErrInUse is under the error of Open when another process has the file.
	ErrInUse = errors.New("file is in use by another process")
	// ErrDiskFull is under the error of a write that found no room.
	ErrDiskFull = errors.New("no room on the disk")
	// ErrClosed is under the error of any use after Close.
	ErrClosed = errors.New("store is closed")
)

// Names of buckets. Below bucketVaults stands one bucket for each doctor.
var (
	bucketMeta   = []byte("meta")
	bucketNames  = []byte("names")  // HMAC of a login -> id of a vault
	bucketVaults = []byte("vaults") // id of a vault -> its bucket

	keyFormat   = []byte("format")
	keyTerminal = []byte("terminal")
	keyAbout    = []byte("about")
)

// format is the version of the file's layout.
const format = "1"

// Damage says that a file could not be read and what became of it.
type Damage struct {
	Aside string // where the damaged file stands now
	Err   error  // for the log
}

// Sentence is for the doctor.
func (d Damage) Sentence() string {
	return "本机的数据文件损坏，已原样另存为 " + filepath.Base(d.Aside) + "，没有删除；已送到登记处的内容都在，请联系系统管理员处理另存的文件"
}

// Store is the terminal's file. It is safe for use by many goroutines.
type Store struct {
	path     string
	key      []byte // the terminal's key, 32 bytes
	terminal string
	damages  []Damage

	mu sync.RWMutex // held for reading while db is in use, for writing to replace it
	db *bolt.DB     // nil after Close
}

// Open opens the file at path, or makes it; its folder is made too. Beside it
// stands the terminal's key, path + ".key". Errors: Refused around [ErrInUse],
// Internal around [ErrDiskFull] or whatever the disk says.
func Open(path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, wrote(err)
	}
	s := &Store{path: path}
	db, err := openBolt(path)
	if err != nil && exam.KindOf(err) == exam.Damaged {
		aside, moved := putAside(path)
		if moved != nil {
			return nil, exam.Wrap(exam.Damaged, errors.Join(err, moved), "本机的数据文件损坏，也无法另存；文件没有改动，请联系系统管理员")
		}
		s.damages = append(s.damages, Damage{Aside: aside, Err: err})
		db, err = openBolt(path)
	}
	if err != nil {
		return nil, err
	}
	s.db = db
	if err := s.begin(); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// begin reads or makes the terminal's key, name and buckets.
func (s *Store) begin() error {
	key, damage, err := terminalKey(s.path + ".key")
	if err != nil {
		return err
	}
	if damage != nil {
		s.damages = append(s.damages, *damage)
	}
	s.key = key
	ready := false
	err = s.run(false, func(tx *bolt.Tx) error {
		m := tx.Bucket(bucketMeta)
		if m == nil {
			return nil
		}
		if f := m.Get(keyFormat); string(f) != format {
			return exam.Errorf(exam.Refused, "本机的数据文件由另一个版本的程序写成，没有改动；请安装最新版本后再打开")
		}
		s.terminal = string(m.Get(keyTerminal))
		ready = s.terminal != ""
		return nil
	})
	if err != nil || ready {
		return err
	}
	s.terminal = "t-" + hex.EncodeToString(random(8))
	return s.run(true, func(tx *bolt.Tx) error {
		for _, b := range [][]byte{bucketMeta, bucketNames, bucketVaults} {
			if _, err := tx.CreateBucketIfNotExists(b); err != nil {
				return err
			}
		}
		m := tx.Bucket(bucketMeta)
		if err := m.Put(keyFormat, []byte(format)); err != nil {
			return err
		}
		return m.Put(keyTerminal, []byte(s.terminal))
	})
}

// Close closes the file. It may be called more than once.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db == nil {
		return nil
	}
	err := s.db.Close()
	s.db = nil
	return err
}

// Terminal is this terminal's own name: the writer of its entries.
func (s *Store) Terminal() string { return s.terminal }

// Damages are what was found damaged and put aside since this Open.
func (s *Store) Damages() []Damage {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return append([]Damage(nil), s.damages...)
}

// SetAbout keeps what the registry said of itself. It is public, so it lies in
// the open.
func (s *Store) SetAbout(a exam.About) error {
	raw, err := json.Marshal(a)
	if err != nil {
		return err
	}
	same := false
	_ = s.run(false, func(tx *bolt.Tx) error {
		same = bytes.Equal(tx.Bucket(bucketMeta).Get(keyAbout), raw)
		return nil
	})
	if same {
		return nil
	}
	return s.run(true, func(tx *bolt.Tx) error { return tx.Bucket(bucketMeta).Put(keyAbout, raw) })
}

// About is what SetAbout kept last; the zero value where it never did.
func (s *Store) About() exam.About {
	var a exam.About
	_ = s.run(false, func(tx *bolt.Tx) error {
		if raw := tx.Bucket(bucketMeta).Get(keyAbout); raw != nil {
			return json.Unmarshal(raw, &a)
		}
		return nil
	})
	return a
}

// run runs f in a transaction. A page that cannot be read ends in a Damaged
// error rather than in the end of the program. A commit that failed leaves
// bbolt's picture of the file uncertain, so the file is opened anew.
func (s *Store) run(write bool, f func(*bolt.Tx) error) error {
	s.mu.RLock()
	db := s.db
	if db == nil {
		s.mu.RUnlock()
		return exam.Wrap(exam.Internal, ErrClosed, "程序正在退出，这一步没有保存；请重新打开后再试")
	}
	var failed error // of f itself
	err := guarded(func() error {
		if !write {
			failed = db.View(f)
			return failed
		}
		return db.Update(func(tx *bolt.Tx) error {
			failed = f(tx)
			return failed
		})
	})
	s.mu.RUnlock()
	if err == nil || failed != nil && errors.Is(err, failed) {
		return asWrite(err)
	}
	if write {
		s.reopen(db)
	}
	return asWrite(err)
}

func (s *Store) reopen(was *bolt.DB) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.db != was || s.db == nil {
		return
	}
	_ = guarded(s.db.Close)
	s.db = nil
	for range 20 { // another program may look at the file for a moment
		if db, err := openBolt(s.path); err == nil {
			s.db = db
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// asWrite leaves errors of ours alone and translates those of the disk.
func asWrite(err error) error {
	if err == nil {
		return nil
	}
	if _, ours := errors.AsType[*exam.Error](err); ours {
		return err
	}
	return wrote(err)
}

// wrote translates an error of the disk.
func wrote(err error) error {
	if diskFull(err) {
		return exam.Wrap(exam.Internal, fmt.Errorf("%w: %w", ErrDiskFull, err), "本机磁盘已满，这一步没有保存；此前保存的内容都在，请清理磁盘后再保存一次")
	}
	return exam.Wrap(exam.Internal, err, "本机磁盘写入失败，这一步没有保存；此前保存的内容都在，请重试或联系系统管理员")
}

// diskFull knows a full disk also where bbolt has kept only the text.
func diskFull(err error) bool {
	for _, e := range fullErrors {
		if errors.Is(err, e) || strings.Contains(err.Error(), e.Error()) {
			return true
		}
	}
	return false
}

// guarded turns a fault or a panic of bbolt on a damaged file into an error.
func guarded(f func() error) (err error) {
	was := debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(was)
	defer func() {
		if p := recover(); p != nil {
			err = exam.Wrap(exam.Damaged, fmt.Errorf("%v\n%s", p, debug.Stack()), "本机的数据文件有一处读不出来；已送到登记处的内容都在，请重新启动程序")
		}
	}()
	return f()
}

// openBolt opens the file and reads through all of its pages but the inside of
// large values. The error is Damaged where it cannot be read.
func openBolt(path string) (db *bolt.DB, err error) {
	fresh := false
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		fresh = true
	}
	var file *os.File
	err = guarded(func() error {
		var err error
		db, err = bolt.Open(path, 0o600, &bolt.Options{
			Timeout:      time.Millisecond,
			FreelistType: bolt.FreelistMapType,
			OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
				f, err := os.OpenFile(name, flag, mode)
				file = f
				return f, err
			},
		})
		if err != nil {
			return err
		}
		return db.View(func(tx *bolt.Tx) error {
			return tx.ForEach(func(_ []byte, b *bolt.Bucket) error { return walk(b) })
		})
	})
	switch {
	case err == nil:
		if fresh {
			syncDir(path)
		}
		return db, nil
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, exam.Wrap(exam.Refused, ErrInUse, "本机已经打开了一个程序窗口，请使用那个窗口；如果看不到它，请重新启动电脑")
	}
	if db != nil {
		_ = guarded(db.Close)
	}
	if file != nil {
		_ = file.Close() // after a panic nobody else does
	}
	var gone *os.PathError
	if errors.As(err, &gone) || diskFull(err) {
		return nil, wrote(err)
	}
	return nil, exam.Wrap(exam.Damaged, err, "本机的数据文件损坏")
}

// walk touches every key and the end of every value below b.
func walk(b *bolt.Bucket) error {
	sum := byte(0)
	err := b.ForEach(func(k, v []byte) error {
		if v == nil {
			inner := b.Bucket(k)
			if inner == nil {
				return errors.New("a bucket that is none")
			}
			return walk(inner)
		}
		if len(v) > 0 {
			sum ^= v[len(v)-1]
		}
		return nil
	})
	_ = sum
	return err
}

// putAside renames a damaged file so that nothing overwrites it.
func putAside(path string) (string, error) {
	for i := range 100 {
		aside := fmt.Sprintf("%s.damaged-%s", path, time.Now().UTC().Format("20060102T150405Z"))
		if i > 0 {
			aside += fmt.Sprintf("-%d", i)
		}
		if _, err := os.Lstat(aside); !errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err := os.Rename(path, aside); err != nil {
			return "", err
		}
		syncDir(path)
		return aside, nil
	}
	return "", errors.New("no free name for a damaged file")
}

// terminalKey reads or makes the terminal's key.
func terminalKey(path string) ([]byte, *Damage, error) {
	var damage *Damage
	raw, err := os.ReadFile(path)
	switch {
	case err == nil && len(raw) == 32:
		_ = os.Chmod(path, 0o600)
		return raw, nil, nil
	case err == nil:
		aside, err := putAside(path)
		if err != nil {
			return nil, nil, wrote(err)
		}
		damage = &Damage{Aside: aside, Err: errors.New("terminal's key has a wrong length")}
	case !errors.Is(err, os.ErrNotExist):
		return nil, nil, wrote(err)
	}
	key := random(32)
	tmp := path + ".new"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, nil, wrote(err)
	}
	_, err = f.Write(key)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(tmp, path)
	}
	if err != nil {
		_ = os.Remove(tmp)
		return nil, nil, wrote(err)
	}
	syncDir(path)
	return key, damage, nil
}

// syncDir makes a new or renamed file's name durable, where the system can.
func syncDir(path string) {
	if d, err := os.Open(filepath.Dir(path)); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// random is n random bytes; crypto/rand.Read never fails.
func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}
