package desk

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"fyne.io/fyne/v2"

	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// How many are decided in one request: few notices, since each is drawn and
// signed, and progress can be shown in between.
const (
	decideAtOnce = 50
	issueAtOnce  = 10
)

// unsure is said of those whose request went out and was never answered.
const unsure = "没有收到登记处的答复，可能已经办成，请刷新后以列表中的状态为准"

// unsent is said of those whose request never went out.
const unsent = "连接中断，没有提交，请稍后重新选择并提交"

// send carries out v on rows, some at a time, and reports how many are behind it.
// One that fails stops none of the others; without a line nothing more is sent.
func send(ctx context.Context, s Session, v verb, rows []application.Row, reason string, progress func(done int)) []application.Outcome {
	size := decideAtOnce
	if v == verbIssue {
		size = issueAtOnce
	}
	return pieces[application.Row, application.Outcome]{
		size: size,
		ask: func(some []application.Row) ([]application.Outcome, error) {
			if v == verbIssue {
				return s.Issue(ctx, targets(some))
			}
			return s.Decide(ctx, application.Decision{Act: application.Act(v), Reason: reason, Targets: targets(some)})
		},
		failed: func(r application.Row, k exam.Kind, sentence string) application.Outcome {
			return application.Outcome{Application: r.Application, Kind: k, Sentence: sentence}
		},
		unsure: func(err error) string {
			if said := exam.SentenceOf(err); said == say(err) {
				return said // the registry's own word for it
			}
			return unsure
		},
		unsent: unsent,
	}.send(rows, progress)
}

// checkReason says what is wrong with a reason; "" where nothing is.
func checkReason(v verb, reason string) string {
	switch n := utf8.RuneCountInString(reason); {
	case v.needsReason() && strings.TrimSpace(reason) == "":
		return "请先写明" + v.noun() + "，医师会看到这段文字"
	case n > application.MostReason:
		return fmt.Sprintf("%s最多 %d 个字，现在 %d 个字", v.noun(), application.MostReason, n)
	}
	return ""
}

// addReason puts a ready sentence behind what was written, as far as there is room.
func addReason(written, sentence string) string {
	return addSentence(written, sentence, application.MostReason)
}

// reasonBox is where a reason is written: an area with a counter, and sentences
// to start with.
func reasonBox(v verb, rows int) (*part.Area, fyne.CanvasObject) {
	area := part.NewArea("请写明"+v.noun()+"，医师会看到这段文字", rows, application.MostReason)
	quick := readySentences(area, v.reasons(), application.MostReason)
	return area, part.Rows(area, part.NewMuted("常用语句，点一下加入："), quick)
}

// shorten is a ready sentence as its button says it.
func shorten(s string) string {
	if i := strings.IndexAny(s, "，。"); i > 0 {
		return s[:i]
	}
	return s
}

// bulk asks whether v shall be done to the rows, does it, and shows how it went.
// done is called when the result sheet stands.
func (s *seat) bulk(v verb, rows []application.Row, others int, done func([]application.Outcome)) {
	b := viewBulk(v, rows, others)
	content := part.Rows(part.NewText(b.lead), part.NewText(b.names).Styled(theme.SizeBody, theme.ColorInkStrong, true))
	if b.skipped != "" {
		content.Add(part.NewHint(b.skipped))
	}
	var area *part.Area
	if b.reason {
		var box fyne.CanvasObject
		area, box = reasonBox(v, 4)
		content.Add(part.Rule())
		content.Add(box)
	}
	if b.warning != "" {
		content.Add(part.NewBanner(theme.Info, b.warning, ""))
	}
	dialog := part.ShowForm(s.canvas(), b.title, 600, content, b.button, func(dialog *part.Dialog) {
		reason := ""
		if area != nil {
			reason = area.Text()
			if fault := checkReason(v, reason); fault != "" {
				dialog.SetError(fault)
				return
			}
		}
		dialog.Close()
		s.perform(v, rows, reason, func(outs []application.Outcome) {
			s.showOutcomes(viewOutcomes(v, rows, outs))
			done(outs)
		})
	})
	if area != nil {
		dialog.FocusOn(area.Entry)
	}
}

// perform does v to rows, shows how far it is, and hands over how it went. It
// goes on although the page is left: what was sent is waited for.
func (s *seat) perform(v verb, rows []application.Row, reason string, done func([]application.Outcome)) {
	label := part.NewText(progressText(v, 0, len(rows)))
	busy := part.ShowDialog(s.canvas(), v.text(), 420, part.Rows(label, part.NewLoading("请不要关闭程序")), nil, func() {})
	shell.Job(s.life, func(ctx context.Context) ([]application.Outcome, error) {
		outs := send(ctx, s.session, v, rows, reason, func(n int) {
			shell.Do(func() { label.SetText(progressText(v, n, len(rows))) })
		})
		return outs, worst(outs)
	}, func(outs []application.Outcome, err error) {
		busy.Close()
		if s.heard(err) {
			return
		}
		done(outs)
		s.count()
	})
}

func progressText(v verb, n, of int) string {
	return fmt.Sprintf("正在%s，已处理 %d / %d 名…", v.text(), n, of)
}

// worst is an error that stands for outcomes that tell of the line; nil for none.
func worst(outs []application.Outcome) error {
	for _, o := range outs {
		if o.Kind == exam.Unauthenticated || o.Sentence == unsure || o.Sentence == unsent {
			return exam.Errorf(o.Kind, "%s", o.Sentence)
		}
	}
	return nil
}

// showOutcomes is the result sheet.
func (s *seat) showOutcomes(view outcomeView) {
	list := part.Rows()
	for i, g := range view.groups() {
		if i > 0 {
			list.Add(part.Rule())
		}
		text := g.text
		if n := len(g.names); n > 1 {
			text = fmt.Sprintf("%s（%d 名）", text, n)
		}
		list.Add(part.Beside(part.NewGlyph(g.tone.Glyph(), g.tone.Ink(), 18),
			part.Rows(part.NewText(strings.Join(g.names, "、")).Styled(theme.SizeBody, theme.ColorInkStrong, true),
				part.NewText(text).Styled(theme.SizeBody, g.tone.Ink(), false)), theme.Gap))
	}
	lead := "全部办成。"
	if view.bad > 0 {
		lead = "没有办成的排在前面，各有原因；办成的不受影响。"
	}
	var dialog *part.Dialog
	ok := part.NewPrimary("知道了", func() { dialog.Close() })
	dialog = part.ShowDialog(s.canvas(), "处理结果", 600, part.Groups(part.NewBanner(view.tone, view.title, lead), list), ok, nil)
}

// say is what a person at the desk may read of err. Sentences about the line are
// written for doctors, whose typing is kept on their PC; here nothing is.
func say(err error) string {
	text := exam.SentenceOf(err)
	if exam.KindOf(err) == exam.Unavailable && strings.Contains(text, "保存在本机") {
		return "连不上登记处，请检查网络后重试；没有得到答复的操作，以刷新后的状态为准"
	}
	return text
}
