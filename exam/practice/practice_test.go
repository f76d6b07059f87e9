package practice

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dingkao/exam"
	"dingkao/exam/paper"
)

const bankID paper.BankID = "law"

// noon is noon of a day in China.
func noon(day int) exam.Instant {
	return exam.InstantOf(time.Date(2025, 3, day, 12, 0, 0, 0, exam.China))
}

// bank has n single questions in two chapters, and a group of three behind them.
func bank(n int) paper.Bank {
	b := paper.Bank{ID: bankID, Name: "法规", Open: true}
	add := func(q paper.Question) {
		b.Items = append(b.Items, paper.Item{Question: q.Identified(), Answer: paper.Only(1)})
	}
	for i := range n {
		q := paper.Question{Kind: paper.A1, Stem: fmt.Sprintf("第%d问", i), Options: []string{"甲", "乙", "丙"}, Chapter: "一"}
		if i%2 == 1 {
			q.Chapter = ""
		}
		add(q)
	}
	for i := range 3 {
		add(paper.Question{Kind: paper.A3, Shared: "病例", Stem: fmt.Sprintf("组内%d", i), Options: []string{"甲", "乙"}, Chapter: "二"})
	}
	b.Items = append(b.Items, paper.Item{Question: paper.Question{Kind: paper.X, Stem: "多选", Options: []string{"甲", "乙", "丙"}}.Identified(), Answer: paper.Only(0) | paper.Only(2)})
	return b
}

type diary struct {
	device string
	list   []Entry
}

func (d *diary) write(at exam.Instant, act Act, body Body) {
	body.Bank = bankID
	d.list = append(d.list, Entry{At: at, Device: d.device, Seq: uint64(len(d.list) + 1), Act: act, Body: body})
}

func (d *diary) answered(at exam.Instant, q paper.QuestionID, right bool) {
	d.write(at, ActAnswered, Body{Question: q, Answer: paper.Only(1), Right: right, Mode: ModeRandom})
}

func TestAMistakeLeavesAfterThreeRightAnswersInARow(t *testing.T) {
	b := bank(3)
	q := b.Items[0].ID
	d := &diary{device: "t1"}
	for i, step := range []struct{ right, mistake bool }{
		{true, false}, {false, true}, {true, true}, {true, true}, {false, true}, {true, true}, {true, true}, {true, false}, {false, true},
	} {
		d.answered(noon(1+i), q, step.right)
		p := Fold(d.list)
		if got := len(p.Mistakes(b)) == 1; got != step.mistake {
			t.Errorf("after answer %d a mistake: %v", i+1, got)
		}
	}
}

