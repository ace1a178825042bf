-- How many rows of a kind there are, so that nobody has to count them, see decision 0037. Triggers keep them in the
-- transaction of each change, once for each statement. They lock their rows in order, because a statement that removes
-- what is old may change several organizations. A removal makes no count, because a count goes with what it belongs to.

create table invitation_counts (
    organization_id uuid not null references organizations (id) on delete cascade,
    status text not null,
    count bigint not null,
    primary key (organization_id, status)
) with (fillfactor = 50);

insert into invitation_counts select organization_id, status, count(*) from invitations
    group by 1, 2;

create function invitations_counted() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into invitation_counts as c
            select organization_id, status, count(*) from added
            group by 1, 2 order by 1, 2
            on conflict (organization_id, status) do update set count = c.count + excluded.count;
    elsif tg_op = 'UPDATE' then
        insert into invitation_counts as c
            select organization_id, status, sum(step) from (
                select organization_id, status, 1 as step from added
                union all select organization_id, status, -1 from removed
            ) changed group by 1, 2 having sum(step) <> 0 order by 1, 2
            on conflict (organization_id, status) do update set count = c.count + excluded.count;
    else
        insert into invitation_counts as c
            select organization_id, status, -count(*) from removed
            where exists (select 1 from organizations p where p.id = organization_id)
            group by 1, 2 order by 1, 2
            on conflict (organization_id, status) do update set count = c.count + excluded.count;
    end if;
    return null;
end
$$;

create trigger invitations_added after insert on invitations referencing new table as added
    for each statement execute function invitations_counted();
create trigger invitations_changed after update on invitations
    referencing old table as removed new table as added for each statement execute function invitations_counted();
create trigger invitations_removed after delete on invitations referencing old table as removed
    for each statement execute function invitations_counted();

-- Mails to people of no organization are in no outbox.
create table mail_counts (
    organization_id uuid not null references organizations (id) on delete cascade,
    state text not null,
    count bigint not null,
    primary key (organization_id, state)
) with (fillfactor = 50);

insert into mail_counts select organization_id, state, count(*) from mails where organization_id is not null
    group by 1, 2;

create function mails_counted() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into mail_counts as c
            select organization_id, state, count(*) from added where organization_id is not null
            group by 1, 2 order by 1, 2
            on conflict (organization_id, state) do update set count = c.count + excluded.count;
    elsif tg_op = 'UPDATE' then
        insert into mail_counts as c
            select organization_id, state, sum(step) from (
                select organization_id, state, 1 as step from added where organization_id is not null
                union all select organization_id, state, -1 from removed where organization_id is not null
            ) changed group by 1, 2 having sum(step) <> 0 order by 1, 2
            on conflict (organization_id, state) do update set count = c.count + excluded.count;
    else
        insert into mail_counts as c
            select organization_id, state, -count(*) from removed
            where exists (select 1 from organizations p where p.id = organization_id)
            group by 1, 2 order by 1, 2
            on conflict (organization_id, state) do update set count = c.count + excluded.count;
    end if;
    return null;
end
$$;

create trigger mails_added after insert on mails referencing new table as added
    for each statement execute function mails_counted();
create trigger mails_changed after update on mails
    referencing old table as removed new table as added for each statement execute function mails_counted();
create trigger mails_removed after delete on mails referencing old table as removed
    for each statement execute function mails_counted();

create table member_counts (
    organization_id uuid not null references organizations (id) on delete cascade,
    count bigint not null,
    primary key (organization_id)
) with (fillfactor = 50);

insert into member_counts select organization_id, count(*) from members
    group by 1;

create function members_counted() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into member_counts as c
            select organization_id, count(*) from added
            group by 1 order by 1
            on conflict (organization_id) do update set count = c.count + excluded.count;
    else
        insert into member_counts as c
            select organization_id, -count(*) from removed
            where exists (select 1 from organizations p where p.id = organization_id)
            group by 1 order by 1
            on conflict (organization_id) do update set count = c.count + excluded.count;
    end if;
    return null;
end
$$;

create trigger members_added after insert on members referencing new table as added
    for each statement execute function members_counted();
create trigger members_removed after delete on members referencing old table as removed
    for each statement execute function members_counted();

create table webhook_delivery_counts (
    endpoint_id uuid not null references webhook_endpoints (id) on delete cascade,
    state text not null,
    count bigint not null,
    primary key (endpoint_id, state)
) with (fillfactor = 50);

insert into webhook_delivery_counts select endpoint_id, state, count(*) from webhook_deliveries
    group by 1, 2;

create function webhook_deliveries_counted() returns trigger language plpgsql as $$
begin
    if tg_op = 'INSERT' then
        insert into webhook_delivery_counts as c
            select endpoint_id, state, count(*) from added
            group by 1, 2 order by 1, 2
            on conflict (endpoint_id, state) do update set count = c.count + excluded.count;
    elsif tg_op = 'UPDATE' then
        insert into webhook_delivery_counts as c
            select endpoint_id, state, sum(step) from (
                select endpoint_id, state, 1 as step from added
                union all select endpoint_id, state, -1 from removed
            ) changed group by 1, 2 having sum(step) <> 0 order by 1, 2
            on conflict (endpoint_id, state) do update set count = c.count + excluded.count;
    else
        insert into webhook_delivery_counts as c
            select endpoint_id, state, -count(*) from removed
            where exists (select 1 from webhook_endpoints p where p.id = endpoint_id)
            group by 1, 2 order by 1, 2
            on conflict (endpoint_id, state) do update set count = c.count + excluded.count;
    end if;
    return null;
end
$$;

create trigger webhook_deliveries_added after insert on webhook_deliveries referencing new table as added
    for each statement execute function webhook_deliveries_counted();
create trigger webhook_deliveries_changed after update on webhook_deliveries
    referencing old table as removed new table as added for each statement execute function webhook_deliveries_counted();
create trigger webhook_deliveries_removed after delete on webhook_deliveries referencing old table as removed
    for each statement execute function webhook_deliveries_counted();
