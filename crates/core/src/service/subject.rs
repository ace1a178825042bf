//! The use cases by subject: `vestibule.members().page(…)`.

use super::{Result, Vestibule};
use std::sync::Arc;
use vestibule_domain::Instant;
use vestibule_store::{OpenTx, Snapshot};

/// What nearly every use case does, in the words of [`Vestibule`].
macro_rules! storing {
    ($Subject:ident) => {
        #[allow(dead_code, reason = "not every subject does all of it")]
        impl $Subject<'_> {
            pub(super) fn now(self) -> Instant {
                self.0.now()
            }

            pub(super) async fn read<T>(self, work: impl AsyncFnOnce(&mut Snapshot) -> Result<T> + Clone) -> Result<T> {
                self.0.read(work).await
            }

            pub(super) async fn write<T>(self, work: impl AsyncFnOnce(&mut OpenTx) -> Result<T> + Clone) -> Result<T> {
                self.0.write(work).await
            }
        }
    };
}

macro_rules! subjects {
    ($($(#[$doc:meta])* $accessor:ident: $Subject:ident,)*) => {
        $($(#[$doc])* #[derive(Clone, Copy)] pub struct $Subject<'v>(pub(super) &'v Vestibule);)*
        $(storing!($Subject);)*

        impl Vestibule {
            $($(#[$doc])* pub fn $accessor(&self) -> $Subject<'_> { $Subject(self) })*
        }
    };
}

/// The same for subjects with streams, which keep the installation for as long as they are read.
macro_rules! streaming_subjects {
    ($($(#[$doc:meta])* $accessor:ident: $Subject:ident,)*) => {
        $($(#[$doc])* #[derive(Clone, Copy)] pub struct $Subject<'v>(pub(super) &'v Arc<Vestibule>);)*
        $(storing!($Subject);)*

        impl Vestibule {
            $($(#[$doc])* pub fn $accessor(self: &Arc<Self>) -> $Subject<'_> { $Subject(self) })*
        }
    };
}

subjects! {
    /// What an invitee does: open the link, prove the mailbox, accept or decline.
    acceptance: Acceptance,
    /// API keys, and the requests that come with them.
    api_keys: ApiKeys,
    /// What would be left without its maker or role, and is cut or taken over.
    dependents: Dependents,
    /// Erasing a person.
    erasure: Erasure,
    /// What is held after a restore.
    held: Held,
    /// Invitations, from the side of those who invite.
    invitations: Invitations,
    /// The texts of the mails, and the links in them.
    letters: Letters,
    /// The rate limits.
    limits: Limits,
    /// The members of an organization.
    members: Members,
    /// Organizations, and the first one of an installation.
    organizations: Organizations,
    /// The mails of an organization.
    outbox: Outbox,
    /// The resources that members can be limited to.
    resources: Resources,
    /// The roles.
    roles: Roles,
    /// Signing in and out, sessions and passwords.
    sessions: Sessions,
    /// The failed attempts to sign in.
    sign_in_failures: SignInFailures,
    /// Tickets, which tell another application who has accepted.
    tickets: Tickets,
    /// The deliveries of webhooks.
    webhook_deliveries: WebhookDeliveries,
    /// The endpoints that webhooks are delivered to.
    webhook_endpoints: WebhookEndpoints,
}

streaming_subjects! {
    /// The audit log.
    audit: Audit,
    /// The live feed of an organization's events.
    feed: Feed,
    /// What is stored about a person.
    personal_data: PersonalData,
}
