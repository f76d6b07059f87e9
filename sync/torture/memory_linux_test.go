package torture

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/sitting"
	"dingkao/sync/client"
	"dingkao/sync/station"
)

// What a terminal's memory is searched for: the beginning that any question's stem
// or explanation has in registrytest.Bank, and the end of the seventh's. They are
// two pieces, so that the search does not find itself.
var (
	stem        = [2]string{"测试题目第", "7题"}
	explanation = [2]string{"测试解析第", "7题"}
)

// lookInside sits down with a sealed paper and searches this process's memory
// before the start and with the paper open.
func lookInside(j terminalJob) error {
	ctx := context.Background()
	line, err := client.New(client.Config{Address: j.URL, Timeout: 5 * time.Second})
	if err != nil {
		return err
	}
	st, err := station.Open(station.Config{Path: j.Path, Registry: line, Every: 150 * time.Millisecond})
	if err != nil {
		return err
	}
	s, err := enter(ctx, st, j)
	if err != nil {
		return err
	}
	if err := takeSeat(ctx, s, j); err != nil {
		return err
	}
	for !s.Place().Ready {
		_ = s.Look(ctx)
	}
	sealed, err := inMemory(stem)
	if err != nil {
		return err
	}
	say("I %s", s.Place().Seat.Sitting)
	say("sealed %v", sealed)
	for s.Place().Sitting.State != sitting.Ready {
		_ = s.Look(ctx)
		time.Sleep(10 * time.Millisecond)
	}
	for !s.Place().Open {
		if err := s.OpenPaper(ctx); err != nil && exam.KindOf(err) != exam.Refused {
			return err
		}
	}
	open, err := inMemory(stem)
	if err != nil {
		return err
	}
	explained, err := inMemory(explanation)
	say("open %v explained %v", open, explained)
	return err
}

// inMemory says whether both pieces stand one behind the other anywhere in what
// this process may write to.
func inMemory(pieces [2]string) (bool, error) {
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return false, err
	}
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		return false, err
	}
	defer mem.Close()
	first, second := []byte(pieces[0]), []byte(pieces[1])
	buf := make([]byte, 1<<20)
	for in := bufio.NewScanner(bytes.NewReader(maps)); in.Scan(); {
		var from, to int64
		var mode string
		if _, err := fmt.Sscanf(in.Text(), "%x-%x %s", &from, &to, &mode); err != nil || !strings.HasPrefix(mode, "rw") {
			continue
		}
		for at := from; at < to; at += int64(len(buf) - 64) {
			n, err := mem.ReadAt(buf[:min(int64(len(buf)), to-at)], at)
			if n == 0 && err != nil && err != io.EOF {
				break // a guard page
			}
			for rest := buf[:n]; ; {
				i := bytes.Index(rest, first)
				if i < 0 {
					break
				}
				rest = rest[i+len(first):]
				if bytes.HasPrefix(rest, second) {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

// Before the start a terminal has the paper as cipher text alone, and an answer or
// an explanation it never has: neither lies in its memory. That the search finds
// the questions once the paper is open shows that it can find anything.
func TestNothingOfASealedPaperLiesInMemoryAtRest(t *testing.T) {
	w := begin(t, 1)
	defer w.close()
	job := terminalJob{Path: filepath.Join(t.TempDir(), "one.db"), URL: "http://" + w.port, Login: login(0)}
	p, err := w.spawnAs("memory", job)
	if err != nil {
		t.Fatal(err)
	}
	defer p.kill()
	var heard []string
	for line := range p.lines {
		heard = append(heard, line)
		if id, ok := strings.CutPrefix(line, "I "); ok {
			if err := w.order(exam.SittingID(id), sitting.Command{Act: sitting.ActStart}); err != nil {
				t.Fatal(err)
			}
		}
	}
	p.wait()
	text := strings.Join(heard, "\n")
	if !strings.Contains(text, "sealed false") || !strings.Contains(text, "open true explained false") {
		t.Errorf("the terminal's memory:\n%s", text)
	}
}
