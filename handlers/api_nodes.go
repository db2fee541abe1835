package handlers

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"cutroom/internal/event"
	"cutroom/internal/node"
)

// apiNode is one running process.
type apiNode struct {
	Name      string   `json:"name"`
	Roles     []string `json:"roles" doc:"pages, jobs"`
	Version   string   `json:"version"`
	StartedAt string   `json:"startedAt" format:"date-time"`
	Heartbeat string   `json:"heartbeatAt" format:"date-time"`
	Draining  bool     `json:"draining" doc:"Finishes what it has, takes nothing new."`
	Alive     bool     `json:"alive" doc:"Was heard of within the last 15 seconds."`
}

func (a *api) nodeRoutes() {
	register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/nodes", OperationID: "listNodes", Tags: []string{"nodes"}, Summary: "The running processes, for operators; with a single tenant for its admins too"}, a.listNodes)
}

// nodesAnswer is all nodes by name.
type nodesAnswer struct{ Body apiList[apiNode] }

func (a *api) listNodes(ctx context.Context, _ *nothing) (*nodesAnswer, error) {
	if err := a.seesNodes(ctx, whoOf(ctx)); err != nil {
		return nil, err
	}
	nodes, err := (&node.Store{DB: a.DB}).List(ctx)
	if err != nil {
		return nil, err
	}
	shown := make([]apiNode, len(nodes))
	for i, n := range nodes {
		shown[i] = apiNode{n.Name, n.Roles, n.Version, event.FormatTime(n.Started), event.FormatTime(n.Heartbeat), n.Draining, n.Alive}
	}
	return &nodesAnswer{listOf(shown, "")}, nil
}
