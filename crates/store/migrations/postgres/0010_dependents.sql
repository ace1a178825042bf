-- Who made a webhook, as for keys; null: nobody is known, and it is the organization's own.
alter table endpoints add column created_by jsonb;

-- The maker's id, a person's or a key's, by which what they made is found.
alter table endpoints add column maker_id uuid;
alter table api_keys add column maker_id uuid;

-- The log tells who made the webhooks that are there already.
update endpoints set created_by = (
    select e.actor::jsonb from events e
    where e.organization_id = endpoints.organization_id and e.action = 'webhook.created'
    and e.fact::jsonb -> 'data' ->> 'id' = endpoints.id::text limit 1
);
update endpoints set maker_id = (created_by ->> 'id')::uuid;
update api_keys set maker_id = (created_by ->> 'id')::uuid;

create index api_keys_by_maker on api_keys (organization_id, maker_id) where revoked_at is null;
create index endpoints_by_maker on endpoints (organization_id, maker_id) where disabled_at is null;
create index invitations_by_inviter on invitations (organization_id, inviter_id) where status = 'pending';
create index invitations_by_api_key on invitations (organization_id, api_key_id) where status = 'pending';

-- Makers whose open invitations were too many to be revoked in one transaction. The worker goes on with them.
create table unfinished_cuts (
    organization_id uuid not null references organizations (id),
    maker_id uuid not null,
    -- user or api_key
    maker_type text not null,
    -- who caused it
    actor jsonb not null,
    primary key (organization_id, maker_id)
);
