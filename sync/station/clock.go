package station

import (
	"sync"
	"time"

	"dingkao/exam"
)

// clock tells registry time. Once the registry has said what time it is, only
// the monotonic clock counts from there on: setting the PC's clock changes
// nothing. Before that (a start without a line) it is the PC's clock, but never
// earlier than the last word of the registry. A PC that slept is behind until
// the next word, which every sync that follows a pause asks for.
type clock struct {
	mu     sync.Mutex
	anchor exam.Instant // 0: none in this run
	at     time.Time    // with a monotonic reading, when anchor was true
	floor  exam.Instant // the last word of an earlier run
}

func (c *clock) now() exam.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.anchor == 0 {
		return max(exam.InstantOf(time.Now()), c.floor)
	}
	return c.anchor + exam.Instant(time.Since(c.at).Microseconds())
}

// set takes the registry's word in, which was said between sent and now.
func (c *clock) set(word exam.Instant, sent time.Time) {
	if word <= 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = time.Now()
	c.anchor = word + exam.Instant(c.at.Sub(sent).Microseconds()/2)
}

// notBefore says that registry time has reached i.
func (c *clock) notBefore(i exam.Instant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.floor = max(c.floor, i)
}

// age is how long ago the registry said what time it is; ok is false where it
// never did in this run.
func (c *clock) age() (age time.Duration, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Since(c.at), c.anchor != 0
}
