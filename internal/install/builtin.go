package install

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/module"
	"cutroom/internal/tenant"
)

// Products that are built in.
const (
	Core   = "cutroom-core"   // recordings: pages, API, processing
	Editor = "cutroom-editor" // cutting them
	LTI    = "cutroom-lti"    // launches from learning platforms
)

// builtins are the modules that this build brings with it. A version rises with what a tenant has of it: tables, settings.
var builtins = []module.Descriptor{
	{ID: Core + "-1.0.0", Name: "Cutroom: recordings", Provides: []module.Interface{{ID: Core, Version: "1.0"}}},
	{ID: Editor + "-1.0.0", Name: "Cutroom: editor", Requires: []module.Reference{{ID: Core, Version: "1.0"}},
		Provides: []module.Interface{{ID: Editor, Version: "1.0"}}},
	{ID: LTI + "-1.0.0", Name: "Cutroom: launches from learning platforms", Requires: []module.Reference{{ID: Core, Version: "1.0"}},
		Provides: []module.Interface{{ID: LTI, Version: "1.0"}}},
}

// RegisterBuiltins makes the modules that this build brings with it known; those of other builds stay, because tenants may have
// them. It may be called by many nodes at once and again.
func (s *Store) RegisterBuiltins(ctx context.Context) error {
	return s.DB.System(ctx, func(tx pgx.Tx) error {
		for _, d := range builtins {
			raw, err := json.Marshal(d)
			if err != nil {
				return err
			}
			_, err = tx.Exec(ctx, `insert into module (id, product, descriptor, built_in) values ($1, $2, $3, true)
				on conflict (id) do update set descriptor = excluded.descriptor, built_in = true
				where not module.built_in or module.descriptor::text <> excluded.descriptor::text`, d.ID, productOf(d.ID), string(raw))
			if err != nil {
				return fmt.Errorf("register %s: %w", d.ID, err)
			}
		}
		return nil
	})
}

// EnableBuiltins gives a tenant that was just made all modules that this build brings with it.
func (s *Store) EnableBuiltins(ctx context.Context, t tenant.ID) error {
	if err := s.RegisterBuiltins(ctx); err != nil {
		return err
	}
	err := s.DB.System(ctx, func(tx pgx.Tx) error {
		for _, d := range builtins {
			_, err := tx.Exec(ctx, `insert into tenant_module (tenant_id, product, module_id) values ($1, $2, $3)
				on conflict (tenant_id, product) do update set module_id = excluded.module_id, enabled = true, changed = now()`, t, productOf(d.ID), d.ID)
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.tell(t)
	}
	return err
}

// purgeRefused is the message of a built-in module that was to be disabled with its data.
func purgeRefused(id string) string {
	return fmt.Sprintf("Module %s is built in and cannot be purged: disable it without purge, or delete the tenant", id)
}
