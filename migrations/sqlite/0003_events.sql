create table events (
    id blob primary key,
    organization_id blob not null references organizations (id),
    number integer not null,
    at text not null,
    actor text not null,
    invitation_id blob,
    member_id blob,
    action text not null,
    fact text not null,
    unique (organization_id, number)
) strict;

create index events_by_invitation on events (invitation_id, number) where invitation_id is not null;
