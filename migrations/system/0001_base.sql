-- What stands above the tenants: who they are, which nodes run, who is where at this moment.

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
