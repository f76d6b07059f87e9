package paper

import (
	"regexp"
	"slices"
)

// Order is how one candidate sees a paper: which question stands where, and which
// option under which letter. Places are counted from 0. Answers are always kept
// in the paper's own letters; Own and Seen go back and forth.
type Order struct {
	questions []Question
	place     map[QuestionID]int
	shown     []int   // own place of the question at each shown place
	options   [][]int // by shown place: own option under each shown letter
}

// Order is the order of a candidate whose seed it is. The same paper id, questions
// and seed give the same order anywhere.
//
// All groups and single questions are shuffled over the whole paper by one stream
// and then stably sorted by kind, the kinds in the order in which the paper first
// has each: a candidate meets every kind in one run, as on paper. Groups keep
// their inner order. The options of each question are shuffled by a stream of its
// own, those of a B1 group by the group's, so that all its members look alike.
// True and false stay where they are, and so do options at the end that speak of
// those above (以上都对); where an option names others by letter (A和B), or speaks
// of those above without being last, none is moved.
func (p Paper) Order(seed Seed) Order {
	var units [][]int
	kinds := map[Kind]int{}
	for i, q := range p.Questions {
		if _, known := kinds[q.Kind]; !known {
			kinds[q.Kind] = len(kinds)
		}
		if last := len(units) - 1; last >= 0 && q.Group != "" && p.Questions[units[last][0]].Group == q.Group {
			units[last] = append(units[last], i)
			continue
		}
		units = append(units, []int{i})
	}
	label := "order/" + string(p.ID) + "\x00"
	shuffled := make([][]int, len(units))
	for i, j := range newStream(seed, label+"questions").perm(len(units)) {
		shuffled[i] = units[j]
	}
	slices.SortStableFunc(shuffled, func(a, b []int) int {
		return kinds[p.Questions[a[0]].Kind] - kinds[p.Questions[b[0]].Kind]
	})
	o := Order{questions: p.Questions, place: make(map[QuestionID]int, len(p.Questions)), shown: slices.Concat(shuffled...)}
	for i, own := range o.shown {
		q := p.Questions[own]
		o.place[q.ID] = i
		name := "question\x00" + string(q.ID)
		if q.Kind == B1 {
			name = "group\x00" + string(q.Group)
		}
		n := free(q)
		options := newStream(seed, label+name).perm(n)
		for j := n; j < len(q.Options); j++ {
			options = append(options, j)
		}
		o.options = append(o.options, options)
	}
	return o
}

// Len is how many questions there are.
func (o Order) Len() int { return len(o.shown) }

// ID is the question at a shown place.
func (o Order) ID(place int) QuestionID { return o.questions[o.shown[place]].ID }

// Place is where a question is shown; -1 where it is not in the paper.
func (o Order) Place(id QuestionID) int {
	if i, ok := o.place[id]; ok {
		return i
	}
	return -1
}

// OwnPlace is the place in the paper itself of the question at a shown place.
func (o Order) OwnPlace(place int) int { return o.shown[place] }

// Question is the question at a shown place with its options as they are shown.
func (o Order) Question(place int) Question {
	q := o.questions[o.shown[place]]
	own := q.Options
	q.Options = make([]string, len(own))
	for i, j := range o.options[place] {
		q.Options[i] = own[j]
	}
	return q
}

// Own turns letters as shown at a place into the paper's own. Letters that the
// question does not have are dropped.
func (o Order) Own(place int, shown Answer) Answer {
	var a Answer
	for i, j := range o.options[place] {
		if shown.Has(i) {
			a |= Only(j)
		}
	}
	return a
}

// Seen turns the paper's own letters into those shown at a place. It undoes Own.
func (o Order) Seen(place int, own Answer) Answer {
	var a Answer
	for i, j := range o.options[place] {
		if own.Has(j) {
			a |= Only(i)
		}
	}
	return a
}

var (
	// above are options that speak of those before them: 以上都对, 上述均不是, 都不正确.
	above = regexp.MustCompile(`^(以上|上述|前述|上面|前面)|^(全部|全|都|均|皆|全都)不?(是|对|错|正确|错误|可以|可)[。.]?$|^(无|没有)正确(答案|选项)[。.]?$|^(其他|其它)(情况|以上)?[。.]?$`)
	// letters are options that name others: A和B, A+C, ABD均正确. To take one too many
	// for such costs a little shuffling, one too few a wrong mark.
	letters = regexp.MustCompile(`^(选项|答案|仅|只有|除|包括)?[A-HＡ-Ｈ](\s*[、，,;；和与及或+＋/&]?\s*[A-HＡ-Ｈ])*\s*(项|选项|两|三|四|都|均|皆|正确|错误|对|错|不|是|以外|外|$)`)
)

// free is how many options, from the first, may change places.
func free(q Question) int {
	if q.Kind == TF {
		return 0
	}
	if slices.ContainsFunc(q.Options, letters.MatchString) {
		return 0
	}
	n := len(q.Options)
	for n > 0 && above.MatchString(q.Options[n-1]) {
		n--
	}
	if slices.ContainsFunc(q.Options[:n], above.MatchString) {
		return 0
	}
	return n
}
