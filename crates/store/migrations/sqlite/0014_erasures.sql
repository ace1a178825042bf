-- random bytes that are hashed with the event, and deleted when a person is erased from it: without them nobody can try
-- out whose name gives the hash; null in events from before this
alter table events add column salt blob;

-- Events in which a person was erased: the hashes before and of the event as it was written, and of what it holds since.
create table redactions (
    organization_id blob not null references organizations (id),
    -- of the event
    number integer not null,
    -- of the later event that vouches for this row
    by_number integer not null,
    before_hash blob not null,
    hash blob not null,
    content_hash blob not null,
    primary key (organization_id, by_number, number)
) strict;

create index redactions_by_event on redactions (organization_id, number, by_number);

-- Erasures that go on, in batches: whom to look for, how far it is. Gone when all is erased.
create table erasures (
    id blob primary key,
    organization_id blob not null references organizations (id),
    person text not null,
    stage text not null
) strict;

create index erasures_by_organization on erasures (organization_id, id);

-- the account of an inviter can go when no invitation is theirs
create index invitations_by_user on invitations (inviter_id);

-- all that is kept on an address is found without looking through the organization
create index invitations_by_email on invitations (organization_id, email);
create index mails_by_recipient on mails (organization_id, lower(recipient));

-- days after which an invitee who did not stay is erased; null: never
alter table organizations add column invitation_retention_days integer;
-- days that finished mails are kept, if that is shorter than the installation's time; null: as long as that
alter table organizations add column mail_retention_days integer;
