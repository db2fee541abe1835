package stubplatform

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"
)

// ScopeMembers allows to ask who is in a course.
const ScopeMembers = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"

// Member is somebody in a course.
type Member struct {
	Subject string   `json:"user_id"`
	Name    string   `json:"name,omitempty"`
	Roles   []string `json:"roles"`
	Status  string   `json:"status,omitempty"` // Active, Inactive, Deleted
}

// Enrol says who is in a course; pages of the list have perPage people, 0: 50.
func (p *Platform) Enrol(context string, perPage int, members ...Member) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.members[context] = members
	if perPage > 0 {
		p.perPage = perPage
	}
}

// token gives an access token to a tool that signs with its own key (OAuth 2.0 client credentials with RFC 7523).
func (p *Platform) token(w http.ResponseWriter, r *http.Request) {
	refuse := func(err error) {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_client", "error_description": err.Error()})
	}
	if r.PostFormValue("grant_type") != "client_credentials" || r.PostFormValue("client_assertion_type") != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
		refuse(errors.New("grant_type or client_assertion_type"))
		return
	}
	var claims jwt.Claims
	if err := p.readTool(r.PostFormValue("client_assertion"), &claims); err != nil {
		refuse(err)
		return
	}
	err := claims.Validate(jwt.Expected{Issuer: p.ClientID, Subject: p.ClientID, AnyAudience: jwt.Audience{p.TokenURL()}, Time: time.Now()})
	if err == nil && claims.Expiry == nil {
		err = errors.New("no exp")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil && (claims.ID == "" || p.used[claims.ID]) {
		err = errors.New("jti is missing or was used")
	}
	if err != nil {
		refuse(err)
		return
	}
	p.used[claims.ID] = true
	token := rand.Text()
	p.tokens[token] = r.PostFormValue("scope")
	answer(w, http.StatusOK, map[string]any{"access_token": token, "token_type": "Bearer", "expires_in": 3600, "scope": r.PostFormValue("scope")})
}

// readTool verifies what a tool signed with the keys that it publishes.
func (p *Platform) readTool(text string, into ...any) error {
	token, err := jwt.ParseSigned(text, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return err
	}
	res, err := p.client().Get(p.Tool.JWKS)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var set jose.JSONWebKeySet
	if err := json.NewDecoder(res.Body).Decode(&set); err != nil {
		return fmt.Errorf("the tool's keys (%s): %w", res.Status, err)
	}
	keys := set.Key(token.Headers[0].KeyID)
	if len(keys) != 1 {
		return fmt.Errorf("the tool's keys have %d of kid %q", len(keys), token.Headers[0].KeyID)
	}
	return token.Claims(keys[0], into...)
}

// serveMembers tells who is in a course, page by page (Names and Roles 2.0).
func (p *Platform) serveMembers(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	scope := p.tokens[strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")]
	if !slices.Contains(strings.Fields(scope), ScopeMembers) {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
		return
	}
	context := r.PathValue("context")
	all, there := p.members[context]
	if !there {
		http.NotFound(w, r)
		return
	}
	from, _ := strconv.Atoi(r.FormValue("from"))
	from = min(max(from, 0), len(all))
	until := min(from+p.perPage, len(all))
	if until < len(all) {
		w.Header().Set("Link", fmt.Sprintf(`<%s?from=%d>; rel="next"`, p.MembersURL(context), until))
	}
	w.Header().Set("Content-Type", "application/vnd.ims.lti-nrps.v2.membershipcontainer+json")
	_, _ = w.Write(encoded(map[string]any{"id": p.MembersURL(context), "context": map[string]any{"id": context}, "members": append([]Member{}, all[from:until]...)}))
}
