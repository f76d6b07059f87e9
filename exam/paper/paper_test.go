package paper

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"dingkao/exam"
)

// item is a question of a kind that asks about n; those of a group share about g.
func item(k Kind, n, g int) Item {
	q := Question{Kind: k, Stem: fmt.Sprintf("第%d问应选哪一项？", n), Difficulty: n%5 + 1, Chapter: fmt.Sprintf("第%d章", n%3)}
	for i := range 5 {
		q.Options = append(q.Options, fmt.Sprintf("说法%d之%d", n, i))
	}
	it := Item{Question: q, Answer: Only(n % 5), Explanation: "略"}
	switch k {
	case TF:
		it.Options, it.Answer = slices.Clone(TrueFalse), Only(n%2)
	case X:
		it.Answer |= Only((n + 1) % 5)
	case A3, A4:
		it.Shared = fmt.Sprintf("病例%d", g)
	case B1:
		it.Shared = fmt.Sprintf("配伍%d", g)
		for i := range it.Options {
			it.Options[i] = fmt.Sprintf("药物%d之%d", g, i)
		}
	}
	if n%2 == 0 && !k.Grouped() && k != TF {
		it.Options[4] = "以上都不是"
	}
	it.Question = it.Identified()
	return it
}

// bank has n questions of each kind; those of groups stand in threes.
func bank(id BankID, from, n int) Bank {
	b := Bank{ID: id, Name: "内科题库"}
	for _, k := range Kinds {
		for i := range n {
			b.Items = append(b.Items, item(k, from+1000*k.rank()+i, from+i/3))
		}
	}
	return b
}

func draw(t interface{ Fatal(...any) }, b Blueprint, seed Seed, banks ...Bank) (Paper, Key) {
	p, k, err := Draw(b, banks, seed)
	if err != nil {
		t.Fatal(err)
	}
	return p, k
}

func blueprint(parts ...Part) Blueprint {
	return Blueprint{Title: "2026年业务水平测评", Minutes: 60, PassMark: 3 * Point, On: "2026-07-01", Parts: parts}
}

func TestNoPaperCanHoldAnAnswer(t *testing.T) {
	var walk func(reflect.Type)
	seen := map[reflect.Type]bool{}
	walk = func(ty reflect.Type) {
		if seen[ty] {
			return
		}
		seen[ty] = true
		if ty == reflect.TypeFor[Answer]() || ty == reflect.TypeFor[Key]() || ty == reflect.TypeFor[Item]() || ty.Kind() == reflect.Interface {
			t.Errorf("a paper has room for %s", ty)
		}
		switch ty.Kind() {
		case reflect.Struct:
			for i := range ty.NumField() {
				walk(ty.Field(i).Type)
			}
		case reflect.Slice, reflect.Array, reflect.Pointer:
			walk(ty.Elem())
		case reflect.Map:
			walk(ty.Key())
			walk(ty.Elem())
		}
	}
	walk(reflect.TypeFor[Paper]())
	if len(seen) < 8 {
		t.Errorf("only %d types were looked at", len(seen))
	}
}

