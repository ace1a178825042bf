-- tickets that were shown to our own endpoint: each is good once
create table used_tickets (
    id blob primary key,
    expires_at text not null
) strict;

create index used_tickets_by_end on used_tickets (expires_at);
