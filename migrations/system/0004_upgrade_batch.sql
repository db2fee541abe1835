-- Many tenants are upgraded by one batch: so many of them together, the others wait their turn. See internal/install/batch.go.
create table upgrade_batch (
  id              uuid primary key,
  most            int not null check (most between 1 and 50),
  started_by      text not null,
  started_name    text not null,
  abort_requested boolean not null default false,
  start_date      timestamptz not null default clock_timestamp(),
  end_date        timestamptz
);
create index upgrade_batch_open on upgrade_batch (start_date) where end_date is null;

-- What became of a tenant's install is written down here, as the install itself may be forgotten. A row that runs and has no
-- install is one whose install is being made.
create table upgrade_batch_tenant (
  batch_id   uuid not null references upgrade_batch on delete cascade,
  ordinal    int not null,
  tenant_id  text not null references tenant on delete cascade,
  install_id uuid references install on delete set null,
  state      text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'same', 'error', 'aborted')),
  message    text,
  start_date timestamptz,
  end_date   timestamptz,
  primary key (batch_id, ordinal)
);
create unique index upgrade_batch_once on upgrade_batch_tenant (batch_id, tenant_id);
create index upgrade_batch_tenant_tenant on upgrade_batch_tenant (tenant_id);
create index upgrade_batch_tenant_install on upgrade_batch_tenant (install_id);
create index upgrade_batch_tenant_open on upgrade_batch_tenant (batch_id, ordinal) where state in ('waiting', 'running');

-- The list of tenants, page by page.
create index tenant_by_name on tenant (lower(name), id);
create index tenant_host_tenant on tenant_host (tenant_id);
