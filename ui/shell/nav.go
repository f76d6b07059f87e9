package shell

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// Page is something that can be shown. Open is called each time it is shown, with a new Life.
type Page interface {
	Open(life *Life) fyne.CanvasObject
}

// PageFunc is a page that is one function.
type PageFunc func(life *Life) fyne.CanvasObject

// Open calls f.
func (f PageFunc) Open(life *Life) fyne.CanvasObject { return f(life) }

// Leaver is a page that wants to be asked before it is left. It answers true to be left at once; or false
// to stay, and may call leave later, when the user has decided.
type Leaver interface {
	MayLeave(leave func()) bool
}

// Filler is a page that fills the content area and scrolls by itself, such as a long table. Other pages
// are put into a scroll.
type Filler interface {
	Fills() bool
}

// Nav shows one page at a time.
type Nav struct {
	// Wrap, if not nil, is put around each page's content.
	Wrap  func(p Page, content fyne.CanvasObject) fyne.CanvasObject
	stack *fyne.Container
	page  Page
	life  *Life
}

// NewNav shows nothing yet.
func NewNav() *Nav { return &Nav{stack: container.NewStack()} }

// Object is where the page is shown.
func (n *Nav) Object() fyne.CanvasObject { return n.stack }

// Page is the page that is shown, nil before the first.
func (n *Nav) Page() Page { return n.page }

// Show leaves the present page, unless it vetoes, and opens p.
func (n *Nav) Show(p Page) { n.Leave(func() { n.open(p) }) }

// Reopen closes the present page and opens it anew, without asking.
func (n *Nav) Reopen() {
	if n.page != nil {
		n.open(n.page)
	}
}

// Leave asks the present page and then calls then: for signing out and closing the window. The page is not
// closed by it; Show or Close do that.
func (n *Nav) Leave(then func()) {
	if l, ok := n.page.(Leaver); ok && !l.MayLeave(then) {
		return
	}
	then()
}

// Close ends the present page without asking. The Nav shows nothing afterwards.
func (n *Nav) Close() {
	if n.life != nil {
		n.life.End()
	}
	n.page, n.life = nil, nil
	n.stack.Objects = nil
	n.stack.Refresh()
}

func (n *Nav) open(p Page) {
	if n.life != nil {
		n.life.End()
	}
	n.page, n.life = p, NewLife()
	content := p.Open(n.life)
	if n.Wrap != nil {
		content = n.Wrap(p, content)
	}
	n.stack.Objects = []fyne.CanvasObject{content}
	n.stack.Refresh()
}
