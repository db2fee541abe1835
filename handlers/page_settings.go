package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
	"cutroom/views"
)

// settingsPage shows the tenant's settings to its admins.
func (s *Server) settingsPage(w http.ResponseWriter, r *http.Request) error {
	if !s.who(r).Admin() {
		return fault.Denied()
	}
	now, err := s.settings(r)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Settings(views.SettingsPage{
		Page: s.page(r, "", "settings"), Mode: now.EditMode, Runs: now.EditRuns, BinDays: strconv.Itoa(now.BinDays), Saved: r.FormValue("saved") != "", MayEdit: true,
	}))
}

func (s *Server) settings(r *http.Request) (tenant.Settings, error) {
	var now tenant.Settings
	err := s.DB.Read(r.Context(), s.who(r).Tenant, func(tx pgx.Tx) (err error) {
		now, err = tenant.SettingsTx(r.Context(), tx)
		return err
	})
	return now, err
}

// saveSettings takes the form; it counts on all nodes at once.
func (s *Server) saveSettings(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	who, form := s.who(r), r.PostForm
	if !who.Admin() {
		return fault.Denied()
	}
	patch := map[string]any{}
	for _, key := range []string{"edit.mode", "edit.runs"} {
		if form.Has(key) {
			patch[key] = form.Get(key)
		}
	}
	if form.Has("bin.days") {
		patch["bin.days"] = any(form.Get("bin.days"))
		if days, err := strconv.ParseFloat(strings.TrimSpace(form.Get("bin.days")), 64); err == nil {
			patch["bin.days"] = days
		}
	}
	_, err := s.changeSettings(r.Context(), who, patch)
	if f := fault.As(err); f != nil && f.Kind == fault.Invalid {
		page := views.SettingsPage{Page: s.page(r, "", "settings"), Mode: form.Get("edit.mode"), Runs: form.Get("edit.runs"), BinDays: form.Get("bin.days"),
			MayEdit: true, Errors: map[string]string{}}
		for _, field := range f.Fields {
			key := strings.TrimPrefix(field.Path, "/")
			page.Errors[key] = toldSetting(r.Context(), key, field)
		}
		return s.render(w, r, http.StatusUnprocessableEntity, views.Settings(page))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/settings?saved=1", http.StatusSeeOther)
	return nil
}
