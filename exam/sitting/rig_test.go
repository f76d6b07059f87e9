package sitting

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"dingkao/exam"
	"dingkao/exam/paper"
)

var hash = strings.Repeat("ab", 32)

const (
	day   = exam.Instant(1_726_358_400_000_000) // 2024-09-15 08:00 in China
	nine  = day + exam.Instant(60*Minute)
	count = 100
)

func terms() *Terms {
	t := Terms{Paper: "p1", Length: 60 * Minute, Gap: UsualGap, Gaps: UsualGaps, Released: nine}
	for i := range count {
		t.Questions = append(t.Questions, question(i+1))
	}
	return &t
}

func question(n int) paper.QuestionID { return paper.QuestionID(fmt.Sprintf("q%03d", n)) }

func by(r exam.Role) *Actor {
	if r == registry {
		return nil
	}
	return &Actor{Account: "a-" + exam.AccountID(r), Name: "王敏", Role: r}
}

func some(a paper.Answer) *paper.Answer { return &a }
func yes() *bool                        { b := true; return &b }

// body is a well-formed body for the act in s, without what the clocks say.
func body(s Sitting, a Act, role exam.Role) Body {
	b := Body{}
	if a.ByTerminal() {
		b.Orders = s.OrdersSeq
	} else {
		b.By = by(role)
	}
	switch a {
	case ActWent, ActAnswered, ActMarked:
		b.Question, b.Answer, b.Marked = "q001", some(paper.Only(2)), yes()
	case ActStart:
		b.Terms = terms()
	case ActExtra:
		b.Extra, b.Text = 5*Minute, "考试机故障"
	case ActMove, ActTerminated:
		b.Fences, b.Ack, b.Text = s.Epoch, s.Seq, "考试机故障"
	case ActMessage, ActPause, ActAbsent, ActVouched:
		b.Text = "请在座位上等候"
	}
	return b
}

// rig is a room in virtual time: one registry, and the terminals that a sitting
// was given to, one after the other. The first thing that goes wrong is kept in
// err and ends the story, so that a test can require a story to fail.
type rig struct {
	err    error
	now    exam.Instant // true time, which is the registry's
	log    []string
	reg    Sitting // as the registry lives it, entry by entry
	epochs [][]Entry
	orders []Entry
	at     *place
	old    []*place // that lost the epoch
	honest bool     // the PC's clock is never set
}

// place is a terminal on a PC.
type place struct {
	r       *rig
	epoch   Epoch
	boot    string
	boots   int
	since   exam.Instant // true time of the boot
	wallOff Span
	online  bool
	s       Sitting // as the terminal lives it
	epochs  [][]Entry
	orders  []Entry
}

func newRig() *rig {
	return &rig{now: nine - exam.Instant(10*Minute), reg: New()}
}

func (r *rig) want(ok bool, format string, args ...any) {
	if !ok && r.err == nil {
		r.err = fmt.Errorf("%s\nafter: %s", fmt.Sprintf(format, args...), strings.Join(r.log, ", "))
	}
}

func (r *rig) pass(d Span) {
	if r.err == nil {
		r.now += exam.Instant(d)
		r.log = append(r.log, "+"+d.Duration().String())
	}
}

// sit gives the epoch in force to a fresh PC.
func (r *rig) sit(pc string) {
	if r.err != nil {
		return
	}
	if r.at != nil {
		r.old = append(r.old, r.at)
	}
	p := &place{r: r, epoch: r.reg.Epoch, boot: pc, since: r.now - exam.Instant(3*Minute), online: true, s: r.reg}
	for _, es := range r.epochs {
		p.epochs = append(p.epochs, slices.Clone(es))
	}
	for len(p.epochs) < int(p.epoch) {
		p.epochs = append(p.epochs, nil)
	}
	p.orders = slices.Clone(r.orders)
	r.at = p
}

func (p *place) reading() Reading {
	mono := Span(p.r.now - p.since)
	return Reading{Boot: p.boot, Mono: mono, Wall: p.r.now + exam.Instant(p.wallOff)}
}

