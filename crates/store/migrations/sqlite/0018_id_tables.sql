-- Which roles an invitation offers and what it is limited to, in the order they were chosen. It says so when the role or
-- the resource is long deleted, which is why these name no row of another table: see decision 0028.
create table invitation_roles (
    invitation_id blob not null references invitations (id) on delete cascade,
    position integer not null,
    role_id blob not null,
    primary key (invitation_id, position)
) strict, without rowid;

create table invitation_resources (
    invitation_id blob not null references invitations (id) on delete cascade,
    position integer not null,
    resource_id blob not null,
    primary key (invitation_id, position)
) strict, without rowid;

-- The same of members. What a member holds can't be deleted.
create table member_roles (
    member_id blob not null references members (id) on delete cascade,
    position integer not null,
    role_id blob not null references roles (id),
    primary key (member_id, position)
) strict, without rowid;

create table member_resources (
    member_id blob not null references members (id) on delete cascade,
    position integer not null,
    resource_id blob not null references resources (id),
    primary key (member_id, position)
) strict, without rowid;

-- Until now they were texts with a space before and after each id. A text becomes a list of JSON, which is taken apart.
insert into invitation_roles (invitation_id, position, role_id)
    select i.id, part.key, unhex(part.value, '-') from invitations i,
        json_each('["' || replace(trim(i.role_ids), ' ', '","') || '"]') part
    where part.value like '________-____-____-____-____________' order by i.id, part.key;
insert into invitation_resources (invitation_id, position, resource_id)
    select i.id, part.key, unhex(part.value, '-') from invitations i,
        json_each('["' || replace(trim(i.resource_ids), ' ', '","') || '"]') part
    where trim(i.resource_ids) <> '' and part.value like '________-____-____-____-____________' order by i.id, part.key;
insert into member_roles (member_id, position, role_id)
    select m.id, part.key, unhex(part.value, '-') from members m,
        json_each('["' || replace(trim(m.role_ids), ' ', '","') || '"]') part
    where part.value like '________-____-____-____-____________' order by m.id, part.key;
insert into member_resources (member_id, position, resource_id)
    select m.id, part.key, unhex(part.value, '-') from members m,
        json_each('["' || replace(trim(m.resource_ids), ' ', '","') || '"]') part
    where trim(m.resource_ids) <> '' and part.value like '________-____-____-____-____________' order by m.id, part.key;

create index invitation_roles_by_role on invitation_roles (role_id, invitation_id);
create index invitation_resources_by_resource on invitation_resources (resource_id, invitation_id);
create index member_roles_by_role on member_roles (role_id, member_id);
create index member_resources_by_resource on member_resources (resource_id, member_id);

alter table invitations drop column role_ids;
alter table invitations drop column resource_ids;
alter table members drop column role_ids;
alter table members drop column resource_ids;

-- Members are listed in the order of their ids, which is that of their joining.
create index members_in_order on members (organization_id, id);

-- The name in lower case, for the search. No database knows the small letters of all alphabets as the program does: for
-- names of more than plain letters it fills this in when it opens the database.
alter table users add column name_lower text;
update users set name_lower = lower(name) where length(name) = octet_length(name);
create index users_to_fold on users (id) where name_lower is null;

-- Tables are called what they hold.
alter table visits rename to acceptance_sessions;
drop index visits_by_end;
create index acceptance_sessions_by_end on acceptance_sessions (expires_at);

alter table endpoints rename to webhook_endpoints;
drop index endpoints_in_order;
drop index endpoints_by_maker;
create index webhook_endpoints_in_order on webhook_endpoints (organization_id, id);
create index webhook_endpoints_by_maker on webhook_endpoints (organization_id, maker_id) where disabled_at is null;

alter table deliveries rename to webhook_deliveries;
drop index deliveries_in_order;
drop index deliveries_by_state;
drop index deliveries_by_event;
drop index deliveries_done;
drop index deliveries_waiting;
drop index deliveries_leased;
drop index deliveries_held;
create index webhook_deliveries_in_order on webhook_deliveries (endpoint_id, id);
create index webhook_deliveries_by_state on webhook_deliveries (endpoint_id, state, id);
create index webhook_deliveries_by_event on webhook_deliveries (event_id);
create index webhook_deliveries_done on webhook_deliveries (done_at) where done_at is not null;
create index webhook_deliveries_waiting on webhook_deliveries (endpoint_id, due_at, id) where state = 'pending';
create index webhook_deliveries_leased on webhook_deliveries (endpoint_id) where leased_until is not null;
create index webhook_deliveries_held on webhook_deliveries (endpoint_id, id) where state = 'held';

alter table attempts rename to webhook_attempts;
drop index attempts_by_delivery;
create index webhook_attempts_by_delivery on webhook_attempts (delivery_id, id);
