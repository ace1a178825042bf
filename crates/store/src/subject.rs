//! The queries by subject: `tx.members().of_user(…)` reads, `tx.members_mut().save(…)` writes. What reads borrows a
//! [`Snapshot`], which every transaction is as well. What writes borrows a [`Tx`], or a [`LockedTx`] if it must be sure
//! that nobody else changes the organization meanwhile.

use super::{LockedTx, Snapshot, Tx};

macro_rules! reads {
    ($($(#[$doc:meta])* $accessor:ident: $Subject:ident,)*) => {
        $($(#[$doc])* pub struct $Subject<'t>(pub(super) &'t mut Snapshot);)*

        impl Snapshot {
            $($(#[$doc])* pub fn $accessor(&mut self) -> $Subject<'_> { $Subject(self) })*
        }
    };
}

macro_rules! writes {
    ($($(#[$doc:meta])* $accessor:ident: $Subject:ident on $($On:ident)+,)*) => {
        $($(#[$doc])* pub struct $Subject<'t, T>(pub(super) &'t mut T);)*
        $(writes!(@each [$(#[$doc])*] $accessor: $Subject on $($On)+);)*
    };
    (@each [$($docs:tt)*] $accessor:ident: $Subject:ident on $First:ident $($More:ident)*) => {
        impl $First {
            $($docs)* pub fn $accessor(&mut self) -> $Subject<'_, Self> { $Subject(self) }
        }
        writes!(@each [$($docs)*] $accessor: $Subject on $($More)*);
    };
    (@each [$($docs:tt)*] $accessor:ident: $Subject:ident on) => {};
}

reads! {
    /// Reads the acceptance sessions.
    acceptance_sessions: AcceptanceSessions,
    /// Reads what people have just done, and can take back.
    acts: Acts,
    /// Reads the API keys.
    api_keys: ApiKeys,
    /// Reads what a person or a role has left behind: keys, endpoints and invitations that depend on them.
    dependents: Dependents,
    /// Reads what an erasure has to erase, and what it keeps.
    erasures: Erasures,
    /// Reads the events of an organization.
    events: Events,
    /// Reads what is held after a restore.
    holds: Holds,
    /// Reads the idempotency keys, with the answers to be given again.
    idempotency_keys: IdempotencyKeys,
    /// Reads the invitations.
    invitations: Invitations,
    /// Reads the jobs.
    jobs: Jobs,
    /// Reads which mails wait, and who has leased them.
    mail_leases: MailLeases,
    /// Reads the mails of the outbox.
    mails: Mails,
    /// Reads the members.
    members: Members,
    /// Reads the organizations.
    organizations: Organizations,
    /// Reads all that is known of a person.
    personal_data: PersonalData,
    /// Reads how much waits in the queues.
    queues: Queues,
    /// Reads what is left of the rate limits.
    rate_limits: RateLimits,
    /// Reads what was redacted in the events.
    redactions: Redactions,
    /// Reads the reminders that are due.
    reminders: Reminders,
    /// Reads the resources.
    resources: Resources,
    /// Reads the roles.
    roles: Roles,
    /// Reads the sessions of those who have signed in.
    sessions: Sessions,
    /// Reads the people's accounts.
    users: Users,
    /// Reads the webhook deliveries.
    webhook_deliveries: WebhookDeliveries,
    /// Reads which webhook deliveries wait, and who has leased them.
    webhook_delivery_leases: WebhookDeliveryLeases,
    /// Reads the webhook endpoints.
    webhook_endpoints: WebhookEndpoints,
}

writes! {
    /// Writes acceptance sessions.
    acceptance_sessions_mut: AcceptanceSessionsMut on Tx,
    /// Keeps what people have just done, and forgets it again.
    acts_mut: ActsMut on Tx LockedTx,
    /// Writes API keys.
    api_keys_mut: ApiKeysMut on Tx LockedTx,
    /// Writes what depends on a person or a role.
    dependents_mut: DependentsMut on LockedTx,
    /// Erases a person.
    erasures_mut: ErasuresMut on LockedTx,
    /// Holds what waits, after a restore, and settles it.
    holds_mut: HoldsMut on Tx LockedTx,
    /// Writes idempotency keys.
    idempotency_keys_mut: IdempotencyKeysMut on Tx,
    /// Writes invitations.
    invitations_mut: InvitationsMut on LockedTx,
    /// Writes jobs.
    jobs_mut: JobsMut on Tx LockedTx,
    /// Leases mails to be sent.
    mail_leases_mut: MailLeasesMut on Tx,
    /// Writes mails into the outbox.
    mails_mut: MailsMut on Tx,
    /// Writes members.
    members_mut: MembersMut on LockedTx,
    /// Writes organizations.
    organizations_mut: OrganizationsMut on Tx,
    /// Takes from the rate limits.
    rate_limits_mut: RateLimitsMut on Tx,
    /// Redacts events.
    redactions_mut: RedactionsMut on LockedTx,
    /// Schedules reminders.
    reminders_mut: RemindersMut on LockedTx,
    /// Writes resources.
    resources_mut: ResourcesMut on LockedTx,
    /// Writes roles.
    roles_mut: RolesMut on LockedTx,
    /// Writes sessions.
    sessions_mut: SessionsMut on Tx,
    /// Uses up tickets.
    tickets_mut: TicketsMut on Tx,
    /// Writes people's accounts.
    users_mut: UsersMut on Tx,
    /// Writes webhook deliveries.
    webhook_deliveries_mut: WebhookDeliveriesMut on Tx,
    /// Leases webhook deliveries to be sent.
    webhook_delivery_leases_mut: WebhookDeliveryLeasesMut on Tx,
    /// Writes webhook endpoints.
    webhook_endpoints_mut: WebhookEndpointsMut on LockedTx,
}
