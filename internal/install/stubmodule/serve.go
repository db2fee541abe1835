package stubmodule

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const jobPath = "/_/tenant/job-"

// ServeHTTP is the tenant interface.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	call := Call{Method: r.Method, Path: r.URL.Path, Header: r.Header.Clone(), At: time.Now()}
	if raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20)); err == nil && len(raw) > 0 {
		_ = json.Unmarshal(raw, &call.Body)
	}
	s.mu.Lock()
	s.calls = append(s.calls, call)
	close(s.changed)
	s.changed = make(chan struct{})
	s.mu.Unlock()
	if strings.HasPrefix(r.URL.Path, jobPath) {
		s.serveJob(w, r)
		return
	}
	s.tell(w, r, call)
}

// tell answers a call that tells a module something.
func (s *Service) tell(w http.ResponseWriter, r *http.Request, call Call) {
	s.mu.Lock()
	id := call.Module()
	plan, hold := s.planOf(id)
	if plan.HangUps > 0 {
		s.countDown(id, func(p *Plan) { p.HangUps-- })
		s.mu.Unlock()
		panic(http.ErrAbortHandler)
	}
	if !plan.Hold {
		hold = nil
	}
	var began string
	purge := call.Body["purge"] == true || call.Method == http.MethodDelete
	if plan.Async && plan.Status == 0 && !(purge && plan.PurgeStatus != 0) {
		s.count++
		began = fmt.Sprintf("job-%d", s.count)
		s.jobs[began] = &job{module: id, plan: plan, until: time.Now().Add(plan.Work), hold: hold}
	}
	cut := plan.HangUpAfter > 0
	if cut {
		s.countDown(id, func(p *Plan) { p.HangUpAfter-- })
	}
	s.mu.Unlock()
	if !plan.Async && !work(r, plan.Work, hold) || cut {
		panic(http.ErrAbortHandler)
	}
	switch {
	case plan.Endless:
		endless(w, r)
	case purge && plan.PurgeStatus != 0:
		answer(w, plan.PurgeStatus, plan.Body)
	case began != "":
		plan.begun(w, began)
	default:
		if plan.Location != "" {
			w.Header().Set("Location", plan.Location)
		}
		status, body := plan.Status, plan.Body
		if status == 0 {
			status = http.StatusOK
		}
		if body == "" && plan.More != nil {
			body = text(plan.More)
		}
		answer(w, status, body)
	}
}

// begun answers that a job began.
func (p Plan) begun(w http.ResponseWriter, id string) {
	location := p.Location
	if location == "" {
		location = "/_/tenant/" + id
	}
	w.Header().Set("Location", location)
	body := p.Body
	if body == "" {
		about := map[string]any{"id": id, "complete": false}
		if p.NoID {
			delete(about, "id")
		}
		body = text(about)
	}
	answer(w, http.StatusCreated, body)
}

func (s *Service) countDown(id string, change func(*Plan)) {
	for _, name := range []string{id, product(id), ""} {
		if p, ok := s.plans[name]; ok {
			change(&p)
			s.plans[name] = p
			return
		}
	}
}

// serveJob answers looks at a job, and its removal.
func (s *Service) serveJob(w http.ResponseWriter, r *http.Request) {
	id := strings.TrimPrefix(r.URL.Path, "/_/tenant/")
	s.mu.Lock()
	j := s.jobs[id]
	if j == nil {
		s.mu.Unlock()
		answer(w, http.StatusNotFound, id)
		return
	}
	// What a look or a removal meets is the plan of now: tests change their mind while a job runs.
	if plan, _ := s.planOf(j.module); plan.Async {
		until, hold := j.until, j.hold
		j.plan, j.until, j.hold = plan, until, hold
	}
	plan := j.plan
	if plan.HangUps > 0 {
		s.countDown(j.module, func(p *Plan) { p.HangUps-- })
		s.mu.Unlock()
		panic(http.ErrAbortHandler)
	}
	done := !plan.Never && !time.Now().Before(j.until) && !held(j.hold)
	if r.Method == http.MethodDelete && plan.RemoveStatus == 0 {
		delete(s.jobs, id)
		if plan.RemoveHangUp > 0 {
			s.countDown(j.module, func(p *Plan) { p.RemoveHangUp-- })
			s.mu.Unlock()
			panic(http.ErrAbortHandler)
		}
	}
	s.mu.Unlock()
	switch {
	case r.Method == http.MethodDelete && plan.RemoveStatus != 0:
		answer(w, plan.RemoveStatus, plan.LookBody)
	case r.Method == http.MethodDelete:
		answer(w, http.StatusNoContent, "")
	case plan.LookStatus != 0:
		answer(w, plan.LookStatus, plan.LookBody)
	case plan.LookBody != "":
		answer(w, http.StatusOK, plan.LookBody)
	default:
		answer(w, http.StatusOK, text(plan.look(id, done)))
	}
}

// look is what the job tells of itself.
func (p Plan) look(id string, done bool) map[string]any {
	about := map[string]any{"id": id, "complete": done}
	if done && p.JobError != "" {
		about["error"] = p.JobError
	}
	if p.Messages != nil {
		about["messages"] = p.Messages
	}
	for key, value := range p.More {
		about[key] = value
	}
	return about
}

func held(hold chan struct{}) bool {
	if hold == nil {
		return false
	}
	select {
	case <-hold:
		return false
	default:
		return true
	}
}

// work takes its time; false when the caller or the service went away meanwhile.
func work(r *http.Request, d time.Duration, hold chan struct{}) bool {
	if d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return false
		}
	}
	if hold == nil {
		return true
	}
	select {
	case <-hold:
		return true
	case <-r.Context().Done():
		return false
	}
}

func answer(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if status != http.StatusNoContent {
		_, _ = io.WriteString(w, body)
	}
}

func endless(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusOK)
	chunk := []byte(strings.Repeat("x", 4096))
	for r.Context().Err() == nil {
		if _, err := w.Write(chunk); err != nil {
			return
		}
	}
}

func text(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}
