package terminal

import (
	_ "embed"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"dingkao/exam"
	"dingkao/ui/part"
	"dingkao/ui/shell"
	"dingkao/ui/theme"
)

//go:embed help.md
var helpText string

// article is one question with its answer (问题解答).
type article struct {
	Group, Question, Answer string
}

// articlesOf reads the help: "# group", "## question", and paragraphs.
func articlesOf(text string) []article {
	var out []article
	group := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "## "):
			out = append(out, article{Group: group, Question: strings.TrimPrefix(line, "## ")})
		case strings.HasPrefix(line, "# "):
			group = strings.TrimPrefix(line, "# ")
		case len(out) > 0:
			out[len(out)-1].Answer += line + "\n"
		}
	}
	for i := range out {
		out[i].Answer = strings.TrimSpace(out[i].Answer)
	}
	return out
}

// findArticles are those in which every word of the query occurs, the questions first.
func findArticles(all []article, query string) []article {
	words := strings.Fields(strings.ToLower(strings.ReplaceAll(query, "\u3000", " ")))
	if len(words) == 0 {
		return all
	}
	var first, rest []article
	for _, a := range all {
		title, text := strings.ToLower(a.Group+" "+a.Question), strings.ToLower(a.Answer)
		inTitle, anywhere := true, true
		for _, w := range words {
			inTitle = inTitle && strings.Contains(title, w)
			anywhere = anywhere && (strings.Contains(title, w) || strings.Contains(text, w))
		}
		switch {
		case inTitle:
			first = append(first, a)
		case anywhere:
			rest = append(rest, a)
		}
	}
	return append(first, rest...)
}

// helpPage is 问题解答: offline, searched as one types.
type helpPage struct{ s *seat }

// Open shows the articles.
func (p *helpPage) Open(*shell.Life) fyne.CanvasObject {
	return drawHelp(articlesOf(helpText), p.s.about)
}

func drawHelp(all []article, about exam.About) fyne.CanvasObject {
	list := part.Groups()
	show := func(query string) {
		list.Objects = nil
		found := findArticles(all, query)
		if len(found) == 0 {
			list.Add(part.NewCard("", part.NewEmpty("没有找到相关问题", "请换一个词再试，或拨打"+supportText(about)+"。")))
		}
		group := ""
		var rows *fyne.Container
		for _, a := range found {
			if rows == nil || a.Group != group {
				group = a.Group
				rows = part.Groups()
				list.Add(part.NewCard(group, rows))
			}
			rows.Add(part.Lead(part.NewGlyph("help", theme.ColorAccent, 18), part.Rows(
				part.NewText(a.Question).Styled(theme.SizeBody, theme.ColorInkStrong, true),
				part.NewText(a.Answer).Styled(theme.SizeBody, theme.ColorInk, false))))
		}
		list.Refresh()
	}
	search := part.NewEntry("输入关键词，如 照片、退回、离线")
	search.OnChanged = show
	show("")
	return part.Groups(part.NewTitle("问题解答"),
		container.NewBorder(nil, nil, part.NewGlyph("search", theme.ColorInkMuted, 20), nil, search), list)
}
