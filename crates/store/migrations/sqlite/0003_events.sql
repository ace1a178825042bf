-- The hash is over the texts of actor and fact, so these keep their bytes.
create table events (
    id blob primary key,
    organization_id blob not null references organizations (id),
    number integer not null,
    at text not null,
    actor text not null,
    -- whom to find it by: the id of a person or of a key, invitee, or system
    actor_id text not null,
    invitation_id blob,
    member_id blob,
    action text not null,
    fact text not null,
    -- the name that the search finds it by, in lower case; empty where its invitation or member is found instead
    search text not null,
    -- SHA-256 of the event before and of this one
    hash blob not null,
    unique (organization_id, number)
) strict;

create index events_by_invitation on events (invitation_id, number) where invitation_id is not null;
create index events_by_member on events (member_id, number) where member_id is not null;
create index events_by_action on events (organization_id, action, number);
create index events_by_actor on events (organization_id, actor_id, number);
create index events_by_time on events (organization_id, at, number);
create index events_by_search on events (organization_id, number) where search <> '';

-- The end of the chain moves with the chain: an event is one statement of the program, not two.
create trigger events_head after insert on events begin
    update organizations set event_count = new.number, event_hash = new.hash where id = new.organization_id;
end;
