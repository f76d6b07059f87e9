//go:build linux

package torture

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/paper"
	"dingkao/exam/sitting"
	"dingkao/sync/registry"
	"dingkao/sync/registry/demo"
	"dingkao/sync/registry/registrytest"
	"dingkao/sync/wire"
)

var (
	roundsFlag  = flag.Int("rounds", 12, "how many exams")
	seedFlag    = flag.Uint64("seed", 0, "of the first round; 0 draws one")
	plantedFlag = flag.Bool("planted", false, "plant the fault: acknowledge before the commit")
)

// What a round is made of.
const (
	speed     = 60 // of the machine's time at both ends
	minutes   = 3  // of an exam: three seconds of ours
	questions = 20
	atOnce    = 6                // exams at one time
	patience  = 90 * time.Second // for one round
)

func TestMain(m *testing.M) {
	if role := os.Getenv("TORTURE"); role != "" {
		child(role)
		return
	}
	flag.Parse()
	if testing.Short() { // under the race detector: whether it runs at all
		*roundsFlag = min(*roundsFlag, 4)
	}
	os.Exit(m.Run())
}

// world is the rig.
type world struct {
	t       *testing.T
	reg     *registrytest.Registry // a second node on the registry's store: it orders and looks
	epoch   time.Time              // when the machine's time began
	dir     string
	url     string // through the line
	proc    *exec.Cmd
	port    string
	kills   atomic.Int64
	lines   [5]atomic.Int64 // what the line did
	proctor registry.Session

	mu     sync.Mutex
	wrong  []string
	back   []time.Duration // from a terminal's start to its question
	counts map[string]int
}

func (w *world) blame(seed uint64, format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong = append(w.wrong, fmt.Sprintf("seed %d: ", seed)+fmt.Sprintf(format, args...))
}

func (w *world) count(what string, n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.counts[what] += n
}

func TestNoAcknowledgedAnswerIsLost(t *testing.T) {
	w := begin(t, *roundsFlag)
	seed := *seedFlag
	if seed == 0 {
		seed = rand.Uint64() % 1_000_000_000
	}
	began := time.Now()
	w.run(seed, *roundsFlag, *plantedFlag)
	w.close()
	report, err := w.reg.AuditVerify(context.Background())
	if err != nil || !report.Clean {
		t.Errorf("audit verify: %+v %v", report, err)
	}
	slices.Sort(w.back)
	at := func(q float64) time.Duration {
		if len(w.back) == 0 {
			return 0
		}
		return w.back[min(int(q*float64(len(w.back))), len(w.back)-1)].Round(time.Millisecond)
	}
	fmt.Printf("torture: %d rounds from seed %d in %s: %d answers acknowledged, %d entries at the registry, %d crashes of terminals (%d of them reboots), %d of the registry,\n"+
		"  %d moves, %d pauses, %d extra times, %d ended by the clock, %d writes refused by a full disk; the line dropped %d requests, lost %d answers, doubled %d, held back %d;\n"+
		"  back at the same question after a crash: median %s, worst %s; lost, doubled or late: %d\n",
		*roundsFlag, seed, time.Since(began).Round(time.Second), w.counts["acknowledged"], w.counts["entries"], w.counts["crashes"], w.counts["reboots"], w.kills.Load(),
		w.counts["moves"], w.counts["pauses"], w.counts["extras"], w.counts["clock"], w.counts["full"],
		w.lines[drops].Load(), w.lines[losesAnswer].Load(), w.lines[doubles].Load(), w.lines[holds].Load(), at(.5), at(1), len(w.wrong))
	for i, s := range w.wrong {
		if i == 10 {
			t.Errorf("and %d more", len(w.wrong)-i)
			break
		}
		t.Error(s)
	}
	if w.counts["acknowledged"] < 10**roundsFlag {
		t.Errorf("only %d answers in %d rounds: the rig does not do what it says", w.counts["acknowledged"], *roundsFlag)
	}
}

// The rig itself: with the fault planted it must find a loss.
func TestAnAcknowledgementBeforeTheCommitIsCaught(t *testing.T) {
	if *plantedFlag || testing.Short() {
		t.Skip("planted by hand, or no time for it")
	}
	const batch, most = 12, 8
	w := begin(t, batch*most)
	rounds := 0
	for ; rounds < batch*most && len(w.wrong) == 0; rounds += batch {
		w.runFrom(rounds, 4711, batch, true)
	}
	w.close()
	if len(w.wrong) == 0 {
		t.Fatalf("nothing was found in %d rounds with a fault planted", rounds)
	}
	fmt.Printf("torture: with the fault planted, %d losses were found in %d rounds\n", len(w.wrong), rounds)
}

