package lti

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"cutroom/internal/dbtest"
	"cutroom/internal/fault"
)

// lms is a platform that tools register at.
type lms struct {
	*httptest.Server
	mu       sync.Mutex
	config   map[string]any
	answer   func(w http.ResponseWriter)
	sent     []map[string]any
	bearers  []string
	redirect string
}

func newLMS(t *testing.T) *lms {
	t.Helper()
	l := &lms{}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /config", func(w http.ResponseWriter, r *http.Request) {
		if l.redirect != "" {
			http.Redirect(w, r, l.redirect, http.StatusFound)
			return
		}
		_ = json.NewEncoder(w).Encode(l.config)
	})
	mux.HandleFunc("GET /huge", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, strings.Repeat(" ", 257<<10)+"{}")
	})
	mux.HandleFunc("POST /register", func(w http.ResponseWriter, r *http.Request) {
		var sent map[string]any
		err := json.NewDecoder(r.Body).Decode(&sent)
		l.mu.Lock()
		defer l.mu.Unlock()
		if err != nil || r.Header.Get("Content-Type") != "application/json" {
			w.WriteHeader(http.StatusUnsupportedMediaType)
			return
		}
		l.sent, l.bearers = append(l.sent, sent), append(l.bearers, r.Header.Get("Authorization"))
		l.answer(w)
	})
	l.Server = httptest.NewServer(mux)
	t.Cleanup(l.Close)
	l.config = map[string]any{"issuer": l.URL, "authorization_endpoint": l.URL + "/auth", "token_endpoint": l.URL + "/token", "jwks_uri": l.URL + "/keys", "registration_endpoint": l.URL + "/register",
		"token_endpoint_auth_methods_supported": []string{"private_key_jwt"}, "id_token_signing_alg_values_supported": []string{"RS256"}, "response_types_supported": []string{"id_token"},
		platformConfiguration: map[string]any{"product_family_code": "stub", "version": "1", "messages_supported": []any{map[string]any{"type": ResourceLink}, map[string]any{"type": DeepLinking}}}}
	l.answer = answering(201, `{"client_id": "given", "`+toolConfiguration+`": {"deployment_id": "7"}}`)
	return l
}

func answering(status int, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { w.WriteHeader(status); _, _ = io.WriteString(w, body) }
}

func (l *lms) posts() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.sent)
}

const registerOrigin = "http://demo.localhost:8080"

func setupRegister(t *testing.T) (bundle, *lms) {
	b := setupPlatforms(t)
	b.PublicURL = &url.URL{Scheme: "http", Host: "localhost:8080"}
	return b, newLMS(t)
}

func (b bundle) start(t *testing.T, address, token string) (Registration, error) {
	t.Helper()
	return b.StartRegistration(t.Context(), dbtest.Tenant, Tool{Origin: registerOrigin, Name: "Cutroom (Demo)", Logo: registerOrigin + "/logo.svg"}, address, token)
}

