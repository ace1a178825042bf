-- tickets that were shown to our own endpoint: each is good once
create table used_tickets (
    id uuid primary key,
    expires_at timestamptz not null
);

create index used_tickets_by_end on used_tickets (expires_at);