func (p *place) anchor() *Anchor {
	return &Anchor{Boot: p.boot, Mono: p.reading().Mono, At: p.r.now}
}

// try is an entry of the terminal: judged, applied, stored, and sent if there is a line.
func (p *place) try(a Act, change func(*Body)) error {
	b := body(p.s, a, exam.RoleDoctor)
	r := p.reading()
	b.Reading = &r
	if p.online && (a == ActOpened || a == ActResumed || a == ActAnchored) {
		b.Anchor = p.anchor()
	}
	if a == ActSealed {
		seal := p.s.Sealing(r, hash)
		b.Seal = &seal
	}
	if change != nil {
		change(&b)
	}
	e := Entry{Epoch: p.epoch, Seq: p.s.Seq + 1, At: r.Wall, Act: a, Body: b}
	if err := p.s.Admit(e, p.r.now); err != nil {
		return err
	}
	p.store(e)
	return nil
}

// store writes without asking whether it is in time.
func (p *place) store(e Entry) {
	next, err := p.s.Apply(e)
	p.r.want(err == nil, "%s at the terminal: %v", e.Act, err)
	if err != nil {
		return
	}
	p.s = next
	p.epochs[p.epoch-1] = append(p.epochs[p.epoch-1], e)
	if p.online {
		p.sync()
	}
}

// sync is one exchange over the line: the tail goes up, the orders come down and
// are obeyed at once.
func (p *place) sync() {
	r := p.r
	for len(r.epochs) < int(p.epoch) {
		r.epochs = append(r.epochs, nil)
	}
	for {
		held := len(r.epochs[p.epoch-1])
		if held >= len(p.epochs[p.epoch-1]) || !r.receive(p.epochs[p.epoch-1][held]) {
			break
		}
	}
	heard := false
	for len(p.orders) < len(r.orders) {
		o := r.orders[len(p.orders)]
		p.orders = append(p.orders, o)
		next, err := p.s.Apply(o)
		if exam.KindOf(err) == exam.Conflict {
			for len(p.epochs) < len(r.epochs) {
				p.epochs = append(p.epochs, nil)
			}
			next, err = Fold(p.epochs, p.orders)
		}
		r.want(err == nil, "%s at the terminal: %v", o.Act, err)
		p.s = next
		heard = true
	}
	if heard && p.s.Epoch == p.epoch && p.s.Allows(ActObeyed, exam.RoleDoctor) && !p.s.View(p.reading()).Resume {
		r.want(p.try(ActObeyed, nil) == nil, "obeying is refused")
	}
}

// receive is the registry's door. It says whether the entry was acknowledged.
func (r *rig) receive(e Entry) bool {
	if !r.reg.Acknowledges(e.Epoch) || e.Plausible(r.now) != nil {
		return false
	}
	next, err := r.reg.Apply(e)
	if exam.KindOf(err) == exam.Conflict {
		epochs := slices.Clone(r.epochs)
		epochs[e.Epoch-1] = append(slices.Clone(epochs[e.Epoch-1]), e)
		next, err = Fold(epochs, r.orders)
	}
	r.want(err == nil, "%s %d/%d at the registry: %v", e.Act, e.Epoch, e.Seq, err)
	if err != nil {
		return false
	}
	r.reg = next
	r.epochs[e.Epoch-1] = append(r.epochs[e.Epoch-1], e)
	return true
}

func (r *rig) do(a Act) { r.doWith(a, nil) }

func (r *rig) doWith(a Act, change func(*Body)) {
	if r.err != nil {
		return
	}
	r.log = append(r.log, string(a))
	err := r.at.try(a, change)
	r.want(err == nil, "%s: %v", a, err)
}

func (r *rig) refused(a Act, want exam.Kind) {
	if r.err != nil {
		return
	}
	err := r.at.try(a, nil)
	r.want(exam.KindOf(err) == want, "%s: %v, want %s", a, err, want)
}

func (r *rig) answer(n int, a paper.Answer) {
	r.doWith(ActAnswered, func(b *Body) { b.Question, b.Answer = question(n), &a })
}

