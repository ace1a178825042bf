-- what came of a write that was sent with an Idempotency-Key, to answer the same again
create table idempotency_keys (
    api_key_id uuid not null references api_keys (id),
    key text not null,
    -- SHA-256 of what was asked for
    request_hash bytea not null,
    result text not null,
    created_at timestamptz not null,
    primary key (api_key_id, key)
);

create index idempotency_keys_by_age on idempotency_keys (created_at);
