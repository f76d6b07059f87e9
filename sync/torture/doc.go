// Package torture is a rig, and holds no code but its test: the real core of the
// terminal (sync/station) and the real registry, each in processes of their own,
// are killed, cut off, filled up and lied to about the time while candidates sit
// exams, and afterwards it is asked of each answer that was acknowledged whether
// it counts, once, and in time.
//
//	go test ./sync/torture -rounds 500            # what `make torture` does
//	go test ./sync/torture -rounds 1 -seed 4711   # one round again
//
// A round is one doctor, one sitting and one seed, from which everything that
// happens is drawn: how the exam ends, when terminal and registry die, what
// the line does to each request (nothing, drop it, lose its answer, deliver it
// twice, hold it back behind later ones), reboots with another boot id, a PC's
// clock set anywhere, a full disk, pauses, extra time, a move to another PC. The
// machine's time runs sixty times as fast as ours at both ends, so an exam of
// minutes takes seconds; deadlines are judged against true time, which the rig
// alone knows.
//
// With -planted the terminal acknowledges before it commits. The rig must find
// that: a rig that finds nothing there would prove nothing elsewhere.
package torture
