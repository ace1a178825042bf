-- Moments are numbers: microseconds since 1970 instead of texts of up to 32 letters. The column's type is part of a table's
-- definition, so each table is made again. Invitations, members and mails get a number that stays with the row, by which the
-- index of words finds it. It is SQLite's own: columns and tables that begin with `_` have no counterpart in PostgreSQL.

drop trigger events_head;
drop trigger invitations_added;
drop trigger invitations_changed;
drop trigger invitations_removed;
drop trigger mails_added;
drop trigger mails_changed;
drop trigger mails_removed;
drop trigger members_added;
drop trigger members_removed;
drop trigger webhook_deliveries_added;
drop trigger webhook_deliveries_changed;
drop trigger webhook_deliveries_removed;

create table _organizations (
    id blob primary key,
    slug text not null unique,
    name text not null,
    invitation_lifetime_days integer not null,
    reminder_days integer,
    allowed_domains text not null,
    redirect_origins text not null,
    -- the number of the organization's last event; whoever writes locks this row first
    event_count integer not null default 0,
    -- that event's hash: the end of the chain, so that a tail that was cut off is missed; before the first, zeros
    event_hash blob not null default (x'0000000000000000000000000000000000000000000000000000000000000000'),
    created_at integer not null,
    invitation_retention_days integer,
    mail_retention_days integer,
    sealed_number integer not null default 0,
    seal blob
) strict;
insert into _organizations select
    id, slug, name, invitation_lifetime_days, reminder_days, allowed_domains, redirect_origins, event_count,
    event_hash,
    unixepoch(substr(created_at, 1, 19)) * 1000000 + substr(substr(created_at, 21, length(created_at) - 26) || '000000', 1, 6),
    invitation_retention_days, mail_retention_days, sealed_number, seal
from organizations;
drop table organizations;
alter table _organizations rename to organizations;
create index organizations_with_retention on organizations (id)
    where invitation_retention_days is not null or mail_retention_days is not null;

create table _users (
    id blob primary key,
    email text not null unique,
    email_typed text not null,
    name text not null,
    password_hash text not null,
    is_email_verified integer not null,
    created_at integer not null,
    -- address and name, as the search finds them
    search text not null
) strict;
insert into _users (
    id, email, email_typed, name, password_hash, is_email_verified, created_at, search
) select
    id, email, email_typed, name, password_hash, is_email_verified,
    unixepoch(substr(created_at, 1, 19)) * 1000000 + substr(substr(created_at, 21, length(created_at) - 26) || '000000', 1, 6),
    email || ' ' || name
from users;
drop table users;
alter table _users rename to users;
create index users_to_fold on users (id) where search <> '' and substr(search, 1, 1) <> ' ';

create table _members (
    _row integer primary key,
    id blob not null unique,
    organization_id blob not null references organizations (id),
    user_id blob not null references users (id),
    metadata text not null,
    -- the second net under "accepted exactly once"
    invitation_id blob unique,
    joined_at integer not null,
    unique (organization_id, user_id)
) strict;
insert into _members (
    id, organization_id, user_id, metadata, invitation_id, joined_at
) select
    id, organization_id, user_id, metadata, invitation_id,
    unixepoch(substr(joined_at, 1, 19)) * 1000000 + substr(substr(joined_at, 21, length(joined_at) - 26) || '000000', 1, 6)
from members order by id;
drop table members;
alter table _members rename to members;
create index members_by_user on members (user_id);
create index members_in_order on members (organization_id, id);

create table _resources (
    id blob primary key,
    organization_id blob not null references organizations (id),
    name text not null,
    external_id text,
    bundle_id text,
    created_at integer not null,
    unique (organization_id, external_id)
) strict;
insert into _resources select
    id, organization_id, name, external_id, bundle_id,
    unixepoch(substr(created_at, 1, 19)) * 1000000 + substr(substr(created_at, 21, length(created_at) - 26) || '000000', 1, 6)
