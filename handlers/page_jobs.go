package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"cutroom/internal/event"
	"cutroom/internal/run"
	"cutroom/views"
)

// jobStates are the states behind each filter of the list.
var jobStates = map[string][]run.State{
	"running": {run.Running}, "waiting": {run.Queued, run.Dispatched}, "failed": {run.Failed}, "done": {run.Done, run.Cancelled, run.Superseded},
}

// jobsPage lists the runs of what somebody may edit, newest first.
func (s *Server) jobsPage(w http.ResponseWriter, r *http.Request) error {
	page, err := s.jobs(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Jobs(page))
}

// jobsFragment is the table alone, which looks again by itself.
func (s *Server) jobsFragment(w http.ResponseWriter, r *http.Request) error {
	page, err := s.jobs(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.JobTable(page))
}

func (s *Server) jobs(r *http.Request) (views.JobsPage, error) {
	who := s.who(r)
	page := views.JobsPage{Page: s.page(r, "", "jobs"), Manages: who.Admin(), Notice: bulkNotice(r)}
	page.List = views.JobList{Query: r.FormValue("q"), Filter: r.FormValue("filter"), Kind: r.FormValue("kind"), Cursor: r.FormValue("cursor")}
	counts, err := s.Runs.Counts(r.Context(), who)
	if err != nil {
		return page, err
	}
	page.Paused = counts.Paused
	page.Numbers = views.JobNumbers{Running: counts.By[run.Running], Waiting: counts.By[run.Queued] + counts.By[run.Dispatched],
		FailedToday: counts.FailedToday, DoneToday: counts.DoneToday}
	if counts.OldestWait != nil {
		page.Numbers.Longest = *counts.OldestWait
	}
	if counts.P50 != nil && counts.P95 != nil {
		page.Numbers.Half, page.Numbers.Most = *counts.P50, *counts.P95
	}
	if page.List.Kind != "publish" && page.List.Cursor == "" {
		if err := s.intakes(r, &page.List); err != nil {
			return page, err
		}
	}
	if page.List.Kind == "ingest" {
		return page, nil
	}
	runs, next, err := s.Runs.List(r.Context(), who, run.Filter{States: jobStates[page.List.Filter], Text: page.List.Query, Cursor: page.List.Cursor})
	page.List.Next = next
	for _, one := range runs {
		page.List.Rows = append(page.List.Rows, jobRow(one))
	}
	return page, err
}

// intakes adds files that come in, or were refused, to the top of the list.
func (s *Server) intakes(r *http.Request, list *views.JobList) error {
	all, err := s.Uploads.Open(r.Context(), s.who(r), list.Query)
	for _, u := range all {
		row := views.JobRow{ID: string(u.ID), EventID: string(u.EventID), Title: u.Title, Kind: "ingest", State: u.State(), Progress: u.Progress,
			Attempt: u.Attempt, Node: u.Node, By: u.By, StartedAt: orZero(u.FinishedAt), Took: took(u.FinishedAt, u.EndedAt), NoPage: true}
		if u.Error != nil {
			row.Error = *u.Error
		}
		if list.Filter == "" || slices.Contains(jobStates[list.Filter], run.State(row.State)) {
			list.Rows = append(list.Rows, row)
		}
	}
	return err
}

func jobRow(one run.Run) views.JobRow {
	row := views.JobRow{
		ID: string(one.ID), EventID: string(one.Event), Title: one.EventTitle, Kind: one.Workflow, State: string(one.State), Progress: one.Progress,
		Position: one.Position, Behind: one.WaitsFor != nil, Attempt: one.Attempt - one.GivenBack, Error: one.Error, Node: one.Node, LostNode: one.LostNode, By: one.RequestedName,
		StartedAt: orZero(one.StartedAt), Took: took(one.StartedAt, one.EndedAt), MayCancel: !one.State.Final() && !one.CancelRequested,
		MayRetry: one.State == run.Failed || one.State == run.Cancelled,
	}
	if row.StartedAt.IsZero() {
		row.StartedAt = one.QueuedAt
	}
	for _, st := range one.Steps {
		if st.State == "running" {
			row.Step = st.Name
		}
	}
	return row
}

// jobsBulk cancels or retries the chosen runs, or all that the filter shows.
func (s *Server) jobsBulk(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	ctx, who, form := r.Context(), s.who(r), r.PostForm
	retry := form.Get("do") == "retry"
	n := 0
	if form.Get("all") == "yes" {
		f := run.Filter{States: jobStates[form.Get("filter")], Text: form.Get("q")}
		bulk := s.Runs.CancelAll
		if retry {
			bulk = s.Runs.RetryAll
		}
		var err error
		if n, err = bulk(ctx, who, f); err != nil {
			return err
		}
	} else {
		for _, id := range form["run"] {
			one := s.Runs.Cancel
			if retry {
				one = s.Runs.Retry
			}
			if _, err := one(ctx, who, run.ID(id)); err == nil {
				n++
			} else if asFault(err).Kind.Status() >= 500 {
				return err
			}
		}
	}
	did := "cancelled"
	if retry {
		did = "retried"
	}
	return backToJobs(w, r, url.Values{"did": {did}, "n": {strconv.Itoa(n)}})
}

// bulkNotice tells what a form just did.
func bulkNotice(r *http.Request) string {
	n, err := strconv.Atoi(r.FormValue("n"))
	switch did := r.FormValue("did"); {
	case err != nil || n < 0:
		return ""
	case did == "cancelled":
		return views.T(r.Context(), "jobs.cancelledMany", "PluralCount", n)
	case did == "retried":
		return views.T(r.Context(), "jobs.retriedMany", "PluralCount", n)
	}
	return ""
}

// jobsPause stops new runs from being started, or lets them again.
func (s *Server) jobsPause(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	if err := s.Runs.Pause(r.Context(), s.who(r), r.PostForm.Get("pause") == "yes"); err != nil {
		return err
	}
	return backToJobs(w, r, nil)
}

// backToJobs goes back to the list as it was, with what was done.
func backToJobs(w http.ResponseWriter, r *http.Request, did url.Values) error {
	q := url.Values{}
	for _, key := range []string{"q", "filter", "kind"} {
		if v := r.PostForm.Get(key); v != "" {
			q.Set(key, v)
		}
	}
	for key, v := range did {
		q[key] = v
	}
	http.Redirect(w, r, strings.TrimSuffix("/jobs?"+q.Encode(), "?"), http.StatusSeeOther)
	return nil
}

// eventOf is the event that an address names.
func eventOf(r *http.Request) event.ID { return event.ID(r.PathValue("id")) }