// begin makes a registry with a doctor and a seat for each round.
func begin(t *testing.T, rounds int) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), counts: map[string]int{}, reg: registrytest.Start(t)}
	ctx := context.Background()
	c := demo.Cycle(exam.DateOf(w.reg.Clock.Now().In(exam.China)))
	c.Minutes = minutes
	c.Questions, c.PassMark = questions, questions/2
	if err := w.reg.AddCycle(ctx, c); err != nil {
		t.Fatal(err)
	}
	w.reg.DrawPaper(t, questions)
	var rows []registry.RosterRow
	for i := range rounds {
		row := demo.RosterRow(0)
		row.Identity, row.Name, row.Line = login(i), "考生"+strconv.Itoa(i), i+1
		rows = append(rows, row)
	}
	results, err := w.reg.ImportRoster(ctx, rows)
	if err != nil {
		t.Fatal(err)
	}
	institution, assessor := w.reg.Who(t, registrytest.Institution), w.reg.Who(t, registrytest.Assessor)
	decide := func(who registry.Session, act application.Act, on uint64) {
		for at := 0; at < rounds; at += 400 {
			d := application.Decision{Act: act}
			for i := at; i < min(at+400, rounds); i++ {
				d.Targets = append(d.Targets, application.Target{Application: results[i].Application, On: on})
			}
			outs, err := w.reg.Decide(ctx, who, d)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range outs {
				if o.Kind != "" {
					t.Fatalf("%s: %+v", act, o)
				}
			}
		}
	}
	decide(institution, application.ActIncluded, 0)
	for i := range rounds {
		w.reg.Applications[login(i)] = results[i].Application
		form := w.reg.Form(t, login(i))
		form.Choice = &application.Choice{Procedure: application.General, Proofs: []exam.Blob{}}
		w.reg.Append(t, login(i), application.ActSaved, application.Body{Form: &form})
		w.reg.Append(t, login(i), application.ActSubmitted, application.Body{})
	}
	decide(institution, application.ActApproved, 2)
	decide(assessor, application.ActApproved, 2)

	w.epoch = time.Now()
	w.reg.Clock.Run(w.epoch, speed)
	w.proctor = w.reg.Who(t, registrytest.Proctor)
	l, err := net.Listen("tcp", "127.0.0.1:0") // a free port, for every start of the registry
	if err != nil {
		t.Fatal(err)
	}
	w.port = l.Addr().String()
	l.Close()
	w.serve()
	w.line()
	return w
}

func login(i int) string {
	return string(exam.WithCheckDigit(fmt.Sprintf("1499001980%02d%02d%03d", 1+i/28%12, 1+i%28, i/336)))
}

// serve starts the registry's process and waits until it answers.
func (w *world) serve() {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TORTURE=registry", "TORTURE_JOB="+encode(registryJob{Dir: w.reg.Dir, Listen: w.port, Epoch: w.epoch}))
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		w.t.Error(err)
		return
	}
	w.mu.Lock()
	w.proc = cmd
	w.mu.Unlock()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if c, err := net.Dial("tcp", w.port); err == nil {
			c.Close()
			return
		}
	}
	w.t.Error("the registry did not start")
}

func (w *world) killRegistry() {
	w.mu.Lock()
	p := w.proc
	w.mu.Unlock()
	_ = p.Process.Kill()
	_ = p.Wait()
}

func (w *world) close() { w.killRegistry() }

// What the line does to a request.
const (
	delivers = iota
	drops
	losesAnswer
	doubles
	holds
)

