package install

import (
	"net/url"
	"slices"
	"strings"

	"cutroom/internal/module"
)

// route is one request of a module's tenant interface.
type route struct {
	method string
	path   string // for jobs with {id} in it
	body   *tenantCall
	job    bool // looks at a job, or removes it
}

// of is the route of one job.
func (r route) of(job string) route {
	r.path, r.job = strings.ReplaceAll(r.path, "{id}", url.PathEscape(job)), true
	return r
}

// routes are what a call comes to: the one that tells the module, nil when it wants to hear nothing, and for jobs the ones
// that look at them and remove them.
type routes struct{ post, get, remove *route }

// tenantCall is the body of a tenant call.
type tenantCall struct {
	To         string     `json:"module_to,omitempty"`
	From       string     `json:"module_from,omitempty"`
	Purge      *bool      `json:"purge,omitempty"` // 2.0 alone has it
	Parameters []keyValue `json:"parameters,omitempty"`
}

type keyValue struct {
	Key   string `json:"key"`
	Value string `json:"value,omitempty"`
}

// routesOf finds the handlers of a module's tenant interface by Okapi's rules (TenantManager.getTenantInstanceForModule).
func routesOf(call Call) (routes, error) {
	i := slices.IndexFunc(call.Module.Provides, func(p module.Interface) bool { return p.ID == "_tenant" })
	if i < 0 {
		return routes{}, nil
	}
	enable := call.Action == module.Enable
	body := tenantCall{From: call.From}
	if enable {
		body.To = call.Module.ID
	} else {
		body.From = call.Module.ID
	}
	switch provided := call.Module.Provides[i]; provided.Version {
	case "1.0":
		return routesOf10(call, provided, body), nil
	case "1.1":
		return routes{post: routeOf1(call, provided, body)}, nil
	case "1.2":
		body.Parameters = parametersOf(call)
		return routes{post: routeOf1(call, provided, body)}, nil
	case "2.0":
		purge := !enable && call.Purge
		body.Purge, body.Parameters = &purge, parametersOf(call)
		return routesOf2(call, provided, body)
	default:
		return routes{}, failf("Unsupported interface _tenant: %s", provided.Version)
	}
}

// routesOf10 is tenant interface 1.0: disabling says nothing, and who names no handlers is told at /_/tenant.
func routesOf10(call Call, provided module.Interface, body tenantCall) routes {
	if call.Action != module.Enable && !call.Purge {
		return routes{}
	}
	r := routeOf1(call, provided, body)
	if r == nil && call.Action == module.Enable {
		r = &route{method: "POST", path: "/_/tenant", body: &body}
	}
	return routes{post: r}
}

// routeOf1 is tenant interface 1.x: DELETE to purge, POST /_/tenant/disable to disable, the first other POST to enable.
func routeOf1(call Call, provided module.Interface, body tenantCall) *route {
	if provided.Type != "system" {
		return nil
	}
	enable := call.Action == module.Enable
	method := "POST"
	if !enable && call.Purge {
		method = "DELETE"
	}
	for _, h := range provided.Handlers {
		if !takes(h, method) {
			continue
		}
		path := pathOf(h)
		switch {
		case method == "DELETE":
			return &route{method: method, path: path}
		case path == "/_/tenant/disable" && !enable, path != "/_/tenant/disable" && enable:
			return &route{method: method, path: path, body: &body}
		}
	}
	return nil
}

// routesOf2 is tenant interface 2.0: POST, and for modules with jobs GET and DELETE of {id}.
func routesOf2(call Call, provided module.Interface, body tenantCall) (routes, error) {
	if provided.Type != "system" {
		return routes{}, nil
	}
	find := func(method, part string) *route {
		for _, h := range provided.Handlers {
			if takes(h, method) && strings.Contains(pathOf(h), part) {
				return &route{method: method, path: pathOf(h)}
			}
		}
		return nil
	}
	r := routes{post: find("POST", "/")}
	if r.post == nil {
		return routes{}, nil
	}
	r.post.body = &body
	if r.get = find("GET", "{id}"); r.get == nil {
		return r, nil
	}
	if r.remove = find("DELETE", "{id}"); r.remove == nil {
		return routes{}, failf("Missing DELETE method for tenant interface version 2 for module %s", call.Module.ID)
	}
	return r, nil
}

func takes(h module.Handler, method string) bool {
	return slices.Contains(h.Methods, method) || slices.Contains(h.Methods, "*")
}

func pathOf(h module.Handler) string {
	if h.Path != "" {
		return h.Path
	}
	return h.PathPattern
}

func parametersOf(call Call) []keyValue {
	var list []keyValue
	for _, p := range call.Parameters {
		list = append(list, keyValue(p))
	}
	return list
}

// ParseParameters reads tenantParameters, "k=v,k2=v2", as Okapi does: a key without a value is allowed, and what follows
// a second = is dropped.
func ParseParameters(s string) []Parameter {
	var list []Parameter
	for _, pair := range strings.Split(s, ",") {
		parts := strings.Split(pair, "=")
		if pair == "" || parts[0] == "" {
			continue
		}
		p := Parameter{Key: parts[0]}
		if len(parts) > 1 {
			p.Value = parts[1]
		}
		list = append(list, p)
	}
	return list
}
