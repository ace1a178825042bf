create table mails (
    id uuid primary key,
    organization_id uuid references organizations (id),
    invitation_id uuid references invitations (id),
    letter jsonb not null,
    recipient text not null,
    state text not null,
    attempts bigint not null,
    -- from when, and after how many tries, the schedule of tries counts: anew when somebody asks for another try
    tried_since timestamptz not null,
    tried_before bigint not null default 0,
    due_at timestamptz not null,
    leased_until timestamptz,
    response text,
    created_at timestamptz not null,
    sent_at timestamptz
);

create index mails_due on mails (due_at) where state in ('queued', 'deferred');
create index mails_by_state on mails (organization_id, state, id);
create index mails_in_order on mails (organization_id, id);
create index mails_by_invitation on mails (invitation_id, id) where invitation_id is not null;
