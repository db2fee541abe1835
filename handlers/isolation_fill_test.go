package handlers

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"

	"cutroom/internal/fleet"
	"cutroom/internal/install"
	"cutroom/internal/module"
	"cutroom/internal/tenant"
)

// fillServer gives a server what not every server has.
func fillServer(t *testing.T, s *Server) {
	t.Helper()
	var err error
	if s.Installs, err = install.New(s.DB, s.Bus); err != nil {
		t.Fatal(err)
	}
	s.Fleet = &fleet.Store{DB: s.DB, Installs: s.Installs}
}

// makeHouse makes the tenant.
func makeHouse(t *testing.T, db *tenant.DB, h *house) {
	t.Helper()
	if err := db.Create(t.Context(), h.id, h.name, "About "+h.name, nil); err != nil {
		t.Fatal(err)
	}
}

// furnishInstalls gives a house an install that is over.
func furnishInstalls(t *testing.T, db *tenant.DB, h *house) {
	t.Helper()
	id := uuid.New()
	_, err := db.Pool.Exec(t.Context(), `insert into cutroom.install (id, tenant_id, kind, state, options, headers, started_by, started_name, node, end_date)
		values ($1, $2, 'install', 'error', '{}', jsonb_build_object('X-Mark', jsonb_build_array($3::text)), $3, $3, $3, now())`, id, h.id, h.mark)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Pool.Exec(t.Context(), `insert into cutroom.install_module (install_id, ordinal, module_id, from_id, action, message, status, errors)
		values ($1, 1, 'mod-' || $2 || '-1.0.0', null, 'enable', $2, 'error', jsonb_build_array(jsonb_build_object('message', $2::text)))`, id, h.mark)
	if err != nil {
		t.Fatal(err)
	}
	h.install = id.String()
	batch := uuid.New()
	_, err = db.Pool.Exec(t.Context(), `insert into cutroom.upgrade_batch (id, most, started_by, started_name, end_date) values ($1, 1, $2, $2, now())`, batch, h.mark)
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Pool.Exec(t.Context(), `insert into cutroom.upgrade_batch_tenant (batch_id, ordinal, tenant_id, install_id, state, message) values ($1, 1, $2, $3, 'error', $4)`, batch, h.id, id, h.mark)
	if err != nil {
		t.Fatal(err)
	}
	h.batch = batch.String()
}

// everyFile fits a function of a path to what Walk calls.
func everyFile(fn func(path string) error) func(string, int64, time.Time) error {
	return func(path string, _ int64, _ time.Time) error { return fn(path) }
}

// mounted gives the routes of a mount that are neither in the table nor in the API's description.
func mounted(w *world, pattern string) (routes []string, known bool) {
	switch pattern {
	case "/api/", uploadsPath + "/":
		return nil, true
	case uploadsPath:
		return []string{"OPTIONS " + uploadsPath, "OPTIONS " + uploadsPath + "/{id}"}, true
	case okapiPaths:
		for _, r := range w.okapiTable() {
			routes = append(routes, r.pattern)
		}
		return routes, true
	}
	return nil, false
}

