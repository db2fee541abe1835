package stubmodule

import "encoding/json"

// Interface is one that a module provides or needs.
type Interface struct{ ID, Version string }

// Descriptor describes a module.
type Descriptor struct {
	ID       string
	Tenant   string // version of its tenant interface; "" for none
	Provides []Interface
	Requires []Interface
	Optional []Interface
	Replaces []string
	Handlers []map[string]any // of its tenant interface, instead of the usual ones
	NoSystem bool             // its tenant interface is not of type system (1.0 of old)
}

// JSON is the ModuleDescriptor that Okapi takes.
func (d Descriptor) JSON() []byte {
	provides := list(d.Provides, true)
	if d.Tenant != "" {
		tenant := map[string]any{"id": "_tenant", "version": d.Tenant}
		if !d.NoSystem {
			tenant["interfaceType"] = "system"
			tenant["handlers"] = handlers(d.Tenant)
		}
		if d.Handlers != nil {
			tenant["handlers"] = d.Handlers
		}
		provides = append(provides, tenant)
	}
	about := map[string]any{"id": d.ID, "name": d.ID, "provides": provides, "requires": list(d.Requires, false)}
	if d.Optional != nil {
		about["optional"] = list(d.Optional, false)
	}
	if d.Replaces != nil {
		about["replaces"] = d.Replaces
	}
	raw, err := json.Marshal(about)
	if err != nil {
		panic(err) // maps of texts
	}
	return raw
}

// Handler is a handler of an interface.
func Handler(path string, methods ...string) map[string]any {
	return map[string]any{"methods": methods, "pathPattern": path, "permissionsRequired": []string{}}
}

func handlers(version string) []map[string]any {
	if version == "2.0" {
		return []map[string]any{Handler("/_/tenant", "POST"), Handler("/_/tenant/{id}", "GET", "DELETE")}
	}
	return []map[string]any{Handler("/_/tenant/disable", "POST"), Handler("/_/tenant", "POST", "DELETE")}
}

func list(interfaces []Interface, provided bool) []map[string]any {
	out := []map[string]any{}
	for _, i := range interfaces {
		one := map[string]any{"id": i.ID, "version": i.Version}
		if provided {
			one["handlers"] = []map[string]any{}
		}
		out = append(out, one)
	}
	return out
}
