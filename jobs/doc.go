// Package jobs works in the background: one shallow file a kind of job. A worker loads, calls the noun, saves; the job
// carries its tenant. Node is River's client of a node with the jobs role and the reaper beside it.
package jobs
