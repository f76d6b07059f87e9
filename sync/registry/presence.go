package registry

import (
	"maps"

	"dingkao/exam"
	"dingkao/exam/sitting"
)

// A terminal that works asks how its sitting stands every few seconds, although a
// candidate who thinks, waits or is paused writes nothing for minutes. That it asked
// is kept in memory alone: it costs the store nothing, after a restart it is known
// again within seconds, and each node knows what it heard itself.

// note says that the machine that has the seat asked at that time.
func (c *seatCache) note(id sitting.ID, at exam.Instant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.asked) >= mostCached { // those who ask are there again with their next question
		maps.DeleteFunc(c.asked, func(_ sitting.ID, was exam.Instant) bool { return was < at-exam.Instant(staleAfter) })
		if len(c.asked) >= mostCached {
			clear(c.asked)
		}
	}
	if c.asked == nil {
		c.asked = map[sitting.ID]exam.Instant{}
	}
	c.asked[id] = max(c.asked[id], at)
}

// lastAsked is when the machine that has the seat asked last, as this node heard it; 0
// where it did not.
func (c *seatCache) lastAsked(id sitting.ID) exam.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked[id]
}
