package handlers

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/jackc/pgx/v5"

	"cutroom/internal/fault"
	"cutroom/internal/tenant"
)

// apiSettings is one flat object of keys.
type apiSettings map[string]any

func (a *api) settingsRoutes() {
	register(a, huma.Operation{Method: http.MethodGet, Path: "/api/v1/settings", OperationID: "getSettings", Tags: []string{"settings"}, Summary: "The settings in force"}, a.getSettings)
	register(a, huma.Operation{Method: http.MethodPatch, Path: "/api/v1/settings", OperationID: "patchSettings", Tags: []string{"settings"}, Summary: "Change settings; null is the default",
		RequestBody: takes[apiSettings](a, true, mergePatch, "application/json")}, a.patchSettings)
}

// settingsAnswer is every key with its present value.
type settingsAnswer struct{ Body apiSettings }

func (a *api) getSettings(ctx context.Context, _ *nothing) (*settingsAnswer, error) {
	var all map[string]any
	err := a.DB.Read(ctx, whoOf(ctx).Tenant, func(tx pgx.Tx) (err error) {
		all, err = tenant.SettingsMap(ctx, tx)
		return err
	})
	return &settingsAnswer{all}, err
}

func (a *api) patchSettings(ctx context.Context, _ *nothing) (*settingsAnswer, error) {
	who := whoOf(ctx)
	if !who.Admin() {
		return nil, fault.Denied()
	}
	var patch map[string]any
	if err := decode(ctx, &patch); err != nil {
		return nil, err
	}
	if patch == nil {
		return nil, fault.New(fault.Malformed, "error.no-object", "The body has to be a JSON object.")
	}
	all, err := a.changeSettings(ctx, who, patch)
	if err != nil {
		return nil, err
	}
	return &settingsAnswer{all}, nil
}
