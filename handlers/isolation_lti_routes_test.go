package handlers

import (
	"net/http"
	"slices"

	"cutroom/internal/lti/stubplatform"
)

// atTheDoor is what somebody may be told who comes from elsewhere with what is not good here.
var atTheDoor = []int{http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict, http.StatusUnprocessableEntity, http.StatusTooManyRequests}

// strange makes a probe of a door that is open to everybody: all may be refused by words, and some get what is their own.
func strange(p probe, more ...int) probe {
	p.ok, p.once = slices.Concat(atTheDoor, more), true
	p.open = p.ok
	return p
}

// ltiProbes are those of the ways that learning platforms send people. The platform of both houses is the same; what a login, a
// ticket or a signature of one house is good for, it is good for there alone.
func (w *world) ltiProbes(o string, me, them *house) map[string][]probe {
	began := form("iss", "https://campus.example", "client_id", "client", "lti_deployment_id", "1", "login_hint", "x", "target_link_uri", "http://"+me.host+"/events/shared/edit")
	launched := func(h *house) probe { return form("state", loginState(h.mark), "id_token", "x.y.z") }
	signed := func(secretOf, to *house) probe {
		p := stubplatform.At("https://campus.example")
		p.ConsumerKey, p.Secret = "key", "secret "+secretOf.mark
		return probe{body: p.Launch11("http://"+to.host+"/lti", nil).Encode(), header: form().header}
	}
	m := map[string][]probe{
		"GET /lti/login":   {at("mine", strange(get("/lti/login?"+began.body), http.StatusFound)), at("theirs", strange(get("/lti/login?"+began.body)))}, // the target is not theirs
		"POST /lti/login":  {at("mine", strange(began.to("/lti/login"), http.StatusFound)), at("theirs", strange(began.to("/lti/login")))},
		"POST /lti/launch": {at("mine", strange(launched(them).to("/lti/launch"))), at("theirs", strange(launched(me).to("/lti/launch"))), at("theirs", strange(launched(them).to("/lti/launch")))},
		"POST /lti":        {at("theirs", strange(signed(me, them).to("/lti"))), at("mine", strange(signed(me, me).to("/lti"), http.StatusSeeOther)), at("mine", strange(signed(them, me).to("/lti")))},
		"GET /lti/window":  {at("mine", strange(get("/lti/window?ticket="+loginState("ticket "+them.mark)), listed...)), at("theirs", strange(get("/lti/window?ticket="+loginState("ticket "+me.mark)), listed...))},
		"POST /lti/window": {at("mine", strange(form("ticket", loginState("ticket "+them.mark)).to("/lti/window"))), at("theirs", strange(form("ticket", loginState("ticket "+me.mark)).to("/lti/window")))},

		"GET /lti/deep-link":        {get("/lti/deep-link?launch=launch-" + o)},
		"GET /lti/deep-link/list":   {get("/lti/deep-link/list?launch=launch-" + o), get("/lti/deep-link/list?whole=1&q=lecture&launch=launch-" + o)},
		"GET /lti/deep-link/picked": {get("/lti/deep-link/picked?launch=launch-" + o + "&event=" + o), get("/lti/deep-link/picked?launch=launch-shared&event="+o, listed...)},
		"POST /lti/deep-link":       {form("launch", "launch-"+o, "event", o).to("/lti/deep-link"), form("launch", "launch-shared", "event", o).to("/lti/deep-link", http.StatusOK, http.StatusUnprocessableEntity, http.StatusConflict)},
		"GET /lti/jwks.json":        {{path: "/lti/jwks.json", ok: listed, open: listed}},
	}
	for path, query := range map[string]string{
		"/editor-ui/index.html": "?id=", "/paella/ui/watch.html": "?id=", "/paella7/ui/watch.html": "?id=", "/paella8/ui/watch.html": "?id=", "/engage/theodul/ui/core.html": "?id=", "/ltitools/index.html": "?subtool=player&id=",
	} {
		m["GET "+path] = []probe{strange(get(path+query+o), http.StatusSeeOther, http.StatusFound)}
	}
	m["GET /play/{id}"] = []probe{strange(get("/play/"+o), http.StatusSeeOther, http.StatusFound)}
	return m
}
