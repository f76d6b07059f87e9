// Package desk is the staff's screens: sign-in, the queue, the case with its
// history, decisions, issue and revocation, and the proctor's wall with its seats
// and orders. Screens show and report; who may do what is decided by the registry,
// and a case says what its account may do.
package desk
