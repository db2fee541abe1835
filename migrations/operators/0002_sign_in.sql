-- As migrations/tenant/0004_sign_in.sql, for what people above the tenants share with those in them. Operators are in no course.

create table identity (
  source    text not null,
  subject   text not null check (octet_length(subject) between 1 and 1024),
  user_name text not null references person on delete cascade,
  by_name   boolean not null default false,
  created   timestamptz not null default now(),
  primary key (source, subject)
);

create unique index person_own_role on person (('ROLE_USER_' || regexp_replace(upper(name::text), '[^A-Z0-9]', '_', 'g')));

create table membership (
  user_name text not null references person on delete cascade,
  source    text not null,
  context   text not null default '',
  title     text not null default '',
  roles     text[] not null default '{}',
  rank      text check (rank in ('editor', 'admin')),
  until     timestamptz not null,
  modified  timestamptz not null default now(),
  primary key (user_name, source, context),
  check (false) -- never a row
);

alter table session
  add column how     text not null default '',
  add column source  text not null default '',
  add column agent   text not null default '',
  add column address text not null default '',
  add column used_at timestamptz not null default now();

create index audit_log_actor on audit_log (actor, id desc);
create index audit_log_action on audit_log (action text_pattern_ops, id desc);
create index audit_log_subject on audit_log (subject, id desc);
