package sitting

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"dingkao/exam"
)

var update = flag.Bool("update", false, "write the golden files anew")

// roles are all that can stand in the table.
var roles = append(slices.Clone(exam.Roles), registry)

// next is the well-formed entry that would follow in s, a second later.
func next(s Sitting, a Act, role exam.Role) Entry {
	e := Entry{Act: a, Body: body(s, a, role)}
	if !a.ByTerminal() {
		e.Seq, e.At = s.OrdersSeq+1, nine
		return e
	}
	e.Epoch, e.Seq = s.Epoch, s.Seq+1
	r := Reading{Boot: fmt.Sprintf("boot%d", s.Epoch), Mono: Minute + s.Ledger.Last.Mono, Wall: nine}
	e.Reading = &r
	if e.Seq == 1 || a == ActOpened || a == ActAnchored {
		e.Anchor = &Anchor{Boot: r.Boot, Mono: r.Mono, At: nine + exam.Instant(r.Mono)}
	}
	if a == ActSealed {
		seal := s.Sealing(r, hash)
		e.Seal = &seal
	}
	return e
}

// tours lead over every line of the machine; each step says where it leads.
var tours = []string{`
	vouched=waiting start=ready start=ready message=ready vouched=ready extra=ready move=ready opened=running
	resumed=running anchored=running obeyed=running went=running answered=running marked=running
	focus-lost=running focus-back=running message=running vouched=running extra=running
	pause=paused resumed=paused anchored=paused obeyed=paused focus-lost=paused focus-back=paused
	message=paused vouched=paused extra=paused move=paused resumed=paused resume=running
	move=running resumed=running answered=running sealed=handed-in anchored=handed-in`,
	`absent=absent start=ready absent=absent start=ready opened=running terminated=terminated`,
	`absent/assessor=absent start=ready absent/assessor=absent`,
	`start=ready terminated=terminated`,
	`start=ready opened=running pause=paused terminated=terminated`,
	`start=ready opened=running collected/=handed-in`,
}

// tour walks one; whatever keeps it from its end is the error.
func tour(script string, visit func(State, Act, exam.Role)) (err error) {
	defer func() {
		if r := recover(); r != nil { // a changed machine may do what the code can rely on not to happen
			err = fmt.Errorf("%v", r)
		}
	}()
	s := New()
	for _, step := range strings.Fields(script) {
		what, to, _ := strings.Cut(step, "=")
		name, who, named := strings.Cut(what, "/")
		act, role := Act(name), exam.RoleProctor
		switch {
		case named:
			role = exam.Role(who)
		case act.ByTerminal():
			role = exam.RoleDoctor
		}
		if visit != nil {
			visit(s.State, act, role)
		}
		after, err := s.Apply(next(s, act, role))
		if err != nil {
			return fmt.Errorf("%s in %s: %w", act, s.State, err)
		}
		if !act.ByTerminal() && after.Orders[len(after.Orders)-1].Void {
			return fmt.Errorf("%s in %s is void", act, s.State)
		}
		if after.State != State(to) {
			return fmt.Errorf("%s in %s leads to %s, not %s", act, s.State, after.State, to)
		}
		s = after
	}
	return nil
}

func toured() error {
	for _, script := range tours {
		if err := tour(script, nil); err != nil {
			return err
		}
	}
	return nil
}

func TestEveryLineOfTheMachineLeadsWhereItShould(t *testing.T) {
	seen := map[rule]bool{}
	for _, script := range tours {
		if err := tour(script, func(s State, a Act, r exam.Role) { seen[rule{s, a, r, ""}] = true }); err != nil {
			t.Error(err)
		}
	}
	for _, r := range table {
		if !seen[rule{r.From, r.Act, r.Role, ""}] {
			t.Errorf("no tour leads over %+v", r)
		}
	}
}