// line stands between terminals and registry. A terminal names its round's seed
// in nothing: what happens to a request is drawn from the path of the moment,
// since the order in which requests meet is chance anyway.
func (w *world) line() {
	target, err := url.Parse("http://" + w.port)
	if err != nil {
		w.t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 32}
	forward := &httputil.ReverseProxy{
		Rewrite:      func(p *httputil.ProxyRequest) { p.SetURL(target) },
		Transport:    transport,
		ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) },
		ErrorLog:     nil,
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(out http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		again := func() *http.Request {
			r := q.Clone(q.Context())
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			return r
		}
		what := delivers
		if n := rand.IntN(100); n < 24 && !strings.HasPrefix(q.URL.Path, "/v1/sign") && q.URL.Path != "/v1/captcha" {
			what = 1 + n%4
		}
		w.lines[what].Add(1)
		switch what {
		case drops:
			panic(http.ErrAbortHandler)
		case losesAnswer:
			forward.ServeHTTP(httptest.NewRecorder(), again())
			panic(http.ErrAbortHandler)
		case doubles:
			forward.ServeHTTP(httptest.NewRecorder(), again())
		case holds:
			time.Sleep(time.Duration(rand.IntN(120)) * time.Millisecond)
		}
		forward.ServeHTTP(out, again())
	}))
	srv.Config.ErrorLog = silent()
	srv.Start()
	w.t.Cleanup(srv.Close)
	w.t.Cleanup(transport.CloseIdleConnections)
	w.url = srv.URL
}

// run goes through the rounds, some at a time, while the registry dies now and then.
func (w *world) run(seed uint64, rounds int, planted bool) { w.runFrom(0, seed, rounds, planted) }

// runFrom is run with the doctors behind the first ones.
func (w *world) runFrom(first int, seed uint64, rounds int, planted bool) {
	stop := make(chan struct{})
	var killer sync.WaitGroup
	killer.Add(1)
	go func() {
		defer killer.Done()
		r := rand.New(rand.NewPCG(seed, 7))
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Duration(800+r.IntN(2500)) * time.Millisecond):
				w.killRegistry()
				w.kills.Add(1)
				w.serve()
			}
		}
	}()
	gate := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i := range rounds {
		gate <- struct{}{}
		all.Add(1)
		go func() {
			defer func() { <-gate; all.Done() }()
			w.round(first+i, seed+uint64(first+i), planted)
		}()
	}
	all.Wait()
	close(stop)
	killer.Wait()
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// said is one line that a terminal printed.
type said struct {
	kind   string // T about to answer, A acknowledged, N not saved, R the registry has it, C current question, B back at it, O open, S sealed, D delivered, X stopped
	q      paper.QuestionID
	a      paper.Answer
	device int
	run    int
}