// give is an order of the registry; it says why not.
func (r *rig) give(a Act, change func(*Body)) error {
	role := exam.RoleProctor
	if a == ActCollected {
		role = registry
	}
	b := body(r.reg, a, role)
	if change != nil {
		change(&b)
	}
	e := Entry{Seq: r.reg.OrdersSeq + 1, At: r.now, Act: a, Body: b}
	if err := r.reg.Admit(e, r.now); err != nil {
		return err
	}
	next, err := r.reg.Apply(e)
	r.want(err == nil, "%s at the registry: %v", a, err)
	r.reg = next
	r.orders = append(r.orders, e)
	if r.at != nil && r.at.online && a != ActMove {
		r.at.sync()
	}
	return nil
}

func (r *rig) order(a Act) { r.orderWith(a, nil) }

func (r *rig) orderWith(a Act, change func(*Body)) {
	if r.err != nil {
		return
	}
	r.log = append(r.log, string(a))
	err := r.give(a, change)
	r.want(err == nil, "order %s: %v", a, err)
}

// line takes the line away or gives it back.
func (r *rig) line(on bool) {
	if r.err != nil || r.at.online == on {
		return
	}
	r.log = append(r.log, fmt.Sprintf("line %v", on))
	r.at.online = on
	if !on {
		return
	}
	if r.at.s.Allows(ActAnchored, exam.RoleDoctor) && r.at.boot == r.at.s.Ledger.Last.Boot && r.at.s.Epoch == r.at.epoch {
		r.want(r.at.try(ActAnchored, nil) == nil, "anchoring is refused")
	}
	r.at.sync()
}

// crash stops the program for a while, with the PC if reboot, and folds again
// from what lies on its disk.
func (r *rig) crash(down Span, reboot bool) {
	if r.err != nil {
		return
	}
	p := r.at
	r.log = append(r.log, fmt.Sprintf("crash %v reboot %v", down.Duration(), reboot))
	alive := p.reading()
	r.now += exam.Instant(down)
	if reboot {
		p.boots++
		p.boot = fmt.Sprintf("%s+%d", strings.Split(p.boot, "+")[0], p.boots)
		p.since = r.now - exam.Instant(Second)
	}
	s, err := Fold(p.epochs, p.orders)
	r.want(err == nil, "folding from disk: %v", err)
	r.want(reflect.DeepEqual(s, p.s), "the disk says\n%+v\nthe terminal lived\n%+v", s, p.s)
	p.s = s
	if p.online {
		p.sync()
	}
	if p.s.Allows(ActResumed, exam.RoleDoctor) && p.s.Epoch == p.epoch {
		r.doWith(ActResumed, func(b *Body) { b.Alive = &alive })
	}
}

// started is a candidate at question 1 at nine, online.
func started() *rig {
	r := newRig()
	r.order(ActStart)
	r.sit("pc1")
	r.pass(10 * Minute)
	r.do(ActOpened)
	return r
}

func (r *rig) used() Span { return r.at.s.Ledger.Used(r.at.reading()) }
func (r *rig) left() Span { return r.at.s.Ledger.Left(r.at.reading()) }

// end closes the story: everything is delivered, and both ends agree.
func (r *rig) end() Verdict {
	r.line(true)
	if r.err != nil {
		return Verdict{}
	}
	r.at.sync()
	s, err := Fold(r.epochs, r.orders)
	r.want(err == nil, "the registry's fold: %v", err)
	r.want(reflect.DeepEqual(s, r.reg), "the registry folds\n%+v\nand lived\n%+v", s, r.reg)
	if r.at.s.Epoch == r.at.epoch && len(r.at.s.Uncounted) == len(s.Uncounted) {
		r.want(reflect.DeepEqual(s, r.at.s), "the registry folds\n%+v\nthe terminal lived\n%+v", s, r.at.s)
	}
	if s.State != HandedIn {
		return Verdict{}
	}
	v, err := s.Judge(hash)
	r.want(err == nil, "judging: %v", err)
	return v
}
