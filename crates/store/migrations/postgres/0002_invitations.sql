create table invitations (
    id uuid primary key,
    organization_id uuid not null references organizations (id),
    email text not null,
    email_typed text not null,
    name text,
    -- address and name in lower case, for the search
    search text not null,
    -- ids with a space before and after each, so that one can be found with like
    role_ids text not null,
    resource_ids text not null,
    message text,
    metadata jsonb not null,
    redirect_url text,
    locale text,
    -- a person, a program, or a program in the name of a person
    inviter_id uuid references users (id),
    api_key_id uuid references api_keys (id),
    generation bigint not null,
    status text not null,
    created_at timestamptz not null,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    closed_at timestamptz,
    closed_by jsonb,
    decline_reason text,
    member_id uuid,
    mail_state text not null,
    opened_at timestamptz,
    -- when to remind of the present link; nobody is, once it is taken away
    remind_at timestamptz,
    check (inviter_id is not null or api_key_id is not null)
);

-- one open invitation per organization and address
create unique index invitations_open on invitations (organization_id, email) where status = 'pending';
-- with the end, so that counting what is open and what is over reads nothing else
create index invitations_by_status on invitations (organization_id, status, id, expires_at);
create index invitations_in_order on invitations (organization_id, id);
create index invitations_to_remind on invitations (remind_at) where status = 'pending' and remind_at is not null;
create index invitations_due on invitations (expires_at) where status = 'pending';

create table visits (
    id_hash bytea primary key,
    invitation_id uuid not null references invitations (id),
    generation bigint not null,
    channel text not null,
    codes_sent bigint not null default 0,
    code_tries bigint not null default 0,
    is_proven boolean not null,
    -- how the invitee came to accept
    arrival text,
    created_at timestamptz not null,
    expires_at timestamptz not null
);

create index visits_by_end on visits (expires_at);
