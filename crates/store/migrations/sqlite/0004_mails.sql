create table mails (
    id blob primary key,
    organization_id blob references organizations (id),
    invitation_id blob references invitations (id),
    letter text not null,
    recipient text not null,
    state text not null,
    attempts integer not null,
    -- from when, and after how many tries, the schedule of tries counts: anew when somebody asks for another try
    tried_since text not null,
    tried_before integer not null default 0,
    due_at text not null,
    leased_until text,
    response text,
    created_at text not null,
    sent_at text
) strict;

create index mails_due on mails (due_at) where state in ('queued', 'deferred');
create index mails_by_state on mails (organization_id, state, id);
create index mails_in_order on mails (organization_id, id);
create index mails_by_invitation on mails (invitation_id, id) where invitation_id is not null;