func TestWhatIsWrongWithAnItemIsSaid(t *testing.T) {
	for _, k := range Kinds {
		if err := item(k, 7, 1).Check(); err != nil {
			t.Errorf("%s: %v", k, err)
		}
	}
	for want, change := range map[string]func(*Item){
		"没有题干": func(i *Item) { i.Stem = "" }, "不认识": func(i *Item) { i.Kind = "Z" },
		"太少": func(i *Item) { i.Options = i.Options[:1] }, "太多": func(i *Item) { i.Options = make([]string, 9) },
		"选项A与选项C相同": func(i *Item) { i.Options[2] = i.Options[0] + " 。" }, "没有选项B": func(i *Item) { i.Options[1] = "" },
		"没有答案": func(i *Item) { i.Answer = 0 }, "不在选项之中": func(i *Item) { i.Answer = Only(7) },
		"只能有一个答案": func(i *Item) { i.Answer = 3 }, "两个以上": func(i *Item) { i.Kind = X },
		"难度": func(i *Item) { i.Difficulty = 6 }, "分值": func(i *Item) { i.Points = -1 }, "有效期": func(i *Item) { i.ValidUntil = "2026-02-30" },
		"不能显示": func(i *Item) { i.Stem = "a\x00b" }, "解析太长": func(i *Item) { i.Explanation = strings.Repeat("长", MostExplanation+1) },
		"组号": func(i *Item) { i.Kind = A3 }, "共用题干": func(i *Item) { i.Shared = "病例" }, "编号": func(i *Item) { i.ID = "a b" },
		"只能是": func(i *Item) { i.Kind = TF }, "空格": func(i *Item) { i.Stem += " " },
	} {
		it := item(A1, 7, 0)
		change(&it)
		if err := it.Check(); exam.KindOf(err) != exam.Invalid || !strings.Contains(exam.SentenceOf(err), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}

func TestGroupsThatDisagreeAreRefused(t *testing.T) {
	for want, change := range map[string]func(b *Bank){
		"重复":   func(b *Bank) { b.Items = append(b.Items, b.Items[0]) },
		"共用题干": func(b *Bank) { b.Items[7].Shared = "另一例" },
		"共用选项": func(b *Bank) { b.Items[13].Options[0] = "另一药" },
		"题型":   func(b *Bank) { b.Items[7].Kind = A4 },
	} {
		b := bank("n", 0, 3)
		if err := b.Check(); err != nil {
			t.Fatal(err)
		}
		change(&b)
		if err := b.Check(); exam.KindOf(err) != exam.Invalid || !strings.Contains(exam.SentenceOf(err), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
}

func TestTheSameQuestionHasTheSameIDAndAnotherHasNot(t *testing.T) {
	base := Question{Kind: A1, Stem: "下列（　）正确？", Options: []string{"10² mg/L", "102 mg/L", "AA", "Aa"}}.Identified()
	alike := Question{Kind: A2, Stem: " 下列()正确。", Options: []string{"10²mg/L", "１０２ mg/L", "ＡＡ", "Aa."}}.Identified()
	if base.ID != alike.ID || !base.Same(alike) {
		t.Errorf("%s and %s: spacing makes another question", base.ID, alike.ID)
	}
	turned := base
	turned.Options = []string{"Aa", "AA", "102 mg/L", "10² mg/L"}
	if turned = turned.Identified(); turned.ID == base.ID || !turned.Same(base) {
		t.Error("options in another order: want another id, since letters mean other things, and the same question")
	}
	other := base
	other.Options = []string{"10² mg/L", "102 mg/L", "AA", "aa"}
	if other.Identified().ID == base.ID || other.Same(base) {
		t.Error("case does not count")
	}
	if base.ID != "qf39208037a1745d991f55c92" {
		t.Errorf("ids have changed: %s", base.ID)
	}
}

// The numbers are part of the promise: a paper can be drawn again years later.
func TestTheStreamNeverChanges(t *testing.T) {
	s := newStream(SeedOf("一", "二"), "label")
	got := fmt.Sprintf("%x %x %v", s.next(), s.next(), newStream(SeedOf(), "x").perm(8))
	if want := "ccb20b3caaad127d aa0159b2311683a5 [2 0 6 5 1 7 4 3]"; got != want {
		t.Errorf("%s", got)
	}
}

func TestNoNumberComesUpMoreOftenThanAnother(t *testing.T) {
	s := newStream(SeedOf("even"), "")
	var n [6]int
	for range 60000 {
		n[s.below(6)]++
	}
	for i, c := range n {
		if c < 9600 || c > 10400 { // over four standard deviations
			t.Errorf("%d came up %d times in 60000", i, c)
		}
	}
}

func TestADrawIsAFunctionOfItsSeed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		banks := []Bank{bank("a", 0, 9), bank("b", 6, 9)} // they overlap
		var parts []Part
		for range rapid.IntRange(1, 4).Draw(t, "parts") {
			parts = append(parts, Part{
				Bank: rapid.SampledFrom([]BankID{"a", "b"}).Draw(t, "bank"), Count: rapid.IntRange(1, 12).Draw(t, "count"),
				Kinds:   rapid.SliceOfDistinct(rapid.SampledFrom(Kinds), func(k Kind) Kind { return k }).Draw(t, "kinds"),
				Hardest: rapid.SampledFrom([]int{0, 0, 4}).Draw(t, "hardest"),
			})
		}
		b := blueprint(parts...)
		b.PassMark = 0
		seed := SeedOf(rapid.String().Draw(t, "seed"))
		p, k, err := Draw(b, banks, seed)
		p2, k2, err2 := Draw(b, banks, seed)
		if fmt.Sprint(err) != fmt.Sprint(err2) || !reflect.DeepEqual(p, p2) || !reflect.DeepEqual(k, k2) {
			t.Fatal("two draws differ")
		}
		if err != nil {
			if exam.KindOf(err) != exam.Refused {
				t.Fatal(err)
			}
			return
		}
		if err := p.Check(); err != nil || len(k) != len(p.Questions) {
			t.Fatal(err)
		}
		prints := map[Fingerprint]bool{}
		members := map[GroupID]int{}
		n := 0
		for i, part := range parts {
			for _, q := range p.Questions[n : n+part.Count] {
				if len(part.Kinds) > 0 && !slices.Contains(part.Kinds, q.Kind) {
					t.Fatalf("part %d has a %s", i, q.Kind)
				}
				if prints[q.Fingerprint()] {
					t.Fatal("a question comes twice")
				}
				prints[q.Fingerprint()] = true
				members[q.Group]++
			}
			n += part.Count
		}
		delete(members, "")
		for g, m := range members {
			if m != 3 {
				t.Fatalf("%d of the 3 questions of group %s", m, g)
			}
		}
	})
}

func TestABankWithTooFewSaysSo(t *testing.T) {
	b := bank("n", 0, 6)
	b.Items[0].ValidUntil, b.Items[1].ValidUntil = "2026-06-30", "2026-07-01"
	for want, part := range map[string]Part{
		"抽6题，符合条件又未用过的只有5题（另有1题已过有效期）": {Bank: "n", Kinds: []Kind{A1}, Count: 6},
		"凑不成正好4题": {Bank: "n", Kinds: []Kind{A3}, Count: 4},
		"不存在":     {Bank: "x", Count: 1},
	} {
		_, _, err := Draw(blueprint(part), []Bank{b}, Seed{})
		if err == nil || !strings.Contains(exam.SentenceOf(err), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	draw(t, blueprint(Part{Bank: "n", Kinds: []Kind{A1}, Count: 5}), Seed{}, b)
	for i, bad := range []Blueprint{{}, blueprint(Part{Bank: "n"}), blueprint(Part{Bank: "n", Count: 1, Easiest: 4, Hardest: 3}), blueprint(Part{Bank: "n", Count: 1, Kinds: []Kind{"Q"}})} {
		if _, _, err := Draw(bad, []Bank{b}, Seed{}); exam.KindOf(err) != exam.Invalid {
			t.Errorf("%d: %v", i, err)
		}
	}
}

func TestAnExpiredMemberKeepsItsWholeGroupOut(t *testing.T) {
	b := bank("n", 0, 6)
	i := slices.IndexFunc(b.Items, func(it Item) bool { return it.Kind == A3 })
	b.Items[i+1].ValidUntil = "2026-01-01"
	for n := range 20 {
		p, _ := draw(t, blueprint(Part{Bank: "n", Kinds: []Kind{A3}, Count: 3}), SeedOf(fmt.Sprint(n)), b)
		if p.Questions[0].Group == b.Items[i].Group {
			t.Fatal("the group of an expired question was drawn")
		}
	}
}

func TestAWidePartLeavesANarrowOneWhatItNeeds(t *testing.T) {
	b := bank("n", 0, 6)
	for n := range 50 {
		draw(t, blueprint(Part{Bank: "n", Kinds: []Kind{A1}, Count: 4}, Part{Bank: "n", Kinds: []Kind{A1}, Chapters: []string{"第1章"}, Count: 2}), SeedOf(fmt.Sprint(n)), b)
	}
}

func TestAPaperCarriesNothingThatHelpsToGuess(t *testing.T) {
	b := bank("n", 0, 3)
	b.Items[0].LegalBasis = "《医师法》第二十三条"
	p, _ := draw(t, blueprint(Part{Bank: "n", Count: 21}), Seed{}, b)
	raw, err := Encode(p)
	if err != nil || bytes.Contains(raw, []byte("医师法")) || bytes.Contains(raw, []byte("answer")) || bytes.Contains(raw, []byte("difficulty")) {
		t.Errorf("%v %s", err, raw)
	}
}

func TestEveryCandidateHasAnOrderOfTheirOwnThatCanBeUndone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, _ := draw(t, blueprint(Part{Bank: "n", Count: rapid.IntRange(7, 60).Draw(t, "count")}), SeedOf(rapid.String().Draw(t, "paper")), bank("n", 0, 9))
		seed := SeedOf(rapid.String().Draw(t, "candidate"))
		o := p.Order(seed)
		if !reflect.DeepEqual(o, p.Order(seed)) {
			t.Fatal("two orders of one seed differ")
		}
		seen := map[int]bool{}
		var last Question
		closed, kinds := map[GroupID]bool{}, map[Kind]bool{}
		for i := range o.Len() {
			own := p.Questions[o.OwnPlace(i)]
			q := o.Question(i)
			if seen[o.OwnPlace(i)] || o.ID(i) != q.ID || q.ID != own.ID || o.Place(q.ID) != i {
				t.Fatal("not a permutation")
			}
			seen[o.OwnPlace(i)] = true
			for a := range Answer(1 << len(q.Options)) {
				if o.Seen(i, o.Own(i, a)) != a || o.Own(i, a).Count() != a.Count() {
					t.Fatalf("%s comes back as another", a)
				}
			}
			for j := range q.Options {
				k := strings.IndexByte("ABCDEFGH", o.Own(i, Only(j)).String()[0])
				if q.Options[j] != own.Options[k] {
					t.Fatal("a letter does not lead to the option shown under it")
				}
			}
			if last.Group != "" && last.Group == q.Group {
				if o.OwnPlace(i) != o.OwnPlace(i-1)+1 {
					t.Fatal("the inner order of a group is lost")
				}
				if q.Kind == B1 && !slices.Equal(q.Options, last.Options) {
					t.Fatal("a B1 group has two orders of options")
				}
			} else if closed[q.Group] && q.Group != "" {
				t.Fatal("a group is torn apart")
			}
			if q.Kind != last.Kind && kinds[q.Kind] {
				t.Fatal("a kind comes in two runs")
			}
			closed[q.Group], kinds[q.Kind], last = true, true, q
			if n := len(q.Options); q.Kind == TF && q.Options[0] != "正确" || slices.Contains(q.Options, "以上都不是") && q.Options[n-1] != "以上都不是" {
				t.Fatalf("%v", q.Options)
			}
		}
		if o.Place("none") != -1 {
			t.Fatal("a question that is not there has a place")
		}
	})
}

