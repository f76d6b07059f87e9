package desk

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"dingkao/exam"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// pieces is how many things are asked of the registry at once, and what is said of
// those that got no answer: decisions about dossiers and orders to sittings alike.
type pieces[R, O any] struct {
	size   int
	ask    func([]R) ([]O, error)
	failed func(R, exam.Kind, string) O
	unsure func(error) string // of those whose request went out and was never answered
	unsent string             // of those whose request never went out
}

// send asks for all rows, some at a time, and reports how many are behind it. A piece
// that fails stops none of the others; without a line nothing more is sent.
func (p pieces[R, O]) send(rows []R, progress func(done int)) []O {
	var outs []O
	var broken exam.Kind
	fill := func(rows []R, k exam.Kind, sentence string) {
		for _, r := range rows {
			outs = append(outs, p.failed(r, k, sentence))
		}
	}
	for at := 0; at < len(rows); at += p.size {
		some := rows[at:min(at+p.size, len(rows))]
		if broken != "" {
			fill(some, broken, p.unsent)
			continue
		}
		got, err := p.ask(some)
		switch k := exam.KindOf(err); k {
		case "":
			outs = append(outs, got...)
		case exam.Unavailable:
			broken = k
			fill(some, k, p.unsure(err))
		case exam.Unauthenticated, exam.MustChange:
			broken = k
			fill(some, k, say(err))
		default:
			fill(some, k, say(err))
		}
		if progress != nil {
			progress(min(at+p.size, len(rows)))
		}
	}
	return outs
}

// outcomesOf is the result sheet of what was done with the good ones, those that
// failed first.
func outcomesOf(done string, good, bad []outcomeRow) outcomeView {
	v := outcomeView{rows: append(bad, good...), done: len(good), bad: len(bad), tone: theme.Good}
	switch {
	case len(bad) == 0:
		v.title = fmt.Sprintf("%d 名%s", len(good), done)
	case len(good) == 0:
		v.title, v.tone = fmt.Sprintf("%d 名没有办成", len(bad)), theme.Bad
	default:
		v.title, v.tone = fmt.Sprintf("%d 名%s，%d 名没有办成", len(good), done, len(bad)), theme.Warn
	}
	return v
}

// addSentence puts a ready sentence behind what was written, as far as there is
// room for most characters.
func addSentence(written, sentence string, most int) string {
	if strings.Contains(written, sentence) || utf8.RuneCountInString(written+sentence) > most {
		return written
	}
	return written + sentence
}

// readySentences are buttons that add a sentence to what is written.
func readySentences(area *part.Area, sentences []string, most int) fyne.CanvasObject {
	quick := part.Flow()
	for _, s := range sentences {
		quick.Add(part.NewSecondary(shorten(s), func() {
			area.SetText(addSentence(area.Text(), s, most))
			if area.OnChanged != nil { // a person did it
				area.OnChanged(area.Text())
			}
		}).Small())
	}
	return quick
}

// neighbours are the buttons to the one before and the one behind in a list of n.
func neighbours(at, n int, step func(by int)) (prev, next *part.Button) {
	prev = part.NewSecondary("上一位", func() { step(-1) }).WithGlyph("left").Small()
	next = part.NewSecondary("下一位", func() { step(1) }).WithGlyph("right").Small()
	if at == 0 {
		prev.Disable()
	}
	if at == n-1 {
		next.Disable()
	}
	return prev, next
}

// askFile asks where a file shall lie, beginning with path, and writes there what
// get hands out. ending, if not empty, is put behind a name that lacks it.
func (s *seat) askFile(life *shell.Life, title, path, ending, done string, get func(context.Context) ([]byte, error)) {
	entry := part.NewEntry("")
	entry.SetText(path)
	body := part.Rows(part.NewField("保存到", entry).WithHint("可以修改位置和文件名；同名的文件会被替换"))
	d := part.ShowForm(s.canvas(), title, 680, body, "保存", func(d *part.Dialog) {
		to := strings.TrimSpace(entry.Text)
		if to == "" {
			d.SetError("请写明保存的位置")
			return
		}
		if !strings.HasSuffix(strings.ToLower(to), ending) {
			to += ending
		}
		shell.JobOn(life, d, func(ctx context.Context) (string, error) {
			data, err := get(ctx)
			if err != nil {
				return "", err
			}
			return s.desktop.WriteFile(to, data)
		}, func(where string, err error) {
			switch {
			case err == nil:
				d.Close()
				s.toast(theme.Good, done+where)
			case exam.KindOf(err) == exam.Unauthenticated:
				s.heard(err)
			default:
				d.SetError(say(err))
			}
		})
	})
	d.FocusOn(entry)
}
