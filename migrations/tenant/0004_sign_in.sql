-- Ways in beside a password: learning platforms by LTI, institutions by OpenID Connect; what they say who somebody is.

-- Who somebody is elsewhere. source is lti:<platform> or oidc:<provider>.
create table identity (
  source    text not null,
  subject   text not null check (octet_length(subject) between 1 and 1024),
  user_name text not null references person on delete cascade,
  by_name   boolean not null default false, -- the source was trusted with the name: good only while it is
  created   timestamptz not null default now(),
  primary key (source, subject)
);
create index identity_user on identity (user_name);

-- Two names with one own role never come about, whoever makes people side by side.
create unique index person_own_role on person (('ROLE_USER_' || regexp_replace(upper(name::text), '[^A-Z0-9]', '_', 'g')));

-- Roles that a course or an institution's groups give, for a while: replaced whole by each launch or sign-in.
create table membership (
  user_name text not null references person on delete cascade,
  source    text not null,
  context   text not null default '', -- the course; '' for an institution
  title     text not null default '', -- of the course
  roles     text[] not null default '{}' check (all_nonblank(roles)),
  rank      text check (rank in ('editor', 'admin')), -- lifts the person's own role
  until     timestamptz not null,
  modified  timestamptz not null default now(),
  primary key (user_name, source, context)
);
create index membership_context on membership (source, context);
create index membership_roles on membership using gin (roles);
create index membership_until on membership (until);

-- How a session came about, for the list of a person's devices.
alter table session
  add column how     text not null default '',        -- password, link, lti, oidc
  add column source  text not null default '',        -- lti:<platform>, oidc:<provider>
  add column agent   text not null default '',        -- the browser's User-Agent
  add column address text not null default '',        -- of the browser
  add column used_at timestamptz not null default now();
create index session_source on session (source) where source <> '';

-- ---------------------------------------------------------------- LTI

-- Learning platforms that may launch: by LTI 1.3 with issuer, client and deployment, by LTI 1.1 with a consumer key.
create table lti_platform (
  id            label primary key,
  version       text not null check (version in ('1.3', '1.1')),
  status        text not null check (status in ('active', 'waiting')),
  name          nonblank not null,
  issuer        text check (issuer <> ''),
  client_id     text check (client_id <> ''),
  deployment    text check (deployment <> ''), -- null after a dynamic registration that named none: the first launch fills it in
  auth_url      text check (auth_url <> ''),
  token_url     text check (token_url <> ''),
  jwks_url      text check (jwks_url <> ''),
  consumer_key  text check (consumer_key <> ''),
  sealed_secret bytea,                         -- of 1.1, sealed
  trusted       boolean not null default false, -- 1.1: its user ids are our user names
  role_prefix   text not null default '' check (role_prefix !~* '^ROLE_'),
  role_map      jsonb not null default '{}' check (jsonb_typeof(role_map) = 'object'), -- a role of the platform to a list of ours
  frame_origins text[] not null default '{}',
  created       timestamptz not null default now(),
  created_by    nonblank not null,
  modified      timestamptz not null default now(),
  approved_at   timestamptz,
  approved_by   text,
  check (version <> '1.3' or num_nulls(issuer, client_id, auth_url, jwks_url) = 0 and consumer_key is null),
  check (version <> '1.1' or consumer_key is not null and sealed_secret is not null and num_nonnulls(issuer, client_id, deployment) = 0),
  check (status <> 'active' or approved_at is not null)
);
create unique index lti_platform_13 on lti_platform (issuer, client_id, coalesce(deployment, '')) where version = '1.3';
create unique index lti_platform_11 on lti_platform (consumer_key) where version = '1.1';

-- Our signing keys. A new one is published before it signs, an old one stays published after it has signed for the last time.
create table lti_key (
  kid     label primary key,
  sealed  bytea not null, -- PKCS #8, sealed
  public  jsonb not null, -- JWK
  created timestamptz not null default now(),
  signs   timestamptz not null, -- from then on
  until   timestamptz not null  -- published until then
);

-- A login that began here and waits for its launch. The state is told to the browser alone, its hash is kept; used once.
create table lti_login (
  state       bytea primary key,
  platform_id text not null references lti_platform on delete cascade,
  nonce       text not null unique,
  browser     bytea not null, -- hash of what the browser's cookie or the platform's storage holds
  target      text not null,  -- target_link_uri
  hints       jsonb not null default '{}',
  created     timestamptz not null default now(),
  expires_at  timestamptz not null,
  used_at     timestamptz
);
create index lti_login_expiry on lti_login (expires_at);

-- Nonces of LTI 1.1, each good once within the time window of its timestamp.
create table lti_nonce (
  platform_id text not null references lti_platform on delete cascade,
  nonce       bytea not null, -- SHA-256
  expires_at  timestamptz not null,
  primary key (platform_id, nonce)
);
create index lti_nonce_expiry on lti_nonce (expires_at);

-- Courses that were launched from.
create table lti_course (
  platform_id text not null references lti_platform on delete cascade,
  context     text not null check (context <> ''),
  title       text not null default '',
  roles       text[] not null default '{}', -- ours, that were seen
  members_url text,                         -- names and roles service
  synced_at   timestamptz,
  modified    timestamptz not null default now(),
  primary key (platform_id, context)
);

-- Where somebody came from: the course for new uploads, the way back, the answer that a deep link wants.
create table lti_launch (
  id          label primary key,
  platform_id text not null references lti_platform on delete cascade,
  user_name   text not null references person on delete cascade,
  context     text not null default '',
  title       text not null default '',
  roles       text[] not null default '{}', -- ours, of this course
  return_url  text,
  locale      text,
  deep_link   jsonb check (jsonb_typeof(deep_link) = 'object'),
  created     timestamptz not null default now(),
  expires_at  timestamptz not null,
  answered_at timestamptz
);
create index lti_launch_expiry on lti_launch (expires_at);

-- A window of its own for a browser that refuses cookies inside the frame: signs in once.
create table lti_window (
  ticket     bytea primary key,
  launch_id  text not null references lti_launch on delete cascade,
  target     text not null, -- a path here
  expires_at timestamptz not null
);

-- Pages that asked whether a platform may be registered here: each sends once.
create table lti_registration (
  ticket     bytea primary key, -- SHA-256
  expires_at timestamptz not null
);

-- ---------------------------------------------------------------- OpenID Connect

create table sign_in_provider (
  id            label primary key,
  name          nonblank not null,
  issuer        text not null check (issuer <> ''),
  client_id     text not null check (client_id <> ''),
  sealed_secret bytea,
  scopes        text[] not null default '{}',
  name_claim    text not null default 'preferred_username',
  group_claim   text not null default 'groups',
  group_roles   jsonb not null default '{}' check (jsonb_typeof(group_roles) = 'object'), -- a group to a list of ours
  active        boolean not null default true,
  created       timestamptz not null default now(),
  created_by    nonblank not null,
  modified      timestamptz not null default now(),
  unique (issuer, client_id)
);

create table oidc_login (
  state       bytea primary key,
  provider_id text not null references sign_in_provider on delete cascade,
  nonce       text not null,
  verifier    text not null,
  browser     bytea not null,
  next        text not null,
  expires_at  timestamptz not null,
  used_at     timestamptz
);
create index oidc_login_expiry on oidc_login (expires_at);

-- The audit log is looked through by who and by what.
create index audit_log_actor on audit_log (actor, id desc);
create index audit_log_action on audit_log (action text_pattern_ops, id desc);
create index audit_log_subject on audit_log (subject, id desc);
