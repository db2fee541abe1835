package handlers

import (
	"net/http"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/fleet"
	"cutroom/internal/tenant"
	"cutroom/views"
)

// tenantsPage lists all tenants, to operators.
func (s *Server) tenantsPage(w http.ResponseWriter, r *http.Request) error {
	return s.drawTenants(w, r, http.StatusOK, views.TenantForm{})
}

// drawTenants draws the list, with the form for a new tenant as it was refused.
func (s *Server) drawTenants(w http.ResponseWriter, r *http.Request, status int, form views.TenantForm) error {
	page := views.TenantsPage{Page: s.page(r, "", "tenants"), New: form}
	var err error
	if page.List, err = s.tenantList(r); err != nil {
		return err
	}
	counts, err := s.Fleet.Count(r.Context())
	if err != nil {
		return err
	}
	page.Counts = views.TenantCounts{All: counts.All, Upgradable: counts.Upgradable, Installing: counts.Installing, Deleting: counts.Deleting}
	batch, there, err := s.Fleet.Open(r.Context())
	if err != nil {
		return err
	}
	if there {
		b := batchView(batch)
		page.Upgrade = &b
	}
	if name := r.FormValue("deleted"); name != "" {
		page.Notice = views.T(r.Context(), "tenants.deleteStarted", "Name", name)
	}
	return s.render(w, r, status, views.Tenants(page))
}

// tenantRows are the rows alone: what "Show more" loads, and what looks again by itself.
func (s *Server) tenantRows(w http.ResponseWriter, r *http.Request) error {
	list, err := s.tenantList(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.TenantRows(list))
}

func (s *Server) tenantList(r *http.Request) (views.TenantList, error) {
	list := views.TenantList{Query: r.URL.Query().Get("q"), Filter: r.URL.Query().Get("filter")}
	lines, next, err := s.Fleet.List(r.Context(), fleet.Filter{Text: list.Query, Only: list.Filter, Cursor: r.URL.Query().Get("cursor")})
	if err != nil {
		return list, err
	}
	list.Next = next
	for _, l := range lines {
		row := tenantRow(l)
		row.Parent = row.ID + "." + s.Config.PublicURL.Hostname()
		list.Rows = append(list.Rows, row)
	}
	return list, nil
}

func tenantRow(l fleet.Line) views.TenantRow {
	row := views.TenantRow{ID: string(l.ID), Name: l.Name, Hosts: l.Hosts, Modules: l.Modules, Newer: l.Newer, Recordings: l.Recordings, Upgrade: l.Upgrade, Done: l.Done, Total: l.Total, Deleting: l.Deleting}
	if l.Install != nil {
		row.Install = string(*l.Install)
	}
	return row
}

// newTenant makes a tenant with all modules that Cutroom brings along.
func (s *Server) newTenant(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	form := views.TenantForm{ID: strings.TrimSpace(r.PostForm.Get("id")), Name: r.PostForm.Get("name"), Hosts: r.PostForm.Get("hosts")}
	id := tenant.ID(form.ID)
	err := s.DB.Create(r.Context(), id, form.Name, "", hostsOf(form.Hosts))
	if f := fault.As(err); f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		form.Errors = tenantErrors(r, f)
		return s.drawTenants(w, r, f.Kind.Status(), form)
	}
	if err != nil {
		return err
	}
	if err := s.Installs.EnableBuiltins(r.Context(), id); err != nil {
		return err
	}
	http.Redirect(w, r, "/tenants/"+form.ID+"?made=1", http.StatusSeeOther)
	return nil
}

// hostsOf reads host names: one a line, or with blanks or commas between.
func hostsOf(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || c == ' ' || c == '\n' || c == '\r' || c == '\t' })
}

// tenantErrors tells under each field of a tenant's form why it was refused.
func tenantErrors(r *http.Request, f *fault.Error) map[string]string {
	errs := map[string]string{}
	for _, field := range f.Fields {
		name, _, _ := strings.Cut(strings.TrimPrefix(field.Path, "/"), "/")
		text := toldRule(r.Context(), field)
		if host, _, named := strings.Cut(field.Message, ": "); named && name == "hosts" {
			text = host + ": " + text
		}
		errs[name] = strings.TrimSpace(errs[name] + " " + text)
	}
	if len(errs) == 0 {
		errs["id"] = told(r.Context(), f)
	}
	return errs
}
