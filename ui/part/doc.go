// Package part holds our own widgets: they show and they report, and know no rule, no clock and no network.
//
// Screens put them together; what may be chosen, what is missing and what happens next is decided
// elsewhere. All of them can be reached with Tab and worked with Enter, Space and the arrow keys; whatever
// has the keyboard wears an orange ring. A key that a widget does not use goes on to the canvas's
// OnTypedKey, so that Escape closes a dialog from wherever the cursor stands. What gets the keyboard is scrolled
// into view, and the mouse wheel over a field moves the page. Everything here is called on
// Fyne's goroutine; a callback that is said to answer later must answer there too (shell.Do).
//
// What there is, and where:
//
//	Text, Line, Title, Heading, Strong, Muted     wrapped and single lines of text      text.go
//	Button: Primary, Secondary, Quiet, Danger     buttons, with Busy                    button.go
//	Entry, Password, Area, Locked                 typing; a counter; what cannot be changed  entry.go
//	Field, Form, Wide                             label, star, hint, error; two-column grid  field.go
//	Select, MultiSelect, Cascade, Finder          picking from lists short and long     pick.go, cascade.go
//	Choices, Check, CheckList                     radio rows that wrap, check boxes     choice.go
//	Date                                          a day or a month                      date.go
//	Card, Chip, Banner, Toast, Empty, Failed, Loading   surfaces and states             card.go
//	Dialog: Confirm, ConfirmDanger, Tell, ShowForm, AskReason                           dialog.go
//	Stepper, Process, Timeline, Details           where one stands; read-only pairs     progress.go, details.go
//	Records                                       a short table with add, edit, delete  records.go
//	Question, Sheet                               one question with its options; the answer sheet  question.go, sheet.go
//	NewBar                                        how far one has come                   bar.go
//	DataTable, SearchBox, Pager                   the desk's lists                      datatable.go
//	Tally                                         a number that narrows a list          tally.go
//	Photo, Thumbs                                 pictures                              picture.go
//	MenuEntry                                     a line of a side menu                 menuitem.go
//	Flow, Columns, Rows, Row, Ends, Pad, Top, Sized   layouts                           layout.go
//	Exhibit                                       a screen in one state, for the gallery  exhibit.go
package part
