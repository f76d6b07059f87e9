package part

import (
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"dingkao/ui/theme"
)

func asked(t *testing.T, several bool) (*Question, fyne.Canvas, *[]int, *[]fyne.KeyName) {
	t.Helper()
	var picked []int
	var keys []fyne.KeyName
	q := NewQuestion(func(i int) { picked = append(picked, i) })
	q.OnKey = func(e *fyne.KeyEvent) { keys = append(keys, e.Name) }
	w := show(t, q, fyne.NewSize(600, 500))
	q.Put(QuestionText{Number: "第1题", Kind: "单选题", Stem: "问什么", Options: []string{"甲", "乙", "丙"}, Several: several})
	relayout(w.Content())
	q.Take()
	return q, w.Canvas(), &picked, &keys
}

func typed(c fyne.Canvas, names ...fyne.KeyName) {
	for _, n := range names {
		c.Focused().TypedKey(&fyne.KeyEvent{Name: n})
	}
}

func TestAQuestionIsAnsweredWithTheKeyboardAlone(t *testing.T) {
	_, c, picked, keys := asked(t, false)
	typed(c, "B", fyne.KeyDown, fyne.KeyDown, fyne.KeyDown, fyne.KeyDown, fyne.KeySpace, fyne.KeyUp, fyne.KeySpace, "E", fyne.KeyRight, fyne.KeyReturn, "M")
	if got := *picked; len(got) != 3 || got[0] != 1 || got[1] != 2 || got[2] != 1 {
		t.Errorf("picked %v", got)
	}
	if got := *keys; len(got) != 4 || got[0] != "E" || got[1] != fyne.KeyRight || got[2] != fyne.KeyReturn || got[3] != "M" {
		t.Errorf("handed on %v", got)
	}
}

func TestALockedQuestionTakesNoMoreAnswers(t *testing.T) {
	q, c, picked, keys := asked(t, true)
	q.Lock()
	typed(c, "A", fyne.KeyDown, fyne.KeySpace, fyne.KeyReturn)
	test.Tap(q.rows[0])
	if len(*picked) != 0 {
		t.Errorf("picked %v", *picked)
	}
	if got := *keys; len(got) != 2 || got[1] != fyne.KeyReturn {
		t.Errorf("handed on %v", got)
	}
}

func TestTheKeyboardStaysWithTheQuestionAfterAClick(t *testing.T) {
	q, c, picked, _ := asked(t, false)
	test.Tap(q.rows[2])
	typed(c, "A")
	if got := *picked; len(got) != 2 || got[0] != 2 || got[1] != 0 {
		t.Errorf("picked %v", got)
	}
}

// Every word stands inside the width that there is, at each step of zoom.
func TestAMagnifiedQuestionCutsNoText(t *testing.T) {
	long := strings.Repeat("医疗机构应当对患者的诊疗信息保密，", 8)
	q := NewQuestion(func(int) {})
	q.Put(QuestionText{Number: "第1题 / 共50题", Kind: "多选题", Shared: long, Stem: long, Options: []string{long, "乙", long}, Several: true, Marked: true})
	w := show(t, Top(q), fyne.NewSize(520, 900))
	for _, z := range theme.ZoomSteps {
		q.SetZoom(z)
		for range 6 {
			relayout(w.Content())
		}
		for _, x := range []*Text{q.shared, q.stem, q.rows[0].text, q.rows[2].text} {
			var said strings.Builder
			for _, line := range x.Lines() {
				said.WriteString(line)
				if wide := fyne.MeasureText(line, theme.Size(theme.Zoom(z)), fyne.TextStyle{}).Width; wide > x.Size().Width+1 {
					t.Errorf("at %d%% a line is %v wide in %v", z, wide, x.Size().Width)
				}
			}
			if said.String() != long {
				t.Errorf("at %d%% it says %q", z, said.String())
			}
			if need := float32(len(x.Lines())) * x.lineHeight(); x.Size().Height < need-1 {
				t.Errorf("at %d%% %v of %v height", z, x.Size().Height, need)
			}
		}
		last := q.rows[2]
		if end := last.Position().Y + last.Size().Height; end > q.list.Size().Height+1 {
			t.Errorf("at %d%% the last option ends at %v of %v", z, end, q.list.Size().Height)
		}
	}
}

func TestTheSheetLeadsToAQuestion(t *testing.T) {
	var opened []int
	s := NewSheet(50, func(i int) { opened = append(opened, i) })
	w := show(t, Top(s), fyne.NewSize(260, 500))
	s.Set([]SheetCell{{Tone: CellRight}, {Tone: CellWrong, Marked: true}}, 1)
	w.Canvas().Focus(s.cells[1])
	typed(w.Canvas(), fyne.KeyRight, fyne.KeyReturn)
	test.Tap(s.cells[49])
	if len(opened) != 2 || opened[0] != 2 || opened[1] != 49 {
		t.Errorf("opened %v", opened)
	}
	if got := s.cells[1].Label(); got != "第2题，答错，已标注" {
		t.Errorf("the second cell says %q", got)
	}
	if got := s.cells[2].Label(); got != "第3题，未答" {
		t.Errorf("the third cell says %q", got)
	}
}