from resources;
drop table resources;
alter table _resources rename to resources;
create index resources_in_order on resources (organization_id, id);

create table _api_keys (
    id blob primary key,
    organization_id blob not null references organizations (id),
    surface text not null,
    name text not null,
    permissions text not null,
    -- SHA-256 of the secret
    secret_hash blob not null,
    hint text not null,
    created_by text not null,
    created_at integer not null,
    expires_at integer,
    last_used_at integer,
    revoked_at integer,
    kid text,
    public_key blob,
    maker_id blob
) strict;
insert into _api_keys select
    id, organization_id, surface, name, permissions, secret_hash, hint, created_by,
    unixepoch(substr(created_at, 1, 19)) * 1000000 + substr(substr(created_at, 21, length(created_at) - 26) || '000000', 1, 6),
    unixepoch(substr(expires_at, 1, 19)) * 1000000 + substr(substr(expires_at, 21, length(expires_at) - 26) || '000000', 1, 6),
    unixepoch(substr(last_used_at, 1, 19)) * 1000000 + substr(substr(last_used_at, 21, length(last_used_at) - 26) || '000000', 1, 6),
    unixepoch(substr(revoked_at, 1, 19)) * 1000000 + substr(substr(revoked_at, 21, length(revoked_at) - 26) || '000000', 1, 6),
    kid, public_key, maker_id
from api_keys;
drop table api_keys;
alter table _api_keys rename to api_keys;
create index api_keys_in_order on api_keys (organization_id, id);
create unique index api_keys_by_kid on api_keys (kid) where kid is not null;
create index api_keys_by_maker on api_keys (organization_id, maker_id) where revoked_at is null;

create table _invitations (
    _row integer primary key,
    id blob not null unique,
    organization_id blob not null references organizations (id),
    email text not null,
    email_typed text not null,
    name text,
    -- address and name, as the search finds them
    search text not null,
    message text,
    metadata text not null,
    redirect_url text,
    locale text,
    -- a person, a program, or a program in the name of a person
    inviter_id blob references users (id),
    api_key_id blob references api_keys (id),
    generation integer not null,
    status text not null,
    created_at integer not null,
    issued_at integer not null,
    expires_at integer not null,
    closed_at integer,
    closed_by text,
    decline_reason text,
    member_id blob,
    mail_state text not null,
    opened_at integer,
    -- when to remind of the present link; nobody is, once it is taken away
    remind_at integer,
    last_generation integer,
    check (inviter_id is not null or api_key_id is not null)
) strict;
insert into _invitations (
    id, organization_id, email, email_typed, name, search, message, metadata, redirect_url, locale, inviter_id,
    api_key_id, generation, status, created_at, issued_at, expires_at, closed_at, closed_by, decline_reason,
    member_id, mail_state, opened_at, remind_at, last_generation
) select
    id, organization_id, email, email_typed, name, search, message, metadata, redirect_url, locale, inviter_id,
    api_key_id, generation, status,
    unixepoch(substr(created_at, 1, 19)) * 1000000 + substr(substr(created_at, 21, length(created_at) - 26) || '000000', 1, 6),
    unixepoch(substr(issued_at, 1, 19)) * 1000000 + substr(substr(issued_at, 21, length(issued_at) - 26) || '000000', 1, 6),
    unixepoch(substr(expires_at, 1, 19)) * 1000000 + substr(substr(expires_at, 21, length(expires_at) - 26) || '000000', 1, 6),
    unixepoch(substr(closed_at, 1, 19)) * 1000000 + substr(substr(closed_at, 21, length(closed_at) - 26) || '000000', 1, 6),
    closed_by, decline_reason, member_id, mail_state,
    unixepoch(substr(opened_at, 1, 19)) * 1000000 + substr(substr(opened_at, 21, length(opened_at) - 26) || '000000', 1, 6),
    unixepoch(substr(remind_at, 1, 19)) * 1000000 + substr(substr(remind_at, 21, length(remind_at) - 26) || '000000', 1, 6),
    last_generation
