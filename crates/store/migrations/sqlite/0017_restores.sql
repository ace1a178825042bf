-- Each time that a backup was put back. Until it is released, what waited at the backup is held.
create table restores (
    id blob primary key,
    backup_made_at text not null,
    restored_at text not null,
    -- when the operator had sent or discarded what was held; null: not yet
    released_at text
) strict;

-- what is held is counted and released without looking through all that was ever sent
create index mails_held on mails (organization_id, id) where state = 'held';
create index deliveries_held on deliveries (endpoint_id, id) where state = 'held';
create index invitations_held on invitations (organization_id) where mail_state = 'held';
