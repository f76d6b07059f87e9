package terminal

import (
	"fmt"

	"dingkao/exam"
	"dingkao/ui/theme"
)

// pageID names a page behind the left menu.
type pageID string

const (
	pageHome      pageID = "home"
	pageEnrol     pageID = "enrol"
	pageProfile   pageID = "profile"
	pageStudy     pageID = "study"
	pageExam      pageID = "exam"
	pageResult    pageID = "result"
	pageQuestions pageID = "questions"
)

// menu is the left menu, in the manual's order.
var menu = []struct {
	ID          pageID
	Text, Glyph string
}{
	{pageHome, "首页", "home"},
	{pageEnrol, "填报信息", "form"},
	{pageProfile, "个人信息", "person"},
	{pageStudy, "在线学习", "study"},
	{pageExam, "参加测评", "exam"},
	{pageResult, "考核结果", "result"},
	{pageQuestions, "问题解答", "help"},
}

// systemName is the product's name, as the manual's screens bear it.
const systemName = "医师定期考核信息登记管理系统"

// defaultSupport is shown until the registry says which telephone is its own.
const defaultSupport = "400 810 6819"

// supportText is the footer's telephone.
func supportText(a exam.About) string {
	return "客服电话：" + orElse(a.Support, defaultSupport)
}

// lineView is the state of the line as the footer shows it.
type lineView struct {
	Text   string
	Tone   theme.Tone
	Notice string // above every page, where there is something to be said
}

// lineOf says in one line whether the registry is reached and what waits. Entered
// says that the doctor came in without the registry: nothing is sent before the
// next sign-in.
func lineOf(l exam.Line, entered bool) lineView {
	v := lineView{Notice: l.Trouble}
	switch {
	case entered:
		v.Text, v.Tone = "离线进入，内容都保存在本机", theme.Warn
		if l.Pending > 0 {
			v.Text = fmt.Sprintf("离线，%d项待送出，都已保存在本机", l.Pending)
		}
		if v.Notice == "" {
			v.Notice = "您是离线进入的，填写的内容都保存在本机。联网后请退出并重新登录，内容会自动送出。"
		}
	case l.Online && l.Pending == 0:
		v.Text, v.Tone = "在线，全部已送达", theme.Good
	case l.Online:
		v.Text, v.Tone = fmt.Sprintf("在线，正在送出%d项", l.Pending), theme.Info
	case l.Pending > 0:
		v.Text, v.Tone = fmt.Sprintf("离线，%d项待送出，都已保存在本机", l.Pending), theme.Warn
	default:
		v.Text, v.Tone = "离线，内容都保存在本机", theme.Warn
	}
	return v
}
