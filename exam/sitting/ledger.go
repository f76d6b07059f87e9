package sitting

import (
	"dingkao/exam"
)

// Slacks: below them a difference is how clocks are, above it is recorded.
const (
	WallSlack   = 2 * Second  // a PC's clock against its monotonic one: what a time service corrects by itself
	AnchorSlack = 10 * Second // two words of the registry in one boot: what a slow line explains
)

// AnomalyKind says what about the clocks was noticed. None of them changes the
// time used: people decide what it means.
type AnomalyKind string

const (
	WallSet      AnomalyKind = "wall-set"     // the PC's clock was set
	MonoBack     AnomalyKind = "mono-back"    // the monotonic clock went back: a virtual machine was reset, or the journal was made up
	RateOff      AnomalyKind = "rate-off"     // monotonic time does not run as registry time does
	BeforeOrder  AnomalyKind = "before-order" // an entry claims a time before an order that it had read
	Unmeasured   AnomalyKind = "unmeasured"   // a restart without a line: nobody knows yet how long it took
	OverCredit   AnomalyKind = "over-credit"  // downtime beyond what is credited, counted as used
	LateMeasured AnomalyKind = "late-measured"
	// LateMeasured: a restart turned out, after the hand-in, to have taken longer
	// than is credited. The seal stands.
)

// Text is the anomaly as a proctor reads it.
func (k AnomalyKind) Text() string {
	switch k {
	case WallSet:
		return "本机时钟被调整，不影响测评用时"
	case MonoBack:
		return "本机计时倒退"
	case RateOff:
		return "本机计时与登记处时间快慢不一"
	case BeforeOrder:
		return "记录的时间早于它已读到的指令"
	case Unmeasured:
		return "断网时重新启动，中断时长尚未核对"
	case OverCredit:
		return "中断超过规定，超出部分计入用时"
	case LateMeasured:
		return "交卷后核对，中断超过规定"
	}
	return string(k)
}

// Anomaly is one thing noticed about the clocks.
type Anomaly struct {
	Kind  AnomalyKind `json:"kind"`
	Epoch Epoch       `json:"epoch"`
	Seq   uint64      `json:"seq"` // of the entry at which it was noticed
	By    Span        `json:"by"`  // how far off, or how long
}

// Gap is a stretch in which the terminal did not run: a crash, a restart, a
// move to another PC. Restarts in a row without any word of the registry between
// them are one gap, since only their sum can be known.
type Gap struct {
	Epoch    Epoch  `json:"epoch"`
	Seq      uint64 `json:"seq"`      // of the entry resumed that ended it
	Outages  int    `json:"outages"`  // how many restarts
	Measured bool   `json:"measured"` // false: Length is not known yet
	Length   Span   `json:"length"`   // without what was paused by order
	Credited Span   `json:"credited"` // not counted as used
}

// pause is a pause as the registry ordered it; To is 0 while it lasts.
type pause struct{ From, To exam.Instant }

// Ledger is the time of a sitting as its journal tells it. The rules:
//
//  1. Time runs from opening. Within one boot of a PC it is monotonic time,
//     suspended time included: nobody can set that clock.
//  2. While paused it does not run, from the entry that obeyed the pause to the
//     entry that obeyed the end of it: what counts is when the candidate could work.
//  3. When the terminal did not run, that is downtime: from the last moment at
//     which it is known to have run to its entry resumed. It is credited up to
//     Terms.Gap for each gap and Terms.Gaps in sum; what is beyond counts as
//     used. A pause that was ordered meanwhile costs nothing and takes no credit.
//  4. Downtime within one boot is monotonic time. Across boots and PCs it is the
//     difference of registry time by the anchors of both. Where the new boot has
//     none yet (restarted without a line), it counts as nothing until the first
//     entry with an anchor, and is then settled behind that entry. The PC's
//     clock would be no measure: whoever wants more time would set it.
//  5. An anchor never reaches back: what was judged before it stays as it was,
//     because the candidate's screen had promised that time.
//  6. The first anchor of a boot ties it; later ones are only compared with it,
//     so used time cannot jump with the moods of the line.
//
// The zero value is a ledger before opening. It is a value: no method changes one.
type Ledger struct {
	Last      Reading   // of the newest entry that counts
	Credited  Span      // downtime credited so far, of Terms.Gaps
	Gaps      []Gap     // oldest first
	Anomalies []Anomaly // oldest first

	length  Span // Terms.Length and Terms.Extra
	extra   Span // by order
	gap     Span // Terms.Gap
	gaps    Span // Terms.Gaps
	used    Span // at Last; may exceed the limit
	running bool // behind Last
	anchors []Anchor
	pauses  []pause

	// The gap that is not measured yet is Gaps[open-1]; 0: none. It lies between
	// from, in an anchored boot, and start, the first reading of the present one,
	// without the time inner in which the boots between them ran.
	open        int
	from, start Reading
	inner       Span
	moved       bool // to another PC meanwhile: their clocks need not agree
}

