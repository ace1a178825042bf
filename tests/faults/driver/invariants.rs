//! What must hold in every database, asked in SQL that both kinds take, apart from what the program itself checks.

/// What each counts is something that can't be.
pub const IMPOSSIBLE: [(&str, &str); 7] = [
    (
        "accepted, and not by exactly one member",
        "select count(*) from invitations i where i.status = 'accepted'
            and (select count(*) from members m where m.invitation_id = i.id) <> 1
            and not exists (select 1 from events e where e.member_id = i.member_id and e.action in ('member.removed', 'member.left'))",
    ),
    (
        "a member by an invitation that was not accepted by them",
        "select count(*) from members m where m.invitation_id is not null
            and not exists (select 1 from invitations i where i.id = m.invitation_id and i.status = 'accepted' and i.member_id = m.id)",
    ),
    (
        "closed, and not exactly one event says so",
        "select count(*) from invitations i where i.status in ('accepted', 'revoked', 'declined')
            and (select count(*) from events e where e.invitation_id = i.id and e.action = 'invitation.' || i.status) <> 1",
    ),
    (
        "closed in two ways, or twice",
        "select count(*) from (select invitation_id from events
            where action in ('invitation.accepted', 'invitation.revoked', 'invitation.declined')
            group by invitation_id having count(*) > 1) twice",
    ),
    (
        "closed as its events say, and open as its row does",
        "select count(*) from events e join invitations i on i.id = e.invitation_id where i.status = 'pending'
            and e.action in ('invitation.accepted', 'invitation.revoked', 'invitation.declined')",
    ),
    (
        "there, and not exactly one event says so",
        "select count(*) from invitations i
            where (select count(*) from events e where e.invitation_id = i.id and e.action = 'invitation.created') <> 1",
    ),
    (
        "an organization that counts other events than there are, but for the numbers that a restore leaves out",
        "select count(*) from organizations o
            where o.event_count <> (select coalesce(max(number), 0) from events e where e.organization_id = o.id)
            or o.event_count <> (select count(*) from events e where e.organization_id = o.id)
            and not exists (select 1 from events e where e.organization_id = o.id and e.action = 'organization.restored')",
    ),
];
