-- One row: what this installation is known by.
create table installation (
    id bigint primary key check (id = 1),
    -- a digest under the secret key, so that another key is noticed before anything is done with it
    key_check bytea not null,
    created_at timestamptz not null
);

-- The end of the chain once more, as a digest under the secret key that names the event's number: a tail that is cut off
-- together with the count and the hash is missed. Written with each event; null: written by a program from before.
alter table organizations add column sealed_number bigint not null default 0;
alter table organizations add column seal bytea;
