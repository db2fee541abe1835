package handlers

import (
	"net/http"
	"net/url"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/lti"
	"cutroom/views"
)

const platformsPath = "/settings/platforms"

// platformsPage shows the tenant's learning platforms to its admins, and what to enter there.
func (s *Server) platformsPage(w http.ResponseWriter, r *http.Request) error {
	all, err := s.LTI.List(r.Context(), s.who(r))
	if err != nil {
		return err
	}
	page := views.PlatformsPage{Page: s.page(r, "", "settings"), At: s.platformAddresses(r), Done: r.FormValue("done"), Name: r.FormValue("name")}
	page.Page.Path = platformsPath
	for _, p := range all {
		page.Rows = append(page.Rows, views.PlatformRow{ID: string(p.ID), Version: p.Version, Waiting: p.Status == lti.Waiting, Name: p.Name, Issuer: p.Issuer, ClientID: p.ClientID,
			Key: p.Key, Prefix: p.RolePrefix, Created: p.Created, CreatedBy: s.registeredBy(r, p)})
	}
	return s.render(w, r, http.StatusOK, views.Platforms(page))
}

// platformAddresses are the tenant's, as browsers find it.
func (s *Server) platformAddresses(r *http.Request) views.PlatformAddresses {
	return views.PlatformAddresses(lti.AddressesAt(s.origin(r)))
}

// registeredBy is the name of who added a platform; "" when it registered itself.
func (s *Server) registeredBy(r *http.Request, p lti.Platform) string {
	if p.CreatedBy == "anonymous" {
		return ""
	}
	return s.name(r.Context(), s.who(r), p.CreatedBy)
}

func platformOf(r *http.Request) lti.PlatformID { return lti.PlatformID(r.PathValue("id")) }

// toPlatforms leads back to the list, which says what was done.
func toPlatforms(w http.ResponseWriter, r *http.Request, done, name string) error {
	http.Redirect(w, r, platformsPath+"?done="+done+"&name="+url.QueryEscape(name), http.StatusSeeOther)
	return nil
}

// approvePlatform lets a platform launch that registered itself.
func (s *Server) approvePlatform(w http.ResponseWriter, r *http.Request) error {
	p, err := s.LTI.Approve(r.Context(), s.who(r), platformOf(r), "")
	if err != nil {
		return err
	}
	return toPlatforms(w, r, "approved", p.Name)
}

// removePlatformPage asks first.
func (s *Server) removePlatformPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.LTI.Find(r.Context(), s.who(r), platformOf(r))
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.PlatformRemove(views.PlatformRemovePage{Page: s.page(r, "", "settings"), ID: string(p.ID), Name: p.Name, Waiting: p.Status == lti.Waiting}))
}

// removePlatform ends the platform's launches, roles and sessions.
func (s *Server) removePlatform(w http.ResponseWriter, r *http.Request) error {
	p, err := s.LTI.Find(r.Context(), s.who(r), platformOf(r))
	if err == nil {
		err = s.LTI.Remove(r.Context(), s.who(r), p.ID)
	}
	if err != nil {
		return err
	}
	return toPlatforms(w, r, "removed", p.Name)
}

// platformErrors tells under each field of a registration's form why it was refused; what belongs to no field of the form comes as one
// sentence.
func platformErrors(r *http.Request, f *fault.Error, form *views.PlatformForm) (rest string) {
	form.Errors = map[string]string{}
	for _, field := range f.Fields {
		name := strings.TrimPrefix(field.Path, "/")
		text := toldRule(r.Context(), field)
		if line, _, quoted := strings.Cut(field.Message, ": "); quoted && (name == "frameOrigins" || name == "roleMap") {
			text = line + ": " + text
		}
		form.Errors[name] = strings.TrimSpace(form.Errors[name] + " " + text)
	}
	if len(form.Errors) == 0 || form.ID != "" && form.Errors["clientId"] != "" {
		rest = told(r.Context(), f)
	}
	return rest
}