// moreProbes are those of Okapi's API, where the path names the tenant, whatever the host: a house's own people may do there
// what they may anywhere, so only those of the other house try.
func (w *world) moreProbes(_ string, me, them *house) map[string][]probe {
	const tenants = "/_/proxy/tenants"
	theirs, mine := tenants+"/"+string(them.id), tenants+"/"+string(me.id)
	job := "/install/" + them.install
	all := map[string][]probe{
		"GET /_/version":      {{path: "/_/version", ok: listed, open: listed}},
		"GET /_/proxy/health": {{path: "/_/proxy/health", ok: listed, open: listed}},

		"GET /_/proxy/modules":                {get("/_/proxy/modules")},
		"POST /_/proxy/modules":               {jsonBody(`{"id":"mod-x-1.0.0"}`).to("/_/proxy/modules")},
		"POST /_/proxy/import/modules":        {jsonBody(`[{"id":"mod-x-1.0.0"}]`).to("/_/proxy/import/modules")},
		"GET /_/proxy/modules/{m}":            {get("/_/proxy/modules/mod-x-1.0.0")},
		"DELETE /_/proxy/modules/{m}":         {get("/_/proxy/modules/mod-x-1.0.0")},
		"GET /_/discovery/modules":            {get("/_/discovery/modules")},
		"POST /_/discovery/modules":           {jsonBody(`{"instId":"i","srvcId":"mod-x-1.0.0","url":"http://127.0.0.1:1"}`).to("/_/discovery/modules")},
		"DELETE /_/discovery/modules":         {get("/_/discovery/modules")},
		"GET /_/discovery/modules/{m}":        {get("/_/discovery/modules/mod-x-1.0.0")},
		"DELETE /_/discovery/modules/{m}":     {get("/_/discovery/modules/mod-x-1.0.0")},
		"GET /_/discovery/modules/{m}/{i}":    {get("/_/discovery/modules/mod-x-1.0.0/i")},
		"DELETE /_/discovery/modules/{m}/{i}": {get("/_/discovery/modules/mod-x-1.0.0/i")},

		"GET " + tenants:  {get(tenants)},
		"POST " + tenants: {jsonBody(`{"id":"gamma","name":"x"}`).to(tenants)},

		"GET " + tenants + "/{t}":    {get(theirs)},
		"PUT " + tenants + "/{t}":    {jsonBody(`{"id":"` + string(them.id) + `","name":"x"}`).to(theirs)},
		"DELETE " + tenants + "/{t}": {get(theirs), get(mine)},

		"GET " + tenants + "/{t}/modules":         {get(theirs + "/modules")},
		"POST " + tenants + "/{t}/modules":        {jsonBody(`{"id":"mod-x-1.0.0"}`).to(theirs + "/modules")},
		"DELETE " + tenants + "/{t}/modules":      {get(theirs + "/modules")},
		"GET " + tenants + "/{t}/modules/{m}":     {get(theirs + "/modules/cutroom-core-1.0.0")},
		"POST " + tenants + "/{t}/modules/{m}":    {jsonBody(`{"id":"mod-x-1.0.0"}`).to(theirs + "/modules/cutroom-core-1.0.0")},
		"DELETE " + tenants + "/{t}/modules/{m}":  {get(theirs + "/modules/cutroom-core-1.0.0")},
		"GET " + tenants + "/{t}/interfaces":      {get(theirs + "/interfaces")},
		"GET " + tenants + "/{t}/interfaces/{i}":  {get(theirs + "/interfaces/x")},
		"POST " + tenants + "/{t}/install":        {jsonBody(`[{"id":"cutroom-core"}]`).to(theirs + "/install"), jsonBody(`[{"id":"cutroom-core"}]`).to(theirs + "/install?simulate=true")},
		"GET " + tenants + "/{t}/install":         {get(theirs + "/install"), get(theirs + "/install?full=true"), get(mine+"/install?full=true", listed...)},
		"DELETE " + tenants + "/{t}/install":      {get(theirs + "/install"), get(theirs + "/install?abort=true")},
		"GET " + tenants + "/{t}/install/{id}":    {get(theirs + job), get(mine + job), get(mine + job + "?full=true")},
		"DELETE " + tenants + "/{t}/install/{id}": {get(theirs + job), get(mine + job)},
		"POST " + tenants + "/{t}/upgrade":        {get(theirs + "/upgrade")},
		"GET " + tenants + "/{t}/upgrade":         {get(theirs + "/upgrade"), get(mine+"/upgrade", listed...)},
		"DELETE " + tenants + "/{t}/upgrade":      {get(theirs + "/upgrade")},
	}
	for pattern, probes := range operatorProbes(me, them) {
		all[pattern] = probes
	}
	for pattern, probes := range all {
		for i := range probes {
			probes[i].byPath = true
			probes[i].once = true
		}
		all[pattern] = probes
	}
	return all
}

