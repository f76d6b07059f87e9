package desk

import (
	"strings"
	"testing"

	"dingkao/exam"
	"dingkao/exam/score"
)

func TestAQuestionThatTheBetterFailMoreOftenIsNamedFirst(t *testing.T) {
	v := viewStatistics(sampleStudy(240))
	if len(v.rows) != 40 || len(v.dots) != 40 || v.tallies[0].number != "240" {
		t.Fatalf("%d rows, %d dots, %+v", len(v.rows), len(v.dots), v.tallies)
	}
	if v.rows[6].quality.text != score.Negative.Text() || len(v.notes) == 0 || !strings.Contains(v.notes[0], "7") || !strings.Contains(v.notes[0], "核对答案") {
		t.Errorf("question 7: %+v, notes %q", v.rows[6].quality, v.notes)
	}
	sum := 0
	for _, c := range v.rows[0].choices {
		sum += c.count
	}
	if sum > 240 || sum < 200 {
		t.Errorf("%d chose something", sum)
	}
}

func TestWithFewResultsNoFigureIsMadeUp(t *testing.T) {
	v := viewStatistics(sampleStudy(12))
	if len(v.dots) != 0 || v.rows[0].discrimination != dash || v.rows[0].difficulty == dash || v.tallies[4].number != dash {
		t.Errorf("%d dots, %+v, %+v", len(v.dots), v.rows[0], v.tallies)
	}
	if v := viewStatistics(score.Study{}); v.tallies[1].number != dash || len(v.notes) != 1 {
		t.Errorf("nothing: %+v", v)
	}
}

func TestStatisticsSayWhenTheyCanBeSeenAndAreSaved(t *testing.T) {
	s := newSample(exam.RoleAssessor)
	s.fail["Statistics"] = exam.Errorf(exam.Refused, "结束以后才能查看")
	st := onStage(t, s, pageStatistics)
	if !st.says("现在还不能查看") || !st.says("结束以后才能查看") {
		t.Fatal("nobody is told why nothing is shown")
	}
	s = newSample(exam.RoleAssessor)
	st = onStage(t, s, pageStatistics)
	if !st.says("负区分") || !st.says("信度 KR-20") {
		t.Fatal("the analysis is not shown")
	}
	st.press("保存为 CSV")
	st.press("保存")
	found := false
	for name, data := range st.d.files {
		if strings.HasSuffix(name, ".csv") {
			text := string(data)
			found = strings.HasPrefix(text, "\ufeff题号,") && strings.Count(text, "\n") == 41
		}
	}
	if !found {
		t.Errorf("no CSV of 40 questions among %d files", len(st.d.files))
	}
}
