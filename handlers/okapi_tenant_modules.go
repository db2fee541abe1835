package handlers

import (
	"net/http"
	"slices"
	"strings"

	"cutroom/internal/fault"
	"cutroom/internal/install"
	"cutroom/internal/module"
)

// okapiEnabled gives the descriptors of what a tenant has, by id.
func (s *Server) okapiEnabled(c *okapiCall) (all map[string]module.Descriptor, enabled []module.Descriptor, err error) {
	if err := s.okapiKnown(c); err != nil {
		return nil, nil, err
	}
	if all, err = s.Installs.ModulesMap(c.Context()); err != nil {
		return nil, nil, err
	}
	ids, err := s.Installs.Enabled(c.Context(), c.t)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range ids {
		if d, there := all[id]; there {
			enabled = append(enabled, d)
		}
	}
	return all, enabled, nil
}

// okapiTenantModules lists what a tenant has: ids, or all of each with full=true.
func (s *Server) okapiTenantModules(c *okapiCall) error {
	_, enabled, err := s.okapiEnabled(c)
	if err != nil {
		return err
	}
	return c.moduleList(enabled, false)
}

func (s *Server) okapiTenantModule(c *okapiCall) error {
	if err := s.okapiKnown(c); err != nil {
		return err
	}
	ids, err := s.Installs.Enabled(c.Context(), c.t)
	if err != nil {
		return err
	}
	m := c.PathValue("m")
	if !slices.Contains(ids, m) {
		return okapiFault(fault.NotFound, "%s", m)
	}
	return c.json(http.StatusOK, module.TenantModule{ID: m})
}

// okapiEnableModule is Okapi's older call: it enables one module and adds nothing.
func (s *Server) okapiEnableModule(c *okapiCall) error {
	return s.okapiChange(c, "", c.path())
}

// okapiReplaceModule enables one module in the place of another.
func (s *Server) okapiReplaceModule(c *okapiCall) error {
	path := c.path()
	return s.okapiChange(c, c.PathValue("m"), path[:strings.LastIndexByte(path, '/')])
}

func (s *Server) okapiChange(c *okapiCall, from, path string) error {
	o, err := okapiOldOptions(c)
	if err != nil {
		return err
	}
	wanted, err := wantedModule(c.body)
	if err != nil {
		return err
	}
	all, enabled, err := s.okapiEnabled(c)
	if err != nil {
		return err
	}
	to, there := okapiNewest(all, wanted.ID)
	if !there {
		return okapiFault(fault.NotFound, "%s", wanted.ID)
	}
	list := []module.TenantModule{{ID: to, Action: module.Enable}}
	after := byID(enabled)
	if from != "" {
		if _, there := after[from]; !there {
			return okapiFault(fault.NotFound, "%s", from)
		}
		delete(after, from)
		if !sameProduct(from, to) {
			list = append(list, module.TenantModule{ID: from, Action: module.Disable})
		}
	}
	if _, already := after[to]; already {
		return badOkapi("Module %s already provided", to)
	}
	after = withoutProduct(after, to)
	after[to] = all[to]
	if unmet := module.CheckEnabled(after); o.DepCheck && len(unmet) > 0 {
		return badOkapi("%s", strings.Join(unmet, ". "))
	}
	if err := s.okapiDo(c, list, o); err != nil {
		return err
	}
	return c.created(path, module.TenantModule{ID: to}, to)
}

// okapiDisableModule disables one module and nothing else: what requires it has to go first.
func (s *Server) okapiDisableModule(c *okapiCall) error {
	o, err := okapiOldOptions(c)
	if err != nil {
		return err
	}
	_, enabled, err := s.okapiEnabled(c)
	if err != nil {
		return err
	}
	m, after := c.PathValue("m"), byID(enabled)
	if _, there := after[m]; !there {
		return okapiFault(fault.NotFound, "%s", m)
	}
	amiss := len(module.CheckEnabled(after)) > 0 // then no module could ever go
	delete(after, m)
	if unmet := module.CheckEnabled(after); o.DepCheck && !amiss && len(unmet) > 0 {
		return badOkapi("%s", strings.Join(unmet, ". "))
	}
	if err := s.okapiDo(c, []module.TenantModule{{ID: m, Action: module.Disable}}, o); err != nil {
		return err
	}
	return c.nothing(http.StatusNoContent)
}

// okapiDisableModules disables all that a tenant has.
func (s *Server) okapiDisableModules(c *okapiCall) error {
	o, err := okapiOldOptions(c)
	if err != nil {
		return err
	}
	_, enabled, err := s.okapiEnabled(c)
	if err != nil {
		return err
	}
	list := make([]module.TenantModule, 0, len(enabled))
	for _, d := range enabled {
		list = append(list, module.TenantModule{ID: d.ID, Action: module.Disable})
	}
	if len(list) > 0 {
		if err := s.okapiDo(c, list, o); err != nil {
			return err
		}
	}
	return c.nothing(http.StatusNoContent)
}

// okapiOldOptions are those of a call that always waits and never only simulates.
func okapiOldOptions(c *okapiCall) (install.Options, error) {
	o, err := c.params().options()
	o.Async, o.Simulate = false, false
	return o, err
}

// okapiDo installs and waits, and gives the failure as the error.
func (s *Server) okapiDo(c *okapiCall, list []module.TenantModule, o install.Options) error {
	j, err := s.Installs.Install(c.Context(), c.who, c.t, list, o, c.Header)
	if err != nil {
		return err
	}
	if j, err = s.Installs.Wait(c.Context(), c.t, j.ID); err != nil {
		return err
	}
	return okapiFailed(j)
}

// okapiNewest gives the whole id of a module: of a product alone, its newest version.
func okapiNewest(all map[string]module.Descriptor, wanted string) (string, bool) {
	if _, there := all[wanted]; there {
		return wanted, true
	}
	newest, found := module.ID{}, false
	for id := range all {
		at, err := module.ParseID(id)
		if err == nil && at.Product == wanted && (!found || newest.Compare(at) < 0) {
			newest, found = at, true
		}
	}
	return newest.String(), found
}

func sameProduct(a, b string) bool {
	one, errOne := module.ParseID(a)
	two, errTwo := module.ParseID(b)
	return errOne == nil && errTwo == nil && one.Product == two.Product
}

// withoutProduct leaves out what another version of the same product replaces.
func withoutProduct(all map[string]module.Descriptor, id string) map[string]module.Descriptor {
	for other := range all {
		if sameProduct(other, id) {
			delete(all, other)
		}
	}
	return all
}

func byID(list []module.Descriptor) map[string]module.Descriptor {
	all := make(map[string]module.Descriptor, len(list))
	for _, d := range list {
		all[d.ID] = d
	}
	return all
}
