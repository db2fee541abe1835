package handlers

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sort"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"cutroom/internal/dbtest"
	"cutroom/internal/edit"
	"cutroom/internal/event"
	"cutroom/internal/live"
	"cutroom/internal/node"
	"cutroom/internal/presence"
	"cutroom/internal/run"
	"cutroom/internal/storage"
	"cutroom/internal/tenant"
	"cutroom/internal/user"
)

// password is everybody's, in both houses.
const password = "the same horse in both houses"

// house is one of two tenants that have people of the same names with the same passwords, and, of each noun, one thing whose
// id both have ("shared") and one that is its own ("own-<tenant>"). Every text of theirs holds the mark, which nobody can guess.
type house struct {
	id   tenant.ID
	host string
	mark string
	name string // of the house itself: everybody at its own address may see it

	token, link string // ada's, who is its admin
	tokenID     string
	secret      string // of a session
	session     string // hex of a session's hash
	install     string // id of an install that is over
	batch       string // id of an upgrade of many that it was in
}

// own is the id that only this house has.
func (h *house) own() string { return "own-" + string(h.id) + "-" + strings.ToLower(h.mark[2:8]) }

// ada is its admin, as the stores know her.
func (h *house) ada() user.Who {
	return user.Who{Tenant: h.id, User: "ada", Name: "Ada " + h.mark, Role: "admin", Roles: []string{user.OwnRole("ada"), user.RoleUser, user.RoleAnonymous, user.RoleAdmin}, Session: h.session}
}

// world is one whole node with two houses on it.
type world struct {
	*Server
	url, dsn    string
	folder      string // of the files
	alpha, beta *house
}

