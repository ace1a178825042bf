-- Each list begins at an index, see decision 0036.

-- The invitations to one address, in order.
drop index invitations_by_email;
create index invitations_by_email on invitations (organization_id, email, id);

-- The invitations of one person or program in an organization, in order; and whether an account has invited anybody.
drop index invitations_by_user;
create index invitations_by_user on invitations (inviter_id, organization_id, id);
create index invitations_by_key on invitations (api_key_id, organization_id, id) where api_key_id is not null;

-- Those that are open.
drop index invitations_by_inviter;
drop index invitations_by_api_key;
create index invitations_by_inviter on invitations (organization_id, inviter_id, id) where status = 'pending';
create index invitations_by_api_key on invitations (organization_id, api_key_id, id) where status = 'pending';

-- The invitations whose mail has failed, waits or is held, in order.
drop index invitations_held;
create index invitations_by_mail_state on invitations (organization_id, mail_state, id);

-- The mails that are done with and have been kept for long enough: of all, and of an organization that keeps them for a
-- shorter time. A mail gets there once, when it is done.
create index mails_done on mails (tried_since) where state in ('sent', 'failed', 'cancelled');
create index mails_done_by_organization on mails (organization_id, tried_since)
    where state in ('sent', 'failed', 'cancelled');

-- The sessions that nobody has used for long. Their last use is written once a minute at most.
create index sessions_by_use on sessions (seen_at);

-- The few organizations that keep data for a time of their own.
create index organizations_with_retention on organizations (id)
    where invitation_retention_days is not null or mail_retention_days is not null;
