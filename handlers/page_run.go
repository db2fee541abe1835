package handlers

import (
	"net/http"
	"time"

	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/run"
	"cutroom/internal/user"
	"cutroom/views"
)

// logLines are shown at first, of a run's log.
const logLines = 12

// runPage shows one publishing, live.
func (s *Server) runPage(w http.ResponseWriter, r *http.Request) error {
	one, progress, err := s.runProgress(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Run(views.RunPage{
		Page: s.page(r, "", "jobs"), EventID: string(one.Event), EventTitle: one.EventTitle, Nth: int(one.Seq), Run: progress,
	}))
}

// runFragment is what of it changes.
func (s *Server) runFragment(w http.ResponseWriter, r *http.Request) error {
	_, progress, err := s.runProgress(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Progress(progress))
}

func (s *Server) runProgress(r *http.Request) (run.Run, views.RunProgress, error) {
	who := s.who(r)
	one, err := s.Runs.Find(r.Context(), who, run.ID(r.PathValue("id")))
	if err != nil {
		return one, views.RunProgress{}, err
	}
	p := views.RunProgress{
		ID: string(one.ID), EventID: string(one.Event), State: string(one.State), Progress: one.Progress, Node: one.Node, Position: one.Position,
		Attempt: one.Attempt - one.GivenBack, Attempts: run.Attempts, Error: one.Error, By: one.RequestedName, QueuedAt: one.QueuedAt, Rev: one.Rev,
		Cancelling: one.CancelRequested && !one.State.Final(), MayCancel: !one.State.Final() && !one.CancelRequested,
		MayRetry: one.State == run.Failed || one.State == run.Cancelled, MayWatch: one.State == run.Done,
		StartedAt: orZero(one.StartedAt), EndedAt: orZero(one.EndedAt), LostNode: one.LostNode, LostAt: orZero(one.LostAt),
	}
	if one.EtaMs != nil {
		p.Left = *one.EtaMs
	}
	if one.Speed != nil {
		p.Speed = *one.Speed
	}
	for _, st := range one.Steps {
		p.Steps = append(p.Steps, views.Step{Name: st.Name, State: st.State, Progress: st.Progress, Took: took(st.StartedAt, st.EndedAt), Message: st.Message})
	}
	if err := s.runNeighbours(r, who, one, &p); err != nil {
		return one, p, err
	}
	if p.Strip, err = s.runStrip(r, who, one); err != nil {
		return one, p, err
	}
	return one, p, s.runLog(r, who, one, &p)
}

// runNeighbours tells whom a run waits for, and who waits for it.
func (s *Server) runNeighbours(r *http.Request, who user.Who, one run.Run, p *views.RunProgress) error {
	if one.State.Final() {
		return nil
	}
	open, err := s.Runs.Open(r.Context(), who, one.Event)
	for _, other := range open {
		if one.WaitsFor != nil && other.ID == *one.WaitsFor {
			p.WaitsBy, p.WaitsAt = other.RequestedName, other.QueuedAt
		}
		if other.WaitsFor != nil && *other.WaitsFor == one.ID {
			p.Next = other.RequestedName
		}
	}
	return err
}

// runStrip is the cut that goes out.
func (s *Server) runStrip(r *http.Request, who user.Who, one run.Run) (views.Strip, error) {
	at, err := s.Edits.At(r.Context(), who, one.Event, edit.Rev(one.Rev))
	if err != nil {
		return views.Strip{}, err
	}
	strip := views.Strip{Duration: at.Source.Duration}
	for _, k := range at.Kept {
		strip.Kept = append(strip.Kept, views.Range{Start: k.Start, End: k.End})
	}
	return strip, nil
}

func (s *Server) runLog(r *http.Request, who user.Who, one run.Run, p *views.RunProgress) error {
	n := logLines
	if r.FormValue("log") == "all" {
		n = 10_000
	}
	lines, err := s.Runs.Log(r.Context(), who, one.ID, n+1)
	if len(lines) > n {
		lines, p.LogMore = lines[1:], true
	}
	for _, l := range lines {
		p.Log = append(p.Log, views.LogLine{At: l.At, Text: l.Text})
	}
	return err
}

// cancelRun asks a run to stop; the old version stays.
func (s *Server) cancelRun(w http.ResponseWriter, r *http.Request) error {
	id := run.ID(r.PathValue("id"))
	if _, err := s.Runs.Cancel(r.Context(), s.who(r), id); err != nil {
		return err
	}
	http.Redirect(w, r, "/runs/"+string(id), http.StatusSeeOther)
	return nil
}

// retryRun runs the same cut again.
func (s *Server) retryRun(w http.ResponseWriter, r *http.Request) error {
	again, err := s.Runs.Retry(r.Context(), s.who(r), run.ID(r.PathValue("id")))
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/runs/"+string(again.ID), http.StatusSeeOther)
	return nil
}

// publish starts a run of the present cut, from the pages.
func (s *Server) publish(w http.ResponseWriter, r *http.Request) error {
	started, err := s.Runs.Submit(r.Context(), s.who(r), event.ID(r.PathValue("id")), "publish", nil)
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/runs/"+string(started.ID), http.StatusSeeOther)
	return nil
}

func orZero(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

// took is how long something took, or takes so far.
func took(from, to *time.Time) time.Duration {
	switch {
	case from == nil:
		return 0
	case to == nil:
		return time.Since(*from)
	}
	return to.Sub(*from)
}
