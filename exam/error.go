package exam

import (
	"errors"
	"fmt"
)

// Kind is what a program needs to know of an error. It is what crosses the
// line (as the problem's code) and what a caller branches on.
type Kind string

const (
	Invalid         Kind = "invalid"         // the input is not well formed; the same input fails again
	Unauthenticated Kind = "unauthenticated" // nobody is signed in, or the session has ended
	WrongPassword   Kind = "wrong-password"  // account, password or captcha do not fit
	MustChange      Kind = "must-change"     // the first password has to be changed before anything else
	Forbidden       Kind = "forbidden"       // signed in, without the right
	NotFound        Kind = "not-found"       // no such thing, or not for this reader
	Conflict        Kind = "conflict"        // somebody else wrote in between; read again
	Refused         Kind = "refused"         // well formed, but the rules do not allow it now
	Throttled       Kind = "throttled"       // too many attempts; try again later
	TooLarge        Kind = "too-large"       // over a stated bound
	Unavailable     Kind = "unavailable"     // the other end cannot be reached or is busy; try again
	Damaged         Kind = "damaged"         // what was stored does not verify
	Internal        Kind = "internal"        // a fault of ours
)

// Error is an error with a kind for programs, a sentence in Chinese for people
// and, for the log only, what lay under it.
type Error struct {
	Kind     Kind
	Sentence string // what happened, what was kept, what to do next
	Field    string // the input it is about, where there is one
	Err      error  // for the log; never shown
}

func (e *Error) Error() string {
	if e.Err != nil {
		return string(e.Kind) + ": " + e.Sentence + ": " + e.Err.Error()
	}
	return string(e.Kind) + ": " + e.Sentence
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error whose sentence is formatted.
func Errorf(k Kind, sentence string, args ...any) *Error {
	return &Error{Kind: k, Sentence: fmt.Sprintf(sentence, args...)}
}

// Wrap makes an Error around err for the log.
func Wrap(k Kind, err error, sentence string) *Error {
	return &Error{Kind: k, Sentence: sentence, Err: err}
}

// KindOf is the kind of err: "" for nil, Internal where none was given.
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// SentenceOf is what a person may read of err: "" for nil.
func SentenceOf(err error) string {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) && e.Sentence != "" {
		return e.Sentence
	}
	return "系统出了一点问题，这一步没有完成；已保存的内容都在，请稍后再试"
}
