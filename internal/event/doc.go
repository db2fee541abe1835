// Package event holds the recordings: metadata, access list, assets, series, and the promises that hold for them.
//
// Finding is authorizing: every query about an event starts from who asks. Somebody who may not read an event, and
// everybody for one that lies in the bin, gets fault.Gone; who may read and not write gets fault.Denied for a write.
// The action write includes read. Tenant admins may do all.
//
// The promises of the data model stand twice: in Go, where all wrong fields of a request are found at once and named, and
// in the schema, where a broken row is impossible. What the schema refuses becomes the same kind of fault.
//
// modified is raised by triggers alone, in the transaction of the change, and only when something changed; it names the
// version of an event (ETag). A Store tells the bus "event:<id>" after the commit, never before. Functions whose name ends
// in Tx join the caller's transaction; their caller tells the bus.
package event
