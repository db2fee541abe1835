package handlers

// accessProbes are those of who may do what, and of what was done.
func (w *world) accessProbes(o string) map[string][]probe {
	return map[string][]probe{
		"GET /pulse": {{path: "/pulse?seen=old&event=" + o, ok: listed, open: listed}, {path: "/pulse?seen=old&series=" + o, ok: listed, open: listed}, {path: "/pulse?seen=old", ok: listed, open: listed}},
	}
}
