//! The use cases by subject: `vestibule.members().page(…)`.

use super::{Result, Vestibule};
use std::sync::Arc;
use vestibule_domain::Instant;
use vestibule_store::{OpenTx, Snapshot};

/// What many use cases do, in the words of [`Vestibule`].
macro_rules! does {
    (now) => {
        pub(super) fn now(self) -> Instant {
            self.0.now()
        }
    };
    (read) => {
        pub(super) async fn read<T>(self, work: impl AsyncFnOnce(&mut Snapshot) -> Result<T> + Clone) -> Result<T> {
            self.0.read(work).await
        }
    };
    (write) => {
        pub(super) async fn write<T>(self, work: impl AsyncFnOnce(&mut OpenTx) -> Result<T> + Clone) -> Result<T> {
            self.0.write(work).await
        }
    };
}

macro_rules! subjects {
    ($($(#[$doc:meta])* $accessor:ident: $Subject:ident ($($does:ident)*),)*) => {
        $($(#[$doc])* #[derive(Clone, Copy)] pub struct $Subject<'v>(pub(super) &'v Vestibule);)*
        $(impl $Subject<'_> { $(does!($does);)* })*

        impl Vestibule {
            $($(#[$doc])* pub fn $accessor(&self) -> $Subject<'_> { $Subject(self) })*
        }
    };
}

/// The same for subjects with streams, which keep the installation for as long as they are read.
macro_rules! streaming_subjects {
    ($($(#[$doc:meta])* $accessor:ident: $Subject:ident ($($does:ident)*),)*) => {
        $($(#[$doc])* #[derive(Clone, Copy)] pub struct $Subject<'v>(pub(super) &'v Arc<Vestibule>);)*
        $(impl $Subject<'_> { $(does!($does);)* })*

        impl Vestibule {
            $($(#[$doc])* pub fn $accessor(self: &Arc<Self>) -> $Subject<'_> { $Subject(self) })*
        }
    };
}

subjects! {
    /// What an invitee does: open the link, prove the mailbox, accept or decline.
    acceptance: Acceptance (now read write),
    /// API keys, and the requests that come with them.
    api_keys: ApiKeys (now read),
    /// What would be left without its maker or role, and is cut or taken over.
    dependents: Dependents (now read write),
    /// Erasing a person.
    erasure: Erasure (now read write),
    /// What is held after a restore.
    held: Held (now read write),
    /// Invitations, from the side of those who invite.
    invitations: Invitations (now read),
    /// The texts of the mails, and the links in them.
    letters: Letters (read),
    /// The rate limits.
    limits: Limits (now write),
    /// The members of an organization.
    members: Members (now read),
    /// Organizations, and the first one of an installation.
    organizations: Organizations (now read write),
    /// The mails of an organization.
    outbox: Outbox (now read),
    /// The resources that members can be limited to.
    resources: Resources (now read),
    /// The roles.
    roles: Roles (now read),
    /// Signing in and out, sessions and passwords.
    sessions: Sessions (now read write),
    /// The failed attempts to sign in.
    sign_in_failures: SignInFailures (now write),
    /// Tickets, which tell another application who has accepted.
    tickets: Tickets (now read),
    /// The deliveries of webhooks.
    webhook_deliveries: WebhookDeliveries (now read),
    /// The endpoints that webhooks are delivered to.
    webhook_endpoints: WebhookEndpoints (now read),
}

streaming_subjects! {
    /// The audit log.
    audit: Audit (now read),
    /// The live feed of an organization's events.
    feed: Feed (read),
    /// What is stored about a person.
    personal_data: PersonalData (now read),
}