// newWorld fills a database with two houses and starts a node on it.
func newWorld(t *testing.T) *world {
	t.Helper()
	dsn := dbtest.DSN(t)
	pool, err := pgxpool.New(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	folder := t.TempDir()
	files, err := storage.NewLocal(folder)
	if err != nil {
		t.Fatal(err)
	}
	public, err := url.Parse("http://localhost:8080")
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	db := &tenant.DB{Pool: pool}
	bus := live.New(live.Config{DSN: dsn, Pool: pool, Log: log})
	edits := &edit.Store{DB: db, Bus: bus, Lines: edit.LinesFrom(files)}
	runs, err := run.New(db, edits, bus)
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{DB: db, Users: user.New(db, bus), Events: &event.Store{DB: db, Bus: bus}, Edits: edits, Runs: runs, Nodes: &node.Store{DB: db}, Bus: bus, Files: files, Log: log,
		Uploads:  &event.Uploads{DB: db, Bus: bus, Files: files, Jobs: runs.River, Node: "n1"},
		Presence: presence.New(presence.Config{DB: db, Bus: bus, Node: "n1", Log: log}),
		Config:   Config{PublicURL: public, Secret: []byte("a secret of the tests"), Node: "n1"}}
	fillServer(t, s)
	fillSignIn(t, s)
	w := &world{Server: s, dsn: dsn, folder: folder, alpha: newHouse("alpha"), beta: newHouse("beta")}
	for _, h := range []*house{w.alpha, w.beta} {
		w.furnish(t, h)
	}
	w.samePasswords(t)
	h, err := s.Handler()
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(h)
	w.url = server.URL
	bus.Start(t.Context())
	s.Presence.Start(t.Context())
	t.Cleanup(func() {
		s.CloseSockets(t.Context(), 0)
		server.Close()
		s.Presence.Stop()
		bus.Stop()
	})
	<-bus.Ready()
	return w
}

func newHouse(id tenant.ID) *house {
	return &house{id: id, host: string(id) + ".localhost:8080", mark: "Mk" + rand.Text()[:14], name: "House" + rand.Text()[:10]}
}

// other is the house next door.
func (w *world) other(h *house) *house {
	if h == w.alpha {
		return w.beta
	}
	return w.alpha
}

// furniture has one row at least for every table of a tenant; MARK, OWN and TENANT are the house's.
const furniture = `
	insert into person (name, display_name, role, extra_roles) values ('ada', 'Ada MARK', 'admin', '{ROLE_MARK}'), ('ben', 'Ben MARK', 'editor', '{}'), ('OWN', 'Own MARK', 'viewer', '{}');
	insert into session (hash, user_name, data, expires_at) values (sha256('session MARK'), 'ada', 'MARK', now() + interval '1 day');
	insert into token (id, hash, user_name, expires_at) values ('OWN', sha256('token MARK'), 'ada', now() + interval '1 day');
	insert into sign_in_link (hash, user_name, expires_at) values (sha256('link MARK'), 'ada', now() + interval '1 day');
	insert into audit_log (actor, action, subject, detail) values ('ada MARK', 'do MARK', 'of MARK', '{"x": "MARK"}');
	insert into setting (key, value, modified_by) values ('edit.runs', to_jsonb(case when 'TENANT' = 'beta' then 'reject' else 'queue' end), 'ada MARK'), ('bin.days', '77', 'MARK'), ('x MARK', '"MARK"', 'MARK');
	insert into idempotency (user_name, key, route, body_hash, status, headers, body) values
	  ('ada', 'key', 'POST /api/v1/events', sha256('{"title":"x"}'), 201, '{"X-Kept": ["MARK"]}', 'MARK'), ('ada MARK', 'key MARK', 'POST /MARK', '', 201, '{}', 'MARK');
	insert into series (id, title, description, creators, language, extra_metadata, created_by)
	  select id, 'Series MARK', 'About MARK', '{Creator MARK}', 'en', '{"x:y": "MARK"}', 'ada MARK' from unnest(array['shared', 'OWN']) id;
	insert into series_acl (series_id, role, action) select id, role, action from unnest(array['shared', 'OWN']) id, unnest(array['ROLE_USER', 'ROLE_USER_ADA', 'ROLE_MARK']) role, unnest(array['read', 'write', 'x MARK']) action;
	insert into event (id, title, description, creators, language, series_id, owner, created_by, duration, state, extra_metadata, import_report, changed_by, published_rev, published_at)
	  select id, 'Lecture MARK', 'About MARK', '{Creator MARK}', 'en', id, 'ada', 'ada MARK', 30000, 'ready', '{"x:y": "MARK", "ocx:downloadable": true}',
	    '[{"field": "title", "message": "MARK"}]', 'ada MARK', 1, now() from unnest(array['shared', 'OWN']) id;
	insert into event (id, title, owner, created_by, deleted_at, deleted_by, state, error) select 'bin-' || id, 'Gone MARK', 'ada MARK', 'ada MARK', now(), 'ada MARK', 'failed', 'Broke MARK' from unnest(array['shared', 'OWN']) id;
	insert into event_acl (event_id, role, action) select id, role, action from unnest(array['shared', 'OWN', 'bin-shared', 'bin-OWN']) id, unnest(array['ROLE_USER', 'ROLE_USER_ADA', 'ROLE_MARK']) role, unnest(array['read', 'write', 'x MARK']) action;
	insert into asset (id, event_id, kind, flavor, tags, properties, mime_type, size, checksum, source, internal, path, duration, streams, language)
	  select prefix || id, id, 'track', flavor, '{MARK}', '{"p": "MARK"}', type, length('file MARK'), 'sha256:' || encode(sha256('file MARK'), 'hex'), source, source, 'events/' || id || '/' || prefix || '.mp4', 30000,
	    case when type = 'text/vtt' then '[{"kind": "text", "textKind": "subtitle", "generator": "MARK"}]'::jsonb else '[{"kind": "video", "frameRate": 25}, {"kind": "audio", "codec": "MARK"}]'::jsonb end, 'en'
	  from unnest(array['shared', 'OWN']) id, (values ('src-', 'presenter/source', true, 'video/mp4'), ('pub-', 'presenter/delivery', false, 'video/mp4'), ('sub-', 'captions/source', true, 'text/vtt')) k(prefix, flavor, source, type);
	insert into retired_asset (id, event_id, mime_type, size, checksum, path) select 'old-' || id, id, 'video/mp4', length('file MARK'), 'sha256:' || encode(sha256('file MARK'), 'hex'), 'events/' || id || '/old-.mp4' from unnest(array['shared', 'OWN']) id;
	insert into file_garbage (path, after) values ('events/MARK', now() + interval '1 day');
	insert into upload (id, event_id, flavor, filename, tags, language, size, received, created_by, finished_at, error, ended_at) values
	  ('up-shared', 'shared', 'presentation/source', 'MARK.mp4', '{MARK}', 'en', 100, 5, 'ada', null, null, null), ('up-OWN', 'OWN', 'presentation/source', 'MARK.mp4', '{MARK}', 'en', 100, 5, 'ada', null, null, null),
	  ('in-shared', 'shared', 'presentation/source', 'MARK.mp4', '{}', 'en', 5, 5, 'ada MARK', now(), null, null), ('in-OWN', 'OWN', 'presentation/source', 'MARK.mp4', '{}', 'en', 5, 5, 'ada MARK', now(), null, null),
	  ('bad-OWN', 'OWN', 'presentation/source', 'MARK.mp4', '{}', 'en', 5, 5, 'ada', now(), 'Refused MARK', now());
	update upload set node = 'node MARK' where id like 'bad-%';
	insert into edit (event_id, rev, state) select id, 2, '{"removed": [], "borders": [], "tracks": [], "chapters": [{"id": "c", "at": 1000, "title": "Chapter MARK"}],
	  "cues": [{"track": "sub-ID", "cues": [{"id": "q", "start": 0, "end": 1000, "text": "Said MARK"}]}]}'::jsonb from unnest(array['shared', 'OWN']) id;
	insert into edit_op (event_id, rev, op_id, base_rev, op, author_user, author_name, author_session)
	  select id, rev, 'op-' || rev || 'MARK', rev - 1, jsonb_build_object('kind', 'chapter', 'id', 'c', 'at', 1000, 'title', 'Chapter MARK'), 'ada', 'Ada MARK', 'MARK' from unnest(array['shared', 'OWN']) id, generate_series(1, 2) rev;
	insert into run (id, event_id, seq, workflow, rev, state, node, lost_node, requested_by, requested_name, started_at, ended_at, error)
	  select state || '-' || id, id, seq, 'publish', 1, state, 'node MARK', 'lost MARK', 'ada MARK', 'Ada MARK', now(), case when state <> 'queued' then now() end, 'Error MARK'
	  from unnest(array['shared', 'OWN']) id, (values (1, 'done'), (2, 'failed'), (3, 'queued')) k(seq, state);
	insert into run_step (run_id, ordinal, name, state, message) select id, 1, 'cut', 'done', 'Step MARK' from run;
	insert into run_log (run_id, line) select id, 'Line MARK' from run;`

// furnish makes a house with something in every room.
func (w *world) furnish(t *testing.T, h *house) {
	t.Helper()
	makeHouse(t, w.DB, h)
	w.makeKeys(t, h)
	sql := strings.NewReplacer("SAMESTATE", loginState("same"), "ITSSTATE", loginState(h.mark), "ITSTICKET", loginState("ticket "+h.mark), "MARK", h.mark, "OWN", h.own(), "TENANT", string(h.id)).Replace(furniture + signInFurniture)
	err := w.DB.Tx(t.Context(), h.id, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), sql)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"shared", h.own()} {
		for _, name := range []string{"src-.mp4", "pub-.mp4", "old-.mp4"} {
			w.put(t, h, "events/"+id+"/"+name, "file "+h.mark)
		}
		w.put(t, h, "events/"+id+"/sub-.mp4", "WEBVTT\n\n00:00.000 --> 00:01.000\n"+h.mark+"\n")
		w.put(t, h, "uploads/up-"+id, h.mark[:5])
		w.put(t, h, "uploads/in-"+id, h.mark[:5])
	}
	system := user.System(h.id)
	made, secret, err := w.Users.CreateToken(t.Context(), system, "ada", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	h.token, h.tokenID = secret, made.ID
	if h.link, _, err = w.Users.CreateLink(t.Context(), system, "ada"); err != nil {
		t.Fatal(err)
	}
	secret, who, err := w.Users.Sessions().Begin(t.Context(), h.ada(), user.Begin{How: "test"})
	if err != nil {
		t.Fatal(err)
	}
	h.secret, h.session = secret, who.Session
	_, err = w.DB.Pool.Exec(t.Context(), `insert into cutroom.node (name, roles, version, heartbeat_at) values ('n1', '{pages}', 'test', now() + interval '1 hour'), ('n2', '{pages}', 'test', now() + interval '1 hour') on conflict do nothing`)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.DB.Pool.Exec(t.Context(), `insert into cutroom.presence (session, node, tenant_id, event_id, user_name, name, since, state, place)
		select $1 || e, 'n2', $2, e, 'ada', 'Ada ' || $1, now(), 'active', $1 from unnest(array['shared', $3]) e`, h.mark, h.id, h.own())
	if err != nil {
		t.Fatal(err)
	}
	furnishInstalls(t, w.DB, h)
	w.sealSecrets(t, h)
}

