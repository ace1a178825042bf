-- who waits in one line: the mails of an organization, or of an account; the default is for mails of a program that
-- does not know lanes yet and still runs
alter table mails add column lane blob not null default x'ffffffffffffffffffffffffffffffff';
-- 0: somebody waits before a screen; 1: an invitation; 2: the rest
alter table mails add column urgency integer not null default 1;
-- who holds the lease: a process, for as long as it runs
alter table mails add column leased_by blob;
-- a try has ended without the server's word after the mail was handed over, so it may have arrived
alter table mails add column may_be_out integer not null default 0;

update mails set lane = coalesce(organization_id, id), urgency = case json_extract(letter, '$.letter')
    when 'code' then 0 when 'password_reset' then 0 when 'password_changed' then 0 when 'invitation' then 1 else 2 end;

drop index mails_due;
create index mails_waiting on mails (urgency, lane, due_at, id) where state in ('queued', 'deferred');
create index mails_leased on mails (leased_by) where leased_until is not null;

alter table deliveries add column leased_by blob;

drop index deliveries_due;
create index deliveries_waiting on deliveries (endpoint_id, due_at, id) where state = 'pending';
create index deliveries_leased on deliveries (endpoint_id) where leased_until is not null;
