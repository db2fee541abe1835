package views

import (
	"context"
	"net/url"
	"time"
)

// JobsPage is "/jobs". Its forms:
//
//	POST /jobs/bulk   do=retry|cancel, run=ID repeated; or all=yes with q, filter, kind: everything that the filter shows
//	POST /jobs/pause  pause=yes|no
//
// Both answer 303 to "/jobs" with Notice filled there.
type JobsPage struct {
	Page    Page
	List    JobList
	Numbers JobNumbers
	Paused  bool // no new jobs are started
	Manages bool // may pause, and act on others' jobs
	Notice  string
}

// JobNumbers are counted over what the person may see.
type JobNumbers struct {
	Running, Waiting, FailedToday, DoneToday int
	Longest                                  time.Duration // the longest wait now
	Half, Most                               time.Duration // within which 50 and 95 % of publishings are done; 0: none yet
}

// JobList is the table; GET /jobs/list gives it alone (it looks again by itself while it is seen).
type JobList struct {
	Query  string
	Filter string // "" all, running, waiting, failed, done
	Kind   string // "" all, publish, ingest
	Rows   []JobRow
	Next   string // the cursor of the rows after these
	Cursor string // the cursor that these rows were found by
}

// JobRow is one job.
type JobRow struct {
	ID        string
	EventID   string
	Title     string
	Kind      string // publish, ingest, or as it came
	State     string // as RunProgress
	Progress  float64
	Step      string
	Position  int
	Behind    bool // waits for the same recording's running job
	Attempt   int
	LostNode  string
	Error     string
	Node      string
	By        string
	StartedAt time.Time
	Took      time.Duration
	MayCancel bool
	MayRetry  bool
	NoPage    bool // has no page of its own under /runs
}

func (l JobList) url(base, key, value string) string {
	q := url.Values{}
	for k, v := range map[string]string{"q": l.Query, "filter": l.Filter, "kind": l.Kind} {
		if v != "" {
			q.Set(k, v)
		}
	}
	q.Del(key)
	if value != "" {
		q.Set(key, value)
	}
	if len(q) == 0 {
		return base
	}
	return base + "?" + q.Encode()
}

func (l JobList) self() string { return l.url("/jobs/list", "cursor", l.Cursor) }

// note stands where a job has no bar: why it waits, why it failed, that a worker was lost.
func (r JobRow) note(ctx context.Context) string {
	switch {
	case r.State == "failed":
		return r.Error
	case r.Behind && (r.State == "queued" || r.State == "dispatched"):
		return T(ctx, "jobs.behind")
	case r.Position > 0 && (r.State == "queued" || r.State == "dispatched"):
		return T(ctx, "jobs.inLine", "Place", ordinal(ctx, r.Position))
	case r.Attempt > 1 && r.LostNode != "":
		return T(ctx, "jobs.lost", "Attempt", r.Attempt, "Node", r.LostNode)
	}
	return ""
}

func (r JobRow) kind(ctx context.Context) string {
	switch r.Kind {
	case "publish":
		return T(ctx, "jobs.kindPublish")
	case "ingest":
		return T(ctx, "jobs.kindIngest")
	case "analyse":
		return T(ctx, "jobs.kindAnalyse")
	case "index":
		return T(ctx, "jobs.kindIndex")
	case "install":
		return T(ctx, "jobs.kindInstall")
	}
	return r.Kind
}

func (p JobsPage) layout(ctx context.Context) Page {
	page := p.Page.with(T(ctx, "nav.jobs"), "jobs")
	page.Scripts = append(page.Scripts, "js/progress.js", "js/bulk.js")
	page.Refresh = 10
	return page
}

func (p JobsPage) filters(ctx context.Context) []choice {
	return []choice{
		{"", T(ctx, "recordings.all"), 0}, {"running", T(ctx, "jobs.running"), p.Numbers.Running}, {"waiting", T(ctx, "jobs.waiting"), p.Numbers.Waiting},
		{"failed", T(ctx, "recordings.failed"), p.Numbers.FailedToday}, {"done", T(ctx, "jobs.done"), 0},
	}
}

func kinds(ctx context.Context) []Option {
	return []Option{{"", T(ctx, "jobs.allKinds")}, {"publish", T(ctx, "jobs.kindPublish")}, {"ingest", T(ctx, "jobs.kindIngest")}}
}

func (p JobsPage) kindText(ctx context.Context) string {
	all := kinds(ctx)
	for _, o := range all {
		if o.Value == p.List.Kind {
			return o.Text
		}
	}
	return all[0].Text
}

// choosable says that some row can be cancelled or retried.
func (l JobList) choosable() bool {
	for _, r := range l.Rows {
		if r.MayCancel || r.MayRetry {
			return true
		}
	}
	return false
}

func (r JobRow) waits() bool { return r.State == "queued" || r.State == "dispatched" }

// started is the time of day, with the day when it was not today.
func (r JobRow) started(ctx context.Context) string {
	if r.StartedAt.IsZero() || time.Since(r.StartedAt) < 20*time.Hour {
		return TimeOfDay(ctx, r.StartedAt)
	}
	return When(ctx, r.StartedAt)
}

// whole rounds to seconds, in milliseconds.
func whole(d time.Duration) int64 { return max(d, time.Second).Round(time.Second).Milliseconds() }
