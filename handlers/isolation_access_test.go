package handlers

// accessProbes are those of who may do what, and of what was done.
func (w *world) accessProbes(o string) map[string][]probe {
	return map[string][]probe{
		"GET /audit":           {get("/audit", listed...), get("/audit?about="+o, listed...), get("/audit?who=ada&what=recordings", listed...)},
		"GET /audit/list":      {get("/audit/list", listed...), get("/audit/list?cursor=100", listed...)},
		"GET /events/{id}/acl": {get("/events/" + o + "/acl?check=ada"), get("/events/" + o + "/acl")},
		"GET /series/{id}/acl": {get("/series/" + o + "/acl?check=ada"), get("/series/" + o + "/acl")},
		"GET /acl/find":        {get("/acl/find?add=ada", listed...), get("/acl/find?add=own", listed...), get("/acl/find?add=", listed...)},
		"GET /pulse":           {{path: "/pulse?seen=old&event=" + o, ok: listed, open: listed}, {path: "/pulse?seen=old&series=" + o, ok: listed, open: listed}, {path: "/pulse?seen=old", ok: listed, open: listed}},
	}
}
