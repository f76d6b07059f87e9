//go:build !windows

package local

import "syscall"

// fullErrors are how the system says that there is no room.
var fullErrors = []error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}
