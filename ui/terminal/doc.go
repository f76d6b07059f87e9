// Package terminal is the doctor's screens: sign-in, the frame with its menu,
// home, the six steps of 填报信息, 个人信息, 考核结果 and the rest. Screens show and
// report; the rules are in exam/application, the keeping is behind the doors in
// doors.go, which cmd/terminal joins with sync/station.
package terminal
