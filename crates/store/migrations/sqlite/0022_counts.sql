-- How many rows of a kind there are, so that nobody has to count them, see decision 0037. Triggers keep them in the
-- transaction of each change. A change takes from a count that is there and never makes one, because a count goes with
-- what it belongs to.

create table invitation_counts (
    organization_id blob not null references organizations (id) on delete cascade,
    status text not null,
    count integer not null,
    primary key (organization_id, status)
) strict, without rowid;

insert into invitation_counts select organization_id, status, count(*) from invitations group by organization_id, status;

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

-- Mails to people of no organization are in no outbox.
create table mail_counts (
    organization_id blob not null references organizations (id) on delete cascade,
    state text not null,
    count integer not null,
    primary key (organization_id, state)
) strict, without rowid;

insert into mail_counts select organization_id, state, count(*) from mails
    where organization_id is not null group by organization_id, state;

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

create table member_counts (
    organization_id blob primary key references organizations (id) on delete cascade,
    count integer not null
) strict, without rowid;

insert into member_counts select organization_id, count(*) from members group by organization_id;

create trigger members_added after insert on members begin
    insert into member_counts values (new.organization_id, 1)
        on conflict (organization_id) do update set count = count + 1;
end;
create trigger members_removed after delete on members begin
    update member_counts set count = count - 1 where organization_id = old.organization_id;
end;

create table webhook_delivery_counts (
    endpoint_id blob not null references webhook_endpoints (id) on delete cascade,
    state text not null,
    count integer not null,
    primary key (endpoint_id, state)
) strict, without rowid;

insert into webhook_delivery_counts select endpoint_id, state, count(*) from webhook_deliveries
    group by endpoint_id, state;

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
