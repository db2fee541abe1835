package user_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/live"
	"cutroom/internal/user"
)

// BenchmarkEnter measures entries per second: of people who are known, whose roles stay, and of new ones, side by side.
func BenchmarkEnter(b *testing.B) {
	db := dbtest.New(b)
	store := user.New(db, live.Discard{})
	enter := func(n int64) {
		e := user.External{Source: "lti:moodle", Subject: fmt.Sprint(n), Name: fmt.Sprintf("lti:moodle:%d", n), DisplayName: "Jonas Weber",
			Memberships: []user.Membership{{Context: "7", Title: "Biology", Roles: []string{"7_Learner"}, Until: time.Now().Add(time.Hour)}}}
		var tell func(*user.Store)
		err := db.Tx(context.Background(), dbtest.Tenant, func(tx pgx.Tx) (err error) {
			_, tell, err = user.EnterTx(context.Background(), tx, dbtest.Tenant, e)
			return err
		})
		if err != nil {
			b.Error(err)
			return
		}
		tell(store)
	}
	var next atomic.Int64
	b.Run("new", func(b *testing.B) {
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				enter(next.Add(1))
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
	b.Run("known", func(b *testing.B) {
		for n := range int64(100) {
			enter(n)
		}
		b.ResetTimer()
		b.SetParallelism(8)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				enter(next.Add(1) % 100)
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
	})
}
