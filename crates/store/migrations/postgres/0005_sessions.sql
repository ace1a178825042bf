create table sessions (
    -- SHA-256 of what the cookie holds
    id_hash bytea primary key,
    user_id uuid not null references users (id),
    created_at timestamptz not null,
    seen_at timestamptz not null,
    expires_at timestamptz not null
);

create index sessions_by_user on sessions (user_id);
create index sessions_by_end on sessions (expires_at);
