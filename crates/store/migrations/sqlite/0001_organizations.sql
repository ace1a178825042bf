create table organizations (
    id blob primary key,
    slug text not null unique,
    name text not null,
    invitation_lifetime_days integer not null,
    reminder_days integer,
    allowed_domains text not null,
    redirect_origins text not null,
    -- the number of the organization's last event; whoever writes locks this row first
    event_count integer not null default 0,
    -- that event's hash: the end of the chain, so that a tail that was cut off is missed; before the first, zeros
    event_hash blob not null default (x'0000000000000000000000000000000000000000000000000000000000000000'),
    created_at text not null
) strict;

create table users (
    id blob primary key,
    email text not null unique,
    email_typed text not null,
    name text not null,
    password_hash text not null,
    is_email_verified integer not null,
    created_at text not null
) strict;

create table roles (
    id blob primary key,
    organization_id blob not null references organizations (id),
    key text not null,
    name text not null,
    permissions text not null,
    unique (organization_id, key)
) strict;

create table members (
    id blob primary key,
    organization_id blob not null references organizations (id),
    user_id blob not null references users (id),
    -- ids with a space before and after each, so that one can be found with like
    role_ids text not null,
    resource_ids text not null,
    metadata text not null,
    -- the second net under "accepted exactly once"
    invitation_id blob unique,
    joined_at text not null,
    unique (organization_id, user_id)
) strict;

create index members_by_user on members (user_id);

create table resources (
    id blob primary key,
    organization_id blob not null references organizations (id),
    name text not null,
    external_id text,
    bundle_id text,
    created_at text not null,
    unique (organization_id, external_id)
) strict;

create index resources_in_order on resources (organization_id, id);

create table api_keys (
    id blob primary key,
    organization_id blob not null references organizations (id),
    surface text not null,
    name text not null,
    permissions text not null,
    -- SHA-256 of the secret
    secret_hash blob not null,
    hint text not null,
    created_by text not null,
    created_at text not null,
    expires_at text,
    last_used_at text,
    revoked_at text
) strict;

create index api_keys_in_order on api_keys (organization_id, id);
