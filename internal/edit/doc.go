// Package edit holds the shared, never-ending edit of each event: ops, the pure timeline that they paint on, and the log
// that puts them in one order.
//
// # The timeline
//
// An op is one small change: paint a range kept or removed, put or take a border, choose a track's streams, a cover, a
// chapter, a subtitle line. [Apply] gives the state after an op, or a refusal (*fault.Error with the id "edit.<code>").
// It is pure: no database, no clock, and the same ops give the same state on every node and in the browser, which
// testdata/timeline.json holds both to. Any order of ops gives a state that makes sense; the log decides which.
//
// # The log
//
// Rev order is commit order, per event, without gaps. A writer locks the event's edit row, answers ops whose id is in the
// log with their rev, applies the others one by one on the state (a wrong one is refused alone), inserts them with the
// next revs, stores the new state beside the rev, and commits. Only then it tells the bus, and only the id and the rev:
// who is woken asks [Store.Since] for what it does not know.
//
// A state at an older rev is replayed from the log. Nothing is ever taken out of it: undo and restore are new ops.
package edit
