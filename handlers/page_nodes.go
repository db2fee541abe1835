package handlers

import (
	"net/http"
	"slices"
	"time"

	"cutroom/internal/node"
	"cutroom/internal/run"
	"cutroom/views"
)

// nodesPage shows which processes run. What they work on is told where there is a tenant.
func (s *Server) nodesPage(w http.ResponseWriter, r *http.Request) error {
	who := s.who(r)
	if err := s.seesNodes(r.Context(), who); err != nil {
		return err
	}
	nodes, err := s.Nodes.List(r.Context())
	if err != nil {
		return err
	}
	var running []run.Run
	if !exchangeOf(r.Context()).above() {
		if running, _, err = s.Runs.List(r.Context(), who, run.Filter{States: []run.State{run.Running}, Limit: 200}); err != nil {
			return err
		}
	}
	page := views.NodesPage{Page: s.page(r, "", "nodes"), Self: s.Config.Node}
	for _, n := range nodes {
		one := views.Node{Name: n.Name, Pages: slices.Contains(n.Roles, node.Pages), Jobs: slices.Contains(n.Roles, node.Jobs), Version: n.Version,
			Started: n.Started, Unseen: max(time.Since(n.Heartbeat), 0), Lost: !n.Alive, Draining: n.Draining}
		for _, at := range running {
			if at.Node == n.Name {
				one.Work = append(one.Work, views.NodeWork{Run: string(at.ID), Title: at.EventTitle, Progress: at.Progress})
			}
		}
		page.Nodes = append(page.Nodes, one)
	}
	return s.render(w, r, http.StatusOK, views.Nodes(page))
}

// drainNode asks a node to finish what it has and take nothing new. Every tenant's work is on it.
func (s *Server) drainNode(w http.ResponseWriter, r *http.Request) error {
	if err := s.Nodes.Drain(r.Context(), r.PathValue("name")); err != nil {
		return err
	}
	http.Redirect(w, r, "/nodes", http.StatusSeeOther)
	return nil
}
