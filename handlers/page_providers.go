package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/institution"
	"cutroom/views"
)

// providersPage lists the institution's sign-in services, to admins.
func (s *Server) providersPage(w http.ResponseWriter, r *http.Request) error {
	return s.drawProviders(w, r, http.StatusOK, views.ProviderForm{})
}

func (s *Server) drawProviders(w http.ResponseWriter, r *http.Request, status int, form views.ProviderForm) error {
	list, err := s.OIDC.List(r.Context(), s.who(r))
	if err != nil {
		return err
	}
	page := views.ProvidersPage{Page: s.page(r, "", "settings"), New: form}
	if form.ID == "" {
		page.New.ID = freeID(list)
	}
	page.New.Redirect = institution.RedirectOf(s.origin(r), institution.ProviderID(page.New.ID))
	for _, p := range list {
		page.Rows = append(page.Rows, views.ProviderRow{ID: string(p.ID), Name: p.Name, Issuer: p.Issuer, Active: p.Active})
	}
	if name := r.URL.Query().Get("removed"); name != "" {
		page.Notice = views.T(r.Context(), "provider.removed", "Name", name)
	}
	return s.render(w, r, status, views.Providers(page))
}

// freeID is an id for one more service.
func freeID(list []institution.Provider) string {
	taken := map[institution.ProviderID]bool{}
	for _, p := range list {
		taken[p.ID] = true
	}
	id := "sso"
	for n := 2; taken[institution.ProviderID(id)]; n++ {
		id = "sso" + strconv.Itoa(n)
	}
	return id
}

// newProvider adds a service that answers.
func (s *Server) newProvider(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	form := typedProvider(r)
	n, err := newOf(r)
	var p institution.Provider
	if err == nil {
		p, err = s.OIDC.Add(r.Context(), s.who(r), n)
	}
	if f, ours := wrongProvider(err); ours {
		form.Errors = providerErrors(r, f)
		return s.drawProviders(w, r, f.Kind.Status(), form)
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/settings/sign-in/"+string(p.ID)+"?saved=1", http.StatusSeeOther)
	return nil
}

// providerPage shows one service, to admins.
func (s *Server) providerPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.OIDC.Find(r.Context(), s.who(r), providerOf(r))
	if err != nil {
		return err
	}
	form := s.formOf(r, p)
	form.Scopes, form.NameClaim, form.GroupClaim, form.Groups = strings.Join(p.Scopes, " "), p.NameClaim, p.GroupClaim, institution.FormatGroups(p.GroupRoles)
	form.ClientID = p.ClientID
	return s.drawProvider(w, r, http.StatusOK, form)
}

// formOf is a form with what stays of a provider.
func (s *Server) formOf(r *http.Request, p institution.Provider) views.ProviderForm {
	return views.ProviderForm{ID: string(p.ID), Name: p.Name, Issuer: p.Issuer, Kept: true, HasSecret: p.HasSecret, Active: p.Active, Redirect: p.Redirect(s.origin(r))}
}

func (s *Server) drawProvider(w http.ResponseWriter, r *http.Request, status int, form views.ProviderForm) error {
	saved := safe(r.Method) && r.URL.Query().Get("saved") != ""
	return s.render(w, r, status, views.Provider(views.ProviderPage{Page: s.page(r, "", "settings"), Form: form, Saved: saved}))
}

// saveProvider changes a service for sign-ins from now on.
func (s *Server) saveProvider(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	id := providerOf(r)
	p, err := s.OIDC.Find(r.Context(), s.who(r), id)
	if err != nil {
		return err
	}
	n, err := newOf(r)
	if err == nil {
		c := institution.Change{Name: &n.Name, ClientID: &n.ClientID, NameClaim: orUsual(n.NameClaim, "preferred_username"), GroupClaim: orUsual(n.GroupClaim, "groups"), GroupRoles: &n.GroupRoles}
		if c.Scopes = &n.Scopes; n.Scopes == nil {
			c.Scopes = &[]string{"profile", "email"}
		}
		if n.Secret != "" || r.PostForm.Get("noSecret") == "yes" {
			c.Secret = &n.Secret
		}
		_, err = s.OIDC.Change(r.Context(), s.who(r), id, c)
	}
	if f, ours := wrongProvider(err); ours {
		return s.drawProvider(w, r, f.Kind.Status(), keptForm(s.formOf(r, p), typedProvider(r), providerErrors(r, f)))
	}
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/settings/sign-in/"+string(id)+"?saved=1", http.StatusSeeOther)
	return nil
}

