package handlers

import (
	"net/http"

	"cutroom/internal/module"
)

// okapiModules lists what there is: ids and names, or all of each with full=true.
func (s *Server) okapiModules(c *okapiCall) error {
	all, err := s.Installs.Modules(c.Context())
	if err != nil {
		return err
	}
	return c.moduleList(all, true)
}

// okapiModule is one descriptor as it was given.
func (s *Server) okapiModule(c *okapiCall) error {
	d, err := s.Installs.Module(c.Context(), c.PathValue("m"))
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, d.Raw)
}

// okapiAddModule registers one outside service.
func (s *Server) okapiAddModule(c *okapiCall) error {
	all, err := s.okapiRegister(c, false)
	if err != nil {
		return err
	}
	return c.created(c.path(), all[0].Raw, all[0].ID)
}

// okapiImportModules registers many, all or none.
func (s *Server) okapiImportModules(c *okapiCall) error {
	if _, err := s.okapiRegister(c, true); err != nil {
		return err
	}
	return c.nothing(http.StatusNoContent)
}

func (s *Server) okapiRegister(c *okapiCall, many bool) ([]module.Descriptor, error) {
	p := c.params()
	check, filter := p.boolean("check", true), module.Filter{PreRelease: p.version("preRelease"), NpmSnapshot: p.version("npmSnapshot")}
	if p.err != nil {
		return nil, p.err
	}
	all, err := descriptors(c.body, many)
	if err != nil {
		return nil, err
	}
	return all, s.Installs.AddModules(c.Context(), c.who, all, check, filter)
}

func (s *Server) okapiRemoveModule(c *okapiCall) error {
	if err := s.Installs.RemoveModule(c.Context(), c.who, c.PathValue("m")); err != nil {
		return err
	}
	return c.nothing(http.StatusNoContent)
}