from invitations order by id;
drop table invitations;
alter table _invitations rename to invitations;
create unique index invitations_open on invitations (organization_id, email) where status = 'pending';
create index invitations_by_status on invitations (organization_id, status, id, expires_at);
create index invitations_in_order on invitations (organization_id, id);
create index invitations_to_remind on invitations (remind_at) where status = 'pending' and remind_at is not null;
create index invitations_due on invitations (expires_at) where status = 'pending';
create index invitations_by_email on invitations (organization_id, email, id);
create index invitations_by_user on invitations (inviter_id, organization_id, id);
create index invitations_by_key on invitations (api_key_id, organization_id, id) where api_key_id is not null;
create index invitations_by_inviter on invitations (organization_id, inviter_id, id) where status = 'pending';
create index invitations_by_api_key on invitations (organization_id, api_key_id, id) where status = 'pending';
create index invitations_by_mail_state on invitations (organization_id, mail_state, id);
create index invitations_to_fold on invitations (id) where search <> '' and substr(search, 1, 1) <> ' ';

create table _acceptance_sessions (
    id_hash blob primary key,
    invitation_id blob not null references invitations (id),
    generation integer not null,
    channel text not null,
    codes_sent integer not null default 0,
    code_tries integer not null default 0,
    is_proven integer not null,
    -- how the invitee came to accept
    arrival text,
    created_at integer not null,
    expires_at integer not null
) strict;
insert into _acceptance_sessions select
    id_hash, invitation_id, generation, channel, codes_sent, code_tries, is_proven, arrival,
    unixepoch(substr(created_at, 1, 19)) * 1000000 + substr(substr(created_at, 21, length(created_at) - 26) || '000000', 1, 6),
    unixepoch(substr(expires_at, 1, 19)) * 1000000 + substr(substr(expires_at, 21, length(expires_at) - 26) || '000000', 1, 6)
from acceptance_sessions;
drop table acceptance_sessions;
alter table _acceptance_sessions rename to acceptance_sessions;
create index acceptance_sessions_by_end on acceptance_sessions (expires_at);

create table _events (
    id blob primary key,
    organization_id blob not null references organizations (id),
    number integer not null,
    at integer not null,
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
    salt blob,
    unique (organization_id, number)
) strict;
insert into _events select
    id, organization_id, number,
    unixepoch(substr(at, 1, 19)) * 1000000 + substr(substr(at, 21, length(at) - 26) || '000000', 1, 6), actor,
    actor_id, invitation_id, member_id, action, fact, search, hash, salt
from events;
drop table events;
alter table _events rename to events;
create index events_by_invitation on events (invitation_id, number) where invitation_id is not null;
create index events_by_member on events (member_id, number) where member_id is not null;
create index events_by_action on events (organization_id, action, number);
create index events_by_actor on events (organization_id, actor_id, number);
create index events_by_time on events (organization_id, at, number);
create index events_by_search on events (organization_id, number) where search <> '';
create index events_to_fold on events (id) where search <> '' and substr(search, 1, 1) <> ' ';

