package handlers

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// okapiTenantBody is Okapi's TenantDescriptor.
type okapiTenantBody struct {
	ID          *string `json:"id,omitempty"`
	Name        *string `json:"name,omitempty"`
	Description *string `json:"description,omitempty"`
}

// okapiTenantOf shows a tenant. A tenant that was given no name is called by its id, which need not be said twice.
func okapiTenantOf(t tenant.Tenant) okapiTenantBody {
	id := string(t.ID)
	body := okapiTenantBody{ID: &id}
	if t.Name != id {
		body.Name = &t.Name
	}
	if t.Description != "" {
		body.Description = &t.Description
	}
	return body
}

// tenantBody reads a TenantDescriptor.
func (c *okapiCall) tenantBody() (okapiTenantBody, error) {
	var b *okapiTenantBody
	if err := decodeJSON(c.body, &b); err != nil {
		return okapiTenantBody{}, err
	}
	if b == nil {
		return okapiTenantBody{}, badOkapi("The body is no tenant")
	}
	return *b, nil
}

// okapiKnown refuses an unknown tenant of the path with its bare name.
func (s *Server) okapiKnown(c *okapiCall) error {
	_, err := s.okapiFind(c)
	return err
}

func (s *Server) okapiFind(c *okapiCall) (tenant.Tenant, error) {
	if !c.t.Valid() {
		return tenant.Tenant{}, okapiFault(fault.NotFound, "%s", c.t)
	}
	t, err := s.DB.Find(c.Context(), c.t)
	if fault.KindOf(err) == fault.NotFound {
		err = okapiFault(fault.NotFound, "%s", c.t).WithCause(err)
	}
	return t, err
}

func (s *Server) okapiTenants(c *okapiCall) error {
	all, err := s.DB.List(c.Context())
	if err != nil {
		return err
	}
	list := make([]okapiTenantBody, 0, len(all))
	for _, t := range all {
		list = append(list, okapiTenantOf(t))
	}
	return c.json(http.StatusOK, list)
}

func (s *Server) okapiTenant(c *okapiCall) error {
	t, err := s.okapiFind(c)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, okapiTenantOf(t))
}

// okapiCreateTenant makes a tenant, which lists no modules yet.
func (s *Server) okapiCreateTenant(c *okapiCall) error {
	b, err := c.tenantBody()
	if err != nil {
		return err
	}
	id := tenant.ID(textOf(b.ID))
	switch {
	case id == "":
		return badOkapi("Tenant id required")
	case !id.Valid():
		return badOkapi("Tenant id %s invalid. Must match ^[a-z][a-z0-9]{0,30}$", id)
	}
	switch err := s.okapiMake(c, id, b); {
	case tenantExists(err):
		return badOkapi("Duplicate tenant id %s", id).WithCause(err)
	case err != nil:
		return err
	}
	return c.created(c.path(), b, string(id))
}

func (s *Server) okapiMake(c *okapiCall, id tenant.ID, b okapiTenantBody) error {
	return s.DB.Create(c.Context(), id, textOf(b.Name), textOf(b.Description), nil)
}

// okapiPutTenant changes a tenant's name and description, or makes it.
func (s *Server) okapiPutTenant(c *okapiCall) error {
	b, err := c.tenantBody()
	if err != nil {
		return err
	}
	if id := textOf(b.ID); tenant.ID(id) != c.t {
		if b.ID == nil {
			id = "null"
		}
		return badOkapi("Tenant.id=%s id=%s", id, c.t)
	}
	if !c.t.Valid() {
		return badOkapi("Tenant id %s invalid. Must match ^[a-z][a-z0-9]{0,30}$", c.t)
	}
	name, description := textOf(b.Name), textOf(b.Description)
	if strings.TrimSpace(name) == "" {
		name = string(c.t)
	}
	rename := func() error {
		return s.DB.Change(c.Context(), c.t, tenant.Change{Name: &name, Description: &description})
	}
	if err = rename(); fault.KindOf(err) == fault.NotFound {
		if err = s.okapiMake(c, c.t, b); tenantExists(err) {
			err = rename() // somebody made it in between
		}
	}
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, b)
}

func tenantExists(err error) bool {
	f := fault.As(err)
	return f != nil && f.ID == "error.tenant-exists"
}

// deleteWait is how long a deletion is waited for, and deletePoll how often it is looked at.
const (
	deleteWait = 60 * time.Second
	deletePoll = 50 * time.Millisecond
)

// okapiDeleteTenant begins to delete a tenant: 204 when all is gone, 202 when that takes longer than clients wait.
func (s *Server) okapiDeleteTenant(c *okapiCall) error {
	if err := s.okapiKnown(c); err != nil {
		return err
	}
	if err := s.DB.StartDelete(c.Context(), c.t, c.who.User); err != nil {
		if fault.KindOf(err) == fault.NotFound {
			return okapiFault(fault.NotFound, "%s", c.t).WithCause(err)
		}
		return err
	}
	ctx, cancel := context.WithTimeout(c.Context(), deleteWait)
	defer cancel()
	switch err := s.untilDeleted(ctx, c.t); {
	case errors.Is(err, context.DeadlineExceeded):
		return c.nothing(http.StatusAccepted)
	case err != nil:
		return err
	}
	return c.nothing(http.StatusNoContent)
}

// untilDeleted waits until nothing of a tenant is left.
func (s *Server) untilDeleted(ctx context.Context, t tenant.ID) error {
	tick := time.NewTicker(deletePoll)
	defer tick.Stop()
	for {
		going, err := s.DB.Deleting(ctx)
		if err != nil || !slices.ContainsFunc(going, func(d tenant.Deletion) bool { return d.ID == t }) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}
