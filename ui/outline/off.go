//go:build !journey

package outline

// Listen does nothing without the tag "journey".
func Listen() {}
