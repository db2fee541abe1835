package tenant_test

import (
	"testing"
	"time"

	"cutroom/internal/dbtest"
	"cutroom/internal/tenant"
)

// BenchmarkManyTenants measures what a thousand tenants at rest cost those that look at the list, and what it takes to make and to migrate them.
func BenchmarkManyTenants(b *testing.B) {
	const many = 1000
	db := dbtest.New(b)
	begun := time.Now()
	dbtest.Tenants(b, db, many)
	b.Logf("%d tenants were made in %v", many, time.Since(begun).Round(time.Second))
	begun = time.Now()
	done, err := later(b, db.Pool, map[string]string{"tenant/9001_later.sql": adds}).MigrateAll(b.Context(), nil)
	if err != nil || done.Changed != many+1 {
		b.Fatal(done, err)
	}
	b.Logf("%d tenants were migrated in %v", many, time.Since(begun).Round(10*time.Millisecond))
	all, err := db.List(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			if _, err := db.List(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("busy", func(b *testing.B) {
		for b.Loop() {
			if _, _, err := db.Busy(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("by-host", func(b *testing.B) {
		for b.Loop() {
			if _, found := tenant.ByHost(all, "m0777.localhost", "localhost"); !found {
				b.Fatal("not found")
			}
		}
	})
	b.Run("unknown-host", func(b *testing.B) {
		for b.Loop() {
			if _, found := tenant.ByHost(all, "nobody.example", "localhost"); found {
				b.Fatal("found")
			}
		}
	})
}
