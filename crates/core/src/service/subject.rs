//! The use cases by subject: `vestibule.members().page(…)`.

use super::{Result, Scope, Vestibule};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;
use vestibule_domain::{Instant, Permission};
use vestibule_store::{LockedTx, OpenTx, Snapshot};

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
    (read_one) => {
        pub(super) async fn read_one<T>(self, work: impl AsyncFnOnce(&mut Snapshot) -> Result<T> + Clone) -> Result<T> {
            self.0.read_one(work).await
        }
    };
    (write) => {
        pub(super) async fn write<T>(self, work: impl AsyncFnOnce(&mut OpenTx) -> Result<T> + Clone) -> Result<T> {
            self.0.write(work).await
        }
    };
    (write_in) => {
        pub(super) async fn write_in<T: Serialize + DeserializeOwned>(
            self,
            scope: &Scope,
            permission: Option<Permission>,
            work: impl AsyncFnOnce(&mut LockedTx, &Scope) -> Result<T> + Clone,
        ) -> Result<T> {
            self.0.write_in(scope, permission, work).await
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
    api_keys: ApiKeys (now read read_one write_in),
    /// What would be left without its maker or role, and is cut or taken over.
    dependents: Dependents (now read write),
    /// Erasing a person.
    erasure: Erasure (now read write write_in),
    /// What is held after a restore.
    held: Held (now read write),
    /// Invitations, from the side of those who invite.
    invitations: Invitations (now read write_in),
    /// What people have started and goes on in the background.
    jobs: Jobs (now read write write_in),
    /// The texts of the mails, and the links in them.
    letters: Letters (read),
    /// The rate limits.
    limits: Limits (now write),
    /// The members of an organization.
    members: Members (now read write_in),
    /// Organizations, and the first one of an installation.
    organizations: Organizations (now read write write_in),
    /// The mails of an organization.
    outbox: Outbox (now read write_in),
    /// The resources that members can be limited to.
    resources: Resources (now read write_in),
    /// The roles.
    roles: Roles (now read read_one write_in),
    /// Finding people by a few words.
    search: Search (now read),
    /// Signing in and out, sessions and passwords.
    sessions: Sessions (now read write),
    /// The failed attempts to sign in.
    sign_in_failures: SignInFailures (now write),
    /// Tickets, which tell another application who has accepted.
    tickets: Tickets (now read write_in),
    /// The deliveries of webhooks.
    webhook_deliveries: WebhookDeliveries (now read write_in),
    /// The endpoints that webhooks are delivered to.
    webhook_endpoints: WebhookEndpoints (now read write_in),
}

streaming_subjects! {
    /// The audit log.
    audit: Audit (now read),
    /// The live feed of an organization's events.
    feed: Feed (read),
    /// The members of an organization, for a file.
    member_exports: MemberExports (read),
    /// What is stored about a person.
    personal_data: PersonalData (now read),
}