// The laws are what no line may break, whatever else the machine learns.
func lawful() error {
	for _, r := range table {
		switch {
		case r.Act.ByTerminal() != (r.Role == exam.RoleDoctor):
			return fmt.Errorf("%+v: a terminal orders, or a proctor sits the exam", r)
		case (r.Act == ActCollected) != (r.Role == registry):
			return fmt.Errorf("%+v: a person collects, or the registry decides by itself", r)
		case r.Act.byCandidate() && (r.From != Running || r.To != Running):
			return fmt.Errorf("%+v: work on a paper that is not open", r)
		case r.From == Terminated:
			return fmt.Errorf("%+v: something behind the end", r)
		case r.From == HandedIn && r != rule{HandedIn, ActAnchored, exam.RoleDoctor, HandedIn}:
			return fmt.Errorf("%+v: something behind the hand-in", r)
		case r.To == HandedIn && r.From != HandedIn && r.Act != ActSealed && r.Act != ActCollected:
			return fmt.Errorf("%+v: handed in without a seal", r)
		case r.To == Paused && r.From != Paused && r.Act != ActPause, r.From == Paused && r.To == Running && r.Act != ActResume:
			return fmt.Errorf("%+v: paused or resumed without an order to", r)
		}
	}
	for i, r := range table {
		for _, o := range table[:i] {
			if o.From == r.From && o.Act == r.Act && o.Role == r.Role {
				return fmt.Errorf("%+v stands twice", r)
			}
		}
	}
	return nil
}

func TestTheMachineKeepsTheLaws(t *testing.T) {
	if err := lawful(); err != nil {
		t.Error(err)
	}
}

func drawing() string {
	var b strings.Builder
	for _, s := range States {
		fmt.Fprintf(&b, "%s %s\n", s, s.Text())
		for _, r := range table {
			if r.From == s {
				role := string(r.Role)
				if r.Role == registry {
					role = "registry"
				}
				fmt.Fprintf(&b, "  %-10s by %-9s -> %s\n", r.Act, role, r.To)
			}
		}
	}
	return b.String()
}

const golden = "testdata/machine.golden"

