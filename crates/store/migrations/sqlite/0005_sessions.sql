create table sessions (
    -- SHA-256 of what the cookie holds
    id_hash blob primary key,
    user_id blob not null references users (id),
    created_at text not null,
    seen_at text not null,
    expires_at text not null
) strict;

create index sessions_by_user on sessions (user_id);
create index sessions_by_end on sessions (expires_at);
