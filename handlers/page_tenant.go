package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/fleet"
	"cutroom/internal/install"
	"cutroom/internal/module"
	"cutroom/internal/tenant"
	"cutroom/views"
)

// historyShown is how many installs a tenant's page shows at first, and historyMost at most.
const (
	historyShown = 10
	historyMost  = 500
)

// tenantOf is the tenant that an address names; a fault NotFound where there is none, or it is being deleted.
func (s *Server) tenantOf(r *http.Request) (tenant.Tenant, error) {
	return s.DB.Find(r.Context(), tenant.ID(r.PathValue("id")))
}

// tenantPage shows one tenant: what is installed in it, and what would be.
func (s *Server) tenantPage(w http.ResponseWriter, r *http.Request) error {
	t, err := s.tenantOf(r)
	if err != nil {
		return err
	}
	form := installFormOf(r)
	if form.Do != "" {
		if err := s.preview(r, t.ID, &form); err != nil {
			return err
		}
	}
	return s.drawTenant(w, r, http.StatusOK, t, form, detailsOf(t))
}

func detailsOf(t tenant.Tenant) views.TenantForm {
	return views.TenantForm{ID: string(t.ID), Name: t.Name, Description: t.Description, Hosts: strings.Join(t.Hosts, "\n")}
}

func (s *Server) drawTenant(w http.ResponseWriter, r *http.Request, status int, t tenant.Tenant, form views.InstallForm, details views.TenantForm) error {
	page, known, err := s.tenantView(r, t)
	if err != nil {
		return err
	}
	page.Form, page.Details = form, details
	page.Form.Offers = offers(known, page.Modules)
	page.Tenant.Recordings = s.recordingsOf(r.Context(), t.ID)
	page.Created, page.Parent = t.Created, string(t.ID)+"."+s.Config.PublicURL.Hostname()
	switch {
	case r.URL.Query().Get("made") != "":
		page.Notice = views.T(r.Context(), "tenants.made", "Name", t.Name)
	case r.URL.Query().Get("saved") != "":
		page.Details.Saved = true
	}
	return s.render(w, r, status, views.Tenant(page))
}

// tenantJobs are the jobs alone, which look again by themselves.
func (s *Server) tenantJobs(w http.ResponseWriter, r *http.Request) error {
	t, err := s.tenantOf(r)
	if err != nil {
		return err
	}
	page := views.TenantPage{Tenant: views.TenantRow{ID: string(t.ID)}}
	if page.Jobs, _, err = s.openJobs(r, t.ID); err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.TenantJobs(page))
}

// tenantModules are the modules and the history alone, which look again while a job runs.
func (s *Server) tenantModules(w http.ResponseWriter, r *http.Request) error {
	t, err := s.tenantOf(r)
	if err != nil {
		return err
	}
	page, _, err := s.tenantView(r, t)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.TenantModules(page))
}

// tenantView fills what installs change of a tenant's page, and gives the modules there are.
func (s *Server) tenantView(r *http.Request, t tenant.Tenant) (page views.TenantPage, known map[string]module.Descriptor, err error) {
	ctx := r.Context()
	page = views.TenantPage{Page: s.page(r, "", "tenants"), Tenant: views.TenantRow{ID: string(t.ID), Name: t.Name, Hosts: t.Hosts}}
	if known, err = s.Installs.ModulesMap(ctx); err != nil {
		return page, nil, err
	}
	// The open jobs come first: one that ends after this look leaves the page asking again, instead of showing for good what was
	// there before it ended.
	var open []install.Job
	if page.Jobs, open, err = s.openJobs(r, t.ID); err != nil {
		return page, nil, err
	}
	enabled, err := s.Installs.Enabled(ctx, t.ID)
	if err != nil {
		return page, nil, err
	}
	off := map[string]bool{}
	for _, product := range t.Off {
		off[product] = true
	}
	page.Tenant.Modules = len(enabled)
	page.Modules = moduleRows(enabled, off, open, fleet.Newest(known))
	shown := historyShown
	if r.URL.Query().Get("history") == "all" {
		shown = historyMost
	}
	recent, err := s.Installs.Recent(ctx, s.who(r), t.ID, shown+1)
	for i, j := range recent {
		switch {
		case i == shown:
			page.More = shown < historyMost
		case j.Complete():
			page.History = append(page.History, s.jobView(r, j, fleet.Place{}))
		}
	}
	return page, known, err
}

func (s *Server) openJobs(r *http.Request, t tenant.ID) (views []views.InstallJob, jobs []install.Job, err error) {
	jobs, err = s.Installs.Open(r.Context(), s.who(r), t)
	for _, j := range jobs {
		views = append(views, s.jobView(r, j, fleet.Place{}))
	}
	return views, jobs, err
}

