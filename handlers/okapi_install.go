package handlers

import (
	"net/http"
	"regexp"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/install"
)

// okapiInstall enables and disables modules of a tenant.
func (s *Server) okapiInstall(c *okapiCall) error {
	o, err := c.params().options()
	if err != nil {
		return err
	}
	wanted, err := wantedModules(c.body)
	if err != nil {
		return err
	}
	if err := s.okapiKnown(c); err != nil {
		return err
	}
	j, err := s.Installs.Install(c.Context(), c.who, c.t, wanted, o, c.Header)
	if err != nil {
		return err
	}
	return s.okapiInstalled(c, j, o)
}

// okapiUpgrade brings all modules of a tenant to their newest versions.
func (s *Server) okapiUpgrade(c *okapiCall) error {
	o, err := c.params().options()
	if err != nil {
		return err
	}
	if len(c.body) > 0 {
		return badOkapi("Upgrade request must not have a body")
	}
	if err := s.okapiKnown(c); err != nil {
		return err
	}
	j, err := s.Installs.Upgrade(c.Context(), c.who, c.t, o, c.Header)
	if err != nil {
		return err
	}
	return s.okapiInstalled(c, j, o)
}

// okapiInstalled answers with the resolved list: at once for a simulation and with async, else when the job has ended. Who hangs up
// while waiting ends nothing.
func (s *Server) okapiInstalled(c *okapiCall, j install.Job, o install.Options) error {
	switch {
	case o.Simulate:
		return c.json(http.StatusOK, resolved(j))
	case o.Async:
		return c.created(installPath(c.path()), resolved(j), string(j.ID))
	}
	j, err := s.Installs.Wait(c.Context(), c.t, j.ID)
	if err != nil {
		return err
	}
	if err := okapiFailed(j); err != nil {
		return err
	}
	return c.json(http.StatusOK, resolved(j))
}

// okapiFailed is the error of a job that has ended; none where errors are ignored.
func okapiFailed(j install.Job) error {
	if text := j.Failure(); text != "" {
		return badOkapi("%s", text)
	}
	return nil
}

// installPath is where jobs are found: those of upgrades too.
func installPath(path string) string {
	if base, upgrade := strings.CutSuffix(path, "/upgrade"); upgrade {
		return base + "/install"
	}
	return path
}

// okapiKind is which jobs a path is about: upgrades alone below .../upgrade, all below .../install.
func okapiKind(c *okapiCall) install.Kind {
	if strings.HasSuffix(c.URL.Path, "/upgrade") {
		return install.Upgrade
	}
	return ""
}

// okapiJobs lists a tenant's jobs, oldest first.
func (s *Server) okapiJobs(c *okapiCall) error {
	p := c.params()
	full := p.boolean("full", false)
	if p.err != nil {
		return p.err
	}
	if err := s.okapiKnown(c); err != nil {
		return err
	}
	jobs, err := s.Installs.List(c.Context(), c.who, c.t, okapiKind(c))
	if err != nil {
		return err
	}
	list := make([]any, 0, len(jobs))
	for _, j := range jobs {
		list = append(list, okapiJobOf(j, full))
	}
	return c.json(http.StatusOK, list)
}

func (s *Server) okapiJob(c *okapiCall) error {
	p := c.params()
	full := p.boolean("full", false)
	id, err := s.okapiJobID(c, p)
	if err != nil {
		return err
	}
	j, err := s.Installs.Find(c.Context(), c.who, c.t, id)
	if err != nil {
		return noJob(c, err)
	}
	return c.json(http.StatusOK, okapiJobOf(j, full))
}

var jobIDForm = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// okapiJobID is the id of the path, after all else of the call was found right.
func (s *Server) okapiJobID(c *okapiCall, p *okapiParams) (install.ID, error) {
	if p.err != nil {
		return "", p.err
	}
	if err := s.okapiKnown(c); err != nil {
		return "", err
	}
	id := strings.ToLower(c.PathValue("id"))
	if !jobIDForm.MatchString(id) {
		return "", noJob(c, fault.Gone())
	}
	return install.ID(id), nil
}

// noJob says it in Okapi's way when a job is not there.
func noJob(c *okapiCall, err error) error {
	if fault.KindOf(err) == fault.NotFound {
		return okapiFault(fault.NotFound, "%s/%s", c.t, c.PathValue("id")).WithCause(err)
	}
	return err
}

// okapiEndJob forgets a job that is complete, and aborts one that is not; abort=false refuses instead, as Okapi does.
func (s *Server) okapiEndJob(c *okapiCall) error {
	p := c.params()
	abort := p.boolean("abort", true)
	id, err := s.okapiJobID(c, p)
	if err != nil {
		return err
	}
	j, err := s.Installs.Find(c.Context(), c.who, c.t, id)
	if err != nil {
		return noJob(c, err)
	}
	if !j.Complete() && !abort {
		return badOkapi("Cannot delete non-completed job %s", id)
	}
	if !j.Complete() {
		err := s.Installs.Abort(c.Context(), c.who, c.t, id)
		if kind := fault.KindOf(err); err == nil || kind != fault.Conflict && kind != fault.Invalid {
			return c.accepted(err)
		} // else it has ended meanwhile
	}
	if err := s.Installs.Forget(c.Context(), c.who, c.t, id); err != nil {
		return noJob(c, err)
	}
	return c.nothing(http.StatusNoContent)
}

// accepted answers 202 unless there was an error.
func (c *okapiCall) accepted(err error) error {
	if err != nil {
		return noJob(c, err)
	}
	return c.nothing(http.StatusAccepted)
}

// okapiForgetJobs forgets the jobs that are complete; with abort=true the others are aborted.
func (s *Server) okapiForgetJobs(c *okapiCall) error {
	p := c.params()
	abort := p.boolean("abort", false)
	if p.err != nil {
		return p.err
	}
	if err := s.okapiKnown(c); err != nil {
		return err
	}
	if err := s.Installs.ForgetAll(c.Context(), c.who, c.t, okapiKind(c), abort); err != nil {
		return err
	}
	return c.nothing(http.StatusNoContent)
}