// round is one exam.
func (w *world) round(i int, seed uint64, planted bool) {
	r := rand.New(rand.NewPCG(seed, 1))
	moves := r.IntN(100) < 15
	byClock := r.IntN(100) < 35
	pauses, extras := r.IntN(100) < 20, r.IntN(100) < 20
	crashes := r.IntN(4)
	full := r.IntN(100) < 12
	dir, err := os.MkdirTemp(w.dir, "pc")
	if err != nil {
		w.t.Error(err)
		return
	}
	defer os.RemoveAll(dir)
	job := terminalJob{Path: filepath.Join(dir, "one.db"), URL: w.url, Login: login(i), Seed: seed, Epoch: w.epoch, Boot: "boot-1",
		BootAt: w.epoch.Add(-time.Duration(1+r.IntN(100)) * time.Second), ByClock: byClock, Planted: planted, Full: full, Answers: 15 + r.IntN(40)}
	end := time.Now().Add(patience)
	boots := map[string]time.Time{job.Boot: job.BootAt}
	var heard []said
	device, run := 1, 0
	var id sitting.ID
	var extra sitting.Span
	started := false
	var old *process
	var rest chan []said // of the old PC, when it has ended
	begunMove := false
	for {
		run++
		job.Run = run
		job.Wall = time.Duration(r.IntN(7)-3) * time.Hour // the PC's clock is anywhere
		p, err := w.spawn(job)
		if err != nil {
			w.blame(seed, "%v", err)
			return
		}
		spawned := time.Now()
		life := time.Duration(50+r.IntN(900)) * time.Millisecond
		var death <-chan time.Time
		opened := false
		done := false
	listen:
		for {
			select {
			case line, ok := <-p.lines:
				if !ok {
					break listen
				}
				s := parse(line, device, run)
				heard = append(heard, s)
				switch s.kind {
				case "I":
					id = sitting.ID(strings.TrimPrefix(line, "I "))
					if !started {
						started = true
						if err := w.order(id, sitting.Command{Act: sitting.ActStart}); err != nil {
							w.blame(seed, "start: %v", err)
						}
					}
				case "O", "B":
					if !opened {
						opened = true
						if s.kind == "B" {
							w.mu.Lock()
							w.back = append(w.back, time.Since(spawned))
							w.mu.Unlock()
						}
						if crashes > 0 {
							death = time.After(life)
						}
						if pauses && r.IntN(2) == 0 {
							pauses = false
							w.count("pauses", 1)
							all := w.order(id, sitting.Command{Act: sitting.ActPause, Text: "请稍候"})
							time.AfterFunc(time.Duration(100+r.IntN(600))*time.Millisecond, func() {
								_ = w.order(id, sitting.Command{Act: sitting.ActResume})
							})
							if all != nil && exam.KindOf(all) != exam.Refused {
								w.blame(seed, "pause: %v", all)
							}
						}
						if extras {
							extras = false
							if w.order(id, sitting.Command{Act: sitting.ActExtra, Text: "考试机更换耗时", Extra: sitting.Minute}) == nil {
								extra += sitting.Minute
								w.count("extras", 1)
							}
						}
						if moves && !begunMove {
							begunMove = true
							death = time.After(life)
						}
					}
				case "D", "X":
					done = s.kind == "D"
				}
			case <-death:
				death = nil
				if moves && device == 1 && begunMove {
					code, err := w.move(id)
					if err != nil { // handed in already
						continue
					}
					w.count("moves", 1)
					old = p // it goes on, and must find out by itself
					device = 2
					job.Path, job.Code, job.Boot = filepath.Join(dir, "two.db"), code, "boot-of-two"
					job.BootAt = w.epoch.Add(-time.Duration(1+r.IntN(100)) * time.Second)
					boots[job.Boot] = job.BootAt
					break listen
				}
				_ = p.cmd.Process.Kill()
				crashes--
				w.count("crashes", 1)
			case <-time.After(time.Until(end)):
				p.kill()
				w.blame(seed, "the exam did not end in %s; last heard: %s", patience, tailOf(heard))
				return
			}
		}
		if old == p {
			heardOld, device1Run := make(chan []said, 1), run
			go func() { // the old PC goes on, and must find out by itself
				var list []said
				for line := range p.lines {
					list = append(list, parse(line, 1, device1Run))
				}
				heardOld <- list
			}()
			rest = heardOld
			continue
		}
		p.wait()
		if done {
			break
		}
		if time.Now().After(end) {
			w.blame(seed, "the exam did not end; last heard: %s", tailOf(heard))
			return
		}
		if r.IntN(2) == 0 { // the PC was started anew
			job.Boot = fmt.Sprintf("boot-%d-%d", device, run+1)
			job.BootAt = time.Now().Add(-time.Duration(r.IntN(3)) * time.Second)
			boots[job.Boot] = job.BootAt
			w.count("reboots", 1)
		}
		time.Sleep(time.Duration(r.IntN(200)) * time.Millisecond)
	}
	if old != nil {
		old.kill()
		list := <-rest
		_ = old.cmd.Wait()
		first := slices.IndexFunc(heard, func(s said) bool { return s.device == 2 })
		heard = slices.Insert(heard, max(first, 0), list...)
	}
	w.judge(seed, id, heard, boots, extra)
}

func tailOf(heard []said) string {
	var b strings.Builder
	for _, s := range heard[max(0, len(heard)-6):] {
		fmt.Fprintf(&b, "%s %s %s; ", s.kind, s.q, s.a)
	}
	return b.String()
}

// order gives an order as the proctor, past the registry's deaths.
func (w *world) order(id sitting.ID, c sitting.Command) error {
	_, err := w.command(id, c)
	return err
}

func (w *world) move(id sitting.ID) (string, error) {
	return w.command(id, sitting.Command{Act: sitting.ActMove, Text: "原考试机故障"})
}

func (w *world) command(id sitting.ID, c sitting.Command) (string, error) {
	c.Sittings = []sitting.Target{{Sitting: id}}
	outs, err := w.reg.Command(context.Background(), w.proctor, c)
	if err != nil {
		return "", err
	}
	if outs[0].Kind != "" {
		return "", exam.Errorf(outs[0].Kind, "%s", outs[0].Sentence)
	}
	return outs[0].Code, nil
}

