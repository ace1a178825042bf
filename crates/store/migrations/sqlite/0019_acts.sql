-- The highest number that a link of the invitation has had, if an undo has brought an earlier link back, so that no other
-- link gets a number that was used; null: the present link has the highest.
alter table invitations add column last_generation integer;

-- What somebody in the portal has just done, with each invitation as it was before, so that they can take it back. A row is
-- of no use after ten seconds, and the worker removes it.
create table acts (
    id blob not null,
    invitation_id blob not null references invitations (id) on delete cascade,
    organization_id blob not null references organizations (id) on delete cascade,
    user_id blob not null references users (id) on delete cascade,
    -- revoked, resent or edited
    change text not null,
    -- the part of the invitation that the act can change
    was text not null,
    -- the same part as the act has left it: it is taken back only if nothing else has changed it
    became text not null,
    -- when to remind of the link that was the present one before
    remind_at text,
    -- of the act's event
    event_number integer not null,
    done_at text not null,
    primary key (id, invitation_id)
) strict;

create index acts_by_end on acts (done_at);