create table _mails (
    _row integer primary key,
    id blob not null unique,
    organization_id blob references organizations (id),
    invitation_id blob references invitations (id),
    letter text not null,
    recipient text not null,
    state text not null,
    attempts integer not null,
    -- from when, and after how many tries, the schedule of tries counts: anew when somebody asks for another try
    tried_since integer not null,
    tried_before integer not null default 0,
    due_at integer not null,
    leased_until integer,
    response text,
    created_at integer not null,
    sent_at integer,
    lane blob not null default x'ffffffffffffffffffffffffffffffff',
    urgency integer not null default 1,
    leased_by blob,
    may_be_out integer not null default 0
) strict;
insert into _mails (
    id, organization_id, invitation_id, letter, recipient, state, attempts, tried_since, tried_before, due_at,
    leased_until, response, created_at, sent_at, lane, urgency, leased_by, may_be_out
) select
    id, organization_id, invitation_id, letter, recipient, state, attempts,
    unixepoch(substr(tried_since, 1, 19)) * 1000000 + substr(substr(tried_since, 21, length(tried_since) - 26) || '000000', 1, 6),
    tried_before,
    unixepoch(substr(due_at, 1, 19)) * 1000000 + substr(substr(due_at, 21, length(due_at) - 26) || '000000', 1, 6),
    unixepoch(substr(leased_until, 1, 19)) * 1000000 + substr(substr(leased_until, 21, length(leased_until) - 26) || '000000', 1, 6),
    response,
    unixepoch(substr(created_at, 1, 19)) * 1000000 + substr(substr(created_at, 21, length(created_at) - 26) || '000000', 1, 6),
    unixepoch(substr(sent_at, 1, 19)) * 1000000 + substr(substr(sent_at, 21, length(sent_at) - 26) || '000000', 1, 6),
    lane, urgency, leased_by, may_be_out
from mails order by id;
drop table mails;
alter table _mails rename to mails;
create index mails_by_state on mails (organization_id, state, id);
create index mails_in_order on mails (organization_id, id);
create index mails_by_invitation on mails (invitation_id, id) where invitation_id is not null;
create index mails_waiting on mails (urgency, lane, due_at, id) where state in ('queued', 'deferred');
create index mails_leased on mails (leased_by) where leased_until is not null;
create index mails_by_recipient on mails (organization_id, lower(recipient));
create index mails_held on mails (organization_id, id) where state = 'held';
create index mails_done on mails (tried_since) where state in ('sent', 'failed', 'cancelled');
create index mails_done_by_organization on mails (organization_id, tried_since)
    where state in ('sent', 'failed', 'cancelled');

create table _sessions (
    -- SHA-256 of what the cookie holds
    id_hash blob primary key,
    user_id blob not null references users (id),
    created_at integer not null,
    seen_at integer not null,
    expires_at integer not null
) strict;
insert into _sessions select
    id_hash, user_id,
    unixepoch(substr(created_at, 1, 19)) * 1000000 + substr(substr(created_at, 21, length(created_at) - 26) || '000000', 1, 6),
    unixepoch(substr(seen_at, 1, 19)) * 1000000 + substr(substr(seen_at, 21, length(seen_at) - 26) || '000000', 1, 6),
    unixepoch(substr(expires_at, 1, 19)) * 1000000 + substr(substr(expires_at, 21, length(expires_at) - 26) || '000000', 1, 6)
from sessions;
drop table sessions;
alter table _sessions rename to sessions;
create index sessions_by_user on sessions (user_id);
create index sessions_by_end on sessions (expires_at);
create index sessions_by_use on sessions (seen_at);

create table _idempotency_keys (
    api_key_id blob not null references api_keys (id),
    key text not null,
    -- SHA-256 of what was asked for
    request_hash blob not null,
    result text not null,
    created_at integer not null,
    primary key (api_key_id, key)
) strict;
insert into _idempotency_keys select
    api_key_id, key, request_hash, result,
    unixepoch(substr(created_at, 1, 19)) * 1000000 + substr(substr(created_at, 21, length(created_at) - 26) || '000000', 1, 6)
from idempotency_keys;
drop table idempotency_keys;
alter table _idempotency_keys rename to idempotency_keys;
create index idempotency_keys_by_age on idempotency_keys (created_at);

create table _used_tickets (
    id blob primary key,
    expires_at integer not null
) strict;
insert into _used_tickets select
    id,
    unixepoch(substr(expires_at, 1, 19)) * 1000000 + substr(substr(expires_at, 21, length(expires_at) - 26) || '000000', 1, 6)
