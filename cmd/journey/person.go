package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// person is somebody before a screen of their own: a virtual display, one
// program on it, a keyboard and a mouse. What stands where the person learns
// from the program's outline; everything they do goes through the display.
type person struct {
	name    string
	display string
	dir     string // for the socket and the program's output
	album   *album
	server  *exec.Cmd
	program *exec.Cmd
	socket  string
	starts  int
}

// item is one thing on the screen (see ui/outline).
type item struct {
	Kind, Text, Hint         string
	X, Y, W, H               float32
	Shown, Focused, Disabled bool
	Checked                  bool
	Layer                    int
}

func (i item) middle() (x, y int) { return int(i.X + i.W/2), int(i.Y + i.H/2) }

// album numbers the pictures of all persons in one row.
type album struct {
	dir string
	n   int
}

const patience = 40 * time.Second

// failure is how a step ends the journey: it is panicked and caught in main,
// where the last picture is taken.
type failure struct{ text string }

func fail(format string, args ...any) { panic(failure{fmt.Sprintf(format, args...)}) }

// sit starts a virtual display for a person, as large as the window, which then
// stands at its corner.
func sit(name, size string, number int, album *album, dir string) *person {
	p := &person{name: name, display: ":" + strconv.Itoa(number), dir: dir, album: album}
	p.server = exec.Command("Xvfb", p.display, "-screen", "0", size+"x24", "-nolisten", "tcp", "-noreset")
	p.server.Stderr = p.log("xvfb")
	if err := p.server.Start(); err != nil {
		fail("Xvfb: %v", err)
	}
	lock := "/tmp/.X11-unix/X" + strconv.Itoa(number)
	until("the display "+p.display, func() bool { _, err := os.Stat(lock); return err == nil })
	return p
}

func (p *person) log(what string) *os.File {
	f, err := os.OpenFile(filepath.Join(p.dir, p.name+"-"+what+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		fail("%v", err)
	}
	return f
}

// start runs the program on the person's display and waits for its window.
func (p *person) start(program string, args ...string) {
	p.starts++
	if err := os.MkdirAll(filepath.Join(p.dir, "home-"+p.name, ".cache"), 0o755); err != nil {
		fail("%v", err)
	}
	p.socket = filepath.Join(p.dir, fmt.Sprintf("%s-%d.sock", p.name, p.starts))
	p.program = exec.Command(program, args...)
	p.program.Env = append(os.Environ(), "DISPLAY="+p.display, "DINGKAO_OUTLINE="+p.socket, "LC_ALL=C.UTF-8",
		"HOME="+filepath.Join(p.dir, "home-"+p.name), "LIBGL_ALWAYS_SOFTWARE=1", "GDK_BACKEND=x11", "WAYLAND_DISPLAY=")
	p.program.Stdout, p.program.Stderr = p.log("out"), p.log("out")
	if err := p.program.Start(); err != nil {
		fail("%s: %v", program, err)
	}
	until(p.name+"'s window", func() bool { return len(p.outline()) > 0 })
}

// kill ends the program at once, as a power cut would.
func (p *person) kill() {
	if p.program == nil {
		return
	}
	_ = p.program.Process.Kill()
	_ = p.program.Wait()
	p.program = nil
}

// quit asks the program to end and waits.
func (p *person) quit() {
	if p.program == nil {
		return
	}
	_ = p.program.Process.Signal(syscall.SIGTERM)
	done := make(chan struct{})
	go func(c *exec.Cmd) { _ = c.Wait(); close(done) }(p.program)
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		_ = p.program.Process.Kill()
		<-done
	}
	p.program = nil
}

func (p *person) leave() {
	p.quit()
	if p.server != nil {
		_ = p.server.Process.Signal(syscall.SIGTERM)
		_ = p.server.Wait()
	}
}

