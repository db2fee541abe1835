package fleet_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/fleet"
	"cutroom/internal/install"
	"cutroom/internal/live"
)

// BenchmarkTenThousand reads a page of 10,000 tenants that have six modules each, finds by name, and counts.
func BenchmarkTenThousand(b *testing.B) {
	db := dbtest.New(b)
	installs, err := install.New(db, live.Discard{})
	if err != nil {
		b.Fatal(err)
	}
	s := &fleet.Store{DB: db, Installs: installs}
	err = db.System(b.Context(), func(tx pgx.Tx) error {
		for _, sql := range []string{
			"insert into module (id, product, descriptor) select 'm'||chr(97+i)||'-1.'||v||'.0', 'm'||chr(97+i), json_build_object('id', 'm'||chr(97+i)||'-1.'||v||'.0') from generate_series(0, 5) i, generate_series(0, 1) v",
			"insert into tenant (id, name) select 't'||i, 'Tenant '||md5(i::text) from generate_series(1, 10000) i",
			"insert into tenant_host (tenant_id, host) select 't'||i, 't'||i||'.example' from generate_series(1, 10000) i",
			"insert into tenant_module (tenant_id, product, module_id) select 't'||i, 'm'||chr(97+m), 'm'||chr(97+m)||'-1.'||(case when i % 3 = 0 then 1 else 0 end)||'.0' from generate_series(1, 10000) i, generate_series(0, 5) m",
			"analyze tenant", "analyze tenant_host", "analyze tenant_module",
		} {
			if _, err := tx.Exec(b.Context(), sql); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for name, f := range map[string]fleet.Filter{"page": {}, "search": {Text: "abc"}, "upgradable": {Only: "upgradable"}, "installing": {Only: "installing"}} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := s.List(b.Context(), f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("count", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Count(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
