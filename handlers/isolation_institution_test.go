package handlers

import "net/http"

// institutionProbes are of the sign-in services of the house next door: nobody signs in there, sees or changes them.
func (w *world) institutionProbes(o string) map[string][]probe {
	seeOther, away := http.StatusSeeOther, []int{http.StatusNotFound, http.StatusBadRequest}
	values := func() probe {
		return form("id", "new-"+o, "name", "x", "issuer", "https://campus.example", "client", "another", "groups", "staff = admin")
	}
	open := func(p probe) probe {
		p.ok, p.open = append(away, http.StatusForbidden), append(away, http.StatusForbidden)
		return p
	}
	there := "/settings/sign-in/" + o
	return map[string][]probe{
		"GET /sign-in/oidc/{id}":             {at("mine", open(get("/sign-in/oidc/"+o+"?next=/events/"+o)))},
		"GET /sign-in/oidc/{id}/callback":    {at("mine", open(get("/sign-in/oidc/"+o+"/callback?code=code&state="+o))), at("mine", open(get("/sign-in/oidc/"+o+"/callback?error=x&state="+o)))},
		"GET /settings/sign-in":              {get("/settings/sign-in", listed...)},
		"POST /settings/sign-in":             {values().to("/settings/sign-in", seeOther, http.StatusUnprocessableEntity, http.StatusServiceUnavailable)},
		"POST /settings/sign-in/_try":        {form("kept", o, "client", "client").to("/settings/sign-in/_try"), values().to("/settings/sign-in/_try", listed...)},
		"GET /settings/sign-in/{id}":         {get(there)},
		"POST /settings/sign-in/{id}":        {values().to(there)},
		"POST /settings/sign-in/{id}/active": {form("active", "no").to(there + "/active")},
		"POST /settings/sign-in/{id}/remove": {form("confirm", "yes").to(there + "/remove")},
	}
}
