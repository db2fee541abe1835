// Package postgres runs a private PostgreSQL server for `dev`, `make cluster` and tests.
//
// The server belongs to the process that starts it: it listens on a unix socket in a folder of its own, nobody else may
// open, and it ends with its parent, however that dies. Three things make this so:
//
//   - The server is started from a locked thread with a parent-death signal, so the kernel shuts it down even after kill -9.
//   - It lives in a session of its own, so a Ctrl-C at the terminal reaches only the parent, which then stops it in order.
//   - A lock file held by the parent tells a living owner from a dead one. Servers that a dead owner left in the folder are
//     ended before a new one starts, which then recovers whatever was committed (fsync is on).
//
// PostgreSQL refuses to run as root. As root the server runs as `postgres`, else `nobody`, and its folder belongs to them.
//
// What is installed on the machine is used (PATH, then the newest of /usr/lib/postgresql/*/bin); nothing is downloaded.
// Linux only: the parent-death signal and /proc are.
package postgres