// The whole machine as a picture: every state, every act, every role.
func TestTheMachineIsAsDrawn(t *testing.T) {
	if *update {
		if err := os.WriteFile(golden, []byte(drawing()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if drawing() != string(want) {
		t.Errorf("the machine differs from %s (go test -update writes it):\n%s", golden, drawing())
	}
}

// A machine with any line taken away or changed in any of its four parts is
// noticed by the tours alone, and by the picture alone; one with any line too
// many by the picture.
func TestAnyChangeOfTheMachineIsNoticed(t *testing.T) {
	whole := table
	defer func() { table = whole }()
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	mutant := func(what string, changed []rule, walk bool) {
		tried++
		table = changed
		if drawing() == string(want) {
			t.Errorf("%s: the picture does not show it", what)
		}
		if walk && toured() == nil {
			t.Errorf("%s: every tour still ends as it should", what)
		}
	}
	for i, r := range whole {
		mutant(fmt.Sprintf("without %+v", r), slices.Delete(slices.Clone(whole), i, i+1), true)
		with := func(m rule) {
			if m != r && !slices.Contains(whole, m) {
				changed := slices.Clone(whole)
				changed[i] = m
				mutant(fmt.Sprintf("%+v in the place of %+v", m, r), changed, true)
			}
		}
		for _, s := range States {
			with(rule{s, r.Act, r.Role, r.To})
			with(rule{r.From, r.Act, r.Role, s})
		}
		for _, role := range roles {
			with(rule{r.From, r.Act, role, r.To})
		}
		for _, a := range Acts {
			with(rule{r.From, a, r.Role, r.To})
		}
	}
	for _, s := range States {
		for _, a := range Acts {
			for _, role := range roles {
				if _, ok := lead(s, a, role); !ok {
					mutant(fmt.Sprintf("%s by %q in %s too", a, role, s), append(slices.Clone(whole), rule{s, a, role, s}), false)
				}
				table = whole
			}
		}
	}
	if tried < 2000 {
		t.Errorf("only %d changes were tried", tried)
	}
}

// The stories alone notice the loss of any line that matters to the course of a
// sitting; what they leave to the tours is named here.
func TestTheStoriesNoticeALostLine(t *testing.T) {
	whole := table
	defer func() { table = whole }()
	told := func() (err error) {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("%v", r)
			}
		}()
		for _, story := range stories {
			r := started()
			if story(r); r.err != nil {
				return r.err
			}
		}
		return nil
	}
	for i, r := range whole {
		switch {
		case r.From == Waiting && r.Act != ActStart, r.Role == exam.RoleAssessor,
			r.From == Ready && r.Act != ActOpened && r.Act != ActMove && r.Act != ActAbsent,
			r.From == Paused && r.Act != ActResume && r.Act != ActMove && r.Act != ActResumed && r.Act != ActObeyed:
			continue
		}
		table = slices.Delete(slices.Clone(whole), i, i+1)
		if told() == nil {
			t.Errorf("without %+v every story still ends as it should", r)
		}
	}
}

func TestARefusalIsACalmSentence(t *testing.T) {
	sat := []string{"", "start=ready", "start=ready opened=running", "start=ready opened=running pause=paused",
		"start=ready opened=running sealed=handed-in", "start=ready opened=running terminated=terminated", "absent=absent"}
	for _, script := range sat {
		s := New()
		for _, step := range strings.Fields(script) {
			what, _, _ := strings.Cut(step, "=")
			role := exam.RoleProctor
			if Act(what).ByTerminal() {
				role = exam.RoleDoctor
			}
			after, err := s.Apply(next(s, Act(what), role))
			if err != nil {
				t.Fatal(err)
			}
			s = after
		}
		for _, a := range Acts {
			role := exam.RoleProctor
			if a.ByTerminal() {
				role = exam.RoleDoctor
			} else if a == ActCollected {
				role = registry
			}
			if s.Allows(a, role) {
				continue
			}
			err := s.Admit(next(s, a, role), nine)
			kind := exam.KindOf(err)
			if kind != exam.Refused && !(a.ByTerminal() && kind == exam.Conflict && (s.Epoch == 0 || s.State == Terminated)) {
				t.Errorf("%s in %s: %v", a, s.State, err)
			}
			if exam.SentenceOf(err) == "" || strings.ContainsAny(exam.SentenceOf(err), ",;:!?()") {
				t.Errorf("%s in %s says %q", a, s.State, exam.SentenceOf(err))
			}
		}
	}
	for _, a := range Acts {
		if a.Text() == string(a) {
			t.Errorf("%s has no Chinese name", a)
		}
	}
}

// Each of these would be believed by a careless reader.
func TestMalformedEntriesAreRefused(t *testing.T) {
	ready, err := New().Apply(next(New(), ActStart, exam.RoleProctor))
	if err != nil {
		t.Fatal(err)
	}
	running, err := ready.Apply(next(ready, ActOpened, exam.RoleDoctor))
	if err != nil {
		t.Fatal(err)
	}
	other := "boot9"
	cases := []struct {
		name   string
		s      Sitting
		act    Act
		change func(*Entry)
		want   exam.Kind
	}{
		{"no reading", running, ActWent, func(e *Entry) { e.Reading = nil }, exam.Invalid},
		{"no boot", running, ActWent, func(e *Entry) { e.Reading.Boot = "" }, exam.Invalid},
		{"a monotonic clock below zero", running, ActWent, func(e *Entry) { e.Reading.Mono = -1 }, exam.Invalid},
		{"a monotonic clock that would overflow", running, ActWent, func(e *Entry) { e.Reading.Mono = 1<<63 - 1 }, exam.Invalid},
		{"opened without a word of the registry", ready, ActOpened, func(e *Entry) { e.Anchor = nil }, exam.Invalid},
		{"an anchor of another boot", ready, ActOpened, func(e *Entry) { e.Anchor.Boot = other }, exam.Invalid},
		{"an anchor of a later moment", ready, ActOpened, func(e *Entry) { e.Anchor.Mono = e.Reading.Mono + 1 }, exam.Invalid},
		{"anchored without an anchor", running, ActAnchored, func(e *Entry) { e.Anchor = nil }, exam.Invalid},
		{"another boot without resumed", running, ActAnswered, func(e *Entry) { e.Reading.Boot = other }, exam.Refused},
		{"a question of another paper", running, ActAnswered, func(e *Entry) { e.Question = "x" }, exam.Invalid},
		{"answered without an answer", running, ActAnswered, func(e *Entry) { e.Answer = nil }, exam.Invalid},
		{"marked without a mark", running, ActMarked, func(e *Entry) { e.Marked = nil }, exam.Invalid},
		{"alive before the last entry", running, ActResumed, func(e *Entry) { e.Alive = &Reading{Boot: e.Reading.Boot} }, exam.Invalid},
		{"alive after it resumed", running, ActResumed, func(e *Entry) {
			r := *e.Reading
			r.Mono++
			e.Alive = &r
		}, exam.Invalid},
		{"alive in a boot that nobody knows", running, ActResumed, func(e *Entry) { e.Alive = &Reading{Boot: other, Mono: 1} }, exam.Invalid},
		{"sealed without a seal", running, ActSealed, func(e *Entry) { e.Seal = nil }, exam.Invalid},
		{"a seal without a hash", running, ActSealed, func(e *Entry) { e.Seal.Hash = "" }, exam.Invalid},
		{"a seal that counts other answers", running, ActSealed, func(e *Entry) { e.Seal.Answered++ }, exam.Invalid},
		{"a seal over another head", running, ActSealed, func(e *Entry) { e.Seal.Head-- }, exam.Invalid},
		{"a seal that claims less time", running, ActSealed, func(e *Entry) { e.Seal.Used-- }, exam.Invalid},
		{"a seal that claims the end", running, ActSealed, func(e *Entry) { e.Seal.Auto = true }, exam.Invalid},
		{"another epoch", running, ActWent, func(e *Entry) { e.Epoch = 2 }, exam.Conflict},
		{"no epoch", running, ActWent, func(e *Entry) { e.Epoch = 0 }, exam.Conflict},
		{"a seq left out", running, ActWent, func(e *Entry) { e.Seq++ }, exam.Conflict},
		{"the same seq again", running, ActWent, func(e *Entry) { e.Seq-- }, exam.Conflict},
		{"an order that was not read", running, ActWent, func(e *Entry) { e.Orders = 0 }, exam.Conflict},
		{"an order that does not exist", running, ActWent, func(e *Entry) { e.Orders = 2 }, exam.Conflict},
		{"an act that does not exist", running, "whatever", nil, exam.Invalid},
		{"an order by nobody", running, ActPause, func(e *Entry) { e.By = nil }, exam.Invalid},
		{"an order without a time", running, ActPause, func(e *Entry) { e.At = 0 }, exam.Invalid},
		{"a pause without a reason", running, ActPause, func(e *Entry) { e.Text = " " }, exam.Invalid},
		{"a long message", running, ActMessage, func(e *Entry) { e.Text = strings.Repeat("请", MostText+1) }, exam.Invalid},
		{"a message that no screen shows", running, ActMessage, func(e *Entry) { e.Text = "a\x00b" }, exam.Invalid},
		{"no extra time", running, ActExtra, func(e *Entry) { e.Extra = 0 }, exam.Invalid},
		{"less time", running, ActExtra, func(e *Entry) { e.Extra = -Minute }, exam.Invalid},
		{"a move of another epoch", running, ActMove, func(e *Entry) { e.Fences = 2 }, exam.Conflict},
		{"a move over what has just arrived", running, ActMove, func(e *Entry) { e.Ack = 0 }, exam.Conflict},
		{"a start without terms", New(), ActStart, func(e *Entry) { e.Terms = nil }, exam.Invalid},
		{"a start without questions", New(), ActStart, func(e *Entry) { e.Terms.Questions = nil }, exam.Invalid},
		{"a question twice", New(), ActStart, func(e *Entry) { e.Terms.Questions[1] = e.Terms.Questions[0] }, exam.Invalid},
		{"a start without length", New(), ActStart, func(e *Entry) { e.Terms.Length = 0 }, exam.Invalid},
		{"collected by a person", running, ActCollected, nil, exam.Invalid},
	}
	for _, c := range cases {
		role := exam.RoleProctor
		if c.act.ByTerminal() {
			role = exam.RoleDoctor
		}
		e := next(c.s, c.act, role)
		if c.change != nil {
			c.change(&e)
		}
		if _, err := c.s.Apply(e); exam.KindOf(err) != c.want {
			t.Errorf("%s: %v, want %s", c.name, err, c.want)
		}
	}
	e := next(ready, ActOpened, exam.RoleDoctor)
	if e.Plausible(e.Anchor.At) != nil {
		t.Error("an honest anchor is refused")
	}
	if exam.KindOf(e.Plausible(e.Anchor.At-exam.Instant(Minute))) != exam.Invalid {
		t.Error("an anchor from the future is believed")
	}
}

func TestAFoldNeedsAllThatWasAcknowledged(t *testing.T) {
	r := started()
	r.answer(1, a)
	r.order(ActMove)
	if r.err != nil {
		t.Fatal(r.err)
	}
	if _, err := Fold([][]Entry{r.epochs[0][:1]}, r.orders); exam.KindOf(err) != exam.Damaged {
		t.Errorf("one entry is missing: %v", err)
	}
	stray := next(r.reg, ActResumed, exam.RoleDoctor)
	if _, err := Fold([][]Entry{r.epochs[0], {stray}, {stray}}, r.orders); exam.KindOf(err) != exam.Conflict {
		t.Errorf("an epoch that nobody ordered: %v", err)
	}
	if s, err := Fold(nil, nil); err != nil || s.State != Waiting {
		t.Errorf("nothing at all: %s, %v", s.State, err)
	}
}

func TestClocksThatDoNotAgreeAreNamedAndChangeNothing(t *testing.T) {
	kinds := func(r *rig) (ks []AnomalyKind) {
		for _, n := range r.at.s.Ledger.Anomalies {
			ks = append(ks, n.Kind)
		}
		return ks
	}
	r := started()
	r.pass(10 * Minute)
	r.doWith(ActAnchored, func(b *Body) { b.Anchor.At -= exam.Instant(30 * Second) }) // monotonic time runs ahead
	if r.err != nil || !slices.Equal(kinds(r), []AnomalyKind{RateOff}) || r.used() != 10*Minute {
		t.Errorf("rate: %v, %v, used %s", r.err, kinds(r), r.used().Text())
	}

	r = started()
	r.pass(10 * Minute)
	r.do(ActFocusLost)
	r.doWith(ActFocusBack, func(b *Body) { b.Reading.Mono -= 5 * Minute; b.Reading.Wall -= exam.Instant(5 * Minute) })
	if r.err != nil || !slices.Contains(kinds(r), MonoBack) || r.used() != 10*Minute || r.at.s.Ledger.used != 10*Minute {
		t.Errorf("back: %v, %v, used %s", r.err, kinds(r), r.used().Text())
	}

	r = started()
	r.pass(10 * Minute)
	r.line(false)
	r.order(ActMessage)
	r.at.since += exam.Instant(5 * Minute) // its monotonic clock stood still meanwhile
	r.at.wallOff = -5 * Minute
	r.line(true)
	if r.err != nil || !slices.Contains(kinds(r), BeforeOrder) {
		t.Errorf("before: %v, %v", r.err, kinds(r))
	}
	for _, k := range []AnomalyKind{WallSet, MonoBack, RateOff, BeforeOrder, Unmeasured, OverCredit, LateMeasured} {
		if k.Text() == string(k) {
			t.Errorf("%s has no Chinese name", k)
		}
	}
}

func TestASealOverAnotherHistoryIsNotJudged(t *testing.T) {
	r := started()
	r.answer(1, a)
	r.do(ActSealed)
	if r.err != nil {
		t.Fatal(r.err)
	}
	if _, err := r.reg.Judge(strings.Repeat("cd", 32)); exam.KindOf(err) != exam.Damaged {
		t.Error(err)
	}
}
