package handlers

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"cutroom/internal/tenant"
)

// apiMe is who asks.
type apiMe struct {
	User   string   `json:"user"`
	Name   string   `json:"name"`
	Roles  []string `json:"roles"`
	Tenant string   `json:"tenant,omitempty" doc:"Where one is; absent above the tenants."`
}

func (a *api) meRoutes() {
	register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/me", OperationID: "getMe", Tags: []string{"me"}, Summary: "Who one is here"}, a.getMe)
}

// meAnswer is who asks.
type meAnswer struct{ Body apiMe }

func (a *api) getMe(ctx context.Context, _ *nothing) (*meAnswer, error) {
	who := whoOf(ctx)
	me := apiMe{who.Login(), who.Name, who.Roles, string(who.Tenant)}
	if who.Tenant == tenant.Operators {
		me.Tenant = ""
	}
	return &meAnswer{me}, nil
}