func TestTheNewestMistakeStandsFirst(t *testing.T) {
	b := bank(4)
	d := &diary{device: "t1"}
	for i := range 3 {
		d.answered(noon(1+i), b.Items[i].ID, false)
	}
	d.answered(noon(9), b.Items[0].ID, false) // once more: it has been one since the first day
	want := []paper.QuestionID{b.Items[2].ID, b.Items[1].ID, b.Items[0].ID}
	if got := Fold(d.list).Mistakes(b); !slices.Equal(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestAFavouriteGoesByTheLastWord(t *testing.T) {
	b := bank(2)
	one, two := &diary{device: "t1"}, &diary{device: "t2"}
	one.write(noon(1), ActStarred, Body{Question: b.Items[0].ID})
	two.write(noon(2), ActUnstarred, Body{Question: b.Items[0].ID})
	one.write(noon(3), ActStarred, Body{Question: b.Items[1].ID})
	if got := Fold(one.list, two.list).Favourites(b); !slices.Equal(got, []paper.QuestionID{b.Items[1].ID}) {
		t.Errorf("got %v", got)
	}
}

func TestChaptersAndDaysAreCounted(t *testing.T) {
	b := bank(4)
	d := &diary{device: "t1"}
	d.answered(noon(1), b.Items[0].ID, true)
	d.answered(noon(1), b.Items[2].ID, false)
	d.answered(noon(2), b.Items[1].ID, true)
	p := Fold(d.list)
	cs := p.Chapters(b)
	if len(cs) != 3 || cs[0].Name != "一" || cs[0].Seen != 2 || cs[0].Questions != 2 || cs[1].Name != "未分章" || cs[1].Questions != 3 || cs[2].Times != 0 {
		t.Errorf("chapters %+v", cs)
	}
	if n, ok := cs[0].Percent(); n != 50 || !ok {
		t.Errorf("percent %d %v", n, ok)
	}
	if _, ok := cs[2].Percent(); ok {
		t.Error("a chapter without answers has a percentage")
	}
	if want := []Day{{"2025-03-01", 2, 1}, {"2025-03-02", 1, 1}}; !reflect.DeepEqual(p.Days(), want) {
		t.Errorf("days %+v", p.Days())
	}
	if s := p.Sum(b); s.Questions != 8 || s.Seen != 3 || s.Times != 3 || s.Right != 2 || s.Mistakes != 1 {
		t.Errorf("sum %+v", s)
	}
}

// Two devices that are merged in any order, doubled and in parts, show the same.
func TestDevicesMergeToTheSameInAnyOrder(t *testing.T) {
	b := bank(5)
	rapid.Check(t, func(t *rapid.T) {
		var devices [][]Entry
		for _, name := range []string{"t1", "t2", "t3"} {
			d := &diary{device: name}
			for range rapid.IntRange(0, 12).Draw(t, "entries") {
				at := noon(rapid.IntRange(1, 3).Draw(t, "day")) // often the very same instant
				q := b.Items[rapid.IntRange(0, 2).Draw(t, "question")].ID
				switch rapid.IntRange(0, 3).Draw(t, "act") {
				case 0:
					d.write(at, ActStarred, Body{Question: q})
				case 1:
					d.write(at, ActUnstarred, Body{Question: q})
				case 2:
					d.answered(at, q, true)
				default:
					d.answered(at, q, false)
				}
			}
			devices = append(devices, d.list)
		}
		whole := Fold(devices...)
		var all []Entry
		for _, i := range rapid.Permutation([]int{0, 1, 2, 0, 1}).Draw(t, "order") {
			all = append(all, devices[i]...)
		}
		all = rapid.Permutation(all).Draw(t, "shuffled")
		if got := Fold(all); !reflect.DeepEqual(got, whole) {
			t.Fatalf("merged otherwise:\n%+v\n%+v", got, whole)
		}
	})
}

func TestWhatIsNoEntryIsLeftOut(t *testing.T) {
	good := Body{Bank: bankID, Question: "q1", Answer: 1, Mode: ModeRandom}
	for name, e := range map[string]Entry{
		"no bank":          {Act: ActAnswered, Body: Body{Question: "q1", Answer: 1, Mode: ModeRandom}},
		"a path":           {Act: ActAnswered, Body: Body{Bank: "../x", Question: "q1", Answer: 1, Mode: ModeRandom}},
		"no question":      {Act: ActAnswered, Body: Body{Bank: bankID, Answer: 1, Mode: ModeRandom}},
		"no answer":        {Act: ActAnswered, Body: Body{Bank: bankID, Question: "q1", Mode: ModeRandom}},
		"no mode":          {Act: ActAnswered, Body: Body{Bank: bankID, Question: "q1", Answer: 1}},
		"a right star":     {Act: ActStarred, Body: Body{Bank: bankID, Question: "q1", Right: true}},
		"another act":      {Act: "deleted", Body: good},
		"a name too wide":  {Act: ActStarred, Body: Body{Bank: bankID, Question: "题"}},
		"a star with mode": {Act: ActUnstarred, Body: Body{Bank: bankID, Question: "q1", Mode: ModeRandom}},
	} {
		if exam.KindOf(e.Check()) != exam.Invalid {
			t.Errorf("%s is taken for an entry", name)
		}
		if p := Fold([]Entry{e}); len(p.records) != 0 {
			t.Errorf("%s counts", name)
		}
	}
	if err := (Entry{Act: ActAnswered, Body: good}).Check(); err != nil {
		t.Error(err)
	}
}

func TestARoundPrefersWhatIsNewAndWhatWasWrong(t *testing.T) {
	b := bank(40)
	rapid.Check(t, func(t *rapid.T) {
		d := &diary{device: "t1"}
		known := map[paper.QuestionID]bool{}
		for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, 39), 0, 40, rapid.ID[int]).Draw(t, "answered") {
			right := rapid.Bool().Draw(t, "right")
			d.answered(noon(1), b.Items[i].ID, right)
			known[b.Items[i].ID] = right
		}
		p := Fold(d.list)
		n := rapid.IntRange(1, 50).Draw(t, "n")
		seed := paper.SeedOf(rapid.String().Draw(t, "seed"))
		r, err := Draw(b, p, ModeRandom, n, seed, noon(2))
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Questions) != min(n, 44) {
			t.Fatalf("%d questions of %d", len(r.Questions), n)
		}
		seen := map[paper.QuestionID]bool{}
		stale := 0
		for _, q := range r.Questions {
			if seen[q] {
				t.Fatal("a question stands twice")
			}
			seen[q] = true
			if known[q] {
				stale++
			}
		}
		fresh := 0 // single ones that should have come first
		for _, it := range b.Items {
			if it.Group == "" && !known[it.ID] && !seen[it.ID] {
				fresh++
			}
		}
		if stale > 0 && fresh > 0 {
			t.Fatalf("%d known ones came before %d new or wrong ones", stale, fresh)
		}
		// The group is whole and together, or absent.
		var group []int
		for i, q := range r.Questions {
			if it, _ := b.Find(q); it.Group != "" {
				group = append(group, i)
			}
		}
		if len(group) != 0 && (len(group) != 3 || group[2] != group[0]+2) {
			t.Fatalf("the group stands at %v", group)
		}
		again, _ := Draw(b, p, ModeRandom, n, seed, noon(2))
		if !slices.Equal(again.Questions, r.Questions) {
			t.Fatal("the same seed drew another round")
		}
	})
}

