package handlers

import (
	"encoding/json"
	"net/http"

	"cutroom/internal/fault"
	"cutroom/internal/install"
)

// okapiDeployment is a DeploymentDescriptor as clients send it.
type okapiDeployment struct {
	Module     *string         `json:"srvcId"`
	Instance   *string         `json:"instId"`
	URL        *string         `json:"url"`
	Node       *string         `json:"nodeId"`
	Descriptor json.RawMessage `json:"descriptor"`
}

// okapiAddInstance says where a module runs.
func (s *Server) okapiAddInstance(c *okapiCall) error {
	var d okapiDeployment
	if err := decodeJSON(c.body, &d); err != nil {
		return err
	}
	if d.Node != nil || len(d.Descriptor) > 0 && string(d.Descriptor) != "null" {
		return badOkapi("Modules are not launched here: give url, without nodeId and descriptor")
	}
	i, err := s.Installs.AddInstance(c.Context(), c.who, install.Instance{Module: textOf(d.Module), ID: textOf(d.Instance), URL: textOf(d.URL)})
	if err != nil {
		return err
	}
	return c.created(c.path(), i, i.Module, i.ID)
}

func textOf(v *string) string {
	if v == nil {
		return ""
	}
	return *v
}

// okapiInstances lists where modules run, all or one.
func (s *Server) okapiInstances(c *okapiCall) error {
	m := c.PathValue("m")
	all, err := s.Installs.Instances(c.Context(), m)
	if err != nil {
		return err
	}
	if len(all) == 0 && m != "" {
		return okapiFault(fault.NotFound, "%s", m)
	}
	if all == nil {
		all = []install.Instance{}
	}
	return c.json(http.StatusOK, all)
}

func (s *Server) okapiInstance(c *okapiCall) error {
	all, err := s.Installs.Instances(c.Context(), c.PathValue("m"))
	if err != nil {
		return err
	}
	for _, i := range all {
		if i.ID == c.PathValue("i") {
			return c.json(http.StatusOK, i)
		}
	}
	return okapiFault(fault.NotFound, "%s/%s", c.PathValue("m"), c.PathValue("i"))
}

// okapiRemoveInstances forgets one instance, those of a module, or all.
func (s *Server) okapiRemoveInstances(c *okapiCall) error {
	m, i := c.PathValue("m"), c.PathValue("i")
	removed, err := s.Installs.RemoveInstances(c.Context(), c.who, m, i)
	switch {
	case err != nil:
		return err
	case removed == 0 && i != "":
		return okapiFault(fault.NotFound, "%s/%s", m, i)
	case removed == 0 && m != "":
		return okapiFault(fault.NotFound, "%s", m)
	}
	return c.nothing(http.StatusNoContent)
}