from used_tickets;
drop table used_tickets;
alter table _used_tickets rename to used_tickets;
create index used_tickets_by_end on used_tickets (expires_at);

create table _webhook_endpoints (
    id blob primary key,
    organization_id blob not null references organizations (id),
    url text not null,
    description text,
    -- the actions that it hears of, as a list; empty: all
    actions text not null,
    -- the secret is derived of the id and this number
    secret_generation integer not null,
    rotated_at integer,
    -- since when nothing but failures has come of it
    failing_since integer,
    disabled_at integer,
    disabled_why text,
    created_at integer not null,
    created_by text,
    maker_id blob
) strict;
insert into _webhook_endpoints select
    id, organization_id, url, description, actions, secret_generation,
    unixepoch(substr(rotated_at, 1, 19)) * 1000000 + substr(substr(rotated_at, 21, length(rotated_at) - 26) || '000000', 1, 6),
    unixepoch(substr(failing_since, 1, 19)) * 1000000 + substr(substr(failing_since, 21, length(failing_since) - 26) || '000000', 1, 6),
    unixepoch(substr(disabled_at, 1, 19)) * 1000000 + substr(substr(disabled_at, 21, length(disabled_at) - 26) || '000000', 1, 6),
    disabled_why,
    unixepoch(substr(created_at, 1, 19)) * 1000000 + substr(substr(created_at, 21, length(created_at) - 26) || '000000', 1, 6),
    created_by, maker_id
from webhook_endpoints;
drop table webhook_endpoints;
alter table _webhook_endpoints rename to webhook_endpoints;
create index webhook_endpoints_in_order on webhook_endpoints (organization_id, id);
create index webhook_endpoints_by_maker on webhook_endpoints (organization_id, maker_id) where disabled_at is null;

create table _webhook_deliveries (
    id blob primary key,
    endpoint_id blob not null references "webhook_endpoints" (id) on delete cascade,
    event_id blob not null references events (id),
    state text not null,
    attempts integer not null,
    -- after how many tries the schedule of tries counts: anew when somebody asks for another try
    tried_before integer not null default 0,
    due_at integer not null,
    leased_until integer,
    created_at integer not null,
    done_at integer,
    leased_by blob
) strict;
insert into _webhook_deliveries select
    id, endpoint_id, event_id, state, attempts, tried_before,
    unixepoch(substr(due_at, 1, 19)) * 1000000 + substr(substr(due_at, 21, length(due_at) - 26) || '000000', 1, 6),
    unixepoch(substr(leased_until, 1, 19)) * 1000000 + substr(substr(leased_until, 21, length(leased_until) - 26) || '000000', 1, 6),
    unixepoch(substr(created_at, 1, 19)) * 1000000 + substr(substr(created_at, 21, length(created_at) - 26) || '000000', 1, 6),
    unixepoch(substr(done_at, 1, 19)) * 1000000 + substr(substr(done_at, 21, length(done_at) - 26) || '000000', 1, 6),
    leased_by
from webhook_deliveries;
drop table webhook_deliveries;
alter table _webhook_deliveries rename to webhook_deliveries;
create index webhook_deliveries_in_order on webhook_deliveries (endpoint_id, id);
create index webhook_deliveries_by_state on webhook_deliveries (endpoint_id, state, id);
create index webhook_deliveries_by_event on webhook_deliveries (event_id);
create index webhook_deliveries_done on webhook_deliveries (done_at) where done_at is not null;
create index webhook_deliveries_waiting on webhook_deliveries (endpoint_id, due_at, id) where state = 'pending';
create index webhook_deliveries_leased on webhook_deliveries (endpoint_id) where leased_until is not null;
create index webhook_deliveries_held on webhook_deliveries (endpoint_id, id) where state = 'held';

