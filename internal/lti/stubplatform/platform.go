package stubplatform

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
)

// Platform is a learning platform with one tool. Its fields may be changed before it is used.
type Platform struct {
	URL        string // origin of its pages, and its issuer
	ClientID   string
	Deployment string
	Tool       Tool
	Client     *http.Client // asks the tool; nil: the default one

	ConsumerKey, Secret string // of LTI 1.1

	server *httptest.Server

	mu         sync.Mutex
	keys       []*Key
	jwks       http.HandlerFunc // instead of the keys
	asked      int              // times that the keys were asked for
	clicks     map[string]Click
	members    map[string][]Member
	perPage    int // members
	tokens     map[string]string
	used       map[string]bool // jti of tools' assertions
	choices    []Choice
	registered []Registration
}

// Tool are the addresses of the tool.
type Tool struct{ Login, Launch, JWKS, Register, Launch11 string }

// ToolAt are the addresses of a tool at an origin.
func ToolAt(origin string) Tool {
	return Tool{origin + "/lti/login", origin + "/lti/launch", origin + "/lti/jwks.json", origin + "/lti/register", origin + "/lti"}
}

// At makes a platform whose Handler somebody else serves at an origin.
func At(origin string) *Platform {
	return &Platform{URL: strings.TrimSuffix(origin, "/"), ClientID: "client-1", Deployment: "deployment-1", ConsumerKey: "consumer-1", Secret: "a secret that both know",
		keys: []*Key{RSAKey("key-1")}, clicks: map[string]Click{}, members: map[string][]Member{}, tokens: map[string]string{}, used: map[string]bool{}, perPage: 50}
}

// New starts a platform on loopback.
func New() *Platform {
	p := At("")
	p.server = httptest.NewServer(p.Handler())
	p.URL = p.server.URL
	return p
}

// Close stops what New started.
func (p *Platform) Close() {
	if p.server != nil {
		p.server.Close()
	}
}

// AuthURL is where logins go.
func (p *Platform) AuthURL() string { return p.URL + "/auth" }

// TokenURL is where tools get access tokens.
func (p *Platform) TokenURL() string { return p.URL + "/token" }

// JWKSURL has the platform's keys.
func (p *Platform) JWKSURL() string { return p.URL + "/jwks" }

// ReturnURL takes choices of deep links.
func (p *Platform) ReturnURL() string { return p.URL + "/choice" }

// MembersURL tells who is in a course.
func (p *Platform) MembersURL(context string) string { return p.URL + "/members/" + context }

// ConfigurationURL describes the platform for dynamic registration.
func (p *Platform) ConfigurationURL() string { return p.URL + "/.well-known/openid-configuration" }

// Handler serves all of the platform.
func (p *Platform) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /course", p.course)
	mux.HandleFunc("GET /storage", p.storage)
	mux.HandleFunc("GET /auth", p.auth)
	mux.HandleFunc("POST /auth", p.auth)
	mux.HandleFunc("GET /jwks", p.serveKeys)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("GET /members/{context}", p.serveMembers)
	mux.HandleFunc("POST /choice", p.choice)
	mux.HandleFunc("GET /.well-known/openid-configuration", p.configuration)
	mux.HandleFunc("POST /register", p.register)
	return mux
}

func (p *Platform) client() *http.Client {
	if p.Client != nil {
		return p.Client
	}
	return http.DefaultClient
}
