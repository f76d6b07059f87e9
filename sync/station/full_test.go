//go:build unix

package station

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"

	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/registry/registrytest"
)

// noMoreRoom lets no file of this process grow beyond what the one at path has.
func noMoreRoom(path string) error {
	signal.Ignore(syscall.SIGXFSZ)
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	most := uint64(info.Size())
	return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: most, Max: most})
}

func TestAFullDiskSaysSoAndKeepsTheAnswerThatStands(t *testing.T) {
	r := begun(t)
	r.answer(0, paper.Only(3))
	r.delivered()
	r.crash()
	c := exec.Command(os.Args[0], "-test.run=^$")
	c.Env = append(os.Environ(), "STATION_CHILD="+r.pc.path, "STATION_LOGIN="+registrytest.Doctor, "STATION_FULL=1")
	c.Stderr = os.Stderr
	out, err := c.Output()
	var n int
	var before string
	if _, serr := fmt.Sscanf(string(out), "full %d %s", &n, &before); serr != nil || err != nil {
		t.Fatalf("the child said %q: %v", out, err)
	}
	r.restart(true)
	p := r.s.Place()
	if got := p.Sitting.Answer(r.question(0)).String(); got != before || p.View.State != sitting.Running {
		t.Errorf("with room again: %s, want %s", got, before)
	}
	r.answer(0, paper.Only(1))
	t.Logf("%d answers until the disk was full", n)
}
