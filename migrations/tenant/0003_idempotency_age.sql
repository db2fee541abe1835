-- Keys of the days before are found by their age.

create index idempotency_created on idempotency (created);
