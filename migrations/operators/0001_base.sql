-- The people above the tenants: who may make tenants, change what they have, and act in each of them. The tables are those of a
-- tenant, column for column, so that one code serves both; there are no recordings here.

create table person (
  name          label primary key,
  display_name  nonblank not null,
  role          text not null check (role = 'operator'),
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
create index idempotency_created on idempotency (created);
