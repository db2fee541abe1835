package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cutroom/internal/dbtest"
	"cutroom/internal/install"
	"cutroom/internal/install/stubmodule"
	"cutroom/internal/live"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// okapiSite is a site that answers Okapi's API, with the operator olga, the tenant demo and a service that plays modules. Its
// worker does what was begun.
type okapiSite struct {
	*site
	t       *testing.T
	olga    string // header with her token
	service *stubmodule.Service
}

func okapiSetup(t *testing.T) *okapiSite {
	t.Helper()
	t.Parallel()
	s := setup(t)
	var err error
	if s.Installs, err = install.New(s.DB, live.Discard{}); err != nil {
		t.Fatal(err)
	}
	s.Installs.Client = &install.Client{Retry: 20 * time.Millisecond}
	mux := http.NewServeMux()
	mux.Handle(okapiPaths, named(okapiPaths, s.okapiHandler()))
	server := httptest.NewServer(s.before(mux))
	t.Cleanup(server.Close)
	s.url = server.URL
	o := &okapiSite{site: s, t: t, service: stubmodule.Start(t)}
	o.olga = s.bearer(t, tenant.Operators, user.NewPerson{Name: "olga", DisplayName: "Olga"})
	return o
}

// work runs installs and deletions as a node with the role jobs does, until the test ends.
func (o *okapiSite) work() {
	ctx, stop := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	o.t.Cleanup(func() { stop(); ended.Wait() })
	ended.Go(func() {
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			o.workOnce(ctx, &ended)
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
}

func (o *okapiSite) workOnce(ctx context.Context, ended *sync.WaitGroup) {
	type due struct {
		Tenant tenant.ID
		ID     install.ID
		Job    int64
	}
	rows, err := o.DB.Pool.Query(ctx, `select tenant_id, id::text, river_job_id from cutroom.install where state = 'dispatched'
		union all select id, '', deleting_fence from cutroom.tenant where deleting_at is not null and deleting_node is null`)
	if err != nil {
		return
	}
	all, _ := pgx.CollectRows(rows, pgx.RowToStructByPos[due])
	for _, d := range all {
		if d.ID == "" {
			_ = o.DB.Delete(ctx, d.Tenant, d.Job, "n1", func(string) {})
			continue
		}
		held, err := o.Installs.Claim(ctx, install.Args{Tenant: d.Tenant, Install: d.ID}, d.Job, "n1")
		if err == nil {
			ended.Go(func() { _ = held.Do(ctx) })
		}
	}
}

// do calls as olga.
func (o *okapiSite) do(method, path, body string, headers ...string) result {
	o.t.Helper()
	return o.call(o.t, nil, method, path, body, append([]string{o.olga}, headers...)...)
}

// want calls as olga, and fails the test unless status and, if it is not "", body are these. Bodies of JSON are compared as values.
func (o *okapiSite) want(method, path, body string, status int, want string) result {
	o.t.Helper()
	got := o.do(method, path, body)
	o.check(method+" "+path+" "+body, got, status, want)
	return got
}

func (o *okapiSite) check(what string, got result, status int, want string) {
	o.t.Helper()
	kind := got.header.Get("Content-Type")
	switch {
	case got.status != status:
		o.t.Errorf("%s: %d %s, want %d %s", what, got.status, got.body, status, want)
	case status >= 400 && kind != "text/plain; charset=utf-8":
		o.t.Errorf("%s: an error of type %q", what, kind)
	case want == "" && status != http.StatusNoContent && status != http.StatusAccepted, status >= 400 && got.body == want:
	case status >= 300 || status == http.StatusNoContent || status == http.StatusAccepted:
		if got.body != want {
			o.t.Errorf("%s: %q, want %q", what, got.body, want)
		}
	case kind != "application/json":
		o.t.Errorf("%s: type %q", what, kind)
	case !sameText(got.body, want):
		o.t.Errorf("%s: %s, want %s", what, got.body, want)
	}
}

// sameText says whether two texts hold the same JSON.
func sameText(a, b string) bool {
	var one, two any
	if json.Unmarshal([]byte(a), &one) != nil || json.Unmarshal([]byte(b), &two) != nil {
		return false
	}
	x, _ := json.Marshal(one)
	y, _ := json.Marshal(two)
	return string(x) == string(y)
}

// module registers a module of the stub service.
func (o *okapiSite) module(d stubmodule.Descriptor) {
	o.t.Helper()
	o.want("POST", "/_/proxy/modules", string(d.JSON()), http.StatusCreated, "")
	if d.Tenant != "" {
		o.want("POST", "/_/discovery/modules", `{"srvcId":"`+d.ID+`","instId":"`+d.ID+`-1","url":"`+o.service.URL+`"}`, http.StatusCreated, "")
	}
}

const demoTenant = "/_/proxy/tenants/" + string(dbtest.Tenant)
