create table organizations (
    id uuid primary key,
    slug text not null unique,
    name text not null,
    invitation_lifetime_days bigint not null,
    reminder_days bigint,
    allowed_domains jsonb not null,
    redirect_origins jsonb not null,
    -- the number of the organization's last event; whoever writes locks this row first
    event_count bigint not null default 0,
    -- that event's hash: the end of the chain, so that a tail that was cut off is missed; before the first, zeros
    event_hash bytea not null default (decode(repeat('00', 32), 'hex')),
    created_at timestamptz not null
);

create table users (
    id uuid primary key,
    email text not null unique,
    email_typed text not null,
    name text not null,
    password_hash text not null,
    is_email_verified boolean not null,
    created_at timestamptz not null
);

create table roles (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    key text not null,
    name text not null,
    permissions jsonb not null,
    unique (organization_id, key)
);

create table members (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    user_id uuid not null references users (id),
    -- ids with a space before and after each, so that one can be found with like
    role_ids text not null,
    resource_ids text not null,
    metadata jsonb not null,
    -- the second net under "accepted exactly once"
    invitation_id uuid unique,
    joined_at timestamptz not null,
    unique (organization_id, user_id)
);

create index members_by_user on members (user_id);

create table resources (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    name text not null,
    external_id text,
    bundle_id text,
    created_at timestamptz not null,
    unique (organization_id, external_id)
);

create index resources_in_order on resources (organization_id, id);

create table api_keys (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    surface text not null,
    name text not null,
    permissions jsonb not null,
    -- SHA-256 of the secret
    secret_hash bytea not null,
    hint text not null,
    created_by jsonb not null,
    created_at timestamptz not null,
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz
);

create index api_keys_in_order on api_keys (organization_id, id);