func (w *world) put(t *testing.T, h *house, path, content string) {
	t.Helper()
	if _, _, err := w.Files.Put(t.Context(), string(h.id), path, strings.NewReader(content)); err != nil {
		t.Fatal(err)
	}
}

// samePasswords gives the people of both houses the same password, down to the hash.
func (w *world) samePasswords(t *testing.T) {
	t.Helper()
	if err := w.Users.SetPassword(t.Context(), user.System(w.alpha.id), "ada", password); err != nil {
		t.Fatal(err)
	}
	_, err := w.DB.Pool.Exec(t.Context(), `update t_beta.person set password_hash = (select password_hash from t_alpha.person where name = 'ada') where name = 'ada'`)
	if err != nil {
		t.Fatal(err)
	}
}

// cookie is a new session of a person of a house, as a browser sends it.
func (w *world) cookie(t *testing.T, h *house) string {
	t.Helper()
	secret, _, err := w.Users.Sessions().Begin(t.Context(), h.ada(), user.Begin{How: "test"})
	if err != nil {
		t.Fatal(err)
	}
	return w.sessions.name + "=" + secret
}

// state is all that a house has: every row of its schema, what stands of it above the tenants, and every file.
func (w *world) state(t *testing.T, h *house) map[string]string {
	t.Helper()
	now := map[string]string{}
	tables := w.tables(t, h)
	var parts []string
	for _, table := range tables {
		if table == "session" || table == "audit_log" { // the test signs in
			continue
		}
		parts = append(parts, fmt.Sprintf(`select '%[1]s', coalesce(md5(string_agg(x::text, ';' order by x::text)), '') from t_%[2]s."%[1]s" x`, table, h.id))
	}
	parts = append(parts,
		fmt.Sprintf(`select 'sessions', count(*) filter (where revoked_at is not null)::text from t_%s.session`, h.id),
		fmt.Sprintf(`select 'tenant', md5(string_agg(x::text, ';')) from cutroom.tenant x where id = '%s'`, h.id),
		fmt.Sprintf(`select 'jobs', coalesce(md5(string_agg(args::text || state::text, ';' order by id)), '') from river.river_job where args ->> 'tenant' = '%s'`, h.id),
		`select 'nodes', coalesce(md5(string_agg(name || draining::text, ';' order by name)), '') from cutroom.node`)
	for _, table := range w.above(t) {
		only := ""
		if table == "presence" {
			only = "and node = 'n2'" // n1 is the test's own node, whose seats come and go
		}
		parts = append(parts, fmt.Sprintf(`select 'above %[1]s', coalesce(md5(string_agg(x::text, ';' order by x::text)), '') from cutroom."%[1]s" x where tenant_id = '%[2]s' %[3]s`, table, h.id, only))
	}
	rows, err := w.DB.Pool.Query(t.Context(), strings.Join(parts, " union all "))
	if err != nil {
		t.Fatal(err)
	}
	var name, sum string
	if _, err := pgx.ForEachRow(rows, []any{&name, &sum}, func() error { now[name] = sum; return nil }); err != nil {
		t.Fatal(err)
	}
	now["files"] = strings.Join(w.files(t, h), "\n")
	return now
}

