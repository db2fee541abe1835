package handlers

import "net/http"

// accountProbes are of one's own account: nobody has another's, whatever ids they know.
func (w *world) accountProbes(them *house) map[string][]probe {
	done := []int{http.StatusSeeOther}
	return map[string][]probe{
		"GET /account":                     {get("/account", listed...), get("/account?done=session", listed...)},
		"POST /account/sessions/end":       {form("where", "elsewhere").to("/account/sessions/end", done...)},
		"POST /account/sessions/{id}/end":  {form("x", "").to("/account/sessions/"+them.session+"/end", done...), form("x", "").to("/account/sessions/x/end", done...)},
		"POST /account/tokens":             {form("scope", "read", "days", "30").to("/account/tokens", listed...)},
		"POST /account/tokens/{id}/revoke": {form("x", "").to("/account/tokens/"+them.tokenID+"/revoke", done...)},
		"POST /account/password":           {form("current", "not "+password, "password", "another horse", "again", "another horse").to("/account/password", http.StatusUnprocessableEntity)},
	}
}
