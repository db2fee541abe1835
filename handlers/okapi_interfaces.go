package handlers

import (
	"encoding/json"
	"net/http"
	"slices"

	"cutroom/internal/module"
)

// okapiInterfaces lists the interfaces that a tenant's modules provide: ids and versions, or all of each with full=true.
func (s *Server) okapiInterfaces(c *okapiCall) error {
	p := c.params()
	full, kind := p.boolean("full", false), p.values.Get("type")
	if p.err != nil {
		return p.err
	}
	_, enabled, err := s.okapiEnabled(c)
	if err != nil {
		return err
	}
	list, listed := []any{}, map[[2]string]bool{}
	for _, d := range enabled {
		whole := wholeInterfaces(d)
		for i, provided := range d.Provides {
			short := [2]string{provided.ID, provided.Version}
			switch {
			case !isOfType(provided, kind):
			case full && i < len(whole):
				list = append(list, whole[i])
			case !full && !listed[short]:
				listed[short] = true
				list = append(list, module.Reference{ID: provided.ID, Version: provided.Version})
			}
		}
	}
	return c.json(http.StatusOK, list)
}

// wholeInterfaces are a module's interfaces as its descriptor has them.
func wholeInterfaces(d module.Descriptor) []json.RawMessage {
	var raw struct {
		Provides []json.RawMessage `json:"provides"`
	}
	if json.Unmarshal(d.Raw, &raw) != nil {
		return nil
	}
	return raw.Provides
}

func isOfType(i module.Interface, kind string) bool {
	of := i.Type
	if of == "" {
		of = "proxy"
	}
	return kind == "" || kind == of
}

// okapiProviders lists which of a tenant's modules provide an interface.
func (s *Server) okapiProviders(c *okapiCall) error {
	p := c.params()
	if p.err != nil {
		return p.err
	}
	_, enabled, err := s.okapiEnabled(c)
	if err != nil {
		return err
	}
	list := []module.TenantModule{}
	for _, d := range enabled {
		if slices.ContainsFunc(d.Provides, func(i module.Interface) bool { return i.ID == c.PathValue("i") && isOfType(i, p.values.Get("type")) }) {
			list = append(list, module.TenantModule{ID: d.ID})
		}
	}
	return c.json(http.StatusOK, list)
}