create table _webhook_attempts (
    id blob primary key,
    delivery_id blob not null references "webhook_deliveries" (id) on delete cascade,
    at integer not null,
    milliseconds integer not null,
    status integer,
    error text,
    -- the beginning of what was answered
    answer text not null
) strict;
insert into _webhook_attempts select
    id, delivery_id,
    unixepoch(substr(at, 1, 19)) * 1000000 + substr(substr(at, 21, length(at) - 26) || '000000', 1, 6), milliseconds,
    status, error, answer
from webhook_attempts;
drop table webhook_attempts;
alter table _webhook_attempts rename to webhook_attempts;
create index webhook_attempts_by_delivery on webhook_attempts (delivery_id, id);

create table _probes (
    id blob primary key,
    at integer not null,
    -- none, or as much as shows that the disk has room
    padding blob not null
) strict;
insert into _probes select
    id, unixepoch(substr(at, 1, 19)) * 1000000 + substr(substr(at, 21, length(at) - 26) || '000000', 1, 6), padding
from probes;
drop table probes;
alter table _probes rename to probes;

create table _installation (
    id integer primary key check (id = 1),
    -- a digest under the secret key, so that another key is noticed before anything is done with it
    key_check blob not null,
    created_at integer not null
) strict;
insert into _installation select
    id, key_check,
    unixepoch(substr(created_at, 1, 19)) * 1000000 + substr(substr(created_at, 21, length(created_at) - 26) || '000000', 1, 6)
from installation;
drop table installation;
alter table _installation rename to installation;

create table _restores (
    id blob primary key,
    backup_made_at integer not null,
    restored_at integer not null,
    -- when the operator had sent or discarded what was held; null: not yet
    released_at integer
) strict;
insert into _restores select
    id,
    unixepoch(substr(backup_made_at, 1, 19)) * 1000000 + substr(substr(backup_made_at, 21, length(backup_made_at) - 26) || '000000', 1, 6),
    unixepoch(substr(restored_at, 1, 19)) * 1000000 + substr(substr(restored_at, 21, length(restored_at) - 26) || '000000', 1, 6),
    unixepoch(substr(released_at, 1, 19)) * 1000000 + substr(substr(released_at, 21, length(released_at) - 26) || '000000', 1, 6)
from restores;
drop table restores;
alter table _restores rename to restores;

create table _acts (
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
    remind_at integer,
    -- of the act's event
    event_number integer not null,
    done_at integer not null,
    primary key (id, invitation_id)
) strict;
insert into _acts select
    id, invitation_id, organization_id, user_id, change, was, became,
    unixepoch(substr(remind_at, 1, 19)) * 1000000 + substr(substr(remind_at, 21, length(remind_at) - 26) || '000000', 1, 6),
    event_number,
    unixepoch(substr(done_at, 1, 19)) * 1000000 + substr(substr(done_at, 21, length(done_at) - 26) || '000000', 1, 6)
from acts;
drop table acts;
alter table _acts rename to acts;
create index acts_by_end on acts (done_at);

create table _jobs (
    id blob primary key,
    organization_id blob not null references organizations (id) on delete cascade,
    -- who started it; each batch acts as this person
    user_id blob not null references users (id) on delete cascade,
    -- resend_matching or revoke_matching
    kind text not null,
    -- which rows it is for; empty once it is over
    input text not null,
    total integer not null,
    done integer not null,
    closed integer not null,
    forbidden integer not null,
    limited integer not null,
    -- the last row that it has dealt with
    after_id blob,
    -- when its next batch is due
    due_at integer not null,
    created_at integer not null,
    -- done, cancelled, not_permitted, erased or failed; null while it is under way
    outcome text,
    finished_at integer
) strict;
insert into _jobs select
    id, organization_id, user_id, kind, input, total, done, closed, forbidden, limited, after_id,
    unixepoch(substr(due_at, 1, 19)) * 1000000 + substr(substr(due_at, 21, length(due_at) - 26) || '000000', 1, 6),
    unixepoch(substr(created_at, 1, 19)) * 1000000 + substr(substr(created_at, 21, length(created_at) - 26) || '000000', 1, 6),
    outcome,
    unixepoch(substr(finished_at, 1, 19)) * 1000000 + substr(substr(finished_at, 21, length(finished_at) - 26) || '000000', 1, 6)
