-- The highest number that a link of the invitation has had, if an undo has brought an earlier link back, so that no other
-- link gets a number that was used; null: the present link has the highest.
alter table invitations add column last_generation bigint;

-- What somebody in the portal has just done, with each invitation as it was before, so that they can take it back. A row is
-- of no use after ten seconds, and the worker removes it.
create table acts (
    id uuid not null,
    invitation_id uuid not null references invitations (id) on delete cascade,
    organization_id uuid not null references organizations (id) on delete cascade,
    user_id uuid not null references users (id) on delete cascade,
    -- revoked, resent or edited
    change text not null,
    -- the part of the invitation that the act can change
    was jsonb not null,
    -- the same part as the act has left it: it is taken back only if nothing else has changed it
    became jsonb not null,
    -- when to remind of the link that was the present one before
    remind_at timestamptz,
    -- of the act's event
    event_number bigint not null,
    done_at timestamptz not null,
    primary key (id, invitation_id)
);

create index acts_by_end on acts (done_at);
