create table organizations (
    id blob primary key,
    slug text not null unique,
    name text not null,
    invitation_lifetime_days integer not null,
    -- the number of the organization's last event; whoever writes locks this row first
    event_count integer not null default 0,
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
    -- the second net under "accepted exactly once"
    invitation_id blob unique,
    joined_at text not null,
    unique (organization_id, user_id)
) strict;

create index members_by_user on members (user_id);
