// Package pc is what the two window programs, terminal and desk, need of the PC
// they run on: how they are configured, files, the printer and the PDF reader,
// and an honest word where no window can be opened.
package pc