from jobs;
drop table jobs;
alter table _jobs rename to jobs;
create index jobs_due on jobs (due_at) where finished_at is null;
create index jobs_of_person on jobs (organization_id, user_id);
create index jobs_by_end on jobs (finished_at) where finished_at is not null;

create trigger events_head after insert on events begin
    update organizations set event_count = new.number, event_hash = new.hash where id = new.organization_id;
end;
create trigger invitations_added after insert on invitations begin
    insert into invitation_counts values (new.organization_id, new.status, 1)
        on conflict (organization_id, status) do update set count = count + 1;
end;
create trigger invitations_changed after update of status on invitations when new.status <> old.status begin
    update invitation_counts set count = count - 1 where organization_id = old.organization_id and status = old.status;
    insert into invitation_counts values (new.organization_id, new.status, 1)
        on conflict (organization_id, status) do update set count = count + 1;
end;
create trigger invitations_removed after delete on invitations begin
    update invitation_counts set count = count - 1 where organization_id = old.organization_id and status = old.status;
end;
create trigger mails_added after insert on mails when new.organization_id is not null begin
    insert into mail_counts values (new.organization_id, new.state, 1)
        on conflict (organization_id, state) do update set count = count + 1;
end;
create trigger mails_changed after update of state on mails
    when new.organization_id is not null and new.state <> old.state begin
    update mail_counts set count = count - 1 where organization_id = old.organization_id and state = old.state;
    insert into mail_counts values (new.organization_id, new.state, 1)
        on conflict (organization_id, state) do update set count = count + 1;
end;
create trigger mails_removed after delete on mails when old.organization_id is not null begin
    update mail_counts set count = count - 1 where organization_id = old.organization_id and state = old.state;
end;
create trigger members_added after insert on members begin
    insert into member_counts values (new.organization_id, 1)
        on conflict (organization_id) do update set count = count + 1;
end;
create trigger members_removed after delete on members begin
    update member_counts set count = count - 1 where organization_id = old.organization_id;
end;
create trigger webhook_deliveries_added after insert on webhook_deliveries begin
    insert into webhook_delivery_counts values (new.endpoint_id, new.state, 1)
        on conflict (endpoint_id, state) do update set count = count + 1;
end;
create trigger webhook_deliveries_changed after update of state on webhook_deliveries when new.state <> old.state begin
    update webhook_delivery_counts set count = count - 1 where endpoint_id = old.endpoint_id and state = old.state;
    insert into webhook_delivery_counts values (new.endpoint_id, new.state, 1)
        on conflict (endpoint_id, state) do update set count = count + 1;
end;
create trigger webhook_deliveries_removed after delete on webhook_deliveries begin
    update webhook_delivery_counts set count = count - 1 where endpoint_id = old.endpoint_id and state = old.state;
end;

-- What the search looks at is folded. Texts that are not do not begin with a space, and the program folds them when it opens
-- the database: no database knows the small letters of all alphabets.
-- What is searched, see decision 0041. The index of words has the three letters from every place of a text. In front of the
-- text stand three letters that nobody types: they are made from the organization's id, so that a search passes over the
-- rows of others. Between words stand two spaces, so that the beginning of a word has three letters even if it is one.
-- A new or changed row waits for the worker, who indexes many at once. A search looks through those that wait.

create view _letters as
    select id as organization_id, cast(unhex(
            'EE8' || substr(h, 1, 1) || '8' || substr(h, 2, 1) || 'EE8' || substr(h, 3, 1) || '8' || substr(h, 4, 1)
            || 'EE8' || substr(h, 5, 1) || '8' || substr(h, 6, 1)
        ) as text) as letters
    from (select id, hex(substr(id, 14)) as h from organizations);

