create table endpoints (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    url text not null,
    description text,
    -- the actions that it hears of, as a list; empty: all
    actions jsonb not null,
    -- the secret is derived of the id and this number
    secret_generation bigint not null,
    rotated_at timestamptz,
    -- since when nothing but failures has come of it
    failing_since timestamptz,
    disabled_at timestamptz,
    disabled_why text,
    created_at timestamptz not null
);

create index endpoints_in_order on endpoints (organization_id, id);

create table deliveries (
    id uuid primary key,
    endpoint_id uuid not null references endpoints (id) on delete cascade,
    event_id uuid not null references events (id),
    state text not null,
    attempts bigint not null,
    -- after how many tries the schedule of tries counts: anew when somebody asks for another try
    tried_before bigint not null default 0,
    due_at timestamptz not null,
    leased_until timestamptz,
    created_at timestamptz not null,
    done_at timestamptz
);

create index deliveries_due on deliveries (due_at, endpoint_id) where state = 'pending';
create index deliveries_in_order on deliveries (endpoint_id, id);
create index deliveries_by_state on deliveries (endpoint_id, state, id);
create index deliveries_by_event on deliveries (event_id);
create index deliveries_done on deliveries (done_at) where done_at is not null;

create table attempts (
    id uuid primary key,
    delivery_id uuid not null references deliveries (id) on delete cascade,
    at timestamptz not null,
    milliseconds bigint not null,
    status bigint,
    error text,
    -- the beginning of what was answered
    answer text not null
);

create index attempts_by_delivery on attempts (delivery_id, id);
