package station

import (
	"crypto/rand"
	"encoding/hex"
	"sync"
	"time"

	"dingkao/exam"
	"dingkao/exam/sitting"
)

// Clocks are the clocks of this PC.
type Clocks interface {
	// Reading is what they say now: which start of the system, the time since then
	// with suspended time counted, and the PC's clock for the record.
	Reading() sitting.Reading
}

// system are the clocks of the operating system. bootID and sinceBoot are per
// platform; where one does not answer, each run of the program counts as a boot
// of its own, which costs a candidate nothing while the line is good.
type system struct {
	once  sync.Once
	boot  string
	begun time.Time // of this run, where the platform has no clock since boot
}

// Reading implements Clocks.
func (c *system) Reading() sitting.Reading {
	c.once.Do(func() {
		c.begun = time.Now()
		c.boot = bootID()
		if _, ok := sinceBoot(); !ok || c.boot == "" || len(c.boot) > 64 {
			b := make([]byte, 8)
			rand.Read(b)
			c.boot, c.begun = "run-"+hex.EncodeToString(b), time.Now()
		}
	})
	now := time.Now()
	mono, ok := sinceBoot()
	if !ok || len(c.boot) > 4 && c.boot[:4] == "run-" {
		mono = now.Sub(c.begun)
	}
	return sitting.Reading{Boot: c.boot, Mono: sitting.SpanOf(mono), Wall: max(exam.InstantOf(now), 0)}
}