func orUsual(typed, usual string) *string {
	if strings.TrimSpace(typed) == "" {
		return &usual
	}
	return &typed
}

// keptForm lays what was typed over what stays of a provider.
func keptForm(form, typed views.ProviderForm, errs map[string]string) views.ProviderForm {
	typed.ID, typed.Issuer, typed.Kept, typed.HasSecret, typed.Active, typed.Redirect = form.ID, form.Issuer, true, form.HasSecret, form.Active, form.Redirect
	typed.Errors = errs
	if strings.TrimSpace(typed.Name) == "" {
		typed.Name = form.Name
	}
	return typed
}

// switchProvider switches a service on or off.
func (s *Server) switchProvider(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	id, active := providerOf(r), r.PostForm.Get("active") == "yes"
	if _, err := s.OIDC.Change(r.Context(), s.who(r), id, institution.Change{Active: &active}); err != nil {
		return err
	}
	http.Redirect(w, r, "/settings/sign-in/"+string(id)+"?saved=1", http.StatusSeeOther)
	return nil
}

// removeProvider forgets a service and signs out whom it signed in.
func (s *Server) removeProvider(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	id := providerOf(r)
	if r.PostForm.Get("confirm") != "yes" {
		http.Redirect(w, r, "/settings/sign-in/"+string(id), http.StatusSeeOther)
		return nil
	}
	if err := s.OIDC.Remove(r.Context(), s.who(r), id); err != nil {
		return err
	}
	http.Redirect(w, r, "/settings/sign-in?removed="+string(id), http.StatusSeeOther)
	return nil
}

// typedProvider is a form as it was typed; a secret is not shown again.
func typedProvider(r *http.Request) views.ProviderForm {
	f := r.PostForm
	return views.ProviderForm{ID: f.Get("id"), Name: f.Get("name"), Issuer: f.Get("issuer"), ClientID: f.Get("client"), Scopes: f.Get("scopes"), NameClaim: f.Get("nameClaim"),
		GroupClaim: f.Get("groupClaim"), Groups: f.Get("groups")}
}

// newOf reads a form.
func newOf(r *http.Request) (institution.NewProvider, error) {
	f := r.PostForm
	groups, err := institution.ParseGroups(f.Get("groups"))
	n := institution.NewProvider{ID: institution.ProviderID(strings.TrimSpace(f.Get("id"))), Name: f.Get("name"), Issuer: f.Get("issuer"), ClientID: f.Get("client"), Secret: f.Get("secret"),
		NameClaim: f.Get("nameClaim"), GroupClaim: f.Get("groupClaim"), GroupRoles: groups}
	if scopes := strings.Fields(f.Get("scopes")); len(scopes) > 0 {
		n.Scopes = scopes
	}
	return n, err
}

// wrongProvider says whether an error is for the form to show.
func wrongProvider(err error) (*fault.Error, bool) {
	f := fault.As(err)
	return f, f != nil && (f.Kind == fault.Invalid || f.Kind == fault.Conflict || f.Kind == fault.Unavailable)
}

// providerErrors tells under each field why it was refused; under "" what concerns none.
func providerErrors(r *http.Request, f *fault.Error) map[string]string {
	errs := map[string]string{}
	for _, field := range f.Fields {
		errs[strings.TrimPrefix(field.Path, "/")] = toldRule(r.Context(), field)
	}
	if len(errs) == 0 {
		errs[""] = told(r.Context(), f)
	}
	return errs
}
