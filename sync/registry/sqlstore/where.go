package sqlstore

import (
	"strconv"
	"strings"
)

// where gathers the conditions of a query and their values. Conditions are
// written with ? and numbered as they come; values never stand in the text.
type where struct {
	conditions []string
	args       []any
}

func (w *where) and(condition string, values ...any) {
	var b strings.Builder
	rest := condition
	for _, v := range values {
		head, tail, _ := strings.Cut(rest, "?")
		b.WriteString(head + w.put(v))
		rest = tail
	}
	w.conditions = append(w.conditions, b.String()+rest)
}

// in is a condition that the column is one of the values; none: never.
func in[T ~string](w *where, column string, values []T) {
	if len(values) == 0 {
		w.conditions = append(w.conditions, "1 = 0")
		return
	}
	places := make([]string, len(values))
	for i, v := range values {
		places[i] = w.put(string(v))
	}
	w.conditions = append(w.conditions, column+" IN ("+strings.Join(places, ", ")+")")
}

// put adds a value and returns its place.
func (w *where) put(v any) string {
	w.args = append(w.args, v)
	return "$" + strconv.Itoa(len(w.args))
}

func (w *where) text() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(w.conditions, " AND ")
}
