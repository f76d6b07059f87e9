//go:build !unix

package station

import "errors"

func noMoreRoom(string) error { return errors.New("this platform has no limit to set") }
