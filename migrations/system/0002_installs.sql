-- Operators' tenants and their modules: what there is, what each tenant has, and the jobs that change it.

-- A tenant that is being deleted answers nobody any more; a job takes away what it has.
alter table tenant add column deleting_at timestamptz;
alter table tenant add column deleting_by text;

-- A module is a descriptor in Okapi's form: built in, or an outside service that is found by discovery.
create table module (
  id         text primary key check (octet_length(id) between 1 and 255),
  product    text not null,
  descriptor json not null,  -- as it was given, order of keys included
  built_in   boolean not null default false,
  created    timestamptz not null default now()
);
create index module_product on module (product);

create table discovery (
  instance_id text primary key check (octet_length(instance_id) between 1 and 255),
  module_id   text not null references module on delete cascade,
  url         text not null,
  created     timestamptz not null default now()
);
create index discovery_module on discovery (module_id);

-- What a tenant has: one version of a product. A built-in module that was switched off stays as enabled = false; one that
-- was never enabled serves the tenant from its creation on.
create table tenant_module (
  tenant_id text not null references tenant on delete cascade,
  product   text not null,
  module_id text not null references module,
  enabled   boolean not null default true,
  changed   timestamptz not null default now(),
  primary key (tenant_id, product)
);
create index tenant_module_module on tenant_module (module_id);

-- An install or upgrade: a row of ours, and a River job that is only its engine; see internal/install/doc.go.
create table install (
  id              uuid primary key,
  seq             bigint generated always as identity unique,
  tenant_id       text not null references tenant on delete cascade,
  kind            text not null check (kind in ('install', 'upgrade')),
  state           text not null check (state in ('queued', 'dispatched', 'running', 'done', 'error', 'aborted')),
  options         jsonb not null default '{}',
  headers         jsonb not null default '{}',  -- X-* of the caller, passed on to the modules
  started_by      text not null,
  started_name    text not null,
  fence           bigint not null default 0,
  attempt         int not null default 0,
  given_back      int not null default 0,
  node            text,
  lost_node       text,
  lease_until     timestamptz,
  river_job_id    bigint,
  abort_requested boolean not null default false,
  start_date      timestamptz not null default clock_timestamp(),
  end_date        timestamptz,
  check ((end_date is not null) = (state in ('done', 'error', 'aborted'))),
  check (state <> 'running' or (lease_until is not null and node is not null))
);
create unique index install_one_active on install (tenant_id) where state in ('dispatched', 'running');
create index install_tenant on install (tenant_id, seq);
create index install_open on install (state) where state in ('queued', 'dispatched', 'running');

create table install_module (
  install_id uuid not null references install on delete cascade,
  ordinal    int not null,
  module_id  text not null,
  from_id    text,
  action     text not null check (action in ('enable', 'disable', 'uptodate', 'suggest', 'conflict')),
  message    text,
  stage      text not null default 'pending' check (stage in ('pending', 'deploy', 'invoke', 'undeploy', 'done')),
  status     text check (status in ('running', 'done', 'error')),
  errors     jsonb not null default '[]' check (jsonb_typeof(errors) = 'array'),
  warnings   jsonb not null default '[]' check (jsonb_typeof(warnings) = 'array'),
  calling    text check (calling in ('purge', 'enable', 'disable')),  -- the tenant call that is under way
  job        text,         -- the module's own job for it
  answer     bytea,        -- what the module said when that job was complete, before it was removed there
  deadline   timestamptz,  -- of that call
  start_date timestamptz,
  end_date   timestamptz,
  primary key (install_id, ordinal)
);
