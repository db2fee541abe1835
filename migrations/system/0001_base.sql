-- What stands above the tenants: who they are, which nodes run, who is where at this moment.

-- Types of the tenants' tables. They stand here once: were they in each tenant's schema, they would be other types there, and
-- statements that a connection has prepared for one tenant would fail for the next.
create domain label as text check (value ~ '^[A-Za-z0-9._~!*:@,;-]{1,128}$');
create domain langcode as text check (value ~ '^[a-z]{2,3}(-[A-Z]{2})?$');
-- Not only Unicode White_Space, at most 1,024 bytes.
create domain nonblank as text check (
  octet_length(value) <= 1024
  and btrim(value, E'\t\n\u000b\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000') <> '');

create table tenant (
  id          text primary key check (id ~ '^[a-z][a-z0-9]{0,30}$'),
  name        text not null check (btrim(name) <> ''),
  description text not null default '',
  created     timestamptz not null default now()
);

create table tenant_host (
  host      text primary key check (host = lower(host) and host ~ '^[a-z0-9.-]+$'),
  tenant_id text not null references tenant on delete cascade
);

create table node (
  name         text primary key,
  roles        text[] not null check (roles <@ array['pages', 'jobs'] and cardinality(roles) > 0),
  version      text not null,
  address      text not null default '',
  started_at   timestamptz not null default now(),
  heartbeat_at timestamptz not null default now(),
  draining     boolean not null default false
);

-- Derived and short-lived: each node writes what it knows of its own sockets. Lost in a crash, on purpose.
create unlogged table presence (
  session   text primary key,
  node      text not null,
  tenant_id text not null,
  event_id  text not null,
  user_name text not null,
  name      text not null,
  since     timestamptz not null,
  state     text not null check (state in ('active', 'idle', 'away')),
  place     text not null default ''
);
create index presence_event on presence (tenant_id, event_id);
create index presence_node on presence (node);
