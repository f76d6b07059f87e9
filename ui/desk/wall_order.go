package desk

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"

	"dingkao/exam"
	"dingkao/exam/sitting"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

// ordersAtOnce is how many are ordered in one request, so that progress can be shown.
const ordersAtOnce = 100

// instruction is an order with what it says.
type instruction struct {
	order order
	text  string
	extra sitting.Span
	// whole takes each sitting as it is: the start of a room.
	whole bool
}

// sendOrders gives an order to rows, some at a time. One that fails stops none of
// the others; without a line nothing more is sent.
func sendOrders(ctx context.Context, p Proctoring, in instruction, rows []sitting.Row, progress func(done int)) []sitting.Outcome {
	return pieces[sitting.Row, sitting.Outcome]{
		size: ordersAtOnce,
		ask: func(some []sitting.Row) ([]sitting.Outcome, error) {
			c := sitting.Command{Act: sitting.Act(in.order), Text: in.text, Extra: in.extra}
			for _, r := range some {
				t := sitting.Target{Sitting: r.Sitting, Orders: r.Orders}
				if in.whole {
					t.Orders = 0
				}
				c.Sittings = append(c.Sittings, t)
			}
			return p.Command(ctx, c)
		},
		failed: func(r sitting.Row, k exam.Kind, sentence string) sitting.Outcome {
			return sitting.Outcome{Sitting: r.Sitting, Kind: k, Sentence: sentence}
		},
		unsure: func(error) string { return orderUnsure },
		unsent: orderUnsent,
	}.send(rows, progress)
}

const (
	// orderUnsure is said of those whose order went out and was never answered.
	orderUnsure = "没有收到登记处的答复，可能已经生效，请以刷新后的状态为准"
	// orderUnsent is said of those whose order never went out.
	orderUnsent = "连接中断，没有发出，请稍后重新操作"
)

// lineOf is an error that stands for outcomes that tell of the line; nil for none.
func lineOf(outs []sitting.Outcome) error {
	for _, o := range outs {
		if o.Kind == exam.Unauthenticated || o.Sentence == orderUnsure || o.Sentence == orderUnsent {
			return exam.Errorf(o.Kind, "%s", o.Sentence)
		}
	}
	return nil
}

// minutesOf reads minutes as typed; what is wrong with them, or "".
func minutesOf(s string) (sitting.Span, string) {
	n, err := strconv.Atoi(strings.TrimSpace(s))
	if most := int(sitting.MostExtra / sitting.Minute); err != nil || n < 1 || n > most {
		return 0, fmt.Sprintf("加时应是 1 至 %d 分钟的整数", most)
	}
	return sitting.Span(n) * sitting.Minute, ""
}

// checkText says what is wrong with what an order says; "" where nothing is.
func checkText(o order, text string) string {
	switch {
	case o.label() == "":
		return ""
	case strings.TrimSpace(text) == "" && o == orderMessage:
		return "请先写消息内容"
	case strings.TrimSpace(text) == "":
		return "请先写明" + o.label() + "，考生会看到这段文字"
	}
	return ""
}

// orderBox is where the text of an order is written, with sentences to start with.
func orderBox(o order) (*part.Area, fyne.CanvasObject) {
	area := part.NewArea("考生会看到这段文字", 3, sitting.MostText)
	quick := readySentences(area, o.ready(), sitting.MostText)
	return area, part.Rows(part.NewField(o.label(), area).Required(), part.NewMuted("常用的话，点一下加入："), quick)
}

