// Package install knows the modules there are, what each tenant has of them, and the jobs that install, upgrade and disable
// them, through the API of FOLIO's Okapi.
//
// # An install
//
// It is rows of ours, install and install_module; a River job is only the engine that wakes a worker, as in internal/run. All
// that matters is said by the rows, in single transactions:
//
//	          Install, Upgrade       Claim                  the last module's end
//	(new) ───────────▶ queued ──▶ dispatched ──▶ running ──────────────▶ done
//	                     │  promote  ▲   │          │ │
//	                     │           │   │          │ └─ a module failed ─▶ error
//	                     │           └───│──────────┘
//	                     │   lost or     │  (abort asked for) ───────────▶ aborted
//	                     │   given back  └─ Abort ───────────────────────▶ aborted
//	                     └─ Abort ───────────────────────────────────────▶ aborted
//
// All that moves an install locks its tenant's row first, then its own: tenant, install, in this order. What a call comes to
// is resolved under that lock, written as the list of modules, and answered; simulate stops before the first write.
//
// Promote makes the oldest waiting install of a tenant dispatched when none is active, and inserts its River job (MaxAttempts
// 1) in the same transaction. A unique index allows one dispatched or running install a tenant; River's unique key is a second wall.
//
// # A node's work
//
// Claim takes a dispatched install where the River job is its own: state running, fence + 1, a lease on the clock of Postgres. From
// then on the node's view is a value (work, plan), and each turn of it is a pure function: in go the modules that ended, out
// come those that begin. A turn is one transaction, which proves the fence and renews the lease:
//
//	ended: stage, message, what the tenant has, together
//	begun: stage invoke, what it is being told, its deadline
//	where nothing is left: the install's end, its River job's end, the next install's promotion
//
// So complete is written last, when nothing runs any more, a module is written down before it is called, and an install of n modules
// that answer at once is n + 1 commits. The first turn is the claim's own transaction. A module that has to be told nothing (no
// tenant interface, not chosen by invoke, disabling what is built in) begins and ends in the same turn.
//
// A module begins when all that it waits for (module.Waits) is done and fewer than parallel run, in the order of the list. After a
// failure, or an abort, nothing begins. With ignoreErrors what needs a failed module (module.Needs) ends with a message, the rest goes on. With
// deploy the first turn also looks whether all have an instance: we launch nothing, so one that has none ends the install.
//
// A module goes pending -> (deploy) -> invoke -> done. While in invoke its row says what it is being told:
//
//	calling purge   -> calling enable   (enabling with purge: what the module says against the purge does not count)
//	job null        -> job              it answered with a job of its own; written before that is looked at
//	answer null     -> answer           its job is complete; written before the job is removed there
//
// Whoever goes on after a kill finds this: a job that is known is asked again, an answer that is known stands, and only
// a call of which nothing is known is made again, which the tenant interface allows.
//
// The heartbeat renews the lease. A worker that gets none through within the lease, on its own monotonic clock, stops, and so
// does one that finds itself fenced. Abort only sets a mark, which the next turn reads: the module that runs is waited for, up to its
// deadline. A node that stops writes what ended and gives the rest back at once. Where the tenant is being deleted nobody waits.
//
// Reap runs on every node each few seconds, with one query over all tenants: expired leases, dispatched installs whose River
// job will never claim them, waiting ones that nobody promoted. The old River job is ended and a new one inserted (an id is never used
// again), the fence rises. An install is never given up: it is as often tried as it takes.
//
// # What a tenant has
//
// tenant_module holds one version of each product. A built-in module that was disabled stays there as not enabled; one that
// was never enabled serves the tenant from its creation on (tenant.Tenant.Off).
package install
