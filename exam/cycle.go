package exam

// Window is a span of days, both included. A missing end is open (长期).
type Window struct {
	From Date `json:"from"`
	To   Date `json:"to"`
}

// Contains says whether the day lies within the window.
func (w Window) Contains(d Date) bool {
	return (w.From == "" || d >= w.From) && (w.To == "" || d <= w.To)
}

// Text is the window as people read it: 2024-09-01 至 2024-09-30, or 长期.
func (w Window) Text() string {
	switch {
	case w.From == "" && w.To == "":
		return "长期"
	case w.To == "":
		return string(w.From) + " 起"
	case w.From == "":
		return string(w.To) + " 止"
	}
	return string(w.From) + " 至 " + string(w.To)
}

// Cycle is one assessment cycle (考核周期). All that differs from cycle to
// cycle is data here: the law says three years, the old rules two, the manual's
// sample one.
type Cycle struct {
	ID        CycleID  `json:"id"`
	Name      string   `json:"name"`
	From      Month    `json:"from"`
	To        Month    `json:"to"`
	Provinces []string `json:"provinces"` // GB/T 2260, two digits
	Confirm   Window   `json:"confirm"`   // institutions confirm the list
	Fill      Window   `json:"fill"`      // doctors fill in
	Review    Window   `json:"review"`    // institutions and assessors review
	Assess    Window   `json:"assess"`    // the assessment
	Attempts  int      `json:"attempts"`  // sittings before a re-sit; at least 1
	PassMark  int      `json:"passMark"`  // of Questions
	Minutes   int      `json:"minutes"`   // length of a sitting
	Questions int      `json:"questions"` // in a paper
	// OtherConditions are the cases beside the two national ones in which a
	// province lets a doctor take the simple procedure.
	OtherConditions []string `json:"otherConditions"`
	ShowScore       bool     `json:"showScore"` // whether doctors see the score
}

// Text is 2024年07月—2025年07月.
func (c Cycle) Text() string { return c.From.Text() + "—" + c.To.Text() }

// Check says what is wrong with the cycle. The error is Invalid.
func (c Cycle) Check() error {
	for _, m := range []Month{c.From, c.To} {
		if _, err := ParseMonth(string(m)); err != nil {
			return err
		}
	}
	if c.To < c.From {
		return Errorf(Invalid, "考核周期的结束早于开始")
	}
	for _, w := range []Window{c.Confirm, c.Fill, c.Review, c.Assess} {
		if !w.From.Valid() || !w.To.Valid() || (w.To != "" && w.To < w.From) {
			return Errorf(Invalid, "时间安排 %s 不对", w.Text())
		}
	}
	switch {
	case c.ID == "" || c.Name == "":
		return Errorf(Invalid, "考核周期要有编号和名称")
	case len(c.Provinces) == 0:
		return Errorf(Invalid, "考核周期没有指定省份")
	case c.Attempts < 1 || c.Minutes < 1 || c.Questions < 1 || c.PassMark < 0 || c.PassMark > c.Questions:
		return Errorf(Invalid, "测评次数、时长、题量或合格线不对")
	}
	return nil
}