func TestAnExpiredQuestionIsNotDrawn(t *testing.T) {
	b := bank(3)
	b.Items[0].ValidUntil = "2025-03-01"
	r, err := Draw(b, Progress{}, ModeRandom, 50, paper.SeedOf("x"), noon(2))
	if err != nil || slices.Contains(r.Questions, b.Items[0].ID) || len(r.Questions) != 6 {
		t.Errorf("%v %v", r.Questions, err)
	}
}

func TestThereAreNoMistakesToPractiseBeforeOneWasMade(t *testing.T) {
	for _, m := range []Mode{ModeMistakes, ModeFavourites} {
		if _, err := Draw(bank(3), Progress{}, m, 50, paper.Seed{}, 0); exam.KindOf(err) != exam.NotFound {
			t.Errorf("%s: %v", m, err)
		}
	}
	if _, err := Draw(bank(3), Progress{}, "x", 50, paper.Seed{}, 0); exam.KindOf(err) != exam.Invalid {
		t.Errorf("an unknown mode: %v", err)
	}
}

func TestAQuestionIsAnsweredOnce(t *testing.T) {
	b := bank(2)
	r, err := Draw(b, Progress{}, ModeRandom, 50, paper.SeedOf("x"), noon(1))
	if err != nil {
		t.Fatal(err)
	}
	one, two, many := b.Items[0].ID, b.Items[1].ID, b.Items[5].ID
	before := r
	if r, err = r.Answer(b, one, paper.Only(1)); err != nil || !r.Replies[one].Right {
		t.Fatalf("%v %+v", err, r.Replies)
	}
	if len(before.Replies) != 0 {
		t.Error("the round before was changed")
	}
	if _, err := r.Answer(b, one, paper.Only(0)); exam.KindOf(err) != exam.Refused {
		t.Errorf("answered again: %v", err)
	}
	if _, err := r.Reveal(b, one); exam.KindOf(err) != exam.Refused {
		t.Errorf("looked up after the answer: %v", err)
	}
	if r, err = r.Reveal(b, two); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Answer(b, two, paper.Only(1)); exam.KindOf(err) != exam.Refused {
		t.Errorf("answered after looking it up: %v", err)
	}
	for a, want := range map[paper.Answer]exam.Kind{0: exam.Invalid, paper.Only(3): exam.Invalid, paper.Only(7): exam.Invalid} {
		if _, err := r.Answer(b, many, a); exam.KindOf(err) != want {
			t.Errorf("answer %s: %v", a, err)
		}
	}
	if _, err := r.Answer(b, b.Items[2].ID, 3); exam.KindOf(err) != exam.Invalid {
		t.Error("two answers to a question with one")
	}
	if _, err := r.Answer(b, "none", 1); exam.KindOf(err) != exam.NotFound {
		t.Error("a question of another bank")
	}
	if r, err = r.Answer(b, many, paper.Only(0)); err != nil || r.Replies[many].Right {
		t.Errorf("half of the answer counts: %v", err)
	}
	r = r.Mark(many, true)
	if got := r.Tally(); got != (Tally{Questions: 6, Answered: 2, Right: 1, Shown: 1, Marked: 1}) || got.Open() != 3 {
		t.Errorf("%+v", got)
	}
	if !slices.Equal(r.Wrong(), []paper.QuestionID{many}) {
		t.Errorf("wrong %v", r.Wrong())
	}
}

func TestARoundOutlivesANewEditionOfItsBank(t *testing.T) {
	b := bank(5)
	r, _ := Draw(b, Progress{}, ModeRandom, 50, paper.SeedOf("x"), noon(1))
	r = r.Go(3)
	open := r.Questions[3]
	shorter := b
	shorter.Items = slices.DeleteFunc(slices.Clone(b.Items), func(it paper.Item) bool { return it.ID == r.Questions[0] })
	got := r.Within(shorter)
	if len(got.Questions) != len(r.Questions)-1 || got.Questions[got.At] != open {
		t.Errorf("at %d of %v", got.At, got.Questions)
	}
	if got := r.Go(99).At; got != len(r.Questions)-1 {
		t.Errorf("at %d", got)
	}
}
