-- One tenant's world. Every promise of the data model that SQL can say is said here.

create function all_nonblank(list text[]) returns boolean language sql immutable as $$
  select coalesce(bool_and(octet_length(v) <= 1024 and btrim(v, E'\t\n\u000b\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000') <> ''), true)
  from unnest(list) v
$$;

-- ---------------------------------------------------------------- people

create table person (
  name          label primary key,
  display_name  nonblank not null,
  role          text not null check (role in ('admin', 'editor', 'viewer')),
  password_hash text,
  extra_roles   text[] not null default '{}',
  created       timestamptz not null default now(),
  disabled_at   timestamptz
);

create table session (
  hash       bytea primary key,
  user_name  text references person on delete cascade,
  data       bytea not null,
  created    timestamptz not null default now(),
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index session_of_user on session (user_name);
create index session_expiry on session (expires_at);

create table token (
  id         label primary key,
  hash       bytea not null unique,
  user_name  text not null references person on delete cascade,
  scopes     text[] not null default '{}',
  created    timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz
);

create table sign_in_link (
  hash       bytea primary key,
  user_name  text not null references person on delete cascade,
  created    timestamptz not null default now(),
  expires_at timestamptz not null
);

create table audit_log (
  id      bigint generated always as identity primary key,
  at      timestamptz not null default now(),
  actor   text not null,
  action  text not null,
  subject text not null default '',
  detail  jsonb not null default '{}'
);
create index audit_log_at on audit_log (at);

create table setting (
  key         text primary key,
  value       jsonb not null,
  modified    timestamptz not null default now(),
  modified_by text not null
);

create table idempotency (
  user_name text not null,
  key       text not null check (octet_length(key) between 1 and 255),
  route     text not null,
  body_hash bytea not null,
  status    int,
  headers   jsonb,
  body      bytea,
  created   timestamptz not null default now(),
  primary key (user_name, key)
);

-- ---------------------------------------------------------------- series and events

create table series (
  id             label primary key,
  title          nonblank not null,
  description    text not null default '' check (octet_length(description) <= 65536),
  creators       text[] not null default '{}' check (all_nonblank(creators)),
  language       langcode,
  extra_metadata jsonb not null default '{}' check (jsonb_typeof(extra_metadata) = 'object'),
  created_by     nonblank not null,
  created        timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
  modified       timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
  check (modified >= created)
);

create table series_acl (
  series_id text not null references series on delete cascade,
  role      nonblank not null,
  action    nonblank not null,
  primary key (series_id, role, action)
);

create table event (
  id             label primary key,
  title          nonblank not null,
  description    text not null default '' check (octet_length(description) <= 65536),
  creators       text[] not null default '{}' check (all_nonblank(creators)),
  language       langcode,
  series_id      text references series,
  owner          nonblank not null,
  created_by     nonblank not null,
  created        timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
  modified       timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
  start_time     timestamptz,
  end_time       timestamptz,
  duration       bigint check (duration >= 0),
  state          text not null default 'empty' check (state in ('empty', 'processing', 'ready', 'failed')),
  error          text check ((error is not null) = (state = 'failed')),
  extra_metadata jsonb not null default '{}' check (jsonb_typeof(extra_metadata) = 'object'),
  import_report  jsonb not null default '[]' check (jsonb_typeof(import_report) = 'array'),
  changed_by     text,  -- who changed metadata or ACL last
  published_rev  bigint,
  published_at   timestamptz,
  deleted_at     timestamptz,
  deleted_by     text,
  check (end_time >= start_time),
  check (modified >= created),
  check ((published_rev is null) = (published_at is null)),
  check ((deleted_at is null) = (deleted_by is null))
);
create index event_created on event (created desc, id desc) where deleted_at is null;
create index event_modified on event (modified desc, id desc) where deleted_at is null;
create index event_series on event (series_id);
create index event_bin on event (deleted_at) where deleted_at is not null;

create table event_acl (
  event_id text not null references event on delete cascade,
  role     nonblank not null,
  action   nonblank not null,
  primary key (event_id, role, action)
);
create index event_acl_role on event_acl (role, action, event_id);

create table asset (
  id         label primary key,
  event_id   text not null references event on delete cascade,
  kind       text not null check (kind in ('track', 'attachment')),
  flavor     text not null check (flavor ~ '^[\x21-\x2e\x30-\x7e]+/[\x21-\x2e\x30-\x7e]+$' and octet_length(flavor) <= 255),
  tags       text[] not null default '{}' check (all_nonblank(tags)),
  properties jsonb not null default '{}' check (jsonb_typeof(properties) = 'object'),
  mime_type  text not null check (mime_type = lower(mime_type) and mime_type like '%/%'),
  size       bigint not null check (size >= 0),
  checksum   text not null check (checksum ~ '^sha256:[0-9a-f]{64}$'),
  source     boolean not null,
  internal   boolean not null,
  modified   timestamptz not null default date_trunc('milliseconds', clock_timestamp()),
  path       text not null check (path <> '' and path !~ '^/' and path !~ '(^|/)\.\.(/|$)'),
  duration   bigint check (duration >= 0),
  is_live    boolean not null default false,
  streams    jsonb not null default '[]' check (jsonb_typeof(streams) = 'array'),
  language   langcode,
  check ((kind = 'track') = (duration is not null)),
  check (kind = 'attachment' or jsonb_array_length(streams) > 0),
  check (internal or jsonb_array_length(jsonb_path_query_array(streams, '$[*] ? (@.kind == "video")')) <= 1)
);
create index asset_event on asset (event_id);
create index asset_path on asset (path);

-- Tracks that a newer version has replaced: players that are in the middle of one may read on for a while.
create table retired_asset (
  id         text primary key,
  event_id   text not null references event on delete cascade,
  mime_type  text not null,
  size       bigint not null,
  checksum   text not null,
  path       text not null,
  retired_at timestamptz not null default now()
);
create index retired_asset_at on retired_asset (retired_at);
create index retired_asset_path on retired_asset (path);

-- Files that no row needs any more; a sweeper removes them after the given moment if still no row names them.
create table file_garbage (
  path  text primary key,
  after timestamptz not null default now()
);

-- ---------------------------------------------------------------- promises that need a trigger

-- modified rises with any change of the row, and only then.
create function touch() returns trigger language plpgsql as $$
begin
  if new is distinct from old then
    new.modified := greatest(date_trunc('milliseconds', clock_timestamp()), old.modified + interval '1 millisecond');
  end if;
  return new;
end $$;

-- Whoever changes an event's metadata says who it is by cutroom.who, for the transaction.
create function event_touch() returns trigger language plpgsql as $$
begin
  if new is distinct from old then
    new.modified := greatest(date_trunc('milliseconds', clock_timestamp()), old.modified + interval '1 millisecond');
    new.changed_by := coalesce(nullif(current_setting('cutroom.who', true), ''), new.changed_by);
  end if;
  return new;
end $$;
create trigger event_touch before update on event for each row execute function event_touch();
create trigger series_touch before update on series for each row execute function touch();

-- A change of its assets or ACL is a change of the event.
create function event_child_touch() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new is not distinct from old then
    return null;
  end if;
  if tg_op = 'DELETE' then
    update event set modified = modified + interval '1 millisecond' where id = old.event_id;
  else
    update event set modified = modified + interval '1 millisecond' where id = new.event_id;
  end if;
  return null;
end $$;
create trigger asset_touch after insert or update or delete on asset for each row execute function event_child_touch();
create trigger event_acl_touch after insert or update or delete on event_acl for each row execute function event_child_touch();

create function series_child_touch() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' then
    update series set modified = modified + interval '1 millisecond' where id = old.series_id;
  else
    update series set modified = modified + interval '1 millisecond' where id = new.series_id;
  end if;
  return null;
end $$;
create trigger series_acl_touch after insert or update or delete on series_acl for each row execute function series_child_touch();

-- Every public track is as long as its event, at the end of each transaction.
create function track_durations_match() returns trigger language plpgsql as $$
declare
  e text;
begin
  if tg_table_name = 'event' then
    e := new.id;
  elsif tg_op = 'DELETE' then
    e := old.event_id;
  else
    e := new.event_id;
  end if;
  if exists (select 1 from asset a join event v on v.id = a.event_id
             where v.id = e and a.kind = 'track' and not a.internal and a.duration is distinct from v.duration) then
    raise exception 'tracks of event % differ from its duration', e
      using errcode = 'check_violation', constraint = 'asset_duration_equals_event';
  end if;
  return null;
end $$;
create constraint trigger asset_duration after insert or update on asset
  deferrable initially deferred for each row execute function track_durations_match();
create constraint trigger event_duration after update of duration on event
  deferrable initially deferred for each row execute function track_durations_match();

-- ---------------------------------------------------------------- uploads

-- A file on its way in: received piece by piece under a lock that a dead node loses, then taken in by a job under a
-- lease with a fence. The row is gone when the file has become an asset; with an error it stays for the history.
create table upload (
  id          label primary key,
  event_id    text not null references event on delete cascade,
  flavor      text not null,
  filename    nonblank not null,
  tags        text[] not null default '{}',
  language    langcode,
  size        bigint not null check (size >= 0),
  received    bigint not null default 0 check (received between 0 and size),
  created_by  nonblank not null,
  created     timestamptz not null default now(),
  modified    timestamptz not null default now(),
  lock_owner  text,
  lock_until  timestamptz,
  finished_at timestamptz check (finished_at is null or received = size),
  fence       bigint not null default 0,
  attempt     int not null default 0,
  node        text,
  lease_until timestamptz,
  progress    double precision not null default 0 check (progress between 0 and 1),
  error       text,
  ended_at    timestamptz,
  check (error is null or ended_at is not null),
  check ((lock_owner is null) = (lock_until is null))
);
create index upload_event on upload (event_id);
create index upload_open on upload (modified) where finished_at is null;
create index upload_due on upload (finished_at) where finished_at is not null and ended_at is null;

-- ---------------------------------------------------------------- edits and runs

create table edit (
  event_id text primary key references event on delete cascade,
  rev      bigint not null default 0 check (rev >= 0),
  state    jsonb not null default '{}' check (jsonb_typeof(state) = 'object'),
  modified timestamptz not null default now()
);

create table edit_op (
  event_id       text not null references edit on delete cascade,
  rev            bigint not null check (rev > 0),
  op_id          text not null check (octet_length(op_id) between 1 and 128),
  base_rev       bigint not null check (base_rev >= 0),
  op             jsonb not null,
  author_user    text not null,
  author_name    text not null,
  author_session text not null,
  at             timestamptz not null default now(),
  primary key (event_id, rev),
  unique (event_id, op_id)
);

create table run (
  id               label primary key,
  event_id         text not null references event on delete cascade,
  seq              bigint not null,
  workflow         text not null check (workflow in ('publish')),
  rev              bigint not null check (rev >= 0),
  state            text not null check (state in ('queued', 'dispatched', 'running', 'done', 'failed', 'cancelled', 'superseded')),
  fence            bigint not null default 0,
  attempt          int not null default 0,
  given_back       int not null default 0,
  lost_node        text,
  lost_at          timestamptz,
  node             text,
  lease_until      timestamptz,
  river_job_id     bigint,
  progress         double precision not null default 0 check (progress between 0 and 1),
  eta_ms           bigint,
  speed            double precision,
  cancel_requested boolean not null default false,
  requested_by     text not null,
  requested_name   text not null,
  queued_at        timestamptz not null default now(),
  started_at       timestamptz,
  ended_at         timestamptz,
  error            text,
  unique (event_id, seq),
  check ((ended_at is not null) = (state in ('done', 'failed', 'cancelled', 'superseded'))),
  check (state <> 'running' or (lease_until is not null and node is not null and started_at is not null))
);
create unique index run_one_active on run (event_id) where state in ('dispatched', 'running');
create index run_queued_at on run (queued_at desc, id desc);
create index run_lease on run (lease_until) where state = 'running';
create index run_open on run (event_id, seq) where state in ('queued', 'dispatched', 'running');

create table run_step (
  run_id     text not null references run on delete cascade,
  ordinal    int not null,
  name       text not null,
  state      text not null check (state in ('waiting', 'running', 'done', 'skipped', 'failed')),
  progress   double precision not null default 0 check (progress between 0 and 1),
  started_at timestamptz,
  ended_at   timestamptz,
  message    text,
  primary key (run_id, ordinal),
  unique (run_id, name)
);

create table run_log (
  id     bigint generated always as identity primary key,
  run_id text not null references run on delete cascade,
  at     timestamptz not null default now(),
  line   text not null
);
create index run_log_run on run_log (run_id, id);