func TestAPlatformRegistersItselfAndWaits(t *testing.T) {
	t.Parallel()
	b, l := setupRegister(t)
	shown, err := b.start(t, l.URL+"/config", "the-token")
	if err != nil {
		t.Fatal(err)
	}
	if shown.Issuer != l.URL || shown.Product != "stub" || shown.Endpoint != l.URL+"/register" || len(shown.Frames) != 1 || shown.Frames[0] != l.URL || l.posts() != 0 {
		t.Errorf("%+v", shown)
	}
	if strings.Contains(shown.Ticket, "the-token") || strings.Contains(shown.Sent, "the-token") {
		t.Error("the registration token is on the page")
	}
	made, err := b.Register(t.Context(), dbtest.Tenant, registerOrigin, shown.Ticket)
	if err != nil {
		t.Fatal(err)
	}
	if made.Status != Waiting || made.ClientID != "given" || made.Deployment != "7" || made.Issuer != l.URL || made.AuthURL != l.URL+"/auth" || made.TokenURL != l.URL+"/token" ||
		made.JWKSURL != l.URL+"/keys" || made.CreatedBy != "anonymous" || made.RolePrefix != "" {
		t.Errorf("%+v", made)
	}
	if l.posts() != 1 || l.bearers[0] != "Bearer the-token" {
		t.Fatalf("%d posts, %v", l.posts(), l.bearers)
	}
	tool, _ := l.sent[0][toolConfiguration].(map[string]any)
	for at, want := range map[string]any{
		"application_type": "web", "response_types": "[id_token]", "grant_types": "[implicit client_credentials]", "initiate_login_uri": registerOrigin + "/lti/login",
		"redirect_uris": "[" + registerOrigin + "/lti/launch]", "client_name": "Cutroom (Demo)", "jwks_uri": registerOrigin + "/lti/jwks.json", "logo_uri": registerOrigin + "/logo.svg",
		"token_endpoint_auth_method": "private_key_jwt", "scope": scopeMembers,
	} {
		if fmt.Sprint(l.sent[0][at]) != want {
			t.Errorf("%s: %v", at, l.sent[0][at])
		}
	}
	if tool["domain"] != "demo.localhost:8080" || tool["target_link_uri"] != registerOrigin+"/" || fmt.Sprint(tool["claims"]) != "[iss sub name given_name family_name]" {
		t.Errorf("%v", tool)
	}
	if messages := fmt.Sprint(tool["messages"]); !strings.Contains(messages, "target_link_uri:"+registerOrigin+"/lti/deep-link type:LtiDeepLinkingRequest") || !strings.Contains(messages, "type:LtiResourceLinkRequest") {
		t.Error(messages)
	}
	if entries := b.auditOf(t, "lti.register"); len(entries) != 1 || entries[0].Actor != "anonymous" || strings.Contains(string(entries[0].Detail), "the-token") {
		t.Errorf("%+v", entries)
	}
	if _, err := b.Register(t.Context(), dbtest.Tenant, registerOrigin, shown.Ticket); fault.As(err) == nil || fault.As(err).ID != "error.lti-register-twice" || l.posts() != 1 {
		t.Error("a ticket works twice:", err)
	}
	if p, err := b.Approve(t.Context(), b.admin, made.ID, ""); err != nil || p.Status != Active || p.Deployment != "7" {
		t.Errorf("%+v %v", p, err)
	}
}

func TestATicketIsForItsPlaceAndTime(t *testing.T) {
	t.Parallel()
	b, l := setupRegister(t)
	shown, err := b.start(t, l.URL+"/config", "")
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	for what, try := range map[string]func() error{
		"another origin": func() error {
			_, err := b.Register(t.Context(), dbtest.Tenant, "http://west.localhost:8080", shown.Ticket)
			return err
		},
		"another tenant": func() error { _, err := b.Register(t.Context(), "west", registerOrigin, shown.Ticket); return err },
		"bent": func() error {
			_, err := b.Register(t.Context(), dbtest.Tenant, registerOrigin, shown.Ticket+"AA")
			return err
		},
		"none": func() error { _, err := b.Register(t.Context(), dbtest.Tenant, registerOrigin, ""); return err },
		"too late": func() error {
			b.clock = func() time.Time { return begin.Add(11 * time.Minute) }
			defer func() { b.clock = nil }()
			_, err := b.Register(t.Context(), dbtest.Tenant, registerOrigin, shown.Ticket)
			return err
		},
	} {
		if err := try(); fault.As(err) == nil || fault.As(err).ID != "error.lti-register-expired" {
			t.Errorf("%s: %v", what, err)
		}
	}
	if l.posts() != 0 {
		t.Error("something was sent")
	}
}

func TestConfigurationsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	b, l := setupRegister(t)
	whole := l.config
	for what, c := range map[string]struct {
		key   string
		value any
	}{
		"no issuer": {"issuer", nil}, "no login": {"authorization_endpoint", nil}, "no keys": {"jwks_uri", nil}, "no endpoint": {"registration_endpoint", nil},
		"login by http": {"authorization_endpoint", "http://lms.example/auth"}, "issuer of another": {"issuer", "https://other.example"}, "a number": {"issuer", 5},
		"other signatures": {"id_token_signing_alg_values_supported", []string{"HS256", "none"}}, "other secrets": {"token_endpoint_auth_methods_supported", []string{"client_secret_basic"}},
		"other answers": {"response_types_supported", []string{"code"}}, "other messages": {platformConfiguration, map[string]any{"messages_supported": []any{map[string]any{"type": DeepLinking}}}},
	} {
		l.config = map[string]any{}
		for k, v := range whole {
			l.config[k] = v
		}
		l.config[c.key] = c.value
		if _, err := b.start(t, l.URL+"/config", ""); fault.As(err) == nil || fault.As(err).ID != "error.lti-config" {
			t.Errorf("%s: %v", what, err)
		}
	}
	l.config = whole
	for address, id := range map[string]string{
		"": "error.lti-register-start", "nonsense": "error.lti-register-address", "http://lms.example/config": "error.lti-register-address", "file:///etc/passwd": "error.lti-register-address",
		l.URL + "/nothing": "error.lti-config", l.URL + "/huge": "error.lti-register-unreached", "http://127.0.0.1:1/config": "error.lti-register-unreached",
	} {
		if _, err := b.start(t, address, ""); fault.As(err) == nil || fault.As(err).ID != id {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := b.start(t, l.URL+"/config", "two\r\nlines"); fault.As(err) == nil || fault.As(err).ID != "error.lti-register-address" {
		t.Error(err)
	}
	l.redirect = "http://localhost:1/config"
	if _, err := b.start(t, l.URL+"/config", ""); fault.As(err) == nil || fault.As(err).ID != "error.lti-register-unreached" {
		t.Errorf("a redirect to another origin: %v", err)
	}
}

func TestAnswersThatRegisterNothing(t *testing.T) {
	t.Parallel()
	b, l := setupRegister(t)
	for body, c := range map[string]struct {
		status int
		id     string
	}{
		`{"error": "invalid_client_metadata", "error_description": "no <b>tools</b> today"}`: {400, "error.lti-register-refused"},
		`Not here`:                  {404, "error.lti-register-refused"},
		`moved`:                     {302, "error.lti-register-refused"},
		`<html>`:                    {200, "error.lti-register-answer"},
		`{}`:                        {201, "error.lti-register-answer"},
		`{"client_id": ""}`:         {201, "error.lti-register-answer"},
		`{"client_id": "a\u0000b"}`: {201, "error.lti-register-answer"},
		`{"client_id": ["a"]}`:      {201, "error.lti-register-answer"},
		`{"client_id": "` + strings.Repeat("x", 256) + `"}`: {201, "error.lti-register-answer"},
	} {
		shown, err := b.start(t, l.URL+"/config", "")
		if err != nil {
			t.Fatal(err)
		}
		l.answer = answering(c.status, body)
		if _, err := b.Register(t.Context(), dbtest.Tenant, registerOrigin, shown.Ticket); fault.As(err) == nil || fault.As(err).ID != c.id {
			t.Errorf("%s: %v", body, err)
		}
	}
	if all, err := b.List(t.Context(), b.admin); err != nil || len(all) != 0 {
		t.Errorf("%v %v", all, err)
	}
}

func TestFiftyRegistrationsWaitAtMost(t *testing.T) {
	t.Parallel()
	b, l := setupRegister(t)
	n := 0
	l.answer = func(w http.ResponseWriter) { n++; _, _ = fmt.Fprintf(w, `{"client_id": "client-%d"}`, n) }
	for range mostWaiting {
		shown, err := b.start(t, l.URL+"/config", "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.Register(t.Context(), dbtest.Tenant, registerOrigin, shown.Ticket); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.start(t, l.URL+"/config", ""); fault.As(err) == nil || fault.As(err).ID != "error.lti-register-full" {
		t.Error(err)
	}
}

// Where the installation is not on loopback, nobody from outside makes it look inside, whatever names they find for it.
func TestNobodyReachesInside(t *testing.T) {
	t.Parallel()
	b, l := setupRegister(t)
	b.PublicURL = &url.URL{Scheme: "https", Host: "192.0.2.1"}
	for _, address := range []string{l.URL + "/config", strings.Replace(l.URL, "127.0.0.1", "localhost", 1) + "/config", "https://10.0.0.1/config", "https://169.254.169.254/latest", "https://192.168.1.1/"} {
		_, err := b.start(t, address, "")
		if f := fault.As(err); f == nil || f.ID != "error.lti-register-inside" || !errors.Is(err, errInside) {
			t.Errorf("%s: %v", address, err)
		}
	}
	for text, public := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "10.1.2.3": false, "127.0.0.1": false, "::1": false, "169.254.169.254": false, "fe80::1": false, "fd00::1": false, "0.0.0.0": false, "::": false,
		"100.64.0.1": false, "::ffff:10.0.0.1": false, "64:ff9b::a00:1": false, "2002:a00:1::": false, "224.0.0.1": false, "255.255.255.255": false, "172.16.5.5": false, "172.32.5.5": true,
	} {
		if Public(netip.MustParseAddr(text)) != public {
			t.Errorf("%s is public: %v", text, !public)
		}
	}
}

func TestWhoMaySpeakForAnIssuer(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		address, issuer string
		want            bool
	}{
		{"https://lms.example/.well-known/openid-configuration", "https://lms.example", true}, {"https://LMS.example/x", "https://lms.example/y", true},
		{"https://sso.lms.example/x", "https://lms.example", true}, {"https://lms.example", "https://uni.lms.example", true}, {"https://evil.example", "https://lms.example", false},
		{"https://xlms.example", "https://lms.example", false}, {"https://lms.example.evil", "https://lms.example", false}, {"https://a.example", "https://example", false},
	} {
		if sameHouse(c.address, c.issuer) != c.want {
			t.Errorf("%s for %s: %v", c.address, c.issuer, !c.want)
		}
	}
}

