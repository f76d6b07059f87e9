package sitting

import (
	"reflect"
	"slices"
	"testing"

	"dingkao/exam"
	"dingkao/exam/paper"
)

var a, b, c = paper.Only(0), paper.Only(1), paper.Only(2)

// stories are what happens in a room, in virtual time. A test below runs them;
// another one requires them to notice a machine that was changed.
var stories = map[string]func(r *rig){
	"a candidate answers, marks, goes back, and hands in early": func(r *rig) {
		r.pass(20 * Second)
		r.answer(1, c)
		r.doWith(ActWent, func(b *Body) { b.Question = question(2) })
		r.do(ActMarked) // q001
		r.answer(2, a)
		r.answer(2, a|b)
		r.answer(3, b)
		r.answer(3, 0) // taken back
		r.pass(10 * Minute)
		v := r.at.s.View(r.at.reading())
		r.want(v.Question == question(3) && v.Number == 3 && v.Answered == 2 && v.Unanswered == 98 && r.at.s.Marked("q001"), "view %+v", v)
		r.want(v.Left == 60*Minute-10*Minute-20*Second && v.Left.Text() == "49:40", "left %s", v.Left.Text())
		r.want(v.Deadline == nine+exam.Instant(60*Minute), "deadline %s", v.Deadline.Text())
		r.do(ActSealed)
		got := r.end()
		r.want(reflect.DeepEqual(got.Answers, map[paper.QuestionID]paper.Answer{"q001": c, "q002": a | b}), "answers %v", got.Answers)
		r.want(got.Seal.Used == 10*Minute+20*Second && !got.Seal.Auto && got.Seal.Answered == 2, "seal %+v", got.Seal)
		r.refused(ActAnswered, exam.Refused)
	},
	"a crash leads back to the same question, and the gap costs nothing": func(r *rig) {
		r.pass(30 * Minute)
		r.answer(41, b)
		r.doWith(ActWent, func(b *Body) { b.Question = question(42) })
		r.pass(2 * Minute) // reading: no downtime, the terminal was alive
		r.crash(4*Minute, false)
		v := r.at.s.View(r.at.reading())
		r.want(v.Question == question(42) && r.at.s.Answer("q041") == b, "back at %s", v.Question)
		r.want(r.used() == 32*Minute, "used %s", r.used().Text())
		r.pass(Minute)
		r.crash(5*Minute, true)
		r.want(r.used() == 33*Minute, "used %s", r.used().Text())
		r.do(ActSealed)
		v2 := r.end()
		r.want(len(v2.Gaps) == 2 && v2.Gaps[0].Credited == 4*Minute && v2.Gaps[1].Length == 5*Minute, "gaps %+v", v2.Gaps)
	},
	"downtime beyond the credit counts as used": func(r *rig) {
		r.pass(10 * Minute)
		r.crash(13*Minute, true)
		r.want(r.used() == 13*Minute, "one long gap: used %s", r.used().Text())
		r.crash(10*Minute, false)
		r.want(r.used() == 13*Minute, "the rest of the credit: used %s", r.used().Text())
		r.crash(2*Minute, false)
		r.want(r.used() == 15*Minute, "no credit left: used %s", r.used().Text())
		n := len(r.at.s.Ledger.Anomalies)
		r.want(n == 2 && r.at.s.Ledger.Anomalies[0] == Anomaly{OverCredit, 1, 2, 3 * Minute}, "anomalies %+v", r.at.s.Ledger.Anomalies)
	},
	"a restart without a line is settled by the next word of the registry, and not before": func(r *rig) {
		r.pass(10 * Minute)
		r.line(false)
		r.crash(15*Minute, true)
		r.want(r.at.s.View(r.at.reading()).Anchor && r.at.s.View(r.at.reading()).Deadline == 0, "no word of the registry is asked for")
		r.answer(7, a)
		r.want(r.used() == 10*Minute, "used %s", r.used().Text())
		r.pass(5 * Minute)
		r.crash(3*Minute, true)
		g := r.at.s.Ledger.Gaps
		r.want(len(g) == 1 && !g[0].Measured && g[0].Outages == 2, "gaps %+v", g)
		r.pass(Minute)
		r.line(true)
		r.want(!r.at.s.View(r.at.reading()).Anchor, "still asking")
		g = r.at.s.Ledger.Gaps
		r.want(len(g) == 1 && g[0].Measured && g[0].Length == 18*Minute && g[0].Credited == 18*Minute, "gaps %+v", g)
		r.want(r.used() == 16*Minute, "used %s", r.used().Text())
		r.line(false)
		r.crash(9*Minute, true)
		r.pass(43 * Minute)
		r.answer(8, b) // promised by the screen, and so it counts
		r.want(r.left() == Minute, "left %s", r.left().Text())
		r.line(true)
		r.want(r.left() == 0, "left %s after the gap was measured", r.left().Text())
		r.do(ActSealed)
		v := r.end()
		r.want(v.Seal.Auto && v.Answers["q008"] == b && len(v.Uncounted) == 0, "%+v", v)
	},
	"a restart that turns out too long only behind the hand-in is named, and the seal stands": func(r *rig) {
		r.pass(10 * Minute)
		r.line(false)
		r.crash(14*Minute, true)
		r.pass(10 * Minute)
		r.answer(1, a)
		r.do(ActSealed)
		v := r.end()
		n := len(v.Anomalies)
		r.want(n == 2 && v.Anomalies[0].Kind == Unmeasured && v.Anomalies[1].Kind == LateMeasured && v.Anomalies[1].By == 4*Minute, "%+v", v.Anomalies)
		r.want(v.Seal.Used == 20*Minute && v.Answers["q001"] == a && v.Gaps[0].Length == 14*Minute, "%+v", v)
	},
	"moved to another PC: the same question, and the old one never counts again": func(r *rig) {
		r.answer(1, a)
		r.pass(20 * Minute)
		r.answer(2, b)
		r.line(false) // the PC fails slowly: what it writes now is never acknowledged
		r.answer(2, c)
		r.answer(3, c)
		r.do(ActSealed)
		r.pass(6 * Minute)
		r.order(ActMove)
		r.sit("pc2")
		if r.err != nil {
			return
		}
		r.at.wallOff = -20 * Minute // another PC, another clock: nobody has set it
		r.want(r.at.s.View(r.at.reading()).Resume, "the new terminal need not resume")
		r.refused(ActAnswered, exam.Refused)
		r.do(ActResumed)
		r.want(r.at.s.Question == question(2) && r.at.s.Answer("q002") == b && r.at.s.Answer("q003") == 0, "at %s", r.at.s.Question)
		r.want(r.used() == 20*Minute && r.at.s.Ledger.Anomalies == nil, "used %s, %+v", r.used().Text(), r.at.s.Ledger.Anomalies)
		r.answer(4, a)
		if r.err != nil {
			return
		}
		old := r.old[0]
		old.online = true
		old.sync()
		r.want(len(r.epochs[0]) == 3, "%d entries of the old epoch were taken in", len(r.epochs[0]))
		r.want(!old.s.Acknowledges(1) && len(old.s.Uncounted) == 3 && old.s.Uncounted[0] == Uncounted{1, 4, Fenced}, "the old terminal sees %+v", old.s.Uncounted)
		r.do(ActSealed)
		v := r.end()
		r.want(v.Epoch == 2 && len(v.Answers) == 3 && v.Answers["q002"] == b, "answers %v", v.Answers)
	},
	"moved back to the PC that was thought dead": func(r *rig) {
		r.pass(10 * Minute)
		r.answer(1, a)
		if r.err != nil {
			return
		}
		since := r.at.since
		r.order(ActMove)
		r.sit("pc1")
		r.at.since = since // the same boot of the same PC
		r.pass(2 * Minute)
		r.want(r.at.s.View(r.at.reading()).Resume, "the same boot, but another epoch")
		r.refused(ActAnswered, exam.Refused)
		r.do(ActResumed)
		r.want(r.used() == 10*Minute && r.at.s.Ledger.Gaps[0].Length == 2*Minute, "used %s", r.used().Text())
		r.answer(2, a)
	},
	"moved before the paper was opened": func(r *rig) {
		*r = *newRig()
		r.order(ActStart)
		r.sit("pc1")
		r.order(ActMove)
		r.sit("pc2")
		r.pass(10 * Minute)
		r.do(ActOpened)
		r.want(r.at.s.Epoch == 2 && r.used() == 0, "epoch %d", r.at.s.Epoch)
	},
	"a pause counts from when the screen obeys it, offline too": func(r *rig) {
		r.pass(10 * Minute)
		r.order(ActPause)
		r.want(r.at.s.State == Paused && r.at.s.Reason != "" && r.at.s.View(r.at.reading()).Pending == nil, "%s", r.at.s.State)
		r.pass(30 * Minute)
		r.want(r.used() == 10*Minute, "used %s", r.used().Text())
		r.refused(ActAnswered, exam.Refused)
		r.refused(ActSealed, exam.Refused)
		r.order(ActResume)
		r.pass(10 * Minute)
		r.want(r.used() == 20*Minute, "used %s", r.used().Text())
		r.line(false)
		r.order(ActPause)
		r.pass(5 * Minute)
		r.answer(1, a) // the candidate could not know
		r.line(true)
		r.pass(5 * Minute)
		r.want(r.used() == 25*Minute && r.reg.Answer("q001") == a, "used %s", r.used().Text())
		r.order(ActResume)
		r.do(ActSealed)
		v := r.end()
		r.want(v.Seal.Used == 25*Minute, "seal %+v", v.Seal)
	},
	"a pause ordered while the PC was dead takes no credit": func(r *rig) {
		r.pass(10 * Minute)
		r.do(ActObeyed)
		r.at.online = false
		r.pass(4 * Minute)
		r.order(ActPause)
		r.pass(50 * Minute)
		r.order(ActMove)
		r.sit("pc2")
		r.pass(3 * Minute)
		r.do(ActResumed)
		r.want(r.at.s.State == Paused && r.used() == 10*Minute, "%s, used %s", r.at.s.State, r.used().Text())
		r.pass(Minute)
		r.order(ActResume)
		g := r.at.s.Ledger.Gaps
		r.want(len(g) == 1 && g[0].Length == 4*Minute && g[0].Credited == 4*Minute, "gaps %+v", g)
		r.pass(Minute)
		r.do(ActSealed)
		v := r.end()
		r.want(v.Seal.Used == 11*Minute, "seal %+v", v.Seal)
	},
	"extra time leads over the end": func(r *rig) {
		r.pass(59*Minute + 50*Second)
		r.order(ActExtra)
		r.want(r.left() == 5*Minute+10*Second, "left %s", r.left().Text())
		r.pass(5 * Minute)
		r.answer(99, a)
		r.pass(10 * Second)
		r.answer(100, b) // the last microsecond
		r.want(r.at.s.View(r.at.reading()).Over, "not over")
		r.do(ActSealed)
		v := r.end()
		r.want(v.Limit == 65*Minute && v.Seal.Used == 65*Minute && v.Seal.Auto && len(v.Answers) == 2, "%+v", v)
	},
	"extra time that comes behind the hand-in is void and named": func(r *rig) {
		r.pass(50 * Minute)
		r.line(false)
		r.pass(10 * Minute)
		r.do(ActSealed)
		r.order(ActExtra)
		r.want(r.reg.State == Running && r.reg.Ledger.Limit() == 65*Minute, "the registry could not know")
		v := r.end()
		o := r.reg.Orders[len(r.reg.Orders)-1]
		r.want(r.at.s.View(r.at.reading()).Pending == nil, "a void order is to be obeyed")
		r.want(o.Void && o.Act == ActExtra && v.Limit == 60*Minute && v.Seal.Used == 60*Minute, "order %+v", o)
	},
	"an answer at 59:59.9 counts without a line, one at 60:00.1 does not": func(r *rig) {
		r.line(false)
		r.answer(1, a)
		r.pass(60*Minute - Second/10)
		r.answer(1, b)
		r.pass(Second / 5)
		r.refused(ActAnswered, exam.Refused)
		if r.err != nil {
			return
		}
		at := r.at.reading() // a terminal that does not ask
		r.at.store(Entry{Epoch: 1, Seq: r.at.s.Seq + 1, Act: ActAnswered, Body: Body{Reading: &at, Orders: 1, Question: "q001", Answer: some(c)}})
		late := r.at.s.Seq
		r.do(ActSealed)
		r.pass(8 * 60 * Minute)
		v := r.end()
		r.want(v.Answers["q001"] == b && v.Seal.Auto && v.Seal.Used == 60*Minute, "%+v", v.Answers)
		r.want(slices.Equal(v.Uncounted, []Uncounted{{1, late, Late}}), "uncounted %+v", v.Uncounted)
	},
	"a PC that slept over the end hands in the same": func(r *rig) {
		r.answer(1, a)
		r.pass(3 * 60 * Minute) // the lid was closed
		r.refused(ActAnswered, exam.Refused)
		r.do(ActSealed)
		v := r.end()
		r.want(v.Seal.Auto && v.Seal.Used == 60*Minute && v.Seal.Answered == 1, "%+v", v.Seal)
	},
	"collected by the registry when no seal comes, and the late journal still counts": func(r *rig) {
		r.answer(1, a)
		r.line(false)
		r.pass(30 * Minute)
		r.answer(2, b)
		r.want(r.give(ActCollected, nil) != nil, "collected in the middle")
		r.pass(30 * Minute)
		r.want(r.give(ActCollected, nil) != nil, "collected while downtime may still be claimed")
		if r.err != nil {
			return
		}
		seal := r.at.s.Sealing(r.at.reading(), hash)
		r.pass(20 * Minute)
		r.order(ActCollected)
		r.want(r.reg.State == HandedIn && r.reg.Collected, "%s", r.reg.State)
		first, err := r.reg.Judge("")
		r.want(err == nil && first.Seal.Used == seal.Used && first.Seal.Auto == seal.Auto && first.Seal.Answered == 1, "%+v", first)
		// The PC is found, its journal arrives. It wrote its own seal at 60:00.
		at := r.at.reading()
		at.Mono -= 20 * Minute
		at.Wall -= exam.Instant(20 * Minute)
		r.at.store(Entry{Epoch: 1, Seq: r.at.s.Seq + 1, Act: ActSealed, Body: Body{Reading: &at, Orders: 1, Seal: &seal}})
		v := r.end()
		r.want(!v.Collected && v.Answers["q002"] == b && v.Seal == seal && r.reg.Orders[1].Void, "%+v", v)
	},
	"collected though the journal that arrives later has no seal": func(r *rig) {
		r.answer(1, a)
		r.line(false)
		r.answer(2, b)
		r.pass(80 * Minute)
		r.order(ActCollected)
		v := r.end()
		r.want(v.Collected && len(v.Answers) == 2 && v.Seal.Answered == 2 && v.Seal.Used == 60*Minute, "%+v", v)
	},
	"a pause lifted while the PC was dead does not keep the sitting open for ever": func(r *rig) {
		r.pass(30 * Minute)
		r.order(ActPause)
		r.at.online = false
		r.pass(Minute)
		r.want(r.give(ActCollected, nil) != nil, "collected while paused")
		r.order(ActResume)
		r.pass(30 * Minute)
		r.want(r.give(ActCollected, nil) != nil, "collected too early")
		r.pass(20*Minute - Second)
		r.want(r.give(ActCollected, nil) != nil, "collected a second too early")
		r.pass(Second)
		r.order(ActCollected)
	},
	"restarts while paused cost nothing, with and without a line": func(r *rig) {
		r.pass(10 * Minute)
		r.order(ActPause)
		r.line(false)
		r.crash(13*Minute, true)
		r.crash(12*Minute, false)
		r.want(r.at.s.State == Paused && r.used() == 10*Minute, "%s, used %s", r.at.s.State, r.used().Text())
		r.line(true)
		r.crash(30*Minute, true)
		r.crash(12*Minute, false)
		r.order(ActResume)
		r.pass(Minute)
		r.want(r.used() == 11*Minute && r.at.s.Ledger.Credited == 0, "used %s, credited %s", r.used().Text(), r.at.s.Ledger.Credited.Text())
	},
	"a pause lifted while the PC was dead: from there on it is downtime": func(r *rig) {
		r.pass(10 * Minute)
		r.order(ActPause)
		r.pass(2 * Minute)
		if r.err != nil {
			return
		}
		alive := r.at.reading()
		r.at.online = false
		r.pass(8 * Minute)
		r.order(ActResume)
		r.pass(5 * Minute)
		r.at.boot, r.at.since, r.at.online = "pc1+1", r.now, true
		r.at.sync()
		r.doWith(ActResumed, func(b *Body) { b.Alive = &alive })
		r.want(r.used() == 10*Minute && r.at.s.Ledger.Credited == 5*Minute, "used %s, credited %s", r.used().Text(), r.at.s.Ledger.Credited.Text())
	},
	"collected from a PC whose restart nobody measured": func(r *rig) {
		r.pass(10 * Minute)
		r.line(false)
		r.crash(5*Minute, true)
		r.pass(10 * Minute)
		r.answer(1, a)
		r.at.online = true // it sends what it has, without a word about the time
		r.at.sync()
		r.at.online = false
		r.want(r.reg.Ledger.Used(r.reg.Ledger.Last) == 20*Minute, "used %s", r.reg.Ledger.Used(r.reg.Ledger.Last).Text())
		r.pass(40*Minute + UsualGaps - 5*Minute - Second)
		r.want(r.give(ActCollected, nil) != nil, "collected too early")
		r.pass(Second)
		r.order(ActCollected)
		v, err := r.reg.Judge("")
		r.want(err == nil && v.Collected && v.Answers["q001"] == a, "%+v, %v", v, err)
	},
	"absent, and absent by mistake": func(r *rig) {
		*r = *newRig()
		r.order(ActStart)
		r.pass(40 * Minute)
		r.order(ActAbsent)
		r.want(r.reg.State == Absent && r.reg.Reason != "", "%s", r.reg.State)
		_, err := r.reg.Judge("")
		r.want(exam.KindOf(err) == exam.Refused, "judged: %v", err)
		r.order(ActStart)
		r.sit("pc1")
		r.do(ActOpened)
		r.want(r.used() == 0 && r.left() == 60*Minute, "used %s", r.used().Text())
		r.want(exam.KindOf(r.give(ActAbsent, nil)) == exam.Refused, "absent while sitting")
	},
	"an absence mark is void when the opening was only on its way": func(r *rig) {
		*r = *newRig()
		r.order(ActStart)
		r.sit("pc1")
		r.pass(10 * Minute)
		r.doWith(ActOpened, func(*Body) { r.at.online = false })
		r.answer(1, a)
		r.order(ActAbsent)
		r.want(r.reg.State == Absent, "%s", r.reg.State)
		r.line(true)
		r.want(r.reg.State == Running && r.reg.Orders[1].Void && r.reg.Answer("q001") == a, "%s", r.reg.State)
	},
	"terminated: what was acknowledged stays, nothing comes behind it": func(r *rig) {
		r.answer(1, a)
		r.line(false)
		r.answer(2, b)
		r.order(ActTerminated)
		r.line(true)
		r.want(r.at.s.State == Terminated && r.at.s.Answer("q001") == a && r.at.s.Answer("q002") == 0, "%s", r.at.s.State)
		r.want(len(r.at.s.Uncounted) == 2 && r.at.s.Uncounted[0].Why == Fenced, "uncounted %+v", r.at.s.Uncounted)
		r.refused(ActSealed, exam.Conflict)
		used := r.used()
		r.pass(Minute)
		r.want(r.used() == used && !r.at.s.View(r.at.reading()).Over, "the time goes on behind the end")
		v, err := r.reg.Judge(hash)
		r.want(err == nil && v.Terminated && v.Answers["q001"] == a && len(v.Answers) == 1 && v.Seal.Head == r.reg.Seq, "judged: %+v, %v", v, err)
	},
	"started again for a later time, with the extra time that was granted": func(r *rig) {
		*r = *newRig()
		r.order(ActStart)
		r.order(ActExtra)
		r.orderWith(ActStart, func(b *Body) { b.Terms.Released += exam.Instant(10 * Minute); b.Terms.Extra = 20 * Minute })
		r.sit("pc1")
		r.pass(10 * Minute)
		r.refused(ActOpened, exam.Refused)
		r.pass(10 * Minute)
		r.do(ActOpened)
		r.want(r.left() == 85*Minute && r.at.s.Seq == 1, "left %s", r.left().Text())
	},
	"nobody opens the paper before its time": func(r *rig) {
		*r = *newRig()
		r.order(ActStart)
		r.sit("pc1")
		r.pass(10*Minute - Second)
		r.refused(ActOpened, exam.Refused)
		r.pass(Second)
		r.do(ActOpened)
	},
	"messages and a vouching proctor": func(r *rig) {
		r.line(false)
		r.order(ActMessage)
		r.order(ActVouched)
		r.want(len(r.at.s.View(r.at.reading()).Pending) == 0, "heard without a line")
		if r.err != nil {
			return
		}
		p := r.at
		for _, o := range r.orders[1:] {
			p.orders = append(p.orders, o)
			p.s, r.err = p.s.Apply(o)
		}
		pending := p.s.View(p.reading()).Pending
		r.want(len(pending) == 2 && pending[0].Seq == 2 && pending[0].Text != "" && pending[1].Act == ActVouched, "pending %+v", pending)
		r.do(ActObeyed)
		r.want(p.s.View(p.reading()).Pending == nil && p.s.Vouched != nil && p.s.Heeded == 3, "still pending")
		r.do(ActFocusLost)
		r.do(ActFocusLost)
		r.want(p.s.FocusLost == 1 && p.s.Away, "lost %d", p.s.FocusLost)
		r.do(ActFocusBack)
		r.want(!p.s.Away, "away")
		r.do(ActFocusLost)
		r.crash(Second, false) // the program comes back in front
		r.want(!p.s.Away && p.s.FocusLost == 2, "away")
		r.pass(Minute)
		stranger := p.s.View(Reading{Boot: "boot9", Mono: p.reading().Mono + 30*Minute})
		r.want(stranger.Resume && stranger.Used == p.s.Ledger.Used(p.s.Ledger.Last), "another boot's clock counts: %+v", stranger)
		r.end()
	},
}

func TestTheStoriesEndAsTheyShould(t *testing.T) {
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			r := started()
			story(r)
			if r.err != nil {
				t.Fatal(r.err)
			}
		})
	}
}
