-- Who takes a tenant away: a lease and a fence, so that one worker is at it and a lost one is followed by another. deleting_until
-- is also when it may be tried again, after a failure or while its job is on the way.
alter table tenant add column deleting_fence bigint not null default 0;
alter table tenant add column deleting_node  text;
alter table tenant add column deleting_until timestamptz;
alter table tenant add column deleting_note  text not null default '';
alter table tenant add check (deleting_node is null or (deleting_at is not null and deleting_until is not null));
create index tenant_deleting on tenant (deleting_until) where deleting_at is not null;
