package handlers

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"cutroom/internal/fault"
	"cutroom/internal/fleet"
	"cutroom/internal/install"
	"cutroom/internal/module"
	"cutroom/views"
)

// installOf finds the install that an address names, for operators and for the tenant's own admins.
func (s *Server) installOf(r *http.Request) (job install.Job, place fleet.Place, err error) {
	who, id := s.who(r), install.ID(r.PathValue("id"))
	if !who.SignedIn() {
		return job, place, needSignIn()
	}
	if !who.Admin() {
		return job, place, fault.Gone()
	}
	if place, err = s.Fleet.PlaceOf(r.Context(), id); err != nil {
		return job, place, err
	}
	if !who.Operator() && place.Tenant != who.Tenant {
		return job, place, fault.Gone()
	}
	job, err = s.Installs.Find(r.Context(), who, place.Tenant, id)
	return job, place, err
}

// installPage shows one install with its errors in full.
func (s *Server) installPage(w http.ResponseWriter, r *http.Request) error {
	job, place, err := s.installOf(r)
	if err != nil {
		return err
	}
	page := views.InstallPage{Page: s.page(r, "", "tenants"), Operates: s.who(r).Operator(), Job: s.jobView(r, job, place),
		Tenant: views.TenantRow{ID: string(place.Tenant), Name: place.TenantName}}
	return s.render(w, r, http.StatusOK, views.Install(page))
}

// installFragment is the part that changes.
func (s *Server) installFragment(w http.ResponseWriter, r *http.Request) error {
	job, place, err := s.installOf(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.InstallProgress(s.jobView(r, job, place)))
}

// jobView shows an install. place may be empty where nothing around it is shown.
func (s *Server) jobView(r *http.Request, j install.Job, place fleet.Place) views.InstallJob {
	acts := s.who(r).Operator()
	v := views.InstallJob{ID: string(j.ID), Upgrade: j.Kind == install.Upgrade, State: string(j.State), By: j.StartedName, Node: j.Node, LostNode: place.LostNode,
		Attempt: j.Attempt, Behind: j.State == install.Queued, Started: j.Started, Ended: orZero(j.Ended), Options: optionWords(r, j.Options), Aborting: j.Aborting,
		MayAbort: acts && !j.Complete(), MayRetry: acts && j.Complete() && len(left(j)) > 0}
	if acts {
		v.Batch = string(place.Batch)
	}
	for _, m := range j.Modules {
		v.Modules = append(v.Modules, stepView(j, m))
	}
	return v
}

func stepView(j install.Job, m install.Step) views.InstallStep {
	product, version := splitModule(m.ID)
	step := views.InstallStep{Module: strings.TrimSpace(product + " " + version), Action: string(m.Action), Stage: m.Stage, State: "waiting", Took: took(m.Started, m.Ended).Round(time.Millisecond)}
	if m.From != "" && m.From != m.ID {
		was, from := splitModule(m.From)
		if step.From = from; was != product {
			step.From = m.From
		}
	}
	switch {
	case m.Status == "error":
		step.State = "error"
	case m.Stage == "done", m.Status == "done":
		step.State = "done"
	case m.Status == "running" && !j.Complete():
		step.State = "running"
	case j.Complete():
		step.State = "aborted"
	}
	if m.Message != "" && m.Message != "aborted" {
		step.Errors = append(step.Errors, m.Message)
	}
	for _, p := range m.Errors {
		if text := problemWords(p); !slices.Contains(step.Errors, text) {
			step.Errors = append(step.Errors, text)
		}
	}
	for _, p := range m.Warnings {
		step.Warnings = append(step.Warnings, problemWords(p))
	}
	return step
}

// problemWords is a problem whole: its message, and under it what else it says.
func problemWords(p install.Problem) string {
	lines := []string{p.Message}
	for _, more := range [][2]string{{"type", p.Type}, {"code", p.Code}} {
		if more[1] != "" {
			lines = append(lines, more[0]+": "+more[1])
		}
	}
	for _, one := range p.Parameters {
		lines = append(lines, one.Key+": "+one.Value)
	}
	return strings.Join(lines, "\n")
}

// optionWords are the options that are not the usual ones.
func optionWords(r *http.Request, o install.Options) (words []string) {
	say := func(is bool, id string, data ...any) {
		if is {
			words = append(words, views.T(r.Context(), id, data...))
		}
	}
	say(o.IgnoreErrors, "install.optIgnore")
	say(o.Purge, "install.optPurge")
	say(o.Reinstall, "install.optReinstall")
	say(!o.DepCheck, "install.optNoCheck")
	say(o.Parallel > 1, "install.optParallel", "Count", views.Count(o.Parallel))
	say(o.Invoke != "" && o.Invoke != "true", "install.optInvoke", "Value", o.Invoke)
	say(o.TenantParameters != "", "install.optParameters", "Value", o.TenantParameters)
	return words
}

// left is what an install was to do and did not.
func left(j install.Job) (wanted []module.TenantModule) {
	for _, m := range j.Modules {
		if m.Stage != "done" && (m.Action == module.Enable || m.Action == module.Disable) {
			wanted = append(wanted, module.TenantModule{ID: m.ID, Action: m.Action})
		}
	}
	return wanted
}

// abortInstall asks an install to begin no further module.
func (s *Server) abortInstall(w http.ResponseWriter, r *http.Request) error {
	job, place, err := s.installOf(r)
	if err != nil {
		return err
	}
	err = s.Installs.Abort(r.Context(), s.who(r), place.Tenant, job.ID)
	if err != nil && fault.KindOf(err) != fault.Conflict && fault.KindOf(err) != fault.Invalid {
		return err // that it ended meanwhile is no error
	}
	back(w, r, "/installs/"+string(job.ID))
	return nil
}

// retryInstall makes a new install of what is left of one, with the same options.
func (s *Server) retryInstall(w http.ResponseWriter, r *http.Request) error {
	job, place, err := s.installOf(r)
	if err != nil {
		return err
	}
	wanted := left(job)
	if !job.Complete() || len(wanted) == 0 {
		return fault.New(fault.Conflict, "error.install-done", "Nothing is left of this job: all of its modules are done.")
	}
	o := job.Options
	o.Simulate, o.Async = false, true
	again, err := s.Installs.Install(r.Context(), s.who(r), place.Tenant, wanted, o, http.Header{"X-Okapi-Request-Id": {exchangeOf(r.Context()).id}})
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/installs/"+string(again.ID), http.StatusSeeOther)
	return nil
}

// back goes to the page that a button stood on, if that is one of a tenant, else to address.
func back(w http.ResponseWriter, r *http.Request, address string) {
	if from, ok := strings.CutPrefix(r.Header.Get("Referer"), "http"); ok {
		_, path, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(from, "s"), "://"), "/")
		if path, _, _ = strings.Cut(path, "?"); strings.HasPrefix(path, "tenants/") && !strings.Contains(path, "\\") {
			address = "/" + path
		}
	}
	http.Redirect(w, r, address, http.StatusSeeOther)
}
