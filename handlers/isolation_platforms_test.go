package handlers

import "net/http"

// platformsProbes are of the learning platforms of the house next door: nobody sees, changes, approves or removes them, and a page that
// registers one there does not do so here.
func (w *world) platformsProbes(o string) map[string][]probe {
	own := "/settings/platforms/" + o
	once := func(p probe) probe { p.once = true; return p }
	register := strange(get("/lti/register?openid_configuration=https://campus.example/config&registration_token="+o), http.StatusServiceUnavailable)
	return map[string][]probe{
		"GET /settings/platforms":               {get("/settings/platforms", listed...), get("/settings/platforms?done=added&name=x", listed...)},
		"GET /settings/platforms/new":           {get("/settings/platforms/new", listed...)},
		"POST /settings/platforms":              {once(form("version", "1.3", "issuer", "https://campus.example", "clientId", "new-"+o, "deployment", "1", "authUrl", "https://campus.example/auth", "jwksUrl", "https://campus.example/keys", "rolePrefix", "new-").to("/settings/platforms", http.StatusSeeOther, http.StatusConflict))},
		"GET /settings/platforms/{id}":          {get(own), get("/settings/platforms/old-" + o)},
		"POST /settings/platforms/{id}":         {once(form("name", "x").to(own))},
		"POST /settings/platforms/{id}/approve": {once(form("x", "").to(own + "/approve"))},
		"GET /settings/platforms/{id}/remove":   {get(own + "/remove")},
		"POST /settings/platforms/{id}/remove":  {once(form("x", "").to(own + "/remove"))},
		"GET /lti/register":                     {register},
		"POST /lti/register":                    {strange(form("ticket", o).to("/lti/register"))},
	}
}