func newLedger(t Terms) Ledger {
	return Ledger{length: t.Length + t.Extra, gap: t.Gap, gaps: t.Gaps}
}

// Limit is the time allowed: by rule and by the orders so far.
func (l Ledger) Limit() Span { return l.length + l.extra }

// Used is the time used when the PC's clocks say at, at most Limit. A reading of
// another boot than Last's adds nothing: the terminal has to resume first.
func (l Ledger) Used(at Reading) Span { return min(l.raw(at), l.Limit()) }

// Left is what remains of Limit.
func (l Ledger) Left(at Reading) Span { return l.Limit() - l.Used(at) }

// Over says whether the time is over. The last microsecond still counts.
func (l Ledger) Over(at Reading) bool { return l.raw(at) >= l.Limit() }

func (l Ledger) raw(at Reading) Span {
	if !l.running || at.Boot != l.Last.Boot {
		return l.used
	}
	return l.used + max(at.Mono-l.Last.Mono, 0)
}

// Registry is registry time at the reading; ok is false while its boot has no anchor.
func (l Ledger) Registry(at Reading) (i exam.Instant, ok bool) {
	for _, a := range l.anchors {
		if a.Boot == at.Boot {
			return a.At + exam.Instant(at.Mono-a.Mono), true
		}
	}
	return 0, false
}

// Deadline is the registry time at which the time will be over if nothing stops
// it. 0: it does not run now, or registry time is not known in this boot.
func (l Ledger) Deadline(at Reading) exam.Instant {
	now, ok := l.Registry(at)
	if !ok || !l.running || at.Boot != l.Last.Boot {
		return 0
	}
	return now + exam.Instant(l.Limit()-l.raw(at))
}

// latestEnd is, of a running sitting, the registry time at which the time is over
// even if the terminal has been down since Last and claims all credit.
func (l Ledger) latestEnd() exam.Instant {
	var resumed exam.Instant // a pause that was lifted, though the terminal may not know it yet
	if n := len(l.pauses); n > 0 {
		resumed = l.pauses[n-1].To
	}
	last, ok := l.Registry(l.Last)
	if !ok {
		last, _ = l.Registry(l.from)
		last += exam.Instant(l.inner + l.Last.Mono - l.start.Mono)
	}
	return max(last, resumed) + exam.Instant(max(l.Limit()-l.used, 0)+max(l.gaps-l.Credited, 0))
}

func (l *Ledger) note(k AnomalyKind, e Entry, by Span) {
	l.Anomalies = append(l.Anomalies[:len(l.Anomalies):len(l.Anomalies)], Anomaly{Kind: k, Epoch: e.Epoch, Seq: e.Seq, By: by})
}

// opened begins the ledger's time.
func (l *Ledger) opened(e Entry) {
	l.Last, l.running = *e.Reading, true
	l.anchored(e, false)
}

// passed counts the time from Last to e, in one boot and epoch.
func (l *Ledger) passed(e Entry) {
	l.advance(*e.Reading, e)
}

func (l *Ledger) advance(to Reading, e Entry) {
	d := to.Mono - l.Last.Mono
	if d < 0 {
		l.note(MonoBack, e, d)
		to.Mono = l.Last.Mono
		d = 0
	}
	if set := Span(to.Wall-l.Last.Wall) - d; set > WallSlack || set < -WallSlack {
		l.note(WallSet, e, set)
	}
	if l.running {
		l.used += d
	}
	l.Last = to
}