// above are the tables above the tenants that say of each row whose it is.
func (w *world) above(t *testing.T) []string {
	t.Helper()
	rows, err := w.DB.Pool.Query(t.Context(), "select table_name::text from information_schema.columns where table_schema = 'cutroom' and column_name = 'tenant_id' order by 1")
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) == 0 {
		t.Fatal(tables, err)
	}
	return tables
}

// tables of a house.
func (w *world) tables(t *testing.T, h *house) []string {
	t.Helper()
	rows, err := w.DB.Pool.Query(t.Context(), "select tablename::text from pg_tables where schemaname = 't_' || $1", string(h.id))
	if err != nil {
		t.Fatal(err)
	}
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(tables)
	return tables
}

// files of a house with their content.
func (w *world) files(t *testing.T, h *house) []string {
	t.Helper()
	var all []string
	err := w.Files.(*storage.Local).Walk(t.Context(), string(h.id), everyFile(func(path string) error {
		f, err := w.Files.Open(t.Context(), string(h.id), path)
		if err != nil {
			return err
		}
		defer f.Close()
		content, err := io.ReadAll(f)
		all = append(all, path+": "+string(content))
		return err
	}))
	if err != nil {
		t.Fatal(err)
	}
	sort.Strings(all)
	return all
}

// unchanged fails the test when something of a house is not as it was, and says what.
func (w *world) unchanged(t *testing.T, h *house, was map[string]string, what string) {
	t.Helper()
	now := w.state(t, h)
	for name, sum := range was {
		if now[name] != sum {
			t.Errorf("%s changed %s of %s", what, name, h.id)
		}
	}
	if len(now) != len(was) {
		t.Errorf("%s: %d things, then %d", what, len(was), len(now))
	}
}

