-- Which roles an invitation offers and what it is limited to, in the order they were chosen. It says so when the role or
-- the resource is long deleted, which is why these name no row of another table: see decision 0028.
create table invitation_roles (
    invitation_id uuid not null,
    position bigint not null,
    role_id uuid not null
);

create table invitation_resources (
    invitation_id uuid not null,
    position bigint not null,
    resource_id uuid not null
);

-- The same of members. What a member holds can't be deleted.
create table member_roles (
    member_id uuid not null,
    position bigint not null,
    role_id uuid not null
);

create table member_resources (
    member_id uuid not null,
    position bigint not null,
    resource_id uuid not null
);

-- Until now they were texts with a space before and after each id.
insert into invitation_roles (invitation_id, position, role_id)
    select i.id, part.number - 1, part.id::uuid from invitations i
        cross join lateral unnest(string_to_array(trim(i.role_ids), ' ')) with ordinality part (id, number)
    where part.id like '________-____-____-____-____________';
insert into invitation_resources (invitation_id, position, resource_id)
    select i.id, part.number - 1, part.id::uuid from invitations i
        cross join lateral unnest(string_to_array(trim(i.resource_ids), ' ')) with ordinality part (id, number)
    where part.id like '________-____-____-____-____________';
insert into member_roles (member_id, position, role_id)
    select m.id, part.number - 1, part.id::uuid from members m
        cross join lateral unnest(string_to_array(trim(m.role_ids), ' ')) with ordinality part (id, number)
    where part.id like '________-____-____-____-____________';
insert into member_resources (member_id, position, resource_id)
    select m.id, part.number - 1, part.id::uuid from members m
        cross join lateral unnest(string_to_array(trim(m.resource_ids), ' ')) with ordinality part (id, number)
    where part.id like '________-____-____-____-____________';

-- Keys are checked for all rows together, which takes a fraction of the time.
alter table invitation_roles add primary key (invitation_id, position),
    add foreign key (invitation_id) references invitations (id) on delete cascade;
alter table invitation_resources add primary key (invitation_id, position),
    add foreign key (invitation_id) references invitations (id) on delete cascade;
alter table member_roles add primary key (member_id, position),
    add foreign key (member_id) references members (id) on delete cascade,
    add foreign key (role_id) references roles (id);
alter table member_resources add primary key (member_id, position),
    add foreign key (member_id) references members (id) on delete cascade,
    add foreign key (resource_id) references resources (id);

create index invitation_roles_by_role on invitation_roles (role_id, invitation_id);
create index invitation_resources_by_resource on invitation_resources (resource_id, invitation_id);
create index member_roles_by_role on member_roles (role_id, member_id);
create index member_resources_by_resource on member_resources (resource_id, member_id);

alter table invitations drop column role_ids, drop column resource_ids;
alter table members drop column role_ids, drop column resource_ids;

-- Members are listed in the order of their ids, which is that of their joining.
create index members_in_order on members (organization_id, id);

-- The name in lower case, for the search. No database knows the small letters of all alphabets as the program does: for
-- names of more than plain letters it fills this in when it opens the database.
alter table users add column name_lower text;
update users set name_lower = lower(name collate "C") where length(name) = octet_length(name);
create index users_to_fold on users (id) where name_lower is null;

-- Tables are called what they hold.
alter table visits rename to acceptance_sessions;
alter table acceptance_sessions rename constraint visits_pkey to acceptance_sessions_pkey;
alter table acceptance_sessions rename constraint visits_invitation_id_fkey to acceptance_sessions_invitation_id_fkey;
alter index visits_by_end rename to acceptance_sessions_by_end;

alter table endpoints rename to webhook_endpoints;
alter table webhook_endpoints rename constraint endpoints_pkey to webhook_endpoints_pkey;
alter table webhook_endpoints rename constraint endpoints_organization_id_fkey to webhook_endpoints_organization_id_fkey;
alter index endpoints_in_order rename to webhook_endpoints_in_order;
alter index endpoints_by_maker rename to webhook_endpoints_by_maker;

alter table deliveries rename to webhook_deliveries;
alter table webhook_deliveries rename constraint deliveries_pkey to webhook_deliveries_pkey;
alter table webhook_deliveries rename constraint deliveries_endpoint_id_fkey to webhook_deliveries_endpoint_id_fkey;
alter table webhook_deliveries rename constraint deliveries_event_id_fkey to webhook_deliveries_event_id_fkey;
alter index deliveries_in_order rename to webhook_deliveries_in_order;
alter index deliveries_by_state rename to webhook_deliveries_by_state;
alter index deliveries_by_event rename to webhook_deliveries_by_event;
alter index deliveries_done rename to webhook_deliveries_done;
alter index deliveries_waiting rename to webhook_deliveries_waiting;
alter index deliveries_leased rename to webhook_deliveries_leased;
alter index deliveries_held rename to webhook_deliveries_held;

alter table attempts rename to webhook_attempts;
alter table webhook_attempts rename constraint attempts_pkey to webhook_attempts_pkey;
alter table webhook_attempts rename constraint attempts_delivery_id_fkey to webhook_attempts_delivery_id_fkey;
alter index attempts_by_delivery rename to webhook_attempts_by_delivery;
