package handlers

import (
	"context"
	"net/http"

	"cutroom/internal/institution"
	"cutroom/views"
)

// tryProvider asks a service as it is typed, or as it is kept, and changes nothing.
func (s *Server) tryProvider(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	form := typedProvider(r)
	n := institution.NewProvider{Issuer: form.Issuer, ClientID: form.ClientID, Secret: r.PostForm.Get("secret")}
	kept := r.PostForm.Get("kept")
	if kept != "" {
		p, err := s.OIDC.Find(r.Context(), s.who(r), institution.ProviderID(kept))
		if err != nil {
			return err
		}
		form = keptForm(s.formOf(r, p), form, nil)
		n.ID, n.Issuer = p.ID, p.Issuer
	}
	trial, err := s.OIDC.Try(r.Context(), s.who(r), n, s.origin(r))
	f, ours := wrongProvider(err)
	switch {
	case ours:
		form.Trial = views.ProviderTrial{Lines: []views.ProviderFinding{{State: "failed", Text: toldField(r.Context(), f)}}}
	case err != nil:
		return err
	default:
		form.Trial = findings(r.Context(), trial)
	}
	switch {
	case r.Header.Get("HX-Request") != "":
		return s.render(w, r, http.StatusOK, views.ProviderFindings(form.Trial))
	case kept != "":
		return s.drawProvider(w, r, http.StatusOK, form)
	}
	return s.drawProviders(w, r, http.StatusOK, form)
}

func findings(ctx context.Context, t institution.Trial) views.ProviderTrial {
	lines := []views.ProviderFinding{
		{State: "done", Text: views.T(ctx, "provider.foundDescription", "Issuer", t.Issuer)},
		{State: "done", Text: views.T(ctx, "provider.foundKeys", "PluralCount", t.Keys)},
	}
	if t.PKCE {
		lines = append(lines, views.ProviderFinding{State: "done", Text: views.T(ctx, "provider.foundPKCE")})
	} else {
		lines = append(lines, views.ProviderFinding{State: "waits", Text: views.T(ctx, "provider.noPKCE")})
	}
	switch t.Secret {
	case "accepted":
		lines = append(lines, views.ProviderFinding{State: "done", Text: views.T(ctx, "provider.secretAccepted")})
	case "refused":
		lines = append(lines, views.ProviderFinding{State: "failed", Text: views.T(ctx, "provider.secretRefused")})
	case "unknown":
		lines = append(lines, views.ProviderFinding{State: "waits", Text: views.T(ctx, "provider.secretUnknown")})
	}
	return views.ProviderTrial{Lines: lines}
}