// judge asks whether everything that was acknowledged counts, once, and in time.
func (w *world) judge(seed uint64, id sitting.ID, heard []said, boots map[string]time.Time, extra sitting.Span) {
	s, epochs, err := w.fold(id)
	if err != nil {
		w.blame(seed, "the journal does not fold: %v", err)
		return
	}
	if s.State != sitting.HandedIn {
		w.blame(seed, "the sitting is %s", s.State)
		return
	}
	if s.Seal != nil && s.Seal.Auto {
		w.count("clock", 1)
	}
	// What may be the answer of each question: the last that was acknowledged, or
	// one that was on its way when the terminal died.
	type hope struct{ last, open []paper.Answer }
	hopes := map[paper.QuestionID]*hope{}
	acknowledged, interrupted := 0, 0
	pending := map[[2]int]*said{} // by device and run: T without A or N
	var device2 bool
	unsure := map[paper.QuestionID]bool{}
	for k := range heard {
		h := heard[k]
		device2 = device2 || h.device == 2
		at := [2]int{h.device, h.run}
		if hopes[h.q] == nil {
			hopes[h.q] = &hope{}
		}
		switch h.kind {
		case "T":
			pending[at] = &heard[k]
		case "A":
			acknowledged++
			hopes[h.q].last, hopes[h.q].open = []paper.Answer{h.a}, nil
			delete(pending, at)
		case "N":
			w.count("full", 1)
			delete(pending, at)
		case "U": // the planted fault, where it did not come to a commit at all
			unsure[h.q] = true
		}
	}
	for q := range unsure {
		delete(hopes, q)
	}
	for _, p := range pending {
		if unsure[p.q] {
			continue
		}
		interrupted++
		hopes[p.q].open = append(hopes[p.q].open, p.a)
	}
	if device2 {
		// What the first PC had acknowledged on its own disk alone is not claimed; what
		// the registry had acknowledged is. So of a question that the second PC did not
		// touch, the registry's last word or anything later on the first PC may stand.
		for q, h := range hopes {
			var receipts, later []paper.Answer
			second := false
			for _, x := range heard {
				if x.q != q {
					continue
				}
				switch {
				case x.device == 2 && x.kind == "A":
					second = true
				case x.device == 1 && x.kind == "R":
					receipts, later = []paper.Answer{x.a}, nil
				case x.device == 1 && (x.kind == "A" || x.kind == "T"):
					later = append(later, x.a)
				}
			}
			if !second {
				h.last, h.open = receipts, append(later, h.open...)
				if receipts == nil {
					h.last = []paper.Answer{0}
				}
			}
		}
	}
	for q, h := range hopes {
		if q == "" {
			continue
		}
		got := s.Answer(q)
		if len(h.last) == 0 {
			h.last = []paper.Answer{0}
		}
		if !slices.Contains(h.last, got) && !slices.Contains(h.open, got) {
			w.blame(seed, "question %s: acknowledged %v (on its way %v), the registry counts %v", q, h.last, h.open, got)
		}
	}
	answered, entries := 0, 0
	for _, es := range epochs {
		for _, e := range es {
			entries++
			if e.Act == sitting.ActAnswered {
				answered++
			}
		}
	}
	w.count("acknowledged", acknowledged)
	w.count("entries", entries)
	if answered > acknowledged+interrupted || !device2 && len(unsure) == 0 && answered < acknowledged {
		w.blame(seed, "%d answers acknowledged, %d interrupted, %d at the registry", acknowledged, interrupted, answered)
	}
	w.inTime(seed, s, epochs, boots, extra)
	// Back at the same question.
	var current paper.QuestionID
	var tried []paper.QuestionID
	for _, h := range heard {
		switch h.kind {
		case "T":
			tried = append(tried, h.q)
		case "C":
			current, tried = h.q, nil
		case "B":
			if h.device == 1 && current != "" && h.q != current && !slices.Contains(tried, h.q) {
				w.blame(seed, "back at question %s, and not at %s", h.q, current)
			}
			tried = nil
		}
	}
}

