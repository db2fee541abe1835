package stubplatform

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// RegistrationToken is what the platform's page gives a tool that may register.
const RegistrationToken = "registration-token"

// Registration is what a tool registered.
type Registration map[string]any

// Registrations are all so far.
func (p *Platform) Registrations() []Registration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Registration{}, p.registered...)
}

// RegisterURL is what the platform opens when an administrator pastes the tool's registration address.
func (p *Platform) RegisterURL() string {
	return p.Tool.Register + "?" + url.Values{"openid_configuration": {p.ConfigurationURL()}, "registration_token": {RegistrationToken}}.Encode()
}

// configuration describes the platform (LTI Dynamic Registration 1.0, 3.4).
func (p *Platform) configuration(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer": p.URL, "authorization_endpoint": p.AuthURL(), "token_endpoint": p.TokenURL(), "jwks_uri": p.JWKSURL(), "registration_endpoint": p.URL + "/register",
		"token_endpoint_auth_methods_supported": []string{"private_key_jwt"}, "token_endpoint_auth_signing_alg_values_supported": []string{"RS256"},
		"scopes_supported": []string{"openid", ScopeMembers}, "response_types_supported": []string{"id_token"}, "subject_types_supported": []string{"public", "pairwise"},
		"id_token_signing_alg_values_supported": []string{"RS256"}, "claims_supported": []string{"sub", "iss", "name", "given_name", "family_name", "email"},
		"https://purl.imsglobal.org/spec/lti-platform-configuration": map[string]any{"product_family_code": "stub", "version": "1",
			"messages_supported": []map[string]any{{"type": ResourceLink}, {"type": DeepLinking}}, "variables": []string{"CourseSection.title"}},
	})
}

// register takes a tool's registration and gives it a client id and a deployment.
func (p *Platform) register(w http.ResponseWriter, r *http.Request) {
	var tool Registration
	if strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ") != RegistrationToken {
		answer(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token"})
		return
	}
	if err := json.NewDecoder(r.Body).Decode(&tool); err != nil || tool["initiate_login_uri"] != p.Tool.Login || tool["jwks_uri"] != p.Tool.JWKS {
		answer(w, http.StatusBadRequest, map[string]any{"error": "invalid_client_metadata"})
		return
	}
	p.mu.Lock()
	p.registered = append(p.registered, tool)
	p.mu.Unlock()
	tool["client_id"] = p.ClientID
	if own, ok := tool["https://purl.imsglobal.org/spec/lti-tool-configuration"].(map[string]any); ok {
		own["deployment_id"] = p.Deployment
	}
	answer(w, http.StatusCreated, tool)
}