func TestOrdersDiffer(t *testing.T) {
	p, _ := draw(t, blueprint(Part{Bank: "n", Count: 40}), Seed{}, bank("n", 0, 9))
	orders, options := map[string]bool{}, map[string]bool{}
	for n := range 100 {
		o := p.Order(SeedOf(fmt.Sprint(n)))
		orders[fmt.Sprint(o.shown)] = true
		options[fmt.Sprint(o.Question(o.Place(p.Questions[0].ID)).Options)] = true
	}
	if len(orders) != 100 || len(options) < 20 {
		t.Errorf("100 candidates have %d orders, the first question %d", len(orders), len(options))
	}
}

func TestOptionsThatSpeakOfOthersStay(t *testing.T) {
	for options, want := range map[string]int{
		"甲 乙 丙 丁": 4, "甲 乙 丙 以上都对": 3, "甲 乙 以上均是 以上都不是": 2, "甲 乙 都不正确": 2, "甲 以上都对 乙": 0,
		"甲 乙 A和B": 0, "甲 乙 A+B": 0, "甲 乙 丙 ABC均正确": 0, "甲 乙 A、B": 0,
		"维生素A 维生素B CT检查 B超": 4, "A型血 ABO血型 DNA C反应蛋白": 4, "甲 乙 其他": 2,
	} {
		if n := free(Question{Kind: A1, Options: strings.Fields(options)}); n != want {
			t.Errorf("%s: %d may move, want %d", options, n, want)
		}
	}
}

