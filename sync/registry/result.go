package registry

import (
	"dingkao/exam"
	"dingkao/exam/application"
	"dingkao/exam/sitting"
)

// settled refuses what may not be decided about a dossier while a terminal may
// still be writing to a sitting of it: to make void what goes on (nobody shall
// answer what no longer counts: the proctor ends it first), and to mark absent
// who has the key of a paper (the opening may be on its way behind a line that
// failed). The error is Refused.
func (r *Registry) settled(tx Reader, f file, act application.Act) error {
	if act != application.ActVoided && act != application.ActAbsent {
		return nil
	}
	all, err := tx.SittingsOf(f.record.ID)
	if err != nil {
		return err
	}
	for _, rec := range all {
		s, err := r.readState(tx, rec.ID)
		if err != nil {
			return err
		}
		switch s.full.State {
		case sitting.Ready, sitting.Running, sitting.Paused:
		default:
			continue
		}
		a := f.dossier.Attempt()
		switch {
		case act == application.ActVoided && a != nil && a.Sitting == rec.ID:
			return exam.Errorf(exam.Refused, "测评还在进行，不能作废；请先由监考员终止测评")
		case act == application.ActAbsent && rec.Released != 0:
			return exam.Errorf(exam.Refused, "试卷的密钥已发到考试机，考生可能已经进入测评，不能标记缺考；请先由监考员终止测评")
		}
	}
	return nil
}