// ask asks whether o shall be given to rows, gives it, and shows how it went. whole
// is the start of a room. done is called when it is through.
func (s *seat) ask(o order, rows []sitting.Row, others int, whole string, done func([]sitting.Outcome)) {
	v := viewAsk(o, rows, others)
	content := part.Rows(part.NewText(v.lead))
	if whole != "" {
		content = part.Rows(part.NewText(whole).Styled(theme.SizeHeading, theme.ColorInkStrong, true))
	}
	content.Add(part.NewText(v.names).Styled(theme.SizeBody, theme.ColorInkStrong, true))
	if v.skipped != "" {
		content.Add(part.NewHint(v.skipped))
	}
	var minutes *part.Entry
	var area *part.Area
	if o == orderExtra {
		minutes = part.NewEntry("分钟")
		minutes.SetText("10")
		quick := part.Row(part.Sized(110, theme.Height, minutes), part.NewPlain("分钟"), part.Space(theme.Gap))
		for _, n := range []string{"5", "10", "15", "30"} {
			quick.Add(part.NewSecondary(n+" 分钟", func() { minutes.SetText(n) }).Small())
		}
		content.Add(part.NewField("加时", quick).Required())
	}
	if o == orderStart && whole == "" {
		minutes = part.NewEntry("没有则留空")
		content.Add(part.NewField("按规定延长（分钟）", part.Row(part.Sized(150, theme.Height, minutes))).WithHint("只用于按规定享有更多时间的考生，如视力、肢体残疾"))
	}
	if o.label() != "" {
		var box fyne.CanvasObject
		area, box = orderBox(o)
		content.Add(box)
	}
	var typed *part.Entry
	if o == orderTerminate {
		typed = part.NewEntry(rows[0].Name)
		content.Add(part.NewField("请输入考生姓名以确认", typed).Required())
	}
	if v.warning != "" {
		tone := theme.Info
		if o == orderTerminate || o == orderMove {
			tone = theme.Warn
		}
		content.Add(part.NewBanner(tone, v.warning, ""))
	}
	var dialog *part.Dialog
	give := func() {
		in := instruction{order: o, whole: whole != ""}
		if minutes != nil && (o == orderExtra || strings.TrimSpace(minutes.Text) != "") {
			span, fault := minutesOf(minutes.Text)
			if fault != "" {
				dialog.SetError(fault)
				return
			}
			in.extra = span
		}
		if area != nil {
			in.text = strings.TrimSpace(area.Text())
			if fault := checkText(o, in.text); fault != "" {
				dialog.SetError(fault)
				return
			}
		}
		if typed != nil && strings.TrimSpace(typed.Text) != rows[0].Name {
			dialog.SetError("输入的姓名与考生姓名不同，没有终止")
			return
		}
		dialog.Close()
		s.give(in, rows, done)
	}
	button := part.NewPrimary(o.confirm(), give)
	if o == orderTerminate || o == orderAbsent {
		button = part.NewDanger(o.confirm(), give)
	}
	title := v.title
	if whole != "" {
		title = "全场开始"
	}
	cancel := part.NewSecondary("取消", func() { dialog.Close() })
	dialog = part.ShowDialog(s.canvas(), title, 620, content, button, nil, cancel)
	switch {
	case area != nil:
		dialog.FocusOn(area.Entry)
	case whole != "":
		dialog.FocusOn(cancel) // Enter must not start a room by habit
	}
}

// give gives an order, shows how far it is, and shows how it went. It goes on although
// the page is left: what was sent is waited for.
func (s *seat) give(in instruction, rows []sitting.Row, done func([]sitting.Outcome)) {
	label := part.NewText(giveText(in.order, 0, len(rows)))
	busy := part.ShowDialog(s.canvas(), in.order.text(), 420, part.Rows(label, part.NewLoading("请不要关闭程序")), nil, func() {})
	shell.Job(s.life, func(ctx context.Context) ([]sitting.Outcome, error) {
		outs := sendOrders(ctx, s.session, in, rows, func(n int) {
			shell.Do(func() { label.SetText(giveText(in.order, n, len(rows))) })
		})
		return outs, lineOf(outs)
	}, func(outs []sitting.Outcome, err error) {
		busy.Close()
		if s.heard(err) {
			return
		}
		s.went(in, rows, outs)
		done(outs)
	})
}

func giveText(o order, n, of int) string {
	return fmt.Sprintf("正在%s，已处理 %d / %d 名…", o.text(), n, of)
}

// went says how it went: in a word for one, on a sheet for many or where something failed.
func (s *seat) went(in instruction, rows []sitting.Row, outs []sitting.Outcome) {
	v := viewSittingOutcomes(in.order, rows, outs)
	switch {
	case len(rows) > 1 || v.bad > 0:
		s.showOutcomes(v)
	case in.order == orderMove && len(outs) == 1 && outs[0].Code != "":
		s.showCode(rows[0].Name, outs[0].Code)
	default:
		s.toast(theme.Good, rows[0].Name+"："+in.order.done())
	}
}

// showCode shows the code of a move, large enough to be read across a desk.
func (s *seat) showCode(name, code string) {
	var dialog *part.Dialog
	ok := part.NewPrimary("知道了", func() { dialog.Close() })
	dialog = part.ShowDialog(s.canvas(), "更换考试机："+name, 480, codeCard(code), ok, nil)
}

// codeCard is the code with what to do with it.
func codeCard(code string) fyne.CanvasObject {
	digits := part.NewLine(spaced(code), theme.SizeDisplay, theme.ColorInkStrong, true)
	digits.Alignment = fyne.TextAlignCenter
	return part.Rows(part.NewText("请考生在新的考试机上登录，签到时输入验证码：").Aligned(fyne.TextAlignCenter), digits,
		part.NewHint("考生在新的考试机上继续以前，这个号码一直显示在这名考生的页面上。").Aligned(fyne.TextAlignCenter))
}

// spaced is a code in groups of three.
func spaced(code string) string {
	if len(code) != 6 {
		return code
	}
	return code[:3] + " " + code[3:]
}
