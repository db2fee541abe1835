package handlers

import (
	"context"
	"net/http"
	"time"

	"cutroom/internal/fault"
	"cutroom/internal/user"
	"cutroom/views"
)

// accountPage shows somebody their own devices, tokens and password, in a tenant and above.
func (s *Server) accountPage(w http.ResponseWriter, r *http.Request) error {
	p, err := s.account(r)
	if err != nil {
		return err
	}
	p.Done = r.URL.Query().Get("done")
	return s.drawAccount(w, r, http.StatusOK, p)
}

func (s *Server) drawAccount(w http.ResponseWriter, r *http.Request, status int, p views.AccountPage) error {
	w.Header().Set("Cache-Control", "no-store") // where it may hold a secret, and where somebody signed out of
	return s.render(w, r, status, views.Account(p))
}

// account fills the page with what is so now.
func (s *Server) account(r *http.Request) (views.AccountPage, error) {
	who, ctx := s.who(r), r.Context()
	if !who.SignedIn() {
		return views.AccountPage{}, needSignIn()
	}
	sessions, err := s.Users.ListSessions(ctx, who, who.User)
	if err != nil {
		return views.AccountPage{}, err
	}
	tokens, err := s.Users.ListTokens(ctx, who, who.User)
	if err != nil {
		return views.AccountPage{}, err
	}
	p := views.AccountPage{Page: s.page(r, "", "account"), Scope: user.ScopeRead, Days: "90"}
	p.Page.Path = "/account"
	p.Password, err = s.passwordForm(ctx, who, sessions)
	for _, d := range sessions {
		p.Devices = append(p.Devices, views.Device{ID: d.ID, Agent: d.Agent, How: d.How, Source: d.Source, Address: d.Address, Since: d.Created, Used: d.Used, Current: d.Current})
	}
	for _, t := range tokens {
		p.Tokens = append(p.Tokens, tokenRow(t))
	}
	return p, err
}

func tokenRow(t user.Token) views.Token {
	row := views.Token{ID: t.ID, Made: t.Created}
	for _, scope := range t.Scopes {
		if row.Scope != user.ScopeWrite { // writing includes reading
			row.Scope = scope
		}
	}
	if t.Expires != nil {
		row.Expires = *t.Expires
	}
	return row
}

// passwordForm says whether a password may be set: whoever has one gives it first. Somebody without one got in by a sign-in
// link that was made for it; a course or institution vouches for a browser, and gives no way in that lasts longer.
func (s *Server) passwordForm(ctx context.Context, who user.Who, sessions []user.Session) (views.PasswordForm, error) {
	me, err := s.Users.Find(ctx, who.In(who.Home()), who.Login())
	f := views.PasswordForm{May: me.HasPassword, Asks: me.HasPassword, Errors: map[string]string{}}
	for _, d := range sessions {
		f.May = f.May || d.Current && d.How == user.HowLink
	}
	return f, err
}

// endDevice ends one of one's own sessions; ending the present one is signing out.
func (s *Server) endDevice(w http.ResponseWriter, r *http.Request) error {
	who, id := s.who(r), r.PathValue("id")
	switch {
	case !who.SignedIn():
		return needSignIn()
	case id == who.Session:
		return s.signOut(w, r)
	}
	mine, err := s.Users.ListSessions(r.Context(), who, who.User)
	if err != nil {
		return err
	}
	for _, d := range mine {
		if d.ID != id {
			continue
		}
		if err := s.Users.RevokeSession(r.Context(), who, id); err != nil {
			return err
		}
	}
	return s.toAccount(w, r, "session") // one that ended meanwhile is as good as ended now
}

// endDevices signs out everywhere, or everywhere else.
func (s *Server) endDevices(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	who, everywhere := s.who(r), r.PostForm.Get("where") == "everywhere"
	if !who.SignedIn() {
		return needSignIn()
	}
	if _, err := s.Users.RevokeSessions(r.Context(), who, who.User, !everywhere); err != nil {
		return err
	}
	if everywhere {
		return s.signOut(w, r)
	}
	return s.toAccount(w, r, "elsewhere")
}