// moduleRows are the modules that a tenant has, had switched off, or gets by its open jobs.
func moduleRows(enabled []string, off map[string]bool, open []install.Job, newest map[string]string) []views.TenantModule {
	rows := map[string]views.TenantModule{}
	for _, id := range enabled {
		product, version := splitModule(id)
		row := views.TenantModule{Name: product, Version: version, State: "enabled"}
		if newest[product] != id && newest[product] != "" {
			_, row.Newer = splitModule(newest[product])
		}
		rows[product] = row
	}
	for product := range off {
		rows[product] = views.TenantModule{Name: product, State: "off"}
	}
	for _, j := range open {
		for _, m := range j.Modules {
			if j.Complete() || m.Stage == "done" || m.Action != module.Enable && m.Action != module.Disable {
				continue
			}
			product, _ := splitModule(m.ID)
			row := rows[product]
			row.Name, row.State, row.Newer = product, "waits", ""
			if m.Status == "running" {
				row.State = "installing"
			}
			rows[product] = row
		}
	}
	all := make([]views.TenantModule, 0, len(rows))
	for _, row := range rows {
		all = append(all, row)
	}
	slices.SortFunc(all, func(a, b views.TenantModule) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// offers are the products that a tenant does not have in their newest version.
func offers(known map[string]module.Descriptor, has []views.TenantModule) []views.ModuleOffer {
	var all []views.ModuleOffer
	for product, id := range fleet.Newest(known) {
		_, version := splitModule(id)
		offer := views.ModuleOffer{Product: product, Newest: version}
		at := slices.IndexFunc(has, func(m views.TenantModule) bool { return m.Name == product && m.State != "off" })
		if at >= 0 {
			offer.Has = has[at].Version
		}
		if offer.Has != version {
			all = append(all, offer)
		}
	}
	slices.SortFunc(all, func(a, b views.ModuleOffer) int { return strings.Compare(a.Product, b.Product) })
	return all
}

// splitModule gives the product and the version of a module id.
func splitModule(id string) (product, version string) {
	parsed, err := module.ParseID(id)
	if err != nil {
		return id, ""
	}
	return parsed.Product, parsed.Version.String()
}

// recordingsOf counts the recordings of a tenant; -1 where its schema cannot be asked, as while it is migrated.
func (s *Server) recordingsOf(ctx context.Context, t tenant.ID) int {
	n := -1
	_ = s.DB.Read(ctx, t, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "select count(*) from event where deleted_at is null").Scan(&n)
	})
	return n
}

// saveTenant changes a tenant's name, description and hosts.
func (s *Server) saveTenant(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	t, err := s.tenantOf(r)
	if err != nil {
		return err
	}
	form := views.TenantForm{ID: string(t.ID), Name: r.PostForm.Get("name"), Description: r.PostForm.Get("description"), Hosts: r.PostForm.Get("hosts")}
	hosts := hostsOf(form.Hosts)
	err = s.DB.Change(r.Context(), t.ID, tenant.Change{Name: &form.Name, Description: &form.Description, Hosts: &hosts})
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		form.Errors = tenantErrors(r, f)
		return s.drawTenant(w, r, f.Kind.Status(), t, installFormOf(r), form)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/tenants/"+string(t.ID)+"?saved=1", http.StatusSeeOther)
	return nil
}

// deleteTenantPage says what goes with a tenant.
func (s *Server) deleteTenantPage(w http.ResponseWriter, r *http.Request) error {
	t, err := s.tenantOf(r)
	if err != nil {
		return err
	}
	return s.drawDelete(w, r, http.StatusOK, t, "", "")
}

func (s *Server) drawDelete(w http.ResponseWriter, r *http.Request, status int, t tenant.Tenant, typed, wrong string) error {
	page := views.TenantDeletePage{Page: s.page(r, "", "tenants"), Typed: typed, Error: wrong,
		Tenant: views.TenantRow{ID: string(t.ID), Name: t.Name, Hosts: t.Hosts, Recordings: s.recordingsOf(r.Context(), t.ID)}}
	_ = s.DB.Read(r.Context(), t.ID, func(tx pgx.Tx) error {
		return tx.QueryRow(r.Context(), "select count(*) from person").Scan(&page.People)
	})
	_, open, err := s.openJobs(r, t.ID)
	if err != nil {
		return err
	}
	page.Running = slices.ContainsFunc(open, func(j install.Job) bool { return !j.Complete() })
	return s.render(w, r, status, views.TenantDelete(page))
}

// deleteTenant begins to delete a tenant whose name was typed.
func (s *Server) deleteTenant(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	t, err := s.tenantOf(r)
	if err != nil {
		return err
	}
	if typed := strings.TrimSpace(r.PostForm.Get("name")); typed != t.Name {
		return s.drawDelete(w, r, http.StatusUnprocessableEntity, t, typed, views.T(r.Context(), "tenants.nameDiffers"))
	}
	if err := s.DB.StartDelete(r.Context(), t.ID, s.who(r).User); err != nil {
		return err
	}
	http.Redirect(w, r, "/tenants?deleted="+url.QueryEscape(t.Name), http.StatusSeeOther)
	return nil
}
