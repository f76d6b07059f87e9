package station

import (
	"strconv"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

// bootID is the count of starts that Windows keeps. The time of the start would
// be no name for it: it moves when the clock is set.
func bootID() string {
	k, err := registry.OpenKey(registry.LOCAL_MACHINE, `SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management\PrefetchParameters`, registry.QUERY_VALUE)
	if err != nil {
		return ""
	}
	defer k.Close()
	n, _, err := k.GetIntegerValue("BootId")
	if err != nil {
		return ""
	}
	return "boot-" + strconv.FormatUint(n, 10)
}

// sinceBoot is GetTickCount64: the time since the system started, sleep and
// hibernation included.
func sinceBoot() (time.Duration, bool) { return windows.DurationSinceBoot(), true }
