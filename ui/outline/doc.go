// Package outline tells a helper outside the program what stands where on the
// screen, as an accessibility tree would: texts, kinds, places. It is how the
// journey finds the button that a person sees; the pressing and typing goes
// through the display as a person's does. It has a body only with the build tag
// "journey": a shipped program has no such ear.
package outline
