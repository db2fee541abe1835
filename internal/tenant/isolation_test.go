package tenant_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"cutroom/internal/dbtest"
	"cutroom/internal/tenant"
)

// secret stands in every text of the other tenant that these tests write.
const secret = "Kq7secretOfOther"

// neighbour makes the tenant next door, with rows that hold the secret.
func neighbour(t *testing.T) *tenant.DB {
	t.Helper()
	db := dbtest.New(t)
	makeTenant(t, db, "other")
	if err := db.Migrate(t.Context()); err != nil { // a copy of a database has not its rights
		t.Fatal(err)
	}
	err := db.Tx(t.Context(), "other", func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `
			insert into person (name, display_name, role) values ('ada', '`+secret+`', 'admin');
			insert into series (id, title, created_by) values ('s', '`+secret+`', 'ada');
			insert into event (id, title, owner, created_by, series_id) values ('e', '`+secret+`', 'ada', 'ada', 's');
			insert into audit_log (actor, action, subject) values ('ada', 'x', '`+secret+`');
			insert into session (hash, user_name, data, expires_at, agent, address) values ('x', 'ada', '`+secret+`', now() + interval '1 day', '`+secret+`', '`+secret+`');
			insert into lti_platform (id, version, status, name, issuer, client_id, auth_url, jwks_url, created_by, approved_at) values ('p', '1.3', 'active', '`+secret+`', '`+secret+`', '`+secret+`', '`+secret+`', '`+secret+`', 'ada', now());
			insert into lti_course (platform_id, context, title) values ('p', '`+secret+`', '`+secret+`');
			insert into identity (source, subject, user_name) values ('lti:p', '`+secret+`', 'ada');
			insert into membership (user_name, source, context, title, roles, until) values ('ada', 'lti:p', '`+secret+`', '`+secret+`', '{`+secret+`}', now() + interval '1 day');
			insert into sign_in_provider (id, name, issuer, client_id, created_by) values ('p', '`+secret+`', '`+secret+`', '`+secret+`', 'ada')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// asTenant runs one statement as dbtest.Tenant, in a transaction of its own that is rolled back, and gives all that came back
// as text: rows, notices of errors, details and hints.
func asTenant(ctx context.Context, db *tenant.DB, sql string) (answer string, err error) {
	var said strings.Builder
	undo := errors.New("undo")
	err = db.Tx(ctx, dbtest.Tenant, func(tx pgx.Tx) error {
		results, err := tx.Conn().PgConn().Exec(ctx, sql).ReadAll()
		for _, r := range results {
			for _, row := range r.Rows {
				for _, value := range row {
					said.Write(value)
					said.WriteByte('\n')
				}
			}
			err = errors.Join(err, r.Err)
		}
		var pg *pgconn.PgError
		if errors.As(err, &pg) {
			fmt.Fprintln(&said, pg.Message, pg.Detail, pg.Hint, pg.Where, pg.InternalQuery)
			return err
		}
		if err != nil {
			return err
		}
		return undo
	})
	if errors.Is(err, undo) {
		err = nil
	}
	return said.String(), err
}

// refused says whether Postgres itself said no: no right, or no such thing for this role.
func refused(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case "42501", // insufficient privilege
		"42P01", "42704", "42883", "3F000", // no such relation, object, function, schema
		"0LP01", "0A000", "58P01", "25001", "0A001", "42809":
		return true
	}
	return false
}

// Every relation of the database that is not the tenant's own or Postgres' catalogue is out of reach, whatever is added.
func TestATenantsRoleReachesNoOtherRelation(t *testing.T) {
	t.Parallel()
	db := neighbour(t)
	rows, err := db.Pool.Query(t.Context(), `
		select n.nspname, c.relname, c.relkind::text,
			has_table_privilege('cutroom_t_demo', c.oid, 'select, insert, update, delete, truncate, references, trigger')
			or (c.relkind <> 'S' and has_any_column_privilege('cutroom_t_demo', c.oid, 'select, insert, update, references'))
			or (c.relkind = 'S' and has_sequence_privilege('cutroom_t_demo', c.oid, 'usage, select, update'))
			or has_schema_privilege('cutroom_t_demo', n.oid, 'usage, create')
		from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'v', 'm', 'p', 'f', 'S') and n.nspname not in ('t_demo', 'pg_catalog', 'information_schema', 'pg_toast')
		order by 1, 2`)
	if err != nil {
		t.Fatal(err)
	}
	type relation struct {
		Schema, Name, Kind string
		Open               bool
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[relation])
	if err != nil {
		t.Fatal(err)
	}
	schemas := map[string]int{}
	for _, r := range all {
		schemas[r.Schema]++
		if r.Open {
			t.Errorf("the tenant's role has rights on %s.%s", r.Schema, r.Name)
		}
		name := pgx.Identifier{r.Schema, r.Name}.Sanitize()
		statements := []string{"select * from " + name, "select count(*) from " + name, "select x from " + name + " x", "copy " + name + " to stdout", "table " + name}
		if r.Kind == "S" {
			statements = []string{"select last_value from " + name, "select nextval('" + name + "')", "select setval('" + name + "', 1)"}
		}
		for _, sql := range statements {
			if answer, err := asTenant(t.Context(), db, sql); !refused(err) || strings.Contains(answer, secret) {
				t.Errorf("%s: %v, %s", sql, err, answer)
			}
		}
	}
	for _, schema := range []string{"t_other", "cutroom", tenant.RiverSchema} {
		if schemas[schema] == 0 {
			t.Errorf("no relation of %s was tried", schema)
		}
	}
}

// The role is nobody's member, may make nothing anywhere, and no function outside of Postgres' own lends it another's rights.
func TestATenantsRoleHasNothingBesideItsTables(t *testing.T) {
	t.Parallel()
	db := neighbour(t)
	for what, sql := range map[string]string{
		"it is a member of": `select rolname::text from pg_roles where rolname <> 'cutroom_t_demo' and pg_has_role('cutroom_t_demo', oid, 'member')`,
		"its members beside the node": `select m.rolname::text from pg_auth_members a join pg_roles m on m.oid = a.member join pg_roles r on r.oid = a.roleid
			where r.rolname = 'cutroom_t_demo' and m.rolname <> current_user`,
		"it has the attribute": `select 'yes' from pg_roles where rolname = 'cutroom_t_demo'
			and (rolsuper or rolcreaterole or rolcreatedb or rolreplication or rolbypassrls or rolcanlogin)`,
		"it may create in":            `select nspname::text from pg_namespace where has_schema_privilege('cutroom_t_demo', oid, 'create')`,
		"it may use":                  `select nspname::text from pg_namespace where has_schema_privilege('cutroom_t_demo', oid, 'usage') and nspname not in ('t_demo', 'public', 'pg_catalog', 'information_schema')`,
		"it may make in the database": `select p from unnest(array['create', 'temporary']) p where has_database_privilege('cutroom_t_demo', current_database(), p)`,
		"it owns":                     `select c.relname::text from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = 'cutroom_t_demo'`,
		"others reach its tables": `select c.relname::text || ' ' || r.rolname from pg_class c join pg_namespace n on n.oid = c.relnamespace, pg_roles r
			where n.nspname = 't_demo' and c.relkind = 'r' and not r.rolsuper and r.rolname like 'cutroom\_%' and r.rolname not in ('cutroom_t_demo', current_user)
			and has_table_privilege(r.oid, c.oid, 'select, insert, update, delete')`,
		"it borrows the rights of": `select p.oid::regprocedure::text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
			where p.prosecdef and n.nspname not in ('pg_catalog', 'information_schema') and has_function_privilege('cutroom_t_demo', p.oid, 'execute')
			and has_schema_privilege('cutroom_t_demo', n.oid, 'usage')`,
		"it may write into files or run programs": `select r::text from unnest(array['pg_read_server_files', 'pg_write_server_files', 'pg_execute_server_program', 'pg_read_all_data', 'pg_monitor']) r
			where pg_has_role('cutroom_t_demo', r, 'member')`,
		"an extension that reaches out": `select extname::text from pg_extension where extname <> 'plpgsql'`,
	} {
		rows, err := db.Pool.Query(t.Context(), sql)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(found) > 0 {
			t.Errorf("%s: %v, %v", what, found, err)
		}
	}
}

// What somebody could try who can run any SQL under a tenant's role, without leaving the role.
func TestNoStatementUnderATenantsRoleReadsAnother(t *testing.T) {
	t.Parallel()
	db := neighbour(t)
	for _, sql := range []string{
		// plainly, and around corners
		`select title from t_other.event`, `select title from "t_other"."event"`, `with x as (select * from t_other.event) select * from x`,
		`select (select title from t_other.event limit 1)`, `select 1 where exists (select 1 from t_other.event)`, `select * from series s, lateral (select * from t_other.event) x`,
		`select 1 union select 2 from t_other.event`, `explain analyze select * from t_other.event`, `prepare p as select title from t_other.event`, `declare c cursor for select title from t_other.event`,
		`set local search_path = t_other; select title from event`, `set local search_path = cutroom; select * from tenant`, `set search_path = t_other, t_demo; table t_other.event`,
		`select sealed_secret from t_other.lti_platform`, `select i.subject from t_other.identity i join identity using (source)`, `select set_config('x.y', (select roles[1] from t_other.membership), false)`,
		`insert into lti_course (platform_id, context, title) select 'p', context, title from t_other.lti_course`, `insert into t_other.identity (source, subject, user_name) values ('lti:p', 'mallory', 'ada')`,
		`update t_other.membership set roles = roles || '{ROLE_X}'`, `update t_other.session set user_name = 'ada'`, `delete from t_other.lti_login`, `alter table lti_course add foreign key (platform_id) references t_other.lti_platform`,
		// writing
		`insert into t_other.series (id, title, created_by) values ('x', 'x', 'x')`, `update t_other.event set title = 'x'`, `delete from t_other.event`, `truncate t_other.event`, `lock table t_other.event`,
		`insert into series (id, title, created_by) select id, title, created_by from t_other.series`, `merge into t_other.event e using series s on s.id = e.id when matched then delete`,
		// changing what is there
		`alter table event add foreign key (series_id) references t_other.series`, `create view v as select * from t_other.event`, `create materialized view v as select * from t_other.event`,
		`create function f() returns text language sql as 'select title from t_other.event limit 1'`, `create function f() returns text language sql security definer as 'select 1::text'`,
		`create rule r as on select to series do instead select * from t_other.series`, `create policy p on t_other.event using (true)`, `alter table t_other.event disable trigger all`, `comment on table t_other.event is 'x'`,
		`create schema mine`, `create table mine (x int)`, `create table public.mine (x int)`, `create trigger x after insert on event execute function touch()`, `drop schema t_other cascade`, `drop table event`,
		`alter schema t_other rename to t_mine`, `alter function touch() security definer`, `reindex table t_other.event`, `analyze t_other.event; select 1/0`,
		// temporary things would outlive the transaction's owner: another tenant's statements would find them first
		`create temporary table event (id text)`, `create temporary view event as select 1`, `create temporary sequence s`, `select * into temporary x from event`, `create temporary table t as select 1`,
		// roles
		`create role mine login superuser`, `alter role cutroom_t_demo superuser`, `grant cutroom_t_other to cutroom_t_demo`, `grant all on schema t_other to cutroom_t_demo`, `grant select on t_other.event to public`,
		`reassign owned by cutroom_t_other to cutroom_t_demo`, `drop owned by cutroom_t_other`, `alter role cutroom_t_other set search_path = t_demo`,
		// code
		`do $$ begin perform 1 from t_other.event; end $$`, `do $$ begin raise exception '%', (select title from t_other.event limit 1); end $$`, `do $$ begin execute 'select * from t_other.event'; end $$`,
		`do $$ begin create temporary table x (y int); end $$`, `do language plperlu 'x'`, `do language plpython3u 'x'`,
		// functions that run SQL or read what they are told
		`select query_to_xml('select * from t_other.event', true, true, '')`, `select table_to_xml('t_other.event', true, true, '')`, `select schema_to_xml('t_other', true, true, '')`,
		`select * from ts_stat('select words from t_other.event_words')`, `select ts_rewrite('a'::tsquery, 'select ''a''::tsquery, title::tsquery from t_other.event')`,
		`select lo_import('/etc/passwd')`, `select lo_export(1, '/tmp/x')`, `select pg_read_file('/etc/passwd')`, `select pg_read_binary_file('postgresql.conf')`, `select pg_ls_dir('.')`, `select pg_stat_file('PG_VERSION')`,
		`select pg_get_wal_resource_managers(), pg_ls_waldir()`, `select pg_logical_slot_peek_changes('x', null, null)`, `select pg_create_logical_replication_slot('x', 'test_decoding')`,
		`select dblink('dbname=postgres', 'select 1')`, `create extension dblink`, `create extension postgres_fdw`, `create extension file_fdw`, `create extension plpython3u`, `create server s foreign data wrapper postgres_fdw`,
		`select pg_reload_conf()`, `select pg_rotate_logfile()`, `select pg_sequence_last_value('t_other.audit_log_id_seq')`, `select currval('t_other.audit_log_id_seq')`,
		`create publication p for all tables`, `create subscription s connection 'x' publication p`, `create event trigger x on ddl_command_start execute function touch()`, `create language plperl`,
		// files and programs
		`copy t_other.event to stdout`, `copy (select title from t_other.event) to stdout`, `copy event to '/tmp/x'`, `copy event from '/etc/passwd'`, `copy event from program 'id'`, `copy (select 1) to program 'cat'`,
		`load 'auto_explain'`, `alter system set log_statement = 'all'`, `set local session_preload_libraries = 'x'`, `set local log_statement = 'all'`,
		// secrets of the server
		`select rolpassword from pg_authid`, `select * from pg_shadow`, `select * from pg_user_mapping`, `select * from pg_subscription`, `select * from pg_largeobject`, `select * from pg_statistic`, `select * from pg_file_settings`,
		`select * from pg_hba_file_rules`, `select * from pg_ident_file_mappings`, `select * from pg_statistic_ext_data`, `select * from pg_config()`,
		// others' connections
		`select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid() and usename is not null`,
		// errors that would quote what they read
		`select title::int from t_other.event`, `select 1 / length(title) - length(title) from t_other.event`, `insert into series (id, title, created_by) select title, title, title from t_other.event`,
		`select ('{' || title || '}')::json from t_other.event`, `select set_masklen(title::inet, 1) from t_other.event`,
	} {
		// Somebody else's connection, so that there is one to end.
		if strings.Contains(sql, "pg_terminate_backend") {
			hold(t, db)
		}
		answer, err := asTenant(t.Context(), db, sql)
		if !refused(err) {
			t.Errorf("%s: %v", sql, err)
		}
		if strings.Contains(answer, secret) {
			t.Errorf("%s told: %s", sql, answer)
		}
	}
}

// hold keeps a connection of the pool busy for the rest of the test.
func hold(t *testing.T, db *tenant.DB) {
	t.Helper()
	conn, err := db.Pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Release)
}

// What the catalogue shows to everybody holds names of schemas and tables, never what is in them.
func TestTheCatalogueTellsNoRows(t *testing.T) {
	t.Parallel()
	db := neighbour(t)
	if _, err := db.Pool.Exec(t.Context(), "analyze t_other.event, t_other.series, t_other.person, t_other.session, t_other.lti_platform, t_other.lti_course, t_other.identity, t_other.membership, t_other.sign_in_provider"); err != nil {
		t.Fatal(err)
	}
	busy, err := db.Pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Release()
	if _, err := busy.Exec(t.Context(), "select '"+secret+"'"); err != nil { // its last statement is to be seen by nobody
		t.Fatal(err)
	}
	rows, err := db.Pool.Query(t.Context(), `select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind in ('r', 'v') and n.nspname in ('pg_catalog', 'information_schema') and has_table_privilege('cutroom_t_demo', c.oid, 'select')`)
	if err != nil {
		t.Fatal(err)
	}
	relations, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(relations) < 100 {
		t.Fatalf("%d relations, %v", len(relations), err)
	}
	for _, name := range relations {
		answer, _ := asTenant(t.Context(), db, "select x::text from "+name+" x")
		if strings.Contains(answer, secret) {
			t.Errorf("%s tells what is in another tenant's rows", name)
		}
	}
}

// A temporary table that a tenant could leave in a connection, where the database lets everybody make one, does not stand in
// for another tenant's.
func TestTemporaryTablesStandInForNothing(t *testing.T) {
	t.Parallel()
	db := neighbour(t)
	if _, err := db.Pool.Exec(t.Context(), "do $$ begin execute format('grant temporary on database %I to public', current_database()); end $$"); err != nil {
		t.Fatal(err)
	}
	err := db.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), "create temporary table event (title text); insert into pg_temp.event values ('not theirs'); grant all on pg_temp.event to public")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	err = db.Read(t.Context(), "other", func(tx pgx.Tx) error {
		var title string
		err := tx.QueryRow(t.Context(), "select title from event").Scan(&title)
		if title != secret {
			t.Errorf("read %q, %v", title, err)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What a tenant's statements leave in their connection is not there for the next, who may be another tenant.
func TestNothingStaysInTheConnection(t *testing.T) {
	t.Parallel()
	db := neighbour(t)
	conn, err := db.Pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	conn.Release()
	read := func() string {
		t.Helper()
		var title, user, path string
		err := db.Read(t.Context(), "other", func(tx pgx.Tx) error {
			return tx.QueryRow(t.Context(), "select title, current_user, current_setting('search_path') from event").Scan(&title, &user, &path)
		})
		if err != nil {
			t.Fatal(err)
		}
		return title + " " + user + " " + path
	}
	for _, sql := range []string{"set search_path = t_demo", "set role cutroom_t_demo", "set session characteristics as transaction read only", "set default_transaction_read_only = on", "set statement_timeout = 1"} {
		failed := errors.New("failed")
		_ = db.Tx(t.Context(), dbtest.Tenant, func(tx pgx.Tx) error {
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				return err
			}
			return failed
		})
		if got := read(); got != secret+` cutroom_t_other t_other, pg_temp` && got != secret+` cutroom_t_other "t_other", pg_temp` {
			t.Errorf("after %s: %s", sql, got)
		}
	}
	for _, wrong := range []tenant.ID{"", "Demo", "demo; drop schema t_other", `other" , "t_demo`, "..", "_other", "pg_catalog", "no\x00", tenant.ID(strings.Repeat("a", 32))} {
		err := db.Tx(t.Context(), wrong, func(pgx.Tx) error { t.Errorf("a transaction of %q", wrong); return nil })
		if err == nil {
			t.Errorf("tenant %q is one", wrong)
		}
	}
}