func (s *Server) toAccount(w http.ResponseWriter, r *http.Request, done string) error {
	http.Redirect(w, r, "/account?done="+done, http.StatusSeeOther)
	return nil
}

// tokenDays are the lives that a token may get here.
var tokenDays = map[string]time.Duration{"30": 30 * 24 * time.Hour, "90": 90 * 24 * time.Hour, "365": 365 * 24 * time.Hour, "never": 0}

// newToken makes a token and shows its secret, this once.
func (s *Server) newToken(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	who, scope, days := s.who(r), r.PostForm.Get("scope"), r.PostForm.Get("days")
	if !who.SignedIn() {
		return needSignIn()
	}
	var secret string
	life, known := tokenDays[days]
	err := error(fault.New(fault.Invalid, "error.token-days", "Use 30, 90, 365 or never."))
	if known {
		_, secret, err = s.Users.CreateToken(r.Context(), who, who.User, []string{scope}, life)
	}
	f := fault.As(err)
	if err != nil && (f == nil || f.Kind != fault.Invalid) {
		return err
	}
	p, listed := s.account(r)
	if listed != nil {
		return listed
	}
	p.Scope, p.Days, p.Secret = scope, days, secret
	if f != nil {
		p.Error = told(r.Context(), f)
		return s.drawAccount(w, r, http.StatusUnprocessableEntity, p)
	}
	return s.drawAccount(w, r, http.StatusOK, p)
}

// dropToken revokes one of one's own tokens.
func (s *Server) dropToken(w http.ResponseWriter, r *http.Request) error {
	who := s.who(r)
	if !who.SignedIn() {
		return needSignIn()
	}
	mine, err := s.Users.ListTokens(r.Context(), who, who.User)
	if err != nil {
		return err
	}
	for _, t := range mine {
		if t.ID != r.PathValue("id") {
			continue
		}
		if err := s.Users.RevokeToken(r.Context(), who, t.ID); err != nil {
			return err
		}
	}
	return s.toAccount(w, r, "token")
}

// changePassword sets one's own password.
func (s *Server) changePassword(w http.ResponseWriter, r *http.Request) error {
	if err := readForm(r); err != nil {
		return err
	}
	p, err := s.account(r)
	if err != nil {
		return err
	}
	if !p.Password.May {
		return fault.Denied()
	}
	who, password := s.who(r), r.PostForm.Get("password")
	if p.Password.Asks {
		if err := s.checkOwnPassword(r, who, p.Password.Errors); err != nil {
			return err
		}
	}
	if password != r.PostForm.Get("again") {
		p.Password.Errors["again"] = views.T(r.Context(), "account.notAlike")
	}
	if len(p.Password.Errors) == 0 {
		err = s.Users.SetPassword(r.Context(), who, who.User, password)
		f := fault.As(err)
		if err == nil {
			return s.toAccount(w, r, "password")
		}
		if f == nil || f.Kind != fault.Invalid {
			return err
		}
		p.Password.Errors["password"] = told(r.Context(), f)
	}
	return s.drawAccount(w, r, http.StatusUnprocessableEntity, p)
}

// checkOwnPassword asks for the present password, with the limits of signing in. A namesake's is not good enough.
func (s *Server) checkOwnPassword(r *http.Request, who user.Who, wrong map[string]string) error {
	ctx, x := r.Context(), exchangeOf(r.Context())
	found, err := s.Users.CheckPassword(ctx, x.tenant.ID, who.Login(), r.PostForm.Get("current"), x.ip)
	switch kind := fault.KindOf(err); {
	case err == nil && found.User == who.User:
	case err == nil, kind == fault.Unauthorized:
		wrong["current"] = views.T(ctx, "account.wrongPassword")
	case kind == fault.Limited:
		wrong["current"] = views.T(ctx, "account.limited")
	default:
		return err
	}
	return nil
}
