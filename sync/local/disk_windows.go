package local

import "syscall"

// fullErrors are how the system says that there is no room:
// ERROR_HANDLE_DISK_FULL and ERROR_DISK_FULL.
var fullErrors = []error{syscall.Errno(39), syscall.Errno(112)}