// leaks says whether a text holds something of a house: its mark, or an id of its own that the asker did not say.
func (h *house) leaks(text, asked string) bool {
	low := strings.ToLower(text)
	return strings.Contains(low, strings.ToLower(h.mark)) || strings.Contains(low, h.own()) && !strings.Contains(asked, h.own())
}

// ask makes a request at a house's address and gives the answer with all its headers as text.
func (w *world) ask(t *testing.T, host, method, path, body string, header http.Header) (status int, text string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	r.Host = host
	for name, values := range header {
		r.Header[name] = values
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil && res.StatusCode != http.StatusSwitchingProtocols {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return res.StatusCode, fmt.Sprint(res.StatusCode, " ", res.Header, " ", string(answer))
}

// plainColumns are those whose values are ids, or words of a fixed set, or belong to no text.
var plainColumns = map[string]bool{
	"asset.flavor": true, "asset.kind": true, "asset.language": true, "asset.mime_type": true, "asset.checksum": true, "asset.path": true, "retired_asset.mime_type": true, "retired_asset.checksum": true,
	"retired_asset.path": true, "event.language": true, "event.state": true, "event.owner": true, "series.language": true, "person.role": true, "person.name": true, "person.password_hash": true,
	"upload.flavor": true, "upload.language": true, "upload.lock_owner": true, "run.workflow": true, "run.state": true, "run_step.name": true, "run_step.state": true, "edit_op.author_user": true,
	"sign_in_link.user_name": true, "token.user_name": true, "token.scopes": true, "session.user_name": true, "event_words.words": true, "edit_op.op_id": true,
	"lti_platform.version": true, "lti_platform.status": true, "membership.rank": true, "membership.user_name": true, "identity.user_name": true, "lti_launch.user_name": true,
}

// A test of isolation is worth as much as what there is to find: each table has a row, each text the mark. Whoever adds a
// table or a column adds it to the furniture.
func TestIsolationHasSomethingToFindEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rows, err := w.DB.Pool.Query(t.Context(), `
		select c.table_name::text, c.column_name::text from information_schema.columns c
		where c.table_schema = 't_beta' and (c.data_type in ('text', 'jsonb', 'json', 'ARRAY', 'character varying') or c.udt_name = 'tsvector')
		  and c.column_name !~ '(^|_)id$'`)
	if err != nil {
		t.Fatal(err)
	}
	type column struct{ Table, Name string }
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[column])
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range w.tables(t, w.beta) {
		var n int
		if err := w.DB.Pool.QueryRow(t.Context(), fmt.Sprintf(`select count(*) from t_beta."%s"`, table)).Scan(&n); err != nil || n == 0 {
			t.Errorf("table %s has no row to find: %v", table, err)
		}
	}
	for _, c := range columns {
		var marked bool
		err := w.DB.Pool.QueryRow(t.Context(), fmt.Sprintf(`select coalesce(bool_or("%s"::text ilike '%%' || $1 || '%%'), false) from t_beta."%s"`, c.Name, c.Table), w.beta.mark).Scan(&marked)
		if err != nil || !marked && !plainColumns[c.Table+"."+c.Name] {
			t.Errorf("no row of %s has the mark in %s: %v", c.Table, c.Name, err)
		}
	}
	for _, h := range []*house{w.alpha, w.beta} {
		w.unchanged(t, h, w.state(t, h), "nothing")
	}
}
