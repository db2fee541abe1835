// Package presence knows who is on an event now, on all nodes.
//
// A node holds the truth about its own sockets in memory: a seat each. It writes a seat to the table cutroom.presence when
// somebody joins, leaves, moves to another place or idles, many at once, and tells the bus. Another node that shows the event
// reads the rows of the others again. The table is unlogged: a crash of the database loses it, and every node writes its
// seats again as soon as its listener is back.
//
// A node that has not beaten for 15 s is passed over with everybody on it, and its rows are swept. One that was only frozen
// finds its rows gone and writes them again.
//
// Who leaves stays for some seconds as away, so that a reload does not flicker. Playheads and selections are whispered to
// nodes that show the event, and stored nowhere.
package presence
