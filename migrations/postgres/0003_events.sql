create table events (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    number bigint not null,
    at timestamptz not null,
    actor jsonb not null,
    invitation_id uuid,
    member_id uuid,
    action text not null,
    fact jsonb not null,
    unique (organization_id, number)
);

create index events_by_invitation on events (invitation_id, number) where invitation_id is not null;
