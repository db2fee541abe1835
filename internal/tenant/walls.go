package tenant

// walls takes from everybody what Postgres gives everybody in a new database and no tenant needs: to make temporary tables,
// which would stay in a connection that the next tenant uses, and, in old databases, to make tables in public. Where the
// node does not own the database, its owner has to do so; then pg_temp as the last place that is searched still keeps one
// tenant's temporary table from standing in for another's.
const walls = `
	do $$ begin
	  execute format('revoke create, temporary on database %I from public', current_database());
	exception when insufficient_privilege then null; end $$;
	do $$ begin
	  revoke create on schema public from public;
	exception when insufficient_privilege or invalid_schema_name then null; end $$;`
