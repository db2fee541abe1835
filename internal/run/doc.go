// Package run processes events, one run at a time per event, on a cluster where anything may die.
//
// A run is a row of ours; a River job is only the engine that wakes a worker. River knows no heartbeat (a killed worker's
// job comes back after an hour), no fence (a worker that was frozen completes somebody else's attempt) and no queue per
// event. So everything that matters is said by the row, in single transactions:
//
//	          Submit                 Claim                    Finish
//	(new) ───────────▶ queued ──▶ dispatched ──▶ running ──────────────▶ done
//	                     │  Promote  ▲   │          │ │
//	                     │           │   │          │ ├─ the work fails ─▶ failed
//	                     │           └───│──────────┘ │
//	                     │   lost or     │            └─ asked to stop ─▶ cancelled
//	                     │   given back  └─ Cancel ────────────────────▶ cancelled
//	                     ├─ Cancel ────────────────────────────────────▶ cancelled
//	                     └─ a newer one, by policy ────────────────────▶ superseded
//
// Submit locks the event's row of edit, applies the tenant's policy (setting edit.runs: queue, reject, supersede, replace),
// inserts the run with the edit's rev, and promotes. All that moves a run takes this lock first: event, edit, run, in this order.
//
// Promote makes the oldest waiting run of an event dispatched when none is active, and inserts its River job (MaxAttempts
// 1) in the same transaction. A unique index allows one dispatched or running run an event; River's unique key by tenant
// and event is a second wall. Nothing is promoted while the setting jobs.paused is true.
//
// Claim takes a dispatched run for a node, where the River job is the run's own: state running, fence + 1, a lease of 15 s
// on the clock of Postgres. A job whose run is gone or was given to another job gets ErrStale.
//
// The heartbeat is the progress report: each 3 s, sooner when there is something to tell, at most each 0.5 s. It renews the lease
// where the fence still matches and answers whether a cancel was asked for. No row: fenced. A worker that gets no
// heartbeat through within the lease, on its own monotonic clock, stops too.
//
// Finish is one transaction: the fence matches and no cancel was asked for, the result is shown (the event's public assets
// are swapped), the run is done, the River job completed, the next run promoted. A worker that lost its run finds no row
// and publishes nothing; what it made lies in places that hold the run and the fence, and is swept.
//
// Reap runs on every node each few seconds: expired leases, and dispatched runs whose River job is gone, final, or was
// taken without a claim. The old River job is finalised and a new one inserted (an id is never used again), the fence
// rises, an attempt is counted. After 3 lost workers the run fails with the end of its log. A node that stops gives its runs back at
// once; such attempts count for nothing.
//
// Every dispatch is a new attempt: progress begins again with it, and never goes back within one.
package run
