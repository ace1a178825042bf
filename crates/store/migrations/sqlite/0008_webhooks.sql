create table endpoints (
    id blob primary key,
    organization_id blob not null references organizations (id),
    url text not null,
    description text,
    -- the actions that it hears of, as a list; empty: all
    actions text not null,
    -- the secret is derived of the id and this number
    secret_generation integer not null,
    rotated_at text,
    -- since when nothing but failures has come of it
    failing_since text,
    disabled_at text,
    disabled_why text,
    created_at text not null
) strict;

create index endpoints_in_order on endpoints (organization_id, id);

create table deliveries (
    id blob primary key,
    endpoint_id blob not null references endpoints (id) on delete cascade,
    event_id blob not null references events (id),
    state text not null,
    attempts integer not null,
    -- after how many tries the schedule of tries counts: anew when somebody asks for another try
    tried_before integer not null default 0,
    due_at text not null,
    leased_until text,
    created_at text not null,
    done_at text
) strict;

create index deliveries_due on deliveries (due_at, endpoint_id) where state = 'pending';
create index deliveries_in_order on deliveries (endpoint_id, id);
create index deliveries_by_state on deliveries (endpoint_id, state, id);
create index deliveries_by_event on deliveries (event_id);
create index deliveries_done on deliveries (done_at) where done_at is not null;

create table attempts (
    id blob primary key,
    delivery_id blob not null references deliveries (id) on delete cascade,
    at text not null,
    milliseconds integer not null,
    status integer,
    error text,
    -- the beginning of what was answered
    answer text not null
) strict;

create index attempts_by_delivery on attempts (delivery_id, id);