// operatorProbes are those of the pages of tenants, installs and upgrades of many: they are operators', and an install's is also
// its own tenant's admins'.
func operatorProbes(me, them *house) map[string][]probe {
	id, theirs, many := string(them.id), "/installs/"+them.install, "/upgrades/"+them.batch
	wanted := form("action", "enable", "module", "cutroom-core", "id", "cutroom-core")
	return map[string][]probe{
		"GET /installs/{id}":          {get(theirs), get("/installs/"+me.install, listed...)},
		"GET /installs/{id}/progress": {get(theirs + "/progress"), get("/installs/"+me.install+"/progress", listed...)},
		"POST /installs/{id}/abort":   {form("x", "").to(theirs + "/abort")},
		"POST /installs/{id}/retry":   {form("x", "").to(theirs + "/retry")},
		"GET /tenants":                {get("/tenants"), get("/tenants?q=house")},
		"GET /tenants/_list":          {get("/tenants/_list"), get("/tenants/_list?q=house")},
		"POST /tenants":               {form("id", "gamma", "name", "x").to("/tenants")},
		"GET /tenants/{id}":           {get("/tenants/" + id)},
		"POST /tenants/{id}":          {form("name", "x").to("/tenants/" + id)},
		"GET /tenants/{id}/jobs":      {get("/tenants/" + id + "/jobs")},
		"GET /tenants/{id}/modules":   {get("/tenants/" + id + "/modules")},
		"POST /tenants/{id}/install":  {wanted.to("/tenants/" + id + "/install")},
		"GET /tenants/{id}/delete":    {get("/tenants/" + id + "/delete")},
		"POST /tenants/{id}/delete":   {form("name", them.name, "id", id).to("/tenants/" + id + "/delete")},
		"GET /upgrades/new":           {get("/upgrades/new"), get("/upgrades/new?tenant=" + id)},
		"POST /upgrades":              {form("tenant", id, "most", "1").to("/upgrades")},
		"GET /upgrades/{id}":          {get(many)},
		"GET /upgrades/{id}/progress": {get(many + "/progress")},
		"POST /upgrades/{id}/abort":   {form("x", "").to(many + "/abort")},
		"POST /upgrades/{id}/retry":   {form("x", "").to(many + "/retry")},
	}
}

