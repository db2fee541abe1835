package handlers

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/node"
	"cutroom/internal/run"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
	"cutroom/views"
)

// nodesPage shows which processes run and what they work on: for operators every tenant's work, else the tenant's own.
func (s *Server) nodesPage(w http.ResponseWriter, r *http.Request) error {
	if err := s.seesNodes(r.Context(), s.who(r)); err != nil {
		return err
	}
	nodes, err := s.Nodes.List(r.Context())
	if err != nil {
		return err
	}
	running, err := s.running(r)
	if err != nil {
		return err
	}
	page := views.NodesPage{Page: s.page(r, "", "nodes"), Self: s.Config.Node}
	for _, n := range nodes {
		one := views.Node{Name: n.Name, Pages: slices.Contains(n.Roles, node.Pages), Jobs: slices.Contains(n.Roles, node.Jobs), Version: n.Version,
			Started: n.Started, Unseen: max(time.Since(n.Heartbeat), 0), Lost: !n.Alive, Draining: n.Draining}
		one.Work = running[n.Name]
		page.Nodes = append(page.Nodes, one)
	}
	return s.render(w, r, http.StatusOK, views.Nodes(page))
}

// running is what each node works on, as far as the visitor may see it.
func (s *Server) running(r *http.Request) (map[string][]views.NodeWork, error) {
	ctx, x := r.Context(), exchangeOf(r.Context())
	tenants := []tenant.ID{x.tenant.ID}
	if x.who.Operator() {
		var err error
		if tenants, err = s.Runs.Working(ctx); err != nil {
			return nil, err
		}
	}
	work := map[string][]views.NodeWork{}
	for _, id := range tenants {
		err := s.runningIn(ctx, x, id, work)
		if err != nil && (fault.KindOf(err) != fault.NotFound || id == x.tenant.ID) { // not a tenant that was deleted just now
			return nil, err
		}
	}
	return work, nil
}

// runningIn adds a tenant's runs to what the nodes work on.
func (s *Server) runningIn(ctx context.Context, x *exchange, id tenant.ID, work map[string][]views.NodeWork) error {
	runs, _, err := s.Runs.List(ctx, x.who.In(id), run.Filter{States: []run.State{run.Running}, Limit: 200})
	if err != nil {
		return err
	}
	name, site := "", ""
	if id != x.tenant.ID {
		if name, site, err = s.siteOf(ctx, id); err != nil {
			return err
		}
	}
	for _, at := range runs {
		work[at.Node] = append(work[at.Node], views.NodeWork{Run: string(at.ID), Title: at.EventTitle, Progress: at.Progress, Tenant: name, Site: site})
	}
	return nil
}

// siteOf is a tenant's name and the address of its pages: at a host of its own, if it has one.
func (s *Server) siteOf(ctx context.Context, id tenant.ID) (name, site string, err error) {
	t, err := s.tenants.byID(ctx, id)
	if err != nil {
		return "", "", err
	}
	at := url.URL{Scheme: s.Config.PublicURL.Scheme, Host: string(t.ID) + "." + s.Config.PublicURL.Host}
	if len(t.Hosts) > 0 {
		at.Host = t.Hosts[0]
		if port := s.Config.PublicURL.Port(); port != "" {
			at.Host += ":" + port
		}
	}
	return t.Name, at.String(), nil
}

// drainNode asks a node to finish what it has and take nothing new. Every tenant's work is on it.
func (s *Server) drainNode(w http.ResponseWriter, r *http.Request) error {
	name, who := r.PathValue("name"), s.who(r)
	err := s.Nodes.Drain(r.Context(), name, func(ctx context.Context, tx pgx.Tx) error {
		return user.AuditTx(ctx, tx, who, "node.drain", name, nil)
	})
	if err != nil {
		return err
	}
	http.Redirect(w, r, "/nodes", http.StatusSeeOther)
	return nil
}
