package handlers

import (
	"net/http"

	"cutroom/internal/lti"
	"cutroom/views"
)

// registerPage is what a learning platform's admin opens from there (LTI Dynamic Registration 1.0, 3.2): who asks, and what would be
// sent. They have no account here, so that anybody may open it; nothing changes by it, and nobody else's page may frame it.
func (s *Server) registerPage(w http.ResponseWriter, r *http.Request) error {
	config, token := r.FormValue("openid_configuration"), r.FormValue("registration_token")
	w.Header().Set("Cross-Origin-Opener-Policy", "unsafe-none") // the window that opened this one is told when it is done
	w.Header().Set("Referrer-Policy", "no-referrer")            // the address holds the platform's token
	w.Header().Set("Cache-Control", "no-store")
	if origin := lti.Origin(config); origin != "" {
		framedBy(w, r, []string{origin})
	}
	asks, err := s.LTI.StartRegistration(r.Context(), s.tenant(r).ID, s.tool(r), config, token)
	if err != nil {
		return err
	}
	framedBy(w, r, asks.Frames)
	return s.render(w, r, http.StatusOK, views.Register(views.RegisterPage{Page: s.registerFrame(r), Issuer: asks.Issuer, Product: asks.Product, Endpoint: asks.Endpoint, Sent: asks.Sent, Ticket: asks.Ticket}))
}

// register sends what was shown. The registration waits for an admin then.
func (s *Server) register(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cross-Origin-Opener-Policy", "unsafe-none")
	w.Header().Set("Cache-Control", "no-store")
	if err := readForm(r); err != nil {
		return err
	}
	tenant, ticket := s.tenant(r).ID, r.PostForm.Get("ticket")
	framedBy(w, r, s.LTI.TicketFrames(tenant, s.origin(r), ticket))
	made, err := s.LTI.Register(r.Context(), tenant, s.origin(r), ticket)
	if err != nil {
		return err
	}
	return s.render(w, r, http.StatusOK, views.Registered(views.RegisteredPage{Page: s.registerFrame(r), Name: made.Name, ID: string(made.ID)}))
}

// registerFrame is the page's frame: it is about nobody who is signed in here.
func (s *Server) registerFrame(r *http.Request) views.Page {
	p := s.page(r, "", "none")
	p.Who, p.Pulse = views.Who{}, ""
	return p
}

// tool is how the tenant presents itself to platforms.
func (s *Server) tool(r *http.Request) lti.Tool {
	name := "Cutroom"
	if t := s.tenant(r).Name; t != "" {
		name += " (" + t + ")"
	}
	origin := s.origin(r)
	return lti.Tool{Origin: origin, Name: name, Logo: origin + "/static/icons/favicon.svg"}
}
