package handlers

import (
	"net/http"

	"cutroom/internal/fault"
)

// handler answers a request, or returns why not: see answer.
type handler func(w http.ResponseWriter, r *http.Request) error

// access says who gets to a route's handler at all. What they may see there is the noun's to decide.
type access int

const (
	people    access = iota // signed-in people; others are sent to sign in
	guests                  // everybody; what a guest does not find may be there after signing in, so they are sent to sign in then
	open                    // everybody
	operators               // operators, in a tenant or above them; who is not signed in is sent to sign in
	doors                   // everybody, on hosts without tenant too: the handler says who may
)

// aboveTenants says whether a route is there on hosts that name no tenant.
func (a access) aboveTenants() bool { return a == operators || a == doors }

type route struct {
	pattern string
	access  access
	handler handler
}

// table is the one table of routes: pages, their forms and fragments. The API's own table is in api.go.
func (s *Server) table() []route {
	return []route{
		{"GET /{$}", doors, s.startPage},
		{"GET /events", people, s.recordingsPage},
		{"GET /events/list", people, s.recordingRows},
		{"GET /events/{id}", guests, s.eventPage},
		{"GET /events/{id}/edit", guests, s.editorPage},
		{"GET /events/{id}/watch", guests, s.watchPage},
		{"POST /events/{id}/metadata", people, s.saveField},
		{"GET /events/{id}/acl", people, s.checkACL},
		{"POST /events/{id}/acl", people, s.saveACL},
		{"GET /acl/find", people, s.findACL},
		{"POST /events/{id}/publish", people, s.publish},
		{"POST /events/{id}/duplicate", people, s.duplicateEvent},
		{"POST /events/{id}/delete", people, s.deleteEvent},

		{"GET /series", people, s.seriesListPage},
		{"POST /series", people, s.newSeries},
		{"GET /series/{id}", people, s.seriesPage},
		{"POST /series/{id}/metadata", people, s.saveSeriesField},
		{"GET /series/{id}/acl", people, s.checkSeriesACL},
		{"POST /series/{id}/acl", people, s.saveSeriesACL},
		{"POST /series/{id}/delete", people, s.deleteSeries},

		{"GET /runs/{id}", people, s.runPage},
		{"GET /runs/{id}/progress", people, s.runFragment},
		{"POST /runs/{id}/cancel", people, s.cancelRun},
		{"POST /runs/{id}/retry", people, s.retryRun},
		{"GET /jobs", people, s.jobsPage},
		{"GET /jobs/list", people, s.jobsFragment},
		{"POST /jobs/bulk", people, s.jobsBulk},
		{"POST /jobs/pause", people, s.jobsPause},

		{"POST /api/v1/events/{id}/assets", open, s.addAsset},
		{"GET /api/v1/events/{id}/live", open, s.live},
		{"GET /api/docs", doors, s.apiDocsPage},

		{"GET /nodes", doors, s.nodesPage},
		{"POST /nodes/{name}/drain", operators, s.drainNode},
		{"GET /settings", people, s.settingsPage},
		{"POST /settings", people, s.saveSettings},
		{"GET /settings/platforms", people, s.platformsPage},
		{"POST /settings/platforms", people, s.newPlatform},
		{"GET /settings/platforms/new", people, s.newPlatformPage},
		{"GET /settings/platforms/{id}", people, s.platformPage},
		{"POST /settings/platforms/{id}", people, s.savePlatform},
		{"POST /settings/platforms/{id}/approve", people, s.approvePlatform},
		{"GET /settings/platforms/{id}/remove", people, s.removePlatformPage},
		{"POST /settings/platforms/{id}/remove", people, s.removePlatform},
		{"GET /settings/sign-in", people, s.providersPage},
		{"POST /settings/sign-in", people, s.newProvider},
		{"POST /settings/sign-in/_try", people, s.tryProvider},
		{"GET /settings/sign-in/{id}", people, s.providerPage},
		{"POST /settings/sign-in/{id}", people, s.saveProvider},
		{"POST /settings/sign-in/{id}/active", people, s.switchProvider},
		{"POST /settings/sign-in/{id}/remove", people, s.removeProvider},

		{"GET /tenants", operators, s.tenantsPage},
		{"GET /tenants/_list", operators, s.tenantRows},
		{"POST /tenants", operators, s.newTenant},
		{"GET /tenants/{id}", operators, s.tenantPage},
		{"POST /tenants/{id}", operators, s.saveTenant},
		{"GET /tenants/{id}/jobs", operators, s.tenantJobs},
		{"GET /tenants/{id}/modules", operators, s.tenantModules},
		{"POST /tenants/{id}/install", operators, s.installModules},
		{"GET /tenants/{id}/delete", operators, s.deleteTenantPage},
		{"POST /tenants/{id}/delete", operators, s.deleteTenant},
		{"GET /installs/{id}", doors, s.installPage}, // operators, and the tenant's admins
		{"GET /installs/{id}/progress", doors, s.installFragment},
		{"POST /installs/{id}/abort", operators, s.abortInstall},
		{"POST /installs/{id}/retry", operators, s.retryInstall},
		{"GET /upgrades/new", operators, s.newUpgradePage},
		{"POST /upgrades", operators, s.startUpgrade},
		{"GET /upgrades/{id}", operators, s.upgradePage},
		{"GET /upgrades/{id}/progress", operators, s.upgradeFragment},
		{"POST /upgrades/{id}/abort", operators, s.abortUpgrade},
		{"POST /upgrades/{id}/retry", operators, s.retryUpgrade},

		{"GET /sign-in", doors, s.signInPage},
		{"POST /sign-in", doors, s.signIn},
		{"GET /sign-in/link", doors, s.signInLinkPage},
		{"POST /sign-in/link", doors, s.signInByLink},
		{"GET /sign-in/oidc/{id}", open, s.signInThere},
		{"GET /sign-in/oidc/{id}/callback", open, s.signedInThere},
		{"POST /sign-out", doors, s.signOut},
		{"POST /language", doors, s.chooseLanguage},
		{"GET /account", doors, s.accountPage}, // of who is signed in
		{"POST /account/sessions/end", doors, s.endDevices},
		{"POST /account/sessions/{id}/end", doors, s.endDevice},
		{"POST /account/tokens", doors, s.newToken},
		{"POST /account/tokens/{id}/revoke", doors, s.dropToken},
		{"POST /account/password", doors, s.changePassword},
		{"GET /audit", doors, s.auditPage}, // to admins and operators
		{"GET /audit/list", doors, s.auditRows},
		{"GET /pulse", doors, s.pulse}, // to whoever is signed in; others are told so

		{"GET /lti/jwks.json", open, s.ltiKeys},
		{"GET /lti/register", open, s.registerPage}, // to a platform's admin, who has no account here
		{"POST /lti/register", open, s.register},

		{"GET /lti/login", open, s.ltiLogin},
		{"POST /lti/login", open, s.ltiLogin},
		{"POST /lti/launch", open, s.ltiLaunch},
		{"POST /lti", open, s.ltiLaunch11},
		{"GET /lti/window", open, s.ltiWindowPage},
		{"POST /lti/window", open, s.ltiWindow},
		{"GET /editor-ui/index.html", open, s.opencastPath},
		{"GET /play/{id}", open, s.opencastPath},
		{"GET /paella/ui/watch.html", open, s.opencastPath},
		{"GET /paella7/ui/watch.html", open, s.opencastPath},
		{"GET /paella8/ui/watch.html", open, s.opencastPath},
		{"GET /engage/theodul/ui/core.html", open, s.opencastPath},
		{"GET /ltitools/index.html", open, s.opencastPath},

		{"GET /lti/deep-link", people, s.pickerPage}, // whose launch it is, alone
		{"GET /lti/deep-link/list", people, s.pickerList},
		{"GET /lti/deep-link/picked", people, s.pickerTray},
		{"POST /lti/deep-link", people, s.answerPicker},

		{"GET /media/{asset}/{name}", open, s.media},
		{"GET /metrics", doors, s.metricsPage},
	}
}

