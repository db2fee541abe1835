package lti

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cutroom/internal/dbtest"
	"cutroom/internal/user"
)

// BenchmarkLaunch is a whole launch on one node, with 100,000 used logins and as many nonces in the tables: login, check, entry and
// session, of people in one course of whom every tenth is new. It reports launches a second and the slowest hundredth.
func BenchmarkLaunch(b *testing.B) {
	l := setupLaunches(b)
	l.exec(b, `insert into lti_login (state, platform_id, nonce, browser, target, expires_at, used_at)
		select sha256(n::text::bytea), $1, 'nonce ' || n, sha256('browser'), $2, now() + interval '10 minutes', now() from generate_series(1, 100000) n`, string(l.platform.ID), editLink)
	l.exec(b, "insert into lti_nonce (platform_id, nonce, expires_at) select $1, sha256(n::text::bytea), now() + interval '10 minutes' from generate_series(1, 100000) n", string(l.platform.ID))
	if _, err := l.DB.Pool.Exec(b.Context(), "analyze"); err != nil {
		b.Fatal(err)
	}
	sessions := l.Users.Sessions()
	var number atomic.Int64
	var mu sync.Mutex
	var took []time.Duration
	b.SetParallelism(8)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			n := number.Add(1)
			c := usual()
			c.Subject = "person-" + strconv.FormatInt(n-n%10*n/10, 10)
			form := l.stub.LaunchForm(c)
			began := time.Now()
			login, err := l.Login(b.Context(), dbtest.Tenant, ourOrigin, LoginRequestOf(form))
			if err != nil {
				b.Error(err)
				return
			}
			spent := time.Since(began)
			_, answer, err := l.stub.Answer(login.AuthURL) // the platform's work
			if err != nil {
				b.Error(err)
				return
			}
			began = time.Now()
			if err := l.whole(b.Context(), sessions, login, answer.Get("id_token"), answer.Get("state")); err != nil {
				b.Error(err)
				return
			}
			spent += time.Since(began)
			mu.Lock()
			took = append(took, spent)
			mu.Unlock()
		}
	})
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(len(took))/b.Elapsed().Seconds(), "launches/s")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}

// whole is what a node does when a launch comes.
func (l launches) whole(ctx context.Context, sessions *user.Sessions, login Login, idToken, state string) error {
	launch, p, err := l.Check(ctx, dbtest.Tenant, ourOrigin, idToken, state)
	if err != nil {
		return err
	}
	p.Bound(login.Browser)
	who, id, err := l.Enter(ctx, dbtest.Tenant, launch, &p)
	if err != nil {
		return err
	}
	_, _, err = sessions.Begin(ctx, who, user.Begin{How: "lti", Source: "lti:" + string(l.platform.ID), Launch: id})
	return err
}
