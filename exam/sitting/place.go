package sitting

import "dingkao/exam/paper"

// Kept says where an answer is: what the screen shows beside it.
type Kept string

// The states of an answer, best first. There is no fourth: what is not on disk
// is not saved.
const (
	AtRegistry Kept = "registry" // the registry has given a receipt for it
	OnThisPC   Kept = "pc"       // on this PC's disk, on its way
	NotSaved   Kept = "unsaved"  // the disk refused it: what was chosen before still counts
)

// Text is the state as the candidate reads it.
func (k Kept) Text() string {
	switch k {
	case AtRegistry:
		return "登记处已收到"
	case OnThisPC:
		return "已存本机"
	case NotSaved:
		return "没有保存"
	}
	return ""
}

// Place is what the candidate's terminal knows of its sitting at one moment (考位).
// The zero value is a terminal at which nobody checked in.
type Place struct {
	Seat    Seat    // as the registry said last; Sitting is empty before the check-in
	Mine    bool    // this terminal holds the epoch, or nobody does yet and it checked in
	Sitting Sitting // folded from what lies on this PC
	View    View    // of it, by this PC's clocks now
	// Ready says that the sealed paper lies here; Open that it can be read. Paper
	// and Order are set only where Open is.
	Ready, Open bool
	Paper       paper.Paper
	Order       paper.Order
	// Kept says of each question that was answered, or that could not be, where
	// its answer is.
	Kept      map[paper.QuestionID]Kept
	Waiting   int  // entries of the sitting without a receipt
	Delivered bool // handed in, and the registry has all of it
	Online    bool // the registry answered the last question
	// Trouble is one sentence about what does not work now: a full disk, a paper
	// that has not come. Stopped says that this terminal is out for good, and why.
	Trouble, Stopped string
}

// CheckNames are what a check-in looks at, in the order of the screen.
var CheckNames = []string{"disk", "network", "clock", "screen", "camera"}

// CheckText is what a check is called.
func CheckText(name string) string {
	switch name {
	case "disk":
		return "本机保存"
	case "network":
		return "网络"
	case "clock":
		return "时间"
	case "screen":
		return "屏幕"
	case "camera":
		return "摄像头与人脸核验"
	}
	return name
}