// mounts are handlers that have tables of their own.
func (s *Server) mounts() (map[string]http.Handler, error) {
	uploads, err := s.uploadsHandler()
	if err != nil {
		return nil, err
	}
	api, err := s.apiHandler()
	if err != nil {
		return nil, err
	}
	return map[string]http.Handler{
		"/api/":           api,
		okapiPaths:        s.okapiHandler(),
		uploadsPath:       s.inTenant(uploads),
		uploadsPath + "/": s.inTenant(uploads),
	}, nil
}

func (s *Server) routes() (http.Handler, error) {
	mux := http.NewServeMux()
	for _, r := range s.table() {
		mux.Handle(r.pattern, s.adapt(r))
	}
	mounts, err := s.mounts()
	if err != nil {
		return nil, err
	}
	for pattern, h := range mounts {
		mux.Handle(pattern, named(pattern, h))
	}
	mux.Handle("/", s.adapt(route{"/", open, func(http.ResponseWriter, *http.Request) error { return fault.Gone() }}))
	return s.withOnce(mux), nil
}

// adapt makes a handler of a route: refuses whom the route is not for, and answers the error.
func (s *Server) adapt(rt route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := exchangeOf(r.Context())
		x.pattern = rt.pattern
		if err := s.refused(r, rt.access); err != nil {
			s.answer(w, r, err)
			return
		}
		err := rt.handler(w, r)
		if err == nil {
			return
		}
		if rt.access == guests && !x.who.SignedIn() && hidden(err) {
			err = needSignIn().WithCause(err)
		}
		s.answer(w, r, err)
	})
}

// refused says why somebody does not get to a route at all.
func (s *Server) refused(r *http.Request, a access) error {
	x := exchangeOf(r.Context())
	switch {
	case x.above() && !a.aboveTenants():
		return s.nowhere(r)
	case (a == people || a == operators) && !x.who.SignedIn():
		return needSignIn()
	case a == operators && !x.who.Operator():
		return fault.Denied()
	}
	return nil
}

func needSignIn() *fault.Error {
	return fault.New(fault.Unauthorized, "error.sign-in", "Sign in first, or send a token that is known.")
}

func hidden(err error) bool {
	kind := fault.KindOf(err)
	return kind == fault.NotFound || kind == fault.Forbidden
}

// named tells the metrics which mount answered, unless the mount knows better.
func named(pattern string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		exchangeOf(r.Context()).pattern = pattern
		h.ServeHTTP(w, r)
	})
}
