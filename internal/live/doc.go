// Package live carries wake-ups between the nodes. A notice only wakes: it holds ids and revs, never the truth; whoever
// is woken asks the database what is new since the rev it knows.
//
// # Sending
//
// NOTIFY inside a write transaction takes a lock over the whole database at commit: it would let all writers of all
// tenants wait for each other. So nouns commit first and call [Bus.Publish] then. The node's own subscribers are woken at
// once; what goes to the other nodes is gathered, and one pg_notify carries many notices, at most one each 10 ms. When the
// database cannot be reached they wait, one per topic, and go out later.
//
// # Hearing
//
// One connection a node listens, outside of the pool and on its own DSN, because poolers lose LISTEN. It is pinged; when
// it breaks it is made again with growing pauses. A notice that was sent meanwhile is lost, so LISTEN comes first, and then
// every subscriber is woken without a rev: ask what is new. A node that dies between its commit and its notify is
// covered by a poll over the watched topics each second or two ([Bus.Poll]). What comes back of a node's own is dropped.
//
// A subscriber's channel holds one notice; newer ones merge into it. A slow reader loses nothing, it asks less often.
//
// # Whispers
//
// Playheads are stored nowhere. [Bus.Broadcast] keeps the last value per person and sends them each 100 ms; what does not
// get through is not sent again. The caller decides whether any other node cares.
package live
