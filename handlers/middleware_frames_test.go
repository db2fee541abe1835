package handlers

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"cutroom/internal/live"
	"cutroom/internal/lti"
	"cutroom/internal/seal"
)

// platformSite is a site with the routes of learning platforms.
func platformSite(t *testing.T) *site {
	t.Helper()
	s := setup(t)
	key, err := seal.New(s.Config.Secret)
	if err != nil {
		t.Fatal(err)
	}
	s.LTI = &lti.Store{DB: s.DB, Bus: live.Discard{}, Users: s.Users, Seal: key, PublicURL: s.Config.PublicURL}
	return s
}

func campus() lti.NewPlatform {
	return lti.NewPlatform{Issuer: "https://campus.example", ClientID: "client", Deployment: "1", AuthURL: "https://sso.campus.example/auth", JWKSURL: "https://campus.example/keys"}
}

func TestOnlyActivePlatformsMayFramePages(t *testing.T) {
	t.Parallel()
	s := platformSite(t)
	ancestors := func() string {
		t.Helper()
		policy := s.call(t, nil, "GET", "/sign-in", "").header.Get("Content-Security-Policy")
		_, after, found := strings.Cut(policy, "frame-ancestors ")
		if !found {
			t.Fatal(policy)
		}
		return strings.Split(after, ";")[0]
	}
	if got := ancestors(); got != "'self'" {
		t.Error(got)
	}
	made, _, err := s.LTI.Add(t.Context(), s.admin, campus())
	if err != nil {
		t.Fatal(err)
	}
	if got := ancestors(); got != "'self' https://campus.example https://sso.campus.example" {
		t.Error(got)
	}
	origins := []string{"https://pages.campus.example"}
	if _, err := s.LTI.Change(t.Context(), s.admin, made.ID, lti.Change{FrameOrigins: &origins}); err != nil {
		t.Fatal(err)
	}
	if got := ancestors(); got != "'self' https://pages.campus.example" {
		t.Error(got)
	}
	if err := s.LTI.Remove(t.Context(), s.admin, made.ID); err != nil {
		t.Fatal(err)
	}
	if got := ancestors(); got != "'self'" {
		t.Error(got)
	}
	if policy := framedPolicy("demo.localhost", []string{"https://a.example; script-src *"}); strings.Contains(policy, "a.example") {
		t.Error(policy)
	}
}

func TestOurKeysAreThereForEverybody(t *testing.T) {
	t.Parallel()
	s := platformSite(t)
	got := s.call(t, nil, "GET", "/lti/jwks.json", "")
	var set jose.JSONWebKeySet
	if err := json.Unmarshal([]byte(got.body), &set); err != nil || got.status != 200 || got.header.Get("Content-Type") != "application/json" {
		t.Fatal(got.status, got.body, err)
	}
	if len(set.Keys) != 1 || !set.Keys[0].IsPublic() || set.Keys[0].KeyID == "" {
		t.Errorf("%s", got.body)
	}
}
