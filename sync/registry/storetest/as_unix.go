//go:build unix

package storetest

import (
	"os/exec"
	"syscall"
)

// as runs the command as another user.
func as(cmd *exec.Cmd, uid, gid int) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}
