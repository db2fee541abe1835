package handlers

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"cutroom/internal/tenant"
)

// fillServer gives a server what not every server has.
func fillServer(t *testing.T, s *Server) { t.Helper() }

// makeHouse makes the tenant.
func makeHouse(t *testing.T, db *tenant.DB, h *house) {
	t.Helper()
	if err := db.Create(t.Context(), h.id, h.name, "", nil); err != nil {
		t.Fatal(err)
	}
}

// furnishInstalls gives a house an install that is over.
func furnishInstalls(t *testing.T, db *tenant.DB, h *house) {
	t.Helper()
	id := uuid.New()
	_, err := db.Pool.Exec(t.Context(), `insert into cutroom.install (id, tenant_id, kind, state, options, headers, started_by, started_name, node, end_date)
		values ($1, $2, 'install', 'error', jsonb_build_object('x', $3::text), jsonb_build_object('X-Mark', $3::text), $3, $3, $3, now())`, id, h.id, h.mark)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Pool.Exec(t.Context(), `insert into cutroom.install_module (install_id, ordinal, module_id, from_id, action, message, status, errors)
		values ($1, 1, 'mod-' || $2 || '-1.0.0', null, 'enable', $2, 'error', jsonb_build_array($2::text))`, id, h.mark)
	if err != nil {
		t.Fatal(err)
	}
	h.install = id.String()
}

// everyFile fits a function of a path to what Walk calls.
func everyFile(fn func(path string) error) func(string, int64, time.Time) error {
	return func(path string, _ int64, _ time.Time) error { return fn(path) }
}