// inTime asks by true time, which no terminal knows, whether anything counts
// that was done too late: an answer may stand at most so long behind the opening
// as the exam, extra time, pauses and the downtime that the rules credit allow.
func (w *world) inTime(seed uint64, s sitting.Sitting, epochs [][]sitting.Entry, boots map[string]time.Time, extra sitting.Span) {
	late := map[[2]uint64]bool{}
	for _, u := range s.Uncounted {
		late[[2]uint64{uint64(u.Epoch), u.Seq}] = true
	}
	truth := func(e sitting.Entry) (sitting.Span, bool) {
		boot, ok := boots[e.Reading.Boot]
		return sitting.SpanOf(boot.Sub(w.epoch))*speed + e.Reading.Mono, ok
	}
	var opened, last sitting.Span
	var down, paused sitting.Span
	var pausedAt sitting.Span
	isPaused := false
	first := true
	for _, es := range epochs {
		for _, e := range es {
			at, ok := truth(e)
			if !ok {
				w.blame(seed, "an entry of an unknown boot %s", e.Reading.Boot)
				return
			}
			switch e.Act {
			case sitting.ActOpened:
				opened, first = at, false
			case sitting.ActResumed:
				down += at - last // at most: it may have run on for a while
			}
			state := pausedAfter(s, e)
			if state && !isPaused {
				pausedAt = at
			}
			if !state && isPaused {
				paused += at - pausedAt
			}
			isPaused = state
			if e.Act == sitting.ActAnswered && !late[[2]uint64{uint64(e.Epoch), e.Seq}] && !first {
				allowed := minutes*sitting.Minute + extra + paused + min(down, sitting.UsualGaps)
				if used := at - opened; used > allowed+2*sitting.Second {
					w.blame(seed, "entry %d/%d counts, %s after the opening; %s were allowed", e.Epoch, e.Seq, used.Text(), allowed.Text())
				}
			}
			last = at
		}
	}
}

// pausedAfter says whether the orders that e had read leave the sitting paused.
func pausedAfter(s sitting.Sitting, e sitting.Entry) bool {
	paused := false
	for _, o := range s.Orders {
		if o.Seq > e.Orders || o.Void {
			continue
		}
		switch o.Act {
		case sitting.ActPause:
			paused = true
		case sitting.ActResume:
			paused = false
		}
	}
	return paused
}

// fold reads what the registry has of a sitting.
func (w *world) fold(id sitting.ID) (s sitting.Sitting, epochs [][]sitting.Entry, err error) {
	err = w.reg.Store.View(context.Background(), func(tx registry.Reader) error {
		read := func(stream wire.Stream) (list []sitting.Entry, err error) {
			stored, err := tx.Entries(stream, 0, 100_000)
			if err != nil {
				return nil, err
			}
			for _, x := range stored {
				e, err := wire.Decode(x.Raw)
				if err != nil {
					return nil, err
				}
				d, err := e.Sitting()
				if err != nil {
					return nil, err
				}
				list = append(list, d)
			}
			return list, nil
		}
		orders, err := read(wire.OrdersStream(id))
		if err != nil {
			return err
		}
		for n := sitting.Epoch(1); ; n++ {
			es, err := read(wire.SittingStream(id, n))
			if err != nil {
				return err
			}
			if len(es) == 0 && n > 2 {
				break
			}
			epochs = append(epochs, es)
		}
		s, err = sitting.Fold(epochs, orders)
		return err
	})
	return s, epochs, err
}

// process is a terminal's process.
type process struct {
	cmd   *exec.Cmd
	lines chan string
	once  sync.Once
}

func (w *world) spawn(job terminalJob) (*process, error) { return w.spawnAs("terminal", job) }

func (w *world) spawnAs(role string, job terminalJob) (*process, error) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "TORTURE="+role, "TORTURE_JOB="+encode(job))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &process{cmd: cmd, lines: make(chan string, 4096)}
	go func() {
		defer close(p.lines)
		for in := bufio.NewScanner(out); in.Scan(); {
			p.lines <- in.Text()
		}
	}()
	return p, nil
}

func (p *process) kill() { _ = p.cmd.Process.Kill() }

// wait reads what is left and reaps.
func (p *process) wait() {
	p.once.Do(func() {
		for range p.lines {
		}
		_ = p.cmd.Wait()
	})
}

func parse(line string, device, run int) said {
	f := strings.Fields(line)
	s := said{device: device, run: run}
	if len(f) > 0 {
		s.kind = f[0]
	}
	if len(f) > 1 {
		s.q = paper.QuestionID(f[1])
	}
	if len(f) > 2 {
		_ = s.a.UnmarshalText([]byte(f[2]))
	}
	return s
}