create table _invitations_to_index (row integer primary key) strict;
insert into _invitations_to_index select _row from invitations;
create view _invitation_texts as
    select r._row as row, o.letters || replace(r.search, ' ', '  ') as text
    from invitations r join _letters o on o.organization_id = r.organization_id;
create virtual table _invitation_words using fts5 (
    text, content='_invitation_texts', content_rowid='row', tokenize='trigram case_sensitive 1', detail=none, columnsize=0
);

insert into _invitation_words (_invitation_words, rank) values ('secure-delete', 1);

create table _members_to_index (row integer primary key) strict;
insert into _members_to_index select _row from members;
create view _member_texts as
    select r._row as row, o.letters || replace(u.search, ' ', '  ') as text
    from members r join users u on u.id = r.user_id join _letters o on o.organization_id = r.organization_id;
create virtual table _member_words using fts5 (
    text, content='_member_texts', content_rowid='row', tokenize='trigram case_sensitive 1', detail=none, columnsize=0
);

insert into _member_words (_member_words, rank) values ('secure-delete', 1);

create table _mails_to_index (row integer primary key) strict;
insert into _mails_to_index select _row from mails where organization_id is not null;
create view _mail_texts as
    select r._row as row, o.letters || lower(r.recipient) as text
    from mails r join _letters o on o.organization_id = r.organization_id;
create virtual table _mail_words using fts5 (
    text, content='_mail_texts', content_rowid='row', tokenize='trigram case_sensitive 1', detail=none, columnsize=0
);

create trigger invitations_to_index after insert on invitations begin
    insert into _invitations_to_index values (new._row);
end;
create trigger invitations_to_index_again before update of search on invitations when new.search is not old.search begin
    insert into _invitation_words (_invitation_words, rowid, text) select 'delete', row, text from _invitation_texts
        where row = old._row and not exists (select 1 from _invitations_to_index where row = old._row);
    insert into _invitations_to_index values (old._row) on conflict do nothing;
end;
create trigger invitations_no_longer_indexed before delete on invitations begin
    insert into _invitation_words (_invitation_words, rowid, text) select 'delete', row, text from _invitation_texts
        where row = old._row and not exists (select 1 from _invitations_to_index where row = old._row);
    delete from _invitations_to_index where row = old._row;
end;

create trigger members_to_index after insert on members begin
    insert into _members_to_index values (new._row);
end;
create trigger members_to_index_again before update of search on users when new.search is not old.search begin
    insert into _member_words (_member_words, rowid, text) select 'delete', t.row, t.text
        from members m join _member_texts t on t.row = m._row
        where m.user_id = old.id and not exists (select 1 from _members_to_index where row = m._row);
    insert into _members_to_index select _row from members where user_id = old.id on conflict do nothing;
end;
create trigger members_no_longer_indexed before delete on members begin
    insert into _member_words (_member_words, rowid, text) select 'delete', row, text from _member_texts
        where row = old._row and not exists (select 1 from _members_to_index where row = old._row);
    delete from _members_to_index where row = old._row;
end;

create trigger mails_to_index after insert on mails when new.organization_id is not null begin
    insert into _mails_to_index values (new._row);
end;
create trigger mails_to_index_again before update of recipient on mails
    when new.recipient <> old.recipient and old.organization_id is not null begin
    insert into _mail_words (_mail_words, rowid, text) select 'delete', row, text from _mail_texts
        where row = old._row and not exists (select 1 from _mails_to_index where row = old._row);
    insert into _mails_to_index values (old._row) on conflict do nothing;
end;
create trigger mails_no_longer_indexed before delete on mails when old.organization_id is not null begin
    insert into _mail_words (_mail_words, rowid, text) select 'delete', row, text from _mail_texts
        where row = old._row and not exists (select 1 from _mails_to_index where row = old._row);
    delete from _mails_to_index where row = old._row;
end;