// outline is what stands on the screen now; nil while there is no window.
func (p *person) outline() []item {
	c, err := net.DialTimeout("unix", p.socket, time.Second)
	if err != nil {
		return nil
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	var items []item
	if err := json.NewDecoder(bufio.NewReader(c)).Decode(&items); err != nil {
		return nil
	}
	return items
}

// front are the items a person can reach: those of the topmost dialog or list
// where one is open, else all.
func (p *person) front() []item {
	all := p.outline()
	top := 0
	for _, i := range all {
		top = max(top, i.Layer)
	}
	var front []item
	for _, i := range all {
		if i.Layer == top {
			front = append(front, i)
		}
	}
	return front
}

// has says whether a text is to be seen, whole or as a part.
func (p *person) has(text string) bool {
	for _, i := range p.outline() {
		if i.Shown && strings.Contains(i.Text, text) {
			return true
		}
	}
	return false
}

// see waits until every text is to be seen.
func (p *person) see(texts ...string) {
	for _, t := range texts {
		p.wait("“"+t+"” to be seen", func() bool { return p.has(t) })
	}
}

// gone waits until a text is no more to be seen.
func (p *person) gone(text string) {
	p.wait("“"+text+"” to go", func() bool { return !p.has(text) })
}

func (p *person) wait(what string, ok func() bool) {
	end := time.Now().Add(patience)
	for !ok() {
		if p.program != nil && p.program.ProcessState == nil {
			if err := p.program.Process.Signal(syscall.Signal(0)); err != nil {
				fail("%s: the program has ended while waiting for %s", p.name, what)
			}
		}
		if time.Now().After(end) {
			fail("%s waited in vain for %s; seen: %s", p.name, what, p.words())
		}
		time.Sleep(80 * time.Millisecond)
	}
}

// words are the texts on the screen, for a failure's message.
func (p *person) words() string {
	var ws []string
	for _, i := range p.outline() {
		if i.Shown && i.Text != "" && (len(ws) == 0 || ws[len(ws)-1] != i.Text) {
			ws = append(ws, i.Text)
		}
	}
	s := strings.Join(ws, " | ")
	if len(s) > 1800 {
		s = s[:1800] + "…"
	}
	return s
}

// find is the first thing that fits, scrolled into view.
func (p *person) find(what string, fits func(item) bool) item {
	return p.scrolled(what, func() (item, bool) {
		for _, i := range p.front() {
			if fits(i) {
				return i, true
			}
		}
		return item{}, false
	})
}

func inside(a, b item) bool {
	return a.X >= b.X-1 && a.Y >= b.Y-1 && a.X+a.W <= b.X+b.W+1 && a.Y+a.H <= b.Y+b.H+1
}

// scrolled waits for something and turns the wheel until it lies in view.
func (p *person) scrolled(what string, get func() (item, bool)) item {
	var found item
	p.wait(what, func() bool { i, ok := get(); found = i; return ok })
	const top = 110
	for range 60 {
		_, y := found.middle()
		if found.Shown && y > 5 && y < 855 {
			return p.still(get, found)
		}
		button := "5"
		if y < top {
			button = "4"
		}
		p.x("mousemove", "760", "480", "click", "--repeat", "2", "--delay", "15", button)
		time.Sleep(60 * time.Millisecond)
		again, ok := get()
		if !ok {
			p.wait(what, func() bool { i, ok := get(); again = i; return ok })
		}
		found = again
	}
	fail("%s could not scroll to %s at %v,%v", p.name, what, found.X, found.Y)
	return found
}

// still waits until a thing has stopped moving.
func (p *person) still(get func() (item, bool), was item) item {
	for range 20 {
		time.Sleep(40 * time.Millisecond)
		now, ok := get()
		if ok && now.X == was.X && now.Y == was.Y {
			return now
		}
		if ok {
			was = now
		}
	}
	return was
}

// x runs xdotool on the person's display.
func (p *person) x(args ...string) {
	cmd := exec.Command("xdotool", args...)
	cmd.Env = append(os.Environ(), "DISPLAY="+p.display)
	if out, err := cmd.CombinedOutput(); err != nil {
		fail("xdotool %s: %v: %s", strings.Join(args, " "), err, out)
	}
}

func (p *person) clickAt(x, y int) {
	p.x("mousemove", strconv.Itoa(x), strconv.Itoa(y), "sleep", "0.03", "click", "1")
	time.Sleep(60 * time.Millisecond)
}

// press presses a button.
func (p *person) press(text string) {
	fits := func(i item) bool { return i.Kind == "Button" && i.Text == text }
	b := p.find("the button “"+text+"”", fits)
	if b.Disabled {
		p.wait("the button “"+text+"” to be enabled", func() bool {
			b = p.find("the button “"+text+"”", fits)
			return !b.Disabled
		})
	}
	p.clickAt(b.middle())
}

// menu opens a page from the left menu.
func (p *person) menu(name string) {
	p.clickAt(p.find("“"+name+"” in the menu", func(i item) bool { return i.Text == name && i.X < 190 }).middle())
}

// stepper opens one of the six steps by its mark at the top of the form: the page
// below may have a heading of the same name.
func (p *person) stepper(title string) {
	p.clickAt(p.scrolled("the step “"+title+"”", func() (top item, ok bool) {
		for _, i := range p.front() {
			if i.Text == title && i.Shown && i.X > 190 && (!ok || i.Y < top.Y) {
				top, ok = i, true
			}
		}
		return
	}).middle())
}

// within are the things inside the field of that label, in drawing order.
func (p *person) within(label string) (in []item) {
	var field *item
	for _, i := range p.front() {
		switch {
		case field == nil && i.Kind == "Field" && i.Text == label:
			f := i
			field = &f
		case field != nil && inside(i, *field):
			in = append(in, i)
		case field != nil:
			return in
		}
	}
	return in
}

// choose presses one of a field's choices.
func (p *person) choose(label, option string) {
	i := p.scrolled("“"+option+"” of “"+label+"”", func() (item, bool) {
		for _, i := range p.within(label) {
			if i.Text == option {
				return i, true
			}
		}
		return item{}, false
	})
	p.clickAt(i.middle())
}

// pick opens a field's list, narrows it by typing where it is long, and picks.
func (p *person) pick(label string, options ...string) {
	at := p.control(label, "Select", "MultiSelect")
	p.clickAt(at.middle())
	p.wait("the list of “"+label+"”", func() bool {
		f := p.front()
		return len(f) > 0 && f[0].Layer > at.Layer
	})
	for _, o := range options {
		for _, i := range p.front() {
			if i.Kind == "Entry" {
				p.clickAt(i.middle())
				p.typeOver(o)
				time.Sleep(150 * time.Millisecond)
				break
			}
		}
		row := func() (found item, ok bool) {
			for _, i := range p.front() {
				if i.Text == o && i.Shown && i.Kind != "Entry" {
					return i, true
				}
			}
			return
		}
		p.wait("“"+o+"” in the list", func() bool { _, ok := row(); return ok })
		i, _ := row()
		p.clickAt(p.still(row, i).middle())
	}
	for _, i := range p.front() {
		if i.Layer > at.Layer && i.Kind == "Button" && i.Text == "完成" {
			p.clickAt(i.middle())
		}
	}
	p.wait("the list of “"+label+"” to close", func() bool {
		f := p.front()
		return len(f) > 0 && f[0].Layer == at.Layer
	})
}

// control is the first thing of one of the kinds within the field of that label.
func (p *person) control(label string, kinds ...string) item {
	match := regexp.MustCompile("^(" + strings.Join(kinds, "|") + ")$")
	return p.scrolled("the field “"+label+"”", func() (item, bool) {
		var field *item
		for _, i := range p.front() {
			if field == nil {
				if i.Text == label && i.Kind == "Field" {
					f := i
					field = &f
				}
				continue
			}
			if !inside(i, *field) {
				return item{}, false
			}
			if match.MatchString(i.Kind) {
				return i, true
			}
		}
		return item{}, false
	})
}

// write puts a text into the entry of a field, in the place of what was there,
// and makes sure that it stands there.
func (p *person) write(label, text string) { p.writeTo(label, text, true) }

func (p *person) writeTo(label, text string, check bool) {
	for range 3 {
		p.clickAt(p.control(label, "Entry").middle())
		p.typeOver(text)
		if !check {
			return
		}
		for range 10 {
			if p.control(label, "Entry").Text == text {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	fail("%s could not write “%s” into “%s”: there stands “%s”", p.name, text, label, p.control(label, "Entry").Text)
}

// typeOver replaces what stands where the keyboard is. What is on no key is
// pasted: there is no input method here.
func (p *person) typeOver(text string) {
	p.x("key", "--clearmodifiers", "ctrl+a")
	if len([]rune(text)) == len(text) {
		p.x("type", "--delay", "12", "--", text)
	} else {
		cmd := exec.Command("xclip", "-selection", "clipboard")
		cmd.Env = append(os.Environ(), "DISPLAY="+p.display)
		cmd.Stdin = strings.NewReader(text)
		if err := cmd.Run(); err != nil {
			fail("xclip: %v", err)
		}
		p.x("key", "--clearmodifiers", "ctrl+v")
	}
}

func (p *person) key(keys ...string) {
	for _, k := range keys {
		p.x("key", "--clearmodifiers", k)
		time.Sleep(40 * time.Millisecond)
	}
}

// picture keeps what the person sees.
func (p *person) picture(title string) {
	time.Sleep(250 * time.Millisecond) // an animation's end
	p.album.n++
	file := filepath.Join(p.album.dir, fmt.Sprintf("%02d-%s-%s.png", p.album.n, p.name, title))
	cmd := exec.Command("import", "-window", "root", file)
	cmd.Env = append(os.Environ(), "DISPLAY="+p.display)
	if out, err := cmd.CombinedOutput(); err != nil {
		fail("import: %v: %s", err, out)
	}
	fmt.Println("  ", filepath.Base(file))
}

func until(what string, ok func() bool) {
	end := time.Now().Add(patience)
	for !ok() {
		if time.Now().After(end) {
			fail("waited in vain for %s", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// addTo presses 新增 of the table of that title.
func (p *person) addTo(title string) {
	b := p.scrolled("新增 of “"+title+"”", func() (item, bool) {
		var head *item
		for _, i := range p.front() {
			if i.Text == title && head == nil {
				h := i
				head = &h
			}
			if head != nil && i.Kind == "Button" && strings.Contains(i.Text, "新增") && i.Y > head.Y-20 && i.Y < head.Y+40 {
				return i, true
			}
		}
		return item{}, false
	})
	p.clickAt(b.middle())
}

// line is the row of a table in which a text stands.
func (p *person) line(text string) item {
	return p.find("the row of “"+text+"”", func(i item) bool { return i.Text == text && i.X > 190 && i.Shown })
}

// openRow opens the row in which a text stands.
func (p *person) openRow(text string) { p.clickAt(p.line(text).middle()) }

// tick ticks the box before the row in which a text stands.
func (p *person) tick(text string) {
	row := p.line(text)
	_, y := row.middle()
	box := p.find("the box before “"+text+"”", func(i item) bool {
		_, by := i.middle()
		return i.Kind == "tickBox" && by > y-12 && by < y+12
	})
	p.clickAt(box.middle())
}

// fill writes into the last entry of the dialog that is open, which is where the
// answer belongs in all of ours.
func (p *person) fill(text string) {
	get := func() (found item, ok bool) {
		for _, i := range p.front() {
			if i.Kind == "Entry" {
				found, ok = i, true
			}
		}
		return
	}
	for range 3 {
		p.clickAt(p.scrolled("the entry of the dialog", get).middle())
		p.typeOver(text)
		for range 10 {
			if i, _ := get(); i.Text == text {
				return
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
	fail("%s could not write “%s” into the dialog", p.name, text)
}