func FuzzConfiguration(f *testing.F) {
	f.Add([]byte(`{"issuer": "https://a.example", "authorization_endpoint": "https://a.example/a", "jwks_uri": "https://a.example/k", "registration_endpoint": "https://a.example/r"}`))
	f.Add([]byte(`{"issuer": "https://a.example", "` + platformConfiguration + `": {"messages_supported": [{"type": "x"}]}}`))
	f.Add([]byte(`[`))
	f.Add([]byte("{\"issuer\": \"https://a.example\xff\"}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := parseConfig("https://a.example/config", body)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Error(err)
			}
			return
		}
		for _, address := range []string{c.Issuer, c.AuthURL, c.JWKSURL, c.Endpoint} {
			if u, err := url.Parse(address); err != nil || u.Host == "" || u.Scheme != "https" && !Loopback(u.Hostname()) {
				t.Errorf("%q is taken", address)
			}
		}
		if sent, err := (Tool{Origin: "https://tool.example"}).request(c); err != nil || !json.Valid(sent) {
			t.Errorf("%s %v", sent, err)
		}
	})
}

func FuzzRegistrationAnswer(f *testing.F) {
	f.Add(201, []byte(`{"client_id": "a", "`+toolConfiguration+`": {"deployment_id": "7"}}`))
	f.Add(400, []byte(`{"error": "x", "error_description": "y"}`))
	f.Add(200, []byte(`null`))
	f.Fuzz(func(t *testing.T, status int, body []byte) {
		client, deployment, err := parseAnswer(status, body)
		if err != nil {
			if f := fault.As(err); f == nil || strings.ContainsAny(f.Text, "\x00\n\r") {
				t.Errorf("%q", err)
			}
			return
		}
		var wrong wrongs
		wrong.text("", client, mostID)
		if deployment != "" {
			wrong.text("", deployment, mostID)
		}
		if len(wrong) > 0 {
			t.Errorf("%q %q", client, deployment)
		}
	})
}
