package part

// Update shows rows that were read anew without moving: the list stays where it is, and ticked answers
// which rows are ticked now (nil: none). SetRows is for another list, which begins at its top.
func (t *DataTable) Update(n int, row func(i int) []Cell, ticked func(i int) bool) {
	t.length, t.row = n, row
	t.ticked = map[int]bool{}
	if ticked != nil {
		for i := range n {
			if ticked(i) {
				t.ticked[i] = true
			}
		}
	}
	if t.all != nil {
		t.all.SetChecked(n > 0 && len(t.ticked) == n)
	}
	if n == 0 {
		t.SetState(NewEmpty("暂无数据", ""))
		return
	}
	t.SetState(t.list)
	t.list.Refresh()
}