// moreCases are those of installs. To people of a house there is none next door, neither under its id nor under their own; and
// only operators may begin one, which none of them is.
var moreCases = map[string]storeCase{
	"install.Store.Find": refused(func(c *raid) (any, error) {
		if j, err := c.Installs.Find(c.ctx, c.who, c.me.id, install.ID(c.them.install)); err == nil {
			return j, nil
		}
		return one(c.Installs.Find(c.ctx, c.who, c.them.id, install.ID(c.them.install)))
	}),
	"install.Store.List": refused(func(c *raid) (any, error) { return one(c.Installs.List(c.ctx, c.who, c.them.id, "")) }),
	"install.Store.Abort": refused(func(c *raid) (any, error) {
		return nil, both(c.Installs.Abort(c.ctx, c.who, c.me.id, install.ID(c.them.install)), c.Installs.Abort(c.ctx, c.who, c.them.id, install.ID(c.them.install)))
	}),
	"install.Store.Forget": refused(func(c *raid) (any, error) {
		return nil, both(c.Installs.Forget(c.ctx, c.who, c.me.id, install.ID(c.them.install)), c.Installs.Forget(c.ctx, c.who, c.them.id, install.ID(c.them.install)))
	}),
	"install.Store.ForgetAll": refused(func(c *raid) (any, error) {
		return nil, both(c.Installs.ForgetAll(c.ctx, c.who, c.me.id, "", true), c.Installs.ForgetAll(c.ctx, c.who, c.them.id, "", true))
	}),
	"install.Store.Install": refused(func(c *raid) (any, error) {
		wanted := []module.TenantModule{{ID: "cutroom-core"}}
		return one(c.Installs.Install(c.ctx, c.who, c.them.id, wanted, install.Defaults(), nil))
	}),
	"install.Store.Upgrade": refused(func(c *raid) (any, error) {
		return one(c.Installs.Upgrade(c.ctx, c.who, c.them.id, install.Defaults(), nil))
	}),
	"install.Store.Wait": refused(func(c *raid) (any, error) { return one(c.Installs.Wait(c.ctx, c.me.id, install.ID(c.them.install))) }),
	"install.Store.Claim": refused(func(c *raid) (any, error) {
		_, err := c.Installs.Claim(c.ctx, install.Args{Tenant: c.me.id, Install: install.ID(c.them.install)}, 1, "n1")
		return nil, err
	}),
	"install.Store.Enabled":          nothingOf(func(c *raid) (any, error) { return one(c.Installs.Enabled(c.ctx, c.me.id)) }),
	"install.Store.EnableBuiltins":   nothingOf(func(c *raid) (any, error) { return done(c.Installs.EnableBuiltins(c.ctx, c.me.id)) }),
	"install.Store.EnabledTx":        whole("is Enabled inside a transaction above the tenants"),
	"install.Store.Active":           whole("tells what runs in which tenant, for operators' lists"),
	"install.Store.Reap":             whole("looks after the installs of all tenants"),
	"install.Store.RegisterBuiltins": whole("modules are the same for all tenants"),
	"install.Store.Modules":          whole("modules are the same for all tenants"),
	"install.Store.ModulesMap":       whole("modules are the same for all tenants"),
	"install.Store.Module":           whole("modules are the same for all tenants"),
	"install.Store.Instances":        whole("modules are the same for all tenants"),
	"install.Store.URL":              whole("modules are the same for all tenants"),
	"install.Store.AddModules": refused(func(c *raid) (any, error) {
		return done(c.Installs.AddModules(c.ctx, c.who, nil, false, module.Filter{}))
	}),
	"install.Store.RemoveModule": refused(func(c *raid) (any, error) { return done(c.Installs.RemoveModule(c.ctx, c.who, "cutroom-core-1.0.0")) }),
	"install.Store.AddInstance":  refused(func(c *raid) (any, error) { return one(c.Installs.AddInstance(c.ctx, c.who, install.Instance{})) }),
	"fleet.Store.Start": refused(func(c *raid) (any, error) {
		return one(c.Fleet.Start(c.ctx, c.who, []tenant.ID{c.me.id, c.them.id}, 1))
	}),
	"fleet.Store.Abort":    refused(func(c *raid) (any, error) { return done(c.Fleet.Abort(c.ctx, c.who, fleet.ID(c.them.batch))) }),
	"fleet.Store.Retry":    refused(func(c *raid) (any, error) { return one(c.Fleet.Retry(c.ctx, c.who, fleet.ID(c.them.batch))) }),
	"fleet.Store.Find":     refused(func(c *raid) (any, error) { return one(c.Fleet.Find(c.ctx, c.who, fleet.ID(c.them.batch), 10)) }),
	"fleet.Store.PlaceOf":  whole("is for operators' pages; the routes say who sees them"),
	"install.Store.Open":   whole("tells what runs, for operators' lists"),
	"install.Store.Recent": whole("tells what ran, for operators' lists"),
	"fleet.Store.Count":    whole("is for operators' pages; the routes say who sees them"),
	"fleet.Store.Changes":  whole("is for operators' pages; the routes say who sees them"),
	"fleet.Store.Open":     whole("is for operators' pages; the routes say who sees them"),
	"fleet.Store.List":     whole("is for operators' pages; the routes say who sees them"),
	"fleet.Store.Line":     whole("is for operators' pages; the routes say who sees them"),
	"fleet.Store.Step":     whole("goes on with upgrades of many"),
	"install.Store.RemoveInstances": refused(func(c *raid) (any, error) {
		return one(c.Installs.RemoveInstances(c.ctx, c.who, "cutroom-core-1.0.0", ""))
	}),
}

// both is nil as soon as one of them is.
func both(one, two error) error {
	if one == nil || two == nil {
		return nil
	}
	return errors.Join(one, two)
}

// linkInto puts a symbolic link to the other house's folder into one's own, as somebody with a shell could.
func (w *world) linkInto(t *testing.T, me, them *house) {
	t.Helper()
	if err := os.Symlink("../"+string(them.id), filepath.Join(w.folder, string(me.id), "link")); err != nil {
		t.Fatal(err)
	}
}
