-- Work that somebody has started and that does not fit into one request. Any instance goes on with it, one batch in each
-- transaction, under the lock of the organization; so no row has to be leased.
create table jobs (
    id uuid primary key,
    organization_id uuid not null references organizations (id) on delete cascade,
    -- who started it; each batch acts as this person
    user_id uuid not null references users (id) on delete cascade,
    -- resend_matching or revoke_matching
    kind text not null,
    -- which rows it is for; empty once it is over
    input jsonb not null,
    total bigint not null,
    done bigint not null,
    closed bigint not null,
    forbidden bigint not null,
    limited bigint not null,
    -- the last row that it has dealt with
    after_id uuid,
    -- when its next batch is due
    due_at timestamptz not null,
    created_at timestamptz not null,
    -- done, cancelled, not_permitted, erased or failed; null while it is under way
    outcome text,
    finished_at timestamptz
);

create index jobs_due on jobs (due_at) where finished_at is null;
create index jobs_of_person on jobs (organization_id, user_id);
create index jobs_by_end on jobs (finished_at) where finished_at is not null;
