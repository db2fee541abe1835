package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/fleet"
	"cutroom/internal/install"
	"cutroom/internal/module"
	"cutroom/internal/tenant"
	"cutroom/views"
)

// installFormOf reads what is asked of a tenant's modules, from an address or a form.
func installFormOf(r *http.Request) views.InstallForm {
	_ = r.ParseForm()
	form := views.InstallForm{Do: r.Form.Get("do"), Chosen: r.Form["module"], Other: r.Form.Get("other"), Stop: true,
		Purge: r.Form.Get("purge") == "yes", Parallel: r.Form.Get("parallel"), Parameters: r.Form.Get("parameters")}
	if form.Do == "preview" && r.Form.Has("parallel") || form.Do == "install" {
		form.Stop = r.Form.Get("stopAtFailure") == "yes"
	}
	if form.Parallel == "" {
		form.Parallel = "1"
	}
	return form
}

// ask makes the install that a form asks for, or works out what it would be.
func (s *Server) ask(r *http.Request, t tenant.ID, form *views.InstallForm, simulate bool) (install.Job, error) {
	ctx, who := r.Context(), s.who(r)
	o := install.Defaults()
	o.Simulate, o.Async, o.Purge, o.IgnoreErrors, o.TenantParameters = simulate, true, form.Purge, !form.Stop, strings.TrimSpace(form.Parameters)
	var err error
	if o.Parallel, err = strconv.Atoi(strings.TrimSpace(form.Parallel)); err != nil || o.Parallel < 1 || o.Parallel > fleet.MostTogether {
		form.Error, form.Field = views.T(ctx, "install.parallelRule"), "parallel"
		return install.Job{}, nil
	}
	header := http.Header{"X-Okapi-Request-Id": {exchangeOf(ctx).id}}
	var job install.Job
	if form.Do == "upgrade" {
		job, err = s.Installs.Upgrade(ctx, who, t, o, header)
	} else {
		wanted := wantedOf(*form)
		if len(wanted) == 0 {
			form.Error, form.Field = views.T(ctx, "install.choose"), "module"
			return job, nil
		}
		job, err = s.Installs.Install(ctx, who, t, wanted, o, header)
	}
	if f := fault.As(err); f != nil && (f.Kind == fault.Malformed || f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		form.Error, form.Field = told(ctx, f), "module"
		return job, nil
	}
	return job, err
}

// wantedOf lists the modules that a form asks for.
func wantedOf(form views.InstallForm) []module.TenantModule {
	action := module.Enable
	if form.Do == "disable" {
		action = module.Disable
	}
	var wanted []module.TenantModule
	for _, id := range append(append([]string{}, form.Chosen...), hostsOf(form.Other)...) {
		wanted = append(wanted, module.TenantModule{ID: id, Action: action})
	}
	return wanted
}

// preview fills in what would happen.
func (s *Server) preview(r *http.Request, t tenant.ID, form *views.InstallForm) error {
	job, err := s.ask(r, t, form, true)
	if err != nil || form.Error != "" {
		return err
	}
	form.Asked = true
	asked := map[string]bool{}
	for _, m := range wantedOf(*form) {
		product, _ := splitModule(m.ID)
		asked[product] = true
	}
	for _, m := range job.Modules {
		line := views.PreviewLine{Action: string(m.Action), Message: m.Message}
		line.Module, line.Version = splitModule(m.ID)
		line.Added = form.Do != "upgrade" && !asked[line.Module] && line.Action != string(module.UpToDate)
		if m.From != "" {
			var before string
			before, line.From = splitModule(m.From)
			if before != line.Module {
				line.Replaces = m.From
			}
		}
		form.Preview = append(form.Preview, line)
	}
	return nil
}

// installModules lets happen what the form asks for.
func (s *Server) installModules(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	t, err := s.tenantOf(r)
	if err != nil {
		return err
	}
	form := installFormOf(r)
	if form.Do == "" {
		form.Do = "install"
	}
	if _, err := s.ask(r, t.ID, &form, false); err != nil {
		return err
	}
	if form.Error != "" {
		if form.Do == "install" {
			form.Do = ""
		}
		return s.drawTenant(w, r, http.StatusUnprocessableEntity, t, form, detailsOf(t))
	}
	http.Redirect(w, r, "/tenants/"+string(t.ID), http.StatusSeeOther)
	return nil
}
