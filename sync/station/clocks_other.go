//go:build !linux && !windows

package station

import "time"

func bootID() string { return "" }

func sinceBoot() (time.Duration, bool) { return 0, false }
