package local

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/sync/wire"
)

const (
	login  = "110101199003070038"
	stream = wire.Stream("application/a1")
)

func TestMain(m *testing.M) {
	cost = passwordCost{Passes: 1, MemoryKiB: 256, Lanes: 1}
	if child := os.Getenv("LOCAL_CHILD"); child != "" {
		children[child](os.Getenv("LOCAL_PATH"))
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// children are what this binary does when a test starts it again as a process
// of its own.
var children = map[string]func(path string){
	"append": appendForEver,
	"full":   fillUp,
}

func child(t *testing.T, name, path string, prefix ...string) *exec.Cmd {
	t.Helper()
	args := append(prefix, os.Args[0], "-test.run=^$")
	c := exec.Command(args[0], args[1:]...)
	c.Env = append(os.Environ(), "LOCAL_CHILD="+name, "LOCAL_PATH="+path)
	c.Stderr = os.Stderr
	return c
}

func opened(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func admitted(t testing.TB, s *Store, login, password string) *Vault {
	t.Helper()
	v, err := s.Admit(login, password)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// add appends one saved step that says n.
func add(v *Vault, stream wire.Stream, n int) error {
	return v.Update(func(tx *Tx) error {
		c, err := tx.Cursor(stream)
		if err != nil {
			return err
		}
		body := application.Body{Form: &application.Form{Basic: &application.Basic{Mobile: strconv.Itoa(n)}}}
		_, raw, err := wire.Next(stream, c.Head+1, c.Hash, exam.Instant(n), "t-1", string(application.ActSaved), body)
		if err != nil {
			return err
		}
		return tx.Append(stream, raw)
	})
}

func head(t testing.TB, v *Vault) Cursor {
	t.Helper()
	var c Cursor
	if err := v.View(func(tx *Tx) (err error) { c, err = tx.Cursor(stream); return err }); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestWhatWasAppendedIsThereAfterReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "deep", "terminal.db")
	s := opened(t, path)
	name := s.Terminal()
	v := admitted(t, s, login, "secret-1")
	for n := range 20 {
		if err := add(v, stream, n); err != nil {
			t.Fatal(err)
		}
	}
	form := application.Form{Choice: &application.Choice{Report: "写到一半的述职报告"}}
	var blob exam.BlobHash
	err := v.Update(func(tx *Tx) (err error) {
		if blob, err = tx.PutBlob([]byte("a picture"), false); err != nil {
			return err
		}
		return errors.Join(tx.SetDraft("a1", form), tx.Keep("x", 7),
			tx.KeepInstitutions([]exam.Institution{{ID: "i1", Name: "县医院"}}),
			tx.Displace(Displaced{Stream: stream, Reason: "因为"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetAbout(exam.About{Name: "登记处"}); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(s.Close(), s.Close()); err != nil {
		t.Fatal(err)
	}

	s = opened(t, path)
	if s.Terminal() != name || s.About().Name != "登记处" || len(s.Damages()) > 0 {
		t.Errorf("terminal %q, about %q, damages %v", s.Terminal(), s.About().Name, s.Damages())
	}
	v, err = s.Unlock(login, "secret-1")
	if err != nil {
		t.Fatal(err)
	}
	err = v.View(func(tx *Tx) error {
		all, err := tx.Entries(stream, 0, 0)
		if err != nil || len(all) != 20 {
			t.Errorf("%d entries, %v", len(all), err)
		}
		some, _ := tx.Entries(stream, 18, 1)
		if len(some) != 1 || !bytes.Equal(some[0], all[18]) {
			t.Error("entries behind 18 differ")
		}
		d, err := tx.Draft("a1")
		if err != nil || d.Choice == nil || d.Choice.Report != form.Choice.Report {
			t.Errorf("draft %v %v", d, err)
		}
		data, err := tx.Blob(blob)
		if string(data) != "a picture" || err != nil {
			t.Errorf("blob %q %v", data, err)
		}
		var n int
		if ok, err := tx.Kept("x", &n); !ok || n != 7 || err != nil {
			t.Errorf("kept %v %d %v", ok, n, err)
		}
		is, _ := tx.Institutions()
		ds, _ := tx.Displaced()
		if len(is) != 1 || len(ds) != 1 || ds[0].Reason != "因为" {
			t.Errorf("institutions %v, displaced %v", is, ds)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestAppendRefusesWhatDoesNotFollow(t *testing.T) {
	v := admitted(t, opened(t, filepath.Join(t.TempDir(), "t.db")), login, "secret-1")
	if err := add(v, stream, 1); err != nil {
		t.Fatal(err)
	}
	first := head(t, v)
	_, gap, _ := wire.Next(stream, 3, first.Hash, 1, "t", "saved", application.Body{})
	_, fork, _ := wire.Next(stream, 2, wire.HashOf([]byte("other")), 1, "t", "saved", application.Body{})
	for _, raw := range [][]byte{gap, fork} {
		err := v.Update(func(tx *Tx) error { return tx.Append(stream, raw) })
		if exam.KindOf(err) != exam.Conflict {
			t.Errorf("got %v, want conflict", err)
		}
	}
	// half of an update is none of it
	_, good, _ := wire.Next(stream, 2, first.Hash, 1, "t", "saved", application.Body{})
	if err := v.Update(func(tx *Tx) error { return tx.Append(stream, good, gap) }); err == nil {
		t.Error("an update with a bad second entry passed")
	}
	if c := head(t, v); c.Head != 1 || c.Hash != first.Hash {
		t.Errorf("head %v", c)
	}
}

func TestAcknowledgeCutAndLower(t *testing.T) {
	v := admitted(t, opened(t, filepath.Join(t.TempDir(), "t.db")), login, "secret-1")
	for n := range 5 {
		if err := add(v, stream, n); err != nil {
			t.Fatal(err)
		}
	}
	receipt := func(seq uint64) (r wire.Receipt) {
		_ = v.View(func(tx *Tx) error {
			h, err := tx.HashAt(stream, seq)
			r = wire.Receipt{Stream: stream, Seq: seq, Head: h}
			return err
		})
		return r
	}
	update := func(f func(tx *Tx) error) error { return v.Update(f) }
	r3 := receipt(3)
	if err := update(func(tx *Tx) error { return tx.Acknowledge(r3) }); err != nil {
		t.Fatal(err)
	}
	if c := head(t, v); c.Acked != 3 || c.Pending() != 2 {
		t.Fatalf("cursor %+v", c)
	}
	r1, r9 := receipt(1), wire.Receipt{Stream: stream, Seq: 4, Head: wire.HashOf([]byte("x"))}
	if err := update(func(tx *Tx) error { return tx.Acknowledge(r1) }); err != nil || head(t, v).Acked != 3 {
		t.Errorf("an older receipt: %v, %+v", err, head(t, v))
	}
	if err := update(func(tx *Tx) error { return tx.Acknowledge(r9) }); exam.KindOf(err) != exam.Conflict {
		t.Errorf("a receipt for another entry: %v", err)
	}
	if err := update(func(tx *Tx) error { return tx.Cut(stream, 2) }); err == nil {
		t.Error("an acknowledged entry was cut")
	}
	if err := update(func(tx *Tx) error { return tx.Cut(stream, 3) }); err != nil || head(t, v).Head != 3 {
		t.Errorf("cut: %v %+v", err, head(t, v))
	}
	if err := add(v, stream, 9); err != nil {
		t.Errorf("append after a cut: %v", err)
	}
	if err := update(func(tx *Tx) error { return tx.Lower(stream, 1) }); err != nil || head(t, v).Pending() != 3 {
		t.Errorf("lower: %v %+v", err, head(t, v))
	}
}

func TestTheFileNamesNobody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	s := opened(t, path)
	v := admitted(t, s, login, "secret-1")
	if err := v.Update(func(tx *Tx) error {
		_, err := tx.PutBlob([]byte("PICTURE-OF-SOMEBODY"), false)
		return errors.Join(err, tx.Keep("account", exam.Account{Login: login, Name: "王小明"}),
			tx.SetDraft("a1", application.Form{Basic: &application.Basic{Mobile: "13800001111"}}))
	}); err != nil {
		t.Fatal(err)
	}
	_ = s.Close()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, clear := range []string{login, "王小明", "13800001111", "PICTURE-OF-SOMEBODY"} {
		if bytes.Contains(raw, []byte(clear)) {
			t.Errorf("%q stands in the file in clear", clear)
		}
	}
	for _, p := range []string{path, path + ".key"} {
		if info, _ := os.Stat(p); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", p, info.Mode())
		}
	}
}

func TestWhoOpensAVault(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "t.db")
	s := opened(t, path)
	if s.Known(login) {
		t.Error("known before the first sign-in")
	}
	if _, err := s.Unlock(login, "secret-1"); exam.KindOf(err) != exam.NotFound {
		t.Errorf("never signed in: %v", err)
	}
	v := admitted(t, s, login, "secret-1")
	if err := add(v, stream, 1); err != nil {
		t.Fatal(err)
	}
	other := admitted(t, s, "staff", "secret-1")
	if head(t, other).Head != 0 {
		t.Error("two doctors share a vault")
	}
	if _, err := s.Unlock(login, "secret-2"); exam.KindOf(err) != exam.WrongPassword {
		t.Errorf("wrong password: %v", err)
	}
	// changed elsewhere: the registry said yes to the new one
	if v = admitted(t, s, login, "secret-2"); head(t, v).Head != 1 {
		t.Error("a new password lost the vault")
	}
	if _, err := s.Unlock(login, "secret-1"); exam.KindOf(err) != exam.WrongPassword {
		t.Errorf("the old password still opens: %v", err)
	}
	if err := v.Rewrap("secret-3"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Unlock(login, "secret-3"); err != nil {
		t.Errorf("after a change: %v", err)
	}

	// The terminal's key is lost: the password still opens, and the name is found again.
	_ = s.Close()
	if err := os.Remove(path + ".key"); err != nil {
		t.Fatal(err)
	}
	s = opened(t, path)
	if _, err := s.Unlock(login, "secret-1"); exam.KindOf(err) != exam.NotFound {
		t.Errorf("wrong password after the key was lost: %v", err)
	}
	if v, err := s.Unlock(login, "secret-3"); err != nil || head(t, v).Head != 1 {
		t.Errorf("after the key was lost: %v", err)
	}
	if !s.Known(login) {
		t.Error("not known again")
	}

	// Both are lost: a new vault, the old one stays and is reported.
	_ = s.Close()
	if err := os.WriteFile(path+".key", []byte("short"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = opened(t, path)
	if len(s.Damages()) != 1 {
		t.Errorf("a broken key file: %v", s.Damages())
	}
	v = admitted(t, s, login, "secret-9")
	if head(t, v).Head != 0 {
		t.Error("opened without password and key")
	}
	n := 0
	_ = s.db.View(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketVaults).ForEachBucket(func([]byte) error { n++; return nil })
	})
	if n != 3 {
		t.Errorf("%d vaults, want the doctor's old one, the other doctor's and the new one", n)
	}
}

func TestATamperedValueIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	s := opened(t, path)
	v := admitted(t, s, login, "secret-1")
	for n := range 3 {
		if err := add(v, stream, n); err != nil {
			t.Fatal(err)
		}
	}
	// changes made below the seals, each undone afterwards
	tamper := func(name string, f func(b *bolt.Bucket) error) {
		t.Run(name, func(t *testing.T) {
			tx, err := s.db.Begin(true)
			if err != nil {
				t.Fatal(err)
			}
			b := tx.Bucket(bucketVaults).Bucket([]byte(v.id))
			if err := f(b); err != nil {
				t.Fatal(err)
			}
			_, err = (&Tx{v: v, b: b}).Entries(stream, 0, 0)
			if exam.KindOf(err) != exam.Damaged {
				t.Errorf("got %v, want damaged", err)
			}
			_ = tx.Rollback()
		})
	}
	one, two := []byte(entryKey(stream, 1)), []byte(entryKey(stream, 2))
	tamper("a flipped bit", func(b *bolt.Bucket) error {
		e := b.Bucket([]byte(inEntries))
		val := append([]byte(nil), e.Get(one)...)
		val[len(val)-3] ^= 1
		return e.Put(one, val)
	})
	tamper("two values swapped", func(b *bolt.Bucket) error {
		e := b.Bucket([]byte(inEntries))
		x, y := append([]byte(nil), e.Get(one)...), append([]byte(nil), e.Get(two)...)
		return errors.Join(e.Put(one, y), e.Put(two, x))
	})
	tamper("one removed", func(b *bolt.Bucket) error { return b.Bucket([]byte(inEntries)).Delete(two) })
	tamper("a short value", func(b *bolt.Bucket) error { return b.Bucket([]byte(inEntries)).Put(two, []byte("x")) })
	tamper("another's cursor", func(b *bolt.Bucket) error {
		c := b.Bucket([]byte(inCursors))
		return c.Put([]byte(stream), seal(random(32), []byte(`{"head":1}`), v.id, inCursors, string(stream)))
	})
	// the index of names turned to another doctor's vault
	w := admitted(t, s, "someone-else", "secret-2")
	if err := s.db.Update(func(tx *bolt.Tx) error {
		return tx.Bucket(bucketNames).Put(s.nameOf(login), []byte(w.id))
	}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Admit(login, "secret-1")
	if err != nil || got.id == w.id || head(t, got).Head != 0 {
		t.Errorf("another doctor's vault was opened: %v", err)
	}
}

func TestASecondProcessIsToldAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	s := opened(t, path)
	began := time.Now()
	_, err := Open(path)
	if !errors.Is(err, ErrInUse) || exam.KindOf(err) != exam.Refused {
		t.Errorf("got %v", err)
	}
	t.Logf("told after %v", time.Since(began))
	_ = s.Close()
	opened(t, path)
	if err := admittedErr(s); !errors.Is(err, ErrClosed) {
		t.Errorf("use after close: %v", err)
	}
}

func admittedErr(s *Store) error {
	_, err := s.Admit(login, "secret-1")
	return err
}

func TestADamagedFileIsPutAsideAndNeverDropped(t *testing.T) {
	dir := t.TempDir()
	good := filepath.Join(dir, "good.db")
	s := opened(t, good)
	v := admitted(t, s, login, "secret-1")
	for n := range 200 {
		if err := add(v, stream, n); err != nil {
			t.Fatal(err)
		}
	}
	_ = s.Close()
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	page := os.Getpagesize()
	used := len(bytes.TrimRight(whole, "\x00"))
	for name, data := range map[string][]byte{
		"cut to one page":      whole[:page],
		"cut in the middle":    whole[:used/2],
		"cut by an odd number": whole[:used/2+123],
		"text":                 []byte("not a database"),
		"zeros":                make([]byte, 8*page),
		"middle overwritten": func() []byte {
			b := append([]byte(nil), whole...)
			r := rand.New(rand.NewPCG(1, 1))
			for i := 2 * page; i < used; i++ {
				b[i] = byte(r.Uint32())
			}
			return b
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "t.db")
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			s, err := Open(path)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			ds := s.Damages()
			if len(ds) != 1 {
				t.Fatalf("damages %v", ds)
			}
			kept, err := os.ReadFile(ds[0].Aside)
			if err != nil || !bytes.Equal(kept, data) {
				t.Errorf("the damaged file was changed: %v", err)
			}
			if err := add(admitted(t, s, login, "secret-1"), stream, 1); err != nil {
				t.Errorf("the new file does not work: %v", err)
			}
		})
	}
}

func appendForEver(path string) {
	s, err := Open(path)
	if err != nil {
		fmt.Println("open:", err)
		os.Exit(3)
	}
	v, err := s.Admit(login, "secret-1")
	if err != nil {
		fmt.Println("admit:", err)
		os.Exit(3)
	}
	for n := 0; ; n++ {
		if err := add(v, stream, n); err != nil {
			fmt.Println("append:", err)
			os.Exit(3)
		}
		var c Cursor
		_ = v.View(func(tx *Tx) (err error) { c, err = tx.Cursor(stream); return err })
		fmt.Println("done", c.Head)
	}
}

func TestAnAppendedEntrySurvivesKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	last := uint64(0)
	for round := range 8 {
		c := child(t, "append", path)
		out, err := c.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		// killed after a number of appends that differs from round to round
		stop := last + 3 + rand.Uint64N(40)
		lines := bufio.NewScanner(out)
		killed := false
		for lines.Scan() {
			n, ok := strings.CutPrefix(lines.Text(), "done ")
			if !ok {
				t.Fatalf("round %d: %s", round, lines.Text())
			}
			last, _ = strconv.ParseUint(n, 10, 64)
			if last >= stop && !killed {
				_ = c.Process.Kill()
				killed = true
			}
		}
		_ = c.Wait()
		s, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		v, err := s.Unlock(login, "secret-1")
		if err != nil {
			t.Fatal(err)
		}
		got := head(t, v)
		if got.Head < last {
			t.Fatalf("round %d: %d appends were reported done, %d are there", round, last, got.Head)
		}
		if err := v.View(func(tx *Tx) error { _, err := tx.Entries(stream, 0, 0); return err }); err != nil {
			t.Fatal(err)
		}
		if len(s.Damages()) > 0 {
			t.Fatalf("damages %v", s.Damages())
		}
		last = got.Head
		_ = s.Close()
	}
	t.Logf("%d entries after 8 kills, none lost", last)
}

func TestOpenIsQuick(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	s := opened(t, path)
	v := admitted(t, s, login, "secret-1")
	if err := v.Update(func(tx *Tx) error {
		for i := range 20 {
			if _, err := tx.PutBlob(bytes.Repeat([]byte{byte(i)}, 1<<20), false); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for n := range 100 {
		if err := add(v, stream, n); err != nil {
			t.Fatal(err)
		}
	}
	_ = s.Close()
	best := time.Hour
	for range 5 {
		began := time.Now()
		s, err := Open(path)
		if err != nil {
			t.Fatal(err)
		}
		best = min(best, time.Since(began))
		_ = s.Close()
	}
	t.Logf("opening 20 MB of pictures and 100 entries takes %v", best)
	if best > 100*time.Millisecond {
		t.Errorf("opening takes %v, want under 100 ms", best)
	}
}

func FuzzOpenHeader(f *testing.F) {
	f.Add([]byte(`{"id":"x","cost":{"passes":1,"memoryKiB":256,"lanes":1},"salt":"","byPassword":"","byTerminal":""}`))
	s, err := Open(filepath.Join(f.TempDir(), "t.db"))
	if err != nil {
		f.Fatal(err)
	}
	v, err := s.Admit(login, "secret-1")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if err := s.db.Update(func(tx *bolt.Tx) error {
			return tx.Bucket(bucketVaults).Bucket([]byte(v.id)).Put(keyHeader, raw)
		}); err != nil {
			t.Skip()
		}
		if _, err := s.Unlock(login, "guess"); err == nil {
			t.Fatal("opened")
		}
	})
}
