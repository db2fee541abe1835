package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/lti"
	"cutroom/views"
)

// newPlatformPage is the empty form of a registration: by LTI 1.3, or ?version=1.1.
func (s *Server) newPlatformPage(w http.ResponseWriter, r *http.Request) error {
	if !s.who(r).Admin() {
		return fault.Denied()
	}
	form := views.PlatformForm{Version: lti.V13}
	if r.FormValue("version") == lti.V11 {
		form.Version = lti.V11
	}
	return s.drawPlatform(w, r, http.StatusOK, views.PlatformPage{Form: form})
}

func (s *Server) drawPlatform(w http.ResponseWriter, r *http.Request, status int, p views.PlatformPage) error {
	p.Page, p.At = s.page(r, "", "settings"), s.platformAddresses(r)
	if p.Page.Path == "/" {
		p.Page.Path = platformsPath
	}
	return s.render(w, r, status, views.Platform(p))
}

// platformPage is one registration.
func (s *Server) platformPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.LTI.Find(r.Context(), s.who(r), platformOf(r))
	if err != nil {
		return err
	}
	return s.drawPlatform(w, r, http.StatusOK, views.PlatformPage{Form: s.platformForm(r, p), Saved: r.FormValue("saved") != ""})
}

func (s *Server) platformForm(r *http.Request, p lti.Platform) views.PlatformForm {
	return views.PlatformForm{ID: string(p.ID), Version: p.Version, Waiting: p.Status == lti.Waiting, Name: p.Name, Issuer: p.Issuer, ClientID: p.ClientID, Deployment: p.Deployment,
		AuthURL: p.AuthURL, TokenURL: p.TokenURL, JWKSURL: p.JWKSURL, Key: p.Key, Trusted: p.Trusted, Prefix: p.RolePrefix, RoleMap: roleLines(p.RoleMap),
		Frames: strings.Join(p.FrameOrigins, "\n"), Created: p.Created, CreatedBy: s.registeredBy(r, p)}
}

// typedPlatform is what a form sent, on top of what stays.
func typedPlatform(form url.Values, is views.PlatformForm) views.PlatformForm {
	for name, into := range map[string]*string{"name": &is.Name, "deployment": &is.Deployment, "authUrl": &is.AuthURL, "tokenUrl": &is.TokenURL, "jwksUrl": &is.JWKSURL,
		"rolePrefix": &is.Prefix, "roleMap": &is.RoleMap, "frameOrigins": &is.Frames} {
		if form.Has(name) {
			*into = form.Get(name)
		}
	}
	is.Trusted = form.Get("trusted") != ""
	return is
}

// newPlatform registers a platform. The secret of LTI 1.1 is in this answer alone.
func (s *Server) newPlatform(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	form := typedPlatform(r.PostForm, views.PlatformForm{Version: r.PostForm.Get("version"), Issuer: r.PostForm.Get("issuer"), ClientID: r.PostForm.Get("clientId"), Key: r.PostForm.Get("key")})
	made, secret, err := s.LTI.Add(r.Context(), s.who(r), lti.NewPlatform{Version: form.Version, Name: form.Name, Issuer: form.Issuer, ClientID: form.ClientID, Deployment: form.Deployment,
		AuthURL: form.AuthURL, TokenURL: form.TokenURL, JWKSURL: form.JWKSURL, Key: form.Key, Trusted: form.Trusted, RolePrefix: form.Prefix, RoleMap: roleMapOf(form.RoleMap), FrameOrigins: linesOf(form.Frames)})
	if f := fault.As(err); f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return s.refusedPlatform(w, r, f, form)
	}
	if err != nil {
		return err
	}
	if made.Version == lti.V13 {
		return toPlatforms(w, r, "added", made.Name)
	}
	page := views.PlatformSecretPage{Page: s.page(r, "", "settings"), ID: string(made.ID), Name: made.Name, Key: made.Key, Secret: secret, V11: s.platformAddresses(r).V11}
	page.Page.Path = platformsPath
	w.Header().Set("Cache-Control", "no-store")
	return s.render(w, r, http.StatusOK, views.PlatformSecret(page))
}

func (s *Server) refusedPlatform(w http.ResponseWriter, r *http.Request, f *fault.Error, form views.PlatformForm) error {
	if form.Version != lti.V11 {
		form.Version = lti.V13
	}
	rest := platformErrors(r, f, &form)
	return s.drawPlatform(w, r, f.Kind.Status(), views.PlatformPage{Form: form, Error: rest})
}

// savePlatform changes a registration.
func (s *Server) savePlatform(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	who, id := s.who(r), platformOf(r)
	was, err := s.LTI.Find(r.Context(), who, id)
	if err != nil {
		return err
	}
	form := typedPlatform(r.PostForm, s.platformForm(r, was))
	roles, frames := roleMapOf(form.RoleMap), linesOf(form.Frames)
	change := lti.Change{Name: &form.Name, RolePrefix: &form.Prefix, RoleMap: &roles, FrameOrigins: &frames}
	if was.Version == lti.V11 {
		change.Trusted = &form.Trusted
	} else {
		change.Deployment, change.AuthURL, change.TokenURL, change.JWKSURL = &form.Deployment, &form.AuthURL, &form.TokenURL, &form.JWKSURL
	}
	_, err = s.LTI.Change(r.Context(), who, id, change)
	if f := fault.As(err); f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return s.refusedPlatform(w, r, f, form)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, platformsPath+"/"+string(id)+"?saved=1", http.StatusSeeOther)
	return nil
}

// linesOf reads a text of one thing a line; blanks part them too, which no origin has.
func linesOf(text string) []string { return strings.Fields(text) }

// roleMapOf reads lines like "Administrator = LMS_ADMINS, STAFF". A line without roles is kept, for who checks it to refuse.
func roleMapOf(text string) map[string][]string {
	all := map[string][]string{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		theirs, ours := line, ""
		if at := strings.LastIndex(line, "="); at >= 0 {
			theirs, ours = strings.TrimSpace(line[:at]), line[at+1:]
		}
		if all[theirs] == nil {
			all[theirs] = []string{}
		}
		for role := range strings.SplitSeq(ours, ",") {
			if role = strings.TrimSpace(role); role != "" {
				all[theirs] = append(all[theirs], role)
			}
		}
	}
	return all
}

// roleLines is what roleMapOf reads.
func roleLines(all map[string][]string) string {
	lines := make([]string, 0, len(all))
	for theirs, ours := range all {
		lines = append(lines, theirs+" = "+strings.Join(ours, ", "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
