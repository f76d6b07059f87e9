//go:build unix

package local

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// fillUp appends until there is no room, then says how many appends were done.
func fillUp(path string) {
	signal.Ignore(syscall.SIGXFSZ)
	most, _ := strconv.ParseUint(os.Getenv("LOCAL_MOST"), 10, 64)
	s, err := Open(path)
	if err != nil {
		fmt.Println("open:", err)
		return
	}
	v, err := s.Admit(login, "secret-1")
	if err != nil {
		fmt.Println("admit:", err)
		return
	}
	limit := syscall.Rlimit{Cur: most, Max: most}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println("limit:", err)
		return
	}
	done := 0
	for n := range 1 << 20 {
		err := v.Update(func(tx *Tx) error {
			_, err := tx.PutBlob([]byte(strings.Repeat(fmt.Sprint(n, " "), 20000)), false)
			return err
		})
		if err == nil {
			err = add(v, stream, n)
		}
		if err != nil {
			if !errors.Is(err, ErrDiskFull) {
				fmt.Println("another error:", err)
				return
			}
			break
		}
		done++
	}
	// small things may still find room in what is there; reading always works
	var c Cursor
	if err := v.View(func(tx *Tx) (err error) { c, err = tx.Cursor(stream); return err }); err != nil {
		fmt.Println("read on a full disk:", err)
		return
	}
	fmt.Println("full", done, c.Head)
}

func TestAFullDiskIsSaidAndHarmsNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "t.db")
	c := child(t, "full", path)
	c.Env = append(c.Env, "LOCAL_MOST="+strconv.Itoa(3<<20))
	out, err := c.Output()
	if err != nil {
		t.Fatal(err, string(out))
	}
	var done int
	var head64 uint64
	if _, err := fmt.Sscanf(string(out), "full %d %d", &done, &head64); err != nil {
		t.Fatalf("the child said %q", out)
	}
	s := opened(t, path)
	v, err := s.Unlock(login, "secret-1")
	if err != nil {
		t.Fatal(err)
	}
	if got := head(t, v); got.Head != head64 || int(got.Head) < done || len(s.Damages()) > 0 {
		t.Errorf("%d done, %d there, damages %v", done, got.Head, s.Damages())
	}
	if err := add(v, stream, 1); err != nil {
		t.Errorf("with room again: %v", err)
	}
	t.Logf("%d appends until the disk was full", done)
}