func TestAPaperHasOneSpelling(t *testing.T) {
	p, _ := draw(t, blueprint(Part{Bank: "n", Count: 21}), Seed{}, bank("n", 0, 3))
	raw, err := Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(raw)
	if err != nil || !reflect.DeepEqual(got, p) {
		t.Fatal(err)
	}
	for name, bad := range map[string][]byte{
		"space": append(slices.Clone(raw), ' '), "twice": append(slices.Clone(raw), raw...), "empty": nil, "null": []byte("null"),
		"unknown":  bytes.Replace(raw, []byte(`{"format":1,`), []byte(`{"format":1,"key":{},`), 1),
		"answer":   bytes.Replace(raw, []byte(`"stem"`), []byte(`"answer":"A","stem"`), 1),
		"case":     bytes.Replace(raw, []byte(`"stem"`), []byte(`"Stem"`), 1),
		"version":  bytes.Replace(raw, []byte(`"format":1`), []byte(`"format":2`), 1),
		"dupe":     bytes.Replace(raw, []byte(`"minutes":60`), []byte(`"minutes":60,"minutes":60`), 1),
		"passmark": bytes.Replace(raw, []byte(`"passMark":300`), []byte(`"passMark":99999`), 1),
	} {
		if _, err := Decode(bad); exam.KindOf(err) != exam.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Decode(make([]byte, MostBytes+1)); exam.KindOf(err) != exam.TooLarge {
		t.Errorf("too large: %v", err)
	}
	torn := p
	torn.Questions = slices.Clone(p.Questions)
	i := slices.IndexFunc(torn.Questions, func(q Question) bool { return q.Kind == A3 })
	torn.Questions[0], torn.Questions[i+1] = torn.Questions[i+1], torn.Questions[0]
	if _, err := Encode(torn); exam.KindOf(err) != exam.Invalid {
		t.Errorf("a torn group was written down: %v", err)
	}
}

func TestSeedsComeBack(t *testing.T) {
	s := SeedOf("a", "b")
	raw, _ := json.Marshal(s)
	var got Seed
	if err := json.Unmarshal(raw, &got); err != nil || got != s || s == SeedOf("ab") || s == SeedOf("", "ab") {
		t.Errorf("%s %v", raw, err)
	}
	if got.UnmarshalText([]byte("00")) == nil {
		t.Error("a short seed was taken")
	}
}

func FuzzDecode(f *testing.F) {
	p, _ := draw(f, blueprint(Part{Bank: "n", Count: 14}), Seed{}, bank("n", 0, 3))
	raw, err := Encode(p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(raw)
	f.Add([]byte(`{"format":1,"id":"p","title":"卷","minutes":60,"passMark":0,"questions":[{"id":"q","kind":"TF","stem":"对","options":["正确","错误"]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Decode(data)
		if err != nil {
			return
		}
		again, err := Encode(p)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("%v: %s", err, again)
		}
		o := p.Order(SeedOf("x"))
		for i := range o.Len() {
			if o.Seen(i, o.Own(i, 1)) != 1 {
				t.Error("an answer does not come back")
			}
		}
	})
}