// resumed ends a gap.
func (l *Ledger) resumed(e Entry, moved bool) {
	if e.Alive != nil {
		l.advance(*e.Alive, e)
	}
	from, to := l.Last, *e.Reading
	if to.Boot == from.Boot {
		running := l.running
		l.running = false // the gap is no running time
		l.advance(to, e)
		l.running = running
		g := l.Last.Mono - from.Mono
		a, ok := l.Registry(from)
		switch {
		case ok:
			g -= l.paused(a, a+exam.Instant(g))
		case !running:
			g = 0
		}
		l.Gaps = append(l.Gaps[:len(l.Gaps):len(l.Gaps)], Gap{Epoch: e.Epoch, Seq: e.Seq, Outages: 1})
		l.credit(len(l.Gaps)-1, g, e, false)
		return
	}
	if l.open == 0 {
		l.Gaps = append(l.Gaps[:len(l.Gaps):len(l.Gaps)], Gap{Epoch: e.Epoch, Seq: e.Seq, Outages: 1})
		l.open, l.from, l.inner, l.moved = len(l.Gaps), from, 0, moved
	} else {
		l.Gaps = append([]Gap(nil), l.Gaps...)
		g := &l.Gaps[l.open-1]
		g.Epoch, g.Seq, g.Outages = e.Epoch, e.Seq, g.Outages+1
		l.inner += from.Mono - l.start.Mono
		l.moved = l.moved || moved
	}
	l.start, l.Last = to, to
	if _, ok := l.Registry(to); !ok && e.Anchor == nil {
		l.note(Unmeasured, e, 0)
	}
}

// anchored takes the anchor of e in, if it has one, and settles the open gap if
// it can be measured now. Behind the hand-in that is for the record only.
func (l *Ledger) anchored(e Entry, closed bool) {
	if a := e.Anchor; a != nil {
		if first, ok := l.Registry(Reading{Boot: a.Boot, Mono: a.Mono}); !ok {
			l.anchors = append(l.anchors[:len(l.anchors):len(l.anchors)], *a)
		} else if off := Span(a.At - first); off > AnchorSlack || off < -AnchorSlack {
			l.note(RateOff, e, off)
		}
	}
	if l.open == 0 {
		return
	}
	to, ok := l.Registry(l.start)
	if !ok {
		return
	}
	from, _ := l.Registry(l.from)
	g := max(Span(to-from)-l.inner-l.paused(from, to), 0)
	set := Span(l.start.Wall-l.from.Wall) - Span(to-from)
	if !l.moved && (set > WallSlack || set < -WallSlack) {
		l.note(WallSet, e, set)
	}
	i := l.open - 1
	l.open, l.from, l.start, l.inner, l.moved = 0, Reading{}, Reading{}, 0, false
	l.credit(i, g, e, closed)
}

// credit settles Gaps[i], which took g.
func (l *Ledger) credit(i int, g Span, e Entry, closed bool) {
	l.Gaps = append([]Gap(nil), l.Gaps...)
	gap := &l.Gaps[i]
	c := min(g, Span(gap.Outages)*l.gap, max(l.gaps-l.Credited, 0))
	gap.Measured, gap.Length, gap.Credited = true, g, c
	l.Credited += c
	switch over := g - c; {
	case over == 0:
	case closed:
		l.note(LateMeasured, e, over)
	default:
		l.used += over
		l.note(OverCredit, e, over)
	}
}

// pausedBy and resumedBy keep the pauses as ordered, for gaps that they cover.
func (l *Ledger) pausedBy(at exam.Instant) {
	l.pauses = append(l.pauses[:len(l.pauses):len(l.pauses)], pause{From: at})
}

func (l *Ledger) resumedBy(at exam.Instant) {
	l.pauses = append([]pause(nil), l.pauses...)
	l.pauses[len(l.pauses)-1].To = at
}

// paused is how much of the time between two instants was paused by order.
func (l Ledger) paused(from, to exam.Instant) Span {
	var sum Span
	for _, p := range l.pauses {
		end := to
		if p.To != 0 {
			end = min(end, p.To)
		}
		sum += Span(max(end-max(p.From, from), 0))
	}
	return sum
}
